//! Quarantine: rows whose object is gone wait in the companion, are listed, and come back when their object does; over the real command line.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "quarantine/crash.rs"]
mod crash;
#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;
#[path = "quarantine/random.rs"]
mod random;
#[path = "quarantine/refused.rs"]
mod refused;

use std::process::{Command, Stdio};

use camino::Utf8PathBuf;
use data::{VarDir, dump, inventory, rows};
use model::{Cell, sorted};
use reguid::panel::source::snapshot;

/// What the panel has before, after domain 9 was deleted and two others changed their ids, and when it was restored.
pub const BEFORE: &[(i64, &str)] = &[(5, "a.example"), (7, "b.example"), (9, "c.example"), (11, "d.example")];
pub const WITHOUT: &[(i64, &str)] = &[(7, "a.example"), (5, "b.example")];
pub const AGAIN: &[(i64, &str)] = &[(7, "a.example"), (5, "b.example"), (12, "c.example")];

/// A var directory with its manifest, and panels beside it.
pub struct Scene {
    pub dir: VarDir,
    aside: tempfile::TempDir,
}

impl Scene {
    /// `databases`: name and SQL. `columns`: database, table, column and what else its entry says.
    pub fn new(databases: &[(&str, &str)], columns: &[(&str, &str, &str, &str)]) -> Scene {
        let (dir, aside) = (VarDir::new(), tempfile::tempdir().unwrap());
        for (name, sql) in databases {
            dir.sql(name, sql);
        }
        let entry = |(database, table, column, more): &(&str, &str, &str, &str)| {
            let (missing, more) = if more.contains("on-missing") { ("", *more) } else { ("on-missing = \"quarantine\"\n", *more) };
            format!("[[reference]]\ndatabase = {database:?}\ntable = {table:?}\ncolumn = {column:?}\nkind = \"domain\"\n{missing}{more}\n")
        };
        std::fs::write(dir.file("reguid.toml"), columns.iter().map(entry).collect::<String>()).unwrap();
        let scene = Scene { dir, aside };
        for (name, state) in [("before", BEFORE), ("without", WITHOUT), ("again", AGAIN)] {
            scene.panel(name, state);
        }
        scene
    }

    /// Writes a panel's snapshot.
    pub fn panel(&self, name: &str, state: &[(i64, &str)]) {
        let path = Utf8PathBuf::from_path_buf(self.aside.path().join(format!("{name}.snapshot"))).unwrap();
        snapshot::write(&inventory(name, state), &path).unwrap();
    }

    /// Runs the program: exit code, and what it says.
    pub fn reguid(&self, command: &str, more: &[&str]) -> (i32, String) {
        let aside = |word: &&str| match ["before", "without", "again", "other"].contains(word) {
            true => self.aside.path().join(format!("{word}.snapshot")).to_str().unwrap().to_owned(),
            false => (*word).to_owned(),
        };
        let out = Command::new(env!("CARGO_BIN_EXE_reguid"))
            .args([command, self.dir.path().as_str()])
            .args(more.iter().map(aside))
            .env_clear()
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
        (out.status.code().unwrap(), said.replace(self.dir.path().as_str(), "VAR").replace(self.aside.path().to_str().unwrap(), "ASIDE"))
    }

    pub fn ends(&self, code: i32, command: &str, more: &[&str]) -> String {
        let (ended, said) = self.reguid(command, more);
        assert_eq!(ended, code, "{command} {more:?}: {said}");
        said
    }

    /// Domain 9 goes, and comes back as 12.
    pub fn gone_and_back(&self) {
        self.ends(0, "fix", &["--old", "before", "--new", "without"]);
        self.ends(0, "fix", &["--new", "again"]);
    }

    pub fn dump(&self, name: &str) -> Vec<(String, Vec<Vec<Cell>>)> {
        dump(&self.dir.connect(name))
    }

    pub fn rows(&self, database: &str, sql: &str) -> Vec<Vec<Cell>> {
        sorted(rows(&self.dir.connect(database), sql))
    }
}

pub fn number(n: i64) -> Cell {
    Cell::Integer(n)
}

/// Every sort of table, in a database of any encoding.
fn every_sort(encoding: &str) -> String {
    format!(
        "PRAGMA encoding = '{encoding}';
         CREATE TABLE plain(d INT, note, pad BLOB, g AS (d * 2), s AS (note || '!') STORED);
         CREATE TABLE counted(k INTEGER PRIMARY KEY AUTOINCREMENT, d INT, x TEXT DEFAULT 'new');
         CREATE TABLE pairs(d INT, e INT, s TEXT COLLATE NOCASE, UNIQUE (d, s), PRIMARY KEY (s, e, d));
         CREATE TABLE keyed(d INT, key TEXT COLLATE NOCASE, v, PRIMARY KEY (d, key)) WITHOUT ROWID;
         CREATE TABLE own(d INTEGER PRIMARY KEY, v);
         CREATE TABLE doc(k INTEGER PRIMARY KEY, body TEXT);
         CREATE TABLE log(what); CREATE TRIGGER tr AFTER INSERT ON plain BEGIN INSERT INTO log VALUES (new.d); END;
         CREATE VIRTUAL TABLE f USING fts5(note, content='plain', content_rowid='rowid');
         INSERT INTO plain(rowid, d, note, pad) VALUES (3, 5, 'five', x'00ff'), (4, 9, 'nine', x''), (8, '9', NULL, NULL), (9, NULL, 'none', 1.5), (12, 9, CAST(x'fffe41' AS TEXT), -0.0);
         INSERT INTO counted VALUES (1, 7, 'a'), (2, 9, 'b'), (40, 9, NULL); INSERT INTO counted(k, d) VALUES (41, 0); DELETE FROM counted WHERE k = 41;
         INSERT INTO pairs VALUES (9, 5, 'A'), (7, 9, 'a'), (5, 7, 'c'), (9, 9, 'D');
         INSERT INTO keyed VALUES (9, 'X', 1), (9, 'y', x'01'), (7, 'x', 'seven');
         INSERT INTO own VALUES (5, 'five'), (9, 'nine'), (7, NULL);
         INSERT INTO doc VALUES (1, '{{\"d\": 9, \"x\": [9]}}'), (2, '{{\"d\":\"9\"}}'), (3, '{{\"d\": 7}}'), (4, '{{\"e\": 9}}'), (5, 'a:1:{{s:1:\"d\";i:9;}}');
         DELETE FROM log; INSERT INTO f(f) VALUES('rebuild')"
    )
}

const COLUMNS: &[(&str, &str, &str, &str)] = &[
    ("a.db", "plain", "d", ""),
    ("a.db", "counted", "d", ""),
    ("a.db", "pairs", "d", ""),
    ("a.db", "pairs", "e", ""),
    ("a.db", "keyed", "d", ""),
    ("a.db", "own", "d", ""),
    ("a.db", "doc", "body", "path = \"$.d\""),
    ("b.db", "other", "d", ""),
];

fn scene(encoding: &str) -> Scene {
    let other = format!(
        "PRAGMA encoding = '{encoding}'; PRAGMA journal_mode = WAL; CREATE TABLE other(d TEXT, x); INSERT INTO other VALUES ('9', 1), ('7', 2), ('all', 3)"
    );
    Scene::new(&[("a.db", &every_sort(encoding)), ("b.db", &other)], COLUMNS)
}

/// What the tables hold when nothing is missing any more, written by hand.
fn expected() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "SELECT rowid, d, typeof(d), note, pad, g, s FROM plain",
            "SELECT 3, 7, 'integer', 'five', x'00ff', 14, 'five!' UNION ALL SELECT 4, 12, 'integer', 'nine', x'', 24, 'nine!'
            UNION ALL SELECT 8, 12, 'integer', NULL, NULL, 24, NULL UNION ALL SELECT 9, NULL, 'null', 'none', 1.5, NULL, 'none!'
            UNION ALL SELECT 12, 12, 'integer', CAST(x'fffe41' AS TEXT), -0.0, 24, CAST(x'fffe41' AS TEXT) || '!'",
        ),
        ("SELECT k, d, x FROM counted", "VALUES (1, 5, 'a'), (2, 12, 'b'), (40, 12, NULL)"),
        ("SELECT name, seq FROM sqlite_sequence", "VALUES ('counted', 41)"),
        ("SELECT d, e, s FROM pairs", "VALUES (12, 7, 'A'), (5, 12, 'a'), (7, 5, 'c'), (12, 12, 'D')"),
        ("SELECT d, key, v FROM keyed", "VALUES (12, 'X', 1), (12, 'y', x'01'), (5, 'x', 'seven')"),
        ("SELECT d, v FROM own", "VALUES (7, 'five'), (12, 'nine'), (5, NULL)"),
        (
            "SELECT k, body FROM doc",
            "VALUES (1, '{\"d\": 12, \"x\": [9]}'), (2, '{\"d\":\"12\"}'), (3, '{\"d\": 5}'), (4, '{\"e\": 9}'), (5, 'a:1:{s:1:\"d\";i:12;}')",
        ),
        ("SELECT * FROM log", "SELECT 1 WHERE 0"),
        ("SELECT rowid FROM f WHERE f MATCH 'nine'", "VALUES (4)"),
    ]
}

/// The whole way, with every sort of table.
fn there_and_back(encoding: &str) {
    let scene = scene(encoding);
    let first = (scene.dump("a.db"), scene.dump("b.db"));
    let said = scene.ends(0, "fix", &["--old", "before", "--new", "without"]);
    assert!(said.ends_with("15 rows wait in quarantine: reguid quarantine VAR\n"), "{said}");
    assert_eq!(scene.rows("a.db", "SELECT count(*) FROM plain WHERE d = 9 UNION ALL SELECT count(*) FROM doc"), [[number(0)], [number(2)]]);
    let taken_out = (scene.dump("a.db"), scene.dump("b.db"));

    // Still missing: they are told, and nothing is written.
    let said = scene.ends(0, "quarantine", &["--panel", "without"]);
    assert!(said.contains("domain 9") && said.contains("c.example") && said.contains("is not on the panel"), "{said}");
    assert!(said.contains("0 rows can be put back, 15 rows have to wait."), "{said}");
    let files = scene.dir.files();
    let said = scene.ends(1, "quarantine", &["--restore", "--panel", "without"]);
    assert!(said.contains("Nothing to do: 15 rows have to wait."), "{said}");
    assert!(scene.dir.files() == files);
    // Back on the panel, and the rest of the data does not speak of that yet.
    let said = scene.ends(2, "quarantine", &["--restore", "--panel", "again"]);
    assert!(said.contains("reguid fix") && scene.dir.files() == files, "{said}");
    let said = scene.ends(0, "fix", &["--new", "again"]);
    assert!(said.ends_with("15 rows in quarantine can be put back: reguid quarantine VAR --restore\n"), "{said}");
    assert_eq!((scene.dump("a.db"), scene.dump("b.db")), taken_out);

    let said = scene.ends(0, "quarantine", &["--panel", "again"]);
    assert!(said.contains("domain 12") && said.contains("15 rows can be put back, 0 rows have to wait."), "{said}");
    let said = scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
    assert!(said.contains("Run 3: 15 rows put back"), "{said}");
    let connection = scene.dir.connect("a.db");
    for (sql, wanted) in expected() {
        assert_eq!(sorted(rows(&connection, sql)), sorted(rows(&connection, wanted)), "{encoding}: {sql}");
    }
    connection.execute_batch("INSERT INTO f(f, rank) VALUES('integrity-check', 1)").unwrap();
    assert_eq!(rows(&connection, "PRAGMA integrity_check"), [[Cell::Text(b"ok".to_vec())]]);
    drop(connection);
    let texts = |all: &[&str]| all.iter().map(|t| vec![Cell::Text(t.as_bytes().to_vec())]).collect::<Vec<_>>();
    assert_eq!(scene.rows("b.db", "SELECT d FROM other"), texts(&["12", "5", "all"]));
    assert_eq!(rows(&scene.dir.connect("b.db"), "PRAGMA journal_mode"), texts(&["wal"]));
    scene.ends(0, "verify", &["--panel", "again"]);
    // The same again finds nothing, and so does a fix.
    let said = scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
    assert!(said.contains("no rows are in quarantine"), "{said}");
    assert!(scene.ends(0, "fix", &["--new", "again"]).contains("Nothing to do"));

    // All runs are taken back, each exactly.
    let whole = (scene.dump("a.db"), scene.dump("b.db"));
    assert!(scene.ends(0, "undo", &[]).contains("Run 3 was taken back: 15 rows are in quarantine again."));
    assert_eq!((scene.dump("a.db"), scene.dump("b.db")), taken_out);
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
    assert_eq!((scene.dump("a.db"), scene.dump("b.db")), whole);
    for _ in 0..3 {
        scene.ends(0, "undo", &[]);
    }
    assert_eq!((scene.dump("a.db"), scene.dump("b.db")), first);
    assert!(scene.ends(0, "quarantine", &["--panel", "again"]).contains("no rows are in quarantine"));
}

#[test]
fn rows_of_every_sort_of_table_wait_and_come_back() {
    there_and_back("UTF-8");
}

#[test]
fn rows_come_back_to_databases_in_utf_16() {
    there_and_back("UTF-16le");
    there_and_back("UTF-16be");
}

/// A restore may give an object the id that it had, so that a table is as it was before the run that took rows out of it.
#[test]
fn an_object_that_comes_back_under_its_old_id_leaves_nothing_to_complain_of() {
    let sql = "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a'), (5, 'b')";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", "")]);
    scene.panel("other", &[(5, "a.example"), (7, "b.example")]);
    let first = scene.dump("a.db");
    scene.ends(0, "fix", &["--old", "before", "--new", "other"]);
    assert_ne!(scene.dump("a.db"), first);
    scene.ends(0, "quarantine", &["--restore", "--panel", "before"]);
    assert_eq!(scene.dump("a.db"), first);
    assert!(scene.ends(0, "fix", &["--new", "before"]).contains("Nothing to do"));
    // From there on it goes as if nothing had been.
    scene.ends(0, "fix", &["--new", "again"]);
    assert_eq!(
        scene.rows("a.db", "SELECT d, x FROM t"),
        [vec![number(7), Cell::Text(b"b".to_vec())], vec![number(12), Cell::Text(b"a".to_vec())]]
    );
}

#[test]
fn rows_are_chosen_by_run_and_place() {
    let sql = "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 1), (11, 2); CREATE TABLE u(d INT); INSERT INTO u VALUES (9), (9)";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", ""), ("a.db", "u", "d", "")]);
    scene.gone_and_back();
    let said = scene.ends(1, "quarantine", &["--restore", "--panel", "again", "--reference", "sqlite:t.d", "--run", "1"]);
    assert!(said.contains("a.db: t: 1 row put back") && said.contains("1 row has to wait") && said.contains("d.example"), "{said}");
    assert_eq!(scene.rows("a.db", "SELECT d, x FROM t"), [[number(12), number(1)]]);
    assert_eq!(scene.rows("a.db", "SELECT d FROM u"), Vec::<Vec<Cell>>::new());
    let said = scene.ends(2, "quarantine", &["--restore", "--panel", "again", "--reference", "sqlite:t.x"]);
    assert!(said.contains("because of sqlite:t.x") && said.contains("a.db: sqlite:u.d"), "{said}");
    let said = scene.ends(2, "quarantine", &["--panel", "again", "--run", "2"]);
    assert!(said.contains("no rows of run 2 are in quarantine"), "{said}");
    scene.ends(0, "quarantine", &["--restore", "--panel", "again", "--reference", "a.db: sqlite:u.d"]);
    assert_eq!(scene.rows("a.db", "SELECT d FROM u"), [[number(12)], [number(12)]]);
    // A list without a panel tells what there is, and that nobody looked.
    let said = scene.ends(0, "quarantine", &[]);
    assert!(said.contains("d.example") && said.contains("The objects were not looked for"), "{said}");
}

#[test]
fn programs_are_told_as_json() {
    let sql = "CREATE TABLE t(d INT UNIQUE, x); INSERT INTO t VALUES (9, 1), (11, 2)";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/quarantine.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let json = |code: i32, more: &[&str]| -> serde_json::Value {
        let said = scene.ends(code, "quarantine", &[more, &["--format", "json"]].concat());
        let value = serde_json::from_str(&said).unwrap();
        assert!(schema.is_valid(&value), "{said}");
        value
    };
    let listed = json(0, &["--panel", "again"]);
    assert_eq!((&listed["ready"], &listed["waiting"], &listed["outcome"]), (&1.into(), &1.into(), &"nothing".into()));
    assert_eq!(listed["objects"][0]["now"], serde_json::json!({"state": "there", "id": 12}));
    assert_eq!(json(0, &[])["objects"][0]["now"], serde_json::json!({"state": "unknown"}));
    scene.dir.sql("a.db", "INSERT INTO t VALUES (12, 'mine')");
    let stopped = json(1, &["--restore", "--panel", "again"]);
    assert_eq!(stopped["outcome"], "stopped");
    assert!(stopped["problems"][0].as_str().unwrap().contains("the row d 12, x 1 of run 1 and the row rowid 1 would"), "{stopped}");
    scene.dir.sql("a.db", "DELETE FROM t");
    let done = json(1, &["--restore", "--panel", "again"]);
    assert_eq!((&done["outcome"], &done["run"], &done["restored"][0]["rows"]), (&"restored".into(), &3.into(), &1.into()));
}

/// Journals are given up, rows in quarantine are not.
#[test]
fn rows_in_quarantine_outlive_the_journal_of_their_run() {
    let sql = "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 1), (11, 2), (5, 3); CREATE TABLE u(d INT); INSERT INTO u VALUES (9)";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", ""), ("a.db", "u", "d", "on-missing = \"delete-row\"")]);
    scene.gone_and_back();
    let said = scene.ends(0, "undo", &["--prune", "--yes"]);
    assert!(said.contains("1 row taken out of the data and kept nowhere else, 2 rows that stay in quarantine"), "{said}");
    let tables = || scene.rows("reguid.db", "SELECT name FROM sqlite_schema WHERE name GLOB '*_[0-9]*_[0-9]*' AND type = 'table'");
    assert_eq!(tables().len(), 2, "{:?}", tables());
    scene.ends(2, "undo", &[]);
    scene.ends(1, "quarantine", &["--restore", "--panel", "again"]);
    assert_eq!(scene.rows("a.db", "SELECT d, x FROM t"), [[number(7), number(3)], [number(12), number(1)]]);
    // What was put back can be taken back, also when the run that took it out cannot.
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.rows("a.db", "SELECT d, x FROM t"), [[number(7), number(3)]]);
    scene.ends(1, "quarantine", &["--restore", "--panel", "again"]);
    // Once that can no longer be, only what waits is kept.
    scene.ends(0, "undo", &["--prune", "--yes"]);
    assert_eq!(scene.rows("reguid.db", "SELECT id FROM quarantined_1_0"), [[number(11)]]);
    assert_eq!(scene.rows("reguid.db", "SELECT count(*) FROM removed_1_0"), [[number(1)]]);
    assert!(scene.ends(0, "quarantine", &["--panel", "again"]).contains("d.example"));
    // Until that is given up, too.
    let said = scene.ends(1, "undo", &["--prune", "--quarantined"]);
    assert!(said.contains("run 1") && said.contains("1 row taken out of the data and kept nowhere else"), "{said}");
    scene.ends(0, "undo", &["--prune", "--quarantined", "--yes"]);
    assert_eq!(tables(), Vec::<Vec<Cell>>::new());
    assert!(scene.ends(0, "quarantine", &["--panel", "again"]).contains("no rows are in quarantine"));
    assert!(scene.ends(0, "fix", &["--new", "again"]).contains("Nothing to do"));
}

/// A rowid that is no column and was given away since is given anew; one that is free is kept.
#[test]
fn rowids_are_kept_where_they_are_free() {
    let sql = "CREATE TABLE t(d INT, x); INSERT INTO t(rowid, d, x) VALUES (1, 9, 'a'), (2, 5, 'b'), (3, 9, 'c')";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    scene.dir.sql("a.db", "INSERT INTO t(rowid, d, x) VALUES (1, 5, 'mine')");
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
    let found = scene.rows("a.db", "SELECT rowid, d, x FROM t ORDER BY rowid");
    let row = |rowid, d, x: &str| vec![number(rowid), number(d), Cell::Text(x.as_bytes().to_vec())];
    assert_eq!(found, [row(1, 5, "mine"), row(2, 7, "b"), row(3, 12, "c"), row(4, 12, "a")]);
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.rows("a.db", "SELECT rowid, d, x FROM t ORDER BY rowid"), [row(1, 5, "mine"), row(2, 7, "b")]);
}
