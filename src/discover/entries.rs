//! Discovered references as entries of the manifest.

use super::Discovery;
use crate::reference::manifest::Store;
use crate::reference::manifest::merge::{self, Proposal};
use crate::reference::{Confidence, Place};

/// Where no database is known, the glob that names all of them.
const ANY_DATABASE: &str = "*";

/// Why a place whose name is not written in the code is not proposed.
const ANY_NAME: &str =
    "nothing of its name is written in the code, and an entry for `*` would meet others too: declare the names that there are";

/// What discoveries make of a manifest.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Proposals {
    /// The entries.
    pub entries: Vec<Proposal>,
    /// Places that hold ids of one of several kinds: a person must say which.
    pub undecided: Vec<String>,
    /// Places that no manifest can name, and why.
    pub unnameable: Vec<String>,
    /// How many references are merely possible, and are not proposed.
    pub possible: usize,
}

/// `text` with control characters made visible.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// The entry of one discovery, if a manifest can name its place and its kind is certain.
#[must_use]
pub fn entry(discovery: &Discovery) -> Option<Proposal> {
    let mut proposals = propose(std::slice::from_ref(discovery));
    proposals.entries.pop()
}

/// The entries for the references that are proven or likely.
#[must_use]
pub fn propose(discoveries: &[Discovery]) -> Proposals {
    let mut proposals = Proposals::default();
    for Discovery { reference, database, .. } in discoveries {
        if reference.confidence < Confidence::Likely {
            proposals.possible += 1;
            continue;
        }
        let &[kind] = reference.kinds.as_slice() else {
            let kinds: Vec<&str> = reference.kinds.iter().map(|k| k.name()).collect();
            proposals.undecided.push(visible(&format!("{} holds ids of {}", reference.place, kinds.join(" or "))));
            continue;
        };
        let Some(store) = store(&reference.place, database.as_deref()) else { continue };
        let sure = if reference.confidence == Confidence::Proven { "proven" } else { "likely" };
        let evidence: Vec<&str> = reference.evidence.iter().map(|e| e.text.as_str()).collect();
        let why = format!("{sure}: {}", evidence.join("; "));
        let proposal = Proposal { store, kind, twin: reference.twin.as_ref().map(|t| t.column.clone()), why };
        let flaw = merge::flaw(&proposal).or_else(|| meets_all(&proposal.store).then(|| ANY_NAME.to_owned()));
        match flaw {
            None => proposals.entries.push(proposal),
            Some(flaw) => proposals.unnameable.push(visible(&format!("{}: {flaw}", reference.place))),
        }
    }
    proposals
}

/// The entry's place; `None` for what is no place that a manifest declares.
#[must_use]
pub fn store(place: &Place, database: Option<&str>) -> Option<Store> {
    Some(match place.clone() {
        Place::Column { table, column, path } => {
            let database = database.unwrap_or(ANY_DATABASE).to_owned();
            Store::Column { database, table, column, path }
        }
        Place::SettingKey { pattern } => Store::SettingKey { pattern },
        Place::Setting { name, path } => Store::Setting { name, path },
        Place::ObjectSetting { of, name, path } => Store::ObjectSetting { of, name, path },
        Place::File { name, path } => Store::File { glob: name, path },
        Place::FileName { pattern } => Store::FileName { pattern },
        // Short-lived, or not kept by the extension.
        Place::Session { .. } | Place::Task { .. } | Place::BackupPayload { .. } => return None,
    })
}

/// Whether an entry would meet whatever is kept: its name is a `*` and nothing that is written.
fn meets_all(store: &Store) -> bool {
    let name = match store {
        Store::SettingKey { pattern } | Store::FileName { pattern } => pattern,
        Store::Setting { name, .. } | Store::ObjectSetting { name, .. } => name,
        Store::File { glob, .. } => glob,
        Store::Column { .. } => return false,
    };
    let mut rest = name.as_str();
    let mut written = false;
    while let Some(at) = rest.find('{') {
        written |= rest[..at].contains(char::is_alphanumeric);
        rest = rest[at..].split_once('}').map_or("", |(_, rest)| rest);
    }
    name.contains('*') && !written && !rest.contains(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::column;

    #[test]
    fn what_is_sure_is_proposed_and_the_rest_is_counted() {
        let mut undecided = column(Confidence::Proven);
        undecided.reference.kinds.insert(0, "client".parse().unwrap());
        let proposals = propose(&[column(Confidence::Likely), undecided, column(Confidence::Possible)]);
        assert_eq!(proposals.undecided, ["sqlite:apps.domain_id holds ids of client or domain"]);
        assert_eq!(proposals.possible, 1);
        insta::assert_snapshot!(merge::show(&proposals.entries), @r#"
        # likely: the name `domain_id`
        [[reference]]
        database = "*"
        table = "apps"
        column = "domain_id"
        kind = "domain"
        "#);
    }

    #[test]
    fn what_would_meet_all_that_is_kept_is_named_apart() {
        let at = |place: Place| {
            let mut found = column(Confidence::Proven);
            found.reference.place = place;
            let proposals = propose(&[found]);
            (proposals.entries.len(), proposals.unnameable.len())
        };
        let setting = |name: &str| Place::Setting { name: name.into(), path: Some("$.id".into()) };
        for all in [
            setting("*"),
            setting("*.*"),
            Place::SettingKey { pattern: "*{domain}".into() },
            Place::SettingKey { pattern: "*-{domain}_*".into() },
            Place::File { name: "*/*".into(), path: None },
            Place::FileName { pattern: "*/{domain}".into() },
            Place::ObjectSetting { of: "domain".parse().unwrap(), name: "*".into(), path: None },
        ] {
            assert_eq!(at(all.clone()), (0, 1), "{all}");
        }
        for some in [setting("a*"), Place::SettingKey { pattern: "{domain}".into() }, Place::FileName { pattern: "*/{domain}.json".into() }]
        {
            assert_eq!(at(some.clone()), (1, 0), "{some}");
        }
    }

    #[test]
    fn what_no_manifest_can_name_is_named_apart() {
        let with_path = |path: &str| {
            let mut found = column(Confidence::Proven);
            found.reference.place = Place::Column { table: "apps".into(), column: "state".into(), path: Some(path.into()) };
            found
        };
        let proposals = propose(&[with_path("$.id"), with_path("$."), with_path("$.l}\n")]);
        assert_eq!(proposals.entries.len(), 1);
        assert_eq!(
            proposals.unnameable,
            ["sqlite:apps.state$.: this path has an empty step", "sqlite:apps.state$.l}\u{fffd}: a `}` without its `{`"]
        );
    }
}
