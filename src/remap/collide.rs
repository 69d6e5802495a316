//! Whether the rows as they will be satisfy their table's constraints, asked of SQLite itself.
//!
//! Where the mapping cannot merge two values, no unique key can break, and nothing is asked. Otherwise the rows are put, as they will be, into a private
//! clone of the table: collations, partial and expression indexes, generated columns and CHECKs are then exactly what they are.

use super::actions::Actions;
use super::compute::{TableWork, label};
use super::decide::{Action, Class, Decider, FromRef, after};
use super::error::{Context, RemapError};
use super::inside::{Change, Changes};
use super::plan::{Problem, ProblemCode};
use super::session::Session;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Connection, Error, ErrorCode, Row, ToSqlOutput, Value, params_from_iter};

/// Pairs of rows that are listed; a clone is not filled beyond.
const SHOWN: usize = 20;

/// The collisions that applying `work` would run into.
pub(crate) fn check(session: &Session, work: &TableWork<'_>) -> Result<Vec<Problem>, RemapError> {
    let changes = work.scanned.changed + work.scanned.removed > 0;
    // A unique index over more than plain columns is of unknown make.
    let irregular = work
        .table
        .indexes
        .iter()
        .filter(|i| i.unique)
        .any(|i| i.partial || i.parts.iter().any(|p| p.is_none_or(|c| work.table.columns.get(c).is_none_or(|c| c.generated))));
    let merging = work.targets.iter().any(|(column, d)| work.table.keyed(*column) && d.may_collide());
    let keyed = work.targets.iter().any(|(column, d)| work.table.keyed(*column) && d.is_changing());
    let checked = work.table.sql.to_ascii_uppercase().contains("CHECK");
    if !changes || !(merging || irregular && keyed || checked) {
        return Ok(Vec::new());
    }
    let database = &session.databases[work.database];
    let sql = format!("PRAGMA {}.encoding", database.schema);
    let encoding: String = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
    let clone = clone(work, &encoding).doing(|| format!("{}: {} cannot be cloned for a check", database.name, work.table.name))?;
    fill(session, work, &clone).on(&database.path)
}

/// An empty table of the same make, and a record of rows that another one pushed out.
fn clone(work: &TableWork<'_>, encoding: &str) -> Result<Connection, Error> {
    let clone = Connection::open("")?;
    // What a BLOB in an expression is as text depends on it.
    clone.execute_batch(&format!("PRAGMA encoding = '{encoding}'"))?;
    clone.set_db_config(crate::sqlite::DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    clone
        .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = ON; PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF")?;
    clone.execute_batch(&work.table.sql)?;
    for index in work.table.indexes.iter().filter(|i| i.unique) {
        clone.execute_batch(index.sql.as_deref().unwrap_or_default())?;
    }
    let address: Vec<String> = work.table.address().iter().map(|a| format!("old.{}", quote(a))).collect();
    let names: Vec<String> = (0..address.len()).map(|i| format!("k{i}")).collect();
    clone.execute_batch(&format!(
        "CREATE TEMP TABLE reguid_pushed({}); CREATE TEMP TRIGGER reguid_push AFTER DELETE ON {} BEGIN INSERT INTO reguid_pushed VALUES ({}); END",
        names.join(", "),
        qualified("main", &work.table.name),
        address.join(", ")
    ))?;
    Ok(clone)
}

fn fill(session: &Session, work: &TableWork<'_>, clone: &Connection) -> Result<Vec<Problem>, Error> {
    let database = &session.databases[work.database];
    let table = &work.table;
    let stored: Vec<usize> = table.stored().collect();
    // The rowid is named of its own where no column is it.
    let rowid = table.integer_key.is_none().then(|| table.rowid_name()).flatten();
    let names: Vec<String> = rowid.into_iter().chain(stored.iter().map(|&c| table.columns[c].name.as_str())).map(quote).collect();
    let twin = |decider: &Decider<'_>| decider.disagreeing_twin().map(|t| quote(&table.columns[t].name));
    let twins: Vec<String> = work.targets.iter().filter_map(|(_, d)| twin(d)).collect();
    let from: Vec<String> = names.iter().chain(&twins).map(|n| format!("t.{n}")).collect();
    let holes: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
    let into = format!("INTO {}({}) VALUES ({})", qualified("main", &table.name), names.join(", "), holes.join(", "));
    let (mut insert, mut replace) =
        (clone.prepare(&format!("INSERT OR ABORT {into}"))?, clone.prepare(&format!("INSERT OR REPLACE {into}"))?);
    let shift = usize::from(rowid.is_some());
    let targets: Vec<Rewritten<'_, '_>> = work
        .targets
        .iter()
        .map(|(column, decider)| (shift + stored.iter().position(|c| c == column).unwrap_or_default(), decider, decider.changes()))
        .collect();
    let insides: Vec<_> = work.targets.iter().map(|(_, d)| d.inside.as_ref().map(|i| i.changes())).collect();
    let address: Vec<usize> = table.address().iter().filter_map(|a| names.iter().position(|n| *n == quote(a))).collect();

    let select = format!("SELECT {} FROM {} AS t", from.join(", "), qualified(&database.schema, &table.name));
    let mut found = Vec::new();
    let mut query = session.connection.prepare(&select)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let inside = inside_of(row, &targets, &insides)?;
        let Some(values) = as_it_will_be(row, names.len(), &targets, &inside)? else { continue };
        let Err(error) = insert.execute(params_from_iter(&values)) else { continue };
        if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) {
            return Err(error);
        }
        let this = address.iter().map(|&i| Ok(Value::from_ref(row.get_ref(i)?))).collect::<Result<Vec<_>, Error>>()?;
        let code = if replace.execute(params_from_iter(&values)).is_ok() { ProblemCode::Collision } else { ProblemCode::Constraint };
        found.push(Broken { code, this, other: pushed(clone, address.len())?.into_iter().next(), why: error.to_string() });
        if found.len() == SHOWN {
            break;
        }
    }
    drop(rows);
    // The clone knows rows by the addresses that they will have.
    if found.iter().any(|b| b.other.is_some()) && targets.iter().any(|(at, ..)| address.contains(at)) {
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let inside = inside_of(row, &targets, &insides)?;
            let Some(values) = as_it_will_be(row, names.len(), &targets, &inside)? else { continue };
            let after: Vec<Value> = address.iter().map(|&i| owned(&values[i])).collect();
            for broken in found.iter_mut().filter(|b| b.other.as_ref() == Some(&after)) {
                let before = address.iter().map(|&i| Ok(Value::from_ref(row.get_ref(i)?))).collect::<Result<Vec<_>, Error>>()?;
                if before != broken.this {
                    broken.other = Some(before);
                }
            }
        }
    }
    let problem = |broken: Broken| {
        let (this, why) = (label(table, &broken.this), broken.why);
        let message = match &broken.other {
            Some(other) => format!("the rows {this} and {} would break: {why}", label(table, other)),
            None => format!("the row {this} would break: {why}"),
        };
        Problem { code: broken.code, database: database.name.to_string(), place: format!("sqlite:{}", table.name), rows: 1, message }
    };
    Ok(found.into_iter().map(problem).collect())
}

/// A row that breaks a rule, by its address before; the row that it meets, if it meets one; what SQLite says.
struct Broken {
    code: ProblemCode,
    this: Vec<Value>,
    other: Option<Vec<Value>>,
    why: String,
}

/// A target: where it stands in the row, its decider, what changes.
type Rewritten<'w, 'a> = (usize, &'w Decider<'a>, Actions);

/// What is done with a row's values that hold ids inside; `None`: an id is the whole value.
fn inside_of(row: &Row<'_>, targets: &[Rewritten<'_, '_>], insides: &[Option<Changes>]) -> Result<Vec<Option<Change>>, Error> {
    let change = |((at, ..), changes): (&Rewritten<'_, '_>, &Option<Changes>)| match changes {
        Some(changes) => Ok(Some(changes.of(row.get_ref(*at)?))),
        None => Ok(None),
    };
    targets.iter().zip(insides).map(change).collect()
}

/// A row's first `columns` values as they will be; `None`: it is taken out. Values that stay are as they are: text that is not UTF-8 must stay text.
fn as_it_will_be<'v>(
    row: &'v Row<'_>,
    columns: usize,
    targets: &[Rewritten<'_, '_>],
    inside: &'v [Option<Change>],
) -> Result<Option<Vec<ToSqlOutput<'v>>>, Error> {
    let mut values = (0..columns).map(|i| Ok(ToSqlOutput::Borrowed(row.get_ref(i)?))).collect::<Result<Vec<_>, Error>>()?;
    let mut twin_at = columns;
    for ((at, decider, changes), inside) in targets.iter().zip(inside) {
        let value = row.get_ref(*at)?;
        if let Some(inside) = inside {
            match inside {
                Change::None => {}
                Change::Rewrite(text) => values[*at] = ToSqlOutput::Borrowed(text.borrow()),
                Change::Remove => return Ok(None),
            }
            continue;
        }
        let twin = decider.disagreeing_twin().map(|_| {
            twin_at += 1;
            row.get_ref(twin_at - 1)
        });
        let Class::Id(id, storage) = decider.class(value) else { continue };
        if twin.transpose()?.is_some_and(|twin| decider.disagreeing.has(id, twin)) {
            continue;
        }
        match changes.get(id, storage) {
            Some(Action::Remove) => return Ok(None),
            Some(action) => values[*at] = ToSqlOutput::Owned(after(value, action)),
            None => {}
        }
    }
    Ok(Some(values))
}

/// The value.
fn owned(value: &ToSqlOutput<'_>) -> Value {
    match value {
        ToSqlOutput::Borrowed(value) => Value::from_ref(*value),
        ToSqlOutput::Owned(value) => value.clone(),
        _ => Value::Null,
    }
}

/// Takes the record of rows that were pushed out.
fn pushed(clone: &Connection, columns: usize) -> Result<Vec<Vec<Value>>, Error> {
    let rows = {
        let mut query = clone.prepare("SELECT * FROM temp.reguid_pushed")?;
        let rows = query.query_map([], |r| (0..columns).map(|i| Ok(Value::from_ref(r.get_ref(i)?))).collect::<Result<Vec<_>, _>>())?;
        rows.collect::<Result<Vec<_>, Error>>()?
    };
    clone.execute("DELETE FROM temp.reguid_pushed", [])?;
    Ok(rows)
}
