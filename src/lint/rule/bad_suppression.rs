//! `bad-suppression`: a comment that is meant to suppress a finding and does not.

use super::super::fix::{Fix, Safety, directive_at, remove_from_comment, rename_rule};
use super::super::suppress::{Directive, Flaw};
use super::super::{Context, Finding, Location, Severity, names};
use super::{Rule, ids};
use crate::reference::Confidence;

pub(super) static RULE: BadSuppression = BadSuppression;

/// See `rules/bad-suppression.md`.
pub(super) struct BadSuppression;

impl Rule for BadSuppression {
    fn id(&self) -> &'static str {
        "bad-suppression"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for directive in context.directives {
            if let Some(flaw) = &directive.flaw {
                findings.push(self.finding(directive, flaw));
            }
        }
    }

    fn fixes(&self, context: &Context<'_>, finding: &Finding) -> Vec<Fix> {
        let Some(at) = finding.locations.first().map(|l| l.span) else { return Vec::new() };
        let Some(Flaw::UnknownRule { name, .. }) = directive_at(context, at).and_then(|d| d.flaw.as_ref()) else { return Vec::new() };
        let fix = match names::meant(name) {
            Some(meant) => Some(rename_rule(context, at, meant)),
            // It may have been the name of a rule of an older release, which somebody still means.
            None => remove_from_comment(context, at).map(|fix| Fix { safety: Safety::Unsafe, ..fix }),
        };
        fix.into_iter().collect()
    }
}

impl BadSuppression {
    fn finding(&self, directive: &Directive, flaw: &Flaw) -> Finding {
        let spelling = "write `reguid: ignore[rule] reason`".to_owned();
        let (message, help, span, label) = match flaw {
            Flaw::Malformed => ("this suppression is not spelt as one".to_owned(), spelling, directive.at, "suppresses nothing"),
            Flaw::NoRule => ("this suppression names no rule".to_owned(), spelling, directive.at, "suppresses nothing"),
            Flaw::NoReason => (
                "this suppression gives no reason".to_owned(),
                "say after the bracket why the finding does no harm here; without a reason it suppresses nothing".to_owned(),
                directive.at,
                "no reason",
            ),
            Flaw::NoEnd => (
                "this suppression of a block has no end".to_owned(),
                "write `reguid: ignore-end[rule]` below, with the same rules; `ignore-file` is for the whole file".to_owned(),
                directive.at,
                "suppresses nothing",
            ),
            Flaw::NoStart => (
                "this ends the suppression of a block that does not begin".to_owned(),
                "write `reguid: ignore-start[rule] reason` above, with the same rules, or delete this".to_owned(),
                directive.at,
                "ends nothing",
            ),
            Flaw::UnknownRule { name, at } => {
                let help = match names::meant(name) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the rules are {}", ids().join(", ")),
                };
                (format!("this suppression names an unknown rule `{name}`"), help, *at, "no such rule")
            }
        };
        Finding::of((self.id(), Severity::Warning, Confidence::Proven), message, help, vec![Location::primary(span, label)])
    }
}
