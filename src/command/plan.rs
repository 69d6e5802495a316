//! `reguid plan`: what a fix would do, cell by cell.

use std::io::{BufWriter, Write};

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;
use miette::IntoDiagnostic;
use tempfile::NamedTempFile;

use super::Outcome;
use super::watched::watched;
use crate::extension;
use crate::panel::evidence::Hold;
use crate::panel::map::Reviewed;
use crate::panel::mapping::Settings;
use crate::panel::settings::Panel;
use crate::panel::{Inventory, Mapping, source};
use crate::reference::manifest::Manifest;
use crate::remap::{self, Language, Outputs, PATIENCE, RemapError, Request, Reviewing, Stores};
use crate::report;
use crate::report::terminal::Terminal;

/// The manifest's file name.
pub(super) const MANIFEST: &str = "reguid.toml";

/// The word for the twins in the data, in the place of an inventory source.
const TWINS: &str = "twins";

/// The options of `reguid plan`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to plan.
    #[command(flatten)]
    pub inputs: Inputs,

    /// Write the mapping of old to new objects to this file, with the rule and the evidence of every pair, to be reviewed and given back with --map.
    #[arg(long, value_name = "FILE")]
    pub map_out: Option<Utf8PathBuf>,

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
    /// A page for a browser, without need of a network.
    Html,
}

/// Which ids rows in the panel's database hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PanelHolds {
    /// Those of after the last run: what it changed is there.
    New,
    /// Those of before it: it did not get there, or the tables were put back.
    Old,
}

impl From<PanelHolds> for Hold {
    fn from(holds: PanelHolds) -> Hold {
        match holds {
            PanelHolds::New => Hold::New,
            PanelHolds::Old => Hold::Old,
        }
    }
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

    /// The panel state that the stored ids speak of: an inventory source, or `twins`, the names and GUIDs that stand beside the ids in the data (`twin` in the
    /// manifest) [default: the companion's record; where there is none, the twins].
    #[arg(long, value_name = "SOURCE")]
    pub old: Option<String>,

    /// The panel state that they are to speak of: an inventory source.
    #[arg(long, value_name = "SOURCE", default_value = "plesk:")]
    pub new: String,

    /// A map that a person reviewed, as --map-out writes it: what it says of an object goes before the rules.
    #[arg(long, value_name = "FILE")]
    pub map: Option<Utf8PathBuf>,

    /// The extension's id, as the panel knows it: whose settings are meant [default: that in the meta.xml beside the manifest, else the name of the var directory].
    #[arg(long, value_name = "ID")]
    pub module: Option<String>,

    /// Stop, before anything is written, where a value cannot be read in which the manifest says that ids stand. Without it, such a value stays as it is and is
    /// named, and the exit code is 1.
    #[arg(long)]
    pub strict: bool,

    /// Believe --old even where it contradicts the companion's record.
    #[arg(long)]
    pub trust_old: bool,

    /// Which ids what looks as before a run holds, in the panel's database, a file or a table, where neither a mark nor the data tell for certain; reguid asks for
    /// this where it is needed.
    #[arg(long, value_enum, value_name = "IDS")]
    pub panel_holds: Option<PanelHolds>,

    /// Accept objects matched by their name alone.
    #[arg(long)]
    pub accept_name: bool,

    /// Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer.
    #[arg(long)]
    pub accept_moved: bool,

    /// The new panel state is another panel's, such as a server that the backup was restored to, whatever equal ids tell. Needed where so few objects got other ids
    /// that the two look like one panel; then objects without GUIDs, such as mailboxes, stay ambiguous.
    #[arg(long)]
    pub another_panel: bool,
}

/// What [`Inputs`] name, read.
pub(super) struct Read {
    manifest: Manifest,
    map: Option<Reviewed>,
    old: Option<Inventory>,
    new: Inventory,
    panel: Option<Panel>,
    module: Option<String>,
}

impl Inputs {
    /// Reads the manifest and the inventories.
    pub(super) fn read(&self) -> miette::Result<Read> {
        if source::is_stdin(&self.new) && self.old.as_deref().is_some_and(source::is_stdin) {
            return Err(miette::miette!(
                help = "write one of the two states to a file and name that",
                "--old and --new are both the standard input, which can be read only once"
            ));
        }
        let mut manifest = manifest(&self.var_dir, self.manifest.as_deref())?;
        manifest.strict = self.strict;
        let map = self.map.as_deref().map(Reviewed::load).transpose()?;
        let old = self.old.as_deref().filter(|old| *old != TWINS).map(source::read).transpose()?;
        let module = self.module.clone().or_else(|| module_of(&manifest));
        // Whom a companion or a snapshot of one remembers is not there to be referred to.
        let new = source::read(&self.new)?.of_what_is_there();
        Ok(Read { manifest, map, old, new, panel: Panel::named_by(&self.new)?, module })
    }

    /// Where the settings are.
    pub(super) fn stores<'r>(&self, read: &'r Read, emit: Option<Language>) -> Stores<'r> {
        let hold = self.panel_holds.map(Hold::from);
        Stores { panel: read.panel.as_ref(), module: read.module.as_deref(), emit, hold, ..Stores::default() }
    }

    /// Calls `work` with the request.
    pub(super) fn request<T>(&self, read: &Read, work: impl FnOnce(&Request<'_>) -> Result<T, RemapError>) -> Result<T, RemapError> {
        let settings = Settings { accept_name: self.accept_name, accept_moved: self.accept_moved, another_panel: self.another_panel };
        work(&Request {
            var_dir: &self.var_dir,
            manifest: &read.manifest,
            old: read.old.as_ref(),
            twins: self.old.as_deref() == Some(TWINS),
            new: &read.new,
            trust_old: self.trust_old,
            matching: &move |old, new| Mapping::between(old, new, settings),
            map: read.map.as_ref().map(|file| Reviewing { file, settings }),
            patience: PATIENCE,
        })
    }
}

/// The extension's id, in the `meta.xml` beside its manifest.
pub(super) fn module_of(manifest: &Manifest) -> Option<String> {
    extension::id_in(manifest.path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new(".")))
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
    let mut files = Files { plan: Whole::begin(args.output.as_deref())?, map: Whole::begin(args.map_out.as_deref())? };
    let to_stdout = args.format == Format::Json && files.plan.is_none();
    let stdout = Utf8Path::new("the standard output");
    let stores = args.inputs.stores(&read, None);
    let compute = |r: &Request<'_>| {
        let direct: &mut dyn Write = &mut *out;
        let plan = if to_stdout { Some((stdout, direct)) } else { files.plan.as_mut().map(Whole::out) };
        remap::plan_with(r, stores, Outputs { plan, map: files.map.as_mut().map(Whole::out) })
    };
    let plan = watched(terminal, || args.inputs.request(&read, compute))?;
    for file in [files.map, files.plan].into_iter().flatten() {
        file.finish()?;
    }
    match args.format {
        Format::Human => report::plan::human(&plan, terminal, out).into_diagnostic()?,
        Format::Json if !to_stdout => {
            args.inputs.request(&read, |r| remap::plan_with(r, stores, Outputs { plan: Some((stdout, out)), map: None }))?;
        }
        Format::Json => {}
        Format::Html => report::html::write_plan(&plan, out).into_diagnostic()?,
    }
    Ok(if plan.is_stopped() || plan.is_unsure() { Outcome::Found } else { Outcome::Clean })
}

/// The files that a plan is written to.
struct Files {
    plan: Option<Whole>,
    map: Option<Whole>,
}

/// A file that is written whole or not at all.
pub(super) struct Whole {
    path: Utf8PathBuf,
    to: BufWriter<NamedTempFile>,
}

impl Whole {
    /// Begins the file at `path`, if there is to be one.
    pub(super) fn begin(path: Option<&Utf8Path>) -> Result<Option<Whole>, RemapError> {
        let Some(path) = path else { return Ok(None) };
        let folder = path.parent().filter(|p| !p.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
        let file = NamedTempFile::new_in(folder).map_err(|e| RemapError::Unwritable { path: path.to_owned(), source: source::plain(e) })?;
        Ok(Some(Whole { path: path.to_owned(), to: BufWriter::new(file) }))
    }

    /// Its name, and what to write to.
    pub(super) fn out(&mut self) -> (&Utf8Path, &mut dyn Write) {
        (&self.path, &mut self.to)
    }

    /// Puts it in its place.
    pub(super) fn finish(self) -> Result<(), RemapError> {
        let io = |source| RemapError::Unwritable { path: self.path.clone(), source };
        let file = self.to.into_inner().map_err(|e| io(e.into_error()))?;
        file.as_file().sync_all().map_err(io)?;
        file.persist(&self.path).map(drop).map_err(|e| io(e.error))
    }
}
