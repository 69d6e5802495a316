//! The matching against a model of it that shares no code with it: all pairs of inventories of up to three objects.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::collections::{BTreeMap, BTreeSet};

use reguid::panel::inventory::Origin;
use reguid::panel::mapping::{Rung, Settings};
use reguid::panel::{Guid, Inventory, Kind, Mapping, Match, Object};

/// An object: a GUID's number (0: none), a name, a creation date ("": none), an owner's number (0: none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Letter {
    guid: u8,
    name: &'static str,
    date: &'static str,
    owner: i64,
}

/// An object with its id.
type Numbered = (i64, Letter);

/// What must become of each old object.
type Outcomes = BTreeMap<i64, String>;

/// The model: sets and loops, and the rules as they are told.
struct Model<'a> {
    old: &'a [Numbered],
    new: &'a [Numbered],
    same_panel: bool,
    taken: BTreeSet<i64>,
    outcomes: Outcomes,
}

/// Owners have the numbers 1 and 2. Before, their ids are these and 100; after, 200 is added.
const BEFORE: i64 = 100;
const AFTER: i64 = 200;

fn is_shared(side: &[Numbered], guid: u8) -> bool {
    side.iter().filter(|(_, o)| o.guid == guid).count() > 1
}

impl Model<'_> {
    /// The GUID, unless others of that side have it too.
    fn guid(side: &[Numbered], object: &Letter) -> u8 {
        if is_shared(side, object.guid) { 0 } else { object.guid }
    }

    fn twin(&self, object: &Letter) -> Option<Numbered> {
        let guid = Model::guid(self.old, object);
        self.new.iter().copied().find(|(_, n)| guid != 0 && Model::guid(self.new, n) == guid)
    }

    fn moved(old: &Letter, new: &Letter) -> bool {
        old.owner != 0 && new.owner != 0 && old.owner != new.owner
    }

    fn agrees(&self, (old_id, old): &Numbered, (new_id, new): &Numbered) -> bool {
        let owner = old.owner != 0 && old.owner == new.owner;
        let date = !old.date.is_empty() && old.date == new.date;
        owner || date || self.same_panel && old_id == new_id
    }

    /// All objects of the name, and those of them that may be meant.
    fn of_name(&self, object: &Letter) -> (Vec<Numbered>, Vec<Numbered>) {
        let all: Vec<Numbered> =
            self.new.iter().copied().filter(|(_, n)| !n.name.is_empty() && n.name.to_lowercase() == object.name.to_lowercase()).collect();
        let mine = Model::guid(self.old, object);
        let may_be = |(id, n): &Numbered| {
            let its = Model::guid(self.new, n);
            !self.taken.contains(id) && (mine == 0 || its == 0 || mine == its)
        };
        let mut open: Vec<Numbered> = all.iter().copied().filter(may_be).collect();
        let exact: Vec<Numbered> = open.iter().copied().filter(|(_, n)| n.name == object.name).collect();
        if exact.len() == 1 {
            open = exact;
        }
        (all, open)
    }

    /// Whether, for all that GUIDs tell, the one may be the other under another name.
    fn may_be_renamed(&self, (old_id, old): &Numbered, (new_id, new): &Numbered) -> bool {
        let names = !old.name.is_empty() && !new.name.is_empty() && old.name.to_lowercase() != new.name.to_lowercase();
        let told_apart = Model::guid(self.old, old) != 0 && Model::guid(self.new, new) != 0;
        let given = self.twin(old).is_some() || self.outcomes.get(old_id).is_some_and(|o| o.starts_with("witness"));
        old_id == new_id && names && !told_apart && !given && !self.taken.contains(new_id)
    }

    /// On one panel: who has the id of the object, or the candidate whose id was another's, where either may be a rename.
    fn doubt(&self, object: &Numbered, candidate: Option<&Numbered>) -> Option<String> {
        if !self.same_panel || object.1.name.is_empty() {
            return None;
        }
        let there = self.new.iter().find(|n| self.may_be_renamed(object, n));
        let before = self.old.iter().any(|o| candidate.is_some_and(|c| self.may_be_renamed(o, c)));
        if there.is_none() && !before {
            return None;
        }
        let ids: BTreeSet<i64> = there.iter().chain(&candidate).map(|n| n.0).collect();
        Some(ids.iter().fold("ambiguous".to_owned(), |text, id| format!("{text} {id}")))
    }

    /// The objects of its name that something else speaks for too.
    fn good(&self, object: &Numbered) -> Vec<Numbered> {
        let (_, open) = self.of_name(&object.1);
        open.into_iter().filter(|n| self.agrees(object, n) && !Model::moved(&object.1, &n.1)).collect()
    }

    /// The one object that its name and something else speak for, and nothing against.
    fn corroborated(&self, object: &Numbered) -> Option<i64> {
        match self.good(object)[..] {
            [one] if self.doubt(object, Some(&one)).is_none() => Some(one.0),
            _ => None,
        }
    }

    fn open(&self) -> Vec<Numbered> {
        self.old.iter().copied().filter(|(id, _)| !self.outcomes.contains_key(id)).collect()
    }

    /// Gives new objects to who claims them alone.
    fn give(&mut self, claims: &[(i64, i64)], word: &str) {
        for (old, new) in claims {
            let rivals = claims.iter().filter(|(_, n)| n == new).count();
            self.outcomes.insert(*old, if rivals == 1 { format!("{word} {new}") } else { format!("ambiguous {new}") });
            self.taken.insert(*new);
        }
    }

    fn solve(mut self, accept_name: bool) -> Outcomes {
        let highest = self.old.iter().map(|o| o.0).max().unwrap_or(0);
        let pairs: Vec<(i64, i64)> = self.old.iter().filter_map(|(id, o)| Some((*id, self.twin(o)?.0))).collect();
        let given_twice = pairs.iter().any(|(old, new)| old != new && *new <= highest);
        self.same_panel = !given_twice && pairs.iter().any(|(old, new)| old == new);
        for (id, object) in self.old {
            if let Some((new, other)) = self.twin(object) {
                let renamed = other.name.to_lowercase() != object.name.to_lowercase() && !other.name.is_empty() && !object.name.is_empty();
                let word = if Model::moved(object, &other) {
                    "moved"
                } else if renamed {
                    "renamed"
                } else {
                    "guid"
                };
                self.outcomes.insert(*id, format!("{word} {new}"));
                self.taken.insert(new);
            }
        }
        loop {
            let claims: Vec<(i64, i64)> = self.open().iter().filter_map(|o| Some((o.0, self.corroborated(o)?))).collect();
            if claims.is_empty() {
                break;
            }
            self.give(&claims, "witness");
        }
        let mut claims = Vec::new();
        for object in self.open() {
            let (all, open) = self.of_name(&object.1);
            let outcome = match (&all[..], &open[..]) {
                ([], _) | (_, []) if self.doubt(&object, None).is_some() => self.doubt(&object, None).unwrap(),
                ([], _) => self.by_shared_guid(&object.1),
                ([first, ..], []) => format!("conflict {}", first.0),
                (_, [one]) if self.doubt(&object, Some(one)).is_some() => self.doubt(&object, Some(one)).unwrap(),
                (_, [one]) if Model::moved(&object.1, &one.1) => format!("moved {}", one.0),
                (_, [one]) => {
                    claims.push((object.0, one.0));
                    continue;
                }
                (_, several) => {
                    let good = self.good(&object);
                    if let ([one], Some(doubt)) = (&good[..], good.first().and_then(|one| self.doubt(&object, Some(one)))) {
                        assert!(several.contains(one));
                        self.outcomes.insert(object.0, doubt);
                        continue;
                    }
                    let ids: Vec<i64> = if good.is_empty() { several } else { &good }.iter().map(|n| n.0).collect();
                    ids.iter().fold("ambiguous".to_owned(), |text, id| format!("{text} {id}"))
                }
            };
            self.outcomes.insert(object.0, outcome);
        }
        self.give(&claims, if accept_name { "name" } else { "name-only" });
        self.outcomes
    }

    /// Without a name to go by: whom a GUID may mean that several have.
    fn by_shared_guid(&self, object: &Letter) -> String {
        let shared = is_shared(self.old, object.guid) || is_shared(self.new, object.guid);
        let ids: Vec<i64> = self
            .new
            .iter()
            .filter(|(id, n)| object.guid != 0 && shared && n.guid == object.guid && !self.taken.contains(id))
            .map(|n| n.0)
            .collect();
        if ids.is_empty() { "missing".into() } else { ids.iter().fold("ambiguous".to_owned(), |text, id| format!("{text} {id}")) }
    }
}

fn kind(word: &str) -> Kind {
    word.parse().unwrap()
}

fn inventory(objects: &[Numbered], owners: i64) -> Inventory {
    let guid = |space: u8, number: u8| Guid::parse(format!("{space:08}-1111-4111-8111-{number:012}").as_bytes()).filter(|_| number > 0);
    let domain = |(id, o): &Numbered| {
        let facts = kind("domain").facts().table.as_ref().unwrap();
        let witness = facts.witness.iter().map(|w| if w == "cr_date" { o.date.into() } else { "".into() }).collect();
        let parent = (o.owner != 0).then(|| (kind("client"), o.owner + owners));
        Object { kind: kind("domain"), id: *id, guid: guid(1, o.guid), name: o.name.into(), parent, witness }
    };
    // Owners have GUIDs; that they have new ids, above all others, tells nothing of the panel.
    let client = |number: u8| {
        let witness = kind("client").facts().table.as_ref().unwrap().witness.iter().map(|_| "".into()).collect();
        let name = format!("owner{number}").into();
        Object { kind: kind("client"), id: i64::from(number) + owners, guid: guid(2, number), name, parent: None, witness }
    };
    let owned = objects.iter().any(|o| o.1.owner != 0);
    let all = objects.iter().map(domain).chain((1..=2).filter(|_| owned).map(client)).collect();
    Inventory::new(Origin::default(), all, vec![kind("domain"), kind("client")])
}

fn found(mapping: &Mapping, old: &[Numbered]) -> Outcomes {
    let told = |id: i64| match mapping.get(kind("domain"), id).unwrap() {
        Match::Found { new, rung: Rung::Guid, .. } => format!("guid {new}"),
        Match::Found { new, rung: Rung::GuidRenamed, .. } => format!("renamed {new}"),
        Match::Found { new, rung: Rung::NameAndWitness, .. } => format!("witness {new}"),
        Match::Found { new, rung: Rung::NameOnly, .. } => format!("name {new}"),
        Match::Found { rung, .. } => panic!("{rung}"),
        Match::NameOnly { candidate } => format!("name-only {candidate}"),
        Match::Moved { candidate, .. } => format!("moved {candidate}"),
        Match::Conflict { candidate } => format!("conflict {candidate}"),
        Match::Ambiguous { candidates } => candidates.iter().fold("ambiguous".to_owned(), |text, id| format!("{text} {id}")),
        Match::Missing => "missing".into(),
    };
    old.iter().map(|(id, _)| (*id, told(*id))).collect()
}

/// Holds the matching of one pair of inventories against the model, and against what must be so whatever the rules.
fn check(old: &[Numbered], new: &[Numbered], seen: &mut BTreeMap<String, u64>) {
    let (before, after) = (inventory(old, BEFORE), inventory(new, AFTER));
    for accept_name in [false, true] {
        let mapping = Mapping::between(&before, &after, Settings { accept_name, ..Settings::default() });
        let model = Model { old, new, same_panel: false, taken: BTreeSet::new(), outcomes: Outcomes::new() };
        let (is, must) = (found(&mapping, old), model.solve(accept_name));
        assert_eq!(is, must, "accept_name {accept_name}\nold {old:#?}\nnew {new:#?}\n{}", mapping.relation());
        let mut given = BTreeSet::new();
        for (id, _) in old {
            if let Some(new_id) = mapping.new_id(kind("domain"), *id) {
                assert!(given.insert(new_id), "{new_id} was given twice\nold {old:#?}\nnew {new:#?}");
            }
        }
        for outcome in must.into_values() {
            let word = outcome.split(' ').next().unwrap().to_owned();
            *seen.entry(word).or_default() += 1;
        }
    }
}

/// Every selection of up to three letters, in no order.
fn selections(letters: &[Letter]) -> Vec<Vec<Letter>> {
    let mut all = vec![Vec::new()];
    for (i, a) in letters.iter().enumerate() {
        all.push(vec![*a]);
        for (j, b) in letters.iter().enumerate().skip(i) {
            all.push(vec![*a, *b]);
            all.extend(letters.iter().skip(j).map(|c| vec![*a, *b, *c]));
        }
    }
    all
}

/// All pairs of selections, with new ids that are the old ones, those in reverse, and others. Gives how often each outcome came up.
fn exhaust(letters: &[Letter]) -> BTreeMap<String, u64> {
    let all = selections(letters);
    let numbered = |letters: &[Letter], id: fn(i64, i64) -> i64| -> Vec<Numbered> {
        let count = i64::try_from(letters.len()).unwrap();
        let mut objects: Vec<Numbered> = (1..).zip(letters).map(|(i, l)| (id(i, count), *l)).collect();
        objects.sort_by_key(|o| o.0);
        objects
    };
    let share = |from: usize| {
        let mut seen = BTreeMap::new();
        for old in all.iter().skip(from).step_by(4) {
            let old = numbered(old, |i, _| i);
            for new in &all {
                for ids in [(|i, _| i) as fn(i64, i64) -> i64, |i, count| count + 1 - i, |i, _| i + 10] {
                    check(&old, &numbered(new, ids), &mut seen);
                }
            }
        }
        seen
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|from| scope.spawn(move || share(from))).collect();
        let mut seen = BTreeMap::new();
        for (word, count) in threads.into_iter().flat_map(|t| t.join().unwrap()) {
            *seen.entry(word).or_default() += count;
        }
        seen
    })
}

fn letters(guids: &[u8], names: &[&'static str], dates: &[&'static str], owners: &[i64]) -> Vec<Letter> {
    let mut all = Vec::new();
    for &guid in guids {
        for &name in names {
            for &date in dates {
                all.extend(owners.iter().map(|&owner| Letter { guid, name, date, owner }));
            }
        }
    }
    all
}

fn all_came_up(seen: &BTreeMap<String, u64>, words: &[&str]) {
    for word in words {
        assert!(seen.get(*word).copied().unwrap_or(0) > 100, "{word}: {seen:?}");
    }
}

#[test]
fn guids_names_and_dates() {
    let seen = exhaust(&letters(&[0, 1], &["a", "A"], &["", "2020-01-01"], &[0]));
    all_came_up(&seen, &["guid", "witness", "name", "name-only", "conflict", "ambiguous", "missing"]);
}

#[test]
fn several_guids_and_names() {
    let seen = exhaust(&letters(&[0, 1, 2], &["a", "b"], &[""], &[0]));
    all_came_up(&seen, &["guid", "renamed", "witness", "name", "name-only", "conflict", "ambiguous", "missing"]);
}

#[test]
fn guids_names_and_owners() {
    let mut all = letters(&[0, 1], &["a"], &[""], &[0, 1, 2]);
    all.extend(letters(&[0, 1], &["b"], &[""], &[1]));
    let seen = exhaust(&all);
    all_came_up(&seen, &["guid", "renamed", "witness", "name", "name-only", "moved", "conflict", "ambiguous", "missing"]);
}

#[test]
fn objects_without_names() {
    let seen = exhaust(&letters(&[0, 1, 2], &["", "a"], &[""], &[0]));
    all_came_up(&seen, &["guid", "name", "name-only", "conflict", "ambiguous", "missing"]);
}
