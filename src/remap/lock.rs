//! One writing reguid at a time on a var directory.
//!
//! The databases' own locks are not enough: the companion may be made, removed again and made anew, and databases leave WAL mode and return to it, all of
//! it outside any transaction. The lock is the operating system's, on the directory itself: it adds no file and ends with the process, however that ends.

use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

use camino::Utf8Path;

use super::error::RemapError;
use crate::sqlite::open::OpenError;

/// How long to wait before the lock is tried again.
const PAUSE: Duration = Duration::from_millis(20);

/// Held while it lives.
#[derive(Debug)]
pub(super) struct Lock {
    _directory: File,
}

impl Lock {
    /// Takes the lock on `var_dir`; waits for it as long as `patience`.
    ///
    /// # Errors
    /// [`OpenError::Busy`]; the directory cannot be opened.
    pub(super) fn take(var_dir: &Utf8Path, patience: Duration) -> Result<Lock, RemapError> {
        let io = |source| RemapError::Io { path: var_dir.to_owned(), source };
        let directory = File::open(var_dir).map_err(io)?;
        let since = Instant::now();
        loop {
            super::watch::check()?;
            match directory.try_lock() {
                Ok(()) => return Ok(Lock { _directory: directory }),
                Err(TryLockError::WouldBlock) if since.elapsed() < patience => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => return Err(OpenError::Busy { path: var_dir.to_owned() }.into()),
                Err(TryLockError::Error(error)) => return Err(io(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        let first = Lock::take(path, Duration::ZERO).unwrap();
        assert!(matches!(Lock::take(path, Duration::from_millis(30)), Err(RemapError::Open(OpenError::Busy { .. }))));
        drop(first);
        Lock::take(path, Duration::ZERO).unwrap();
        assert_eq!(path.read_dir_utf8().unwrap().count(), 0);
    }
}
