//! Opening SQLite files.
//!
//! Reading leaves no trace: nothing is created, recovered or changed beside the file. A database in WAL mode, or one with a hot journal beside it,
//! cannot be read in place without writing (SQLite creates `-shm` and rolls hot journals back); such a database is copied with what lies beside it
//! into a private folder and read there. Reading it in place as "immutable" would show torn data without any error.

use std::io::{self, Read};
use std::time::{Duration, SystemTime};

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::held::Guarded;
use super::{Connection, DbConfig, Error, ErrorCode, OpenFlags, is_index_damaged};

/// What a database file begins with.
pub(crate) const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Bytes of the header of a database file.
const HEADER: usize = 100;
/// How often a copy is tried anew when the files change under it.
const TRIES: u32 = 5;
/// How long a lock of another process is waited for by who only reads.
const PATIENCE: Duration = Duration::from_millis(500);
/// The extended code of an error that says: there is a hot journal, and this connection may not roll it back.
const READONLY_ROLLBACK: i32 = 776;

/// Why a database could not be opened or read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum OpenError {
    /// No such file.
    #[error("{path}: no such file")]
    #[diagnostic(help("check the path; a var directory is one like /usr/local/psa/var/modules/<extension>"))]
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
    #[diagnostic(help("give the database as its extension reads it, decrypted; a damaged file comes back from a backup only"))]
    NotADatabase {
        /// The database.
        path: Utf8PathBuf,
    },
    /// Its structure is broken.
    #[error("{path}: the database is corrupt or truncated: {detail}")]
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
    /// There is no place for the private copy.
    #[error("{path}: the database cannot be copied into a temporary folder to be read there: {source}")]
    #[diagnostic(help("make room in the temporary folder, or name another one by TMPDIR"))]
    NotCopied {
        /// The database.
        path: Utf8PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The disk takes no more, or fails.
    #[error("{path}: the disk is full or failing: {source}")]
    #[diagnostic(help("nothing was changed. Make room on that disk (quotas and limits on the size of files count too), then try again"))]
    Disk {
        /// The database.
        path: Utf8PathBuf,
        /// What SQLite said.
        source: Error,
    },
    /// Anything else that SQLite says.
    #[error("{path}: {source}")]
    #[diagnostic(help("nothing was changed; see https://sqlite.org/rescode.html for what SQLite says"))]
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
            Some(ErrorCode::DatabaseCorrupt) if is_index_damaged(&source) => {
                OpenError::Corrupt { path, detail: format!("an index does not agree with its table, which REINDEX mends: {source}") }
            }
            Some(ErrorCode::DatabaseCorrupt) => OpenError::Corrupt { path, detail: source.to_string() },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => OpenError::Busy { path },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                OpenError::Unreadable { path, source: io::Error::new(io::ErrorKind::PermissionDenied, source.to_string()) }
            }
            Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => OpenError::Disk { path, source },
            _ => OpenError::Sqlite { path, source },
        }
    }

    /// What is wrong, without the path.
    #[must_use]
    pub fn reason(&self) -> String {
        let (text, prefix) = (self.to_string(), format!("{}: ", self.path()));
        text.strip_prefix(&prefix).map_or_else(|| text.clone(), str::to_owned)
    }

    /// The database.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        match self {
            OpenError::Missing { path }
            | OpenError::Unreadable { path, .. }
            | OpenError::NotADatabase { path }
            | OpenError::Corrupt { path, .. }
            | OpenError::Busy { path }
            | OpenError::Changing { path }
            | OpenError::NotCopied { path, .. }
            | OpenError::Disk { path, .. }
            | OpenError::Sqlite { path, .. } => path,
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
    // Before it is opened: opening a pipe waits for who writes to it.
    let meta = std::fs::metadata(path).map_err(io)?;
    if !meta.is_file() {
        return Err(io(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    let file = Guarded::open(path).map_err(io)?;
    let mut bytes = [0u8; HEADER];
    let read = read_up_to(&file, &mut bytes).map_err(io)?;
    parse_header(path, &bytes[..read], meta.len(), has(path, "-journal") || has(path, "-wal"))
}

/// What the first `bytes` of the database say, which has `size` bytes; `beside`: whether something lies beside it that may hold the rest.
fn parse_header(path: &Utf8Path, bytes: &[u8], size: u64, beside: bool) -> Result<Header, OpenError> {
    if size == 0 {
        return Ok(Header { wal: false, encoding: 0 });
    }
    let corrupt = |detail| Err(OpenError::Corrupt { path: path.to_owned(), detail });
    // The first page is the last to be written: what a killed program left of a new database has none yet, and a journal that takes all of it back.
    if beside && bytes.starts_with(&[0; MAGIC.len()]) {
        return Ok(Header { wal: false, encoding: 0 });
    }
    if !bytes.starts_with(MAGIC) {
        return Err(OpenError::NotADatabase { path: path.to_owned() });
    }
    if bytes.len() < HEADER {
        return corrupt(format!("it ends after {} bytes, inside its header", bytes.len()));
    }
    let word = |at: usize| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
        1 => 65536,
        n => u64::from(n),
    };
    // The page count is valid only when the two change counters agree.
    let whole = u64::from(word(28)) * page_size;
    if word(24) == word(92) && !beside && whole > size {
        return corrupt(format!("{size} of its {whole} bytes are left"));
    }
    Ok(Header { wal: bytes[18] == 2 || bytes[19] == 2, encoding: u8::try_from(word(56)).unwrap_or(0) })
}

fn read_up_to(mut file: &std::fs::File, buffer: &mut [u8]) -> io::Result<usize> {
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

/// A database's file, and what SQLite puts beside it.
const SUFFIXES: [&str; 3] = ["", "-journal", "-wal"];

/// Whether a file with content and that suffix lies beside the database.
fn has(path: &Utf8Path, suffix: &str) -> bool {
    std::fs::metadata(format!("{path}{suffix}")).is_ok_and(|m| m.len() > 0)
}

/// Where a database can be read without touching it: the file itself, or a private copy.
#[derive(Debug)]
pub struct Readable {
    /// What to open or attach, as a SQLite URI.
    pub uri: String,
    /// The header of the original.
    pub header: Header,
    /// The private copy, and the folder that it lies in, which must live as long.
    copy: Option<(Utf8PathBuf, TempDir)>,
}

/// Makes the database at `path` readable without a trace.
///
/// # Errors
/// As [`header`]; or the files keep changing while they are copied.
pub fn readable(path: &Utf8Path) -> Result<Readable, OpenError> {
    let header = header(path)?;
    if !header.wal && !has(path, "-wal") {
        let place = Readable { uri: uri(path, "mode=ro"), header, copy: None };
        // Only SQLite can tell a hot journal from one that its owner still writes to or left behind empty.
        let hot = has(path, "-journal") && !readable_in_place(&place).map_err(|e| OpenError::of(path, e))?;
        if !hot {
            return Ok(place);
        }
    }
    let opened = |e| OpenError::io(path, e);
    for attempt in 0..TRIES {
        std::thread::sleep(Duration::from_millis(50) * attempt);
        let copy = Copy::new(path)?;
        let before = state(path);
        for suffix in SUFFIXES {
            match Guarded::open(format!("{path}{suffix}")) {
                Ok(from) => copy.write(suffix, &mut &*from)?,
                Err(e) if suffix.is_empty() || e.kind() != io::ErrorKind::NotFound => return Err(opened(e)),
                Err(_) => {}
            }
        }
        if before == state(path) {
            return Ok(copy.readable(header));
        }
    }
    Err(OpenError::Changing { path: path.to_owned() })
}

/// Whether a database in rollback-journal mode can be read where it is: `false` if a hot journal must be rolled back first.
fn readable_in_place(place: &Readable) -> Result<bool, Error> {
    match place.connect().and_then(|connection| probe(&connection, "main")) {
        Err(Error::SqliteFailure(code, _)) if code.extended_code == READONLY_ROLLBACK => Ok(false),
        // A schema that SQLite refuses is the business of who reads it.
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => Ok(true),
        probed => probed.map(|()| true),
    }
}

impl Readable {
    /// The private copy, if it is one. Nobody else has it open.
    #[must_use]
    pub fn copy(&self) -> Option<&Utf8Path> {
        self.copy.as_ref().map(|c| c.0.as_path())
    }

    /// A connection to it.
    fn connect(&self) -> Result<Connection, Error> {
        let connection = Connection::open_with_flags(&self.uri, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
        connection.busy_timeout(PATIENCE)?;
        harden(&connection)?;
        Ok(connection)
    }
}

/// A private copy in the making.
struct Copy<'a> {
    of: &'a Utf8Path,
    folder: TempDir,
    path: Utf8PathBuf,
}

impl Copy<'_> {
    fn new(of: &Utf8Path) -> Result<Copy<'_>, OpenError> {
        let failed = |source| OpenError::NotCopied { path: of.to_owned(), source };
        let folder = TempDir::with_prefix("reguid-").map_err(failed)?;
        match Utf8Path::from_path(folder.path()).map(|p| p.join("copy.db")) {
            Some(path) => Ok(Copy { of, folder, path }),
            None => Err(failed(io::Error::other("the temporary folder's path is not UTF-8"))),
        }
    }

    /// Copies the content of the database (an empty suffix) or of a file beside it. The copy can be written, whatever the original's permissions.
    fn write(&self, suffix: &str, from: &mut dyn Read) -> Result<(), OpenError> {
        let copied = std::fs::File::create(format!("{}{suffix}", self.path)).and_then(|mut to| io::copy(from, &mut to));
        copied.map(drop).map_err(|source| OpenError::NotCopied { path: self.of.to_owned(), source })
    }

    fn readable(self, header: Header) -> Readable {
        Readable { uri: uri(&self.path, "mode=rw"), header, copy: Some((self.path, self.folder)) }
    }
}

/// Sizes and times of a database and what lies beside it.
fn state(path: &Utf8Path) -> [Option<(u64, Option<SystemTime>)>; 3] {
    SUFFIXES.map(|s| std::fs::metadata(format!("{path}{s}")).ok().map(|m| (m.len(), m.modified().ok())))
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
    _place: Readable,
}

/// Opens the database at `path` for reading; leaves no trace.
///
/// # Errors
/// As [`readable`]; or SQLite cannot read the schema.
pub fn read(path: &Utf8Path) -> Result<Reader, OpenError> {
    let reader = read_unchecked(path)?;
    probe(&reader.connection, "main").map_err(|e| OpenError::of(path, e))?;
    Ok(reader)
}

/// As [`read`], for who wants the text of the schema and can bear one that SQLite refuses.
///
/// # Errors
/// As [`readable`].
pub fn read_unchecked(path: &Utf8Path) -> Result<Reader, OpenError> {
    Reader::of(path, readable(path)?)
}

/// As [`read_unchecked`], of a database that is held in memory, such as a member of a package; `journal` and `wal` lie beside it there.
///
/// # Errors
/// `name` stands for the database in errors. Not a database, damaged, or no room for a private copy.
pub fn read_bytes(name: &Utf8Path, database: &[u8], journal: Option<&[u8]>, wal: Option<&[u8]>) -> Result<Reader, OpenError> {
    let copy = Copy::new(name)?;
    for (suffix, bytes) in SUFFIXES.into_iter().zip([Some(database), journal, wal]) {
        if let Some(mut bytes) = bytes {
            copy.write(suffix, &mut bytes)?;
        }
    }
    let beside = journal.is_some() || wal.is_some();
    let header = parse_header(name, &database[..database.len().min(HEADER)], database.len() as u64, beside)?;
    Reader::of(name, copy.readable(header))
}

impl Reader {
    fn of(path: &Utf8Path, place: Readable) -> Result<Reader, OpenError> {
        let connection = place.connect().map_err(|e| OpenError::of(path, e))?;
        Ok(Reader { connection, _place: place })
    }
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

    /// A companion that is larger than SQLite's cache, of a first run that was killed.
    #[test]
    fn a_new_database_that_was_never_committed_is_an_empty_one() {
        let (source, path) = folder();
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch("PRAGMA cache_size=1; PRAGMA cache_spill=1; BEGIN; CREATE TABLE t(a)").unwrap();
        for _ in 0..2000 {
            writer.execute("INSERT INTO t VALUES (hex(randomblob(100)))", []).unwrap();
        }
        let (killed, copy) = folder();
        for (name, bytes) in listing(&source) {
            std::fs::write(killed.path().join(name), bytes).unwrap();
        }
        let left = std::fs::read(&copy).unwrap();
        assert!(left.len() > 4096 && left.starts_with(&[0; MAGIC.len()]), "the first page was written");
        assert_eq!(header(&copy).unwrap().encoding, 0);
        let reader = read(&copy).unwrap();
        let tables: i64 = reader.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0)).unwrap();
        assert_eq!(tables, 0);
        // Without the journal it is no database, and nobody may take it for one.
        std::fs::remove_file(format!("{copy}-journal")).unwrap();
        assert!(matches!(header(&copy), Err(OpenError::NotADatabase { .. })));
        // Nor with something beside it that takes nothing back.
        for suffix in ["-journal", "-wal"] {
            std::fs::write(format!("{copy}{suffix}"), [0; 512]).unwrap();
            assert!(matches!(read(&copy), Err(OpenError::NotADatabase { .. })), "{suffix}");
            std::fs::remove_file(format!("{copy}{suffix}")).unwrap();
        }
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
        assert!(read_bytes(Utf8Path::new("in.zip/data.db"), &bytes, None, None).is_ok());
    }
}
