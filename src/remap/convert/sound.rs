//! Whether a table may be made anew here: its indexes hold its rows, and this SQLite computes from them what was computed before.
//!
//! A conversion reads all rows and writes all of them with all their indexes. What SQLite reads from an index that lacks a row, and still holds one that was taken
//! out, is other rows than those of the table; and what another version of SQLite computed, ours would replace by what it computes itself.

use super::declare::{elsewhere, one_line};
use super::script::{Step, literal};
use crate::remap::error::{Context, RemapError};
use crate::remap::expression::LINES;
use crate::remap::method::Method;
use crate::remap::session::{Database, Session};
use crate::remap::{computed, expression, foreign};
use crate::sqlite::schema::{Index, Table};
use crate::sqlite::{Connection, Error};

/// Whether a line of SQLite's check tells of a value that its column's declaration does not let in, or of nothing: no harm to reading, and looked at where the row is
/// written anew. Of columns behind a virtual one it is told wrongly.
const OF_A_VALUE: &str = "(integrity_check = 'ok' OR integrity_check GLOB 'NULL value in *' OR integrity_check GLOB 'NUMERIC value in *' \
     OR integrity_check GLOB 'TEXT value in *' OR integrity_check GLOB 'CHECK constraint failed in *' \
     OR integrity_check GLOB 'non-* value in *' AND integrity_check NOT GLOB 'non-unique *')";

/// Who makes the table anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// This program, with the SQLite that it brings.
    Us,
    /// A script, with the SQLite of the server that it runs on.
    Script,
}

/// Why the table cannot be made anew with certainty, if it cannot: an index does not hold its rows, or what is computed from them would change.
pub(super) fn refusal(session: &Session, on: &Database, table: &Table, by: By) -> Result<Option<String>, RemapError> {
    let (connection, schema) = (&session.connection, on.schema.as_str());
    if let Some(why) = foreign::lacking(connection, schema, table).on(&on.path)? {
        return Ok(Some(why));
    }
    // A script's SQLite computes by itself; it looks at its indexes before it begins.
    let anew = (Method::Reinsert, true);
    if by == By::Us
        && let Some(why) = expression::disagreement(connection, schema, table, &[], anew).on(&on.path)?
    {
        return Ok(Some(why));
    }
    let is_ours = |line: &str| by == By::Us || !expression::computed(table).any(|index| expression::tells_of(line, index));
    if let Some(why) = damage(connection, schema, table, is_ours).on(&on.path)? {
        return Ok(Some(why));
    }
    if by == By::Us { computed::any_disagreement(connection, schema, table).on(&on.path) } else { Ok(None) }
}

/// Why the declarations of a table cannot be made anew as they are, if one of them cannot.
pub(super) fn unplaceable(table: &str, objects: &[String]) -> Option<String> {
    let (trigger, database) = objects.iter().find_map(|sql| elsewhere(sql))?;
    Some(format!(
        "the trigger {trigger} of {table} names the database too (ON {database}.…), and can be declared so only where that is called {database}: drop it, and create it \
         again afterwards without that word"
    ))
}

/// What SQLite's check finds wrong with the table and its indexes, of what `counts`.
fn damage(connection: &Connection, schema: &str, table: &Table, counts: impl Fn(&str) -> bool) -> Result<Option<String>, Error> {
    let sql = format!("SELECT integrity_check, {OF_A_VALUE} FROM pragma_integrity_check(?1, ?2)");
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query([table.name.as_str(), schema])?;
    let mut lines = 0;
    while let Some(row) = rows.next()? {
        let (line, of_a_value): (String, bool) = (row.get(0)?, row.get(1)?);
        lines += 1;
        if of_a_value || !counts(&line) {
            continue;
        }
        let line = one_line(&line);
        return Ok(Some(match table.indexes.iter().find(|i| expression::tells_of(&line, i)) {
            Some(index) => format!(
                "the index {} does not hold the table's rows ({line}): it is damaged. Have the extension's own SQLite build it anew (REINDEX), and see whether \
                 PRAGMA integrity_check finds nothing more",
                index.name
            ),
            None => format!("SQLite finds it damaged ({line}): mend the database, or put it back from a backup, before"),
        }));
    }
    Ok((lines >= LINES && !table.indexes.is_empty()).then(|| expression::not_looked_at("its indexes hold")))
}

/// What a script expects of the table in the database that it calls `schema`: that its indexes hold its rows.
pub(super) fn steps(session: &Session, on: &Database, table: &Table, schema: &str) -> Vec<Step> {
    let known = if table.indexes.is_empty() { String::new() } else { format!(" AND count(*) < {LINES}") };
    let sound = Step::expect(
        format!("{} and its indexes are sound (see PRAGMA integrity_check; REINDEX mends indexes)", table.name),
        format!("SELECT total(NOT {OF_A_VALUE}) = 0{known} FROM pragma_integrity_check({}, {})", literal(&table.name), literal(schema)),
    );
    let countable = |index: &&Index| {
        expression::counts(&on.schema, table, index).is_some_and(|all| all.iter().all(|sql| session.connection.prepare(sql).is_ok()))
    };
    let partial = table.indexes.iter().filter(countable).filter_map(|index| {
        let [entries, rows] = expression::counts(schema, table, index)?;
        let what = format!("the index {} of {} holds what its condition lets in (REINDEX mends it)", index.name, table.name);
        Some(Step::expect(what, format!("SELECT ({entries}) = ({rows})")))
    });
    [sound].into_iter().chain(partial).collect()
}
