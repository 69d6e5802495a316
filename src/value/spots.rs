//! Where in a value ids stand: what a caller declares, compiled.

use super::leaf::{Leaf, List};
use super::machine::Machine;
use super::path::{self, Step};
use super::pattern::Pattern;

/// A spot of a value, as it is declared. Without a path, a pattern and a separator, the id is the whole value.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot<'t> {
    /// The way into JSON or PHP-serialized text ([`path`]); `None`: the value is a text.
    pub path: Option<&'t str>,
    /// There, a text with holes ([`pattern`](super::pattern)).
    pub pattern: Option<&'t str>,
    /// There, a list of ids; each of these characters separates them.
    pub separator: Option<&'t str>,
    /// What to do where two items of a list become the same.
    pub repeats: Repeats,
    /// The value is base64 of what is declared.
    pub base64: bool,
    /// The tag of ids that stand in no hole. `None`: there are none.
    pub tag: Option<u32>,
}

/// What to do where two items of a list become the same, and were not before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Repeats {
    /// Report a collision.
    #[default]
    Report,
    /// Let both stand.
    Keep,
    /// Take the later one out, with the separator before it.
    Drop,
}

/// The spots of one value, compiled.
#[derive(Debug, Clone, Default)]
pub struct Spots {
    /// In the value as it is.
    pub(super) plain: Group,
    /// In what its base64 says.
    pub(super) coded: Group,
    /// Texts of which a value must contain one to hold an id; `None`: that cannot be told.
    pub(super) needed: Needed,
    /// Keys directly behind one of which an id stands, if all ids stand so.
    pub(super) behind: Behind,
}

/// Spots in the value itself, or in its base64.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    /// In the value as a text.
    pub whole: Leaf,
    /// In the value as a document.
    pub inside: Machine,
}

impl Group {
    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.inside.is_empty()
    }
}

/// What a value must contain to hold an id at all.
#[derive(Debug, Clone, Default)]
pub(super) enum Needed {
    /// No spot is declared.
    #[default]
    Nothing,
    /// One of these keys, spelled without an escape.
    Keys(Vec<memchr::memmem::Finder<'static>>),
    /// Anything may hold one.
    Unknown,
}

/// Where ids stand, if that is directly behind keys.
#[derive(Debug, Clone)]
pub(super) enum Behind {
    /// Behind these keys, each the last step of a path, as a number or as a text that is one. No spot is declared as long as there is none.
    Keys(Vec<memchr::memmem::Finder<'static>>),
    /// Elsewhere, too.
    Anywhere,
}

impl Default for Behind {
    fn default() -> Self {
        Behind::Keys(Vec::new())
    }
}

impl Behind {
    /// Takes note of a spot at the end of `steps`; `is_id`: the id is the whole of what stands there.
    fn widen(&mut self, steps: &[Step], is_id: bool) {
        let key = match steps.last() {
            Some(Step::Key(key)) if is_id && is_plain(key) => key,
            _ => return *self = Behind::Anywhere,
        };
        if let Behind::Keys(keys) = self
            && !keys.iter().any(|k| k.needle() == key.as_bytes())
        {
            keys.push(memchr::memmem::Finder::new(key.as_bytes()).into_owned());
        }
    }
}

/// Whether a key has one spelling, unless somebody escapes letters, and is no position.
fn is_plain(key: &str) -> bool {
    let letters = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '));
    key.len() > 1 && letters && !key.bytes().all(|b| b.is_ascii_digit())
}

/// A declaration of a spot that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpotError(pub String);

impl Spots {
    /// Adds a spot. `holes` gives the tag for the word in a hole.
    ///
    /// # Errors
    /// The path or pattern is wrong, or contradicts one that was added before.
    pub fn add(&mut self, spot: &Spot<'_>, holes: &dyn Fn(&str) -> Option<u32>) -> Result<(), SpotError> {
        let mut leaf = Leaf::default();
        match (spot.pattern, spot.separator) {
            (Some(_), Some(_)) => {
                return Err(SpotError("a pattern and a separator contradict each other: the text is one or the other".into()));
            }
            (Some(pattern), None) => leaf.patterns.push(Pattern::parse(pattern, holes).map_err(SpotError)?),
            (None, separator) => match (spot.tag, separator) {
                (Some(tag), Some(separator)) => leaf.list = Some(List::new(separator, tag, spot.repeats).map_err(SpotError)?),
                (tag, None) => leaf.id = tag,
                (None, Some(_)) => return Err(SpotError("a list needs a kind: whose ids are its items?".into())),
            },
        }
        let group = if spot.base64 { &mut self.coded } else { &mut self.plain };
        let Some(path) = spot.path else {
            self.needed = Needed::Unknown;
            self.behind = Behind::Anywhere;
            return group.whole.merge(leaf);
        };
        let steps = path::parse(path).map_err(SpotError)?;
        let has_keys = steps.iter().any(|s| matches!(s, Step::Keys(_)));
        if leaf.is_empty() && !has_keys {
            return Err(SpotError(format!("the path {path} has no hole, and no kind is given")));
        }
        let is_id = !spot.base64 && leaf.patterns.is_empty() && leaf.list.is_none();
        group.inside.add(&steps, leaf, holes)?;
        self.behind.widen(&steps, is_id && !has_keys);
        self.needed.widen(&steps, spot.base64);
        Ok(())
    }

    /// Whether no spot is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.coded.is_empty()
    }
}

impl Needed {
    /// Lets values that `steps` lead into through.
    fn widen(&mut self, steps: &[Step], base64: bool) {
        let longest = steps
            .iter()
            .filter_map(|s| if let Step::Key(key) = s { Some(key) } else { None })
            .filter(|key| is_plain(key))
            .max_by_key(|k| k.len());
        match (longest, &mut *self) {
            (_, Needed::Unknown) => {}
            (Some(key), _) if !base64 => {
                let finder = memchr::memmem::Finder::new(key.as_bytes()).into_owned();
                match self {
                    Needed::Keys(keys) if keys.iter().any(|k| k.needle() == key.as_bytes()) => {}
                    Needed::Keys(keys) => keys.push(finder),
                    _ => *self = Needed::Keys(vec![finder]),
                }
            }
            _ => *self = Needed::Unknown,
        }
    }
}
