//! Opening SQLite files.
//!
//! Reading leaves no trace: nothing is created, recovered or changed beside the file. A database in WAL mode, or one with a rollback journal beside
//! it, cannot be read in place without writing (SQLite creates `-shm` and recovers hot journals); such a database is copied with its journal into a
//! private folder and read there. Reading it in place as "immutable" would show torn data without any error.

use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::{Connection, DbConfig, Error, ErrorCode, OpenFlags};

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of the header of a database file.
const HEADER: usize = 100;
/// How often a copy is tried anew when the files change under it.
const TRIES: u32 = 5;

/// Why a database could not be opened or read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum OpenError {
    /// No such file.
    #[error("{path}: no such file")]
    Missing {
        /// The database.
        path: Utf8PathBuf,
    },
    /// The operating system does not let us read (or write) it.
    #[error("{path}: {source}")]
    #[diagnostic(help("run as a user who may read and write the extension's var directory"))]
    Unreadable {
        /// The database.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Its first bytes are not those of a SQLite database.
    #[error("{path}: not a SQLite database, or an encrypted one")]
    NotADatabase {
        /// The database.
        path: Utf8PathBuf,
    },
    /// Its structure is broken.
    #[error("{path}: the database is damaged: {detail}")]
    #[diagnostic(help("restore the file from a backup, or recover it with `sqlite3 {path} .recover`"))]
    Corrupt {
        /// The database.
        path: Utf8PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// Somebody else holds it.
    #[error("{path}: the database is in use by another process")]
    #[diagnostic(help("stop what uses it (for an extension: disable the extension, wait for its scheduled tasks), then try again"))]
    Busy {
        /// The database.
        path: Utf8PathBuf,
    },
    /// It kept changing while it was copied.
    #[error("{path}: the database keeps changing while it is read")]
    #[diagnostic(help("stop what writes to it, then try again"))]
    Changing {
        /// The database.
        path: Utf8PathBuf,
    },
    /// Anything else that SQLite says.
    #[error("{path}: {source}")]
    Sqlite {
        /// The database.
        path: Utf8PathBuf,
        /// What SQLite said.
        source: Error,
    },
}

impl OpenError {
    /// What `source`, raised by work on the database at `path`, means.
    #[must_use]
    pub fn of(path: &Utf8Path, source: Error) -> OpenError {
        let path = path.to_owned();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => OpenError::NotADatabase { path },
            Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { path, detail: source.to_string() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenError::Busy { path },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                OpenError::Unreadable { path, source: io::Error::new(io::ErrorKind::PermissionDenied, source.to_string()) }
            }
            _ => OpenError::Sqlite { path, source },
        }
    }

    fn io(path: &Utf8Path, source: io::Error) -> OpenError {
        let path = path.to_owned();
        if source.kind() == io::ErrorKind::NotFound { OpenError::Missing { path } } else { OpenError::Unreadable { path, source } }
    }
}

/// What a database file's first page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// It is in WAL mode.
    pub wal: bool,
    /// The text encoding: 1 UTF-8, 2 UTF-16le, 3 UTF-16be; 0 in an empty database, which has none yet.
    pub encoding: u8,
}

/// Reads the header of the database at `path`. A file of zero bytes is an empty database.
///
/// # Errors
/// The file is missing, unreadable, no database, or shorter than its own header says.
pub fn header(path: &Utf8Path) -> Result<Header, OpenError> {
    let io = |e| OpenError::io(path, e);
    let mut file = std::fs::File::open(path).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() {
        return Err(io(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    if meta.len() == 0 {
        return Ok(Header { wal: false, encoding: 0 });
    }
    let mut bytes = [0u8; HEADER];
    let read = read_up_to(&mut file, &mut bytes).map_err(io)?;
    if read < MAGIC.len() || !bytes.starts_with(MAGIC) {
        return Err(OpenError::NotADatabase { path: path.to_owned() });
    }
    if read < HEADER {
        return Err(OpenError::Corrupt { path: path.to_owned(), detail: format!("it ends after {read} bytes, inside its header") });
    }
    let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
        1 => 65536,
        n => u64::from(n),
    };
    // The page count is valid only when the two change counters agree; a journal beside the file may hold the rest.
    if word(24) == word(92) && !beside(path) && u64::from(word(28)) * page_size > meta.len() {
        let detail = format!("it is truncated: {} of {} bytes are left", meta.len(), u64::from(word(28)) * page_size);
        return Err(OpenError::Corrupt { path: path.to_owned(), detail });
    }
    Ok(Header { wal: bytes[18] == 2 || bytes[19] == 2, encoding: u8::try_from(word(56)).unwrap_or(0) })
}

fn read_up_to(file: &mut std::fs::File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// Whether a journal or a WAL with content lies beside the database.
fn beside(path: &Utf8Path) -> bool {
    ["-journal", "-wal"].iter().any(|s| std::fs::metadata(format!("{path}{s}")).is_ok_and(|m| m.len() > 0))
}

/// Where a database can be read without touching it: the file itself, or a private copy.
#[derive(Debug)]
pub struct Readable {
    /// What to open or attach, as a SQLite URI.
    pub uri: String,
    /// The header of the original.
    pub header: Header,
    /// Keeps the private copy alive.
    _copy: Option<TempDir>,
}

/// Makes the database at `path` readable without a trace.
///
/// # Errors
/// As [`header`]; or the files keep changing while they are copied.
pub fn readable(path: &Utf8Path) -> Result<Readable, OpenError> {
    let first = header(path)?;
    if !first.wal && !beside(path) {
        return Ok(Readable { uri: uri(path, "mode=ro"), header: first, _copy: None });
    }
    for attempt in 0..TRIES {
        std::thread::sleep(Duration::from_millis(50) * attempt);
        let folder = TempDir::with_prefix("reguid-").map_err(|e| OpenError::io(path, e))?;
        let into = Utf8Path::from_path(folder.path()).map(|p| p.join("copy.db")).ok_or_else(|| OpenError::Unreadable {
            path: path.to_owned(),
            source: io::Error::other("the temporary folder's path is not UTF-8"),
        })?;
        let before = state(path);
        for suffix in ["", "-journal", "-wal"] {
            match std::fs::copy(format!("{path}{suffix}"), format!("{into}{suffix}")) {
                Err(e) if suffix.is_empty() || e.kind() != io::ErrorKind::NotFound => return Err(OpenError::io(path, e)),
                _ => {}
            }
        }
        if before == state(path) {
            let uri = uri(&into, "mode=rw");
            return Ok(Readable { uri, header: first, _copy: Some(folder) });
        }
    }
    Err(OpenError::Changing { path: path.to_owned() })
}

/// Sizes and times of a database and what lies beside it.
fn state(path: &Utf8Path) -> [Option<(u64, Option<SystemTime>)>; 3] {
    ["", "-journal", "-wal"].map(|s| std::fs::metadata(format!("{path}{s}")).ok().map(|m| (m.len(), m.modified().ok())))
}

/// A URI for SQLite: `?`, `#` and `%` in the path lose their meaning.
#[must_use]
pub fn uri(path: &Utf8Path, parameters: &str) -> String {
    let mut text = String::from("file:");
    for c in path.as_str().chars() {
        match c {
            '?' => text.push_str("%3f"),
            '#' => text.push_str("%23"),
            '%' => text.push_str("%25"),
            _ => text.push(c),
        }
    }
    text + "?" + parameters
}

/// A database opened for reading.
#[derive(Debug)]
pub struct Reader {
    /// The connection. Declared before `_place`: it is closed before a private copy is removed.
    pub connection: Connection,
    _place: Option<Readable>,
}

/// Opens the database at `path` for reading; leaves no trace.
///
/// # Errors
/// As [`readable`]; or SQLite cannot read the schema.
pub fn read(path: &Utf8Path) -> Result<Reader, OpenError> {
    let place = readable(path)?;
    let of = |e| OpenError::of(path, e);
    let connection = Connection::open_with_flags(&place.uri, flags(OpenFlags::SQLITE_OPEN_READ_WRITE)).map_err(of)?;
    harden(&connection).map_err(of)?;
    probe(&connection, "main").map_err(of)?;
    Ok(Reader { connection, _place: Some(place) })
}

/// Opens a database that is held in memory, such as a member of a package.
///
/// # Errors
/// `name` stands for the database in errors. Not a database, damaged, or no room for a private copy.
pub fn read_bytes(name: &Utf8Path, bytes: &[u8]) -> Result<Reader, OpenError> {
    let rename = |e: OpenError| match e {
        OpenError::Missing { .. } => OpenError::Missing { path: name.to_owned() },
        OpenError::Unreadable { source, .. } => OpenError::Unreadable { path: name.to_owned(), source },
        OpenError::NotADatabase { .. } => OpenError::NotADatabase { path: name.to_owned() },
        OpenError::Corrupt { detail, .. } => OpenError::Corrupt { path: name.to_owned(), detail },
        OpenError::Busy { .. } => OpenError::Busy { path: name.to_owned() },
        OpenError::Changing { .. } => OpenError::Changing { path: name.to_owned() },
        OpenError::Sqlite { source, .. } => OpenError::Sqlite { path: name.to_owned(), source },
    };
    let io = |source| OpenError::Unreadable { path: name.to_owned(), source };
    let folder = TempDir::with_prefix("reguid-").map_err(io)?;
    let path = Utf8Path::from_path(folder.path()).map(|p| p.join("copy.db")).ok_or_else(|| io(io::Error::other("not a UTF-8 path")))?;
    std::fs::write(&path, bytes).map_err(io)?;
    let header = header(&path).map_err(rename)?;
    let of = |e| OpenError::of(name, e);
    let place = Readable { uri: uri(&path, "mode=rw"), header, _copy: Some(folder) };
    let connection = Connection::open_with_flags(&place.uri, flags(OpenFlags::SQLITE_OPEN_READ_WRITE)).map_err(of)?;
    harden(&connection).map_err(of)?;
    probe(&connection, "main").map_err(of)?;
    Ok(Reader { connection, _place: Some(place) })
}

/// Flags for opening: `access`, URIs understood, no mutexes.
#[must_use]
pub fn flags(access: OpenFlags) -> OpenFlags {
    access | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Makes a connection safe against what a hostile or careless schema holds: no triggers, no foreign-key actions, no functions called by the schema
/// that are not known to be harmless, no writes to SQLite's own tables. Must run outside a transaction (the pragma is ignored inside one).
///
/// # Errors
/// SQLite refuses a setting.
pub fn harden(connection: &Connection) -> Result<(), Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF; PRAGMA cell_size_check = ON")
}

/// Reads the schema once, so that a file that is no database says so now.
///
/// # Errors
/// What SQLite says.
pub fn probe(connection: &Connection, schema: &str) -> Result<(), Error> {
    let sql = format!("SELECT count(*) FROM {}", super::name::qualified(schema, "sqlite_schema"));
    connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (TempDir, Utf8PathBuf) {
        let folder = TempDir::new().unwrap();
        let path = Utf8PathBuf::from_path_buf(folder.path().join("a?b#c%.db")).unwrap();
        (folder, path)
    }

    fn listing(folder: &TempDir) -> Vec<(String, Vec<u8>)> {
        let mut all: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().path())
            .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap()))
            .collect();
        all.sort();
        all
    }

    fn count(reader: &Reader) -> i64 {
        reader.connection.query_row("SELECT count(*) FROM t", [], |r| r.get(0)).unwrap()
    }

    #[test]
    fn a_wal_that_was_not_checkpointed_is_seen_and_nothing_is_left() {
        let (folder, path) = folder();
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES (1),(2)").unwrap();
        let before = listing(&folder);
        assert!(header(&path).unwrap().wal);
        assert_eq!(count(&read(&path).unwrap()), 2);
        assert_eq!(listing(&folder), before);
    }

    #[test]
    fn a_hot_journal_is_rolled_back_in_a_copy_only() {
        let (source, path) = folder();
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES (1); PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN").unwrap();
        for _ in 0..2000 {
            writer.execute("INSERT INTO t VALUES (hex(randomblob(100)))", []).unwrap();
        }
        // What a crash leaves: the file with part of the transaction in it, and the journal that takes it back.
        let (crashed, copy) = folder();
        for suffix in ["", "-journal"] {
            std::fs::copy(format!("{path}{suffix}"), format!("{copy}{suffix}")).unwrap();
        }
        drop((writer, source));
        let before = listing(&crashed);
        assert_eq!(before.len(), 2, "the journal must be there");
        assert_eq!(count(&read(&copy).unwrap()), 1);
        assert_eq!(listing(&crashed), before);
    }

    #[test]
    fn what_is_no_database_says_so() {
        let (_folder, path) = folder();
        assert!(matches!(read(&path), Err(OpenError::Missing { .. })));
        std::fs::write(&path, b"").unwrap();
        assert!(read(&path).is_ok(), "zero bytes are an empty database");
        std::fs::write(&path, [7u8; 4096]).unwrap();
        assert!(matches!(read(&path), Err(OpenError::NotADatabase { .. })));
        std::fs::write(&path, &MAGIC[..]).unwrap();
        assert!(matches!(read(&path), Err(OpenError::Corrupt { .. })));
        assert!(matches!(read(path.parent().unwrap()), Err(OpenError::Unreadable { .. })));
    }

    #[test]
    fn a_truncated_database_says_so() {
        let (_folder, path) = folder();
        let writer = Connection::open(&path).unwrap();
        writer
            .execute_batch("CREATE TABLE t(a); INSERT INTO t SELECT hex(randomblob(1000)) FROM json_each('[1,2,3,4,5,6,7,8,9]')")
            .unwrap();
        drop(writer);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 4096]).unwrap();
        let error = read(&path).unwrap_err();
        assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
        assert!(read_bytes(Utf8Path::new("in.zip/data.db"), &bytes).is_ok());
    }
}
