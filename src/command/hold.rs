//! Holding the data of an extension's databases against a panel, for lint.

use camino::{Utf8Path, Utf8PathBuf};
use globset::Glob;

use crate::discover::{Discovery, entries};
use crate::extension::Extension;
use crate::extension::source::FileId;
use crate::lint::held::{Held, HeldPlace, Wrong};
use crate::lint::load::Loaded;
use crate::panel::{Inventory, Kind};
use crate::reference::manifest::merge::{self, Proposal};
use crate::reference::manifest::{Entry, Manifest, Store};
use crate::reference::{Confidence, Place};
use crate::remap::resolve::{self, VerifiedPlace};
use crate::remap::{RemapError, Stores};
use crate::report::text::count;

/// Looks the ids in the databases of an extension up: what the manifest declares, and what was found.
pub(super) fn hold(loaded: &Loaded, panel: &Inventory) -> Held {
    let Loaded { extension, manifest, discoveries } = loaded;
    let mut held = Held { panel: panel.origin.source.clone(), ..Held::default() };
    let files = (0u32..).map(FileId).zip(&extension.files);
    let databases: Vec<(FileId, &Utf8PathBuf)> = files.filter(|(_, f)| f.schema).map(|(id, f)| (id, &f.path)).collect();
    if databases.is_empty() {
        held.notes.push(format!("{}: no database to be held against {}", extension.input, held.panel));
        return held;
    }
    let whole = match everything(discoveries, manifest.as_ref()) {
        Ok(whole) => whole,
        Err(error) => {
            held.notes.push(format!("{}: not held against {}: {error}", extension.input, held.panel));
            return held;
        }
    };
    for (file, name) in databases {
        let Some(path) = on_disk(extension, name) else {
            held.notes.push(format!("{}: {name} was not held against {}: unpack the package first", extension.input, held.panel));
            continue;
        };
        undecided(extension, discoveries, (file, name), &mut held);
        let entries = whole.references.iter().filter_map(|e| of_database(extension, e, (file, name)));
        let (there, elsewhere): (Vec<Entry>, Vec<Entry>) = entries.partition(|e| e.kind.is_none_or(|k| panel.carries(k)));
        for entry in elsewhere {
            let kind = entry.kind.map(Kind::name).unwrap_or_default();
            held.notes.push(format!("{path}: {} was not looked up: {} does not tell of {kind} objects", place(&entry.store), held.panel));
        }
        let (found, failed) = look_up(&whole, &there, &path, panel);
        held.places.extend(found.into_iter().map(|(entry, found)| of_place(name, entry, found, discoveries, manifest.as_ref())));
        let failed = failed.into_iter().map(|(entry, error)| format!("{path}: {} was not looked up: {error}", place(&entry.store)));
        held.notes.extend(failed);
    }
    let ids = held.places.iter().map(|p| p.right + p.dangling.count + p.disagreeing.count).sum::<u64>();
    let (ids, places) = (usize::try_from(ids).unwrap_or(usize::MAX), held.places.len());
    held.notes.push(format!("{}: {} in {} looked up on {}", extension.input, count(ids, "id"), count(places, "place"), held.panel));
    held
}

/// The manifest with an entry for everything that was found, however sure that is.
fn everything(discoveries: &[Discovery], manifest: Option<&Manifest>) -> miette::Result<Manifest> {
    let mut proposals: Vec<Proposal> = Vec::new();
    for discovery in discoveries.iter().filter(|d| matches!(d.reference.place, Place::Column { .. })) {
        let mut sure = discovery.clone();
        sure.reference.confidence = sure.reference.confidence.max(Confidence::Likely);
        proposals.extend(entries::entry(&sure).filter(|p| manifest.is_none_or(|m| m.declared(&p.store).is_none())));
    }
    let merged = merge::merge(manifest, &proposals)?;
    let path = manifest.map_or(Utf8Path::new("reguid.toml"), |m| &m.path);
    Ok(Manifest::parse(path, &merged.text)?)
}

/// The database's path on disk.
fn on_disk(extension: &Extension, name: &Utf8Path) -> Option<Utf8PathBuf> {
    if extension.is_file() {
        return Some(extension.input.clone());
    }
    extension.root.as_ref().map(|root| root.join(name)).filter(|path| path.is_file())
}

/// Whether the database declares the column.
fn has(extension: &Extension, file: FileId, table: &str, column: &str) -> bool {
    let tables = extension.tables.iter().filter(|t| t.span.file == file && t.name.eq_ignore_ascii_case(table));
    tables.into_iter().any(|t| t.columns.iter().any(|c| c.name.eq_ignore_ascii_case(column)))
}

/// The entry as one of this database alone, if it is about it.
fn of_database(extension: &Extension, entry: &Entry, (file, name): (FileId, &Utf8Path)) -> Option<Entry> {
    let Store::Column { database, table, column, path } = &entry.store else { return None };
    // An extension that is linted elsewhere than it runs has its databases where it likes.
    let names = [name, name.strip_prefix("var").unwrap_or(name), name.file_name().map_or(name, Utf8Path::new)];
    let glob = Glob::new(database).ok()?.compile_matcher();
    if !has(extension, file, table, column) || !names.iter().any(|name| glob.is_match(name)) {
        return None;
    }
    let database = globset::escape(name.file_name()?);
    let store = Store::Column { database, table: table.clone(), column: column.clone(), path: path.clone() };
    let twin = entry.twin.clone().filter(|twin| has(extension, file, table, twin));
    Some(Entry { store, twin, ..entry.clone() })
}

type Found<'e> = Vec<(&'e Entry, VerifiedPlace)>;
type Failures<'e> = Vec<(&'e Entry, RemapError)>;

/// Looks entries up, together where that works and else one by one, so that one that cannot be worked with costs no other.
fn look_up<'e>(whole: &Manifest, entries: &'e [Entry], path: &Utf8Path, panel: &Inventory) -> (Found<'e>, Failures<'e>) {
    let (mut found, mut failed) = (Vec::new(), Vec::new());
    if entries.is_empty() {
        return (found, failed);
    }
    let folder = path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let verify = |references: &[Entry]| {
        let manifest = Manifest { references: references.to_vec(), ..whole.clone() };
        resolve::verify_with(folder, &manifest, panel, Stores::default()).map(|verified| verified.places)
    };
    if let Ok(places) = verify(entries) {
        let of = |found: &VerifiedPlace| {
            let same =
                |e: &&Entry| matches!(&e.store, Store::Column { path: None, .. }) == is_whole(&found.place) && is_of(e, &found.place);
            entries.iter().find(same).or_else(|| entries.iter().find(|e| is_of(e, &found.place)))
        };
        found.extend(places.into_iter().filter_map(|place| Some((of(&place)?, place))));
        return (found, failed);
    }
    for entry in entries {
        match verify(std::slice::from_ref(entry)) {
            Ok(places) => found.extend(places.into_iter().map(|place| (entry, place))),
            Err(error) => failed.push((entry, error)),
        }
    }
    (found, failed)
}

/// Whether a place is all of a column's value.
fn is_whole(place: &Place) -> bool {
    matches!(place, Place::Column { path: None, .. })
}

/// Whether an entry is about the column of a place.
fn is_of(entry: &Entry, place: &Place) -> bool {
    match (&entry.store, place) {
        (Store::Column { table, column, .. }, Place::Column { table: t, column: c, .. }) => {
            table.eq_ignore_ascii_case(t) && column.eq_ignore_ascii_case(c)
        }
        _ => false,
    }
}

/// Names the places that hold ids of one of several kinds.
fn undecided(extension: &Extension, discoveries: &[Discovery], (file, name): (FileId, &Utf8Path), held: &mut Held) {
    for discovery in discoveries.iter().filter(|d| d.reference.kinds.len() > 1) {
        let Place::Column { table, column, .. } = &discovery.reference.place else { continue };
        if has(extension, file, table, column) {
            let kinds: Vec<&str> = discovery.reference.kinds.iter().map(|k| k.name()).collect();
            let place = &discovery.reference.place;
            held.notes
                .push(format!("{name}: `{place}` was not looked up: it holds ids of {}; declare it in reguid.toml", kinds.join(" or ")));
        }
    }
}

fn of_place(name: &Utf8Path, entry: &Entry, found: VerifiedPlace, discoveries: &[Discovery], manifest: Option<&Manifest>) -> HeldPlace {
    let declared = manifest.is_some_and(|m| m.references.iter().any(|e| is_of(e, &found.place)));
    let confidence = match discoveries.iter().find(|d| d.reference.place == found.place) {
        _ if declared => Confidence::Proven,
        Some(discovery) => discovery.reference.confidence,
        None => Confidence::Possible,
    };
    let (disagreeing, dangling) = found.samples.into_iter().partition(|sample| found.disagreements.contains(sample));
    HeldPlace {
        database: name.to_owned(),
        place: found.place,
        kind: found.kind,
        confidence,
        twin: entry.twin.clone(),
        right: found.right,
        dangling: Wrong { count: found.dangling, samples: dangling },
        disagreeing: Wrong { count: found.disagreeing, samples: disagreeing },
    }
}

/// The place of an entry, for a person.
fn place(store: &Store) -> String {
    match store.clone() {
        Store::Column { table, column, path, .. } => format!("`{}`", Place::Column { table, column, path }),
        _ => "a place".to_owned(),
    }
}
