//! An extension with settings in a live panel database, files and a SQLite database, before and after a restore.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::mariadb::MariaDb;

/// The manifest of the extension.
pub const MANIFEST: &str = r#"
[[reference]]
setting-key = "status-{domain}"
on-missing = "delete-row"

[[reference]]
setting = "clientMap"
path = "$.{client}"

[[reference]]
domain-setting = "parent"
kind = "domain"

[[reference]]
database = "notes.db"
table = "notes"
column = "domain_id"
kind = "domain"

[[reference]]
file = "state.json"
path = "$.pending.{domain}"

[[reference]]
file = "state.json"
path = "$.last"
kind = "domain"

[[reference]]
file = "queue/*.ser"
path = "$[*].client"
kind = "client"

[[reference]]
file = "list.txt"
kind = "domain"

[[reference]]
file-name = "report-{domain}.json"

[[reference]]
file-name = "cache-{domain}/part-{client}.bin"
"#;

/// The entries of a table that the extension has in the panel's database.
pub const TABLE_MANIFEST: &str = r#"
[[reference]]
panel-table = "sample_links"
column = "domain_id"
kind = "domain"
on-missing = "delete-row"

[[reference]]
panel-table = "sample_links"
column = "extra"
path = "$.owner"
kind = "client"
"#;

/// That table, with what it holds before.
pub const TABLE: &str = "
DROP TABLE IF EXISTS sample_links;
CREATE TABLE sample_links(domain_id INT UNSIGNED NOT NULL PRIMARY KEY, extra TEXT, label VARCHAR(20)) ENGINE=InnoDB;
INSERT INTO sample_links VALUES (5, '{\"owner\":3}', 'five'), (7, '{\"owner\": \"4\"}', 'seven'), (11, NULL, 'eleven'), (13, 'x', 'gone');
";
/// What it holds before, and afterwards.
pub const TABLE_BEFORE: &str = "5\t{\"owner\":3}\tfive\n7\t{\"owner\": \"4\"}\tseven\n11\tNULL\televen\n13\tx\tgone\n";
pub const TABLE_AFTER: &str = "5\t{\"owner\": \"6\"}\tseven\n7\t{\"owner\":2}\tfive\n11\tNULL\televen\n";

/// The files before, by path.
pub const FILES: &[(&str, &[u8])] = &[
    ("state.json", b"{ \"pending\": {\"5\": [1.0, \"5\"], \"7\" : {}},\n  \"last\": \"7\", \"total\": 5 }\n"),
    ("queue/a.ser", b"a:1:{i:0;a:2:{s:6:\"client\";i:3;s:1:\"n\";d:0.1;}}"),
    ("queue/b.ser", b"a:0:{}"),
    ("list.txt", b"5\r\n7\n\n11\n"),
    ("report-5.json", b"five"),
    ("report-7.json", b"seven"),
    ("report-11.json", b"eleven"),
    ("report-x.json", b"x"),
    ("cache-5/part-3.bin", b"\x00five three"),
    ("cache-5/other.bin", b"other"),
    ("cache-7/part-4.bin", b"\xffseven four"),
    ("notes.txt", b"5 and 7"),
];

/// The files afterwards: domains 5 and 7 change places, clients 3 and 4 become 2 and 6.
pub const AFTER: &[(&str, &[u8])] = &[
    ("state.json", b"{ \"pending\": {\"7\": [1.0, \"5\"], \"5\" : {}},\n  \"last\": \"5\", \"total\": 5 }\n"),
    ("queue/a.ser", b"a:1:{i:0;a:2:{s:6:\"client\";i:2;s:1:\"n\";d:0.1;}}"),
    ("queue/b.ser", b"a:0:{}"),
    ("list.txt", b"7\r\n5\n\n11\n"),
    ("report-7.json", b"five"),
    ("report-5.json", b"seven"),
    ("report-11.json", b"eleven"),
    ("report-x.json", b"x"),
    ("cache-7/part-2.bin", b"\x00five three"),
    ("cache-7/other.bin", b"other"),
    ("cache-5/part-6.bin", b"\xffseven four"),
    ("notes.txt", b"5 and 7"),
];

/// The settings before, as [`Scene::settings`] lists them.
pub const SETTINGS: &str =
    "1\tclientMap\t{\"3\":\"gold\",\"4\":\"silver\"}\n1\tstatus-13\tgone\n1\tstatus-5\tok\n1\tstatus-7\tfailed\n7\text-sample-parent\t5\n";
/// The settings afterwards. Domain 13 is gone, and another one is called so now.
pub const SETTINGS_AFTER: &str =
    "1\tclientMap\t{\"2\":\"gold\",\"6\":\"silver\"}\n1\tstatus-5\tfailed\n1\tstatus-7\tok\n7\text-sample-parent\t7\n";

/// Everything that a run changes: settings, files, rows.
#[derive(Debug, PartialEq, Eq)]
pub struct State {
    pub settings: String,
    pub files: BTreeMap<String, Vec<u8>>,
    pub rows: Vec<(i64, String)>,
}

/// The extension `sample` on a panel after the restore, with its data of before.
pub struct Scene {
    pub server: MariaDb,
    folder: tempfile::TempDir,
    /// It has a table in the panel's database, too; what that holds counts as settings.
    table: bool,
}

pub fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/panel").join(name)
}

fn files_of(list: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    list.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()
}

pub fn before() -> State {
    State { settings: SETTINGS.into(), files: files_of(FILES), rows: vec![(5, "five".into()), (7, "seven".into()), (11, "eleven".into())] }
}

pub fn after() -> State {
    State {
        settings: SETTINGS_AFTER.into(),
        files: files_of(AFTER),
        rows: vec![(5, "seven".into()), (7, "five".into()), (11, "eleven".into())],
    }
}

/// The state before where there is a table in the panel's database.
pub fn before_with_table() -> State {
    let State { settings, files, rows } = before();
    State { settings: settings + TABLE_BEFORE, files, rows }
}

/// … and afterwards.
pub fn after_with_table() -> State {
    let State { settings, files, rows } = after();
    State { settings: settings + TABLE_AFTER, files, rows }
}

impl Scene {
    pub fn new() -> Scene {
        Scene::of(false)
    }

    /// With a table in the panel's database.
    pub fn with_table() -> Scene {
        Scene::of(true)
    }

    fn of(table: bool) -> Scene {
        let server = MariaDb::start();
        let folder = tempfile::Builder::new().prefix("reguid-").tempdir_in("/tmp").unwrap();
        let scene = Scene { server, folder, table };
        scene.reset();
        scene
    }

    /// The panel and the data as after a restore.
    pub fn reset(&self) {
        let text = |name: &str| fs::read_to_string(corpus(name)).unwrap();
        self.server.run("", "DROP DATABASE IF EXISTS psa; CREATE DATABASE psa");
        self.server.run("psa", &text("schema.sql"));
        self.server.run("psa", &text("after.sql"));
        self.server.run("psa", "INSERT INTO ModuleSettings VALUES (1, 'status-13', 'gone')");
        self.reset_table();
        self.reset_data();
    }

    /// The data alone.
    pub fn reset_data(&self) {
        if self.var().exists() {
            fs::remove_dir_all(self.var()).unwrap();
        }
        for (path, bytes) in FILES {
            let path = self.var().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let database = reguid::sqlite::Connection::open(self.var().join("notes.db")).unwrap();
        database
            .execute_batch(
                "CREATE TABLE notes(domain_id INTEGER PRIMARY KEY, note TEXT);
                 INSERT INTO notes VALUES (5, 'five'), (7, 'seven'), (11, 'eleven')",
            )
            .unwrap();
        fs::write(self.manifest(), MANIFEST.to_owned() + if self.table { TABLE_MANIFEST } else { "" }).unwrap();
    }

    fn reset_table(&self) {
        if self.table {
            self.server.run("psa", TABLE);
        }
    }

    /// The settings alone.
    pub fn reset_settings(&self) {
        self.server.run(
            "psa",
            "DELETE FROM ModuleSettings WHERE module_id = 1; DELETE FROM dom_param;
             INSERT INTO ModuleSettings VALUES (1, 'status-5', 'ok'), (1, 'status-7', 'failed'), (1, 'status-13', 'gone'), (1, 'clientMap', '{\"3\":\"gold\",\"4\":\"silver\"}');
             INSERT INTO dom_param VALUES (7, 'ext-sample-parent', '5')",
        );
        self.reset_table();
    }

    /// The var directory; its name is the extension's id.
    pub fn var(&self) -> PathBuf {
        self.folder.path().join("sample")
    }

    pub fn manifest(&self) -> PathBuf {
        self.folder.path().join("reguid.toml")
    }

    /// A path beside the var directory.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The live panel, as the command line names it.
    pub fn word(&self) -> String {
        format!("mysql://root@/psa?socket={}", self.server.socket().display())
    }

    pub fn settings(&self) -> String {
        // A run that changes rows of tables marks that there; see `marks` in the tests of tables.
        let sql = "SELECT module_id, name, value FROM psa.ModuleSettings WHERE name NOT LIKE 'reguid-run-%' UNION ALL SELECT dom_id, param, val FROM psa.dom_param ORDER BY 1, 2";
        let table = "SELECT * FROM psa.sample_links ORDER BY 1";
        let sql = if self.table { format!("{sql}; {table}") } else { sql.to_owned() };
        String::from_utf8(self.server.print(["-N", "-B", "-r", "-e", &sql])).unwrap()
    }

    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.var()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let name = path.strip_prefix(self.var()).unwrap().to_str().unwrap().to_owned();
                if !name.starts_with("reguid.db") && !name.starts_with("notes.db") {
                    all.insert(name, fs::read(&path).unwrap());
                }
            }
        }
        all
    }

    pub fn state(&self) -> State {
        let database = reguid::sqlite::Connection::open(self.var().join("notes.db")).unwrap();
        let mut query = database.prepare("SELECT domain_id, note FROM notes ORDER BY 1").unwrap();
        let rows = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
        State { settings: self.settings(), files: self.files(), rows }
    }

    /// The words of a command on the data, after the program's name.
    pub fn words(&self, command: &str) -> Vec<String> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        let mut words = vec![command.to_owned(), text(self.var())];
        match command {
            "undo" => words.extend(["--panel".into(), self.word()]),
            "verify" => words.extend(["--manifest".into(), text(self.manifest()), "--panel".into(), self.word()]),
            _ => words.extend([
                "--manifest".into(),
                text(self.manifest()),
                "--old".into(),
                text(corpus("before.dump.sql")),
                "--new".into(),
                self.word(),
            ]),
        }
        words
    }

    /// Runs a command on the data.
    pub fn reguid(&self, command: &str, more: &[&str]) -> Output {
        let mut process = Command::new(env!("CARGO_BIN_EXE_reguid"));
        process.env_remove("MYSQL_PWD").env("HOME", "/nonexistent").current_dir(self.folder.path());
        process.args(self.words(command)).args(more).output().unwrap()
    }

    /// The same; it must end with this code, and what it said is given.
    pub fn ends(&self, code: i32, command: &str, more: &[&str]) -> String {
        let output = self.reguid(command, more);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{command} {more:?}: {said}");
        said
    }
}

/// A text without the line breaks of a terminal.
pub fn flat(text: &str) -> String {
    text.replace(['│', '×', '╰', '─', '▶'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Runs a script in the server's own client.
pub fn client(scene: &Scene, script: &str, more: &[&str]) -> Output {
    let mut client = Command::new("mariadb");
    client.args(["--no-defaults", "--user=root", "-N", "-B", &format!("--socket={}", scene.server.socket().display())]);
    client.args(more).arg("psa").stdin(fs::File::open(scene.beside(script)).unwrap()).output().unwrap()
}

/// The panel's classes over PDO: a database of the same rows.
pub const STUB: &str = r#"<?php
class pm_Loader { public static function registerAutoload() {} }
class pm_Context { public static string $module; public static function init($module) { self::$module = $module; } }
function stub() { static $pdo; return $pdo ??= new PDO('sqlite:' . getenv('STUB'), null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]); }
function stub_get($owner, $name, $default) {
    $select = stub()->prepare('SELECT value FROM settings WHERE owner = ? AND name = ?');
    $select->execute([$owner, $name]);
    $value = $select->fetchColumn();
    return $value === false ? $default : $value;
}
function stub_set($owner, $name, $value) {
    if (getenv('DIES_AT') !== false && --$GLOBALS['left'] < 0) { exit(7); }
    stub()->prepare('DELETE FROM settings WHERE owner = ? AND name = ?')->execute([$owner, $name]);
    if ($value !== null) {
        stub()->prepare('INSERT INTO settings VALUES (?, ?, ?)')->execute([$owner, $name, $value]);
    }
}
$left = (int) getenv('DIES_AT');
class pm_Settings {
    public static function get($name, $default = null) { return stub_get('module ' . pm_Context::$module, $name, $default); }
    public static function set($name, $value) { stub_set('module ' . pm_Context::$module, $name, $value); }
}
class pm_Domain {
    private $id;
    public function __construct($id) { $this->id = $id; }
    public function getSetting($name, $default = null) { return stub_get('domain ' . $this->id, $name, $default); }
    public function setSetting($name, $value) { stub_set('domain ' . $this->id, $name, $value); }
}
"#;
