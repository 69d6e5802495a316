//! What the extension wrote since a run: rows that it added, and cells of rows that the run did not touch.
//!
//! Such ids speak of the new panel state. Left alone, they would mean something else once the rest of the data speaks of the old one again. An id that means
//! the same object in both states does no harm, and rows that the run itself left so are known from [`kept`].

use std::sync::Arc;

use super::super::compute::{label, show};
use super::super::computed;
use super::super::decide::FromRef;
use super::super::error::{Context, RemapError};
use super::super::kept;
use super::super::pairs::{Meanings, Record};
use super::super::rows::{self, count, numbered, of};
use super::super::session::{Database, Session};
use super::super::short;
use super::journal::{self, Journal, content_of};
use super::{Drift, Found, States};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, ErrorCode, FunctionFlags, OptionalExtension, Value, is_key_taken, params};

/// Name of the table of rows that are to be put back where the journal alone does not tell.
const BACK: &str = "temp.reguid_back";

/// The places of a run in one table.
pub(super) struct Places<'s> {
    /// Index of the database in the session.
    pub database: usize,
    /// The table.
    pub table: &'s Table,
    /// Each place's column, with what its ids mean; in the order of the table's columns.
    pub columns: Vec<(String, Arc<Meanings>)>,
    /// What the run changed of it.
    pub journal: Option<&'s Journal>,
    /// Number of the table of rows that it left so, and the place of each column in it.
    kept: Option<(i64, Vec<Option<usize>>)>,
    /// Number of this table among those of the run, for names.
    number: usize,
}

/// Rows that are to be given other cells: a table with their addresses in the columns k0 …, and the cells in o0 ….
struct Cells {
    cells: String,
    rows: u64,
    /// They are put in anew: a key may change.
    reinsert: bool,
}

impl Places<'_> {
    /// What is written of the table: index of the database, name, columns, whether rows come or go.
    pub(super) fn written(&self) -> (usize, String, Vec<String>, bool) {
        let columns = self.columns.iter().map(|c| c.0.clone()).collect();
        (self.database, self.table.name.clone(), columns, self.journal.is_some_and(|j| j.removed > 0))
    }
}

/// The places of the run, table by table. Tables and columns that are gone are left out: they hold no ids any more.
pub(super) fn read<'s>(session: &'s Session, record: &Record, journals: &'s [Journal], run: i64) -> Result<Vec<Places<'s>>, Error> {
    let mut all: Vec<Places<'s>> = Vec::new();
    for (index, database) in session.databases.iter().enumerate() {
        for table in &database.declared.tables {
            let journal = journals.iter().find(|j| j.database == index && j.table.eq_ignore_ascii_case(&table.name));
            let column = |c: usize| {
                let name = &table.columns[c].name;
                let is_here = |p: &&(super::super::ledger::PlaceKey, Arc<Meanings>)| {
                    let (named, in_table, of_column) = &p.0;
                    *named == database.name && in_table.eq_ignore_ascii_case(&table.name) && of_column.eq_ignore_ascii_case(name)
                };
                record.places.iter().find(is_here).map(|(_, meanings)| (name.clone(), Arc::clone(meanings)))
            };
            let columns: Vec<(String, Arc<Meanings>)> = table.stored().filter_map(column).collect();
            // A row of a table without an address cannot be told from others; a run has no places in it.
            if (columns.is_empty() && journal.is_none()) || table.address().is_empty() {
                continue;
            }
            let sql = "SELECT n, columns FROM main.kept WHERE run = ?1 AND database = ?2 AND table_name = ?3 COLLATE NOCASE";
            let noted = session
                .connection
                .query_row(sql, params![run, database.name.as_str(), table.name], |r| Ok((r.get(0)?, r.get::<_, String>(1)?)))
                .optional()?;
            let kept = noted
                .map(|(n, names)| {
                    let names: Vec<String> = serde_json::from_str(&names).map_err(|e| Error::ToSqlConversionFailure(Box::new(e)))?;
                    Ok::<_, Error>((n, columns.iter().map(|c| names.iter().position(|k| *k == c.0)).collect()))
                })
                .transpose()?;
            let number = all.len();
            all.push(Places { database: index, table, columns, journal, kept, number });
        }
    }
    Ok(all)
}

impl Places<'_> {
    /// Whether the drift is of this table.
    pub(super) fn is_of(&self, session: &Session, drift: &Drift) -> bool {
        session.databases[self.database].name == drift.database && self.table.name.eq_ignore_ascii_case(&drift.table)
    }

    fn name(&self, database: &Database) -> String {
        qualified(&database.schema, &self.table.name)
    }

    /// A function over one of the columns' values, for SQL.
    fn function(&self, what: &str, column: usize) -> String {
        format!("reguid_{what}_{}_{column}", self.number)
    }

    fn functions(&self, connection: &Connection) -> Result<(), Error> {
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
        for (i, (_, meanings)) in self.columns.iter().enumerate() {
            let (moved, back) = (Arc::clone(meanings), Arc::clone(meanings));
            let (name, other) = (self.function("moved", i), self.function("back", i));
            connection.create_scalar_function(name.as_str(), 1, flags, move |ctx| Ok(moved.moved(ctx.get_raw(0))))?;
            connection.create_scalar_function(other.as_str(), 1, flags, move |ctx| Ok(back.translated(ctx.get_raw(0))))?;
        }
        Ok(())
    }

    /// The cell of `t` is as the run left it, in a row that it left so.
    fn is_kept(&self, column: usize) -> Option<String> {
        let at = self.kept.as_ref()?.1[column]?;
        let name = quote(&self.columns[column].0);
        Some(format!("(q.k0 IS NOT NULL AND typeof(t.{name}) = typeof(q.v{at}) AND t.{name} IS q.v{at} COLLATE BINARY)"))
    }

    /// `FROM … WHERE …`: rows that are not in the journal, with an id that was written since.
    fn since(&self, database: &Database, run: i64) -> String {
        let address = self.table.address();
        let mut from = format!("FROM {} AS t{}", self.name(database), self.table.itself());
        let mut condition = String::new();
        if let Some(journal) = self.journal.filter(|j| j.changed > 0) {
            from += &format!(" LEFT JOIN {} AS j ON {}", journal.cells(run), kept::same_row(&address, 'j'));
            condition += "j.k0 IS NULL AND ";
        }
        if let Some((n, _)) = self.kept {
            from += &format!(" LEFT JOIN {} AS q ON {}", qualified("main", &format!("kept_{run}_{n}")), kept::same_row(&address, 'q'));
        }
        let written = |(i, (name, _)): (usize, &(String, Arc<Meanings>))| {
            let moved = format!("{}(t.{})", self.function("moved", i), quote(name));
            self.is_kept(i).map_or_else(|| moved.clone(), |kept| format!("({moved} AND NOT {kept})"))
        };
        let any = self.columns.iter().enumerate().map(written).collect::<Vec<_>>().join(" OR ");
        format!("{from} WHERE {condition}({any})")
    }

    /// Ids that were written since the run, to rows that it did not change.
    pub(super) fn drift(&self, session: &Session, run: i64, states: &States) -> Result<Found, RemapError> {
        let database = &session.databases[self.database];
        let mut found = Found::default();
        if self.columns.is_empty() {
            return Ok(found);
        }
        if let Some(journal) = self.journal
            && content_of(session, database, self.table)? == journal.content.1[..]
        {
            return Ok(found);
        }
        let mut list = || -> Result<(), Error> {
            let connection = &session.connection;
            self.functions(connection)?;
            let (address, names) = (self.table.address(), self.columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>());
            let kept: Vec<String> = (0..names.len()).map(|i| self.is_kept(i).unwrap_or_else(|| "0".into())).collect();
            let sql = format!("SELECT {}, {}, {} {}", of("t", &address), of("t", &names), kept.join(", "), self.since(database, run));
            let mut query = connection.prepare(&sql)?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let key = (0..address.len()).map(|i| row.get_ref(i).map(Value::from_ref)).collect::<Result<Vec<_>, _>>()?;
                for (i, (name, meanings)) in self.columns.iter().enumerate() {
                    let value = row.get_ref(address.len() + i)?;
                    if !meanings.moved(value) || row.get::<_, bool>(address.len() + names.len() + i)? {
                        continue;
                    }
                    let back = meanings.back(value, &states.old);
                    let now = meanings.name(value, &states.new).map(|name| format!(" ({name})")).unwrap_or_default();
                    let more = journal::told(back, meanings.is_whole(), &states.old);
                    let value = show(&Value::from_ref(value));
                    found.add(Drift {
                        database: database.name.to_string(),
                        table: self.table.name.clone(),
                        detail: format!("{}: {name} is {value}{now}, written since the run{more}", label(self.table, &key)),
                        acceptable: back.is_certain(),
                    });
                }
            }
            Ok(())
        };
        list().on(&database.path)?;
        Ok(found)
    }

    /// Puts cells and rows back; rows changed and rows restored. With `translate`, what was written since stays and is translated. The inner error: rows
    /// that came since stand in the way.
    pub(super) fn take_back(&self, session: &Session, run: i64, translate: bool) -> Result<Result<(u64, u64), Drift>, RemapError> {
        let database = &session.databases[self.database];
        if self.journal.is_none() && !translate {
            return Ok(Ok((0, 0)));
        }
        let connection = &session.connection;
        let was = content_of(session, database, self.table)?;
        let sequence = rows::sequence(connection, &database.schema, self.table).on(&database.path)?;
        let name = format!("{}: {}", database.name, self.table.name);
        let back = self.back(connection, database, run, translate).on(&database.path)?;
        let mut why = None;
        if back.rows > 0 {
            why = computed::disagreement_in(session, database, self.table, &back.cells)?;
            why = why.map_or_else(|| short::refusal_in(session, database, self.table, &back.cells), |why| Ok(Some(why)))?;
        }
        if let Some(why) = why {
            return Err(RemapError::NotBack { list: format!("  {name}: {why}") });
        }
        // Rows are put back as they were, whatever they were. What the table is worse by afterwards is found.
        connection.execute_batch("PRAGMA ignore_check_constraints = ON").on(&database.path)?;
        let written = self.write(connection, database, run, &back);
        connection.execute_batch("PRAGMA ignore_check_constraints = OFF").on(&database.path)?;
        let (changed, restored, planned) = match written {
            Err(e) if is_key_taken(&e) => {
                let detail = format!("a row that came since the run stands in the way: {e}");
                let (database, table) = (database.name.to_string(), self.table.name.clone());
                return Ok(Err(Drift { database, table, detail, acceptable: false }));
            }
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                let why = format!(
                    "SQLite does not take a row again as it was before the run: {e}. Declare the table without that rule for the undo"
                );
                return Err(RemapError::NotBack { list: format!("  {name}: {why}") });
            }
            other => other.on(&database.path)?,
        };
        if (changed, restored) != planned {
            let detail = format!("{name}: {changed} rows were put back and {restored} restored instead of {} and {}", planned.0, planned.1);
            return Err(RemapError::Check { detail });
        }
        let Some(journal) = self.journal else { return Ok(Ok((changed, restored))) };
        // A sequence that went on since then must not go back.
        if self.table.autoincrement && sequence == journal.sequence.1 {
            rows::set_sequence(connection, &database.schema, self.table, &journal.sequence.0).on(&database.path)?;
        }
        let now = content_of(session, database, self.table)?;
        if was[..] == journal.content.1[..] && now[..] != journal.content.0[..] {
            return Err(RemapError::Check { detail: format!("{name}: its rows are not those of before the run") });
        }
        Ok(Ok((changed, restored)))
    }

    /// The rows that are to be given other cells.
    fn back(&self, connection: &Connection, database: &Database, run: i64, translate: bool) -> Result<Cells, Error> {
        if translate {
            let rows = self.gather(connection, database, run)?;
            let reinsert = self.table.stored().any(|c| self.table.keyed(c) && self.has(c));
            return Ok(Cells { cells: BACK.to_owned(), rows, reinsert });
        }
        let journal = self.journal.expect("the caller asked");
        Ok(Cells { cells: journal.cells(run), rows: journal.changed, reinsert: journal.reinserts(self.table) })
    }

    /// Rows changed, rows restored, and how many of both there were to be.
    fn write(&self, connection: &Connection, database: &Database, run: i64, back: &Cells) -> Result<(u64, u64, (u64, u64)), Error> {
        let restored = self.journal.map_or(0, |j| j.removed);
        let changed = if back.rows > 0 { self.put_back(connection, database, &back.cells, back.reinsert)? } else { 0 };
        if back.cells == BACK {
            connection.execute_batch(&format!("DROP TABLE {BACK}"))?;
        }
        let put = self.journal.map_or(Ok(0), |j| j.restore(connection, database, run))?;
        Ok((changed, put, (back.rows, restored)))
    }

    fn has(&self, column: usize) -> bool {
        self.columns.iter().any(|c| c.0 == self.table.columns[column].name)
    }

    /// Gathers the rows that change: those of the journal that are still there, and those with ids that were written since.
    fn gather(&self, connection: &Connection, database: &Database, run: i64) -> Result<u64, Error> {
        self.functions(connection)?;
        let address = self.table.address();
        let columns = self.columns.len();
        connection.execute_batch(&format!(
            "CREATE TEMP TABLE reguid_back({}, {})",
            numbered("k", address.len()),
            numbered("o", columns)
        ))?;
        let mut all = 0;
        if let Some(journal) = self.journal.filter(|j| j.changed > 0) {
            let cell = |(i, (name, _)): (usize, &(String, Arc<Meanings>))| {
                let (name, back) = (quote(name), self.function("back", i));
                format!(
                    "CASE WHEN typeof(t.{name}) = typeof(j.n{i}) AND t.{name} IS j.n{i} COLLATE BINARY THEN j.o{i} ELSE {back}(t.{name}) END"
                )
            };
            let cells: Vec<String> = self.columns.iter().enumerate().map(cell).collect();
            let sql = format!(
                "INSERT INTO {BACK} SELECT {}, {} FROM {} AS j CROSS JOIN {} AS t ON {}",
                of("t", &address),
                cells.join(", "),
                journal.cells(run),
                self.name(database),
                journal::same_row(&journal.address)
            );
            all += connection.execute(&sql, []).map(count)?;
        }
        let cell = |(i, (name, _)): (usize, &(String, Arc<Meanings>))| {
            let (name, back) = (quote(name), self.function("back", i));
            self.is_kept(i)
                .map_or_else(|| format!("{back}(t.{name})"), |kept| format!("CASE WHEN {kept} THEN t.{name} ELSE {back}(t.{name}) END"))
        };
        let cells: Vec<String> = self.columns.iter().enumerate().map(cell).collect();
        let sql = format!("INSERT INTO {BACK} SELECT {}, {} {}", of("t", &address), cells.join(", "), self.since(database, run));
        Ok(all + connection.execute(&sql, []).map(count)?)
    }

    /// Gives the rows named in `cells` the values that stand there.
    fn put_back(&self, connection: &Connection, database: &Database, cells: &str, reinsert: bool) -> Result<u64, Error> {
        let name = self.name(database);
        let address: Vec<String> = self.table.address().into_iter().map(str::to_owned).collect();
        let same_row = journal::same_row(&address);
        let names: Vec<&str> = match self.journal {
            Some(journal) => journal.columns.iter().map(String::as_str).collect(),
            None => self.columns.iter().map(|c| c.0.as_str()).collect(),
        };
        if !reinsert {
            let set: Vec<String> = names.iter().enumerate().map(|(i, c)| format!("{} = j.o{i}", quote(c))).collect();
            let sql = format!("UPDATE OR ABORT {name} AS t SET {} FROM {cells} AS j WHERE {same_row}", set.join(", "));
            return connection.execute(&sql, []).map(count);
        }
        let before = |c: &&str| match names.iter().position(|t| t.eq_ignore_ascii_case(c)) {
            Some(i) => format!("j.o{i}"),
            None => format!("t.{}", quote(c)),
        };
        let before: Vec<String> = rows::whole(self.table).iter().map(before).collect();
        let select = format!("SELECT {} FROM {cells} AS j CROSS JOIN {name} AS t ON {same_row}", before.join(", "));
        let staged = rows::stage(connection, self.table, &select)?;
        let all: i64 = connection.query_row(&format!("SELECT count(*) FROM {name}{}", self.table.itself()), [], |r| r.get(0))?;
        let taken = match u64::try_from(all) == Ok(staged) {
            // Rows of which there are no others go at once.
            true => connection.execute(&format!("DELETE FROM {name}"), []).map(count)?,
            false => rows::take_out(connection, &name, self.table, (cells, &numbered("k", address.len())))?,
        };
        let put = rows::put_back(connection, &database.schema, self.table)?;
        Ok(if staged == taken && taken == put { put } else { u64::MAX })
    }
}
