//! Passing over values that cannot hold an id of interest, much faster than reading them.

use rustc_hash::FxHashSet;

use super::spots::{Behind, Needed, Spots};

/// Ids of interest: those that a run changes.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// A bit for each of the small ones.
    small: Vec<u64>,
    /// The others.
    large: FxHashSet<u64>,
    /// The least and the greatest of all.
    bounds: Option<(u64, u64)>,
}

/// Ids below this have a bit of their own.
const SMALL: u64 = 1 << 20;

impl Candidates {
    /// A set of ids.
    #[must_use]
    pub fn new(ids: impl IntoIterator<Item = i64>) -> Candidates {
        let mut all = Candidates::default();
        for id in ids {
            // The sign is no part of the digits.
            let digits = id.unsigned_abs();
            all.bounds = Some(all.bounds.map_or((digits, digits), |(least, most)| (least.min(digits), most.max(digits))));
            if digits < SMALL {
                let word = usize::try_from(digits / 64).unwrap_or_default();
                if all.small.len() <= word {
                    all.small.resize(word + 1, 0);
                }
                all.small[word] |= 1 << (digits % 64);
            } else {
                all.large.insert(digits);
            }
        }
        all
    }

    fn has(&self, digits: u64) -> bool {
        if digits < SMALL {
            let word = usize::try_from(digits / 64).unwrap_or_default();
            self.small.get(word).is_some_and(|w| w >> (digits % 64) & 1 == 1)
        } else {
            self.large.contains(&digits)
        }
    }

    /// Whether some number in `text` is one of them. `false` is certain, unless the text is encoded.
    fn occur_in(&self, text: &[u8]) -> bool {
        let Some((least, most)) = self.bounds else { return false };
        let mut at = 0;
        while at < text.len() {
            // Blocks without a digit are passed over at once.
            if let Some(block) = text.get(at..at + 32)
                && !block.iter().fold(false, |any, b| any | (b.wrapping_sub(b'0') < 10))
            {
                at += 32;
                continue;
            }
            let end = (at + 32).min(text.len());
            while at < end {
                let first = text[at].wrapping_sub(b'0');
                at += 1;
                if first > 9 {
                    continue;
                }
                let (start, mut number) = (at, u64::from(first));
                while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d <= 9) {
                    number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
                    at += 1;
                }
                // Twenty digits are no id.
                if (least..=most).contains(&number) && at - start < 19 && self.has(number) {
                    return true;
                }
            }
        }
        false
    }
}

impl Candidates {
    /// Whether what stands directly behind a key is one of them: a number, or a text that is one, in JSON or PHP-serialized text, or in either inside of a text.
    /// `false` is certain, unless letters or digits are escaped.
    fn stand_behind(&self, text: &[u8]) -> bool {
        let mut at = 0;
        // The quote of the key, what separates it from its value, the value's type, its length.
        loop {
            match text.get(at) {
                Some(b'"' | b':' | b';' | b'=' | b'>' | b' ' | b'\t' | b'\n' | b'\r' | b'-' | b'i' | b's' | b'd') => at += 1,
                // An escaped quote or space, of a text in a text.
                Some(b'\\') => at += if matches!(text.get(at + 1), Some(b'n' | b'r' | b't')) { 2 } else { 1 },
                Some(b'0'..=b'9') => {
                    let start = at;
                    let mut number = 0_u64;
                    while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d <= 9) {
                        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
                        at += 1;
                    }
                    if at - start <= 19 && self.has(number) {
                        return true;
                    }
                    // A length, behind which the text comes.
                    if text.get(at) != Some(&b':') {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }
}

impl Spots {
    /// Whether an id may stand at one of the spots in `value`. `false` is certain: the value need not be read.
    #[must_use]
    pub fn may_hold(&self, value: &[u8]) -> bool {
        match &self.needed {
            Needed::Nothing => false,
            Needed::Unknown => true,
            Needed::Keys(keys) => keys.iter().any(|key| key.find(value).is_some()) || escapes_letters(value),
        }
    }

    /// Whether one of `candidates` may stand at one of the spots in `value`. `false` is certain.
    #[must_use]
    pub fn may_hold_any(&self, value: &[u8], candidates: &Candidates) -> bool {
        match &self.behind {
            Behind::Keys(keys) if self.coded.is_empty() => {
                let held = |key: &memchr::memmem::Finder<'_>| {
                    key.find_iter(value).any(|at| candidates.stand_behind(&value[at + key.needle().len()..]))
                };
                keys.iter().any(held) || escapes_letters(value)
            }
            _ => self.may_hold(value) && (!self.coded.is_empty() || candidates.occur_in(value) || escapes_letters(value)),
        }
    }
}

/// Whether letters or digits may be spelled as escapes.
fn escapes_letters(value: &[u8]) -> bool {
    memchr::memmem::find(value, b"u00").is_some_and(|first| {
        let mut at = first;
        loop {
            if at > 0 && value[at - 1] == b'\\' {
                return true;
            }
            match memchr::memmem::find(&value[at + 3..], b"u00") {
                Some(next) => at += 3 + next,
                None => return false,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Spot;

    fn spots(path: &str) -> Spots {
        let mut spots = Spots::default();
        spots.add(&Spot { path: Some(path), tag: Some(0), ..Spot::default() }, &|_| Some(0)).unwrap();
        spots
    }

    #[test]
    fn values_without_the_key_or_the_id_are_passed_over() {
        let (named, any) = (spots("$.apps[*].domainId"), spots("$[*]"));
        let ids = Candidates::new([5, 700_000_000, 12, -3]);
        for (value, key, id) in [
            (r#"{"apps":[{"domainId":5}]}"#, true, true),
            (r#"{"apps":[{"domainId":55,"x":"15 1205"}]}"#, true, false),
            (r#"{"apps":[{"domain_id":5}]}"#, false, true),
            (r#"{"apps":[{"\u0064omainId":5}]}"#, true, true),
            (r#"{"apps":[{"domainId":"\u0035"}]}"#, true, true),
            (r#"{"apps":[{"domainId":700000000}]}"#, true, true),
            (r#"{"apps":[{"domainId":-3}]}"#, true, true),
            ("a:1:{s:4:\"apps\";a:1:{i:0;a:1:{s:8:\"domainId\";i:9;}}}", true, false),
            ("", false, false),
        ] {
            assert_eq!(named.may_hold(value.as_bytes()), key, "{value}");
            assert_eq!(named.may_hold_any(value.as_bytes(), &ids), key && id, "{value}");
            assert_eq!(any.may_hold_any(value.as_bytes(), &ids), id, "{value}");
        }
        // Only what stands behind the key counts, however it is written.
        let behind = spots("$..site");
        for (value, held) in [
            (r#"{"site":5}"#, true),
            (r#"{"site" : "5", "x": 1}"#, true),
            ("{\"site\":\r\n\t5}", true),
            (r#"{"site":-3}"#, true),
            (r#"{"site":55,"x":5,"y":[5]}"#, false),
            (r#"{"site":{"id":5}}"#, false),
            (r#"{"siteNr":5}"#, false),
            (r#"{"inner":"{\"site\":\n \"12\"}"}"#, true),
            (r#"{"inner":"{\"site\": 13}"}"#, false),
            (r#"{"inner":"a:1:{s:4:\"site\";i:5;}"}"#, true),
            ("a:2:{s:4:\"site\";i:5;s:1:\"x\";i:9;}", true),
            ("a:1:{s:4:\"site\";s:1:\"5\";}", true),
            ("a:2:{s:4:\"site\";s:2:\"55\";s:1:\"x\";i:5;}", false),
            ("O:1:\"A\":1:{s:7:\"\0*\0site\";i:12;}", true),
            ("s:23:\"a:1:{s:4:\"site\";i:5;}\";", true),
            (r#"{"site":"\u0035"}"#, true),
            (r#"{"\u0073ite":5}"#, true),
            (r#"{"site":null,"site":5}"#, true),
        ] {
            assert_eq!(behind.may_hold_any(value.as_bytes(), &ids), held, "{value}");
        }
        let long = format!("{}12{}", "x".repeat(63), "y".repeat(70));
        assert!(any.may_hold_any(long.as_bytes(), &ids));
        assert!(!any.may_hold_any(long.replace("12", "13").as_bytes(), &ids));
        let long = format!("{}1{}", "x".repeat(31), "2");
        assert!(any.may_hold_any(long.as_bytes(), &ids), "a number over the edge of a block");
    }
}
