//! How lint does on a sample: what it found of the truth, what it missed, what it found beyond it.

use std::fmt::{self, Write as _};

use reguid::lint::Severity;
use reguid::reference::Confidence;
use serde::Deserialize;

use super::expected::{Expected, Spot, Wanted, same_place};

/// What is read of `lint --format json`.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    /// The counts.
    pub(crate) summary: Summary,
    /// The findings.
    pub(crate) findings: Vec<Found>,
}

/// The counts of a report.
#[derive(Debug, Deserialize)]
pub(crate) struct Summary {
    /// What could not be read.
    pub(crate) unreadable: usize,
}

/// A finding as reported.
#[derive(Debug, Deserialize)]
pub(crate) struct Found {
    rule: String,
    severity: Severity,
    confidence: Confidence,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    kinds: Vec<String>,
    place: Option<String>,
    message: String,
    locations: Vec<Location>,
    evidence: Vec<Evidence>,
}

#[derive(Debug, Deserialize)]
struct Location {
    role: String,
    path: String,
    /// Absent in a database.
    line: Option<u64>,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

#[derive(Debug, Deserialize)]
struct Evidence {
    text: String,
}

/// One sample's score. Findings that are only possible do not count; notes count as true where they are, and are never too many.
#[derive(Debug, Default, Clone)]
pub(crate) struct Score {
    /// Required and found.
    pub(crate) found: usize,
    /// Required.
    pub(crate) required: usize,
    /// Found though not required yet.
    pub(crate) early: usize,
    /// True, and not required yet.
    pub(crate) later: usize,
    /// Reported and not true.
    pub(crate) extra: usize,
    /// Notes beyond the truth: ids of what belongs to one panel alone.
    pub(crate) notes: usize,
    /// Reported as not readable.
    pub(crate) unreadable: usize,
    /// Everything that is wrong, a line each.
    pub(crate) wrong: Vec<String>,
}

impl Score {
    /// Scores a report against the truth.
    pub(crate) fn of(expected: &Expected, report: &Report) -> Score {
        let mut score = Score { unreadable: report.summary.unreadable, ..Score::default() };
        let counted: Vec<&Found> = report.findings.iter().filter(|f| f.confidence >= Confidence::Likely).collect();
        let mut used = vec![0_usize; counted.len()];
        for wanted in &expected.finding {
            let hits: Vec<usize> = (0..counted.len()).filter(|i| is(wanted, counted[*i])).collect();
            for hit in &hits {
                used[*hit] += 1;
                score.wrong.extend(differences(wanted, counted[*hit]).into_iter().map(|d| format!("{}: {d}", wanted.place)));
            }
            if hits.len() > 1 {
                score.wrong.push(format!("{}: found {} times", wanted.place, hits.len()));
            }
            match (wanted.needs, hits.is_empty()) {
                (None, false) => score.found += 1,
                (None, true) => score.wrong.push(format!("{}: missed (declared {})", wanted.place, list(&wanted.declared))),
                (Some(_), false) => score.early += 1,
                (Some(_), true) => {}
            }
            if wanted.needs.is_none() { score.required += 1 } else { score.later += 1 }
        }
        for (found, _) in counted.iter().zip(&used).filter(|(_, used)| **used == 0) {
            if found.severity == Severity::Note {
                score.notes += 1;
                continue;
            }
            score.extra += 1;
            let why = expected
                .silent
                .iter()
                .find(|s| s.place.as_deref().is_some_and(|p| found.place.as_deref().is_some_and(|f| same_place(p, f))));
            let why = why.map_or_else(|| "not in expected.toml".to_owned(), |s| format!("a look-alike: {}", s.why));
            score.wrong.push(format!("{} at {}: {why}", found.rule, found.place.as_deref().unwrap_or(&found.message)));
        }
        for spot in expected.silent.iter().filter_map(|s| s.at.as_ref()) {
            if let Some(found) =
                counted.iter().find(|f| f.severity > Severity::Note && f.locations.iter().any(|l| spot.holds(&l.path, l.line)))
            {
                score.wrong.push(format!("{spot}: shown by {}, and must be silent", found.rule));
            }
        }
        score
    }

    /// Adds another sample's.
    pub(crate) fn add(&mut self, other: &Score) {
        self.found += other.found;
        self.required += other.required;
        self.early += other.early;
        self.later += other.later;
        self.extra += other.extra;
        self.notes += other.notes;
        self.unreadable += other.unreadable;
        self.wrong.extend(other.wrong.iter().cloned());
    }

    /// True findings among the reported ones; `-` when nothing was reported.
    pub(crate) fn precision(&self) -> String {
        ratio(self.found + self.early, self.found + self.early + self.extra)
    }

    /// Reported findings among all true ones, those that are not required yet included.
    pub(crate) fn recall(&self) -> String {
        ratio(self.found + self.early, self.required + self.later)
    }

    /// The score as cells of a table.
    pub(crate) fn row(&self, name: &str) -> String {
        let mut row = String::new();
        let required = format!("{}/{}", self.found, self.required);
        let later = format!("{}/{}", self.early, self.later);
        let _ = write!(row, "{name:<18} {required:>8} {later:>10} {:>6} {:>6} {:>11}", self.extra, self.notes, self.unreadable);
        let _ = write!(row, " {:>10} {:>7}", self.precision(), self.recall());
        row
    }

    /// The names of the cells.
    pub(crate) fn header() -> String {
        format!(
            "{:<18} {:>8} {:>10} {:>6} {:>11} {:>10} {:>7}",
            "sample", "required", "not yet", "extra", "unreadable", "precision", "recall"
        )
    }
}

#[allow(clippy::cast_precision_loss)]
fn ratio(part: usize, whole: usize) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
}

fn is(wanted: &Wanted, found: &Found) -> bool {
    found.rule == wanted.rule && found.place.as_deref().is_some_and(|place| wanted.is_at(place))
}

/// What a finding says otherwise than the truth.
fn differences(wanted: &Wanted, found: &Found) -> Vec<String> {
    let mut wrong = Vec::new();
    if found.confidence < wanted.confidence {
        wrong.push(format!("{:?}, expected at least {:?}", found.confidence, wanted.confidence));
    }
    if let Some(severity) = wanted.severity.filter(|s| *s != found.severity && wanted.needs.is_none()) {
        wrong.push(format!("severity {:?}, expected {severity:?}", found.severity));
    }
    let kinds: Vec<&str> = found.kinds.iter().map(String::as_str).chain(found.kind.as_deref()).collect();
    for kind in &wanted.kinds {
        if !kinds.contains(&kind.name()) {
            wrong.push(format!("kinds {kinds:?}, expected {kind}"));
        }
    }
    if let Some(twin) = &wanted.twin {
        let told = found.message.contains(twin.as_str()) || found.evidence.iter().any(|e| e.text.contains(twin.as_str()));
        if !told {
            wrong.push(format!("does not tell of the twin column {twin}"));
        }
    }
    wrong.extend(misplaced(wanted, found));
    wrong
}

fn misplaced(wanted: &Wanted, found: &Found) -> Vec<String> {
    let on = |spots: &[Spot], l: &Location| spots.iter().any(|s| s.holds(&l.path, l.line));
    let mut wrong = Vec::new();
    let primary: Vec<&Location> = found.locations.iter().filter(|l| l.role == "primary").collect();
    match primary[..] {
        [one] if on(&wanted.declared, one) || (wanted.needs.is_some() && on(&wanted.written, one)) => {}
        [one] => wrong.push(format!("shown at {one}, is declared at {}", list(&wanted.declared))),
        _ => wrong.push(format!("{} primary locations", primary.len())),
    }
    for related in found.locations.iter().filter(|l| l.role != "primary") {
        if !on(&wanted.declared, related) && !on(&wanted.written, related) && !on(&wanted.from, related) {
            wrong.push(format!("{related} is neither a declaration nor a write of it"));
        }
    }
    let proven = wanted.confidence == Confidence::Proven && wanted.needs.is_none();
    if proven && !found.locations.iter().any(|l| on(&wanted.written, l)) {
        wrong.push(format!("does not show the write at {}", list(&wanted.written)));
    }
    wrong
}

fn list(spots: &[Spot]) -> String {
    spots.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTH: &str = r#"
        [[finding]]
        rule = "raw-id-column"
        place = "sqlite:apps.domain_id"
        kinds = ["domain"]
        confidence = "proven"
        severity = "error"
        declared = ["a.php:3"]
        written = ["a.php:7-9"]
        [[finding]]
        rule = "raw-id-column"
        place = "sqlite:apps.target"
        kinds = ["client"]
        confidence = "proven"
        declared = ["a.php:4"]
        written = ["b.php:1"]
        needs = "flow"
        [[silent]]
        place = "sqlite:apps.zone_id"
        why = "a remote service's"
        [[silent]]
        at = "a.php:20"
        why = "a task"
    "#;

    fn finding(place: &str, confidence: &str, severity: &str, lines: &[(&str, u64)]) -> serde_json::Value {
        let locations: Vec<_> = lines
            .iter()
            .enumerate()
            .map(|(i, (path, line))| serde_json::json!({"role": if i == 0 { "primary" } else { "related" }, "path": path, "line": line}))
            .collect();
        serde_json::json!({"rule": "raw-id-column", "severity": severity, "confidence": confidence, "kind": "domain", "place": place,
            "message": "m", "locations": locations, "evidence": []})
    }

    fn score(findings: &[serde_json::Value]) -> Score {
        let report = serde_json::json!({"summary": {"unreadable": 0}, "findings": findings});
        Score::of(&toml::from_str(TRUTH).unwrap(), &serde_json::from_value(report).unwrap())
    }

    #[test]
    fn a_report_that_is_right_has_nothing_wrong() {
        let score = score(&[finding("sqlite:apps.domain_id", "proven", "error", &[("a.php", 3), ("a.php", 8)])]);
        assert_eq!(score.wrong, Vec::<String>::new());
        assert_eq!((score.found, score.required, score.early, score.later, score.extra), (1, 1, 0, 1, 0));
        assert_eq!((score.precision(), score.recall()), ("1.000".to_owned(), "0.500".to_owned()));
    }

    #[test]
    fn whatever_is_not_right_is_told() {
        let place = "sqlite:apps.domain_id";
        let right: &[(&str, u64)] = &[("a.php", 3), ("a.php", 8)];
        for (findings, told) in [
            (vec![], "sqlite:apps.domain_id: missed (declared a.php:3)"),
            (vec![finding(place, "possible", "error", right)], "missed"),
            (vec![finding(place, "likely", "error", right)], "Likely, expected at least Proven"),
            (vec![finding(place, "proven", "warning", right)], "severity Warning, expected Error"),
            (vec![finding(place, "proven", "error", &[("a.php", 2), ("a.php", 8)])], "shown at a.php:2, is declared at a.php:3"),
            (
                vec![finding(place, "proven", "error", &[("a.php", 3), ("a.php", 10)])],
                "a.php:10 is neither a declaration nor a write of it",
            ),
            (vec![finding(place, "proven", "error", &[("a.php", 3)])], "does not show the write at a.php:7-9"),
            (vec![finding(place, "proven", "error", right); 2], "found 2 times"),
            (vec![finding("sqlite:apps.zone_id", "likely", "error", &[("a.php", 5)])], "a look-alike: a remote service's"),
            (vec![finding("sqlite:apps.other", "likely", "error", &[("a.php", 5)])], "not in expected.toml"),
            (vec![finding("sqlite:apps.other", "likely", "error", &[("a.php", 20)])], "a.php:20: shown by raw-id-column"),
        ] {
            let score = score(&findings);
            assert!(score.wrong.iter().any(|line| line.contains(told)), "{told}: {:?}", score.wrong);
        }
    }

    #[test]
    fn what_is_not_required_yet_counts_when_it_is_found() {
        let mut early = finding("sqlite:apps.target", "proven", "error", &[("a.php", 4), ("b.php", 1)]);
        early["kind"] = "client".into();
        let score = score(&[early]);
        assert_eq!((score.early, score.later, score.extra), (1, 1, 0));
    }
}
