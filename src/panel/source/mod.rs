//! Inventory sources: one word on the command line each, told apart by content.

mod backup;
pub mod companion;
mod dump;
mod error;
mod form;
pub mod snapshot;
mod time;

use std::io::{self, BufReader, Chain, Cursor, Read};

use camino::Utf8Path;
use flate2::read::MultiGzDecoder;

use super::Inventory;
use form::Form;

pub use backup::BackupError;
pub use error::SourceError;

/// The word for the standard input.
const STDIN: &str = "-";
/// Words that name a live server, and its form.
const SERVERS: [(&str, &str); 3] =
    [("mysql:", "a live database server"), ("mariadb:", "a live database server"), ("plesk:", "this server's own panel database")];

/// Reads the inventory that `word` names: a dump of the panel's database, a backup of the panel (an XML file, a folder, a `.tar` or a `.zip`), a
/// snapshot file, a companion, or `-`, the standard input; dumps, XML files, `.tar` and snapshots plain or gzip-compressed. A file is told by its
/// content, never by its name.
///
/// # Errors
/// Whatever keeps the source from being read whole: see [`SourceError`].
pub fn read(word: &str) -> Result<Inventory, SourceError> {
    if let Some((scheme, form)) = SERVERS.iter().find(|(scheme, _)| word.starts_with(scheme)) {
        // What follows may hold a password.
        return Err(SourceError::Unsupported { word: format!("{scheme}…"), form });
    }
    if word == STDIN {
        return read_from(io::stdin().lock(), "the standard input", None);
    }
    if Utf8Path::new(word).is_dir() {
        return backup::read_folder(Utf8Path::new(word));
    }
    let unreadable = |error: io::Error| SourceError::Unreadable { path: word.to_owned(), error };
    let file = std::fs::File::open(word).map_err(unreadable)?;
    read_from(file, word, Some(Utf8Path::new(word)))
}

/// Reads `reader`, which `name` names in errors; `path` is there when it is a file that can be opened again.
fn read_from(reader: impl Read, name: &str, path: Option<&Utf8Path>) -> Result<Inventory, SourceError> {
    let unreadable = |error: io::Error| SourceError::Unreadable { path: name.to_owned(), error };
    let (head, reader) = with_head(reader).map_err(unreadable)?;
    let not_a_dump = |what: &str| Err(SourceError::NotADump { path: name.to_owned(), line: 1, what: what.to_owned() });
    let unsupported = |form| Err(SourceError::Unsupported { word: name.to_owned(), form });
    match form::of(&head) {
        Form::Gzip => {
            let damaged = |error: io::Error| SourceError::DamagedGzip { path: name.to_owned(), line: 1, byte: 0, error };
            let (head, reader) = with_head(MultiGzDecoder::new(reader)).map_err(damaged)?;
            match form::of(&head) {
                Form::Snapshot => snapshot::read_lines(BufReader::new(reader), name),
                Form::Text => dump::read(reader, name, true),
                Form::Xml => backup::read(reader, name, path, true),
                Form::Tar => backup::read_tar(reader, name, path, true),
                Form::Zip => unsupported("a .zip archive that is compressed once more"),
                Form::Known(form) => unsupported(form),
                Form::Empty => Err(SourceError::Empty { path: name.to_owned() }),
                Form::Gzip => not_a_dump("it is gzip data inside gzip data"),
                Form::Sqlite => not_a_dump("it is a compressed SQLite database"),
                Form::Other(what) => not_a_dump(what),
            }
        }
        Form::Snapshot => snapshot::read_lines(BufReader::new(reader), name),
        Form::Sqlite => match path {
            Some(path) => companion::read(path),
            None => unsupported("a SQLite database that comes through a pipe"),
        },
        Form::Xml => backup::read(reader, name, path, false),
        Form::Tar => backup::read_tar(reader, name, path, false),
        Form::Zip => match path {
            Some(path) => backup::read_zip(path),
            None => unsupported("a .zip archive that comes through a pipe"),
        },
        Form::Text => match dump::read(reader, name, false) {
            Err(SourceError::NotADump { .. }) if is_named_gzip(name) => Err(SourceError::NotGzip { path: name.to_owned() }),
            read => read,
        },
        Form::Empty => Err(SourceError::Empty { path: name.to_owned() }),
        Form::Other(_) if is_named_gzip(name) => Err(SourceError::NotGzip { path: name.to_owned() }),
        Form::Other(what) => not_a_dump(what),
        Form::Known(form) => unsupported(form),
    }
}

fn is_named_gzip(name: &str) -> bool {
    Utf8Path::new(name).extension().is_some_and(|e| e.eq_ignore_ascii_case("gz"))
}

/// A reader whose first bytes were read before.
type WithHead<R> = Chain<Cursor<Vec<u8>>, R>;

/// The first bytes of `reader`, and a reader that gives them again.
fn with_head<R: Read>(mut reader: R) -> io::Result<(Vec<u8>, WithHead<R>)> {
    let mut head = Vec::new();
    reader.by_ref().take(form::HEAD).read_to_end(&mut head)?;
    Ok((head.clone(), Cursor::new(head).chain(reader)))
}

#[cfg(test)]
mod tests;
