//! `reguid verify`: do all references resolve on this panel?

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::plan::manifest;
use super::watched::watched;
use crate::panel::source;
use crate::remap::resolve;
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid verify`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// The manifest [default: reguid.toml in the var directory, else in the current one].
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<Utf8PathBuf>,

    /// The panel: an inventory source.
    #[arg(long, value_name = "SOURCE", default_value = "plesk:")]
    pub panel: String,
}

/// Runs `reguid verify`.
///
/// # Errors
/// It could not work; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let manifest = manifest(&args.var_dir, args.manifest.as_deref())?;
    let panel = source::read(&args.panel)?.of_what_is_there();
    let verified = watched(terminal, || resolve::verify(&args.var_dir, &manifest, &panel))?;
    report::run::verified(&verified, terminal, out).into_diagnostic()?;
    Ok(if verified.is_right() { Outcome::Clean } else { Outcome::Found })
}
