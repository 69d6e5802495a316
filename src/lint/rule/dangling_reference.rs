//! `dangling-reference`: stored ids are of objects that the panel does not have.

use super::super::held::{HeldPlace, finding};
use super::super::{Context, Finding, Severity};
use super::Rule;

pub(super) static RULE: DanglingReference = DanglingReference;

/// See `rules/dangling-reference.md`.
pub(super) struct DanglingReference;

impl Rule for DanglingReference {
    fn id(&self) -> &'static str {
        "dangling-reference"
    }

    fn needs_panel(&self) -> bool {
        true
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        let Some(held) = context.held else { return };
        for place in held.places.iter().filter(|place| place.dangling.count > 0) {
            findings.extend(self.finding(context, &held.panel, place));
        }
    }
}

impl DanglingReference {
    fn finding(&self, context: &Context<'_>, panel: &str, held: &HeldPlace) -> Option<Finding> {
        let HeldPlace { within, place, kind, dangling, .. } = held;
        let message = format!("{} of {} {kind} ids in `{place}`{within} are of no {kind} that {panel} knows", dangling.count, held.ids());
        let help = "if the panel was restored since they were written, `reguid fix` gives them their new ids; what belongs to deleted objects is for the \
                    extension to delete";
        finding(context, (held, dangling), (self.id(), Severity::Warning, held.confidence), message, help)
    }
}
