//! `reguid references`: what lint proved, as entries of the manifest.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Diagnostic, IntoDiagnostic};

use super::{Outcome, read};
use crate::discover::entries::propose;
use crate::reference::manifest::merge;
use crate::report::terminal::Terminal;

/// The options of `reguid references`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's folder, .zip package, or a .sql file or SQLite database.
    #[arg(default_value = ".")]
    path: Utf8PathBuf,
    /// Write the entries into reguid.toml beside meta.xml, keeping what stands there. Entries for the same place are not touched.
    #[arg(long)]
    write: bool,
    #[command(flatten)]
    read: read::Reading,
}

/// There is no folder that a manifest could be written to.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{path} is no folder: there is no place for reguid.toml in it")]
#[diagnostic(help("run the command on the extension's folder, or without --write and save what it prints"))]
struct NoFolder {
    path: Utf8PathBuf,
}

/// Prints the entries, or merges them into the manifest.
///
/// # Errors
/// When the extension cannot be read, its manifest is wrong, or it cannot be written.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let read = read::read(&args.path, &args.read, terminal)?;
    let proposals = propose(&read.discoveries);
    if args.write {
        let root = read.extension.root.as_deref().ok_or_else(|| NoFolder { path: args.path.clone() })?;
        let path = root.join("reguid.toml");
        let merged = merge::merge(read.manifest.as_ref(), &proposals.entries)?;
        if merged.added > 0 {
            merge::write(&path, &merged.text)?;
        }
        say(&path, &merged, out).into_diagnostic()?;
    } else {
        out.write_all(merge::show(&proposals.entries).as_bytes()).into_diagnostic()?;
    }
    // As comments, so that what is printed can be saved as it is.
    let mark = if args.write { "" } else { "# " };
    for undecided in &proposals.undecided {
        writeln!(out, "{mark}no entry: {undecided}; add one with the kind that is meant").into_diagnostic()?;
    }
    for unnameable in &proposals.unnameable {
        writeln!(out, "{mark}no entry: {unnameable}; `reguid fix` leaves it as it is").into_diagnostic()?;
    }
    if proposals.possible > 0 {
        let shows = "`reguid lint --min-confidence possible` shows them";
        writeln!(out, "{mark}no entries for references that are merely possible ({}): {shows}", proposals.possible).into_diagnostic()?;
    }
    Ok(Outcome::Clean)
}

fn say(path: &Utf8Path, merged: &merge::Merged, out: &mut dyn Write) -> std::io::Result<()> {
    match (merged.added, merged.present) {
        (0, 0) => writeln!(out, "no references found; {path} was not written"),
        (0, present) => writeln!(out, "{path} names all places already ({present}); it was not changed"),
        (added, present) => {
            writeln!(out, "{path}: {added} added, {present} there already")?;
            writeln!(out, "review each new entry: `reguid fix` rewrites the places that are declared, and no others")
        }
    }
}
