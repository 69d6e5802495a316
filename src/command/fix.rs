//! `reguid fix`: plan, apply, check, all or nothing.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::plan::{Format, Inputs, Read, Whole};
use super::watched::watched;
use crate::remap::{self, Fixed, Language, Outputs, RemapError, quarantine};
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

    /// Write no settings, and give out a script instead that does: `sql` for the database's client (`plesk db`), `php` for the panel's PHP. It changes nothing
    /// where a setting is not as it was. With a dump as --new, the settings are taken from there.
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    pub emit: Option<Emit>,

    /// The file for the script. It must not be there yet [default: reguid-settings.sql or .php in the current directory].
    #[arg(long, value_name = "FILE", requires = "emit")]
    pub emit_to: Option<Utf8PathBuf>,

    /// Write the mapping of old to new objects to this file first, as `reguid plan --map-out` does; also where something unresolved stops the fix.
    #[arg(long, value_name = "FILE")]
    pub map_out: Option<Utf8PathBuf>,

    /// How to show what was done.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
}

/// The language of a script for settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Emit {
    /// For the database's own client.
    Sql,
    /// For the panel's programming interface.
    Php,
}

impl Emit {
    pub(super) fn language(self) -> Language {
        match self {
            Emit::Sql => Language::Sql,
            Emit::Php => Language::Php,
        }
    }

    fn file(self) -> Utf8PathBuf {
        match self {
            Emit::Sql => "reguid-settings.sql".into(),
            Emit::Php => "reguid-settings.php".into(),
        }
    }
}

impl Emit {
    /// The file for a script, which must not be there yet.
    pub(super) fn file_for(self, given: Option<&Utf8PathBuf>) -> Result<Utf8PathBuf, RemapError> {
        let path = given.cloned().unwrap_or_else(|| self.file());
        if path.exists() {
            return Err(RemapError::Unwritable { path, source: std::io::ErrorKind::AlreadyExists.into() });
        }
        Ok(path)
    }
}

/// Writes a script to a file that is not there yet.
pub(super) fn write_script(path: &Utf8PathBuf, script: &str) -> Result<(), RemapError> {
    let unwritable = |source| RemapError::Unwritable { path: path.clone(), source };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    // It holds what is taken out, whole.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(unwritable)?;
    file.write_all(script.as_bytes()).and_then(|()| file.sync_all()).map_err(unwritable)
}

/// Writes the script that the last run asks for, if it does.
fn emit(args: &Args, emit: Emit, out: &mut dyn Write) -> miette::Result<()> {
    let Some(script) = remap::last_script(&args.inputs.var_dir, emit.language())? else { return Ok(()) };
    let path = emit.file_for(args.emit_to.as_ref())?;
    write_script(&path, &script)?;
    if args.format == Format::Human {
        writeln!(out, "{path}: run this script now: until then the panel's database holds the old ids.").into_diagnostic()?;
    }
    Ok(())
}

/// Says what is in quarantine, where something can be done about it or the run put it there.
fn quarantined(args: &Args, read: &Read, fixed: &Fixed, out: &mut dyn Write) -> miette::Result<()> {
    let listed = args.inputs.request(read, |r| {
        let all = quarantine::Request {
            var_dir: r.var_dir,
            run: None,
            places: &[],
            panel: Some(r.new),
            matching: r.matching,
            patience: r.patience,
        };
        quarantine::list(&all)
    });
    let removed = matches!(fixed, Fixed::Applied { plan, .. } if plan.summary.removed > 0);
    report::quarantine::beside(listed.as_ref(), removed, &args.inputs.var_dir, out).into_diagnostic()
}

/// Runs `reguid fix`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let planned = args.plan.as_deref().map(remap::planned_hash).transpose()?;
    let read = args.inputs.read()?;
    let stores = args.inputs.stores(&read, args.emit.map(Emit::language));
    args.emit.filter(|_| !args.dry_run).map(|e| e.file_for(args.emit_to.as_ref())).transpose()?;
    if let Some(mut map) = Whole::begin(args.map_out.as_deref())? {
        args.inputs.request(&read, |r| remap::plan_with(r, stores, Outputs { plan: None, map: Some(map.out()) }))?;
        map.finish()?;
    }
    let fixed = if args.dry_run {
        let plan = watched(terminal, || args.inputs.request(&read, |r| remap::plan_with(r, stores, Outputs::default())))?;
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
        match watched(terminal, || args.inputs.request(&read, |r| remap::fix_with(r, stores, planned.as_deref()))) {
            // The script of the last run was lost, or never written.
            Err(RemapError::SettingsBehind { written: false, undone: false, .. }) if args.emit.is_some() => {
                emit(args, args.emit.unwrap_or(Emit::Sql), out)?;
                return Ok(Outcome::Clean);
            }
            other => other?,
        }
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
    if args.format == Format::Human && !args.dry_run && !matches!(fixed, Fixed::Stopped { .. }) {
        quarantined(args, &read, &fixed, out)?;
    }
    if let (Fixed::Applied { .. }, Some(language)) = (&fixed, args.emit) {
        emit(args, language, out)?;
    }
    Ok(match &fixed {
        Fixed::Applied { plan, .. } | Fixed::Nothing { plan } if !plan.is_unsure() => Outcome::Clean,
        _ => Outcome::Found,
    })
}
