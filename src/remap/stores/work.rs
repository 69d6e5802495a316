//! What a run does to the panel's database and to files: found, prepared, finished.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::super::compute::States;
use super::super::error::{Context, RemapError};
use super::super::plan::{Plan, Refused, SettingsFrom};
use super::super::scan::CellHash;
use super::super::space::Need;
use super::super::{decide, target};
use super::finish::finish;
use super::folder::Root;
use super::journal::{self, By, Phase, Record, SettingRun, Unfinished};
use super::last::Last;
use super::since::{self, Digested};
use super::spot::Judge;
use super::stage::{self, Staging};
use super::{NO_ROWS, NO_SETTINGS, Stores, files, is_rewritten, panel_error, rows, settings, wanted};
use crate::panel::Kind;
use crate::panel::change::Mark;
use crate::panel::evidence::Hold;
use crate::panel::settings::{Session, Setting};
use crate::panel::source::companion;
use crate::reference::manifest::{Entry, Holds, Manifest};
use crate::sqlite::Connection;

/// What a run does to settings and files.
pub(in crate::remap) struct Work<'a> {
    manifest: &'a Manifest,
    states: States<'a>,
    record: Record,
    session: Option<Session>,
    /// Marks of runs that scripts took back, which are of no use any more.
    spent: Vec<Mark>,
    /// Marks that no run here set, and of which a person says that they tell nothing.
    adopted: Vec<Vec<u8>>,
    /// What stays although ids in it mean something else.
    kept: BTreeSet<Digested>,
    /// What new contents of files need.
    room: files::Room,
    staging: Staging,
}

/// Computes what becomes of settings and files, and adds it to `plan`. With `writing`, the settings are locked.
pub(in crate::remap) fn compute<'a>(
    (var_dir, stores): (&Utf8Path, Stores<'_>),
    manifest: &'a Manifest,
    states: States<'a>,
    plan: &mut Plan,
    writing: bool,
    (last, trust_old): (&Last, bool),
) -> Result<Work<'a>, RemapError> {
    let mut work = Work {
        manifest,
        states,
        record: Record::default(),
        session: None,
        spent: Vec::new(),
        adopted: Vec::new(),
        kept: BTreeSet::new(),
        room: files::Room::default(),
        staging: Staging::default(),
    };
    if !wanted(manifest) {
        return Ok(work);
    }
    let mut judge = Judge::new(manifest, states);
    let mut hash = CellHash::new();
    hash.text(&plan.hash);
    for (index, entry) in manifest.references.iter().enumerate().filter(|(_, e)| is_rewritten(e)) {
        judge.know(index)?;
        hash.text(&target::place(entry));
        hash.text(entry.kind.map_or("", Kind::name));
        hash.text(&format!("{:?}", decide::Policies::of(entry)));
    }
    let names = |is_one: fn(&Entry) -> bool| manifest.references.iter().any(|e| is_rewritten(e) && is_one(e));
    if names(settings::is_one) || names(rows::is_one) {
        let module = stores.module(var_dir)?;
        let refuse = |plan: &mut Plan, is_one: fn(&Entry) -> bool, reason: &str| {
            let of = manifest.references.iter().filter(|e| is_rewritten(e) && is_one(e));
            plan.not_handled.extend(of.map(|e| Refused { place: target::place(e), reason: reason.into() }));
        };
        match stores.session(&module, writing && stores.emit.is_none())? {
            None => {
                refuse(plan, settings::is_one, NO_SETTINGS);
                refuse(plan, rows::is_one, NO_ROWS);
            }
            Some(mut session) => {
                match trust_old {
                    true => work.adopted = last.unknown_marks(&mut session)?,
                    false => last.knows_marks(&mut session)?,
                }
                let owner_now = |s: &Setting| s.of.map_or(Some(s.owner), |kind| states.mapping.new_id(kind, s.owner));
                last.not_behind(&mut session, stores, &owner_now)?;
                if stores.hold == Some(Hold::New) {
                    plan.notes.extend(last.spoken.notes(&last.settings_as_before(&mut session, &owner_now)?));
                }
                work.spent = last.spent(&module);
                let panel = &mut work.record.panel;
                panel.settings = settings::compute(&mut session, manifest, &mut judge, &mut hash, plan, &mut work.kept)?;
                if !names(rows::is_one) {
                } else if session.is_live() {
                    panel.rows = rows::compute(&mut session, (manifest, stores.emit), &mut judge, &mut hash, plan, &mut work.kept)?;
                } else {
                    refuse(plan, rows::is_one, NO_ROWS);
                }
                if writing && !panel.is_empty() {
                    panel.mark = Some(session.mark().map_err(panel_error)?);
                }
                if writing && !panel.rows.is_empty() {
                    session.learn(&mut panel.rows).map_err(panel_error)?;
                }
                let server = session.server().to_owned();
                let written = session.is_live() && stores.emit.is_none();
                if !session.is_live() && stores.emit.is_none() && !panel.settings.is_empty() {
                    plan.notes.push(format!("settings: they are as {server} tells, which cannot be written: `fix` writes a script that changes them (--emit sql or php)"));
                }
                plan.settings_from = Some(SettingsFrom { server: server.clone(), module: module.clone(), written });
                work.record.setting_run = Some(SettingRun { server, module, by: if written { By::Reguid } else { By::Script } });
                work.session = (writing && written).then_some(session);
            }
        }
    }
    if manifest.references.iter().any(|e| is_rewritten(e) && files::is_one(e)) {
        let root = Root::open(var_dir)?;
        last.not_older(&root, stores.hold)?;
        if stores.hold == Some(Hold::New) {
            plan.notes.extend(last.spoken.notes(&last.files_as_before(&root)?));
        }
        work.record.files = files::compute(&root, manifest, &mut judge, &mut hash, plan, (&mut work.kept, &mut work.room))?;
    }
    judge.finish(plan, manifest.strict);
    plan.hash = hash.finish();
    Ok(work)
}

impl Work<'_> {
    /// Adds what the run needs of disks for files.
    pub(in crate::remap) fn need(&self, var_dir: &Utf8Path, need: &mut Need) -> Result<(), RemapError> {
        need.add(var_dir, self.room.before.saturating_add(self.room.after))
    }

    /// Prepares everything, so that nothing but finishing it is left once `databases` commits: files are written aside, settings are written and not committed.
    pub(in crate::remap) fn prepare(
        &mut self,
        var_dir: &Utf8Path,
        stores: Stores<'_>,
        connection: &Connection,
        run: i64,
    ) -> Result<Vec<String>, RemapError> {
        let path = companion::path_in(var_dir);
        if wanted(self.manifest) {
            since::note(connection, run, self.manifest, &stores.module(var_dir)?, &self.kept).on(&path)?;
        }
        if !self.adopted.is_empty() {
            journal::adopt(connection, run, &self.adopted).on(&path)?;
        }
        if self.record.panel.is_empty() {
            self.session = None;
            self.record.setting_run = None;
        }
        if self.record.panel.is_empty() && self.record.files.is_empty() {
            return Ok(Vec::new());
        }
        if !self.record.files.is_empty() {
            files::know(&Root::open(var_dir)?, &mut self.record.files);
        }
        journal::record(connection, run, &self.record).on(&path)?;
        let mut lost = Vec::new();
        if !self.record.files.is_empty() {
            self.staging = Staging(Some(var_dir.to_owned()));
            let root = Root::open(var_dir)?;
            // Compiled anew: what decided about the plan was used up by telling it.
            let mut judge = Judge::new(self.manifest, self.states);
            let patterns =
                files::Patterns::of(self.manifest, &mut |entry, pattern| judge.pattern(entry, pattern), |e| e.holds == Holds::Id)?;
            for (n, step) in self.record.files.iter().enumerate() {
                let Some((old, new)) = step.rewritten() else { continue };
                let entries = patterns.contents(&step.from);
                let found = files::content(&root, self.manifest, &mut judge, &entries, &step.from)?;
                let Some((before, Some(after))) =
                    found.filter(|(before, after)| files::sha(before) == old && after.as_deref().map(files::sha) == Some(new))
                else {
                    return Err(RemapError::Changed { path: root.at(&step.from) });
                };
                journal::keep(connection, run, n, &before).on(&path)?;
                lost.extend(stage::stage(&root, n, &step.from, &old, &after)?);
            }
            stage::staged(&root)?;
        }
        if let Some(session) = &mut self.session {
            self.spent.iter().try_for_each(|mark| session.take_mark(mark)).map_err(panel_error)?;
            session.change(&self.record.panel).map_err(panel_error)?;
        }
        let phase = if self.record.files.is_empty() { Phase::Done } else { Phase::Contents };
        let what = Unfinished { run, undo: false, settings: self.session.is_some(), phase };
        if what.settings || phase != Phase::Done {
            journal::intend(connection, what).on(&path)?;
        }
        Ok(lost)
    }

    /// The commit comes now. Should it fail, the next start tells from the companion whether it came about.
    pub(in crate::remap) fn committing(&mut self) {
        self.staging.0 = None;
    }

    /// Finishes the run once the companion is committed.
    pub(in crate::remap) fn finish(self, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<(), RemapError> {
        finish(var_dir, stores, self.session, false).map(drop)
    }
}
