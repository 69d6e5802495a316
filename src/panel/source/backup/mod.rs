//! A backup of the panel's own: its XML files say what its objects' ids, GUIDs and names were.
//!
//! An XML file is read as a stream: memory grows with the objects of the panel, and not with the file. Nothing is unpacked, no entity is resolved,
//! nothing is fetched. Which element is which kind stands in `rules/panel/*.toml`.

mod archive;
mod error;
mod facts;
mod input;
mod join;
mod names;
mod record;
mod tar;
mod tree;
mod xml;

use std::fs::File;
use std::io::Read;

use camino::Utf8Path;

use super::SourceError;
use super::packing::Packing;
use crate::panel::Inventory;
use crate::panel::inventory::Origin;
use archive::{ArchiveFault, Members};
use names::{Chosen, Found, InfoName};
use record::{Content, MOST_OBJECTS};
use tar::Bytes;
use xml::{Fault, What};

pub use error::BackupError;

/// The name of the root element of a backup's XML.
pub(super) fn root() -> &'static str {
    &facts::get().format.root
}

/// Whether a file that begins with `head` is a `.tar`.
pub(super) fn is_tar(head: &[u8]) -> bool {
    tar::is_tar(head)
}

/// Reads a backup's XML from `reader`, which `name` names in errors. `packing`: what the reader unpacks.
///
/// Where `path` is named like an XML file of a backup, what belongs to the same backup is read too: the files of the objects below its folder, and
/// for an increment the backup that it builds on.
///
/// # Errors
/// It cannot be read, or is no backup: see [`BackupError`].
pub(super) fn read(reader: impl Read, name: &str, path: Option<&Utf8Path>, packing: Option<Packing>) -> Result<Inventory, SourceError> {
    let content = record::read(reader, MOST_OBJECTS).map_err(|fault| source_error(fault, name, packing))?;
    let info = path.and_then(|p| InfoName::parse(p.file_name()?));
    let (Some(info), Some(path)) = (info, path) else {
        let partly =
            content.base.as_ref().map(|base| format!("it is an increment, and the backup of {base} that it builds on is not there"));
        let origin = Origin { source: format!("{name}{}", version(&content)), taken: None };
        let file = join::File { path: name.to_owned(), layer: 0, content };
        return Ok(join::inventory(vec![file], origin, partly)?);
    };
    let folder = path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut tree = tree::list(folder)?;
    let main = tree.found.iter().position(|f| f.folder.is_empty() && f.name == info).unwrap_or_else(|| {
        tree.found.push(Found { folder: String::new(), name: info });
        tree.found.len() - 1
    });
    let chosen = names::chain(&tree.found, main);
    let mut content = Some(content);
    let files = collect(&tree.found, &chosen, |i| {
        if i == main { content.take().map_or_else(|| open(folder, &tree.found[i]), Ok) } else { open(folder, &tree.found[i]) }
    })?;
    let label =
        |found: &Found| if found.folder.is_empty() && folder == "." { found.path() } else { folder.join(found.path()).into_string() };
    finish(&tree.found, chosen, files, name.to_owned(), label, Vec::new(), tree.links)
}

/// Reads a backup's folder: the newest backup in it.
///
/// # Errors
/// It holds none, or several side by side, or cannot be read: see [`BackupError`].
pub(super) fn read_folder(folder: &Utf8Path) -> Result<Inventory, SourceError> {
    let tree = tree::list(folder)?;
    let chosen = choose(&tree.found, folder.as_str(), &tree.other)?;
    let files = collect(&tree.found, &chosen, |i| open(folder, &tree.found[i]))?;
    let label = |found: &Found| folder.join(found.path()).into_string();
    let source = format!("{}", folder.join(tree.found[chosen.main].path()));
    finish(&tree.found, chosen, files, source, label, Vec::new(), tree.links)
}

/// Reads a `.tar`: from the file at `path`, or from `reader` where it is none that can be opened again. `name` names it in errors; `packing`: what
/// the reader unpacks.
///
/// # Errors
/// It holds no backup, or is damaged: see [`BackupError`].
pub(super) fn read_tar(reader: impl Read, name: &str, path: Option<&Utf8Path>, packing: Option<Packing>) -> Result<Inventory, SourceError> {
    let unreadable = |error| SourceError::Unreadable { path: name.to_owned(), error };
    let bytes = match path {
        // Jumped over, and not read, is what lies between; so the file must be one that can be jumped in.
        Some(path) if packing.is_none() && path.is_file() => {
            let file = File::open(path).map_err(unreadable)?;
            let length = file.metadata().map_err(unreadable)?.len();
            Bytes::File(file, length)
        }
        _ => Bytes::Stream(Box::new(reader)),
    };
    let members = archive::tar(bytes, name).map_err(|fault| match fault {
        ArchiveFault::Backup(error) => SourceError::from(error),
        ArchiveFault::Io(byte, error) => match packing {
            Some(packing) if error.raw_os_error().is_none() => {
                SourceError::Damaged { path: name.to_owned(), form: packing.name(), line: 1, byte, error }
            }
            _ => unreadable(error),
        },
    })?;
    of_members(members, name)
}

/// Reads the `.zip` at `path`.
///
/// # Errors
/// It holds no backup, or is damaged: see [`BackupError`].
pub(super) fn read_zip(path: &Utf8Path) -> Result<Inventory, SourceError> {
    let file = File::open(path).map_err(|error| SourceError::Unreadable { path: path.to_string(), error })?;
    of_members(archive::zip(file, path.as_str())?, path.as_str())
}

fn of_members(members: Members, name: &str) -> Result<Inventory, SourceError> {
    let Members { files, packed, packed_bytes, links, other, .. } = members;
    let all = files.len();
    // As in a folder: what lies in the folders of objects belongs to the backup, what lies elsewhere does not.
    let root =
        files.iter().map(|(found, _)| found.root()).min_by_key(|root| (root.matches('/').count(), *root)).unwrap_or_default().to_owned();
    let (found, contents): (Vec<Found>, Vec<_>) = files.into_iter().filter(|(found, _)| found.root() == root).unzip();
    let elsewhere = all - found.len();
    let mut seen = other;
    if packed > 0 {
        seen.push(format!("{packed} archives inside"));
    }
    let chosen = choose(&found, name, &seen)?;
    let mut contents: Vec<Option<Result<Content, Fault>>> = contents.into_iter().map(Some).collect();
    let label = |found: &Found| format!("{name}: {}", found.path());
    let files = collect(&found, &chosen, |i| match contents[i].take() {
        Some(content) => content.map_err(|fault| source_error(fault, &label(&found[i]), None)),
        None => Ok(Content::default()),
    })?;
    let mut notes = Vec::new();
    if packed > 0 {
        notes.push(format!("{packed} archives inside of it ({packed_bytes} bytes) were not opened: they hold content, and no ids"));
    }
    if elsewhere > 0 {
        notes.push(format!("{elsewhere} XML files of backups lie in folders that are none of an object's: they were not read"));
    }
    let source = label(&found[chosen.main]);
    finish(&found, chosen, files, source, label, notes, links)
}

/// The newest backup of those that were found.
fn choose(found: &[Found], path: &str, seen: &[String]) -> Result<Chosen, SourceError> {
    if found.is_empty() {
        return Err(BackupError::NoInfo { path: path.to_owned(), example: names::example(), seen: seen.to_vec() }.into());
    }
    names::newest(found).map_err(|several| {
        let mut list: Vec<String> = several.iter().take(10).map(|&i| found[i].path()).collect();
        if several.len() > 10 {
            list.push(format!("and {} more", several.len() - 10));
        }
        BackupError::Several { path: path.to_owned(), found: list }.into()
    })
}

/// Reads the files that were chosen, each with its layer.
fn collect(
    found: &[Found],
    chosen: &Chosen,
    mut read: impl FnMut(usize) -> Result<Content, SourceError>,
) -> Result<Vec<(usize, usize, Content)>, SourceError> {
    let mut files = Vec::new();
    let mut records = 0;
    for (layer, members) in chosen.layers.iter().enumerate() {
        for &i in members {
            let content = read(i)?;
            records += content.records.len();
            if records > MOST_OBJECTS {
                let what = format!("more than {MOST_OBJECTS} objects in all of its files");
                return Err(BackupError::TooMuch { path: found[i].path(), line: 1, byte: 0, what }.into());
            }
            files.push((i, layer, content));
        }
    }
    Ok(files)
}

/// Reads the XML file that was found below `folder`.
fn open(folder: &Utf8Path, found: &Found) -> Result<Content, SourceError> {
    let path = folder.join(found.path());
    let file = File::open(&path).map_err(|error| BackupError::Unreadable { path: path.to_string(), error })?;
    record::read(file, MOST_OBJECTS).map_err(|fault| source_error(fault, path.as_str(), None))
}

/// The inventory of the files, and what a person should know of how it was read.
fn finish(
    found: &[Found],
    chosen: Chosen,
    files: Vec<(usize, usize, Content)>,
    source: String,
    label: impl Fn(&Found) -> String,
    mut notes: Vec<String>,
    links: u64,
) -> Result<Inventory, SourceError> {
    let main = &found[chosen.main];
    let version = files.iter().find(|(i, ..)| *i == chosen.main).map(|(.., content)| version(content)).unwrap_or_default();
    let mut source = format!("{source}{version}");
    if chosen.layers.first().is_some_and(|l| l.len() > 1) {
        source.push_str(&format!(" and {} files below it", chosen.layers[0].len() - 1));
    }
    let bases: Vec<String> = chosen.layers.iter().skip(1).filter_map(|l| l.first()).map(|&i| found[i].name.to_string()).collect();
    if !bases.is_empty() {
        source.push_str(&format!(", an increment of {}", bases.join(", ")));
    }
    let partly =
        chosen.lacks.as_ref().map(|date| format!("it is an increment, and {} that it builds on is not there", main.name.whole(date)));
    if let Some(newest) = chosen.newer.first() {
        notes.push(format!(
            "{} newer backups were left out, since one that they build on is not there; the newest of them is {}",
            chosen.newer.len(),
            found[*newest].path()
        ));
    }
    if chosen.others > 0 {
        notes.push(format!("{} other backups lie beside it: to take one, name its XML file", chosen.others));
    }
    if links > 0 {
        notes.push(format!("{links} links or special files were not followed"));
    }
    let files = files.into_iter().map(|(i, layer, content)| join::File { path: label(&found[i]), layer, content }).collect();
    let mut inventory = join::inventory(files, Origin { source, taken: main.name.taken() }, partly)?;
    for note in notes {
        inventory.note(note);
    }
    Ok(inventory)
}

/// ` (format 18.0)`.
fn version(content: &Content) -> String {
    content.version.as_deref().map(|v| format!(" (format {})", xml::short(v))).unwrap_or_default()
}

fn source_error(fault: Fault, path: &str, packing: Option<Packing>) -> SourceError {
    let Fault { line, byte, what } = fault;
    let path = path.to_owned();
    match what {
        What::Io(error) => match packing {
            Some(packing) if error.raw_os_error().is_none() => SourceError::Damaged { path, form: packing.name(), line, byte, error },
            _ => SourceError::Unreadable { path, error },
        },
        What::Ended(what) => BackupError::CutOff { path, line, byte, what }.into(),
        What::Malformed(what) => BackupError::Malformed { path, line, byte, what }.into(),
        What::Forbidden(what) => BackupError::Forbidden { path, line, byte, what }.into(),
        What::Encoding(what) => BackupError::Encoding { path, line, byte, what }.into(),
        What::TooMuch(what) => BackupError::TooMuch { path, line, byte, what }.into(),
        What::Foreign(root) => BackupError::Foreign { path, line, byte, root: xml::short(&root).into_owned() }.into(),
        What::BadId(element, value) => BackupError::BadId { path, line, byte, element, value }.into(),
    }
}
