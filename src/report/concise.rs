//! One line a finding: `path:line:column: error[rule] message`.

use std::io::{self, Write};

use super::LintReport;
use super::path::from_here;
use super::summary::Summary;
use super::text::visible;
use crate::extension::Extension;
use crate::lint::finding::Suppressed;
use crate::lint::fix::Safety;
use crate::lint::{Finding, Linted};

/// Writes the report; `verbose` shows what was left out too.
pub(super) fn write(report: &LintReport, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for linted in &report.linted {
        for finding in linted.findings.iter().filter(|f| f.counts() || verbose) {
            match &finding.suppressed {
                None => writeln!(out, "{}", line(linted, finding))?,
                Some(Suppressed { by, reason }) => writeln!(out, "{} (suppressed by {by}: {})", line(linted, finding), visible(reason))?,
            }
        }
        for finding in linted.hidden.iter().filter(|_| verbose) {
            writeln!(out, "{} (hidden: merely {})", line(linted, finding), finding.confidence)?;
        }
        for unreadable in &linted.extension.unreadable {
            let at = unreadable.span.map(|span| linted.extension.file(span.file).position(span.start));
            let at = at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
            let path = from_here(&linted.extension, &unreadable.path);
            writeln!(out, "{}{at}: unreadable: {}", visible(&path), visible(&unreadable.reason))?;
        }
    }
    let summary = Summary::of(report);
    let mut parts = vec![summary.counts()];
    parts.extend(summary.left_out(|_| String::new()));
    parts.extend(summary.stale(report.stale_fails));
    parts.extend(report.told().map(|note| visible(&note)));
    writeln!(out, "{}", parts.join("; "))
}

/// A finding in one line.
pub(super) fn line(linted: &Linted, finding: &Finding) -> String {
    let fix = match linted.fixes(finding).iter().map(|fix| fix.safety).min() {
        Some(Safety::Safe) => " (--fix mends it)",
        Some(Safety::Unsafe) => " (--fix --unsafe-fixes mends it)",
        _ => "",
    };
    let spot = spot(&linted.extension, finding);
    format!("{spot}{}[{}] {}{fix}", finding.severity, finding.rule, visible(&finding.message))
}

/// `path:line:column: `.
fn spot(extension: &Extension, finding: &Finding) -> String {
    let Some(location) = finding.locations.first() else { return format!("{}: ", visible(extension.input.as_str())) };
    let file = extension.file(location.span.file);
    let path = visible(&from_here(extension, &file.path));
    if file.schema {
        return format!("{path}: ");
    }
    let at = file.position(location.span.start);
    format!("{path}:{}:{}: ", at.line, at.column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{DDL, column, files};
    use crate::lint::{FormerName, Settings, lint_as};
    use crate::reference::Confidence;
    use crate::report::Format;
    use crate::report::terminal::Terminal;

    #[test]
    fn what_was_left_out_is_shown_to_whoever_asks() {
        let sql = DDL.replace("NOT NULL", "-- reguid: ignore[raw-id-column] a cache");
        let sure = lint_as(files(&[("a.sql", sql.as_bytes())]), &[column(Confidence::Proven)], None, &Settings::default());
        let settings = Settings { min_confidence: Some(Confidence::Likely), ..Settings::default() };
        let unsure = lint_as(files(&[("b.sql", DDL.as_bytes())]), &[column(Confidence::Possible)], None, &settings);
        let report = LintReport { linted: vec![sure, unsure], ..LintReport::default() };
        let shown = |verbose| {
            let mut out = Vec::new();
            report.write(Format::Concise, verbose, &Terminal::plain(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        insta::assert_snapshot!(shown(false), @"0 errors, 0 warnings, 0 notes; 1 suppressed by comments; 1 merely possible, hidden");
        insta::assert_snapshot!(shown(true), @"
        ext!/a.sql:3:5: error[raw-id-column] column `domain_id` of table `apps` stores raw domain ids, which mean other objects after a restore (suppressed by a comment: a cache)
        ext!/b.sql:3:5: note[raw-id-column] column `domain_id` of table `apps` may store raw domain ids (hidden: merely possible)
        0 errors, 0 warnings, 0 notes; 1 suppressed by comments; 1 merely possible, hidden
        ");
    }

    #[test]
    fn rules_in_preview_and_former_names_are_told() {
        let mut linted = lint_as(files(&[("a.sql", b"SELECT 1;\n")]), &[], None, &Settings::default());
        linted.extension.root = Some("ext".into());
        linted.preview = vec!["raw-id-in-task"];
        linted.renamed = vec![FormerName { path: "a.sql".into(), note: "`old` is the former name of `new`: write that".to_owned() }];
        let report = LintReport { linted: vec![linted], ..LintReport::default() };
        for format in [Format::Concise, Format::Human] {
            let mut out = Vec::new();
            report.write(format, false, &Terminal::plain(), &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            assert!(text.contains("1 rule in preview, run with --preview only"), "{text}");
            assert!(text.contains("ext/a.sql: `old` is the former name of `new`: write that"), "{text}");
        }
    }

    #[test]
    fn a_finding_is_one_line_whatever_its_names() {
        let mut extension = files(&[("db/sch\nema.sql", format!("{DDL}-- reguid: ignore[raw-id-in-file] gone\n").as_bytes())]);
        extension.root = Some("ext".into());
        let linted = lint_as(extension, &[column(Confidence::Proven)], None, &Settings { fixes: true, ..Settings::default() });
        let mut out = Vec::new();
        let report = LintReport { linted: vec![linted], ..LintReport::default() };
        report.write(Format::Concise, false, &Terminal::plain(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
        ext/db/sch�ema.sql:3:5: error[raw-id-column] column `domain_id` of table `apps` stores raw domain ids, which mean other objects after a restore (--fix mends it)
        ext/db/sch�ema.sql:5:19: warning[unused-suppression] this comment suppresses no finding of `raw-id-in-file` (--fix mends it)
        1 error, 1 warning, 0 notes
        ");
    }
}
