//! Counts: nothing that was left out goes untold.

use schemars::JsonSchema;
use serde::Serialize;

use super::LintReport;
use crate::lint::Severity;

/// What was found and what was left out, over all paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Findings that count, of severity error.
    pub error: usize,
    /// Findings that count, of severity warning.
    pub warning: usize,
    /// Findings that count, of severity note.
    pub note: usize,
    /// Findings that a comment or the manifest suppresses.
    pub suppressed: usize,
    /// Findings that a baseline holds.
    pub baselined: usize,
    /// Findings less sure than was asked for; they are not listed.
    pub hidden: usize,
    /// Things that could not be read; they are listed.
    pub unreadable: usize,
    /// Files that were read.
    pub files: usize,
    /// Files that were left out on purpose.
    pub skipped: Skipped,
}

/// Files that were left out on purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Skipped {
    /// In `vendor/`, `node_modules/` and the like.
    pub vendored: usize,
    /// Tests, and stubs of the panel's own classes.
    pub tests: usize,
    /// By `exclude` in the manifest.
    pub excluded: usize,
}

impl Summary {
    /// The counts of a report.
    #[must_use]
    pub fn of(report: &LintReport) -> Summary {
        let mut summary = Summary::default();
        for linted in &report.linted {
            for finding in &linted.findings {
                let counter = match (finding.counts(), finding.severity) {
                    (false, _) => &mut summary.suppressed,
                    (true, Severity::Error) => &mut summary.error,
                    (true, Severity::Warning) => &mut summary.warning,
                    (true, Severity::Note) => &mut summary.note,
                };
                *counter += 1;
            }
            summary.hidden += linted.hidden;
            let extension = &linted.extension;
            summary.unreadable += extension.unreadable.len();
            summary.files += linted.files;
            summary.skipped.vendored += extension.skipped.vendored;
            summary.skipped.tests += extension.skipped.tests;
            summary.skipped.excluded += extension.skipped.excluded;
        }
        summary
    }
}
