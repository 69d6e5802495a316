//! Records: the values of one row, or of one entry of an index.

use crate::sqlite::ValueRef;

/// The number at `at`, of one to nine bytes, and where it ends.
#[inline]
pub(super) fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    if first < 0x80 { Some((u64::from(first), at + 1)) } else { long_varint(bytes, at, first) }
}

/// A number of more than one byte.
fn long_varint(bytes: &[u8], at: usize, first: u8) -> Option<(u64, usize)> {
    let mut number = u64::from(first & 0x7f);
    for (i, byte) in bytes.get(at + 1..)?.iter().take(8).enumerate() {
        if i == 7 {
            return Some((number << 8 | u64::from(*byte), at + 9));
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if *byte < 0x80 {
            return Some((number, at + i + 2));
        }
    }
    None
}

/// Puts the values of a record into `fields`. `None`: it is none, or has more than `most`.
pub(super) fn read<'v>(record: &'v [u8], most: usize, fields: &mut Vec<ValueRef<'v>>) -> Option<()> {
    fields.clear();
    let (header, mut at) = varint(record, 0)?;
    let (types, mut body) = record.split_at_checked(usize::try_from(header).ok()?)?;
    while at < types.len() {
        // A damaged record may seem to have as many as it has bytes.
        if fields.len() == most {
            return None;
        }
        let (kind, next) = varint(types, at)?;
        at = next;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => (kind - 12) / 2,
        };
        let bytes;
        (bytes, body) = body.split_at_checked(usize::try_from(size).ok()?)?;
        fields.push(value(kind, bytes));
    }
    body.is_empty().then_some(())
}

/// The value of that serial type; `bytes` has the length that the type says.
#[inline]
fn value(kind: u64, bytes: &[u8]) -> ValueRef<'_> {
    match (kind, bytes) {
        (1, &[a]) => ValueRef::Integer(i64::from(a.cast_signed())),
        (2, &[a, b]) => ValueRef::Integer(i64::from(i16::from_be_bytes([a, b]))),
        (3, &[a, b, c]) => ValueRef::Integer(i64::from(i32::from_be_bytes([a, b, c, 0]) >> 8)),
        (4, &[a, b, c, d]) => ValueRef::Integer(i64::from(i32::from_be_bytes([a, b, c, d]))),
        (5, &[a, b, c, d, e, f]) => ValueRef::Integer(i64::from_be_bytes([a, b, c, d, e, f, 0, 0]) >> 16),
        (6 | 7, &[a, b, c, d, e, f, g, h]) => {
            let number = [a, b, c, d, e, f, g, h];
            let real = f64::from_be_bytes(number);
            match kind {
                6 => ValueRef::Integer(i64::from_be_bytes(number)),
                // SQLite knows no NaN.
                _ if real.is_nan() => ValueRef::Null,
                _ => ValueRef::Real(real),
            }
        }
        (8, _) => ValueRef::Integer(0),
        (9, _) => ValueRef::Integer(1),
        (12.., bytes) if kind.is_multiple_of(2) => ValueRef::Blob(bytes),
        (13.., bytes) => ValueRef::Text(bytes),
        _ => ValueRef::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_to_nine_bytes() {
        for (bytes, number) in [
            (&[0x00][..], 0),
            (&[0x7f], 127),
            (&[0x81, 0x00], 128),
            (&[0xff, 0x7f], 16_383),
            (&[0x81, 0x80, 0x00], 16_384),
            (&[0xff; 9], u64::MAX),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x05], 5),
        ] {
            assert_eq!(varint(bytes, 0), Some((number, bytes.len())), "{bytes:x?}");
            for end in 0..bytes.len() {
                assert_eq!(varint(&bytes[..end], 0), None, "{bytes:x?} cut off");
            }
        }
    }

    #[test]
    fn what_is_no_record_is_refused() {
        let mut fields = Vec::new();
        let good = [4, 0, 1, 17, 0xff, b'a', b'b'];
        assert_eq!(read(&good, 3, &mut fields), Some(()));
        assert_eq!(read(&good, 2, &mut Vec::new()), None);
        assert_eq!(fields, [ValueRef::Null, ValueRef::Integer(-1), ValueRef::Text(b"ab")]);
        for bad in [&[][..], &[9, 0, 1], &[3, 10, 11], &[2, 1], &[2, 0, 7], &good[..6], &[0x81], &[2, 0xff], &[10, 0xff, 0xff, 0xff]] {
            assert_eq!(read(bad, 9, &mut Vec::new()), None, "{bad:?}");
        }
    }
}
