//! Inventory sources: one word on the command line each, told apart by content.

mod backup;
pub mod companion;
pub(super) mod dump;
mod error;
mod form;
pub(super) mod live;
mod packing;
mod printed;
pub mod snapshot;
mod tables;
mod time;

use std::io::{self, BufReader, Chain, Cursor, Read};

use camino::Utf8Path;

use super::Inventory;
use dump::{Pace, Places};
use form::Form;
use packing::Packing;

pub use backup::BackupError;
pub use error::SourceError;

/// The word for the standard input.
const STDIN: &str = "-";

/// Reads the inventory that `word` names: a live server (`plesk:`, `mysql://…`), a dump of the panel's database or rows of it as the client programs print
/// them, a backup of the panel (an XML file, a folder, a `.tar` or a `.zip`), a snapshot file, a companion, or `-`, the standard input. Dumps, rows, XML
/// files, `.tar` and snapshots may be compressed with gzip or zstd. A file is told by its content, never by its name.
///
/// # Errors
/// Whatever keeps the source from being read whole: see [`SourceError`].
pub fn read(word: &str) -> Result<Inventory, SourceError> {
    if live::is_named_by(word) {
        return live::read(word);
    }
    if word.is_empty() {
        return Err(SourceError::NoWord);
    }
    if is_stdin(word) {
        return read_from(io::stdin(), "the standard input", Again::Never);
    }
    if !Utf8Path::new(word).exists()
        && let Some((scheme, _)) = word.split_once("://")
    {
        return Err(other_address(scheme));
    }
    if Utf8Path::new(word).is_dir() {
        return backup::read_folder(Utf8Path::new(word));
    }
    let file = open(word)?;
    let path = Utf8Path::new(word);
    // A pipe that has a name gives its bytes only once.
    read_from(file, word, if path.is_file() { Again::File(path) } else { Again::Never })
}

/// Whether `word` names the standard input, which can be read once.
#[must_use]
pub fn is_stdin(word: &str) -> bool {
    word == STDIN
}

/// Reads the inventory in `bytes`, a source that `name` names in errors. Everything but a companion can be read so.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(bytes: &[u8], name: &str) -> Result<Inventory, SourceError> {
    read_from(bytes, name, Again::Bytes(bytes))
}

/// The address of something that is no inventory source. It is not shown: it may hold a password.
fn other_address(scheme: &str) -> SourceError {
    let known =
        !scheme.is_empty() && scheme.len() <= 16 && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'));
    SourceError::Server {
        server: format!("{}://…", if known { scheme } else { "" }),
        what: "no inventory source has such an address".to_owned(),
        help: "a panel's database is `mysql://USER@HOST/DATABASE`, this server's own panel `plesk:`; anything else is the path of a file or folder".to_owned(),
    }
}

/// How a source can be read a second time.
#[derive(Clone, Copy)]
enum Again<'a> {
    File(&'a Utf8Path),
    Bytes(&'a [u8]),
    Never,
}

impl<'a> Again<'a> {
    /// The file, if it is one.
    fn path(self) -> Option<&'a Utf8Path> {
        if let Again::File(path) = self { Some(path) } else { None }
    }
}

fn open(path: &str) -> Result<std::fs::File, SourceError> {
    std::fs::File::open(path).map_err(|error| SourceError::Unreadable { path: path.to_owned(), error })
}

/// Reads `reader`, which `name` names in errors; `again` tells how to do so once more.
fn read_from(reader: impl Read + Send, name: &str, again: Again<'_>) -> Result<Inventory, SourceError> {
    let unreadable = |error: io::Error| SourceError::Unreadable { path: name.to_owned(), error };
    let (head, reader) = with_head(reader).map_err(unreadable)?;
    let Some(packing) = Packing::of(&head) else { return read_form(form::of(&head), reader, name, None, again) };
    let damaged = |error: io::Error| SourceError::Damaged { path: name.to_owned(), form: packing.name(), line: 1, byte: 0, error };
    let (head, reader) = packing.reader(reader).and_then(with_head).map_err(damaged)?;
    match Packing::of(&head) {
        None => read_form(form::of(&head), reader, name, Some(packing), again),
        Some(inner) => not_a_dump(name, &format!("it is {} data inside {} data", inner.name(), packing.name())),
    }
}

/// Reads what has this form and is not compressed any more.
fn read_form(
    form: Form,
    reader: impl Read + Send,
    name: &str,
    packing: Option<Packing>,
    again: Again<'_>,
) -> Result<Inventory, SourceError> {
    let named = Packing::by_name(name).filter(|_| packing.is_none());
    let not_packed = |packing: Packing| Err(SourceError::NotPacked { path: name.to_owned(), form: packing.name() });
    match (form, named) {
        (Form::Snapshot, _) => snapshot::read_lines(BufReader::new(reader), name),
        (Form::Sqlite, _) if packing.is_some() => not_a_dump(name, "it is a compressed SQLite database"),
        (Form::Sqlite, _) => match again {
            Again::File(path) => companion::read(path),
            _ => Err(SourceError::Unsupported { word: name.to_owned(), form: "a SQLite database that comes through a pipe" }),
        },
        (Form::Printed(printed), _) => printed.read(reader, name, packing),
        (Form::Xml, _) => backup::read(reader, name, again.path(), packing),
        (Form::Tar, _) => backup::read_tar(reader, name, again.path(), packing),
        (Form::Zip, _) => match again {
            Again::File(path) if packing.is_none() => backup::read_zip(path),
            Again::File(_) => Err(SourceError::Unsupported { word: name.to_owned(), form: "a .zip archive that is compressed once more" }),
            _ => Err(SourceError::Unsupported { word: name.to_owned(), form: "a .zip archive that comes through a pipe" }),
        },
        (Form::Text, named) => match (read_dump(reader, name, packing, again), named) {
            (Err(SourceError::NotADump { .. }), Some(packing)) => not_packed(packing),
            (read, _) => read,
        },
        (Form::Empty, _) => Err(SourceError::Empty { path: name.to_owned() }),
        (Form::Other(_), Some(packing)) => not_packed(packing),
        (Form::Other(what), None) => not_a_dump(name, what),
        (Form::Known(form), _) => Err(SourceError::Unsupported { word: name.to_owned(), form }),
    }
}

fn not_a_dump(name: &str, what: &str) -> Result<Inventory, SourceError> {
    Err(SourceError::NotADump { path: name.to_owned(), line: 1, what: what.to_owned() })
}

/// Reads a dump line by line, and a second time byte by byte where it turns out that its lines are not as its author writes them.
fn read_dump(reader: impl Read + Send, name: &str, packing: Option<Packing>, again: Again<'_>) -> Result<Inventory, SourceError> {
    let anywhere = |source: &dyn Places| match dump::read_anywhere(source, name, Pace::Lines)? {
        Some(inventory) => Ok(Some(inventory)),
        None => dump::read_anywhere(source, name, Pace::Bytes),
    };
    let read = match (again, packing) {
        (Again::File(_), None) => anywhere(&open(name)?)?,
        (Again::Bytes(bytes), None) => anywhere(&bytes)?,
        // What cannot be read again is read byte by byte from the start.
        (Again::Never, _) => dump::read(reader, name, packing, Pace::Bytes)?,
        (Again::File(_) | Again::Bytes(_), Some(form)) => match dump::read(reader, name, packing, Pace::Lines)? {
            Some(inventory) => Some(inventory),
            None => {
                let packed: Box<dyn Read + Send> = if let Again::Bytes(bytes) = again { Box::new(bytes) } else { Box::new(open(name)?) };
                let unpacked = form.reader(packed).map_err(|error| SourceError::Unreadable { path: name.to_owned(), error })?;
                dump::read(unpacked, name, packing, Pace::Bytes)?
            }
        },
    };
    read.map_or_else(|| not_a_dump(name, "its lines are not a dump program's"), Ok)
}

/// A reader whose first bytes were read before.
type WithHead<R> = Chain<Cursor<Vec<u8>>, R>;

/// `error` without the path of a temporary file, which would tell a person nothing.
pub(crate) fn plain(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path \"") {
        Some((what, _)) => io::Error::new(error.kind(), what.to_owned()),
        None => error,
    }
}

/// The first bytes of `reader`, and a reader that gives them again.
fn with_head<R: Read>(mut reader: R) -> io::Result<(Vec<u8>, WithHead<R>)> {
    let mut head = Vec::new();
    reader.by_ref().take(form::HEAD).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

#[cfg(test)]
mod tests;
