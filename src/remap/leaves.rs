//! What stands in which page of a table's file: pages that a run left as they were need not be read row by row again.
//!
//! Sums are taken of all that is compared after a run: of the rows, of the ids in them, of what the indexes must hold. Each page's part of a sum is known from
//! before the run. Where a page has the same bytes afterwards, its part is the same.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::decide::{Class, Decider, Storage};
use super::pass::hash_row;
use super::row_hash::{Content, RowHash};
use super::scan::root;
use super::sentinel::Sentinels;
use super::split;
use super::watch::{self, Rows};
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
    pub(super) fn plus(self, other: Tally) -> Tally {
        Tally {
            content: self.content.plus(other.content),
            ids: self.ids.wrapping_add(other.ids),
            links: self.links.wrapping_add(other.links),
        }
    }

    pub(super) fn minus(self, other: Tally) -> Tally {
        Tally {
            content: self.content.minus(other.content),
            ids: self.ids.wrapping_sub(other.ids),
            links: self.links.wrapping_sub(other.links),
        }
    }
}

/// Leaves that are noted of a table: some 25 MB. Those beyond are read anew after the run.
pub(super) const MOST: usize = 1 << 18;

/// The leaves of a table's tree: of each a hash of its bytes, and what it adds to the sums.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Leaves(FxHashMap<u32, (u64, Tally)>);

impl Leaves {
    /// Notes a leaf, if there are not as many as `most` yet.
    pub(super) fn note(&mut self, page: u32, hash: u64, tally: Tally, most: usize) {
        if self.0.len() < most {
            self.0.insert(page, (hash, tally));
        }
    }

    /// What the leaf adds, if it is as it was noted.
    fn same(&self, page: u32, hash: u64) -> Option<Tally> {
        self.0.get(&page).filter(|(before, _)| *before == hash).map(|(_, tally)| *tally)
    }

    /// Adds those of another part of the tree.
    pub(super) fn join(&mut self, other: Leaves) {
        self.0.extend(other.0);
    }
}

/// Sums up rows, and passes over leaves that are as they were noted.
pub(super) struct Passing<'c> {
    pub ids: &'c Ids,
    pub links: &'c Links,
    pub not_null: &'c [usize],
    pub known: Option<&'c Leaves>,
    pub watched: Rows,
    /// The sums.
    pub tally: Tally,
    /// Whether some row has NULL where none may be.
    pub against: bool,
}

impl Visit for Passing<'_> {
    fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
        self.watched.row()?;
        self.tally.content.add(hash_row(row));
        self.tally.ids = self.tally.ids.wrapping_add(self.ids.sum(row));
        self.tally.links = self.tally.links.wrapping_add(self.links.sum(row));
        self.against |= self.not_null.iter().any(|&c| row[c] == ValueRef::Null);
        Ok(())
    }

    fn by_leaf(&self) -> bool {
        self.known.is_some()
    }

    fn leaf(&mut self, page: u32, hash: u64) -> bool {
        let same = self.known.and_then(|known| known.same(page, hash));
        if let Some(tally) = same {
            self.tally = self.tally.plus(tally);
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

/// Where ids stand in a row: of each target, save those with ids inside, its number, where its cell stands, and what is no id there.
#[derive(Debug, Default)]
pub(super) struct Ids(Vec<(usize, usize, Arc<Sentinels>)>);

impl Ids {
    /// Those of the targets, whose cells stand `at` these places.
    pub(super) fn of(targets: &[(usize, Decider<'_>)], at: &[usize]) -> Ids {
        let whole = targets.iter().zip(at).enumerate().filter(|(_, ((_, decider), _))| decider.inside.is_none());
        Ids(whole.map(|(i, ((_, decider), at))| (i, *at, Arc::clone(decider.sentinels()))).collect())
    }

    /// The sum of the ids in a row.
    pub(super) fn sum(&self, row: &[ValueRef<'_>]) -> u64 {
        self.0.iter().fold(0, |sum, (i, at, sentinels)| match sentinels.class(row[*at]) {
            Class::Id(value, storage) => sum.wrapping_add(id(*i, value, storage)),
            _ => sum,
        })
    }
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
        struct Sum(usize, u64, Rows);
        impl Visit for Sum {
            fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
                self.2.asked()?;
                self.1 = self.1.wrapping_add(entry(self.0, row.iter().copied()));
                Ok(())
            }
        }
        let mut sum = 0u64;
        for (j, _) in &self.0 {
            let Some(layout) = of_index(connection, schema, table, *j)? else { return Ok(None) };
            let Some(parts) = split::over(pages, &layout, || Sum(*j, 0, watch::rows()))? else { return Ok(None) };
            sum = parts.iter().fold(sum, |sum, part| sum.wrapping_add(part.1));
        }
        Ok(Some(sum))
    }
}

/// A hash of an entry of the index of that number.
#[inline]
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

        fn by_leaf(&self) -> bool {
            true
        }

        fn leaf(&mut self, page: u32, hash: u64) -> bool {
            self.0 = self.0.wrapping_add(entry(1, [ValueRef::Integer(i64::from(page)), ValueRef::Integer(hash.cast_signed())].into_iter()));
            true
        }
    }
    let Some(layout) = of_index(connection, schema, table, index)? else { return Ok(None) };
    let parts = split::over(pages, &layout, || Stamp(0))?;
    Ok(parts.map(|parts| parts.iter().fold(0u64, |sum, part| sum.wrapping_add(part.0))))
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
