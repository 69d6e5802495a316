//! `reguid snapshot`: records a panel state.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use crate::panel::{Kind, source};
use crate::reference::manifest::Manifest;
use crate::remap::{self, Recorded};
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid snapshot`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("where").required(true).args(["output", "into"])))]
pub struct Args {
    /// The panel: an inventory source.
    #[arg(long, value_name = "SOURCE", default_value = "plesk:")]
    pub panel: String,

    /// Write a snapshot file.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<Utf8PathBuf>,

    /// Record the state in the companion database of this var directory, as the one that the stored ids speak of. What ids of objects mean that are gone
    /// from the panel stays known. If ids changed their meaning since the recorded state, their old meaning is kept, and the exit code is 1; so it is where the
    /// manifest names kinds of objects that the source does not tell of.
    #[arg(long, value_name = "VAR_DIR")]
    pub into: Option<Utf8PathBuf>,

    /// With --into: the manifest, whose kinds of objects are the ones that count [default: reguid.toml in the var directory; all kinds without one].
    #[arg(long, value_name = "FILE", requires = "into")]
    pub manifest: Option<Utf8PathBuf>,

    /// With --into: the state is another panel's than the recorded one, such as a server that the backup was restored to, whatever equal ids tell. Then an object
    /// without a GUID that goes by another name is another object, and not renamed.
    #[arg(long, requires = "into")]
    pub another_panel: bool,
}

/// Runs `reguid snapshot`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, _terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let inventory = source::read(&args.panel)?;
    if let Some(path) = &args.output {
        source::snapshot::write(&inventory, path)?;
        report::run::snapshot(&inventory, path, out).into_diagnostic()?;
    }
    let Some(var_dir) = &args.into else { return Ok(Outcome::Clean) };
    remap::var_dir(var_dir)?;
    let usual = var_dir.join(super::plan::MANIFEST);
    let manifest = args.manifest.clone().or_else(|| usual.try_exists().unwrap_or(true).then_some(usual));
    let manifest = manifest.map(|path| Manifest::load(&path)).transpose()?;
    let kinds = manifest.as_ref().map(Manifest::kinds);
    let recorded = remap::record_state(var_dir, &inventory, kinds.as_deref(), args.another_panel)?;
    let of_ids = manifest.as_ref().map(Manifest::kinds_of_ids).unwrap_or_default();
    let lacking: Vec<Kind> = of_ids.into_iter().filter(|kind| !inventory.carries(*kind)).collect();
    report::run::recorded(&recorded, &inventory, &lacking, var_dir, out).into_diagnostic()?;
    Ok(if matches!(recorded, Recorded::Kept { .. }) || !lacking.is_empty() { Outcome::Found } else { Outcome::Clean })
}
