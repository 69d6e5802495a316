//! What PHP's own functions do with the values they are given.

use rustc_hash::FxHashSet;

use super::build::{Builder, Compared};
use super::calls::{Argument, Call, Callee};
use super::graph::{Node, Slot};
use super::label::{Key, Path, Transfer};
use super::library::{self, Passes};
use super::texts::{Made, Piece};
use super::words::{self, FUNC_GET_ARGS, Special};
use crate::discover::members::Use;
use crate::extension::php::functions::Functions;
use crate::extension::php::ir::{Bytes, Expr, ExprId, ExprKind, Slice, Sym};
use crate::extension::php::literal::constant;

/// The property in which an enum's case has its text.
const ENUM_VALUE: &str = "value";

impl Builder<'_, '_> {
    /// `sprintf`: a text with the values of its arguments in it.
    pub(super) fn format(&mut self, call: usize) {
        let (result, args) = (self.calls[call].result, self.calls[call].args.clone());
        let Some((format, values)) = args.split_first() else { return };
        let Some(format) = self.format_text(format.expr).or_else(|| self.own_format(format.expr)) else { return };
        self.fields_in(result, values.iter().map(|v| v.expr));
        let values: Vec<Piece> = values.iter().map(|v| self.piece(v.expr)).collect();
        let pieces = super::printf::pieces(&format, |n, as_it_is| match values.get(n)? {
            Piece::Value(value) if !as_it_is => Some(Piece::Value(self.coded(*value))),
            piece => Some(piece.clone()),
        });
        self.text_of(result, pieces);
    }

    /// `vsprintf`: the same with the elements of an array.
    fn format_list(&mut self, call: usize) {
        let (result, args) = (self.calls[call].result, self.calls[call].args.clone());
        let [format, list, ..] = &args[..] else { return };
        let Some(format) = self.format_text(format.expr) else { return };
        let mut elements = Vec::new();
        let pieces = super::printf::pieces(&format, |n, as_it_is| {
            let node = self.graph.temporary();
            elements.push((n, node));
            Some(Piece::Value(if as_it_is { node } else { self.coded(node) }))
        });
        for (n, node) in elements {
            self.graph.connect(list.node, node, Transfer::Unwrap(Key::item(n)));
        }
        self.text_of(result, pieces);
    }

    /// A value as it is written otherwise.
    fn coded(&mut self, value: Node) -> Node {
        let coded = self.graph.temporary();
        self.copy(value, coded);
        self.texts.altered.insert(coded);
        self.texts.coded.insert(coded);
        coded
    }

    /// An argument of a call.
    fn argument(&self, call: usize, position: usize) -> Option<Node> {
        self.calls[call].positional(position).map(|a| a.node)
    }

    /// In an enum whose cases hold texts, the only one of them that is a format: `sprintf($this->value, $id)`.
    fn own_format(&self, expr: ExprId) -> Option<String> {
        let ExprKind::Property { object, name } = self.kind(expr) else { return None };
        if !self.is_this(object) || self.text(name) != ENUM_VALUE {
            return None;
        }
        let (script, class) = self.program.class(self.class?);
        let file = &self.program.scripts()[script as usize];
        let texts =
            class.constants.iter().filter_map(|c| if let ExprKind::Text(text) = file.expr(c.value?).kind { Some(text) } else { None });
        let mut formats = texts.map(|text| file.text(text)).filter(|text| class.is_enum && text.contains('%'));
        formats.next().filter(|_| formats.next().is_none()).map(str::to_owned)
    }

    /// The text that a format is; also that of a property which never holds another one.
    fn format_text(&self, expr: ExprId) -> Option<String> {
        self.known_text(expr).or_else(|| self.program.member_text(Use { script: self.script, within: self.class, of: self.class }, expr))
    }

    /// The text that an expression is: written there, or held by one of the extension's constants.
    fn known_text(&self, expr: ExprId) -> Option<String> {
        match self.kind(expr) {
            ExprKind::Text(sym) => Some(self.text(sym).to_owned()),
            ExprKind::Constant(name) => constant(self.text(name)).map(str::to_owned),
            ExprKind::ClassConstant { class, name } => self.program.constant_text(self.script, self.class, class, name, None),
            // `Key::Status->value`
            ExprKind::Property { object, name } if self.text(name) == ENUM_VALUE => match self.kind(object) {
                ExprKind::ClassConstant { class, name } => self.program.constant_text(self.script, self.class, class, name, None),
                _ => None,
            },
            ExprKind::Index { array, index: Some(index) } => match (self.kind(array), self.kind(index)) {
                (ExprKind::ClassConstant { class, name }, ExprKind::Text(key)) => {
                    self.program.constant_text(self.script, self.class, class, name, Some(self.text(key)))
                }
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn function_call(&mut self, expr: ExprId, name: Sym, args: Slice) {
        let folded = self.folded(name);
        self.call(expr, Callee::Function(folded), args);
        let program = &*self.program;
        let Some(known) = *self.builtins.entry(folded).or_insert_with(|| words::builtin(program, folded)) else { return };
        let call = self.calls.len() - 1;
        let result = self.graph.expr(self.script, expr);
        match known.special {
            Some(Special::Sprintf) => self.format(call),
            Some(Special::Vsprintf) => self.format_list(call),
            Some(Special::CallUserFunc) => self.call_callable(expr, false),
            Some(Special::CallUserFuncArray) => self.call_callable(expr, true),
            Some(Special::VarExport) => drop(self.texts.exported.insert(result)),
            Some(Special::FuncGetArgs) => {
                let name = self.program.intern(FUNC_GET_ARGS);
                let passed = self.graph.slot(Slot::Variable(self.fun, name));
                self.copy(passed, result);
            }
            Some(Special::Base64) => {
                self.texts.base64.insert(result);
                self.texts.kept_shape.insert(result);
            }
            Some(Special::Document) => drop(self.texts.kept_shape.insert(result)),
            None => {}
        }
        if let Some((needle, haystack, keys)) = known.looks_for
            && let (Some(known), Some(with)) = (self.argument(call, needle), self.argument(call, haystack))
        {
            let key = if keys { Key::KEYS } else { Key::ANY };
            self.compared.push(Compared { known, with, path: Path::of(key), site: result });
            self.among(known, (with, key), result);
        }
        if known.is_random {
            self.texts.random.insert(result);
        }
        if let Some(value) = known.encrypts.and_then(|n| self.argument(call, n)) {
            self.texts.make(value, result, Made::Cipher);
        }
        if let Some(value) = known.hashes.and_then(|n| self.argument(call, n)) {
            self.texts.make(value, result, Made::Hash);
        }
        if let Some(passes) = known.passes {
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
                    // `intval($text, 16)`
                    if args.len() > 1 && matches!(call.callee, Callee::Function(name) if self.program.text(name).ends_with("intval")) {
                        self.texts.coded.insert(result);
                    }
                    self.copy(from, result);
                }
            }
            Passes::Altered(i) => {
                if let Some(from) = arg(i) {
                    self.copy(from, result);
                    self.texts.altered.insert(result);
                }
            }
            Passes::Coded(i) => {
                if let Some(from) = arg(i) {
                    self.copy(from, result);
                    self.texts.altered.insert(result);
                    self.texts.coded.insert(result);
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
            Passes::Values => self.rekey(arg(0), result, Key::ANY, Key::ANY),
            Passes::One => match args[..] {
                [(only, _)] => drop(self.graph.connect(only, result, Transfer::Unwrap(Key::ANY))),
                _ => args.iter().for_each(|a| self.copy(a.0, result)),
            },
            Passes::Map => {
                let Some(((function, written), arrays)) = args.split_first() else { return };
                if matches!(self.kind(*written), ExprKind::Null) {
                    self.side_by_side(arrays, result);
                } else {
                    self.apply(*function, arrays, Some(result));
                }
            }
            Passes::Each => {
                if let [array, (function, _), ..] = args[..] {
                    self.apply(function, &[array, array], None);
                }
            }
            Passes::Walk => self.walk(&args),
            Passes::Filter => {
                let Some(array) = args.first().copied() else { return };
                self.copy(array.0, result);
                if let Some(function) = arg(1) {
                    self.apply(function, &[array], None);
                }
            }
            Passes::Callback => {
                let [_, (function, written), (subject, _), ..] = args[..] else { return };
                self.copy(subject, result);
                self.texts.altered.insert(result);
                let put = self.graph.temporary();
                self.texts.make(put, result, Made::INSIDE);
                let (script, callee) = (self.script, Callee::Value(function));
                self.calls.push(Call { script, within: self.fun, expr: written, callee, args: Vec::new(), result: put });
            }
            Passes::Push => {
                let Some((array, _)) = args.first().copied() else { return };
                for (value, expr) in &args[1..] {
                    self.graph.set_site(Some(self.graph.expr(self.script, *expr)));
                    self.graph.connect(*value, array, Transfer::Wrap(Key::ANY));
                    self.graph.set_site(None);
                }
            }
            Passes::Join => self.join_texts(&args, result),
            Passes::Split(n) => {
                if let Some(from) = arg(n) {
                    self.graph.connect(from, result, Transfer::Split);
                }
            }
            Passes::Chunk => {
                if let Some(from) = arg(0) {
                    self.graph.connect(from, result, Transfer::Wrap(Key::ANY));
                }
            }
            Passes::Key(n) => {
                if let Some(from) = arg(n) {
                    self.graph.connect(from, result, Transfer::Unwrap(Key::KEYS));
                }
            }
            Passes::Reduce => {
                let (Some(array), Some(function)) = (arg(0), arg(1)) else { return };
                let element = self.graph.temporary();
                self.graph.connect(array, element, Transfer::Unwrap(Key::ANY));
                let given = |(node, expr)| Argument { name: None, node, expr, spread: false };
                let first = given((result, args[0].1));
                let args = vec![first, given((element, args[0].1))];
                self.calls.push(Call {
                    script: self.script,
                    within: self.fun,
                    expr: first.expr,
                    callee: Callee::Value(function),
                    args,
                    result,
                });
            }
            Passes::Fill => {
                self.rekey(arg(0), result, Key::ANY, Key::KEYS);
                if let Some(value) = arg(1) {
                    self.graph.connect(value, result, Transfer::Wrap(Key::ANY));
                }
            }
            Passes::Replace => {
                let [_, (replacement, written), (subject, text), ..] = args[..] else { return };
                match (self.kind(written), self.known_text(text)) {
                    (ExprKind::Text(_) | ExprKind::Integer(_), _) => self.copy(subject, result),
                    (_, Some(text)) => {
                        let search = self.known_text(args[0].1);
                        let pieces = super::printf::replaced(&text, search.as_deref(), replacement);
                        self.text_of(result, pieces);
                    }
                    (_, None) => {
                        self.copy(subject, result);
                        self.texts.make(replacement, result, Made::INSIDE);
                    }
                }
            }
            Passes::Translate => self.translate(&args, result),
            Passes::Pack => {
                for arg in call.args.clone().iter().skip(1) {
                    let value = if arg.spread { self.graph.temporary() } else { arg.node };
                    if arg.spread {
                        self.graph.connect(arg.node, value, Transfer::Unwrap(Key::ANY));
                    }
                    self.texts.make(value, result, Made::INSIDE);
                }
                self.texts.altered.insert(result);
            }
            // With more arguments it leaves variables as they are, or names them otherwise.
            Passes::Extract => {
                if let ([(from, _)], Some((_, expr))) = (&args[..], self.graph.as_expr(result)) {
                    self.extract(*from, self.place(expr).end);
                }
            }
            Passes::Compact => {
                for (_, expr) in args {
                    if let ExprKind::Text(sym) = self.kind(expr) {
                        let name = self.name(sym);
                        let from = self.variable_at(sym, self.place(expr).start);
                        self.graph.connect(from, result, Transfer::Wrap(Key::named(name)));
                    }
                }
            }
        }
    }

    /// The variables of the function have what the array has under their names, after `end`.
    fn extract(&mut self, array: Node, end: u32) {
        let (number, function) = self.program.function_number(self.fun);
        let script = &self.program.scripts()[number as usize];
        // Those of functions within it are their own.
        let functions = Functions::of(script);
        let is_own = |place: Bytes| functions.at(place.start) == function;
        let own = script.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Variable(_)) && is_own(e.at));
        let variables = own.filter_map(|e| if let ExprKind::Variable(sym) = e.kind { Some((sym, e.at.start)) } else { None });
        let variables: Vec<(Sym, u32)> = variables.filter(|(_, start)| *start >= end).collect();
        let targets =
            script.exprs.iter().filter_map(|e| if let ExprKind::Assign { target, .. } = e.kind { Some(script.expr(target)) } else { None });
        // One that is given something by the code as well is that before it, or again after it.
        let named = |target: &Expr| if let ExprKind::Variable(sym) = target.kind { Some(sym) } else { None };
        let assigned: FxHashSet<Sym> = targets.filter(|target| is_own(target.at)).filter_map(named).collect();
        for (sym, start) in variables {
            let (name, variable) = (self.name(sym), self.variable_at(sym, start));
            if name != self.this && variable != array && !assigned.contains(&sym) {
                self.graph.connect(array, variable, Transfer::Unwrap(Key::named(name)));
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

    /// `function` is called with an element of each of `arrays`.
    pub(super) fn apply(&mut self, function: Node, arrays: &[(Node, ExprId)], result: Option<Node>) {
        let Some((array, expr)) = arrays.first().copied() else { return };
        // `array_map('intval', $ids)`: a function named by a text passes its elements on.
        if let (Some(result), Some((script, callee))) = (result, self.graph.as_expr(function))
            && let ExprKind::Text(name) = self.program.scripts()[script as usize].expr(callee).kind
            && !self.text(name).contains("::")
            && self.program.function_named(self.text(name)).is_none()
        {
            let folded = self.text(name).trim_start_matches('\\').to_ascii_lowercase();
            if matches!(library::passes(&folded), Some(Passes::Coded(_))) || library::hashes(&folded).is_some() {
                self.texts.coded.insert(result);
            }
            self.copy(array, result);
            return;
        }
        let args = arrays.iter().map(|array| self.taken(*array, Key::ANY)).collect();
        let value = self.graph.temporary();
        if let Some(result) = result {
            self.graph.connect(value, result, Transfer::Wrap(Key::ANY));
        }
        self.calls.push(Call { script: self.script, within: self.fun, expr, callee: Callee::Value(function), args, result: value });
    }

    /// What stands under `key` of an array, as an argument.
    fn taken(&mut self, (array, expr): (Node, ExprId), key: Key) -> Argument {
        let node = self.graph.temporary();
        self.graph.connect(array, node, Transfer::Unwrap(key));
        Argument { name: None, node, expr, spread: false }
    }

    /// `array_map(null, $ids, $names)`.
    fn side_by_side(&mut self, arrays: &[(Node, ExprId)], result: Node) {
        if let [(only, _)] = arrays {
            return self.copy(*only, result);
        }
        let row = self.graph.temporary();
        for (position, array) in arrays.iter().enumerate() {
            self.rekey(Some(array.0), row, Key::ANY, Key::item(position));
        }
        self.graph.connect(row, result, Transfer::Wrap(Key::ANY));
    }

    /// `array_walk($array, $function, $more)`.
    fn walk(&mut self, args: &[(Node, ExprId)]) {
        let [array, (function, written), ref more @ ..] = *args else { return };
        let element = self.taken(array, Key::ANY);
        let given = |(node, expr): (Node, ExprId)| Argument { name: None, node, expr, spread: false };
        let args = [element, self.taken(array, Key::KEYS)].into_iter().chain(more.first().copied().map(given)).collect();
        let result = self.graph.temporary();
        self.calls.push(Call { script: self.script, within: self.fun, expr: written, callee: Callee::Value(function), args, result });
    }

    /// `call_user_func($callable, …)`: the value is called with the other arguments.
    fn call_callable(&mut self, expr: ExprId, with_list: bool) {
        let Some(call) = self.calls.last() else { return };
        let Some((callable, rest)) = call.args.split_first() else { return };
        let (callee, result) = (Callee::Value(callable.node), call.result);
        let args = rest.iter().map(|a| Argument { spread: a.spread || with_list, ..*a }).collect();
        self.calls.push(Call { script: self.script, within: self.fun, expr, callee, args, result });
    }

    /// `implode`: of a list that is written in the call, its elements one after the other; of another, an element stands for all.
    fn join_texts(&mut self, args: &[(Node, ExprId)], result: Node) {
        let [(glue, glue_expr), (list, list_expr), ..] = *args else {
            if let [(list, _)] = *args {
                self.graph.connect(list, result, Transfer::Unwrap(Key::ANY));
            }
            return;
        };
        if let (ExprKind::Array(elements), Some(between)) = (self.kind(list_expr), self.known_text(glue_expr)) {
            let script = &self.program.scripts()[self.script as usize];
            let elements = script.elements(elements);
            if elements.iter().all(|e| e.value.is_some() && !e.spread) {
                let mut pieces = Vec::new();
                for (position, element) in elements.iter().enumerate() {
                    if position > 0 && !between.is_empty() {
                        pieces.push(Piece::Text(between.clone()));
                    }
                    pieces.extend(element.value.map(|v| self.piece(v)));
                }
                return self.text_of(result, pieces);
            }
        }
        if let Some(between) = self.known_text(glue_expr).filter(|between| !between.is_empty()) {
            self.texts.joined.insert(result, between);
        }
        // PHP took the two in either order.
        for from in [list, glue] {
            self.graph.connect(from, result, Transfer::Unwrap(Key::ANY));
        }
        self.put_fields(list, result);
    }

    /// `strtr($text, ['{id}' => $id])`.
    fn translate(&mut self, args: &[(Node, ExprId)], result: Node) {
        let [(subject, text), (map, written), ..] = *args else { return };
        self.copy(subject, result);
        let value = self.graph.temporary();
        self.graph.connect(map, value, Transfer::Unwrap(Key::ANY));
        let ExprKind::Array(elements) = self.kind(written) else { return };
        let script = &self.program.scripts()[self.script as usize];
        let mut pieces = vec![Piece::Text(self.known_text(text).unwrap_or_default())];
        let known = self.known_text(text).is_some();
        for element in script.elements(elements) {
            let (Some(key), Some(value)) = (element.key, element.value) else { continue };
            match (self.known_text(key), self.piece(value)) {
                (Some(search), piece) if known => {
                    pieces = pieces.into_iter().flat_map(|p| super::printf::put(p, &search, &piece)).collect();
                }
                (_, Piece::Value(node)) => self.texts.make(node, result, Made::INSIDE),
                _ => {}
            }
        }
        if known {
            self.text_of(result, pieces);
        }
    }
}
