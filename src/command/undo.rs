//! `reguid undo`: takes the last run back.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::fix::{Emit, write_script};
use super::plan::PanelHolds;
use super::watched::watched;
use crate::panel::settings::Panel;
use crate::remap::{self, PATIENCE, RemapError, Stores, Undo, Undone};
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// The panel whose settings the run changed: `plesk:` or `mysql://…`, or with --emit a dump of its database. Needed only where it changed any
    /// [default: plesk:].
    #[arg(long, value_name = "SOURCE")]
    pub panel: Option<String>,

    /// Write no settings, and give out a script instead that takes them back: `sql` for the database's client (`plesk db`), `php` for the panel's PHP.
    #[arg(long, value_enum, value_name = "LANGUAGE", conflicts_with = "prune")]
    pub emit: Option<Emit>,

    /// The file for the script. It must not be there yet [default: reguid-settings-back.sql or .php in the current directory].
    #[arg(long, value_name = "FILE", requires = "emit")]
    pub emit_to: Option<Utf8PathBuf>,

    /// Only if this is the last run; with --prune: runs up to this one.
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,

    /// Take the run back although ids were written since: rows that were added or changed stay, and their ids are translated back by the run's mapping. What
    /// cannot be translated with certainty still stops.
    #[arg(long)]
    pub accept_changes: bool,

    /// Which ids what looks as before the run holds, in the panel's database, a file or a table, where neither a mark nor the data tell for certain; reguid asks
    /// for this where it is needed.
    #[arg(long, value_enum, value_name = "IDS", conflicts_with = "prune")]
    pub panel_holds: Option<PanelHolds>,

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
            miette::miette!(
                help = "name the live panel: plesk: or mysql://USER@HOST/DATABASE, or with --emit a dump of its database",
                "{word}: there are no settings in such a source"
            )
        })?),
        None => Panel::named_by("plesk:").ok().flatten(),
    };
    let stores =
        Stores { panel: panel.as_ref(), emit: args.emit.map(Emit::language), hold: args.panel_holds.map(Into::into), ..Stores::default() };
    let how = Undo { run: args.run, accept_changes: args.accept_changes, patience: PATIENCE };
    let script = args.emit.map(|e| Ok::<_, RemapError>((e, e.file_for(Some(&back(e, args)))?))).transpose()?;
    let undone = match watched(terminal, || remap::take_back_with(&args.var_dir, &how, stores)) {
        // The script of the last undo was lost, or never written.
        Err(RemapError::SettingsBehind { undone: true, .. }) if script.is_some() => None,
        other => Some(other?),
    };
    if let Some(undone) = &undone {
        report::run::undone(undone, out).into_diagnostic()?;
    }
    if let Some((emit, path)) = script.filter(|_| matches!(undone, None | Some(Undone::Done { .. })))
        && let Some(text) = remap::script_back(&args.var_dir, emit.language())?
    {
        write_script(&path, &text)?;
        writeln!(out, "{path}: run this script now: until then the panel's database holds the new ids.").into_diagnostic()?;
    }
    let Some(undone) = undone else { return Ok(Outcome::Clean) };
    Ok(if matches!(undone, Undone::Done { .. }) { Outcome::Clean } else { Outcome::Found })
}

/// The file for the script.
fn back(emit: Emit, args: &Args) -> Utf8PathBuf {
    let usual = match emit {
        Emit::Sql => "reguid-settings-back.sql",
        Emit::Php => "reguid-settings-back.php",
    };
    args.emit_to.clone().unwrap_or_else(|| usual.into())
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
