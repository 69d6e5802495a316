//! What is to become of what an extension keeps in a panel's database, and whether it is as that says.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use super::evidence::Marked;
use super::rows::Row;
use super::settings::Setting;
use super::source::SourceError;

/// One thing of which the database has at most one with its key.
pub trait Item: Clone + Eq {
    /// What tells it from others.
    type Key<'a>: Ord + Eq + Hash + Copy
    where
        Self: 'a;

    /// Its key.
    fn key(&self) -> Self::Key<'_>;

    /// Whether the two have the same key, byte by byte.
    fn has_key_of(&self, other: &Self) -> bool;

    /// Whether `found`, which has the key as the server compares it, is this one byte by byte. What this one says nothing of may be as it likes.
    fn is(&self, found: &Self) -> bool;

    /// How what was found in the place of `this` differs from what was to be there, for a person.
    fn told(this: &Self, found: Option<&Self>, wanted: Option<&Self>) -> String;
}

/// What is to become of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<T = Setting> {
    /// It gets another key, another content, or both.
    Altered {
        /// As it must be now.
        before: T,
        /// As it is afterwards: one of the same owner.
        after: T,
    },
    /// It is taken out. As it must be now.
    Removed(T),
    /// It comes: one that was taken out is put back. As it is afterwards; now there must be none of its key.
    Added(T),
}

impl Change {
    /// `before` gets that name and that value.
    #[must_use]
    pub fn altered(before: Setting, name: Vec<u8>, value: Option<Vec<u8>>) -> Change {
        let after = Setting { of: before.of, owner: before.owner, name, value };
        Change::Altered { before, after }
    }
}

impl<T: Item> Change<T> {
    /// It as it must be now; `None`: there must be none.
    #[must_use]
    pub fn before(&self) -> Option<&T> {
        match self {
            Change::Altered { before, .. } | Change::Removed(before) => Some(before),
            Change::Added(_) => None,
        }
    }

    /// It afterwards; `None`: there is none.
    #[must_use]
    pub fn after(&self) -> Option<&T> {
        match self {
            Change::Altered { after, .. } | Change::Added(after) => Some(after),
            Change::Removed(_) => None,
        }
    }

    /// It as it is now or, where there is none now, afterwards.
    #[must_use]
    pub fn subject(&self) -> &T {
        match self {
            Change::Altered { before: item, .. } | Change::Removed(item) | Change::Added(item) => item,
        }
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Change<T> {
        match self.clone() {
            Change::Altered { before, after } => Change::Altered { before: after, after: before },
            Change::Removed(item) => Change::Added(item),
            Change::Added(item) => Change::Removed(item),
        }
    }

    /// Whether it gets another key.
    #[must_use]
    pub fn renames(&self) -> bool {
        matches!(self, Change::Altered { before, after } if !before.has_key_of(after))
    }
}

/// What changes in a panel's database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Settings.
    pub settings: Vec<Change>,
    /// Rows of the extension's own tables.
    pub rows: Vec<Change<Row>>,
    /// What comes with them. What is in a row or a setting tells no more whether it was changed, once the extension went on writing.
    pub mark: Option<Mark>,
}

/// A setting that tells of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its name.
    pub name: Vec<u8>,
    /// What it says afterwards.
    pub says: Marked,
}

impl Mark {
    /// The mark of what takes the changes back.
    #[must_use]
    pub fn reversed(&self) -> Mark {
        let says = match self.says {
            Marked::Done => Marked::TakenBack,
            Marked::TakenBack => Marked::Done,
        };
        Mark { name: self.name.clone(), says }
    }

    /// The setting's value.
    #[must_use]
    pub fn value(&self) -> &'static str {
        match self.says {
            Marked::Done => "reguid rewrote ids of this extension; reguid undo takes that back",
            Marked::TakenBack => "taken back: the ids of this extension are as before the run",
        }
    }

    /// What a value says.
    #[must_use]
    pub fn read(value: Option<&[u8]>) -> Marked {
        let taken_back = value.is_some_and(|v| v.starts_with(b"taken back"));
        if taken_back { Marked::TakenBack } else { Marked::Done }
    }
}

impl Changes {
    /// Whether nothing changes; a mark alone is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty() && self.rows.is_empty()
    }

    /// How many settings and rows change.
    #[must_use]
    pub fn len(&self) -> usize {
        self.settings.len() + self.rows.len()
    }

    /// The changes that take these back.
    #[must_use]
    pub fn reversed(&self) -> Changes {
        Changes {
            settings: self.settings.iter().map(Change::reversed).collect(),
            rows: self.rows.iter().map(Change::reversed).collect(),
            mark: self.mark.as_ref().map(Mark::reversed),
        }
    }

    /// These and the others.
    pub fn extend(&mut self, others: Changes) {
        self.settings.extend(others.settings);
        self.rows.extend(others.rows);
        self.mark = self.mark.take().or(others.mark);
    }
}

/// How things are that some changes are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// As all changes say they must be before.
    Before,
    /// As they are afterwards.
    After,
    /// As before, and as afterwards: the changes only exchange names of what is the same.
    Same,
    /// Neither.
    Other {
        /// What differs from before, for a person.
        list: Vec<String>,
        /// Some are as before, and would not be so afterwards.
        before: bool,
        /// Some are as afterwards, and were not so before.
        after: bool,
    },
}

/// What a comparison saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// What is not as before.
    not_before: Vec<String>,
    /// Something is not as afterwards.
    not_after: bool,
    /// As in [`State::Other`].
    some_before: bool,
    some_after: bool,
}

impl Compared {
    /// What this one and the other saw, taken together.
    pub(super) fn and(mut self, other: Compared) -> Compared {
        self.not_before.extend(other.not_before);
        self.not_after |= other.not_after;
        self.some_before |= other.some_before;
        self.some_after |= other.some_after;
        self
    }

    /// Whether everything is as afterwards.
    pub(super) fn is_after(&self) -> bool {
        !self.not_after
    }

    pub(super) fn state(self) -> State {
        match (self.not_before.is_empty(), self.not_after) {
            (true, false) => State::Same,
            (true, true) => State::Before,
            (false, false) => State::After,
            (false, true) => State::Other { list: self.not_before, before: self.some_before, after: self.some_after },
        }
    }
}

/// A comparison of things with what some changes say of them.
pub(super) struct Comparing<'a, T: Item> {
    before: FxHashMap<T::Key<'a>, &'a T>,
    after: FxHashMap<T::Key<'a>, &'a T>,
    compared: Compared,
}

impl<'a, T: Item> Comparing<'a, T> {
    pub(super) fn new(changes: impl Iterator<Item = &'a Change<T>> + Clone) -> Comparing<'a, T> {
        Comparing {
            before: changes.clone().filter_map(Change::before).map(|item| (item.key(), item)).collect(),
            after: changes.filter_map(Change::after).map(|item| (item.key(), item)).collect(),
            compared: Compared::default(),
        }
    }

    /// One of each key that the changes are about, in the order of the keys.
    pub(super) fn all(&self) -> Vec<&'a T> {
        let mut all: Vec<&T> = self.before.values().copied().collect();
        all.extend(self.after.iter().filter(|(key, _)| !self.before.contains_key(key)).map(|(_, item)| *item));
        all.sort_unstable_by_key(|item| item.key());
        all
    }

    /// Takes note of what there is in the place of `this`, one of [`Comparing::all`]. The server may find one whose key differs in case.
    pub(super) fn see(&mut self, this: &'a T, found: Option<&T>) {
        let key = this.key();
        let (before, after) = (self.before.get(&key).copied(), self.after.get(&key).copied());
        let fits = |wanted: Option<&T>| match (wanted, found) {
            (None, None) => true,
            (Some(wanted), Some(found)) => wanted.is(found),
            // A key that differs in case alone, of what goes or of what the list names as well.
            (None, Some(found)) => {
                !found.has_key_of(this) && self.before.values().chain(self.after.values()).any(|other| other.has_key_of(found))
            }
            (Some(_), None) => false,
        };
        let (as_before, as_after) = (fits(before), fits(after));
        if !as_before {
            self.compared.not_before.push(T::told(this, found, before));
        }
        self.compared.not_after |= !as_after;
        // A key that is free tells little: what is there tells.
        self.compared.some_before |= before.is_some() && as_before && !as_after;
        self.compared.some_after |= after.is_some() && as_after && !as_before;
    }

    pub(super) fn done(self) -> Compared {
        self.compared
    }
}

/// How the things are that `changes` are about; `look` finds what there is in the place of one.
pub(super) fn compare<T: Item>(
    changes: &[Change<T>],
    mut look: impl FnMut(&T) -> Result<Option<T>, SourceError>,
) -> Result<Compared, SourceError> {
    let mut comparing = Comparing::new(changes.iter());
    for this in comparing.all() {
        let found = look(this)?;
        comparing.see(this, found.as_ref());
    }
    Ok(comparing.done())
}

/// A value for a person.
pub(crate) fn shown(value: Option<&[u8]>) -> String {
    let Some(value) = value else { return "NULL".to_owned() };
    let text = String::from_utf8_lossy(value);
    let short: String = text.chars().take(60).collect();
    format!("'{}{}'", short.escape_debug(), if short.len() < text.len() { "…" } else { "" })
}
