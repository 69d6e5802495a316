//! Scripts in SQL that change tables in the panel's own database, or take that back, in a real client.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/cut.rs"]
mod cut;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/tables.rs"]
mod tables_of;

use std::fs;

use cut::{Cut, killed};
use stores::{Scene, client, flat, said};
use tables_of::{ALL, CLEAR, ONE, THREE, TWO, afresh, again, marks, once_more, only, rows};

#[test]
fn a_script_in_sql_does_the_same_and_nothing_where_a_row_is_not_as_planned() {
    let ddl = "CREATE TABLE t(d INT UNSIGNED NOT NULL, k VARCHAR(40) NOT NULL, p TEXT, b BLOB, PRIMARY KEY (d, k)) ENGINE=InnoDB DEFAULT CHARSET=latin1;
               INSERT INTO t VALUES (5, 'ü', '{\"c\": 3}', x'613a313a7b693a303b693a353b7d'), (7, 'ü', NULL, NULL), (13, 'gone', 'x', x'00'), (11, 'same', '{}', '');";
    let entries = "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\nkind = \"domain\"\non-missing = \"delete-row\"\n
                   [[reference]]\npanel-table = \"t\"\ncolumn = \"p\"\npath = \"$.c\"\nkind = \"client\"\n
                   [[reference]]\npanel-table = \"t\"\ncolumn = \"b\"\npath = \"$[*]\"\nkind = \"domain\"\n";
    let all = "SELECT d, HEX(k), p, HEX(b) FROM t ORDER BY d, k";
    let scene = only(ddl, entries);
    let before = rows(&scene, all);
    assert!(flat(&scene.ends(2, "fix", &["--emit", "php"])).contains("knows settings, and no tables"));
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "mend.sql"]);
    assert_eq!(rows(&scene, all), before, "the script alone writes");
    assert!(flat(&scene.ends(2, "fix", &[])).contains("script"), "it was not run");

    scene.server.run("psa", "UPDATE t SET p = '{\"c\": 4}' WHERE d = 5");
    let changed = rows(&scene, all);
    let output = client(&scene, "mend.sql", &["--force"]);
    assert!(said(&output).contains("nothing was changed"), "{}", said(&output));
    assert_eq!(rows(&scene, all), changed);
    scene.server.run("psa", "UPDATE t SET p = '{\"c\": 3}' WHERE d = 5");

    let output = client(&scene, "mend.sql", &[]);
    assert!(output.status.success() && said(&output).contains("reguid: 3 rows changed"), "{}", said(&output));
    let after = rows(&scene, all);
    assert_eq!(
        after,
        "5\tFC\tNULL\tNULL\n7\tFC\t{\"c\": 2}\t613A313A7B693A303B693A373B7D\n11\t73616D65\t{}\t\n".replace("FC", hex_of(&scene))
    );
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    let output = client(&scene, "mend.sql", &["--force"]);
    assert!(said(&output).contains("nothing was changed"), "{}", said(&output));
    assert_eq!(rows(&scene, all), after);

    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "back.sql"]);
    assert_eq!(rows(&scene, all), after);
    let output = client(&scene, "back.sql", &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(rows(&scene, all), before);
}

/// How the server keeps the letter in the sample of the script's test: the client may have written it in one byte or in two.
fn hex_of(scene: &Scene) -> &'static str {
    if rows(scene, "SELECT HEX(k) FROM t WHERE d = 7").contains("C383") { "C383C2BC" } else { "FC" }
}

#[test]
fn a_script_that_cannot_lock_a_row_changes_nothing() {
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7), (3, 7);", ONE);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "s.sql"]);
    let mut holder = std::process::Command::new("mariadb")
        .args(["--no-defaults", "--user=root", &format!("--socket={}", scene.server.socket().display()), "psa", "-e"])
        .arg("START TRANSACTION; UPDATE t SET d = 9 WHERE i = 2; SELECT SLEEP(6); COMMIT")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !rows(&scene, "SHOW PROCESSLIST").contains("SLEEP(6)") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let output = client(&scene, "s.sql", &["--force", "--init-command=SET SESSION innodb_lock_wait_timeout = 1"]);
    assert!(said(&output).contains("nothing was changed"), "{}", said(&output));
    holder.wait().unwrap();
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t5\n2\t9\n3\t7\n");
}

#[test]
fn a_script_puts_back_what_the_server_takes_no_more_and_knows_tables_by_their_case() {
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    let ddl = "SET sql_mode = ''; DROP TABLE IF EXISTS T; CREATE TABLE T(x INT); CREATE TABLE t(i INT PRIMARY KEY, d INT, e ENUM('a', 'b'), c INT CHECK (c > 0)); SET check_constraint_checks = 0;
               INSERT INTO t VALUES (1, 13, 'zzz', -4), (2, 5, 'a', 1);";
    let scene = only(ddl, &removing);
    let all = || rows(&scene, "SELECT i, d, e + 0, c FROM t");
    let before = all();
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "there.sql"]);
    let output = client(&scene, "there.sql", &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(all(), "2\t7\t1\t1\n");
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "back.sql"]);
    let output = client(&scene, "back.sql", &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(all(), before);
    assert_eq!(marks(&scene), 0);
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
fn a_back_script_that_was_run_says_nothing_of_what_comes_then() {
    let scene = only(TWO, ONE);
    let before = rows(&scene, ALL);
    scene.ends(0, "fix", &[]);
    // The same command does nothing once more, whatever it trusts.
    assert!(scene.ends(0, "fix", &["--trust-old"]).contains("Nothing to do"));
    once_more(&scene);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "second.sql"]);
    assert!(client(&scene, "second.sql", &[]).status.success());
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, ALL), before);
    scene.server.run("psa", CLEAR);
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, ALL), "5\tseven\n7\tfive\n");
    // An older companion beside rows of a later run.
    let older = fs::read(scene.var().join("reguid.db")).unwrap();
    once_more(&scene);
    fs::write(scene.var().join("reguid.db"), older).unwrap();
    for command in ["fix", "undo"] {
        assert!(flat(&scene.ends(2, command, &[])).contains("a run that is not known here, or was taken back, rewrote ids"));
    }
}

#[test]
fn a_script_that_takes_back_is_of_no_use_after_reguid_did_it_however_that_ended() {
    let scene = only(TWO, ONE);
    let before = rows(&scene, ALL);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "a.sql"]);
    killed(&scene, "undo", &[], Cut::After);
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
