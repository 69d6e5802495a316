//! A power cut while files change their contents and names: whatever the disk kept, the next `fix` converges, and so does `undo`.
//!
//! As in `remap_power.rs`, the calls of a real run are recorded, and the disk is put together as the cut may have left it. Files, a database and the companion;
//! settings are on a server, which keeps its own promises.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/power.rs"]
mod power;
#[path = "support/stores.rs"]
mod stores;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use power::{Event, Files};
use stores::said;

/// The work: a var directory, and beside it what the commands need.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        // In memory where there is such a file system: many runs, each of which syncs to disk.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::TempDir::new_in(memory) } else { tempfile::TempDir::new() }.unwrap();
        let place = Place { folder };
        let (_, references) = stores::MANIFEST.split_once("[[reference]]\ndatabase").unwrap();
        fs::write(place.at("reguid.toml"), format!("[[reference]]\ndatabase{references}")).unwrap();
        for state in ["before", "after"] {
            let dump = stores::corpus(&format!("{state}.dump.sql"));
            // Read by one thread, so that the record of calls is in order.
            let made = place.run(&["snapshot", "--panel", dump.to_str().unwrap(), "-o", &place.text(&format!("{state}.snapshot"))], &[]);
            assert!(made.status.success(), "{}", said(&made));
        }
        place.fill(&files_of(stores::FILES), &[]);
        let database = reguid::sqlite::Connection::open(place.at("var/notes.db")).unwrap();
        database
            .execute_batch(
                "CREATE TABLE notes(domain_id INTEGER PRIMARY KEY, note TEXT);
                 INSERT INTO notes VALUES (5, 'five'), (7, 'seven'), (11, 'eleven')",
            )
            .unwrap();
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_owned()
    }

    fn run(&self, words: &[&str], before: &[&str]) -> Output {
        let all: Vec<&str> = before.iter().copied().chain([env!("CARGO_BIN_EXE_reguid")]).chain(words.iter().copied()).collect();
        Command::new(all[0]).args(&all[1..]).env("HOME", "/nonexistent").output().expect("strace is installed")
    }

    fn command(&self, command: &str, before: &[&str]) -> Output {
        let (var, manifest) = (self.text("var"), self.text("reguid.toml"));
        let (old, new) = (self.text("before.snapshot"), self.text("after.snapshot"));
        match command {
            "undo" => self.run(&["undo", &var], before),
            _ => self.run(&["fix", &var, "--manifest", &manifest, "--old", &old, "--new", &new], before),
        }
    }

    /// Makes this the content of the var directory.
    fn fill(&self, files: &Files, folders: &[String]) {
        let var = self.at("var");
        if var.exists() {
            // What lies in it goes, and it stays: journals name each other by their whole paths.
            for entry in fs::read_dir(&var).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
            }
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
            fs::set_permissions(stage, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        }
    }

    /// Everything in the var directory.
    fn files(&self) -> Files {
        let (var, mut all) = (self.at("var"), BTreeMap::new());
        let mut folders = vec![var.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    all.insert(path.strip_prefix(&var).unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap());
                }
            }
        }
        all
    }

    /// The extension's data.
    fn data(&self) -> (Files, Vec<(i64, String)>) {
        let database = reguid::sqlite::Connection::open(self.at("var/notes.db")).unwrap();
        let mut query = database.prepare("SELECT domain_id, note FROM notes ORDER BY 1").unwrap();
        let rows = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
        let mut files = self.files();
        files.retain(|name, _| !name.starts_with("reguid.db") && !name.starts_with("notes.db"));
        (files, rows)
    }
}

fn files_of(list: &[(&str, &[u8])]) -> Files {
    list.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()
}

fn all() -> bool {
    std::env::var("REGUID_CRASH_SWEEP").is_ok_and(|v| v == "all")
}

#[test]
fn a_power_cut_while_files_change_loses_nothing() {
    let place = Place::new();
    let (files, before) = (place.files(), place.data());
    assert_eq!(before.0, files_of(stores::FILES));
    let fixed = place.command("fix", &[]);
    assert!(fixed.status.success(), "{}", said(&fixed));
    let (done, after) = (place.files(), place.data());
    assert_eq!(after.0, files_of(stores::AFTER));
    let mut tried = 0;
    for (command, files) in [("fix", &files), ("undo", &done)] {
        place.fill(files, &[]);
        let log = tempfile::NamedTempFile::new().unwrap();
        let out = place.command(command, &power::strace(log.path().to_str().unwrap()));
        assert!(out.status.success(), "{}", said(&out));
        let events = power::events(&fs::read_to_string(log.path()).unwrap(), &place.text("var"));
        let count = |wanted: fn(&Event) -> bool| events.iter().filter(|e| wanted(e)).count();
        let (renames, syncs) = (count(|e| matches!(e, Event::Rename(..))), count(Event::is_sync));
        assert!(renames >= 13 && syncs >= 10, "{renames} {syncs}");
        // Put together without a loss, it is what the run left.
        let (whole, folders) = power::cut(files, &events, power::Luck::Everything, 1.0);
        place.fill(&whole, &folders);
        assert!(place.data() == if command == "fix" { after.clone() } else { before.clone() }, "the record of {command} is not whole");
        let staging = events.iter().position(|e| matches!(e, Event::MakeFolder(_))).unwrap();
        let step = if all() { 1 } else { events.len() / 12 + 1 };
        let near = |i: usize| i >= staging && events.get(i).is_some_and(|e| !e.is_write()) && i.is_multiple_of(2);
        for end in (0..=events.len()).filter(|i| i % step == 0 || near(*i)) {
            let lucks = power::lucks(end);
            let one = tried % lucks.len();
            for (luck, names) in if all() { &lucks[..] } else { &lucks[one..=one] }.iter().copied() {
                let near = events[..end].iter().rev().take(40).rev().map(Event::told).collect::<Vec<_>>();
                let told = format!("{command}: cut after {end} of {} calls, {luck:?}, names {names}: {near:#?}", events.len());
                let (left, folders) = power::cut(files, &events[..end], luck, names);
                place.fill(&left, &folders);
                // Every other time the other command takes it up.
                let first = if tried % 2 == 0 { "fix" } else { "undo" };
                let out = place.command(first, &[]);
                assert!(out.status.success() || first == "undo" && said(&out).contains("no run to take back"), "{}: {told}", said(&out));
                let out = place.command("fix", &[]);
                assert!(out.status.success(), "{}: {told}", said(&out));
                assert!(place.data() == after, "the next fix does not converge: {told}");
                let out = place.command("undo", &[]);
                assert!(out.status.success(), "{}: {told}", said(&out));
                assert!(place.data() == before, "undo does not converge: {told}");
                tried += 1;
            }
        }
    }
    println!("{tried} power cuts over files");
}
