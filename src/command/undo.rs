//! `reguid undo`: takes the last run back.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::watched::watched;
use crate::panel::settings::Panel;
use crate::remap::{self, PATIENCE, Stores, Undo, Undone};
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// The live panel whose settings the run changed: `plesk:` or `mysql://…`. Needed only where it changed any [default: plesk:].
    #[arg(long, value_name = "SOURCE")]
    pub panel: Option<String>,

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

    /// With --prune: also give up the rows in quarantine. Without it they stay there, and can still be put back: see `reguid quarantine`.
    #[arg(long, requires = "prune")]
    pub quarantined: bool,

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
    // A run that changed no settings can be taken back where there is no panel.
    let panel = match &args.panel {
        Some(word) => Some(Panel::named_by(word)?.ok_or_else(|| {
            miette::miette!(help = "name the live panel: plesk: or mysql://USER@HOST/DATABASE", "{word}: settings cannot be written there")
        })?),
        None => Panel::named_by("plesk:").ok().flatten(),
    };
    let stores = Stores { panel: panel.as_ref(), ..Stores::default() };
    let how = Undo { run: args.run, accept_changes: args.accept_changes, patience: PATIENCE };
    let undone = watched(terminal, || remap::take_back_with(&args.var_dir, &how, stores))?;
    report::run::undone(&undone, out).into_diagnostic()?;
    Ok(if matches!(undone, Undone::Done { .. }) { Outcome::Clean } else { Outcome::Found })
}

/// Gives journals up, if that is confirmed.
fn prune(args: &Args, out: &mut dyn Write) -> miette::Result<Outcome> {
    let runs = remap::prunable(&args.var_dir, args.run, args.quarantined)?;
    report::run::prunable(&runs, args.quarantined, out).into_diagnostic()?;
    if !args.yes {
        report::run::not_pruned(out).into_diagnostic()?;
        return Ok(Outcome::Found);
    }
    // What is deleted is said first, also if the power goes.
    out.flush().into_diagnostic()?;
    remap::prune(&args.var_dir, &runs, args.quarantined, PATIENCE)?;
    report::run::pruned(&runs, out).into_diagnostic()?;
    Ok(Outcome::Clean)
}
