//! Snapshot files: an inventory as lines of JSON.
//!
//! The first line is the header, each further one an object, the last one says how many there were and the inventory's fingerprint, so that a
//! file that was cut off or changed is refused.

use std::collections::BTreeMap;
use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::{SourceError, time};
use crate::panel::inventory::{Duplicate, Origin};
use crate::panel::{Guid, Inventory, Kind, Object};

/// The version of the format that this release writes, and the only one that it reads.
const VERSION: u64 = 1;
/// The longest line of a snapshot file that is read.
const LONGEST_LINE: u64 = 16 << 20;

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
struct Header {
    #[serde(rename = "reguid-snapshot")]
    version: u64,
    tool: String,
    written: String,
    taken: Option<String>,
    source: String,
    carried: Vec<String>,
    /// What the witnesses of each kind's objects are, in their order.
    witness: BTreeMap<String, Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    duplicates: Vec<DuplicateLine>,
    objects: usize,
}

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
struct DuplicateLine {
    kind: String,
    guid: String,
    ids: Vec<i64>,
}

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
struct ObjectLine {
    kind: String,
    id: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    guid: Option<String>,
    #[serde(default, skip_serializing_if = "str_is_empty")]
    name: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<(String, i64)>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    witness: Box<[Box<str>]>,
}

#[derive(Serialize, Deserialize, schemars::JsonSchema)]
struct Trailer {
    objects: usize,
    fingerprint: String,
}

/// A line of a snapshot file: the header first, then the objects, then the trailer.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(untagged)]
#[expect(private_interfaces, reason = "describes the lines for their JSON Schema")]
pub enum Line {
    /// The first line.
    Header(Header),
    /// An object.
    Object(ObjectLine),
    /// The last line.
    Trailer(Trailer),
}

/// `skip_serializing_if` hands over a reference to the field's own type.
#[expect(clippy::borrowed_box, reason = "serde asks for exactly this type")]
fn str_is_empty(text: &Box<str>) -> bool {
    text.is_empty()
}

/// Writes `inventory` to `path`, whole or not at all. A file that is there keeps its permissions; a new one can be read by its owner alone.
///
/// # Errors
/// [`SourceError::Unwritable`]: the file is as it was before.
pub fn write(inventory: &Inventory, path: &Utf8Path) -> Result<(), SourceError> {
    write_file(inventory, path).map_err(|error| SourceError::Unwritable { path: path.to_string(), error })
}

fn write_file(inventory: &Inventory, path: &Utf8Path) -> io::Result<()> {
    // A link stays a link: the file that it leads to is replaced.
    let path = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
    let folder = match path.parent() {
        Some(folder) if !folder.as_str().is_empty() => folder.to_owned(),
        _ => Utf8PathBuf::from("."),
    };
    let mut file = tempfile::Builder::new().prefix(".reguid-").tempfile_in(&folder)?;
    let permissions: Option<Permissions> = path.metadata().ok().map(|m| m.permissions());
    let mut to = BufWriter::new(file.as_file_mut());
    write_lines(inventory, &mut to)?;
    to.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    // The new name is safe only when its folder is.
    File::open(&folder)?.sync_all()
}

fn write_lines(inventory: &Inventory, to: &mut impl Write) -> io::Result<()> {
    let witness = |kind: Kind| Some((kind.name().to_owned(), kind.facts().table.as_ref()?.witness.clone()));
    let header = Header {
        version: VERSION,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        written: time::rfc3339(SystemTime::now()),
        taken: inventory.origin.taken.clone(),
        source: inventory.origin.source.clone(),
        carried: inventory.carried().iter().map(|k| k.name().to_owned()).collect(),
        witness: inventory.carried().iter().copied().filter_map(witness).filter(|(_, w)| !w.is_empty()).collect(),
        duplicates: inventory
            .duplicates()
            .iter()
            .map(|d| DuplicateLine { kind: d.kind.name().to_owned(), guid: d.guid.to_string(), ids: d.ids.clone() })
            .collect(),
        objects: inventory.objects().len(),
    };
    write_line(&header, to)?;
    for object in inventory.objects() {
        let line = ObjectLine {
            kind: object.kind.name().to_owned(),
            id: object.id,
            guid: object.guid.map(|g| g.to_string()),
            name: object.name.clone(),
            parent: object.parent.map(|(kind, id)| (kind.name().to_owned(), id)),
            witness: object.witness.clone(),
        };
        write_line(&line, to)?;
    }
    let trailer = Trailer { objects: inventory.objects().len(), fingerprint: inventory.fingerprint().to_string() };
    write_line(&trailer, to)
}

fn write_line(line: &impl Serialize, to: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *to, line)?;
    to.write_all(b"\n")
}

/// Reads the snapshot file at `path`.
///
/// # Errors
/// The file cannot be read, is of a later version, was cut off or changed.
pub fn read(path: &Utf8Path) -> Result<Inventory, SourceError> {
    let file = File::open(path).map_err(|error| SourceError::Unreadable { path: path.to_string(), error })?;
    read_lines(io::BufReader::new(file), path.as_str())
}

/// Reads the snapshot file that `reader` gives and `path` names in errors.
pub(super) fn read_lines(reader: impl BufRead, path: &str) -> Result<Inventory, SourceError> {
    let mut lines = Lines { reader, path, number: 0, text: Vec::new() };
    let header = lines.header()?;
    let mut carried = Vec::with_capacity(header.carried.len());
    for word in &header.carried {
        carried.push(lines.kind(word)?);
    }
    let order = witness_order(&header);
    let mut duplicates = Vec::with_capacity(header.duplicates.len());
    for d in &header.duplicates {
        duplicates.push(Duplicate { kind: lines.kind(&d.kind)?, guid: lines.guid(&d.guid)?, ids: d.ids.clone() });
    }
    // The header's number is a promise of the file's, not a size to reserve.
    let mut objects = Vec::new();
    for _ in 0..header.objects {
        let line: ObjectLine = lines.next()?;
        objects.push(lines.object(line, &order)?);
    }
    let trailer: Trailer = lines.next()?;
    let source = if header.source.is_empty() { path.to_owned() } else { format!("{path}, a snapshot of {}", header.source) };
    let mut inventory = Inventory::new(Origin { source, taken: header.taken }, objects, carried);
    inventory.restore_duplicates(duplicates);
    if trailer.objects != inventory.objects().len() || trailer.fingerprint != inventory.fingerprint().to_string() {
        return lines.damaged("its objects are not those that were written");
    }
    Ok(inventory)
}

/// For each kind, where the witnesses that this release asks for stand in the file's lists.
fn witness_order(header: &Header) -> Vec<Vec<Option<usize>>> {
    Kind::all()
        .map(|kind| {
            let Some(table) = &kind.facts().table else { return Vec::new() };
            let written = header.witness.get(kind.name()).map_or(&[] as &[String], Vec::as_slice);
            table.witness.iter().map(|w| written.iter().position(|o| o == w)).collect()
        })
        .collect()
}

struct Lines<'a, R> {
    reader: R,
    path: &'a str,
    number: u64,
    text: Vec<u8>,
}

impl<R: BufRead> Lines<'_, R> {
    fn damaged<T>(&self, what: impl Into<String>) -> Result<T, SourceError> {
        Err(SourceError::SnapshotDamaged { path: self.path.to_owned(), line: self.number, what: what.into() })
    }

    /// The next line's text.
    fn line(&mut self) -> Result<(), SourceError> {
        self.number += 1;
        self.text.clear();
        let read = self.reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.text);
        match read {
            Ok(_) if self.text.last() == Some(&b'\n') => Ok(()),
            Ok(0) => self.damaged("it ends before its last line"),
            Ok(_) => self.damaged("it ends inside a line, or the line is longer than any that was written"),
            Err(e) if e.raw_os_error().is_some() => Err(SourceError::Unreadable { path: self.path.to_owned(), error: e }),
            Err(e) => self.damaged(e.to_string()),
        }
    }

    fn next<'de, T: Deserialize<'de>>(&'de mut self) -> Result<T, SourceError> {
        self.line()?;
        serde_json::from_slice(&self.text).or_else(|e| self.damaged(e.to_string()))
    }

    /// The header; its version is looked at before anything else.
    fn header(&mut self) -> Result<Header, SourceError> {
        #[derive(Deserialize)]
        struct Version {
            #[serde(rename = "reguid-snapshot")]
            version: u64,
        }
        let Version { version } = self.next()?;
        if version != VERSION {
            return Err(SourceError::SnapshotVersion { path: self.path.to_owned(), version });
        }
        serde_json::from_slice(&self.text).or_else(|e| self.damaged(e.to_string()))
    }

    fn kind(&self, word: &str) -> Result<Kind, SourceError> {
        word.parse().or_else(|e| self.damaged(format!("{e}; a later release may have written it")))
    }

    fn guid(&self, text: &str) -> Result<Guid, SourceError> {
        Guid::parse(text.as_bytes()).map_or_else(|| self.damaged(format!("`{}` is no GUID", text.escape_debug())), Ok)
    }

    fn object(&self, line: ObjectLine, order: &[Vec<Option<usize>>]) -> Result<Object, SourceError> {
        let kind = self.kind(&line.kind)?;
        let witness = order[kind.index()].iter().map(|from| from.and_then(|i| line.witness.get(i).cloned()).unwrap_or_default()).collect();
        Ok(Object {
            kind,
            id: line.id,
            guid: line.guid.map(|g| self.guid(&g)).transpose()?,
            name: line.name,
            parent: line.parent.map(|(word, id)| self.kind(&word).map(|kind| (kind, id))).transpose()?,
            witness,
        })
    }
}

#[cfg(test)]
mod tests;
