//! One pass over a table's rows: what they hold, what they will hold, and a hash of both.
//!
//! A pass reads the file itself where it may, see [`pages`](crate::sqlite::pages), and asks SQLite for the rows elsewhere. Both come to the same.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use sha2::{Digest, Sha256};

use super::decide::{Action, Decider, FromRef};
use super::hits::Hits;
use super::inside::Look;
use super::leaves::{self, Ids, Leaves, Links, Passing, Tally};
use super::odd::Odd;
use super::pass::{self, Piece, Wanted, hash_row};
use super::row_hash::Content;
use super::{split, watch};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::pages::{Layout, Pages, Visit};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, OptionalExtension, Value, ValueRef};

/// Feeds values to SHA-256 in large pieces.
#[derive(Clone)]
pub(crate) struct CellHash {
    sha: Sha256,
    buffer: Vec<u8>,
    /// Whether nobody wants the hash.
    idle: bool,
    /// Who is handed the values, instead.
    to: Option<SyncSender<Piece>>,
}

/// Bytes that are hashed, or handed on, at once.
const PIECE: usize = 1 << 16;
/// Pieces that wait to be taken, for each thread.
const WAITING: usize = 32;

impl CellHash {
    /// An empty one.
    pub(super) fn new() -> CellHash {
        CellHash { sha: Sha256::new(), buffer: Vec::with_capacity(PIECE), idle: false, to: None }
    }

    /// One that takes no time, and tells nothing.
    pub(super) fn idle() -> CellHash {
        CellHash { sha: Sha256::new(), buffer: Vec::new(), idle: true, to: None }
    }

    /// One that hands on what is to be hashed; if this is idle, only that runs of leaves end.
    fn part(&self) -> (CellHash, Receiver<Piece>) {
        let (to, from) = sync_channel(WAITING);
        (CellHash { idle: self.idle, to: Some(to), ..CellHash::idle() }, from)
    }

    /// A run of leaves ends. What it gave is handed on, with what `hits` gives; of one that does not hand on, nothing is asked.
    pub(super) fn hand_on(&mut self, hits: impl FnOnce() -> Hits) -> Result<(), Error> {
        let Some(to) = &self.to else { return Ok(()) };
        if !self.buffer.is_empty() {
            pass::send(to, Piece::Bytes(std::mem::take(&mut self.buffer)))?;
        }
        pass::send(to, Piece::End(hits()))
    }

    /// Adds what another one handed on.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.flush();
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
    #[inline]
    pub(super) fn value(&mut self, value: ValueRef<'_>) {
        if self.idle {
            return;
        }
        let (tag, bytes): (u8, &[u8]) = match value {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(i) => return self.word(1, i.to_be_bytes()),
            ValueRef::Real(r) => return self.word(2, r.to_bits().to_be_bytes()),
            ValueRef::Text(t) => (3, t),
            ValueRef::Blob(b) => (4, b),
        };
        self.word(tag, (bytes.len() as u64).to_be_bytes());
        if !bytes.is_empty() {
            self.bytes(bytes);
        }
    }

    #[inline]
    fn word(&mut self, tag: u8, [a, b, c, d, e, f, g, h]: [u8; 8]) {
        self.buffer.extend_from_slice(&[tag, a, b, c, d, e, f, g, h]);
        self.flush();
    }

    #[inline]
    fn flush(&mut self) {
        if self.buffer.len() >= PIECE {
            self.empty();
        }
    }

    fn empty(&mut self) {
        match &self.to {
            // Who takes no more ends the walk where the run of leaves does.
            Some(to) => drop(pass::send(to, Piece::Bytes(std::mem::replace(&mut self.buffer, Vec::with_capacity(PIECE + 64))))),
            None => {
                self.sha.update(&self.buffer);
                self.buffer.clear();
            }
        }
    }

    /// The hash, in hexadecimal digits.
    pub(super) fn finish(mut self) -> String {
        self.empty();
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
    /// Rows that could not be written as they are.
    pub(super) odd: Odd,
    /// What stands in which page of the file, if the file was read.
    pub(super) leaves: Leaves,
    /// What was summed up for `leaves` of the indexes.
    pub(super) links: Links,
    /// Of each index, what tells whether it changed, if the file was read.
    pub(super) stamps: Vec<Option<u64>>,
}

impl Scanned {
    /// Adds what a pass over another part of the table gave. The parts' hits are not listed here.
    fn join(&mut self, other: Scanned) {
        self.rows += other.rows;
        self.changed += other.changed;
        self.cells += other.cells;
        self.nulls.iter_mut().zip(other.nulls).for_each(|(all, more)| *all += more);
        self.removed += other.removed;
        self.before = self.before.plus(other.before);
        self.after = self.after.plus(other.after);
        self.against += other.against;
        self.odd.join(other.odd);
        self.leaves.join(other.leaves);
    }
}

/// Who is shown the rows of a pass.
pub(crate) trait Each {
    /// A row.
    ///
    /// # Errors
    /// The pass is to end.
    fn row(&mut self, seen: &Seen<'_, '_>) -> Result<(), Error>;
}

impl<F: FnMut(&Seen<'_, '_>) -> Result<(), Error>> Each for F {
    fn row(&mut self, seen: &Seen<'_, '_>) -> Result<(), Error> {
        self(seen)
    }
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
    /// The run of leaves that the row stands in.
    pub run: u32,
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
    /// What gives the address and these columns of every row. `ordered`: in the order of their addresses.
    fn sql(self, columns: &[usize], ordered: bool) -> String {
        let Source { schema, table, .. } = self;
        let address = table.address();
        let names: Vec<String> = address
            .iter()
            .copied()
            .chain(columns.iter().map(|&c| table.columns[c].name.as_str()))
            .map(|name| format!("t.{}", quote(name)))
            .collect();
        let by: Vec<String> = (1..=address.len()).map(|n| n.to_string()).collect();
        let order = if ordered { format!(" ORDER BY {}", by.join(", ")) } else { String::new() };
        format!("SELECT {} FROM {} AS t{}{order}", names.join(", "), qualified(schema, &table.name), table.itself())
    }

    /// How the same lies in the file. `None`: that is not known.
    fn layout(self, columns: &[usize], ordered: bool) -> Result<Option<Layout>, Error> {
        let Source { connection, schema, table, .. } = self;
        // The key of a table WITHOUT ROWID may have an order of its own.
        if ordered && table.without_rowid && !lies_so(connection, (schema, table), &self.sql(columns, ordered))? {
            return Ok(None);
        }
        Ok(root(connection, schema, &table.name)?.and_then(|root| Layout::of(table, root, true, columns)))
    }

    /// Shows the address and these columns of every row, as SQLite says. `ordered`: in the order of their addresses.
    fn by_sqlite(self, columns: &[usize], ordered: bool, visit: &mut impl Visit) -> Result<(), Error> {
        let mut query = self.connection.prepare(&self.sql(columns, ordered))?;
        let width = query.column_count();
        let mut rows = query.query([])?;
        let mut values = Vec::with_capacity(width);
        while let Some(row) = rows.next()? {
            let mut now = emptied(values);
            for column in 0..width {
                now.push(row.get_ref(column)?);
            }
            visit.row(&now)?;
            values = emptied(now);
        }
        Ok(())
    }

    /// Shows the address and these columns of every row to what `make` makes for each thread. `None`: the file itself was to be read and cannot be.
    fn over<V: Visit + Send>(self, columns: &[usize], make: impl Fn() -> V) -> Result<Option<Vec<V>>, Error> {
        match self.pages {
            Some(pages) => {
                let Some(layout) = self.layout(columns, false)? else { return Ok(None) };
                split::over(pages, &layout, make)
            }
            None => {
                let mut visit = make();
                self.by_sqlite(columns, false, &mut visit)?;
                Ok(Some(vec![visit]))
            }
        }
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

/// What a pass over a table gave.
pub(crate) struct Pass<'a, E> {
    /// What was found.
    pub scanned: Scanned,
    /// The targets' columns, and who decided about them.
    pub targets: Vec<(usize, Decider<'a>)>,
    /// Who was shown the rows: each those of a part.
    pub each: Vec<E>,
}

/// A target's column and who decides about it, for each target; and who is shown the rows.
pub(crate) type Made<'a, E> = (Vec<(usize, Decider<'a>)>, E);

/// Reads every row of a table in the order of its address. `None`: the file itself was to be read and cannot be; some rows may have been shown.
///
/// With `whole`, all stored columns are read and hashed; without, only address and targets.
pub(crate) fn scan<'a, E: Each>(
    source: Source<'_>,
    made: Made<'a, E>,
    whole: bool,
    cells: &mut CellHash,
) -> Result<Option<Pass<'a, E>>, Error> {
    let wanted = Wanted::of(source, &made.0, whole);
    let layout = match source.pages {
        Some(pages) => match source.layout(&wanted.columns, true)? {
            Some(layout) => Some((pages, layout)),
            None => return Ok(None),
        },
        None => None,
    };
    alone(source, layout.as_ref().map(|(pages, layout)| (*pages, layout)), &wanted, made, cells)
}

/// As [`scan`], on several threads where the table is large and lies in a file that can be read so. They come to what one comes to. `make` makes what each is
/// to have.
pub(crate) fn scan_by<'a, E: Each + Send>(
    source: Source<'_>,
    make: impl Fn() -> Made<'a, E>,
    whole: bool,
    cells: &mut CellHash,
) -> Result<Option<Pass<'a, E>>, Error> {
    scan_on(source, make, whole, cells, split::threads)
}

fn scan_on<'a, E: Each + Send>(
    source: Source<'_>,
    make: impl Fn() -> Made<'a, E>,
    whole: bool,
    cells: &mut CellHash,
    threads: impl Fn(&Pages, &Layout) -> u32,
) -> Result<Option<Pass<'a, E>>, Error> {
    let made = make();
    let wanted = Wanted::of(source, &made.0, whole);
    let Some(pages) = source.pages else { return alone(source, None, &wanted, made, cells) };
    let Some(layout) = source.layout(&wanted.columns, true)? else { return Ok(None) };
    let threads = threads(pages, &layout);
    if threads > 1 {
        let before = cells.clone();
        let all = (1..threads).map(|_| make()).collect::<Vec<_>>().into_iter().chain([made]);
        let (parts, pieces) = all
            .map(|made| {
                let (cells, from) = cells.part();
                (pass::Pass::new(&wanted, made, cells, threads), from)
            })
            .unzip();
        let mut hits = Hits::default();
        let ended = split::shared(pages, &layout, parts, pass::Pass::end, || pass::gather(pieces, cells, &mut hits))?;
        let Some(parts) = ended else { return Ok(None) };
        if let Some(mut joined) = join(parts) {
            joined.scanned.hits = hits;
            return told(source, &wanted, joined).map(Some);
        }
        // One thread knows more than several.
        cells.clone_from(&before);
        return alone(source, Some((pages, &layout)), &wanted, make(), cells);
    }
    alone(source, Some((pages, &layout)), &wanted, made, cells)
}

/// A pass on this thread.
fn alone<'a, E: Each>(
    source: Source<'_>,
    file: Option<(&Pages, &Layout)>,
    wanted: &Wanted,
    made: Made<'a, E>,
    cells: &mut CellHash,
) -> Result<Option<Pass<'a, E>>, Error> {
    let mut pass = pass::Pass::new(wanted, made, std::mem::replace(cells, CellHash::idle()), 1);
    let read = match file {
        Some((pages, layout)) => pages.rows(layout, &mut pass)?,
        None => source.by_sqlite(&wanted.columns, true, &mut pass).map(|()| true)?,
    };
    std::mem::swap(cells, &mut pass.cells);
    if !read {
        return Ok(None);
    }
    let pass::Pass { scanned, targets, each, .. } = pass.end()?;
    told(source, wanted, Pass { scanned, targets, each: vec![each] }).map(Some)
}

/// Puts together what several threads found. `None`: that does not tell all.
fn join<'a, E>(parts: Vec<pass::Pass<'_, 'a, E>>) -> Option<Pass<'a, E>> {
    let mut parts = parts.into_iter();
    let first = parts.next()?;
    let mut all = Pass { scanned: first.scanned, targets: Vec::new(), each: vec![first.each] };
    let mut deciders: Vec<(usize, Vec<Decider<'a>>)> = first.targets.into_iter().map(|(column, decider)| (column, vec![decider])).collect();
    for part in parts {
        all.scanned.join(part.scanned);
        all.each.push(part.each);
        deciders.iter_mut().zip(part.targets).for_each(|((_, all), (_, decider))| all.push(decider));
    }
    for (column, deciders) in deciders {
        all.targets.push((column, Decider::join(deciders)?));
    }
    Some(all)
}

/// Adds what the file says of the table's indexes.
fn told<'a, E>(source: Source<'_>, wanted: &Wanted, mut pass: Pass<'a, E>) -> Result<Pass<'a, E>, Error> {
    if let Some(pages) = source.pages.filter(|_| wanted.whole) {
        let stamp = |j| leaves::stamp(source.connection, source.schema, source.table, j, pages);
        pass.scanned.stamps = (0..source.table.indexes.len()).map(stamp).collect::<Result<_, _>>()?;
    }
    pass.scanned.links = wanted.links.clone();
    Ok(pass)
}

/// Where the columns that take no NULL stand in a row: its address, and the stored columns.
pub(super) fn not_null(table: &Table) -> Vec<usize> {
    let first = table.address().len();
    let declared = |c: &usize| table.columns[*c].not_null && table.integer_key != Some(*c);
    table.stored().enumerate().filter(|(_, c)| declared(c)).map(|(at, _)| first + at).collect()
}

/// The sums over a table as its file has it, and whether some row has NULL where none may be; that is not asked of leaves that are `known`, which are passed
/// over. `targets` are column numbers, each with its decider. `None`: as [`Source::over`] says.
pub(super) fn sums(
    source: Source<'_>,
    targets: &[(usize, Decider<'_>)],
    links: &Links,
    known: Option<&Leaves>,
) -> Result<Option<(Tally, bool)>, Error> {
    let columns: Vec<usize> = source.table.stored().collect();
    let shift = source.table.address().len();
    let at: Vec<usize> = targets.iter().map(|t| shift + columns.iter().position(|c| *c == t.0).unwrap_or_default()).collect();
    let (ids, not_null) = (Ids::of(targets, &at), not_null(source.table));
    let make = || Passing { ids: &ids, links, not_null: &not_null, known, watched: watch::rows(), tally: Tally::default(), against: false };
    let parts = source.over(&columns, make)?;
    Ok(parts.map(|parts| {
        let sum = |(tally, against): (Tally, bool), part: &Passing<'_>| (tally.plus(part.tally), against || part.against);
        parts.iter().fold((Tally::default(), false), sum)
    }))
}

/// The content of a table as it is: its address and all stored columns, in this order. `None`: as [`Source::over`] says.
pub(crate) fn content_of(source: Source<'_>) -> Result<Option<Content>, Error> {
    Ok(sums(source, &[], &Links::default(), None)?.map(|(tally, _)| tally.content))
}

/// The content of a table, as SQLite tells it: its address and all stored columns, in this order, which `each` sees too.
pub(crate) fn content_with(source: Source<'_>, mut each: impl FnMut(&[ValueRef<'_>])) -> Result<Content, Error> {
    let columns: Vec<usize> = source.table.stored().collect();
    content_by(source, &columns, &mut each)
}

fn content_by(source: Source<'_>, columns: &[usize], each: &mut impl FnMut(&[ValueRef<'_>])) -> Result<Content, Error> {
    let mut content = Content::default();
    let watched = watch::rows();
    source.by_sqlite(columns, false, &mut |row: &[ValueRef<'_>]| {
        watched.row()?;
        content.add(hash_row(row));
        each(row);
        Ok(())
    })?;
    Ok(content)
}

/// The content of a table as it is, as SQLite tells it.
pub(crate) fn content(connection: &Connection, schema: &str, table: &Table) -> Result<Content, Error> {
    content_with(Source { connection, schema, pages: None, table }, |_| {})
}

/// As [`content`], with computed columns that are stored. What later runs compare with has not these.
pub(crate) fn content_with_computed(connection: &Connection, schema: &str, table: &Table) -> Result<Content, Error> {
    let columns: Vec<usize> = table.stored().chain((0..table.columns.len()).filter(|&c| table.columns[c].computed_and_stored)).collect();
    content_by(Source { connection, schema, pages: None, table }, &columns, &mut |_| {})
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
