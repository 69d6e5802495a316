//! What a person is told of a table's rows: the first ones of each sort, whoever of several threads reads them.

use super::compute::{States, label, show};
use super::decide::{Action, Class, FromRef, after};
use super::inside;
use super::plan::Sample;
use super::scan::{Each, Seen};
use super::target::Target;
use super::twin::{Agreement, Check};
use crate::panel::Inventory;
use crate::sqlite::schema::Table;
use crate::sqlite::{Error, Value, ValueRef};

/// Changed cells shown for each place.
pub(super) const SAMPLES: usize = 3;
/// Rows listed of each sort.
const LISTED: usize = 10;

/// The ids that change inside one value, by the number of their part; and the run of leaves that it stands in.
type Edits = (u32, Vec<(usize, Sample)>);

/// What a person is told of each target.
pub(super) struct Told {
    /// Remarks on values with ids inside, and the ids that change in the first of them, by the number of their part.
    pub inner: Vec<(inside::Report, Vec<(usize, Sample)>)>,
    /// The first cells that change.
    pub samples: Vec<Vec<Sample>>,
    /// Rows whose ids and twins disagree.
    pub disagreeing: Vec<Disagreements>,
}

/// Gathers what a person is told of a table's rows: the first ones of each sort, each with the run of leaves that it stands in.
pub(super) struct Telling<'t> {
    states: States<'t>,
    table: &'t Table,
    group: &'t [Target],
    /// Remarks, and the ids that change in the first values.
    inner: Vec<(inside::Report, Vec<Edits>)>,
    samples: Vec<Vec<(u32, Sample)>>,
    disagreeing: Vec<Disagreements>,
}

impl<'t> Telling<'t> {
    /// That nothing was seen of yet.
    pub(super) fn new(states: States<'t>, table: &'t Table, group: &'t [Target]) -> Telling<'t> {
        let all = group.len();
        let (inner, samples, disagreeing) = (vec![Default::default(); all], vec![Vec::new(); all], vec![Disagreements::default(); all]);
        Telling { states, table, group, inner, samples, disagreeing }
    }

    /// What one would have gathered that saw all rows, for so many targets.
    pub(super) fn join(parts: Vec<Telling<'_>>, targets: usize) -> Told {
        let mut told = Told {
            inner: vec![Default::default(); targets],
            samples: vec![Vec::new(); targets],
            disagreeing: vec![Disagreements::default(); targets],
        };
        let mut edits: Vec<Vec<Edits>> = vec![Vec::new(); targets];
        let mut samples: Vec<Vec<(u32, Sample)>> = vec![Vec::new(); targets];
        for part in parts {
            for (i, (report, list)) in part.inner.into_iter().enumerate() {
                told.inner[i].0.join(report);
                edits[i].extend(list);
            }
            samples.iter_mut().zip(part.samples).for_each(|(all, list)| all.extend(list));
            told.disagreeing.iter_mut().zip(part.disagreeing).for_each(|(all, part)| all.join(part));
        }
        for (i, (edits, samples)) in edits.into_iter().zip(samples).enumerate() {
            told.inner[i].1 = first(edits, SAMPLES).into_iter().flatten().collect();
            told.samples[i] = first(samples, SAMPLES);
        }
        told
    }
}

/// The first ones, in the order of the runs of leaves that they stand in.
fn first<T>(mut all: Vec<(u32, T)>, most: usize) -> Vec<T> {
    all.sort_by_key(|(run, _)| *run);
    all.into_iter().take(most).map(|(_, one)| one).collect()
}

impl Each for Telling<'_> {
    fn row(&mut self, seen: &Seen<'_, '_>) -> Result<(), Error> {
        let Telling { states, table, group, inner, samples, disagreeing } = self;
        for (i, target) in group.iter().enumerate() {
            if let Some(look) = &seen.looks[i] {
                let row = || label(table, &seen.address());
                inner[i].0.add(look, seen.run, row);
                if !look.edits.is_empty() {
                    let edits = look.edits.iter().map(|e| (e.part, edit_sample(*states, e, row())));
                    inner[i].1.push((seen.run, edits.collect()));
                }
                continue;
            }
            if samples[i].len() < SAMPLES && matches!(seen.actions[i], Action::Set(_) | Action::Null) {
                let value = seen.row[seen.at[i]];
                let after = after(value, seen.actions[i]);
                samples[i].push((seen.run, sample(*states, target, table, &seen.address(), &Value::from_ref(value), &after)));
            }
            if let Some(at) = seen.twins[i].filter(|_| seen.disagree[i]) {
                let stops = seen.actions[i] == Action::Stop;
                let Some(list) = disagreeing[i].room(stops) else { continue };
                list.push((seen.run, disagreement(*states, target, table, &seen.address(), seen.row[seen.at[i]], seen.row[at])));
            }
        }
        Ok(())
    }
}

/// A row whose id and twin disagree, for a person.
fn disagreement(states: States<'_>, target: &Target, table: &Table, address: &[Value], id: ValueRef<'_>, twin: ValueRef<'_>) -> String {
    let row = label(table, address);
    let twin_name = target.twin.map_or("", |t| &table.columns[t].name);
    let Class::Id(number, _) = target.sentinels.class(id) else { return row };
    let check = Check::new(0, target.kind, states.old, states.new);
    let as_new = match check.agreement(number, twin) {
        Agreement::AsNew => ", as in the new state: written since the restore?",
        _ => "",
    };
    format!("{row}: {}, while {twin_name} says {}{as_new}", check.told(number), show(&Value::from_ref(twin)))
}

/// Rows of one place whose ids and twins disagree, each with the run of leaves that it stands in.
#[derive(Debug, Clone, Default)]
pub(super) struct Disagreements {
    /// Those that stop the fix, and those that stay as they are: how many, and the first of them.
    pub stopping: (u64, Vec<(u32, String)>),
    pub left: (u64, Vec<(u32, String)>),
}

impl Disagreements {
    /// Counts one; the list to put it on, if there is room on it.
    fn room(&mut self, stops: bool) -> Option<&mut Vec<(u32, String)>> {
        let (count, list) = if stops { &mut self.stopping } else { &mut self.left };
        *count += 1;
        (list.len() < LISTED).then_some(list)
    }

    /// Adds those of another part of the table.
    fn join(&mut self, other: Disagreements) {
        for (all, mut part) in [(&mut self.stopping, other.stopping), (&mut self.left, other.left)] {
            all.0 += part.0;
            all.1.append(&mut part.1);
            all.1.sort_by_key(|(run, _)| *run);
            all.1.truncate(LISTED);
        }
    }
}

/// A cell that changes.
fn sample(states: States<'_>, target: &Target, table: &Table, address: &[Value], before: &Value, after: &Value) -> Sample {
    let name = |inventory: &Inventory, value: &Value| {
        let id = match value {
            Value::Integer(i) => Some(*i),
            Value::Text(t) => t.parse().ok(),
            _ => None,
        };
        id.and_then(|id| inventory.get(target.kind, id)).map(|o| o.name.to_string()).unwrap_or_default()
    };
    Sample {
        row: label(table, address),
        before: show(before),
        before_name: name(states.old, before),
        after: show(after),
        after_name: name(states.new, after),
    }
}

/// An id that changes inside a value.
fn edit_sample(states: States<'_>, edit: &inside::Edit, row: String) -> Sample {
    let name = |inventory: &Inventory, id: i64| inventory.get(edit.kind, id).map(|o| o.name.to_string()).unwrap_or_default();
    Sample {
        row: format!("{row}, {}", edit.path),
        before: edit.before.to_string(),
        before_name: name(states.old, edit.before),
        after: edit.after.map_or_else(|| "null".into(), |id| id.to_string()),
        after_name: edit.after.map(|id| name(states.new, id)).unwrap_or_default(),
    }
}
