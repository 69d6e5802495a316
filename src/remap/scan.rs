//! One pass over a table's rows: what they hold, what they will hold, and a hash of both.
//!
//! A pass reads the file itself where it may, see [`pages`](crate::sqlite::pages), and asks SQLite for the rows elsewhere. Both come to the same.

use std::cell::Cell;

use sha2::{Digest, Sha256};

use super::decide::{Action, Decider, FromRef, after};
use super::hits::Hits;
use super::inside::{Look, Text};
use super::leaves::{self, Leaves, Links, Noting, Passing, Tally};
use super::row_hash::{Content, RowHash};
use super::watch;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::pages::{Layout, Pages, Visit};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, OptionalExtension, Value, ValueRef};

/// A row's hash, as it is, or as `action` of its columns, and what became of values with ids inside, make it.
fn hash_row<'l>(row: &[ValueRef<'_>], action: impl Fn(usize) -> Option<Action>, rewritten: impl Fn(usize) -> Option<&'l Text>) -> u64 {
    let mut hash = RowHash::new();
    for (column, &value) in row.iter().enumerate() {
        match action(column) {
            Some(Action::Set(new)) if matches!(value, ValueRef::Integer(_)) => hash.value(ValueRef::Integer(new)),
            Some(Action::Rewrite) => hash.value(rewritten(column).map_or(value, Text::borrow)),
            Some(action @ (Action::Set(_) | Action::Null)) => hash.value(borrow(&after(value, action))),
            _ => hash.value(value),
        }
    }
    hash.finish()
}

/// Feeds values to SHA-256 in large pieces.
#[derive(Clone)]
pub(crate) struct CellHash {
    sha: Sha256,
    buffer: Vec<u8>,
    /// Whether nobody wants the hash.
    idle: bool,
}

impl CellHash {
    /// An empty one.
    pub(super) fn new() -> CellHash {
        CellHash { sha: Sha256::new(), buffer: Vec::with_capacity(1 << 16), idle: false }
    }

    /// One that takes no time, and tells nothing.
    pub(super) fn idle() -> CellHash {
        CellHash { sha: Sha256::new(), buffer: Vec::new(), idle: true }
    }

    /// Adds a text with its length.
    pub(super) fn text(&mut self, text: &str) {
        self.value(ValueRef::Text(text.as_bytes()));
    }

    /// Adds a number.
    pub(super) fn number(&mut self, number: i64) {
        self.value(ValueRef::Integer(number));
    }

    /// Adds a value with its storage class.
    pub(super) fn value(&mut self, value: ValueRef<'_>) {
        if self.idle {
            return;
        }
        let (tag, bytes): (u8, &[u8]) = match value {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(i) => {
                self.buffer.push(1);
                self.buffer.extend_from_slice(&i.to_be_bytes());
                return self.flush(1 << 16);
            }
            ValueRef::Real(r) => {
                self.buffer.push(2);
                self.buffer.extend_from_slice(&r.to_bits().to_be_bytes());
                return self.flush(1 << 16);
            }
            ValueRef::Text(t) => (3, t),
            ValueRef::Blob(b) => (4, b),
        };
        self.buffer.push(tag);
        self.buffer.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.buffer.extend_from_slice(bytes);
        self.flush(1 << 16);
    }

    fn flush(&mut self, at: usize) {
        if self.buffer.len() >= at {
            self.sha.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// The hash, in hexadecimal digits.
    pub(super) fn finish(mut self) -> String {
        self.flush(0);
        crate::panel::inventory::Fingerprint(self.sha.finalize().into()).to_string()
    }
}

/// What a pass over a table gives, beside what its deciders remember.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// All rows.
    pub rows: u64,
    /// Rows of which some cell will change.
    pub changed: u64,
    /// Cells that will change.
    pub cells: u64,
    /// For each target, rows in which its cell will become NULL.
    pub(super) nulls: Vec<u64>,
    /// Rows that will be taken out.
    pub removed: u64,
    /// Where the rows are that change and that go, if they are few.
    pub(super) hits: Hits,
    /// The content as it is.
    pub before: Content,
    /// The content as it will be.
    pub after: Content,
    /// Rows with NULL in a column that is declared NOT NULL.
    pub(super) against: u64,
    /// What stands in which page of the file, if the file was read.
    pub(super) leaves: Leaves,
    /// What was summed up for `leaves` of the indexes.
    pub(super) links: Links,
    /// Of each index, what tells whether it changed, if the file was read.
    pub(super) stamps: Vec<Option<u64>>,
}

/// A row as a pass shows it.
pub(crate) struct Seen<'a, 'r> {
    /// The row: its address, its columns, its targets' twins.
    pub row: &'a [ValueRef<'r>],
    /// How many columns address it, from column 0 on.
    pub address: usize,
    /// What is done with each target's cell.
    pub actions: &'a [Action],
    /// Whether each target's twin speaks against its cell.
    pub disagree: &'a [bool],
    /// Where each target's twin stands in the row.
    pub twins: &'a [Option<usize>],
    /// Where each target's cell stands in the row.
    pub at: &'a [usize],
    /// What a look at each target's cell gave, where ids stand inside.
    pub looks: &'a [Option<Look>],
}

impl Seen<'_, '_> {
    /// The row's address.
    pub(crate) fn address(&self) -> Vec<Value> {
        self.row[..self.address].iter().map(|v| Value::from_ref(*v)).collect()
    }
}

/// A table, and how its rows are read.
#[derive(Clone, Copy)]
pub(crate) struct Source<'s> {
    /// The connection.
    pub connection: &'s Connection,
    /// The table's database, as SQL calls it.
    pub schema: &'s str,
    /// The database's file, if it may be read past SQLite: nothing of it is left in SQLite's cache.
    pub pages: Option<&'s Pages>,
    /// The table.
    pub table: &'s Table,
}

impl Source<'_> {
    /// Shows the address and these columns of every row. `ordered`: in the order of their addresses. `None`: the file itself was to be read and cannot be;
    /// some rows may have been shown.
    fn rows(self, columns: &[usize], ordered: bool, visit: &mut impl Visit) -> Result<Option<()>, Error> {
        let Source { connection, schema, table, .. } = self;
        let address = table.address();
        let names: Vec<String> = address
            .iter()
            .copied()
            .chain(columns.iter().map(|&c| table.columns[c].name.as_str()))
            .map(|name| format!("t.{}", quote(name)))
            .collect();
        let by: Vec<String> = (1..=address.len()).map(|n| n.to_string()).collect();
        let order = if ordered { format!(" ORDER BY {}", by.join(", ")) } else { String::new() };
        let sql = format!("SELECT {} FROM {} AS t{order}", names.join(", "), qualified(schema, &table.name));
        if let Some(pages) = self.pages {
            // The key of a table WITHOUT ROWID may have an order of its own.
            if ordered && table.without_rowid && !lies_so(connection, (schema, table), &sql)? {
                return Ok(None);
            }
            let root = root(connection, schema, &table.name)?;
            let Some(layout) = root.and_then(|root| Layout::of(table, root, true, columns)) else { return Ok(None) };
            return Ok(pages.rows(&layout, visit)?.then_some(()));
        }
        let mut query = connection.prepare(&sql)?;
        let mut rows = query.query([])?;
        let mut values = Vec::with_capacity(names.len());
        while let Some(row) = rows.next()? {
            let mut now = emptied(values);
            for column in 0..names.len() {
                now.push(row.get_ref(column)?);
            }
            visit.row(&now)?;
            values = emptied(now);
        }
        Ok(Some(()))
    }
}

/// The page at which the tree of a table or an index begins; `None`: there is no such one.
pub(super) fn root(connection: &Connection, schema: &str, name: &str) -> Result<Option<u32>, Error> {
    let sql = format!("SELECT rootpage FROM {} WHERE name = ?1 AND type IN ('table', 'index')", qualified(schema, "sqlite_schema"));
    let page =
        connection.query_row(&sql, [name], |r| Ok(r.get_ref(0)?.as_i64().ok().and_then(|page| u32::try_from(page).ok()))).optional()?;
    Ok(page.flatten())
}

/// Whether the rows of a table WITHOUT ROWID lie in the order that `sql` wants: its key descends nowhere, and SQLite goes through the table itself and need not
/// sort.
fn lies_so(connection: &Connection, (schema, table): (&str, &Table), sql: &str) -> Result<bool, Error> {
    let Some(key) = table.indexes.iter().find(|i| i.primary_key) else { return Ok(false) };
    let descends = "SELECT count(*) FROM pragma_index_xinfo(?1, ?2) WHERE key = 1 AND \"desc\" <> 0";
    if connection.query_row(descends, [&key.name, schema], |r| r.get::<_, i64>(0))? > 0 {
        return Ok(false);
    }
    let mut query = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
    let steps: Vec<String> = query.query_map([], |r| r.get(3))?.collect::<Result<_, _>>()?;
    Ok(steps == ["SCAN t"])
}

/// The same vector without its values, for values of another row.
fn emptied<'a>(mut values: Vec<ValueRef<'_>>) -> Vec<ValueRef<'a>> {
    values.clear();
    values.into_iter().map(|_| ValueRef::Null).collect()
}

/// Reads every row of a table in the order of its address. `None`: as [`Source::rows`] says.
///
/// `targets` are column numbers, each with its decider. With `whole`, all stored columns are read and hashed; without, only address and targets.
pub(crate) fn scan(
    source: Source<'_>,
    targets: &mut [(usize, Decider<'_>)],
    whole: bool,
    cells: &mut CellHash,
    mut each: impl FnMut(&Seen<'_, '_>) -> Result<(), Error>,
) -> Result<Option<Scanned>, Error> {
    let table = source.table;
    let address = table.address();
    let mut columns: Vec<usize> = if whole { table.stored().collect() } else { targets.iter().map(|t| t.0).collect() };
    let at: Vec<usize> =
        targets.iter().map(|t| address.len() + columns.iter().position(|c| *c == t.0).expect("a target is a stored column")).collect();
    // A target that is part of the address stands in the row twice.
    let target_of: Vec<Option<usize>> = address
        .iter()
        .map(|a| targets.iter().position(|t| table.columns[t.0].name.eq_ignore_ascii_case(a)))
        .chain(columns.iter().map(|c| targets.iter().position(|t| t.0 == *c)))
        .collect();
    // Twins stand behind what is hashed: some may be computed columns.
    let hashed = address.len() + columns.len();
    let mut twins = Vec::with_capacity(targets.len());
    for (_, decider) in targets.iter() {
        let twin = decider.twins().map(|t| t.column);
        twins.push(twin.map(|_| address.len() + columns.len()));
        columns.extend(twin);
    }
    let mut scanned = Scanned { nulls: vec![0; targets.len()], ..Scanned::default() };
    let mut actions = vec![Action::Leave; targets.len()];
    let mut disagree = vec![false; targets.len()];
    let watched = watch::rows();
    let mut looks: Vec<Option<Look>> = vec![None; targets.len()];
    let not_null: Vec<usize> = not_null(table);
    let links = match source.pages {
        Some(_) if whole => Links::of(table, |_, index| index.parts.iter().any(|p| targets.iter().any(|t| Some(t.0) == *p))),
        _ => Links::default(),
    };
    let (tally, mut leaves, in_file) = (Cell::new(Tally::default()), Leaves::default(), whole && source.pages.is_some());
    let each_row = |row: &[ValueRef<'_>]| {
        scanned.rows += 1;
        watched.row()?;
        for &value in &row[..address.len()] {
            cells.value(value);
        }
        let (mut changing, mut remove) = (0, false);
        let mut sums = tally.get();
        if in_file {
            sums.ids = sums.ids.wrapping_add(leaves::ids(row, at.iter().copied().zip(targets.iter().map(|t| &t.1))));
            sums.links = sums.links.wrapping_add(links.sum(row));
        }
        for (i, (_, decider)) in targets.iter_mut().enumerate() {
            let value = row[at[i]];
            cells.value(value);
            let twin = twins[i].map_or(ValueRef::Null, |at| row[at]);
            if twins[i].is_some() {
                cells.value(twin);
            }
            (actions[i], disagree[i]) = decider.decide(value, twin);
            looks[i] = decider.inside.as_mut().map(|inside| std::mem::take(&mut inside.look));
            match actions[i] {
                Action::Set(_) | Action::Null | Action::Rewrite => changing += 1,
                Action::Remove => remove = true,
                Action::Leave | Action::Stop => {}
            }
        }
        if remove {
            scanned.removed += 1;
            scanned.hits.removed(&row[..address.len()]);
        } else if changing > 0 {
            scanned.changed += 1;
            scanned.cells += changing;
            scanned.hits.changed(&row[..address.len()]);
            actions.iter().zip(&mut scanned.nulls).filter(|(a, _)| **a == Action::Null).for_each(|(_, rows)| *rows += 1);
        }
        if whole {
            let row = &row[..hashed];
            let before = hash_row(row, |_| None, |_| None);
            sums.content.add(before);
            tally.set(sums);
            scanned.against += u64::from(not_null.iter().any(|&c| row[c] == ValueRef::Null));
            if !remove {
                let target = |column: usize| target_of[column].map(|t| actions[t]);
                let rewritten = |column: usize| target_of[column].and_then(|t| looks[t].as_ref()?.after.as_ref());
                scanned.after.add(if changing > 0 { hash_row(row, target, rewritten) } else { before });
            }
        }
        each(&Seen { row, address: address.len(), actions: &actions, disagree: &disagree, twins: &twins, at: &at, looks: &looks })
    };
    let mut noting = Noting { each: each_row, tally: &tally, begin: Tally::default(), leaves: &mut leaves };
    if source.rows(&columns, true, &mut noting)?.is_none() {
        return Ok(None);
    }
    scanned.before = tally.get().content;
    if let Some(pages) = source.pages.filter(|_| whole) {
        let stamp = |j| leaves::stamp(source.connection, source.schema, table, j, pages);
        scanned.stamps = (0..table.indexes.len()).map(stamp).collect::<Result<_, _>>()?;
    }
    (scanned.leaves, scanned.links) = (leaves, links);
    Ok(Some(scanned))
}

/// Where the columns that take no NULL stand in a row: its address, and the stored columns.
fn not_null(table: &Table) -> Vec<usize> {
    let first = table.address().len();
    let declared = |c: &usize| table.columns[*c].not_null && table.integer_key != Some(*c);
    table.stored().enumerate().filter(|(_, c)| declared(c)).map(|(at, _)| first + at).collect()
}

/// The sums over a table as its file has it, and whether some row has NULL where none may be; that is not asked of leaves that are `known`, which are passed
/// over. `targets` are column numbers, each with its decider. `None`: as [`Source::rows`] says.
pub(super) fn sums(
    source: Source<'_>,
    targets: &[(usize, Decider<'_>)],
    links: &Links,
    known: Option<&Leaves>,
) -> Result<Option<(Tally, bool)>, Error> {
    let columns: Vec<usize> = source.table.stored().collect();
    let shift = source.table.address().len();
    let at: Vec<usize> = targets.iter().map(|t| shift + columns.iter().position(|c| *c == t.0).unwrap_or_default()).collect();
    let not_null = not_null(source.table);
    let (tally, watched, mut against) = (Cell::new(Tally::default()), watch::rows(), false);
    let each = |row: &[ValueRef<'_>]| {
        watched.row()?;
        let mut sums = tally.get();
        sums.content.add(hash_row(row, |_| None, |_| None));
        sums.ids = sums.ids.wrapping_add(leaves::ids(row, at.iter().copied().zip(targets.iter().map(|t| &t.1))));
        sums.links = sums.links.wrapping_add(links.sum(row));
        tally.set(sums);
        against |= not_null.iter().any(|&c| row[c] == ValueRef::Null);
        Ok(())
    };
    let read = source.rows(&columns, false, &mut Passing { each, tally: &tally, known })?;
    Ok(read.map(|()| (tally.get(), against)))
}

/// The content of a table as it is: its address and all stored columns, in this order, which `each` sees too. `None`: as [`Source::rows`] says.
pub(crate) fn content_of(source: Source<'_>, mut each: impl FnMut(&[ValueRef<'_>])) -> Result<Option<Content>, Error> {
    let columns: Vec<usize> = source.table.stored().collect();
    let mut content = Content::default();
    let watched = watch::rows();
    let read = source.rows(&columns, false, &mut |row: &[ValueRef<'_>]| {
        watched.row()?;
        content.add(hash_row(row, |_| None, |_| None));
        each(row);
        Ok(())
    })?;
    Ok(read.map(|()| content))
}

/// The content of a table as it is, as SQLite tells it.
pub(crate) fn content(connection: &Connection, schema: &str, table: &Table) -> Result<Content, Error> {
    let content = content_of(Source { connection, schema, pages: None, table }, |_| {})?;
    Ok(content.expect("SQLite gives all rows, or says why not"))
}

/// As [`content`], with computed columns that are stored. What later runs compare with has not these.
pub(crate) fn content_with_computed(connection: &Connection, schema: &str, table: &Table) -> Result<Content, Error> {
    let columns: Vec<usize> = table.stored().chain((0..table.columns.len()).filter(|&c| table.columns[c].computed_and_stored)).collect();
    let mut content = Content::default();
    let watched = watch::rows();
    let source = Source { connection, schema, pages: None, table };
    let read = source.rows(&columns, false, &mut |row: &[ValueRef<'_>]| {
        watched.row()?;
        content.add(hash_row(row, |_| None, |_| None));
        Ok(())
    })?;
    Ok(read.map(|()| content).expect("SQLite gives all rows, or says why not"))
}

/// A borrowed value.
pub(crate) fn borrow(value: &Value) -> ValueRef<'_> {
    match value {
        Value::Null => ValueRef::Null,
        Value::Integer(i) => ValueRef::Integer(*i),
        Value::Real(r) => ValueRef::Real(*r),
        Value::Text(t) => ValueRef::Text(t.as_bytes()),
        Value::Blob(b) => ValueRef::Blob(b),
    }
}
