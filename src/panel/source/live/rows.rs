//! Rows of an extension's own tables in a live panel database: read, checked and written within the transaction of a session.
//!
//! As with settings, nothing here decides anything, and rows are compared byte by byte on this side. Values are read as the server writes them in text, and
//! written as literals: a number that went through a parameter of another type would be compared as a floating-point one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mysql::prelude::Queryable;
use mysql::{Conn, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::session::quoted;
use crate::panel::catalogue;
use crate::panel::change::{Change, Compared, Comparing, Item};
use crate::panel::evidence::Stand;
use crate::panel::rows::{Cell, Column, Form, Reading, Rest, Row, Table, There, Tie};

/// With more changes of one table than this, all its rows are read to compare them, and not one by one.
const ONE_BY_ONE: usize = 200;
/// How the server is to take what is written.
pub(super) const MODE: &str = "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO";
/// About the longest statement, in bytes, that changes several rows.
const LONGEST: usize = 200_000;
/// Rows that one statement changes.
const AT_ONCE: usize = 500;

/// Why rows cannot be worked with: the server's own error, or one of this module.
pub(super) enum Failed {
    Server(mysql::Error),
    Refused(String, &'static str),
}

impl From<mysql::Error> for Failed {
    fn from(error: mysql::Error) -> Failed {
        Failed::Server(error)
    }
}

pub(super) fn refused<T>(what: impl Into<String>, help: &'static str) -> Result<T, Failed> {
    Err(Failed::Refused(what.into(), help))
}

/// A column in a list of what is read.
fn read(column: &Column) -> String {
    let name = quoted(&column.name);
    // Zeros that are shown before a number are none of it.
    if column.form == Form::Number && column.declared.to_lowercase().contains("zerofill") {
        format!("CAST({name} AS UNSIGNED)")
    } else {
        name
    }
}

/// A list of what is read; behind the columns a digest of others, and whether the text is sound.
fn list(table: &Table, columns: &[usize], reading: &Reading) -> String {
    let mut all: Vec<String> = columns.iter().map(|c| read(&table.columns[*c])).collect();
    if let Some(rest) = reading.rest.as_ref().filter(|rest| !rest.is_empty()) {
        all.push(digest(rest.iter().map(|name| bytes(name))));
    }
    if reading.sound {
        let tests: Vec<String> = columns.iter().filter_map(|c| sound(&table.columns[*c])).collect();
        all.push(if tests.is_empty() { "1".to_owned() } else { tests.join(" AND ") });
    }
    all.join(", ")
}

/// Whether a text's bytes are characters that come back as they were. Of text in UTF-8 the server sees to it itself.
fn sound(column: &Column) -> Option<String> {
    let charset = column.charset.as_deref().filter(|c| !c.starts_with("utf8"))?;
    let name = quoted(&column.name);
    Some(format!("CAST({name} AS BINARY) <=> CAST(CONVERT(CONVERT({name} USING utf8mb4) USING {charset}) AS BINARY)"))
}

/// A digest of a column's bytes, as text that is never NULL: it is short, whatever the server's limit for texts is.
fn bytes(name: &str) -> String {
    format!("IFNULL(MD5({}), '-')", quoted(name))
}

/// A digest of some texts.
fn digest(texts: impl Iterator<Item = String>) -> String {
    let all = texts.collect::<Vec<_>>().join(", ");
    format!("MD5(CONCAT_WS('|', {}))", if all.is_empty() { "''" } else { &all })
}

/// A row as the text protocol gives it: its key, and the other columns; and whether its text is sound.
fn row(table: &Table, columns: &[usize], reading: &Reading, mut values: Vec<Value>) -> (Row, bool) {
    let text = |value: Option<Value>| if let Some(Value::Bytes(bytes)) = value { Some(bytes) } else { None };
    let sound = !reading.sound || text(values.pop()).is_some_and(|flag| flag == b"1");
    // Of values that are together longer than the server's limit, there is no digest.
    let rest = reading.rest.as_ref().and_then(|rest| {
        let digest = if rest.is_empty() { Vec::new() } else { text(values.pop())? };
        Some(Rest { columns: Arc::clone(rest), digest: digest.into() })
    });
    let cell = |(at, value): (&usize, Value)| {
        let column = &table.columns[*at];
        let unique = table.unique_with(*at).next().is_some();
        Cell { column: Arc::clone(&column.name), form: column.form, unique, value: text(Some(value)) }
    };
    let mut cells: Vec<Cell> = columns.iter().zip(values).map(cell).collect();
    let others = cells.split_off(table.key.len());
    (Row { table: Arc::clone(&table.name), key: cells, cells: others, whole: false, rest }, sound)
}

/// The columns that are read: the key's first, then those of `wanted` that are not in it.
fn with_key(table: &Table, wanted: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let mut others: Vec<usize> = wanted.into_iter().filter(|c| !table.key.contains(c)).collect();
    others.sort_unstable();
    others.dedup();
    table.key.iter().copied().chain(others).collect()
}

/// Calls `each` for every row of `table`, in the order of its key, with what `reading` says, and whether its text is sound. Where the session writes, all are
/// locked, and no new one can come.
pub(super) fn each(
    connection: &mut Conn,
    table: &Table,
    reading: &Reading,
    writing: bool,
    mut each: impl FnMut(Row, bool),
) -> Result<(), Failed> {
    let columns = with_key(table, reading.columns.iter().copied());
    let order: Vec<String> = table.key.iter().map(|c| quoted(&table.columns[*c].name)).collect();
    let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
    let lock = if writing { " FOR UPDATE" } else { "" };
    let sql = format!("SELECT {} FROM {}{order}{lock}", list(table, &columns, reading), quoted(&table.name));
    for found in connection.query_iter(sql)? {
        let (row, sound) = row(table, &columns, reading, found?.unwrap());
        each(row, sound);
    }
    Ok(())
}

/// `a = 1 AND b = 2`.
fn condition(key: &[Cell]) -> String {
    key.iter().map(|cell| format!("{} = {}", quoted(&cell.column), cell.literal())).collect::<Vec<_>>().join(" AND ")
}

/// How the rows are that `changes` are about. `tables` has the declarations of all their tables.
pub(super) fn state(connection: &mut Conn, tables: &[Table], changes: &[Change<Row>], writing: bool) -> Result<Compared, Failed> {
    let mut all = Compared::default();
    for (name, changes) in by_table(changes) {
        let mut comparing = Comparing::new(changes.iter().copied());
        let mut left = comparing.all();
        let rows: Vec<&Row> = changes.iter().flat_map(|c| c.before().into_iter().chain(c.after())).collect();
        let Some((table, columns)) = tables.iter().find(|t| *t.name == *name).and_then(|t| Some((t, comparable(t, &rows)?))) else {
            // Without the table, or with others of its columns, none of the rows is there.
            left.into_iter().for_each(|this| comparing.see(this, None));
            all = all.and(comparing.done());
            continue;
        };
        let reading = Reading { columns: columns.clone(), ..Reading::default() };
        if left.len() > ONE_BY_ONE {
            let mut waiting: FxHashMap<&[Cell], &Row> = left.iter().map(|row| (row.key.as_slice(), *row)).collect();
            each(connection, table, &reading, writing, |row, _| {
                if let Some(this) = waiting.remove(row.key.as_slice()) {
                    comparing.see(this, Some(&row));
                }
            })?;
            left.retain(|row| waiting.contains_key(row.key.as_slice()));
        }
        let lock = if writing { " FOR UPDATE" } else { "" };
        for this in left {
            let sql =
                format!("SELECT {} FROM {} WHERE {}{lock}", list(table, &columns, &reading), quoted(&table.name), condition(&this.key));
            let found = connection.query_first::<mysql::Row, _>(sql)?.map(|found| row(table, &columns, &reading, found.unwrap()).0);
            comparing.see(this, found.as_ref());
        }
        all = all.and(comparing.done());
    }
    Ok(all)
}

/// Names of columns.
type Names<'n> = &'n [Arc<str>];

/// A table, and some of its columns.
type Group = (Arc<str>, Vec<Arc<str>>);

/// How the row is that each of `changes`, which a run made, is about. `tables` has the declarations of all their tables.
pub(super) fn stands(connection: &mut Conn, tables: &[Table], changes: &[Change<Row>], writing: bool) -> Result<Vec<Stand>, Failed> {
    let mut alike: BTreeMap<(&str, Option<Names<'_>>), Vec<usize>> = BTreeMap::new();
    for (n, change) in changes.iter().enumerate() {
        let row = change.subject();
        alike.entry((&row.table, row.rest.as_ref().map(|rest| &*rest.columns))).or_default().push(n);
    }
    // What a run took out, another of its rows may have come in the place of, and look the same.
    let places: FxHashSet<(&str, &[Cell])> = changes.iter().filter_map(Change::after).map(Item::key).collect();
    let mut all = vec![Stand::Gone; changes.len()];
    for ((name, rest), numbers) in alike {
        let rows = |n: &usize| changes[*n].before().into_iter().chain(changes[*n].after());
        let rows: Vec<&Row> = numbers.iter().flat_map(rows).collect();
        let Some((table, columns)) = tables.iter().find(|t| *t.name == *name).and_then(|t| Some((t, comparable(t, &rows)?))) else {
            continue;
        };
        let is_there = |name: &Arc<str>| table.columns.iter().any(|c| c.name == *name);
        let rest = rest.filter(|rest| rest.iter().all(is_there)).map(Into::into);
        let found = found(connection, table, &rows, &Reading { columns, rest, ..Reading::default() }, writing)?;
        numbers.into_iter().for_each(|n| all[n] = stand(&changes[n], &found));
    }
    for (change, stand) in changes.iter().zip(&mut all) {
        let is_replaced = change.after().is_none() && change.before().is_some_and(|row| places.contains(&row.key()));
        if is_replaced && *stand == Stand::Before {
            *stand = Stand::Same;
        }
    }
    Ok(all)
}

/// Learns by what the rows that get other keys are known again, which are as they must be now.
pub(super) fn learn(connection: &mut Conn, tables: &[Table], changes: &mut [Change<Row>], writing: bool) -> Result<(), Failed> {
    let mut alike: BTreeMap<Group, Vec<&mut Change<Row>>> = BTreeMap::new();
    for change in changes {
        let Change::Altered { before, after } = &*change else { continue };
        if !change.renames() {
            continue;
        }
        let Some(table) = tables.iter().find(|t| t.name == before.table) else { continue };
        let altered: Vec<&Arc<str>> = before.differences(after).into_iter().map(|(cell, _)| &cell.column).collect();
        let is_other = |at: usize, column: &Column| !column.generated && !table.key.contains(&at) && !altered.contains(&&column.name);
        let others = table.columns.iter().enumerate().filter(|(at, column)| is_other(*at, column));
        let others: Vec<Arc<str>> = others.map(|(_, column)| Arc::clone(&column.name)).collect();
        alike.entry((Arc::clone(&before.table), others)).or_default().push(change);
    }
    for ((name, others), mut changes) in alike {
        let Some(table) = tables.iter().find(|t| t.name == name) else { continue };
        let rows: Vec<&Row> = changes.iter().filter_map(|c| c.before()).collect();
        let reading = Reading { columns: with_key(table, []), rest: Some(others.into()), ..Reading::default() };
        let found = found(connection, table, &rows, &reading, writing)?;
        for change in &mut changes {
            if let Change::Altered { before, after } = change {
                before.rest = found.get(&before.key).and_then(|row| row.rest.clone());
                after.rest.clone_from(&before.rest);
            }
        }
    }
    Ok(())
}

/// The rows that have the keys of `rows`, byte by byte.
fn found(
    connection: &mut Conn,
    table: &Table,
    rows: &[&Row],
    reading: &Reading,
    writing: bool,
) -> Result<FxHashMap<Vec<Cell>, Row>, Failed> {
    let mut wanted: BTreeSet<&[Cell]> = rows.iter().map(|row| row.key.as_slice()).collect();
    let mut found = FxHashMap::default();
    let mut keep = |row: Row| drop(found.insert(row.key.clone(), row));
    if wanted.len() > ONE_BY_ONE {
        return each(connection, table, reading, writing, |row, _| {
            if wanted.remove(row.key.as_slice()) {
                keep(row);
            }
        })
        .map(|()| found);
    }
    let lock = if writing { " FOR UPDATE" } else { "" };
    for key in wanted {
        let sql = format!("SELECT {} FROM {} WHERE {}{lock}", list(table, &reading.columns, reading), quoted(&table.name), condition(key));
        let there = connection.query_first::<mysql::Row, _>(sql)?.map(|there| row(table, &reading.columns, reading, there.unwrap()).0);
        there.into_iter().filter(|row| row.key == key).for_each(&mut keep);
    }
    Ok(found)
}

/// How a change's row is, by those that are there now.
fn stand(change: &Change<Row>, found: &FxHashMap<Vec<Cell>, Row>) -> Stand {
    let there = |row: &Row| found.get(&row.key);
    let holds = |row: &Row| there(row).is_some_and(|now| row.is(now));
    let is_again = |row: &Row| there(row).is_some_and(|now| row.rest.is_some() && now.rest == row.rest);
    let Change::Altered { before, after } = change else {
        // A key that is free tells little: rows go for other reasons.
        return match there(change.subject()) {
            Some(_) if holds(change.subject()) => Stand::Before,
            Some(_) => Stand::Gone,
            None => Stand::Out,
        };
    };
    if there(before).is_none() && there(after).is_none() {
        return Stand::Gone;
    }
    // Any row may have the key: by what else is in it, it is known again.
    let is_it = |row: &Row| holds(row) && (!change.renames() || is_again(row));
    match (is_it(before), is_it(after)) {
        (true, true) => Stand::Same,
        (true, false) => Stand::Before,
        (false, true) => Stand::After,
        (false, false) => Stand::Neither,
    }
}

/// The columns to compare `rows` by; `None`: the table has not all of them any more, or another key.
fn comparable(table: &Table, rows: &[&Row]) -> Option<Vec<usize>> {
    let has_key = |row: &&Row| row.key.iter().map(|cell| &cell.column).eq(table.key.iter().map(|c| &table.columns[*c].name));
    let mut named: Vec<usize> = Vec::new();
    for cell in rows.iter().flat_map(|row| &row.cells) {
        let at = table.columns.iter().position(|c| c.name == cell.column)?;
        if !named.contains(&at) {
            named.push(at);
        }
    }
    (table.odd.is_none() && rows.iter().all(has_key)).then(|| with_key(table, named))
}

/// Which of the rows that `changes` begin with are there, by their keys.
pub(super) fn there(connection: &mut Conn, tables: &[Table], changes: &[Change<Row>]) -> Result<Vec<There>, Failed> {
    let mut one = |change: &Change<Row>| {
        let row = change.subject();
        let Some(table) = tables.iter().find(|t| t.name == row.table) else { return Ok(There::WithoutTable) };
        if comparable(table, &[row]).is_none() {
            return Ok(There::Otherwise);
        }
        // One that comes needs none to begin with.
        let Some(row) = change.before() else { return Ok(There::Here) };
        let sql = format!("SELECT 1 FROM {} WHERE {}", quoted(&table.name), condition(&row.key));
        Ok(if connection.query_first::<u8, _>(sql)?.is_some() { There::Here } else { There::Gone })
    };
    changes.iter().map(&mut one).collect()
}

/// What there is now under the keys that `changes` begin with.
pub(super) fn now(connection: &mut Conn, tables: &[Table], changes: &[Change<Row>], writing: bool) -> Result<Vec<Option<Row>>, Failed> {
    let mut all: FxHashMap<(&str, Vec<Cell>), Row> = FxHashMap::default();
    for (name, changes) in by_table(changes) {
        let rows: Vec<&Row> = changes.iter().filter_map(|c| c.before()).collect();
        let Some((table, columns)) = tables.iter().find(|t| *t.name == *name).and_then(|t| Some((t, comparable(t, &rows)?))) else {
            continue;
        };
        let found = found(connection, table, &rows, &Reading { columns, ..Reading::default() }, writing)?;
        all.extend(found.into_iter().map(|(key, row)| ((name, key), row)));
    }
    let of = |row: &Row| all.get(&(&*row.table, row.key.clone())).cloned();
    Ok(changes.iter().map(|change| change.before().and_then(of)).collect())
}

/// The changes of one table.
type Of<'t, 'c> = (&'t Table, Vec<&'c Change<Row>>);

/// Some changes, by the names of their tables.
fn by_table(changes: &[Change<Row>]) -> BTreeMap<&str, Vec<&Change<Row>>> {
    let mut found: BTreeMap<&str, Vec<&Change<Row>>> = BTreeMap::new();
    for change in changes {
        found.entry(&change.subject().table).or_default().push(change);
    }
    found
}

fn gone(name: &str) -> String {
    format!("there is no table {name} any more")
}

fn known(table: &Table, column: &str) -> Result<usize, Failed> {
    match table.columns.iter().position(|c| *c.name == *column) {
        Some(at) => Ok(at),
        None => refused(format!("the table {} has no column {column} any more", table.name), "plan again; nothing was written"),
    }
}

/// Makes `changes`, which are as they must be now. `token` is a text that no value has in it.
pub(super) fn change(connection: &mut Conn, tables: &[Table], changes: &[Change<Row>], token: &str) -> Result<(), Failed> {
    let mut all: Vec<Of<'_, '_>> = Vec::new();
    for (name, changes) in by_table(changes) {
        let Some(table) = tables.iter().find(|t| *t.name == *name) else { return refused(gone(name), "plan again; nothing was written") };
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
        alter(connection, table, changes, token)?;
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
                put_back(connection, table, row)?;
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
