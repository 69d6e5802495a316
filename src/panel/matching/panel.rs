//! Whether two inventories are of one panel. Decided before anything is matched: what an equal id is worth depends on it.
//!
//! A panel counts ids upwards and gives none twice. So on one panel an object that was put back has an id above all that were known; and an object that was
//! never gone has its old one.

use super::Matching;
use crate::panel::mapping::{Panel, Relation};
use crate::panel::{Inventory, Kind, Object};

/// What the objects that both inventories know, by their GUIDs, tell.
#[derive(Default)]
struct Known<'a> {
    /// Objects with the same id in both.
    kept: u64,
    /// Objects with another id now.
    changed: u64,
    /// One that has another id now, and one that was in use already.
    reused: Option<(&'a Object, &'a Object)>,
}

impl<'a> Matching<'a> {
    /// Whether the inventories are of one panel.
    pub(super) fn relation(&self) -> Relation {
        let relation = self.by_the_data();
        if !self.settings.another_panel || relation.panel == Panel::Another {
            return relation;
        }
        Relation { panel: Panel::Another, evidence: format!("a person said so, though {}", relation.evidence) }
    }

    /// What the data tells of that.
    fn by_the_data(&self) -> Relation {
        let told = |panel, evidence| Relation { panel, evidence };
        if let Some((old, new)) = built_in_pair(self.old, self.new).filter(|(old, new)| old.guid != new.guid) {
            return told(Panel::Another, format!("{} and {} have different GUIDs", old.label(), new.label()));
        }
        let known = self.known();
        let common = known.kept + known.changed;
        match known {
            Known { reused: Some((old, new)), .. } => {
                told(Panel::Another, format!("{} has the id {} now, and a panel gives no id twice", old.label(), new.id))
            }
            Known { kept: 1.., .. } => {
                told(Panel::Same, format!("{} of {common} objects with known GUIDs have kept their ids", known.kept))
            }
            Known { changed: 1.., .. } => told(Panel::Unknown, format!("all {common} objects with known GUIDs have new ids")),
            Known { .. } => told(Panel::Unknown, "no object has a GUID that both states know".to_owned()),
        }
    }

    fn known(&self) -> Known<'a> {
        let mut known = Known::default();
        // A GUID that is lent by another object tells what that one tells.
        for kind in Kind::all().filter(|k| k.facts().table.as_ref().is_some_and(|t| t.guid.is_some())) {
            let (olds, news) = (self.old.of_kind(kind), self.new.of_kind(kind));
            let Some(highest) = olds.last().map(|o| o.id) else { continue };
            for (old, hit) in olds.iter().zip(&self.hits[kind.index()]) {
                let Some(new) = hit.of(news) else { continue };
                if is_built_in(old) {
                    continue;
                }
                if old.id == new.id {
                    known.kept += 1;
                } else {
                    known.changed += 1;
                    if new.id <= highest && known.reused.is_none() {
                        known.reused = Some((old, new));
                    }
                }
            }
        }
        known
    }
}

/// Whether every panel has one such object: its key says so.
pub(super) fn is_built_in(object: &Object) -> bool {
    let built_in = object.kind.facts().table.as_ref().map_or(&[] as &[String], |t| &t.built_in);
    !built_in.is_empty() && built_in.contains(&super::normal(&object.name))
}

/// The built-in object that both inventories know, with the GUIDs that their panels gave it.
fn built_in_pair<'a>(old: &'a Inventory, new: &'a Inventory) -> Option<(&'a Object, &'a Object)> {
    Kind::all().filter(|k| k.facts().table.as_ref().is_some_and(|t| !t.built_in.is_empty())).find_map(|kind| {
        let one = |inventory: &'a Inventory| inventory.of_kind(kind).iter().find(|o| o.guid.is_some() && is_built_in(o));
        one(old).zip(one(new))
    })
}
