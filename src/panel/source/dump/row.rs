//! A row that lies whole in memory and is written as dump programs write rows: `(1,'a',NULL)`.
//!
//! That is nearly every row; whatever else comes is left to the lexer, which knows all of SQL that a dump may hold.

use super::charset::Charset;
use super::lexer::{Fault, Quoting, unescaped};
use crate::panel::source::tables::{MOST_COLUMNS_WANTED, Row};

/// Below this length a string's end is looked for byte by byte, which is faster.
const SHORT: usize = 16;

/// The cells of the row that is being read.
#[derive(Default)]
pub(super) struct Cells {
    text: Vec<u8>,
    at: Vec<Option<(usize, usize)>>,
}

impl Cells {
    /// Begins a row of `width` cells, all NULL.
    pub(super) fn start(&mut self, width: usize) {
        self.text.clear();
        self.at.clear();
        self.at.resize(width, None);
    }

    /// Fills a cell; `write` appends its bytes.
    pub(super) fn fill<T>(&mut self, slot: usize, write: impl FnOnce(&mut Vec<u8>, usize) -> Result<T, Fault>) -> Result<T, Fault> {
        let from = self.text.len();
        let written = write(&mut self.text, from)?;
        self.at[slot] = Some((from, self.text.len()));
        Ok(written)
    }

    /// Hands the row to `take`.
    pub(super) fn with<T>(&self, take: impl FnOnce(&Row<'_>) -> T) -> T {
        let mut row = [None; MOST_COLUMNS_WANTED];
        for (cell, at) in row.iter_mut().zip(&self.at) {
            *cell = at.map(|(from, to)| &self.text[from..to]);
        }
        take(&row[..self.at.len()])
    }
}

/// Reads the row that `bytes` begin with into `cells`, whose row has begun: how long it is. `None`: it is not whole, or there is more to it.
pub(super) fn read(
    bytes: &[u8],
    order: &[Option<usize>],
    cells: &mut Cells,
    quoting: Quoting,
    charset: &Charset,
) -> Result<Option<usize>, Fault> {
    let mut at = 1;
    for (i, slot) in order.iter().enumerate() {
        match bytes.get(at) {
            Some(b'\'') => {
                let Some((end, escaped)) = closing(bytes, at + 1, quoting.backslash) else { return Ok(None) };
                if let Some(slot) = slot {
                    cells.fill(*slot, |text, from| {
                        let raw = &bytes[at + 1..end];
                        if escaped {
                            unescape(raw, quoting.backslash, text)
                        } else {
                            text.extend_from_slice(raw)
                        }
                        charset.decode(text, from).map_err(Fault::Charset)
                    })?;
                }
                at = end + 1;
            }
            Some(b'-' | b'0'..=b'9') => {
                let length = bytes[at..].iter().take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
                if let Some(slot) = slot {
                    cells.fill(*slot, |text, _| {
                        text.extend_from_slice(&bytes[at..at + length]);
                        Ok(())
                    })?;
                }
                at += length;
            }
            Some(b'N') if bytes[at..].starts_with(b"NULL") => at += 4,
            _ => return Ok(None),
        }
        match bytes.get(at) {
            Some(b',') if i + 1 < order.len() => at += 1,
            Some(b')') if i + 1 == order.len() => return Ok(Some(at + 1)),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Where the quote stands that closes the string from `at` on, and whether something in it is escaped.
fn closing(bytes: &[u8], mut at: usize, backslash: bool) -> Option<(usize, bool)> {
    let mut escaped = false;
    loop {
        let rest = bytes.get(at..)?;
        let stop = |b: &u8| *b == b'\'' || *b == b'\\' && backslash;
        at += match rest.iter().take(SHORT).position(stop) {
            Some(found) => found,
            None if backslash => SHORT + memchr::memchr2(b'\'', b'\\', rest.get(SHORT..)?)?,
            None => SHORT + memchr::memchr(b'\'', rest.get(SHORT..)?)?,
        };
        let doubled = *bytes.get(at + 1)? == b'\'';
        if bytes[at] == b'\'' && !doubled {
            return Some((at, escaped));
        }
        escaped = true;
        at += 2;
    }
}

/// Appends what the content of a string stands for.
fn unescape(raw: &[u8], backslash: bool, text: &mut Vec<u8>) {
    let mut bytes = raw.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\'' => {
                text.push(b'\'');
                bytes.next();
            }
            b'\\' if backslash => {
                let Some(&next) = bytes.next() else { return };
                match unescaped(next) {
                    Some(byte) => text.push(byte),
                    None => text.extend_from_slice(&[b'\\', next]),
                }
            }
            _ => text.push(byte),
        }
    }
}
