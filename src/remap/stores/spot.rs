//! Ids in settings, in rows of the panel's database and in files: who decides about them, and what was seen.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::super::compute::{self, States};
use super::super::decide::{Action, Class, Decider, Fate as IdFate, FromRef, Policies};
use super::super::error::{ManifestMismatch, RemapError};
use super::super::plan::{PlacePlan, Plan, Problem, ProblemCode, Sample};
use super::super::sentinel::Sentinels;
use super::super::target;
use super::super::twin::Check;
use crate::panel::Kind;
use crate::reference::manifest::{Entry, Manifest, OnMissing, Store};
use crate::sqlite::{Value, ValueRef};
use crate::value::{self, Fate, Flaw, Found, Spot, SpotError, Spots, Written};

/// Changed ids shown for each place.
const SAMPLES: usize = 3;
/// Items named in a note.
const NAMED: usize = 5;

/// Decides about the ids of the manifest's settings, rows and files, and counts them.
pub(super) struct Judge<'a> {
    manifest: &'a Manifest,
    states: States<'a>,
    tags: Vec<Tag<'a>>,
    /// The tag of an entry's kind.
    tag_of: FxHashMap<(usize, Kind), u32>,
    /// Compiled spots, by the entries that they are of.
    spots: FxHashMap<Vec<usize>, Spots>,
    /// Whether an id was left although it means something else, or nothing, since this was last set.
    pub(super) left: bool,
    /// Whether a policy says of an id that what it names is to go, since this was last set.
    pub(super) goes: bool,
    /// What was seen at each entry.
    seen: BTreeMap<usize, Seen>,
}

/// The ids of one kind at one entry.
struct Tag<'a> {
    entry: usize,
    kind: Kind,
    decider: Decider<'a>,
    samples: Vec<Sample>,
}

/// What was seen at one entry, besides ids.
#[derive(Debug, Default)]
struct Seen {
    /// Names or values that were looked at.
    items: u64,
    null: u64,
    almost: u64,
    other: u64,
    ambiguous: u64,
    not_nulled: u64,
    /// Values that cannot be looked into, and the first of them.
    unreadable: (u64, Vec<String>),
    /// … that the panel alone can read.
    encrypted: (u64, Vec<String>),
    /// Keys or items that would be the same.
    collisions: Vec<String>,
    /// What is nearly a number, or fits two patterns: the first of it.
    odd: Vec<String>,
    /// Cells that are nearly numbers, and the first of them.
    malformed: (u64, Vec<String>),
    /// Rows whose twin speaks against their id, which stops the run or not.
    disagreeing: (u64, Vec<String>),
    disagreeing_left: (u64, Vec<String>),
}

/// What becomes of a cell that is an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// It stays.
    Stays,
    /// It becomes this id, or NULL.
    Becomes(Option<i64>),
    /// Its row goes.
    Goes,
}

/// Which store an entry is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Settings,
    /// Tables that the extension has in the panel's database.
    Panel,
    Files,
}

impl Sort {
    /// Its word in plans, in the place of a database's name.
    pub(super) fn word(self) -> &'static str {
        match self {
            Sort::Settings => "settings",
            Sort::Panel => "panel",
            Sort::Files => "files",
        }
    }
}

/// The store of an entry; `None`: a column.
pub(super) fn sort(entry: &Entry) -> Option<Sort> {
    match &entry.store {
        Store::Column { .. } => None,
        Store::SettingKey { .. } | Store::Setting { .. } | Store::ObjectSetting { .. } => Some(Sort::Settings),
        Store::PanelColumn { .. } => Some(Sort::Panel),
        Store::File { .. } | Store::FileName { .. } => Some(Sort::Files),
    }
}

/// Adds where the ids of an entry stand to `spots`. A file's name is judged step by step of its path: see the files' own module.
pub(super) fn add(spots: &mut Spots, entry: &Entry, tag: &mut dyn FnMut(Kind) -> u32) -> Result<(), SpotError> {
    match &entry.store {
        Store::SettingKey { pattern } => add_pattern(spots, pattern, tag),
        Store::FileName { .. } => Ok(()),
        _ => entry.add_to(spots, tag),
    }
}

/// Adds a pattern of names.
pub(super) fn add_pattern(spots: &mut Spots, pattern: &str, tag: &mut dyn FnMut(Kind) -> u32) -> Result<(), SpotError> {
    let tag = std::cell::RefCell::new(tag);
    spots.add(&Spot { pattern: Some(pattern), ..Spot::default() }, &|word| word.parse().ok().map(|kind| (tag.borrow_mut())(kind)))
}

impl<'a> Judge<'a> {
    /// A judge for the entries of `manifest`.
    pub(super) fn new(manifest: &'a Manifest, states: States<'a>) -> Judge<'a> {
        Judge {
            manifest,
            states,
            tags: Vec::new(),
            tag_of: FxHashMap::default(),
            spots: FxHashMap::default(),
            left: false,
            goes: false,
            seen: BTreeMap::new(),
        }
    }

    /// Takes note of an entry, so that the plan names it even where nothing is found.
    pub(super) fn know(&mut self, entry: usize) -> Result<(), RemapError> {
        self.seen.entry(entry).or_default();
        if !matches!(self.manifest.references[entry].store, Store::FileName { .. }) {
            self.compile(&[entry])?;
        }
        Ok(())
    }

    /// The tag of ids of `kind` at an entry.
    fn tag(&mut self, entry: usize, kind: Kind) -> u32 {
        if let Some(tag) = self.tag_of.get(&(entry, kind)) {
            return *tag;
        }
        let number = u32::try_from(self.tags.len()).unwrap_or(u32::MAX);
        let declared = &self.manifest.references[entry];
        // The twin is a column beside the cell, and asked for by whoever reads the row.
        let is_cell = sort(declared) == Some(Sort::Panel) && !declared.is_inside();
        let check = declared.twin.as_ref().filter(|_| is_cell).map(|_| Check::new(0, kind, self.states.old, self.states.new));
        let decider = Decider::new(kind, Policies::of(declared), Sentinels::of(declared), self.states.mapping, check);
        self.tags.push(Tag { entry, kind, decider, samples: Vec::new() });
        self.tag_of.insert((entry, kind), number);
        number
    }

    fn compile(&mut self, entries: &[usize]) -> Result<(), RemapError> {
        if self.spots.contains_key(entries) {
            return Ok(());
        }
        let mut spots = Spots::default();
        for &entry in entries {
            let declared = &self.manifest.references[entry];
            let added = add(&mut spots, declared, &mut |kind| self.tag(entry, kind));
            added.map_err(|error| unusable(self.manifest, declared, &error))?;
        }
        self.spots.insert(entries.to_vec(), spots);
        Ok(())
    }

    /// A pattern of an entry, compiled.
    pub(super) fn pattern(&mut self, entry: usize, pattern: &str) -> Result<Spots, RemapError> {
        let (mut spots, manifest) = (Spots::default(), self.manifest);
        let added = add_pattern(&mut spots, pattern, &mut |kind| self.tag(entry, kind));
        added.map_err(|error| unusable(manifest, &manifest.references[entry], &error)).map(|()| spots)
    }

    /// Looks into a value at the places of `entries`, and gives it as it will be; `None`: it stays. `item` names it for a person.
    pub(super) fn value(&mut self, entries: &[usize], value: &[u8], item: &str) -> Result<Option<Vec<u8>>, RemapError> {
        self.compile(entries)?;
        let spots = self.spots[entries].clone();
        Ok(self.rewrite(&spots, entries[0], value, item, true))
    }

    /// Decides about a cell that is an id, with the twin in its row. `item` names it for a person.
    pub(super) fn cell(&mut self, entry: usize, value: ValueRef<'_>, twin: ValueRef<'_>, item: &str) -> Cell {
        let declared = &self.manifest.references[entry];
        let Some(kind) = declared.kind else { return Cell::Stays };
        let number = self.tag(entry, kind);
        let Some(tag) = usize::try_from(number).ok().and_then(|n| self.tags.get_mut(n)) else { return Cell::Stays };
        let (action, disagrees) = tag.decider.decide(value, twin);
        let seen = self.seen.entry(entry).or_default();
        seen.items += 1;
        let (id, before) = match tag.decider.class(value) {
            Class::Id(id, _) => (Some(id), id.to_string()),
            Class::Malformed => {
                name(&mut seen.malformed, || format!("{item} ({})", compute::show(&Value::from_ref(value))));
                (None, String::new())
            }
            _ => (None, String::new()),
        };
        if let (true, Some(id)) = (disagrees, id) {
            let list = if action == Action::Stop { &mut seen.disagreeing } else { &mut seen.disagreeing_left };
            name(list, || format!("{item} is {}, beside {}", told(tag, self.states, id), compute::show(&Value::from_ref(twin))));
        }
        self.left |= disagrees || id.is_some_and(|id| tag.decider.was_left(id));
        let became = match action {
            Action::Set(new) => Cell::Becomes(Some(new)),
            Action::Null => Cell::Becomes(None),
            Action::Remove => return Cell::Goes,
            Action::Leave | Action::Rewrite | Action::Stop => return Cell::Stays,
        };
        if let (true, Cell::Becomes(after), Some(id)) = (tag.samples.len() < SAMPLES, became, id) {
            tag.samples.push(sample(tag, self.states, item, (id, before), after));
        }
        became
    }

    /// Counts a value that the panel alone can read.
    pub(super) fn encrypted(&mut self, entry: usize, item: &str) {
        let seen = self.seen.entry(entry).or_default();
        seen.items += 1;
        name(&mut seen.encrypted, || item.to_owned());
    }

    /// Counts a value that cannot be looked into.
    pub(super) fn unreadable(&mut self, entry: usize, item: &str, why: &str) {
        name(&mut self.seen.entry(entry).or_default().unreadable, || format!("{item} ({why})"));
    }

    /// A change of a line-based file keeps its lines: each is a value of its own.
    pub(super) fn lines(&mut self, entries: &[usize], text: &[u8], item: &str) -> Result<Option<Vec<u8>>, RemapError> {
        self.compile(entries)?;
        let spots = self.spots[entries].clone();
        self.seen.entry(entries[0]).or_default().items += 1;
        let mut out: Option<Vec<u8>> = None;
        let mut done = 0;
        for (n, line) in text.split_inclusive(|b| *b == b'\n').enumerate() {
            let at = done;
            done += line.len();
            let bare = line.strip_suffix(b"\n").unwrap_or(line);
            let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
            let became = self.rewrite(&spots, entries[0], bare, &format!("{item} line {}", n + 1), false);
            if let Some(became) = became {
                let out = out.get_or_insert_with(|| text[..at].to_vec());
                out.extend_from_slice(&became);
                out.extend_from_slice(&line[bare.len()..]);
            } else if let Some(out) = &mut out {
                out.extend_from_slice(line);
            }
        }
        Ok(out)
    }

    fn rewrite(&mut self, spots: &Spots, entry: usize, value: &[u8], item: &str, counted: bool) -> Option<Vec<u8>> {
        let (tags, states) = (&mut self.tags, self.states);
        let marks = &mut (self.left, self.goes);
        let rewritten = value::rewrite(value, spots, &mut |found| decide(tags, states, found, (item, marks)));
        (self.left, self.goes) = *marks;
        let seen = self.seen.entry(entry).or_default();
        seen.items += u64::from(counted);
        match rewritten {
            Err(Flaw { what: value::FlawKind::NoDocument, .. }) if value.trim_ascii().is_empty() => None,
            Err(flaw) => {
                name(&mut seen.unreadable, || format!("{item} ({flaw})"));
                None
            }
            Ok(rewritten) => {
                let odd = &rewritten.odd;
                seen.null += odd.null;
                seen.almost += odd.almost;
                seen.other += odd.other + odd.unparsable;
                seen.ambiguous += odd.ambiguous;
                seen.not_nulled += rewritten.not_nulled;
                if odd.almost + odd.ambiguous > 0 {
                    let room = NAMED.saturating_sub(seen.odd.len());
                    let telling = odd.samples.iter().filter(|o| matches!(o.what, value::OddKind::Almost | value::OddKind::Ambiguous));
                    seen.odd.extend(telling.take(room).map(|o| format!("{item}: {}", o.text)));
                }
                if !rewritten.collisions.is_empty() {
                    let list: Vec<String> = rewritten
                        .collisions
                        .iter()
                        .take(NAMED)
                        .map(|c| format!("{} and {} would both be {}", c.before.0, c.before.1, c.key))
                        .collect();
                    seen.collisions.push(format!("{item}: {}", list.join("; ")));
                }
                matches!(rewritten.bytes, std::borrow::Cow::Owned(_)).then(|| rewritten.bytes.into_owned())
            }
        }
    }

    /// Adds the places, with what stops a fix at them, to `plan`.
    pub(super) fn finish(mut self, plan: &mut Plan, strict: bool) {
        // The first place of each entry.
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for tag in std::mem::take(&mut self.tags) {
            first.entry(tag.entry).or_insert(plan.places.len());
            let entry = &self.manifest.references[tag.entry];
            let empty = Seen::default();
            let seen = self.seen.get(&tag.entry).unwrap_or(&empty);
            let place = describe(entry, &tag, seen, self.states);
            compute::uncertain(plan, &place, &tag.decider, self.states);
            plan.places.push(place);
        }
        for (index, seen) in &self.seen {
            let unparsable = seen.unreadable.0 + seen.encrypted.0;
            plan.summary.unparsable += unparsable;
            if let Some(place) = first.get(index).and_then(|at| plan.places.get_mut(*at)) {
                place.unparsable = unparsable;
            }
            let entry = &self.manifest.references[*index];
            let what = format!("{}: {}", sort(entry).map_or("", Sort::word), entry.store.place());
            let mut problem = |code, rows, message| {
                let (database, place) = (sort(entry).map_or("", Sort::word).to_owned(), entry.store.place().to_string());
                plan.problems.push(Problem { code, database, place, rows, message });
            };
            if !seen.collisions.is_empty() {
                let list = seen.collisions.iter().take(NAMED).cloned().collect::<Vec<_>>().join("; ");
                problem(ProblemCode::Collision, seen.collisions.len() as u64, format!("keys would be the same: {list}"));
            }
            if seen.not_nulled > 0 {
                let message = "a policy says \"null\", and a name, a key or a part of a text cannot be null".to_owned();
                problem(ProblemCode::NotNull, seen.not_nulled, message);
            }
            if seen.ambiguous > 0 {
                problem(ProblemCode::FitsTwice, seen.ambiguous, format!("texts that fit in two ways: {}", seen.odd.join("; ")));
            }
            for ((count, list), why) in
                [(&seen.unreadable, "cannot be looked into"), (&seen.encrypted, "are encrypted: the panel alone can read them")]
            {
                if *count == 0 {
                    continue;
                }
                let more = if *count > list.len() as u64 { "; …" } else { "" };
                let message = format!("{count} values {why}: {}{more}", list.join("; "));
                if strict {
                    problem(ProblemCode::Unparsable, *count, message);
                } else {
                    plan.notes.push(format!("{what}: {message}. They are left as they are"));
                }
            }
            for ((count, list), code, why) in [
                (&seen.malformed, ProblemCode::Malformed, "nearly numbers, and no ids as a program writes them"),
                (&seen.disagreeing, ProblemCode::TwinDisagrees, "ids and twins disagree"),
            ] {
                if *count == 0 {
                    continue;
                }
                let more = if *count > list.len() as u64 { "; …" } else { "" };
                let message = format!("{why}: {}{more}", list.join("; "));
                if code == ProblemCode::Malformed && entry.on_missing == OnMissing::Keep {
                    plan.notes.push(format!("{what}: {message}. They are left as they are"));
                } else {
                    problem(code, *count, message);
                }
            }
            if seen.disagreeing_left.0 > 0 {
                let (count, list) = &seen.disagreeing_left;
                let more = if *count > list.len() as u64 { "; …" } else { "" };
                plan.notes.push(format!("{what}: ids and twins disagree, and the rows are left as they are: {}{more}", list.join("; ")));
            }
            if seen.almost > 0 {
                plan.notes.push(format!("{what}: {} texts are nearly numbers, and left as they are: {}", seen.almost, seen.odd.join("; ")));
            }
        }
    }
}

/// Counts, and keeps the first few names.
fn name(list: &mut (u64, Vec<String>), item: impl FnOnce() -> String) {
    list.0 += 1;
    if list.1.len() < NAMED {
        list.1.push(item());
    }
}

/// What becomes of an id. Beside the item's name is noted whether it is left so although it means something else, and whether the item goes because of it.
fn decide(tags: &mut [Tag<'_>], states: States<'_>, found: &Found<'_>, (item, marks): (&str, &mut (bool, bool))) -> Fate {
    let Some(tag) = tags.get_mut(usize::try_from(found.tag).unwrap_or(usize::MAX)) else { return Fate::Keep };
    let text;
    let value = match found.written {
        Written::Number => ValueRef::Integer(found.id),
        Written::Text => {
            text = found.id.to_string();
            ValueRef::Text(text.as_bytes())
        }
    };
    let (action, _) = tag.decider.decide(value, ValueRef::Null);
    marks.0 |= tag.decider.was_left(found.id);
    marks.1 |= action == Action::Remove;
    let (fate, after) = match action {
        Action::Set(new) => (Fate::Set(new), Some(new)),
        Action::Null => (Fate::Null, None),
        Action::Leave | Action::Remove | Action::Rewrite | Action::Stop => return Fate::Keep,
    };
    if tag.samples.len() < SAMPLES {
        let path = found.path.to_string();
        let at = if path.len() > 1 { format!("{item} {path}") } else { item.to_owned() };
        tag.samples.push(sample(tag, states, &at, (found.id, found.id.to_string()), after));
    }
    fate
}

/// A changed id for a person: where it stands, what it was and what it becomes.
fn sample(tag: &Tag<'_>, states: States<'_>, at: &str, (id, before): (i64, String), after: Option<i64>) -> Sample {
    let named = |inventory: &crate::panel::Inventory, id| inventory.get(tag.kind, id).map(|o| o.name.to_string()).unwrap_or_default();
    Sample {
        row: at.to_owned(),
        before,
        before_name: named(states.old, id),
        after: after.map_or_else(|| compute::show(&Value::Null), |id| id.to_string()),
        after_name: after.map(|id| named(states.new, id)).unwrap_or_default(),
    }
}

/// What an id meant, for a person.
fn told(tag: &Tag<'_>, states: States<'_>, id: i64) -> String {
    states.old.get(tag.kind, id).map_or_else(|| format!("{} {id} (unknown)", tag.kind), crate::panel::Object::label)
}

fn describe(entry: &Entry, tag: &Tag<'_>, seen: &Seen, states: States<'_>) -> PlacePlan {
    let sum = |wanted: fn(&IdFate) -> bool| tag.decider.seen.iter().filter(|s| wanted(&s.fate)).map(|s| s.rows).sum();
    PlacePlan {
        database: sort(entry).map_or("", Sort::word).to_owned(),
        place: entry.store.place(),
        kind: tag.kind,
        on_missing: entry.on_missing,
        on_conflict: entry.on_uncertain.conflict,
        on_ambiguous: entry.on_uncertain.ambiguous,
        on_disagree: entry.on_uncertain.disagree,
        implied_by: None,
        rows: seen.items,
        changed: sum(|f| matches!(f, IdFate::Changed { .. })),
        unchanged: sum(|f| matches!(f, IdFate::Unchanged)),
        missing: sum(|f| matches!(f, IdFate::Missing | IdFate::Unknown)),
        ambiguous: sum(|f| {
            matches!(f, IdFate::Ambiguous { .. } | IdFate::Conflict { .. } | IdFate::NameOnly { .. } | IdFate::Moved { .. })
        }),
        disagreeing: sum(IdFate::disagrees),
        malformed: seen.almost + seen.ambiguous + tag.decider.counts.malformed,
        unparsable: 0,
        null: seen.null + tag.decider.counts.null,
        sentinel: tag.decider.counts.sentinel,
        not_an_id: seen.other + tag.decider.counts.not_an_id,
        samples: tag.samples.clone(),
        values: compute::values(&tag.decider, states),
    }
}

impl Judge<'_> {
    /// Looks into a name for the pattern of an entry. `None`: it does not fit, and is not the entry's. Inside, the name as it will be; `None`: it stays.
    #[allow(clippy::option_option, reason = "whether it fits, and what it becomes, are two questions")]
    pub(super) fn name(&mut self, entry: usize, text: &[u8], item: &str) -> Result<Option<Option<Vec<u8>>>, RemapError> {
        self.compile(&[entry])?;
        let spots = self.spots[&vec![entry]].clone();
        Ok(fits(&spots, text).then(|| self.rewrite(&spots, entry, text, item, true)))
    }

    /// A name that fits `spots`, which are an entry's own, as it will be; `None`: it stays.
    pub(super) fn step(&mut self, spots: &Spots, entry: usize, text: &[u8], item: &str) -> Option<Vec<u8>> {
        self.rewrite(spots, entry, text, item, true)
    }

    /// Looks into a document, or into one that each line is.
    pub(super) fn document(&mut self, entries: &[usize], text: &[u8], item: &str) -> Result<Option<Vec<u8>>, RemapError> {
        self.compile(entries)?;
        if by_lines(&self.spots[entries], text) { self.lines(entries, text, item) } else { self.value(entries, text, item) }
    }
}

/// Whether a text is no document, and each of its lines is one.
pub(super) fn by_lines(spots: &Spots, text: &[u8]) -> bool {
    let first = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let reads = |text: &[u8]| value::find(text, spots, &mut |_| {}).is_ok();
    first.len() < text.len() && !first.trim_ascii().is_empty() && !reads(text) && reads(first)
}

/// The error of an entry that declares no usable spot.
pub(super) fn unusable(manifest: &Manifest, entry: &Entry, error: &SpotError) -> RemapError {
    let message = format!("{}: {error}", target::place(entry));
    ManifestMismatch::at(manifest, entry.span.clone(), message, "this entry", "", std::iter::empty())
}

/// Whether a text is one that spots of a pattern are about.
pub(super) fn fits(spots: &Spots, text: &[u8]) -> bool {
    value::find(text, spots, &mut |_| {}).is_ok_and(|r| r.found > 0 || r.odd.ambiguous > 0)
}
