//! Whether settings and files are of after the last run.

use camino::Utf8Path;

use super::super::error::{Context, RemapError};
use super::files::{self, Contents, FileStep};
use super::finish::finished_in;
use super::folder::Root;
use super::journal::{self, By, Record};
use super::{Stores, panel_error};
use crate::panel::change::{Change, Changes, Item, State};
use crate::panel::settings::{Done, Session};
use crate::panel::source::companion;
use crate::sqlite::Connection;
use crate::sqlite::open;

/// What is known of earlier runs, for the question whether settings and files are of after them.
pub(in crate::remap) struct Last {
    /// The last applied run, and what it did.
    applied: Option<(i64, Record)>,
    /// Runs whose settings a script was to take back.
    taken_back: Vec<(i64, Record)>,
}

impl Last {
    /// As [`Last::read`], from the companion in `var_dir`, which must tell of no interrupted run.
    pub(in crate::remap) fn of(var_dir: &Utf8Path, run: Option<i64>) -> Result<Option<Last>, RemapError> {
        let path = companion::path_in(var_dir);
        let reader = match open::read(&path) {
            Err(open::OpenError::Missing { .. }) => return Ok(None),
            other => other?,
        };
        finished_in(&reader.connection, &path)?;
        Last::read(&reader.connection, &path, run)
    }

    /// What `run`, the last applied one, did, if there is one, and what was left to scripts; `None`: nothing.
    pub(in crate::remap) fn read(connection: &Connection, path: &Utf8Path, run: Option<i64>) -> Result<Option<Last>, RemapError> {
        let record = |run: i64| journal::read(connection, run).on(path).map(|record| (run, record));
        let taken_back = journal::taken_back_by_script(connection).on(path)?.into_iter().map(record).collect::<Result<Vec<_>, _>>()?;
        let applied = run.map(record).transpose()?;
        Ok((applied.is_some() || !taken_back.is_empty()).then_some(Last { applied, taken_back }))
    }

    /// Refuses to take anything back as long as a script that takes an earlier run back was not run.
    pub(in crate::remap) fn taken_back(self, stores: Stores<'_>) -> Result<(), RemapError> {
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
    pub(super) fn not_behind(&self, session: &mut Session) -> Result<(), RemapError> {
        let applied = self.applied.iter().map(|(run, record)| (*run, record, false));
        for (run, record, undone) in applied.chain(self.taken_back.iter().map(|(run, record)| (*run, record, true))) {
            let Some(of) = record.setting_run.as_ref().filter(|of| of.module == session.module) else { continue };
            let scripted = of.by != By::Reguid;
            // A setting that the run took out may have come again, as it was: the name is another object's now. What the run altered tells.
            fn telling<T: Item>(all: &[Change<T>], scripted: bool) -> Vec<Change<T>> {
                all.iter().filter(|c| scripted || !matches!(c, Change::Removed(_))).cloned().collect()
            }
            let changes = Changes {
                settings: telling(&record.panel.settings, scripted),
                rows: telling(&record.panel.rows, scripted),
                mark: record.panel.mark.clone(),
            };
            let changes = if undone { changes.reversed() } else { changes };
            if changes.is_empty() {
                continue;
            }
            // A mark tells, whatever became of the rows since.
            match if session.is_live() { session.done(&changes).map_err(panel_error)? } else { None } {
                Some(Done::Yes) => continue,
                Some(Done::No) => return Err(RemapError::SettingsBehind { run, written: !scripted, undone }),
                Some(Done::Unclear) if scripted => {
                    let list = "rows were changed since, and nothing tells whether the script was run".to_owned();
                    return Err(RemapError::SettingsMixed { run, undone, list });
                }
                Some(Done::Unclear) => continue,
                None => {}
            }
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
