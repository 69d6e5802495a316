//! What is kept of a dump: the needed columns of the needed tables.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::lexer::Fault;
use crate::panel::Kind;
use crate::panel::identity::{self, ColumnRef, Segment};

const NULL: u32 = u32::MAX;

static WANTED: LazyLock<Wanted> = LazyLock::new(Wanted::build);

/// The tables and columns that the catalogue asks for, and no others.
pub(super) struct Wanted {
    pub(super) tables: Vec<WantedTable>,
    by_name: FxHashMap<String, usize>,
}

pub(super) struct WantedTable {
    pub(super) name: &'static str,
    pub(super) columns: Vec<&'static str>,
}

pub(super) fn wanted() -> &'static Wanted {
    &WANTED
}

impl Wanted {
    fn build() -> Wanted {
        let mut wanted = Wanted { tables: Vec::new(), by_name: FxHashMap::default() };
        for kind in Kind::all() {
            let Some(table) = &kind.facts().table else { continue };
            let at = *wanted.by_name.entry(table.name.to_ascii_lowercase()).or_insert_with(|| {
                wanted.tables.push(WantedTable { name: &table.name, columns: Vec::new() });
                wanted.tables.len() - 1
            });
            let columns = &mut wanted.tables[at].columns;
            for column in needed(kind).into_iter().chain(helpful(kind)) {
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        wanted
    }

    /// The place of the table `name` in [`Wanted::tables`]. Case does not count: it is lost on some servers.
    pub(super) fn table(&self, name: &[u8]) -> Option<usize> {
        let name = std::str::from_utf8(name).ok()?;
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// The place of the table of `kind`.
    pub(super) fn of(&self, kind: Kind) -> Option<usize> {
        self.table(kind.facts().table.as_ref()?.name.as_bytes())
    }
}

/// The columns without which an object of `kind` cannot be told from another; the id comes first.
pub(super) fn needed(kind: Kind) -> Vec<&'static str> {
    let Some(table) = &kind.facts().table else { return Vec::new() };
    let mut columns = vec![table.id.as_str()];
    columns.extend(table.guid.as_deref());
    columns.extend(identity::of(kind).key.iter().filter_map(|s| if let Segment::Hole(c) = s { Some(c.column) } else { None }));
    columns.extend(table.through.iter().flat_map(|t| [t.type_column.as_str(), t.id.as_str()]));
    columns
}

/// The columns that only corroborate.
fn helpful(kind: Kind) -> impl Iterator<Item = &'static str> {
    let identity = identity::of(kind);
    identity.parent.iter().chain(&identity.witness).map(|c: &ColumnRef| c.column)
}

/// The rows of one table.
#[derive(Default)]
pub(super) struct Rows {
    /// The table's columns as `CREATE TABLE` lists them: the place among the wanted ones, where wanted.
    pub(super) declared: Option<Vec<Option<usize>>>,
    width: usize,
    cells: Vec<(u32, u32)>,
    text: Vec<u8>,
    filling: usize,
    /// The wanted columns that some row or the declaration has.
    present: Vec<bool>,
}

impl Rows {
    pub(super) fn new(width: usize) -> Rows {
        Rows { width, present: vec![false; width], ..Rows::default() }
    }

    /// Takes note that the table has the columns of `order`.
    pub(super) fn declare(&mut self, order: &[Option<usize>]) {
        for slot in order.iter().flatten() {
            self.present[*slot] = true;
        }
    }

    pub(super) fn has(&self, column: usize) -> bool {
        self.present[column]
    }

    pub(super) fn start_row(&mut self) {
        self.filling = self.cells.len();
        self.cells.resize(self.filling + self.width, (0, NULL));
    }

    /// Keeps a value of the row that was started last.
    pub(super) fn put(&mut self, column: usize, value: &[u8]) -> Result<(), Fault> {
        let (Ok(start), Ok(length)) = (u32::try_from(self.text.len()), u32::try_from(value.len())) else {
            return Err(Fault::TooMuch("more than four gigabytes of names"));
        };
        self.text.extend_from_slice(value);
        self.cells[self.filling + column] = (start, length);
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len() / self.width
    }

    /// A cell's bytes; `None` for NULL and for what the dump does not carry.
    pub(super) fn cell(&self, row: usize, column: usize) -> Option<&[u8]> {
        let (start, length) = self.cells[row * self.width + column];
        let start = usize::try_from(start).ok()?;
        if length == NULL { None } else { self.text.get(start..start + usize::try_from(length).ok()?) }
    }
}
