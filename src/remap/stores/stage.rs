//! Files taking their places, one phase after the other. Each phase can be begun anew at any point of it.
//!
//! Names can be permuted (5 → 7 while 7 → 5), so that a name alone does not tell whether what lies there was moved already. What gets another name steps aside
//! first, into the folder for new files, under a number; once all have, they take their new names. Which of the two is going on stands in the companion.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{Mode, OFlags, openat};

use super::super::error::RemapError;
use super::files::{FileStep, sha};
use super::folder::{self, Root, STAGE};
use super::journal::Phase;
use crate::value;

/// The name of file `n`'s new content.
fn new(n: usize) -> String {
    format!("{n}.new")
}

/// The name of file or folder `n` while it stands aside.
fn aside(n: usize) -> String {
    format!("{n}.old")
}

/// Writes the new content of file `n` aside, durably, with the owner, mode, attributes and times of the file whose place it will take. Its content must be `before`
/// now. Gives what could not be kept.
pub(super) fn stage(root: &Root, n: usize, path: &Utf8Path, before: &[u8; 32], content: &[u8]) -> Result<Vec<String>, RemapError> {
    let stage = root.stage()?;
    let name = new(n);
    let staged = root.at(Utf8Path::new(STAGE)).join(&name);
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = openat(&stage, name.as_str(), flags, Mode::RUSR | Mode::WUSR).map_err(|e| folder::io_error(&staged, e))?;
    let mut file = File::from(file);
    let io = |source| RemapError::Io { path: staged.clone(), source };
    file.write_all(content).map_err(io)?;
    let (model, stat) = root.file(path)?;
    if sha(&root.read(path, value::LARGEST as u64)?.unwrap_or_default()) != *before {
        return Err(RemapError::Changed { path: root.at(path) });
    }
    let lost = folder::like(&model, &stat, &file, &root.at(path))?;
    file.sync_all().map_err(io)?;
    Ok(lost)
}

/// Makes the names of what was written aside durable.
pub(super) fn staged(root: &Root) -> Result<(), RemapError> {
    folder::sync(&root.stage()?, &root.at(Utf8Path::new(STAGE)))
}

/// What is left out of the steps, since somebody was faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// The content of step `n`: it is another one by now.
    Content(usize),
    /// All of step `n`: what it is about is gone.
    Gone(usize),
}

/// Does one phase. When it returns, what it did is durable. A file that is gone holds nothing up; nor, with `written`, does one that was written in between.
/// `again`: the run was interrupted. One that was not knows that a file whose name alone changes is the one that it looked at, though a program may go on writing it.
pub(super) fn phase(root: &Root, steps: &[FileStep], phase: Phase, (written, again): (bool, bool)) -> Result<Vec<Left>, RemapError> {
    match phase {
        Phase::Contents => contents(root, steps, (written, again)),
        Phase::Aside => step_aside(root, steps),
        Phase::Place => place(root, steps, written),
        Phase::Done => root.clear_stage().map(|()| Vec::new()),
    }
}

/// The folders of some paths made durable.
fn sync(root: &Root, folders: BTreeSet<Utf8PathBuf>) -> Result<(), RemapError> {
    for below in folders {
        folder::sync(&root.folder(&below)?, &root.at(&below))?;
    }
    folder::sync(&root.stage()?, &root.at(Utf8Path::new(STAGE)))
}

fn parent(path: &Utf8Path) -> Utf8PathBuf {
    path.parent().unwrap_or(Utf8Path::new("")).to_owned()
}

fn contents(root: &Root, steps: &[FileStep], (written, again): (bool, bool)) -> Result<Vec<Left>, RemapError> {
    let stage = root.stage()?;
    let (mut folders, mut left) = (BTreeSet::new(), Vec::new());
    for (n, step) in steps.iter().enumerate() {
        let Some((before, after)) = &step.content else { continue };
        let name = new(n);
        // Its name alone changes.
        if before == after {
            match again && root.sample(&step.from).is_some_and(|now| now != *before) {
                true if written => left.push(Left::Content(n)),
                true => return Err(RemapError::Changed { path: root.at(&step.from) }),
                false => {}
            }
            continue;
        }
        let is_gone = root.stat(&step.from)?.is_none();
        let now = if is_gone { None } else { root.read(&step.from, value::LARGEST as u64)?.map(|bytes| sha(&bytes)) };
        if !folder::has(&stage, &name) {
            // It is in its place, and may have been written since.
            match now == Some(*before) {
                true if written => left.push(Left::Content(n)),
                true => return Err(lacking(root, &name)),
                false => {}
            }
            continue;
        }
        if now != Some(*before) {
            if !is_gone && !written {
                return Err(RemapError::Changed { path: root.at(&step.from) });
            }
            left.push(if is_gone { Left::Gone(n) } else { Left::Content(n) });
            continue;
        }
        let (to, file) = root.parent(&step.from)?;
        folder::replace((&stage, &name), (&to, file), &root.at(&step.from))?;
        folders.insert(parent(&step.from));
    }
    sync(root, folders).map(|()| left)
}

/// What was set aside is not there any more: somebody took it out.
fn lacking(root: &Root, name: &str) -> RemapError {
    let why = "it was taken out of reguid.stage, or from where it was put: put it back, or go on without it (--panel-holds new)";
    let source = std::io::Error::new(std::io::ErrorKind::NotFound, why);
    RemapError::Io { path: root.at(Utf8Path::new(STAGE)).join(name), source }
}

/// The steps that give another name, those that lie deepest first, and those of one folder together.
fn deepest_first(steps: &[FileStep]) -> Vec<(usize, &FileStep)> {
    let mut all: Vec<(usize, &FileStep)> = steps.iter().enumerate().filter(|(_, s)| s.renames()).collect();
    all.sort_by_key(|(_, s)| (std::cmp::Reverse(s.from.components().count()), &s.from));
    all
}

/// Of what has not stepped aside yet, what was written since it got its content. Without `written` that is refused.
pub(super) fn written(root: &Root, steps: &[FileStep], written: bool) -> Result<Vec<Left>, RemapError> {
    let (stage, mut left) = (root.stage()?, Vec::new());
    for (n, step) in steps.iter().enumerate().filter(|(n, step)| step.renames() && !folder::has(&stage, &aside(*n))) {
        let Some((before, after)) = step.content else { continue };
        let is_other = match before == after {
            true => root.sample(&step.from).is_some_and(|now| now != after),
            false => root.stat(&step.from)?.is_some() && root.read(&step.from, value::LARGEST as u64)?.map(|b| sha(&b)) != Some(after),
        };
        if is_other {
            if !written {
                return Err(RemapError::Changed { path: root.at(&step.from) });
            }
            left.push(Left::Content(n));
        }
    }
    Ok(left)
}

/// Of what has not stepped aside yet, the steps whose new names are taken by something that stays.
pub(super) fn blocked(root: &Root, steps: &[FileStep]) -> Result<Vec<usize>, RemapError> {
    let stage = root.stage()?;
    let waits = |n: usize, step: &FileStep| step.renames() && !folder::has(&stage, &aside(n));
    let mut renaming: BTreeMap<Utf8PathBuf, usize> =
        steps.iter().enumerate().filter(|(n, step)| waits(*n, step)).map(|(n, step)| (step.from.clone(), n)).collect();
    let mut all = Vec::new();
    loop {
        let mut more = Vec::new();
        for (from, n) in &renaming {
            let beside = steps[*n].beside();
            if !renaming.contains_key(&beside) && root.stat(&beside)?.is_some() && root.stat(from)?.is_some() {
                more.push((from.clone(), *n));
            }
        }
        if more.is_empty() {
            return Ok(all);
        }
        for (from, n) in more {
            renaming.remove(&from);
            all.push(n);
        }
    }
}

fn step_aside(root: &Root, steps: &[FileStep]) -> Result<Vec<Left>, RemapError> {
    let (stage, mut left) = (root.stage()?, Vec::new());
    for of_one_folder in deepest_first(steps).chunk_by(|a, b| a.1.from.parent() == b.1.from.parent()) {
        let mut folder = None;
        for (n, step) in of_one_folder {
            let name = aside(*n);
            if folder::has(&stage, &name) {
                continue;
            }
            if root.stat(&step.from)?.is_none() {
                left.push(Left::Gone(*n));
                continue;
            }
            let (from, old) = root.parent(&step.from)?;
            folder::rename((&from, old), (&stage, &name), &root.at(&step.from))?;
            folder = Some(from);
        }
        // A folder that is itself about to step aside is made durable while it can be found under its name.
        let path = of_one_folder.first().map(|(_, step)| parent(&step.from)).unwrap_or_default();
        match folder.map(Ok).unwrap_or_else(|| root.folder(&path)) {
            Ok(folder) => folder::sync(&folder, &root.at(&path))?,
            // It stepped aside itself, before an interruption.
            Err(RemapError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    sync(root, BTreeSet::new()).map(|()| left)
}

fn place(root: &Root, steps: &[FileStep], written: bool) -> Result<Vec<Left>, RemapError> {
    let stage: OwnedFd = root.stage()?;
    let (mut folders, mut left) = (BTreeSet::new(), Vec::new());
    for (n, step) in deepest_first(steps).into_iter().rev() {
        let name = aside(n);
        if folder::has(&stage, &name) {
            let (to, new) = root.parent(&step.to)?;
            if folder::has(&to, new) {
                let why =
                    format!("something else is called so now: move it away, then run this again; what comes there lies in {STAGE}/{name}");
                let source = std::io::Error::new(std::io::ErrorKind::AlreadyExists, why);
                return Err(RemapError::Io { path: root.at(&step.to), source });
            }
            folder::rename((&stage, &name), (&to, new), &root.at(&step.to))?;
        } else if root.stat(&step.to)?.is_none() {
            if !written {
                return Err(lacking(root, &name));
            }
            left.push(Left::Gone(n));
            continue;
        }
        folders.insert(parent(&step.to));
    }
    sync(root, folders).map(|()| left)
}

/// Files that are written aside, and cleared away where the run does not come to its commit.
#[derive(Default)]
pub(super) struct Staging(pub(super) Option<Utf8PathBuf>);

impl Drop for Staging {
    fn drop(&mut self) {
        if let Some(var_dir) = &self.0 {
            // What cannot be cleared away now is at the next start.
            let _ = Root::open(var_dir).and_then(|root| root.clear_stage());
        }
    }
}
