//! A power cut: what was written and not yet synced may be lost, or half there. See `support/power.rs` for what a disk may have left; `remap_stores_power.rs` does
//! the same with files.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/crash.rs"]
mod crash;
#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;
#[path = "support/power.rs"]
mod power;

use crash::{content, fill, fix, start, template, undo};
use data::VarDir;
use power::{Event, Files, Luck};
use reguid::remap::{Fixed, Undone};

#[test]
fn child() {
    crash::work();
}

/// Records the work; does it.
fn record(dir: &VarDir, work: &str) -> Vec<Event> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let out = start(&power::strace(log.path().to_str().unwrap()), dir, work);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let root = dir.path().canonicalize_utf8().unwrap();
    power::events(&std::fs::read_to_string(log.path()).unwrap(), root.as_str())
}

/// The disk after `events`; there are no folders in this one.
fn cut(files: &Files, events: &[Event], luck: Luck, names: f64) -> Files {
    let (files, folders) = power::cut(files, events, luck, names);
    assert!(folders.is_empty(), "{folders:?}");
    files
}

fn sweep(wal: bool) {
    let dir = template(wal);
    let (files, before) = (dir.files(), content(&dir));
    assert!(matches!(fix(dir.path()).unwrap(), Fixed::Applied { .. }));
    let (done, after) = (dir.files(), content(&dir));
    let mut tried = 0;
    for (work, files) in [("fix", &files), ("undo", &done)] {
        fill(&dir, files);
        let events = record(&dir, work);
        let writes = events.iter().filter(|e| e.is_write()).count();
        let syncs = events.iter().filter(|e| e.is_sync()).count();
        assert!(writes > 100 && syncs > 10, "{writes} {syncs}");
        fill(&dir, &cut(files, &events, Luck::Everything, 1.0));
        assert_eq!(content(&dir), if work == "fix" { after.clone() } else { before.clone() });
        let step = if crash::all() { 1 } else { events.len() / 40 + 1 };
        // Around each sync and each change of a name, where things may go wrong, and some points between.
        let near = |i: usize| (i.saturating_sub(1)..=i).any(|j| events.get(j).is_some_and(|e| !e.is_write()));
        for end in (0..=events.len()).filter(|i| i % step == 0 || near(*i)) {
            let all = power::lucks(end);
            // Of a sample of the points, each has one sort of luck; neighbours have others.
            let one = tried % all.len();
            for (luck, names) in if crash::all() { &all[..] } else { &all[one..=one] }.iter().copied() {
                let told = format!("{work}, wal {wal}: cut after {end} of {} calls, {luck:?}, names {names}", events.len());
                fill(&dir, &cut(files, &events[..end], luck, names));
                if end % 2 == 0 {
                    let now = content(&dir);
                    assert!(now == before || now == after, "{told}: neither before nor after");
                }
                let near = events[..end].iter().rev().take(60).rev().map(Event::told).collect::<Vec<_>>();
                let fixed = fix(dir.path()).unwrap_or_else(|e| panic!("{told}: {e} {near:#?}"));
                assert!(matches!(fixed, Fixed::Applied { .. } | Fixed::Nothing { .. }), "{told}");
                assert!(content(&dir) == after, "{told}: the next fix does not converge");
                assert!(matches!(undo(dir.path()).unwrap(), Undone::Done { .. }), "{told}");
                assert!(content(&dir) == before, "{told}: undo does not converge");
                tried += 1;
            }
        }
    }
    println!("{tried} power cuts, wal {wal}");
}

#[test]
fn g1_a_power_cut_leaves_before_or_after() {
    sweep(false);
}

#[test]
fn g1_a_power_cut_over_wal_databases_leaves_before_or_after() {
    sweep(true);
}
