//! `raw-id-in-session`: a raw id in the user's session.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::{Encoding, Place};

/// See `rules/raw-id-in-session.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-session",
    fits: |r| matches!(r.place, Place::Session { .. }) && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted),
    severity: Severity::Note,
    message: "the session keeps {ids} in `{place}`",
    help: "a session rarely outlives a restore: nothing is to be done, unless it is stored for longer",
});
