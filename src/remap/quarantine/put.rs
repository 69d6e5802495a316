//! Puts rows back from quarantine, as a run of its own: within one transaction, journalled. Nothing is ever replaced, and no trigger fires.

use camino::Utf8Path;

use super::super::check;
use super::super::compute::{label, show};
use super::super::convert;
use super::super::decide::FromRef;
use super::super::error::{Context, RemapError};
use super::super::expression;
use super::super::full_text;
use super::super::kept;
use super::super::ledger::{self, Known};
use super::super::method::Method;
use super::super::plan::Tool;
use super::super::rows::{self, numbered};
use super::super::scan::{self, CellHash};
use super::super::session::Session;
use super::super::space::{Need, Touched};
use super::super::target;
use super::super::watch::{self, Phase};
use super::held::{FIRST, Held, Now, Prospect};
use super::proof;
use crate::panel::Inventory;
use crate::panel::source::companion::{self, CompanionError, RecordedBy};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::{Table, TableType};
use crate::sqlite::{Connection, Error, ErrorCode, OptionalExtension, Row, ToSqlOutput, Value, ValueRef, params, params_from_iter};

/// Rows with taken keys that are listed; no more are tried then.
const SHOWN: usize = 20;

/// What is to be done.
pub(super) struct Work<'w> {
    pub session: &'w Session,
    /// The companion.
    pub path: &'w Utf8Path,
    pub known: &'w Known,
    pub held: &'w [Held],
    /// For each of `held`, the columns whose rows are asked for.
    pub chosen: &'w [Vec<usize>],
    pub now: &'w Now<'w>,
    pub panel: &'w Inventory,
    /// The panel state that the data will speak of: what it speaks of already, and what is new on the panel.
    pub after: &'w Inventory,
}

/// How it ended.
pub(super) enum Ended {
    /// Rows were put back: the run's number; database, table and number of rows.
    Done { run: i64, rows: Vec<(String, String, u64)> },
    /// Something stands in the way. What was written must be taken back.
    Stopped(Vec<String>),
}

/// A table that rows are put back into.
pub(super) struct Into<'w> {
    pub database: usize,
    pub table: Table,
    /// Where its rows are in quarantine.
    pub from: Vec<From<'w>>,
}

/// What was wrong before a run and not after it, which may be so again once its rows are back.
enum Gone {
    Known(check::Baseline),
    /// An early release noted what was wrong before it alone: how much of that stayed is not known.
    AtMost(check::Baseline),
}

/// One run's rows for a table.
pub(super) struct From<'w> {
    pub held: &'w Held,
    pub chosen: &'w [usize],
    /// What is put into which column: the number of the kept one, and its name in the table. An implicit rowid is left out.
    pub columns: Vec<(usize, String)>,
    /// Its rows had a rowid that is no column, and have one again: the number of the kept one, and what SQL calls it.
    pub rowid: Option<(usize, String)>,
    /// Rows of which every id resolves.
    ready: u64,
}

/// Puts all rows back of which every id resolves.
pub(super) fn put(work: &Work<'_>) -> Result<Ended, RemapError> {
    let (session, connection) = (work.session, &work.session.connection);
    watch::phase(Phase::Reading)?;
    let (tables, problems) = tables(work)?;
    if !problems.is_empty() {
        return Ok(Ended::Stopped(problems));
    }
    let ready: u64 = tables.iter().flat_map(|t| &t.from).map(|f| f.ready).sum();
    watch::expect(|| Ok::<_, RemapError>(4 * ready))?;
    room(work, &tables)?;
    let touched: Vec<(usize, String)> = tables.iter().map(|t| (t.database, t.table.name.clone())).collect();
    let indexes = full_text::concerned(&session.databases, touched.iter().map(|(d, t)| (*d, t.clone(), Vec::new(), true)));
    full_text::agree(session, &indexes)?;
    let mut baseline = check::baseline(session, &touched)?;
    watch::phase(Phase::Writing)?;
    session.writes();
    let run = record(work, &baseline, &tables).on(work.path)?;
    // Rows may have been wrong before they were taken out, and may be so again.
    for faults in faults(work, &tables)? {
        match faults {
            Gone::Known(gone) => baseline.allow_back(gone),
            Gone::AtMost(before) => baseline.allow(before),
        }
    }
    let mut problems = Vec::new();
    let mut before = Vec::new();
    for (n, into) in tables.iter().enumerate() {
        let on = &session.databases[into.database];
        before.push(scan::content(connection, &on.schema, &into.table).on(&on.path)?);
        let sequence = rows::sequence(connection, &on.schema, &into.table).on(&on.path)?;
        let writer = Writer { work, into, run, n };
        problems.extend(writer.write().doing(|| format!("{}: putting rows back into {}", on.name, into.table.name))?);
        if problems.is_empty() {
            let before = before[n].to_bytes();
            writer.register(&sequence, &before).doing(|| format!("{}: noting rows of {}", on.name, into.table.name))?;
        }
    }
    if !problems.is_empty() {
        return Ok(Ended::Stopped(problems));
    }
    full_text::rebuild(session, &indexes)?;
    watch::phase(Phase::Checking)?;
    let mut told = Vec::new();
    for (n, into) in tables.iter().enumerate() {
        let rows = proof::check(work, into, (run, n), before[n])?;
        told.push((session.databases[into.database].name.to_string(), into.table.name.clone(), rows));
    }
    if told.iter().map(|t| t.2).sum::<u64>() != ready {
        return Err(RemapError::Check { detail: format!("{told:?} rows were put back, {ready} were to be") });
    }
    match check::unharmed(session, &touched, &baseline) {
        Err(RemapError::Orphans { detail }) => {
            let why = "the rows would point at nothing. Put back what they refer to, too, or have the extension make it, before";
            return Ok(Ended::Stopped(vec![format!("{detail}: {why}")]));
        }
        other => other?,
    }
    ledger::finish(connection, run).on(work.path)?;
    ledger::prune(connection).on(work.path)?;
    Ok(Ended::Done { run, rows: told })
}

/// What was wrong before the runs that took the rows out: it may come back with them.
fn faults(work: &Work<'_>, tables: &[Into<'_>]) -> Result<Vec<Gone>, RemapError> {
    let mut runs: Vec<i64> = tables.iter().flat_map(|t| &t.from).map(|f| f.held.run).collect();
    runs.sort_unstable();
    runs.dedup();
    let connection = &work.session.connection;
    let parsed = |text: String| {
        let damaged = |e: serde_json::Error| CompanionError::Damaged { path: work.path.to_owned(), detail: e.to_string() };
        serde_json::from_str::<check::Baseline>(&text).map_err(damaged)
    };
    let read = |run: i64| {
        let gone = "SELECT gone FROM main.quarantine_faults WHERE run = ?1";
        if let Some(gone) = connection.query_row(gone, [run], |r| r.get(0)).optional().on(work.path)? {
            return Ok(Gone::Known(parsed(gone)?));
        }
        let before = connection.query_row("SELECT faults FROM main.run WHERE id = ?1", [run], |r| r.get(0)).on(work.path)?;
        Ok(Gone::AtMost(parsed(before)?))
    };
    runs.into_iter().map(read).collect()
}

/// The tables that rows are put back into, and why some cannot be.
fn tables<'w>(work: &Work<'w>) -> Result<(Vec<Into<'w>>, Vec<String>), RemapError> {
    let connection = &work.session.connection;
    let (mut tables, mut problems): (Vec<Into<'w>>, Vec<String>) = (Vec::new(), Vec::new());
    for (held, chosen) in work.held.iter().zip(work.chosen) {
        let ready = ready(work, held, chosen).on(work.path)?;
        if ready == 0 {
            continue;
        }
        let name = format!("removed_{}_{}", held.run, held.n);
        if !kept::is_sealed(connection, held.run, &name).on(work.path)? {
            let detail = format!("the table {name}, rows in quarantine, was changed since run {}", held.run);
            return Err(CompanionError::Damaged { path: work.path.to_owned(), detail }.into());
        }
        let database = work.session.index_of(&held.database).on(work.path)?;
        match fit(work, database, held)? {
            Err(why) => problems.push(format!("{}: {}: {why} (rows of run {})", held.database, held.table, held.run)),
            Ok((table, columns, rowid)) => {
                let from = From { held, chosen, columns, rowid, ready };
                let same = |t: &&mut Into<'_>| t.database == database && t.table.name == table.name;
                match tables.iter_mut().find(same) {
                    Some(known) => known.from.push(from),
                    None => tables.push(Into { database, table, from: vec![from] }),
                }
            }
        }
    }
    Ok((tables, problems))
}

/// Rows of which every id resolves.
fn ready(work: &Work<'_>, held: &Held, chosen: &[usize]) -> Result<u64, Error> {
    let mut query = work.session.connection.prepare(&held.waiting(chosen))?;
    let (mut rows, mut all, watched) = (query.query([])?, 0, watch::rows());
    while let Some(row) = rows.next()? {
        watched.row()?;
        all += u64::from(matches!(work.now.prospect(held, row)?, Prospect::Ready(_)));
    }
    Ok(all)
}

/// A table, which of its columns are filled from which kept ones, and its implicit rowid.
type Fit = (Table, Vec<(usize, String)>, Option<(usize, String)>);

/// Where the rows go. The inner error: why they cannot.
fn fit(work: &Work<'_>, database: usize, held: &Held) -> Result<Result<Fit, String>, RemapError> {
    let (connection, on) = (&work.session.connection, &work.session.databases[database]);
    let Some(table) = on.declared.table(&held.table) else { return Ok(Err("the table is gone".into())) };
    if table.table_type != TableType::Ordinary {
        return Ok(Err("it is no table with rows of its own any more".into()));
    }
    if table.address().is_empty() {
        return Ok(Err("columns named rowid, _rowid_ and oid hide the row's address".into()));
    }
    if let Some((run, column)) = convert::undo::since(connection, held.run, &held.database, &held.table).on(work.path)? {
        let why = format!(
            "the column {column} was converted by run {run} and holds ids no longer: take that run back first, or put the rows back by hand"
        );
        return Ok(Err(why));
    }
    let (mut columns, mut rowid) = (Vec::new(), None);
    for (i, name) in held.stored.iter().enumerate() {
        if held.rowid && i == 0 {
            let implicit = table.rowid_name().filter(|_| table.integer_key.is_none());
            rowid = implicit.map(|name| (i, name.to_owned()));
            continue;
        }
        match table.column(name).filter(|c| table.stored().any(|s| s == *c)) {
            Some(column) => columns.push((i, table.columns[column].name.clone())),
            None => return Ok(Err(format!("it has no column {name} any more"))),
        }
    }
    for column in held.columns.iter().filter_map(|c| table.column(&c.told.name)) {
        if let Some(why) = target::unfit(&on.declared, table, column, true) {
            return Ok(Err(why));
        }
    }
    let names: Vec<&str> = columns.iter().map(|c| c.1.as_str()).collect();
    let disagreement = expression::disagreement(connection, &on.schema, table, &names, (Method::Reinsert, true)).on(&on.path)?;
    Ok(match disagreement {
        Some(why) => Err(why),
        None => Ok((table.clone(), columns, rowid)),
    })
}

/// Refuses where there is no room: beside each database for its rollback journal, beside the companion for what is noted.
fn room(work: &Work<'_>, tables: &[Into<'_>]) -> Result<(), RemapError> {
    let mut need = Need::default();
    for (index, on) in work.session.databases.iter().enumerate() {
        let size = std::fs::metadata(&on.path).map_or(0, |m| m.len());
        let sql = format!("PRAGMA {}.page_size", on.schema);
        let page_size: i64 = work.session.connection.query_row(&sql, [], |r| r.get(0)).on(&on.path)?;
        let of = |t: &&Into<'_>| t.database == index;
        let touched = |t: &Into<'_>| Touched {
            rows: t.from.iter().map(|f| f.ready).sum(),
            pages: 1 + t.table.indexes.len() as u64,
            page_size: page_size.unsigned_abs(),
        };
        // They make the database larger by what they take in the companion, where they stay.
        let kept = std::fs::metadata(work.path).map_or(0, |m| m.len());
        let bytes = tables.iter().filter(of).map(|t| touched(t).bytes(size)).fold(0, u64::saturating_add).min(size);
        need.add(&on.path, bytes.saturating_add(kept.min(touched_bytes(tables, index, page_size))))?;
        need.add(work.path, bytes)?;
    }
    need.check()
}

/// What the rows themselves may take.
fn touched_bytes(tables: &[Into<'_>], index: usize, page_size: i64) -> u64 {
    let rows: u64 = tables.iter().filter(|t| t.database == index).flat_map(|t| &t.from).map(|f| f.ready).sum();
    rows.saturating_mul(page_size.unsigned_abs())
}

/// Writes the run into the ledger. The data's date does not move: it speaks of what it spoke of, and of what is new on the panel.
fn record(work: &Work<'_>, baseline: &check::Baseline, tables: &[Into<'_>]) -> Result<i64, Error> {
    let connection = &work.session.connection;
    ledger::create(connection)?;
    let current = work.known.current.as_ref().map(|g| (g.id, &g.inventory));
    let before = current.map(|(id, _)| id);
    let after = match current {
        Some((id, known)) if work.after.knows_the_same(known) => id,
        _ => companion::record(connection, work.after, RecordedBy::Run)?,
    };
    companion::set_current(connection, after)?;
    let mut hash = CellHash::new();
    hash.text("restoration");
    hash.text(&work.panel.fingerprint().to_string());
    for from in tables.iter().flat_map(|t| &t.from) {
        [from.held.run, from.held.n].into_iter().for_each(|n| hash.number(n));
        hash.text(&format!("{:?}", from.chosen));
    }
    connection.execute(
        "INSERT INTO main.run(tool, started, old_generation, new_generation, date_before, plan_hash, cells, removed, status, previous, faults)
         VALUES (?1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), ?2, ?3, ?4, ?5, 0, 0, 'applied', ?6, ?7)",
        params![
            Tool::this().version,
            before.unwrap_or(after),
            after,
            before,
            hash.finish(),
            work.known.last_applied.as_ref().map(|(id, _)| *id),
            serde_json::to_string(baseline).expect("faults are JSON")
        ],
    )?;
    Ok(connection.last_insert_rowid())
}

/// The statements for one table.
struct Writer<'w> {
    work: &'w Work<'w>,
    into: &'w Into<'w>,
    run: i64,
    n: usize,
}

/// A row that could not be put back: its number among those that are set aside, what SQLite says.
type Clash = (i64, String);

impl Writer<'_> {
    fn connection(&self) -> &Connection {
        &self.work.session.connection
    }

    fn name(&self) -> String {
        qualified(&self.work.session.databases[self.into.database].schema, &self.into.table.name)
    }

    fn restored(&self) -> String {
        qualified("main", &format!("restored_{}_{}", self.run, self.n))
    }

    /// Does it; what stands in the way, one line for each row.
    fn write(&self) -> Result<Vec<String>, Error> {
        let whole = rows::whole(&self.into.table);
        self.connection().execute_batch(&format!(
            "CREATE TABLE {}(at INTEGER PRIMARY KEY, run INTEGER NOT NULL, n INTEGER NOT NULL, row INTEGER NOT NULL, {}, UNIQUE (run, n, row))",
            self.restored(),
            numbered("c", whole.len())
        ))?;
        let mut problems = Vec::new();
        for from in &self.into.from {
            // Rows whose rowids are free keep them; only then are others numbered anew.
            self.from(from, true, &mut problems)?;
        }
        for from in self.into.from.iter().filter(|f| f.rowid.is_some()) {
            if problems.is_empty() {
                self.from(from, false, &mut problems)?;
            }
        }
        for from in &self.into.from {
            let mark = format!(
                "UPDATE {} SET restored = ?1 WHERE row IN (SELECT row FROM {} WHERE run = ?2 AND n = ?3)",
                from.held.names(),
                self.restored()
            );
            self.connection().execute(&mark, params![self.run, from.held.run, from.held.n])?;
        }
        Ok(problems)
    }

    /// Puts one run's rows back. `keep`: those that can keep their rowid, or have none; else the others.
    fn from(&self, from: &From<'_>, keep: bool, problems: &mut Vec<String>) -> Result<(), Error> {
        let connection = self.connection();
        let rowid = from.rowid.as_ref().filter(|_| keep);
        let columns: Vec<(usize, &str)> =
            rowid.iter().map(|(i, n)| (*i, n.as_str())).chain(from.columns.iter().map(|(i, n)| (*i, n.as_str()))).collect();
        let names: Vec<String> = columns.iter().map(|c| quote(c.1)).collect();
        let holes: Vec<String> = (1..=names.len()).map(|n| format!("?{n}")).collect();
        let (list, name) = (names.join(", "), self.name());
        connection.execute_batch(&format!("CREATE TEMP TABLE reguid_clash({})", numbered("c", columns.len())))?;
        let mut clashes: Vec<Clash> = Vec::new();
        {
            let taken = |(_, r): &(usize, String)| connection.prepare(&format!("SELECT 1 FROM {name} WHERE {} = ?1", quote(r)));
            let mut taken = rowid.map(taken).transpose()?;
            let mut there = connection.prepare(&format!("SELECT 1 FROM {} WHERE run = ?1 AND n = ?2 AND row = ?3", self.restored()))?;
            let mut insert = connection.prepare(&format!("INSERT OR ABORT INTO {name}({list}) VALUES ({})", holes.join(", ")))?;
            let mut aside = connection.prepare(&format!("INSERT INTO temp.reguid_clash VALUES ({})", holes.join(", ")))?;
            let mut note = connection.prepare(&self.note())?;
            let mut query = connection.prepare(&from.held.waiting(from.chosen))?;
            let (mut rows, watched) = (query.query([])?, watch::rows());
            while let Some(row) = rows.next()? {
                watched.row()?;
                let at: i64 = row.get(0)?;
                if !keep && there.query_row(params![from.held.run, from.held.n, at], |_| Ok(())).optional()?.is_some() {
                    continue;
                }
                let Prospect::Ready(cells) = self.work.now.prospect(from.held, row)? else { continue };
                let value = |i: usize| match cells.iter().find(|c| c.0 == i) {
                    Some((_, cell)) => Ok::<_, Error>(cell.borrow()),
                    None => row.get_ref(FIRST + i),
                };
                if let (Some(taken), Some((i, _))) = (&mut taken, rowid)
                    && taken.query_row([value_of(value(*i)?)], |_| Ok(())).optional()?.is_some()
                {
                    continue;
                }
                let values = columns.iter().map(|(i, _)| value(*i).map(value_of)).collect::<Result<Vec<_>, Error>>()?;
                match insert.execute(params_from_iter(&values)) {
                    Ok(_) => {
                        let known = [ValueRef::Integer(from.held.run), ValueRef::Integer(from.held.n), ValueRef::Integer(at)].map(value_of);
                        let address = self.address(connection, &columns, &values);
                        note.execute(params_from_iter(known.iter().chain(&address)))?;
                    }
                    Err(e) if e.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                        aside.execute(params_from_iter(&values))?;
                        clashes.push((connection.last_insert_rowid(), e.to_string()));
                        if problems.len() + clashes.len() >= SHOWN {
                            break;
                        }
                    }
                    Err(e) => return Err(e),
                }
            }
        }
        let names: Vec<&str> = columns.iter().map(|c| c.1).collect();
        for clash in &clashes {
            problems.push(self.pair(from, &names, clash)?);
        }
        connection.execute_batch("DROP TABLE temp.reguid_clash")
    }

    /// SQL that notes the row of an address as it is: run, number of the table, row, then the address.
    fn note(&self) -> String {
        let table = &self.into.table;
        let key: Vec<String> = table.address().iter().enumerate().map(|(i, a)| format!("t.{} = ?{}", quote(a), i + 4)).collect();
        format!(
            "INSERT INTO {}(run, n, row, {}) SELECT ?1, ?2, ?3, {} FROM {} AS t WHERE {}",
            self.restored(),
            numbered("c", rows::whole(table).len()),
            rows::of("t", &rows::whole(table)),
            self.name(),
            key.join(" AND ")
        )
    }

    /// The address of the row that was inserted last, of these values of these columns.
    fn address<'v>(&self, connection: &Connection, columns: &[(usize, &str)], values: &[ToSqlOutput<'v>]) -> Vec<ToSqlOutput<'v>> {
        if !self.into.table.without_rowid {
            return vec![ToSqlOutput::Owned(Value::Integer(connection.last_insert_rowid()))];
        }
        let of = |a: &&str| {
            columns.iter().position(|c| c.1.eq_ignore_ascii_case(a)).map_or(ToSqlOutput::Owned(Value::Null), |i| values[i].clone())
        };
        self.into.table.address().iter().map(of).collect()
    }

    /// Tells which row has the key of the row that was set aside.
    fn pair(&self, from: &From<'_>, names: &[&str], (number, why): &Clash) -> Result<String, Error> {
        let (connection, table, name) = (self.connection(), &self.into.table, self.name());
        let address = table.address();
        let own = |row: &Row<'_>| (0..address.len()).map(|i| row.get_ref(i).map(Value::from_ref)).collect::<Result<Vec<_>, Error>>();
        let at: Vec<String> = address
            .iter()
            .map(|a| names.iter().position(|n| n.eq_ignore_ascii_case(a)).map_or("NULL".to_owned(), |i| format!("c{i}")))
            .collect();
        let this: Vec<Value> =
            connection.query_row(&format!("SELECT {} FROM temp.reguid_clash WHERE rowid = ?1", at.join(", ")), [number], own)?;
        let list: Vec<String> = names.iter().map(|n| quote(n)).collect();
        let keys = numbered("k", address.len());
        connection.execute_batch("SAVEPOINT reguid_pair")?;
        let found = (|| -> Result<Option<Vec<Value>>, Error> {
            let there: Vec<String> = address.iter().enumerate().map(|(i, a)| format!("t.{} AS k{i}", quote(a))).collect();
            connection.execute_batch(&format!("CREATE TEMP TABLE reguid_there AS SELECT {} FROM {name} AS t", there.join(", ")))?;
            let replace = format!(
                "INSERT OR REPLACE INTO {name}({}) SELECT {} FROM temp.reguid_clash WHERE rowid = ?1",
                list.join(", "),
                numbered("c", names.len())
            );
            // Not a key but another rule of the table.
            if connection.execute(&replace, [number]).is_err() {
                return Ok(None);
            }
            let gone = format!("SELECT {keys} FROM temp.reguid_there EXCEPT SELECT {} FROM {name} AS t LIMIT 1", rows::of("t", &address));
            Ok(Some(connection.query_row(&gone, [], own).optional()?.unwrap_or_else(|| this.clone())))
        })();
        connection.execute_batch("ROLLBACK TO reguid_pair; RELEASE reguid_pair")?;
        let shown = match at.iter().any(|a| a == "NULL") {
            false => label(table, &this),
            // Its rowid is another one's, and it has none of its own yet.
            true => {
                let sql = format!("SELECT {} FROM temp.reguid_clash WHERE rowid = ?1", numbered("c", names.len()));
                let of = |row: &Row<'_>| (0..names.len()).map(|i| row.get_ref(i).map(Value::from_ref)).collect::<Result<Vec<_>, Error>>();
                let values = connection.query_row(&sql, [number], of)?;
                names.iter().zip(&values).map(|(n, v)| format!("{n} {}", show(v))).collect::<Vec<_>>().join(", ")
            }
        };
        let this =
            format!("{}: {}: the row {shown} of run {}", self.work.session.databases[self.into.database].name, table.name, from.held.run);
        let Some(other) = found? else { return Ok(format!("{this} cannot be put back: {why}")) };
        let whole = rows::whole(table);
        let same: Vec<String> = address
            .iter()
            .enumerate()
            .filter_map(|(i, a)| Some(format!("c{} IS ?{}", whole.iter().position(|w| w.eq_ignore_ascii_case(a))?, i + 1)))
            .collect();
        let ours = format!("SELECT run FROM {} WHERE {}", self.restored(), same.join(" AND "));
        let by: Option<i64> = connection.query_row(&ours, params_from_iter(&other), |r| r.get(0)).optional()?;
        let by = by.map(|run| format!(", put back from run {run},")).unwrap_or_default();
        Ok(format!("{this} and the row {}{by} would have the same key: {why}", label(table, &other)))
    }

    /// Registers the table's journal.
    fn register(&self, sequence: &Value, before: &[u8; 16]) -> Result<(), Error> {
        let (connection, table) = (self.connection(), &self.into.table);
        let on = &self.work.session.databases[self.into.database];
        let json = |names: &[&str]| serde_json::to_string(names).expect("a list of texts is JSON");
        let version: i64 = connection.query_row(&format!("PRAGMA {}.schema_version", on.schema), [], |r| r.get(0))?;
        let after = scan::content(connection, &on.schema, table)?;
        let n = i64::try_from(self.n).unwrap_or(i64::MAX);
        connection.execute(
            "INSERT INTO main.journal(run, n, database, table_name, address, columns, stored, reinsert, changed, removed, schema_version, implicit_rowid,
                                      sequence_before, sequence_after, content_before, content_after)
             VALUES (?1, ?2, ?3, ?4, ?5, '[]', ?6, 1, 0, 0, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                self.run,
                n,
                on.name.as_str(),
                table.name,
                json(&table.address()),
                json(&rows::whole(table)),
                version,
                !table.without_rowid && table.integer_key.is_none(),
                sequence,
                rows::sequence(connection, &on.schema, table)?,
                &before[..],
                &after.to_bytes()[..],
            ],
        )?;
        let rows: i64 = connection.query_row(&format!("SELECT count(*) FROM {}", self.restored()), [], |r| r.get(0))?;
        connection.execute("INSERT INTO main.restoration VALUES (?1, ?2, ?3)", params![self.run, n, rows])?;
        kept::seal(connection, self.run, &format!("restored_{}_{}", self.run, self.n))
    }
}

/// A value as it is, also text that is not UTF-8.
fn value_of(value: ValueRef<'_>) -> ToSqlOutput<'_> {
    ToSqlOutput::Borrowed(value)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use camino::Utf8PathBuf;

    use super::super::{chosen, held, speaks};
    use super::*;
    use crate::panel::inventory::Origin;
    use crate::panel::mapping::Settings;
    use crate::panel::{Guid, Mapping, Object};
    use crate::reference::manifest::Manifest;
    use crate::remap::session::Locked;

    /// A panel of domains: id, and the number of the GUID.
    fn panel(domains: &[(i64, u32)]) -> Inventory {
        let kind = "domain".parse().unwrap();
        let object = |(id, number): &(i64, u32)| Object {
            kind,
            id: *id,
            guid: Guid::parse(format!("{number:08x}-1111-4111-8111-111111111111").as_bytes()),
            name: format!("d{number}.example").into(),
            parent: None,
            witness: kind.facts().table.as_ref().unwrap().witness.iter().map(|_| "".into()).collect(),
        };
        Inventory::new(Origin { source: "a panel".into(), taken: None }, domains.iter().map(object).collect(), vec![kind])
    }

    /// Rows are put back rightly, and then spoilt in every way that comes to mind.
    #[test]
    fn t21_what_a_wrong_writer_puts_back_is_found() {
        let folder = tempfile::TempDir::new().unwrap();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let sql = "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT, body, x);
            INSERT INTO t VALUES (1, 9, '{\"d\": 9}', 'a'), (2, 5, '{\"d\": 5}', 'b'), (3, 9, NULL, 'c'), (4, 0, '{\"d\": 9}', x'00')";
        crate::sqlite::Connection::open(dir.join("data.db")).unwrap().execute_batch(sql).unwrap();
        let entry = |more: &str| {
            format!("[[reference]]\ndatabase = \"data.db\"\ntable = \"t\"\nkind = \"domain\"\non-missing = \"quarantine\"\n{more}\n")
        };
        let text = entry("column = \"d\"") + &entry("column = \"body\"\npath = \"$.d\"");
        let manifest = Manifest::parse("reguid.toml".into(), &text).unwrap();
        let matching = |old: &Inventory, new: &Inventory| Mapping::between(old, new, Settings::default());
        let (before, without, again) = (panel(&[(5, 1), (9, 2)]), panel(&[(7, 1)]), panel(&[(7, 1), (12, 2)]));
        for (old, new) in [(Some(&before), &without), (None, &again)] {
            let request = crate::remap::Request {
                var_dir: dir,
                manifest: &manifest,
                old,
                twins: false,
                new,
                trust_old: false,
                matching: &matching,
                map: None,
                patience: Duration::from_millis(50),
            };
            assert!(matches!(crate::remap::fix(&request, None).unwrap(), crate::remap::Fixed::Applied { .. }));
        }
        let request = super::super::Request {
            var_dir: dir,
            run: None,
            places: &[],
            panel: Some(&again),
            matching: &matching,
            patience: Duration::from_millis(50),
        };
        let (path, names) = (companion::path_in(dir), [Utf8PathBuf::from("data.db")]);
        let locked = Locked::open(dir, &names, Duration::from_millis(50)).unwrap();
        let session = locked.session();
        let known = ledger::known(&session.connection, &path).unwrap();
        let held = held::read(&session.connection, &path).unwrap();
        let chosen = chosen(&request, &held).unwrap();
        let now = Now::read(&session.connection, &path, &held, request.panel, request.matching).unwrap();
        let after = speaks(&request, &again, &known, &held).unwrap();
        let work = Work { session, path: &path, known: &known, held: &held, chosen: &chosen, now: &now, panel: &again, after: &after };
        let (tables, problems) = tables(&work).unwrap();
        assert!(problems.is_empty() && tables.len() == 1, "{problems:?}");
        let into = &tables[0];
        let content = scan::content(&session.connection, "d0", &into.table).unwrap();
        let run = record(&work, &check::Baseline::default(), &tables).unwrap();
        assert!(Writer { work: &work, into, run, n: 0 }.write().unwrap().is_empty());
        let other = Some("its other rows are not what they were");
        for (wrong, word) in [
            ("", None),
            ("UPDATE d0.t SET d = 9 WHERE k = 1", Some("its column d is not what the mapping says")),
            ("UPDATE d0.t SET d = 7 WHERE k = 1", Some("its column d is not")),
            ("UPDATE d0.t SET d = NULL WHERE k = 3", Some("its column d is not")),
            ("UPDATE d0.t SET d = 12 WHERE k = 4", Some("its column d is not")),
            ("UPDATE d0.t SET body = '{\"d\": 7}' WHERE k = 1", Some("its column body is not")),
            ("UPDATE d0.t SET body = '{\"d\":12}' WHERE k = 1", Some("its column body is not")),
            ("UPDATE d0.t SET body = CAST(body AS BLOB) WHERE k = 4", Some("its column body is not")),
            ("UPDATE d0.t SET x = 'c ' WHERE k = 3", Some("its column x is not")),
            ("UPDATE d0.t SET x = CAST(x AS TEXT) WHERE k = 4", Some("its column x is not")),
            ("DELETE FROM d0.t WHERE k = 3", Some("it is not there")),
            ("UPDATE d0.t SET k = 30 WHERE k = 3", Some("it is not there")),
            ("UPDATE d0.t SET x = 'z' WHERE k = 2", other),
            ("DELETE FROM d0.t WHERE k = 2", other),
            ("INSERT INTO d0.t(k) VALUES (40)", other),
            ("DELETE FROM main.restored_3_0 WHERE row = 1", other),
        ] {
            session.connection.execute_batch(&format!("SAVEPOINT try; {wrong}")).unwrap();
            let found = proof::check(&work, into, (run, 0), content);
            session.connection.execute_batch("ROLLBACK TO try; RELEASE try").unwrap();
            match (found, word) {
                (Ok(3), None) => {}
                (Err(error), Some(word)) => assert!(error.to_string().contains(word), "{wrong}: {error}"),
                (other, _) => panic!("{wrong}: {other:?}"),
            }
        }
    }
}
