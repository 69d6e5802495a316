//! A run over a SQLite database, the settings of a live panel, a table in its database and files, killed at its system calls, or with a full or failing disk at each: the next `fix` or
//! `undo` converges.
//!
//! A sample of the points by default; all of them with `REGUID_CRASH_SWEEP=all` (`scripts/crash-sweep`). Needs `strace` and MariaDB.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/trace.rs"]
mod trace;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use stores::{Scene, State, after_with_table as after, before_with_table as before, said};

/// Points that are tried for each system call and command.
const POINTS: usize = 3;
/// What changes something durable, or is sent to the server.
const CALLS: &[&str] =
    &["pwrite64", "write", "sendto", "fsync", "fdatasync", "unlink", "unlinkat", "renameat", "renameat2", "mkdirat", "fchmod", "ftruncate"];

/// The command, after the words of `before`.
fn start(scene: &Scene, before: &[&str], command: &str) -> Output {
    let words: Vec<String> =
        before.iter().map(ToString::to_string).chain([env!("CARGO_BIN_EXE_reguid").to_owned()]).chain(scene.words(command)).collect();
    Command::new(&words[0]).args(&words[1..]).env_remove("MYSQL_PWD").env("HOME", "/nonexistent").output().expect("strace is installed")
}

/// How often the command makes each of [`CALLS`], in the thread that makes the most of them.
fn calls(scene: &Scene, command: &str) -> BTreeMap<&'static str, usize> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let out =
        start(scene, &["strace", "-f", "-qq", "-o", log.path().to_str().unwrap(), "-e", &format!("trace={}", CALLS.join(","))], command);
    assert!(out.status.success(), "{}", said(&out));
    trace::counts(&std::fs::read_to_string(log.path()).unwrap(), CALLS)
}

/// Lets the server notice that a client is gone, so that what it held is free.
fn converge(scene: &Scene, command: &str, told: &str) {
    let out = start(scene, &["env"], command);
    assert!(out.status.success(), "{told}: {}", said(&out));
    assert!(!scene.var().join("reguid.stage").exists(), "{told}: files are left aside");
}

/// The command, with something done at a system call of it.
fn injected(scene: &Scene, command: &str, call: &str, what: &str, point: usize) -> Output {
    let inject = format!("inject={call}:{what}:when={point}");
    start(scene, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject], command)
}

/// What a disk, or a server, can answer at each system call.
const ERRORS: &[(&str, &str)] = &[
    ("pwrite64", "error=ENOSPC"),
    ("pwrite64", "error=EIO"),
    ("write", "error=ENOSPC"),
    ("write", "error=EIO"),
    // A write of no bytes, as a full disk answers where it does not say so.
    ("write", "retval=0"),
    ("fsync", "error=EIO"),
    ("fdatasync", "error=EIO"),
    ("ftruncate", "error=EIO"),
    ("mkdirat", "error=ENOSPC"),
    ("fchmod", "error=EIO"),
    ("renameat", "error=EIO"),
    ("renameat", "error=ENOSPC"),
    ("renameat2", "error=EIO"),
    ("renameat2", "error=ENOSPC"),
    ("unlink", "error=EIO"),
    ("unlinkat", "error=EIO"),
    ("sendto", "error=EPIPE"),
    ("sendto", "error=ECONNRESET"),
];

/// What a command that met an error says, and what the next ones make of it: nothing is half there for good, and nothing is lost.
fn takes_it(scene: &Scene, out: &Output, command: &str, told: &str, turn: usize) {
    let (from, to) = if command == "undo" { (after(), before()) } else { (before(), after()) };
    let said = said(out);
    let told = &format!("{told}: it said {said}");
    match out.status.code() {
        Some(0) => same(scene, &to, told),
        // The report could not be printed, or the work could not be done or finished.
        Some(2) => {
            let unfinished = said.contains("is committed and not finished");
            if !unfinished && said.contains("nothing was") {
                same(scene, &from, told);
            }
        }
        other => panic!("{told}: {other:?} {said}"),
    }
    match (command, turn % 2) {
        ("fix", 0) => {
            converge(scene, "fix", told);
            same(scene, &after(), told);
            converge(scene, "undo", told);
            same(scene, &before(), told);
        }
        ("fix", _) => {
            let out = start(scene, &["env"], "undo");
            assert!(out.status.success() || stores::said(&out).contains("no run to take back"), "{told}: {}", stores::said(&out));
            same(scene, &before(), told);
            converge(scene, "fix", told);
            same(scene, &after(), told);
        }
        (_, 0) => {
            let out = start(scene, &["env"], "undo");
            assert!(out.status.success() || stores::said(&out).contains("no run to take back"), "{told}: {}", stores::said(&out));
            same(scene, &before(), told);
        }
        _ => {
            converge(scene, "fix", told);
            same(scene, &after(), told);
        }
    }
    assert!(!scene.var().join("reguid.stage").exists(), "{told}: files are left aside");
}

/// The data before a command.
fn prepare(scene: &Scene, command: &str) {
    scene.reset_data();
    scene.reset_settings();
    if command == "undo" {
        assert!(start(scene, &["env"], "fix").status.success());
    }
}

/// What cannot be kept of a file is told, and does not stop a run.
#[test]
fn attributes_that_cannot_be_listed_are_told() {
    let scene = Scene::with_table();
    prepare(&scene, "fix");
    let out = start(&scene, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=flistxattr:error=EIO"], "fix");
    assert!(said(&out).contains("its attributes could not be listed"), "{}", said(&out));
    same(&scene, &after(), "fix");
}

#[test]
fn a_full_or_failing_disk_over_all_stores_does_no_harm() {
    let scene = Scene::with_table();
    let (mut tried, mut refused) = (0, 0);
    for command in ["fix", "undo"] {
        prepare(&scene, command);
        let counts = calls(&scene, command);
        for (call, what) in ERRORS {
            let Some(total) = counts.get(call).copied() else { continue };
            // The last ones are those of the phases.
            for point in if trace::all() { (1..=total).collect() } else { vec![1 + total / 3, total] } {
                prepare(&scene, command);
                let out = injected(&scene, command, call, what, point);
                tried += 1;
                refused += usize::from(!out.status.success());
                takes_it(&scene, &out, command, &format!("{command}: {what} at {call} {point} of {total}"), tried);
            }
        }
        // Short writes, for real: files cannot grow beyond a limit, and a write that would cross it is cut off there.
        for limit in if trace::all() { (0..400).collect::<Vec<usize>>() } else { vec![0, 3, 40, 150] } {
            prepare(&scene, command);
            let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
            let out = start(&scene, &["sh", "-c", &script], command);
            tried += 1;
            refused += usize::from(!out.status.success());
            takes_it(&scene, &out, command, &format!("{command}: files of at most {limit} half kilobytes"), tried);
        }
    }
    println!("{tried} points with errors over settings, files and SQLite");
    assert!(refused * 2 > tried, "{refused} of {tried} runs met an error");
}

/// A run that was cut off in each of its phases is taken up by a command that meets an error.
#[test]
fn an_error_while_an_interrupted_run_is_finished_does_no_harm() {
    let scene = Scene::with_table();
    let (mut tried, mut refused) = (0, 0);
    for command in ["fix", "undo"] {
        prepare(&scene, command);
        let counts = calls(&scene, command);
        // Contents take their places by `renameat`, names by `renameat2`, first aside and then into place.
        let (contents, names) = (counts["renameat"], counts["renameat2"]);
        let to_server = if counts.contains_key("sendto") { "sendto" } else { "write" };
        let kills = [
            (to_server, counts[to_server]),
            ("renameat", 1 + contents / 2),
            ("renameat2", names / 4),
            ("renameat2", names - names / 4),
            ("unlinkat", 1),
        ];
        for (n, (call, point)) in kills.into_iter().enumerate() {
            let cut = || {
                prepare(&scene, command);
                let out = injected(&scene, command, call, "signal=SIGKILL", point);
                assert!(!out.status.success(), "{command} was not killed at {call} {point}: {}", said(&out));
            };
            cut();
            let counts = calls(&scene, "fix");
            for (e, (error, what)) in ERRORS.iter().enumerate() {
                let Some(total) = counts.get(error).copied() else { continue };
                let points = match () {
                    () if trace::all() => (1..=total).collect(),
                    // One error for each place, another one each time.
                    () if e % 5 == n % 5 => vec![1 + (n + e) % total],
                    () => continue,
                };
                for point in points {
                    cut();
                    let taking_up = if tried % 2 == 0 { "fix" } else { "undo" };
                    let out = injected(&scene, taking_up, error, what, point);
                    tried += 1;
                    refused += usize::from(!out.status.success());
                    let told = format!("{command} killed at {call} {point}, then {taking_up}: {what} at {error} {point} of {total}");
                    // Whatever it came to, it is finished now, and both ways are open.
                    let finished = start(&scene, &["env"], "undo");
                    assert!(finished.status.success() || said(&finished).contains("no run to take back"), "{told}: {}", said(&finished));
                    same(&scene, &before(), &told);
                    converge(&scene, "fix", &told);
                    same(&scene, &after(), &told);
                }
            }
        }
    }
    println!("{tried} points with errors in what finishes an interrupted run");
    assert!(refused * 3 > tried, "{refused} of {tried} runs met an error");
}

fn same(scene: &Scene, wanted: &State, told: &str) {
    let now = scene.state();
    let lossy = |state: &State| {
        let files = state.files.iter().map(|(name, bytes)| format!("{name}: {}", bytes.escape_ascii())).collect::<Vec<_>>();
        format!("{}{:?}\n{}", state.settings, state.rows, files.join("\n"))
    };
    assert!(now == *wanted, "{told}\n-- now\n{}\n-- wanted\n{}", lossy(&now), lossy(wanted));
}

/// A process gives up the locks of a database when it closes any descriptor of the file: also where an entry names the database among other files.
#[test]
fn nothing_closes_a_database_that_is_locked() {
    let scene = Scene::new();
    let mut manifest = std::fs::read_to_string(scene.manifest()).unwrap();
    manifest.push_str("[[reference]]\nfile = \"n*\"\nkind = \"domain\"\n");
    std::fs::write(scene.manifest(), manifest).unwrap();
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut locked = 0;
    for command in ["plan", "fix", "verify", "undo", "fix"] {
        let strace = ["strace", "-f", "-qq", "-y", "-o", log.path().to_str().unwrap(), "-e", "trace=close,fcntl"];
        let out = start(&scene, &strace, command);
        assert!(out.status.success(), "{command}: {}", said(&out));
        let told = said(&out);
        assert!(command == "undo" || told.contains("notes.db is a SQLite database, and is not looked into"), "{command}: {told}");
        // Each database that is locked, and the descriptor that it is by.
        let mut held: BTreeMap<String, String> = BTreeMap::new();
        for line in std::fs::read_to_string(log.path()).unwrap().lines() {
            let Some((fd, path)) = line.split_once('(').and_then(|(_, rest)| rest.split_once('>')?.0.split_once('<')) else { continue };
            if !path.ends_with(".db") {
                continue;
            }
            if line.contains("l_type=F_WRLCK") || line.contains("l_type=F_RDLCK") {
                held.insert(path.to_owned(), fd.to_owned());
                locked += 1;
            } else if line.contains("l_type=F_UNLCK") && line.contains("l_start=0, l_len=0") {
                held.remove(path);
            } else if line.contains("close(") {
                let by = held.remove(path);
                assert!(by.as_deref().is_none_or(|by| by == fd), "{command}: {line}");
            }
        }
    }
    assert!(locked > 10, "{locked} locks were seen");
}

#[test]
fn a_killed_run_over_all_stores_converges() {
    let scene = Scene::with_table();
    let (from, to) = (before(), after());
    let (mut tried, mut killed) = (0, 0);
    for command in ["fix", "undo"] {
        let prepare = || {
            scene.reset_data();
            scene.reset_settings();
            if command == "undo" {
                assert!(start(&scene, &["env"], "fix").status.success());
            }
        };
        prepare();
        let counts = calls(&scene, command);
        for call in ["pwrite64", "fsync", "sendto"] {
            assert!(counts.contains_key(call) || call == "sendto" && counts.contains_key("write"), "{command} makes no {call}: {counts:?}");
        }
        for (call, total) in counts {
            for point in trace::points(total, POINTS) {
                prepare();
                let inject = format!("inject={call}:signal=SIGKILL:when={point}");
                let out =
                    start(&scene, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject], command);
                tried += 1;
                killed += usize::from(!out.status.success());
                let told = format!("{command} killed at {call} {point} of {total}");
                // Every other time the run is taken up by the same command, else by the other one.
                match (command, tried % 2) {
                    ("fix", 0) => {
                        converge(&scene, "fix", &told);
                        same(&scene, &to, &told);
                        converge(&scene, "undo", &told);
                        same(&scene, &from, &told);
                    }
                    ("fix", _) => {
                        // Before its commit there is no run to take back.
                        let out = start(&scene, &["env"], "undo");
                        assert!(out.status.success() || said(&out).contains("no run to take back"), "{told}: {}", said(&out));
                        same(&scene, &from, &told);
                        converge(&scene, "fix", &told);
                        same(&scene, &to, &told);
                    }
                    (_, 0) => {
                        let out = start(&scene, &["env"], "undo");
                        assert!(out.status.success() || said(&out).contains("no run to take back"), "{told}: {}", said(&out));
                        same(&scene, &from, &told);
                    }
                    _ => {
                        converge(&scene, "fix", &told);
                        same(&scene, &to, &told);
                    }
                }
            }
        }
    }
    println!("{tried} points over settings, files and SQLite");
    assert!(killed * 3 > tried * 2, "{killed} of {tried} runs were killed");
}
