//! Takes rows that were put back out of the data again: they are in quarantine as before, and their tables as before they came.

use camino::Utf8Path;

use super::super::check::{self, Baseline};
use super::super::compute::{label, show};
use super::super::decide::FromRef;
use super::super::error::{Context, RemapError};
use super::super::expression;
use super::super::full_text;
use super::super::kept;
use super::super::ledger::has_table;
use super::super::method::Method;
use super::super::row_hash::{Content, RowHash};
use super::super::rows::{self, count, numbered, of};
use super::super::scan;
use super::super::session::{Database, Session};
use super::super::space::{Need, Touched};
use super::super::undo::Drift;
use super::super::watch::{self, Phase};
use crate::panel::source::companion::CompanionError;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, Value, ValueRef, params};

/// Changes that are listed of each table.
const SHOWN: usize = 100;

/// One table that rows were put back into, as the companion notes it.
pub(in crate::remap) struct Taken {
    n: i64,
    database: usize,
    table: String,
    address: Vec<String>,
    stored: Vec<String>,
    rows: u64,
    schema_version: i64,
    implicit_rowid: bool,
    sequence: (Value, Value),
    content: (Vec<u8>, Vec<u8>),
}

/// How taking back ended.
pub(in crate::remap) enum Ended {
    /// Everything is as before; the rows that are in quarantine again.
    Done(u64),
    /// Something changed since.
    Drifted(Vec<Drift>),
}

/// The tables that run `run` put rows back into; `None`: it was another sort of run.
pub(in crate::remap) fn read(session: &Session, path: &Utf8Path, run: i64) -> Result<Option<Vec<Taken>>, RemapError> {
    let connection = &session.connection;
    if !has_table(connection, "restoration").on(path)? {
        return Ok(None);
    }
    let list = |text: String| serde_json::from_str::<Vec<String>>(&text).map_err(|e| Error::ToSqlConversionFailure(Box::new(e)));
    let read = || -> Result<Vec<Taken>, Error> {
        let mut query = connection.prepare(
            "SELECT n, j.database, j.table_name, j.address, j.stored, r.rows, j.schema_version, j.implicit_rowid, j.sequence_before,
                    j.sequence_after, j.content_before, j.content_after
             FROM main.restoration AS r JOIN main.journal AS j USING (run, n) WHERE run = ?1 ORDER BY n",
        )?;
        let rows = query.query_map([run], |r| {
            Ok(Taken {
                n: r.get(0)?,
                database: session.index_of(&r.get::<_, String>(1)?)?,
                table: r.get(2)?,
                address: list(r.get(3)?)?,
                stored: list(r.get(4)?)?,
                rows: u64::try_from(r.get::<_, i64>(5)?).unwrap_or(0),
                schema_version: r.get(6)?,
                implicit_rowid: r.get(7)?,
                sequence: (r.get(8)?, r.get(9)?),
                content: (r.get(10)?, r.get(11)?),
            })
        })?;
        rows.collect()
    };
    let tables = read().map_err(|e| match e {
        Error::ToSqlConversionFailure(e) => CompanionError::Damaged { path: path.to_owned(), detail: e.to_string() }.into(),
        e => RemapError::from(crate::sqlite::open::OpenError::of(path, e)),
    })?;
    Ok((!tables.is_empty()).then_some(tables))
}

/// Takes all of them back, or none: what changed since is listed. `faults` are what was wrong before the run.
pub(in crate::remap) fn take_back(
    session: &Session,
    run: i64,
    tables: &[Taken],
    faults: Baseline,
    path: &Utf8Path,
) -> Result<Ended, RemapError> {
    let connection = &session.connection;
    watch::phase(Phase::Reading)?;
    watch::expect(|| Ok::<_, RemapError>(2 * tables.iter().map(|t| t.rows).sum::<u64>()))?;
    let mut drift = Vec::new();
    for table in tables {
        table.flaw(connection, run, path)?;
        drift.extend(table.drift(session, run)?);
    }
    if !drift.is_empty() {
        return Ok(Ended::Drifted(drift));
    }
    room(session, tables, path)?;
    let touched: Vec<(usize, String)> = tables.iter().map(|t| (t.database, t.table.clone())).collect();
    let indexes = full_text::concerned(&session.databases, touched.iter().map(|(d, t)| (*d, t.clone(), Vec::new(), true)));
    full_text::agree(session, &indexes)?;
    let mut baseline = check::baseline(session, &touched)?;
    baseline.allow(faults);
    watch::phase(Phase::Writing)?;
    let mut rows = 0;
    for table in tables {
        table.take_out(session, run)?;
        rows += table.rows;
    }
    full_text::rebuild(session, &indexes)?;
    watch::phase(Phase::Checking)?;
    check::unharmed(session, &touched, &baseline)?;
    let again = || -> Result<u64, Error> {
        let mut query = connection.prepare("SELECT run, n FROM main.quarantine")?;
        let held = query.query_map([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, i64>(1)?)))?.collect::<Result<Vec<_>, _>>()?;
        let mut all = 0;
        for (of, n) in held {
            let names = qualified("main", &format!("quarantined_{of}_{n}"));
            all += connection.execute(&format!("UPDATE {names} SET restored = NULL WHERE restored = ?1"), [run]).map(count)?;
        }
        Ok(all)
    };
    let again = again().on(path)?;
    if again != rows {
        return Err(RemapError::Check { detail: format!("{rows} rows were taken out, {again} are in quarantine again") });
    }
    Ok(Ended::Done(rows))
}

/// Refuses where there is no room for the databases' rollback journals.
fn room(session: &Session, tables: &[Taken], companion: &Utf8Path) -> Result<(), RemapError> {
    let mut need = Need::default();
    for (index, on) in session.databases.iter().enumerate() {
        let size = std::fs::metadata(&on.path).map_or(0, |m| m.len());
        let sql = format!("PRAGMA {}.page_size", on.schema);
        let page_size: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&on.path)?;
        let pages = |t: &Taken| 1 + on.declared.table(&t.table).map_or(0, |t| t.indexes.len() as u64);
        let touched = |t: &Taken| Touched { rows: t.rows, pages: pages(t), page_size: page_size.unsigned_abs() }.bytes(size);
        let bytes = tables.iter().filter(|t| t.database == index).map(touched).fold(0, u64::saturating_add);
        need.add(&on.path, bytes.min(size))?;
    }
    need.add(companion, 0)?;
    need.check()
}

impl Taken {
    fn name(&self, run: i64) -> String {
        format!("restored_{run}_{}", self.n)
    }

    /// Refuses a journal that is not as the run left it.
    fn flaw(&self, connection: &Connection, run: i64, path: &Utf8Path) -> Result<(), RemapError> {
        let name = self.name(run);
        let damaged = |what: &str| CompanionError::Damaged {
            path: path.to_owned(),
            detail: format!("the table {name}, the journal of run {run}, {what}"),
        };
        if !has_table(connection, &name).on(path)? {
            return Err(damaged("is missing").into());
        }
        match kept::is_sealed(connection, run, &name).on(path)? {
            true => Ok(()),
            false => Err(damaged("was changed since the run").into()),
        }
    }

    /// `t` and `p` are the same row, to the storage class of the address.
    fn same_row(&self) -> String {
        let at = |name: &String| self.stored.iter().position(|s| s.eq_ignore_ascii_case(name));
        let equal = |name: &String| Some(format!("t.{} = p.c{} COLLATE BINARY", quote(name), at(name)?));
        self.address.iter().filter_map(equal).collect::<Vec<_>>().join(" AND ")
    }

    /// What is not as the run left it.
    fn drift(&self, session: &Session, run: i64) -> Result<Vec<Drift>, RemapError> {
        let on = &session.databases[self.database];
        let drift = |detail: String| Drift { database: on.name.to_string(), table: self.table.clone(), detail, acceptable: false };
        let Some(table) = on.declared.table(&self.table) else { return Ok(vec![drift("the table is gone".into())]) };
        let there = check::has_columns(&session.connection, &on.schema, &self.table, &self.stored);
        if !there || table.address() != self.address {
            return Ok(vec![drift("the table's columns are not those of then".into())]);
        }
        let sql = format!("PRAGMA {}.schema_version", on.schema);
        let version: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&on.path)?;
        let same = || {
            Ok::<_, RemapError>(scan::content(&session.connection, &on.schema, table).on(&on.path)?.to_bytes()[..] == self.content.1[..])
        };
        if self.implicit_rowid && version != self.schema_version && !same()? {
            let detail = "the database was vacuumed or its schema changed: rows without an INTEGER PRIMARY KEY can no longer be told apart";
            return Ok(vec![drift(detail.into())]);
        }
        let changed = self.changed(&session.connection, on, table, run).on(&on.path)?;
        if changed.is_empty()
            && let Some(why) = self.unwritable(session, table)?
        {
            return Err(RemapError::NotBack { list: format!("  {}: sqlite:{}: {why}", on.name, self.table) });
        }
        Ok(changed.into_iter().map(drift).collect())
    }

    /// Why rows cannot be taken out: an index over what is computed would be damaged.
    fn unwritable(&self, session: &Session, table: &Table) -> Result<Option<String>, RemapError> {
        let on = &session.databases[self.database];
        let names: Vec<&str> = self.stored.iter().map(String::as_str).collect();
        expression::disagreement(&session.connection, &on.schema, table, &names, (Method::Reinsert, true)).on(&on.path)
    }

    /// Rows that are gone, and cells that are not as the run left them.
    fn changed(&self, connection: &Connection, on: &Database, table: &Table, run: i64) -> Result<Vec<String>, Error> {
        let stored: Vec<&str> = self.stored.iter().map(String::as_str).collect();
        let sql = format!(
            "SELECT t.{} IS NULL, {}, {} FROM {} AS p LEFT JOIN {} AS t ON {} ORDER BY p.at",
            quote(&self.address[0]),
            of("t", &stored),
            numbered("p.c", stored.len()),
            qualified("main", &self.name(run)),
            qualified(&on.schema, &self.table),
            self.same_row()
        );
        let mut query = connection.prepare(&sql)?;
        let (mut rows, watched) = (query.query([])?, watch::rows());
        let mut told = Vec::new();
        let mut more = 0u64;
        while let Some(row) = rows.next()? {
            watched.row()?;
            let then = |i: usize| row.get_ref(1 + stored.len() + i);
            let mut tell = |detail: String| if told.len() < SHOWN { told.push(detail) } else { more += 1 };
            let at = |a: &str| stored.iter().position(|s| s.eq_ignore_ascii_case(a)).map_or(Ok(ValueRef::Null), then);
            let key = table.address().iter().map(|a| at(a).map(Value::from_ref)).collect::<Result<Vec<_>, _>>()?;
            let name = label(table, &key);
            if row.get(0)? {
                tell(format!("{name}: the row is gone"));
                continue;
            }
            for (i, column) in stored.iter().enumerate() {
                let (now, then) = (row.get_ref(1 + i)?, then(i)?);
                if now != then {
                    let (now, then) = (show(&Value::from_ref(now)), show(&Value::from_ref(then)));
                    tell(format!("{name}: {column} is {now}, the run put back {then}"));
                }
            }
        }
        if more > 0 {
            told.push(format!("… and {more} more of this sort"));
        }
        Ok(told)
    }

    /// Takes the rows out, and sees that the rest of the table is what it was.
    fn take_out(&self, session: &Session, run: i64) -> Result<(), RemapError> {
        let (connection, on) = (&session.connection, &session.databases[self.database]);
        let table = on.declared.table(&self.table).expect("drift() found it");
        let failed = |detail: String| RemapError::Check { detail: format!("{}: {}: {detail}", on.name, self.table) };
        let was = scan::content(connection, &on.schema, table).on(&on.path)?;
        let sequence = rows::sequence(connection, &on.schema, table).on(&on.path)?;
        let mine = self.content_of(connection, on, table, run).on(&on.path)?;
        let at = |a: &String| self.stored.iter().position(|s| s.eq_ignore_ascii_case(a)).map(|i| format!("c{i}"));
        let columns = self.address.iter().filter_map(at).collect::<Vec<_>>().join(", ");
        let (name, list) = (qualified(&on.schema, &self.table), qualified("main", &self.name(run)));
        let taken = rows::take_out(connection, &name, table, (&list, &columns))
            .doing(|| format!("{}: taking rows out of {}", on.name, self.table))?;
        // A sequence that went on since then must not go back.
        if table.autoincrement && sequence == self.sequence.1 {
            rows::set_sequence(connection, &on.schema, table, &self.sequence.0).on(&on.path)?;
        }
        let now = scan::content(connection, &on.schema, table).on(&on.path)?;
        if (taken, mine.rows()) != (self.rows, self.rows) || was.minus(mine) != now {
            return Err(failed(format!("{taken} rows were taken out of it, {} were to be, and no others", self.rows)));
        }
        if was.to_bytes()[..] == self.content.1[..] && now.to_bytes()[..] != self.content.0[..] {
            return Err(failed("its rows are not those of before the run".into()));
        }
        Ok(())
    }

    /// The content of the rows that were put back, as they stand in the table.
    fn content_of(&self, connection: &Connection, on: &Database, table: &Table, run: i64) -> Result<Content, Error> {
        let stored: Vec<&str> = table.stored().map(|c| table.columns[c].name.as_str()).collect();
        let columns: Vec<&str> = table.address().into_iter().chain(stored).collect();
        let sql = format!(
            "SELECT {} FROM {} AS p CROSS JOIN {} AS t ON {}",
            of("t", &columns),
            qualified("main", &self.name(run)),
            qualified(&on.schema, &self.table),
            self.same_row()
        );
        let mut query = connection.prepare(&sql)?;
        let mut rows = query.query(params![])?;
        let mut content = Content::default();
        while let Some(row) = rows.next()? {
            let mut hash = RowHash::new();
            for i in 0..columns.len() {
                hash.value(row.get_ref(i)?);
            }
            content.add(hash.finish());
        }
        Ok(content)
    }
}
