//! What becomes of an extension's settings.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::super::error::{ManifestMismatch, RemapError};
use super::super::plan::{Plan, Problem, ProblemCode, Refused, SettingPlan};
use super::super::scan::CellHash;
use super::super::target;
use super::since::{self, Digested};
use super::spot::{self, Judge, Sort};
use crate::panel::change::Change;
use crate::panel::settings::{Session, Setting, cannot_go, folded};
use crate::panel::{Kind, catalogue};
use crate::reference::manifest::{Entry, Holds, Manifest, Store, names};
use crate::sqlite::ValueRef;

/// Whose settings an entry is about; `None` inside: the extension's own.
fn of(entry: &Entry) -> Option<Option<Kind>> {
    match &entry.store {
        Store::SettingKey { .. } | Store::Setting { .. } => Some(None),
        Store::ObjectSetting { of, .. } => Some(Some(*of)),
        _ => None,
    }
}

/// The settings' owners that the entries of `manifest` name, for which `wanted` is true, each once.
pub(super) fn owners(manifest: &Manifest, wanted: impl Fn(&Entry) -> bool) -> Vec<Option<Kind>> {
    let mut owners: Vec<Option<Kind>> = manifest.references.iter().filter(|e| wanted(e)).filter_map(of).collect();
    owners.sort_unstable();
    owners.dedup();
    owners
}

/// The entries whose pattern of a value's name fits.
pub(super) fn naming(manifest: &Manifest, owner: Option<Kind>, name: &[u8], wanted: impl Fn(&Entry) -> bool) -> Vec<usize> {
    let fits = |(index, entry): (usize, &Entry)| {
        let pattern = match &entry.store {
            Store::Setting { name, .. } if owner.is_none() => name,
            Store::ObjectSetting { of, name, .. } if owner == Some(*of) => name,
            _ => return None,
        };
        (wanted(entry) && names::fits(pattern, name)).then_some(index)
    };
    manifest.references.iter().enumerate().filter_map(fits).collect()
}

/// An entry that is about the setting by a name that the panel takes for the same, and that is spelled otherwise.
pub(super) fn misnaming(manifest: &Manifest, owner: Option<Kind>, name: &[u8], wanted: impl Fn(&Entry) -> bool) -> Option<usize> {
    let is_near = |entry: &Entry| match &entry.store {
        Store::Setting { name: pattern, .. } if owner.is_none() => names::fits(&pattern.to_lowercase(), folded(name).as_bytes()),
        Store::ObjectSetting { of, name: pattern, .. } if owner == Some(*of) => {
            names::fits(&pattern.to_lowercase(), folded(name).as_bytes())
        }
        _ => false,
    };
    manifest.references.iter().position(|entry| wanted(entry) && is_near(entry))
}

/// What is told of it.
pub(super) fn misnamed(setting: &Setting) -> String {
    format!("the panel has it as {:?}, which it takes for the same name: spell it so", String::from_utf8_lossy(&setting.name))
}

/// Whether the panel alone can read a value.
pub(super) fn encrypted(value: &[u8]) -> bool {
    let mark = &catalogue::get().shared.settings.encrypted;
    !mark.is_empty() && value.starts_with(mark.as_bytes())
}

/// A setting as a person finds it.
pub(super) fn label(setting: &Setting) -> String {
    let name = String::from_utf8_lossy(&setting.name);
    setting.of.map_or_else(|| name.to_string(), |kind| format!("{kind} {}: {name}", setting.owner))
}

/// Finds what changes in the settings, adds it to `plan`, and gives it. What stays although ids in it mean something else goes to `kept`.
pub(super) fn compute(
    session: &mut Session,
    manifest: &Manifest,
    judge: &mut Judge<'_>,
    hash: &mut CellHash,
    plan: &mut Plan,
    kept: &mut BTreeSet<Digested>,
) -> Result<Vec<Change>, RemapError> {
    let raw = |e: &Entry| e.holds == Holds::Id;
    let keys: Vec<usize> = (0..manifest.references.len())
        .filter(|&i| raw(&manifest.references[i]) && matches!(manifest.references[i].store, Store::SettingKey { .. }))
        .collect();
    let mut changes = Vec::new();
    for owner in owners(manifest, raw) {
        if session.store(owner).is_err() {
            let entry = manifest.references.iter().find(|e| raw(e) && of(e) == Some(owner)).expect("the owner is an entry's");
            let message = format!("{}: {} keeps no such settings that are known", target::place(entry), session.server());
            return Err(ManifestMismatch::at(manifest, entry.span.clone(), message, "this entry", "", std::iter::empty()));
        }
        let store = session.store(owner).map_err(super::panel_error)?.clone();
        hash.text("settings");
        hash.text(&store.table);
        // The server tells names apart by collation.
        let (mut staying, mut coming): (FxHashSet<String>, Vec<usize>) = (FxHashSet::default(), Vec::new());
        let mut failed = None;
        session
            .each(owner, |setting| {
                if failed.is_some() {
                    return;
                }
                let item = label(&setting);
                (judge.left, judge.goes) = (false, false);
                let (mut name, mut fitting) = (None, 0);
                for &entry in keys.iter().filter(|_| owner.is_none()) {
                    match judge.name(entry, &setting.name, &item) {
                        Err(error) => failed = Some(error),
                        Ok(None) => {}
                        Ok(Some(became)) => {
                            fitting += 1;
                            name = became.or(name.take());
                        }
                    }
                }
                if fitting > 1 {
                    problem(plan, ProblemCode::FitsTwice, &store.table, format!("{item} fits two patterns: which of them is meant?"));
                }
                // What goes by its name goes with its value.
                let goes = judge.goes;
                let entries = if goes { Vec::new() } else { naming(manifest, owner, &setting.name, raw) };
                if entries.is_empty()
                    && !goes
                    && let Some(entry) = misnaming(manifest, owner, &setting.name, raw)
                {
                    plan.notes.push(format!("{}: {}", target::place(&manifest.references[entry]), misnamed(&setting)));
                }
                let mut value = None;
                if let (false, Some(text)) = (entries.is_empty(), &setting.value) {
                    if encrypted(text) {
                        judge.encrypted(entries[0], &item);
                    } else {
                        match judge.value(&entries, text, &item) {
                            Err(error) => failed = Some(error),
                            Ok(became) => value = became,
                        }
                    }
                }
                if owner.is_none() && !keys.is_empty() || !entries.is_empty() {
                    hash.number(setting.owner);
                    hash.value(ValueRef::Blob(&setting.name));
                    // The value of a setting that nobody looks into may change as it likes, unless the setting moves.
                    let seen = !entries.is_empty() || name.is_some() || goes;
                    hash.value(setting.value.as_deref().filter(|_| seen).map_or(ValueRef::Null, ValueRef::Blob));
                }
                if goes {
                    changes.push(Change::Removed(setting));
                    return;
                }
                if judge.left {
                    let after = (name.clone().unwrap_or_else(|| setting.name.clone()), value.clone().or_else(|| setting.value.clone()));
                    kept.insert(since::of_setting(&Setting { name: after.0, value: after.1, ..setting.clone() }));
                }
                if name.is_none() && value.is_none() {
                    staying.insert(folded(&setting.name));
                    return;
                }
                if name.is_some() {
                    coming.push(changes.len());
                } else {
                    staying.insert(folded(&setting.name));
                }
                let (name, value) = (name.unwrap_or_else(|| setting.name.clone()), value.or_else(|| setting.value.clone()));
                changes.push(Change::altered(setting, name, value));
            })
            .map_err(super::panel_error)?;
        if let Some(error) = failed {
            return Err(error);
        }
        for (before, after) in coming.into_iter().filter_map(|at| changes[at].before().zip(changes[at].after())) {
            if !staying.insert(folded(&after.name)) {
                let (from, to) = (String::from_utf8_lossy(&before.name), String::from_utf8_lossy(&after.name));
                let message = format!("{from} would become {to}, which is there already, or will be");
                problem(plan, ProblemCode::Collision, &store.table, message);
            }
        }
        let of_owner = || changes.iter().filter(|c| c.subject().of == owner);
        for (change, after) in of_owner().filter_map(|c| Some((c, c.after()?))) {
            for (what, text, limit) in [
                ("name", with_prefix(&store.prefix, &after.name), store.name_length),
                ("value", after.value.clone().unwrap_or_default(), store.value_length),
            ] {
                let length = String::from_utf8_lossy(&text).chars().count() as u64;
                if length > limit {
                    let message =
                        format!("the {what} of {} would have {length} characters, and the panel keeps {limit}", label(change.subject()));
                    problem(plan, ProblemCode::TooLong, &store.table, message);
                }
            }
        }
        if !store.further.is_empty() && of_owner().any(|c| c.after().is_none()) {
            plan.not_handled.push(Refused { place: format!("settings: {}", store.table), reason: cannot_go(&store) });
        }
        if let Some(engine) = store.without_transactions.as_deref().filter(|_| of_owner().next().is_some()) {
            plan.notes.push(format!(
                "settings: the table {} is kept by {engine}, which knows no transactions: `fix` refuses to write it, and writes a script (--emit sql) instead",
                store.table
            ));
        }
    }
    plan.summary.settings = changes.len() as u64;
    plan.settings = changes.iter().map(planned).collect();
    Ok(changes)
}

fn with_prefix(prefix: &str, name: &[u8]) -> Vec<u8> {
    [prefix.as_bytes(), name].concat()
}

/// A change as plans list it.
fn planned(change: &Change) -> SettingPlan {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (now, after) = (change.subject(), change.after());
    SettingPlan {
        of: now.of,
        owner: now.of.map(|_| now.owner),
        name: text(&now.name),
        name_after: after.map(|s| text(&s.name)),
        value: now.value.as_deref().map(text),
        value_after: after.and_then(|s| s.value.as_deref()).map(text),
    }
}

fn problem(plan: &mut Plan, code: ProblemCode, place: &str, message: String) {
    plan.problems.push(Problem { code, database: Sort::Settings.word().to_owned(), place: place.to_owned(), rows: 1, message });
}

/// Whether the entry is one of a setting.
pub(super) fn is_one(entry: &Entry) -> bool {
    spot::sort(entry) == Some(Sort::Settings)
}
