//! The catalogue's facts about backups, taken apart once.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::panel::Kind;
use crate::panel::catalogue::{self, BackupElement, BackupFormat, BackupValue};
use crate::panel::identity::{self, ColumnRef, Segment};

static FACTS: LazyLock<Facts> = LazyLock::new(Facts::build);

/// All that is known of the elements of a backup's XML.
pub(super) struct Facts {
    pub(super) format: &'static BackupFormat,
    pub(super) elements: Vec<Element>,
    by_name: FxHashMap<&'static str, Role>,
}

/// What an element is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It stands for an object or names one: an index into [`Facts::elements`].
    Object(usize),
    /// It repeats the GUID and the id of the object that it lies in.
    Check { kind: Kind, attribute: &'static str, infix: &'static str },
    /// It has an id that is of no kind.
    LeftOut(&'static str),
}

/// An element that stands for an object, or names one.
pub(super) struct Element {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) id: Option<&'static str>,
    pub(super) guid: Option<&'static str>,
    /// The columns of the kind's table that it has, each with the kind whose ids the column holds.
    pub(super) columns: Vec<(&'static str, Option<Kind>, &'static BackupValue)>,
    /// The column whose value is another object's key, spelled out inside of the element, and that key.
    pub(super) spelled: Option<(usize, Vec<Piece>)>,
    /// Whether it is one that a backup of the whole panel has.
    pub(super) whole: bool,
}

/// A piece of a key that is spelled out inside of an element.
pub(super) enum Piece {
    Text(&'static str),
    /// The text of the element at that path, or its attribute.
    Hole {
        path: &'static str,
        attribute: Option<&'static str>,
    },
}

pub(super) fn get() -> &'static Facts {
    &FACTS
}

impl Facts {
    fn build() -> Facts {
        let format = &catalogue::get().shared.backup;
        let mut facts = Facts { format, elements: Vec::new(), by_name: FxHashMap::default() };
        for kind in Kind::all() {
            for element in &kind.facts().backup {
                facts.by_name.insert(&element.element, Role::Object(facts.elements.len()));
                facts.elements.push(Element::of(kind, element, format));
            }
            for check in &kind.facts().backup_check {
                facts.by_name.insert(&check.element, Role::Check { kind, attribute: &check.attribute, infix: &check.infix });
            }
        }
        for (name, why) in &format.left_out {
            facts.by_name.insert(name, Role::LeftOut(why));
        }
        facts
    }

    /// What the element `name` is.
    pub(super) fn role(&self, name: &str) -> Option<Role> {
        self.by_name.get(name).copied()
    }

    /// Whether an element leads to objects of `kind` by their names.
    pub(super) fn is_led_to_by_name(&self, kind: Kind) -> bool {
        self.elements.iter().flat_map(|e| &e.columns).any(|(_, target, value)| *target == Some(kind) && value.name.is_some())
    }

    /// Whether a backup can tell ids of `kind`.
    pub(super) fn numbers(&self, kind: Kind) -> bool {
        self.elements.iter().any(|e| e.kind == kind && e.id.is_some())
    }
}

impl Element {
    fn of(kind: Kind, element: &'static BackupElement, format: &BackupFormat) -> Element {
        let identity = identity::of(kind);
        let holes = identity.key.iter().filter_map(|s| if let Segment::Hole(c) = s { Some(c) } else { None });
        let references: Vec<&ColumnRef> = holes.chain(&identity.parent).chain(&identity.witness).collect();
        let target = |column: &str| references.iter().find(|c| c.column == column).and_then(|c| c.kind);
        let columns: Vec<_> = element.columns.iter().map(|(column, value)| (column.as_str(), target(column), value)).collect();
        let spelled = columns.iter().enumerate().find_map(|(i, (_, _, value))| Some((i, pieces(value.key.as_deref()?))));
        Element {
            name: &element.element,
            kind,
            id: element.id.as_deref(),
            guid: element.guid.as_deref(),
            columns,
            spelled,
            whole: format.whole.contains(&element.element),
        }
    }

    /// The place of `column` among the values of this element.
    pub(super) fn column(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|(name, _, _)| *name == column)
    }
}

/// `{a/b}:{a@c}` → the text of a/b, `:`, the attribute c of a.
fn pieces(key: &'static str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = key;
    while let Some((text, after)) = rest.split_once('{') {
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        let (hole, after) = after.split_once('}').expect("the holes of keys are closed: a test reads them all");
        pieces.push(match hole.split_once('@') {
            Some((path, attribute)) => Piece::Hole { path, attribute: Some(attribute) },
            None => Piece::Hole { path: hole, attribute: None },
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_is_of_one_kind_and_its_columns_are_those_of_the_kind() {
        let facts = get();
        let checks: usize = Kind::all().map(|k| k.facts().backup_check.len()).sum();
        assert_eq!(facts.by_name.len(), facts.elements.len() + checks + facts.format.left_out.len(), "no name stands twice");
        for element in &facts.elements {
            let identity = identity::of(element.kind);
            for (column, target, value) in &element.columns {
                let in_key = identity.key.iter().any(|s| matches!(s, Segment::Hole(c) if c.column == *column));
                let reference = identity.parent.iter().chain(&identity.witness).find(|c| c.column == *column);
                assert!(in_key || reference.is_some(), "{}: the kind knows no {column}", element.name);
                let leads =
                    !value.guid.is_empty() || value.within || value.name.is_some() || value.composite.is_some() || value.key.is_some();
                assert!(!leads || target.is_some(), "{}: {column} holds no id", element.name);
                assert!(leads || value.attribute.is_some() || value.constant.is_some(), "{}: nothing gives {column}", element.name);
            }
            let own = identity.key.iter().filter_map(|s| if let Segment::Hole(c) = s { Some(c.column) } else { None });
            if element.id.is_some() {
                own.for_each(|column| assert!(element.column(column).is_some(), "{}: its key lacks {column}", element.name));
            }
        }
        assert!(facts.elements.iter().any(|e| e.whole));
    }

    #[test]
    fn keys_are_taken_apart() {
        let [Piece::Hole { path: "a/b", attribute: None }, Piece::Text(":"), Piece::Hole { path: "a", attribute: Some("c") }] =
            &pieces("{a/b}:{a@c}")[..]
        else {
            panic!("other pieces");
        };
    }
}
