//! Putting rows back, killed at any write or stopped by a failing disk: everything is as before or as after. The test binary starts itself as the process that
//! is killed. `REGUID_CRASH_SWEEP=all` tries every point.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use camino::Utf8Path;
use reguid::reference::manifest::{Manifest, OnMissing};
use reguid::remap::quarantine::{self, Request, Restored};
use reguid::remap::{self, Fixed, RemapError, Undone};

use crate::data::{Case, VarDir, by_guid, dump, entry, inventory, manifest, rows};
use crate::model::Cell;
use crate::{AGAIN, BEFORE, WITHOUT};

/// Names the var directory to the child.
const DIR: &str = "REGUID_TEST_DIR";
/// Names the work to the child: `restore` or `undo`.
const WORK: &str = "REGUID_TEST_WORK";
/// Points that are tried for each system call.
const POINTS: usize = 10;

type Files = BTreeMap<String, Vec<u8>>;
type Content = Vec<Vec<(String, Vec<Vec<Cell>>)>>;

fn references() -> Manifest {
    manifest(vec![entry("one.db", "t", "d", OnMissing::Quarantine), entry("two.db", "t", "d", OnMissing::Quarantine)])
}

/// Two databases with many rows in quarantine whose object is there again.
fn template(wal: bool) -> VarDir {
    let dir = VarDir::new();
    let mode = if wal { "PRAGMA journal_mode = WAL;" } else { "" };
    for name in ["one.db", "two.db"] {
        let sql = format!(
            "PRAGMA page_size = 1024; {mode} CREATE TABLE t(k INTEGER PRIMARY KEY AUTOINCREMENT, d INT, pad, UNIQUE (d, k));
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 299) INSERT INTO t SELECT i + 1, 5 + i % 3 * 2, hex(zeroblob(20)) FROM n"
        );
        dir.sql(name, &sql);
    }
    let (before, without, again) = (inventory("before", BEFORE), inventory("without", WITHOUT), inventory("again", AGAIN));
    for (old, new) in [(Some(&before), &without), (None, &again)] {
        assert!(matches!(Case { dir: &dir, manifest: &references(), old, new }.fix().unwrap(), Fixed::Applied { .. }));
    }
    dir
}

fn restore(dir: &Utf8Path) -> Result<Restored, RemapError> {
    let panel = inventory("again", AGAIN);
    quarantine::restore(&Request {
        var_dir: dir,
        run: None,
        places: &[],
        panel: Some(&panel),
        matching: &by_guid,
        patience: remap::PATIENCE,
    })
}

#[test]
fn child() {
    let (Ok(dir), Ok(work)) = (std::env::var(DIR), std::env::var(WORK)) else { return };
    let refused = match work.as_str() {
        "undo" => match remap::undo(Utf8Path::new(&dir), None, remap::PATIENCE) {
            Ok(ended) => return assert!(matches!(ended, Undone::Done { held: 200, .. }), "{ended:?}"),
            Err(error) => error,
        },
        _ => match restore(Utf8Path::new(&dir)) {
            Ok(ended) => return assert!(matches!(ended, Restored::Done { .. }), "{ended:?}"),
            Err(error) => error,
        },
    };
    println!("refused: {refused}");
    std::process::exit(2);
}

fn start(before: &[&str], dir: &VarDir, work: &str) -> Output {
    let this = std::env::current_exe().unwrap();
    let words: Vec<&str> =
        before.iter().copied().chain([this.to_str().unwrap(), "--exact", "crash::child", "--nocapture", "--test-threads=1"]).collect();
    Command::new(words[0]).args(&words[1..]).env(DIR, dir.path()).env(WORK, work).output().expect("strace is installed")
}

/// Makes `files` the content of the folder: journals name each other by their whole paths, so it stays the same one.
fn fill(dir: &VarDir, files: &Files) {
    dir.files().keys().for_each(|name| std::fs::remove_file(dir.file(name)).unwrap());
    files.iter().for_each(|(name, bytes)| std::fs::write(dir.file(name), bytes).unwrap());
}

/// All that both databases hold; whoever reads it recovers what a crash left.
fn content(dir: &VarDir) -> Content {
    ["one.db", "two.db"].iter().map(|n| dump(&dir.connect(n))).collect()
}

/// How often the work makes the system call.
fn calls(dir: &VarDir, work: &str, call: &str) -> usize {
    let log = tempfile::NamedTempFile::new().unwrap();
    let out = start(&["strace", "-f", "-qq", "-o", log.path().to_str().unwrap(), "-e", &format!("trace={call}")], dir, work);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    let mut threads: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(log.path()).unwrap().lines().filter(|l| l.contains(&format!("{call}("))) {
        *threads.entry(line.split_whitespace().next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    threads.into_values().max().unwrap_or(0)
}

fn points(total: usize) -> Vec<usize> {
    if std::env::var("REGUID_CRASH_SWEEP").is_ok_and(|v| v == "all") || total <= POINTS {
        return (1..=total).collect();
    }
    (0..POINTS).map(|i| 1 + i * (total - 1) / (POINTS - 1)).collect()
}

/// A var directory before and after, by files and content.
struct Scenario {
    dir: VarDir,
    files: (Files, Files),
    content: (Content, Content),
}

impl Scenario {
    fn new(wal: bool) -> Scenario {
        let dir = template(wal);
        let (files, before) = (dir.files(), content(&dir));
        assert!(matches!(restore(dir.path()).unwrap(), Restored::Done { .. }));
        let (done, after) = (dir.files(), content(&dir));
        assert_ne!(before, after);
        Scenario { dir, files: (files, done), content: (before, after) }
    }

    /// What was left is before or after; the next one converges, and so does undo.
    fn converges(&self, told: &str) {
        let dir = &self.dir;
        let now = content(dir);
        assert!(now == self.content.0 || now == self.content.1, "{told}: neither before nor after");
        let again = restore(dir.path()).unwrap_or_else(|e| panic!("{told}: {e}"));
        assert!(matches!(again, Restored::Done { .. } | Restored::Nothing { .. }), "{told}: {again:?}");
        assert!(content(dir) == self.content.1, "{told}: the next one does not converge");
        assert!(matches!(remap::undo(dir.path(), None, remap::PATIENCE).unwrap(), Undone::Done { held: 200, .. }), "{told}");
        assert!(content(dir) == self.content.0, "{told}: undo does not converge");
        let left: Vec<String> = dir.files().into_keys().filter(|n| n.contains("-journal") || n.contains("-mj")).collect();
        assert!(left.is_empty(), "{told}: {left:?}");
    }

    fn start(&self, work: &str) -> (&Files, &Content, &Content) {
        match work {
            "undo" => (&self.files.1, &self.content.1, &self.content.0),
            _ => (&self.files.0, &self.content.0, &self.content.1),
        }
    }

    /// How many points there were, and how many of them the work did not get past.
    fn sweep(&self, work: &str, call: &str, what: &str) -> (usize, usize) {
        let (files, before, after) = self.start(work);
        fill(&self.dir, files);
        let total = calls(&self.dir, work, call);
        let mut met = 0;
        for point in points(total) {
            fill(&self.dir, files);
            let inject = format!("inject={call}:{what}:when={point}");
            let out = start(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject], &self.dir, work);
            let told = format!("{work}: {what} at {call} {point} of {total}");
            met += usize::from(!out.status.success());
            if !what.starts_with("signal") {
                let said = String::from_utf8_lossy(&out.stdout);
                match out.status.code() {
                    Some(0) => assert!(content(&self.dir) == *after, "{told}: it said that it was done"),
                    Some(2) => assert!(said.contains("refused: ") && content(&self.dir) == *before, "{told}: {said}"),
                    other => panic!("{told}: {other:?} {said} {}", String::from_utf8_lossy(&out.stderr)),
                }
            }
            self.converges(&told);
        }
        if what.starts_with("signal") {
            assert_eq!(met, points(total).len(), "{work}: runs that were killed at {call}");
        }
        (points(total).len(), met)
    }
}

fn sweep(wal: bool) {
    let scenario = Scenario::new(wal);
    let mode = |dir: &VarDir| rows(&dir.connect("one.db"), "PRAGMA journal_mode");
    let first = mode(&scenario.dir);
    let (mut tried, mut met) = (0, 0);
    for work in ["restore", "undo"] {
        for (call, what) in [
            ("pwrite64", "signal=SIGKILL"),
            ("fsync", "signal=SIGKILL"),
            ("unlink", "signal=SIGKILL"),
            ("pwrite64", "error=ENOSPC"),
            ("pwrite64", "error=EIO"),
            ("fsync", "error=EIO"),
        ] {
            let (points, failed) = scenario.sweep(work, call, what);
            tried += points;
            met += failed;
        }
    }
    println!("{tried} points in rows put back and their undo, wal {wal}");
    assert!(met > 40, "{met}");
    assert_eq!(mode(&scenario.dir), first);
}

#[test]
fn g1_rows_that_are_put_back_are_all_put_back_or_none() {
    sweep(false);
}

#[test]
fn g1_rows_that_are_put_back_into_wal_databases_are_all_put_back_or_none() {
    sweep(true);
}
