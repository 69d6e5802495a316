//! The pages of a plan and of a run.

use std::io::{self, Write};

use camino::Utf8Path;
use maud::{Markup, html};

use super::super::plan::rows;
use super::super::text::visible;
use super::write_page;
use crate::remap::Fixed;
use crate::remap::plan::{PlacePlan, Plan};

/// Problems that are listed.
const PROBLEMS: usize = 500;

/// Writes what a fix would do.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_plan(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let stopped = plan.is_stopped();
    let body = html! {
        @if stopped { p.error { "A fix would stop here, and write nothing." } } @else { p { (totals(plan)) " would change." } }
        (content(plan, "would change"))
    };
    write_page("reguid: plan", &body, out)
}

/// Writes how a fix ended.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_run(fixed: &Fixed, var_dir: &Utf8Path, out: &mut dyn Write) -> io::Result<()> {
    let (title, head, plan) = match fixed {
        Fixed::Applied { run, plan, warnings } => {
            let head = html! {
                p.good { "Run " (run) ": " (totals(plan)) " changed, checked and committed." }
                p { "To take it back: " code { "reguid undo " (var_dir) } }
                @for warning in warnings { p.warning { (visible(warning)) } }
            };
            (format!("reguid: run {run}"), head, plan)
        }
        Fixed::Nothing { plan } => ("reguid: nothing to do".to_owned(), html! { p.good { "Nothing to do." } }, plan),
        Fixed::Stopped { plan } => ("reguid: stopped".to_owned(), html! { p.error { "Stopped: nothing was written." } }, plan),
    };
    write_page(&title, &html! { (head) (content(plan, "changed")) }, out)
}

fn totals(plan: &Plan) -> String {
    let removed = if plan.summary.removed > 0 { format!(", {} taken out", rows(plan.summary.removed, "row")) } else { String::new() };
    format!("{} in {}{removed}", rows(plan.summary.cells, "cell"), rows(plan.summary.rows, "row"))
}

fn content(plan: &Plan, changed: &str) -> Markup {
    html! {
        dl {
            dt { "From" } dd { (visible(&plan.old.label())) }
            dt { "To" } dd { (visible(&plan.new.label())) }
            dt { "Panel" } dd { (visible(&plan.panel.to_string())) }
            dt { "Hash" } dd { code { (plan.hash) } }
        }
        @if plan.is_unsure() { p.warning { (rows(plan.summary.unparsable, "value")) " cannot be read, and stay as they are." } }
        (problems(plan))
        h2 { "Places" }
        div.scroll tabindex="0" { (places(plan, changed)) }
        @for place in plan.places.iter().filter(|p| !p.samples.is_empty()) { (samples(place)) }
        @if !plan.triggers.is_empty() {
            h2 { "Triggers that do not fire" }
            ul { @for t in &plan.triggers { li { code { (visible(&t.trigger)) } " on " code { (visible(&t.table)) } " in " (visible(&t.database)) } } }
        }
        @if !plan.virtual_tables.is_empty() {
            h2 { "Virtual tables" }
            ul { @for v in &plan.virtual_tables { li { code { (visible(&v.table)) } " (" (visible(&v.module)) ") in " (visible(&v.database)) ": " (v.fate.label()) } } }
        }
        @if !plan.notes.is_empty() {
            h2 { "Notes" }
            ul { @for note in &plan.notes { li { (visible(note)) } } }
        }
    }
}

fn problems(plan: &Plan) -> Markup {
    html! {
        @if !plan.problems.is_empty() || !plan.not_handled.is_empty() {
            h2 { "What stops it" }
            ul {
                @for refused in &plan.not_handled { li { code { (visible(&refused.place.to_string())) } ": " (visible(&refused.reason)) } }
                @for p in plan.problems.iter().take(PROBLEMS) {
                    li { code { (visible(&p.database)) ": " (visible(&p.place)) } ": " (visible(&p.message)) " (" (rows(p.rows, "row")) ")" }
                }
            }
            @if plan.problems.len() > PROBLEMS { p.faint { "and " (plan.problems.len() - PROBLEMS) " more" } }
        }
    }
}

fn places(plan: &Plan, changed: &str) -> Markup {
    let numbers = |p: &PlacePlan| {
        [p.rows, p.changed, p.unchanged, p.missing, p.ambiguous, p.null + p.sentinel + p.not_an_id + p.malformed + p.unparsable]
    };
    html! {
        table {
            thead { tr {
                th scope="col" { "database" } th scope="col" { "place" } th scope="col" { "kind" }
                @for head in ["rows", changed, "unchanged", "missing", "ambiguous", "no id"] { th.number scope="col" { (head) } }
            } }
            tbody { @for p in &plan.places {
                tr {
                    td { (visible(&p.database)) }
                    td { code { (visible(&p.place.to_string())) } @if let Some(by) = &p.implied_by { " (by the foreign key of " (visible(by)) ")" } }
                    td { (p.kind) }
                    @for number in numbers(p) { td.number { (number) } }
                }
            } }
        }
    }
}

/// The first cells of a place that change.
fn samples(place: &PlacePlan) -> Markup {
    html! {
        h3 { code { (visible(&place.database)) ": " (visible(&place.place.to_string())) } }
        div.scroll tabindex="0" { table {
            thead { tr { th scope="col" { "row" } th scope="col" { "before" } th scope="col" { "after" } } }
            tbody { @for s in &place.samples {
                tr {
                    td { (visible(&s.row)) }
                    td { span.before { (visible(&s.before)) } " " (visible(&s.before_name)) }
                    td { span.after { (visible(&s.after)) } " " (visible(&s.after_name)) }
                }
            } }
        } }
        @if place.changed > place.samples.len() as u64 { p.faint { "and " (place.changed - place.samples.len() as u64) " more" } }
    }
}
