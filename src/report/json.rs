//! Findings for programs, as one document or line by line. The schemas are `docs/schema/lint.schema.json` and `docs/schema/lint-line.schema.json`; a
//! change that breaks readers raises [`VERSION`].

use std::io::{self, BufWriter, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::summary::Summary;
use super::{LintReport, error};
use crate::extension::Extension;
use crate::extension::source::Span;
use crate::lint::finding::{Role, Suppressed};
use crate::lint::fix::Safety;
use crate::lint::{self, Severity, page};
use crate::panel::Kind;
use crate::reference::{Confidence, Evidence, Place};

/// The version of the format.
pub const VERSION: u32 = 1;

/// So many bytes are written at a time.
const BUFFER: usize = 64 << 10;

/// What `reguid lint --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "reguid lint --format json")]
pub struct Document<'a> {
    /// The version of this format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// What wrote it.
    tool: Tool,
    /// Counts.
    summary: Summary,
    /// The findings, suppressed ones among them, ordered by path, line, column, rule and place.
    findings: Vec<Finding<'a>>,
    /// What could not be read. The rest was linted.
    unreadable: Vec<Unreadable<'a>>,
    /// Paths of the command line that could not be linted at all.
    failed: Vec<Failed<'a>>,
}

/// A line of what `reguid lint --format json-lines` writes. The summary is the last one.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "a line of reguid lint --format json-lines")]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Line<'a> {
    /// A finding, suppressed or not.
    Finding(Finding<'a>),
    /// Something that could not be read.
    Unreadable(Unreadable<'a>),
    /// A path of the command line that could not be linted at all.
    Failed(Failed<'a>),
    /// The end.
    Summary(End),
}

/// The end of a report that is written line by line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct End {
    /// The version of this format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// What wrote it.
    tool: Tool,
    /// Counts.
    summary: Summary,
}

/// What wrote the document.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// `reguid`.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// A rule's verdict.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding<'a> {
    /// The path of the command line that it belongs to, where several were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    /// The rule's id.
    rule: &'a str,
    /// The rule's code, which stays even when the id changes.
    code: &'static str,
    /// How grave it is.
    severity: Severity,
    /// How sure it is.
    confidence: Confidence,
    /// The kind of object that it is about; where several are possible, the first of `kinds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    /// All kinds that it may be about, where there are several.
    #[serde(skip_serializing_if = "<[Kind]>::is_empty")]
    kinds: &'a [Kind],
    /// The place in the extension's data.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a Place>,
    /// What is wrong.
    message: &'a str,
    /// What to do.
    help: &'a str,
    /// Where it shows; the first is the primary one.
    locations: Vec<Location<'a>>,
    /// Why we believe it.
    evidence: &'a [Evidence],
    /// How it may be mended, the best way first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix<'a>>,
    /// What tells it from any other finding of the extension, whatever lines it stands on.
    fingerprint: &'a str,
    /// Why it does not count, if a person suppressed it or a baseline knows it.
    suppressed: Option<&'a Suppressed>,
}

/// A way to mend a finding.
#[derive(Debug, Serialize, JsonSchema)]
struct Fix<'a> {
    /// What it does.
    title: &'a str,
    /// Who may apply it.
    safety: Safety,
    /// The pieces of files that change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edits: Vec<Edit<'a>>,
    /// What a person has to write, where a program cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// A piece of a file that becomes another text.
#[derive(Debug, Serialize, JsonSchema)]
struct Edit<'a> {
    /// The file, relative to the extension's root. Where there is none, it is made.
    path: &'a str,
    /// The first byte that goes, from 0.
    start: usize,
    /// The byte after the last one that goes.
    end: usize,
    /// What stands there instead.
    text: &'a str,
}

/// A spot in a file. Lines and columns count from 1, columns in characters; a database's schema has no lines.
#[derive(Debug, Serialize, JsonSchema)]
struct Location<'a> {
    /// What it is to the finding.
    role: Role,
    /// The file, relative to the extension's root, with `/`.
    path: &'a str,
    /// The lines and columns.
    #[serde(flatten)]
    range: Option<Range>,
    /// What is seen there.
    label: &'a str,
}

/// Lines and columns of a spot.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
struct Range {
    /// The line of its first character.
    line: u32,
    /// The column of its first character.
    column: u32,
    /// The line of its end.
    end_line: u32,
    /// The column after its last character.
    end_column: u32,
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unreadable<'a> {
    /// The path of the command line that it belongs to, where several were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<&'a str>,
    /// The file, relative to the extension's root.
    path: &'a str,
    /// The line where it begins, if it is a part of a readable file.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// Why.
    reason: &'a str,
}

/// A path that could not be linted at all.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Failed<'a> {
    /// The path, as given.
    input: &'a str,
    /// Why.
    reason: String,
}

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut out = buffered(out);
    serde_json::to_writer_pretty(&mut out, &document(report))?;
    writeln!(out)?;
    out.flush()
}

/// Writes the report line by line.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write_lines(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let Document { version, tool, summary, findings, unreadable, failed } = document(report);
    let lines = findings.into_iter().map(Line::Finding).chain(unreadable.into_iter().map(Line::Unreadable));
    let end = Line::Summary(End { version, tool, summary });
    let mut out = buffered(out);
    for line in lines.chain(failed.into_iter().map(Line::Failed)).chain([end]) {
        serde_json::to_writer(&mut out, &line)?;
        writeln!(out)?;
    }
    out.flush()
}

/// JSON is written in millions of pieces of a few bytes. Here the compiler knows what takes them; behind `dyn` each would be a call.
fn buffered(out: &mut dyn Write) -> BufWriter<&mut dyn Write> {
    BufWriter::with_capacity(BUFFER, out)
}

fn document(report: &LintReport) -> Document<'_> {
    let mut findings = Vec::new();
    let mut unreadable = Vec::new();
    for linted in &report.linted {
        let input = report.several().then_some(linted.extension.input.as_str());
        findings.extend(linted.findings.iter().map(|f| finding(linted, f, input)));
        unreadable.extend(linted.extension.unreadable.iter().map(|u| Unreadable {
            input,
            path: u.path.as_str(),
            line: u.span.map(|span| linted.extension.file(span.file).position(span.start).line),
            reason: &u.reason,
        }));
    }
    let tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let failed = report.failed.iter().map(|f| Failed { input: f.input.as_str(), reason: error::text(&f.error) }).collect();
    Document { version: VERSION, tool, summary: Summary::of(report), findings, unreadable, failed }
}

fn finding<'a>(linted: &'a lint::Linted, finding: &'a lint::Finding, input: Option<&'a str>) -> Finding<'a> {
    let extension = &linted.extension;
    let location = |l: &'a lint::Location| Location {
        role: l.role,
        path: extension.file(l.span.file).path.as_str(),
        range: range(extension, l.span),
        label: &l.label,
    };
    Finding {
        input,
        rule: finding.rule,
        code: page::find(finding.rule).map_or("", |page| page.code),
        severity: finding.severity,
        confidence: finding.confidence,
        kind: finding.kinds.first().copied(),
        kinds: if finding.kinds.len() > 1 { &finding.kinds } else { &[] },
        place: finding.place.as_ref(),
        message: &finding.message,
        help: &finding.help,
        locations: finding.locations.iter().map(location).collect(),
        evidence: &finding.evidence,
        fixes: linted.fixes(finding).iter().map(fix).collect(),
        fingerprint: &finding.fingerprint,
        suppressed: finding.suppressed.as_ref(),
    }
}

fn fix(fix: &lint::fix::Fix) -> Fix<'_> {
    let edits = fix.edits().iter();
    let edits = edits.map(|e| Edit { path: e.path.as_str(), start: e.range.start, end: e.range.end, text: &e.text });
    Fix { title: &fix.title, safety: fix.safety, edits: edits.collect(), text: fix.shown() }
}

fn range(extension: &Extension, span: Span) -> Option<Range> {
    let file = extension.file(span.file);
    if file.schema {
        return None;
    }
    let (start, end) = (file.position(span.start), file.position(span.end));
    Some(Range { line: start.line, column: start.column, end_line: end.line, end_column: end.column })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::lint;
    use crate::lint::testing::{DDL, column, extension, files};
    use crate::report::Failed;

    fn json(report: &LintReport) -> serde_json::Value {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_format_is_as_documented() {
        let linted = lint(extension(DDL), &[column(Confidence::Proven)], None, Confidence::Likely);
        let report = LintReport { linted: vec![linted], ..LintReport::default() };
        let mut value = json(&report);
        value["tool"]["version"] = "[VERSION]".into();
        insta::assert_json_snapshot!(value, @r#"
        {
          "version": 1,
          "tool": {
            "name": "reguid",
            "version": "[VERSION]"
          },
          "summary": {
            "error": 1,
            "warning": 0,
            "note": 0,
            "suppressed": 0,
            "ignored": 0,
            "baselined": 0,
            "stale": 0,
            "hidden": 0,
            "elsewhere": 0,
            "rules_off": 0,
            "rules_in_preview": 0,
            "fixable": {
              "safe": 0,
              "unsafe": 0
            },
            "unreadable": 0,
            "files": 1,
            "skipped": {
              "vendored": 0,
              "tests": 0,
              "excluded": 0
            }
          },
          "findings": [
            {
              "rule": "raw-id-column",
              "code": "RG001",
              "severity": "error",
              "confidence": "proven",
              "kind": "domain",
              "place": "sqlite:apps.domain_id",
              "message": "column `domain_id` of table `apps` stores raw domain ids, which mean other objects after a restore",
              "help": "store the object's GUID instead, or declare the column in reguid.toml (`reguid references --write`), so that `reguid fix` mends it after a restore",
              "locations": [
                {
                  "role": "primary",
                  "path": "db/schema.sql",
                  "line": 3,
                  "column": 5,
                  "end_line": 3,
                  "end_column": 14,
                  "label": "declared here"
                }
              ],
              "evidence": [
                {
                  "class": "name",
                  "text": "the name `domain_id`"
                }
              ],
              "fingerprint": "35c233376809fc2eac8d4a2e60e0cfb3",
              "suppressed": null
            }
          ],
          "unreadable": [],
          "failed": []
        }
        "#);
    }

    #[test]
    fn several_paths_are_told_apart_and_failures_listed() {
        let linted = |name: &str| {
            let mut extension = extension(DDL);
            extension.input = name.into();
            lint(extension, &[column(Confidence::Proven)], None, Confidence::Likely)
        };
        let failed = vec![Failed { input: "c".into(), error: miette::miette!("not there") }];
        let value = json(&LintReport { linted: vec![linted("a"), linted("b")], failed, ..LintReport::default() });
        assert_eq!(value["findings"][0]["input"], "a");
        assert_eq!(value["findings"][1]["input"], "b");
        assert_eq!(value["failed"][0], serde_json::json!({ "input": "c", "reason": "not there" }));
    }

    #[test]
    fn line_by_line_it_is_the_same() {
        let linted = lint(extension(DDL), &[column(Confidence::Proven)], None, Confidence::Likely);
        let failed = Failed { input: "nowhere".into(), error: miette::miette!("it is\nnot there") };
        let report = LintReport { linted: vec![linted], failed: vec![failed], ..LintReport::default() };
        let mut out = Vec::new();
        write_lines(&report, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let mut lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let types: Vec<String> = lines.iter_mut().map(|l| l.as_object_mut().unwrap().remove("type").unwrap().to_string()).collect();
        assert_eq!(types, ["\"finding\"", "\"failed\"", "\"summary\""]);
        let whole = json(&report);
        assert_eq!((&lines[0], &lines[1], &lines[2]["summary"]), (&whole["findings"][0], &whole["failed"][0], &whole["summary"]));
    }

    #[test]
    fn a_schema_has_no_lines() {
        let mut extension = files(&[("data.db", DDL.as_bytes())]);
        extension.files[0].schema = true;
        let linted = lint(extension, &[column(Confidence::Proven)], None, Confidence::Likely);
        let value = json(&LintReport { linted: vec![linted], ..LintReport::default() });
        let location = &value["findings"][0]["locations"][0];
        assert_eq!(location["path"], "data.db");
        assert_eq!(location.get("line"), None);
    }
}
