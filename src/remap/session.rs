//! All databases of a run on one connection: for planning without a trace, or locked for writing.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::error::{Context, RemapError};
use super::ledger;
use super::{space, watch};
use crate::panel::source::companion::{self, CompanionError};
use crate::sqlite::held::Held;
use crate::sqlite::open::{self, OpenError, Readable};
use crate::sqlite::pages::Pages;
use crate::sqlite::schema::Schema;
use crate::sqlite::{Connection, OpenFlags, OptionalExtension};

/// How many databases one connection attaches beside its main one: SQLite's default limit.
pub const LIMIT: usize = 10;

/// How long to wait before a journal mode is tried to be switched again.
const PAUSE: Duration = Duration::from_millis(20);
/// Kilobytes of page cache for the databases of a run, together. The companion is written from one end to the other and needs little.
const CACHE: usize = 49_152;

/// A database on the connection.
#[derive(Debug)]
pub(crate) struct Database {
    /// Its path relative to the var directory: its name in plans and in the companion.
    pub name: Utf8PathBuf,
    /// Its path.
    pub path: Utf8PathBuf,
    /// What it is called in SQL.
    pub schema: String,
    /// What it declares.
    pub declared: Schema,
    /// Its file, where nobody but this connection can write to it: see [`Session::pages`].
    pages: Option<Pages>,
    /// Its file, where others can; opened when it is asked for, see [`Session::in_file`].
    own: Option<OnceCell<Option<Pages>>>,
}

/// A connection with databases attached.
#[derive(Debug)]
pub(crate) struct Session {
    /// The connection. Declared first: it is closed before the databases' files are, which would give up its locks, and before private copies are removed.
    pub connection: Connection,
    /// The databases.
    pub databases: Vec<Database>,
    /// Whether all that was written stands in the files.
    settled: Cell<bool>,
    _places: Vec<Readable>,
    /// Last: the locks of the files are the connection's.
    _held: Held,
}

impl Session {
    /// The index of the database `name`. One that a journal names and that is not open must not be taken for another.
    pub(super) fn index_of(&self, name: &str) -> Result<usize, crate::sqlite::Error> {
        let missing =
            || crate::sqlite::Error::ToSqlConversionFailure(format!("a journal names the database {name}, which is not there").into());
        self.databases.iter().position(|d| d.name == name).ok_or_else(missing)
    }

    /// The file of that database, to be read past SQLite, if all that was written stands in it.
    pub(super) fn pages(&self, database: &Database) -> Option<&Pages> {
        let known = self.databases.iter().find(|d| d.schema == database.schema)?;
        known.pages.as_ref().filter(|_| self.settled.get())
    }

    /// From now on, SQLite may hold back what is written.
    pub(super) fn writes(&self) {
        self.settled.set(false);
    }

    /// Has SQLite write what it held back. The pages that a statement stands on are left out: while one is under way, the files cannot be read.
    pub(super) fn settle(&self) -> Result<(), RemapError> {
        self.connection.cache_flush().doing(|| "writing what was changed to the databases' files".into())?;
        self.settled.set(!self.connection.is_busy());
        Ok(())
    }

    /// What `look` finds in that database's file, where it can be read past SQLite, which is had to write what it held back for that time.
    pub(super) fn in_file<T>(
        &self,
        database: &Database,
        look: impl FnOnce(Option<&Pages>) -> Result<T, RemapError>,
    ) -> Result<T, RemapError> {
        if let Some(own) = &database.own {
            // Others may write to the file, but not while a statement reads it.
            let sql = format!("SELECT name FROM {}.sqlite_schema", database.schema);
            let mut query = self.connection.prepare(&sql).on(&database.path)?;
            let mut rows = query.query([]).on(&database.path)?;
            let held = rows.next().on(&database.path)?.is_some();
            return look(own.get_or_init(|| Pages::open(&database.path).ok()).as_ref().filter(|_| held));
        }
        let settled = self.settled.get();
        if !settled {
            self.settle()?;
        }
        let found = look(self.pages(database));
        self.settled.set(settled);
        found
    }

    /// Opens the databases `names` of `var_dir` for reading; leaves no trace.
    pub(super) fn read(var_dir: &Utf8Path, names: &[Utf8PathBuf]) -> Result<Session, RemapError> {
        limit(names)?;
        let places = names.iter().map(|n| open::readable(&var_dir.join(n))).collect::<Result<Vec<_>, OpenError>>()?;
        let encoding = encoding(names.iter().zip(&places).map(|(n, p)| (n.as_path(), p.header.encoding)))?;
        let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE);
        let mut connection = Connection::open_with_flags(":memory:", flags).doing(|| "opening a private database".into())?;
        set_encoding(&connection, encoding).doing(|| "setting the text encoding".into())?;
        open::harden(&connection).doing(|| "setting the connection up".into())?;
        watch::attend(&mut connection).doing(|| "setting the connection up".into())?;
        let uris: Vec<String> = places.iter().map(|p| p.uri.clone()).collect();
        let mut databases = attach(&connection, var_dir, names, &uris)?;
        for (database, place) in databases.iter_mut().zip(&places) {
            database.own = place.copy().is_none().then(OnceCell::new);
            if let Some(copy) = place.copy() {
                // What lies beside it moves into it.
                let sql = format!("PRAGMA {}.journal_mode = DELETE", database.schema);
                let mode: String = connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
                database.pages = if mode == "delete" { Pages::open(copy).ok() } else { None };
            }
        }
        let held = Held::of(databases.iter().map(|d| &d.path));
        Ok(Session { connection, databases, settled: Cell::new(true), _places: places, _held: held })
    }
}

/// Databases locked for writing, together with the companion. Dropped without [`Locked::commit`], everything is as it was.
pub(crate) struct Locked {
    session: Option<Session>,
    companion: Utf8PathBuf,
    /// The companion was made by us and must not remain if nothing is committed.
    made: bool,
    /// Databases that were taken out of WAL mode and must be put back.
    switched: Vec<Utf8PathBuf>,
    var_dir: Utf8PathBuf,
    /// The databases, once the session is closed.
    names: Vec<Utf8PathBuf>,
}

impl Locked {
    /// Locks the databases `names` of `var_dir` and the companion, and begins a transaction over all of them.
    ///
    /// A transaction is atomic over several files only in rollback-journal mode: databases in WAL mode are switched for the run, which also proves
    /// that nobody else has them open. The companion notes the switch first, so that the next start puts it right after a crash.
    pub(super) fn open(var_dir: &Utf8Path, names: &[Utf8PathBuf], patience: Duration) -> Result<Locked, RemapError> {
        limit(names)?;
        restore_wal(var_dir)?;
        let companion = companion::path_in(var_dir);
        let mut headers = Vec::with_capacity(names.len() + 1);
        for name in names {
            let path = var_dir.join(name);
            headers.push((name.as_path(), open::header(&path)?));
            space::local(&path)?;
        }
        if companion.exists() {
            headers.push((Utf8Path::new(companion::FILE), open::header(&companion)?));
        }
        let encoding = encoding(headers.iter().map(|(n, h)| (*n, h.encoding)))?;
        let wal: Vec<Utf8PathBuf> = headers.iter().filter(|(_, h)| h.wal).map(|(n, _)| (*n).to_owned()).collect();
        let made = make(&companion, names.first().map(|n| var_dir.join(n)).as_deref())?;
        let mut locked = Locked { session: None, companion, made, switched: Vec::new(), var_dir: var_dir.to_owned(), names: Vec::new() };
        locked.leave_wal(wal, encoding, patience)?;
        locked.begin(names, encoding, patience)?;
        Ok(locked)
    }

    /// Takes the databases out of WAL mode.
    fn leave_wal(&mut self, wal: Vec<Utf8PathBuf>, encoding: u8, patience: Duration) -> Result<(), RemapError> {
        if wal.is_empty() {
            return Ok(());
        }
        let noting = self.connect(encoding, patience)?;
        ledger::note_wal(&noting, &wal).on(&self.companion)?;
        drop(noting);
        for name in wal {
            let path = self.var_dir.join(&name);
            self.switched.push(name);
            watch::check()?;
            switch(&path, "DELETE", patience)?;
        }
        Ok(())
    }

    /// A connection to the companion.
    fn connect(&self, encoding: u8, patience: Duration) -> Result<Connection, RemapError> {
        let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = Connection::open_with_flags(open::uri(&self.companion, "mode=rw"), flags).on(&self.companion)?;
        connection.busy_timeout(patience).on(&self.companion)?;
        set_encoding(&connection, encoding).on(&self.companion)?;
        open::harden(&connection).on(&self.companion)?;
        connection.execute_batch("PRAGMA main.journal_mode = DELETE; PRAGMA main.synchronous = FULL").on(&self.companion)?;
        companion::recognise(&connection, &self.companion)?;
        Ok(connection)
    }

    fn begin(&mut self, names: &[Utf8PathBuf], encoding: u8, patience: Duration) -> Result<(), RemapError> {
        let guard = Held::of(names.iter().map(|n| self.var_dir.join(n)).chain([self.companion.clone()]));
        let mut connection = self.connect(encoding, patience)?;
        watch::attend(&mut connection).on(&self.companion)?;
        let uris: Vec<String> = names.iter().map(|n| open::uri(&self.var_dir.join(n), "mode=rw")).collect();
        let mut databases = attach(&connection, &self.var_dir, names, &uris)?;
        for database in &databases {
            if connection.is_readonly(database.schema.as_str()).on(&database.path)? {
                return Err(read_only(&database.path));
            }
            // Rows that are put back in the order of other keys profit from a larger page cache than SQLite's 2 MB. All databases share it.
            let kilobytes = CACHE / databases.len();
            let sql = format!("PRAGMA {0}.synchronous = FULL; PRAGMA {0}.cache_size = -{kilobytes}", database.schema);
            connection.execute_batch(&sql).on(&database.path)?;
        }
        if connection.is_readonly("main").on(&self.companion)? {
            return Err(read_only(&self.companion));
        }
        if let Err(error) = connection.execute_batch("PRAGMA main.cache_size = -8192; BEGIN EXCLUSIVE") {
            drop(connection);
            let holder = databases.iter().map(|d| &d.path).find(|p| held(p)).unwrap_or(&self.companion);
            return Err(error).on(holder);
        }
        // What was declared may have changed before the lock was ours. So may the journal mode: some programs set WAL mode whenever they open a database.
        for database in &mut databases {
            let sql = format!("PRAGMA {}.journal_mode", database.schema);
            let mode: String = connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
            if mode.eq_ignore_ascii_case("wal") {
                return Err(OpenError::Busy { path: database.path.clone() }.into());
            }
            database.declared = Schema::read(&connection, &database.schema).on(&database.path)?;
            database.pages = Pages::open(&database.path).ok();
        }
        self.session = Some(Session { connection, databases, settled: Cell::new(true), _places: Vec::new(), _held: guard });
        Ok(())
    }

    /// The locked databases; `main` is the companion.
    pub(super) fn session(&self) -> &Session {
        self.session.as_ref().expect("the session lives until commit or drop")
    }

    /// Makes everything durable. `proof` is SQL that gives a row of the companion only once this was committed. Gives what could not be put right afterwards,
    /// for a warning.
    pub(super) fn commit(mut self, proof: &str) -> Result<Vec<String>, RemapError> {
        watch::phase(watch::Phase::Committing)?;
        let Err(error) = self.session().connection.execute_batch("COMMIT") else {
            self.made = false;
            return Ok(self.close());
        };
        // A disk may fail once everything is done, when all that is left is to make the end of the journals durable. SQLite tells of that as of any failure.
        self.end();
        let committed = open::read(&self.companion).map(|reader| {
            let found = reader.connection.query_row(proof, [], |_| Ok(())).optional();
            // An early failure leaves a companion without these tables.
            found.is_ok_and(|row| row.is_some())
        });
        // Whatever cannot be read is not taken away.
        self.made = self.made && matches!(committed, Ok(false));
        let mut warnings = self.close();
        match committed {
            Ok(true) => {
                warnings.push(format!("everything was committed, but the disk then reported an error: {error}"));
                Ok(warnings)
            }
            Ok(false) => Err(error).doing(|| "committing".into()),
            Err(why) => Err(RemapError::Unclear { source: error, why: why.to_string() }),
        }
    }

    /// Removes the super-journal that SQLite leaves beside the companion where a commit over several files fails in its midst. While any of the files has a
    /// journal of its own, it may be needed to roll that one back, and stays.
    fn sweep(&self) {
        let has_journal = |path: &Utf8Path| Utf8PathBuf::from(format!("{path}-journal")).exists();
        if self.names.is_empty() || self.names.iter().chain([&self.companion]).any(|p| has_journal(p)) {
            return;
        }
        let start = format!("{}-mj", companion::FILE);
        for entry in self.var_dir.read_dir_utf8().into_iter().flatten().flatten() {
            let is_hexadecimal = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_hexdigit());
            if entry.file_name().strip_prefix(&start).is_some_and(is_hexadecimal) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// A disk that fails in the midst of a transaction leaves journals. By one that was begun the next reader goes: this is the next reader. One that holds
    /// nothing to go by stays until somebody writes; SQLite removes it under its lock where journals were kept and no longer are.
    fn recover(&self) {
        let companion = Some(&self.companion).filter(|_| !self.made);
        for path in self.names.iter().chain(companion).filter(|path| Utf8PathBuf::from(format!("{path}-journal")).exists()) {
            let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
            // Where that fails too, it is left to whoever reads next.
            let _ = Connection::open_with_flags(open::uri(path, "mode=rw"), flags).and_then(|c| {
                open::harden(&c)?;
                open::probe(&c, "main")?;
                c.execute_batch("PRAGMA main.journal_mode = TRUNCATE; PRAGMA main.journal_mode = DELETE")
            });
        }
    }

    /// Ends the transaction, and closes the connection.
    fn end(&mut self) {
        if let Some(session) = self.session.take() {
            if !session.connection.is_autocommit() {
                // Should this fail too, closing leaves a hot journal, which the next reader of the database rolls back.
                let _ = session.connection.execute_batch("ROLLBACK");
            }
            self.names = session.databases.iter().map(|d| d.path.clone()).collect();
            drop(session);
        }
    }

    /// Closes the connection and puts databases back into WAL mode.
    fn close(&mut self) -> Vec<String> {
        self.end();
        self.recover();
        self.sweep();
        let mut warnings = Vec::new();
        for name in &self.switched {
            if let Err(error) = switch(&self.var_dir.join(name), "WAL", Duration::from_secs(1)) {
                warnings.push(format!("{name} could not be put back into WAL mode ({error}); the next run of reguid tries again"));
            }
        }
        if !self.switched.is_empty() && warnings.is_empty() && !self.made {
            let cleared = Connection::open_with_flags(&self.companion, open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE))
                .and_then(|c| c.execute_batch("DELETE FROM main.wal_switch"));
            if let Err(error) = cleared {
                warnings.push(format!("{}: {error}", self.companion));
            }
        }
        if self.made && warnings.is_empty() {
            let _ = std::fs::remove_file(&self.companion);
            let _ = std::fs::remove_file(format!("{}-journal", self.companion));
        }
        self.switched.clear();
        self.made = false;
        warnings
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

fn read_only(path: &Utf8Path) -> RemapError {
    let source = io::Error::new(io::ErrorKind::PermissionDenied, "the file cannot be written");
    OpenError::Unreadable { path: path.to_owned(), source }.into()
}

fn limit(names: &[Utf8PathBuf]) -> Result<(), RemapError> {
    if names.len() > LIMIT { Err(RemapError::TooMany { found: names.len(), limit: LIMIT }) } else { Ok(()) }
}

/// The one text encoding of all databases (0: all are empty).
fn encoding<'a>(all: impl Iterator<Item = (&'a Utf8Path, u8)>) -> Result<u8, RemapError> {
    let mut seen: BTreeMap<u8, &Utf8Path> = BTreeMap::new();
    for (name, encoding) in all.filter(|(_, e)| *e != 0) {
        seen.entry(encoding).or_insert(name);
    }
    let mut seen = seen.into_iter();
    match (seen.next(), seen.next()) {
        (Some((_, left)), Some((_, right))) => Err(RemapError::Encodings { left: left.to_owned(), right: right.to_owned() }),
        (first, _) => Ok(first.map_or(0, |(e, _)| e)),
    }
}

/// Takes effect only while the main database is empty.
pub(super) fn set_encoding(connection: &Connection, encoding: u8) -> Result<(), crate::sqlite::Error> {
    match encoding {
        2 => connection.execute_batch("PRAGMA main.encoding = 'UTF-16le'"),
        3 => connection.execute_batch("PRAGMA main.encoding = 'UTF-16be'"),
        _ => Ok(()),
    }
}

fn attach(connection: &Connection, var_dir: &Utf8Path, names: &[Utf8PathBuf], uris: &[String]) -> Result<Vec<Database>, RemapError> {
    let mut databases = Vec::with_capacity(names.len());
    for (i, (name, uri)) in names.iter().zip(uris).enumerate() {
        let path = var_dir.join(name);
        let schema = format!("d{i}");
        connection.execute(&format!("ATTACH ?1 AS {schema}"), [uri]).on(&path)?;
        open::probe(connection, &schema).on(&path)?;
        let declared = Schema::read(connection, &schema).on(&path)?;
        databases.push(Database { name: name.clone(), path, schema, declared, pages: None, own: None });
    }
    Ok(databases)
}

/// Makes an empty companion with the mode and owner of the data beside it. Whether there was none before.
pub(super) fn make(companion: &Utf8Path, like: Option<&Utf8Path>) -> Result<bool, RemapError> {
    let io = |source| RemapError::Io { path: companion.to_owned(), source };
    let file = match std::fs::OpenOptions::new().write(true).create_new(true).open(companion) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return no_link(companion).map(|()| false),
        other => other.map_err(io)?,
    };
    let model = match like {
        Some(file) => std::fs::metadata(file),
        None => companion.parent().map_or(Err(io::ErrorKind::NotFound.into()), std::fs::metadata),
    };
    let copied = model.and_then(|model| {
        // By the open file, not by its name: who may write to the folder could have put a link under the name, and we may be root.
        let own = file.metadata()?;
        if model.is_file() {
            file.set_permissions(model.permissions())?;
        }
        if (own.uid(), own.gid()) != (model.uid(), model.gid()) {
            std::os::unix::fs::fchown(&file, Some(model.uid()), Some(model.gid()))?;
        }
        Ok(())
    });
    if let Err(error) = copied {
        let _ = std::fs::remove_file(companion);
        return Err(io(error));
    }
    Ok(true)
}

/// Refuses a companion that is a link: it would lead writes out of the var directory.
fn no_link(companion: &Utf8Path) -> Result<(), RemapError> {
    let is_link = std::fs::symlink_metadata(companion).is_ok_and(|m| m.is_symlink());
    if is_link { Err(CompanionError::Foreign { path: companion.to_owned() }.into()) } else { Ok(()) }
}

/// The path of a database that the companion at `companion` names, which lies in the var directory and is no link: the companion is a file that others can
/// write, and must not make us write elsewhere.
pub(super) fn inside(companion: &Utf8Path, var_dir: &Utf8Path, name: &Utf8Path) -> Result<Utf8PathBuf, RemapError> {
    let path = var_dir.join(name);
    let plain = name.components().all(|c| matches!(c, Utf8Component::Normal(_)));
    let real = || Some(path.canonicalize_utf8().ok()? == var_dir.canonicalize_utf8().ok()?.join(name));
    if plain && (!path.exists() || real() == Some(true)) {
        return Ok(path);
    }
    let detail = format!("it names the database {name}, which does not lie in the var directory");
    Err(CompanionError::Damaged { path: companion.to_owned(), detail }.into())
}

/// Whether somebody holds a lock on the database.
fn held(path: &Utf8Path) -> bool {
    let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
    let taken = Connection::open_with_flags(open::uri(path, "mode=rw"), flags)
        .and_then(|c| c.busy_timeout(Duration::ZERO).and_then(|()| c.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")));
    taken.is_err()
}

/// Changes a database's journal mode, which nobody else must have open; waits for that as long as `patience`. (SQLite itself does not wait for other
/// connections to be closed.)
fn switch(path: &Utf8Path, mode: &str, patience: Duration) -> Result<(), RemapError> {
    let since = Instant::now();
    loop {
        match switch_once(path, mode) {
            Err(RemapError::Open(OpenError::Busy { .. })) if since.elapsed() < patience => std::thread::sleep(PAUSE),
            ended => return ended,
        }
    }
}

fn switch_once(path: &Utf8Path, mode: &str) -> Result<(), RemapError> {
    let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = Connection::open_with_flags(open::uri(path, "mode=rw"), flags).on(path)?;
    connection.busy_timeout(PAUSE).on(path)?;
    open::harden(&connection).on(path)?;
    connection.execute_batch("PRAGMA main.synchronous = FULL").on(path)?;
    let now: String = connection.query_row(&format!("PRAGMA main.journal_mode = {mode}"), [], |r| r.get(0)).on(path)?;
    if !now.eq_ignore_ascii_case(mode) {
        return Err(OpenError::Busy { path: path.to_owned() }.into());
    }
    drop(connection);
    // SQLite says that a database is in WAL mode also where the disk did not take that: not at all, or with a journal left that takes it back.
    if !takes_back(&Utf8PathBuf::from(format!("{path}-journal"))) && open::header(path)?.wal == mode.eq_ignore_ascii_case("WAL") {
        return Ok(());
    }
    let source = io::Error::other(format!("the disk did not take the journal mode {mode}"));
    Err(OpenError::Unreadable { path: path.to_owned(), source }.into())
}

/// Whether the next reader of a database goes by this journal. SQLite does not by one whose first byte is zero, such as one of which a power cut left the
/// length and nothing of what was written.
fn takes_back(journal: &Utf8Path) -> bool {
    let mut first = [0];
    std::fs::File::open(journal).is_ok_and(|mut file| std::io::Read::read(&mut file, &mut first).is_ok_and(|n| n == 1 && first[0] != 0))
}

/// Puts databases back into WAL mode that an interrupted run took out of it.
pub(crate) fn restore_wal(var_dir: &Utf8Path) -> Result<(), RemapError> {
    let path = companion::path_in(var_dir);
    if std::fs::metadata(&path).map_or(0, |m| m.len()) == 0 {
        return Ok(());
    }
    no_link(&path)?;
    let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
    open::harden(&connection).on(&path)?;
    if !companion::recognise(&connection, &path)? {
        return Ok(());
    }
    let noted = connection.query_row("SELECT 1 FROM main.sqlite_schema WHERE name = 'wal_switch'", [], |_| Ok(())).optional().on(&path)?;
    if noted.is_none() {
        return Ok(());
    }
    let names: Vec<String> = {
        let mut query = connection.prepare("SELECT database FROM main.wal_switch").on(&path)?;
        let rows = query.query_map([], |r| r.get(0)).on(&path)?;
        rows.collect::<Result<_, _>>().on(&path)?
    };
    for name in names {
        let database = inside(&path, var_dir, Utf8Path::new(&name))?;
        if database.exists() {
            switch(&database, "WAL", Duration::from_secs(1))?;
        }
        connection.execute("DELETE FROM main.wal_switch WHERE database = ?1", [&name]).on(&path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remap::scan::{self, Source};

    /// The operating system gives up all locks of a process on a file with the first of its descriptors that is closed: reading a file past SQLite must not.
    #[test]
    fn files_that_are_read_past_sqlite_stay_locked() {
        let folder = tempfile::TempDir::new().unwrap();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let names: Vec<Utf8PathBuf> = ["a.db", "b.db"].map(Utf8PathBuf::from).to_vec();
        for name in &names {
            Connection::open(dir.join(name)).unwrap().execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)").unwrap();
        }
        let others_read = |name: &Utf8Path| {
            let mut program = std::process::Command::new("sqlite3");
            let out = program.args(["-batch", "-cmd", ".timeout 0", dir.join(name).as_str(), "SELECT count(*) FROM t"]).output().unwrap();
            (out.status.success(), String::from_utf8_lossy(&out.stderr).into_owned())
        };
        let locked = Locked::open(dir, &names, PAUSE).unwrap();
        let session = locked.session();
        let read = |writes: &str| {
            for database in &session.databases {
                let source = |pages| Source {
                    connection: &session.connection,
                    schema: &database.schema,
                    pages,
                    table: database.declared.table("t").unwrap(),
                };
                let in_file = scan::content_of(source(session.pages(database))).unwrap();
                assert_eq!(in_file, scan::content_of(source(None)).unwrap(), "{writes}");
                let (ok, said) = others_read(&database.name);
                assert!(!ok && said.contains("locked"), "{writes}: {said}");
            }
        };
        read("");
        assert!(session.databases.iter().all(|d| session.pages(d).is_some()));
        session.writes();
        session.connection.execute_batch("UPDATE d0.t SET a = a + 10; DELETE FROM d1.t WHERE a = 1").unwrap();
        assert!(session.databases.iter().all(|d| session.pages(d).is_none()), "what was written may not stand in the files");
        session.settle().unwrap();
        assert!(session.databases.iter().all(|d| session.pages(d).is_some()));
        read("written");
        // The pages that a statement stands on are not written.
        let mut query = session.connection.prepare("SELECT a FROM d0.t").unwrap();
        let mut rows = query.query([]).unwrap();
        rows.next().unwrap();
        session.settle().unwrap();
        assert!(session.databases.iter().all(|d| session.pages(d).is_none()), "a statement is under way");
        drop(rows);
        drop(query);
        drop(locked);
        for name in &names {
            let (ok, said) = others_read(name);
            assert!(ok, "{said}");
        }
        let back: i64 = Connection::open(dir.join("a.db")).unwrap().query_row("SELECT sum(a) FROM t", [], |r| r.get(0)).unwrap();
        assert_eq!(back, 3, "nothing was committed");
    }
}
