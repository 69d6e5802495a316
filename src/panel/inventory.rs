//! All objects of one panel at one moment.

use std::fmt;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

use super::{Guid, Kind, Object};

/// Where and when an inventory was read; for reports and for the companion's record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The inventory source, as a person would name it: a file's path, `snapshot of …`.
    pub source: String,
    /// When the panel was in this state, as the source tells it (RFC 3339 or the source's own spelling).
    pub taken: Option<String>,
}

/// All objects of one panel at one moment, ordered by kind and id.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// Where it was read.
    pub origin: Origin,
    objects: Vec<Object>,
    /// Their ids, in the same order: small enough to be looked up without going through the objects.
    ids: Vec<i64>,
    /// For each kind index, the range of `objects`.
    ranges: Vec<std::ops::Range<usize>>,
    /// Kinds that the source carries, even when it holds no object of them.
    carried: Vec<Kind>,
    duplicates: Vec<Duplicate>,
    notes: Vec<String>,
    partial: Option<String>,
    /// Those that are gone from the panel, by kind and id.
    gone: Vec<(Kind, i64)>,
    /// Computed when it is asked for: of millions of objects that takes a while, and it is asked for again and again.
    fingerprint: OnceLock<Fingerprint>,
}

/// A GUID that several objects of one kind carry: a known state of cloned panels. It identifies none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The kind.
    pub kind: Kind,
    /// The GUID that occurs more than once.
    pub guid: Guid,
    /// The objects' ids, ascending.
    pub ids: Vec<i64>,
}

/// A hash over kind, id, GUID and key of every object: equal for equal panel states, whatever source they were read from.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// A fingerprint in the making. Objects are given in the order of their kinds' names and their ids.
#[derive(Default)]
pub(super) struct FingerprintOf(Sha256);

impl FingerprintOf {
    /// Adds an object.
    pub(super) fn object(&mut self, kind: &str, id: i64, guid: Option<Guid>, name: &str) {
        self.0.update(kind);
        self.0.update([0]);
        self.0.update(id.to_be_bytes());
        self.0.update(guid.map_or(0, Guid::bits).to_be_bytes());
        self.0.update(u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(name);
    }

    /// The fingerprint of all of them.
    pub(super) fn finish(self) -> Fingerprint {
        Fingerprint(self.0.finalize().into())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Inventory {
    /// An inventory of `objects`; of several with the same kind and id, the first counts. A GUID that several objects of a kind carry is taken
    /// from all of them and listed in [`Inventory::duplicates`].
    ///
    /// `carried` names the kinds that the source can tell of, so that "no such object" and "not known here" stay apart.
    #[must_use]
    pub fn new(origin: Origin, mut objects: Vec<Object>, mut carried: Vec<Kind>) -> Inventory {
        objects.sort_by_key(|o| (o.kind, o.id));
        objects.dedup_by_key(|o| (o.kind, o.id));
        let duplicates = take_duplicates(&mut objects);
        let mut ranges = Vec::with_capacity(Kind::all().count());
        let mut start = 0;
        for kind in Kind::all() {
            let end = start + objects[start..].partition_point(|o| o.kind == kind);
            ranges.push(start..end);
            start = end;
        }
        carried.extend(objects.iter().map(|o| o.kind));
        carried.sort_unstable();
        carried.dedup();
        let ids = objects.iter().map(|o| o.id).collect();
        Inventory {
            origin,
            objects,
            ids,
            ranges,
            carried,
            duplicates,
            notes: Vec::new(),
            partial: None,
            gone: Vec::new(),
            fingerprint: OnceLock::new(),
        }
    }

    /// All objects, by kind and id.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The objects of one kind, by id.
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> &[Object] {
        self.ranges.get(kind.index()).map_or(&[], |r| &self.objects[r.clone()])
    }

    /// The object of that kind with that id.
    #[must_use]
    pub fn get(&self, kind: Kind, id: i64) -> Option<&Object> {
        Some(&self.of_kind(kind)[self.position(kind, id)?])
    }

    /// The place of the object of that kind with that id among the objects of the kind.
    pub(crate) fn position(&self, kind: Kind, id: i64) -> Option<usize> {
        place(&self.ids[self.ranges.get(kind.index())?.clone()], id, |id| *id)
    }

    /// The kinds that the source can tell of.
    #[must_use]
    pub fn carried(&self) -> &[Kind] {
        &self.carried
    }

    /// Whether the source can tell of `kind`.
    #[must_use]
    pub fn carries(&self, kind: Kind) -> bool {
        self.carried.contains(&kind)
    }

    /// Why the source tells of a part of the panel alone, if it does: what it does not know may be there all the same.
    #[must_use]
    pub fn partial(&self) -> Option<&str> {
        self.partial.as_deref()
    }

    /// Sets why the source tells of a part of the panel alone: a sentence without a full stop, about the source.
    pub fn tells_in_part(&mut self, why: String) {
        self.partial = Some(why);
    }

    /// Objects that the panel has no longer, by kind and id: only what their ids meant is kept. They are among [`Inventory::objects`].
    #[must_use]
    pub fn gone(&self) -> &[(Kind, i64)] {
        &self.gone
    }

    /// Whether the object of that kind with that id is gone from the panel. Whatever has its id in a later state is another object.
    #[must_use]
    pub fn is_gone(&self, kind: Kind, id: i64) -> bool {
        self.gone.binary_search(&(kind, id)).is_ok()
    }

    /// Says which objects are gone from the panel; of others than its own it takes no note.
    pub fn tell_gone(&mut self, gone: impl IntoIterator<Item = (Kind, i64)>) {
        let there: Vec<(Kind, i64)> = gone.into_iter().filter(|(kind, id)| self.position(*kind, *id).is_some()).collect();
        self.gone.extend(there);
        self.gone.sort_unstable();
        self.gone.dedup();
    }

    /// The inventory without the objects that are gone: what the panel has.
    #[must_use]
    pub fn of_what_is_there(mut self) -> Inventory {
        if self.gone.is_empty() {
            return self;
        }
        let gone = std::mem::take(&mut self.gone);
        self.objects.retain(|o| gone.binary_search(&(o.kind, o.id)).is_err());
        let mut there = Inventory::new(self.origin, self.objects, self.carried);
        let known = |d: &Duplicate| d.ids.iter().any(|id| there.position(d.kind, *id).is_some());
        let duplicates: Vec<Duplicate> = self.duplicates.into_iter().filter(known).collect();
        there.restore_duplicates(duplicates);
        there.notes = self.notes;
        there.partial = self.partial;
        there
    }

    /// Whether nothing is known in `other` that is not known here, and the other way round.
    #[must_use]
    pub fn knows_the_same(&self, other: &Inventory) -> bool {
        self.gone == other.gone && self.fingerprint() == other.fingerprint()
    }

    /// GUIDs that identify nothing because several objects carry them.
    #[must_use]
    pub fn duplicates(&self) -> &[Duplicate] {
        &self.duplicates
    }

    /// What a person should know of how the inventory was read: each is a sentence without a full stop.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The notes, and why it tells of a part of the panel alone, each with the source in front.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        self.partial.iter().chain(&self.notes).map(|note| format!("{}: {note}", self.origin.source)).collect()
    }

    /// Adds a note.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Lists duplicates that an earlier reading of the same state had found: their GUIDs are no longer with the objects.
    pub(super) fn restore_duplicates(&mut self, duplicates: Vec<Duplicate>) {
        self.duplicates.extend(duplicates);
        self.duplicates.sort_by_key(|d| (d.kind, d.guid));
        self.duplicates.dedup();
    }

    /// The state's fingerprint.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        *self.fingerprint.get_or_init(|| {
            let mut of = FingerprintOf::default();
            self.objects.iter().for_each(|o| of.object(o.kind.name(), o.id, o.guid, &o.name));
            of.finish()
        })
    }
}

/// The place of `id` among `all`, which are ordered by their ids, each of which occurs once.
///
/// Ids are counted upwards, with few gaps: an id stands a little before the place that it would have without gaps, and is looked for from there.
pub(crate) fn place<T>(all: &[T], id: i64, id_of: impl Fn(&T) -> i64) -> Option<usize> {
    let first = id_of(all.first()?);
    let beyond = i128::from(id) - i128::from(first);
    let most = usize::try_from(beyond.min(i128::try_from(all.len()).ok()?)).ok()?.min(all.len() - 1);
    let (mut low, mut step) = (most, 1);
    while id_of(&all[low]) > id {
        // The first id is not larger, so this ends there.
        low = low.saturating_sub(step);
        step *= 2;
    }
    let high = (low + step).min(most) + 1;
    all[low..high].binary_search_by_key(&id, id_of).ok().map(|i| low + i)
}

/// Clears every GUID that occurs more than once within a kind. `objects` are ordered by kind and id.
fn take_duplicates(objects: &mut [Object]) -> Vec<Duplicate> {
    let mut duplicates: Vec<Duplicate> = Vec::new();
    for objects in objects.chunk_by_mut(|a, b| a.kind == b.kind) {
        // Sixteen bytes an object, for as long as this kind is looked at: a panel has millions of objects and hardly ever a duplicate.
        let mut guids: Vec<Guid> = objects.iter().filter_map(|o| o.guid).collect();
        guids.sort_unstable();
        let mut several: Vec<Guid> = guids.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        several.dedup();
        let first = duplicates.len();
        duplicates.extend(several.iter().map(|&guid| Duplicate { kind: objects[0].kind, guid, ids: Vec::new() }));
        if several.is_empty() {
            continue;
        }
        for object in objects {
            if let Some(at) = object.guid.and_then(|g| several.binary_search(&g).ok()) {
                duplicates[first + at].ids.push(object.id);
                object.guid = None;
            }
        }
    }
    duplicates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_what_is_not_gone() {
        let (domain, client): (Kind, Kind) = ("domain".parse().unwrap(), "client".parse().unwrap());
        let object = |kind, id, guid: &str| Object {
            kind,
            id,
            guid: Guid::parse(guid.as_bytes()),
            name: "x".into(),
            parent: None,
            witness: [].into(),
        };
        let twin = "7834463f-1a2b-3c4d-5e6f-0123456789ab";
        let objects = vec![object(domain, 5, twin), object(domain, 6, twin), object(domain, 7, ""), object(client, 5, "")];
        let mut inventory = Inventory::new(Origin::default(), objects, Vec::new());
        inventory.note("a note".to_owned());
        inventory.tell_gone([(domain, 6), (domain, 9), (client, 5)]);
        assert_eq!(inventory.gone(), [(client, 5), (domain, 6)]);
        let there = inventory.clone().of_what_is_there();
        assert_eq!(there.objects().iter().map(|o| (o.kind, o.id)).collect::<Vec<_>>(), [(domain, 5), (domain, 7)]);
        assert_eq!((there.gone(), there.notes().len(), there.carries(client)), (&[][..], 1, true));
        assert_eq!(there.duplicates(), inventory.duplicates(), "its GUID was another one's too, and is not known to be its own now");
        assert!(inventory.knows_the_same(&inventory) && !inventory.knows_the_same(&there));
    }

    #[test]
    fn ids_are_found_wherever_the_gaps_are() {
        let lists: [&[i64]; 6] =
            [&[], &[5], &[1, 2, 3, 4, 5], &[1, 2, 900, 901, 902, 2000], &[-7, 0, 3, i64::MAX], &[i64::MIN, -1, i64::MAX - 1]];
        let many: Vec<i64> = (0..500).map(|i| i * 7 - 100 + i % 7).collect();
        for list in lists.into_iter().chain([many.as_slice()]) {
            for id in list.iter().flat_map(|id| [id.saturating_sub(1), *id, id.saturating_add(1)]).chain([0, i64::MIN, i64::MAX]) {
                assert_eq!(place(list, id, |i| *i), list.iter().position(|i| *i == id), "{id} in {list:?}");
            }
        }
    }
}
