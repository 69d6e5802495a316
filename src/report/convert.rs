//! What a conversion did, or would do.

use std::io::{self, Write};

use camino::Utf8Path;
use schemars::JsonSchema;
use serde::Serialize;

use super::plan::rows;
use super::table::table;
use super::terminal::Terminal;
use crate::remap::convert::{Conversion, Converted, ConvertedPlace, ConvertedTable};

/// A conversion as JSON, version 1.
#[derive(Serialize, JsonSchema)]
pub struct ConvertReport<'a> {
    /// Version of this form.
    version: u32,
    /// How it ended.
    outcome: ConvertOutcome,
    /// Nothing was to be written.
    dry_run: bool,
    /// The run's number, if there was one.
    run: Option<i64>,
    /// What was done, or would be, or what stands in the way.
    conversion: &'a Conversion,
    /// What the manifest says, or has to say, afterwards.
    manifest: ManifestChange<'a>,
    /// What could not be put right afterwards and does no harm.
    warnings: &'a [String],
}

/// How a conversion ended.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ConvertOutcome {
    /// The columns were converted.
    Converted,
    /// Nothing was written: there was nothing to do, or it was a dry run.
    Nothing,
    /// Something stands in the way; nothing was written.
    Stopped,
}

/// What changes in the manifest.
#[derive(Serialize, JsonSchema)]
struct ManifestChange<'a> {
    /// The manifest.
    path: &'a str,
    /// It was changed already.
    written: bool,
    /// What changes, entry by entry.
    changes: &'a [String],
}

/// Writes how a conversion ended, as JSON. Of the manifest: its path, what changes in it, whether it was changed.
///
/// # Errors
/// `out` takes no more.
pub fn json(
    converted: &Converted,
    dry_run: bool,
    (path, changes, written): (&str, &[String], bool),
    out: &mut dyn Write,
) -> io::Result<()> {
    let (outcome, run, warnings): (_, _, &[String]) = match converted {
        Converted::Done { run, warnings, .. } => (ConvertOutcome::Converted, Some(*run), warnings),
        Converted::Nothing { .. } => (ConvertOutcome::Nothing, None, &[]),
        Converted::Stopped { .. } => (ConvertOutcome::Stopped, None, &[]),
    };
    let manifest = ManifestChange { path, written, changes };
    let report = ConvertReport { version: 1, outcome, dry_run, run, conversion: converted.conversion(), manifest, warnings };
    serde_json::to_writer_pretty(&mut *out, &report)?;
    writeln!(out)
}

/// Writes how a conversion ended.
///
/// # Errors
/// `out` takes no more.
pub fn human(converted: &Converted, dry_run: bool, var_dir: &Utf8Path, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let conversion = converted.conversion();
    if !conversion.places.is_empty() {
        writeln!(out, "{}", places(conversion, terminal))?;
    }
    match converted {
        Converted::Stopped { .. } => {
            writeln!(out, "\nThis stands in the way:")?;
            conversion.problems.iter().try_for_each(|p| writeln!(out, "  {p}"))?;
            writeln!(out, "\nStopped: nothing was written.")
        }
        Converted::Nothing { .. } if conversion.tables.is_empty() => {
            notes(conversion, out)?;
            writeln!(out, "\nNothing to do: no column holds ids that are to be converted.")
        }
        Converted::Nothing { .. } => {
            declarations(conversion, out)?;
            notes(conversion, out)?;
            if dry_run { writeln!(out, "\nIt was tried out on a private copy. Nothing was written.") } else { Ok(()) }
        }
        Converted::Done { run, warnings, .. } => {
            declarations(conversion, out)?;
            notes(conversion, out)?;
            warnings.iter().try_for_each(|w| writeln!(out, "warning: {w}"))?;
            let ids: u64 = conversion.places.iter().map(|p| p.ids).sum();
            let tables = conversion.tables.len() as u64;
            let (ids, tables) = (rows(ids, "id"), rows(tables, "table"));
            writeln!(out, "\nRun {run}: {ids} in {tables} converted, checked and committed.\nTo take it back: reguid undo {var_dir}")
        }
    }
}

/// Tells that a script was written.
///
/// # Errors
/// `out` takes no more.
pub fn written(conversion: &Conversion, path: &Utf8Path, out: &mut dyn Write) -> io::Result<()> {
    notes(conversion, out)?;
    writeln!(out, "{path}: written. Review it before it runs.")
}

/// Tells what changes in the manifest, or was changed.
///
/// # Errors
/// `out` takes no more.
pub fn manifest(path: &Utf8Path, changes: &[String], written: bool, out: &mut dyn Write) -> io::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    match written {
        true => writeln!(out, "\n{path} says now:")?,
        false => writeln!(out, "\n{path} must say afterwards (--write-manifest does it):")?,
    }
    changes.iter().try_for_each(|c| writeln!(out, "  {c}"))
}

fn places(conversion: &Conversion, terminal: &Terminal) -> String {
    let becomes = |p: &ConvertedPlace| match &p.beside {
        Some(beside) => format!("+ {beside}"),
        None => conversion.form.word().to_owned(),
    };
    let line = |p: &ConvertedPlace| {
        let mut line = vec![p.database.clone(), p.place.to_string(), p.kind.to_string(), becomes(p)];
        line.extend([p.rows, p.ids, p.references, p.none].map(|n| n.to_string()));
        line
    };
    let header = ["database", "place", "kind", "becomes", "rows", "ids", "references already", "none"];
    table(&header, conversion.places.iter().map(line).collect(), 4, terminal)
}

/// The lines of the declarations that change.
fn declarations(conversion: &Conversion, out: &mut dyn Write) -> io::Result<()> {
    for ConvertedTable { database, table, before, after } in &conversion.tables {
        writeln!(out, "\n{database}: {table}")?;
        let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
        old.iter().filter(|l| !new.contains(l)).try_for_each(|l| writeln!(out, "  - {}", l.trim_end()))?;
        new.iter().filter(|l| !old.contains(l)).try_for_each(|l| writeln!(out, "  + {}", l.trim_end()))?;
    }
    Ok(())
}

fn notes(conversion: &Conversion, out: &mut dyn Write) -> io::Result<()> {
    if conversion.notes.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nNotes:")?;
    conversion.notes.iter().try_for_each(|n| writeln!(out, "  {n}"))
}
