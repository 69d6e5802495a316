//! The settings of one extension in a live panel database, and rows of its own tables there: read, checked and written in one transaction.
//!
//! Nothing here decides anything: what is to be changed comes as lists of [`Change`]s, each with the row as it must be now. A row that is not as the list
//! says stops everything. Rows are compared byte by byte on this side: the server compares text by collation, to which `Status-5` and `status-5` are one.

use std::sync::Arc;
use std::time::Duration;

use mysql::prelude::Queryable;
use mysql::{Conn, Value, params};

use super::rows::{self, Failed};
use super::session::{TRANSACTIONAL, begin, connect, failed, quoted};
use super::{Login, login, tables};
use crate::panel::Kind;
use crate::panel::catalogue::{self, Settings};
use crate::panel::change::{Change, Changes, Compared, Mark, State, compare};
use crate::panel::evidence::{Marked, Stand};
use crate::panel::rows::{Reading, Row as TableRow, Table, There};
use crate::panel::settings::{MARK, Setting, Store, cannot_go, unknown_module, without_store};
use crate::panel::source::SourceError;

/// A live panel, by the word that names it on the command line.
pub(in crate::panel) struct Panel {
    login: Login,
}

/// A setting's row: its owner, its name, its value.
type Row = (i64, Vec<u8>, Option<Vec<u8>>);

/// A transaction on the settings of one extension. Dropped without [`Session::commit`], everything is as it was.
pub(in crate::panel) struct Session {
    connection: Conn,
    server: String,
    login: Login,
    number: i64,
    /// The tables of settings that the server has.
    stores: Vec<Store>,
    /// The extension's own tables that were asked for.
    tables: Vec<Table>,
    writing: bool,
}

impl Panel {
    /// The live panel that `word` names; `None`: it names another sort of source.
    ///
    /// # Errors
    /// It names a live panel, and its credentials cannot be found.
    pub(in crate::panel) fn named_by(word: &str) -> Result<Option<Panel>, SourceError> {
        if super::is_named_by(word) { Ok(Some(Panel { login: login(word)? })) } else { Ok(None) }
    }

    /// The server as errors and reports name it.
    #[must_use]
    pub(in crate::panel) fn name(&self) -> &str {
        &self.login.name
    }

    /// Begins to read the settings of the extension `module`, all as of one moment.
    ///
    /// # Errors
    /// The server cannot be reached, or has no such extension.
    pub(in crate::panel) fn read(&self, module: &str) -> Result<Session, SourceError> {
        self.open(module, None)
    }

    /// Begins to change them; waits for locks as long as `patience`.
    ///
    /// # Errors
    /// As [`Panel::read`].
    pub(in crate::panel) fn write(&self, module: &str, patience: Duration) -> Result<Session, SourceError> {
        self.open(module, Some(patience))
    }

    fn open(&self, module: &str, writing: Option<Duration>) -> Result<Session, SourceError> {
        let fail = |error: mysql::Error| failed(&self.login, &error);
        let mut connection = connect(&self.login).map_err(fail)?;
        // Times come back as they are read whatever the server's zone is.
        connection.query_drop("SET SESSION time_zone = '+00:00'").map_err(fail)?;
        match writing {
            None => {
                connection.query_drop(format!("SET SESSION sql_mode = '{}'", rows::write::MODE)).map_err(fail)?;
                begin(&mut connection).map_err(fail)?;
            }
            Some(patience) => {
                let seconds = patience.as_secs().max(1);
                let text = format!(
                    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ;
                     SET SESSION sql_mode = '{}';
                     SET SESSION innodb_lock_wait_timeout = {seconds};
                     SET SESSION lock_wait_timeout = {seconds};
                     START TRANSACTION",
                    rows::write::MODE
                );
                text.split(';').try_for_each(|sql| connection.query_drop(sql)).map_err(fail)?;
            }
        }
        let facts = &catalogue::get().shared.settings;
        let stores = stores(&mut connection, facts, module).map_err(fail)?;
        let modules = spelled(&mut connection, &facts.modules.table).map_err(fail)?;
        let lacking = |what: String, help: &str| SourceError::Server { server: self.login.name.clone(), what, help: help.to_owned() };
        let Some(modules) = modules.filter(|_| stores.iter().any(|s| s.of.is_none())) else {
            return Err(lacking(
                format!("there is no table {} or {}: this is no panel's database", facts.modules.table, facts.own.table),
                "name the panel's database after the server: `mysql://USER@HOST/DATABASE`",
            ));
        };
        let sql = format!("SELECT {}, {} FROM {}", quoted(&facts.modules.id), quoted(&facts.modules.name), quoted(&modules));
        let all: Vec<(i64, Vec<u8>)> = connection.query(sql).map_err(fail)?;
        let Some((number, _)) = all.iter().find(|(_, name)| name == module.as_bytes()) else {
            return Err(unknown_module(&self.login.name, module, &all));
        };
        Ok(Session {
            connection,
            server: self.login.name.clone(),
            login: self.login.clone(),
            number: *number,
            stores,
            tables: Vec::new(),
            writing: writing.is_some(),
        })
    }
}

/// How the server spells the table `name`, if it has it: case is lost on some.
fn spelled(connection: &mut Conn, name: &str) -> mysql::Result<Option<String>> {
    let sql = "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND LOWER(TABLE_NAME) = LOWER(:name)";
    let found: Vec<Vec<u8>> = connection.exec(sql, params! { "name" => name })?;
    let text = found.into_iter().map(|n| String::from_utf8_lossy(&n).into_owned());
    // The server finds more than is meant: it compares names as people do.
    let text = text.filter(|n| n.eq_ignore_ascii_case(name)).collect::<Vec<_>>();
    Ok(text.iter().find(|n| *n == name).or(text.first()).cloned())
}

/// The tables of settings that the server has.
fn stores(connection: &mut Conn, facts: &'static Settings, module: &str) -> mysql::Result<Vec<Store>> {
    let own = &facts.own;
    let mut wanted = vec![(None, own.table.as_str(), own.owner.as_str(), own.name.as_str(), own.value.as_str())];
    for of in &facts.of {
        if let Ok(kind) = of.kind.parse::<Kind>() {
            wanted.push((Some(kind), &of.table, &of.owner, &of.name, &of.value));
        }
    }
    let mut stores = Vec::new();
    for (of, table, owner, name, value) in wanted {
        let Some(table) = spelled(connection, table)? else { continue };
        let mut length = |column: &str, usual: u64| -> mysql::Result<u64> {
            let sql = "SELECT CHARACTER_MAXIMUM_LENGTH FROM information_schema.COLUMNS
                       WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table AND LOWER(COLUMN_NAME) = LOWER(:column)";
            let found: Option<Option<u64>> = connection.exec_first(sql, params! { "table" => &table, "column" => column })?;
            Ok(found.flatten().unwrap_or(usual))
        };
        let (name_length, value_length) = (length(name, facts.name_length)?, length(value, facts.value_length)?);
        let sql = "SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table";
        let engine: Option<Option<String>> = connection.exec_first(sql, params! { "table" => &table })?;
        let without_transactions = engine.flatten().filter(|e| !TRANSACTIONAL.iter().any(|t| t.eq_ignore_ascii_case(e)));
        let prefix = if of.is_some() { facts.prefix.replace("{module}", module) } else { String::new() };
        let sql = "SELECT COLUMN_NAME FROM information_schema.COLUMNS
                   WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table ORDER BY ORDINAL_POSITION";
        let columns: Vec<Vec<u8>> = connection.exec(sql, params! { "table" => &table })?;
        let columns = columns.into_iter().map(|c| String::from_utf8_lossy(&c).into_owned());
        let further = columns.filter(|c| ![owner, name, value].iter().any(|known| c.eq_ignore_ascii_case(known))).collect();
        stores.push(Store { of, table, owner, name, value, name_length, value_length, without_transactions, prefix, further });
    }
    Ok(stores)
}

impl Session {
    /// The server as errors and reports name it.
    #[must_use]
    pub(in crate::panel) fn server(&self) -> &str {
        &self.server
    }

    /// The table of settings of `of`.
    ///
    /// # Errors
    /// The server has none.
    pub(in crate::panel) fn store(&self, of: Option<Kind>) -> Result<&Store, SourceError> {
        self.stores.iter().find(|s| s.of == of).ok_or_else(|| without_store(&self.server, of))
    }

    fn fail(&self, error: &mysql::Error) -> SourceError {
        failed(&self.login, error)
    }

    /// Calls `each` for every setting of `of`, in an order that stays the same. Where settings of the extension itself are to be changed, all of them are
    /// locked, and no new one can come.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn each(&mut self, of: Option<Kind>, mut each: impl FnMut(Setting)) -> Result<(), SourceError> {
        let store = self.store(of)?.clone();
        let (table, owner, name, value) = (quoted(&store.table), quoted(store.owner), quoted(store.name), quoted(store.value));
        // A search for a beginning would lock the whole table: rows of objects are locked one by one when they are changed.
        let lock = if self.writing && of.is_none() { " FOR UPDATE" } else { "" };
        let (condition, argument) = if of.is_none() {
            (format!("{owner} = :what"), Value::Int(self.number))
        } else {
            (format!("LEFT({name}, CHAR_LENGTH(:what)) = :what"), Value::Bytes(store.prefix.clone().into_bytes()))
        };
        let sql = format!("SELECT {owner}, {name}, {value} FROM {table} WHERE {condition} ORDER BY {owner}, {name}{lock}");
        let login = &self.login;
        let fail = |e: mysql::Error| failed(login, &e);
        let result = self.connection.exec_iter(sql, params! { "what" => argument }).map_err(fail)?;
        for row in result {
            let row = mysql::from_row_opt::<Row>(row.map_err(fail)?);
            let (owner, name, value) = row.map_err(|_| unfit(login, &store))?;
            // A mark of reguid's is no setting of the extension.
            if let Some(name) = name.strip_prefix(store.prefix.as_bytes()).filter(|name| of.is_some() || !name.starts_with(MARK.as_bytes()))
            {
                let owner = if of.is_none() { 0 } else { owner };
                each(Setting { of, owner, name: name.to_vec(), value });
            }
        }
        Ok(())
    }

    /// The row in the place of a setting, locked where the session writes; the server may find one whose name differs in case.
    fn row(&mut self, wanted: &Setting) -> Result<Option<Setting>, SourceError> {
        let store = self.store(wanted.of)?.clone();
        let lock = if self.writing { " FOR UPDATE" } else { "" };
        let sql = format!(
            "SELECT {1}, {2} FROM {0} WHERE {3} = :owner AND {1} = :name{lock}",
            quoted(&store.table),
            quoted(store.name),
            quoted(store.value),
            quoted(store.owner)
        );
        let arguments = params! { "owner" => self.owner(wanted.of, wanted.owner), "name" => with_prefix(&store, &wanted.name) };
        let found: Option<mysql::Row> = self.connection.exec_first(sql, arguments).map_err(|e| failed(&self.login, &e))?;
        let found: Option<(Vec<u8>, Option<Vec<u8>>)> =
            found.map(mysql::from_row_opt).transpose().map_err(|_| unfit(&self.login, &store))?;
        let setting = |(name, value): (Vec<u8>, Option<Vec<u8>>)| {
            let name = name.strip_prefix(store.prefix.as_bytes())?.to_vec();
            Some(Setting { of: wanted.of, owner: wanted.owner, name, value })
        };
        Ok(found.and_then(setting))
    }

    fn owner(&self, of: Option<Kind>, owner: i64) -> i64 {
        if of.is_none() { self.number } else { owner }
    }

    /// The declaration of a table of the panel's database; `None`: there is none of that name.
    ///
    /// # Errors
    /// The server fails.
    pub(in crate::panel) fn table(&mut self, name: &str) -> Result<Option<Table>, SourceError> {
        if let Some(known) = self.tables.iter().find(|t| *t.name == *name) {
            return Ok(Some(known.clone()));
        }
        let found = tables::table(&mut self.connection, name).map_err(|e| self.told(e))?;
        if let Some(table) = found.as_ref().filter(|table| !self.tables.iter().any(|t| t.name == table.name)) {
            self.tables.push(table.clone());
        }
        Ok(found)
    }

    /// Calls `each` for every row of a table, in the order of its key, with those columns beside the key. Where rows are to be changed, all of them are locked.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn rows(&mut self, table: &Table, reading: &Reading, each: impl FnMut(TableRow, bool)) -> Result<(), SourceError> {
        rows::each(&mut self.connection, table, reading, self.writing, each).map_err(|e| self.told(e))
    }

    /// Which of the rows that `changes` begin with are there, by their keys.
    ///
    /// # Errors
    /// The server fails.
    pub(in crate::panel) fn there(&mut self, changes: &[Change<TableRow>]) -> Result<Vec<There>, SourceError> {
        self.know(changes)?;
        rows::there(&mut self.connection, &self.tables, changes).map_err(|e| self.told(e))
    }

    /// Reads the declarations of the tables of some changes.
    fn know(&mut self, changes: &[Change<TableRow>]) -> Result<(), SourceError> {
        let mut names: Vec<&Arc<str>> = changes.iter().map(|c| &c.subject().table).collect();
        names.dedup();
        names.into_iter().try_for_each(|name| self.table(name).map(drop))
    }

    fn told(&self, failed: Failed) -> SourceError {
        match failed {
            Failed::Server(error) => self.fail(&error),
            Failed::Refused(what, help) => self.refused(what, help),
        }
    }

    fn compare(&mut self, changes: &Changes) -> Result<Compared, SourceError> {
        let settings = compare(&changes.settings, |setting| self.row(setting))?;
        self.know(&changes.rows)?;
        let rows = rows::state(&mut self.connection, &self.tables, &changes.rows, self.writing).map_err(|e| self.told(e))?;
        Ok(settings.and(rows))
    }

    /// How the settings and rows are that `changes` are about.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn state(&mut self, changes: &Changes) -> Result<State, SourceError> {
        self.compare(changes).map(Compared::state)
    }

    /// Makes `changes`, which must be allowed by the columns, all at once. Nothing is durable before [`Session::commit`].
    ///
    /// # Errors
    /// The server fails, somebody else holds a lock, or something is not as a change says; [`SourceError::Server`] lists it.
    pub(in crate::panel) fn change(&mut self, changes: &Changes) -> Result<(), SourceError> {
        let settings = &changes.settings;
        let is_changed =
            |store: &Store| settings.iter().any(|c| c.subject().of == store.of) || changes.mark.is_some() && store.of.is_none();
        if let Some(store) = self.stores.iter().find(|s| s.without_transactions.is_some() && is_changed(s)) {
            let engine = store.without_transactions.as_deref().unwrap_or_default();
            return Err(self.refused(
                format!("the table {} is kept by {engine}, which knows no transactions", store.table),
                "write the changes as a script instead, and run it while the panel is stopped: --emit sql",
            ));
        }
        match self.state(changes)? {
            // Rows that only exchange their keys look the same by what of them changes.
            State::Before | State::Same => {}
            State::After => return Err(self.refused("the panel's database was changed already".into(), "plan again; nothing was written")),
            State::Other { list, .. } => {
                return Err(
                    self.refused(format!("the panel's database changed in between: {}", some(&list)), "plan again; nothing was written")
                );
            }
        }
        let token = self.token()?;
        self.change_settings(settings, &token)?;
        changes.mark.as_ref().map_or(Ok(()), |mark| self.set_mark(mark))?;
        rows::write::change(&mut self.connection, &self.tables, &changes.rows, &token).map_err(|e| self.told(e))?;
        match self.state(changes)? {
            State::After | State::Same => Ok(()),
            _ => Err(self.refused(
                "the server did not keep what was written".into(),
                "nothing was changed; please report this with the tables' declarations",
            )),
        }
    }

    /// What the mark of that name says; `None`: it is not there.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn marked(&mut self, name: &[u8]) -> Result<Option<Marked>, SourceError> {
        let found = self.row(&mark(name, None))?.filter(|found| found.name == name);
        Ok(found.map(|found| Mark::read(found.value.as_deref())))
    }

    /// The names of the marks that say that a run changed rows.
    ///
    /// # Errors
    /// The server fails.
    pub(in crate::panel) fn marks(&mut self) -> Result<Vec<Vec<u8>>, SourceError> {
        let store = self.store(None)?.clone();
        let (table, name, value) = (quoted(&store.table), quoted(store.name), quoted(store.value));
        let sql =
            format!("SELECT {name}, {value} FROM {table} WHERE {} = ? AND {name} LIKE '{MARK}%' ORDER BY {name}", quoted(store.owner));
        let found: Vec<(Vec<u8>, Option<Vec<u8>>)> = self.connection.exec(sql, (self.number,)).map_err(|e| self.fail(&e))?;
        let done = found.into_iter().filter(|(_, value)| Mark::read(value.as_deref()) == Marked::Done);
        Ok(done.map(|(name, _)| name).filter(|name| name.starts_with(MARK.as_bytes())).collect())
    }

    /// Lets a mark say what it is to say, and looks whether it does.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn set_mark(&mut self, wanted: &Mark) -> Result<(), SourceError> {
        let setting = mark(&wanted.name, Some(wanted.value()));
        match self.marked(&wanted.name)? {
            Some(says) if says == wanted.says => return Ok(()),
            Some(_) => self.update(&setting, &wanted.name, None, Some(&setting.value))?,
            None => self.insert(&setting)?,
        }
        if self.marked(&wanted.name)? == Some(wanted.says) {
            return Ok(());
        }
        Err(self.refused("the server did not keep the run's mark".into(), "nothing was changed; please report this"))
    }

    /// Takes out a mark that says that its run was taken back.
    ///
    /// # Errors
    /// The server fails.
    fn clear_mark(&mut self, name: &[u8]) -> Result<(), SourceError> {
        if self.marked(name)? == Some(Marked::TakenBack) { self.take(&mark(name, None)) } else { Ok(()) }
    }

    /// Takes the mark of a run out, whatever it says.
    ///
    /// # Errors
    /// The server fails.
    pub(in crate::panel) fn take_mark(&mut self, name: &[u8]) -> Result<(), SourceError> {
        if self.marked(name)?.is_some() { self.take(&mark(name, None)) } else { Ok(()) }
    }

    /// As [`Self::clear_mark`], in a transaction of its own.
    ///
    /// # Errors
    /// The server fails.
    pub(in crate::panel) fn clear_mark_at_once(&mut self, name: &[u8]) -> Result<(), SourceError> {
        self.connection.query_drop("START TRANSACTION").map_err(|e| failed(&self.login, &e))?;
        self.clear_mark(name)?;
        self.commit()
    }

    /// How the row is that each of `changes`, which a run made, is about.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn stands(&mut self, changes: &[Change<TableRow>]) -> Result<Vec<Stand>, SourceError> {
        self.know(changes)?;
        rows::stands(&mut self.connection, &self.tables, changes, self.writing).map_err(|e| self.told(e))
    }

    /// Learns by what the rows that get other keys are known again.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn learn(&mut self, changes: &mut [Change<TableRow>]) -> Result<(), SourceError> {
        self.know(changes)?;
        rows::learn(&mut self.connection, &self.tables, changes, self.writing).map_err(|e| self.told(e))
    }

    /// What there is now under the keys that `changes` begin with.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn now(&mut self, changes: &[Change<TableRow>]) -> Result<Vec<Option<TableRow>>, SourceError> {
        self.know(changes)?;
        rows::now(&mut self.connection, &self.tables, changes, self.writing).map_err(|e| self.told(e))
    }

    /// What there is now under the names that `changes` begin with.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub(in crate::panel) fn settings_now(&mut self, changes: &[Change]) -> Result<Vec<Option<Setting>>, SourceError> {
        let of =
            |change: &Change| change.before().map_or(Ok(None), |setting| Ok(self.row(setting)?.filter(|now| now.name == setting.name)));
        changes.iter().map(of).collect()
    }

    fn change_settings(&mut self, changes: &[Change], token: &str) -> Result<(), SourceError> {
        // A name may be another row's new one: first all that get another name step aside, and what is taken out goes.
        let aside = |n: usize| format!("~reguid-{token}-{n}").into_bytes();
        for (n, change) in changes.iter().enumerate() {
            match change {
                Change::Altered { before, .. } if change.renames() => self.update(before, &before.name, Some(&aside(n)), None)?,
                Change::Removed(setting) => self.delete(setting)?,
                Change::Altered { .. } | Change::Added(_) => {}
            }
        }
        for (n, change) in changes.iter().enumerate() {
            match change {
                Change::Altered { before, after } if change.renames() => {
                    self.update(before, &aside(n), Some(&after.name), Some(&after.value))?;
                }
                Change::Altered { before, after } => self.update(before, &before.name, None, Some(&after.value))?,
                Change::Added(setting) => self.insert(setting)?,
                Change::Removed(_) => {}
            }
        }
        Ok(())
    }

    /// A text that no setting's name has in it.
    pub(in crate::panel) fn token(&mut self) -> Result<String, SourceError> {
        let token: Option<String> = self.connection.query_first("SELECT LEFT(SHA1(UUID()), 12)").map_err(|e| failed(&self.login, &e))?;
        Ok(token.unwrap_or_default())
    }

    fn update(
        &mut self,
        setting: &Setting,
        from: &[u8],
        name: Option<&Vec<u8>>,
        value: Option<&Option<Vec<u8>>>,
    ) -> Result<(), SourceError> {
        let store = self.store(setting.of)?.clone();
        let mut set = Vec::new();
        let mut arguments: Vec<Value> = Vec::new();
        if let Some(name) = name {
            set.push(format!("{} = ?", quoted(store.name)));
            arguments.push(Value::Bytes(with_prefix(&store, name)));
        }
        if let Some(value) = value {
            set.push(format!("{} = ?", quoted(store.value)));
            arguments.push(value.clone().map_or(Value::NULL, Value::Bytes));
        }
        arguments.push(Value::Int(self.owner(setting.of, setting.owner)));
        arguments.push(Value::Bytes(with_prefix(&store, from)));
        let sql = format!(
            "UPDATE {} SET {} WHERE {} = ? AND {} = ?",
            quoted(&store.table),
            set.join(", "),
            quoted(store.owner),
            quoted(store.name)
        );
        // A row that is to keep its bytes counts as found, not as changed.
        self.write(sql, arguments)
    }

    fn delete(&mut self, setting: &Setting) -> Result<(), SourceError> {
        let store = self.store(setting.of)?.clone();
        if !store.further.is_empty() {
            return Err(self.refused(cannot_go(&store), "nothing was changed: take the setting out by hand"));
        }
        self.take(setting)
    }

    fn take(&mut self, setting: &Setting) -> Result<(), SourceError> {
        let store = self.store(setting.of)?.clone();
        let sql = format!("DELETE FROM {} WHERE {} = ? AND {} = ?", quoted(&store.table), quoted(store.owner), quoted(store.name));
        let arguments = vec![Value::Int(self.owner(setting.of, setting.owner)), Value::Bytes(with_prefix(&store, &setting.name))];
        self.write(sql, arguments)
    }

    fn insert(&mut self, setting: &Setting) -> Result<(), SourceError> {
        let store = self.store(setting.of)?.clone();
        let columns = [store.owner, store.name, store.value].map(quoted).join(", ");
        let value = setting.value.clone().map_or(Value::NULL, Value::Bytes);
        let arguments = vec![Value::Int(self.owner(setting.of, setting.owner)), Value::Bytes(with_prefix(&store, &setting.name)), value];
        self.write(format!("INSERT INTO {} ({columns}) VALUES (?, ?, ?)", quoted(&store.table)), arguments)
    }

    /// Writes what is about one row at most.
    fn write(&mut self, sql: String, arguments: Vec<Value>) -> Result<(), SourceError> {
        self.connection.exec_drop(sql, arguments).map_err(|e| self.fail(&e))?;
        if self.connection.affected_rows() > 1 {
            return Err(self.refused("more than one row was changed where one was meant".into(), "nothing was changed; please report this"));
        }
        Ok(())
    }

    fn refused(&self, what: String, help: &str) -> SourceError {
        SourceError::Server { server: self.server.clone(), what, help: help.to_owned() }
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// The server fails. Whether it kept the changes is not known then.
    pub(in crate::panel) fn commit(&mut self) -> Result<(), SourceError> {
        self.connection.query_drop("COMMIT").map_err(|e| failed(&self.login, &e))
    }
}

/// A mark as the setting that it is.
fn mark(name: &[u8], value: Option<&str>) -> Setting {
    Setting { of: None, owner: 0, name: name.to_vec(), value: value.map(|v| v.as_bytes().to_vec()) }
}

/// The columns of a table hold something else than settings do.
fn unfit(login: &Login, store: &Store) -> SourceError {
    let what = format!("the columns of {} hold something else than settings", store.table);
    SourceError::Server { server: login.name.clone(), what, help: "name the panel's database after the server".to_owned() }
}

fn with_prefix(store: &Store, name: &[u8]) -> Vec<u8> {
    [store.prefix.as_bytes(), name].concat()
}

/// The first of a list.
fn some(list: &[String]) -> String {
    let more = if list.len() > 5 { format!("; and {} more", list.len() - 5) } else { String::new() };
    list.iter().take(5).cloned().collect::<Vec<_>>().join("; ") + &more
}
