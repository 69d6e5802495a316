//! Reading a TOML table key by key, noting all that is wrong in it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Problem;
use crate::reference::suggest::hint;

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Problems(pub(super) Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.0.push(Problem { message: message.into(), span });
    }
}

/// A text with its place in the file.
pub(super) type Text = Spanned<String>;

/// A table that is being read: its keys are taken one after the other, and what remains in the end is unknown.
pub(super) struct Reader<'a, 'i> {
    table: &'a DeTable<'i>,
    /// Bytes of the whole table.
    pub(super) span: Range<usize>,
    /// What it is, for messages: `[[reference]]`.
    name: &'static str,
    taken: Vec<&'static str>,
}

impl<'a, 'i> Reader<'a, 'i> {
    pub(super) fn new(table: &'a DeTable<'i>, span: Range<usize>, name: &'static str) -> Reader<'a, 'i> {
        Reader { table, span, name, taken: Vec::new() }
    }

    /// The key `name` and its value.
    fn entry(&self, name: &str) -> Option<(Range<usize>, &'a Spanned<DeValue<'i>>)> {
        self.table.iter().find(|(key, _)| key.get_ref() == name).map(|(key, value)| (key.span(), value))
    }

    /// The keys of the table, with their places.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&'a str, Range<usize>)> + use<'a, 'i> {
        self.table.iter().map(|(key, _)| (key.get_ref().as_ref(), key.span()))
    }

    /// Where the key `name` stands, if it is there.
    pub(super) fn key_span(&self, name: &str) -> Option<Range<usize>> {
        self.entry(name).map(|(span, _)| span)
    }

    /// The value of `name`.
    pub(super) fn value(&mut self, name: &'static str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.taken.push(name);
        self.entry(name).map(|(_, value)| value)
    }

    /// The value of `key`, which is not among the keys that are known by name.
    pub(super) fn other(&self, key: &str) -> Option<&'a Spanned<DeValue<'i>>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// The text of `name`; anything else is a problem.
    pub(super) fn text(&mut self, name: &'static str, problems: &mut Problems) -> Option<Text> {
        let value = self.value(name)?;
        as_text(value, name, problems)
    }

    /// The text of `name`, which must be there and not be blank.
    pub(super) fn required(&mut self, name: &'static str, problems: &mut Problems) -> Option<Text> {
        if self.entry(name).is_none() {
            problems.add(self.span.clone(), format!("`{}` lacks the key `{name}`", self.name));
        }
        self.text(name, problems).filter(|text| {
            let blank = text.get_ref().trim().is_empty();
            if blank {
                problems.add(text.span(), format!("`{name}` is empty"));
            }
            !blank
        })
    }

    /// The one of `words` that `name` gives.
    pub(super) fn word<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let text = self.text(name, problems)?;
        one_of(name, &text, words, problems)
    }

    /// Whether `name` is a text with this character in it. Does not count as having been asked for.
    pub(super) fn is_text_with(&self, name: &str, c: char) -> bool {
        self.entry(name).is_some_and(|(_, value)| value.get_ref().as_str().is_some_and(|text| text.contains(c)))
    }

    /// Whether `name` is true; anything but true and false is a problem.
    pub(super) fn flag(&mut self, name: &'static str, problems: &mut Problems) -> Option<bool> {
        let value = self.value(name)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            problems.add(value.span(), format!("`{name}` is true or false, not {}", article(value.get_ref())));
        }
        flag
    }

    /// The tables of `name`, an array of tables.
    pub(super) fn tables(&mut self, name: &'static str, title: &'static str, problems: &mut Problems) -> Vec<Reader<'a, 'i>> {
        let Some(value) = self.value(name) else { return Vec::new() };
        let Some(array) = value.get_ref().as_array() else {
            problems.add(value.span(), format!("`{name}` is a list of tables, not {}: write `{title}`", article(value.get_ref())));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => tables.push(Reader::new(table, item.span(), title)),
                None => problems.add(item.span(), format!("`{name}` is a list of tables; this is {}", article(item.get_ref()))),
            }
        }
        tables
    }

    /// Notes the keys that nobody asked for. `more` are further keys that the table may have.
    pub(super) fn refuse_others(&self, more: &[&str], problems: &mut Problems) {
        for (key, span) in self.keys() {
            if !self.taken.contains(&key) && !more.contains(&key) {
                let known: Vec<&str> = self.taken.iter().copied().chain(more.iter().copied()).collect();
                problems.add(span, format!("unknown key `{key}` in `{}`{}", self.name, hint(key, &known)));
            }
        }
    }
}

/// The one of `words` that `text`, the value of `name`, is.
pub(super) fn one_of<T: Copy>(name: &str, text: &Text, words: &[(&str, T)], problems: &mut Problems) -> Option<T> {
    let found = words.iter().find(|(word, _)| word == text.get_ref());
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|w| w.0).collect();
        let hint = hint(text.get_ref(), &known);
        problems.add(text.span(), format!("`{name}` is one of {}, not `{}`{hint}", known.join(", "), text.get_ref()));
    }
    found.map(|(_, value)| *value)
}

/// `value` as text; anything else is a problem.
pub(super) fn as_text(value: &Spanned<DeValue<'_>>, name: &str, problems: &mut Problems) -> Option<Text> {
    let text = value.get_ref().as_str().map(|text| Spanned::new(value.span(), text.to_owned()));
    if text.is_none() {
        problems.add(value.span(), format!("`{name}` is a text in quotes, not {}", article(value.get_ref())));
    }
    text
}

/// The type of `value` in words.
pub(super) fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
