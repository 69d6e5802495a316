//! One table whose columns are turned into others: what is declared, what its rows come to, and whether it can be done at all.

use std::sync::Arc;

use super::Form;
use super::declare::{self, Edit};
use super::script::{Rebuild, mapped};
use super::sound;
use super::values::{Counts, Faults, Values};
use crate::panel::Kind;
use crate::remap::error::{Context, RemapError};
use crate::remap::row_hash::{Content, RowHash};
use crate::remap::rows::whole;
use crate::remap::sentinel::Sentinels;
use crate::remap::session::{Database, Session};
use crate::remap::watch;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::{ForeignKey, Index, Schema, Table};
use crate::sqlite::{Connection, Error, ErrorCode, ValueRef};

/// What becomes of one id column.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// Index of the id column.
    pub column: usize,
    /// Whose ids it holds.
    pub kind: Kind,
    /// The values of it that mean no object, or all.
    pub sentinels: Arc<Sentinels>,
    /// The map that says what its values become.
    pub map: String,
    /// What they become.
    pub form: Form,
    /// The column beside that gets the references; `None`: the id column itself does.
    pub beside: Option<String>,
    /// The column with the twins.
    pub twin: Option<usize>,
}

/// One table.
#[derive(Debug)]
pub(super) struct Job {
    /// Index of the database in the session.
    pub database: usize,
    /// The table as it is.
    pub before: Table,
    /// The table as it will be; without its indexes, which stay.
    pub after: Table,
    /// The text that will declare it.
    pub after_sql: String,
    /// What changes.
    pub changes: Vec<Change>,
    /// The texts of its indexes and triggers, in the order in which they were made.
    pub objects: Vec<String>,
    /// Tables with statistics that speak of it.
    pub statistics: Vec<String>,
}

/// What a pass over a table's rows gave.
pub(super) struct Scanned {
    /// For each change.
    pub counts: Vec<Counts>,
    /// For each change.
    pub faults: Vec<Faults>,
    /// For each change beside: rows in which the column is there already and still empty.
    pub unfilled: Vec<u64>,
    /// The content as it will be.
    pub expected: Content,
}

impl Job {
    /// The job on `table`, if it can be done; else why not, one line each. Tries the new declaration in the connection's temporary database.
    pub(super) fn new(
        session: &Session,
        database: usize,
        table: &Table,
        changes: Vec<Change>,
    ) -> Result<Result<Job, Vec<String>>, RemapError> {
        let on = &session.databases[database];
        let mut refusals = Vec::new();
        let edits: Vec<Edit<'_>> = changes
            .iter()
            .filter(|c| c.beside.as_deref().is_none_or(|b| table.column(b).is_none()))
            .map(|c| Edit { column: c.column, beside: c.beside.as_deref(), sentinels: &c.sentinels })
            .collect();
        let sql = match declare::edit(table, &edits) {
            Ok(sql) => sql,
            Err(why) => {
                refusals.extend(why);
                table.sql.clone()
            }
        };
        for change in changes.iter().filter(|c| c.beside.is_none()) {
            let texts = table.indexes.iter().filter_map(|i| i.sql.as_deref());
            refusals.extend(texts.filter_map(|sql| declare::index_refusal(table, sql, change.column, &change.sentinels)));
        }
        if !refusals.is_empty() {
            return Ok(Err(refusals));
        }
        let after = match declared(&session.connection, &table.name, &sql) {
            Ok(Some(after)) => after,
            Ok(None) => return Ok(Err(vec![format!("the declaration of {} cannot be made anew", table.name)])),
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => return Err(e).on(&on.path),
            Err(e) => return Ok(Err(vec![format!("SQLite does not take the new declaration of {}: {e}", table.name)])),
        };
        if let Some(why) = differs(table, &after, &changes) {
            return Ok(Err(vec![format!("the declaration of {} cannot be edited with certainty: {why}", table.name)]));
        }
        if after.address().is_empty() {
            let why = "columns named rowid, _rowid_ and oid would hide the row's address once it is no INTEGER PRIMARY KEY any more";
            return Ok(Err(vec![format!("{}: {why}", table.name)]));
        }
        let objects = objects(&session.connection, on, &table.name).on(&on.path)?;
        let Some(objects) = objects else {
            return Ok(Err(vec![format!("an index or a trigger of {} has a declaration that is no text", table.name)]));
        };
        if let Some(why) = sound::unplaceable(&table.name, &objects) {
            return Ok(Err(vec![why]));
        }
        let statistics = statistics(&session.connection, on, &table.name).on(&on.path)?;
        Ok(Ok(Job { database, before: table.clone(), after, after_sql: sql, changes, objects, statistics }))
    }

    /// The columns that address a row afterwards, by name.
    pub(super) fn address(&self) -> Vec<&str> {
        let key = self.before.integer_key.filter(|&key| self.changes.iter().any(|c| c.beside.is_none() && c.column == key));
        match key {
            // It is unique and never NULL, and VACUUM does not change it.
            Some(key) => vec![&self.before.columns[key].name],
            None => self.after.address(),
        }
    }

    /// The change that fills the column of that name.
    pub(super) fn change_of(&self, name: &str) -> Option<&Change> {
        self.changes.iter().find(|c| self.filled(c).eq_ignore_ascii_case(name))
    }

    /// The column that a change fills.
    pub(super) fn filled<'c>(&'c self, change: &'c Change) -> &'c str {
        change.beside.as_deref().unwrap_or(&self.before.columns[change.column].name)
    }

    /// What a column of the new table is filled from, as it is: an expression over `t`.
    fn source(&self, name: &str) -> String {
        if let Some(change) = self.change_of(name) {
            return format!("t.{}", quote(&self.before.columns[change.column].name));
        }
        let is_rowid = self.after.column(name).is_none();
        let rowid = self.before.rowid_name().filter(|_| is_rowid);
        format!("t.{}", quote(rowid.unwrap_or(name)))
    }

    /// What a column of the new table is filled with: an expression over `t`.
    pub(super) fn value(&self, name: &str) -> String {
        let source = self.source(name);
        match self.change_of(name) {
            // What stands there already was looked at, and keeps its spelling.
            Some(change) if self.there(change) => format!("coalesce(t.{}, {})", quote(name), mapped(&change.map, &source)),
            Some(change) => mapped(&change.map, &source),
            None => source,
        }
    }

    /// Whether the column that the change adds is there already.
    pub(super) fn there(&self, change: &Change) -> bool {
        change.beside.as_deref().is_some_and(|b| self.before.column(b).is_some())
    }

    /// How the table is made anew in the database that is called `schema`.
    pub(super) fn rebuild<'j>(&'j self, schema: &'j str) -> Rebuild<'j> {
        let names: Vec<String> = whole(&self.after).into_iter().map(str::to_owned).collect();
        Rebuild {
            schema,
            table: &self.before.name,
            values: names.iter().map(|n| self.value(n)).collect(),
            beside: self.before.itself(),
            order: order(&self.after, &names),
            computed: computed(&self.after),
            names,
            sql: &self.after_sql,
            objects: &self.objects,
            sequence: self.before.autoincrement,
            statistics: &self.statistics,
        }
    }

    /// Reads all rows and looks their ids up.
    pub(super) fn scan(&self, session: &Session, values: &mut [Values<'_>]) -> Result<Scanned, RemapError> {
        let on = &session.databases[self.database];
        let names = whole(&self.after);
        let mut list: Vec<String> = names.iter().map(|n| self.source(n)).collect();
        let shown = list.len();
        for change in &self.changes {
            let column = |c: usize| format!("t.{}", quote(&self.before.columns[c].name));
            let beside = change.beside.as_deref().and_then(|b| self.before.column(b));
            list.push(change.twin.map_or("NULL".to_owned(), column));
            list.push(beside.map_or("NULL".to_owned(), column));
        }
        // For each column of the new table, the change that fills it.
        let changes: Vec<Option<usize>> =
            names.iter().map(|n| self.changes.iter().position(|c| self.filled(c).eq_ignore_ascii_case(n))).collect();
        let of: Vec<usize> = self.changes.iter().map(|c| values.iter().position(|v| v.map == c.map).unwrap_or_default()).collect();
        let mut scanned = Scanned {
            counts: vec![Counts::default(); self.changes.len()],
            faults: self.changes.iter().map(|_| Faults::default()).collect(),
            unfilled: vec![0; self.changes.len()],
            expected: Content::default(),
        };
        let mut read = || -> Result<(), Error> {
            let from = qualified(&on.schema, &self.before.name);
            let sql = format!("SELECT {} FROM {from} AS t{}", list.join(", "), self.before.itself());
            let mut query = session.connection.prepare(&sql)?;
            let (mut rows, watched) = (query.query([])?, watch::rows());
            while let Some(row) = rows.next()? {
                watched.row()?;
                let mut hasher = RowHash::new();
                for (at, change) in changes.iter().enumerate() {
                    let value = row.get_ref(at)?;
                    let Some(i) = *change else {
                        hasher.value(value);
                        continue;
                    };
                    let (twin, beside) = (row.get_ref(shown + 2 * i)?, row.get_ref(shown + 2 * i + 1)?);
                    let (counts, faults) = (&mut scanned.counts[i], &mut scanned.faults[i]);
                    let told = if beside == ValueRef::Null { twin } else { beside };
                    let reference = values[of[i]].ask(value, told, counts, faults);
                    if reference.is_some() && beside == ValueRef::Null {
                        scanned.unfilled[i] += 1;
                    }
                    let reference = reference.map_or(ValueRef::Null, |r| ValueRef::Text(r.as_bytes()));
                    hasher.value(if beside == ValueRef::Null { reference } else { beside });
                }
                scanned.expected.add(hasher.finish());
            }
            Ok(())
        };
        read().on(&on.path)?;
        Ok(scanned)
    }

    /// The content of the new table, which `table` names in SQL.
    pub(super) fn content(&self, connection: &Connection, table: &str) -> Result<Content, Error> {
        content(connection, &format!("{table} AS t{}", self.after.itself()), &whole(&self.after))
    }
}

/// The content of these columns of what follows FROM: a table, called `t`.
fn content(connection: &Connection, from: &str, names: &[&str]) -> Result<Content, Error> {
    let list: Vec<String> = names.iter().map(|n| format!("t.{}", quote(n))).collect();
    let mut query = connection.prepare(&format!("SELECT {} FROM {from}", list.join(", ")))?;
    let (mut rows, watched) = (query.query([])?, watch::rows());
    let mut content = Content::default();
    while let Some(row) = rows.next()? {
        watched.row()?;
        let mut hasher = RowHash::new();
        for at in 0..names.len() {
            hasher.value(row.get_ref(at)?);
        }
        content.add(hasher.finish());
    }
    Ok(content)
}

/// Positions in `names` of what addresses a row of `table`.
pub(super) fn order(table: &Table, names: &[String]) -> Vec<usize> {
    table.address().iter().filter_map(|a| names.iter().position(|n| n.eq_ignore_ascii_case(a))).collect()
}

/// The table's columns that are computed and stored.
pub(super) fn computed(table: &Table) -> Vec<&str> {
    table.columns.iter().filter(|c| c.computed_and_stored).map(|c| c.name.as_str()).collect()
}

/// What `sql` declares, tried in the temporary database. `None`: it is no declaration of a table of that name.
pub(super) fn declared(connection: &Connection, name: &str, sql: &str) -> Result<Option<Table>, Error> {
    let Some(placed) = declare::placed(sql, "temp") else { return Ok(None) };
    connection.execute_batch(&placed)?;
    let read = Schema::read(connection, "temp").map(|s| s.table(name).cloned());
    connection.execute_batch(&format!("DROP TABLE {}", qualified("temp", name)))?;
    read
}

/// The texts of a table's indexes and triggers, in the order in which they were made. `None`: one of them is no text.
pub(super) fn objects(connection: &Connection, database: &Database, table: &str) -> Result<Option<Vec<String>>, Error> {
    let sql = format!(
        "SELECT sql FROM {} WHERE type IN ('index', 'trigger') AND tbl_name = ?1 COLLATE NOCASE AND sql IS NOT NULL ORDER BY rowid",
        qualified(&database.schema, "sqlite_schema")
    );
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query([table])?;
    let mut texts = Vec::new();
    while let Some(row) = rows.next()? {
        match row.get_ref(0)? {
            ValueRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => texts.push(text.to_owned()),
                Err(_) => return Ok(None),
            },
            _ => return Ok(None),
        }
    }
    Ok(Some(texts))
}

/// The tables with statistics that speak of the table.
pub(super) fn statistics(connection: &Connection, database: &Database, table: &str) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for name in ["sqlite_stat1", "sqlite_stat4"] {
        let schema = qualified(&database.schema, "sqlite_schema");
        let there: bool = connection.query_row(&format!("SELECT count(*) FROM {schema} WHERE name = ?1"), [name], |r| r.get(0))?;
        if there {
            let sql = format!("SELECT count(*) > 0 FROM {} WHERE tbl = ?1 COLLATE NOCASE", qualified(&database.schema, name));
            if connection.query_row(&sql, [table], |r| r.get(0))? {
                found.push(name.to_owned());
            }
        }
    }
    Ok(found)
}

/// How the new declaration differs from the old one in more than what was meant, if it does.
fn differs(before: &Table, after: &Table, changes: &[Change]) -> Option<String> {
    let becomes_text = |c: usize| changes.iter().any(|x| x.beside.is_none() && x.column == c);
    let added: Vec<&str> = changes.iter().filter_map(|c| c.beside.as_deref()).filter(|b| before.column(b).is_none()).collect();
    if after.columns.len() != before.columns.len() + added.len() {
        return Some("it has another number of columns".into());
    }
    let was_key = before.integer_key.filter(|&c| becomes_text(c));
    for (i, (b, a)) in before.columns.iter().zip(&after.columns).enumerate() {
        let typed = if becomes_text(i) { a.declared_type.eq_ignore_ascii_case("TEXT") } else { a.declared_type == b.declared_type };
        let null = a.not_null == b.not_null || was_key == Some(i);
        if !typed || !null || (&a.name, a.generated, a.hidden) != (&b.name, b.generated, b.hidden) {
            return Some(format!("the column {} is another one", b.name));
        }
    }
    let news = &after.columns[before.columns.len()..];
    if news.iter().map(|c| c.name.as_str()).ne(added.iter().copied()) || news.iter().any(|c| c.declared_type != "TEXT" || c.generated) {
        return Some("the new columns are other ones".into());
    }
    let key = if was_key.is_some() { None } else { before.integer_key };
    if (after.without_rowid, after.strict, &after.primary_key, after.integer_key)
        != (before.without_rowid, before.strict, &before.primary_key, key)
    {
        return Some("its key or its options are others".into());
    }
    let made = |t: &Table| -> Vec<(bool, bool, bool, Vec<Option<usize>>)> {
        let of_constraints = |i: &&Index| i.sql.is_none() && (was_key.is_none() || !i.primary_key);
        t.indexes.iter().filter(of_constraints).map(|i| (i.unique, i.partial, i.primary_key, i.parts.clone())).collect()
    };
    if made(before) != made(after) {
        return Some("it has other UNIQUE constraints".into());
    }
    let keys = |t: &Table| t.foreign_keys.iter().map(|f: &ForeignKey| (f.parent.clone(), f.columns.clone())).collect::<Vec<_>>();
    (keys(before) != keys(after)).then(|| "it has other foreign keys".into())
}
