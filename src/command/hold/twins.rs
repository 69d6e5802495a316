//! Names and GUIDs beside ids inside documents: in the values of settings, and in files. What a column beside an id is to a row, a member beside it is to
//! its object.

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::{Map, Value};

use crate::lint::held::HeldPlace;
use crate::panel::catalogue;
use crate::panel::mapping::{normal, normal_name};
use crate::panel::settings::Session;
use crate::panel::source::SourceError;
use crate::panel::{Guid, Inventory, Kind, Object};
use crate::reference::manifest::{Entry, Store, names};
use crate::value::{self, Spots};

/// Wrong ids that are shown for each place.
const SAMPLES: usize = 10;

/// Folders in folders, at most: a var directory has few.
const DEEPEST: usize = 16;

/// An id beside which another object is named.
struct Mismatch {
    kind: Kind,
    /// The member that names it.
    twin: String,
    /// The id and what stands beside it, for a person.
    text: String,
}

/// Whether the ids of an entry about settings stand in documents.
pub(super) fn has(entry: &Entry) -> bool {
    named(entry).is_some()
}

/// Looks for them in the settings of `session`, and tells the places that hold them.
///
/// # Errors
/// The panel's database cannot be read.
pub(super) fn in_settings(
    session: &mut Session,
    entries: &[Entry],
    panel: &Inventory,
    places: &mut [HeldPlace],
) -> Result<(), SourceError> {
    let mut owners: Vec<Option<Kind>> = entries.iter().filter_map(|e| named(e).map(|(of, _)| of)).collect();
    owners.sort_unstable();
    owners.dedup();
    for owner in owners {
        // A panel without such settings was told when the ids were looked up.
        if session.store(owner).is_err() {
            continue;
        }
        session.each(owner, |setting| {
            for entry in entries {
                let Some((of, pattern)) = named(entry) else { continue };
                if of == owner && names::fits(pattern, &setting.name) {
                    let name = String::from_utf8_lossy(&setting.name);
                    let item = owner.map_or_else(|| name.to_string(), |kind| format!("{kind} {}: {name}", setting.owner));
                    tell(entry, setting.value.as_deref().unwrap_or_default(), &item, panel, places);
                }
            }
        })?;
    }
    Ok(())
}

/// Looks for them in the files below `var`.
pub(super) fn in_files(var: &Utf8Path, entries: &[Entry], panel: &Inventory, places: &mut [HeldPlace]) {
    let globs = entries.iter().filter_map(|entry| match &entry.store {
        Store::File { glob, path: Some(_) } => Some((names::glob(glob).ok()?, entry)),
        _ => None,
    });
    let globs: Vec<_> = globs.collect();
    if globs.is_empty() {
        return;
    }
    let mut files = Vec::new();
    list(var, DEEPEST, &mut files);
    for path in files {
        let name = path.strip_prefix(var).unwrap_or(&path);
        for (_, entry) in globs.iter().filter(|(glob, _)| glob.is_match(name)) {
            // What is too large or cannot be read was counted when the ids were looked up.
            let small = path.metadata().is_ok_and(|m| m.len() <= value::LARGEST as u64);
            if let Some(text) = small.then(|| std::fs::read(&path).ok()).flatten() {
                tell(entry, &text, name.as_str(), panel, places);
            }
        }
    }
}

/// The files below a folder, in order; links are not followed.
fn list(folder: &Utf8Path, deepest: usize, files: &mut Vec<Utf8PathBuf>) {
    let mut entries: Vec<_> = folder.read_dir_utf8().into_iter().flatten().flatten().collect();
    entries.sort_by(|a, b| a.file_name().cmp(b.file_name()));
    for entry in entries {
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && deepest > 0 => list(entry.path(), deepest - 1, files),
            Ok(kind) if kind.is_file() => files.push(entry.path().to_owned()),
            _ => {}
        }
    }
}

/// Whose settings an entry looks into, and the pattern of their names.
fn named(entry: &Entry) -> Option<(Option<Kind>, &str)> {
    match &entry.store {
        Store::Setting { name, path: Some(_) } => Some((None, name)),
        Store::ObjectSetting { of, name, path: Some(_) } => Some((Some(*of), name)),
        _ => None,
    }
}

/// Moves what stands beside another name in a document from the ids that are right to those that are not.
fn tell(entry: &Entry, text: &[u8], item: &str, panel: &Inventory, places: &mut [HeldPlace]) {
    for mismatch in mismatches(entry, text, item, panel) {
        let is_it = |held: &&mut HeldPlace| held.kind == mismatch.kind && held.place == entry.store.place() && held.right > 0;
        let Some(held) = places.iter_mut().find(is_it) else { continue };
        held.right -= 1;
        held.disagreeing.count += 1;
        held.twin.get_or_insert(mismatch.twin);
        if held.disagreeing.samples.len() < SAMPLES {
            held.disagreeing.samples.push(mismatch.text);
        }
    }
}

/// The ids in a JSON text beside which a member of the same object names another object.
fn mismatches(entry: &Entry, text: &[u8], item: &str, panel: &Inventory) -> Vec<Mismatch> {
    let Ok(document) = serde_json::from_slice::<Value>(text) else { return Vec::new() };
    let (mut spots, mut kinds, mut found) = (Spots::default(), Vec::new(), Vec::new());
    let mut tag = |kind: Kind| {
        kinds.push(kind);
        u32::try_from(kinds.len() - 1).unwrap_or(u32::MAX)
    };
    if entry.add_to(&mut spots, &mut tag).is_err() {
        return Vec::new();
    }
    let looked = value::find(text, &spots, &mut |id| found.push((id.tag, id.id, id.path.to_string())));
    if looked.is_err() {
        return Vec::new();
    }
    let of = |(tag, id, path): (u32, i64, String)| {
        let kind = *kinds.get(usize::try_from(tag).ok()?)?;
        let object = panel.get(kind, id)?;
        let (members, key) = around(&document, &path)?;
        let differs = |(name, value): (&String, &Value)| {
            let says = value.as_str().filter(|says| !says.is_empty() && name != key)?;
            differs(object, kind, name, says).then(|| (name.clone(), says.to_owned()))
        };
        let (twin, says) = members.iter().find_map(differs)?;
        let text = format!("{item} {path}: {kind} {id} ({}), while {twin} says '{says}'", object.name);
        Some(Mismatch { kind, twin, text })
    };
    found.into_iter().filter_map(of).collect()
}

/// Whether a member of that name holds the name or the GUID of an object of the kind, and of another one than this.
fn differs(object: &Object, kind: Kind, name: &str, says: &str) -> bool {
    if catalogue::guid_columns(name).contains(&kind) {
        return Guid::parse(says.as_bytes()).is_some_and(|guid| object.guid.is_some_and(|own| own != guid));
    }
    catalogue::key_columns(name).contains(&kind) && normal(says) != normal_name(object)
}

/// The object of a document that a path leads into, and the key that it ends with: `$.items[3].domainId`. `None`: it ends with no key, or leads through
/// a text.
fn around<'d, 'p>(document: &'d Value, path: &'p str) -> Option<(&'d Map<String, Value>, &'p str)> {
    let mut value = document;
    let mut rest = path.strip_prefix('$')?;
    loop {
        let (step, after) = if let Some(key) = rest.strip_prefix('.') {
            key.split_at(key.find(['.', '[']).unwrap_or(key.len()))
        } else {
            let (step, after) = rest.strip_prefix('[')?.split_once(']')?;
            // Keys of other characters are quoted; one that is escaped is no name of a panel's object.
            (step.strip_prefix('"').and_then(|s| s.strip_suffix('"')).filter(|s| !s.contains('\\')).unwrap_or(step), after)
        };
        match value {
            Value::Object(members) if after.is_empty() => return Some((members, step)),
            Value::Object(members) => value = members.get(step)?,
            Value::Array(items) => value = items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_around_an_id_is_found() {
        let document = serde_json::json!({"items": [{"domainId": 5, "domain": "a"}], "x y": {"id": 1}, "text": "{\"id\":1}"});
        for (path, key) in [
            ("$.items[0].domainId", Some("domainId")),
            ("$[\"x y\"].id", Some("id")),
            ("$.items[0]", None),
            ("$.text.id", None),
            ("$", None),
        ] {
            assert_eq!(around(&document, path).map(|(_, key)| key), key, "{path}");
        }
    }
}
