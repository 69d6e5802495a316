//! `reguid undo`: takes the last run back.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use crate::panel::settings::Panel;
use crate::remap::{self, PATIENCE, Stores, Undone};
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

    /// Only if this is the last run.
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,
}

/// Runs `reguid undo`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, _terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    // A run that changed no settings can be taken back where there is no panel.
    let panel = match &args.panel {
        Some(word) => Some(Panel::named_by(word)?.ok_or_else(|| {
            miette::miette!(help = "name the live panel: plesk: or mysql://USER@HOST/DATABASE", "{word}: settings cannot be written there")
        })?),
        None => Panel::named_by("plesk:").ok().flatten(),
    };
    let stores = Stores { panel: panel.as_ref(), ..Stores::default() };
    let undone = remap::undo_with(&args.var_dir, args.run, PATIENCE, stores)?;
    report::run::undone(&undone, out).into_diagnostic()?;
    Ok(if matches!(undone, Undone::Done { .. }) { Outcome::Clean } else { Outcome::Found })
}
