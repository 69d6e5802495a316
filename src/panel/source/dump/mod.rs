//! A `mysqldump` of the panel's database, read as a stream.
//!
//! Only the columns that the catalogue names are ever kept. Memory grows with the objects of the panel, not with the dump.

mod charset;
mod input;
mod lexer;
mod lines;
mod row;
pub(in crate::panel) mod settings;
mod statements;
mod survey;
mod value;

use std::io::{self, Read};

use input::Input;
use lexer::{Fault, Lexer};
use statements::Statements;
pub(super) use survey::Places;
use survey::Survey;

use super::SourceError;
use super::packing::Packing;
use super::tables::{Databases, Wanted, wanted};
use crate::panel::Inventory;
use crate::panel::inventory::Origin;

/// How a dump is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    /// Rows that nobody needs are skipped line by line, where the dump says that mysqldump or mariadb-dump wrote it.
    Lines,
    /// Every byte is looked at.
    Bytes,
}

/// Reads the dump `reader`, which `path` names in errors; `packing` packed it. `None`: its lines are not those of the program that it names as its
/// author, and it must be read at the other pace.
///
/// # Errors
/// The dump cannot be read to its end, ends inside a statement, is another program's or holds no panel: see [`SourceError`].
pub(super) fn read(reader: impl Read + Send, path: &str, packing: Option<Packing>, pace: Pace) -> Result<Option<Inventory>, SourceError> {
    std::thread::scope(|scope| match Input::new(reader, scope) {
        Ok(input) => read_input(input, path, packing, pace),
        Err(error) => Err(SourceError::Unreadable { path: path.to_owned(), error }),
    })
}

/// Reads the dump in `source`, as [`read`] does; two threads pass over rows that nobody needs.
///
/// # Errors
/// As [`read`].
pub(super) fn read_anywhere(source: &dyn Places, path: &str, pace: Pace) -> Result<Option<Inventory>, SourceError> {
    let survey = Survey::new(source);
    std::thread::scope(|scope| {
        let _closing = Closing(&survey);
        if pace == Pace::Lines {
            // Where there is no thread to be had, all is done here.
            let _ = std::thread::Builder::new().name("surveying".into()).spawn_scoped(scope, || survey.work());
        }
        read_input(Input::anywhere(source, &survey), path, None, pace)
    })
}

/// Ends the other thread's work, also where this one panics.
struct Closing<'a>(&'a Survey<'a>);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn read_input(input: Input<'_>, path: &str, packing: Option<Packing>, pace: Pace) -> Result<Option<Inventory>, SourceError> {
    let Some(read) = tables_of(input, path, packing, pace, wanted())? else { return Ok(None) };
    let origin = Origin { source: path.to_owned(), taken: read.taken };
    let (tables, note) = read.databases.choose(path)?;
    let mut inventory = tables.inventory(origin, path)?;
    if read.condition {
        inventory.note("the dump was made with a condition (`--where`): rows that do not meet it are lacking".to_owned());
    }
    note.into_iter().for_each(|note| inventory.note(note));
    Ok(Some(inventory))
}

/// What a dump holds of the wanted tables.
struct ReadTables {
    databases: Databases,
    /// When it was completed, if it says so.
    taken: Option<String>,
    /// It was made with a condition.
    condition: bool,
}

/// Reads the tables `wanted`. `None`: as for [`read`].
fn tables_of(
    input: Input<'_>,
    path: &str,
    packing: Option<Packing>,
    pace: Pace,
    wanted: &'static Wanted,
) -> Result<Option<ReadTables>, SourceError> {
    let mut statements = Statements::new(Lexer::new(input), pace == Pace::Lines, wanted);
    match statements.read() {
        Ok(()) => {}
        Err(Fault::Lines) => return Ok(None),
        Err(fault) => return Err(error(fault, &statements, path, packing)),
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
    let taken = remarks.completed.clone().filter(|when| !when.is_empty());
    Ok(Some(ReadTables { databases, taken, condition: remarks.condition }))
}

fn error(fault: Fault, statements: &Statements<'_>, path: &str, packing: Option<Packing>) -> SourceError {
    let (line, byte) = statements.lexer.position();
    let began = statements.lexer.input.marked();
    let path = path.to_owned();
    match fault {
        Fault::Io(error) => match packing.filter(|_| !is_system_error(&error)) {
            Some(packing) => SourceError::Damaged { path, form: packing.name(), line, byte, error },
            None => SourceError::Unreadable { path, error },
        },
        Fault::Ended => SourceError::Truncated { path, line, byte, began },
        Fault::Malformed(what) if !statements.any => SourceError::NotADump { path, line: began, what },
        Fault::Malformed(what) => SourceError::Malformed { path, line, byte, what },
        Fault::TooMuch(what) => SourceError::TooLarge { path, line, what },
        Fault::NoColumns(table) => SourceError::ColumnsUnknown { path, line, table },
        Fault::Charset(charset) => SourceError::Charset { path, line, charset },
        Fault::Lines => SourceError::Malformed { path, line, byte, what: "a line ends inside a row".to_owned() },
    }
}

/// Whether the operating system failed, and not the data.
pub(super) fn is_system_error(error: &io::Error) -> bool {
    error.raw_os_error().is_some()
}

#[cfg(test)]
mod tests;
