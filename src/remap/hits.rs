//! Addresses of the rows that a run touches, as long as they are few: statements then go to them, instead of asking every row.

use super::decide::FromRef;
use super::rows::numbered;
use crate::sqlite::{Connection, Error, Value, ValueRef, params_from_iter};

/// Rows of which the addresses are kept.
const MOST: usize = 1 << 16;
/// Bytes of addresses that are kept.
const BYTES: usize = 8 << 20;

/// Addresses of rows, in the order of the scan: those that change, and those that go. Too many are none.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    changed: List,
    removed: List,
}

/// One list.
#[derive(Debug, Default)]
struct List {
    values: Vec<Value>,
    rows: usize,
    bytes: usize,
    overflow: bool,
    /// Rows and bytes that were taken out before.
    taken: (usize, usize),
}

impl List {
    fn add(&mut self, address: &[ValueRef<'_>]) {
        if self.overflow {
            return;
        }
        self.rows += 1;
        let mut plain = true;
        for &value in address {
            match value {
                ValueRef::Text(t) => {
                    // Text that is none would come back as something else; U+FFFD is what it is shown as where the database is UTF-16.
                    plain &= std::str::from_utf8(t).is_ok_and(|t| !t.contains(char::REPLACEMENT_CHARACTER));
                    self.bytes += t.len();
                }
                ValueRef::Blob(b) => self.bytes += b.len(),
                _ => {}
            }
            self.values.push(Value::from_ref(value));
        }
        self.limit(plain);
    }

    /// Lists nothing if that is too much, or not `plain`.
    fn limit(&mut self, plain: bool) {
        if self.taken.0 + self.rows > MOST || self.taken.1 + self.bytes > BYTES || !plain {
            *self = List { overflow: true, ..List::default() };
        }
    }

    /// Takes out what is listed. What follows counts as what comes after it.
    fn take(&mut self) -> List {
        if self.overflow {
            return List { overflow: true, ..List::default() };
        }
        let taken = (self.taken.0 + self.rows, self.taken.1 + self.bytes);
        List { taken: (0, 0), ..std::mem::replace(self, List { taken, ..List::default() }) }
    }

    /// Adds what comes after it.
    fn join(&mut self, mut other: List) {
        if self.overflow {
            return;
        }
        self.values.append(&mut other.values);
        self.rows += other.rows;
        self.bytes += other.bytes;
        self.limit(!other.overflow);
    }
}

impl Hits {
    /// Adds a row that changes.
    pub(super) fn changed(&mut self, address: &[ValueRef<'_>]) {
        self.changed.add(address);
    }

    /// Adds a row that goes.
    pub(super) fn removed(&mut self, address: &[ValueRef<'_>]) {
        self.removed.add(address);
    }

    /// Takes out what is listed: of rows that follow, as many are listed as one list of all would have.
    pub(super) fn take(&mut self) -> Hits {
        Hits { changed: self.changed.take(), removed: self.removed.take() }
    }

    /// Adds rows that come after these.
    pub(super) fn join(&mut self, other: Hits) {
        self.changed.join(other.changed);
        self.removed.join(other.removed);
    }

    /// Whether all rows that change are listed, and there are any.
    pub(super) fn lists_changed(&self) -> bool {
        self.changed.rows > 0
    }

    /// Whether all rows that go are listed, and there are any.
    pub(super) fn lists_removed(&self) -> bool {
        self.removed.rows > 0
    }

    /// Makes the temporary table `name` of the rows that change (or go): their addresses in the columns k0 ….
    pub(super) fn table(&self, connection: &Connection, name: &str, width: usize, gone: bool) -> Result<(), Error> {
        let list = if gone { &self.removed } else { &self.changed };
        let columns = numbered("k", width);
        // In a table WITHOUT ROWID values are what they were, each in its place; a lone rowid is the key itself.
        connection.execute_batch(&format!("CREATE TEMP TABLE {name}({columns}, PRIMARY KEY({columns})) WITHOUT ROWID"))?;
        let holes: Vec<String> = (1..=width).map(|n| format!("?{n}")).collect();
        let mut insert = connection.prepare(&format!("INSERT INTO temp.{name} VALUES ({})", holes.join(", ")))?;
        for address in list.values.chunks(width) {
            insert.execute(params_from_iter(address))?;
        }
        Ok(())
    }
}
