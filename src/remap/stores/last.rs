//! Whether settings and files are of after the last run.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashSet;

use super::super::error::{Context, RemapError};
use super::super::pairs::OfKind;
use super::files::{self, FileStep};
use super::finish::{finished_in, forget, instead_of_script, note_spoken};
use super::folder::Root;
use super::journal::{self, By, Record};
use super::settings::label;
use super::since::{self, Digested};
use super::spoken::{AsBefore, Spoken};
use super::{Stores, evidence, panel_error};
use crate::panel::Kind;
use crate::panel::change::{Change, Changes, Mark, State};
use crate::panel::evidence::{Hold, Known, Marked, Verdict};
use crate::panel::rows::{Cell, Row};
use crate::panel::settings::{Panel, Session, Setting};
use crate::panel::source::companion;
use crate::sqlite::Connection;
use crate::sqlite::open;

/// What is known of earlier runs, for the question whether settings and files are of after them.
#[derive(Default)]
pub(in crate::remap) struct Last {
    /// The last applied run, and what it did.
    applied: Option<(i64, Record)>,
    /// Applied runs before it, and what they did that no later one did anew.
    earlier: Vec<(i64, Record)>,
    /// Of each of these, the settings of the extension's own under its names as later runs left them.
    later: BTreeMap<i64, BTreeSet<Setting>>,
    /// Runs, and settings and files that are as before them, of which a person said that they speak of now.
    pub(in crate::remap) spoken: Spoken,
    /// Runs whose settings a script was to take back.
    taken_back: Vec<(i64, Record)>,
    /// The names of the marks of runs that are known here.
    marks: Vec<Vec<u8>>,
}

impl Last {
    /// As [`Last::read`], from the companion in `var_dir`, which must tell of no interrupted run.
    pub(in crate::remap) fn of(var_dir: &Utf8Path, run: Option<i64>) -> Result<Last, RemapError> {
        let path = companion::path_in(var_dir);
        let reader = match open::read(&path) {
            Err(open::OpenError::Missing { .. }) => return Ok(Last::default()),
            other => other?,
        };
        finished_in(&reader.connection, &path)?;
        Last::read(&reader.connection, &path, run)
    }

    /// What `run`, the last applied one, did, if there is one, and what was left to scripts.
    pub(in crate::remap) fn read(connection: &Connection, path: &Utf8Path, run: Option<i64>) -> Result<Last, RemapError> {
        let record = |run: i64| journal::read(connection, run).on(path).map(|record| (run, record));
        let taken_back = journal::taken_back_by_script(connection).on(path)?.into_iter().map(record).collect::<Result<Vec<_>, _>>()?;
        let applied = run.map(record).transpose()?;
        let mut spoken = Spoken::read(connection, path)?;
        let (mut earlier, mut later, mut left_later) = (Vec::new(), Touched::default(), BTreeMap::new());
        applied.iter().for_each(|(_, record)| later.add(record));
        for before in journal::applied(connection).on(path)?.into_iter().filter(|before| run.is_some_and(|run| *before < run)) {
            let (_, mut done) = record(before)?;
            let moved = at_owners_of(connection, before, &done.panel.settings).on(path)?;
            spoken.follow(before, &moved);
            done.panel.settings = moved.into_iter().map(|(_, change)| change).collect();
            let all = done.clone();
            let names: FxHashSet<&[u8]> = all.panel.settings.iter().filter_map(Change::after).map(|s| s.name.as_slice()).collect();
            let is_left = |s: &&Setting| s.of.is_none() && names.contains(s.name.as_slice());
            left_later.insert(before, later.settings.iter().filter(is_left).cloned().collect());
            later.take_from(&mut done);
            later.add(&all);
            earlier.push((before, done));
        }
        let marks = journal::marks(connection).on(path)?;
        Ok(Last { applied, earlier, later: left_later, spoken, taken_back, marks })
    }

    /// Sees to it that no script is left to take an earlier run back, before another run is. Where reguid may write, it does what the script was to do, and gives
    /// that run. The caller holds the lock on the var directory.
    pub(in crate::remap) fn taken_back(self, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<Option<i64>, RemapError> {
        let last = Last { applied: None, earlier: Vec::new(), later: BTreeMap::new(), ..self };
        for (run, record) in &last.taken_back {
            let Some(of) = &record.setting_run else { continue };
            let may_write = stores.emit.is_none() && stores.panel.is_some_and(Panel::is_live);
            let Some(mut session) = stores.session(&of.module, may_write)? else {
                return Err(RemapError::NeedsPanel { run: *run, server: of.server.clone(), module: of.module.clone() });
            };
            match last.not_behind(&mut session, stores, &|s| Some(s.owner)) {
                Err(RemapError::SettingsBehind { rows, .. }) if may_write => {
                    let mut left = record.clone();
                    // Rows of which it is clear that they were taken back are not touched.
                    if !rows {
                        left.panel.rows.clear();
                    }
                    instead_of_script(var_dir, session, (*run, &left), stores)?;
                    return Ok(Some(*run));
                }
                other => other?,
            }
            // A person may have done it by hand: nobody knows the mark any more once the run is forgotten.
            if let Some(mark) = record.panel.mark.as_ref().filter(|_| may_write)
                && session.marked(mark).map_err(panel_error)? == Some(Marked::Done)
            {
                session.take_mark(mark).map_err(panel_error)?;
                session.commit().map_err(panel_error)?;
            }
        }
        // Their scripts were run. What comes now may change what tells so.
        if !last.taken_back.is_empty() {
            forget(var_dir, stores, last.taken_back.iter().map(|(run, _)| *run))?;
        }
        Ok(None)
    }

    /// The marks of runs that scripts took back, of the extension `module`.
    pub(super) fn spent(&self, module: &str) -> Vec<Mark> {
        let of = |record: &Record| record.setting_run.as_ref().is_some_and(|of| of.module == module);
        self.taken_back.iter().filter(|(_, record)| of(record)).filter_map(|(_, record)| record.panel.mark.clone()).collect()
    }

    /// As [`knows_marks`].
    pub(super) fn knows_marks(&self, session: &mut Session) -> Result<(), RemapError> {
        knows_marks(session, &self.marks)
    }

    /// Marks in the panel's database of which nothing is known here.
    pub(super) fn unknown_marks(&self, session: &mut Session) -> Result<Vec<Vec<u8>>, RemapError> {
        let found = session.marks().map_err(panel_error)?;
        Ok(found.into_iter().filter(|name| !self.marks.contains(name)).collect())
    }

    /// Refuses settings and rows that are as they were before the run: its script was not run, or the panel's database was put back without the var directory.
    /// The same for what a script was to take back. `owner_now`: the id that a setting's owner has now, if it is there.
    pub(super) fn not_behind(
        &self,
        session: &mut Session,
        stores: Stores<'_>,
        owner_now: &dyn Fn(&Setting) -> Option<i64>,
    ) -> Result<(), RemapError> {
        self.none_behind_earlier(session, stores.hold, owner_now)?;
        let applied = self.applied.iter().map(|(run, record)| (*run, record, false));
        for (run, record, undone) in applied.chain(self.taken_back.iter().map(|(run, record)| (*run, record, true))) {
            let Some(of) = record.setting_run.as_ref().filter(|of| of.module == session.module) else { continue };
            let scripted = of.by != By::Reguid;
            let was = if undone { record.panel.reversed() } else { record.panel.clone() };
            let behind = |session: &mut Session, rows, written| {
                let list = match as_before(session, &was.settings) {
                    Ok(same) => listed(same.map(label)),
                    Err(error) => return error,
                };
                RemapError::SettingsBehind { run, written, undone, rows, list }
            };
            let known = if scripted { Known::Open } else { Known::Came };
            let has_rows = !record.panel.rows.is_empty();
            let accepted = stores.hold == Some(if undone { Hold::Old } else { Hold::New });
            let unclear = |list: Vec<String>| RemapError::PanelUnclear { run, list: list.join("\n  ") };
            let (mut marked_open, mut marked_done) = (false, false);
            if let Some(evidence) = evidence(session, record, known, stores)? {
                let marked = evidence.marked.is_some();
                match if undone { evidence.verdict_of_undo() } else { evidence.verdict() } {
                    Verdict::Done if marked == has_rows && (marked || !scripted) => continue,
                    // Settings may have been put back all the same: alone; or into a table that was not emptied, so that the mark stays beside them.
                    Verdict::Done => marked_done = marked,
                    // The extension may have cleared its settings, and written them anew.
                    Verdict::Open if !has_rows && !scripted && accepted => continue,
                    // Where the mark could not be set anew, what a person said of each setting counts.
                    Verdict::Open | Verdict::Unclear(_)
                        if !has_rows && !scripted && !marked && !undone && self.all_spoken(session, (run, record), owner_now)? =>
                    {
                        continue;
                    }
                    // Which settings are not as the script needs them is told below.
                    Verdict::Open if !has_rows && scripted => marked_open = marked,
                    Verdict::Open => return Err(behind(session, has_rows, !scripted)),
                    Verdict::Unclear(_) if !has_rows && scripted && !marked => {}
                    Verdict::Unclear(list) => return Err(unclear(list)),
                }
            }
            // A setting that the run took out may have come again, as it was: the name is another object's now. What the run altered tells.
            let is_to_come = scripted && !marked_done;
            let telling = record.panel.settings.iter().filter(|c| is_to_come || !matches!(c, Change::Removed(_)));
            let telling: Vec<&Change> = telling.filter(|c| undone || !self.is_spoken(run, c)).collect();
            let at_owners: Vec<(&Change, Change)> = telling.iter().filter_map(|c| Some((*c, at_owner(c, owner_now)?))).collect();
            // What a script is still to do is to be done where its settings were.
            let settings = at_owners.iter().map(|(was, is)| if is_to_come { (*was).clone() } else { is.clone() }).collect();
            let moved = at_owners.into_iter().filter(|(was, is)| was.subject().owner != is.subject().owner).map(|(_, is)| is).collect();
            let direct = |settings: Vec<Change>| {
                let changes = Changes { settings, ..Changes::default() };
                if undone { changes.reversed() } else { changes }
            };
            let (changes, moved) = (direct(settings), direct(moved));
            if changes.is_empty() || accepted && !marked_open {
                continue;
            }
            // The mark is a setting of the extension's own: those of objects may have been put back beside it, each object by itself.
            if marked_done && !has_rows {
                let back = of_objects_back(session, &changes.settings)?;
                if !back.is_empty() {
                    let list = listed(back.into_iter().map(label));
                    return Err(RemapError::SettingsBehind { run, written: true, undone, rows: false, list });
                }
            }
            // Some objects may have other ids by now. A script knows nothing of that, and what has their ids may look as if it was run.
            if is_to_come && !has_rows {
                let list: Vec<String> = as_before(session, &moved.settings)?.map(label).collect();
                if !list.is_empty() {
                    return Err(RemapError::SettingsMixed { run, undone, list: list.join("\n  ") });
                }
            }
            match session.state(&changes).map_err(panel_error)? {
                State::Before => return Err(behind(session, false, !is_to_come)),
                State::Other { before: true, after: false, .. } if !scripted && has_rows => return Err(behind(session, false, true)),
                // Some are still as before, as a script in PHP leaves them that was interrupted. To take all for done would leave them so.
                State::Other { list, before: true, .. } if scripted && !marked_done => {
                    return Err(RemapError::SettingsMixed { run, undone, list: list.join("\n  ") });
                }
                State::Other { list, before: true, .. } if has_rows => return Err(unclear(list)),
                // A person did what the script was to do.
                State::After if undone && stores.emit.is_none() && session.is_live() => {}
                _ if marked_open => return Err(behind(session, false, false)),
                State::Other { list, after: false, .. } if is_to_come && !has_rows => return Err(unclear(list)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The same of earlier runs, of what no later one did anew: who puts back what is older than two runs puts it back behind both.
    pub(super) fn none_behind_earlier(
        &self,
        session: &mut Session,
        hold: Option<Hold>,
        owner_now: &dyn Fn(&Setting) -> Option<i64>,
    ) -> Result<(), RemapError> {
        for (run, record) in self.earlier.iter().filter(|_| hold != Some(Hold::New)) {
            let is_of_it = record.setting_run.as_ref().is_some_and(|of| of.module == session.module);
            let Some(mark) = record.panel.mark.as_ref().filter(|_| is_of_it) else { continue };
            let is_marked = session.marked(mark).map_err(panel_error)?.is_some();
            let settings = record.panel.settings.iter().filter(|change| !self.is_spoken(*run, change));
            let (objects, settings): (Vec<Change>, Vec<Change>) =
                settings.filter_map(|change| at_owner(change, owner_now)).partition(|change| change.subject().of.is_some());
            let back = of_objects_back(session, &objects)?;
            if !back.is_empty() {
                return Err(RemapError::SettingsBehindEarlier { run: *run, list: listed(back.into_iter().map(label)) });
            }
            // Those that a later run left so speak for it that none was put back, as those do that this one left.
            let coming: Vec<Change> = record.panel.settings.iter().filter(|c| c.subject().of.is_none()).map(Change::reversed).collect();
            let now = session.settings_now(&coming).map_err(panel_error)?;
            let settings = if now.iter().flatten().any(|setting| self.later.get(run).is_some_and(|later| later.contains(setting))) {
                Vec::new()
            } else {
                settings
            };
            let rows = if session.is_live() && !is_marked { record.panel.rows.clone() } else { Vec::new() };
            let changes = Changes { settings, rows, mark: None };
            if any_back(session, &changes, Known::Came)?.iter().any(|table| !is_marked || *table != OWN) {
                let list = listed(as_before(session, &changes.settings)?.map(label));
                return Err(RemapError::SettingsBehindEarlier { run: *run, list });
            }
        }
        Ok(())
    }

    fn is_spoken(&self, run: i64, change: &Change) -> bool {
        change.before().is_some_and(|setting| self.spoken.has(run, since::of_setting(setting)))
    }

    /// Whether a person said of all settings that are as before the run that they speak of now.
    fn all_spoken(
        &self,
        session: &mut Session,
        (run, record): (i64, &Record),
        owner_now: &dyn Fn(&Setting) -> Option<i64>,
    ) -> Result<bool, RemapError> {
        let settings: Vec<Change> = record.panel.settings.iter().filter_map(|change| at_owner(change, owner_now)).collect();
        let mut back = as_before(session, &settings)?.peekable();
        Ok(back.peek().is_some() && back.all(|setting| self.spoken.has(run, since::of_setting(setting))))
    }

    /// The applied runs, the last one first.
    fn runs(&self) -> impl Iterator<Item = &(i64, Record)> {
        self.applied.iter().chain(&self.earlier)
    }

    /// Refuses files that are as they were before a run, unless a person says that they speak of now.
    pub(super) fn not_older(&self, root: &Root, hold: Option<Hold>) -> Result<(), RemapError> {
        for (run, record) in self.runs().filter(|_| hold != Some(Hold::New)) {
            let older = files::older(root, &record.files)?;
            let is_spoken =
                |step: &FileStep| step.content.is_some_and(|(sha, _)| self.spoken.has(*run, since::of_content(&step.from, &sha)));
            let mut older = older.iter().map(|n| &record.files[*n]).filter(|step| !is_spoken(step));
            if let Some(step) = older.next() {
                let list: Vec<&str> = older.map(|step| step.from.as_str()).collect();
                let more = if list.is_empty() { String::new() } else { format!("; and so are {}", list.join(", ")) };
                return Err(RemapError::OlderFile { path: root.at(&step.from), run: *run, more });
            }
        }
        Ok(())
    }

    /// Settings of `session` that are as before a run: the run, a digest, and what a person knows them by.
    pub(super) fn settings_as_before(
        &self,
        session: &mut Session,
        owner_now: &dyn Fn(&Setting) -> Option<i64>,
    ) -> Result<Vec<AsBefore>, RemapError> {
        let mut all = Vec::new();
        for (run, record) in self.runs() {
            if record.setting_run.as_ref().is_none_or(|of| of.module != session.module) {
                continue;
            }
            let settings: Vec<Change> = record.panel.settings.iter().filter_map(|change| at_owner(change, owner_now)).collect();
            // Settings that look the same may have exchanged their names.
            let left: BTreeSet<&Setting> = settings.iter().filter_map(Change::after).collect();
            let same = as_before(session, &settings)?.filter(|setting| !left.contains(setting));
            all.extend(same.map(|setting| (*run, since::of_setting(setting), label(setting))));
        }
        Ok(all)
    }

    /// Files that are as before a run, in the same way.
    pub(super) fn files_as_before(&self, root: &Root) -> Result<Vec<AsBefore>, RemapError> {
        let mut all = Vec::new();
        for (run, record) in self.runs() {
            for n in files::older(root, &record.files)? {
                let step = &record.files[n];
                all.extend(step.content.map(|(sha, _)| (*run, since::of_content(&step.from, &sha), step.from.to_string())));
            }
        }
        Ok(all)
    }

    /// Notes that what is as before a run speaks of now, as a person says: nobody is to be asked again. A mark that is missing is set anew, where it can be. `tables`:
    /// those of SQLite databases that are so. Nothing is noted of the run `just`.
    pub(in crate::remap) fn speak_of_now(
        &self,
        var_dir: &Utf8Path,
        stores: Stores<'_>,
        tables: Vec<AsBefore>,
        just: Option<i64>,
    ) -> Result<(), RemapError> {
        let may_write = stores.emit.is_none() && stores.panel.is_some_and(Panel::is_live);
        let mut all = self.files_as_before(&Root::open(var_dir)?)?;
        all.extend(tables);
        let modules: BTreeSet<&str> = self.runs().filter_map(|(_, record)| Some(record.setting_run.as_ref()?.module.as_str())).collect();
        for module in modules {
            let Some(mut session) = stores.session(module, may_write)? else { continue };
            all.extend(self.settings_as_before(&mut session, &|setting| Some(setting.owner))?);
            let of = |record: &Record| record.setting_run.as_ref().is_some_and(|of| of.module == module);
            let mut set = false;
            for mark in
                self.runs().filter(|(run, record)| Some(*run) != just && of(record)).filter_map(|(_, record)| record.panel.mark.as_ref())
            {
                if may_write && session.is_live() && session.marked(mark).map_err(panel_error)?.is_none() {
                    session.set_mark(mark).map_err(panel_error)?;
                    set = true;
                }
            }
            if set {
                session.commit().map_err(panel_error)?;
            }
        }
        let spoken: Vec<(i64, Digested)> =
            all.into_iter().map(|(run, sha, _)| (run, sha)).filter(|(run, of)| Some(*run) != just && !self.spoken.has(*run, *of)).collect();
        if spoken.is_empty() { Ok(()) } else { note_spoken(var_dir, stores, &spoken) }
    }
}

/// The change where the setting's owner is now. `None`: it is gone.
fn at_owner(change: &Change, owner_now: &dyn Fn(&Setting) -> Option<i64>) -> Option<Change> {
    let at = |setting: &Setting| Some(Setting { owner: owner_now(setting)?, ..setting.clone() });
    Some(match change {
        Change::Altered { before, after } => Change::Altered { before: at(before)?, after: at(after)? },
        Change::Removed(before) => Change::Removed(at(before)?),
        Change::Added(after) => Change::Added(at(after)?),
    })
}

/// What `run` changed in settings, where their owners are since the runs after it. What is of an object that went, or of which that is not known, is left out.
/// Each with what it was in the run.
fn at_owners_of(connection: &Connection, run: i64, settings: &[Change]) -> Result<Vec<(Change, Change)>, crate::sqlite::Error> {
    let is_of_object = |change: &Change| change.subject().of.is_some();
    if !settings.iter().any(is_of_object) {
        return Ok(settings.iter().map(|change| (change.clone(), change.clone())).collect());
    }
    let mut kinds: BTreeMap<Kind, Vec<OfKind>> = BTreeMap::new();
    for kind in settings.iter().filter_map(|change| change.subject().of) {
        if let Entry::Vacant(free) = kinds.entry(kind) {
            free.insert(OfKind::after_run(connection, run, kind)?);
        }
    }
    let owner = |setting: &Setting| {
        let runs = setting.of.map_or(&[][..], |kind| &kinds[&kind]);
        runs.iter().try_fold(setting.owner, |owner, run| run.after(owner))
    };
    Ok(settings.iter().filter_map(|change| Some((change.clone(), at_owner(change, &owner)?))).collect())
}

/// Settings of objects that are as before the `changes`, where none of the same object is as after them.
fn of_objects_back<'a>(session: &mut Session, changes: &'a [Change]) -> Result<Vec<&'a Setting>, RemapError> {
    let of_objects: Vec<&Change> = changes.iter().filter(|change| change.subject().of.is_some()).collect();
    let coming: Vec<Change> = of_objects.iter().map(|change| change.reversed()).collect();
    let leaving: Vec<Change> = of_objects.iter().copied().cloned().collect();
    let (now, then) = (session.settings_now(&leaving).map_err(panel_error)?, session.settings_now(&coming).map_err(panel_error)?);
    let owner = |change: &Change| (change.subject().of, change.subject().owner);
    let stands = || of_objects.iter().copied().zip(now.iter().zip(&then));
    let after: BTreeSet<_> = stands().filter(|(c, (_, then))| then.as_ref() == c.after()).map(|(c, _)| owner(c)).collect();
    let back = stands().filter(|(c, (now, _))| now.as_ref() == c.before() && !after.contains(&owner(c)));
    Ok(back.filter_map(|(change, _)| change.before()).collect())
}

/// Those settings that are as they were before the `changes`.
fn as_before<'a>(session: &mut Session, changes: &'a [Change]) -> Result<impl Iterator<Item = &'a Setting> + use<'a>, RemapError> {
    let now = session.settings_now(changes).map_err(panel_error)?;
    Ok(changes.iter().zip(now).filter(|(change, now)| change.before() == now.as_ref()).filter_map(|(change, _)| change.before()))
}

/// What is appended to a question about these.
fn listed(labels: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 12;
    let labels: Vec<String> = labels.collect();
    let more = labels.len().saturating_sub(SHOWN);
    let mut lines: Vec<String> = labels.into_iter().take(SHOWN).collect();
    lines.extend((more > 0).then(|| format!("… and {more} more")));
    lines.iter().map(|line| format!("\n  {line}")).collect()
}

/// The sort of settings that the mark is one of.
const OWN: &str = "settings";

/// The tables, and sorts of settings, of which some are as before the `changes`, and none as after them.
fn any_back(session: &mut Session, changes: &Changes, known: Known) -> Result<Vec<String>, RemapError> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let evidence = session.evidence(&Changes { rows: Vec::new(), ..changes.clone() }, known).map_err(panel_error)?;
    let mut tallies = evidence.tallies;
    if !changes.rows.is_empty() {
        tallies.extend(session.evidence(&Changes { settings: Vec::new(), ..changes.clone() }, known).map_err(panel_error)?.tallies);
    }
    Ok(tallies.into_iter().filter(|t| t.before > 0 && t.after == 0).map(|t| t.table.to_string()).collect())
}

/// What runs did something to.
#[derive(Default)]
struct Touched {
    /// As later runs left them.
    settings: BTreeSet<Setting>,
    rows: FxHashSet<(Arc<str>, Vec<Cell>)>,
    /// Where files came to lie, with their contents.
    files: FxHashSet<(Utf8PathBuf, [u8; 32])>,
}

impl Touched {
    fn add(&mut self, record: &Record) {
        self.settings.extend(record.panel.settings.iter().filter_map(Change::after).cloned());
        let both = |c: &Change<Row>| [c.before(), c.after()].into_iter().flatten().map(row).collect::<Vec<_>>();
        self.rows.extend(record.panel.rows.iter().flat_map(both));
        self.files.extend(record.files.iter().filter_map(|step| Some((step.to.clone(), step.content?.1))));
    }

    /// Leaves out what is touched.
    fn take_from(&self, record: &mut Record) {
        // Ids may have got their old values again.
        record.panel.settings.retain(|change| !change.before().is_some_and(|setting| self.settings.contains(setting)));
        let free = |c: &Change<Row>| ![c.before(), c.after()].into_iter().flatten().any(|r| self.rows.contains(&row(r)));
        record.panel.rows.retain(free);
        record.files.retain(|step| step.content.is_some_and(|(before, _)| !self.files.contains(&(step.from.clone(), before))));
    }
}

fn row(row: &Row) -> (Arc<str>, Vec<Cell>) {
    (Arc::clone(&row.table), row.key.clone())
}

/// Refuses marks that are none of `known`: the rows speak of another state than the companion, or were rewritten by a script that nobody asks for.
pub(super) fn knows_marks(session: &mut Session, known: &[Vec<u8>]) -> Result<(), RemapError> {
    let found = session.marks().map_err(panel_error)?;
    match found.into_iter().find(|name| !known.contains(name)) {
        Some(name) => {
            Err(RemapError::UnknownMark { server: session.server().to_owned(), name: String::from_utf8_lossy(&name).into_owned() })
        }
        None => Ok(()),
    }
}
