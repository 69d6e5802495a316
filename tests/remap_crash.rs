//! A run that is killed at any write, or runs into a full disk: everything is as before or as after, and the next run converges.
//!
//! The test binary starts itself as the process that is killed: `child` does the work when the environment says so. Needs `strace`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use camino::Utf8Path;
use data::{Case, VarDir, by_guid, entry, inventory, manifest, rows};
use model::{Cell, sorted};
use reguid::panel::Inventory;
use reguid::reference::manifest::{Manifest, OnMissing};
use reguid::remap::{self, Fixed, Request, Undone};

/// Names the var directory to the child.
const DIR: &str = "REGUID_TEST_DIR";
/// Names the work to the child: `fix` or `undo`.
const WORK: &str = "REGUID_TEST_WORK";
/// Points in a run that are tried for each system call and scenario.
const POINTS: usize = 24;

fn states() -> (Inventory, Inventory) {
    let old = [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (5, "e")];
    let new = [(2, "a"), (3, "b"), (1, "c"), (5, "d"), (4, "e")];
    (inventory("old", &old), inventory("new", &new))
}

fn references() -> Manifest {
    manifest(vec![
        entry("one.db", "t", "id", OnMissing::Fail),
        entry("one.db", "plain", "id", OnMissing::DeleteRow),
        entry("two.db", "t", "id", OnMissing::Fail),
    ])
}

/// Two databases with enough rows for many pages, and a row that goes.
fn template(wal: bool) -> VarDir {
    let dir = VarDir::new();
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 799)";
    let mode = if wal { "PRAGMA journal_mode = WAL;" } else { "" };
    for name in ["one.db", "two.db"] {
        dir.sql(
            name,
            &format!(
                "PRAGMA page_size = 1024; {mode} CREATE TABLE t(id INT, k INT, pad, UNIQUE(id, k)); CREATE TABLE plain(id INT, pad);
                 {numbers} INSERT INTO t SELECT i % 5 + 1, i, hex(zeroblob(20)) FROM n;
                 {numbers} INSERT INTO plain SELECT i % 6 + 1, i FROM n"
            ),
        );
    }
    dir
}

fn copy(from: &VarDir) -> VarDir {
    let dir = VarDir::new();
    for (name, bytes) in from.files() {
        std::fs::write(dir.file(&name), bytes).unwrap();
    }
    dir
}

/// All data of the extension; whoever reads it recovers what a crash left.
fn content(dir: &VarDir) -> Vec<Vec<Vec<Cell>>> {
    let read = |name, table| sorted(rows(&dir.connect(name), &format!("SELECT rowid, * FROM {table}")));
    vec![read("one.db", "t"), read("one.db", "plain"), read("two.db", "t"), read("two.db", "plain")]
}

fn request<'a>(dir: &'a Utf8Path, manifest: &'a Manifest, old: &'a Inventory, new: &'a Inventory) -> Request<'a> {
    Request {
        var_dir: dir,
        manifest,
        old: Some(old),
        new,
        trust_old: false,
        matching: &by_guid,
        map: None,
        twins: false,
        patience: remap::PATIENCE,
    }
}

#[test]
fn child() {
    let (Ok(dir), Ok(work)) = (std::env::var(DIR), std::env::var(WORK)) else { return };
    let (old, new) = states();
    let manifest = references();
    if work == "undo" {
        let undone = remap::undo(Utf8Path::new(&dir), None, remap::PATIENCE).unwrap();
        assert!(matches!(undone, Undone::Done { .. }), "{undone:?}");
    } else {
        match remap::fix(&request(Utf8Path::new(&dir), &manifest, &old, &new), None) {
            Ok(Fixed::Applied { .. }) => {}
            Ok(other) => panic!("{other:?}"),
            // An error, as opposed to a panic, is what a full disk must come to.
            Err(error) => {
                println!("refused: {error}");
                std::process::exit(2);
            }
        }
    }
}

/// This binary, told to do only `work` on `dir`, after the words of `before`.
fn start(before: &[&str], dir: &VarDir, work: &str) -> Output {
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let words: Vec<&str> = before.iter().copied().chain([this, "--exact", "child", "--nocapture", "--test-threads=1"]).collect();
    Command::new(words[0]).args(&words[1..]).env(DIR, dir.path()).env(WORK, work).output().expect("strace is installed")
}

/// How often the work makes the system call.
fn calls(template: &VarDir, work: &str, call: &str) -> usize {
    let dir = copy(template);
    let log = tempfile::NamedTempFile::new().unwrap();
    let path = log.path().to_str().unwrap();
    let out = start(&["strace", "-f", "-qq", "-o", path, "-e", &format!("trace={call}")], &dir, work);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let mut threads: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines().filter(|l| l.contains(&format!("{call}("))) {
        *threads.entry(line.split_whitespace().next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    threads.into_values().max().unwrap_or(0)
}

/// Points from the first call to the last.
fn sample(total: usize) -> Vec<usize> {
    let mut points: Vec<usize> = (0..POINTS).map(|i| 1 + i * total.saturating_sub(1) / (POINTS - 1)).collect();
    points.dedup();
    points
}

/// Kills the work at sampled calls. `from` and `to`: the data before and after it.
fn kill(template: &VarDir, work: &str, from: &[Vec<Vec<Cell>>], to: &[Vec<Vec<Cell>>], converge: &dyn Fn(&VarDir)) {
    for call in ["pwrite64", "fsync", "unlink"] {
        let total = calls(template, work, call);
        assert!(total > 2, "{work} makes {total} calls of {call}");
        let mut killed = 0;
        for point in sample(total) {
            let dir = copy(template);
            let inject = format!("inject={call}:signal=SIGKILL:when={point}");
            let out = start(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject], &dir, work);
            killed += usize::from(!out.status.success());
            let told = format!("{work} killed at {call} {point} of {total}");
            let crashed = dir.files();
            let (old, new) = states();
            let plan = remap::plan(&request(dir.path(), &references(), &old, &new)).unwrap_or_else(|e| panic!("{told}: {e}"));
            assert!(!plan.is_stopped(), "{told}: {:?}", plan.problems);
            assert!(dir.files() == crashed, "{told}: a plan on what the crash left changed a file");
            // Reading recovers; every other time the next run is left to do that by itself.
            if point % 2 == 0 {
                let now = content(&dir);
                assert!(now == from || now == to, "{told}: neither before nor after");
            }
            converge(&dir);
        }
        assert!(killed > sample(total).len() / 2, "{killed} runs of {work} were killed at {call}");
    }
}

fn sweep(wal: bool) {
    let template = template(wal);
    let (old, new) = states();
    let manifest = references();
    let before = content(&template);
    let done = copy(&template);
    let fix = |dir: &VarDir| remap::fix(&request(dir.path(), &manifest, &old, &new), None).unwrap();
    assert!(matches!(fix(&done), Fixed::Applied { .. }));
    let after = content(&done);
    assert_ne!(before, after);
    let mode = |dir: &VarDir| rows(&dir.connect("one.db"), "PRAGMA journal_mode");
    kill(&template, "fix", &before, &after, &|dir| {
        assert!(matches!(fix(dir), Fixed::Applied { .. } | Fixed::Nothing { .. }));
        assert_eq!(content(dir), after, "the next fix converges");
        assert_eq!(mode(dir), mode(&template), "the journal mode is that of before");
        assert!(matches!(remap::undo(dir.path(), None, remap::PATIENCE).unwrap(), Undone::Done { .. }));
        assert_eq!(content(dir), before);
    });
    kill(&done, "undo", &after, &before, &|dir| {
        assert!(matches!(fix(dir), Fixed::Applied { .. } | Fixed::Nothing { .. }));
        assert_eq!(content(dir), after, "a fix converges after a broken undo");
        assert_eq!(mode(dir), mode(&template));
    });
}

#[test]
fn a_killed_run_is_all_or_nothing() {
    sweep(false);
}

#[test]
fn a_killed_run_over_wal_databases_is_all_or_nothing() {
    sweep(true);
}

/// A refusal, with every file as it was.
fn refused(out: &Output, dir: &VarDir, files: &BTreeMap<String, Vec<u8>>, what: &str) {
    let told = String::from_utf8_lossy(&out.stdout);
    assert_eq!(out.status.code(), Some(2), "{what}: {told} {}", String::from_utf8_lossy(&out.stderr));
    assert!(told.contains("refused: "), "{told}");
    let now = dir.files();
    assert_eq!(now.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>(), "{what}");
    assert!(now == *files, "{what}: a file changed");
}

#[test]
fn a_full_disk_changes_nothing() {
    let template = template(false);
    let files = template.files();
    let total = calls(&template, "fix", "pwrite64");
    for point in sample(total) {
        let dir = copy(&template);
        let inject = format!("inject=pwrite64:error=ENOSPC:when={point}");
        let out = start(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", &inject], &dir, "fix");
        if out.status.success() {
            continue; // After the commit, or in a write that SQLite can do without.
        }
        refused(&out, &dir, &files, &format!("no space at write {point} of {total}"));
    }
    // The same with a real limit: files cannot grow beyond it.
    let dir = copy(&template);
    let out = start(&["sh", "-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\""], &dir, "fix");
    refused(&out, &dir, &files, "a limit of the file size");
}

#[test]
fn a_file_that_cannot_be_written_changes_nothing() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    for (folder, file) in [(0o777, 0o444), (0o555, 0o666)] {
        let dir = template(false);
        for name in ["one.db", "two.db"] {
            std::fs::set_permissions(dir.file(name), std::fs::Permissions::from_mode(file)).unwrap();
        }
        let files = dir.files();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(folder)).unwrap();
        // Root may write everything; somebody else does the work then.
        let root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        let out = start(if root { &nobody } else { &["env"] }, &dir, "fix");
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        refused(&out, &dir, &files, &format!("{folder:o} {file:o}"));
    }
}

#[test]
fn the_work_is_done_when_nothing_stops_it() {
    let dir = template(false);
    let (old, new) = states();
    let manifest = references();
    assert!(start(&["env"], &dir, "fix").status.success());
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }));
}
