//! The way of an id, told backwards from where it is stored: which call makes it, where it is written, what takes it when it is read.

use super::Sighting;
use super::flow::calls::Callee;
use super::flow::graph::{Edge, Node, Slot};
use super::flow::label::{Key, Strength, What};
use super::flow::layer::{Entry, Label, Origin};
use super::flow::solve::Solver;
use super::program::Name;
use super::tables::Tables;
use crate::extension::source::Span;
use crate::panel::catalogue;

/// The way of an id.
pub(super) struct Story {
    /// For a person, in one line.
    pub(super) text: String,
    /// The places on the way, the store first.
    pub(super) sightings: Vec<Sighting>,
    rank: Rank,
}

/// Which stories are told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// A call's result is written.
    Written,
    /// What is read is given to a call that takes an id.
    Taken,
    /// What is written is elsewhere given to a call that takes an id.
    WrittenAndTaken,
    /// A call's result is compared with it.
    Compared,
    /// Something called like an id is written.
    WrittenByName,
    /// Something called like an id is compared with it.
    ComparedByName,
}

/// The stories of the ids in a column, the most telling first, each once. What says less than another is left out: comparisons beside
/// writes, names beside calls.
pub(super) fn tell(solver: &Solver<'_, '_>, column: Node) -> Vec<Story> {
    let mut stories: Vec<Story> = Vec::new();
    for edge in solver.graph.in_edges(column) {
        match solver.graph.as_slot(edge.from) {
            Some(Slot::Row(_) | Slot::Rows(_)) => continue,
            Some(Slot::Column(table, name)) => {
                stories.extend(copied(solver, edge, (table, name)));
                continue;
            }
            _ => {}
        }
        for (entry, label) in solver.labels(edge.from) {
            let arrives = edge.transfer.forward(label.path).is_some_and(super::flow::label::Path::is_here);
            if matches!(label.what, What::Id(_)) && arrives {
                stories.extend(written(solver, edge, entry));
            }
        }
    }
    for (_, label) in solver.labels(column) {
        if let (What::Id(_), true, Origin::Demand(demand)) = (label.what, label.path.is_here(), label.origin) {
            stories.extend(taken(solver, demand));
        }
    }
    best(stories)
}

/// Ids that a statement copies from one column into another.
fn copied(solver: &Solver<'_, '_>, edge: Edge, (table, name): (Name, Name)) -> Option<Story> {
    let span = edge.site.and_then(|site| place(solver, site))?;
    solver.labels(edge.from).find(|(_, label)| matches!(label.what, What::Id(_)) && label.path.is_here())?;
    let text = format!("copied from the column `{}.{}`", solver.program.text(table), solver.program.text(name));
    Some(Story { sightings: vec![Sighting { span, label: text.clone() }], text, rank: Rank::Written })
}

/// The most telling stories.
fn best(mut stories: Vec<Story>) -> Vec<Story> {
    stories.sort_by(|a, b| (a.rank, a.sightings.first().map(|s| s.span)).cmp(&(b.rank, b.sightings.first().map(|s| s.span))));
    let best = stories.first().map(|s| s.rank);
    stories.retain(|s| Some(s.rank) == best);
    stories.dedup_by(|a, b| a.sightings == b.sightings);
    stories
}

/// As [`tell`], for what sits at `path` inside the value at `node`.
pub(super) fn tell_inside(solver: &Solver<'_, '_>, node: Node, what: What, path: &[Key]) -> Vec<Story> {
    let mut stories = Vec::new();
    let kept = |n: Node| matches!(solver.graph.as_slot(n), Some(Slot::Column(..) | Slot::Row(_) | Slot::Rows(_) | Slot::Kept(..)));
    for edge in solver.graph.in_edges(node).filter(|e| !kept(e.from)) {
        for (entry, label) in solver.labels(edge.from) {
            let same = edge.transfer.forward(label.path).is_some_and(|p| super::stores::same_path(p, path));
            let holds =
                matches!(label.what, What::Own(_)) && edge.transfer.forward(label.path).is_some_and(|p| p.steps().count() < path.len());
            if label.what == what && same {
                stories.extend(written(solver, edge, entry));
            } else if holds
                && let Some(span) = edge.site.and_then(|s| place(solver, s)).or_else(|| write_site(solver, edge, &way_of(solver, *label)))
            {
                let text = "an object with the id in a property is written".to_owned();
                let sightings = vec![Sighting { span, label: "an object with the id in a property is written here".to_owned() }];
                stories.push(Story { text, sightings, rank: Rank::Written });
            }
        }
    }
    for (_, label) in solver.labels(node) {
        if let (true, Origin::Demand(demand)) = (label.what == what && super::stores::same_path(label.path, path), label.origin) {
            stories.extend(taken(solver, demand));
        }
    }
    best(stories)
}

/// What made the id of a label, and where.
pub(super) fn source(solver: &Solver<'_, '_>, entry: Entry) -> Option<(String, Option<Span>)> {
    let mut at = *solver.label(entry);
    while let Some(before) = before(solver, &at) {
        at = before;
    }
    match at.origin {
        Origin::Demand(demand) => {
            let (taker, span) = taker(solver, demand)?;
            Some((taker.source(), Some(span)))
        }
        _ => Some((describe(solver, &at)?, place(solver, at.node))),
    }
}

fn is_column(solver: &Solver<'_, '_>, node: Node) -> bool {
    matches!(solver.graph.as_slot(node), Some(Slot::Column(..)))
}

/// The label that one comes from, as long as the id itself is followed: an answer's element is where an id is born.
fn before(solver: &Solver<'_, '_>, label: &Label) -> Option<Label> {
    let Origin::From(before) = label.origin else { return None };
    let before = *solver.label(before);
    (!matches!(before.what, What::Answer(_))).then_some(before)
}

/// A label, and those that it comes from, back to where it is the value itself.
fn way_of(solver: &Solver<'_, '_>, label: Label) -> Vec<Label> {
    let mut way = vec![label];
    while let Some(last) = way.last().filter(|last| !last.path.is_here())
        && let Some(before) = before(solver, last)
    {
        way.push(before);
    }
    way
}

/// An id that the code makes and writes, or compares with the column.
fn written(solver: &Solver<'_, '_>, edge: Edge, entry: Entry) -> Option<Story> {
    let mut chain = vec![*solver.label(entry)];
    let mut at = chain[0];
    while let Some(before) = before(solver, &at) {
        at = before;
        chain.push(at);
        if is_column(solver, at.node) {
            // A column's ids may be copied into a file; into a column, they are the column's own, read and written back.
            if is_column(solver, edge.to) {
                return None;
            }
            break;
        }
    }
    let (source, origin) = match at.origin {
        _ if let Some(Slot::Column(table, column)) = solver.graph.as_slot(at.node)
            && !matches!(at.origin, Origin::PanelTable) =>
        {
            // An id that the extension itself keeps: copied from one of its places to another.
            (format!("the column `{}.{}`", Tables::plain(solver.program.text(table)), solver.program.text(column)), None)
        }
        Origin::Demand(demand) => {
            let (taker, span) = taker(solver, demand)?;
            (taker.source(), Some(span))
        }
        _ => (describe(solver, &at)?, place(solver, at.node)),
    };
    let verb = if edge.compares { "compared with" } else { "written from" };
    let mut sightings = Vec::new();
    if let Some(span) = write_site(solver, edge, &chain) {
        sightings.push(Sighting { span, label: format!("{verb} {source}") });
    }
    if let Some(span) = origin
        && sightings.first().is_none_or(|s| !overlaps(s.span, span))
    {
        sightings.push(Sighting { span, label: format!("the id comes from {source}") });
    }
    let rank = match (at.strength, edge.compares) {
        (_, false) if matches!(at.origin, Origin::Demand(_)) => Rank::WrittenAndTaken,
        (Strength::Shown, false) => Rank::Written,
        (Strength::Shown, true) => Rank::Compared,
        (Strength::Hinted, false) => Rank::WrittenByName,
        (Strength::Hinted, true) => Rank::ComparedByName,
    };
    Some(Story { text: format!("{verb} {source}"), sightings, rank })
}

/// An id that is read and handed to something that takes one.
fn taken(solver: &Solver<'_, '_>, demand: Entry) -> Option<Story> {
    let (taker, span) = taker(solver, demand)?;
    let (text, label) = match &taker {
        Taker::Call(callee) => (format!("read and given to {callee}"), format!("given to {callee} as an id")),
        Taker::Comparison => ("read and compared with an id".to_owned(), "compared with an id".to_owned()),
        Taker::PanelColumn(column) => {
            (format!("read and put beside {column}, the panel's own"), format!("put beside {column}, a column of the panel's own"))
        }
    };
    Some(Story { text, sightings: vec![Sighting { span, label }], rank: Rank::Taken })
}

/// What shows that a value is an id by what becomes of it.
enum Taker {
    /// A call that takes an id.
    Call(String),
    /// A comparison with an id.
    Comparison,
    /// A statement that puts it beside a column of one of the panel's own tables.
    PanelColumn(String),
}

impl Taker {
    fn source(&self) -> String {
        match self {
            Taker::Call(callee) => format!("a value that {callee} takes as an id"),
            Taker::Comparison => "a value that is compared with an id".to_owned(),
            Taker::PanelColumn(column) => format!("a value that is put beside {column}, a column of the panel's own"),
        }
    }
}

/// What stands at the end of a demand, and where.
fn taker(solver: &Solver<'_, '_>, demand: Entry) -> Option<(Taker, Span)> {
    let mut at = *solver.demand(demand);
    let mut asked = at;
    while let Origin::From(before) = at.origin {
        (asked, at) = (at, *solver.demand(before));
    }
    match at.origin {
        Origin::PanelTable => {
            let Some(Slot::Column(table, column)) = solver.graph.as_slot(at.node) else { return None };
            let edge = solver.graph.in_edges(at.node).find(|e| e.from == asked.node);
            let span = edge.and_then(|e| e.site).and_then(|site| place(solver, site)).or_else(|| place(solver, asked.node))?;
            let (table, column) = (Tables::plain(solver.program.text(table)), solver.program.text(column));
            Some((Taker::PanelColumn(format!("`{table}.{column}`")), span))
        }
        Origin::Compared(site) => Some((Taker::Comparison, place(solver, site)?)),
        Origin::Call(number) => {
            let call = &solver.calls[number as usize];
            Some((Taker::Call(callee(solver, number)?), place(solver, solver.graph.expr(call.script, call.expr))?))
        }
        _ => None,
    }
}

/// What made the id.
fn describe(solver: &Solver<'_, '_>, origin: &Label) -> Option<String> {
    match origin.origin {
        Origin::Call(number) => callee(solver, number),
        Origin::Event => Some("the panel's event".to_owned()),
        Origin::Named => {
            if let Some((script, expr)) = solver.graph.as_expr(origin.node) {
                let script = &solver.program.scripts()[script as usize];
                let at = script.expr(expr).at;
                let source = &solver.program.extension.file(script.file).bytes;
                let text = String::from_utf8_lossy(source.get(at.start as usize..at.end as usize)?).into_owned();
                return Some(format!("the request: `{text}`"));
            }
            match solver.graph.as_slot(origin.node)? {
                Slot::Variable(_, name) => Some(format!("a variable called `${}`", solver.program.variable_text(name))),
                Slot::Property(_, name) => Some(format!("a property called `{}`", solver.program.text(name))),
                _ => None,
            }
        }
        // The element of an answer.
        Origin::From(_) => Some("an answer of the panel's remote interface".to_owned()),
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
fn write_site(solver: &Solver<'_, '_>, edge: Edge, chain: &[Label]) -> Option<Span> {
    let spot = |edge: &Edge, from: &Label| edge.site.and_then(|site| place(solver, site)).or_else(|| place(solver, from.node));
    let first = chain.first()?;
    if first.path.is_here() {
        return spot(&edge, first);
    }
    for pair in chain.windows(2) {
        let [to, from] = pair else { continue };
        if from.path.is_here() {
            let passes = |e: &Edge| e.from == from.node && e.transfer.forward(from.path) == Some(to.path);
            return solver.graph.in_edges(to.node).find(passes).and_then(|e| spot(&e, from));
        }
    }
    None
}

/// The place of an expression.
pub(super) fn place(solver: &Solver<'_, '_>, node: Node) -> Option<Span> {
    let (script, expr) = solver.graph.as_expr(node)?;
    let script = &solver.program.scripts()[script as usize];
    let at = script.expr(expr).at;
    Some(Span::new(script.file, at.start, at.end))
}

fn overlaps(a: Span, b: Span) -> bool {
    a.file == b.file && a.start < b.end && b.start < a.end
}
