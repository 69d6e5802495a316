//! One pass over a table's rows: what they hold, what they will hold, and a hash of both.

use std::hash::{DefaultHasher, Hasher};

use sha2::{Digest, Sha256};

use super::decide::{Action, Decider, after};
use super::inside::{Look, Text};
use super::watch;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, Row, Value, ValueRef};

/// A hash of a table's rows in no particular order: their number, and the sum of a hash of each. The rows' hash must not be linear in their columns:
/// the sum of such hashes would not see values that changed places between rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Content {
    rows: u64,
    sum: u64,
}

impl Content {
    /// Adds a row.
    pub(super) fn add(&mut self, row: u64) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(row);
    }

    /// Rows.
    pub(super) fn rows(self) -> u64 {
        self.rows
    }

    /// Its bytes, for the companion.
    pub(super) fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.rows.to_be_bytes());
        bytes[8..].copy_from_slice(&self.sum.to_be_bytes());
        bytes
    }
}

/// Adds a value to a row's hash: storage class and bytes.
pub(super) fn hash(hasher: &mut DefaultHasher, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => hasher.write_u8(0),
        ValueRef::Integer(i) => {
            hasher.write_u8(1);
            hasher.write_i64(i);
        }
        ValueRef::Real(r) => {
            hasher.write_u8(2);
            hasher.write_u64(r.to_bits());
        }
        ValueRef::Text(t) => {
            hasher.write_u8(3);
            hasher.write_usize(t.len());
            hasher.write(t);
        }
        ValueRef::Blob(b) => {
            hasher.write_u8(4);
            hasher.write_usize(b.len());
            hasher.write(b);
        }
    }
}

/// A row's hash, as it is, or as `action` of its columns, and what became of values with ids inside, make it.
fn hash_row<'l>(
    row: &Row<'_>,
    columns: usize,
    action: impl Fn(usize) -> Option<Action>,
    rewritten: impl Fn(usize) -> Option<&'l Text>,
) -> Result<u64, Error> {
    let mut hasher = DefaultHasher::new();
    for column in 0..columns {
        let value = row.get_ref(column)?;
        match action(column) {
            Some(Action::Rewrite) => hash(&mut hasher, rewritten(column).map_or(value, Text::borrow)),
            Some(action @ (Action::Set(_) | Action::Null)) => hash(&mut hasher, borrow(&after(value, action))),
            _ => hash(&mut hasher, value),
        }
    }
    Ok(hasher.finish())
}

/// Feeds values to SHA-256 in large pieces.
pub(crate) struct CellHash {
    sha: Sha256,
    buffer: Vec<u8>,
}

impl CellHash {
    /// An empty one.
    pub(super) fn new() -> CellHash {
        CellHash { sha: Sha256::new(), buffer: Vec::with_capacity(1 << 16) }
    }

    /// Adds a text with its length.
    pub(super) fn text(&mut self, text: &str) {
        self.value(ValueRef::Text(text.as_bytes()));
    }

    /// Adds a number.
    pub(super) fn number(&mut self, number: i64) {
        self.value(ValueRef::Integer(number));
    }

    /// Adds a value with its storage class.
    pub(super) fn value(&mut self, value: ValueRef<'_>) {
        let (tag, bytes): (u8, &[u8]) = match value {
            ValueRef::Null => (0, &[]),
            ValueRef::Integer(i) => {
                self.buffer.push(1);
                self.buffer.extend_from_slice(&i.to_be_bytes());
                return self.flush(1 << 16);
            }
            ValueRef::Real(r) => {
                self.buffer.push(2);
                self.buffer.extend_from_slice(&r.to_bits().to_be_bytes());
                return self.flush(1 << 16);
            }
            ValueRef::Text(t) => (3, t),
            ValueRef::Blob(b) => (4, b),
        };
        self.buffer.push(tag);
        self.buffer.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.buffer.extend_from_slice(bytes);
        self.flush(1 << 16);
    }

    fn flush(&mut self, at: usize) {
        if self.buffer.len() >= at {
            self.sha.update(&self.buffer);
            self.buffer.clear();
        }
    }

    /// The hash, in hexadecimal digits.
    pub(super) fn finish(mut self) -> String {
        self.flush(0);
        crate::panel::inventory::Fingerprint(self.sha.finalize().into()).to_string()
    }
}

/// What a pass over a table gives, beside what its deciders remember.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// All rows.
    pub rows: u64,
    /// Rows of which some cell will change.
    pub changed: u64,
    /// Cells that will change.
    pub cells: u64,
    /// For each target, rows in which its cell will become NULL.
    pub(super) nulls: Vec<u64>,
    /// Rows that will be taken out.
    pub removed: u64,
    /// The content as it is.
    pub before: Content,
    /// The content as it will be.
    pub after: Content,
}

/// A row as a pass shows it.
pub(crate) struct Seen<'a, 'r> {
    /// The row.
    pub row: &'a Row<'r>,
    /// How many columns address it, from column 0 on.
    pub address: usize,
    /// What is done with each target's cell.
    pub actions: &'a [Action],
    /// Whether each target's twin speaks against its cell.
    pub disagree: &'a [bool],
    /// Where each target's twin stands in the row.
    pub twins: &'a [Option<usize>],
    /// Where each target's cell stands in the row.
    pub at: &'a [usize],
    /// What a look at each target's cell gave, where ids stand inside.
    pub looks: &'a [Option<Look>],
}

/// Reads every row of a table in the order of its address.
///
/// `targets` are column numbers, each with its decider. With `whole`, all stored columns are read and hashed; without, only address and targets.
pub(crate) fn scan(
    connection: &Connection,
    schema: &str,
    table: &Table,
    targets: &mut [(usize, Decider<'_>)],
    whole: bool,
    cells: &mut CellHash,
    mut each: impl FnMut(&Seen<'_, '_>) -> Result<(), Error>,
) -> Result<Scanned, Error> {
    let address = table.address();
    let columns: Vec<usize> = if whole { table.stored().collect() } else { targets.iter().map(|t| t.0).collect() };
    let at: Vec<usize> =
        targets.iter().map(|t| address.len() + columns.iter().position(|c| *c == t.0).expect("a target is a stored column")).collect();
    // A target that is part of the address stands in the row twice.
    let target_of: Vec<Option<usize>> = address
        .iter()
        .map(|a| targets.iter().position(|t| table.columns[t.0].name.eq_ignore_ascii_case(a)))
        .chain(columns.iter().map(|c| targets.iter().position(|t| t.0 == *c)))
        .collect();
    let mut names: Vec<String> =
        address.iter().map(|a| quote(a)).chain(columns.iter().map(|&c| quote(&table.columns[c].name))).map(|n| format!("t.{n}")).collect();
    // Twins stand behind what is hashed: some may be computed columns.
    let hashed = names.len();
    let mut twins = Vec::with_capacity(targets.len());
    for (_, decider) in targets.iter() {
        let twin = decider.twins().map(|t| t.column);
        twins.push(twin.map(|_| names.len()));
        names.extend(twin.map(|t| format!("t.{}", quote(&table.columns[t].name))));
    }
    let order: Vec<String> = (1..=address.len()).map(|n| n.to_string()).collect();
    let sql = format!("SELECT {} FROM {} AS t ORDER BY {}", names.join(", "), qualified(schema, &table.name), order.join(", "));
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query([])?;
    let mut scanned = Scanned { nulls: vec![0; targets.len()], ..Scanned::default() };
    let mut actions = vec![Action::Leave; targets.len()];
    let mut disagree = vec![false; targets.len()];
    let watched = watch::rows();
    let mut looks: Vec<Option<Look>> = vec![None; targets.len()];
    while let Some(row) = rows.next()? {
        scanned.rows += 1;
        watched.row();
        for column in 0..address.len() {
            cells.value(row.get_ref(column)?);
        }
        let (mut changing, mut remove) = (0, false);
        for (i, (_, decider)) in targets.iter_mut().enumerate() {
            let value = row.get_ref(at[i])?;
            cells.value(value);
            let twin = twins[i].map_or(Ok(ValueRef::Null), |at| row.get_ref(at))?;
            if twins[i].is_some() {
                cells.value(twin);
            }
            (actions[i], disagree[i]) = decider.decide(value, twin);
            looks[i] = decider.inside.as_mut().map(|inside| std::mem::take(&mut inside.look));
            match actions[i] {
                Action::Set(_) | Action::Null | Action::Rewrite => changing += 1,
                Action::Remove => remove = true,
                Action::Leave | Action::Stop => {}
            }
        }
        if remove {
            scanned.removed += 1;
        } else if changing > 0 {
            scanned.changed += 1;
            scanned.cells += changing;
            actions.iter().zip(&mut scanned.nulls).filter(|(a, _)| **a == Action::Null).for_each(|(_, rows)| *rows += 1);
        }
        if whole {
            let before = hash_row(row, hashed, |_| None, |_| None)?;
            scanned.before.add(before);
            if !remove {
                let target = |column: usize| target_of[column].map(|t| actions[t]);
                let rewritten = |column: usize| target_of[column].and_then(|t| looks[t].as_ref()?.after.as_ref());
                scanned.after.add(if changing > 0 { hash_row(row, hashed, target, rewritten)? } else { before });
            }
        }
        each(&Seen { row, address: address.len(), actions: &actions, disagree: &disagree, twins: &twins, at: &at, looks: &looks })?;
    }
    Ok(scanned)
}

/// The content of a table as it is: its address and all stored columns, in this order, which `each` sees too.
pub(crate) fn content(
    connection: &Connection,
    schema: &str,
    table: &Table,
    mut each: impl FnMut(&Row<'_>) -> Result<(), Error>,
) -> Result<Content, Error> {
    let names: Vec<String> = table
        .address()
        .into_iter()
        .chain(table.stored().map(|c| table.columns[c].name.as_str()))
        .map(|n| format!("t.{}", quote(n)))
        .collect();
    let mut query = connection.prepare(&format!("SELECT {} FROM {} AS t", names.join(", "), qualified(schema, &table.name)))?;
    let mut rows = query.query([])?;
    let mut content = Content::default();
    let watched = watch::rows();
    while let Some(row) = rows.next()? {
        watched.row();
        content.add(hash_row(row, names.len(), |_| None, |_| None)?);
        each(row)?;
    }
    Ok(content)
}

/// A borrowed value.
pub(crate) fn borrow(value: &Value) -> ValueRef<'_> {
    match value {
        Value::Null => ValueRef::Null,
        Value::Integer(i) => ValueRef::Integer(*i),
        Value::Real(r) => ValueRef::Real(*r),
        Value::Text(t) => ValueRef::Text(t.as_bytes()),
        Value::Blob(b) => ValueRef::Blob(b),
    }
}
