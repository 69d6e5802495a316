//! Whether the rows as they will be satisfy their table's constraints, asked of SQLite itself.
//!
//! Where the mapping cannot merge two values, no unique key can break, and nothing is asked. Otherwise the rows are put, as they will be, into a private
//! clone of the table: collations, partial and expression indexes, generated columns and CHECKs are then exactly what they are.

use super::compute::{TableWork, label};
use super::decide::{Action, Class, Decider, FromRef, after};
use super::error::{Context, RemapError};
use super::inside::{Change, Changes};
use super::plan::{Problem, ProblemCode};
use super::session::Session;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Connection, Error, ErrorCode, ToSqlOutput, Value, params_from_iter};

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
    let checked = work.table.sql.to_ascii_uppercase().contains("CHECK");
    if !changes || !(merging || irregular && work.reinsert || checked) {
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
    let targets: Vec<_> = work
        .targets
        .iter()
        .map(|(column, decider)| (shift + stored.iter().position(|c| c == column).unwrap_or_default(), decider, decider.changes()))
        .collect();
    let insides: Vec<_> = work.targets.iter().map(|(_, d)| d.inside.as_ref().map(|i| i.changes())).collect();
    let address: Vec<usize> = table.address().iter().filter_map(|a| names.iter().position(|n| *n == quote(a))).collect();

    let mut found = Vec::new();
    let mut query =
        session.connection.prepare(&format!("SELECT {} FROM {} AS t", from.join(", "), qualified(&database.schema, &table.name)))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let change = |((at, ..), changes): (&(usize, _, _), &Option<Changes>)| match changes {
            Some(changes) => Ok(Some(changes.of(row.get_ref(*at)?))),
            None => Ok(None),
        };
        let inside = targets.iter().zip(&insides).map(change).collect::<Result<Vec<Option<Change>>, Error>>()?;
        // Bound as they are: text that is not UTF-8 must stay text.
        let mut values = (0..names.len()).map(|i| Ok(ToSqlOutput::Borrowed(row.get_ref(i)?))).collect::<Result<Vec<_>, Error>>()?;
        let mut removed = false;
        let mut twin_at = names.len();
        for ((at, decider, changes), inside) in targets.iter().zip(&inside) {
            let value = row.get_ref(*at)?;
            if let Some(inside) = inside {
                match inside {
                    Change::None => {}
                    Change::Rewrite(text) => values[*at] = ToSqlOutput::Borrowed(text.borrow()),
                    Change::Remove => removed = true,
                }
                continue;
            }
            let twin = decider.disagreeing_twin().map(|_| {
                twin_at += 1;
                row.get_ref(twin_at - 1)
            });
            let Class::Id(id, storage) = Decider::class(value) else { continue };
            if twin.transpose()?.is_some_and(|twin| decider.disagreeing.has(id, twin)) {
                continue;
            }
            match changes.get(&(id, storage)) {
                Some(Action::Remove) => removed = true,
                Some(action) => values[*at] = ToSqlOutput::Owned(after(value, *action)),
                None => {}
            }
        }
        if removed {
            continue;
        }
        let Err(error) = insert.execute(params_from_iter(&values)) else { continue };
        if error.sqlite_error_code() != Some(ErrorCode::ConstraintViolation) {
            return Err(error);
        }
        let this: Vec<Value> = address.iter().map(|&i| Value::from_ref(row.get_ref(i).unwrap_or(crate::sqlite::ValueRef::Null))).collect();
        let code = if replace.execute(params_from_iter(&values)).is_ok() { ProblemCode::Collision } else { ProblemCode::Constraint };
        let other = pushed(clone, address.len())?;
        let message = match other.first() {
            Some(other) => format!("the rows {} and (as it will be) {} would break: {error}", label(table, &this), label(table, other)),
            None => format!("the row {} would break: {error}", label(table, &this)),
        };
        found.push(Problem { code, database: database.name.to_string(), place: format!("sqlite:{}", table.name), rows: 1, message });
        if found.len() == SHOWN {
            break;
        }
    }
    Ok(found)
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
