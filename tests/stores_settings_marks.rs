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
use std::process::Command;

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

/// What the extension wrote while a script waited speaks of now.
#[test]
fn a_setting_that_was_written_while_its_script_waited_is_translated() {
    let scene = scene();
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "late.sql"]);
    scene.server.run("psa", "UPDATE ModuleSettings SET value = '8' WHERE name = 'first'");
    assert!(flat(&scene.ends(2, "fix", &[])).contains("take the run back with reguid undo"));
    let told = flat(&scene.ends(1, "undo", &[]));
    assert!(told.contains("first was written since the run"), "{told}");
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(settings(&scene), BEFORE.replace("first\t5", "first\t6"));
    scene.ends(0, "fix", &[]);
    assert_eq!(settings(&scene), AFTER.replace("first\t7", "first\t8"));
}

/// A fix of what another restore changed.
fn fixed_again(scene: &Scene) -> (Option<i32>, String) {
    fixed_again_with(scene, &[])
}

fn fixed_again_with(scene: &Scene, more: &[&str]) -> (Option<i32>, String) {
    let words = scene.words("fix");
    let at = words.iter().position(|word| word == "--old").unwrap();
    let words: Vec<&String> = words.iter().enumerate().filter(|(n, _)| *n != at && *n != at + 1).map(|(_, word)| word).collect();
    let mut process = Command::new(env!("CARGO_BIN_EXE_reguid"));
    let output = process.env_remove("MYSQL_PWD").env("HOME", "/nonexistent").args(words).args(more).output().unwrap();
    (output.status.code(), flat(&said(&output)))
}

/// The panel numbers two other domains anew.
const RESTORE: &str =
    "UPDATE domains SET id = 99 WHERE id = 9; UPDATE domains SET id = 9 WHERE id = 10; UPDATE domains SET id = 10 WHERE id = 99";

#[test]
fn settings_and_files_of_before_two_runs_are_noticed() {
    let scene = only(FILL, &format!("{SETTINGS}[[reference]]\nfile = \"list.txt\"\nkind = \"domain\"\n"));
    fs::write(scene.var().join("list.txt"), "5\n7\n").unwrap();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", RESTORE);
    assert_eq!(fixed_again(&scene).0, Some(0));
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(0) && told.contains("Nothing to do"), "{told}");
    let after = backup(&scene);
    scene.server.run("psa", FILL);
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(2) && told.contains("as they were before run 1, and later runs took them for newer ones"), "{told}");
    assert!(flat(&scene.ends(2, "verify", &[])).contains("as they were before run 1"));
    assert!(flat(&scene.ends(2, "undo", &["--accept-changes"])).contains("as they were before run 1"));
    assert_eq!(settings(&scene), BEFORE);
    scene.server.run("psa", &after);
    scene.ends(0, "verify", &[]);
    fs::write(scene.var().join("list.txt"), "5\n7\n").unwrap();
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(2) && told.contains("list.txt: the file is as it was before run 1"), "{told}");
}

/// The extension cleared its settings, and the mark, while the run was interrupted: the word says that they speak of now, so that nothing is left to do.
#[test]
fn the_word_new_lets_settings_of_an_interrupted_run_be() {
    let scene = scene();
    cut::killed(&scene, "fix", &[], Cut::After);
    assert_eq!(settings(&scene), AFTER);
    scene.server.run(
        "psa",
        "DELETE FROM ModuleSettings WHERE module_id = 1; INSERT INTO ModuleSettings VALUES (1, 'first', '5'), (1, 'second', '8')",
    );
    assert!(flat(&scene.ends(2, "fix", &[])).contains("saying which ids they hold"));
    scene.ends(0, "fix", &["--panel-holds", "new"]);
    assert_eq!((settings(&scene).as_str(), marks(&scene)), ("first\t5\nsecond\t8\n", 1));
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
}

#[test]
fn a_mark_that_is_let_pass_is_asked_about_once() {
    let scene = scene();
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'reguid-run-ghghghghghgh', 'reguid rewrote ids of this extension')");
    assert!(flat(&scene.ends(2, "fix", &[])).contains(UNKNOWN));
    scene.ends(0, "fix", &["--trust-old"]);
    assert_eq!(settings(&scene), AFTER);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    scene.ends(0, "verify", &[]);
    // Who takes that back is asked again.
    scene.ends(0, "undo", &[]);
    assert!(flat(&scene.ends(2, "fix", &[])).contains(UNKNOWN));
}

/// Settings of objects come back with the objects, beside the extension's own and their mark.
#[test]
fn settings_of_objects_that_were_put_back_are_noticed_beside_the_mark() {
    const OBJECTS: &str =
        "DELETE FROM dom_param; INSERT INTO dom_param VALUES (8, 'ext-sample-parent', '5'), (9, 'ext-sample-parent', '7')";
    let parents = "[[reference]]\ndomain-setting = \"parent\"\nkind = \"domain\"\n";
    let scene = only(&format!("{FILL}; {OBJECTS}"), &format!("{SETTINGS}{parents}"));
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", OBJECTS);
    for command in ["plan", "fix", "verify"] {
        let told = flat(&scene.ends(2, command, &[]));
        assert!(told.contains("as they were before run 1") && told.contains("domain 8: parent domain 9: parent"), "{command}: {told}");
    }
    // They speak of now: a person says so once.
    let said = flat(&scene.ends(0, "fix", &["--panel-holds", "new"]));
    assert!(
        said.contains("Nothing to do") && said.contains("domain 8: parent is as it was before run 1, and is taken to speak of now"),
        "{said}"
    );
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    scene.ends(0, "verify", &[]);
}

/// A domain may be put back alone, and get another id with that: its settings are of before the run, and those of others are not.
#[test]
fn settings_of_one_object_that_was_put_back_are_noticed() {
    const OBJECTS: &str =
        "DELETE FROM dom_param; INSERT INTO dom_param VALUES (8, 'ext-sample-parent', '5'), (9, 'ext-sample-parent', '7')";
    let parents = "[[reference]]\ndomain-setting = \"parent\"\nkind = \"domain\"\n";
    let scene = only(&format!("{FILL}; {OBJECTS}"), &format!("{SETTINGS}{parents}"));
    let all =
        || String::from_utf8(scene.server.print(["-N", "-B", "-D", "psa", "-e", "SELECT dom_id, val FROM dom_param ORDER BY 1"])).unwrap();
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), "8\t7\n9\t5\n");
    let put_back = |id: i64| scene.server.run("psa", &format!("UPDATE dom_param SET val = '7' WHERE dom_id = {id}"));
    put_back(9);
    for command in ["plan", "fix", "verify"] {
        let told = flat(&scene.ends(2, command, &[]));
        assert!(told.contains("as they were before run 1") && told.contains("domain 9: parent"), "{command}: {told}");
        assert!(!told.contains("domain 8: parent"), "{command}: {told}");
    }
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(all(), "8\t5\n9\t7\n");
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), "8\t7\n9\t5\n");
    // It gets another id: the panel moves its settings, and nothing is wrong with them; unless they were put back too.
    scene.server.run("psa", &format!("{RESTORE}; UPDATE dom_param SET dom_id = 10 WHERE dom_id = 9"));
    put_back(10);
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(2) && told.contains("domain 10: parent") && !told.contains("domain 8: parent"), "{told}");
    scene.server.run("psa", "UPDATE dom_param SET val = '5' WHERE dom_id = 10");
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(0) && told.contains("Run 3"), "{told}");
    // The same of before a run that is not the last one, in which its owner had another id.
    put_back(10);
    for (code, told) in [fixed_again(&scene), (Some(2), flat(&scene.ends(2, "verify", &[])))] {
        assert!(code == Some(2) && told.contains("as they were before run 2, and later runs"), "{told}");
        assert!(told.contains("domain 10: parent") && !told.contains("domain 8: parent"), "{told}");
    }
    // A person says once that it speaks of now.
    scene.ends(0, "verify", &["--panel-holds", "new"]);
    let (code, told) = fixed_again_with(&scene, &["--panel-holds", "new"]);
    assert!(code == Some(0) && told.contains("domain 10: parent is as it was before run 2, and is taken to speak of now"), "{told}");
    scene.ends(0, "verify", &[]);
}

/// Such a table is written by a script only, which then must be able to.
#[test]
fn a_script_changes_settings_that_know_no_transactions() {
    let scene = scene();
    scene.server.run("psa", "ALTER TABLE ModuleSettings ENGINE = MyISAM");
    assert!(flat(&scene.ends(2, "fix", &[])).contains("--emit sql"));
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "mend.sql"]);
    assert!(client(&scene, "mend.sql", &[]).status.success());
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (AFTER, 1));
    assert!(scene.ends(0, "fix", &["--emit", "sql"]).contains("Nothing to do"));
}

#[test]
fn a_name_that_is_spelled_otherwise_is_told() {
    let scene =
        only("INSERT INTO ModuleSettings VALUES (1, 'lastscan', '5')", "[[reference]]\nsetting = \"LastScan\"\nkind = \"domain\"\n");
    assert!(flat(&scene.ends(0, "plan", &[])).contains("the panel has it as \"lastscan\""));
    assert!(flat(&scene.ends(1, "verify", &[])).contains("the panel has it as \"lastscan\""));
}

/// A script that was not run is asked for, also where the owners of its settings got other ids since.
#[test]
fn a_script_for_settings_of_objects_is_asked_for_after_another_restore() {
    const OBJECTS: &str = "DELETE FROM dom_param; INSERT INTO dom_param VALUES (9, 'ext-sample-parent', '5')";
    let scene = only(OBJECTS, "[[reference]]\ndomain-setting = \"parent\"\nkind = \"domain\"\n");
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "late.sql"]);
    scene.server.run("psa", RESTORE);
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(2) && told.contains("whose script was not run"), "{told}");
}

/// The settings of a domain that got another id are where it is now, and the script that was not run knows nothing of that.
#[test]
fn a_script_that_was_not_run_is_not_forgotten_with_its_owners_ids() {
    const PARENTS: &str = "[[reference]]\ndomain-setting = \"parent\"\nkind = \"domain\"\n";
    const MOVED: &str = "UPDATE domains SET id = 26 WHERE id = 8; UPDATE dom_param SET dom_id = 26 WHERE dom_id = 8";
    let all = |scene: &Scene| {
        String::from_utf8(scene.server.print(["-N", "-B", "-D", "psa", "-e", "SELECT dom_id, val FROM dom_param ORDER BY 1"])).unwrap()
    };
    let one = "DELETE FROM dom_param; INSERT INTO dom_param VALUES (8, 'ext-sample-parent', '5')";
    let scene = only(one, PARENTS);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "never.sql"]);
    scene.server.run("psa", MOVED);
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(2) && told.contains("was not run, or not to its end") && told.contains("domain 26: parent"), "{told}");
    assert!(flat(&scene.ends(2, "verify", &[])).contains("domain 26: parent"));
    // What undo finds there may be the domain's, or written since.
    let told = flat(&scene.ends(2, "undo", &["--accept-changes"]));
    assert!(told.contains("cannot be told for certain") && told.contains("domain 8: parent is not there"), "{told}");
    scene.ends(0, "undo", &["--panel-holds", "old"]);
    assert_eq!(all(&scene), "26\t5\n");
    scene.ends(0, "fix", &[]);
    assert_eq!(all(&scene), "26\t7\n");

    // What is still to be done to it is told by who cannot do it.
    let scene = only(one, PARENTS);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "never.sql"]);
    scene.server.run("psa", MOVED);
    let told = flat(&scene.ends(2, "undo", &[]));
    assert!(told.contains("domain 8: parent, which is not there any more: look where that domain is now"), "{told}");
    assert_eq!(all(&scene), "26\t7\n");
}

/// The mark tells that a script was run, whatever a setting is since.
#[test]
fn a_script_that_was_run_is_not_asked_for() {
    let parents = "[[reference]]\ndomain-setting = \"parent\"\nkind = \"domain\"\n";
    let scene = only("DELETE FROM dom_param; INSERT INTO dom_param VALUES (9, 'ext-sample-parent', '5')", parents);
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "once.sql"]);
    assert!(client(&scene, "once.sql", &[]).status.success());
    scene.ends(0, "verify", &[]);
    scene.server.run("psa", "UPDATE dom_param SET val = '5' WHERE dom_id = 9");
    for (command, more) in [("verify", &[][..]), ("fix", &[]), ("fix", &["--emit", "sql", "--emit-to", "twice.sql"])] {
        let told = flat(&scene.ends(2, command, more));
        assert!(!told.contains("whose script was not run") && told.contains("--panel-holds new"), "{command}: {told}");
    }
    assert!(!scene.beside("twice.sql").exists());
    scene.ends(0, "fix", &["--panel-holds", "new"]);
    scene.ends(0, "verify", &[]);
}

/// A person's word does not outvote a mark; and what a person did instead of a script leaves no mark behind that nobody knows.
#[test]
fn a_back_script_and_a_persons_word() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "back.sql"]);
    for more in [&[][..], &["--panel-holds", "old"]] {
        assert!(flat(&scene.ends(2, "fix", more)).contains("the script that takes it back was not run"), "{more:?}");
    }
    assert_eq!(settings(&scene), AFTER);
    // By hand, beside the mark.
    scene.server.run("psa", &FILL.replace("DELETE FROM ModuleSettings WHERE module_id = 1;", "").replace("INSERT", "REPLACE"));
    scene.ends(0, "fix", &[]);
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (AFTER, 1));
    scene.ends(0, "verify", &[]);
    scene.ends(0, "undo", &[]);
    assert_eq!((settings(&scene).as_str(), marks(&scene)), (BEFORE, 0));
}

/// Settings that a later run wrote speak for it that nothing was put back, though one looks as before an earlier run.
#[test]
fn what_a_later_run_left_speaks_for_an_earlier_one() {
    let entries = ["first", "second", "third"].map(|name| format!("[[reference]]\nsetting = \"{name}\"\nkind = \"domain\"\n")).concat();
    let scene = only(
        "DELETE FROM ModuleSettings; INSERT INTO ModuleSettings VALUES (1, 'first', '5'), (1, 'second', '8'), (1, 'third', '9')",
        &entries,
    );
    scene.ends(0, "fix", &[]);
    // Cleared and written anew, one as it was before by chance.
    scene.server.run(
        "psa",
        "DELETE FROM ModuleSettings; INSERT INTO ModuleSettings VALUES (1, 'first', '5'), (1, 'second', '9'), (1, 'third', '10')",
    );
    scene.ends(0, "verify", &[]);
    scene.server.run("psa", RESTORE);
    assert!(flat(&scene.ends(0, "verify", &[])).contains("this panel is in another state"));
    assert_eq!(fixed_again(&scene).0, Some(0));
    assert!(!scene.ends(0, "verify", &[]).contains("this panel is in another state"));
    assert_eq!(fixed_again(&scene).0, Some(0));
    scene.ends(0, "undo", &[]);
}

/// What a person said once is not asked again, neither where a mark could not be set nor where the run that was told so did something.
#[test]
fn a_persons_word_is_remembered_whatever_the_run_did() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", FILL);
    let script = ["--emit", "sql", "--emit-to", "none.sql"];
    scene.ends(2, "fix", &script);
    assert!(scene.ends(0, "fix", &[&script[..], &["--panel-holds", "new"]].concat()).contains("Nothing to do"));
    assert_eq!(marks(&scene), 0);
    assert!(scene.ends(0, "fix", &script).contains("Nothing to do"));
    scene.ends(0, "verify", &[]);

    let scene = self::scene();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", FILL);
    scene.server.run("psa", RESTORE);
    assert_eq!(fixed_again(&scene).0, Some(2));
    let (code, told) = fixed_again_with(&scene, &["--panel-holds", "new"]);
    assert!(code == Some(0) && told.contains("Run 2"), "{told}");
    let (code, told) = fixed_again(&scene);
    assert!(code == Some(0) && told.contains("Nothing to do"), "{told}");
    scene.ends(0, "verify", &[]);
}

/// A word is about what was there when it was given, and not about what the script that comes of it is still to do.
#[test]
fn a_persons_word_does_not_stand_for_the_script_that_it_is_said_with() {
    let scene = scene();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", FILL);
    // One of them is to become another one.
    scene.server.run("psa", &format!("UPDATE ModuleSettings SET value = '9' WHERE name = 'first'; {RESTORE}"));
    let (code, told) =
        fixed_again_with(&scene, &["--panel-holds", "new", "--emit", "sql", "--emit-to", scene.beside("two.sql").to_str().unwrap()]);
    assert!(code == Some(0) && told.contains("run this script now"), "{told}");
    for told in [flat(&scene.ends(2, "verify", &[])), fixed_again(&scene).1] {
        assert!(told.contains("run 2, whose script was not run"), "{told}");
    }
    assert!(client(&scene, "two.sql", &[]).status.success());
    scene.ends(0, "verify", &[]);
}

/// Until fix is run after another restore, settings go with their objects: what has an object's old id is another one's.
#[test]
fn verify_looks_for_settings_where_their_objects_are_now() {
    const OBJECTS: &str = "DELETE FROM dom_param; INSERT INTO dom_param VALUES (9, 'ext-sample-parent', '5')";
    let parents = "[[reference]]\ndomain-setting = \"parent\"\nkind = \"domain\"\n";
    let scene = only(&format!("{FILL}; {OBJECTS}"), &format!("{SETTINGS}{parents}"));
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "INSERT INTO dom_param VALUES (10, 'ext-sample-parent', '5')");
    scene.ends(0, "verify", &[]);
    let exchanged = "UPDATE dom_param SET dom_id = 99 WHERE dom_id = 9; UPDATE dom_param SET dom_id = 9 WHERE dom_id = 10; UPDATE dom_param SET dom_id = 10 WHERE dom_id = 99";
    scene.server.run("psa", &format!("{RESTORE}; {exchanged}"));
    assert!(flat(&scene.ends(0, "verify", &[])).contains("this panel is in another state"));
    assert_eq!(fixed_again(&scene).0, Some(0));
    scene.ends(0, "verify", &[]);
}
