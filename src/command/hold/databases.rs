//! The SQLite databases among an extension's files.

use camino::{Utf8Path, Utf8PathBuf};
use globset::Glob;

use super::{Found, told_of, undecided};
use crate::extension::Extension;
use crate::extension::source::FileId;
use crate::lint::held::{Held, Within};
use crate::lint::load::Loaded;
use crate::panel::Inventory;
use crate::reference::Place;
use crate::reference::manifest::{Entry, Manifest, Store};
use crate::remap::Stores;

/// Looks up what `whole` says of the databases. False: there is none.
pub(super) fn hold(loaded: &Loaded, whole: &Manifest, panel: &Inventory, held: &mut Held) -> bool {
    let extension = &loaded.extension;
    let files = (0u32..).map(FileId).zip(&extension.files);
    let databases: Vec<(FileId, &Utf8PathBuf)> = files.filter(|(_, f)| f.schema).map(|(id, f)| (id, &f.path)).collect();
    for &(file, name) in &databases {
        let Some(path) = on_disk(extension, name) else {
            held.notes.push(format!("{}: {name} was not held against {}: unpack the package first", extension.input, held.panel));
            continue;
        };
        for discovery in loaded.discoveries.iter().filter(|d| d.reference.kinds.len() > 1) {
            let Place::Column { table, column, .. } = &discovery.reference.place else { continue };
            if has(extension, file, table, column) {
                undecided(discovery, name.as_str(), held);
            }
        }
        let entries = whole.references.iter().filter_map(|e| of_database(extension, e, (file, name))).collect();
        let entries = told_of(entries, panel, path.as_str(), held);
        let folder = path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
        let found = Found::of(whole, &entries, folder, panel, Stores::default());
        found.add(held, (&Within::Database(name.clone()), path.as_str()), loaded);
    }
    !databases.is_empty()
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
