//! Rows of an extension's own tables in a live panel database: read and compared within the transaction of a session.
//!
//! As with settings, nothing here decides anything, and rows are compared byte by byte on this side. Values are read as the server writes them in text.

pub(super) mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use mysql::prelude::Queryable;
use mysql::{Conn, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::session::quoted;
use crate::panel::change::{Change, Compared, Comparing, Item};
use crate::panel::evidence::Stand;
use crate::panel::rows::{Cell, Column, Form, Reading, Rest, Row, Table, There};

/// With more changes of one table than this, all its rows are read to compare them, and not one by one.
const ONE_BY_ONE: usize = 200;

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

/// Some changes, by the names of their tables.
fn by_table(changes: &[Change<Row>]) -> BTreeMap<&str, Vec<&Change<Row>>> {
    let mut found: BTreeMap<&str, Vec<&Change<Row>>> = BTreeMap::new();
    for change in changes {
        found.entry(&change.subject().table).or_default().push(change);
    }
    found
}
