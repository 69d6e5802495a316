//! From the syntax of every function to nodes, edges and calls.

use std::ops::Range;

use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::{Argument, Call, Callee};
use super::classes::ClassRef;
use super::graph::{Graph, Node, Slot};
use super::handed::Handed;
use super::keyed::Keyed;
use super::label::{Key, Path, Strength, Transfer, What};
use super::layer::Origin;
use super::library;
use super::texts::{Piece, Texts};
use super::words::Builtin;
use crate::discover::program::{Cls, Fun, Name, Program};
use crate::extension::php::ir::{Bytes, Cast, ExprId, ExprKind, FunctionKind, Script, Slice, Stmt, Sym};
use crate::panel::Kind;
use crate::panel::catalogue;

/// Functions nested deeper than this are given up.
const MAX_NESTING: usize = 16;

/// A label that is known from the start.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Seed {
    pub(in crate::discover) node: Node,
    pub(in crate::discover) what: What,
    pub(in crate::discover) strength: Strength,
    pub(in crate::discover) path: Path,
    pub(in crate::discover) origin: Origin,
}

/// What building gives.
pub(in crate::discover) struct Built {
    pub(in crate::discover) graph: Graph,
    pub(in crate::discover) calls: Vec<Call>,
    pub(in crate::discover) seeds: Vec<Seed>,
    /// Columns of the panel's own tables that hold ids.
    pub(in crate::discover) panel_columns: Vec<(Node, Kind)>,
    pub(in crate::discover) texts: Texts,
    /// For each node that properties of are named, the properties and their expressions.
    pub(in crate::discover) properties: FxHashMap<Node, Vec<(Name, Node)>>,
    /// The same for elements that are taken out by name. Only where a class of the extension is used like an array.
    pub(in crate::discover) elements: FxHashMap<Node, Vec<(Name, Node)>>,
    /// For each node that arrays were copied into element by element, these arrays.
    pub(in crate::discover) filled: FxHashMap<Node, Vec<Node>>,
    /// For each array of functions that is gone through, the arrays which get what each gives, under the function's key.
    pub(in crate::discover) mapped: FxHashMap<Node, Vec<Node>>,
    /// What functions hand on of what they are given.
    pub(in crate::discover) handed: FxHashMap<Fun, Vec<Handed>>,
    /// What functions do under keys that they are told.
    pub(in crate::discover) keyed: FxHashMap<Fun, Vec<Keyed>>,
    /// What methods of backup hooks hand to the backup, and are handed back.
    pub(in crate::discover) payloads: Vec<Payload>,
    /// What is compared with what.
    pub(in crate::discover) compared: Vec<Compared>,
}

/// A value that is compared with what another holds: an id on one side makes an id of the other.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Compared {
    /// The value whose labels count.
    pub(in crate::discover) known: Node,
    /// The other one.
    pub(in crate::discover) with: Node,
    /// Where in the other.
    pub(in crate::discover) path: Path,
    /// The comparison.
    pub(in crate::discover) site: Node,
}

/// What a backup hook keeps, or gets back.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Payload {
    /// The class.
    pub(in crate::discover) hook: Name,
    /// What the method gives, or the parameter.
    pub(in crate::discover) node: Node,
    /// The element of it that is the payload.
    pub(in crate::discover) item: Option<usize>,
    /// Whether it is written.
    pub(in crate::discover) kept: bool,
}

/// Makes the graph.
pub(in crate::discover) struct Builder<'p, 'a> {
    pub(in crate::discover) program: &'p mut Program<'a>,
    pub(in crate::discover) graph: Graph,
    pub(in crate::discover) calls: Vec<Call>,
    pub(super) seeds: Vec<Seed>,
    panel_columns: Vec<(Node, Kind)>,
    pub(super) texts: Texts,
    pub(super) properties: FxHashMap<Node, Vec<(Name, Node)>>,
    pub(super) elements: FxHashMap<Node, Vec<(Name, Node)>>,
    pub(super) filled: FxHashMap<Node, Vec<Node>>,
    pub(super) mapped: FxHashMap<Node, Vec<Node>>,
    pub(super) handed: FxHashMap<Fun, Vec<Handed>>,
    pub(super) keyed: FxHashMap<Fun, Vec<Keyed>>,
    pub(super) payloads: Vec<Payload>,
    pub(super) compared: Vec<Compared>,
    /// Whether a class of the extension is used like an array.
    pub(super) has_array_access: bool,
    /// The variable with an event's object in the current function, and the names that it goes by in its parts.
    pub(super) split: Option<(Name, Vec<(Bytes, Name)>)>,
    /// The class that declares a property or constant, for the classes that inherit it.
    pub(super) owners: FxHashMap<(Cls, Name, bool), Cls>,
    /// What the names mean that doc comments spell.
    pub(super) documented: FxHashMap<String, Option<What>>,
    /// What the names mean that functions are called by.
    pub(super) builtins: FxHashMap<Name, Option<Builtin>>,
    pub(super) this: Name,
    pub(super) script: u32,
    pub(super) fun: Fun,
    pub(super) class: Option<Cls>,
    /// The keys, the elements and the arrays of the loops in the current function.
    pub(super) walks: Vec<(Sym, Sym, Node)>,
    /// The elements and the arrays of all of its loops.
    pub(super) fields: Vec<(Sym, Node)>,
    /// The variables that a function gives values; found when they are first asked for.
    pub(super) assigned: Option<(Fun, FxHashSet<Sym>)>,
    /// Expressions of the current function that were not looked at yet.
    pub(super) work: Vec<ExprId>,
}

impl<'p, 'a> Builder<'p, 'a> {
    /// Has nodes for the expressions of some scripts, and nothing else yet.
    pub(super) fn new(program: &'p mut Program<'a>, scripts: Range<usize>) -> Builder<'p, 'a> {
        let first_script = u32::try_from(scripts.start).expect("fewer than 2³² scripts");
        let first_fun = program.functions_of(scripts.clone()).next().unwrap_or(Fun(0));
        let graph = Graph::new(first_script, first_fun, program.scripts()[scripts].iter().map(|s| s.exprs.len()));
        let this = program.intern("this");
        let mut builder = Builder {
            program,
            graph,
            calls: Vec::new(),
            seeds: Vec::new(),
            panel_columns: Vec::new(),
            texts: Texts::default(),
            properties: FxHashMap::default(),
            elements: FxHashMap::default(),
            filled: FxHashMap::default(),
            mapped: FxHashMap::default(),
            handed: FxHashMap::default(),
            keyed: FxHashMap::default(),
            payloads: Vec::new(),
            compared: Vec::new(),
            has_array_access: false,
            split: None,
            owners: FxHashMap::default(),
            documented: FxHashMap::default(),
            builtins: FxHashMap::default(),
            this,
            script: 0,
            fun: Fun(0),
            class: None,
            walks: Vec::new(),
            fields: Vec::new(),
            assigned: None,
            work: Vec::new(),
        };
        builder.has_array_access = builder.program.find("offsetget").is_some() || builder.program.find("offsetGet").is_some();
        builder
    }

    /// Looks at the code of some scripts.
    pub(super) fn scripts(&mut self, scripts: Range<usize>) {
        self.members(scripts.clone());
        for fun in self.program.functions_of(scripts) {
            self.function(fun);
        }
    }

    /// What was built.
    pub(in crate::discover) fn finish(self) -> Built {
        Built {
            graph: self.graph,
            calls: self.calls,
            seeds: self.seeds,
            panel_columns: self.panel_columns,
            texts: self.texts,
            properties: self.properties,
            elements: self.elements,
            filled: self.filled,
            mapped: self.mapped,
            handed: self.handed,
            keyed: self.keyed,
            payloads: self.payloads,
            compared: self.compared,
        }
    }

    /// The node that holds the value of an expression of `fun`.
    pub(in crate::discover) fn resolve(&mut self, script: u32, fun: Fun, expr: ExprId) -> Node {
        self.script = script;
        self.fun = fun;
        self.class = self.class_of(fun);
        self.split = None;
        self.node(expr)
    }

    /// `node` is a column of one of the panel's own tables.
    pub(in crate::discover) fn panel_column(&mut self, node: Node, kind: Kind) {
        if !self.panel_columns.contains(&(node, kind)) {
            self.panel_columns.push((node, kind));
        }
    }

    pub(super) fn kind(&self, expr: ExprId) -> ExprKind {
        self.program.scripts()[self.script as usize].expr(expr).kind
    }

    /// Where an expression stands.
    pub(super) fn place(&self, expr: ExprId) -> Bytes {
        self.program.scripts()[self.script as usize].expr(expr).at
    }

    pub(super) fn text(&self, sym: Sym) -> &'a str {
        self.program.scripts()[self.script as usize].text(sym)
    }

    pub(super) fn name(&self, sym: Sym) -> Name {
        self.program.name(self.script, sym)
    }

    pub(super) fn folded(&mut self, sym: Sym) -> Name {
        let name = self.name(sym);
        self.program.fold(name)
    }

    pub(super) fn copy(&mut self, from: Node, to: Node) {
        self.graph.connect(from, to, Transfer::Copy);
    }

    fn function(&mut self, fun: Fun) {
        let (script, function) = self.program.function(fun);
        self.script = script;
        self.fun = fun;
        self.class = self.class_of(fun);
        if let Some(cls) = self.class {
            let node = self.variable(self.this);
            self.seeds.push(Seed { node, what: What::Own(cls), strength: Strength::Shown, path: Path::HERE, origin: Origin::Declared });
        }
        let result = self.graph.slot(Slot::Result(fun));
        self.types(result, &function.result);
        self.documented_function(function, result);
        for param in &function.params {
            let node = self.variable(self.name(param.name));
            self.types(node, &param.types);
            if let Some(default) = param.default {
                self.visit(default);
                let default = self.node(default);
                self.copy(default, node);
            }
            if let (true, Some(cls)) = (param.promoted, self.class) {
                let property = self.member(cls, self.name(param.name), false);
                self.copy(node, property);
            }
        }
        self.walks.clear();
        self.fields.clear();
        self.split = None;
        self.event(function);
        self.handler(function);
        self.hook(function, result);
        self.renewals(fun);
        for statement in &function.body {
            self.statement(*statement, result);
        }
        self.keyed(fun, function);
        self.handed(fun, function, result);
    }

    /// The class whose `$this` a function sees: its own, or that of the method a closure stands in.
    pub(in crate::discover) fn class_of(&self, fun: Fun) -> Option<Cls> {
        let mut at = fun;
        for _ in 0..MAX_NESTING {
            let (script, function) = self.program.function(at);
            if let Some(class) = function.class {
                return Some(self.program.cls(script, class));
            }
            at = self.program.fun(script, function.outer?);
        }
        None
    }

    fn statement(&mut self, statement: Stmt, result: Node) {
        match statement {
            Stmt::Expr(expr) => match self.kind(expr) {
                // The value of an assignment that is a statement goes nowhere.
                ExprKind::Assign { target, value } => {
                    self.assignment(target, value);
                    self.visit_work();
                }
                _ => self.visit(expr),
            },
            Stmt::Return(expr) => {
                self.visit(expr);
                let node = self.node(expr);
                self.copy(node, result);
            }
            Stmt::Yield { key, value } => {
                self.visit(value);
                let from = self.node(value);
                self.graph.connect(from, result, Transfer::Wrap(Key::ANY));
                if let Some(key) = key {
                    self.visit(key);
                    self.index_edge(key, result);
                }
            }
            Stmt::Foreach { subject, key, value } => {
                self.visit(subject);
                let from = self.node(subject);
                self.assign(value, from, Transfer::Unwrap(Key::ANY), 0);
                if let ExprKind::Variable(value) = self.kind(value) {
                    self.fields.push((value, from));
                }
                if let Some(key) = key {
                    self.assign(key, from, Transfer::Unwrap(Key::KEYS), 0);
                    if let (ExprKind::Variable(key), ExprKind::Variable(value)) = (self.kind(key), self.kind(value)) {
                        self.walks.push((key, value, from));
                    }
                }
                // What the targets are made of belongs to this function.
                self.visit_work();
            }
            Stmt::StaticVariable { name, default } => {
                if let Some(default) = default {
                    self.visit(default);
                    let (from, to) = (self.node(default), self.variable(self.name(name)));
                    self.copy(from, to);
                }
            }
            // Whose variable that is, the files tell that include one another.
            Stmt::Global(_) => {}
            Stmt::Constant { name, value } => {
                self.visit(value);
                let (from, to) = (self.node(value), self.graph.slot(Slot::Global(self.program.name(self.script, name))));
                self.copy(from, to);
            }
        }
    }

    /// A variable of the current function; in an arrow function, of the function around it unless it is a parameter.
    pub(super) fn variable(&mut self, name: Name) -> Node {
        let fun = self.owner(name);
        self.graph.slot(Slot::Variable(fun, name))
    }

    /// A variable where it stands: between two statements that give it other values it is one of its own.
    pub(super) fn variable_at(&mut self, sym: Sym, at: u32) -> Node {
        let name = self.name(sym);
        if let Some(part) = self.split_name(name, at) {
            return self.variable(part);
        }
        let fun = self.owner(name);
        let renewals = self.program.renewals_of(fun, sym);
        let name = match Script::renewed(renewals, at) {
            None => name,
            Some(number) if renewals[number].is_alone_at(at) => self.program.renewed_alone(name, number),
            Some(number) => self.program.renewed(name, number),
        };
        self.graph.slot(Slot::Variable(fun, name))
    }

    /// A variable of the current function after each of its renewals.
    pub(super) fn renewed(&mut self, script: &Script, name: Name) -> Vec<Node> {
        let (_, function) = self.program.function_number(self.fun);
        let from = script.renewals.partition_point(|r| r.function < function);
        let of = script.renewals[from..].iter().take_while(|r| r.function == function).filter(|r| self.name(r.variable) == name);
        let places: Vec<(Sym, u32)> = of.map(|r| (r.variable, r.target)).collect();
        places.into_iter().map(|(variable, at)| self.variable_at(variable, at)).collect()
    }

    /// What a variable is given in a branch or in a loop, it may have afterwards.
    fn renewals(&mut self, fun: Fun) {
        let (number, function) = self.program.function_number(fun);
        let script = &self.program.scripts()[number as usize];
        let from = script.renewals.partition_point(|r| r.function < function);
        let of_function = &script.renewals[from..];
        let of_function = &of_function[..of_function.partition_point(|r| r.function == function)];
        for of_variable in of_function.chunk_by(|a, b| a.variable == b.variable) {
            let name = self.name(of_variable[0].variable);
            for (number, renewal) in of_variable.iter().enumerate().filter(|(_, r)| r.nested || r.is_alone_at(r.target)) {
                let name_after = self.program.renewed(name, number);
                let after = self.graph.slot(Slot::Variable(fun, name_after));
                if renewal.is_alone_at(renewal.target) {
                    let name_alone = self.program.renewed_alone(name, number);
                    let alone = self.graph.slot(Slot::Variable(fun, name_alone));
                    self.copy(alone, after);
                }
                if renewal.nested {
                    let name_around = renewal.around.map_or(name, |around| self.program.renewed(name, around as usize));
                    let around = self.graph.slot(Slot::Variable(fun, name_around));
                    self.copy(after, around);
                }
            }
        }
    }

    /// The function that a variable of the current function belongs to.
    fn owner(&self, name: Name) -> Fun {
        let mut fun = self.fun;
        for _ in 0..MAX_NESTING {
            let (script, function) = self.program.function(fun);
            let own = || function.params.iter().any(|p| self.program.name(script, p.name) == name);
            match function.outer {
                Some(outer) if function.kind == FunctionKind::Arrow && !own() => fun = self.program.fun(script, outer),
                Some(outer) if name == self.this => fun = self.program.fun(script, outer),
                _ => break,
            }
        }
        fun
    }

    /// The node that holds the value of `expr`.
    pub(super) fn node(&mut self, expr: ExprId) -> Node {
        match self.kind(expr) {
            ExprKind::Variable(sym) => self.variable_at(sym, self.place(expr).start),
            ExprKind::Property { object, name } if self.is_this(object) => match self.class {
                Some(cls) => self.member(cls, self.name(name), false),
                None => self.graph.expr(self.script, expr),
            },
            ExprKind::StaticProperty { class, name } => match self.class_ref(class) {
                Some(ClassRef::Own(cls)) => self.member(cls, self.name(name), false),
                _ => self.graph.expr(self.script, expr),
            },
            ExprKind::ClassConstant { class, name } => match self.class_ref(class) {
                Some(ClassRef::Own(cls)) => self.member(cls, self.name(name), true),
                _ => self.graph.expr(self.script, expr),
            },
            // A constant of PHP's own, such as `true`, is no place that the extension puts values into.
            ExprKind::Constant(name) if self.program.is_constant(self.name(name)) => self.graph.slot(Slot::Global(self.name(name))),
            _ => self.graph.expr(self.script, expr),
        }
    }

    pub(super) fn is_this(&self, expr: ExprId) -> bool {
        matches!(self.kind(expr), ExprKind::Variable(sym) if self.name(sym) == self.this)
    }

    /// Looks at `expr` and everything inside it, without recursion: code may be nested as deep as it likes.
    pub(super) fn visit(&mut self, expr: ExprId) {
        self.work.push(expr);
        self.visit_work();
    }

    fn visit_work(&mut self) {
        while let Some(expr) = self.work.pop() {
            self.expression(expr);
        }
    }

    fn expression(&mut self, expr: ExprId) {
        let script = &self.program.scripts()[self.script as usize];
        match self.kind(expr) {
            ExprKind::Text(_)
            | ExprKind::Integer(_)
            | ExprKind::Null
            | ExprKind::Constant(_)
            | ExprKind::Variable(_)
            | ExprKind::StaticProperty { .. }
            | ExprKind::ClassConstant { .. } => {}
            ExprKind::Property { object, name } => {
                if !self.is_this(object) {
                    self.work.push(object);
                    let (from, to) = (self.node(object), self.graph.expr(self.script, expr));
                    let name = self.name(name);
                    self.graph.connect(from, to, Transfer::Unwrap(Key::named(name)));
                    if self.program.text(name) == "value" && matches!(self.kind(object), ExprKind::ClassConstant { .. }) {
                        self.copy(from, to);
                    }
                    self.properties.entry(from).or_default().push((name, to));
                }
            }
            ExprKind::Index { array, index } => {
                self.work.push(array);
                let (from, to) = (self.node(array), self.graph.expr(self.script, expr));
                let key = self.key(index);
                self.graph.connect(from, to, Transfer::Unwrap(key));
                if let (true, Some(name)) = (self.has_array_access, key.name()) {
                    self.elements.entry(from).or_default().push((name, to));
                }
                if let (ExprKind::Variable(request), Some(ExprKind::Text(word))) = (self.kind(array), index.map(|i| self.kind(i)))
                    && library::is_request(self.text(request))
                    && !self.program.is_remote_word_in_code(self.text(word))
                    && (self.text(request) != "_POST" || !catalogue::is_ambiguous(self.text(word)))
                {
                    self.hint(to, catalogue::parameters(self.text(word)));
                }
                if let Some(index) = index {
                    self.work.push(index);
                    if !matches!(self.kind(index), ExprKind::Text(_) | ExprKind::Integer(_)) && !self.is_superglobal(array) {
                        let known = self.node(index);
                        self.compared.push(Compared { known, with: from, path: Path::of(Key::KEYS), site: to });
                    }
                }
            }
            ExprKind::Call { name, args } => self.function_call(expr, name, args),
            ExprKind::CallValue { callee, args } => {
                let callee = match self.kind(callee) {
                    ExprKind::Other(parts) => match *script.list(parts) {
                        [object, name] => {
                            self.work.extend([object, name]);
                            Callee::Dynamic(self.node(object), self.node(name))
                        }
                        [class] => {
                            self.work.push(class);
                            Callee::NewValue(self.node(class))
                        }
                        _ => return self.operands(args),
                    },
                    _ => {
                        self.work.push(callee);
                        Callee::Value(self.node(callee))
                    }
                };
                self.call(expr, callee, args);
            }
            ExprKind::Method { object, name, args } => {
                self.work.push(object);
                let callee = Callee::Method(self.node(object), self.folded(name));
                self.call(expr, callee, args);
            }
            ExprKind::Static { class, name, args } => {
                let name = self.folded(name);
                let callee = match self.class_ref(class) {
                    Some(ClassRef::Own(cls)) => Callee::OwnStatic(cls, name),
                    Some(ClassRef::Outside(class)) => Callee::OutsideStatic(class, name),
                    None => return self.operands(args),
                };
                self.call(expr, callee, args);
            }
            ExprKind::New { class, args } => {
                let callee = match self.class_ref(class) {
                    Some(ClassRef::Own(cls)) => Callee::OwnNew(cls),
                    Some(ClassRef::Outside(class)) => Callee::OutsideNew(class),
                    None => return self.operands(args),
                };
                self.call(expr, callee, args);
            }
            ExprKind::Other(list) => self.work.extend_from_slice(script.list(list)),
            ExprKind::Concat(list) => {
                self.work.extend_from_slice(script.list(list));
                let whole = self.graph.expr(self.script, expr);
                let pieces = script.list(list).iter().map(|part| self.piece(*part)).collect();
                self.text_of(whole, pieces);
                self.fields_in(whole, script.list(list).iter().copied());
            }
            ExprKind::Choice(list) => {
                let to = self.graph.expr(self.script, expr);
                for branch in script.list(list) {
                    self.work.push(*branch);
                    let from = self.node(*branch);
                    self.copy(from, to);
                }
            }
            ExprKind::Array(elements) => self.array(expr, elements),
            ExprKind::Assign { target, value } => {
                let from = self.assignment(target, value);
                let to = self.graph.expr(self.script, expr);
                self.copy(from, to);
            }
            ExprKind::Append { target, value } => {
                self.work.push(value);
                let before = self.node(target);
                let whole = self.graph.expr(self.script, expr);
                let pieces = vec![Piece::Value(before), self.piece(value)];
                self.text_of(whole, pieces);
                self.fields_in(whole, std::iter::once(value));
                self.assign(target, whole, Transfer::Copy, 0);
            }
            ExprKind::Cast { to, value } => {
                self.work.push(value);
                if to != Cast::Lossy {
                    let (from, result) = (self.node(value), self.graph.expr(self.script, expr));
                    self.copy(from, result);
                    if to == Cast::String {
                        self.texts.spelled.entry(from).or_default().push(result);
                    }
                }
            }
            ExprKind::Equal { left, right } => {
                self.work.extend([left, right]);
                let constant =
                    |b: &Self, e| matches!(b.kind(e), ExprKind::Text(_) | ExprKind::Integer(_) | ExprKind::Null | ExprKind::Constant(_));
                if !constant(self, left) && !constant(self, right) {
                    let (a, b) = (self.node(left), self.node(right));
                    let site = self.graph.expr(self.script, expr);
                    self.compared.push(Compared { known: a, with: b, path: Path::HERE, site });
                    self.compared.push(Compared { known: b, with: a, path: Path::HERE, site });
                }
            }
            ExprKind::InstanceOf { value, class } => {
                self.work.push(value);
                let node = self.node(value);
                self.types(node, &[class]);
            }
            ExprKind::Closure(function) => {
                let closure = self.program.fun(self.script, function);
                let node = self.graph.expr(self.script, expr);
                let at = self.place(expr).start;
                self.seeds.push(Seed {
                    node,
                    what: What::Closure(closure),
                    strength: Strength::Shown,
                    path: Path::HERE,
                    origin: Origin::Declared,
                });
                for used in &script.function(function).uses {
                    let name = self.name(*used);
                    let (outer, inner) = (self.variable_at(*used, at), self.graph.slot(Slot::Variable(closure, name)));
                    self.copy(outer, inner);
                    self.copy(inner, outer);
                }
            }
        }
    }

    /// `$target = $value`; gives the node of the value.
    fn assignment(&mut self, target: ExprId, value: ExprId) -> Node {
        self.work.push(value);
        let from = self.node(value);
        self.assign(target, from, Transfer::Copy, 0);
        self.copied_whole(target, value);
        from
    }

    fn operands(&mut self, args: Slice) {
        let script = &self.program.scripts()[self.script as usize];
        self.work.extend(script.args(args).iter().map(|a| a.value));
    }

    pub(super) fn call(&mut self, expr: ExprId, callee: Callee, args: Slice) {
        let script = &self.program.scripts()[self.script as usize];
        let mut arguments = Vec::with_capacity((args.end - args.start) as usize);
        for arg in script.args(args) {
            self.work.push(arg.value);
            let name = arg.name.map(|n| self.name(n));
            arguments.push(Argument { name, node: self.node(arg.value), expr: arg.value, spread: arg.spread });
        }
        let result = self.graph.expr(self.script, expr);
        self.calls.push(Call { script: self.script, within: self.fun, expr, callee, args: arguments, result });
    }
}
