//! What was written since into the rows and settings of a run that is taken back: what of the run is left to be taken back, and what is as before it already.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::super::error::RemapError;
use super::super::super::undo::Drift;
use super::super::{panel_error, settings, since};
use crate::panel::change::{Change, Changes, Item};
use crate::panel::evidence::{Hold, Stand};
use crate::panel::rows::{Cell, Row};
use crate::panel::settings::{Session, Setting};

/// Leaves out what is as before a run: its rows never changed, or were put back. Where a table alone was, the others are as the run left them all the same. Gives
/// the rows into which the extension wrote.
///
/// All the evidence may say so (`all`), or a person. What is out, the run `took_out`; or, where its script was never run, somebody else.
pub(super) fn without_what_is_before(
    session: &mut Session,
    (panel, as_before): (&mut Changes, &mut Changes),
    (all, took_out): (bool, bool),
    found: &mut Vec<Drift>,
) -> Result<Vec<since::Place>, RemapError> {
    let made: Vec<Change<Row>> = panel.rows.iter().map(Change::reversed).collect();
    let stands = session.stands(&made).map_err(panel_error)?;
    let with_after: BTreeSet<Arc<str>> =
        made.iter().zip(&stands).filter(|(_, stand)| **stand == Stand::After).map(|(c, _)| Arc::clone(&c.subject().table)).collect();
    let (mut partly, mut written) = (Vec::new(), Vec::new());
    for (change, stand) in std::mem::take(&mut panel.rows).into_iter().zip(stands) {
        match stand {
            Stand::After => panel.rows.push(change),
            Stand::Same if with_after.contains(&change.subject().table) => panel.rows.push(change),
            Stand::Out if took_out => panel.rows.push(change),
            // What the extension wrote into it is looked at as in any other row, and the rest is as before, or as after.
            Stand::Neither if !change.renames() => partly.push(change),
            // Its key alone changed, and its other columns were written since: nothing tells which of the two it is.
            Stand::Neither if !all => {
                let row = change.subject();
                let detail =
                    format!("{} was written since, and nothing tells whether it has the key of before the run or of after it", row.label());
                found.push(Drift { database: "panel".into(), table: row.table.to_string(), detail, acceptable: false });
            }
            _ => as_before.rows.push(change),
        }
    }
    let now = session.now(&partly).map_err(panel_error)?;
    for (change, now) in partly.iter().zip(now) {
        let (Change::Altered { before, after }, Some(now)) = (change, now) else { continue };
        written.push((Arc::clone(&before.table), before.key.clone()));
        let holds = |cell: &Cell| now.cells.contains(cell);
        // The change is the one that takes the run back: it begins with what the run left.
        panel.rows.extend(part(before, after, |left, _| holds(left)));
        as_before.rows.extend(part(before, after, |_, was| holds(was)));
    }
    Ok(written)
}

/// The part of a change of a row that is about those of its cells that are `wanted`, as before and as after it.
fn cells_of(before: &Row, after: &Row, wanted: impl Fn(&Cell, &Cell) -> bool) -> (Row, Row) {
    let pairs = before.cells.iter().zip(&after.cells).filter(|(a, b)| wanted(a, b));
    let (a, b): (Vec<Cell>, Vec<Cell>) = pairs.map(|(a, b)| (a.clone(), b.clone())).unzip();
    (Row { cells: a, ..before.clone() }, Row { cells: b, ..after.clone() })
}

/// The same, where there are such cells.
fn part(before: &Row, after: &Row, wanted: impl Fn(&Cell, &Cell) -> bool) -> Option<Change<Row>> {
    let (before, after) = cells_of(before, after, wanted);
    (!before.cells.is_empty()).then_some(Change::Altered { before, after })
}

/// Leaves out what the extension wrote into rows since: what is in them now is looked at as in any other row.
pub(super) fn without_rows(
    session: &mut Session,
    (panel, as_before): (&mut Changes, &mut Changes),
    hold: Option<Hold>,
    found: &mut Vec<Drift>,
) -> Result<bool, RemapError> {
    let now = session.now(&panel.rows).map_err(panel_error)?;
    let coming: Vec<Change<Row>> = panel.rows.iter().map(Change::reversed).collect();
    let back = session.now(&coming).map_err(panel_error)?;
    let mut left_out = false;
    let rows = std::mem::take(&mut panel.rows);
    let leaving: FxHashSet<_> = rows.iter().filter(|c| c.renames()).filter_map(Change::before).map(Item::key).collect();
    let is_back = |change: &Change<Row>, back: Option<Row>| {
        // Not another row of the run that looks the same.
        let is_there = back.is_some_and(|row| !leaving.contains(&row.key()) && change.after() == Some(&Row { whole: true, ..row }));
        change.before().is_none() && is_there
    };
    let back: Vec<bool> = rows.iter().zip(back).map(|(change, back)| is_back(change, back)).collect();
    for ((change, now), is_back) in rows.into_iter().zip(now).zip(back) {
        // Somebody put it back already.
        if is_back {
            left_out = true;
            as_before.rows.push(change);
            continue;
        }
        let (Change::Altered { before, after }, Some(now)) = (&change, now) else {
            panel.rows.push(change);
            continue;
        };
        if before.is(&now) {
            panel.rows.push(change);
            continue;
        }
        left_out = true;
        let label = before.label();
        let value = |column: &str| now.cells.iter().find(|cell| *cell.column == *column).map(|cell| &cell.value);
        let back = part(before, after, |before, after| before.value != after.value && value(&after.column) == Some(&after.value));
        // The extension may have written that, and mean an object of now; or somebody put the row back.
        let (detail, acceptable) = match back.filter(|_| after.key == before.key) {
            Some(back) if hold == Some(Hold::Old) => {
                as_before.rows.push(back);
                (String::new(), true)
            }
            Some(_) if hold == Some(Hold::New) => (format!("{label} is as it was before the run, and speaks of now"), true),
            Some(_) => (format!("{label} is as it was before the run: say which ids it holds, --panel-holds new or old"), false),
            None => (Row::told(before, Some(&now), Some(before)), true),
        };
        if !detail.is_empty() {
            found.push(Drift { database: "panel".into(), table: before.table.to_string(), detail, acceptable });
        }
        // What nobody wrote into it is taken back all the same.
        let (before, after) = cells_of(before, after, |cell, _| now.cells.contains(cell));
        if change.renames() || !before.cells.is_empty() {
            panel.rows.push(Change::Altered { before, after });
        }
    }
    Ok(left_out)
}

/// The same for settings, which are given. One that is gone cannot be put back.
pub(super) fn without_settings(
    session: &mut Session,
    (panel, as_before): (&mut Changes, &mut Changes),
    hold: Option<Hold>,
    found: &mut Vec<Drift>,
) -> Result<Vec<Setting>, RemapError> {
    let now = session.settings_now(&panel.settings).map_err(panel_error)?;
    let coming: Vec<Change> = panel.settings.iter().map(Change::reversed).collect();
    let back = session.settings_now(&coming).map_err(panel_error)?;
    let settings = std::mem::take(&mut panel.settings);
    let mut written = Vec::new();
    let leaving: Vec<Setting> = settings.iter().filter(|c| c.renames()).filter_map(Change::before).cloned().collect();
    for ((change, now), back) in settings.into_iter().zip(now).zip(back) {
        // Somebody put it back already.
        if change.before().is_none() && change.after() == back.as_ref() && !leaving.iter().any(|s| change.after() == Some(s)) {
            as_before.settings.push(change);
            continue;
        }
        // The names of before may be other settings' of after it, so that what the word tells comes first.
        if hold == Some(Hold::Old) && back.is_some() && change.after() == back.as_ref() {
            as_before.settings.push(change);
            continue;
        }
        let Some(before) = change.before().filter(|before| now.as_ref() != Some(*before)) else {
            panel.settings.push(change);
            continue;
        };
        let label = settings::label(before);
        let (detail, acceptable) = match &now {
            Some(now) if change.after() == Some(now) && hold == Some(Hold::New) => {
                (format!("{label} is as it was before the run, and speaks of now"), true)
            }
            Some(now) if change.after() == Some(now) => {
                (format!("{label} is as it was before the run: say which ids it holds, --panel-holds new or old"), false)
            }
            now => (Setting::told(before, now.as_ref(), Some(before)), true),
        };
        // A name of the run may be another setting's of before it.
        written.extend(now.clone().filter(|_| !change.renames()));
        found.push(Drift { database: "settings".into(), table: "settings".into(), detail, acceptable });
    }
    Ok(written)
}
