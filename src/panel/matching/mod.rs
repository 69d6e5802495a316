//! The ladder that matches the objects of an old inventory with those of a new one.
//!
//! Kinds are matched one after the other, each after those that its identity builds on, so that an owner's match can corroborate that of what
//! he owns. Within a kind, each object takes the first rung that gives exactly one candidate:
//!
//! 1. the same GUID (under another name: renamed since);
//! 2. the same name, and a second witness agrees while no reference contradicts;
//! 3. the same name alone, which counts only when a person accepts it.
//!
//! Two GUIDs that differ are two objects whatever their names. No new object is ever given to two old ones.

mod names;
mod witness;

use rustc_hash::{FxHashMap, FxHashSet};

pub(super) use names::normal;

use super::mapping::{Match, Rung, Settings};
use super::{Inventory, Kind, Object, identity};
use names::carried_over;
use witness::{Verdict, compare};

/// How often a kind whose objects point at each other is gone through: as deep as such chains may be.
const MOST_ROUNDS: usize = 32;

/// The outcome for every old object, and for those without a match the reason.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) matches: FxHashMap<(Kind, i64), Match>,
    pub(super) reasons: FxHashMap<(Kind, i64), Box<str>>,
}

/// Matches every object of `old` with the objects of `new`.
pub(super) fn between(old: &Inventory, new: &Inventory, settings: Settings) -> Outcome {
    let mut matching = Matching { old, new, settings, outcome: Outcome::default() };
    matching.outcome.matches.reserve(old.objects().len());
    for &kind in identity::in_order() {
        matching.kind(kind);
    }
    matching.outcome
}

struct Matching<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    settings: Settings,
    outcome: Outcome,
}

/// What the names say of one old object.
enum Candidates<'a> {
    /// None of that name.
    None,
    /// One of that name, and it is certainly another object.
    Another { object: &'a Object, why: &'static str },
    /// Exactly one, and witnesses agree.
    Corroborated { object: &'a Object, evidence: String },
    /// Exactly one, and nothing but its name speaks for it.
    Alone { object: &'a Object, why: &'static str },
    /// Several.
    Several(Vec<i64>),
}

impl<'a> Matching<'a> {
    fn kind(&mut self, kind: Kind) {
        let olds = self.old.of_kind(kind);
        if olds.is_empty() {
            return;
        }
        if !self.new.carries(kind) {
            for object in olds {
                self.unmatched(object, Match::Missing, format!("the new inventory does not carry {kind} objects"));
            }
            return;
        }
        let mut taken = FxHashSet::default();
        let mut left = self.by_guid(kind, olds, &mut taken);
        if left.is_empty() {
            return;
        }
        let by_name = self.by_name(kind, &left);
        let rounds = if refers_to_itself(kind) { MOST_ROUNDS } else { 1 };
        for _ in 0..rounds {
            let before = left.len();
            left = self.by_name_and_witness(&left, &by_name, &mut taken);
            if left.len() == before || left.is_empty() {
                break;
            }
        }
        self.by_name_alone(&left, &by_name, &taken);
    }

    /// The first rungs. Returns the objects that they leave.
    fn by_guid(&mut self, kind: Kind, olds: &'a [Object], taken: &mut FxHashSet<i64>) -> Vec<&'a Object> {
        let news: FxHashMap<_, &Object> = self.new.of_kind(kind).iter().filter_map(|o| Some((o.guid?, o))).collect();
        let mut left = Vec::new();
        for object in olds {
            let Some(new) = object.guid.and_then(|g| news.get(&g)) else {
                left.push(object);
                continue;
            };
            taken.insert(new.id);
            let name = carried_over(object, self.old, self.new, &self.outcome.matches);
            if name.is_empty() || new.name.is_empty() || *name == *new.name || normal(&name) == normal(&new.name) {
                self.found(object, new, Rung::Guid, "same GUID, same name".to_owned());
            } else {
                self.found(object, new, Rung::GuidRenamed, format!("same GUID; {} is now called {}", object.name, new.name));
            }
        }
        left
    }

    /// The new objects that have the name of one of `left`.
    fn by_name(&self, kind: Kind, left: &[&Object]) -> FxHashMap<String, Vec<&'a Object>> {
        let mut by_name: FxHashMap<String, Vec<&Object>> =
            left.iter().map(|o| (self.name(o), Vec::new())).filter(|(name, _)| !name.is_empty()).collect();
        for object in self.new.of_kind(kind) {
            if let Some(list) = by_name.get_mut(&normal(&object.name)) {
                list.push(object);
            }
        }
        by_name
    }

    /// The name that an old object would have in the new panel, as names are compared.
    fn name(&self, object: &Object) -> String {
        normal(&carried_over(object, self.old, self.new, &self.outcome.matches))
    }

    /// The second rung, once. Returns the objects that it leaves.
    fn by_name_and_witness(
        &mut self,
        left: &[&'a Object],
        by_name: &FxHashMap<String, Vec<&'a Object>>,
        taken: &mut FxHashSet<i64>,
    ) -> Vec<&'a Object> {
        let mut claims = Claims::default();
        let mut rest = Vec::new();
        for object in left {
            match self.candidates(object, by_name, taken) {
                Candidates::Corroborated { object: new, evidence } => claims.add(new, object, evidence),
                _ => rest.push(*object),
            }
        }
        self.settle(claims, Rung::NameAndWitness, taken);
        rest
    }

    /// The last rung, and what becomes of those that no rung matches.
    fn by_name_alone(&mut self, left: &[&'a Object], by_name: &FxHashMap<String, Vec<&'a Object>>, taken: &FxHashSet<i64>) {
        let mut claims = Claims::default();
        for object in left {
            match self.candidates(object, by_name, taken) {
                Candidates::None if object.name.is_empty() => {
                    self.unmatched(object, Match::Missing, "it has no name, and no object has its GUID".to_owned());
                }
                Candidates::None => self.unmatched(object, Match::Missing, "no object has its GUID or its name".to_owned()),
                Candidates::Another { object: new, why } => {
                    self.unmatched(object, Match::Conflict { candidate: new.id }, format!("{} has its name and {why}", new.label()));
                }
                Candidates::Corroborated { object: new, .. } => claims.add(new, object, "same name".to_owned()),
                Candidates::Alone { object: new, why } => claims.add(new, object, why.to_owned()),
                Candidates::Several(ids) => {
                    let reason = format!("{} objects have its name: {}", ids.len(), list(&ids));
                    self.unmatched(object, Match::Ambiguous { candidates: ids }, reason);
                }
            }
        }
        let mut taken = taken.clone();
        self.settle(claims, Rung::NameOnly, &mut taken);
    }

    /// Gives each claimed new object to the one that claims it; to none if there are several.
    fn settle(&mut self, claims: Claims<'a>, rung: Rung, taken: &mut FxHashSet<i64>) {
        for (new, mut claimants) in claims.in_order() {
            taken.insert(new.id);
            if let [(object, evidence)] = claimants.as_mut_slice() {
                let evidence = std::mem::take(evidence);
                if rung == Rung::NameOnly && !self.settings.accept_name {
                    self.unmatched(object, Match::NameOnly { candidate: new.id }, evidence);
                } else {
                    self.found(object, new, rung, evidence);
                }
                continue;
            }
            let ids: Vec<i64> = claimants.iter().map(|(o, _)| o.id).collect();
            let reason = format!("{} would be each of the old ids {}", new.label(), list(&ids));
            for (object, _) in claimants {
                self.unmatched(object, Match::Ambiguous { candidates: vec![new.id] }, reason.clone());
            }
        }
    }

    fn candidates(&self, object: &Object, by_name: &FxHashMap<String, Vec<&'a Object>>, taken: &FxHashSet<i64>) -> Candidates<'a> {
        let Some(named) = by_name.get(&self.name(object)) else { return Candidates::None };
        let differs = |new: &Object| object.guid.is_some() && new.guid.is_some() && object.guid != new.guid;
        let (others, mut open): (Vec<&Object>, Vec<&Object>) = named.iter().partition(|new| differs(new) || taken.contains(&new.id));
        if open.is_empty() {
            return match others.first() {
                Some(new) if differs(new) => Candidates::Another { object: new, why: "another GUID: it was created anew" },
                Some(new) => Candidates::Another { object: new, why: "is what another old object became" },
                None => Candidates::None,
            };
        }
        // Names that differ only in what does not count, as in case, are told apart where one is spelled exactly alike.
        if open.len() > 1 {
            let name = carried_over(object, self.old, self.new, &self.outcome.matches);
            let exact: Vec<&Object> = open.iter().copied().filter(|new| *new.name == *name).collect();
            if exact.len() == 1 {
                open = exact;
            }
        }
        if object.kind.facts().table.as_ref().is_some_and(|t| t.key_is_identity)
            && let [new] = open[..]
        {
            return Candidates::Corroborated { object: new, evidence: "same name, which is this kind's identity".to_owned() };
        }
        let verdicts: Vec<(&Object, Verdict)> = open.iter().map(|new| (*new, compare(object, new, &self.outcome.matches))).collect();
        let good: Vec<&(&Object, Verdict)> = verdicts.iter().filter(|(_, v)| v.corroborates()).collect();
        match (&good[..], &verdicts[..]) {
            ([(new, verdict)], _) => {
                Candidates::Corroborated { object: new, evidence: format!("same name; {} agrees", verdict.agreeing.join(", ")) }
            }
            ([], [(new, verdict)]) => Candidates::Alone { object: new, why: verdict.doubt() },
            ([], several) => Candidates::Several(several.iter().map(|(new, _)| new.id).collect()),
            (several, _) => Candidates::Several(several.iter().map(|(new, _)| new.id).collect()),
        }
    }

    fn found(&mut self, object: &Object, new: &Object, rung: Rung, evidence: String) {
        self.outcome.matches.insert((object.kind, object.id), Match::Found { new: new.id, rung, evidence: evidence.into() });
    }

    fn unmatched(&mut self, object: &Object, outcome: Match, reason: String) {
        self.outcome.reasons.insert((object.kind, object.id), reason.into());
        self.outcome.matches.insert((object.kind, object.id), outcome);
    }
}

/// Which old objects ask for which new one.
#[derive(Default)]
struct Claims<'a> {
    by_new: FxHashMap<i64, (&'a Object, Vec<(&'a Object, String)>)>,
}

impl<'a> Claims<'a> {
    fn add(&mut self, new: &'a Object, old: &'a Object, evidence: String) {
        self.by_new.entry(new.id).or_insert_with(|| (new, Vec::new())).1.push((old, evidence));
    }

    fn in_order(self) -> Vec<(&'a Object, Vec<(&'a Object, String)>)> {
        let mut all: Vec<_> = self.by_new.into_values().collect();
        all.sort_unstable_by_key(|(new, _)| new.id);
        all
    }
}

/// Whether objects of `kind` point at objects of the same kind.
fn refers_to_itself(kind: Kind) -> bool {
    let identity = identity::of(kind);
    identity.parent.iter().chain(&identity.witness).any(|c| c.kind == Some(kind))
}

/// `5, 6, 7, …`: at most ten.
fn list(ids: &[i64]) -> String {
    let mut text = ids.iter().take(10).map(i64::to_string).collect::<Vec<_>>().join(", ");
    if ids.len() > 10 {
        text.push_str(", …");
    }
    text
}

#[cfg(test)]
mod tests;
