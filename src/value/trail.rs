//! The way to a spot, for a person.

use std::fmt;
use std::ops::Range;

/// The way from the top of a value to an id in it. Its text form is a path: `$.apps[3].domainId`.
#[derive(Debug, Clone, Copy)]
pub struct Trail<'a> {
    /// The way to the text that this document stands in, where it stands in one.
    pub(super) above: Option<&'a Trail<'a>>,
    /// The document.
    pub(super) bytes: &'a [u8],
    /// The steps in it.
    pub(super) steps: &'a [Step],
}

/// A step from an array or object to one of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// By the key that stands there in the document.
    Key(Range<usize>),
    /// By position.
    Index(u64),
}

impl Trail<'_> {
    /// The top of a value.
    pub(super) const TOP: Trail<'static> = Trail { above: None, bytes: &[], steps: &[] };
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.above {
            Some(above) => above.fmt(f)?,
            None => f.write_str("$")?,
        }
        for step in self.steps {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(range) => {
                    let key = String::from_utf8_lossy(self.bytes.get(range.clone()).unwrap_or_default());
                    let plain = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
                    if plain { write!(f, ".{key}")? } else { write!(f, "[\"{}\"]", key.escape_debug())? }
                }
            }
        }
        Ok(())
    }
}
