//! Tables read straight from a database file, as its format is documented (<https://sqlite.org/fileformat2.html>), without SQLite.
//!
//! SQLite's machine gives out one value at a time. Who must read every row of a large table reads its pages several times as fast, and shares no code with
//! what wrote them. Only what is certain is read: UTF-8, a file in rollback-journal mode, tables without computed columns. Of all else, and of whatever is
//! damaged, this says that it cannot read it, and SQLite is to be asked.
//!
//! A file may be read so only while nobody writes to it: under SQLite's lock, and with nothing left in SQLite's cache. What was read before a change and is
//! read again after it is told by its pages: where a page has the same bytes, it has the same rows.

#[cfg(test)]
pub(crate) mod dice;
mod record;
#[cfg(test)]
mod tests;
mod tree;

use std::io;
use std::os::unix::fs::FileExt;

use camino::Utf8Path;

use self::tree::{Fault, Walk};
use super::held::Guarded;
use super::schema::{Affinity, Index, Table};
use super::{Error, ValueRef};

/// Bytes of the header of a database file.
const HEADER: usize = 100;
/// Pages that are read at once where a tree's leaves lie one behind the other.
const WINDOW: u32 = 32;
/// Leaves that one of several walks goes through before the next one's turn. Few in debug builds: tests have small tables.
const RUN: u32 = if cfg!(debug_assertions) { 2 } else { 64 };
/// Leaves from which on a tree is one for several walks.
const LARGE: usize = if cfg!(debug_assertions) { 2 } else { 256 };

/// A database file, to be read page by page.
///
/// It must live as long as any connection of this process to the file: closing a file gives up all locks that the process holds on it.
#[derive(Debug)]
pub struct Pages {
    file: Guarded,
}

/// What the file's header says.
#[derive(Debug, Clone, Copy)]
struct Shape {
    /// Bytes of a page.
    page: usize,
    /// Bytes of a page that trees use.
    usable: usize,
    /// Pages.
    count: u32,
}

/// Where a value of a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// It is the rowid.
    Rowid,
    /// It is the field of this number; `true`: a real number, which is stored as an integer where it can be.
    Field(usize, bool),
    /// It is how many fields the record has.
    Width,
}

/// How rows lie in their tree: those of a table, or the entries of an index.
#[derive(Debug)]
pub struct Layout {
    root: u32,
    /// Rows have no rowid: they are in the order of their fields.
    keyed: bool,
    /// Fields of a record.
    fields: usize,
    /// Fields that a record has at least.
    least: usize,
    /// The values that are wanted.
    slots: Vec<Slot>,
}

/// What one of several walks, which go over a tree at once, has to show: the tree's leaves make up runs, which the walks take by turns, with the rows above
/// the leaves that come after each.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// How many walks there are.
    pub of: u32,
    /// Which of them this is, from 0 on.
    pub number: u32,
}

impl Share {
    /// The only walk's.
    pub const WHOLE: Share = Share { of: 1, number: 0 };

    /// Whose share is the run of that number.
    #[must_use]
    pub fn of_run(self, run: u32) -> u32 {
        run % self.of.max(1)
    }
}

/// The pages that no other walk of a share met: those in which long rows go on.
#[derive(Debug)]
pub struct Met(Vec<u64>);

impl Met {
    /// Whether no two walks met the same such page.
    #[must_use]
    pub fn apart(all: &[Met]) -> bool {
        let words = all.iter().map(|m| m.0.len()).max().unwrap_or_default();
        (0..words).all(|word| {
            let each = all.iter().filter_map(|m| m.0.get(word));
            each.fold((0u64, true), |(met, apart), bits| (met | bits, apart && met & bits == 0)).1
        })
    }
}

/// What is shown of a tree.
pub trait Visit {
    /// A run of leaves begins, of those that are to be shown.
    ///
    /// # Errors
    /// The walk is to end.
    fn run(&mut self, _number: u32) -> Result<(), Error> {
        Ok(())
    }

    /// A row.
    ///
    /// # Errors
    /// The walk is to end.
    fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error>;

    /// Whether leaves are shown, with [`Visit::leaf`] and [`Visit::left`].
    fn by_leaf(&self) -> bool {
        false
    }

    /// A leaf begins that holds all of its rows' bytes: its page, a hash of that page's bytes. `true`: its rows are known and need not be shown. Of leaves
    /// with rows that go on in other pages, only the rows are shown.
    fn leaf(&mut self, _page: u32, _hash: u64) -> bool {
        false
    }

    /// All rows of that leaf were shown.
    fn left(&mut self, _page: u32, _hash: u64) {}
}

impl<F: FnMut(&[ValueRef<'_>]) -> Result<(), Error>> Visit for F {
    fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
        self(row)
    }
}

impl Layout {
    /// How the rows of `table`, whose tree begins at the page `root`, lie. `address`: the address is wanted before the `columns`. `None`: this reader does
    /// not know.
    #[must_use]
    pub fn of(table: &Table, root: u32, address: bool, columns: &[usize]) -> Option<Layout> {
        if table.columns.iter().any(|c| c.generated || c.hidden) || table.address().is_empty() {
            return None;
        }
        // A key may name a column twice, in two collations, and then holds it twice.
        let key_is_plain = |index: &Index| index.parts.iter().copied().eq(table.primary_key.iter().map(|c| Some(*c)));
        if table.without_rowid && !table.indexes.iter().find(|i| i.primary_key).is_some_and(key_is_plain) {
            return None;
        }
        // A table WITHOUT ROWID holds its key first.
        let key = if table.without_rowid { &table.primary_key[..] } else { &[] };
        let order: Vec<usize> = key.iter().copied().chain(rest(table)).collect();
        let slot = |column: usize| {
            if table.integer_key == Some(column) {
                return Some(Slot::Rowid);
            }
            Some(Slot::Field(order.iter().position(|c| *c == column)?, is_real(&table.columns[column].declared_type)))
        };
        let mut slots = Vec::with_capacity(columns.len() + 1);
        if address && table.without_rowid {
            slots.extend(table.primary_key.iter().map(|&c| slot(c)).collect::<Option<Vec<_>>>()?);
        } else if address {
            slots.push(Slot::Rowid);
        }
        slots.extend(columns.iter().map(|&c| slot(c)).collect::<Option<Vec<_>>>()?);
        Some(Layout { root, keyed: table.without_rowid, fields: order.len(), least: order.len(), slots })
    }

    /// How they lie, to show how many fields each record has, behind the row's rowid if it has one: those that were written before a column was added have fewer.
    #[must_use]
    pub fn widths(table: &Table, root: u32) -> Layout {
        let least = key_fields(table);
        let slots = if table.without_rowid { vec![Slot::Width] } else { vec![Slot::Rowid, Slot::Width] };
        Layout { root, keyed: table.without_rowid, fields: least + rest(table).count(), least, slots }
    }

    /// Whether nothing but numbers is shown: then it is of no account how texts are encoded.
    fn shows_numbers(&self) -> bool {
        self.slots.iter().all(|slot| matches!(slot, Slot::Rowid | Slot::Width))
    }

    /// How the entries of an index of `table` lie: its columns, and the rowid. `None`: this reader does not know.
    #[must_use]
    pub fn of_index(table: &Table, index: &Index, root: u32) -> Option<Layout> {
        if table.without_rowid || index.partial || table.columns.iter().any(|c| c.generated || c.hidden) {
            return None;
        }
        let slot = |(at, part): (usize, &Option<usize>)| Some(Slot::Field(at, is_real(&table.columns[(*part)?].declared_type)));
        let mut slots = index.parts.iter().enumerate().map(slot).collect::<Option<Vec<_>>>()?;
        slots.push(Slot::Field(slots.len(), false));
        Some(Layout { root, keyed: true, fields: slots.len(), least: slots.len(), slots })
    }
}

/// How many fields the key of a table WITHOUT ROWID has, which its records hold first. A key may name a column twice.
fn key_fields(table: &Table) -> usize {
    let key = table.indexes.iter().find(|i| i.primary_key && table.without_rowid);
    key.map_or(0, |key| key.parts.len())
}

/// The columns that a record holds behind that key.
fn rest(table: &Table) -> impl Iterator<Item = usize> + '_ {
    let is_held = |c: &usize| !table.columns[*c].generated || table.columns[*c].computed_and_stored;
    (0..table.columns.len()).filter(is_held).filter(|c| !table.without_rowid || !table.primary_key.contains(c))
}

/// The number of the field that holds a column of `table`, in records of which [`Layout::widths`] tells how many they have; `None`: it is in the key.
#[must_use]
pub fn field(table: &Table, column: usize) -> Option<usize> {
    rest(table).position(|c| c == column).map(|at| key_fields(table) + at)
}

/// Whether a column of that declared type makes real numbers of integers.
fn is_real(declared_type: &str) -> bool {
    Affinity::of(declared_type, false) == Affinity::Real
}

impl Pages {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// The operating system does not let us read it.
    pub fn open(path: &Utf8Path) -> io::Result<Pages> {
        Ok(Pages { file: Guarded::open(path)? })
    }

    /// Shows every row of a tree, in its order. `false`: this reader cannot read it, and may have shown some of it.
    ///
    /// # Errors
    /// What `visit` says.
    pub fn rows(&self, layout: &Layout, visit: &mut impl Visit) -> Result<bool, Error> {
        Ok(self.share(layout, Share::WHOLE, visit)?.is_some())
    }

    /// Shows the rows of a tree that belong to one share of it, in their order. What is wrong with the tree is found by one walk or the other; that none met a
    /// page of another one is to be asked in the end. `None`: as [`Pages::rows`] says.
    ///
    /// # Errors
    /// What `visit` says.
    pub fn share(&self, layout: &Layout, share: Share, visit: &mut impl Visit) -> Result<Option<Met>, Error> {
        let Some(shape) = self.shape(layout.shows_numbers()) else { return Ok(None) };
        match Walk::new(&self.file, (shape, share), layout, visit).walk() {
            Ok(met) => Ok(Some(Met(met))),
            Err(Fault::Unreadable) => Ok(None),
            Err(Fault::Told(error)) => Err(error),
        }
    }

    /// Whether a tree has so many leaves that several walks are worth it.
    #[must_use]
    pub fn is_large(&self, layout: &Layout) -> bool {
        self.shape(layout.shows_numbers())
            .is_some_and(|shape| tree::leaves(&self.file, shape, layout.root).is_some_and(|leaves| leaves >= LARGE))
    }

    /// What the header says, if this reader reads such a file. `any_text`: however texts are encoded.
    fn shape(&self, any_text: bool) -> Option<Shape> {
        let mut bytes = [0; HEADER];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        let page = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65_536,
            n => usize::from(n),
        };
        let usable = page.checked_sub(usize::from(bytes[20]))?;
        let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        // Formats before 4 differ in what nobody stores any more; encoding 1 is UTF-8.
        let known =
            bytes.starts_with(b"SQLite format 3\0") && bytes[18] == 1 && bytes[19] == 1 && (any_text || word(56) == 1) && word(44) <= 4;
        let sound = page.is_power_of_two() && page >= 512 && usable >= 480 && bytes[21..24] == [64, 32, 32];
        if !known || !sound {
            return None;
        }
        let count = u32::try_from(self.file.metadata().ok()?.len() / page as u64).ok()?;
        Some(Shape { page, usable, count })
    }
}
