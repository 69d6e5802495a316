//! What a run notes of the rows that it puts into quarantine: which of the rows that it took out they are, whose ids their columns hold, and which id's object
//! was gone.

use serde::{Deserialize, Serialize};

use super::super::check::Baseline;
use super::super::compute::{Computed, TableWork};
use super::super::decide::Decider;
use super::super::error::{Context, RemapError};
use super::super::inside::text_of;
use super::super::pairs::Noted;
use super::super::rows;
use super::super::session::{Database, Session};
use crate::panel::Kind;
use crate::reference::manifest::OnMissing;
use crate::sqlite::name::qualified;
use crate::sqlite::{Connection, Error, ValueRef, params};

/// The tables of this module. Runs of early releases have no rows in them.
pub(in crate::remap) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.quarantine(   -- one table of which a run put rows into quarantine: they are in removed_<run>_<n>, and named in
    run INTEGER NOT NULL,                     -- quarantined_<run>_<n>: row, column (as in columns), kind and id that was gone, restored (the run that put it back)
    n INTEGER NOT NULL,                       -- as in journal
    database TEXT NOT NULL,
    table_name TEXT NOT NULL,
    stored TEXT NOT NULL,                     -- JSON: names of the columns of removed_…, c0 …
    by_rowid INTEGER NOT NULL,                -- 1: c0 is a rowid that is no column
    columns TEXT NOT NULL,                    -- JSON: which of the columns hold ids, and whose
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.restoration(  -- one table that a run put rows back into: restored_<run>_<n> has where each was in quarantine (run, n, row), and
    run INTEGER NOT NULL,                     -- its columns as they were put back (c0 …)
    n INTEGER NOT NULL,                       -- as in journal
    rows INTEGER NOT NULL,
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.quarantine_faults( -- of a run that put rows into quarantine
    run INTEGER PRIMARY KEY,
    gone TEXT NOT NULL                        -- JSON: what was wrong with changed tables before it and not after it, which its rows may bring back
) STRICT;
";

/// Notes what was wrong before the run and is not any more, where it put rows into quarantine.
pub(in crate::remap) fn note_faults(session: &Session, run: i64, gone: &Baseline) -> Result<(), Error> {
    let sql = "INSERT INTO main.quarantine_faults SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM main.quarantine WHERE run = ?1)";
    session.connection.execute(sql, params![run, serde_json::to_string(gone).expect("faults are JSON")]).map(drop)
}

/// A column of a row in quarantine that holds ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeldColumn {
    /// Its number among the stored columns.
    pub at: usize,
    /// Its name.
    pub name: String,
    /// Whose ids it holds, where the value is the id; else empty.
    pub kind: String,
    /// JSON: where ids stand inside the value, and whose they are.
    pub inside: Option<String>,
    /// JSON: the values that are no ids, where the manifest says so.
    pub sentinels: Option<String>,
    /// What is done with an id whose object is gone.
    pub missing: OnMissing,
    /// Number of the stored column that names the same object.
    pub twin: Option<usize>,
}

impl Decider<'_> {
    /// The id in the value by whose policy a row that holds it goes into quarantine.
    fn quarantines(&self, value: ValueRef<'_>) -> Option<(Kind, i64)> {
        let Some(insider) = &self.inside else { return self.holds_back(value).map(|id| (self.kind(), id)) };
        let (mut number, mut found) = (String::new(), None);
        let _ = crate::value::find(text_of(value, &mut number)?, &insider.inside.spots, &mut |f| {
            let part = &insider.parts[f.tag as usize];
            found = found.or_else(|| part.holds_back(ValueRef::Integer(f.id)).map(|id| (part.kind(), id)));
        });
        found
    }
}

/// Notes which of the rows that run `run` took out are in quarantine. After the run was applied; `places` are those of its targets.
pub(in crate::remap) fn note(session: &Session, computed: &Computed<'_>, places: &[Noted], run: i64) -> Result<(), RemapError> {
    for (n, work) in computed.tables.iter().enumerate().filter(|(_, w)| w.scanned.removed > 0) {
        let database = &session.databases[work.database];
        table(&session.connection, database, work, places, (run, n)).doing(|| format!("{}: noting rows in quarantine", database.name))?;
    }
    Ok(())
}

fn table(
    connection: &Connection,
    database: &Database,
    work: &TableWork<'_>,
    places: &[Noted],
    (run, n): (i64, usize),
) -> Result<(), Error> {
    if !work.targets.iter().any(|(_, d)| d.may_quarantine()) {
        return Ok(());
    }
    let stored = rows::whole(&work.table);
    let at = |column: usize| stored.iter().position(|s| *s == work.table.columns[column].name);
    let (mut columns, mut deciders) = (Vec::new(), Vec::new());
    for (column, decider) in &work.targets {
        let name = &work.table.columns[*column].name;
        let noted = places.iter().find(|p| p.is_of(&database.name, &work.table.name, name));
        let Some((at_column, noted)) = at(*column).zip(noted) else { continue };
        deciders.push(decider);
        let kind = if noted.inside.is_some() { "" } else { decider.kind().name() };
        columns.push(HeldColumn {
            at: at_column,
            name: name.clone(),
            kind: kind.to_owned(),
            inside: noted.inside.clone(),
            sentinels: noted.sentinels.clone(),
            missing: decider.on_missing(),
            twin: decider.twins().and_then(|t| at(t.column)),
        });
    }
    let (rows, held) = (qualified("main", &format!("removed_{run}_{n}")), qualified("main", &format!("quarantined_{run}_{n}")));
    connection.execute_batch(&format!(
        "CREATE TABLE {held}(row INTEGER PRIMARY KEY, \"column\" INTEGER NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL, restored INTEGER)"
    ))?;
    let mut count = 0;
    {
        let list: Vec<String> = columns.iter().map(|c| format!("c{}", c.at)).collect();
        let mut query = connection.prepare(&format!("SELECT row, {} FROM {rows} ORDER BY row", list.join(", ")))?;
        let mut insert = connection.prepare(&format!("INSERT INTO {held} VALUES (?1, ?2, ?3, ?4, NULL)"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            for (i, decider) in deciders.iter().enumerate() {
                if let Some((kind, id)) = decider.quarantines(row.get_ref(i + 1)?) {
                    insert.execute(params![row.get::<_, i64>(0)?, i64::try_from(i).unwrap_or(i64::MAX), kind.name(), id])?;
                    count += 1;
                    break;
                }
            }
        }
    }
    if count == 0 {
        return connection.execute_batch(&format!("DROP TABLE {held}"));
    }
    let (stored, columns) = (serde_json::to_string(&stored), serde_json::to_string(&columns));
    connection
        .execute(
            "INSERT INTO main.quarantine VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                run,
                i64::try_from(n).unwrap_or(i64::MAX),
                database.name.as_str(),
                work.table.name,
                stored.expect("texts are JSON"),
                !work.table.without_rowid && work.table.integer_key.is_none(),
                columns.expect("texts are JSON")
            ],
        )
        .map(drop)
}
