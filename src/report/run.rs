//! What a run, an undo, a verification or a snapshot did.

use std::io::{self, Write};

use camino::Utf8Path;
use serde::Serialize;

use super::plan::{self, rows};
use super::table::table;
use super::terminal::Terminal;
use crate::panel::{Inventory, Kind};
use crate::remap::resolve::{Verified, VerifiedPlace};
use crate::remap::{Drift, Fixed, Plan, Prunable, Recorded, Undone};

/// A run as JSON, version 1.
#[derive(Serialize, schemars::JsonSchema)]
pub struct RunReport<'a> {
    /// Version of this form.
    version: u32,
    /// How it ended.
    outcome: RunOutcome,
    /// Nothing was to be written.
    dry_run: bool,
    /// The run's number, if there was one.
    run: Option<i64>,
    /// What was done, or would be.
    plan: &'a Plan,
    /// What could not be put right afterwards and does no harm.
    warnings: &'a [String],
}

/// How a run ended.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum RunOutcome {
    /// Everything was rewritten.
    Applied,
    /// Nothing was written: there was nothing to do, or it was a dry run.
    Nothing,
    /// Something unresolved stopped it; nothing was written.
    Stopped,
}

/// Writes how a fix ended, as JSON.
///
/// # Errors
/// `out` takes no more.
pub fn json(fixed: &Fixed, dry_run: bool, out: &mut dyn Write) -> io::Result<()> {
    let (outcome, run, plan, warnings): (_, _, _, &[String]) = match fixed {
        Fixed::Applied { run, plan, warnings } => (RunOutcome::Applied, Some(*run), plan, warnings),
        Fixed::Nothing { plan } => (RunOutcome::Nothing, None, plan, &[]),
        Fixed::Stopped { plan } => (RunOutcome::Stopped, None, plan, &[]),
    };
    serde_json::to_writer_pretty(&mut *out, &RunReport { version: 1, outcome, dry_run, run, plan, warnings })?;
    writeln!(out)
}

/// Writes how a fix ended, for a person.
///
/// # Errors
/// `out` takes no more.
pub fn human(fixed: &Fixed, var_dir: &Utf8Path, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    match fixed {
        Fixed::Nothing { plan } => {
            let references: u64 = plan.places.iter().map(|p| p.unchanged).sum();
            writeln!(
                out,
                "Nothing to do: {} already right.",
                if references == 1 { "1 reference is".into() } else { format!("{references} references are") }
            )?;
            plan::notes(plan, out)
        }
        Fixed::Stopped { plan } => {
            plan::decisions(plan, out)?;
            plan::problems(&plan.problems, out)?;
            writeln!(out, "\nStopped: nothing was written.")
        }
        Fixed::Applied { run, plan, .. } => {
            plan::states(plan, out)?;
            let line = |p: &crate::remap::plan::PlacePlan| {
                vec![
                    p.database.clone(),
                    p.place.to_string(),
                    p.kind.to_string(),
                    p.changed.to_string(),
                    p.unchanged.to_string(),
                    p.missing.to_string(),
                ]
            };
            let header = ["database", "place", "kind", "changed", "unchanged", "missing"];
            writeln!(out, "{}", table(&header, plan.places.iter().map(line).collect(), 3, terminal))?;
            plan::triggers(plan, "Triggers that did not fire (what they keep up to date was not kept up):", out)?;
            plan::virtual_tables(plan, out)?;
            plan::decisions(plan, out)?;
            plan::notes(plan, out)?;
            plan::items(plan, terminal, out)?;
            write!(out, "\nRun {run}: {} in {} changed", rows(plan.summary.cells, "cell"), rows(plan.summary.rows, "row"))?;
            if plan.summary.removed > 0 {
                write!(out, ", {} taken out", rows(plan.summary.removed, "row"))?;
            }
            plan::also(plan, out)?;
            writeln!(out, ", checked and committed.\nTo take it back: reguid undo {var_dir}")
        }
    }
}

/// Writes how an undo ended.
///
/// # Errors
/// `out` takes no more.
pub fn undone(undone: &Undone, out: &mut dyn Write) -> io::Result<()> {
    match undone {
        Undone::Done { run, changed: 0, restored: 0, held, items: 0, since: _, warnings } if *held > 0 => {
            writeln!(
                out,
                "Run {run} was taken back: {} in quarantine again.",
                if *held == 1 { "1 row is".into() } else { format!("{held} rows are") }
            )?;
            warnings.iter().try_for_each(|w| writeln!(out, "warning: {w}"))
        }
        Undone::Done { run, changed, restored, held: _, items, since, warnings } => {
            let parts = [
                (*changed, "row", "rows", "as before"),
                (*restored, "row", "rows", "put back"),
                (*items, "setting, panel row or file", "settings, panel rows and files", "as before"),
            ];
            let counted = |n: u64, one: &str, more: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {more}") };
            let parts = parts.into_iter().filter(|(n, ..)| *n > 0);
            let parts: Vec<String> = parts.map(|(n, one, more, how)| format!("{} {how}", counted(n, one, more))).collect();
            // An undo that was finished after an interruption has not counted what it put back before.
            let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
            writeln!(out, "Run {run} was taken back{parts}.")?;
            if !since.is_empty() {
                writeln!(out, "What was written since the run stays, with its ids translated back:")?;
                drifted(since, out)?;
            }
            warnings.iter().try_for_each(|w| writeln!(out, "warning: {w}"))
        }
        Undone::Drifted { run, drift, never } => {
            writeln!(out, "Run {run} cannot be taken back exactly; this changed since:")?;
            drifted(drift, out)?;
            writeln!(out, "\nStopped: nothing was written.")?;
            if let Some(why) = never {
                writeln!(out, "--accept-changes does not help with this run: {why}.")?;
            } else if drift.iter().all(|d| d.acceptable) {
                writeln!(out, "To take it back all the same, and translate the ids that were written since: --accept-changes")?;
            }
            Ok(())
        }
    }
}

fn drifted(drift: &[Drift], out: &mut dyn Write) -> io::Result<()> {
    drift.iter().try_for_each(|d| writeln!(out, "  {}: {}: {}", d.database, d.table, d.detail))
}

/// Tells which journals would be given up.
///
/// # Errors
/// `out` takes no more.
pub fn prunable(runs: &[Prunable], quarantined: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "The journals of these runs, without which they cannot be taken back:")?;
    for run in runs {
        write!(out, "  run {} of {}: {} changed", run.run, run.started, rows(run.changed, "row"))?;
        let stay = if quarantined { 0 } else { run.quarantined.min(run.removed) };
        if run.removed > stay {
            write!(out, ", {} taken out of the data and kept nowhere else", rows(run.removed - stay, "row"))?;
        }
        if stay > 0 {
            write!(out, ", {} that {} in quarantine", rows(stay, "row"), if stay == 1 { "stays" } else { "stay" })?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Tells that the journals are still there.
///
/// # Errors
/// `out` takes no more.
pub fn not_pruned(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\nNothing was deleted. To delete them for good: --prune --yes")
}

/// Tells that the journals were given up.
///
/// # Errors
/// `out` takes no more.
pub fn pruned(runs: &[Prunable], out: &mut dyn Write) -> io::Result<()> {
    let last = runs.last().map_or(0, |r| r.run);
    writeln!(out, "\nDeleted. Runs up to {last} can no longer be taken back.")
}

/// Writes what a verification found.
///
/// # Errors
/// `out` takes no more.
pub fn verified(verified: &Verified, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let line = |p: &VerifiedPlace| {
        let mut line = vec![p.database.clone(), p.place.to_string(), p.kind.to_string(), p.holds.into()];
        line.extend([p.rows, p.right, p.no_reference, p.dangling, p.kept, p.disagreeing].map(|n| n.to_string()));
        line
    };
    let header = ["database", "place", "kind", "holds", "rows", "right", "none", "dangling", "kept", "twin differs"];
    writeln!(out, "{}", table(&header, verified.places.iter().map(line).collect(), 4, terminal))?;
    for place in verified.places.iter().filter(|p| !p.samples.is_empty()) {
        writeln!(out, "\n{}: {}", place.database, place.place)?;
        place.samples.iter().try_for_each(|s| writeln!(out, "  {s}"))?;
    }
    if !verified.not_verified.is_empty() {
        writeln!(out, "\nNot verified by this release:")?;
        verified.not_verified.iter().try_for_each(|p| writeln!(out, "  {}: {}", p.place, p.reason))?;
    }
    if !verified.notes.is_empty() {
        writeln!(out, "\nNotes:")?;
        verified.notes.iter().try_for_each(|note| writeln!(out, "  {note}"))?;
    }
    let unread: u64 = verified.places.iter().map(|p| p.unparsable).sum();
    if unread > 0 {
        writeln!(out, "\n{} cannot be read.", rows(unread, "value"))?;
    }
    let bad: u64 = verified.places.iter().map(|p| p.dangling + p.disagreeing).sum();
    match (verified.is_right(), bad) {
        (true, _) => writeln!(out, "\nEvery reference resolves."),
        (false, 0) => writeln!(out, "\nEvery reference that could be verified resolves."),
        (false, bad) => writeln!(out, "\n{} wrong.", if bad == 1 { "1 reference is".into() } else { format!("{bad} references are") }),
    }
}

/// Tells that a snapshot file was written.
///
/// # Errors
/// `out` takes no more.
pub fn snapshot(inventory: &Inventory, path: &Utf8Path, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{path}: {} written.", objects(inventory))?;
    carried(inventory, out)?;
    remarks(inventory, out)
}

/// What a person should know of how an inventory was read.
fn remarks(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let remarks = inventory.remarks();
    if !remarks.is_empty() {
        writeln!(out, "\nNotes:")?;
        remarks.iter().try_for_each(|r| writeln!(out, "  {r}"))?;
    }
    Ok(())
}

/// Tells what became of a snapshot for the companion. `lacking` are kinds that the manifest names and the inventory does not tell of.
///
/// # Errors
/// `out` takes no more.
pub fn recorded(recorded: &Recorded, inventory: &Inventory, lacking: &[Kind], var_dir: &Utf8Path, out: &mut dyn Write) -> io::Result<()> {
    match recorded {
        Recorded::First => writeln!(
            out,
            "{var_dir}: {} recorded, the first state here: from now on the ids in the data are taken to speak of it.",
            objects(inventory)
        ),
        Recorded::New { gone: 0, .. } => writeln!(out, "{var_dir}: {} recorded.", objects(inventory)),
        Recorded::New { gone, .. } => {
            writeln!(out, "{var_dir}: {} recorded; {gone} that are gone from the panel are still known.", objects(inventory))
        }
        Recorded::Same { gone: 0, .. } => writeln!(out, "{var_dir}: this state is recorded already."),
        Recorded::Same { gone, .. } => {
            writeln!(out, "{var_dir}: nothing in it is new; {gone} that are gone from the panel are still known.")
        }
        Recorded::Kept { kept, why } => writeln!(
            out,
            "{var_dir}: ids changed their meaning since {}, which the ids in the data speak of:\n  {}\n\
             Their old meaning was kept. Rewrite the data: reguid fix {var_dir}",
            kept.label(),
            why.join("\n  ")
        ),
    }?;
    if let Recorded::New { aside, .. } | Recorded::Same { aside, .. } = recorded
        && !aside.is_empty()
    {
        writeln!(
            out,
            "Ids of kinds that the manifest does not name changed their meaning. Their old meaning was kept, for a manifest that will name them:\n  {}",
            aside.join("\n  ")
        )?;
    }
    carried(inventory, out)?;
    if !lacking.is_empty() {
        writeln!(out, "\nThe manifest names kinds that this source does not tell of. What their ids mean was not recorded from it:")?;
        lacking.iter().try_for_each(|kind| writeln!(out, "  {kind}: {}", kind.sources()))?;
    }
    remarks(inventory, out)
}

/// Tells which kinds an inventory tells of, where these are not all.
fn carried(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let (there, lacking): (Vec<Kind>, Vec<Kind>) = Kind::all().partition(|kind| inventory.carries(*kind));
    let names = |kinds: &[Kind]| kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
    match lacking.len() {
        0 => Ok(()),
        few if few < there.len() => writeln!(out, "It does not tell of: {}.", names(&lacking)),
        _ => writeln!(out, "It tells of: {}.", names(&there)),
    }
}

fn objects(inventory: &Inventory) -> String {
    rows(inventory.objects().len() as u64, "object")
}
