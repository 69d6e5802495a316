//! Kinds of panel objects.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::catalogue::{self, KindFacts};

/// A type of panel object, such as `domain` or `client`: a name from `rules/panel/*.toml`. Ids of different kinds are different spaces.
///
/// Kinds order by their names.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind(u8);

/// A word that names no kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind `{word}`{}", suggest(.suggestion))]
pub struct UnknownKind {
    /// The word as given.
    pub word: String,
    /// The kind that was probably meant.
    pub suggestion: Option<&'static str>,
}

fn suggest(suggestion: &Option<&'static str>) -> String {
    suggestion.map(|s| format!("; did you mean `{s}`?")).unwrap_or_default()
}

impl Kind {
    /// All kinds, in the order of their names.
    pub fn all() -> impl Iterator<Item = Kind> {
        (0..catalogue::get().kinds.len()).map(Kind::at)
    }

    /// The kind at `index` of the catalogue.
    pub(super) fn at(index: usize) -> Kind {
        Kind(u8::try_from(index).expect("the catalogue holds fewer than 256 kinds"))
    }

    /// Its place in [`Kind::all`], for tables indexed by kind.
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The word for it in manifests and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        &self.facts().kind
    }

    /// Which inventory sources tell of it, for a person: a sentence without a full stop.
    #[must_use]
    pub fn sources(self) -> String {
        let facts = self.facts();
        let in_backup = facts.backup.iter().any(|e| e.id.is_some());
        let mut text = match (facts.table.is_some(), in_backup) {
            (true, true) => "the panel's database or a dump of it does, and so does a backup of the whole panel".to_owned(),
            (true, false) => "the panel's database or a dump of it does; a backup never has an id of these".to_owned(),
            (false, true) => "a backup of the whole panel does".to_owned(),
            (false, false) => "no source of this release does".to_owned(),
        };
        if let Some(hint) = &facts.hint {
            text.push_str("; ");
            text.push_str(hint);
        }
        text
    }

    /// All that is known of it.
    #[must_use]
    pub fn facts(self) -> &'static KindFacts {
        &catalogue::get().kinds[self.index()]
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Kind, UnknownKind> {
        if let Some(kind) = Kind::all().find(|k| k.name() == word) {
            return Ok(kind);
        }
        let suggestion = Kind::all()
            .map(|k| (strsim::jaro_winkler(k.name(), &word.to_ascii_lowercase()), k.name()))
            .filter(|(score, _)| *score > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name);
        Err(UnknownKind { word: word.to_owned(), suggestion })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
        let word = String::deserialize(deserializer)?;
        word.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Kind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Kind".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = Kind::all().map(Kind::name).collect();
        schemars::json_schema!({ "type": "string", "description": "A type of panel object.", "enum": names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_kind_gets_a_suggestion() {
        let error = "domian".parse::<Kind>().unwrap_err();
        assert_eq!(error.to_string(), "unknown kind `domian`; did you mean `domain`?");
        assert_eq!("xyzzy".parse::<Kind>().unwrap_err().suggestion, None);
    }

    #[test]
    fn names_round_trip_and_are_ordered() {
        let all: Vec<Kind> = Kind::all().collect();
        assert!(all.iter().all(|k| k.name().parse() == Ok(*k)));
        assert!(all.windows(2).all(|w| w[0].name() < w[1].name()));
    }
}
