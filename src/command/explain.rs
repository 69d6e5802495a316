//! `reguid explain`: the rules' pages.

use std::io::Write;

use clap::ValueEnum;
use miette::IntoDiagnostic;

use super::Outcome;
use crate::lint::{names, page};
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid explain`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The rule, by its id or its code; without it all rules are listed.
    rule: Option<String>,
    /// Show the pages of all rules.
    #[arg(long, conflicts_with = "rule")]
    all: bool,
    /// How to write them.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How pages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Text,
    /// For programs.
    Json,
    /// As Markdown, to be rendered by another program: pages as they are written, the list as a table.
    Md,
}

/// Writes a page, all pages, or the list of the rules.
///
/// # Errors
/// When there is no such rule.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let pages = match &args.rule {
        Some(id) => std::slice::from_ref(page::find(id)?),
        None => page::all(),
    };
    match args.format {
        Format::Json => report::page::write_json(pages, out).into_diagnostic()?,
        Format::Md if args.rule.is_none() && !args.all => report::page::write_table(pages, out).into_diagnostic()?,
        Format::Md => report::page::write_markdown(pages, out).into_diagnostic()?,
        Format::Text if args.rule.is_none() && !args.all => report::page::write_list(pages, terminal, out).into_diagnostic()?,
        Format::Text => {
            if let Some(note) = args.rule.as_deref().and_then(names::note) {
                writeln!(out, "{note}\n").into_diagnostic()?;
            }
            for (index, page) in pages.iter().enumerate() {
                if index > 0 {
                    writeln!(out, "\n").into_diagnostic()?;
                }
                report::page::write(page, terminal, out).into_diagnostic()?;
            }
        }
    }
    Ok(Outcome::Clean)
}
