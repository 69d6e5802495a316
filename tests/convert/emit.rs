//! The SQL and the PHP that `--emit` writes, run by SQLite's own program and by PHP, and compared with what `convert` itself does: `.dump` with `.dump`.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use reguid::panel::Inventory;
use reguid::remap::convert::{self, Form, Language, Request};

use crate::shapes::SHAPES;
use crate::{VarDir, done, entry, manifest, named, panel, request};
use reguid::reference::manifest::{Manifest, OnMissing};

/// The panel's classes, of which the test knows the answers.
const STUB: &str = r"<?php
class pm_Context { public static function getVarDir() { return getenv('VAR_DIR'); } }
class pm_Domain {
    private function __construct(private array $row) {}
    public static function getByDomainId($id) {
        $all = json_decode(getenv('PANEL'), true);
        if (!isset($all[$id])) { throw new Exception('no such domain'); }
        return new pm_Domain($all[$id]);
    }
    public function getGuid() { return strtoupper($this->row[0]); }
    public function getName() { return $this->row[1]; }
}
require getenv('SCRIPT');
";

pub(crate) fn emitted(request: &Request<'_>, language: Language) -> String {
    let mut text = Vec::new();
    let conversion = convert::emit(request, language, &mut text).unwrap();
    assert_eq!(conversion.problems, Vec::<String>::new());
    String::from_utf8(text).unwrap()
}

pub(crate) fn sqlite3(dir: &VarDir, database: &str, input: &str) -> Output {
    let mut child = Command::new("sqlite3")
        .arg(database)
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sqlite3 is installed");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

pub(crate) fn php(dir: &VarDir, panel: &Inventory, script: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let (stub, path) = (folder.path().join("stub.php"), folder.path().join("convert.php"));
    std::fs::write(&stub, STUB).unwrap();
    std::fs::write(&path, script).unwrap();
    let all: serde_json::Map<String, serde_json::Value> =
        panel.objects().iter().map(|o| (o.id.to_string(), serde_json::json!([o.guid.unwrap().to_string(), &*o.name]))).collect();
    let command = Command::new("php")
        .arg(&stub)
        .env("VAR_DIR", dir.path())
        .env("SCRIPT", &path)
        .env("PANEL", serde_json::to_string(&all).unwrap())
        .output();
    command.expect("php is installed")
}

/// `.dump` of a database. Statistics are left out: scripts for other servers do not keep them.
fn dumped(dir: &VarDir, database: &str) -> String {
    let out = sqlite3(dir, database, ".dump\n");
    assert!(out.status.success());
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.lines().filter(|l| !l.contains("sqlite_stat") && !l.contains("ANALYZE sqlite_schema")).collect::<Vec<_>>().join("\n")
}

pub(crate) fn copy(from: &VarDir) -> VarDir {
    let dir = VarDir::new();
    for (name, bytes) in from.files() {
        std::fs::write(dir.file(&name), bytes).unwrap();
    }
    dir
}

/// All three ways on copies of one database, which must come to the same.
fn alike(template: &VarDir, databases: &[&str], manifest: &Manifest, form: Form, beside: bool) {
    let panel = panel();
    let own = copy(template);
    done(&request(&own, manifest, &panel, form, beside));
    let expected: Vec<String> = databases.iter().map(|d| dumped(&own, d)).collect();
    let before: Vec<String> = databases.iter().map(|d| dumped(template, d)).collect();
    assert_ne!(expected, before);

    let by_sql = copy(template);
    let sql = emitted(&request(&by_sql, manifest, &panel, form, beside), Language::Sql);
    let out = sqlite3(&by_sql, databases[0], &sql);
    assert!(out.status.success() && out.stderr.is_empty(), "{}\n{sql}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(databases.iter().map(|d| dumped(&by_sql, d)).collect::<Vec<_>>(), expected, "{sql}");
    // Given again, it refuses and changes nothing.
    let files = by_sql.files();
    let out = sqlite3(&by_sql, databases[0], &sql);
    assert!(
        !out.status.success() && String::from_utf8_lossy(&out.stderr).contains("it is as expected"),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    assert!(by_sql.files() == files);

    let by_php = copy(template);
    let without_panel = Request { panel: None, ..request(&by_php, manifest, &panel, form, beside) };
    let script = emitted(&without_panel, Language::Php);
    for _ in 0..2 {
        // The second time there is nothing to do.
        let out = php(&by_php, &panel, &script);
        let told = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success() && told.is_empty(), "{told}\n{script}");
        assert_eq!(databases.iter().map(|d| dumped(&by_php, d)).collect::<Vec<_>>(), expected, "{script}");
    }
}

fn template(sql: &str) -> VarDir {
    let dir = VarDir::new();
    dir.sql("data.db", sql);
    dir
}

#[test]
fn sql_and_php_do_what_convert_does() {
    for (n, shape) in SHAPES.iter().enumerate() {
        let form = if n % 2 == 0 { Form::Guid } else { Form::Name };
        alike(&template(shape.sql), &["data.db"], &named(&[(shape.table, shape.column)]), form, false);
    }
}

#[test]
fn foreign_keys_and_columns_beside_too() {
    let sql = "CREATE TABLE site(d INT NOT NULL UNIQUE, up INT REFERENCES site(d) ON DELETE CASCADE);
        CREATE TABLE job(n INTEGER PRIMARY KEY AUTOINCREMENT, d INT REFERENCES site(d) ON DELETE CASCADE);
        INSERT INTO site VALUES (5, NULL), (7, 5), (9, 9); INSERT INTO job(d) VALUES (5), (7), (NULL), (20)";
    let manifest = named(&[("site", "d")]);
    alike(&template(sql), &["data.db"], &manifest, Form::Guid, false);
    alike(&template(sql), &["data.db"], &manifest, Form::Name, true);
}

/// The rows of before are found again by their bytes, whatever the column's collation takes for equal.
#[test]
fn keys_that_collate_alike_are_told_apart() {
    let sql = "CREATE TABLE t(k TEXT COLLATE NOCASE, d INT, h TEXT AS (k || '!') STORED, PRIMARY KEY (k COLLATE BINARY)) WITHOUT ROWID;
        INSERT INTO t(k, d) VALUES ('a', 5), ('A', 7), ('b', 7)";
    alike(&template(sql), &["data.db"], &named(&[("t", "d")]), Form::Guid, false);
}

/// SQLite does not enforce a foreign key to a column without a unique index, and its check of all tables fails because of one.
#[test]
fn foreign_keys_that_cannot_be_checked_hinder_no_script() {
    let unchecked = "CREATE TABLE p(d INT, x); CREATE TABLE c(d INT REFERENCES p(d)); INSERT INTO p VALUES (5, 1), (7, 2); INSERT INTO c VALUES (5), (NULL)";
    alike(&template(unchecked), &["data.db"], &named(&[("p", "d")]), Form::Guid, false);
    let beside =
        "CREATE TABLE \"it's\"(x REFERENCES p(x), y REFERENCES t(d)); INSERT INTO \"it's\" VALUES (9, 9); CREATE TABLE p(d INT, x);
        CREATE TABLE t(d INT UNIQUE, up REFERENCES t(d)); INSERT INTO t VALUES (5, 99), (7, NULL); CREATE VIEW v AS SELECT * FROM t";
    alike(&template(beside), &["data.db"], &named(&[("t", "d")]), Form::Guid, true);
}

/// What a script breaks is found by it, for each foreign key and in each database: what points at nothing before may.
#[test]
fn a_script_that_breaks_foreign_keys_takes_everything_back() {
    let sql = "CREATE TABLE p(d INT UNIQUE, k UNIQUE); CREATE TABLE c(d INT REFERENCES p(d), k REFERENCES p(k));
        INSERT INTO p VALUES (5, 'a'), (7, 'b'); INSERT INTO c VALUES (5, 'a'), (7, 'nothing')";
    let (panel, manifest) = (panel(), manifest(vec![entry("*.db", "p", "d", OnMissing::Fail)]));
    let dir = template(sql);
    dir.sql("two.db", sql);
    let mut request = request(&dir, &manifest, &panel, Form::Guid, false);
    for beside in [false, true] {
        request.beside = beside;
        let script = emitted(&request, Language::Sql);
        let by_php = emitted(&Request { panel: None, ..request }, Language::Php);
        let way = copy(&dir);
        assert!(sqlite3(&way, "data.db", &script).status.success(), "{script}");
        for schema in ["main", "d1"] {
            // One more points at nothing, where one of another foreign key no longer does.
            let check = "INSERT INTO temp.reguid_expected VALUES ('no more rows point at nothing than before'";
            let wrong = format!("UPDATE {schema}.c SET k = NULL; UPDATE {schema}.c SET d = 9 WHERE rowid = 1;");
            let broken = copy(&dir);
            let files = broken.files();
            let out = sqlite3(&broken, "data.db", &script.replacen(check, &format!("{wrong} {check}"), 1));
            assert!(!out.status.success() && String::from_utf8_lossy(&out.stderr).contains("it is as expected"), "{schema}: {out:?}");
            assert!(broken.files() == files);
            let check = "['no more rows point at nothing than before'";
            let out = php(&broken, &panel, &by_php.replacen(check, &format!("['', '{wrong}'], {check}"), 1));
            let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
            assert!(!out.status.success() && said.contains("no more rows point at nothing"), "{schema}: {said}");
            assert!(broken.files() == files);
        }
    }
}

#[test]
fn several_databases_in_one_transaction() {
    let dir = template("CREATE TABLE t(d INT, x); INSERT INTO t VALUES (5, 1), (7, 2)");
    dir.sql("it's two.db", "CREATE TABLE t(x, d INT UNIQUE); INSERT INTO t VALUES (1, 9), (2, 5); CREATE INDEX i ON t(x)");
    let manifest = manifest(vec![entry("*.db", "t", "d", OnMissing::Fail)]);
    alike(&dir, &["data.db", "it's two.db"], &manifest, Form::Guid, false);
}

/// What a script was not written for, it does not change.
#[test]
fn a_script_refuses_another_state() {
    let sql = "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (5, 1), (7, 2); CREATE INDEX i ON t(x)";
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    let dir = template(sql);
    let by_sql = emitted(&request(&dir, &manifest, &panel, Form::Guid, false), Language::Sql);
    let by_php = emitted(&Request { panel: None, ..request(&dir, &manifest, &panel, Form::Guid, false) }, Language::Php);
    for (change, sql_too, told) in [
        ("INSERT INTO t VALUES (99, 3)", true, "no object of its own for \"main\".\"t\".\"d\": 99"),
        ("INSERT INTO t VALUES ('07', 3)", false, ""),
        ("INSERT INTO t VALUES (x'35', 3)", true, "no object of its own"),
        ("INSERT INTO t VALUES (5.5, 3)", true, "no object of its own"),
        ("INSERT INTO t VALUES ('some text', 3)", true, "no object of its own"),
        ("INSERT INTO t VALUES (9, 3)", true, ""),
        ("ALTER TABLE t ADD COLUMN y", true, "it does not hold that t is declared as it was"),
        ("CREATE INDEX j ON t(x)", true, "t has the indexes and triggers that it had"),
        ("DROP INDEX i", true, "t has the indexes and triggers that it had"),
        ("CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END", true, "t has the indexes and triggers that it had"),
    ] {
        let changed = copy(&dir);
        changed.sql("data.db", change);
        let files = changed.files();
        let out = sqlite3(&changed, "data.db", &by_sql);
        assert_eq!(!out.status.success(), sql_too, "{change}: {}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(changed.files() == files, sql_too, "{change}");
        let changed = copy(&dir);
        changed.sql("data.db", change);
        let files = changed.files();
        let out = php(&changed, &panel, &by_php);
        let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert_eq!(out.status.success(), told.is_empty(), "{change}: {said}");
        assert!(said.contains(told), "{change}: {said}");
        assert_eq!(changed.files() == files, !told.is_empty(), "{change}");
    }
}

#[test]
fn php_on_a_new_installation_does_nothing() {
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    let dir = template("CREATE TABLE t(d INT)");
    let script = emitted(&Request { panel: None, ..request(&dir, &manifest, &panel, Form::Guid, false) }, Language::Php);
    let empty = VarDir::new();
    assert!(php(&empty, &panel, &script).status.success());
    assert!(empty.files().is_empty());
    empty.sql("data.db", "CREATE TABLE another(x)");
    let files = empty.files();
    assert!(php(&empty, &panel, &script).status.success());
    assert!(empty.files() == files);
}

/// A foreign key that is broken by the conversion, or anything else half-way, takes everything back.
#[test]
fn hostile_names_stay_text() {
    let sql = "CREATE TABLE \"x\n; DROP TABLE y; -- ?> */\"(d INT, \"'; DROP TABLE y; --\" TEXT DEFAULT '\\''?>'); CREATE TABLE y(z);
        INSERT INTO \"x\n; DROP TABLE y; -- ?> */\"(d) VALUES (5), (7)";
    alike(&template(sql), &["data.db"], &named(&[("x\n; DROP TABLE y; -- ?> */", "d")]), Form::Guid, false);
}

#[test]
fn a_kind_that_php_cannot_ask_for_is_told() {
    let dir = template("CREATE TABLE t(d INT); INSERT INTO t VALUES (1)");
    let mut manifest = named(&[("t", "d")]);
    manifest.references[0].kind = Some("mailbox".parse().unwrap());
    let panel = panel();
    let request = Request { panel: None, ..request(&dir, &manifest, &panel, Form::Guid, false) };
    let mut text = Vec::new();
    let conversion = convert::emit(&request, Language::Php, &mut text).unwrap();
    assert!(text.is_empty() && conversion.problems[0].contains("take --emit sql"), "{:?}", conversion.problems);
}

/// Each column goes by the values that its entry says are none, also where another column of the same kind has others.
#[test]
fn sentinels_of_the_manifest_count_in_scripts_too() {
    let sql = "CREATE TABLE t(d INT DEFAULT 9, e INT, f TEXT); INSERT INTO t VALUES (5, 9, 'nobody'), (9, 5, '7'), (NULL, 0, 'all')";
    let words = |words: &[&str]| Some(words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
    for beside in [false, true] {
        let mut manifest = named(&[("t", "d"), ("t", "e"), ("t", "f")]);
        manifest.references[0].sentinels = words(&["9"]);
        manifest.references[2].sentinels = words(&["Nobody", "all"]);
        alike(&template(sql), &["data.db"], &manifest, Form::Guid, beside);
    }
}
