//! The settings of extensions: in a live panel database, where they are read and written, or in a dump of one, where they are read. In a live one, also the
//! rows of tables that extensions have there.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use super::Kind;
use super::change::{Change, Changes, Item, Mark, State, shown};
use super::evidence::{Evidence, Known, Marked, Stand, Tally};
use super::rows::{Reading, Row, Table, There};
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

impl Item for Setting {
    type Key<'a> = (Option<Kind>, i64, &'a [u8]);

    fn key(&self) -> Self::Key<'_> {
        (self.of, self.owner, &self.name)
    }

    fn has_key_of(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    fn is(&self, found: &Self) -> bool {
        self == found
    }

    fn told(this: &Self, found: Option<&Self>, wanted: Option<&Self>) -> String {
        let of = this.of.map_or_else(String::new, |kind| format!("{kind} {}: ", this.owner));
        let found = match found {
            None => "is not there".to_owned(),
            Some(found) => {
                let name = String::from_utf8_lossy(&found.name);
                let name = if found.name == this.name { String::new() } else { format!(" under the name {name}") };
                format!("is {}{name}", shown(found.value.as_deref()))
            }
        };
        let wanted = wanted.map_or_else(|| "not to be there".to_owned(), |s| shown(s.value.as_deref()));
        format!("{of}{} {found}, and was {wanted}", String::from_utf8_lossy(&this.name))
    }
}

/// A name as servers tell names apart: without case, and without spaces at the end.
pub(crate) fn folded(name: &[u8]) -> String {
    String::from_utf8_lossy(name).trim_end().to_lowercase()
}

/// What the names of marks begin with.
pub(super) const MARK: &str = "reguid-run-";

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

    /// The declaration of a table of the panel's database; `None`: there is none of that name.
    ///
    /// # Errors
    /// The server fails, or it is a dump, of which no such tables are read.
    pub fn table(&mut self, name: &str) -> Result<Option<Table>, SourceError> {
        match &mut self.of {
            Of::Live(session) => session.table(name),
            Of::Dump(session) => Err(no_rows(session.server())),
        }
    }

    /// Calls `each` for every row of a table, in the order of its key, with what `reading` says, and whether its text is sound. Where rows are to be changed, all of them are locked,
    /// and no new one can come.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock; or it is a dump.
    pub fn rows(&mut self, table: &Table, reading: &Reading, each: impl FnMut(Row, bool)) -> Result<(), SourceError> {
        match &mut self.of {
            Of::Live(session) => session.rows(table, reading, each),
            Of::Dump(session) => Err(no_rows(session.server())),
        }
    }

    /// A mark for what a run changes, which no extension has among its settings. Its name has no digits, so that no pattern of ids fits it.
    ///
    /// # Errors
    /// The server fails.
    pub fn mark(&mut self) -> Result<Mark, SourceError> {
        let token = match &mut self.of {
            Of::Live(session) => session.token()?,
            Of::Dump(_) => format!("{:012x}", RandomState::new().build_hasher().finish() & 0xffff_ffff_ffff),
        };
        let letter = |digit: char| digit.to_digit(16).and_then(|d| char::from_u32(u32::from('g') + d)).unwrap_or('z');
        let name = format!("{MARK}{}", token.chars().map(letter).collect::<String>());
        Ok(Mark { name: name.into_bytes(), says: Marked::Done })
    }

    /// The names of the extension's marks that say that a run is done.
    ///
    /// # Errors
    /// The server fails.
    pub fn marks(&mut self) -> Result<Vec<Vec<u8>>, SourceError> {
        match &mut self.of {
            Of::Live(session) => session.marks(),
            Of::Dump(session) => session.marks(),
        }
    }

    /// What a mark says; `None`: it is not there.
    ///
    /// # Errors
    /// The server fails.
    pub fn marked(&mut self, mark: &Mark) -> Result<Option<Marked>, SourceError> {
        match &mut self.of {
            Of::Live(session) => session.marked(&mark.name),
            Of::Dump(session) => session.marked(&mark.name),
        }
    }

    /// Lets a mark say what it is to say.
    ///
    /// # Errors
    /// The server fails; or it is a dump.
    pub fn set_mark(&mut self, mark: &Mark) -> Result<(), SourceError> {
        self.live()?.set_mark(mark)
    }

    /// Takes out the mark of a run that was taken back, whatever it says, with all else that is committed.
    ///
    /// # Errors
    /// The server fails; or it is a dump.
    pub fn take_mark(&mut self, mark: &Mark) -> Result<(), SourceError> {
        self.live()?.take_mark(&mark.name)
    }

    /// Takes out a mark that says so, after a commit, once it is noted elsewhere that the run was taken back. Durable at once.
    ///
    /// # Errors
    /// The server fails; or it is a dump.
    pub fn clear_mark_at_once(&mut self, mark: &Mark) -> Result<(), SourceError> {
        self.live()?.clear_mark_at_once(&mark.name)
    }

    /// What speaks for or against a run's `changes` being there.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock; or it is a dump, and there are changes of rows.
    pub fn evidence(&mut self, changes: &Changes, known: Known) -> Result<Evidence, SourceError> {
        let marked = changes.mark.as_ref().map(|mark| self.marked(mark)).transpose()?.flatten();
        let stands = if changes.rows.is_empty() { Vec::new() } else { self.stands(&changes.rows)? };
        let tables = changes.rows.iter().map(|c| &c.subject().table);
        let mut tallies = Tally::of(tables.zip(&stands), "row");
        // Settings tell where there are no rows and no mark: what differs where the mark is, the extension itself wrote.
        if !changes.rows.is_empty() || marked.is_some() {
            return Ok(Evidence { known, marked, tallies, hold: None, elsewhere: None });
        }
        let stands = self.stands_of_settings(&changes.settings)?;
        let of = |change: &Change| change.subject().of.map_or("settings".into(), |kind| format!("settings of each {kind}").into());
        let sorts: Vec<Arc<str>> = changes.settings.iter().map(of).collect();
        // One that the run took out may have come again: its name is another object's now.
        let telling = changes.settings.iter().zip(sorts.iter().zip(&stands));
        let telling = telling.filter(|(change, _)| known == Known::Open || change.after().is_some());
        tallies.extend(Tally::of(telling.map(|(_, tally)| tally), "setting"));
        Ok(Evidence { known, marked, tallies, hold: None, elsewhere: None })
    }

    /// How the setting is that each of a run's `changes` is about.
    fn stands_of_settings(&mut self, changes: &[Change]) -> Result<Vec<Stand>, SourceError> {
        let now = self.settings_now(changes)?;
        let coming: Vec<Change> = changes.iter().map(Change::reversed).collect();
        let then = self.settings_now(&coming)?;
        // What a run took out, another of its settings may have come in the place of, and look the same.
        let places: BTreeSet<_> = changes.iter().filter_map(Change::after).map(Item::key).collect();
        let all = changes.iter().zip(now.iter().zip(&then));
        Ok(all
            .map(|(change, (now, then))| match stand(change, now.as_ref(), then.as_ref()) {
                Stand::Before if change.after().is_none() && places.contains(&change.subject().key()) => Stand::Same,
                stand => stand,
            })
            .collect())
    }

    /// How the row is that each of a run's `changes` is about.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock; or it is a dump.
    pub fn stands(&mut self, changes: &[Change<Row>]) -> Result<Vec<Stand>, SourceError> {
        self.live()?.stands(changes)
    }

    /// What there is now under the names that `changes` begin with, byte by byte.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock.
    pub fn settings_now(&mut self, changes: &[Change]) -> Result<Vec<Option<Setting>>, SourceError> {
        match &mut self.of {
            Of::Live(session) => session.settings_now(changes),
            Of::Dump(session) => session.settings_now(changes),
        }
    }

    /// Learns by what the rows that get other keys are known again. They must be as the changes say.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock; or it is a dump.
    pub fn learn(&mut self, changes: &mut [Change<Row>]) -> Result<(), SourceError> {
        self.live()?.learn(changes)
    }

    /// What there is now under the keys that `changes` begin with, byte by byte; of each the columns that some of them change.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock; or it is a dump.
    pub fn now(&mut self, changes: &[Change<Row>]) -> Result<Vec<Option<Row>>, SourceError> {
        self.live()?.now(changes)
    }

    fn live(&mut self) -> Result<&mut live::Session, SourceError> {
        match &mut self.of {
            Of::Live(session) => Ok(session),
            Of::Dump(session) => Err(no_rows(session.server())),
        }
    }

    /// Which of the rows that `changes` begin with are there, by their keys.
    ///
    /// # Errors
    /// The server fails; or it is a dump.
    pub fn there(&mut self, changes: &[Change<Row>]) -> Result<Vec<There>, SourceError> {
        match &mut self.of {
            Of::Live(session) => session.there(changes),
            Of::Dump(session) => Err(no_rows(session.server())),
        }
    }

    /// How the settings and rows are that `changes` are about.
    ///
    /// # Errors
    /// The server fails, or somebody else holds a lock; or it is a dump and rows of tables are asked for.
    pub fn state(&mut self, changes: &Changes) -> Result<State, SourceError> {
        match &mut self.of {
            Of::Live(session) => session.state(changes),
            Of::Dump(session) if !changes.rows.is_empty() => Err(no_rows(session.server())),
            Of::Dump(session) => session.state(&changes.settings),
        }
    }

    /// Makes `changes`, which must be allowed by the columns, all at once. Nothing is durable before [`Session::commit`].
    ///
    /// # Errors
    /// The server fails, somebody else holds a lock, or something is not as a change says; [`SourceError::Server`] lists it. Or it is a dump.
    pub fn change(&mut self, changes: &Changes) -> Result<(), SourceError> {
        match &mut self.of {
            Of::Live(session) => session.change(changes),
            Of::Dump(session) => Err(unwritable(session.server())),
        }
    }

    /// Makes everything durable.
    ///
    /// # Errors
    /// The server fails: whether it kept the changes is not known then. Or it is a dump.
    pub fn commit(&mut self) -> Result<(), SourceError> {
        match &mut self.of {
            Of::Live(session) => session.commit(),
            Of::Dump(session) => Err(unwritable(session.server())),
        }
    }
}

/// How the setting is that a run's `change` is about: what there is `now` under its name of before, and `then` under that of afterwards.
fn stand(change: &Change, now: Option<&Setting>, then: Option<&Setting>) -> Stand {
    let Change::Altered { before, after } = change else {
        return match now {
            None => Stand::Out,
            Some(now) if Some(now) == change.before() => Stand::Before,
            Some(_) => Stand::Gone,
        };
    };
    // Two settings may exchange their names, and look the same.
    match (now == Some(before), then == Some(after)) {
        (true, true) => Stand::Same,
        (true, false) => Stand::Before,
        (false, true) => Stand::After,
        (false, false) if now.is_none() && then.is_none() => Stand::Gone,
        (false, false) => Stand::Neither,
    }
}

fn no_rows(path: &str) -> SourceError {
    SourceError::Server {
        server: path.to_owned(),
        what: "of an extension's own tables in the panel's database, nothing is read from a dump".to_owned(),
        help: "name the live panel: plesk: or mysql://…".to_owned(),
    }
}

fn unwritable(path: &str) -> SourceError {
    SourceError::Server {
        server: path.to_owned(),
        what: "settings cannot be written in a dump".to_owned(),
        help: "name the live panel, or let a script be written: --emit sql".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(name: &str, value: &str) -> Setting {
        Setting { of: None, owner: 0, name: name.into(), value: Some(value.into()) }
    }

    #[test]
    fn a_setting_tells_by_its_name_and_its_value() {
        let (five, seven, other) = (setting("n", "5"), setting("n", "7"), setting("n", "8"));
        let value = Change::altered(five.clone(), b"n".to_vec(), Some(b"7".to_vec()));
        for (now, wanted) in
            [(Some(&five), Stand::Before), (Some(&seven), Stand::After), (Some(&other), Stand::Neither), (None, Stand::Gone)]
        {
            assert_eq!(stand(&value, now, now), wanted, "{now:?}");
        }
        // `s-5` becomes `s-7`, while another one may take the name that it had.
        let (before, after) = (setting("s-5", "x"), setting("s-7", "x"));
        let name = Change::altered(before.clone(), after.name.clone(), after.value.clone());
        let (at_5, at_7) = (setting("s-5", "y"), setting("s-7", "y"));
        for (now, then, wanted) in [
            (Some(&before), None, Stand::Before),
            (Some(&before), Some(&at_7), Stand::Before),
            (None, Some(&after), Stand::After),
            (Some(&at_5), Some(&after), Stand::After),
            (Some(&before), Some(&after), Stand::Same),
            (Some(&at_5), Some(&at_7), Stand::Neither),
            (Some(&at_5), None, Stand::Neither),
            (None, None, Stand::Gone),
        ] {
            assert_eq!(stand(&name, now, then), wanted, "{now:?} {then:?}");
        }
        let removed = Change::Removed(five.clone());
        for (now, wanted) in [(Some(&five), Stand::Before), (Some(&seven), Stand::Gone), (None, Stand::Out)] {
            assert_eq!(stand(&removed, now, None), wanted, "{now:?}");
        }
    }
}
