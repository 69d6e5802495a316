//! Second witnesses: what else speaks for or against a match by name, and whether a parent speaks against a match of any sort.

use super::Matching;
use crate::panel::mapping::{Match, Panel};
use crate::panel::{Kind, Object, identity};

/// What the witnesses of two objects of one kind say.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// What agrees.
    agreeing: Vec<&'static str>,
    /// The reference that leads to another object than what the one became that it led to.
    contradiction: Option<Contradiction>,
}

/// A reference that leads elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contradiction {
    column: &'static str,
    then: (Kind, i64),
    now: (Kind, i64),
}

impl Verdict {
    /// Whether anything beside the name agrees.
    pub(super) fn agrees(&self) -> bool {
        !self.agreeing.is_empty()
    }

    /// Whether they are enough for a match.
    pub(super) fn corroborates(&self) -> bool {
        self.agrees() && self.contradiction.is_none()
    }

    /// The reference that speaks against it.
    pub(super) fn contradiction(&self) -> Option<Contradiction> {
        self.contradiction
    }

    /// The match's evidence, for a person.
    pub(super) fn evidence(&self) -> String {
        if self.agreeing.is_empty() { "same name".to_owned() } else { format!("same name; same {}", self.agreeing.join(", ")) }
    }
}

/// Where a reference leads, beside where it led.
enum Led {
    /// To what the object became that it led to.
    Same,
    /// To another object.
    Elsewhere,
    /// Nothing is known of what became of that object.
    Unknown,
}

impl Matching<'_> {
    /// Compares the witnesses of `old` and `new`: references through what is matched already, other columns by their texts.
    pub(super) fn compare(&self, old: &Object, new: &Object) -> Verdict {
        let identity = identity::of(old.kind);
        let mut verdict = Verdict::default();
        if self.relation.panel == Panel::Same && old.id == new.id && !self.old.is_gone(old.kind, old.id) {
            verdict.agreeing.push("id on the same panel");
        }
        if let (Some(then), Some(now)) = (old.parent, new.parent) {
            self.reference(&mut verdict, parent_column(old, then), then, now);
        }
        for ((column, then), now) in identity.witness.iter().zip(&old.witness).zip(&new.witness) {
            match column.kind {
                Some(kind) => {
                    if let (Ok(then), Ok(now)) = (then.parse(), now.parse()) {
                        self.reference(&mut verdict, column.column, (kind, then), (kind, now));
                    }
                }
                None if !is_unset(then) && then == now => verdict.agreeing.push(column.column),
                None => {}
            }
        }
        verdict
    }

    fn reference(&self, verdict: &mut Verdict, column: &'static str, then: (Kind, i64), now: (Kind, i64)) {
        match self.led(then, now) {
            Led::Same => verdict.agreeing.push(column),
            Led::Elsewhere => verdict.contradiction = verdict.contradiction.or(Some(Contradiction { column, then, now })),
            Led::Unknown => {}
        }
    }

    /// Whether `now` is what `then` became. The panel writes 0 for none, which agrees with nothing.
    fn led(&self, then: (Kind, i64), now: (Kind, i64)) -> Led {
        if then.1 == 0 && now.1 == 0 {
            return Led::Unknown;
        }
        if then.1 == 0 || now.1 == 0 || then.0 != now.0 {
            return Led::Elsewhere;
        }
        // Who belongs to another one than before is still who its GUID says that it is.
        match self.became(then.0, then.1) {
            Some(Match::Found { new, .. }) => return if *new == now.1 { Led::Same } else { Led::Elsewhere },
            Some(Match::Moved { candidate, rung }) if rung.by_guid() => {
                return if *candidate == now.1 { Led::Same } else { Led::Elsewhere };
            }
            _ => {}
        }
        let guid = |inventory: &crate::panel::Inventory, (kind, id)| inventory.get(kind, id).and_then(|o| o.guid);
        match (guid(self.old, then), guid(self.new, now)) {
            (Some(then), Some(now)) if then != now => Led::Elsewhere,
            _ => Led::Unknown,
        }
    }

    /// The parent's disagreement with the match of `old` with `new`, if there is one.
    pub(super) fn moved(&self, old: &Object, new: &Object) -> Option<Contradiction> {
        let (then, now) = old.parent.zip(new.parent)?;
        matches!(self.led(then, now), Led::Elsewhere).then(|| Contradiction { column: parent_column(old, then), then, now })
    }

    /// The contradiction, for a person: who the object belonged to, what became of that one, and who it belongs to.
    pub(super) fn told(&self, contradiction: Contradiction) -> String {
        let Contradiction { column, then, now } = contradiction;
        let label = |inventory: &crate::panel::Inventory, (kind, id): (Kind, i64)| match id {
            0 => format!("no {kind}"),
            _ => inventory.get(kind, id).map_or_else(|| format!("{kind} {id}"), Object::label),
        };
        let became = match self.became(then.0, then.1) {
            Some(Match::Found { new, .. } | Match::Moved { candidate: new, .. }) => format!(", now {}", label(self.new, (then.0, *new))),
            _ => String::new(),
        };
        format!("it belonged to {}{became}, and belongs to {} ({column})", label(self.old, then), label(self.new, now))
    }
}

/// The column with the parent's id, as evidence names it.
fn parent_column(object: &Object, parent: (Kind, i64)) -> &'static str {
    identity::of(object.kind).parent.as_ref().map_or(parent.0.name(), |p| p.column)
}

/// Whether `text` stands for "not set": nothing, 0, or a date of zeros.
fn is_unset(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0' | b'-' | b':' | b' '))
}
