//! Rows as the client programs print them: the XML of `mysql --xml`, `plesk db -Xe` and `mysqldump --xml`, and the columns between tabs of
//! `mysql -B`.

mod columns;
mod select;
mod tabbed;
mod tame;
mod xml;

use std::io::Read;

use super::packing::Packing;
use super::tables::Databases;
use super::{SourceError, dump};
use crate::panel::Inventory;
use crate::panel::inventory::Origin;

/// The longest value, and the longest line of rows between tabs, that is held in memory.
const LONGEST_VALUE: usize = 1 << 20;
const LONGEST_LINE: usize = 16 << 20;
/// MySQL's own limit is 4096.
const MOST_COLUMNS: usize = 10_000;

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Printed {
    Xml,
    Tabbed,
}

impl Printed {
    /// Whether `head`, the first bytes of a file, begins rows that a client printed.
    pub(super) fn of(head: &[u8]) -> Option<Printed> {
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        let holds = |word: &[u8]| memchr::memmem::find(text, word).is_some();
        if text.starts_with(b"<?xml") && (holds(b"<resultset") || holds(b"<mysqldump")) || text.starts_with(b"<resultset") {
            return Some(Printed::Xml);
        }
        tabbed::is_header(text).then_some(Printed::Tabbed)
    }

    /// Reads rows from `reader`, which `path` names in errors; `packing` packed it.
    ///
    /// # Errors
    /// They cannot be read to their end, end inside a row, or hold nothing of a panel: see [`SourceError`].
    pub(super) fn read(self, reader: impl Read, path: &str, packing: Option<Packing>) -> Result<Inventory, SourceError> {
        let Rows { databases, restricted, mut notes } = match self {
            Printed::Xml => xml::read(reader, path, packing)?,
            Printed::Tabbed => tabbed::read(reader, path, packing)?,
        };
        let (tables, note) = databases.choose(path)?;
        let mut inventory = tables.inventory(Origin { source: path.to_owned(), taken: None }, path)?;
        if restricted {
            notes.push("the rows were selected with a condition: those that do not meet it are lacking".to_owned());
        }
        note.into_iter().chain(notes).for_each(|note| inventory.note(note));
        Ok(inventory)
    }
}

/// The rows that were read.
#[derive(Default)]
struct Rows {
    databases: Databases,
    /// Some statement selects with a condition.
    restricted: bool,
    notes: Vec<String>,
}

/// What went wrong while reading: the system's failure or the packed data's.
fn unreadable(error: std::io::Error, path: &str, packing: Option<Packing>, line: u64, byte: u64) -> SourceError {
    let path = path.to_owned();
    match packing.filter(|_| !dump::is_system_error(&error)) {
        Some(packing) => SourceError::Damaged { path, form: packing.name(), line, byte, error },
        None => SourceError::Unreadable { path, error },
    }
}

#[cfg(test)]
mod tests;
