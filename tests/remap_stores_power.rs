//! A power cut while files change their contents and names: whatever the disk kept, the next `fix` converges, and so does `undo`.
//!
//! As in `remap_power.rs`, the calls of a real run are recorded, and the disk is put together as the cut may have left it. Files, a database and the companion;
//! settings are on a server, which keeps its own promises.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/place.rs"]
mod place;
#[path = "support/power.rs"]
mod power;
#[path = "support/stores.rs"]
mod stores;

use std::fs;

use place::{Data, Files, Place};
use power::Event;
use stores::said;

const NOTES: &str = "CREATE TABLE notes(domain_id INTEGER PRIMARY KEY, note TEXT);
                     INSERT INTO notes VALUES (5, 'five'), (7, 'seven'), (11, 'eleven')";

fn the_place() -> Place {
    let (_, references) = stores::MANIFEST.split_once("[[reference]]\ndatabase").unwrap();
    Place::new(&format!("[[reference]]\ndatabase{references}"), stores::FILES, &[("notes.db", NOTES)])
}

fn files_of(list: &[(&str, &[u8])]) -> Files {
    list.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect()
}

fn all() -> bool {
    std::env::var("REGUID_CRASH_SWEEP").is_ok_and(|v| v == "all")
}

#[test]
fn a_power_cut_while_files_change_loses_nothing() {
    let place = the_place();
    let (files, before): (Files, Data) = (place.files(), place.data());
    assert_eq!(before.files, files_of(stores::FILES));
    let fixed = place.command("fix", &[]);
    assert!(fixed.status.success(), "{}", said(&fixed));
    let (done, after) = (place.files(), place.data());
    assert_eq!(after.files, files_of(stores::AFTER));
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
