//! The companion's inventory: what the ids in an extension's data mean.
//!
//! The companion `reguid.db` lies in the extension's var directory, so that a backup carries it along with the ids that it explains. It keeps
//! *generations*: inventories of the panel, each numbered, one of them the current one, in whose terms the stored ids speak.

use std::borrow::Cow;
use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};

use super::SourceError;
use crate::panel::inventory::{Fingerprint, Origin};
use crate::panel::{Guid, Inventory, Kind, Object};
use crate::sqlite::open::{self, OpenError};
use crate::sqlite::{Connection, Error, OptionalExtension, params};

/// The companion's file name.
pub const FILE: &str = "reguid.db";
/// `reGU` in ASCII: SQLite's `application_id` of a companion.
pub const APPLICATION_ID: i32 = 0x7265_4755;
/// The format's version: SQLite's `user_version`.
pub const VERSION: i32 = 1;

/// Objects that one statement inserts.
const AT_ONCE: usize = 64;

/// The tables of this module. Ids of generations are never used twice.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.generation(   -- one state of a panel
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,                     -- where it was read
    taken TEXT,                               -- when the panel was in this state, as the source tells it
    recorded_at TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    carried TEXT NOT NULL,                    -- JSON: the kinds that the source could tell of
    recorded_by TEXT NOT NULL CHECK (recorded_by IN ('snapshot', 'run'))
) STRICT;
CREATE TABLE IF NOT EXISTS main.object(       -- the objects of a generation
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    guid TEXT,
    name TEXT NOT NULL,
    parent_kind TEXT,
    parent_id INTEGER,
    witness TEXT NOT NULL,                    -- JSON: a list of texts
    PRIMARY KEY (generation, kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.part(         -- generations that tell of a part of the panel alone
    generation INTEGER PRIMARY KEY,
    why TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS main.gone(         -- objects of a generation that the panel had no longer
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (generation, kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.witness(      -- what the witnesses of a kind's objects are
    generation INTEGER NOT NULL,
    kind TEXT NOT NULL,
    names TEXT NOT NULL,                      -- JSON: a list of texts
    PRIMARY KEY (generation, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.current(      -- one row: the generation that the ids in the data speak of
    only INTEGER PRIMARY KEY CHECK (only = 1),
    generation INTEGER NOT NULL
) STRICT;
";

/// Why a companion could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum CompanionError {
    /// The file cannot be opened.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Open(OpenError),
    /// The file is no database any more.
    #[error("{path}: the companion cannot be read: {detail}")]
    #[diagnostic(help(
        "put back the {FILE} that was backed up with the data; if there is none, move this file away and say with --old what the ids in the data speak of"
    ))]
    Broken {
        /// The file.
        path: Utf8PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// A database of somebody else's lies under the companion's name.
    #[error("{path}: this database is no companion of reguid's")]
    #[diagnostic(help("move it away, if nobody needs it under this name"))]
    Foreign {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A later release made it.
    #[error("{path}: the companion has format {version}, this release knows formats up to {VERSION}")]
    #[diagnostic(help("use the release of reguid that made it, or a later one"))]
    Newer {
        /// The file.
        path: Utf8PathBuf,
        /// Its format.
        version: i32,
    },
    /// It records no panel state.
    #[error("{path}: the companion records no panel state")]
    #[diagnostic(help("record one with `reguid snapshot --into`, or give another source"))]
    NoState {
        /// The file.
        path: Utf8PathBuf,
    },
    /// What is written in it makes no sense.
    #[error("{path}: the companion is damaged: {detail}")]
    #[diagnostic(help("restore the file from a backup"))]
    Damaged {
        /// The file.
        path: Utf8PathBuf,
        /// What makes no sense.
        detail: String,
    },
}

impl From<OpenError> for CompanionError {
    fn from(error: OpenError) -> CompanionError {
        match error {
            OpenError::NotADatabase { .. } | OpenError::Corrupt { .. } => {
                CompanionError::Broken { path: error.path().to_owned(), detail: error.reason() }
            }
            other => CompanionError::Open(other),
        }
    }
}

/// A recorded state of a panel.
#[derive(Debug, Clone)]
pub struct Generation {
    /// Its number.
    pub id: i64,
    /// When it was recorded (RFC 3339, UTC).
    pub recorded_at: String,
    /// The objects.
    pub inventory: Inventory,
}

/// Who records a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedBy {
    /// `reguid snapshot --into`.
    Snapshot,
    /// A run of `fix`.
    Run,
}

/// The companion's path in `var_dir`.
#[must_use]
pub fn path_in(var_dir: &Utf8Path) -> Utf8PathBuf {
    var_dir.join(FILE)
}

/// Reads the current inventory of the companion at `path`; leaves no trace.
///
/// # Errors
/// [`SourceError::Companion`]: it is no companion, cannot be read, or records no panel state.
pub fn read(path: &Utf8Path) -> Result<Inventory, SourceError> {
    let generation = || -> Result<Generation, CompanionError> {
        let reader = open::read(path)?;
        let current = if recognise(&reader.connection, path)? { current(&reader.connection, path)? } else { None };
        current.ok_or_else(|| CompanionError::NoState { path: path.to_owned() })
    };
    generation().map(|g| g.inventory).map_err(|e| SourceError::Companion(Box::new(e)))
}

/// Whether the main database is a companion (`false`: it is still empty).
///
/// # Errors
/// It is somebody else's, or a later release's.
pub fn recognise(connection: &Connection, path: &Utf8Path) -> Result<bool, CompanionError> {
    let of = |e| OpenError::of(path, e);
    let number = |pragma: &str| connection.query_row(&format!("PRAGMA main.{pragma}"), [], |r| r.get::<_, i32>(0)).map_err(of);
    let tables: i64 = connection.query_row("SELECT count(*) FROM main.sqlite_schema", [], |r| r.get(0)).map_err(of)?;
    if tables == 0 {
        return Ok(false);
    }
    if number("application_id")? != APPLICATION_ID {
        return Err(CompanionError::Foreign { path: path.to_owned() });
    }
    match number("user_version")? {
        VERSION => Ok(true),
        version if version > VERSION => Err(CompanionError::Newer { path: path.to_owned(), version }),
        version => Err(CompanionError::Damaged { path: path.to_owned(), detail: format!("format {version}") }),
    }
}

/// Makes this module's tables in the main database, where they are missing, and marks it as a companion.
///
/// # Errors
/// What SQLite says.
pub fn create(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(TABLES)?;
    connection.execute_batch(&format!("PRAGMA main.application_id = {APPLICATION_ID}; PRAGMA main.user_version = {VERSION}"))
}

/// The current generation in the main database.
///
/// # Errors
/// It cannot be read or makes no sense.
pub fn current(connection: &Connection, path: &Utf8Path) -> Result<Option<Generation>, CompanionError> {
    let id = connection
        .query_row("SELECT generation FROM main.current", [], |r| r.get::<_, i64>(0))
        .optional()
        .map_err(|e| OpenError::of(path, e))?;
    id.map(|id| load(connection, path, id)).transpose()
}

/// Makes `generation` the current one.
///
/// # Errors
/// What SQLite says.
pub fn set_current(connection: &Connection, generation: i64) -> Result<(), Error> {
    let sql = "INSERT INTO main.current VALUES (1, ?1) ON CONFLICT DO UPDATE SET generation = excluded.generation";
    connection.execute(sql, [generation]).map(drop)
}

/// Forgets which generation is current: the data has no date any more.
///
/// # Errors
/// What SQLite says.
pub fn clear_current(connection: &Connection) -> Result<(), Error> {
    connection.execute("DELETE FROM main.current", []).map(drop)
}

/// Reads one generation.
///
/// # Errors
/// It is not there, cannot be read or makes no sense.
pub fn load(connection: &Connection, path: &Utf8Path, id: i64) -> Result<Generation, CompanionError> {
    let damaged = |detail: String| CompanionError::Damaged { path: path.to_owned(), detail };
    let row = connection
        .query_row("SELECT source, taken, recorded_at, carried, fingerprint FROM main.generation WHERE id = ?1", [id], |r| {
            Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?, r.get::<_, String>(3)?, r.get::<_, Vec<u8>>(4)?))
        })
        .optional()
        .map_err(|e| OpenError::of(path, e))?;
    let (source, taken, recorded_at, carried, fingerprint) = row.ok_or_else(|| damaged(format!("it has no generation {id}")))?;
    let carried: Vec<String> = serde_json::from_str(&carried).map_err(|e| damaged(e.to_string()))?;
    let orders = witness_orders(connection, id).map_err(|e| OpenError::of(path, e))?;
    let mut objects = Vec::new();
    let mut unknown: BTreeMap<String, u64> = BTreeMap::new();
    let mut read = || -> Result<(), Error> {
        let sql = "SELECT kind, id, guid, name, parent_kind, parent_id, witness FROM main.object WHERE generation = ?1";
        let mut query = connection.prepare(sql)?;
        let mut rows = query.query([id])?;
        // Objects come by their kinds.
        let mut last: Option<Kind> = None;
        while let Some(row) = rows.next()? {
            let word = row.get_ref(0)?.as_str()?;
            let Some(kind) = last.filter(|k| k.name() == word).or_else(|| word.parse().ok()) else {
                // A kind that this release does not know cannot stand in a manifest either.
                *unknown.entry(word.to_owned()).or_default() += 1;
                continue;
            };
            last = Some(kind);
            let parent = row.get_ref(4)?.as_str_or_null()?.and_then(|k| k.parse::<Kind>().ok()).zip(row.get::<_, Option<i64>>(5)?);
            let mut witness: Vec<Box<str>> = match row.get_ref(6)?.as_str()? {
                "[]" => Vec::new(),
                list => serde_json::from_str(list).unwrap_or_default(),
            };
            if let Some(order) = orders.get(&kind) {
                witness = order.iter().map(|at| at.and_then(|at| witness.get(at).cloned()).unwrap_or_default()).collect();
            }
            objects.push(Object {
                kind,
                id: row.get(1)?,
                guid: row.get_ref(2)?.as_str_or_null()?.and_then(|g| Guid::parse(g.as_bytes())),
                name: row.get_ref(3)?.as_str()?.into(),
                parent,
                witness: witness.into(),
            });
        }
        Ok(())
    };
    read().map_err(|e| OpenError::of(path, e))?;
    let known: Vec<Kind> = carried.iter().filter_map(|k| k.parse().ok()).collect();
    let every_kind_known = known.len() == carried.len();
    let mut inventory = Inventory::new(Origin { source, taken }, objects, known);
    if let Some(why) = part(connection, id).map_err(|e| OpenError::of(path, e))? {
        inventory.tells_in_part(why);
    }
    inventory.tell_gone(gone(connection, id).map_err(|e| OpenError::of(path, e))?);
    for (kind, count) in unknown {
        inventory.note(format!("{count} objects of the kind `{}` were left out: this release does not know it", kind.escape_debug()));
    }
    if every_kind_known && inventory.fingerprint().0[..] != fingerprint[..] {
        return Err(damaged(format!("generation {id} is not what was recorded")));
    }
    Ok(Generation { id, recorded_at, inventory })
}

/// Why a generation tells of a part of the panel alone, if it does.
fn part(connection: &Connection, id: i64) -> Result<Option<String>, Error> {
    if !exists(connection, "part")? {
        return Ok(None);
    }
    connection.query_row("SELECT why FROM main.part WHERE generation = ?1", [id], |r| r.get(0)).optional()
}

/// The objects of a generation that are gone from the panel.
fn gone(connection: &Connection, id: i64) -> Result<Vec<(Kind, i64)>, Error> {
    if !exists(connection, "gone")? {
        return Ok(Vec::new());
    }
    let mut query = connection.prepare("SELECT kind, id FROM main.gone WHERE generation = ?1")?;
    let rows = query.query_map([id], |r| Ok((r.get::<_, String>(0)?, r.get::<_, i64>(1)?)))?;
    let known = |row: Result<(String, i64), Error>| match row {
        Ok((word, id)) => word.parse().ok().map(|kind| Ok((kind, id))),
        Err(e) => Some(Err(e)),
    };
    rows.filter_map(known).collect()
}

/// For each witness of this release, its place among those that were recorded, of the kinds for which these are told.
fn witness_orders(connection: &Connection, generation: i64) -> Result<BTreeMap<Kind, Vec<Option<usize>>>, Error> {
    let mut orders = BTreeMap::new();
    if !exists(connection, "witness")? {
        return Ok(orders);
    }
    let mut query = connection.prepare("SELECT kind, names FROM main.witness WHERE generation = ?1")?;
    let mut rows = query.query([generation])?;
    while let Some(row) = rows.next()? {
        let names: Vec<String> = serde_json::from_str(&row.get::<_, String>(1)?).unwrap_or_default();
        let Ok(kind) = row.get::<_, String>(0)?.parse::<Kind>() else { continue };
        let Some(table) = &kind.facts().table else { continue };
        orders.insert(kind, table.witness.iter().map(|own| names.iter().position(|name| name == own)).collect());
    }
    Ok(orders)
}

/// Whether there is such a table. A companion of an early release lacks some.
fn exists(connection: &Connection, table: &str) -> Result<bool, Error> {
    connection.query_row("SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' AND name = ?1", [table], |r| r.get(0))
}

/// The fingerprint of one generation, without reading its objects.
///
/// # Errors
/// What SQLite says.
pub fn fingerprint(connection: &Connection, id: i64) -> Result<Option<Fingerprint>, Error> {
    let bytes: Option<Vec<u8>> =
        connection.query_row("SELECT fingerprint FROM main.generation WHERE id = ?1", [id], |r| r.get(0)).optional()?;
    Ok(bytes.and_then(|b| b.try_into().ok()).map(Fingerprint))
}

/// Writes `inventory` as a new generation and gives its number.
///
/// # Errors
/// What SQLite says.
pub fn record(connection: &Connection, inventory: &Inventory, by: RecordedBy) -> Result<i64, Error> {
    let carried: Vec<&str> = inventory.carried().iter().map(|k| k.name()).collect();
    let by = match by {
        RecordedBy::Snapshot => "snapshot",
        RecordedBy::Run => "run",
    };
    connection.execute(
        "INSERT INTO main.generation(source, taken, recorded_at, fingerprint, carried, recorded_by)
         VALUES (?1, ?2, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?3, ?4, ?5)",
        params![inventory.origin.source, inventory.origin.taken, &inventory.fingerprint().0[..], json(&carried), by],
    )?;
    let id = connection.last_insert_rowid();
    if let Some(why) = inventory.partial() {
        connection.execute("INSERT INTO main.part VALUES (?1, ?2)", params![id, why])?;
    }
    let mut insert = connection.prepare("INSERT INTO main.gone VALUES (?1, ?2, ?3)")?;
    for (kind, object) in inventory.gone() {
        insert.execute(params![id, kind.name(), object])?;
    }
    let mut insert = connection.prepare("INSERT INTO main.witness VALUES (?1, ?2, ?3)")?;
    for kind in inventory.carried() {
        if let Some(table) = kind.facts().table.as_ref().filter(|t| !t.witness.is_empty()) {
            insert.execute(params![id, kind.name(), json(&table.witness)])?;
        }
    }
    let statement = |objects: usize| {
        let row = |i: usize| format!("(?1, {})", (0..7).map(|c| format!("?{}", 7 * i + c + 2)).collect::<Vec<_>>().join(", "));
        format!("INSERT INTO main.object VALUES {}", (0..objects).map(row).collect::<Vec<_>>().join(", "))
    };
    // Writing the statement takes longer than running it.
    let full = statement(AT_ONCE);
    for some in inventory.objects().chunks(AT_ONCE) {
        let sql = if some.len() == AT_ONCE { Cow::Borrowed(&full) } else { Cow::Owned(statement(some.len())) };
        let mut insert = connection.prepare_cached(&sql)?;
        insert.raw_bind_parameter(1, id)?;
        for (i, o) in some.iter().enumerate() {
            let at = 7 * i + 2;
            let (parent_kind, parent_id) = o.parent.map(|(k, id)| (k.name(), id)).unzip();
            let witness = if o.witness.is_empty() { Cow::Borrowed("[]") } else { Cow::Owned(json(&o.witness)) };
            insert.raw_bind_parameter(at, o.kind.name())?;
            insert.raw_bind_parameter(at + 1, o.id)?;
            insert.raw_bind_parameter(at + 2, o.guid.map(|g| g.to_string()))?;
            insert.raw_bind_parameter(at + 3, &*o.name)?;
            insert.raw_bind_parameter(at + 4, parent_kind)?;
            insert.raw_bind_parameter(at + 5, parent_id)?;
            insert.raw_bind_parameter(at + 6, witness)?;
        }
        insert.raw_execute()?;
    }
    Ok(id)
}

fn json(list: &(impl serde::Serialize + ?Sized)) -> String {
    serde_json::to_string(list).expect("a list of texts is JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inventory_comes_back_as_it_was() {
        let folder = tempfile::TempDir::new().unwrap();
        let var_dir = Utf8Path::from_path(folder.path()).unwrap();
        assert!(read(&path_in(var_dir)).is_err());
        let kind: Kind = "domain".parse().unwrap();
        let object = |id, guid: &str, name: &str| Object {
            kind,
            id,
            guid: Guid::parse(guid.as_bytes()),
            name: name.into(),
            parent: Some(("client".parse().unwrap(), 3)),
            witness: ["2020-01-02".into(), "3".into(), "".into()].into(),
        };
        let objects = vec![object(7, "7834463f-1a2b-3c4d-5e6f-0123456789ab", "ex\u{e4}mple.com"), object(9, "", "b.example")];
        let origin = Origin { source: "dump.sql".into(), taken: Some("2026-01-02".into()) };
        let mut inventory = Inventory::new(origin, objects, vec!["client".parse().unwrap()]);
        inventory.tells_in_part("it is a backup of one customer".into());
        inventory.tell_gone([(kind, 9), (kind, 10)]);
        let connection = Connection::open(path_in(var_dir)).unwrap();
        create(&connection).unwrap();
        let id = record(&connection, &inventory, RecordedBy::Snapshot).unwrap();
        set_current(&connection, id).unwrap();
        let back = read(&path_in(var_dir)).unwrap();
        assert_eq!(back.objects(), inventory.objects());
        assert_eq!(back.carried(), inventory.carried());
        assert_eq!(back.origin, inventory.origin);
        assert_eq!(back.partial(), Some("it is a backup of one customer"));
        assert_eq!((back.gone(), back.is_gone(kind, 9), back.is_gone(kind, 7)), (&[(kind, 9)][..], true, false));
        connection.execute("UPDATE object SET name = 'other.example' WHERE id = 7", []).unwrap();
        let error = read(&path_in(var_dir)).unwrap_err();
        assert!(error.to_string().contains("is not what was recorded"), "{error}");
        // An early release's companion.
        connection
            .execute_batch("UPDATE object SET name = 'ex\u{e4}mple.com' WHERE id = 7; DROP TABLE gone; DROP TABLE part; DROP TABLE witness")
            .unwrap();
        let back = read(&path_in(var_dir)).unwrap();
        assert_eq!((back.objects(), back.gone(), back.partial()), (inventory.objects(), &[][..], None));
    }

    /// Another release may know other witnesses and kinds.
    #[test]
    fn what_another_release_recorded_is_found_by_its_names() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = path_in(Utf8Path::from_path(folder.path()).unwrap());
        let kind: Kind = "client".parse().unwrap();
        let object = Object {
            kind,
            id: 7,
            guid: None,
            name: "bob".into(),
            parent: None,
            witness: ["bob@example.com".into(), "2020-01-02".into()].into(),
        };
        let connection = Connection::open(&path).unwrap();
        create(&connection).unwrap();
        let id = record(&connection, &Inventory::new(Origin::default(), vec![object], Vec::new()), RecordedBy::Snapshot).unwrap();
        set_current(&connection, id).unwrap();
        let other = |names: &str, witness: &str| {
            connection.execute("UPDATE witness SET names = ?1 WHERE kind = 'client'", [names]).unwrap();
            connection.execute("UPDATE object SET witness = ?1 WHERE kind = 'client'", [witness]).unwrap();
            read(&path).unwrap()
        };
        let one_more = other(r#"["cr_date","phone","email"]"#, r#"["2020-01-02","0800","bob@example.com"]"#);
        assert_eq!(*one_more.objects()[0].witness, ["bob@example.com".into(), "2020-01-02".into()]);
        let one_less = other(r#"["cr_date"]"#, r#"["2020-01-02"]"#);
        assert_eq!(*one_less.objects()[0].witness, ["".into(), "2020-01-02".into()]);
        connection
            .execute_batch(
                "INSERT INTO witness VALUES (1, 'hologram', '[\"colour\"]');
                 INSERT INTO object VALUES (1, 'hologram', 1, NULL, 'h1', NULL, NULL, '[\"red\"]');
                 UPDATE generation SET carried = '[\"client\",\"hologram\"]', fingerprint = x'00'",
            )
            .unwrap();
        let with_more_kinds = read(&path).unwrap();
        assert_eq!((with_more_kinds.objects().len(), with_more_kinds.carried()), (1, &[kind][..]));
        assert_eq!(with_more_kinds.notes(), ["1 objects of the kind `hologram` were left out: this release does not know it"]);
    }

    #[test]
    fn a_database_of_somebody_else_is_refused() {
        let folder = tempfile::TempDir::new().unwrap();
        let var_dir = Utf8Path::from_path(folder.path()).unwrap();
        Connection::open(path_in(var_dir)).unwrap().execute_batch("CREATE TABLE t(a)").unwrap();
        let error = read(&path_in(var_dir)).unwrap_err();
        assert!(error.to_string().contains("no companion"), "{error}");
    }
}
