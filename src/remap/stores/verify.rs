//! Whether the ids in settings and files resolve on a panel.

use std::collections::BTreeMap;

use camino::Utf8Path;

use super::super::error::RemapError;
use super::super::plan::{PanelState, Refused};
use super::super::resolve::{Verified, VerifiedPlace};
use super::super::sentinel::Sentinels;
use super::super::target;
use super::files::Patterns;
use super::folder::{Root, What};
use super::spot::{self, sort};
use super::{Stores, files, panel_error, settings};
use crate::panel::{Inventory, Kind};
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
        let place = VerifiedPlace {
            database: sort(entry).map_or("", spot::Sort::word).to_owned(),
            place: entry.store.place(),
            kind,
            holds: "id",
            rows: 0,
            right: 0,
            no_reference: 0,
            dangling: 0,
            kept: 0,
            disagreeing: 0,
            unparsable: 0,
            samples: Vec::new(),
            disagreements: Vec::new(),
        };
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

/// Looks up the ids in settings and files of `manifest` in `panel`, and adds what it finds to `verified`.
pub(in crate::remap) fn verify(
    var_dir: &Utf8Path,
    stores: Stores<'_>,
    manifest: &Manifest,
    panel: &Inventory,
    verified: &mut Verified,
) -> Result<(), RemapError> {
    let mut lookup = Lookup { manifest, panel, places: Vec::new(), tag_of: BTreeMap::new() };
    let refuse = |entry: &Entry, reason: &str| Refused { place: target::place(entry), reason: reason.to_owned() };
    for entry in manifest.references.iter().filter(|e| sort(e).is_some() && e.holds != Holds::Id) {
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
                        for index in settings::naming(manifest, owner, &setting.name, raw) {
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
    if manifest.references.iter().any(|e| raw(e) && files::is_one(e)) {
        let root = Root::open(var_dir)?;
        let mut spots: BTreeMap<usize, Spots> = BTreeMap::new();
        for (index, _) in manifest.references.iter().enumerate().filter(|(_, e)| raw(e) && matches!(e.store, Store::File { .. })) {
            spots.insert(index, lookup.spots(index, None)?);
        }
        let patterns = Patterns::of(manifest, &mut |index, pattern| lookup.spots(index, Some(pattern)), raw)?;
        for one in root.walk(&mut Vec::new())? {
            for (index, spots) in patterns.names(&one) {
                lookup.look((index, spots), one.path.file_name().unwrap_or_default().as_bytes(), one.path.as_str());
            }
            for index in patterns.contents(&one.path) {
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
