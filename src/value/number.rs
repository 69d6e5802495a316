//! A value that is one number of its own.

/// The number that `text` spells, if it is the canonical decimal spelling of one: no sign but `-`, no leading zero, no space, within 64 bits.
#[must_use]
pub fn canonical(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        // Twenty digits do not fit in 64 bits, and nineteen always fit in an unsigned number.
        [] | [_, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, ..] => return None,
        [b'0', ..] => return (text.len() == 1).then_some(0),
        _ => {}
    }
    let mut number: u64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    if negative { 0i64.checked_sub_unsigned(number) } else { i64::try_from(number).ok() }
}

/// Whether `text` looks like a number without being the canonical spelling of one: `05`, ` 5`, `5.0`, `+5`, `1e5`.
#[must_use]
pub fn almost(text: &[u8]) -> bool {
    canonical(text).is_none()
        && text.iter().any(u8::is_ascii_digit)
        && std::str::from_utf8(text).is_ok_and(|t| t.trim_matches(|c: char| c.is_whitespace() || c == '\0').parse::<f64>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_spelling_that_php_writes_is_canonical() {
        for (text, value) in [("0", 0), ("5", 5), ("-1", -1), ("9223372036854775807", i64::MAX), ("-9223372036854775808", i64::MIN)] {
            assert_eq!(canonical(text.as_bytes()), Some(value), "{text}");
        }
        for text in [
            "",
            "-",
            "--5",
            "-05",
            "12345678901234567890",
            "99999999999999999999",
            "-9223372036854775809",
            "05",
            " 5",
            "5 ",
            "+5",
            "5.0",
            "1e5",
            "-0",
            "9223372036854775808",
            "٥",
            "5\0",
        ] {
            assert_eq!(canonical(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn near_numbers_are_told_from_words() {
        for text in ["05", " 5", "5.0", "+5", "1e5", "-0", "5\0", "9223372036854775808"] {
            assert!(almost(text.as_bytes()), "{text}");
        }
        for text in ["5", "", "all", "example.com", "d5", "inf", "nan"] {
            assert!(!almost(text.as_bytes()), "{text}");
        }
    }
}
