//! Findings, plans and runs for people and for programs. One file a format.

mod checkstyle;
mod concise;
pub mod convert;
pub mod crash;
pub mod diff;
pub mod error;
mod excerpt;
pub mod format;
mod github;
mod gitlab;
pub mod html;
pub mod human;
pub mod json;
mod junit;
pub mod output;
pub mod page;
mod path;
pub mod plan;
pub mod progress;
pub mod quarantine;
pub mod run;
mod sarif;
pub mod settings;
pub mod summary;
pub(crate) mod table;
pub mod terminal;
pub(crate) mod text;
mod xml;

use std::io::{self, Write};

use camino::Utf8PathBuf;

use crate::lint::Linted;
pub use format::{Format, Surroundings};
use terminal::Terminal;

/// What a run of lint has to report.
#[derive(Debug, Default)]
pub struct LintReport {
    /// The extensions that were linted, in the order of the command line.
    pub linted: Vec<Linted>,
    /// What could not be linted.
    pub failed: Vec<Failed>,
    /// Whether programs are told what was suppressed, as far as their format can tell it.
    pub show_suppressed: bool,
    /// Whether stale entries of the baseline fail.
    pub stale_fails: bool,
    /// What was done beside, for a person: files that were mended or written.
    pub notes: Vec<String>,
    /// Where it is written.
    pub around: Surroundings,
}

/// A path of the command line that could not be linted.
#[derive(Debug)]
pub struct Failed {
    /// The path, as given.
    pub input: Utf8PathBuf,
    /// Why.
    pub error: miette::Report,
}

impl LintReport {
    /// Whether several paths were asked for, so that findings must say which one they belong to.
    fn several(&self) -> bool {
        self.linted.len() + self.failed.len() > 1
    }

    /// What a person is told beside the findings: [`LintReport::notes`], and where rules have former names.
    fn told(&self) -> impl Iterator<Item = String> {
        let renamed = self.linted.iter().flat_map(|l| l.renamed.iter().map(|r| (path::from_here(&l.extension, &r.path), &r.note)));
        self.notes.iter().cloned().chain(renamed.map(|(path, note)| format!("{path}: {note}")))
    }

    /// Where the book stands on the web, as the first manifest that knows says.
    fn docs_url(&self) -> Option<&str> {
        self.linted.iter().find_map(|linted| linted.docs_url.as_deref())
    }

    /// Whether something in it fails.
    #[must_use]
    pub fn fails(&self) -> bool {
        let stale = self.stale_fails && self.linted.iter().any(|l| !l.stale.is_empty());
        stale || self.linted.iter().any(Linted::fails)
    }

    /// Writes the report. `verbose` shows a person what was suppressed or hidden too; of what was suppressed, JSON always tells.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write(&self, format: Format, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, verbose, terminal, out),
            Format::Concise => concise::write(self, verbose, out),
            Format::Json => json::write(self, out),
            Format::JsonLines => json::write_lines(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
            Format::Gitlab => gitlab::write(self, out),
            Format::Junit => junit::write(self, out),
            Format::Checkstyle => checkstyle::write(self, out),
            Format::Html => html::write(self, out),
        }
    }

    /// Writes the counts and what to do next, where the findings themselves were written elsewhere.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write_summary(&self, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
        human::write_end(self, verbose, terminal, out)
    }
}
