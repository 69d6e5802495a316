//! Hashes of rows and of tables. They are kept in the companion and compared by later runs, of later releases too: the function is fixed here.

use crate::sqlite::ValueRef;

/// Where a row's hash begins, and what each sort of value is multiplied by: the first digits of pi, made odd.
const START: u64 = 0x243f_6a88_85a3_08d3;
const NULL: u64 = 0x1319_8a2e_0370_7345;
const INTEGER: u64 = 0xa409_3822_299f_31d1;
const REAL: u64 = 0x082e_fa98_ec4e_6c89;
const TEXT: u64 = 0x4528_21e6_38d0_1377;
const BLOB: u64 = 0xbe54_66cf_34e9_0c6d;
const END: u64 = 0xc0ac_29b7_c97c_50dd;

/// The hash of one row, value by value. It is not linear in them: the sum over the rows of a hash that is would not see values that changed places between
/// rows. It does not withstand somebody who makes rows to fool it; what it finds is what went wrong by itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowHash(u64);

impl RowHash {
    /// Of no value yet.
    pub(crate) fn new() -> RowHash {
        RowHash(START)
    }

    /// Both halves of the product of the state with `word` in it and a constant.
    #[inline]
    fn mix(&mut self, word: u64, by: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(by);
        self.0 = (product as u64) ^ ((product >> 64) as u64).rotate_left(29) ^ by.rotate_left(11);
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8], by: u64) {
        self.mix(bytes.len() as u64, by);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word), by);
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word), by);
        }
    }

    /// Adds a value: storage class and bytes.
    #[inline]
    pub(crate) fn value(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.mix(0, NULL),
            ValueRef::Integer(i) => self.mix(i.cast_unsigned(), INTEGER),
            ValueRef::Real(r) => self.mix(r.to_bits(), REAL),
            ValueRef::Text(t) => self.bytes(t, TEXT),
            ValueRef::Blob(b) => self.bytes(b, BLOB),
        }
    }

    /// The hash.
    #[inline]
    pub(crate) fn finish(mut self) -> u64 {
        self.mix(0, END);
        self.mix(0, START);
        self.0
    }
}

/// A hash of a table's rows in no particular order: their number, and the sum of a hash of each.
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

    /// The rows of both.
    pub(super) fn plus(self, other: Content) -> Content {
        Content { rows: self.rows.wrapping_add(other.rows), sum: self.sum.wrapping_add(other.sum) }
    }

    /// The rows without those of `other`, which are among them.
    pub(super) fn minus(self, other: Content) -> Content {
        Content { rows: self.rows.wrapping_sub(other.rows), sum: self.sum.wrapping_sub(other.sum) }
    }

    /// The sum.
    pub(super) fn sum(self) -> u64 {
        self.sum
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

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(values: &[ValueRef<'_>]) -> u64 {
        let mut hash = RowHash::new();
        values.iter().for_each(|v| hash.value(*v));
        hash.finish()
    }

    /// A later release must find the same.
    #[test]
    fn the_function_is_fixed() {
        let row = [ValueRef::Integer(-7), ValueRef::Null, ValueRef::Real(0.5), ValueRef::Text(b"example.com"), ValueRef::Blob(b"\0\xff")];
        assert_eq!(format!("{:016x}", hash(&row)), FIXED);
    }
    const FIXED: &str = "d745df41068ba36d";

    #[test]
    fn what_differs_has_another_hash() {
        let rows: &[&[ValueRef<'_>]] = &[
            &[],
            &[ValueRef::Null],
            &[ValueRef::Integer(0)],
            &[ValueRef::Real(0.0)],
            &[ValueRef::Real(-0.0)],
            &[ValueRef::Text(b"")],
            &[ValueRef::Blob(b"")],
            &[ValueRef::Text(b"0")],
            &[ValueRef::Text(b"0\0")],
            &[ValueRef::Blob(b"0")],
            &[ValueRef::Text(b"ab"), ValueRef::Text(b"c")],
            &[ValueRef::Text(b"a"), ValueRef::Text(b"bc")],
            &[ValueRef::Text(b"abc")],
            &[ValueRef::Integer(1), ValueRef::Integer(2)],
            &[ValueRef::Integer(2), ValueRef::Integer(1)],
            &[ValueRef::Null, ValueRef::Integer(1)],
            &[ValueRef::Integer(1), ValueRef::Null],
        ];
        let all: std::collections::BTreeSet<u64> = rows.iter().map(|r| hash(r)).collect();
        assert_eq!(all.len(), rows.len());
    }

    /// Values that change places between rows, columns between each other: sums must differ.
    #[test]
    fn small_integers_do_not_cancel_out() {
        let mut sums = std::collections::BTreeSet::new();
        let mut tables = 0;
        for a in 0..6 {
            for b in 0..6 {
                for c in 0..6 {
                    for d in 0..6 {
                        // Two rows; the same two in the other order are the same table.
                        if (a, b) <= (c, d) {
                            let row = |x, y| hash(&[ValueRef::Integer(x), ValueRef::Integer(y)]);
                            sums.insert(row(a, b).wrapping_add(row(c, d)));
                            tables += 1;
                        }
                    }
                }
            }
        }
        assert_eq!(sums.len(), tables);
    }
}
