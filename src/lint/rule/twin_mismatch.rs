//! `twin-mismatch`: the id of one object is stored beside the name of another.

use super::super::held::{HeldPlace, finding};
use super::super::{Context, Finding, Severity};
use super::Rule;
use crate::reference::Confidence;

pub(super) static RULE: TwinMismatch = TwinMismatch;

/// As many ids must agree with their twins before the data itself proves what the columns hold.
const ENOUGH: u64 = 5;

/// See `rules/twin-mismatch.md`.
pub(super) struct TwinMismatch;

impl Rule for TwinMismatch {
    fn id(&self) -> &'static str {
        "twin-mismatch"
    }

    fn needs_panel(&self) -> bool {
        true
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        let Some(held) = context.held else { return };
        for place in held.places.iter().filter(|place| place.disagreeing.count > 0) {
            findings.extend(self.finding(context, &held.panel, place));
        }
    }
}

impl TwinMismatch {
    fn finding(&self, context: &Context<'_>, panel: &str, held: &HeldPlace) -> Option<Finding> {
        let HeldPlace { within, place, kind, disagreeing, .. } = held;
        let agree = held.right >= ENOUGH && held.right > disagreeing.count;
        let confidence = if agree { held.confidence.max(Confidence::Likely) } else { held.confidence };
        let message = format!(
            "{} of {} {kind} ids in `{place}`{within} are those of another {kind} on {panel} than `{}` beside them names",
            disagreeing.count,
            held.ids(),
            held.twin.as_deref().unwrap_or_default()
        );
        let help = "if the panel was restored since they were written, `reguid fix` gives them their new ids; until then the extension takes one object \
                    for another";
        finding(context, (held, disagreeing), (self.id(), Severity::Error, confidence), message, help)
    }
}
