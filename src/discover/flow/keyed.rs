//! Functions that take an element out of an array, or put one in, under a key that the caller names: `$input->int('domain_id')`, `pick($row, 'id')`.
//! Each caller means the element of the name that it says, and no other's caller does.

use super::build::Builder;
use super::calls::Callee;
use super::graph::Node;
use super::label::{Key, Path, Strength, Transfer, What};
use super::layer::Origin;
use super::library::{self, Passes};
use super::solve::Solver;
use crate::discover::program::{Fun, Name};
use crate::extension::php::ir::{ExprId, ExprKind, Function, Stmt, Sym};

/// A result is looked for among this many expressions.
const MAX_LEAVES: usize = 16;

/// What a function does under a key that it is told. Parameters go by their positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discover) struct Keyed {
    /// The parameter that is the key.
    key: usize,
    does: Does,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Does {
    /// It gives what is in these arrays, or else these parameters.
    Take { from: Vec<Array>, otherwise: Vec<usize> },
    /// It puts a parameter into an array.
    Put { value: usize, into: Node },
}

/// An array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Array {
    /// The same one, whoever calls.
    Held(Node),
    /// The one that a parameter is.
    Given(usize),
}

impl Keyed {
    /// The same with each node where it is in a larger graph.
    pub(super) fn moved(self, node: impl Fn(Node) -> Node) -> Keyed {
        let array = |array| if let Array::Held(held) = array { Array::Held(node(held)) } else { array };
        let does = match self.does {
            Does::Take { from, otherwise } => Does::Take { from: from.into_iter().map(array).collect(), otherwise },
            Does::Put { value, into } => Does::Put { value, into: node(into) },
        };
        Keyed { does, ..self }
    }
}

impl Builder<'_, '_> {
    /// Notes what the current function does under a key that it is told.
    pub(super) fn keyed(&mut self, fun: Fun, function: &Function) {
        if function.params.is_empty() {
            return;
        }
        let mut found: Vec<Keyed> = function.body.iter().filter_map(|statement| self.puts(function, *statement)).collect();
        found.extend(self.takes(function));
        if !found.is_empty() {
            self.keyed.insert(fun, found);
        }
    }

    /// The parameter that a variable is, all through the function.
    fn parameter(&self, function: &Function, variable: Sym) -> Option<usize> {
        let at = function.params.iter().position(|p| p.name == variable && !p.variadic)?;
        self.program.renewals_of(self.fun, variable).is_empty().then_some(at)
    }

    /// The parameter that an index is.
    fn told(&self, function: &Function, index: Option<ExprId>) -> Option<usize> {
        match self.kind(index?) {
            ExprKind::Variable(sym) => self.parameter(function, sym),
            _ => None,
        }
    }

    /// `$this->data[$key] = $value;`
    fn puts(&mut self, function: &Function, statement: Stmt) -> Option<Keyed> {
        let Stmt::Expr(expr) = statement else { return None };
        let ExprKind::Assign { target, value } = self.kind(expr) else { return None };
        let ExprKind::Index { array, index } = self.kind(target) else { return None };
        let key = self.told(function, index)?;
        let held = match self.kind(array) {
            ExprKind::Property { object, .. } => self.is_this(object),
            ExprKind::StaticProperty { .. } => true,
            _ => false,
        };
        let ExprKind::Variable(given) = self.kind(self.bare(value)) else { return None };
        let value = self.parameter(function, given).filter(|value| held && *value != key)?;
        Some(Keyed { key, does: Does::Put { value, into: self.node(array) } })
    }

    /// A value without casts and functions that give it as it is.
    fn bare(&self, expr: ExprId) -> ExprId {
        let mut bare = expr;
        for _ in 0..MAX_LEAVES {
            match self.kind(bare) {
                ExprKind::Cast { value, .. } => bare = value,
                ExprKind::Call { name, args } => {
                    let Some(Passes::Same(n)) = library::passes(self.text(name)) else { break };
                    let Some(arg) = self.program.scripts()[self.script as usize].args(args).get(n) else { break };
                    bare = arg.value;
                }
                _ => break,
            }
        }
        bare
    }

    /// `return (int) ($this->data[$key] ?? $default);`: nothing else comes back than elements under the key, parameters and constants.
    fn takes(&mut self, function: &Function) -> Option<Keyed> {
        let script = &self.program.scripts()[self.script as usize];
        let mut open: Vec<ExprId> =
            function.body.iter().filter_map(|s| if let Stmt::Return(expr) = s { Some(*expr) } else { None }).collect();
        let (mut keys, mut from, mut otherwise, mut seen) = (Vec::new(), Vec::new(), Vec::new(), 0);
        while let Some(expr) = open.pop() {
            seen += 1;
            let bare = self.bare(expr);
            match self.kind(bare) {
                _ if seen > MAX_LEAVES => return None,
                ExprKind::Choice(parts) => open.extend(script.list(parts)),
                ExprKind::Index { array, index } => {
                    keys.push(self.told(function, index)?);
                    from.push(match self.kind(array) {
                        ExprKind::Variable(sym) if let Some(at) = self.parameter(function, sym) => Array::Given(at),
                        _ => Array::Held(self.node(array)),
                    });
                }
                ExprKind::Variable(sym) => match self.parameter(function, sym) {
                    Some(at) => otherwise.push(at),
                    None => open.push(self.only_value(function, sym)?),
                },
                ExprKind::Text(_)
                | ExprKind::Integer(_)
                | ExprKind::Null
                | ExprKind::Constant(_)
                | ExprKind::ClassConstant { .. }
                | ExprKind::Other(_) => {}
                ExprKind::Array(elements) if script.elements(elements).is_empty() => {}
                _ => return None,
            }
        }
        let key = *keys.first()?;
        let same = keys.iter().all(|k| *k == key) && !otherwise.contains(&key);
        same.then_some(Keyed { key, does: Does::Take { from, otherwise } })
    }

    /// The value that a variable is given in the one statement that gives it one.
    fn only_value(&self, function: &Function, variable: Sym) -> Option<ExprId> {
        let mut given = function.body.iter().filter_map(|statement| match *statement {
            Stmt::Expr(expr) => match self.kind(expr) {
                ExprKind::Assign { target, value } if matches!(self.kind(target), ExprKind::Variable(sym) if sym == variable) => {
                    Some(value)
                }
                _ => None,
            },
            _ => None,
        });
        given.next().filter(|_| given.next().is_none())
    }
}

impl Solver<'_, '_> {
    /// Takes and puts what a call of `fun` names. Whether its result is what it names, and nothing else.
    pub(super) fn by_key(&mut self, number: u32, fun: Fun) -> bool {
        let Some(keyed) = self.keyed.get(&fun).cloned() else { return false };
        let mut taken = false;
        for Keyed { key, does } in keyed {
            let Some(key) = self.named_key(number, key) else { continue };
            let call = &self.calls[number as usize];
            let (result, argument) = (call.result, |at: usize| call.positional(at).filter(|arg| !arg.spread).map(|arg| arg.node));
            match does {
                Does::Put { value, into } => {
                    let Some(value) = argument(value) else { continue };
                    self.graph.set_site(Some(value));
                    self.connect(value, into, Transfer::Wrap(key));
                    self.graph.set_site(None);
                }
                Does::Take { from, otherwise } => {
                    let arrays: Vec<Node> = from
                        .iter()
                        .filter_map(|array| match array {
                            Array::Held(node) => Some(*node),
                            Array::Given(at) => argument(*at),
                        })
                        .collect();
                    let others: Vec<Node> = otherwise.iter().filter_map(|at| argument(*at)).collect();
                    arrays.into_iter().for_each(|array| self.connect(array, result, Transfer::Unwrap(key)));
                    others.into_iter().for_each(|other| self.connect(other, result, Transfer::Copy));
                    taken = true;
                }
            }
        }
        taken
    }

    /// As [`Solver::told_column`], for each table that the object works on as far as is known.
    pub(super) fn told_columns(&mut self, number: u32) {
        let Callee::Method(receiver, method) = self.calls[number as usize].callee else { return };
        let tables: Vec<Name> = self
            .labels(receiver)
            .filter_map(|(_, label)| match label.what {
                What::Table(table) if label.path.is_here() => Some(table),
                _ => None,
            })
            .collect();
        tables.into_iter().for_each(|table| self.call_table(number, table, method));
    }

    /// An object that works on a table is told a column and what goes there: `$query->value('owner', $id)`.
    pub(super) fn told_column(&mut self, number: u32, table: Name) {
        for fun in self.called(number) {
            for Keyed { key, does } in self.keyed.get(&fun).cloned().unwrap_or_default() {
                let (Does::Put { value, .. }, Some(column)) = (does, self.named_key(number, key).and_then(Key::name)) else { continue };
                let call = &self.calls[number as usize];
                let (site, Some(value)) = (call.result, call.positional(value).map(|arg| arg.node)) else { continue };
                let (table, column) = (self.program.text(table).to_owned(), self.program.text(column).to_lowercase());
                let to = self.table_column(&table, &column);
                self.graph.set_site(Some(site));
                self.connect(value, to, Transfer::Copy);
                self.graph.set_site(None);
            }
            if self.gives_itself(fun) {
                let result = self.calls[number as usize].result;
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
        }
    }

    /// Whether a method gives its object and nothing else.
    fn gives_itself(&self, fun: Fun) -> bool {
        let (script, function) = self.program.function(fun);
        let file = &self.program.scripts()[script as usize];
        let mut given =
            function.body.iter().filter_map(|s| if let Stmt::Return(expr) = s { Some(file.expr(*expr).kind) } else { None }).peekable();
        given.peek().is_some() && given.all(|kind| matches!(kind, ExprKind::Variable(this) if file.text(this) == "this"))
    }

    /// The key that an argument is, as it is written in the call.
    fn named_key(&self, number: u32, position: usize) -> Option<Key> {
        let call = &self.calls[number as usize];
        let arg = call.positional(position).filter(|arg| !arg.spread)?;
        let file = &self.program.scripts()[call.script as usize];
        let name = match file.expr(arg.expr).kind {
            ExprKind::Text(sym) => self.program.name(call.script, sym),
            ExprKind::ClassConstant { class, name } => {
                let within = self.program.class_at(call.script, file.expr(arg.expr).at.start);
                let text = self.program.constant_text(call.script, within, class, name, None)?;
                self.program.find(&text)?
            }
            _ => return None,
        };
        Some(self.program.text(name).parse().map_or_else(|_| Key::named(name), Key::item))
    }
}
