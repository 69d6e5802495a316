//! `raw-id-in-column-value`: a structured value in a column with raw ids inside.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::Encoding;

/// See `rules/raw-id-in-column-value.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-column-value",
    fits: |r| matches!(r.place.as_column(), Some((.., Some(_)))) && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted),
    severity: Severity::Error,
    message: "`{place}` stores {ids} inside a value, which mean other objects after a restore",
    help: "store the objects' GUIDs inside the value instead, or declare the place in reguid.toml (`reguid references --write`)",
});
