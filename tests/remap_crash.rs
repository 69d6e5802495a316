//! A run that is killed at any write, or runs into a full or failing disk: everything is as before or as after, the next run converges, and so does undo.
//!
//! A sample of the points is tried; `scripts/crash-sweep` tries all. Needs `strace`. A killed process is no power cut: see `remap_power.rs`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/crash.rs"]
mod crash;
#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;
use std::process::Output;

use crash::{Content, calls, content, copy, fill, fix, heads, injected, modes, plan, points, start, template, undo};
use data::VarDir;
use model::Cell;
use reguid::remap::{Fixed, Undone};

/// System calls that change files.
const CALLS: [&str; 7] = ["pwrite64", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "renameat2"];

/// Points of a run at which its crash is taken up again, to be cut off once more.
const AGAIN: usize = 3;

#[test]
fn child() {
    crash::work();
}

type Files = BTreeMap<String, Vec<u8>>;

/// A var directory before and after the run.
struct Scenario {
    dir: VarDir,
    wal: bool,
    files: (Files, Files),
    content: (Content, Content),
}

impl Scenario {
    fn new(wal: bool) -> Scenario {
        let dir = template(wal);
        let (files, before) = (dir.files(), content(&dir));
        assert!(matches!(fix(dir.path()).unwrap(), Fixed::Applied { .. }));
        let (done, after) = (dir.files(), content(&dir));
        assert_ne!(before, after);
        Scenario { dir, wal, files: (files, done), content: (before, after) }
    }

    fn files(&self, work: &str) -> &Files {
        if work == "undo" { &self.files.1 } else { &self.files.0 }
    }

    /// The folder with these files in it.
    fn with(&self, files: &Files) -> &VarDir {
        fill(&self.dir, files);
        &self.dir
    }

    /// What was left is before or after; a plan on it changes no file; the next run converges, and so does undo.
    fn converges(&self, dir: &VarDir, told: &str, look: bool) {
        let left = dir.files();
        let planned = plan(dir.path()).unwrap_or_else(|e| panic!("{told}: {e}"));
        assert!(!planned.is_stopped(), "{told}: {:?}", planned.problems);
        assert!(dir.files() == left, "{told}: a plan on what was left changed a file");
        // Reading recovers; every other time the next run is left to do that by itself.
        if look {
            let now = content(dir);
            assert!(now == self.content.0 || now == self.content.1, "{told}: neither before nor after");
        }
        assert!(matches!(fix(dir.path()).unwrap(), Fixed::Applied { .. } | Fixed::Nothing { .. }), "{told}");
        assert!(content(dir) == self.content.1, "{told}: the next fix does not converge");
        let mode = Cell::Text(if self.wal { b"wal".to_vec() } else { b"delete".to_vec() });
        let modes = modes(dir);
        assert!(modes.iter().all(|m| m[0][0] == mode), "{told}: the next fix leaves the journal modes {modes:?}");
        assert!(matches!(undo(dir.path()).unwrap(), Undone::Done { .. }), "{told}");
        assert!(content(dir) == self.content.0, "{told}: undo does not converge");
        let left: Vec<String> = dir.files().into_keys().filter(|n| n.contains("-journal") || n.contains("-mj")).collect();
        assert!(left.is_empty(), "{told}: {left:?}");
    }

    /// Kills the work on `files` at each point; how many points there were, and what some of them left.
    fn kill(&self, files: &Files, work: &str, what: &str) -> (usize, Vec<Files>) {
        let (mut tried, mut left) = (0, Vec::new());
        for call in CALLS {
            let total = calls(self.with(files), work, call);
            let mut killed = 0;
            for point in points(total) {
                let dir = self.with(files);
                let out = injected(dir, work, call, "signal=SIGKILL", point);
                killed += usize::from(!out.status.success());
                let told = format!("{what}, wal {}: killed at {call} {point} of {total}", self.wal);
                if point % (total / AGAIN + 1) == 0 {
                    left.push(dir.files());
                }
                self.converges(dir, &told, point % 2 == 0);
                tried += 1;
            }
            assert!(killed == points(total).len(), "{what}: {killed} of {} runs were killed at {call}", points(total).len());
        }
        (tried, left)
    }
}

fn sweep(wal: bool) {
    let scenario = Scenario::new(wal);
    let mut tried = 0;
    for work in ["fix", "undo"] {
        let (points, left) = scenario.kill(scenario.files(work), work, work);
        println!("{points} points in {work}, wal {wal}");
        tried += points;
        let mut again = 0;
        for files in &left {
            // The next start, which recovers first.
            again += scenario.kill(files, "fix", &format!("fix after a killed {work}")).0;
        }
        println!("{again} points in the run after a killed {work} ({} of them), wal {wal}", left.len());
        tried += again;
    }
    println!("{tried} points in all, wal {wal}");
    assert!(tried > 50, "{tried}");
}

#[test]
fn g1_a_killed_run_is_all_or_nothing() {
    sweep(false);
}

#[test]
fn g1_a_killed_run_over_wal_databases_is_all_or_nothing() {
    sweep(true);
}

/// What a work that met an error left: it was refused and nothing changed, or it was done.
fn refused_or_done(scenario: &Scenario, dir: &VarDir, out: &Output, work: &str, told: &str) {
    let (before, after) =
        if work == "undo" { (&scenario.content.1, &scenario.content.0) } else { (&scenario.content.0, &scenario.content.1) };
    let said = String::from_utf8_lossy(&out.stdout);
    match out.status.code() {
        Some(0) => assert!(content(dir) == *after, "{told}: it said that it was done"),
        Some(2) => {
            assert!(said.contains("refused: "), "{told}: {said}");
            assert!(content(dir) == *before, "{told}: it said that nothing was changed: {said}");
        }
        other => panic!("{told}: {other:?} {said} {}", String::from_utf8_lossy(&out.stderr)),
    }
    scenario.converges(dir, told, true);
}

fn errors(wal: bool) {
    let scenario = Scenario::new(wal);
    let mut tried = 0;
    for work in ["fix", "undo"] {
        for (call, what) in [
            ("pwrite64", "error=ENOSPC"),
            ("pwrite64", "error=EIO"),
            // A write of no bytes at all, as a full disk answers where it does not say so.
            ("pwrite64", "retval=0"),
            ("fsync", "error=EIO"),
            ("fdatasync", "error=EIO"),
            ("ftruncate", "error=EIO"),
            ("unlink", "error=EIO"),
            ("rename", "error=EIO"),
        ] {
            let total = calls(scenario.with(scenario.files(work)), work, call);
            for point in points(total) {
                let dir = scenario.with(scenario.files(work));
                let out = injected(dir, work, call, what, point);
                refused_or_done(&scenario, dir, &out, work, &format!("{work}, wal {wal}: {what} at {call} {point} of {total}"));
                tried += 1;
            }
        }
        // Short writes, for real: files cannot grow beyond a limit, and a write that would cross it is cut off there.
        let largest = scenario.files(work).values().map(Vec::len).max().unwrap_or(0) / 512;
        let limits = if crash::all() { 1 } else { 9 };
        for limit in (largest / 8..largest * 2).step_by(limits) {
            let dir = scenario.with(scenario.files(work));
            let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
            let out = start(&["sh", "-c", &script], dir, work);
            refused_or_done(&scenario, dir, &out, work, &format!("{work}, wal {wal}: files of at most {limit} half kilobytes"));
            tried += 1;
        }
    }
    println!("{tried} points with errors, wal {wal}");
}

#[test]
fn g11_an_error_of_the_disk_refuses_or_does_no_harm() {
    errors(false);
}

#[test]
fn g11_an_error_of_the_disk_refuses_or_does_no_harm_over_wal_databases() {
    errors(true);
}

/// A refusal, with every file as it was.
fn refused(out: &Output, dir: &VarDir, files: &Files, what: &str) {
    let told = String::from_utf8_lossy(&out.stdout);
    assert_eq!(out.status.code(), Some(2), "{what}: {told} {}", String::from_utf8_lossy(&out.stderr));
    assert!(told.contains("refused: "), "{told}");
    let now = dir.files();
    assert_eq!(now.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>(), "{what}");
    assert!(now == *files, "{what}: a file changed");
}

#[test]
fn g11_a_full_disk_changes_nothing() {
    let files = template(false).files();
    let total = calls(&copy(&files), "fix", "pwrite64");
    for point in points(total) {
        let dir = copy(&files);
        let out = injected(&dir, "fix", "pwrite64", "error=ENOSPC", point);
        if out.status.success() {
            continue; // After the commit, or in a write that SQLite can do without.
        }
        refused(&out, &dir, &files, &format!("no space at write {point} of {total}"));
    }
}

/// A journal that holds what was, and whose head could not be written, takes nothing back: no reader removes it.
#[test]
fn g11_a_journal_that_was_not_begun_does_not_stay() {
    let files = template(false).files();
    let heads = heads(&copy(&files), "fix");
    assert!(heads.len() >= 3, "{heads:?}");
    let mut met = 0;
    for point in &heads {
        let dir = copy(&files);
        let out = injected(&dir, "fix", "pwrite64", "error=ENOSPC", *point);
        if !out.status.success() {
            refused(&out, &dir, &files, &format!("no space for the head of a journal, write {point}"));
            met += 1;
        }
    }
    assert!(met > 0, "no head of a journal was met");
}

/// A disk of its own, that has no room for the journals.
#[test]
fn g11_t30_free_space_is_looked_at_before_anything_is_written() {
    let files = template(false).files();
    let room = files.values().map(|b| b.len() / 1024).sum::<usize>() + 100;
    let script = format!(
        "mount -t tmpfs -o size={room}k tmpfs \"$REGUID_TEST_DIR\" && cp \"$TEMPLATE\"/* \"$REGUID_TEST_DIR\" && cd \"$REGUID_TEST_DIR\" &&
         sha256sum * > /dev/shm/reguid-space-$$ && \"$0\" \"$@\"; echo \"code $?\"; sha256sum --quiet -c /dev/shm/reguid-space-$$ && ls; rm /dev/shm/reguid-space-$$"
    );
    let (from, dir) = (copy(&files), VarDir::new());
    let template = format!("TEMPLATE={}", from.path());
    let out = start(&["unshare", "--map-root-user", "--mount", "env", &template, "sh", "-c", &script], &dir, "fix");
    let told = String::from_utf8_lossy(&out.stdout);
    assert!(told.contains("too little room"), "{told} {}", String::from_utf8_lossy(&out.stderr));
    assert!(told.contains("code 2") && told.ends_with("one.db\nthree.db\ntwo.db\n"), "{told}");
}

#[test]
fn g11_a_file_that_cannot_be_written_changes_nothing() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    for (folder, file) in [(0o777, 0o444), (0o555, 0o666)] {
        let dir = template(false);
        for name in dir.files().keys() {
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
    assert!(start(&["env"], &dir, "fix").status.success());
    assert!(matches!(fix(dir.path()).unwrap(), Fixed::Nothing { .. }));
}
