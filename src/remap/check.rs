//! Checks, before the commit, that what was written is what was planned. Shares nothing with the writer: it goes by the mapping, not by what was decided.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::compute::{Computed, States, TableWork};
use super::decide::{Action, Class, Decider, Storage};
use super::error::{Context, RemapError};
use super::scan;
use super::session::{Database, Session};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::{Connection, Error};

/// What is wrong before the run already, and may be wrong after it: how often, by database and what is wrong.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Baseline {
    foreign_keys: BTreeMap<String, Faults>,
    damage: BTreeMap<String, Faults>,
}

/// What is wrong, and how often.
type Faults = BTreeMap<String, u64>;

impl Baseline {
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

/// The first fault that is more frequent than `before`.
fn worse<'f>(faults: &'f Faults, before: Option<&Faults>) -> Option<(&'f str, u64, u64)> {
    let allowed = |fault: &str| before.and_then(|b| b.get(fault)).copied().unwrap_or(0);
    faults.iter().map(|(fault, &count)| (fault.as_str(), count, allowed(fault))).find(|(_, count, allowed)| count > allowed)
}

/// Looks at foreign keys and structure before the run.
pub(crate) fn baseline(session: &Session, tables: &[(usize, String)]) -> Result<Baseline, RemapError> {
    let mut baseline = Baseline::default();
    for (index, database) in session.databases.iter().enumerate() {
        let touched: Vec<&str> = tables.iter().filter(|t| t.0 == index).map(|t| t.1.as_str()).collect();
        baseline.foreign_keys.insert(database.name.to_string(), violations(&session.connection, database, &touched).on(&database.path)?);
        let mut damage = Faults::new();
        for name in touched {
            // Only such declarations can be violated by rows that are there; all else is damage, and stops the run anyway. Of columns behind a virtual one
            // SQLite tells wrongly that they hold text where their default is one.
            let may_be_violated = database.declared.table(name).is_some_and(|t| {
                let sql = t.sql.to_ascii_uppercase();
                ["CHECK", "NOT NULL", "STRICT"].iter().any(|word| sql.contains(word)) || t.columns.iter().any(|c| c.generated)
            });
            if may_be_violated {
                damage.extend(quick_check(&session.connection, database, name).on(&database.path)?);
            }
        }
        baseline.damage.insert(database.name.to_string(), damage);
    }
    Ok(baseline)
}

/// Checks every table that changed.
pub(crate) fn check(session: &Session, computed: &Computed<'_>, states: States<'_>, baseline: &Baseline) -> Result<(), RemapError> {
    let failed = |detail: String| Err(RemapError::Check { detail });
    let touched = |w: &&TableWork<'_>| w.scanned.changed + w.scanned.removed > 0;
    for work in computed.tables.iter().filter(touched) {
        let database = &session.databases[work.database];
        let name = format!("{}: {}", database.name, work.table.name);
        if let Some(detail) = content(session, work, states).on(&database.path)? {
            return failed(format!("{name}: {detail}"));
        }
    }
    let names: Vec<(usize, String)> = computed.tables.iter().filter(touched).map(|w| (w.database, w.table.name.clone())).collect();
    unharmed(session, &names, baseline)
}

/// Checks that structure and foreign keys are no worse than before.
pub(crate) fn unharmed(session: &Session, tables: &[(usize, String)], baseline: &Baseline) -> Result<(), RemapError> {
    let failed = |detail: String| Err(RemapError::Check { detail });
    for (index, database) in session.databases.iter().enumerate() {
        let names: Vec<&str> = tables.iter().filter(|t| t.0 == index).map(|t| t.1.as_str()).collect();
        for name in &names {
            let found = quick_check(&session.connection, database, name).on(&database.path)?;
            if let Some((fault, ..)) = worse(&found, baseline.damage.get(database.name.as_str())) {
                return failed(format!("{}: {fault}", database.name));
            }
        }
        let found = violations(&session.connection, database, &names).on(&database.path)?;
        if let Some((key, count, before)) = worse(&found, baseline.foreign_keys.get(database.name.as_str())) {
            let detail = format!("{}: {key}: {count} rows, where {before} did before", database.name);
            return Err(RemapError::Orphans { detail });
        }
    }
    Ok(())
}

/// What differs between the table's rows and what was foretold, if anything.
fn content(session: &Session, work: &TableWork<'_>, states: States<'_>) -> Result<Option<String>, Error> {
    let database = &session.databases[work.database];
    let stored: Vec<usize> = work.table.stored().collect();
    let shift = work.table.address().len();
    let at: Vec<usize> = work.targets.iter().map(|(c, _)| shift + stored.iter().position(|s| s == c).unwrap_or_default()).collect();
    let mut found: Vec<FxHashMap<(i64, Storage), u64>> = vec![FxHashMap::default(); work.targets.len()];
    let after = scan::content(&session.connection, &database.schema, &work.table, |row| {
        for (i, _) in work.targets.iter().enumerate() {
            if work.targets[i].1.inside.is_none()
                && let Class::Id(id, storage) = Decider::class(row.get_ref(at[i])?)
            {
                *found[i].entry((id, storage)).or_default() += 1;
            }
        }
        Ok(())
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
            for seen in decider.seen.iter().filter(|s| s.action != Action::Null) {
                let stays = seen.fate.disagrees();
                let id = states.mapping.new_id(decider.kind(), seen.id).filter(|_| !stays).unwrap_or(seen.id);
                *expected.entry((id, seen.storage)).or_default() += seen.rows;
            }
            if expected != found[i] {
                return Ok(Some(format!("the column {} does not hold each id as often as planned", work.table.columns[*column].name)));
            }
        }
    }
    Ok((after != work.scanned.after).then(|| "its rows are not what the plan foretold".to_owned()))
}

/// What SQLite's own check finds wrong with a table and its indexes.
fn quick_check(connection: &Connection, database: &Database, table: &str) -> Result<Faults, Error> {
    let sql = format!("PRAGMA {}.quick_check({})", database.schema, quote(table));
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query([])?;
    let mut found = Faults::new();
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if line != "ok" {
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
