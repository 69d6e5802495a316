//! Checks, before the commit, that what was written is what was planned. Shares nothing with the writer: it goes by the mapping, not by what was decided.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::compute::{Computed, States, TableWork};
use super::computed;
use super::decide::{Action, Class, Storage};
use super::error::{Context, RemapError};
use super::full_text;
use super::leaves::{self, Links, Tally};
use super::row_hash::{Content, RowHash};
use super::scan::{self, Source};
use super::session::{Database, Session};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::{Schema, Table, TableType};
use crate::sqlite::{Connection, Error, ValueRef};

/// What is wrong before the run already, and may be wrong after it: how often, by database and what is wrong.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Baseline {
    foreign_keys: BTreeMap<String, Faults>,
    damage: BTreeMap<String, Faults>,
    /// By database and table, the rows that hold something else in a stored computed column than what SQLite computes: they stay as they are, and none is added.
    #[serde(skip)]
    computed: BTreeMap<(String, String), Content>,
    /// By database, what must stay as it is. Not kept in the companion: taking a run back has its own.
    #[serde(skip)]
    rest: BTreeMap<String, Rest>,
    /// The tables are declared anew.
    #[serde(skip)]
    rebuilt: bool,
}

/// What a run does not touch in a database.
#[derive(Debug, PartialEq, Eq)]
struct Rest {
    /// All declarations, and where their trees begin.
    schema: u64,
    /// The other tables' content.
    tables: BTreeMap<String, Content>,
    /// What `sqlite_sequence` says of them.
    sequences: u64,
}

/// What is wrong, and how often.
type Faults = BTreeMap<String, u64>;

impl Baseline {
    /// Lets what is wrong in `other` come back, beside what is wrong now: rows that were wrong before they were taken out.
    pub(crate) fn allow_back(&mut self, other: Baseline) {
        for (mine, theirs) in [(&mut self.foreign_keys, other.foreign_keys), (&mut self.damage, other.damage)] {
            for (database, faults) in theirs {
                let known = mine.entry(database).or_default();
                faults.into_iter().for_each(|(fault, count)| *known.entry(fault).or_default() += count);
            }
        }
    }

    /// What of this is not wrong any more, where `left` is.
    pub(crate) fn without(&self, left: &Wrong) -> Baseline {
        let gone = |mine: &BTreeMap<String, Faults>, left: &BTreeMap<String, Faults>| {
            let of = |database: &String, faults: &Faults| -> Faults {
                let left = |fault: &String| left.get(database).and_then(|l| l.get(fault)).copied().unwrap_or(0);
                faults
                    .iter()
                    .map(|(fault, count)| (fault.clone(), count.saturating_sub(left(fault))))
                    .filter(|(_, count)| *count > 0)
                    .collect()
            };
            mine.iter().map(|(database, faults)| (database.clone(), of(database, faults))).collect()
        };
        let (foreign_keys, damage) = (gone(&self.foreign_keys, &left.foreign_keys), gone(&self.damage, &left.damage));
        Baseline { foreign_keys, damage, ..Baseline::default() }
    }

    /// Lets everything be as wrong as in `other` too. A run may put right what was wrong (an id becomes that of a row which is there), so taking it back
    /// must be allowed to bring it back.
    pub(crate) fn allow(&mut self, other: Baseline) {
        for (mine, theirs) in [(&mut self.foreign_keys, other.foreign_keys), (&mut self.damage, other.damage)] {
            for (database, faults) in theirs {
                let allowed = mine.entry(database).or_default();
                for (fault, count) in faults {
                    let most = allowed.entry(fault).or_default();
                    *most = count.max(*most);
                }
            }
        }
    }
}

/// What is wrong after a run, by database.
#[derive(Debug, Default)]
pub(crate) struct Wrong {
    foreign_keys: BTreeMap<String, Faults>,
    damage: BTreeMap<String, Faults>,
}

/// The first fault that is more frequent than `before`.
fn worse<'f>(faults: &'f Faults, before: Option<&Faults>) -> Option<(&'f str, u64, u64)> {
    let allowed = |fault: &str| before.and_then(|b| b.get(fault)).copied().unwrap_or(0);
    faults.iter().map(|(fault, &count)| (fault.as_str(), count, allowed(fault))).find(|(_, count, allowed)| count > allowed)
}

/// Looks at foreign keys and structure before the run.
pub(crate) fn baseline(session: &Session, tables: &[(usize, String)]) -> Result<Baseline, RemapError> {
    look(session, tables, &[], false)
}

/// As [`baseline`], where it is known of the tables that change whether NULL stands where none may be.
pub(crate) fn baseline_of(session: &Session, computed: &Computed<'_>) -> Result<Baseline, RemapError> {
    let touched: Vec<&TableWork<'_>> = computed.tables.iter().filter(|w| w.scanned.changed + w.scanned.removed > 0).collect();
    let tables: Vec<(usize, String)> = touched.iter().map(|w| (w.database, w.table.name.clone())).collect();
    let full: Vec<(usize, &str)> = touched.iter().filter(|w| w.scanned.against == 0).map(|w| (w.database, w.table.name.as_str())).collect();
    look(session, &tables, &full, false)
}

/// As [`baseline`], before these tables are declared anew. What they declare is not compared, nor where in the file the others begin.
pub(crate) fn baseline_of_rebuild(session: &Session, tables: &[(usize, String)]) -> Result<Baseline, RemapError> {
    look(session, tables, &[], true)
}

/// `full`: tables of which it is known that they have no NULL where none may be.
fn look(session: &Session, tables: &[(usize, String)], full: &[(usize, &str)], rebuilt: bool) -> Result<Baseline, RemapError> {
    let mut baseline = Baseline { rebuilt, ..Baseline::default() };
    for (index, database) in session.databases.iter().enumerate() {
        let touched: Vec<&str> = tables.iter().filter(|t| t.0 == index).map(|t| t.1.as_str()).collect();
        baseline.foreign_keys.insert(database.name.to_string(), violations(&session.connection, database, &touched).on(&database.path)?);
        let mut damage = Faults::new();
        for name in touched {
            if let Some(stale) = stale(session, (database, &database.declared), name).on(&database.path)? {
                baseline.computed.insert((database.name.to_string(), name.to_owned()), stale);
            }
            // Only such declarations can be violated by rows that are there; all else is damage, and stops the run anyway. Of columns behind a virtual one
            // SQLite tells wrongly that they hold text where their default is one.
            let may_be_violated = database.declared.table(name).is_some_and(|t| {
                let takes_null = full.contains(&(index, name)) || !t.sql.to_ascii_uppercase().contains("NOT NULL");
                declares_rules(t) || !takes_null
            });
            if may_be_violated {
                damage.extend(quick_check(&session.connection, database, name).on(&database.path)?);
            }
        }
        baseline.damage.insert(database.name.to_string(), damage);
        baseline.rest.insert(database.name.to_string(), rest(session, database, (tables, index), rebuilt).on(&database.path)?);
    }
    Ok(baseline)
}

/// Checks every table that changed. Gives what is wrong with them still.
pub(crate) fn check(session: &Session, computed: &Computed<'_>, states: States<'_>, baseline: &Baseline) -> Result<Wrong, RemapError> {
    session.settle()?;
    let touched = |w: &&TableWork<'_>| w.scanned.changed + w.scanned.removed > 0;
    let mut sound = Vec::new();
    for work in computed.tables.iter().filter(touched) {
        let database = &session.databases[work.database];
        let name = format!("{}: {}", database.name, work.table.name);
        let (differs, is_sound) = content(session, work, states).on(&database.path)?;
        if let Some(detail) = differs {
            return Err(RemapError::Check { detail: format!("{name}: {detail}") });
        }
        sound.extend(is_sound.then_some((work.database, work.table.name.as_str())));
    }
    let names: Vec<(usize, String)> = computed.tables.iter().filter(touched).map(|w| (w.database, w.table.name.clone())).collect();
    no_worse(session, &names, &sound, baseline)
}

/// Checks that structure and foreign keys are no worse than before.
pub(crate) fn unharmed(session: &Session, tables: &[(usize, String)], baseline: &Baseline) -> Result<(), RemapError> {
    no_worse(session, tables, &[], baseline).map(drop)
}

/// As [`unharmed`]. Of the tables `sound` it is known that their structure is.
fn no_worse(session: &Session, tables: &[(usize, String)], sound: &[(usize, &str)], baseline: &Baseline) -> Result<Wrong, RemapError> {
    let failed = |detail: String| Err(RemapError::Check { detail });
    let mut wrong = Wrong::default();
    for (index, database) in session.databases.iter().enumerate() {
        let names: Vec<&str> = tables.iter().filter(|t| t.0 == index).map(|t| t.1.as_str()).collect();
        for name in names.iter().filter(|name| !sound.contains(&(index, name))) {
            let found = quick_check(&session.connection, database, name).on(&database.path)?;
            if let Some((fault, ..)) = worse(&found, baseline.damage.get(database.name.as_str())) {
                return failed(format!("{}: {fault}", database.name));
            }
            let damage = wrong.damage.entry(database.name.to_string()).or_default();
            found.into_iter().for_each(|(fault, count)| *damage.entry(fault).or_default() += count);
        }
        // Tables that were made anew are those that are declared now.
        let anew = baseline.rebuilt.then(|| Schema::read(&session.connection, &database.schema)).transpose().on(&database.path)?;
        let declared = anew.as_ref().unwrap_or(&database.declared);
        for name in &names {
            let before = baseline.computed.get(&(database.name.to_string(), (*name).to_owned()));
            if before.is_some() && stale(session, (database, declared), name).on(&database.path)?.as_ref() != before {
                return failed(format!("{}: {name}: a stored computed column does not hold what SQLite computes", database.name));
            }
        }
        let found = violations(&session.connection, database, &names).on(&database.path)?;
        if let Some((key, count, before)) = worse(&found, baseline.foreign_keys.get(database.name.as_str())) {
            let detail = format!("{}: {key}: {count} rows, where {before} did before", database.name);
            return Err(RemapError::Orphans { detail });
        }
        wrong.foreign_keys.insert(database.name.to_string(), found);
        let Some(before) = baseline.rest.get(database.name.as_str()) else { continue };
        let now = rest(session, database, (tables, index), baseline.rebuilt).on(&database.path)?;
        if now.schema != before.schema {
            return failed(format!("{}: what it declares is not what it was", database.name));
        }
        let differs = before.tables.iter().find(|(name, content)| now.tables.get(*name) != Some(content));
        if let Some((name, _)) = differs {
            return failed(format!("{}: the table {name}, which was not to change, did", database.name));
        }
        if now.sequences != before.sequences {
            return failed(format!("{}: sqlite_sequence changed for tables that were not to change", database.name));
        }
    }
    Ok(wrong)
}

/// The rows of a table that hold something else in a stored computed column than what SQLite computes; `None`: it has none such column.
fn stale(session: &Session, (database, declared): (&Database, &Schema), table: &str) -> Result<Option<Content>, Error> {
    let has = |t: &&Table| t.columns.iter().any(|c| c.computed_and_stored);
    let table = declared.table(table).filter(has);
    table.map(|table| computed::stale(&session.connection, &database.schema, table)).transpose()
}

/// All that is not to change in a database whose tables `touched` do.
fn rest(session: &Session, database: &Database, (touched, index): (&[(usize, String)], usize), rebuilt: bool) -> Result<Rest, Error> {
    let (connection, schema) = (&session.connection, &database.declared);
    let is_touched = |name: &str| touched.iter().any(|(i, t)| *i == index && t.eq_ignore_ascii_case(name));
    // The tables behind a full-text index that is made anew.
    let anew: Vec<String> = schema
        .tables
        .iter()
        .filter(|t| full_text::of(&t.sql).is_some_and(|f| is_touched(&f.content) && f.follows(t)))
        .map(|t| format!("{}_", t.name.to_ascii_lowercase()))
        .collect();
    let mut tables = BTreeMap::new();
    for table in schema.tables.iter().filter(|t| matches!(t.table_type, TableType::Ordinary | TableType::Shadow)) {
        let name = table.name.to_ascii_lowercase();
        if is_touched(&table.name) || table.table_type == TableType::Shadow && anew.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        // Damage elsewhere is not the run's: what cannot be read now could not be read before.
        // Of the tables behind virtual ones it is not asked how their rows lie.
        let pages = session.pages(database).filter(|_| table.table_type == TableType::Ordinary);
        let in_file = pages.map(|_| scan::content_of(Source { connection, schema: &database.schema, pages, table }));
        let content = match in_file {
            // A table with computed columns is never read so.
            Some(Ok(Some(content))) => Ok(content),
            _ => scan::content_with_computed(connection, &database.schema, table),
        };
        if let Ok(content) = content {
            tables.insert(table.name.clone(), content);
        }
    }
    let hash = |sql: &str, skip: &dyn Fn(&str) -> bool| {
        let mut query = connection.prepare(sql)?;
        let columns = query.column_count();
        let mut rows = query.query([])?;
        let mut content = Content::default();
        while let Some(row) = rows.next()? {
            if let ValueRef::Text(name) = row.get_ref(0)?
                && skip(&String::from_utf8_lossy(name))
            {
                continue;
            }
            let mut hash = RowHash::new();
            for column in 0..columns {
                hash.value(row.get_ref(column)?);
            }
            content.add(hash.finish());
        }
        Ok::<_, Error>(content.sum())
    };
    let columns = if rebuilt { "tbl_name, name, type, sql" } else { "name, type, tbl_name, sql, rootpage" };
    let declared = format!("SELECT {columns} FROM {}", qualified(&database.schema, "sqlite_schema"));
    let sequences = format!("SELECT name, seq FROM {}", qualified(&database.schema, "sqlite_sequence"));
    let counts = schema.tables.iter().any(|t| t.autoincrement);
    Ok(Rest {
        schema: hash(&declared, &|name| rebuilt && is_touched(name))?,
        tables,
        sequences: if counts { hash(&sequences, &is_touched)? } else { 0 },
    })
}

/// What differs between the table's rows and what was foretold, if anything; and whether the table's structure was found sound on the way.
fn content(session: &Session, work: &TableWork<'_>, states: States<'_>) -> Result<(Option<String>, bool), Error> {
    match in_file(session, work)? {
        None => Ok((differs(session, work, states)?, false)),
        Some((tally, sound)) => {
            let ids = work.scanned.removed > 0 || tally.ids == expected(work, states);
            if tally.content == work.scanned.after && ids {
                return Ok((None, sound));
            }
            // What SQLite says tells more.
            let told = differs(session, work, states)?;
            Ok((Some(told.unwrap_or_else(|| "what stands in its file is not what the plan foretold".to_owned())), false))
        }
    }
}

/// What becomes of a target's ids, by the mapping: each id afterwards, its storage class, and how many rows hold it.
fn becomes<'w>(work: &'w TableWork<'_>, states: States<'w>, target: usize) -> impl Iterator<Item = ((i64, Storage), u64)> + 'w {
    let decider = &work.targets[target].1;
    decider.seen.iter().filter(|s| s.action != Action::Null).map(move |seen| {
        let stays = seen.fate.disagrees();
        let id = states.mapping.new_id(decider.kind(), seen.id).filter(|_| !stays).unwrap_or(seen.id);
        ((id, seen.storage), seen.rows)
    })
}

/// The sum of the ids that the mapping foretells.
fn expected(work: &TableWork<'_>, states: States<'_>) -> u64 {
    let whole = (0..work.targets.len()).filter(|&i| work.targets[i].1.inside.is_none());
    whole.fold(0, |sum, i| {
        becomes(work, states, i).fold(sum, |sum, ((id, storage), rows)| sum.wrapping_add(leaves::id(i, id, storage).wrapping_mul(rows)))
    })
}

/// The sums over the table as it stands in its file, past SQLite; and whether that is sound: its tree well made, every row once in each index, nothing
/// NULL that must not be. `None`: the file cannot be read so.
fn in_file(session: &Session, work: &TableWork<'_>) -> Result<Option<(Tally, bool)>, Error> {
    let (database, scanned, table) = (&session.databases[work.database], &work.scanned, &work.table);
    let Some(pages) = session.pages(database) else { return Ok(None) };
    let (connection, schema) = (&session.connection, database.schema.as_str());
    let source = Source { connection, schema, pages: Some(pages), table };
    // The order of keys is left to SQLite, and so are the lists of which page belongs to which that a file has which shrinks by itself.
    let shrinks = connection.query_row(&format!("PRAGMA {schema}.auto_vacuum"), [], |r| r.get::<_, i64>(0))? != 0;
    let (mut changed, mut all) = (Vec::new(), !declares_rules(table) && !table.without_rowid && !shrinks);
    for (j, _) in table.indexes.iter().enumerate().filter(|(_, i)| !(table.without_rowid && i.primary_key)) {
        match (leaves::stamp(connection, schema, table, j, pages)?, scanned.stamps.get(j).copied().flatten()) {
            (None, _) => all = false,
            (now, before) if now == before => {}
            _ => changed.push(j),
        }
    }
    // Leaves that are as they were are passed over where their part of every sum is known. The indexes that targets are in are looked at in any case: they
    // had to change.
    let (links, known) = match scanned.links.are_of(&changed) {
        true => (scanned.links.clone(), Some(&scanned.leaves)),
        false => (Links::of(table, |j, _| changed.contains(&j) || scanned.links.are_of(&[j])), None),
    };
    let Some((tally, against)) = scan::sums(source, &work.targets, &links, known)? else { return Ok(None) };
    let agree = links.is_empty() || links.found(connection, schema, table, pages)? == Some(tally.links);
    Ok(Some((tally, all && agree && links.are_of(&changed) && !against)))
}

/// What differs between the table's rows, as SQLite tells them, and what was foretold, if anything.
fn differs(session: &Session, work: &TableWork<'_>, states: States<'_>) -> Result<Option<String>, Error> {
    let database = &session.databases[work.database];
    let stored: Vec<usize> = work.table.stored().collect();
    let shift = work.table.address().len();
    let at: Vec<usize> = work.targets.iter().map(|(c, _)| shift + stored.iter().position(|s| s == c).unwrap_or_default()).collect();
    let mut found: Vec<FxHashMap<(i64, Storage), u64>> = vec![FxHashMap::default(); work.targets.len()];
    let source = Source { connection: &session.connection, schema: &database.schema, pages: None, table: &work.table };
    let after = scan::content_with(source, |row| {
        for (i, (_, decider)) in work.targets.iter().enumerate() {
            if decider.inside.is_none()
                && let Class::Id(id, storage) = decider.class(row[at[i]])
            {
                *found[i].entry((id, storage)).or_default() += 1;
            }
        }
    })?;
    let rows = work.scanned.rows - work.scanned.removed;
    if after.rows() != rows {
        return Ok(Some(format!("{} rows are there, {rows} were to be", after.rows())));
    }
    // Rows that another column's policy took out are missing from this column's counts too; the content's hash covers them.
    if work.scanned.removed == 0 {
        for (i, (column, decider)) in work.targets.iter().enumerate() {
            // Values with ids inside are compared one by one: see [`inside`](super::inside).
            if decider.inside.is_some() {
                continue;
            }
            let mut expected: FxHashMap<(i64, Storage), u64> = FxHashMap::default();
            for (id, rows) in becomes(work, states, i) {
                *expected.entry(id).or_default() += rows;
            }
            if expected != found[i] {
                return Ok(Some(format!("the column {} does not hold each id as often as planned", work.table.columns[*column].name)));
            }
        }
    }
    Ok((after != work.scanned.after).then(|| "its rows are not what the plan foretold".to_owned()))
}

/// Whether the table declares rules that its rows may break: beside NOT NULL, what only SQLite can check.
fn declares_rules(table: &Table) -> bool {
    let sql = table.sql.to_ascii_uppercase();
    table.strict || sql.contains("CHECK") || table.columns.iter().any(|c| c.generated)
}

/// What SQLite's own check finds wrong with a table and its indexes.
fn quick_check(connection: &Connection, database: &Database, table: &str) -> Result<Faults, Error> {
    let sql = format!("PRAGMA {}.quick_check({})", database.schema, quote(table));
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query([])?;
    let mut found = Faults::new();
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        // What does not go with a column's affinity breaks no rule; whether values are what they are to be is asked of the content.
        let is_odd = line.starts_with("NUMERIC value in ") || line.starts_with("TEXT value in ");
        if line != "ok" && !is_odd {
            *found.entry(format!("{table}: {line}")).or_default() += 1;
        }
    }
    Ok(found)
}

/// Rows that point at nothing, for each foreign key from or to one of `tables`.
fn violations(connection: &Connection, database: &Database, tables: &[&str]) -> Result<Faults, Error> {
    let is_touched = |name: &str| tables.iter().any(|t| t.eq_ignore_ascii_case(name));
    let mut found = Faults::new();
    for child in &database.declared.tables {
        let concerned = child.foreign_keys.iter().any(|f| is_touched(&child.name) || is_touched(&f.parent));
        if !concerned {
            continue;
        }
        let sql = format!("PRAGMA {}.foreign_key_check({})", database.schema, quote(&child.name));
        let mut count = || -> Result<(), Error> {
            let mut query = connection.prepare(&sql)?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let key = format!("{} → {} (foreign key {})", child.name, row.get::<_, String>(2)?, row.get::<_, i64>(3)?);
                *found.entry(key).or_default() += 1;
            }
            Ok(())
        };
        // A foreign key to a column without a unique index, or to no table, cannot be checked; SQLite does not enforce it either.
        if let Err(error) = count()
            && error.sqlite_error_code() != Some(crate::sqlite::ErrorCode::Unknown)
        {
            return Err(error);
        }
    }
    Ok(found)
}

/// Whether the table is there, with these columns.
pub(crate) fn has_columns(connection: &Connection, schema: &str, table: &str, columns: &[String]) -> bool {
    let list: Vec<String> = columns.iter().map(|c| format!("t.{}", quote(c))).collect();
    connection.prepare(&format!("SELECT {} FROM {} AS t", list.join(", "), qualified(schema, table))).is_ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use camino::{Utf8Path, Utf8PathBuf};

    use super::*;
    use crate::panel::inventory::Origin;
    use crate::panel::mapping::{Match, Rung};
    use crate::panel::{Inventory, Kind, Mapping};
    use crate::reference::manifest::{Entry, Form, Holds, Manifest, OnMissing, OnUncertain, Store};
    use crate::remap::compute;
    use crate::remap::session::Locked;
    use crate::remap::target;

    /// A manifest that says of `t.d` in `data.db` that it holds ids.
    fn of_t_d(kind: Kind) -> Manifest {
        let entry = Entry {
            store: Store::Column { database: "data.db".into(), table: "t".into(), column: "d".into(), path: None },
            kind: Some(kind),
            holds: Holds::Id,
            on_missing: OnMissing::Keep,
            on_uncertain: OnUncertain::default(),
            twin: None,
            sentinels: None,
            form: Form::default(),
            span: 0..0,
        };
        Manifest { references: vec![entry], ..Manifest::default() }
    }

    /// The writer is left out, and its work is done by hand: rightly once, and wrongly in every way that comes to mind.
    #[test]
    fn t21_what_a_wrong_writer_leaves_is_found() {
        let folder = tempfile::TempDir::new().unwrap();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let made = Connection::open(dir.join("data.db")).unwrap();
        made.execute_batch(
            "CREATE TABLE t(k INTEGER PRIMARY KEY AUTOINCREMENT, d INT, x CHECK (x <> 'bad')); CREATE INDEX i ON t(x);
             INSERT INTO t VALUES (1, 5, 'a'), (2, 7, 'b'), (3, 5, 'c'), (4, NULL, 'd'), (5, 8, 'e');
             CREATE TABLE o(y INTEGER PRIMARY KEY AUTOINCREMENT, z REFERENCES t); INSERT INTO o VALUES (1, 1)",
        )
        .unwrap();
        drop(made);
        let kind = "domain".parse().unwrap();
        let manifest = of_t_d(kind);
        let state = Inventory::new(Origin::default(), Vec::new(), vec![kind]);
        let found = |new| Match::Found { new, rung: Rung::Guid, evidence: "".into() };
        let mapping = Mapping::from_matches([((kind, 5), found(7)), ((kind, 7), found(5))]);
        let states = States { old: &state, new: &state, mapping: &mapping };
        let locked = Locked::open(dir, &[Utf8PathBuf::from("data.db")], Duration::from_millis(50)).unwrap();
        let session = locked.session();
        let resolved = target::resolve(&manifest, &session.databases).unwrap();
        let computed = compute::compute(session, resolved, states, (None, false), compute::Depth::Whole).unwrap();
        let baseline = baseline(session, &[(0, "t".into())]).unwrap();
        let right = "UPDATE d0.t SET d = 12 - d WHERE d IN (5, 7);";
        for (wrong, word) in [
            ("", None),
            ("UPDATE d0.t SET d = 7 WHERE k = 2", Some("each id as often as planned")),
            ("UPDATE d0.t SET d = 8 WHERE k = 1; UPDATE d0.t SET d = 7 WHERE k = 5", Some("not what the plan foretold")),
            ("UPDATE d0.t SET d = '7' WHERE k = 1; UPDATE d0.t SET d = CAST('7' AS BLOB) WHERE k = 1", Some("each id as often")),
            ("DELETE FROM d0.t WHERE k = 4", Some("4 rows are there, 5 were to be")),
            ("INSERT INTO d0.t VALUES (6, NULL, 'f')", Some("6 rows are there, 5 were to be")),
            ("UPDATE d0.t SET x = 'z' WHERE k = 4", Some("not what the plan foretold")),
            ("UPDATE d0.t SET x = CAST('d' AS BLOB) WHERE k = 4", Some("not what the plan foretold")),
            ("UPDATE d0.t SET x = CASE k WHEN 1 THEN 'c' ELSE 'a' END WHERE k IN (1, 3)", Some("not what the plan foretold")),
            ("UPDATE d0.t SET k = 9 WHERE k = 4", Some("not what the plan foretold")),
            ("UPDATE d0.o SET z = 2", Some("the table o, which was not to change, did")),
            ("UPDATE d0.o SET y = 2; UPDATE d0.o SET y = 1; DELETE FROM d0.o; INSERT INTO d0.o VALUES (1, 1)", None),
            ("UPDATE d0.sqlite_sequence SET seq = 9 WHERE name = 'o'", Some("sqlite_sequence")),
            ("CREATE INDEX d0.j ON t(d)", Some("what it declares")),
            ("DROP INDEX d0.i; CREATE INDEX d0.i ON t(x)", None),
            ("DROP INDEX d0.i", Some("what it declares")),
            ("UPDATE d0.o SET z = 99", Some("rows, where 0 did before")),
        ] {
            session.connection.execute_batch(&format!("SAVEPOINT try; {right} {wrong}")).unwrap();
            let found = check(session, &computed, states, &baseline);
            session.connection.execute_batch("ROLLBACK TO try; RELEASE try").unwrap();
            match (found, word) {
                (Ok(_), None) => {}
                (Err(error), Some(word)) => assert!(error.to_string().contains(word), "{wrong}: {error}"),
                (other, _) => panic!("{wrong}: {other:?}"),
            }
        }
        assert!(check(session, &computed, states, &baseline).is_err(), "nothing was written at all");
    }

    /// What stands in a computed column that is stored is known, in a table that changes and in one that does not.
    #[test]
    fn t21_computed_columns_that_are_stored_are_known() {
        let folder = tempfile::TempDir::new().unwrap();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let (t, o) = ("CREATE TABLE t(d INT, x, s AS (d || x) STORED, v AS (x))", "CREATE TABLE o(y, z AS (y + 1) STORED)");
        let made = Connection::open(dir.join("data.db")).unwrap();
        made.execute_batch(&format!("{t}; {o}; INSERT INTO t VALUES (5, 'a'), (7, 'b'); INSERT INTO o VALUES (1)")).unwrap();
        drop(made);
        let locked = Locked::open(dir, &[Utf8PathBuf::from("data.db")], Duration::from_millis(50)).unwrap();
        let session = locked.session();
        let touched = [(0, "t".to_owned())];
        let baseline = baseline(session, &touched).unwrap();
        session.connection.set_db_config(crate::sqlite::DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false).unwrap();
        // Nobody can write such a column; as an ordinary one it can be written.
        let by_hand = |table: &str, plain: &str, sql: &str, update: &str| {
            let declare = |text: &str| {
                format!(
                    "UPDATE d0.sqlite_schema SET sql = '{}' WHERE name = '{table}'; PRAGMA writable_schema = RESET",
                    text.replace('\'', "''")
                )
            };
            format!(
                "PRAGMA writable_schema = ON; {}; {update}; PRAGMA writable_schema = ON; {}; PRAGMA writable_schema = OFF",
                declare(plain),
                declare(sql)
            )
        };
        let (plain_t, plain_o) = ("CREATE TABLE t(d INT, x, s, v AS (x))", "CREATE TABLE o(y, z)");
        for (wrong, word) in [
            ("UPDATE d0.t SET d = 12 - d".to_owned(), None),
            (by_hand("t", plain_t, t, "UPDATE d0.t SET s = s"), None),
            (by_hand("t", plain_t, t, "UPDATE d0.t SET s = '5b' WHERE d = 7"), Some("t: a stored computed column")),
            (by_hand("t", plain_t, t, "UPDATE d0.t SET s = NULL WHERE d = 7"), Some("t: a stored computed column")),
            (by_hand("o", plain_o, o, "UPDATE d0.o SET z = 2"), None),
            (by_hand("o", plain_o, o, "UPDATE d0.o SET z = 3"), Some("the table o, which was not to change")),
        ] {
            session.connection.execute_batch(&format!("SAVEPOINT try; {wrong}")).unwrap();
            let found = unharmed(session, &touched, &baseline);
            session.connection.execute_batch("ROLLBACK TO try; RELEASE try").unwrap();
            match (found, word) {
                (Ok(()), None) => {}
                (Err(error), Some(word)) => assert!(error.to_string().contains(word), "{wrong}: {error}"),
                (other, _) => panic!("{wrong}: {other:?}"),
            }
        }
    }

    /// A table of many pages, of which the right run changes two: what a wrong one does to the others is found too.
    #[test]
    fn t21_pages_that_were_to_stay_are_known() {
        for (table, key) in [
            ("CREATE TABLE t(k INTEGER PRIMARY KEY, d INT NOT NULL, x TEXT, UNIQUE(d, k))", "k"),
            ("CREATE TABLE t(k INT, d INT NOT NULL, x TEXT, PRIMARY KEY(k)) WITHOUT ROWID", "k"),
            ("CREATE TABLE t(k INT, d INT NOT NULL, x TEXT); CREATE INDEX i ON t(d DESC, x COLLATE NOCASE)", "rowid"),
        ] {
            let folder = tempfile::TempDir::new().unwrap();
            let dir = Utf8Path::from_path(folder.path()).unwrap();
            let made = Connection::open(dir.join("data.db")).unwrap();
            made.execute_batch(&format!(
                "{table}; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
                 INSERT INTO t SELECT i, i % 900 + 100, 'text of the row ' || i FROM n"
            ))
            .unwrap();
            drop(made);
            let kind = "domain".parse().unwrap();
            let manifest = of_t_d(kind);
            let state = Inventory::new(Origin::default(), Vec::new(), vec![kind]);
            let found = |new| Match::Found { new, rung: Rung::Guid, evidence: "".into() };
            let mapping = Mapping::from_matches([((kind, 105), found(107)), ((kind, 107), found(105))]);
            let states = States { old: &state, new: &state, mapping: &mapping };
            let locked = Locked::open(dir, &[Utf8PathBuf::from("data.db")], Duration::from_millis(50)).unwrap();
            let session = locked.session();
            let resolved = target::resolve(&manifest, &session.databases).unwrap();
            let computed = compute::compute(session, resolved, states, (None, false), compute::Depth::Whole).unwrap();
            let (work, baseline) = (&computed.tables[0], baseline_of(session, &computed).unwrap());
            let right = "UPDATE d0.t SET d = -d WHERE d IN (105, 107); UPDATE d0.t SET d = 212 + d WHERE d < 0;";
            let wrong = [
                format!("UPDATE d0.t SET x = 'text of the row 2002' WHERE {key} = 2001"),
                format!("UPDATE d0.t SET d = d + 1 WHERE {key} = 2001; UPDATE d0.t SET d = d - 1 WHERE {key} = 2002"),
                format!(
                    "UPDATE d0.t SET x = CASE {key} WHEN 7 THEN 'text of the row 2900' ELSE 'text of the row 7' END WHERE {key} IN (7, 2900)"
                ),
                format!("UPDATE d0.t SET {key} = 9000 WHERE {key} = 1500"),
                format!("DELETE FROM d0.t WHERE {key} = 1500"),
                format!("DELETE FROM d0.t WHERE {key} = 2999; INSERT INTO d0.t SELECT 3001, d, x FROM d0.t WHERE {key} = 3000"),
            ];
            for wrong in wrong.iter().map(String::as_str).chain([""]) {
                session.connection.execute_batch(&format!("SAVEPOINT try; {right} {wrong}")).unwrap();
                let found = check(session, &computed, states, &baseline);
                let in_file = in_file(session, work).unwrap();
                session.connection.execute_batch("ROLLBACK TO try; RELEASE try").unwrap();
                assert_eq!(found.is_err(), !wrong.is_empty(), "{table}: {wrong}: {found:?}");
                // Whether keys ascend is left to SQLite.
                let known = in_file.is_some_and(|(_, sound)| sound != table.contains("WITHOUT ROWID"));
                assert!(!wrong.is_empty() || known, "{table}: the file was read, and is sound");
            }
        }
    }
}
