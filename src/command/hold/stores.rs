//! An extension's settings in the panel's database, and the files in its var directory.

use camino::{Utf8Path, Utf8PathBuf};

use super::{Against, Found, told_of, twins, undecided};
use crate::discover::entries;
use crate::extension::Extension;
use crate::lint::held::{Held, Within};
use crate::lint::load::Loaded;
use crate::reference::manifest::{Entry, Manifest, Store};
use crate::remap::Stores;

/// The folder of a package that becomes the var directory.
const VAR: &str = "var";

/// What a package has and a var directory has not.
const OF_PACKAGES: [&str; 2] = ["meta.xml", "plib"];

/// Looks up what `whole` says of settings and files. False: it says nothing of them, or nothing that could be looked at.
pub(super) fn hold(loaded: &Loaded, whole: &Manifest, against: &Against, held: &mut Held) -> bool {
    let extension = &loaded.extension;
    if extension.is_file() {
        return false;
    }
    let at = extension.input.as_str();
    for discovery in loaded.discoveries.iter().filter(|d| d.reference.kinds.len() > 1 && entries::entry(d).is_none()) {
        if entries::store(&discovery.reference.place, None).is_some_and(|store| !matches!(store, Store::Column { .. })) {
            undecided(discovery, at, held);
        }
    }
    let (mut settings, mut files): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
    for entry in &whole.references {
        match entry.store {
            Store::Column { .. } => {}
            Store::SettingKey { .. } | Store::Setting { .. } | Store::ObjectSetting { .. } | Store::PanelColumn { .. } => {
                settings.push(entry.clone());
            }
            Store::File { .. } | Store::FileName { .. } => files.push(entry.clone()),
        }
    }
    let (settings, files) = (told_of(settings, &against.panel, at, held), told_of(files, &against.panel, at, held));
    let var = var_dir(extension);
    if !settings.is_empty() {
        let stores = Stores { panel: against.settings.as_ref(), module: extension.id.as_deref(), ..Stores::default() };
        // Nothing of settings is looked for in it, but that no run is half done.
        let folder = var.as_deref().or(extension.root.as_deref()).unwrap_or(Utf8Path::new("."));
        let first = held.places.len();
        Found::of(whole, &settings, folder, &against.panel, stores).add(held, (&Within::Settings, at), loaded);
        let module = extension.id.clone().or_else(|| folder.canonicalize_utf8().ok()?.file_name().map(str::to_owned));
        let wanted = module.zip(against.settings.as_ref()).filter(|_| held.places.len() > first && settings.iter().any(twins::has));
        let looked = wanted.map_or(Ok(()), |(module, panel)| match panel.read(&module)? {
            Some(mut session) => twins::in_settings(&mut session, &settings, &against.panel, &mut held.places[first..]),
            None => Ok(()),
        });
        if let Err(error) = looked {
            held.notes.push(format!("{at}: names beside ids in settings were not looked at: {error}"));
        }
    }
    if let Some(var) = var.as_deref().filter(|_| !files.is_empty()) {
        let found = Found::of(whole, &files, var, &against.panel, Stores::default());
        let name = extension.root.as_deref().and_then(|root| var.strip_prefix(root).ok()).unwrap_or(var);
        let first = held.places.len();
        found.add(held, (&Within::Files(name.to_owned()), var.as_str()), loaded);
        twins::in_files(var, &files, &against.panel, &mut held.places[first..]);
    } else if !files.is_empty() {
        held.notes.push(format!("{at}: no files were held against {}: there is no folder `{VAR}` here", held.panel));
    }
    !settings.is_empty() || !files.is_empty()
}

/// The var directory: that of the package, or what is linted itself, where it is one.
fn var_dir(extension: &Extension) -> Option<Utf8PathBuf> {
    let root = extension.root.as_ref()?;
    let of_package = root.join(VAR);
    if of_package.is_dir() {
        return Some(of_package);
    }
    let is_package = OF_PACKAGES.iter().any(|name| root.join(name).exists());
    (!is_package).then(|| root.clone())
}
