//! What PHP's literals mean, written down a second time from its manual.

/// A text in single quotes.
pub(crate) fn decode_single(raw: &[u8]) -> String {
    let mut out = Vec::new();
    let mut rest = raw.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match (byte, rest.peek()) {
            (b'\\', Some(b'\\' | b'\'')) => out.extend(rest.next()),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// How many blanks a heredoc's last line begins with: so many are taken from each line.
pub(crate) fn heredoc_indentation(last_line: &[u8]) -> usize {
    last_line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

/// A text in double quotes, backticks or a heredoc, or a part of one. `quote` is none in a heredoc; a nowdoc knows no escapes.
pub(crate) fn decode(raw: &[u8], quote: Option<u8>, indentation: usize, starts_line: bool, escapes: bool) -> String {
    let raw = if quote.is_none() { without_indentation(raw, indentation, starts_line) } else { raw.to_vec() };
    let mut out = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let rest = &raw[at..];
        if rest[0] == b'\\' && escapes {
            let (written, length) = escape(rest, quote);
            out.extend(written);
            at += length;
        } else {
            out.push(rest[0]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn without_indentation(raw: &[u8], indentation: usize, starts_line: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut left = if starts_line { indentation } else { 0 };
    for &byte in raw {
        match byte {
            b' ' | b'\t' if left > 0 => left -= 1,
            b'\n' | b'\r' => {
                left = indentation;
                out.push(byte);
            }
            _ => {
                left = 0;
                out.push(byte);
            }
        }
    }
    out
}

/// What the backslash at the start of `rest` writes, and how many bytes it takes.
fn escape(rest: &[u8], quote: Option<u8>) -> (Vec<u8>, usize) {
    let digits = |from: usize, most: usize, radix: u32| {
        let digit = |b: &&u8| char::from(**b).is_digit(radix);
        rest[from.min(rest.len())..].iter().take(most).take_while(digit).count()
    };
    let number = |from: usize, length: usize, radix: u32| {
        let text: String = rest[from..from + length].iter().map(|b| char::from(*b)).collect();
        u32::from_str_radix(&text, radix).ok()
    };
    let one = |byte: u8| (vec![byte], 2);
    let none = (vec![b'\\'], 1);
    match rest.get(1) {
        Some(b'n') => one(b'\n'),
        Some(b't') => one(b'\t'),
        Some(b'r') => one(b'\r'),
        Some(b'v') => one(0x0b),
        Some(b'e') => one(0x1b),
        Some(b'f') => one(0x0c),
        Some(b'\\') => one(b'\\'),
        Some(b'$') => one(b'$'),
        Some(byte) if Some(*byte) == quote => one(*byte),
        Some(b'x' | b'X') if digits(2, 2, 16) > 0 => {
            let length = digits(2, 2, 16);
            (vec![number(2, length, 16).unwrap_or(0) as u8], 2 + length)
        }
        Some(b'0'..=b'7') => {
            let length = digits(1, 3, 8);
            (vec![(number(1, length, 8).unwrap_or(0) & 0xff) as u8], 1 + length)
        }
        Some(b'u') if rest.get(2) == Some(&b'{') => {
            let length = digits(3, 8, 16);
            match number(3, length, 16).and_then(char::from_u32) {
                Some(c) if rest.get(3 + length) == Some(&b'}') => (c.to_string().into_bytes(), length + 4),
                _ => none,
            }
        }
        _ => none,
    }
}
