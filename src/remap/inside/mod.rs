//! Columns whose ids stand inside their values: in JSON or PHP-serialized text, in base64 around either, in lists, in texts with holes.
//!
//! Such a column is one target with several parts, one for each kind that an entry of the manifest names there. Each part decides about its ids as a column
//! of plain ids does, by its own policies; the value's fate is that of all its ids together. A value is a whole for SQL, the journal and `undo`.

mod apply;
mod check;
mod report;

use std::sync::Arc;

pub(super) use apply::{Change, Changes, functions};
pub(super) use check::check;
pub(super) use report::Report;

use super::decide::{Action, Class, Decider, Policies};
use super::error::{Context, RemapError};
use super::sentinel::Sentinels;
use super::session::Database;
use super::session::Session;
use super::target::Target;
use crate::panel::{Kind, Mapping};
use crate::reference::manifest::{Entry, Form};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Value, ValueRef};
use crate::value::number;
use crate::value::proof::Allowed;
use crate::value::{self, Fate, Flaw, Found, OddKind, Repeats, Rewritten, SpotError, Spots, Written};

/// What the manifest says of the ids inside one column's values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inside {
    /// Where they stand.
    pub spots: Spots,
    /// What they are, by the tags of the spots.
    pub parts: Vec<Part>,
    /// Whether an entry says that values are base64.
    base64: bool,
    /// Whether an entry lets items of lists be taken out.
    drops: bool,
}

/// Ids of one kind that one entry names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The entry's path and form, for a person: `$.domainId`, ` as a list`.
    pub at: String,
    /// Whose ids they are.
    pub kind: Kind,
    /// What to do with ids that are not certain.
    pub policies: Policies,
    /// The values that mean no object, or all.
    pub sentinels: Arc<Sentinels>,
}

impl PartialEq for Inside {
    fn eq(&self, other: &Inside) -> bool {
        (&self.parts, self.base64, self.drops) == (&other.parts, other.base64, other.drops)
    }
}

impl Eq for Inside {}

impl Inside {
    /// Adds an entry.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), SpotError> {
        let (at, policies, sentinels, parts) = (at(entry), Policies::of(entry), Sentinels::of(entry), &mut self.parts);
        let first = parts.len();
        entry.add_to(&mut self.spots, &mut |kind| {
            let known = parts[first..].iter().position(|p| p.kind == kind);
            let part = known.unwrap_or_else(|| {
                parts.push(Part { at: at.clone(), kind, policies, sentinels: Arc::clone(&sentinels) });
                parts.len() - 1 - first
            });
            u32::try_from(first + part).unwrap_or(u32::MAX)
        })?;
        self.base64 |= entry.form.base64;
        self.drops |= entry.form.repeats == Repeats::Drop;
        Ok(())
    }

    /// What may become of values, where `moves` says what may become of an id.
    pub(super) fn allowed<'m>(&self, moves: &'m dyn Fn(i64, Option<i64>) -> bool) -> Allowed<'m> {
        Allowed { moves, base64: self.base64, drops: self.drops }
    }

    /// Whether rows may be taken out.
    pub(super) fn removes(&self) -> bool {
        self.parts.iter().any(|p| p.policies.removes())
    }
}

/// Where an entry's ids stand in the value, for a person: its path, and what stands there.
pub(crate) fn at(entry: &Entry) -> String {
    let Form { pattern, separator, base64, .. } = &entry.form;
    let mut text = entry.path().unwrap_or_default().to_owned();
    if let Some(pattern) = pattern {
        text.push_str(&format!(" as {pattern}"));
    }
    if separator.is_some() {
        text.push_str(" as a list");
    }
    if *base64 {
        text.push_str(" in base64");
    }
    text
}

/// A value's text: a number is one too, where a column makes numbers of texts that look like them.
pub(crate) fn text_of<'v>(value: ValueRef<'v>, number: &'v mut String) -> Option<&'v [u8]> {
    match value {
        ValueRef::Text(text) => Some(text),
        ValueRef::Blob(bytes) => Some(bytes),
        ValueRef::Integer(i) => {
            *number = i.to_string();
            Some(number.as_bytes())
        }
        ValueRef::Null | ValueRef::Real(_) => None,
    }
}

/// A new text as a value of the storage class of the one before.
pub(crate) fn as_before(before: ValueRef<'_>, text: Vec<u8>) -> Text {
    match before {
        ValueRef::Blob(_) => Text::Blob(text),
        ValueRef::Integer(_) if number::canonical(&text).is_some() => Text::Integer(number::canonical(&text).unwrap_or_default()),
        _ => Text::Plain(text),
    }
}

/// A new value. Text may be no UTF-8: PHP's lengths are in bytes of whatever encoding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Text {
    Plain(Vec<u8>),
    Blob(Vec<u8>),
    Integer(i64),
}

impl Text {
    pub(super) fn borrow(&self) -> ValueRef<'_> {
        match self {
            Text::Plain(text) => ValueRef::Text(text),
            Text::Blob(bytes) => ValueRef::Blob(bytes),
            Text::Integer(i) => ValueRef::Integer(*i),
        }
    }
}

/// What a look at one value gave.
#[derive(Debug, Clone, Default)]
pub(crate) struct Look {
    /// The value as it will be, if ids in it change.
    pub after: Option<Text>,
    /// The ids that change, if they were asked for.
    pub edits: Vec<Edit>,
    /// What a person should know of the value.
    pub remarks: Vec<(Remark, String)>,
}

/// An id that changes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub(crate) struct Edit {
    /// The number of its part.
    #[serde(skip)]
    pub part: usize,
    /// Where it stands in the value: `$.apps[3].domainId`.
    pub path: String,
    /// Whose id it is.
    pub kind: Kind,
    /// The id before.
    pub before: i64,
    /// The id after; null: it becomes null.
    pub after: Option<i64>,
}

/// What a person should know of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Remark {
    /// It cannot be read.
    Unparsable,
    /// A text in it begins as a document and is none.
    InnerUnparsable,
    /// A text fits two patterns.
    FitsTwice,
    /// Keys or items would be the same.
    Collision,
    /// A policy says null, where a key or a part of a text stands.
    NotNulled,
    /// PHP-serialized text has bytes behind it.
    Trailing,
}

/// Decides about values with ids inside.
#[derive(Debug)]
pub(crate) struct Insider<'a> {
    /// What the manifest says.
    pub inside: Arc<Inside>,
    /// One for each part.
    pub parts: Vec<Decider<'a>>,
    /// What the last look gave.
    pub look: Look,
    /// Changed values whose edits are still to be listed.
    pub list: usize,
    /// Values that cannot be read, and texts in values.
    pub unparsable: u64,
    /// Whether some value changes.
    changes: bool,
}

impl<'a> Insider<'a> {
    pub(super) fn new(inside: &Arc<Inside>, mapping: &'a Mapping, list: usize) -> Insider<'a> {
        let part = |p: &Part| Decider::new(p.kind, p.policies, Arc::clone(&p.sentinels), mapping, None);
        Insider {
            inside: Arc::clone(inside),
            parts: inside.parts.iter().map(part).collect(),
            look: Look::default(),
            list,
            unparsable: 0,
            changes: false,
        }
    }

    /// Whether some value changes.
    pub(super) fn is_changing(&self) -> bool {
        self.changes
    }

    /// Makes one of two that each saw a part of a table: see [`Decider::join`].
    pub(super) fn join(self, other: Insider<'a>) -> Option<Insider<'a>> {
        let parts = self.parts.into_iter().zip(other.parts).map(|(one, other)| Decider::join(vec![one, other]));
        Some(Insider {
            inside: self.inside,
            parts: parts.collect::<Option<_>>()?,
            look: Look::default(),
            list: self.list.min(other.list),
            unparsable: self.unparsable + other.unparsable,
            changes: self.changes || other.changes,
        })
    }

    /// Counts a row that holds this value, and tells what is done with it. What changes in it is in `look`.
    pub(super) fn decide(&mut self, value: ValueRef<'_>) -> Action {
        self.look = Look::default();
        let mut number = String::new();
        let Some(text) = text_of(value, &mut number) else {
            for part in &mut self.parts {
                match value {
                    ValueRef::Null => part.counts.null += 1,
                    _ => part.counts.not_an_id += 1,
                }
            }
            return Action::Leave;
        };
        let inside = Arc::clone(&self.inside);
        // Nothing is counted before the whole value is known to be sound.
        let mut found: Vec<(usize, i64, Written)> = Vec::new();
        let mut edits = Vec::new();
        let (mut stop, mut remove) = (false, false);
        let (parts, list) = (&self.parts, self.list > 0);
        let rewritten = value::rewrite(text, &inside.spots, &mut |f: &Found<'_>| {
            let number = f.tag as usize;
            let part = &parts[number];
            found.push((number, f.id, f.written));
            let action = part.would(f.id);
            let fate = match action {
                Action::Set(new) => Fate::Set(new),
                Action::Null => Fate::Null,
                Action::Remove => {
                    remove = true;
                    Fate::Keep
                }
                Action::Stop => {
                    stop = true;
                    Fate::Keep
                }
                Action::Leave | Action::Rewrite => Fate::Keep,
            };
            if list && fate != Fate::Keep {
                let after = if let Fate::Set(new) = fate { Some(new) } else { None };
                edits.push(Edit { part: number, path: f.path.to_string(), kind: part.kind(), before: f.id, after });
            }
            fate
        });
        match rewritten {
            Err(flaw) => self.flawed(flaw),
            Ok(rewritten) => {
                for (part, id, written) in found {
                    self.parts[part].count(id, written);
                }
                self.odd(&rewritten);
                let changed = !rewritten.edits.is_empty();
                if stop {
                    return Action::Stop;
                }
                if remove {
                    return Action::Remove;
                }
                if changed {
                    self.changes = true;
                    self.list = self.list.saturating_sub(1);
                    self.look.edits = edits;
                    self.look.after = Some(as_before(value, rewritten.bytes.into_owned()));
                    return Action::Rewrite;
                }
                Action::Leave
            }
        }
    }

    fn flawed(&mut self, flaw: Flaw) -> Action {
        self.unparsable += 1;
        self.look.remarks.push((Remark::Unparsable, flaw.to_string()));
        Action::Leave
    }

    /// Notes what is odd in a value.
    fn odd(&mut self, rewritten: &Rewritten<'_>) {
        let odd = &rewritten.odd;
        self.unparsable += odd.unparsable;
        // Where several parts stand at one spot, what is no id there is none of any.
        if let Some(first) = self.parts.first_mut() {
            first.counts.null += odd.null + u64::from(rewritten.form == value::Form::Empty);
            first.counts.not_an_id += odd.other + odd.ambiguous;
        }
        let mut told = 0;
        for sample in &odd.samples {
            match sample.what {
                OddKind::Almost => {
                    let part = sample.tag.map_or(0, |tag| tag as usize);
                    if let Some(part) = self.parts.get_mut(part) {
                        part.malformed(&Value::Text(sample.text.clone()));
                        told += 1;
                    }
                }
                OddKind::Ambiguous => {
                    let text = format!("byte {}: {} fits two patterns, or one in two ways", sample.offset, sample.text.escape_debug());
                    self.look.remarks.push((Remark::FitsTwice, text));
                }
                OddKind::Unparsable => {
                    let text = format!("byte {}: this text begins as a document and is none", sample.offset);
                    self.look.remarks.push((Remark::InnerUnparsable, text));
                }
                OddKind::Other => {}
            }
        }
        if let Some(first) = self.parts.first_mut() {
            first.counts.malformed += odd.almost.saturating_sub(told);
        }
        for collision in &rewritten.collisions {
            let (a, b) = &collision.before;
            self.look.remarks.push((Remark::Collision, format!("{a} and {b} would both be {}", collision.key)));
        }
        if rewritten.not_nulled > 0 {
            let text = "a policy says \"null\", and an id that is a key or a part of a text cannot be that".to_owned();
            self.look.remarks.push((Remark::NotNulled, text));
        }
        if rewritten.trailing > 0 {
            let bytes = if rewritten.trailing == 1 { "1 byte".to_owned() } else { format!("{} bytes", rewritten.trailing) };
            self.look.remarks.push((Remark::Trailing, format!("{bytes} behind the serialized text")));
        }
    }

    /// What a run does to values of the column.
    pub(super) fn changes(&self) -> Changes {
        Changes::new(&self.inside, self.parts.iter().map(Decider::changes).collect())
    }
}

impl Decider<'_> {
    /// Counts an id inside a value.
    fn count(&mut self, id: i64, written: Written) {
        let text = id.to_string();
        let value = match written {
            Written::Number => ValueRef::Integer(id),
            Written::Text => ValueRef::Text(text.as_bytes()),
        };
        self.decide(value, ValueRef::Null);
    }

    /// What would be done with an id.
    fn would(&self, id: i64) -> Action {
        match self.class(ValueRef::Integer(id)) {
            Class::Id(id, _) => self.action_of(id),
            _ => Action::Leave,
        }
    }

    /// Counts something that is nearly a number.
    fn malformed(&mut self, value: &Value) {
        if let Value::Text(text) = value {
            self.decide(ValueRef::Text(text.as_bytes()), ValueRef::Null);
        }
    }
}

/// Refuses values that are too large to be read at all, before one is.
pub(super) fn readable(session: &Session, database: &Database, targets: &[Target]) -> Result<(), RemapError> {
    for target in targets.iter().filter(|t| t.inside.is_some()) {
        let table = &database.declared.tables[target.table];
        let column = &table.columns[target.column].name;
        // Only the length is read.
        let sql = format!("SELECT max(octet_length(t.{})) FROM {} AS t", quote(column), qualified(&database.schema, &table.name));
        let largest: Option<i64> = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
        let largest = largest.and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
        if largest > value::LARGEST {
            let place = format!("{}: sqlite:{}.{column}", database.name, table.name);
            return Err(RemapError::TooLarge { place, bytes: largest, limit: value::LARGEST });
        }
    }
    Ok(())
}
