//! The pivot: a place in an extension's data that holds a panel id, why we believe so, and the manifest that lists such places.
//!
//! [`discover`](crate::discover) makes references, [`lint`](crate::lint) judges them, the [`manifest`] carries them to
//! [`remap`](crate::remap).

pub mod evidence;
pub mod manifest;
pub mod place;
pub(crate) mod suggest;

pub use evidence::{Confidence, Evidence, EvidenceClass};
pub use place::Place;

use crate::panel::Kind;

/// A place that holds a panel id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The spot in the extension's data.
    pub place: Place,
    /// The kinds whose ids it may hold: one, or several when code and names leave it open. Ordered, never empty.
    pub kinds: Vec<Kind>,
    /// How the id is written there.
    pub encoding: Encoding,
    /// Why we believe it, strongest first.
    pub evidence: Vec<Evidence>,
    /// How sure we are.
    pub confidence: Confidence,
    /// A column of the same table that names the same object, where there is one.
    pub twin: Option<Twin>,
}

/// How an id is written at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// A number of its own, stored as an integer.
    Integer,
    /// A number of its own, stored as decimal text.
    Text,
    /// A part of a text: `status-12`.
    Pattern,
    /// Inside a structured value, JSON or PHP-serialized.
    Inside,
    /// Inside a hash, from which it cannot be had back.
    Hashed,
    /// Inside an encrypted value, which only the panel's key opens.
    Encrypted,
}

/// A column that names the object whose id stands beside it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Twin {
    /// The column.
    pub column: String,
    /// What it holds.
    pub holds: TwinHolds,
}

/// What a twin column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TwinHolds {
    /// The object's key: name, login, address.
    Name,
    /// Its GUID.
    Guid,
}
