//! What the rules about stored ids have in common: a finding for each reference of one sort.

use super::rule::Rule;
use super::{Context, Finding, Location, Severity};
use crate::discover::Discovery;
use crate::panel::Kind;
use crate::reference::{Confidence, Reference};

/// A sort of stored ids.
pub(super) struct Sort {
    /// The rule's id.
    pub rule: &'static str,
    /// Whether a reference is of this sort.
    pub fits: fn(&Reference) -> bool,
    /// How grave it is, when it is likely or proven and the object is a customer's.
    pub severity: Severity,
    /// What is wrong; `{place}` and `{ids}` stand for the place and for what is in it.
    pub message: &'static str,
    /// What to do.
    pub help: &'static str,
}

/// The rule that finds a sort.
pub(super) struct StoredIds(pub(super) Sort);

impl Rule for StoredIds {
    fn id(&self) -> &'static str {
        self.0.rule
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        check(&self.0, context, findings);
    }
}

/// A finding for each reference of the sort.
fn check(sort: &Sort, context: &Context<'_>, findings: &mut Vec<Finding>) {
    for discovery in context.discoveries.iter().filter(|d| (sort.fits)(&d.reference)) {
        findings.extend(finding(sort, discovery));
    }
}

fn finding(sort: &Sort, discovery: &Discovery) -> Option<Finding> {
    let reference = &discovery.reference;
    let mut sightings = discovery.sightings.iter();
    let first = sightings.next()?;
    let mut locations = vec![Location::primary(first.span, &first.label)];
    locations.extend(sightings.map(|s| Location::related(s.span, &s.label)));
    let local = reference.kinds.iter().all(|kind| !kind.facts().hosted);
    let severity = if reference.confidence == Confidence::Possible || local { Severity::Note } else { sort.severity };
    let ids = format!("raw {} ids", either(&reference.kinds));
    Some(Finding {
        rule: sort.rule,
        severity,
        confidence: reference.confidence,
        kinds: reference.kinds.clone(),
        place: Some(reference.place.clone()),
        message: sort.message.replace("{place}", &reference.place.to_string()).replace("{ids}", &ids),
        help: sort.help.to_owned(),
        locations,
        evidence: reference.evidence.clone(),
        suppressed: None,
        fingerprint: String::new(),
    })
}

/// `domain`, `domain or client`.
fn either(kinds: &[Kind]) -> String {
    kinds.iter().map(|k| k.name()).collect::<Vec<_>>().join(" or ")
}
