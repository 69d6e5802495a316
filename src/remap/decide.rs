//! What becomes of one value: the map's algebra, before any SQL.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::panel::catalogue;
use crate::panel::{Inventory, Kind, Mapping, Match};
use crate::reference::manifest::OnMissing;
use crate::sqlite::{Value, ValueRef};
use crate::value::number;

/// How an id is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// As an integer.
    Integer,
    /// As decimal text.
    Text,
}

/// What became of the object that a value means.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// It has the same id.
    Unchanged,
    /// It has another id now.
    Changed {
        /// The id.
        new: i64,
    },
    /// It is gone.
    Missing,
    /// The old panel state knew no such object.
    Unknown,
    /// Several objects would do.
    Ambiguous {
        /// Their ids.
        candidates: Vec<i64>,
    },
    /// An object of that name is there and is another one.
    Conflict {
        /// Its id.
        candidate: i64,
    },
    /// An object of that name is there and nothing else tells that it is the same.
    NameOnly {
        /// Its id.
        candidate: i64,
    },
    /// It is there, and belongs to another object than before.
    Moved {
        /// Its id.
        candidate: i64,
    },
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// It stays.
    Leave,
    /// It becomes this id, stored as before.
    Set(i64),
    /// It becomes NULL.
    Null,
    /// Its row is taken out.
    Remove,
    /// Nothing is known that could be done; the plan stops.
    Stop,
}

/// What a value is, where an id is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// NULL.
    Null,
    /// A word or number that means no object, or all of them.
    Sentinel,
    /// An id.
    Id(i64, Storage),
    /// Nearly a number: `05`, ` 5`, 5.0.
    Malformed,
    /// Something else.
    NotAnId,
}

/// Decides for one column, and remembers what it was asked: each distinct id once, with the number of rows that hold it.
#[derive(Debug)]
pub(crate) struct Decider<'a> {
    kind: Kind,
    on_missing: OnMissing,
    mapping: &'a Mapping,
    sentinels: &'static Sentinels,
    index: FxHashMap<(i64, Storage), usize>,
    /// The distinct ids, in the order in which they were first seen.
    pub seen: Vec<Seen>,
    /// The distinct malformed values, up to [`SHOWN`].
    pub malformed: Vec<(Value, u64)>,
    /// Counts of rows.
    pub counts: Counts,
}

/// How many distinct malformed values are kept for the report.
const SHOWN: usize = 100;

/// A distinct id.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The id.
    pub id: i64,
    /// How it is stored.
    pub storage: Storage,
    /// Rows that hold it.
    pub rows: u64,
    /// What became of its object.
    pub fate: Fate,
    /// What is done with it.
    pub action: Action,
}

/// Rows by what their value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub null: u64,
    pub sentinel: u64,
    pub malformed: u64,
    pub not_an_id: u64,
}

/// The catalogue's sentinels, ready to compare.
#[derive(Debug)]
struct Sentinels {
    numbers: FxHashSet<i64>,
    words: Vec<&'static str>,
}

fn sentinels() -> &'static Sentinels {
    static ALL: std::sync::LazyLock<Sentinels> = std::sync::LazyLock::new(|| {
        let words: Vec<&'static str> = catalogue::get().shared.sentinels.iter().map(String::as_str).collect();
        Sentinels { numbers: words.iter().filter_map(|w| number::canonical(w.as_bytes())).collect(), words }
    });
    &ALL
}

impl<'a> Decider<'a> {
    /// A decider for a column that holds ids of `kind`.
    pub(super) fn new(kind: Kind, on_missing: OnMissing, mapping: &'a Mapping) -> Decider<'a> {
        Decider {
            kind,
            on_missing,
            mapping,
            sentinels: sentinels(),
            index: FxHashMap::default(),
            seen: Vec::new(),
            malformed: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Whose ids the column holds.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// What the value is.
    pub(super) fn class(&self, value: ValueRef<'_>) -> Class {
        match value {
            ValueRef::Null => Class::Null,
            ValueRef::Integer(id) if self.sentinels.numbers.contains(&id) => Class::Sentinel,
            ValueRef::Integer(id) => Class::Id(id, Storage::Integer),
            ValueRef::Real(_) => Class::Malformed,
            ValueRef::Blob(_) => Class::NotAnId,
            ValueRef::Text(text) if self.sentinels.words.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(text)) => Class::Sentinel,
            ValueRef::Text(text) => match number::canonical(text) {
                Some(id) => Class::Id(id, Storage::Text),
                None if number::almost(text) => Class::Malformed,
                None => Class::NotAnId,
            },
        }
    }

    /// Counts a row that holds this value, and tells what is done with it.
    pub(super) fn decide(&mut self, value: ValueRef<'_>) -> Action {
        match self.class(value) {
            Class::Null => self.counts.null += 1,
            Class::Sentinel => self.counts.sentinel += 1,
            Class::NotAnId => self.counts.not_an_id += 1,
            Class::Malformed => {
                self.counts.malformed += 1;
                let value = Value::from_ref(value);
                if let Some((_, rows)) = self.malformed.iter_mut().find(|(v, _)| *v == value) {
                    *rows += 1;
                } else if self.malformed.len() < SHOWN {
                    self.malformed.push((value, 1));
                }
                return if self.on_missing == OnMissing::Keep { Action::Leave } else { Action::Stop };
            }
            Class::Id(id, storage) => {
                let number = match self.index.get(&(id, storage)) {
                    Some(number) => *number,
                    None => {
                        let fate = self.fate(id);
                        let action = self.action(&fate);
                        self.seen.push(Seen { id, storage, rows: 0, fate, action });
                        self.index.insert((id, storage), self.seen.len() - 1);
                        self.seen.len() - 1
                    }
                };
                self.seen[number].rows += 1;
                return self.seen[number].action;
            }
        }
        Action::Leave
    }

    fn fate(&self, id: i64) -> Fate {
        match self.mapping.get(self.kind, id) {
            Some(Match::Found { new, .. }) if *new == id => Fate::Unchanged,
            Some(Match::Found { new, .. }) => Fate::Changed { new: *new },
            Some(Match::NameOnly { candidate }) => Fate::NameOnly { candidate: *candidate },
            Some(Match::Moved { candidate, .. }) => Fate::Moved { candidate: *candidate },
            Some(Match::Conflict { candidate }) => Fate::Conflict { candidate: *candidate },
            Some(Match::Ambiguous { candidates }) => Fate::Ambiguous { candidates: candidates.clone() },
            Some(Match::Missing) => Fate::Missing,
            None => Fate::Unknown,
        }
    }

    /// A policy decides over ids whose object is gone. What is not certain stops whatever the policy: it may be there.
    fn action(&self, fate: &Fate) -> Action {
        match (fate, self.on_missing) {
            (Fate::Unchanged, _) => Action::Leave,
            (Fate::Changed { new }, _) => Action::Set(*new),
            (Fate::Missing | Fate::Unknown, OnMissing::Keep) => Action::Leave,
            (Fate::Missing | Fate::Unknown, OnMissing::Null) => Action::Null,
            (Fate::Missing | Fate::Unknown, OnMissing::DeleteRow | OnMissing::Quarantine) => Action::Remove,
            _ => Action::Stop,
        }
    }

    /// Values that would mean two things afterwards: they stay as they are, and they are somebody's new id in this column.
    pub(super) fn taken(&self) -> Vec<&Seen> {
        let image: FxHashSet<i64> =
            self.seen.iter().filter_map(|s| if let Action::Set(new) = s.action { Some(new) } else { None }).collect();
        let stale = |s: &&Seen| s.action == Action::Leave && s.fate != Fate::Unchanged;
        self.seen.iter().filter(stale).filter(|s| image.contains(&s.id)).collect()
    }

    /// Values that stay although their object is gone, while the new state has another object of that id.
    pub(super) fn reused<'s>(&'s self, new: &Inventory) -> Vec<&'s Seen> {
        let stale = |s: &&Seen| s.action == Action::Leave && s.fate != Fate::Unchanged;
        self.seen.iter().filter(stale).filter(|s| new.get(self.kind, s.id).is_some()).collect()
    }

    /// Whether two different values of the column may become, or stay, the same for a unique index. `false` is certain.
    pub(super) fn may_collide(&self) -> bool {
        let mut after: FxHashSet<(i64, Storage)> = FxHashSet::default();
        self.counts.malformed > 0
            || self.seen.iter().any(|s| match s.action {
                Action::Set(new) => !after.insert((new, s.storage)),
                Action::Leave => !after.insert((s.id, s.storage)),
                Action::Null | Action::Remove | Action::Stop => false,
            })
            || self.counts.sentinel > 0 && after.iter().any(|(id, _)| self.sentinels.numbers.contains(id))
    }

    /// Old id → new id, of the pairs that change something.
    pub(super) fn changes(&self) -> FxHashMap<(i64, Storage), Action> {
        let changing = self.seen.iter().filter(|s| matches!(s.action, Action::Set(_) | Action::Null | Action::Remove));
        changing.map(|s| ((s.id, s.storage), s.action)).collect()
    }
}

/// The value that `action` makes of `value`.
pub(crate) fn after(value: ValueRef<'_>, action: Action) -> Value {
    match (action, value) {
        (Action::Set(new), ValueRef::Text(_)) => Value::Text(new.to_string()),
        (Action::Set(new), _) => Value::Integer(new),
        (Action::Null, _) => Value::Null,
        _ => Value::from_ref(value),
    }
}

/// [`Value`] from a borrowed one, without a panic for text that is not UTF-8.
pub(crate) trait FromRef {
    /// The owned value; text that is not UTF-8 is kept as a blob.
    fn from_ref(value: ValueRef<'_>) -> Value;
}

impl FromRef for Value {
    fn from_ref(value: ValueRef<'_>) -> Value {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(i) => Value::Integer(i),
            ValueRef::Real(r) => Value::Real(r),
            ValueRef::Blob(b) => Value::Blob(b.to_vec()),
            ValueRef::Text(t) => match std::str::from_utf8(t) {
                Ok(text) => Value::Text(text.to_owned()),
                Err(_) => Value::Blob(t.to_vec()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::mapping::Rung;

    fn domain() -> Kind {
        "domain".parse().unwrap()
    }

    fn mapping() -> Mapping {
        let found = |new| Match::Found { new, rung: Rung::Guid, evidence: "".into() };
        Mapping::from_matches([
            ((domain(), 5), found(7)),
            ((domain(), 7), found(5)),
            ((domain(), 8), found(8)),
            ((domain(), 9), Match::Missing),
            ((domain(), 10), Match::Ambiguous { candidates: vec![1, 2] }),
            ((domain(), 11), Match::Conflict { candidate: 3 }),
            ((domain(), 12), Match::NameOnly { candidate: 4 }),
        ])
    }

    #[test]
    fn values_are_classed_by_what_they_are() {
        let mapping = mapping();
        let decider = Decider::new(domain(), OnMissing::Fail, &mapping);
        for (value, class) in [
            (ValueRef::Null, Class::Null),
            (ValueRef::Integer(5), Class::Id(5, Storage::Integer)),
            (ValueRef::Integer(0), Class::Sentinel),
            (ValueRef::Integer(-1), Class::Sentinel),
            (ValueRef::Integer(-7), Class::Id(-7, Storage::Integer)),
            (ValueRef::Text(b"5"), Class::Id(5, Storage::Text)),
            (ValueRef::Text(b""), Class::Sentinel),
            (ValueRef::Text(b"ALL"), Class::Sentinel),
            (ValueRef::Text(b"05"), Class::Malformed),
            (ValueRef::Text(b" 5"), Class::Malformed),
            (ValueRef::Text(b"5\0"), Class::Malformed),
            (ValueRef::Real(5.0), Class::Malformed),
            (ValueRef::Text(b"example.com"), Class::NotAnId),
            (ValueRef::Text(b"\xff5"), Class::NotAnId),
            (ValueRef::Blob(b"5"), Class::NotAnId),
        ] {
            assert_eq!(decider.class(value), class, "{value:?}");
        }
    }

    #[test]
    fn policies_decide_over_what_is_gone_and_over_nothing_else() {
        let mapping = mapping();
        for (on_missing, gone) in [
            (OnMissing::Fail, Action::Stop),
            (OnMissing::Keep, Action::Leave),
            (OnMissing::Null, Action::Null),
            (OnMissing::DeleteRow, Action::Remove),
            (OnMissing::Quarantine, Action::Remove),
        ] {
            let mut decider = Decider::new(domain(), on_missing, &mapping);
            let mut decide = |id| decider.decide(ValueRef::Integer(id));
            assert_eq!([decide(5), decide(7), decide(8)], [Action::Set(7), Action::Set(5), Action::Leave]);
            assert_eq!([decide(9), decide(99)], [gone; 2], "{on_missing:?}");
            assert_eq!([decide(10), decide(11), decide(12)], [Action::Stop; 3], "{on_missing:?}");
        }
    }

    #[test]
    fn a_stale_id_that_is_somebody_elses_new_id_is_seen() {
        let mapping = Mapping::from_matches([((domain(), 5), Match::Found { new: 9, rung: Rung::Guid, evidence: "".into() })]);
        let mut decider = Decider::new(domain(), OnMissing::Keep, &mapping);
        decider.decide(ValueRef::Integer(9));
        assert!(decider.taken().is_empty());
        decider.decide(ValueRef::Text(b"5"));
        assert_eq!(decider.taken().len(), 1, "also across storage classes");
        assert!(!decider.may_collide());
        decider.decide(ValueRef::Integer(5));
        assert!(decider.may_collide());
    }
}
