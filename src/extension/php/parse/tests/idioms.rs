//! The ways in which extensions write and read ids.

use super::*;

#[test]
fn prepared_statements() {
    let code = r#"
        $s = $this->pdo->prepare('INSERT INTO t(a,b) VALUES (:a,:b)');
        $s->bindValue(':a', $domain->getId(), PDO::PARAM_INT);
        $s->bindParam(':b', $b);
        $s->execute(array(':a' => (string)$domain->getId(), 1 => $x));"#;
    assert_eq!(
        top(code),
        r#"$s = $this->pdo->prepare("INSERT INTO t(a,b) VALUES (:a,:b)")
$s->bindValue(":a", $domain->getId(), PDO::PARAM_INT)
$s->bindParam(":b", $b)
$s->execute([":a" => (string)$domain->getId(), 1 => $x])"#
    );
}

#[test]
fn zend_tables() {
    let code = r#"class T extends Zend_Db_Table_Abstract { protected $_name = 'jobs';
        function put($c) { $row = $this->createRow(); $row->client_id = $c->getId(); $row->save();
            $this->getAdapter()->update('t', ['x' => 1], $db->quoteInto('id = ?', $c->getId())); } }"#;
    let dump = lowered(code);
    assert_eq!(
        body(&dump, "#1 "),
        r#"$row = $this->createRow()
$row->client_id = $c->getId()
$row->save()
$this->getAdapter()->update("t", ["x" => 1], $db->quoteInto("id = ?", $c->getId()))"#
    );
    assert!(dump.contains("class T extends Zend_Db_Table_Abstract\n  $_name = \"jobs\"\n  methods #1\n"), "{dump}");
}

#[test]
fn sql_in_pieces() {
    let code = r#"
        $sql = "ALTER TABLE t ADD " . implode(', ', $columns) . (" x" . "{$y}z") . "$k {$v->w[1]}";
        $sql .= " WHERE id = $id";
        $sql = sprintf('SELECT %s FROM t', $id);
        foreach (array('CREATE TABLE a (b)', "CREATE TABLE c (d)") as $ddl) $db->exec($ddl);"#;
    assert_eq!(
        top(code),
        r#"$sql = ("ALTER TABLE t ADD " . implode(", ", $columns) . " x" . $y . "z" . $k . " " . $v->w[1])
$sql .= (" WHERE id = " . $id)
$sql = sprintf("SELECT %s FROM t", $id)
foreach ["CREATE TABLE a (b)", "CREATE TABLE c (d)"] as $ddl
$db->exec($ddl)"#
    );
}

#[test]
fn heredocs() {
    let code = "$a = <<<SQL\n    CREATE TABLE t (\n      id INT -- \\\"x\\\"\n    )\n    SQL;\n$b = <<<'SQL'\nA $b\nSQL;\n$c = \"x\" . <<<SQL\nid = $id\nSQL;\nf(<<<E\nE);";
    assert_eq!(
        top(code),
        r#"$a = "CREATE TABLE t (\n  id INT -- \\\"x\\\"\n)"
$b = "A $b"
$c = ("x" . "id = " . $id)
f("")"#
    );
}

#[test]
fn settings() {
    let code = r#"
        pm_Settings::set('status-' . $id, json_encode(['domainId' => $domain->getId()]));
        \pm_Settings::setEncrypted("x-{$id}", null);
        pm_settings::set(KEY, Key::Status->value . $this->prefix . static::$tail . self::HEAD);
        pm_Settings::getInstance()->set(sprintf('x_%d', $id), base64_encode(md5($id . 'salt')));
        $map[(string)$clientId] = 1; $map[] = 2;"#;
    assert_eq!(
        top(code),
        r#"pm_Settings::set(("status-" . $id), json_encode(["domainId" => $domain->getId()]))
pm_Settings::setEncrypted(("x-" . $id), null)
pm_settings::set(KEY, (Key::Status->value . $this->prefix . static::$tail . self::HEAD))
pm_Settings::getInstance()->set(sprintf("x_%d", $id), base64_encode(md5(($id . "salt"))))
$map[(string)$clientId] = 1
$map[] = 2"#
    );
}

#[test]
fn where_ids_come_from() {
    let code = r#"
        $id = (int)$this->_getParam('site_id', 0) ?: $argv[1];
        $id = pm_Session::getClient()->getId() ?? (int)$node->id;
        $ids = array_map('intval', explode(',', $x));
        $f = function () use ($id, &$all) { return new pm_Domain($id); };
        foreach ($map as $clientId => ['guid' => $g]) { pm_Client::getByClientId($clientId); }
        [$a, list('k' => $b)] = $row;"#;
    assert_eq!(
        top(code),
        r##"$id = choice((int)$this->_getParam("site_id", 0) | $argv[1])
$id = choice(pm_Session::getClient()->getId() | (int)$node->id)
$ids = array_map("intval", explode(",", $x))
$f = #1
foreach $map as $clientId => ["guid" => $g]
pm_Client::getByClientId($clientId)
[$a, ["k" => $b]] = $row"##
    );
    assert!(lowered(code).contains("#1 closure () use id|all in #0\n  return new pm_Domain($id)\n"));
}

#[test]
fn constants() {
    let code = r#"define('DB', 'sqlite:' . __DIR__); defined('X') or define('X', 1); const Y = X + 1; function f() { define('Z', 2); }"#;
    let dump = lowered(code);
    assert_eq!(body(&dump, "#0 "), "const DB = (\"sqlite:\" . __DIR__)\ndefined(\"X\")\nconst X = 1\nconst Y = other(X, 1)");
    assert_eq!(body(&dump, "#1 "), "define(\"Z\", 2)");
}

#[test]
fn views() {
    let source = "<p>$x f()</p>\n<?php foreach ($this->domains as $d): ?>\n <?= $this->escape($d->getName()) ?>\n<?php endforeach ?>\n<? if ($y): ?> z() <? endif; echo w() ?>";
    let dump = dump(&script(source));
    assert_eq!(body(&dump, "#0 "), "foreach $this->domains as $d\n$this->escape($d->getName())\n$y\nw()");
    let script = script(source);
    for (i, expr) in script.exprs.iter().enumerate() {
        if matches!(expr.kind, crate::extension::php::ir::ExprKind::Call { .. }) {
            assert_eq!(slice(source, expr.at), "w()", "expression {i}");
        }
    }
}
