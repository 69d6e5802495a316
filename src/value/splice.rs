//! Pieces of a text that are replaced, collected first and put in at once.

use std::ops::Range;

/// A piece of a text, and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    /// What is replaced.
    pub range: Range<usize>,
    /// By what.
    pub by: By,
}

/// What is put in: digits and letters alone, so that no form of text must escape them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// An id.
    Id(i64),
    /// The length of a text.
    Length(usize),
    /// A word of the format, or nothing.
    Word(&'static str),
}

/// An integer's decimal spelling.
pub(super) struct Decimal {
    bytes: [u8; 20],
    start: usize,
}

impl Decimal {
    pub(super) fn new(number: i128) -> Decimal {
        let mut text = Decimal { bytes: [0; 20], start: 20 };
        let mut rest = u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX);
        loop {
            text.start -= 1;
            text.bytes[text.start] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if number < 0 {
            text.start -= 1;
            text.bytes[text.start] = b'-';
        }
        text
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl By {
    /// Adds it to `out`.
    fn push(self, out: &mut Vec<u8>) {
        match self {
            By::Id(id) => out.extend_from_slice(Decimal::new(id.into()).as_bytes()),
            By::Length(length) => out.extend_from_slice(Decimal::new(length as i128).as_bytes()),
            By::Word(word) => out.extend_from_slice(word.as_bytes()),
        }
    }

    /// Its bytes.
    pub(super) fn len(self) -> usize {
        match self {
            By::Id(id) => Decimal::new(id.into()).as_bytes().len(),
            By::Length(length) => Decimal::new(length as i128).as_bytes().len(),
            By::Word(word) => word.len(),
        }
    }
}

/// The length of a text of `length` bytes after `splices`.
pub(super) fn length_after(length: usize, splices: &[Splice]) -> usize {
    let (gone, come) = splices.iter().fold((0, 0), |(gone, come), s| (gone + s.range.len(), come + s.by.len()));
    length + come - gone
}

/// `text` with `splices`, which are ordered and do not overlap.
pub(super) fn apply(text: &[u8], splices: &[Splice]) -> Vec<u8> {
    let mut out = Vec::with_capacity(length_after(text.len(), splices));
    let mut done = 0;
    for splice in splices {
        out.extend_from_slice(&text[done..splice.range.start]);
        splice.by.push(&mut out);
        done = splice.range.end;
    }
    out.extend_from_slice(&text[done..]);
    out
}
