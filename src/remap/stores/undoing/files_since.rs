//! Files of a run that is taken back which are not as it left them.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8PathBuf;
use rustix::fs::FileType;

use super::super::super::error::RemapError;
use super::super::super::undo::{Drift, told};
use super::super::files::{self, FileStep};
use super::super::folder::Root;
use super::super::since::Since;
use crate::panel::Inventory;
use crate::value;

/// Files of the run that are others now, or gone, by their numbers; with the content that they get.
pub(super) type Altered = BTreeMap<usize, Option<Vec<u8>>>;

/// How the files of `steps`, which take a run back, differ from what it left. A file that is gone is left out, and the ids in one that was written since are put
/// into the words of before.
pub(super) fn drift(
    root: &Root,
    (steps, altered): (&mut [FileStep], &mut Altered),
    (since, old): (Option<&Since>, &Inventory),
    found: &mut Vec<Drift>,
) -> Result<(), RemapError> {
    let leaving: BTreeSet<Utf8PathBuf> = steps.iter().map(|step| step.from.clone()).collect();
    for (n, step) in steps.iter_mut().enumerate().filter(|(_, step)| step.does_something()) {
        let place = step.beside();
        let (detail, acceptable) = match difference(root, step, leaving.contains(&place))? {
            Difference::None => continue,
            Difference::Gone => {
                altered.insert(n, None);
                *step = step.nothing();
                ("it is gone".to_owned(), true)
            }
            Difference::Written(text) => {
                let detail = "its content is not what the run left";
                match (text, since) {
                    (Some(text), Some(since)) => {
                        let looked = since.content(&step.from, &text, old)?;
                        let more = looked.as_ref().map(|(back, _)| told(*back, false, old)).unwrap_or_default();
                        let is_certain = looked.as_ref().is_none_or(|(back, _)| back.is_certain());
                        let then = looked.map(|(_, then)| then).filter(|then| *then != text);
                        step.content = then.as_deref().map(|then| (files::sha(&text), files::sha(then)));
                        altered.insert(n, then);
                        (format!("{detail}{more}"), is_certain)
                    }
                    _ => (detail.to_owned(), false),
                }
            }
            Difference::Other(detail) => (detail, false),
        };
        found.push(Drift { database: "files".into(), table: step.from.to_string(), detail, acceptable });
    }
    Ok(())
}

/// How a file differs from what a run left.
enum Difference {
    None,
    /// It is not there.
    Gone,
    /// Its content is another one: this, unless it is too large to be looked into.
    Written(Option<Vec<u8>>),
    /// Something that a person has to put right.
    Other(String),
}

/// `place_is_left`: what has the name that the file is to get goes away.
fn difference(root: &Root, step: &FileStep, place_is_left: bool) -> Result<Difference, RemapError> {
    let Some(stat) = root.stat(&step.from)? else { return Ok(Difference::Gone) };
    if step.folder != (FileType::from_raw_mode(stat.st_mode) == FileType::Directory) {
        return Ok(Difference::Other("it is something else than it was".into()));
    }
    if step.renames() && !place_is_left && root.stat(&step.beside())?.is_some() {
        return Ok(Difference::Other(format!("something else is called {} now: move it away, then try again", step.to)));
    }
    let Some((left, before)) = step.content else { return Ok(Difference::None) };
    let now = root.read(&step.from, value::LARGEST as u64)?;
    Ok(match now.as_deref().map(files::sha) {
        Some(sha) if sha == left => Difference::None,
        Some(sha) if sha == before => {
            Difference::Other("it is as it was before the run: put back its copy of after the run, or write what it is to hold".into())
        }
        _ => Difference::Written(now),
    })
}
