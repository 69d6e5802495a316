//! What a plan says of values with ids inside.

use std::collections::BTreeMap;

use super::{Look, Remark};
use crate::remap::plan::{Plan, Problem, ProblemCode};

/// Rows that are listed for each sort of remark.
const LISTED: usize = 10;

/// The remarks on one column's values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report {
    /// How many there are of each sort, and the first rows, each with the run of leaves that it stands in.
    remarks: BTreeMap<Remark, (u64, Vec<(u32, String)>)>,
}

impl Report {
    /// Adds those of one value; `row` is its row, for a person, in that run of leaves.
    pub(crate) fn add(&mut self, look: &Look, run: u32, row: impl Fn() -> String) {
        for (remark, text) in &look.remarks {
            let (count, list) = self.remarks.entry(*remark).or_default();
            *count += 1;
            if list.len() < LISTED {
                list.push((run, format!("{}: {text}", row())));
            }
        }
    }

    /// Adds those of another part of the table.
    pub(crate) fn join(&mut self, other: Report) {
        for (remark, (count, mut list)) in other.remarks {
            let (all, first) = self.remarks.entry(remark).or_default();
            *all += count;
            first.append(&mut list);
            first.sort_by_key(|(run, _)| *run);
            first.truncate(LISTED);
        }
    }

    /// Adds to the plan what stops it, and what a person should know.
    pub(crate) fn tell(&self, plan: &mut Plan, (database, place): (&str, &str), strict: bool) {
        for (remark, (count, list)) in &self.remarks {
            let more = if *count > list.len() as u64 { "; …" } else { "" };
            let rows: Vec<&str> = list.iter().map(|(_, row)| row.as_str()).collect();
            let listed = format!("{}{more}", rows.join("; "));
            let values = |what: &str| if *count == 1 { format!("1 value {what}") } else { format!("{count} values {what}") };
            let (code, message) = match remark {
                Remark::Unparsable => (strict.then_some(ProblemCode::Unparsable), values("cannot be read, and would stay as it is")),
                Remark::InnerUnparsable => {
                    (strict.then_some(ProblemCode::Unparsable), values("holds text that cannot be read, which would stay as it is"))
                }
                Remark::FitsTwice => (Some(ProblemCode::FitsTwice), "what the ids in a text mean is not certain".to_owned()),
                Remark::Collision => (Some(ProblemCode::Collision), "keys or items of one value would be the same".to_owned()),
                Remark::NotNulled => (Some(ProblemCode::NotNull), "an id cannot become null".to_owned()),
                Remark::Trailing => (None, values("has bytes behind its end, which stay")),
            };
            let message = format!("{message}: {listed}");
            match code {
                Some(code) => {
                    plan.problems.push(Problem { code, database: database.to_owned(), place: place.to_owned(), rows: *count, message });
                }
                None => plan.notes.push(format!("{database}: {place}: {message}")),
            }
        }
    }
}
