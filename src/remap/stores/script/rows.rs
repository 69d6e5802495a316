//! Changes of rows of the panel's database, in SQL: statements for one row each, as a person reads them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{hex, quoted};
use crate::panel::change::{Change, Item};
use crate::panel::rows::{Cell, Form, Row};

/// Whether a column of the row `s` has that value, byte by byte.
fn is(cell: &Cell) -> String {
    let column = format!("s.{}", quoted(&cell.column));
    match (cell.form, cell.value.as_deref()) {
        (_, None) => format!("{column} IS NULL"),
        (Form::Number, _) => format!("{column} = {}", cell.literal()),
        (Form::Text, value) => format!("CAST(CONVERT({column} USING utf8mb4) AS BINARY) = {}", hex(value)),
        (Form::Bytes, value) => format!("CAST({column} AS BINARY) = {}", hex(value)),
    }
}

/// The condition that finds a row by its key, as indexes know it.
fn found(key: &[Cell]) -> String {
    key.iter().map(|cell| format!("{} = {}", quoted(&cell.column), cell.literal())).collect::<Vec<_>>().join(" AND ")
}

/// The condition that finds a row by its key, byte by byte.
fn by_key(row: &Row) -> String {
    let bytes: Vec<String> = row.key.iter().map(is).collect();
    format!("{} AND {}", found(&row.key), bytes.join(" AND "))
}

/// The condition that finds a row as it is to be.
fn whole(row: &Row) -> String {
    let bytes: Vec<String> = row.key.iter().chain(&row.cells).map(is).collect();
    format!("{} AND {}", found(&row.key), bytes.join(" AND "))
}

/// A row whose key changes is known by its other columns, unless the run's mark says that it is the one: a script may be run once more.
fn again(change: &Change<Row>) -> String {
    let rest = change.before().and_then(|row| row.rest.as_ref()).filter(|rest| change.renames() && !rest.columns.is_empty());
    let Some(rest) = rest else { return String::new() };
    let all: Vec<String> = rest.columns.iter().map(|name| format!("IFNULL(MD5(s.{}), '-')", quoted(name))).collect();
    format!(" AND (@reguid_marked = 1 OR MD5(CONCAT_WS('|', {})) = {})", all.join(", "), hex(Some(&rest.digest)))
}

fn tables(changes: &[Change<Row>]) -> BTreeSet<&str> {
    changes.iter().map(|c| &*c.subject().table).collect()
}

fn counted(text: &mut String, row: &Row, condition: &str, count: u8, lock: &str) {
    let _ = write!(
        text,
        "SET @reguid_found = NULL;\nSELECT COUNT(*) INTO @reguid_found FROM {} s WHERE {condition}{lock};\nSET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_found = {count}, 1, 0);\n",
        quoted(&row.table)
    );
}

/// What fires a trigger among the changes of a table. What is taken out is put back by the script that takes the run back.
fn events(changes: &[Change<Row>], table: &str) -> &'static str {
    let of = changes.iter().filter(|c| *c.subject().table == *table);
    let (altered, others): (Vec<_>, Vec<_>) = of.partition(|c| matches!(c, Change::Altered { .. }));
    match (altered.is_empty(), others.is_empty()) {
        (false, false) => "'INSERT', 'UPDATE', 'DELETE'",
        (false, true) => "'UPDATE'",
        (true, _) => "'INSERT', 'DELETE'",
    }
}

/// Locks the rows and compares them with what they are to be before.
pub(super) fn compare(text: &mut String, changes: &[Change<Row>]) {
    for table in tables(changes) {
        let (name, events) = (hex(Some(table.as_bytes())), events(changes, table));
        let _ = write!(
            text,
            "-- A table without transactions, a trigger, and a column that is set to the time of each change are none that a script can work with.\n\
             SET @reguid_found = NULL;\nSET @reguid_odd = NULL;\nSET @reguid_timed = NULL;\n\
             SELECT COUNT(*) INTO @reguid_found FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND CAST(TABLE_NAME AS BINARY) = {name}\n\
             \x20 AND TABLE_TYPE = 'BASE TABLE' AND ENGINE IN ('InnoDB', 'RocksDB', 'TokuDB');\n\
             SELECT COUNT(*) INTO @reguid_odd FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND CAST(EVENT_OBJECT_TABLE AS BINARY) = {name}\n\
             \x20 AND EVENT_MANIPULATION IN ({events});\n\
             SELECT COUNT(*) INTO @reguid_timed FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND CAST(TABLE_NAME AS BINARY) = {name}\n\
             \x20 AND EXTRA LIKE '%on update%';\n\
             SET @reguid_ok = IF(@reguid_ok = 1 AND @reguid_found = 1 AND @reguid_odd = 0 AND @reguid_timed = 0, 1, 0);\n"
        );
    }
    let before: BTreeSet<_> = changes.iter().filter_map(Change::before).map(Item::key).collect();
    for change in changes {
        if let Some(row) = change.before() {
            counted(text, row, &(whole(row) + &again(change)), 1, " FOR UPDATE");
        }
        if let Some(row) = change.after().filter(|row| !before.contains(&row.key())) {
            counted(text, row, &by_key(row), 0, " FOR UPDATE");
        }
    }
}

/// Writes them. What is in a unique index may be another row's new value: rows that get others step aside first.
pub(super) fn write(text: &mut String, changes: &[Change<Row>]) {
    if changes.is_empty() {
        return;
    }
    // A foreign key whose two ends change is broken while they do.
    text.push_str("SET @reguid_keys = @@SESSION.foreign_key_checks;\nSET SESSION foreign_key_checks = 0;\n");
    for row in changes.iter().filter_map(|c| if let Change::Removed(row) = c { Some(row) } else { None }) {
        let _ = writeln!(text, "DELETE FROM {} WHERE @reguid_ok = 1 AND {};", quoted(&row.table), found(&row.key));
    }
    let altered: Vec<(&Row, &Row)> =
        changes.iter().filter_map(|c| if let Change::Altered { before, after } = c { Some((before, after)) } else { None }).collect();
    let columns: BTreeSet<(&str, &str)> = altered
        .iter()
        .flat_map(|(before, after)| before.differences(after).into_iter().map(|(cell, _)| (&*before.table, cell)))
        .filter(|(_, cell)| cell.form == Form::Number && cell.unique)
        .map(|(table, cell)| (table, &*cell.column))
        .collect();
    let variable = |table: &str, column: &str| columns.iter().position(|c| *c == (table, column)).map(|at| format!("@reguid_free_{at}"));
    for (table, column) in &columns {
        let coming = altered.iter().filter(|(_, after)| *after.table == **table);
        let values = coming.flat_map(|(_, after)| after.key.iter().chain(&after.cells)).filter(|cell| *cell.column == **column);
        let most =
            values.filter_map(|cell| std::str::from_utf8(cell.value.as_deref()?).ok()?.parse::<i128>().ok()).max().unwrap_or_default();
        let name = variable(table, column).unwrap_or_default();
        let _ = writeln!(
            text,
            "SET {name} = NULL;\nSELECT GREATEST(COALESCE(MAX({}), 0), {most}) INTO {name} FROM {};",
            quoted(column),
            quoted(table)
        );
    }
    let aside = |n: usize, row: &Row, cell: &Cell| match (cell.form, variable(&row.table, &cell.column)) {
        (Form::Number, Some(free)) => format!("{free} + {}", n + 1),
        _ => format!("'~reguid-aside-{n}'"),
    };
    for (n, (before, after)) in altered.iter().enumerate() {
        let cells = before.differences(after).into_iter().filter(|(cell, new)| cell.unique && cell.value.is_some() && new.value.is_some());
        let set: Vec<String> = cells.map(|(cell, _)| format!("{} = {}", quoted(&cell.column), aside(n, before, cell))).collect();
        if !set.is_empty() {
            let (table, set) = (quoted(&before.table), set.join(", "));
            let _ = writeln!(text, "UPDATE {table} SET {set} WHERE @reguid_ok = 1 AND {};", found(&before.key));
        }
    }
    for (n, (before, after)) in altered.iter().enumerate() {
        let set: Vec<String> =
            before.differences(after).into_iter().map(|(_, new)| format!("{} = {}", quoted(&new.column), new.literal())).collect();
        let changed = |cell: &Cell| after.key.iter().any(|k| k.column == cell.column && k.value != cell.value);
        let key: Vec<String> = before
            .key
            .iter()
            .map(|cell| {
                let value = if changed(cell) { aside(n, before, cell) } else { cell.literal() };
                format!("{} = {value}", quoted(&cell.column))
            })
            .collect();
        let _ = writeln!(text, "UPDATE {} SET {} WHERE @reguid_ok = 1 AND {};", quoted(&before.table), set.join(", "), key.join(" AND "));
    }
    // The server may have taken values once that it takes no more: they are compared afterwards.
    let added: Vec<&Row> = changes.iter().filter_map(|c| if let Change::Added(row) = c { Some(row) } else { None }).collect();
    if !added.is_empty() {
        text.push_str(
            "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES';\nSET @reguid_checks = 0 /*M!, SESSION check_constraint_checks = 0 */;\n",
        );
    }
    for row in added {
        let cells: Vec<&Cell> = row.key.iter().chain(&row.cells).collect();
        let names: Vec<String> = cells.iter().map(|cell| quoted(&cell.column)).collect();
        let values: Vec<String> = cells.iter().map(|cell| cell.literal()).collect();
        let _ = writeln!(
            text,
            "INSERT INTO {} ({}) SELECT {} FROM (SELECT 1) one WHERE @reguid_ok = 1;",
            quoted(&row.table),
            names.join(", "),
            values.join(", ")
        );
    }
    let after: BTreeSet<_> = changes.iter().filter_map(Change::after).map(Item::key).collect();
    for change in changes {
        if let Some(row) = change.after() {
            counted(text, row, &whole(row), 1, "");
        }
        if let Some(row) = change.before().filter(|row| !after.contains(&row.key())) {
            counted(text, row, &by_key(row), 0, "");
        }
    }
    text.push_str("SET SESSION foreign_key_checks = @reguid_keys;\n");
}

/// What a change does, for a person.
pub(super) fn told(change: &Change<Row>) -> String {
    let row = change.subject();
    match change {
        Change::Removed(_) => format!("{}: it is taken out", row.label()),
        Change::Added(_) => format!("{}: it is put back", row.label()),
        Change::Altered { before, after } => {
            let cells: Vec<&str> = before.differences(after).into_iter().map(|(cell, _)| &*cell.column).collect();
            format!("{}: {}", row.label(), cells.join(", "))
        }
    }
}
