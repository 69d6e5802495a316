//! What who decides about a column has seen of it: the distinct ids, what is nearly a number, and how many rows hold no id.

use rustc_hash::FxHashMap;

use super::decide::{Action, Fate, Storage};
use super::twin::Agreement;
use crate::sqlite::Value;

/// Where ids stand among those that were seen. Most are small: these are found without a search.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// By id, one more than the number of the id as an integer whose twin does not speak against it; 0: none.
    near: Vec<u32>,
    /// All others.
    far: FxHashMap<(i64, Storage, Agreement), usize>,
}

/// Ids from which on [`Index`] goes by a search: 4 MB.
const NEAR: usize = 1 << 20;

impl Index {
    /// The place of an id in `near`.
    #[inline]
    fn near(id: i64, storage: Storage, agreement: Agreement) -> Option<usize> {
        let plain = storage == Storage::Integer && agreement == Agreement::Fine;
        usize::try_from(id).ok().filter(|id| plain && *id < NEAR)
    }

    #[inline]
    pub(super) fn get(&self, id: i64, storage: Storage, agreement: Agreement) -> Option<usize> {
        match Index::near(id, storage, agreement) {
            Some(at) => (*self.near.get(at)? as usize).checked_sub(1),
            None => self.far.get(&(id, storage, agreement)).copied(),
        }
    }

    pub(super) fn insert(&mut self, id: i64, storage: Storage, agreement: Agreement, number: usize) {
        let near = Index::near(id, storage, agreement).zip(u32::try_from(number + 1).ok());
        let Some((at, number)) = near else {
            self.far.insert((id, storage, agreement), number);
            return;
        };
        if at >= self.near.len() {
            self.near.resize((at + 1).next_power_of_two().min(NEAR), 0);
        }
        self.near[at] = number;
    }
}

/// A distinct malformed value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Malformed {
    /// The value.
    pub value: Value,
    /// Rows that hold it.
    pub rows: u64,
    /// The run of leaves in which it was first seen.
    pub(super) run: u32,
}

/// How many distinct malformed values are kept for the report.
pub(super) const SHOWN: usize = 100;

/// A distinct id.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// The id.
    pub id: i64,
    /// How it is stored.
    pub storage: Storage,
    /// What the twins beside it say.
    pub(super) agreement: Agreement,
    /// The run of leaves in which it was first seen.
    pub(super) run: u32,
    /// Rows that hold it.
    pub rows: u64,
    /// What became of its object.
    pub fate: Fate,
    /// What is done with it.
    pub action: Action,
}

/// Rows by what their value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub null: u64,
    pub sentinel: u64,
    pub malformed: u64,
    pub not_an_id: u64,
}

impl Counts {
    pub(super) fn plus(self, other: Counts) -> Counts {
        Counts {
            null: self.null + other.null,
            sentinel: self.sentinel + other.sentinel,
            malformed: self.malformed + other.malformed,
            not_an_id: self.not_an_id + other.not_an_id,
        }
    }
}
