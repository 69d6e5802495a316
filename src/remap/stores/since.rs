//! Settings, rows in the panel's database and files that were written since a run, and hold ids: such ids speak of the new panel state.
//!
//! Left alone, they would mean something else once the rest speaks of the old state again. What the run itself wrote is known from its record; what it looked
//! at and left, although the ids in it mean something else afterwards, is known by a digest. Everything else that holds an id which moved came since.

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};
use sha2::{Digest, Sha256};

use super::super::error::{Context, RemapError};
use super::super::ledger::has_table;
use super::super::pairs::{Back, OfKind, Spot as Noted};
use super::super::sentinel::Sentinels;
use super::super::undo::{Drift, told};
use super::files::{self, FileStep, Patterns};
use super::folder::{Root, What};
use super::spot::{self, unusable};
use super::{is_rewritten, panel_error, settings};
use crate::panel::change::{Change, Changes};
use crate::panel::evidence::Hold;
use crate::panel::rows::Row as TableRow;
use crate::panel::settings::{Session, Setting, folded};
use crate::panel::{Inventory, Kind};
use crate::reference::manifest::{Entry, Manifest, Store};
use crate::sqlite::{Connection, Error, OptionalExtension, params};
use crate::value::{self, Fate, Spots};

/// The tables of this module. Runs of early releases have no rows in them.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS main.store_place(  -- the places of a run in settings and files
    run INTEGER NOT NULL,
    n INTEGER NOT NULL,
    module TEXT NOT NULL,                     -- the extension's id, whose settings they are
    sort TEXT NOT NULL,                       -- setting-key, setting, object-setting, file, file-name, panel-table
    kind TEXT,                                -- of the object that the setting belongs to
    name TEXT NOT NULL,                       -- of the setting or file, or its pattern; JSON: the table and column
    inside TEXT NOT NULL,                     -- JSON: where ids stand inside the value, and whose they are
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS main.store_kept(   -- settings and files that a run left although ids in them mean something else since
    run INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    PRIMARY KEY (run, sha256)
) STRICT, WITHOUT ROWID;
";

/// What tells a setting or file that a run left from others.
pub(super) type Digested = [u8; 32];

fn digest(parts: &[&[u8]]) -> Digested {
    let mut all = Sha256::new();
    for part in parts {
        all.update((part.len() as u64).to_le_bytes());
        all.update(part);
    }
    all.finalize().into()
}

/// A setting, with its value.
pub(super) fn of_setting(setting: &Setting) -> Digested {
    let kind = setting.of.map_or("", Kind::name);
    digest(&[b"setting", kind.as_bytes(), &setting.owner.to_le_bytes(), &setting.name, setting.value.as_deref().unwrap_or_default()])
}

pub(super) use rows::{Place, of_row};

/// The content of a file.
pub(super) fn of_content(path: &Utf8Path, sha: &[u8; 32]) -> Digested {
    digest(&[b"content", path.as_str().as_bytes(), sha])
}

/// The content of a table of a database, by the hash of its rows.
pub(super) fn of_table((database, table): (&str, &str), content: &[u8]) -> Digested {
    digest(&[b"table", database.as_bytes(), table.as_bytes(), content])
}

/// The name of a file.
pub(super) fn of_name(path: &Utf8Path) -> Digested {
    digest(&[b"name", path.as_str().as_bytes()])
}

/// Notes the places of a run in settings and files, and what it left there.
pub(super) fn note(connection: &Connection, run: i64, manifest: &Manifest, module: &str, kept: &BTreeSet<Digested>) -> Result<(), Error> {
    connection.execute_batch(TABLES)?;
    let mut insert = connection.prepare("INSERT INTO main.store_place VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
    for (n, entry) in (0i64..).zip(manifest.references.iter().filter(|e| is_rewritten(e))) {
        let column = rows::noted(&entry.store);
        let (sort, kind, name) = match &entry.store {
            Store::Column { .. } => continue,
            Store::SettingKey { pattern } => ("setting-key", None, pattern.as_str()),
            Store::Setting { name, .. } => ("setting", None, name.as_str()),
            Store::ObjectSetting { of, name, .. } => ("object-setting", Some(of.name()), name.as_str()),
            Store::File { glob, .. } => ("file", None, glob.as_str()),
            Store::FileName { pattern } => ("file-name", None, pattern.as_str()),
            Store::PanelColumn { .. } => ("panel-table", None, column.as_str()),
        };
        let inside = serde_json::to_string(&Noted::of(entry)).expect("texts are JSON");
        insert.execute(params![run, n, module, sort, kind, name, inside])?;
    }
    let mut insert = connection.prepare("INSERT INTO main.store_kept VALUES (?1, ?2)")?;
    kept.iter().try_for_each(|sha| insert.execute(params![run, sha]).map(drop))
}

/// Forgets what [`note`] noted.
pub(in crate::remap) fn forget(connection: &Connection, run: i64) -> Result<(), Error> {
    for table in ["store_place", "store_kept"] {
        if has_table(connection, table)? {
            connection.execute(&format!("DELETE FROM main.{table} WHERE run = ?1"), [run])?;
        }
    }
    Ok(())
}

/// What is to be known of a run, to tell what was written since.
pub(super) struct Since {
    /// The places, as a manifest.
    manifest: Manifest,
    /// The extension's id.
    pub module: String,
    kept: FxHashSet<Digested>,
    kinds: FxHashMap<Kind, Arc<OfKind>>,
}

/// A change that puts something which was written since into the words of the old state: as it is now, and as it is to be.
#[derive(Default)]
pub(super) struct Extra {
    /// In the panel's database.
    pub panel: Changes,
    /// In rows of the run itself.
    pub of_run: Vec<Change<TableRow>>,
    /// In files of the run itself whose content it did not change: the path, the content's digest now, and the content that it gets.
    pub of_files: Vec<(Utf8PathBuf, [u8; 32], Vec<u8>)>,
    /// With the new content, if that changes.
    pub files: Vec<(FileStep, Option<Vec<u8>>)>,
}

/// A setting of any object of a kind: its name and value.
type ByValue<'a> = (Option<Kind>, &'a Vec<u8>, Option<&'a [u8]>);

/// What settings of objects were before a run, by kind, name and value, that are not there any more. `record` is what puts them back.
fn gone<'a>(session: &mut Session, record: &'a [Change]) -> Result<FxHashSet<ByValue<'a>>, RemapError> {
    let coming: Vec<Change> = record.iter().map(Change::reversed).collect();
    let now = session.settings_now(&coming).map_err(panel_error)?;
    let gone = record.iter().zip(now).filter(|(change, now)| now.is_none() && change.subject().of.is_some());
    Ok(gone.filter_map(|(change, _)| change.after()).map(|s| (s.of, &s.name, s.value.as_deref())).collect())
}

/// Ids at one tag of compiled spots.
struct Tag {
    of: Arc<OfKind>,
    sentinels: Arc<Sentinels>,
}

/// What was found in one text: the worst of its ids, and the text in the words of the old state.
struct Look {
    back: Back,
    text: Vec<u8>,
}

impl Since {
    /// Reads what was noted of a run. `None`: it has no places in settings and files, or an early release made it. The inner error: this release does not know
    /// what is noted.
    pub(super) fn read(connection: &Connection, run: i64) -> Result<Result<Option<Since>, String>, Error> {
        if !has_table(connection, "store_place")? {
            return Ok(Ok(None));
        }
        let mut query = connection.prepare("SELECT module, sort, kind, name, inside FROM main.store_place WHERE run = ?1 ORDER BY n")?;
        let mut rows = query.query([run])?;
        let (mut manifest, mut module) = (Manifest::default(), None);
        while let Some(row) = rows.next()? {
            module = Some(row.get(0)?);
            let (sort, kind, name): (String, Option<String>, String) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let noted: Result<Entry, String> =
                serde_json::from_str::<Noted>(&row.get::<_, String>(4)?).map_err(|e| e.to_string()).and_then(Noted::entry);
            let entry = noted.and_then(|entry| Ok(Entry { store: store(&sort, kind, name, entry.path().map(str::to_owned))?, ..entry }));
            match entry {
                Ok(entry) => manifest.references.push(entry),
                Err(what) => return Ok(Err(what)),
            }
        }
        let Some(module) = module else { return Ok(Ok(None)) };
        let mut query = connection.prepare("SELECT sha256 FROM main.store_kept WHERE run = ?1")?;
        let kept = query.query_map([run], |r| r.get(0))?.collect::<Result<_, _>>()?;
        let mut kinds = FxHashMap::default();
        for kind in Kind::all() {
            kinds.insert(kind, Arc::new(OfKind::read(connection, run, kind)?));
        }
        Ok(Ok(Some(Since { manifest, module, kept, kinds })))
    }

    /// Whether it has places in the panel's database.
    pub(super) fn has_settings(&self) -> bool {
        self.manifest.references.iter().any(|e| settings::is_one(e) || super::rows::is_one(e))
    }

    /// Whether it has places in tables of the panel's database.
    pub(super) fn has_rows(&self) -> bool {
        self.manifest.references.iter().any(super::rows::is_one)
    }

    fn compile(&self, entries: &[usize], pattern: Option<&str>) -> Result<(Spots, Vec<Tag>), RemapError> {
        let (mut spots, mut tags) = (Spots::default(), Vec::new());
        for &index in entries {
            let entry = &self.manifest.references[index];
            let sentinels = Sentinels::of(entry);
            let mut tag = |kind| {
                tags.push(Tag { of: Arc::clone(&self.kinds[&kind]), sentinels: Arc::clone(&sentinels) });
                u32::try_from(tags.len() - 1).unwrap_or(u32::MAX)
            };
            let added = match pattern {
                Some(pattern) => spot::add_pattern(&mut spots, pattern, &mut tag),
                None => spot::add(&mut spots, entry, &mut tag),
            };
            added.map_err(|error| unusable(&self.manifest, entry, &error))?;
        }
        Ok((spots, tags))
    }

    /// Settings that were written since. `record` is what puts the run's settings back, and `changing` what of it is still to be done.
    pub(super) fn settings(
        &self,
        session: &mut Session,
        (record, changing, as_before): (&[Change], &[Change], &[Change]),
        (only, hold): (Option<&[Setting]>, Option<Hold>),
        old: &Inventory,
        (extra, drift): (&mut Extra, &mut Vec<Drift>),
    ) -> Result<(), RemapError> {
        let keys: Vec<usize> = (0..self.manifest.references.len())
            .filter(|&i| matches!(self.manifest.references[i].store, Store::SettingKey { .. }))
            .collect();
        let (key_spots, key_tags) = self.compile(&keys, None)?;
        // Where the run took a setting out, what is there now came since. Where nothing is to be done, since its script was not run, what is as before is of before.
        let of_run = record.iter().filter(|_| !changing.is_empty()).filter_map(Change::before);
        let of_run = of_run.chain(as_before.iter().filter_map(Change::after));
        let known: BTreeSet<(Option<Kind>, i64, &[u8])> = of_run.map(|s| (s.of, s.owner, s.name.as_slice())).collect();
        let untouched: Vec<&Setting> = record.iter().filter(|_| changing.is_empty()).filter_map(Change::after).collect();
        let untouched: BTreeMap<(Option<Kind>, i64, &[u8]), &Setting> =
            untouched.into_iter().map(|s| ((s.of, s.owner, s.name.as_slice()), s)).collect();
        // A setting of an object that is gone from where it was may be the object's still, which has another id by now.
        let gone = gone(session, record)?;
        for owner in settings::owners(&self.manifest, |_| true) {
            let mut compiled: BTreeMap<Vec<usize>, (Spots, Vec<Tag>)> = BTreeMap::new();
            let (mut failed, mut names, first) = (None, Vec::new(), extra.panel.settings.len());
            let looked = session.each(owner, |setting| {
                names.push((setting.owner, folded(&setting.name)));
                if failed.is_some()
                    || only.is_some_and(|only| !only.contains(&setting))
                    || known.contains(&(setting.of, setting.owner, &setting.name))
                    || untouched.get(&(setting.of, setting.owner, setting.name.as_slice())) == Some(&&setting)
                    || self.kept.contains(&of_setting(&setting))
                {
                    return;
                }
                if setting.of.is_some() && hold != Some(Hold::New) && gone.contains(&(setting.of, &setting.name, setting.value.as_deref())) {
                    if hold.is_none() {
                        let detail = format!(
                            "{} is as another one was before the run that is not there any more: say which ids it holds, --panel-holds new or old",
                            settings::label(&setting)
                        );
                        drift.push(Drift { database: "settings".into(), table: "settings".into(), detail, acceptable: false });
                    }
                    return;
                }
                // The name is of before, whatever was written under it.
                let is_named = untouched.contains_key(&(setting.of, setting.owner, setting.name.as_slice()));
                let name = (owner.is_none() && !is_named).then(|| look(&key_spots, &key_tags, &setting.name, false, old)).flatten();
                let entries = settings::naming(&self.manifest, owner, &setting.name, |_| true);
                let mut inside = None;
                if let (false, Some(text)) =
                    (entries.is_empty() || setting.value.as_deref().is_some_and(settings::encrypted), &setting.value)
                {
                    let (spots, tags) = match compiled.entry(entries) {
                        std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                        std::collections::btree_map::Entry::Vacant(free) => match self.compile(free.key(), None) {
                            Ok(made) => free.insert(made),
                            Err(error) => {
                                failed = Some(error);
                                return;
                            }
                        },
                    };
                    inside = look(spots, tags, text, false, old);
                }
                if let Some(worst) = worst(name.as_ref(), inside.as_ref()) {
                    let detail = format!("{} was written since the run{}", settings::label(&setting), told(worst, false, old));
                    drift.push(Drift { database: "settings".into(), table: "settings".into(), detail, acceptable: worst.is_certain() });
                    let after_name = name.map_or_else(|| setting.name.clone(), |l| l.text);
                    let after_value = inside.map_or_else(|| setting.value.clone(), |l| Some(l.text));
                    if (&after_name, &after_value) != (&setting.name, &setting.value) {
                        extra.panel.settings.push(Change::altered(setting, after_name, after_value));
                    }
                }
            });
            looked.map_err(panel_error)?;
            if let Some(error) = failed {
                return Err(error);
            }
            // What comes must find its name free.
            let all = || changing.iter().filter(|c| c.subject().of == owner).chain(&extra.panel.settings[first..]);
            let leaving: FxHashSet<(i64, String)> = all().filter_map(Change::before).map(|s| (s.owner, folded(&s.name))).collect();
            let mut taken: FxHashSet<(i64, String)> = names.into_iter().filter(|name| !leaving.contains(name)).collect();
            for (change, after) in all().filter_map(|c| Some((c, c.after()?))) {
                if !taken.insert((after.owner, folded(&after.name))) {
                    let (from, to) = (settings::label(change.subject()), String::from_utf8_lossy(&after.name));
                    let detail = format!("{from} would be {to} again, which is there, or will be");
                    drift.push(Drift { database: "settings".into(), table: "settings".into(), detail, acceptable: false });
                }
            }
        }
        Ok(())
    }

    /// What the content of a file, which is another one than the run left, is in the words of the old state, and how certain that is. `None`: it holds no id that
    /// meant something else.
    pub(super) fn content(&self, path: &Utf8Path, text: &[u8], old: &Inventory) -> Result<Option<(Back, Vec<u8>)>, RemapError> {
        let patterns = Patterns::of(&self.manifest, &mut |_, _| Ok(Spots::default()), |e| matches!(e.store, Store::File { .. }))?;
        let looked = self.look_into(&patterns.contents(path), text, old)?;
        Ok(looked.map(|look| (look.back, look.text)))
    }

    fn look_into(&self, entries: &[usize], text: &[u8], old: &Inventory) -> Result<Option<Look>, RemapError> {
        let Some(first) = entries.first() else { return Ok(None) };
        let (spots, tags) = self.compile(entries, None)?;
        let by_lines = self.manifest.references[*first].path().is_none() || spot::by_lines(&spots, text);
        Ok(look(&spots, &tags, text, by_lines, old))
    }

    /// Files that were written since. `record` is what puts the run's files back; those `as_before` are not looked at.
    pub(super) fn files(
        &self,
        root: &Root,
        (record, as_before): (&[FileStep], &BTreeSet<Utf8PathBuf>),
        old: &Inventory,
        (extra, drift): (&mut Extra, &mut Vec<Drift>),
    ) -> Result<(), RemapError> {
        if !self.manifest.references.iter().any(files::is_one) {
            return Ok(());
        }
        let mut tags: Vec<Tag> = Vec::new();
        let patterns = Patterns::of(
            &self.manifest,
            &mut |index, pattern| {
                // One list of tags for all patterns: each finds its own by its numbers.
                let entry = &self.manifest.references[index];
                let (mut spots, sentinels) = (Spots::default(), Sentinels::of(entry));
                let mut tag = |kind| {
                    tags.push(Tag { of: Arc::clone(&self.kinds[&kind]), sentinels: Arc::clone(&sentinels) });
                    u32::try_from(tags.len() - 1).unwrap_or(u32::MAX)
                };
                spot::add_pattern(&mut spots, pattern, &mut tag).map_err(|error| unusable(&self.manifest, entry, &error))?;
                Ok(spots)
            },
            |_| true,
        )?;
        let steps: BTreeMap<&Utf8Path, &FileStep> = record.iter().map(|s| (s.from.as_path(), s)).collect();
        let mut renames: BTreeMap<&Utf8Path, String> =
            record.iter().filter(|s| s.renames()).map(|s| (s.from.as_path(), s.to.file_name().unwrap_or_default().to_owned())).collect();
        let mut odd = Vec::new();
        let listed = root.walk(&mut odd)?;
        if let Some((_, path, why)) = patterns.odd(&self.manifest, &odd) {
            let detail = format!("it came since the run, and {why}: rename it, then try again");
            drift.push(Drift { database: "files".into(), table: path.to_string(), detail, acceptable: false });
        }
        let mut contents: BTreeMap<&Utf8Path, ([u8; 32], Vec<u8>)> = BTreeMap::new();
        for one in listed.iter().filter(|one| !as_before.contains(&one.path)) {
            let (path, step) = (one.path.as_path(), steps.get(one.path.as_path()));
            let mut found = Vec::new();
            if step.is_none_or(|s| !s.renames())
                && let Some((_, spots)) = patterns.names(one).first()
                && !self.kept.contains(&of_name(path))
                && let Some(look) = look(spots, &tags, path.file_name().unwrap_or_default().as_bytes(), false, old)
            {
                found.push(look.back);
                if let Ok(name) = String::from_utf8(look.text)
                    && Some(name.as_str()) != path.file_name()
                {
                    renames.insert(path, name);
                }
            }
            let entries = patterns.contents(path);
            // What the run wrote there is compared with what it left.
            if one.what == What::File
                && !entries.is_empty()
                && step.is_none_or(|s| s.rewritten().is_none())
                && !root.is_database(path)
                && let Some(text) = root.read(path, value::LARGEST as u64)?
            {
                let sha = files::sha(&text);
                if !self.kept.contains(&of_content(path, &sha))
                    && let Some(look) = self.look_into(&entries, &text, old)?
                {
                    found.push(look.back);
                    if look.text != text {
                        contents.insert(path, (sha, look.text));
                    }
                }
            }
            if let Some(worst) = found.into_iter().max_by_key(|back| rank(*back)) {
                let detail = format!("it was written since the run{}", told(worst, false, old));
                drift.push(Drift { database: "files".into(), table: path.to_string(), detail, acceptable: worst.is_certain() });
            }
        }
        let there: BTreeSet<&Utf8Path> = listed.iter().map(|l| l.path.as_path()).collect();
        let mut coming: BTreeMap<Utf8PathBuf, &Utf8Path> = BTreeMap::new();
        for (path, name) in &renames {
            let target = path.with_file_name(name);
            let taken = there.contains(target.as_path()) && !renames.contains_key(target.as_path());
            if (taken || coming.contains_key(&target)) && !steps.contains_key(path) {
                let detail = format!("it would be called {name} again, and something else is");
                drift.push(Drift { database: "files".into(), table: path.to_string(), detail, acceptable: false });
            }
            coming.insert(target, path);
        }
        for one in &listed {
            let path = one.path.as_path();
            let content = contents.remove(path);
            if steps.contains_key(path) {
                extra.of_files.extend(content.map(|(now, then)| (path.to_owned(), now, then)));
                continue;
            }
            if content.is_none() && !renames.contains_key(path) {
                continue;
            }
            let step = FileStep {
                from: path.to_owned(),
                to: files::moved(path, &renames),
                folder: one.what == What::Folder,
                content: content.as_ref().map(|(before, after)| (*before, files::sha(after))),
            };
            extra.files.push((step, content.map(|(_, after)| after)));
        }
        Ok(())
    }
}

/// The store that was noted.
fn store(sort: &str, kind: Option<String>, name: String, path: Option<String>) -> Result<Store, String> {
    Ok(match sort {
        "setting-key" => Store::SettingKey { pattern: name },
        "setting" => Store::Setting { name, path },
        "object-setting" => {
            let word = kind.unwrap_or_default();
            Store::ObjectSetting { of: word.parse().map_err(|_| word)?, name, path }
        }
        "file" => Store::File { glob: name, path },
        "file-name" => Store::FileName { pattern: name },
        "panel-table" => rows::store(&name, path).ok_or(name)?,
        other => return Err(other.to_owned()),
    })
}

fn rank(back: Back) -> u8 {
    match back {
        Back::Same => 0,
        Back::Becomes(_) => 1,
        Back::Unknown => 2,
        Back::Several(..) => 3,
        Back::Other(..) => 4,
    }
}

fn worst(name: Option<&Look>, inside: Option<&Look>) -> Option<Back> {
    name.into_iter().chain(inside).map(|look| look.back).max_by_key(|back| rank(*back))
}

/// Looks into a text, or into each line of it. `None`: it holds no id that may mean something else in the old state.
fn look(spots: &Spots, tags: &[Tag], text: &[u8], by_lines: bool, old: &Inventory) -> Option<Look> {
    let mut all = Look { back: Back::Same, text: Vec::with_capacity(text.len()) };
    let mut any_moved = false;
    let pieces: Vec<&[u8]> = if by_lines { text.split_inclusive(|b| *b == b'\n').collect() } else { vec![text] };
    for piece in pieces {
        let bare = if by_lines { piece.strip_suffix(b"\n").unwrap_or(piece) } else { piece };
        let bare = if by_lines { bare.strip_suffix(b"\r").unwrap_or(bare) } else { bare };
        let (mut moved, mut worst) = (false, Back::Same);
        let rewritten = value::rewrite(bare, spots, &mut |found| {
            let Some(tag) = tags.get(usize::try_from(found.tag).unwrap_or(usize::MAX)) else { return Fate::Keep };
            if tag.sentinels.has(found.id) || !tag.of.moved(found.id) {
                return Fate::Keep;
            }
            moved = true;
            let back = tag.of.back(found.id, old);
            worst = if rank(back) > rank(worst) { back } else { worst };
            tag.of.before(found.id).map_or(Fate::Keep, Fate::Set)
        });
        match rewritten {
            Ok(done) => {
                all.text.extend_from_slice(&done.bytes);
                any_moved |= moved;
                all.back = if rank(worst) > rank(all.back) { worst } else { all.back };
            }
            // What cannot be looked into is of no run, whatever stands before its flaw.
            Err(_) => all.text.extend_from_slice(bare),
        }
        all.text.extend_from_slice(&piece[bare.len()..]);
    }
    any_moved.then_some(all)
}

/// Whether the run has places in settings or files of which nothing was noted.
pub(super) fn is_early(connection: &Connection, run: i64) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM main.place_state WHERE run = ?1 AND database = '' LIMIT 1";
    Ok(connection.query_row(sql, [run], |_| Ok(())).optional()?.is_some())
}

/// The same, with the companion's path for errors.
pub(super) fn read(connection: &Connection, path: &Utf8Path, run: i64) -> Result<Result<Option<Since>, String>, RemapError> {
    Since::read(connection, run).on(path)
}
