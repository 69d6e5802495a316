//! Computed columns whose values are stored: whether each row holds what SQLite computes for it.
//!
//! Nobody writes such a column; SQLite computes it whenever it writes the row. So the hash of a table's content leaves it out, and what stands there is asked of
//! SQLite itself, on a private table of the same make. A row may hold something else: another version of SQLite computed it (numbers with a fraction became
//! other text), or the declaration was edited. Such a row stays as it is as long as nobody writes it, and to rewrite it is refused by name.

use super::compute::{TableWork, label, show};
use super::decide::{Class, FromRef};
use super::error::{Context, RemapError};
use super::inside::Change;
use super::row_hash::{Content, RowHash};
use super::rows::{numbered, of};
use super::session::{Database, Session};
use super::watch;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, DbConfig, Error, ErrorCode, OptionalExtension, ToSqlOutput, Value, ValueRef, params_from_iter};

/// A row that holds something else than what SQLite computes.
struct Stale<'r> {
    /// Its address, its stored columns, its stored computed columns.
    row: &'r [ValueRef<'r>],
    /// The first such column, what it holds, what SQLite computes.
    column: usize,
    holds: ValueRef<'r>,
    computed: Value,
}

/// The hash of all rows that hold something else than what SQLite computes: their addresses and their computed columns.
pub(super) fn stale(connection: &Connection, schema: &str, table: &Table) -> Result<Content, Error> {
    each(connection, schema, table, |_| {})
}

fn each(connection: &Connection, schema: &str, table: &Table, mut tell: impl FnMut(&Stale<'_>)) -> Result<Content, Error> {
    let mut content = Content::default();
    let computed: Vec<usize> = (0..table.columns.len()).filter(|&c| table.columns[c].computed_and_stored).collect();
    if computed.is_empty() {
        return Ok(content);
    }
    let clone = clone(connection, schema, table)?;
    let name = |c: usize| table.columns[c].name.as_str();
    let (address, stored): (Vec<&str>, Vec<&str>) = (table.address(), table.stored().map(name).collect());
    let results: Vec<&str> = computed.iter().map(|c| name(*c)).collect();
    let quoted = |names: &[&str]| names.iter().map(|n| quote(n)).collect::<Vec<_>>().join(", ");
    let holes: Vec<String> = (1..=stored.len()).map(|i| format!("?{i}")).collect();
    let own = qualified("main", &table.name);
    let mut compute =
        clone.prepare(&format!("INSERT INTO {own}({}) VALUES ({}) RETURNING {}", quoted(&stored), holes.join(", "), quoted(&results)))?;
    let mut empty = clone.prepare(&format!("DELETE FROM {own}"))?;
    let columns: Vec<&str> = address.iter().chain(&stored).chain(&results).copied().collect();
    let mut query =
        connection.prepare(&format!("SELECT {} FROM {} AS t{}", of("t", &columns), qualified(schema, &table.name), table.itself()))?;
    let (mut rows, watched) = (query.query([])?, watch::rows());
    let (from, to) = (address.len(), address.len() + stored.len());
    while let Some(row) = rows.next()? {
        watched.row()?;
        let row = (0..columns.len()).map(|i| row.get_ref(i)).collect::<Result<Vec<_>, _>>()?;
        let differs = {
            let values = row[from..to].iter().map(|v| ToSqlOutput::Borrowed(*v));
            let mut found = compute.query(params_from_iter(values))?;
            match found.next() {
                Ok(Some(result)) => {
                    let same = |i: usize| Ok::<_, Error>(result.get_ref(i)? == row[to + i]);
                    let mut first = None;
                    for i in 0..results.len() {
                        if first.is_none() && !same(i)? {
                            first = Some((i, Value::from_ref(result.get_ref(i)?)));
                        }
                    }
                    first
                }
                // A row that breaks NOT NULL is told of elsewhere, and cannot be computed anew.
                Ok(None) => None,
                Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => None,
                Err(e) => return Err(e),
            }
        };
        empty.execute([])?;
        if let Some((column, value)) = differs {
            let mut hash = RowHash::new();
            row[..from].iter().chain(&row[to..]).for_each(|v| hash.value(*v));
            content.add(hash.finish());
            tell(&Stale { row: &row, column: computed[column], holds: row[to + column], computed: value });
        }
    }
    Ok(content)
}

/// An empty table of the same make.
fn clone(connection: &Connection, schema: &str, table: &Table) -> Result<Connection, Error> {
    let encoding: String = connection.query_row(&format!("PRAGMA {schema}.encoding"), [], |r| r.get(0))?;
    let clone = Connection::open_in_memory()?;
    // What a BLOB in an expression is as text depends on it.
    clone.execute_batch(&format!("PRAGMA encoding = '{encoding}'; PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON"))?;
    clone.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    clone.execute_batch(&table.sql)?;
    Ok(clone)
}

/// Why the rows that change cannot be rewritten: SQLite would compute something else for one of them than what it holds.
pub(super) fn disagreement(session: &Session, database: &Database, work: &TableWork<'_>) -> Result<Option<String>, RemapError> {
    let (table, first) = (&work.table, work.table.address().len());
    let stored: Vec<usize> = table.stored().collect();
    let targets: Vec<_> = work
        .targets
        .iter()
        .filter_map(|(column, d)| {
            Some((first + stored.iter().position(|s| s == column)?, d, d.changes(), d.inside.as_ref().map(|i| i.changes())))
        })
        .collect();
    let changes = |row: &[ValueRef<'_>]| {
        targets.iter().any(|(at, decider, changes, inside)| match inside {
            Some(inside) => !matches!(inside.of(row[*at]), Change::None),
            None => match decider.class(row[*at]) {
                Class::Id(id, storage) => changes.get(id, storage).is_some(),
                _ => false,
            },
        })
    };
    first_of(&session.connection, &database.schema, table, changes).on(&database.path)
}

/// Why not all rows of a table can be written anew, as [`disagreement`] says of those that change.
pub(super) fn any_disagreement(connection: &Connection, schema: &str, table: &Table) -> Result<Option<String>, Error> {
    first_of(connection, schema, table, |_| true)
}

/// What is told of the first row of those that `counts` which holds something else than what SQLite computes.
fn first_of(
    connection: &Connection,
    schema: &str,
    table: &Table,
    counts: impl Fn(&[ValueRef<'_>]) -> bool,
) -> Result<Option<String>, Error> {
    let (mut told, first) = (None, table.address().len());
    each(connection, schema, table, |stale| {
        if told.is_none() && counts(stale.row) {
            let address: Vec<Value> = stale.row[..first].iter().map(|v| Value::from_ref(*v)).collect();
            let (holds, computed) = (show(&Value::from_ref(stale.holds)), show(&stale.computed));
            told = Some((label(table, &address), table.columns[stale.column].name.clone(), holds, computed));
        }
    })?;
    let Some((row, column, holds, computed)) = told else { return Ok(None) };
    tell(connection, [row, column, holds, computed]).map(Some)
}

/// As [`disagreement`], of rows whose addresses stand in the columns k0 … of `cells`.
pub(super) fn disagreement_in(session: &Session, database: &Database, table: &Table, cells: &str) -> Result<Option<String>, RemapError> {
    let address = table.address().len();
    let find = || -> Result<Option<String>, Error> {
        let connection = &session.connection;
        let keys = numbered("k", address);
        connection.execute_batch(&format!("CREATE TEMP TABLE reguid_stale({keys}, told, PRIMARY KEY({keys})) WITHOUT ROWID"))?;
        let holes: Vec<String> = (1..=address + 1).map(|n| format!("?{n}")).collect();
        let mut insert = connection.prepare(&format!("INSERT INTO temp.reguid_stale VALUES ({})", holes.join(", ")))?;
        let mut noted = Ok(());
        each(connection, &database.schema, table, |stale| {
            let key: Vec<Value> = stale.row[..address].iter().map(|v| Value::from_ref(*v)).collect();
            let column = table.columns[stale.column].name.clone();
            let told = [label(table, &key), column, show(&Value::from_ref(stale.holds)), show(&stale.computed)];
            let told = Value::Text(serde_json::to_string(&told).expect("texts are JSON"));
            if noted.is_ok() {
                noted = insert.execute(params_from_iter(key.iter().chain([&told]))).map(drop);
            }
        })?;
        noted?;
        let same: Vec<String> = (0..address).map(|i| format!("s.k{i} = j.k{i}")).collect();
        let sql = format!("SELECT s.told FROM {cells} AS j CROSS JOIN temp.reguid_stale AS s ON {} LIMIT 1", same.join(" AND "));
        let told: Option<String> = connection.query_row(&sql, [], |r| r.get(0)).optional()?;
        drop(insert);
        connection.execute_batch("DROP TABLE temp.reguid_stale")?;
        told.map(|told| tell(connection, serde_json::from_str(&told).unwrap_or_default())).transpose()
    };
    if !table.columns.iter().any(|c| c.computed_and_stored) {
        return Ok(None);
    }
    find().on(&database.path)
}

fn tell(connection: &Connection, [row, column, holds, computed]: [String; 4]) -> Result<String, Error> {
    let version: String = connection.query_row("SELECT sqlite_version()", [], |r| r.get(0))?;
    Ok(format!(
        "the stored computed column {column} of the row {row} holds {holds}, and SQLite {version}, which this program brings, computes {computed}: rewriting the row \
         would change it. Have the extension's own SQLite write the row again, or declare the column VIRTUAL, before"
    ))
}
