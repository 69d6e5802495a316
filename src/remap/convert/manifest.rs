//! What a conversion changes in the manifest.

use super::Conversion;
use crate::reference::Place;
use crate::reference::manifest::Manifest;
use crate::reference::manifest::holds::{Edited, Turned, turned};
use crate::reference::manifest::merge::MergeError;

/// The manifest as it must be once the conversion is done.
///
/// # Errors
/// It would not be valid.
pub fn manifest(manifest: &Manifest, conversion: &Conversion) -> Result<Edited, MergeError> {
    let columns: Vec<Turned> = conversion
        .places
        .iter()
        .filter_map(|p| match &p.place {
            Place::Column { table, column, .. } => Some(Turned {
                database: p.database.clone(),
                table: table.clone(),
                column: column.clone(),
                kind: p.kind,
                holds: conversion.form.holds(),
                beside: p.beside.clone(),
            }),
            _ => None,
        })
        .collect();
    turned(manifest, &columns)
}
