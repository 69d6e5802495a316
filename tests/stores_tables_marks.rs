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
use tables_of::{ALL, CLEAR, ONE, THREE, TWO, UNSURE, afresh, again, also, interrupted, marks, once_more, only, rows};

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
    assert!(flat(&scene.ends(2, "fix", &[])).contains("the run's mark says that it was done t: 1 row is as before the run"));
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
    assert!(flat(&scene.ends(2, "fix", &["--panel-holds", "old"])).contains("as they were before run"));
    assert!(scene.ends(0, "fix", &["--panel-holds", "new"]).contains("Nothing to do"));
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"), "it is asked once");
    scene.server.run("psa", CLEAR);
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
        assert!(flat(&scene.ends(2, command, &[])).contains("says that it was done t: 3 rows are as before the run"));
    }
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!((rows(&scene, "SELECT * FROM t").as_str(), marks(&scene)), ("1\t5\n2\t7\n3\t7\n", 0));

    // Settings that are told apart by their values do not mind the mark.
    fs::write(scene.manifest(), format!("{ONE}[[reference]]\nsetting = \"*Map\"\npath = \"$.{{client}}\"\n[[reference]]\nsetting = \"reguid*\"\npath = \"$.x\"\nkind = \"client\"\n")).unwrap();
    scene.ends(0, "fix", &[]);
    scene.ends(0, "verify", &[]);
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
fn rows_with_ids_of_after_the_run_count_whatever_else_was_written_into_them() {
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT, seen INT); INSERT INTO t VALUES (1, 5, 0), (2, 7, 0), (3, 8, 0);
               CREATE TABLE u(i INT PRIMARY KEY, d INT); INSERT INTO u VALUES (1, 8);";
    for (clear, mark) in [(CLEAR, "is not among the extension's settings"), ("SELECT 1", "says that it was done")] {
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
    // The same command does nothing once more, whatever it trusts.
    assert!(scene.ends(0, "fix", &["--trust-old"]).contains("Nothing to do"));
    once_more(&scene);
    scene.server.run("psa", &format!("DROP TABLE t; {THREE}; {CLEAR}"));
    for (command, more) in [("fix", &["--trust-old"][..]), ("undo", &[])] {
        let told = flat(&scene.ends(2, command, more));
        assert!(told.contains(UNSURE), "{command}: {told}");
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
        told.contains("a run that is not known here, or was taken back, rewrote ids")
            && told.contains("put back the var directory, with its reguid.db"),
        "{told}"
    );
    scene.ends(0, "fix", &["--trust-old"]);
    // A script is run whose run was taken back.
    afresh(&scene);
    again(&scene, THREE, ONE);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "late.sql"]);
    scene.ends(0, "undo", &[]);
    assert!(client(&scene, "late.sql", &[]).status.success());
    assert!(flat(&scene.ends(2, "fix", &[])).contains("a run that is not known here, or was taken back, rewrote ids"));
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

/// Where all settings of a run are what they were before it, they may have been put back, or the extension set them so.
#[test]
fn a_person_says_what_settings_hold() {
    let scene = only("INSERT INTO ModuleSettings VALUES (1, 'main', '8')", "[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n");
    let main = || rows(&scene, "SELECT value FROM ModuleSettings WHERE name = 'main'");
    scene.ends(0, "fix", &[]);
    assert_eq!((main().as_str(), marks(&scene)), ("9\n", 1));
    scene.server.run("psa", "UPDATE ModuleSettings SET value = '8' WHERE name = 'main'");
    assert!(flat(&scene.ends(2, "fix", &[])).contains("as they were before run 1"));
    assert!(flat(&scene.ends(1, "undo", &[])).contains("say which ids it holds, --panel-holds new or old"));
    scene.server.run("psa", CLEAR);
    for holds in [&[][..], &["--panel-holds", "old"]] {
        let told = flat(&scene.ends(2, "fix", holds));
        assert!(told.contains("as they were before run 1") && told.contains("--panel-holds new"), "{told}");
    }
    assert!(scene.ends(0, "fix", &["--panel-holds", "new"]).contains("Nothing to do"));
    assert_eq!(main(), "8\n");
    // What is domain 8 now was 6 before.
    assert!(flat(&scene.ends(1, "undo", &["--panel-holds", "new"])).contains("speaks of now"));
    scene.ends(0, "undo", &["--panel-holds", "new", "--accept-changes"]);
    assert_eq!(main(), "6\n");
}
