//! The character set that a dump is written in: `SET NAMES …`.

/// A character set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Charset {
    /// Taken as UTF-8.
    Utf8,
    /// What MySQL calls `latin1`: Windows-1252.
    Latin1,
    /// Another, in which ASCII is ASCII.
    Other(String),
}

/// Sets in which a byte of a character can be a backslash or a quote, so that not even the end of a string is known.
const OVERLAPPING: [&str; 9] = ["big5", "cp932", "gb18030", "gbk", "sjis", "ucs2", "utf16", "utf16le", "utf32"];
/// What the bytes 80 to 9F stand for in Windows-1252; MySQL takes the five that are free for the control characters of their numbers.
const WINDOWS: [u16; 32] = [
    0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018,
    0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
];

impl Charset {
    /// The set called `name`; the name, if text in it cannot even be taken apart.
    pub(super) fn named(name: &[u8]) -> Result<Charset, String> {
        let name = name[..name.len().min(40)].escape_ascii().to_string().to_ascii_lowercase();
        match name.as_str() {
            "utf8" | "utf8mb3" | "utf8mb4" | "ascii" | "binary" | "default" => Ok(Charset::Utf8),
            "latin1" => Ok(Charset::Latin1),
            _ if OVERLAPPING.contains(&name.as_str()) => Err(name),
            _ => Ok(Charset::Other(name)),
        }
    }

    /// Makes UTF-8 of the text in `bytes` from `from` on; the set's name, if that is not known here.
    pub(super) fn decode(&self, bytes: &mut Vec<u8>, from: usize) -> Result<(), String> {
        if *self == Charset::Utf8 || bytes[from..].is_ascii() {
            return Ok(());
        }
        match self {
            Charset::Utf8 => Ok(()),
            Charset::Latin1 => {
                let text: String = bytes[from..].iter().map(|&b| latin1(b)).collect();
                bytes.truncate(from);
                bytes.extend_from_slice(text.as_bytes());
                Ok(())
            }
            Charset::Other(name) => Err(name.clone()),
        }
    }
}

fn latin1(byte: u8) -> char {
    let windows = byte.checked_sub(0x80).and_then(|at| WINDOWS.get(usize::from(at)));
    windows.and_then(|&code| char::from_u32(code.into())).unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_utf8_where_its_set_is_known() {
        let decode = |name: &[u8], bytes: &[u8]| {
            let mut text = b"x".to_vec();
            text.extend_from_slice(bytes);
            Charset::named(name).and_then(|set| set.decode(&mut text, 1)).map(|()| text)
        };
        assert_eq!(decode(b"LATIN1", b"b\xfccher \x80").unwrap(), "xbücher €".as_bytes());
        assert_eq!(decode(b"utf8mb4", b"\xff").unwrap(), b"x\xff");
        assert_eq!(decode(b"cp1251", b"plain").unwrap(), b"xplain");
        assert_eq!(decode(b"cp1251", b"\xe0").unwrap_err(), "cp1251");
        assert_eq!(decode(b"gbk", b"plain").unwrap_err(), "gbk");
    }
}
