//! What stands in which page of a table's file: pages that a run left as they were need not be read row by row again.
//!
//! Sums are taken of all that is compared after a run: of the rows, of the ids in them, of what the indexes must hold. Each page's part of a sum is known from
//! before the run. Where a page has the same bytes afterwards, its part is the same.

use std::cell::Cell;

use rustc_hash::FxHashMap;

use super::decide::{Class, Decider, Storage};
use super::row_hash::{Content, RowHash};
use super::scan::root;
use crate::sqlite::pages::{Layout, Pages, Visit};
use crate::sqlite::schema::{Index, Table};
use crate::sqlite::{Connection, Error, ValueRef};

/// What a pass over rows adds up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// The rows.
    pub content: Content,
    /// The ids in them: see [`id`].
    pub ids: u64,
    /// What stands of them in indexes: see [`Links`].
    pub links: u64,
}

impl Tally {
    fn plus(self, other: Tally) -> Tally {
        Tally {
            content: self.content.plus(other.content),
            ids: self.ids.wrapping_add(other.ids),
            links: self.links.wrapping_add(other.links),
        }
    }

    fn minus(self, other: Tally) -> Tally {
        Tally {
            content: self.content.minus(other.content),
            ids: self.ids.wrapping_sub(other.ids),
            links: self.links.wrapping_sub(other.links),
        }
    }
}

/// Leaves that are noted of a table: some 25 MB. Those beyond are read anew after the run.
const MOST: usize = 1 << 18;

/// The leaves of a table's tree: of each a hash of its bytes, and what it adds to the sums.
#[derive(Debug, Default)]
pub(super) struct Leaves(FxHashMap<u32, (u64, Tally)>);

/// Notes leaves while their rows are shown.
pub(super) struct Noting<'c, F> {
    pub each: F,
    pub tally: &'c Cell<Tally>,
    pub begin: Tally,
    pub leaves: &'c mut Leaves,
}

impl<F: FnMut(&[ValueRef<'_>]) -> Result<(), Error>> Visit for Noting<'_, F> {
    fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
        (self.each)(row)
    }

    fn leaf(&mut self, _page: u32, _hash: u64) -> bool {
        self.begin = self.tally.get();
        false
    }

    fn left(&mut self, page: u32, hash: u64) {
        if self.leaves.0.len() < MOST {
            self.leaves.0.insert(page, (hash, self.tally.get().minus(self.begin)));
        }
    }
}

/// Passes over leaves that are as they were noted.
pub(super) struct Passing<'c, F> {
    pub each: F,
    pub tally: &'c Cell<Tally>,
    pub known: Option<&'c Leaves>,
}

impl<F: FnMut(&[ValueRef<'_>]) -> Result<(), Error>> Visit for Passing<'_, F> {
    fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
        (self.each)(row)
    }

    fn leaf(&mut self, page: u32, hash: u64) -> bool {
        let same = self.known.and_then(|k| k.0.get(&page)).filter(|(before, _)| *before == hash);
        if let Some((_, tally)) = same {
            self.tally.set(self.tally.get().plus(*tally));
        }
        same.is_some()
    }
}

/// A hash of an id at target `target`. The sum over all rows tells how often each id occurs.
pub(super) fn id(target: usize, id: i64, storage: Storage) -> u64 {
    let mut hash = RowHash::new();
    hash.value(ValueRef::Integer(id));
    hash.value(ValueRef::Integer(2 * target.cast_signed() as i64 + i64::from(storage == Storage::Text)));
    hash.finish()
}

/// The sum of the ids in a row. `at`: where each target's cell stands; those with ids inside count nothing.
pub(super) fn ids<'d>(row: &[ValueRef<'_>], targets: impl Iterator<Item = (usize, &'d Decider<'d>)>) -> u64 {
    targets.enumerate().filter(|(_, (_, decider))| decider.inside.is_none()).fold(0, |sum, (i, (at, decider))| {
        match decider.class(row[at]) {
            Class::Id(value, storage) => sum.wrapping_add(id(i, value, storage)),
            _ => sum,
        }
    })
}

/// What rows must have in some of a table's indexes: the indexes by number, each with where its columns and the rowid stand in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Links(Vec<(usize, Vec<usize>)>);

impl Links {
    /// Those of the indexes that `wanted` picks. A row is its address and the stored columns.
    pub(super) fn of(table: &Table, wanted: impl Fn(usize, &Index) -> bool) -> Links {
        let stored: Vec<usize> = table.stored().collect();
        let place = |part: &Option<usize>| stored.iter().position(|s| Some(*s) == *part).map(|at| 1 + at);
        let places = |index: &Index| index.parts.iter().map(place).chain([Some(0)]).collect::<Option<Vec<_>>>();
        let picked = table.indexes.iter().enumerate().filter(|(j, index)| !table.without_rowid && !index.partial && wanted(*j, index));
        Links(picked.filter_map(|(j, index)| Some((j, places(index)?))).collect())
    }

    /// Whether it is of no index.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is of all of these indexes.
    pub(super) fn are_of(&self, indexes: &[usize]) -> bool {
        indexes.iter().all(|j| self.0.iter().any(|(of, _)| of == j))
    }

    /// The sum of what a row must have in them.
    pub(super) fn sum(&self, row: &[ValueRef<'_>]) -> u64 {
        self.0.iter().fold(0, |sum, (j, places)| sum.wrapping_add(entry(*j, places.iter().map(|at| row[*at]))))
    }

    /// The sum of what stands in the indexes. `None`: the file cannot be read so.
    pub(super) fn found(&self, connection: &Connection, schema: &str, table: &Table, pages: &Pages) -> Result<Option<u64>, Error> {
        let mut sum = 0u64;
        for (j, _) in &self.0 {
            let Some(layout) = of_index(connection, schema, table, *j)? else { return Ok(None) };
            let mut add = |row: &[ValueRef<'_>]| {
                sum = sum.wrapping_add(entry(*j, row.iter().copied()));
                Ok(())
            };
            if !pages.rows(&layout, &mut add)? {
                return Ok(None);
            }
        }
        Ok(Some(sum))
    }
}

/// A hash of an entry of the index of that number.
fn entry<'v>(index: usize, values: impl Iterator<Item = ValueRef<'v>>) -> u64 {
    let mut hash = RowHash::new();
    hash.value(ValueRef::Integer(index.cast_signed() as i64));
    values.for_each(|value| hash.value(value));
    hash.finish()
}

fn of_index(connection: &Connection, schema: &str, table: &Table, index: usize) -> Result<Option<Layout>, Error> {
    let index = &table.indexes[index];
    // The primary key of a table WITHOUT ROWID is the table itself.
    if table.without_rowid || index.partial || index.parts.iter().any(Option::is_none) {
        return Ok(None);
    }
    Ok(root(connection, schema, &index.name)?.and_then(|root| Layout::of_index(table, index, root)))
}

/// A hash of an index's leaves, bytes and all, which tells whether anything in it changed. `None`: the file cannot be read so.
pub(super) fn stamp(connection: &Connection, schema: &str, table: &Table, index: usize, pages: &Pages) -> Result<Option<u64>, Error> {
    struct Stamp(u64);
    impl Visit for Stamp {
        fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
            // One that stands above the leaves, or goes on elsewhere.
            self.0 = self.0.wrapping_add(entry(0, row.iter().copied()));
            Ok(())
        }

        fn leaf(&mut self, page: u32, hash: u64) -> bool {
            self.0 = self.0.wrapping_add(entry(1, [ValueRef::Integer(i64::from(page)), ValueRef::Integer(hash.cast_signed())].into_iter()));
            true
        }
    }
    let Some(layout) = of_index(connection, schema, table, index)? else { return Ok(None) };
    let mut stamp = Stamp(0);
    Ok(pages.rows(&layout, &mut stamp)?.then_some(stamp.0))
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::*;
    use crate::remap::scan::{self, Source};
    use crate::sqlite::schema::Schema;

    /// Whether each of the indexes of `t` holds what the rows must have in it.
    fn agree(sql: &str) -> Vec<bool> {
        let folder = tempfile::TempDir::new().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(sql).unwrap();
        // A changed schema is read anew.
        let connection = Connection::open(&path).unwrap();
        let schema = Schema::read(&connection, "main").unwrap();
        let (table, pages) = (schema.table("t").unwrap(), Pages::open(&path).unwrap());
        let source = Source { connection: &connection, schema: "main", pages: Some(&pages), table };
        let agrees = |j: usize| {
            let links = Links::of(table, |of, _| of == j);
            assert!(!links.is_empty());
            let (tally, _) = scan::sums(source, &[], &links, None).unwrap().unwrap();
            links.found(&connection, "main", table, &pages).unwrap() == Some(tally.links)
        };
        (0..table.indexes.len()).map(agrees).collect()
    }

    const FILLED: &str = "CREATE TABLE t(k INTEGER PRIMARY KEY, a REAL, b TEXT, c); CREATE INDEX i ON t(a, k); CREATE UNIQUE INDEX j ON t(b COLLATE NOCASE DESC, c);
        CREATE INDEX l ON t(a DESC, k);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        INSERT INTO t SELECT i * 3, i / 2.0, CASE WHEN i % 9 = 0 THEN NULL ELSE hex(randomblob(i % 700)) || i END, i % 5 FROM n;";

    #[test]
    fn indexes_hold_what_rows_say() {
        assert_eq!(agree(FILLED), [true, true, true]);
    }

    /// An index in the place of another one, which holds other columns, or fewer rows, or one row more than once.
    #[test]
    fn an_index_that_holds_something_else_is_found() {
        let instead = "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'i';
            UPDATE sqlite_schema SET name = 'i', sql = 'CREATE INDEX i ON t(a, k)' WHERE name = 'm'";
        for other in ["c, k", "a, k) WHERE (k <> 300"] {
            assert!(agree(&format!("{FILLED} CREATE INDEX m ON t({other}); {instead}")).contains(&false), "{other}");
        }
    }

    #[test]
    fn an_index_that_did_not_change_has_the_same_stamp() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("a.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(FILLED).unwrap();
        let schema = Schema::read(&connection, "main").unwrap();
        let (table, pages) = (schema.table("t").unwrap(), Pages::open(&path).unwrap());
        let stamps = || (0..3).map(|j| stamp(&connection, "main", table, j, &pages).unwrap().unwrap()).collect::<Vec<_>>();
        let before = stamps();
        connection.execute_batch("UPDATE t SET c = c + 1 WHERE k = 900").unwrap();
        let after = stamps();
        let j = table.indexes.iter().position(|i| i.name == "j").unwrap();
        for of in 0..3 {
            assert_eq!(before[of] == after[of], of != j, "{}", table.indexes[of].name);
        }
    }
}
