//! `reguid fix`: plan, apply, check, all or nothing.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::plan::{Format, Inputs, Whole};
use super::watched::watched;
use crate::remap::{self, Fixed, Outputs, RemapError};
use crate::report;
use crate::report::terminal::Terminal;

/// The options of `reguid fix`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to fix.
    #[command(flatten)]
    pub inputs: Inputs,

    /// Only show what would be done; change no byte and add no file.
    #[arg(long)]
    pub dry_run: bool,

    /// Apply this plan, made by `reguid plan -o`, and no other: refuse if anything that it depends on has changed.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<Utf8PathBuf>,

    /// Write the mapping of old to new objects to this file first, as `reguid plan --map-out` does; also where something unresolved stops the fix.
    #[arg(long, value_name = "FILE")]
    pub map_out: Option<Utf8PathBuf>,

    /// How to show what was done.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
}

/// Runs `reguid fix`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let planned = args.plan.as_deref().map(remap::planned_hash).transpose()?;
    let read = args.inputs.read()?;
    if let Some(mut map) = Whole::begin(args.map_out.as_deref())? {
        args.inputs.request(&read, |r| remap::plan_into(r, Outputs { plan: None, map: Some(map.out()) }))?;
        map.finish()?;
    }
    let fixed = if args.dry_run {
        let plan = watched(terminal, || args.inputs.request(&read, remap::plan))?;
        remap::accept(&plan, planned.as_deref())?;
        if args.format != Format::Json {
            match args.format {
                Format::Html => report::html::write_plan(&plan, out),
                _ => report::plan::human(&plan, terminal, out),
            }
            .into_diagnostic()?;
            return Ok(if plan.is_stopped() || plan.is_unsure() { Outcome::Found } else { Outcome::Clean });
        }
        if plan.is_stopped() { Fixed::Stopped { plan } } else { Fixed::Nothing { plan } }
    } else {
        watched(terminal, || args.inputs.request(&read, |r| remap::fix(r, planned.as_deref())))?
    };
    match args.format {
        Format::Human => report::run::human(&fixed, &args.inputs.var_dir, terminal, out).into_diagnostic()?,
        Format::Json => report::run::json(&fixed, args.dry_run, out).into_diagnostic()?,
        Format::Html => report::html::write_run(&fixed, &args.inputs.var_dir, out).into_diagnostic()?,
    }
    if let (Fixed::Applied { warnings, .. }, Format::Human) = (&fixed, args.format) {
        for warning in warnings {
            writeln!(out, "warning: {warning}").map_err(|source| RemapError::Io { path: "the standard output".into(), source })?;
        }
    }
    Ok(match &fixed {
        Fixed::Applied { plan, .. } | Fixed::Nothing { plan } if !plan.is_unsure() => Outcome::Clean,
        _ => Outcome::Found,
    })
}
