//! What a file system must offer before a run begins: room, and locks that hold.
//!
//! A full disk does no damage, but finding that out takes a rollback; and where locks do not hold, all else is in vain.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{Access, FsWord, access, statfs, statvfs};

use super::error::RemapError;

/// File systems over a network, on which locks between machines, or even processes, are not to be relied on: the magic numbers of statfs(2).
const NETWORK: &[(u64, &str)] = &[
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB2"),
    (0x517b, "SMB"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x564c, "NCP"),
    (0x0102_1997, "9P"),
    (0x00c3_6400, "Ceph"),
    (0x0bd0_0bd0, "Lustre"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
];

/// Bytes that a run needs at least, for what is not counted: the super-journal, the companion's own pages.
const SLACK: u64 = 256 << 10;

/// What a run may add to the file systems, file by file.
#[derive(Debug, Default)]
pub(super) struct Need {
    by_device: BTreeMap<u64, (Utf8PathBuf, u64)>,
}

/// How much of a database a run touches.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Touched {
    /// Rows that are changed or taken out.
    pub rows: u64,
    /// Pages that each of them may change: its own, and one for each index.
    pub pages: u64,
    /// Bytes of a page.
    pub page_size: u64,
}

impl Touched {
    /// The database's rollback journal, and what it may grow by. `size`: bytes of the database.
    pub(super) fn bytes(self, size: u64) -> u64 {
        // Twice: a page may split, and what is journalled is the page as it was.
        let pages = self.rows.saturating_mul(self.pages).saturating_mul(2);
        pages.saturating_mul(self.page_size).min(size)
    }
}

impl Need {
    /// Adds `bytes` beside the file at `path`.
    pub(super) fn add(&mut self, path: &Utf8Path, bytes: u64) -> Result<(), RemapError> {
        let io = |source| RemapError::Io { path: path.to_owned(), source };
        let device = std::fs::metadata(path).map_err(io)?.dev();
        self.by_device.entry(device).or_insert_with(|| (path.to_owned(), SLACK)).1 += bytes;
        Ok(())
    }

    /// Refuses where there is less room than that.
    ///
    /// # Errors
    /// [`RemapError::NoSpace`].
    pub(super) fn check(&self) -> Result<(), RemapError> {
        for (path, needed) in self.by_device.values() {
            // Some file systems do not tell; then SQLite finds out.
            let Ok(found) = statvfs(path.as_std_path()) else { continue };
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            // Nor do some that have no limit of their own.
            if found.f_blocks > 0 && free < *needed {
                return Err(RemapError::NoSpace { path: path.clone(), needed: *needed, free });
            }
        }
        Ok(())
    }
}

/// Bytes that are free where SQLite puts temporary files; `None`: nothing tells. It asks for the same folders in the same order.
pub(super) fn temporary() -> Option<u64> {
    let named = ["SQLITE_TMPDIR", "TMPDIR"].into_iter().filter_map(std::env::var_os).map(std::path::PathBuf::from);
    let usual = ["/var/tmp", "/usr/tmp", "/tmp", "."].into_iter().map(std::path::PathBuf::from);
    let usable = |path: &std::path::PathBuf| path.is_dir() && access(path, Access::WRITE_OK | Access::EXEC_OK).is_ok();
    let found = statvfs(&named.chain(usual).find(usable)?).ok()?;
    (found.f_blocks > 0).then(|| found.f_bavail.saturating_mul(found.f_frsize))
}

/// Refuses a database on a file system over a network.
///
/// # Errors
/// [`RemapError::Network`].
pub(super) fn local(path: &Utf8Path) -> Result<(), RemapError> {
    let Ok(found) = statfs(path.as_std_path()) else { return Ok(()) };
    match network(found.f_type) {
        Some(name) => Err(RemapError::Network { path: path.to_owned(), name }),
        None => Ok(()),
    }
}

/// The name of a file system over a network.
fn network(magic: FsWord) -> Option<&'static str> {
    // The kernel's numbers have 32 bits; the type has more on some machines, and a sign.
    let magic = magic.to_ne_bytes();
    let magic = magic.iter().enumerate().take(4).fold(0u64, |sum, (i, _)| {
        let byte = if cfg!(target_endian = "little") { magic[i] } else { magic[magic.len() - 1 - i] };
        sum | u64::from(byte) << (8 * i)
    });
    NETWORK.iter().find(|(number, _)| *number == magic).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_systems_over_a_network_are_known_by_their_numbers() {
        for (magic, name) in [(0x6969, Some("NFS")), (0xfe53_4d42_u32, Some("SMB2")), (0xef53, None), (0x0102_1994, None)] {
            assert_eq!(network(FsWord::from(i32::from_ne_bytes(magic.to_ne_bytes()))), name, "{magic:x}");
        }
        let folder = tempfile::tempdir().unwrap();
        local(Utf8Path::from_path(folder.path()).unwrap()).unwrap();
    }

    #[test]
    fn few_rows_need_little_room_and_many_no_more_than_the_database() {
        let touched = |rows| Touched { rows, pages: 3, page_size: 4096 };
        assert_eq!(touched(2).bytes(1 << 30), 2 * 3 * 2 * 4096);
        assert_eq!(touched(u64::MAX).bytes(1 << 30), 1 << 30);
    }

    #[test]
    fn too_little_room_is_told_with_both_figures() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap();
        let mut need = Need::default();
        need.add(path, 1).unwrap();
        need.check().unwrap();
        need.add(path, u64::MAX / 2).unwrap();
        let error = need.check().unwrap_err();
        assert!(matches!(error, RemapError::NoSpace { needed, free, .. } if needed > free), "{error}");
    }
}
