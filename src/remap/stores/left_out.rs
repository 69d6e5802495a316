//! What is left out of changes that are made later than they were decided, since somebody wrote there in between.

use rustc_hash::FxHashSet;

use super::super::error::RemapError;
use super::panel_error;
use crate::panel::change::{Change, Changes, Item, State};
use crate::panel::evidence::Stand;
use crate::panel::rows::{Cell, Row, There};
use crate::panel::settings::{Session, Setting};

/// Leaves out what is gone, and what is as it is to be already; with `written` also what is not as it must be now. What would take the place of something that stays
/// is left out with it then. Gives what is as it is to be.
pub(super) fn leave_out(session: &mut Session, changes: &mut Changes, written: bool) -> Result<Changes, RemapError> {
    let mut done = Changes::default();
    if !changes.rows.is_empty() {
        done.rows = rows(session, &mut changes.rows, written)?;
    }
    if session.is_live() {
        done.settings = settings(session, &mut changes.settings, written)?;
    }
    Ok(done)
}

/// What of `all` is in none of `taken`, for a person.
pub(super) fn labels(all: &Changes, taken: [&Changes; 2]) -> Vec<String> {
    let rows: FxHashSet<_> = taken.iter().flat_map(|c| &c.rows).map(|c| c.subject().key()).collect();
    let settings: FxHashSet<_> = taken.iter().flat_map(|c| &c.settings).map(|c| c.subject().key()).collect();
    let rows = all.rows.iter().map(Change::subject).filter(|row| !rows.contains(&row.key())).map(Row::label);
    let settings = all.settings.iter().map(Change::subject).filter(|setting| !settings.contains(&setting.key()));
    settings.map(super::settings::label).chain(rows).collect()
}

/// Settings of objects that are to be another and are not there any more, for a person: the object may have another id by now, and they with it.
pub(super) fn gone(session: &mut Session, changes: &[Change], done: &[Change]) -> Result<Vec<String>, RemapError> {
    let done: FxHashSet<_> = done.iter().map(|c| c.subject().key()).collect();
    let of_objects: Vec<Change> = changes.iter().filter(|c| c.before().is_some_and(|s| s.of.is_some())).cloned().collect();
    let now = session.settings_now(&of_objects).map_err(panel_error)?;
    let gone = of_objects.iter().zip(now).filter(|(c, now)| now.is_none() && c.after().is_some() && !done.contains(&c.subject().key()));
    Ok(gone
        .map(|(change, _)| {
            let setting = change.subject();
            let kind = setting.of.map_or("", crate::panel::Kind::name);
            format!("{}, which is not there any more: look where that {kind} is now", super::settings::label(setting))
        })
        .collect())
}

/// Whether a setting of an object is not there under its owner's id any more.
pub(super) fn any_gone(session: &mut Session, changes: &[Change]) -> Result<bool, RemapError> {
    let of_objects: Vec<Change> = changes.iter().filter(|c| c.before().is_some_and(|s| s.of.is_some())).cloned().collect();
    let (now, then) =
        (session.settings_now(&of_objects).map_err(panel_error)?, of_objects.iter().map(Change::reversed).collect::<Vec<_>>());
    let then = session.settings_now(&then).map_err(panel_error)?;
    Ok(now.iter().zip(&then).any(|(now, then)| now.is_none() && then.is_none()))
}

/// How one change is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    /// It is to be made.
    Make,
    /// It is made already.
    Done,
    /// It is not made.
    Leave,
}

fn settings(session: &mut Session, settings: &mut Vec<Change>, written: bool) -> Result<Vec<Change>, RemapError> {
    // Taken together first: names may have changed hands between settings that look the same.
    let all = Changes { settings: settings.clone(), ..Changes::default() };
    match session.state(&all).map_err(panel_error)? {
        State::Before => return Ok(Vec::new()),
        State::After | State::Same => return Ok(std::mem::take(settings)),
        State::Other { .. } => {}
    }
    let now = session.settings_now(settings).map_err(panel_error)?;
    let coming: Vec<Change> = settings.iter().map(Change::reversed).collect();
    let then = session.settings_now(&coming).map_err(panel_error)?;
    let leaving: Vec<Setting> = settings.iter().filter(|c| c.renames()).filter_map(Change::before).cloned().collect();
    let take = |change: &Change, now: Option<&Setting>, then: Option<&Setting>| {
        // Not another one of these that looks the same.
        let is_after = change.after().is_some() && then == change.after() && !then.is_some_and(|s| leaving.contains(s));
        match change.before() {
            // Two settings may exchange their names, and look the same.
            Some(before) if now == Some(before) && (change.renames() || !is_after) => Take::Make,
            _ if is_after => Take::Done,
            Some(_) if now.is_none() && change.after().is_none() => Take::Done,
            Some(_) if now.is_none() || written => Take::Leave,
            None if written && then.is_some() => Take::Leave,
            _ => Take::Make,
        }
    };
    let mut taken: Vec<Take> =
        settings.iter().zip(now.iter().zip(&then)).map(|(c, (now, then))| take(c, now.as_ref(), then.as_ref())).collect();
    loop {
        let made = || settings.iter().zip(&taken).filter(|(_, take)| **take == Take::Make).map(|(change, _)| change);
        let leaving: Vec<Setting> = made().filter(|c| c.renames() || c.after().is_none()).filter_map(Change::before).cloned().collect();
        let is_blocked = |i: usize| {
            let comes = settings[i].renames() || settings[i].before().is_none();
            comes && then[i].as_ref().is_some_and(|there| !leaving.iter().any(|s| s.has_key_of(there)))
        };
        let more: Vec<usize> = (0..settings.len()).filter(|&i| written && taken[i] == Take::Make && is_blocked(i)).collect();
        if more.is_empty() {
            break;
        }
        more.into_iter().for_each(|i| taken[i] = Take::Leave);
    }
    let (mut made, mut done) = (Vec::new(), Vec::new());
    for (change, take) in std::mem::take(settings).into_iter().zip(taken) {
        match take {
            Take::Make => made.push(change),
            Take::Done => done.push(change),
            Take::Leave => {}
        }
    }
    *settings = made;
    Ok(done)
}

/// Of `changes` that get rows other keys, those in the place of whose row there is another one, known by its other columns.
pub(super) fn replaced(session: &mut Session, changes: &[Change<Row>]) -> Result<Vec<Row>, RemapError> {
    let renaming: Vec<Change<Row>> = changes.iter().filter(|c| is_known_again(c)).cloned().collect();
    if renaming.is_empty() {
        return Ok(Vec::new());
    }
    let stands = session.stands(&renaming).map_err(panel_error)?;
    let replaced = renaming.into_iter().zip(stands).filter(|(_, stand)| *stand == Stand::Neither);
    Ok(replaced.map(|(change, _)| change.subject().clone()).collect())
}

/// Whether the row gets another key, and is known again by its other columns.
fn is_known_again(change: &Change<Row>) -> bool {
    change.renames() && change.before().is_some_and(|row| row.rest.is_some())
}

fn rows(session: &mut Session, rows: &mut Vec<Change<Row>>, written: bool) -> Result<Vec<Change<Row>>, RemapError> {
    let there = session.there(rows).map_err(panel_error)?;
    let gone = |there: There| matches!(there, There::Gone | There::WithoutTable);
    let (out, left): (Vec<_>, Vec<_>) = std::mem::take(rows).into_iter().zip(there).partition(|(_, there)| gone(*there));
    rows.extend(left.into_iter().map(|(change, _)| change));
    // What is to go is gone.
    let out = out.into_iter().map(|(change, _)| change).filter(|change| change.after().is_none());
    let stands = session.stands(rows).map_err(panel_error)?;
    let (done, left): (Vec<_>, Vec<_>) = std::mem::take(rows).into_iter().zip(stands).partition(|(_, stand)| *stand == Stand::After);
    let done: Vec<Change<Row>> = done.into_iter().map(|(change, _)| change).chain(out).collect();
    let stands: Vec<Stand> = left.iter().map(|(_, stand)| *stand).collect();
    rows.extend(left.into_iter().map(|(change, _)| change));
    if !written {
        return Ok(done);
    }
    let now = session.now(rows).map_err(panel_error)?;
    let fits = |(change, now): (&Change<Row>, &Option<Row>)| match (change.before(), now) {
        (Some(before), Some(now)) => before.is(now),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let is_another = |(change, stand): (&Change<Row>, &Stand)| is_known_again(change) && *stand == Stand::Neither;
    let mut stays: Vec<bool> =
        rows.iter().zip(&now).zip(rows.iter().zip(&stands)).map(|(now, stand)| !fits(now) || is_another(stand)).collect();
    // What is there now under the keys that rows are to get.
    let coming: Vec<Change<Row>> = rows.iter().map(Change::reversed).collect();
    let taken = session.now(&coming).map_err(panel_error)?;
    loop {
        let leaving: FxHashSet<(&str, &[Cell])> =
            rows.iter().zip(&stays).filter(|(c, stays)| !**stays && goes(c)).filter_map(|(c, _)| c.before()).map(Item::key).collect();
        let is_blocked = |i: usize| comes(&rows[i]) && taken[i].as_ref().is_some_and(|row| !leaving.contains(&row.key()));
        let more: Vec<usize> = (0..rows.len()).filter(|&i| !stays[i] && is_blocked(i)).collect();
        if more.is_empty() {
            break;
        }
        more.into_iter().for_each(|i| stays[i] = true);
    }
    let mut stays = stays.into_iter();
    rows.retain(|_| !stays.next().unwrap_or_default());
    Ok(done)
}

/// Whether the row leaves its key.
fn goes(change: &Change<Row>) -> bool {
    change.renames() || change.after().is_none()
}

/// Whether the row takes another key.
fn comes(change: &Change<Row>) -> bool {
    change.renames() || change.before().is_none()
}
