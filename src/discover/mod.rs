//! From facts to references: which places hold panel ids, by their names, by the code that writes them, by the data.

use crate::extension::source::Span;
use crate::reference::Reference;

/// A reference with the places in the extension's files that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// The reference.
    pub reference: Reference,
    /// The databases that hold the place, as globs relative to the var directory where known, else `*`.
    pub database: Option<String>,
    /// Where it shows: the first is the primary one (the declaration, if there is one).
    pub sightings: Vec<Sighting>,
}

/// A spot in a file that shows a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The spot.
    pub span: Span,
    /// What is seen there, in a few words: `declared here`, `written from pm_Domain::getId()`.
    pub label: String,
}

/// Stand-in until discovery is merged: finds nothing.
#[must_use]
pub fn discover(_extension: &crate::extension::Extension) -> Vec<Discovery> {
    Vec::new()
}
