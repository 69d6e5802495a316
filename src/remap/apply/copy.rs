//! A table's rows are staged beside indexes that are built by sorting, and copied back tree by tree.
//!
//! Rows that are put back one by one are entered into each index at any place of it: once an index is larger than the page cache, each row costs pages that are
//! read and written again. Where a table is declared as another one is, and empty, SQLite copies all of that one's trees into it from one end to the other
//! (`INSERT INTO … SELECT *`, its "transfer optimization"). Indexes that are made once the rows are there are built by sorting; those that belong to constraints
//! cannot be made so. Therefore each is made as one of its own, and the temporary database's schema then says that it is the constraint's: data of nobody but
//! this run. Should SQLite not find the two tables alike, the same statement does the same, slowly.

use super::super::{rows, space};
use super::Writer;
use crate::extension::sql::token::{Tokens, is, is_any};
use crate::sqlite::name::quote;
use crate::sqlite::schema::{Affinity, Table, TableType};
use crate::sqlite::{Connection, DbConfig, Error};

/// The staging table.
const STAGE: &str = "reguid_copy";

/// Whether a table's rows can be copied so. Refused are those of which something is made of other columns, or checked by their names.
pub(in super::super) fn is_possible(table: &Table) -> bool {
    table.table_type == TableType::Ordinary
        && table.integer_key.is_some()
        && !table.autoincrement
        && !table.columns.iter().any(|c| c.generated || c.hidden)
        && table.indexes.iter().all(|i| !i.partial && i.parts.iter().all(Option::is_some))
        && declared_as(&table.sql, STAGE).is_some()
}

/// The declaration of a table under another name; `None`: it checks something.
fn declared_as(sql: &str, name: &str) -> Option<String> {
    let text = sql.as_bytes();
    let mut tokens = Tokens::of_sqlite(text);
    let (create, table, old) = (tokens.next()?, tokens.next()?, tokens.next()?);
    if !is(text, &create, "CREATE") || !is(text, &table, "TABLE") || tokens.any(|token| is_any(text, &token, &["CHECK", "GENERATED"])) {
        return None;
    }
    let rest = sql.get(old.end as usize..)?;
    Some(format!("CREATE TABLE {}{rest}", quote(name)))
}

/// An index of the table, to be made anew.
struct Index {
    unique: bool,
    /// Of a constraint: its number in the name that SQLite gives it.
    number: Option<String>,
    /// Its columns, with collations and directions.
    columns: String,
}

fn number(name: &str, table: &str) -> Option<String> {
    name.strip_prefix("sqlite_autoindex_")?.strip_prefix(table)?.strip_prefix('_').map(str::to_owned)
}

fn indexes(connection: &Connection, schema: &str, table: &str) -> Result<Vec<Index>, Error> {
    let mut list = connection.prepare("SELECT name, \"unique\" FROM pragma_index_list(?1, ?2) ORDER BY seq DESC")?;
    let mut info = connection.prepare("SELECT name, \"desc\", coll FROM pragma_index_xinfo(?1, ?2) WHERE key = 1 ORDER BY seqno")?;
    let list = list.query_map([table, schema], |r| Ok((r.get::<_, String>(0)?, r.get(1)?)))?.collect::<Result<Vec<_>, _>>()?;
    let mut all = Vec::new();
    for (name, unique) in list {
        let part = |r: &crate::sqlite::Row<'_>| {
            let (column, down, collation): (String, bool, String) = (r.get(0)?, r.get(1)?, r.get(2)?);
            Ok(format!("{} COLLATE {}{}", quote(&column), quote(&collation), if down { " DESC" } else { "" }))
        };
        let columns = info.query_map([name.as_str(), schema], part)?.collect::<Result<Vec<_>, _>>()?.join(", ");
        all.push(Index { unique, number: number(&name, table), columns });
    }
    Ok(all)
}

/// A type with the affinity of a declared one: what is staged is to be stored as it will be.
fn affinity(table: &Table, column: usize) -> &'static str {
    match table.affinity(column) {
        Affinity::Blob => "BLOB",
        Affinity::Text => "TEXT",
        Affinity::Numeric => "NUMERIC",
        Affinity::Integer => "INTEGER",
        Affinity::Real => "REAL",
    }
}

/// Rewrites the table; whether it could be done so. Nothing was written where it could not.
pub(super) fn copy(writer: &Writer<'_, '_>) -> Result<bool, Error> {
    let (connection, table) = (writer.connection, &writer.work.table);
    let Some(declaration) = declared_as(&table.sql, STAGE) else { return Ok(false) };
    let made = indexes(connection, &writer.database.schema, &table.name)?;
    if !is_understood(connection, &declaration, &made)? || !has_room(writer) {
        return Ok(false);
    }
    let staged = stage(writer)?;
    // Sorting needs memory of its own; of the pages that were read, none is needed again.
    connection.execute_batch("PRAGMA shrink_memory")?;
    index(connection, &made).map_err(|error| of_table(error, &table.name))?;
    redeclare(connection, &declaration, &made)?;
    let taken = connection.execute(&format!("DELETE FROM {}", writer.name()), [])?;
    let put = connection.execute(&format!("INSERT OR ABORT INTO {} SELECT * FROM temp.{STAGE}", writer.name()), [])?;
    connection.execute_batch(&format!("DROP TABLE temp.{STAGE}"))?;
    let all = writer.work.scanned.rows - writer.work.scanned.removed;
    if [staged, taken, put].iter().any(|rows| rows::count(*rows) != all) {
        return Err(Error::UserFunctionError(format!("of {all} rows, {staged} were staged, {taken} taken out and {put} put back").into()));
    }
    Ok(true)
}

/// Whether temporary files may take what this needs: the table with its indexes, and what is sorted.
fn has_room(writer: &Writer<'_, '_>) -> bool {
    let size = std::fs::metadata(&writer.database.path).map_or(0, |m| m.len());
    space::temporary().is_none_or(|free| free / 2 > size)
}

/// Whether SQLite takes the declaration, and makes of it the indexes that the table has.
fn is_understood(connection: &Connection, declaration: &str, made: &[Index]) -> Result<bool, Error> {
    let temporary = declaration.replacen("CREATE TABLE", "CREATE TEMP TABLE", 1);
    if connection.execute_batch(&temporary).is_err() {
        return Ok(false);
    }
    let of = |index: &Index| (index.number.clone(), index.unique, index.columns.clone());
    let mut found: Vec<_> = indexes(connection, "temp", STAGE)?.iter().map(of).collect();
    let mut wanted: Vec<_> = made.iter().filter(|i| i.number.is_some()).map(of).collect();
    found.sort();
    wanted.sort();
    connection.execute_batch(&format!("DROP TABLE temp.{STAGE}"))?;
    Ok(found == wanted)
}

/// Makes the staging table, without indexes.
fn create(connection: &Connection, table: &Table) -> Result<(), Error> {
    let column = |(n, column): (usize, &crate::sqlite::schema::Column)| {
        let declared = if table.integer_key == Some(n) { "INTEGER PRIMARY KEY" } else { affinity(table, n) };
        format!("{} {declared}", quote(&column.name))
    };
    let columns: Vec<String> = table.columns.iter().enumerate().map(column).collect();
    connection.execute_batch(&format!("CREATE TEMP TABLE {STAGE}({})", columns.join(", ")))
}

/// The same error, where it names the staging table, of the table itself.
fn of_table(error: Error, table: &str) -> Error {
    match error {
        Error::SqliteFailure(code, Some(message)) => {
            Error::SqliteFailure(code, Some(message.replace(&format!("{STAGE}."), &format!("{table}."))))
        }
        other => other,
    }
}

/// Makes its indexes, each as one of its own.
fn index(connection: &Connection, made: &[Index]) -> Result<(), Error> {
    made.iter().enumerate().try_for_each(|(n, index)| {
        let unique = if index.unique { "UNIQUE " } else { "" };
        connection.execute_batch(&format!("CREATE {unique}INDEX temp.reguid_copy_{n} ON {STAGE}({})", index.columns))
    })
}

/// Stages all rows as they will be; how many they are.
fn stage(writer: &Writer<'_, '_>) -> Result<usize, Error> {
    let (connection, table) = (writer.connection, &writer.work.table);
    create(connection, table)?;
    let after: Vec<String> = table.columns.iter().map(|c| writer.after_or_same(&c.name)).collect();
    let key = table.integer_key.map(|key| &table.columns[key].name);
    let order = key.map(|key| format!(" ORDER BY {}", writer.after_or_same(key))).unwrap_or_default();
    connection.execute(&format!("INSERT INTO temp.{STAGE} SELECT {} FROM {}{order}", after.join(", "), writer.rows()), [])
}

/// Lets the schema of the temporary database declare the staging table as the table is, with the indexes that are there.
fn redeclare(connection: &Connection, declaration: &str, made: &[Index]) -> Result<(), Error> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    let write = || -> Result<(), Error> {
        connection.execute_batch("PRAGMA writable_schema = ON")?;
        connection.execute("UPDATE sqlite_temp_schema SET sql = ?1 WHERE name = ?2", [declaration, STAGE])?;
        for (n, index) in made.iter().enumerate() {
            let Some(number) = &index.number else { continue };
            let (old, new) = (format!("reguid_copy_{n}"), format!("sqlite_autoindex_{STAGE}_{number}"));
            connection.execute("UPDATE sqlite_temp_schema SET sql = NULL, name = ?1 WHERE name = ?2", [new, old])?;
        }
        Ok(())
    };
    let written = write();
    let read_again = connection.execute_batch("PRAGMA writable_schema = RESET");
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    written.and(read_again)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema::Schema;

    /// The table `t` of a database, with the connection.
    fn table(sql: &str) -> (Connection, Table) {
        let connection = Connection::open_in_memory().unwrap();
        crate::sqlite::open::harden(&connection).unwrap();
        connection.execute_batch(sql).unwrap();
        let table = Schema::read(&connection, "main").unwrap().table("t").unwrap().clone();
        (connection, table)
    }

    fn says(sql: &str) -> bool {
        is_possible(&table(sql).1)
    }

    #[test]
    fn what_is_checked_or_made_of_other_columns_is_not_copied() {
        assert!(says("CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, UNIQUE(id))"));
        assert!(says("CREATE TABLE \"t\" /* CHECK */ (k INTEGER PRIMARY KEY, \"check\" INT UNIQUE) STRICT"));
        for sql in [
            "CREATE TABLE t(k INT, id INT UNIQUE)",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT UNIQUE) WITHOUT ROWID",
            "CREATE TABLE t(k INTEGER PRIMARY KEY AUTOINCREMENT, id INT UNIQUE)",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT UNIQUE CHECK (id > 0))",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT UNIQUE, g AS (id))",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT UNIQUE); CREATE INDEX i ON t(id) WHERE id > 3",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT UNIQUE); CREATE INDEX i ON t(id || k)",
        ] {
            assert!(!says(sql), "{sql}");
        }
    }

    /// The statement copies trees, and makes no row anew: SQLite finds the two tables alike.
    #[test]
    fn sqlite_finds_the_tables_alike() {
        for sql in [
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, UNIQUE(id, k))",
            "CREATE TABLE \"t\"(id INTEGER PRIMARY KEY, pad VARCHAR(20) NOT NULL DEFAULT 'x', n REAL); CREATE INDEX i ON t(n DESC)",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT UNIQUE ON CONFLICT IGNORE, x TEXT COLLATE NOCASE UNIQUE, UNIQUE(x COLLATE BINARY DESC, id)); CREATE UNIQUE INDEX i ON t(id, x COLLATE RTRIM)",
            "CREATE TABLE [t](k INTEGER PRIMARY KEY, id INT UNIQUE REFERENCES o(a) ON DELETE CASCADE, y ANY) STRICT",
        ] {
            let (connection, table) = table(sql);
            let declaration = declared_as(&table.sql, STAGE).unwrap();
            let made = indexes(&connection, "main", "t").unwrap();
            assert!(is_understood(&connection, &declaration, &made).unwrap(), "{sql}");
            create(&connection, &table).unwrap();
            index(&connection, &made).unwrap();
            redeclare(&connection, &declaration, &made).unwrap();
            let mut program = connection.prepare(&format!("EXPLAIN INSERT OR ABORT INTO main.t SELECT * FROM temp.{STAGE}")).unwrap();
            let steps: Vec<String> = program.query_map([], |r| r.get(1)).unwrap().collect::<Result<_, _>>().unwrap();
            let copied = steps.iter().filter(|step| *step == "RowData" || *step == "RowCell").count();
            assert_eq!(copied, 1 + table.indexes.len(), "{sql}: {steps:?}");
        }
    }
}
