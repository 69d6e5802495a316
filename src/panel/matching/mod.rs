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

use std::borrow::Cow;

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
    let mut matching = Matching { old, new, settings, outcome: Outcome::default(), renamed: FxHashSet::default() };
    matching.outcome.matches.reserve(old.objects().len());
    for &kind in identity::in_order() {
        matching.kind(kind);
    }
    matching.outcome
}

/// An old object that no GUID matches, and the place in the list of [`Named`] of the new objects with its name.
type Left<'a> = (&'a Object, usize);

/// The new objects of a name: the first, and the others.
type Named<'a> = Option<(&'a Object, Vec<&'a Object>)>;

struct Matching<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    settings: Settings,
    outcome: Outcome,
    /// The old objects whose match has another name.
    renamed: FxHashSet<(Kind, i64)>,
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
        let left = self.by_guid(kind, olds, &mut taken);
        if left.is_empty() {
            return;
        }
        let (mut left, named) = self.by_name(kind, left);
        let rounds = if refers_to_itself(kind) { MOST_ROUNDS } else { 1 };
        for _ in 0..rounds {
            let before = left.len();
            left = self.by_name_and_witness(left, &named, &mut taken);
            if left.len() == before || left.is_empty() {
                break;
            }
        }
        self.by_name_alone(&left, &named, taken);
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
            let name = self.carried_over(object);
            if name.is_empty() || new.name.is_empty() || *name == *new.name || normal(&name) == normal(&new.name) {
                self.found(object, new, Rung::Guid, "same GUID, same name".to_owned());
            } else {
                self.found(object, new, Rung::GuidRenamed, format!("same GUID; {} is now called {}", object.name, new.name));
            }
        }
        left
    }

    /// For each of `left`, the new objects that have the name that it would have in the new panel.
    fn by_name(&self, kind: Kind, left: Vec<&'a Object>) -> (Vec<Left<'a>>, Vec<Named<'a>>) {
        // The first place is for objects without a name.
        let mut places: FxHashMap<String, usize> = FxHashMap::from_iter([(String::new(), 0)]);
        let left: Vec<Left<'a>> = left
            .into_iter()
            .map(|object| {
                let next = places.len();
                let name = normal(&self.carried_over(object));
                (object, *places.entry(name).or_insert(next))
            })
            .collect();
        let mut named = vec![None; places.len()];
        for object in self.new.of_kind(kind).iter().filter(|o| !o.name.is_empty()) {
            let Some(&place) = places.get(&normal(&object.name)) else { continue };
            match &mut named[place] {
                first @ None => *first = Some((object, Vec::new())),
                Some((_, others)) => others.push(object),
            }
        }
        (left, named)
    }

    /// The second rung, once. Returns the objects that it leaves.
    fn by_name_and_witness(&mut self, left: Vec<Left<'a>>, named: &[Named<'a>], taken: &mut FxHashSet<i64>) -> Vec<Left<'a>> {
        let mut claims = Claims::default();
        let mut rest = Vec::new();
        for (object, place) in left {
            match self.candidates(object, &named[place], taken) {
                Candidates::Corroborated { object: new, evidence } => claims.add(new, object, evidence),
                _ => rest.push((object, place)),
            }
        }
        self.settle(claims, Rung::NameAndWitness, taken);
        rest
    }

    /// The last rung, and what becomes of those that no rung matches.
    fn by_name_alone(&mut self, left: &[Left<'a>], named: &[Named<'a>], mut taken: FxHashSet<i64>) {
        let mut claims = Claims::default();
        for (object, place) in left {
            match self.candidates(object, &named[*place], &taken) {
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
        self.settle(claims, Rung::NameOnly, &mut taken);
    }

    /// Gives each claimed new object to the one that claims it; to none if there are several.
    fn settle(&mut self, claims: Claims<'a>, rung: Rung, taken: &mut FxHashSet<i64>) {
        let mut all = claims.in_order();
        for claimants in all.chunk_by_mut(|a, b| a.0.id == b.0.id) {
            let new = claimants[0].0;
            taken.insert(new.id);
            if let [(_, object, evidence)] = claimants {
                let evidence = std::mem::take(evidence);
                if rung == Rung::NameOnly && !self.settings.accept_name {
                    self.unmatched(object, Match::NameOnly { candidate: new.id }, evidence);
                } else {
                    self.found(object, new, rung, evidence);
                }
                continue;
            }
            let ids: Vec<i64> = claimants.iter().map(|(_, old, _)| old.id).collect();
            let reason = format!("{} would be each of the old ids {}", new.label(), list(&ids));
            for (_, object, _) in claimants {
                self.unmatched(object, Match::Ambiguous { candidates: vec![new.id] }, reason.clone());
            }
        }
    }

    /// What the new objects that have the name of `object` say.
    fn candidates(&self, object: &Object, named: &Named<'a>, taken: &FxHashSet<i64>) -> Candidates<'a> {
        let Some((first, more)) = named else { return Candidates::None };
        let differs = |new: &Object| object.guid.is_some() && new.guid.is_some() && object.guid != new.guid;
        if more.is_empty() && !differs(first) && !taken.contains(&first.id) {
            return self.judge(object, first);
        }
        let (others, mut open): (Vec<&Object>, Vec<&Object>) =
            std::iter::once(first).chain(more).partition(|new| differs(new) || taken.contains(&new.id));
        if open.is_empty() {
            return match others.first() {
                Some(new) if differs(new) => Candidates::Another { object: new, why: "another GUID: it was created anew" },
                Some(new) => Candidates::Another { object: new, why: "is what another old object became" },
                None => Candidates::None,
            };
        }
        // Names that differ only in what does not count, as in case, are told apart where one is spelled exactly alike.
        if open.len() > 1 {
            let name = self.carried_over(object);
            let exact: Vec<&Object> = open.iter().copied().filter(|new| *new.name == *name).collect();
            if exact.len() == 1 {
                open = exact;
            }
        }
        if let [new] = open[..] {
            return self.judge(object, new);
        }
        let good: Vec<(&Object, Verdict)> =
            open.iter().map(|new| (*new, compare(object, new, &self.outcome.matches))).filter(|(_, v)| v.corroborates()).collect();
        match &good[..] {
            [(new, verdict)] => Candidates::Corroborated { object: new, evidence: verdict.evidence() },
            [] => Candidates::Several(open.iter().map(|new| new.id).collect()),
            several => Candidates::Several(several.iter().map(|(new, _)| new.id).collect()),
        }
    }

    /// What the witnesses say of the one candidate.
    fn judge(&self, object: &Object, new: &'a Object) -> Candidates<'a> {
        if object.kind.facts().table.as_ref().is_some_and(|t| t.key_is_identity) {
            return Candidates::Corroborated { object: new, evidence: "same name, which is this kind's identity".to_owned() };
        }
        let verdict = compare(object, new, &self.outcome.matches);
        if verdict.corroborates() {
            Candidates::Corroborated { object: new, evidence: verdict.evidence() }
        } else {
            Candidates::Alone { object: new, why: verdict.doubt() }
        }
    }

    /// The name that `object` would have in the new panel.
    fn carried_over<'o>(&'o self, object: &'o Object) -> Cow<'o, str> {
        let successor = |kind: Kind, id: i64| {
            if !self.renamed.contains(&(kind, id)) {
                return None;
            }
            match self.outcome.matches.get(&(kind, id)) {
                Some(Match::Found { new, .. }) => self.new.get(kind, *new).map(|o| &*o.name),
                _ => None,
            }
        };
        carried_over(object, self.old, successor)
    }

    fn found(&mut self, object: &Object, new: &Object, rung: Rung, evidence: String) {
        if object.name != new.name && !new.name.is_empty() {
            self.renamed.insert((object.kind, object.id));
        }
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
    all: Vec<(&'a Object, &'a Object, String)>,
}

impl<'a> Claims<'a> {
    fn add(&mut self, new: &'a Object, old: &'a Object, evidence: String) {
        self.all.push((new, old, evidence));
    }

    /// By the id of the new object, and then of the old one.
    fn in_order(mut self) -> Vec<(&'a Object, &'a Object, String)> {
        self.all.sort_unstable_by_key(|(new, old, _)| (new.id, old.id));
        self.all
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
