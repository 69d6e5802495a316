//! The plan as a file: JSON, version 1, with every cell, streamed.

use std::io::{self, Write};

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::compute::{self, States};
use super::error::RemapError;
use super::inside::Edit;
use super::plan::{Plan, VERSION};
use super::session::Session;
use super::target::Resolved;
use crate::sqlite::Value;

/// A cell that changes, as a plan file lists it.
#[derive(Serialize, schemars::JsonSchema)]
struct Cell<'a> {
    /// The database, relative to the var directory.
    database: &'a str,
    /// The table.
    table: &'a str,
    /// The columns that address the row, as it is before.
    row: Vec<(&'a str, serde_json::Value)>,
    /// The column.
    column: &'a str,
    /// The value before.
    before: serde_json::Value,
    /// The value after; absent: the row is taken out.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<serde_json::Value>,
    /// The ids inside that change; absent: the id is the whole value.
    #[serde(skip_serializing_if = "none")]
    ids: &'a [Edit],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn none(ids: &&[Edit]) -> bool {
    ids.is_empty()
}

/// A plan file: the plan and its cells. Describes the file for its JSON Schema; the file itself is streamed.
#[derive(Serialize, schemars::JsonSchema)]
pub struct PlanFile<'a> {
    /// What a fix would do, and what stops it.
    #[schemars(flatten)]
    plan: Plan,
    /// Every cell that changes, in the order of databases, tables and rows.
    cells: Vec<Cell<'a>>,
}

/// Writes the plan and its cells. The outer error is the databases', the inner one the output's.
pub(crate) fn json(
    session: &Session,
    plan: &Plan,
    resolved: &Resolved,
    states: States<'_>,
    out: &mut dyn Write,
) -> Result<io::Result<()>, RemapError> {
    let mut head = serde_json::to_string_pretty(plan).expect("a plan is JSON");
    let end = head.rfind('}').unwrap_or(head.len());
    head.truncate(end);
    let mut written = write!(out, "{},\n  \"cells\": [", head.trim_end());
    let mut first = true;
    compute::cells(session, resolved, states, |database, table, address, column, before, after, ids| {
        if written.is_err() {
            return;
        }
        let row = table.address().into_iter().zip(address).map(|(name, value)| (name, json_value(value))).collect();
        let cell = Cell {
            database: database.name.as_str(),
            table: &table.name,
            row,
            column,
            before: json_value(before),
            after: after.map(json_value),
            ids,
        };
        let text = serde_json::to_string(&cell).expect("a cell is JSON");
        written = write!(out, "{}\n    {text}", if std::mem::take(&mut first) { "" } else { "," });
    })?;
    Ok(written.and_then(|()| writeln!(out, "\n  ]\n}}")).and_then(|()| out.flush()))
}

/// A value in JSON. A blob, and text that is not UTF-8, is `{"blob": "<hexadecimal digits>"}`.
fn json_value(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(i) => (*i).into(),
        Value::Real(r) => (*r).into(),
        Value::Text(t) => t.as_str().into(),
        Value::Blob(b) => serde_json::json!({ "blob": b.iter().map(|b| format!("{b:02x}")).collect::<String>() }),
    }
}

/// The hash of the plan in the file at `path`.
///
/// # Errors
/// The file cannot be read, or is no plan of a version that this release knows.
pub fn planned_hash(path: &Utf8Path) -> Result<String, RemapError> {
    #[derive(Deserialize)]
    struct Head {
        version: u32,
        hash: String,
    }
    let file = std::fs::File::open(path).map_err(|source| RemapError::Io { path: path.to_owned(), source })?;
    let no_plan = |detail: String| RemapError::NoPlan { path: path.to_owned(), detail };
    let head: Head = serde_json::from_reader(io::BufReader::new(file)).map_err(|e| no_plan(e.to_string()))?;
    if head.version != VERSION {
        return Err(no_plan(format!("it has version {}, this release knows version {VERSION}", head.version)));
    }
    Ok(head.hash)
}
