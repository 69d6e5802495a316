//! SARIF 2.1.0, the format of code scanning services and of editors.
//!
//! One run, with all rules that ran and their pages. Paths are relative to the repository, as the services ask for. What was suppressed is in it only
//! when asked for: some services show it as open.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::path::InRepository;
use super::summary::Summary;
use super::{LintReport, error};
use crate::extension::Extension;
use crate::extension::source::Span;
use crate::lint::finding::{Role, Suppressed, SuppressedBy};
use crate::lint::fix::{Edit, Fix, Safety};
use crate::lint::page::{self, Page};
use crate::lint::{Finding, Linted, Location, Severity};
use crate::reference::Confidence;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The name of the fingerprint. Its number changes when the same finding gets another one.
const FINGERPRINT: &str = "reguidFingerprint/v1";

/// Writes the report.
pub(super) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &log(report))?;
    writeln!(out)
}

fn log(report: &LintReport) -> Value {
    let rules: Vec<&Page> = page::all().iter().filter(|p| report.linted.iter().any(|l| l.ran.contains(&p.id))).collect();
    let mut results = Vec::new();
    for linted in &report.linted {
        let run = Run { rules: &rules, linted, paths: InRepository::new(report, &linted.extension) };
        let shown = linted.findings.iter().filter(|f| f.counts() || report.show_suppressed);
        results.extend(shown.map(|finding| run.result(finding)));
    }
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": env!("CARGO_PKG_NAME"),
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|page| rule(page, report.docs_url())).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.failed.is_empty(),
                "toolExecutionNotifications": notifications(report),
            }],
            "results": results,
            "properties": { "summary": Summary::of(report) },
        }],
    })
}

fn rule(page: &Page, docs: Option<&str>) -> Value {
    let precision = match page.confidence {
        Confidence::Proven => "very-high",
        Confidence::Likely => "high",
        Confidence::Possible => "medium",
    };
    let problem = match page.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "recommendation",
    };
    let mut rule = json!({
        "id": page.id,
        "name": page.id.split('-').map(capital).collect::<String>(),
        "shortDescription": { "text": capital(page.title) },
        "fullDescription": { "text": page.first_paragraph() },
        "help": { "text": page.text, "markdown": page.text },
        "defaultConfiguration": { "level": level(page.severity) },
        "properties": { "code": page.code, "precision": precision, "problem.severity": problem, "tags": ["correctness", "backup"] },
    });
    if !page.aliases.is_empty() {
        rule["deprecatedIds"] = json!(page.aliases);
    }
    if let Some(url) = page.url(docs) {
        rule["helpUri"] = url.into();
    }
    rule
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// The results of one extension.
struct Run<'a> {
    rules: &'a [&'a Page],
    linted: &'a Linted,
    paths: InRepository,
}

impl Run<'_> {
    fn result(&self, finding: &Finding) -> Value {
        let mut result = json!({
            "ruleId": finding.rule,
            "level": level(finding.severity),
            "message": { "text": format!("{}. {}", capital(&finding.message), capital(&finding.help)) },
            "locations": [self.primary(finding)],
            "partialFingerprints": { FINGERPRINT: finding.fingerprint },
            "properties": self.properties(finding),
        });
        if let Some(index) = self.rules.iter().position(|page| page.id == finding.rule) {
            result["ruleIndex"] = index.into();
        }
        let related: Vec<&Location> = finding.locations.iter().filter(|l| l.role == Role::Related).collect();
        if !related.is_empty() {
            let numbered = related.iter().enumerate().map(|(i, l)| {
                let mut location = self.location(l);
                location["id"] = (i + 1).into();
                location
            });
            result["relatedLocations"] = numbered.collect();
            // The id's way: from where it comes to where it is kept.
            let way = related.iter().copied().chain(finding.locations.first());
            let steps: Vec<Value> = way.map(|l| json!({ "location": self.location(l), "importance": "essential" })).collect();
            result["codeFlows"] = json!([{ "threadFlows": [{ "locations": steps }] }]);
        }
        let fixes: Vec<Value> = self.linted.fixes(finding).iter().filter_map(|fix| self.fix(fix)).collect();
        if !fixes.is_empty() {
            result["fixes"] = fixes.into();
        }
        if let Some(suppressed) = &finding.suppressed {
            result["suppressions"] = json!([suppression(suppressed)]);
        }
        result
    }

    /// Services ask for a location of every result: without one it is the extension itself.
    fn primary(&self, finding: &Finding) -> Value {
        match finding.locations.first() {
            Some(location) => self.location(location),
            None => json!({ "physicalLocation": { "artifactLocation": { "uri": self.paths.uri("meta.xml".into()) } } }),
        }
    }

    fn location(&self, location: &Location) -> Value {
        let extension = &self.linted.extension;
        let path = &extension.file(location.span.file).path;
        let mut physical = json!({ "artifactLocation": { "uri": self.paths.uri(path) } });
        if let Some(region) = region(extension, location.span) {
            physical["region"] = region;
        }
        json!({ "physicalLocation": physical, "message": { "text": location.label } })
    }

    fn properties(&self, finding: &Finding) -> Value {
        let mut properties = Map::new();
        properties.insert("confidence".into(), json!(finding.confidence));
        if let Some(place) = &finding.place {
            properties.insert("place".into(), place.to_string().into());
        }
        if !finding.kinds.is_empty() {
            properties.insert("kinds".into(), json!(finding.kinds));
        }
        if !finding.evidence.is_empty() {
            properties.insert("evidence".into(), json!(finding.evidence));
        }
        let patches = self.linted.fixes(finding).iter().filter_map(|fix| Some(json!({ "title": fix.title, "text": fix.shown()? })));
        let patches: Vec<Value> = patches.collect();
        if !patches.is_empty() {
            properties.insert("patches".into(), patches.into());
        }
        properties.into()
    }

    fn fix(&self, fix: &Fix) -> Option<Value> {
        let edits = fix.edits();
        (!edits.is_empty()).then(|| {
            let hint = if fix.safety == Safety::Unsafe { " (look at the result)" } else { "" };
            let changes: Vec<Value> = edits.iter().map(|edit| self.change(edit)).collect();
            json!({ "description": { "text": format!("{}{hint}", capital(&fix.title)) }, "artifactChanges": changes })
        })
    }

    fn change(&self, edit: &Edit) -> Value {
        let file = self.linted.extension.files.iter().find(|f| f.path == edit.path && !f.schema);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let region = match file {
            Some(file) => {
                let (start, end) = (file.position(offset(edit.range.start)), file.position(offset(edit.range.end)));
                json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
            }
            None => json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1 }),
        };
        json!({
            "artifactLocation": { "uri": self.paths.uri(&edit.path) },
            "replacements": [{ "deletedRegion": region, "insertedContent": { "text": edit.text } }],
        })
    }
}

/// Lines and columns; a database's schema has none.
fn region(extension: &Extension, span: Span) -> Option<Value> {
    let file = extension.file(span.file);
    if file.schema {
        return None;
    }
    let (start, end) = (file.position(span.start), file.position(span.end.max(span.start)));
    Some(json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column }))
}

fn suppression(suppressed: &Suppressed) -> Value {
    let kind = match suppressed.by {
        SuppressedBy::Inline => "inSource",
        SuppressedBy::Manifest | SuppressedBy::Baseline => "external",
    };
    json!({ "kind": kind, "status": "accepted", "justification": suppressed.reason })
}

/// What could not be read or linted.
fn notifications(report: &LintReport) -> Vec<Value> {
    let mut all = Vec::new();
    for linted in &report.linted {
        let paths = InRepository::new(report, &linted.extension);
        for unreadable in &linted.extension.unreadable {
            let mut physical = json!({ "artifactLocation": { "uri": paths.uri(&unreadable.path) } });
            if let Some(region) = unreadable.span.and_then(|span| region(&linted.extension, span)) {
                physical["region"] = region;
            }
            all.push(json!({
                "level": "warning",
                "message": { "text": format!("unreadable: {}", unreadable.reason) },
                "locations": [{ "physicalLocation": physical }],
            }));
        }
    }
    all.extend(
        report
            .failed
            .iter()
            .map(|failed| json!({ "level": "error", "message": { "text": format!("{}: {}", failed.input, error::text(&failed.error)) } })),
    );
    all
}
