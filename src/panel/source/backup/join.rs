//! From what the XML files of a backup say to the objects of a panel.

use rustc_hash::FxHashMap;

use super::error::BackupError;
use super::facts;
use super::record::{Content, Doubt, Link, Record, Value};
use crate::panel::identity::{self, ColumnRef, Segment};
use crate::panel::inventory::Origin;
use crate::panel::matching;
use crate::panel::{Guid, Inventory, Kind, Object};

/// An XML file that was read.
pub(super) struct File {
    /// How errors name it.
    pub(super) path: String,
    /// 0 for the backup that was asked for, 1 for the one that it builds on, and so on.
    pub(super) layer: usize,
    pub(super) content: Content,
}

/// The objects of a backup. `partly`: why it is known to tell of a part of the panel alone.
pub(super) fn inventory(files: Vec<File>, origin: Origin, mut partly: Option<String>) -> Result<Inventory, BackupError> {
    let whole = facts::get().format.whole.iter().all(|name| files.iter().any(|f| f.content.whole.contains(&name.as_str())));
    let mut panel = Panel::collect(&files)?;
    panel.name();
    let (objects, lost) = panel.objects();
    if objects.is_empty() {
        return Err(BackupError::Nothing { path: origin.source });
    }
    let mut notes = panel.notes(lost);
    notes.extend(file_notes(&files));
    if partly.is_none() {
        partly = panel.without_files();
    }
    if partly.is_none() && !whole {
        partly = Some("it is a backup of a part of the panel".to_owned());
    }
    let mut inventory = Inventory::new(origin, objects, Vec::new());
    if let Some(why) = partly {
        inventory.tells_in_part(why);
    }
    for note in notes {
        inventory.note(note);
    }
    Ok(inventory)
}

/// What is odd within one file.
fn file_notes(files: &[File]) -> Vec<String> {
    let mut notes = Vec::new();
    for (what, of) in [
        ("an id or GUID that an element repeats is not that of the object around it", (|c| &c.unlike) as fn(&Content) -> &Doubt),
        ("an element that stands for an object has no id: it was not read", |c| &c.unnumbered),
        ("a value is encrypted: it was not read", |c| &c.encrypted),
    ] {
        let count: u64 = files.iter().map(|f| of(&f.content).count).sum();
        if let Some(file) = files.iter().find(|f| of(&f.content).count > 0) {
            notes.push(times(count, what, &format!("{} of {}", of(&file.content).first, file.path)));
        }
    }
    let mut left_out: Vec<(&str, &str, u64)> = Vec::new();
    for (element, why, count) in files.iter().flat_map(|f| f.content.left_out.iter().copied()) {
        match left_out.iter_mut().find(|(known, _, _)| *known == element) {
            Some((_, _, sum)) => *sum += count,
            None => left_out.push((element, why, count)),
        }
    }
    notes.extend(left_out.iter().map(|(element, why, count)| format!("{count} x <{element}> was not read: {why}")));
    notes
}

fn times(count: u64, what: &str, first: &str) -> String {
    if count == 1 { format!("{what}: {first}") } else { format!("{count} times {what}; the first: {first}") }
}

/// A record with the file that it stands in.
struct Entry<'a> {
    record: &'a Record,
    /// What other files of the same backup say of the same object.
    also: Vec<&'a Record>,
    file: &'a File,
    name: Option<String>,
}

/// What a GUID or a name leads to: an id, where the backup has it, and a key.
#[derive(Clone, Copy)]
struct Known<'p> {
    id: Option<i64>,
    name: Option<&'p str>,
}

/// Who carries a GUID.
#[derive(Clone, Copy)]
enum Carrier {
    /// An object: its place among the entries.
    Entry(usize),
    /// An element that only names one: its place among those.
    Named(usize),
    /// Several objects.
    Several,
}

#[derive(Default)]
struct OfKind<'a> {
    entries: Vec<Entry<'a>>,
    by_id: FxHashMap<i64, usize>,
    /// Elements that name an object and lack its id, each with its key.
    named: Vec<(&'a Record, &'a File, Option<String>)>,
    by_guid: FxHashMap<Guid, Carrier>,
    /// Of kinds that elements are led to by name. `None`: several objects have it.
    by_name: FxHashMap<String, Option<i64>>,
}

impl OfKind<'_> {
    fn entry(&self, at: usize) -> Known<'_> {
        let entry = &self.entries[at];
        Known { id: entry.record.id, name: entry.name.as_deref() }
    }

    /// The object with that id.
    fn with_id(&self, id: i64) -> Option<Known<'_>> {
        self.by_id.get(&id).map(|&at| self.entry(at))
    }

    /// The one object that carries the GUID.
    fn with_guid(&self, guid: Guid) -> Option<Known<'_>> {
        match *self.by_guid.get(&guid)? {
            Carrier::Entry(at) => Some(self.entry(at)),
            Carrier::Named(at) => Some(Known { id: None, name: self.named[at].2.as_deref() }),
            Carrier::Several => None,
        }
    }

    /// The one object of that name.
    fn with_name(&self, name: &str) -> Option<Known<'_>> {
        self.with_id((*self.by_name.get(&matching::normal(name))?)?)
    }
}

/// All that a backup says, by kind.
struct Panel<'a> {
    kinds: Vec<OfKind<'a>>,
    /// Objects of an earlier backup whose GUID has another id in the later one.
    moved: Doubt,
    /// Objects of an earlier backup whose id is another object in the later one.
    reused: Doubt,
    parents: Doubt,
    composites: Doubt,
}

impl<'a> Panel<'a> {
    fn collect(files: &'a [File]) -> Result<Panel<'a>, BackupError> {
        let mut panel = Panel {
            kinds: Kind::all().map(|_| OfKind::default()).collect(),
            moved: Doubt::default(),
            reused: Doubt::default(),
            parents: Doubt::default(),
            composites: Doubt::default(),
        };
        let mut guids: FxHashMap<(Kind, Guid), (usize, i64)> = FxHashMap::default();
        let mut ordered: Vec<&File> = files.iter().collect();
        ordered.sort_by_key(|f| f.layer);
        for file in ordered {
            for record in &file.content.records {
                panel.add(file, record, &mut guids)?;
            }
        }
        Ok(panel)
    }

    fn add(&mut self, file: &'a File, record: &'a Record, guids: &mut FxHashMap<(Kind, Guid), (usize, i64)>) -> Result<(), BackupError> {
        let kind = record.kind();
        let of_kind = &mut self.kinds[kind.index()];
        let Some(id) = record.id else {
            of_kind.named.push((record, file, None));
            return Ok(());
        };
        if let Some(&at) = of_kind.by_id.get(&id) {
            let entry = &mut of_kind.entries[at];
            let same = is_same(entry.record, record);
            if entry.file.layer == file.layer && !same {
                return Err(BackupError::Contradiction {
                    path: file.path.clone(),
                    line: record.line,
                    object: label(record),
                    other: label(entry.record),
                    other_path: entry.file.path.clone(),
                    other_line: entry.record.line,
                });
            }
            if !same {
                self.reused.add(|| format!("{}, now {}", label(record), label(entry.record)));
            } else if entry.file.layer == file.layer {
                entry.also.push(record);
            }
            return Ok(());
        }
        if let Some(guid) = record.guid {
            let (layer, new) = *guids.entry((kind, guid)).or_insert((file.layer, id));
            if layer < file.layer {
                self.moved.add(|| format!("{}, now {kind} {new}", label(record)));
                return Ok(());
            }
        }
        of_kind.by_id.insert(id, of_kind.entries.len());
        of_kind.entries.push(Entry { record, also: Vec::new(), file, name: None });
        Ok(())
    }

    /// Finds the keys of all objects, and what their GUIDs and keys lead to: first those that others build on.
    fn name(&mut self) {
        for &kind in identity::in_order() {
            let names: Vec<Option<String>> = self.kinds[kind.index()].entries.iter().map(|e| self.key(kind, e.record, &e.also)).collect();
            let named: Vec<Option<String>> = self.kinds[kind.index()].named.iter().map(|(r, ..)| self.key(kind, r, &[])).collect();
            let of_kind = &mut self.kinds[kind.index()];
            let led_to_by_name = facts::get().is_led_to_by_name(kind) || !of_kind.named.is_empty();
            for (at, (entry, name)) in of_kind.entries.iter_mut().zip(names).enumerate() {
                if let Some(guid) = entry.record.guid {
                    of_kind.by_guid.entry(guid).and_modify(|c| *c = Carrier::Several).or_insert(Carrier::Entry(at));
                }
                if let Some(name) = name.as_ref().filter(|_| led_to_by_name) {
                    of_kind.by_name.entry(matching::normal(name)).and_modify(|k| *k = None).or_insert(entry.record.id);
                }
                entry.name = name;
            }
            for (at, ((record, _, own), name)) in of_kind.named.iter_mut().zip(named).enumerate() {
                if let Some(guid) = record.guid {
                    of_kind.by_guid.entry(guid).or_insert(Carrier::Named(at));
                }
                *own = name;
            }
        }
    }

    /// The key of an object, unless a part of it is unknown.
    fn key(&self, kind: Kind, record: &Record, also: &[&Record]) -> Option<String> {
        let mut key = String::new();
        for segment in &identity::of(kind).key {
            match segment {
                Segment::Text(text) => key.push_str(text),
                Segment::Hole(ColumnRef { column, kind: None }) => match value(record, also, column) {
                    Value::Text(text) => key.push_str(text),
                    _ => return None,
                },
                Segment::Hole(ColumnRef { column, kind: Some(target) }) => match value(record, also, column) {
                    // 0: none.
                    Value::Text(_) => {}
                    Value::Unknown => return None,
                    Value::Link(link) => key.push_str(self.follow(link, *target).found?.name.filter(|n| !n.is_empty())?),
                },
            }
        }
        (!key.is_empty()).then_some(key)
    }

    /// The object that `link` leads to, and whether its ways lead to different ones.
    fn follow<'p>(&'p self, link: &'p Link, target: Kind) -> Followed<'p> {
        let of_kind = &self.kinds[target.index()];
        let given = link.guids.iter().find_map(|guid| of_kind.with_guid(*guid));
        let around = link.within.and_then(|(id, guid)| id.map_or_else(|| of_kind.with_guid(guid?), |id| of_kind.with_id(id)));
        let named = link.name.as_ref().and_then(|name| of_kind.with_name(name));
        let composed = link.composite.as_ref().and_then(|(guid, _)| of_kind.with_guid(*guid));
        let spelled = link.key.as_deref().map(|key| Known { id: None, name: Some(key) });

        let differs = |a: &Option<Known<'_>>, b: &Option<Known<'_>>| {
            a.as_ref().and_then(|k| k.id).zip(b.as_ref().and_then(|k| k.id)).is_some_and(|(a, b)| a != b)
        };
        // What belongs to somebody may lie in the element of the whole panel all the same.
        let in_whole =
            around.as_ref().and_then(|k| of_kind.by_id.get(&k.id?)).is_some_and(|&at| of_kind.entries[at].record.element().whole);
        let mut followed = Followed { found: None, parents: differs(&given, &around) && !in_whole, composite: false };
        let found = given.or(around).or(named);
        followed.composite = differs(&found, &composed);
        followed.found = found.or(composed).or(spelled);
        followed
    }

    /// All objects, and how many of an earlier backup were left out because a later one has their key under another id.
    fn objects(&mut self) -> (Vec<Object>, Doubt) {
        let mut objects = Vec::new();
        let (mut parents, mut composites, mut lost) = (Doubt::default(), Doubt::default(), Doubt::default());
        for kind in Kind::all() {
            let of_kind = &self.kinds[kind.index()];
            // Entries come in the order of their layers.
            let mut layers: FxHashMap<String, usize> = FxHashMap::default();
            for entry in &of_kind.entries {
                if let Some(name) = &entry.name
                    && *layers.entry(matching::normal(name)).or_insert(entry.file.layer) < entry.file.layer
                {
                    lost.add(|| label(entry.record));
                    continue;
                }
                let Some(id) = entry.record.id else { continue };
                let mut reference = |column: &ColumnRef| -> Option<i64> {
                    let target = column.kind?;
                    match value(entry.record, &entry.also, column.column) {
                        Value::Text(text) => text.parse().ok(),
                        Value::Unknown => None,
                        Value::Link(link) => {
                            let followed = self.follow(link, target);
                            let here = || format!("{} ({}:{})", label(entry.record), entry.file.path, entry.record.line);
                            if followed.parents {
                                parents.add(here);
                            }
                            if followed.composite || link.composite.is_some_and(|(_, own)| own != id) {
                                composites.add(here);
                            }
                            followed.found?.id
                        }
                    }
                };
                let identity = identity::of(kind);
                let parent = identity.parent.as_ref().and_then(|c| Some((c.kind?, reference(c).filter(|id| *id != 0)?)));
                let witness = identity.witness.iter().map(|column| match column.kind {
                    Some(_) if Some(column) == identity.parent.as_ref() => parent.map(|(_, id)| id.to_string()),
                    Some(_) => reference(column).map(|id| id.to_string()),
                    None => match value(entry.record, &entry.also, column.column) {
                        Value::Text(text) => Some(text.to_string()),
                        _ => None,
                    },
                });
                let witness = witness.map(|w| w.unwrap_or_default().into()).collect();
                let name = entry.name.clone().unwrap_or_default().into();
                objects.push(Object { kind, id, guid: entry.record.guid, name, parent, witness });
            }
        }
        (self.parents, self.composites) = (parents, composites);
        (objects, lost)
    }

    /// Why the backup tells of a part of the panel alone: it names objects that have XML files of their own, and those are not there.
    fn without_files(&self) -> Option<String> {
        let mut missing = Doubt::default();
        for kind in Kind::all().filter(|k| facts::get().numbers(*k)) {
            let of_kind = &self.kinds[kind.index()];
            for (record, file, name) in &of_kind.named {
                let id = match record.guid.filter(|guid| !matches!(of_kind.by_guid.get(guid), Some(Carrier::Several))) {
                    Some(guid) => of_kind.with_guid(guid).and_then(|k| k.id),
                    // It has no GUID, or one that others have too.
                    None => name.as_ref().and_then(|name| of_kind.with_name(name)?.id),
                };
                if id.is_none() {
                    missing.add(|| format!("{} ({}:{})", label(record), file.path, record.line));
                }
            }
        }
        let objects = if missing.count == 1 { "1 object".to_owned() } else { format!("{} objects", missing.count) };
        let first = missing.first;
        (missing.count > 0).then(|| format!("it names {objects} whose XML files or ids are not there, first {first}"))
    }

    fn notes(&self, lost: Doubt) -> Vec<String> {
        let mut notes = Vec::new();
        for kind in Kind::all().filter(|k| !facts::get().numbers(*k)) {
            let named = self.kinds[kind.index()].named.len();
            if named > 0 {
                notes.push(format!("it names {named} x {kind} without an id: only a database of the panel has that"));
            }
        }
        for (doubt, what) in [
            (&self.parents, "the owner that an object names is not the one that it lies in: the named one counts"),
            (&self.composites, "an identifier that is composed of an id and another object's GUID does not fit its object"),
            (&self.moved, "an object has another id in the increment than in the backup that it builds on: the increment's counts"),
            (&self.reused, "an id is another object in the increment than in the backup that it builds on: the increment's counts"),
            (&lost, "a name has another id in the increment than in the backup that it builds on: the increment's counts"),
        ] {
            if doubt.count > 0 {
                notes.push(times(doubt.count, what, &doubt.first));
            }
        }
        let based = self.kinds.iter().flat_map(|k| &k.entries).filter(|e| e.file.layer > 0).count() as u64 - lost.count;
        if based > 0 {
            notes.push(format!("{based} objects stand in the backup that the increment builds on, and not in the increment"));
        }
        // A key that cannot be told: what was not matched by its GUID has nothing else.
        for kind in Kind::all() {
            let entries = &self.kinds[kind.index()].entries;
            let nameless = entries.iter().filter(|e| e.name.is_none()).count();
            if nameless > 0 {
                notes.push(format!("{nameless} x {kind} without a name: the backup does not have all that it is made of"));
            }
        }
        notes
    }
}

/// Where a link leads.
struct Followed<'p> {
    found: Option<Known<'p>>,
    /// Whether what the object names is not what it lies in.
    parents: bool,
    /// Whether the composed identifier leads elsewhere.
    composite: bool,
}

/// The value that an object has in `column`: the first that any of its files gives.
fn value<'r>(record: &'r Record, also: &[&'r Record], column: &str) -> &'r Value {
    static UNKNOWN: Value = Value::Unknown;
    let of = |r: &'r Record| r.element().column(column).map(|at| &r.values[at]);
    std::iter::once(record).chain(also.iter().copied()).filter_map(of).find(|v| **v != Value::Unknown).unwrap_or(&UNKNOWN)
}

/// Whether two records with one id can be of one object.
fn is_same(a: &Record, b: &Record) -> bool {
    if let (Some(a), Some(b)) = (a.guid, b.guid) {
        return a == b;
    }
    let (a, b) = (own_name(a), own_name(b));
    a.is_empty() || b.is_empty() || matching::normal(&a) == matching::normal(&b)
}

/// The part of an object's key that is its own.
fn own_name(record: &Record) -> String {
    let mut name = String::new();
    for segment in &identity::of(record.kind()).key {
        if let Segment::Hole(ColumnRef { column, kind: None }) = segment
            && let Value::Text(text) = value(record, &[], column)
        {
            name.push_str(text);
        }
    }
    name
}

/// `domain 5 (a.example, 7834463f-…)`.
fn label(record: &Record) -> String {
    let id = record.id.map(|id| format!(" {id}")).unwrap_or_default();
    let words: Vec<String> = [own_name(record)].into_iter().filter(|n| !n.is_empty()).chain(record.guid.map(|g| g.to_string())).collect();
    if words.is_empty() { format!("{}{id}", record.kind()) } else { format!("{}{id} ({})", record.kind(), words.join(", ")) }
}
