//! What the rules about stored ids have in common: a finding for each reference of one sort.

use super::fix::{Fix, declare, keep_guid};
use super::rule::Rule;
use super::{Context, Finding, Location, Severity};
use crate::discover::{Discovery, entries};
use crate::panel::Kind;
use crate::reference::{Confidence, Encoding, Reference};

/// What is said of a place that the manifest declares.
const DECLARED: &str = "; declared in reguid.toml: `reguid fix` mends it after a restore";
const DECLARED_HELP: &str = "nothing is to be done before a release; after a restore run `reguid fix`";

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

    fn fixes(&self, context: &Context<'_>, finding: &Finding) -> Vec<Fix> {
        [declare(context, finding), keep_guid(context, finding)].into_iter().flatten().collect()
    }
}

/// A finding for each reference of the sort.
fn check(sort: &Sort, context: &Context<'_>, findings: &mut Vec<Finding>) {
    for discovery in context.discoveries.iter().filter(|d| (sort.fits)(&d.reference)) {
        findings.extend(finding(sort, context, discovery));
    }
}

fn finding(sort: &Sort, context: &Context<'_>, discovery: &Discovery) -> Option<Finding> {
    let reference = &discovery.reference;
    let mut sightings = discovery.sightings.iter();
    let first = sightings.next()?;
    let mut locations = vec![Location::primary(first.span, &first.label)];
    locations.extend(sightings.map(|s| Location::related(s.span, &s.label)));
    let local = reference.kinds.iter().all(|kind| !kind.facts().hosted);
    let store = entries::store(&reference.place, discovery.database.as_deref());
    let fixable = !matches!(reference.encoding, Encoding::Hashed | Encoding::Encrypted);
    let declared = fixable && store.is_some_and(|store| context.manifest.is_some_and(|m| m.declared(&store).is_some()));
    let mild = reference.confidence == Confidence::Possible || local || declared;
    let severity = if mild { Severity::Note } else { sort.severity };
    let (said, help) = if declared { (DECLARED, DECLARED_HELP) } else { ("", sort.help) };
    let ids = format!("raw {} ids", either(&reference.kinds));
    Some(Finding {
        rule: sort.rule,
        severity,
        confidence: reference.confidence,
        kinds: reference.kinds.clone(),
        place: Some(reference.place.clone()),
        message: sort.message.replace("{place}", &reference.place.to_string()).replace("{ids}", &ids) + said,
        help: help.to_owned(),
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
