//! The var directory by open folders: nothing that somebody puts in its place meanwhile can lead a run out of it.
//!
//! The directory belongs to the extension's user, and a run is often root's. Every folder on the way to a file is opened from the one above it and may not be
//! a link; files are looked at, read, and given other names relative to an open folder; owner, mode and times are set on the open file, never by its name.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps, XattrFlags};
use rustix::fs::{fstat, mkdirat, openat, renameat_with, statat, unlinkat};
use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::super::error::RemapError;
use crate::panel::source::companion;
use crate::sqlite::held::{self, Guarded};
use crate::sqlite::open;

/// The folder in the var directory where new files lie until they take their places.
pub(super) const STAGE: &str = "reguid.stage";

/// A var directory, held open.
#[derive(Debug)]
pub(super) struct Root {
    folder: OwnedFd,
    path: Utf8PathBuf,
}

/// What lies under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    File,
    Folder,
    Link,
    /// A socket, a pipe, a device.
    Other,
}

impl What {
    fn of(kind: FileType) -> What {
        match kind {
            FileType::RegularFile => What::File,
            FileType::Directory => What::Folder,
            FileType::Symlink => What::Link,
            _ => What::Other,
        }
    }
}

/// Something in the var directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Relative to the var directory.
    pub path: Utf8PathBuf,
    pub what: What,
}

impl Root {
    /// Opens the var directory.
    pub(super) fn open(path: &Utf8Path) -> Result<Root, RemapError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = openat(rustix::fs::CWD, path.as_std_path(), flags, Mode::empty()).map_err(|e| io_error(path, e))?;
        Ok(Root { folder, path: path.to_owned() })
    }

    /// The folder `below`, opened one step after the other.
    pub(super) fn folder(&self, below: &Utf8Path) -> Result<OwnedFd, RemapError> {
        let fail = |e: Errno| io_error(&self.path.join(below), e);
        let mut at = self.folder.try_clone().map_err(|source| RemapError::Io { path: self.path.clone(), source })?;
        for step in below.components() {
            let Utf8Component::Normal(name) = step else { return Err(fail(Errno::INVAL)) };
            at = openat(&at, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).map_err(fail)?;
        }
        Ok(at)
    }

    /// The folder that `path` lies in, and its name there.
    pub(super) fn parent<'p>(&self, path: &'p Utf8Path) -> Result<(OwnedFd, &'p str), RemapError> {
        let name = path.file_name().ok_or_else(|| io_error(&self.path.join(path), Errno::INVAL))?;
        Ok((self.folder(path.parent().unwrap_or(Utf8Path::new("")))?, name))
    }

    /// What lies at `path`; `None`: nothing.
    pub(super) fn stat(&self, path: &Utf8Path) -> Result<Option<Stat>, RemapError> {
        let parent = match self.parent(path) {
            Err(RemapError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        match statat(&parent.0, parent.1, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(stat)),
            Err(Errno::NOENT) => Ok(None),
            Err(e) => Err(io_error(&self.path.join(path), e)),
        }
    }

    /// What the var directory itself is.
    pub(super) fn stat_self(&self) -> Result<Stat, RemapError> {
        fstat(&self.folder).map_err(|e| io_error(&self.path, e))
    }

    /// Opens the regular file at `path` for reading. A file with several names is refused: one of them may lie elsewhere.
    pub(super) fn file(&self, path: &Utf8Path) -> Result<(Guarded, Stat), RemapError> {
        let fail = |e: Errno| io_error(&self.path.join(path), e);
        let refuse =
            |why: &str| RemapError::Io { path: self.path.join(path), source: io::Error::new(io::ErrorKind::InvalidInput, why.to_owned()) };
        let (parent, name) = self.parent(path)?;
        // A pipe would block.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let file = Guarded::from(File::from(openat(&parent, name, flags, Mode::empty()).map_err(fail)?));
        let stat = fstat(&*file).map_err(fail)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(refuse("it is no file any more"));
        }
        if stat.st_nlink > 1 {
            return Err(refuse("it has another name besides (a hard link)"));
        }
        Ok((file, stat))
    }

    /// The bytes of the file at `path`, at most `limit` of them; `None`: it has more.
    pub(super) fn read(&self, path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, RemapError> {
        let (file, stat) = self.file(path)?;
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if size > limit {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
        (&*file).take(limit + 1).read_to_end(&mut bytes).map_err(|source| RemapError::Io { path: self.path.join(path), source })?;
        Ok((bytes.len() as u64 <= limit).then_some(bytes))
    }

    /// Whether the file at `path` is a SQLite database, or lies beside one as a part of it: such files are SQLite's business.
    pub(super) fn is_database(&self, path: &Utf8Path) -> bool {
        let of = |path: &Utf8Path| {
            let stat = self.stat(path).ok().flatten().filter(|s| FileType::from_raw_mode(s.st_mode) == FileType::RegularFile);
            stat.is_some_and(|stat| held::is_held(stat.st_dev, stat.st_ino) || self.begins_as_database(path))
        };
        let beside = ["-journal", "-wal", "-shm"].iter().find_map(|suffix| path.as_str().strip_suffix(suffix));
        of(path) || beside.is_some_and(|path| of(Utf8Path::new(path)))
    }

    fn begins_as_database(&self, path: &Utf8Path) -> bool {
        let mut first = [0; open::MAGIC.len()];
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let opened = self.parent(path).ok().and_then(|(parent, name)| openat(&parent, name, flags, Mode::empty()).ok());
        let file = opened.map(|file| Guarded::from(File::from(file)));
        file.is_some_and(|file| (&*file).read_exact(&mut first).is_ok() && first == *open::MAGIC)
    }

    /// By what the file at `path` is known again, however large it is: SHA-256 of its size and of what it begins and ends with. `None`: there is none, or it is empty,
    /// or it cannot be told.
    pub(super) fn sample(&self, path: &Utf8Path) -> Option<[u8; 32]> {
        const PART: u64 = 64 << 10;
        let (parent, name) = self.parent(path).ok()?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
        let file = Guarded::from(File::from(openat(&parent, name, flags, Mode::empty()).ok()?));
        let stat = fstat(&*file).ok().filter(|s| FileType::from_raw_mode(s.st_mode) == FileType::RegularFile)?;
        let size = u64::try_from(stat.st_size).ok().filter(|size| *size > 0)?;
        let mut bytes = size.to_le_bytes().to_vec();
        let mut file = &*file;
        file.take(PART).read_to_end(&mut bytes).ok()?;
        if size > PART {
            file.seek(SeekFrom::Start(size.saturating_sub(PART).max(PART))).ok()?;
            file.take(PART).read_to_end(&mut bytes).ok()?;
        }
        Some(Sha256::digest(&bytes).into())
    }

    /// Everything below the var directory, save what is reguid's own, in the order of paths. Links are listed and not entered. What has a name that is no UTF-8
    /// goes to `odd`, as it is shown; such a folder is not entered.
    pub(super) fn walk(&self, odd: &mut Vec<Entry>) -> Result<Vec<Entry>, RemapError> {
        let mut all = Vec::new();
        let mut folders = vec![Utf8PathBuf::new()];
        while let Some(below) = folders.pop() {
            let fail = |e: Errno| io_error(&self.path.join(&below), e);
            let folder = match self.folder(&below) {
                // It went away, or became a link, since it was listed.
                Err(RemapError::Io { source, .. }) if !below.as_str().is_empty() && gone(&source) => continue,
                other => other?,
            };
            let dir = Dir::read_from(&folder).map_err(fail)?;
            for entry in dir {
                let entry = entry.map_err(fail)?;
                let bytes = entry.file_name().to_bytes();
                if bytes == b"." || bytes == b".." {
                    continue;
                }
                let Ok(name) = std::str::from_utf8(bytes) else {
                    let path = below.join(std::ffi::OsStr::from_bytes(bytes).to_string_lossy().as_ref());
                    let kind = match entry.file_type() {
                        FileType::Unknown => statat(&folder, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW)
                            .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
                        kind => kind,
                    };
                    odd.push(Entry { path, what: What::of(kind) });
                    continue;
                };
                if below.as_str().is_empty()
                    && (name == STAGE || name == companion::FILE || name.strip_prefix(companion::FILE).is_some_and(|r| r.starts_with('-')))
                {
                    continue;
                }
                let path = below.join(name);
                let kind = match entry.file_type() {
                    FileType::Unknown => match statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                        Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                        Err(Errno::NOENT) => continue,
                        Err(e) => return Err(fail(e)),
                    },
                    kind => kind,
                };
                let what = What::of(kind);
                if what == What::Folder {
                    folders.push(path.clone());
                }
                all.push(Entry { path, what });
            }
        }
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(all)
    }

    /// The folder for new files, made where it is missing. It must be ours alone: what lies in it takes other files' places.
    pub(super) fn stage(&self) -> Result<OwnedFd, RemapError> {
        let path = self.path.join(STAGE);
        match mkdirat(&self.folder, STAGE, Mode::RWXU) {
            Ok(()) => sync(&self.folder, &self.path)?,
            Err(Errno::EXIST) => {}
            Err(e) => return Err(io_error(&path, e)),
        }
        self.existing_stage()?.ok_or_else(|| io_error(&path, Errno::NOENT))
    }

    /// The same, if it is there.
    pub(super) fn existing_stage(&self) -> Result<Option<OwnedFd>, RemapError> {
        let path = self.path.join(STAGE);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = match openat(&self.folder, STAGE, flags, Mode::empty()) {
            Ok(folder) => folder,
            Err(Errno::NOENT) => return Ok(None),
            Err(e) => return Err(io_error(&path, e)),
        };
        let stat = fstat(&folder).map_err(|e| io_error(&path, e))?;
        let ours = stat.st_uid == rustix::process::geteuid().as_raw() && stat.st_mode & 0o077 == 0;
        if ours {
            return Ok(Some(folder));
        }
        let why = "it is not a folder of reguid's: it belongs to somebody else, or others may look into it. Move it away";
        Err(RemapError::Io { path, source: io::Error::new(io::ErrorKind::PermissionDenied, why) })
    }

    /// Removes the folder for new files with the new contents that are in it. What stood aside there is the extension's, and is never removed.
    pub(super) fn clear_stage(&self) -> Result<(), RemapError> {
        let Some(stage) = self.existing_stage()? else { return Ok(()) };
        let path = self.path.join(STAGE);
        let fail = |e: Errno| io_error(&path, e);
        let names: Vec<_> =
            Dir::read_from(&stage).map_err(fail)?.map(|e| e.map(|e| e.file_name().to_owned())).collect::<Result<_, _>>().map_err(fail)?;
        for name in names.iter().filter(|n| n.to_bytes().ends_with(b".new")) {
            unlinkat(&stage, name.as_c_str(), AtFlags::empty()).map_err(fail)?;
        }
        drop(stage);
        match unlinkat(&self.folder, STAGE, AtFlags::REMOVEDIR) {
            Err(Errno::NOTEMPTY | Errno::EXIST) => {
                let why =
                    "files of the extension stand aside here, and the companion that knows their names is gone: put it back, or the files";
                return Err(RemapError::Io { path, source: io::Error::other(why) });
            }
            other => other.map_err(fail)?,
        }
        sync(&self.folder, &self.path)
    }

    /// The path of something in the var directory, for messages.
    pub(super) fn at(&self, path: &Utf8Path) -> Utf8PathBuf {
        self.path.join(path)
    }
}

/// Gives what is called `from` in one folder the name `to` in another, where nothing has that name.
pub(super) fn rename(from: (&OwnedFd, &str), to: (&OwnedFd, &str), path: &Utf8Path) -> Result<(), RemapError> {
    match renameat_with(from.0, from.1, to.0, to.1, RenameFlags::NOREPLACE) {
        // Some file systems do not know the flag.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match statat(to.0, to.1, AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => replace(from, to, path),
            _ => Err(io_error(path, Errno::EXIST)),
        },
        other => other.map_err(|e| io_error(path, e)),
    }
}

/// The same, in the place of what has that name.
pub(super) fn replace(from: (&OwnedFd, &str), to: (&OwnedFd, &str), path: &Utf8Path) -> Result<(), RemapError> {
    rustix::fs::renameat(from.0, from.1, to.0, to.1).map_err(|e| io_error(path, e))
}

/// Whether `name` is there.
pub(super) fn has(folder: &OwnedFd, name: &str) -> bool {
    statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
}

/// Makes what happened to the names in a folder durable.
pub(super) fn sync(folder: &OwnedFd, path: &Utf8Path) -> Result<(), RemapError> {
    rustix::fs::fsync(folder).map_err(|e| io_error(path, e))
}

/// Gives `to` the owner, mode, extended attributes (SELinux's label, access lists) and times of `from`, as far as the system allows; what it does not allow is
/// told.
pub(super) fn like(from: &File, stat: &Stat, to: &File, path: &Utf8Path) -> Result<Vec<String>, RemapError> {
    let mut lost = Vec::new();
    let own = fstat(to).map_err(|e| io_error(path, e))?;
    if (own.st_uid, own.st_gid) != (stat.st_uid, stat.st_gid) {
        let (user, group) = (rustix::fs::Uid::from_raw(stat.st_uid), rustix::fs::Gid::from_raw(stat.st_gid));
        if rustix::fs::fchown(to, Some(user), Some(group)).is_err() {
            // A file of another owner must not become ours unseen: what reads it could not read it any more.
            let why = "its owner cannot be kept: run this as root, or as its owner";
            return Err(RemapError::Io { path: path.to_owned(), source: io::Error::new(io::ErrorKind::PermissionDenied, why) });
        }
    }
    rustix::fs::fchmod(to, Mode::from_raw_mode(stat.st_mode & 0o7777)).map_err(|e| io_error(path, e))?;
    let listed = rustix::fs::flistxattr_query(from).and_then(|length| {
        let mut names = vec![0_u8; length];
        let length = if names.is_empty() { 0 } else { rustix::fs::flistxattr(from, &mut names[..])? };
        names.truncate(length);
        Ok(names)
    });
    let names = match listed {
        Ok(names) => names,
        // A file system without attributes has none to keep.
        Err(Errno::NOTSUP | Errno::NOSYS) => Vec::new(),
        Err(error) => {
            lost.push(format!("{path}: its attributes could not be listed: {error}"));
            Vec::new()
        }
    };
    for name in names.split(|b| *b == 0).filter(|n| !n.is_empty()) {
        let read = || {
            let mut value = vec![0_u8; rustix::fs::fgetxattr_query(from, name)?];
            let length = if value.is_empty() { 0 } else { rustix::fs::fgetxattr(from, name, &mut value[..])? };
            value.truncate(length);
            Ok(value)
        };
        let kept = read().and_then(|value| rustix::fs::fsetxattr(to, name, &value, XattrFlags::empty()));
        if kept.is_err() {
            lost.push(format!("{path}: the attribute {} could not be kept", String::from_utf8_lossy(name)));
        }
    }
    let time = |seconds, nanoseconds: u64| Timespec { tv_sec: seconds, tv_nsec: i64::try_from(nanoseconds).unwrap_or(0) };
    let times =
        Timestamps { last_access: time(stat.st_atime, stat.st_atime_nsec), last_modification: time(stat.st_mtime, stat.st_mtime_nsec) };
    rustix::fs::futimens(to, &times).map_err(|e| io_error(path, e))?;
    Ok(lost)
}

fn gone(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    [Errno::NOENT, Errno::LOOP, Errno::NOTDIR].iter().any(|e| code == Some(e.raw_os_error()))
}

pub(super) fn io_error(path: &Utf8Path, error: Errno) -> RemapError {
    RemapError::Io { path: path.to_owned(), source: error.into() }
}
