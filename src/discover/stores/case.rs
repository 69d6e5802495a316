//! What speaks for one reference, and the verdict.

use std::collections::BTreeMap;

use super::Written;
use crate::discover::flow::label::Strength;
use crate::discover::flow::solve::Solver;
use crate::discover::{Discovery, Sighting};
use crate::extension::source::Span;
use crate::panel::Kind;
use crate::reference::{Confidence, Encoding, Evidence, EvidenceClass, Place, Reference};

/// What speaks for one reference.
#[derive(Default)]
pub(super) struct Case {
    kinds: Vec<Kind>,
    strength: Option<Strength>,
    /// The name around the hole says it too.
    named: bool,
    /// It comes from a remote service's answer.
    pub(super) afar: bool,
    /// It stands in the lines of a log that only people read.
    pub(super) logged: bool,
    /// How ids are written in the value.
    written: Written,
    evidence: Vec<Evidence>,
    sightings: Vec<Sighting>,
}

/// All of them, by their places.
pub(super) type Cases = BTreeMap<(Place, Encoding), Case>;

impl Case {
    /// Kinds of a call's say replace those of a name's.
    pub(super) fn add(&mut self, kinds: &[Kind], strength: Strength, named: bool) {
        if self.strength.is_some_and(|s| s > strength) {
            return;
        }
        if self.strength.is_some_and(|s| s < strength) {
            *self = Case::default();
        }
        self.strength = Some(strength);
        self.named |= named;
        self.kinds.extend(kinds);
        self.kinds.sort_unstable();
        self.kinds.dedup();
    }

    /// Whether the code shows it.
    pub(super) fn is_shown(&self) -> bool {
        self.strength == Some(Strength::Shown)
    }

    pub(super) fn say(&mut self, class: EvidenceClass, text: String) {
        let evidence = Evidence { class, text };
        if !self.evidence.contains(&evidence) {
            self.evidence.push(evidence);
        }
    }

    pub(super) fn written(&mut self, written: Written) {
        self.written.add(written);
    }

    /// Whether other digits than the id's are in the name.
    pub(super) fn coded(&mut self, coded: bool) {
        self.written.coded |= coded;
    }

    /// Puts places before the others: the first one is the finding's.
    pub(super) fn sight_first(&mut self, spans: &[Span], label: &str) {
        let others = std::mem::take(&mut self.sightings);
        spans.iter().for_each(|span| self.sight(*span, label.to_owned()));
        others.into_iter().for_each(|s| self.sight(s.span, s.label));
    }

    pub(super) fn sight(&mut self, span: Span, label: String) {
        if !self.sightings.iter().any(|s| s.span == span) {
            self.sightings.push(Sighting { span, label });
        }
    }
}

/// The discovery that a case makes, if it makes one.
pub(super) fn judge(solver: &Solver<'_, '_>, place: Place, encoding: Encoding, mut case: Case) -> Option<Discovery> {
    let strength = case.strength?;
    let handles = case.kinds.iter().find(|k| solver.handles(**k));
    let confidence = match strength {
        // What was true when it was written stays so; nothing goes by it.
        _ if case.logged => Confidence::Possible,
        Strength::Shown => Confidence::Proven,
        Strength::Hinted if case.afar => Confidence::Possible,
        Strength::Hinted if handles.is_some() => Confidence::Likely,
        Strength::Hinted if case.named => Confidence::Likely,
        Strength::Hinted => Confidence::Possible,
    };
    if let (Strength::Hinted, Some(kind)) = (strength, handles) {
        let text = format!("the extension works with {kind} objects");
        case.say(EvidenceClass::Code, text);
    }
    if case.sightings.is_empty() {
        return None;
    }
    let reference = Reference { place, kinds: case.kinds, encoding, evidence: case.evidence, confidence, twin: None };
    let Written { forms, coded } = case.written;
    Some(Discovery { reference, database: None, forms, coded, sightings: case.sightings })
}
