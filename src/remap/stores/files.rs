//! What becomes of files in the var directory, and of their names.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use globset::GlobMatcher;
use rustix::fs::FileType;
use sha2::{Digest, Sha256};

use super::super::error::{ManifestMismatch, RemapError};
use super::super::plan::{FilePlan, Plan, Problem, ProblemCode, Refused};
use super::super::scan::CellHash;
use super::super::target;
use super::folder::{Entry as Listed, Root, What};
use super::since::{self, Digested};
use super::spot::{self, Judge, Sort};
use crate::reference::manifest::{Entry, Holds, Manifest, Store, names};
use crate::sqlite::ValueRef;
use crate::value::{self, Spots};

/// The longest name of a file, in bytes, on the file systems of Linux.
const LONGEST: usize = 255;

/// What new contents need of disks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Room {
    /// The contents before, which the companion keeps.
    pub before: u64,
    /// The contents afterwards, which lie aside until they take their places.
    pub after: u64,
}

impl Room {
    /// Adds a file.
    pub(super) fn add(&mut self, before: usize, after: usize) {
        // A file takes whole blocks.
        const BLOCK: u64 = 4096;
        self.before = self.before.saturating_add(before as u64);
        self.after = self.after.saturating_add((after as u64).next_multiple_of(BLOCK));
    }
}

/// What becomes of one file or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileStep {
    /// Its path now, relative to the var directory.
    pub from: Utf8PathBuf,
    /// Its path afterwards: its own name and those of folders above it may be others.
    pub to: Utf8PathBuf,
    /// Whether it is a folder.
    pub folder: bool,
    /// SHA-256 of its content now and afterwards. Where its name alone changes, twice that of [`Root::sample`]; `None`: that is not known.
    pub content: Option<Contents>,
}

impl FileStep {
    /// SHA-256 of its content now and afterwards, where that changes.
    pub(super) fn rewritten(&self) -> Option<Contents> {
        self.content.filter(|(before, after)| before != after)
    }

    /// Whether its own name changes.
    pub(super) fn renames(&self) -> bool {
        self.from.file_name() != self.to.file_name()
    }

    /// Whether it changes something.
    pub(super) fn does_something(&self) -> bool {
        self.from != self.to || self.content.is_some()
    }

    /// The step that leaves it where it is, and as it is.
    pub(super) fn nothing(&self) -> FileStep {
        FileStep { from: self.from.clone(), to: self.from.clone(), folder: self.folder, content: None }
    }

    /// The same step, and its own name stays.
    pub(super) fn unnamed(&self) -> FileStep {
        FileStep { to: self.to.with_file_name(self.from.file_name().unwrap_or_default()), ..self.clone() }
    }

    /// Where it would lie if its own name alone became another one.
    pub(super) fn beside(&self) -> Utf8PathBuf {
        self.from.with_file_name(self.to.file_name().unwrap_or_default())
    }

    /// The step that takes this one back.
    pub(super) fn reversed(&self) -> FileStep {
        let content = self.content.map(|(before, after)| (after, before));
        FileStep { from: self.to.clone(), to: self.from.clone(), folder: self.folder, content }
    }
}

/// SHA-256.
pub(super) fn sha(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lets the files that only get other names be known again by a sample. Which these are. Those that look alike are not known.
pub(super) fn know(root: &Root, steps: &mut [FileStep]) -> Vec<usize> {
    let known: Vec<usize> =
        (0..steps.len()).filter(|&n| steps[n].renames() && !steps[n].folder && steps[n].rewritten().is_none()).collect();
    let mut seen: BTreeMap<[u8; 32], usize> = BTreeMap::new();
    for &n in &known {
        let sample = root.sample(&steps[n].from);
        sample.into_iter().for_each(|sha| *seen.entry(sha).or_default() += 1);
        steps[n].content = sample.map(|sha| (sha, sha));
    }
    for &n in &known {
        steps[n].content = steps[n].content.filter(|(sha, _)| seen.get(sha) == Some(&1));
    }
    known
}

/// The steps of a run whose files are as they were before it: a content of before lies under the name of before, which no other step put there, and the name of
/// afterwards has not that of afterwards.
pub(super) fn older(root: &Root, steps: &[FileStep]) -> Result<Vec<usize>, RemapError> {
    let holds = |step: &FileStep, path: &Utf8Path, wanted: [u8; 32]| -> Result<bool, RemapError> {
        if step.rewritten().is_none() {
            return Ok(root.sample(path) == Some(wanted));
        }
        let is_file = root.stat(path)?.is_some_and(|s| FileType::from_raw_mode(s.st_mode) == FileType::RegularFile);
        Ok(is_file && root.read(path, value::LARGEST as u64)?.is_some_and(|bytes| sha(&bytes) == wanted))
    };
    let left: BTreeSet<(&Utf8Path, [u8; 32])> = steps.iter().filter_map(|s| Some((s.to.as_path(), s.content?.1))).collect();
    let mut found = Vec::new();
    for (n, step) in steps.iter().enumerate().filter(|(_, step)| step.does_something()) {
        let Some((before, after)) = step.content else { continue };
        if !left.contains(&(step.from.as_path(), before)) && holds(step, &step.from, before)? && !holds(step, &step.to, after)? {
            found.push(n);
        }
    }
    Ok(found)
}

/// One step of a pattern of paths.
enum Part {
    /// `**`: any number of steps.
    Any,
    /// A step without an id.
    Glob(GlobMatcher),
    /// A step with ids.
    Holes(Box<Spots>),
}

/// SHA-256 of a content, before and afterwards.
pub(crate) type Contents = ([u8; 32], [u8; 32]);
/// A content before, and as it will be if it changes.
type Content = (Vec<u8>, Option<Vec<u8>>);

/// The patterns of names in a manifest, and globs of files.
pub(super) struct Patterns {
    names: Vec<(usize, Vec<Part>)>,
    contents: Vec<(usize, GlobMatcher)>,
}

impl Patterns {
    /// Those of `manifest` for which `wanted` is true. `spots` compiles a pattern of an entry.
    pub(super) fn of(
        manifest: &Manifest,
        spots: &mut dyn FnMut(usize, &str) -> Result<Spots, RemapError>,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<Patterns, RemapError> {
        let mut patterns = Patterns { names: Vec::new(), contents: Vec::new() };
        for (index, entry) in manifest.references.iter().enumerate().filter(|(_, e)| wanted(e)) {
            let glob = |text: &str| {
                names::glob(text).map_err(|error| {
                    let message = format!("{}: {error}", target::place(entry));
                    ManifestMismatch::at(manifest, entry.span.clone(), message, "this entry", text, std::iter::empty())
                })
            };
            match &entry.store {
                Store::File { glob: text, .. } => patterns.contents.push((index, glob(text)?)),
                Store::FileName { pattern } => {
                    let mut parts = Vec::new();
                    for step in pattern.split('/').filter(|s| !s.is_empty() && *s != ".") {
                        parts.push(match step {
                            "**" => Part::Any,
                            _ if names::as_glob(step) == step => Part::Glob(glob(step)?),
                            _ => Part::Holes(Box::new(spots(index, step)?)),
                        });
                    }
                    patterns.names.push((index, parts));
                }
                _ => {}
            }
        }
        Ok(patterns)
    }

    /// The entries that a file's content is of.
    pub(super) fn contents(&self, path: &Utf8Path) -> Vec<usize> {
        self.contents.iter().filter(|(_, glob)| glob.is_match(path)).map(|(index, _)| *index).collect()
    }

    /// The entries that the last name of a path is of, with the spots in it.
    pub(super) fn names(&self, listed: &Listed) -> Vec<(usize, &Spots)> {
        let steps: Vec<&str> = listed.path.components().map(|c| c.as_str()).collect();
        let mut found = Vec::new();
        for (index, parts) in &self.names {
            let fitting = parts.iter().enumerate().find_map(|(at, part)| match part {
                // A step above the last one is a folder's name.
                Part::Holes(spots) if (at + 1 == parts.len() || listed.what == What::Folder) && aligned(&parts[..=at], &steps) => {
                    Some(&**spots)
                }
                _ => None,
            });
            found.extend(fitting.map(|spots| (*index, spots)));
        }
        found
    }

    /// The first of these, whose names are no UTF-8, that some entry may be about: it, or what lies in it; and why that is not looked at.
    pub(super) fn odd<'o>(&self, manifest: &Manifest, odd: &'o [Listed]) -> Option<(usize, &'o Utf8Path, &'static str)> {
        odd.iter().find_map(|one| {
            let path = one.path.as_path();
            let content = self.contents.iter().find(|(_, glob)| glob.is_match(path)).filter(|_| one.what != What::Folder);
            if let Some((index, _)) = content {
                return Some((*index, path, "the name of this file is no UTF-8"));
            }
            let steps: Vec<&str> = path.components().map(|c| c.as_str()).collect();
            if let Some((index, _)) = self.names.iter().find(|(index, _)| names_it(&manifest.references[*index].store, &steps)) {
                return Some((*index, path, "its name is no UTF-8"));
            }
            let mut all = self.contents.iter().map(|(index, _)| *index).chain(self.names.iter().map(|(index, _)| *index));
            let index = all.find(|index| one.what == What::Folder && reaches(&manifest.references[*index].store, &steps))?;
            Some((index, path, "the name of this folder is no UTF-8, so that nothing in it is looked at"))
        })
    }
}

/// Whether a pattern of names may be about something whose last name is not known but as it is shown.
fn names_it(store: &Store, steps: &[&str]) -> bool {
    let Store::FileName { pattern } = store else { return false };
    let parts: Vec<&str> = pattern.split('/').filter(|s| !s.is_empty() && *s != ".").collect();
    fn fits(parts: &[&str], steps: &[&str]) -> bool {
        match (parts.split_first(), steps.split_first()) {
            (None, None) => true,
            (Some((&"**", rest)), _) if fits(rest, steps) => true,
            (Some((&"**", _)), Some((_, after))) => fits(parts, after),
            (Some((part, rest)), Some((step, after))) => {
                names::glob(&of_numbers(part)).is_ok_and(|glob| glob.is_match(step)) && fits(rest, after)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
    // Ids are numbers, and begin with a digit.
    fn of_numbers(part: &str) -> String {
        let mut text = String::new();
        let mut rest = part;
        while let Some((before, (_, after))) = rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
            text.push_str(before);
            text.push_str("[0-9]*");
            rest = after.trim_start_matches('*');
        }
        text + rest
    }
    fits(&parts, steps)
}

/// Whether a pattern may be about something in a folder whose last name is not known.
fn reaches(store: &Store, folder: &[&str]) -> bool {
    let (Store::File { glob: pattern, .. } | Store::FileName { pattern }) = store else { return false };
    let parts: Vec<&str> = pattern.split('/').filter(|s| !s.is_empty() && *s != ".").collect();
    for (n, step) in folder.iter().enumerate() {
        match parts.get(n) {
            None => return false,
            Some(&"**") => return true,
            Some(part) if n + 1 == folder.len() && names::as_glob(part).contains(['*', '?', '[', '{']) => {}
            Some(part) if names::glob(part).is_ok_and(|glob| glob.is_match(step)) => {}
            Some(_) => return false,
        }
    }
    parts.len() > folder.len()
}

/// Whether the steps of a path fit the parts of a pattern.
fn aligned(parts: &[Part], steps: &[&str]) -> bool {
    match (parts.split_first(), steps.split_first()) {
        (None, None) => true,
        (Some((Part::Any, rest)), _) if aligned(rest, steps) => true,
        (Some((Part::Any, _)), Some((_, after))) => aligned(parts, after),
        (Some((Part::Glob(glob), rest)), Some((step, after))) => glob.is_match(step) && aligned(rest, after),
        (Some((Part::Holes(spots), rest)), Some((step, after))) => spot::fits(spots, step.as_bytes()) && aligned(rest, after),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// The content of a file now, and as it will be; `None`: it stays as it is. Larger ones than can be looked into are counted as such.
pub(super) fn content(
    root: &Root,
    manifest: &Manifest,
    judge: &mut Judge<'_>,
    entries: &[usize],
    path: &Utf8Path,
) -> Result<Option<Content>, RemapError> {
    let Some(before) = root.read(path, value::LARGEST as u64)? else {
        judge.unreadable(entries[0], path.as_str(), &format!("larger than {} MiB", value::LARGEST >> 20));
        return Ok(None);
    };
    let inside = |i: &usize| manifest.references[*i].path().is_some();
    let after = match (entries.iter().all(inside), entries.iter().any(inside)) {
        (true, _) => judge.document(entries, &before, path.as_str())?,
        (false, false) => judge.lines(entries, &before, path.as_str())?,
        (false, true) => {
            let entry = entries.iter().find(|i| !inside(i)).map_or(&manifest.references[entries[0]], |i| &manifest.references[*i]);
            let message = format!("{path} is looked into as lines here, and as a document by another entry");
            return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "this entry", "", std::iter::empty()));
        }
    };
    Ok(Some((before, after)))
}

/// What is told of a database that an entry of files names.
pub(super) fn not_a_text(manifest: &Manifest, entries: &[usize], path: &Utf8Path) -> String {
    format!("{}: {path} is a SQLite database, and is not looked into as a file", target::place(&manifest.references[entries[0]]))
}

/// Finds what changes in the files, adds it to `plan`, and gives it. What stays although ids in it mean something else goes to `kept`.
pub(super) fn compute(
    root: &Root,
    manifest: &Manifest,
    judge: &mut Judge<'_>,
    hash: &mut CellHash,
    plan: &mut Plan,
    (kept, room): (&mut BTreeSet<Digested>, &mut Room),
) -> Result<Vec<FileStep>, RemapError> {
    let patterns = Patterns::of(manifest, &mut |entry, pattern| judge.pattern(entry, pattern), |e| e.holds == Holds::Id)?;
    let mut odd = Vec::new();
    let listed = root.walk(&mut odd)?;
    if let Some((index, path, why)) = patterns.odd(manifest, &odd) {
        let entry = &manifest.references[index];
        let message = format!("{}: {why}; rename it, or name the files one by one", root.at(path));
        return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "may be about this", "", std::iter::empty()));
    }
    hash.text("files");
    let mut renames: BTreeMap<&Utf8Path, String> = BTreeMap::new();
    let mut contents: BTreeMap<&Utf8Path, Contents> = BTreeMap::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut left: Vec<(&Utf8Path, Option<[u8; 32]>)> = Vec::new();
    for one in &listed {
        let path = one.path.as_path();
        let entries = patterns.contents(path);
        used.extend(&entries);
        match one.what {
            _ if entries.is_empty() => {}
            What::File if root.is_database(path) => plan.notes.push(not_a_text(manifest, &entries, path)),
            What::File => {
                judge.left = false;
                if let Some((before, after)) = content(root, manifest, judge, &entries, path)? {
                    if judge.left {
                        left.push((path, Some(sha(after.as_deref().unwrap_or(&before)))));
                    }
                    let old = sha(&before);
                    hash.text(path.as_str());
                    hash.value(ValueRef::Blob(&old));
                    if let Some(after) = after {
                        room.add(before.len(), after.len());
                        contents.insert(path, (old, sha(&after)));
                    }
                }
            }
            What::Folder => {}
            What::Link | What::Other => {
                let what = if one.what == What::Link { "a symbolic link, which is not followed" } else { "no file" };
                let place = target::place(&manifest.references[entries[0]]);
                plan.not_handled
                    .push(Refused { place, reason: format!("{path} is {what}; name the files themselves, in the var directory") });
            }
        }
        let names = patterns.names(one);
        if names.len() > 1 {
            problem(plan, ProblemCode::FitsTwice, path, "its name fits two patterns: which of them is meant?".into());
        }
        if let Some((entry, spots)) = names.first() {
            let name = path.file_name().unwrap_or_default();
            hash.text(path.as_str());
            used.insert(*entry);
            judge.left = false;
            let became = judge.step(spots, *entry, name.as_bytes(), path.as_str()).and_then(|n| String::from_utf8(n).ok());
            left.extend(judge.left.then_some((path, None)));
            if let Some(became) = became {
                renames.insert(path, became);
            }
        }
    }
    for (index, entry) in manifest.references.iter().enumerate() {
        if entry.holds == Holds::Id && matches!(entry.store, Store::File { .. }) && !used.contains(&index) {
            plan.notes.push(format!("{}: there is no such file", target::place(entry)));
        }
    }
    kept.extend(left.iter().map(|(path, sha)| {
        let after = moved(path, &renames);
        sha.map_or_else(|| since::of_name(&after), |sha| since::of_content(&after, &sha))
    }));
    collisions(plan, &listed, &renames);
    let steps = steps(root, &listed, &renames, &contents)?;
    for step in steps.iter().filter(|s| s.renames()) {
        let below = |p: &&Listed| p.path.starts_with(&step.from) && p.what == What::File;
        if let Some(database) = listed.iter().filter(below).find(|p| root.is_database(&p.path)) {
            let reason = format!("{} is a SQLite database, and this release gives databases no other name", database.path);
            plan.not_handled.push(Refused { place: format!("file-name:{}", step.from), reason });
        }
    }
    plan.summary.files = steps.len() as u64;
    plan.files = steps.iter().map(planned).collect();
    Ok(steps)
}

/// The path of something once all renames are done.
pub(super) fn moved(path: &Utf8Path, renames: &BTreeMap<&Utf8Path, String>) -> Utf8PathBuf {
    let (mut old, mut new) = (Utf8PathBuf::new(), Utf8PathBuf::new());
    for step in path.components() {
        old.push(step.as_str());
        new.push(renames.get(old.as_path()).map_or(step.as_str(), String::as_str));
    }
    new
}

fn steps(
    root: &Root,
    listed: &[Listed],
    renames: &BTreeMap<&Utf8Path, String>,
    contents: &BTreeMap<&Utf8Path, Contents>,
) -> Result<Vec<FileStep>, RemapError> {
    let own = root.stat_self()?;
    let mut steps = Vec::new();
    for one in listed.iter().filter(|l| renames.contains_key(l.path.as_path()) || contents.contains_key(l.path.as_path())) {
        let device = root.stat(&one.path)?.map(|s| s.st_dev);
        if device.is_some_and(|d| d != own.st_dev) {
            let why = "it lies on another file system than the var directory: a file cannot take its place at once";
            return Err(RemapError::Io { path: root.at(&one.path), source: std::io::Error::new(std::io::ErrorKind::CrossesDevices, why) });
        }
        steps.push(FileStep {
            from: one.path.clone(),
            to: moved(&one.path, renames),
            folder: one.what == What::Folder,
            content: contents.get(one.path.as_path()).copied(),
        });
    }
    Ok(steps)
}

/// Names that would be the same, or that are too long.
fn collisions(plan: &mut Plan, listed: &[Listed], renames: &BTreeMap<&Utf8Path, String>) {
    let there: BTreeSet<&Utf8Path> = listed.iter().map(|l| l.path.as_path()).collect();
    let mut coming: BTreeMap<Utf8PathBuf, &Utf8Path> = BTreeMap::new();
    for (path, name) in renames {
        let target = path.with_file_name(name);
        if there.contains(target.as_path()) && !renames.contains_key(target.as_path()) {
            problem(plan, ProblemCode::Collision, path, format!("it would be called {name}, and there is such a file already"));
        }
        if let Some(other) = coming.insert(target, path) {
            problem(plan, ProblemCode::Collision, path, format!("it and {other} would both be called {name}"));
        }
        if name.len() > LONGEST {
            problem(plan, ProblemCode::TooLong, path, format!("its name would have {} bytes, and {LONGEST} are possible", name.len()));
        }
    }
}

fn problem(plan: &mut Plan, code: ProblemCode, path: &Utf8Path, message: String) {
    plan.problems.push(Problem { code, database: Sort::Files.word().to_owned(), place: path.to_string(), rows: 1, message });
}

/// A step as plans list it.
fn planned(step: &FileStep) -> FilePlan {
    let hex = |sha: [u8; 32]| sha.iter().map(|b| format!("{b:02x}")).collect::<String>();
    FilePlan {
        path: step.from.to_string(),
        path_after: step.to.to_string(),
        folder: step.folder,
        sha256: step.content.map(|c| hex(c.0)),
        sha256_after: step.content.map(|c| hex(c.1)),
    }
}

/// Whether the entry is one of a file.
pub(super) fn is_one(entry: &Entry) -> bool {
    spot::sort(entry) == Some(Sort::Files)
}
