//! One panel state after another: what an extension's stored ids mean must outlive every look at the panel.
//!
//! A state is recorded night after night, and one of those nights may come after a restore that nobody told of. So a new state never simply takes the
//! place of the last one. Objects that are gone are kept in it: a restore may bring them back under new ids, and then the old id must still tell who they
//! were. And where ids changed their meaning, the old meaning stays until the data was rewritten.

use rustc_hash::FxHashMap;

use super::mapping::normal_name;
use super::{Guid, Inventory, Kind, Mapping, Match, Object, identity};

/// The state to be recorded after a look at the panel.
#[derive(Debug)]
pub struct Merged {
    /// What stored ids mean from now on.
    pub inventory: Inventory,
    /// The kinds whose ids changed their meaning, each with an example; their old meaning stands in [`Merged::inventory`].
    pub kept: Vec<(Kind, String)>,
    /// The same, for kinds that the data is not known to hold ids of.
    pub aside: Vec<(Kind, String)>,
    /// How many objects in it are gone from the panel, of the kinds that the data holds ids of.
    pub gone: usize,
}

/// The state after `current`, which says what stored ids mean, when the panel looks like `new`.
///
/// `kinds` are those that the data holds ids of, if that is known. What others mean is kept all the same, since that knowledge may grow; save for those that
/// the panel makes anew on many occasions, which count only where they are named. `another_panel`: a person says that `new` is another panel's.
#[must_use]
pub fn merge(current: &Inventory, new: &Inventory, kinds: Option<&[Kind]>, another_panel: bool) -> Merged {
    let counts = counting(kinds);
    // A manifest may name a kind tomorrow of which the data holds ids today.
    let keeps: Vec<bool> = counting(None).iter().zip(&counts).map(|(a, b)| *a || *b).collect();
    let same_panel = !another_panel && same_panel(current, new);
    let mut kept: Vec<(Kind, String)> = Vec::new();
    let mut aside: Vec<(Kind, String)> = Vec::new();
    let mut stays = vec![false; Kind::all().count()];
    for kind in identity::in_order().iter().copied().filter(|k| keeps[k.index()]) {
        let why = changed_kind(current, new, kind, same_panel);
        // What refers to objects whose old ids count must do so by their old ids.
        stays[kind.index()] = why.is_some() || identity::of(kind).needs(kind).any(|need| stays[need.index()]);
        let told = if counts[kind.index()] { &mut kept } else { &mut aside };
        told.extend(why.map(|why| (kind, why)));
    }
    kept.sort_unstable_by_key(|(kind, _)| *kind);
    aside.sort_unstable_by_key(|(kind, _)| *kind);
    let mut objects: Vec<Object> = Vec::new();
    let mut marks: Vec<(Kind, i64)> = Vec::new();
    let mut gone = 0;
    for kind in Kind::all() {
        let (olds, news) = (current.of_kind(kind), new.of_kind(kind));
        if !new.carries(kind) || (stays[kind.index()] && current.carries(kind)) {
            objects.extend_from_slice(olds);
            marks.extend(current.gone().iter().filter(|(k, _)| *k == kind));
            continue;
        }
        objects.extend_from_slice(news);
        marks.extend(new.gone().iter().filter(|(k, _)| *k == kind));
        if keeps[kind.index()] {
            let before = objects.len();
            objects.extend(olds.iter().filter(|o| new.get(kind, o.id).is_none()).cloned());
            marks.extend(objects[before..].iter().map(|o| (kind, o.id)));
            gone += if counts[kind.index()] { objects.len() - before } else { 0 };
        }
    }
    let mut carried = current.carried().to_vec();
    carried.extend_from_slice(new.carried());
    // A state with old meanings in it is of the time of these.
    let origin = if kept.is_empty() && aside.is_empty() { &new.origin } else { &current.origin };
    let mut inventory = Inventory::new(origin.clone(), objects, carried);
    let duplicates =
        current.duplicates().iter().chain(new.duplicates()).filter(|d| d.ids.iter().all(|id| inventory.get(d.kind, *id).is_some()));
    inventory.restore_duplicates(duplicates.cloned().collect());
    inventory.tell_gone(marks);
    new.notes().iter().for_each(|note| inventory.note(note.clone()));
    Merged { inventory, kept, aside, gone }
}

/// The state that the data speaks of when `mapping` was applied to it: `new`, and the objects of `old` that are gone. Where a policy left an id of these in the
/// data, only this tells who it meant when a restore brings that one back. `kinds` are those that the data holds ids of.
#[must_use]
pub fn after_run(old: &Inventory, new: &Inventory, mapping: &Mapping, kinds: &[Kind]) -> Inventory {
    let counts = counting(Some(kinds));
    let (mut guids, mut names) = (FxHashMap::default(), FxHashMap::default());
    let mut gone: Vec<Object> = Vec::new();
    for kind in Kind::all().filter(|k| counts[k.index()]) {
        let missing = |o: &&Object| matches!(mapping.get(kind, o.id), Some(Match::Missing)) && new.get(kind, o.id).is_none();
        for object in old.of_kind(kind).iter().filter(missing) {
            // Whom a person said to be gone may be there all the same.
            let there = match object.guid {
                Some(guid) => guids.entry(kind).or_insert_with(|| by_guid(new, kind)).contains_key(&guid),
                None => names.entry(kind).or_insert_with(|| by_name(new, kind)).contains_key(&normal_name(object)),
            };
            if !there {
                gone.push(object.clone());
            }
        }
    }
    // They belong to what their owners became.
    let kept: rustc_hash::FxHashSet<(Kind, i64)> = gone.iter().map(|o| (o.kind, o.id)).collect();
    let became = |kind: Kind, id: i64| mapping.new_id(kind, id).or_else(|| kept.contains(&(kind, id)).then_some(id));
    for object in &mut gone {
        object.parent = object.parent.and_then(|(kind, id)| Some((kind, became(kind, id)?)));
        let witness = identity::of(object.kind).witness.iter().zip(&mut object.witness);
        for (kind, value) in witness.filter_map(|(column, value)| Some((column.kind?, value))) {
            let id = value.parse().ok().filter(|id| *id != 0);
            if let Some(id) = id {
                *value = became(kind, id).map(|id| id.to_string().into()).unwrap_or_default();
            }
        }
    }
    let mut objects = new.objects().to_vec();
    let marks: Vec<(Kind, i64)> = new.gone().iter().copied().chain(gone.iter().map(|o| (o.kind, o.id))).collect();
    objects.append(&mut gone);
    let mut after = Inventory::new(new.origin.clone(), objects, new.carried().to_vec());
    after.restore_duplicates(new.duplicates().to_vec());
    after.tell_gone(marks);
    new.notes().iter().for_each(|note| after.note(note.clone()));
    if let Some(why) = new.partial() {
        after.tells_in_part(why.to_owned());
    }
    after
}

/// How ids of `kinds`, or of any kind, changed their meaning between two states, if they did: a sentence without a full stop. `another_panel`: they are known
/// to be of two panels.
#[must_use]
pub fn changed(before: &Inventory, after: &Inventory, kinds: Option<&[Kind]>, another_panel: bool) -> Option<String> {
    let counts = counting(kinds);
    let same_panel = !another_panel && same_panel(before, after);
    Kind::all().filter(|k| counts[k.index()]).find_map(|kind| changed_kind(before, after, kind, same_panel))
}

/// For each kind whether its ids count: those of `kinds` and what their identities build on.
fn counting(kinds: Option<&[Kind]>) -> Vec<bool> {
    let Some(kinds) = kinds else { return Kind::all().map(|k| !k.facts().volatile).collect() };
    let mut counts = vec![false; Kind::all().count()];
    let mut open = kinds.to_vec();
    while let Some(kind) = open.pop() {
        if !std::mem::replace(&mut counts[kind.index()], true) {
            open.extend(identity::of(kind).needs(kind));
        }
    }
    counts
}

/// Whether the states are of one panel that was not restored: objects with GUIDs have kept their ids, none has another one, and no id has two GUIDs.
fn same_panel(before: &Inventory, after: &Inventory) -> bool {
    let mut kept = false;
    for kind in Kind::all().filter(|k| has_guid(*k)) {
        let now = by_guid(after, kind);
        for (guid, id) in before.of_kind(kind).iter().filter_map(|o| Some((o.guid?, o.id))) {
            match now.get(&guid) {
                Some(other) if *other == id => kept = true,
                Some(_) => return false,
                // On one panel, an id that was given away is not given to somebody else.
                None if after.get(kind, id).is_some_and(|o| o.guid.is_some()) => return false,
                None => {}
            }
        }
    }
    kept
}

fn has_guid(kind: Kind) -> bool {
    kind.facts().table.as_ref().is_some_and(|t| t.guid.is_some() || t.through.is_some())
}

fn by_guid(inventory: &Inventory, kind: Kind) -> FxHashMap<Guid, i64> {
    inventory.of_kind(kind).iter().filter_map(|o| Some((o.guid?, o.id))).collect()
}

/// How ids of `kind` changed their meaning: an id is two different objects, or an object has two different ids.
fn changed_kind(before: &Inventory, after: &Inventory, kind: Kind, same_panel: bool) -> Option<String> {
    let label = |of: &Inventory, o: &Object| format!("{}{}", o.label(), if of.is_gone(kind, o.id) { ", which is gone," } else { "" });
    let told = |id: i64, left: &Object, right: &Object| {
        format!("the id {id} of a {kind} means {} in the one and {} in the other", label(before, left), label(after, right))
    };
    for left in before.of_kind(kind) {
        let Some(right) = after.get(kind, left.id) else { continue };
        match (left.guid, right.guid) {
            (Some(a), Some(b)) if a != b => return Some(told(left.id, left, right)),
            (Some(_), Some(_)) => {}
            // Where no GUID tells, another name under one id is a rename as long as the panel gives no id twice; but what is gone is renamed no more.
            _ if same_panel && !before.is_gone(kind, left.id) && !after.is_gone(kind, left.id) => {}
            _ if !left.name.is_empty() && !right.name.is_empty() && normal_name(left) != normal_name(right) => {
                return Some(told(left.id, left, right));
            }
            _ => {}
        }
    }
    let moved = |left: &Object, id: i64| format!("{} has the id {} in the one and {id} in the other", left.label(), left.id);
    let now = by_guid(after, kind);
    if let Some((left, id)) = before.of_kind(kind).iter().find_map(|o| now.get(&o.guid?).filter(|id| **id != o.id).map(|id| (o, *id))) {
        return Some(moved(left, id));
    }
    if before.of_kind(kind).iter().all(|o| o.guid.is_some()) {
        return None;
    }
    // An object without a GUID goes by its name, whatever has its id now: names that changed places are no renames.
    let (then, now, known) = (by_name(before, kind), by_name(after, kind), by_guid(before, kind));
    let moved_on = |o: &Object| {
        let name = normal_name(o);
        let id = (then.get(&name) == Some(&Some(o.id))).then(|| now.get(&name).copied().flatten())?.filter(|id| *id != o.id)?;
        // Whose GUID is known is somebody else, who took the name.
        after.get(kind, id)?.guid.is_none_or(|guid| !known.contains_key(&guid)).then_some(id)
    };
    before.of_kind(kind).iter().filter(|o| o.guid.is_none()).find_map(|o| Some(moved(o, moved_on(o)?)))
}

/// The ids by name; `None` where several objects have it.
fn by_name(inventory: &Inventory, kind: Kind) -> FxHashMap<String, Option<i64>> {
    let mut names: FxHashMap<String, Option<i64>> = FxHashMap::default();
    for object in inventory.of_kind(kind).iter().filter(|o| !o.name.is_empty()) {
        names.entry(normal_name(object)).and_modify(|id| *id = None).or_insert(Some(object.id));
    }
    names
}

#[cfg(test)]
mod tests;
