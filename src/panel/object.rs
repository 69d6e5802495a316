//! One object of a panel.

use std::fmt;

use super::Kind;

/// A GUID in its 128 bits. The zero GUID, which the panel uses for "not set", is no GUID: [`Guid::parse`] gives `None` for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Guid(u128);

impl Guid {
    /// The characters of its text.
    pub const LENGTH: usize = 36;

    /// Reads the 36-character form `8-4-4-4-12`, in either case. Anything else, and the zero GUID, is `None`.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Guid> {
        if text.len() != Self::LENGTH {
            return None;
        }
        let mut bits = 0u128;
        for (i, &byte) in text.iter().enumerate() {
            if matches!(i, 8 | 13 | 18 | 23) {
                if byte != b'-' {
                    return None;
                }
                continue;
            }
            bits = bits << 4 | u128::from(char::from(byte).to_digit(16)?);
        }
        (bits != 0).then_some(Guid(bits))
    }

    /// The 128 bits.
    #[must_use]
    pub fn bits(self) -> u128 {
        self.0
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let b = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            b >> 96,
            b >> 80 & 0xffff,
            b >> 64 & 0xffff,
            b >> 48 & 0xffff,
            b & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// An object of a panel at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its type.
    pub kind: Kind,
    /// Its id in that panel, at that moment.
    pub id: i64,
    /// Its GUID, if its kind has one and this object's is set.
    pub guid: Option<Guid>,
    /// Its natural key as the panel spells it: a domain's name, a client's login, a mailbox's address. Empty when the source does not carry it.
    pub name: Box<str>,
    /// The object it belongs to.
    pub parent: Option<(Kind, i64)>,
    /// Values that corroborate a match by name, in the order of the kind's `witness` list; an empty text is an unknown one.
    pub witness: Box<[Box<str>]>,
}

impl Object {
    /// "domain 7 (example.com)".
    #[must_use]
    pub fn label(&self) -> String {
        if self.name.is_empty() { format!("{} {}", self.kind, self.id) } else { format!("{} {} ({})", self.kind, self.id, self.name) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_long_form_is_a_guid() {
        let text = "7834463f-1a2b-3c4d-5e6f-0123456789ab";
        assert_eq!(Guid::parse(text.as_bytes()).map(|g| g.to_string()).as_deref(), Some(text));
        assert_eq!(Guid::parse(text.to_uppercase().as_bytes()), Guid::parse(text.as_bytes()));
        for wrong in
            ["00000000-0000-0000-0000-000000000000", "7834463f1a2b3c4d5e6f0123456789ab", "", "7834463f-1a2b-3c4d-5e6f-0123456789ag"]
        {
            assert_eq!(Guid::parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
