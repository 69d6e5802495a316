//! Traps that a run over somebody else's tables walked into once. Names carry the trap's number where the list of traps has one.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use data::{Case, VarDir, dump, entry, inventory, manifest, undo};
use reguid::panel::Inventory;
use reguid::reference::manifest::OnMissing;
use reguid::remap::{Fixed, RemapError, Undone};

/// Three domains change their ids, d.example is gone.
fn states() -> (Inventory, Inventory) {
    (
        inventory("old", &[(5, "a.example"), (7, "b.example"), (6, "c.example"), (9, "d.example")]),
        inventory("new", &[(7, "a.example"), (5, "b.example"), (20, "c.example")]),
    )
}

/// Fixes `table.column` of a database made by `sql` and takes it back: the run must be applied, and leave nothing behind.
fn there_and_back(sql: &str, table: &str, column: &str, on_missing: OnMissing) {
    let dir = VarDir::new();
    dir.sql("data.db", sql);
    let before = dump(&dir.connect("data.db"));
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", table, column, on_missing)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let fixed = case.fix().unwrap();
    assert!(matches!(fixed, Fixed::Applied { .. }), "{fixed:?}");
    assert_ne!(dump(&dir.connect("data.db")), before);
    let undone = undo(&dir).unwrap();
    assert!(matches!(undone, Undone::Done { .. }), "{undone:?}");
    assert_eq!(dump(&dir.connect("data.db")), before);
}

#[test]
fn t9_the_word_autoincrement_in_a_comment() {
    let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, d INT -- no AUTOINCREMENT here
    ); INSERT INTO t(d) VALUES (5), (7)";
    there_and_back(sql, "t", "d", OnMissing::Fail);
}

#[test]
fn t9_a_text_default_behind_a_virtual_column() {
    let sql = "CREATE TABLE t(g AS (d), id INTEGER PRIMARY KEY, d INTEGER DEFAULT 'x'); INSERT INTO t(d) VALUES (5), (7), (9)";
    there_and_back(sql, "t", "d", OnMissing::DeleteRow);
}

#[test]
fn t26_text_that_is_not_utf8_beside_a_key() {
    let sql = "CREATE TABLE t(d INT UNIQUE, x TEXT, CHECK (d > 0)) STRICT;
        INSERT INTO t VALUES (5, CAST(x'ff31' AS TEXT)), (7, '')";
    there_and_back(sql, "t", "d", OnMissing::Fail);
}

/// x = 20 points at nothing before; afterwards it points at the row that was 6.
#[test]
fn g4_rows_that_pointed_at_nothing_do_so_again() {
    let sql = "CREATE TABLE t(d INT UNIQUE, x INT REFERENCES t(d)); INSERT INTO t VALUES (5, 5), (6, 20)";
    there_and_back(sql, "t", "d", OnMissing::Keep);
}

/// In UTF-16, x'35' as text is not the digit that it is in UTF-8.
#[test]
fn t26_an_expression_over_blobs_in_a_utf16_database() {
    let sql = "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(d INT, x, g AS (x || '') UNIQUE, UNIQUE(d)); INSERT INTO t(d, x) VALUES (5, x'3500'), (7, x'35'), (6, '55')";
    there_and_back(sql, "t", "d", OnMissing::Fail);
}

/// What the run of a fix of `sql`, which has the table `doc`, refuses.
fn refused(sql: &str) -> String {
    let dir = VarDir::new();
    dir.sql("data.db", sql);
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "doc", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    match case.fix() {
        Err(RemapError::NotHandled { list }) => list,
        other => panic!("{other:?}"),
    }
}

#[test]
fn t6_a_full_text_index_of_any_name_or_over_a_view_does_not_follow() {
    let doc = "CREATE TABLE doc(id INTEGER PRIMARY KEY, d INT); INSERT INTO doc VALUES (1, 5), (2, 7);";
    let list = refused(&format!("{doc} CREATE VIRTUAL TABLE \"using (f\" USING fts5(d, content='doc', content_rowid='id')"));
    assert!(list.contains("the full-text index using (f"), "{list}");
    let view = "CREATE VIEW v AS SELECT id, d AS shown FROM doc;";
    let list = refused(&format!("{doc} {view} CREATE VIRTUAL TABLE f USING fts5(shown, content='v', content_rowid='id')"));
    assert!(list.contains("the full-text index f"), "{list}");
}

#[test]
fn t9_a_virtual_table_whose_module_is_not_there() {
    let dir = VarDir::new();
    dir.sql(
        "data.db",
        "CREATE TABLE t(d INT); INSERT INTO t VALUES (5); PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING elsewhere(a)')",
    );
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
}

/// Rows of a table without an INTEGER PRIMARY KEY are told apart as long as they are all still the same ones.
#[test]
fn t9_rowids_are_believed_while_the_rows_are_the_same() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT); INSERT INTO t VALUES (5), (7), (6); DELETE FROM t WHERE d = 7");
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
    dir.sql("data.db", "VACUUM");
    assert!(matches!(undo(&dir).unwrap(), Undone::Drifted { .. }), "VACUUM closed the gap");
    dir.sql("data.db", "UPDATE t SET rowid = 3 WHERE rowid = 2; CREATE TABLE unrelated(x)");
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
}

/// The companion is a file that others can write, and must not lead writes elsewhere.
#[test]
fn g12_a_companion_that_names_a_database_elsewhere_is_refused() {
    let (dir, elsewhere) = (VarDir::new(), VarDir::new());
    for dir in [&dir, &elsewhere] {
        dir.sql("data.db", "CREATE TABLE t(d INT); INSERT INTO t VALUES (5)");
    }
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    case.fix().unwrap();
    for sql in ["UPDATE journal SET database = ", "DELETE FROM journal; INSERT INTO wal_switch SELECT "] {
        dir.sql("reguid.db", &format!("{sql} '{}'", elsewhere.file("data.db")));
        let files = elsewhere.files();
        let error = undo(&dir).unwrap_err();
        assert!(matches!(error, RemapError::Companion(_)), "{error}");
        assert_eq!(elsewhere.files(), files);
    }
    std::fs::rename(dir.file("reguid.db"), elsewhere.file("reguid.db")).unwrap();
    std::os::unix::fs::symlink(elsewhere.file("reguid.db"), dir.file("reguid.db")).unwrap();
    assert!(matches!(case.fix().unwrap_err(), RemapError::Companion(_)));
}

/// One of them makes the companion, another one uses it first: it must still be there when the first one finds nothing to do and the next one asks.
#[test]
fn g3_runs_at_the_same_time_rewrite_once() {
    let (old, new) = states();
    let manifest = manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]);
    for round in 0..20 {
        let dir = VarDir::new();
        let mode = if round % 2 == 0 { "WAL" } else { "DELETE" };
        dir.sql("data.db", &format!("PRAGMA journal_mode = {mode}; CREATE TABLE t(d INT UNIQUE); INSERT INTO t VALUES (5), (7)"));
        let run = || {
            let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
            let request = reguid::remap::Request { patience: std::time::Duration::from_secs(20), ..case.request() };
            matches!(reguid::remap::fix(&request, None).unwrap(), Fixed::Applied { .. })
        };
        let applied = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            all.into_iter().map(|t| t.join().unwrap()).filter(|&a| a).count()
        });
        assert_eq!(applied, 1);
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { run: 1, .. }));
    }
}

/// Data that was put back from before a run, beside a companion that knows of the run, is not what the companion says.
#[test]
fn t1_data_older_than_its_companion_is_refused() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT, x TEXT); INSERT INTO t VALUES (5, 'a'), (7, 'b')");
    let original = std::fs::read(dir.path().join("data.db")).unwrap();
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }), "the run's own result is no older data");
    std::fs::write(dir.path().join("data.db"), original).unwrap();
    assert!(matches!(case.fix(), Err(RemapError::OlderData { run: 1, .. })));
    assert!(matches!(case.plan(), Err(RemapError::OlderData { run: 1, .. })));
}

/// Without a companion nothing can tell that ids were mapped already; then it is said that they are taken on faith.
#[test]
fn t1_without_a_companion_the_old_state_is_taken_on_faith_and_said_so() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT); INSERT INTO t VALUES (5), (7)");
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let noted = |plan: &reguid::remap::Plan| plan.notes.iter().any(|n| n.contains("taken on faith"));
    assert!(noted(&case.plan().unwrap()));
    let Fixed::Applied { plan, .. } = case.fix().unwrap() else { panic!("there is something to do") };
    assert!(noted(&plan));
    let again = Case { dir: &dir, manifest: &manifest, old: None, new: &old };
    assert!(!noted(&again.plan().unwrap()), "the companion knows");
}
