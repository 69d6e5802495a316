//! Whether the ids in settings, in tables of the panel's database and in files resolve on a panel.

use std::collections::BTreeMap;

use camino::Utf8Path;
use rustc_hash::FxHashMap;

use super::super::error::RemapError;
use super::super::ledger;
use super::super::plan::{PanelState, Refused};
use super::super::resolve::{self, Objects, Verified, VerifiedPlace};
use super::super::sentinel::Sentinels;
use super::super::target;
use super::files::Patterns;
use super::folder::{Root, What};
use super::last::Last;
use super::spot::{self, sort};
use super::{NO_ROWS, Stores, files, panel_error, rows, settings};
use crate::panel::evidence::Hold;
use crate::panel::rows::Reading;
use crate::panel::settings::{Session, Setting};
use crate::panel::source::companion;
use crate::panel::{Guid, Inventory, Kind};
use crate::reference::manifest::{Entry, Holds, Manifest, OnMissing, Store};
use crate::value::{self, Spots};

/// Wrong ids that are shown for each place.
const SAMPLES: usize = 10;

/// Looks ids up, and counts them.
struct Lookup<'a> {
    manifest: &'a Manifest,
    panel: &'a Inventory,
    places: Vec<(usize, VerifiedPlace)>,
    tag_of: BTreeMap<(usize, Kind), u32>,
}

impl Lookup<'_> {
    fn tag(&mut self, index: usize, kind: Kind) -> u32 {
        if let Some(tag) = self.tag_of.get(&(index, kind)) {
            return *tag;
        }
        let entry = &self.manifest.references[index];
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let place = VerifiedPlace::at(sort(entry).map_or("", spot::Sort::word).to_owned(), entry.store.place(), kind, Holds::Id);
        self.places.push((index, place));
        self.tag_of.insert((index, kind), number);
        number
    }

    /// The spots of an entry, or of a pattern of it.
    fn spots(&mut self, index: usize, pattern: Option<&str>) -> Result<Spots, RemapError> {
        let (mut spots, manifest) = (Spots::default(), self.manifest);
        let entry = &manifest.references[index];
        let tag = &mut |kind| self.tag(index, kind);
        let added = match pattern {
            Some(pattern) => spot::add_pattern(&mut spots, pattern, tag),
            None => spot::add(&mut spots, entry, tag),
        };
        added.map_err(|e| spot::unusable(manifest, entry, &e)).map(|()| spots)
    }

    fn look(&mut self, (index, spots): (usize, &Spots), text: &[u8], item: &str) {
        let (places, panel, manifest) = (&mut self.places, self.panel, self.manifest);
        let looked = value::find(text, spots, &mut |found| {
            let Some((index, place)) = places.get_mut(usize::try_from(found.tag).unwrap_or(usize::MAX)) else { return };
            place.rows += 1;
            if Sentinels::of(&manifest.references[*index]).has(found.id) {
                place.no_reference += 1;
            } else if panel.get(place.kind, found.id).is_some() {
                place.right += 1;
            } else if manifest.references[*index].on_missing == OnMissing::Keep {
                place.kept += 1;
            } else {
                place.dangling += 1;
                if place.samples.len() < SAMPLES {
                    let path = found.path.to_string();
                    let at = if path.len() > 1 { format!("{item} {path}") } else { item.to_owned() };
                    place.samples.push(format!("{at}: no {} {}", place.kind, found.id));
                }
            }
        });
        if looked.is_err() && !text.trim_ascii().is_empty() {
            self.unreadable(index, item);
        }
    }

    /// Counts a value that cannot be looked into.
    fn unreadable(&mut self, index: usize, item: &str) {
        if let Some((_, place)) = self.places.iter_mut().find(|(at, _)| *at == index) {
            place.unparsable += 1;
            if place.samples.len() < SAMPLES {
                place.samples.push(format!("{item}: it cannot be looked into"));
            }
        }
    }

    fn lines(&mut self, (index, spots): (usize, &Spots), text: &[u8], item: &str) {
        for (n, line) in text.split(|b| *b == b'\n').enumerate() {
            self.look((index, spots), line.strip_suffix(b"\r").unwrap_or(line), &format!("{item} line {}", n + 1));
        }
    }
}

/// What the companion knows of runs.
struct Before<'p> {
    last: Last,
    /// The state that the stored ids speak of.
    current: Option<Inventory>,
    panel: &'p Inventory,
    /// Where the panel has what it knows by GUID.
    ids: FxHashMap<(Kind, Guid), i64>,
}

impl<'p> Before<'p> {
    /// Reads it from the companion in `var_dir`; `None`: there is none.
    fn read(var_dir: &Utf8Path, panel: &'p Inventory) -> Result<Option<Before<'p>>, RemapError> {
        if !companion::path_in(var_dir).exists() {
            return Ok(None);
        }
        let known = ledger::read(var_dir)?;
        let last = Last::of(var_dir, known.last_run.map(|run| run.id))?;
        let ids = panel.objects().iter().filter_map(|o| Some(((o.kind, o.guid?), o.id))).collect();
        Ok(Some(Before { last, current: known.current.map(|state| state.inventory), panel, ids }))
    }

    /// The id that the owner of a setting has on the panel now. `None`: it is gone, or nothing tells.
    fn owner_now(&self, setting: &Setting) -> Option<i64> {
        let Some(kind) = setting.of else { return Some(setting.owner) };
        let was = self.current.as_ref()?.get(kind, setting.owner)?;
        match was.guid {
            Some(guid) => self.ids.get(&(kind, guid)).copied(),
            None => self.panel.get(kind, was.id).filter(|is| is.guid.is_none() && is.name == was.name).map(|is| is.id),
        }
    }
}

/// Refuses a panel's database that is not of after the last run: its ids mean other objects than those they are looked up as.
fn is_of_last_run(before: Option<&Before<'_>>, session: &mut Session, stores: Stores<'_>) -> Result<(), RemapError> {
    let Some(before) = before else { return Ok(()) };
    before.last.knows_marks(session)?;
    before.last.not_behind(session, stores, &|setting| before.owner_now(setting))
}

/// Looks up what stands in tables of the panel's database.
fn in_tables(
    (var_dir, stores): (&Utf8Path, Stores<'_>),
    before: Option<&Before<'_>>,
    lookup: &mut Lookup<'_>,
    verified: &mut Verified,
) -> Result<(), RemapError> {
    let (manifest, panel) = (lookup.manifest, lookup.panel);
    let session = stores.session(&stores.module(var_dir)?, false)?;
    let Some(mut session) = session.filter(Session::is_live) else {
        let all = manifest.references.iter().filter(|e| rows::is_one(e));
        verified.not_verified.extend(all.map(|e| Refused { place: target::place(e), reason: NO_ROWS.to_owned() }));
        return Ok(());
    };
    is_of_last_run(before, &mut session, stores)?;
    for of in rows::declared(&mut session, manifest, rows::is_one)? {
        if of.table.key.is_empty() {
            let all = of.columns.iter().flat_map(|(_, entries)| entries).map(|e| &manifest.references[*e]);
            let reason = format!("the table {} has no primary key, so that one of its rows cannot be told from another", of.table.name);
            verified.not_verified.extend(all.map(|e| Refused { place: target::place(e), reason: reason.clone() }));
            continue;
        }
        let mut insides: BTreeMap<usize, Spots> = BTreeMap::new();
        let mut wholes: BTreeMap<usize, (Objects<'_>, VerifiedPlace)> = BTreeMap::new();
        for index in of.columns.iter().flat_map(|(_, entries)| entries) {
            let entry = &manifest.references[*index];
            match entry.kind.filter(|_| !entry.is_inside()) {
                None => {
                    insides.insert(*index, lookup.spots(*index, None)?);
                }
                Some(kind) => {
                    let place = VerifiedPlace::at(spot::Sort::Panel.word().to_owned(), entry.store.place(), kind, entry.holds);
                    wholes.insert(*index, (Objects::new(panel, kind, Sentinels::of(entry)), place));
                }
            }
        }
        let looked = session.rows(&of.table, &Reading { columns: of.read(), ..Reading::default() }, |row, _| {
            for (at, entries) in &of.columns {
                let now = rows::cell(&row, &of.table.columns[*at]);
                for index in entries {
                    let entry = &manifest.references[*index];
                    let item = || format!("{}: {}", row.label(), of.table.columns[*at].name);
                    if let Some((objects, place)) = wholes.get_mut(index) {
                        let twin = entry.twin.as_ref().and_then(|twin| rows::cell(&row, &of.table.columns[of.table.column(twin)?]));
                        place.rows += 1;
                        let before = place.disagreeing;
                        let wrong = resolve::judge((rows::value(now), rows::value(twin)), entry, objects, place);
                        if let Some(what) = wrong.filter(|_| place.samples.len() < SAMPLES) {
                            place.show(format!("{}: {what}", item()), before);
                        }
                    } else if let Some(text) = now.and_then(|cell| cell.value.as_deref()) {
                        if settings::encrypted(text) {
                            lookup.unreadable(*index, &item());
                        } else {
                            lookup.look((*index, &insides[index]), text, &item());
                        }
                    }
                }
            }
        });
        looked.map_err(panel_error)?;
        lookup.places.extend(wholes.into_iter().map(|(index, (_, place))| (index, place)));
    }
    Ok(())
}

/// Looks up the ids in settings and files of `manifest` in `panel`, and adds what it finds to `verified`.
pub(in crate::remap) fn verify(
    var_dir: &Utf8Path,
    stores: Stores<'_>,
    manifest: &Manifest,
    panel: &Inventory,
    verified: &mut Verified,
) -> Result<(), RemapError> {
    let mut lookup = Lookup { manifest, panel, places: Vec::new(), tag_of: BTreeMap::new() };
    let before = Before::read(var_dir, panel)?;
    let refuse = |entry: &Entry, reason: &str| Refused { place: target::place(entry), reason: reason.to_owned() };
    for entry in manifest.references.iter().filter(|e| sort(e).is_some() && !rows::is_one(e) && e.holds != Holds::Id) {
        verified.not_verified.push(refuse(entry, "GUIDs and names are verified in columns only"));
    }
    let raw = |e: &Entry| e.holds == Holds::Id;
    if manifest.references.iter().any(|e| raw(e) && settings::is_one(e)) {
        match stores.session(&stores.module(var_dir)?, false)? {
            None => {
                let of = manifest.references.iter().filter(|e| raw(e) && settings::is_one(e));
                verified.not_verified.extend(of.map(|e| {
                    refuse(
                        e,
                        "settings are in the panel's database: give the live panel, --panel plesk: or mysql://…, or a whole dump of it",
                    )
                }));
            }
            Some(mut session) => {
                is_of_last_run(before.as_ref(), &mut session, stores)?;
                if let Some(before) = before.as_ref().filter(|_| stores.hold == Some(Hold::New)) {
                    let all = before.last.settings_as_before(&mut session, &|setting| before.owner_now(setting))?;
                    verified.notes.extend(before.last.spoken.notes(&all));
                }
                let mut spots: BTreeMap<usize, Spots> = BTreeMap::new();
                for (index, _) in manifest.references.iter().enumerate().filter(|(_, e)| raw(e) && settings::is_one(e)) {
                    spots.insert(index, lookup.spots(index, None)?);
                }
                for owner in settings::owners(manifest, raw) {
                    let looked = session.each(owner, |setting| {
                        let item = settings::label(&setting);
                        for (index, spots) in &spots {
                            let entry = &manifest.references[*index];
                            let is_key = owner.is_none() && matches!(entry.store, Store::SettingKey { .. });
                            if is_key && spot::fits(spots, &setting.name) {
                                lookup.look((*index, spots), &setting.name, &item);
                            }
                        }
                        let entries = settings::naming(manifest, owner, &setting.name, raw);
                        if entries.is_empty()
                            && let Some(index) = settings::misnaming(manifest, owner, &setting.name, raw)
                        {
                            verified.not_verified.push(refuse(&manifest.references[index], &settings::misnamed(&setting)));
                        }
                        for index in entries {
                            match setting.value.as_deref() {
                                None => {}
                                Some(value) if settings::encrypted(value) => lookup.unreadable(index, &item),
                                Some(value) => lookup.look((index, &spots[&index]), value, &item),
                            }
                        }
                    });
                    looked.map_err(panel_error)?;
                }
            }
        }
    }
    if manifest.references.iter().any(rows::is_one) {
        in_tables((var_dir, stores), before.as_ref(), &mut lookup, verified)?;
    }
    if manifest.references.iter().any(|e| raw(e) && files::is_one(e)) {
        let root = Root::open(var_dir)?;
        let last = before.as_ref().map(|before| &before.last);
        last.map_or(Ok(()), |last| last.not_older(&root, stores.hold))?;
        if let Some(last) = last.filter(|_| stores.hold == Some(Hold::New)) {
            verified.notes.extend(last.spoken.notes(&last.files_as_before(&root)?));
        }
        let mut spots: BTreeMap<usize, Spots> = BTreeMap::new();
        for (index, _) in manifest.references.iter().enumerate().filter(|(_, e)| raw(e) && matches!(e.store, Store::File { .. })) {
            spots.insert(index, lookup.spots(index, None)?);
        }
        let patterns = Patterns::of(manifest, &mut |index, pattern| lookup.spots(index, Some(pattern)), raw)?;
        let mut odd = Vec::new();
        let listed = root.walk(&mut odd)?;
        if let Some((index, path, why)) = patterns.odd(manifest, &odd) {
            verified.not_verified.push(refuse(&manifest.references[index], &format!("{path}: {why}")));
        }
        for one in listed {
            for (index, spots) in patterns.names(&one) {
                lookup.look((index, spots), one.path.file_name().unwrap_or_default().as_bytes(), one.path.as_str());
            }
            let entries = patterns.contents(&one.path);
            if !entries.is_empty() && one.what == What::File && root.is_database(&one.path) {
                verified.notes.push(files::not_a_text(manifest, &entries, &one.path));
                continue;
            }
            for index in entries {
                if one.what != What::File {
                    continue;
                }
                let Some(text) = root.read(&one.path, value::LARGEST as u64)? else {
                    lookup.unreadable(index, one.path.as_str());
                    continue;
                };
                match manifest.references[index].path() {
                    None => lookup.lines((index, &spots[&index]), &text, one.path.as_str()),
                    _ if spot::by_lines(&spots[&index], &text) => lookup.lines((index, &spots[&index]), &text, one.path.as_str()),
                    _ => lookup.look((index, &spots[&index]), &text, one.path.as_str()),
                }
            }
        }
    }
    for (_, place) in lookup.places {
        if !panel.carries(place.kind) {
            return Err(RemapError::NotCarried { kind: place.kind, source_name: PanelState::of(panel).label() });
        }
        if let Some(why) = panel.partial().filter(|_| place.dangling > 0) {
            let (source_name, rows, kind) = (PanelState::of(panel).label(), place.dangling, place.kind);
            return Err(RemapError::InPart { place: place.place.to_string(), rows, kind, source_name, why: why.to_owned() });
        }
        verified.places.push(place);
    }
    Ok(())
}
