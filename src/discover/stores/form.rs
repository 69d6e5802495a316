//! How ids are written in a value, as far as the code that writes it tells: in a text of a known shape, in a list, in base64.

use rustc_hash::FxHashSet;

use super::same_path;
use crate::discover::flow::graph::{Node, Slot};
use crate::discover::flow::label::{Key, Path, Transfer, What};
use crate::discover::flow::layer::{Entry, Label, Origin};
use crate::discover::flow::solve::Solver;
use crate::discover::flow::texts::Piece;
use crate::reference::manifest::Form;

/// Steps that a way is followed back, and texts in texts that are taken apart.
const MAX_STEPS: usize = 64;
const MAX_NESTING: usize = 6;

/// How what sits at a place is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::discover) struct Written {
    /// Each way that is known. What is not known of a text's shape has no pattern.
    pub(in crate::discover) forms: Vec<Form>,
    /// Some way writes other digits than the id's.
    pub(in crate::discover) coded: bool,
}

impl Written {
    /// Adds what is known from elsewhere.
    pub(in crate::discover) fn add(&mut self, other: Written) {
        self.coded |= other.coded;
        for form in other.forms {
            if !self.forms.contains(&form) {
                self.forms.push(form);
            }
        }
    }
}

/// The ways in which what sits at `path` of the value at `slot` is written.
pub(in crate::discover) fn written(solver: &Solver<'_, '_>, slot: Node, what: What, path: &[Key]) -> Written {
    let mut ways = Ways { solver, met: FxHashSet::default(), found: Vec::new(), coded: false };
    for label in solver.labels(slot).map(|(_, l)| l).filter(|l| l.what == what && same_path(l.path, path)) {
        ways.follow(slot, (what, label.path), (Form::default(), label.path), 0);
        // By way of another place, or too far to follow.
        ways.coded |= solver.is_coded(label);
        // What is read and made an id of with other digits is not written with the id's.
        if let Origin::Demand(demand) = label.origin {
            ways.coded |= reads_coded(solver, demand);
        }
    }
    // In an order that does not depend on who looked first.
    ways.found.sort_by(|a, b| (&a.pattern, &a.separator, a.base64).cmp(&(&b.pattern, &b.separator, b.base64)));
    Written { forms: ways.found, coded: ways.coded }
}

/// Whether on its way to what asks for an id other digits are made of a value.
fn reads_coded(solver: &Solver<'_, '_>, demand: Entry) -> bool {
    let before = |label: &Label| if let Origin::From(before) = label.origin { Some(*solver.demand(before)) } else { None };
    std::iter::successors(Some(*solver.demand(demand)), before).any(|label| solver.texts.coded.contains(&label.node))
}

/// The ways back from a value to where it is made. A label knows one of them only.
struct Ways<'s, 'p, 'a> {
    solver: &'s Solver<'p, 'a>,
    met: FxHashSet<(Node, What, Path)>,
    found: Vec<Form>,
    coded: bool,
}

impl Ways<'_, '_, '_> {
    /// Follows what sits at a path of `node`, found in such a form so far. Where the path is the same as in the value at the end, `whole`, what is here is all of
    /// that value.
    fn follow(&mut self, node: Node, (what, path): (What, Path), (mut form, whole): (Form, Path), depth: usize) {
        if !self.met.insert((node, what, path)) {
            return;
        }
        if self.met.len() > MAX_STEPS || depth > MAX_STEPS {
            return self.end(form);
        }
        let texts = &self.solver.texts;
        self.coded |= texts.coded.contains(&node);
        form.base64 |= path == whole && texts.base64.contains(&node);
        let is_part = matches!(what, What::Part(_));
        if !is_part
            && path == whole
            && let Some(between) = texts.joined.get(&node)
        {
            form.separator = Some(between.clone());
        }
        // A text that was altered otherwise than by a document around it, or base64, is another one.
        if is_part && texts.altered.contains(&node) && !texts.kept_shape.contains(&node) {
            return self.end(form);
        }
        if is_part && texts.pieces.contains_key(&node) {
            form.pattern = pattern(self.solver, node);
            return self.end(form);
        }
        let kept = |n: Node| matches!(self.solver.graph.as_slot(n), Some(Slot::Kept(..) | Slot::Column(..) | Slot::Row(_) | Slot::Rows(_)));
        let mut before = Vec::new();
        for edge in self.solver.graph.in_edges(node).filter(|e| !e.compares && !kept(e.from)) {
            for (_, label) in self.solver.labels(edge.from).filter(|(_, l)| l.what == what) {
                if edge.transfer.forward(label.path) == Some(path) {
                    before.push((edge.from, label.path));
                }
            }
        }
        if before.is_empty() && is_part {
            // A helper made the text of what its caller gave. Its shape is the same for all of them.
            let results = self.solver.graph.in_edges(node).filter(|e| e.transfer == Transfer::Object).map(|e| e.from);
            let made = |n: &Node| self.solver.labels(*n).any(|(_, l)| l.what == what && l.path == path);
            before.extend(results.filter(made).map(|result| (result, path)));
        }
        if before.is_empty() {
            // What only a reader tells of was written by nobody that is known.
            let made = |l: &Label| l.what == what && l.path == path && !matches!(l.origin, Origin::Demand(_));
            if self.solver.labels(node).any(|(_, l)| made(l)) {
                self.end(form);
            }
            return;
        }
        for (from, path) in before {
            self.follow(from, (what, path), (form.clone(), whole), depth + 1);
        }
    }

    fn end(&mut self, form: Form) {
        if !self.found.contains(&form) {
            self.found.push(form);
        }
    }
}

/// The shape of a text that is put together; `None`: it cannot be written as a pattern.
fn pattern(solver: &Solver<'_, '_>, text: Node) -> Option<String> {
    let mut pattern = String::new();
    let mut around = FxHashSet::default();
    put(solver, text, &mut around, &mut pattern)?;
    pattern.contains('{').then_some(pattern)
}

fn put(solver: &Solver<'_, '_>, text: Node, around: &mut FxHashSet<Node>, pattern: &mut String) -> Option<()> {
    if around.len() > MAX_NESTING || !around.insert(text) {
        return None;
    }
    for piece in solver.texts.pieces.get(&text)? {
        match piece {
            // Patterns know no way to write these.
            Piece::Text(text) if text.contains(['{', '}', '*']) => return None,
            Piece::Text(text) => pattern.push_str(text),
            Piece::Value(node) => {
                let mut kinds = solver
                    .labels(*node)
                    .filter(|(_, l)| l.path.is_here())
                    .filter_map(|(_, l)| if let What::Id(kind) = l.what { Some(kind) } else { None });
                let first = kinds.next();
                if kinds.any(|kind| Some(kind) != first) {
                    return None;
                }
                match first {
                    // Nobody can say where it stands.
                    Some(kind) if written(solver, *node, What::Id(kind), &[]).coded => return None,
                    Some(kind) => pattern.push_str(&format!("{{{kind}}}")),
                    None if solver.texts.pieces.contains_key(node) => put(solver, *node, around, pattern)?,
                    None if pattern.ends_with('*') => {}
                    None => pattern.push('*'),
                }
            }
        }
    }
    around.remove(&text);
    Some(())
}
