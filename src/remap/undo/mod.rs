//! Takes the last run back: exactly, or not at all.
//!
//! What the run changed is in its journal ([`journal`]); what the extension wrote since speaks of the new panel state and is looked for with the pairs of
//! the run's mapping ([`since`]). [`prune`] gives journals up, save for rows in quarantine. Conversions and rows that were put back from quarantine have undoings of
//! their own.

mod journal;
pub(super) mod prune;
mod since;

use std::collections::BTreeSet;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::Serialize;

use self::journal::Journal;
pub(super) use self::journal::told;
use super::check;
use super::convert;
use super::error::{Context, RemapError};
use super::full_text;
use super::kept;
use super::ledger;
use super::lock::Lock;
use super::pairs::{self, Record};
use super::quarantine;
use super::session::{self, Locked, Session};
use super::space::{Need, Touched};
use super::stores::{self, Spoken, Stores};
use super::target;
use super::watch::{self, Phase};
use crate::panel::Inventory;
use crate::panel::source::companion::{self, CompanionError};
use crate::sqlite::name::qualified;
use crate::sqlite::open;
use crate::sqlite::{Connection, Error, OptionalExtension};

/// Changes that are listed.
const SHOWN: usize = 100;

/// How an undo ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// Everything is as it was before the run.
    Done {
        /// The run.
        run: i64,
        /// Rows of which cells were put back.
        changed: u64,
        /// Rows that were put back.
        restored: u64,
        /// Rows that the run had put back from quarantine, and that are there again.
        held: u64,
        /// Settings and files that are as before.
        items: u64,
        /// What was written since the run and stayed, its ids translated: only where that was accepted. Up to a hundred of them for each table.
        since: Vec<Drift>,
        /// What could not be put right afterwards and does no harm.
        warnings: Vec<String>,
    },
    /// Something changed since the run, and nothing was written.
    Drifted {
        /// The run.
        run: i64,
        /// What changed, up to a hundred of them for each table.
        drift: Vec<Drift>,
        /// Why changes cannot be accepted at all, where that was asked for.
        never: Option<&'static str>,
    },
}

/// Something that changed since a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Drift {
    /// The database.
    pub database: String,
    /// The table.
    pub table: String,
    /// What is not as the run left it.
    pub detail: String,
    /// Whether it may stay when the run is taken back, its ids translated.
    pub acceptable: bool,
}

/// How to take a run back.
#[derive(Debug, Clone, Copy)]
pub struct Undo {
    /// Only if this is the last run.
    pub run: Option<i64>,
    /// Let what was written since stay, and translate its ids back by the run's mapping. What cannot be translated stops all the same.
    pub accept_changes: bool,
    /// How long to wait for a lock.
    pub patience: Duration,
}

/// What of a table is not as the run left it: what stops whatever is accepted, and the rest.
#[derive(Debug, Default)]
pub(super) struct Found {
    stopping: Vec<Drift>,
    acceptable: Vec<Drift>,
    more: (u64, u64),
    /// The table's rows can no longer be told apart: nothing more can be said of it.
    lost: bool,
}

impl Found {
    pub(super) fn add(&mut self, drift: Drift) {
        let (list, more) = if drift.acceptable { (&mut self.acceptable, &mut self.more.1) } else { (&mut self.stopping, &mut self.more.0) };
        if list.len() < SHOWN { list.push(drift) } else { *more += 1 }
    }

    /// What stops first.
    pub(super) fn into_list(self) -> Vec<Drift> {
        let mut all = Vec::new();
        for (list, more) in [(self.stopping, self.more.0), (self.acceptable, self.more.1)] {
            let last = list.last().cloned();
            all.extend(list);
            all.extend(last.filter(|_| more > 0).map(|d| Drift { detail: format!("… and {more} more of this sort"), ..d }));
        }
        all
    }
}

/// Takes the last run on `var_dir` back; `wanted`, if given, must be that run. What changed since stops it.
///
/// # Errors
/// As [`take_back`].
pub fn undo(var_dir: &Utf8Path, wanted: Option<i64>, patience: Duration) -> Result<Undone, RemapError> {
    take_back(var_dir, &Undo { run: wanted, accept_changes: false, patience })
}

/// Takes the last run on `var_dir` back.
///
/// # Errors
/// There is no such run, its journal is damaged, or the databases cannot be worked on; nothing was written.
pub fn take_back(var_dir: &Utf8Path, how: &Undo) -> Result<Undone, RemapError> {
    take_back_with(var_dir, how, Stores::default())
}

/// As [`take_back`], with settings where `stores` says.
///
/// # Errors
/// As [`take_back`]; or the panel's database cannot be worked with. [`RemapError::Unfinished`]: the undo is committed and goes on with the next one.
pub fn take_back_with(var_dir: &Utf8Path, how: &Undo, stores: Stores<'_>) -> Result<Undone, RemapError> {
    target::var_dir(var_dir)?;
    let lock = Lock::take(var_dir, how.patience)?;
    session::restore_wal(var_dir)?;
    if let Some((run, true)) = stores::recover(&lock, var_dir, stores)? {
        // Asked for again, because it was interrupted: the run before it is not meant.
        let warnings = vec!["an undo that was interrupted was finished; what was written since then was not looked for".into()];
        return Ok(Undone::Done { run, changed: 0, restored: 0, held: 0, items: 0, since: Vec::new(), warnings });
    }
    if let Some(run) = stores::Last::of(var_dir, None)?.taken_back(var_dir, stores)? {
        let warnings = vec!["this was left to a script, which is of no use any more".into()];
        return Ok(Undone::Done { run, changed: 0, restored: 0, held: 0, items: 0, since: Vec::new(), warnings });
    }
    let run = last(var_dir, how.run)?;
    let locked = Locked::open(var_dir, &databases(var_dir, run)?, how.patience)?;
    let session = locked.session();
    let path = companion::path_in(var_dir);
    session.writes();
    let sql = "SELECT faults, old_generation, new_generation FROM main.run WHERE id = ?1 AND status = 'applied'";
    let noted = session.connection.query_row(sql, [run], |r| Ok((r.get::<_, String>(0)?, r.get(1)?, r.get(2)?))).optional().on(&path)?;
    let Some((faults, old, new)) = noted else {
        return Err(RemapError::NoRun { detail: format!("run {run} was taken back by somebody else in the meantime") });
    };
    // Tables that this release looks into and an early one did not make.
    ledger::create(&session.connection).on(&path)?;
    let damaged = |detail: String| RemapError::from(CompanionError::Damaged { path: path.clone(), detail });
    if let Some(tables) = convert::undo::read(session, &path, run)? {
        return conversion(locked, (run, how.accept_changes), &tables, &faults, &path);
    }
    if let Some(tables) = quarantine::undo::read(session, &path, run)? {
        return restoration(locked, (run, how.accept_changes), &tables, &faults, &path);
    }
    let record = Record::read(&session.connection, run).on(&path)?;
    let record = record.map_err(|why| damaged(format!("the record of run {run}: {why}")))?;
    let journals = journal::read(session, run).on(&path)?;
    let places = since::read(session, &record, &journals, run).on(&path)?;
    for journal in &journals {
        if let Some(detail) = journal.flaw(session, run, &record).on(&path)? {
            return Err(damaged(detail));
        }
    }
    let rows = |session: &Session| -> Result<u64, RemapError> {
        let mut all = 0;
        for place in &places {
            let database = &session.databases[place.database];
            let sql = format!("SELECT count(*) FROM {}", qualified(&database.schema, &place.table.name));
            let count: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
            all += u64::try_from(count).unwrap_or(0);
        }
        // Read to be compared, read before and after, and written.
        Ok(3 * all + journals.iter().map(|j| j.changed + j.removed).sum::<u64>())
    };
    watch::phase(Phase::Reading)?;
    watch::expect(|| rows(session))?;
    let mut need = room(session, &journals, &path)?;
    let states = States::read(&session.connection, &path, old, new)?;
    let (mut drift, mut lost) = (Vec::new(), Vec::new());
    let said = Spoken::read(&session.connection, &path)?;
    for journal in &journals {
        let found = journal.drift(session, run, &places, &states, (&said, stores.hold))?;
        lost.extend(found.lost.then_some(journal.n));
        drift.extend(found.into_list());
    }
    for table in places.iter().filter(|t| !t.journal.is_some_and(|j| lost.contains(&j.n))) {
        drift.extend(table.drift(session, run, &states)?.into_list());
    }
    let mut others = stores::Undoing::read(var_dir, stores, &session.connection, run)?;
    drift.extend(others.drift(var_dir, stores, &states.old)?);
    others.need(var_dir, &session.connection, &mut need)?;
    need.check()?;
    let is_accepted = how.accept_changes && drift.iter().all(|d| d.acceptable);
    if !drift.is_empty() && !is_accepted {
        return Ok(Undone::Drifted { run, drift, never: None });
    }
    let touched: Vec<(usize, String)> = places.iter().map(|t| (t.database, t.table.name.clone())).collect();
    for journal in &journals {
        journal.writable(session)?;
    }
    let indexes = full_text::concerned(&session.databases, places.iter().map(since::Places::written));
    full_text::agree(session, &indexes)?;
    let mut baseline = check::baseline(session, &touched)?;
    baseline.allow(serde_json::from_str(&faults).map_err(|e| damaged(e.to_string()))?);
    watch::phase(Phase::Writing)?;
    let (mut changed, mut restored) = (0, 0);
    for table in &places {
        let is_drifted = drift.iter().any(|d| table.is_of(session, d));
        match table.take_back(session, run, is_drifted)? {
            Ok((cells, rows)) => (changed, restored) = (changed + cells, restored + rows),
            Err(drift) => return Ok(Undone::Drifted { run, drift: vec![drift], never: None }),
        }
    }
    full_text::rebuild(session, &indexes)?;
    check::unharmed(session, &touched, &baseline)?;
    forget(&session.connection, run).on(&path)?;
    let mut warnings: Vec<String> = record.without.first().map(|_| without(&record)).into_iter().collect();
    warnings.extend(others.prepare(var_dir, &session.connection)?);
    let items = others.items();
    watch::phase(Phase::Committing)?;
    others.committing();
    let committed = locked.commit(&format!("SELECT 1 FROM main.run WHERE id = {run} AND status = 'undone'"));
    warnings.extend(committed.inspect_err(|_| stores::not_committed(&lock, var_dir))?);
    others.finish(var_dir, stores)?;
    Ok(Undone::Done { run, changed, restored, held: 0, items, since: drift, warnings })
}

/// Takes a conversion back.
fn conversion(
    locked: Locked,
    (run, accept): (i64, bool),
    tables: &[convert::undo::Taken],
    faults: &str,
    path: &Utf8Path,
) -> Result<Undone, RemapError> {
    let session = locked.session();
    let touched: Vec<(usize, String)> = tables.iter().map(convert::undo::Taken::table).collect();
    watch::phase(Phase::Reading)?;
    let mut baseline = check::baseline_of_rebuild(session, &touched)?;
    let damaged = |e: serde_json::Error| CompanionError::Damaged { path: path.to_owned(), detail: e.to_string() };
    baseline.allow(serde_json::from_str(faults).map_err(damaged)?);
    watch::phase(Phase::Writing)?;
    let (changed, again) = match convert::undo::take_back(session, run, tables)? {
        convert::undo::Ended::Done(changed, again) => (changed, again),
        convert::undo::Ended::Drifted(drift) => {
            let never = "it converted columns, and nothing tells for certain which id a reference that was written since stood for";
            return Ok(Undone::Drifted { run, drift, never: Some(never).filter(|_| accept) });
        }
    };
    check::unharmed(session, &touched, &baseline)?;
    forget(&session.connection, run).on(path)?;
    session.connection.execute("DELETE FROM main.conversion WHERE run = ?1", [run]).on(path)?;
    let committed = locked.commit(&format!("SELECT 1 FROM main.run WHERE id = {run} AND status = 'undone'"))?;
    Ok(Undone::Done {
        run,
        changed,
        restored: 0,
        held: 0,
        items: 0,
        since: Vec::new(),
        warnings: again.into_iter().chain(committed).collect(),
    })
}

/// Takes rows that were put back out again: they are in quarantine as before.
fn restoration(
    locked: Locked,
    (run, accept): (i64, bool),
    tables: &[quarantine::undo::Taken],
    faults: &str,
    path: &Utf8Path,
) -> Result<Undone, RemapError> {
    let session = locked.session();
    let damaged = |e: serde_json::Error| CompanionError::Damaged { path: path.to_owned(), detail: e.to_string() };
    let faults = serde_json::from_str(faults).map_err(damaged)?;
    let held = match quarantine::undo::take_back(session, run, tables, faults, path)? {
        quarantine::undo::Ended::Done(rows) => rows,
        quarantine::undo::Ended::Drifted(drift) => {
            let never = "it put rows back, and what was done with them since would be lost";
            return Ok(Undone::Drifted { run, drift, never: Some(never).filter(|_| accept) });
        }
    };
    drop_rows(&session.connection, run).on(path)?;
    mark(&session.connection, run).on(path)?;
    let warnings = locked.commit(&format!("SELECT 1 FROM main.run WHERE id = {run} AND status = 'undone'"))?;
    Ok(Undone::Done { run, changed: 0, restored: 0, held, items: 0, since: Vec::new(), warnings })
}

/// What an undo needs: room beside each database for its rollback journal, and beside the companion, from which the run's go.
fn room(session: &Session, journals: &[Journal], companion: &Utf8Path) -> Result<Need, RemapError> {
    let mut need = Need::default();
    for (index, database) in session.databases.iter().enumerate() {
        let size = std::fs::metadata(&database.path).map_or(0, |m| m.len());
        let sql = format!("PRAGMA {}.page_size", database.schema);
        let page_size: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
        let of = |j: &&Journal| j.database == index;
        let indexes = |j: &Journal| database.declared.table(&j.table).map_or(0, |t| t.indexes.len() as u64);
        let touched = |j: &Journal| Touched { rows: j.changed + j.removed, pages: 1 + indexes(j), page_size: page_size.unsigned_abs() };
        let bytes = journals.iter().filter(of).map(|j| touched(j).bytes(size)).fold(0, u64::saturating_add).min(size);
        need.add(&database.path, bytes)?;
    }
    need.add(companion, 0)?;
    Ok(need)
}

/// The states before and after the run.
struct States {
    old: Inventory,
    new: Inventory,
}

impl States {
    fn read(connection: &Connection, path: &Utf8Path, old: i64, new: i64) -> Result<States, RemapError> {
        let load = |generation| companion::load(connection, path, generation).map(|g| g.inventory);
        Ok(States { old: load(old)?, new: load(new)? })
    }
}

/// What is said of a run of a release that did not keep what ids mean.
fn without(record: &Record) -> String {
    format!("an earlier release made this run: rows that were added since could not be looked for in {}", pairs::list(&record.without))
}

/// The last applied run, which must be `wanted`, if that is given, and must not have been given up.
fn last(var_dir: &Utf8Path, wanted: Option<i64>) -> Result<i64, RemapError> {
    session::restore_wal(var_dir)?;
    let known = ledger::read(var_dir)?;
    let no_run = |detail| Err(RemapError::NoRun { detail });
    match (known.last_applied, wanted) {
        (None, _) => no_run(format!("{var_dir}: there is no run to take back")),
        (Some((id, _)), Some(wanted)) if wanted != id => no_run(format!("run {wanted} is not the last applied run, which is {id}")),
        (Some((id, Some(at))), _) => {
            no_run(format!("run {id} can no longer be taken back: its journal was given up with `undo --prune` at {at}"))
        }
        (Some((id, None)), _) => Ok(id),
    }
}

/// The databases in which the run has places. One that it did not change may be gone since.
fn databases(var_dir: &Utf8Path, run: i64) -> Result<Vec<Utf8PathBuf>, RemapError> {
    let path = companion::path_in(var_dir);
    let reader = open::read(&path)?;
    let mut names: BTreeSet<Utf8PathBuf> = BTreeSet::new();
    for table in ["journal", "place_state"] {
        let mut query = reader.connection.prepare(&format!("SELECT DISTINCT database FROM main.{table} WHERE run = ?1")).on(&path)?;
        let rows = query.query_map([run], |r| r.get::<_, String>(0)).on(&path)?;
        for name in rows.collect::<Result<Vec<_>, _>>().on(&path)? {
            // Places in settings and files have no database.
            if name.is_empty() {
                continue;
            }
            let place = session::inside(&path, var_dir, Utf8Path::new(&name))?;
            if table == "journal" || place.exists() {
                names.insert(name.into());
            }
        }
    }
    Ok(names.into_iter().collect())
}

/// Marks the run as undone, drops its journal, and moves the data's date back.
fn forget(connection: &Connection, run: i64) -> Result<(), Error> {
    drop_rows(connection, run)?;
    connection.execute("DELETE FROM main.place_state WHERE run = ?1", [run])?;
    let before: Option<i64> = connection.query_row("SELECT date_before FROM main.run WHERE id = ?1", [run], |r| r.get(0))?;
    match before {
        Some(generation) => companion::set_current(connection, generation)?,
        None => companion::clear_current(connection)?,
    }
    mark(connection, run)
}

/// Marks the run as undone.
fn mark(connection: &Connection, run: i64) -> Result<(), Error> {
    connection.execute("DELETE FROM main.journal WHERE run = ?1", [run])?;
    let sql = "UPDATE main.run SET status = 'undone', finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?1";
    connection.execute(sql, [run]).map(drop)
}

/// Drops the rows that only taking the run back needs.
fn drop_rows(connection: &Connection, run: i64) -> Result<(), Error> {
    for name in tables(connection, run)? {
        connection.execute_batch(&format!("DROP TABLE {}", qualified("main", &name)))?;
    }
    quarantine::forget(connection, run)?;
    pairs::forget(connection, run)?;
    kept::forget(connection, run)
}

/// Drops what taking the run back needs. Rows in quarantine stay.
fn drop_journal(connection: &Connection, run: i64) -> Result<(), Error> {
    for name in tables(connection, run)? {
        if !quarantine::is_kept(connection, run, &name)? {
            connection.execute_batch(&format!("DROP TABLE {}", qualified("main", &name)))?;
        }
    }
    pairs::forget(connection, run)?;
    stores::forget_since(connection, run)?;
    kept::forget(connection, run)
}

/// The companion's tables that hold rows of the run.
fn tables(connection: &Connection, run: i64) -> Result<Vec<String>, Error> {
    let mut query = connection.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names = query.query_map([], |r| r.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let of_run = |name: &String| {
        ["journal", "removed", "kept", "quarantined", "restored"].iter().any(|word| {
            let number = name.strip_prefix(&format!("{word}_{run}_"));
            number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
        })
    };
    Ok(names.into_iter().filter(of_run).collect())
}
