//! The pairs of a map as [`write`](super::write()) writes them, with whatever a person changes in such lines.
//!
//! A map of a large panel has a million pairs, for which a parser of all of TOML takes a minute. What is written otherwise, and whatever is wrong, is left to
//! that parser: this one never says what a text means unless the other one says the same, and never says that it is wrong.

use std::borrow::Cow;
use std::ops::Range;

use super::side::{NONE, New, Side};

/// A pair as it stands in the text, with the bytes of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written<'t> {
    pub(super) kind: (Cow<'t, str>, Range<usize>),
    pub(super) old: (Side, Range<usize>),
    pub(super) new: Option<(New, Range<usize>)>,
}

/// Where the pairs begin in `text`: what stands before is a document of its own, if it is one at all.
pub(super) fn begin(text: &str) -> Option<usize> {
    Some(memchr::memmem::find(text.as_bytes(), b"\n[[pair]]")? + 1)
}

/// The pairs that stand in `text` from the byte `at` on, if all of them are written in the usual way.
pub(super) fn pairs(text: &str, at: usize) -> Option<Vec<Written<'_>>> {
    let mut reader = Reader { text, at };
    let mut pairs = Vec::new();
    reader.lines()?;
    while !reader.rest().is_empty() {
        reader.word("[[pair]]")?;
        reader.line_end()?;
        pairs.push(reader.pair()?);
    }
    Some(pairs)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

/// A value. What is no object, number or text stands nowhere in a pair.
enum Value<'t> {
    Text(Cow<'t, str>),
    Number(i64),
    Object(Side),
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// Past `word`, which must come next.
    fn word(&mut self, word: &str) -> Option<()> {
        self.rest().starts_with(word.as_bytes()).then(|| self.at += word.len())
    }

    fn space(&mut self) {
        self.at += self.rest().iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    }

    /// Past the end of the line, before which nothing but a remark may stand.
    fn line_end(&mut self) -> Option<()> {
        self.space();
        if self.peek() == Some(b'#') {
            let rest = self.rest();
            let line = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
            let remark = line.strip_suffix(b"\r").unwrap_or(line);
            if remark.iter().any(|b| is_control(*b)) {
                return None;
            }
            self.at += remark.len();
        }
        match self.rest() {
            [] => {}
            [b'\n', ..] => self.at += 1,
            [b'\r', b'\n', ..] => self.at += 2,
            _ => return None,
        }
        Some(())
    }

    /// Past lines with nothing in them.
    fn lines(&mut self) -> Option<()> {
        loop {
            self.space();
            match self.peek() {
                Some(b'#' | b'\n' | b'\r') => self.line_end()?,
                _ => return Some(()),
            }
        }
    }

    /// The lines of a pair, and those without anything behind them.
    fn pair(&mut self) -> Option<Written<'t>> {
        let (mut kind, mut old, mut new) = (None, None, None);
        let (mut rule, mut evidence) = (false, false);
        loop {
            self.lines()?;
            if matches!(self.peek(), None | Some(b'[')) {
                return Some(Written { kind: kind?, old: old?, new });
            }
            let key = self.key()?;
            let from = self.at;
            let value = self.value()?;
            let span = from..self.at;
            self.line_end()?;
            match (key, value) {
                ("kind", Value::Text(text)) if kind.is_none() => kind = Some((text, span)),
                ("old", Value::Object(side)) if old.is_none() => old = Some((side, span)),
                ("new", value) if new.is_none() => {
                    let value = match value {
                        Value::Object(side) => New::Object(side),
                        Value::Number(id) => New::Id(id),
                        Value::Text(word) if word == NONE => New::Gone(word.into_owned()),
                        Value::Text(_) => return None,
                    };
                    new = Some((value, span));
                }
                ("rule", Value::Text(_)) if !std::mem::replace(&mut rule, true) => {}
                ("evidence", Value::Text(_)) if !std::mem::replace(&mut evidence, true) => {}
                _ => return None,
            }
        }
    }

    /// `key =` and the space around it.
    fn key(&mut self) -> Option<&'t str> {
        let length = self.rest().iter().take_while(|b| b.is_ascii_lowercase()).count();
        let key = &self.text[self.at..self.at + length];
        self.at += length;
        self.space();
        self.word("=")?;
        self.space();
        Some(key)
    }

    fn value(&mut self) -> Option<Value<'t>> {
        match self.peek()? {
            b'"' => self.text().map(Value::Text),
            b'\'' => self.literal().map(Value::Text),
            b'{' => self.object().map(Value::Object),
            _ => self.number().map(Value::Number),
        }
    }

    /// A whole number, without what TOML allows beyond its digits.
    fn number(&mut self) -> Option<i64> {
        let length = self.rest().iter().take_while(|b| matches!(b, b'0'..=b'9' | b'-')).count();
        let text = &self.text[self.at..self.at + length];
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() > 1 && digits.starts_with('0') || matches!(self.rest().get(length), Some(b) if is_more(*b)) {
            return None;
        }
        self.at += length;
        text.parse().ok()
    }

    /// `{ id = 7, name = "…", guid = "…" }`, on one line.
    fn object(&mut self) -> Option<Side> {
        let (mut id, mut name, mut guid) = (None, None, None);
        self.word("{")?;
        loop {
            self.space();
            match (self.key()?, self.value()?) {
                ("id", Value::Number(number)) if id.is_none() => id = Some(number),
                ("name", Value::Text(text)) if name.is_none() => name = Some(text.into_owned()),
                ("guid", Value::Text(text)) if guid.is_none() => guid = Some(text.into_owned()),
                _ => return None,
            }
            self.space();
            if self.word("}").is_some() {
                return Some(Side { id: id?, name, guid });
            }
            self.word(",")?;
        }
    }

    /// A text between single quotes.
    fn literal(&mut self) -> Option<Cow<'t, str>> {
        if self.rest().starts_with(b"'''") {
            return None;
        }
        let from = self.at + 1;
        let length = self.text.as_bytes()[from..].iter().position(|b| *b == b'\'' || is_control(*b))?;
        self.at = from + length;
        self.word("'")?;
        Some(Cow::Borrowed(&self.text[from..from + length]))
    }

    /// A text between double quotes.
    fn text(&mut self) -> Option<Cow<'t, str>> {
        if self.rest().starts_with(b"\"\"\"") {
            return None;
        }
        self.at += 1;
        let mut text = Cow::Borrowed("");
        loop {
            let plain = self.rest().iter().position(|b| matches!(b, b'"' | b'\\') || is_control(*b))?;
            let piece = &self.text[self.at..self.at + plain];
            match text {
                Cow::Borrowed("") => text = Cow::Borrowed(piece),
                _ => text.to_mut().push_str(piece),
            }
            self.at += plain;
            match self.rest() {
                [b'"', ..] => {
                    self.at += 1;
                    return Some(text);
                }
                [b'\\', escape, ..] => {
                    self.at += 2;
                    let c = match escape {
                        b'"' | b'\\' => char::from(*escape),
                        b'u' => self.number_of_character(4)?,
                        b'U' => self.number_of_character(8)?,
                        b'n' => '\n',
                        b't' => '\t',
                        b'r' => '\r',
                        _ => return None,
                    };
                    text.to_mut().push(c);
                }
                _ => return None,
            }
        }
    }

    /// The character whose number is written in so many digits.
    fn number_of_character(&mut self, digits: usize) -> Option<char> {
        let text = self.text.get(self.at..self.at + digits)?;
        if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.at += digits;
        char::from_u32(u32::from_str_radix(text, 16).ok()?)
    }
}

/// What TOML allows in no text or remark on one line.
fn is_control(byte: u8) -> bool {
    byte < 0x20 && byte != b'\t' || byte == 0x7f
}

/// What would make more than a whole number of digits.
fn is_more(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'+')
}
