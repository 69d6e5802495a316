//! Computes a plan from the databases as they are.

use std::sync::Arc;

use super::beside;
use super::collide;
use super::computed;
use super::decide::{Action, Decider, Fate, FromRef, Storage, after};
use super::default;
use super::error::{Context, RemapError};
use super::expression;
use super::foreign;
use super::inside::{self, Insider};
use super::method::{self, Method};
use super::plan::{PanelState, PlacePlan, Plan, Problem, ProblemCode, Sample, Summary, TablePlan, Tool, VERSION, ValuePlan};
use super::scan::{self, CellHash, Scanned, Source};
use super::seen::Seen;
use super::session::{Database, Session};
use super::short;
use super::target::{Refused, Resolved, Target};
use super::told::{Disagreements, SAMPLES, Telling, Told};
use super::twin::Check;
use crate::panel::map::MapUsed;
use crate::panel::{Inventory, Mapping, Match};
use crate::reference::Place;
use crate::reference::manifest::OnMissing;
use crate::sqlite::name::qualified;
use crate::sqlite::schema::Table;
use crate::sqlite::{Value, ValueRef};

/// Candidates listed for one object.
const LISTED: usize = 10;

/// How much of a table is read for a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Everything. The plan can be applied, and its hash tells it from all others.
    Whole,
    /// What tells whether anything is to be done, and whether anything stands in its way: addresses, ids, twins. The plan has no hash to go by, and cannot be
    /// applied.
    Targets,
}

/// A plan, with what applying it needs.
pub(crate) struct Computed<'a> {
    /// The plan.
    pub plan: Plan,
    /// The tables that hold targets.
    pub tables: Vec<TableWork<'a>>,
}

/// A table that holds targets.
pub(crate) struct TableWork<'a> {
    /// Index of the database in the session.
    pub database: usize,
    /// The table.
    pub table: Table,
    /// Column and decider of each target.
    pub targets: Vec<(usize, Decider<'a>)>,
    /// What a pass over it gave.
    pub scanned: Scanned,
    /// How its rows are rewritten.
    pub method: Method,
}

impl Computed<'_> {
    /// The tables that change: index of the database, name, the columns with ids, whether rows are taken out.
    pub(crate) fn touched(&self) -> impl Iterator<Item = (usize, String, Vec<String>, bool)> {
        self.tables.iter().filter(|w| w.scanned.changed + w.scanned.removed > 0).map(|w| {
            let columns = w.targets.iter().map(|(c, _)| w.table.columns[*c].name.clone()).collect();
            (w.database, w.table.name.clone(), columns, w.scanned.removed > 0)
        })
    }
}

/// The two panel states and the mapping from one to the other.
#[derive(Clone, Copy)]
pub(crate) struct States<'a> {
    pub old: &'a Inventory,
    pub new: &'a Inventory,
    pub mapping: &'a Mapping,
}

/// Groups of targets of one table; targets are ordered by table.
fn groups(targets: &[Target]) -> impl Iterator<Item = &[Target]> {
    targets.chunk_by(|a, b| (a.database, a.table) == (b.database, b.table))
}

/// A decider for each target. Of `list` changed values with ids inside, those ids are listed.
fn deciders<'a>(group: &[Target], states: States<'a>, list: usize) -> Vec<(usize, Decider<'a>)> {
    let check = |t: &Target| Some(Check::new(t.twin?, t.kind, states.old, states.new));
    let decider = |t: &Target| match &t.inside {
        Some(inside) => Decider::inside(Insider::new(inside, states.mapping, list), t.kind, states.mapping),
        None => Decider::new(t.kind, t.policies, Arc::clone(&t.sentinels), states.mapping, check(t)),
    };
    group.iter().map(|t| (t.column, decider(t))).collect()
}

/// Computes the plan. With `method`, tables are to be rewritten by that one where it can be used. With `strict`, values that cannot be read stop the fix.
pub(crate) fn compute<'a>(
    session: &Session,
    resolved: Resolved,
    states: States<'a>,
    (method, strict): (Option<Method>, bool),
    depth: Depth,
) -> Result<Computed<'a>, RemapError> {
    let mut hash = if depth == Depth::Whole { CellHash::new() } else { CellHash::idle() };
    let mut computed = Computed {
        plan: Plan {
            version: VERSION,
            tool: Tool::this(),
            hash: String::new(),
            old: PanelState::of(states.old),
            new: PanelState::of(states.new),
            panel: states.mapping.relation().clone(),
            map: states.mapping.map().cloned(),
            summary: Summary::default(),
            places: Vec::new(),
            tables: Vec::new(),
            triggers: Vec::new(),
            settings_from: None,
            settings: Vec::new(),
            panel_rows: Vec::new(),
            files: Vec::new(),
            views: Vec::new(),
            virtual_tables: Vec::new(),
            not_handled: resolved.refused,
            problems: Vec::new(),
            notes: [states.old, states.new].into_iter().flat_map(Inventory::remarks).chain(resolved.notes).collect(),
        },
        tables: Vec::new(),
    };
    for group in groups(&resolved.targets) {
        let database = &session.databases[group[0].database];
        let table = &database.declared.tables[group[0].table];
        inside::readable(session, database, group)?;
        hash_declarations(&mut hash, database, table, group);
        let Read { targets, told: Told { mut inner, mut samples, disagreeing }, scanned, in_file } =
            read(session, (database, table, group), states, depth, &mut hash)?;
        hash.value(ValueRef::Blob(&scanned.before.to_bytes()));
        hash_pairs(&mut hash, &targets);
        let method = method::choose(table, &targets, &scanned, method);
        if scanned.changed + scanned.removed > 0 {
            let columns: Vec<&str> = group.iter().map(|t| table.columns[t.column].name.as_str()).collect();
            let how = (method, scanned.removed > 0);
            let reason = expression::disagreement(&session.connection, &database.schema, table, &columns, how).on(&database.path)?;
            let lacking = foreign::lacking(&session.connection, &database.schema, table).on(&database.path)?;
            let place = format!("{}: sqlite:{}", database.name, table.name);
            // Its reader takes no row that lacks a column.
            let short = if in_file { None } else { short(session, (database, table, group), states, method)? };
            let odd = scanned.odd.refusal(table, method != Method::Update);
            computed.plan.not_handled.extend(lacking.or(reason).or(short).or(odd).map(|reason| Refused { place, reason }));
        }
        for (i, target) in group.iter().enumerate() {
            if let Some(insider) = &targets[i].1.inside {
                let (report, samples) = std::mem::take(&mut inner[i]);
                insides(&mut computed.plan, (database, table, target), insider, (&report, samples), scanned.rows, states, strict);
                continue;
            }
            let place = describe(database, table, target, &targets[i].1, scanned.rows, std::mem::take(&mut samples[i]), states);
            problems(&mut computed.plan, &place, table, target, (&targets[i].1, scanned.nulls[i]), states);
            twins(&mut computed.plan, &place, &disagreeing[i]);
            let note = default::note(table, target.column, &targets[i].1, states);
            computed.plan.notes.extend(note.map(|note| format!("{}: {}: {note}", place.database, place.place)));
            computed.plan.places.push(place);
        }
        if scanned.changed + scanned.removed > 0 {
            computed.plan.summary.cells += scanned.cells;
            computed.plan.summary.rows += scanned.changed;
            computed.plan.summary.removed += scanned.removed;
            computed.plan.tables.push(TablePlan {
                database: database.name.to_string(),
                table: table.name.clone(),
                rows: scanned.rows,
                changed: scanned.changed,
                removed: scanned.removed,
                method,
            });
            let all: Vec<Target> = resolved.targets.iter().filter(|t| t.database == group[0].database).cloned().collect();
            beside::notes(&mut computed.plan, database, table, (group, &all), &scanned);
        }
        let work = TableWork { database: group[0].database, table: table.clone(), targets, scanned, method };
        if work.scanned.changed + work.scanned.removed > 0 {
            let place = format!("{}: sqlite:{}", database.name, table.name);
            let reason = computed::disagreement(session, database, &work)?;
            computed.plan.not_handled.extend(reason.map(|reason| Refused { place, reason }));
        }
        computed.tables.push(work);
    }
    if let Some(map) = &computed.plan.map {
        hash_decisions(&mut hash, map);
    }
    computed.plan.hash = hash.finish();
    if computed.plan.problems.is_empty() && computed.plan.not_handled.is_empty() {
        for work in computed.tables.iter().filter(|w| w.scanned.changed + w.scanned.removed > 0) {
            computed.plan.problems.extend(collide::check(session, work)?);
        }
    }
    Ok(computed)
}

/// What reading a table gave.
struct Read<'a> {
    targets: Vec<(usize, Decider<'a>)>,
    told: Told,
    scanned: Scanned,
    /// The file itself was read.
    in_file: bool,
}

/// Reads a table: from its file, where that can be.
fn read<'a>(
    session: &Session,
    (database, table, group): (&Database, &Table, &[Target]),
    states: States<'a>,
    depth: Depth,
    hash: &mut CellHash,
) -> Result<Read<'a>, RemapError> {
    let before = hash.clone();
    for pages in [session.pages(database), None] {
        let source = Source { connection: &session.connection, schema: &database.schema, pages, table };
        let make = || (deciders(group, states, SAMPLES), Telling::new(states, table, group));
        let pass = scan::scan_by(source, make, depth == Depth::Whole, hash).on(&database.path)?;
        if let Some(pass) = pass
            && (pages.is_none() || pass.scanned.rows == counted(session, database, table)?)
        {
            let told = Telling::join(pass.each, group.len());
            return Ok(Read { scanned: pass.scanned, targets: pass.targets, told, in_file: pages.is_some() });
        }
        // What of it was read does not count.
        hash.clone_from(&before);
    }
    unreachable!("SQLite gives all rows, or says why not")
}

/// Why the rows that change cannot be written: one of them lacks a column that is not read alike by all versions of SQLite.
fn short(
    session: &Session,
    (database, table, group): (&Database, &Table, &[Target]),
    states: States<'_>,
    method: Method,
) -> Result<Option<String>, RemapError> {
    let Some(short) = short::of(session, database, table)? else { return Ok(None) };
    // A copy writes all rows.
    let mut row = short.first().filter(|_| method == Method::Copy);
    let source = Source { connection: &session.connection, schema: &database.schema, pages: None, table };
    let show = |seen: &scan::Seen<'_, '_>| {
        if row.is_none() && seen.actions.iter().any(|a| !matches!(a, Action::Leave | Action::Stop)) {
            row = Some(seen.address()).filter(|address| short.holds(address));
        }
        Ok(())
    };
    scan::scan(source, (deciders(group, states, 0), show), false, &mut CellHash::idle()).on(&database.path)?;
    Ok(row.map(|row| short.told(table, Some(&row))))
}

/// How many rows a table has, as SQLite counts them. Reading a file past SQLite must come to the same, or SQLite reads it: who plans and who checks rely on one
/// reader, and rows that it passed over would be missed by both.
fn counted(session: &Session, database: &Database, table: &Table) -> Result<u64, RemapError> {
    let sql = format!("SELECT count(*) FROM {} NOT INDEXED", qualified(&database.schema, &table.name));
    let rows: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
    Ok(rows.unsigned_abs())
}

/// Calls `each` for every cell that changes: database, table, address, column, before, after (`None`: its row is taken out).
pub(crate) fn cells(
    session: &Session,
    resolved: &Resolved,
    states: States<'_>,
    mut each: impl FnMut(&Database, &Table, &[Value], &str, &Value, Option<&Value>, &[inside::Edit]),
) -> Result<(), RemapError> {
    for group in groups(&resolved.targets) {
        let database = &session.databases[group[0].database];
        let table = &database.declared.tables[group[0].table];
        let targets = deciders(group, states, usize::MAX);
        let source = Source { connection: &session.connection, schema: &database.schema, pages: None, table };
        let show = |seen: &scan::Seen<'_, '_>| {
            let removed = seen.actions.contains(&Action::Remove);
            if !removed && !seen.actions.iter().any(|a| matches!(a, Action::Set(_) | Action::Null | Action::Rewrite)) {
                return Ok(());
            }
            let address = seen.address();
            for (i, target) in group.iter().enumerate() {
                let value = seen.row[seen.at[i]];
                let changes = matches!(seen.actions[i], Action::Set(_) | Action::Null | Action::Rewrite);
                if changes || removed {
                    let look = seen.looks[i].as_ref();
                    let rewritten = look.and_then(|l| l.after.as_ref()).map(|t| Value::from_ref(t.borrow()));
                    let after = (!removed).then(|| rewritten.unwrap_or_else(|| after(value, seen.actions[i])));
                    let edits = look.filter(|_| !removed).map_or(&[][..], |l| &l.edits);
                    each(database, table, &address, &table.columns[target.column].name, &Value::from_ref(value), after.as_ref(), edits);
                }
            }
            Ok(())
        };
        scan::scan(source, (targets, show), false, &mut CellHash::idle()).on(&database.path)?;
    }
    Ok(())
}

fn hash_declarations(hash: &mut CellHash, database: &Database, table: &Table, group: &[Target]) {
    hash.text("table");
    hash.text(database.name.as_str());
    hash.text(&table.sql);
    for index in &table.indexes {
        hash.text(index.sql.as_deref().unwrap_or_default());
    }
    for trigger in database.declared.triggers.iter().filter(|t| t.table.eq_ignore_ascii_case(&table.name)) {
        hash.text(&trigger.sql);
    }
    for target in group {
        hash.text(&table.columns[target.column].name);
        hash.text(target.kind.name());
        hash.text(&format!("{:?} {:?}", target.policies, target.sentinels));
        hash.text(target.twin.map_or("", |t| &table.columns[t].name));
        for part in target.inside.iter().flat_map(|i| &i.parts) {
            hash.text(&part.at);
            hash.text(part.kind.name());
            hash.text(&format!("{:?} {:?}", part.policies, part.sentinels));
        }
    }
    hash.text("rows");
}

fn hash_pairs(hash: &mut CellHash, targets: &[(usize, Decider<'_>)]) {
    let parts = |d: &'_ Decider<'_>| d.inside.as_ref().map_or(0, |i| i.parts.len());
    for (_, decider) in targets {
        for part in 0..parts(decider) {
            let part = decider.inside.as_ref().map(|i| &i.parts[part]);
            part.into_iter().flat_map(|p| &p.seen).for_each(|seen| hash_pair(hash, seen));
        }
        hash.text("pairs");
        decider.seen.iter().for_each(|seen| hash_pair(hash, seen));
    }
}

fn hash_pair(hash: &mut CellHash, seen: &Seen) {
    hash.number(seen.id);
    match &seen.fate {
        // Most by far.
        Fate::Unchanged => hash.number(seen.id),
        Fate::Changed { new } => hash.number(*new),
        other => hash.text(&format!("{other:?}")),
    }
}

/// What a person decided. Where it stands in the file is of no account.
fn hash_decisions(hash: &mut CellHash, map: &MapUsed) {
    for d in &map.decisions {
        hash.text("decided");
        hash.text(d.kind.name());
        hash.number(d.old);
        hash.value(d.new.map_or(ValueRef::Null, ValueRef::Integer));
    }
}

/// A value as a person reads it.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::Null => "NULL".into(),
        Value::Integer(i) => i.to_string(),
        Value::Real(r) => format!("{r:?}"),
        Value::Text(t) => format!("'{}'", t.escape_debug()),
        Value::Blob(b) => format!("x'{}'", b.iter().take(16).map(|b| format!("{b:02x}")).collect::<String>()),
    }
}

/// A row as a person finds it: `rowid 12`, `domain_id 5, key 'x'`.
pub(crate) fn label(table: &Table, address: &[Value]) -> String {
    table.address().iter().zip(address).map(|(name, value)| format!("{name} {}", show(value))).collect::<Vec<_>>().join(", ")
}

/// Adds what the plan says of a column whose ids stand inside its values: a place for each of its parts.
fn insides(
    plan: &mut Plan,
    (database, table, target): (&Database, &Table, &Target),
    insider: &Insider<'_>,
    (report, samples): (&inside::Report, Vec<(usize, Sample)>),
    rows: u64,
    states: States<'_>,
    strict: bool,
) {
    for (number, (part, decider)) in insider.inside.parts.iter().zip(&insider.parts).enumerate() {
        let own = Target { kind: part.kind, policies: part.policies, inside: None, ..target.clone() };
        let samples = samples.iter().filter(|(of, _)| *of == number).take(SAMPLES).map(|(_, s)| s.clone()).collect();
        let mut place = describe(database, table, &own, decider, rows, samples, states);
        let column = table.columns[target.column].name.clone();
        place.place = Place::Column { table: table.name.clone(), column, path: Some(part.at.clone()).filter(|at| !at.is_empty()) };
        place.unparsable = if number == 0 { insider.unparsable } else { 0 };
        problems(plan, &place, table, &own, (decider, 0), states);
        plan.places.push(place);
    }
    plan.summary.unparsable += insider.unparsable;
    report.tell(plan, (database.name.as_str(), &format!("sqlite:{}.{}", table.name, table.columns[target.column].name)), strict);
}

fn describe(
    database: &Database,
    table: &Table,
    target: &Target,
    decider: &Decider<'_>,
    rows: u64,
    samples: Vec<Sample>,
    states: States<'_>,
) -> PlacePlan {
    let sum = |wanted: fn(&Fate) -> bool| decider.seen.iter().filter(|s| wanted(&s.fate)).map(|s| s.rows).sum();
    PlacePlan {
        database: database.name.to_string(),
        place: Place::Column { table: table.name.clone(), column: table.columns[target.column].name.clone(), path: None },
        kind: target.kind,
        on_missing: target.policies.missing,
        on_conflict: target.policies.uncertain.conflict,
        on_ambiguous: target.policies.uncertain.ambiguous,
        on_disagree: target.policies.uncertain.disagree,
        implied_by: target.implied_by.clone(),
        rows,
        changed: sum(|f| matches!(f, Fate::Changed { .. })),
        unchanged: sum(|f| matches!(f, Fate::Unchanged)),
        missing: sum(|f| matches!(f, Fate::Missing | Fate::Unknown)),
        ambiguous: sum(|f| matches!(f, Fate::Ambiguous { .. } | Fate::Conflict { .. } | Fate::NameOnly { .. } | Fate::Moved { .. })),
        disagreeing: sum(Fate::disagrees),
        malformed: decider.counts.malformed,
        null: decider.counts.null,
        sentinel: decider.counts.sentinel,
        not_an_id: decider.counts.not_an_id,
        unparsable: 0,
        samples,
        values: values(decider, states),
    }
}

/// The distinct ids of a place.
pub(super) fn values(decider: &Decider<'_>, states: States<'_>) -> Vec<ValuePlan> {
    let kind = decider.kind();
    let name = |s: &Seen| states.old.get(kind, s.id).map(|o| o.name.to_string());
    let mut values: Vec<ValuePlan> = decider
        .seen
        .iter()
        .map(|s| ValuePlan {
            id: s.id,
            storage: s.storage,
            rows: s.rows,
            name: name(s),
            fate: s.fate.clone(),
            rule: states.mapping.get(kind, s.id).map(Match::word).filter(|_| !s.fate.disagrees()),
            evidence: states.mapping.evidence(kind, s.id).map(str::to_owned).filter(|_| !s.fate.disagrees()),
        })
        .collect();
    values.sort_by_key(|v| (v.id, v.storage));
    values
}

/// Adds the rows of one place whose ids and twins disagree.
fn twins(plan: &mut Plan, place: &PlacePlan, disagreements: &Disagreements) {
    let listed = |(count, list): &(u64, Vec<(u32, String)>)| {
        let more = if *count > list.len() as u64 { "; …" } else { "" };
        let rows: Vec<&str> = list.iter().map(|(_, row)| row.as_str()).collect();
        format!("{}{more}", rows.join("; "))
    };
    let Disagreements { stopping, left } = disagreements;
    if stopping.0 > 0 {
        plan.problems.push(Problem {
            code: ProblemCode::TwinDisagrees,
            database: place.database.clone(),
            place: place.place.to_string(),
            rows: stopping.0,
            message: format!("ids and twins disagree: {}", listed(stopping)),
        });
    }
    if left.0 > 0 {
        let count = if left.0 == 1 { "1 row is left as it is".to_owned() } else { format!("{} rows are left as they are", left.0) };
        plan.notes.push(format!("{}: {}: ids and twins disagree; {count}: {}", place.database, place.place, listed(left)));
    }
}

/// Adds what stops the fix at one column.
fn problems(plan: &mut Plan, place: &PlacePlan, table: &Table, target: &Target, (decider, nulls): (&Decider<'_>, u64), states: States<'_>) {
    if !uncertain(plan, place, decider, states) {
        return;
    }
    let mut add = |code, rows, message| {
        plan.problems.push(Problem { code, database: place.database.clone(), place: place.place.to_string(), rows, message });
    };
    if decider.counts.malformed > 0 {
        let list: Vec<String> = decider.malformed.iter().take(LISTED).map(|m| format!("{} ({})", show(&m.value), m.rows)).collect();
        let list = list.join(", ");
        match target.policies.missing {
            OnMissing::Keep => plan.notes.push(format!(
                "{}: {}: values that are nearly numbers, and no ids as a program writes them, stay as they are: {list}",
                place.database, place.place
            )),
            _ => add(
                ProblemCode::Malformed,
                decider.counts.malformed,
                format!("nearly numbers, and no ids as a program writes them: {list}"),
            ),
        }
    }
    if nulls > 0 && (table.columns[target.column].not_null || table.integer_key == Some(target.column)) {
        add(ProblemCode::NotNull, nulls, "a policy says \"null\", and the column takes no NULL".into());
    }
}

/// Adds what is not certain of the ids at one place. Gives whether the inventories tell of their kind at all.
pub(super) fn uncertain(plan: &mut Plan, place: &PlacePlan, decider: &Decider<'_>, states: States<'_>) -> bool {
    let kind = decider.kind();
    let mut add = |code, rows, message| {
        plan.problems.push(Problem { code, database: place.database.clone(), place: place.place.to_string(), rows, message });
    };
    for (which, inventory) in [("old", states.old), ("new", states.new)] {
        if !inventory.carries(kind) {
            let label = PanelState::of(inventory).label();
            let message = format!("the {which} panel state, {label}, does not tell of any {kind}: {}", kind.sources());
            add(ProblemCode::KindNotCarried, place.rows, message);
            return false;
        }
    }
    let mut seen: Vec<&Seen> = decider.seen.iter().collect();
    seen.sort_by_key(|s| (s.id, s.storage));
    // What a part of the panel does not know may be in the rest of it: no policy decides that.
    for (which, inventory, unsure) in [("old", states.old, Fate::Unknown), ("new", states.new, Fate::Missing)] {
        let Some(why) = inventory.partial() else { continue };
        let ids: Vec<&&Seen> = seen.iter().filter(|s| s.fate == unsure).collect();
        if let Some(first) = ids.first() {
            let more = if ids.len() > 1 { format!(" and {} more", ids.len() - 1) } else { String::new() };
            let first = states.old.get(kind, first.id).map_or_else(|| format!("{kind} {}", first.id), |o| o.label());
            let label = PanelState::of(inventory).label();
            let message = format!(
                "the {which} panel state, {label}, tells of a part of the panel alone ({why}); {first}{more} may be in the rest of it: give a source that tells of all"
            );
            add(ProblemCode::KindNotCarried, ids.iter().map(|s| s.rows).sum(), message);
            seen.retain(|s| s.fate != unsure);
        }
    }
    for s in seen.into_iter().filter(|s| s.action == Action::Stop) {
        let old = states.old.get(kind, s.id).map_or_else(|| format!("{kind} {}", s.id), |o| o.label());
        let new = |id: &i64| states.new.get(kind, *id).map_or_else(|| format!("{kind} {id}"), |o| o.label());
        let why = states.mapping.reason(kind, s.id);
        let because = why.map(|w| format!(": {w}")).unwrap_or_default();
        let (code, message) = match &s.fate {
            Fate::Missing => (ProblemCode::Missing, format!("{old} is not on the panel any more{because}")),
            Fate::Unknown => (ProblemCode::Unknown, format!("the old panel state knew no {kind} {}", s.id)),
            Fate::Ambiguous { candidates } => {
                let list: Vec<String> = candidates.iter().take(LISTED).map(new).collect();
                let more = if candidates.len() > LISTED { ", …" } else { "" };
                (ProblemCode::Ambiguous, format!("{old} may be {}{more}{because}", list.join(" or ")))
            }
            Fate::Conflict { candidate } => {
                let why = why.map_or_else(|| format!("{} has its name and is another object", new(candidate)), str::to_owned);
                (ProblemCode::Conflict, format!("{old} is gone: {why}"))
            }
            Fate::NameOnly { candidate } => {
                let message =
                    format!("{old} is probably {}{because}. Accept that with --accept-name, or in a reviewed map", new(candidate));
                (ProblemCode::NameOnly, message)
            }
            Fate::Moved { candidate } => {
                let message =
                    format!("{old} is probably {}{because}. Accept that with --accept-moved, or in a reviewed map", new(candidate));
                (ProblemCode::Moved, message)
            }
            // Of rows that disagree, all are told together.
            Fate::Unchanged | Fate::Changed { .. } | Fate::Disagrees | Fate::DisagreesAsNew => continue,
        };
        add(code, s.rows, message);
    }
    for s in decider.taken() {
        let message = format!("the stale id {} stays, but it will also be the new id of another {kind} here", s.id);
        add(ProblemCode::TakenId, s.rows, message);
    }
    for (s, new) in decider.lost() {
        let message = format!("{kind} {} has the id {new} now, which means no object here: declare other `sentinels` for this place", s.id);
        add(ProblemCode::TakenId, s.rows, message);
    }
    for s in decider.reused(states.new) {
        let other = states.new.get(kind, s.id).map(|o| o.label()).unwrap_or_default();
        let storage = if s.storage == Storage::Text { " (as text)" } else { "" };
        let message = format!("{}: {}: the stale id {}{storage} stays, and is now that of {other}", place.database, place.place, s.id);
        plan.notes.push(message);
    }
    true
}
