//! Annotations of GitHub Actions, with a job summary.
//!
//! Of each level a step shows ten annotations. The gravest ten are written as such; the others as plain lines of the log, and all of them in the summary.

use std::fmt::Write as _;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};

use super::concise;
use super::path::InRepository;
use super::summary::Summary;
use super::text::{count, visible};
use super::{LintReport, error};
use crate::lint::{Finding, Linted, Severity};

/// Annotations of one level that a step shows.
const SHOWN: usize = 10;

/// Bytes of a step's summary: GitHub refuses more than 1 MiB, and other commands of the step may write to it too.
const LONGEST_SUMMARY: usize = 900 << 10;

/// Writes the annotations, and appends the summary to the file that the service names.
pub(super) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut found: Vec<(&Linted, &Finding)> =
        report.linted.iter().flat_map(|l| l.findings.iter().filter(|f| f.counts()).map(move |f| (l, f))).collect();
    // The order within a level stays that of the places.
    found.sort_by_key(|(_, f)| std::cmp::Reverse((f.severity, f.confidence)));
    let mut written = [0_usize; 3];
    let mut rest = Vec::new();
    for (linted, finding) in found {
        let used = &mut written[finding.severity as usize];
        if *used < SHOWN {
            *used += 1;
            writeln!(out, "{}", annotation(report, linted, finding))?;
        } else {
            rest.push((linted, finding));
        }
    }
    for failed in &report.failed {
        let reason = message(&format!("{}: {}", failed.input, error::text(&failed.error)));
        writeln!(out, "::error title=reguid could not lint this path::{reason}")?;
    }
    write_log(report, &rest, out)?;
    if let Some(path) = &report.around.step_summary {
        let mut file = fs_err::OpenOptions::new().create(true).append(true).open(path)?;
        file.write_all(summary(report).as_bytes())?;
    }
    Ok(())
}

/// `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=…::message`.
fn annotation(report: &LintReport, linted: &Linted, finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(location) = finding.locations.first() {
        let file = linted.extension.file(location.span.file);
        properties.push(format!("file={}", property(&InRepository::new(report, &linted.extension).path(&file.path))));
        if !file.schema {
            let (start, end) = (file.position(location.span.start), file.position(location.span.end));
            properties.push(format!("line={},endLine={}", start.line, end.line));
            // Columns are taken for one line only.
            if start.line == end.line {
                properties.push(format!("col={},endColumn={}", start.column, end.column));
            }
        }
    }
    properties.push(format!("title={}", property(&format!("{} ({})", finding.rule, word(finding)))));
    let text = format!("{}\n{}\nreguid explain {}", finding.message, finding.help, finding.rule);
    format!("::{command} {}::{}", properties.join(","), message(&text))
}

fn word(finding: &Finding) -> String {
    format!("{:?}", finding.confidence).to_ascii_lowercase()
}

/// Text after the `::`.
fn message(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(visible).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A value before it.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}

/// What is no annotation: the findings beyond the limit, and the counts. Nothing in them is taken for a command of the service.
fn write_log(report: &LintReport, rest: &[(&Linted, &Finding)], out: &mut dyn Write) -> io::Result<()> {
    let token = format!("reguid-{:016x}", RandomState::new().hash_one(std::process::id()));
    writeln!(out, "::stop-commands::{token}")?;
    for (linted, finding) in rest {
        writeln!(out, "{}", concise::line(linted, finding))?;
    }
    for linted in &report.linted {
        for unreadable in &linted.extension.unreadable {
            writeln!(out, "unreadable: {}: {}", visible(unreadable.path.as_str()), visible(&unreadable.reason))?;
        }
    }
    let summary = Summary::of(report);
    writeln!(out, "{} in {}", summary.counts(), count(summary.files, "file"))?;
    for line in summary.left_out(|_| String::new()).into_iter().chain(summary.stale(report.stale_fails)) {
        writeln!(out, "  {line}")?;
    }
    if !rest.is_empty() {
        let n = rest.len();
        writeln!(
            out,
            "  {n} of them stand above as lines only: a step shows {SHOWN} annotations of each level. The job's summary lists all."
        )?;
    }
    writeln!(out, "::{token}::")
}

/// The job's summary, as Markdown.
fn summary(report: &LintReport) -> String {
    let counts = Summary::of(report);
    let mut text = format!("## reguid: {}\n\n", counts.counts());
    for line in counts.left_out(|_| String::new()).into_iter().chain(counts.stale(report.stale_fails)) {
        let _ = writeln!(text, "- {}", markdown(&line));
    }
    for failed in &report.failed {
        let _ = writeln!(text, "- could not be linted: {}: {}", markdown(failed.input.as_str()), markdown(&error::text(&failed.error)));
    }
    let found: Vec<(&Linted, &Finding)> =
        report.linted.iter().flat_map(|l| l.findings.iter().filter(|f| f.counts()).map(move |f| (l, f))).collect();
    if found.is_empty() {
        return text + "\n";
    }
    text.push_str("\n| | where | what | rule |\n|---|---|---|---|\n");
    for (index, (linted, finding)) in found.iter().enumerate() {
        let paths = InRepository::new(report, &linted.extension);
        let place = finding.locations.first().map(|l| {
            let file = linted.extension.file(l.span.file);
            let line = if file.schema { String::new() } else { format!(":{}", file.position(l.span.start).line) };
            format!("{}{line}", paths.path(&file.path))
        });
        let place = markdown(&place.unwrap_or_default());
        let row = format!("| {} | {place} | {} | {} |\n", finding.severity, markdown(&finding.message), finding.rule);
        if text.len() + row.len() > LONGEST_SUMMARY {
            let _ = write!(text, "\nand {} more\n", found.len() - index);
            break;
        }
        text.push_str(&row);
    }
    text.push_str("\n`reguid explain RULE` tells why it matters and what to do.\n");
    text
}

/// Text in a cell of a Markdown table, where nothing in it means more than itself.
fn markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\t' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_is_taken_for_more_than_text() {
        assert_eq!(message("50% a:b,c\n::error::x"), "50%25 a:b,c%0A::error::x");
        assert_eq!(property("a:b,c%\n"), "a%3Ab%2Cc%25");
        assert_eq!(property("a\rb\u{1b}"), "a\u{fffd}b\u{fffd}");
        assert_eq!(markdown("a|b <i> `x` [y](z)\n"), "a\\|b &lt;i&gt; `x` \\[y\\](z)\u{fffd}");
    }
}
