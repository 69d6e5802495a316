//! One file a rule. `build.rs` lists the files of this folder: a new rule needs this folder's file and its page in `rules/`.

use super::fix::Fix;
use super::suppress::Usage;
use super::{Context, Finding};

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// A rule. Its file exports it as `RULE`; its page is `rules/<id>.md`.
pub(crate) trait Rule: Sync {
    /// Its id: the name of its page, the word in `ignore[…]`.
    fn id(&self) -> &'static str;

    /// Whether it judges data that is held against a panel, and has nothing to say without.
    fn needs_panel(&self) -> bool {
        false
    }

    /// Whether it has one finding for all of an extension, whose locations are examples.
    fn is_of_extension(&self) -> bool {
        false
    }

    /// Finds what the extension does wrong.
    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        let _ = (context, findings);
    }

    /// Finds what is wrong with the suppressions, once it is known which of them were needed, and what depends on them: `found` is what all rules found.
    fn review(&self, context: &Context<'_>, usage: &Usage<'_>, found: &[Finding], findings: &mut Vec<Finding>) {
        let _ = (context, usage, found, findings);
    }

    /// How one of its findings may be mended, the best way first.
    fn fixes(&self, context: &Context<'_>, finding: &Finding) -> Vec<Fix> {
        let _ = (context, finding);
        Vec::new()
    }
}

/// All rules, in the order of their file names.
#[must_use]
pub(crate) fn all() -> &'static [&'static dyn Rule] {
    ALL
}

/// Whether the rule of that id has one finding for all of an extension.
pub(super) fn is_of_extension(id: &str) -> bool {
    ALL.iter().any(|rule| rule.id() == id && rule.is_of_extension())
}

/// The ids of all rules, in the order of [`all`].
#[must_use]
pub fn ids() -> Vec<&'static str> {
    ALL.iter().map(|rule| rule.id()).collect()
}
