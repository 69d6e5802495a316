//! A plan for a person: a table of the places, sample rows, and what stops it.

use std::io::{self, Write};

use super::table::table;
use super::terminal::Terminal;
use super::text::visible;
use crate::remap::Plan;
use crate::remap::plan::{CellPlan, PlacePlan, Problem, ProblemCode};

/// Problems shown; the JSON form has all.
const PROBLEMS: usize = 50;
/// Settings and files shown; the JSON form has all.
const ITEMS: usize = 20;
/// Characters of a value that are shown.
const VALUE: usize = 60;

/// Writes the plan.
///
/// # Errors
/// `out` takes no more.
pub fn human(plan: &Plan, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let arrow = arrow(terminal);
    states(plan, out)?;
    places(plan, terminal, out)?;
    for place in plan.places.iter().filter(|p| !p.samples.is_empty()) {
        writeln!(out, "\n{}: {}", place.database, place.place)?;
        for s in &place.samples {
            let name = |name: &str| if name.is_empty() { String::new() } else { format!(" ({name})") };
            writeln!(out, "  {}: {}{} {arrow} {}{}", s.row, s.before, name(&s.before_name), s.after, name(&s.after_name))?;
        }
        let rest = place.changed.saturating_sub(place.samples.len() as u64);
        if rest > 0 {
            let what = if place.is_inside() { "more id" } else { "more row" };
            writeln!(out, "  and {}", rows(rest, what))?;
        }
    }
    items(plan, terminal, out)?;
    asides(plan, out)?;
    stops(plan, out)?;
    let summary = &plan.summary;
    write!(out, "\n{} in {} would change", rows(summary.cells, "cell"), rows(summary.rows, "row"))?;
    if summary.removed > 0 {
        write!(out, ", {} would be taken out", rows(summary.removed, "row"))?;
    }
    also(plan, out)?;
    writeln!(out, "{}", if plan.is_stopped() { "; as it is, nothing will: see above." } else { "." })
}

/// A value on one line.
fn short(value: &str) -> String {
    let text: String = visible(value).chars().take(VALUE).collect();
    if text.len() < value.len() { format!("{text}…") } else { text }
}

/// Lists the settings, rows and files that change.
pub(super) fn items(plan: &Plan, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let arrow = arrow(terminal);
    if let Some(from) = plan.settings_from.as_ref().filter(|_| !plan.settings.is_empty()) {
        let how = if from.written { "" } else { ", by a script" };
        writeln!(out, "\nSettings of {} in {}{how}:", visible(&from.module), from.server)?;
        for s in plan.settings.iter().take(ITEMS) {
            let owner = s.of.zip(s.owner).map(|(kind, id)| format!("{kind} {id}: ")).unwrap_or_default();
            let name = match &s.name_after {
                None => ": it is taken out".to_owned(),
                Some(after) if *after == s.name => String::new(),
                Some(after) => format!(" {arrow} {}", visible(after)),
            };
            let value = if s.value == s.value_after || s.name_after.is_none() { "" } else { ": its value changes" };
            writeln!(out, "  {owner}{}{name}{value}", visible(&s.name))?;
        }
        more(plan.settings.len(), out)?;
    }
    if let Some(from) = plan.settings_from.as_ref().filter(|_| !plan.panel_rows.is_empty()) {
        let how = if from.written { "" } else { ", by a script" };
        writeln!(out, "\nRows in {}{how}:", from.server)?;
        for row in plan.panel_rows.iter().take(ITEMS) {
            let value = |value: &Option<String>| value.as_deref().map_or_else(|| "NULL".to_owned(), short);
            let cell = |c: &CellPlan| format!("{} {} {arrow} {}", visible(&c.column), value(&c.before), value(&c.after));
            let what = if row.removed { "it is taken out".to_owned() } else { row.cells.iter().map(cell).collect::<Vec<_>>().join(", ") };
            writeln!(out, "  {}: {what}", visible(&row.row))?;
        }
        more(plan.panel_rows.len(), out)?;
    }
    if !plan.files.is_empty() {
        writeln!(out, "\nFiles:")?;
        for f in plan.files.iter().take(ITEMS) {
            let name = if f.path == f.path_after { String::new() } else { format!(" {arrow} {}", visible(&f.path_after)) };
            let content = if f.sha256.is_some() { ": its content changes" } else { "" };
            writeln!(out, "  {}{}{name}{content}", visible(&f.path), if f.folder { "/" } else { "" })?;
        }
        more(plan.files.len(), out)?;
    }
    Ok(())
}

fn more(count: usize, out: &mut dyn Write) -> io::Result<()> {
    if count > ITEMS { writeln!(out, "  and {} more: see --format json", count - ITEMS) } else { Ok(()) }
}

/// Counts settings and files, behind cells and rows.
pub(super) fn also(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let summary = &plan.summary;
    for (count, one) in [(summary.settings, "setting"), (summary.panel_rows, "panel row"), (summary.files, "file")] {
        if count > 0 {
            write!(out, ", {}", rows(count, one))?;
        }
    }
    Ok(())
}

/// Writes the two states, and whether they are of one panel.
pub(super) fn states(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "From {}\n  to {}", plan.old.label(), plan.new.label())?;
    if !plan.panel.evidence.is_empty() {
        writeln!(out, "  on {}", plan.panel)?;
    }
    writeln!(out)
}

/// Lists what a person decided in a reviewed map.
pub(super) fn decisions(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let Some(map) = &plan.map else { return Ok(()) };
    let count = map.decisions.len();
    if count == 0 {
        return writeln!(out, "\nGoing by {}, in which nobody decided otherwise than the rules.", map.file);
    }
    writeln!(out, "\nDecided by a person:")?;
    for d in map.decisions.iter().take(PROBLEMS) {
        writeln!(out, "  {}: {} line {}; the rules say {}", visible(&d.told()), map.file, d.line, d.instead_of)?;
    }
    if count > PROBLEMS {
        writeln!(out, "  and {} more: see --format json", count - PROBLEMS)?;
    }
    Ok(())
}

pub(super) fn arrow(terminal: &Terminal) -> &'static str {
    if terminal.unicode { "\u{2192}" } else { "->" }
}

/// `1 row`, `2 rows`.
pub(super) fn rows(count: u64, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

fn places(plan: &Plan, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    if plan.places.is_empty() {
        return writeln!(out, "The manifest names no place that a fix would rewrite.");
    }
    let line = |p: &PlacePlan| {
        let implied = if p.implied_by.is_some() { " (foreign key)" } else { "" };
        let mut line = vec![p.database.clone(), format!("{}{implied}", p.place), p.kind.to_string()];
        line.extend([p.rows, p.changed, p.unchanged, p.missing, p.ambiguous].map(|n| n.to_string()));
        line.push(others(p));
        line
    };
    let header = ["database", "place", "kind", "rows", "changed", "unchanged", "missing", "ambiguous", "no id"];
    writeln!(out, "{}", table(&header, plan.places.iter().map(line).collect(), 3, terminal))
}

/// The rows whose value is no id.
fn others(place: &PlacePlan) -> String {
    (place.null + place.sentinel + place.not_an_id + place.malformed + place.unparsable).to_string()
}

fn asides(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    triggers(plan, "Triggers that will not fire (what they keep up to date is not kept up):", out)?;
    if !plan.views.is_empty() {
        writeln!(out, "\nViews that will show what changed:")?;
        plan.views.iter().try_for_each(|v| writeln!(out, "  {}: {} of {}", v.database, visible(&v.view), visible(&v.table)))?;
    }
    virtual_tables(plan, out)?;
    decisions(plan, out)?;
    notes(plan, out)
}

/// The triggers of tables that change.
pub(super) fn triggers(plan: &Plan, heading: &str, out: &mut dyn Write) -> io::Result<()> {
    if !plan.triggers.is_empty() {
        writeln!(out, "\n{heading}")?;
        for t in &plan.triggers {
            writeln!(out, "  {}: {} on {}: {}", t.database, visible(&t.trigger), visible(&t.table), t.class.label())?;
        }
    }
    Ok(())
}

/// What becomes of virtual tables.
pub(super) fn virtual_tables(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if !plan.virtual_tables.is_empty() {
        writeln!(out, "\nVirtual tables:")?;
        for v in &plan.virtual_tables {
            writeln!(out, "  {}: {} ({}): {}", v.database, visible(&v.table), visible(&v.module), v.fate.label())?;
        }
    }
    Ok(())
}

pub(super) fn notes(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if !plan.notes.is_empty() {
        writeln!(out, "\nNotes:")?;
        plan.notes.iter().try_for_each(|n| writeln!(out, "  {n}"))?;
    }
    Ok(())
}

fn stops(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if !plan.not_handled.is_empty() {
        writeln!(out, "\nNot handled by this release; `fix` refuses as long as the manifest names them:")?;
        plan.not_handled.iter().try_for_each(|r| writeln!(out, "  {}: {}", r.place, r.reason))?;
    }
    problems(&plan.problems, out)
}

/// Lists what stops a fix.
pub(super) fn problems(problems: &[Problem], out: &mut dyn Write) -> io::Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nUnresolved:")?;
    for p in problems.iter().take(PROBLEMS) {
        writeln!(out, "  {}: {}: {} ({})", p.database, p.place, p.message, rows(p.rows, "row"))?;
    }
    if problems.len() > PROBLEMS {
        writeln!(out, "  and {} more: see --format json", problems.len() - PROBLEMS)?;
    }
    let any = |codes: &[ProblemCode]| problems.iter().any(|p| codes.contains(&p.code));
    if any(&[ProblemCode::Missing, ProblemCode::Unknown]) {
        writeln!(out, "  For ids whose object is gone, set on-missing in the manifest: keep, null, delete-row or quarantine.")?;
    }
    if any(&[ProblemCode::Ambiguous, ProblemCode::Conflict, ProblemCode::NameOnly, ProblemCode::Moved, ProblemCode::Missing]) {
        writeln!(out, "  To decide yourself what became of an object: reguid plan … --map-out map.toml, review it, then --map map.toml.")?;
    }
    if any(&[ProblemCode::Unparsable]) {
        writeln!(out, "  Values that cannot be read stop a strict fix; without --strict they stay as they are.")?;
    }
    if any(&[ProblemCode::TwinDisagrees]) {
        writeln!(
            out,
            "  To leave rows as they are whose ids and twins disagree, set on-disagree = \"keep\"; where twins are not kept up, take `twin` out."
        )?;
    }
    Ok(())
}
