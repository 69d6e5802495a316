//! The order of findings, and what tells one from another.

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::{Finding, Location, rule};
use crate::extension::Extension;

/// Bytes of a fingerprint. 128 bits: far more than enough for the findings of one extension.
const LENGTH: usize = 16;

/// Orders findings by path, line, column, rule and place.
pub(super) fn sort(findings: &mut [Finding], extension: &Extension) {
    findings.sort_by_cached_key(|finding| {
        let spot = finding.locations.first().map(|l| {
            let file = extension.file(l.span.file);
            (file.path.as_path(), file.position(l.span.start))
        });
        (spot, finding.rule, subject(finding))
    });
}

/// Gives each finding its fingerprint: a hash of rule, path and place, and of a number that tells equal ones apart. No line number has a part in it,
/// so that it stays when text above the finding changes; and no path, where the finding is about the whole extension, so that it stays whichever file
/// shows it first.
pub(super) fn give(findings: &mut [Finding], extension: &Extension) {
    let mut seen: FxHashMap<[u8; 32], u64> = FxHashMap::default();
    for finding in findings {
        let spot = finding.locations.first().filter(|_| !rule::is_of_extension(finding.rule));
        let path = spot.map_or("", |l: &Location| extension.file(l.span.file).path.as_str());
        let parts = [finding.rule, path, &subject(finding)];
        let base: [u8; 32] = hash(&parts, 0);
        let ordinal = seen.entry(base).and_modify(|n| *n += 1).or_insert(0);
        let fingerprint = if *ordinal == 0 { base } else { hash(&parts, *ordinal) };
        let number = fingerprint[..LENGTH].iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        finding.fingerprint = format!("{number:032x}");
    }
}

/// What a finding is about: its place, or for one without a place what it says.
fn subject(finding: &Finding) -> String {
    finding.place.as_ref().map_or_else(|| finding.message.clone(), ToString::to_string)
}

fn hash(parts: &[&str], ordinal: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.update(ordinal.to_le_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::source::{FileId, SourceFile, Span};
    use crate::lint::Severity;
    use crate::reference::{Confidence, Place};

    fn finding(file: u32, start: u32, column: &str) -> Finding {
        Finding {
            rule: "raw-id-column",
            severity: Severity::Error,
            confidence: Confidence::Proven,
            kinds: Vec::new(),
            place: Some(Place::Column { table: "t".into(), column: column.into(), path: None }),
            message: String::new(),
            help: String::new(),
            locations: vec![Location::primary(Span::new(FileId(file), start, start + 1), "here")],
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }

    fn fingerprints(text: &str, at: &[(u32, &str)]) -> Vec<String> {
        let extension = Extension { files: vec![SourceFile::new("a.sql".into(), text.into())], ..Extension::default() };
        let mut findings: Vec<Finding> = at.iter().map(|(start, column)| finding(0, *start, column)).collect();
        sort(&mut findings, &extension);
        give(&mut findings, &extension);
        findings.into_iter().map(|f| f.fingerprint).collect()
    }

    #[test]
    fn lines_have_no_part_in_a_fingerprint() {
        assert_eq!(fingerprints("abc", &[(1, "c")]), fingerprints("\n\nabc", &[(3, "c")]));
    }

    #[test]
    fn equal_findings_are_told_apart_and_others_differ() {
        let given = fingerprints("abcdef", &[(1, "c"), (2, "c"), (3, "d")]);
        assert_eq!(given.len(), 3);
        assert!(given[0] != given[1] && given[1] != given[2] && given[0] != given[2]);
        assert!(given.iter().all(|f| f.len() == 2 * LENGTH));
    }

    #[test]
    fn the_order_is_path_then_position() {
        let files = vec![SourceFile::new("b.sql".into(), b"xxxx".to_vec()), SourceFile::new("a.sql".into(), b"x\nxxx".to_vec())];
        let extension = Extension { files, ..Extension::default() };
        let mut findings = vec![finding(0, 2, "x"), finding(1, 3, "y"), finding(1, 0, "z"), finding(0, 1, "x")];
        sort(&mut findings, &extension);
        let order: Vec<(u32, u32)> = findings.iter().map(|f| (f.locations[0].span.file.0, f.locations[0].span.start)).collect();
        assert_eq!(order, [(1, 0), (1, 3), (0, 1), (0, 2)]);
    }
}
