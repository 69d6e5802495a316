//! A conversion that is killed at any write: everything is as before or as after. The test binary starts itself as the process that is killed.

use std::collections::BTreeMap;
use std::process::{Command, Output};

use camino::Utf8Path;
use reguid::reference::manifest::{Manifest, OnMissing};
use reguid::remap::convert::{self, Converted, Form, Request};
use reguid::remap::{self, RemapError, Undone};

use crate::model::Cell;
use crate::{VarDir, dump, entry, manifest, panel, rows};

/// Names the var directory to the child.
const DIR: &str = "REGUID_TEST_DIR";
/// Names the work to the child: `convert` or `undo`.
const WORK: &str = "REGUID_TEST_WORK";
/// Points that are tried for each system call.
const POINTS: usize = 14;

fn references() -> Manifest {
    manifest(vec![entry("one.db", "t", "d", OnMissing::Fail), entry("two.db", "t", "d", OnMissing::Fail)])
}

/// Two databases with enough rows for many pages, and children.
fn template(wal: bool) -> VarDir {
    let dir = VarDir::new();
    let mode = if wal { "PRAGMA journal_mode = WAL;" } else { "" };
    for name in ["one.db", "two.db"] {
        let sql = format!(
            "PRAGMA page_size = 1024; {mode} CREATE TABLE t(d INT, k INTEGER PRIMARY KEY AUTOINCREMENT, pad, UNIQUE (d, k));
             CREATE TABLE child(k INT REFERENCES t(k) ON DELETE CASCADE); CREATE INDEX i ON t(pad); CREATE TRIGGER tr AFTER DELETE ON t BEGIN DELETE FROM child; END;
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 399) INSERT INTO t SELECT i % 3 + 5, i + 1, hex(zeroblob(20)) FROM n;
             UPDATE t SET d = 9 WHERE d > 7; INSERT INTO child SELECT k FROM t WHERE k % 9 = 0"
        );
        dir.sql(name, &sql);
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

type Content = Vec<Vec<(String, Vec<Vec<Cell>>)>>;

/// All that both databases hold; whoever reads it recovers what a crash left.
fn content(dir: &VarDir) -> Content {
    ["one.db", "two.db"].iter().map(|n| dump(&dir.connect(n))).collect()
}

fn convert(dir: &Utf8Path) -> Converted {
    tried(dir).unwrap()
}

fn tried(dir: &Utf8Path) -> Result<Converted, RemapError> {
    let (manifest, panel) = (references(), panel());
    let request = Request {
        var_dir: dir,
        manifest: &manifest,
        places: &[],
        panel: Some(&panel),
        form: Form::Guid,
        beside: false,
        patience: remap::PATIENCE,
    };
    convert::convert(&request)
}

#[test]
fn child() {
    let (Ok(dir), Ok(work)) = (std::env::var(DIR), std::env::var(WORK)) else { return };
    let dir = Utf8Path::new(&dir);
    let refused = if work == "undo" {
        match remap::undo(dir, None, remap::PATIENCE) {
            Ok(ended) => return assert!(matches!(ended, Undone::Done { .. }), "{ended:?}"),
            Err(error) => error,
        }
    } else {
        match tried(dir) {
            Ok(ended) => return assert!(matches!(ended, Converted::Done { .. }), "{ended:?}"),
            Err(error) => error,
        }
    };
    // An error, as opposed to a panic, is what a full disk must come to.
    println!("refused: {refused}");
    std::process::exit(2);
}

fn start(before: &[&str], dir: &VarDir, work: &str) -> Output {
    let this = std::env::current_exe().unwrap();
    let words: Vec<&str> =
        before.iter().copied().chain([this.to_str().unwrap(), "--exact", "crash::child", "--nocapture", "--test-threads=1"]).collect();
    Command::new(words[0]).args(&words[1..]).env(DIR, dir.path()).env(WORK, work).output().expect("strace is installed")
}

/// How often the work makes the system call.
fn calls(template: &VarDir, work: &str, call: &str) -> usize {
    let (dir, log) = (copy(template), tempfile::NamedTempFile::new().unwrap());
    let out = start(&["strace", "-f", "-qq", "-o", log.path().to_str().unwrap(), "-e", &format!("trace={call}")], &dir, work);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    let mut threads: BTreeMap<String, usize> = BTreeMap::new();
    for line in std::fs::read_to_string(log.path()).unwrap().lines().filter(|l| l.contains(&format!("{call}("))) {
        *threads.entry(line.split_whitespace().next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    threads.into_values().max().unwrap_or(0)
}

/// The points to try among `total`: all of them where the environment says so.
fn points(total: usize) -> Vec<usize> {
    if std::env::var("REGUID_CRASH_SWEEP").is_ok_and(|v| v == "all") || total <= POINTS {
        return (1..=total).collect();
    }
    (0..POINTS).map(|i| 1 + i * (total - 1) / (POINTS - 1)).collect()
}

/// Kills the work at its points; how many there were.
fn kill(template: &VarDir, work: &str, from: &Content, to: &Content) -> usize {
    let mut tried = 0;
    let mode = |dir: &VarDir| rows(&dir.connect("one.db"), "PRAGMA journal_mode");
    for call in ["pwrite64", "fsync", "unlink", "fdatasync", "ftruncate", "rename"] {
        let total = calls(template, work, call);
        assert!(total > 2 || !matches!(call, "pwrite64" | "fsync" | "unlink"), "{work} makes {total} calls of {call}");
        let mut killed = 0;
        for point in points(total) {
            tried += 1;
            let dir = copy(template);
            let inject = format!("inject={call}:signal=SIGKILL:when={point}");
            let out = start(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject], &dir, work);
            killed += usize::from(!out.status.success());
            let told = format!("{work} killed at {call} {point} of {total}");
            if point % 2 == 0 {
                let now = content(&dir);
                assert!(now == *from || now == *to, "{told}: neither before nor after");
            }
            // The next one converges, whatever the crash left.
            assert!(matches!(convert(dir.path()), Converted::Done { .. } | Converted::Nothing { .. }), "{told}");
            let after = if work == "undo" { from } else { to };
            assert!(content(&dir) == *after, "{told}");
            assert_eq!(mode(&dir), mode(template), "{told}");
            assert!(matches!(remap::undo(dir.path(), None, remap::PATIENCE).unwrap(), Undone::Done { .. }), "{told}");
            assert!(content(&dir) == *(if work == "undo" { to } else { from }), "{told}");
        }
        assert!(killed * 2 >= points(total).len(), "{killed} runs of {work} were killed at {call}");
    }
    tried
}

fn sweep(wal: bool) {
    let template = template(wal);
    let before = content(&template);
    let done = copy(&template);
    assert!(matches!(convert(done.path()), Converted::Done { .. }));
    let after = content(&done);
    assert_ne!(before, after);
    let tried = kill(&template, "convert", &before, &after) + kill(&done, "undo", &after, &before);
    println!("{tried} points in conversions and their undo, wal {wal}");
}

#[test]
fn a_killed_conversion_is_all_or_nothing() {
    sweep(false);
}

#[test]
fn a_killed_conversion_of_wal_databases_is_all_or_nothing() {
    sweep(true);
}

/// What a work that met an error of the disk left: it was refused and nothing changed, or it was done. How many points there were, and how many were refused.
fn meet(template: &VarDir, work: &str, from: &Content, to: &Content) -> (usize, usize) {
    let (mut tried, mut refused) = (0, 0);
    for (call, what) in
        [("pwrite64", "error=ENOSPC"), ("pwrite64", "error=EIO"), ("pwrite64", "retval=0"), ("fsync", "error=EIO"), ("unlink", "error=EIO")]
    {
        let total = calls(template, work, call);
        for point in points(total) {
            tried += 1;
            let dir = copy(template);
            let inject = format!("inject={call}:{what}:when={point}");
            let out = start(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject], &dir, work);
            let (told, said) = (format!("{work}: {what} at {call} {point} of {total}"), String::from_utf8_lossy(&out.stdout));
            match out.status.code() {
                Some(0) => assert!(content(&dir) == *to, "{told}: it said that it was done"),
                Some(2) => {
                    refused += 1;
                    assert!(said.contains("refused: ") && content(&dir) == *from, "{told}: {said}");
                }
                other => panic!("{told}: {other:?} {said} {}", String::from_utf8_lossy(&out.stderr)),
            }
            assert!(matches!(convert(dir.path()), Converted::Done { .. } | Converted::Nothing { .. }), "{told}");
            assert!(matches!(remap::undo(dir.path(), None, remap::PATIENCE).unwrap(), Undone::Done { .. }), "{told}");
            assert!(content(&dir) == *(if work == "undo" { to } else { from }), "{told}");
        }
    }
    (tried, refused)
}

fn errors(wal: bool) {
    let template = template(wal);
    let before = content(&template);
    let done = copy(&template);
    assert!(matches!(convert(done.path()), Converted::Done { .. }));
    let after = content(&done);
    let (forth, back) = (meet(&template, "convert", &before, &after), meet(&done, "undo", &after, &before));
    let refused = forth.1 + back.1;
    println!("{} points with errors in conversions and their undo, wal {wal}", forth.0 + back.0);
    assert!(refused > POINTS, "{refused}");
}

#[test]
fn g11_an_error_of_the_disk_refuses_a_conversion_or_does_no_harm() {
    errors(false);
}

#[test]
fn g11_an_error_of_the_disk_refuses_a_conversion_of_wal_databases_or_does_no_harm() {
    errors(true);
}

/// A disk of its own, that has no room for what a conversion adds.
#[test]
fn g11_t30_free_space_is_looked_at_before_anything_is_converted() {
    let template = template(false);
    let room = template.files().values().map(|b| b.len() / 1024).sum::<usize>() + 60;
    let script = format!(
        "mount -t tmpfs -o size={room}k tmpfs \"$REGUID_TEST_DIR\" && cp \"$TEMPLATE\"/* \"$REGUID_TEST_DIR\" && cd \"$REGUID_TEST_DIR\" &&
         sha256sum * > /dev/shm/reguid-convert-$$ && \"$0\" \"$@\"; echo \"code $?\"; sha256sum --quiet -c /dev/shm/reguid-convert-$$ && ls; rm /dev/shm/reguid-convert-$$"
    );
    let (from, dir) = (format!("TEMPLATE={}", template.path()), VarDir::new());
    let out = start(&["unshare", "--map-root-user", "--mount", "env", &from, "sh", "-c", &script], &dir, "convert");
    let told = String::from_utf8_lossy(&out.stdout);
    assert!(told.contains("too little room"), "{told} {}", String::from_utf8_lossy(&out.stderr));
    assert!(told.contains("code 2") && told.ends_with("one.db\ntwo.db\n"), "{told}");
}
