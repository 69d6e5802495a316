//! What a loop keeps, one for each name that the code lists: `foreach (['host', 'plan'] as $name) { pm_Settings::set($name, $form->getValue($name)); }`.

use rustc_hash::FxHashMap;

use super::calls::Callee;
use super::graph::{Edge, Node, Slot};
use super::keep::Use;
use super::label::{Key, Transfer};
use super::library;
use super::solve::Solver;
use super::texts::Piece;
use crate::discover::program::Name;
use crate::extension::php::ir::ExprKind;

/// The numbers of calls by their results.
type Calls = FxHashMap<Node, usize>;

/// More names than these are given up.
const MAX_NAMES: usize = 64;

impl Solver<'_, '_> {
    /// Tells the uses in loops over names apart.
    pub(super) fn unroll(&mut self) {
        let mut calls = FxHashMap::default();
        for of in std::mem::take(&mut self.uses) {
            let pieces = self.name_of(&of);
            let each = pieces.as_ref().map(|(word, _)| self.unrolled(&of, *word, &mut calls)).unwrap_or_default();
            if each.is_empty() {
                self.uses.push(of);
            }
            for (name, value) in each {
                let text = self.program.text(name).to_owned();
                let spelled = self.graph.temporary();
                let one = |piece: &Piece| if let Piece::Text(_) = piece { piece.clone() } else { Piece::Text(text.clone()) };
                let pieces = pieces.iter().flat_map(|(_, pieces)| pieces).map(one).collect();
                self.texts.pieces.insert(spelled, pieces);
                self.uses.push(Use { name: Some(spelled), value: Some(value), ..of });
            }
        }
    }

    /// The one value that a name is made with, and all that it is made of: `'form_' . $name`.
    fn name_of(&self, of: &Use) -> Option<(Node, Vec<Piece>)> {
        let name = of.name?;
        let pieces = self.texts.pieces.get(&name).cloned().unwrap_or_else(|| vec![Piece::Value(name)]);
        let mut values = pieces.iter().filter_map(|piece| if let Piece::Value(value) = piece { Some(*value) } else { None });
        let word = values.next().filter(|_| values.next().is_none())?;
        Some((word, pieces))
    }

    /// The words that `name` stands for in a use, each with what is kept then.
    fn unrolled(&mut self, of: &Use, name: Node, calls: &mut Calls) -> Vec<(Name, Node)> {
        let Some(value) = of.value else { return Vec::new() };
        let into: Vec<Edge> = self.graph.in_edges(name).filter(|e| !e.compares).take(2).collect();
        let [edge] = into[..] else { return Vec::new() };
        match edge.transfer {
            Transfer::Unwrap(Key::KEYS) => {
                let taken = |node: Node| {
                    self.graph.in_edges(node).any(|e| e.from == edge.from && e.transfer == Transfer::Unwrap(Key::ANY) && !e.compares)
                };
                if self.origins(value).into_iter().any(taken) { self.under_names(edge.from) } else { Vec::new() }
            }
            Transfer::Unwrap(Key::ANY) => {
                let names = self.listed(edge.from);
                if calls.is_empty() && !names.is_empty() {
                    calls.extend((0..).zip(&self.calls).map(|(number, call)| (call.result, number)));
                }
                names.into_iter().map_while(|word| Some((word, self.asked_for(word, name, value, calls)?))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What stands under names in an array.
    fn under_names(&self, array: Node) -> Vec<(Name, Node)> {
        let put = |node: Node| {
            let edges = self.graph.in_edges(node).filter(|e| !e.compares);
            edges.filter_map(|e| if let Transfer::Wrap(key) = e.transfer { Some((key.name()?, e.from)) } else { None }).take(MAX_NAMES)
        };
        let mut found: Vec<(Name, Node)> = self.origins(array).into_iter().flat_map(put).collect();
        found.sort_unstable_by_key(|(name, node)| (self.program.text(*name), *node));
        found.dedup();
        found.truncate(MAX_NAMES);
        found
    }

    /// The texts that an array literal lists.
    fn listed(&self, array: Node) -> Vec<Name> {
        for origin in self.origins(array) {
            let Some((number, expr)) = self.graph.as_expr(origin) else { continue };
            let script = &self.program.scripts()[number as usize];
            let ExprKind::Array(elements) = script.expr(expr).kind else { continue };
            let text = |value| if let ExprKind::Text(sym) = script.expr(value).kind { Some(self.program.name(number, sym)) } else { None };
            let names: Option<Vec<Name>> =
                script.elements(elements).iter().map(|e| e.value.filter(|_| e.key.is_none() && !e.spread).and_then(text)).collect();
            if let Some(names) = names.filter(|names| !names.is_empty() && names.len() <= MAX_NAMES) {
                return names;
            }
        }
        Vec::new()
    }

    /// What is kept under `word`, where `name` stands for one word after the other: what a form, the request or an array has under it.
    fn asked_for(&mut self, word: Name, name: Node, value: Node, calls: &Calls) -> Option<Node> {
        for origin in self.origins(value) {
            let Some((number, expr)) = self.graph.as_expr(origin) else { continue };
            let script = &self.program.scripts()[number as usize];
            match script.expr(expr).kind {
                ExprKind::Method { .. } => {
                    let Some(call) = calls.get(&origin) else { continue };
                    let call = &self.calls[*call];
                    let (Callee::Method(_, method), Some(argument)) = (call.callee, call.positional(0)) else { continue };
                    if argument.node == name && library::reads_request(self.program.text(method)) {
                        let answer = self.graph.temporary();
                        self.chosen(word, answer);
                        self.hint_request(word, method, answer);
                        return Some(answer);
                    }
                }
                ExprKind::Index { index: Some(index), .. } => {
                    let (ExprKind::Variable(sym), Some(Slot::Variable(_, variable))) = (script.expr(index).kind, self.graph.as_slot(name))
                    else {
                        continue;
                    };
                    let taken = self.graph.in_edges(origin).find(|e| e.transfer == Transfer::Unwrap(Key::ANY) && !e.compares);
                    if let (true, Some(edge)) = (self.program.name(number, sym) == variable, taken) {
                        let answer = self.graph.temporary();
                        self.connect(edge.from, answer, Transfer::Unwrap(Key::named(word)));
                        return Some(answer);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
