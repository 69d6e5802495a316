//! `unused-suppression`: a suppression that suppresses nothing.

use super::super::finding::SuppressedBy;
use super::super::fix::{Fix, remove_entry, remove_from_comment};
use super::super::suppress::{UNUSED, Usage};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::reference::Confidence;

pub(super) static RULE: UnusedSuppression = UnusedSuppression;

/// See `rules/unused-suppression.md`.
pub(super) struct UnusedSuppression;

impl Rule for UnusedSuppression {
    fn id(&self) -> &'static str {
        UNUSED
    }

    fn review(&self, context: &Context<'_>, usage: &Usage<'_>, _: &[Finding], findings: &mut Vec<Finding>) {
        for unneeded in usage.unneeded(context) {
            let rule = unneeded.rule;
            let (what, help) = match unneeded.by {
                SuppressedBy::Inline => ("this comment", "delete the comment, or this rule from its list"),
                // A baseline's entries are judged where it is read.
                SuppressedBy::Manifest | SuppressedBy::Baseline => ("this `[[lint.ignore]]`", "delete the entry, or correct its path"),
            };
            // Who expects a finding says that something is still to be done there: it is news that it is gone.
            let severity = if unneeded.expected { Severity::Error } else { Severity::Warning };
            let message = if unneeded.expected {
                format!("this comment expects a finding of `{rule}`, and there is none")
            } else {
                format!("{what} suppresses no finding of `{rule}`")
            };
            findings.push(Finding {
                rule: self.id(),
                severity,
                confidence: Confidence::Proven,
                kinds: Vec::new(),
                place: None,
                message,
                help: help.to_owned(),
                locations: unneeded.span.map(|span| Location::primary(span, "not needed")).into_iter().collect(),
                evidence: Vec::new(),
                suppressed: None,
                fingerprint: String::new(),
            });
        }
    }

    fn fixes(&self, context: &Context<'_>, finding: &Finding) -> Vec<Fix> {
        let Some(location) = finding.locations.first() else { return Vec::new() };
        let fix = remove_from_comment(context, location.span).or_else(|| remove_entry(context, location.span));
        fix.into_iter().collect()
    }
}
