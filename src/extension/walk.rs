//! The files of an extension folder.

use std::path::{Path, PathBuf};

use camino::{Utf8Path, Utf8PathBuf};

use super::Unreadable;
use super::kind;

/// How deep below the given folder `meta.xml` is looked for.
const MAX_ROOT_DEPTH: usize = 4;

/// Folders in which no extension's root is looked for.
const NO_ROOTS: &[&str] = &["vendor", "node_modules", "tests"];

/// Folders in which version control keeps its own files.
const VERSIONS: &[&str] = &[".git", ".svn", ".hg"];

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

/// The folders of all extensions at or below `folder`, shallowest first; none of them lies in another one.
pub(super) fn roots(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut roots = Vec::new();
    let mut level = vec![folder.to_owned()];
    for depth in 0..=MAX_ROOT_DEPTH {
        let (found, others): (Vec<_>, Vec<_>) = level.into_iter().partition(|f| is_root(f, depth == 0));
        roots.extend(found);
        level = others.iter().flat_map(|f| subfolders(f)).collect();
    }
    roots
}

/// Whether a folder is the root of an extension.
pub(super) fn is_extension(folder: &Utf8Path) -> bool {
    is_root(folder, false)
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
        unreadable.push(Unreadable { path: path.to_string_lossy().into_owned().into(), span: None, reason });
    };
    let mut found = Vec::new();
    // What is still to be visited, the next one last.
    let mut open = vec![Found { path: PathBuf::new(), kind: Kind::Folder }];
    while let Some(Found { path, kind }) = open.pop() {
        match kind {
            Kind::Folder => {
                if let Err(error) = entries(&root.as_std_path().join(&path), &path, &mut found, &mut refuse) {
                    refuse(&path, error.to_string());
                }
                // All of them stand in one folder, so that their paths are ordered as their names are.
                found.sort_unstable_by(|a, b| b.path.as_os_str().cmp(a.path.as_os_str()));
                open.append(&mut found);
            }
            _ => match Utf8PathBuf::from_path_buf(path) {
                Ok(path) if kind == Kind::File => files.push(path),
                Ok(path) if kind == Kind::Link && leads_out(root, &root.join(&path)) => {
                    refuse(path.as_ref(), "it is a symbolic link that leads out of the extension; it was not followed".to_owned());
                }
                Ok(_) => {}
                Err(path) => refuse(&path, "its name is not UTF-8".to_owned()),
            },
        }
    }
    (files, unreadable)
}

/// Something in a folder.
struct Found {
    /// Relative to the root.
    path: PathBuf,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    Folder,
    File,
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// Adds what stands in `folder`, whose path from the root is `path`, to `found`, but for the folders of version control.
fn entries(folder: &Path, path: &Path, found: &mut Vec<Found>, refuse: &mut dyn FnMut(&Path, String)) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (name, path) = (entry.file_name(), path.join(entry.file_name()));
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_file() => Kind::File,
            Ok(kind) if kind.is_symlink() => Kind::Link,
            Ok(kind) if kind.is_dir() && VERSIONS.iter().any(|version| name == *version) => continue,
            Ok(kind) if kind.is_dir() => Kind::Folder,
            Ok(_) => Kind::Other,
            Err(error) => {
                refuse(&path, error.to_string());
                continue;
            }
        };
        found.push(Found { path, kind });
    }
    Ok(())
}

/// Whether a link leads to something outside of `root` that would be read inside of it.
fn leads_out(root: &Utf8Path, link: &Utf8Path) -> bool {
    let (Ok(root), Ok(target)) = (root.canonicalize_utf8(), link.canonicalize_utf8()) else { return false };
    !target.starts_with(root) && (target.is_dir() || kind::by_name(link).is_some())
}
