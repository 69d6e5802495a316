//! Databases from SQL text, and their content as text: one `INSERT` a row, every value as SQLite's `quote()` writes it, so that 5, '5' and 5.0 differ.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

/// Makes the database `to` from the SQL text in `script`.
pub(crate) fn build(script: &Path, to: &Path) {
    let sql = fs::read_to_string(script).unwrap_or_else(|e| panic!("{}: {e}", script.display()));
    let database = Connection::open(to).unwrap_or_else(|e| panic!("{}: {e}", to.display()));
    database.execute_batch(&sql).unwrap_or_else(|e| panic!("{}: {e}", script.display()));
    database.close().unwrap_or_else(|(_, e)| panic!("{}: {e}", to.display()));
}

/// All rows of all tables, sorted.
pub(crate) fn rows(database: &Path) -> Vec<String> {
    listing(database, false)
}

/// All rows with their rowids, and the schema: what an undo must bring back.
pub(crate) fn everything(database: &Path) -> Vec<String> {
    let mut all = listing(database, true);
    all.extend(schema(database));
    all
}

/// The text of the schema, sorted.
pub(crate) fn schema(database: &Path) -> Vec<String> {
    let database = open(database);
    let mut statement = database.prepare("SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1").unwrap();
    let texts = statement.query_map([], |row| row.get(0)).unwrap();
    texts.map(|text| text.unwrap()).collect()
}

/// The rows that an `.after.sql` lists, sorted. Lines that are no `INSERT` are comments or empty.
pub(crate) fn expected(listing: &Path) -> Vec<String> {
    let text = fs::read_to_string(listing).unwrap_or_else(|e| panic!("{}: {e}", listing.display()));
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("--")) {
        assert!(line.starts_with("INSERT INTO \"") && line.ends_with(");"), "{}: no row: {line}", listing.display());
        rows.push(line.to_owned());
    }
    rows.sort();
    rows
}

fn open(database: &Path) -> Connection {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    Connection::open_with_flags(database, flags).unwrap_or_else(|e| panic!("{}: {e}", database.display()))
}

fn listing(database: &Path, with_rowid: bool) -> Vec<String> {
    let path = database;
    let database = open(path);
    let tables: Vec<(String, bool)> = database
        .prepare("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name <> 'sqlite_schema'")
        .and_then(|mut s| s.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut rows = Vec::new();
    for (table, without_rowid) in tables {
        let columns: Vec<String> = database
            .prepare("SELECT name FROM pragma_table_xinfo(?1) ORDER BY cid")
            .and_then(|mut s| s.query_map([&table], |row| row.get(0))?.collect())
            .unwrap_or_else(|e| panic!("{}: {table}: {e}", path.display()));
        let values: Vec<String> = columns.iter().map(|c| format!("quote({})", quoted(c))).collect();
        let prefix = if with_rowid && !without_rowid { "rowid || ': ' || " } else { "" };
        let select = format!("SELECT {prefix}{} FROM {}", values.join(" || ',' || "), quoted(&table));
        let lines: Vec<String> = database
            .prepare(&select)
            .and_then(|mut s| s.query_map([], |row| row.get::<_, String>(0))?.collect())
            .unwrap_or_else(|e| panic!("{}: {select}: {e}", path.display()));
        rows.extend(lines.into_iter().map(|values| format!("INSERT INTO {} VALUES({values});", quoted(&table))));
    }
    rows.sort();
    rows
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
