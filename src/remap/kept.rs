//! Rows that a run left as they were although their ids mean something else, or nothing, afterwards.
//!
//! A policy may keep an id whose object is gone, and a twin may speak against an id. When the run is taken back, such rows must be told from rows that came
//! since, in which the same id is one of the new panel state. They are few, as a rule; a run that leaves none makes no table.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::compute::{Computed, TableWork};
use super::decide::{Action, Decider, Fate};
use super::error::{Context, RemapError};
use super::inside::text_of;
use super::ledger::has_table;
use super::pairs;
use super::rows::{numbered, of};
use super::scan::CellHash;
use super::session::{Database, Session};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Connection, Error, FunctionFlags, OptionalExtension, params};

/// The tables of this module. Runs of early releases have no rows in them.
pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.kept(         -- one table of which a run left such rows; they are in kept_<run>_<n>: address k0 …, cells v0 …
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    database TEXT NOT NULL,
    table_name TEXT NOT NULL,
    columns TEXT NOT NULL,                    -- JSON: names of the columns, v0 …
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.seal(         -- what tables of rows looked like when a run was done
    run INTEGER NOT NULL,
    name TEXT NOT NULL,                       -- of the table
    rows INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
";

/// Notes the kept rows of every table, and seals what cannot be checked against the data when the run is taken back. After the run was applied.
pub(super) fn note(session: &Session, computed: &Computed<'_>, run: i64) -> Result<(), RemapError> {
    for (n, work) in computed.tables.iter().enumerate() {
        let database = &session.databases[work.database];
        keep(&session.connection, database, work, run, n).on(&database.path)?;
        if work.scanned.removed > 0 {
            seal(&session.connection, run, &format!("removed_{run}_{n}")).on(&database.path)?;
        }
    }
    Ok(())
}

fn keep(connection: &Connection, database: &Database, work: &TableWork<'_>, run: i64, n: usize) -> Result<(), Error> {
    let kept = |decider: &Decider<'_>| -> FxHashSet<i64> {
        let stays = |s: &&super::seen::Seen| s.action == Action::Leave && s.fate != Fate::Unchanged;
        decider.seen.iter().filter(stays).map(|s| s.id).collect()
    };
    // Of ids inside values, one set for each part.
    let of_target = |(_, decider): &(usize, Decider<'_>)| match &decider.inside {
        Some(insider) => (Some(Arc::clone(&insider.inside)), insider.parts.iter().map(kept).collect::<Vec<_>>()),
        None => (None, vec![kept(decider)]),
    };
    let all: Vec<_> = work.targets.iter().map(of_target).collect();
    let is_empty = |sets: &[FxHashSet<i64>]| sets.iter().all(FxHashSet::is_empty);
    if all.iter().all(|(_, sets)| is_empty(sets)) {
        return Ok(());
    }
    let columns: Vec<&str> = work.targets.iter().map(|(c, _)| work.table.columns[*c].name.as_str()).collect();
    let mut conditions = Vec::new();
    for (i, (inside, sets)) in all.into_iter().enumerate().filter(|(_, (_, sets))| !is_empty(sets)) {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
        connection.create_scalar_function(format!("reguid_kept_{n}_{i}").as_str(), 1, flags, move |ctx| {
            let value = ctx.get_raw(0);
            let Some(inside) = &inside else { return Ok(pairs::id(value).is_some_and(|id| sets[0].contains(&id))) };
            let (mut found, mut number) = (false, String::new());
            if let Some(text) = text_of(value, &mut number) {
                let _ = crate::value::find(text, &inside.spots, &mut |f| found |= sets[f.tag as usize].contains(&f.id));
            }
            Ok(found)
        })?;
        conditions.push(format!("reguid_kept_{n}_{i}(t.{})", quote(columns[i])));
    }
    let (address, name) = (work.table.address(), format!("kept_{run}_{n}"));
    let kept = qualified("main", &name);
    let changed = if work.scanned.changed > 0 {
        let journal = qualified("main", &format!("journal_{run}_{n}"));
        (format!("LEFT JOIN {journal} AS j ON {}", same_row(&address, 'j')), "j.k0 IS NULL AND")
    } else {
        (String::new(), "")
    };
    connection.execute_batch(&format!("CREATE TABLE {kept}({}, {})", numbered("k", address.len()), numbered("v", columns.len())))?;
    let rows = connection.execute(
        &format!(
            "INSERT INTO {kept} SELECT {}, {} FROM {} AS t {} WHERE {} ({})",
            of("t", &address),
            of("t", &columns),
            qualified(&database.schema, &work.table.name),
            changed.0,
            changed.1,
            conditions.join(" OR ")
        ),
        [],
    )?;
    if rows == 0 {
        return connection.execute_batch(&format!("DROP TABLE {kept}"));
    }
    let json = serde_json::to_string(&columns).expect("a list of texts is JSON");
    let number = i64::try_from(n).unwrap_or(i64::MAX);
    connection.execute(
        "INSERT INTO main.kept VALUES (?1, ?2, ?3, ?4, ?5)",
        params![run, number, database.name.as_str(), work.table.name, json],
    )?;
    seal(connection, run, &name)
}

/// `t` and the row of `letter` are the same row, asked for each row of `t`. Without the `+`, the column's affinity would keep SQLite from looking the key up
/// in an index over the other table.
pub(super) fn same_row(address: &[&str], letter: char) -> String {
    let equal = |(i, name): (usize, &&str)| format!("+t.{} = {letter}.k{i} COLLATE BINARY", quote(name));
    address.iter().enumerate().map(equal).collect::<Vec<_>>().join(" AND ")
}

/// Notes the rows of a table of the companion.
pub(super) fn seal(connection: &Connection, run: i64, name: &str) -> Result<(), Error> {
    let (rows, sha256) = digest(connection, name)?;
    connection.execute("INSERT INTO main.seal VALUES (?1, ?2, ?3, ?4)", params![run, name, rows, sha256]).map(drop)
}

/// Whether a table of the companion is as it was when the run was done. A release that made no seals is believed.
pub(super) fn is_sealed(connection: &Connection, run: i64, name: &str) -> Result<bool, Error> {
    let sql = "SELECT rows, sha256 FROM main.seal WHERE run = ?1 AND name = ?2";
    let noted: Option<(i64, String)> = connection.query_row(sql, params![run, name], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    noted.map_or(Ok(true), |noted| Ok(digest(connection, name)? == noted))
}

/// Forgets what [`note`] noted of the run, apart from the tables of rows.
pub(super) fn forget(connection: &Connection, run: i64) -> Result<(), Error> {
    for table in ["kept", "seal"] {
        // A companion of an early release has no such tables.
        if has_table(connection, table)? {
            connection.execute(&format!("DELETE FROM main.{table} WHERE run = ?1"), [run])?;
        }
    }
    Ok(())
}

/// Number of rows and a hash of them, in their order.
fn digest(connection: &Connection, name: &str) -> Result<(i64, String), Error> {
    // The key of a table WITHOUT ROWID.
    let keys: Vec<String> = {
        let sql = "SELECT x.name FROM pragma_table_xinfo(?1, 'main') AS x JOIN pragma_table_list AS l ON l.schema = 'main' AND l.name = ?1
                   WHERE x.pk > 0 AND l.wr ORDER BY x.pk";
        let mut query = connection.prepare(sql)?;
        query.query_map([name], |r| r.get::<_, String>(0))?.collect::<Result<_, _>>()?
    };
    let order = if keys.is_empty() { "rowid".to_owned() } else { keys.iter().map(|k| quote(k)).collect::<Vec<_>>().join(", ") };
    let mut query = connection.prepare(&format!("SELECT * FROM {} ORDER BY {order}", qualified("main", name)))?;
    let columns = query.column_count();
    let mut hash = CellHash::new();
    let mut count = 0;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        count += 1;
        for column in 0..columns {
            hash.value(row.get_ref(column)?);
        }
    }
    Ok((count, hash.finish()))
}
