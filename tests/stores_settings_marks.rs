//! Whether a run over settings alone was done: its mark, what the settings hold, and what a person says, on a real MariaDB.
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
use std::path::Path;

use cut::Cut;
use stores::{Scene, client, flat, said};
use tables_of::{CLEAR, ONE, marks, only, rows};

const SETTINGS: &str = r#"
[[reference]]
setting = "first"
kind = "domain"

[[reference]]
setting = "second"
kind = "domain"

[[reference]]
setting-key = "state-{domain}"
"#;
const FILL: &str = "DELETE FROM ModuleSettings WHERE module_id = 1;
    INSERT INTO ModuleSettings VALUES (1, 'first', '5'), (1, 'second', '7'), (1, 'state-5', 'five'), (1, 'state-7', 'seven')";
const BEFORE: &str = "first\t5\nsecond\t7\nstate-5\tfive\nstate-7\tseven\n";
const AFTER: &str = "first\t7\nsecond\t5\nstate-5\tseven\nstate-7\tfive\n";
const UNKNOWN: &str = "a run that is not known here, or was taken back, rewrote ids";

fn scene() -> Scene {
    only(FILL, SETTINGS)
}

fn settings(scene: &Scene) -> String {
    rows(scene, "SELECT name, value FROM ModuleSettings WHERE module_id = 1 AND name NOT LIKE 'reguid-run-%' ORDER BY 1")
}

/// The extension's settings with the marks, as a backup of the panel keeps them.
fn backup(scene: &Scene) -> String {
    let all = rows(
        scene,
        "SELECT CONCAT('INSERT INTO ModuleSettings VALUES (1, ', QUOTE(name), ', ', QUOTE(value), ');') FROM ModuleSettings WHERE module_id = 1",
    );
    format!("DELETE FROM ModuleSettings WHERE module_id = 1; {all}")
}

/// A copy of the var directory.
fn copied(scene: &Scene, to: &str) {
    let aside = scene.beside(to);
    fs::create_dir_all(&aside).unwrap();
    for entry in fs::read_dir(scene.var()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, aside.join(path.file_name().unwrap())).unwrap();
        }
    }
}

fn put_back(scene: &Scene, from: &Path) {
    fs::remove_dir_all(scene.var()).unwrap();
    fs::create_dir(scene.var()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, scene.var().join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn a_var_directory_of_before_the_run_does_not_map_settings_twice() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &[]);
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (BEFORE, 0));
    copied(&scene, "backup");
    scene.ends(0, "fix", &[]);
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (AFTER, 1));
    put_back(&scene, &scene.beside("backup"));
    for command in ["plan", "fix", "verify"] {
        assert!(flat(&scene.ends(2, command, &[])).contains(UNKNOWN), "{command}");
    }
    assert_eq!(settings(&scene), AFTER);
}

#[test]
fn a_panel_of_after_a_run_that_was_taken_back_is_known() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    let after = backup(&scene);
    scene.ends(0, "undo", &[]);
    scene.server.run("psa", &after);
    for command in ["plan", "fix"] {
        assert!(flat(&scene.ends(2, command, &[])).contains(UNKNOWN), "{command}");
    }
    assert_eq!(settings(&scene), AFTER);
}

#[test]
fn a_script_that_is_run_late_is_known() {
    let scene = scene();
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "late.sql"]);
    scene.ends(0, "undo", &[]);
    // The run was taken back, which its mark says.
    assert!(said(&client(&scene, "late.sql", &[])).contains("nothing was changed"));
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (BEFORE, 0));
    // The extension clears its settings, and the mark with them.
    scene.server.run("psa", FILL);
    assert!(client(&scene, "late.sql", &[]).status.success());
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (AFTER, 1));
    for command in ["plan", "fix"] {
        assert!(flat(&scene.ends(2, command, &[])).contains(UNKNOWN), "{command}");
    }
}

/// The panel's database was put back, from before the run or from long before it.
#[test]
fn a_panel_of_before_the_run_is_noticed() {
    let scene = scene();
    for (more, before) in [
        ("SELECT 1", BEFORE),
        ("UPDATE ModuleSettings SET value = '8' WHERE name = 'first'", "first\t8\nsecond\t7\nstate-5\tfive\nstate-7\tseven\n"),
    ] {
        scene.ends(0, "fix", &[]);
        assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
        scene.server.run("psa", &format!("{FILL}; {more}"));
        for command in ["plan", "fix", "verify"] {
            assert!(flat(&scene.ends(2, command, &[])).contains("as they were before run"), "{command} {more}");
        }
        assert_eq!(settings(&scene), before);
        // What is as before is left, names too; what is not, a person lets stay.
        if before == BEFORE {
            scene.ends(0, "undo", &[]);
        } else {
            let told = flat(&scene.ends(1, "undo", &[]));
            assert!(told.contains("first is '8', and was '7'") && !told.contains("state-"), "{told}");
            scene.ends(0, "undo", &["--panel-holds", "old", "--accept-changes"]);
            assert_eq!(settings(&scene), before);
            scene.server.run("psa", FILL);
        }
        assert_eq!(settings(&scene), BEFORE);
    }
}

/// The extension may choose what was chosen before the run.
#[test]
fn a_setting_that_was_set_back_is_asked_about_by_undo_alone() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE ModuleSettings SET value = IF(name = 'first', '5', '7') WHERE name IN ('first', 'second')");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    scene.ends(0, "verify", &[]);
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("first is as it was before the run: say which ids it holds, --panel-holds new or old"), "{told}");
    let now = settings(&scene);
    scene.ends(1, "undo", &["--accept-changes"]);
    assert_eq!(settings(&scene), now);
    scene.ends(0, "undo", &["--panel-holds", "new", "--accept-changes"]);
    assert_eq!(settings(&scene), "first\t7\nsecond\t5\nstate-5\tfive\nstate-7\tseven\n");
}

/// The mark of a run that was cut off tells whether the server took it.
#[test]
fn a_run_that_was_cut_off_is_finished_once() {
    for (cut, next) in [(Cut::Before, "fix"), (Cut::After, "fix"), (Cut::Before, "undo"), (Cut::After, "undo")] {
        let scene = scene();
        cut::killed(&scene, "fix", &[], cut);
        scene.ends(0, next, &[]);
        let (wanted, marked) = if next == "fix" { (AFTER, 1) } else { (BEFORE, 0) };
        assert_eq!((settings(&scene).as_str(), marks(&scene)), (wanted, marked), "{next}");
        if next == "fix" {
            scene.ends(0, "undo", &[]);
        }
        assert_eq!((settings(&scene).as_str(), marks(&scene)), (BEFORE, 0), "{next}");
        scene.ends(0, "fix", &[]);
        cut::killed(&scene, "undo", &[], cut);
        scene.ends(0, "undo", &[]);
        assert_eq!((settings(&scene).as_str(), marks(&scene)), (BEFORE, 0), "undo");
    }
}

/// Another row may have come in the place of one that was to get another key.
#[test]
fn a_row_that_was_replaced_gets_no_other_key() {
    let table = "DROP TABLE IF EXISTS t; CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO t VALUES (5, 'five'), (7, 'seven')";
    let scene = only(table, ONE);
    let all = || rows(&scene, "SELECT * FROM t ORDER BY 1");
    cut::killed(&scene, "fix", &[], Cut::Before);
    scene.server.run("psa", "REPLACE INTO t VALUES (7, 'new')");
    for command in ["fix", "undo"] {
        assert!(flat(&scene.ends(2, command, &[])).contains("t d 7 is another row than it was, or was written since"), "{command}");
        assert_eq!(all(), "5\tfive\n7\tnew\n");
    }
    // Nothing can be moved: the way of the other one is barred as well.
    assert!(flat(&scene.ends(2, "fix", &["--panel-holds", "old"])).contains("somebody wrote these since"));
    assert_eq!(all(), "5\tfive\n7\tnew\n");

    let scene = only(table, ONE);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "mend.sql"]);
    scene.server.run("psa", "REPLACE INTO t VALUES (7, 'new')");
    assert!(!client(&scene, "mend.sql", &[]).status.success());
    assert_eq!(rows(&scene, "SELECT * FROM t ORDER BY 1"), "5\tfive\n7\tnew\n");
    // Nor twice, where the mark is gone.
    scene.server.run("psa", "REPLACE INTO t VALUES (7, 'seven')");
    assert!(client(&scene, "mend.sql", &[]).status.success());
    scene.server.run("psa", CLEAR);
    assert!(!client(&scene, "mend.sql", &[]).status.success());
    assert_eq!(rows(&scene, "SELECT * FROM t ORDER BY 1"), "5\tseven\n7\tfive\n");
}

/// A copy of the panel is another one, however much it is like the run's.
#[test]
fn another_panel_than_the_runs_is_told() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    let copied = String::from_utf8(scene.server.dump(["--hex-blob", "psa"])).unwrap();
    scene.server.run("", "CREATE DATABASE copied");
    scene.server.run("copied", &copied);
    let copy = format!("mysql://root@/copied?socket={}", scene.server.socket().display());
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_reguid"))
        .args(["undo", scene.var().to_str().unwrap(), "--panel", &copy])
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let told = flat(&stores::said(&output));
    assert!(told.contains("/psa?socket") && told.contains("and this takes it back in") && told.contains("/copied?socket"), "{told}");
}

/// Settings that were put back into a table that was not emptied lie beside the mark; and so do those of a script that is run once more.
#[test]
fn settings_of_before_the_run_are_noticed_beside_its_mark() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &FILL.replace("DELETE FROM ModuleSettings WHERE module_id = 1;", "").replace("INSERT", "REPLACE"));
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (BEFORE, 1));
    for command in ["plan", "fix", "verify"] {
        assert!(flat(&scene.ends(2, command, &[])).contains("as they were before run"), "{command}");
    }
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(settings(&scene), BEFORE);
}

/// What is only in a database that was put back may be older than the run, or newer.
#[test]
fn settings_that_are_new_in_a_database_that_was_put_back_are_asked_about() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", &format!("{FILL}; INSERT INTO ModuleSettings VALUES (1, 'state-8', 'shop')"));
    let told = flat(&scene.ends(1, "undo", &["--accept-changes"]));
    assert!(told.contains("state-8 was written since the run") && told.contains("say which ids it holds"), "{told}");
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(settings(&scene), format!("{BEFORE}state-8\tshop\n"));
}

/// The mark is a row of its own: who may change settings alone, and add none, is told so, and nothing changes.
#[test]
fn a_right_that_is_lacking_is_named() {
    let scene = scene();
    scene.server.run("psa", "CREATE USER 'few'@'localhost'; GRANT SELECT ON psa.* TO 'few'@'localhost'; GRANT UPDATE, DELETE ON psa.ModuleSettings TO 'few'@'localhost'");
    let words: Vec<String> = scene.words("fix").into_iter().map(|word| word.replace("root@", "few@")).collect();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_reguid")).args(words).env("HOME", "/nonexistent").output().unwrap();
    let told = flat(&stores::said(&output));
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("INSERT command denied") && told.contains("need SELECT, INSERT, UPDATE and DELETE"), "{told}");
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (BEFORE, 0));
    // With the right, it goes on as if nothing had been.
    scene.ends(0, "fix", &[]);
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (AFTER, 1));
}
