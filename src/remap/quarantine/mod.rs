//! Quarantine: rows that a run took out of the data because an object was gone, kept in the companion until the object is there again.
//!
//! A run notes which of the rows that it took out they are ([`note`]). [`list`] shows them, with what their ids are on a panel as it is now ([`held`]);
//! [`restore`] puts back those of which every id resolves, as a run of its own ([`put`]), proves that by other means ([`proof`]), and can be taken back
//! ([`undo`]). Rows in quarantine outlive the journal of their run ([`keep`]).

mod held;
mod keep;
mod note;
mod proof;
mod put;
pub(super) mod undo;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::Serialize;

pub(super) use self::keep::{forget, give_up, is_kept, trim, waiting};
pub(super) use self::note::{TABLES, note, note_faults};

use self::held::{Held, Now, Prospect};
use super::Matching;
use super::error::{Context, RemapError};
use super::ledger::{self, Known};
use super::lock::Lock;
use super::plan::PanelState;
use super::session::{self, Locked};
use super::watch::{self, Phase};
use super::{stores, target};
use crate::panel::source::companion::{self, CompanionError};
use crate::panel::{Inventory, Kind, generation};
use crate::sqlite::open::{self, OpenError};
use crate::sqlite::{Connection, Error};

/// Reasons that are told of one object's rows.
const REASONS: usize = 5;

/// Which rows of the quarantine, and what to hold them against.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The extension's var directory.
    pub var_dir: &'a Utf8Path,
    /// Only rows that this run took out.
    pub run: Option<i64>,
    /// Only rows that were taken out because of an id at one of these places (`sqlite:apps.domain_id`, with or without `database: ` before it); none: all.
    pub places: &'a [String],
    /// The panel as it is now; `None`: rows are listed and not looked up.
    pub panel: Option<&'a Inventory>,
    /// Matches the objects that rows speak of with those of the panel.
    pub matching: Matching<'a>,
    /// How long to wait for a lock.
    pub patience: Duration,
}

/// What is in quarantine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The rows, by the id whose object was gone.
    pub objects: Vec<HeldObject>,
    /// Rows that can be put back.
    pub ready: u64,
    /// Rows that have to wait.
    pub waiting: u64,
}

/// Rows of one table that a run put into quarantine because of one id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeldObject {
    /// The run that took them out.
    pub run: i64,
    /// When that was (RFC 3339, UTC).
    pub started: String,
    /// The database, relative to the var directory.
    pub database: String,
    /// The place that holds the id: `sqlite:apps.domain_id`.
    pub place: String,
    /// Whose id it is.
    pub kind: Kind,
    /// The id that the rows hold, as it was before the run.
    pub id: i64,
    /// How the companion knows the object; null: it never knew it.
    pub name: Option<String>,
    /// What the object is on the panel now.
    pub now: ObjectNow,
    /// Rows.
    pub rows: u64,
    /// Those of them of which every id resolves: they can be put back.
    pub ready: u64,
    /// Why others have to wait, up to five reasons.
    pub reasons: Vec<String>,
}

/// What an object is on the panel now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum ObjectNow {
    /// It is there.
    There {
        /// Its id.
        id: i64,
    },
    /// It is not there for certain.
    Missing {
        /// What is known.
        why: String,
    },
    /// Nobody looked.
    Unknown,
}

/// How putting rows back ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restored {
    /// Rows were put back.
    Done {
        /// The run's number, for `undo`.
        run: i64,
        /// Rows that were put back, by database and table.
        rows: Vec<(String, String, u64)>,
        /// What was there, as it was before.
        listing: Listing,
        /// What could not be put right afterwards and does no harm.
        warnings: Vec<String>,
    },
    /// No row can be put back.
    Nothing {
        /// What is there.
        listing: Listing,
    },
    /// Something stands in the way; nothing was written.
    Stopped {
        /// What is there.
        listing: Listing,
        /// What stands in the way: a line for each row, or for a table.
        problems: Vec<String>,
    },
}

impl Restored {
    /// What was or is in quarantine.
    #[must_use]
    pub fn listing(&self) -> &Listing {
        match self {
            Restored::Done { listing, .. } | Restored::Nothing { listing } | Restored::Stopped { listing, .. } => listing,
        }
    }
}

/// Lists the rows in quarantine. Leaves no trace.
///
/// # Errors
/// The var directory or the companion cannot be read; there is no such run or place.
pub fn list(request: &Request<'_>) -> Result<Listing, RemapError> {
    target::var_dir(request.var_dir)?;
    let path = companion::path_in(request.var_dir);
    let reader = match open::read(&path) {
        Err(OpenError::Missing { .. }) => return chosen(request, &[]).map(|_| Listing::default()),
        Err(error) => return Err(CompanionError::from(error).into()),
        Ok(reader) => reader,
    };
    companion::recognise(&reader.connection, &path)?;
    watch::phase(Phase::Reading)?;
    let held = held::read(&reader.connection, &path)?;
    let chosen = chosen(request, &held)?;
    let now = Now::read(&reader.connection, &path, &held, request.panel, request.matching)?;
    listing(&reader.connection, &held, &chosen, &now).on(&path)
}

/// For each table of `held`, the columns whose rows are asked for.
fn chosen(request: &Request<'_>, held: &[Held]) -> Result<Vec<Vec<usize>>, RemapError> {
    let of_run = |h: &&Held| request.run.is_none_or(|run| run == h.run);
    let no = |what: String| {
        let mut near: Vec<String> = held.iter().flat_map(|h| (0..h.columns.len()).map(|c| h.place(c))).collect();
        near.sort();
        near.dedup();
        let runs: BTreeSet<i64> = held.iter().map(|h| h.run).collect();
        RemapError::NotHeld { what, runs: runs.into_iter().collect(), places: near }
    };
    if let Some(run) = request.run
        && !held.iter().any(|h| h.run == run)
    {
        return Err(no(format!("{}: no rows of run {run} are in quarantine", request.var_dir)));
    }
    for place in request.places {
        if !held.iter().filter(of_run).any(|h| (0..h.columns.len()).any(|c| h.is_place(c, place))) {
            return Err(no(format!("{}: no rows are in quarantine because of {place}", request.var_dir)));
        }
    }
    let asked = |h: &Held, c: usize| request.places.is_empty() || request.places.iter().any(|p| h.is_place(c, p));
    let of = |h: &Held| match of_run(&h) {
        true => (0..h.columns.len()).filter(|&c| asked(h, c)).collect(),
        false => Vec::new(),
    };
    Ok(held.iter().map(of).collect())
}

/// What rows wait for: an id at a column, and whose it is.
type Waiting = (usize, String, i64);

/// Counts the rows that are waiting.
fn listing(connection: &Connection, held: &[Held], chosen: &[Vec<usize>], now: &Now<'_>) -> Result<Listing, Error> {
    let mut all = Listing::default();
    let watched = watch::rows();
    for (held, chosen) in held.iter().zip(chosen) {
        // By column, kind and id: rows, those of them that are ready, why others wait.
        let mut objects: BTreeMap<Waiting, (u64, u64, Vec<String>)> = BTreeMap::new();
        let mut query = connection.prepare(&held.waiting(chosen))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            watched.row()?;
            let column = usize::try_from(row.get::<_, i64>(1)?).unwrap_or(usize::MAX);
            let (count, ready, reasons) = objects.entry((column, row.get(2)?, row.get(3)?)).or_default();
            *count += 1;
            match now.prospect(held, row)? {
                Prospect::Ready(_) => *ready += 1,
                Prospect::Waits(why) if reasons.len() < REASONS && !reasons.contains(&why) => reasons.push(why),
                Prospect::Waits(_) => {}
            }
        }
        for ((column, word, id), (rows, ready, reasons)) in objects {
            (all.ready, all.waiting) = (all.ready + ready, all.waiting + rows - ready);
            // A kind that this release does not know was refused when the columns were read.
            let Ok(kind) = word.parse::<Kind>() else { continue };
            let state = match now.new_id(held, kind, id) {
                _ if !now.looks() => ObjectNow::Unknown,
                Ok(id) => ObjectNow::There { id },
                Err(why) => ObjectNow::Missing { why },
            };
            let place = held.place(column);
            all.objects.push(HeldObject {
                run: held.run,
                started: held.started.clone(),
                database: held.database.clone(),
                place: place.split_once(": ").map_or(place.clone(), |(_, short)| short.to_owned()),
                kind,
                id,
                name: now.name(held, kind, id),
                now: state,
                rows,
                ready,
                reasons: if now.looks() { reasons } else { Vec::new() },
            });
        }
    }
    Ok(all)
}

/// Puts back all rows of which every id resolves, or none.
///
/// # Errors
/// Nothing was written: the ids in the data do not speak of the panel as it is now, a database is in use, the disk is full, …
pub fn restore(request: &Request<'_>) -> Result<Restored, RemapError> {
    let Some(panel) = request.panel else { return Ok(Restored::Nothing { listing: list(request)? }) };
    target::var_dir(request.var_dir)?;
    let lock = Lock::take(request.var_dir, request.patience)?;
    session::restore_wal(request.var_dir)?;
    let listing = list(request)?;
    // A database in WAL mode is switched for a run. What needs no run must not touch it.
    if listing.ready == 0 {
        return Ok(Restored::Nothing { listing });
    }
    if let Some(why) = panel.partial() {
        return Err(RemapError::RecordsPart { source_name: PanelState::of(panel).label(), why: why.to_owned() });
    }
    let path = companion::path_in(request.var_dir);
    let (names, problems) = databases(request, panel, &path)?;
    if !problems.is_empty() {
        return Ok(Restored::Stopped { listing, problems });
    }
    let locked = Locked::open(request.var_dir, &names, request.patience)?;
    let session = locked.session();
    stores::finished_in(&session.connection, &path)?;
    let known = ledger::known(&session.connection, &path)?;
    let held = held::read(&session.connection, &path)?;
    let chosen = chosen(request, &held)?;
    let now = Now::read(&session.connection, &path, &held, request.panel, request.matching)?;
    let after = speaks(request, panel, &known, &held)?;
    let work = put::Work { session, path: &path, known: &known, held: &held, chosen: &chosen, now: &now, panel, after: &after };
    match put::put(&work)? {
        put::Ended::Stopped(problems) => Ok(Restored::Stopped { listing, problems }),
        put::Ended::Done { run, rows } => {
            let warnings = locked.commit(&format!("SELECT 1 FROM main.run WHERE id = {run} AND status = 'applied'"))?;
            drop(lock);
            Ok(Restored::Done { run, rows, listing, warnings })
        }
    }
}

/// The panel state that the data will speak of: what it speaks of already, and what is new on the panel. Refuses where the ids in the data mean something else
/// there: the rows would not speak of what the rest speaks of.
fn speaks(request: &Request<'_>, panel: &Inventory, known: &Known, held: &[Held]) -> Result<Inventory, RemapError> {
    let kinds: Vec<Kind> = held.iter().flat_map(|h| h.columns.iter().flat_map(|c| c.kinds.iter().copied())).collect();
    let Some(current) = known.current.as_ref().map(|g| &g.inventory) else {
        return Err(CompanionError::NoState { path: companion::path_in(request.var_dir) }.into());
    };
    let another = (request.matching)(current, panel).on_another_panel();
    if let Some(why) = generation::changed(current, panel, Some(&kinds), another) {
        let recorded = PanelState::of(current).label();
        return Err(RemapError::OtherState { panel: PanelState::of(panel).label(), recorded, why });
    }
    Ok(generation::merge(current, panel, Some(&kinds), another).inventory)
}

/// The databases of the rows that can be put back; and those that are gone.
fn databases(request: &Request<'_>, panel: &Inventory, path: &Utf8Path) -> Result<(Vec<Utf8PathBuf>, Vec<String>), RemapError> {
    let reader = open::read(path)?;
    let held = held::read(&reader.connection, path)?;
    speaks(request, panel, &ledger::known(&reader.connection, path)?, &held)?;
    let chosen = chosen(request, &held)?;
    let now = Now::read(&reader.connection, path, &held, request.panel, request.matching)?;
    let (mut names, mut problems) = (BTreeSet::new(), Vec::new());
    for (one, chosen) in held.iter().zip(&chosen) {
        let some = listing(&reader.connection, std::slice::from_ref(one), std::slice::from_ref(chosen), &now).on(path)?;
        if some.ready == 0 {
            continue;
        }
        match session::inside(path, request.var_dir, Utf8Path::new(&one.database))?.exists() {
            true => drop(names.insert(Utf8PathBuf::from(&one.database))),
            false => problems.push(format!("{}: the database is gone, of which run {} took rows out", one.database, one.run)),
        }
    }
    Ok((names.into_iter().collect(), problems))
}
