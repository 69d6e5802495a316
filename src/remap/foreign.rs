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
    for sql in [
        format!("EXPLAIN INSERT INTO {name}({list}) SELECT {} FROM {name} AS t", of("t", &columns)),
        format!("EXPLAIN UPDATE {name} SET {set}"),
        format!("EXPLAIN DELETE FROM {name}"),
    ] {
        let Err(error) = connection.prepare(&sql) else { continue };
        let message = match &error {
            Error::SqlInputError { msg, .. } => msg.clone(),
            Error::SqliteFailure(_, Some(message)) => message.clone(),
            _ => String::new(),
        };
        if !["no such collation", "no such function", "unknown function", "unsafe use of"].iter().any(|known| message.contains(known)) {
            return Err(error);
        }
        return Ok(Some(format!(
            "an index, a constraint or a computed column of it goes by something that only the extension's own program has ({message}): have that program rewrite the ids, \
             with `reguid convert --emit` as a pattern, or drop what goes by it for the run"
        )));
    }
    Ok(None)
}
