//! A run over a SQLite database, the settings of a live panel and files, killed at its system calls: the next `fix` or `undo` converges.
//!
//! A sample of the points by default; all of them with `REGUID_CRASH_SWEEP=all` (`scripts/crash-sweep`). Needs `strace` and MariaDB.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use stores::{Scene, State, after, before, said};

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
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for line in std::fs::read_to_string(log.path()).unwrap().lines() {
        let mut words = line.split_whitespace();
        let (Some(thread), Some(rest)) = (words.next(), words.next()) else { continue };
        if let Some(call) = CALLS.iter().find(|c| rest.starts_with(&format!("{c}("))) {
            *counts.entry((call, thread.to_owned())).or_default() += 1;
        }
    }
    let mut most = BTreeMap::new();
    for ((call, _), count) in counts {
        let entry = most.entry(call).or_insert(0);
        *entry = count.max(*entry);
    }
    most
}

/// The points to try among `total`.
fn points(total: usize) -> Vec<usize> {
    if std::env::var("REGUID_CRASH_SWEEP").is_ok_and(|v| v == "all") {
        return (1..=total).collect();
    }
    let mut points: Vec<usize> = (0..POINTS).map(|i| 1 + i * total.saturating_sub(1) / (POINTS - 1)).collect();
    points.dedup();
    points
}

/// Lets the server notice that a client is gone, so that what it held is free.
fn converge(scene: &Scene, command: &str, told: &str) {
    let out = start(scene, &["env"], command);
    assert!(out.status.success(), "{told}: {}", said(&out));
    assert!(!scene.var().join("reguid.stage").exists(), "{told}: files are left aside");
}

fn same(scene: &Scene, wanted: &State, told: &str) {
    let now = scene.state();
    assert!(now == *wanted, "{told}: {now:#?}");
}

#[test]
fn a_killed_run_over_all_stores_converges() {
    let scene = Scene::new();
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
            for point in points(total) {
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
