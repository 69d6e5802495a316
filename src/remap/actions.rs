//! What is done with the ids of one column that do not stay as they are.

use rustc_hash::FxHashMap;

use super::decide::{Action, Storage};
use crate::sqlite::ValueRef;
use crate::value::number;

/// By id and storage class. A run asks for each row, several times: where ids lie close together they are found without a search.
#[derive(Debug)]
pub(super) struct Actions {
    /// By id, of integers below its length.
    near: Vec<Option<Action>>,
    /// Of all others.
    far: FxHashMap<(i64, Storage), Action>,
}

/// Most ids that are found without a search: 32 MB.
const NEAR: usize = 1 << 21;
/// How many times as many places as ids there may be.
const SPARSE: usize = 16;

impl Actions {
    /// The place of an id in `near`, if that is so long.
    #[inline]
    fn near(id: i64, storage: Storage) -> Option<usize> {
        usize::try_from(id).ok().filter(|_| storage == Storage::Integer)
    }

    /// What is done with an id; `None`: it stays.
    #[inline]
    pub(super) fn get(&self, id: i64, storage: Storage) -> Option<Action> {
        match Actions::near(id, storage).filter(|at| *at < self.near.len()) {
            Some(at) => self.near[at],
            None => self.far.get(&(id, storage)).copied(),
        }
    }

    /// What is done with a value that is an id; `None`: it stays.
    #[inline]
    pub(super) fn of(&self, value: ValueRef<'_>) -> Option<Action> {
        match value {
            ValueRef::Integer(id) => self.get(id, Storage::Integer),
            ValueRef::Text(text) => self.get(number::canonical(text)?, Storage::Text),
            _ => None,
        }
    }

    /// The ids, and what is done with them; an id that is stored in two ways comes twice.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, Action)> {
        let near = self.near.iter().enumerate().filter_map(|(id, action)| Some((i64::try_from(id).ok()?, (*action)?)));
        near.chain(self.far.iter().map(|((id, _), action)| (*id, *action)))
    }
}

impl FromIterator<((i64, Storage), Action)> for Actions {
    fn from_iter<I: IntoIterator<Item = ((i64, Storage), Action)>>(all: I) -> Actions {
        let all: Vec<((i64, Storage), Action)> = all.into_iter().collect();
        let limit = all.len().saturating_mul(SPARSE).min(NEAR);
        let places = all.iter().filter_map(|((id, storage), _)| Actions::near(*id, *storage).filter(|at| *at < limit));
        let mut actions = Actions { near: vec![None; places.max().map_or(0, |last| last + 1)], far: FxHashMap::default() };
        for ((id, storage), action) in all {
            match Actions::near(id, storage).filter(|at| *at < actions.near.len()) {
                Some(at) => actions.near[at] = Some(action),
                None => drop(actions.far.insert((id, storage), action)),
            }
        }
        actions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_ids_are_found_as_they_are_stored() {
        let ids = [0, 1, 5, 127, 128, 129, i64::MAX, i64::MIN, -3];
        let all = ids.iter().enumerate().map(|(i, &id)| {
            let storage = if i % 3 == 0 { Storage::Text } else { Storage::Integer };
            ((id, storage), Action::Set(i as i64))
        });
        let actions: Actions = all.clone().collect();
        for ((id, storage), action) in all {
            let (same, other) = (ValueRef::Integer(id), id.to_string());
            let (this, that) = match storage {
                Storage::Integer => (same, ValueRef::Text(other.as_bytes())),
                Storage::Text => (ValueRef::Text(other.as_bytes()), same),
            };
            assert_eq!((actions.of(this), actions.of(that)), (Some(action), None), "{id}");
        }
        assert_eq!([4, 6, 126, 130].map(|id| actions.get(id, Storage::Integer)), [None; 4]);
        assert_eq!(actions.of(ValueRef::Text(b"00")), None);
        let mut found: Vec<i64> = actions.iter().map(|a| a.0).collect();
        found.sort_unstable();
        let mut expected = ids.to_vec();
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert_eq!(Actions::from_iter([]).get(0, Storage::Integer), None);
    }
}
