//! From a file to a map, as far as that can be told without the inventories.

use std::ops::Range;

use camino::Utf8Path;
use miette::NamedSource;
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::error::TOLD;
use super::side::{New, Side};
use super::{MapError, Pair, Reviewed, State, VERSION, Verdict, usual};
use crate::panel::Kind;
use crate::panel::inventory::Fingerprint;

/// What is wrong, and where.
type Problem = (String, Range<usize>);

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

/// What stands before the pairs.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Top {
    #[expect(dead_code, reason = "looked at before the rest is read")]
    version: i64,
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader")]
    panel: Option<String>,
    old: StateTable,
    new: StateTable,
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
        let (mut problems, mut pairs) = (Vec::new(), Vec::new());
        let mut add = |pair| match pair {
            Ok(pair) => pairs.push(pair),
            Err(problem) => problems.push(problem),
        };
        let (old, new) = match usually(&text) {
            Some((top, written)) => {
                written.into_iter().map(|w| pair(&w.kind.0, w.kind.1, w.old, w.new)).for_each(&mut add);
                (top.old, top.new)
            }
            None => {
                let file: MapFile = match toml::from_str(&text) {
                    Ok(file) => file,
                    Err(e) => return wrong(&text, vec![(e.message().to_owned(), e.span().unwrap_or(0..0))]),
                };
                file.pair.into_iter().map(PairTable::pair).for_each(&mut add);
                (file.old, file.new)
            }
        };
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
        Ok(Reviewed { path: path.to_owned(), sha256, old: state(old), new: state(new), pairs, text })
    }

    /// Whether it is from the panel state with this fingerprint.
    #[must_use]
    pub fn is_from(&self, state: Fingerprint) -> bool {
        self.old.fingerprint == state.to_string()
    }
}

/// The parts of a map that is written in the usual way.
fn usually(text: &str) -> Option<(Top, Vec<usual::Written<'_>>)> {
    let at = usual::begin(text)?;
    Some((toml::from_str(&text[..at]).ok()?, usual::pairs(text, at)?))
}

impl PairTable {
    fn pair(self) -> Result<Pair, Problem> {
        let parts = |side: Spanned<Side>| {
            let span = side.span();
            (side.into_inner(), span)
        };
        let new = self.new.map(|new| {
            let span = new.span();
            (new.into_inner(), span)
        });
        pair(self.kind.get_ref(), self.kind.span(), parts(self.old), new)
    }
}

/// The pairs of a text as the parser for all of TOML reads it.
#[cfg(test)]
pub(super) fn parse_all(text: &str) -> Option<Vec<Pair>> {
    toml::from_str::<MapFile>(text).ok()?.pair.into_iter().map(|pair| pair.pair().ok()).collect()
}

/// The pair of these parts, each with its bytes; or what is wrong.
pub(super) fn pair(
    kind: &str,
    at: Range<usize>,
    (old, old_span): (Side, Range<usize>),
    new: Option<(New, Range<usize>)>,
) -> Result<Pair, Problem> {
    let kind = kind.parse::<Kind>().map_err(|unknown| (unknown.to_string(), at))?;
    let (new, new_span) = match new {
        None => (Verdict::Open, old_span.clone()),
        Some((New::Gone(_), span)) => (Verdict::Gone, span),
        Some((New::Id(id), span)) => (Verdict::Is(Side { id, name: None, guid: None }), span),
        Some((New::Object(side), span)) => (Verdict::Is(side), span),
    };
    Ok(Pair { kind, old, new, old_span, new_span })
}

/// The error over `problems` of the text `text`.
pub(super) fn refuse(path: &Utf8Path, text: &str, mut problems: Vec<Problem>) -> MapError {
    problems.sort_by_key(|(_, span)| (span.start, span.end));
    let more = problems.len().saturating_sub(TOLD);
    problems.truncate(TOLD);
    MapError::Wrong { source_code: NamedSource::new(path.as_str(), text.to_owned()), problems, more }
}
