//! A power cut: what was written and not yet synced may be lost, or half there.
//!
//! The system calls of a real run are recorded. Cut off after any of them, the files are then put together as a disk may have left them: what was synced is
//! there; of what was not, nothing, all, or some of it, torn at 512 bytes. File systems keep the order of what happens to names (creating, removing, renaming)
//! but not when it becomes durable, unless the folder was synced.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/crash.rs"]
mod crash;
#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;

use crash::{content, fill, fix, start, template, undo};
use data::VarDir;
use reguid::remap::{Fixed, Undone};

type Files = BTreeMap<String, Vec<u8>>;

/// Bytes that a disk writes as a whole.
const SECTOR: usize = 512;

#[test]
fn child() {
    crash::work();
}

/// A system call that changes files.
#[derive(Debug, Clone)]
enum Event {
    /// The file is there from now on, and empty if it was not.
    Create(String),
    Write(String, usize, Vec<u8>),
    Truncate(String, usize),
    Sync(String),
    SyncFolder,
    Remove(String),
    Rename(String, String),
}

impl Event {
    /// It, without the bytes.
    fn told(&self) -> String {
        match self {
            Event::Write(name, at, bytes) => format!("write {name} {at} {}", bytes.len()),
            other => format!("{other:?}"),
        }
    }
}

/// Records the work; does it.
fn record(dir: &VarDir, work: &str) -> Vec<Event> {
    let log = tempfile::NamedTempFile::new().unwrap();
    let calls = "trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,pwritev,writev,fallocate";
    let out = start(&["strace", "-f", "-y", "-qq", "-xx", "-s", "70000", "-o", log.path().to_str().unwrap(), "-e", calls], dir, work);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let root = dir.path().canonicalize_utf8().unwrap();
    let text = std::fs::read_to_string(log.path()).unwrap();
    text.lines().filter_map(|line| event(line, root.as_str())).collect()
}

/// The bytes that strace shows as `\x61\x62`.
fn bytes(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|digits| u8::from_str_radix(&digits[..2], 16).unwrap()).collect()
}

fn event(line: &str, root: &str) -> Option<Event> {
    let call = line.split_once(' ')?.1.trim_start();
    let (name, rest) = call.split_once('(')?;
    if rest.contains("unfinished ...") {
        panic!("calls of several threads are mixed up: {line}");
    }
    let result = rest.rsplit_once(") = ")?.1;
    if result.starts_with('-') || result.starts_with('?') {
        return None;
    }
    // Paths of descriptors stand in < >, texts in quotes; both in hexadecimal digits.
    let of_descriptor = |text: &str| {
        let path = text.split_once('<')?.1.split_once('>')?.0;
        let path = if path.starts_with("\\x") { String::from_utf8(bytes(path)).unwrap() } else { path.to_owned() };
        inside(&path, root)
    };
    let quoted: Vec<Vec<u8>> = rest.split('"').skip(1).step_by(2).map(bytes).collect();
    let path = |i: usize| inside(std::str::from_utf8(&quoted[i]).unwrap(), root);
    match name {
        "openat" if rest.contains("O_CREAT") => Some(Event::Create(path(0)?)),
        "pwrite64" => {
            let file = of_descriptor(rest)?;
            let numbers: Vec<&str> = rest.rsplit_once(") = ")?.0.rsplit(", ").take(2).collect();
            let (at, length): (usize, usize) = (numbers[0].parse().unwrap(), numbers[1].parse().unwrap());
            assert_eq!(quoted[0].len(), length, "strace shows all bytes");
            Some(Event::Write(file, at, quoted[0].clone()))
        }
        "ftruncate" => {
            let file = of_descriptor(rest)?;
            let size = rest.rsplit_once(") = ")?.0.rsplit(", ").next().unwrap().parse().unwrap();
            Some(Event::Truncate(file, size))
        }
        "fsync" | "fdatasync" => match of_descriptor(rest)? {
            folder if folder.is_empty() => Some(Event::SyncFolder),
            file => Some(Event::Sync(file)),
        },
        "unlink" | "unlinkat" => Some(Event::Remove(path(0)?)),
        "rename" | "renameat" | "renameat2" => Some(Event::Rename(path(0)?, path(1)?)),
        "openat" => None,
        // Nothing else may change a file here, or this record would be incomplete.
        _ => of_descriptor(rest).map(|file| panic!("{name} on {file}")),
    }
}

/// The path below `root`; the folder itself is empty.
fn inside(path: &str, root: &str) -> Option<String> {
    let below = path.strip_prefix(root)?.trim_start_matches('/');
    (!below.ends_with("-shm")).then(|| below.to_owned())
}

/// How much of what was not synced is there.
#[derive(Debug, Clone, Copy)]
enum Luck {
    Nothing,
    Everything,
    /// Some, by this seed.
    Some(u64),
}

impl Luck {
    /// Whether the next piece is there.
    fn next(&mut self) -> bool {
        match self {
            Luck::Nothing => false,
            Luck::Everything => true,
            Luck::Some(seed) => {
                *seed ^= *seed << 13;
                *seed ^= *seed >> 7;
                *seed ^= *seed << 17;
                *seed & 1 == 0
            }
        }
    }
}

/// A file on the disk: its bytes as synced, and what was done to it since.
#[derive(Debug, Default, Clone)]
struct File {
    synced: Vec<u8>,
    since: Vec<Event>,
}

fn apply(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if bytes.len() < at + piece.len() {
        bytes.resize(at + piece.len(), 0);
    }
    bytes[at..at + piece.len()].copy_from_slice(piece);
}

impl File {
    fn left(&self, luck: &mut Luck) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        for event in &self.since {
            match event {
                Event::Write(_, at, data) => {
                    let mut done = 0;
                    while done < data.len() {
                        // Up to the next boundary of a sector.
                        let end = (done + SECTOR - (at + done) % SECTOR).min(data.len());
                        if luck.next() {
                            apply(&mut bytes, at + done, &data[done..end]);
                        }
                        done = end;
                    }
                }
                Event::Truncate(_, size) if luck.next() => bytes.resize(*size, 0),
                _ => {}
            }
        }
        bytes
    }

    fn sync(&mut self) {
        self.synced = self.left(&mut Luck::Everything);
        self.since.clear();
    }
}

/// The disk after `events`, if the power goes then. `names`: how many of the changes to names that no sync of the folder made durable are there.
fn cut(files: &Files, events: &[Event], mut luck: Luck, names: f64) -> Files {
    // Files by number, so that one that is removed and made again is another one.
    let mut disk: Vec<File> = files.values().map(|b| File { synced: b.clone(), since: Vec::new() }).collect();
    let mut now: BTreeMap<String, usize> = files.keys().cloned().zip(0..).collect();
    let mut history = vec![now.clone()];
    for event in events {
        match event {
            Event::Create(name) if !now.contains_key(name) => {
                disk.push(File::default());
                now.insert(name.clone(), disk.len() - 1);
                history.push(now.clone());
            }
            Event::Create(_) => {}
            Event::Write(name, ..) | Event::Truncate(name, _) => disk[now[name]].since.push(event.clone()),
            Event::Sync(name) => disk[now[name]].sync(),
            Event::SyncFolder => history = vec![now.clone()],
            Event::Remove(name) => {
                now.remove(name);
                history.push(now.clone());
            }
            Event::Rename(from, to) => {
                let file = now.remove(from).unwrap();
                now.insert(to.clone(), file);
                history.push(now.clone());
            }
        }
    }
    let last = ((history.len() - 1) as f64 * names).round() as usize;
    history[last].iter().map(|(name, file)| (name.clone(), disk[*file].left(&mut luck))).collect()
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
        let writes = events.iter().filter(|e| matches!(e, Event::Write(..))).count();
        let syncs = events.iter().filter(|e| matches!(e, Event::Sync(_) | Event::SyncFolder)).count();
        assert!(writes > 100 && syncs > 10, "{writes} {syncs}");
        fill(&dir, &cut(files, &events, Luck::Everything, 1.0));
        assert_eq!(content(&dir), if work == "fix" { after.clone() } else { before.clone() });
        let step = if crash::all() { 1 } else { events.len() / 40 + 1 };
        // Around each sync and each change of a name, where things may go wrong, and some points between.
        let near = |i: usize| (i.saturating_sub(1)..=i).any(|j| !matches!(events.get(j), Some(Event::Write(..)) | None));
        for end in (0..=events.len()).filter(|i| i % step == 0 || near(*i)) {
            let seed = 0x9e37_79b9_7f4a_7c15 ^ end as u64;
            let all = [
                (Luck::Nothing, 0.0),
                (Luck::Nothing, 1.0),
                (Luck::Everything, 0.0),
                (Luck::Some(seed), 1.0),
                (Luck::Some(seed.rotate_left(17)), 0.5),
                (Luck::Some(seed.rotate_left(31)), 0.0),
            ];
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
