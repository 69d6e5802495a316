//! Settings in a live panel database, files and SQLite databases in one run, on a real MariaDB; scripts in a real client and a real PHP.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use stores::{STUB, Scene, after, before, client, flat, said};

#[test]
fn the_whole_of_it() {
    let scene = Scene::new();
    assert_eq!(scene.state(), before());
    let state = scene.var().join("state.json");
    fs::set_permissions(&state, fs::Permissions::from_mode(0o640)).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::options().write(true).open(&state).unwrap().set_modified(long_ago).unwrap();
    let report = fs::metadata(scene.var().join("report-5.json")).unwrap().ino();
    // Where the file system has attributes, they stay.
    let attribute = rustix::fs::setxattr(&state, "user.kept", b"as it was", rustix::fs::XattrFlags::empty());

    let plan = scene.ends(0, "plan", &["-o", "plan.json"]);
    for line in [
        "setting-key:status-{domain}",
        "setting:clientMap$.{client}",
        "domain-setting:parent",
        "file:state.json$.pending.{domain}",
        "file-name:cache-{domain}/part-{client}.bin",
        "Settings of sample in mysql://root@/psa",
        "status-5 \u{2192} status-7",
        "status-13: it is taken out",
        "clientMap: its value changes",
        "domain 7: parent: its value changes",
        "state.json: its content changes",
        "report-5.json \u{2192} report-7.json",
        "cache-5/ \u{2192} cache-7",
        "cache-5/part-3.bin \u{2192} cache-7/part-2.bin",
    ] {
        assert!(plan.replace("->", "\u{2192}").contains(line), "{line}: {plan}");
    }
    assert_eq!(scene.state(), before(), "a plan writes nothing");
    assert!(!scene.var().join("reguid.db").exists());
    let json: serde_json::Value = serde_json::from_slice(&fs::read(scene.beside("plan.json")).unwrap()).unwrap();
    assert_eq!(json["summary"]["settings"], 5);
    assert_eq!(json["settings"].as_array().unwrap().len(), 5);
    assert!(json["settings"].as_array().unwrap().iter().any(|s| s["name"] == "status-13" && s["name_after"].is_null()));
    assert_eq!(json["settings_from"]["module"], "sample");

    // A plan is of the settings and files as they are.
    scene.server.run("psa", "UPDATE ModuleSettings SET value = 'new' WHERE name = 'status-7'");
    assert!(flat(&scene.ends(2, "fix", &["--plan", "plan.json"])).contains("the plan is stale"));
    scene.reset_settings();
    fs::write(scene.var().join("list.txt"), "5\n").unwrap();
    assert!(flat(&scene.ends(2, "fix", &["--plan", "plan.json"])).contains("the plan is stale"));
    fs::write(scene.var().join("list.txt"), stores::FILES[3].1).unwrap();
    assert_eq!(scene.state(), before());

    let fixed = scene.ends(0, "fix", &["--plan", "plan.json"]);
    assert!(fixed.contains("5 settings") && fixed.contains("files, checked and committed"), "{fixed}");
    assert_eq!(scene.state(), after());
    let now = fs::metadata(&state).unwrap();
    assert_eq!((now.mode() & 0o7777, now.modified().unwrap()), (0o640, long_ago), "mode and time stay");
    match attribute {
        Ok(()) => {
            let mut value = [0_u8; 20];
            let length = rustix::fs::getxattr(&state, "user.kept", &mut value[..]).unwrap();
            assert_eq!(value[..length], *b"as it was", "t28: attributes stay");
        }
        Err(error) => {
            assert_eq!(error, rustix::io::Errno::NOTSUP);
            println!("t28 is not tried: the file system keeps no attributes");
        }
    }
    assert_eq!(fs::metadata(scene.var().join("report-7.json")).unwrap().ino(), report, "a file that gets another name is the same file");
    assert!(!scene.var().join("reguid.stage").exists());

    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert!(scene.ends(0, "verify", &[]).contains("Every reference resolves"));

    let undone = scene.ends(0, "undo", &[]);
    assert!(undone.contains("Run 1 was taken back"), "{undone}");
    assert_eq!(scene.state(), before());
    assert_eq!(fs::metadata(&state).unwrap().modified().unwrap(), long_ago);
    scene.ends(0, "fix", &[]);
    assert_eq!(scene.state(), after(), "and once more");
}

/// Settings that no entry of the manifest means are other people's: tokens, passwords, keys.
#[test]
fn settings_that_are_not_meant_are_kept_nowhere() {
    const SECRET: &str = "PLANTED";
    let scene = Scene::new();
    scene.server.run(
        "psa",
        &format!(
            "INSERT INTO ModuleSettings VALUES (1, 'apiToken', '{SECRET}-5'), (1, 'statuses-5', '{SECRET}'), (2, 'status-5', '{SECRET}');
             INSERT INTO dom_param VALUES (7, 'ext-sample-password', '{SECRET}'), (7, 'ext-wp-toolkit-parent', '{SECRET}'), (5, 'parent', '{SECRET}');
             UPDATE cl_param SET val = '{SECRET}'; UPDATE accounts SET password = '{SECRET}'; UPDATE clients SET passwd = '{SECRET}'"
        ),
    );
    let settings = scene.settings();
    let mut told = scene.ends(0, "plan", &["-o", "plan.json"]);
    told += &scene.ends(0, "plan", &["--format", "json"]);
    told += &scene.ends(0, "fix", &[]);
    told += &scene.ends(0, "verify", &[]);
    assert!(scene.settings().matches(SECRET).count() == settings.matches(SECRET).count() && scene.settings() != settings);
    told += &scene.ends(0, "undo", &[]);
    assert_eq!(scene.settings(), settings);
    assert!(told.contains("status-5") && !told.contains(SECRET), "{told}");
    let holds = |bytes: &[u8]| bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
    for written in [scene.beside("plan.json"), scene.var().join("reguid.db")] {
        let bytes = fs::read(&written).unwrap();
        assert!(!bytes.is_empty() && !holds(&bytes), "{}", written.display());
    }
}

#[test]
fn undo_is_refused_where_settings_or_files_changed_since() {
    let scene = Scene::new();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE ModuleSettings SET value = 'since' WHERE name = 'status-7'");
    fs::write(scene.var().join("state.json"), "{}").unwrap();
    let state = scene.state();
    let said = scene.ends(1, "undo", &[]);
    assert!(said.contains("status-7") && said.contains("'since'") && said.contains("state.json"), "{said}");
    assert_eq!(scene.state(), state);
    // A fix on the same panel finds everything in its place.
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
}

/// Settings and files that the extension wrote since the run: domain 9 was 8 before, client 4 was 2.
fn write_since(scene: &Scene) {
    scene.server.run(
        "psa",
        "INSERT INTO ModuleSettings VALUES (1, 'status-9', 'new'), (1, 'status-13', 'new'), (3, 'status-9', 'other');
         INSERT INTO dom_param VALUES (9, 'ext-sample-parent', '9'), (9, 'ext-sample-other', '9')",
    );
    fs::write(scene.var().join("report-9.json"), "nine").unwrap();
    fs::write(scene.var().join("queue/c.ser"), "a:1:{i:0;a:1:{s:6:\"client\";i:4;}}").unwrap();
    fs::create_dir(scene.var().join("cache-9")).unwrap();
    fs::write(scene.var().join("cache-9/part-4.bin"), "nine four").unwrap();
    fs::write(scene.var().join("cache-7/part-4.bin"), "seven four").unwrap();
}

/// What was there before the run, and beside it what was written since, in the ids of then.
fn before_and_since() -> stores::State {
    let mut wanted = before();
    wanted.settings = stores::SETTINGS
        .replace("7\text-sample-parent", "1\tstatus-8\tnew\n1\tstatus-18\tnew\n3\tstatus-9\tother\n7\text-sample-parent")
        + "9\text-sample-other\t9\n9\text-sample-parent\t8\n";
    for (path, text) in [
        ("report-8.json", "nine"),
        ("queue/c.ser", "a:1:{i:0;a:1:{s:6:\"client\";i:2;}}"),
        ("cache-8/part-2.bin", "nine four"),
        ("cache-5/part-2.bin", "seven four"),
    ] {
        wanted.files.insert(path.into(), text.into());
    }
    // In the order of names.
    let mut lines: Vec<&str> = wanted.settings.lines().collect();
    lines.sort_unstable();
    wanted.settings = lines.join("\n") + "\n";
    wanted
}

fn sorted(mut state: stores::State) -> stores::State {
    let mut lines: Vec<&str> = state.settings.lines().collect();
    lines.sort_unstable();
    state.settings = lines.join("\n") + "\n";
    state
}

#[test]
fn settings_and_files_that_were_written_since_go_back_where_that_is_accepted() {
    let scene = Scene::new();
    scene.ends(0, "fix", &[]);
    write_since(&scene);
    let state = scene.state();
    let told = flat(&scene.ends(1, "undo", &[]));
    for line in [
        "status-9 was written since the run; the ids in it were others before the run",
        "status-13 was written since the run; the ids in it were others before the run",
        "domain 9: parent was written since the run",
        "report-9.json: it was written since the run",
        "queue/c.ser: it was written since the run",
        "cache-9: it was written since the run",
        "cache-9/part-4.bin: it was written since the run",
        "cache-7/part-4.bin: it was written since the run",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    assert!(!told.contains("queue/b.ser") && !told.contains("status-5") && !told.contains("9: other"), "{told}");
    assert_eq!(scene.state(), state, "nothing is written");
    scene.ends(0, "undo", &["--accept-changes"]);
    assert_eq!(sorted(scene.state()), before_and_since());

    // What cannot be translated stops in any case: nothing of before was domain 18, and another one was called so.
    scene.reset();
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'status-18', 'new')");
    let told = flat(&scene.ends(1, "undo", &["--accept-changes"]));
    assert!(told.contains("status-18 was written since the run; nothing tells which id its object had"), "{told}");

    // What the run saw and left did not come since.
    scene.reset();
    fs::write(scene.manifest(), stores::MANIFEST.replace("delete-row", "keep")).unwrap();
    scene.server.run("psa", "UPDATE ModuleSettings SET name = 'status-99' WHERE name = 'status-13'");
    let settings = scene.settings();
    scene.ends(0, "fix", &[]);
    assert!(scene.settings().contains("status-99"), "the manifest says that it stays");
    // Nor does what comes back take a name that is in use.
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'status-9', 'new'), (1, 'STATUS-8', 'of nobody')");
    let told = flat(&scene.ends(1, "undo", &["--accept-changes"]));
    assert!(told.contains("status-9 would be status-8 again, which is there") && !told.contains("status-99"), "{told}");
    scene.server.run("psa", "DELETE FROM ModuleSettings WHERE name IN ('STATUS-8', 'status-9')");
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.settings(), settings);
}

#[test]
fn a_script_takes_back_what_was_written_since() {
    let scene = Scene::new();
    scene.ends(0, "fix", &[]);
    write_since(&scene);
    scene.ends(1, "undo", &["--emit", "sql"]);
    scene.ends(0, "undo", &["--emit", "sql", "--accept-changes"]);
    let done = client(&scene, "reguid-settings-back.sql", &[]);
    assert!(said(&done).contains("reguid: 8 settings changed"), "{}", said(&done));
    assert_eq!(sorted(scene.state()), before_and_since());
}

#[test]
fn what_would_not_fit_is_told_before_anything_is_written() {
    let scene = Scene::new();
    let refused = |says: &str| {
        let state = scene.state();
        let said = scene.ends(1, "fix", &[]);
        assert!(flat(&said).contains(says), "{says}: {said}");
        assert_eq!(scene.state(), state);
        scene.reset();
    };
    // Domain 13 is gone and its setting may stay, under the name that domain 18's becomes.
    fs::write(scene.manifest(), "[[reference]]\nsetting-key = \"status-{domain}\"\non-missing = \"keep\"\n").unwrap();
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'status-18', 'x')");
    refused("status-18 would become status-13");
    // The server tells names apart without case.
    fs::write(scene.manifest(), "[[reference]]\nsetting-key = \"status-{domain}\"\n").unwrap();
    scene.server.run("psa", "UPDATE ModuleSettings SET name = 'STATUS-7' WHERE name = 'status-7'");
    refused("status-5 would become status-7");
    // 8 characters are left of 5000, and the id grows by one digit: 9 → 10.
    let value = format!("{{\"id\":9,\"x\":\"{}\"}}", "y".repeat(5000 - 15));
    fs::write(scene.manifest(), "[[reference]]\nsetting = \"long\"\npath = \"$.id\"\nkind = \"domain\"\n").unwrap();
    scene.server.run("psa", &format!("INSERT INTO ModuleSettings VALUES (1, 'long', '{value}')"));
    refused("would have 5001 characters");
    fs::write(scene.manifest(), "[[reference]]\nfile-name = \"report-{domain}.json\"\n").unwrap();
    fs::write(scene.var().join("report-9.json"), "nine").unwrap();
    fs::write(scene.var().join("report-10.json"), "ten").unwrap();
    fs::rename(scene.var().join("report-10.json"), scene.var().join("report-6.json")).unwrap();
    fs::create_dir(scene.var().join("report-8.json")).unwrap();
    fs::write(scene.manifest(), "[[reference]]\nfile-name = \"report-{domain}.json\"\n\n[[reference]]\nfile-name = \"{domain}-*\"\n")
        .unwrap();
    scene.ends(0, "fix", &[]);
    assert_eq!(fs::read(scene.var().join("report-10.json")).unwrap(), b"nine");
    assert!(scene.var().join("report-9.json").is_dir(), "a folder under such a name goes along");
}

/// A setting of an object that is gone makes room for another object's.
#[test]
fn a_setting_whose_object_is_gone_is_taken_out_and_put_back() {
    let scene = Scene::new();
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'status-18', 'north'), (1, 'status-99', NULL)");
    let settings = scene.settings();
    scene.ends(0, "fix", &[]);
    let mended = scene.settings();
    assert!(mended.contains("status-13\tnorth\n") && !mended.contains("status-18") && !mended.contains("status-99"), "{mended}");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    // Somebody puts a setting under a name that was free since: it tells nothing, and is in the way.
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'STATUS-99', 'new')");
    let told = flat(&scene.ends(1, "undo", &["--accept-changes"]));
    assert!(told.contains("status-99 would be status-99 again, which is there"), "{told}");
    scene.server.run("psa", "DELETE FROM ModuleSettings WHERE name = 'STATUS-99'");
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.settings(), settings);

    // It may come again as it was: then it is the other object's.
    scene.server.run("psa", "DELETE FROM ModuleSettings WHERE name <> 'status-13'");
    fs::write(scene.manifest(), "[[reference]]\nsetting-key = \"status-{domain}\"\non-missing = \"delete-row\"\n").unwrap();
    let fixed = scene.ends(0, "fix", &[]);
    assert!(fixed.contains("1 setting"), "{fixed}");
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'status-13', 'gone')");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    assert!(scene.settings().contains("status-13\tgone"));
    scene.reset();
    scene.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'status-18', 'north'), (1, 'status-99', NULL)");

    // What else a row holds would be lost.
    scene.server.run("psa", "ALTER TABLE ModuleSettings ADD COLUMN note TEXT");
    let refused = flat(&scene.ends(2, "fix", &[]));
    assert!(refused.contains("columns that are not known (note)"), "{refused}");
    scene.server.run("psa", "ALTER TABLE ModuleSettings DROP COLUMN note");
    scene.ends(0, "fix", &["--emit", "sql"]);
    scene.server.run("psa", "ALTER TABLE ModuleSettings ADD COLUMN note TEXT");
    let refused = client(&scene, "reguid-settings.sql", &["--force"]);
    assert!(said(&refused).contains("nothing was changed"), "{}", said(&refused));
    assert_eq!(scene.settings(), settings);
    scene.server.run("psa", "ALTER TABLE ModuleSettings DROP COLUMN note");
    let done = client(&scene, "reguid-settings.sql", &[]);
    assert!(said(&done).contains("reguid: 7 settings changed"), "{}", said(&done));
    assert_eq!(scene.settings(), mended);
    scene.ends(0, "undo", &["--emit", "sql"]);
    let done = client(&scene, "reguid-settings-back.sql", &[]);
    assert!(said(&done).contains("reguid: 7 settings changed"), "{}", said(&done));
    assert_eq!(scene.settings(), settings);
}

#[test]
fn encrypted_and_broken_values_are_told_and_left() {
    let scene = Scene::new();
    let manifest = "[[reference]]\nsetting = \"*\"\npath = \"$.id\"\nkind = \"domain\"\n\n[[reference]]\nfile = \"*.json\"\npath = \"$.id\"\nkind = \"domain\"\n";
    fs::write(scene.manifest(), manifest).unwrap();
    scene.server.run(
        "psa",
        "INSERT INTO ModuleSettings VALUES (1, 'a', '{\"id\":5}'), (1, 'b', '$AES-128-CBC$abc=='), (1, 'c', '{\"id\":5'), (1, 'd', NULL), (1, 'e', '')",
    );
    let state = scene.state();
    let strict = flat(&scene.ends(1, "fix", &["--strict"]));
    assert!(strict.contains("cannot be looked into") && strict.contains("are encrypted"), "{strict}");
    assert_eq!(scene.state(), state);
    // Done, and yet not all is sure.
    let fixed = flat(&scene.ends(1, "fix", &[]));
    assert!(fixed.contains("1 values are encrypted: the panel alone can read them: b"), "{fixed}");
    assert!(fixed.contains("c (byte"), "{fixed}");
    assert_eq!(scene.settings(), state.settings.replace("1\ta\t{\"id\":5}", "1\ta\t{\"id\":7}"));
    assert_eq!(scene.files(), state.files);
}

#[test]
fn links_lead_nowhere() {
    let scene = Scene::new();
    let outside = scene.beside("outside.json");
    fs::write(&outside, "{\"id\":5}").unwrap();
    fs::create_dir(scene.beside("elsewhere")).unwrap();
    fs::write(scene.beside("elsewhere/state.json"), "{\"id\":5}").unwrap();
    symlink(&outside, scene.var().join("link.json")).unwrap();
    symlink(scene.beside("elsewhere"), scene.var().join("folder")).unwrap();
    fs::write(scene.manifest(), "[[reference]]\nfile = \"link.json\"\npath = \"$.id\"\nkind = \"domain\"\n").unwrap();
    let refused = flat(&scene.ends(2, "fix", &[]));
    assert!(refused.contains("link.json is a symbolic link, which is not followed"), "{refused}");
    // What lies behind a folder that is a link is not seen at all.
    fs::write(scene.manifest(), "[[reference]]\nfile = \"**/state.json\"\npath = \"$.last\"\nkind = \"domain\"\n").unwrap();
    scene.ends(0, "fix", &[]);
    assert_eq!(fs::read(&outside).unwrap(), b"{\"id\":5}");
    assert_eq!(fs::read(scene.beside("elsewhere/state.json")).unwrap(), b"{\"id\":5}");
    assert!(fs::read_to_string(scene.var().join("state.json")).unwrap().contains("\"last\": \"5\""));
    // Of a file with two names one may lie elsewhere.
    fs::hard_link(&outside, scene.var().join("hard.json")).unwrap();
    fs::write(scene.manifest(), "[[reference]]\nfile = \"hard.json\"\npath = \"$.id\"\nkind = \"domain\"\n").unwrap();
    scene.ends(2, "fix", &["--trust-old"]);
    assert_eq!(fs::read(&outside).unwrap(), b"{\"id\":5}");
}

#[test]
fn a_dump_cannot_be_written_and_a_wrong_module_is_told() {
    let scene = Scene::new();
    let dump = stores::corpus("after.dump.sql");
    let words = ["fix", scene.var().to_str().unwrap(), "--manifest", scene.manifest().to_str().unwrap()].map(str::to_owned);
    let mut process = Command::new(env!("CARGO_BIN_EXE_reguid"));
    process.args(words).args(["--old", stores::corpus("before.dump.sql").to_str().unwrap(), "--new", dump.to_str().unwrap()]);
    let output = process.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(flat(&said(&output)).contains("give the live panel, --new plesk:"), "{}", said(&output));
    let wrong = flat(&scene.ends(2, "fix", &["--module", "sampel"]));
    assert!(wrong.contains("knows no extension `sampel`") && wrong.contains("did you mean `sample`"), "{wrong}");
    assert_eq!(scene.state(), before());
    // The id in the meta.xml beside the manifest goes before the directory's name.
    fs::write(scene.beside("meta.xml"), "<module><id>wp-toolkit</id></module>").unwrap();
    scene.ends(0, "fix", &[]);
    assert_eq!(scene.settings(), stores::SETTINGS, "another extension's settings are not touched");
}

#[test]
fn rows_are_locked_and_tables_without_transactions_are_refused() {
    let scene = Scene::new();
    scene.server.run("psa", "ALTER TABLE ModuleSettings ENGINE = MyISAM");
    let refused = flat(&scene.ends(2, "fix", &[]));
    assert!(refused.contains("MyISAM, which knows no transactions") && refused.contains("--emit sql"), "{refused}");
    assert_eq!(scene.state(), before());
    scene.server.run("psa", "ALTER TABLE ModuleSettings ENGINE = InnoDB");
    // Somebody else holds the rows.
    let mut other = Command::new("mariadb");
    other.args(["--no-defaults", "--user=root", &format!("--socket={}", scene.server.socket().display()), "psa"]);
    other.args(["-e", "START TRANSACTION; UPDATE ModuleSettings SET value = 'held' WHERE module_id = 1; SELECT SLEEP(20); ROLLBACK"]);
    let mut other = other.stdout(std::process::Stdio::null()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let waited = flat(&scene.ends(2, "fix", &[]));
    assert!(waited.contains("Lock wait timeout"), "{waited}");
    other.kill().unwrap();
    other.wait().unwrap();
    scene.reset_settings();
    assert_eq!(scene.state(), before());
    scene.ends(0, "fix", &[]);
    assert_eq!(scene.state(), after());
}

#[test]
fn a_script_in_sql_does_the_same_and_nothing_where_a_row_is_not_as_planned() {
    let scene = Scene::new();
    let fixed = scene.ends(0, "fix", &["--emit", "sql"]);
    assert!(fixed.contains("reguid-settings.sql: run this script now"), "{fixed}");
    assert_eq!(scene.settings(), stores::SETTINGS, "settings are left to the script");
    assert_eq!(scene.files(), after().files);
    // It was not run yet.
    assert!(flat(&scene.ends(2, "fix", &[])).contains("whose script was not run"));
    assert!(scene.ends(2, "fix", &["--emit", "sql"]).contains("reguid-settings.sql"), "a script is not overwritten");
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "again.sql"]);
    assert_eq!(fs::read(scene.beside("again.sql")).unwrap(), fs::read(scene.beside("reguid-settings.sql")).unwrap());

    // Somebody changes a row first: the script refuses, also in a client that goes on after errors.
    scene.server.run("psa", "UPDATE ModuleSettings SET value = 'since' WHERE name = 'status-7'");
    let changed = scene.settings();
    for more in [&[][..], &["--force"]] {
        let refused = client(&scene, "reguid-settings.sql", more);
        assert!(said(&refused).contains("settings are not as planned: nothing was changed"), "{}", said(&refused));
        assert_eq!(scene.settings(), changed, "{more:?}");
    }
    scene.server.run("psa", "UPDATE ModuleSettings SET value = 'failed' WHERE name = 'status-7'");
    // A newcomer under a name that is to be.
    let done = client(&scene, "reguid-settings.sql", &[]);
    assert!(said(&done).contains("reguid: 5 settings changed"), "{}", said(&done));
    assert_eq!(scene.settings(), stores::SETTINGS_AFTER);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    let again = client(&scene, "reguid-settings.sql", &["--force"]);
    assert!(said(&again).contains("nothing was changed"), "{}", said(&again));
    assert_eq!(scene.settings(), stores::SETTINGS_AFTER);
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.state(), before());
    // A script that was never run is taken back with the rest.
    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "never.sql"]);
    scene.ends(0, "undo", &[]);
    assert_eq!(scene.state(), before());
}

#[test]
fn a_script_in_php_uses_the_panels_own_interface() {
    let scene = Scene::new();
    scene.ends(0, "fix", &["--emit", "php"]);
    fs::write(scene.beside("stub.php"), STUB).unwrap();
    let path = scene.beside("settings.sqlite");
    let fill = |status: &str| {
        let _ = fs::remove_file(&path);
        let database = reguid::sqlite::Connection::open(&path).unwrap();
        let map = "{\"3\":\"gold\",\"4\":\"silver\"}";
        let sql = format!(
            "CREATE TABLE settings(owner TEXT, name TEXT, value TEXT, PRIMARY KEY (owner, name));
             INSERT INTO settings VALUES ('module sample', 'status-5', 'ok'), ('module sample', 'status-7', '{status}'),
               ('module sample', 'status-13', 'gone'), ('module sample', 'clientMap', '{map}'), ('domain 7', 'parent', '5'), ('module other', 'status-5', 'other')"
        );
        database.execute_batch(&sql).unwrap();
    };
    let rows = || -> Vec<String> {
        let database = reguid::sqlite::Connection::open(&path).unwrap();
        let sql = "SELECT owner || ' ' || name || ' ' || value FROM settings WHERE name NOT LIKE 'reguid-run-%' ORDER BY 1";
        let mut query = database.prepare(sql).unwrap();
        query.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let marks = || -> i64 {
        let database = reguid::sqlite::Connection::open(&path).unwrap();
        database
            .query_row("SELECT count(*) FROM settings WHERE name LIKE 'reguid-run-%' AND owner = 'module sample'", [], |r| r.get(0))
            .unwrap()
    };
    let run = |dies_at: Option<usize>, arguments: &[&str]| {
        let mut php = Command::new("php");
        php.args(["-d", &format!("auto_prepend_file={}", scene.beside("stub.php").display())]).arg(scene.beside("reguid-settings.php"));
        php.args(arguments).env("STUB", &path).env_remove("DIES_AT");
        dies_at.map(|n| php.env("DIES_AT", n.to_string()));
        php.output().unwrap()
    };
    let fill_since = || {
        let database = reguid::sqlite::Connection::open(&path).unwrap();
        database.execute_batch("UPDATE settings SET value = 'since' WHERE name = 'status-7'").unwrap();
    };
    let wanted = [
        "domain 7 parent 7",
        "module other status-5 other",
        "module sample clientMap {\"2\":\"gold\",\"6\":\"silver\"}",
        "module sample status-5 failed",
        "module sample status-7 ok",
    ];
    fill("since");
    let untouched = rows();
    let refused = run(None, &[]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("nothing was changed"), "{}", said(&refused));
    assert_eq!(rows(), untouched);

    fill("failed");
    let done = run(None, &[]);
    assert!(done.status.success() && said(&done).contains("reguid: 5 settings changed"), "{}", said(&done));
    assert_eq!((rows().as_slice(), marks()), (&wanted.map(String::from)[..], 1));
    // What the extension wrote since makes it no other run.
    fill_since();
    let again = run(None, &[]);
    assert!(again.status.success() && said(&again).contains("changed already"), "{}", said(&again));

    // Interrupted at every step: it can be taken up again, and only on demand.
    for step in 0..6 {
        fill("failed");
        assert_eq!(run(Some(step), &[]).status.code(), Some(7), "{step}");
        if step > 0 && step < 5 {
            assert_eq!(run(None, &[]).status.code(), Some(1), "{step}");
        }
        let resumed = run(None, &["resume"]);
        assert!(resumed.status.success(), "{step}: {}", said(&resumed));
        assert_eq!((rows().as_slice(), marks()), (&wanted.map(String::from)[..], 1), "{step}");
    }
}

/// The names and bytes of a folder's files.
fn listed(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let own = |name: &String| name.starts_with("reguid.");
    let entries = fs::read_dir(folder).unwrap().map(|e| e.unwrap());
    let files = entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()));
    files.filter(|(name, _)| !own(name)).collect()
}

#[test]
fn the_sample_of_the_corpus_is_mended() {
    let scene = Scene::new();
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/status-board/stores");
    scene.server.run("psa", &fs::read_to_string(sample.join("settings.sql")).unwrap());
    fs::remove_dir_all(scene.var()).unwrap();
    fs::create_dir(scene.var()).unwrap();
    for (name, bytes) in listed(&sample.join("before")) {
        fs::write(scene.var().join(name), bytes).unwrap();
    }
    fs::copy(sample.join("reguid.toml"), scene.manifest()).unwrap();
    let settings = || {
        let sql = "SELECT name, value FROM psa.ModuleSettings WHERE module_id = 9 AND name NOT LIKE 'reguid-run-%' ORDER BY name";
        String::from_utf8(scene.server.print(["-N", "-B", "-r", "-e", sql])).unwrap()
    };
    let before = settings();
    let after = fs::read_to_string(sample.join("settings.after.tsv")).unwrap();
    assert_ne!(before, after);
    scene.ends(0, "fix", &["--module", "status-board"]);
    assert_eq!(settings(), after);
    assert_eq!(listed(&scene.var()), listed(&sample.join("after")));
    assert_eq!(scene.settings().matches("status-5").count(), 1, "another extension's settings stay");
    scene.ends(0, "undo", &[]);
    assert_eq!(settings(), before);
    assert_eq!(listed(&scene.var()), listed(&sample.join("before")));
}
