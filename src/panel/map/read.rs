//! From a file to a map, as far as that can be told without the inventories.

use camino::Utf8Path;
use miette::NamedSource;
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::error::TOLD;
use super::side::{New, Side};
use super::{MapError, Pair, Reviewed, State, VERSION, Verdict};
use crate::panel::Kind;
use crate::panel::inventory::Fingerprint;

/// The largest file that is read: several million pairs.
const LARGEST: u64 = 1 << 30;

/// A map file: which object of the new panel state each object of the old one is.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "reguid map")]
pub struct MapFile {
    /// Version of the format: 1.
    #[expect(dead_code, reason = "looked at before the rest is read")]
    version: i64,
    /// Whether both states are of one panel, for the reader.
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader")]
    panel: Option<String>,
    /// The state that the stored ids speak of.
    old: StateTable,
    /// The state that they are to speak of.
    new: StateTable,
    /// The pairs.
    #[serde(default)]
    pair: Vec<PairTable>,
}

/// A panel state. The fingerprint says which; the rest is for the reader.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StateTable {
    /// Where it was read.
    #[serde(default)]
    source: String,
    /// When the panel was in this state.
    #[serde(default)]
    taken: Option<String>,
    /// Its fingerprint.
    #[schemars(with = "String")]
    fingerprint: Spanned<String>,
}

/// An old object, and what became of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PairTable {
    /// The kind of both.
    #[schemars(with = "Kind")]
    kind: Spanned<String>,
    /// The old object.
    #[schemars(with = "Side")]
    old: Spanned<Side>,
    /// The new object: `{ id = 7, … }`, `7`, or `"none"` where it is gone. Where it lacks, the rules are asked.
    #[serde(default)]
    #[schemars(with = "Option<New>")]
    new: Option<Spanned<New>>,
    /// The rule that made the pair, for the reader.
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader")]
    rule: Option<String>,
    /// What speaks for it, or against one; for the reader.
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader")]
    evidence: Option<String>,
}

impl Reviewed {
    /// Reads the map file at `path`.
    ///
    /// # Errors
    /// It cannot be read, is no map, or is of another version. Whether it fits the inventories is seen later.
    pub fn load(path: &Utf8Path) -> Result<Reviewed, MapError> {
        let unreadable = |error| MapError::Unreadable { path: path.to_owned(), error };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        if size > LARGEST {
            return Err(MapError::TooLarge { path: path.to_owned(), size, most: LARGEST });
        }
        let bytes = std::fs::read(path).map_err(unreadable)?;
        let text =
            String::from_utf8(bytes).map_err(|e| MapError::Encoding { path: path.to_owned(), offset: e.utf8_error().valid_up_to() })?;
        Reviewed::parse(path, text)
    }

    /// Reads the map `text`; `path` is its path, for messages.
    ///
    /// # Errors
    /// As [`Reviewed::load`].
    pub fn parse(path: &Utf8Path, text: String) -> Result<Reviewed, MapError> {
        let wrong = |text: &str, problems| Err(refuse(path, text, problems));
        // A later version may have keys that this release does not know, so the version comes first.
        #[derive(Deserialize)]
        struct Head {
            version: Spanned<i64>,
        }
        let head = text.find("\n[").map_or(text.as_str(), |end| &text[..=end]);
        match toml::from_str::<Head>(head) {
            Err(e) => return wrong(&text, vec![(e.message().to_owned(), e.span().unwrap_or(0..0))]),
            Ok(Head { version }) if *version.get_ref() != VERSION => {
                let message = format!("this map has version {}; this release reads version {VERSION}", version.get_ref());
                return wrong(&text, vec![(message, version.span())]);
            }
            Ok(_) => {}
        }
        let file: MapFile = match toml::from_str(&text) {
            Ok(file) => file,
            Err(e) => return wrong(&text, vec![(e.message().to_owned(), e.span().unwrap_or(0..0))]),
        };
        let mut problems = Vec::new();
        let mut pairs = Vec::with_capacity(file.pair.len());
        for pair in file.pair {
            let kind = match pair.kind.get_ref().parse::<Kind>() {
                Ok(kind) => kind,
                Err(unknown) => {
                    problems.push((unknown.to_string(), pair.kind.span()));
                    continue;
                }
            };
            let old_span = pair.old.span();
            let new_span = pair.new.as_ref().map_or(old_span.clone(), Spanned::span);
            let new = match pair.new.map(Spanned::into_inner) {
                None => Verdict::Open,
                Some(New::Gone(_)) => Verdict::Gone,
                Some(New::Id(id)) => Verdict::Is(Side { id, name: None, guid: None }),
                Some(New::Object(side)) => Verdict::Is(side),
            };
            pairs.push(Pair { kind, old: pair.old.into_inner(), new, old_span, new_span });
        }
        if !problems.is_empty() {
            return wrong(&text, problems);
        }
        let state = |table: StateTable| State {
            source: table.source,
            taken: table.taken,
            span: table.fingerprint.span(),
            fingerprint: table.fingerprint.into_inner(),
        };
        let sha256 = Fingerprint(Sha256::digest(&text).into()).to_string();
        Ok(Reviewed { path: path.to_owned(), sha256, old: state(file.old), new: state(file.new), pairs, text })
    }

    /// Whether it is from the panel state with this fingerprint.
    #[must_use]
    pub fn is_from(&self, state: Fingerprint) -> bool {
        self.old.fingerprint == state.to_string()
    }
}

/// The error over `problems` of the text `text`.
pub(super) fn refuse(path: &Utf8Path, text: &str, mut problems: Vec<(String, std::ops::Range<usize>)>) -> MapError {
    problems.sort_by_key(|(_, span)| (span.start, span.end));
    let more = problems.len().saturating_sub(TOLD);
    problems.truncate(TOLD);
    MapError::Wrong { source_code: NamedSource::new(path.as_str(), text.to_owned()), problems, more }
}
