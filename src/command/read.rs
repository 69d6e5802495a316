//! Reading an extension with its manifest and its references, for the commands that begin with that.

use camino::Utf8Path;

use crate::discover::{Discovery, discover_on};
use crate::extension::{Extension, ReadSettings, package};
use crate::lint::rule;
use crate::reference::manifest::Manifest;
use crate::report::progress::Progress;
use crate::report::terminal::Terminal;

/// Larger files are not parsed, and are told as unreadable: a parser's memory grows with the file.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// The manifest's name, at the extension's root.
const MANIFEST: &str = "reguid.toml";

/// How extensions are read.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Reading {
    /// Read vendored files (`vendor/`, `node_modules/` and the like) too.
    #[arg(long)]
    include_vendored: bool,
    /// Worker threads; 0 for one a core.
    #[arg(long, short, value_name = "N", default_value_t = 0)]
    jobs: usize,
}

/// An extension as read.
pub(super) struct Read {
    /// The extension.
    pub extension: Extension,
    /// Its manifest.
    pub manifest: Option<Manifest>,
    /// The references in it.
    pub discoveries: Vec<Discovery>,
}

/// Reads what stands at `path`.
///
/// # Errors
/// When it cannot be read, or its manifest is wrong.
pub(super) fn read(path: &Utf8Path, args: &Reading, terminal: &Terminal) -> miette::Result<Read> {
    let package = package::find(path)?;
    // In a package too, the path leads to the file for a person who looks for it.
    let manifest_path = package.root().unwrap_or(path).join(MANIFEST);
    let manifest = package.file(MANIFEST)?.map(|bytes| Manifest::from_bytes(&manifest_path, bytes, Some(&rule::ids()))).transpose()?;
    let progress = Progress::new(terminal);
    let settings = ReadSettings {
        exclude: manifest.as_ref().map(|m| m.lint.exclude.clone()).unwrap_or_default(),
        include_vendored: args.include_vendored,
        jobs: args.jobs,
        max_file_bytes: MAX_FILE_BYTES,
        progress: Some(&|done, all| progress.set(done, all)),
    };
    let extension = Extension::read(&package, &settings)?;
    let discoveries = discover_on(&extension, args.jobs);
    Ok(Read { extension, manifest, discoveries })
}
