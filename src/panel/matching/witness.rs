//! Second witnesses: what else speaks for or against a match by name.

use rustc_hash::FxHashMap;

use crate::panel::mapping::Match;
use crate::panel::{Kind, Object, identity};

/// What the witnesses of two objects of one kind say.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// The columns that agree.
    pub(super) agreeing: Vec<&'static str>,
    /// Whether a reference leads to another object than the match of the one it led to.
    pub(super) contradicted: bool,
}

impl Verdict {
    /// Whether they are enough for a match.
    pub(super) fn corroborates(&self) -> bool {
        !self.agreeing.is_empty() && !self.contradicted
    }

    /// The match's evidence, for a person.
    pub(super) fn evidence(&self) -> String {
        format!("same name; same {}", self.agreeing.join(", "))
    }

    /// Why they are not enough.
    pub(super) fn doubt(&self) -> &'static str {
        if self.contradicted { "same name, but it belongs to another object than before" } else { "same name, and nothing else agrees" }
    }
}

/// Compares the witnesses of `old` and `new`: references through what is matched already, other columns by their texts.
pub(super) fn compare(old: &Object, new: &Object, matches: &FxHashMap<(Kind, i64), Match>) -> Verdict {
    let identity = identity::of(old.kind);
    let mut verdict = Verdict::default();
    if let (Some(then), Some(now)) = (old.parent, new.parent) {
        let column = identity.parent.as_ref().map_or(then.0.name(), |p| p.column);
        verdict.reference(column, then, now, matches);
    }
    for ((column, then), now) in identity.witness.iter().zip(&old.witness).zip(&new.witness) {
        match column.kind {
            Some(kind) => {
                if let (Ok(then), Ok(now)) = (then.parse(), now.parse()) {
                    verdict.reference(column.column, (kind, then), (kind, now), matches);
                }
            }
            None if !is_unset(then) && then == now => verdict.agreeing.push(column.column),
            None => {}
        }
    }
    verdict
}

impl Verdict {
    /// Whether the object that the one led to is now the object that the other leads to. The panel writes 0 for none, which agrees with nothing.
    fn reference(&mut self, column: &'static str, then: (Kind, i64), now: (Kind, i64), matches: &FxHashMap<(Kind, i64), Match>) {
        if then.1 == 0 && now.1 == 0 {
            return;
        }
        if then.1 == 0 || now.1 == 0 || then.0 != now.0 {
            self.contradicted = true;
            return;
        }
        match matches.get(&then) {
            Some(Match::Found { new, .. }) if *new == now.1 => self.agreeing.push(column),
            Some(Match::Found { .. }) => self.contradicted = true,
            _ => {}
        }
    }
}

/// Whether `text` stands for "not set": nothing, 0, or a date of zeros.
fn is_unset(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0' | b'-' | b':' | b' '))
}
