//! Base64 as programs write it: both alphabets, with or without padding, in one line.

/// How a text is written, so that another one is written the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alphabet {
    /// `-` and `_` instead of `+` and `/`.
    url: bool,
    /// `=` at the end.
    padded: bool,
}

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const VALUES: [u8; 256] = {
    let mut values = [0xff; 256];
    let mut i = 0;
    while i < 62 {
        values[LETTERS[i] as usize] = i as u8;
        i += 1;
    }
    values[b'+' as usize] = 62;
    values[b'-' as usize] = 62;
    values[b'/' as usize] = 63;
    values[b'_' as usize] = 63;
    values
};

/// What `text` says, if it is base64 in the one spelling that its writer would have given it.
pub(super) fn decode(text: &[u8]) -> Option<(Vec<u8>, Alphabet)> {
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let url = digits.iter().any(|b| matches!(b, b'-' | b'_'));
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0u32, 0);
    for byte in digits {
        let value = VALUES[usize::from(*byte)];
        if value == 0xff || url && matches!(byte, b'+' | b'/') {
            return None;
        }
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 0xff) as u8);
        }
    }
    // Where nothing is to pad, each alphabet is taken to be padded as it usually is.
    let alphabet = Alphabet { url, padded: digits.len() < text.len() || digits.len().is_multiple_of(4) && !url };
    (encode(&out, alphabet) == text).then_some((out, alphabet))
}

/// `bytes` as base64.
pub(super) fn encode(bytes: &[u8], alphabet: Alphabet) -> Vec<u8> {
    let digit = |value: u32| match (value, alphabet.url) {
        (62, false) => b'+',
        (62, true) => b'-',
        (63, false) => b'/',
        (63, true) => b'_',
        (n, _) => LETTERS[n as usize],
    };
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |i: usize| u32::from(chunk.get(i).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            if i <= chunk.len() {
                out.push(digit(bits >> (18 - 6 * i) & 63));
            } else if alphabet.padded {
                out.push(b'=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_comes_back() {
        for length in 0..40usize {
            let bytes: Vec<u8> = (0..length).map(|i| (i * 89 + 251) as u8).collect();
            for url in [false, true] {
                for padded in [false, true] {
                    let text = encode(&bytes, Alphabet { url, padded });
                    let (back, alphabet) = decode(&text).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&text)));
                    assert_eq!(back, bytes);
                    assert_eq!(encode(&back, alphabet), text);
                }
            }
        }
    }

    #[test]
    fn what_no_program_writes_is_no_base64() {
        for text in ["YQ==\n", "YQ=", "YR==", "Y", "Y Q=", "YQ==YQ==", "=", "{}", "-+AA", "YWJj="] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
        assert_eq!(decode(b"YWJj").map(|d| d.0), Some(b"abc".to_vec()));
    }
}
