//! How long an entry of a value is that has one for each object, when its ids are GUIDs: at the least, as JSON writes it. PHP's `serialize()` takes more.

use super::code::Code;
use crate::discover::Discovery;
use crate::extension::php::ir::{Bytes, ExprId, ExprKind};
use crate::panel::Guid;
use crate::panel::catalogue::Gives;

/// How deep a value is looked into.
const MAX_DEPTH: usize = 8;

/// As many fields of a record are looked at.
const MOST_FIELDS: usize = 256;

/// PHP's functions that give a text of one length.
const OF_ONE_LENGTH: &[(&str, u64)] = &[("md5", 32), ("sha1", 40), ("crc32", 1), ("time", 10), ("uniqid", 13)];

/// Of these the text has quotes around it.
const TEXTS: &[&str] = &["md5", "sha1", "uniqid"];

/// A GUID in its quotes.
const GUID: u64 = Guid::LENGTH as u64 + 2;

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its characters, the comma behind it among them.
    pub(super) length: u64,
    /// Whether the code spells out which fields it has, and not only the id's.
    pub(super) spelled_out: bool,
}

/// The steps of a path into a value.
#[derive(Debug, PartialEq, Eq)]
struct Steps<'p> {
    /// Whether the ids are the keys of the entries.
    keyed: bool,
    /// The fields from the entry down to the id.
    fields: Vec<&'p str>,
}

/// `None`: the path leads to one id alone.
fn steps(path: &str) -> Option<Steps<'_>> {
    let (keys, items) = (path.find(".{"), path.find("[*]"));
    match (keys, items) {
        (Some(keys), items) if items.is_none_or(|items| keys < items) => Some(Steps { keyed: true, fields: Vec::new() }),
        (_, Some(items)) => {
            let below = path[items..].trim_start_matches("[*]").split(['.', '[']);
            // What is not one field of that name may be anything.
            let fields = below.skip(1).take_while(|field| !field.starts_with(['*', '{'])).collect();
            Some(Steps { keyed: false, fields })
        }
        _ => None,
    }
}

/// The shortest entry with the ids of a discovery. `code` gives the code of one of its sightings, and `others` are the paths to other ids in the same value with
/// their discoveries. `None`: there is one id, and no entry for each of several.
pub(super) fn entry<'c, 'a: 'c>(
    path: &str,
    discovery: &Discovery,
    others: &[(&str, &Discovery)],
    code: &impl Fn(&Discovery, usize) -> Option<&'c Code<'a>>,
) -> Option<Entry> {
    let Steps { keyed, fields } = steps(path)?;
    if !keyed {
        return Some(Entry::of(record(&fields, discovery, code)));
    }
    // What stands under the key: what the code puts there, or what else is known to stand there.
    let under = known(discovery, code, |code, at| put_under(code, at)).or_else(|| {
        let below = others.iter().filter_map(|(path, discovery)| {
            let steps = steps(path).filter(|steps| !steps.keyed && !steps.fields.is_empty())?;
            Some(record(&steps.fields, discovery, code))
        });
        below.max_by_key(|(length, _)| *length)
    });
    let (length, spelled_out) = under.unwrap_or((1, false));
    Some(Entry::of((GUID + 1 + length, spelled_out)))
}

impl Entry {
    fn of((length, spelled_out): (u64, bool)) -> Entry {
        Entry { length: length + 1, spelled_out }
    }

    /// How many of them a value of `limit` characters holds at most. The last one has no comma, and brackets stand around them all.
    pub(super) fn fit(self, limit: u64) -> u64 {
        limit.saturating_sub(1) / self.length
    }
}

/// The length of the record that has an id under these fields, and whether the code spells it out.
fn record<'c, 'a: 'c>(fields: &[&str], discovery: &Discovery, code: &impl Fn(&Discovery, usize) -> Option<&'c Code<'a>>) -> (u64, bool) {
    let written = known(discovery, code, |code, at| literal(code, at, fields));
    let around = |inner: u64, fields: &[&str]| fields.iter().fold(inner, |inner, field| inner + field.chars().count() as u64 + 5);
    written.unwrap_or_else(|| (around(GUID, fields), false))
}

/// The least of what the places of a discovery give, where any of them gives something.
fn known<'c, 'a: 'c>(
    discovery: &Discovery,
    code: &impl Fn(&Discovery, usize) -> Option<&'c Code<'a>>,
    length: impl Fn(&Code<'a>, Bytes) -> Option<(u64, bool)>,
) -> Option<(u64, bool)> {
    let places = discovery.sightings.iter().enumerate();
    let known = places
        .filter_map(|(number, sighting)| length(code(discovery, number)?, Bytes { start: sighting.span.start, end: sighting.span.end }));
    known.min_by_key(|(length, _)| *length)
}

/// The length of the array that has an id at these bytes under `fields`, and whether it has other fields too.
fn literal(code: &Code<'_>, id: Bytes, fields: &[&str]) -> Option<(u64, bool)> {
    let (last, above) = fields.split_last()?;
    // From the inside out: each has the one before under the next field.
    let [arrays, _] = code.arrays_around(id);
    let mut arrays = arrays.into_iter();
    let mut outermost = arrays.next().filter(|array| has(code, *array, last, id))?;
    let mut rest = above;
    while let Some((field, before)) = rest.split_last() {
        let Some(array) = arrays.next().filter(|array| has(code, *array, field, code.at(outermost))) else { break };
        (outermost, rest) = (array, before);
    }
    let ExprKind::Array(elements) = code.kind(outermost) else { return None };
    let several = code.script.elements(elements).len() > 1 || rest.len() < above.len();
    let inner = shortest(code, outermost, Some(id), MAX_DEPTH);
    Some((rest.iter().fold(inner, |inner, field| inner + field.chars().count() as u64 + 5), several))
}

/// Whether an array has what stands at these bytes under a field.
fn has(code: &Code<'_>, array: ExprId, field: &str, at: Bytes) -> bool {
    let ExprKind::Array(elements) = code.kind(array) else { return false };
    code.script.elements(elements).iter().any(|element| {
        let named = element.key.is_some_and(|key| matches!(code.kind(key), ExprKind::Text(text) if code.script.text(text) == field));
        named && element.value.is_some_and(|value| at.is_in(code.at(value)))
    })
}

/// The length of what is put under the key at these bytes: `$all[$id] = …`, `[$id => …]`.
fn put_under(code: &Code<'_>, id: Bytes) -> Option<(u64, bool)> {
    let script = code.script;
    let [arrays, puts] = code.arrays_around(id);
    let value = puts.into_iter().chain(arrays).find_map(|around| match code.kind(around) {
        ExprKind::Assign { target, value } => match code.kind(target) {
            ExprKind::Index { index: Some(index), .. } if id.is_in(code.at(index)) => Some(value),
            _ => None,
        },
        ExprKind::Array(elements) => {
            let element = script.elements(elements).iter().find(|e| e.key.is_some_and(|key| id.is_in(code.at(key))))?;
            element.value
        }
        _ => None,
    })?;
    // A value that is no record may be another one elsewhere.
    is_record(code, value).then(|| (shortest(code, value, None, MAX_DEPTH), true))
}

/// Whether a value is an array that is spelled out, by itself or in the variable that holds it.
fn is_record(code: &Code<'_>, value: ExprId) -> bool {
    match code.kind(value) {
        ExprKind::Array(_) => true,
        ExprKind::Variable(name) => {
            let values = &code.given(code.function_of(value), name).values;
            matches!(values[..], [only] if matches!(code.kind(only), ExprKind::Array(_)))
        }
        _ => false,
    }
}

/// The shortest JSON of an expression's value; the id at `id` is a GUID.
fn shortest(code: &Code<'_>, value: ExprId, id: Option<Bytes>, depth: usize) -> u64 {
    let script = code.script;
    if id.is_some_and(|id| id == code.at(value)) {
        return GUID;
    }
    let Some(depth) = depth.checked_sub(1) else { return 1 };
    let text = |text: &str| text.chars().count() as u64 + 2;
    match code.kind(value) {
        ExprKind::Text(sym) => text(script.text(sym)),
        ExprKind::Integer(number) => number.to_string().len() as u64,
        ExprKind::Null => "null".len() as u64,
        ExprKind::Constant(name) => match script.text(name).to_ascii_lowercase().as_str() {
            word @ ("true" | "false") => word.len() as u64,
            _ => 1,
        },
        ExprKind::Concat(list) => {
            let spelled =
                |part: &ExprId| if let ExprKind::Text(sym) = code.kind(*part) { script.text(sym).chars().count() as u64 } else { 0 };
            2 + script.list(list).iter().map(spelled).sum::<u64>()
        }
        ExprKind::Array(elements) => {
            let fields = script.elements(elements).iter().take(MOST_FIELDS).filter(|element| !element.spread);
            let one = |key: Option<ExprId>, value: ExprId| {
                let key = key.map_or(0, |key| if let ExprKind::Text(sym) = code.kind(key) { text(script.text(sym)) + 1 } else { 4 });
                key + shortest(code, value, id, depth) + 1
            };
            let inner: u64 = fields.filter_map(|element| Some(one(element.key, element.value?))).sum();
            // The last one has no comma.
            2 + inner.saturating_sub(1)
        }
        ExprKind::Variable(name) => {
            let given = code.given(code.function_of(value), name);
            match (&given.values[..], given.elements.is_empty() && given.items.is_empty()) {
                ([only], true) => shortest(code, *only, None, depth),
                // What is put into it later makes it longer.
                ([only], false) if is_record(code, *only) && given.elements.is_empty() => shortest(code, *only, None, depth),
                _ => 1,
            }
        }
        ExprKind::Call { name, .. } => {
            let name = script.text(name).trim_start_matches('\\').to_ascii_lowercase();
            let known = OF_ONE_LENGTH.iter().find(|(function, _)| *function == name).map_or(1, |(_, length)| *length);
            if TEXTS.contains(&name.as_str()) { known + 2 } else { known }
        }
        _ if id.is_some_and(|id| id.is_in(code.at(value))) => GUID,
        _ => match code.panel_gives(value).first() {
            Some((_, Gives::Guid)) => GUID,
            // Of a name at least one letter is known.
            Some((_, Gives::Key)) => 3,
            _ => 1,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let step = |path: &'static str| steps(path).map(|s| (s.keyed, s.fields));
        for (path, expected) in [
            ("$.{domain}", Some((true, vec![]))),
            ("$.all.{domain}.state", Some((true, vec![]))),
            ("$.{client}[*].id", Some((true, vec![]))),
            ("$[*]", Some((false, vec![]))),
            ("$[*].domainId", Some((false, vec!["domainId"]))),
            ("$.all[*].domain.id", Some((false, vec!["domain", "id"]))),
            ("$[*].{domain}", Some((false, vec![]))),
            ("$.domain.id", None),
        ] {
            assert_eq!(step(path), expected, "{path}");
        }
    }

    #[test]
    fn as_many_fit_as_json_takes() {
        for (length, several) in [(41_u64, 121_u64), (39, 128), (2_500, 1), (5_000, 0)] {
            let entry = Entry { length, spelled_out: false };
            assert_eq!(entry.fit(5_000), several, "{length}");
            let json = 1 + several * length;
            assert!(json <= 5_000 && json + length > 5_000, "{length}");
        }
    }
}
