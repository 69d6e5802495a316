//! Tables of an extension in the panel's own database.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "shared by tests, each of which uses a part; a test ends where something unexpected happens"
)]

use std::fs;

use super::stores::{self, Scene};

pub(crate) const ONE: &str = "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\nkind = \"domain\"\n";

pub(crate) const TWO: &str = "CREATE TABLE t(d INT PRIMARY KEY, n TEXT); INSERT INTO t VALUES (5, 'five'), (7, 'seven')";
pub(crate) const THREE: &str = "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7), (3, 8)";
pub(crate) const ALL: &str = "SELECT * FROM t ORDER BY 1";
pub(crate) const UNSURE: &str = "cannot be told for certain";

/// References of domains in `t`, and in another table.
pub(crate) fn also(table: &str) -> String {
    format!("{ONE}[[reference]]\npanel-table = \"{table}\"\ncolumn = \"d\"\nkind = \"domain\"\n")
}

pub(crate) fn scene(tables: &str, entries: &str) -> Scene {
    let scene = Scene::new();
    scene.server.run("psa", &format!("SET time_zone = '+00:00';\n{tables}"));
    fs::write(scene.manifest(), format!("{}{entries}", stores::MANIFEST)).unwrap();
    scene
}

/// The panel's tables alone.
pub(crate) fn only(tables: &str, entries: &str) -> Scene {
    let scene = scene(tables, "");
    fs::write(scene.manifest(), entries).unwrap();
    scene
}

/// Other tables, and another manifest.
pub(crate) fn again(scene: &Scene, ddl: &str, entries: &str) {
    scene
        .server
        .run("psa", &format!("DROP VIEW IF EXISTS t; DROP TABLE IF EXISTS t; DROP TABLE IF EXISTS p; DROP TABLE IF EXISTS s; {ddl};"));
    fs::write(scene.manifest(), entries).unwrap();
}

pub(crate) fn rows(scene: &Scene, sql: &str) -> String {
    String::from_utf8(scene.server.print(["-N", "-B", "-r", "-D", "psa", "-e", sql])).unwrap()
}

/// Marks that say that a run changed rows.
pub(crate) fn marks(scene: &Scene) -> usize {
    rows(scene, "SELECT name FROM ModuleSettings WHERE name LIKE 'reguid-run-%' AND value NOT LIKE 'taken back%'").lines().count()
}

pub(crate) const CLEAR: &str = "DELETE FROM ModuleSettings WHERE name LIKE 'reguid-run-%'";

/// Another installation of the extension.
pub(crate) fn afresh(scene: &Scene) {
    scene.server.run("psa", CLEAR);
    let companion = scene.var().join("reguid.db");
    if companion.exists() {
        fs::remove_file(companion).unwrap();
    }
}

/// A second run that moves the same ids as the first one: a person believes in an old state that is another one by a name that nothing refers to.
pub(crate) fn once_more(scene: &Scene) {
    let mut words = scene.words("fix");
    let old = words.iter().position(|word| word == "--old").unwrap() + 1;
    let dump = fs::read_to_string(&words[old]).unwrap();
    let other = scene.beside("other.dump.sql");
    fs::write(&other, dump.replace("'reseller-nord'", "'reseller-north'")).unwrap();
    words[old] = other.to_str().unwrap().to_owned();
    let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_reguid"));
    let output = process.env_remove("MYSQL_PWD").env("HOME", "/nonexistent").args(words).arg("--trust-old").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", super::stores::said(&output));
}

/// Lets the companion say that run `run`, or what takes it back, is not done in the panel's database.
pub(crate) fn interrupted(scene: &Scene, undo: bool) {
    let companion = reguid::sqlite::Connection::open(scene.var().join("reguid.db")).unwrap();
    let run: i64 = companion.query_row("SELECT max(run) FROM row_change", [], |r| r.get(0)).unwrap();
    companion.execute("INSERT INTO unfinished VALUES (1, ?1, ?2, 1, 0)", (run, undo)).unwrap();
}
