//! Takes a conversion back: the table is declared as before, to the byte, with the ids that it held.

use std::sync::Arc;

use camino::Utf8Path;

use super::declare::one_line;
use super::job::{computed, declared, objects, order, statistics};
use super::run::{Noted, as_declared, declarations, with};
use super::run_steps;
use super::script::Rebuild;
use super::sound::{self, By};
use crate::panel::source::companion::CompanionError;
use crate::remap::compute::show;
use crate::remap::decide::{Class, FromRef};
use crate::remap::error::{Context, RemapError};
use crate::remap::kept;
use crate::remap::ledger::has_table;
use crate::remap::rows::{self, whole};
use crate::remap::scan;
use crate::remap::sentinel::Sentinels;
use crate::remap::session::{Database, Session};
use crate::remap::undo::Drift;
use crate::remap::watch;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, ErrorCode, OptionalExtension, Value, ValueRef, params};

/// Cells that are listed when they changed since.
const SHOWN: usize = 100;

/// One converted table, as the companion notes it.
pub(in crate::remap) struct Taken {
    n: i64,
    database: usize,
    table: String,
    address: Vec<String>,
    columns: Vec<Noted>,
    changed: i64,
    schema_version: i64,
    by_rowid: bool,
    content: (Vec<u8>, Vec<u8>),
    sql: (String, String),
}

/// How taking back ended.
pub(in crate::remap) enum Ended {
    /// Everything is as before: the rows of which cells were put back, and what a person has to do.
    Done(u64, Vec<String>),
    /// Something changed since.
    Drifted(Vec<Drift>),
}

/// The tables that run `run` converted; `None`: it was no conversion.
pub(in crate::remap) fn read(session: &Session, path: &Utf8Path, run: i64) -> Result<Option<Vec<Taken>>, RemapError> {
    let connection = &session.connection;
    let there = connection.query_row("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'conversion'", [], |_| Ok(()));
    if there.optional().on(path)?.is_none() {
        return Ok(None);
    }
    let bad = |e: serde_json::Error| Error::ToSqlConversionFailure(Box::new(e));
    let list = || -> Result<Vec<Taken>, Error> {
        let sql =
            "SELECT n, j.database, j.table_name, j.address, c.columns, j.changed, j.schema_version, j.implicit_rowid, j.content_before,
                          j.content_after, c.sql_before, c.sql_after
                   FROM main.conversion AS c JOIN main.journal AS j USING (run, n) WHERE run = ?1 ORDER BY n";
        let mut query = connection.prepare(sql)?;
        let rows = query.query_map([run], |r| {
            let name: String = r.get(1)?;
            Ok(Taken {
                n: r.get(0)?,
                database: session.index_of(&name)?,
                table: r.get(2)?,
                address: serde_json::from_str(&r.get::<_, String>(3)?).map_err(bad)?,
                columns: serde_json::from_str(&r.get::<_, String>(4)?).map_err(bad)?,
                changed: r.get(5)?,
                schema_version: r.get(6)?,
                by_rowid: r.get(7)?,
                content: (r.get(8)?, r.get(9)?),
                sql: (r.get(10)?, r.get(11)?),
            })
        })?;
        rows.collect()
    };
    let taken = list().map_err(|e| match e {
        Error::ToSqlConversionFailure(e) => CompanionError::Damaged { path: path.to_owned(), detail: e.to_string() }.into(),
        e => RemapError::from(crate::sqlite::open::OpenError::of(path, e)),
    })?;
    for table in &taken {
        let name = format!("journal_{run}_{}", table.n);
        let damaged = |what: &str| CompanionError::Damaged {
            path: path.to_owned(),
            detail: format!("the table {name}, the journal of run {run}, {what}"),
        };
        if !has_table(connection, &name).on(path)? {
            return Err(damaged("is missing").into());
        }
        if !kept::is_sealed(connection, run, &name).on(path)? {
            return Err(damaged("was changed since the run").into());
        }
    }
    Ok((!taken.is_empty()).then_some(taken))
}

/// The column of that table that an applied run after `run` converted, so that it holds no ids any more; with that run.
pub(in crate::remap) fn since(connection: &Connection, run: i64, database: &str, table: &str) -> Result<Option<(i64, String)>, Error> {
    if !has_table(connection, "conversion")? {
        return Ok(None);
    }
    let sql = "SELECT c.run, c.columns FROM main.conversion AS c JOIN main.journal AS j USING (run, n) JOIN main.run AS r ON r.id = c.run
               WHERE c.run > ?1 AND r.status = 'applied' AND j.database = ?2 AND j.table_name = ?3 COLLATE NOCASE ORDER BY c.run";
    let mut query = connection.prepare(sql)?;
    let mut rows = query.query(params![run, database, table])?;
    while let Some(row) = rows.next()? {
        let columns: Vec<Noted> =
            serde_json::from_str(&row.get::<_, String>(1)?).map_err(|e| Error::ToSqlConversionFailure(Box::new(e)))?;
        if let Some(column) = columns.into_iter().find(|c| c.beside.is_none()) {
            return Ok(Some((row.get(0)?, column.column)));
        }
    }
    Ok(None)
}

/// Takes all of them back, or none: what changed since is listed.
pub(in crate::remap) fn take_back(session: &Session, run: i64, tables: &[Taken]) -> Result<Ended, RemapError> {
    let mut drift = Vec::new();
    for table in tables {
        drift.extend(table.drift(session, run)?);
    }
    if !drift.is_empty() {
        return Ok(Ended::Drifted(drift));
    }
    let mut changed = 0;
    let mut again = Vec::new();
    for table in tables {
        if let Some(drift) = table.take_back(session, run)? {
            return Ok(Ended::Drifted(vec![drift]));
        }
        changed += u64::try_from(table.changed).unwrap_or(0);
        again.extend(table.columns.iter().map(|c| match &c.beside {
            None => format!("{}.{} holds ids again: say holds = \"id\" in the manifest", table.table, c.column),
            Some(beside) => format!("{}.{beside} is gone: take it out of the manifest", table.table),
        }));
    }
    Ok(Ended::Done(changed, again))
}

impl Taken {
    /// Its database and its name.
    pub(in crate::remap) fn table(&self) -> (usize, String) {
        (self.database, self.table.clone())
    }

    fn lines(&self, run: i64) -> String {
        qualified("main", &format!("journal_{run}_{}", self.n))
    }

    /// `j` is the line of the row `t`.
    fn same_row(&self) -> String {
        // Without affinity and collation: by storage class and bytes.
        let equal = |(i, name): (usize, &String)| format!("j.k{i} = +t.{} COLLATE BINARY", quote(name));
        self.address.iter().enumerate().map(equal).collect::<Vec<_>>().join(" AND ")
    }

    /// What is not as the run left it.
    fn drift(&self, session: &Session, run: i64) -> Result<Vec<Drift>, RemapError> {
        let (connection, on) = (&session.connection, &session.databases[self.database]);
        let drift = |detail: String| Drift { database: on.name.to_string(), table: self.table.clone(), detail, acceptable: false };
        let Some(table) = on.declared.table(&self.table) else {
            return Ok(vec![drift("the table is gone".into())]);
        };
        if table.sql != self.sql.1 {
            return Ok(vec![drift("the table's declaration is not that of then".into())]);
        }
        let version: i64 = connection.query_row(&format!("PRAGMA {}.schema_version", on.schema), [], |r| r.get(0)).on(&on.path)?;
        let same = || Ok::<_, RemapError>(scan::content(connection, &on.schema, table).on(&on.path)?.to_bytes()[..] == self.content.1[..]);
        if self.by_rowid && version != self.schema_version && !same()? {
            let detail = "the database was vacuumed or its schema changed: rows without an INTEGER PRIMARY KEY can no longer be told apart";
            return Ok(vec![drift(detail.into())]);
        }
        let cells = self.changed_cells(connection, on, table, run).on(&on.path)?;
        if cells.is_empty()
            && let Some(why) = self.unwritable(session, table)?
        {
            return Err(RemapError::NotBack { list: format!("  {}: sqlite:{}: {why}", on.name, self.table) });
        }
        Ok(cells.into_iter().map(drift).collect())
    }

    /// Why the table cannot be made anew as it is now, if it cannot.
    fn unwritable(&self, session: &Session, table: &Table) -> Result<Option<String>, RemapError> {
        let on = &session.databases[self.database];
        let objects = objects(&session.connection, on, &self.table).on(&on.path)?;
        match objects.and_then(|o| sound::unplaceable(&self.table, &o)) {
            Some(why) => Ok(Some(why)),
            None => sound::refusal(session, on, table, By::Us),
        }
    }

    /// Cells that are not as the run left them, and rows that came since with a reference, of which nothing tells which id it was.
    fn changed_cells(&self, connection: &Connection, on: &Database, table: &Table, run: i64) -> Result<Vec<String>, Error> {
        let count = self.columns.len();
        let key: Vec<String> = self.address.iter().map(|a| format!("t.{}", quote(a))).collect();
        let now: Vec<String> = self.columns.iter().map(|c| format!("t.{}", quote(c.filled()))).collect();
        let sql = format!(
            "SELECT j.k0 IS NOT NULL, {}, {}, {} FROM {} AS t{} LEFT JOIN {} AS j ON {}",
            now.join(", "),
            rows::numbered("j.n", count),
            key.join(", "),
            qualified(&on.schema, &self.table),
            table.itself(),
            self.lines(run),
            self.same_row()
        );
        let mut query = connection.prepare(&sql)?;
        let (mut rows, watched) = (query.query([])?, watch::rows());
        let of = |c: &Noted| c.sentinels.as_ref().map_or_else(Sentinels::shared, |words| Arc::new(Sentinels::of_words(words)));
        let sentinels: Vec<Arc<Sentinels>> = self.columns.iter().map(of).collect();
        let (mut told, mut met) = (Vec::new(), 0_i64);
        while let Some(row) = rows.next()? {
            watched.row()?;
            let noted: bool = row.get(0)?;
            met += i64::from(noted);
            for (i, column) in self.columns.iter().enumerate() {
                let (is, was) = (row.get_ref(1 + i)?, row.get_ref(1 + count + i)?);
                let none = || column.beside.is_none() && matches!(sentinels[i].class(is), Class::Null | Class::Sentinel);
                let fine = if noted { is == was } else { is == ValueRef::Null || none() };
                if fine || told.len() >= SHOWN {
                    continue;
                }
                let at = |at: usize| Ok::<_, Error>(show(&Value::from_ref(row.get_ref(at)?)));
                let address: Vec<String> = self
                    .address
                    .iter()
                    .enumerate()
                    .map(|(k, a)| Ok(format!("{a} {}", at(1 + 2 * count + k)?)))
                    .collect::<Result<_, Error>>()?;
                let then =
                    if noted { format!("the run left {}", at(1 + count + i)?) } else { "the row came since, or held no reference".into() };
                told.push(format!("{}: {} is {}, {then}", address.join(", "), column.filled(), at(1 + i)?));
            }
        }
        if met != self.changed {
            told.push(format!("{} of the {} rows that the run changed are gone or have another key", self.changed - met, self.changed));
        }
        Ok(told)
    }

    /// Declares the table as before and puts the ids back. `Some`: rows that came since stand in the way.
    fn take_back(&self, session: &Session, run: i64) -> Result<Option<Drift>, RemapError> {
        let (connection, on) = (&session.connection, &session.databases[self.database]);
        let now = on.declared.table(&self.table).expect("drift() found it");
        let failed = |detail: &str| RemapError::Check { detail: format!("{}: {}: {detail}", on.name, self.table) };
        let before =
            declared(connection, &self.table, &self.sql.0).on(&on.path)?.ok_or_else(|| failed("its old declaration cannot be read"))?;
        let objects = objects(connection, on, &self.table).on(&on.path)?.ok_or_else(|| failed("an index or a trigger is no text"))?;
        let statistics = statistics(connection, on, &self.table).on(&on.path)?;
        let was = scan::content(connection, &on.schema, now).on(&on.path)?.to_bytes();
        let expected = with(declarations(connection, on).on(&on.path)?, &self.table, &self.sql.0);
        let names: Vec<String> = whole(&before).into_iter().map(str::to_owned).collect();
        let rebuild = Rebuild {
            schema: &on.schema,
            table: &self.table,
            values: names.iter().map(|n| self.value(now, &before, n)).collect(),
            beside: format!("{} LEFT JOIN {} AS j ON {}", now.itself(), self.lines(run), self.same_row()),
            order: order(&before, &names),
            computed: computed(&before),
            names,
            sql: &self.sql.0,
            objects: &objects,
            sequence: now.autoincrement,
            statistics: &statistics,
        };
        let steps = rebuild.steps().ok_or_else(|| failed("a declaration cannot be placed"))?;
        match run_steps(connection, &steps, on) {
            Err(RemapError::Sqlite { source, .. }) if source.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                let detail = format!("a row that came since the run stands in the way: {}", one_line(&source.to_string()));
                return Ok(Some(Drift { database: on.name.to_string(), table: self.table.clone(), detail, acceptable: false }));
            }
            other => other?,
        }
        as_declared(connection, on, &expected)?;
        let is = scan::content(connection, &on.schema, &before).on(&on.path)?.to_bytes();
        if was[..] == self.content.1[..] && is[..] != self.content.0[..] {
            return Err(failed("its rows are not those of before the run"));
        }
        Ok(None)
    }

    /// What a column of the old table is filled with: an expression over `t`, the table as it is, and `j`, the row's line in the journal.
    fn value(&self, now: &Table, before: &Table, name: &str) -> String {
        if let Some(i) = self.columns.iter().position(|c| c.filled().eq_ignore_ascii_case(name)) {
            return format!("CASE WHEN j.k0 IS NULL THEN t.{0} ELSE j.o{i} END", quote(name));
        }
        let rowid = now.rowid_name().filter(|_| before.column(name).is_none());
        format!("t.{}", quote(rowid.unwrap_or(name)))
    }
}
