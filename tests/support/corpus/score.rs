//! How lint does on a sample: what it found of the truth, what it missed, what it found beyond it.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::str::FromStr as _;

use reguid::lint::Severity;
use reguid::panel::Kind;
use reguid::reference::Confidence;
use serde::{Deserialize, Serialize};

use super::expected::{Expected, Silent, Skipped, Spot, Wanted, same_place};

/// What is read of `lint --format json`.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    /// The counts.
    pub(crate) summary: Summary,
    /// The findings.
    pub(crate) findings: Vec<Found>,
}

impl Report {
    /// Whether a finding in it is more than a note.
    pub(crate) fn fails(&self) -> bool {
        self.findings.iter().any(|f| f.severity > Severity::Note)
    }
}

/// The counts of a report.
#[derive(Debug, Deserialize)]
pub(crate) struct Summary {
    /// What could not be read.
    pub(crate) unreadable: usize,
    /// What was left out.
    #[serde(default)]
    pub(crate) skipped: Skipped,
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
    /// Found, missed and wrong for each rule.
    pub(crate) rules: BTreeMap<String, Tally>,
    /// What does not fail and should be looked at, a line each: what is known to go wrong, and marks that are out of date.
    pub(crate) told: Vec<String>,
    /// Everything that is wrong, a line each.
    pub(crate) wrong: Vec<String>,
}

/// What became of one rule, over all samples.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tally {
    /// True and found, whether required or not.
    pub(crate) found: usize,
    /// True and not found.
    pub(crate) missed: usize,
    /// Found and not true.
    pub(crate) wrong: usize,
}

impl Tally {
    /// Adds another's.
    pub(crate) fn add(&mut self, other: Tally) {
        self.found += other.found;
        self.missed += other.missed;
        self.wrong += other.wrong;
    }

    /// As a line of a table.
    pub(crate) fn row(self, name: &str) -> String {
        let (precision, recall) = (ratio(self.found, self.found + self.wrong), ratio(self.found, self.found + self.missed));
        format!("{name:<26} {:>6} {:>7} {:>6} {precision:>10} {recall:>7}", self.found, self.missed, self.wrong)
    }
}

/// How often findings of each confidence are right: over the findings of all confidences, notes on what belongs to the panel alone left out.
#[derive(Debug, Default, Clone)]
pub(crate) struct Calibration(BTreeMap<Confidence, (usize, usize)>);

impl Calibration {
    /// Counts the findings of a report.
    pub(crate) fn add(&mut self, expected: &Expected, report: &Report) {
        for found in &report.findings {
            let right = expected.finding.iter().any(|wanted| is(wanted, found));
            if !right && found.is_local() {
                continue;
            }
            let (rights, wrongs) = self.0.entry(found.confidence).or_default();
            *if right { rights } else { wrongs } += 1;
        }
    }

    /// As a table.
    pub(crate) fn table(&self) -> String {
        let mut table = format!("{:<26} {:>6} {:>7} {:>6}", "confidence", "true", "wrong", "share");
        for (confidence, (right, wrong)) in self.0.iter().rev() {
            let name = format!("{confidence:?}").to_lowercase();
            let _ = write!(table, "\n{name:<26} {right:>6} {wrong:>7} {:>6}", ratio(*right, right + wrong));
        }
        table
    }
}

impl Found {
    /// Whether it is about objects of the panel's own machinery alone: such a note is never too much.
    fn is_local(&self) -> bool {
        let mut kinds = self.kinds.iter().chain(&self.kind).peekable();
        self.severity == Severity::Note
            && kinds.peek().is_some()
            && kinds.all(|kind| Kind::from_str(kind).is_ok_and(|kind| !kind.facts().hosted))
    }
}

impl Score {
    /// Scores a report against the truth.
    pub(crate) fn of(expected: &Expected, report: &Report) -> Score {
        let mut score = Score { unreadable: report.summary.unreadable, ..Score::default() };
        let counted: Vec<&Found> = report.findings.iter().filter(|f| f.confidence >= Confidence::Likely).collect();
        let mut used = vec![false; counted.len()];
        for wanted in &expected.finding {
            let hits: Vec<usize> = (0..counted.len()).filter(|i| is(wanted, counted[*i])).collect();
            hits.iter().for_each(|hit| used[*hit] = true);
            let mut faults: Vec<String> = hits.iter().flat_map(|hit| differences(wanted, counted[*hit])).collect();
            match hits.len() {
                0 => faults.push(format!("missed (declared {})", list(&wanted.declared))),
                1 => {}
                n => faults.push(format!("found {n} times")),
            }
            for stray in wanted.strays.iter().filter(|_| !hits.is_empty()) {
                let shown = hits.iter().any(|hit| counted[*hit].is_on(stray));
                let what = if shown { "shown with it, wrongly" } else { "is not shown any more: it needs no `strays`" };
                score.told.push(format!("{}: {stray}: {what}", wanted.place));
            }
            score.judge(wanted, !hits.is_empty(), &faults);
        }
        for (found, _) in counted.iter().zip(&used).filter(|(_, used)| !**used) {
            score.beyond(expected, found);
        }
        for silent in &expected.silent {
            let meant = |f: &Found| silent.rule.as_ref().is_none_or(|rule| *rule == f.rule);
            let shown = |spot: &Spot| counted.iter().find(|f| !f.is_local() && meant(f) && f.is_on(spot));
            match silent.at.as_ref().map(|spot| (spot, shown(spot))) {
                Some((spot, Some(found))) if silent.known => score.told.push(format!("{spot}: shown by {}: {}", found.rule, silent.why)),
                Some((spot, Some(found))) => score.wrong.push(format!("{spot}: shown by {}, and must be silent", found.rule)),
                _ if silent.known && !counted.iter().any(|f| silent.names(f)) => {
                    score.told.push(format!("{silent}: is not found any more: it needs no `known`"));
                }
                _ => {}
            }
        }
        if let Some(skipped) = expected.skipped.filter(|s| *s != report.summary.skipped) {
            score.wrong.push(format!("{:?}, expected {skipped:?}", report.summary.skipped));
        }
        score
    }

    /// Counts what became of a true finding.
    fn judge(&mut self, wanted: &Wanted, hit: bool, faults: &[String]) {
        let faults = faults.iter().map(|fault| format!("{}: {fault}", wanted.place));
        let tally = self.rules.entry(wanted.rule.clone()).or_default();
        let right = if wanted.needs.is_some() { faults.len() == 0 } else { hit };
        if right {
            tally.found += 1
        } else {
            tally.missed += 1
        }
        match wanted.needs {
            None => {
                self.required += 1;
                self.found += usize::from(hit);
                self.wrong.extend(faults);
            }
            Some(need) => {
                self.later += 1;
                self.early += usize::from(right);
                self.told.extend(faults.map(|fault| format!("{fault}, needs {need:?}")));
                if right {
                    self.told.push(format!("{}: is found: it needs no `needs`", wanted.place));
                }
            }
        }
    }

    /// Counts a finding that is not among the true ones.
    fn beyond(&mut self, expected: &Expected, found: &Found) {
        if found.is_local() {
            self.notes += 1;
            return;
        }
        self.extra += 1;
        self.rules.entry(found.rule.clone()).or_default().wrong += 1;
        let line = format!("{} at {}", found.rule, found.place.as_deref().unwrap_or(&found.message));
        match expected.silent.iter().find(|s| s.names(found)) {
            Some(silent) if silent.known => self.told.push(format!("{line}: wrong: {}", silent.why)),
            Some(silent) => self.wrong.push(format!("{line}: a look-alike: {}", silent.why)),
            None => {
                let at = found.locations.first().map(ToString::to_string).unwrap_or_default();
                self.wrong.push(format!("{line} ({at}): not in expected.toml"));
            }
        }
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
        for (rule, tally) in &other.rules {
            self.rules.entry(rule.clone()).or_default().add(*tally);
        }
        self.told.extend(other.told.iter().cloned());
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
            "{:<18} {:>8} {:>10} {:>6} {:>6} {:>11} {:>10} {:>7}",
            "sample", "required", "not yet", "extra", "notes", "unreadable", "precision", "recall"
        )
    }
}

#[allow(clippy::cast_precision_loss)]
fn ratio(part: usize, whole: usize) -> String {
    if whole == 0 { "-".to_owned() } else { format!("{:.3}", part as f64 / whole as f64) }
}

impl Found {
    fn is_on(&self, spot: &Spot) -> bool {
        self.locations.iter().any(|l| spot.holds(&l.path, l.line))
    }
}

impl Silent {
    /// Whether `found` is this look-alike.
    fn names(&self, found: &Found) -> bool {
        let here = |place: &String| found.place.as_deref().is_some_and(|f| same_place(place, f));
        self.rule.as_ref().is_none_or(|rule| *rule == found.rule)
            && (self.place.as_ref().is_some_and(here) || self.at.as_ref().is_some_and(|spot| found.is_on(spot)))
    }
}

impl fmt::Display for Silent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.place, &self.at) {
            (Some(place), _) => f.write_str(place),
            (None, Some(spot)) => spot.fmt(f),
            (None, None) => Ok(()),
        }
    }
}

fn is(wanted: &Wanted, found: &Found) -> bool {
    let starts_there = || found.locations.first().is_some_and(|l| wanted.declared.iter().any(|s| s.holds(&l.path, l.line)));
    let here = match &found.place {
        Some(place) => wanted.is_at(place),
        None => wanted.place.starts_with("code:") && starts_there(),
    };
    found.rule == wanted.rule && here
}

/// What a finding says otherwise than the truth.
fn differences(wanted: &Wanted, found: &Found) -> Vec<String> {
    let mut wrong = Vec::new();
    if found.confidence < wanted.confidence {
        wrong.push(format!("{:?}, expected at least {:?}", found.confidence, wanted.confidence));
    }
    if let Some(severity) = wanted.severity.filter(|s| *s != found.severity) {
        wrong.push(format!("severity {:?}, expected {severity:?}", found.severity));
    }
    let kinds: Vec<&str> = found.kinds.iter().map(String::as_str).chain(found.kind.as_deref()).collect();
    for kind in &wanted.kinds {
        if !kinds.contains(&kind.name()) {
            wrong.push(format!("kinds {kinds:?}, expected {kind}"));
        }
    }
    if wanted.exact && kinds.iter().any(|kind| !wanted.kinds.iter().any(|w| w.name() == *kind)) {
        wrong.push(format!("kinds {kinds:?}, expected no other than {:?}", wanted.kinds));
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
        if ![&wanted.declared, &wanted.written, &wanted.from, &wanted.strays].iter().any(|spots| on(spots, related)) {
            wrong.push(format!("{related} is neither a declaration nor a write of it"));
        }
    }
    let proven = wanted.confidence == Confidence::Proven;
    if proven && !wanted.written.is_empty() && !found.locations.iter().any(|l| on(&wanted.written, l)) {
        wrong.push(format!("does not show the write at {}", list(&wanted.written)));
    }
    wrong
}

fn list(spots: &[Spot]) -> String {
    spots.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "score/tests.rs"]
mod tests;
