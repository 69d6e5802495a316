//! Takes the last run back: exactly, or not at all.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::Serialize;

use super::check;
use super::compute::{label, show};
use super::convert;
use super::decide::FromRef;
use super::error::{Context, RemapError};
use super::lock::Lock;
use super::rows::{self, count, numbered};
use super::scan;
use super::session::{self, Database, Locked, Session};
use super::target;
use crate::panel::source::companion::{self, CompanionError};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::open;
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, ErrorCode, OptionalExtension, Value};

/// Cells that are listed when they changed since.
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
        /// What could not be put right afterwards and does no harm.
        warnings: Vec<String>,
    },
    /// Something changed since the run, and nothing was written.
    Drifted {
        /// The run.
        run: i64,
        /// What changed, up to a hundred of them.
        drift: Vec<Drift>,
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
}

/// One line of the companion's registry of journals.
struct Journal {
    n: i64,
    database: usize,
    table: String,
    address: Vec<String>,
    columns: Vec<String>,
    whole: Vec<String>,
    reinsert: bool,
    changed: i64,
    removed: i64,
    schema_version: i64,
    implicit_rowid: bool,
    sequence: (Value, Value),
    content: (Vec<u8>, Vec<u8>),
}

/// Takes the last run on `var_dir` back; `wanted`, if given, must be that run.
///
/// # Errors
/// There is no such run, or the databases cannot be worked on; nothing was written.
pub fn undo(var_dir: &Utf8Path, wanted: Option<i64>, patience: Duration) -> Result<Undone, RemapError> {
    target::var_dir(var_dir)?;
    let _lock = Lock::take(var_dir, patience)?;
    let run = last(var_dir)?;
    if let Some(wanted) = wanted.filter(|w| *w != run) {
        let detail = format!("run {wanted} is not the last applied run, which is {run}");
        return Err(RemapError::NoRun { detail });
    }
    let locked = Locked::open(var_dir, &databases(var_dir, run)?, patience)?;
    let session = locked.session();
    let path = companion::path_in(var_dir);
    let sql = "SELECT faults FROM main.run WHERE id = ?1 AND status = 'applied'";
    let faults: Option<String> = session.connection.query_row(sql, [run], |r| r.get(0)).optional().on(&path)?;
    let Some(faults) = faults else {
        return Err(RemapError::NoRun { detail: format!("run {run} was taken back by somebody else in the meantime") });
    };
    let damaged = |e: serde_json::Error| CompanionError::Damaged { path: path.clone(), detail: e.to_string() };
    let journals = read(session, run).on(&path)?;
    if let Some(tables) = convert::undo::read(session, &path, run)? {
        let touched: Vec<(usize, String)> = journals.iter().map(|j| (j.database, j.table.clone())).collect();
        let mut baseline = check::baseline(session, &touched)?;
        baseline.allow(serde_json::from_str(&faults).map_err(damaged)?);
        let (changed, again) = match convert::undo::take_back(session, run, &tables)? {
            convert::undo::Ended::Done(changed, again) => (changed, again),
            convert::undo::Ended::Drifted(drift) => return Ok(Undone::Drifted { run, drift }),
        };
        check::unharmed(session, &touched, &baseline)?;
        forget(&session.connection, run, &journals).on(&path)?;
        session.connection.execute("DELETE FROM main.conversion WHERE run = ?1", [run]).on(&path)?;
        let warnings = again.into_iter().chain(locked.commit()?).collect();
        return Ok(Undone::Done { run, changed, restored: 0, warnings });
    }
    let mut drift = Vec::new();
    for journal in &journals {
        drift.extend(journal.drift(session, run)?);
    }
    if !drift.is_empty() {
        return Ok(Undone::Drifted { run, drift });
    }
    let touched: Vec<(usize, String)> = journals.iter().map(|j| (j.database, j.table.clone())).collect();
    let mut baseline = check::baseline(session, &touched)?;
    baseline.allow(serde_json::from_str(&faults).map_err(damaged)?);
    for journal in &journals {
        if let Some(drift) = journal.take_back(session, run)? {
            return Ok(Undone::Drifted { run, drift: vec![drift] });
        }
    }
    check::unharmed(session, &touched, &baseline)?;
    forget(&session.connection, run, &journals).on(&path)?;
    let sum = |count: fn(&Journal) -> i64| journals.iter().map(|j| u64::try_from(count(j)).unwrap_or(0)).sum();
    let (changed, restored) = (sum(|j| j.changed), sum(|j| j.removed));
    let warnings = locked.commit()?;
    Ok(Undone::Done { run, changed, restored, warnings })
}

/// The last applied run.
fn last(var_dir: &Utf8Path) -> Result<i64, RemapError> {
    super::target::var_dir(var_dir)?;
    session::restore_wal(var_dir)?;
    let known = super::ledger::read(var_dir)?;
    let none = || RemapError::NoRun { detail: format!("{var_dir}: there is no run to take back") };
    known.last_applied.ok_or_else(none)
}

/// The databases that the run changed.
fn databases(var_dir: &Utf8Path, run: i64) -> Result<Vec<Utf8PathBuf>, RemapError> {
    let path = companion::path_in(var_dir);
    let reader = open::read(&path)?;
    let sql = "SELECT DISTINCT database FROM main.journal WHERE run = ?1 ORDER BY database";
    let mut query = reader.connection.prepare(sql).on(&path)?;
    let rows = query.query_map([run], |r| r.get::<_, String>(0)).on(&path)?;
    let names: Vec<Utf8PathBuf> = rows.collect::<Result<Vec<_>, _>>().on(&path)?.into_iter().map(Utf8PathBuf::from).collect();
    for name in &names {
        session::inside(&path, var_dir, name)?;
    }
    Ok(names)
}

fn read(session: &Session, run: i64) -> Result<Vec<Journal>, Error> {
    let list = |text: String| serde_json::from_str::<Vec<String>>(&text).map_err(|e| Error::ToSqlConversionFailure(Box::new(e)));
    let sql = "SELECT n, database, table_name, address, columns, stored, reinsert, changed, removed, schema_version, implicit_rowid,
                      sequence_before, sequence_after, content_before, content_after FROM main.journal WHERE run = ?1 ORDER BY n";
    let mut query = session.connection.prepare(sql)?;
    let rows = query.query_map([run], |r| {
        let name: String = r.get(1)?;
        Ok(Journal {
            n: r.get(0)?,
            database: session.databases.iter().position(|d| d.name == name).unwrap_or_default(),
            table: r.get(2)?,
            address: list(r.get(3)?)?,
            columns: list(r.get(4)?)?,
            whole: list(r.get(5)?)?,
            reinsert: r.get(6)?,
            changed: r.get(7)?,
            removed: r.get(8)?,
            schema_version: r.get(9)?,
            implicit_rowid: r.get(10)?,
            sequence: (r.get(11)?, r.get(12)?),
            content: (r.get(13)?, r.get(14)?),
        })
    })?;
    rows.collect()
}

/// The table's content hash.
fn content_of(session: &Session, database: &Database, table: &Table) -> Result<[u8; 16], RemapError> {
    scan::content(&session.connection, &database.schema, table, |_| Ok(())).on(&database.path).map(scan::Content::to_bytes)
}

impl Journal {
    fn cells(&self, run: i64) -> String {
        qualified("main", &format!("journal_{run}_{}", self.n))
    }

    fn removed_rows(&self, run: i64) -> String {
        qualified("main", &format!("removed_{run}_{}", self.n))
    }

    /// `t` and `j` are the same row.
    fn same_row(&self) -> String {
        let equal = |(i, name): (usize, &String)| format!("t.{} = j.k{i} COLLATE BINARY", quote(name));
        self.address.iter().enumerate().map(equal).collect::<Vec<_>>().join(" AND ")
    }

    /// Some cell of `t` is not what `letter` of `j` says, to the storage class.
    fn differs(&self, letter: char) -> String {
        let test = |(i, name): (usize, &String)| {
            let name = quote(name);
            format!("typeof(t.{name}) <> typeof(j.{letter}{i}) OR t.{name} IS NOT j.{letter}{i} COLLATE BINARY")
        };
        self.columns.iter().enumerate().map(test).collect::<Vec<_>>().join(" OR ")
    }

    /// What is not as the run left it.
    fn drift(&self, session: &Session, run: i64) -> Result<Vec<Drift>, RemapError> {
        let database = &session.databases[self.database];
        let drift = |detail| Drift { database: database.name.to_string(), table: self.table.clone(), detail };
        let Some(table) = database.declared.table(&self.table) else {
            return Ok(vec![drift("the table is gone".into())]);
        };
        let there = check::has_columns(&session.connection, &database.schema, &self.table, &self.whole);
        if !there || table.address() != self.address || rows::whole(table) != self.whole {
            return Ok(vec![drift("the table's columns are not those of then".into())]);
        }
        let sql = format!("PRAGMA {}.schema_version", database.schema);
        let version: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
        // The content's hash counts the rowids in.
        let same = || Ok::<_, RemapError>(content_of(session, database, table)? == self.content.1[..]);
        if self.implicit_rowid && version != self.schema_version && !same()? {
            let detail = "the database was vacuumed or its schema changed: rows without an INTEGER PRIMARY KEY can no longer be told apart";
            return Ok(vec![drift(detail.into())]);
        }
        let sql = format!(
            "SELECT {}, {}, {} FROM {} AS j LEFT JOIN {} AS t ON {} WHERE t.{} IS NULL OR {} LIMIT {SHOWN}",
            numbered("j.k", self.address.len()),
            rows::of("t", &self.columns.iter().map(String::as_str).collect::<Vec<_>>()),
            numbered("j.n", self.columns.len()),
            self.cells(run),
            qualified(&database.schema, &self.table),
            self.same_row(),
            quote(&self.address[0]),
            self.differs('n'),
        );
        let mut found = Vec::new();
        let mut list = || -> Result<(), Error> {
            let mut query = session.connection.prepare(&sql)?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let at = |i: usize| Ok::<_, Error>(Value::from_ref(row.get_ref(i)?));
                let address = (0..self.address.len()).map(at).collect::<Result<Vec<_>, _>>()?;
                for (i, column) in self.columns.iter().enumerate() {
                    let (now, then) = (at(self.address.len() + i)?, at(self.address.len() + self.columns.len() + i)?);
                    if now != then {
                        let row = label(table, &address);
                        found.push(drift(format!("{row}: {column} is {}, the run left {}", show(&now), show(&then))));
                    }
                }
            }
            Ok(())
        };
        list().on(&database.path)?;
        Ok(found)
    }

    /// Puts cells and rows back. `Some`: rows that came since stand in the way.
    fn take_back(&self, session: &Session, run: i64) -> Result<Option<Drift>, RemapError> {
        let database = &session.databases[self.database];
        let table = database.declared.table(&self.table).expect("drift() found it");
        let connection = &session.connection;
        let was = content_of(session, database, table)?;
        let sequence = rows::sequence(connection, &database.schema, table).on(&database.path)?;
        let changed = match self.write(connection, database, table, run) {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                let detail = format!("a row that came since the run stands in the way: {e}");
                return Ok(Some(Drift { database: database.name.to_string(), table: self.table.clone(), detail }));
            }
            other => other.on(&database.path)?,
        };
        let planned = (u64::try_from(self.changed).unwrap_or(0), u64::try_from(self.removed).unwrap_or(0));
        let name = format!("{}: {}", database.name, self.table);
        if changed != planned {
            return Err(RemapError::Check { detail: format!("{name}: {changed:?} rows were put back instead of {planned:?}") });
        }
        // A sequence that went on since then must not go back.
        if table.autoincrement && sequence == self.sequence.1 {
            rows::set_sequence(connection, &database.schema, table, &self.sequence.0).on(&database.path)?;
        }
        let now = content_of(session, database, table)?;
        if was[..] == self.content.1[..] && now[..] != self.content.0[..] {
            return Err(RemapError::Check { detail: format!("{name}: its rows are not those of before the run") });
        }
        Ok(None)
    }

    fn write(&self, connection: &Connection, database: &Database, table: &Table, run: i64) -> Result<(u64, u64), Error> {
        let name = qualified(&database.schema, &self.table);
        let (cells, same_row) = (self.cells(run), self.same_row());
        let mut changed = 0;
        if self.changed > 0 && self.reinsert {
            let before: Vec<String> = self
                .whole
                .iter()
                .map(|c| match self.columns.iter().position(|t| t.eq_ignore_ascii_case(c)) {
                    Some(i) => format!("j.o{i}"),
                    None => format!("t.{}", quote(c)),
                })
                .collect();
            let select = format!("SELECT {} FROM {cells} AS j CROSS JOIN {name} AS t ON {same_row}", before.join(", "));
            let staged = rows::stage(connection, table, &select)?;
            let key: Vec<String> = self.address.iter().map(|a| format!("t.{} COLLATE BINARY", quote(a))).collect();
            let sql = format!("DELETE FROM {name} AS t WHERE ({}) IN (SELECT {} FROM {cells})", key.join(", "), numbered("k", key.len()));
            let taken = connection.execute(&sql, []).map(count)?;
            let put = rows::put_back(connection, &database.schema, table)?;
            changed = if staged == taken && taken == put { put } else { u64::MAX };
        } else if self.changed > 0 {
            let set: Vec<String> = self.columns.iter().enumerate().map(|(i, c)| format!("{} = j.o{i}", quote(c))).collect();
            let sql = format!("UPDATE OR ABORT {name} AS t SET {} FROM {cells} AS j WHERE {same_row}", set.join(", "));
            changed = connection.execute(&sql, []).map(count)?;
        }
        let mut restored = 0;
        if self.removed > 0 {
            let list: Vec<String> = self.whole.iter().map(|c| quote(c)).collect();
            let sql = format!(
                "INSERT OR ABORT INTO {name}({}) SELECT {} FROM {}",
                list.join(", "),
                numbered("c", self.whole.len()),
                self.removed_rows(run)
            );
            restored = connection.execute(&sql, []).map(count)?;
        }
        Ok((changed, restored))
    }
}

/// Marks the run as undone, drops its journal, and moves the data's date back.
fn forget(connection: &Connection, run: i64, journals: &[Journal]) -> Result<(), Error> {
    for journal in journals {
        connection.execute_batch(&format!(
            "DROP TABLE IF EXISTS {}; DROP TABLE IF EXISTS {}",
            journal.cells(run),
            journal.removed_rows(run)
        ))?;
    }
    connection.execute("DELETE FROM main.journal WHERE run = ?1", [run])?;
    connection.execute("DELETE FROM main.place_state WHERE run = ?1", [run])?;
    let before: Option<i64> = connection.query_row("SELECT date_before FROM main.run WHERE id = ?1", [run], |r| r.get(0))?;
    match before {
        Some(generation) => companion::set_current(connection, generation)?,
        None => companion::clear_current(connection)?,
    }
    let sql = "UPDATE main.run SET status = 'undone', finished = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE id = ?1";
    connection.execute(sql, [run]).map(drop)
}
