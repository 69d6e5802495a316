//! The rows in quarantine, and what was put back.

use std::io::{self, Write};

use camino::Utf8Path;
use schemars::JsonSchema;
use serde::Serialize;

use super::plan::rows;
use super::table::table;
use super::terminal::Terminal;
use super::text::visible;
use crate::remap::RemapError;
use crate::remap::quarantine::{HeldObject, Listing, ObjectNow, Restored};

/// The quarantine as JSON, version 1.
#[derive(Serialize, JsonSchema)]
pub struct QuarantineReport<'a> {
    /// Version of this form.
    version: u32,
    /// How it ended.
    outcome: QuarantineOutcome,
    /// The number of the run that put rows back, if there was one.
    run: Option<i64>,
    /// What was put back, table by table.
    restored: Vec<RestoredTable<'a>>,
    /// What was in quarantine before.
    objects: &'a [HeldObject],
    /// Rows of it that can, or could, be put back.
    ready: u64,
    /// Rows of it that have to wait.
    waiting: u64,
    /// What stands in the way, and kept all rows from being put back.
    problems: &'a [String],
    /// What could not be put right afterwards and does no harm.
    warnings: &'a [String],
}

/// How it ended.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum QuarantineOutcome {
    /// Rows were put back.
    Restored,
    /// Nothing was written: rows were only listed, or none can be put back.
    Nothing,
    /// Something stands in the way; nothing was written.
    Stopped,
}

/// Rows of one table that were put back.
#[derive(Serialize, JsonSchema)]
struct RestoredTable<'a> {
    /// The database, relative to the var directory.
    database: &'a str,
    /// The table.
    table: &'a str,
    /// Rows.
    rows: u64,
}

/// Writes what there is or what was done, as JSON.
///
/// # Errors
/// `out` takes no more.
pub fn json(restored: &Restored, out: &mut dyn Write) -> io::Result<()> {
    let listing = restored.listing();
    let table = |(database, table, rows): &'_ (String, String, u64)| (database.clone(), table.clone(), *rows);
    let (outcome, run, tables, problems, warnings): (_, _, Vec<_>, &[String], &[String]) = match restored {
        Restored::Done { run, rows, warnings, .. } => {
            (QuarantineOutcome::Restored, Some(*run), rows.iter().map(table).collect(), &[], warnings)
        }
        Restored::Nothing { .. } => (QuarantineOutcome::Nothing, None, Vec::new(), &[], &[]),
        Restored::Stopped { problems, .. } => (QuarantineOutcome::Stopped, None, Vec::new(), problems, &[]),
    };
    let restored = tables.iter().map(|(database, table, rows)| RestoredTable { database, table, rows: *rows }).collect();
    let report = QuarantineReport {
        version: 1,
        outcome,
        run,
        restored,
        objects: &listing.objects,
        ready: listing.ready,
        waiting: listing.waiting,
        problems,
        warnings,
    };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// Lists the rows in quarantine, for a person. `not_looked`: why the panel was not asked.
///
/// # Errors
/// `out` takes no more.
pub fn listed(listing: &Listing, not_looked: Option<&str>, var_dir: &Utf8Path, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    if listing.objects.is_empty() {
        return writeln!(out, "{var_dir}: no rows are in quarantine.");
    }
    objects(listing, terminal, out)?;
    if let Some(why) = not_looked {
        return writeln!(out, "\nThe objects were not looked for: {why}\nName the panel with --panel.");
    }
    reasons(listing, out)?;
    writeln!(out, "\n{} can be put back, {} to wait.", rows(listing.ready, "row"), has(listing.waiting))?;
    if listing.ready > 0 {
        writeln!(out, "To put them back: reguid quarantine {var_dir} --restore")?;
    }
    Ok(())
}

/// Says beside a fix what is in quarantine: what can be put back, and, where the run took rows out (`removed`), what waits.
///
/// # Errors
/// `out` takes no more.
pub fn beside(listed: Result<&Listing, &RemapError>, removed: bool, var_dir: &Utf8Path, out: &mut dyn Write) -> io::Result<()> {
    let listing = match listed {
        Ok(listing) => listing,
        Err(error) => return writeln!(out, "warning: what is in quarantine cannot be told: {error}"),
    };
    if listing.ready > 0 {
        writeln!(out, "{} in quarantine can be put back: reguid quarantine {var_dir} --restore", rows(listing.ready, "row"))?;
    }
    if removed && listing.waiting > 0 {
        let (rows, wait) = (rows(listing.waiting, "row"), if listing.waiting == 1 { "waits" } else { "wait" });
        writeln!(out, "{rows} {wait} in quarantine: reguid quarantine {var_dir}")?;
    }
    Ok(())
}

fn has(waiting: u64) -> String {
    if waiting == 1 { "1 row has".into() } else { format!("{waiting} rows have") }
}

/// Tells how putting rows back ended, for a person.
///
/// # Errors
/// `out` takes no more.
pub fn restored(restored: &Restored, var_dir: &Utf8Path, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let listing = restored.listing();
    match restored {
        Restored::Nothing { .. } if listing.objects.is_empty() => writeln!(out, "{var_dir}: no rows are in quarantine."),
        Restored::Nothing { .. } => {
            objects(listing, terminal, out)?;
            reasons(listing, out)?;
            writeln!(out, "\nNothing to do: {} to wait.", has(listing.waiting))
        }
        Restored::Stopped { problems, .. } => {
            writeln!(out, "This stands in the way:")?;
            problems.iter().try_for_each(|p| writeln!(out, "  {p}"))?;
            writeln!(out, "\nStopped: nothing was written. Make the keys free, or choose other rows with --run and --reference.")
        }
        Restored::Done { run, rows: tables, warnings, .. } => {
            for (database, table, count) in tables {
                writeln!(out, "{}: {}: {} put back", visible(database), visible(table), rows(*count, "row"))?;
            }
            if listing.waiting > 0 {
                writeln!(out, "{} to wait:", has(listing.waiting))?;
                reasons(listing, out)?;
            }
            warnings.iter().try_for_each(|w| writeln!(out, "warning: {w}"))?;
            let all: u64 = tables.iter().map(|t| t.2).sum();
            writeln!(out, "\nRun {run}: {} put back, checked and committed.\nTo take it back: reguid undo {var_dir}", rows(all, "row"))
        }
    }
}

fn objects(listing: &Listing, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let line = |o: &HeldObject| {
        let now = match &o.now {
            ObjectNow::There { id } => format!("{} {id}", o.kind),
            ObjectNow::Missing { .. } => "-".into(),
            ObjectNow::Unknown => "?".into(),
        };
        let object = format!("{} {}", o.kind, o.id);
        let name = o.name.as_deref().map_or_else(|| "unknown".into(), visible);
        let run = o.run.to_string();
        vec![run, o.database.clone(), o.place.clone(), object, name, now, o.rows.to_string(), o.ready.to_string()]
    };
    let header = ["run", "database", "place", "object", "name", "now", "rows", "ready"];
    writeln!(out, "{}", table(&header, listing.objects.iter().map(line).collect(), 6, terminal))
}

/// Why rows have to wait, each reason once.
fn reasons(listing: &Listing, out: &mut dyn Write) -> io::Result<()> {
    let mut told: Vec<&str> = Vec::new();
    for reason in listing.objects.iter().flat_map(|o| &o.reasons) {
        if !told.contains(&reason.as_str()) {
            told.push(reason);
        }
    }
    told.iter().try_for_each(|r| writeln!(out, "  {r}"))
}
