//! Settings, tables in the panel's database, and files: what a run changes besides SQLite databases, and how all of it stays one run.
//!
//! SQLite's databases and the companion commit together. The panel's database and the file system are systems of their own, so a run over all of them is
//! decided in one place, the commit of the companion, and finished afterwards by what stands in its intent log: `docs/protocol.md` tells the order, and what
//! each kill leaves.

mod files;
mod finish;
mod folder;
mod journal;
mod last;
mod left_out;
mod rows;
pub(crate) mod script;
mod settings;
mod since;
mod spoken;
mod spot;
mod stage;
mod undoing;
mod verify;
mod work;

use std::time::Duration;

use camino::Utf8Path;

use super::error::RemapError;
use super::ledger::PlaceKey;
use super::target;
use crate::panel::Kind;
use crate::panel::evidence::{Evidence, Hold, Known};
use crate::panel::settings::{Panel, Session};
use crate::panel::source::SourceError;
use crate::reference::manifest::{Entry, Holds, Manifest};
use crate::sqlite::Connection;

pub(super) use finish::{finished, finished_in, not_committed, recover};
use journal::{By, Record};
pub(super) use last::Last;
use script::Language;
pub(super) use since::forget as forget_since;
pub(super) use spoken::{AsBefore, Spoken, table_as_before};
pub(super) use undoing::Undoing;
pub(super) use verify::verify;
pub(super) use work::compute;

/// Why settings are refused.
const NOT_WRITABLE: &str = "settings are in the panel's database, and a dump of it cannot be written: give the live panel, --new plesk: or mysql://…, or let a script be written: --emit sql or php";
/// Why tables in the panel's database are refused.
const NO_ROWS: &str =
    "this table is in the panel's database, of which such tables are read live alone: give the live panel, --new plesk: or mysql://…";
const NO_SETTINGS: &str = "settings are in the panel's database, which this source does not hold: give the live panel, --new plesk: or mysql://…, or with --emit a whole dump of it";

/// Where settings are, and what to do with them.
#[derive(Debug, Clone, Copy)]
pub struct Stores<'a> {
    /// The panel that keeps the settings, live or as a dump tells of it; `None`: there is none at hand.
    pub panel: Option<&'a Panel>,
    /// The extension's id, as the panel knows it; `None`: the name of the var directory.
    pub module: Option<&'a str>,
    /// The panel's database is not written: a script in this language is asked for instead.
    pub emit: Option<Language>,
    /// How long to wait for the panel database's locks.
    pub patience: Duration,
    /// Which ids the rows of the last run hold, as a person says it where nothing tells for certain.
    pub hold: Option<Hold>,
}

impl Default for Stores<'_> {
    fn default() -> Self {
        Stores { panel: None, module: None, emit: None, patience: super::PATIENCE, hold: None }
    }
}

impl<'a> Stores<'a> {
    /// The extension's id.
    fn module(&self, var_dir: &Utf8Path) -> Result<String, RemapError> {
        if let Some(module) = self.module {
            return Ok(module.to_owned());
        }
        let real = var_dir.canonicalize_utf8().map_err(|source| RemapError::Io { path: var_dir.to_owned(), source })?;
        Ok(real.file_name().unwrap_or_default().to_owned())
    }

    /// Begins to work on the settings of the extension. `None`: there is no panel at hand, or a dump, which cannot be written, or one without settings.
    fn session(&self, module: &str, writing: bool) -> Result<Option<Session>, RemapError> {
        let Some(panel) = self.panel else { return Ok(None) };
        let session = if writing { panel.write(module, self.patience) } else { panel.read(module) };
        session.map_err(panel_error)
    }
}

/// What speaks for or against it that what a run changed, whose record this is, is in the panel's database; `None`: it changed nothing there, or rows, of which
/// a dump does not tell.
fn evidence(session: &mut Session, record: &Record, known: Known, stores: Stores<'_>) -> Result<Option<Evidence>, RemapError> {
    let Some(of) = record.setting_run.as_ref().filter(|_| !record.panel.is_empty()) else { return Ok(None) };
    if !session.is_live() && !record.panel.rows.is_empty() {
        return Ok(None);
    }
    let mut evidence = session.evidence(&record.panel, known).map_err(panel_error)?;
    evidence.hold = stores.hold;
    // What a script changes is read in a dump at first, and then in another one.
    let is_of_one_server = of.by == By::Reguid || !record.panel.rows.is_empty();
    evidence.elsewhere = (is_of_one_server && of.server != session.server()).then(|| (of.server.clone(), session.server().to_owned()));
    Ok(Some(evidence))
}

pub(super) fn panel_error(error: SourceError) -> RemapError {
    RemapError::Panel(Box::new(error))
}

/// Refuses a fix of settings that there is only a dump of, unless a script is asked for.
pub(super) fn writable(manifest: &Manifest, stores: Stores<'_>) -> Result<(), RemapError> {
    let is_dump = stores.panel.is_some_and(|panel| !panel.is_live());
    let settings: Vec<&Entry> = manifest.references.iter().filter(|e| is_rewritten(e) && settings::is_one(e)).collect();
    if stores.emit.is_some() || !is_dump || settings.is_empty() {
        return Ok(());
    }
    let list = settings.iter().map(|e| format!("  {}: {NOT_WRITABLE}", target::place(e))).collect::<Vec<_>>().join("\n");
    Err(RemapError::NotHandled { list })
}

/// Whether the manifest names settings or files whose ids a run rewrites.
pub(super) fn wanted(manifest: &Manifest) -> bool {
    manifest.references.iter().any(is_rewritten)
}

fn is_rewritten(entry: &Entry) -> bool {
    entry.holds == Holds::Id && spot::sort(entry).is_some()
}

/// The kinds whose ids stand in settings and files.
pub(super) fn kinds(manifest: &Manifest) -> Vec<Kind> {
    let entries = manifest.references.iter().filter(|e| is_rewritten(e)).cloned().collect();
    Manifest { references: entries, ..manifest.clone() }.kinds()
}

/// The places of settings and files as the ledger names them.
pub(super) fn keys(manifest: &Manifest) -> Vec<PlaceKey> {
    let key = |e: &Entry| (String::new(), spot::sort(e).map_or("", spot::Sort::word).to_owned(), e.store.place().to_string());
    manifest.references.iter().filter(|e| is_rewritten(e)).map(key).collect()
}

/// Forgets what `run` did to settings and files.
pub(super) fn forget(connection: &Connection, run: i64) -> Result<(), crate::sqlite::Error> {
    journal::create(connection)?;
    journal::forget(connection, run)
}
