//! `raw-id-hashed`: a raw id inside a hash.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::Encoding;

/// See `rules/raw-id-hashed.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-hashed",
    fits: |r| r.encoding == Encoding::Hashed,
    severity: Severity::Error,
    message: "`{place}` is made with a hash of {ids}: after a restore it cannot be repaired",
    help: "hash the object's GUID instead: what a hash was made of cannot be had back, so nothing can mend it afterwards",
});
