//! Indexes over what is computed: expressions, conditions, generated columns.
//!
//! Versions of SQLite do not all compute the same: since 3.43 and again later, numbers with a fraction became other text. An index that the extension's library
//! made holds what that one computes. Where ours computes something else, it would take rows out of the index that are not there and put in others, and the
//! extension's library would find the index damaged. So the index is asked first, and what does not agree is refused by name.

use super::beside;
use super::method::Method;
use crate::sqlite::name::quote;
use crate::sqlite::schema::{Index, Table};
use crate::sqlite::{Connection, Error};

/// Whether the index is over more than plain columns.
fn is_computed(table: &Table, index: &Index) -> bool {
    index.partial || index.parts.iter().any(|p| p.is_none_or(|c| table.columns.get(c).is_none_or(|c| c.generated)))
}

/// Why the rows of `table` cannot be rewritten: an index over what is computed would be written, and does not hold what our library computes for them. `columns`
/// are those that change; with [`Method::Update`], and unless rows go, indexes that are made of others are not written.
pub(super) fn disagreement(
    connection: &Connection,
    schema: &str,
    table: &Table,
    columns: &[&str],
    (method, removes): (Method, bool),
) -> Result<Option<String>, Error> {
    // A generated column may be made of any other.
    let made_of = |index: &Index| index.sql.as_ref().is_none_or(|sql| columns.iter().any(|c| beside::mentions(sql, c)));
    let generated = table.columns.iter().any(|c| c.generated);
    let is_written = |index: &&Index| method != Method::Update || removes || generated || made_of(index);
    let written: Vec<&Index> = table.indexes.iter().filter(|i| is_computed(table, i)).filter(is_written).collect();
    if written.is_empty() {
        return Ok(None);
    }
    let mut query = connection.prepare(&format!("PRAGMA {schema}.integrity_check({})", quote(&table.name)))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        let named = |index: &&&Index| line.ends_with(&format!(" index {}", index.name));
        if let Some(index) = written.iter().find(named) {
            let version: String = connection.query_row("SELECT sqlite_version()", [], |r| r.get(0))?;
            return Ok(Some(format!(
                "the index {} does not hold what SQLite {version}, which this program brings, computes for its rows ({line}): another version made it, or it is \
                 damaged, and writing it would damage it for the extension. Drop it, and create it again afterwards with the extension's own SQLite",
                index.name
            )));
        }
    }
    Ok(None)
}
