//! From the syntax of every function to nodes, edges and calls.

use rustc_hash::{FxHashMap, FxHashSet};

use super::calls::{Argument, Call, Callee};
use super::graph::{Graph, Node, Slot};
use super::label::{Key, Path, Strength, Transfer, What};
use super::layer::Origin;
use super::library;
use crate::discover::names;
use crate::discover::program::{Cls, Fun, Name, Program};
use crate::extension::php::ir::{Bytes, Cast, ExprId, ExprKind, Function, FunctionKind, Slice, Stmt, Sym};
use crate::panel::Kind;
use crate::panel::catalogue::{self, Strength as Hint};

/// Destructurings nested deeper than this are given up.
const MAX_DESTRUCTURING: usize = 16;

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

/// How texts are put together.
#[derive(Default)]
pub(in crate::discover) struct Texts {
    /// What a concatenation is made of.
    pub(in crate::discover) pieces: FxHashMap<Node, Vec<Piece>>,
    /// The concatenations that a value is a part of.
    pub(in crate::discover) inside: FxHashMap<Node, Vec<Node>>,
    /// The hashes that are made of a value.
    pub(in crate::discover) hashed: FxHashMap<Node, Vec<Node>>,
    /// The encrypted texts that are made of a value; found while solving.
    pub(in crate::discover) encrypted: FxHashMap<Node, Vec<Node>>,
    /// Expressions whose text is made of a value's and is not the same.
    pub(in crate::discover) altered: FxHashSet<Node>,
    /// Texts that are PHP's spelling of a value, to be read back: what stands in one stands in a longer text around it at the same path.
    pub(in crate::discover) exported: FxHashSet<Node>,
    /// Values that nobody can know: random numbers, the time.
    pub(in crate::discover) random: FxHashSet<Node>,
    /// The expressions that make a text of a value as it is: `(string) $value`.
    pub(in crate::discover) spelled: FxHashMap<Node, Vec<Node>>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discover) enum Piece {
    /// Written in the code.
    Text(String),
    /// The text of a value.
    Value(Node),
}

/// Makes the graph.
pub(in crate::discover) struct Builder<'p, 'a> {
    pub(in crate::discover) program: &'p mut Program<'a>,
    pub(in crate::discover) graph: Graph,
    pub(super) calls: Vec<Call>,
    pub(super) seeds: Vec<Seed>,
    panel_columns: Vec<(Node, Kind)>,
    pub(super) texts: Texts,
    properties: FxHashMap<Node, Vec<(Name, Node)>>,
    elements: FxHashMap<Node, Vec<(Name, Node)>>,
    payloads: Vec<Payload>,
    pub(super) compared: Vec<Compared>,
    /// The constants that the extension defines outside of classes.
    constants: FxHashSet<Name>,
    /// Whether a class of the extension is used like an array.
    has_array_access: bool,
    /// The variable with an event's object in the current function, and the names that it goes by in its parts.
    split: Option<(Name, Vec<(Bytes, Name)>)>,
    /// The class that declares a property or constant, for the classes that inherit it.
    owners: FxHashMap<(Cls, Name, bool), Cls>,
    this: Name,
    pub(super) script: u32,
    pub(super) fun: Fun,
    pub(super) class: Option<Cls>,
    /// Expressions of the current function that were not looked at yet.
    work: Vec<ExprId>,
}

impl<'p, 'a> Builder<'p, 'a> {
    /// Builds the graph of a whole program.
    pub(in crate::discover) fn new(program: &'p mut Program<'a>) -> Builder<'p, 'a> {
        let graph = Graph::new(program.scripts().iter().map(|s| s.exprs.len()));
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
            payloads: Vec::new(),
            compared: Vec::new(),
            constants: FxHashSet::default(),
            has_array_access: false,
            split: None,
            owners: FxHashMap::default(),
            this,
            script: 0,
            fun: Fun(0),
            class: None,
            work: Vec::new(),
        };
        builder.has_array_access = builder.program.find("offsetget").is_some() || builder.program.find("offsetGet").is_some();
        builder.constants = builder.program.constants();
        builder.members();
        for fun in builder.program.functions() {
            builder.function(fun);
        }
        builder.hints();
        builder
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

    /// Variables and properties that are called like an id.
    fn hints(&mut self) {
        let named: Vec<(Node, Name)> = self
            .graph
            .slots()
            .filter_map(|(node, slot)| match slot {
                Slot::Variable(_, name) | Slot::Property(_, name) => Some((node, name)),
                _ => None,
            })
            .collect();
        for (node, name) in named {
            if let Some((kinds, Hint::Strong)) = names::id_kinds(self.program.text(name))
                && !self.program.is_remote_word(self.program.text(name))
                && !self.is_remote_result(node)
            {
                self.hint(node, &kinds);
            }
        }
    }

    /// Whether a variable holds what a remote service's client gave: `$clientId = $whmcs->client($mail)`.
    fn is_remote_result(&self, node: Node) -> bool {
        self.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy).any(|edge| {
            let Some((script, expr)) = self.graph.as_expr(edge.from) else { return false };
            let script = &self.program.scripts()[script as usize];
            let receiver = match script.expr(expr).kind {
                ExprKind::Method { object, .. } => match script.expr(object).kind {
                    ExprKind::Variable(name) | ExprKind::Property { name, .. } => name,
                    ExprKind::New { class, .. } => class,
                    _ => return false,
                },
                ExprKind::Static { class, .. } => class,
                _ => return false,
            };
            catalogue::remote_word(script.text(receiver)).is_some()
        })
    }

    fn hint(&mut self, node: Node, kinds: &[Kind]) {
        let seed = |kind: &Kind| Seed { node, what: What::Id(*kind), strength: Strength::Hinted, path: Path::HERE, origin: Origin::Named };
        self.seeds.extend(kinds.iter().map(seed));
    }

    /// Constants and properties of all classes.
    fn members(&mut self) {
        for script in 0..self.program.scripts().len() {
            self.script = u32::try_from(script).expect("fewer than 2³² scripts");
            let file = &self.program.scripts()[script];
            for number in 0..file.classes.len() {
                let id = crate::extension::php::ir::ClassId(u32::try_from(number).expect("fewer than 2³² classes"));
                let cls = self.program.cls(self.script, id);
                self.class = Some(cls);
                self.fun = self.program.fun(self.script, crate::extension::php::ir::FunctionId(0));
                let class = file.class(id);
                self.documented_properties(file, class, cls);
                for (members, constant) in [(&class.constants, true), (&class.properties, false)] {
                    for member in members {
                        let node = self.member(cls, self.name(member.name), constant);
                        self.types(node, &member.types);
                        self.documented_member(file, class, member, node);
                        if constant && class.is_enum {
                            let what = What::Own(cls);
                            self.seeds.push(Seed { node, what, strength: Strength::Shown, path: Path::HERE, origin: Origin::Declared });
                            let value = self.program.intern("value");
                            let value = self.member(cls, value, false);
                            self.copy(node, value);
                        }
                        if let Some(value) = member.value {
                            self.visit(value);
                            let value = self.node(value);
                            self.copy(value, node);
                        }
                    }
                }
            }
        }
    }

    /// The node of a property or constant: that of the class highest up that declares it.
    pub(super) fn member(&mut self, cls: Cls, name: Name, constant: bool) -> Node {
        let owner = match self.owners.get(&(cls, name, constant)) {
            Some(owner) => *owner,
            None => {
                let owner = self.program.declarer(cls, name, constant);
                self.owners.insert((cls, name, constant), owner);
                owner
            }
        };
        self.graph.slot(if constant { Slot::Constant(owner, name) } else { Slot::Property(owner, name) })
    }

    /// Labels a node with the classes it is declared to hold.
    pub(super) fn types(&mut self, node: Node, types: &[Sym]) {
        for sym in types {
            if let Some(what) = self.class_label(*sym) {
                self.seeds.push(Seed { node, what, strength: Strength::Shown, path: Path::HERE, origin: Origin::Declared });
            }
        }
    }

    /// The label of an object of the class that `sym` names.
    pub(super) fn class_label(&mut self, sym: Sym) -> Option<What> {
        match self.class_ref(sym)? {
            ClassRef::Own(cls) => Some(What::Own(cls)),
            ClassRef::Outside(name) => Some(What::Panel(name)),
        }
    }

    fn class_ref(&mut self, sym: Sym) -> Option<ClassRef> {
        let text = self.text(sym);
        if text.eq_ignore_ascii_case("self") || text.eq_ignore_ascii_case("static") {
            return self.class.map(ClassRef::Own);
        }
        if text.eq_ignore_ascii_case("parent") {
            let cls = self.class?;
            let (script, class) = self.program.class(cls);
            let parent = self.program.scripts()[script as usize].text(class.parent?);
            return Some(match self.program.class_named(parent) {
                Some(cls) => ClassRef::Own(cls),
                None => ClassRef::Outside(self.program.intern(&parent.to_ascii_lowercase())),
            });
        }
        let folded = self.folded(sym);
        Some(match self.program.class_of_name(folded) {
            Some(cls) => ClassRef::Own(cls),
            None => ClassRef::Outside(folded),
        })
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
        self.split = None;
        self.event(function);
        self.backup_hook(function, result);
        for statement in &function.body {
            self.statement(*statement, result);
        }
    }

    /// The method that the panel calls on every event is given an id. Its kinds are those of the actions that the listener's class names.
    fn event(&mut self, function: &Function) {
        let (Some(facts), Some(cls)) = (&catalogue::get().shared.event_listener, self.class) else { return };
        let (script, class) = self.program.class(cls);
        let file = &self.program.scripts()[script as usize];
        let listens = class.interfaces.iter().any(|i| file.text(*i).eq_ignore_ascii_case(&facts.interface));
        if !listens || !self.text(function.name).eq_ignore_ascii_case(&facts.method) {
            return;
        }
        let Some(param) = function.params.get(facts.object_id) else { return };
        let node = self.variable(self.name(param.name));
        let within = |at: Bytes| class.at.start <= at.start && at.end <= class.at.end;
        let mut kinds: Vec<Kind> = file
            .exprs
            .iter()
            .filter(|e| within(e.at))
            .filter_map(|e| if let ExprKind::Text(sym) = e.kind { catalogue::event_action(file.text(sym)) } else { None })
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        self.seed_event(node, kinds);
        let name = |position: usize| function.params.get(position).map(|p| self.program.name(script, p.name));
        let (Some(id), types, actions) = (name(facts.object_id), name(facts.object_type), name(facts.action)) else { return };
        let mut parts = Vec::new();
        for guard in file.guards.iter().filter(|g| function.at.start <= g.at.start && g.at.start < function.at.end) {
            let variable = Some(self.program.name(script, guard.variable));
            let texts = guard.texts.iter().map(|t| file.text(*t));
            let mut kinds: Vec<Kind> = if variable == actions {
                texts.filter_map(catalogue::event_action).collect()
            } else if variable == types {
                texts.filter_map(catalogue::event_object).collect()
            } else {
                continue;
            };
            kinds.sort_unstable();
            kinds.dedup();
            let called: Vec<&str> = kinds.iter().map(|k| k.name()).collect();
            let part = self.program.intern(&format!("{}:{}", self.program.text(id), called.join("|")));
            let node = self.graph.slot(Slot::Variable(self.fun, part));
            self.seed_event(node, kinds);
            let at = Bytes { start: guard.at.start, end: guard.at.end.min(function.at.end) };
            parts.push((at, part));
        }
        self.split = Some((id, parts));
    }

    fn seed_event(&mut self, node: Node, kinds: Vec<Kind>) {
        let seed = |kind| Seed { node, what: What::Id(kind), strength: Strength::Shown, path: Path::HERE, origin: Origin::Event };
        self.seeds.extend(kinds.into_iter().map(seed));
    }

    /// What a method of a backup hook is given and gives.
    fn backup_hook(&mut self, function: &Function, result: Node) {
        let Some(cls) = self.class else { return };
        let Some(parent) = self.program.outside_parent(cls) else { return };
        let method = self.text(function.name);
        let hooks = catalogue::get().shared.hook.iter();
        for facts in hooks.filter(|h| h.class.eq_ignore_ascii_case(parent) && h.method.eq_ignore_ascii_case(method)) {
            let (script, class) = self.program.class(cls);
            let hook = self.program.name(script, class.name);
            for (position, given) in &facts.given {
                let Some(param) = position.parse().ok().and_then(|p: usize| function.params.get(p)) else { continue };
                let node = self.variable(self.name(param.name));
                let what = What::Panel(self.program.intern(&given.to_ascii_lowercase()));
                self.seeds.push(Seed { node, what, strength: Strength::Shown, path: Path::HERE, origin: Origin::Declared });
            }
            if facts.keeps {
                self.payloads.push(Payload { hook, node: result, item: facts.item, kept: true });
            }
            if let Some(param) = facts.fetches.and_then(|p| function.params.get(p)) {
                let node = self.variable(self.name(param.name));
                self.payloads.push(Payload { hook, node, item: None, kept: false });
            }
        }
    }

    /// The class whose `$this` a function sees: its own, or that of the method a closure stands in.
    fn class_of(&self, fun: Fun) -> Option<Cls> {
        let mut at = fun;
        for _ in 0..MAX_DESTRUCTURING {
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
            Stmt::Expr(expr) => self.visit(expr),
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
                if let Some(key) = key {
                    self.assign(key, from, Transfer::Unwrap(Key::KEYS), 0);
                }
                // What the targets are made of belongs to this function.
                while let Some(left) = self.work.pop() {
                    self.visit(left);
                }
            }
            Stmt::StaticVariable { name, default } => {
                if let Some(default) = default {
                    self.visit(default);
                    let (from, to) = (self.node(default), self.variable(self.name(name)));
                    self.copy(from, to);
                }
            }
            Stmt::Global(name) => {
                let name = self.name(name);
                let (local, global) = (self.variable(name), self.graph.slot(Slot::Global(name)));
                self.copy(local, global);
                self.copy(global, local);
            }
            Stmt::Constant { name, value } => {
                self.visit(value);
                let (from, to) = (self.node(value), self.graph.slot(Slot::Global(self.program.name(self.script, name))));
                self.copy(from, to);
            }
        }
    }

    /// A variable of the current function; in an arrow function, of the function around it unless it is a parameter.
    pub(super) fn variable(&mut self, name: Name) -> Node {
        let mut fun = self.fun;
        for _ in 0..MAX_DESTRUCTURING {
            let (script, function) = self.program.function(fun);
            let own = function.params.iter().any(|p| self.program.name(script, p.name) == name);
            match function.outer {
                Some(outer) if function.kind == FunctionKind::Arrow && !own => fun = self.program.fun(script, outer),
                Some(outer) if name == self.this => fun = self.program.fun(script, outer),
                _ => break,
            }
        }
        self.graph.slot(Slot::Variable(fun, name))
    }

    /// The node that holds the value of `expr`.
    pub(super) fn node(&mut self, expr: ExprId) -> Node {
        match self.kind(expr) {
            ExprKind::Variable(sym) => self.variable(self.name_at(expr, sym)),
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
            ExprKind::Constant(name) if self.constants.contains(&self.name(name)) => self.graph.slot(Slot::Global(self.name(name))),
            _ => self.graph.expr(self.script, expr),
        }
    }

    /// The name of a variable where it stands: what an event is about goes by other names in the parts of the code that are about one kind of object.
    fn name_at(&self, expr: ExprId, sym: Sym) -> Name {
        let name = self.name(sym);
        let Some((variable, parts)) = self.split.as_ref().filter(|(variable, _)| *variable == name) else { return name };
        let at = self.program.scripts()[self.script as usize].expr(expr).at;
        let inside = parts.iter().filter(|(part, _)| part.start <= at.start && at.end <= part.end);
        inside.min_by_key(|(part, _)| part.end - part.start).map_or(*variable, |(_, name)| *name)
    }

    fn is_this(&self, expr: ExprId) -> bool {
        matches!(self.kind(expr), ExprKind::Variable(sym) if self.name(sym) == self.this)
    }

    /// Looks at `expr` and everything inside it, without recursion: code may be nested as deep as it likes.
    pub(super) fn visit(&mut self, expr: ExprId) {
        self.work.push(expr);
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
                    && !self.program.is_remote_word(self.text(word))
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
                self.work.push(value);
                let from = self.node(value);
                self.assign(target, from, Transfer::Copy, 0);
                let to = self.graph.expr(self.script, expr);
                self.copy(from, to);
            }
            ExprKind::Append { target, value } => {
                self.work.push(value);
                let before = self.node(target);
                let whole = self.graph.expr(self.script, expr);
                let pieces = vec![Piece::Value(before), self.piece(value)];
                self.text_of(whole, pieces);
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
                self.seeds.push(Seed {
                    node,
                    what: What::Closure(closure),
                    strength: Strength::Shown,
                    path: Path::HERE,
                    origin: Origin::Declared,
                });
                for used in &script.function(function).uses {
                    let name = self.name(*used);
                    let (outer, inner) = (self.variable(name), self.graph.slot(Slot::Variable(closure, name)));
                    self.copy(outer, inner);
                    self.copy(inner, outer);
                }
            }
        }
    }

    pub(super) fn piece(&mut self, expr: ExprId) -> Piece {
        match self.kind(expr) {
            ExprKind::Text(sym) => Piece::Text(self.text(sym).to_owned()),
            ExprKind::Integer(n) => Piece::Text(n.to_string()),
            _ => Piece::Value(self.node(expr)),
        }
    }

    pub(super) fn text_of(&mut self, whole: Node, pieces: Vec<Piece>) {
        for piece in &pieces {
            if let Piece::Value(part) = piece {
                self.texts.inside.entry(*part).or_default().push(whole);
            }
        }
        self.texts.pieces.insert(whole, pieces);
    }

    fn operands(&mut self, args: Slice) {
        let script = &self.program.scripts()[self.script as usize];
        self.work.extend(script.args(args).iter().map(|a| a.value));
    }

    /// Whether an array is PHP's own: `$_SESSION['a']['b']`. It is everybody's, so a look into it tells nothing of what is in it.
    fn is_superglobal(&self, array: ExprId) -> bool {
        let mut at = array;
        for _ in 0..MAX_DESTRUCTURING {
            match self.kind(at) {
                ExprKind::Index { array, .. } => at = array,
                ExprKind::Variable(name) => return self.text(name).starts_with('_'),
                _ => return false,
            }
        }
        false
    }

    /// The step that an index takes into an array.
    pub(super) fn key(&mut self, index: Option<ExprId>) -> Key {
        match index.map(|i| self.kind(i)) {
            Some(ExprKind::Text(sym)) => self.text(sym).parse().map_or_else(|_| Key::named(self.name(sym)), Key::item),
            Some(ExprKind::Integer(n)) => usize::try_from(n).map_or(Key::ANY, Key::item),
            _ => Key::ANY,
        }
    }

    fn array(&mut self, expr: ExprId, elements: Slice) {
        let script = &self.program.scripts()[self.script as usize];
        let to = self.graph.expr(self.script, expr);
        let mut position = 0;
        for element in script.elements(elements) {
            let Some(value) = element.value else { continue };
            self.work.push(value);
            let from = self.node(value);
            if element.spread {
                self.copy(from, to);
                continue;
            }
            let key = match element.key {
                Some(key) => {
                    self.work.push(key);
                    self.index_edge(key, to);
                    self.key(Some(key))
                }
                None => {
                    position += 1;
                    Key::item(position - 1)
                }
            };
            self.graph.set_site(Some(self.graph.expr(self.script, value)));
            self.graph.connect(from, to, Transfer::Wrap(key));
            self.graph.set_site(None);
        }
    }

    /// An array whose key is a computed value: the value is among its keys.
    pub(super) fn index_edge(&mut self, index: ExprId, array: Node) {
        if !matches!(self.kind(index), ExprKind::Text(_) | ExprKind::Integer(_)) {
            let from = self.node(index);
            self.graph.set_site(Some(self.graph.expr(self.script, index)));
            self.graph.connect(from, array, Transfer::Wrap(Key::KEYS));
            self.graph.set_site(None);
        }
    }

    /// `from`, after `transfer`, goes into what `target` names.
    fn assign(&mut self, target: ExprId, from: Node, transfer: Transfer, depth: usize) {
        if depth > MAX_DESTRUCTURING {
            return;
        }
        match self.kind(target) {
            ExprKind::Array(elements) => {
                let through = self.graph.expr(self.script, target);
                self.graph.connect(from, through, transfer);
                let script = &self.program.scripts()[self.script as usize];
                for (position, element) in script.elements(elements).iter().enumerate() {
                    let Some(value) = element.value else { continue };
                    let key = match element.key {
                        Some(key) => self.key(Some(key)),
                        None => Key::item(position),
                    };
                    self.assign(value, through, Transfer::Unwrap(key), depth + 1);
                }
            }
            ExprKind::Index { array, index } => {
                let key = self.key(index);
                let through = self.through(target, from, transfer);
                let array_node = self.node(array);
                if let (true, Some(name)) = (self.has_array_access, key.name()) {
                    self.elements.entry(array_node).or_default().push((name, through));
                }
                if let Some(index) = index {
                    self.index_edge(index, array_node);
                    self.work.push(index);
                }
                self.put(array, through, key, depth);
            }
            ExprKind::Property { object, name } if !self.is_this(object) => {
                let name = self.name(name);
                let through = self.through(target, from, transfer);
                let holder = self.node(object);
                self.properties.entry(holder).or_default().push((name, through));
                self.put(object, through, Key::named(name), depth);
            }
            _ => {
                let to = self.node(target);
                self.graph.connect(from, to, transfer);
                self.work.push(target);
            }
        }
    }

    /// The node of an assigned element: what goes in can be read from it again.
    fn through(&mut self, target: ExprId, from: Node, transfer: Transfer) -> Node {
        let node = self.graph.expr(self.script, target);
        self.graph.connect(from, node, transfer);
        node
    }

    /// Puts `value` under `key` of what `container` names: of an element of an array, into the array around it too.
    fn put(&mut self, container: ExprId, value: Node, key: Key, depth: usize) {
        match self.kind(container) {
            ExprKind::Index { .. } => self.assign(container, value, Transfer::Wrap(key), depth + 1),
            ExprKind::Property { object, .. } if !self.is_this(object) => self.assign(container, value, Transfer::Wrap(key), depth + 1),
            _ => {
                let to = self.node(container);
                self.graph.set_site(Some(value));
                self.graph.connect(value, to, Transfer::Wrap(key));
                self.graph.set_site(None);
                self.work.push(container);
            }
        }
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
        self.calls.push(Call { script: self.script, expr, callee, args: arguments, result });
    }
}

enum ClassRef {
    Own(Cls),
    Outside(Name),
}
