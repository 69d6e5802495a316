//! `raw-id-in-task`: a raw id in a background task.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::{Encoding, Place};

/// See `rules/raw-id-in-task.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-task",
    fits: |r| matches!(r.place, Place::Task { .. }) && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted),
    severity: Severity::Note,
    message: "the background task keeps {ids} in `{place}`",
    help: "a task that waits while the server is restored works on another object afterwards: give it the GUID",
});
