//! Rows of the panel's database that were written since a run.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::super::super::error::RemapError;
use super::super::super::undo::{Drift, told};
use super::super::panel_error;
use super::super::rows::{Declared, cell, declared, is_one};
use super::{Digested, Extra, Since, digest, look, worst};
use crate::panel::Inventory;
use crate::panel::change::{Change, Item};
use crate::panel::rows::{Cell, Reading, Row};
use crate::panel::settings::Session;
use crate::reference::manifest::{Entry, Store};

/// A row, by its table and its key.
pub(in super::super) type Place = (Arc<str>, Vec<Cell>);

/// The name of a table's column, as it is noted; empty for other places.
pub(super) fn noted(store: &Store) -> String {
    match store {
        Store::PanelColumn { table, column, .. } => serde_json::to_string(&(table, column)).expect("texts are JSON"),
        _ => String::new(),
    }
}

/// The place of which that was noted.
pub(super) fn store(noted: &str, path: Option<String>) -> Option<Store> {
    let (table, column): (String, String) = serde_json::from_str(noted).ok()?;
    Some(Store::PanelColumn { table, column, path })
}

/// The values of a row in the columns with ids, each by the row's key.
pub(in super::super) fn of_row(row: &Row, of: &Declared) -> Vec<Digested> {
    of.columns.iter().filter_map(|(column, _)| cell(row, &of.table.columns[*column])).map(|cell| of_cell(row, cell)).collect()
}

fn of_cell(row: &Row, cell: &Cell) -> Digested {
    let bytes = |cell: &Cell| cell.value.as_ref().map_or_else(|| vec![0], |value| [&[1][..], value].concat());
    let parts: Vec<Vec<u8>> = row.key.iter().chain([cell]).map(bytes).collect();
    let head = [&b"row"[..], row.table.as_bytes(), cell.column.as_bytes()];
    digest(&head.into_iter().chain(parts.iter().map(Vec::as_slice)).collect::<Vec<_>>())
}

impl Since {
    /// Rows that were written since. `record` is what puts the run's rows back, and `as_before` what would put rows back that are as before the run. With `only`, no
    /// other rows than these are looked at.
    pub(in super::super) fn rows(
        &self,
        session: &mut Session,
        (record, as_before): (&[Change<Row>], &[Change<Row>]),
        only: Option<&[Place]>,
        old: &Inventory,
        (extra, drift): (&mut Extra, &mut Vec<Drift>),
    ) -> Result<(), RemapError> {
        if !self.manifest.references.iter().any(is_one) {
            return Ok(());
        }
        let now = record.iter().filter_map(Change::before).chain(as_before.iter().filter_map(Change::after));
        // A row may stand in both, with some of its columns in each.
        let mut known: FxHashMap<_, Vec<&Row>> = FxHashMap::default();
        now.for_each(|row| known.entry(row.key()).or_default().push(row));
        let only: Option<FxHashSet<(&str, &[Cell])>> = only.map(|only| only.iter().map(|(table, key)| (&**table, &key[..])).collect());
        // A table that is gone holds nothing that was written since.
        let mut there = self.manifest.clone();
        let mut tables: FxHashMap<String, bool> = FxHashMap::default();
        for entry in self.manifest.references.iter().filter(|e| is_one(e)) {
            let Store::PanelColumn { table, column, .. } = &entry.store else { continue };
            let found = session.table(table).map_err(panel_error)?;
            tables.insert(format!("{table} {column}"), found.is_some_and(|t| t.odd.is_none() && t.column(column).is_some()));
        }
        for entry in &mut there.references {
            entry.twin = None;
        }
        let is_there = |entry: &Entry| match &entry.store {
            Store::PanelColumn { table, column, .. } => tables.get(&format!("{table} {column}")).copied().unwrap_or_default(),
            _ => false,
        };
        for of in declared(session, &there, is_there)? {
            let mut compiled = Vec::new();
            for (at, entries) in &of.columns {
                compiled.push((*at, self.compile(entries, None)?));
            }
            let reading = Reading { columns: of.read(), ..Reading::default() };
            let looked = session.rows(&of.table, &reading, |row, _| {
                if only.as_ref().is_some_and(|only| !only.contains(&row.key())) {
                    return;
                }
                // Of a row of the run, what the run did not write.
                let of_run = known.get(&row.key());
                let (mut found, mut became, mut inside) = (None, Vec::new(), false);
                for (at, (spots, tags)) in &compiled {
                    let Some(now) = cell(&row, &of.table.columns[*at]) else { continue };
                    let wrote = |of_run: &Vec<&Row>| {
                        of_run.iter().any(|row| row.key.iter().chain(&row.cells).any(|cell| cell.column == now.column))
                    };
                    if of_run.is_some_and(wrote) || self.kept.contains(&of_cell(&row, now)) {
                        continue;
                    }
                    let Some(look) = now.value.as_ref().and_then(|text| look(spots, tags, text, false, old)) else { continue };
                    let entries = of.columns.iter().filter(|(column, _)| column == at).flat_map(|(_, entries)| entries);
                    inside |= entries.into_iter().any(|e| there.references[*e].is_inside());
                    if now.value.as_ref() != Some(&look.text) {
                        became.push(Cell { value: Some(look.text.clone()), ..now.clone() });
                    }
                    found = worst(found.as_ref(), Some(&look)).map(|back| super::Look { back, text: Vec::new() });
                }
                let Some(found) = found else { return };
                let what = if of_run.is_some() { "was changed since the run" } else { "was written since the run" };
                let detail = format!("{} {what}{}", row.label(), told(found.back, false, old));
                let table = of.table.name.to_string();
                // Of several ids in a value that was put back, nothing tells which one was written since.
                let acceptable = found.back.is_certain() && !(inside && only.is_some());
                drift.push(Drift { database: "panel".into(), table, detail, acceptable });
                if !became.is_empty() {
                    // A row of the run changes once: that is told apart, and joined to what the run's record says of it.
                    let of_run = of_run.is_some();
                    let cells = row.cells.iter().filter(|c| became.iter().any(|b| b.column == c.column)).cloned().collect();
                    let before = Row { cells, ..row };
                    let after = before.with(&became);
                    let to = if of_run { &mut extra.of_run } else { &mut extra.panel.rows };
                    to.push(Change::Altered { before, after });
                }
            });
            looked.map_err(panel_error)?;
        }
        Ok(())
    }
}
