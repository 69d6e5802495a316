//! Taking runs back after the extension went on: what was written since is seen, named, and translated where that is asked for. Names carry the number of the
//! guarantee or the trap where the lists have one.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::time::Duration;

use data::{Case, VarDir, dump, entry, inventory, manifest, rows, undo};
use model::Cell;
use reguid::panel::Inventory;
use reguid::panel::source::companion::CompanionError;
use reguid::reference::manifest::{Manifest, OnMissing, Store};
use reguid::remap::{self, Drift, Fixed, RemapError, Undo, Undone};

/// a and b change places, c stays, d moves to an id that nobody had, e is gone, f is new.
fn states() -> (Inventory, Inventory) {
    (
        inventory("old", &[(5, "a.example"), (7, "b.example"), (8, "c.example"), (10, "d.example"), (9, "e.example")]),
        inventory("new", &[(7, "a.example"), (5, "b.example"), (8, "c.example"), (20, "d.example"), (30, "f.example")]),
    )
}

const APPS: &str = "CREATE TABLE apps(id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id INT, note);
    INSERT INTO apps(domain_id, note) VALUES (5, 'a'), (7, 'b'), (8, 'c'), (5, 'a2'), (NULL, ''), (0, ''), (-1, '');";

fn apps(on_missing: OnMissing) -> Manifest {
    manifest(vec![entry("data.db", "apps", "domain_id", on_missing)])
}

/// A var directory made by `sql`, fixed.
fn fixed(sql: &str, manifest: &Manifest) -> VarDir {
    let dir = VarDir::new();
    dir.sql("data.db", sql);
    run(&dir, manifest);
    dir
}

fn run(dir: &VarDir, manifest: &Manifest) {
    let (old, new) = states();
    let done = Case { dir, manifest, old: Some(&old), new: &new }.fix().unwrap();
    assert!(matches!(done, Fixed::Applied { .. }), "{done:?}");
}

fn accepting(dir: &VarDir) -> Undone {
    remap::take_back(dir.path(), &Undo { run: None, accept_changes: true, patience: Duration::from_millis(50) }).unwrap()
}

/// What keeps the run from being taken back; no file changes.
fn drift(dir: &VarDir) -> Vec<Drift> {
    let files = dir.files();
    let Undone::Drifted { drift, .. } = undo(dir).unwrap() else { panic!("something changed since") };
    assert_eq!(dir.files(), files);
    drift
}

fn ids(dir: &VarDir) -> Vec<Vec<Cell>> {
    rows(&dir.connect("data.db"), "SELECT id, domain_id FROM apps ORDER BY id")
}

fn pairs(list: &[(i64, Option<i64>)]) -> Vec<Vec<Cell>> {
    list.iter().map(|(id, d)| vec![Cell::Integer(*id), d.map_or(Cell::Null, Cell::Integer)]).collect()
}

#[test]
fn g4_a_row_that_was_added_since_is_seen_and_translated_where_that_is_accepted() {
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    dir.sql("data.db", "INSERT INTO apps(domain_id, note) VALUES (7, 'new'), ('20', 'd')");
    let drift = drift(&dir);
    assert_eq!(drift.len(), 2);
    assert!(drift[0].detail.starts_with("id 8: domain_id is 7 (a.example), written since the run"), "{drift:?}");
    assert!(drift[0].detail.contains("that was 5 before the run") && drift[0].acceptable, "{drift:?}");
    let Undone::Done { changed: 5, since, .. } = accepting(&dir) else { panic!("it was accepted") };
    assert_eq!(since, drift);
    assert_eq!(
        ids(&dir),
        pairs(&[
            (1, Some(5)),
            (2, Some(7)),
            (3, Some(8)),
            (4, Some(5)),
            (5, None),
            (6, Some(0)),
            (7, Some(-1)),
            (8, Some(5)),
            (9, Some(10))
        ])
    );
    // The sequence went on and does not go back.
    assert_eq!(rows(&dir.connect("data.db"), "SELECT seq FROM sqlite_sequence"), [[Cell::Integer(9)]]);
}

#[test]
fn g4_a_cell_that_was_changed_in_a_row_that_the_run_left_alone_is_seen() {
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    dir.sql("data.db", "UPDATE apps SET domain_id = 20 WHERE id = 5");
    let drift = drift(&dir);
    assert!(drift.len() == 1 && drift[0].detail.contains("id 5: domain_id is 20"), "{drift:?}");
    accepting(&dir);
    assert_eq!(ids(&dir)[4], [Cell::Integer(5), Cell::Integer(10)]);
}

#[test]
fn g4_what_means_the_same_in_both_states_does_no_harm() {
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    let before = "INSERT INTO apps(domain_id) VALUES (8), (NULL), (0), (-1), ('all'), ('08'), (x'07'), (7.5)";
    dir.sql(
        "data.db",
        &format!("{before}; UPDATE apps SET domain_id = 8 WHERE id = 5; CREATE TABLE other(domain_id); INSERT INTO other VALUES (7)"),
    );
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { changed: 3, .. }));
    assert_eq!(ids(&dir)[..5], pairs(&[(1, Some(5)), (2, Some(7)), (3, Some(8)), (4, Some(5)), (5, Some(8))]));
}

#[test]
fn g4_an_id_without_a_past_is_named_and_stops_where_it_meant_another_object() {
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    // f.example came with the restore. Nothing had the id 30 before.
    dir.sql("data.db", "INSERT INTO apps(domain_id) VALUES (30)");
    let found = drift(&dir);
    assert!(
        found[0].detail.contains("30 (f.example)") && found[0].detail.contains("nothing had that id") && found[0].acceptable,
        "{found:?}"
    );
    // 9 and 10 were e.example and d.example: what was made since under these ids must not be taken for them.
    dir.sql("data.db", "INSERT INTO apps(domain_id) VALUES (9), (10)");
    let found = drift(&dir);
    assert_eq!(found.iter().map(|d| d.acceptable).collect::<Vec<_>>(), [false, false, true], "what stops comes first");
    assert!(found[0].detail.contains("e.example"), "{found:?}");
    let files = dir.files();
    assert!(matches!(accepting(&dir), Undone::Drifted { .. }));
    assert_eq!(dir.files(), files);
    dir.sql("data.db", "DELETE FROM apps WHERE domain_id IN (9, 10)");
    assert!(matches!(accepting(&dir), Undone::Done { changed: 4, .. }));
    assert_eq!(ids(&dir).last().unwrap()[1], Cell::Integer(30));
}

#[test]
fn g4_rows_that_a_policy_left_are_told_from_rows_that_came_since() {
    let schema = "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT); INSERT INTO apps VALUES (1, 5), (2, 9), (3, 99), (4, '9')";
    let dir = fixed(schema, &apps(OnMissing::Keep));
    let was = ids(&dir);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    run(&dir, &apps(OnMissing::Keep));
    assert_eq!(ids(&dir), was);
    // A row with a kept id that came since may mean somebody else; one that went away, or means nothing now, may not.
    dir.sql("data.db", "INSERT INTO apps VALUES (5, 9); DELETE FROM apps WHERE id = 3; UPDATE apps SET domain_id = NULL WHERE id = 4");
    let found = drift(&dir);
    assert!(found.len() == 1 && found[0].detail.starts_with("id 5: domain_id is 9 ") && !found[0].acceptable, "{found:?}");
    dir.sql("data.db", "DELETE FROM apps WHERE id = 5");
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert_eq!(ids(&dir), pairs(&[(1, Some(5)), (2, Some(9)), (4, None)]));
}

#[test]
fn g4_a_table_that_the_run_did_not_change_is_looked_at_too() {
    let two = manifest(vec![
        entry("data.db", "apps", "domain_id", OnMissing::Fail),
        entry("data.db", "jobs", "domain_id", OnMissing::Fail),
        entry("other.db", "jobs", "domain_id", OnMissing::Fail),
    ]);
    let dir = VarDir::new();
    dir.sql("other.db", "CREATE TABLE jobs(domain_id INT UNIQUE)");
    dir.sql("data.db", &format!("{APPS} CREATE TABLE jobs(domain_id INT UNIQUE)"));
    run(&dir, &two);
    for name in ["data.db", "other.db"] {
        dir.sql(name, "INSERT INTO jobs VALUES (7), (5)");
    }
    assert_eq!(drift(&dir).len(), 4);
    assert!(matches!(accepting(&dir), Undone::Done { .. }));
    for name in ["data.db", "other.db"] {
        let found = rows(&dir.connect(name), "SELECT domain_id FROM jobs ORDER BY rowid");
        assert_eq!(found, [[Cell::Integer(5)], [Cell::Integer(7)]], "translated at once, under UNIQUE");
    }
    // A place in a database that is gone holds no ids.
    for name in ["data.db", "other.db"] {
        dir.sql(name, "DELETE FROM jobs");
    }
    run(&dir, &two);
    std::fs::remove_file(dir.file("other.db")).unwrap();
    dir.sql("data.db", "DROP TABLE jobs");
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
}

#[test]
fn g4_keys_that_were_written_since_are_translated_with_the_rest() {
    for schema in
        ["INTEGER PRIMARY KEY, x)", "INT PRIMARY KEY, x) WITHOUT ROWID", "TEXT UNIQUE, x)", "INT, x TEXT, UNIQUE(domain_id, x)) STRICT"]
    {
        let one = manifest(vec![entry("data.db", "t", "domain_id", OnMissing::Fail)]);
        let dir = fixed(&format!("CREATE TABLE t(domain_id {schema}; INSERT INTO t VALUES (5, 'a'), (10, 'd')"), &one);
        let content = || rows(&dir.connect("data.db"), "SELECT CAST(domain_id AS INT), x FROM t ORDER BY 1");
        // b.example came since, and takes the id that a.example had.
        dir.sql("data.db", "INSERT INTO t VALUES (5, 'b'); UPDATE t SET domain_id = 8, x = 'c' WHERE domain_id = 20");
        assert_eq!(drift(&dir).len(), 2, "{schema}: {:?}", drift(&dir));
        let undone = accepting(&dir);
        assert!(matches!(undone, Undone::Done { .. }), "{schema}: {undone:?}");
        let expected = [(5, "a"), (7, "b"), (8, "c")].map(|(id, x)| vec![Cell::Integer(id), Cell::Text(x.into())]);
        assert_eq!(content(), expected, "{schema}");
    }
}

#[test]
fn g4_a_row_that_went_since_stays_away_where_that_is_accepted() {
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    dir.sql(
        "data.db",
        "DELETE FROM apps WHERE id = 1; UPDATE apps SET domain_id = 20 WHERE id = 2; UPDATE apps SET domain_id = 8 WHERE id = 4",
    );
    let found = drift(&dir);
    assert_eq!(found.len(), 3);
    assert!(found[0].detail == "id 1: the row is gone" && found.iter().all(|d| d.acceptable), "{found:?}");
    assert!(matches!(accepting(&dir), Undone::Done { changed: 2, .. }));
    assert_eq!(ids(&dir)[0], [Cell::Integer(2), Cell::Integer(10)]);
    assert_eq!(ids(&dir)[2], [Cell::Integer(4), Cell::Integer(8)]);
    // What the journal cannot know is not accepted.
    run(&dir, &apps(OnMissing::Fail));
    dir.sql("data.db", "ALTER TABLE apps RENAME COLUMN domain_id TO d");
    assert!(matches!(accepting(&dir), Undone::Drifted { drift, .. } if !drift[0].acceptable));
}

#[test]
fn g3_a_fix_after_an_undo_is_the_first_one_again() {
    let schema =
        format!("{APPS} CREATE TABLE k(domain_id INTEGER PRIMARY KEY AUTOINCREMENT, x); INSERT INTO k VALUES (5, 1), (7, 2), (10, 3)");
    let both = manifest(vec![entry("data.db", "apps", "domain_id", OnMissing::Fail), entry("data.db", "k", "domain_id", OnMissing::Fail)]);
    let dir = VarDir::new();
    dir.sql("data.db", &schema);
    let (old, new) = states();
    let case = Case { dir: &dir, manifest: &both, old: Some(&old), new: &new };
    let before = dump(&dir.connect("data.db"));
    let fix = || match case.fix().unwrap() {
        Fixed::Applied { plan, .. } => (plan.hash, dump(&dir.connect("data.db"))),
        other => panic!("{other:?}"),
    };
    let first = fix();
    for _ in 0..3 {
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
        assert_eq!(dump(&dir.connect("data.db")), before, "sqlite_sequence too");
        assert_eq!(fix(), first);
    }
    // Nothing of the runs that were taken back is left in the companion.
    let left = rows(&dir.connect("reguid.db"), "SELECT count(DISTINCT run) FROM pair");
    assert_eq!(left, [[Cell::Integer(1)]]);
}

#[test]
fn g12_a_journal_that_was_tampered_with_is_refused() {
    for (change, word) in [
        ("DROP TABLE journal_1_0", "is missing"),
        ("DELETE FROM journal_1_0 WHERE k0 = 1", "rows instead of"),
        ("UPDATE journal_1_0 SET o0 = 8 WHERE k0 = 1", "does not say"),
        ("UPDATE journal_1_0 SET o0 = '5' WHERE k0 = 1", "does not say"),
        ("ALTER TABLE journal_1_0 ADD COLUMN x", "columns instead of"),
        ("DROP TABLE removed_1_0", "is missing"),
        ("UPDATE removed_1_0 SET c1 = 5", "was changed since"),
        ("DELETE FROM removed_1_0", "rows instead of"),
        ("UPDATE journal SET columns = '[\"note\"]'", "other columns"),
        ("UPDATE place_kind SET kind = 'no-such-kind'", "no-such-kind"),
        ("DELETE FROM place_kind", "what the ids in data.db: apps.domain_id mean"),
        ("UPDATE object SET name = 'x.example' WHERE id = 5", "not what was recorded"),
        ("UPDATE run SET faults = '{'", "damaged"),
    ] {
        let dir = fixed(&format!("{APPS} INSERT INTO apps(domain_id) VALUES (9)"), &apps(OnMissing::DeleteRow));
        dir.sql("reguid.db", change);
        let files = dir.files();
        for accept_changes in [false, true] {
            let how = Undo { run: None, accept_changes, patience: Duration::ZERO };
            let error = remap::take_back(dir.path(), &how).unwrap_err();
            assert!(matches!(error, RemapError::Companion(CompanionError::Damaged { .. })), "{change}: {error}");
            assert!(error.to_string().contains(word), "{change}: {error}");
            assert_eq!(dir.files(), files, "{change}");
        }
    }
    // An address that leads to another row shows in that row.
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    dir.sql("reguid.db", "UPDATE journal_1_0 SET k0 = 3 WHERE k0 = 1");
    assert!(!drift(&dir).is_empty());
}

/// A place that the run did not change has no journal. What is known of it must not get lost in silence: ids written since would be overlooked there.
#[test]
fn g12_a_place_of_which_the_record_is_gone_is_not_passed_over() {
    let two = || manifest(vec![entry("data.db", "apps", "domain_id", OnMissing::Fail), entry("data.db", "quiet", "d", OnMissing::Fail)]);
    let dir = fixed(&format!("{APPS} CREATE TABLE quiet(d);"), &two());
    dir.sql("data.db", "INSERT INTO quiet VALUES (7)");
    assert!(drift(&dir).iter().any(|d| d.table == "quiet"), "an id written since is seen");
    dir.sql("reguid.db", "DELETE FROM place_kind WHERE table_name = 'quiet'");
    let files = dir.files();
    for accept_changes in [false, true] {
        let error = remap::take_back(dir.path(), &Undo { run: None, accept_changes, patience: Duration::ZERO }).unwrap_err();
        assert!(matches!(error, RemapError::Companion(CompanionError::Damaged { .. })), "{error}");
        assert!(error.to_string().contains("data.db: quiet.d"), "{error}");
        assert_eq!(dir.files(), files);
    }
}

/// A journal over a database that is not there is not taken for one over another; nor are rows that were left overlooked.
#[test]
fn g12_registers_that_were_tampered_with_are_refused() {
    let keeps = || apps(OnMissing::Keep);
    for (sql, manifest, change) in [
        (APPS.to_owned(), apps(OnMissing::Fail), "UPDATE journal SET database = 'other.db'"),
        (format!("{APPS} INSERT INTO apps(domain_id) VALUES (9)"), keeps(), "UPDATE kept SET columns = '['"),
    ] {
        let dir = fixed(&sql, &manifest);
        dir.sql("other.db", "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT)");
        assert!(!rows(&dir.connect("reguid.db"), &format!("SELECT 1 FROM {}", change.split(' ').nth(1).unwrap())).is_empty(), "{change}");
        dir.sql("reguid.db", change);
        let files = dir.files();
        for accept_changes in [false, true] {
            let done = remap::take_back(dir.path(), &Undo { run: None, accept_changes, patience: Duration::ZERO });
            assert!(!matches!(done, Ok(Undone::Done { .. })), "{change}: {done:?}");
            assert_eq!(dir.files(), files, "{change}");
        }
    }
}

#[test]
fn g12_companions_of_other_releases() {
    // A later format is refused, and nothing is touched.
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    dir.sql("reguid.db", "PRAGMA user_version = 2");
    let files = dir.files();
    let error = undo(&dir).unwrap_err();
    assert!(matches!(error, RemapError::Companion(CompanionError::Newer { version: 2, .. })), "{error}");
    assert_eq!(dir.files(), files);
    // An early release of this format kept no pairs: undo works, and says what it could not look for.
    let early = |dir: &VarDir| {
        dir.sql("reguid.db", "DROP TABLE pair; DROP TABLE place_kind; DROP TABLE kept; DROP TABLE seal; DROP TABLE pruned");
    };
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    early(&dir);
    let Undone::Done { warnings, .. } = undo(&dir).unwrap() else { panic!("nothing changed") };
    assert!(warnings[0].contains("earlier release") && warnings[0].contains("apps.domain_id"), "{warnings:?}");
    // And where a journalled row changed, it stops as it did.
    run(&dir, &apps(OnMissing::Fail));
    early(&dir);
    dir.sql("data.db", "DELETE FROM apps WHERE id = 1");
    assert!(!drift(&dir)[0].acceptable);
}

#[test]
fn a_pruned_run_stays_done_and_cannot_be_taken_back() {
    let dir = fixed(&format!("{APPS} INSERT INTO apps(domain_id) VALUES (9)"), &apps(OnMissing::Quarantine));
    let (old, new) = states();
    let (one, other) = (apps(OnMissing::Fail), apps(OnMissing::Fail));
    // A second run, back again.
    let back = Case { dir: &dir, manifest: &one, old: None, new: &old }.fix().unwrap();
    assert!(matches!(back, Fixed::Applied { run: 2, .. }), "{back:?}");
    let data = dump(&dir.connect("data.db"));
    let files = dir.files();
    let runs = remap::prunable(dir.path(), Some(1), true).unwrap();
    assert_eq!(dir.files(), files, "asking leaves no trace");
    assert_eq!(runs.iter().map(|r| (r.run, r.changed, r.removed)).collect::<Vec<_>>(), [(1, 3, 1)]);
    remap::prune(dir.path(), &runs, true, Duration::ZERO).unwrap();
    // The later run can still be taken back, the pruned one cannot.
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { run: 2, .. }));
    let error = undo(&dir).unwrap_err();
    assert!(matches!(&error, RemapError::NoRun { detail } if detail.contains("given up")), "{error}");
    assert!(matches!(remap::prunable(dir.path(), None, false), Err(RemapError::NoRun { .. })));
    let tables = rows(&dir.connect("reguid.db"), "SELECT name FROM sqlite_schema WHERE name LIKE '%/_1/_%' ESCAPE '/'");
    assert_eq!(tables, Vec::<Vec<Cell>>::new(), "no rows are left");
    // The data's date is still known.
    let again = Case { dir: &dir, manifest: &other, old: Some(&old), new: &new }.fix().unwrap();
    assert!(matches!(again, Fixed::Nothing { .. }), "{again:?}");
    let back = Case { dir: &dir, manifest: &one, old: None, new: &old }.fix().unwrap();
    assert!(matches!(back, Fixed::Applied { run: 3, .. }), "{back:?}");
    assert_eq!(dump(&dir.connect("data.db")), data);
}

#[test]
fn runs_are_taken_back_last_first_with_what_came_in_between() {
    let dir = fixed(APPS, &apps(OnMissing::Fail));
    let first = dump(&dir.connect("data.db"));
    let (_, new) = states();
    let third = inventory("third", &[(5, "a.example"), (8, "b.example"), (7, "c.example"), (20, "d.example"), (31, "f.example")]);
    dir.sql("data.db", "INSERT INTO apps(domain_id) VALUES (30)");
    let second = dump(&dir.connect("data.db"));
    let one = apps(OnMissing::Fail);
    let moved = Case { dir: &dir, manifest: &one, old: None, new: &third }.fix().unwrap();
    assert!(matches!(moved, Fixed::Applied { run: 2, .. }), "{moved:?}");
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { run: 2, .. }));
    assert_eq!(dump(&dir.connect("data.db")), second);
    assert_eq!(drift(&dir).len(), 1, "the row that came between the runs");
    dir.sql("data.db", "DELETE FROM apps WHERE domain_id = 30; UPDATE sqlite_sequence SET seq = 7");
    assert_eq!(dump(&dir.connect("data.db")), first);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { run: 1, .. }));
    let _ = new;
}

/// The same for ids that stand inside values.
#[test]
fn g4_ids_inside_values_that_were_written_since_are_seen_and_translated() {
    let mut inside = entry("data.db", "jobs", "payload", OnMissing::Keep);
    inside.store = Store::Column { database: "data.db".into(), table: "jobs".into(), column: "payload".into(), path: Some("$.d".into()) };
    let one = manifest(vec![inside]);
    let schema = "CREATE TABLE jobs(k INTEGER PRIMARY KEY, payload TEXT);
        INSERT INTO jobs VALUES (1, '{\"d\": 5, \"x\": 5}'), (2, '{\"d\": 8}'), (3, '{\"d\": 99}')";
    let dir = fixed(schema, &one);
    let payloads = || rows(&dir.connect("data.db"), "SELECT payload FROM jobs ORDER BY k");
    let text = |list: &[&str]| list.iter().map(|t| vec![Cell::Text((*t).into())]).collect::<Vec<_>>();
    assert_eq!(payloads()[0], text(&["{\"d\": 7, \"x\": 5}"])[0]);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    run(&dir, &one);
    dir.sql("data.db", "INSERT INTO jobs VALUES (4, '{\"d\": \"7\", \"x\": 7}'), (5, '{\"d\": 8}'), (6, '{\"x\": 7}'), (7, 'no json 7')");
    let found = drift(&dir);
    assert!(found.len() == 1 && found[0].detail.starts_with("k 4: payload is") && found[0].acceptable, "{found:?}");
    assert!(matches!(accepting(&dir), Undone::Done { .. }));
    assert_eq!(
        payloads(),
        text(&["{\"d\": 5, \"x\": 5}", "{\"d\": 8}", "{\"d\": 99}", "{\"d\": \"5\", \"x\": 7}", "{\"d\": 8}", "{\"x\": 7}", "no json 7",])
    );
}

/// Runs SQL while the text that declares something says `other` instead of `this`.
fn declared(dir: &VarDir, (this, other): (&str, &str), sql: &str) {
    let declare = |from: &str, to: &str| {
        format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}'); PRAGMA writable_schema = RESET"
        )
    };
    dir.sql("data.db", &format!("{}; {sql}; {}", declare(this, other), declare(other, this)));
}

/// Rows come back as they were, also where they broke a rule of their table before the run.
#[test]
fn g4_rows_that_broke_a_check_come_back() {
    for (key, on_missing) in [("", OnMissing::DeleteRow), ("UNIQUE", OnMissing::DeleteRow), ("", OnMissing::Quarantine)] {
        let sql = format!(
            "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT {key}, note CHECK (note > 3)); PRAGMA ignore_check_constraints = ON;
             INSERT INTO apps VALUES (1, 9, 1), (2, 5, 9), (3, 8, 4)"
        );
        let dir = VarDir::new();
        dir.sql("data.db", &sql);
        let before = dump(&dir.connect("data.db"));
        let manifest = apps(on_missing);
        run(&dir, &manifest);
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }), "{sql}");
        assert_eq!(dump(&dir.connect("data.db")), before, "{sql}");
    }
}

/// A rule that came since is told as what it is, and not as a row that came since.
#[test]
fn g4_a_rule_that_came_since_is_told() {
    let sql = "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT, note VARCHAR); INSERT INTO apps VALUES (1, 9, NULL), (2, 5, 'x')";
    let dir = fixed(sql, &apps(OnMissing::DeleteRow));
    dir.sql(
        "data.db",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'VARCHAR', 'VARCHAR NOT NULL'); PRAGMA writable_schema = RESET",
    );
    let files = dir.files();
    let Err(RemapError::NotBack { list }) = undo(&dir) else { panic!("a row holds NULL") };
    assert!(
        list.contains("data.db: apps: SQLite does not take a row again") && list.contains("NOT NULL constraint failed: apps.note"),
        "{list}"
    );
    assert!(dir.files() == files);
}

/// Columns that were in no key when the run changed them may be in one by now.
#[test]
fn g4_keys_that_came_since_hinder_nothing() {
    for index in [
        "CREATE UNIQUE INDEX i ON apps(domain_id)",
        "CREATE UNIQUE INDEX i ON apps(note, domain_id)",
        "CREATE UNIQUE INDEX i ON apps(domain_id + 1)",
    ] {
        let sql =
            "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT, note); INSERT INTO apps VALUES (1, 5, ''), (2, 7, ''), (3, 9, 'x')";
        let dir = VarDir::new();
        dir.sql("data.db", sql);
        let before = rows(&dir.connect("data.db"), "SELECT * FROM apps ORDER BY id");
        run(&dir, &apps(OnMissing::DeleteRow));
        dir.sql("data.db", index);
        let undone = undo(&dir).unwrap();
        assert!(matches!(undone, Undone::Done { .. }), "{index}: {undone:?}");
        assert_eq!(rows(&dir.connect("data.db"), "SELECT * FROM apps ORDER BY id"), before, "{index}");
        assert_eq!(rows(&dir.connect("data.db"), "PRAGMA integrity_check"), [[Cell::Text(b"ok".to_vec())]]);
    }
}

/// The extension's SQLite may compute something else than this one for a row that it wrote since.
#[test]
fn t09_a_stored_computed_value_that_was_written_since_is_told() {
    for key in ["", "UNIQUE"] {
        let sql = format!(
            "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT {key}, note, s AS (note || '!') STORED); INSERT INTO apps VALUES (1, 5, 'a'), (2, 8, 'b')"
        );
        let dir = fixed(&sql, &apps(OnMissing::Fail));
        declared(&dir, ("!", "?"), "UPDATE apps SET note = 'c' WHERE id = 2");
        declared(&dir, ("!", "?"), "UPDATE apps SET note = 'd' WHERE id = 1");
        let files = dir.files();
        let Err(RemapError::NotBack { list }) = undo(&dir) else { panic!("it would be computed anew") };
        assert!(list.contains("column s of the row id 1 holds 'd?'") && list.contains("computes 'd!'"), "{list}");
        assert!(dir.files() == files);
        // In a row that stays it is nobody's concern.
        dir.sql("data.db", "UPDATE apps SET note = 'd' WHERE id = 1");
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
        let found = rows(&dir.connect("data.db"), "SELECT domain_id, s FROM apps ORDER BY id");
        let text = |t: &str| Cell::Text(t.as_bytes().to_vec());
        assert_eq!(found, [[Cell::Integer(5), text("d!")], [Cell::Integer(8), text("c?")]]);
    }
}

/// Rows that were written since, and lack a column that came after them.
#[test]
fn t08_rows_that_lack_a_column_are_not_written_by_an_undo() {
    let mut places = apps(OnMissing::Fail);
    places.references.push(entry("data.db", "others", "d", OnMissing::Fail));
    let dir = fixed(&format!("{APPS}; CREATE TABLE others(k INTEGER PRIMARY KEY, d INT)"), &places);
    dir.sql("data.db", "INSERT INTO others VALUES (1, 8), (2, 7); ALTER TABLE others ADD COLUMN c DEFAULT 1.0");
    let files = dir.files();
    let how = Undo { run: None, accept_changes: true, patience: Duration::from_millis(50) };
    let Err(RemapError::NotBack { list }) = remap::take_back(dir.path(), &how) else { panic!("a row lacks the column") };
    assert!(
        list.contains("data.db: others: ") && list.contains("the row k 2 was made before") && list.contains("UPDATE others SET c = c"),
        "{list}"
    );
    assert!(dir.files() == files);
    dir.sql("data.db", "UPDATE others SET c = c WHERE k = 2");
    assert!(matches!(accepting(&dir), Undone::Done { .. }));
}
