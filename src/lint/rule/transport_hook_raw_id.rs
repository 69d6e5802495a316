//! `transport-hook-raw-id`: a storage for backups that keeps what belongs to an object under its raw id.

use super::super::hooks::span;
use super::super::transport::{Sink, Spot, spots};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::panel::Kind;
use crate::reference::Confidence;

pub(super) static RULE: TransportHookRawId = TransportHookRawId;

/// See `rules/transport-hook-raw-id.md`.
pub(super) struct TransportHookRawId;

impl Rule for TransportHookRawId {
    fn id(&self) -> &'static str {
        "transport-hook-raw-id"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        findings.extend(spots(context.facts).iter().map(|spot| self.finding(spot)));
    }
}

impl TransportHookRawId {
    fn finding(&self, spot: &Spot<'_>) -> Finding {
        let kinds: Vec<Kind> = spot.facts.object_kinds.iter().filter_map(|word| word.parse().ok()).collect();
        let (severity, confidence, what, help) = match spot.sink {
            Sink::Setting => (
                Severity::Error,
                Confidence::Proven,
                "a setting is named after",
                "keep it as a setting of the object itself, which goes with it, or name it after the GUID",
            ),
            Sink::File => {
                (Severity::Error, Confidence::Proven, "a file on the server is named after", "name it after the object's GUID or its name")
            }
            Sink::Path => (
                Severity::Warning,
                Confidence::Likely,
                "a path of the storage has",
                "put the backups under the object's GUID or its name: on the restored server another object has the id, and its owner sees these backups",
            ),
        };
        Finding {
            rule: self.id(),
            severity,
            confidence,
            kinds,
            place: None,
            message: format!("{what} the raw id that the backup storage `{}` is given for its object", spot.hook),
            help: help.to_owned(),
            locations: vec![Location::primary(span(spot.script, spot.at), "the raw id is in this name")],
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::messages;

    const RULE: &str = "transport-hook-raw-id";

    fn storage(body: &str, more: &str) -> String {
        format!("<?php\nclass Store extends pm_Hook_Backup_Transport {{ {body} }}\n{more}\n")
    }

    #[test]
    fn names_with_the_id_are_told() {
        for (body, more, words) in [
            ("function token() { return pm_Settings::get('token-' . $this->_objectId); }", "", "a setting"),
            (
                "function init($type, $id) { parent::init($type, $id); $this->key = \"$type-$id\"; } function save($t) { pm_Settings::set($this->key, $t); }",
                "",
                "a setting",
            ),
            (
                "function key() { return 'k' . $this->_objectId; } function save($t) { pm_Settings::set($this->key(), $t); }",
                "",
                "a setting",
            ),
            ("function openFileWrite($p) { return fopen('/mnt/' . $this->_objectId . '/' . $p, 'wb'); }", "", "a file"),
            ("function stat($p) { return $this->api->stat('backups/' . $this->_objectId . '/' . $p); }", "", "a path"),
            (
                "function init($type, $id) { parent::init($type, $id); $this->api = new Api($id); }",
                "class Api { function __construct($owner) { $this->owner = $owner; } function list() { return $this->get($this->owner . '/list'); } }",
                "a path",
            ),
        ] {
            let said = messages(RULE, &storage(body, more));
            assert!(matches!(&said[..], [one] if one.starts_with(words)), "{body}: {said:?}");
        }
    }

    #[test]
    fn other_uses_of_the_id_are_not() {
        for (body, more) in [
            ("function token() { return (new pm_Domain($this->_objectId))->getSetting('token'); }", ""),
            ("function token() { $d = new pm_Domain($this->_objectId); return pm_Settings::get('token-' . $d->getGuid()); }", ""),
            ("function url() { return '/admin/backup/settings/id/' . $this->_objectId; }", ""),
            ("function note() { pm_Log::info('backup of object ' . $this->_objectId . ' begins'); }", ""),
            ("function token() { return pm_Settings::get('token-' . $this->_objectType); }", ""),
            ("", "class Other { function token() { return pm_Settings::get('token-' . $this->_objectId); } }"),
        ] {
            assert_eq!(messages(RULE, &storage(body, more)), Vec::<String>::new(), "{body}{more}");
        }
    }
}
