//! Traps that a run over somebody else's tables walks into. Names carry the trap's number in the list of traps.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;
#[path = "support/shapes.rs"]
mod shapes;

use std::time::Duration;

use data::{Case, VarDir, dump, entry, inventory, manifest, rows, undo};
use model::Cell;
use reguid::panel::Inventory;
use reguid::panel::evidence::Hold;
use reguid::reference::manifest::{Entry, OnMissing};
use reguid::remap::plan::{Method, ProblemCode, TriggerClass, VirtualFate};
use reguid::remap::{self, Fixed, Outputs, Plan, RemapError, Stores, Undo, Undone};

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
fn t09_the_word_autoincrement_in_a_comment() {
    let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, d INT -- no AUTOINCREMENT here
    ); INSERT INTO t(d) VALUES (5), (7)";
    there_and_back(sql, "t", "d", OnMissing::Fail);
}

#[test]
fn t09_a_text_default_behind_a_virtual_column() {
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
fn t06_a_full_text_index_of_any_name_or_over_a_view_does_not_follow() {
    let doc = "CREATE TABLE doc(id INTEGER PRIMARY KEY, d INT); INSERT INTO doc VALUES (1, 5), (2, 7);";
    let list = refused(&format!("{doc} CREATE VIRTUAL TABLE \"using (f\" USING fts5(d, content='doc', content_rowid='id')"));
    assert!(list.contains("the full-text index using (f"), "{list}");
    let view = "CREATE VIEW v AS SELECT id, d AS shown FROM doc;";
    let list = refused(&format!("{doc} {view} CREATE VIRTUAL TABLE f USING fts5(shown, content='v', content_rowid='id')"));
    assert!(list.contains("the full-text index f"), "{list}");
}

#[test]
fn t09_a_virtual_table_whose_module_is_not_there() {
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
fn t09_rowids_are_believed_while_the_rows_are_the_same() {
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
fn t01_data_older_than_its_companion_is_refused() {
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
    assert!(matches!(undo(&dir), Err(RemapError::OlderData { run: 1, .. })));
}

/// The same where the ids are keys that exchanged their rows: each row is then where the run left one, and taking the run back would exchange them.
#[test]
fn t01_keys_older_than_their_companion_are_not_taken_back() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES (5, 'a'), (7, 'b')");
    let original = dir.files();
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
    std::fs::write(dir.path().join("data.db"), &original["data.db"]).unwrap();
    assert!(matches!(undo(&dir), Err(RemapError::OlderData { run: 1, .. })));
    assert_eq!(dir.files()["data.db"], original["data.db"]);
}

/// A table may look as before a run by chance. A person says once that it speaks of now, and it is taken back as such: also keys, which look the same both ways.
#[test]
fn t01_a_table_that_looks_older_may_speak_of_now() {
    let rows = "INSERT INTO t VALUES (5, 'a'), (7, 'b')";
    for column in ["d INT", "d INTEGER PRIMARY KEY"] {
        let dir = VarDir::new();
        dir.sql("data.db", &format!("CREATE TABLE t({column}, x TEXT); {rows}"));
        let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        case.fix().unwrap();
        dir.sql("data.db", &format!("DELETE FROM t; {rows}"));
        let verify = |hold| remap::resolve::verify_with(dir.path(), &manifest, &new, Stores { hold, ..Stores::default() });
        assert!(matches!(verify(None), Err(RemapError::OlderData { run: 1, .. })), "{column}");
        let said = Stores { hold: Some(Hold::New), ..Stores::default() };
        let is_told = |notes: &[String]| notes.iter().any(|n| n.starts_with("data.db: t is as it was before run 1"));
        assert!(is_told(&remap::plan_with(&case.request(), said, Outputs::default()).unwrap().notes), "{column}");
        assert!(is_told(&verify(Some(Hold::New)).unwrap().notes), "{column}");
        // Nothing is remembered of what only looks.
        assert!(matches!(case.plan(), Err(RemapError::OlderData { run: 1, .. })), "{column}");
        let Fixed::Nothing { plan } = remap::fix_with(&case.request(), said, None).unwrap() else {
            panic!("{column}: nothing is to be done")
        };
        assert!(is_told(&plan.notes), "{column}");
        assert!(!is_told(&case.plan().unwrap().notes) && verify(None).is_ok(), "{column}");
        let is_key = column != "d INT";
        if !is_key {
            assert!(matches!(undo(&dir).unwrap(), Undone::Drifted { .. }));
        }
        let how = Undo { run: None, accept_changes: !is_key, patience: Duration::from_secs(2) };
        assert!(matches!(remap::take_back(dir.path(), &how).unwrap(), Undone::Done { run: 1, .. }), "{column}");
        let left =
            dir.connect("data.db").query_row("SELECT group_concat(d || x, ' ' ORDER BY x) FROM t", [], |r| r.get::<_, String>(0)).unwrap();
        assert_eq!(left, "7a 5b", "{column}");
    }
}

/// Without a companion nothing can tell that ids were mapped already; then it is said that they are taken on faith.
#[test]
fn t01_without_a_companion_the_old_state_is_taken_on_faith_and_said_so() {
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

/// A database made by `sql`, and a fix of these columns of it.
struct Trap {
    dir: VarDir,
    entries: Vec<Entry>,
}

impl Trap {
    fn new(sql: &str, columns: &[(&str, &str)]) -> Trap {
        let dir = VarDir::new();
        dir.sql("data.db", sql);
        Trap { dir, entries: columns.iter().map(|(t, c)| entry("data.db", t, c, OnMissing::Fail)).collect() }
    }

    fn with(mut self, change: impl Fn(&mut Entry)) -> Trap {
        self.entries.iter_mut().for_each(change);
        self
    }

    fn run<T>(&self, ask: impl Fn(&Case<'_>) -> T) -> T {
        let ((old, new), manifest) = (states(), manifest(self.entries.clone()));
        ask(&Case { dir: &self.dir, manifest: &manifest, old: Some(&old), new: &new })
    }

    fn fix(&self) -> Result<Fixed, RemapError> {
        self.run(|case| case.fix())
    }

    fn applied(&self) -> Plan {
        match self.fix().unwrap() {
            Fixed::Applied { plan, .. } => plan,
            other => panic!("{other:?}"),
        }
    }

    fn stopped(&self) -> Vec<ProblemCode> {
        match self.fix().unwrap() {
            Fixed::Stopped { plan } => plan.problems.into_iter().map(|p| p.code).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// What a query gives, one row a line, cells with blanks between them.
    fn ask(&self, sql: &str) -> Vec<String> {
        let line = |r: &Vec<Cell>| r.iter().map(Cell::sql).collect::<Vec<_>>().join(" ");
        rows(&self.dir.connect("data.db"), sql).iter().map(line).collect()
    }

    /// Takes the run back; everything must be as it was in `before`.
    fn back(&self, before: &[(String, Vec<Vec<Cell>>)]) {
        let undone = undo(&self.dir).unwrap();
        assert!(matches!(undone, Undone::Done { .. }), "{undone:?}");
        assert_eq!(dump(&self.dir.connect("data.db")), before);
    }

    fn dump(&self) -> Vec<(String, Vec<Vec<Cell>>)> {
        dump(&self.dir.connect("data.db"))
    }
}

/// 5 and 7 change places: whatever is moved twice is back where it was, and would go unnoticed but for its neighbours.
#[test]
fn t01_what_a_cascade_a_trigger_or_a_second_entry_moves_too_is_moved_once() {
    let parent = "CREATE TABLE p(d INTEGER PRIMARY KEY, x); INSERT INTO p VALUES (5, 'a'), (7, 'b'), (6, 'c');";
    let child = "CREATE TABLE c(d REFERENCES p ON UPDATE CASCADE); INSERT INTO c VALUES (5), (7), (6);";
    let trigger = "CREATE TABLE c(d); INSERT INTO c VALUES (5), (7), (6);
        CREATE TRIGGER t AFTER UPDATE OF d ON p BEGIN UPDATE c SET d = new.d WHERE d = old.d; END;";
    // The child is named, or its foreign key alone ties it to the parent.
    let both: &[(&str, &str)] = &[("p", "d"), ("c", "d")];
    for (sql, columns) in [(child, &both[..1]), (child, both), (trigger, both)] {
        let trap = Trap::new(&format!("{parent}{sql}"), columns);
        let before = trap.dump();
        let plan = trap.applied();
        assert_eq!((plan.summary.cells, plan.places.len()), (6, 2));
        assert_eq!(trap.ask("SELECT d FROM c ORDER BY rowid"), ["7", "5", "20"], "{sql}");
        assert_eq!(trap.ask("SELECT d, x FROM p ORDER BY x"), ["7 'a'", "5 'b'", "20 'c'"]);
        assert!(matches!(trap.fix().unwrap(), Fixed::Nothing { .. }), "nor by a second run");
        trap.back(&before);
    }
    // The same column by two names is one.
    let trap = Trap::new(&format!("{parent}{child}"), &[("p", "d"), ("P", "D")]);
    assert_eq!(trap.applied().places.len(), 2);
    assert_eq!(trap.ask("SELECT d, x FROM p ORDER BY x"), ["7 'a'", "5 'b'", "20 'c'"]);
}

#[test]
fn t01_a_chain_of_ids_is_walked_one_step() {
    let trap = Trap::new("CREATE TABLE t(d INT UNIQUE, x); INSERT INTO t VALUES (5, 'a'), (7, 'b'), (8, 'c')", &[("t", "d")]);
    let old = inventory("old", &[(5, "a.example"), (7, "b.example"), (8, "c.example")]);
    let new = inventory("new", &[(7, "a.example"), (8, "b.example"), (9, "c.example")]);
    let manifest = manifest(trap.entries.clone());
    for method in [None, Some(Method::Walk), Some(Method::Reinsert), Some(Method::Copy)] {
        let case = Case { dir: &trap.dir, manifest: &manifest, old: Some(&old), new: &new };
        assert!(matches!(case.fix_by(method).unwrap(), Fixed::Applied { .. }));
        assert_eq!(trap.ask("SELECT d, x FROM t ORDER BY x"), ["7 'a'", "8 'b'", "9 'c'"]);
        undo(&trap.dir).unwrap();
    }
}

#[test]
fn t02_conflict_clauses_of_the_schema_lose_no_row() {
    for clause in ["REPLACE", "IGNORE", "ROLLBACK", "FAIL"] {
        for method in [Method::Walk, Method::Reinsert, Method::Copy] {
            let sql = format!(
                "CREATE TABLE t(d INT UNIQUE ON CONFLICT {clause}, x NOT NULL ON CONFLICT {clause} DEFAULT 'lost'); INSERT INTO t VALUES (5, 'a'), (7, 'b'), (6, 'c')"
            );
            let trap = Trap::new(&sql, &[("t", "d")]);
            let before = trap.dump();
            let fixed = trap.run(|case| case.fix_by(Some(method))).unwrap();
            assert!(matches!(fixed, Fixed::Applied { .. }), "{fixed:?}");
            assert_eq!(trap.ask("SELECT d, x FROM t ORDER BY x"), ["7 'a'", "5 'b'", "20 'c'"], "{clause}");
            trap.back(&before);
        }
    }
}

/// The library that we are built with enforces foreign keys by itself, PHP's does not.
#[test]
fn t03_foreign_keys_are_as_good_afterwards_whoever_enforces_them() {
    let sql = "CREATE TABLE p(d INTEGER PRIMARY KEY); INSERT INTO p VALUES (5), (7), (6);
        CREATE TABLE c(d REFERENCES p ON UPDATE CASCADE ON DELETE CASCADE, n REFERENCES p ON UPDATE SET NULL ON DELETE SET DEFAULT);
        INSERT INTO c VALUES (5, 7), (6, 6), (NULL, 5), (99, 7)";
    let trap = Trap::new(sql, &[("p", "d")]).with(|e| e.on_missing = OnMissing::Keep);
    let before = trap.dump();
    trap.applied();
    assert_eq!(trap.ask("SELECT d, n FROM c ORDER BY rowid"), ["7 5", "20 20", "NULL 7", "99 5"]);
    let connection = trap.dir.connect("data.db");
    connection.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM p WHERE d = 20").unwrap();
    assert_eq!(trap.ask("SELECT count(*) FROM c"), ["3"], "the cascade was not lost");
    connection.execute_batch("INSERT INTO p VALUES (20); INSERT INTO c(rowid, d, n) VALUES (2, 20, 20)").unwrap();
    drop(connection);
    trap.back(&before);
}

/// Had the pragma been given within the transaction, it would have done nothing, and the rows put back would not be those that were deleted.
#[test]
fn t04_no_action_of_a_foreign_key_runs_inside_the_transaction() {
    for action in ["CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT"] {
        let sql = format!(
            "CREATE TABLE p(d INT UNIQUE, x); INSERT INTO p VALUES (5, 1), (7, 2);
             CREATE TABLE c(x, d DEFAULT 4 REFERENCES p(d) ON DELETE {action} ON UPDATE {action}); INSERT INTO c VALUES (1, 5), (2, 7)"
        );
        for method in [Method::Walk, Method::Reinsert, Method::Copy] {
            let trap = Trap::new(&sql, &[("p", "d")]);
            assert!(matches!(trap.run(|case| case.fix_by(Some(method))).unwrap(), Fixed::Applied { .. }));
            assert_eq!(trap.ask("SELECT x, d FROM c ORDER BY x"), ["1 7", "2 5"], "{action} {method:?}");
        }
    }
}

/// No table is dropped, nor made: what is declared is the same to the byte, and so is where it lies.
#[test]
fn t05_a_run_declares_nothing() {
    let sql = "CREATE TABLE t(d INTEGER PRIMARY KEY, x); CREATE INDEX i ON t(x); CREATE TABLE c(d REFERENCES t ON DELETE CASCADE);
        INSERT INTO t VALUES (5, 1), (7, 2); INSERT INTO c VALUES (5), (7)";
    let trap = Trap::new(sql, &[("t", "d")]);
    let schema = || (trap.ask("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema"), trap.ask("PRAGMA schema_version"));
    let before = schema();
    trap.applied();
    assert_eq!(schema(), before);
    assert_eq!(trap.ask("SELECT d FROM c ORDER BY rowid"), ["7", "5"]);
    undo(&trap.dir).unwrap();
    assert_eq!(schema(), before);
}

const DOC: &str = "CREATE TABLE doc(d INTEGER PRIMARY KEY, body); INSERT INTO doc VALUES (5, 'apple'), (7, 'pear'), (6, 'plum');";

#[test]
fn t06_a_full_text_index_with_external_content_follows() {
    let index = "CREATE VIRTUAL TABLE f USING fts5(body, content=doc, content_rowid=d);
        CREATE TRIGGER i AFTER INSERT ON doc BEGIN INSERT INTO f(rowid, body) VALUES (new.d, new.body); END;";
    let trap = Trap::new(&format!("{DOC} {index} INSERT INTO f(f) VALUES('rebuild');"), &[("doc", "d")]);
    let (before, search) =
        (trap.ask("SELECT * FROM doc"), |word: &str| trap.ask(&format!("SELECT rowid, body FROM f WHERE f MATCH '{word}'")));
    let plan = trap.applied();
    assert_eq!(plan.virtual_tables[0].fate, VirtualFate::Rebuilt);
    assert_eq!(plan.triggers[0].class, TriggerClass::VirtualTable);
    assert_eq!(search("apple"), ["7 'apple'"]);
    assert_eq!(search("plum"), ["20 'plum'"]);
    let check = "INSERT INTO f(f, rank) VALUES('integrity-check', 1)";
    trap.dir.connect("data.db").execute_batch(check).unwrap();
    assert!(matches!(undo(&trap.dir).unwrap(), Undone::Done { .. }));
    assert_eq!(trap.ask("SELECT * FROM doc"), before);
    assert_eq!(search("apple"), ["5 'apple'"]);
    trap.dir.connect("data.db").execute_batch(check).unwrap();
    // A column that it does not index leaves it alone.
    let trap = Trap::new(
        &format!("{DOC} ALTER TABLE doc ADD COLUMN o; UPDATE doc SET o = d; {index} INSERT INTO f(f) VALUES('rebuild');"),
        &[("doc", "o")],
    );
    assert_eq!(trap.applied().virtual_tables[0].fate, VirtualFate::Left);
}

#[test]
fn t06_a_full_text_index_that_does_not_agree_is_not_made_anew() {
    let trap = Trap::new(&format!("{DOC} CREATE VIRTUAL TABLE f USING fts5(body, content=doc, content_rowid=d)"), &[("doc", "d")]);
    let files = trap.dir.files();
    let Err(RemapError::NotHandled { list }) = trap.fix() else { panic!("it holds nothing yet") };
    assert!(list.contains("the full-text index f does not agree"), "{list}");
    assert_eq!(trap.dir.files(), files);
}

#[test]
fn t06_virtual_tables_of_every_sort_are_named() {
    for (sql, columns, refused) in [
        ("CREATE VIRTUAL TABLE f USING fts5(d, body)", ("f", "d"), "f.d: a virtual table's rows"),
        ("CREATE VIRTUAL TABLE f USING fts4(body, content=\"doc\")", ("doc", "d"), "the full-text index f"),
        (
            "CREATE VIRTUAL TABLE f USING fts5(body, content='', contentless_delete=1); CREATE TRIGGER k AFTER INSERT ON doc BEGIN INSERT INTO f(rowid, body) VALUES (new.d, new.body); END",
            ("doc", "d"),
            "the trigger k keeps the virtual table f",
        ),
        (
            "CREATE VIRTUAL TABLE r USING rtree(id, a, b); CREATE TRIGGER k AFTER UPDATE ON doc BEGIN UPDATE r SET id = new.d WHERE id = old.d; END",
            ("doc", "d"),
            "the trigger k keeps the virtual table r",
        ),
        ("CREATE VIRTUAL TABLE r USING rtree(id, a, b)", ("r", "id"), "r.id: a virtual table's rows"),
    ] {
        let trap = Trap::new(&format!("{DOC} {sql}"), &[columns]);
        let Err(RemapError::NotHandled { list }) = trap.fix() else { panic!("{sql}") };
        assert!(list.contains(refused), "{list}");
    }
    // What nothing ties to the table is listed, and left.
    let sql = "CREATE VIRTUAL TABLE r USING rtree(id, a, b); CREATE VIRTUAL TABLE f USING fts5(body, content=''); CREATE VIRTUAL TABLE g USING fts5(body)";
    let trap = Trap::new(&format!("{DOC} {sql}; INSERT INTO r VALUES (5, 1, 2); INSERT INTO g VALUES ('x')"), &[("doc", "d")]);
    let plan = trap.applied();
    let listed: Vec<_> = plan.virtual_tables.iter().map(|v| (v.table.as_str(), v.module.as_str(), v.fate)).collect();
    assert_eq!(listed, [("f", "fts5", VirtualFate::Left), ("g", "fts5", VirtualFate::Left), ("r", "rtree", VirtualFate::Left)]);
}

#[test]
fn t08_no_affinity_makes_an_id_of_what_is_none() {
    let sql = "CREATE TABLE t(n TEXT, d TEXT); INSERT INTO t VALUES ('a', '5'), ('b', '05'), ('c', ' 5'), ('d', '5.0'), ('e', '1e1'), ('f', 'true');
        CREATE TABLE i(n, d INTEGER); INSERT INTO i VALUES ('a', '5'), ('b', '05'), ('c', 5.0), ('d', 5.5), ('e', 'five'), ('f', x'35')";
    let trap = Trap::new(sql, &[("t", "d"), ("i", "d")]);
    assert_eq!(trap.stopped(), [ProblemCode::Malformed; 2]);
    let trap = trap.with(|e| e.on_missing = OnMissing::Keep);
    let before = trap.dump();
    let plan = trap.applied();
    assert_eq!(trap.ask("SELECT d FROM t ORDER BY n"), ["'7'", "'05'", "' 5'", "'5.0'", "'1e1'", "'true'"]);
    // SQLite made integers of '05' and 5.0 when they came; an integer is what is stored.
    assert_eq!(trap.ask("SELECT d FROM i ORDER BY n"), ["7", "7", "7", "5.5", "'five'", "x'35'"]);
    let told: Vec<_> = plan.places.iter().map(|p| (p.malformed, p.not_an_id)).collect();
    assert_eq!(told, [(1, 2), (4, 1)]);
    let named = |word: &str| plan.notes.iter().any(|n| n.contains("no ids as a program writes them") && n.contains(word));
    assert!(named("'05'") && named("5.5"), "what stays is named: {:?}", plan.notes);
    trap.back(&before);
}

#[test]
fn t09_every_sort_of_table_keeps_what_it_is() {
    let sql =
        "CREATE TABLE g(d INT UNIQUE, v AS (d * 2) VIRTUAL, s AS (d * 3) STORED, h HIDDEN); INSERT INTO g(d, h) VALUES (5, 1), (7, 2);
        CREATE TABLE s(d INTEGER UNIQUE, x ANY) STRICT; INSERT INTO s VALUES (5, '007'), (7, 7);
        CREATE TABLE w(x TEXT, d INT, PRIMARY KEY(d, x)) WITHOUT ROWID; INSERT INTO w VALUES ('a', 5), ('a', 7);
        CREATE TABLE n(d INT PRIMARY KEY, x); INSERT INTO n VALUES (NULL, 1), (NULL, 2), (5, 3), (7, 4);
        CREATE TABLE r(rowid, _rowid_, d INT UNIQUE); INSERT INTO r VALUES (1, 2, 5), (3, 4, 7);
        CREATE TABLE a(d INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO a VALUES (60), (5), (7); DELETE FROM a WHERE d = 60";
    for method in [Method::Walk, Method::Reinsert, Method::Copy] {
        let trap = Trap::new(sql, &[("g", "d"), ("s", "d"), ("w", "d"), ("n", "d"), ("r", "d"), ("a", "d")]);
        let before = trap.dump();
        assert!(matches!(trap.run(|case| case.fix_by(Some(method))).unwrap(), Fixed::Applied { .. }));
        assert_eq!(trap.ask("SELECT d, v, s, h FROM g ORDER BY h"), ["7 14 21 1", "5 10 15 2"]);
        assert_eq!(trap.ask("SELECT d, x FROM s ORDER BY d"), ["5 7", "7 '007'"]);
        assert_eq!(trap.ask("SELECT d, x FROM n ORDER BY x"), ["NULL 1", "NULL 2", "7 3", "5 4"]);
        assert_eq!(trap.ask("SELECT rowid, _rowid_, d FROM r ORDER BY d"), ["3 4 5", "1 2 7"]);
        assert_eq!(trap.ask("SELECT seq FROM sqlite_sequence"), ["60"], "it is never lowered");
        trap.back(&before);
    }
}

/// A key that was given out must not be given out again.
#[test]
fn t09_autoincrement_counts_on_from_the_highest_id() {
    for method in [Method::Walk, Method::Reinsert, Method::Copy] {
        let trap = Trap::new("CREATE TABLE a(d INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO a VALUES (5, 1), (6, 2)", &[("a", "d")]);
        let before = trap.dump();
        assert!(matches!(trap.run(|case| case.fix_by(Some(method))).unwrap(), Fixed::Applied { .. }));
        assert_eq!(trap.ask("SELECT seq FROM sqlite_sequence"), ["20"], "{method:?}");
        trap.dir.sql("data.db", "DELETE FROM a WHERE d = 20; INSERT INTO a(x) VALUES (3)");
        assert_eq!(trap.ask("SELECT d FROM a WHERE x = 3"), ["21"], "{method:?}");
        trap.dir.sql("data.db", "DELETE FROM a WHERE x = 3; INSERT INTO a VALUES (20, 2); UPDATE sqlite_sequence SET seq = 20");
        trap.back(&before);
    }
}

/// What is parked may break a CHECK, and meets neither what is there, nor the ends of what an integer holds.
#[test]
fn t10_parking_meets_no_check_no_sentinel_no_border() {
    let ends = format!("{}, {}", i64::MAX, i64::MIN);
    for (column, more) in [
        ("d INT UNIQUE CHECK (d > 4 OR d < -9)", ends.as_str()),
        ("d INTEGER PRIMARY KEY CHECK (d > 4 OR d < -9)", ends.as_str()),
        ("d TEXT UNIQUE CHECK (length(d) >= 1 AND d <> '1')", "-5, -7, 2"),
        ("d INT UNIQUE", "1, 2, 3, -1, 0, NULL"),
    ] {
        let more: String = more.split(", ").map(|v| format!(", ({v})")).collect();
        let trap = Trap::new(&format!("CREATE TABLE t({column}); INSERT INTO t VALUES (5), (7){more}"), &[("t", "d")]);
        let trap = trap.with(|e| e.on_missing = OnMissing::Keep);
        let before = trap.dump();
        let sorted = || trap.ask("SELECT d FROM t ORDER BY typeof(d), CAST(d AS INTEGER)");
        let was = sorted();
        let Fixed::Applied { plan, .. } = trap.run(|case| case.fix_by(Some(Method::Walk))).unwrap() else { panic!("{column}") };
        assert_eq!(plan.tables[0].method, Method::Walk);
        assert_eq!(sorted(), was, "5 and 7 changed places, and nothing else came or went");
        assert_eq!(plan.summary.cells, 2);
        trap.back(&before);
    }
}

/// 9 is gone. Where 5 becomes 9, no row could be told from the other afterwards.
#[test]
fn t11_an_id_that_stays_and_is_somebodys_new_one_stops_unless_a_policy_changes_it() {
    let old = inventory("old", &[(5, "a.example"), (9, "d.example")]);
    let new = inventory("new", &[(9, "a.example")]);
    for (on_missing, expected) in [
        (OnMissing::Fail, Err(vec![ProblemCode::Missing])),
        (OnMissing::Keep, Err(vec![ProblemCode::TakenId])),
        (OnMissing::Null, Ok(vec!["9", "NULL"])),
        (OnMissing::DeleteRow, Ok(vec!["9"])),
        (OnMissing::Quarantine, Ok(vec!["9"])),
    ] {
        let trap = Trap::new("CREATE TABLE t(d INT); INSERT INTO t VALUES (5), (9)", &[("t", "d")]).with(|e| e.on_missing = on_missing);
        let (before, manifest) = (trap.dump(), manifest(trap.entries.clone()));
        match (Case { dir: &trap.dir, manifest: &manifest, old: Some(&old), new: &new }.fix().unwrap(), expected) {
            (Fixed::Stopped { plan }, Err(codes)) => assert_eq!(plan.problems.iter().map(|p| p.code).collect::<Vec<_>>(), codes),
            (Fixed::Applied { .. }, Ok(left)) => {
                assert_eq!(trap.ask("SELECT d FROM t ORDER BY rowid"), left, "{on_missing:?}");
                trap.back(&before);
            }
            (other, _) => panic!("{on_missing:?}: {other:?}"),
        }
    }
}

#[test]
fn t12_ids_that_become_one_are_listed_as_pairs_of_rows() {
    let old = inventory("old", &[(5, "a.example"), (7, "b.example")]);
    let new = inventory("new", &[(9, "a.example")]);
    let merging = |old: &Inventory, _: &Inventory| {
        let found = reguid::panel::mapping::Match::Found { new: 9, rung: reguid::panel::mapping::Rung::Guid, evidence: "".into() };
        reguid::panel::Mapping::from_matches(old.objects().iter().map(|o| ((o.kind, o.id), found.clone())))
    };
    for (declared, pair) in [
        ("d INTEGER PRIMARY KEY, x", Some(("d 5", "d 7"))),
        ("d INT UNIQUE, x", Some(("rowid 1", "rowid 2"))),
        ("d TEXT, x TEXT COLLATE NOCASE, UNIQUE(d, x)", Some(("rowid 1", "rowid 2"))),
        ("d TEXT, x TEXT, UNIQUE(d, x)", None),
        ("d INT, x", None),
    ] {
        let trap = Trap::new(&format!("CREATE TABLE t({declared}); INSERT INTO t VALUES (5, 'a'), (7, 'A')"), &[("t", "d")]);
        let manifest = manifest(trap.entries.clone());
        let case = Case { dir: &trap.dir, manifest: &manifest, old: Some(&old), new: &new };
        let request = remap::Request { matching: &merging, ..case.request() };
        match (remap::fix(&request, None).unwrap(), pair) {
            (Fixed::Stopped { plan }, Some((a, b))) => {
                let problem = &plan.problems[0];
                assert_eq!(problem.code, ProblemCode::Collision);
                assert!(problem.message.contains(a) && problem.message.contains(b), "{}", problem.message);
            }
            (Fixed::Applied { .. }, None) => assert_eq!(trap.ask("SELECT d + 0 FROM t"), ["9", "9"]),
            (other, _) => panic!("{declared}: {other:?}"),
        }
    }
    // A condition that a row fulfils only as it will be.
    let sql = "CREATE TABLE t(d INT, x); CREATE UNIQUE INDEX i ON t(x) WHERE d > 6; INSERT INTO t VALUES (5, 'x'), (20, 'x')";
    let trap = Trap::new(sql, &[("t", "d")]).with(|e| e.on_missing = OnMissing::Keep);
    assert_eq!(trap.stopped(), [ProblemCode::Collision]);
}

/// Whatever moves under the scan, no row is left out: all of many pages, in keys, by each method.
#[test]
fn t15_no_row_is_skipped_while_rows_move() {
    let sql = "CREATE TABLE t(d INTEGER PRIMARY KEY, x);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, hex(i) FROM n";
    let ids: Vec<(i64, String)> = (1..=5000).map(|i| (i, format!("d{i}.example"))).collect();
    let by_name = |shift: i64| ids.iter().map(|(i, n)| ((i + shift - 1) % 5000 + 1, n.as_str())).collect::<Vec<_>>();
    let (old, new) = (inventory("old", &by_name(0)), inventory("new", &by_name(1)));
    for method in [Method::Walk, Method::Reinsert, Method::Copy] {
        let trap = Trap::new(sql, &[("t", "d")]);
        let manifest = manifest(trap.entries.clone());
        let case = Case { dir: &trap.dir, manifest: &manifest, old: Some(&old), new: &new };
        let Fixed::Applied { plan, .. } = case.fix_by(Some(method)).unwrap() else { panic!("there is something to do") };
        assert_eq!((plan.summary.cells, plan.tables[0].method), (5000, method));
        assert_eq!(trap.ask("SELECT count(*) FROM t WHERE x = hex((d + 4998) % 5000 + 1)"), ["5000"]);
    }
}

/// What is left out is counted and named, and nothing that is unresolved ends as if it were done.
#[test]
fn t16_what_is_left_out_is_no_success() {
    let sql = "CREATE TABLE t(d); INSERT INTO t VALUES (5), (9), ('07'), ('word'), (0), (NULL), (x'35')";
    let trap = Trap::new(sql, &[("t", "d")]);
    let files = trap.dir.files();
    let plan = trap.run(|case| case.plan()).unwrap();
    let place = &plan.places[0];
    let counts = [place.changed, place.missing, place.malformed, place.not_an_id, place.sentinel, place.null];
    assert_eq!(counts, [1, 1, 1, 2, 1, 1]);
    assert_eq!(counts.iter().sum::<u64>(), place.rows, "every row is accounted for");
    assert_eq!(trap.stopped(), [ProblemCode::Missing, ProblemCode::Malformed]);
    assert_eq!(trap.dir.files(), files);
}

#[test]
fn t19_what_was_announced_is_what_was_done() {
    for policy in [OnMissing::Null, OnMissing::DeleteRow, OnMissing::Quarantine] {
        let sql = "CREATE TABLE t(k INTEGER PRIMARY KEY, d, e); INSERT INTO t(d, e) VALUES (5, '7'), (9, 5), (8, 9), (6, 6), (NULL, 'x'), ('7', NULL)";
        let trap = Trap::new(&sql.replace("(8, 9)", "(0, 9)"), &[("t", "d"), ("t", "e")]).with(|e| e.on_missing = policy);
        let before: Vec<_> = rows(&trap.dir.connect("data.db"), "SELECT k, d, e FROM t");
        let announced = trap.run(|case| case.plan()).unwrap().summary;
        trap.applied();
        let after: Vec<_> = rows(&trap.dir.connect("data.db"), "SELECT k, d, e FROM t");
        let is_there = |row: &&Vec<Cell>| after.iter().any(|a| a[0] == row[0]);
        let gone = before.iter().filter(|r| !is_there(r)).count();
        let cells: usize = before
            .iter()
            .filter_map(|b| Some((b, after.iter().find(|a| a[0] == b[0])?)))
            .map(|(b, a)| b.iter().zip(a).filter(|(x, y)| x != y).count())
            .sum();
        assert_eq!((announced.cells, announced.removed), (cells as u64, gone as u64), "{policy:?}");
        assert!(cells > 0);
    }
}

/// A test over empty tables proves nothing.
#[test]
fn t20_every_table_of_the_shapes_that_are_tested_has_rows() {
    for shape in shapes::shapes(true) {
        let dir = VarDir::new();
        let row = |id: &str| shape.row.replace("{t}", "t").replace("{id}", id);
        dir.sql("data.db", &format!("{}; {}; {}", shape.schema.replace("{t}", "t"), row("1002"), row("1005")));
        let connection = dir.connect("data.db");
        for table in std::iter::once("").chain(shape.children.iter().map(|c| c.0)) {
            let count = &rows(&connection, &format!("SELECT count(*) FROM t{table}"))[0][0];
            assert!(*count >= Cell::Integer(2), "{}: t{table}", shape.name);
        }
        let parents =
            rows(&connection, "SELECT DISTINCT m.name FROM sqlite_schema AS m, pragma_foreign_key_list(m.name) WHERE m.type = 'table'");
        assert!(parents.len() <= shape.children.len() + 1, "{}: a child that no case looks at", shape.name);
    }
}

/// A name or GUID that several objects have, or none has, tells nothing.
#[test]
fn t22_a_name_that_several_have_or_none_tells_nothing() {
    let object =
        |id: i64, name: &str| reguid::panel::Object { name: name.into(), guid: None, ..inventory("", &[(id, "x")]).objects()[0].clone() };
    let state = |source: &str, objects: Vec<_>| {
        let origin = reguid::panel::inventory::Origin { source: source.into(), taken: None };
        Inventory::new(origin, objects, vec![data::kind("domain")])
    };
    let old = state("old", vec![object(5, "a.example"), object(7, "")]);
    let new = state("new", vec![object(15, "a.example"), object(16, "a.example"), object(17, "")]);
    let mapping = reguid::panel::Mapping::between(&old, &new, reguid::panel::mapping::Settings::default());
    for id in [5, 7] {
        let found = mapping.get(data::kind("domain"), id);
        assert!(!matches!(found, Some(reguid::panel::mapping::Match::Found { .. })), "{id}: {found:?}");
    }
}

#[test]
fn t23_odd_names_and_things_of_the_same_name_are_told_apart() {
    let sql =
        "CREATE TABLE \"select\"(\"a b\" INT UNIQUE, \"gröup\" INT, [x]]y] TEXT); INSERT INTO \"select\" VALUES (5, 5, '5'), (7, 7, '7');
        CREATE TABLE t(D INT); INSERT INTO t VALUES (5); CREATE VIEW v AS SELECT d FROM t; CREATE VIEW vv AS SELECT * FROM v;
        CREATE TRIGGER i INSTEAD OF INSERT ON v BEGIN INSERT INTO t VALUES (new.d); END";
    let sql = sql.replace("[x]]y]", "\"x\"\"y\"");
    let trap = Trap::new(&sql, &[("SELECT", "A B"), ("select", "gröup"), ("select", "x\"y"), ("T", "d")]);
    // The same name elsewhere: in another database, which is no part of the manifest.
    trap.dir.sql("other.db", "CREATE TABLE t(d INT); INSERT INTO t VALUES (5)");
    let before = trap.dump();
    let plan = trap.applied();
    assert_eq!(trap.ask("SELECT * FROM \"select\" ORDER BY rowid"), ["7 7 '7'", "5 5 '5'"]);
    assert_eq!(trap.ask("SELECT * FROM vv"), ["7"]);
    assert_eq!(plan.views.iter().map(|v| v.view.as_str()).collect::<Vec<_>>(), ["v", "vv"]);
    assert_eq!(plan.triggers.iter().map(|t| t.trigger.as_str()).collect::<Vec<_>>(), ["i"], "that of a view too");
    assert_eq!(rows(&trap.dir.connect("other.db"), "SELECT d FROM t"), [[Cell::Integer(5)]]);
    trap.back(&before);
    let trap = Trap::new(&sql, &[("v", "d")]);
    assert!(matches!(trap.fix(), Err(RemapError::NotHandled { list }) if list.contains("a view holds no rows")));
}

#[test]
fn t24_sentinels_are_mapped_only_where_the_manifest_says_so() {
    let sql = "CREATE TABLE t(d); INSERT INTO t VALUES (NULL), (0), ('0'), (-1), ('-1'), (''), ('all'), ('ALL'), (5)";
    let old = inventory("old", &[(0, "z.example"), (-1, "y.example"), (5, "a.example")]);
    let new = inventory("new", &[(10, "z.example"), (11, "y.example"), (7, "a.example")]);
    let fix = |sentinels: Option<&[&str]>| {
        let trap = Trap::new(sql, &[("t", "d")]);
        let trap = trap.with(|e| e.sentinels = sentinels.map(|s| s.iter().map(ToString::to_string).collect()));
        let manifest = manifest(trap.entries.clone());
        assert!(matches!(Case { dir: &trap.dir, manifest: &manifest, old: Some(&old), new: &new }.fix().unwrap(), Fixed::Applied { .. }));
        trap.ask("SELECT d FROM t ORDER BY rowid").join(" ")
    };
    assert_eq!(fix(None), "NULL 0 '0' -1 '-1' '' 'all' 'ALL' 7");
    assert_eq!(fix(Some(&["-1", "all"])), "NULL 10 '10' -1 '-1' '' 'all' 'ALL' 7");
    assert_eq!(fix(Some(&[])), "NULL 10 '10' 11 '11' '' 'all' 'ALL' 7");
    assert_eq!(fix(Some(&["5", "0", "-1"])), "NULL 0 '0' -1 '-1' '' 'all' 'ALL' 5");
}

/// The mirror of it: nobody's id may become a value that means nobody.
#[test]
fn t24_no_id_becomes_a_sentinel() {
    let trap = Trap::new("CREATE TABLE t(d); INSERT INTO t VALUES (5), (7)", &[("t", "d")]).with(|e| e.sentinels = Some(vec!["20".into()]));
    assert!(matches!(trap.fix().unwrap(), Fixed::Applied { .. }), "6, which becomes 20, does not occur");
    let trap = Trap::new("CREATE TABLE t(d); INSERT INTO t VALUES (5), (6)", &[("t", "d")]).with(|e| e.sentinels = Some(vec!["20".into()]));
    assert_eq!(trap.stopped(), [ProblemCode::TakenId]);
}

/// Times stay: a trigger that notes one does not fire, and is named for what it is.
#[test]
fn t25_triggers_do_not_fire_and_are_named_by_what_they_do() {
    let sql = "CREATE TABLE log(d, x); CREATE TABLE c(d); CREATE TABLE t(d INT UNIQUE, changed TEXT DEFAULT 'then', n DEFAULT 0); INSERT INTO t(d) VALUES (5), (7); INSERT INTO c VALUES (5);
        CREATE TRIGGER a AFTER UPDATE ON t BEGIN UPDATE t SET changed = datetime('now') WHERE rowid = new.rowid; END;
        CREATE TRIGGER b AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (\"NEW\".d, 'u'); END;
        CREATE TRIGGER c AFTER DELETE ON t BEGIN DELETE FROM c WHERE d = old.d; UPDATE c SET d = 1 WHERE 0; END;
        CREATE TRIGGER d BEFORE INSERT ON t BEGIN UPDATE t SET n = n + 1; END;";
    for method in [Method::Walk, Method::Reinsert, Method::Copy] {
        let trap = Trap::new(sql, &[("t", "d"), ("c", "d")]);
        let before = trap.dump();
        let Fixed::Applied { plan, .. } = trap.run(|case| case.fix_by(Some(method))).unwrap() else { panic!("there is something to do") };
        let classes: Vec<_> = plan.triggers.iter().map(|t| (t.trigger.as_str(), t.class)).collect();
        let expected = [("a", TriggerClass::Time), ("b", TriggerClass::Copies), ("c", TriggerClass::Reference), ("d", TriggerClass::Other)];
        assert_eq!(classes, expected);
        assert_eq!(trap.ask("SELECT d, changed, n FROM t ORDER BY d"), ["5 'then' 0", "7 'then' 0"]);
        assert_eq!(trap.ask("SELECT count(*) FROM log"), ["0"]);
        trap.back(&before);
    }
}

/// One cell of a table that changes is another one than when the plan was made; be it a cell that no reference speaks of.
#[test]
fn t27_a_plan_is_stale_when_any_cell_of_its_tables_changed() {
    let trap =
        Trap::new("CREATE TABLE t(d INT, note); CREATE TABLE o(x); INSERT INTO t VALUES (5, 'a'), (7, 'b'), (NULL, 'c')", &[("t", "d")]);
    let hash = trap.run(|case| case.plan()).unwrap().hash;
    let fix = || trap.run(|case| remap::fix(&case.request(), Some(&hash)));
    for (change, back) in [
        ("UPDATE t SET note = 'x' WHERE rowid = 3", "UPDATE t SET note = 'c' WHERE rowid = 3"),
        ("UPDATE t SET note = CAST('a' AS BLOB) WHERE rowid = 1", "UPDATE t SET note = 'a' WHERE rowid = 1"),
        ("UPDATE t SET d = 6 WHERE rowid = 1", "UPDATE t SET d = 5 WHERE rowid = 1"),
        ("UPDATE t SET rowid = 9 WHERE rowid = 2", "UPDATE t SET rowid = 2 WHERE rowid = 9"),
        ("CREATE INDEX i ON t(note)", "DROP INDEX i"),
    ] {
        trap.dir.sql("data.db", change);
        let files = trap.dir.files();
        assert!(matches!(fix(), Err(RemapError::Stale { .. })), "{change}");
        assert_eq!(trap.dir.files(), files);
        trap.dir.sql("data.db", back);
    }
    // Mapping, policy and sentinels count too.
    let changes: [&dyn Fn(&mut Entry); 2] = [&|e| e.on_missing = OnMissing::Keep, &|e| e.sentinels = Some(vec!["5".into()])];
    for change in changes {
        let other = Trap::new(
            "CREATE TABLE t(d INT, note); CREATE TABLE o(x); INSERT INTO t VALUES (5, 'a'), (7, 'b'), (NULL, 'c')",
            &[("t", "d")],
        )
        .with(change);
        assert_ne!(other.run(|case| case.plan()).unwrap().hash, hash);
    }
    let (old, _) = states();
    let new = inventory("new", &[(7, "a.example"), (15, "b.example"), (20, "c.example")]);
    let declared = manifest(trap.entries.clone());
    let other = Case { dir: &trap.dir, manifest: &declared, old: Some(&old), new: &new };
    assert!(matches!(remap::fix(&other.request(), Some(&hash)), Err(RemapError::Stale { .. })), "another mapping");
    // What happens elsewhere does not.
    trap.dir.sql("data.db", "INSERT INTO o VALUES (1)");
    assert!(matches!(fix().unwrap(), Fixed::Applied { .. }));
}

/// Each trap of the list has a test that carries its number. Those of values, of undo and of locks stand in files of their own.
#[test]
fn every_trap_has_a_test() {
    let elsewhere = [7, 13, 14, 17, 28, 29, 30];
    let mut found = std::collections::BTreeSet::new();
    let root = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("tests"), root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().path().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(text.split("fn t").skip(1).filter_map(|rest| rest.split_once('_')?.0.parse::<u32>().ok()));
            }
        }
    }
    let missing: Vec<u32> = (1..=30).filter(|n| !found.contains(n) && !elsewhere.contains(n)).collect();
    assert_eq!(missing, Vec::<u32>::new());
}

/// A stored computed column may hold what another version of SQLite computed, or another declaration. To rewrite its row would change it.
#[test]
fn t09_a_stored_computed_value_that_would_change_is_refused_by_name() {
    for (id, refused) in [(5, true), (20, false)] {
        let dir = VarDir::new();
        dir.sql(
            "data.db",
            &format!(
                "CREATE TABLE t(id INT, x, s AS (x || '!') STORED); INSERT INTO t VALUES ({id}, 'old');
                 PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '!', '?'); PRAGMA writable_schema = RESET;
                 INSERT INTO t VALUES (5, 'new')"
            ),
        );
        let old = inventory("old", &[(5, "a.example"), (20, "e.example")]);
        let new = inventory("new", &[(7, "a.example"), (20, "e.example")]);
        let manifest = manifest(vec![entry("data.db", "t", "id", OnMissing::Fail)]);
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let (files, before) = (dir.files(), dump(&dir.connect("data.db")));
        if refused {
            let error = case.fix().unwrap_err().to_string();
            assert!(error.contains("column s of the row rowid 1 holds 'old!'") && error.contains("computes 'old?'"), "{error}");
            assert!(dir.files() == files);
            continue;
        }
        // In a row that stays it is nobody's concern, and stays too.
        assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
        let found = rows(&dir.connect("data.db"), "SELECT id, s FROM t ORDER BY rowid");
        let text = |t: &str| Cell::Text(t.as_bytes().to_vec());
        assert_eq!(found, [[Cell::Integer(20), text("old!")], [Cell::Integer(7), text("new?")]]);
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
        assert_eq!(dump(&dir.connect("data.db")), before);
    }
}
