//! `raw-id-column`: a column that stores raw panel ids.

use super::super::fix::{Fix, declare, keep_guid};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::discover::Discovery;
use crate::panel::Kind;
use crate::reference::manifest::{Entry, Holds};
use crate::reference::{Confidence, Encoding, Reference, Twin, TwinHolds};

pub(super) static RULE: RawIdColumn = RawIdColumn;

/// See `rules/raw-id-column.md`.
pub(super) struct RawIdColumn;

impl Rule for RawIdColumn {
    fn id(&self) -> &'static str {
        "raw-id-column"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        for discovery in context.discoveries {
            let Some((table, column, None)) = discovery.reference.place.as_column() else { continue };
            // Told by the rules of their own.
            if matches!(discovery.reference.encoding, Encoding::Hashed | Encoding::Encrypted) {
                continue;
            }
            let declared = context.manifest.and_then(|m| m.column(table, column));
            let locations = locations(context, discovery, declared);
            if locations.is_empty() {
                continue;
            }
            let verdict = verdict(&discovery.reference, table, column, declared);
            findings.push(Finding {
                rule: self.id(),
                severity: verdict.severity,
                confidence: discovery.reference.confidence,
                kinds: discovery.reference.kinds.clone(),
                place: Some(discovery.reference.place.clone()),
                message: verdict.message,
                help: verdict.help,
                locations,
                evidence: discovery.reference.evidence.clone(),
                suppressed: None,
                fingerprint: String::new(),
            });
        }
    }

    fn fixes(&self, context: &Context<'_>, finding: &Finding) -> Vec<Fix> {
        [declare(context, finding), keep_guid(context, finding)].into_iter().flatten().collect()
    }
}

struct Verdict {
    severity: Severity,
    message: String,
    help: String,
}

fn verdict(reference: &Reference, table: &str, column: &str, declared: Option<&Entry>) -> Verdict {
    let ids = format!("raw {} ids", either(&reference.kinds));
    let says = format!("column `{column}` of table `{table}` stores {ids}");
    if let Some(entry) = declared {
        return declared_verdict(reference, &says, entry);
    }
    if reference.confidence == Confidence::Possible {
        return Verdict {
            severity: Severity::Note,
            message: format!("column `{column}` of table `{table}` may store {ids}"),
            help: "only its name hints at it: if it does, declare it in reguid.toml; if it does not, nothing is to be done".to_owned(),
        };
    }
    if reference.kinds.iter().all(|kind| !kind.facts().hosted) {
        return Verdict {
            severity: Severity::Note,
            message: format!("{says}, which belong to this panel alone"),
            help: "a restored panel has these objects of its own: look the id up by name when it is needed, or declare the column in reguid.toml"
                .to_owned(),
        };
    }
    match &reference.twin {
        Some(twin) => Verdict {
            severity: Severity::Warning,
            message: format!("{says}, beside {}", twin_words(twin)),
            help: twin_help(twin),
        },
        None => Verdict {
            severity: Severity::Error,
            message: format!("{says}, which mean other objects after a restore"),
            help: "store the object's GUID instead, or declare the column in reguid.toml (`reguid references --write`), so that `reguid fix` mends it \
                   after a restore"
                .to_owned(),
        },
    }
}

/// A declared column: `fix` mends it, unless the declaration contradicts the code.
fn declared_verdict(reference: &Reference, says: &str, entry: &Entry) -> Verdict {
    let proven = reference.confidence == Confidence::Proven;
    let contradiction = match (entry.holds, entry.kind) {
        (Holds::Guid, _) => Some("GUIDs".to_owned()),
        (Holds::Name, _) => Some("names".to_owned()),
        (Holds::Id, Some(kind)) if !reference.kinds.contains(&kind) => Some(format!("{kind} ids")),
        (Holds::Id, _) => None,
    };
    match contradiction {
        Some(declared) => Verdict {
            severity: if proven { Severity::Error } else { Severity::Note },
            message: format!("{says}, but reguid.toml declares that it holds {declared}"),
            help: "one of them is wrong: `reguid fix` goes by reguid.toml".to_owned(),
        },
        None => Verdict {
            severity: Severity::Note,
            message: format!("{says}; declared in reguid.toml: `reguid fix` mends it after a restore"),
            help: "nothing is to be done before a release; after a restore run `reguid fix`".to_owned(),
        },
    }
}

fn twin_words(twin: &Twin) -> String {
    match twin.holds {
        TwinHolds::Name => format!("`{}`, which names the same objects", twin.column),
        TwinHolds::Guid => format!("`{}`, which holds the GUIDs of the same objects", twin.column),
    }
}

fn twin_help(twin: &Twin) -> String {
    let by = match twin.holds {
        TwinHolds::Name => "name",
        TwinHolds::Guid => "GUID",
    };
    format!(
        "after a restore the two no longer agree: look objects up by `{}` alone and drop the id, or declare the column in reguid.toml with `twin = \"{}\"`, \
         so that `reguid fix` mends it and checks it against the {by}",
        twin.column, twin.column
    )
}

/// `domain`, `domain or client`.
fn either(kinds: &[Kind]) -> String {
    kinds.iter().map(|k| k.name()).collect::<Vec<_>>().join(" or ")
}

/// Where it shows: as discovered, or in the manifest when nothing else shows it.
fn locations(context: &Context<'_>, discovery: &Discovery, declared: Option<&Entry>) -> Vec<Location> {
    let mut sightings = discovery.sightings.iter();
    if let Some(first) = sightings.next() {
        let mut locations = vec![Location::primary(first.span, &first.label)];
        locations.extend(sightings.map(|s| Location::related(s.span, &s.label)));
        return locations;
    }
    declared.and_then(|entry| context.manifest_span(&entry.span)).map(|span| Location::primary(span, "declared here")).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{DDL, column, extension, lint_with};
    use crate::reference::TwinHolds;

    fn judged(confidence: Confidence, twin: Option<&str>, manifest: &str) -> Finding {
        let mut discovery = column(confidence);
        discovery.reference.twin = twin.map(|t| Twin { column: t.to_owned(), holds: TwinHolds::Name });
        let linted = lint_with(extension(DDL), &[discovery], manifest);
        let [finding] = <[Finding; 1]>::try_from(linted.findings).unwrap();
        finding
    }

    #[test]
    fn severity_follows_confidence_twin_and_manifest() {
        let declared = "[[reference]]\ndatabase='*'\ntable='APPS'\ncolumn='domain_id'\nkind='domain'\n";
        let guid = "[[reference]]\ndatabase='*'\ntable='apps'\ncolumn='domain_id'\nkind='domain'\nholds='guid'\n";
        let client = "[[reference]]\ndatabase='*'\ntable='apps'\ncolumn='domain_id'\nkind='client'\n";
        for (confidence, twin, manifest, severity, words) in [
            (Confidence::Proven, None, "", Severity::Error, "stores raw domain ids, which mean other objects"),
            (Confidence::Likely, None, "", Severity::Error, "stores raw domain ids"),
            (Confidence::Possible, None, "", Severity::Note, "may store raw domain ids"),
            (Confidence::Proven, Some("domain_name"), "", Severity::Warning, "beside `domain_name`"),
            (Confidence::Proven, None, declared, Severity::Note, "`reguid fix` mends it"),
            (Confidence::Proven, None, guid, Severity::Error, "declares that it holds GUIDs"),
            (Confidence::Likely, None, guid, Severity::Note, "declares that it holds GUIDs"),
            (Confidence::Proven, None, client, Severity::Error, "declares that it holds client ids"),
        ] {
            let finding = judged(confidence, twin, manifest);
            assert_eq!(finding.severity, severity, "{confidence:?} {twin:?} {manifest}");
            assert!(finding.message.contains(words), "{}", finding.message);
        }
    }

    #[test]
    fn ids_of_the_panels_own_objects_are_less_grave() {
        let mut discovery = column(Confidence::Proven);
        let local = Kind::all().find(|kind| !kind.facts().hosted).expect("some kinds belong to the panel itself");
        for (kinds, severity) in [(vec![local], Severity::Note), (vec![discovery.reference.kinds[0], local], Severity::Error)] {
            discovery.reference.kinds = kinds;
            let linted = lint_with(extension(DDL), std::slice::from_ref(&discovery), "");
            assert_eq!(linted.findings[0].severity, severity, "{}", linted.findings[0].message);
        }
    }

    #[test]
    fn a_reference_that_only_the_manifest_shows_is_shown_there() {
        let mut discovery = column(Confidence::Proven);
        discovery.sightings.clear();
        let manifest = "# mine\n[[reference]]\ndatabase='*'\ntable='apps'\ncolumn='domain_id'\nkind='domain'\n";
        let linted = lint_with(extension(DDL), &[discovery], manifest);
        let span = linted.findings[0].locations[0].span;
        let file = linted.extension.file(span.file);
        assert_eq!((file.path.as_str(), file.position(span.start).line), ("reguid.toml", 2));
    }
}
