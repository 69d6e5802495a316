//! What is left out of changes that are made later than they were decided, since somebody wrote there in between.

use rustc_hash::FxHashSet;

use super::super::error::RemapError;
use super::panel_error;
use crate::panel::change::{Change, Changes, Item};
use crate::panel::evidence::Stand;
use crate::panel::rows::{Cell, Row, There};
use crate::panel::settings::Session;

/// Leaves out rows that are gone, and with `written` what is not as it must be now. What would take the place of something that stays is left out as well.
pub(super) fn leave_out(session: &mut Session, changes: &mut Changes, written: bool) -> Result<(), RemapError> {
    if !changes.rows.is_empty() {
        rows(session, &mut changes.rows, written)?;
    }
    if written && session.is_live() {
        let now = session.settings_now(&changes.settings).map_err(panel_error)?;
        let mut now = now.into_iter();
        changes.settings.retain(|change| now.next().flatten().as_ref() == change.before());
    }
    Ok(())
}

fn rows(session: &mut Session, rows: &mut Vec<Change<Row>>, written: bool) -> Result<(), RemapError> {
    let there = session.there(rows).map_err(panel_error)?;
    let mut there = there.into_iter().map(|there| !matches!(there, There::Gone | There::WithoutTable));
    rows.retain(|_| there.next().unwrap_or(true));
    if !written {
        return Ok(());
    }
    // One whose key alone changes is known by its other columns.
    let stands = session.stands(rows).map_err(panel_error)?;
    let now = session.now(rows).map_err(panel_error)?;
    let fits = |(change, now): (&Change<Row>, &Option<Row>)| match (change.before(), now) {
        (Some(before), Some(now)) => before.is(now),
        (Some(_), None) => false,
        (None, _) => true,
    };
    let mut stays: Vec<bool> = rows.iter().zip(&now).zip(&stands).map(|(pair, stand)| *stand == Stand::After || !fits(pair)).collect();
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
    Ok(())
}

/// Whether the row leaves its key.
fn goes(change: &Change<Row>) -> bool {
    change.renames() || change.after().is_none()
}

/// Whether the row takes another key.
fn comes(change: &Change<Row>) -> bool {
    change.renames() || change.before().is_none()
}
