//! What the data of an extension says when it is held against a panel. Commands look it up; the rules here judge it.

use std::fmt;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

use super::{Context, Finding, Location, Severity};
use crate::extension::source::Span;
use crate::panel::Kind;
use crate::reference::{Confidence, Evidence, EvidenceClass, Place};

/// The data of an extension, held against a panel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The panel, as a person would name it.
    pub panel: String,
    /// The places that were looked up.
    pub places: Vec<HeldPlace>,
    /// What was not, and why: sentences without a full stop.
    pub notes: Vec<String>,
}

/// Where data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// In a database, by its path among the extension's files.
    Database(Utf8PathBuf),
    /// In the extension's settings, which the panel keeps.
    Settings,
    /// In files below this folder, by its path from the extension's root.
    Files(Utf8PathBuf),
}

/// What follows on the place: ` of data.db`.
impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Within::Database(path) => write!(f, " of {path}"),
            Within::Files(folder) if !folder.as_str().is_empty() => write!(f, " below {folder}"),
            Within::Settings | Within::Files(_) => Ok(()),
        }
    }
}

/// One place in one database, in the settings or in files. The counts are of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPlace {
    /// Where it is.
    pub within: Within,
    /// The place.
    pub place: Place,
    /// The kind of object.
    pub kind: Kind,
    /// How sure it is that ids of that kind stand there.
    pub confidence: Confidence,
    /// The entry that declares it, as bytes of the manifest.
    pub declared: Option<Range<usize>>,
    /// The column beside it that names the same objects.
    pub twin: Option<String>,
    /// The object is there, and the twin does not name another one.
    pub right: u64,
    /// There is no such object.
    pub dangling: Wrong,
    /// The object is there, and the twin names another one.
    pub disagreeing: Wrong,
}

/// What is wrong in a place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wrong {
    /// How often.
    pub count: u64,
    /// The first of it, each with its row.
    pub samples: Vec<String>,
}

impl HeldPlace {
    /// All ids in it.
    pub(super) fn ids(&self) -> u64 {
        self.right + self.dangling.count + self.disagreeing.count
    }
}

impl Wrong {
    /// Why we believe it.
    fn evidence(&self) -> Vec<Evidence> {
        self.samples.iter().map(|sample| Evidence { class: EvidenceClass::Data, text: sample.clone() }).collect()
    }
}

/// A finding on what is `wrong` in a place, as grave as `gravest` where it is not merely possible that ids stand there. `None`: the database that is read
/// does not show the place.
pub(super) fn finding(
    context: &Context<'_>,
    (held, wrong): (&HeldPlace, &Wrong),
    (rule, gravest, confidence): (&'static str, Severity, Confidence),
    message: String,
    help: &str,
) -> Option<Finding> {
    let locations = locations(context, held, &format!("{} of {} ids here", wrong.count, held.ids()));
    let severity = if confidence == Confidence::Possible { Severity::Note } else { gravest };
    (!locations.is_empty()).then(|| Finding {
        kinds: vec![held.kind],
        place: Some(held.place.clone()),
        evidence: wrong.evidence(),
        ..Finding::of((rule, severity, confidence), message, help, locations)
    })
}

/// Where a place is declared in its database, or else where code and manifest show it.
fn locations(context: &Context<'_>, held: &HeldPlace, label: &str) -> Vec<Location> {
    let discovery = context.discoveries.iter().find(|d| d.reference.place == held.place);
    let sightings = discovery.into_iter().flat_map(|d| &d.sightings).map(|s| (s.span, s.label.as_str()));
    let declared = held.declared.as_ref().and_then(|entry| context.manifest_span(entry)).map(|span| (span, "declared here"));
    let column = match &held.within {
        Within::Database(path) => match column(context, path, &held.place) {
            Some(span) => Some((span, "")),
            None => return Vec::new(),
        },
        Within::Settings | Within::Files(_) => None,
    };
    let of_stores = declared.filter(|_| column.is_none());
    let mut all = column.into_iter().chain(sightings).chain(of_stores);
    let Some((first, _)) = all.next() else { return Vec::new() };
    let mut locations = vec![Location::primary(first, label)];
    locations.extend(all.filter(|(span, _)| *span != first).map(|(span, label)| Location::related(span, label)));
    locations
}

/// Where the database declares the column of a place.
fn column(context: &Context<'_>, database: &Utf8Path, place: &Place) -> Option<Span> {
    let Place::Column { table, column, .. } = place else { return None };
    let is_here = |span: Span| context.extension.file(span.file).path == database;
    let declared = context.extension.tables.iter().filter(|t| t.name.eq_ignore_ascii_case(table) && is_here(t.span));
    declared.flat_map(|t| &t.columns).find(|c| c.name.eq_ignore_ascii_case(column)).map(|c| c.span)
}
