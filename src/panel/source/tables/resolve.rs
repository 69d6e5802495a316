//! From the rows of a panel's tables to its objects.

use super::databases::Tables;
use super::rows::Row;
use super::wanted::{helpful, identifying, key, wanted};
use crate::panel::catalogue::Table;
use crate::panel::identity::{self, ColumnRef, Identity, Segment};
use crate::panel::inventory::{Origin, place};
use crate::panel::source::SourceError;
use crate::panel::{Guid, Inventory, Kind, Object};

impl Tables {
    /// The objects of these tables. `path` names the source in errors.
    ///
    /// # Errors
    /// No table of a panel is there, one lacks its ids, an id is no number, or there is no row at all.
    pub(in crate::panel::source) fn inventory(mut self, origin: Origin, path: &str) -> Result<Inventory, SourceError> {
        let mut panel = Panel { of_kind: Kind::all().map(|_| None).collect() };
        let mut notes = Vec::new();
        let mut rows_seen = 0;
        for &kind in identity::in_order() {
            let Some(table) = &kind.facts().table else { continue };
            let Some(rows) = wanted().of(kind).and_then(|index| self.of[index].take()) else { continue };
            let columns = &wanted().tables[wanted().of(kind).unwrap_or_default()].columns;
            let place = |name: &str| columns.iter().position(|c| *c == name).expect("every column of a kind is wanted");
            let has = |name: &str| rows.has(place(name));
            rows_seen += rows.len();
            if !has(&table.id) {
                return Err(SourceError::MissingColumn { path: path.to_owned(), table: &table.name, column: &table.id });
            }
            let Some(lacking) = usable(kind, table, rows.whole, &has, &mut notes) else { continue };
            lacking_kinds(kind, &panel, &has, &mut notes);
            let reader = Reader { kind, table, identity: identity::of(kind), place: &place, nameless: lacking };
            panel.of_kind[kind.index()] = Some(reader.objects(rows, &panel, path)?);
        }
        if panel.of_kind.iter().all(Option::is_none) {
            if let Some(why) = notes.into_iter().next() {
                return Err(SourceError::Unusable { path: path.to_owned(), why });
            }
            return Err(SourceError::LacksTables { path: path.to_owned(), tables: wanted().tables.iter().map(|t| t.name).collect() });
        }
        if rows_seen == 0 {
            return Err(SourceError::NoRows { path: path.to_owned() });
        }
        garbled(&panel, &mut notes);
        let carried = Kind::all().filter(|k| panel.of_kind[k.index()].is_some()).collect();
        let count = panel.of_kind.iter().flatten().map(|o| o.objects.len()).sum();
        let mut objects = Vec::with_capacity(count);
        // In the order of kinds and ids, which is the inventory's own.
        panel.of_kind.into_iter().flatten().for_each(|o| objects.extend(o.objects));
        let mut inventory = Inventory::new(origin, objects, carried);
        for note in notes {
            inventory.note(note);
        }
        Ok(inventory)
    }
}

/// Whether objects of `kind` can be made of the columns that a source has, and then whether they lack their key. Says in `notes` what is lacking.
fn usable(kind: Kind, table: &Table, whole: bool, has: &dyn Fn(&str) -> bool, notes: &mut Vec<String>) -> Option<bool> {
    let lacking = identifying(kind).into_iter().find(|c| !has(c));
    let name = &table.name;
    if whole && let Some(column) = lacking {
        // The table is another program's, or of a release of the panel that is not known.
        notes.push(format!("the table `{name}` has no column `{column}`: {kind} objects were not read"));
        return None;
    }
    let guid = table.guid.as_deref();
    let keyless = key(kind).find(|c| !has(c));
    let through = table.through.as_ref().and_then(|t| [t.type_column.as_str(), t.id.as_str()].into_iter().find(|c| !has(c)));
    if let Some(column) = through {
        notes.push(format!("the rows of `{name}` come without the column `{column}`: {kind} objects were not read"));
        return None;
    }
    match (guid, keyless) {
        (Some(guid), None) if !has(guid) => {
            notes.push(format!("the rows of `{name}` come without the column `{guid}`: {kind} objects are known by name alone"));
        }
        (Some(guid), Some(column)) if has(guid) => {
            notes.push(format!("the rows of `{name}` come without the column `{column}`: {kind} objects are known by GUID alone"));
        }
        (_, Some(column)) => {
            notes.push(format!("the rows of `{name}` come without the column `{column}`: {kind} objects were not read"));
            return None;
        }
        _ => {}
    }
    let missing: Vec<&str> = helpful(kind).filter(|c| !has(c) && !key(kind).any(|k| k == *c)).collect();
    if !missing.is_empty() && !whole {
        notes.push(format!("the rows of `{name}` come without `{}`: {kind} objects are matched without", missing.join("`, `")));
    }
    Some(keyless.is_some())
}

/// Says in `notes` which other kinds the names of `kind` are made with and which the source lacks.
fn lacking_kinds(kind: Kind, panel: &Panel, has: &dyn Fn(&str) -> bool, notes: &mut Vec<String>) {
    let identity = identity::of(kind);
    let holes = identity.key.iter().filter_map(|s| if let Segment::Hole(c) = s { Some(c) } else { None });
    for column in holes.filter(|c| has(c.column)) {
        let Some(other) = column.kind.filter(|k| panel.of_kind[k.index()].is_none()) else { continue };
        notes.push(format!("{kind} objects have no names, since those are made with {other} objects, which the source lacks"));
    }
    if !identity.through.is_empty() && identity.through.iter().any(|(_, k)| panel.of_kind[k.index()].is_none()) {
        let others: Vec<&str> =
            identity.through.iter().filter(|(_, k)| panel.of_kind[k.index()].is_none()).map(|(_, k)| k.name()).collect();
        notes.push(format!(
            "some {kind} objects cannot be told apart, since they are known by {} objects, which the source lacks",
            others.join(" and ")
        ));
    }
}

/// Says in `notes` which kinds have names that are no text.
fn garbled(panel: &Panel, notes: &mut Vec<String>) {
    let kinds: Vec<&str> = Kind::all().filter(|k| panel.of_kind[k.index()].as_ref().is_some_and(|o| o.garbled)).map(Kind::name).collect();
    if !kinds.is_empty() {
        notes.push(format!("the names of some {} objects are no UTF-8: what is not is written as \\x and its number", kinds.join(" and ")));
    }
}

/// The kinds that were read so far.
struct Panel {
    of_kind: Vec<Option<Objects>>,
}

/// Objects of one kind, ordered by id.
struct Objects {
    objects: Vec<Object>,
    /// GUIDs that several objects carry, in order; only for kinds that lend others their identity.
    shared: Vec<Guid>,
    /// Some names are no UTF-8.
    garbled: bool,
}

impl Panel {
    fn get(&self, kind: Kind, id: i64) -> Option<&Object> {
        let objects = &self.of_kind[kind.index()].as_ref()?.objects;
        place(objects, id, |o| o.id).map(|at| &objects[at])
    }

    /// The GUID of an object, unless another one carries it too.
    fn own_guid(&self, object: &Object) -> Option<Guid> {
        let objects = self.of_kind[object.kind.index()].as_ref()?;
        object.guid.filter(|g| objects.shared.binary_search(g).is_err())
    }
}

/// Makes the objects of one kind from the rows of its table.
struct Reader<'a> {
    kind: Kind,
    table: &'static Table,
    identity: &'static Identity,
    /// A column's place in a row.
    place: &'a dyn Fn(&str) -> usize,
    /// The source lacks a column of the key.
    nameless: bool,
}

/// Where in a row the parts of an object stand.
struct Places {
    id: usize,
    guid: Option<usize>,
    parent: Option<(usize, Kind)>,
    witness: Vec<usize>,
    key: Vec<Piece>,
    /// The type and the id of the object that lends its identity.
    through: Option<(usize, usize)>,
}

impl Reader<'_> {
    fn objects(&self, rows: super::rows::Rows, panel: &Panel, path: &str) -> Result<Objects, SourceError> {
        let places = Places {
            id: (self.place)(&self.table.id),
            guid: self.table.guid.as_deref().map(self.place),
            parent: self.identity.parent.as_ref().and_then(|c| Some(((self.place)(c.column), c.kind?))),
            witness: self.identity.witness.iter().map(|w| (self.place)(w.column)).collect(),
            key: self.identity.key.iter().map(|s| Piece::of(s, self.place)).collect(),
            through: self.table.through.as_ref().map(|t| ((self.place)(&t.type_column), (self.place)(&t.id))),
        };
        let mut objects = Vec::with_capacity(rows.len());
        // One after the other, each object's key is put together here.
        let mut key = Key::default();
        rows.drain(|row| {
            let object = self.object(row, &places, panel, &mut key).ok_or_else(|| SourceError::BadId {
                path: path.to_owned(),
                table: &self.table.name,
                row: objects.len() + 1,
                value: row[places.id].map_or_else(|| "NULL".to_owned(), |v| format!("`{}`", v[..v.len().min(40)].escape_ascii())),
            })?;
            objects.push(object);
            Ok::<(), SourceError>(())
        })?;
        Ok(Objects::new(self.kind, objects, key.garbled))
    }

    /// The object that `row` describes; none without an id.
    fn object(&self, row: &Row<'_>, places: &Places, panel: &Panel, key: &mut Key) -> Option<Object> {
        key.text.clear();
        if !self.nameless && key.put(&places.key, row, panel).is_none() {
            key.text.clear();
        }
        let mut object = Object {
            kind: self.kind,
            id: number(row[places.id])?,
            guid: places.guid.and_then(|g| Guid::parse(row[g]?)),
            name: key.text.as_str().into(),
            parent: places.parent.and_then(|(column, kind)| Some((kind, reference(row, column)?))),
            witness: places.witness.iter().map(|&w| text(row[w].unwrap_or_default()).into()).collect(),
        };
        if let Some((type_column, id_column)) = places.through {
            self.lend(&mut object, row, type_column, id_column, panel);
        }
        Some(object)
    }

    /// The identity of the object that the row points at becomes that of `object`.
    fn lend(&self, object: &mut Object, row: &Row<'_>, type_column: usize, id_column: usize, panel: &Panel) {
        let Some(word) = row[type_column] else { return };
        let Some((_, kind)) = self.identity.through.iter().find(|(w, _)| w.as_bytes().eq_ignore_ascii_case(word)) else { return };
        let Some(id) = reference(row, id_column) else { return };
        object.parent = Some((*kind, id));
        if let Some(lender) = panel.get(*kind, id) {
            object.guid = panel.own_guid(lender);
            object.name = lender.name.clone();
        }
    }
}

/// The key of one object after the other.
#[derive(Default)]
struct Key {
    text: String,
    /// Whether one of them was no UTF-8.
    garbled: bool,
}

impl Key {
    /// Puts the pieces of a key together; none if a part of it is unknown.
    fn put(&mut self, pieces: &[Piece], row: &Row<'_>, panel: &Panel) -> Option<()> {
        for piece in pieces {
            match *piece {
                Piece::Text(t) => self.text.push_str(t),
                Piece::Column(column) => self.garbled |= !push_text(&mut self.text, row[column].unwrap_or_default()),
                Piece::Object(column, kind) => {
                    if let Some(id) = reference(row, column) {
                        let other = panel.get(kind, id)?;
                        if other.name.is_empty() {
                            return None;
                        }
                        self.text.push_str(&other.name);
                    }
                }
            }
        }
        Some(())
    }
}

enum Piece {
    Text(&'static str),
    Column(usize),
    /// The key of the object of that kind whose id stands in the column.
    Object(usize, Kind),
}

impl Piece {
    fn of(segment: &'static Segment, place: &dyn Fn(&str) -> usize) -> Piece {
        match segment {
            Segment::Text(text) => Piece::Text(text),
            Segment::Hole(ColumnRef { column, kind: None }) => Piece::Column(place(column)),
            Segment::Hole(ColumnRef { column, kind: Some(kind) }) => Piece::Object(place(column), *kind),
        }
    }
}

impl Objects {
    /// Of several with the same id the first counts.
    fn new(kind: Kind, mut objects: Vec<Object>, garbled: bool) -> Objects {
        objects.sort_by_key(|o| o.id);
        objects.dedup_by_key(|o| o.id);
        let mut shared = Vec::new();
        if Kind::all().any(|k| identity::of(k).through.iter().any(|(_, lender)| *lender == kind)) {
            let mut guids: Vec<Guid> = objects.iter().filter_map(|o| o.guid).collect();
            guids.sort_unstable();
            shared = guids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        }
        Objects { objects, shared, garbled }
    }
}

/// The id in a column that points at another object; the panel writes 0 for none.
fn reference(row: &Row<'_>, column: usize) -> Option<i64> {
    number(row[column]).filter(|id| *id != 0)
}

fn number(cell: Option<&[u8]>) -> Option<i64> {
    std::str::from_utf8(cell?).ok()?.parse().ok()
}

/// The text that `bytes` are. Bytes that are no UTF-8 are spelled out, so that different texts stay different.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    push_text(&mut text, bytes);
    text
}

/// Adds what `bytes` are to `text`: whether they are UTF-8.
fn push_text(text: &mut String, bytes: &[u8]) -> bool {
    if let Ok(plain) = std::str::from_utf8(bytes) {
        text.push_str(plain);
        return true;
    }
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    false
}
