//! A backup as the panel stores it: a folder with an XML file for the whole, and below it the folders of the objects that have one of their own.

use std::fs;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};

use super::error::BackupError;
use super::facts;
use super::names::{DEEPEST, Found, InfoName};

/// The most XML files of a folder.
const MOST_FILES: usize = 1_000_000;

/// What is in a folder.
#[derive(Default)]
pub(super) struct Tree {
    /// The XML files of backups.
    pub(super) found: Vec<Found>,
    /// Links to files or folders that were not followed.
    pub(super) links: u64,
    /// The first names of other files in the folder itself.
    pub(super) other: Vec<String>,
}

/// Lists the XML files of backups in `root` and in the folders of objects below it.
pub(super) fn list(root: &Utf8Path) -> Result<Tree, BackupError> {
    let mut tree = Tree::default();
    let unreadable = |path: &Utf8Path, error: io::Error| BackupError::Unreadable { path: path.to_string(), error };
    // Folders to look into: relative, with a slash behind; and how many folders of objects they lie in.
    let mut waiting = vec![(String::new(), 0)];
    while let Some((folder, depth)) = waiting.pop() {
        for (name, kind) in entries(root, &folder).map_err(|(path, error)| unreadable(&path, error))? {
            if let Some(info) = InfoName::parse(&name) {
                match kind {
                    Kind::Link => tree.links += 1,
                    Kind::File if tree.found.len() == MOST_FILES => {
                        let what = format!("more than {MOST_FILES} XML files of backups");
                        return Err(BackupError::TooMuch { path: root.to_string(), line: 0, byte: 0, what });
                    }
                    Kind::File => tree.found.push(Found { folder: folder.clone(), name: info }),
                    Kind::Folder | Kind::Other => {}
                }
            } else if kind == Kind::Folder && depth < DEEPEST && facts::get().format.folders.contains(&name) {
                let group = format!("{folder}{name}/");
                for (name, kind) in entries(root, &group).map_err(|(path, error)| unreadable(&path, error))? {
                    match kind {
                        Kind::Folder => waiting.push((format!("{group}{name}/"), depth + 1)),
                        Kind::Link => tree.links += 1,
                        Kind::File | Kind::Other => {}
                    }
                }
            } else if folder.is_empty() && kind == Kind::File && tree.other.len() < 5 {
                tree.other.push(name);
            }
        }
    }
    tree.found.sort_by(|a, b| (&a.folder, &a.name).cmp(&(&b.folder, &b.name)));
    Ok(tree)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
    Link,
    Other,
}

/// The entries of a folder, by name. Names that are no UTF-8 are nobody's that is looked for.
fn entries(root: &Utf8Path, folder: &str) -> Result<Vec<(String, Kind)>, (Utf8PathBuf, io::Error)> {
    let path = if folder.is_empty() { root.to_owned() } else { root.join(folder) };
    let list = || -> io::Result<Vec<(String, Kind)>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let kind = entry.file_type()?;
            let kind = match (kind.is_file(), kind.is_dir(), kind.is_symlink()) {
                (true, ..) => Kind::File,
                (_, true, _) => Kind::Folder,
                (.., true) => Kind::Link,
                _ => Kind::Other,
            };
            entries.push((name, kind));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(entries)
    };
    list().map_err(|error| (path.clone(), error))
}
