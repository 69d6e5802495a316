//! Values that stand where an id is expected and mean no object, or all of them.
//!
//! NULL is one everywhere. The others are those of the catalogue (0, -1, the empty text, `all`, …), or those that the manifest declares for a column instead.

use std::sync::{Arc, LazyLock};

use super::decide::{Class, Storage};
use crate::panel::catalogue;
use crate::reference::manifest::Entry;
use crate::sqlite::ValueRef;
use crate::value::number;

/// The sentinels of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sentinels {
    numbers: Vec<i64>,
    words: Vec<String>,
}

impl Sentinels {
    /// Those that `words` spell. A number counts in either storage class.
    fn new<'w>(words: impl Iterator<Item = &'w str>) -> Sentinels {
        let (mut sentinels, mut words) = (Sentinels { numbers: Vec::new(), words: Vec::new() }, words.collect::<Vec<_>>());
        words.sort_unstable();
        words.dedup();
        for word in words {
            match number::canonical(word.as_bytes()) {
                Some(number) => sentinels.numbers.push(number),
                None => sentinels.words.push(word.to_owned()),
            }
        }
        sentinels
    }

    /// The catalogue's.
    pub(crate) fn shared() -> Arc<Sentinels> {
        static SHARED: LazyLock<Arc<Sentinels>> =
            LazyLock::new(|| Arc::new(Sentinels::new(catalogue::get().shared.sentinels.iter().map(String::as_str))));
        Arc::clone(&SHARED)
    }

    /// Those of the column that `entry` names.
    pub(crate) fn of(entry: &Entry) -> Arc<Sentinels> {
        match &entry.sentinels {
            Some(declared) => Arc::new(Sentinels::new(declared.iter().map(String::as_str))),
            None => Sentinels::shared(),
        }
    }

    /// Those that `words` spell, as [`Sentinels::words`] gives them.
    pub(crate) fn of_words(words: &[String]) -> Sentinels {
        Sentinels::new(words.iter().map(String::as_str))
    }

    /// Their spellings.
    pub(crate) fn words(&self) -> Vec<String> {
        self.numbers.iter().map(ToString::to_string).chain(self.words.iter().cloned()).collect()
    }

    /// Whether the number is one.
    pub(crate) fn has(&self, number: i64) -> bool {
        self.numbers.contains(&number)
    }

    /// Whether any is a number that `wanted` picks.
    pub(crate) fn any_number(&self, wanted: impl Fn(i64) -> bool) -> bool {
        self.numbers.iter().any(|&n| wanted(n))
    }

    /// What the value is.
    #[inline]
    pub(crate) fn class(&self, value: ValueRef<'_>) -> Class {
        match value {
            ValueRef::Null => Class::Null,
            ValueRef::Integer(id) if self.has(id) => Class::Sentinel,
            ValueRef::Integer(id) => Class::Id(id, Storage::Integer),
            other => self.class_of_others(other),
        }
    }

    /// What a value is that is neither NULL nor an integer.
    fn class_of_others(&self, value: ValueRef<'_>) -> Class {
        match value {
            ValueRef::Null => Class::Null,
            ValueRef::Integer(id) => Class::Id(id, Storage::Integer),
            ValueRef::Real(_) => Class::Malformed,
            ValueRef::Blob(_) => Class::NotAnId,
            ValueRef::Text(text) => match number::canonical(text) {
                Some(id) if self.has(id) => Class::Sentinel,
                Some(id) => Class::Id(id, Storage::Text),
                None if self.words.iter().any(|w| w.as_bytes().eq_ignore_ascii_case(text)) => Class::Sentinel,
                None if number::almost(text) => Class::Malformed,
                None => Class::NotAnId,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_classed_by_what_they_are() {
        let sentinels = Sentinels::shared();
        for (value, class) in [
            (ValueRef::Null, Class::Null),
            (ValueRef::Integer(5), Class::Id(5, Storage::Integer)),
            (ValueRef::Integer(0), Class::Sentinel),
            (ValueRef::Integer(-1), Class::Sentinel),
            (ValueRef::Integer(-7), Class::Id(-7, Storage::Integer)),
            (ValueRef::Text(b"5"), Class::Id(5, Storage::Text)),
            (ValueRef::Text(b"0"), Class::Sentinel),
            (ValueRef::Text(b""), Class::Sentinel),
            (ValueRef::Text(b"ALL"), Class::Sentinel),
            (ValueRef::Text(b"05"), Class::Malformed),
            (ValueRef::Text(b" 5"), Class::Malformed),
            (ValueRef::Text(b"5\0"), Class::Malformed),
            (ValueRef::Real(5.0), Class::Malformed),
            (ValueRef::Text(b"example.com"), Class::NotAnId),
            (ValueRef::Text(b"\xff5"), Class::NotAnId),
            (ValueRef::Blob(b"5"), Class::NotAnId),
        ] {
            assert_eq!(sentinels.class(value), class, "{value:?}");
        }
    }

    #[test]
    fn declared_ones_stand_instead_of_the_catalogues() {
        let sentinels = Sentinels::new(["1", "nobody", "1"].into_iter());
        for (value, class) in [
            (ValueRef::Null, Class::Null),
            (ValueRef::Integer(0), Class::Id(0, Storage::Integer)),
            (ValueRef::Text(b"-1"), Class::Id(-1, Storage::Text)),
            (ValueRef::Text(b"1"), Class::Sentinel),
            (ValueRef::Text(b"Nobody"), Class::Sentinel),
            (ValueRef::Text(b"all"), Class::NotAnId),
        ] {
            assert_eq!(sentinels.class(value), class, "{value:?}");
        }
    }
}
