//! A power cut: the system calls of a real run, and the disk that is left where the power goes after any of them.
//!
//! What was synced is there; of what was not, nothing, all, or some of it, torn at 512 bytes. File systems keep the order of what happens to names (creating,
//! removing, renaming) but not when it becomes durable, unless a folder that it happened in was synced.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use std::collections::BTreeMap;

/// The files of a folder, by their paths in it. An empty folder is not told.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Bytes that a disk writes as a whole.
const SECTOR: usize = 512;

/// The system calls that are recorded.
pub const CALLS: &str = "trace=openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,pwritev,writev,fallocate,mkdir,mkdirat,rmdir";

/// The words before a command that record its calls in the file `log`.
pub fn strace(log: &str) -> Vec<&str> {
    vec!["strace", "-f", "-y", "-qq", "-xx", "-s", "700000", "-o", log, "-e", CALLS]
}

/// A system call that changes files.
#[derive(Debug, Clone)]
pub enum Event {
    /// The file is there from now on, and empty if it was not.
    Create(String),
    Write(String, usize, Vec<u8>),
    /// Behind what is there.
    Append(String, Vec<u8>),
    Truncate(String, usize),
    Sync(String),
    MakeFolder(String),
    SyncFolder(String),
    Remove(String),
    RemoveFolder(String),
    Rename(String, String),
}

impl Event {
    /// It, without the bytes.
    pub fn told(&self) -> String {
        match self {
            Event::Write(name, at, bytes) => format!("write {name} {at} {}", bytes.len()),
            Event::Append(name, bytes) => format!("append {name} {}", bytes.len()),
            other => format!("{other:?}"),
        }
    }

    pub fn is_write(&self) -> bool {
        matches!(self, Event::Write(..) | Event::Append(..))
    }

    pub fn is_sync(&self) -> bool {
        matches!(self, Event::Sync(_) | Event::SyncFolder(_))
    }
}

/// The events below `root` in what strace recorded.
pub fn events(log: &str, root: &str) -> Vec<Event> {
    let mut folders: Vec<String> = vec![String::new()];
    log.lines().filter_map(|line| event(line, root, &mut folders)).collect()
}

/// The bytes that strace shows as `\x61\x62`.
fn bytes(text: &str) -> Vec<u8> {
    text.split("\\x").skip(1).map(|digits| u8::from_str_radix(&digits[..2], 16).unwrap()).collect()
}

/// `folders` are those that are known as such: syncs do not tell what is synced.
fn event(line: &str, root: &str, folders: &mut Vec<String>) -> Option<Event> {
    let call = line.split_once(' ')?.1.trim_start();
    let (name, rest) = call.split_once('(')?;
    if rest.contains("unfinished ...") {
        panic!("calls of several threads are mixed up: {line}");
    }
    let result = rest.rsplit_once(") = ")?.1;
    if result.starts_with('-') || result.starts_with('?') {
        return None;
    }
    // Paths of descriptors stand in < >, texts in quotes; both in hexadecimal digits, so that commas separate arguments.
    let arguments: Vec<&str> = rest.rsplit_once(") = ")?.0.split(", ").collect();
    let descriptor = |i: usize| {
        let path = arguments[i].split_once('<')?.1.rsplit_once('>')?.0;
        Some(if path.starts_with("\\x") { String::from_utf8(bytes(path)).unwrap() } else { path.to_owned() })
    };
    let quoted = |i: usize| bytes(arguments[i].trim_matches('"'));
    let text = |i: usize| String::from_utf8(quoted(i)).unwrap();
    // A name, below the folder of a descriptor.
    let at = |i: usize| {
        let name = text(i + 1);
        if name.starts_with('/') { inside(&name, root) } else { inside(&format!("{}/{name}", descriptor(i)?), root) }
    };
    let file = || inside(&descriptor(0)?, root);
    match name {
        "openat" if rest.contains("O_CREAT") => Some(Event::Create(at(0)?)),
        "openat" => {
            if rest.contains("O_DIRECTORY")
                && let Some(path) = at(0)
            {
                folders.push(path);
            }
            None
        }
        "pwrite64" => {
            let (length, offset): (usize, usize) = (arguments[2].parse().unwrap(), arguments[3].parse().unwrap());
            let data = quoted(1);
            let file = file()?;
            assert_eq!(data.len(), length, "strace shows all bytes");
            Some(Event::Write(file, offset, data))
        }
        "write" => {
            let file = file()?;
            let data = quoted(1);
            assert_eq!(data.len(), arguments[2].parse::<usize>().unwrap(), "strace shows all bytes");
            Some(Event::Append(file, data))
        }
        "ftruncate" => Some(Event::Truncate(file()?, arguments[1].parse().unwrap())),
        "fsync" | "fdatasync" => {
            let file = file()?;
            Some(if folders.contains(&file) { Event::SyncFolder(file) } else { Event::Sync(file) })
        }
        "unlink" => Some(Event::Remove(inside(&text(0), root)?)),
        "unlinkat" if rest.contains("AT_REMOVEDIR") => Some(Event::RemoveFolder(at(0)?)),
        "unlinkat" => Some(Event::Remove(at(0)?)),
        "mkdirat" => {
            folders.push(at(0)?);
            Some(Event::MakeFolder(at(0)?))
        }
        "rename" => Some(Event::Rename(inside(&text(0), root)?, inside(&text(1), root)?)),
        "renameat" | "renameat2" => {
            let (from, to) = (at(0)?, at(2)?);
            let below = format!("{from}/");
            let moved: Vec<String> =
                folders.iter().filter(|f| **f == from || f.starts_with(&below)).map(|f| format!("{to}{}", &f[from.len()..])).collect();
            folders.extend(moved);
            Some(Event::Rename(from, to))
        }
        // Nothing else may change a file here, or this record would be incomplete.
        "mkdir" | "rmdir" => inside(&text(0), root).map(|path| panic!("{name} of {path}")),
        _ => file().map(|file| panic!("{name} on {file}")),
    }
}

/// The path below `root`; the folder itself is empty.
fn inside(path: &str, root: &str) -> Option<String> {
    let below = path.strip_prefix(root)?;
    if !below.is_empty() && !below.starts_with('/') {
        return None;
    }
    let below = below.trim_matches('/');
    (!below.ends_with("-shm")).then(|| below.to_owned())
}

/// How much of what was not synced is there.
#[derive(Debug, Clone, Copy)]
pub enum Luck {
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

/// Sorts of luck at a cut after `end` calls, with how many of the changes to names are there that no sync made durable.
pub fn lucks(end: usize) -> [(Luck, f64); 6] {
    let seed = 0x9e37_79b9_7f4a_7c15 ^ end as u64;
    [
        (Luck::Nothing, 0.0),
        (Luck::Nothing, 1.0),
        (Luck::Everything, 0.0),
        (Luck::Some(seed), 1.0),
        (Luck::Some(seed.rotate_left(17)), 0.5),
        (Luck::Some(seed.rotate_left(31)), 0.0),
    ]
}

/// A file on the disk: its bytes as synced, and what was done to it since.
#[derive(Debug, Default, Clone)]
struct File {
    synced: Vec<u8>,
    since: Vec<Event>,
    length: usize,
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

    fn write(&mut self, event: Event) {
        let event = match event {
            Event::Append(name, data) => Event::Write(name, self.length, data),
            other => other,
        };
        match &event {
            Event::Write(_, at, data) => self.length = self.length.max(at + data.len()),
            Event::Truncate(_, size) => self.length = *size,
            _ => {}
        }
        self.since.push(event);
    }
}

/// What is called what: a file by its number, so that one that is removed and made again is another one; or a folder.
type Names = BTreeMap<String, Option<usize>>;

/// The disk after `events`, if the power goes then: its files, and its folders. `names`: how many of the changes to names that no sync of a folder
/// made durable are there.
pub fn cut(files: &Files, events: &[Event], mut luck: Luck, names: f64) -> (Files, Vec<String>) {
    let mut disk: Vec<File> = files.values().map(|b| File { synced: b.clone(), since: Vec::new(), length: b.len() }).collect();
    let mut now: Names = files.keys().cloned().zip((0..).map(Some)).collect();
    for path in files.keys() {
        let folders = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
        now.extend(folders.map(|folder| (folder, None)));
    }
    // Each state of the names, with the folders in which it was made.
    let mut history: Vec<(Names, Vec<String>)> = vec![(now.clone(), Vec::new())];
    let folder = |path: &str| path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    for event in events {
        let mut touched = Vec::new();
        match event {
            Event::Create(name) if !now.contains_key(name) => {
                disk.push(File::default());
                now.insert(name.clone(), Some(disk.len() - 1));
                touched.push(folder(name));
            }
            Event::Create(_) => {}
            Event::MakeFolder(name) => {
                now.insert(name.clone(), None);
                touched.push(folder(name));
            }
            Event::Write(name, ..) | Event::Append(name, _) | Event::Truncate(name, _) => {
                disk[now[name].unwrap()].write(event.clone());
            }
            Event::Sync(name) => disk[now[name].unwrap()].sync(),
            Event::SyncFolder(name) => {
                // With the last change in it, all before it are durable.
                if let Some(last) = history.iter().rposition(|(_, folders)| folders.contains(name)) {
                    history.drain(..last);
                }
                history[0].1.clear();
            }
            Event::Remove(name) | Event::RemoveFolder(name) => {
                now.remove(name);
                touched.push(folder(name));
            }
            Event::Rename(from, to) => {
                let below = format!("{from}/");
                let moved: Vec<(String, Option<usize>)> =
                    now.iter().filter(|(path, _)| *path == from || path.starts_with(&below)).map(|(p, f)| (p.clone(), *f)).collect();
                assert!(!moved.is_empty(), "{from} is renamed, and nothing is called so");
                for (path, file) in moved {
                    now.remove(&path);
                    now.insert(format!("{to}{}", &path[from.len()..]), file);
                }
                touched.extend([folder(from), folder(to)]);
            }
        }
        if !touched.is_empty() {
            history.push((now.clone(), touched));
        }
    }
    let last = ((history.len() - 1) as f64 * names).round() as usize;
    let left = &history[last].0;
    let files = left.iter().filter_map(|(name, file)| Some((name.clone(), disk[(*file)?].left(&mut luck)))).collect();
    (files, left.iter().filter(|(_, file)| file.is_none()).map(|(name, _)| name.clone()).collect())
}
