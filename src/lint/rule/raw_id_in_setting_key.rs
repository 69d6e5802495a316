//! `raw-id-in-setting-key`: a setting whose name is made with a raw id.

use super::super::Severity;
use super::super::stored::{Sort, StoredIds};
use crate::reference::{Encoding, Place};

/// See `rules/raw-id-in-setting-key.md`.
pub(super) static RULE: StoredIds = StoredIds(Sort {
    rule: "raw-id-in-setting-key",
    fits: |r| matches!(r.place, Place::SettingKey { .. }) && !matches!(r.encoding, Encoding::Hashed | Encoding::Encrypted),
    severity: Severity::Error,
    message: "the name of the setting `{place}` is made with {ids}: after a restore it is found under another object, or not at all",
    help: "keep the value with the object itself (`$domain->setSetting()`), or make the name with its GUID",
});
