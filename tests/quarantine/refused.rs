//! What keeps rows in quarantine, or in the data: told by name, and nothing is written.

use crate::model::Cell;
use crate::{Scene, number};

/// Everything is as it was, and `said` tells why.
fn stopped(scene: &Scene, code: i32, wanted: &[&str]) {
    let files = scene.dir.files();
    let said = scene.ends(code, "quarantine", &["--restore", "--panel", "again"]);
    assert!(wanted.iter().all(|w| said.contains(w)), "{said}");
    let left = scene.dir.files();
    assert_eq!(left.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
    assert!(left == files, "a file changed");
}

#[test]
fn a_key_that_is_taken_is_told_with_both_rows() {
    for (table, wanted) in [
        (
            "CREATE TABLE t(d INT, s TEXT COLLATE NOCASE, UNIQUE (d, s))",
            "the row rowid 1 of run 1 and the row rowid 2 would have the same key",
        ),
        (
            "CREATE TABLE t(d INT, s TEXT COLLATE NOCASE, PRIMARY KEY (s, d)) WITHOUT ROWID",
            "the row s 'A', d 12 of run 1 and the row s 'a', d 12 would have",
        ),
        ("CREATE TABLE t(d INTEGER PRIMARY KEY, s)", "the row d 12 of run 1 and the row d 12 would have the same key"),
        (
            "CREATE TABLE t(d INT, s); CREATE UNIQUE INDEX i ON t(abs(d), lower(s)) WHERE d > 0",
            "and the row rowid 2 would have the same key",
        ),
        ("CREATE TABLE t(d INT, s, UNIQUE (d) ON CONFLICT REPLACE)", "and the row rowid 2 would have the same key"),
    ] {
        let scene = Scene::new(&[("a.db", &format!("{table}; INSERT INTO t(d, s) VALUES (9, 'A')"))], &[("a.db", "t", "d", "")]);
        scene.gone_and_back();
        let rowid = if table.contains("INT,") && !table.contains("WITHOUT") {
            "INSERT INTO t(rowid, d, s) VALUES (2, 12, 'a')"
        } else {
            "INSERT INTO t(d, s) VALUES (12, 'a')"
        };
        scene.dir.sql("a.db", rowid);
        stopped(&scene, 1, &[wanted, "nothing was written"]);
        scene.dir.sql("a.db", "DELETE FROM t");
        scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
        assert_eq!(scene.rows("a.db", "SELECT d, s FROM t"), [vec![number(12), Cell::Text(b"A".to_vec())]], "{table}");
    }
}

/// A row may point at nothing if it did so before it was taken out, and then only.
#[test]
fn rows_that_would_point_at_nothing_are_told() {
    let sql = "CREATE TABLE p(d INTEGER PRIMARY KEY); CREATE TABLE t(k INTEGER PRIMARY KEY, d INT REFERENCES p); INSERT INTO t VALUES (1, 5), (2, 9), (3, 9)";
    let columns = [("a.db", "p", "d", ""), ("a.db", "t", "d", "")];
    // What points at nothing now is beside the point.
    for now in ["", "INSERT INTO t VALUES (7, 77), (8, 78)"] {
        let scene = Scene::new(&[("a.db", &format!("{sql}; INSERT INTO p VALUES (5)"))], &columns);
        scene.gone_and_back();
        scene.dir.sql("a.db", now);
        let before = scene.dump("a.db");
        scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
        assert_eq!(scene.rows("a.db", "SELECT count(*) FROM t WHERE d = 12"), [[number(2)]]);
        scene.ends(0, "undo", &[]);
        assert_eq!(scene.dump("a.db"), before);
    }
    let scene = Scene::new(&[("a.db", &format!("{sql}; INSERT INTO p VALUES (5), (9)"))], &columns);
    scene.gone_and_back();
    let files = scene.dir.files();
    let said = scene.ends(1, "quarantine", &["--restore", "--panel", "again", "--reference", "sqlite:t.d"]);
    assert!(said.contains("a.db: t → p (foreign key 0): 2 rows, where 0 did before: the rows would point at nothing"), "{said}");
    assert!(scene.dir.files() == files);
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
}

/// A row that pointed at nothing before the run and still does is no licence for another one.
#[test]
fn what_points_at_nothing_still_lets_nothing_else_do_so() {
    let sql = "CREATE TABLE p(k INTEGER PRIMARY KEY); CREATE TABLE t(k INTEGER PRIMARY KEY, d INT, p INT REFERENCES p);
        INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 5, 77), (2, 9, 1)";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    scene.dir.sql("a.db", "DELETE FROM p");
    let files = scene.dir.files();
    let said = scene.ends(1, "quarantine", &["--restore", "--panel", "again"]);
    assert!(said.contains("a.db: t → p (foreign key 0): 2 rows, where 1 did before: the rows would point at nothing"), "{said}");
    assert!(scene.dir.files() == files);
    scene.dir.sql("a.db", "INSERT INTO p VALUES (1)");
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
}

/// Rows of two runs that come back to the same key.
#[test]
fn rows_that_would_meet_each_other_are_told() {
    let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT UNIQUE, x); INSERT INTO t VALUES (9, 'first')")], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    // It came back, was used again, and went again.
    scene.dir.sql("a.db", "INSERT INTO t VALUES (12, 'second')");
    scene.ends(0, "fix", &["--new", "without"]);
    scene.ends(0, "fix", &["--new", "again"]);
    assert_eq!(scene.rows("a.db", "SELECT count(*) FROM t"), [[number(0)]]);
    stopped(&scene, 1, &["of run 3 and the row rowid 1, put back from run 1, would have the same key"]);
    scene.ends(0, "quarantine", &["--restore", "--panel", "again", "--run", "3"]);
    assert_eq!(scene.rows("a.db", "SELECT x FROM t"), [[Cell::Text(b"second".to_vec())]]);
}

#[test]
fn tables_that_are_others_now_are_refused_by_name() {
    for (change, wanted) in [
        ("DROP TABLE t", "a.db: t: the table is gone"),
        ("ALTER TABLE t DROP COLUMN x", "a.db: t: it has no column x any more"),
        ("ALTER TABLE t RENAME COLUMN d TO e", "it has no column d any more"),
        ("DROP TABLE t; CREATE VIEW t AS SELECT 1 AS d, 2 AS x", "it is no table with rows of its own any more"),
        ("CREATE VIRTUAL TABLE f USING fts4(x, content='t')", "the full-text index f is kept over this table and would not follow"),
        (
            "CREATE VIRTUAL TABLE f USING fts5(x); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO f(rowid, x) VALUES (new.rowid, new.x); END",
            "the trigger tr keeps the virtual table f",
        ),
        ("ALTER TABLE t ADD COLUMN y CHECK (y IS NOT NULL)", "cannot be put back: CHECK constraint failed"),
    ] {
        let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a')")], &[("a.db", "t", "d", "")]);
        scene.gone_and_back();
        scene.dir.sql("a.db", change);
        stopped(&scene, 1, &[wanted]);
    }
}

#[test]
fn a_column_that_came_since_gets_its_default() {
    let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a')")], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    scene.dir.sql("a.db", "ALTER TABLE t ADD COLUMN y DEFAULT 'new'");
    let before = scene.dump("a.db");
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
    assert_eq!(scene.rows("a.db", "SELECT y FROM t"), [[Cell::Text(b"new".to_vec())]]);
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.dump("a.db"), before);
}

#[test]
fn a_column_that_was_converted_takes_no_ids() {
    let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a'), (5, 'b')")], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    scene.ends(0, "convert", &["--panel", "again", "--write-manifest"]);
    stopped(&scene, 1, &["the column d was converted by run 3 and holds ids no longer"]);
    scene.ends(0, "undo", &[]);
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
}

/// A row comes back whole or not at all: every id in it counts.
#[test]
fn a_row_waits_for_each_of_its_objects() {
    let sql = "CREATE TABLE t(d INT, e INT, n INT, k INT); INSERT INTO t VALUES (9, 11, 11, 11), (9, 5, 11, 11), (9, 5, NULL, 5)";
    let columns = [
        ("a.db", "t", "d", ""),
        ("a.db", "t", "e", ""),
        ("a.db", "t", "n", "on-missing = \"null\""),
        ("a.db", "t", "k", "on-missing = \"keep\""),
    ];
    let scene = Scene::new(&[("a.db", sql)], &columns);
    scene.gone_and_back();
    let said = scene.ends(1, "quarantine", &["--restore", "--panel", "again"]);
    assert!(said.contains("the domain 11 (d.example) is not on the panel") && said.contains("2 rows put back"), "{said}");
    let found = scene.rows("a.db", "SELECT d, e, n, k FROM t");
    assert_eq!(found, [vec![number(12), number(7), Cell::Null, number(7)], vec![number(12), number(7), Cell::Null, number(11)]]);
}

/// An id that a policy keeps must not be taken for somebody else who has it now.
#[test]
fn a_kept_id_that_is_another_objects_now_holds_the_row_back() {
    let sql = "CREATE TABLE t(d INT, k INT); INSERT INTO t VALUES (9, 11)";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", ""), ("a.db", "t", "k", "on-missing = \"keep\"")]);
    scene.ends(0, "fix", &["--old", "before", "--new", "without"]);
    scene.panel("other", &[(7, "a.example"), (5, "b.example"), (12, "c.example"), (11, "new.example")]);
    scene.ends(0, "fix", &["--new", "other"]);
    let files = scene.dir.files();
    let said = scene.ends(1, "quarantine", &["--restore", "--panel", "other"]);
    assert!(said.contains("the domain 11 (d.example) is not on the panel"), "{said}");
    assert!(scene.dir.files() == files);
}

/// What was done with the rows since is not lost.
#[test]
fn undo_stops_where_rows_changed_since() {
    let sql = "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT, x); INSERT INTO t VALUES (1, 9, 'a'), (2, 9, 'b'), (3, 5, 'c'); CREATE TABLE c(k REFERENCES t(k))";
    let scene = Scene::new(&[("a.db", sql)], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
    scene.dir.sql("a.db", "UPDATE t SET x = 'mine' WHERE k = 1; DELETE FROM t WHERE k = 2");
    let files = scene.dir.files();
    for more in [&[][..], &["--accept-changes"]] {
        let said = scene.ends(1, "undo", more);
        assert!(said.contains("k 1: x is 'mine', the run put back 'a'") && said.contains("k 2: the row is gone"), "{said}");
        assert!(scene.dir.files() == files);
    }
    // Nor are rows left that point at nothing.
    scene.dir.sql("a.db", "UPDATE t SET x = 'a' WHERE k = 1; INSERT INTO t VALUES (2, 12, 'b'); INSERT INTO c VALUES (2)");
    let said = scene.ends(2, "undo", &[]);
    assert!(said.contains("would point at nothing"), "{said}");
    scene.dir.sql("a.db", "DELETE FROM c; UPDATE t SET x = 'other' WHERE k = 3; INSERT INTO t VALUES (9, 5, 'later')");
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.rows("a.db", "SELECT k FROM t"), [[number(3)], [number(9)]]);
}

/// What lies in the companion is believed only as long as it is what the run laid there.
#[test]
fn a_companion_that_was_tampered_with_is_refused() {
    for (change, wanted) in [
        ("UPDATE removed_1_0 SET c1 = 5", "was changed since run 1"),
        ("UPDATE quarantine SET columns = 'x'", "what run 1 put into quarantine"),
        ("UPDATE quarantine SET database = '../a.db'", "does not lie in the var directory"),
        ("UPDATE quarantine SET columns = replace(columns, 'domain', 'hologram')", "hologram"),
    ] {
        let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a')")], &[("a.db", "t", "d", "")]);
        scene.gone_and_back();
        scene.dir.sql("reguid.db", change);
        stopped(&scene, 2, &[wanted]);
    }
    let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a')")], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
    scene.dir.sql("reguid.db", "UPDATE restored_3_0 SET c0 = 77");
    let said = scene.ends(2, "undo", &[]);
    assert!(said.contains("the journal of run 3, was changed since the run"), "{said}");
}

/// Names alone prove nothing unless a person says so.
#[test]
fn an_object_that_was_made_anew_is_another_one() {
    let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a')")], &[("a.db", "t", "d", "")]);
    scene.ends(0, "fix", &["--old", "before", "--new", "without"]);
    // The same name, another GUID: `inventory` makes GUIDs of names, so a name that differs in its case alone has another one.
    scene.panel("other", &[(7, "a.example"), (5, "b.example"), (12, "C.example")]);
    scene.ends(0, "fix", &["--new", "other"]);
    let said = scene.ends(1, "quarantine", &["--restore", "--panel", "other"]);
    assert!(said.contains("12 has its name, and is another object"), "{said}");
}

/// A second program that holds the database.
#[test]
fn a_database_in_use_is_refused() {
    let scene = Scene::new(&[("a.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (9, 'a')")], &[("a.db", "t", "d", "")]);
    scene.gone_and_back();
    let files = scene.dir.files();
    let holder = scene.dir.connect("a.db");
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = scene.ends(2, "quarantine", &["--restore", "--panel", "again"]);
    assert!(said.contains("a.db"), "{said}");
    holder.execute_batch("ROLLBACK").unwrap();
    drop(holder);
    assert!(scene.dir.files() == files);
    scene.ends(0, "quarantine", &["--restore", "--panel", "again"]);
}
