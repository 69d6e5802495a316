//! What becomes of one value: the map's algebra, before any SQL.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::actions::Actions;
use super::inside::Insider;
use super::seen::{Counts, Index, Malformed, SHOWN, Seen};
use super::sentinel::Sentinels;
use super::twin::{Agreement, Check, Disagreeing};
use crate::panel::{Inventory, Kind, Mapping, Match};
use crate::reference::manifest::{Entry, OnDisagree, OnMissing, OnUncertain};
use crate::sqlite::{Value, ValueRef};

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
    /// The twin in the same row names another object than the id did in the old panel state.
    Disagrees,
    /// The same, and it names the object that has the id in the new panel state: the row was probably written since.
    DisagreesAsNew,
}

impl Fate {
    /// Whether the row's twin speaks against its id.
    pub(crate) fn disagrees(&self) -> bool {
        matches!(self, Fate::Disagrees | Fate::DisagreesAsNew)
    }
}

/// What is done with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// It stays.
    Leave,
    /// It becomes this id, stored as before.
    Set(i64),
    /// Ids inside of it change.
    Rewrite,
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
    policies: Policies,
    sentinels: Arc<Sentinels>,
    mapping: &'a Mapping,
    /// How the twins in the same rows are held against the ids.
    twins: Option<Check<'a>>,
    /// The rows whose twins speak against their ids.
    pub disagreeing: Disagreeing,
    index: Index,
    /// The distinct ids, in the order in which they were first seen.
    pub seen: Vec<Seen>,
    /// The distinct malformed values, up to [`SHOWN`].
    pub malformed: Vec<Malformed>,
    /// The run of leaves whose rows are shown.
    run: u32,
    /// Counts of rows.
    pub counts: Counts,
    /// The column's ids stand inside its values: this decides in its place.
    pub inside: Option<Box<Insider<'a>>>,
}

/// What the manifest says of ids that are not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Policies {
    /// Whose object is gone.
    pub missing: OnMissing,
    /// Of which it is not certain what they mean, or what became of their objects.
    pub uncertain: OnUncertain,
}

impl Policies {
    /// What `entry` says.
    pub(super) fn of(entry: &Entry) -> Policies {
        Policies { missing: entry.on_missing, uncertain: entry.on_uncertain }
    }

    /// Whether rows may be taken out.
    pub(super) fn removes(self) -> bool {
        let OnUncertain { conflict, ambiguous, .. } = self.uncertain;
        [self.missing, conflict, ambiguous].iter().any(|p| matches!(p, OnMissing::DeleteRow | OnMissing::Quarantine))
    }
}

impl<'a> Decider<'a> {
    /// A decider for a column that holds ids of `kind`.
    pub(super) fn new(
        kind: Kind,
        policies: Policies,
        sentinels: Arc<Sentinels>,
        mapping: &'a Mapping,
        twins: Option<Check<'a>>,
    ) -> Decider<'a> {
        Decider {
            kind,
            policies,
            sentinels,
            mapping,
            twins,
            disagreeing: Disagreeing::default(),
            index: Index::default(),
            seen: Vec::new(),
            malformed: Vec::new(),
            run: 0,
            counts: Counts::default(),
            inside: None,
        }
    }

    /// A decider for a column whose ids stand inside its values.
    pub(super) fn inside(insider: Insider<'a>, kind: Kind, mapping: &'a Mapping) -> Decider<'a> {
        Decider { inside: Some(Box::new(insider)), ..Decider::new(kind, Policies::default(), Sentinels::shared(), mapping, None) }
    }

    /// Whose ids the column holds.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    /// How the twins in the same rows are held against the ids.
    pub(super) fn twins(&self) -> Option<&Check<'a>> {
        self.twins.as_ref()
    }

    /// The column with the twins, if some row's twin speaks against its id.
    pub(super) fn disagreeing_twin(&self) -> Option<usize> {
        self.twins.as_ref().map(|t| t.column).filter(|_| !self.disagreeing.is_empty())
    }

    /// The values that mean no object, or all.
    pub(super) fn sentinels(&self) -> &Arc<Sentinels> {
        &self.sentinels
    }

    /// What the value is.
    pub(super) fn class(&self, value: ValueRef<'_>) -> Class {
        self.sentinels.class(value)
    }

    /// Whether an id without a twin was left although it means something else, or nothing, afterwards.
    pub(super) fn was_left(&self, id: i64) -> bool {
        [Storage::Integer, Storage::Text].iter().any(|storage| {
            let seen = self.index.get(id, *storage, Agreement::Fine).map(|number| &self.seen[number]);
            seen.is_some_and(|s| s.action == Action::Leave && s.fate != Fate::Unchanged)
        })
    }

    /// The rows of that run of leaves follow.
    pub(super) fn begin(&mut self, run: u32) {
        self.run = run;
        self.inside.iter_mut().flat_map(|i| &mut i.parts).for_each(|part| part.begin(run));
    }

    /// Counts a row that holds this value and this twin, and tells what is done with it, and whether the two disagree.
    pub(super) fn decide(&mut self, value: ValueRef<'_>, twin: ValueRef<'_>) -> (Action, bool) {
        if let Some(inside) = &mut self.inside {
            return (inside.decide(value), false);
        }
        match self.class(value) {
            Class::Null => self.counts.null += 1,
            Class::Sentinel => self.counts.sentinel += 1,
            Class::NotAnId => self.counts.not_an_id += 1,
            Class::Malformed => {
                self.counts.malformed += 1;
                let value = Value::from_ref(value);
                if let Some(known) = self.malformed.iter_mut().find(|m| m.value == value) {
                    known.rows += 1;
                } else if self.malformed.len() < SHOWN {
                    self.malformed.push(Malformed { value, rows: 1, run: self.run });
                }
                return (if self.policies.missing == OnMissing::Keep { Action::Leave } else { Action::Stop }, false);
            }
            Class::Id(id, storage) => {
                let agreement = self.twins.as_ref().map_or(Agreement::Fine, |t| t.agreement(id, twin));
                if agreement != Agreement::Fine {
                    self.disagreeing.add(id, twin);
                }
                let number = match self.index.get(id, storage, agreement) {
                    Some(number) => number,
                    None => {
                        let fate = match agreement {
                            Agreement::Fine => self.fate(id),
                            Agreement::Disagree => Fate::Disagrees,
                            Agreement::AsNew => Fate::DisagreesAsNew,
                        };
                        // What would stay anyway is left alone whatever its twin says: a name may be older than the object's last one.
                        let stays = fate.disagrees() && self.fate(id) == Fate::Unchanged;
                        let action = if stays { Action::Leave } else { self.action(&fate) };
                        let number = self.seen.len();
                        self.seen.push(Seen { id, storage, agreement, run: self.run, rows: 0, fate, action });
                        self.index.insert(id, storage, agreement, number);
                        number
                    }
                };
                self.seen[number].rows += 1;
                return (self.seen[number].action, agreement != Agreement::Fine);
            }
        }
        (Action::Leave, false)
    }

    /// Makes one of several that each saw some runs of a table's leaves: what one of them would know that saw all. `None`: some saw more malformed values
    /// than are kept, and how often the first ones occur is not known.
    pub(super) fn join(all: Vec<Decider<'a>>) -> Option<Decider<'a>> {
        let mut all = all.into_iter();
        let mut joined = all.next()?;
        let mut full = joined.malformed.len() >= SHOWN;
        for mut other in all {
            full |= other.malformed.len() >= SHOWN;
            joined.seen.append(&mut other.seen);
            joined.malformed.append(&mut other.malformed);
            joined.disagreeing.join(other.disagreeing);
            joined.counts = joined.counts.plus(other.counts);
            joined.inside = match (joined.inside.take(), other.inside) {
                (Some(one), Some(other)) => Some(Box::new(one.join(*other)?)),
                _ => None,
            };
        }
        if full {
            return None;
        }
        // A run's rows were seen by one of them, in their order.
        joined.seen.sort_by_key(|s| s.run);
        joined.malformed.sort_by_key(|m| m.run);
        joined.index = Index::default();
        let mut known = 0;
        for at in 0..joined.seen.len() {
            let Seen { id, storage, agreement, rows, .. } = joined.seen[at];
            match joined.index.get(id, storage, agreement) {
                Some(first) => joined.seen[first].rows += rows,
                None => {
                    joined.index.insert(id, storage, agreement, known);
                    joined.seen.swap(known, at);
                    known += 1;
                }
            }
        }
        joined.seen.truncate(known);
        let mut malformed: Vec<Malformed> = Vec::with_capacity(joined.malformed.len());
        for other in joined.malformed {
            match malformed.iter_mut().find(|m| m.value == other.value) {
                Some(known) => known.rows += other.rows,
                None => malformed.push(other),
            }
        }
        malformed.truncate(SHOWN);
        joined.malformed = malformed;
        Some(joined)
    }

    /// What is done with an id that no twin speaks against.
    pub(super) fn action_of(&self, id: i64) -> Action {
        match self.index.get(id, Storage::Integer, Agreement::Fine) {
            Some(known) => self.seen[known].action,
            None => self.action(&self.fate(id)),
        }
    }

    /// What is done with an id whose object is gone.
    pub(super) fn on_missing(&self) -> OnMissing {
        self.policies.missing
    }

    /// Whether some id's row may go into quarantine.
    pub(super) fn may_quarantine(&self) -> bool {
        let of = |p: Policies| [p.missing, p.uncertain.conflict, p.uncertain.ambiguous].contains(&OnMissing::Quarantine);
        self.inside.as_ref().map_or_else(|| of(self.policies), |i| i.parts.iter().any(Decider::may_quarantine))
    }

    /// The id that the value is, where its row goes into quarantine by it.
    pub(super) fn holds_back(&self, value: ValueRef<'_>) -> Option<i64> {
        let Class::Id(id, _) = self.class(value) else { return None };
        let Policies { missing, uncertain } = self.policies;
        let policy = match self.fate(id) {
            Fate::Missing | Fate::Unknown => missing,
            Fate::Conflict { .. } => uncertain.conflict,
            Fate::Ambiguous { .. } => uncertain.ambiguous,
            _ => return None,
        };
        (policy == OnMissing::Quarantine).then_some(id)
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

    /// Each sort of doubt has a policy of its own: one over ids whose object is gone says nothing of ids whose object may be there. What a person may
    /// accept has none.
    fn action(&self, fate: &Fate) -> Action {
        let Policies { missing, uncertain: OnUncertain { conflict, ambiguous, disagree } } = self.policies;
        let by = |policy| match policy {
            OnMissing::Fail => Action::Stop,
            OnMissing::Keep => Action::Leave,
            OnMissing::Null => Action::Null,
            OnMissing::DeleteRow | OnMissing::Quarantine => Action::Remove,
        };
        match fate {
            Fate::Unchanged => Action::Leave,
            Fate::Changed { new } => Action::Set(*new),
            Fate::Missing | Fate::Unknown => by(missing),
            Fate::Conflict { .. } => by(conflict),
            Fate::Ambiguous { .. } => by(ambiguous),
            Fate::NameOnly { .. } | Fate::Moved { .. } => Action::Stop,
            Fate::Disagrees | Fate::DisagreesAsNew if disagree == OnDisagree::Keep => Action::Leave,
            Fate::Disagrees | Fate::DisagreesAsNew => Action::Stop,
        }
    }

    /// Whether a row stays as it is although its id means nothing certain any more.
    fn stale(seen: &Seen) -> bool {
        seen.action == Action::Leave && !matches!(seen.fate, Fate::Unchanged | Fate::DisagreesAsNew)
    }

    /// Values that would mean two things afterwards: they stay as they are, and they are somebody's new id in this column.
    pub(super) fn taken(&self) -> Vec<&Seen> {
        let image: FxHashSet<i64> =
            self.seen.iter().filter_map(|s| if let Action::Set(new) = s.action { Some(new) } else { None }).collect();
        self.seen.iter().filter(|s| Decider::stale(s)).filter(|s| image.contains(&s.id)).collect()
    }

    /// Values that would become one that means no object here.
    pub(super) fn lost(&self) -> impl Iterator<Item = (&Seen, i64)> {
        self.seen.iter().filter_map(|s| match s.action {
            Action::Set(new) if self.sentinels.has(new) => Some((s, new)),
            _ => None,
        })
    }

    /// Values that stay although their object is gone, while the new state has another object of that id.
    pub(super) fn reused<'s>(&'s self, new: &Inventory) -> Vec<&'s Seen> {
        self.seen.iter().filter(|s| Decider::stale(s)).filter(|s| new.get(self.kind, s.id).is_some()).collect()
    }

    /// Whether two different values of the column may become, or stay, the same for a unique index. `false` is certain.
    pub(super) fn may_collide(&self) -> bool {
        if let Some(inside) = &self.inside {
            return inside.is_changing();
        }
        let mut after: FxHashSet<(i64, Storage)> = FxHashSet::default();
        self.counts.malformed > 0
            || self.seen.iter().any(|s| match s.action {
                Action::Set(new) => !after.insert((new, s.storage)),
                Action::Leave => !after.insert((s.id, s.storage)),
                Action::Null | Action::Remove | Action::Stop | Action::Rewrite => false,
            })
            || self.counts.sentinel > 0
                && self.sentinels.any_number(|n| after.contains(&(n, Storage::Integer)) || after.contains(&(n, Storage::Text)))
    }

    /// Whether some cell changes.
    pub(super) fn is_changing(&self) -> bool {
        match &self.inside {
            Some(inside) => inside.is_changing(),
            None => self.seen.iter().any(|s| matches!(s.action, Action::Set(_) | Action::Null)),
        }
    }

    /// What is done with the ids that do not stay.
    pub(super) fn changes(&self) -> Actions {
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
            ((domain(), 13), Match::Moved { candidate: 6, rung: Rung::Guid }),
        ])
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
            let mut decider =
                Decider::new(domain(), Policies { missing: on_missing, ..Policies::default() }, Sentinels::shared(), &mapping, None);
            let mut decide = |id| decider.decide(ValueRef::Integer(id), ValueRef::Null).0;
            assert_eq!([decide(5), decide(7), decide(8)], [Action::Set(7), Action::Set(5), Action::Leave]);
            assert_eq!([decide(9), decide(99)], [gone; 2], "{on_missing:?}");
            assert_eq!([10, 11, 12, 13].map(&mut decide), [Action::Stop; 4], "{on_missing:?}");
            for (number, mine) in [(10, true), (11, false)] {
                let uncertain = match mine {
                    true => OnUncertain { ambiguous: on_missing, ..OnUncertain::default() },
                    false => OnUncertain { conflict: on_missing, ..OnUncertain::default() },
                };
                let mut decider =
                    Decider::new(domain(), Policies { uncertain, ..Policies::default() }, Sentinels::shared(), &mapping, None);
                let actions = [9, 10, 11, 12, 13].map(|id| decider.decide(ValueRef::Integer(id), ValueRef::Null).0);
                let expected = [9, 10, 11, 12, 13].map(|id| if id == number { gone } else { Action::Stop });
                assert_eq!(actions, expected, "{on_missing:?}");
            }
        }
    }

    #[test]
    fn a_stale_id_that_is_somebody_elses_new_id_is_seen() {
        let mapping = Mapping::from_matches([((domain(), 5), Match::Found { new: 9, rung: Rung::Guid, evidence: "".into() })]);
        let mut decider =
            Decider::new(domain(), Policies { missing: OnMissing::Keep, ..Policies::default() }, Sentinels::shared(), &mapping, None);
        decider.decide(ValueRef::Integer(9), ValueRef::Null);
        assert!(decider.taken().is_empty());
        decider.decide(ValueRef::Text(b"5"), ValueRef::Null);
        assert_eq!(decider.taken().len(), 1, "also across storage classes");
        assert!(!decider.may_collide());
        decider.decide(ValueRef::Integer(5), ValueRef::Null);
        assert!(decider.may_collide());
    }
}
