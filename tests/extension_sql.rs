//! SQL in PHP: texts that code puts together, the tables they declare, and what their statements do.

#![allow(clippy::unwrap_used)]

use reguid::extension::php::ir::{ExprKind, Script};
use reguid::extension::php::parse::parse;
use reguid::extension::source::{FileId, Span};
use reguid::extension::sql::embedded;
use reguid::extension::sql::statement::{self, Column, Operand, Statement};
use reguid::extension::sql::template::{Folding, Template};

fn script(code: &str) -> (String, Script) {
    let code = format!("<?php\n{code}");
    let script = parse(FileId(0), code.as_bytes());
    assert!(script.errors.is_empty(), "{:?}\n{code}", script.errors);
    (code, script)
}

/// The text of the argument of each call of `q(…)`, in order.
fn templates(code: &str) -> Vec<Option<Template>> {
    let (code, script) = script(code);
    let folding = Folding::new(&script, code.as_bytes());
    let mut calls: Vec<_> = script
        .exprs
        .iter()
        .filter_map(|e| match e.kind {
            ExprKind::Call { name, args } if script.text(name) == "q" => Some((e.at.start, script.args(args)[0].value)),
            _ => None,
        })
        .collect();
    calls.sort_unstable_by_key(|(at, _)| *at);
    calls.into_iter().map(|(at, value)| folding.fold(folding.function_at(at), value)).collect()
}

fn texts(code: &str) -> Vec<String> {
    templates(code).into_iter().map(|t| t.map_or("?".to_owned(), |t| t.text)).collect()
}

#[test]
fn texts_are_put_together() {
    for (code, text) in [
        ("q('a' . 'b' . 5);", "ab5"),
        ("q(\"a {$x} b $y[0]c {$o->p}\");", "a :__hole_0 b :__hole_1c :__hole_2"),
        ("q('tab' . $x . ' WHERE a = ' . $y);", "tab__hole_0 WHERE a = :__hole_1"),
        ("q(<<<SQL\n    a\n      {$x}\n    b\n    SQL);", "a\n  :__hole_0\nb"),
        ("$s = 'a'; $s .= 'b'; $s .= $x; q($s);", "ab__hole_0"),
        ("$s = 'a'; q($s); $s = 'b'; q($s);", "a|b"),
        ("$s = 'a'; if ($x) { $s = 'b'; } q($s . '!');", ":__hole_0!"),
        ("$s = 'a'; $s = $s . 'b'; q($s);", "ab"),
        ("foreach ($all as $s) { q('x' . $s); }", "x__hole_0"),
        ("q(sprintf('a %s b %2$s c %% %05d', 'X', $y));", "a X b :__hole_0 c % :__hole_1"),
        ("q(sprintf('a %s b %s', 'X'));", "?"),
        ("q(sprintf('a %1$s b %2$s c %% %1$s', 'X', $y));", "a X b :__hole_0 c % X"),
        ("q(sprintf('(%s)', implode(', ', ['a', 'b'])));", "(a, b)"),
        ("$c = ['a' => 1, 'b' => 2]; $c['d'] = 3; q(implode(',', array_keys($c)));", "a,b,d"),
        ("q(implode(',', $unknown) . 'x');", ":__hole_0x"),
        ("class A { const T = 'apps'; const Q = 'in ' . self::T; function f() { q('from ' . self::T . A::Q); } }", "from appsin apps"),
        ("class A { private $t = 'apps'; function f() { q(\"from {$this->t}\"); } }", "from apps"),
        ("class A { private $t; function __construct() { $this->t = 'apps'; } function f() { q(\"from {$this->t}\"); } }", "from apps"),
        ("class A { private $t = 'apps'; function s($x) { $this->t = $x; } function f() { q(\"from {$this->t}\"); } }", "from :__hole_0"),
        ("class P { const T = 'p'; } class A extends P { function f() { q('x' . static::T . parent::T); } }", "xpp"),
        ("class A { static $t = 's'; function f() { q('x' . self::$t); } }", "xs"),
        ("const T = 'c'; define('U', 'd'); q('x' . T . U . PHP_EOL);", "xcd\n"),
        ("$s = 'a'; $f = function () use ($s) { q($s . 'b'); }; $g = fn () => q($s . 'c');", "ab|ac"),
        ("function f($s) { q('x' . $s); } $s = 'not this';", "x__hole_0"),
        ("q($x);", "?"),
        ("q(trim('a ') . (string) 'b');", "a b"),
        ("q('a' . ($x ? 'b' : 'c'));", "a__hole_0"),
    ] {
        assert_eq!(texts(code).join("|"), text, "{code}");
    }
}

#[test]
fn endless_loops_end_and_say_so() {
    let numbers = (0..40).map(|i| i.to_string()).collect::<Vec<_>>().join(", ");
    let loops = "foreach ($n as $a) { foreach ($n as $b) { $db->exec(\"CREATE TABLE t{$a}_{$b} (c INT)\"); } }";
    let found = columns(&format!("$n = [{numbers}]; {loops}"));
    assert_eq!(found.len(), 501);
    assert!(found[500].contains("too many statements"), "{}", found[500]);
}

#[test]
fn endless_texts_end() {
    assert_eq!(texts("$a = $b; $b = $a; q($a);"), ["?"]);
    assert_eq!(texts("class A { const X = self::Y; const Y = self::X; function f() { q('a' . self::X); } }"), ["a__hole_0"]);
    assert_eq!(texts("class A extends A { function f() { q('a' . self::X); } }"), ["a__hole_0"]);
    let doubling: String = (0..60).map(|i| format!("$v{} = $v{i} . $v{i};", i + 1)).collect();
    assert!(texts(&format!("$v0 = 'xxxxxxxx'; {doubling} q($v60);"))[0].len() < 2_000_000);
}

/// The source that wrote each column of each declared table.
fn columns(code: &str) -> Vec<String> {
    let (code, script) = script(code);
    let found = embedded::declarations(&Folding::new(&script, code.as_bytes()), code.as_bytes());
    let source = |span: Span| &code[span.start as usize..span.end as usize];
    let mut all: Vec<_> = found
        .tables
        .iter()
        .map(|t| {
            let columns: Vec<_> = t.columns.iter().map(|c| format!("{}={}", c.name, source(c.span))).collect();
            format!("{}({})", t.name, columns.join(" "))
        })
        .collect();
    all.extend(found.unreadable.iter().map(|(span, reason)| format!("! {}: {reason}", source(*span).lines().next().unwrap_or_default())));
    all
}

#[test]
fn tables_are_found_wherever_php_hides_them() {
    for (code, tables) in [
        ("$db->exec('CREATE TABLE apps (id INT, domain_id INT)');", &["apps(id=id domain_id=domain_id)"][..]),
        ("$db->exec(\"CREATE TABLE IF NOT EXISTS `apps` (\\n\\t`domain_id` INT\\n)\");", &["apps(domain_id=`domain_id`)"]),
        (
            "$q = <<<SQL\n    CREATE TABLE apps (\n        \"domain_id\" INT -- it's one\n    );\n    CREATE TABLE b (c INT);\n    SQL;",
            &["apps(domain_id=\"domain_id\")", "b(c=c)"],
        ),
        ("$q = <<<'SQL'\nCREATE TABLE apps (domain_id INT)\nSQL;", &["apps(domain_id=domain_id)"]),
        ("foreach (['CREATE TABLE a (b INT)', 'CREATE TABLE c (d INT)'] as $s) { $db->exec($s); }", &["a(b=b)", "c(d=d)"]),
        (
            "class A { const T = 'apps'; function f() { $this->db->query('CREATE TABLE ' . self::T . ' (domain_id INT)'); } }",
            &["apps(domain_id=domain_id)"],
        ),
        ("class A { private $sql = ['v1' => 'CREATE TABLE a (b INT)']; }", &["a(b=b)"]),
        ("$s = 'CREATE TABLE a ('; $s .= 'b INT, '; $s .= 'c INT'; $s .= ')'; $db->exec($s);", &["a(b=b c=c)"]),
        ("$s = ''; $s .= 'CREATE TABLE a (b INT);'; $s .= 'CREATE TABLE c (d INT);';", &["a(b=b)", "c(d=d)"]),
        ("$db->exec(sprintf('CREATE TABLE %s (%s INT)', 'a', 'b'));", &["a(b=b)"]),
        ("$db->exec('CREATE TABLE a (' . implode(', ', ['b INT', 'c INT']) . ')');", &["a(b=b c=c)"]),
        (
            "foreach (['x_id' => 'INTEGER', 'y' => 'TEXT'] as $c => $d) { $db->exec(\"ALTER TABLE a ADD COLUMN $c $d\"); }",
            &["a(x_id=x_id)", "a(y=y)"],
        ),
        (
            "$t = ['a' => ['x' => 'INT'], 'b' => ['y' => 'INT', 'z' => 'INT']]; foreach ($t as $n => $cols) { foreach ($cols as $c => $d) \
             { $db->exec('ALTER TABLE ' . $n . ' ADD ' . $c . ' ' . $d); } }",
            &["a(x=x)", "b(y=y)", "b(z=z)"],
        ),
        ("// CREATE TABLE no (a INT)\n/* $x = 'CREATE TABLE no (a INT)'; */\n/** CREATE TABLE no (a INT) */", &[]),
        ("throw new E('Cannot create table apps (code 5)'); log(\"Create table $name failed\"); $m = \"Can't alter table\";", &[]),
        (
            "$db->exec(\"CREATE TABLE {$prefix}apps (domain_id INT)\");",
            &["! CREATE TABLE {$prefix}apps (domain_id INT): this declaration is put together at run time"],
        ),
        ("$db->exec(\"CREATE TABLE a (b INT, $more, c INT DEFAULT $d)\");", &["a(b=b c=c)"]),
        ("$db->exec('CREATE TABLE a (b INT,,)');", &["! CREATE TABLE a (b INT,,): SQLite says: near \",\": syntax error"]),
        ("$db->exec('CREATE TABLE a (b TEXT DEFAULT \\'it\\\\\\'s\\', c INT)');", &["a(b=b c=c)"]),
    ] {
        assert_eq!(columns(code), tables, "{code}");
    }
}

fn show(code: &str) -> Vec<String> {
    let column = |c: &Column| c.table.as_ref().map_or(c.name.clone(), |t| format!("{t}.{}", c.name));
    let operand = |o: &Operand| match o {
        Operand::Positional(n) => format!("?{n}"),
        Operand::Named(name) => format!(":{name}"),
        Operand::Hole(n) => format!("#{n}"),
        Operand::Literal(text) => format!("'{text}'"),
        Operand::Column(c) => column(c),
        Operand::Other => "~".to_owned(),
    };
    let list = |all: &[Operand]| all.iter().map(operand).collect::<Vec<_>>().join(",");
    let sets = |all: &[statement::Assignment]| {
        all.iter().map(|a| format!("{}={}", column(&a.column), operand(&a.value))).collect::<Vec<_>>().join(",")
    };
    let filters = |all: &[statement::Filter]| {
        all.iter().map(|f| format!(" [{} {:?} {}]", column(&f.column), f.comparison, list(&f.values))).collect::<String>()
    };
    let table = |t: &Option<String>| t.clone().unwrap_or("*".to_owned());
    let template = templates(&format!("q({code});")).remove(0).unwrap();
    statement::read(&template)
        .iter()
        .map(|s| match s {
            Statement::Insert(i) => {
                let rows: Vec<_> = i.rows.iter().map(|r| format!("({})", list(r))).collect();
                format!(
                    "insert {}({}) {}{}",
                    table(&i.table),
                    i.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>().join(","),
                    rows.join(""),
                    if i.on_conflict.is_empty() { String::new() } else { format!(" or {}", sets(&i.on_conflict)) }
                )
            }
            Statement::Update(u) => format!("update {} {}{}", table(&u.table), sets(&u.sets), filters(&u.filters)),
            Statement::Delete(d) => format!("delete {}{}", table(&d.table), filters(&d.filters)),
            Statement::Select(s) => {
                let outputs: Vec<_> = s
                    .columns
                    .iter()
                    .map(|o| format!("{}{}", column(&o.column), o.alias.as_ref().map_or(String::new(), |a| format!(" as {a}"))))
                    .collect();
                let tables: Vec<_> = s.tables.iter().map(|t| table(&t.name)).collect();
                format!("select {} from {}{}", outputs.join(","), tables.join(","), filters(&s.filters))
            }
        })
        .collect()
}

#[test]
fn statements_tell_what_meets_which_column() {
    for (code, found) in [
        ("'INSERT INTO apps (domain_id, name) VALUES (?, ?)'", &["insert apps(domain_id,name) (?0,?1)"][..]),
        ("'insert or ignore into \"apps\" (`domain_id`, [n]) values (:d, @n), ($x, ?3)'", &["insert apps(domain_id,n) (:d,:n)(:x,?2)"]),
        ("\"INSERT INTO apps VALUES ($id, '$name', 'a-$id', NULL, 5)\"", &["insert apps() (#0,#1,~,~,'5')"]),
        ("'REPLACE INTO apps (a) VALUES (' . (int) $id . ')'", &["insert apps(a) (#0)"]),
        ("'INSERT INTO apps SET a = ?, b = :b'", &["insert apps(a,b) (?0,:b)"]),
        (
            "'INSERT INTO apps (a, b) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b, c = ? WHERE d = 1'",
            &["insert apps(a,b) (?0,?1) or apps.b=apps.b,apps.c=?2"],
        ),
        ("'INSERT INTO apps (a, b) VALUES (1, 2) ON DUPLICATE KEY UPDATE b = ?'", &["insert apps(a,b) ('1','2') or apps.b=?0"]),
        (
            "'INSERT INTO apps (a, b) SELECT :a, x.c FROM other x WHERE x.d = ?'",
            &["select other.c from other [other.d Equal ?0]", "insert apps(a,b) (:a,other.c)"],
        ),
        (
            "'INSERT INTO apps (a) SELECT ? WHERE NOT EXISTS (SELECT 1 FROM apps WHERE a = ?)'",
            &["select  from apps [apps.a Equal ?1]", "insert apps(a) (?0)"],
        ),
        (
            "'UPDATE apps SET domain_id = ?, n = n + 1, t = CAST(:t AS TEXT) WHERE id = ? AND site_id IN (?, 5)'",
            &["update apps apps.domain_id=?0,apps.n=~,apps.t=:t [apps.id Equal ?1] [apps.site_id In ?2,'5']"],
        ),
        (
            "'UPDATE OR REPLACE apps AS a SET domain_id = b.x FROM other b WHERE a.id = b.id'",
            &["update apps apps.domain_id=other.x [apps.id Equal other.id]"],
        ),
        ("'DELETE FROM apps WHERE domain_id = ' . $id", &["delete apps [apps.domain_id Equal #0]"]),
        (
            "\"DELETE FROM apps WHERE domain_id NOT IN ($ids) OR ? = owner\"",
            &["delete apps [apps.domain_id NotIn #0] [apps.owner Equal ?0]"],
        ),
        ("'DELETE FROM ' . $table . ' WHERE a = 1'", &["delete * [a Equal '1']"]),
        ("\"DELETE FROM {$p}apps WHERE a = 1\"", &["delete * [a Equal '1']"]),
        ("'SELECT * FROM apps WHERE domain_id = :id'", &["select apps.* from apps [apps.domain_id Equal :id]"]),
        (
            "'SELECT DISTINCT a.domain_id AS d, b.*, MAX(a.x) m, count(*), a.y + 1 FROM main.apps a LEFT JOIN other AS b ON a.id = b.app_id WHERE b.z IS NOT NULL'",
            &["select apps.domain_id as d,other.*,apps.x as m from apps,other [apps.id Equal other.app_id] [other.z NotEqual ~]"],
        ),
        (
            "'SELECT a FROM t WHERE b BETWEEN ? AND ? AND c LIKE \\'x%\\' AND d >= 5 UNION ALL SELECT e FROM u WHERE f = 1'",
            &["select t.a from t [t.b Order ?0,?1] [t.c Like 'x%'] [t.d Order '5']", "select u.e from u [u.f Equal '1']"],
        ),
        (
            "'SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = ?) AND e = ?'",
            &["select u.c from u [u.d Equal ?0]", "select t.a from t [t.e Equal ?1]"],
        ),
        (
            "'WITH x AS (SELECT a FROM t) DELETE FROM u WHERE b IN (SELECT a FROM x)'",
            &["select t.a from t", "select x.a from x", "delete u"],
        ),
        (
            "'SELECT s.a FROM (SELECT a FROM t WHERE b = 1) s, u WHERE s.a = u.c'",
            &["select t.a from t [t.b Equal '1']", "select a from *,u [a Equal u.c]"],
        ),
        (
            "'SELECT id FROM domains, clients WHERE cl_id = clients.id AND name = ' . $db->quote($n)",
            &["select id from domains,clients [cl_id Equal clients.id] [name Equal #0]"],
        ),
        ("'INSERT INTO t (a, b, c) VALUES (%d, \\'%s\\', 5)'", &["insert t(a,b,c) (?0,?1,'5')"]),
        ("'UPDATE t SET a = %s WHERE c = %d'", &["update t t.a=?0 [t.c Equal ?1]"]),
        // Whatever else is put in moves the places.
        ("'UPDATE t SET a = %5s, b = %s WHERE c = 1'", &["update t t.a=~,t.b=~ [t.c Equal '1']"]),
        ("'UPDATE t SET a = 5 % d, b = %s WHERE c = 1'", &["update t t.a=~,t.b=~ [t.c Equal '1']"]),
        ("'SELECT a FROM t WHERE b = ? AND c LIKE \\'%s\\''", &["select t.a from t [t.b Equal ?0] [t.c Like '%s']"]),
        ("'SELECT a FROM t WHERE'", &["select t.a from t"]),
        ("'SELECT a FROM'", &["select a from "]),
        ("'UPDATE'", &[]),
        ("'Update all sites'", &[]),
        ("'select'", &[]),
        ("'Delete the records of ' . $x", &[]),
        ("'Replace file'", &[]),
        ("'INSERT INTO t (a'", &["insert t(a) "]),
        ("'BEGIN; SELECT a FROM t; COMMIT'", &["select t.a from t"]),
    ] {
        assert_eq!(show(code), found, "{code}");
    }
}

#[test]
fn long_unions_and_many_holes_are_read_whole() {
    let union = vec!["SELECT a FROM t WHERE b = 1"; 500].join(" UNION ALL ");
    assert_eq!(show(&format!("'{union}'")).len(), 500);
    let values = (0..5_000).map(|i| format!("($x[{i}])")).collect::<Vec<_>>().join(", ");
    let found = show(&format!("\"INSERT INTO t (a) VALUES {values}\""));
    assert!(found[0].ends_with("(#4998)(#4999)"), "{}", &found[0][found[0].len() - 50..]);
}

#[test]
fn columns_of_statements_have_their_places() {
    let code = "q('UPDATE apps SET ' . \"\\x64omain_id = ?\" . ' WHERE it\\'s.site_id = ' . $x);";
    let template = templates(code).remove(0).unwrap();
    let found = statement::read(&template);
    let [Statement::Update(update)] = found.as_slice() else { panic!("{found:?}") };
    let source = format!("<?php\n{code}");
    let at = |c: &Column| source[c.span.start as usize..c.span.end as usize].to_owned();
    assert_eq!(update.sets[0].column.name, "domain_id");
    assert_eq!(at(&update.sets[0].column), "\\x64omain_id");
}

#[test]
fn conditions_stand_alone() {
    let filters = |code: &str| statement::read_condition(&templates(&format!("q({code});")).remove(0).unwrap());
    let found = filters("'t.dom_id = ? AND x IN (' . $ids . ')'");
    assert_eq!((found[0].column.table.as_deref(), found[0].values.clone()), (Some("t"), vec![Operand::Positional(0)]));
    assert_eq!(found[1].values, [Operand::Hole(0)]);
}

#[test]
fn hostile_statements_end() {
    for text in [
        format!("SELECT {}1{}", "(".repeat(50_000), ")".repeat(50_000)),
        format!("SELECT a FROM t WHERE b IN {}", "(SELECT a FROM t WHERE b IN ".repeat(20_000)),
        format!("INSERT INTO t VALUES {}", "(1,2,3),".repeat(20_000)),
        format!("SELECT a FROM t WHERE {}", "a = b.c.d.e AND ".repeat(20_000)),
        "SELECT = = IN NOT IN ( . , . ) BETWEEN AND IS".to_owned(),
    ] {
        let template = templates(&format!("q('{text}');")).remove(0).unwrap();
        let _ = statement::read(&template);
    }
    // Words of the grammar in any order.
    let words = [
        "SELECT", "FROM", "WHERE", "INSERT", "INTO", "VALUES", "UPDATE", "SET", "DELETE", "(", ")", ",", ".", "=", "a", "?", "IN", "NOT",
        "ON", "UNION", "WITH", "AS", "*", ";", "CAST", "BETWEEN", "AND",
    ];
    let mut state = 1_u64;
    for _ in 0..3_000 {
        let text: Vec<_> = (0..14)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                words[(state >> 33) as usize % words.len()]
            })
            .collect();
        let template = templates(&format!("q('{}');", text.join(" "))).remove(0).unwrap();
        let _ = statement::read(&template);
    }
}
