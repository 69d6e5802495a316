//! From the ids of an old panel state to the objects of a new one.
//!
//! Each old object is matched by the first rung of a ladder that gives exactly one candidate; nothing is ever guessed.

use rustc_hash::FxHashMap;

use super::{Inventory, Kind, Object, matching};

/// The rung of the ladder that matched an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// The same GUID and the same name.
    Guid,
    /// The same GUID, another name: renamed since.
    GuidRenamed,
    /// The same name, and a second witness (owner, creation date, …) agrees.
    NameAndWitness,
    /// The same name and nothing to corroborate it. Used only when a person accepted it.
    NameOnly,
}

/// What became of one old object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// It is this object now.
    Found {
        /// Its id in the new panel state.
        new: i64,
        /// The rung that matched it.
        rung: Rung,
        /// What agreed, for a person.
        evidence: Box<str>,
    },
    /// An object of that name exists, and nothing corroborates that it is the same. Not applied unless a person accepts it.
    NameOnly {
        /// The candidate's id.
        candidate: i64,
    },
    /// An object of that name exists and is another one: both have a GUID and the GUIDs differ, or it is what another old object became.
    Conflict {
        /// The other object's id.
        candidate: i64,
    },
    /// Several objects would do.
    Ambiguous {
        /// Their ids, ascending.
        candidates: Vec<i64>,
    },
    /// No object would do.
    Missing,
}

/// Old id → what became of it, for every object of an old inventory.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    matches: FxHashMap<(Kind, i64), Match>,
    /// Why the objects without a match have none.
    reasons: FxHashMap<(Kind, i64), Box<str>>,
}

/// How a mapping is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// Take a match by name alone as a match.
    pub accept_name: bool,
}

impl Mapping {
    /// A mapping of these pairs.
    #[must_use]
    pub fn from_matches(matches: impl IntoIterator<Item = ((Kind, i64), Match)>) -> Mapping {
        Mapping { matches: matches.into_iter().collect(), reasons: FxHashMap::default() }
    }

    /// What became of the object that `id` meant. `None`: the old inventory knows no such object.
    #[must_use]
    pub fn get(&self, kind: Kind, id: i64) -> Option<&Match> {
        self.matches.get(&(kind, id))
    }

    /// The new id, where the match is certain.
    #[must_use]
    pub fn new_id(&self, kind: Kind, id: i64) -> Option<i64> {
        match self.get(kind, id)? {
            Match::Found { new, .. } => Some(*new),
            _ => None,
        }
    }

    /// All pairs, by kind and old id.
    #[must_use]
    pub fn sorted(&self) -> Vec<(Kind, i64, &Match)> {
        let mut all: Vec<_> = self.matches.iter().map(|((kind, id), m)| (*kind, *id, m)).collect();
        all.sort_unstable_by_key(|(kind, id, _)| (*kind, *id));
        all
    }

    /// Matches every object of `old` with the objects of `new`.
    #[must_use]
    pub fn between(old: &Inventory, new: &Inventory, settings: Settings) -> Mapping {
        let matching::Outcome { matches, reasons } = matching::between(old, new, settings);
        Mapping { matches, reasons }
    }

    /// Why the object that `id` meant has no certain match, for a person. `None` where it has one, or where the mapping was given and not made.
    #[must_use]
    pub fn reason(&self, kind: Kind, id: i64) -> Option<&str> {
        self.reasons.get(&(kind, id)).map(|r| &**r)
    }
}

/// The name of `object` as names are compared: without case and a trailing dot, domains in their ASCII form.
#[must_use]
pub fn normal_name(object: &Object) -> String {
    matching::normal(&object.name)
}
