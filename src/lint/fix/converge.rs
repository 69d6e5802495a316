//! Applying the fixes of a whole extension, in memory: what one round leaves, or makes possible, the next one mends, until there is nothing more to do.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;

use super::super::Linted;
use super::{Change, Edit, Fix, Safety, apply, conflict};
use crate::extension::package::Package;
use crate::reference::manifest::{Manifest, merge};

/// After this many rounds, fixes are taken to undo each other. Two rules of one comment need two.
pub const MOST_ROUNDS: usize = 20;

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Which {
    /// Those that a person should look at, too.
    pub unsafe_too: bool,
}

/// An extension with its fixes applied, in memory.
#[derive(Debug)]
pub struct Converged {
    /// What is found in it now.
    pub linted: Linted,
    /// The files that changed, by path.
    pub changed: BTreeMap<Utf8PathBuf, ChangedFile>,
    /// How many fixes were applied.
    pub applied: usize,
    /// Files in which fixes were left out, because the file would not have been read to its end with them.
    pub spared: BTreeSet<Utf8PathBuf>,
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedFile {
    /// What was in it; `None` where there was none.
    pub before: Option<Vec<u8>>,
    /// What is.
    pub after: Vec<u8>,
}

/// Fixes went wrong. Nothing was written.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum FixError {
    /// They do not come to an end.
    #[error("the fixes undo each other; nothing was written")]
    #[diagnostic(help("please report this, with the extension"))]
    Endless,
    /// The manifest cannot take the new entries.
    #[error("the new entries do not fit into reguid.toml; nothing was written")]
    Manifest(#[source] merge::MergeError),
}

impl Which {
    fn fits(self, fix: &Fix) -> bool {
        match fix.safety {
            Safety::Safe => true,
            Safety::Unsafe => self.unsafe_too,
            Safety::DisplayOnly => false,
        }
    }
}

/// Applies the fixes of the extension in `package`, in its overlay; `lint` reads and judges it.
///
/// # Errors
/// When it cannot be read or judged, or with a [`FixError`].
pub fn converge(
    package: &mut Package,
    which: Which,
    lint: &mut dyn FnMut(&Package) -> miette::Result<Linted>,
) -> miette::Result<Converged> {
    let mut linted = lint(package)?;
    let mut changed: BTreeMap<Utf8PathBuf, ChangedFile> = BTreeMap::new();
    let mut applied = 0;
    // Files that unsafe fixes damage, and those that any do.
    let (mut careful, mut spared) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..MOST_ROUNDS {
        let (files, count) = round(&linted, which, &careful, &spared)?;
        if count == 0 {
            spared.append(&mut careful);
            return Ok(Converged { linted, changed, applied, spared });
        }
        files.iter().for_each(|(path, after)| package.put(path.clone(), Some(after.clone())));
        let after = lint(package)?;
        let flaws = |linted: &Linted, path: &Utf8Path| linted.extension.unreadable.iter().filter(|u| u.path == path).count();
        let damaged: Vec<&Utf8PathBuf> = files.keys().filter(|path| flaws(&after, path) > flaws(&linted, path)).collect();
        if !damaged.is_empty() {
            // The whole round is taken back: what else it did may rest on what is left out.
            files.keys().for_each(|path| restore(package, &linted, path));
            for path in damaged {
                if !careful.insert(path.clone()) {
                    spared.insert(path.clone());
                }
            }
            continue;
        }
        applied += count;
        for (path, text) in files {
            let before = original(&linted, &path);
            changed.entry(path).and_modify(|c| c.after.clone_from(&text)).or_insert(ChangedFile { before, after: text });
        }
        linted = after;
    }
    Err(FixError::Endless.into())
}

/// Shows a file again as it was when `linted` was read.
fn restore(package: &mut Package, linted: &Linted, path: &Utf8Path) {
    package.put(path.to_owned(), original(linted, path));
}

/// What a file holds now.
fn original(linted: &Linted, path: &Utf8Path) -> Option<Vec<u8>> {
    linted.extension.files.iter().find(|f| f.path == path && !f.schema).map(|f| f.bytes.clone())
}

/// The files after one round of fixes that do not conflict, and how many fixes that are. Files to be `careful` with get safe ones only, and those to be
/// `spared` none.
fn round(
    linted: &Linted,
    which: Which,
    careful: &BTreeSet<Utf8PathBuf>,
    spared: &BTreeSet<Utf8PathBuf>,
) -> Result<(BTreeMap<Utf8PathBuf, Vec<u8>>, usize), FixError> {
    let touches = |fix: &Fix, files: &BTreeSet<Utf8PathBuf>| !files.is_empty() && fix.edits().iter().any(|e| files.contains(&e.path));
    let fits = |fix: &&Fix| which.fits(fix) && !touches(fix, spared) && (fix.safety == Safety::Safe || !touches(fix, careful));
    let fitting = linted.findings.iter().filter(|f| f.counts()).filter_map(|f| linted.fixes(f).iter().find(fits));
    let mut edits: BTreeMap<Utf8PathBuf, Taken<'_>> = BTreeMap::new();
    let mut proposals = Vec::new();
    let mut count = 0;
    for fix in fitting {
        match &fix.change {
            Change::Declare { proposal, .. } => proposals.push((**proposal).clone()),
            Change::Edits(own) => {
                let free = own.iter().all(|edit| edits.get(&edit.path).is_none_or(|taken| taken.frees(edit)));
                if free {
                    own.iter().for_each(|edit| edits.entry(edit.path.clone()).or_default().take(edit));
                    count += 1;
                }
            }
            Change::Show(_) => {}
        }
    }
    let manifest_path = Utf8Path::new("reguid.toml");
    let mut files: BTreeMap<Utf8PathBuf, Vec<u8>> = BTreeMap::new();
    for (path, taken) in &edits {
        let bytes = original(linted, path).unwrap_or_default();
        files.insert(path.clone(), apply(&bytes, &taken.edits));
    }
    // Entries are added to what the edits left, in the next round.
    if !proposals.is_empty() && !files.contains_key(manifest_path) {
        let text = original(linted, manifest_path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let manifest = text.map(|text| Manifest::parse(manifest_path, &text)).transpose();
        let manifest = manifest.map_err(|e| FixError::Manifest(merge::MergeError::Invalid(Box::new(e))))?;
        let merged = merge::merge(manifest.as_ref(), &proposals).map_err(FixError::Manifest)?;
        if merged.added > 0 {
            count += merged.added;
            files.insert(manifest_path.to_owned(), merged.text.into_bytes());
        }
    }
    Ok((files, count))
}

/// The edits of one file that were taken.
#[derive(Default)]
struct Taken<'a> {
    edits: Vec<&'a Edit>,
    /// Where the last of them ends.
    end: usize,
}

impl<'a> Taken<'a> {
    /// Whether an edit touches none of them. Most come in the order of their places.
    fn frees(&self, edit: &Edit) -> bool {
        self.edits.is_empty()
            || edit.range.start > self.end
            || !self.edits.iter().any(|other| conflict(std::slice::from_ref(edit), std::slice::from_ref(*other)))
    }

    fn take(&mut self, edit: &'a Edit) {
        self.end = self.end.max(edit.range.end);
        self.edits.push(edit);
    }
}
