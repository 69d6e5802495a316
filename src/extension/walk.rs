//! The files of an extension folder.

use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::WalkBuilder;

use super::Unreadable;
use super::kind;

/// How deep below the given folder `meta.xml` is looked for.
const MAX_ROOT_DEPTH: usize = 4;

/// Folders in which no extension's root is looked for.
const NO_ROOTS: &[&str] = &["vendor", "node_modules", "tests"];

/// The folder of the extension at or below `folder`: the one that holds `meta.xml`, shallowest first, `src` before others. `folder` itself when
/// there is none.
pub(super) fn root(folder: &Utf8Path) -> Utf8PathBuf {
    let mut level = vec![folder.to_owned()];
    for depth in 0..=MAX_ROOT_DEPTH {
        if let Some(found) = level.iter().find(|f| is_root(f, depth == 0)) {
            return found.clone();
        }
        level = level.iter().flat_map(|f| subfolders(f)).collect();
    }
    folder.to_owned()
}

fn is_root(folder: &Utf8Path, given: bool) -> bool {
    let meta = folder.join("meta.xml");
    // Below the given folder any file may have that name.
    meta.is_file() && (given || fs_err::read(&meta).is_ok_and(|bytes| is_meta(&bytes)))
}

/// Whether a `meta.xml` is an extension's.
pub(super) fn is_meta(bytes: &[u8]) -> bool {
    memchr::memmem::find(&bytes[..bytes.len().min(1 << 16)], b"<module").is_some()
}

/// Folders directly in `folder`, `src` first, then by name. Links are not followed.
fn subfolders(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let Ok(entries) = folder.read_dir_utf8() else { return Vec::new() };
    let mut found: Vec<_> = entries
        .flatten()
        .filter(|e| e.file_type().is_ok_and(|t| t.is_dir()) && !e.file_name().starts_with('.') && !NO_ROOTS.contains(&e.file_name()))
        .map(camino::Utf8DirEntry::into_path)
        .collect();
    found.sort_by(|a, b| (a.file_name() != Some("src"), a).cmp(&(b.file_name() != Some("src"), b)));
    found
}

/// The paths of all files below `root`, relative to it and ordered, and what could not be listed. Links are not followed; one that leads to a
/// file or folder outside is named.
pub(super) fn files(root: &Utf8Path) -> (Vec<Utf8PathBuf>, Vec<Unreadable>) {
    let mut files = Vec::new();
    let mut unreadable = Vec::new();
    let mut refuse = |path: &Path, reason: String| {
        let path = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        unreadable.push(Unreadable { path: path.into(), span: None, reason });
    };
    let versions = |name: &std::ffi::OsStr| [".git", ".svn", ".hg"].iter().any(|v| name == *v);
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .follow_links(false)
        .filter_entry(move |e| !(e.depth() > 0 && versions(e.file_name()) && e.file_type().is_some_and(|t| t.is_dir())))
        .build();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let (path, reason) = describe(error, root);
                refuse(path.as_ref(), reason);
                continue;
            }
        };
        let Some(kind) = entry.file_type() else { continue };
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            if !kind.is_dir() {
                refuse(entry.path(), "its name is not UTF-8".to_owned());
            }
            continue;
        };
        if kind.is_file() {
            files.push(path.strip_prefix(root).unwrap_or(path).to_owned());
        } else if kind.is_symlink() && entry.depth() > 0 && leads_out(root, path) {
            refuse(entry.path(), "it is a symbolic link that leads out of the extension; it was not followed".to_owned());
        }
    }
    files.sort();
    unreadable.sort_by(|a, b| a.path.cmp(&b.path));
    (files, unreadable)
}

/// Whether a link leads to something outside of `root` that would be read inside of it.
fn leads_out(root: &Utf8Path, link: &Utf8Path) -> bool {
    let (Ok(root), Ok(target)) = (root.canonicalize_utf8(), link.canonicalize_utf8()) else { return false };
    !target.starts_with(root) && (target.is_dir() || kind::by_name(link).is_some())
}

/// The path that a walk's error is about, and what it says without it.
fn describe(error: ignore::Error, root: &Utf8Path) -> (std::path::PathBuf, String) {
    match error {
        ignore::Error::WithPath { path, err } => (path, describe(*err, root).1),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => describe(*err, root),
        ignore::Error::Io(error) => (root.into(), error.to_string()),
        other => (root.into(), other.to_string()),
    }
}
