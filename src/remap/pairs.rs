//! What a run's mapping said, kept in the companion: what an id means in the panel state before the run, and in the one after it.
//!
//! The journal knows the cells that a run changed. What the extension writes after the run speaks of the new state; to see such ids when the run is taken
//! back, and to translate them, the pairs of all objects are needed, and not only of those that the data named then.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::ledger::{PlaceKey, has_table};
use crate::panel::{Inventory, Kind, Mapping};
use crate::sqlite::{Connection, Error, Value, ValueRef, params};
use crate::value::number;

/// The tables of this module. Runs of early releases have no rows in them.
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.place_kind(   -- whose ids the places of a run hold
    run INTEGER NOT NULL,
    database TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    kind TEXT NOT NULL,
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

/// Notes whose ids the places of a run hold, and what the mapping says of these kinds.
pub(super) fn note(connection: &Connection, run: i64, places: &[(PlaceKey, Kind)], mapping: &Mapping) -> Result<(), Error> {
    let mut insert = connection.prepare("INSERT INTO main.place_kind VALUES (?1, ?2, ?3, ?4, ?5)")?;
    for ((database, table, column), kind) in places {
        insert.execute(params![run, database, table, column, kind.name()])?;
    }
    let mut insert = connection.prepare("INSERT INTO main.pair VALUES (?1, ?2, ?3, ?4)")?;
    for (kind, old, _) in mapping.sorted() {
        if let Some(new) = mapping.new_id(kind, old)
            && places.iter().any(|p| p.1 == kind)
        {
            insert.execute(params![run, kind.name(), old, new])?;
        }
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

/// What the ids of one kind mean before and after a run.
#[derive(Debug)]
pub(super) struct Meanings {
    /// The kind.
    pub kind: Kind,
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
    /// No object of then, and the id means another one there.
    Other,
    /// Several objects became one.
    Several(i64, i64),
}

impl Back {
    /// Whether the id may be left or translated without saying something else.
    pub(super) fn is_certain(self) -> bool {
        !matches!(self, Back::Other | Back::Several(..))
    }
}

impl Meanings {
    fn read(connection: &Connection, run: i64, kind: Kind) -> Result<Meanings, Error> {
        let mut meanings = Meanings { kind, forward: FxHashMap::default(), back: FxHashMap::default() };
        let mut query = connection.prepare("SELECT old_id, new_id FROM main.pair WHERE run = ?1 AND kind = ?2 ORDER BY old_id")?;
        let mut rows = query.query(params![run, kind.name()])?;
        while let Some(row) = rows.next()? {
            let (old, new) = (row.get(0)?, row.get(1)?);
            meanings.add(old, new);
        }
        Ok(meanings)
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

    /// Whether the id means the same object before and after.
    fn same(&self, id: i64) -> bool {
        self.forward.get(&id) == Some(&id) && self.back.get(&id) == Some(&Origin::One(id))
    }

    /// Whether the value is an id that may mean something else in the two states. Numbers below 1 are ids only where the mapping knows them: programs
    /// write them for "none" and "all".
    pub(super) fn moved(&self, value: ValueRef<'_>) -> bool {
        id(value).is_some_and(|id| !self.same(id) && (id > 0 || self.forward.contains_key(&id) || self.back.contains_key(&id)))
    }

    /// What a value that was written after the run is in the state before it, which `old` tells of.
    pub(super) fn back(&self, value: ValueRef<'_>, old: &Inventory) -> Back {
        let Some(id) = id(value).filter(|_| self.moved(value)) else { return Back::Same };
        match self.back.get(&id) {
            Some(Origin::One(before)) if *before == id => Back::Same,
            Some(Origin::One(before)) => Back::Becomes(*before),
            Some(Origin::Several(one, other)) => Back::Several(*one, *other),
            None if old.get(self.kind, id).is_some() => Back::Other,
            None => Back::Unknown,
        }
    }

    /// The value as it is to be stored in the state before the run.
    pub(super) fn translated(&self, value: ValueRef<'_>) -> Value {
        let before = id(value).and_then(|id| match self.back.get(&id) {
            Some(Origin::One(before)) => Some(*before),
            _ => None,
        });
        match (before, value) {
            (Some(before), ValueRef::Text(_)) => Value::Text(before.to_string()),
            (Some(before), _) => Value::Integer(before),
            (None, value) => owned(value),
        }
    }

    /// Whether the run may have made `after` of `before`.
    pub(super) fn made(&self, before: ValueRef<'_>, after: ValueRef<'_>) -> bool {
        if before == after || after == ValueRef::Null {
            return true;
        }
        let same_storage = matches!((before, after), (ValueRef::Integer(_), ValueRef::Integer(_)) | (ValueRef::Text(_), ValueRef::Text(_)));
        same_storage && id(before).and_then(|b| self.forward.get(&b)).copied() == id(after)
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

/// An owned value, to be given back to SQLite. Only text that is UTF-8 ever comes here: other text is no id, and its cell is not touched.
fn owned(value: ValueRef<'_>) -> Value {
    use super::decide::FromRef;
    Value::from_ref(value)
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
    /// Reads what the companion knows of the run. The inner error is the name of a kind that this release does not know.
    pub(super) fn read(connection: &Connection, run: i64) -> Result<Result<Record, String>, Error> {
        let mut record = Record::default();
        let mut known: FxHashMap<String, Arc<Meanings>> = FxHashMap::default();
        let mut query = connection.prepare(
            "SELECT s.database, s.table_name, s.column_name, k.kind FROM main.place_state AS s
             LEFT JOIN main.place_kind AS k USING (run, database, table_name, column_name) WHERE s.run = ?1",
        )?;
        let mut rows = query.query([run])?;
        while let Some(row) = rows.next()? {
            let place: PlaceKey = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some(word) = row.get::<_, Option<String>>(3)? else {
                record.without.push(place);
                continue;
            };
            let meanings = match known.get(&word) {
                Some(meanings) => Arc::clone(meanings),
                None => {
                    let Ok(kind) = word.parse::<Kind>() else { return Ok(Err(word)) };
                    Arc::clone(known.entry(word).or_insert(Arc::new(Meanings::read(connection, run, kind)?)))
                }
            };
            record.places.push((place, meanings));
        }
        Ok(Ok(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::inventory::Origin as Source;

    fn meanings(pairs: &[(i64, i64)]) -> Meanings {
        let kind = "domain".parse().unwrap();
        let mut all = Meanings { kind, forward: FxHashMap::default(), back: FxHashMap::default() };
        pairs.iter().for_each(|(old, new)| all.add(*old, *new));
        all
    }

    fn old(ids: &[i64]) -> Inventory {
        let kind: Kind = "domain".parse().unwrap();
        let object = |id: &i64| crate::panel::Object { kind, id: *id, guid: None, name: "x".into(), parent: None, witness: Box::default() };
        Inventory::new(Source::default(), ids.iter().map(object).collect(), vec![kind])
    }

    #[test]
    fn an_id_is_translated_back_where_it_has_one_origin() {
        let (all, old) = (meanings(&[(5, 7), (7, 5), (8, 8), (1, 20), (2, 20), (30, 31)]), old(&[1, 2, 5, 7, 8, 9, 30]));
        let back = |id| all.back(ValueRef::Integer(id), &old);
        assert_eq!([back(7), back(5), back(8)], [Back::Becomes(5), Back::Becomes(7), Back::Same]);
        assert_eq!([back(20), back(99), back(9)], [Back::Several(1, 2), Back::Unknown, Back::Other]);
        // 30 moved away and nobody took its place: a new 30 would be taken for the old one.
        assert_eq!([back(31), back(30), back(0), back(-1)], [Back::Becomes(30), Back::Other, Back::Same, Back::Same]);
        assert_eq!(all.back(ValueRef::Text(b"7"), &old), Back::Becomes(5));
        assert_eq!(all.back(ValueRef::Text(b"07"), &old), Back::Same, "no id");
        assert_eq!(all.translated(ValueRef::Text(b"7")), Value::Text("5".into()));
        assert_eq!(all.translated(ValueRef::Integer(99)), Value::Integer(99));
    }

    #[test]
    fn what_a_run_made_is_told_from_what_it_cannot_have_made() {
        let all = meanings(&[(5, 7), (7, 5)]);
        let (five, seven, eight) = (ValueRef::Integer(5), ValueRef::Integer(7), ValueRef::Integer(8));
        assert!(all.made(five, seven) && all.made(five, ValueRef::Null) && all.made(eight, eight));
        assert!(!all.made(five, eight) && !all.made(eight, five) && !all.made(five, ValueRef::Text(b"7")));
        assert!(!all.made(ValueRef::Null, five));
    }
}
