//! `raw-id-in-file`: a file in the var directory that holds raw ids.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::{Encoding, Place};

/// See `rules/raw-id-in-file.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-file",
    fits: |r| matches!(r.place, Place::File { .. }) && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted),
    severity: Severity::Error,
    message: "the file `{place}` in the var directory stores {ids}, which mean other objects after a restore",
    help: "store the objects' GUIDs in the file instead",
});
