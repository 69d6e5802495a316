//! Does a conversion within the transaction, journals it, and checks what it left.

use camino::Utf8Path;
use serde::{Deserialize, Serialize};

use super::job::{Job, Scanned};
use super::{Computed, Request, fill_maps, run_steps};
use crate::panel::source::companion::{self, RecordedBy};
use crate::remap::check;
use crate::remap::error::{Context, RemapError};
use crate::remap::kept;
use crate::remap::ledger::{self, Known};
use crate::remap::plan::Tool;
use crate::remap::row_hash::Content;
use crate::remap::rows::{self, numbered, whole};
use crate::remap::scan::{self, CellHash};
use crate::remap::sentinel::Sentinels;
use crate::remap::session::{Database, Session};
use crate::remap::watch::{self, Phase};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Connection, Error, ValueRef, params};

/// A changed column, as the companion notes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Noted {
    /// The id column.
    pub column: String,
    /// The column beside that got the references.
    pub beside: Option<String>,
    /// Whose ids it held.
    pub kind: String,
    /// What it holds now.
    pub holds: String,
    /// The values that are no ids, where the manifest said so.
    #[serde(default)]
    pub sentinels: Option<Vec<String>>,
}

impl Noted {
    /// The column that was filled.
    pub(super) fn filled(&self) -> &str {
        self.beside.as_deref().unwrap_or(&self.column)
    }
}

/// Everything that a database declares, but for the indexes that SQLite makes by itself: type, name, table, text.
pub(super) type Declared = Vec<(String, String, String, Vec<u8>)>;

/// What the database declares.
pub(super) fn declarations(connection: &Connection, database: &Database) -> Result<Declared, Error> {
    let sql = format!(
        "SELECT type, name, tbl_name, sql FROM {} WHERE sql IS NOT NULL ORDER BY 1, 2",
        qualified(&database.schema, "sqlite_schema")
    );
    let mut query = connection.prepare(&sql)?;
    // As bytes: names may be no text. In UTF-16 databases, too, they are given in UTF-8.
    let bytes = |value: ValueRef<'_>| match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    };
    let lossy = |value: ValueRef<'_>| String::from_utf8_lossy(&bytes(value)).into_owned();
    let rows = query.query_map([], |r| Ok((r.get(0)?, lossy(r.get_ref(1)?), lossy(r.get_ref(2)?), bytes(r.get_ref(3)?))))?;
    rows.collect()
}

/// `before` with the table's declaration replaced by `sql`.
pub(super) fn with(mut before: Declared, table: &str, sql: &str) -> Declared {
    let is_it = |d: &&mut (String, String, String, Vec<u8>)| d.0 == "table" && d.1.eq_ignore_ascii_case(table);
    if let Some(line) = before.iter_mut().find(is_it) {
        line.3 = sql.as_bytes().to_vec();
    }
    before
}

/// Refuses what is not declared as it should be.
pub(super) fn as_declared(connection: &Connection, database: &Database, expected: &Declared) -> Result<(), RemapError> {
    let found = declarations(connection, database).on(&database.path)?;
    match found == *expected {
        true => Ok(()),
        false => Err(RemapError::Check { detail: format!("{}: something else is declared than was to be", database.name) }),
    }
}

/// Applies what was computed, as a run of its own; gives its number.
pub(super) fn apply(
    request: &Request<'_>,
    session: &Session,
    known: &Known,
    computed: &Computed<'_>,
    path: &Utf8Path,
) -> Result<i64, RemapError> {
    let connection = &session.connection;
    let touched: Vec<(usize, String)> = computed.jobs.iter().map(|(j, _)| (j.database, j.before.name.clone())).collect();
    let baseline = check::baseline_of_rebuild(session, &touched)?;
    fill_maps(connection, &computed.values).doing(|| "noting what ids become".into())?;
    let run = record(request, session, known, computed, &baseline).on(path)?;
    for (n, (job, scanned)) in computed.jobs.iter().enumerate() {
        let on = &session.databases[job.database];
        one(session, job, scanned.as_ref(), (run, n)).map_err(|e| match e {
            RemapError::Check { detail } => RemapError::Check { detail: format!("{}: {}: {detail}", on.name, job.before.name) },
            other => other,
        })?;
    }
    watch::phase(Phase::Checking)?;
    check::unharmed(session, &touched, &baseline)?;
    ledger::finish(connection, run).on(path)?;
    ledger::prune(connection).on(path)?;
    Ok(run)
}

/// One table.
fn one(session: &Session, job: &Job, scanned: Option<&Scanned>, (run, n): (i64, usize)) -> Result<(), RemapError> {
    let (connection, on) = (&session.connection, &session.databases[job.database]);
    let name = qualified(&on.schema, &job.before.name);
    let declared = declarations(connection, on).on(&on.path)?;
    let sequence = rows::sequence(connection, &on.schema, &job.before).on(&on.path)?;
    let before = scan::content(connection, &on.schema, &job.before).on(&on.path)?;
    let changed = journal(connection, job, on, (run, n)).doing(|| format!("{}: noting {}", on.name, job.before.name))?;
    let steps = job.rebuild(&on.schema).steps().ok_or_else(|| RemapError::Check { detail: "a declaration cannot be placed".into() })?;
    run_steps(connection, &steps, on)?;
    as_declared(connection, on, &with(declared, &job.before.name, &job.after_sql))?;
    let content = job.content(connection, &name).on(&on.path)?;
    if scanned.is_some_and(|s| s.expected != content) {
        return Err(RemapError::Check { detail: "its rows are not what was foretold".into() });
    }
    let sequence_after = rows::sequence(connection, &on.schema, &job.before).on(&on.path)?;
    if sequence != sequence_after {
        return Err(RemapError::Check { detail: "its AUTOINCREMENT count is another one".into() });
    }
    let after = scan::content(connection, &on.schema, &job.after).on(&on.path)?;
    register(connection, job, on, (run, n), changed, &sequence, (before, after)).doing(|| "noting the run".into())
}

/// Notes every row that changes: its address afterwards, the cells before and after. The number of rows.
fn journal(connection: &Connection, job: &Job, on: &Database, (run, n): (i64, usize)) -> Result<u64, Error> {
    let address = job.address();
    let table = qualified("main", &format!("journal_{run}_{n}"));
    let (keys, count) = (numbered("k", address.len()), job.changes.len());
    // By its key, so that an undo finds a row's line at once.
    connection.execute_batch(&format!(
        "CREATE TABLE {table}({keys}, {}, {}, PRIMARY KEY ({keys})) WITHOUT ROWID",
        numbered("o", count),
        numbered("n", count)
    ))?;
    let mut list: Vec<String> = address.iter().map(|a| job.value(a)).collect();
    let old = |c: &super::Change| match (&c.beside, job.there(c)) {
        (Some(_), false) => "NULL".to_owned(),
        _ => format!("t.{}", quote(job.filled(c))),
    };
    list.extend(job.changes.iter().map(old));
    list.extend(job.changes.iter().map(|c| job.value(job.filled(c))));
    let filled = job.changes.iter().map(|c| format!("{} IS NOT NULL", job.value(job.filled(c)))).collect::<Vec<_>>().join(" OR ");
    let from = format!("{} AS t{}", qualified(&on.schema, &job.before.name), job.before.itself());
    connection.execute(&format!("INSERT INTO {table} SELECT {} FROM {from} WHERE {filled}", list.join(", ")), []).map(rows::count)
}

/// Registers the table's journal.
fn register(
    connection: &Connection,
    job: &Job,
    on: &Database,
    (run, n): (i64, usize),
    changed: u64,
    sequence: &crate::sqlite::Value,
    (before, after): (Content, Content),
) -> Result<(), Error> {
    let json = |names: &[&str]| serde_json::to_string(names).expect("a list of texts is JSON");
    let version: i64 = connection.query_row(&format!("PRAGMA {}.schema_version", on.schema), [], |r| r.get(0))?;
    let address = job.address();
    let filled: Vec<&str> = job.changes.iter().map(|c| job.filled(c)).collect();
    let by_rowid = !job.after.without_rowid && job.after.integer_key.is_none() && address == job.after.address();
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    connection.execute(
        "INSERT INTO main.journal(run, n, database, table_name, address, columns, stored, reinsert, changed, removed, schema_version, implicit_rowid,
                                  sequence_before, sequence_after, content_before, content_after)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, 0, ?9, ?10, ?11, ?11, ?12, ?13)",
        params![
            run,
            n,
            on.name.as_str(),
            job.before.name,
            json(&address),
            json(&filled),
            json(&whole(&job.after)),
            i64::try_from(changed).unwrap_or(i64::MAX),
            version,
            by_rowid,
            sequence,
            before.to_bytes(),
            after.to_bytes(),
        ],
    )?;
    let noted: Vec<Noted> = job.changes.iter().map(|c| noted(job, c)).collect();
    let noted = serde_json::to_string(&noted).expect("texts are JSON");
    let sql = "INSERT INTO main.conversion VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.execute(sql, params![run, n, job.before.sql, job.after_sql, noted])?;
    kept::seal(connection, run, &format!("journal_{run}_{n}"))
}

fn noted(job: &Job, change: &super::Change) -> Noted {
    Noted {
        column: job.before.columns[change.column].name.clone(),
        beside: change.beside.clone(),
        kind: change.kind.name().to_owned(),
        holds: change.form.word().to_owned(),
        sentinels: (change.sentinels != Sentinels::shared()).then(|| change.sentinels.words()),
    }
}

/// Writes the run into the ledger. The data's date stays; where there was none, it is the panel's state.
fn record(
    request: &Request<'_>,
    session: &Session,
    known: &Known,
    computed: &Computed<'_>,
    baseline: &check::Baseline,
) -> Result<i64, Error> {
    let connection = &session.connection;
    ledger::create(connection)?;
    let before = known.current.as_ref().map(|g| g.id);
    let generation = match (before, request.panel) {
        (Some(id), _) => id,
        (None, Some(panel)) => {
            let id = companion::record(connection, panel, RecordedBy::Run)?;
            // One that tells of a part of the panel cannot be what all ids speak of.
            if panel.partial().is_none() {
                companion::set_current(connection, id)?;
            }
            id
        }
        (None, None) => 0,
    };
    let cells: u64 = computed.conversion.places.iter().map(|p| p.ids).sum();
    connection.execute(
        "INSERT INTO main.run(tool, started, old_generation, new_generation, date_before, plan_hash, cells, removed, status, previous, faults)
         VALUES (?1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?2, ?2, ?3, ?4, ?5, 0, 'applied', ?6, ?7)",
        params![
            Tool::this().version,
            generation,
            before,
            hash(computed),
            i64::try_from(cells).unwrap_or(i64::MAX),
            known.last_applied.as_ref().map(|(id, _)| *id),
            serde_json::to_string(baseline).expect("faults are JSON")
        ],
    )?;
    let run = connection.last_insert_rowid();
    let mut insert = connection.prepare("INSERT INTO main.place_state VALUES (?1, ?2, ?3, ?4)")?;
    for target in &computed.resolved {
        let (database, table, column) = super::key(&session.databases, target);
        insert.execute(params![run, database, table, column])?;
    }
    Ok(run)
}

/// A hash over what the conversion does.
fn hash(computed: &Computed<'_>) -> String {
    let mut hash = CellHash::new();
    hash.text("conversion");
    for table in &computed.conversion.tables {
        [&table.database, &table.table, &table.before, &table.after].into_iter().for_each(|t| hash.text(t));
    }
    for values in &computed.values {
        hash.text(values.kind().name());
        let mut all: Vec<_> = values.known.iter().collect();
        all.sort();
        for (value, reference) in all {
            hash.text(&format!("{value:?}"));
            hash.text(reference);
        }
    }
    hash.finish()
}
