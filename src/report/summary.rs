//! Counts: nothing that was left out goes untold.

use schemars::JsonSchema;
use serde::Serialize;

use super::LintReport;
use super::text::count;
use crate::lint::Severity;
use crate::lint::finding::SuppressedBy;
use crate::lint::fix::Safety;

/// What was found and what was left out, over all paths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Findings that count, of severity error.
    pub error: usize,
    /// Findings that count, of severity warning.
    pub warning: usize,
    /// Findings that count, of severity note.
    pub note: usize,
    /// Findings that a comment suppresses.
    pub suppressed: usize,
    /// Findings that the manifest ignores.
    pub ignored: usize,
    /// Findings that a baseline knows.
    pub baselined: usize,
    /// Entries of the baseline that no finding needs any more.
    pub stale: usize,
    /// Findings less sure than was asked for; they are not listed.
    pub hidden: usize,
    /// Findings that do not show in the files that were asked for; they are not listed.
    pub elsewhere: usize,
    /// Rules that were set not to run.
    pub rules_off: usize,
    /// Rules that did not run as they are in preview.
    pub rules_in_preview: usize,
    /// Findings that `--fix` mends, and with `--unsafe-fixes` those for which a person should look at the result.
    pub fixable: Fixable,
    /// Things that could not be read; they are listed.
    pub unreadable: usize,
    /// Files that were read.
    pub files: usize,
    /// Files that were left out on purpose.
    pub skipped: Skipped,
}

/// Findings that can be mended by a program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fixable {
    /// Safely.
    pub safe: usize,
    /// So that a person should look at the result.
    #[serde(rename = "unsafe")]
    pub unsafe_too: usize,
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
                let counter = match (finding.suppressed.as_ref().map(|s| s.by), finding.severity) {
                    (Some(SuppressedBy::Inline), _) => &mut summary.suppressed,
                    (Some(SuppressedBy::Manifest), _) => &mut summary.ignored,
                    (Some(SuppressedBy::Baseline), _) => &mut summary.baselined,
                    (None, Severity::Error) => &mut summary.error,
                    (None, Severity::Warning) => &mut summary.warning,
                    (None, Severity::Note) => &mut summary.note,
                };
                *counter += 1;
                let safest = linted.fixes(finding).iter().map(|fix| fix.safety).min().filter(|_| finding.counts());
                summary.fixable.safe += usize::from(safest == Some(Safety::Safe));
                summary.fixable.unsafe_too += usize::from(safest == Some(Safety::Unsafe));
            }
            summary.hidden += linted.hidden.len();
            summary.elsewhere += linted.elsewhere;
            summary.stale += linted.stale.len();
            // The most of any extension: each has settings of its own.
            summary.rules_off = summary.rules_off.max(linted.off.len());
            summary.rules_in_preview = summary.rules_in_preview.max(linted.preview.len());
            let extension = &linted.extension;
            summary.unreadable += extension.unreadable.len();
            summary.files += linted.files;
            summary.skipped.vendored += extension.skipped.vendored;
            summary.skipped.tests += extension.skipped.tests;
            summary.skipped.excluded += extension.skipped.excluded;
        }
        summary
    }

    /// What was left out or not counted, each in a few words. `how` gives the option that shows it.
    pub(super) fn left_out(&self, how: impl Fn(&str) -> String) -> Vec<String> {
        let skipped = self.skipped;
        let lines = [
            (self.suppressed, format!("{} suppressed by comments{}", self.suppressed, how("-v"))),
            (self.ignored, format!("{} ignored by reguid.toml{}", self.ignored, how("-v"))),
            (self.baselined, format!("{} known to the baseline{}", self.baselined, how("-v"))),
            (self.hidden, format!("{} merely possible, hidden{}", self.hidden, how("--min-confidence possible"))),
            (self.elsewhere, format!("{} in files that were not asked for", self.elsewhere)),
            (self.rules_off, format!("{} set not to run", count(self.rules_off, "rule"))),
            (self.rules_in_preview, format!("{} in preview, run with --preview only", count(self.rules_in_preview, "rule"))),
            (self.unreadable, format!("{} unreadable; what stands there was not judged", self.unreadable)),
            (skipped.vendored, format!("{} left out as vendored (--include-vendored reads them)", count(skipped.vendored, "file"))),
            (skipped.tests, format!("{} left out as tests or stubs of the panel", count(skipped.tests, "file"))),
            (skipped.excluded, format!("{} left out by `exclude` in reguid.toml", count(skipped.excluded, "file"))),
        ];
        lines.into_iter().filter(|(number, _)| *number > 0).map(|(_, text)| text).collect()
    }

    /// How many entries of the baseline meet nothing any more, and whether that `fails`; for a line of its own.
    pub(super) fn stale(&self, fails: bool) -> Option<String> {
        let fails = if fails { ", which fails" } else { "" };
        (self.stale > 0).then(|| format!("{} of the baseline stale{fails}: --baseline-prune takes them out", self.stale))
    }

    /// `1 error, 0 warnings, 2 notes`.
    pub(super) fn counts(&self) -> String {
        [count(self.error, "error"), count(self.warning, "warning"), count(self.note, "note")].join(", ")
    }
}
