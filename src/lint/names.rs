//! What rules are called: by id; by a code, which stays when the id changes; by the ids that they had before. Each is as good as the id wherever a person
//! names a rule; what is written by this program has the id.

use super::page::{self, Page};
use crate::reference::suggest::nearest_rule;

/// Every name of every rule, each with the rule's id.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static str)> {
    page::all().iter().flat_map(|page| page.names().map(|name| (name, page.id))).collect()
}

/// The id of the rule of that name.
pub(crate) fn id(name: &str) -> Option<&'static str> {
    among(page::all(), name).map(|page| page.id)
}

/// The name that was probably meant by one that is no rule's.
pub(crate) fn meant(name: &str) -> Option<&'static str> {
    nearest_rule(name, &all())
}

/// What a person is told who uses a name that a rule had before.
#[must_use]
pub fn note(name: &str) -> Option<String> {
    note_among(page::all(), name)
}

/// The page among `pages` whose rule has that name.
pub(super) fn among<'p>(pages: &'p [Page], name: &str) -> Option<&'p Page> {
    pages.iter().find(|page| page.names().any(|own| own == name))
}

fn note_among(pages: &[Page], name: &str) -> Option<String> {
    let page = among(pages, name).filter(|page| page.aliases.contains(&name))?;
    Some(format!("`{name}` is the former name of `{}`: write that", page.id))
}

impl Page {
    /// All that the rule is called by.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.id, self.code].into_iter().chain(self.aliases.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed() -> Vec<Page> {
        let page = page::find("raw-id-column").unwrap().clone();
        vec![Page { id: "other", code: "RG998", ..page.clone() }, Page { id: "new", code: "RG999", aliases: vec!["old", "older"], ..page }]
    }

    #[test]
    fn a_rule_is_found_by_each_of_its_names() {
        let pages = renamed();
        for (name, expected) in [
            ("new", Some("new")),
            ("RG999", Some("new")),
            ("old", Some("new")),
            ("older", Some("new")),
            ("RG998", Some("other")),
            ("ol", None),
        ] {
            assert_eq!(among(&pages, name).map(|page| page.id), expected, "{name}");
        }
    }

    #[test]
    fn only_a_former_name_is_noted() {
        let pages = renamed();
        assert_eq!(note_among(&pages, "old").as_deref(), Some("`old` is the former name of `new`: write that"));
        for name in ["new", "RG999", "other", "nope"] {
            assert_eq!(note_among(&pages, name), None, "{name}");
        }
    }

    #[test]
    fn the_nearest_rule_is_named_and_never_the_nearest_code() {
        assert_eq!((id("RG001"), id("raw-id-column"), id("RG000")), (Some("raw-id-column"), Some("raw-id-column"), None));
        for (name, expected) in [("raw-id-colum", Some("raw-id-column")), ("rg001", Some("RG001")), ("RG000", None), ("RG01", None)] {
            assert_eq!(meant(name), expected, "{name}");
        }
    }
}
