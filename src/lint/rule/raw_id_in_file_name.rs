//! `raw-id-in-file-name`: a file in the var directory that is named after a raw id.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::{Encoding, Place};

/// See `rules/raw-id-in-file-name.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-file-name",
    fits: |r| matches!(r.place, Place::FileName { .. }) && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted),
    severity: Severity::Error,
    message: "the file `{place}` in the var directory is named after {ids}, which mean other objects after a restore",
    help: "name the file after the object's GUID instead",
});
