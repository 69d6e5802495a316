//! `convert`: id columns become columns of GUIDs or names, which a restore does not change, or gain such a column beside them.
//!
//! [`plan`] looks and leaves no trace; [`convert`] does it, all databases and the companion in one transaction, with a journal for `undo`; [`script`]
//! writes the same as SQL or PHP. The statements are those of one list ([`script`](self::script)), whoever runs them.

mod declare;
mod emit;
mod expression;
mod job;
mod manifest;
mod panel_api;
mod php;
mod run;
mod script;
mod sound;
mod sql;
pub(super) mod undo;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use schemars::JsonSchema;
use serde::Serialize;

pub use emit::{Language, emit};
pub use manifest::manifest;

use self::declare::{names_both, one_line};
use self::job::{Change, Job, Scanned};
use self::script::Step;
use self::sound::By;
use self::values::{Counts, Values};
use super::date;
use super::error::{Context, RemapError};
use super::full_text;
use super::ledger::{self, Known};
use super::lock::Lock;
use super::plan::PanelState;
use super::sentinel::Sentinels;
use super::session::{self, Database, Locked, Session};
use super::short;
use super::space::Need;
use super::stores::Spoken;
use super::target::{self, Resolved, Target};
use super::watch::{self, Phase};
use crate::panel::{Inventory, Kind, generation};
use crate::reference::Place;
use crate::reference::manifest::{Entry, Holds, Manifest, Store};
use crate::sqlite::name::qualified;
use crate::sqlite::schema::TableType;
use crate::sqlite::{Connection, Error, ErrorCode};

/// What references are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// The object's GUID.
    Guid,
    /// Its name: a domain's, a client's login, an address.
    Name,
}

impl Form {
    /// Its word in manifests.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Form::Guid => "guid",
            Form::Name => "name",
        }
    }

    /// What a manifest says of a column of such references.
    #[must_use]
    pub fn holds(self) -> Holds {
        match self {
            Form::Guid => Holds::Guid,
            Form::Name => Holds::Name,
        }
    }
}

/// What to convert.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The extension's var directory.
    pub var_dir: &'a Utf8Path,
    /// Its references.
    pub manifest: &'a Manifest,
    /// The places to convert, as the manifest or a report names them (`sqlite:apps.domain_id`); none: every column that holds ids.
    pub places: &'a [String],
    /// The panel state that the stored ids speak of. `None`: rows are not looked at; only for a script that looks ids up itself.
    pub panel: Option<&'a Inventory>,
    /// What ids become.
    pub form: Form,
    /// Keep the id columns, and add columns beside them.
    pub beside: bool,
    /// How long to wait for a lock.
    pub patience: Duration,
}

/// How a conversion ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Converted {
    /// It was done.
    Done {
        /// The run's number, for `undo`.
        run: i64,
        /// What was done.
        conversion: Conversion,
        /// What could not be put right afterwards and does no harm.
        warnings: Vec<String>,
    },
    /// There was nothing to do.
    Nothing {
        /// What was found.
        conversion: Conversion,
    },
    /// Something stands in the way; nothing was written.
    Stopped {
        /// What.
        conversion: Conversion,
    },
}

impl Converted {
    /// What was done or found.
    #[must_use]
    pub fn conversion(&self) -> &Conversion {
        match self {
            Converted::Done { conversion, .. } | Converted::Nothing { conversion } | Converted::Stopped { conversion } => conversion,
        }
    }
}

/// What a conversion does, and what stands in its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Conversion {
    /// What ids become.
    pub form: Form,
    /// The columns.
    pub places: Vec<ConvertedPlace>,
    /// The tables whose declarations change.
    pub tables: Vec<ConvertedTable>,
    /// What stands in the way. Nothing is written while there is any of it.
    pub problems: Vec<String>,
    /// What a person should know or look at.
    pub notes: Vec<String>,
}

/// One column of a conversion. Counts are rows; all of them are 0 where rows were not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConvertedPlace {
    /// The database, relative to the var directory.
    pub database: String,
    /// The id column.
    pub place: Place,
    /// Whose ids it holds.
    pub kind: Kind,
    /// The column beside that gets the references; `None`: the id column does.
    pub beside: Option<String>,
    /// The place whose declared foreign key ties this one to it; `None`: the manifest names this one.
    pub implied_by: Option<String>,
    /// All rows of the table.
    pub rows: u64,
    /// Ids that become references.
    pub ids: u64,
    /// References that stand there already.
    pub references: u64,
    /// NULL, and values that mean no object or all of them: they stay.
    pub none: u64,
    /// Everything was as it should be before.
    pub already: bool,
}

/// A table of a conversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConvertedTable {
    /// The database, relative to the var directory.
    pub database: String,
    /// The table.
    pub table: String,
    /// What declares it.
    pub before: String,
    /// What will declare it.
    pub after: String,
}

/// A conversion, with what doing it needs.
struct Computed<'a> {
    conversion: Conversion,
    /// The tables that change, each with what a pass over its rows gave.
    jobs: Vec<(Job, Option<Scanned>)>,
    /// What the values of each kind come to.
    values: Vec<Values<'a>>,
    /// All columns of the request, for the ledger.
    resolved: Vec<Target>,
}

/// What a conversion would do. Changes no byte and adds no file; tries everything on a private copy.
///
/// # Errors
/// The manifest, the databases or the panel's state cannot be worked with.
pub fn plan(request: &Request<'_>) -> Result<Conversion, RemapError> {
    look(request, By::Us).map(|(_, computed)| computed.conversion)
}

/// Converts, all or nothing.
///
/// # Errors
/// Nothing was written: a database is in use, the disk is full, …
pub fn convert(request: &Request<'_>) -> Result<Converted, RemapError> {
    target::var_dir(request.var_dir)?;
    let _lock = Lock::take(request.var_dir, request.patience)?;
    session::restore_wal(request.var_dir)?;
    let (looked, computed) = look(request, By::Us)?;
    if computed.conversion.problems.is_empty() {
        room(request.var_dir, &looked, &computed)?;
    }
    let conversion = computed.conversion;
    drop(looked);
    if !conversion.problems.is_empty() {
        return Ok(Converted::Stopped { conversion });
    }
    if computed.jobs.is_empty() {
        return Ok(Converted::Nothing { conversion });
    }
    drop((computed.jobs, computed.values));
    let (_, names) = files(request)?;
    let locked = Locked::open(request.var_dir, &names, request.patience)?;
    let path = crate::panel::source::companion::path_in(request.var_dir);
    locked.session().writes();
    let known = ledger::known(&locked.session().connection, &path)?;
    let said = Spoken::read(&locked.session().connection, &path)?;
    let computed = compute(request, locked.session(), (&known, &said), By::Us)?;
    if !computed.conversion.problems.is_empty() {
        return Ok(Converted::Stopped { conversion: computed.conversion });
    }
    watch::phase(Phase::Writing)?;
    let run = run::apply(request, locked.session(), &known, &computed, &path)?;
    let warnings = locked.commit(&format!("SELECT 1 FROM main.run WHERE id = {run} AND status = 'applied'"))?;
    Ok(Converted::Done { run, conversion: computed.conversion, warnings })
}

/// How often each row is read or written by a conversion: read, tried out and read again; then read, journalled, put aside, put back, and read before and
/// afterwards.
const PASSES: u64 = 10;

/// How many rows there are to be done.
fn expected(wanted: &Manifest, session: &Session) -> Result<u64, RemapError> {
    let mut tables: Vec<(usize, usize)> =
        target::resolve(wanted, &session.databases)?.targets.iter().map(|t| (t.database, t.table)).collect();
    tables.dedup();
    let mut all = 0;
    for (database, table) in tables {
        let on = &session.databases[database];
        let sql = format!("SELECT count(*) FROM {}", qualified(&on.schema, &on.declared.tables[table].name));
        let rows: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&on.path)?;
        all += u64::try_from(rows).unwrap_or(0);
    }
    Ok(PASSES * all)
}

/// Bytes of a reference, of its line in the journal beside that, and of what SQLite puts around each.
const REFERENCE: u64 = 64;

/// Refuses a conversion for which there is no room: beside each database for its rollback journal and for what references take more than ids, in the table
/// and in its indexes; beside the companion for the journal.
fn room(var_dir: &Utf8Path, session: &Session, computed: &Computed<'_>) -> Result<(), RemapError> {
    let mut need = Need::default();
    let mut journal = 0u64;
    for (index, on) in session.databases.iter().enumerate() {
        // The file itself, and not the private copy of what lies in its write-ahead log.
        let path = var_dir.join(&on.name);
        let size = std::fs::metadata(&path).map_or(0, |m| m.len());
        let (mut more, mut rows) = (0u64, 0u64);
        for (job, scanned) in computed.jobs.iter().filter(|(j, _)| j.database == index) {
            let of_table = scanned.as_ref().map_or(0, |s| s.expected.rows());
            let columns = job.changes.len() as u64;
            rows = rows.saturating_add(of_table.saturating_mul(columns));
            more = more.saturating_add(of_table.saturating_mul(columns).saturating_mul(1 + job.before.indexes.len() as u64));
        }
        if rows == 0 && !computed.jobs.iter().any(|(j, _)| j.database == index) {
            continue;
        }
        // All pages of the table change, and those that are freed count too.
        need.add(&path, size.saturating_add(more.saturating_mul(REFERENCE)))?;
        journal = journal.saturating_add(rows.saturating_mul(2 * REFERENCE));
    }
    let companion = crate::panel::source::companion::path_in(var_dir);
    need.add(if companion.exists() { &companion } else { var_dir }, journal)?;
    need.check()
}

/// The manifest's entries that are asked for, as a manifest of their own, and the databases that they name.
fn files(request: &Request<'_>) -> Result<(Manifest, Vec<Utf8PathBuf>), RemapError> {
    let mut wanted = request.manifest.clone();
    let asked = |e: &Entry| request.places.is_empty() || request.places.iter().any(|p| is_place(p, e));
    for place in request.places {
        if !request.manifest.references.iter().any(|e| is_place(place, e)) {
            let near = request.manifest.references.iter().filter(|e| is_column(e)).map(target::place).collect();
            return Err(RemapError::NoSuchReference { place: place.clone(), manifest: request.manifest.path.clone(), near });
        }
    }
    wanted.references.retain(|e| is_ids(e) && asked(e));
    target::var_dir(request.var_dir)?;
    target::declared(request.manifest)?;
    let names = target::files(request.var_dir, &wanted, |_| true)?;
    Ok((wanted, names))
}

/// Whether the entry is a whole column.
fn is_column(entry: &Entry) -> bool {
    matches!(entry.store, Store::Column { .. }) && !entry.is_inside()
}

/// Whether the entry is a whole column of ids.
fn is_ids(entry: &Entry) -> bool {
    entry.holds == Holds::Id && is_column(entry)
}

/// Whether `word` names the place of `entry`, with or without its database.
fn is_place(word: &str, entry: &Entry) -> bool {
    let place = target::place(entry);
    let short = place.split_once(": ").map_or(place.as_str(), |(_, short)| short);
    is_column(entry) && (word.eq_ignore_ascii_case(&place) || word.eq_ignore_ascii_case(short))
}

/// Computes on databases opened for reading, and tries everything in the connection's temporary database.
fn look<'a>(request: &Request<'a>, by: By) -> Result<(Session, Computed<'a>), RemapError> {
    let (wanted, names) = files(request)?;
    let session = Session::read(request.var_dir, &names)?;
    watch::phase(Phase::Reading)?;
    watch::expect(|| expected(&wanted, &session))?;
    let known = ledger::read(request.var_dir)?;
    let mut computed = compute(request, &session, (&known, &Spoken::of(request.var_dir)?), by)?;
    if computed.conversion.problems.is_empty() && request.panel.is_some() {
        fill_maps(&session.connection, &computed.values).doing(|| "noting what ids become".into())?;
        for (job, scanned) in &computed.jobs {
            let on = &session.databases[job.database];
            computed.conversion.problems.extend(try_out(&session, job, scanned.as_ref()).on(&on.path)?);
            let refused = short::refusal(&session, on, &job.before)?;
            computed.conversion.problems.extend(refused.map(|why| format!("{}: {}: {why}", on.name, job.before.name)));
        }
    }
    Ok((session, computed))
}

fn compute<'a>(request: &Request<'a>, session: &Session, (known, said): (&Known, &Spoken), by: By) -> Result<Computed<'a>, RemapError> {
    let (wanted, _) = files(request)?;
    let resolved = target::resolve(&wanted, &session.databases)?;
    let mut conversion =
        Conversion { form: request.form, places: Vec::new(), tables: Vec::new(), problems: Vec::new(), notes: resolved.notes.clone() };
    conversion.problems.extend(resolved.refused.iter().map(|r| format!("{}: {}", r.place, r.reason)));
    let targets = targets(request, resolved);
    let maps = maps(&targets);
    if !request.beside {
        // Rows keep their rowids.
        let written = targets.iter().map(|t| {
            let table = &session.databases[t.database].declared.tables[t.table];
            (t.database, table.name.clone(), vec![table.columns[t.column].name.clone()], false)
        });
        for (database, index) in full_text::concerned(&session.databases, written) {
            let name = &session.databases[database].name;
            conversion.problems.push(format!(
                "{name}: the full-text index {index} is kept over a table that is converted: drop it before, and make it again afterwards"
            ));
        }
    }
    conversion.notes.extend(left_out(request));
    let mut values: Vec<Values<'a>> = Vec::new();
    if let Some(panel) = request.panel {
        same_state(request, panel, (known, said), session, &targets, &mut conversion)?;
        for target in &targets {
            if !panel.carries(target.kind) {
                return Err(RemapError::NotCarried { kind: target.kind, source_name: PanelState::of(panel).label() });
            }
            let map = &maps[&Meaning::of(target)];
            if !values.iter().any(|v| v.map == *map) {
                values.push(Values::new(target.kind, request.form, panel, (Arc::clone(&target.sentinels), map.clone())));
            }
        }
        conversion.notes.extend(panel.remarks());
    }
    let mut jobs = Vec::new();
    for group in targets.chunk_by(|a, b| (a.database, a.table) == (b.database, b.table)) {
        if let Some(job) = one_table(request, session, (group, &maps), &mut values, &mut conversion)? {
            let on = &session.databases[job.0.database];
            // Rows of a script that looks ids up itself are those of other servers.
            let refusal = if request.panel.is_some() { sound::refusal(session, on, &job.0.before, by)? } else { None };
            conversion.problems.extend(refusal.map(|why| format!("{}: {}: {why}", on.name, job.0.before.name)));
            jobs.push(job);
        }
    }
    Ok(Computed { conversion, jobs, values, resolved: targets })
}

/// What the values of a column mean: whose ids they are, and which of them are none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Meaning {
    kind: Kind,
    /// The values that are no ids, where the manifest says so.
    sentinels: Option<Vec<String>>,
}

impl Meaning {
    fn of(target: &Target) -> Meaning {
        let own = target.sentinels != Sentinels::shared();
        Meaning { kind: target.kind, sentinels: own.then(|| target.sentinels.words()) }
    }
}

/// The name of the map that says what values become, for all that the values of these columns mean.
fn maps(targets: &[Target]) -> BTreeMap<Meaning, String> {
    let mut maps = BTreeMap::new();
    for meaning in targets.iter().map(Meaning::of) {
        let own = 2 + maps.keys().filter(|m: &&Meaning| m.kind == meaning.kind && m.sentinels.is_some()).count();
        let number = if meaning.sentinels.is_some() { own } else { 1 };
        maps.entry(meaning).or_insert_with_key(|m| script::map_name(m.kind, number));
    }
    maps
}

/// The columns to convert.
fn targets(request: &Request<'_>, resolved: Resolved) -> Vec<Target> {
    // What a foreign key ties to an id column that stays is tied as before.
    resolved.targets.into_iter().filter(|t| !request.beside || t.implied_by.is_none()).collect()
}

/// One table's part: the job, if there is something to do.
fn one_table(
    request: &Request<'_>,
    session: &Session,
    (group, maps): (&[Target], &BTreeMap<Meaning, String>),
    values: &mut [Values<'_>],
    conversion: &mut Conversion,
) -> Result<Option<(Job, Option<Scanned>)>, RemapError> {
    let on = &session.databases[group[0].database];
    let table = &on.declared.tables[group[0].table];
    let change = |t: &Target| Change {
        column: t.column,
        kind: t.kind,
        sentinels: Arc::clone(&t.sentinels),
        map: maps[&Meaning::of(t)].clone(),
        form: request.form,
        beside: request.beside.then(|| beside(&table.columns[t.column].name, request.form)),
        twin: t.twin,
    };
    let changes: Vec<Change> = group.iter().map(change).collect();
    let mut refusals = taken(table, &changes);
    let job = match Job::new(session, group[0].database, table, changes.clone())? {
        Ok(job) => Some(job),
        Err(why) => {
            refusals.extend(why);
            None
        }
    };
    conversion.problems.extend(refusals.iter().map(|r| format!("{}: {r}", on.name)));
    let scanned = match (&job, request.panel) {
        (Some(job), Some(_)) => Some(job.scan(session, values)?),
        _ => None,
    };
    let mut open = false;
    for (i, (target, change)) in group.iter().zip(&changes).enumerate() {
        let counts = scanned.as_ref().map_or(Counts::default(), |s| s.counts[i]);
        let column = &table.columns[target.column];
        let is_text = column.declared_type.eq_ignore_ascii_case("TEXT");
        let already = match &change.beside {
            Some(beside) => table.column(beside).is_some() && scanned.as_ref().is_none_or(|s| s.unfilled[i] == 0),
            None => is_text && scanned.as_ref().is_some_and(|_| counts.ids == 0),
        };
        open |= !already;
        let place = Place::Column { table: table.name.clone(), column: column.name.clone(), path: None };
        if let Some(scanned) = &scanned {
            conversion.problems.extend(scanned.faults[i].told(&format!("{}: {place}", on.name), target.kind));
        }
        conversion.places.push(ConvertedPlace {
            database: on.name.to_string(),
            place,
            kind: target.kind,
            beside: change.beside.clone(),
            implied_by: target.implied_by.clone(),
            rows: counts.rows,
            ids: counts.ids,
            references: counts.references,
            none: counts.none,
            already,
        });
    }
    let Some(job) = job.filter(|_| open) else { return Ok(None) };
    review(on, &job, conversion);
    conversion.tables.push(ConvertedTable {
        database: on.name.to_string(),
        table: table.name.clone(),
        before: job.before.sql.clone(),
        after: job.after_sql.clone(),
    });
    Ok(Some((job, scanned)))
}

/// What a person should look at because it names a column that changes.
fn review(on: &Database, job: &Job, conversion: &mut Conversion) {
    for change in job.changes.iter().filter(|c| c.beside.is_none()) {
        let (table, column) = (&job.before.name, &job.before.columns[change.column].name);
        let mut note = |what: &str, name: &str| {
            conversion
                .notes
                .push(format!("{}: the {what} {name} may read {table}.{column}; its text is kept: see whether it still holds", on.name));
        };
        on.declared.triggers.iter().filter(|t| names_both(&t.sql, table, column)).for_each(|t| note("trigger", &t.name));
        let views = on.declared.tables.iter().filter(|t| t.table_type == TableType::View);
        views.filter(|v| names_both(&v.sql, table, column)).for_each(|v| note("view", &v.name));
        if job.before.integer_key == Some(change.column) {
            conversion
                .notes
                .push(format!("{}: {table}.{column} was the rowid by another name, and is an ordinary key afterwards", on.name));
        }
    }
}

/// Places of the manifest that keep their ids.
fn left_out(request: &Request<'_>) -> Vec<String> {
    let others = request.manifest.references.iter().filter(|e| e.holds == Holds::Id && !is_ids(e));
    others.map(|e| format!("{}: keeps its ids: `convert` changes whole columns only", target::place(e))).collect()
}

/// Names of columns beside that are taken by something else.
fn taken(table: &crate::sqlite::schema::Table, changes: &[Change]) -> Vec<String> {
    let mut refusals = Vec::new();
    for (i, beside) in changes.iter().enumerate().filter_map(|(i, c)| Some((i, c.beside.as_deref()?))) {
        let twice = changes[..i].iter().any(|c| c.beside.as_deref().is_some_and(|b| b.eq_ignore_ascii_case(beside)));
        let there = table.column(beside).map(|c| &table.columns[c]);
        if twice || there.is_some_and(|c| c.generated || !c.declared_type.eq_ignore_ascii_case("TEXT")) {
            refusals.push(format!("{} has a column {beside} already, which is no TEXT column for references", table.name));
        }
    }
    refusals
}

/// The name of a column beside `column`: `domain_id` → `domain_guid`, `domainId` → `domainGuid`.
fn beside(column: &str, form: Form) -> String {
    let (snake, camel) = match form {
        Form::Guid => ("guid", "Guid"),
        Form::Name => ("name", "Name"),
    };
    if let Some(stem) = column.strip_suffix("_id").or_else(|| column.strip_suffix("_ID")).filter(|s| !s.is_empty()) {
        return format!("{stem}_{snake}");
    }
    match column.strip_suffix("Id").or_else(|| column.strip_suffix("ID")).filter(|s| !s.is_empty()) {
        Some(stem) => format!("{stem}{camel}"),
        None => format!("{column}_{snake}"),
    }
}

/// Sees that the stored ids speak of `panel`.
fn same_state(
    request: &Request<'_>,
    panel: &Inventory,
    (known, said): (&Known, &Spoken),
    session: &Session,
    targets: &[Target],
    conversion: &mut Conversion,
) -> Result<(), RemapError> {
    let mut kinds: Vec<Kind> = targets.iter().map(|t| t.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let Some(current) = &known.current else {
        if !targets.is_empty() {
            let note = "there is no companion here: that the ids speak of this panel as it is now is taken on faith. After a restore, run `reguid fix` first";
            conversion.notes.push(note.to_owned());
        }
        return Ok(());
    };
    if let Some(why) = generation::changed(&current.inventory, panel, Some(&kinds), false) {
        let recorded = PanelState::of(&current.inventory).label();
        return Err(RemapError::OtherState { panel: PanelState::of(panel).label(), recorded, why });
    }
    let keys: Vec<_> = targets.iter().map(|t| key(&session.databases, t)).collect();
    date::one_date(request.var_dir, known, &keys)?;
    date::none_older(known, session, target::in_tables(&session.databases, targets), (said, None)).map(drop)
}

/// How the ledger names a column.
fn key(databases: &[Database], target: &Target) -> ledger::PlaceKey {
    let table = &databases[target.database].declared.tables[target.table];
    (databases[target.database].name.to_string(), table.name.clone(), table.columns[target.column].name.clone())
}

/// Makes the maps, and fills them with what was looked up.
fn fill_maps(connection: &Connection, values: &[Values<'_>]) -> Result<(), Error> {
    for values in values {
        connection.execute_batch(&script::make_map(&values.map))?;
        let mut insert = connection.prepare(&format!("INSERT INTO {} VALUES (?1, ?2)", script::map_table(&values.map)))?;
        for (value, reference) in &values.known {
            insert.execute(crate::sqlite::params![value, reference])?;
        }
    }
    Ok(())
}

/// Makes the new table in the temporary database, with all rows and indexes. What stands in the way, if something does.
fn try_out(session: &Session, job: &Job, scanned: Option<&Scanned>) -> Result<Vec<String>, Error> {
    let (connection, on) = (&session.connection, &session.databases[job.database]);
    let name = qualified("temp", &job.before.name);
    let tried = (|| -> Result<bool, Error> {
        let rebuild = job.rebuild("temp");
        for step in rebuild.trial(&qualified(&on.schema, &job.before.name)).unwrap_or_default() {
            connection.execute_batch(&step)?;
        }
        let content = job.content(connection, &name)?;
        Ok(scanned.is_none_or(|s| s.expected == content))
    })();
    let told = match tried {
        Ok(true) => None,
        Ok(false) => Some("its rows would not be what was foretold".to_owned()),
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            Some(format!("rows that are apart now would agree, or break a rule of the table: {}", one_line(&e.to_string())))
        }
        Err(e) if matches!(e.sqlite_error_code(), Some(ErrorCode::Unknown)) => {
            Some(format!("SQLite refuses: {}", one_line(&e.to_string())))
        }
        Err(e) => return Err(e),
    };
    connection.execute_batch(&format!("DROP TABLE IF EXISTS {name}"))?;
    Ok(told.map(|t| format!("{}: {}: {t}", on.name, job.before.name)).into_iter().collect())
}

/// Runs steps. An expectation that does not hold is an error.
fn run_steps(connection: &Connection, steps: &[Step], on: &Database) -> Result<(), RemapError> {
    for step in steps {
        match step {
            Step::Run { why, sql } => {
                connection.execute_batch(sql).doing(|| format!("{}: {}", on.name, if why.is_empty() { sql } else { why }))?
            }
            Step::Expect { what, sql } => {
                let holds: Option<bool> = connection.query_row(sql, [], |r| r.get(0)).doing(|| format!("{}: {what}", on.name))?;
                if holds != Some(true) {
                    return Err(RemapError::Check { detail: format!("{}: it does not hold that {what}", on.name) });
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_beside_is_called_after_the_id_column() {
        for (column, name) in [
            ("domain_id", "domain_guid"),
            ("domainId", "domainGuid"),
            ("DOMAIN_ID", "DOMAIN_guid"),
            ("id", "id_guid"),
            ("_id", "_id_guid"),
            ("Id", "Id_guid"),
            ("owner", "owner_guid"),
        ] {
            assert_eq!(beside(column, Form::Guid), name);
        }
        assert_eq!(beside("client_id", Form::Name), "client_name");
    }
}
