//! `reguid plan`: what a fix would do, cell by cell.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::IntoDiagnostic;

use super::Outcome;
use crate::panel::mapping::Settings;
use crate::panel::{Inventory, Mapping, source};
use crate::reference::manifest::Manifest;
use crate::remap::{self, PATIENCE, RemapError, Request};
use crate::report;
use crate::report::terminal::Terminal;

/// The manifest's file name.
const MANIFEST: &str = "reguid.toml";

/// The options of `reguid plan`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to plan.
    #[command(flatten)]
    pub inputs: Inputs,

    /// Write the whole plan, every cell of it, to this file as JSON; `reguid fix --plan` applies it and no other.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<Utf8PathBuf>,

    /// How to show the plan.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
}

/// How to show a plan or a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// For programs.
    Json,
}

/// What `plan` and `fix` work on.
#[derive(Debug, clap::Args)]
pub struct Inputs {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// The manifest [default: reguid.toml in the var directory, else in the current one].
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<Utf8PathBuf>,

    /// The panel state that the stored ids speak of: an inventory source [default: the companion's record].
    #[arg(long, value_name = "SOURCE")]
    pub old: Option<String>,

    /// The panel state that they are to speak of: an inventory source.
    #[arg(long, value_name = "SOURCE", default_value = "plesk:")]
    pub new: String,

    /// Believe --old even where it contradicts the companion's record.
    #[arg(long)]
    pub trust_old: bool,

    /// Accept objects matched by their name alone.
    #[arg(long)]
    pub accept_name: bool,

    /// Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer.
    #[arg(long)]
    pub accept_moved: bool,
}

/// What [`Inputs`] name, read.
pub(super) struct Read {
    manifest: Manifest,
    old: Option<Inventory>,
    new: Inventory,
}

impl Inputs {
    /// Reads the manifest and the inventories.
    pub(super) fn read(&self) -> miette::Result<Read> {
        let manifest = manifest(&self.var_dir, self.manifest.as_deref())?;
        let old = self.old.as_deref().map(source::read).transpose()?;
        Ok(Read { manifest, old, new: source::read(&self.new)? })
    }

    /// Calls `work` with the request.
    pub(super) fn request<T>(&self, read: &Read, work: impl FnOnce(&Request<'_>) -> Result<T, RemapError>) -> Result<T, RemapError> {
        let settings = Settings { accept_name: self.accept_name, accept_moved: self.accept_moved };
        work(&Request {
            var_dir: &self.var_dir,
            manifest: &read.manifest,
            old: read.old.as_ref(),
            new: &read.new,
            trust_old: self.trust_old,
            matching: &move |old, new| Mapping::between(old, new, settings),
            patience: PATIENCE,
        })
    }
}

/// The manifest at `given`, or where it is looked for without.
pub(super) fn manifest(var_dir: &Utf8Path, given: Option<&Utf8Path>) -> miette::Result<Manifest> {
    remap::var_dir(var_dir)?;
    let places = [var_dir.join(MANIFEST), Utf8PathBuf::from(MANIFEST)];
    let path = match given {
        Some(path) => path,
        // One that may not be looked at is tried: reading it says why it cannot be read.
        None => places.iter().find(|p| p.try_exists().unwrap_or(true)).ok_or_else(|| {
            miette::miette!(
                help = "write one with `reguid references --write`, or name it with --manifest",
                "there is no manifest: neither {} nor {MANIFEST} in the current directory",
                places[0]
            )
        })?,
    };
    Ok(Manifest::load(path)?)
}

/// Runs `reguid plan`.
///
/// # Errors
/// It could not work; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let read = args.inputs.read()?;
    let plan = match (&args.output, args.format) {
        (Some(path), _) => write_file(&args.inputs, &read, path)?,
        (None, Format::Json) => args.inputs.request(&read, |r| remap::plan_to(r, "the standard output".into(), out))?,
        (None, Format::Human) => args.inputs.request(&read, remap::plan)?,
    };
    match args.format {
        Format::Human => report::plan::human(&plan, terminal, out).into_diagnostic()?,
        Format::Json if args.output.is_some() => {
            args.inputs.request(&read, |r| remap::plan_to(r, "the standard output".into(), out))?;
        }
        Format::Json => {}
    }
    Ok(if plan.is_stopped() { Outcome::Found } else { Outcome::Clean })
}

/// Writes the plan to a file, whole or not at all.
fn write_file(inputs: &Inputs, read: &Read, path: &Utf8Path) -> miette::Result<remap::Plan> {
    let io = |source| RemapError::Unwritable { path: path.to_owned(), source };
    let folder = path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let plan = inputs.request(read, |r| {
        let mut buffered = std::io::BufWriter::new(file.as_file_mut());
        remap::plan_to(r, path, &mut buffered)
    })?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))?;
    Ok(plan)
}
