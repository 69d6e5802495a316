//! A package: a zip archive in memory, guarded against bombs and against names that lead out of it.

use std::io::{Cursor, Read};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashSet;
use zip::ZipArchive;

use super::error::LoadError;

/// The largest package that is read.
const MAX_ARCHIVE: u64 = 1 << 30;

/// The most entries of a package.
const MAX_ENTRIES: usize = 100_000;

/// The most bytes that all entries together may unpack to.
const MAX_TOTAL: u64 = 512 << 20;

/// How many times its own size a package may unpack to, when that is more than [`SMALL`].
const MAX_RATIO: u64 = 200;

/// What every package may unpack to.
const SMALL: u64 = 64 << 20;

/// An opened package.
#[derive(Debug)]
pub(super) struct Archive {
    zip: ZipArchive<Cursor<Arc<[u8]>>>,
    /// Files, ordered by path.
    pub(super) entries: Vec<Entry>,
    /// Entries that are not read, and why.
    pub(super) refused: Vec<(Utf8PathBuf, String)>,
}

/// A file in a package.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its path, relative and without `..`.
    pub(super) path: Utf8PathBuf,
    index: usize,
}

impl Archive {
    /// Opens the package of these bytes.
    ///
    /// # Errors
    /// [`LoadError::Archive`] when it is no archive, or one that unpacks to too much, or to different things with different tools.
    pub(super) fn open(path: &Utf8Path, bytes: Vec<u8>) -> Result<Archive, LoadError> {
        let fail = |reason: String| LoadError::Archive { path: path.to_owned(), reason };
        let size = bytes.len() as u64;
        if size > MAX_ARCHIVE {
            return Err(fail(format!("it has {size} bytes, more than the limit of {MAX_ARCHIVE}")));
        }
        let mut zip = ZipArchive::new(Cursor::new(Arc::from(bytes))).map_err(|e| fail(e.to_string()))?;
        if zip.len() > MAX_ENTRIES {
            return Err(fail(format!("it has {} entries, more than the limit of {MAX_ENTRIES}", zip.len())));
        }
        if zip.has_duplicate_names() {
            return Err(fail("two entries have the same name, so what is installed depends on who unpacks it".to_owned()));
        }
        if zip.has_overlapping_files().map_err(|e| fail(e.to_string()))? {
            return Err(fail("entries share their data, as in a zip bomb".to_owned()));
        }
        let mut archive = Archive { zip, entries: Vec::new(), refused: Vec::new() };
        let total = archive.list().map_err(&fail)?;
        if total > MAX_TOTAL || total > SMALL && total / MAX_RATIO > size {
            return Err(fail(format!("its {size} bytes unpack to {total}, as in a zip bomb")));
        }
        archive.entries.sort_by(|a, b| a.path.cmp(&b.path));
        archive.refused.sort();
        if let Some(pair) = archive.entries.windows(2).find(|pair| pair[0].path == pair[1].path) {
            return Err(fail(format!("two entries unpack to `{}`", pair[0].path)));
        }
        Ok(archive)
    }

    /// Lists the entries, and gives the size that all of them say they unpack to.
    fn list(&mut self) -> Result<u64, String> {
        let mut total = 0_u64;
        let mut seen = FxHashSet::default();
        for index in 0..self.zip.len() {
            let entry = self.zip.by_index_data(index).map_err(|e| e.to_string())?;
            total = total.saturating_add(entry.size());
            let raw = Utf8PathBuf::from(String::from_utf8_lossy(entry.name_raw()).into_owned());
            let refusal = match entry.name() {
                _ if entry.is_dir() => continue,
                Err(_) => Some("its name cannot be decoded"),
                Ok(_) if entry.is_symlink() => Some("it is a symbolic link; links in packages are not followed"),
                Ok(_) if entry.encrypted() => Some("it is encrypted"),
                Ok(_) => None,
            };
            match (refusal, entry.name().ok().and_then(|name| inside(&name))) {
                (Some(reason), _) => self.refused.push((raw, reason.to_owned())),
                (None, None) => self.refused.push((raw, "its name leads out of the package".to_owned())),
                (None, Some(path)) => {
                    if !seen.insert(path.clone()) {
                        return Err(format!("two entries unpack to `{path}`"));
                    }
                    self.entries.push(Entry { path, index });
                }
            }
        }
        Ok(total)
    }

    /// The file of that path.
    pub(super) fn find(&self, path: &Utf8Path) -> Option<usize> {
        self.entries.binary_search_by(|e| e.path.as_path().cmp(path)).ok()
    }

    /// The first `limit` bytes of an entry, and whether there are more.
    ///
    /// # Errors
    /// Why it cannot be unpacked.
    pub(super) fn read(&self, entry: usize, limit: u64) -> Result<(Vec<u8>, bool), String> {
        let mut zip = self.zip.clone();
        let file = zip.by_index(self.entries[entry].index).map_err(|e| e.to_string())?;
        let mut bytes = Vec::new();
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        let more = bytes.len() as u64 > limit;
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok((bytes, more))
    }
}

/// The path that an entry unpacks to, when that is inside of the folder it is unpacked in.
fn inside(name: &str) -> Option<Utf8PathBuf> {
    // Packages made on Windows.
    let name = name.replace('\\', "/");
    if name.starts_with('/') || name.contains('\0') || name.as_bytes().get(1) == Some(&b':') {
        return None;
    }
    let mut path = Utf8PathBuf::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return None,
            part => path.push(part),
        }
    }
    (!path.as_str().is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_that_lead_out_are_refused() {
        assert_eq!(inside("./a//b\\c.php").unwrap(), "a/b/c.php");
        for bad in ["../a", "a/../../b", "a/../b", "/etc/passwd", "C:\\x", "c:x", "..\\x", "a\0b", "", "./"] {
            assert_eq!(inside(bad), None, "{bad}");
        }
    }
}
