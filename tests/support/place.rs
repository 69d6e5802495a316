//! A var directory with files and SQLite databases, and the inventories and the manifest that the commands need, beside it. No server.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use reguid::sqlite::{Connection, Value};

use crate::stores::{corpus, said};

/// The files of a folder, by their paths in it.
pub type Files = BTreeMap<String, Vec<u8>>;

/// All the extension's data: its files, and the rows of each table of its databases.
#[derive(Debug, PartialEq, Clone)]
pub struct Data {
    pub files: Files,
    pub rows: BTreeMap<String, Vec<Vec<Value>>>,
}

pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// With this manifest, these files, and databases of these names made by this SQL.
    pub fn new(manifest: &str, files: &[(&str, &[u8])], databases: &[(&str, &str)]) -> Place {
        // In memory where there is such a file system: many runs, each of which syncs to disk.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::TempDir::new_in(memory) } else { tempfile::TempDir::new() }.unwrap();
        let place = Place { folder };
        fs::write(place.at("reguid.toml"), manifest).unwrap();
        for state in ["before", "after"] {
            let dump = corpus(&format!("{state}.dump.sql"));
            // Read by one thread, so that the record of calls is in order.
            let made = place.run(&["snapshot", "--panel", dump.to_str().unwrap(), "-o", &place.text(&format!("{state}.snapshot"))], &[]);
            assert!(made.status.success(), "{}", said(&made));
        }
        fs::create_dir(place.at("var")).unwrap();
        place.fill(&files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect(), &[]);
        for (name, sql) in databases {
            place.connect(name).execute_batch(sql).unwrap();
        }
        place
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    pub fn connect(&self, name: &str) -> Connection {
        Connection::open(self.at("var").join(name)).unwrap()
    }

    fn run(&self, words: &[&str], before: &[&str]) -> Output {
        let all: Vec<&str> = before.iter().copied().chain([env!("CARGO_BIN_EXE_reguid")]).chain(words.iter().copied()).collect();
        Command::new(all[0]).args(&all[1..]).env("HOME", "/nonexistent").output().expect("strace is installed")
    }

    /// `fix` or `undo`, after the words of `before`.
    pub fn command(&self, command: &str, before: &[&str]) -> Output {
        let (var, manifest) = (self.text("var"), self.text("reguid.toml"));
        let (old, new) = (self.text("before.snapshot"), self.text("after.snapshot"));
        match command {
            "undo" => self.run(&["undo", &var], before),
            _ => self.run(&["fix", &var, "--manifest", &manifest, "--old", &old, "--new", &new], before),
        }
    }

    /// Makes this the content of the var directory.
    pub fn fill(&self, files: &Files, folders: &[String]) {
        let var = self.at("var");
        // What lies in it goes, and it stays: journals name each other by their whole paths.
        for entry in fs::read_dir(&var).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
        }
        for folder in folders {
            fs::create_dir_all(var.join(folder)).unwrap();
        }
        for (path, bytes) in files {
            let path = var.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        // The folder of what stands aside is closed to others.
        let stage = var.join("reguid.stage");
        if stage.exists() {
            fs::set_permissions(stage, fs::Permissions::from_mode(0o700)).unwrap();
        }
    }

    /// Everything in the var directory; of folders, the paths of the empty ones too.
    pub fn everything(&self) -> (Files, Vec<String>) {
        let (var, mut files, mut empty) = (self.at("var"), Files::new(), Vec::new());
        let mut folders = vec![var.clone()];
        while let Some(folder) = folders.pop() {
            let named = |path: &Path| path.strip_prefix(&var).unwrap().to_str().unwrap().to_owned();
            let paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
            if paths.is_empty() {
                empty.push(named(&folder));
            }
            for path in paths {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(named(&path), fs::read(&path).unwrap());
                }
            }
        }
        (files, empty)
    }

    pub fn files(&self) -> Files {
        self.everything().0
    }

    /// The extension's data. Whoever reads it recovers what a crash left in the databases.
    pub fn data(&self) -> Data {
        let mut files = self.files();
        let mut rows = BTreeMap::new();
        for name in files.keys().filter(|name| name.ends_with(".db") && *name != "reguid.db") {
            let database = self.connect(name);
            for table in all_rows(&database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1") {
                let Value::Text(table) = &table[0] else { panic!("a name is text") };
                rows.insert(format!("{name} {table}"), all_rows(&database, &format!("SELECT rowid, * FROM {table} ORDER BY 1, 2")));
            }
            assert_eq!(all_rows(&database, "PRAGMA integrity_check"), [[Value::Text("ok".into())]], "{name}");
        }
        files.retain(|name, _| !name.contains(".db"));
        Data { files, rows }
    }
}

fn all_rows(database: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let mut query = database.prepare(sql).unwrap();
    let columns = query.column_count();
    query.query_map([], |row| (0..columns).map(|i| row.get(i)).collect()).unwrap().collect::<Result<_, _>>().unwrap()
}
