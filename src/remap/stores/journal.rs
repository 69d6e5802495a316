//! The companion's record of what a run did to the panel's database and to files, and the intent log: what is still to be done once a run is committed.

use std::sync::Arc;

use camino::Utf8PathBuf;
use rustc_hash::{FxHashMap, FxHashSet};

use super::files::FileStep;
use crate::panel::Kind;
use crate::panel::change::{Change, Changes, Mark};
use crate::panel::evidence::Marked;
use crate::panel::rows::{Cell, Form, Rest, Row};
use crate::panel::settings::Setting;
use crate::sqlite::{Connection, Error, OptionalExtension, params};

/// The tables of this module. Every statement is harmless where the table is there already.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.setting_run(     -- a run that changed the panel's database
    run INTEGER PRIMARY KEY,
    server TEXT NOT NULL,                        -- as it was named, without a password
    module TEXT NOT NULL,                        -- the extension's id
    written INTEGER NOT NULL                     -- 1: reguid wrote them; 0: a script was given out; 2: so too, and the run was taken back, also by a script; 3: … and reguid does that
) STRICT;
CREATE TABLE IF NOT EXISTS main.setting_change(
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    kind TEXT,                                   -- of the object that the setting belongs to; NULL: the extension itself
    owner INTEGER NOT NULL,                      -- that object's id, else 0
    name_before BLOB NOT NULL,
    name_after BLOB NOT NULL,
    value_before BLOB,
    value_after BLOB,
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.setting_removed( -- of these changes, those that took the setting out: what stands there as after is nothing
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.row_change(      -- a row of a table that the extension has in the panel's database
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    name TEXT NOT NULL,                          -- of the table
    removed INTEGER NOT NULL,                    -- 1: it was taken out
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.row_rest(        -- by what a changed row is known again: a digest of its other columns
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    columns TEXT NOT NULL,                       -- JSON: their names
    digest BLOB NOT NULL,
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.run_mark(        -- of a run that changed rows, for good: the name of the setting that came with them
    run INTEGER PRIMARY KEY,
    name BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS main.mark_adopted(    -- marks that no run here set, and of which a person said with --trust-old that they tell nothing
    run INTEGER NOT NULL,                        -- the run that was told so
    name BLOB NOT NULL,
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.spoken(          -- settings and files that are as before a run, and speak of now: a person said so
    run INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (run, sha256)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.row_cell(        -- its primary key, and the columns that changed, or all where it was taken out
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,                          -- of the column
    in_key INTEGER NOT NULL,
    in_unique INTEGER NOT NULL,                  -- 1: it is part of a unique index
    form INTEGER NOT NULL,                       -- 0 a number, 1 text, 2 bytes
    before BLOB,
    after BLOB,
    PRIMARY KEY (run, n, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.file_change(
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    path_before TEXT NOT NULL,                   -- relative to the var directory
    path_after TEXT NOT NULL,
    folder INTEGER NOT NULL,
    sha256_before BLOB,                          -- NULL: its content was not changed
    sha256_after BLOB,
    content BLOB,                                -- before the run
    PRIMARY KEY (run, n)
) STRICT;
CREATE TABLE IF NOT EXISTS main.unfinished(      -- the intent log: a run, or an undo of one, that is committed here and not yet everywhere
    only INTEGER PRIMARY KEY CHECK (only = 1),
    run INTEGER NOT NULL,
    undo INTEGER NOT NULL,                       -- 1: it is being taken back
    settings INTEGER NOT NULL,                   -- 1: the panel's database may lack what changes there
    phase INTEGER NOT NULL                       -- of the files: 0 done, 1 contents, 2 aside, 3 in place
) STRICT;
CREATE TABLE IF NOT EXISTS main.left_out(        -- what of that is left as it is, which a person is to be told once it is done
    n INTEGER PRIMARY KEY,
    label TEXT NOT NULL UNIQUE
) STRICT;
";

/// The tables with what changed in the panel's database.
const IN_PANEL: &[&str] = &["setting_change", "setting_removed", "row_change", "row_cell", "row_rest"];

/// In which panel's database a run changed something, and for which extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SettingRun {
    /// The server, as it was named.
    pub server: String,
    /// The extension's id.
    pub module: String,
    /// What writes them.
    pub by: By,
}

/// What writes the settings of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// A script that the run gave out.
    Script = 0,
    /// The run.
    Reguid = 1,
    /// The run was taken back, and a script was given out for that.
    ScriptBack = 2,
    /// So too, and reguid does what the script was to do.
    Instead = 3,
}

impl By {
    fn of(number: i64) -> By {
        match number {
            0 => By::Script,
            2 => By::ScriptBack,
            3 => By::Instead,
            _ => By::Reguid,
        }
    }
}

/// What a run did to the panel's database and to files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    /// Whose settings and tables, and how.
    pub setting_run: Option<SettingRun>,
    /// The settings, and the rows of tables.
    pub panel: Changes,
    /// The files.
    pub files: Vec<FileStep>,
}

/// What is still to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfinished {
    /// The run.
    pub run: i64,
    /// It is being taken back.
    pub undo: bool,
    /// The panel's database may lack what changes there.
    pub settings: bool,
    /// Where the files are.
    pub phase: Phase,
}

/// How far the files of a run are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// New contents take their places.
    Contents = 1,
    /// What gets another name steps aside.
    Aside = 2,
    /// … and takes its new name.
    Place = 3,
    /// All is done.
    Done = 0,
}

impl Phase {
    fn of(number: i64) -> Phase {
        match number {
            1 => Phase::Contents,
            2 => Phase::Aside,
            3 => Phase::Place,
            _ => Phase::Done,
        }
    }
}

fn has(connection: &Connection, table: &str) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1";
    Ok(connection.query_row(sql, [table], |_| Ok(())).optional()?.is_some())
}

/// Makes the tables.
pub(super) fn create(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(TABLES)
}

/// Writes what run `run` does, without the files' contents.
pub(super) fn record(connection: &Connection, run: i64, record: &Record) -> Result<(), Error> {
    create(connection)?;
    // It began with settings that are as those scripts left them.
    for run in taken_back_by_script(connection)? {
        forget_all(connection, run)?;
    }
    if let Some(of) = &record.setting_run {
        note_settings(connection, run, of)?;
    }
    insert(connection, run, &record.panel, &record.files, (0, 0, 0))
}

/// Writes changes, without the files' contents, under the numbers from the given ones on: settings, rows, files.
fn insert(connection: &Connection, run: i64, panel: &Changes, files: &[FileStep], first: (i64, i64, i64)) -> Result<(), Error> {
    let mut insert = connection.prepare("INSERT INTO main.setting_change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    let mut removed = connection.prepare("INSERT INTO main.setting_removed VALUES (?1, ?2)")?;
    for (n, change) in (first.0..).zip(&panel.settings) {
        let (before, after) = match change {
            Change::Altered { before, after } => (before, Some(after)),
            Change::Removed(before) => (before, None),
            Change::Added(_) => unreachable!("no run adds a setting; taking one back does"),
        };
        let (kind, name) = (before.of.map(Kind::name), after.map_or(&[][..], |s| &s.name));
        insert.execute(params![run, n, kind, before.owner, before.name, name, before.value, after.and_then(|s| s.value.as_ref())])?;
        if after.is_none() {
            removed.execute(params![run, n])?;
        }
    }
    if let Some(mark) = &panel.mark {
        connection.execute("INSERT OR IGNORE INTO main.run_mark(run, name) VALUES (?1, ?2)", params![run, mark.name])?;
    }
    let mut insert = connection.prepare("INSERT INTO main.row_change VALUES (?1, ?2, ?3, ?4)")?;
    let mut rest = connection.prepare("INSERT INTO main.row_rest VALUES (?1, ?2, ?3, ?4)")?;
    let mut cell = connection.prepare("INSERT INTO main.row_cell VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (n, change) in (first.1..).zip(&panel.rows) {
        let (before, after) = match change {
            Change::Altered { before, after } => (before, after),
            Change::Removed(before) => (before, before),
            Change::Added(_) => unreachable!("no run adds a row; taking one back does"),
        };
        insert.execute(params![run, n, before.table, matches!(change, Change::Removed(_))])?;
        if let Some(Rest { columns, digest }) = &before.rest {
            let names: Vec<&str> = columns.iter().map(|c| &**c).collect();
            rest.execute(params![run, n, serde_json::to_string(&names).expect("texts are JSON"), &**digest])?;
        }
        let pairs = |a: &[Cell], b: &[Cell]| a.iter().cloned().zip(b.iter().cloned()).collect::<Vec<_>>();
        let of_key = pairs(&before.key, &after.key).into_iter().map(|pair| (true, pair));
        let others = pairs(&before.cells, &after.cells).into_iter().map(|pair| (false, pair));
        for (at, (in_key, (before, after))) in (0i64..).zip(of_key.chain(others)) {
            cell.execute(params![run, n, at, before.column, in_key, before.unique, before.form as i64, before.value, after.value])?;
        }
    }
    let mut insert = connection.prepare("INSERT INTO main.file_change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)")?;
    for (n, step) in (first.2..).zip(files) {
        let (before, after) = (step.content.map(|c| c.0), step.content.map(|c| c.1));
        insert.execute(params![run, n, step.from.as_str(), step.to.as_str(), step.folder, before, after])?;
    }
    Ok(())
}

/// Notes what run `run` changed in the panel's database.
pub(super) fn note_settings(connection: &Connection, run: i64, of: &SettingRun) -> Result<(), Error> {
    let SettingRun { server, module, by } = of;
    connection.execute("INSERT INTO main.setting_run VALUES (?1, ?2, ?3, ?4)", params![run, server, module, *by as i64]).map(drop)
}

/// Adds changes to what run `run` did, as if it had made them: taking it back takes them back as well. Each content is that of before. The first file's number.
pub(super) fn add(connection: &Connection, run: i64, panel: &Changes, files: &[FileStep]) -> Result<i64, Error> {
    let next = |table: &str| {
        connection.query_row(&format!("SELECT coalesce(max(n) + 1, 0) FROM main.{table} WHERE run = ?1"), [run], |r| r.get::<_, i64>(0))
    };
    let (first_setting, first_row, first_file) = (next("setting_change")?, next("row_change")?, next("file_change")?);
    insert(connection, run, panel, files, (first_setting, first_row, first_file))?;
    Ok(first_file)
}

/// Writes anew what run `run` changed in the panel's database, as far as a script is to take it back.
pub(super) fn replace_panel(connection: &Connection, run: i64, panel: &Changes) -> Result<(), Error> {
    create(connection)?;
    for table in IN_PANEL {
        connection.execute(&format!("DELETE FROM main.{table} WHERE run = ?1"), [run])?;
    }
    insert(connection, run, panel, &[], (0, 0, 0))
}

/// The names of the marks of applied runs, of those that a script is to take back, and of those that were adopted.
pub(super) fn marks(connection: &Connection) -> Result<Vec<Vec<u8>>, Error> {
    if !has(connection, "run_mark")? {
        return Ok(Vec::new());
    }
    let sql = "SELECT name FROM main.run_mark WHERE run IN (SELECT id FROM main.run WHERE status = 'applied')
               OR run IN (SELECT run FROM main.setting_run WHERE written = ?1)";
    let mut names: Vec<Vec<u8>> = connection.prepare(sql)?.query_map([By::ScriptBack as i64], |r| r.get(0))?.collect::<Result<_, _>>()?;
    if has(connection, "mark_adopted")? {
        let sql = "SELECT name FROM main.mark_adopted WHERE run IN (SELECT id FROM main.run WHERE status = 'applied')";
        let adopted: Vec<Vec<u8>> = connection.prepare(sql)?.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?;
        names.extend(adopted);
    }
    Ok(names)
}

/// Applied runs that changed something in the panel's database or in files, the last one first.
pub(super) fn applied(connection: &Connection) -> Result<Vec<i64>, Error> {
    if !has(connection, "setting_run")? || !has(connection, "file_change")? {
        return Ok(Vec::new());
    }
    let sql = "SELECT id FROM main.run WHERE status = 'applied' AND id IN (SELECT run FROM main.setting_run UNION SELECT run FROM main.file_change) ORDER BY id DESC";
    connection.prepare(sql)?.query_map([], |r| r.get(0))?.collect()
}

/// What [`speak`] noted of applied runs.
pub(super) fn spoken(connection: &Connection) -> Result<FxHashSet<(i64, [u8; 32])>, Error> {
    if !has(connection, "spoken")? {
        return Ok(FxHashSet::default());
    }
    let sql = "SELECT run, sha256 FROM main.spoken WHERE run IN (SELECT id FROM main.run WHERE status = 'applied')";
    connection.prepare(sql)?.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect()
}

/// Notes settings and files that are as before a run, and speak of now.
pub(super) fn speak(connection: &Connection, spoken: &[(i64, [u8; 32])]) -> Result<(), Error> {
    create(connection)?;
    let mut insert = connection.prepare("INSERT OR IGNORE INTO main.spoken VALUES (?1, ?2)")?;
    spoken.iter().try_for_each(|(run, sha)| insert.execute(params![run, sha]).map(drop))
}

/// Notes that from run `run` on these marks tell nothing, as long as that is not taken back.
pub(super) fn adopt(connection: &Connection, run: i64, names: &[Vec<u8>]) -> Result<(), Error> {
    create(connection)?;
    let mut insert = connection.prepare("INSERT OR IGNORE INTO main.mark_adopted VALUES (?1, ?2)")?;
    names.iter().try_for_each(|name| insert.execute(params![run, name]).map(drop))
}

/// Forgets what run `run` changed in the panel's database: it is as it was before it.
pub(super) fn forget_settings(connection: &Connection, run: i64) -> Result<(), Error> {
    create(connection)?;
    for table in IN_PANEL {
        connection.execute(&format!("DELETE FROM main.{table} WHERE run = ?1"), [run])?;
    }
    Ok(())
}

/// Keeps the content of file `n` of before run `run`.
pub(super) fn keep(connection: &Connection, run: i64, n: usize, content: &[u8]) -> Result<(), Error> {
    connection.execute("UPDATE main.file_change SET content = ?3 WHERE run = ?1 AND n = ?2", params![run, number(n), content]).map(drop)
}

/// Writes anew what run `run` did to file `n`, since it is another one now, or gone. `content`: that of before the run.
pub(super) fn alter_file(connection: &Connection, run: i64, n: usize, step: &FileStep, content: Option<&[u8]>) -> Result<(), Error> {
    let (before, after) = (step.content.map(|c| c.0), step.content.map(|c| c.1));
    connection
        .execute(
            "UPDATE main.file_change SET path_before = ?3, path_after = ?4, sha256_before = ?5, sha256_after = ?6, content = ?7 WHERE run = ?1 AND n = ?2",
            params![run, number(n), step.from.as_str(), step.to.as_str(), before, after, content],
        )
        .map(drop)
}

/// The content of file `n` of before run `run`.
pub(super) fn kept(connection: &Connection, run: i64, n: usize) -> Result<Option<Vec<u8>>, Error> {
    connection.query_row("SELECT content FROM main.file_change WHERE run = ?1 AND n = ?2", params![run, number(n)], |r| r.get(0))
}

/// How many bytes each content has that is kept of before run `run`.
pub(super) fn kept_bytes(connection: &Connection, run: i64) -> Result<Vec<usize>, Error> {
    if !has(connection, "file_change")? {
        return Ok(Vec::new());
    }
    let mut query = connection.prepare("SELECT length(content) FROM main.file_change WHERE run = ?1 AND content IS NOT NULL")?;
    let bytes = query.query_map([run], |r| r.get::<_, i64>(0).map(|n| usize::try_from(n).unwrap_or_default()))?;
    bytes.collect()
}

/// What run `run` did.
pub(super) fn read(connection: &Connection, run: i64) -> Result<Record, Error> {
    if !has(connection, "setting_run")? {
        return Ok(Record::default());
    }
    let sql = "SELECT server, module, written FROM main.setting_run WHERE run = ?1";
    let setting_run =
        connection.query_row(sql, [run], |r| Ok(SettingRun { server: r.get(0)?, module: r.get(1)?, by: By::of(r.get(2)?) })).optional()?;
    // An early release's companion knows no settings that were taken out.
    let removed = if has(connection, "setting_removed")? {
        "EXISTS (SELECT 1 FROM main.setting_removed AS r WHERE r.run = c.run AND r.n = c.n)"
    } else {
        "0"
    };
    let sql = format!(
        "SELECT kind, owner, name_before, name_after, value_before, value_after, {removed} FROM main.setting_change AS c WHERE run = ?1 ORDER BY n"
    );
    let mut query = connection.prepare(&sql)?;
    let settings = query.query_map([run], |r| {
        let kind: Option<String> = r.get(0)?;
        let of = kind.map(|k| k.parse::<Kind>().map_err(|e| Error::ToSqlConversionFailure(Box::new(e)))).transpose()?;
        let before = Setting { of, owner: r.get(1)?, name: r.get(2)?, value: r.get(4)? };
        if r.get(6)? { Ok(Change::Removed(before)) } else { Ok(Change::altered(before, r.get(3)?, r.get(5)?)) }
    })?;
    let settings = settings.collect::<Result<_, _>>()?;
    let rows = rows(connection, run)?;
    let mark = if has(connection, "run_mark")? {
        let mark = |r: &crate::sqlite::Row<'_>| Ok(Mark { name: r.get(0)?, says: Marked::Done });
        connection.query_row("SELECT name FROM main.run_mark WHERE run = ?1", [run], mark).optional()?
    } else {
        None
    };
    let sql = "SELECT path_before, path_after, folder, sha256_before, sha256_after FROM main.file_change WHERE run = ?1 ORDER BY n";
    let mut query = connection.prepare(sql)?;
    let files = query.query_map([run], |r| {
        let (before, after): (Option<[u8; 32]>, Option<[u8; 32]>) = (r.get(3)?, r.get(4)?);
        let (from, to): (String, String) = (r.get(0)?, r.get(1)?);
        Ok(FileStep { from: Utf8PathBuf::from(from), to: Utf8PathBuf::from(to), folder: r.get(2)?, content: before.zip(after) })
    })?;
    Ok(Record { setting_run, panel: Changes { settings, rows, mark }, files: files.collect::<Result<_, _>>()? })
}

/// The rows that run `run` changed. An early release's companion knows none.
fn rows(connection: &Connection, run: i64) -> Result<Vec<Change<Row>>, Error> {
    let mut changes = Vec::new();
    if !has(connection, "row_change")? {
        return Ok(changes);
    }
    let mut query = connection.prepare("SELECT n, name, removed FROM main.row_change WHERE run = ?1 ORDER BY n")?;
    let mut cells = connection
        .prepare("SELECT name, in_key, form, before, after, in_unique FROM main.row_cell WHERE run = ?1 AND n = ?2 ORDER BY at")?;
    let mut rests = has(connection, "row_rest")?
        .then(|| connection.prepare("SELECT columns, digest FROM main.row_rest WHERE run = ?1 AND n = ?2"))
        .transpose()?;
    let mut lists: FxHashMap<String, Arc<[Arc<str>]>> = FxHashMap::default();
    let mut rows = query.query([run])?;
    // Each name once: there may be many rows.
    let mut names: FxHashSet<Arc<str>> = FxHashSet::default();
    let mut name = |text: &str| -> Arc<str> {
        if let Some(known) = names.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        names.insert(Arc::clone(&new));
        new
    };
    while let Some(row) = rows.next()? {
        let (n, table, removed): (i64, String, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let mut before = Row { table: name(&table), key: Vec::new(), cells: Vec::new(), whole: removed, rest: None };
        if let Some(rests) = &mut rests {
            let found = rests.query_row(params![run, n], |r| Ok((r.get::<_, String>(0)?, r.get::<_, Vec<u8>>(1)?))).optional()?;
            before.rest = found.map(|(names, digest)| {
                let columns = lists.entry(names).or_insert_with_key(|names| {
                    serde_json::from_str(names).map_or_else(|_| [].into(), |l: Vec<String>| l.into_iter().map(Into::into).collect())
                });
                Rest { columns: Arc::clone(columns), digest: digest.into() }
            });
        }
        let mut after = before.clone();
        let mut of_row = cells.query(params![run, n])?;
        while let Some(cell) = of_row.next()? {
            let (column, in_key) = (name(&cell.get::<_, String>(0)?), cell.get(1)?);
            for (row, value) in [(&mut before, cell.get(3)?), (&mut after, cell.get(4)?)] {
                let cell = Cell { column: Arc::clone(&column), form: Form::of(cell.get(2)?), unique: cell.get(5)?, value };
                if in_key { row.key.push(cell) } else { row.cells.push(cell) }
            }
        }
        changes.push(if removed { Change::Removed(before) } else { Change::Altered { before, after } });
    }
    Ok(changes)
}

/// Notes that a script takes the settings of run `run` back.
pub(super) fn by_script(connection: &Connection, run: i64) -> Result<(), Error> {
    connection.execute("UPDATE main.setting_run SET written = ?2 WHERE run = ?1", params![run, By::ScriptBack as i64]).map(drop)
}

/// Notes that reguid takes back what of run `run` was left to a script.
pub(super) fn instead(connection: &Connection, run: i64) -> Result<(), Error> {
    connection.execute("UPDATE main.setting_run SET written = ?2 WHERE run = ?1", params![run, By::Instead as i64]).map(drop)
}

/// The runs whose settings a script was to take back.
pub(super) fn taken_back_by_script(connection: &Connection) -> Result<Vec<i64>, Error> {
    if !has(connection, "setting_run")? {
        return Ok(Vec::new());
    }
    let mut query = connection.prepare("SELECT run FROM main.setting_run WHERE written = ?1 ORDER BY run")?;
    query.query_map([By::ScriptBack as i64], |r| r.get(0))?.collect()
}

/// Forgets what run `run` did, save settings that a script is to take back.
pub(super) fn forget(connection: &Connection, run: i64) -> Result<(), Error> {
    if taken_back_by_script(connection)?.contains(&run) {
        return connection.execute("DELETE FROM main.file_change WHERE run = ?1", [run]).map(drop);
    }
    forget_all(connection, run)
}

pub(super) fn forget_all(connection: &Connection, run: i64) -> Result<(), Error> {
    create(connection)?;
    for table in ["setting_run", "file_change"].iter().chain(IN_PANEL) {
        connection.execute(&format!("DELETE FROM main.{table} WHERE run = ?1"), [run])?;
    }
    Ok(())
}

/// Notes what is still to be done once the transaction is committed.
pub(super) fn intend(connection: &Connection, what: Unfinished) -> Result<(), Error> {
    let sql = "INSERT OR REPLACE INTO main.unfinished VALUES (1, ?1, ?2, ?3, ?4)";
    connection.execute(sql, params![what.run, what.undo, what.settings, what.phase as i64]).map(drop)
}

/// What is still to be done.
pub(super) fn unfinished(connection: &Connection) -> Result<Option<Unfinished>, Error> {
    if !has(connection, "unfinished")? {
        return Ok(None);
    }
    let sql = "SELECT run, undo, settings, phase FROM main.unfinished";
    connection
        .query_row(sql, [], |r| Ok(Unfinished { run: r.get(0)?, undo: r.get(1)?, settings: r.get(2)?, phase: Phase::of(r.get(3)?) }))
        .optional()
}

/// Notes what of the unfinished run is left as it is. To note it again does nothing.
pub(super) fn leave<'a>(connection: &Connection, labels: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    create(connection)?;
    let mut insert = connection.prepare("INSERT OR IGNORE INTO main.left_out(label) VALUES (?1)")?;
    labels.into_iter().try_for_each(|label| insert.execute([label]).map(drop))
}

/// What [`leave`] noted.
pub(super) fn left(connection: &Connection) -> Result<Vec<String>, Error> {
    if !has(connection, "left_out")? {
        return Ok(Vec::new());
    }
    connection.prepare("SELECT label FROM main.left_out ORDER BY n")?.query_map([], |r| r.get(0))?.collect()
}

/// Notes that all is done. What a run that was taken back had changed is of no use any more.
pub(super) fn done(connection: &Connection, what: Unfinished) -> Result<(), Error> {
    connection.execute_batch("BEGIN IMMEDIATE; DELETE FROM main.unfinished")?;
    if has(connection, "left_out")? {
        connection.execute_batch("DELETE FROM main.left_out")?;
    }
    if what.undo {
        forget(connection, what.run)?;
    }
    connection.execute_batch("COMMIT")
}

fn number(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
