//! Planning and fixing, step by step.

use std::borrow::Cow;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::apply;
use super::check;
use super::compute::{self, Computed, Depth, States};
use super::date;
use super::error::{Context, RemapError};
use super::full_text;
use super::inside;
use super::ledger::{self, Known, PlaceKey};
use super::lock::Lock;
use super::method::Method;
use super::pairs::{self, Noted};
use super::plan::{PanelState, Plan};
use super::session::{Database, Locked, Session};
use super::space::{Need, Touched};
use super::stores::{self, Stores};
use super::target::{self, Resolved, Target};
use super::twin::{Gathered, Old};
use super::watch::{self, Phase};
use super::{Request, kept, quarantine, session, twin, write};
use crate::panel::evidence::Hold;
use crate::panel::source::companion::{self, RecordedBy};
use crate::panel::{Inventory, Kind, generation, map};
use crate::reference::manifest::Manifest;
use crate::sqlite::name::qualified;
use crate::sqlite::open;
use crate::sqlite::{Connection, Error, params};

/// How a fix ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fixed {
    /// Everything was rewritten.
    Applied {
        /// The run's number, for `undo`.
        run: i64,
        /// What was done.
        plan: Plan,
        /// What could not be put right afterwards and does no harm.
        warnings: Vec<String>,
    },
    /// Every reference was right already; nothing was written.
    Nothing {
        /// What was found.
        plan: Plan,
    },
    /// Something unresolved stopped it; nothing was written.
    Stopped {
        /// What stopped it.
        plan: Plan,
    },
}

/// What a fix would do. Changes no byte and adds no file.
///
/// # Errors
/// The manifest, the databases or the inventories cannot be worked with.
pub fn plan(request: &Request<'_>) -> Result<Plan, RemapError> {
    look(request, Stores::default(), Depth::Whole, |_, _, _| Ok(()))
}

/// As [`plan`], and writes the whole plan to `out` as JSON, with every cell.
///
/// # Errors
/// As [`plan`]; or `out` takes no more.
pub fn plan_to(request: &Request<'_>, name: &Utf8Path, out: &mut dyn Write) -> Result<Plan, RemapError> {
    plan_into(request, Outputs { plan: Some((name, out)), map: None })
}

/// What a plan is written to, each with its name for errors.
#[derive(Default)]
pub struct Outputs<'w> {
    /// The whole plan as JSON, with every cell.
    pub plan: Option<(&'w Utf8Path, &'w mut dyn Write)>,
    /// The mapping as a map file, to be reviewed.
    pub map: Option<(&'w Utf8Path, &'w mut dyn Write)>,
}

/// As [`plan`], and writes it out.
///
/// # Errors
/// As [`plan`]; or an output takes no more.
pub fn plan_into(request: &Request<'_>, outputs: Outputs<'_>) -> Result<Plan, RemapError> {
    plan_with(request, Stores::default(), outputs)
}

/// As [`plan_into`], with settings where `stores` says.
///
/// # Errors
/// As [`plan_into`]; or the panel's database cannot be worked with.
pub fn plan_with(request: &Request<'_>, stores: Stores<'_>, outputs: Outputs<'_>) -> Result<Plan, RemapError> {
    look(request, stores, Depth::Whole, |session, plan, (resolved, states)| {
        if let Some((name, out)) = outputs.map {
            let unwritable = |source| RemapError::Unwritable { path: name.to_owned(), source };
            map::write(states.old, states.new, states.mapping, out).map_err(unwritable)?;
        }
        match outputs.plan {
            Some((name, out)) => {
                let io = |source| RemapError::Io { path: name.to_owned(), source };
                write::json(session, plan, resolved, states, out)?.map_err(io)
            }
            None => Ok(()),
        }
    })
}

/// Computes the plan on databases opened for reading, and shows it to `then`.
fn look(
    request: &Request<'_>,
    stores: Stores<'_>,
    depth: Depth,
    then: impl FnOnce(&Session, &Plan, (&Resolved, States<'_>)) -> Result<(), RemapError>,
) -> Result<Plan, RemapError> {
    let names = databases(request)?;
    let session = Session::read(request.var_dir, &names)?;
    let known = ledger::read(request.var_dir)?;
    let last = stores::Last::of(request.var_dir, known.last_run.as_ref().map(|r| r.id))?;
    let resolved = target::resolve(request.manifest, &session.databases)?;
    watch::phase(Phase::Reading)?;
    watch::expect(|| rows_of(&session, &resolved.targets))?;
    let targets = resolved.targets.clone();
    let old = old(request, &known, &session, &targets)?;
    let mapping = request.mapping(&old, &known)?;
    let states = States { old: old.inventory(), new: request.new, mapping: &mapping };
    let mut computed = compute::compute(&session, resolved, states, (None, request.manifest.strict), depth)?;
    let as_before = date::not_older(&known, &session, &computed, (&last.spoken, stores.hold))?;
    computed.plan.notes.extend(last.spoken.notes(&as_before));
    stores::compute((request.var_dir, stores), request.manifest, states, &mut computed.plan, false, (&last, request.trust_old))?;
    on_faith(request, &known, &old, &mut computed.plan);
    let again = Resolved { targets, ..Resolved::default() };
    then(&session, &computed.plan, (&again, states))?;
    Ok(computed.plan)
}

/// Without a companion nothing tells what the ids speak of, or that they were mapped already; unless twins do.
fn on_faith(request: &Request<'_>, known: &Known, old: &Old<'_>, plan: &mut Plan) {
    let given = request.old.filter(|_| request.trust_old).map(Inventory::fingerprint);
    if let Some(run) = known.last_run.as_ref().filter(|run| run.old.is_some() && run.old == given) {
        plan.notes.push(format!(
            "--old is the state before run {0}, which moved the ids already: --trust-old changes nothing about that. What was put back since speaks of that state: take \
             the run back with reguid undo, or put back all of one time",
            run.id
        ));
    }
    match old {
        Old::Twins(twins) => plan.notes.push(format!(
            "there is no record of the old panel state: what ids mean was taken from the twins beside them, which tell of {} {}",
            twins.inventory.objects().len(),
            if twins.inventory.objects().len() == 1 { "object" } else { "objects" }
        )),
        Old::State(_) if known.current.is_none() && !plan.is_empty() => {
            let note = "there is no companion here: that the ids speak of the old state is taken on faith. If they were mapped already (and reguid.db was \
                        lost since), do not go on";
            plan.notes.push(note.to_owned());
            // Sources tell the time of different zones: a day is none.
            if plan.old.day().zip(plan.new.day()).is_some_and(|(old, new)| old > new + 1) {
                plan.notes
                    .push("the old panel state is of later than the new one: if --old and --new changed places, do not go on".to_owned());
            }
        }
        Old::State(_) => {}
    }
}

fn databases(request: &Request<'_>) -> Result<Vec<Utf8PathBuf>, RemapError> {
    target::var_dir(request.var_dir)?;
    target::declared(request.manifest)?;
    target::files(request.var_dir, request.manifest, target::rewritten)
}

/// The state that the stored ids speak of, if that is clear for all targets.
fn old<'i>(request: &Request<'i>, known: &'i Known, session: &Session, targets: &[Target]) -> Result<Old<'i>, RemapError> {
    if targets.is_empty() && !stores::wanted(request.manifest) {
        // No id is asked for its meaning.
        return Ok(Old::State(Cow::Borrowed(request.new)));
    }
    let mut kinds: Vec<Kind> = targets.iter().flat_map(Target::kinds).chain(stores::kinds(request.manifest)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if !request.trust_old {
        date::one_date(request.var_dir, known, &keys(&session.databases, targets, request.manifest))?;
    }
    let nothing_known = request.old.is_none() && known.current.is_none();
    if request.twins || nothing_known {
        match Gathered::read(session, targets)?.filter(|twins| !twins.inventory.objects().is_empty()) {
            Some(twins) => {
                let current = known.current.as_ref().filter(|_| !request.trust_old).map(|g| &g.inventory);
                if let Some((current, why)) = current.and_then(|c| Some((c, twins.contradicts(c)?))) {
                    return Err(RemapError::Contradiction { given: twin::SOURCE.into(), recorded: PanelState::of(current).label(), why });
                }
                return Ok(Old::Twins(twins));
            }
            None if request.twins => return Err(RemapError::NoTwins { manifest: request.manifest.path.clone() }),
            None => {}
        }
    }
    date::old(request.var_dir, known, request.old, &kinds, request.trust_old).map(Old::State)
}

fn keys(databases: &[Database], targets: &[Target], manifest: &Manifest) -> Vec<PlaceKey> {
    let key = |t: &Target| {
        let table = &databases[t.database].declared.tables[t.table];
        let place =
            |at: &str| (databases[t.database].name.to_string(), table.name.clone(), format!("{}{at}", table.columns[t.column].name));
        match &t.inside {
            None => vec![place("")],
            // An entry that is added later speaks of ids that this run leaves as they are.
            Some(inside) => inside.parts.iter().map(|p| place(&p.at)).collect(),
        }
    };
    let mut keys: Vec<PlaceKey> = targets.iter().flat_map(key).chain(stores::keys(manifest)).collect();
    keys.sort();
    keys.dedup();
    keys
}

/// Rewrites every place of the manifest, all or nothing. With `planned`, only if the plan still has that hash.
///
/// # Errors
/// Nothing was written: the manifest holds places that this release does not rewrite, the plan is stale, a database is in use, the disk is full, …
pub fn fix(request: &Request<'_>, planned: Option<&str>) -> Result<Fixed, RemapError> {
    fix_with(request, Stores::default(), planned)
}

/// As [`fix`], and rewrites tables by `method` where it can be used: all of them come to the same.
///
/// # Errors
/// As [`fix`].
pub fn fix_by(request: &Request<'_>, planned: Option<&str>, method: Option<Method>) -> Result<Fixed, RemapError> {
    fix_all(request, Stores::default(), planned, method)
}

/// As [`fix`], with settings where `stores` says.
///
/// # Errors
/// As [`fix`]; or the panel's database cannot be worked with. [`RemapError::Unfinished`]: the run is committed and goes on with the next one.
pub fn fix_with(request: &Request<'_>, stores: Stores<'_>, planned: Option<&str>) -> Result<Fixed, RemapError> {
    fix_all(request, stores, planned, None)
}

fn fix_all(request: &Request<'_>, stores: Stores<'_>, planned: Option<&str>, method: Option<Method>) -> Result<Fixed, RemapError> {
    target::var_dir(request.var_dir)?;
    stores::writable(request.manifest, stores)?;
    let lock = Lock::take(request.var_dir, request.patience)?;
    session::restore_wal(request.var_dir)?;
    let finished = stores::recover(&lock, request.var_dir, stores)?;
    let mut fixed = fix_locked(request, stores, planned, (method, &lock))?;
    if let Some((run, undone)) = finished {
        let (Fixed::Applied { plan, .. } | Fixed::Nothing { plan } | Fixed::Stopped { plan }) = &mut fixed;
        let what = if undone { "was being taken back, and now is" } else { "was interrupted, and is finished now" };
        plan.notes.insert(0, format!("run {run} {what}"));
    }
    if stores.hold == Some(Hold::New) {
        match &mut fixed {
            Fixed::Stopped { .. } => {}
            Fixed::Nothing { .. } => speak_of_now(request, stores, None)?,
            // It is committed: what cannot be noted is asked for again.
            Fixed::Applied { run, warnings, .. } => {
                if let Err(error) = speak_of_now(request, stores, Some(*run)) {
                    warnings.push(format!("that some of the data speaks of now, as --panel-holds says, could not be noted: {error}"));
                }
            }
        }
    }
    Ok(fixed)
}

/// Notes that what is as before a run speaks of now; save for `just`, which was made by whoever was told so.
fn speak_of_now(request: &Request<'_>, stores: Stores<'_>, just: Option<i64>) -> Result<(), RemapError> {
    let known = ledger::read(request.var_dir)?;
    let last = stores::Last::of(request.var_dir, known.last_run.as_ref().map(|r| r.id))?;
    let session = Session::read(request.var_dir, &databases(request)?)?;
    let targets = target::resolve(request.manifest, &session.databases)?.targets;
    let tables = date::none_older(&known, &session, target::in_tables(&session.databases, &targets), (&last.spoken, stores.hold))?;
    drop(session);
    let tables = tables.into_iter().filter(|table| Some(table.0) != just).collect();
    last.speak_of_now(request.var_dir, stores, tables, just)
}

fn fix_locked(
    request: &Request<'_>,
    stores: Stores<'_>,
    planned: Option<&str>,
    (method, lock): (Option<Method>, &Lock),
) -> Result<Fixed, RemapError> {
    let names = databases(request)?;
    let kinds = request.manifest.kinds();
    if names.is_empty() && !stores::wanted(request.manifest) {
        let plan = plan(request)?;
        accept(&plan, planned)?;
        return Ok(Fixed::Nothing { plan });
    }
    if stores::wanted(request.manifest) || needs_look(request, &names)? {
        // A database in WAL mode is switched for a run. What needs no run must not touch it.
        let (mut same_meaning, mut another_panel) = (false, false);
        let mut looked = |depth| {
            look(request, stores, depth, |_, _, (_, states)| {
                same_meaning = generation::changed(states.old, states.new, Some(&kinds), states.mapping.on_another_panel()).is_none();
                another_panel = states.mapping.on_another_panel();
                Ok(())
            })
        };
        // What is shown to a person or compared with a reviewed plan needs its hash. Where the run goes on, it plans once more under its lock.
        let depth = if planned.is_some() { Depth::Whole } else { Depth::Targets };
        let mut plan = looked(depth)?;
        if depth == Depth::Targets && (plan.is_stopped() || plan.is_empty()) {
            plan = looked(Depth::Whole)?;
        }
        accept(&plan, planned)?;
        if plan.is_stopped() {
            return Ok(Fixed::Stopped { plan });
        }
        if plan.is_empty() && same_meaning {
            if request.new.partial().is_none() && ledger::read(request.var_dir)?.current.is_some() {
                date::record_locked(request.var_dir, request.new, Some(&kinds), another_panel)?;
            }
            return Ok(Fixed::Nothing { plan });
        }
    }
    let locked = Locked::open(request.var_dir, &names, request.patience)?;
    let session = locked.session();
    let path = companion::path_in(request.var_dir);
    let known = ledger::known(&session.connection, &path)?;
    let resolved = target::resolve(request.manifest, &session.databases)?;
    let keys = keys(&session.databases, &resolved.targets, request.manifest);
    let places: Vec<Noted> = resolved.targets.iter().map(|target| Noted::of(request.manifest, &session.databases, target)).collect();
    let old = old(request, &known, session, &resolved.targets)?;
    let mapping = request.mapping(&old, &known)?;
    let states = States { old: old.inventory(), new: request.new, mapping: &mapping };
    watch::phase(Phase::Reading)?;
    let mut read = 0;
    watch::expect(|| {
        read = rows_of(session, &resolved.targets)?;
        // Each row is read, journalled, written and read again; how many are written is not known yet.
        Ok::<_, RemapError>(4 * read)
    })?;
    let mut computed = compute::compute(session, resolved, states, (method, request.manifest.strict), Depth::Whole)?;
    let last = stores::Last::read(&session.connection, &path, known.last_run.as_ref().map(|r| r.id))?;
    let as_before = date::not_older(&known, session, &computed, (&last.spoken, stores.hold))?;
    computed.plan.notes.extend(last.spoken.notes(&as_before));
    let mut others =
        stores::compute((request.var_dir, stores), request.manifest, states, &mut computed.plan, true, (&last, request.trust_old))?;
    on_faith(request, &known, &old, &mut computed.plan);
    accept(&computed.plan, planned)?;
    if computed.plan.is_stopped() {
        return Ok(Fixed::Stopped { plan: computed.plan });
    }
    let another_panel = states.mapping.on_another_panel();
    if computed.plan.is_empty() && generation::changed(states.old, request.new, Some(&kinds), another_panel).is_none() {
        // The ids mean the same in both states. Only the companion's knowledge of the panel grows.
        if let Some(current) = known.current.as_ref().filter(|_| request.new.partial().is_none()) {
            let merged = generation::merge(&current.inventory, request.new, Some(&kinds), another_panel);
            if merged.kept.is_empty() && !merged.inventory.knows_the_same(&current.inventory) {
                let id = remember(&session.connection, &merged.inventory).on(&path)?;
                locked.commit(&format!("SELECT 1 FROM main.current WHERE generation = {id}"))?;
            }
        }
        return Ok(Fixed::Nothing { plan: computed.plan });
    }
    room(session, &computed, &path, |need| others.need(request.var_dir, need))?;
    let indexes = full_text::concerned(&session.databases, computed.touched());
    full_text::agree(session, &indexes)?;
    watch::phase(Phase::Recording)?;
    let writes = |method| if method == Method::Update { 2 } else { 4 };
    let written: u64 = computed.tables.iter().map(|w| (w.scanned.changed + w.scanned.removed) * writes(w.method)).sum();
    let again: u64 = computed.tables.iter().filter(|w| w.scanned.changed + w.scanned.removed > 0).map(|w| w.scanned.rows).sum();
    watch::expect(|| Ok::<_, RemapError>(read + written + again))?;
    let baseline = check::baseline_of(session, &computed)?;
    session.writes();
    let after = generation::after_run(states.old, states.new, states.mapping, &kinds);
    let run = record(&session.connection, &known, (states, &after), &computed, &keys, &baseline).on(&path)?;
    pairs::note(&session.connection, run, &places, &stores::kinds(request.manifest), states.mapping).on(&path)?;
    watch::phase(Phase::Writing)?;
    apply::apply(session, &computed, run)?;
    kept::note(session, &computed, run)?;
    quarantine::note(session, &computed, &places, run)?;
    full_text::rebuild(session, &indexes)?;
    watch::phase(Phase::Checking)?;
    let wrong = check::check(session, &computed, states, &baseline)?;
    quarantine::note_faults(session, run, &baseline.without(&wrong)).on(&path)?;
    inside::check(session, &computed, run)?;
    ledger::finish(&session.connection, run).on(&path)?;
    ledger::prune(&session.connection).on(&path)?;
    let mut warnings = others.prepare(request.var_dir, stores, &session.connection, run)?;
    let plan = computed.plan;
    watch::phase(Phase::Committing)?;
    others.committing();
    let committed = locked.commit(&format!("SELECT 1 FROM main.run WHERE id = {run} AND status = 'applied'"));
    warnings.extend(committed.inspect_err(|_| stores::not_committed(lock, request.var_dir))?);
    others.finish(request.var_dir, stores)?;
    Ok(Fixed::Applied { run, plan, warnings })
}

/// Rows of the tables that hold targets.
fn rows_of(session: &Session, targets: &[Target]) -> Result<u64, RemapError> {
    let mut all = 0;
    for group in targets.chunk_by(|a, b| (a.database, a.table) == (b.database, b.table)) {
        let database = &session.databases[group[0].database];
        let name = qualified(&database.schema, &database.declared.tables[group[0].table].name);
        let sql = format!("SELECT count(*) FROM {name}");
        let rows: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
        all += u64::try_from(rows).unwrap_or(0);
    }
    Ok(all)
}

/// Refuses a run for which there is no room: beside each database for its rollback journal, beside the companion for the journal of cells, and what files need,
/// which `others` adds.
fn room(
    session: &Session,
    computed: &Computed<'_>,
    companion: &Utf8Path,
    others: impl FnOnce(&mut Need) -> Result<(), RemapError>,
) -> Result<(), RemapError> {
    let mut need = Need::default();
    for (index, database) in session.databases.iter().enumerate() {
        let size = std::fs::metadata(&database.path).map_or(0, |m| m.len());
        let sql = format!("PRAGMA {}.page_size", database.schema);
        let page_size: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
        let mut bytes = 0u64;
        for work in computed.tables.iter().filter(|w| w.database == index) {
            let rows = work.scanned.changed + work.scanned.removed;
            let pages = 1 + work.table.indexes.len() as u64;
            bytes = bytes.saturating_add(Touched { rows, pages, page_size: page_size.unsigned_abs() }.bytes(size));
        }
        let bytes = bytes.min(size);
        need.add(&database.path, bytes)?;
        need.add(companion, bytes)?;
    }
    others(&mut need)?;
    need.check()
}

/// Whether looking first is needed because locking would already change a file.
fn needs_look(request: &Request<'_>, names: &[Utf8PathBuf]) -> Result<bool, RemapError> {
    for name in names {
        if open::header(&request.var_dir.join(name))?.wal {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Refuses what this release cannot do whole, and a plan that is not the reviewed one, whose hash is `planned`.
///
/// # Errors
/// [`RemapError::NotHandled`], [`RemapError::Stale`].
pub fn accept(plan: &Plan, planned: Option<&str>) -> Result<(), RemapError> {
    if !plan.not_handled.is_empty() {
        let list = plan.not_handled.iter().map(|r| format!("  {}: {}", r.place, r.reason)).collect::<Vec<_>>().join("\n");
        return Err(RemapError::NotHandled { list });
    }
    match planned {
        Some(planned) if planned != plan.hash => Err(RemapError::Stale { planned: planned.to_owned(), found: plan.hash.clone() }),
        _ => Ok(()),
    }
}

/// Makes `inventory` the current state without a run.
fn remember(connection: &Connection, inventory: &Inventory) -> Result<i64, Error> {
    ledger::create(connection)?;
    let id = companion::record(connection, inventory, RecordedBy::Snapshot)?;
    companion::set_current(connection, id)?;
    ledger::prune(connection)?;
    Ok(id)
}

/// Writes the run into the ledger and moves the data's date, in the run's own transaction.
fn record(
    connection: &Connection,
    known: &Known,
    (states, after): (States<'_>, &Inventory),
    computed: &Computed<'_>,
    keys: &[PlaceKey],
    baseline: &check::Baseline,
) -> Result<i64, Error> {
    ledger::create(connection)?;
    let before = known.current.as_ref().map(|g| g.id);
    let old = match &known.current {
        Some(current) if current.inventory.fingerprint() == states.old.fingerprint() => current.id,
        _ => companion::record(connection, states.old, RecordedBy::Run)?,
    };
    let new = companion::record(connection, after, RecordedBy::Run)?;
    companion::set_current(connection, new)?;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let summary = &computed.plan.summary;
    connection.execute(
        "INSERT INTO main.run(tool, started, old_generation, new_generation, date_before, plan_hash, cells, removed, status, previous, faults)
         VALUES (?1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?2, ?3, ?4, ?5, ?6, ?7, 'applied', ?8, ?9)",
        params![
            computed.plan.tool.version,
            old,
            new,
            before,
            computed.plan.hash,
            number(summary.cells),
            number(summary.removed),
            known.last_run.as_ref().map(|r| r.id),
            serde_json::to_string(baseline).expect("faults are JSON")
        ],
    )?;
    let run = connection.last_insert_rowid();
    if let Some(map) = &computed.plan.map {
        ledger::note_map(connection, run, map)?;
    }
    let mut insert = connection.prepare("INSERT INTO main.place_state VALUES (?1, ?2, ?3, ?4)")?;
    for (database, table, column) in keys {
        insert.execute(params![run, database, table, column])?;
    }
    Ok(run)
}
