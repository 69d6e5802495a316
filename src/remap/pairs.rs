//! What a run's mapping said, kept in the companion: what an id means in the panel state before the run, and in the one after it.
//!
//! The journal knows the cells that a run changed. What the extension writes after the run speaks of the new state; to see such ids when the run is taken
//! back, and to translate them, the pairs of all objects are needed, and not only of those that the data named then.

use std::borrow::Cow;
use std::collections::hash_map;
use std::sync::Arc;

use camino::Utf8Path;
use rustc_hash::FxHashMap;

use super::inside::{Inside, Text, as_before, text_of};
use super::ledger::{PlaceKey, has_table};
use super::sentinel::Sentinels;
use super::session::Database;
use super::target::{Target, matching};
use crate::panel::{Inventory, Kind, Mapping};
use crate::reference::manifest::{Entry, Form, Holds, Manifest, OnMissing, OnUncertain, Store};
use crate::sqlite::{Connection, Error, ValueRef, params};
use crate::value::{self, Fate, Repeats, number};

/// The tables of this module. Runs of early releases have no rows in them.
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.place_kind(   -- whose ids the places of a run hold
    run INTEGER NOT NULL,
    database TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    kind TEXT NOT NULL,                       -- of ids that are the whole value; else empty
    inside TEXT,                              -- JSON: where ids stand inside the value, and whose they are
    sentinels TEXT,                           -- JSON: the values that are no ids, where the manifest says so
    PRIMARY KEY (run, database, table_name, column_name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.pair(         -- the objects, of these kinds, that are in both states of a run
    run INTEGER NOT NULL,
    kind TEXT NOT NULL,
    old_id INTEGER NOT NULL,
    new_id INTEGER NOT NULL,
    PRIMARY KEY (run, kind, old_id)
) STRICT, WITHOUT ROWID;
";

/// Pairs that one statement inserts: of a panel with a million objects there are a million.
const AT_ONCE: usize = 128;

/// Where ids stand inside a value: what an entry of the manifest says of it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(super) struct Spot {
    path: Option<String>,
    kind: Option<String>,
    pattern: Option<String>,
    separator: Option<String>,
    repeats: Option<String>,
    base64: bool,
    #[serde(default)]
    sentinels: Option<Vec<String>>,
    /// What is done with an id whose object is gone.
    #[serde(default)]
    missing: OnMissing,
}

impl Spot {
    /// Where the ids of an entry stand.
    pub(super) fn of(entry: &Entry) -> Spot {
        let repeats = match entry.form.repeats {
            Repeats::Report => None,
            Repeats::Keep => Some("keep".to_owned()),
            Repeats::Drop => Some("drop".to_owned()),
        };
        Spot {
            path: entry.path().map(str::to_owned),
            kind: entry.kind.map(|k| k.name().to_owned()),
            pattern: entry.form.pattern.clone(),
            separator: entry.form.separator.clone(),
            repeats,
            base64: entry.form.base64,
            sentinels: entry.sentinels.clone(),
            missing: entry.on_missing,
        }
    }

    /// The entry, as far as it says where ids stand. `Err`: what this release does not know.
    pub(super) fn entry(self) -> Result<Entry, String> {
        let repeats = match self.repeats.as_deref() {
            None => Repeats::Report,
            Some("keep") => Repeats::Keep,
            Some("drop") => Repeats::Drop,
            Some(other) => return Err(other.to_owned()),
        };
        let kind = self.kind.map(|word| word.parse::<Kind>().map_err(|_| word)).transpose()?;
        Ok(Entry {
            store: Store::Column { database: String::new(), table: String::new(), column: String::new(), path: self.path },
            kind,
            holds: Holds::Id,
            sentinels: self.sentinels,
            on_missing: self.missing,
            on_uncertain: OnUncertain::default(),
            twin: None,
            form: Form { pattern: self.pattern, separator: self.separator, repeats, base64: self.base64 },
            span: 0..0,
        })
    }
}

/// A place of a run, with what is to be known of it when the run is taken back.
#[derive(Debug)]
pub(super) struct Noted {
    place: PlaceKey,
    kinds: Vec<Kind>,
    /// JSON: where ids stand inside the value.
    pub inside: Option<String>,
    /// JSON: the values that are no ids, where the manifest says so and the value is the id.
    pub sentinels: Option<String>,
}

impl Noted {
    /// Whether it is the place of that column.
    pub(super) fn is_of(&self, database: &Utf8Path, table: &str, column: &str) -> bool {
        (self.place.0.as_str(), self.place.1.as_str(), self.place.2.as_str()) == (database.as_str(), table, column)
    }

    /// The place of `target`, which `manifest` names.
    pub(super) fn of(manifest: &Manifest, databases: &[Database], target: &Target) -> Noted {
        let database = &databases[target.database];
        let table = &database.declared.tables[target.table];
        let place = (database.name.to_string(), table.name.clone(), table.columns[target.column].name.clone());
        let inside = target.inside.as_ref().map(|_| {
            let name = [database.name.clone()];
            let names_it = |e: &&Entry| match &e.store {
                Store::Column { database, table, column, .. } => {
                    e.is_inside()
                        && e.holds == Holds::Id
                        && table.eq_ignore_ascii_case(&place.1)
                        && column.eq_ignore_ascii_case(&place.2)
                        && matching(database, &name).is_ok_and(|m| !m.is_empty())
                }
                _ => false,
            };
            let spots: Vec<Spot> = manifest.references.iter().filter(names_it).map(Spot::of).collect();
            serde_json::to_string(&spots).expect("texts are JSON")
        });
        let declared = (inside.is_none() && target.sentinels != Sentinels::shared()).then(|| target.sentinels.words());
        let sentinels = declared.map(|words| serde_json::to_string(&words).expect("texts are JSON"));
        Noted { place, kinds: target.kinds(), inside, sentinels }
    }
}

/// Notes whose ids the places of a run hold, and what the mapping says of these kinds.
/// `more` are kinds of ids that stand elsewhere than in columns.
pub(super) fn note(connection: &Connection, run: i64, places: &[Noted], more: &[Kind], mapping: &Mapping) -> Result<(), Error> {
    let mut insert = connection.prepare("INSERT INTO main.place_kind VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for Noted { place: (database, table, column), kinds, inside, sentinels } in places {
        let kind = kinds.first().filter(|_| inside.is_none()).map_or("", |k| k.name());
        insert.execute(params![run, database, table, column, kind, inside, sentinels])?;
    }
    let held = |kind: Kind| more.contains(&kind) || places.iter().any(|p| p.kinds.contains(&kind));
    let pair = |(kind, old, _)| mapping.new_id(kind, old).filter(|_| held(kind)).map(|new| (kind, old, new));
    let pairs: Vec<(Kind, i64, i64)> = mapping.sorted().into_iter().filter_map(pair).collect();
    let statement = |pairs: usize| {
        let rows: Vec<String> = (0..pairs).map(|i| format!("(?1, ?2, ?{}, ?{})", 2 * i + 3, 2 * i + 4)).collect();
        format!("INSERT INTO main.pair VALUES {}", rows.join(", "))
    };
    // Writing the statement takes as long as running it.
    let full = statement(AT_ONCE);
    for some in pairs.chunk_by(|a, b| a.0 == b.0).flat_map(|of_kind| of_kind.chunks(AT_ONCE)) {
        let sql = if some.len() == AT_ONCE { Cow::Borrowed(&full) } else { Cow::Owned(statement(some.len())) };
        let mut insert = connection.prepare_cached(&sql)?;
        insert.raw_bind_parameter(1, run)?;
        insert.raw_bind_parameter(2, some[0].0.name())?;
        for (i, (_, old, new)) in some.iter().enumerate() {
            insert.raw_bind_parameter(2 * i + 3, old)?;
            insert.raw_bind_parameter(2 * i + 4, new)?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// Forgets what [`note`] noted.
pub(super) fn forget(connection: &Connection, run: i64) -> Result<(), Error> {
    for table in ["place_kind", "pair"] {
        // A companion of an early release has no such tables.
        if has_table(connection, table)? {
            connection.execute(&format!("DELETE FROM main.{table} WHERE run = ?1"), [run])?;
        }
    }
    Ok(())
}

/// What the ids of a place mean before and after a run.
#[derive(Debug)]
pub(super) struct Meanings {
    /// Where they stand inside the value; `None`: the value is the id.
    inside: Option<Inside>,
    /// What they are: of one kind, or one for each part of `inside`.
    parts: Vec<Arc<OfKind>>,
    /// Where the value is the id: the values that are none, if the manifest said so.
    sentinels: Option<Sentinels>,
}

/// What the ids of one kind mean before and after a run.
#[derive(Debug)]
pub(super) struct OfKind {
    kind: Kind,
    forward: FxHashMap<i64, i64>,
    back: FxHashMap<i64, Origin>,
}

/// The ids that became one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    One(i64),
    Several(i64, i64),
}

/// What an id that was written after a run is in the state before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Back {
    /// The same object, or no id at all.
    Same,
    /// The object had this id.
    Becomes(i64),
    /// No object of then; the id means nothing there.
    Unknown,
    /// No object of then, and this id means another one there.
    Other(Kind, i64),
    /// Several objects became one.
    Several(i64, i64),
}

impl Back {
    /// Whether the id may be left or translated without saying something else.
    pub(super) fn is_certain(self) -> bool {
        !matches!(self, Back::Other(..) | Back::Several(..))
    }
}

impl OfKind {
    /// The pairs of the kind that a run noted.
    pub(super) fn read(connection: &Connection, run: i64, kind: Kind) -> Result<OfKind, Error> {
        let mut all = OfKind { kind, forward: FxHashMap::default(), back: FxHashMap::default() };
        let mut query = connection.prepare("SELECT old_id, new_id FROM main.pair WHERE run = ?1 AND kind = ?2 ORDER BY old_id")?;
        let mut rows = query.query(params![run, kind.name()])?;
        while let Some(row) = rows.next()? {
            all.add(row.get(0)?, row.get(1)?);
        }
        Ok(all)
    }

    /// The same of each applied run after `run`, the first one first.
    pub(super) fn after_run(connection: &Connection, run: i64, kind: Kind) -> Result<Vec<OfKind>, Error> {
        if !has_table(connection, "pair")? {
            return Ok(Vec::new());
        }
        let sql = "SELECT id FROM main.run WHERE id > ?1 AND status = 'applied' AND id IN (SELECT run FROM main.pair) ORDER BY id";
        let runs: Vec<i64> = connection.prepare(sql)?.query_map([run], |r| r.get(0))?.collect::<Result<_, _>>()?;
        runs.into_iter().map(|run| OfKind::read(connection, run, kind)).collect()
    }

    fn add(&mut self, old: i64, new: i64) {
        self.forward.insert(old, new);
        let origin = self.back.entry(new).or_insert(Origin::One(old));
        if let Origin::One(first) = *origin
            && first != old
        {
            *origin = Origin::Several(first, old);
        }
    }

    /// Whether the id may mean something else in the two states. Numbers below 1 are ids only where the mapping knows them: programs write them for "none"
    /// and "all".
    pub(super) fn moved(&self, id: i64) -> bool {
        let same = self.forward.get(&id) == Some(&id) && self.back.get(&id) == Some(&Origin::One(id));
        !same && (id > 0 || self.forward.contains_key(&id) || self.back.contains_key(&id))
    }

    /// What an id that was written after the run is in the state before it.
    pub(super) fn back(&self, id: i64, old: &Inventory) -> Back {
        match self.back.get(&id) {
            _ if !self.moved(id) => Back::Same,
            Some(Origin::One(before)) if *before == id => Back::Same,
            Some(Origin::One(before)) => Back::Becomes(*before),
            Some(Origin::Several(one, other)) => Back::Several(*one, *other),
            None if old.get(self.kind, id).is_some() => Back::Other(self.kind, id),
            None => Back::Unknown,
        }
    }

    /// The id that it is after the run. `None`: it went, or the run did not look at objects of this kind.
    pub(super) fn after(&self, id: i64) -> Option<i64> {
        self.forward.get(&id).copied()
    }

    /// The id that it was before the run, if that is certain.
    pub(super) fn before(&self, id: i64) -> Option<i64> {
        match self.back.get(&id) {
            Some(Origin::One(before)) => Some(*before),
            _ => None,
        }
    }
}

impl Meanings {
    /// Calls `each` for every id in the value.
    fn ids(&self, value: ValueRef<'_>, each: &mut dyn FnMut(&OfKind, i64)) {
        let Some(inside) = &self.inside else {
            self.whole(value).into_iter().for_each(|id| each(&self.parts[0], id));
            return;
        };
        let mut number = String::new();
        let Some(text) = text_of(value, &mut number) else { return };
        // What cannot be read holds no ids for a run either.
        let _ = value::find(text, &inside.spots, &mut |f| {
            if !inside.parts[f.tag as usize].sentinels.has(f.id) {
                each(&self.parts[f.tag as usize], f.id);
            }
        });
    }

    /// The id that the value is.
    fn whole(&self, value: ValueRef<'_>) -> Option<i64> {
        id(value).filter(|id| self.sentinels.as_ref().is_none_or(|s| !s.has(*id)))
    }

    /// The value with its ids as `new` says.
    fn rewritten(&self, value: ValueRef<'_>, new: &dyn Fn(&OfKind, i64) -> Option<i64>) -> Text {
        let same = || match value {
            ValueRef::Integer(i) => Text::Integer(i),
            ValueRef::Blob(b) => Text::Blob(b.to_vec()),
            ValueRef::Text(t) => Text::Plain(t.to_vec()),
            // Neither holds ids, and neither is ever asked for.
            ValueRef::Null | ValueRef::Real(_) => Text::Plain(Vec::new()),
        };
        let Some(inside) = &self.inside else {
            return match (self.whole(value).and_then(|id| new(&self.parts[0], id)), value) {
                (Some(id), ValueRef::Text(_)) => Text::Plain(id.to_string().into_bytes()),
                (Some(id), _) => Text::Integer(id),
                (None, _) => same(),
            };
        };
        let mut number = String::new();
        let Some(text) = text_of(value, &mut number) else { return same() };
        let rewritten = value::rewrite(text, &inside.spots, &mut |f| match new(&self.parts[f.tag as usize], f.id) {
            Some(id) if id != f.id && !inside.parts[f.tag as usize].sentinels.has(f.id) => Fate::Set(id),
            _ => Fate::Keep,
        });
        match rewritten {
            Ok(done) if !done.edits.is_empty() => as_before(value, done.bytes.into_owned()),
            _ => same(),
        }
    }

    /// Whether the value holds an id that may mean something else in the two states.
    pub(super) fn moved(&self, value: ValueRef<'_>) -> bool {
        let mut moved = false;
        self.ids(value, &mut |part, id| moved |= part.moved(id));
        moved
    }

    /// What a value that was written after a run is in the state before it, which `old` tells of: of several ids, what is told of the worst.
    pub(super) fn back(&self, value: ValueRef<'_>, old: &Inventory) -> Back {
        let mut worst = Back::Same;
        let rank = |back: Back| match back {
            Back::Same => 0,
            Back::Becomes(_) => 1,
            Back::Unknown => 2,
            Back::Several(..) => 3,
            Back::Other(..) => 4,
        };
        self.ids(value, &mut |part, id| {
            let back = part.back(id, old);
            worst = if rank(back) > rank(worst) { back } else { worst };
        });
        worst
    }

    /// The value as it is to be stored in the state before the run.
    pub(super) fn translated(&self, value: ValueRef<'_>) -> Text {
        self.rewritten(value, &|part, id| part.before(id))
    }

    /// Whether the value is the id, and not a text with ids inside.
    pub(super) fn is_whole(&self) -> bool {
        self.inside.is_none()
    }

    /// The name of the object that a value means which is an id.
    pub(super) fn name(&self, value: ValueRef<'_>, state: &Inventory) -> Option<String> {
        let id = id(value).filter(|_| self.inside.is_none())?;
        state.get(self.parts[0].kind, id).map(|o| o.name.to_string())
    }

    /// Whether the run may have made `after` of `before`.
    pub(super) fn made(&self, before: ValueRef<'_>, after: ValueRef<'_>) -> bool {
        if before == after || after == ValueRef::Null {
            return true;
        }
        let mut known = true;
        let mut found = 0u64;
        self.ids(before, &mut |part, id| {
            found += 1;
            known &= part.forward.contains_key(&id);
        });
        // A policy may have made null of an id inside, or left it.
        let judged = known || self.inside.is_none();
        found > 0 && (!judged || self.rewritten(before, &|part, id| part.forward.get(&id).copied()).borrow() == after)
    }
}

/// The number that is stored, as an integer or as decimal text.
pub(super) fn id(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(id) => Some(id),
        ValueRef::Text(text) => number::canonical(text),
        _ => None,
    }
}

/// What a run's record tells of its places.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Each place with the meanings of its kind.
    pub places: Vec<(PlaceKey, Arc<Meanings>)>,
    /// Places of a run of a release that did not keep the pairs.
    pub without: Vec<PlaceKey>,
}

impl Record {
    /// Reads what the companion knows of the run. The inner error says what is wrong with it.
    pub(super) fn read(connection: &Connection, run: i64) -> Result<Result<Record, String>, Error> {
        let mut record = Record::default();
        let mut known: FxHashMap<Kind, Arc<OfKind>> = FxHashMap::default();
        let mut query =
            connection.prepare("SELECT database, table_name, column_name, kind, inside, sentinels FROM main.place_kind WHERE run = ?1")?;
        let mut rows = query.query([run])?;
        while let Some(row) = rows.next()? {
            let place: PlaceKey = (row.get(0)?, row.get(1)?, row.get(2)?);
            let word: String = row.get(3)?;
            let (inside, kinds) = match whose(&word, row.get::<_, Option<String>>(4)?.as_deref()) {
                Ok(whose) => whose,
                Err(word) => return Ok(Err(format!("it speaks of `{}`, which this release does not know", word.escape_debug()))),
            };
            let mut parts = Vec::with_capacity(kinds.len());
            for kind in kinds {
                let found = match known.entry(kind) {
                    hash_map::Entry::Occupied(known) => known.into_mut(),
                    hash_map::Entry::Vacant(free) => free.insert(Arc::new(OfKind::read(connection, run, kind)?)),
                };
                parts.push(Arc::clone(found));
            }
            let sentinels = match row.get::<_, Option<String>>(5)? {
                None => None,
                Some(json) => match serde_json::from_str::<Vec<String>>(&json) {
                    Ok(words) => Some(Sentinels::of_words(&words)),
                    Err(error) => return Ok(Err(error.to_string())),
                },
            };
            record.places.push((place, Arc::new(Meanings { inside, parts, sentinels })));
        }
        record.without = unknown(connection, run)?;
        let early = record.places.is_empty() && !has_pairs(connection, run)?;
        if !early && !record.without.is_empty() {
            return Ok(Err(format!("what the ids in {} mean is not recorded any more", list(&record.without))));
        }
        Ok(Ok(record))
    }
}

/// The columns of a run of whose ids nothing is recorded. A run notes each part of a value for itself, and what they mean once for the column. Settings and
/// files, which have no database, are compared with what the run left.
fn unknown(connection: &Connection, run: i64) -> Result<Vec<PlaceKey>, Error> {
    let mut query = connection.prepare(
        "SELECT database, table_name, column_name FROM main.place_state AS s WHERE run = ?1 AND database <> '' AND NOT EXISTS (
             SELECT 1 FROM main.place_kind AS k WHERE k.run = s.run AND k.database = s.database AND k.table_name = s.table_name
             AND (k.column_name = s.column_name
                  OR k.inside IS NOT NULL AND substr(s.column_name, 1, length(k.column_name)) = k.column_name))",
    )?;
    let rows = query.query_map([run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// Whether the run kept its mapping. A run of an early release did not.
fn has_pairs(connection: &Connection, run: i64) -> Result<bool, Error> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM main.pair WHERE run = ?1)", [run], |row| row.get(0))
}

/// Places, for a person.
pub(super) fn list(places: &[PlaceKey]) -> String {
    places.iter().map(|(database, table, column)| format!("{database}: {table}.{column}")).collect::<Vec<_>>().join(", ")
}

/// Where ids stand in a place's values, and whose they are. `Err`: what this release does not know.
pub(super) fn whose(word: &str, inside: Option<&str>) -> Result<(Option<Inside>, Vec<Kind>), String> {
    let Some(json) = inside else {
        return Ok((None, vec![word.parse::<Kind>().map_err(|_| word.to_owned())?]));
    };
    let spots: Vec<Spot> = serde_json::from_str(json).map_err(|e| e.to_string())?;
    let mut all = Inside::default();
    for spot in spots {
        all.add(&spot.entry()?).map_err(|e| e.to_string())?;
    }
    let kinds = all.parts.iter().map(|p| p.kind).collect();
    Ok((Some(all), kinds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::inventory::Origin as Source;

    fn meanings(pairs: &[(i64, i64)]) -> Meanings {
        let kind = "domain".parse().unwrap();
        let mut all = OfKind { kind, forward: FxHashMap::default(), back: FxHashMap::default() };
        pairs.iter().for_each(|(old, new)| all.add(*old, *new));
        Meanings { inside: None, parts: vec![Arc::new(all)], sentinels: None }
    }

    fn old(ids: &[i64]) -> Inventory {
        let kind: Kind = "domain".parse().unwrap();
        let object = |id: &i64| crate::panel::Object { kind, id: *id, guid: None, name: "x".into(), parent: None, witness: Box::default() };
        Inventory::new(Source::default(), ids.iter().map(object).collect(), vec![kind])
    }

    #[test]
    fn an_id_is_translated_back_where_it_has_one_origin() {
        let (all, old) = (meanings(&[(5, 7), (7, 5), (8, 8), (1, 20), (2, 20), (30, 31)]), old(&[1, 2, 5, 7, 8, 9, 30]));
        let kind = "domain".parse().unwrap();
        let back = |id| all.back(ValueRef::Integer(id), &old);
        assert_eq!([back(7), back(5), back(8)], [Back::Becomes(5), Back::Becomes(7), Back::Same]);
        assert_eq!([back(20), back(99), back(9)], [Back::Several(1, 2), Back::Unknown, Back::Other(kind, 9)]);
        // 30 moved away and nobody took its place: a new 30 would be taken for the old one.
        assert_eq!([back(31), back(30), back(0), back(-1)], [Back::Becomes(30), Back::Other(kind, 30), Back::Same, Back::Same]);
        assert_eq!(all.back(ValueRef::Text(b"7"), &old), Back::Becomes(5));
        assert_eq!(all.back(ValueRef::Text(b"07"), &old), Back::Same, "no id");
        assert_eq!(all.translated(ValueRef::Text(b"7")), Text::Plain(b"5".into()));
        assert_eq!(all.translated(ValueRef::Integer(99)), Text::Integer(99));
    }

    #[test]
    fn what_a_run_made_is_told_from_what_it_cannot_have_made() {
        let all = meanings(&[(5, 7), (7, 5)]);
        let (five, seven, eight) = (ValueRef::Integer(5), ValueRef::Integer(7), ValueRef::Integer(8));
        assert!(all.made(five, seven) && all.made(five, ValueRef::Null) && all.made(eight, eight));
        assert!(!all.made(five, eight) && !all.made(eight, five) && !all.made(five, ValueRef::Text(b"7")));
        assert!(!all.made(ValueRef::Null, five));
    }

    #[test]
    fn ids_inside_values_are_found_and_translated() {
        let spots = r#"[{"path":"$.d","kind":"domain","pattern":null,"separator":null,"repeats":null,"base64":false}]"#;
        let (inside, kinds) = whose("", Some(spots)).unwrap();
        assert_eq!(kinds.len(), 1);
        let all = Meanings { inside, ..meanings(&[(5, 7), (7, 5), (8, 8)]) };
        let (old, text) = (old(&[5, 7, 8, 9]), |t: &'static str| ValueRef::Text(t.as_bytes()));
        assert!(all.moved(text(r#"{"d": 7, "x": 1}"#)) && !all.moved(text(r#"{"d": 8, "x": 7}"#)) && !all.moved(text("7")));
        assert_eq!(all.back(text(r#"{"d": "7"}"#), &old), Back::Becomes(5));
        assert_eq!(all.translated(text(r#"{"d": "7"}"#)), Text::Plain(br#"{"d": "5"}"#.into()));
        assert_eq!(all.back(text(r#"{"d": 9}"#), &old), Back::Other("domain".parse().unwrap(), 9));
        assert!(all.made(text(r#"{"d": 5}"#), text(r#"{"d": 7}"#)) && !all.made(text(r#"{"d": 5}"#), text(r#"{"d": 8}"#)));
        assert_eq!(whose("", Some("[{\"base64\":false,\"kind\":\"no-such\"}]")).unwrap_err(), "no-such");
    }
}
