//! Settings and files: what a run changes besides SQLite databases, and how all of it stays one run.
//!
//! SQLite's databases and the companion commit together. The panel's database and the file system are systems of their own, so a run over all of them is
//! decided in one place, the commit of the companion, and finished afterwards by what stands in its intent log: `docs/protocol.md` tells the order, and what
//! each kill leaves.

mod files;
mod folder;
mod journal;
pub(crate) mod script;
mod settings;
mod since;
mod spot;
mod stage;
mod verify;

use std::collections::BTreeSet;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};

use super::compute::States;
use super::error::{Context, RemapError};
use super::ledger::PlaceKey;
use super::plan::{Plan, Refused, SettingsFrom};
use super::scan::CellHash;
use super::space::Need;
use super::undo::{self, Drift};
use super::{lock, target};
use crate::panel::settings::{Change, Panel, Session, State};
use crate::panel::source::SourceError;
use crate::panel::source::companion;
use crate::panel::{Inventory, Kind};
use crate::reference::manifest::{Entry, Holds, Manifest};
use crate::sqlite::open;
use crate::sqlite::{Connection, OpenFlags};

use files::{Contents, FileStep};
use folder::Root;
use journal::{By, Phase, Record, SettingRun, Unfinished};
use since::{Digested, Extra, Since};
use spot::Judge;

/// Why settings are refused.
const NOT_WRITABLE: &str = "settings are in the panel's database, and a dump of it cannot be written: give the live panel, --new plesk: or mysql://…, or let a script be written: --emit sql or php";
const NO_SETTINGS: &str = "settings are in the panel's database, which this source does not hold: give the live panel, --new plesk: or mysql://…, or with --emit a whole dump of it";

/// Where settings are, and what to do with them.
#[derive(Debug, Clone, Copy)]
pub struct Stores<'a> {
    /// The panel that keeps the settings, live or as a dump tells of it; `None`: there is none at hand.
    pub panel: Option<&'a Panel>,
    /// The extension's id, as the panel knows it; `None`: the name of the var directory.
    pub module: Option<&'a str>,
    /// Settings are not written: a script is asked for instead.
    pub emit: bool,
    /// How long to wait for the panel database's locks.
    pub patience: Duration,
}

impl Default for Stores<'_> {
    fn default() -> Self {
        Stores { panel: None, module: None, emit: false, patience: super::PATIENCE }
    }
}

impl<'a> Stores<'a> {
    /// The extension's id.
    fn module(&self, var_dir: &Utf8Path) -> Result<String, RemapError> {
        if let Some(module) = self.module {
            return Ok(module.to_owned());
        }
        let real = var_dir.canonicalize_utf8().map_err(|source| RemapError::Io { path: var_dir.to_owned(), source })?;
        Ok(real.file_name().unwrap_or_default().to_owned())
    }

    /// Begins to work on the settings of the extension. `None`: there is no panel at hand, or a dump, which cannot be written, or one without settings.
    fn session(&self, module: &str, writing: bool) -> Result<Option<Session>, RemapError> {
        let Some(panel) = self.panel else { return Ok(None) };
        let session = if writing { panel.write(module, self.patience) } else { panel.read(module) };
        session.map_err(panel_error)
    }
}

pub(super) fn panel_error(error: SourceError) -> RemapError {
    RemapError::Panel(Box::new(error))
}

/// Files that are written aside, and cleared away where the run does not come to its commit.
#[derive(Default)]
struct Staging(Option<Utf8PathBuf>);

impl Drop for Staging {
    fn drop(&mut self) {
        if let Some(var_dir) = &self.0 {
            // What cannot be cleared away now is at the next start.
            let _ = Root::open(var_dir).and_then(|root| root.clear_stage());
        }
    }
}

/// Refuses a fix of settings that there is only a dump of, unless a script is asked for.
pub(super) fn writable(manifest: &Manifest, stores: Stores<'_>) -> Result<(), RemapError> {
    let is_dump = stores.panel.is_some_and(|panel| !panel.is_live());
    let settings: Vec<&Entry> = manifest.references.iter().filter(|e| is_rewritten(e) && settings::is_one(e)).collect();
    if stores.emit || !is_dump || settings.is_empty() {
        return Ok(());
    }
    let list = settings.iter().map(|e| format!("  {}: {NOT_WRITABLE}", target::place(e))).collect::<Vec<_>>().join("\n");
    Err(RemapError::NotHandled { list })
}

/// What a run does to settings and files.
pub(super) struct Work<'a> {
    manifest: &'a Manifest,
    states: States<'a>,
    record: Record,
    session: Option<Session>,
    /// What stays although ids in it mean something else.
    kept: BTreeSet<Digested>,
    /// What new contents of files need.
    room: files::Room,
    staging: Staging,
}

/// Whether the manifest names settings or files whose ids a run rewrites.
pub(super) fn wanted(manifest: &Manifest) -> bool {
    manifest.references.iter().any(is_rewritten)
}

fn is_rewritten(entry: &Entry) -> bool {
    entry.holds == Holds::Id && spot::sort(entry).is_some()
}

/// The kinds whose ids stand in settings and files.
pub(super) fn kinds(manifest: &Manifest) -> Vec<Kind> {
    let entries = manifest.references.iter().filter(|e| is_rewritten(e)).cloned().collect();
    Manifest { references: entries, ..manifest.clone() }.kinds()
}

/// The places of settings and files as the ledger names them.
pub(super) fn keys(manifest: &Manifest) -> Vec<PlaceKey> {
    let key = |e: &Entry| (String::new(), spot::sort(e).map_or("", spot::Sort::word).to_owned(), spot::place(e).to_string());
    manifest.references.iter().filter(|e| is_rewritten(e)).map(key).collect()
}

/// Computes what becomes of settings and files, and adds it to `plan`. With `writing`, the settings are locked.
pub(super) fn compute<'a>(
    var_dir: &Utf8Path,
    stores: Stores<'_>,
    manifest: &'a Manifest,
    states: States<'a>,
    plan: &mut Plan,
    writing: bool,
    last: Option<&Last>,
) -> Result<Work<'a>, RemapError> {
    let mut work = Work {
        manifest,
        states,
        record: Record::default(),
        session: None,
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
        hash.text(&format!("{:?}", super::decide::Policies::of(entry)));
    }
    if manifest.references.iter().any(|e| is_rewritten(e) && settings::is_one(e)) {
        let module = stores.module(var_dir)?;
        match stores.session(&module, writing && !stores.emit)? {
            None => {
                let of = manifest.references.iter().filter(|e| is_rewritten(e) && settings::is_one(e));
                plan.not_handled.extend(of.map(|e| Refused { place: target::place(e), reason: NO_SETTINGS.into() }));
            }
            Some(mut session) => {
                if let Some(last) = last {
                    last.not_behind(&mut session)?;
                }
                work.record.settings = settings::compute(&mut session, manifest, &mut judge, &mut hash, plan, &mut work.kept)?;
                let server = session.server().to_owned();
                let written = session.is_live() && !stores.emit;
                if !session.is_live() && !stores.emit && !work.record.settings.is_empty() {
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
        if let Some(last) = last {
            last.not_older(&root)?;
        }
        work.record.files = files::compute(&root, manifest, &mut judge, &mut hash, plan, (&mut work.kept, &mut work.room))?;
    }
    judge.finish(plan, manifest.strict);
    plan.hash = hash.finish();
    Ok(work)
}

impl Work<'_> {
    /// Adds what the run needs of disks for files.
    pub(super) fn need(&self, var_dir: &Utf8Path, need: &mut Need) -> Result<(), RemapError> {
        need.add(var_dir, self.room.before.saturating_add(self.room.after))
    }

    /// Prepares everything, so that nothing but finishing it is left once `databases` commits: files are written aside, settings are written and not committed.
    pub(super) fn prepare(
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
        if self.record.settings.is_empty() {
            self.session = None;
            self.record.setting_run = None;
        }
        if self.record.settings.is_empty() && self.record.files.is_empty() {
            return Ok(Vec::new());
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
                let Some((old, new)) = step.content else { continue };
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
            session.change(&self.record.settings).map_err(panel_error)?;
        }
        let phase = if self.record.files.is_empty() { Phase::Done } else { Phase::Contents };
        let what = Unfinished { run, undo: false, settings: self.session.is_some(), phase };
        if what.settings || phase != Phase::Done {
            journal::intend(connection, what).on(&path)?;
        }
        Ok(lost)
    }

    /// The commit comes now. Should it fail, the next start tells from the companion whether it came about.
    pub(super) fn committing(&mut self) {
        self.staging.0 = None;
    }

    /// Finishes the run once the companion is committed.
    pub(super) fn finish(self, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<(), RemapError> {
        finish(var_dir, stores, self.session).map(drop)
    }
}

/// A run's settings and files, to be taken back.
pub(super) struct Undoing {
    run: i64,
    record: Record,
    session: Option<Session>,
    /// The settings are taken back by a script.
    by_script: bool,
    /// A script is asked for.
    emits: bool,
    /// What is known of places that the run left as they were.
    since: Option<Since>,
    /// What was written since, and is put into the words of the state before.
    extra: Extra,
    /// The script of the run was not run: its settings are as they were.
    never_run: bool,
    warnings: Vec<String>,
    staging: Staging,
}

impl Undoing {
    /// What `run` did, and a session on its settings. `connection` is the companion's.
    pub(super) fn read(var_dir: &Utf8Path, stores: Stores<'_>, connection: &Connection, run: i64) -> Result<Undoing, RemapError> {
        let path = companion::path_in(var_dir);
        let mut record = journal::read(connection, run).on(&path)?;
        for change in &mut record.settings {
            *change = change.reversed();
        }
        for step in &mut record.files {
            *step = step.reversed();
        }
        let mut session = None;
        let by_script = stores.emit || stores.panel.is_some_and(|panel| !panel.is_live());
        if let Some(of) = record.setting_run.as_ref().filter(|_| !record.settings.is_empty()) {
            session = stores.session(&of.module, !by_script)?;
            if session.is_none() {
                return Err(RemapError::NeedsPanel { run, server: of.server.clone(), module: of.module.clone() });
            }
        }
        let since = since::read(connection, &path, run)?.map_err(|word| {
            let detail = format!("the record of run {run}: it speaks of `{}`, which this release does not know", word.escape_debug());
            companion::CompanionError::Damaged { path: path.clone(), detail }
        })?;
        let mut warnings = Vec::new();
        if since.is_none() && since::is_early(connection, run).on(&path)? {
            warnings
                .push("an earlier release made this run: settings and files that were written since could not be looked for".to_owned());
        }
        if let (Some(since), None) = (since.as_ref().filter(|s| s.has_settings()), &session) {
            session = stores.session(&since.module, !by_script)?;
            if session.is_none() {
                let module = &since.module;
                warnings
                    .push(format!("settings of {module} that were written since could not be looked for: no panel is at hand (--panel)"));
            }
        }
        let (extra, staging) = (Extra::default(), Staging::default());
        Ok(Undoing { run, record, session, by_script, emits: stores.emit, since, extra, never_run: false, warnings, staging })
    }

    /// What is not as the run left it.
    pub(super) fn drift(&mut self, var_dir: &Utf8Path, stores: Stores<'_>, old: &Inventory) -> Result<Vec<Drift>, RemapError> {
        let mut found = Vec::new();
        let has_settings = !self.record.settings.is_empty();
        let mut differs = false;
        if let Some(session) = &mut self.session {
            let was_script = self.record.setting_run.as_ref().is_some_and(|of| of.by == By::Script);
            match session.state(&self.record.settings).map_err(panel_error)? {
                State::Before | State::Same if has_settings && self.by_script && !stores.emit => {
                    return Err(RemapError::NeedsScript { run: self.run, server: session.server().to_owned() });
                }
                State::Before | State::Same => {}
                // They are as they were before the run already: a script that was never run, or somebody put them back.
                State::After => self.never_run = true,
                // A script changes all or nothing, and this one changed nothing: what is not as before was written by somebody else.
                State::Other { before: false, after: true, .. } if was_script => self.never_run = true,
                State::Other { .. } => differs = true,
            }
        }
        if !self.record.files.is_empty() {
            let root = Root::open(var_dir)?;
            let leaving: BTreeSet<&Utf8Path> = self.record.files.iter().map(|s| s.from.as_path()).collect();
            for step in &self.record.files {
                let place = step.from.with_file_name(step.to.file_name().unwrap_or_default());
                let here = drift_of(&root, step, leaving.contains(place.as_path()))?;
                found.extend(here.map(|detail| drift("files", step.from.as_str(), detail)));
            }
        }
        if let Some(since) = &self.since {
            if let Some(session) = self.session.as_mut().filter(|_| since.has_settings()) {
                let changing = if self.never_run { &[][..] } else { &self.record.settings[..] };
                since.settings(session, (&self.record.settings, changing), old, (&mut self.extra, &mut found))?;
            }
            // Told as what was written since, it is not told once more: where a setting was taken out, another may have come under its name.
            if let Some(session) = self.session.as_mut().filter(|_| differs) {
                let all: Vec<Change> = self.record.settings.iter().chain(&self.extra.settings).cloned().collect();
                if let State::Other { list, .. } = session.state(&all).map_err(panel_error)? {
                    found.extend(list.into_iter().map(|detail| drift("settings", "settings", detail)));
                }
            }
            since.files(&Root::open(var_dir)?, &self.record.files, old, (&mut self.extra, &mut found))?;
        }
        if self.never_run {
            self.record.settings.clear();
        }
        let mut all = undo::Found::default();
        found.into_iter().for_each(|drift| all.add(drift));
        Ok(all.into_list())
    }

    /// As [`Work::need`]. The companion holds the contents already.
    pub(super) fn need(&self, var_dir: &Utf8Path, connection: &Connection, need: &mut Need) -> Result<(), RemapError> {
        let kept = journal::kept_bytes(connection, self.run).on(&companion::path_in(var_dir))?;
        let mut room = files::Room::default();
        kept.into_iter().for_each(|bytes| room.add(0, bytes));
        self.extra.files.iter().filter_map(|(_, content)| content.as_ref()).for_each(|content| room.add(content.len(), content.len()));
        need.add(var_dir, room.before.saturating_add(room.after))
    }

    /// As [`Work::prepare`]. The record of the run is kept until all is done.
    pub(super) fn prepare(&mut self, var_dir: &Utf8Path, connection: &Connection) -> Result<Vec<String>, RemapError> {
        let path = companion::path_in(var_dir);
        let mut lost = std::mem::take(&mut self.warnings);
        self.add_extra(connection).on(&path)?;
        if !self.record.files.is_empty() {
            self.staging = Staging(Some(var_dir.to_owned()));
            let root = Root::open(var_dir)?;
            for (n, step) in self.record.files.iter().enumerate() {
                let Some((now, then)) = step.content else { continue };
                let content = journal::kept(connection, self.run, n).on(&path)?.filter(|c| files::sha(c) == then);
                let Some(content) = content else {
                    let detail = format!("its record of {} before run {} is not whole", step.to, self.run);
                    return Err(companion::CompanionError::Damaged { path, detail }.into());
                };
                lost.extend(stage::stage(&root, n, &step.from, &now, &content)?);
            }
            stage::staged(&root)?;
        }
        if self.record.settings.is_empty() {
            self.session = None;
        }
        if self.by_script
            && let Some(session) = self.session.take()
        {
            if !self.emits {
                return Err(RemapError::NeedsScript { run: self.run, server: session.server().to_owned() });
            }
            journal::by_script(connection, self.run).on(&path)?;
        }
        if let Some(session) = &mut self.session {
            session.change(&self.record.settings).map_err(panel_error)?;
        }
        let phase = if self.record.files.is_empty() { Phase::Done } else { Phase::Contents };
        if self.session.is_some() || phase != Phase::Done {
            journal::intend(connection, Unfinished { run: self.run, undo: true, settings: self.session.is_some(), phase }).on(&path)?;
        } else if self.record != Record::default() || self.never_run {
            journal::forget(connection, self.run).on(&path)?;
        }
        Ok(lost)
    }

    /// Makes what was written since a part of what is taken back.
    fn add_extra(&mut self, connection: &Connection) -> Result<(), crate::sqlite::Error> {
        let Extra { settings, files } = std::mem::take(&mut self.extra);
        if self.never_run {
            journal::forget_settings(connection, self.run)?;
        }
        if settings.is_empty() && files.is_empty() {
            return Ok(());
        }
        journal::create(connection)?;
        let (steps, contents): (Vec<FileStep>, Vec<Option<Vec<u8>>>) = files.into_iter().unzip();
        let before: Vec<Change> = settings.iter().map(Change::reversed).collect();
        let reversed: Vec<FileStep> = steps.iter().map(FileStep::reversed).collect();
        let first = journal::add(connection, self.run, &before, &reversed)?;
        for (n, content) in contents.into_iter().enumerate() {
            if let Some(content) = content {
                journal::keep(connection, self.run, usize::try_from(first).unwrap_or_default() + n, &content)?;
            }
        }
        if let (None, Some(since), false) = (&self.record.setting_run, &self.since, settings.is_empty()) {
            let server = self.session.as_ref().map_or_else(String::new, |s| s.server().to_owned());
            let of = SettingRun { server, module: since.module.clone(), by: By::Reguid };
            journal::note_settings(connection, self.run, &of)?;
            self.record.setting_run = Some(of);
        }
        self.record.settings.extend(settings);
        self.record.files.extend(steps);
        Ok(())
    }

    /// Settings and files that are put back.
    pub(super) fn items(&self) -> u64 {
        (self.session.as_ref().map_or(0, |_| self.record.settings.len()) + self.record.files.len()) as u64
    }

    /// As [`Work::committing`].
    pub(super) fn committing(&mut self) {
        self.staging.0 = None;
    }

    /// Finishes once the companion is committed.
    pub(super) fn finish(self, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<(), RemapError> {
        finish(var_dir, stores, self.session).map(drop)
    }
}

fn drift(database: &str, table: &str, detail: String) -> Drift {
    Drift { database: database.to_owned(), table: table.to_owned(), detail, acceptable: false }
}

/// How a file differs from what a run left.
fn drift_of(root: &Root, step: &FileStep, place_is_left: bool) -> Result<Option<String>, RemapError> {
    let Some(stat) = root.stat(&step.from)? else { return Ok(Some("it is gone".into())) };
    let kind = rustix::fs::FileType::from_raw_mode(stat.st_mode);
    if step.folder != (kind == rustix::fs::FileType::Directory) {
        return Ok(Some("it is something else than it was".into()));
    }
    if let Some((wanted, _)) = step.content {
        let now = root.read(&step.from, crate::value::LARGEST as u64)?;
        if now.as_deref().map(files::sha) != Some(wanted) {
            return Ok(Some("its content is not what the run left".into()));
        }
    }
    let taken =
        step.renames() && !place_is_left && root.stat(&step.from.with_file_name(step.to.file_name().unwrap_or_default()))?.is_some();
    Ok(taken.then(|| format!("something else is called {} now", step.to)))
}

/// Finishes what the intent log says, after a commit or after a crash. `session` holds the settings as they are to be, not yet committed.
/// Gives the run that was taken back, if an undo was finished.
fn finish(var_dir: &Utf8Path, stores: Stores<'_>, session: Option<Session>) -> Result<Option<i64>, RemapError> {
    let path = companion::path_in(var_dir);
    let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
    let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
    connection.busy_timeout(stores.patience).on(&path)?;
    open::harden(&connection).on(&path)?;
    connection.execute_batch("PRAGMA main.synchronous = FULL").on(&path)?;
    if !companion::recognise(&connection, &path)? {
        return Ok(None);
    }
    let Some(mut what) = journal::unfinished(&connection).on(&path)? else { return Ok(None) };
    let run = what.run;
    let doing = || -> Result<(), RemapError> {
        let mut record = journal::read(&connection, run).on(&path)?;
        if what.undo {
            record.settings.iter_mut().for_each(|c| *c = c.reversed());
            record.files.iter_mut().for_each(|s| *s = s.reversed());
        }
        if what.settings {
            match session {
                Some(session) => session.commit().map_err(panel_error)?,
                None => finish_settings(run, &record, stores)?,
            }
            what.settings = false;
            journal::intend(&connection, what).on(&path)?;
        }
        if what.phase != Phase::Done {
            let root = Root::open(var_dir)?;
            for (phase, next) in [(Phase::Contents, Phase::Aside), (Phase::Aside, Phase::Place), (Phase::Place, Phase::Done)] {
                if what.phase == phase {
                    stage::phase(&root, &record.files, phase)?;
                    what.phase = next;
                    if next != Phase::Done {
                        journal::intend(&connection, what).on(&path)?;
                    }
                }
            }
            stage::phase(&root, &record.files, Phase::Done)?;
        }
        journal::done(&connection, what).on(&path)
    };
    doing().map_err(|error| RemapError::Unfinished { run, cause: Box::new(error) })?;
    Ok(what.undo.then_some(run))
}

/// Settings of a run that was interrupted between the commit of the companion and that of the panel's database.
fn finish_settings(run: i64, record: &Record, stores: Stores<'_>) -> Result<(), RemapError> {
    let Some(of) = &record.setting_run else { return Ok(()) };
    let Some(mut session) = stores.session(&of.module, true)? else {
        return Err(RemapError::NeedsPanel { run, server: of.server.clone(), module: of.module.clone() });
    };
    match session.state(&record.settings).map_err(panel_error)? {
        State::After | State::Same => Ok(()),
        State::Before => {
            session.change(&record.settings).map_err(panel_error)?;
            session.commit().map_err(panel_error)
        }
        State::Other { list, .. } => Err(RemapError::SettingsDiffer { run, list: list.join("\n  ") }),
    }
}

/// Clears away what was written aside, after a commit that failed, where the companion tells that it did not come about. A full disk is not to be fuller for it.
/// What cannot be told or cleared away now is at the next start.
pub(super) fn not_committed(_lock: &lock::Lock, var_dir: &Utf8Path) {
    let path = companion::path_in(var_dir);
    let came_about = || -> Result<bool, RemapError> {
        if std::fs::metadata(&path).map_or(0, |m| m.len()) == 0 {
            return Ok(false);
        }
        let flags = open::flags(OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = Connection::open_with_flags(open::uri(&path, "mode=rw"), flags).on(&path)?;
        open::harden(&connection).on(&path)?;
        Ok(journal::unfinished(&connection).on(&path)?.is_some())
    };
    if std::fs::symlink_metadata(var_dir.join(folder::STAGE)).is_ok() && came_about().is_ok_and(|came| !came) {
        let _ = Root::open(var_dir).and_then(|root| root.clear_stage());
    }
}

/// Finishes what an earlier run left, and clears away what one left that did not come to its commit. The caller holds the lock on the var directory. Gives the
/// run that was taken back, if it was an undo that was left.
pub(super) fn recover(_lock: &lock::Lock, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<Option<i64>, RemapError> {
    let path = companion::path_in(var_dir);
    let mut undone = None;
    if std::fs::metadata(&path).map_or(0, |m| m.len()) > 0 {
        undone = finish(var_dir, stores, None)?;
    }
    if std::fs::symlink_metadata(var_dir.join(folder::STAGE)).is_ok() {
        Root::open(var_dir)?.clear_stage()?;
    }
    Ok(undone)
}

/// Refuses to look at data that a run was interrupted on.
pub(super) fn finished(var_dir: &Utf8Path) -> Result<(), RemapError> {
    let path = companion::path_in(var_dir);
    match open::read(&path) {
        Err(open::OpenError::Missing { .. }) => Ok(()),
        other => finished_in(&other?.connection, &path),
    }
}

/// The same, asked of the companion's own connection.
pub(super) fn finished_in(connection: &Connection, path: &Utf8Path) -> Result<(), RemapError> {
    match journal::unfinished(connection).on(path)? {
        Some(what) => Err(RemapError::Halfway { run: what.run }),
        None => Ok(()),
    }
}

/// Forgets what `run` did to settings and files.
pub(super) fn forget(connection: &Connection, run: i64) -> Result<(), crate::sqlite::Error> {
    journal::create(connection)?;
    journal::forget(connection, run)
}

/// What is known of earlier runs, for the question whether settings and files are of after them.
pub(super) struct Last {
    /// The last applied run, and what it did.
    applied: Option<(i64, Record)>,
    /// Runs whose settings a script was to take back.
    taken_back: Vec<(i64, Record)>,
}

impl Last {
    /// As [`Last::read`], from the companion in `var_dir`, which must tell of no interrupted run.
    pub(super) fn of(var_dir: &Utf8Path, run: Option<i64>) -> Result<Option<Last>, RemapError> {
        let path = companion::path_in(var_dir);
        let reader = match open::read(&path) {
            Err(open::OpenError::Missing { .. }) => return Ok(None),
            other => other?,
        };
        finished_in(&reader.connection, &path)?;
        Last::read(&reader.connection, &path, run)
    }

    /// What `run`, the last applied one, did, if there is one, and what was left to scripts; `None`: nothing.
    pub(super) fn read(connection: &Connection, path: &Utf8Path, run: Option<i64>) -> Result<Option<Last>, RemapError> {
        let record = |run: i64| journal::read(connection, run).on(path).map(|record| (run, record));
        let taken_back = journal::taken_back_by_script(connection).on(path)?.into_iter().map(record).collect::<Result<Vec<_>, _>>()?;
        let applied = run.map(record).transpose()?;
        Ok((applied.is_some() || !taken_back.is_empty()).then_some(Last { applied, taken_back }))
    }

    /// Refuses to take anything back as long as a script that takes an earlier run back was not run.
    pub(super) fn taken_back(self, stores: Stores<'_>) -> Result<(), RemapError> {
        let last = Last { applied: None, ..self };
        for (run, record) in &last.taken_back {
            let Some(of) = &record.setting_run else { continue };
            let Some(mut session) = stores.session(&of.module, false)? else {
                return Err(RemapError::NeedsPanel { run: *run, server: of.server.clone(), module: of.module.clone() });
            };
            last.not_behind(&mut session)?;
        }
        Ok(())
    }

    /// Refuses settings that are as they were before the run: its script was not run, or the panel's database was put back without the var directory. The same
    /// for what a script was to take back.
    fn not_behind(&self, session: &mut Session) -> Result<(), RemapError> {
        let applied = self.applied.iter().map(|(run, record)| (*run, record, false));
        for (run, record, undone) in applied.chain(self.taken_back.iter().map(|(run, record)| (*run, record, true))) {
            let Some(of) = record.setting_run.as_ref().filter(|of| of.module == session.module) else { continue };
            if record.settings.is_empty() {
                continue;
            }
            let changes = record.settings.iter().map(|c| if undone { c.reversed() } else { c.clone() }).collect::<Vec<_>>();
            let scripted = of.by != By::Reguid;
            match session.state(&changes).map_err(panel_error)? {
                State::Before => return Err(RemapError::SettingsBehind { run, written: !scripted, undone }),
                // Some are still as before. To take all for done would leave them so.
                State::Other { list, before: true, .. } if scripted => {
                    return Err(RemapError::SettingsMixed { run, undone, list: list.join("\n  ") });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses files that are as they were before the run.
    fn not_older(&self, root: &Root) -> Result<(), RemapError> {
        let Some((run, record)) = &self.applied else { return Ok(()) };
        let changed: Vec<(&FileStep, Contents)> = record.files.iter().filter_map(|s| Some((s, s.content?))).collect();
        let all = |path: fn(&FileStep) -> &Utf8Path, sha: fn(&Contents) -> [u8; 32]| -> Result<bool, RemapError> {
            for (step, content) in &changed {
                let path = path(step);
                let there =
                    root.stat(path)?.is_some_and(|s| rustix::fs::FileType::from_raw_mode(s.st_mode) == rustix::fs::FileType::RegularFile);
                if !there || root.read(path, crate::value::LARGEST as u64)?.as_deref().map(files::sha) != Some(sha(content)) {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        // Taken together: after 5 → 7 and 7 → 5 the files may look as before.
        let Some((first, _)) = changed.first() else { return Ok(()) };
        if all(|s| &s.from, |c| c.0)? && !all(|s| &s.to, |c| c.1)? {
            return Err(RemapError::OlderFile { path: root.at(&first.from), run: *run });
        }
        Ok(())
    }
}

pub(super) use since::forget as forget_since;
pub(super) use verify::verify;

/// Whether `name` fits a pattern in which `*`, and a hole such as `{domain}`, stand for any text.
fn wildcard(pattern: &str, name: &[u8]) -> bool {
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['*', '{']) {
        let after = match rest[at..].strip_prefix('{') {
            Some(hole) => hole.split_once('}').map_or("", |(_, after)| after),
            None => &rest[at + 1..],
        };
        parts.push(&rest.as_bytes()[..at]);
        rest = after;
    }
    let last = rest.as_bytes();
    let Some((first, middle)) = parts.split_first() else { return name == last };
    let Some(mut name) = name.strip_prefix(*first).and_then(|n| n.strip_suffix(last)) else { return false };
    for part in middle {
        let Some(at) = memchr::memmem::find(name, part) else { return false };
        name = &name[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::wildcard;

    #[test]
    fn names_fit_patterns() {
        for (pattern, name, fits) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*", "a", true),
            ("a*a", "a", false),
            ("a*b*c", "aXbXc", true),
            ("a*b*c", "acb", false),
            ("status-{domain}", "status-12", true),
            ("status-{domain}-x", "status-12", false),
            ("a**b", "ab", true),
        ] {
            assert_eq!(wildcard(pattern, name.as_bytes()), fits, "{pattern} {name}");
        }
    }
}
