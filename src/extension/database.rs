//! The schemas of SQLite databases that an extension ships, or that are named on the command line.
//!
//! Nothing is written beside a database. One with a write-ahead log or a hot journal beside it is copied with it, and SQLite recovers the copy;
//! to ignore either would read data that was never committed, or miss data that was.

use std::io::Read;

use camino::Utf8Path;

use super::kind::SQLITE_MAGIC;
use crate::sqlite::{Connection, DbConfig, Error, ErrorCode, OpenFlags};

/// The largest database that is copied.
const MAX_COPY: u64 = 4 << 30;

/// How long a lock of another process is waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(500);

/// The extended code of an error that says: there is a hot journal, and this connection may not roll it back.
const READONLY_ROLLBACK: i32 = 776;

/// The text of the schema of the database at `path`: one statement after the other.
///
/// # Errors
/// Why it cannot be read, in one line.
pub(super) fn schema_of_file(path: &Utf8Path) -> Result<String, String> {
    let mut head = Vec::new();
    let file = fs_err::File::open(path).map_err(|e| e.kind().to_string())?;
    file.take(100).read_to_end(&mut head).map_err(|e| e.kind().to_string())?;
    if head.is_empty() {
        return Ok(String::new());
    }
    if !head.starts_with(SQLITE_MAGIC) {
        return Err("it is not a SQLite database, or it is encrypted".to_owned());
    }
    let beside = |suffix: &str| fs_err::metadata(format!("{path}{suffix}")).is_ok_and(|m| m.len() > 0);
    if beside("-wal") {
        return schema_of_copy(path);
    }
    // Bytes 18 and 19 are 2 in WAL mode. Without a log beside it nobody has it open; opened as usual SQLite would make one.
    let wal = head.get(18..20).is_some_and(|versions| versions.contains(&2));
    let address = format!("file:{}?{}", encoded(path), if wal { "immutable=1" } else { "mode=ro" });
    let open = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let read = Connection::open_with_flags(address, open).and_then(|connection| schema(&connection));
    match read {
        Err(Error::SqliteFailure(code, _)) if code.extended_code == READONLY_ROLLBACK => schema_of_copy(path),
        read => read.map_err(|e| reason(&e)),
    }
}

/// The text of the schema of the database of these bytes, with the journal and the write-ahead log beside it.
///
/// # Errors
/// As [`schema_of_file`].
pub(super) fn schema_of_bytes(database: &[u8], journal: Option<&[u8]>, wal: Option<&[u8]>) -> Result<String, String> {
    if database.is_empty() {
        return Ok(String::new());
    }
    if !database.starts_with(SQLITE_MAGIC) {
        return Err("it is not a SQLite database, or it is encrypted".to_owned());
    }
    let write = |folder: &Utf8Path| -> std::io::Result<()> {
        fs_err::write(folder.join("copy"), database)?;
        journal.map_or(Ok(()), |bytes| fs_err::write(folder.join("copy-journal"), bytes))?;
        wal.map_or(Ok(()), |bytes| fs_err::write(folder.join("copy-wal"), bytes))
    };
    schema_of_private(write)
}

/// Reads a private copy of the database at `path` and of what lies beside it.
fn schema_of_copy(path: &Utf8Path) -> Result<String, String> {
    let size = fs_err::metadata(path).map_or(0, |m| m.len());
    if size > MAX_COPY {
        return Err(format!("it has a log or journal beside it and {size} bytes, too many to copy it"));
    }
    schema_of_private(|folder| {
        for suffix in ["", "-journal", "-wal"] {
            let from = format!("{path}{suffix}");
            if suffix.is_empty() || Utf8Path::new(&from).exists() {
                fs_err::copy(from, folder.join(format!("copy{suffix}")))?;
            }
        }
        Ok(())
    })
}

/// Reads the database `copy` that `write` puts into a folder of our own.
fn schema_of_private(write: impl FnOnce(&Utf8Path) -> std::io::Result<()>) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder can be made: {e}"))?;
    let folder = Utf8Path::from_path(folder.path()).ok_or("the temporary folder's name is not UTF-8")?;
    write(folder).map_err(|e| format!("it cannot be copied: {e}"))?;
    let open = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(folder.join("copy"), open).and_then(|connection| schema(&connection)).map_err(|e| reason(&e))
}

/// The statements that made the database, one after the other.
fn schema(connection: &Connection) -> Result<String, Error> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // A schema that SQLite refuses as a whole (a missing module, one damaged entry) is still read: each statement is judged by itself.
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

/// `path` as the path of a `file:` address.
fn encoded(path: &Utf8Path) -> String {
    let absolute = camino::absolute_utf8(path).unwrap_or_else(|_| path.to_owned());
    absolute.as_str().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// An error for a person.
fn reason(error: &Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is not a SQLite database, or it is encrypted".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => "it is corrupt or truncated".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "it is locked by another process".to_owned(),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => "it cannot be opened".to_owned(),
        _ => error.to_string(),
    }
}
