//! Taking a run's settings and files back.

mod files_since;
mod written;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};

use super::super::error::{Context, RemapError};
use super::super::space::Need;
use super::super::undo::{self, Drift};
use super::files::FileStep;
use super::finish::finish;
use super::folder::Root;
use super::journal::{self, By, Phase, Record, SettingRun, Unfinished};
use super::since::{self, Extra, Since};
use super::stage::{self, Staging};
use super::{Stores, evidence, files, last, left_out, panel_error, rows, script};
use crate::panel::Inventory;
use crate::panel::change::{Change, Changes, Item, Mark, State};
use crate::panel::evidence::{Hold, Known, Marked, Verdict};
use crate::panel::rows::{Row, There};
use crate::panel::settings::{Session, Setting};
use crate::panel::source::companion;
use crate::sqlite::Connection;

/// A run's settings and files, to be taken back.
pub(in crate::remap) struct Undoing {
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
    /// Rows are left out of what is taken back.
    left_out: bool,
    /// How many settings, panel rows and files of the run are taken back.
    items: u64,
    altered: files_since::Altered,
    /// What is as it was before the run already.
    as_before: Changes,
    /// The panel's database was put back, so that nothing in it was written since but what is known of.
    put_back: bool,
    /// Rows of it into which the extension wrote all the same, by table and key.
    written: Vec<since::Place>,
    /// The same of settings.
    written_settings: Vec<Setting>,
    /// The run's mark, as it made it.
    mark: Option<Mark>,
    warnings: Vec<String>,
    staging: Staging,
}

impl Undoing {
    /// What `run` did, and a session on its settings. `connection` is the companion's.
    pub(in crate::remap) fn read(var_dir: &Utf8Path, stores: Stores<'_>, connection: &Connection, run: i64) -> Result<Undoing, RemapError> {
        let path = companion::path_in(var_dir);
        let mut record = journal::read(connection, run).on(&path)?;
        let mark = record.panel.mark.clone();
        record.panel = record.panel.reversed();
        for step in &mut record.files {
            *step = step.reversed();
        }
        if let Some(language) = stores.emit {
            script::possible(language, &record.panel)?;
        }
        let mut session = None;
        let by_script = stores.emit.is_some() || stores.panel.is_some_and(|panel| !panel.is_live());
        if let Some(of) = record.setting_run.as_ref().filter(|_| !record.panel.is_empty()) {
            session = stores.session(&of.module, !by_script)?;
            if session.is_none() {
                return Err(RemapError::NeedsPanel { run, server: of.server.clone(), module: of.module.clone() });
            }
        }
        if let Some(session) = session.as_mut().filter(|session| session.is_live() && record.panel.mark.is_some()) {
            last::knows_marks(session, &journal::marks(connection).on(&path)?)?;
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
        if let Some(session) = &mut session {
            last::Last::read(connection, &path, Some(run))?
                .none_behind_earlier(session, stores.hold, &|setting| setting.of.is_none().then_some(setting.owner))?;
        }
        if let Some((of, session)) =
            record.setting_run.as_ref().zip(session.as_ref()).filter(|(of, s)| of.by == By::Reguid && of.server != s.server())
        {
            warnings.push(format!("the run changed what {} holds, and this takes it back in {}", of.server, session.server()));
        }
        let (extra, staging) = (Extra::default(), Staging::default());
        Ok(Undoing {
            run,
            record,
            session,
            by_script,
            emits: stores.emit.is_some(),
            since,
            extra,
            never_run: false,
            left_out: false,
            items: 0,
            altered: files_since::Altered::new(),
            as_before: Changes::default(),
            put_back: false,
            written: Vec::new(),
            written_settings: Vec::new(),
            mark,
            warnings,
            staging,
        })
    }

    /// Leaves rows out that are not there any more, which is told: there is nothing to put back; and those that somebody wrote since. Tells of what is in the place
    /// of those that come back.
    fn without_what_is_gone(&mut self, stores: Stores<'_>, found: &mut Vec<Drift>) -> Result<(), RemapError> {
        let forward = Record { panel: self.record.panel.reversed(), ..self.record.clone() };
        let panel = &mut self.record.panel;
        let Some(session) = self.session.as_mut().filter(|session| session.is_live() && !panel.rows.is_empty()) else { return Ok(()) };
        let by_reguid = forward.setting_run.as_ref().is_some_and(|of| of.by == By::Reguid);
        let known = if by_reguid { Known::Came } else { Known::Open };
        if let Some(evidence) = evidence(session, &forward, known, stores)? {
            match evidence.verdict() {
                Verdict::Done => {}
                // They never changed, or were put back.
                Verdict::Open => {
                    self.put_back = evidence.is_open() && known == Known::Came;
                    self.left_out = true;
                    let took_out = by_reguid || evidence.marked == Some(Marked::Done);
                    let sides = (&mut *panel, &mut self.as_before);
                    self.written = written::without_what_is_before(session, sides, (evidence.is_open(), took_out), found)?;
                }
                Verdict::Unclear(list) => return Err(RemapError::PanelUnclear { run: self.run, list: list.join("\n  ") }),
            }
        }
        let there = session.there(&panel.rows).map_err(panel_error)?;
        let rows = std::mem::take(&mut panel.rows);
        for (change, there) in rows.into_iter().zip(there) {
            let row = change.subject();
            self.left_out |= there != There::Here;
            let (detail, acceptable) = match there {
                There::Here => {
                    panel.rows.push(change);
                    continue;
                }
                There::Gone => (format!("{} is not there any more", row.label()), true),
                There::WithoutTable => (format!("{} is not there any more, nor its table", row.label()), true),
                There::Otherwise => (format!("{}: its table has another primary key than it had, or lacks a column", row.label()), false),
            };
            found.push(Drift { database: "panel".into(), table: row.table.to_string(), detail, acceptable });
        }
        if self.since.as_ref().is_some_and(Since::has_rows) {
            self.left_out |= written::without_rows(session, (panel, &mut self.as_before), stores.hold, found)?;
        }
        Ok(())
    }

    /// How the run's settings differ from what it left. Whether they are still to be told of.
    fn settings_drift(&mut self, stores: Stores<'_>, found: &mut Vec<Drift>) -> Result<bool, RemapError> {
        let has_any = !self.record.panel.is_empty();
        let Some(session) = &mut self.session else { return Ok(false) };
        let of = |by| self.record.setting_run.as_ref().is_some_and(|of| of.by == by);
        let panel = &mut self.record.panel;
        let with_rows = !panel.rows.is_empty() || !self.as_before.rows.is_empty();
        let speak_of_now = stores.hold == Some(Hold::New);
        let settings = Changes { settings: panel.settings.clone(), ..Changes::default() };
        let (mut marked, mut put_back) = (false, false);
        if has_any && !with_rows {
            let forward = Record { panel: panel.reversed(), ..self.record.clone() };
            let known = if of(By::Reguid) { Known::Came } else { Known::Open };
            if let Some(evidence) = evidence(session, &forward, known, stores)? {
                marked = evidence.marked == Some(Marked::Done);
                match evidence.verdict() {
                    Verdict::Done => {}
                    Verdict::Open => put_back = !marked && known == Known::Came && !speak_of_now,
                    // Of what a script was to do, each setting tells by itself.
                    Verdict::Unclear(_) if known == Known::Open && evidence.marked.is_none() => {}
                    Verdict::Unclear(list) => return Err(RemapError::PanelUnclear { run: self.run, list: list.join("\n  ") }),
                }
            }
        }
        self.put_back |= put_back;
        let panel = &mut self.record.panel;
        match session.state(&settings).map_err(panel_error)? {
            State::Before | State::Same if has_any && self.by_script && stores.emit.is_none() => {
                return Err(RemapError::NeedsScript { run: self.run, server: session.server().to_owned() });
            }
            State::Before | State::Same => {}
            // They are as they were before the run already: a script that was never run, or somebody put them back; unless a person says that they speak of now.
            State::After if !with_rows && !speak_of_now && !marked => self.never_run = true,
            State::After if with_rows && panel.rows.is_empty() => self.as_before.settings = std::mem::take(&mut panel.settings),
            // A script changes all or nothing, and this one changed nothing: what is not as before was written by somebody else.
            State::Other { before: false, after: true, .. } if of(By::Script) && !with_rows && !speak_of_now && !marked => {
                self.never_run = true
            }
            // A script that was never run, about objects that have other ids by now; or one that was, and its mark was cleared away.
            State::Other { list, .. }
                if of(By::Script) && !with_rows && !speak_of_now && !marked && left_out::any_gone(session, &settings.settings)? =>
            {
                match stores.hold {
                    Some(_) => self.never_run = true,
                    None => return Err(RemapError::PanelUnclear { run: self.run, list: list.join("\n  ") }),
                }
            }
            State::After | State::Other { .. } if session.is_live() && self.since.is_some() => {
                let before = panel.settings.len();
                // They changed with the rows, if they did; and all of them, or none.
                let hold = if with_rows && panel.rows.is_empty() || put_back { Some(Hold::Old) } else { stores.hold };
                self.written_settings = written::without_settings(session, (panel, &mut self.as_before), hold, found)?;
                self.left_out |= panel.settings.len() < before;
            }
            State::After | State::Other { .. } => return Ok(true),
        }
        Ok(false)
    }

    /// What is in the place of rows that come back, and stays there.
    fn in_the_place(&mut self, found: &mut Vec<Drift>) -> Result<(), RemapError> {
        let Some(session) = self.session.as_mut().filter(|session| session.is_live()) else { return Ok(()) };
        let all = || self.record.panel.rows.iter().chain(&self.extra.panel.rows);
        let leaving: FxHashSet<_> =
            all().filter(|c| c.renames() || c.after().is_none()).filter_map(Change::before).map(Item::key).collect();
        let coming: Vec<Change<Row>> = all().filter(|c| c.renames() || c.before().is_none()).map(Change::reversed).collect();
        let taken = session.now(&coming).map_err(panel_error)?;
        let mut out = Vec::new();
        for (change, there) in coming.iter().zip(taken) {
            let row = change.subject();
            if there.is_some() && !leaving.contains(&row.key()) {
                // One that the run took out may stay out, where a person accepts that.
                let (may_stay, stays) = if change.after().is_none() { (true, ", and stays out then") } else { (false, "") };
                let detail = format!("{} is there, in the place of a row that comes back{stays}", row.label());
                found.push(Drift { database: "panel".into(), table: row.table.to_string(), detail, acceptable: may_stay });
                out.extend(may_stay.then(|| change.reversed()));
            }
        }
        self.left_out |= !out.is_empty();
        let out: FxHashSet<_> = out.iter().map(|change| change.subject().key()).collect();
        self.record.panel.rows.retain(|change| change.before().is_some() || !out.contains(&change.subject().key()));
        Ok(())
    }

    /// Joins what was written since into rows of the run to what its record says of them.
    fn join_extra(&mut self) {
        let rows = &mut self.record.panel.rows;
        let numbers: FxHashMap<_, usize> =
            rows.iter().enumerate().filter_map(|(n, change)| change.before().map(|row| (row.key(), n))).collect();
        let of_run = std::mem::take(&mut self.extra.of_run);
        let numbers: Vec<Option<usize>> = of_run.iter().map(|change| numbers.get(&change.subject().key()).copied()).collect();
        for (change, number) in of_run.into_iter().zip(numbers) {
            let Change::Altered { before: now, after: then } = change else { continue };
            match number.and_then(|n| rows.get_mut(n)) {
                Some(Change::Altered { before, after }) => {
                    before.cells.extend(now.cells);
                    after.cells.extend(then.cells);
                    self.left_out = true;
                }
                // A row of the run of which nothing is to be taken back.
                _ => self.extra.panel.rows.push(Change::Altered { before: now, after: then }),
            }
        }
    }

    /// Refuses rows that a script cannot take back.
    fn scriptable(&mut self) -> Result<(), RemapError> {
        let Some(session) = self.session.as_mut().filter(|session| session.is_live()) else { return Ok(()) };
        let mut refused = Vec::new();
        for changes in self.record.panel.rows.chunk_by(|a, b| a.subject().table == b.subject().table) {
            let name = &changes[0].subject().table;
            let Some(table) = session.table(name).map_err(panel_error)? else { continue };
            refused.extend(rows::no_script(&table, changes).map(|reason| format!("  panel:{name}: {reason}")));
        }
        if refused.is_empty() { Ok(()) } else { Err(RemapError::NotHandled { list: refused.join("\n") }) }
    }

    /// What is not as the run left it.
    pub(in crate::remap) fn drift(&mut self, var_dir: &Utf8Path, stores: Stores<'_>, old: &Inventory) -> Result<Vec<Drift>, RemapError> {
        let mut found = Vec::new();
        self.without_what_is_gone(stores, &mut found)?;
        if self.emits && !self.never_run {
            self.scriptable()?;
        }
        let differs = self.settings_drift(stores, &mut found)?;
        let mut open = files_since::Open::default();
        if !self.record.files.is_empty() {
            let files = (&mut self.record.files[..], &mut self.altered);
            open = files_since::drift(&Root::open(var_dir)?, files, (self.since.as_ref(), old), stores.hold, &mut found)?;
        }
        if let Some(since) = &self.since {
            if let Some(session) = self.session.as_mut().filter(|_| since.has_settings()) {
                let (none, record, as_before) = (Changes::default(), &self.record.panel, &self.as_before);
                let changing = if self.never_run { &none } else { record };
                let (settings, rows) = (&self.written_settings[..], &self.written[..]);
                let mut look = |all: bool| -> Result<(Extra, Vec<Drift>), RemapError> {
                    let (mut extra, mut found) = (Extra::default(), Vec::new());
                    let of_settings = (&record.settings[..], &changing.settings[..], &as_before.settings[..]);
                    since.settings(session, of_settings, ((!all).then_some(settings), stores.hold), old, (&mut extra, &mut found))?;
                    since.rows(session, (&record.rows, &as_before.rows), (!all).then_some(rows), old, (&mut extra, &mut found))?;
                    Ok((extra, found))
                };
                let (extra, all) = look(true)?;
                match stores.hold {
                    // What is there was there before the run.
                    Some(Hold::Old) if self.put_back => {}
                    // It came with the database, if that is older, or since then.
                    None if self.put_back => {
                        let (extra, written) = look(false)?;
                        let unknown = all.into_iter().filter(|drift| !written.contains(drift)).map(|drift| Drift {
                            detail: format!("{}: say which ids it holds, --panel-holds new or old", drift.detail),
                            acceptable: false,
                            ..drift
                        });
                        found.extend(unknown);
                        found.extend(written);
                        self.extra = extra;
                    }
                    _ => {
                        found.extend(all);
                        self.extra = extra;
                    }
                }
            }
            // Told as what was written since, it is not told once more: where a setting was taken out, another may have come under its name.
            if let Some(session) = self.session.as_mut().filter(|_| differs) {
                let mut all = self.record.panel.clone();
                all.extend(self.extra.panel.clone());
                if let State::Other { list, .. } = session.state(&all).map_err(panel_error)? {
                    let what = if all.rows.is_empty() { "settings" } else { "panel" };
                    found.extend(list.into_iter().map(|detail| drift(what, what, detail)));
                }
            }
            let steps: Vec<FileStep> = self.record.files.iter().filter(|step| step.does_something()).cloned().collect();
            since.files(&Root::open(var_dir)?, (&steps, &open.as_before), old, (&mut self.extra, &mut found))?;
            for (path, before, text) in std::mem::take(&mut self.extra.of_files) {
                if let Some((n, step)) =
                    self.record.files.iter_mut().enumerate().find(|(_, step)| step.from == path && step.rewritten().is_none())
                {
                    step.content = Some((before, files::sha(&text)));
                    self.altered.insert(n, Some(text));
                }
            }
        }
        // What was written since may go from there itself.
        let leaves = |place: &Utf8PathBuf| self.extra.files.iter().any(|(step, _)| step.from == *place && step.renames());
        found.extend(open.in_the_way.into_iter().filter(|(place, _)| !leaves(place)).map(|(_, drift)| drift));
        self.join_extra();
        self.in_the_place(&mut found)?;
        if self.never_run {
            self.record.panel = Changes::default();
        }
        let mut all = undo::Found::default();
        found.into_iter().for_each(|drift| all.add(drift));
        Ok(all.into_list())
    }

    /// As [`Work::need`]. The companion holds the contents already.
    pub(in crate::remap) fn need(&self, var_dir: &Utf8Path, connection: &Connection, need: &mut Need) -> Result<(), RemapError> {
        let kept = journal::kept_bytes(connection, self.run).on(&companion::path_in(var_dir))?;
        let mut room = files::Room::default();
        kept.into_iter().for_each(|bytes| room.add(0, bytes));
        self.altered.values().flatten().for_each(|content| room.add(content.len(), content.len()));
        self.extra.files.iter().filter_map(|(_, content)| content.as_ref()).for_each(|content| room.add(content.len(), content.len()));
        need.add(var_dir, room.before.saturating_add(room.after))
    }

    /// As [`Work::prepare`]. The record of the run is kept until all is done.
    pub(in crate::remap) fn prepare(&mut self, var_dir: &Utf8Path, connection: &Connection) -> Result<Vec<String>, RemapError> {
        let path = companion::path_in(var_dir);
        let mut lost = std::mem::take(&mut self.warnings);
        if self.left_out {
            // Who finishes this after an interruption is to know nothing of them.
            journal::replace_panel(connection, self.run, &self.record.panel.reversed()).on(&path)?;
        }
        // What a script is to take back is not taken back yet.
        let in_panel = self.session.as_ref().filter(|_| !self.by_script).map_or(0, |_| self.record.panel.len());
        self.items = (in_panel + self.record.files.len() - self.altered.len()) as u64;
        if !self.record.files.is_empty() {
            let root = Root::open(var_dir)?;
            for n in files::know(&root, &mut self.record.files) {
                journal::alter_file(connection, self.run, n, &self.record.files[n].reversed(), None).on(&path)?;
            }
        }
        for (n, content) in &self.altered {
            journal::alter_file(connection, self.run, *n, &self.record.files[*n].reversed(), content.as_deref()).on(&path)?;
        }
        self.mark_extra()?;
        self.add_extra(connection).on(&path)?;
        if !self.record.files.is_empty() {
            self.staging = Staging(Some(var_dir.to_owned()));
            let root = Root::open(var_dir)?;
            for (n, step) in self.record.files.iter().enumerate() {
                let Some((now, then)) = step.rewritten() else { continue };
                let content = journal::kept(connection, self.run, n).on(&path)?.filter(|c| files::sha(c) == then);
                let Some(content) = content else {
                    let detail = format!("its record of {} before run {} is not whole", step.to, self.run);
                    return Err(companion::CompanionError::Damaged { path, detail }.into());
                };
                lost.extend(stage::stage(&root, n, &step.from, &now, &content)?);
            }
            stage::staged(&root)?;
        }
        if self.record.panel.is_empty() && !self.turns_mark()? {
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
            session.change(&self.record.panel).map_err(panel_error)?;
        }
        let phase = if self.record.files.is_empty() { Phase::Done } else { Phase::Contents };
        if self.session.is_some() || phase != Phase::Done {
            journal::intend(connection, Unfinished { run: self.run, undo: true, settings: self.session.is_some(), phase }).on(&path)?;
        } else if self.record != Record::default() || self.never_run {
            journal::forget(connection, self.run).on(&path)?;
        }
        Ok(lost)
    }

    /// Whether the mark of the run is to say that it was taken back, though nothing is left to be: it is there, or is to keep a script from being run late.
    fn turns_mark(&mut self) -> Result<bool, RemapError> {
        let Some((session, mark)) = self.session.as_mut().zip(self.mark.as_ref()).filter(|(session, _)| session.is_live()) else {
            return Ok(false);
        };
        let marked = session.marked(mark).map_err(panel_error)?;
        if marked != Some(Marked::Done) && !(marked.is_none() && self.never_run && !self.by_script) {
            return Ok(false);
        }
        self.record.panel.mark = Some(mark.reversed());
        Ok(true)
    }

    /// Lets rows that were written since tell whether they were taken back, as those of a run do.
    fn mark_extra(&mut self) -> Result<(), RemapError> {
        let rows = &mut self.extra.panel.rows;
        let Some(session) = self.session.as_mut().filter(|session| session.is_live() && !rows.is_empty()) else { return Ok(()) };
        session.learn(rows).map_err(panel_error)?;
        if self.record.panel.mark.is_none() {
            let mark = session.mark().map_err(panel_error)?;
            self.extra.panel.mark = Some(mark.reversed());
        }
        Ok(())
    }

    /// Makes what was written since a part of what is taken back.
    fn add_extra(&mut self, connection: &Connection) -> Result<(), crate::sqlite::Error> {
        let Extra { panel, files, .. } = std::mem::take(&mut self.extra);
        if self.never_run {
            journal::forget_settings(connection, self.run)?;
        }
        if panel.is_empty() && files.is_empty() {
            return Ok(());
        }
        journal::create(connection)?;
        let (steps, contents): (Vec<FileStep>, Vec<Option<Vec<u8>>>) = files.into_iter().unzip();
        let before = panel.reversed();
        let reversed: Vec<FileStep> = steps.iter().map(FileStep::reversed).collect();
        let first = journal::add(connection, self.run, &before, &reversed)?;
        for (n, content) in contents.into_iter().enumerate() {
            if let Some(content) = content {
                journal::keep(connection, self.run, usize::try_from(first).unwrap_or_default() + n, &content)?;
            }
        }
        if let (None, Some(since), false) = (&self.record.setting_run, &self.since, panel.is_empty()) {
            let server = self.session.as_ref().map_or_else(String::new, |s| s.server().to_owned());
            let of = SettingRun { server, module: since.module.clone(), by: By::Reguid };
            journal::note_settings(connection, self.run, &of)?;
            self.record.setting_run = Some(of);
        }
        self.record.panel.extend(panel);
        self.record.files.extend(steps);
        Ok(())
    }

    /// Settings and files that are put back.
    pub(in crate::remap) fn items(&self) -> u64 {
        self.items
    }

    /// As [`Work::committing`].
    pub(in crate::remap) fn committing(&mut self) {
        self.staging.0 = None;
    }

    /// Finishes once the companion is committed.
    pub(in crate::remap) fn finish(self, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<(), RemapError> {
        finish(var_dir, stores, self.session, false).map(drop)
    }
}

fn drift(database: &str, table: &str, detail: String) -> Drift {
    Drift { database: database.to_owned(), table: table.to_owned(), detail, acceptable: false }
}
