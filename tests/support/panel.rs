//! Snapshot files of small panels.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use reguid::panel::inventory::Origin;
use reguid::panel::{Guid, Inventory, Kind, Object};

/// An object.
pub struct Line(Object);

impl Line {
    pub fn of(kind: &str, id: i64, name: &str) -> Line {
        let kind: Kind = kind.parse().unwrap();
        let witness = kind.facts().table.as_ref().unwrap().witness.iter().map(|_| "".into()).collect();
        Line(Object { kind, id, guid: None, name: name.into(), parent: None, witness })
    }

    /// With a GUID of this number; 0 for none.
    pub fn guid(mut self, number: u32) -> Line {
        self.0.guid = Guid::parse(guid(number).as_bytes()).filter(|_| number > 0);
        self
    }

    /// Belonging to that object; 0 for none.
    pub fn parent(mut self, kind: &str, id: i64) -> Line {
        self.0.parent = (id > 0).then(|| (kind.parse().unwrap(), id));
        self
    }
}

/// The GUID of a number.
pub fn guid(number: u32) -> String {
    format!("{number:08x}-1111-4111-8111-111111111111")
}

/// A snapshot file of a panel of these objects, that can tell of domains, clients and mailboxes.
pub fn panel(source: &str, objects: impl IntoIterator<Item = Line>) -> Vec<u8> {
    let carried = ["client", "domain", "mailbox"].map(|k| k.parse().unwrap()).to_vec();
    let objects = objects.into_iter().map(|l| l.0).collect();
    let inventory = Inventory::new(Origin { source: source.into(), taken: Some("2026-01-02".into()) }, objects, carried);
    let folder = tempfile::tempdir().unwrap();
    let path = camino::Utf8PathBuf::from_path_buf(folder.path().join("x.snapshot")).unwrap();
    reguid::panel::source::snapshot::write(&inventory, &path).unwrap();
    std::fs::read(path).unwrap()
}
