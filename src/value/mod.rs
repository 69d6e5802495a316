//! Ids inside one value: find and rewrite, byte-exact. Knows only bytes.
//!
//! A value is what stands in one cell, one setting, one file, or one name. [`Spots`] say where in it ids stand: at a path inside JSON or PHP-serialized text,
//! in the holes of a pattern, or between the separators of a list; each with a tag by which the caller knows whose ids they are. [`rewrite`] asks the caller
//! about each id and changes those that it says, and no other byte: the number's spelling around it, escapes, order, spaces and duplicate keys stay as they
//! are, and lengths that PHP writes before its texts are mended. [`find`] only looks.
//!
//! ```
//! use reguid::value::{Fate, Spot, Spots, rewrite};
//!
//! let mut spots = Spots::default();
//! spots.add(&Spot { path: Some("$.apps[*].domainId"), tag: Some(1), ..Spot::default() }, &|_| None).unwrap();
//! let value = br#"{"apps": [{"domainId": 5}, {"domainId": "7"}], "total": 5}"#;
//! let rewritten = rewrite(value, &spots, &mut |found| Fate::Set(found.id + 100)).unwrap();
//! assert_eq!(&*rewritten.bytes, br#"{"apps": [{"domainId": 105}, {"domainId": "107"}], "total": 5}"#);
//! ```

mod base64;
mod document;
mod json;
mod leaf;
mod machine;
pub mod number;
pub mod path;
pub mod pattern;
pub mod proof;
mod serialized;
mod skip;
mod splice;
mod spots;
mod trail;

use std::borrow::Cow;
use std::ops::Range;

pub use skip::Candidates;
pub use spots::{Repeats, Spot, SpotError, Spots};
pub use trail::Trail;

/// Bytes of the largest value that is looked into. PHP's own default limit of memory is 128 MB, and a document takes several times its text there.
pub const LARGEST: usize = 64 << 20;
/// How deep arrays and objects may lie in one another: as deep as PHP reads serialized text.
pub const DEEPEST: usize = 4096;

/// An id at a spot.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The tag of the spot.
    pub tag: u32,
    /// The id.
    pub id: i64,
    /// How it is written.
    pub written: Written,
    /// What it is in the value.
    pub role: Role,
    /// Where it stands in the value, in bytes from 0. Inside text with escapes, and inside base64, where that text begins.
    pub offset: usize,
    /// Where it stands, for a person: `$.apps[3].domainId`. Made when it is shown.
    pub path: &'a Trail<'a>,
}

/// How an id is written. It is written the same way afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Written {
    /// As a number.
    Number,
    /// As decimal text.
    Text,
}

/// What an id is in its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// A value of its own. It can become null.
    Value,
    /// An item of a list. As null it is emptied, and its separators stay.
    Item,
    /// The key of an object or array, or a part of one.
    Key,
    /// A part of a text.
    Part,
}

impl Role {
    /// Whether [`Fate::Null`] can be done to it.
    #[must_use]
    pub fn takes_null(self) -> bool {
        matches!(self, Role::Value | Role::Item)
    }
}

/// What becomes of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    Keep,
    /// It becomes this id, written as before.
    Set(i64),
    /// It becomes null. A key or a part of a text cannot ([`Role::takes_null`]): such an id stays, and is counted in [`Rewritten::not_nulled`].
    Null,
}

/// A value, rewritten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten<'v> {
    /// The value as it is now: borrowed where nothing changed.
    pub bytes: Cow<'v, [u8]>,
    /// What the value is.
    pub form: Form,
    /// The ids that changed, in their order.
    pub edits: Vec<Edit>,
    /// Ids that were found.
    pub found: u64,
    /// What stands at a spot and is no id. It stays.
    pub odd: Odds,
    /// Keys of one object, or items of one list, that would be the same now and were not before.
    pub collisions: Vec<Collision>,
    /// Ids that were to become null and cannot: they are keys or parts of a text.
    pub not_nulled: u64,
    /// Bytes behind PHP-serialized text, which PHP does not look at. They stay.
    pub trailing: usize,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// No text, or spaces alone: no document.
    Empty,
    /// JSON.
    Json,
    /// PHP-serialized text.
    Serialized,
    /// A text, to which patterns and lists apply.
    Text,
}

/// An id that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The tag of its spot.
    pub tag: u32,
    /// Where it stood in the value, in bytes. Inside text with escapes, and inside base64, all of that text.
    pub range: Range<usize>,
    /// The id before.
    pub before: i64,
    /// The id after; `None`: null.
    pub after: Option<i64>,
    /// What it is in the value.
    pub role: Role,
    /// How it is written.
    pub written: Written,
}

/// What stands at spots and is no id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Odds {
    /// Null, or an empty text.
    pub null: u64,
    /// Nearly numbers: `05`, 5.0, 1e2, an integer beyond 64 bits.
    pub almost: u64,
    /// Texts that fit two patterns, or one in two ways.
    pub ambiguous: u64,
    /// Text inside the value that begins as a document and is none.
    pub unparsable: u64,
    /// All else: words, true and false, arrays, objects, PHP's references.
    pub other: u64,
    /// The first of them, null apart.
    pub samples: Vec<Odd>,
}

impl Odds {
    /// How many samples are kept of one value.
    pub(crate) const KEPT: usize = 8;

    /// Whether there is nothing odd.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Odds::default()
    }
}

/// Something at a spot that is no id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// The tag of the spot, where one is meant.
    pub tag: Option<u32>,
    /// Where it stands, as [`Found::offset`].
    pub offset: usize,
    /// What it is.
    pub what: OddKind,
    /// It, shortened.
    pub text: String,
}

/// Why something at a spot is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OddKind {
    /// Nearly a number.
    Almost,
    /// It fits two patterns, or one in two ways.
    Ambiguous,
    /// It begins as a document and is none.
    Unparsable,
    /// Something else.
    Other,
}

/// Keys of one object, or items of one list, that would be the same and were not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// What two of them would be.
    pub key: String,
    /// What the two are now.
    pub before: (String, String),
    /// Where the object or list ends, as [`Found::offset`].
    pub offset: usize,
}

/// A value that cannot be looked into. It stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {what}")]
pub struct Flaw {
    /// Where it shows, in bytes from 0.
    pub offset: usize,
    /// What is wrong.
    pub what: FlawKind,
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FlawKind {
    /// Neither JSON nor PHP-serialized text.
    #[error("neither JSON nor PHP-serialized text begins here")]
    NoDocument,
    /// It ends too early.
    #[error("the text ends here, and is not complete")]
    CutOff,
    /// Something else should stand there.
    #[error("this is not what should stand here")]
    Unexpected,
    /// A length that PHP wrote is not that of the text behind it.
    #[error("the length written here is not that of the text behind it")]
    Length,
    /// Not UTF-8, which JSON must be.
    #[error("this is not UTF-8, and JSON must be")]
    Encoding,
    /// Arrays and objects lie deeper in one another than [`DEEPEST`].
    #[error("arrays and objects lie more than {DEEPEST} deep in one another here")]
    Depth,
    /// Larger than [`LARGEST`].
    #[error("the value is larger than {} MiB", LARGEST >> 20)]
    TooLarge,
    /// No base64 where the spots say that it is.
    #[error("this is not base64")]
    NotBase64,
}

/// Rewrites the ids at `spots` in `value` as `decide` says, and nothing else.
///
/// # Errors
/// The value cannot be looked into: it is then to stay as it is.
pub fn rewrite<'v>(value: &'v [u8], spots: &Spots, decide: &mut dyn FnMut(&Found<'_>) -> Fate) -> Result<Rewritten<'v>, Flaw> {
    document::rewrite(value, spots, decide)
}

/// Shows the ids at `spots` in `value` to `each`, and tells what else stands there.
///
/// # Errors
/// The value cannot be looked into.
pub fn find<'v>(value: &'v [u8], spots: &Spots, each: &mut dyn FnMut(&Found<'_>)) -> Result<Rewritten<'v>, Flaw> {
    document::rewrite(value, spots, &mut |found| {
        each(found);
        Fate::Keep
    })
}

#[cfg(test)]
mod tests;
