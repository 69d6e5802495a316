//! Gives journals up: runs stay done for good, and the companion becomes small again.

use std::time::Duration;

use camino::Utf8Path;

use super::super::error::{Context, RemapError};
use super::super::ledger::{self, has_table};
use super::super::lock::Lock;
use super::super::{session, target};
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
}

/// The applied runs that can be taken back, oldest first, up to the run `until`, if that is given. Leaves no trace.
///
/// # Errors
/// There is no such run; the var directory or the companion cannot be read.
pub fn prunable(var_dir: &Utf8Path, until: Option<i64>) -> Result<Vec<Prunable>, RemapError> {
    target::var_dir(var_dir)?;
    let path = companion::path_in(var_dir);
    let reader = match open::read(&path) {
        Err(open::OpenError::Missing { .. }) => return Err(nothing(var_dir, until)),
        other => other?,
    };
    companion::recognise(&reader.connection, &path)?;
    let found = list(&reader.connection, until).on(&path)?;
    let is_there = |wanted| found.iter().any(|p| p.run == wanted);
    if found.is_empty() || until.is_some_and(|wanted| !is_there(wanted)) { Err(nothing(var_dir, until)) } else { Ok(found) }
}

fn nothing(var_dir: &Utf8Path, until: Option<i64>) -> RemapError {
    let which = until.map(|run| format!(" {run}")).unwrap_or_default();
    RemapError::NoRun { detail: format!("{var_dir}: there is no run{which} with a journal to give up") }
}

fn list(connection: &Connection, until: Option<i64>) -> Result<Vec<Prunable>, Error> {
    if !has_table(connection, "run")? {
        return Ok(Vec::new());
    }
    let left = if has_table(connection, "pruned")? { "AND id NOT IN (SELECT run FROM main.pruned)" } else { "" };
    let mut query = connection.prepare(&format!(
        "SELECT id, started, coalesce(sum(j.changed), 0), coalesce(sum(j.removed), 0) FROM main.run LEFT JOIN main.journal AS j ON j.run = id
         WHERE status = 'applied' AND id <= ?1 {left} GROUP BY id ORDER BY id"
    ))?;
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let rows = query.query_map([until.unwrap_or(i64::MAX)], |r| {
        Ok(Prunable { run: r.get(0)?, started: r.get(1)?, changed: number(r.get(2)?), removed: number(r.get(3)?) })
    })?;
    rows.collect()
}

/// Gives up the journals of these runs, which [`prunable`] listed, and the space that they take. The data stays as it is; which panel state it speaks of
/// stays known.
///
/// # Errors
/// Somebody changed the runs since; the companion cannot be written. Nothing was changed then.
pub fn prune(var_dir: &Utf8Path, runs: &[Prunable], patience: Duration) -> Result<(), RemapError> {
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
    if list(&connection, runs.last().map(|r| r.run)).on(&path)? != runs {
        return Err(RemapError::NoRun { detail: format!("{var_dir}: the runs changed in the meantime") });
    }
    let give_up = || -> Result<(), Error> {
        ledger::create(&connection)?;
        for Prunable { run, .. } in runs {
            super::drop_rows(&connection, *run)?;
            connection.execute("INSERT INTO main.pruned VALUES (?1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))", [run])?;
        }
        connection.execute_batch("COMMIT")
    };
    give_up().on(&path)?;
    // The space is given back where there is room to do so; without, SQLite uses it for the next journals.
    let _ = connection.execute_batch("VACUUM main");
    Ok(())
}
