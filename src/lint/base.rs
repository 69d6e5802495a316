//! The settings of lint that extensions of one repository share: `[lint]` in the nearest `reguid.toml` in a folder above them.

use camino::{Utf8Path, Utf8PathBuf};

use super::load::MANIFEST;
use super::names;
use crate::extension::package;
use crate::reference::manifest::{Ignore, LintSettings, Manifest};

/// The largest manifest that is read.
const MAX_BYTES: u64 = 1 << 20;

/// What stands above an extension.
#[derive(Debug, Clone)]
pub struct Base {
    /// The manifest.
    pub path: Utf8PathBuf,
    /// Its settings. Their globs are from the folder that it lies in.
    pub lint: LintSettings,
    /// The extension's folder, from there.
    pub below: Utf8PathBuf,
}

impl Base {
    /// What stands above the extension in `root`, up to the repository's folder, if it is in one. `None`: nothing does.
    ///
    /// # Errors
    /// It cannot be read, or is wrong.
    pub fn above(root: &Utf8Path) -> miette::Result<Option<Base>> {
        let Ok(absolute) = root.canonicalize_utf8() else { return Ok(None) };
        let folders: Vec<&Utf8Path> = absolute.ancestors().collect();
        let depth = folders.iter().position(|folder| folder.join(".git").exists()).unwrap_or(folders.len() - 1);
        let above = folders.get(1..=depth).unwrap_or_default();
        // What lies in another extension is none of that one's.
        let Some(folder) = above.iter().find(|folder| folder.join(MANIFEST).is_file() || package::is_extension(folder)) else {
            return Ok(None);
        };
        let path = package::nearby(folder).join(MANIFEST);
        if package::is_extension(folder) || std::fs::metadata(&path).is_ok_and(|m| m.len() > MAX_BYTES) {
            return Ok(None);
        }
        let Ok(bytes) = std::fs::read(&path) else { return Ok(None) };
        let manifest = Manifest::from_bytes(&path, bytes, Some(&names::all()))?;
        let below = absolute.strip_prefix(folder).unwrap_or(&absolute).to_owned();
        Ok(Some(Base { path, lint: manifest.lint, below }))
    }

    /// A path in the extension as the globs see it.
    pub(super) fn path(&self, inside: &Utf8Path) -> Utf8PathBuf {
        self.below.join(inside)
    }

    /// Its `[[lint.ignore]]`.
    pub(super) fn ignores(&self) -> &[Ignore] {
        &self.lint.ignore
    }
}
