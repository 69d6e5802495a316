//! Snapshot files: an inventory as lines of JSON.
//!
//! The first line is the header, each further one an object, the last one says how many there were and the inventory's fingerprint, so that a
//! file that was cut off or changed is refused.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::time::SystemTime;

use camino::{Utf8Path, Utf8PathBuf};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{SourceError, time};
use crate::panel::inventory::{Duplicate, FingerprintOf, Origin};
use crate::panel::{Guid, Inventory, Kind, Object};

/// The version of the format that this release writes.
///
/// A release may write more fields, and objects of more kinds, without a new version, where a reader that leaves them out concludes nothing wrong
/// from the rest. Readers say what they left out. Whatever changes the meaning of what was there before gets a new version.
const VERSION: u64 = 1;
/// The oldest version that this release reads.
const OLDEST: u64 = 1;
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
    /// Why it tells of a part of the panel alone, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    partial: Option<String>,
    /// What a person should know of how the source was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
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
    /// The panel has it no longer: only what its id meant is kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    gone: bool,
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
    let mut file = tempfile::Builder::new().prefix(".reguid-").tempfile_in(&folder).map_err(super::plain)?;
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
        partial: inventory.partial().map(str::to_owned),
        notes: inventory.notes().to_vec(),
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
            gone: inventory.is_gone(object.kind, object.id),
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
    let mut lines = Lines { reader, path, number: 0, text: Vec::new(), foreign: true, left_out: LeftOut::default() };
    let header = lines.header()?;
    lines.foreign = header.tool != env!("CARGO_PKG_VERSION");
    if lines.foreign {
        lines.look_at_duplicates();
    }
    let carried = header.carried.iter().filter_map(|word| lines.kind(word)).collect();
    let order = lines.witness_order(&header);
    let mut duplicates = Vec::with_capacity(header.duplicates.len());
    for d in &header.duplicates {
        let guid = lines.guid(&d.guid)?;
        match lines.kind(&d.kind) {
            Some(kind) => duplicates.push(Duplicate { kind, guid, ids: d.ids.clone() }),
            None => lines.left_out.field(&d.kind, DuplicateLine::LINE),
        }
    }
    // The header's number is a promise of the file's, not a size to reserve.
    let (mut objects, mut gone, mut others) = (Vec::new(), Vec::new(), 0);
    let mut fingerprint = FingerprintOf::default();
    for _ in 0..header.objects {
        let line: ObjectLine = lines.next()?;
        let guid = line.guid.as_ref().map(|g| lines.guid(g)).transpose()?;
        fingerprint.object(&line.kind, line.id, guid, &line.name);
        match lines.kind(&line.kind) {
            Some(kind) => {
                if line.gone {
                    gone.push((kind, line.id));
                }
                objects.push(lines.object(kind, line, guid, &order));
            }
            None if header.carried.contains(&line.kind) => {
                lines.left_out.object(line.kind);
                others += 1;
            }
            None => {
                return lines
                    .damaged(format!("an object is of the kind `{}`, which the first line does not name", line.kind.escape_debug()));
            }
        }
    }
    let trailer: Trailer = lines.next()?;
    lines.end()?;
    let source = if header.source.is_empty() { path.to_owned() } else { format!("{path}, a snapshot of {}", header.source) };
    let mut inventory = Inventory::new(Origin { source, taken: header.taken }, objects, carried);
    inventory.restore_duplicates(duplicates);
    inventory.tell_gone(gone);
    let all = inventory.objects().len() + others;
    if trailer.objects != all || header.objects != all || trailer.fingerprint != fingerprint.finish().to_string() {
        return lines.damaged("its objects are not those that were written");
    }
    if let Some(why) = header.partial {
        inventory.tells_in_part(why);
    }
    for note in header.notes.into_iter().chain(lines.left_out.notes(&header.tool)) {
        inventory.note(note);
    }
    Ok(inventory)
}

/// The fields that this release knows.
trait Fields {
    const FIELDS: &'static [&'static str];
    /// What the line is, for a person.
    const LINE: &'static str;
}

impl Fields for Header {
    const FIELDS: &'static [&'static str] =
        &["reguid-snapshot", "tool", "written", "taken", "source", "carried", "witness", "duplicates", "partial", "notes", "objects"];
    const LINE: &'static str = "the first line";
}

impl Fields for DuplicateLine {
    const FIELDS: &'static [&'static str] = &["kind", "guid", "ids"];
    const LINE: &'static str = "the duplicates";
}

impl Fields for ObjectLine {
    const FIELDS: &'static [&'static str] = &["kind", "id", "guid", "name", "parent", "witness", "gone"];
    const LINE: &'static str = "objects";
}

impl Fields for Trailer {
    const FIELDS: &'static [&'static str] = &["objects", "fingerprint"];
    const LINE: &'static str = "the last line";
}

/// What a later release wrote and this one does not know.
#[derive(Default)]
struct LeftOut {
    /// Kinds, with the number of their objects.
    kinds: BTreeMap<String, u64>,
    /// Fields, with the line that they stand in.
    fields: BTreeSet<(String, &'static str)>,
}

impl LeftOut {
    /// The most different names that are told. A file with more is damaged or hostile, and its last line tells.
    const MOST: usize = 100;

    fn object(&mut self, kind: String) {
        if self.kinds.len() < Self::MOST || self.kinds.contains_key(&kind) {
            *self.kinds.entry(kind).or_default() += 1;
        }
    }

    fn field(&mut self, name: &str, line: &'static str) {
        if self.fields.len() < Self::MOST {
            self.fields.insert((name.to_owned(), line));
        }
    }

    fn notes(&self, tool: &str) -> Vec<String> {
        let why = format!("this release does not know it (reguid {} wrote the file)", tool.escape_debug());
        let kinds =
            self.kinds.iter().map(|(kind, count)| format!("{count} objects of the kind `{}` were left out: {why}", kind.escape_debug()));
        let fields = self.fields.iter().map(|(name, line)| format!("the field `{}` of {line} was left out: {why}", name.escape_debug()));
        kinds.chain(fields).collect()
    }
}

struct Lines<'a, R> {
    reader: R,
    path: &'a str,
    number: u64,
    text: Vec<u8>,
    /// Whether another release wrote the file, so that fields may be there which this one does not know.
    foreign: bool,
    left_out: LeftOut,
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

    fn next<T: for<'de> Deserialize<'de> + Fields>(&mut self) -> Result<T, SourceError> {
        self.line()?;
        self.parse()
    }

    fn parse<T: for<'de> Deserialize<'de> + Fields>(&mut self) -> Result<T, SourceError> {
        if self.foreign {
            let fields: Result<BTreeMap<Cow<'_, str>, IgnoredAny>, _> = serde_json::from_slice(&self.text);
            let unknown = fields.iter().flat_map(BTreeMap::keys).filter(|name| !T::FIELDS.contains(&name.as_ref()));
            unknown.for_each(|name| self.left_out.field(name, T::LINE));
        }
        serde_json::from_slice(&self.text).or_else(|e| self.damaged(e.to_string()))
    }

    /// Takes note of what this release does not know in the duplicates of the first line, which was read last.
    fn look_at_duplicates(&mut self) {
        #[derive(Deserialize)]
        struct Only<'t> {
            #[serde(borrow, default)]
            duplicates: Vec<BTreeMap<Cow<'t, str>, IgnoredAny>>,
        }
        let read: Result<Only<'_>, _> = serde_json::from_slice(&self.text);
        let names = read.iter().flat_map(|only| &only.duplicates).flat_map(BTreeMap::keys);
        let unknown = names.filter(|name| !DuplicateLine::FIELDS.contains(&name.as_ref()));
        unknown.for_each(|name| self.left_out.field(name, DuplicateLine::LINE));
    }

    /// Nothing stands behind the last line.
    fn end(&mut self) -> Result<(), SourceError> {
        let mut rest = [0];
        match self.reader.read(&mut rest) {
            Ok(0) => Ok(()),
            Ok(_) => self.damaged("something stands behind its last line"),
            Err(e) => self.damaged(e.to_string()),
        }
    }

    /// The header; its version is looked at before anything else.
    fn header(&mut self) -> Result<Header, SourceError> {
        #[derive(Deserialize)]
        struct Version {
            #[serde(rename = "reguid-snapshot")]
            version: u64,
            #[serde(default)]
            tool: String,
        }
        self.line()?;
        let Version { version, tool } = serde_json::from_slice(&self.text).or_else(|e| self.damaged(e.to_string()))?;
        if !(OLDEST..=VERSION).contains(&version) {
            return Err(SourceError::SnapshotVersion { path: self.path.to_owned(), version, tool, oldest: OLDEST, newest: VERSION });
        }
        self.parse()
    }

    /// The kind, if this release knows it.
    fn kind(&self, word: &str) -> Option<Kind> {
        word.parse().ok()
    }

    fn guid(&self, text: &str) -> Result<Guid, SourceError> {
        Guid::parse(text.as_bytes()).map_or_else(|| self.damaged(format!("`{}` is no GUID", text.escape_debug())), Ok)
    }

    /// For each kind, where the witnesses that this release asks for stand in the file's lists.
    fn witness_order(&mut self, header: &Header) -> Vec<Vec<Option<usize>>> {
        let mut order = Vec::new();
        for kind in Kind::all() {
            let asked = kind.facts().table.as_ref().map_or(&[] as &[String], |t| &t.witness);
            let written = header.witness.get(kind.name()).map_or(&[] as &[String], Vec::as_slice);
            written.iter().filter(|w| !asked.contains(w)).for_each(|w| self.left_out.field(w, "the witnesses"));
            order.push(asked.iter().map(|w| written.iter().position(|o| o == w)).collect());
        }
        order
    }

    fn object(&mut self, kind: Kind, line: ObjectLine, guid: Option<Guid>, order: &[Vec<Option<usize>>]) -> Object {
        let witness = order[kind.index()].iter().map(|from| from.and_then(|i| line.witness.get(i).cloned()).unwrap_or_default()).collect();
        let parent = line.parent.and_then(|(word, id)| {
            let kind = self.kind(&word);
            if kind.is_none() {
                self.left_out.field(&word, "the parents");
            }
            kind.map(|kind| (kind, id))
        });
        Object { kind, id: line.id, guid, name: line.name, parent, witness }
    }
}

#[cfg(test)]
mod tests;
