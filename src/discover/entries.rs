//! Discovered references as entries of the manifest.

use super::Discovery;
use crate::reference::manifest::merge::{self, Proposal};
use crate::reference::manifest::{Form, Store};
use crate::reference::{Confidence, Encoding, Place, Reference};

/// Where no database is known, the glob that names all of them.
const ANY_DATABASE: &str = "*";

/// Why a place whose name is not written in the code is not proposed.
const ANY_NAME: &str =
    "nothing of its name is written in the code, and an entry for `*` would meet others too: declare the names that there are";

/// Why a text is not proposed.
const NO_PATTERN: &str = "the id is a part of a text whose shape the code does not show: declare it with its `pattern`";

/// Why an id that is not written as itself is not proposed.
const OTHER_DIGITS: &str =
    "the code writes the id with other digits than its own (in hexadecimal, cut, filled up): what looks like an id there is another number";

/// Why an id that nobody can have back is not proposed.
const NOT_HAD_BACK: &str = "the id cannot be had back from a hash or an encrypted value";

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
    for Discovery { reference, database, forms, coded, .. } in discoveries {
        if reference.confidence < Confidence::Likely {
            proposals.possible += 1;
            continue;
        }
        if let Encoding::Hashed | Encoding::Encrypted = reference.encoding {
            proposals.unnameable.push(visible(&format!("{}: {NOT_HAD_BACK}", reference.place)));
            continue;
        }
        if *coded {
            proposals.unnameable.push(visible(&format!("{}: {OTHER_DIGITS}", reference.place)));
            continue;
        }
        let form = match written(reference, forms) {
            Ok(form) => form,
            Err(flaw) => {
                proposals.unnameable.push(visible(&format!("{}: {flaw}", reference.place)));
                continue;
            }
        };
        // A pattern says itself whose ids stand in it.
        let kinds = if form.pattern.is_some() { &reference.kinds[..1] } else { reference.kinds.as_slice() };
        let &[kind] = kinds else {
            let kinds: Vec<&str> = reference.kinds.iter().map(|k| k.name()).collect();
            proposals.undecided.push(visible(&format!("{} holds ids of {}", reference.place, kinds.join(" or "))));
            continue;
        };
        let Some(mut store) = store(&reference.place, database.as_deref()) else { continue };
        if let Store::Column { path, .. } | Store::PanelColumn { path, .. } = &mut store
            && form.pattern.is_some()
            && path.as_ref().is_some_and(|p| p.starts_with("${"))
        {
            // The place of a text names no path, only whose id is in it.
            *path = None;
        }
        let sure = if reference.confidence == Confidence::Proven { "proven" } else { "likely" };
        let evidence: Vec<&str> = reference.evidence.iter().map(|e| e.text.as_str()).collect();
        let why = format!("{sure}: {}", evidence.join("; "));
        let proposal = Proposal { store, kind, twin: reference.twin.as_ref().map(|t| t.column.clone()), form, why };
        let flaw = merge::flaw(&proposal).or_else(|| meets_all(&proposal.store).then(|| ANY_NAME.to_owned()));
        match flaw {
            // A text with two ids in it is found twice.
            None if proposal.form.pattern.is_some()
                && proposals.entries.iter().any(|p| (&p.store, &p.form) == (&proposal.store, &proposal.form)) => {}
            None => proposals.entries.push(proposal),
            Some(flaw) => proposals.unnameable.push(visible(&format!("{}: {flaw}", reference.place))),
        }
    }
    proposals
}

/// How the ids of a value are written, for its entry. The error says why that cannot be told.
fn written(reference: &Reference, forms: &[Form]) -> Result<Form, String> {
    let is_value = !matches!(reference.place, Place::SettingKey { .. } | Place::FileName { .. });
    let is_text = reference.encoding == Encoding::Pattern && is_value && !is_named(&reference.place);
    // One id alone is a list, too.
    let lists = forms.iter().any(|f| f.separator.is_some());
    let forms: Vec<&Form> = forms.iter().filter(|f| !lists || **f != Form::default()).collect();
    match forms[..] {
        [] if is_text => Err(NO_PATTERN.to_owned()),
        [] => Ok(Form::default()),
        [form] if is_text && form.pattern.is_none() => Err(NO_PATTERN.to_owned()),
        [form] => in_lines(&reference.place, form.clone()),
        ref several => {
            let shown = |form: &&Form| {
                let text = form.pattern.as_ref().map_or_else(|| "the id alone".to_owned(), |p| format!("`{p}`"));
                if form.base64 { format!("{text} in base64") } else { text }
            };
            let list = several.iter().map(shown).collect::<Vec<_>>().join(" and ");
            Err(format!("it is written in several ways, {list}: declare each of them that is in use (`pattern`, `base64`)"))
        }
    }
}

/// A form as an entry for a file says it: where no path leads into a file, each of its lines is a value.
fn in_lines(place: &Place, mut form: Form) -> Result<Form, String> {
    let Some(pattern) = form.pattern.as_mut().filter(|_| matches!(place, Place::File { path: None, .. })) else { return Ok(form) };
    let line = pattern.trim_end_matches('\n').trim_end_matches('\r').to_owned();
    if line.contains(['\n', '\r']) {
        return Err(format!("the id is in one of several lines, `{}`: declare the lines with ids", pattern.escape_debug()));
    }
    let is_alone = line.strip_prefix('{').and_then(|l| l.strip_suffix('}')).is_some_and(|word| !word.contains(['{', '}']));
    form.pattern = (!is_alone).then_some(line);
    Ok(form)
}

/// Whether the text with an id in it is a name, of which the place tells all.
fn is_named(place: &Place) -> bool {
    matches!(place, Place::ObjectSetting { name, path: None, .. } if name.contains('{'))
}

/// The entry's place; `None` for what is no place that a manifest declares.
#[must_use]
pub fn store(place: &Place, database: Option<&str>) -> Option<Store> {
    Some(match place.clone() {
        Place::Column { table, column, path } => {
            let database = database.unwrap_or(ANY_DATABASE).to_owned();
            Store::Column { database, table, column, path }
        }
        Place::PanelColumn { table, column, path } => Store::PanelColumn { table, column, path },
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
        Store::Column { .. } | Store::PanelColumn { .. } => return false,
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
    fn what_cannot_be_had_back_or_read_as_a_number_is_named_apart() {
        for (encoding, coded) in [(Encoding::Hashed, false), (Encoding::Encrypted, false), (Encoding::Integer, true)] {
            let mut found = column(Confidence::Proven);
            (found.reference.encoding, found.coded) = (encoding, coded);
            let proposals = propose(&[found]);
            assert_eq!((proposals.entries.len(), proposals.unnameable.len()), (0, 1), "{encoding:?}");
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
