//! Runs over tables in the panel's own database that were cut off, and how they are finished, on a real MariaDB.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/cut.rs"]
mod cut;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/tables.rs"]
mod tables_of;

use cut::{Cut, killed};
use stores::{client, flat, said};
use tables_of::{ALL, CLEAR, ONE, THREE, TWO, UNSURE, afresh, again, interrupted, marks, only, rows};

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

/// Rows that change places look as before, and as afterwards: what was done, the mark tells or, where the settings were cleared since, the other columns.
#[test]
fn what_is_killed_at_the_servers_commit_is_finished() {
    let scene = only(TWO, ONE);
    let (before, after) = ("5\tfive\n7\tseven\n", "5\tseven\n7\tfive\n");
    let all = || rows(&scene, ALL);
    for (cut, since, next) in [Cut::Before, Cut::After]
        .into_iter()
        .flat_map(|cut| ["SELECT 1", CLEAR].map(|since| (cut, since)))
        .flat_map(|(cut, since)| ["fix", "undo"].map(|next| (cut, since, next)))
    {
        let told = format!("{cut:?} {since} {next}");
        killed(&scene, "fix", &[], cut);
        assert_eq!(all(), if cut == Cut::Before { before } else { after }, "{told}");
        scene.server.run("psa", since);
        scene.ends(0, next, &[]);
        assert_eq!(all(), if next == "fix" { after } else { before }, "{told}");
        if next == "undo" {
            scene.ends(0, "fix", &[]);
        }

        killed(&scene, "undo", &[], cut);
        assert_eq!(all(), if cut == Cut::Before { after } else { before }, "{told}");
        scene.server.run("psa", since);
        let said = scene.ends(0, next, &[]);
        if next == "fix" {
            assert_eq!(all(), after, "{told}");
            scene.ends(0, "undo", &[]);
        } else {
            assert!(said.contains("an undo that was interrupted was finished"), "{told}: {said}");
        }
        assert_eq!((all().as_str(), marks(&scene)), (before, 0), "{told}");
    }
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

/// What is left out stands in the companion before it is left out for good: the command that leaves it out may be killed before it tells.
#[test]
fn what_is_left_out_is_told_by_who_comes_next() {
    let scene = only(THREE, ONE);
    for cut in [Cut::Before, Cut::After] {
        afresh(&scene);
        again(&scene, THREE, ONE);
        killed(&scene, "fix", &[], Cut::Before);
        scene.server.run("psa", "UPDATE t SET d = 11 WHERE i = 3");
        let told = flat(&scene.ends(2, "fix", &[]));
        assert!(told.contains("t i 3: d is"), "{cut:?}: {told}");
        killed(&scene, "fix", &["--panel-holds", "old"], cut);
        assert_eq!(rows(&scene, ALL), if cut == Cut::Before { "1\t5\n2\t7\n3\t11\n" } else { "1\t7\n2\t5\n3\t11\n" });
        let told = flat(&scene.ends(2, "fix", &[]));
        assert!(told.contains("run 1 is finished as far as could be") && told.contains("as they are: t i 3 "), "{cut:?}: {told}");
        assert_eq!(rows(&scene, ALL), "1\t7\n2\t5\n3\t11\n", "{cut:?}");
        // Once, and it is of no run.
        assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"), "{cut:?}");
        scene.server.run("psa", "UPDATE t SET d = 7 WHERE i = 3");
        scene.ends(0, "undo", &["--accept-changes"]);
        assert_eq!(rows(&scene, "SELECT * FROM t WHERE i < 3"), "1\t5\n2\t7\n", "{cut:?}");
    }
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
    assert!(flat(&scene.ends(2, "fix", &["--panel-holds", "old"])).contains("they were left as they are: t d 8 "));
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, ALL), "7\tfive\n8\teight\n9\tnew\n");
    // The same of a value that is none of the primary key.
    afresh(&scene);
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT UNIQUE); INSERT INTO t VALUES (1, 8), (2, 5)";
    again(&scene, ddl, ONE);
    killed(&scene, "fix", &[], Cut::Before);
    scene.server.run("psa", "INSERT INTO t VALUES (3, 9)");
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(told.contains("another row of t has what a row of the run is to get") && told.contains("'9'"), "{told}");
    assert_eq!(rows(&scene, ALL), "1\t8\n2\t5\n3\t9\n");
    scene.server.run("psa", "DELETE FROM t WHERE i = 3");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert_eq!(rows(&scene, ALL), "1\t9\n2\t7\n");
    scene.server.run("psa", "INSERT INTO t VALUES (3, 8)");
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("t i 3 was written since the run"), "{told}");
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, ALL), "1\t8\n2\t5\n3\t6\n");
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
    assert!(flat(&scene.ends(2, "undo", &["--panel-holds", "new"])).contains("they were left as they are: t i 2 "));
    assert_eq!(rows(&scene, "SELECT * FROM t; SELECT value FROM ModuleSettings WHERE name = 'main'"), "1\t5\n2\t9\n8\n");
}

/// Ids that were written since a run that changed a setting alone, in keys that change places.
#[test]
fn rows_that_were_written_since_are_not_taken_back_twice() {
    let entries = format!("{ONE}[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n");
    let ddl = "CREATE TABLE t(d INT PRIMARY KEY, n TEXT)";
    let scene = only(ddl, &entries);
    let (now, then) = ("5\tfive of now\n7\tseven of now\n", "5\tseven of now\n7\tfive of now\n");
    for (cut, since) in [(Cut::Before, "SELECT 1"), (Cut::After, "SELECT 1"), (Cut::Before, CLEAR)] {
        afresh(&scene);
        again(&scene, ddl, &entries);
        scene.server.run("psa", "REPLACE INTO ModuleSettings VALUES (1, 'main', '8')");
        scene.ends(0, "fix", &[]);
        scene.server.run("psa", "INSERT INTO t VALUES (5, 'five of now'), (7, 'seven of now')");
        killed(&scene, "undo", &["--accept-changes"], cut);
        assert_eq!(rows(&scene, ALL), if cut == Cut::Before { now } else { then }, "{cut:?} {since}");
        scene.server.run("psa", since);
        scene.ends(0, "undo", &[]);
        assert_eq!((rows(&scene, ALL).as_str(), marks(&scene)), (then, 0), "{cut:?} {since}");
        assert_eq!(rows(&scene, "SELECT value FROM ModuleSettings WHERE name = 'main'"), "8\n");
    }
}

/// The same of what was written into rows of the run, which get their keys of before with it.
#[test]
fn what_was_written_into_a_row_of_the_run_is_not_taken_back_twice() {
    let entries = format!("{ONE}on-missing = \"keep\"\n[[reference]]\npanel-table = \"t\"\ncolumn = \"c\"\nkind = \"client\"\n");
    let ddl = "CREATE TABLE t(d INT PRIMARY KEY, c INT); INSERT INTO t VALUES (5, 3), (7, 4), (13, 3)";
    let scene = only("", &entries);
    for cut in [Cut::Before, Cut::After] {
        afresh(&scene);
        again(&scene, ddl, &entries);
        scene.ends(0, "fix", &[]);
        scene.server.run("psa", "UPDATE t SET c = 6 WHERE d IN (7, 13)");
        let written = rows(&scene, ALL);
        killed(&scene, "undo", &["--accept-changes"], cut);
        assert_eq!(rows(&scene, ALL) == written, cut == Cut::Before);
        scene.ends(0, "undo", &[]);
        assert_eq!(rows(&scene, ALL), "5\t4\n7\t4\n13\t4\n", "{cut:?}");
    }
}

/// What was left to a script that was not run, undo does.
#[test]
fn what_is_done_instead_of_a_script_is_done_once() {
    let entries = format!("{ONE}[[reference]]\nsetting = \"main\"\nkind = \"domain\"\n");
    let scene = only("", &entries);
    let all = || rows(&scene, "SELECT * FROM t ORDER BY 1; SELECT value FROM ModuleSettings WHERE name = 'main'");
    let (before, after) = ("5\tfive\n7\tseven\n8\n", "5\tseven\n7\tfive\n9\n");
    for (cut, next) in [Cut::Before, Cut::After].into_iter().flat_map(|cut| ["fix", "undo"].map(|next| (cut, next))) {
        let script = format!("{cut:?}-{next}.sql");
        afresh(&scene);
        again(&scene, TWO, &entries);
        scene.server.run("psa", "REPLACE INTO ModuleSettings VALUES (1, 'main', '8')");
        scene.ends(0, "fix", &[]);
        scene.ends(0, "undo", &["--emit", "sql", "--emit-to", &script]);
        assert_eq!(all(), after);
        killed(&scene, "undo", &[], cut);
        assert_eq!(all(), if cut == Cut::Before { after } else { before }, "{script}");
        scene.ends(0, next, &[]);
        assert_eq!(all(), if next == "fix" { after } else { before }, "{script}");
        // The script may still be run, and is of no use.
        let now = all();
        assert!(said(&client(&scene, &script, &["--force"])).contains("nothing was changed"), "{script}");
        assert_eq!(all(), now, "{script}");
    }
    // What a person let stay as it is, is not asked for again.
    for cut in [Cut::Before, Cut::After] {
        let script = format!("{cut:?}-left.sql");
        afresh(&scene);
        again(&scene, THREE, ONE);
        scene.ends(0, "fix", &[]);
        scene.ends(0, "undo", &["--emit", "sql", "--emit-to", &script]);
        scene.server.run("psa", "UPDATE t SET d = 11 WHERE i = 1");
        killed(&scene, "undo", &["--panel-holds", "new"], cut);
        assert!(flat(&scene.ends(2, "undo", &[])).contains("as they are: t i 1 "), "{script}");
        assert_eq!(rows(&scene, ALL), "1\t11\n2\t7\n3\t8\n", "{script}");
    }
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
