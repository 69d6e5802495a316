//! `unused-suppression`: a suppression that suppresses nothing.

use super::super::finding::SuppressedBy;
use super::super::suppress::{UNUSED, Usage};
use super::super::{Context, Finding, Location, Severity};
use super::{Rule, ids};
use crate::reference::Confidence;

pub(super) static RULE: UnusedSuppression = UnusedSuppression;

/// See `rules/unused-suppression.md`.
pub(super) struct UnusedSuppression;

impl Rule for UnusedSuppression {
    fn id(&self) -> &'static str {
        UNUSED
    }

    fn review(&self, context: &Context<'_>, usage: &Usage<'_>, findings: &mut Vec<Finding>) {
        for unneeded in usage.unneeded(context, &ids()) {
            let rule = unneeded.rule;
            let (what, help) = match unneeded.by {
                SuppressedBy::Inline => ("this comment", "delete the comment, or this rule from its list"),
                SuppressedBy::Manifest => ("this `[[lint.ignore]]`", "delete the entry, or correct its path"),
            };
            findings.push(Finding {
                rule: self.id(),
                severity: Severity::Warning,
                confidence: Confidence::Proven,
                kinds: Vec::new(),
                place: None,
                message: format!("{what} suppresses no finding of `{rule}`"),
                help: help.to_owned(),
                locations: unneeded.span.map(|span| Location::primary(span, "not needed")).into_iter().collect(),
                evidence: Vec::new(),
                suppressed: None,
                fingerprint: String::new(),
            });
        }
    }
}
