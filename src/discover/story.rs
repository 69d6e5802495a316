//! The way of an id, told backwards from where it is stored: which call makes it, where it is written or what takes it when it is read.

use super::Sighting;
use super::columns::is_column;
use super::flow::calls::Callee;
use super::flow::graph::Node;
use super::flow::label::{Strength, What};
use super::flow::solve::{Entry, Label, Origin, Solver};
use crate::extension::source::Span;
use crate::panel::catalogue;

/// The way of an id.
pub(super) struct Story {
    /// For a person, in one line.
    pub(super) text: String,
    /// The places on the way, the store first.
    pub(super) sightings: Vec<Sighting>,
}

/// Tells how the label `entry` came to its column. `None` for a label that came from another column.
pub(super) fn tell(solver: &Solver<'_, '_>, entry: Entry) -> Option<Story> {
    let first = solver.label(entry);
    let mut chain = vec![*first];
    let mut at = *first;
    while let Origin::From(before) = at.origin {
        at = *solver.label(before);
        chain.push(at);
        if is_column(solver.graph.as_slot(at.node)) {
            return None;
        }
    }
    match at.origin {
        Origin::Demand(demand) => taken(solver, demand),
        _ => written(solver, &chain),
    }
}

/// An id that the code makes and writes.
fn written(solver: &Solver<'_, '_>, chain: &[Label]) -> Option<Story> {
    let origin = chain.last()?;
    let source = describe(solver, origin)?;
    let mut sightings = Vec::new();
    if let Some(span) = write_site(solver, chain) {
        sightings.push(Sighting { span, label: format!("written from {source}") });
    }
    if let Some(span) = span(solver, origin.node)
        && sightings.first().is_none_or(|s| !overlaps(s.span, span))
    {
        sightings.push(Sighting { span, label: format!("the id comes from {source}") });
    }
    Some(Story { text: format!("written from {source}"), sightings })
}

/// An id that is read and handed to something that takes one.
fn taken(solver: &Solver<'_, '_>, demand: Entry) -> Option<Story> {
    let mut at = *solver.demand(demand);
    while let Origin::From(before) = at.origin {
        at = *solver.demand(before);
    }
    let Origin::Call(number) = at.origin else { return None };
    let call = &solver.calls[number as usize];
    let taker = callee(solver, number)?;
    let span = span(solver, solver.graph.expr(call.script, call.expr))?;
    Some(Story { text: format!("read and given to {taker}"), sightings: vec![Sighting { span, label: format!("given to {taker} as an id") }] })
}

/// What made the id.
fn describe(solver: &Solver<'_, '_>, origin: &Label) -> Option<String> {
    match origin.origin {
        Origin::Call(number) => callee(solver, number),
        Origin::Named => {
            if let Some((script, expr)) = solver.graph.as_expr(origin.node) {
                let script = &solver.program.scripts()[script as usize];
                let at = script.expr(expr).at;
                let source = &solver.program.extension.file(script.file).bytes;
                let text = String::from_utf8_lossy(source.get(at.start as usize..at.end as usize)?).into_owned();
                return Some(format!("the request: `{text}`"));
            }
            let name = match solver.graph.as_slot(origin.node)? {
                super::flow::graph::Slot::Variable(_, name) => name,
                _ => return None,
            };
            Some(format!("a variable called `${}`", solver.program.text(name)))
        }
        Origin::PanelTable => Some("one of the panel's own tables".to_owned()),
        _ => None,
    }
}

/// `pm_Domain::getId()`, as the panel spells it.
fn callee(solver: &Solver<'_, '_>, number: u32) -> Option<String> {
    let call = &solver.calls[number as usize];
    let (classes, method): (Vec<String>, _) = match call.callee {
        Callee::Method(receiver, name) => {
            let classes = solver.labels(receiver).filter_map(|(_, l)| match l.what {
                What::Panel(class) => Some(solver.program.text(class).to_owned()),
                What::Own(cls) => solver.program.outside_parent(cls).map(str::to_ascii_lowercase),
                _ => None,
            });
            (classes.collect(), name)
        }
        Callee::OutsideStatic(class, name) => (vec![solver.program.text(class).to_owned()], name),
        Callee::OutsideNew(class) => return Some(format!("`new {}()`", constructor(solver.program.text(class)))),
        _ => return None,
    };
    let method = solver.program.text(method);
    let known = classes.iter().find_map(|class| catalogue::calls_on(class, method).first());
    Some(match known {
        Some(known) => format!("`{}::{}()`", known.call.class, known.call.method),
        None => format!("`->{method}()`"),
    })
}

fn constructor(class: &str) -> &str {
    catalogue::calls_on(class, "__construct").first().map_or(class, |known| &known.call.class)
}

/// Where the value goes into the store: the last expression on the way that is the id itself, not something around it.
fn write_site(solver: &Solver<'_, '_>, chain: &[Label]) -> Option<Span> {
    for pair in chain.windows(2) {
        let [to, from] = pair else { continue };
        let edge = solver.graph.in_edges(to.node).find(|e| e.from == from.node && e.transfer.forward(from.path) == Some(to.path));
        let site = edge.and_then(|e| e.site).and_then(|site| span(solver, site));
        if from.path.is_here() {
            return site.or_else(|| span(solver, from.node));
        }
    }
    None
}

/// The place of an expression.
fn span(solver: &Solver<'_, '_>, node: Node) -> Option<Span> {
    let (script, expr) = solver.graph.as_expr(node)?;
    let script = &solver.program.scripts()[script as usize];
    let at = script.expr(expr).at;
    Some(Span::new(script.file, at.start, at.end))
}

fn overlaps(a: Span, b: Span) -> bool {
    a.file == b.file && a.start < b.end && b.start < a.end
}

/// Whether a label is only a hint.
#[must_use]
pub(super) fn is_hint(label: &Label) -> bool {
    label.strength == Strength::Hinted
}
