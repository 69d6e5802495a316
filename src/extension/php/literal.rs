//! PHP string literals: what they say, and which byte of the source says it.

use std::ops::Range;

use super::ir::{ExprId, ExprKind, Script};
use crate::extension::source::replace_invalid;

/// The text of a constant of PHP's own, on the systems that the panel's Linux version runs on.
#[must_use]
pub fn constant(name: &str) -> Option<&'static str> {
    match name.trim_start_matches('\\') {
        "DIRECTORY_SEPARATOR" => Some("/"),
        "PHP_EOL" => Some("\n"),
        _ => None,
    }
}

/// A decoded literal, and where each of its bytes comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The text that PHP sees. Bytes that are not UTF-8 are replaced.
    pub text: String,
    /// `(byte of text, byte of source)` at each start of a run that was copied unchanged; ordered.
    runs: Vec<(u32, u32)>,
}

impl Decoded {
    /// The byte of the source that wrote byte `offset` of the text. For the text's length it is the end of the literal's content.
    #[must_use]
    pub fn source_offset(&self, offset: u32) -> u32 {
        match self.runs.partition_point(|(text, _)| *text <= offset) {
            0 => 0,
            n => {
                let (text, source) = self.runs[n - 1];
                source + (offset - text)
            }
        }
    }
}

/// Decodes the text expression `literal` of `script`, whose file has the bytes `source`. Empty for an expression that is no text, and for a text that
/// no literal says, as the name in `name(...)`.
#[must_use]
pub fn decode(source: &[u8], script: &Script, literal: ExprId) -> Decoded {
    let expr = script.expr(literal);
    let ExprKind::Text(text) = expr.kind else { return Decoded::default() };
    let part = script.parts.binary_search_by_key(&literal, |(id, _)| *id).ok();
    let whole = part.map_or(expr.at, |i| script.parts[i].1);
    let (start, end) = (whole.start as usize, (whole.end as usize).min(source.len()));
    let Some(bytes) = source.get(start..end) else { return Decoded::default() };
    // The parser saw one `?` for each invalid byte, and so does whoever reads the script.
    let bytes = replace_invalid(bytes);
    let form = Literal::of(bytes.as_bytes());
    let range = match part {
        Some(_) => (expr.at.start as usize).saturating_sub(start)..(expr.at.end as usize).saturating_sub(start),
        None => form.content.clone(),
    };
    let mut decoded = form.decode(range);
    if form.form == Form::Verbatim && form.indentation.is_none() && decoded.text != script.text(text) {
        return Decoded::default();
    }
    for (_, source) in &mut decoded.runs {
        *source += whole.start;
    }
    decoded
}

/// How a literal is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// `'…'`
    Single,
    /// `"…"`, `` `…` ``, or a heredoc; with the quote that may be escaped.
    Double(Option<u8>),
    /// A nowdoc, or no quotes at all, as the index in `"$array[index]"`.
    Verbatim,
}

/// A literal's source, taken apart.
pub(super) struct Literal<'a> {
    bytes: &'a [u8],
    form: Form,
    /// What stands between the quotes, or between the first and the last line of a heredoc.
    pub(super) content: Range<usize>,
    /// How much of each line's indentation does not belong to the text; `None` for all but heredocs and nowdocs.
    indentation: Option<usize>,
}

impl<'a> Literal<'a> {
    /// Takes apart the literal that `bytes` are from the first to the last.
    pub(super) fn of(bytes: &'a [u8]) -> Literal<'a> {
        let prefix = usize::from(matches!(bytes, [b'b' | b'B', b'\'' | b'"' | b'<', ..]));
        let quoted = |form| {
            let closed = bytes.len() > prefix + 1 && bytes.last() == Some(&bytes[prefix]);
            let content = prefix + 1..bytes.len() - usize::from(closed);
            Literal { bytes, form, content, indentation: None }
        };
        match bytes.get(prefix) {
            Some(b'\'') => quoted(Form::Single),
            Some(quote @ (b'"' | b'`')) => quoted(Form::Double(Some(*quote))),
            Some(b'<') if bytes[prefix..].starts_with(b"<<<") => Literal::heredoc(bytes, prefix + 3),
            _ => Literal { bytes, form: Form::Verbatim, content: 0..bytes.len(), indentation: None },
        }
    }

    fn heredoc(bytes: &'a [u8], label: usize) -> Literal<'a> {
        let label = label + blanks(&bytes[label..]);
        let form = if bytes.get(label) == Some(&b'\'') { Form::Verbatim } else { Form::Double(None) };
        let first_end = memchr::memchr2(b'\n', b'\r', &bytes[label..]).map_or(bytes.len(), |i| label + i);
        let start = first_end + line_break(&bytes[first_end..]);
        // The newline before the closing label is not part of the text; with an empty text it is the one after the opening label.
        let last_break = memchr::memrchr2(b'\n', b'\r', &bytes[first_end..]).map(|i| first_end + i);
        let (end, last_line) = match last_break {
            Some(i) if i > first_end && bytes[i] == b'\n' && bytes[i - 1] == b'\r' => (i - 1, i + 1),
            Some(i) => (i, i + 1),
            None => (bytes.len(), bytes.len()),
        };
        Literal { bytes, form, content: start..end.max(start), indentation: Some(blanks(&bytes[last_line..])) }
    }

    /// Decodes a part of the literal: all of its content, or the text between two interpolations.
    pub(super) fn decode(&self, range: Range<usize>) -> Decoded {
        let end = range.end.min(self.content.end);
        let mut at = range.start.clamp(self.content.start, end);
        let mut out = Output::default();
        if self.indentation.is_some() && at == self.content.start {
            at += self.indentation_at(at, end);
        }
        out.run(at);
        while at < end {
            let rest = &self.bytes[at..end];
            match rest[0] {
                b'\n' | b'\r' if self.indentation.is_some() => {
                    let len = line_break(rest);
                    out.copy(&rest[..len]);
                    at += len;
                    let skipped = self.indentation_at(at, end);
                    if skipped > 0 {
                        at += skipped;
                        out.run(at);
                    }
                }
                b'\\' if self.form != Form::Verbatim => {
                    out.run(at);
                    let len = match self.form {
                        Form::Single => single_escape(rest, &mut out.bytes),
                        Form::Double(quote) => double_escape(rest, quote, &mut out.bytes),
                        Form::Verbatim => 0,
                    };
                    at += len.max(1);
                    out.run(at);
                }
                _ => {
                    let len = memchr::memchr3(b'\\', b'\n', b'\r', &rest[1..]).map_or(rest.len(), |i| i + 1);
                    out.copy(&rest[..len]);
                    at += len;
                }
            }
        }
        out.run(end);
        out.finish()
    }

    fn indentation_at(&self, at: usize, end: usize) -> usize {
        blanks(&self.bytes[at..end]).min(self.indentation.unwrap_or(0))
    }
}

/// How many blanks `bytes` start with.
fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// The length of the line break that `bytes` start with.
fn line_break(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

/// Decodes the escape at the start of `rest` of a single-quoted string, and gives its length.
fn single_escape(rest: &[u8], out: &mut Vec<u8>) -> usize {
    match rest.get(1) {
        Some(byte @ (b'\'' | b'\\')) => {
            out.push(*byte);
            2
        }
        _ => {
            out.push(b'\\');
            1
        }
    }
}

/// The same for a double-quoted string or a heredoc. What is no escape stays as it is, backslash and all.
fn double_escape(rest: &[u8], quote: Option<u8>, out: &mut Vec<u8>) -> usize {
    let byte = match rest.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'v') => 0x0b,
        Some(b'e') => 0x1b,
        Some(b'f') => 0x0c,
        Some(byte @ (b'\\' | b'$')) => *byte,
        Some(byte) if Some(*byte) == quote => *byte,
        Some(b'x' | b'X') => {
            let digits = rest[2..].iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
            return match number(&rest[2..2 + digits], 16).and_then(|value| u8::try_from(value).ok()) {
                Some(value) => {
                    out.push(value);
                    2 + digits
                }
                None => verbatim(out),
            };
        }
        Some(b'0'..=b'7') => {
            let digits = rest[1..].iter().take(3).take_while(|b| matches!(b, b'0'..=b'7')).count();
            // PHP keeps the low byte of three digits.
            out.push((number(&rest[1..=digits], 8).unwrap_or(0) & 0xff) as u8);
            return 1 + digits;
        }
        Some(b'u') if rest.get(2) == Some(&b'{') => return code_point(rest, out).unwrap_or_else(|| verbatim(out)),
        _ => return verbatim(out),
    };
    out.push(byte);
    2
}

/// A backslash that escapes nothing. What follows it is read as any other text.
fn verbatim(out: &mut Vec<u8>) -> usize {
    out.push(b'\\');
    1
}

fn code_point(rest: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let end = memchr::memchr(b'}', rest)?;
    let value = number(&rest[3..end], 16)?;
    match char::from_u32(value) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        // PHP writes the three bytes of a surrogate, which are no UTF-8.
        None if value < 0x1_0000 => out.extend([0xe0 | (value >> 12) as u8, 0x80 | (value >> 6 & 0x3f) as u8, 0x80 | (value & 0x3f) as u8]),
        None => return None,
    }
    Some(end + 1)
}

fn number(digits: &[u8], radix: u32) -> Option<u32> {
    digits.iter().try_fold(None, |value: Option<u32>, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        Some(Some(value.unwrap_or(0).checked_mul(radix)?.checked_add(digit)?))
    })?
}

#[derive(Default)]
struct Output {
    bytes: Vec<u8>,
    runs: Vec<(u32, u32)>,
}

impl Output {
    /// What comes next stands at byte `source` of the literal.
    fn run(&mut self, source: usize) {
        let run = (offset(self.bytes.len()), offset(source));
        match self.runs.last_mut() {
            Some(last) if last.0 == run.0 => *last = run,
            Some(last) if last.1 + (run.0 - last.0) == run.1 => {}
            _ => self.runs.push(run),
        }
    }

    fn copy(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn finish(self) -> Decoded {
        match String::from_utf8(self.bytes) {
            Ok(text) => Decoded { text, runs: self.runs },
            Err(error) => {
                let decoded = Decoded { text: String::new(), runs: self.runs };
                replaced(error.as_bytes(), &decoded)
            }
        }
    }
}

/// The text of bytes that are no UTF-8: escapes can write such.
fn replaced(bytes: &[u8], from: &Decoded) -> Decoded {
    let mut to = Output::default();
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for &byte in chunk.valid().as_bytes() {
            to.run(from.source_offset(offset(at)) as usize);
            to.bytes.push(byte);
            at += 1;
        }
        if !chunk.invalid().is_empty() {
            for byte in char::REPLACEMENT_CHARACTER.encode_utf8(&mut [0; 4]).bytes() {
                to.run(from.source_offset(offset(at)) as usize);
                to.bytes.push(byte);
            }
            at += chunk.invalid().len();
        }
    }
    to.run(from.source_offset(offset(at)) as usize);
    Decoded { text: String::from_utf8_lossy(&to.bytes).into_owned(), runs: to.runs }
}

fn offset(i: usize) -> u32 {
    u32::try_from(i).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
