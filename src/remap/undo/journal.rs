//! The journal of a run: the rows that it changed or took out, table by table.

use std::sync::Arc;

use super::super::check;
use super::super::compute::{label, show};
use super::super::decide::FromRef;
use super::super::error::{Context, RemapError};
use super::super::expression;
use super::super::ledger::PlaceKey;
use super::super::method::Method;
use super::super::pairs::{Back, Meanings, Record};
use super::super::row_hash::Content;
use super::super::rows::{self, count, numbered};
use super::super::session::{Database, Session};
use super::super::stores::{self, Spoken};
use super::super::{kept, scan};
use super::since::Places;
use super::{Drift, Found, States};
use crate::panel::Inventory;
use crate::panel::evidence::Hold;
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::Table;
use crate::sqlite::{Connection, Error, FunctionFlags, OptionalExtension, Value};

/// One line of the companion's registry of journals.
pub(super) struct Journal {
    pub n: i64,
    pub database: usize,
    pub table: String,
    pub address: Vec<String>,
    pub columns: Vec<String>,
    whole: Vec<String>,
    reinsert: bool,
    pub changed: u64,
    pub removed: u64,
    schema_version: i64,
    implicit_rowid: bool,
    pub sequence: (Value, Value),
    /// The content hash before and after.
    pub content: (Vec<u8>, Vec<u8>),
}

pub(super) fn read(session: &Session, run: i64) -> Result<Vec<Journal>, Error> {
    let list = |text: String| serde_json::from_str::<Vec<String>>(&text).map_err(|e| Error::ToSqlConversionFailure(Box::new(e)));
    let sql = "SELECT n, database, table_name, address, columns, stored, reinsert, changed, removed, schema_version, implicit_rowid,
                      sequence_before, sequence_after, content_before, content_after FROM main.journal WHERE run = ?1 ORDER BY n";
    let mut query = session.connection.prepare(sql)?;
    let rows = query.query_map([run], |r| {
        let name: String = r.get(1)?;
        let number = |i| r.get::<_, i64>(i).map(|n| u64::try_from(n).unwrap_or(0));
        Ok(Journal {
            n: r.get(0)?,
            database: session.index_of(&name)?,
            table: r.get(2)?,
            address: list(r.get(3)?)?,
            columns: list(r.get(4)?)?,
            whole: list(r.get(5)?)?,
            reinsert: r.get(6)?,
            changed: number(7)?,
            removed: number(8)?,
            schema_version: r.get(9)?,
            implicit_rowid: r.get(10)?,
            sequence: (r.get(11)?, r.get(12)?),
            content: (r.get(13)?, r.get(14)?),
        })
    })?;
    rows.collect()
}

/// The table's content hash.
pub(super) fn content_of(session: &Session, database: &Database, table: &Table) -> Result<[u8; 16], RemapError> {
    scan::content(&session.connection, &database.schema, table).on(&database.path).map(Content::to_bytes)
}

/// `t` and `j` are the same row, to the storage class of the address.
pub(super) fn same_row(address: &[String]) -> String {
    let equal = |(i, name): (usize, &String)| format!("t.{} = j.k{i} COLLATE BINARY", quote(name));
    address.iter().enumerate().map(equal).collect::<Vec<_>>().join(" AND ")
}

/// How a person is told what becomes of a value that was written since.
pub(in crate::remap) fn told(back: Back, is_whole: bool, old: &Inventory) -> String {
    match back {
        Back::Same => String::new(),
        Back::Becomes(_) if !is_whole => "; the ids in it were others before the run".into(),
        Back::Becomes(before) => format!("; that was {before} before the run"),
        Back::Several(one, other) => format!("; that was {one} or {other} before the run, and nothing tells which"),
        Back::Unknown => "; before the run, nothing had that id".into(),
        Back::Other(kind, id) => {
            let name = old.get(kind, id).map(|o| o.label()).unwrap_or_default();
            format!("; nothing tells which id its object had before the run, when {id} was {name}")
        }
    }
}

impl Journal {
    pub(super) fn cells(&self, run: i64) -> String {
        qualified("main", &format!("journal_{run}_{}", self.n))
    }

    fn removed_rows(&self, run: i64) -> String {
        qualified("main", &format!("removed_{run}_{}", self.n))
    }

    /// Some cell of `t` is not what `letter` of `j` says, to the storage class.
    fn differs(&self, letter: char) -> String {
        let test = |(i, name): (usize, &String)| {
            let name = quote(name);
            format!("typeof(t.{name}) <> typeof(j.{letter}{i}) OR t.{name} IS NOT j.{letter}{i} COLLATE BINARY")
        };
        self.columns.iter().enumerate().map(test).collect::<Vec<_>>().join(" OR ")
    }

    /// What is wrong with the journal itself.
    pub(super) fn flaw(&self, session: &Session, run: i64, record: &Record) -> Result<Option<String>, Error> {
        let connection = &session.connection;
        // Runs of early releases did not number the rows that they took out.
        let sql = "SELECT count(*) FROM pragma_table_info(?1, 'main') WHERE name = 'row'";
        let numbered: bool = connection.query_row(sql, [format!("removed_{run}_{}", self.n)], |r| r.get(0))?;
        for (name, wanted, columns) in [
            (format!("journal_{run}_{}", self.n), self.changed, self.address.len() + 2 * self.columns.len()),
            (format!("removed_{run}_{}", self.n), self.removed, usize::from(numbered) + self.whole.len()),
        ] {
            let sql = "SELECT count(*) FROM pragma_table_info(?1, 'main')";
            let found: i64 = connection.query_row(sql, [&name], |r| r.get(0))?;
            if found == 0 && wanted == 0 {
                continue;
            }
            if found == 0 || usize::try_from(found) != Ok(columns) {
                let what = if found == 0 { "is missing".to_owned() } else { format!("has {found} columns instead of {columns}") };
                return Ok(Some(format!("the table {name}, a part of the journal of run {run}, {what}")));
            }
            let found: i64 = connection.query_row(&format!("SELECT count(*) FROM {}", qualified("main", &name)), [], |r| r.get(0))?;
            if u64::try_from(found) != Ok(wanted) {
                return Ok(Some(format!("the table {name}, a part of the journal of run {run}, has {found} rows instead of {wanted}")));
            }
            if !kept::is_sealed(connection, run, &name)? {
                return Ok(Some(format!("the table {name}, a part of the journal of run {run}, was changed since the run")));
            }
        }
        let database = session.databases[self.database].name.as_str();
        let mut meanings = Vec::new();
        for column in &self.columns {
            let place: PlaceKey = (database.to_owned(), self.table.clone(), column.clone());
            match record.places.iter().find(|p| p.0 == place) {
                Some((_, found)) => meanings.push(Arc::clone(found)),
                // A run of an early release kept no meanings, and none of its cells can be judged.
                None if record.without.contains(&place) => return Ok(None),
                None => {
                    let detail =
                        format!("the journal of run {run} is over other columns of {} than the run's places: {column}", self.table);
                    return Ok(Some(detail));
                }
            }
        }
        self.impossible(connection, run, meanings)
    }

    /// A cell that the run cannot have made of what the journal says was there.
    fn impossible(&self, connection: &Connection, run: i64, meanings: Vec<Arc<Meanings>>) -> Result<Option<String>, Error> {
        let mut conditions = Vec::new();
        for (i, meanings) in meanings.into_iter().enumerate() {
            let name = format!("reguid_made_{}_{i}", self.n);
            let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
            connection.create_scalar_function(name.as_str(), 2, flags, move |ctx| Ok(meanings.made(ctx.get_raw(0), ctx.get_raw(1))))?;
            conditions.push(format!("NOT {name}(o{i}, n{i})"));
        }
        if self.changed == 0 || conditions.is_empty() {
            return Ok(None);
        }
        let (address, columns) = (self.address.len(), self.columns.len());
        let sql = format!(
            "SELECT {}, {}, {} FROM {} WHERE {} LIMIT 1",
            numbered("k", address),
            numbered("o", columns),
            numbered("n", columns),
            self.cells(run),
            conditions.join(" OR ")
        );
        let row = |r: &crate::sqlite::Row<'_>| {
            (0..address + 2 * columns).map(|i| r.get_ref(i).map(Value::from_ref)).collect::<Result<Vec<_>, _>>()
        };
        let found = connection.query_row(&sql, [], row).optional()?;
        Ok(found.map(|row| {
            let list = |from: usize| row[from..from + columns].iter().map(show).collect::<Vec<_>>().join(", ");
            let (before, after) = (list(address), list(address + columns));
            format!(
                "the journal of run {run} says of a row of {} that {before} became {after}, which the run's mapping does not say",
                self.table
            )
        }))
    }

    /// What is not as the run left it.
    pub(super) fn drift(
        &self,
        session: &Session,
        run: i64,
        places: &[Places<'_>],
        states: &States,
        (said, hold): (&Spoken, Option<Hold>),
    ) -> Result<Found, RemapError> {
        let database = &session.databases[self.database];
        let mut found = Found::default();
        let drift =
            |detail: String, acceptable| Drift { database: database.name.to_string(), table: self.table.clone(), detail, acceptable };
        let Some(table) = database.declared.table(&self.table) else {
            found.add(drift("the table is gone".into(), false));
            found.lost = true;
            return Ok(found);
        };
        let there = check::has_columns(&session.connection, &database.schema, &self.table, &self.whole);
        if !there || table.address() != self.address || rows::whole(table) != self.whole {
            found.add(drift("the table's columns are not those of then".into(), false));
            found.lost = true;
            return Ok(found);
        }
        let sql = format!("PRAGMA {}.schema_version", database.schema);
        let version: i64 = session.connection.query_row(&sql, [], |r| r.get(0)).on(&database.path)?;
        // The content's hash counts the rowids in.
        let same = || Ok::<_, RemapError>(content_of(session, database, table)? == self.content.1[..]);
        if self.implicit_rowid && version != self.schema_version && !same()? {
            let detail = "the database was vacuumed or its schema changed: rows without an INTEGER PRIMARY KEY can no longer be told apart";
            found.add(drift(detail.into(), false));
            found.lost = true;
            return Ok(found);
        }
        // Rows whose keys changed look as the run left them where two of them exchanged theirs. One row may have been set to what it was.
        let tells = self.changed + self.removed > 1 || self.address.iter().any(|a| self.columns.contains(a));
        if tells && self.content.0 != self.content.1 && content_of(session, database, table)? == self.content.0[..] {
            let as_before = stores::table_as_before(run, (database.name.as_str(), &self.table), &self.content.0);
            if !said.takes_for_now(&as_before, hold) {
                return Err(RemapError::OlderData { database: database.name.to_string(), table: self.table.clone(), run });
            }
        }
        // Without what the ids mean, nothing can be translated.
        let place = places.iter().find(|p| p.journal.is_some_and(|j| j.n == self.n) && p.columns.len() == self.columns.len());
        let names: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let sql = format!(
            "SELECT {}, {}, {}, t.{} IS NULL FROM {} AS j LEFT JOIN {} AS t ON {} WHERE t.{} IS NULL OR {}",
            numbered("j.k", self.address.len()),
            rows::of("t", &names),
            numbered("j.n", self.columns.len()),
            quote(&self.address[0]),
            self.cells(run),
            qualified(&database.schema, &self.table),
            same_row(&self.address),
            quote(&self.address[0]),
            self.differs('n'),
        );
        let mut list = || -> Result<(), Error> {
            let mut query = session.connection.prepare(&sql)?;
            let mut rows = query.query([])?;
            while let Some(row) = rows.next()? {
                let (address, columns) = (self.address.len(), self.columns.len());
                let key = (0..address).map(|i| row.get_ref(i).map(Value::from_ref)).collect::<Result<Vec<_>, _>>()?;
                let name = label(table, &key);
                if row.get(address + 2 * columns)? {
                    found.add(drift(format!("{name}: the row is gone"), place.is_some()));
                    continue;
                }
                for (i, column) in self.columns.iter().enumerate() {
                    let (now, then) = (row.get_ref(address + i)?, row.get_ref(address + columns + i)?);
                    if now != then {
                        let meanings = place.and_then(|p| p.columns.get(i)).map(|c| &c.1);
                        let back = meanings.map(|m| m.back(now, &states.old));
                        let more = meanings.zip(back).map(|(m, b)| told(b, m.is_whole(), &states.old)).unwrap_or_default();
                        let (now, then) = (show(&Value::from_ref(now)), show(&Value::from_ref(then)));
                        let detail = format!("{name}: {column} is {now}, the run left {then}{more}");
                        found.add(drift(detail, back.is_some_and(Back::is_certain)));
                    }
                }
            }
            Ok(())
        };
        list().on(&database.path)?;
        Ok(found)
    }

    /// Whether rows are put in anew: a column may be in a key by now that was in none.
    pub(super) fn reinserts(&self, table: &Table) -> bool {
        self.reinsert || self.columns.iter().filter_map(|c| table.column(c)).any(|c| table.keyed(c))
    }

    /// Refuses where an index over what is computed would be damaged.
    pub(super) fn writable(&self, session: &Session) -> Result<(), RemapError> {
        let database = &session.databases[self.database];
        let table = database.declared.table(&self.table).expect("drift() found it");
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let how = (if self.reinserts(table) { Method::Reinsert } else { Method::Update }, self.removed > 0);
        match expression::disagreement(&session.connection, &database.schema, table, &columns, how).on(&database.path)? {
            Some(reason) => Err(RemapError::NotBack { list: format!("  {}: sqlite:{}: {reason}", database.name, self.table) }),
            None => Ok(()),
        }
    }

    /// Puts the rows back that the run took out.
    pub(super) fn restore(&self, connection: &Connection, database: &Database, run: i64) -> Result<u64, Error> {
        if self.removed == 0 {
            return Ok(0);
        }
        let list: Vec<String> = self.whole.iter().map(|c| quote(c)).collect();
        let sql = format!(
            "INSERT OR ABORT INTO {}({}) SELECT {} FROM {}",
            qualified(&database.schema, &self.table),
            list.join(", "),
            numbered("c", self.whole.len()),
            self.removed_rows(run)
        );
        connection.execute(&sql, []).map(count)
    }
}
