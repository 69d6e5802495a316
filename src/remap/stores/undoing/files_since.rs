//! Files of a run that is taken back which are not as it left them.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::FileType;

use super::super::super::error::RemapError;
use super::super::super::undo::{Drift, told};
use super::super::files::{self, FileStep};
use super::super::folder::Root;
use super::super::since::Since;
use crate::panel::Inventory;
use crate::panel::evidence::Hold;
use crate::value;

/// Files of the run that are others now, or gone, by their numbers; with the content that they get.
pub(super) type Altered = BTreeMap<usize, Option<Vec<u8>>>;

/// What is still to be looked at.
#[derive(Default)]
pub(super) struct Open {
    /// Something that stands in the way of a file that gets its old name, unless it gets another one itself; and what is told then.
    pub in_the_way: Vec<(Utf8PathBuf, Drift)>,
    /// Files that are as before the run, as a person says: nothing came into them since.
    pub as_before: BTreeSet<Utf8PathBuf>,
}

/// How the files of `steps`, which take a run back, differ from what it left. A file that is gone is left out, and the ids in one that was written since are put
/// into the words of before. One that is as before the run tells nothing by itself: `hold` says which ids it holds.
pub(super) fn drift(
    root: &Root,
    (steps, altered): (&mut [FileStep], &mut Altered),
    (since, old): (Option<&Since>, &Inventory),
    hold: Option<Hold>,
    found: &mut Vec<Drift>,
) -> Result<Open, RemapError> {
    let of = |path: &Utf8Path, detail: String, acceptable| Drift { database: "files".into(), table: path.to_string(), detail, acceptable };
    let forward: Vec<FileStep> = steps.iter().map(FileStep::reversed).collect();
    let older: BTreeSet<usize> = files::older(root, &forward)?.into_iter().collect();
    let mut open = Open::default();
    for (n, step) in steps.iter_mut().enumerate() {
        // What is in a file of which the name alone changed is looked at as in any other.
        step.content = step.rewritten();
        if !older.contains(&n) || !step.renames() {
            continue;
        }
        let path = &forward[n].from;
        match hold {
            Some(Hold::Old) => {
                altered.insert(n, None);
                *step = step.nothing();
                open.as_before.insert(path.clone());
            }
            Some(Hold::New) => found.push(of(path, format!("{AS_BEFORE}, and speaks of now"), true)),
            None => found.push(of(path, format!("{AS_BEFORE}{UNSAID}"), false)),
        }
    }
    let leaving: BTreeSet<Utf8PathBuf> = steps.iter().filter(|s| s.renames()).map(|step| step.from.clone()).collect();
    for (n, step) in steps.iter_mut().enumerate().filter(|(_, step)| step.does_something()) {
        let place = step.beside();
        let (text, detail, acceptable) = match difference(root, step, leaving.contains(&place))? {
            Difference::None => continue,
            Difference::Gone => {
                altered.insert(n, None);
                *step = step.nothing();
                found.push(of(&forward[n].to, "it is gone".to_owned(), true));
                continue;
            }
            Difference::InTheWay => {
                let detail = format!("something else is called {} now: move it away, then try again", step.to);
                open.in_the_way.push((place, of(&step.from, detail, false)));
                continue;
            }
            Difference::Other(detail) => (None, detail.to_owned(), false),
            Difference::AsBefore(_) if hold == Some(Hold::Old) => {
                altered.insert(n, None);
                step.content = None;
                open.as_before.insert(step.from.clone());
                continue;
            }
            Difference::AsBefore(text) if hold == Some(Hold::New) => (Some(text), format!("{AS_BEFORE}, and speaks of now"), true),
            Difference::AsBefore(_) => (None, format!("{AS_BEFORE}{UNSAID}"), false),
            Difference::Written(text) => (text, "its content is not what the run left".to_owned(), since.is_some()),
        };
        let mut drift = of(&step.from, detail, acceptable);
        match (text, since) {
            (Some(text), Some(since)) => {
                let looked = since.content(&step.from, &text, old)?;
                drift.detail += &looked.as_ref().map(|(back, _)| told(*back, false, old)).unwrap_or_default();
                drift.acceptable = looked.as_ref().is_none_or(|(back, _)| back.is_certain());
                let then = looked.map(|(_, then)| then).filter(|then| *then != text);
                step.content = then.as_deref().map(|then| (files::sha(&text), files::sha(then)));
                altered.insert(n, then);
            }
            _ => drift.acceptable = false,
        }
        found.push(drift);
    }
    Ok(open)
}

const AS_BEFORE: &str = "it is as it was before the run";
const UNSAID: &str = ": say which ids it holds, --panel-holds new or old";

/// How a file differs from what a run left.
enum Difference {
    None,
    /// It is not there.
    Gone,
    /// Something else has the name that it is to get.
    InTheWay,
    /// Its content is the one of before the run.
    AsBefore(Vec<u8>),
    /// Its content is another one: this, unless it is too large to be looked into.
    Written(Option<Vec<u8>>),
    /// Something that a person has to put right.
    Other(&'static str),
}

/// `place_is_left`: what has the name that the file is to get goes away.
fn difference(root: &Root, step: &FileStep, place_is_left: bool) -> Result<Difference, RemapError> {
    let Some(stat) = root.stat(&step.from)? else { return Ok(Difference::Gone) };
    if step.folder != (FileType::from_raw_mode(stat.st_mode) == FileType::Directory) {
        return Ok(Difference::Other("it is something else than it was"));
    }
    if step.renames() && !place_is_left && root.stat(&step.beside())?.is_some() {
        return Ok(Difference::InTheWay);
    }
    let Some((left, before)) = step.content else { return Ok(Difference::None) };
    Ok(match root.read(&step.from, value::LARGEST as u64)? {
        Some(now) if files::sha(&now) == left => Difference::None,
        Some(now) if files::sha(&now) == before => Difference::AsBefore(now),
        now => Difference::Written(now),
    })
}
