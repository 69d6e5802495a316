//! What is done once a run is committed, and what is done about one that was interrupted.

use camino::Utf8Path;

use super::super::error::{Context, RemapError};
use super::super::lock;
use super::folder::{self, Root};
use super::journal::{self, Phase, Record};
use super::{Stores, panel_error, stage};
use crate::panel::change::{Change, Changes, State};
use crate::panel::rows::There;
use crate::panel::settings::{Done, Session};
use crate::panel::source::companion;
use crate::sqlite::open;
use crate::sqlite::{Connection, OpenFlags};

/// Finishes what the intent log says, after a commit or after a crash. `session` holds the settings as they are to be, not yet committed.
/// Gives the run that was taken back, if an undo was finished.
pub(super) fn finish(var_dir: &Utf8Path, stores: Stores<'_>, session: Option<Session>) -> Result<Option<i64>, RemapError> {
    let path = companion::path_in(var_dir);
    let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
    connection.busy_timeout(stores.patience).on(&path)?;
    open::harden(&connection).on(&path)?;
    connection.execute_batch("PRAGMA main.synchronous = FULL").on(&path)?;
    if !companion::recognise(&connection, &path)? {
        return Ok(None);
    }
    let Some(mut what) = journal::unfinished(&connection).on(&path)? else { return Ok(None) };
    let run = what.run;
    let doing = || -> Result<(), RemapError> {
        let mut record = journal::read(&connection, run).on(&path)?;
        if what.undo {
            record.panel = record.panel.reversed();
            record.files.iter_mut().for_each(|s| *s = s.reversed());
        }
        if what.settings {
            match session {
                Some(session) => session.commit().map_err(panel_error)?,
                None => finish_settings(run, &record, stores)?,
            }
            what.settings = false;
            journal::intend(&connection, what).on(&path)?;
        }
        if what.phase != Phase::Done {
            let root = Root::open(var_dir)?;
            for (phase, next) in [(Phase::Contents, Phase::Aside), (Phase::Aside, Phase::Place), (Phase::Place, Phase::Done)] {
                if what.phase == phase {
                    stage::phase(&root, &record.files, phase)?;
                    what.phase = next;
                    if next != Phase::Done {
                        journal::intend(&connection, what).on(&path)?;
                    }
                }
            }
            stage::phase(&root, &record.files, Phase::Done)?;
        }
        journal::done(&connection, what).on(&path)
    };
    doing().map_err(|error| RemapError::Unfinished { run, cause: Box::new(error) })?;
    Ok(what.undo.then_some(run))
}

/// Settings of a run that was interrupted between the commit of the companion and that of the panel's database.
fn finish_settings(run: i64, record: &Record, stores: Stores<'_>) -> Result<(), RemapError> {
    let Some(of) = &record.setting_run else { return Ok(()) };
    let Some(mut session) = stores.session(&of.module, true)? else {
        return Err(RemapError::NeedsPanel { run, server: of.server.clone(), module: of.module.clone() });
    };
    let mut changes = record.panel.clone();
    match session.done(&changes).map_err(panel_error)? {
        Some(Done::Yes) => return Ok(()),
        Some(Done::No) => {
            let marked = session.is_marked(changes.mark.as_ref()).map_err(panel_error)?;
            // The extension's settings were cleared, and the mark with them: it need not go any more.
            if marked == Some(false) && matches!(changes.mark, Some(Change::Removed(_))) {
                changes.mark = None;
            }
            without_what_is_gone(&mut session, &mut changes)?;
        }
        Some(Done::Unclear) => {
            let list = "rows were changed since, and nothing tells whether the run's changes are there".to_owned();
            return Err(RemapError::SettingsDiffer { run, list });
        }
        None => {}
    }
    match session.state(&changes).map_err(panel_error)? {
        State::After | State::Same => Ok(()),
        State::Before => {
            session.change(&changes).map_err(panel_error)?;
            session.commit().map_err(panel_error)
        }
        State::Other { list, .. } => Err(RemapError::SettingsDiffer { run, list: list.join("\n  ") }),
    }
}

/// Leaves out rows that somebody took out in the meantime: nothing can be done about them, and they are not to hold up the rest.
fn without_what_is_gone(session: &mut Session, changes: &mut Changes) -> Result<(), RemapError> {
    let there = session.there(&changes.rows).map_err(panel_error)?;
    let mut there = there.into_iter().map(|there| !matches!(there, There::Gone | There::WithoutTable));
    changes.rows.retain(|_| there.next().unwrap_or(true));
    Ok(())
}

/// Clears away what was written aside, after a commit that failed, where the companion tells that it did not come about. A full disk is not to be fuller for it.
/// What cannot be told or cleared away now is at the next start.
pub(in crate::remap) fn not_committed(_lock: &lock::Lock, var_dir: &Utf8Path) {
    let path = companion::path_in(var_dir);
    let came_about = || -> Result<bool, RemapError> {
        if std::fs::metadata(&path).map_or(0, |m| m.len()) == 0 {
            return Ok(false);
        }
        let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
        open::harden(&connection).on(&path)?;
        Ok(journal::unfinished(&connection).on(&path)?.is_some())
    };
    if std::fs::symlink_metadata(var_dir.join(folder::STAGE)).is_ok() && came_about().is_ok_and(|came| !came) {
        let _ = Root::open(var_dir).and_then(|root| root.clear_stage());
    }
}

/// Finishes what an earlier run left, and clears away what one left that did not come to its commit. The caller holds the lock on the var directory. Gives the
/// run that was taken back, if it was an undo that was left.
pub(in crate::remap) fn recover(_lock: &lock::Lock, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<Option<i64>, RemapError> {
    let path = companion::path_in(var_dir);
    let mut undone = None;
    if std::fs::metadata(&path).map_or(0, |m| m.len()) > 0 {
        undone = finish(var_dir, stores, None)?;
    }
    if std::fs::symlink_metadata(var_dir.join(folder::STAGE)).is_ok() {
        Root::open(var_dir)?.clear_stage()?;
    }
    Ok(undone)
}

/// Refuses to look at data that a run was interrupted on.
pub(in crate::remap) fn finished(var_dir: &Utf8Path) -> Result<(), RemapError> {
    let path = companion::path_in(var_dir);
    match open::read(&path) {
        Err(open::OpenError::Missing { .. }) => Ok(()),
        other => finished_in(&other?.connection, &path),
    }
}

/// The same, asked of the companion's own connection.
pub(in crate::remap) fn finished_in(connection: &Connection, path: &Utf8Path) -> Result<(), RemapError> {
    match journal::unfinished(connection).on(path)? {
        Some(what) => Err(RemapError::Halfway { run: what.run }),
        None => Ok(()),
    }
}
