//! Rows of an extension's own tables in a live panel database: written within the transaction of a session.
//!
//! Values are written as literals: a number that went through a parameter of another type would be compared as a floating-point one. Whatever else than what
//! was meant changes with them is noticed, and refused.

use std::sync::Arc;

use mysql::Conn;
use mysql::prelude::Queryable;
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::session::quoted;
use super::{Failed, by_table, bytes, condition, digest, refused, state};
use crate::panel::catalogue;
use crate::panel::change::Change;
use crate::panel::rows::{Cell, Column, Form, Row, Table, Tie};

/// How the server is to take what is written.
pub(in crate::panel::source::live) const MODE: &str = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO";
/// About the longest statement, in bytes, that changes several rows.
const LONGEST: usize = 200_000;
/// Rows that one statement changes.
const AT_ONCE: usize = 500;

/// The server's number for two values that must not be the same.
const DUPLICATE: u16 = 1062;

/// The changes of one table.
type Of<'t, 'c> = (&'t Table, Vec<&'c Change<Row>>);

fn known(table: &Table, column: &str) -> Result<usize, Failed> {
    match table.columns.iter().position(|c| *c.name == *column) {
        Some(at) => Ok(at),
        None => refused(format!("the table {} has no column {column} any more", table.name), "plan again; nothing was written"),
    }
}

/// Makes `changes`, which are as they must be now. `token` is a text that no value has in it.
pub(in crate::panel::source::live) fn change(
    connection: &mut Conn,
    tables: &[Table],
    changes: &[Change<Row>],
    token: &str,
) -> Result<(), Failed> {
    let mut all: Vec<Of<'_, '_>> = Vec::new();
    for (name, changes) in by_table(changes) {
        let Some(table) = tables.iter().find(|t| *t.name == *name) else {
            return refused(format!("there is no table {name} any more"), "plan again; nothing was written");
        };
        allowed(table, &changes)?;
        all.push((table, changes));
    }
    // A foreign key whose two ends change is broken while they do. It is looked at afterwards.
    let ties: Vec<&Tie> = all.iter().flat_map(|(table, _)| &table.ties).filter(|tie| !catalogue::is_panel_table(&tie.parent)).collect();
    let loose = ties.iter().map(|tie| dangling(connection, tie)).collect::<Result<Vec<u64>, Failed>>()?;
    if all.is_empty() {
        return Ok(());
    }
    // Nor is anything to follow by foreign keys that this user may not see.
    connection.query_drop("SET SESSION foreign_key_checks = 0")?;
    for (table, changes) in &all {
        for change in changes {
            if let Change::Removed(row) = change {
                take_out(connection, table, row)?;
            }
        }
        let rest = rest(connection, table, changes)?;
        alter(connection, table, changes, token).map_err(|failed| taken(failed, table))?;
        if self::rest(connection, table, changes)? != rest {
            return refused(
                format!("other values of the table {} than those that were meant changed with them", table.name),
                "nothing was changed; please report this with the table's declaration",
            );
        }
    }
    for (table, changes) in &all {
        for change in changes {
            if let Change::Added(row) = change {
                put_back(connection, table, row).map_err(|failed| taken(failed, table))?;
            }
        }
    }
    for (tie, before) in ties.into_iter().zip(loose) {
        let now = dangling(connection, tie)?;
        if now > before {
            return refused(
                format!("{} rows of {} would refer to nothing in {} (foreign key {})", now - before, tie.child, tie.parent, tie.name),
                "nothing was changed; declare both ends of the foreign key, with the same policy",
            );
        }
    }
    Ok(())
}

/// Takes a row out, once it is known that it could be put back as it was.
fn take_out(connection: &mut Conn, table: &Table, row: &Row) -> Result<(), Failed> {
    let delete = format!("DELETE FROM {} WHERE {}", quoted(&table.name), condition(&row.key));
    write(connection, &delete)?;
    let tried = put_back(connection, table, row).and_then(|()| {
        let changes = [Change::Added(row.clone())];
        state(connection, std::slice::from_ref(table), &changes, true)
    });
    let help = "choose another policy than `delete-row` for it, or take it out by hand";
    match tried {
        Ok(compared) if compared.is_after() => write(connection, &delete),
        Ok(_) => refused(format!("{} could not be put back as it was", row.label()), help),
        Err(Failed::Server(error)) => refused(format!("{} could not be put back as it was: {error}", row.label()), help),
        Err(failed) => Err(failed),
    }
}

/// Puts a row back. The server may have taken values once that it takes no more: they are held against what was meant afterwards.
fn put_back(connection: &mut Conn, table: &Table, row: &Row) -> Result<(), Failed> {
    let cells: Vec<&Cell> = row.key.iter().chain(&row.cells).collect();
    let names: Vec<String> = cells.iter().map(|cell| quoted(&cell.column)).collect();
    let values: Vec<String> = cells.iter().map(|cell| cell.literal()).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES ({})", quoted(&table.name), names.join(", "), values.join(", "));
    connection.query_drop("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'")?;
    // Servers of MySQL have no such switch, and say so.
    _ = connection.query_drop("SET SESSION check_constraint_checks = 0");
    let done = write(connection, &sql);
    connection.query_drop(format!("SET SESSION sql_mode = '{MODE}'"))?;
    _ = connection.query_drop("SET SESSION check_constraint_checks = 1");
    done
}

/// Refuses what a table does not allow.
fn allowed(table: &Table, changes: &[&Change<Row>]) -> Result<(), Failed> {
    if let Some(engine) = &table.without_transactions {
        return refused(
            format!("the table {} is kept by {engine}, which knows no transactions", table.name),
            "let it be kept by InnoDB: ALTER TABLE … ENGINE = InnoDB",
        );
    }
    let fires = |event: &str| {
        changes.iter().any(|change| match change {
            Change::Altered { .. } => event == "UPDATE",
            // It is put back once, to see whether that can be done.
            Change::Removed(_) => event == "DELETE" || event == "INSERT",
            Change::Added(_) => event == "INSERT",
        })
    };
    match table.triggers.iter().find(|(_, event)| fires(event)) {
        Some((name, _)) => refused(
            format!("the trigger {name} of the table {} would do what nobody planned", table.name),
            "drop it for the run, and make it anew afterwards",
        ),
        None => Ok(()),
    }
}

/// Rows that refer to nothing by a foreign key.
fn dangling(connection: &mut Conn, tie: &Tie) -> Result<u64, Failed> {
    let on: Vec<String> = tie.columns.iter().map(|(c, p)| format!("c.{} = p.{}", quoted(c), quoted(p))).collect();
    let there: Vec<String> = tie.columns.iter().map(|(c, _)| format!("c.{} IS NOT NULL", quoted(c))).collect();
    let name =
        |name: &str| name.split_once('.').map_or_else(|| quoted(name), |(schema, table)| format!("{}.{}", quoted(schema), quoted(table)));
    let sql = format!(
        "SELECT COUNT(*) FROM {} c WHERE {} AND NOT EXISTS (SELECT 1 FROM {} p WHERE {}) LOCK IN SHARE MODE",
        name(&tie.child),
        there.join(" AND "),
        name(&tie.parent),
        on.join(" AND ")
    );
    Ok(connection.query_first(sql)?.unwrap_or_default())
}

/// A number of all values that no change is about, and how many rows there are.
fn rest(connection: &mut Conn, table: &Table, changes: &[&Change<Row>]) -> Result<(u64, Option<Vec<u8>>), Failed> {
    let altered = changes.iter().filter_map(|change| match change {
        Change::Altered { before, after } => Some(before.differences(after)),
        Change::Removed(_) | Change::Added(_) => None,
    });
    let changed: FxHashSet<&str> = altered.flatten().map(|(cell, _)| &*cell.column).collect();
    let is_changed = |column: &Column| changed.contains(&*column.name);
    let others = digest(table.columns.iter().filter(|c| !c.generated && !is_changed(c)).map(|c| bytes(&c.name)));
    // Locked as the rows are: a reading of the transaction's beginning would not know what was waited for.
    let sql = format!(
        "SELECT COUNT(*), CAST(BIT_XOR(CAST(CONV(LEFT({others}, 16), 16, 10) AS UNSIGNED)) AS CHAR) FROM {} FOR UPDATE",
        quoted(&table.name)
    );
    Ok(connection.query_first(sql)?.unwrap_or_default())
}

/// Rewrites the rows that stay. A value of a unique index may be another row's new one: first all rows that get another one step aside.
fn alter(connection: &mut Conn, table: &Table, changes: &[&Change<Row>], token: &str) -> Result<(), Failed> {
    // A time of the last change is not one of this.
    let kept: String = table.columns.iter().filter(|c| c.timed).map(|c| format!(", {0} = {0}", quoted(&c.name))).collect();
    let set = |cells: &[Cell]| {
        let list: Vec<String> = cells.iter().map(|cell| format!("{} = {}", quoted(&cell.column), cell.literal())).collect();
        let timed = |cell: &Cell| table.columns.iter().any(|c| c.timed && c.name == cell.column);
        let kept = if cells.iter().any(timed) { "" } else { kept.as_str() };
        format!("UPDATE {} SET {}{kept} WHERE ", quoted(&table.name), list.join(", "))
    };
    let altered = || {
        changes.iter().filter_map(|change| match change {
            Change::Altered { before, after } => Some((before, after)),
            _ => None,
        })
    };
    let mut aside: Vec<Option<Vec<Cell>>> = Vec::new();
    let mut free: FxHashMap<Arc<str>, i128> = FxHashMap::default();
    for (n, (before, after)) in altered().enumerate() {
        let mut cells = Vec::new();
        for (cell, _) in before.differences(after) {
            let at = known(table, &cell.column)?;
            if table.unique_with(at).next().is_none() {
                continue;
            }
            let value = match table.columns[at].form {
                Form::Number => {
                    let next = match free.get(&cell.column) {
                        Some(next) => *next,
                        None => first_free(connection, table, at, altered(), altered().count())?,
                    };
                    free.insert(cell.column.clone(), next + 1);
                    next.to_string().into_bytes()
                }
                Form::Text | Form::Bytes => format!("~reguid-{token}-{n}").into_bytes(),
            };
            cells.push(Cell { value: Some(value), ..cell.clone() });
        }
        if cells.is_empty() {
            aside.push(None);
        } else {
            write(connection, &(set(&cells) + &condition(&before.key))).map_err(|failed| in_the_way(failed, before))?;
            aside.push(Some(cells));
        }
    }
    // Rows that get the same values where they are, together.
    let mut together: FxHashMap<String, Vec<&[Cell]>> = FxHashMap::default();
    for ((before, after), aside) in altered().zip(aside) {
        let cells: Vec<Cell> = before.differences(after).into_iter().map(|(_, cell)| cell.clone()).collect();
        match aside {
            _ if cells.is_empty() => {}
            Some(aside) => write(connection, &(set(&cells) + &condition(&before.with(&aside).key)))?,
            None => together.entry(set(&cells)).or_default().push(&before.key),
        }
    }
    let mut together: Vec<(String, Vec<&[Cell]>)> = together.into_iter().collect();
    together.sort_unstable();
    for (set, keys) in together {
        // Keys may be long, and statements not.
        let longest = keys.iter().map(|key| key.iter().map(|cell| cell.literal().len() + 4).sum::<usize>()).max().unwrap_or(1);
        for keys in keys.chunks(AT_ONCE.min(LONGEST / longest.max(1)).max(1)) {
            write_all(connection, &(set.clone() + &one_of(keys)), keys.len() as u64)?;
        }
    }
    Ok(())
}

/// What to tell where the table does not take what a row holds while it stands aside.
fn in_the_way(failed: Failed, row: &Row) -> Failed {
    match failed {
        Failed::Server(mysql::Error::MySqlError(error)) => Failed::Refused(
            format!("{} cannot stand aside while rows change places in a unique index: {}", row.label(), error.message),
            "nothing was changed: take what is in the way (a CHECK, a computed column, partitions) off the table for the run, and put it back afterwards",
        ),
        other => other,
    }
}

/// What to tell where another row has a value that no two may have: it came since the plan, or since the run that is taken back.
fn taken(failed: Failed, table: &Table) -> Failed {
    match failed {
        Failed::Server(mysql::Error::MySqlError(error)) if error.code == DUPLICATE => Failed::Refused(
            format!("another row of {} has what a row of the run is to get: {}", table.name, error.message),
            "nothing was changed: give that row another value, or take it out, and run the command again",
        ),
        other => other,
    }
}

/// The condition that finds the rows of some keys.
fn one_of(keys: &[&[Cell]]) -> String {
    let tuple = |parts: Vec<String>| if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(", ")) };
    let columns = keys.first().map(|key| key.iter().map(|cell| quoted(&cell.column)).collect()).unwrap_or_default();
    let keys: Vec<String> = keys.iter().map(|key| tuple(key.iter().map(Cell::literal).collect())).collect();
    format!("{} IN ({})", tuple(columns), keys.join(", "))
}

/// The first of `count` numbers that no row has in the column, and none will.
fn first_free<'r>(
    connection: &mut Conn,
    table: &Table,
    at: usize,
    altered: impl Iterator<Item = (&'r Row, &'r Row)>,
    count: usize,
) -> Result<i128, Failed> {
    let column = &table.columns[at];
    let name = quoted(&column.name);
    let sql = format!("SELECT CAST(MIN({name}) AS CHAR), CAST(MAX({name}) AS CHAR) FROM {} FOR UPDATE", quoted(&table.name));
    let (least, most): (Option<String>, Option<String>) = connection.query_first(sql)?.unwrap_or_default();
    let number = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| text.parse::<i128>().ok());
    let coming = altered.flat_map(|(_, after)| after.key.iter().chain(&after.cells)).filter(|cell| cell.column == column.name);
    let all = coming
        .filter_map(|cell| number(cell.value.as_deref()?))
        .chain([least, most].into_iter().flatten().filter_map(|t| number(t.as_bytes())));
    let (mut low, mut high) = (0, 0);
    for value in all {
        (low, high) = (low.min(value), high.max(value));
    }
    let (lowest, highest) = column.range.unwrap_or((0, 0));
    let count = i128::try_from(count).unwrap_or(i128::MAX);
    if high + count <= highest {
        Ok(high + 1)
    } else if low - count >= lowest {
        Ok(low - count)
    } else {
        refused(
            format!("the column {} of the table {} has no room for rows that stand aside while they change", column.name, table.name),
            "give the column a larger type",
        )
    }
}

/// Writes what is about one row.
fn write(connection: &mut Conn, sql: &str) -> Result<(), Failed> {
    write_all(connection, sql, 1)
}

/// Writes what is about so many rows.
fn write_all(connection: &mut Conn, sql: &str, count: u64) -> Result<(), Failed> {
    connection.query_drop(sql)?;
    if connection.affected_rows() != count {
        return refused(
            format!("{} rows were changed where {count} were meant", connection.affected_rows()),
            "nothing was changed; please report this with the table's declaration",
        );
    }
    Ok(())
}
