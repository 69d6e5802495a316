//! Reports as a page for a browser: one file that needs no network, is readable in light and dark, and usable with the keyboard alone.

mod finding;
mod markdown;
mod plan;
mod way;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::summary::Summary;
use super::text::count;
use super::{LintReport, error};
use crate::lint::page::{self, Page};
use crate::lint::{Finding, Linted, Severity};
use crate::panel::Kind;

pub use plan::{write_plan, write_run};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// What the page may load: nothing. Its own style and script stand in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Writes the findings.
pub(super) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = report.linted.iter().map(name).collect();
    let title = format!("reguid: {}", if names.is_empty() { "nothing was linted".to_owned() } else { names.join(", ") });
    let summary = Summary::of(report);
    let found: Vec<(&Linted, &Finding)> = report.linted.iter().flat_map(|l| l.findings.iter().map(move |f| (l, f))).collect();
    let open: Vec<(&Linted, &Finding)> = found.iter().copied().filter(|(_, f)| f.counts()).collect();
    let quiet: Vec<(&Linted, &Finding)> = found.iter().copied().filter(|(_, f)| !f.counts()).collect();
    let rules: Vec<&Page> = page::all().iter().filter(|p| found.iter().any(|(_, f)| f.rule == p.id)).collect();
    let body = html! {
        (counts(&summary))
        (left_out(report, &summary))
        @if open.is_empty() { p.good { "Nothing was found that counts." } } @else {
            (tables(&open))
            (findings(report, &open))
        }
        @if !quiet.is_empty() { (suppressed(&quiet)) }
        @if !rules.is_empty() {
            h2 #rules { "The rules" }
            @for page in rules {
                details id={ "rule-" (page.id) } {
                    summary { code { (page.id) } " (" (page.code) "): " (page.title) }
                    div { (markdown::html(page.text)) }
                }
            }
        }
    };
    write_page(&title, &body, out)
}

/// What an extension is called.
fn name(linted: &Linted) -> &str {
    linted.extension.id.as_deref().unwrap_or(linted.extension.input.as_str())
}

/// Writes a page with a title.
fn write_page(title: &str, body: &Markup, out: &mut dyn Write) -> io::Result<()> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="generator" content={ "reguid " (env!("CARGO_PKG_VERSION")) };
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the report" }
                header { h1 { (title) } }
                main #main { (body) }
                footer { "Written by reguid " (env!("CARGO_PKG_VERSION")) ". This page loads nothing." }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    out.write_all(page.into_string().as_bytes())?;
    writeln!(out)
}

fn counts(summary: &Summary) -> Markup {
    let counts = [(summary.error, "error", "error"), (summary.warning, "warning", "warning"), (summary.note, "note", "note")];
    html! {
        ul.counts {
            @for (number, class, word) in counts {
                li class=(class) { b { (number) } (word) @if number != 1 { "s" } }
            }
            li { b { (summary.files) } @if summary.files == 1 { "file" } @else { "files" } }
        }
    }
}

/// What was not judged or not counted: nothing vanishes.
fn left_out(report: &LintReport, summary: &Summary) -> Markup {
    let lines = summary.left_out(|_| String::new());
    let unreadable = report.linted.iter().flat_map(|l| l.extension.unreadable.iter().map(move |u| (l, u)));
    html! {
        @if !lines.is_empty() { ul.faint { @for line in &lines { li { (line) } } } }
        @if summary.stale > 0 { p.warning { (count(summary.stale, "entry of the baseline")) " not needed any more" } }
        @for failed in &report.failed {
            p.error { "Could not be linted: " code { (failed.input) } ": " (error::text(&failed.error)) }
        }
        @if summary.unreadable > 0 {
            details {
                summary { "What could not be read" }
                div { ul { @for (linted, u) in unreadable {
                    li {
                        code { (super::path::from_here(&linted.extension, &u.path)) }
                        @if let Some(span) = u.span { ", line " (linted.extension.file(span.file).position(span.start).line) }
                        ": " (u.reason)
                    }
                } } }
            }
        }
    }
}

/// The findings counted by rule and by kind.
fn tables(open: &[(&Linted, &Finding)]) -> Markup {
    let mut rules: Vec<&str> = open.iter().map(|(_, f)| f.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let number = |rule: &str, severity| open.iter().filter(|(_, f)| f.rule == rule && f.severity == severity).count();
    let kinds = kinds(open);
    let of_kind = |kind: Kind, severity| open.iter().filter(|(_, f)| f.kinds.contains(&kind) && f.severity == severity).count();
    let head = |what: &str| {
        html! {
            thead { tr { th scope="col" { (what) } th.number scope="col" { "errors" } th.number scope="col" { "warnings" } th.number scope="col" { "notes" } } }
        }
    };
    let cells = |of: &dyn Fn(Severity) -> usize| {
        html! { @for severity in [Severity::Error, Severity::Warning, Severity::Note] { td.number { (of(severity)) } } }
    };
    html! {
        h2 #by-rule { "By rule" }
        div.scroll { table {
            (head("rule"))
            tbody { @for rule in rules {
                tr { th scope="row" { a href={ "#rule-" (rule) } { code { (rule) } } } (cells(&|severity| number(rule, severity))) }
            } }
        } }
        @if !kinds.is_empty() {
            h2 #by-kind { "By kind of object" }
            div.scroll { table {
                (head("kind"))
                tbody { @for kind in kinds {
                    tr { th scope="row" { (kind) } (cells(&|severity| of_kind(kind, severity))) }
                } }
            } }
        }
    }
}

fn kinds(open: &[(&Linted, &Finding)]) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = open.iter().flat_map(|(_, f)| f.kinds.iter().copied()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn findings(report: &LintReport, open: &[(&Linted, &Finding)]) -> Markup {
    let mut rules: Vec<&str> = open.iter().map(|(_, f)| f.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    // The gravest first; the order of places within.
    let mut sorted = open.to_vec();
    sorted.sort_by_key(|(_, f)| std::cmp::Reverse((f.severity, f.confidence)));
    html! {
        h2 #findings { "Findings" }
        // Shown by the script, without which it does nothing.
        form hidden {
            label { "Words " input type="search" name="words" autocomplete="off"; }
            label { "Rule " select name="rule" { option value="" { "all" } @for rule in rules { option { (rule) } } } }
            label { "Kind " select name="kind" { option value="" { "all" } @for kind in kinds(open) { option { (kind) } } } }
            @for severity in ["error", "warning", "note"] {
                label { input type="checkbox" name=(severity) checked; " " (severity) "s" }
            }
            button #open type="button" { "Open or close all" }
            span #shown.faint role="status" {}
            span.faint { "Keys: / words, j next, k previous" }
        }
        @for (index, (linted, found)) in sorted.iter().enumerate() {
            (finding::article(report, linted, found, index == 0))
        }
    }
}

/// Findings that do not count, each with its reason.
fn suppressed(quiet: &[(&Linted, &Finding)]) -> Markup {
    html! {
        h2 #suppressed { "Not counted" }
        div.scroll { table {
            thead { tr { th scope="col" { "where" } th scope="col" { "what" } th scope="col" { "why it is not counted" } } }
            tbody { @for (linted, found) in quiet {
                tr {
                    td { code { (finding::spot(linted, found)) } }
                    td { (markdown::inline(&super::text::visible(&found.message))) " " code { (found.rule) } }
                    td { @if let Some(suppressed) = &found.suppressed { (suppressed.reason) } }
                }
            } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{DDL, column, files};
    use crate::lint::{Settings, lint_as};
    use crate::reference::Confidence;

    #[test]
    fn nothing_of_the_extension_is_taken_for_html() {
        let ddl = DDL.replace("apps", "\"<script>alert(1)</script>\"");
        let mut found = column(Confidence::Proven);
        found.reference.place =
            crate::reference::Place::Column { table: "<script>alert(1)</script>".into(), column: "domain_id".into(), path: None };
        found.sightings[0].label = "</summary><img src=x onerror=alert(1)>".into();
        let mut extension = files(&[("db/<b>.sql", ddl.as_bytes())]);
        extension.id = Some("</title><script>alert(1)</script>".into());
        let linted = lint_as(extension, &[found], None, &Settings { fixes: true, ..Settings::default() });
        let mut out = Vec::new();
        write(&LintReport { linted: vec![linted], ..LintReport::default() }, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("<script>").count(), 1, "its own");
        assert!(!text.contains("<img") && !text.contains("<b>.sql"));
        // Only the addresses that name a vocabulary; nothing that is loaded.
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("url("));
    }
}
