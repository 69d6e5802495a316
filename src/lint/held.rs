//! What the data in an extension's databases says when it is held against a panel. Commands look it up; the rules here judge it.

use camino::Utf8PathBuf;

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

/// One place in one database. The counts are of ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPlace {
    /// The database, as it stands among the extension's files.
    pub database: Utf8PathBuf,
    /// The place.
    pub place: Place,
    /// The kind of object.
    pub kind: Kind,
    /// How sure it is that ids of that kind stand there.
    pub confidence: Confidence,
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

/// Where a place is declared in its database, then where else its extension shows it.
fn locations(context: &Context<'_>, held: &HeldPlace, label: &str) -> Vec<Location> {
    let Place::Column { table, column, .. } = &held.place else { return Vec::new() };
    let is_here = |span: Span| context.extension.file(span.file).path == held.database;
    let declared = context.extension.tables.iter().filter(|t| t.name.eq_ignore_ascii_case(table) && is_here(t.span));
    let mut columns = declared.flat_map(|t| &t.columns).filter(|c| c.name.eq_ignore_ascii_case(column));
    let Some(first) = columns.next() else { return Vec::new() };
    let mut locations = vec![Location::primary(first.span, label)];
    let discovery = context.discoveries.iter().find(|d| d.reference.place == held.place);
    let seen = discovery.into_iter().flat_map(|d| &d.sightings).filter(|s| s.span != first.span);
    locations.extend(seen.map(|s| Location::related(s.span, &s.label)));
    locations
}
