//! Few rows whose keys change: ids are moved one after the other, each to a key that is free by then.

use rustc_hash::{FxHashMap, FxHashSet};

use super::order::{self, Step};
use super::{CHANGED, Writer};
use crate::remap::actions::Actions;
use crate::remap::decide::{Action, Class, Storage};
use crate::remap::rows::{self, count, numbered};
use crate::sqlite::name::quote;
use crate::sqlite::{Error, Value, ValueRef, params, params_from_iter};

/// An id as it is stored.
type Key = (i64, Storage);

/// Moves the rows; how many of them changed.
pub(super) fn walk(writer: &Writer<'_, '_>) -> Result<u64, Error> {
    // What is parked breaks rules that the result keeps, which the check after the run sees to.
    writer.connection.execute_batch("PRAGMA ignore_check_constraints = ON")?;
    let done = moves(writer);
    writer.connection.execute_batch("PRAGMA ignore_check_constraints = OFF")?;
    done
}

fn moves(writer: &Writer<'_, '_>) -> Result<u64, Error> {
    let work = writer.work;
    let moving = |i: &usize| work.table.keyed(work.targets[*i].0) && work.targets[*i].1.is_changing();
    let Some(target) = (0..work.targets.len()).find(moving) else { return Ok(u64::MAX) };
    // The cells in no key go first: the rows' addresses are those of before until then.
    let others: Vec<usize> = (0..work.targets.len()).filter(|i| !moving(i) && work.targets[*i].1.is_changing()).collect();
    let also = if others.is_empty() { None } else { Some(writer.set(others.into_iter())?) };
    let walk = Walk::list(writer, target)?;
    let park = walk.free();
    let mut moved = 0;
    for step in order::order(&walk.links()) {
        match step {
            Step::Park(i) => {
                walk.put(i, Some(park))?;
                walk.readdress(i, park)?;
            }
            Step::Move(i, _) => moved += walk.put(i, walk.becomes(i))?,
        }
    }
    walk.writer.connection.execute_batch("DROP TABLE temp.reguid_walk")?;
    walk.raise_sequence()?;
    let whole = if moved == walk.rows { moved } else { u64::MAX };
    Ok(match also {
        Some(rows) if whole == u64::MAX => rows.max(whole),
        Some(rows) => rows,
        None => whole,
    })
}

/// The rows that move, by the id that they hold.
struct Walk<'w> {
    writer: &'w Writer<'w, 'w>,
    target: usize,
    /// The ids, in the order of their numbers, with the rows that hold each.
    ids: Vec<(Key, u64)>,
    rows: u64,
    changes: Actions,
}

impl<'w> Walk<'w> {
    /// Lists the rows in the temporary table `reguid_walk`: the id's number, the row's address.
    fn list(writer: &'w Writer<'w, 'w>, target: usize) -> Result<Walk<'w>, Error> {
        let (work, connection) = (writer.work, writer.connection);
        let decider = &work.targets[target].1;
        let mut walk = Walk { writer, target, ids: Vec::new(), rows: 0, changes: decider.changes() };
        let keys = work.table.address();
        let columns = numbered("k", keys.len());
        connection.execute_batch(&format!("CREATE TEMP TABLE reguid_walk(id INT, {columns}, PRIMARY KEY(id, {columns})) WITHOUT ROWID"))?;
        let holes: Vec<String> = (1..=keys.len() + 1).map(|n| format!("?{n}")).collect();
        let mut insert = connection.prepare(&format!("INSERT INTO temp.reguid_walk VALUES ({})", holes.join(", ")))?;
        let sql = format!(
            "SELECT t.{}, {}, {} FROM {} WHERE {}",
            quote(writer.column(target)),
            writer.act(target),
            rows::of("t", &keys),
            writer.rows(),
            writer.among(CHANGED)
        );
        let mut numbers: FxHashMap<Key, usize> = FxHashMap::default();
        let mut query = connection.prepare(&sql)?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(1)? != 1 {
                continue;
            }
            let Class::Id(id, storage) = decider.class(row.get_ref(0)?) else { continue };
            let number = *numbers.entry((id, storage)).or_insert_with(|| {
                walk.ids.push(((id, storage), 0));
                walk.ids.len() - 1
            });
            walk.ids[number].1 += 1;
            walk.rows += 1;
            let number = ValueRef::Integer(i64::try_from(number).unwrap_or(i64::MAX));
            let address = (0..keys.len()).map(|i| row.get_ref(i + 2));
            let values = std::iter::once(Ok(number)).chain(address).map(|v| Ok(crate::sqlite::ToSqlOutput::Borrowed(v?)));
            insert.execute(params_from_iter(values.collect::<Result<Vec<_>, Error>>()?))?;
        }
        Ok(walk)
    }

    /// What the id becomes; `None`: NULL.
    fn becomes(&self, i: usize) -> Option<i64> {
        let (id, storage) = self.ids[i].0;
        match self.changes.get(id, storage) {
            Some(Action::Set(new)) => Some(new),
            _ => None,
        }
    }

    /// For each id, the one whose place it takes.
    fn links(&self) -> Vec<order::Next> {
        let place = |i: usize| self.becomes(i).map(|new| (new, self.ids[i].0.1));
        order::links(&(0..self.ids.len()).map(|i| (self.ids[i].0, place(i))).collect::<Vec<_>>())
    }

    /// A number that the column does not hold and will not.
    fn free(&self) -> i64 {
        let decider = &self.writer.work.targets[self.target].1;
        let image = self.changes.iter().filter_map(|(_, a)| if let Action::Set(new) = a { Some(new) } else { None });
        let taken: FxHashSet<i64> = decider.seen.iter().map(|s| s.id).chain(image).collect();
        order::free(|n| taken.contains(&n) || decider.sentinels().has(n))
    }

    /// Gives the rows of an id the value `new`; how many they are.
    fn put(&self, i: usize, new: Option<i64>) -> Result<u64, Error> {
        let (writer, ((_, storage), rows)) = (self.writer, self.ids[i]);
        let value = match (new, storage) {
            (None, _) => Value::Null,
            (Some(new), Storage::Integer) => Value::Integer(new),
            (Some(new), Storage::Text) => Value::Text(new.to_string()),
        };
        let sql = format!(
            "UPDATE OR ABORT {} SET {} = ?1 WHERE {}",
            writer.rows(),
            quote(writer.column(self.target)),
            writer.among("reguid_walk WHERE id = ?2")
        );
        let done = writer.connection.prepare_cached(&sql)?.execute(params![value, i64::try_from(i).unwrap_or(i64::MAX)]).map(count)?;
        if done == rows { Ok(done) } else { Err(Error::StatementChangedRows(usize::try_from(done).unwrap_or(usize::MAX))) }
    }

    /// Where the column is part of the address, parked rows have another one.
    fn readdress(&self, i: usize, park: i64) -> Result<(), Error> {
        let column = self.writer.column(self.target);
        let Some(at) = self.writer.work.table.address().iter().position(|a| a.eq_ignore_ascii_case(column)) else { return Ok(()) };
        let value = match self.ids[i].0.1 {
            Storage::Integer => Value::Integer(park),
            Storage::Text => Value::Text(park.to_string()),
        };
        let sql = format!("UPDATE temp.reguid_walk SET k{at} = ?1 WHERE id = ?2");
        self.writer.connection.execute(&sql, params![value, i64::try_from(i).unwrap_or(i64::MAX)]).map(drop)
    }

    /// An UPDATE of a key does not count for AUTOINCREMENT, and the key must not be given out again.
    fn raise_sequence(&self) -> Result<(), Error> {
        let work = self.writer.work;
        let highest = (0..self.ids.len()).filter_map(|i| self.becomes(i)).max();
        match highest.filter(|_| work.table.autoincrement && work.table.integer_key == Some(work.targets[self.target].0)) {
            Some(key) => rows::raise_sequence(self.writer.connection, &self.writer.database.schema, &work.table, key),
            None => Ok(()),
        }
    }
}
