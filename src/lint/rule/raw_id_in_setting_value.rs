//! `raw-id-in-setting-value`: a setting whose value holds raw ids.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::{Encoding, Place};

/// See `rules/raw-id-in-setting-value.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-setting-value",
    fits: |r| {
        matches!(r.place, Place::Setting { .. } | Place::ObjectSetting { .. })
            && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted)
    },
    severity: Severity::Error,
    message: "`{place}` stores {ids}, which mean other objects after a restore",
    help: "store the objects' GUIDs in the value instead; a value is restored as it was, with the old ids in it",
});
