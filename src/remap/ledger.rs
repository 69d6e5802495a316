//! The companion's record of runs: which were applied, what they changed, and which places speak of which panel state.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::{Context, RemapError};
use super::{kept, pairs, quarantine};
use crate::panel::inventory::Fingerprint;
use crate::panel::map::MapUsed;
use crate::panel::source::companion::{self, CompanionError, Generation};
use crate::sqlite::open::{self, OpenError};
use crate::sqlite::{Connection, Error, OptionalExtension, params};

/// The tables of this module. Every statement is harmless where the table is there already.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.run(          -- one application of one plan
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    tool TEXT NOT NULL,                       -- the version of reguid
    started TEXT NOT NULL,
    finished TEXT,
    old_generation INTEGER NOT NULL,          -- the state that the ids spoke of before
    new_generation INTEGER NOT NULL,          -- … and after
    date_before INTEGER,                      -- the current generation before; NULL: there was none
    plan_hash TEXT NOT NULL,
    cells INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('applied', 'undone')),
    previous INTEGER,                         -- the applied run before this one
    faults TEXT NOT NULL                      -- JSON: what was wrong with the changed tables before, which taking the run back may bring back
) STRICT;
CREATE TABLE IF NOT EXISTS main.place_state(  -- the places that a run moved, or found right
    run INTEGER NOT NULL,
    database TEXT NOT NULL,
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    PRIMARY KEY (run, database, table_name, column_name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.journal(      -- one table that a run changed; its cells are in journal_<run>_<n>, its removed rows in removed_<run>_<n>
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    database TEXT NOT NULL,
    table_name TEXT NOT NULL,
    address TEXT NOT NULL,                    -- JSON: names of the columns that address a row, k0 … in the journal
    columns TEXT NOT NULL,                    -- JSON: names of the changed columns, o0 … (before) and n0 … (after)
    stored TEXT NOT NULL,                     -- JSON: names of all stored columns, c0 … of removed rows
    reinsert INTEGER NOT NULL,                -- 1: rows were taken out and put back; 0: cells were updated
    changed INTEGER NOT NULL,                 -- rows in journal_…
    removed INTEGER NOT NULL,                 -- rows in removed_…
    schema_version INTEGER NOT NULL,          -- of the database after the run: VACUUM changes it, and may renumber rows
    implicit_rowid INTEGER NOT NULL,          -- 1: rows are addressed by a rowid that VACUUM may change
    sequence_before ANY,                      -- sqlite_sequence
    sequence_after ANY,
    content_before BLOB NOT NULL,             -- the table's content hash
    content_after BLOB NOT NULL,
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
";
/// The reviewed map that a run went by. Runs of earlier releases have none.
const REVIEWED: &str = "
CREATE TABLE IF NOT EXISTS main.reviewed(     -- the reviewed map of a run
    run INTEGER PRIMARY KEY,
    file TEXT NOT NULL,                       -- as it was named
    sha256 TEXT NOT NULL                      -- of its bytes
) STRICT;
CREATE TABLE IF NOT EXISTS main.decision(     -- what a person decided in it: where it says something else than the rules
    run INTEGER NOT NULL,
    kind TEXT NOT NULL,
    old_id INTEGER NOT NULL,
    new_id INTEGER,                           -- NULL: it is gone
    instead_of TEXT NOT NULL,                 -- what the rules say
    line INTEGER NOT NULL,                    -- of the file
    PRIMARY KEY (run, kind, old_id)
) STRICT, WITHOUT ROWID;
";
/// What is noted of a run that changed declarations, beside its journals.
const CONVERSION: &str = "
CREATE TABLE IF NOT EXISTS main.conversion(   -- one table that a run of `convert` changed
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,                       -- as in journal
    sql_before TEXT NOT NULL,                 -- what declared it
    sql_after TEXT NOT NULL,                  -- what declares it
    columns TEXT NOT NULL,                    -- JSON: for each changed column its name, the one beside, whose ids it held, what it holds now
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
";
/// Runs whose journals were given up.
const PRUNED: &str = "
CREATE TABLE IF NOT EXISTS main.pruned(       -- applied runs that can no longer be taken back
    run INTEGER PRIMARY KEY,
    at TEXT NOT NULL
) STRICT;
";
const WAL_SWITCH: &str = "
CREATE TABLE IF NOT EXISTS main.wal_switch(   -- databases that a run in progress took out of WAL mode
    database TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
";

/// A place as the ledger names it: database, table, column.
pub(crate) type PlaceKey = (String, String, String);

/// The last applied run that moved ids from one panel state to another. Conversions move none, nor do rows that are put back from quarantine.
#[derive(Debug, Clone)]
pub(crate) struct LastRun {
    /// Its number.
    pub id: i64,
    /// The state that the ids spoke of before it.
    pub old: Option<Fingerprint>,
    /// The places that it moved or found right.
    pub places: BTreeSet<PlaceKey>,
    /// Content hashes of before it, and of before earlier runs.
    pub before: Befores,
}

/// Of each table that runs changed, by database and table: its content hash before one of them, and that run.
pub(crate) type Befores = BTreeMap<(String, String), Vec<(Vec<u8>, i64)>>;

impl LastRun {
    /// The run before which a table had this content; whoever put that back put it back behind all later runs as well.
    pub(crate) fn is_before(&self, key: &(String, String), content: &[u8]) -> Option<i64> {
        self.before.get(key)?.iter().rev().find(|(before, _)| before == content).map(|(_, run)| *run)
    }
}

/// What the companion knows of the data's date.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// The state that the ids speak of.
    pub current: Option<Generation>,
    /// The last applied run that moved ids.
    pub last_run: Option<LastRun>,
    /// The last applied run of any sort: the one that can be taken back, unless its journal was given up, with when that was.
    pub last_applied: Option<(i64, Option<String>)>,
}

/// Makes all tables of the companion in the main database, where they are missing.
pub(super) fn create(connection: &Connection) -> Result<(), Error> {
    companion::create(connection)?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch(REVIEWED)?;
    connection.execute_batch(CONVERSION)?;
    connection.execute_batch(pairs::TABLES)?;
    connection.execute_batch(kept::TABLES)?;
    connection.execute_batch(quarantine::TABLES)?;
    connection.execute_batch(PRUNED)?;
    connection.execute_batch(WAL_SWITCH)
}

/// Notes the reviewed map that a run goes by, and what a person decided in it.
pub(super) fn note_map(connection: &Connection, run: i64, map: &MapUsed) -> Result<(), Error> {
    connection.execute("INSERT INTO main.reviewed VALUES (?1, ?2, ?3)", params![run, map.file, map.sha256])?;
    let mut insert = connection.prepare("INSERT INTO main.decision VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for d in &map.decisions {
        let line = i64::try_from(d.line).unwrap_or(i64::MAX);
        insert.execute(params![run, d.kind.name(), d.old, d.new, d.instead_of, line])?;
    }
    Ok(())
}

/// Notes, durably, that these databases are about to leave WAL mode.
pub(super) fn note_wal(connection: &Connection, names: &[Utf8PathBuf]) -> Result<(), Error> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    companion::create(connection)?;
    connection.execute_batch(WAL_SWITCH)?;
    for name in names {
        connection.execute("INSERT OR IGNORE INTO main.wal_switch VALUES (?1)", [name.as_str()])?;
    }
    connection.execute_batch("COMMIT")
}

/// What the companion in `var_dir` knows; leaves no trace.
pub(crate) fn read(var_dir: &Utf8Path) -> Result<Known, RemapError> {
    let path = companion::path_in(var_dir);
    let read = match open::read(&path) {
        Err(OpenError::Missing { .. }) => Ok(Known::default()),
        Err(error) => Err(error.into()),
        Ok(reader) => known(&reader.connection, &path),
    };
    // What a person does about a broken companion is not what one does about a broken database of an extension.
    read.map_err(|error| match error {
        RemapError::Open(error) => CompanionError::from(error).into(),
        other => other,
    })
}

/// What the companion that is the main database knows.
pub(crate) fn known(connection: &Connection, path: &Utf8Path) -> Result<Known, RemapError> {
    if !companion::recognise(connection, path)? || !has_table(connection, "current").on(path)? {
        return Ok(Known::default());
    }
    let current = companion::current(connection, path)?;
    let last_run = last_run(connection).on(path)?;
    let last_applied = match last_applied(connection, "").on(path)? {
        Some((id, _)) => Some((id, pruned(connection, id).on(path)?)),
        None => None,
    };
    Ok(Known { current, last_run, last_applied })
}

/// Whether the companion has the table.
pub(super) fn has_table(connection: &Connection, name: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1";
    Ok(connection.query_row(sql, [name], |_| Ok(())).optional()?.is_some())
}

/// Number and old generation of the last applied run that `condition` lets in.
fn last_applied(connection: &Connection, condition: &str) -> Result<Option<(i64, i64)>, Error> {
    if !has_table(connection, "run")? {
        return Ok(None);
    }
    let sql = format!("SELECT id, old_generation FROM main.run WHERE status = 'applied' {condition} ORDER BY id DESC LIMIT 1");
    connection.query_row(&sql, [], |r| Ok((r.get(0)?, r.get(1)?))).optional()
}

/// When the run's journal was given up, if it was.
fn pruned(connection: &Connection, run: i64) -> Result<Option<String>, Error> {
    if !has_table(connection, "pruned")? {
        return Ok(None);
    }
    connection.query_row("SELECT at FROM main.pruned WHERE run = ?1", [run], |r| r.get(0)).optional()
}

fn last_run(connection: &Connection) -> Result<Option<LastRun>, Error> {
    let (conversions, restorations) = (has_table(connection, "conversion")?, has_table(connection, "restoration")?);
    let mut condition = String::new();
    for (table, _) in [("conversion", conversions), ("restoration", restorations)].into_iter().filter(|t| t.1) {
        condition += &format!("AND id NOT IN (SELECT run FROM main.{table}) ");
    }
    let Some((id, old)) = last_applied(connection, &condition)? else { return Ok(None) };
    let mut query = connection.prepare("SELECT database, table_name, column_name FROM main.place_state WHERE run = ?1")?;
    let places = query.query_map([id], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?.collect::<Result<_, _>>()?;
    // A table that rows were put back into since may be as it was before the run.
    let touched = if restorations {
        "AND NOT EXISTS (SELECT 1 FROM main.restoration AS r JOIN main.run AS a ON a.id = r.run AND a.status = 'applied'
                         JOIN main.journal AS k ON k.run = r.run AND k.n = r.n
                         WHERE r.run > j.run AND k.database = j.database AND k.table_name = j.table_name COLLATE NOCASE)"
    } else {
        ""
    };
    let mut query = connection.prepare(&format!(
        "SELECT database, table_name, content_before, content_after, run FROM main.journal AS j
         WHERE run IN (SELECT id FROM main.run WHERE status = 'applied' {condition}) AND content_before <> content_after {touched} ORDER BY run"
    ))?;
    let (mut before, mut left): (Befores, BTreeMap<_, Vec<u8>>) = Default::default();
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let key: (String, String) = (row.get(0)?, row.get(1)?);
        before.entry(key.clone()).or_default().push((row.get(2)?, row.get(4)?));
        left.insert(key, row.get(3)?);
    }
    // Ids may have got their old values again, by a later run.
    before.iter_mut().for_each(|(key, all)| all.retain(|(content, _)| Some(content) != left.get(key)));
    Ok(Some(LastRun { id, old: companion::fingerprint(connection, old)?, places, before }))
}

/// Notes when the run was done.
pub(super) fn finish(connection: &Connection, run: i64) -> Result<(), Error> {
    connection.execute("UPDATE main.run SET finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?1", [run]).map(drop)
}

/// Removes generations that explain nothing any more: neither current, nor part of a run, nor among the last eight.
pub(super) fn prune(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "CREATE TEMP TABLE unused AS SELECT id FROM main.generation
            WHERE id NOT IN (SELECT generation FROM main.current)
              AND id NOT IN (SELECT old_generation FROM main.run) AND id NOT IN (SELECT new_generation FROM main.run)
              AND id NOT IN (SELECT date_before FROM main.run WHERE date_before IS NOT NULL)
              AND id NOT IN (SELECT id FROM main.generation ORDER BY id DESC LIMIT 8);
         DELETE FROM main.object WHERE generation IN (SELECT id FROM temp.unused);
         DELETE FROM main.part WHERE generation IN (SELECT id FROM temp.unused);
         DELETE FROM main.gone WHERE generation IN (SELECT id FROM temp.unused);
         DELETE FROM main.witness WHERE generation IN (SELECT id FROM temp.unused);
         DELETE FROM main.generation WHERE id IN (SELECT id FROM temp.unused);
         DROP TABLE temp.unused",
    )
}
