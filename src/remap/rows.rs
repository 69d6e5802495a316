//! The statements that move rows, for a run and for taking one back.
//!
//! UNIQUE and PRIMARY KEY are checked row by row, so a permutation of keys cannot be one UPDATE: rows whose keys change are staged, taken out, and put back
//! under their new keys. Conflict clauses of the schema are overruled by `OR ABORT`: nothing is ever replaced or left out.

use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, Value};

/// Name of the staging table.
const STAGE: &str = "temp.reguid_stage";

/// `t."a", t."b"`.
pub(super) fn of(alias: &str, names: &[&str]) -> String {
    names.iter().map(|n| format!("{alias}.{}", quote(n))).collect::<Vec<_>>().join(", ")
}

/// `k0, k1`.
pub(super) fn numbered(letter: &str, count: usize) -> String {
    (0..count).map(|i| format!("{letter}{i}")).collect::<Vec<_>>().join(", ")
}

/// The names that an INSERT gives to put a row back as it was: the rowid, where no column is it, and the stored columns.
pub(super) fn whole(table: &Table) -> Vec<&str> {
    let rowid = table.integer_key.is_none().then(|| table.rowid_name()).flatten();
    rowid.into_iter().chain(table.stored().map(|c| table.columns[c].name.as_str())).collect()
}

/// The columns that address a row of `t`, to be compared as the table's key tells rows apart: that may be finer than its columns are compared.
pub(super) fn address(connection: &Connection, schema: &str, table: &Table) -> Result<Vec<String>, Error> {
    let address: Vec<String> = table.address().iter().map(|a| format!("t.{}", quote(a))).collect();
    let Some(key) = table.indexes.iter().find(|i| i.primary_key && table.without_rowid) else { return Ok(address) };
    let mut query = connection.prepare("SELECT cid, coll FROM pragma_index_xinfo(?1, ?2) WHERE key = 1")?;
    let parts = query.query_map([key.name.as_str(), schema], |r| Ok((r.get(0)?, r.get(1)?)))?.collect::<Result<Vec<(i64, String)>, _>>()?;
    let collation = |column: &usize| match parts.iter().filter(|p| usize::try_from(p.0) == Ok(*column)).collect::<Vec<_>>()[..] {
        [(_, collation)] => quote(collation),
        // It is in the key twice.
        _ => "BINARY".to_owned(),
    };
    Ok(address.into_iter().zip(&table.primary_key).map(|(name, column)| format!("{name} COLLATE {}", collation(column))).collect())
}

/// Makes the staging table and fills it with what `select` gives: rows as they will be, in the columns of [`whole`].
pub(super) fn stage(connection: &Connection, table: &Table, select: &str) -> Result<u64, Error> {
    connection.execute_batch(&format!("CREATE TEMP TABLE reguid_stage({})", numbered("c", whole(table).len())))?;
    connection.execute(&format!("INSERT INTO {STAGE} {select}"), []).map(count)
}

/// In which order staged rows are put back. That of their addresses builds the table's tree from one end to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// They are sorted by their addresses.
    ByAddress,
    /// They were staged in that order.
    AsStaged,
}

/// Puts the staged rows back, in the order of their keys, and drops the staging table.
pub(super) fn put_back(connection: &Connection, schema: &str, table: &Table) -> Result<u64, Error> {
    put_back_in(connection, schema, table, Order::ByAddress)
}

/// As [`put_back`], in this order.
pub(super) fn put_back_in(connection: &Connection, schema: &str, table: &Table, order: Order) -> Result<u64, Error> {
    let names = whole(table);
    let list: Vec<String> = names.iter().map(|n| quote(n)).collect();
    let address: Vec<String> = table.address().iter().filter_map(|a| names.iter().position(|n| n == a)).map(|i| format!("c{i}")).collect();
    let order = if order == Order::AsStaged || address.is_empty() { "rowid".to_owned() } else { address.join(", ") };
    let sql = format!(
        "INSERT OR ABORT INTO {}({}) SELECT {} FROM {STAGE} ORDER BY {order}",
        qualified(schema, &table.name),
        list.join(", "),
        numbered("c", names.len())
    );
    let done = connection.execute(&sql, []).map(count)?;
    connection.execute_batch(&format!("DROP TABLE {STAGE}"))?;
    Ok(done)
}

/// Rows that are taken out by one statement. SQLite remembers each of them, in memory, before it takes the first one out.
const AT_ONCE: i64 = 500_000;

/// Takes out of the table those rows whose addresses stand in the columns `columns` of `list`, a table that has no column called `rowid`. How many there were.
pub(super) fn take_out(connection: &Connection, name: &str, table: &Table, (list, columns): (&str, &str)) -> Result<u64, Error> {
    let key: Vec<String> = table.address().iter().map(|a| format!("t.{}", quote(a))).collect();
    if table.without_rowid {
        // What SQLite remembers of these goes to a temporary file.
        let key = key.iter().map(|k| format!("{k} COLLATE BINARY")).collect::<Vec<_>>().join(", ");
        let sql = format!("DELETE FROM {name} AS t WHERE ({key}) IN (SELECT {columns} FROM {list})");
        return connection.execute(&sql, []).map(count);
    }
    let sql = format!("SELECT max(r) FROM (SELECT rowid AS r FROM {list} WHERE rowid > ?1 ORDER BY rowid LIMIT {AT_ONCE})");
    let mut end = connection.prepare(&sql)?;
    let key = key.join(", ");
    let sql = format!("DELETE FROM {name} AS t WHERE {key} IN (SELECT {columns} FROM {list} WHERE rowid > ?1 AND rowid <= ?2)");
    let mut delete = connection.prepare(&sql)?;
    let (mut last, mut taken) = (i64::MIN, 0);
    while let Some(next) = end.query_row([last], |r| r.get::<_, Option<i64>>(0))? {
        taken += delete.execute([last, next]).map(count)?;
        last = next;
    }
    Ok(taken)
}

/// The row of `sqlite_sequence` that SQLite goes by for the table `?1`: the first of exactly that name.
fn of_sequence(sequence: &str) -> String {
    format!("rowid = (SELECT min(rowid) FROM {sequence} WHERE name = ?1)")
}

/// What `sqlite_sequence` says for an AUTOINCREMENT table.
pub(super) fn sequence(connection: &Connection, schema: &str, table: &Table) -> Result<Value, Error> {
    use crate::sqlite::OptionalExtension;
    if !table.autoincrement {
        return Ok(Value::Null);
    }
    let sequence = qualified(schema, "sqlite_sequence");
    let sql = format!("SELECT seq FROM {sequence} WHERE {}", of_sequence(&sequence));
    let found: Option<Value> = connection.query_row(&sql, [&table.name], |r| r.get(0)).optional()?;
    Ok(match found {
        Some(Value::Null) => Value::Blob(OF_NULL.to_vec()),
        other => other.unwrap_or(Value::Null),
    })
}

/// Stands for a row that says NULL; NULL stands for none.
const OF_NULL: &[u8] = b"NULL";

/// Sets `sqlite_sequence` to what it was.
pub(super) fn set_sequence(connection: &Connection, schema: &str, table: &Table, value: &Value) -> Result<(), Error> {
    let sequence = qualified(schema, "sqlite_sequence");
    if *value == Value::Null {
        return connection.execute(&format!("DELETE FROM {sequence} WHERE {}", of_sequence(&sequence)), [&table.name]).map(drop);
    }
    let value = if matches!(value, Value::Blob(blob) if blob == OF_NULL) { &Value::Null } else { value };
    let sql = format!("UPDATE {sequence} SET seq = ?2 WHERE {}", of_sequence(&sequence));
    connection.execute(&sql, crate::sqlite::params![table.name, value]).map(drop)
}

/// Lets `sqlite_sequence` count from `key` at least, as inserting it would have done. It is never lowered.
pub(super) fn raise_sequence(connection: &Connection, schema: &str, table: &Table, key: i64) -> Result<(), Error> {
    let sequence = qualified(schema, "sqlite_sequence");
    let known = connection.execute(
        &format!("UPDATE {sequence} SET seq = max(seq, ?2) WHERE {}", of_sequence(&sequence)),
        crate::sqlite::params![table.name, key],
    )?;
    if known == 0 {
        connection.execute(&format!("INSERT INTO {sequence}(name, seq) VALUES (?1, ?2)"), crate::sqlite::params![table.name, key])?;
    }
    Ok(())
}

/// A count of rows.
pub(super) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
