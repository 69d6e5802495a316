//! A `mysqldump` of the panel's database, read as a stream.
//!
//! Only the columns that the catalogue names are ever kept. Memory grows with the objects of the panel, not with the dump.

mod input;
mod lexer;
mod resolve;
mod rows;
mod statements;
mod value;

use std::io::{self, Read};

use input::Input;
use lexer::{Fault, Lexer};
use rows::wanted;
use statements::{Database, Statements};

use super::SourceError;
use crate::panel::inventory::Origin;
use crate::panel::{Inventory, catalogue};

/// Reads the dump `reader`, which `path` names in errors. `gzip`: the reader unpacks a gzip file.
///
/// # Errors
/// The dump cannot be read to its end, ends inside a statement, is another program's or holds no panel: see [`SourceError`].
pub(super) fn read(reader: impl Read, path: &str, gzip: bool) -> Result<Inventory, SourceError> {
    let mut statements = Statements::new(Lexer::new(Input::new(reader)));
    if let Err(fault) = statements.read() {
        return Err(error(fault, &statements, path, gzip));
    }
    let Statements { lexer, databases, any, .. } = statements;
    if !any {
        return Err(SourceError::Empty { path: path.to_owned() });
    }
    let remarks = &lexer.remarks;
    // The program writes both remarks or neither. A dump that was cut off between two statements lacks rows or tables, and nothing else tells.
    if remarks.headed && remarks.completed.is_none() {
        return Err(SourceError::Incomplete { path: path.to_owned(), line: lexer.position().0 });
    }
    let origin = Origin { source: path.to_owned(), taken: remarks.completed.clone().filter(|when| !when.is_empty()) };
    resolve::inventory(&choose(databases, path)?, origin, path)
}

/// The one database that is a panel's: the one with the most of its tables.
fn choose(mut databases: Vec<Database>, path: &str) -> Result<Database, SourceError> {
    let tables = |d: &Database| d.tables.iter().flatten().count();
    let most = databases.iter().map(tables).max().unwrap_or_default();
    databases.retain(|d| tables(d) == most);
    if databases.len() > 1 {
        let usual = catalogue::get().shared.database.as_bytes();
        if let Some(at) = databases.iter().position(|d| d.name.eq_ignore_ascii_case(usual)) {
            return Ok(databases.swap_remove(at));
        }
        let databases = databases.iter().map(|d| String::from_utf8_lossy(&d.name).into_owned()).collect();
        return Err(SourceError::SeveralPanels { path: path.to_owned(), databases });
    }
    databases
        .pop()
        .ok_or_else(|| SourceError::LacksTables { path: path.to_owned(), tables: wanted().tables.iter().map(|t| t.name).collect() })
}

fn error<R: Read>(fault: Fault, statements: &Statements<R>, path: &str, gzip: bool) -> SourceError {
    let (line, byte) = statements.lexer.position();
    let path = path.to_owned();
    match fault {
        Fault::Io(error) if gzip && !is_system_error(&error) => SourceError::DamagedGzip { path, line, byte, error },
        Fault::Io(error) => SourceError::Unreadable { path, error },
        Fault::Ended => SourceError::Truncated { path, line, byte, began: statements.began },
        Fault::Malformed(what) if !statements.any => SourceError::NotADump { path, line: statements.began, what },
        Fault::Malformed(what) => SourceError::Malformed { path, line, byte, what },
        Fault::TooMuch(what) => SourceError::TooLarge { path, line, what },
    }
}

/// Whether the operating system failed, and not the data.
fn is_system_error(error: &io::Error) -> bool {
    error.raw_os_error().is_some()
}

#[cfg(test)]
mod tests;
