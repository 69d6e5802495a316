//! Whether a run over tables in the panel's own database was done: the mark, the rows, and what a person says, on a real MariaDB.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/tables.rs"]
mod tables_of;

use std::fs;

use stores::{client, flat, said};
use tables_of::{CLEAR, ONE, afresh, again, interrupted, marks, only, rows};

/// Whether a run was done, its mark tells: rows that only change places, and rows that the extension wrote since, do not.
#[test]
fn a_mark_tells_what_was_done_whatever_was_written_since() {
    let two = |second: &str| format!("{ONE}[[reference]]\npanel-table = \"t\"\ncolumn = \"c\"\n{second}kind = \"client\"\n");
    let scene = only("", ONE);
    let all = || rows(&scene, "SELECT * FROM t ORDER BY d");
    // What stands beside tells nothing, or is named and stays.
    for (ddl, entries) in [
        (
            "CREATE TABLE t(d INT PRIMARY KEY, c INT); INSERT INTO t VALUES (5, 2), (7, NULL)",
            two("").replace("kind = \"client\"", "kind = \"client\"\non-missing = \"keep\""),
        ),
        (
            "CREATE TABLE t(d INT PRIMARY KEY, c TEXT); INSERT INTO t VALUES (5, '{\"o\":0,\"q\":\"A\"}'), (7, '{\"o\":0,\"q\":\"B\"}')",
            two("path = \"$.o\"\n"),
        ),
        ("CREATE TABLE t(d INT PRIMARY KEY, f INT); INSERT INTO t VALUES (5, 0), (7, 1)", ONE.to_owned()),
    ] {
        afresh(&scene);
        again(&scene, ddl, &entries);
        let before = all();
        scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "s.sql"]);
        assert!(flat(&scene.ends(2, "fix", &[])).contains("script was not run"), "{ddl}");
        assert!(client(&scene, "s.sql", &[]).status.success());
        let after = all();
        assert!(after != before && marks(&scene) == 1, "{ddl}");
        assert!(said(&client(&scene, "s.sql", &["--force"])).contains("nothing was changed"));
        assert_eq!(all(), after, "{ddl}");
        assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
        scene.ends(0, "undo", &[]);
        assert!(all() == before && marks(&scene) == 0, "{ddl}");
        fs::remove_file(scene.beside("s.sql")).unwrap();

        // The server lost its part of the run, which goes on with the next one.
        scene.ends(0, "fix", &[]);
        interrupted(&scene, false);
        scene.server.run("psa", &format!("DROP TABLE t; {ddl}; DELETE FROM ModuleSettings WHERE name LIKE 'reguid-run-%'"));
        scene.ends(0, "fix", &[]);
        assert!(all() == after && marks(&scene) == 1, "{ddl}");
        scene.ends(0, "undo", &[]);
        assert_eq!(all(), before, "{ddl}");
    }

    // One flag that flips, both so that one looks as before, and all.
    for (since, said) in [
        ("UPDATE t SET f = 1 WHERE d = 7", &[][..]),
        ("UPDATE t SET f = 2 WHERE d = 5; UPDATE t SET f = 1 WHERE d = 7", &["--panel-holds", "new"]),
        ("UPDATE t SET f = f + 10", &[]),
    ] {
        scene.ends(0, "fix", &[]);
        scene.server.run("psa", since);
        for command in ["fix", "undo"].into_iter().filter(|_| !said.is_empty()) {
            let told = flat(&scene.ends(2, command, &[]));
            assert!(
                told.contains("cannot be told for certain") && told.contains("t: 1 row is as before the run, 1 row is neither"),
                "{told}"
            );
        }
        assert!(scene.ends(0, "fix", said).contains("Nothing to do"), "{since}");
        let flags = |key: i32| rows(&scene, &format!("SELECT f FROM t WHERE d = {key}"));
        let (of_five, of_seven) = (flags(5), flags(7));
        scene.ends(0, "undo", said);
        assert_eq!((flags(7), flags(5)), (of_five, of_seven), "{since}");
        scene.server.run("psa", "UPDATE t SET f = 0 WHERE d = 5; UPDATE t SET f = 1 WHERE d = 7");
    }

    // A row that the extension wrote since, as it was before the run.
    afresh(&scene);
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5)", ONE);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE t SET d = 5");
    assert!(flat(&scene.ends(2, "fix", &[])).contains("the run's mark says that it changed the rows t: 1 row is as before the run"));
    assert!(scene.ends(0, "fix", &["--panel-holds", "new"]).contains("Nothing to do"));
    assert!(flat(&scene.ends(2, "undo", &["--accept-changes"])).contains("--panel-holds"));
    let told = flat(&scene.ends(1, "undo", &["--panel-holds", "new"]));
    assert!(told.contains("t i 1 is as it was before the run, and speaks of now"), "{told}");
    // What is domain 5 now was 7 before.
    scene.ends(0, "undo", &["--panel-holds", "new", "--accept-changes"]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t7\n");
}

/// An extension may clear all its settings, and the mark with them.
#[test]
fn where_the_mark_is_gone_the_rows_decide_or_the_run_stops() {
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 11);", ONE);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", CLEAR);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t5\n2\t11\n");

    again(&scene, "CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO t VALUES (5, 'five'), (7, 'seven')", ONE);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", CLEAR);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"), "the other columns tell");
    scene.server.run("psa", "UPDATE t SET n = CONCAT(n, ' since')");
    for command in ["fix", "undo"] {
        let told = flat(&scene.ends(2, command, &[]));
        assert!(told.contains("mark is not among the extension's settings t: 2 rows are neither"), "{told}");
    }
    assert!(scene.ends(0, "fix", &["--panel-holds", "new"]).contains("Nothing to do"));
    assert!(flat(&scene.ends(2, "fix", &["--panel-holds", "old"])).contains("as they were before run"));
    scene.ends(0, "undo", &["--panel-holds", "new"]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "5\tfive since\n7\tseven since\n");

    // An undo that is interrupted after the mark went is gone on with by what the rows tell.
    afresh(&scene);
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7), (3, 7)", ONE);
    scene.ends(0, "fix", &[]);
    interrupted(&scene, true);
    scene.server.run("psa", CLEAR);
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t5\n2\t7\n3\t7\n");

    // The table alone was put back: the mark says that the run was done, all rows that it was not.
    afresh(&scene);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE t SET d = IF(d = 5, 7, 5)");
    for command in ["fix", "undo"] {
        assert!(flat(&scene.ends(2, command, &[])).contains("says that it changed the rows t: 3 rows are as before the run"));
    }
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!((rows(&scene, "SELECT * FROM t").as_str(), marks(&scene)), ("1\t5\n2\t7\n3\t7\n", 0));

    // Settings that are told apart by their values do not mind the mark.
    fs::write(scene.manifest(), format!("{ONE}[[reference]]\nsetting = \"*Map\"\npath = \"$.{{client}}\"\n[[reference]]\nsetting = \"reguid*\"\npath = \"$.x\"\nkind = \"client\"\n")).unwrap();
    scene.ends(0, "fix", &[]);
    scene.ends(0, "verify", &[]);
}

/// A run whose changes in the panel's database were lost with the power, and a row that went before the next start.
#[test]
fn an_interrupted_run_is_finished_without_rows_that_went_since() {
    let fill = "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7), (3, 7)";
    let scene = only(&format!("{fill};"), ONE);
    scene.ends(0, "fix", &[]);
    let companion = reguid::sqlite::Connection::open(scene.var().join("reguid.db")).unwrap();
    companion.execute_batch("INSERT INTO unfinished VALUES (1, 1, 0, 1, 0)").unwrap();
    drop(companion);
    scene
        .server
        .run("psa", &format!("DROP TABLE t; {fill}; DELETE FROM t WHERE i = 2; DELETE FROM ModuleSettings WHERE name LIKE 'reguid-run-%'"));
    assert!(flat(&scene.ends(2, "plan", &[])).contains("was interrupted after its commit"));
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t7\n3\t5\n");
}

const TWO: &str = "CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO t VALUES (5, 'five'), (7, 'seven')";
const THREE: &str = "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7), (3, 8)";
const ALL: &str = "SELECT * FROM t ORDER BY 1";
const UNSURE: &str = "cannot be told for certain";

fn also(table: &str) -> String {
    format!("{ONE}[[reference]]\npanel-table = \"{table}\"\ncolumn = \"d\"\nkind = \"domain\"\n")
}

#[test]
fn each_table_is_held_against_the_mark() {
    // Ids of a key that change places, and one row that the extension sets to what it was.
    let scene = only(&format!("{TWO}; CREATE TABLE u(i INT PRIMARY KEY, d INT); INSERT INTO u VALUES (1, 8);"), &also("u"));
    let all = || rows(&scene, "SELECT * FROM t ORDER BY d; SELECT * FROM u");
    let before = all();
    scene.ends(0, "fix", &[]);
    let after = all();
    scene.server.run("psa", "UPDATE u SET d = 8");
    for command in ["fix", "plan", "undo"] {
        let told = flat(&scene.ends(2, command, &[]));
        assert!(told.contains(UNSURE) && told.contains("t: 2 rows are as after it u: 1 row is as before the run"), "{told}");
    }
    assert_eq!((all(), marks(&scene)), (after.replace("1\t9", "1\t8"), 1));
    // It was put back: what the run left is taken back, and the rest is as it was already.
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!((all(), marks(&scene)), (before.clone(), 0));
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), after);
    // A table alone was put back whose rows the run took out.
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    afresh(&scene);
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 13), (2, 13)", &removing);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "INSERT INTO t VALUES (1, 13), (2, 13)");
    assert!(flat(&scene.ends(2, "fix", &[])).contains("t: 2 rows are as before the run"));
    scene.server.run("psa", CLEAR);
    assert!(flat(&scene.ends(2, "fix", &[])).contains("it was put back, without the var directory"));
    scene.ends(0, "undo", &[]);
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, ALL), "");
}

#[test]
fn a_setting_does_not_outvote_the_rows() {
    let scene = only(
        &format!("{TWO}; INSERT INTO ModuleSettings VALUES (1, 'main', '8');"),
        &format!("{ONE}[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n"),
    );
    let main = || rows(&scene, "SELECT value FROM ModuleSettings WHERE name = 'main'");
    scene.ends(0, "fix", &[]);
    assert_eq!(main(), "9\n");
    scene.server.run("psa", "UPDATE ModuleSettings SET value = '8' WHERE name = 'main'");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    let told = flat(&scene.ends(1, "undo", &["--accept-changes"]));
    assert!(told.contains("main is as it was before the run: say which ids it holds, --panel-holds new or old"), "{told}");
    assert_eq!(rows(&scene, ALL), "5\tseven\n7\tfive\n");
    // Domain 8 of now was 6.
    scene.ends(0, "undo", &["--accept-changes", "--panel-holds", "new"]);
    assert_eq!((rows(&scene, ALL).as_str(), main().as_str()), ("5\tfive\n7\tseven\n", "6\n"));
    // One that is gone does not hold up the rest, nor one that holds another id.
    for since in ["DELETE FROM ModuleSettings WHERE name = 'main'", "UPDATE ModuleSettings SET value = '9' WHERE name = 'main'"] {
        scene.server.run("psa", "REPLACE INTO ModuleSettings VALUES (1, 'main', '5')");
        scene.ends(0, "fix", &[]);
        scene.server.run("psa", since);
        scene.ends(1, "undo", &[]);
        scene.ends(0, "undo", &["--accept-changes"]);
        assert_eq!(rows(&scene, ALL), "5\tfive\n7\tseven\n", "{since}");
    }
    assert_eq!(main(), "8\n");
}

#[test]
fn what_is_as_before_with_the_rows_was_not_written_since() {
    let with = |settings: &str| format!("{THREE}; INSERT INTO ModuleSettings VALUES {settings}");
    let entries = format!("{ONE}[[reference]]\nsetting = \"main*\"\nkind = \"domain\"\n");
    let all =
        |scene: &stores::Scene| rows(scene, "SELECT * FROM t; SELECT name, value FROM ModuleSettings WHERE name LIKE 'main%' ORDER BY 1");
    // A script that was never run; one setting was written since.
    let scene = only(&with("(1, 'main', '8'), (1, 'mainOther', '5')"), &entries);
    let before = all(&scene);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "never.sql"]);
    scene.ends(0, "undo", &[]);
    assert_eq!(all(&scene), before);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "never2.sql"]);
    scene.server.run("psa", "UPDATE ModuleSettings SET value = '11' WHERE name = 'mainOther'");
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("mainOther is '11', and was '7'") && !told.contains("main is"), "{told}");
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(all(&scene), before.replace("mainOther\t5", "mainOther\t11"));
    // The whole database was put back.
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &format!("DROP TABLE t; DELETE FROM ModuleSettings; {}", with("(1, 'main', '8'), (1, 'mainOther', '5')")));
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(told.contains("take the run back with reguid undo") && !told.contains("--panel-holds"), "{told}");
    // What is clear is not outvoted.
    scene.ends(0, "undo", &["--panel-holds", "new"]);
    assert_eq!(all(&scene), before);
}

#[test]
fn rows_with_ids_of_after_the_run_count_whatever_else_was_written_into_them() {
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT, seen INT); INSERT INTO t VALUES (1, 5, 0), (2, 7, 0), (3, 8, 0);
               CREATE TABLE u(i INT PRIMARY KEY, d INT); INSERT INTO u VALUES (1, 8);";
    for (clear, mark) in [(CLEAR, "is not among the extension's settings"), ("SELECT 1", "says that it changed the rows")] {
        let scene = only(ddl, &also("u"));
        let all = || rows(&scene, "SELECT i, d FROM t; SELECT * FROM u");
        let before = all();
        scene.ends(0, "fix", &[]);
        scene.server.run("psa", &format!("UPDATE t SET seen = 1; UPDATE u SET d = 8; {clear}"));
        for command in ["fix", "undo"] {
            let told = flat(&scene.ends(2, command, &[]));
            assert!(told.contains(mark) && told.contains("t: 3 rows are as after it u: 1 row is as before the run"), "{told}");
        }
        scene.ends(0, "undo", &["--panel-holds", "old"]);
        assert_eq!(all(), before, "{mark}");
    }
}

#[test]
fn without_the_mark_a_run_is_not_done_twice() {
    let scene = only(TWO, ONE);
    let after = "5\tseven\n7\tfive\n";
    // Interrupted after the server's commit, and the extension cleared its settings.
    scene.ends(0, "fix", &[]);
    interrupted(&scene, false);
    scene.server.run("psa", CLEAR);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert_eq!(rows(&scene, ALL), after);
    scene.ends(0, "undo", &[]);
    // A script that was run.
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "a.sql"]);
    assert!(client(&scene, "a.sql", &[]).status.success());
    scene.server.run("psa", CLEAR);
    assert!(scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "b.sql"]).contains("Nothing to do"));
    assert!(!scene.beside("b.sql").exists());
    assert_eq!(rows(&scene, ALL), after);
    // Two runs, and the database of before both: the last run's rows are neither.
    afresh(&scene);
    again(&scene, THREE, ONE);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "fix", &["--trust-old"]);
    scene.server.run("psa", &format!("DROP TABLE t; {THREE}; {CLEAR}"));
    for command in ["fix", "undo"] {
        assert!(flat(&scene.ends(2, command, &[])).contains(UNSURE));
    }
}

#[test]
fn a_mark_that_nobody_knows_stops_a_run() {
    let scene = only(THREE, ONE);
    // The companion is lost.
    scene.ends(0, "fix", &[]);
    fs::remove_file(scene.var().join("reguid.db")).unwrap();
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(
        told.contains("a run that is not known here, or was taken back, rewrote rows") && told.contains("put back the reguid.db"),
        "{told}"
    );
    scene.ends(0, "fix", &["--trust-old"]);
    // A script is run whose run was taken back.
    afresh(&scene);
    again(&scene, THREE, ONE);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "late.sql"]);
    scene.ends(0, "undo", &[]);
    assert!(client(&scene, "late.sql", &[]).status.success());
    assert!(flat(&scene.ends(2, "fix", &[])).contains("a run that is not known here, or was taken back, rewrote rows"));
    // A run whose rows are all gone leaves no such mark behind, nor one that cannot be taken back any more.
    afresh(&scene);
    again(&scene, THREE, ONE);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "DELETE FROM t");
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(marks(&scene), 0);
    scene.server.run("psa", "INSERT INTO t VALUES (1, 5)");
    scene.ends(0, "fix", &[]);
    let prune =
        std::process::Command::new(env!("CARGO_BIN_EXE_reguid")).args(["undo", "--prune", "--yes"]).arg(scene.var()).output().unwrap();
    assert!(prune.status.success(), "{}", said(&prune));
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
}

#[test]
fn an_interrupted_undo_is_told_by_the_mark_that_it_turned() {
    let scene = only(TWO, ONE);
    let before = rows(&scene, ALL);
    scene.ends(0, "fix", &[]);
    let kept = fs::read(scene.var().join("reguid.db")).unwrap();
    let mark = rows(&scene, "SELECT name FROM ModuleSettings WHERE name LIKE 'reguid-run-%'");
    scene.ends(0, "undo", &[]);
    // After the server's commit, before ours.
    fs::write(scene.var().join("reguid.db"), kept).unwrap();
    interrupted(&scene, true);
    scene.server.run("psa", &format!("INSERT INTO ModuleSettings VALUES (1, '{}', 'taken back: by undo')", mark.trim()));
    let told = scene.ends(0, "undo", &[]);
    assert!(told.contains("an undo that was interrupted was finished"), "{told}");
    assert_eq!((rows(&scene, ALL), marks(&scene)), (before, 0));
}

#[test]
fn a_person_says_what_the_rows_of_an_interrupted_run_hold() {
    // The server lost its part, and somebody put one row right by hand.
    let lost = format!("DROP TABLE t; {THREE}; {CLEAR}; UPDATE t SET d = 9 WHERE i = 3");
    for (holds, rest) in [("old", "1\t7\n2\t5\n3\t9\n"), ("new", "1\t5\n2\t7\n3\t9\n")] {
        let scene = only(THREE, ONE);
        scene.ends(0, "fix", &[]);
        interrupted(&scene, false);
        scene.server.run("psa", &lost);
        for command in ["fix", "undo"] {
            let told = flat(&scene.ends(2, command, &[]));
            assert!(told.contains(UNSURE) && told.contains("--panel-holds old"), "{told}");
        }
        assert!(scene.ends(0, "fix", &["--panel-holds", holds]).contains("Nothing to do"), "{holds}");
        assert_eq!(rows(&scene, ALL), rest, "{holds}");
    }
    // It kept its part, and the table was put back alone.
    let scene = only(THREE, ONE);
    scene.ends(0, "fix", &[]);
    interrupted(&scene, false);
    scene.server.run("psa", &format!("DROP TABLE t; {THREE}"));
    assert!(flat(&scene.ends(2, "fix", &[])).contains(UNSURE));
    scene.ends(0, "fix", &["--panel-holds", "old"]);
    assert_eq!((rows(&scene, ALL).as_str(), marks(&scene)), ("1\t7\n2\t5\n3\t9\n", 1));
    // A document in which the extension wrote something else meanwhile.
    let json = "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\npath = \"$.d\"\nkind = \"domain\"\n";
    afresh(&scene);
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d TEXT); INSERT INTO t VALUES (1, '{\"d\":5}'), (2, '{\"d\":7}')";
    again(&scene, ddl, json);
    scene.ends(0, "fix", &[]);
    interrupted(&scene, false);
    scene.server.run("psa", &format!("DROP TABLE t; {ddl}; {CLEAR}; UPDATE t SET d = '{{\"d\":5,\"n\":1}}' WHERE i = 1"));
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(told.contains("t i 1: d is") && told.contains("rows that somebody wrote since stay as they are"), "{told}");
    let told = flat(&scene.ends(2, "fix", &["--panel-holds", "old"]));
    assert!(told.contains("run 1 is finished as far as could be") && told.contains("t i 1 "), "{told}");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert_eq!(rows(&scene, ALL), "1\t{\"d\":5,\"n\":1}\n2\t{\"d\":5}\n");
}

#[test]
fn scripts_that_take_a_run_back() {
    let scene = only(TWO, ONE);
    let before = rows(&scene, ALL);
    // Rows that change places.
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "a.sql"]);
    assert!(flat(&scene.ends(2, "fix", &["--emit", "sql", "--emit-to", "none.sql"])).contains("the script that takes it back was not run"));
    assert!(!scene.beside("none.sql").exists());
    assert!(client(&scene, "a.sql", &[]).status.success());
    assert_eq!(rows(&scene, ALL), before);
    assert!(said(&client(&scene, "a.sql", &["--force"])).contains("nothing was changed"));
    scene.ends(0, "fix", &[]);
    assert_eq!(
        rows(&scene, "SELECT COUNT(*) FROM ModuleSettings WHERE name LIKE 'reguid-run-%'"),
        "1\n",
        "what was taken back leaves no mark"
    );
    // The settings were cleared before it was run, and a row was written after it.
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "b.sql"]);
    scene.server.run("psa", CLEAR);
    assert!(flat(&scene.ends(2, "fix", &[])).contains("was not run"));
    assert!(client(&scene, "b.sql", &[]).status.success());
    assert_eq!(rows(&scene, ALL), before);
    scene.server.run("psa", "UPDATE t SET n = 'since'");
    scene.ends(0, "fix", &[]);
    // A row went, and one holds another id: the script is of the rest.
    afresh(&scene);
    again(&scene, THREE, ONE);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "DELETE FROM t WHERE i = 3; UPDATE t SET d = 9 WHERE i = 2");
    scene.ends(0, "undo", &["--accept-changes", "--emit", "sql", "--emit-to", "c.sql"]);
    let output = client(&scene, "c.sql", &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(rows(&scene, ALL), "1\t5\n2\t8\n");
    // It is run although reguid did it in the meantime.
    afresh(&scene);
    again(&scene, TWO, ONE);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "late.sql"]);
    scene.ends(0, "undo", &[]);
    assert!(said(&client(&scene, "late.sql", &["--force"])).contains("nothing was changed"));
    assert_eq!(rows(&scene, ALL), before);
    // What a script cannot do is said before.
    for (ddl, why) in [
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d INT, m TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP); INSERT INTO t VALUES (1, 5, NULL)",
            "the column m is set to the time of each change",
        ),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d TINYINT UNIQUE); INSERT INTO t VALUES (1, 5), (2, 7)",
            "may have no room for rows that stand aside",
        ),
    ] {
        afresh(&scene);
        again(&scene, ddl, ONE);
        let (whole, fixed) = (rows(&scene, ALL), flat(&scene.ends(2, "fix", &["--emit", "sql", "--emit-to", "d.sql"])));
        assert!(fixed.contains(why) && rows(&scene, ALL) == whole, "{fixed}");
        scene.ends(0, "fix", &[]);
        let told = flat(&scene.ends(2, "undo", &["--emit", "sql", "--emit-to", "d.sql"]));
        assert!(told.contains(why), "{told}");
        scene.ends(0, "undo", &[]);
        assert_eq!(rows(&scene, ALL), whole);
    }
    // A trigger for what the script does not do is none of its business.
    afresh(&scene);
    again(&scene, &format!("{THREE}; CREATE TRIGGER quiet BEFORE INSERT ON t FOR EACH ROW SET NEW.d = 1"), ONE);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "e.sql"]);
    assert!(said(&client(&scene, "e.sql", &[])).contains("3 rows changed"));
}

#[test]
fn what_could_not_be_looked_into_was_not_written_since() {
    let entries = "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\npath = \"$.a\"\nkind = \"domain\"\n";
    // The length of the second text is wrong.
    let broken = r#"a:2:{s:1:"a";i:5;s:1:"b";s:9:"x";}"#;
    let scene =
        only(&format!("CREATE TABLE t(i INT PRIMARY KEY, d TEXT); INSERT INTO t VALUES (1, '{broken}'), (2, '{{\"a\":5}}')"), entries);
    let before = rows(&scene, ALL);
    assert!(flat(&scene.ends(1, "fix", &[])).contains("cannot be looked into: t i 1"));
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, ALL), before);
}

#[test]
fn values_that_servers_show_otherwise_than_they_keep_them() {
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT, z DECIMAL(8, 2) ZEROFILL); INSERT INTO t VALUES (1, 5, 1.5), (2, 13, 2.49)";
    let scene = only(ddl, &removing);
    let before = rows(&scene, ALL);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, ALL), before);
    // 5.40 is no id.
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d DECIMAL(8, 2) ZEROFILL); INSERT INTO t VALUES (1, 5.4)", ONE);
    assert!(flat(&scene.ends(1, "fix", &[])).contains("000005.40"));
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d INT, e ENUM('a', '')); INSERT INTO t VALUES (1, 13, 'a')", &removing);
    assert!(flat(&scene.ends(2, "fix", &[])).contains("the column e (enum('a','')) could not be put back as it was"));
    // Keys that differ in case alone, to which the server is blind where they stand beside others.
    again(&scene, "CREATE TABLE t(n VARCHAR(20), d INT, PRIMARY KEY (n, d)); INSERT INTO t VALUES ('info', 5), ('Info', 7)", ONE);
    for emit in [false, true] {
        if emit {
            scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "case.sql"]);
            let output = client(&scene, "case.sql", &[]);
            assert!(output.status.success(), "{}", said(&output));
        } else {
            scene.ends(0, "fix", &[]);
        }
        assert_eq!(rows(&scene, "SELECT n, d FROM t ORDER BY d"), "Info\t5\ninfo\t7\n");
        scene.ends(0, "undo", &[]);
    }
    // The server's own mode does not change what is read.
    scene.server.run("psa", "SET GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'");
    again(&scene, "CREATE TABLE t(i CHAR(9) PRIMARY KEY, d CHAR(9)); INSERT INTO t VALUES ('a', '5'), ('b', '7')", ONE);
    scene.ends(0, "fix", &[]);
    assert!(scene.ends(0, "verify", &[]).contains("Every reference resolves"));
}

/// A second table, of rows that the run took out.
#[test]
fn rows_that_were_taken_out_come_back_whatever_the_others_hold() {
    let entries = format!("{ONE}on-missing = \"delete-row\"\n[[reference]]\npanel-table = \"u\"\ncolumn = \"d\"\nkind = \"domain\"\n");
    let out = "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 13), (3, 13);
               CREATE TABLE u(i INT PRIMARY KEY, d INT); INSERT INTO u VALUES (1, 8);";
    let scene = only(out, &entries);
    let all = || rows(&scene, "SELECT * FROM t; SELECT 'u', u.* FROM u");
    let before = all();
    // One table was put back alone.
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE u SET d = 8");
    assert!(flat(&scene.ends(2, "undo", &[])).contains(UNSURE));
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(all(), before);
    // The settings were cleared, and of the other table nothing tells.
    scene.server.run("psa", "DELETE FROM t WHERE i = 1");
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &format!("UPDATE u SET d = 8; {CLEAR}"));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before.replace("1\t5\n", ""));
}

#[test]
fn a_table_that_was_put_back_and_written_since() {
    let four = "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7), (3, 8), (4, 5)";
    let scene = only(four, ONE);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &format!("DROP TABLE t; {four}; UPDATE t SET d = 7 WHERE i = 4"));
    assert!(flat(&scene.ends(2, "fix", &[])).contains("t: 3 rows are as before the run, 1 row is as after it"));
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(rows(&scene, ALL), "1\t5\n2\t7\n3\t8\n4\t5\n");
    // A dump that is older than the run: what is only in it was not written since.
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &format!("DROP TABLE t; {four}; INSERT INTO t VALUES (9, 8); {CLEAR}"));
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, ALL), "1\t5\n2\t7\n3\t8\n4\t5\n9\t8\n");
}

#[test]
fn what_was_written_into_a_row_of_the_run_is_taken_back_with_it() {
    let entries = format!("{ONE}on-missing = \"keep\"\n[[reference]]\npanel-table = \"t\"\ncolumn = \"c\"\nkind = \"client\"\n");
    // The key changes places, and stands beside another id.
    let scene = only("CREATE TABLE t(d INT PRIMARY KEY, c INT); INSERT INTO t VALUES (5, 3), (7, 4), (13, 3);", &entries);
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, ALL), "5\t6\n7\t2\n13\t2\n");
    scene.server.run("psa", "UPDATE t SET c = 6 WHERE d IN (7, 13)");
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("t d 7: c is '6', and was '2'") && told.contains("--accept-changes"), "{told}");
    scene.ends(0, "undo", &["--accept-changes"]);
    // Domain 13 was kept, and nobody wrote it since.
    assert_eq!(rows(&scene, ALL), "5\t4\n7\t4\n13\t4\n");
    // A chain, of which the first row holds another id, and settings likewise.
    let names = "[[reference]]\nsetting-key = \"st-{domain}\"\n[[reference]]\nsetting = \"st-*\"\nkind = \"client\"\n";
    afresh(&scene);
    again(&scene, "CREATE TABLE t(d INT PRIMARY KEY, c INT); INSERT INTO t VALUES (6, 3), (8, 4)", &format!("{entries}{names}"));
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'st-6', '3'), (1, 'st-8', '4')");
    let settings = || rows(&scene, "SELECT name, value FROM ModuleSettings WHERE name LIKE 'st-%' ORDER BY 1");
    scene.ends(0, "fix", &[]);
    assert_eq!((rows(&scene, ALL).as_str(), settings().as_str()), ("8\t2\n9\t6\n", "st-8\t2\nst-9\t6\n"));
    scene.server.run("psa", "UPDATE t SET c = 6 WHERE d = 8; UPDATE ModuleSettings SET value = '6' WHERE name = 'st-8'");
    scene.ends(1, "undo", &[]);
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!((rows(&scene, ALL).as_str(), settings().as_str()), ("6\t4\n8\t4\n", "st-6\t4\nst-8\t4\n"));
}

#[test]
fn what_came_into_the_way_of_an_interrupted_run() {
    // A row has the key that one of the run is to get.
    let scene = only("CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO t VALUES (8, 'eight'), (5, 'five')", ONE);
    scene.ends(0, "fix", &[]);
    interrupted(&scene, false);
    scene
        .server
        .run("psa", &format!("UPDATE t SET d = 8 WHERE d = 9; UPDATE t SET d = 5 WHERE d = 7; INSERT INTO t VALUES (9, 'new'); {CLEAR}"));
    scene.ends(2, "fix", &[]);
    assert!(flat(&scene.ends(2, "fix", &["--panel-holds", "old"])).contains("they are as they were: t d 8 "));
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, ALL), "7\tfive\n8\teight\n9\tnew\n");
    // A row has the key of one that an undo puts back; a setting of the run is as after it.
    afresh(&scene);
    let removing = format!("{ONE}on-missing = \"delete-row\"\n[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n");
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 13)", &removing);
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'main', '8')");
    scene.ends(0, "fix", &[]);
    interrupted(&scene, true);
    scene.server.run("psa", "INSERT INTO t VALUES (2, 9); UPDATE ModuleSettings SET value = '8' WHERE name = 'main'");
    let told = flat(&scene.ends(2, "undo", &[]));
    assert!(told.contains("t i 2 is there, and was not"), "{told}");
    assert!(flat(&scene.ends(2, "undo", &["--panel-holds", "new"])).contains("they are as they were: t i 2 "));
    assert_eq!(rows(&scene, "SELECT * FROM t; SELECT value FROM ModuleSettings WHERE name = 'main'"), "1\t5\n2\t9\n8\n");
}

#[test]
fn a_back_script_that_was_run_says_nothing_of_what_comes_then() {
    let scene = only(TWO, ONE);
    let before = rows(&scene, ALL);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "fix", &["--trust-old"]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "second.sql"]);
    assert!(client(&scene, "second.sql", &[]).status.success());
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, ALL), before);
    scene.server.run("psa", CLEAR);
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, ALL), "5\tseven\n7\tfive\n");
    // An older companion beside rows of a later run.
    let older = fs::read(scene.var().join("reguid.db")).unwrap();
    scene.ends(0, "fix", &["--trust-old"]);
    fs::write(scene.var().join("reguid.db"), older).unwrap();
    for command in ["fix", "undo"] {
        assert!(flat(&scene.ends(2, command, &[])).contains("a run that is not known here, or was taken back, rewrote rows"));
    }
}

/// Ids that were written since a run that changed a setting alone, in keys that change places.
#[test]
fn rows_that_were_written_since_are_not_taken_back_twice() {
    let entries = format!("{ONE}[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n");
    let scene = only("CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO ModuleSettings VALUES (1, 'main', '8')", &entries);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "INSERT INTO t VALUES (5, 'five of now'), (7, 'seven of now')");
    let kept = fs::read(scene.var().join("reguid.db")).unwrap();
    scene.ends(0, "undo", &["--accept-changes"]);
    let after = "5\tseven of now\n7\tfive of now\n";
    assert_eq!((rows(&scene, ALL).as_str(), marks(&scene)), (after, 0));
    drop(kept);
}

#[test]
fn rows_that_are_to_come_back_are_not_forgotten() {
    let removing =
        format!("{ONE}on-missing = \"delete-row\"\n[[reference]]\nsetting-key = \"st-{{domain}}\"\non-missing = \"delete-row\"\n");
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 13), (2, 13)";
    let scene = only(&format!("{ddl}; INSERT INTO ModuleSettings VALUES (1, 'st-13', 'a'), (1, 'st-18', 'b')"), &removing);
    let all = || rows(&scene, "SELECT * FROM t; SELECT name, value FROM ModuleSettings WHERE name LIKE 'st-%' ORDER BY 1");
    let before = all();
    // An undo that was interrupted before the server's commit, and the mark is gone.
    scene.ends(0, "fix", &[]);
    interrupted(&scene, true);
    scene.server.run("psa", CLEAR);
    assert!(scene.ends(0, "undo", &[]).contains("an undo that was interrupted was finished"));
    assert_eq!(all(), before);
    // A script that is to take the run back, and was not run.
    afresh(&scene);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "back.sql"]);
    scene.server.run("psa", CLEAR);
    assert!(flat(&scene.ends(2, "fix", &[])).contains("the script that takes it back was not run"));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);
    // A fix that was interrupted, and one of the rows went in the meantime.
    scene.ends(0, "fix", &[]);
    interrupted(&scene, false);
    scene.server.run(
        "psa",
        &format!("DROP TABLE t; {ddl}; DELETE FROM t WHERE i = 1; {CLEAR}; REPLACE INTO ModuleSettings VALUES (1, 'st-13', 'a'), (1, 'st-18', 'b')"),
    );
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);
    // The table is back already.
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &format!("DROP TABLE t; {ddl}"));
    scene.ends(2, "undo", &[]);
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(all(), before);
}

/// A setting of the run that is as it is to be says nothing of rows that only get other keys.
#[test]
fn what_is_done_already_does_not_stand_for_the_rest() {
    let entries = format!("{ONE}[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n");
    let with = |value: i32| format!("REPLACE INTO ModuleSettings VALUES (1, 'main', '{value}')");
    let scene = only(&format!("{TWO}; {}", with(8)), &entries);
    let all = || rows(&scene, "SELECT * FROM t ORDER BY d; SELECT value FROM ModuleSettings WHERE name = 'main'");
    let before = all();
    scene.ends(0, "fix", &[]);
    let after = all();
    // An interrupted undo, and the extension sets the setting to what it was.
    interrupted(&scene, true);
    scene.server.run("psa", &with(8));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);
    // The same of a fix, and of what was left to a script.
    afresh(&scene);
    scene.ends(0, "fix", &[]);
    interrupted(&scene, false);
    scene.server.run("psa", &format!("DROP TABLE t; {TWO}; {CLEAR}"));
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), after);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "later.sql"]);
    scene.server.run("psa", &with(8));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);
}

/// Names of settings that hold the same, in a chain.
#[test]
fn settings_that_look_the_same_are_taken_together() {
    let names = "[[reference]]\nsetting-key = \"st-{domain}\"\n";
    let scene = only("INSERT INTO ModuleSettings VALUES (1, 'st-6', 'on'), (1, 'st-8', 'on'), (1, 'st-9', 'on')", names);
    let all = || rows(&scene, "SELECT name, value FROM ModuleSettings WHERE name LIKE 'st-%' ORDER BY 1");
    let before = all();
    let left = |undo: bool| {
        let companion = reguid::sqlite::Connection::open(scene.var().join("reguid.db")).unwrap();
        companion.execute("INSERT INTO unfinished VALUES (1, (SELECT max(run) FROM setting_change), ?1, 1, 0)", [undo]).unwrap();
    };
    scene.ends(0, "fix", &[]);
    let after = all();
    assert_ne!(after, before);
    left(false);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert_eq!(all(), after);
    left(true);
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);
}

#[test]
fn a_row_of_which_nothing_tells_which_it_is_stops_an_undo() {
    let scene = only(
        "CREATE TABLE t(d INT PRIMARY KEY, st INT); INSERT INTO t VALUES (5, 0), (7, 1); CREATE TABLE u(i INT PRIMARY KEY, d INT); INSERT INTO u VALUES (1, 8);",
        &also("u"),
    );
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE t SET st = st + 10; UPDATE u SET d = 8");
    assert!(flat(&scene.ends(2, "undo", &[])).contains("t: 2 rows are neither u: 1 row is as before the run"));
    // It may be the row of before or of after the run: the other table's word does not count for it.
    let told = flat(&scene.ends(1, "undo", &["--panel-holds", "old", "--accept-changes"]));
    assert!(told.contains("t d 5 was written since, and nothing tells whether it has the key of before the run or of after it"), "{told}");
    scene.server.run("psa", "UPDATE u SET d = 9");
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, "SELECT * FROM t ORDER BY d; SELECT * FROM u"), "5\t10\n7\t11\n1\t8\n");
}

#[test]
fn what_was_written_into_a_database_that_was_put_back() {
    let entries = format!("{ONE}[[reference]]\npanel-table = \"t\"\ncolumn = \"c\"\nkind = \"client\"\n");
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT, c INT); INSERT INTO t VALUES (1, 5, 3), (2, 7, 3)";
    let scene = only(ddl, &entries);
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, ALL), "1\t7\t2\n2\t5\t2\n");
    // Client 6 of now was 4; what stands beside was put back, and nobody wrote it.
    scene.server.run("psa", &format!("DROP TABLE t; {ddl}; {CLEAR}; UPDATE t SET c = 6 WHERE i = 1"));
    scene.ends(1, "undo", &[]);
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, ALL), "1\t5\t4\n2\t7\t3\n");
}

#[test]
fn a_script_that_takes_back_is_of_no_use_after_reguid_did_it_however_that_ended() {
    let scene = only(TWO, ONE);
    let before = rows(&scene, ALL);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "a.sql"]);
    let kept = fs::read(scene.var().join("reguid.db")).unwrap();
    scene.ends(0, "undo", &[]);
    // It was interrupted after the server's commit.
    fs::write(scene.var().join("reguid.db"), kept).unwrap();
    let companion = reguid::sqlite::Connection::open(scene.var().join("reguid.db")).unwrap();
    companion.execute_batch("UPDATE setting_run SET written = 3; INSERT INTO unfinished VALUES (1, 1, 1, 1, 0)").unwrap();
    drop(companion);
    scene.ends(0, "undo", &[]);
    assert!(said(&client(&scene, "a.sql", &["--force"])).contains("nothing was changed"));
    assert_eq!(rows(&scene, ALL), before);
    // The script was run; the settings were cleared, and one of the run is again what it was: the rows are not touched.
    let entries = format!("{ONE}[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n");
    afresh(&scene);
    again(&scene, TWO, &entries);
    scene.server.run("psa", "REPLACE INTO ModuleSettings VALUES (1, 'main', '8')");
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "b.sql"]);
    assert!(client(&scene, "b.sql", &[]).status.success());
    scene.server.run("psa", &format!("{CLEAR}; UPDATE ModuleSettings SET value = '9' WHERE name = 'main'"));
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, ALL), before);
}

#[test]
fn a_row_that_the_run_took_out_comes_back_beside_one_that_is_as_before() {
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 13), (3, 13)";
    for clear in [CLEAR, "SELECT 1"] {
        let scene = only(ddl, &removing);
        let before = rows(&scene, ALL);
        scene.ends(0, "fix", &[]);
        scene.server.run("psa", &format!("UPDATE t SET d = 5; {clear}"));
        for command in ["fix", "undo"] {
            assert!(flat(&scene.ends(2, command, &[])).contains("1 row is as before the run, 2 rows are out, as the run left it"));
        }
        scene.ends(0, "undo", &["--panel-holds", "old"]);
        assert_eq!(rows(&scene, ALL), before);
    }
    // A script that was never run took nothing out, and what the extension wrote meanwhile speaks of now.
    let scene = only(ddl, &removing);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "never.sql"]);
    scene.server.run("psa", "DELETE FROM t WHERE i = 3; INSERT INTO t VALUES (9, 8)");
    scene.ends(1, "undo", &[]);
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, ALL), "1\t5\n2\t13\n9\t6\n");
}

#[test]
fn an_old_script_is_not_run_once_more() {
    let scene = only(TWO, ONE);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "there.sql"]);
    assert!(client(&scene, "there.sql", &[]).status.success());
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "back.sql"]);
    assert!(client(&scene, "back.sql", &[]).status.success());
    scene.ends(0, "fix", &[]);
    let after = rows(&scene, ALL);
    for (script, since) in [("back.sql", "UPDATE t SET n = CONCAT(n, ' since')"), ("back.sql", CLEAR)] {
        scene.server.run("psa", since);
        let now = rows(&scene, ALL);
        assert!(said(&client(&scene, script, &["--force"])).contains("nothing was changed"), "{script} {since}");
        assert_eq!(rows(&scene, ALL), now, "{script} {since}");
    }
    assert_eq!(rows(&scene, ALL), after.replace("\n", " since\n"));
}

#[test]
fn a_key_that_was_given_anew_does_not_keep_the_run_from_being_taken_back() {
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 13)", &removing);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "INSERT INTO t VALUES (2, 11)");
    assert!(flat(&scene.ends(1, "undo", &[])).contains("t i 2 is there, in the place of a row that comes back, and stays out then"));
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, ALL), "1\t5\n2\t11\n");
}
