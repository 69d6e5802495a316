//! A run that is cut off: the work, the data before and after it, and the process that does it.
//!
//! The test binary starts itself as the process that is killed: its test `child` calls [`work`]. What a run spans is made in [`template`] and read in
//! [`content`]; a store that a run learns to rewrite is added in both.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use std::collections::BTreeMap;
use std::process::{Command, Output};

use camino::Utf8Path;
use reguid::panel::Inventory;
use reguid::reference::manifest::{Manifest, OnMissing};
use reguid::remap::{self, Fixed, RemapError, Request, Undone};

use crate::data::{VarDir, by_guid, entry, inventory, manifest, rows};
use crate::model::{Cell, sorted};

/// Names the var directory to the child.
const DIR: &str = "REGUID_TEST_DIR";
/// Names the work to the child: `fix` or `undo`.
const WORK: &str = "REGUID_TEST_WORK";
/// Set to `all`, every point is tried instead of a sample.
const SWEEP: &str = "REGUID_CRASH_SWEEP";
/// Points that are tried of each sort otherwise.
const SAMPLE: usize = 8;

/// The databases of the run.
const DATABASES: [&str; 3] = ["one.db", "two.db", "three.db"];

/// All data of a var directory, by database and table.
pub type Content = BTreeMap<String, Vec<Vec<Cell>>>;

pub fn states() -> (Inventory, Inventory) {
    let old = [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")];
    let new = [(2, "a"), (3, "b"), (1, "c"), (5, "d"), (4, "e")];
    (inventory("old", &old), inventory("new", &new))
}

pub fn references() -> Manifest {
    manifest(vec![
        entry("one.db", "t", "id", OnMissing::Fail),
        entry("one.db", "plain", "id", OnMissing::DeleteRow),
        entry("two.db", "t", "id", OnMissing::Fail),
        entry("three.db", "kept", "id", OnMissing::Keep),
    ])
}

/// Three databases with enough rows for many pages, rows that go, and rows that stay as they are.
pub fn template(wal: bool) -> VarDir {
    let dir = VarDir::new();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 399)";
    let mode = if wal { "PRAGMA journal_mode = WAL;" } else { "" };
    for name in DATABASES {
        dir.sql(
            name,
            &format!(
                "PRAGMA page_size = 1024; {mode} CREATE TABLE t(id INT, k INT, pad, UNIQUE(id, k)); CREATE TABLE plain(id INT, pad);
                 CREATE TABLE kept(id INTEGER PRIMARY KEY AUTOINCREMENT, pad); INSERT INTO kept VALUES (1, 'a'), (2, 'b'), (9, 'gone');
                 {numbers} INSERT INTO t SELECT i % 5 + 1, i, hex(zeroblob(20)) FROM n;
                 {numbers} INSERT INTO plain SELECT i % 6 + 1, i FROM n"
            ),
        );
    }
    dir
}

pub fn copy(from: &BTreeMap<String, Vec<u8>>) -> VarDir {
    let dir = VarDir::new();
    for (name, bytes) in from {
        std::fs::write(dir.file(name), bytes).unwrap();
    }
    dir
}

/// Makes `files` the content of the folder. What a crash leaves holds on to its place: journals name each other by their whole paths.
pub fn fill(dir: &VarDir, files: &BTreeMap<String, Vec<u8>>) {
    for name in dir.files().keys() {
        std::fs::remove_file(dir.file(name)).unwrap();
    }
    for (name, bytes) in files {
        std::fs::write(dir.file(name), bytes).unwrap();
    }
}

/// All data of the extension; whoever reads it recovers what a crash left.
pub fn content(dir: &VarDir) -> Content {
    let mut all = Content::new();
    for name in DATABASES {
        let connection = dir.connect(name);
        for table in ["t", "plain", "kept", "sqlite_sequence"] {
            all.insert(format!("{name} {table}"), sorted(rows(&connection, &format!("SELECT rowid, * FROM {table}"))));
        }
        let integrity = rows(&connection, "PRAGMA integrity_check");
        assert_eq!(integrity, [[Cell::Text(b"ok".to_vec())]], "{name}");
    }
    all
}

/// The journal modes of the databases.
pub fn modes(dir: &VarDir) -> Vec<Vec<Vec<Cell>>> {
    DATABASES.iter().map(|name| rows(&dir.connect(name), "PRAGMA journal_mode")).collect()
}

pub fn fix(dir: &Utf8Path) -> Result<Fixed, RemapError> {
    with_request(dir, |request| remap::fix(request, None))
}

pub fn plan(dir: &Utf8Path) -> Result<remap::Plan, RemapError> {
    with_request(dir, remap::plan)
}

fn with_request<T>(dir: &Utf8Path, work: impl FnOnce(&Request<'_>) -> T) -> T {
    let ((old, new), manifest) = (states(), references());
    work(&Request {
        var_dir: dir,
        manifest: &manifest,
        old: Some(&old),
        new: &new,
        trust_old: false,
        matching: &by_guid,
        map: None,
        twins: false,
        patience: remap::PATIENCE,
    })
}

pub fn undo(dir: &Utf8Path) -> Result<Undone, RemapError> {
    remap::undo(dir, None, remap::PATIENCE)
}

/// The work that the environment names, if it names any. Ends the process with 2 where the work is refused.
pub fn work() {
    let (Ok(dir), Ok(work)) = (std::env::var(DIR), std::env::var(WORK)) else { return };
    let dir = Utf8Path::new(&dir);
    let refused = match work.as_str() {
        "undo" => match undo(dir) {
            Ok(Undone::Done { .. }) => return,
            Ok(other) => panic!("{other:?}"),
            Err(error) => error,
        },
        _ => match fix(dir) {
            Ok(Fixed::Applied { .. } | Fixed::Nothing { .. }) => return,
            Ok(other) => panic!("{other:?}"),
            Err(error) => error,
        },
    };
    // An error, as opposed to a panic, is what a full disk must come to.
    println!("refused: {refused}");
    std::process::exit(2);
}

/// This binary, told to do only `work` on `dir`, after the words of `before`.
pub fn start(before: &[&str], dir: &VarDir, work: &str) -> Output {
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let words: Vec<&str> = before.iter().copied().chain([this, "--exact", "child", "--nocapture", "--test-threads=1"]).collect();
    Command::new(words[0]).args(&words[1..]).env(DIR, dir.path()).env(WORK, work).output().expect("strace is installed")
}

/// How often the work makes the system call; does it.
pub fn calls(dir: &VarDir, work: &str, call: &str) -> usize {
    let log = tempfile::NamedTempFile::new().unwrap();
    let path = log.path().to_str().unwrap();
    let out = start(&["strace", "-f", "-qq", "-o", path, "-e", &format!("trace={call}")], dir, work);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let mut threads: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines().filter(|l| l.contains(&format!("{call}("))) {
        *threads.entry(line.split_whitespace().next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    threads.into_values().max().unwrap_or(0)
}

/// The writes that begin a journal, as numbers of calls of `pwrite64`: its head comes after all that it goes before. Does the work.
pub fn heads(dir: &VarDir, work: &str) -> Vec<usize> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let path = log.path().to_str().unwrap();
    let out = start(&["strace", "-f", "-qq", "-o", path, "-e", "trace=pwrite64"], dir, work);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let written = std::fs::read_to_string(path).unwrap();
    let writes = written.lines().filter(|l| l.contains("pwrite64("));
    (1..).zip(writes).filter(|(_, line)| line.contains(", 12, 0)")).map(|(number, _)| number).collect()
}

/// Whether every point is to be tried.
pub fn all() -> bool {
    std::env::var(SWEEP).is_ok_and(|v| v == "all")
}

/// The points that are tried, from the first to the last.
pub fn points(total: usize) -> Vec<usize> {
    if all() || total <= SAMPLE {
        return (1..=total).collect();
    }
    let mut points: Vec<usize> = (0..SAMPLE).map(|i| 1 + i * (total - 1) / (SAMPLE - 1)).collect();
    points.dedup();
    points
}

/// A process under strace that does `what` at the `when`-th `call`: `signal=SIGKILL`, `error=EIO`, …
pub fn injected(dir: &VarDir, work: &str, call: &str, what: &str, when: usize) -> Output {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{what}:when={when}"));
    start(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject], dir, work)
}
