//! Holding the data of an extension against a panel, for lint: its databases, its settings, and the files in its var directory.

mod databases;
mod stores;
mod twins;

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::discover::{Discovery, entries};
use crate::lint::held::{Held, HeldPlace, Within, Wrong};
use crate::lint::load::Loaded;
use crate::panel::settings::Panel;
use crate::panel::source::{self, SourceError};
use crate::panel::{Inventory, Kind};
use crate::reference::manifest::merge::{self, Proposal};
use crate::reference::manifest::{Entry, Manifest, Store};
use crate::reference::{Confidence, Place};
use crate::remap::plan::Refused;
use crate::remap::resolve::{self, VerifiedPlace};
use crate::remap::{RemapError, Stores};
use crate::report::text::count;

/// As many places are named that could not be looked up for one reason.
const NAMED: usize = 5;

/// What data is held against.
#[derive(Debug)]
pub(super) struct Against {
    /// The panel's objects.
    pub(super) panel: Inventory,
    /// Where the panel keeps settings, if the source tells.
    settings: Option<Panel>,
}

impl Against {
    /// The panel that `word` names: an inventory source.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn named_by(word: &str) -> Result<Against, SourceError> {
        Ok(Against { panel: source::read(word)?.of_what_is_there(), settings: Panel::named_by(word)? })
    }
}

/// Looks the ids in the data of an extension up: what the manifest declares, and what was found.
pub(super) fn hold(loaded: &Loaded, against: &Against) -> Held {
    let Loaded { extension, manifest, discoveries, .. } = loaded;
    let panel = &against.panel;
    let mut held = Held { panel: panel.origin.source.clone(), ..Held::default() };
    let whole = match everything(discoveries, manifest.as_ref()) {
        Ok(whole) => whole,
        Err(error) => {
            held.notes.push(format!("{}: not held against {}: {error}", extension.input, held.panel));
            return held;
        }
    };
    let any = databases::hold(loaded, &whole, panel, &mut held) | stores::hold(loaded, &whole, against, &mut held);
    if !any {
        held.notes.push(format!("{}: no data to be held against {}", extension.input, held.panel));
        return held;
    }
    let ids = held.places.iter().map(|p| p.right + p.dangling.count + p.disagreeing.count).sum::<u64>();
    let (ids, places) = (usize::try_from(ids).unwrap_or(usize::MAX), held.places.len());
    held.notes.push(format!("{}: {} in {} looked up on {}", extension.input, count(ids, "id"), count(places, "place"), held.panel));
    held
}

/// The manifest with an entry for everything that was found, however sure that is.
fn everything(discoveries: &[Discovery], manifest: Option<&Manifest>) -> miette::Result<Manifest> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for discovery in discoveries {
        let mut sure = discovery.clone();
        sure.reference.confidence = sure.reference.confidence.max(Confidence::Likely);
        proposals.extend(entries::entry(&sure).filter(|p| manifest.is_none_or(|m| m.declared(&p.store).is_none())));
    }
    let merged = merge::merge(manifest, &proposals)?;
    let path = manifest.map_or(Utf8Path::new("reguid.toml"), |m| &m.path);
    Ok(Manifest::parse(path, &merged.text)?)
}

/// What looking entries up gave.
#[derive(Default)]
struct Found<'e> {
    places: Vec<(&'e Entry, VerifiedPlace)>,
    /// The entries that could not be looked up, each as a person finds it, by the reason.
    failed: BTreeMap<String, Vec<String>>,
}

impl<'e> Found<'e> {
    /// Looks entries up, together where that works and else one by one, so that one that cannot be worked with costs no other.
    fn of(whole: &Manifest, entries: &'e [Entry], folder: &Utf8Path, panel: &Inventory, stores: Stores<'_>) -> Found<'e> {
        let mut found = Found::default();
        let verify = |references: &[Entry]| {
            let manifest = Manifest { references: references.to_vec(), ..whole.clone() };
            resolve::verify_with(folder, &manifest, panel, stores)
        };
        if entries.is_empty() {
            return found;
        }
        match verify(entries) {
            Ok(verified) => {
                let of = |found: &VerifiedPlace| {
                    let exactly = entries.iter().find(|e| e.store.place() == found.place);
                    exactly.or_else(|| entries.iter().find(|e| is_of(e, &found.place)))
                };
                found.places.extend(verified.places.into_iter().filter_map(|place| Some((of(&place)?, place))));
                verified.not_verified.into_iter().for_each(|refused| found.refuse(refused));
            }
            Err(error) if entries.len() == 1 => found.fail(&entries[0], &error),
            Err(_) => {
                for entry in entries {
                    match verify(std::slice::from_ref(entry)) {
                        Ok(verified) => {
                            found.places.extend(verified.places.into_iter().map(|place| (entry, place)));
                            verified.not_verified.into_iter().for_each(|refused| found.refuse(refused));
                        }
                        Err(error) => found.fail(entry, &error),
                    }
                }
            }
        }
        found
    }

    fn refuse(&mut self, refused: Refused) {
        self.failed.entry(refused.reason).or_default().push(format!("`{}`", refused.place));
    }

    fn fail(&mut self, entry: &Entry, error: &RemapError) {
        self.failed.entry(error.to_string()).or_default().push(format!("`{}`", entry.store.place()));
    }

    /// Adds what was found `within` to `held`, and names what was not looked up; `at` is what a person calls it.
    fn add(self, held: &mut Held, (within, at): (&Within, &str), loaded: &Loaded) {
        for (entry, found) in self.places {
            if found.unparsable > 0 {
                let values = usize::try_from(found.unparsable).unwrap_or(usize::MAX);
                held.notes.push(format!("{at}: {} in `{}` cannot be looked into", count(values, "value"), found.place));
            }
            held.places.push(of_place(within, entry, found, loaded));
        }
        for (reason, places) in self.failed {
            held.notes.push(format!("{at}: {} not looked up: {reason}", were(&places)));
        }
    }
}

/// `a was`, `a and b were`, `a, b, c and 2 more were`.
fn were(places: &[String]) -> String {
    let (shown, more) = (&places[..places.len().min(NAMED)], places.len().saturating_sub(NAMED));
    match shown {
        [one] => format!("{one} was"),
        [first @ .., last] if more == 0 => format!("{} and {last} were", first.join(", ")),
        several => format!("{} and {more} more were", several.join(", ")),
    }
}

/// Whether an entry is about a place, or about the column of one.
fn is_of(entry: &Entry, place: &Place) -> bool {
    match (&entry.store, place) {
        (Store::Column { table, column, .. }, Place::Column { table: t, column: c, .. }) => {
            table.eq_ignore_ascii_case(t) && column.eq_ignore_ascii_case(c)
        }
        _ => entry.store.place() == *place,
    }
}

/// Of entries about `at`, those whose objects the panel tells of; the others are named.
fn told_of(entries: Vec<Entry>, panel: &Inventory, at: &str, held: &mut Held) -> Vec<Entry> {
    let (there, elsewhere): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|e| e.kind.is_none_or(|k| panel.carries(k)));
    for entry in elsewhere {
        let kind = entry.kind.map(Kind::name).unwrap_or_default();
        held.notes.push(format!("{at}: `{}` was not looked up: {} does not tell of {kind} objects", entry.store.place(), held.panel));
    }
    there
}

/// Names a place that holds ids of one of several kinds.
fn undecided(discovery: &Discovery, at: &str, held: &mut Held) {
    let kinds: Vec<&str> = discovery.reference.kinds.iter().map(|k| k.name()).collect();
    let place = &discovery.reference.place;
    held.notes.push(format!("{at}: `{place}` was not looked up: it holds ids of {}; declare it in reguid.toml", kinds.join(" or ")));
}

fn of_place(within: &Within, entry: &Entry, found: VerifiedPlace, loaded: &Loaded) -> HeldPlace {
    let declared = loaded.manifest.as_ref().and_then(|m| m.references.iter().find(|e| is_of(e, &found.place)));
    let confidence = match loaded.discoveries.iter().find(|d| d.reference.place == found.place) {
        _ if declared.is_some() => Confidence::Proven,
        Some(discovery) => discovery.reference.confidence,
        None => Confidence::Possible,
    };
    let (disagreeing, dangling) = found.samples.into_iter().partition(|sample| found.disagreements.contains(sample));
    HeldPlace {
        within: within.clone(),
        place: found.place,
        kind: found.kind,
        confidence,
        declared: declared.map(|e| e.span.clone()),
        twin: entry.twin.clone(),
        right: found.right,
        dangling: Wrong { count: found.dangling, samples: dangling },
        disagreeing: Wrong { count: found.disagreeing, samples: disagreeing },
    }
}
