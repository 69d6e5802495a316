//! Discovered references as entries of the manifest.

use super::Discovery;
use crate::reference::manifest::Store;
use crate::reference::manifest::merge::{self, Proposal};
use crate::reference::{Confidence, Place};

/// Where no database is known, the glob that names all of them.
const ANY_DATABASE: &str = "*";

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
        match merge::flaw(&proposal) {
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
