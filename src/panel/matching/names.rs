//! Names: how they are compared, and what an old name becomes in a new panel.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use crate::panel::identity::{self, ColumnRef, Segment};
use crate::panel::{Inventory, Kind, Object};

/// `name` as names are compared: lower case, without a trailing dot, with the domain in its ASCII form.
pub(in crate::panel) fn normal(name: &str) -> String {
    let name = name.trim_end_matches('.');
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let (local, domain) = name.rsplit_once('@').map_or(("", name), |(local, domain)| (local, domain));
    let domain = idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_lowercase());
    if local.is_empty() { domain } else { format!("{}@{domain}", local.to_lowercase()) }
}

/// A name that is found by what counts of it: equal where [`normal`] gives the same. Most names are compared as they stand, without a copy.
pub(super) struct Folded<'a>(Cow<'a, str>);

impl<'a> Folded<'a> {
    pub(super) fn of(name: Cow<'a, str>) -> Folded<'a> {
        if !name.is_ascii() {
            return Folded(Cow::Owned(normal(&name)));
        }
        let end = name.trim_end_matches('.').len();
        Folded(match name {
            Cow::Borrowed(name) => Cow::Borrowed(&name[..end]),
            Cow::Owned(mut name) => {
                name.truncate(end);
                Cow::Owned(name)
            }
        })
    }
}

impl PartialEq for Folded<'_> {
    fn eq(&self, other: &Folded<'_>) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Folded<'_> {}

impl Hash for Folded<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for chunk in self.0.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            bytes.make_ascii_lowercase();
            state.write_u64(u64::from_le_bytes(bytes));
        }
    }
}

/// The name that `object` would have in the new panel: where its key names another object (a mailbox its domain), that object's new key
/// stands in the place of the old one. `new_name` gives the new key of an old object, if it has another one now.
pub(super) fn carried_over<'a>(object: &'a Object, old: &Inventory, new_name: impl Fn(Kind, i64) -> Option<&'a str>) -> Cow<'a, str> {
    let own = Cow::Borrowed(&*object.name);
    if object.name.is_empty() {
        return own;
    }
    let identity = identity::of(object.kind);
    if !identity.through.is_empty() {
        return object.parent.and_then(|(kind, id)| new_name(kind, id)).map_or(own, Cow::Borrowed);
    }
    let renamed = identity.key.iter().any(|segment| match segment {
        Segment::Hole(ColumnRef { column, kind: Some(kind) }) => {
            reference(object, column, *kind).is_some_and(|id| new_name(*kind, id).is_some())
        }
        _ => false,
    });
    if !renamed {
        return own;
    }
    // What stands before and after the columns of its own, then and now.
    let mut ends = [(String::new(), String::new()), (String::new(), String::new())];
    let mut end = 0;
    for segment in &identity.key {
        let (then, now) = match segment {
            Segment::Text(text) => (*text, *text),
            Segment::Hole(column) => match column.kind {
                None => {
                    end = 1;
                    ends[1] = (String::new(), String::new());
                    continue;
                }
                Some(kind) => match reference(object, column.column, kind) {
                    None => ("", ""),
                    Some(id) => {
                        let Some(then) = old.get(kind, id) else { return own };
                        (&*then.name, new_name(kind, id).unwrap_or(&then.name))
                    }
                },
            },
        };
        ends[end].0.push_str(then);
        ends[end].1.push_str(now);
    }
    let [before, after] = &ends;
    match object.name.strip_prefix(before.0.as_str()).and_then(|n| n.strip_suffix(after.0.as_str())) {
        Some(core) => Cow::Owned(format!("{}{core}{}", before.1, after.1)),
        None => own,
    }
}

/// The id that `object` has in `column`, which points at an object of `kind`.
fn reference(object: &Object, column: &str, kind: Kind) -> Option<i64> {
    let identity = identity::of(object.kind);
    if identity.parent.as_ref().is_some_and(|p| p.column == column && p.kind == Some(kind)) {
        return object.parent.map(|(_, id)| id);
    }
    let at = identity.witness.iter().position(|w| w.column == column && w.kind == Some(kind))?;
    object.witness.get(at)?.parse().ok().filter(|id| *id != 0)
}
