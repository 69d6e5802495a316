//! GitLab's code quality report: a list of issues, each with a fingerprint that is the only one of its kind in the report.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::LintReport;
use super::path::InRepository;
use crate::lint::{Finding, Linted, Severity};
use crate::reference::Confidence;

/// An issue, in the words of the format.
#[derive(Debug, Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Debug, Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the report.
pub(super) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut issues = Vec::new();
    for linted in &report.linted {
        let paths = InRepository::new(report, &linted.extension);
        issues.extend(linted.findings.iter().filter(|f| f.counts()).map(|f| issue(linted, f, &paths)));
    }
    serde_json::to_writer_pretty(&mut *out, &issues)?;
    writeln!(out)
}

fn issue(linted: &Linted, finding: &Finding, paths: &InRepository) -> Issue {
    let location = finding.locations.first().map(|l| {
        let file = linted.extension.file(l.span.file);
        // A database has no lines; the format asks for one.
        let lines = if file.schema {
            Lines { begin: 1, end: 1 }
        } else {
            Lines { begin: file.position(l.span.start).line, end: file.position(l.span.end).line }
        };
        Location { path: paths.path(&file.path), lines }
    });
    let location = location.unwrap_or_else(|| Location { path: paths.path("meta.xml".into()), lines: Lines { begin: 1, end: 1 } });
    // Two extensions of one repository may have equal findings.
    let mut hash = Sha256::new();
    hash.update(paths.path("".into()));
    hash.update([0]);
    hash.update(&finding.fingerprint);
    let fingerprint = hash.finalize()[..16].iter().map(|b| format!("{b:02x}")).collect();
    Issue { description: finding.message.clone(), check_name: finding.rule, fingerprint, severity: severity(finding), location }
}

fn severity(finding: &Finding) -> &'static str {
    match (finding.severity, finding.confidence) {
        (Severity::Error, Confidence::Proven) => "critical",
        (Severity::Error, _) => "major",
        (Severity::Warning, _) => "minor",
        (Severity::Note, _) => "info",
    }
}
