//! What names say: of columns, variables, request parameters, and of the panel's classes and methods.

use crate::panel::Kind;
use crate::panel::catalogue::{self, Strength as Hint};

/// Words before a kind's own column name that do not change what it holds: `parent_domain_id`.
const QUALIFIERS: &[&str] = &[
    "plesk",
    "psa",
    "panel",
    "parent",
    "old",
    "new",
    "source",
    "src",
    "target",
    "dest",
    "destination",
    "main",
    "primary",
    "current",
    "base",
    "root",
    "hosting",
    "linked",
    "from",
    "to",
    "fk",
];

/// The kinds whose id a column, variable or parameter of that name holds, and how much the name says.
pub(super) fn id_kinds(name: &str) -> Option<(Vec<Kind>, Hint)> {
    if catalogue::is_look_alike(name) || catalogue::remote_word(name).is_some() {
        return None;
    }
    let kinds = |name: &str, least: Hint| {
        let all = catalogue::columns(name);
        let hint = all.first()?.1;
        (hint >= least).then(|| (all.iter().filter(|(_, h)| *h == hint).map(|(k, _)| *k).collect(), hint))
    };
    kinds(name, Hint::Weak).or_else(|| {
        let words = words(name);
        let first = words.first()?;
        (words.len() > 2 && QUALIFIERS.contains(&first.as_str())).then(|| kinds(&words[1..].concat(), Hint::Strong))?
    })
}

/// The panel's classes that a variable of that name usually holds an object of.
pub(super) fn variable_classes(variable: &str) -> impl Iterator<Item = &'static str> {
    catalogue::variables(variable)
        .iter()
        .flat_map(|k| k.facts().call.iter().filter(|c| c.gives.as_deref() == Some("id") && c.when.is_empty()).map(|c| &*c.class))
}

/// Whether `class` is one of the panel's classes that stand for an object of `kind`.
pub(super) fn is_class_of(class: &str, kind: Kind) -> bool {
    kind.facts().call.iter().any(|c| c.class.eq_ignore_ascii_case(class) && c.gives.as_deref() == Some("id"))
}

/// The words of a name: `parentDomain_id` → `parent`, `domain`, `id`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() {
            last = ' ';
            continue;
        }
        let starts = last == ' ' || (c.is_uppercase() && !last.is_uppercase());
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        last = c;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_at_underscores_and_capitals() {
        assert_eq!(words("parentDomain_id"), ["parent", "domain", "id"]);
        assert_eq!(words("DOMAIN_ID"), ["domain", "id"]);
        assert_eq!(words("domainID"), ["domain", "id"]);
    }

    #[test]
    fn a_qualifier_does_not_change_what_a_column_holds() {
        let domain: Kind = "domain".parse().unwrap();
        for name in ["domain_id", "domainId", "plesk_domain_id", "parentDomainId"] {
            let (kinds, hint) = id_kinds(name).unwrap();
            assert!(kinds.contains(&domain) && hint == Hint::Strong, "{name}");
        }
        for name in ["domain", "name", "id", "main_thing", "domain_name"] {
            assert!(id_kinds(name).is_none_or(|(_, hint)| hint == Hint::Weak), "{name}");
        }
    }
}
