//! The databases that a source holds, and which of them is the panel's.

use super::rows::{Row, Rows};
use super::wanted::{Wanted, wanted};
use crate::panel::catalogue;
use crate::panel::source::SourceError;

const MOST_DATABASES: usize = 100;
/// The most rows that are kept of one source, and the most text: a bound for what a small hostile file can unpack to.
const MOST_ROWS: usize = 1 << 24;
const MOST_TEXT: usize = 1 << 30;

/// More than any panel has.
#[derive(Debug)]
pub(in crate::panel::source) struct TooMuch(pub(in crate::panel::source) &'static str);

/// The needed tables of one database.
pub(in crate::panel::source) struct Tables {
    /// For each wanted table, its rows if the source has it.
    pub(super) of: Vec<Option<Rows>>,
}

impl Tables {
    /// The rows of the wanted table `index`, which are handed out once.
    pub(in crate::panel::source) fn take(&mut self, index: usize) -> Option<Rows> {
        self.of.get_mut(index)?.take()
    }
}

/// One database of a source.
struct Database {
    /// Its name; empty where the source does not tell.
    name: Vec<u8>,
    tables: Tables,
}

impl Database {
    fn label(&self) -> String {
        if self.name.is_empty() { "one without a name".to_owned() } else { String::from_utf8_lossy(&self.name).into_owned() }
    }
}

/// The databases of a source, as far as they have tables of a panel's names.
pub(in crate::panel::source) struct Databases {
    wanted: &'static Wanted,
    all: Vec<Database>,
    rows: usize,
    text: usize,
}

/// A table of a database, of those that have been opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::panel::source) struct TableAt {
    database: usize,
    /// Its place in [`wanted`].
    pub(in crate::panel::source) index: usize,
}

impl Default for Databases {
    /// For inventories.
    fn default() -> Self {
        Databases::of(wanted())
    }
}

impl Databases {
    /// Those of which these tables are needed.
    pub(in crate::panel::source) fn of(wanted: &'static Wanted) -> Databases {
        Databases { wanted, all: Vec::new(), rows: 0, text: 0 }
    }

    /// The wanted table `index` of the database `name`; it is there from now on, without rows if it was not before.
    pub(in crate::panel::source) fn open(&mut self, name: &[u8], index: usize) -> Result<TableAt, TooMuch> {
        let database = match self.all.iter().position(|d| d.name == name) {
            Some(at) => at,
            None if self.all.len() >= MOST_DATABASES => return Err(TooMuch("more than 100 databases with tables of a panel")),
            None => {
                self.all.push(Database { name: name.to_vec(), tables: Tables { of: self.wanted.tables.iter().map(|_| None).collect() } });
                self.all.len() - 1
            }
        };
        let at = TableAt { database, index };
        let wanted = self.wanted;
        self.slot(at).get_or_insert_with(|| empty(wanted, index));
        Ok(at)
    }

    /// The rows of a table.
    pub(in crate::panel::source) fn rows(&mut self, at: TableAt) -> &mut Rows {
        let wanted = self.wanted;
        self.slot(at).get_or_insert_with(|| empty(wanted, at.index))
    }

    fn slot(&mut self, at: TableAt) -> &mut Option<Rows> {
        &mut self.all[at.database].tables.of[at.index]
    }

    /// Forgets a table's rows and columns: it was created anew.
    pub(in crate::panel::source) fn clear(&mut self, at: TableAt) {
        *self.rows(at) = empty(self.wanted, at.index);
    }

    /// Keeps a row of a table.
    pub(in crate::panel::source) fn push(&mut self, at: TableAt, row: &Row<'_>) -> Result<(), TooMuch> {
        self.rows += 1;
        self.text += row.iter().flatten().map(|cell| cell.len()).sum::<usize>();
        if self.rows > MOST_ROWS {
            return Err(TooMuch("more than 16 million objects"));
        }
        if self.text > MOST_TEXT {
            return Err(TooMuch("more than a gigabyte of names"));
        }
        self.rows(at).push(row);
        Ok(())
    }

    /// The tables of the one database that is a panel's, and a note where that had to be decided.
    ///
    /// Those with at least half of the most tables come into question: a customer's database has a table `domains` as easily as the panel has. Among
    /// several, the panel's usual name decides, which no customer's database can have. No name: they are told.
    pub(in crate::panel::source) fn choose(mut self, path: &str) -> Result<(Tables, Option<String>), SourceError> {
        let tables = |d: &Database| d.tables.of.iter().flatten().count();
        let most = self.all.iter().map(tables).max().unwrap_or_default();
        self.all.retain(|d| tables(d) * 2 >= most);
        let usual = catalogue::get().shared.database.as_bytes();
        let named = self.all.iter().position(|d| d.name.eq_ignore_ascii_case(usual));
        let names = |of: &[Database]| of.iter().map(Database::label).collect::<Vec<_>>();
        match (named, self.all.len()) {
            (_, 0) => Err(SourceError::LacksTables { path: path.to_owned(), tables: self.wanted.tables.iter().map(|t| t.name).collect() }),
            (_, 1) => Ok((self.all.swap_remove(0).tables, None)),
            (Some(at), _) => {
                let chosen = self.all.swap_remove(at);
                let note = format!(
                    "the database `{}` was read, and not {}, which look like a panel's too",
                    chosen.label(),
                    names(&self.all).join(", ")
                );
                Ok((chosen.tables, Some(note)))
            }
            (None, _) => Err(SourceError::SeveralPanels { path: path.to_owned(), databases: names(&self.all) }),
        }
    }
}

fn empty(wanted: &Wanted, index: usize) -> Rows {
    Rows::new(wanted.tables[index].columns.len())
}
