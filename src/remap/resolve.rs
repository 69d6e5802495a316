//! Whether every reference resolves on a panel, and to the object that its twin names.

use std::sync::Arc;

use camino::Utf8Path;
use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::Serialize;

use super::compute::{label, show};
use super::date;
use super::decide::{Class, FromRef};
use super::default;
use super::error::{Context, ManifestMismatch, RemapError};
use super::inside::{self, Inside};
use super::ledger;
use super::plan::PanelState;
use super::sentinel::Sentinels;
use super::session::{Database, Session};
use super::stores::{self, Spoken, Stores};
use super::target::{self, Refused};
use super::twin::{self, Says};
use crate::panel::mapping::{self, normal_name};
use crate::panel::{Guid, Inventory, Kind, Object, generation};
use crate::reference::Place;
use crate::reference::manifest::{Entry, Holds, Manifest, OnMissing, Store};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Value, ValueRef};
use crate::value;

/// Wrong rows that are shown for each place.
const SAMPLES: usize = 10;

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verified {
    /// The places, in the manifest's order.
    pub places: Vec<VerifiedPlace>,
    /// Places that this release does not verify.
    pub not_verified: Vec<Refused>,
    /// What a person should know and that is wrong in no row.
    pub notes: Vec<String>,
}

/// One place. Counts are rows; for ids inside values, ids, save `rows` and `unparsable`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerifiedPlace {
    /// The database, relative to the var directory.
    pub database: String,
    /// The place.
    pub place: Place,
    /// The kind of object.
    pub kind: Kind,
    /// `id`, `guid` or `name`.
    pub holds: &'static str,
    /// All rows.
    pub rows: u64,
    /// The object is there, and is the one that the twin names, if there is a twin.
    pub right: u64,
    /// NULL, and values that mean no object or all of them.
    pub no_reference: u64,
    /// No such object.
    pub dangling: u64,
    /// No such object, and the manifest says to keep such ids.
    pub kept: u64,
    /// The object is there, and the twin names another one.
    pub disagreeing: u64,
    /// Values in which ids stand that cannot be read.
    pub unparsable: u64,
    /// The first rows that are wrong.
    pub samples: Vec<String>,
    /// Those of them that disagree.
    #[serde(skip)]
    pub disagreements: Vec<String>,
}

impl Verified {
    /// Whether every reference resolves, and none was left out.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.not_verified.is_empty() && self.places.iter().all(|p| p.dangling == 0 && p.disagreeing == 0 && p.unparsable == 0)
    }
}

/// The objects of one kind, by what a reference may hold.
pub(super) struct Objects<'a> {
    panel: &'a Inventory,
    kind: Kind,
    sentinels: Arc<Sentinels>,
    guids: FxHashSet<Guid>,
    names: FxHashMap<String, u64>,
}

impl<'a> Objects<'a> {
    pub(super) fn new(panel: &'a Inventory, kind: Kind, sentinels: Arc<Sentinels>) -> Objects<'a> {
        Objects {
            panel,
            kind,
            sentinels,
            guids: panel.of_kind(kind).iter().filter_map(|o| o.guid).collect(),
            names: panel.of_kind(kind).iter().fold(FxHashMap::default(), |mut names, o| {
                *names.entry(normal_name(o)).or_default() += 1;
                names
            }),
        }
    }
}

impl VerifiedPlace {
    fn new(database: &Database, (table, column, path): (&str, &str, Option<String>), kind: Kind, holds: Holds) -> VerifiedPlace {
        let place = Place::Column { table: table.to_owned(), column: column.to_owned(), path };
        VerifiedPlace::at(database.name.to_string(), place, kind, holds)
    }

    /// Shows what is wrong with a row; `before`: how many rows disagreed without it.
    pub(super) fn show(&mut self, sample: String, before: u64) {
        if self.disagreeing > before {
            self.disagreements.push(sample.clone());
        }
        self.samples.push(sample);
    }

    /// A place of which nothing was seen yet.
    pub(super) fn at(database: String, place: Place, kind: Kind, holds: Holds) -> VerifiedPlace {
        VerifiedPlace {
            database,
            place,
            kind,
            holds: match holds {
                Holds::Id => "id",
                Holds::Guid => "guid",
                Holds::Name => "name",
            },
            rows: 0,
            right: 0,
            no_reference: 0,
            dangling: 0,
            kept: 0,
            disagreeing: 0,
            unparsable: 0,
            samples: Vec::new(),
            disagreements: Vec::new(),
        }
    }
}

/// Verifies the ids that one entry names inside the values of a column.
fn insides(
    session: &Session,
    database: &Database,
    manifest: &Manifest,
    entry: &Entry,
    (table, column): (&Table, &str),
    panel: &Inventory,
    verified: &mut Verified,
) -> Result<(), RemapError> {
    let mut inside = Inside::default();
    if let Err(error) = inside.add(entry) {
        let message = format!("{}: {error}", target::place(entry));
        return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "this entry", column, std::iter::empty()));
    }
    if let Some(part) = inside.parts.iter().find(|p| !panel.carries(p.kind)) {
        return Err(RemapError::NotCarried { kind: part.kind, source_name: PanelState::of(panel).label() });
    }
    let new = |part: &inside::Part| {
        let path = Some(part.at.clone()).filter(|at| !at.is_empty());
        VerifiedPlace::new(database, (&table.name, column, path), part.kind, entry.holds)
    };
    let mut places: Vec<VerifiedPlace> = inside.parts.iter().map(new).collect();
    inside_rows(session, database, (table, column), entry, (&inside, panel), &mut places).on(&database.path)?;
    for place in &places {
        if let Some(why) = panel.partial().filter(|_| place.dangling > 0) {
            let source_name = PanelState::of(panel).label();
            let (rows, kind) = (place.dangling, place.kind);
            return Err(RemapError::InPart { place: place.place.to_string(), rows, kind, source_name, why: why.to_owned() });
        }
    }
    verified.places.extend(places);
    Ok(())
}

fn inside_rows(
    session: &Session,
    database: &Database,
    (table, column): (&Table, &str),
    entry: &Entry,
    (inside, panel): (&Inside, &Inventory),
    places: &mut [VerifiedPlace],
) -> Result<(), crate::sqlite::Error> {
    let address = table.address();
    let names: Vec<String> = address.iter().copied().chain([column]).map(|n| format!("t.{}", quote(n))).collect();
    let sql = format!("SELECT {} FROM {} AS t", names.join(", "), qualified(&database.schema, &table.name));
    let mut query = session.connection.prepare(&sql)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        places.iter_mut().for_each(|p| p.rows += 1);
        let value = row.get_ref(address.len())?;
        let mut number = String::new();
        let Some(text) = inside::text_of(value, &mut number) else {
            places.iter_mut().for_each(|p| p.no_reference += u64::from(matches!(value, ValueRef::Null)));
            continue;
        };
        let mut found: Vec<(usize, i64, String)> = Vec::new();
        let read = value::find(text, &inside.spots, &mut |f| found.push((f.tag as usize, f.id, f.path.to_string())));
        let at = || (0..address.len()).map(|c| row.get_ref(c).map(Value::from_ref)).collect::<Result<Vec<_>, _>>();
        let unread = match &read {
            Ok(done) => (done.odd.unparsable > 0 || done.odd.ambiguous > 0).then(|| "a text in it cannot be read".to_owned()),
            Err(flaw) => Some(flaw.to_string()),
        };
        if let (Some(why), Some(first)) = (unread, places.first_mut()) {
            first.unparsable += 1;
            if first.samples.len() < SAMPLES {
                first.samples.push(format!("{}: {why}", label(table, &at()?)));
            }
        }
        for (part, id, path) in found.into_iter().filter(|_| read.is_ok()) {
            let place = &mut places[part];
            match inside.parts[part].sentinels.class(ValueRef::Integer(id)) {
                Class::Id(id, _) if panel.get(place.kind, id).is_some() => place.right += 1,
                Class::Id(..) if entry.on_missing == OnMissing::Keep => place.kept += 1,
                Class::Id(id, _) => {
                    place.dangling += 1;
                    if place.samples.len() < SAMPLES {
                        let what = format!("{}, {path}: no {} {id}", label(table, &at()?), place.kind);
                        place.samples.push(what);
                    }
                }
                _ => place.no_reference += 1,
            }
        }
    }
    Ok(())
}

/// Looks up every reference of `manifest` in `panel`; leaves no trace.
///
/// # Errors
/// The manifest, the databases or the inventory cannot be worked with.
pub fn verify(var_dir: &Utf8Path, manifest: &Manifest, panel: &Inventory) -> Result<Verified, RemapError> {
    verify_with(var_dir, manifest, panel, Stores::default())
}

/// As [`verify`], with settings where `stores` says.
///
/// # Errors
/// As [`verify`]; or the panel's database cannot be worked with.
pub fn verify_with(var_dir: &Utf8Path, manifest: &Manifest, panel: &Inventory, stores: Stores<'_>) -> Result<Verified, RemapError> {
    let wanted = |e: &Entry| matches!(e.store, Store::Column { .. });
    target::var_dir(var_dir)?;
    target::declared(manifest)?;
    let names = target::files(var_dir, manifest, wanted)?;
    stores::finished(var_dir)?;
    let mut verified = Verified::default();
    let known = ledger::read(var_dir)?;
    let said = Spoken::of(var_dir)?;
    if let Some(current) = &known.current
        && let Some(why) = generation::changed(&current.inventory, panel, Some(&manifest.kinds()), false)
    {
        let state = PanelState::of(&current.inventory).label();
        verified.notes.push(format!(
            "the stored ids speak of {state}, and this panel is in another state ({why}): they are looked up here as if they were of now. Run reguid fix"
        ));
    }
    for name in &names {
        // One by one: nothing needs them together, and there may be more than one connection attaches.
        let session = Session::read(var_dir, std::slice::from_ref(name))?;
        let database = &session.databases[0];
        let is_named = |_: &Database, table: &Table| {
            manifest.references.iter().any(|e| matches!(&e.store, Store::Column { table: t, .. } if t.eq_ignore_ascii_case(&table.name)))
        };
        // Its ids would be looked up as if they were of now.
        let as_before = date::none_older(&known, &session, is_named, (&said, stores.hold))?;
        verified.notes.extend(said.notes(&as_before));
        for entry in manifest.references.iter().filter(|e| wanted(e)) {
            let Store::Column { database: pattern, table, column, .. } = &entry.store else { continue };
            if target::matching(pattern, std::slice::from_ref(name)).is_ok_and(|m| !m.is_empty()) {
                place(&session, database, manifest, entry, (table, column), panel, &mut verified)?;
            }
        }
    }
    stores::verify(var_dir, stores, manifest, panel, &mut verified)?;
    Ok(verified)
}

/// Verifies one column.
fn place(
    session: &Session,
    database: &Database,
    manifest: &Manifest,
    entry: &Entry,
    (table, column): (&str, &str),
    panel: &Inventory,
    verified: &mut Verified,
) -> Result<(), RemapError> {
    let missing = |message: String, label: &str, wanted: &str, near: Vec<&str>| {
        Err(ManifestMismatch::at(manifest, entry.span.clone(), message, label, wanted, near.into_iter()))
    };
    let Some(declared) = database.declared.table(table) else {
        let near = database.declared.tables.iter().map(|t| t.name.as_str()).collect();
        return missing(format!("{}: there is no table {table}", database.name), "names this table", table, near);
    };
    let columns = || declared.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>();
    for wanted in std::iter::once(column).chain(entry.twin.as_deref()) {
        if declared.column(wanted).is_none() {
            return missing(format!("{}: the table {table} has no column {wanted}", database.name), "names this column", wanted, columns());
        }
    }
    if entry.is_inside() {
        return insides(session, database, manifest, entry, (declared, column), panel, verified);
    }
    let Some(kind) = entry.kind else {
        return missing(format!("{}: no kind is given for {table}.{column}", database.name), "this entry", column, Vec::new());
    };
    if !panel.carries(kind) {
        return Err(RemapError::NotCarried { kind, source_name: PanelState::of(panel).label() });
    }
    let objects = Objects::new(panel, kind, Sentinels::of(entry));
    let number = declared.column(column).filter(|_| entry.holds == Holds::Id);
    let note = number.and_then(|number| default::unknown(declared, number, kind, &objects.sentinels, panel));
    verified.notes.extend(note.map(|note| format!("{}: {note}", target::place(entry))));
    let mut place = VerifiedPlace::new(database, (&declared.name, column, None), kind, entry.holds);
    rows(session, database, declared, entry, column, &objects, &mut place).on(&database.path)?;
    if let Some(why) = panel.partial().filter(|_| place.dangling > 0) {
        let source_name = PanelState::of(panel).label();
        let rows = place.dangling;
        return Err(RemapError::InPart { place: place.place.to_string(), rows, kind, source_name, why: why.to_owned() });
    }
    verified.places.push(place);
    Ok(())
}

fn rows(
    session: &Session,
    database: &Database,
    table: &Table,
    entry: &Entry,
    column: &str,
    objects: &Objects<'_>,
    place: &mut VerifiedPlace,
) -> Result<(), crate::sqlite::Error> {
    let address = table.address();
    let names: Vec<String> =
        address.iter().copied().chain([column]).chain(entry.twin.as_deref()).map(|n| format!("t.{}", quote(n))).collect();
    let sql = format!("SELECT {} FROM {} AS t", names.join(", "), qualified(&database.schema, &table.name));
    let mut query = session.connection.prepare(&sql)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        place.rows += 1;
        let value = row.get_ref(address.len())?;
        let twin = if entry.twin.is_some() { row.get_ref(address.len() + 1)? } else { ValueRef::Null };
        let disagrees = place.disagreeing;
        if let Some(what) = judge((value, twin), entry, objects, place)
            && place.samples.len() < SAMPLES
        {
            let at = (0..address.len()).map(|c| row.get_ref(c).map(Value::from_ref)).collect::<Result<Vec<_>, _>>()?;
            place.show(format!("{}: {what}", label(table, &at)), disagrees);
        }
    }
    Ok(())
}

/// Counts a cell and its twin at `place`, and says what is wrong with them.
pub(super) fn judge(
    (value, twin): (ValueRef<'_>, ValueRef<'_>),
    entry: &Entry,
    objects: &Objects<'_>,
    place: &mut VerifiedPlace,
) -> Option<String> {
    match found(value, entry.holds, objects) {
        Found::None => place.no_reference += 1,
        Found::Dangling if entry.on_missing == OnMissing::Keep => place.kept += 1,
        Found::Dangling => {
            place.dangling += 1;
            return Some(format!("no {} {}", objects.kind, show(&Value::from_ref(value))));
        }
        Found::Object(object) => match object.filter(|o| !agrees(twin, o)) {
            None => place.right += 1,
            Some(object) => {
                place.disagreeing += 1;
                let column = entry.twin.as_deref().unwrap_or_default();
                return Some(format!("{}, while {column} says {}", object.label(), show(&Value::from_ref(twin))));
            }
        },
    }
    None
}

enum Found<'a> {
    /// The value refers to nothing.
    None,
    /// … to an object that is not there.
    Dangling,
    /// … to this object, or to one that a twin need not confirm.
    Object(Option<&'a Object>),
}

fn found<'a>(value: ValueRef<'_>, holds: Holds, objects: &Objects<'a>) -> Found<'a> {
    let class = objects.sentinels.class(value);
    if matches!(class, Class::Null | Class::Sentinel) {
        return Found::None;
    }
    match (holds, value, class) {
        (Holds::Id, _, Class::Id(id, _)) => objects.panel.get(objects.kind, id).map_or(Found::Dangling, |o| Found::Object(Some(o))),
        (Holds::Id, _, Class::NotAnId) => Found::None,
        (Holds::Guid, ValueRef::Text(text), _) if Guid::parse(text).is_some_and(|g| objects.guids.contains(&g)) => Found::Object(None),
        (Holds::Name, ValueRef::Text(text), _) if objects.names.contains_key(&normal(text)) => Found::Object(None),
        _ => Found::Dangling,
    }
}

/// A name as names are compared.
fn normal(text: &[u8]) -> String {
    mapping::normal(&String::from_utf8_lossy(text))
}

/// Whether the twin does not name another object: what `fix` goes by.
fn agrees(value: ValueRef<'_>, object: &Object) -> bool {
    twin::says(value, object.guid, &normal_name(object)) != Says::Differs
}
