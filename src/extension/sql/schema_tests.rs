#![allow(clippy::unwrap_used)]
use super::super::ddl::{self, Change};
use super::super::oracle;
use super::super::split::statements;
use super::*;
use crate::sqlite::sandbox::Sandbox;

fn read_text(text: &str) -> Declarations {
    read(FileId(0), text.as_bytes(), SchemaOrigin::SqlFile)
}

/// `name(column type flags, …)`, one line a table.
fn show(found: &Declarations) -> Vec<String> {
    let column = |c: &ColumnFact| {
        let mut text = format!("{} {}", c.name, c.declared_type).trim_end().to_owned();
        text += if c.primary_key { " pk" } else { "" };
        text += if c.unique { " unique" } else { "" };
        c.references.iter().for_each(|r| text += &format!(" -> {r}"));
        text
    };
    found
        .tables
        .iter()
        .map(|t| {
            let columns: Vec<_> = t.columns.iter().map(column).collect();
            format!("{}{}({})", if t.mysql { "mysql " } else { "" }, t.name, columns.join(", "))
        })
        .collect()
}

/// Valid statements whose tables the walker must read exactly as SQLite does.
const TRICKY: &[&str] = &[
    "CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id INTEGER NOT NULL)",
    "CREATE TABLE plain (domain_id INTEGER PRIMARY KEY /* no AUTOINCREMENT */, said TEXT DEFAULT 'AUTOINCREMENT')",
    "create table if not exists A(ID integer primary key,Name text)",
    "CREATE TABLE main.b (x, y, z)",
    "CREATE TEMP TABLE c (x INT)",
    "CREATE TEMPORARY TABLE c2 (x INT)",
    "CREATE TABLE \"quoted \"\"name\" (\"a \"\"b\" TEXT, [c d] INT, `e``f` REAL, 'g' BLOB)",
    "CREATE TABLE [d] ([select] TEXT, \"from\" TEXT, `where` TEXT, 'order' TEXT)",
    "CREATE TABLE e (a UNSIGNED BIG INT(10), b weird type name, c DOUBLE PRECISION, d NATIVE CHARACTER(70))",
    "CREATE TABLE f (a VARCHAR ( 255 ), b DECIMAL(10 , 5), c FLOAT(-1, +2))",
    "CREATE TABLE g (a INT, CHECK (a > 0) ON CONFLICT REPLACE)",
    "CREATE TABLE h (a INT NOT NULL ON CONFLICT IGNORE, b INT UNIQUE ON CONFLICT FAIL)",
    "CREATE TABLE i (a INT CONSTRAINT named PRIMARY KEY DESC, b CONSTRAINT lonely)",
    "CREATE TABLE j (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID",
    "CREATE TABLE k (a, b, PRIMARY KEY (\"a\" COLLATE NOCASE ASC))",
    "CREATE TABLE l (a, b, UNIQUE (b), UNIQUE (a, b))",
    "CREATE TABLE m (a INT, b INT, CHECK (a < b) UNIQUE (a) UNIQUE (b))",
    "CREATE TABLE n (a INT REFERENCES a, b INT REFERENCES b(x) ON DELETE CASCADE ON UPDATE SET NULL)",
    "CREATE TABLE o (a INT, FOREIGN KEY (a) REFERENCES n(a) ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE p (a, b, FOREIGN KEY (a, b) REFERENCES j(a, b))",
    "CREATE TABLE q (a INT DEFAULT -1, b TEXT DEFAULT 'it''s, (not) the end', c DEFAULT (1 + (2 * 3)), d DEFAULT CURRENT_TIMESTAMP)",
    "CREATE TABLE r (a INT DEFAULT + 5 UNIQUE, b DEFAULT NULL UNIQUE, c DEFAULT unique_ish PRIMARY KEY)",
    "CREATE TABLE s (a INT, b INT GENERATED ALWAYS AS (a * 2) STORED, c TEXT AS (a || ',') VIRTUAL)",
    "CREATE TABLE t (a INTEGER, b TEXT PRIMARY KEY, c BLOB, d ANY) STRICT, WITHOUT ROWID",
    "CREATE TABLE t2 (a INTEGER PRIMARY KEY, b TEXT) WITHOUT ROWID, STRICT",
    "CREATE TABLE u (-- the key\n id INTEGER, /* , not a column ( */ x TEXT -- last\n)",
    "CREATE TABLE v (a TEXT COLLATE NOCASE, b TEXT COLLATE \"RTRIM\" UNIQUE)",
    "CREATE TABLE w (key TEXT, value TEXT, desc TEXT, action TEXT, cascade TEXT, conflict INT)",
    "CREATE TABLE x (user TEXT, session_user TEXT, current INT, plan INT, query TEXT, offset INT)",
    "CREATE TABLE y (a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z)",
    "CREATE TABLE z (a INT,\r\n\tb\tINT\r\n)",
    "CREATE TABLE é (\"ü\" TEXT, naïve INT, 日本 TEXT)",
    "CREATE TABLE aa (a$b INT, _c BLOB)",
    "CREATE TABLE ab (index_ INT, generated INT, always TEXT, stored TEXT, virtual INT)",
    "CREATE TABLE ac (a generated always as (1), b INT always)",
    "CREATE TABLE ad (a INTEGER PRIMARY KEY ASC, b INTEGER UNIQUE NOT NULL, c TEXT NOT NULL UNIQUE)",
    "CREATE TABLE ae (a TEXT PRIMARY KEY NOT NULL, b TEXT NULL)",
    "CREATE TABLE af (a INT, CONSTRAINT pk PRIMARY KEY (a), CONSTRAINT fk FOREIGN KEY (a) REFERENCES a)",
    "CREATE TABLE ag (a INT, CONSTRAINT only_a_name)",
    "CREATE TABLE ah (a INT REFERENCES \"quoted \"\"name\" DEFERRABLE, b INT REFERENCES [d] NOT DEFERRABLE INITIALLY IMMEDIATE)",
    "CREATE TABLE ai (a INT REFERENCES a MATCH FULL ON DELETE NO ACTION, b)",
    "CREATE TABLE aj (a TEXT DEFAULT \"double\", b TEXT DEFAULT x'00ff', c REAL DEFAULT 1e5, d DEFAULT .5)",
    "CREATE TABLE ak (a INT DEFAULT (CASE WHEN 1 THEN 2 ELSE (3) END), b)",
    "CREATE TABLE al (a CHECK (a IN ('x)', 'y,')), b CHECK (b NOT LIKE '%;%'))",
    "CREATE TABLE am (a DATETIME DEFAULT (datetime('now','localtime')), b BOOLEAN NOT NULL DEFAULT 0)",
    "CREATE TABLE an (a varchar(255) NOT NULL default '', b tinyint(1) not null default '0')",
    "CREATE TABLE ao (\"a,b\" INT, \"c)d\" INT, \"e;f\" INT)",
    "CREATE TABLE ap (a INT PRIMARY KEY, b INT REFERENCES ap(a))",
    "CREATE TABLE aq (a \"quoted type\" NOT NULL, b [bracket type])",
    "CREATE TABLE ar (a 'string type' UNIQUE)",
    "CREATE TABLE as_ (a INT);",
    ";;CREATE TABLE at (a INT)",
    "CREATE TABLE au (a LONG VARCHAR, b VARYING CHARACTER(255), c INT8, d NUMERIC)",
    "CREATE TABLE av (a INT, b INT, UNIQUE (a) ON CONFLICT ROLLBACK, PRIMARY KEY (b) ON CONFLICT ABORT)",
    "CREATE TABLE aw (rowid INT, oid TEXT, _rowid_ REAL)",
    "CREATE TABLE ax (a INT CONSTRAINT c1 NOT NULL CONSTRAINT c2 UNIQUE CONSTRAINT c3 CHECK (a) CONSTRAINT c4 REFERENCES a)",
    "CREATE TABLE ay (a TEXT CHECK (a GLOB '[a-z]*'), b TEXT CHECK (json_valid(b)))",
    "CREATE TABLE az (primary_key INT, unique_id INT, references_ INT, foreign_id INT, check_ INT, constraint_ INT)",
    "CREATE TABLE ba (a INTEGER NOT NULL CONSTRAINT p PRIMARY KEY ASC ON CONFLICT ROLLBACK AUTOINCREMENT, b)",
    "CREATE TABLE bb (a INTEGER NOT NULL DEFAULT 1 REFERENCES a ON UPDATE CASCADE UNIQUE)",
    "CREATE TABLE \"a.b\" (c INT)",
    "CREATE TABLE bc (id INTEGER, CONSTRAINT \"PRIMARY\" PRIMARY KEY (id))",
    "CREATE TABLE bd (a INT, b INT, FOREIGN KEY (a) REFERENCES a, FOREIGN KEY (b) REFERENCES b)",
    "CREATE TABLE be (a TEXT NOT NULL COLLATE BINARY DEFAULT 'x' CHECK (length(a) > 0) UNIQUE, b)",
    "CREATE TABLE bf (`id` int(11) NOT NULL, `domain_id` bigint(20) DEFAULT NULL, PRIMARY KEY (`id`), UNIQUE (`domain_id`))",
    "CREATE TABLE bg (asc INT, temp TEXT, view TEXT, trigger INT, row TEXT, rows TEXT, no INT, first INT, after INT, do INT)",
];

#[test]
fn the_walker_reads_what_sqlite_reads() {
    assert!(TRICKY.len() >= 60);
    for sql in TRICKY {
        let sandbox = Sandbox::open().unwrap();
        sandbox.declare(sql).unwrap_or_else(|e| panic!("SQLite refuses {sql}: {e}"));
        let statement = statements(sql.as_bytes(), |_| true).next().unwrap();
        let read = ddl::read(sql.as_bytes(), &statement.tokens);
        let Ok(Change::Create(mut table)) = read else { panic!("{sql}: {read:?}") };
        assert!(!table.mysql, "{sql}");
        let mut truth = oracle::columns(sandbox.connection(), &table.name).unwrap();
        for (found, truth) in table.columns.iter_mut().zip(&mut truth) {
            let spelled = &sql[found.range.start as usize..found.range.end as usize];
            assert!(spelled.contains(&found.name.replace('"', "\"\"").replace('`', "``")), "{sql}: {spelled}");
            found.range = 0..0;
            // A rowid key has no index, and the index of any other key is unique.
            found.unique |= found.primary_key;
            truth.unique |= truth.primary_key;
            // SQLite spells its own type names in capitals, and drops the quotes around a type.
            found.declared_type = found.declared_type.trim_matches(['"', '\'', '[', ']']).to_ascii_uppercase();
            truth.declared_type.make_ascii_uppercase();
        }
        assert_eq!(table.columns, truth, "{sql}");
    }
}

#[test]
fn tables_stand_with_the_bytes_of_their_names() {
    let text = "\u{feff}-- é\r\nCREATE TABLE apps (\r\n  id INTEGER PRIMARY KEY,\r\n  \"domain_id\" INT REFERENCES sites(id)\r\n);\r\n";
    let found = read_text(text);
    assert_eq!(show(&found), ["apps(id INTEGER pk, domain_id INT -> sites)"]);
    let column = found.tables[0].columns[1].span;
    assert_eq!(&text[column.start as usize..column.end as usize], "\"domain_id\"");
    assert_eq!(&text[found.tables[0].span.start as usize..][..6], "CREATE");
    assert_eq!(found.unreadable, []);
}

#[test]
fn mysql_tables_are_read_and_flagged() {
    for (sql, table) in [
        (
            "CREATE TABLE `t` (`id` int(10) unsigned NOT NULL AUTO_INCREMENT, `domain_id` int(10) unsigned NOT NULL COMMENT 'a, (b)', \
             `state` enum('a','b') CHARACTER SET utf8 DEFAULT 'a', PRIMARY KEY (`id`), KEY `d` (`domain_id`), UNIQUE KEY `s` (`state`(10)), \
             FULLTEXT KEY (`state`), CONSTRAINT `f` FOREIGN KEY (`domain_id`) REFERENCES `psa`.`things` (`id`) ON DELETE CASCADE) \
             ENGINE=InnoDB DEFAULT CHARSET=utf8 COMMENT='x'",
            "mysql t(id int(10) unsigned pk, domain_id int(10) unsigned -> things, state enum('a','b') unique)",
        ),
        ("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n INT)", "mysql t(id INT pk, n INT)"),
        ("CREATE TABLE t (ts TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP)", "mysql t(ts TIMESTAMP)"),
        ("CREATE TABLE t (a INT, INDEX (a), KEY b (a) USING BTREE)", "mysql t(a INT)"),
        ("ALTER TABLE t ADD COLUMN (a INT, b TEXT), ADD INDEX (a), ADD c INT AFTER b, DROP COLUMN z", "mysql t(a INT, b TEXT, c INT)"),
    ] {
        let found = read_text(sql);
        assert_eq!(show(&found), [table], "{sql}");
        assert_eq!(found.unreadable, [], "{sql}");
    }
}

#[test]
fn later_statements_change_earlier_tables() {
    let found = read_text(
        "CREATE TABLE t (id INT); ALTER TABLE t ADD COLUMN domain_id INTEGER NOT NULL DEFAULT 0; ALTER TABLE T ADD name TEXT UNIQUE;
         CREATE UNIQUE INDEX i ON t (domain_id); CREATE UNIQUE INDEX j ON t (id) WHERE id > 5; ALTER TABLE t RENAME COLUMN name TO login;
         ALTER TABLE other ADD site_id INT; CREATE TABLE old_new (a INT); ALTER TABLE old_new RENAME TO old; DROP TABLE x;
         CREATE TEMP TABLE gone (a INT); ALTER TABLE t ADD CONSTRAINT c CHECK (id > 1)",
    );
    assert_eq!(show(&found), ["t(id INT, domain_id INTEGER unique, login TEXT unique)", "other(site_id INT)", "old(a INT)"]);
    assert_eq!(found.unreadable, []);
}

#[test]
fn what_the_walker_refuses_is_asked_of_sqlite() {
    let text = "CREATE TABLE a (id INTEGER PRIMARY KEY, domain_id INT);\n\
                CREATE TABLE copy AS SELECT domain_id, id + 1 AS next FROM a;\n\
                CREATE TABLE endless AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c;\n\
                CREATE VIRTUAL TABLE texts USING fts5(body, domain_id UNINDEXED);\n";
    let found = read_text(text);
    assert_eq!(show(&found), ["a(id INTEGER pk, domain_id INT)", "copy(domain_id INT, next)", "endless(x)", "texts(body, domain_id)"]);
    let span = found.tables[1].columns[0].span;
    assert!(text[span.start as usize..span.end as usize].starts_with("CREATE TABLE copy AS"));
    assert_eq!(found.unreadable, []);
}

#[test]
fn what_neither_reads_is_named_and_the_rest_is_read() {
    let text = "CREATE TABLE broken (a INT,, b);\nCREATE TABLE open (a INT;\nCREATE VIRTUAL TABLE v USING nonsense(a);\nCREATE TABLE fine (a INT);\n";
    let found = read_text(text);
    assert_eq!(show(&found), ["fine(a INT)"]);
    let places: Vec<_> = found.unreadable.iter().map(|(span, _)| &text[span.start as usize..span.end as usize]).collect();
    assert_eq!(places, ["CREATE TABLE broken (a INT,, b)", "CREATE TABLE open (a INT", "CREATE VIRTUAL TABLE v USING nonsense(a)"]);
    assert!(found.unreadable[0].1.starts_with("SQLite says: near"), "{:?}", found.unreadable);
    assert!(found.unreadable[2].1.contains("no such module"), "{:?}", found.unreadable);
}

#[test]
fn hostile_text_ends_without_a_panic() {
    let deep = format!("CREATE TABLE t (a INT CHECK ({}1{}));", "(".repeat(100_000), ")".repeat(100_000));
    assert_eq!(show(&read_text(&deep)), ["t(a INT)"]);
    let open = format!("CREATE TABLE t (a {}", "(".repeat(100_000));
    assert_eq!(read_text(&open).unreadable.len(), 1);
    let wide = format!("CREATE TABLE t (a{});", ", b INT".repeat(150_000));
    assert_eq!(read_text(&wide).tables.len() + read_text(&wide).unreadable.len(), 1);
    let bytes = b"CREATE TABLE t\xff (\xfe INT, d\xc3 TEXT);\x00CREATE TABLE u (a INT);";
    let found = read(FileId(0), bytes, SchemaOrigin::SqlFile);
    assert_eq!(found.tables[0].columns.len(), 2);
    let utf16: Vec<u8> = "\u{feff}CREATE TABLE t (a INT)".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read(FileId(0), &utf16, SchemaOrigin::SqlFile).unreadable[0].1.contains("UTF-16"));
    assert!(read_text("").tables.is_empty());
    let many = "CREATE TABLE t (a INT,,);".repeat(5_000);
    let found = read_text(&many);
    assert_eq!(found.unreadable.len(), 5_000);
    assert!(found.unreadable[0].1.starts_with("SQLite says") && found.unreadable[4_999].1.contains("too many"));
    let made: String = (0..5_000).map(|n| format!("CREATE TABLE t{n} AS SELECT 1 AS a;")).collect();
    let found = read_text(&made);
    assert_eq!(found.tables.len() + found.unreadable.len(), 5_000);
}

/// Texts that are one declaration to the walker, which knows MySQL's `\'`, and more than that to SQLite.
#[test]
fn sqlite_is_asked_nothing_that_does_more_than_declare() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("written");
    let path = file.to_str().unwrap();
    let ask = "CREATE TABLE asked AS SELECT 1 AS x;";
    for hidden in [
        format!("ATTACH DATABASE \"{path}\" AS e; CREATE TABLE e.t (x);"),
        format!("VACUUM INTO \"{path}\";"),
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c;".to_owned(),
        "PRAGMA hard_heap_limit = 1;".to_owned(),
        "DROP TABLE a;".to_owned(),
    ] {
        // As a declaration that is repeated for SQLite, and as one that it is asked about.
        let found = read_text(&format!("CREATE TABLE a (b 'x\\'y); {hidden} --');\n{ask}"));
        assert_eq!(show(&found)[1..], ["asked(x)"], "{hidden} {:?}", found.unreadable);
        read_text(&format!("CREATE VIRTUAL TABLE a USING fts5(b, 'x\\'y); {hidden} --');\n"));
        assert!(!file.exists(), "{hidden}");
    }
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c";
    let found = read_text(&format!("CREATE TABLE 'a\\'AS {endless}; --' (b);\n{ask}"));
    assert_eq!(show(&found)[1..], ["asked(x)"], "{:?}", found.unreadable);
}

#[test]
fn tables_made_of_tables_cost_no_more_with_each_step() {
    // SQLite sees the one before it twice in each, and would look into all 2^300 of a view's views.
    let doubled: String = (1..300).map(|n| format!("CREATE TABLE t{n} AS SELECT a.x, b.y FROM t{} a, t{} b;\n", n - 1, n - 1)).collect();
    let found = read_text(&format!("CREATE TABLE t0 (x INT, y \"long type\");\n{doubled}"));
    assert_eq!(show(&found)[299], "t299(x INT, y long type)");
    assert_eq!(found.unreadable, []);
}
