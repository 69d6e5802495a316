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
//! On one panel, where no GUID tells and an id goes by two names, neither the name nor the id is believed: the object may have been renamed. An object that
//! was gone already was not renamed: whatever has its id is another one.
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
use names::{Folded, carried_over};
use panel::is_built_in;
use witness::{Contradiction, Verdict};

/// How often a kind is gone through at most: what one match leaves open may corroborate another, as in a chain of objects that point at each other.
const MOST_ROUNDS: usize = 32;

/// The outcome for every old object, and for those without a match the reason.
pub(super) struct Outcome {
    /// For each kind, in the order of the inventory's objects.
    pub(super) matches: Vec<Vec<Match>>,
    pub(super) reasons: FxHashMap<(Kind, i64), Box<str>>,
    pub(super) relation: Relation,
}

/// Matches every object of `old` with the objects of `new`; the pairs of `settled` stand beforehand.
pub(super) fn between(old: &Inventory, new: &Inventory, settings: Settings, settled: &[Settled]) -> Outcome {
    let mut matching = Matching {
        old,
        new,
        settings,
        hits: Kind::all().map(|kind| hits(old.of_kind(kind), new.of_kind(kind))).collect(),
        matches: Kind::all().map(|kind| vec![None; old.of_kind(kind).len()]).collect(),
        reasons: FxHashMap::default(),
        relation: Relation::default(),
        renamed: FxHashSet::default(),
    };
    matching.relation = matching.relation();
    for pair in settled {
        matching.settle_beforehand(pair);
    }
    let mut taken: Vec<FxHashSet<i64>> = Kind::all().map(|_| FxHashSet::default()).collect();
    for (kind, id) in settled.iter().filter_map(|s| Some((s.kind, s.new?))) {
        taken[kind.index()].insert(id);
    }
    for &kind in identity::in_order() {
        matching.kind(kind, &taken[kind.index()]);
    }
    let decided = |outcomes: Vec<Option<Match>>| outcomes.into_iter().map(|m| m.unwrap_or(Match::Missing)).collect();
    Outcome { matches: matching.matches.into_iter().map(decided).collect(), reasons: matching.reasons, relation: matching.relation }
}

/// The place of a new object among those of its kind, counted from 1.
#[derive(Clone, Copy)]
struct Hit(Option<NonZeroU32>);

impl Hit {
    fn index(self) -> Option<usize> {
        usize::try_from(self.0?.get()).ok()?.checked_sub(1)
    }

    fn of(self, news: &[Object]) -> Option<&Object> {
        news.get(self.index()?)
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

/// An old object that no GUID matches, by its place among those of its kind; and the place in the list of [`Named`] of the new objects with its name.
type Left = (usize, usize);

/// The new objects of a name, by their places: the first, and the others.
type Named = Option<(usize, Vec<usize>)>;

struct Matching<'a> {
    old: &'a Inventory,
    new: &'a Inventory,
    settings: Settings,
    /// For each kind, what [`hits`] gives.
    hits: Vec<Vec<Hit>>,
    /// For each kind, what became of its old objects so far.
    matches: Vec<Vec<Option<Match>>>,
    reasons: FxHashMap<(Kind, i64), Box<str>>,
    relation: Relation,
    /// The old objects whose match has another name.
    renamed: FxHashSet<(Kind, i64)>,
}

/// What the names say of one old object. New objects are named by their places.
enum Candidates {
    /// None of that name.
    None,
    /// One of that name, and it is certainly another object.
    Another { new: usize, why: &'static str },
    /// Exactly one, and this rung matches it.
    One { new: usize, rung: Rung, evidence: Cow<'static, str> },
    /// On the same panel, and without a GUID, the names say another thing than the ids.
    Renamed { ids: Vec<i64>, reason: String },
    /// Exactly one, and it belongs to another object than before.
    Moved { new: usize, rung: Rung, how: Contradiction },
    /// Several: their ids.
    Several(Vec<i64>),
}

impl<'a> Matching<'a> {
    /// What became of an old object so far.
    fn became(&self, kind: Kind, id: i64) -> Option<&Match> {
        self.matches[kind.index()][self.old.position(kind, id)?].as_ref()
    }

    fn settle_beforehand(&mut self, pair: &Settled) {
        let Some(at) = self.old.position(pair.kind, pair.old) else { return };
        match pair.new {
            Some(id) => {
                let Some(found) = self.new.get(pair.kind, id) else { return };
                self.found(pair.kind, at, found, pair.rung, pair.evidence.clone());
            }
            None => self.unmatched(pair.kind, at, Match::Missing, pair.evidence.to_string()),
        }
    }

    /// Matches the objects of one kind; `given` are the ids of new objects that are given away already.
    fn kind(&mut self, kind: Kind, given: &FxHashSet<i64>) {
        let count = self.old.of_kind(kind).len();
        if count == 0 {
            return;
        }
        if !self.new.carries(kind) {
            for at in (0..count).filter(|at| self.matches[kind.index()][*at].is_none()).collect::<Vec<_>>() {
                self.unmatched(kind, at, Match::Missing, format!("the new inventory does not carry {kind} objects"));
            }
            return;
        }
        let mut taken: Vec<bool> = self.new.of_kind(kind).iter().map(|o| !given.is_empty() && given.contains(&o.id)).collect();
        let left = self.by_guid(kind, &mut taken);
        if !left.is_empty() {
            let (mut left, named) = self.by_name(kind, left);
            for _ in 0..MOST_ROUNDS {
                let before = left.len();
                left = self.by_name_and_witness(kind, left, &named, &mut taken);
                if left.len() == before || left.is_empty() {
                    break;
                }
            }
            self.by_name_alone(kind, &left, &named, taken);
        }
        self.owners(kind);
    }

    /// The first rungs. Returns the places of the objects that they leave.
    fn by_guid(&mut self, kind: Kind, taken: &mut [bool]) -> Vec<usize> {
        let (olds, news) = (self.old.of_kind(kind), self.new.of_kind(kind));
        let (as_it_was, renamed) = (has(kind, Rung::Guid), has(kind, Rung::GuidRenamed));
        let mut left = Vec::new();
        for (at, object) in olds.iter().enumerate() {
            if self.matches[kind.index()][at].is_some() {
                continue;
            }
            let Some(hit) = self.hits[kind.index()][at].index() else {
                left.push(at);
                continue;
            };
            let new = &news[hit];
            // No GUID stands twice in an inventory: what is taken was settled.
            if taken[hit] {
                let reason = format!("{} has its GUID and is what another old object became", new.label());
                self.unmatched(kind, at, Match::Conflict { candidate: new.id }, reason);
                continue;
            }
            let name = self.carried_over(object);
            let same = name.is_empty() || new.name.is_empty() || *name == *new.name || normal(&name) == normal(&new.name);
            if same && as_it_was {
                taken[hit] = true;
                self.found(kind, at, new, Rung::Guid, Cow::Borrowed("same GUID, same name"));
            } else if !same && renamed {
                taken[hit] = true;
                let evidence = format!("same GUID; {} is now called {}", object.name, new.name);
                self.found(kind, at, new, Rung::GuidRenamed, evidence.into());
            } else {
                left.push(at);
            }
        }
        left
    }

    /// For each of `left`, the new objects that have the name that it would have in the new panel.
    fn by_name(&self, kind: Kind, left: Vec<usize>) -> (Vec<Left>, Vec<Named>) {
        let olds = self.old.of_kind(kind);
        // The first place is for objects without a name.
        let mut places: FxHashMap<Folded<'a>, usize> = FxHashMap::from_iter([(Folded::of(Cow::Borrowed("")), 0)]);
        places.reserve(left.len());
        let left: Vec<Left> = left
            .into_iter()
            .map(|at| {
                let next = places.len();
                (at, *places.entry(Folded::of(self.carried_over(&olds[at]))).or_insert(next))
            })
            .collect();
        let mut named = vec![None; places.len()];
        for (at, object) in self.new.of_kind(kind).iter().enumerate().filter(|(_, o)| !o.name.is_empty()) {
            let Some(&place) = places.get(&Folded::of(Cow::Borrowed(&object.name))) else { continue };
            match &mut named[place] {
                first @ None => *first = Some((at, Vec::new())),
                Some((_, others)) => others.push(at),
            }
        }
        (left, named)
    }

    /// The rungs of the name that need no person, once. Returns the objects that they leave.
    fn by_name_and_witness(&mut self, kind: Kind, left: Vec<Left>, named: &[Named], taken: &mut [bool]) -> Vec<Left> {
        let mut claims = Vec::new();
        let mut rest = Vec::new();
        for (old, place) in left {
            match self.candidates(&self.old.of_kind(kind)[old], &named[place], taken) {
                Candidates::One { new, rung: rung @ (Rung::Key | Rung::NameAndWitness), evidence } => {
                    claims.push(Claim { new, old, rung, evidence });
                }
                _ => rest.push((old, place)),
            }
        }
        self.settle(kind, claims, taken);
        rest
    }

    /// The last rung, and what becomes of those that no rung matches.
    fn by_name_alone(&mut self, kind: Kind, left: &[Left], named: &[Named], mut taken: Vec<bool>) {
        let (olds, news) = (self.old.of_kind(kind), self.new.of_kind(kind));
        let shared = Shared::of(kind, self.old, self.new);
        let mut claims = Vec::new();
        for &(at, place) in left {
            let object = &olds[at];
            let candidates = self.candidates(object, &named[place], &taken);
            let candidates = match candidates {
                Candidates::None | Candidates::Another { .. } => self.renamed(object, None, &taken).unwrap_or(candidates),
                _ => candidates,
            };
            match candidates {
                Candidates::Renamed { ids, reason } => self.unmatched(kind, at, Match::Ambiguous { candidates: ids }, reason),
                Candidates::None => {
                    let ids = shared.may_be(object, news, &taken);
                    if !ids.is_empty() {
                        let reason = format!("its GUID is one that several objects have, {} among them", list(&ids));
                        self.unmatched(kind, at, Match::Ambiguous { candidates: ids }, reason);
                    } else if self.old.is_gone(kind, object.id) {
                        self.unmatched(kind, at, Match::Missing, "it was gone from the panel already, and has not come back".to_owned());
                    } else if object.name.is_empty() {
                        self.unmatched(kind, at, Match::Missing, "it has no name, and no object has its GUID".to_owned());
                    } else {
                        self.unmatched(kind, at, Match::Missing, "no object has its GUID or its name".to_owned());
                    }
                }
                Candidates::Another { new, why } => {
                    let reason = format!("{} has its name and {why}", news[new].label());
                    self.unmatched(kind, at, Match::Conflict { candidate: news[new].id }, reason);
                }
                Candidates::Moved { new, rung, how } => {
                    let reason = format!("same name, but {}", self.told(how));
                    self.unmatched(kind, at, Match::Moved { candidate: news[new].id, rung }, reason);
                }
                Candidates::One { new, rung: Rung::NameOnly, .. } if !has(kind, Rung::NameOnly) => {
                    let reason = format!("{} has its name, which alone tells nothing of a {kind}", news[new].label());
                    self.unmatched(kind, at, Match::Missing, reason);
                }
                Candidates::One { new, evidence, .. } => claims.push(Claim { new, old: at, rung: Rung::NameOnly, evidence }),
                Candidates::Several(ids) => {
                    let reason = format!("{} objects have its name: {}", ids.len(), list(&ids));
                    self.unmatched(kind, at, Match::Ambiguous { candidates: ids }, reason);
                }
            }
        }
        self.settle(kind, claims, &mut taken);
    }

    /// Gives each claimed new object to the one that claims it; to none if there are several.
    fn settle(&mut self, kind: Kind, claims: Vec<Claim>, taken: &mut [bool]) {
        let (olds, news) = (self.old.of_kind(kind), self.new.of_kind(kind));
        let mut rivals: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        let mut claimed = vec![usize::MAX; if claims.is_empty() { 0 } else { news.len() }];
        for claim in &claims {
            match claimed[claim.new] {
                usize::MAX => claimed[claim.new] = claim.old,
                first => rivals.entry(claim.new).or_insert_with(|| vec![first]).push(claim.old),
            }
        }
        for claim in claims {
            taken[claim.new] = true;
            let new = &news[claim.new];
            if let Some(all) = rivals.get(&claim.new) {
                // Objects are ordered by their ids.
                let mut all = all.clone();
                all.sort_unstable();
                let ids: Vec<i64> = all.iter().map(|at| olds[*at].id).collect();
                let reason = format!("{} would be each of the old ids {}", new.label(), list(&ids));
                self.unmatched(kind, claim.old, Match::Ambiguous { candidates: vec![new.id] }, reason);
            } else if claim.rung == Rung::NameOnly && !self.settings.accept_name {
                self.unmatched(kind, claim.old, Match::NameOnly { candidate: new.id }, claim.evidence.into_owned());
            } else {
                self.found(kind, claim.old, new, claim.rung, claim.evidence);
            }
        }
    }

    /// What the new objects that have the name of `object` say.
    fn candidates(&self, object: &'a Object, named: &Named, taken: &[bool]) -> Candidates {
        let Some((first, more)) = named else { return Candidates::None };
        let news = self.new.of_kind(object.kind);
        // What every panel has one of has the GUID that its panel gave it.
        let built_in = is_built_in(object);
        let differs = |at: usize| !built_in && object.guid.is_some() && news[at].guid.is_some() && object.guid != news[at].guid;
        if more.is_empty() && !differs(*first) && !taken[*first] {
            return self.judge(object, *first, taken);
        }
        let (others, mut open): (Vec<usize>, Vec<usize>) =
            std::iter::once(first).chain(more).copied().partition(|at| differs(*at) || taken[*at]);
        if open.is_empty() {
            return match others.first() {
                Some(&new) if differs(new) => Candidates::Another { new, why: "another GUID: it was created anew" },
                Some(&new) => Candidates::Another { new, why: "is what another old object became" },
                None => Candidates::None,
            };
        }
        // Names that differ only in what does not count, as in case, are told apart where one is spelled exactly alike.
        if open.len() > 1 {
            let name = self.carried_over(object);
            let exact: Vec<usize> = open.iter().copied().filter(|at| *news[*at].name == *name).collect();
            if exact.len() == 1 {
                open = exact;
            }
        }
        if let [new] = open[..] {
            return self.judge(object, new, taken);
        }
        let good: Vec<(usize, Verdict)> = if has(object.kind, Rung::NameAndWitness) {
            open.iter().map(|at| (*at, self.compare(object, &news[*at]))).filter(|(_, v)| v.corroborates()).collect()
        } else {
            Vec::new()
        };
        match &good[..] {
            [(new, verdict)] => self.renamed(object, Some(*new), taken).unwrap_or_else(|| Candidates::One {
                new: *new,
                rung: Rung::NameAndWitness,
                evidence: verdict.evidence().into(),
            }),
            [] => Candidates::Several(open.iter().map(|at| news[*at].id).collect()),
            several => Candidates::Several(several.iter().map(|(at, _)| news[*at].id).collect()),
        }
    }

    /// What speaks for or against the one candidate.
    fn judge(&self, object: &Object, new: usize, taken: &[bool]) -> Candidates {
        if has(object.kind, Rung::Key) {
            let evidence = "same name, which is this kind's identity".into();
            return Candidates::One { new, rung: Rung::Key, evidence };
        }
        if is_built_in(object) {
            return Candidates::One { new, rung: Rung::Key, evidence: "same name, and every panel has one such object".into() };
        }
        if let Some(renamed) = self.renamed(object, Some(new), taken) {
            return renamed;
        }
        let found = &self.new.of_kind(object.kind)[new];
        let verdict = self.compare(object, found);
        let rung = if verdict.agrees() && has(object.kind, Rung::NameAndWitness) { Rung::NameAndWitness } else { Rung::NameOnly };
        match verdict.contradiction() {
            Some(how) if !self.settings.accept_moved => Candidates::Moved { new, rung, how },
            Some(how) => {
                let evidence = format!("{}; {}, which was accepted", verdict.evidence(), self.told(how));
                Candidates::One { new, rung, evidence: evidence.into() }
            }
            None if rung == Rung::NameOnly => Candidates::One { new, rung, evidence: Cow::Borrowed("same name, and nothing else agrees") },
            None => Candidates::One { new, rung, evidence: verdict.evidence().into() },
        }
    }

    /// Whether `object`, of which no GUID tells, may have been renamed: on the same panel its id, or that of the object `new` of its name, goes by two names.
    /// Then either the ids tell who is who, and names were given to others, or the names do, and the panel is another one after all.
    fn renamed(&self, object: &Object, new: Option<usize>, taken: &[bool]) -> Option<Candidates> {
        let kind = object.kind;
        if self.relation.panel != Panel::Same || has(kind, Rung::Key) || object.name.is_empty() {
            return None;
        }
        let (olds, news) = (self.old.of_kind(kind), self.new.of_kind(kind));
        // Whether the one may have become the other under another name.
        let became = |then: usize, now: usize| {
            let (old, new) = (&olds[then], &news[now]);
            let two_names = !old.name.is_empty() && !new.name.is_empty() && normal(&self.carried_over(old)) != normal(&new.name);
            let told_by_guid = old.guid.is_some() && new.guid.is_some();
            let found = matches!(self.matches[kind.index()][then], Some(Match::Found { .. }));
            two_names && !told_by_guid && !found && !taken[now] && !self.old.is_gone(kind, old.id)
        };
        let at = self.old.position(kind, object.id)?;
        let there = self.new.position(kind, object.id).filter(|there| became(at, *there)).map(|there| &news[there]);
        let before = new.and_then(|new| self.old.position(kind, news[new].id).filter(|before| became(*before, new))).map(|at| &olds[at]);
        let new = new.map(|new| &news[new]);
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
        for (at, object) in self.old.of_kind(kind).iter().enumerate() {
            let Some(Match::Found { new, rung, .. }) = &self.matches[kind.index()][at] else { continue };
            // What a person decided stands, and so does what can be no other object.
            if matches!(rung, Rung::Decided | Rung::Key) {
                continue;
            }
            let news = self.new.of_kind(kind);
            let Some(new) = self.hits[kind.index()][at].of(news).filter(|o| o.id == *new).or_else(|| self.new.get(kind, *new)) else {
                continue;
            };
            if let Some(how) = self.moved(object, new) {
                moved.push((at, new, *rung, self.told(how)));
            }
        }
        for (at, new, rung, how) in moved {
            let same = if rung.by_guid() { "same GUID" } else { "same name" };
            match self.settings.accept_moved {
                true if rung.by_guid() => self.found(kind, at, new, rung, format!("{same}; {how}, which was accepted").into()),
                true => {}
                false => self.unmatched(kind, at, Match::Moved { candidate: new.id, rung }, format!("{same}, but {how}")),
            }
        }
    }

    /// The name that `object` would have in the new panel.
    fn carried_over(&self, object: &'a Object) -> Cow<'a, str> {
        if self.renamed.is_empty() {
            return Cow::Borrowed(&object.name);
        }
        let successor = |kind: Kind, id: i64| {
            if !self.renamed.contains(&(kind, id)) {
                return None;
            }
            match self.became(kind, id) {
                Some(Match::Found { new, .. } | Match::Moved { candidate: new, .. }) => self.new.get(kind, *new).map(|o| &*o.name),
                _ => None,
            }
        };
        carried_over(object, self.old, successor)
    }

    fn found(&mut self, kind: Kind, at: usize, new: &Object, rung: Rung, evidence: Cow<'static, str>) {
        let object = &self.old.of_kind(kind)[at];
        if object.name != new.name && !new.name.is_empty() {
            self.renamed.insert((kind, object.id));
        }
        self.matches[kind.index()][at] = Some(Match::Found { new: new.id, rung, evidence });
    }

    fn unmatched(&mut self, kind: Kind, at: usize, outcome: Match, reason: String) {
        self.reasons.insert((kind, self.old.of_kind(kind)[at].id), reason.into());
        self.matches[kind.index()][at] = Some(outcome);
    }
}

/// The GUIDs of one kind that several objects of one inventory carry. They identify none of them, but tell whom somebody may be.
struct Shared {
    /// The old objects that carry one, by id.
    old: FxHashMap<i64, Guid>,
    /// The places of the new objects that carry a GUID which is shared in one of the inventories.
    new: FxHashMap<Guid, Vec<usize>>,
}

impl Shared {
    fn of(kind: Kind, old: &Inventory, new: &Inventory) -> Shared {
        let mut shared = Shared { old: FxHashMap::default(), new: FxHashMap::default() };
        for d in old.duplicates().iter().filter(|d| d.kind == kind) {
            shared.old.extend(d.ids.iter().map(|id| (*id, d.guid)));
            shared.new.insert(d.guid, Vec::new());
        }
        if !shared.new.is_empty() {
            for (at, object) in new.of_kind(kind).iter().enumerate() {
                if let Some(places) = object.guid.and_then(|g| shared.new.get_mut(&g)) {
                    places.push(at);
                }
            }
        }
        for d in new.duplicates().iter().filter(|d| d.kind == kind) {
            shared.new.insert(d.guid, d.ids.iter().filter_map(|id| new.position(kind, *id)).collect());
        }
        shared
    }

    /// The ids of the new objects that are not `taken` and carry the GUID of `object`, where that is shared.
    fn may_be(&self, object: &Object, news: &[Object], taken: &[bool]) -> Vec<i64> {
        let guid = object.guid.or_else(|| self.old.get(&object.id).copied());
        let places = guid.and_then(|g| self.new.get(&g)).map_or(&[] as &[usize], Vec::as_slice);
        places.iter().filter(|at| !taken[**at]).map(|at| news[*at].id).collect()
    }
}

/// An old object that asks for a new one, both by their places.
struct Claim {
    new: usize,
    old: usize,
    rung: Rung,
    evidence: Cow<'static, str>,
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
