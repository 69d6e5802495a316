//! Applies a plan, within one transaction, and journals what it changes.

pub(super) mod copy;
mod order;
mod walk;

use std::sync::Arc;

use super::compute::{Computed, TableWork};
use super::decide::{Action, Class};
use super::error::{Context, RemapError};
use super::inside;
use super::method::Method;
use super::rows::{self, count, numbered, of};
use super::session::{Database, Session};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Connection, Error, FunctionFlags, Value, ValueRef, params};

/// Of how many rows one must be concerned at most for statements to go by listed addresses instead of asking every row.
const LISTED: u64 = 8;

/// Applies every table's part of the plan as run `run`.
pub(crate) fn apply(session: &Session, computed: &Computed<'_>, run: i64) -> Result<(), RemapError> {
    for (n, work) in computed.tables.iter().enumerate() {
        if work.scanned.changed + work.scanned.removed > 0 {
            table(session, work, run, n)?;
        }
    }
    Ok(())
}

fn table(session: &Session, work: &TableWork<'_>, run: i64, n: usize) -> Result<(), RemapError> {
    let database = &session.databases[work.database];
    let what = || format!("{}: rewriting {}", database.name, work.table.name);
    let sequence = rows::sequence(&session.connection, &database.schema, &work.table).doing(what)?;
    functions(&session.connection, work, n).doing(what)?;
    let address = rows::address(&session.connection, &database.schema, &work.table).doing(what)?;
    let moved = Writer { connection: &session.connection, database, work, run, n, address }.write().doing(what)?;
    let expected = (work.scanned.changed, work.scanned.changed, work.scanned.removed);
    if moved != expected {
        let detail = format!("{}: {moved:?} rows were noted, changed and removed, {expected:?} were planned", what());
        return Err(RemapError::Check { detail });
    }
    journal(session, work, run, n, &sequence).doing(what)
}

/// SQL functions for each target: `reguid_act_…(value)` is 1 where it changes, 2 where its row goes, else 0; `reguid_new_…(value)` is what it becomes.
fn functions(connection: &Connection, work: &TableWork<'_>, n: usize) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    for (i, (_, decider)) in work.targets.iter().enumerate() {
        if let Some(insider) = &decider.inside {
            inside::functions(connection, (n, i), insider.changes())?;
            continue;
        }
        let changes = Arc::new(decider.changes());
        let pairs = Arc::clone(&changes);
        // A second argument is the twin, where some row's twin speaks against its id: such rows are not touched.
        let untouched = decider.disagreeing_twin().map(|_| decider.disagreeing.clone());
        let arguments = if untouched.is_some() { 2 } else { 1 };
        let sentinels = Arc::clone(decider.sentinels());
        connection.create_scalar_function(format!("reguid_act_{n}_{i}").as_str(), arguments, flags, move |ctx| {
            let value = ctx.get_raw(0);
            if let Some(untouched) = &untouched
                && let Class::Id(id, _) = sentinels.class(value)
                && untouched.has(id, ctx.get_raw(1))
            {
                return Ok(0i64);
            }
            Ok(match changes.of(value) {
                Some(Action::Set(_) | Action::Null) => 1i64,
                Some(Action::Remove) => 2,
                _ => 0,
            })
        })?;
        connection.create_scalar_function(format!("reguid_new_{n}_{i}").as_str(), 1, flags, move |ctx| {
            let value = ctx.get_raw(0);
            Ok(match (pairs.of(value), value) {
                (Some(Action::Set(new)), ValueRef::Integer(_)) => Value::Integer(new),
                (Some(Action::Set(new)), ValueRef::Text(_)) => Value::Text(new.to_string()),
                (Some(Action::Null), _) => Value::Null,
                _ => return Err(Error::UserFunctionError("a value that the plan does not change".into())),
            })
        })?;
    }
    Ok(())
}

/// Names of temporary tables: the addresses of the rows that change, and of those that go.
const CHANGED: &str = "reguid_changed";
const GONE: &str = "reguid_gone";

/// The statements for one table.
struct Writer<'w, 'a> {
    connection: &'w Connection,
    database: &'w Database,
    work: &'w TableWork<'a>,
    run: i64,
    n: usize,
    /// What addresses a row of `t`.
    address: Vec<String>,
}

impl Writer<'_, '_> {
    /// Does it; how many rows were noted, changed and removed.
    fn write(&self) -> Result<(u64, u64, u64), Error> {
        let width = self.work.table.address().len();
        for (name, gone) in [(CHANGED, false), (GONE, true)].into_iter().filter(|(_, gone)| self.listed(*gone)) {
            self.work.scanned.hits.table(self.connection, name, width, gone)?;
        }
        let removed = self.remove()?;
        let journalled = self.write_journal()?;
        let changed = match self.work.method {
            _ if self.work.scanned.changed == 0 => 0,
            Method::Update => self.update()?,
            Method::Walk => walk::walk(self)?,
            Method::Copy if copy::copy(self)? => journalled,
            Method::Reinsert | Method::Copy => self.reinsert()?,
        };
        self.connection.execute_batch(&format!("DROP TABLE IF EXISTS temp.{CHANGED}; DROP TABLE IF EXISTS temp.{GONE}"))?;
        Ok((journalled, changed, removed))
    }

    /// Whether statements go by the listed addresses of the rows that change, or go: where they are few.
    fn listed(&self, gone: bool) -> bool {
        let scanned = &self.work.scanned;
        match gone {
            true => scanned.hits.lists_removed() && scanned.removed.saturating_mul(LISTED) <= scanned.rows,
            false => {
                scanned.hits.lists_changed() && (self.work.method == Method::Walk || scanned.changed.saturating_mul(LISTED) <= scanned.rows)
            }
        }
    }

    fn name(&self) -> String {
        qualified(&self.database.schema, &self.work.table.name)
    }

    /// The table as `t`, to be read itself: an index that does not agree with it knows other rows than the plan does, and none must be missed.
    fn rows(&self) -> String {
        format!("{} AS t{}", self.name(), self.work.table.itself())
    }

    fn column(&self, target: usize) -> &str {
        &self.work.table.columns[self.work.targets[target].0].name
    }

    /// `t` is one of the rows that `query` gives the addresses of, in the columns k0 ….
    fn among(&self, query: &str) -> String {
        format!("({}) IN (SELECT {} FROM temp.{query})", self.address.join(", "), numbered("k", self.address.len()))
    }

    /// The rows that change.
    fn changing(&self) -> String {
        let scanned = &self.work.scanned;
        if self.listed(false) {
            return format!("WHERE {}", self.among(CHANGED));
        }
        // Without a condition, a function call for each row is saved, and SQLite empties a table at once instead of row by row.
        if scanned.changed == scanned.rows - scanned.removed { String::new() } else { format!("WHERE {}", self.any(1)) }
    }

    /// `reguid_act(t."a") = 1 OR …`.
    fn any(&self, act: i64) -> String {
        (0..self.work.targets.len()).map(|i| format!("{} = {act}", self.act(i))).collect::<Vec<_>>().join(" OR ")
    }

    /// What is done with a target's cell.
    fn act(&self, i: usize) -> String {
        let twin = self.work.targets[i].1.disagreeing_twin();
        let twin = twin.map(|t| format!(", t.{}", quote(&self.work.table.columns[t].name))).unwrap_or_default();
        format!("reguid_act_{}_{i}(t.{}{twin})", self.n, quote(self.column(i)))
    }

    /// What a target's cell becomes.
    fn result(&self, i: usize) -> String {
        let (n, column) = (self.n, quote(self.column(i)));
        if self.work.targets.len() == 1 {
            // The condition of the statement lets in only rows in which it changes.
            return format!("reguid_new_{n}_{i}(t.{column})");
        }
        format!("CASE WHEN {} = 1 THEN reguid_new_{n}_{i}(t.{column}) ELSE t.{column} END", self.act(i))
    }

    /// A column by name, as it will be.
    fn after(&self, name: &str) -> String {
        match (0..self.work.targets.len()).find(|&i| self.column(i).eq_ignore_ascii_case(name)) {
            Some(i) => self.result(i),
            None => format!("t.{}", quote(name)),
        }
    }

    /// The same in any row, whether or not it changes.
    fn after_or_same(&self, name: &str) -> String {
        match (0..self.work.targets.len()).find(|&i| self.column(i).eq_ignore_ascii_case(name)) {
            Some(i) if self.work.targets.len() == 1 && !self.changing().is_empty() => {
                format!("CASE WHEN {} = 1 THEN {} ELSE t.{} END", self.act(i), self.result(i), quote(name))
            }
            Some(i) => self.result(i),
            None => format!("t.{}", quote(name)),
        }
    }

    /// Takes rows out, into the companion.
    fn remove(&self) -> Result<u64, Error> {
        if self.work.scanned.removed == 0 {
            return Ok(0);
        }
        let whole = rows::whole(&self.work.table);
        let kept = qualified("main", &format!("removed_{}_{}", self.run, self.n));
        let columns = numbered("c", whole.len());
        // VACUUM may renumber rows that are not numbered by a column.
        self.connection.execute_batch(&format!("CREATE TABLE {kept}(row INTEGER PRIMARY KEY, {columns})"))?;
        let (rows, condition) = (self.rows(), if self.listed(true) { self.among(GONE) } else { self.any(2) });
        let sql = format!("INSERT INTO {kept}({columns}) SELECT {} FROM {rows} WHERE {condition}", of("t", &whole));
        let noted = self.connection.execute(&sql, []).map(count)?;
        let removed = self.connection.execute(&format!("DELETE FROM {rows} WHERE {condition}"), []).map(count)?;
        Ok(if noted == removed { removed } else { u64::MAX })
    }

    /// Notes each row that will change: its address afterwards, its targets' cells before and after. How many they are.
    fn write_journal(&self) -> Result<u64, Error> {
        let (keys, targets) = (self.work.table.address(), self.work.targets.len());
        let journal = qualified("main", &format!("journal_{}_{}", self.run, self.n));
        let columns = [numbered("k", keys.len()), numbered("o", targets), numbered("n", targets)].join(", ");
        self.connection.execute_batch(&format!("CREATE TABLE {journal}({columns})"))?;
        let address: Vec<String> = keys.iter().map(|k| self.after(k)).collect();
        let before: Vec<&str> = (0..targets).map(|i| self.column(i)).collect();
        let after: Vec<String> = (0..targets).map(|i| self.result(i)).collect();
        let sql = format!(
            "INSERT INTO {journal} SELECT {}, {}, {} FROM {} {}",
            address.join(", "),
            of("t", &before),
            after.join(", "),
            self.rows(),
            self.changing()
        );
        self.connection.execute(&sql, []).map(count)
    }

    /// One statement that sets these targets.
    fn set(&self, targets: impl Iterator<Item = usize>) -> Result<u64, Error> {
        let set: Vec<String> = targets.map(|i| format!("{} = {}", quote(self.column(i)), self.result(i))).collect();
        let sql = format!("UPDATE OR ABORT {} SET {} {}", self.rows(), set.join(", "), self.changing());
        self.connection.execute(&sql, []).map(count)
    }

    /// For columns in no key.
    fn update(&self) -> Result<u64, Error> {
        self.set(0..self.work.targets.len())
    }

    /// For columns in keys: rows are staged, taken out and put back.
    fn reinsert(&self) -> Result<u64, Error> {
        let (name, table) = (self.name(), &self.work.table);
        let after: Vec<String> = rows::whole(table).iter().map(|c| self.after(c)).collect();
        let condition = self.changing();
        let changes = |c: &str| self.work.targets.iter().any(|(t, d)| table.columns[*t].name.eq_ignore_ascii_case(c) && d.is_changing());
        let (order, put_back) = match table.address().iter().any(|a| changes(a)) {
            true => (String::new(), rows::Order::ByAddress),
            // They are in the order of their addresses already, and stay so.
            false => (format!("ORDER BY {}", of("t", &table.address())), rows::Order::AsStaged),
        };
        let select = format!("SELECT {} FROM {} {condition} {order}", after.join(", "), self.rows());
        let staged = rows::stage(self.connection, table, &select)?;
        let sql = if condition.is_empty() { format!("DELETE FROM {name}") } else { format!("DELETE FROM {} {condition}", self.rows()) };
        let taken = self.connection.execute(&sql, []).map(count)?;
        let put = rows::put_back_in(self.connection, &self.database.schema, table, put_back)?;
        Ok(if staged == taken && staged == put { put } else { u64::MAX })
    }
}

/// Registers the table's journal.
fn journal(session: &Session, work: &TableWork<'_>, run: i64, n: usize, sequence: &Value) -> Result<(), Error> {
    let (connection, table) = (&session.connection, &work.table);
    let database = &session.databases[work.database];
    let after = rows::sequence(connection, &database.schema, table)?;
    let version: i64 = connection.query_row(&format!("PRAGMA {}.schema_version", database.schema), [], |r| r.get(0))?;
    let json = |names: &[&str]| serde_json::to_string(names).expect("a list of texts is JSON");
    let columns: Vec<&str> = work.targets.iter().map(|(c, _)| table.columns[*c].name.as_str()).collect();
    connection
        .execute(
            "INSERT INTO main.journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            params![
                run,
                i64::try_from(n).unwrap_or(i64::MAX),
                database.name.as_str(),
                table.name,
                json(&table.address()),
                json(&columns),
                json(&rows::whole(table)),
                work.method != Method::Update,
                i64::try_from(work.scanned.changed).unwrap_or(i64::MAX),
                i64::try_from(work.scanned.removed).unwrap_or(i64::MAX),
                version,
                !table.without_rowid && table.integer_key.is_none(),
                sequence,
                after,
                work.scanned.before.to_bytes(),
                work.scanned.after.to_bytes(),
            ],
        )
        .map(drop)
}
