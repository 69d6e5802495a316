//! Gives journals up: runs stay done for good, and the companion becomes small again.

use std::time::Duration;

use camino::Utf8Path;

use super::super::error::{Context, RemapError};
use super::super::ledger::{self, has_table};
use super::super::lock::Lock;
use super::super::{quarantine, session, stores, target};
use crate::panel::source::companion;
use crate::sqlite::open;
use crate::sqlite::{Connection, Error, OpenFlags};

/// A run whose journal can be given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prunable {
    /// The run.
    pub run: i64,
    /// When it was started (RFC 3339, UTC).
    pub started: String,
    /// Rows of which it changed cells.
    pub changed: u64,
    /// Rows that it took out of the data. The journal is the only place where they still are.
    pub removed: u64,
    /// Those of them that wait in quarantine. They stay there, unless they are to be given up too.
    pub quarantined: u64,
}

/// The applied runs that can be taken back, oldest first, up to the run `until`, if that is given. With `quarantined`, also those of which only rows in
/// quarantine are left. Leaves no trace.
///
/// # Errors
/// There is no such run; the var directory or the companion cannot be read.
pub fn prunable(var_dir: &Utf8Path, until: Option<i64>, quarantined: bool) -> Result<Vec<Prunable>, RemapError> {
    target::var_dir(var_dir)?;
    let path = companion::path_in(var_dir);
    let reader = match open::read(&path) {
        Err(open::OpenError::Missing { .. }) => return Err(nothing(var_dir, until)),
        other => other?,
    };
    companion::recognise(&reader.connection, &path)?;
    let found = list(&reader.connection, until, quarantined).on(&path)?;
    let is_there = |wanted| found.iter().any(|p| p.run == wanted);
    if found.is_empty() || until.is_some_and(|wanted| !is_there(wanted)) { Err(nothing(var_dir, until)) } else { Ok(found) }
}

fn nothing(var_dir: &Utf8Path, until: Option<i64>) -> RemapError {
    let which = until.map(|run| format!(" {run}")).unwrap_or_default();
    RemapError::NoRun { detail: format!("{var_dir}: there is no run{which} with a journal to give up") }
}

fn list(connection: &Connection, until: Option<i64>, quarantined: bool) -> Result<Vec<Prunable>, Error> {
    if !has_table(connection, "run")? {
        return Ok(Vec::new());
    }
    let given_up = if has_table(connection, "pruned")? { "id IN (SELECT run FROM main.pruned)" } else { "0" };
    let mut query = connection.prepare(&format!(
        "SELECT id, started, {given_up}, coalesce(sum(j.changed), 0), coalesce(sum(j.removed), 0) FROM main.run LEFT JOIN main.journal AS j ON j.run = id
         WHERE status = 'applied' AND id <= ?1 GROUP BY id ORDER BY id"
    ))?;
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let mut rows = query.query([until.unwrap_or(i64::MAX)])?;
    let mut all = Vec::new();
    while let Some(r) = rows.next()? {
        let (run, waiting) = (r.get(0)?, quarantine::waiting(connection, r.get(0)?)?);
        // What else was taken out, or changed, is known no longer.
        let found = match r.get(2)? {
            false => (number(r.get(3)?), number(r.get(4)?)),
            true if quarantined && waiting > 0 => (0, waiting),
            true => continue,
        };
        all.push(Prunable { run, started: r.get(1)?, changed: found.0, removed: found.1, quarantined: waiting });
    }
    Ok(all)
}

/// Gives up the journals of these runs, which [`prunable`] listed, and the space that they take; with `quarantined`, also rows in quarantine. The data stays as
/// it is; which panel state it speaks of stays known.
///
/// # Errors
/// Somebody changed the runs since; the companion cannot be written. Nothing was changed then.
pub fn prune(var_dir: &Utf8Path, runs: &[Prunable], quarantined: bool, patience: Duration) -> Result<(), RemapError> {
    target::var_dir(var_dir)?;
    let _lock = Lock::take(var_dir, patience)?;
    session::restore_wal(var_dir)?;
    let path = companion::path_in(var_dir);
    let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
    connection.busy_timeout(patience).on(&path)?;
    open::harden(&connection).on(&path)?;
    companion::recognise(&connection, &path)?;
    connection.execute_batch("PRAGMA main.synchronous = FULL; BEGIN IMMEDIATE").on(&path)?;
    if list(&connection, runs.last().map(|r| r.run), quarantined).on(&path)? != runs {
        return Err(RemapError::NoRun { detail: format!("{var_dir}: the runs changed in the meantime") });
    }
    // What is still to be finished is finished by what would be given up.
    stores::finished_in(&connection, &path)?;
    let give_up = || -> Result<(), Error> {
        ledger::create(&connection)?;
        for Prunable { run, .. } in runs {
            super::drop_journal(&connection, *run)?;
            stores::forget(&connection, *run)?;
            connection.execute("INSERT OR IGNORE INTO main.pruned VALUES (?1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))", [run])?;
            if quarantined {
                quarantine::give_up(&connection, *run)?;
            }
        }
        quarantine::trim(&connection)?;
        connection.execute_batch("COMMIT")
    };
    give_up().on(&path)?;
    // The space is given back where there is room to do so; without, SQLite uses it for the next journals.
    let _ = connection.execute_batch("VACUUM main");
    Ok(())
}
