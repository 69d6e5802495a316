//! Rows in quarantine when their run's journal is given up: those that wait stay, what was put back for good goes.

use super::super::kept;
use super::super::ledger::has_table;
use crate::sqlite::name::qualified;
use crate::sqlite::{Connection, Error, OptionalExtension, params};

/// How many rows that the run took out are waiting.
pub(in crate::remap) fn waiting(connection: &Connection, run: i64) -> Result<u64, Error> {
    let mut all = 0;
    for n in tables(connection, Some(run))?.into_iter().map(|(_, n)| n) {
        let held = qualified("main", &format!("quarantined_{run}_{n}"));
        let rows: i64 = connection.query_row(&format!("SELECT count(*) FROM {held} WHERE restored IS NULL"), [], |r| r.get(0))?;
        all += u64::try_from(rows).unwrap_or(0);
    }
    Ok(all)
}

/// Whether the table of the companion, a part of the journal of `run`, is kept when that is given up.
pub(in crate::remap) fn is_kept(connection: &Connection, run: i64, name: &str) -> Result<bool, Error> {
    let of = |(_, n): &(i64, i64)| name == format!("removed_{run}_{n}") || name == format!("quarantined_{run}_{n}");
    Ok(tables(connection, Some(run))?.iter().any(of))
}

/// The registered tables: run and number.
fn tables(connection: &Connection, run: Option<i64>) -> Result<Vec<(i64, i64)>, Error> {
    if !has_table(connection, "quarantine")? {
        return Ok(Vec::new());
    }
    let mut query = connection.prepare("SELECT run, n FROM main.quarantine WHERE ?1 IS NULL OR run = ?1 ORDER BY run, n")?;
    let rows = query.query_map([run], |r| Ok((r.get(0)?, r.get(1)?)))?;
    rows.collect()
}

/// Of runs whose journals were given up, lets go of all rows but those that wait, or that a run put back which can still be taken back.
pub(in crate::remap) fn trim(connection: &Connection) -> Result<(), Error> {
    for (run, n) in tables(connection, None)? {
        if connection.query_row("SELECT 1 FROM main.pruned WHERE run = ?1", [run], |_| Ok(())).optional()?.is_none() {
            continue;
        }
        let (rows, held) = (format!("removed_{run}_{n}"), qualified("main", &format!("quarantined_{run}_{n}")));
        let name = qualified("main", &rows);
        connection.execute_batch(&format!(
            "DELETE FROM {held} WHERE restored IS NOT NULL AND restored IN (SELECT run FROM main.pruned);
             DELETE FROM {name} WHERE row NOT IN (SELECT row FROM {held})"
        ))?;
        connection.execute("DELETE FROM main.seal WHERE run = ?1 AND name = ?2", params![run, rows])?;
        let left: i64 = connection.query_row(&format!("SELECT count(*) FROM {held}"), [], |r| r.get(0))?;
        match left {
            0 => forget_table(connection, run, n)?,
            _ => kept::seal(connection, run, &rows)?,
        }
    }
    Ok(())
}

/// Gives up the rows of the run that wait.
pub(in crate::remap) fn give_up(connection: &Connection, run: i64) -> Result<(), Error> {
    for (run, n) in tables(connection, Some(run))? {
        let held = qualified("main", &format!("quarantined_{run}_{n}"));
        connection.execute(&format!("DELETE FROM {held} WHERE restored IS NULL"), [])?;
    }
    Ok(())
}

/// Forgets that the run put rows into quarantine; the tables of the rows are dropped elsewhere.
pub(in crate::remap) fn forget(connection: &Connection, run: i64) -> Result<(), Error> {
    for table in ["quarantine", "restoration", "quarantine_faults"] {
        // A companion of an early release has no such tables.
        if has_table(connection, table)? {
            connection.execute(&format!("DELETE FROM main.{table} WHERE run = ?1"), [run])?;
        }
    }
    Ok(())
}

fn forget_table(connection: &Connection, run: i64, n: i64) -> Result<(), Error> {
    connection.execute("DELETE FROM main.quarantine WHERE run = ?1 AND n = ?2", params![run, n])?;
    for word in ["removed", "quarantined"] {
        connection.execute_batch(&format!("DROP TABLE {}", qualified("main", &format!("{word}_{run}_{n}"))))?;
    }
    Ok(())
}
