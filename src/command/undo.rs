//! `reguid undo`: takes the last run back.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use crate::remap::{self, PATIENCE, Undone};
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// Only if this is the last run.
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,
}

/// Runs `reguid undo`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, _terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let undone = remap::undo(&args.var_dir, args.run, PATIENCE)?;
    report::run::undone(&undone, out).into_diagnostic()?;
    Ok(if matches!(undone, Undone::Done { .. }) { Outcome::Clean } else { Outcome::Found })
}
