//! One finding of the page.

use maud::{Markup, html};

use super::super::LintReport;
use super::super::path::from_here;
use super::super::text::visible;
use super::{markdown, way};
use crate::lint::fix::{Fix, Safety};
use crate::lint::{Finding, Linted, Location};
use crate::reference::EvidenceClass;

/// Lines shown before and after a location.
const CONTEXT: usize = 2;
/// Locations whose lines are shown.
const EXCERPTS: usize = 6;
/// Characters of a line that are shown.
const LONGEST_LINE: usize = 200;

/// A finding, to be opened; `open`: it is open already.
pub(super) fn article(report: &LintReport, linted: &Linted, finding: &Finding, open: bool) -> Markup {
    let kinds: Vec<&str> = finding.kinds.iter().map(|k| k.name()).collect();
    let severity = finding.severity.to_string();
    html! {
        details id={ "f-" (finding.fingerprint) } data-rule=(finding.rule) data-severity=(severity) data-kinds=(kinds.join(" ")) open[open] {
            summary {
                span class={ "level " (severity) } { (severity) } " "
                (markdown::inline(&visible(&finding.message)))
                br;
                code.faint { (spot(linted, finding)) }
            }
            div {
                p.faint {
                    a href={ "#rule-" (finding.rule) } { code { (finding.rule) } }
                    ", " (word(finding))
                    @if let Some(place) = &finding.place { ", at " code { (visible(&place.to_string())) } }
                    @if report.linted.len() > 1 { ", in " (super::name(linted)) }
                }
                (way::picture(linted, finding))
                @for location in finding.locations.iter().take(EXCERPTS) { (excerpt(linted, location)) }
                @if finding.locations.len() > EXCERPTS {
                    p.faint { "and " (finding.locations.len() - EXCERPTS) " more places" }
                }
                dl {
                    @if !finding.evidence.is_empty() {
                        dt { "Why" }
                        @for evidence in &finding.evidence { dd { (markdown::inline(&visible(&evidence.text))) " (" (class(evidence.class)) ")" } }
                    }
                    dt { "What to do" }
                    dd { (markdown::inline(&visible(&finding.help))) }
                    @for fix in linted.fixes(finding) { dd { (fix_shown(fix)) } }
                }
            }
        }
    }
}

fn fix_shown(fix: &Fix) -> Markup {
    let how = match fix.safety {
        Safety::Safe => Some("reguid lint --fix"),
        Safety::Unsafe => Some("reguid lint --fix --unsafe-fixes"),
        Safety::DisplayOnly => None,
    };
    html! {
        (markdown::inline(&fix.title))
        @if let Some(how) = how { " (" code { (how) } ")" }
        @if let Some(text) = fix.shown() { ":" pre tabindex="0" { (visible_lines(text)) } }
    }
}

/// `path:line:column`.
pub(super) fn spot(linted: &Linted, finding: &Finding) -> String {
    finding.locations.first().map_or_else(|| linted.extension.input.to_string(), |l| spot_of(linted, l))
}

/// The same of a location.
pub(super) fn spot_of(linted: &Linted, location: &Location) -> String {
    let file = linted.extension.file(location.span.file);
    let path = visible(&from_here(&linted.extension, &file.path));
    if file.schema {
        return path;
    }
    let at = file.position(location.span.start);
    format!("{path}:{}:{}", at.line, at.column)
}

fn word(finding: &Finding) -> String {
    format!("{:?}", finding.confidence).to_ascii_lowercase()
}

fn class(class: EvidenceClass) -> &'static str {
    match class {
        EvidenceClass::Declaration => "declared",
        EvidenceClass::Code => "code",
        EvidenceClass::Data => "data",
        EvidenceClass::Twin => "twin column",
        EvidenceClass::Name => "name",
    }
}

/// The lines around a location, with the location marked.
fn excerpt(linted: &Linted, location: &Location) -> Markup {
    let file = linted.extension.file(location.span.file);
    let line = file.line_of(location.span.start);
    let last = (line + CONTEXT).min(file.line_starts().len() - 1);
    let lines = (line.saturating_sub(CONTEXT)..=last).filter(|n| *n < last || !file.line(*n).is_empty());
    html! {
        p { (markdown::inline(&visible(&location.label))) ": " code { (spot_of(linted, location)) } }
        pre tabindex="0" {
            @for n in lines {
                span.n { (format!("{:>5}  ", n + 1)) }
                @let bytes = file.line(n);
                @if n == line {
                    @let start = (location.span.start - file.line_starts()[n]) as usize;
                    @let length = (location.span.end.saturating_sub(location.span.start) as usize).min(bytes.len().saturating_sub(start));
                    @let from = start.saturating_sub(LONGEST_LINE / 2);
                    @if from > 0 { "…" }
                    (text(bytes.get(from..start)))
                    mark { (text(bytes.get(start..start + length))) }
                    (cut(&text(bytes.get(start + length..))))
                } @else {
                    (cut(&text(Some(bytes))))
                }
                "\n"
            }
        }
    }
}

fn text(bytes: Option<&[u8]>) -> String {
    visible(&String::from_utf8_lossy(bytes.unwrap_or_default()))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_LINE) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}
