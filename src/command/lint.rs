//! `reguid lint`: the places where extensions store raw panel ids.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::{Diagnostic, IntoDiagnostic, Report};

use super::{Outcome, read};
use crate::lint::lint;
use crate::reference::Confidence;
use crate::report::terminal::Terminal;
use crate::report::{Failed, Format, LintReport};

/// The options of `reguid lint`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Extension folders, .zip packages, .sql files, SQLite databases.
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<Utf8PathBuf>,
    /// How to write the findings.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The least sure findings to show; the others are counted. Default: `likely`, and `possible` for what has no PHP code, where nothing but names
    /// can hint at an id.
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    min_confidence: Option<Confidence>,
    #[command(flatten)]
    read: read::Reading,
}

/// Several paths could not be linted.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{} paths could not be linted", .errors.len())]
struct SeveralFailed {
    #[related]
    errors: Vec<Report>,
}

/// Lints each path, and reports on all of them even where some could not be linted.
///
/// # Errors
/// When a path could not be linted, after the report on the others was written.
pub fn run(args: &Args, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let mut report = LintReport { linted: Vec::new(), failed: Vec::new() };
    for path in &args.paths {
        match read::read(path, &args.read, terminal) {
            Ok(read) => {
                let default = if read.extension.scripts.is_empty() { Confidence::Possible } else { Confidence::Likely };
                let least = args.min_confidence.unwrap_or(default);
                report.linted.push(lint(read.extension, &read.discoveries, read.manifest.as_ref(), least));
            }
            Err(error) => report.failed.push(Failed { input: path.clone(), error }),
        }
    }
    if !report.linted.is_empty() || args.format == Format::Json {
        report.write(args.format, verbose, terminal, out).into_diagnostic()?;
    }
    let mut errors: Vec<Report> = report.failed.into_iter().map(|f| f.error).collect();
    let fails = report.linted.iter().any(|l| l.fails());
    // The process ends here. To free all that was read takes longer than to judge it.
    std::mem::forget(report.linted);
    match (errors.pop(), errors.is_empty()) {
        (None, _) if fails => Ok(Outcome::Found),
        (None, _) => Ok(Outcome::Clean),
        (Some(error), true) => Err(error),
        (Some(error), false) => {
            errors.push(error);
            Err(SeveralFailed { errors }.into())
        }
    }
}
