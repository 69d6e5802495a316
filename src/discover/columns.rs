//! References in columns: what the names, the code and the columns beside say together.

use std::collections::BTreeMap;

use super::flow::graph::Node;
use super::flow::label::{Path, Strength, What};
use super::flow::solve::Solver;
use super::names;
use super::stores;
use super::story::{self, Story};
use super::tables::{Column, Table, Tables};
use super::{Discovery, Sighting};
use crate::panel::Kind;
use crate::panel::catalogue::{self, Strength as Hint};
use crate::reference::{Confidence, Encoding, Evidence, EvidenceClass, Place, Reference, Twin, TwinHolds};

/// Code places shown for one reference; the rest is counted.
const MAX_STORIES: usize = 4;

/// What is known of one column.
#[derive(Default)]
struct Case {
    node: Option<Node>,
    shown: Vec<Kind>,
    hinted: Vec<Kind>,
    stable: bool,
    stories: Vec<Story>,
}

/// The references in columns of `tables`.
pub(super) fn discover(solver: &Solver<'_, '_>, tables: &Tables) -> Vec<Discovery> {
    let mut found: BTreeMap<(String, String), Discovery> = BTreeMap::new();
    for (folded, table) in tables.iter() {
        for column in &table.columns {
            let case = gather(solver, folded, &column.folded);
            if let Some(discovery) = judge(solver, tables, table, column, &case) {
                found.insert((folded.to_owned(), column.folded.clone()), discovery);
            }
        }
    }
    through_foreign_keys(tables, &mut found);
    let mut all: Vec<Discovery> = found.into_values().collect();
    for (folded, table) in tables.iter() {
        for column in &table.columns {
            all.extend(inside(solver, folded, table, column));
        }
    }
    all
}

fn gather(solver: &Solver<'_, '_>, table: &str, column: &str) -> Case {
    let mut case = Case::default();
    let Some(node) = solver.find_column(table, column) else { return case };
    case.node = Some(node);
    for (_, label) in solver.labels(node).filter(|(_, l)| l.path.is_here()) {
        match (label.what, label.strength) {
            (What::Id(kind), Strength::Shown) => case.shown.push(kind),
            (What::Id(kind), Strength::Hinted) => case.hinted.push(kind),
            (What::Stable(_), _) => case.stable = true,
            _ => {}
        }
    }
    case.shown.sort_unstable();
    case.hinted.sort_unstable();
    case.stories = story::tell(solver, node);
    case
}

/// Ids inside the values of a column: in JSON, in a text, in a hash.
fn inside(solver: &Solver<'_, '_>, folded: &str, table: &Table, column: &Column) -> Vec<Discovery> {
    let Some(node) = solver.find_column(folded, &column.folded) else { return Vec::new() };
    let mut found: BTreeMap<(Place, Encoding), Discovery> = BTreeMap::new();
    for (what, strength, path) in stores::contents(solver, node) {
        // What only a name hints at, deep inside a value, is nothing to go by.
        let (kind, encoding) = match what {
            What::Id(kind) if !path.is_empty() => (kind, Encoding::Inside),
            What::Part(kind) if path.is_empty() => (kind, Encoding::Pattern),
            What::Hashed(kind) => (kind, Encoding::Hashed),
            What::Encrypted(kind) => (kind, Encoding::Encrypted),
            _ => continue,
        };
        if strength == Strength::Hinted {
            continue;
        }
        let stories = story::tell_inside(solver, node, what, &path);
        if stories.is_empty() {
            continue;
        }
        let stores::Written { forms, coded } = stores::written(solver, node, what, &path);
        let path = stores::render(solver, &path, kind).or_else(|| (encoding == Encoding::Pattern).then(|| format!("${{{kind}}}")));
        let place = Place::Column { table: table.name.clone(), column: column.name.clone(), path };
        let declared = column.spans.iter().map(|span| Sighting { span: *span, label: column.shown().to_owned() });
        let discovery = found.entry((place.clone(), encoding)).or_insert_with(|| Discovery {
            reference: Reference { place, kinds: Vec::new(), encoding, evidence: Vec::new(), confidence: Confidence::Proven, twin: None },
            database: None,
            forms: Vec::new(),
            coded: false,
            sightings: declared.collect(),
        });
        discovery.coded |= coded;
        for form in forms {
            if !discovery.forms.contains(&form) {
                discovery.forms.push(form);
            }
        }
        discovery.reference.kinds.push(kind);
        discovery.reference.kinds.sort_unstable();
        discovery.reference.kinds.dedup();
        for story in stories.into_iter().take(MAX_STORIES) {
            let evidence = Evidence { class: EvidenceClass::Code, text: story.text };
            if !discovery.reference.evidence.contains(&evidence) {
                discovery.reference.evidence.push(evidence);
            }
            for sighting in story.sightings {
                if !discovery.sightings.iter().any(|s| s.span == sighting.span) {
                    discovery.sightings.push(sighting);
                }
            }
        }
    }
    found.into_values().collect()
}

fn judge(solver: &Solver<'_, '_>, tables: &Tables, table: &Table, column: &Column, case: &Case) -> Option<Discovery> {
    if (column.references.is_some() || !column.declared) && case.shown.is_empty() {
        return None;
    }
    let named = names::id_kinds(&column.name).filter(|_| may_hold_id(table, column) && !is_own(tables, table, column));
    if case.shown.is_empty() && (case.stable || named.is_none()) {
        return None;
    }
    let twin = twin(table, column, named.as_ref().map_or(&case.shown, |n| &n.0));
    let (mut kinds, hint) = named.clone().unwrap_or_default_kinds();
    let confidence = if !case.shown.is_empty() {
        kinds = narrowed(&case.shown, &kinds);
        Confidence::Proven
    } else {
        let witnesses = usize::from(case.hinted.iter().any(|k| kinds.contains(k)))
            + usize::from(twin.is_some())
            + usize::from(kinds.iter().any(|k| solver.handles(*k)));
        // Panel ids are numbers, and what a service elsewhere counts is not the panel's.
        let doubted = || {
            (case.hinted.is_empty() && is_text(&column.declared_type)) || case.node.is_some_and(|n| solver.comes_from_afar(n, Path::HERE))
        };
        match (hint, witnesses) {
            (Some(Hint::Strong), 1..) | (Some(Hint::Weak), 2..) if !doubted() => Confidence::Likely,
            _ => Confidence::Possible,
        }
    };
    let mut evidence = Vec::new();
    for story in case.stories.iter().take(MAX_STORIES) {
        let one = Evidence { class: EvidenceClass::Code, text: story.text.clone() };
        if !evidence.contains(&one) {
            evidence.push(one);
        }
    }
    if let Some(twin) = &twin {
        let what = if twin.holds == TwinHolds::Guid { "GUID" } else { "name" };
        evidence
            .push(Evidence { class: EvidenceClass::Twin, text: format!("column `{}` beside it holds the object's {what}", twin.column) });
    }
    if let Some((kinds, hint)) = &named {
        let often = if *hint == Hint::Weak { "often " } else { "" };
        evidence.push(Evidence {
            class: EvidenceClass::Name,
            text: format!("a column called `{}` {often}holds the id of a {}", column.name, list(kinds)),
        });
        if case.shown.is_empty()
            && let Some(kind) = kinds.iter().find(|k| solver.handles(**k))
        {
            evidence.push(Evidence { class: EvidenceClass::Code, text: format!("the extension works with {kind} objects") });
        }
    }
    let mut written = stores::Written::default();
    for kind in &kinds {
        written.add(case.node.map(|node| stores::written(solver, node, What::Id(*kind), &[])).unwrap_or_default());
    }
    let stores::Written { forms, coded } = written;
    let mut sightings: Vec<Sighting> = column.spans.iter().map(|span| Sighting { span: *span, label: column.shown().to_owned() }).collect();
    for sighting in case.stories.iter().take(MAX_STORIES).flat_map(|s| &s.sightings) {
        if !sightings.iter().any(|s| s.span == sighting.span) {
            sightings.push(sighting.clone());
        }
    }
    Some(Discovery {
        reference: Reference {
            place: Place::Column { table: table.name.clone(), column: column.name.clone(), path: None },
            kinds,
            encoding: if is_text(&column.declared_type) { Encoding::Text } else { Encoding::Integer },
            evidence,
            confidence,
            twin,
        },
        database: None,
        forms,
        coded,
        sightings,
    })
}

/// A column that a declared foreign key ties to a found one holds the same ids.
fn through_foreign_keys(tables: &Tables, found: &mut BTreeMap<(String, String), Discovery>) {
    loop {
        let mut more = Vec::new();
        for (folded, table) in tables.iter() {
            for column in &table.columns {
                let Some(target) = &column.references else { continue };
                if found.contains_key(&(folded.to_owned(), column.folded.clone())) {
                    continue;
                }
                let Some(parent) = tables.get(target) else { continue };
                let Some(key) = parent.columns.iter().find(|c| c.primary_key) else { continue };
                let Some(origin) = found.get(&(target.clone(), key.folded.clone())) else { continue };
                let mut discovery = origin.clone();
                discovery.reference.place = Place::Column { table: table.name.clone(), column: column.name.clone(), path: None };
                discovery.reference.twin = None;
                let (tie, class) = if column.joined {
                    ("statements join it with", EvidenceClass::Code)
                } else {
                    ("a foreign key to", EvidenceClass::Declaration)
                };
                let text = format!("{tie} `{}.{}`, which holds such ids", parent.name, key.name);
                discovery.reference.evidence = vec![Evidence { class, text }];
                discovery.sightings = column.spans.iter().map(|span| Sighting { span: *span, label: column.shown().to_owned() }).collect();
                more.push(((folded.to_owned(), column.folded.clone()), discovery));
            }
        }
        if more.is_empty() {
            return;
        }
        found.extend(more);
    }
}

/// Where names leave several kinds open, the code decides among them; what only the code says is taken as it is.
fn narrowed(shown: &[Kind], named: &[Kind]) -> Vec<Kind> {
    let both: Vec<Kind> = shown.iter().copied().filter(|k| named.contains(k)).collect();
    let mut kinds = if both.is_empty() { shown.to_vec() } else { both };
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Types that no id has.
fn may_hold_id(table: &Table, column: &Column) -> bool {
    let declared = column.declared_type.to_ascii_uppercase();
    let never = ["DATE", "TIME", "REAL", "FLOA", "DOUB", "BOOL", "JSON", "UUID", "(36)"];
    let remote = table.columns.iter().any(|c| catalogue::look_alike_beside(&column.name, &c.name));
    !remote && !never.iter().any(|n| declared.contains(n)) && catalogue::remote_word(&column.name).is_none()
}

/// Whether the name belongs to the extension's own tables: `job_id` beside a table `jobs`, the table's plain `id`, or what the database numbers rows by.
fn is_own(tables: &Tables, table: &Table, column: &Column) -> bool {
    if column.numbered {
        return true;
    }
    let words = names::words(&column.name);
    let Some((last, stem)) = words.split_last() else { return true };
    if last != "id" || stem.is_empty() {
        return stem.is_empty();
    }
    let stem = stem.concat();
    if catalogue::remote_word(&table.name).is_some() {
        return true;
    }
    tables.names_its_rows(&stem)
}

fn twin(table: &Table, column: &Column, kinds: &[Kind]) -> Option<Twin> {
    let candidates = |named: fn(&str) -> &'static [Kind], holds| {
        table
            .columns
            .iter()
            .filter(|c| c.folded != column.folded)
            .find(|c| named(&c.name).iter().any(|k| kinds.contains(k)))
            .map(|c| Twin { column: c.name.clone(), holds })
    };
    candidates(catalogue::guid_columns, TwinHolds::Guid).or_else(|| candidates(catalogue::key_columns, TwinHolds::Name))
}

fn is_text(declared: &str) -> bool {
    let declared = declared.to_ascii_uppercase();
    !declared.contains("INT") && ["CHAR", "CLOB", "TEXT"].iter().any(|t| declared.contains(t))
}

/// "domain", "domain or subscription".
fn list(kinds: &[Kind]) -> String {
    kinds.iter().map(|k| k.name()).collect::<Vec<_>>().join(" or ")
}

trait Named {
    fn unwrap_or_default_kinds(self) -> (Vec<Kind>, Option<Hint>);
}

impl Named for Option<(Vec<Kind>, Hint)> {
    fn unwrap_or_default_kinds(self) -> (Vec<Kind>, Option<Hint>) {
        self.map_or((Vec::new(), None), |(kinds, hint)| (kinds, Some(hint)))
    }
}
