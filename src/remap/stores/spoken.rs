//! What looks as before a run and speaks of now all the same, since a person said so.

use camino::Utf8Path;
use rustc_hash::FxHashSet;

use super::super::error::{Context, RemapError};
use super::journal;
use super::since::{self, Digested};
use crate::panel::change::Change;
use crate::panel::evidence::Hold;
use crate::panel::source::companion;
use crate::sqlite::Connection;
use crate::sqlite::open;

/// Runs, and what is as before them, of which a person said that it speaks of now.
#[derive(Default)]
pub(in crate::remap) struct Spoken(FxHashSet<(i64, Digested)>);

impl Spoken {
    /// Reads it from the companion in `var_dir`.
    pub(in crate::remap) fn of(var_dir: &Utf8Path) -> Result<Spoken, RemapError> {
        let path = companion::path_in(var_dir);
        match open::read(&path) {
            Err(open::OpenError::Missing { .. }) => Ok(Spoken::default()),
            other => Spoken::read(&other?.connection, &path),
        }
    }

    /// Reads it.
    pub(in crate::remap) fn read(connection: &Connection, path: &Utf8Path) -> Result<Spoken, RemapError> {
        journal::spoken(connection).on(path).map(Spoken)
    }

    /// What was said of a setting is said of it wherever its owner is now.
    pub(super) fn follow(&mut self, run: i64, moved: &[(Change, Change)]) {
        for (was, is) in moved.iter().filter_map(|(was, is)| was.before().zip(is.before())).filter(|(was, is)| was != is) {
            if self.has(run, since::of_setting(was)) {
                self.0.insert((run, since::of_setting(is)));
            }
        }
    }

    pub(super) fn has(&self, run: i64, of: Digested) -> bool {
        self.0.contains(&(run, of))
    }

    /// Whether this speaks of now, as a person said once, or says now. If not, it was put back.
    pub(in crate::remap) fn takes_for_now(&self, (run, of, _): &AsBefore, hold: Option<Hold>) -> bool {
        hold == Some(Hold::New) || self.has(*run, *of)
    }

    /// What is told of these where a person says that they speak of now, and did not say so before.
    pub(in crate::remap) fn notes<'a>(&'a self, all: &'a [AsBefore]) -> impl Iterator<Item = String> + 'a {
        let new = all.iter().filter(|(run, of, _)| !self.has(*run, *of));
        new.map(|(run, _, label)| format!("{label} is as it was before run {run}, and is taken to speak of now (--panel-holds new)"))
    }
}

/// Something that is as before a run: the run, a digest, and what a person knows it by.
pub(in crate::remap) type AsBefore = (i64, Digested, String);

/// A table of a database with this content, which is as before `run`.
pub(in crate::remap) fn table_as_before(run: i64, (database, table): (&str, &str), content: &[u8]) -> AsBefore {
    (run, since::of_table((database, table), content), format!("{database}: {table}"))
}
