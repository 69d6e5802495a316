//! The ladder that matches the objects of an old inventory with those of a new one.
//!
//! First it is decided whether the two are of one panel: there, an equal id is a witness. Then kinds are matched one after the other, each after those that
//! its identity builds on, so that an owner's match can corroborate that of what he owns. What a person settled stands before all rungs. Within a kind,
//! each object takes the first rung that gives exactly one candidate:
//!
//! 1. the same GUID (under another name: renamed since);
//! 2. the same name, where it is the kind's identity or that of an object which every panel has;
//! 3. the same name, and a second witness agrees while no reference contradicts;
//! 4. the same name alone, which counts only when a person accepts it.
//!
//! On one panel, where no GUID tells and an id goes by two names, neither the name nor the id is believed: the object may have been renamed.
//! Two GUIDs that differ are two objects whatever their names. No new object is ever given to two old ones. Whom an object belongs to must be what its old
//! owner became, by whatever rung it was matched.

mod names;
mod panel;
mod witness;

use std::borrow::Cow;
use std::num::NonZeroU32;

use rustc_hash::{FxHashMap, FxHashSet};

pub(super) use names::normal;

use super::mapping::{Match, Panel, Relation, Rung, Settings, Settled};
use super::{Guid, Inventory, Kind, Object, identity};
use names::carried_over;
use panel::is_built_in;
use witness::{Contradiction, Verdict};

/// How often a kind is gone through at most: what one match leaves open may corroborate another, as in a chain of objects that point at each other.
const MOST_ROUNDS: usize = 32;

/// The outcome for every old object, and for those without a match the reason.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) matches: FxHashMap<(Kind, i64), Match>,
    pub(super) reasons: FxHashMap<(Kind, i64), Box<str>>,
    pub(super) relation: Relation,
}

/// Matches every object of `old` with the objects of `new`; the pairs of `settled` stand beforehand.
pub(super) fn between(old: &Inventory, new: &Inventory, settings: Settings, settled: &[Settled]) -> Outcome {
    let hits = Kind::all().map(|kind| hits(old.of_kind(kind), new.of_kind(kind))).collect();
    let mut matching = Matching { old, new, settings, hits, outcome: Outcome::default(), renamed: FxHashSet::default() };
    matching.outcome.relation = matching.relation();
    matching.outcome.matches.reserve(old.objects().len());
    for pair in settled {
        matching.settle_beforehand(pair);
    }
    for &kind in identity::in_order() {
        let taken = settled.iter().filter(|s| s.kind == kind).filter_map(|s| s.new).collect();
        matching.kind(kind, taken);
    }
    matching.outcome
}

/// The place of a new object among those of its kind, counted from 1.
#[derive(Clone, Copy)]
struct Hit(Option<NonZeroU32>);

impl Hit {
    fn of(self, news: &[Object]) -> Option<&Object> {
        self.0.and_then(|place| news.get(usize::try_from(place.get()).ok()?.checked_sub(1)?))
    }
}

/// For each old object of a kind, the new one with its GUID. No GUID stands twice in an inventory.
fn hits(olds: &[Object], news: &[Object]) -> Vec<Hit> {
    if !olds.iter().any(|o| o.guid.is_some()) {
        return vec![Hit(None); olds.len()];
    }
    let place = |i: usize| u32::try_from(i + 1).ok().and_then(NonZeroU32::new);
    let mut places = FxHashMap::with_capacity_and_hasher(news.len(), rustc_hash::FxBuildHasher);
    places.extend(news.iter().enumerate().filter_map(|(i, o)| Some((o.guid?, place(i)?))));
    olds.iter().map(|o| Hit(o.guid.and_then(|g| places.get(&g).copied()))).collect()
}

/// An old object that no GUID matches, and the place in the list of [`Named`] of the new objects with its name.
type Left<'a> = (&'a Object, usize);

/// The new objects of a name: the first, and the others.
type Named<'a> = Option<(&'a Object, Vec<&'a Object>)>;

struct Matching<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    settings: Settings,
    /// For each kind, what [`hits`] gives.
    hits: Vec<Vec<Hit>>,
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
    /// Exactly one, and this rung matches it.
    One { object: &'a Object, rung: Rung, evidence: Cow<'static, str> },
    /// On the same panel, and without a GUID, the names say another thing than the ids.
    Renamed { ids: Vec<i64>, reason: String },
    /// Exactly one, and it belongs to another object than before.
    Moved { object: &'a Object, rung: Rung, how: Contradiction },
    /// Several.
    Several(Vec<i64>),
}

impl<'a> Matching<'a> {
    fn settle_beforehand(&mut self, pair: &Settled) {
        let (old, new) = (self.old, self.new);
        let Some(object) = old.get(pair.kind, pair.old) else { return };
        match pair.new {
            Some(id) => {
                let Some(found) = new.get(pair.kind, id) else { return };
                self.found(object, found, pair.rung, pair.evidence.clone());
            }
            None => self.unmatched(object, Match::Missing, pair.evidence.to_string()),
        }
    }

    /// Matches the objects of one kind; `taken` are new objects that are given away already.
    fn kind(&mut self, kind: Kind, mut taken: FxHashSet<i64>) {
        let olds = self.old.of_kind(kind);
        if olds.is_empty() {
            return;
        }
        if !self.new.carries(kind) {
            for object in olds.iter().filter(|o| !self.is_settled(o)).collect::<Vec<_>>() {
                self.unmatched(object, Match::Missing, format!("the new inventory does not carry {kind} objects"));
            }
            return;
        }
        let left = self.by_guid(kind, &mut taken);
        if !left.is_empty() {
            let (mut left, named) = self.by_name(kind, left);
            for _ in 0..MOST_ROUNDS {
                let before = left.len();
                left = self.by_name_and_witness(left, &named, &mut taken);
                if left.len() == before || left.is_empty() {
                    break;
                }
            }
            self.by_name_alone(&left, &named, taken);
        }
        self.owners(kind);
    }

    fn is_settled(&self, object: &Object) -> bool {
        self.outcome.matches.contains_key(&(object.kind, object.id))
    }

    /// The first rungs. Returns the objects that they leave.
    fn by_guid(&mut self, kind: Kind, taken: &mut FxHashSet<i64>) -> Vec<&'a Object> {
        let (olds, news) = (self.old.of_kind(kind), self.new.of_kind(kind));
        let (as_it_was, renamed) = (has(kind, Rung::Guid), has(kind, Rung::GuidRenamed));
        let anything_settled = !taken.is_empty() || !self.outcome.matches.is_empty();
        let (mut left, mut found) = (Vec::new(), Vec::with_capacity(olds.len()));
        for (i, object) in olds.iter().enumerate() {
            if anything_settled && self.is_settled(object) {
                continue;
            }
            let Some(new) = self.hits[kind.index()][i].of(news) else {
                left.push(object);
                continue;
            };
            if taken.contains(&new.id) {
                let reason = format!("{} has its GUID and is what another old object became", new.label());
                self.unmatched(object, Match::Conflict { candidate: new.id }, reason);
                continue;
            }
            let name = self.carried_over(object);
            let same = name.is_empty() || new.name.is_empty() || *name == *new.name || normal(&name) == normal(&new.name);
            if same && as_it_was {
                found.push(new.id);
                self.found(object, new, Rung::Guid, Cow::Borrowed("same GUID, same name"));
            } else if !same && renamed {
                found.push(new.id);
                let evidence = format!("same GUID; {} is now called {}", object.name, new.name);
                self.found(object, new, Rung::GuidRenamed, evidence.into());
            } else {
                left.push(object);
            }
        }
        if !left.is_empty() {
            taken.extend(found);
        }
        left
    }

    /// For each of `left`, the new objects that have the name that it would have in the new panel.
    fn by_name(&self, kind: Kind, left: Vec<&'a Object>) -> (Vec<Left<'a>>, Vec<Named<'a>>) {
        // The first place is for objects without a name.
        let mut places: FxHashMap<String, usize> = FxHashMap::from_iter([(String::new(), 0)]);
        places.reserve(left.len());
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

    /// The rungs of the name that need no person, once. Returns the objects that they leave.
    fn by_name_and_witness(&mut self, left: Vec<Left<'a>>, named: &[Named<'a>], taken: &mut FxHashSet<i64>) -> Vec<Left<'a>> {
        let mut claims = Claims::default();
        let mut rest = Vec::new();
        for (object, place) in left {
            match self.candidates(object, &named[place], taken) {
                Candidates::One { object: new, rung: rung @ (Rung::Key | Rung::NameAndWitness), evidence } => {
                    claims.add(new, object, rung, evidence);
                }
                _ => rest.push((object, place)),
            }
        }
        self.settle(claims, taken);
        rest
    }

    /// The last rung, and what becomes of those that no rung matches.
    fn by_name_alone(&mut self, left: &[Left<'a>], named: &[Named<'a>], mut taken: FxHashSet<i64>) {
        let shared = Shared::of(self.old, self.new);
        let mut claims = Claims::default();
        for (object, place) in left {
            let candidates = self.candidates(object, &named[*place], &taken);
            let candidates = match candidates {
                Candidates::None | Candidates::Another { .. } => self.renamed(object, None).unwrap_or(candidates),
                _ => candidates,
            };
            match candidates {
                Candidates::Renamed { ids, reason } => self.unmatched(object, Match::Ambiguous { candidates: ids }, reason),
                Candidates::None if shared.may_be(object, &taken).is_some() => {
                    let ids = shared.may_be(object, &taken).unwrap_or_default();
                    let reason = format!("its GUID is one that several objects have, {} among them", list(&ids));
                    self.unmatched(object, Match::Ambiguous { candidates: ids }, reason);
                }
                Candidates::None if object.name.is_empty() => {
                    self.unmatched(object, Match::Missing, "it has no name, and no object has its GUID".to_owned());
                }
                Candidates::None => self.unmatched(object, Match::Missing, "no object has its GUID or its name".to_owned()),
                Candidates::Another { object: new, why } => {
                    self.unmatched(object, Match::Conflict { candidate: new.id }, format!("{} has its name and {why}", new.label()));
                }
                Candidates::Moved { object: new, rung, how } => {
                    let reason = format!("same name, but {}", self.told(how));
                    self.unmatched(object, Match::Moved { candidate: new.id, rung }, reason);
                }
                Candidates::One { object: new, rung: Rung::NameOnly, .. } if !has(object.kind, Rung::NameOnly) => {
                    let reason = format!("{} has its name, which alone tells nothing of a {}", new.label(), object.kind);
                    self.unmatched(object, Match::Missing, reason);
                }
                Candidates::One { object: new, evidence, .. } => claims.add(new, object, Rung::NameOnly, evidence),
                Candidates::Several(ids) => {
                    let reason = format!("{} objects have its name: {}", ids.len(), list(&ids));
                    self.unmatched(object, Match::Ambiguous { candidates: ids }, reason);
                }
            }
        }
        self.settle(claims, &mut taken);
    }

    /// Gives each claimed new object to the one that claims it; to none if there are several.
    fn settle(&mut self, claims: Claims<'a>, taken: &mut FxHashSet<i64>) {
        let mut all = claims.in_order();
        for claimants in all.chunk_by_mut(|a, b| a.new.id == b.new.id) {
            let new = claimants[0].new;
            taken.insert(new.id);
            if let [Claim { old, rung, evidence, .. }] = claimants {
                let evidence = std::mem::take(evidence);
                if *rung == Rung::NameOnly && !self.settings.accept_name {
                    self.unmatched(old, Match::NameOnly { candidate: new.id }, evidence.into_owned());
                } else {
                    self.found(old, new, *rung, evidence);
                }
                continue;
            }
            let ids: Vec<i64> = claimants.iter().map(|c| c.old.id).collect();
            let reason = format!("{} would be each of the old ids {}", new.label(), list(&ids));
            for claim in claimants {
                self.unmatched(claim.old, Match::Ambiguous { candidates: vec![new.id] }, reason.clone());
            }
        }
    }

    /// What the new objects that have the name of `object` say.
    fn candidates(&self, object: &Object, named: &Named<'a>, taken: &FxHashSet<i64>) -> Candidates<'a> {
        let Some((first, more)) = named else { return Candidates::None };
        // What every panel has one of has the GUID that its panel gave it.
        let built_in = is_built_in(object);
        let differs = |new: &Object| !built_in && object.guid.is_some() && new.guid.is_some() && object.guid != new.guid;
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
        let good: Vec<(&Object, Verdict)> = if has(object.kind, Rung::NameAndWitness) {
            open.iter().map(|new| (*new, self.compare(object, new))).filter(|(_, v)| v.corroborates()).collect()
        } else {
            Vec::new()
        };
        match &good[..] {
            [(new, verdict)] => Candidates::One { object: new, rung: Rung::NameAndWitness, evidence: verdict.evidence().into() },
            [] => Candidates::Several(open.iter().map(|new| new.id).collect()),
            several => Candidates::Several(several.iter().map(|(new, _)| new.id).collect()),
        }
    }

    /// What speaks for or against the one candidate.
    fn judge(&self, object: &Object, new: &'a Object) -> Candidates<'a> {
        if has(object.kind, Rung::Key) {
            let evidence = "same name, which is this kind's identity".into();
            return Candidates::One { object: new, rung: Rung::Key, evidence };
        }
        if is_built_in(object) {
            return Candidates::One { object: new, rung: Rung::Key, evidence: "same name, and every panel has one such object".into() };
        }
        if let Some(renamed) = self.renamed(object, Some(new)) {
            return renamed;
        }
        let verdict = self.compare(object, new);
        let rung = if verdict.agrees() && has(object.kind, Rung::NameAndWitness) { Rung::NameAndWitness } else { Rung::NameOnly };
        match verdict.contradiction() {
            Some(how) if !self.settings.accept_moved => Candidates::Moved { object: new, rung, how },
            Some(how) => {
                let evidence = format!("{}; {}, which was accepted", verdict.evidence(), self.told(how));
                Candidates::One { object: new, rung, evidence: evidence.into() }
            }
            None if rung == Rung::NameOnly => {
                Candidates::One { object: new, rung, evidence: Cow::Borrowed("same name, and nothing else agrees") }
            }
            None => Candidates::One { object: new, rung, evidence: verdict.evidence().into() },
        }
    }

    /// Whether `object`, whose kind has no GUIDs, may have been renamed: on the same panel its id, or that of the object `new` of its name, goes by two
    /// names. Then either the ids tell who is who, and names were given to others, or the names do, and the panel is another one after all.
    fn renamed(&self, object: &Object, new: Option<&Object>) -> Option<Candidates<'a>> {
        let kind = object.kind;
        if self.outcome.relation.panel != Panel::Same || has(kind, Rung::Guid) || has(kind, Rung::Key) || object.name.is_empty() {
            return None;
        }
        let other_name = |then: &Object, now: &Object| {
            !then.name.is_empty() && !now.name.is_empty() && normal(&self.carried_over(then)) != normal(&now.name)
        };
        let there = self.new.get(kind, object.id).filter(|there| other_name(object, there));
        let before = new.and_then(|new| self.old.get(kind, new.id).filter(|before| other_name(before, new)));
        let mut told = Vec::new();
        told.extend(there.map(|there| format!("{} has its id", there.label())));
        told.extend(new.filter(|_| !told.is_empty() || before.is_some()).map(|new| format!("{} has its name", new.label())));
        told.extend(before.map(|before| format!("that id was {}", before.label())));
        if told.is_empty() {
            return None;
        }
        let mut ids: Vec<i64> = there.iter().map(|o| o.id).chain(new.map(|o| o.id)).collect();
        ids.sort_unstable();
        Some(Candidates::Renamed {
            ids,
            reason: format!("on the same panel, {}: names were given to others, or it is another panel", told.join(", ")),
        })
    }

    /// The last check of a kind: objects belong to what their old owners became.
    fn owners(&mut self, kind: Kind) {
        if identity::of(kind).parent.is_none() {
            return;
        }
        let mut moved = Vec::new();
        for object in self.old.of_kind(kind) {
            let Some(Match::Found { new, rung, .. }) = self.outcome.matches.get(&(kind, object.id)) else { continue };
            // What a person decided stands, and so does what can be no other object.
            if matches!(rung, Rung::Decided | Rung::Key) {
                continue;
            }
            let Some(new) = self.new.get(kind, *new) else { continue };
            if let Some(how) = self.moved(object, new) {
                moved.push((object, new, *rung, self.told(how)));
            }
        }
        for (object, new, rung, how) in moved {
            let same = if rung.by_guid() { "same GUID" } else { "same name" };
            match self.settings.accept_moved {
                true if rung.by_guid() => self.found(object, new, rung, format!("{same}; {how}, which was accepted").into()),
                true => {}
                false => self.unmatched(object, Match::Moved { candidate: new.id, rung }, format!("{same}, but {how}")),
            }
        }
    }

    /// The name that `object` would have in the new panel.
    fn carried_over<'o>(&'o self, object: &'o Object) -> Cow<'o, str> {
        if self.renamed.is_empty() {
            return Cow::Borrowed(&object.name);
        }
        let successor = |kind: Kind, id: i64| {
            if !self.renamed.contains(&(kind, id)) {
                return None;
            }
            match self.outcome.matches.get(&(kind, id)) {
                Some(Match::Found { new, .. } | Match::Moved { candidate: new, .. }) => self.new.get(kind, *new).map(|o| &*o.name),
                _ => None,
            }
        };
        carried_over(object, self.old, successor)
    }

    fn found(&mut self, object: &Object, new: &Object, rung: Rung, evidence: Cow<'static, str>) {
        if object.name != new.name && !new.name.is_empty() {
            self.renamed.insert((object.kind, object.id));
        }
        self.outcome.matches.insert((object.kind, object.id), Match::Found { new: new.id, rung, evidence });
    }

    fn unmatched(&mut self, object: &Object, outcome: Match, reason: String) {
        self.outcome.reasons.insert((object.kind, object.id), reason.into());
        self.outcome.matches.insert((object.kind, object.id), outcome);
    }
}

/// The GUIDs that several objects of one inventory carry. They identify none of them, but tell whom somebody may be.
struct Shared {
    /// The old objects that carry one.
    old: FxHashMap<(Kind, i64), Guid>,
    /// The new objects that carry a GUID which is shared in one of the inventories.
    new: FxHashMap<(Kind, Guid), Vec<i64>>,
}

impl Shared {
    fn of(old: &Inventory, new: &Inventory) -> Shared {
        let mut shared = Shared { old: FxHashMap::default(), new: FxHashMap::default() };
        for d in old.duplicates() {
            shared.old.extend(d.ids.iter().map(|id| ((d.kind, *id), d.guid)));
            if let Some(one) = new.of_kind(d.kind).iter().find(|o| o.guid == Some(d.guid)) {
                shared.new.insert((d.kind, d.guid), vec![one.id]);
            }
        }
        shared.new.extend(new.duplicates().iter().map(|d| ((d.kind, d.guid), d.ids.clone())));
        shared
    }

    /// The new objects that are not `taken` and carry the GUID of `object`, where that is shared.
    fn may_be(&self, object: &Object, taken: &FxHashSet<i64>) -> Option<Vec<i64>> {
        let guid = object.guid.or_else(|| self.old.get(&(object.kind, object.id)).copied())?;
        let ids: Vec<i64> = self.new.get(&(object.kind, guid))?.iter().copied().filter(|id| !taken.contains(id)).collect();
        (!ids.is_empty()).then_some(ids)
    }
}

/// Which old objects ask for which new one.
#[derive(Default)]
struct Claims<'a> {
    all: Vec<Claim<'a>>,
}

/// An old object that asks for a new one.
struct Claim<'a> {
    new: &'a Object,
    old: &'a Object,
    rung: Rung,
    evidence: Cow<'static, str>,
}

impl<'a> Claims<'a> {
    fn add(&mut self, new: &'a Object, old: &'a Object, rung: Rung, evidence: Cow<'static, str>) {
        self.all.push(Claim { new, old, rung, evidence });
    }

    /// By the id of the new object, and then of the old one.
    fn in_order(mut self) -> Vec<Claim<'a>> {
        self.all.sort_unstable_by_key(|c| (c.new.id, c.old.id));
        self.all
    }
}

/// Whether `kind` has this rung.
fn has(kind: Kind, rung: Rung) -> bool {
    kind.facts().table.as_ref().is_some_and(|t| t.rungs.contains(&rung))
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
