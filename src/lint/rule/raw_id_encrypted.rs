//! `raw-id-encrypted`: a raw id inside an encrypted value.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::Encoding;

/// See `rules/raw-id-encrypted.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-encrypted",
    fits: |r| r.encoding == Encoding::Encrypted,
    severity: Severity::Error,
    message: "`{place}` stores {ids} in an encrypted value: after a restore it cannot be repaired from outside",
    help: "store the object's GUID in the value instead: without the panel's key nothing can mend it afterwards",
});
