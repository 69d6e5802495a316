//! Where a value comes from as it is: nodes, and the texts that are written there.

use super::graph::{Node, Slot};
use super::label::Transfer;
use super::solve::Solver;
use crate::extension::php::ir::ExprKind;

/// A value's origins are looked for among this many nodes.
pub(super) const MAX_ORIGINS: usize = 32;

/// A text is looked for over this many assignments.
const MAX_TEXT_STEPS: usize = 3;

impl Solver<'_, '_> {
    /// The texts that come to `node` as they are.
    pub(super) fn texts(&self, node: Node, depth: usize, texts: &mut Vec<String>) {
        if let Some((script, expr)) = self.graph.as_expr(node) {
            let script = &self.program.scripts()[script as usize];
            if let ExprKind::Text(sym) = script.expr(expr).kind {
                let text = script.text(sym).to_owned();
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        if let Some(Slot::Constant(cls, name)) = self.graph.as_slot(node)
            && self.program.text(name) == "class"
        {
            let (script, class) = self.program.class(cls);
            let name = self.program.scripts()[script as usize].text(class.name).to_owned();
            if !texts.contains(&name) {
                texts.push(name);
            }
        }
        if depth < MAX_TEXT_STEPS {
            for edge in self.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy) {
                self.texts(edge.from, depth + 1, texts);
            }
        }
    }

    /// The texts that come to `node` as they are: names of classes, methods, functions.
    pub(super) fn class_texts(&self, node: Node) -> Vec<String> {
        let mut texts = Vec::new();
        self.texts(node, 0, &mut texts);
        texts
    }

    /// The nodes that a value comes from as it is, itself first.
    pub(in crate::discover) fn origins(&self, node: Node) -> Vec<Node> {
        let mut origins = vec![node];
        let mut at = 0;
        while at < origins.len() && origins.len() < MAX_ORIGINS {
            let copies = self.graph.in_edges(origins[at]).filter(|e| e.transfer == Transfer::Copy && !e.compares);
            for edge in copies.take(MAX_ORIGINS) {
                if !origins.contains(&edge.from) {
                    origins.push(edge.from);
                }
            }
            at += 1;
        }
        origins
    }
}
