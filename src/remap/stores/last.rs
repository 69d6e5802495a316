//! Whether settings and files are of after the last run.

use camino::Utf8Path;

use super::super::error::{Context, RemapError};
use super::files::{self, Contents, FileStep};
use super::finish::{finished_in, forget, instead_of_script};
use super::folder::Root;
use super::journal::{self, By, Record};
use super::{Stores, evidence, panel_error};
use crate::panel::change::{Change, Changes, Mark, State};
use crate::panel::evidence::{Hold, Known, Verdict};
use crate::panel::settings::{Panel, Session};
use crate::panel::source::companion;
use crate::sqlite::Connection;
use crate::sqlite::open;

/// What is known of earlier runs, for the question whether settings and files are of after them.
#[derive(Default)]
pub(in crate::remap) struct Last {
    /// The last applied run, and what it did.
    applied: Option<(i64, Record)>,
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
        Ok(Last { applied: run.map(record).transpose()?, taken_back, marks: journal::marks(connection).on(path)? })
    }

    /// Sees to it that no script is left to take an earlier run back, before another run is. Where reguid may write, it does what the script was to do, and gives
    /// that run. The caller holds the lock on the var directory.
    pub(in crate::remap) fn taken_back(self, var_dir: &Utf8Path, stores: Stores<'_>) -> Result<Option<i64>, RemapError> {
        let last = Last { applied: None, ..self };
        for (run, record) in &last.taken_back {
            let Some(of) = &record.setting_run else { continue };
            let may_write = stores.emit.is_none() && stores.panel.is_some_and(Panel::is_live);
            let Some(mut session) = stores.session(&of.module, may_write)? else {
                return Err(RemapError::NeedsPanel { run: *run, server: of.server.clone(), module: of.module.clone() });
            };
            match last.not_behind(&mut session, stores) {
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
    /// The same for what a script was to take back.
    pub(super) fn not_behind(&self, session: &mut Session, stores: Stores<'_>) -> Result<(), RemapError> {
        let applied = self.applied.iter().map(|(run, record)| (*run, record, false));
        for (run, record, undone) in applied.chain(self.taken_back.iter().map(|(run, record)| (*run, record, true))) {
            let Some(of) = record.setting_run.as_ref().filter(|of| of.module == session.module) else { continue };
            let scripted = of.by != By::Reguid;
            let behind = |rows| RemapError::SettingsBehind { run, written: !scripted, undone, rows };
            let known = if scripted { Known::Open } else { Known::Came };
            let has_rows = !record.panel.rows.is_empty();
            let accepted = stores.hold == Some(if undone { Hold::Old } else { Hold::New });
            let unclear = |list: Vec<String>| RemapError::PanelUnclear { run, list: list.join("\n  ") };
            let (mut marked_open, mut marked_done) = (false, false);
            if let Some(evidence) = evidence(session, record, known, stores)? {
                let marked = evidence.marked.is_some();
                match if undone { evidence.verdict_of_undo() } else { evidence.verdict() } {
                    Verdict::Done if marked == has_rows => continue,
                    // Settings may have been put back all the same: alone; or into a table that was not emptied, so that the mark stays beside them.
                    Verdict::Done => marked_done = marked,
                    // The extension may have cleared its settings, and written them anew.
                    Verdict::Open if !has_rows && !scripted && accepted => continue,
                    // Which settings are not as the script needs them is told below.
                    Verdict::Open if !has_rows && scripted => marked_open = marked,
                    Verdict::Open => return Err(behind(has_rows)),
                    Verdict::Unclear(_) if !has_rows && scripted && !marked => {}
                    Verdict::Unclear(list) => return Err(unclear(list)),
                }
            }
            // A setting that the run took out may have come again, as it was: the name is another object's now. What the run altered tells.
            let telling = record.panel.settings.iter().filter(|c| scripted || !matches!(c, Change::Removed(_))).cloned().collect();
            let changes = Changes { settings: telling, ..Changes::default() };
            let changes = if undone { changes.reversed() } else { changes };
            if changes.is_empty() || accepted {
                continue;
            }
            match session.state(&changes).map_err(panel_error)? {
                State::Before => return Err(behind(false)),
                State::Other { before: true, after: false, .. } if !scripted && has_rows => return Err(behind(false)),
                // Some are still as before, as a script in PHP leaves them that was interrupted. To take all for done would leave them so.
                State::Other { list, before: true, .. } if scripted && !marked_done => {
                    return Err(RemapError::SettingsMixed { run, undone, list: list.join("\n  ") });
                }
                State::Other { list, before: true, .. } if has_rows => return Err(unclear(list)),
                _ if marked_open => return Err(behind(false)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses files that are as they were before the run.
    pub(super) fn not_older(&self, root: &Root) -> Result<(), RemapError> {
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
