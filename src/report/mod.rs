//! Findings, plans and runs as text and JSON.

pub mod convert;
pub mod crash;
pub mod entries;
pub mod error;
mod excerpt;
pub mod human;
pub mod json;
pub mod output;
pub mod page;
pub mod plan;
pub mod progress;
pub mod run;
pub mod summary;
pub(crate) mod table;
pub mod terminal;
mod text;

use std::io::{self, Write};

use camino::Utf8PathBuf;
use clap::ValueEnum;

use crate::lint::Linted;
use terminal::Terminal;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// For programs: `docs/schema/lint.schema.json`.
    Json,
}

/// What a run of lint has to report.
#[derive(Debug)]
pub struct LintReport {
    /// The extensions that were linted, in the order of the command line.
    pub linted: Vec<Linted>,
    /// What could not be linted.
    pub failed: Vec<Failed>,
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

    /// Writes the report. `verbose` shows a person what was suppressed too; JSON always does.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn write(&self, format: Format, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Human => human::write(self, verbose, terminal, out),
            Format::Json => json::write(self, out),
        }
    }
}
