//! Proof that a value was rewritten and nothing else: reads both texts again, by other means than what rewrote them, and compares every byte outside the ids.
//!
//! Shares no code with the editors. The two texts are walked through side by side: where they differ, an id must stand that may become the other, or a length
//! that PHP wrote. Then the new text must be as sound as the old one: JSON by serde's parser, PHP-serialized text, with all its lengths, by a small reader of
//! its own, and so must the documents in its texts.

use serde::Deserialize as _;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a rewriting may have done.
pub struct Allowed<'a> {
    /// Whether an id may become another one, or null.
    pub moves: &'a dyn Fn(i64, Option<i64>) -> bool,
    /// The values are base64 where they can be.
    pub base64: bool,
    /// Items of lists may have been taken out.
    pub drops: bool,
}

/// What differs between a value before and after, beyond what is allowed; `None`: nothing.
#[must_use]
pub fn differs(before: &[u8], after: &[u8], allowed: &Allowed<'_>) -> Option<String> {
    if before == after {
        return None;
    }
    if allowed.base64
        && let (Some(old), Some(new)) = (plain(before), plain(after))
    {
        // A word may look like base64 and be none.
        let wrong = differs(&old, &new, &Allowed { base64: false, ..*allowed })?;
        return side_by_side(before, after, allowed).map(|_| wrong);
    }
    if let Some((at, shown)) = side_by_side(before, after, allowed) {
        return Some(format!("byte {at} is not what the plan foretold: {shown}"));
    }
    let (old, new) = (documents(before, 0), documents(after, 0));
    (old != new).then(|| format!("there were {} sound documents in the value, and there are {}", show(old), show(new)))
}

fn show(documents: Option<u64>) -> String {
    documents.map_or_else(|| "no".into(), |n| n.to_string())
}

/// What a base64 text says.
fn plain(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.iter().take_while(|b| **b != b'=').map(|b| match b {
        b'A'..=b'Z' => Some(b - b'A'),
        b'a'..=b'z' => Some(b - b'a' + 26),
        b'0'..=b'9' => Some(b - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    });
    let digits: Vec<u8> = digits.collect::<Option<_>>()?;
    let bits = |group: &[u8]| (0..4).fold(0u32, |all, i| all << 6 | u32::from(group.get(i).copied().unwrap_or(0)));
    let bytes = digits.chunks(4).flat_map(|group| bits(group).to_be_bytes().into_iter().skip(1).take(group.len() - 1).collect::<Vec<_>>());
    Some(bytes.collect())
}

/// The number that begins `text`: its bytes, and itself. In JSON, its digits may be spelled as escapes.
fn number(text: &[u8]) -> Option<(usize, i64)> {
    let (mut spelled, mut at) = (String::new(), 0);
    while let Some((c, length)) = character(&text[at..])
        && (c.is_ascii_digit() || c == '-' && at == 0)
    {
        spelled.push(c);
        at += length;
    }
    let value: i64 = spelled.parse().ok()?;
    (value.to_string() == spelled).then_some((at, value))
}

/// The ASCII character that begins `text`, as it is or as `\u0034`, and its bytes. In JSON inside JSON, each backslash is two.
fn character(text: &[u8]) -> Option<(char, usize)> {
    let slashes = text.iter().take_while(|b| **b == b'\\').count();
    if slashes == 0 {
        return text.first().map(|b| (char::from(*b), 1));
    }
    let hex = text[slashes..].strip_prefix(b"u00")?.get(..2)?;
    let code = u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
    slashes.is_power_of_two().then_some((char::from(code), slashes + 5))
}

/// An id as a token of JSON or PHP: its bytes, and itself.
fn token(text: &[u8]) -> Option<(usize, i64)> {
    let inner = |start: &[u8], end: &[u8]| {
        let rest = text.strip_prefix(start)?;
        let (length, id) = number(rest)?;
        rest[length..].starts_with(end).then_some((start.len() + length + end.len(), id))
    };
    let quoted = || {
        let slashes = text.iter().take_while(|b| **b == b'\\').count();
        let quote = text.get(..=slashes).filter(|q| q.last() == Some(&b'"'))?;
        inner(quote, quote)
    };
    let php = || {
        let (digits, _) = number(text.strip_prefix(b"s:")?)?;
        let (length, id) = token(&text[2 + digits + 1..])?;
        text[2 + digits + 1 + length..].starts_with(b";").then_some((2 + digits + 1 + length + 1, id))
    };
    inner(b"", b"").or_else(|| inner(b"i:", b";")).or_else(quoted).or_else(php)
}

/// The first place where the texts differ otherwise than by an id that may have become another.
fn side_by_side(before: &[u8], after: &[u8], allowed: &Allowed<'_>) -> Option<(usize, String)> {
    let (mut b, mut a) = (0, 0);
    loop {
        let same = before[b..].iter().zip(&after[a..]).take_while(|(x, y)| x == y).count();
        (b, a) = (b + same, a + same);
        if b == before.len() && a == after.len() {
            return None;
        }
        // Numbers may begin alike.
        let back = before[..b].iter().rev().take_while(|c| c.is_ascii_digit()).count().min(same);
        let (from, to) = (b - back, a - back);
        let signed = from > 0 && to > 0 && before[from - 1] == b'-' && back < same;
        let with_sign = || if signed { step(before, after, from - 1, to - 1, allowed) } else { None };
        let dropped = || {
            let inside = before.get(b).is_some_and(u8::is_ascii_digit);
            allowed.drops.then(|| if inside { item(before, from, to) } else { item(before, b, a) }).flatten()
        };
        match step(before, after, from, to, allowed).or_else(with_sign).or_else(dropped) {
            Some((old, new)) => (b, a) = (old, new),
            None => {
                let window = |text: &[u8], at: usize| {
                    let end = text.len().min(at + 24);
                    String::from_utf8_lossy(&text[at.min(end)..end]).escape_debug().to_string()
                };
                return Some((b, format!("\"{}\", and was \"{}\"", window(after, to), window(before, from))));
            }
        }
    }
}

/// Passes over an id that changed: where both texts go on.
fn step(before: &[u8], after: &[u8], from: usize, to: usize, allowed: &Allowed<'_>) -> Option<(usize, usize)> {
    let (old, new) = (&before[from..], &after[to..]);
    if let (Some((old_length, id)), Some((new_length, new_id))) = (number(old), number(new))
        && (allowed.moves)(id, Some(new_id))
    {
        return Some((from + old_length, to + new_length));
    }
    // A length may have been written with zeros before it.
    let [old_length, new_length] = [old, new].map(|text| text.iter().take_while(|b| b.is_ascii_digit()).count());
    let is_length = |text: &[u8], length: usize| length > 0 && text[length..].starts_with(b":");
    if before[..from].ends_with(b"s:") && is_length(old, old_length) && is_length(new, new_length) {
        return Some((from + old_length, to + new_length));
    }
    let (length, id) = token(old).unwrap_or_default();
    if length > 0 && (allowed.moves)(id, None) {
        for word in [&b"null"[..], b"N;"] {
            if new.starts_with(word) {
                return Some((from + length, to + word.len()));
            }
        }
        // An item that was emptied: what follows it is the same.
        if old.get(length) == new.first() {
            return Some((from + length, to));
        }
    }
    None
}

/// Passes over an item that was taken out, with one separator: the one before it, or else the one behind it.
fn item(before: &[u8], from: usize, to: usize) -> Option<(usize, usize)> {
    let old = &before[from..];
    let spaces = |text: &[u8]| text.iter().take_while(|c| c.is_ascii_whitespace()).count();
    let lead = usize::from(number(old).is_none());
    let start = lead + spaces(old.get(lead..)?);
    let (length, _) = number(old.get(start..)?)?;
    let end = start + length + spaces(&old[start + length..]);
    Some((from + (end + 1 - lead).min(old.len()), to))
}

/// How deep documents are looked for in texts.
const LAYERS: usize = 10;

/// How many sound documents lie in the texts of a document, itself included; `None`: it is none.
fn documents(text: &[u8], layers: usize) -> Option<u64> {
    let first = text.trim_ascii_start().first()?;
    if layers > LAYERS {
        return None;
    }
    if matches!(first, b'{' | b'[' | b'"') {
        let mut parser = serde_json::Deserializer::from_slice(text);
        return match parser.deserialize_any(Texts(layers)).and_then(|n| parser.end().map(|()| n)) {
            Ok(inner) => Some(1 + inner),
            // Deeper than serde builds, or a number that no float holds.
            Err(_) => {
                let mut parser = serde_json::Deserializer::from_slice(text);
                IgnoredAny::deserialize(&mut parser).and_then(|_| parser.end()).ok().map(|()| 1)
            }
        };
    }
    php(text, layers)
}

/// Counts the documents in the texts of a JSON document.
struct Texts(usize);

impl<'de> Visitor<'de> for Texts {
    type Value = u64;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E>(self) -> Result<u64, E> {
        Ok(0)
    }
    fn visit_bool<E>(self, _: bool) -> Result<u64, E> {
        Ok(0)
    }
    fn visit_i64<E>(self, _: i64) -> Result<u64, E> {
        Ok(0)
    }
    fn visit_u64<E>(self, _: u64) -> Result<u64, E> {
        Ok(0)
    }
    fn visit_f64<E>(self, _: f64) -> Result<u64, E> {
        Ok(0)
    }
    fn visit_str<E>(self, text: &str) -> Result<u64, E> {
        Ok(documents(text.as_bytes(), self.0 + 1).unwrap_or(0))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<u64, A::Error> {
        let mut all = 0;
        while let Some(n) = items.next_element_seed(Seed(self.0))? {
            all += n;
        }
        Ok(all)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<u64, A::Error> {
        let mut all = 0;
        while members.next_key::<IgnoredAny>()?.is_some() {
            all += members.next_value_seed(Seed(self.0))?;
        }
        Ok(all)
    }
}

struct Seed(usize);

impl<'de> serde::de::DeserializeSeed<'de> for Seed {
    type Value = u64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_any(Texts(self.0))
    }
}

/// How many sound documents lie in PHP-serialized text, itself included. Bytes behind it do not count.
fn php(text: &[u8], layers: usize) -> Option<u64> {
    // Keys and values still to come in each open array or object.
    let mut open: Vec<u64> = Vec::new();
    let (mut rest, mut all) = (text, 1);
    loop {
        let (letter, tail) = rest.split_first()?;
        let upto = |end: u8| {
            let at = tail.iter().position(|b| *b == end)?;
            Some((&tail[1.min(at)..at], &tail[at + 1..]))
        };
        let counted = |close: &'static [u8]| {
            let colon = 1 + tail.get(1..)?.iter().position(|b| *b == b':')?;
            let length: usize = std::str::from_utf8(&tail[1..colon]).ok()?.parse().ok()?;
            let body = tail.get(colon + 2..)?;
            let after = body.get(length..)?.strip_prefix(close)?;
            Some((&body[..length], after))
        };
        rest = match letter {
            b'}' => {
                if open.pop()? != 0 {
                    return None;
                }
                tail
            }
            b'N' => tail.strip_prefix(b";")?,
            b'i' | b'b' | b'd' | b'r' | b'R' => upto(b';').filter(|(body, _)| !body.is_empty())?.1,
            b's' => {
                let (body, after) = counted(b"\";")?;
                all += documents(body, layers + 1).unwrap_or(0);
                after
            }
            b'S' => {
                let mut end = 0;
                let colon = 1 + tail.get(1..)?.iter().position(|b| *b == b':')?;
                let length: usize = std::str::from_utf8(&tail[1..colon]).ok()?.parse().ok()?;
                let body = tail.get(colon + 2..)?;
                for _ in 0..length {
                    end += if body.get(end)? == &b'\\' { 3 } else { 1 };
                }
                body.get(end..)?.strip_prefix(b"\";")?
            }
            b'E' => counted(b"\";")?.1,
            b'C' => {
                let after = counted(b"\":")?.1;
                let colon = after.iter().position(|b| *b == b':')?;
                let length: usize = std::str::from_utf8(&after[..colon]).ok()?.parse().ok()?;
                after.get(length.checked_add(colon + 2)?..)?.strip_prefix(b"}")?
            }
            b'a' | b'O' => {
                let head = if *letter == b'a' { tail.strip_prefix(b":")? } else { counted(b"\":")?.1 };
                let colon = head.iter().position(|b| *b == b':')?;
                let count: u64 = std::str::from_utf8(&head[..colon]).ok()?.parse().ok()?;
                if open.len() > super::DEEPEST {
                    return None;
                }
                if let Some(left) = open.last_mut() {
                    *left = left.checked_sub(1)?;
                }
                open.push(count.checked_mul(2)?);
                rest = head.get(colon..)?.strip_prefix(b":{")?;
                continue;
            }
            _ => return None,
        };
        if *letter != b'}'
            && let Some(left) = open.last_mut()
        {
            *left = left.checked_sub(1)?;
        }
        if open.is_empty() {
            return Some(all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(before: &str, after: &str) -> Option<String> {
        let moves = |old, new: Option<i64>| new.is_none_or(|new| new == old + 100) && old != 50;
        differs(before.as_bytes(), after.as_bytes(), &Allowed { moves: &moves, base64: true, drops: false })
    }

    #[test]
    fn what_the_plan_foretold_passes() {
        for (before, after) in [
            ("{\"a\":5,\"b\":\"7\"}", "{\"a\":105,\"b\":\"107\"}"),
            ("[5,6,50]", "[105,106,50]"),
            ("[5,\"5\",5]", "[null,null,105]"),
            ("a:1:{i:5;s:1:\"5\";}", "a:1:{i:105;s:3:\"105\";}"),
            ("a:2:{i:0;i:5;i:1;s:1:\"5\";}", "a:2:{i:0;N;i:1;N;}"),
            ("a:1:{s:1:\"p\";s:19:\"a:1:{s:2:\"id\";i:9;}\";}", "a:1:{s:1:\"p\";s:21:\"a:1:{s:2:\"id\";i:109;}\";}"),
            ("{\"p\":\"a:1:{i:5;s:1:\\\"5\\\";}\"}", "{\"p\":\"a:1:{i:105;s:3:\\\"105\\\";}\"}"),
            ("a:1:{i:7;s:02:\"15\";}", "a:1:{i:7;s:3:\"115\";}"),
            ("status-5", "status-105"),
            ("2-15", "102-115"),
            ("[-5]", "[95]"),
            ("[-105]", "[-5]"),
            ("5,6", "105,106"),
            (r#"{"a":"\u0035"}"#, r#"{"a":"105"}"#),
            (r#"["1\u0035", "\u00315"]"#, r#"["115", null]"#),
            (r#"["{\"a\":\"\\u0035\"}"]"#, r#"["{\"a\":\"105\"}"]"#),
            ("5, 6", ", 106"),
            ("eyJpZCI6NX0=", "eyJpZCI6MTA1fQ=="),
        ] {
            assert_eq!(proof(before, after), None, "{before} {after}");
        }
    }

    #[test]
    fn anything_else_is_seen() {
        for (before, after) in [
            ("{\"a\":5}", "{\"a\":106}"),
            ("{\"a\":50}", "{\"a\":150}"),
            ("{\"a\":5}", "{\"b\":105}"),
            ("{\"a\":5}", "{\"a\": 105}"),
            ("{\"a\":5,\"b\":1.0}", "{\"a\":105,\"b\":1}"),
            ("{\"a\":5}", "{\"a\":105"),
            ("a:1:{i:5;s:1:\"5\";}", "a:1:{i:105;s:1:\"105\";}"),
            ("a:1:{i:5;s:1:\"5\";}", "a:1:{i:105;s:4:\"105\";}"),
            ("a:1:{s:1:\"p\";s:19:\"a:1:{s:2:\"id\";i:9;}\";}", "a:1:{s:1:\"p\";s:19:\"a:1:{s:2:\"id\";i:109;}\";}"),
            ("{\"p\":\"a:1:{i:5;s:1:\\\"5\\\";}\"}", "{\"p\":\"a:1:{i:105;s:1:\\\"105\\\";}\"}"),
            (r#"{"a":"\u0035"}"#, r#"{"a":"106"}"#),
            (r#"{"a":"\u0065"}"#, r#"{"a":"105"}"#),
            ("5,6", "105,106,"),
            ("eyJpZCI6NX0=", "eyJpZCI6NTV9"),
        ] {
            assert!(proof(before, after).is_some(), "{before} {after}");
        }
    }

    #[test]
    fn items_that_were_taken_out_pass_where_that_is_allowed() {
        let moves = |old, new: Option<i64>| old == 13 && new == Some(12);
        let allowed = |drops| Allowed { moves: &moves, base64: false, drops };
        for (before, after) in [("12,13,14", "12,14"), ("12, 13;5, 12", "12;5, 12"), ("12,13", "12")] {
            assert_eq!(differs(before.as_bytes(), after.as_bytes(), &allowed(true)), None, "{before}");
            assert!(differs(before.as_bytes(), after.as_bytes(), &allowed(false)).is_some(), "{before}");
        }
    }
}
