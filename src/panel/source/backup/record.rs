//! What one XML file of a backup says of objects.

use std::io::Read;

use super::facts::{self, Element, Piece, Role};
use super::xml::{self, Fault, LONGEST_VALUE, Tag, Take, What};
use crate::panel::catalogue::BackupValue;
use crate::panel::{Guid, Kind};

/// The most objects of a backup. The largest panels have a hundredth of it.
pub(super) const MOST_OBJECTS: usize = 1_000_000;

/// What stands in a file.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// The version of the format.
    pub(super) version: Option<String>,
    /// The date of the backup that it builds on, where the file says so.
    pub(super) base: Option<String>,
    /// The elements that it has below its root of those that a backup of the whole panel has.
    pub(super) whole: Vec<&'static str>,
    /// Objects, and elements that name one.
    pub(super) records: Vec<Record>,
    /// Elements that repeat the GUID and the id of the object that they lie in, and repeat others.
    pub(super) unlike: Doubt,
    /// Elements that stand for an object and lack its id.
    pub(super) unnumbered: Doubt,
    /// Values that are encrypted.
    pub(super) encrypted: Doubt,
    /// Elements with an id that is of no kind, and why.
    pub(super) left_out: Vec<(&'static str, &'static str, u64)>,
}

/// Something odd that was found several times: how often, and where first.
#[derive(Debug, Default, Clone)]
pub(super) struct Doubt {
    pub(super) count: u64,
    pub(super) first: String,
}

impl Doubt {
    pub(super) fn add(&mut self, what: impl FnOnce() -> String) {
        if self.count == 0 {
            self.first = what();
        }
        self.count += 1;
    }
}

/// An element that stands for an object or names one.
#[derive(Debug)]
pub(super) struct Record {
    /// Its place in [`facts::Facts::elements`].
    pub(super) element: usize,
    /// The line where it begins.
    pub(super) line: u64,
    pub(super) id: Option<i64>,
    pub(super) guid: Option<Guid>,
    /// The values of the element's columns.
    pub(super) values: Box<[Value]>,
}

/// The value of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Unknown,
    Text(Box<str>),
    /// What leads to another object.
    Link(Box<Link>),
}

/// What leads to another object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// The GUIDs that attributes give.
    pub(super) guids: Vec<Guid>,
    /// The innermost element of its kind that the element lies in.
    pub(super) within: Option<(Option<i64>, Option<Guid>)>,
    /// Its key, as an attribute gives it.
    pub(super) name: Option<Box<str>>,
    /// The GUID and the own id that an attribute is composed of.
    pub(super) composite: Option<(Guid, i64)>,
    /// Its key, as elements inside spell it.
    pub(super) key: Option<Box<str>>,
}

impl Record {
    pub(super) fn element(&self) -> &'static Element {
        &facts::get().elements[self.element]
    }

    pub(super) fn kind(&self) -> Kind {
        self.element().kind
    }
}

/// Reads an XML file; at most `room` records are kept.
pub(super) fn read(reader: impl Read, room: usize) -> Result<Content, Fault> {
    let mut collector = Collector { content: Content::default(), frames: Vec::new(), path: String::new(), capture: None, room };
    xml::read(reader, &mut collector)?;
    Ok(collector.content)
}

struct Collector {
    content: Content,
    /// The open elements.
    frames: Vec<Frame>,
    /// Their names below the innermost one that is of a kind, `a/b/`.
    path: String,
    capture: Option<Capture>,
    room: usize,
}

#[derive(Default)]
struct Frame {
    /// The record of the element, if it is of a kind.
    record: Option<usize>,
    /// The path of the element around it, of an element that is of a kind.
    around: String,
    /// The length of that path, of any other one.
    length: usize,
    /// What was found of the holes of its spelled key.
    spelled: Vec<Option<String>>,
    /// Whether its text fills a hole of the innermost element that is of a kind.
    captures: bool,
}

/// The text of an element that fills a hole: the frame of the object, the hole, the text so far.
struct Capture {
    frame: usize,
    hole: usize,
    text: String,
}

impl Take for Collector {
    fn open(&mut self, tag: &Tag<'_>, at: (u64, u64)) -> Result<(), What> {
        if tag.depth == 0 {
            self.root(tag)?;
            self.frames.push(Frame::default());
            return Ok(());
        }
        let mut frame = Frame::default();
        if tag.depth == 1
            && let Some(name) = facts::get().format.whole.iter().find(|name| *name == tag.name())
            && !self.content.whole.contains(&name.as_str())
        {
            self.content.whole.push(name);
        }
        match facts::get().role(tag.name()) {
            Some(Role::Object(element)) => {
                if let Some(record) = self.record(element, tag, at)? {
                    if self.content.records.len() >= self.room {
                        return Err(What::TooMuch(format!("more than {MOST_OBJECTS} objects")));
                    }
                    frame.spelled = vec![None; facts::get().elements[element].spelled.as_ref().map_or(0, |(_, pieces)| pieces.len())];
                    frame.record = Some(self.content.records.len());
                    self.content.records.push(record);
                    frame.around = std::mem::take(&mut self.path);
                }
            }
            Some(Role::Check { kind, attribute, infix }) => self.check((kind, attribute, infix), tag, at)?,
            Some(Role::LeftOut(why)) => match self.content.left_out.iter_mut().find(|(_, known, _)| *known == why) {
                Some((_, _, count)) => *count += 1,
                None => {
                    let name = facts::get().format.left_out.keys().find(|name| *name == tag.name()).map_or("", String::as_str);
                    self.content.left_out.push((name, why, 1));
                }
            },
            None => {}
        }
        if frame.record.is_none() {
            frame.captures = self.fill(tag)?;
            frame.length = self.path.len();
            self.path.push_str(tag.name());
            self.path.push('/');
        }
        self.frames.push(frame);
        Ok(())
    }

    fn close(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.captures
            && let Some(capture) = self.capture.take()
        {
            self.frames[capture.frame].spelled[capture.hole] = Some(capture.text.trim().to_owned());
        }
        match frame.record {
            Some(record) => {
                self.spell(record, &frame.spelled);
                self.path = frame.around;
            }
            None => self.path.truncate(frame.length),
        }
    }

    fn wants_text(&self) -> bool {
        self.capture.is_some()
    }

    fn text(&mut self, text: &str) -> Result<(), What> {
        let Some(capture) = &mut self.capture else { return Ok(()) };
        if capture.text.len() + text.len() > LONGEST_VALUE {
            return Err(What::TooMuch(format!("the text of an element is longer than {LONGEST_VALUE} bytes")));
        }
        capture.text.push_str(text);
        Ok(())
    }
}

impl Collector {
    fn root(&mut self, tag: &Tag<'_>) -> Result<(), What> {
        let format = facts::get().format;
        if tag.name() != format.root {
            return Err(What::Foreign(tag.name().to_owned()));
        }
        tag.attributes(|name, written| {
            if name == format.version {
                self.content.version = Some(xml::value(&format.root, name, written)?.into_owned());
            } else if name == format.base {
                self.content.base = Some(xml::value(&format.root, name, written)?.into_owned()).filter(|b| !b.is_empty());
            }
            Ok(())
        })
    }

    /// The record of an element; `None` for one that says nothing of use.
    fn record(&mut self, index: usize, tag: &Tag<'_>, at: (u64, u64)) -> Result<Option<Record>, What> {
        let element = &facts::get().elements[index];
        let mut record = Record { element: index, line: at.0, id: None, guid: None, values: Box::default() };
        let mut values: Vec<Value> = element.columns.iter().map(|(_, target, value)| self.given(*target, value)).collect();
        let encrypted = &facts::get().format.encrypted;
        let (mut hidden, mut has_guid) = (None, false);
        tag.attributes(|name, written| {
            let uses = element.columns.iter().any(|(_, _, v)| uses(v, name));
            let (is_id, is_guid) = (element.id == Some(name), element.guid == Some(name));
            if !(uses || is_id || is_guid) {
                return Ok(());
            }
            let text = xml::value(element.name, name, written)?;
            if is_id {
                let id = text.parse::<i64>().ok().filter(|id| *id > 0);
                record.id = Some(id.ok_or_else(|| What::BadId(element.name, xml::short(&text).into_owned()))?);
            }
            if is_guid {
                has_guid = true;
                record.guid = Guid::parse(text.as_bytes());
            }
            if uses && text.starts_with(encrypted.as_str()) {
                hidden = Some(name.to_owned());
                return Ok(());
            }
            for ((_, target, value), slot) in element.columns.iter().zip(&mut values) {
                take(value, *target, name, &text, slot);
            }
            Ok(())
        })?;
        if let Some(attribute) = hidden {
            self.content.encrypted.add(|| format!("{attribute} of <{}> on line {}", element.name, at.0));
        }
        if record.id.is_none() {
            // An element of the same name elsewhere may mean something else: it has none of the attributes.
            let means_it = if element.guid.is_some() { has_guid } else { values.iter().any(|v| matches!(v, Value::Text(_))) };
            if means_it && element.id.is_some() {
                self.content.unnumbered.add(|| format!("<{}> on line {}", element.name, at.0));
            }
            if !means_it || element.id.is_some() && element.guid.is_none() {
                return Ok(None);
            }
        }
        for ((_, _, value), slot) in element.columns.iter().zip(&mut values) {
            let lacks = match slot {
                Value::Unknown => true,
                Value::Text(_) => false,
                Value::Link(link) => **link == Link::default(),
            };
            if lacks && let Some(text) = &value.absent {
                *slot = Value::Text(text.as_str().into());
            }
        }
        record.values = values.into();
        Ok(Some(record))
    }

    /// What a column's value is before the element's attributes are looked at.
    fn given(&self, target: Option<Kind>, value: &'static BackupValue) -> Value {
        if let Some(text) = &value.constant {
            return Value::Text(text.as_str().into());
        }
        let Some(kind) = target else { return Value::Unknown };
        let mut link = Link::default();
        if value.within {
            link.within = self.innermost(kind).map(|record| (record.id, record.guid));
        }
        if link == Link::default() { Value::Unknown } else { Value::Link(Box::new(link)) }
    }

    /// The innermost open element of `kind`.
    fn innermost(&self, kind: Kind) -> Option<&Record> {
        let records = self.frames.iter().rev().filter_map(|f| f.record).map(|r| &self.content.records[r]);
        records.into_iter().find(|r| r.kind() == kind)
    }

    /// Compares what an element repeats with the object that it lies in.
    fn check(&mut self, (kind, attribute, infix): (Kind, &str, &str), tag: &Tag<'_>, at: (u64, u64)) -> Result<(), What> {
        let Some((id, guid)) = self.innermost(kind).map(|r| (r.id, r.guid)) else { return Ok(()) };
        let mut repeated = None;
        tag.attributes(|name, written| {
            if name == attribute {
                repeated = composed(&xml::value(tag.name(), name, written)?, infix);
            }
            Ok(())
        })?;
        if let Some((its_guid, its_id)) = repeated
            && (id.is_some_and(|id| id != its_id) || guid.is_some_and(|guid| guid != its_guid))
        {
            self.content.unlike.add(|| format!("<{}> on line {} says {kind} {its_id}, {its_guid}", tag.name(), at.0));
        }
        Ok(())
    }

    /// Fills the holes of the innermost object's key that this element or its attributes are; whether its text is one.
    fn fill(&mut self, tag: &Tag<'_>) -> Result<bool, What> {
        let Some(frame) = self.frames.iter().rposition(|f| f.record.is_some()) else { return Ok(false) };
        if self.frames[frame].spelled.is_empty() || self.capture.is_some() {
            return Ok(false);
        }
        let record = self.frames[frame].record.map(|r| &self.content.records[r]);
        let Some((_, pieces)) = record.and_then(|r| r.element().spelled.as_ref()) else { return Ok(false) };
        let mut captures = false;
        for (hole, piece) in pieces.iter().enumerate() {
            let Piece::Hole { path, attribute } = piece else { continue };
            let here = path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest == tag.name());
            if !here {
                continue;
            }
            match attribute {
                None => {
                    captures = true;
                    self.capture = Some(Capture { frame, hole, text: String::new() });
                }
                Some(attribute) => tag.attributes(|name, written| {
                    if name == *attribute {
                        self.frames[frame].spelled[hole] = Some(xml::value(tag.name(), name, written)?.into_owned());
                    }
                    Ok(())
                })?,
            }
        }
        Ok(captures)
    }

    /// Puts the key that was spelled inside of an element into its record, if all of it was there.
    fn spell(&mut self, record: usize, found: &[Option<String>]) {
        let record = &mut self.content.records[record];
        let Some((column, pieces)) = &facts::get().elements[record.element].spelled else { return };
        let mut key = String::new();
        for (piece, found) in pieces.iter().zip(found) {
            match (piece, found) {
                (Piece::Text(text), _) => key.push_str(text),
                (Piece::Hole { .. }, Some(text)) if !text.is_empty() => key.push_str(text),
                (Piece::Hole { .. }, _) => return,
            }
        }
        let link = match &mut record.values[*column] {
            Value::Link(link) => link,
            other => {
                *other = Value::Link(Box::default());
                let Value::Link(link) = other else { return };
                link
            }
        };
        link.key = Some(key.into());
    }
}

/// Whether `value` looks at the attribute `name`.
fn uses(value: &BackupValue, name: &str) -> bool {
    let is = |attribute: &Option<String>| attribute.as_deref() == Some(name);
    is(&value.attribute)
        || is(&value.name)
        || value.guid.iter().any(|g| g == name)
        || value.composite.as_ref().is_some_and(|c| c.attribute == name)
}

/// Takes the attribute `name` into the value of a column, if it is one that the column looks at.
fn take(value: &BackupValue, target: Option<Kind>, name: &str, text: &str, slot: &mut Value) {
    if !uses(value, name) || text.is_empty() {
        return;
    }
    let spelled = || if value.idn { ascii(text) } else { text.into() };
    if target.is_none() {
        *slot = Value::Text(spelled());
        return;
    }
    if *slot == Value::Unknown {
        *slot = Value::Link(Box::default());
    }
    let Value::Link(link) = slot else { return };
    if let Some(at) = value.guid.iter().position(|g| g == name)
        && let Some(guid) = Guid::parse(text.as_bytes())
    {
        // The first attribute of the list comes first, wherever it stands in the element.
        if at == 0 { link.guids.insert(0, guid) } else { link.guids.push(guid) }
    }
    if value.name.as_deref() == Some(name) {
        link.name = Some(text.into());
    }
    if let Some(composite) = value.composite.as_ref().filter(|c| c.attribute == name) {
        link.composite = composed(text, &composite.infix);
    }
    if **link == Link::default() {
        *slot = Value::Unknown;
    }
}

/// A domain's name in its ASCII form.
fn ascii(name: &str) -> Box<str> {
    if name.is_ascii() { name.into() } else { idna::domain_to_ascii(name).unwrap_or_else(|_| name.to_owned()).into() }
}

/// `<GUID><infix><id>` taken apart.
fn composed(text: &str, infix: &str) -> Option<(Guid, i64)> {
    let (guid, rest) = (text.get(..36)?, text.get(36..)?);
    Some((Guid::parse(guid.as_bytes())?, rest.strip_prefix(infix)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_objects_are_kept_than_there_is_room_for() {
        let format = facts::get().format;
        let xml = format!("<{0}>{1}{1}{1}</{0}>", format.root, "<client id='1' guid='' name='c'/>");
        assert_eq!(read(xml.as_bytes(), 3).unwrap().records.len(), 3);
        let fault = read(xml.as_bytes(), 2).unwrap_err();
        assert!(matches!(&fault.what, What::TooMuch(what) if what == "more than 1000000 objects"), "{fault:?}");
    }

    #[test]
    fn identifiers_are_taken_apart() {
        let guid = "00000001-1111-4111-8111-111111111111";
        assert_eq!(composed(&format!("{guid}_db_7"), "_db_"), Some((Guid::parse(guid.as_bytes()).unwrap(), 7)));
        for other in ["", "_db_7", &format!("{guid}_mn_7"), &format!("{guid}_db_"), &format!("{guid}_db_x"), &format!("ü{guid}_db_7")] {
            assert_eq!(composed(other, "_db_"), None, "{other}");
        }
    }
}
