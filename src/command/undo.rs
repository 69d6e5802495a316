//! `reguid undo`: takes the last run back.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::watched::watched;
use crate::remap::{self, PATIENCE, Undo, Undone};
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// Only if this is the last run; with --prune: runs up to this one.
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,

    /// Take the run back although ids were written since: rows that were added or changed stay, and their ids are translated back by the run's mapping. What
    /// cannot be translated with certainty still stops.
    #[arg(long)]
    pub accept_changes: bool,

    /// Take nothing back, and give up that it can be: delete the journals of the runs from the companion. Tells what would be deleted, and deletes it only
    /// with --yes.
    #[arg(long, conflicts_with = "accept_changes")]
    pub prune: bool,

    /// With --prune: do it.
    #[arg(long, requires = "prune")]
    pub yes: bool,
}

/// Runs `reguid undo`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    if args.prune {
        return prune(args, out);
    }
    let how = Undo { run: args.run, accept_changes: args.accept_changes, patience: PATIENCE };
    let undone = watched(terminal, || remap::take_back(&args.var_dir, &how))?;
    report::run::undone(&undone, out).into_diagnostic()?;
    Ok(if matches!(undone, Undone::Done { .. }) { Outcome::Clean } else { Outcome::Found })
}

/// Gives journals up, if that is confirmed.
fn prune(args: &Args, out: &mut dyn Write) -> miette::Result<Outcome> {
    let runs = remap::prunable(&args.var_dir, args.run)?;
    report::run::prunable(&runs, out).into_diagnostic()?;
    if !args.yes {
        report::run::not_pruned(out).into_diagnostic()?;
        return Ok(Outcome::Found);
    }
    // What is deleted is said first, also if the power goes.
    out.flush().into_diagnostic()?;
    remap::prune(&args.var_dir, &runs, PATIENCE)?;
    report::run::pruned(&runs, out).into_diagnostic()?;
    Ok(Outcome::Clean)
}
