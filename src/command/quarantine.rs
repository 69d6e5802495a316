//! `reguid quarantine`: lists the rows that fixes put into quarantine, and puts them back.

use std::io::Write;

use camino::Utf8PathBuf;
use miette::IntoDiagnostic;

use super::Outcome;
use super::format::Format;
use super::watched::watched;
use crate::panel::mapping::Settings;
use crate::panel::source::SourceError;
use crate::panel::{Inventory, Mapping, source};
use crate::remap::PATIENCE;
use crate::remap::quarantine::{self, Request, Restored};
use crate::report;
use crate::report::terminal::Terminal;

/// Where the panel's state is read when nobody says where.
const PANEL: &str = "plesk:";

/// The options of `reguid quarantine`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The extension's var directory.
    #[arg(value_name = "VAR_DIR")]
    pub var_dir: Utf8PathBuf,

    /// Put all rows back of which every id means an object of the panel, with the ids that these have now. All or nothing, as a run of its own, which `reguid undo` takes
    /// back. Without it, the rows are only listed.
    #[arg(long)]
    pub restore: bool,

    /// Only rows that this run took out.
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,

    /// Only rows that were taken out because of an id at this place: `sqlite:apps.domain_id`, as the list has it. May be given more than once.
    #[arg(long, value_name = "PLACE")]
    pub reference: Vec<String>,

    /// The panel as it is now: an inventory source [default: plesk:; where that cannot be read, rows are listed without being looked up].
    #[arg(long, value_name = "SOURCE")]
    pub panel: Option<String>,

    /// Accept objects matched by their name alone.
    #[arg(long)]
    pub accept_name: bool,

    /// Accept objects that belong to another object than what their old owner became, such as a domain that was given to another customer.
    #[arg(long)]
    pub accept_moved: bool,

    /// The panel is another one than that which the rows speak of, whatever equal ids tell.
    #[arg(long)]
    pub another_panel: bool,

    /// How to show what there is, or what was done.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
}

/// Runs `reguid quarantine`.
///
/// # Errors
/// It could not work, and nothing was written; the exit code is 2.
pub fn run(args: &Args, terminal: &Terminal, out: &mut dyn Write) -> miette::Result<Outcome> {
    let panel = args.panel()?;
    let settings = Settings { accept_name: args.accept_name, accept_moved: args.accept_moved, another_panel: args.another_panel };
    let request = Request {
        var_dir: &args.var_dir,
        run: args.run,
        places: &args.reference,
        panel: panel.as_ref().ok(),
        matching: &move |old, new| Mapping::between(old, new, settings),
        patience: PATIENCE,
    };
    let not_looked = panel.as_ref().err().map(ToString::to_string);
    if !args.restore {
        let listing = watched(terminal, || quarantine::list(&request))?;
        match args.format {
            Format::Human => report::quarantine::listed(&listing, not_looked.as_deref(), &args.var_dir, terminal, out),
            Format::Json => report::quarantine::json(&Restored::Nothing { listing }, out),
        }
        .into_diagnostic()?;
        return Ok(Outcome::Clean);
    }
    let restored = watched(terminal, || quarantine::restore(&request))?;
    match args.format {
        Format::Human => report::quarantine::restored(&restored, &args.var_dir, terminal, out),
        Format::Json => report::quarantine::json(&restored, out),
    }
    .into_diagnostic()?;
    let all = restored.listing().waiting == 0 && !matches!(restored, Restored::Stopped { .. });
    Ok(if all { Outcome::Clean } else { Outcome::Found })
}

impl Args {
    /// The panel. The inner error: this server has none that can be read, and nobody asked for another; rows can be listed all the same.
    fn panel(&self) -> miette::Result<Result<Inventory, SourceError>> {
        match (source::read(self.panel.as_deref().unwrap_or(PANEL)), &self.panel) {
            // Whom a companion or a snapshot of one remembers is not there to be referred to.
            (Ok(panel), _) => Ok(Ok(panel.of_what_is_there())),
            (Err(error), None) if !self.restore => Ok(Err(error)),
            (Err(error), _) => Err(error.into()),
        }
    }
}
