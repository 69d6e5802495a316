//! What an extension wrote into its tables in the panel's own database since a run, and undo, on a real MariaDB.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/tables.rs"]
mod tables_of;

use std::fs;

use stores::flat;
use tables_of::{ALL, CLEAR, ONE, THREE, UNSURE, afresh, again, also, only, rows, scene};

#[test]
fn undo_says_what_changed_since_and_puts_it_back_where_that_is_accepted() {
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT, n TEXT); INSERT INTO t VALUES (1, 5, 'x'), (2, 7, 'y'), (3, 11, 'z');", ONE);
    let all = || rows(&scene, "SELECT * FROM t ORDER BY i");
    scene.ends(0, "fix", &[]);
    // What is not an id may change.
    scene.server.run("psa", "UPDATE t SET n = 'since' WHERE i = 2; INSERT INTO t VALUES (4, 9, 'nine of now')");
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("t i 4 was written since the run"), "{told}");
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(all(), "1\t5\tx\n2\t7\tsince\n3\t11\tz\n4\t8\tnine of now\n");
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), "1\t7\tx\n2\t5\tsince\n3\t11\tz\n4\t9\tnine of now\n");
    scene.server.run("psa", "UPDATE t SET d = 11 WHERE i = 1");
    // A row of the run in which the extension wrote another id.
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("t i 1: d is '11', and was '7'"), "{told}");
    assert!(all().starts_with("1\t11"));
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(all(), "1\t11\tx\n2\t7\tsince\n3\t11\tz\n4\t8\tnine of now\n");
}

#[test]
fn columns_that_the_run_left_alone_are_looked_at_by_undo() {
    let two = format!("{ONE}[[reference]]\npanel-table = \"t\"\ncolumn = \"o\"\nkind = \"client\"\n");
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT, o INT); INSERT INTO t VALUES (1, 5, NULL), (2, 7, 3);", &two);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE t SET o = 6 WHERE i = 1");
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("t i 1 was changed since the run"), "{told}");
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t7\t6\n2\t5\t2\n");
}

#[test]
fn tables_and_rows_that_went_since_do_not_block_what_is_left() {
    let scene = scene("CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7), (3, 7);", ONE);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "DELETE FROM t WHERE i = 1");
    assert!(flat(&scene.ends(1, "undo", &[])).contains("t i 1 is not there any more"));
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "2\t7\n3\t7\n");
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "2\t5\n3\t5\n");
    scene.server.run("psa", "DROP TABLE t");
    fs::write(scene.manifest(), stores::MANIFEST).unwrap();
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert!(scene.ends(0, "verify", &[]).contains("Every reference resolves"));
}

#[test]
fn what_went_or_came_since_is_told_and_does_not_block_undo() {
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    let scene = only("CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO t VALUES (5, 'five'), (7, 'seven'), (13, 'gone');", &removing);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "DELETE FROM t");
    assert!(flat(&scene.ends(1, "undo", &[])).contains("is not there any more"));
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "13\tgone\n");

    again(&scene, "CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO t VALUES (5, 'five'), (7, 'seven'), (13, 'gone')", &removing);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "INSERT INTO t VALUES (13, 'new')");
    assert!(flat(&scene.ends(1, "undo", &[])).contains("t d 13 was written since the run"));
    // What is domain 13 now was 18.
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, "SELECT * FROM t ORDER BY d"), "5\tfive\n7\tseven\n13\tgone\n18\tnew\n");
    // One whose id means nothing then stays in the way.
    scene.server.run("psa", "DELETE FROM t WHERE d = 18");
    scene.ends(0, "fix", &[]);
    scene.server.run(
        "psa",
        "INSERT INTO t VALUES (13, 'new'); ALTER TABLE t ADD i INT NOT NULL DEFAULT 1, DROP PRIMARY KEY, ADD PRIMARY KEY (d, i)",
    );
    assert!(flat(&scene.ends(1, "undo", &["--accept-changes"])).contains("its table has another primary key than it had"));
    scene.server.run("psa", "DROP TABLE t");
    scene.ends(1, "undo", &[]);
    scene.ends(0, "undo", &["--accept-changes"]);
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
    scene.server.run("psa", &format!("DROP TABLE t; DELETE FROM ModuleSettings; {}", with("(1, 'main', '8'), (1, 'mainOther', '11')")));
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(told.contains("take the run back with reguid undo") && !told.contains("--panel-holds"), "{told}");
    // What is clear is not outvoted.
    scene.ends(0, "undo", &["--panel-holds", "new"]);
    assert_eq!(all(&scene), before.replace("mainOther\t5", "mainOther\t11"));
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
    // A dump that is older than the run: what is only in it may have been written since.
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &format!("DROP TABLE t; {four}; INSERT INTO t VALUES (9, 8); {CLEAR}"));
    assert!(flat(&scene.ends(1, "undo", &[])).contains("t i 9 was written since the run"));
    scene.ends(0, "undo", &["--panel-holds", "old"]);
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
fn a_key_that_was_given_anew_does_not_keep_the_run_from_being_taken_back() {
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 13)", &removing);
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "INSERT INTO t VALUES (2, 11)");
    assert!(flat(&scene.ends(1, "undo", &[])).contains("t i 2 is there, in the place of a row that comes back, and stays out then"));
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(rows(&scene, ALL), "1\t5\n2\t11\n");
}

/// The panel's database was put back whole, and then the extension went on writing, with ids of now; or the backup is older than the run's data.
#[test]
fn what_is_new_in_a_database_that_was_put_back_is_asked_about() {
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT, n TEXT); INSERT INTO t VALUES (1, 5, 'five'), (2, 7, 'seven')";
    let scene = only(ddl, ONE);
    let all = || rows(&scene, "SELECT i, d FROM t ORDER BY 1");
    for (holds, wanted) in [("old", "1\t5\n2\t7\n9\t7\n"), ("new", "1\t5\n2\t7\n9\t5\n")] {
        again(&scene, ddl, ONE);
        scene.ends(0, "fix", &[]);
        assert_eq!(all(), "1\t7\n2\t5\n");
        scene.server.run("psa", &format!("{CLEAR}; DROP TABLE t; {ddl}; INSERT INTO t VALUES (9, 7, 'new')"));
        assert!(flat(&scene.ends(2, "fix", &[])).contains("take the run back with reguid undo"));
        for more in [&[][..], &["--accept-changes"]] {
            let told = flat(&scene.ends(1, "undo", more));
            assert!(told.contains("t i 9") && told.contains("say which ids it holds, --panel-holds new or old"), "{told}");
        }
        let more = if holds == "old" { &["--panel-holds", "old"][..] } else { &["--panel-holds", "new", "--accept-changes"] };
        scene.ends(0, "undo", more);
        assert_eq!(all(), wanted);
    }
}
