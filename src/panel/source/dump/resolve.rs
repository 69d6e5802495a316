//! From the rows of a panel's tables to its objects.

use rustc_hash::{FxHashMap, FxHashSet};

use super::rows::{Rows, needed, wanted};
use super::statements::Database;
use crate::panel::catalogue::Table;
use crate::panel::identity::{self, ColumnRef, Identity, Segment};
use crate::panel::inventory::Origin;
use crate::panel::source::SourceError;
use crate::panel::{Guid, Inventory, Kind, Object};

/// The objects of `database`.
pub(super) fn inventory(database: &Database, origin: Origin, path: &str) -> Result<Inventory, SourceError> {
    let mut panel = Panel { of_kind: Kind::all().map(|_| None).collect() };
    let mut notes = Vec::new();
    for &kind in identity::in_order() {
        let Some(table) = &kind.facts().table else { continue };
        let Some((index, rows)) = wanted().of(kind).and_then(|i| Some((i, database.tables[i].as_ref()?))) else { continue };
        let columns = &wanted().tables[index].columns;
        let place = |name: &str| columns.iter().position(|c| *c == name).expect("every column of a kind is wanted");
        if !rows.has(place(&table.id)) {
            return Err(SourceError::MissingColumn { path: path.to_owned(), table: &table.name, column: &table.id });
        }
        if let Some(column) = needed(kind).into_iter().find(|c| !rows.has(place(c))) {
            notes.push(format!("the table `{}` has no column `{column}`: {kind} objects were not read", table.name));
            continue;
        }
        let reader = Reader { kind, table, identity: identity::of(kind), rows, place: &place };
        panel.of_kind[kind.index()] = Some(reader.objects(&panel, path)?);
    }
    if panel.of_kind.iter().all(Option::is_none) {
        return Err(SourceError::LacksTables { path: path.to_owned(), tables: wanted().tables.iter().map(|t| t.name).collect() });
    }
    let carried = Kind::all().filter(|k| panel.of_kind[k.index()].is_some()).collect();
    let objects = panel.of_kind.into_iter().flatten().flat_map(|o| o.objects).collect();
    let mut inventory = Inventory::new(origin, objects, carried);
    for note in notes {
        inventory.note(note);
    }
    Ok(inventory)
}

/// The kinds that were read so far.
struct Panel {
    of_kind: Vec<Option<Objects>>,
}

struct Objects {
    objects: Vec<Object>,
    by_id: FxHashMap<i64, usize>,
    /// GUIDs that several objects carry.
    shared: FxHashSet<Guid>,
}

impl Panel {
    fn get(&self, kind: Kind, id: i64) -> Option<&Object> {
        let objects = self.of_kind[kind.index()].as_ref()?;
        objects.by_id.get(&id).map(|&i| &objects.objects[i])
    }

    /// The GUID of an object, unless another one carries it too.
    fn own_guid(&self, object: &Object) -> Option<Guid> {
        let objects = self.of_kind[object.kind.index()].as_ref()?;
        object.guid.filter(|g| !objects.shared.contains(g))
    }
}

/// Makes the objects of one kind from the rows of its table.
struct Reader<'a> {
    kind: Kind,
    table: &'static Table,
    identity: &'static Identity,
    rows: &'a Rows,
    /// A column's place in a row.
    place: &'a dyn Fn(&str) -> usize,
}

impl Reader<'_> {
    fn objects(&self, panel: &Panel, path: &str) -> Result<Objects, SourceError> {
        let id = (self.place)(&self.table.id);
        let guid = self.table.guid.as_deref().map(self.place);
        let parent = self.identity.parent.as_ref().and_then(|c| Some(((self.place)(c.column), c.kind?)));
        let witness: Vec<usize> = self.identity.witness.iter().map(|w| (self.place)(w.column)).collect();
        let key: Vec<Piece<'_>> = self.identity.key.iter().map(|s| Piece::of(s, self.place)).collect();
        let through = self.table.through.as_ref().map(|t| ((self.place)(&t.type_column), (self.place)(&t.id)));

        let mut objects = Vec::with_capacity(self.rows.len());
        for row in 0..self.rows.len() {
            let id = number(self.rows.cell(row, id)).ok_or_else(|| SourceError::BadId {
                path: path.to_owned(),
                table: &self.table.name,
                row: row + 1,
                value: self.rows.cell(row, id).map_or_else(|| "NULL".to_owned(), |v| format!("`{}`", v[..v.len().min(40)].escape_ascii())),
            })?;
            let mut object = Object {
                kind: self.kind,
                id,
                guid: guid.and_then(|g| Guid::parse(self.rows.cell(row, g)?)),
                name: self.key(&key, row, panel).unwrap_or_default().into(),
                parent: parent.and_then(|(column, kind)| Some((kind, self.reference(row, column)?))),
                witness: witness.iter().map(|&w| text(self.rows.cell(row, w).unwrap_or_default()).into()).collect(),
            };
            if let Some((type_column, id_column)) = through {
                self.lend(&mut object, row, type_column, id_column, panel);
            }
            objects.push(object);
        }
        Ok(Objects::new(objects))
    }

    /// The identity of the object that the row points at becomes that of `object`.
    fn lend(&self, object: &mut Object, row: usize, type_column: usize, id_column: usize, panel: &Panel) {
        let Some(word) = self.rows.cell(row, type_column) else { return };
        let Some((_, kind)) = self.identity.through.iter().find(|(w, _)| w.as_bytes().eq_ignore_ascii_case(word)) else { return };
        let Some(id) = self.reference(row, id_column) else { return };
        object.parent = Some((*kind, id));
        if let Some(lender) = panel.get(*kind, id) {
            object.guid = panel.own_guid(lender);
            object.name = lender.name.clone();
        }
    }

    /// The id in a column that points at another object; the panel writes 0 for none.
    fn reference(&self, row: usize, column: usize) -> Option<i64> {
        number(self.rows.cell(row, column)).filter(|id| *id != 0)
    }

    /// The key, unless a part of it is unknown.
    fn key(&self, key: &[Piece<'_>], row: usize, panel: &Panel) -> Option<String> {
        let mut name = String::new();
        for piece in key {
            match *piece {
                Piece::Text(t) => name.push_str(t),
                Piece::Column(column) => name.push_str(&text(self.rows.cell(row, column).unwrap_or_default())),
                Piece::Object(column, kind) => {
                    if let Some(id) = self.reference(row, column) {
                        let other = panel.get(kind, id)?;
                        if other.name.is_empty() {
                            return None;
                        }
                        name.push_str(&other.name);
                    }
                }
            }
        }
        Some(name)
    }
}

enum Piece<'a> {
    Text(&'a str),
    Column(usize),
    /// The key of the object of that kind whose id stands in the column.
    Object(usize, Kind),
}

impl Piece<'_> {
    fn of(segment: &'static Segment, place: &dyn Fn(&str) -> usize) -> Piece<'static> {
        match segment {
            Segment::Text(text) => Piece::Text(text),
            Segment::Hole(ColumnRef { column, kind: None }) => Piece::Column(place(column)),
            Segment::Hole(ColumnRef { column, kind: Some(kind) }) => Piece::Object(place(column), *kind),
        }
    }
}

impl Objects {
    fn new(objects: Vec<Object>) -> Objects {
        let mut by_id = FxHashMap::default();
        let (mut seen, mut shared) = (FxHashSet::default(), FxHashSet::default());
        for (i, object) in objects.iter().enumerate() {
            by_id.entry(object.id).or_insert(i);
            if let Some(guid) = object.guid
                && !seen.insert(guid)
            {
                shared.insert(guid);
            }
        }
        Objects { objects, by_id, shared }
    }
}

fn number(cell: Option<&[u8]>) -> Option<i64> {
    std::str::from_utf8(cell?).ok()?.parse().ok()
}

/// The text that `bytes` are. Bytes that are no UTF-8 are spelled out, so that different texts stay different.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    text
}
