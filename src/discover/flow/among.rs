//! What is looked for among ids: elements of an array, or its keys.

use super::build::{Builder, Compared};
use super::graph::Node;
use super::label::{Key, Path, Transfer};
use super::library;
use crate::extension::php::functions::Functions;
use crate::extension::php::ir::ExprKind;

/// What comes out of a request is followed over as many assignments.
const MAX_ASKED: usize = 4;

impl Builder<'_, '_> {
    /// `isset($owners[$id])`: a key that is looked for is one of the kind.
    pub(super) fn tested(&mut self) {
        for number in 0..u32::try_from(self.program.scripts().len()).unwrap_or(u32::MAX) {
            let script = &self.program.scripts()[number as usize];
            if script.tested.is_empty() {
                continue;
            }
            let functions = Functions::of(script);
            for element in &script.tested {
                let ExprKind::Index { array, index: Some(index) } = script.expr(*element).kind else { continue };
                if !matches!(
                    script.expr(index).kind,
                    ExprKind::Variable(_) | ExprKind::Property { .. } | ExprKind::Cast { .. } | ExprKind::Index { .. }
                ) {
                    continue;
                }
                let fun = self.program.fun(number, functions.at(script.expr(*element).at.start));
                let (array, key) = (self.resolve(number, fun, array), self.resolve(number, fun, index));
                let site = self.graph.expr(number, *element);
                self.among(key, (array, Key::KEYS), site);
            }
        }
    }

    /// A value is looked for among the elements of an array, or its keys: it is one of the kind.
    pub(super) fn among(&mut self, value: Node, (array, key): (Node, Key), site: Node) {
        // What the code spells or counts is not told by what it is compared with; what a person asks for is.
        if !self.is_asked_for(value, 0) {
            return;
        }
        let one = self.graph.temporary();
        self.graph.connect(array, one, Transfer::Unwrap(key));
        self.compared.push(Compared { known: one, with: value, path: Path::HERE, site });
    }

    /// Whether a value comes out of a request, and from nowhere else.
    fn is_asked_for(&self, value: Node, depth: usize) -> bool {
        if let Some((number, expr)) = self.graph.as_expr(value) {
            let script = &self.program.scripts()[number as usize];
            match script.expr(expr).kind {
                ExprKind::Index { array, .. } => {
                    if let ExprKind::Variable(sym) = script.expr(array).kind {
                        return library::is_request(script.text(sym));
                    }
                }
                ExprKind::Method { name, .. } => return library::reads_request(&script.text(name).to_ascii_lowercase()),
                _ => {}
            }
        }
        let mut sources = self.graph.in_edges(value).filter(|e| !e.compares).peekable();
        depth < MAX_ASKED
            && sources.peek().is_some()
            && sources.all(|e| e.transfer == Transfer::Copy && self.is_asked_for(e.from, depth + 1))
    }
}
