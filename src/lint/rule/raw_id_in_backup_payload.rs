//! `raw-id-in-backup-payload`: a raw id in what a backup hook hands to the backup.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::{Encoding, Place};

/// See `rules/raw-id-in-backup-payload.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-backup-payload",
    fits: |r| matches!(r.place, Place::BackupPayload { .. }) && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted),
    severity: Severity::Error,
    message: "the backup hook hands {ids} to the backup: `{place}`",
    help: "hand over the GUID or the name, and look the object up by it in `restore()`",
});
