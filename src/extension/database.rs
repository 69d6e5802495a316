//! The schemas of SQLite databases that an extension ships, or that are named on the command line.

use camino::Utf8Path;

use crate::sqlite::open::{self, OpenError, Reader};
use crate::sqlite::{Connection, DbConfig, Error};

/// The text of the schema of the database at `path`: one statement after the other.
///
/// # Errors
/// It cannot be read.
pub(super) fn schema_of_file(path: &Utf8Path) -> Result<String, OpenError> {
    schema(path, open::read_unchecked(path)?)
}

/// The text of the schema of the database of these bytes, with the journal and the write-ahead log beside it.
///
/// # Errors
/// As [`schema_of_file`]; `name` stands for the database.
pub(super) fn schema_of_bytes(name: &Utf8Path, database: &[u8], journal: Option<&[u8]>, wal: Option<&[u8]>) -> Result<String, OpenError> {
    schema(name, open::read_bytes(name, database, journal, wal)?)
}

fn schema(path: &Utf8Path, reader: Reader) -> Result<String, OpenError> {
    statements(&reader.connection).map_err(|e| OpenError::of(path, e))
}

/// The statements that made the database, one after the other.
fn statements(connection: &Connection) -> Result<String, Error> {
    // A schema that SQLite refuses as a whole (a missing module, one damaged entry) is still read: each statement is judged by itself.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    connection.execute_batch("PRAGMA writable_schema = ON")?;
    let mut query = connection
        .prepare("SELECT CAST(sql AS BLOB) FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")?;
    let mut rows = query.query([])?;
    let mut text = String::new();
    while let Some(row) = rows.next()? {
        text.push_str(&String::from_utf8_lossy(row.get_ref(0)?.as_bytes().unwrap_or_default()));
        text.push_str(";\n");
    }
    Ok(text)
}
