//! Passing over values that cannot hold an id of interest, much faster than reading them.

use rustc_hash::FxHashSet;

use super::spots::{Needed, Spots};

/// Ids of interest: those that a run changes.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// A bit for each of the small ones.
    small: Vec<u64>,
    /// The others.
    large: FxHashSet<u64>,
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
                if !text[at].is_ascii_digit() {
                    at += 1;
                    continue;
                }
                let mut number: u64 = 0;
                while let Some(digit @ b'0'..=b'9') = text.get(at) {
                    number = number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
                    at += 1;
                }
                if self.has(number) {
                    return true;
                }
            }
        }
        false
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
        self.may_hold(value) && (!self.coded.is_empty() || candidates.occur_in(value) || escapes_letters(value))
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
        let long = format!("{}12{}", "x".repeat(63), "y".repeat(70));
        assert!(any.may_hold_any(long.as_bytes(), &ids));
        assert!(!any.may_hold_any(long.replace("12", "13").as_bytes(), &ids));
        let long = format!("{}1{}", "x".repeat(31), "2".repeat(1));
        assert!(any.may_hold_any(long.as_bytes(), &ids), "a number over the edge of a block");
    }
}
