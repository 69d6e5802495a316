//! From a package to findings: reading, discovering, judging.

use camino::Utf8Path;

use super::base::Base;
use super::{Linted, Settings, lint_loaded, names};
use crate::discover::{Discovery, discover_on};
use crate::extension::package::{self, Package};
use crate::extension::{Extension, Progress, ReadSettings};
use crate::reference::manifest::Manifest;

/// The manifest's name, at the extension's root.
pub const MANIFEST: &str = "reguid.toml";

/// Larger files are not parsed, and are told as unreadable: a parser's memory grows with the file.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// How packages are read.
#[derive(Clone, Copy, Default)]
pub struct Reading<'p> {
    /// Whether vendored files are read too.
    pub include_vendored: bool,
    /// Worker threads; 0 for one a core.
    pub jobs: usize,
    /// Told after each file.
    pub progress: Option<Progress<'p>>,
}

/// An extension as read.
pub struct Loaded {
    /// The extension.
    pub extension: Extension,
    /// Its manifest.
    pub manifest: Option<Manifest>,
    /// What stands above it.
    pub base: Option<Base>,
    /// The references in it.
    pub discoveries: Vec<Discovery>,
}

/// Reads a package with its manifest, and finds the references in it.
///
/// # Errors
/// When it cannot be read, or its manifest is wrong.
pub fn load(package: &Package, reading: Reading<'_>) -> miette::Result<Loaded> {
    let manifest = manifest(package)?;
    // For a file that is given alone, its extension's settings hold. What the manifest declares is of the whole.
    let enclosing = package.enclosing().map(|root| self::manifest(&package::find(root)?)).transpose()?.flatten();
    let exclude = enclosing.as_ref().or(manifest.as_ref()).map(|m| m.lint.exclude.clone());
    let above = package.enclosing().or(package.root()).map(Base::above).transpose()?.flatten();
    let exclude_above = above.as_ref().map(|base| (base.below.clone(), base.lint.exclude.clone()));
    let alone = enclosing.map(|manifest| {
        let below = package.place().and_then(Utf8Path::parent).unwrap_or(Utf8Path::new("")).to_owned();
        Base { path: manifest.path, lint: manifest.lint, below }
    });
    let base = alone.or(above.filter(|_| package.enclosing().is_none()));
    let settings = ReadSettings {
        exclude: exclude.unwrap_or_default(),
        exclude_above,
        include_vendored: reading.include_vendored,
        jobs: reading.jobs,
        max_file_bytes: MAX_FILE_BYTES,
        progress: reading.progress,
    };
    let extension = Extension::read(package, &settings)?;
    let discoveries = discover_on(&extension, reading.jobs);
    Ok(Loaded { extension, manifest, base, discoveries })
}

/// Reads a package and judges it.
///
/// # Errors
/// As [`load`].
pub fn lint_package(package: &Package, reading: Reading<'_>, settings: &Settings) -> miette::Result<Linted> {
    Ok(lint_loaded(load(package, reading)?, settings, None))
}

fn manifest(package: &Package) -> miette::Result<Option<Manifest>> {
    // In a package too, the path leads to the file for a person who looks for it.
    let path = package.root().unwrap_or(package.input()).join(MANIFEST);
    Ok(package.file(MANIFEST)?.map(|bytes| Manifest::from_bytes(&path, bytes, Some(&names::all()))).transpose()?)
}
