//! From the ids of an old panel state to the objects of a new one.
//!
//! Each old object is matched by the first rung of a ladder that gives exactly one candidate; nothing is ever guessed.

use std::borrow::Cow;
use std::fmt;

use rustc_hash::FxHashMap;

use super::inventory::place;
use super::map::MapUsed;
use super::{Inventory, Kind, Object, matching};

/// The rung of the ladder that matched an object. Which of them a kind has stands in `rules/panel/*.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// A person decided it, in a reviewed map.
    Decided,
    /// The same GUID and the same name.
    Guid,
    /// The same GUID, another name: renamed since.
    GuidRenamed,
    /// The same name, which no other object can have: an address, or what every panel has one of.
    Key,
    /// The same name, and a second witness (owner, creation date, …) agrees.
    NameAndWitness,
    /// The same name and nothing to corroborate it. Used only when a person accepted it.
    NameOnly,
}

impl Rung {
    /// Its word in files: `guid-renamed`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Rung::Decided => "decided",
            Rung::Guid => "guid",
            Rung::GuidRenamed => "guid-renamed",
            Rung::Key => "key",
            Rung::NameAndWitness => "name-and-witness",
            Rung::NameOnly => "name-only",
        }
    }

    /// Whether the GUID tells that it is the same object.
    pub(crate) fn by_guid(self) -> bool {
        matches!(self, Rung::Guid | Rung::GuidRenamed)
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
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
        evidence: Cow<'static, str>,
    },
    /// An object of that name exists, and nothing corroborates that it is the same. Not applied unless a person accepts it.
    NameOnly {
        /// The candidate's id.
        candidate: i64,
    },
    /// A rung matches it with this object, which belongs to another one than what the old object's owner became. Not applied unless a person accepts it.
    Moved {
        /// The candidate's id.
        candidate: i64,
        /// The rung.
        rung: Rung,
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

impl Match {
    /// The word for it in files: that of the rung, or `moved`, `conflict`, `ambiguous`, `missing`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Match::Found { rung, .. } => rung.word(),
            Match::NameOnly { .. } => Rung::NameOnly.word(),
            Match::Moved { .. } => "moved",
            Match::Conflict { .. } => "conflict",
            Match::Ambiguous { .. } => "ambiguous",
            Match::Missing => "missing",
        }
    }

    /// The new objects that may be meant, where that is not certain.
    #[must_use]
    pub fn candidates(&self) -> &[i64] {
        match self {
            Match::NameOnly { candidate } | Match::Moved { candidate, .. } | Match::Conflict { candidate } => {
                std::slice::from_ref(candidate)
            }
            Match::Ambiguous { candidates } => candidates,
            Match::Found { .. } | Match::Missing => &[],
        }
    }
}

/// Whether two inventories are of one panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Panel {
    /// One panel, at two moments: an id that both know is not given twice.
    Same,
    /// Two panels: that ids are equal says nothing.
    Another,
    /// The inventories do not tell.
    #[default]
    Unknown,
}

/// Whether two inventories are of one panel, and what tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Relation {
    /// Whether they are.
    pub panel: Panel,
    /// What tells, for a person.
    pub evidence: String,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let panel = match self.panel {
            Panel::Same => "the same panel",
            Panel::Another => "another panel",
            Panel::Unknown => "the same panel or another one",
        };
        write!(f, "{panel}: {}", self.evidence)
    }
}

/// Old id → what became of it, for every object of an old inventory.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// For each kind, by old id.
    matches: Vec<Vec<(i64, Match)>>,
    /// Why the objects without a match have none.
    reasons: FxHashMap<(Kind, i64), Box<str>>,
    relation: Relation,
    map: Option<MapUsed>,
}

/// How a mapping is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// Take a match by name alone as a match.
    pub accept_name: bool,
    /// Take a match as a match though the object belongs to another one than before.
    pub accept_moved: bool,
    /// Take the new state for another panel's, whatever equal ids tell: a panel was restored to another server, with some of its ids as they were.
    pub another_panel: bool,
}

/// A pair that is settled before the ladder is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The kind of both.
    pub kind: Kind,
    /// The old object.
    pub old: i64,
    /// The new object; `None`: it is gone.
    pub new: Option<i64>,
    /// The rung that is noted.
    pub rung: Rung,
    /// Why, for a person.
    pub evidence: Cow<'static, str>,
}

impl Mapping {
    /// A mapping of these pairs.
    #[must_use]
    pub fn from_matches(matches: impl IntoIterator<Item = ((Kind, i64), Match)>) -> Mapping {
        let mut by_kind: Vec<Vec<(i64, Match)>> = Kind::all().map(|_| Vec::new()).collect();
        for ((kind, id), outcome) in matches {
            by_kind[kind.index()].push((id, outcome));
        }
        for of_kind in &mut by_kind {
            of_kind.sort_by_key(|(id, _)| *id);
            of_kind.dedup_by_key(|(id, _)| *id);
        }
        Mapping { matches: by_kind, ..Mapping::default() }
    }

    /// What became of the object that `id` meant. `None`: the old inventory knows no such object.
    #[must_use]
    pub fn get(&self, kind: Kind, id: i64) -> Option<&Match> {
        let of_kind = self.matches.get(kind.index())?;
        Some(&of_kind[place(of_kind, id, |(id, _)| *id)?].1)
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
        Kind::all().zip(&self.matches).flat_map(|(kind, of_kind)| of_kind.iter().map(move |(id, m)| (kind, *id, m))).collect()
    }

    /// Matches every object of `old` with the objects of `new`.
    #[must_use]
    pub fn between(old: &Inventory, new: &Inventory, settings: Settings) -> Mapping {
        Mapping::with(old, new, settings, &[])
    }

    /// As [`Mapping::between`], with some pairs settled beforehand. They must name objects that are there, and no new object twice.
    #[must_use]
    pub fn with(old: &Inventory, new: &Inventory, settings: Settings, settled: &[Settled]) -> Mapping {
        let matching::Outcome { matches, reasons, relation } = matching::between(old, new, settings, settled);
        let with_ids = |(kind, matches): (Kind, Vec<Match>)| old.of_kind(kind).iter().map(|o| o.id).zip(matches).collect();
        Mapping { matches: Kind::all().zip(matches).map(with_ids).collect(), reasons, relation, map: None }
    }

    /// Why the object that `id` meant has no certain match, for a person. `None` where it has one, or where the mapping was given and not made.
    #[must_use]
    pub fn reason(&self, kind: Kind, id: i64) -> Option<&str> {
        self.reasons.get(&(kind, id)).map(|r| &**r)
    }

    /// What speaks for the match of the object that `id` meant, or against one.
    #[must_use]
    pub fn evidence(&self, kind: Kind, id: i64) -> Option<&str> {
        match self.get(kind, id)? {
            Match::Found { evidence, .. } => Some(evidence),
            _ => self.reason(kind, id),
        }
    }

    /// Whether a person decided what became of the object.
    pub(crate) fn is_decided(&self, kind: Kind, id: i64) -> bool {
        let decisions = self.map.as_ref().map_or(&[] as &[_], |m| &m.decisions);
        matches!(self.get(kind, id), Some(Match::Found { rung: Rung::Decided, .. }))
            || decisions.iter().any(|d| (d.kind, d.old) == (kind, id))
    }

    /// Takes the match of an object back: `why` it is not certain.
    pub(crate) fn doubt(&mut self, kind: Kind, id: i64, outcome: Match, why: String) {
        let Some(of_kind) = self.matches.get_mut(kind.index()) else { return };
        let Some(at) = place(of_kind, id, |(id, _)| *id) else { return };
        of_kind[at].1 = outcome;
        self.reasons.insert((kind, id), why.into());
    }

    /// The mapping, with the reviewed map that it was made with.
    #[must_use]
    pub(super) fn reviewed(self, map: MapUsed) -> Mapping {
        Mapping { map: Some(map), ..self }
    }

    /// The reviewed map that it was made with.
    #[must_use]
    pub fn map(&self) -> Option<&MapUsed> {
        self.map.as_ref()
    }

    /// Whether the inventories are of two panels: equal ids tell nothing.
    pub(crate) fn on_another_panel(&self) -> bool {
        self.relation.panel == Panel::Another
    }

    /// Whether the inventories are of one panel.
    #[must_use]
    pub fn relation(&self) -> &Relation {
        &self.relation
    }
}

/// `name` as names are compared.
#[must_use]
pub fn normal(name: &str) -> String {
    matching::normal(name)
}

/// The name of `object` as names are compared: without case and a trailing dot, domains in their ASCII form.
#[must_use]
pub fn normal_name(object: &Object) -> String {
    matching::normal(&object.name)
}
