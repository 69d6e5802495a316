//! Which panel state the stored ids speak of.
//!
//! Values alone can never tell: after 5 → 7 and 7 → 5 the data looks as before. The companion knows, because every run moves data and date together.

use std::borrow::Cow;

use camino::Utf8Path;

use super::compute::Computed;
use super::error::{Context, RemapError};
use super::ledger::{self, Known, PlaceKey};
use super::lock::Lock;
use super::plan::PanelState;
use super::session::{Database, Session};
use super::stores::{self, AsBefore, Spoken};
use super::{scan, session, target};
use crate::panel::evidence::Hold;
use crate::panel::source::companion::{self, RecordedBy};
use crate::panel::{Inventory, Kind, generation};
use crate::sqlite::open;
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, OpenFlags};

/// The state that the stored ids speak of.
///
/// `given` is `--old`. Without it, the companion's current state counts. With it, the two must not contradict each other, save that the state *before*
/// the last run means that the data was moved already, and the companion's state counts: the same command given twice finds nothing to do, however much it
/// trusts `given`. Data that was put back from before that run is known by itself.
pub(crate) fn old<'i>(
    var_dir: &Utf8Path,
    known: &'i Known,
    given: Option<&'i Inventory>,
    kinds: &[Kind],
    trust_old: bool,
) -> Result<Cow<'i, Inventory>, RemapError> {
    let current = known.current.as_ref().map(|g| &g.inventory);
    let (given, current) = match (given, current) {
        (None, None) => return Err(RemapError::NoOld { var_dir: var_dir.to_owned() }),
        (None, Some(current)) => return Ok(Cow::Borrowed(current)),
        (Some(given), None) => return Ok(Cow::Borrowed(given)),
        (Some(given), Some(current)) => (given, current),
    };
    if known.last_run.as_ref().is_some_and(|r| r.old == Some(given.fingerprint())) {
        return Ok(Cow::Borrowed(current));
    }
    if trust_old {
        return Ok(Cow::Borrowed(given));
    }
    let nothing_in_common = || {
        let apart = kinds.iter().find(|&&k| {
            let (a, b) = (given.of_kind(k), current.of_kind(k));
            !a.is_empty() && !b.is_empty() && !a.iter().any(|o| current.get(k, o.id).is_some())
        })?;
        Some(format!("they have no id of any {apart} in common"))
    };
    match generation::changed(current, given, Some(kinds), false).or_else(nothing_in_common) {
        None => Ok(Cow::Borrowed(given)),
        Some(why) => {
            Err(RemapError::Contradiction { given: PanelState::of(given).label(), recorded: PanelState::of(current).label(), why })
        }
    }
}

/// Whether all `places` were part of the last run, if there was one.
pub(crate) fn one_date(var_dir: &Utf8Path, known: &Known, places: &[PlaceKey]) -> Result<(), RemapError> {
    let Some(run) = &known.last_run else { return Ok(()) };
    match places.iter().find(|p| !run.places.contains(*p)) {
        None => Ok(()),
        Some((database, table, column)) => {
            // A setting's or file's place is no column of a database.
            let place = if database.is_empty() { format!("{table}: {column}") } else { format!("{database}: sqlite:{table}.{column}") };
            Err(RemapError::NewPlace { place, run: run.id, var_dir: var_dir.to_owned() })
        }
    }
}

/// Refuses tables that are older than the last run left them, and not as a person says: data that was copied back from before the run, without its companion,
/// speaks of the state before it. Gives those that are so and speak of now.
pub(crate) fn not_older(
    known: &Known,
    session: &Session,
    computed: &Computed<'_>,
    (said, hold): (&Spoken, Option<Hold>),
) -> Result<Vec<AsBefore>, RemapError> {
    let mut all = Vec::new();
    for work in &computed.tables {
        let database = session.databases[work.database].name.as_str();
        all.extend(of_now(known, (database, &work.table.name), &work.scanned.before.to_bytes(), (said, hold))?);
    }
    Ok(all)
}

/// The same of all tables of `session` that `is_wanted` names, which are read for it.
pub(crate) fn none_older(
    known: &Known,
    session: &Session,
    is_wanted: impl Fn(&Database, &Table) -> bool,
    (said, hold): (&Spoken, Option<Hold>),
) -> Result<Vec<AsBefore>, RemapError> {
    let Some(run) = &known.last_run else { return Ok(Vec::new()) };
    let mut all = Vec::new();
    for database in &session.databases {
        for table in database.declared.tables.iter().filter(|table| is_wanted(database, table)) {
            if run.before.contains_key(&(database.name.to_string(), table.name.clone())) {
                let content = scan::content(&session.connection, &database.schema, table).on(&database.path)?.to_bytes();
                all.extend(of_now(known, (database.name.as_str(), &table.name), &content, (said, hold))?);
            }
        }
    }
    Ok(all)
}

/// Whether a table with this content is as before a run, and speaks of now all the same.
fn of_now(
    known: &Known,
    (database, table): (&str, &str),
    content: &[u8],
    (said, hold): (&Spoken, Option<Hold>),
) -> Result<Option<AsBefore>, RemapError> {
    let key = (database.to_owned(), table.to_owned());
    let Some(run) = known.last_run.as_ref().and_then(|run| run.is_before(&key, content)) else { return Ok(None) };
    let as_before = stores::table_as_before(run, (database, table), content);
    if said.takes_for_now(&as_before, hold) {
        Ok(Some(as_before))
    } else {
        Err(RemapError::OlderData { database: key.0, table: key.1, run })
    }
}

/// What became of a snapshot that was to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is the current state now, and nothing was recorded before: that the ids in the data speak of it is taken on faith.
    First,
    /// It is the current state now.
    New {
        /// How many objects are known that are gone from the panel.
        gone: usize,
        /// How ids of kinds that the manifest does not name changed their meaning: their old meaning was kept too.
        aside: Vec<String>,
    },
    /// Nothing in it is new.
    Same {
        /// How many objects are known that are gone from the panel.
        gone: usize,
        /// As in [`Recorded::New`].
        aside: Vec<String>,
    },
    /// Ids changed their meaning since the current state: their old meaning was kept.
    Kept {
        /// The state that they speak of.
        kept: PanelState,
        /// How ids of each kind changed their meaning.
        why: Vec<String>,
    },
}

/// Records `inventory` in the companion in `var_dir` as the state that the stored ids speak of. Where ids changed their meaning since the last one, and for
/// objects that are gone, the meaning that they had is kept. `kinds` are those that the data holds ids of, if that is known.
///
/// # Errors
/// The inventory tells of a part of the panel alone; the var directory or the companion cannot be worked on.
pub fn record_snapshot(var_dir: &Utf8Path, inventory: &Inventory, kinds: Option<&[Kind]>) -> Result<Recorded, RemapError> {
    record_state(var_dir, inventory, kinds, false)
}

/// As [`record_snapshot`]. `another_panel`: a person says that the state is another panel's than the recorded one, whatever equal ids tell.
///
/// # Errors
/// As [`record_snapshot`].
pub fn record_state(
    var_dir: &Utf8Path,
    inventory: &Inventory,
    kinds: Option<&[Kind]>,
    another_panel: bool,
) -> Result<Recorded, RemapError> {
    target::var_dir(var_dir)?;
    if let Some(why) = inventory.partial() {
        return Err(RemapError::RecordsPart { source_name: PanelState::of(inventory).label(), why: why.to_owned() });
    }
    let _lock = Lock::take(var_dir, super::PATIENCE)?;
    record_locked(var_dir, inventory, kinds, another_panel)
}

/// As [`record_snapshot`], for who holds the lock on `var_dir`.
pub(super) fn record_locked(
    var_dir: &Utf8Path,
    inventory: &Inventory,
    kinds: Option<&[Kind]>,
    another_panel: bool,
) -> Result<Recorded, RemapError> {
    let path = companion::path_in(var_dir);
    let known = ledger::read(var_dir)?;
    let merged;
    let (inventory, recorded) = match &known.current {
        None => (inventory, Recorded::First),
        Some(current) => {
            merged = generation::merge(&current.inventory, inventory, kinds, another_panel);
            let grown = !merged.inventory.knows_the_same(&current.inventory);
            let told = |changes: &[(Kind, String)]| changes.iter().map(|(_, why)| why.clone()).collect();
            let (gone, aside) = (merged.gone, told(&merged.aside));
            let recorded = match &merged.kept[..] {
                [] if !grown => return Ok(Recorded::Same { gone, aside }),
                [] => Recorded::New { gone, aside },
                kept => Recorded::Kept { kept: PanelState::of(&current.inventory), why: told(kept) },
            };
            if !grown {
                return Ok(recorded);
            }
            (&merged.inventory, recorded)
        }
    };
    let like = first_file(var_dir);
    let made = session::make(&path, like.as_deref())?;
    let write = || -> Result<(), RemapError> {
        let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5)).on(&path)?;
        open::harden(&connection).on(&path)?;
        if made && let Some(header) = like.as_deref().and_then(|like| open::header(like).ok()) {
            // One transaction spans only databases of one encoding.
            session::set_encoding(&connection, header.encoding).on(&path)?;
        }
        companion::recognise(&connection, &path)?;
        connection.execute_batch("PRAGMA main.synchronous = FULL; BEGIN IMMEDIATE").on(&path)?;
        let again = ledger::known(&connection, &path)?;
        if again.current.map(|g| g.id) != known.current.as_ref().map(|g| g.id) {
            return Err(open::OpenError::Busy { path: path.clone() }.into());
        }
        ledger::create(&connection).on(&path)?;
        let id = companion::record(&connection, inventory, RecordedBy::Snapshot).on(&path)?;
        companion::set_current(&connection, id).on(&path)?;
        ledger::prune(&connection).on(&path)?;
        connection.execute_batch("COMMIT").on(&path)
    };
    let written = write();
    if written.is_err() && made {
        let _ = std::fs::remove_file(&path);
        let _ = std::fs::remove_file(format!("{path}-journal"));
    }
    written.map(|()| recorded)
}

/// Some file in the var directory, whose mode and owner a new companion takes over.
fn first_file(var_dir: &Utf8Path) -> Option<camino::Utf8PathBuf> {
    let mut files: Vec<_> = var_dir.read_dir_utf8().ok()?.flatten().filter(|e| e.file_type().is_ok_and(|t| t.is_file())).collect();
    files.sort_by_key(|e| e.file_name().to_owned());
    let is_database = |path: &Utf8Path| open::header(path).is_ok_and(|h| h.encoding != 0);
    files.iter().find(|e| is_database(e.path())).or(files.first()).map(|e| e.path().to_owned())
}
