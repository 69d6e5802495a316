//! Files that SQLite holds open for this process.
//!
//! SQLite locks a database by POSIX locks, which belong to the process and not to a descriptor: whoever closes *any* descriptor of the file gives all of them
//! up, and other processes write, or roll a journal back, in the midst of a transaction (see "How To Corrupt An SQLite Database File", 2.2). So whatever else
//! opens a file that may be such a database opens it by [`Guarded`], which is closed only once no connection holds the file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file, by its device and inode.
type Id = (u64, u64);

/// How often each file is held, and what is to be closed once it is not. Locks are the process's, and so is this.
static FILES: Mutex<BTreeMap<Id, (usize, Vec<File>)>> = Mutex::new(BTreeMap::new());

fn files() -> MutexGuard<'static, BTreeMap<Id, (usize, Vec<File>)>> {
    FILES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn id(file: &File) -> Option<Id> {
    file.metadata().ok().map(|m| (m.dev(), m.ino()))
}

/// Databases that a connection holds. It is to be dropped after the connection.
#[derive(Debug, Default)]
pub(crate) struct Held(Vec<Id>);

impl Held {
    /// Those at `paths`, as far as they are there.
    pub(crate) fn of<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Held {
        let ids: Vec<Id> = paths.into_iter().filter_map(|p| std::fs::metadata(p).ok()).map(|m| (m.dev(), m.ino())).collect();
        let mut files = files();
        ids.iter().for_each(|id| files.entry(*id).or_default().0 += 1);
        Held(ids)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut files = files();
        for id in &self.0 {
            if let Some((count, _)) = files.get_mut(id) {
                *count -= 1;
                if *count == 0 {
                    files.remove(id);
                }
            }
        }
    }
}

/// Whether a connection of this process holds the file.
pub(crate) fn is_held(dev: u64, ino: u64) -> bool {
    files().contains_key(&(dev, ino))
}

/// A file that is not closed while a connection holds it.
#[derive(Debug)]
pub(crate) struct Guarded(Option<File>);

impl Guarded {
    /// Opens the file at `path` for reading.
    pub(crate) fn open(path: impl AsRef<Path>) -> io::Result<Guarded> {
        File::open(path).map(Guarded::from)
    }
}

impl From<File> for Guarded {
    fn from(file: File) -> Guarded {
        Guarded(Some(file))
    }
}

impl Deref for Guarded {
    type Target = File;

    fn deref(&self) -> &File {
        self.0.as_ref().expect("it is taken out when it is dropped, not before")
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let Some(file) = self.0.take() else { return };
        let mut files = files();
        if let Some((_, kept)) = id(&file).and_then(|id| files.get_mut(&id)) {
            kept.push(file);
        } else {
            // While nobody can begin to hold it.
            drop(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Connection;

    /// Whether another process is let in to write.
    fn is_open(path: &Path) -> bool {
        let script = "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1], timeout=0)\ntry: c.execute('INSERT INTO t VALUES (1)')\nexcept sqlite3.OperationalError: sys.exit(7)";
        let ended = std::process::Command::new("python3").args(["-c", script]).arg(path).output().unwrap();
        match ended.status.code() {
            Some(0) => true,
            Some(7) => false,
            _ => panic!("{}", String::from_utf8_lossy(&ended.stderr)),
        }
    }

    #[test]
    fn a_lock_outlives_who_reads_the_file_besides() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let connection = Connection::open(&path).unwrap();
        let held = Held::of([&path]);
        connection.execute_batch("CREATE TABLE t(a); BEGIN EXCLUSIVE").unwrap();
        assert!(!is_open(&path));
        let meta = std::fs::metadata(&path).unwrap();
        assert!(is_held(meta.dev(), meta.ino()));
        drop(Guarded::open(&path).unwrap());
        drop(Guarded::open(&path).unwrap());
        assert!(!is_open(&path));
        // That is what it is for.
        drop(File::open(&path).unwrap());
        assert!(is_open(&path));
        drop((connection, held));
        assert!(!is_held(meta.dev(), meta.ino()));
        assert!(is_open(&path));
    }

    #[test]
    fn a_file_may_be_held_more_than_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "").unwrap();
        let meta = std::fs::metadata(&path).unwrap();
        let (one, two) = (Held::of([&path]), Held::of([&path, &folder.path().join("gone")]));
        drop(one);
        assert!(is_held(meta.dev(), meta.ino()));
        drop(two);
        assert!(!is_held(meta.dev(), meta.ino()));
    }
}
