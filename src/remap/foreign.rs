//! Collations and functions that only the extension's own program has.

use super::rows::of;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error};

/// Why rows of the table cannot be written here, or not be put back afterwards: an index, a constraint or a computed column goes by what this program lacks. Leaves
/// no trace.
pub(super) fn lacking(connection: &Connection, schema: &str, table: &Table) -> Result<Option<String>, Error> {
    let name = qualified(schema, &table.name);
    let columns: Vec<&str> = table.stored().map(|c| table.columns[c].name.as_str()).collect();
    let list = columns.iter().map(|c| quote(c)).collect::<Vec<_>>().join(", ");
    let set = columns.iter().map(|c| format!("{0} = {0}", quote(c))).collect::<Vec<_>>().join(", ");
    let message = |error: &Error| match error {
        Error::SqlInputError { msg, .. } => msg.clone(),
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        _ => String::new(),
    };
    let is_lack =
        |message: &str| ["no such collation", "no such function", "unknown function", "unsafe use of"].iter().any(|w| message.contains(w));
    let lack = |message: String| {
        format!(
            "an index, a constraint or a computed column of it goes by something that only the extension's own program has ({message}): have that program rewrite the \
             ids, or drop what goes by it for the run"
        )
    };
    // They are compiled, and never run.
    for sql in [
        format!("INSERT INTO {name}({list}) SELECT {} FROM {name} AS t", of("t", &columns)),
        format!("UPDATE {name} SET {set}"),
        format!("DELETE FROM {name}"),
    ] {
        match connection.prepare(&sql) {
            Err(error) if is_lack(&message(&error)) => return Ok(Some(lack(message(&error)))),
            other => drop(other?),
        }
    }
    // A CHECK is looked at where its table is declared.
    let elsewhere = Connection::open_in_memory()?;
    let told = elsewhere.prepare(&table.sql).err().map(|error| message(&error)).filter(|message| is_lack(message));
    Ok(told.map(lack))
}
