//! `reguid convert`: id columns become columns of GUIDs or names.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::IntoDiagnostic;

use super::Outcome;
use super::format::Format;
use super::plan::{Whole, manifest};
use super::watched::watched;
use crate::panel::{Inventory, source};
use crate::reference::manifest::{Manifest, merge};
use crate::remap::PATIENCE;
use crate::remap::convert::{self, Conversion, Converted, Form, Language, Request};
use crate::report;
use crate::report::terminal::Terminal;

/// Where the panel's state is read when nobody says where.
const PANEL: &str = "plesk:";

/// The options of `reguid convert`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// The manifest [default: reguid.toml in the var directory, else in the current one].
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<Utf8PathBuf>,

    /// What ids become.
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub to: To,

    /// Keep the id columns, and add columns beside them: for a release that reads both.
    #[arg(long)]
    pub beside: bool,

    /// Only these places of the manifest, and what foreign keys tie to them: `sqlite:apps.domain_id` [default: every column that holds ids].
    #[arg(long, value_name = "PLACE")]
    pub reference: Vec<String>,

    /// The panel, as the stored ids speak of it: an inventory source [default: plesk:; none for --emit php, which asks the panel when it runs].
    #[arg(long, value_name = "SOURCE")]
    pub panel: Option<String>,

    /// Only show what would be done, tried out on a private copy; change no byte and add no file.
    #[arg(long)]
    pub dry_run: bool,

    /// Say in the manifest what the columns hold afterwards. Without it, the change is shown.
    #[arg(long, conflicts_with_all = ["dry_run", "emit"])]
    pub write_manifest: bool,

    /// Do nothing, and write what would do it: SQL for this server, or PHP for the extension's install script.
    #[arg(long, value_enum, value_name = "LANGUAGE", conflicts_with = "dry_run")]
    pub emit: Option<Emit>,

    /// Where to write it [default: the standard output].
    #[arg(long, short, value_name = "FILE", requires = "emit")]
    pub output: Option<Utf8PathBuf>,

    /// How to show what was done.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t, conflicts_with = "emit")]
    pub format: Format,
}

/// What ids become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum To {
    /// The object's GUID.
    #[default]
    Guid,
    /// Its name.
    Name,
}

/// What a conversion is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Emit {
    /// SQL for SQLite's own program, with the mapping in it.
    Sql,
    /// PHP that asks the panel when it runs.
    Php,
}

/// Runs `reguid convert`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let manifest = manifest(&args.var_dir, args.manifest.as_deref())?;
    let panel = match (&args.panel, args.emit) {
        (None, Some(Emit::Php)) => None,
        (word, _) => Some(source::read(word.as_deref().unwrap_or(PANEL))?),
    };
    let request = args.request(&manifest, panel.as_ref());
    if let Some(language) = args.emit {
        return args.emit(&request, language, terminal, out);
    }
    let converted = if args.dry_run {
        let conversion = watched(terminal, || convert::plan(&request))?;
        match conversion.problems.is_empty() {
            true => Converted::Nothing { conversion },
            false => Converted::Stopped { conversion },
        }
    } else {
        watched(terminal, || convert::convert(&request))?
    };
    if args.format == Format::Json {
        return args.json(&manifest, &converted, out);
    }
    report::convert::human(&converted, args.dry_run, &args.var_dir, terminal, out).into_diagnostic()?;
    if matches!(converted, Converted::Stopped { .. }) {
        return Ok(Outcome::Found);
    }
    args.say_in_manifest(&manifest, converted.conversion(), out)?;
    Ok(Outcome::Clean)
}

impl Args {
    fn request<'a>(&'a self, manifest: &'a Manifest, panel: Option<&'a Inventory>) -> Request<'a> {
        let form = match self.to {
            To::Guid => Form::Guid,
            To::Name => Form::Name,
        };
        Request { var_dir: &self.var_dir, manifest, places: &self.reference, panel, form, beside: self.beside, patience: PATIENCE }
    }

    /// Writes the script, whole or not at all.
    fn emit(&self, request: &Request<'_>, language: Emit, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
        let language = match language {
            Emit::Sql => Language::Sql,
            Emit::Php => Language::Php,
        };
        let mut text = Vec::new();
        let conversion = watched(terminal, || convert::emit(request, language, &mut text))?;
        if !conversion.problems.is_empty() {
            report::convert::human(&Converted::Stopped { conversion }, true, &self.var_dir, terminal, out).into_diagnostic()?;
            return Ok(Outcome::Found);
        }
        if text.is_empty() {
            report::convert::human(&Converted::Nothing { conversion }, true, &self.var_dir, terminal, out).into_diagnostic()?;
            return Ok(Outcome::Clean);
        }
        match Whole::begin(self.output.as_deref())? {
            None => out.write_all(&text).into_diagnostic()?,
            Some(mut file) => {
                file.out().1.write_all(&text).into_diagnostic()?;
                file.finish()?;
                report::convert::written(&conversion, self.output.as_deref().unwrap_or(Utf8Path::new("")), out).into_diagnostic()?;
            }
        }
        Ok(Outcome::Clean)
    }

    /// Writes everything as one document; what changes in the manifest stands in it.
    fn json(&self, manifest: &Manifest, converted: &Converted, out: &mut dyn Write) -> miette::Result<Outcome> {
        let stopped = matches!(converted, Converted::Stopped { .. });
        let changes = if stopped { Vec::new() } else { self.changed(manifest, converted.conversion())? };
        let said = (manifest.path.as_str(), changes.as_slice(), self.write_manifest && !stopped);
        report::convert::json(converted, self.dry_run, said, out).into_diagnostic()?;
        Ok(if stopped { Outcome::Found } else { Outcome::Clean })
    }

    /// What changes in the manifest; changes it, if that is asked for.
    fn changed(&self, manifest: &Manifest, conversion: &Conversion) -> miette::Result<Vec<String>> {
        let edited = convert::manifest(manifest, conversion)?;
        if self.write_manifest && !edited.changes.is_empty() {
            merge::write(&manifest.path, &edited.text)?;
        }
        Ok(edited.changes)
    }

    /// Shows what changes in the manifest, or changes it.
    fn say_in_manifest(&self, manifest: &Manifest, conversion: &Conversion, out: &mut dyn Write) -> miette::Result<()> {
        let changes = self.changed(manifest, conversion)?;
        report::convert::manifest(&manifest.path, &changes, self.write_manifest, out).into_diagnostic()
    }
}
