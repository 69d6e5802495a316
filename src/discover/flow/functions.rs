//! What PHP's own functions do with the values they are given.

use super::build::{Builder, Piece};
use super::calls::{Argument, Call, Callee};
use super::graph::Node;
use super::label::{Key, Transfer};
use super::library::{self, Passes};
use crate::extension::php::ir::{ExprId, ExprKind, Slice, Sym};

impl Builder<'_, '_> {
    /// `sprintf` with a format that is written in the call: `%s` and `%d` one after the other.
    pub(super) fn format(&mut self, call: usize) {
        let (result, args) = (self.calls[call].result, self.calls[call].args.clone());
        let Some((format, values)) = args.split_first() else { return };
        let ExprKind::Text(sym) = self.kind(format.expr) else { return };
        let mut values = values.iter();
        let mut pieces = Vec::new();
        for (position, part) in self.text(sym).split('%').enumerate() {
            let mut rest = part;
            if position > 0 {
                // A width, a position or `%%` makes it a text that is not known.
                let Some(plain) = part.strip_prefix(['s', 'd', 'u']) else { return };
                let Some(value) = values.next() else { return };
                pieces.push(self.piece(value.expr));
                rest = plain;
            }
            if !rest.is_empty() {
                pieces.push(Piece::Text(rest.to_owned()));
            }
        }
        self.text_of(result, pieces);
    }

    pub(super) fn function_call(&mut self, expr: ExprId, name: Sym, args: Slice) {
        let folded = self.folded(name);
        self.call(expr, Callee::Function(folded), args);
        if self.program.function_named(self.text(name)).is_some() {
            return;
        }
        let plain = self.program.text(folded).rsplit('\\').next().unwrap_or_default();
        let (passes, hashes, is_format) = (library::passes(plain), library::hashes(plain), plain == "sprintf");
        if is_format {
            self.format(self.calls.len() - 1);
        }
        if let Some(position) = hashes
            && let Some(value) = self.calls.last().and_then(|c| c.positional(position)).map(|a| a.node)
        {
            let result = self.graph.expr(self.script, expr);
            self.texts.hashed.entry(value).or_default().push(result);
        }
        if let Some(passes) = passes {
            let call = self.calls.len() - 1;
            self.pass(passes, call);
        }
    }

    /// What one of PHP's own functions does.
    pub(super) fn pass(&mut self, passes: Passes, call: usize) {
        let call = &self.calls[call];
        let result = call.result;
        let args: Vec<(Node, ExprId)> = call.args.iter().map(|a| (a.node, a.expr)).collect();
        let arg = |i: usize| args.get(i).map(|a| a.0);
        match passes {
            Passes::Same(i) => {
                if let Some(from) = arg(i) {
                    self.copy(from, result);
                }
            }
            Passes::All => args.iter().for_each(|a| self.copy(a.0, result)),
            Passes::Element => {
                if let Some(from) = arg(0) {
                    self.graph.connect(from, result, Transfer::Unwrap(Key::ANY));
                }
            }
            Passes::Keys => self.rekey(arg(0), result, Key::KEYS, Key::ANY),
            Passes::Flip => {
                self.rekey(arg(0), result, Key::KEYS, Key::ANY);
                self.rekey(arg(0), result, Key::ANY, Key::KEYS);
            }
            Passes::Combine => {
                self.rekey(arg(0), result, Key::ANY, Key::KEYS);
                self.rekey(arg(1), result, Key::ANY, Key::ANY);
            }
            Passes::ColumnOf => {
                for (i, under) in [(1, Key::ANY), (2, Key::KEYS)] {
                    if let (Some(rows), Some((_, column))) = (arg(0), args.get(i)) {
                        let row = self.graph.temporary();
                        self.graph.connect(rows, row, Transfer::Unwrap(Key::ANY));
                        let key = self.key(Some(*column));
                        self.rekey(Some(row), result, key, under);
                    }
                }
            }
            Passes::Map => self.apply(arg(0), args.get(1).copied(), Some(result)),
            Passes::Each => self.apply(arg(1), args.first().copied(), None),
            Passes::Compact => {
                for (_, expr) in args {
                    if let ExprKind::Text(sym) = self.kind(expr) {
                        let name = self.name(sym);
                        let from = self.variable(name);
                        self.graph.connect(from, result, Transfer::Wrap(Key::named(name)));
                    }
                }
            }
        }
    }

    /// What stands under `from_key` of `from` comes to stand under `to_key` of `to`.
    pub(super) fn rekey(&mut self, from: Option<Node>, to: Node, from_key: Key, to_key: Key) {
        if let Some(from) = from {
            let between = self.graph.temporary();
            self.graph.connect(from, between, Transfer::Unwrap(from_key));
            self.graph.connect(between, to, Transfer::Wrap(to_key));
        }
    }

    /// `function` is called with each element of `array`.
    pub(super) fn apply(&mut self, function: Option<Node>, array: Option<(Node, ExprId)>, result: Option<Node>) {
        let (Some(function), Some((array, expr))) = (function, array) else { return };
        // `array_map('intval', $ids)`: a function named by a text passes its elements on.
        if let (Some(result), Some((script, callee))) = (result, self.graph.as_expr(function))
            && matches!(self.program.scripts()[script as usize].expr(callee).kind, ExprKind::Text(_))
        {
            self.copy(array, result);
            return;
        }
        let (element, value) = (self.graph.temporary(), self.graph.temporary());
        self.graph.connect(array, element, Transfer::Unwrap(Key::ANY));
        if let Some(result) = result {
            self.graph.connect(value, result, Transfer::Wrap(Key::ANY));
        }
        let args = vec![Argument { name: None, node: element, expr, spread: false }];
        self.calls.push(Call { script: self.script, expr, callee: Callee::Value(function), args, result: value });
    }
}
