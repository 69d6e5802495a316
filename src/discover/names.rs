//! What names say: of columns, variables, request parameters, and of the panel's classes and methods.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::panel::Kind;
use crate::panel::catalogue::{self, Call, fold};

static LOOKUP: LazyLock<Lookup> = LazyLock::new(Lookup::new);

/// Words before a kind's own column name that do not change what it holds: `parent_domain_id`.
const QUALIFIERS: &[&str] = &[
    "plesk", "psa", "panel", "parent", "old", "new", "source", "src", "target", "dest", "destination", "main", "primary", "current", "base",
    "root", "hosting", "linked", "from", "to", "fk",
];

#[derive(Default)]
struct Lookup {
    strong: FxHashMap<String, Vec<Kind>>,
    weak: FxHashMap<String, Vec<Kind>>,
    twins: FxHashMap<String, Vec<Kind>>,
    guids: FxHashMap<String, Vec<Kind>>,
    parameters: FxHashMap<String, Vec<Kind>>,
    variables: FxHashMap<String, Vec<Kind>>,
    calls: FxHashMap<String, FxHashMap<String, Vec<(Kind, &'static Call)>>>,
    look_alikes: Vec<String>,
    foreign: Vec<String>,
}

impl Lookup {
    fn new() -> Lookup {
        let mut lookup = Lookup::default();
        for kind in Kind::all() {
            let names = &kind.facts().names;
            for (map, list) in [
                (&mut lookup.strong, &names.columns),
                (&mut lookup.weak, &names.weak),
                (&mut lookup.twins, &names.keys),
                (&mut lookup.guids, &names.guids),
                (&mut lookup.parameters, &names.parameters),
                (&mut lookup.variables, &names.variables),
            ] {
                for name in list {
                    map.entry(fold(name)).or_default().push(kind);
                }
            }
            for call in &kind.facts().call {
                let methods = lookup.calls.entry(call.class.to_ascii_lowercase()).or_default();
                methods.entry(call.method.to_ascii_lowercase()).or_default().push((kind, call));
            }
        }
        let shared = &catalogue::get().shared;
        lookup.look_alikes = shared.look_alikes.iter().map(|n| fold(n)).collect();
        lookup.foreign = shared.foreign_words.iter().map(|n| fold(n)).collect();
        lookup
    }
}

/// What a column's name says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hint {
    /// Often this kind's id.
    Weak,
    /// This kind's id wherever it occurs.
    Strong,
}

/// The kinds whose id a column, variable or parameter of that name holds.
pub(super) fn id_kinds(name: &str) -> Option<(Vec<Kind>, Hint)> {
    let folded = fold(name);
    if LOOKUP.look_alikes.contains(&folded) {
        return None;
    }
    if let Some(kinds) = LOOKUP.strong.get(&folded) {
        return Some((kinds.clone(), Hint::Strong));
    }
    if let Some(kinds) = LOOKUP.weak.get(&folded) {
        return Some((kinds.clone(), Hint::Weak));
    }
    let words = words(name);
    let first = words.first()?;
    if words.len() > 2 && QUALIFIERS.contains(&first.as_str()) {
        return LOOKUP.strong.get(&words[1..].concat()).map(|kinds| (kinds.clone(), Hint::Strong));
    }
    None
}

/// Whether a name says that it belongs to a remote service.
pub(super) fn is_foreign(name: &str) -> bool {
    let words = words(name);
    LOOKUP.foreign.iter().any(|f| words.contains(f))
}

/// The kinds whose key (name, login, address) stands in a column of that name.
pub(super) fn key_kinds(column: &str) -> &'static [Kind] {
    LOOKUP.twins.get(&fold(column)).map_or(&[], Vec::as_slice)
}

/// The kinds whose GUID stands in a column of that name.
pub(super) fn guid_kinds(column: &str) -> &'static [Kind] {
    LOOKUP.guids.get(&fold(column)).map_or(&[], Vec::as_slice)
}

/// The kinds whose id a request parameter of that name carries.
pub(super) fn request_kinds(parameter: &str) -> &'static [Kind] {
    LOOKUP.parameters.get(&fold(parameter)).map_or(&[], Vec::as_slice)
}

/// The panel's classes that a variable of that name usually holds an object of.
pub(super) fn variable_classes(variable: &str) -> impl Iterator<Item = &'static str> {
    let kinds = LOOKUP.variables.get(&fold(variable)).map_or(&[][..], Vec::as_slice);
    kinds.iter().flat_map(|k| k.facts().call.iter().filter(|c| c.gives.as_deref() == Some("id") && c.when.is_empty()).map(|c| &*c.class))
}

/// What is known of `class::method` (both in lower case), kind by kind.
pub(super) fn calls(class: &str, method: &str) -> &'static [(Kind, &'static Call)] {
    LOOKUP.calls.get(class).and_then(|methods| methods.get(method)).map_or(&[], Vec::as_slice)
}

/// Whether `class` (in lower case) is one of the panel's classes that stand for an object of `kind`.
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
