//! What is done once a run is committed, and what is done about one that was interrupted.

mod places;

use camino::Utf8Path;

use super::super::error::{Context, RemapError};
use super::super::lock;
use super::folder::{self, Root};
use super::journal::{self, By, Phase, Record, Unfinished};
use super::since::Digested;
use super::{Stores, evidence, left_out, panel_error};
use crate::panel::change::{Changes, Mark, State};
use crate::panel::evidence::{Evidence, Hold, Known, Verdict};
use crate::panel::settings::Session;
use crate::panel::source::companion;
use crate::sqlite::open;
use crate::sqlite::{Connection, OpenFlags};
use places::Places;

/// Opens the companion in `var_dir`, which is there, to note what was done elsewhere. `None`: it is still empty.
fn companion_of(var_dir: &Utf8Path, stores: Stores<'_>) -> Result<Option<Connection>, RemapError> {
    let path = companion::path_in(var_dir);
    let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
    connection.busy_timeout(stores.patience).on(&path)?;
    open::harden(&connection).on(&path)?;
    connection.execute_batch("PRAGMA main.synchronous = FULL").on(&path)?;
    Ok(companion::recognise(&connection, &path)?.then_some(connection))
}

/// Finishes what the intent log says, after a commit or after a crash. `session` holds the settings as they are to be, not yet committed.
/// Gives the run, if there was one, and whether it was taken back. `again`: it was interrupted, and somebody may have been faster.
pub(super) fn finish(
    var_dir: &Utf8Path,
    stores: Stores<'_>,
    mut session: Option<Session>,
    again: bool,
) -> Result<Option<(i64, bool)>, RemapError> {
    let path = companion::path_in(var_dir);
    let Some(connection) = companion_of(var_dir, stores)? else { return Ok(None) };
    let Some(mut what) = journal::unfinished(&connection).on(&path)? else { return Ok(None) };
    let run = what.run;
    let (mut mark, mut left) = (None, Vec::new());
    let mut doing = || -> Result<(), RemapError> {
        let record = journal::read(&connection, run).on(&path)?;
        if what.settings {
            match &mut session {
                Some(session) => session.commit().map_err(panel_error)?,
                None => session = finish_settings((&connection, &path), &what, &record, stores)?,
            }
            what.settings = false;
            journal::intend(&connection, what).on(&path)?;
        }
        // It stays where a script may still be run that makes the run, or takes it back.
        let clears = what.undo && record.setting_run.as_ref().is_none_or(|of| of.by == By::Reguid);
        mark = record.panel.mark.filter(|_| clears);
        let mut files = record.files;
        if what.undo {
            files.iter_mut().for_each(|s| *s = s.reversed());
        }
        if what.phase != Phase::Done {
            let (root, companion, written) = (Root::open(var_dir)?, (&connection, path.as_path()), stores.hold.is_some());
            Places { root, companion, files, written, again }.take(&mut what)?;
        }
        left = journal::left(&connection).on(&path)?;
        journal::done(&connection, what).on(&path)
    };
    doing().map_err(|error| RemapError::Unfinished { run, cause: Box::new(error) })?;
    clear(session, mark.as_ref());
    told(run, what.undo, &left)?;
    Ok(Some((run, what.undo)))
}

/// What was made of some changes.
struct Made {
    /// What is so now.
    panel: Changes,
    /// What was left as it is, since a person's word let it be.
    left: Vec<String>,
}

impl Made {
    /// Notes in the companion what was made, which is not yet durable: who finishes this after another interruption is to do no more and no less. What was left
    /// out is of no run.
    fn note(&self, companion: &Connection, what: &Unfinished) -> Result<(), crate::sqlite::Error> {
        journal::replace_panel(companion, what.run, &if what.undo { self.panel.reversed() } else { self.panel.clone() })?;
        journal::leave(companion, self.left.iter().map(String::as_str))
    }
}

/// Tells of what was left as it is, and stops there: a person is to look at it.
fn told(run: i64, undo: bool, left: &[String]) -> Result<(), RemapError> {
    if left.is_empty() { Ok(()) } else { Err(RemapError::LeftOut { run, undo, list: left.join("\n  ") }) }
}

/// Takes the mark of a run out that was taken back, which is noted. It does no harm where it stays.
fn clear(session: Option<Session>, mark: Option<&Mark>) {
    if let Some((mut session, mark)) = session.zip(mark) {
        let _ = session.clear_mark_at_once(mark);
    }
}

/// Settings and rows of a run that was interrupted between the commit of the companion and that of the panel's database.
fn finish_settings(
    (companion, path): (&Connection, &Utf8Path),
    what: &Unfinished,
    record: &Record,
    stores: Stores<'_>,
) -> Result<Option<Session>, RemapError> {
    let Some(of) = &record.setting_run else { return Ok(None) };
    let run = what.run;
    let Some(mut session) = stores.session(&of.module, true)? else {
        return Err(RemapError::NeedsPanel { run, server: of.server.clone(), module: of.module.clone() });
    };
    // Settings tell each by itself.
    let tells = |e: &Evidence| !record.panel.rows.is_empty() || e.marked.is_some() || e.elsewhere.is_some();
    if let Some(evidence) = evidence(&mut session, record, Known::Open, stores)?.filter(tells) {
        match if what.undo { evidence.verdict_of_undo() } else { evidence.verdict() } {
            Verdict::Done => {
                taken_for_done(&mut session, what, record)?;
                return Ok(Some(session));
            }
            Verdict::Unclear(list) => return Err(RemapError::PanelUnclear { run, list: list.join("\n  ") }),
            Verdict::Open => {}
        }
    }
    let changes = if what.undo { record.panel.reversed() } else { record.panel.clone() };
    let (as_before, as_after) = if what.undo { (Hold::New, Hold::Old) } else { (Hold::Old, Hold::New) };
    let without_written = stores.hold == Some(as_before);
    if changes.rows.is_empty()
        && stores.hold == Some(as_after)
        && matches!(session.state(&changes).map_err(panel_error)?, State::Other { .. })
    {
        taken_for_done(&mut session, what, record)?;
        return Ok(Some(session));
    }
    if !what.undo && !without_written {
        // Somebody put another row in the place of one that is to get another key.
        let replaced = left_out::replaced(&mut session, &changes.rows)?;
        if !replaced.is_empty() {
            let list = replaced
                .into_iter()
                .map(|row| format!("{} is another row than it was, or was written since", row.label()))
                .collect::<Vec<_>>()
                .join("\n  ");
            return Err(RemapError::SettingsDiffer { run, list });
        }
    }
    let made = make(&mut session, run, changes, without_written)?;
    if made.panel.len() < record.panel.len() {
        let noted = || -> Result<(), crate::sqlite::Error> {
            companion.execute_batch("BEGIN IMMEDIATE")?;
            made.note(companion, what)?;
            companion.execute_batch("COMMIT")
        };
        noted().on(path)?;
    }
    session.commit().map_err(panel_error)?;
    Ok(Some(session))
}

/// A person may have said that the changes are there, though nothing tells so: nobody is to be asked again.
fn taken_for_done(session: &mut Session, what: &Unfinished, record: &Record) -> Result<(), RemapError> {
    let Some(mark) = record.panel.mark.as_ref().filter(|_| !what.undo) else { return Ok(()) };
    if session.marked(mark).map_err(panel_error)?.is_none() {
        session.set_mark(mark).map_err(panel_error)?;
        session.commit().map_err(panel_error)?;
    }
    Ok(())
}

/// Makes changes that are not there yet; nothing is durable before the commit. What somebody took out in the meantime is not to hold up the rest, nor, where a person
/// says what the rest holds, what somebody wrote.
fn make(session: &mut Session, run: i64, mut changes: Changes, without_written: bool) -> Result<Made, RemapError> {
    let all = changes.clone();
    let done = left_out::leave_out(session, &mut changes, without_written)?;
    let left = match without_written {
        true => left_out::labels(&all, [&changes, &done]),
        false if session.is_live() => left_out::gone(session, &all.settings, &done.settings)?,
        false => Vec::new(),
    };
    if changes.is_empty() {
        changes.mark.as_ref().map_or(Ok(()), |mark| session.set_mark(mark)).map_err(panel_error)?;
        changes.extend(done);
        return Ok(Made { panel: changes, left });
    }
    // What is as it is to be was left out: what is left is as before, or nobody knows what it is. Rows that only get other keys look the same both ways.
    match session.state(&changes).map_err(panel_error)? {
        State::Before | State::Same => session.change(&changes).map_err(panel_error)?,
        State::After => {
            let list = "nothing tells what is as before and what is as after".to_owned();
            return Err(RemapError::SettingsDiffer { run, list });
        }
        State::Other { list, .. } => return Err(RemapError::SettingsDiffer { run, list: list.join("\n  ") }),
    }
    changes.extend(done);
    Ok(Made { panel: changes, left })
}

/// Does now what a script was to take back of `run`, whose record this is. The caller holds the lock on the var directory.
pub(super) fn instead_of_script(
    var_dir: &Utf8Path,
    mut session: Session,
    (run, record): (i64, &Record),
    stores: Stores<'_>,
) -> Result<(), RemapError> {
    let made = make(&mut session, run, record.panel.reversed(), stores.hold == Some(Hold::New))?;
    let path = companion::path_in(var_dir);
    let Some(connection) = companion_of(var_dir, stores)? else { return Ok(()) };
    let decided = || -> Result<(), crate::sqlite::Error> {
        let what = Unfinished { run, undo: true, settings: true, phase: Phase::Done };
        connection.execute_batch("BEGIN IMMEDIATE")?;
        made.note(&connection, &what)?;
        journal::instead(&connection, run)?;
        journal::intend(&connection, what)?;
        connection.execute_batch("COMMIT")
    };
    decided().on(&path)?;
    drop(connection);
    finish(var_dir, stores, Some(session), false).map(drop)
}

/// Forgets runs that scripts took back, which is certain.
pub(super) fn forget(var_dir: &Utf8Path, stores: Stores<'_>, runs: impl Iterator<Item = i64>) -> Result<(), RemapError> {
    let path = companion::path_in(var_dir);
    let Some(connection) = companion_of(var_dir, stores)? else { return Ok(()) };
    let forgotten = || -> Result<(), crate::sqlite::Error> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        runs.into_iter().try_for_each(|run| journal::forget_all(&connection, run))?;
        connection.execute_batch("COMMIT")
    };
    forgotten().on(&path)
}

/// Notes settings and files of runs that are as before them, and speak of now.
pub(super) fn note_spoken(var_dir: &Utf8Path, stores: Stores<'_>, spoken: &[(i64, Digested)]) -> Result<(), RemapError> {
    let path = companion::path_in(var_dir);
    let Some(connection) = companion_of(var_dir, stores)? else { return Ok(()) };
    let noted = || -> Result<(), crate::sqlite::Error> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        journal::speak(&connection, spoken)?;
        connection.execute_batch("COMMIT")
    };
    noted().on(&path)
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
/// run, and whether it was taken back, if one was left.
pub(in crate::remap) fn recover(_lock: &lock::Lock, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<Option<(i64, bool)>, RemapError> {
    let path = companion::path_in(var_dir);
    let mut finished = None;
    if std::fs::metadata(&path).map_or(0, |m| m.len()) > 0 {
        finished = finish(var_dir, stores, None, true)?;
    }
    if std::fs::symlink_metadata(var_dir.join(folder::STAGE)).is_ok() {
        Root::open(var_dir)?.clear_stage()?;
    }
    Ok(finished)
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
