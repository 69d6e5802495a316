//! Reading an extension with its manifest and its references, for the commands that begin with that.

use camino::Utf8Path;

use super::hold::{Against, hold};
use crate::extension::package::{self, Package};
use crate::lint::load::{self, Loaded};
use crate::lint::{Linted, Settings, lint_loaded};
use crate::report::progress::Progress;
use crate::report::terminal::Terminal;

/// How extensions are read.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Reading {
    /// Read vendored files (`vendor/`, `node_modules/` and the like) too.
    #[arg(long)]
    include_vendored: bool,
    /// Worker threads; 0 for one a core.
    #[arg(long, short, value_name = "N", default_value_t = 0)]
    pub(super) jobs: usize,
}

/// Reads what stands at `path`.
///
/// # Errors
/// When it cannot be read, or its manifest is wrong.
pub(super) fn read(path: &Utf8Path, args: &Reading, terminal: &Terminal) -> miette::Result<Loaded> {
    // A folder in an extension is a part of it, and has no manifest of its own.
    let root = package::around(path).map(|(root, _)| root);
    let package = package::find(root.as_deref().unwrap_or(path))?;
    args.with(terminal, |reading| load::load(&package, reading))
}

/// How extensions are linted.
pub(super) struct Linting<'a> {
    pub(super) reading: &'a Reading,
    pub(super) terminal: &'a Terminal,
    /// The panel that their data is held against.
    pub(super) panel: Option<&'a Against>,
}

impl Linting<'_> {
    /// Reads a package.
    ///
    /// # Errors
    /// As [`read`].
    pub(super) fn load(&self, package: &Package) -> miette::Result<Loaded> {
        self.reading.with(self.terminal, |reading| load::load(package, reading))
    }

    /// Reads a package and judges it. What could not be held against the panel goes to `notes`.
    ///
    /// # Errors
    /// As [`read`].
    pub(super) fn lint(&self, package: &Package, settings: &Settings, notes: &mut Vec<String>) -> miette::Result<Linted> {
        let loaded = self.load(package)?;
        let held = self.panel.map(|panel| hold(&loaded, panel));
        notes.extend(held.iter().flat_map(|held| held.notes.iter().cloned()));
        Ok(lint_loaded(loaded, settings, held.as_ref()))
    }
}

impl Reading {
    /// Calls `work`, with a progress bar where a person watches.
    fn with<T>(&self, terminal: &Terminal, work: impl FnOnce(load::Reading<'_>) -> T) -> T {
        let progress = Progress::new(terminal);
        let tell = |done, all| progress.set(done, all);
        work(load::Reading { include_vendored: self.include_vendored, jobs: self.jobs, progress: Some(&tell) })
    }
}
