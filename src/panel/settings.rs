//! The settings of extensions: in a live panel database, where they are read and written, or in a dump of one, where they are read.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Kind;
use super::source::SourceError;
use super::source::dump::settings as dump;
use super::source::live::settings as live;

/// A table of settings.
#[derive(Debug, Clone)]
pub struct Store {
    /// The kind of object that a setting belongs to; `None`: the extension itself.
    pub of: Option<Kind>,
    /// The table, as this server spells it.
    pub table: String,
    /// The column with the owner's id.
    pub owner: &'static str,
    /// The column with the name.
    pub name: &'static str,
    /// The column with the value.
    pub value: &'static str,
    /// The most characters of a name.
    pub name_length: u64,
    /// The most characters of a value.
    pub value_length: u64,
    /// What keeps the table, if it knows no transactions.
    pub without_transactions: Option<String>,
    /// What names begin with in the table. It is not part of [`Setting::name`].
    pub prefix: String,
    /// Columns that are none of these: a row that is taken out could not be put back as it was. Empty where a dump is the source: its script looks.
    pub further: Vec<String>,
}

/// A setting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Setting {
    /// The kind of object that it belongs to; `None`: the extension itself.
    pub of: Option<Kind>,
    /// That object's id; 0 for the extension itself, whose number differs from server to server.
    pub owner: i64,
    /// Its name.
    pub name: Vec<u8>,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

/// What is to become of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It gets another name, another value, or both.
    Altered {
        /// As it must be now.
        before: Setting,
        /// As it is afterwards: one of the same owner.
        after: Setting,
    },
    /// It is taken out. As it must be now.
    Removed(Setting),
    /// It comes: one that was taken out is put back. As it is afterwards; now there must be none of its name.
    Added(Setting),
}

impl Change {
    /// `before` gets that name and that value.
    #[must_use]
    pub fn altered(before: Setting, name: Vec<u8>, value: Option<Vec<u8>>) -> Change {
        let after = Setting { of: before.of, owner: before.owner, name, value };
        Change::Altered { before, after }
    }

    /// The setting as it must be now; `None`: there must be none.
    #[must_use]
    pub fn before(&self) -> Option<&Setting> {
        match self {
            Change::Altered { before, .. } | Change::Removed(before) => Some(before),
            Change::Added(_) => None,
        }
    }

    /// The setting afterwards; `None`: there is none.
    #[must_use]
    pub fn after(&self) -> Option<&Setting> {
        match self {
            Change::Altered { after, .. } | Change::Added(after) => Some(after),
            Change::Removed(_) => None,
        }
    }

    /// The setting as it is now or, where there is none now, afterwards.
    #[must_use]
    pub fn subject(&self) -> &Setting {
        match self {
            Change::Altered { before: setting, .. } | Change::Removed(setting) | Change::Added(setting) => setting,
        }
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn reversed(&self) -> Change {
        match self.clone() {
            Change::Altered { before, after } => Change::Altered { before: after, after: before },
            Change::Removed(setting) => Change::Added(setting),
            Change::Added(setting) => Change::Removed(setting),
        }
    }

    /// Whether the setting gets another name.
    #[must_use]
    pub fn renames(&self) -> bool {
        matches!(self, Change::Altered { before, after } if before.name != after.name)
    }
}

/// How the rows are that some changes are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// As all changes say they must be before.
    Before,
    /// As they are afterwards.
    After,
    /// As before, and as afterwards: the changes only exchange names of what is the same.
    Same,
    /// Neither.
    Other {
        /// What differs from before, for a person.
        list: Vec<String>,
        /// Some rows are as before, and would not be so afterwards.
        before: bool,
        /// Some rows are as afterwards, and were not so before.
        after: bool,
    },
}

/// The owner and name of a row.
pub(super) type Key = (Option<Kind>, i64, Vec<u8>);
/// The name and value of a row.
pub(super) type Found = (Vec<u8>, Option<Vec<u8>>);

/// How the rows are that `changes` are about; `row` looks one up, and may find one whose name differs in case.
pub(super) fn compare(changes: &[Change], row: &mut dyn FnMut(&Key) -> Result<Option<Found>, SourceError>) -> Result<State, SourceError> {
    let key = |s: &Setting| (s.of, s.owner, s.name.clone());
    let before: BTreeMap<Key, &Setting> = changes.iter().filter_map(Change::before).map(|s| (key(s), s)).collect();
    let after: BTreeMap<Key, &Setting> = changes.iter().filter_map(Change::after).map(|s| (key(s), s)).collect();
    let mut now: BTreeMap<Key, Option<Found>> = BTreeMap::new();
    for key in before.keys().chain(after.keys()) {
        if !now.contains_key(key) {
            let row = row(key)?;
            now.insert(key.clone(), row);
        }
    }
    let fits = |wanted: &BTreeMap<Key, &Setting>, key: &Key| match (wanted.get(key), &now[key]) {
        (None, None) => true,
        (Some(wanted), Some((name, value))) => *name == wanted.name && *value == wanted.value,
        // A name that differs in case alone, of a row that goes or that the list names as well.
        (None, Some((name, _))) => *name != key.2 && before.contains_key(&(key.0, key.1, name.clone())),
        (Some(_), None) => false,
    };
    match (now.keys().all(|k| fits(&before, k)), now.keys().all(|k| fits(&after, k))) {
        (true, true) => return Ok(State::Same),
        (true, false) => return Ok(State::Before),
        (false, true) => return Ok(State::After),
        (false, false) => {}
    }
    let told = |key: &Key| {
        let of = key.0.map_or_else(String::new, |kind| format!("{kind} {}: ", key.1));
        let found = match &now[key] {
            None => "is not there".to_owned(),
            Some((name, value)) => {
                let name = if *name == key.2 { String::new() } else { format!(" under the name {}", String::from_utf8_lossy(name)) };
                format!("is {}{name}", shown(value.as_deref()))
            }
        };
        let wanted = before.get(key).map_or_else(|| "not to be there".to_owned(), |s| shown(s.value.as_deref()));
        format!("{of}{} {found}, and was {wanted}", String::from_utf8_lossy(&key.2))
    };
    // A name that is free tells little: what is there tells.
    let some = |these: &BTreeMap<Key, &Setting>, others: &BTreeMap<Key, &Setting>| these.keys().any(|k| fits(these, k) && !fits(others, k));
    Ok(State::Other {
        list: now.keys().filter(|k| !fits(&before, k)).map(told).collect(),
        before: some(&before, &after),
        after: some(&after, &before),
    })
}

/// A value for a person.
pub(crate) fn shown(value: Option<&[u8]>) -> String {
    let Some(value) = value else { return "NULL".to_owned() };
    let text = String::from_utf8_lossy(value);
    let short: String = text.chars().take(60).collect();
    format!("'{}{}'", short.escape_debug(), if short.len() < text.len() { "…" } else { "" })
}

/// A name as servers tell names apart: without case, and without spaces at the end.
pub(crate) fn folded(name: &[u8]) -> String {
    String::from_utf8_lossy(name).trim_end().to_lowercase()
}

/// Why a setting cannot be taken out of a table with further columns.
pub(crate) fn cannot_go(store: &Store) -> String {
    let columns = store.further.join(", ");
    format!("the table {} has columns that are not known ({columns}): what is taken out of it could not be put back as it was", store.table)
}

/// The panel has no table for settings of `of`.
pub(super) fn without_store(server: &str, of: Option<Kind>) -> SourceError {
    let what = match of {
        None => "there is no table of settings".to_owned(),
        Some(kind) => format!("the panel keeps no settings of a {kind} that are known"),
    };
    SourceError::Server {
        server: server.to_owned(),
        what,
        help: "take the entry out of the manifest, or run this on the panel that has such settings".to_owned(),
    }
}

/// The panel knows `all` these extensions by number and id, and not `module`.
pub(super) fn unknown_module(server: &str, module: &str, all: &[(i64, Vec<u8>)]) -> SourceError {
    let names: Vec<_> = all.iter().map(|(_, name)| String::from_utf8_lossy(name)).collect();
    let near = names.iter().max_by(|a, b| strsim::jaro_winkler(a, module).total_cmp(&strsim::jaro_winkler(b, module)));
    let near = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    SourceError::Server {
        server: server.to_owned(),
        what: format!("the panel knows no extension `{module}`{near}"),
        help: "name the extension whose settings are meant: --module ID".to_owned(),
    }
}

/// A panel that keeps settings, by the word that names it on the command line.
pub struct Panel(Of<live::Panel, dump::Dump>);

/// What is of a live panel, or of a dump.
enum Of<L, D> {
    Live(L),
    Dump(D),
}

impl std::fmt::Debug for Panel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Panel").field(&self.name()).finish()
    }
}

impl Panel {
    /// The live panel, or the dump of one, that `word` names; `None`: it names another sort of source.
    ///
    /// # Errors
    /// It names a live panel, and its credentials cannot be found.
    pub fn named_by(word: &str) -> Result<Option<Panel>, SourceError> {
        match live::Panel::named_by(word)? {
            Some(live) => Ok(Some(Panel(Of::Live(live)))),
            None => Ok(dump::Dump::named_by(word).map(|dump| Panel(Of::Dump(dump)))),
        }
    }

    /// The panel as errors and reports name it.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Of::Live(panel) => panel.name(),
            Of::Dump(dump) => dump.name(),
        }
    }

    /// Whether settings can be written there.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.0, Of::Live(_))
    }

    /// Begins to read the settings of the extension `module`, all as of one moment. `None`: it is a dump that holds no settings.
    ///
    /// # Errors
    /// The server cannot be reached or the dump read, or there is no such extension.
    pub fn read(&self, module: &str) -> Result<Option<Session>, SourceError> {
        let of = match &self.0 {
            Of::Live(panel) => Some(Of::Live(panel.read(module)?)),
            Of::Dump(dump) => dump.read(module)?.map(Of::Dump),
        };
        Ok(of.map(|of| Session { of, module: module.to_owned() }))
    }

    /// Begins to change them; waits for locks as long as `patience`. `None`: it is a dump.
    ///
    /// # Errors
    /// As [`Panel::read`].
    pub fn write(&self, module: &str, patience: Duration) -> Result<Option<Session>, SourceError> {
        match &self.0 {
            Of::Live(panel) => Ok(Some(Session { of: Of::Live(panel.write(module, patience)?), module: module.to_owned() })),
            Of::Dump(_) => Ok(None),
        }
    }
}

/// The settings of one extension: on a live panel, a transaction. Dropped without [`Session::commit`], everything is as it was.
pub struct Session {
    of: Of<live::Session, dump::Session>,
    /// The extension's id.
    pub module: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("server", &self.server()).field("module", &self.module).finish_non_exhaustive()
    }
}

impl Session {
    /// The panel as errors and reports name it.
    #[must_use]
    pub fn server(&self) -> &str {
        match &self.of {
            Of::Live(session) => session.server(),
            Of::Dump(session) => session.server(),
        }
    }

    /// Whether the settings can be written.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.of, Of::Live(_))
    }

    /// The table of settings of `of`.
    ///
    /// # Errors
    /// The panel has none.
    pub fn store(&self, of: Option<Kind>) -> Result<&Store, SourceError> {
        match &self.of {
            Of::Live(session) => session.store(of),
            Of::Dump(session) => session.store(of),
        }
    }

    /// Calls `each` for every setting of `of`, in an order that stays the same. Where settings of the extension itself are to be changed, all of them are
    /// locked, and no new one can come.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub fn each(&mut self, of: Option<Kind>, each: impl FnMut(Setting)) -> Result<(), SourceError> {
        match &mut self.of {
            Of::Live(session) => session.each(of, each),
            Of::Dump(session) => session.each(of, each),
        }
    }

    /// How the rows are that `changes` are about.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub fn state(&mut self, changes: &[Change]) -> Result<State, SourceError> {
        match &mut self.of {
            Of::Live(session) => session.state(changes),
            Of::Dump(session) => session.state(changes),
        }
    }

    /// Makes `changes`, which must be allowed by the lengths of the columns, all at once. Nothing is durable before [`Session::commit`].
    ///
    /// # Errors
    /// The server fails, somebody else holds a lock, or a row is not as a change says; [`SourceError::Server`] lists them. Or it is a dump.
    pub fn change(&mut self, changes: &[Change]) -> Result<(), SourceError> {
        match &mut self.of {
            Of::Live(session) => session.change(changes),
            Of::Dump(session) => Err(unwritable(session.server())),
        }
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// The server fails: whether it kept the changes is not known then. Or it is a dump.
    pub fn commit(self) -> Result<(), SourceError> {
        match self.of {
            Of::Live(session) => session.commit(),
            Of::Dump(session) => Err(unwritable(session.server())),
        }
    }
}

fn unwritable(path: &str) -> SourceError {
    SourceError::Server {
        server: path.to_owned(),
        what: "settings cannot be written in a dump".to_owned(),
        help: "name the live panel, or let a script be written: --emit sql".to_owned(),
    }
}
