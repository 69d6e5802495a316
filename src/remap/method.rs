//! How a table's rows are rewritten: chosen from what the table declares and from how many of its rows change.
//!
//! UNIQUE and PRIMARY KEY are checked row by row, within a statement too, so that no permutation of keys is one UPDATE. Columns in no key are changed by one
//! UPDATE. Few rows whose keys change are moved one id after the other, each to a key that is free by then; one id of each cycle is parked on the way.
//! Many are staged, taken out and put back in the order of their keys, which is two to five times as fast as moving each of them twice; of very many, the whole
//! table is copied with its indexes.

use schemars::JsonSchema;
use serde::Serialize;

use super::apply::copy;
use super::decide::Decider;
use super::scan::Scanned;
use crate::sqlite::schema::Table;

/// Of how many rows one must change at most for the walk.
const SPARSE: u64 = 20;

/// Of so many rows all are copied where half of them change: fewer fit into the page cache with their indexes.
const MANY: u64 = 200_000;

/// How rows are rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// One UPDATE: no column that changes is in a key.
    Update,
    /// One id after the other, each to a key that is free by then.
    Walk,
    /// Rows are staged, taken out and put back.
    Reinsert,
    /// All rows are staged, and copied back with indexes that were built by sorting.
    Copy,
}

/// The method for a table with these targets, of which a scan gave this. With `wanted`, that one if it can be used here.
pub(super) fn choose(table: &Table, targets: &[(usize, Decider<'_>)], scanned: &Scanned, wanted: Option<Method>) -> Method {
    let keyed = targets.iter().any(|(column, d)| table.keyed(*column) && d.is_changing());
    let walks = keyed && scanned.hits.lists_changed() && walkable(table, targets);
    match wanted {
        Some(Method::Walk) if walks => Method::Walk,
        Some(Method::Reinsert) => Method::Reinsert,
        Some(Method::Copy) if keyed && copies(table, scanned) => Method::Copy,
        _ if !keyed => Method::Update,
        None if walks && scanned.changed.saturating_mul(SPARSE) <= scanned.rows => Method::Walk,
        None if scanned.rows >= MANY && scanned.changed.saturating_mul(2) >= scanned.rows && copies(table, scanned) => Method::Copy,
        _ => Method::Reinsert,
    }
}

/// Whether all rows can be copied: also those that do not change are written, and would have to stay as they are.
fn copies(table: &Table, scanned: &Scanned) -> bool {
    !scanned.odd.anywhere && copy::is_possible(table)
}

/// Whether ids can be moved one after the other. One column alone must change in keys, and all of the table's indexes must be over plain columns: what an
/// expression or a condition makes of a row half way is not known.
fn walkable(table: &Table, targets: &[(usize, Decider<'_>)]) -> bool {
    // A real number that stays is equal to an integer, and is not among the ids that are known to be taken.
    let counted = |d: &Decider<'_>| d.counts.malformed == 0;
    let moving: Vec<&Decider<'_>> = targets.iter().filter(|(column, d)| table.keyed(*column) && d.is_changing()).map(|t| &t.1).collect();
    let plain = table.indexes.iter().all(|i| !i.partial && i.parts.iter().all(Option::is_some));
    moving.len() == 1
        && moving[0].inside.is_none()
        && targets.iter().all(|(_, d)| counted(d))
        && plain
        && !table.columns.iter().any(|c| c.generated)
}
