//! The settings of one extension in a dump of the panel's database: read and compared, and never written.
//!
//! What a dump tells is of the moment when it was made. Whoever goes by it lets the panel compare again: a script that is made from a dump changes nothing where
//! a row is not as the dump says.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

use camino::Utf8Path;

use super::super::form::{self, Form};
use super::super::packing::Packing;
use super::super::tables::{Tables, wanted_settings};
use super::super::{open, with_head};
use super::input::Input;
use super::{Pace, ReadTables, tables_of};
use crate::panel::Kind;
use crate::panel::catalogue;
use crate::panel::change::{Change, Compared, Mark, State, compare};
use crate::panel::evidence::Marked;
use crate::panel::settings::{MARK, Setting, Store, folded, unknown_module, without_store};
use crate::panel::source::SourceError;

/// Places in [`wanted_settings`]: the extensions, and the settings of extensions; those of objects follow in the catalogue's order.
const MODULES: usize = 0;
const OWN: usize = 1;

/// A dump of the panel's database.
pub(in crate::panel) struct Dump {
    path: String,
    /// What was read of an extension: a dump may be large, and a run asks several times.
    read: Mutex<Option<(String, Arc<Kept>)>>,
}

/// The settings of one extension.
struct Kept {
    /// The tables that the dump has, each with its rows in the order of owners and names.
    stores: Vec<(Store, Vec<Setting>)>,
}

/// The settings of one extension as a dump tells them.
pub(in crate::panel) struct Session {
    path: String,
    kept: Arc<Kept>,
}

impl Dump {
    /// The dump that `word` names; `None`: it names no file, or one of another sort.
    pub(in crate::panel) fn named_by(word: &str) -> Option<Dump> {
        if !Utf8Path::new(word).is_file() {
            return None;
        }
        let (head, _, _) = unpacked(word).ok()?;
        (form::of(&head) == Form::Text).then(|| Dump { path: word.to_owned(), read: Mutex::new(None) })
    }

    pub(in crate::panel) fn name(&self) -> &str {
        &self.path
    }

    /// The settings of the extension `module`. `None`: the dump has no table of settings.
    pub(in crate::panel) fn read(&self, module: &str) -> Result<Option<Session>, SourceError> {
        let mut known = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|(of, _)| of != module) {
            let Some(kept) = kept(&self.path, module)? else { return Ok(None) };
            *known = Some((module.to_owned(), Arc::new(kept)));
        }
        Ok(known.as_ref().map(|(_, kept)| Session { path: self.path.clone(), kept: Arc::clone(kept) }))
    }
}

/// The first bytes of a file, unpacked, a reader of all of it, and how it is packed.
type Unpacked = (Vec<u8>, Box<dyn Read + Send>, Option<Packing>);

/// Opens a file to be read unpacked.
fn unpacked(path: &str) -> Result<Unpacked, SourceError> {
    let unreadable = |error| SourceError::Unreadable { path: path.to_owned(), error };
    let (head, reader) = with_head(open(path)?).map_err(unreadable)?;
    match Packing::of(&head) {
        None => Ok((head, Box::new(reader), None)),
        Some(packing) => {
            let (head, reader) = packing.reader(reader).and_then(with_head).map_err(unreadable)?;
            Ok((head, Box::new(reader), Some(packing)))
        }
    }
}

/// The tables of settings. What is not written line by line as dump programs do is read byte by byte.
fn read_tables(path: &str) -> Result<ReadTables, SourceError> {
    for pace in [Pace::Lines, Pace::Bytes] {
        let (_, reader, packing) = unpacked(path)?;
        let read = std::thread::scope(|scope| {
            let input = Input::new(reader, scope).map_err(|error| SourceError::Unreadable { path: path.to_owned(), error })?;
            tables_of(input, path, packing, pace, wanted_settings())
        })?;
        if let Some(read) = read {
            return Ok(read);
        }
    }
    Err(SourceError::NotADump { path: path.to_owned(), line: 1, what: "its lines are not a dump program's".to_owned() })
}

fn kept(path: &str, module: &str) -> Result<Option<Kept>, SourceError> {
    let read = read_tables(path)?;
    if read.condition {
        return Err(SourceError::Server {
            server: path.to_owned(),
            what: "the dump was made with a condition (`--where`), so that settings may be lacking".to_owned(),
            help: "make a dump without a condition, or name the live panel".to_owned(),
        });
    }
    let mut tables = match read.databases.choose(path) {
        Ok((tables, _)) => tables,
        Err(SourceError::LacksTables { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(number) = number_of(&mut tables, path, module)? else { return Ok(None) };
    let facts = &catalogue::get().shared.settings;
    let mut stores = Vec::new();
    for (index, table) in wanted_settings().tables.iter().enumerate().skip(OWN) {
        let of = match index.checked_sub(OWN + 1).map(|at| facts.of[at].kind.parse::<Kind>()) {
            None => None,
            Some(Ok(kind)) => Some(kind),
            Some(Err(_)) => continue,
        };
        let Some(rows) = tables.take(index) else { continue };
        if !(0..3).all(|column| rows.has(column)) {
            if of.is_none() {
                return Ok(None);
            }
            continue;
        }
        let prefix = if of.is_some() { facts.prefix.replace("{module}", module) } else { String::new() };
        let mut settings = Vec::new();
        rows.drain(|row| {
            let owner = row[0].and_then(|id| std::str::from_utf8(id).ok()?.parse::<i64>().ok());
            let (Some(owner), Some(name)) = (owner, row[1]) else {
                let what = format!("a row of {} has no owner that is a number, or no name", table.name);
                return Err(SourceError::Server { server: path.to_owned(), what, help: "give a dump of the panel's database".to_owned() });
            };
            if let Some(name) = name.strip_prefix(prefix.as_bytes()).filter(|_| of.is_some() || owner == number) {
                let owner = if of.is_some() { owner } else { 0 };
                settings.push(Setting { of, owner, name: name.to_vec(), value: row[2].map(<[u8]>::to_vec) });
            }
            Ok(())
        })?;
        settings.sort();
        let column = |at: usize| table.columns[at];
        let store = Store {
            of,
            table: table.name.to_owned(),
            owner: column(0),
            name: column(1),
            value: column(2),
            name_length: facts.name_length,
            value_length: facts.value_length,
            without_transactions: None,
            prefix,
            further: Vec::new(),
        };
        stores.push((store, settings));
    }
    let has_own = stores.iter().any(|(store, _)| store.of.is_none());
    Ok(has_own.then_some(Kept { stores }))
}

/// The panel's number of the extension. `None`: there is no table of extensions.
fn number_of(tables: &mut Tables, path: &str, module: &str) -> Result<Option<i64>, SourceError> {
    let Some(rows) = tables.take(MODULES).filter(|rows| rows.has(0) && rows.has(1)) else { return Ok(None) };
    let mut all: Vec<(i64, Vec<u8>)> = Vec::new();
    rows.drain(|row| {
        let id = row[0].and_then(|id| std::str::from_utf8(id).ok()?.parse().ok());
        all.extend(id.zip(row[1].map(<[u8]>::to_vec)));
        Ok::<(), SourceError>(())
    })?;
    match all.iter().find(|(_, name)| name == module.as_bytes()) {
        Some((number, _)) => Ok(Some(*number)),
        None => Err(unknown_module(path, module, &all)),
    }
}

impl Session {
    pub(in crate::panel) fn server(&self) -> &str {
        &self.path
    }

    fn kept(&self, of: Option<Kind>) -> Result<&(Store, Vec<Setting>), SourceError> {
        self.kept.stores.iter().find(|(store, _)| store.of == of).ok_or_else(|| without_store(&self.path, of))
    }

    pub(in crate::panel) fn store(&self, of: Option<Kind>) -> Result<&Store, SourceError> {
        self.kept(of).map(|(store, _)| store)
    }

    pub(in crate::panel) fn each(&self, of: Option<Kind>, each: impl FnMut(Setting)) -> Result<(), SourceError> {
        let is_mark = |s: &&Setting| of.is_none() && s.name.starts_with(MARK.as_bytes());
        self.kept(of)?.1.iter().filter(|s| !is_mark(s)).cloned().for_each(each);
        Ok(())
    }

    /// What is under the names that `changes` begin with.
    pub(in crate::panel) fn settings_now(&self, changes: &[Change]) -> Result<Vec<Option<Setting>>, SourceError> {
        let of = |change: &Change| {
            let Some(wanted) = change.before() else { return Ok(None) };
            Ok(self.kept(wanted.of)?.1.iter().find(|s| s.owner == wanted.owner && s.name == wanted.name).cloned())
        };
        changes.iter().map(of).collect()
    }

    /// What the mark of that name says; `None`: it is not there.
    pub(in crate::panel) fn marked(&self, name: &[u8]) -> Result<Option<Marked>, SourceError> {
        Ok(self.kept(None)?.1.iter().find(|s| s.name == name).map(|s| Mark::read(s.value.as_deref())))
    }

    /// The names of the marks that say that a run is done.
    pub(in crate::panel) fn marks(&self) -> Result<Vec<Vec<u8>>, SourceError> {
        let is_one = |s: &&Setting| s.name.starts_with(MARK.as_bytes()) && Mark::read(s.value.as_deref()) == Marked::Done;
        Ok(self.kept(None)?.1.iter().filter(is_one).map(|s| s.name.clone()).collect())
    }

    pub(in crate::panel) fn state(&self, changes: &[Change]) -> Result<State, SourceError> {
        let compared = compare(changes, |setting| {
            let (rows, owner, name) = (&self.kept(setting.of)?.1, setting.owner, &setting.name);
            // As the server finds it: one whose name differs in case is another spelling of it.
            let exact = rows.iter().find(|s| s.owner == owner && s.name == *name);
            let found = exact.or_else(|| rows.iter().find(|s| s.owner == owner && folded(&s.name) == folded(name)));
            Ok(found.cloned())
        });
        compared.map(Compared::state)
    }
}
