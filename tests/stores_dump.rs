//! Settings that are known from a dump of the panel's database: `fix` and `undo` write a script, which a real MariaDB and a real PHP run.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;

use std::fs;
use std::path::Path;
use std::process::Command;

use stores::{STUB, Scene, State, after, before, client, corpus, said};

/// A text without the line breaks of a terminal.
fn flat(text: &str) -> String {
    text.replace(['│', '×', '╰', '─', '▶'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Makes a dump of the panel as it is now, beside the var directory.
fn dump(scene: &Scene, name: &str) {
    fs::write(scene.beside(name), scene.server.dump(["psa"])).unwrap();
}

/// Runs a command of reguid's that knows the panel from a dump; it must end with this code.
fn ends(scene: &Scene, code: i32, command: &str, panel: &str, more: &[&str]) -> String {
    let text = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
    let mut words = vec![command.to_owned(), text(scene.var())];
    if command != "undo" {
        words.extend(["--manifest".into(), text(scene.manifest())]);
    }
    match command {
        "undo" | "verify" => words.extend(["--panel".into(), panel.into()]),
        _ => words.extend(["--old".into(), text(corpus("before.dump.sql")), "--new".into(), panel.into()]),
    }
    let mut process = Command::new(env!("CARGO_BIN_EXE_reguid"));
    process.env_remove("MYSQL_PWD").env("HOME", "/nonexistent").current_dir(scene.beside(""));
    let output = process.args(&words).args(more).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(code), "{words:?} {more:?}: {said}");
    said
}

fn read(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.beside(name)).unwrap()
}

/// The script runs, and changes that many settings.
fn runs(scene: &Scene, script: &str, settings: usize) {
    let done = client(scene, script, &[]);
    assert!(said(&done).contains(&format!("reguid: {settings} settings changed")), "{script}: {}", said(&done));
}

#[test]
fn a_script_from_a_dump_does_what_a_run_on_the_live_panel_does() {
    let scene = Scene::new();
    dump(&scene, "now.sql");
    let plan = ends(&scene, 0, "plan", "now.sql", &["-o", "dump.json"]).replace("->", "\u{2192}");
    assert!(plan.contains("Settings of sample in now.sql, by a script") && plan.contains("status-5 \u{2192} status-7"), "{plan}");
    scene.ends(0, "plan", &["-o", "live.json"]);
    let [of_dump, of_live] = ["dump.json", "live.json"].map(|name| serde_json::from_str::<serde_json::Value>(&read(&scene, name)).unwrap());
    assert_eq!(of_dump["settings"], of_live["settings"]);
    assert_eq!(of_dump["hash"], of_live["hash"], "a plan from a dump is the plan, as long as the panel is as the dump says");
    assert_eq!((&of_dump["settings_from"]["written"], &of_live["settings_from"]["written"]), (&false.into(), &true.into()));

    // Nothing is written where nobody asked for a script.
    let refused = flat(&ends(&scene, 2, "fix", "now.sql", &[]));
    assert!(refused.contains("a dump of it cannot be written") && refused.contains("--emit sql"), "{refused}");
    assert_eq!(scene.state(), before());
    assert!(!scene.var().join("reguid.db").exists());

    ends(&scene, 0, "fix", "now.sql", &["--emit", "sql", "--emit-to", "mend.sql", "--plan", "live.json"]);
    assert_eq!(scene.state(), State { settings: stores::SETTINGS.into(), ..after() }, "settings are left to the script");
    let script = read(&scene, "mend.sql");
    for line in ["-- status-5 becomes status-7\n", "-- clientMap: its value changes\n", "-- domain 7: parent: its value changes\n"] {
        assert!(script.contains(line), "{line}: {script}");
    }
    runs(&scene, "mend.sql", 5);
    assert_eq!(scene.state(), after());
    dump(&scene, "mended.sql");
    assert!(ends(&scene, 0, "fix", "mended.sql", &["--emit", "sql"]).contains("Nothing to do"));
    assert!(ends(&scene, 0, "verify", "mended.sql", &[]).contains("Every reference resolves"));
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"), "the live panel says the same");
}

#[test]
fn a_script_that_was_not_run_is_noticed() {
    let scene = Scene::new();
    dump(&scene, "now.sql");
    ends(&scene, 0, "fix", "now.sql", &["--emit", "sql", "--emit-to", "mend.sql"]);
    assert!(flat(&ends(&scene, 2, "fix", "now.sql", &[])).contains("a dump of it cannot be written"));
    assert!(flat(&ends(&scene, 2, "plan", "now.sql", &[])).contains("whose script was not run"));
    ends(&scene, 0, "fix", "now.sql", &["--emit", "sql", "--emit-to", "again.sql"]);
    assert_eq!(read(&scene, "again.sql"), read(&scene, "mend.sql"));

    // Somebody changes a row: the script refuses, and neither a dump nor the live panel is taken for mended.
    scene.server.run("psa", "UPDATE ModuleSettings SET value = 'since' WHERE name = 'status-7'");
    let changed = scene.settings();
    assert!(said(&client(&scene, "mend.sql", &[])).contains("nothing was changed"));
    assert_eq!(scene.settings(), changed);
    dump(&scene, "drifted.sql");
    for told in [ends(&scene, 2, "fix", "drifted.sql", &["--emit", "sql"]), scene.ends(2, "fix", &[]), scene.ends(2, "plan", &[])] {
        let told = flat(&told);
        assert!(told.contains("was not run, or not to its end") && told.contains("status-7 is 'since', and was 'failed'"), "{told}");
    }
    // It changed nothing, so that there is nothing to take back but the rest.
    let undone = ends(&scene, 0, "undo", "drifted.sql", &[]);
    assert!(undone.contains("Run 1 was taken back"), "{undone}");
    assert_eq!(scene.state(), State { settings: changed, ..before() });
    ends(&scene, 0, "fix", "drifted.sql", &["--emit", "sql", "--emit-to", "third.sql"]);
    runs(&scene, "third.sql", 5);
    assert_eq!(scene.state(), State { settings: stores::SETTINGS_AFTER.replace("status-5\tfailed", "status-5\tsince"), ..after() });
}

#[test]
fn undo_writes_a_script_as_well() {
    let scene = Scene::new();
    scene.ends(0, "fix", &[]);
    dump(&scene, "mended.sql");
    let refused = flat(&ends(&scene, 2, "undo", "mended.sql", &[]));
    assert!(refused.contains("mended.sql is not to be written, or cannot be") && refused.contains("--emit sql"), "{refused}");
    assert_eq!(scene.state(), after());
    let undone = ends(&scene, 0, "undo", "mended.sql", &["--emit", "sql", "--emit-to", "back.sql"]);
    assert!(undone.contains("back.sql: run this script now"), "{undone}");
    // Rows of a database and files alone: the settings are not as before until the script is run.
    assert!(undone.contains("Run 1 was taken back: 2 rows as before, 9 settings, panel rows and files as before"), "{undone}");
    assert_eq!(scene.state(), State { settings: stores::SETTINGS_AFTER.into(), ..before() });

    // As long as it was not run, nothing goes on, and no other run is taken back.
    for told in [ends(&scene, 2, "plan", "mended.sql", &[]), scene.ends(2, "fix", &[]), ends(&scene, 2, "undo", "mended.sql", &[])] {
        assert!(flat(&told).contains("the script that takes it back was not run"), "{told}");
    }
    ends(&scene, 0, "undo", "mended.sql", &["--emit", "sql", "--emit-to", "again.sql"]);
    assert_eq!(read(&scene, "again.sql"), read(&scene, "back.sql"));
    scene.server.run("psa", "UPDATE ModuleSettings SET value = 'since' WHERE name = 'status-7'");
    assert!(said(&client(&scene, "back.sql", &[])).contains("nothing was changed"));
    assert!(flat(&scene.ends(2, "fix", &[])).contains("the script that takes run 1 back was not run"));
    scene.server.run("psa", "UPDATE ModuleSettings SET value = 'ok' WHERE name = 'status-7'");
    runs(&scene, "back.sql", 5);
    assert_eq!(scene.state(), before());
    assert!(flat(&scene.ends(2, "undo", &[])).contains("there is no run to take back"));

    // The same once more, with a live panel that is not to be written.
    scene.ends(0, "fix", &[]);
    assert_eq!(scene.state(), after());
    scene.ends(0, "undo", &["--emit", "sql"]);
    assert_eq!(scene.state(), State { settings: stores::SETTINGS_AFTER.into(), ..before() });
    runs(&scene, "reguid-settings-back.sql", 5);
    assert_eq!(scene.state(), before());

    // Who may write does what was left to a script.
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &["--emit", "sql", "--emit-to", "unused.sql"]);
    let told = flat(&scene.ends(0, "undo", &[]));
    assert!(told.contains("Run 3 was taken back") && told.contains("was left to a script, which is of no use any more"), "{told}");
    assert_eq!(scene.state(), before());
    assert!(said(&client(&scene, "unused.sql", &[])).contains("nothing was changed"));
    assert!(flat(&scene.ends(2, "undo", &[])).contains("there is no run to take back"));
}

#[test]
fn sources_without_settings_are_told() {
    let scene = Scene::new();
    let manifest = fs::read(scene.manifest()).unwrap();
    fs::write(scene.beside("part.sql"), scene.server.dump(["psa", "domains", "clients"])).unwrap();
    fs::write(scene.beside("some.sql"), scene.server.dump(["--where=1 = 1", "psa"])).unwrap();
    dump(&scene, "now.sql");
    for (panel, says) in [("part.sql", "which this source does not hold"), ("some.sql", "the dump was made with a condition")] {
        let told = flat(&ends(&scene, 2, "fix", panel, &["--emit", "sql"]));
        assert!(told.contains(says), "{panel}: {told}");
    }
    let told = flat(&ends(&scene, 2, "fix", "now.sql", &["--emit", "sql", "--module", "sampel"]));
    assert!(told.contains("now.sql: the panel knows no extension `sampel`; did you mean `sample`?"), "{told}");
    assert_eq!(scene.state(), before());
    // A packed dump is one, too.
    assert!(Command::new("gzip").arg("-k").arg(scene.beside("now.sql")).status().unwrap().success());
    assert_eq!(fs::read(scene.manifest()).unwrap(), manifest);
    ends(&scene, 0, "fix", "now.sql.gz", &["--emit", "sql", "--emit-to", "packed.sql"]);
    runs(&scene, "packed.sql", 5);
    assert_eq!(scene.state(), after());
}

#[test]
fn a_script_in_php_comes_from_a_dump_as_well() {
    let scene = Scene::new();
    dump(&scene, "now.sql");
    ends(&scene, 0, "fix", "now.sql", &["--emit", "php", "--emit-to", "mend.php"]);
    fs::write(scene.beside("stub.php"), STUB).unwrap();
    let path = scene.beside("settings.sqlite");
    let database = reguid::sqlite::Connection::open(&path).unwrap();
    database
        .execute_batch(
            r#"CREATE TABLE settings(owner TEXT, name TEXT, value TEXT, PRIMARY KEY (owner, name));
               INSERT INTO settings VALUES ('module sample', 'status-5', 'ok'), ('module sample', 'status-7', 'failed'), ('module sample', 'status-13', 'gone'),
                 ('module sample', 'clientMap', '{"3":"gold","4":"silver"}'), ('domain 7', 'parent', '5')"#,
        )
        .unwrap();
    let mut php = Command::new("php");
    php.args(["-d", &format!("auto_prepend_file={}", scene.beside("stub.php").display())]).arg(scene.beside("mend.php"));
    let done = php.env("STUB", &path).env_remove("DIES_AT").output().unwrap();
    assert!(done.status.success() && said(&done).contains("reguid: 5 settings changed"), "{}", said(&done));
    let mut query = database
        .prepare("SELECT owner || ' ' || name || ' ' || value FROM settings WHERE name NOT LIKE 'reguid-run-%' ORDER BY 1")
        .unwrap();
    let rows: Vec<String> = query.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let wanted = [
        "domain 7 parent 7",
        r#"module sample clientMap {"2":"gold","6":"silver"}"#,
        "module sample status-5 failed",
        "module sample status-7 ok",
    ];
    assert_eq!(rows, wanted);
}

/// What `reguid demo` shows is what a server makes of the script.
#[test]
fn the_script_of_the_demo_on_a_server() {
    let scene = Scene::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/site-notes");
    scene.server.run("", "DROP DATABASE psa; CREATE DATABASE psa");
    scene.server.run("psa", &fs::read_to_string(corpus("after.dump.sql")).unwrap());
    scene.server.run("psa", &fs::read_to_string(sample.join("stores/settings.sql")).unwrap());
    dump(&scene, "now.sql");
    fs::remove_dir_all(scene.var()).unwrap();
    fs::create_dir(scene.var()).unwrap();
    let database = reguid::sqlite::Connection::open(scene.var().join("notes.sqlite3")).unwrap();
    database.execute_batch(&fs::read_to_string(sample.join("data/notes.sqlite3.sql")).unwrap()).unwrap();
    let references = fs::read_to_string(sample.join("reguid.toml")).unwrap();
    let settings = "\n[[reference]]\nsetting-key = \"alarm-{domain}\"\n\n[[reference]]\nsetting = \"lastAlarm\"\npath = \"$.domainId\"\nkind = \"domain\"\n";
    fs::write(scene.manifest(), references + settings).unwrap();
    ends(&scene, 0, "fix", "now.sql", &["--module", "site-notes", "--emit", "sql", "--emit-to", "mend.sql"]);
    runs(&scene, "mend.sql", 3);
    let sql = "SELECT name, value FROM psa.ModuleSettings WHERE module_id = 8 AND name NOT LIKE 'reguid-run-%' ORDER BY name";
    let now = String::from_utf8(scene.server.print(["-N", "-B", "-r", "-e", sql])).unwrap();
    assert_eq!(now, fs::read_to_string(sample.join("stores/settings.after.tsv")).unwrap());
    let demo = Command::new(env!("CARGO_BIN_EXE_reguid")).arg("demo").output().unwrap();
    let told = flat(&said(&demo));
    let (_, mended) = told.split_once("everything is right").unwrap();
    // The texts that stand in a row are the site's that the panel shows.
    for line in now.lines() {
        let (name, value) = line.split_once('\t').unwrap();
        let (stored, text) = if value.starts_with('{') { (value, name) } else { (name, value) };
        let site = if stored.contains('7') && !stored.contains("alarm-5") { "alice.example" } else { "bob.example" };
        assert!(mended.contains(&format!("{stored} {site} {text}")), "{line}: {mended}");
    }
}
