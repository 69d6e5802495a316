//! `reguid verify`: do all references resolve on this panel?

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::plan::{PanelHolds, manifest, module_of};
use super::watched::watched;
use crate::panel::settings::Panel;
use crate::panel::source;
use crate::remap::Stores;
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

    /// The extension's id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory].
    #[arg(long, value_name = "ID")]
    pub module: Option<String>,

    /// The panel: an inventory source.
    #[arg(long, value_name = "SOURCE", default_value = "plesk:")]
    pub panel: String,

    /// Which ids what looks as before a run holds, in the panel's database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for
    /// this where it is needed.
    #[arg(long, value_enum, value_name = "IDS")]
    pub panel_holds: Option<PanelHolds>,
}

/// Runs `reguid verify`.
///
/// # Errors
/// It could not work; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let manifest = manifest(&args.var_dir, args.manifest.as_deref())?;
    let panel = source::read(&args.panel)?.of_what_is_there();
    let live = Panel::named_by(&args.panel)?;
    let module = args.module.clone().or_else(|| module_of(&manifest));
    let stores = Stores { panel: live.as_ref(), module: module.as_deref(), hold: args.panel_holds.map(Into::into), ..Stores::default() };
    let verified = watched(terminal, || resolve::verify_with(&args.var_dir, &manifest, &panel, stores))?;
    report::run::verified(&verified, terminal, out).into_diagnostic()?;
    Ok(if verified.is_right() { Outcome::Clean } else { Outcome::Found })
}
