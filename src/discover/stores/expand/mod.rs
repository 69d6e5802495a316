//! Puts a name together: from the pieces that the code spells, over variables and helpers, as one chain of callers makes it.

mod caller;
mod class;

use std::cell::Cell;

use super::seen::{Frames, Part};
use crate::discover::flow::graph::{Node, Slot};
use crate::discover::flow::keep::Use;
use crate::discover::flow::label::{Transfer, What};
use crate::discover::flow::solve::Solver;
use crate::discover::flow::texts::Piece;
use crate::discover::program::{Cls, Fun};
use crate::extension::php::ir::ExprKind;
use crate::extension::php::literal::constant;

use class::Told;

/// How far a name is followed.
pub(super) const MAX_STEPS: usize = 12;
/// A value's parameter is looked for among this many nodes of its helper.
pub(super) const MAX_ORIGINS: usize = 32;
/// An array in an array is looked into this deep.
const MAX_NESTING: usize = 2;
/// A variable that was made longer more often than this is not followed.
const MAX_APPENDS: usize = 8;
/// As many values are looked into for one name.
const MAX_VALUES: u32 = 2_000;
/// A value that is chosen among more than these is not known.
const MAX_CHOICES: usize = 8;

/// What is picked at the one choice of a name. The conditions of several may be the same: all pairs of what they give would be too many, and some could not be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pick {
    /// The choice.
    choice: Node,
    /// The number of what is picked, and of how many.
    number: usize,
    of: usize,
    /// What is picked.
    pub(super) value: Node,
}

impl Pick {
    /// What is to be picked next there.
    pub(super) fn next(self) -> Option<Pick> {
        (self.number + 1 < self.of).then(|| Pick { number: self.number + 1, ..self })
    }
}

/// Puts the names of one use together.
pub(super) struct Expander<'s, 'p, 'a> {
    solver: &'s Solver<'p, 'a>,
    /// The call that gives each node's value; `u32::MAX` for none.
    at: &'s [u32],
    /// How many more values are looked into: names may be made of each other many times over.
    left: Cell<u32>,
    /// What is picked; `None` until a choice is met.
    pub(super) pick: Cell<Option<Pick>>,
    /// The function in which the use stands.
    root: Fun,
    /// The one class that told something of the name.
    pub(super) whose: Cell<Option<Cls>>,
}

impl<'s, 'p, 'a> Expander<'s, 'p, 'a> {
    pub(super) fn new(solver: &'s Solver<'p, 'a>, at: &'s [u32], of: &Use, pick: Option<Pick>) -> Expander<'s, 'p, 'a> {
        let root = solver.calls[of.call as usize].within;
        Expander { solver, at, left: Cell::new(MAX_VALUES), pick: Cell::new(pick), root, whose: Cell::new(None) }
    }

    /// Which of the values is picked at a choice, where the code spells some of them, and they are not too many.
    fn picked(&self, choice: Node, values: &[Node]) -> Option<Node> {
        if values.len() > MAX_CHOICES || !values.iter().any(|n| self.is_spelled(*n)) {
            return None;
        }
        let number = match self.pick.get() {
            None => 0,
            Some(pick) if pick.choice == choice => pick.number,
            Some(_) => return None,
        };
        let value = *values.get(number)?;
        self.pick.set(Some(Pick { choice, number, of: values.len(), value }));
        Some(value)
    }

    /// Whether the code spells the value, or a part of it.
    fn is_spelled(&self, node: Node) -> bool {
        if let Some(pieces) = self.solver.texts.pieces.get(&node) {
            return pieces.iter().any(|piece| matches!(piece, Piece::Text(_)));
        }
        let kind = self.solver.graph.as_expr(node).map(|(script, expr)| self.solver.program.scripts()[script as usize].expr(expr).kind);
        matches!(kind, Some(ExprKind::Text(_)))
    }

    pub(super) fn has(&self, node: Node, fits: impl Fn(What) -> bool) -> bool {
        self.solver.labels(node).any(|(_, l)| l.path.is_here() && fits(l.what))
    }

    pub(super) fn expand(&self, node: Node, frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        let left = self.left.get();
        if depth > MAX_STEPS || left == 0 {
            out.push(Part::Value(node));
            return;
        }
        self.left.set(left - 1);
        if self.has(node, |w| w == What::VarDir) {
            out.push(Part::VarDir);
            return;
        }
        if self.solver.texts.altered.contains(&node) {
            return out.push(Part::Value(node));
        }
        if let Some(pieces) = self.solver.texts.pieces.get(&node) {
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out.push(Part::Text(text.clone())),
                    Piece::Value(value) => self.expand(*value, frames, depth + 1, out),
                }
            }
            return;
        }
        if let Some((script, expr)) = self.solver.graph.as_expr(node) {
            let script = &self.solver.program.scripts()[script as usize];
            match script.expr(expr).kind {
                ExprKind::Text(sym) => return out.push(Part::Text(script.text(sym).to_owned())),
                ExprKind::Integer(n) => return out.push(Part::Text(n.to_string())),
                ExprKind::Constant(name) if let Some(text) = constant(script.text(name)) => return out.push(Part::Text(text.to_owned())),
                // `$case->value`, where a caller tells which case it is; `Name::Case->value`.
                ExprKind::Property { object, name } if script.text(name) == "value" => {
                    if let (ExprKind::ClassConstant { .. }, Some(case)) = (script.expr(object).kind, self.solver.property_accesses_of(node))
                    {
                        return self.expand(case, frames, depth + 1, out);
                    }
                    let object = match script.expr(object).kind {
                        ExprKind::Variable(_) => self.solver.property_accesses_of(node),
                        _ => None,
                    };
                    if let Some(case) = object.and_then(|o| self.case(o, frames)) {
                        return self.expand(case, frames, depth + 1, out);
                    }
                    // Which case it is, only callers tell.
                    if object.is_some_and(|o| self.parameter_of(self.handed_in(o, frames).0).is_some()) {
                        return out.push(Part::Value(node));
                    }
                }
                _ => {}
            }
        }
        // `$key = $key . '_' . $id`, `$key .= $id`: the variable was made longer before it is used.
        if let Some(longer) = self.longer(node) {
            return self.grow(node, &longer, frames, depth, out);
        }
        if self.argument(node, frames).is_some() {
            return self.given(node, frames, depth, out);
        }
        if let Some(case) = self.own_case(node, frames) {
            return self.expand(case, frames, depth + 1, out);
        }
        match self.by_class(node, frames)[..] {
            [] => {}
            [Told::Value(value)] => return self.expand(value, frames, depth + 1, out),
            [Told::Result(fun, call)] => return self.expand_result(node, (fun, call), frames, depth, out),
            // Whose object it is, only callers tell.
            _ => return out.push(Part::Value(node)),
        }
        if self.parameter_of(node).is_some() || self.has(node, |w| matches!(w, What::Id(_) | What::Stable(_) | What::Hashed(_))) {
            out.push(Part::Value(node));
            return;
        }
        if let Some(number) = self.at.get(node.0 as usize).filter(|number| **number != u32::MAX)
            && let [fun] = self.solver.called(*number)[..]
        {
            return self.expand_result(node, (fun, *number), frames, depth, out);
        }
        let mut sources = self.sources(node);
        if sources.len() > 1 {
            sources = self.values(node);
            sources.retain(|source| !self.is_nothing(*source, 0));
            self.leave_out(node, &mut sources, frames);
        }
        match sources[..] {
            [only] => self.expand(only, frames, depth + 1, out),
            [] => match self.element(node) {
                Some(element) => self.expand(element, frames, depth + 1, out),
                None => out.push(Part::Value(node)),
            },
            ref several => {
                if let Some(picked) = self.picked(node, several) {
                    return self.expand(picked, frames, depth + 1, out);
                }
                let expand = |n: &Node| {
                    let mut parts = Vec::new();
                    self.expand(*n, frames, depth + 4, &mut parts);
                    parts
                };
                let first = expand(&several[0]);
                let others: Vec<Vec<Part>> = several[1..].iter().map(expand).collect();
                if first.iter().all(|p| !matches!(p, Part::Value(_))) && others.iter().all(|other| *other == first) {
                    return out.extend(first);
                }
                // One of several folders of the var directory is in the var directory.
                if others.iter().chain([&first]).all(|parts| parts.first() == Some(&Part::VarDir)) {
                    out.push(Part::VarDir);
                }
                out.push(Part::Value(node));
            }
        }
    }

    /// What a call of a function gives.
    fn expand_result(&self, node: Node, called: (Fun, u32), frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        let inner: Frames = std::iter::once(called).chain(frames.iter().copied()).collect();
        let mut given = self.solver.graph.find(Slot::Result(called.0)).map(|r| self.sources(r)).unwrap_or_default();
        self.leave_out(node, &mut given, &inner);
        match given[..] {
            [only] => self.expand(only, &inner, depth + 1, out),
            ref several => match self.picked(node, several) {
                Some(picked) => self.expand(picked, &inner, depth + 1, out),
                None => out.push(Part::Value(node)),
            },
        }
    }

    /// The texts that a variable was made longer with: pieces that it stands in itself, in the order in which they stand in the code.
    fn longer(&self, node: Node) -> Option<Vec<Node>> {
        self.solver.graph.as_slot(node)?;
        let mut longer: Vec<Node> = self.values(node);
        longer.retain(|s| self.solver.texts.pieces.get(s).is_some_and(|p| p.contains(&Piece::Value(node))));
        (!longer.is_empty() && longer.len() <= MAX_APPENDS).then_some(longer)
    }

    /// The text of a variable after the last of the expressions that made it longer.
    fn grow(&self, node: Node, longer: &[Node], frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        match longer.split_last() {
            Some((last, before)) => {
                for piece in self.solver.texts.pieces.get(last).into_iter().flatten() {
                    match piece {
                        Piece::Text(text) => out.push(Part::Text(text.clone())),
                        Piece::Value(value) if *value == node => self.grow(node, before, frames, depth + 1, out),
                        Piece::Value(value) => self.expand(*value, frames, depth + 1, out),
                    }
                }
            }
            None if self.argument(node, frames).is_some() => self.given(node, frames, depth + 1, out),
            None => {
                let mut first = self.values(node);
                first.retain(|s| !self.solver.texts.pieces.get(s).is_some_and(|p| p.contains(&Piece::Value(node))));
                match first[..] {
                    [only] if self.parameter_of(node).is_none() => self.expand(only, frames, depth + 1, out),
                    _ => out.push(Part::Value(node)),
                }
            }
        }
    }

    /// The one value that an array literal has where `node` is taken out of it.
    fn element(&self, node: Node) -> Option<Node> {
        let mut found = self.elements(node, 0);
        found.sort_unstable();
        found.dedup();
        match found[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    fn elements(&self, node: Node, depth: usize) -> Vec<Node> {
        let mut found = Vec::new();
        if depth > MAX_NESTING {
            return found;
        }
        for edge in self.solver.graph.in_edges(node).filter(|e| !e.compares).take(MAX_ORIGINS) {
            let Transfer::Unwrap(key) = edge.transfer else { continue };
            if key.name().is_none() && key.number().is_none() {
                continue;
            }
            let mut arrays = self.solver.origins(edge.from);
            for array in self.elements(edge.from, depth + 1).into_iter().take(MAX_ORIGINS) {
                arrays.extend(self.solver.origins(array));
            }
            for array in arrays {
                let put = self.solver.graph.in_edges(array).filter(|e| e.transfer == Transfer::Wrap(key));
                found.extend(put.map(|e| e.from).take(MAX_ORIGINS));
            }
        }
        found
    }

    /// Where the values of a variable come from, those that it is given in a branch among them.
    fn values(&self, node: Node) -> Vec<Node> {
        let Some(Slot::Variable(fun, _)) = self.solver.graph.as_slot(node) else { return self.sources(node) };
        let inside = |n: Node| {
            matches!(self.solver.graph.as_slot(n), Some(Slot::Variable(other, _)) if other == fun) && self.parameter_of(n).is_none()
        };
        let mut values: Vec<Node> =
            self.sources(node).into_iter().flat_map(|source| if inside(source) { self.sources(source) } else { vec![source] }).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    /// Whether the value is null, or a parameter that is left out by whoever calls: what stands behind `??` is meant.
    pub(super) fn is_nothing(&self, node: Node, depth: usize) -> bool {
        if let Some((script, expr)) = self.solver.graph.as_expr(node) {
            return matches!(self.solver.program.scripts()[script as usize].expr(expr).kind, ExprKind::Null);
        }
        let is_left_out = self.parameter_of(node).is_some();
        let sources = self.sources(node);
        let is_nothing = |source: Node| self.is_nothing(source, depth + 1) || (is_left_out && self.is_empty_text(source));
        depth < MAX_NESTING && !sources.is_empty() && sources.into_iter().all(is_nothing)
    }

    fn is_empty_text(&self, node: Node) -> bool {
        let Some((script, expr)) = self.solver.graph.as_expr(node) else { return false };
        let script = &self.solver.program.scripts()[script as usize];
        matches!(script.expr(expr).kind, ExprKind::Text(sym) if script.text(sym).is_empty())
    }

    /// Where a value comes from as it is.
    pub(super) fn sources(&self, node: Node) -> Vec<Node> {
        let kept = |n: Node| matches!(self.solver.graph.as_slot(n), Some(Slot::Kept(..) | Slot::Column(..) | Slot::Row(_) | Slot::Rows(_)));
        let edges = self.solver.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy && !e.compares && !kept(e.from));
        let mut sources: Vec<Node> = edges.map(|e| e.from).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }
}
