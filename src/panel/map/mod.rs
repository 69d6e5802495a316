//! The map file: a mapping as a TOML file that a person can review, change and hand back.
//!
//! What the file says of an object stands; the rules are asked only for what it leaves open. Where it says something else than the rules, that is a
//! decision of the person's, and is kept with the file's name and line. The format is described in `docs/map.md`.

mod error;
mod fit;
mod read;
mod side;
mod usual;
mod write;

use std::ops::Range;

use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::Serialize;

pub use error::MapError;
pub use read::MapFile;
pub use write::write;

use super::Kind;
use side::Side;

/// The version of the format that this release writes, and the only one that it reads.
pub const VERSION: i64 = 1;

/// A map file as read, before it is held against inventories.
#[derive(Debug, Clone)]
pub struct Reviewed {
    path: Utf8PathBuf,
    text: String,
    sha256: String,
    old: State,
    new: State,
    pairs: Vec<Pair>,
}

/// A panel state that the file speaks of.
#[derive(Debug, Clone)]
struct State {
    source: String,
    taken: Option<String>,
    fingerprint: String,
    /// Bytes of the fingerprint.
    span: Range<usize>,
}

/// What the file says of one old object.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pair {
    kind: Kind,
    old: Side,
    new: Verdict,
    /// Bytes of the old object.
    old_span: Range<usize>,
    /// Bytes of the new one; where it lacks, of the old one.
    new_span: Range<usize>,
}

/// What the file says became of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// Nothing: the rules are asked.
    Open,
    /// It is gone.
    Gone,
    /// It is this one.
    Is(Side),
}

/// A reviewed map that a mapping was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MapUsed {
    /// The file.
    pub file: String,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// What a person decided in it: where it says something else than the rules, by kind and old id.
    pub decisions: Vec<Decision>,
}

/// Something that a person decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Decision {
    /// The line of the file.
    pub line: u64,
    /// The kind of the object.
    pub kind: Kind,
    /// The old object's id.
    pub old: i64,
    /// The old object's name.
    pub old_name: String,
    /// The new object's id; `null`: it is gone.
    pub new: Option<i64>,
    /// The new object's name.
    pub new_name: String,
    /// What the rules say: `guid 7`, `missing`.
    pub instead_of: String,
}

impl Decision {
    /// `domain 5 (a.example) is domain 9 (b.example)`.
    #[must_use]
    pub fn told(&self) -> String {
        let label =
            |id: i64, name: &str| if name.is_empty() { format!("{} {id}", self.kind) } else { format!("{} {id} ({name})", self.kind) };
        match self.new {
            Some(new) => format!("{} is {}", label(self.old, &self.old_name), label(new, &self.new_name)),
            None => format!("{} is gone", label(self.old, &self.old_name)),
        }
    }
}

#[cfg(test)]
mod tests;
