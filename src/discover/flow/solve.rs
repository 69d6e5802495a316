//! Carries labels forward and demands backward until nothing changes.
//!
//! Calls join the graph as their receivers' classes become known. Every label remembers the one it came from, so the way of an id can be told.

use rustc_hash::{FxHashMap, FxHashSet};

use super::build::{Built, Texts};
use super::calls::{Call, Callee};
use super::graph::{Graph, Node, Slot};
use super::label::{Key, Path, Strength, Transfer, What};
use super::library;
use crate::discover::names;
use crate::discover::program::{Cls, Fun, Name, Program};
use crate::discover::sql::{Bind, SqlFacts};
use crate::discover::stores;
use crate::discover::tables::Tables;
use crate::extension::php::ir::ExprKind;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Gives, Keeps, KindCall};

/// A node carries at most this many labels; the rest is given up. Real code stays far below.
const MAX_LABELS: u32 = 256;

/// A text is looked for over this many assignments.
const MAX_TEXT_STEPS: usize = 3;

/// A label in its list, a demand in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::discover) struct Entry(pub(in crate::discover) u32);

/// A label at a node, and where it came from.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Label {
    pub(in crate::discover) node: Node,
    pub(in crate::discover) what: What,
    pub(in crate::discover) strength: Strength,
    pub(in crate::discover) path: Path,
    pub(in crate::discover) origin: Origin,
    next: u32,
}

/// Where a label or a demand comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::discover) enum Origin {
    /// The label of another node.
    From(Entry),
    /// A call that gives it, or (a demand) takes it.
    Call(u32),
    /// The declared type of a variable, a class's own `$this`, a literal.
    Declared,
    /// The name of a variable, parameter or request parameter.
    Named,
    /// The panel gives it with an event.
    Event,
    /// A column of one of the panel's own tables.
    PanelTable,
    /// A demand: something that takes an id takes this value.
    Demand(Entry),
}

/// A call that keeps a value, or fetches one.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Use {
    /// The call.
    pub(in crate::discover) call: u32,
    /// What keeps it.
    pub(in crate::discover) keeps: Keeps,
    /// The kind of object that it belongs to.
    pub(in crate::discover) of: Option<Kind>,
    /// The name under which it is kept; `None`: it has none.
    pub(in crate::discover) name: Option<Node>,
    /// What is kept.
    pub(in crate::discover) value: Option<Node>,
    /// What is fetched.
    pub(in crate::discover) fetched: Option<Node>,
    /// Whether it is encrypted on the way.
    pub(in crate::discover) encrypted: bool,
}

/// As many labels of one node are compared with a new one, one by one; those of a node with more are hashed. Nearly all nodes have fewer, and to
/// hash every label took a third of the time of solving.
const FEW_LABELS: u32 = 8;

/// One direction's labels.
#[derive(Default)]
struct Layer {
    labels: Vec<Label>,
    /// The labels of the nodes that have at least [`FEW_LABELS`].
    known: FxHashSet<(Node, What, Strength, Path)>,
    /// For each node, the number of its last label and how many it has. Shorter than the graph: nodes come while solving.
    heads: Vec<(u32, u32)>,
    done: usize,
}

impl Layer {
    fn add(&mut self, node: Node, what: What, strength: Strength, path: Path, origin: Origin) {
        let (last, count) = self.head(node);
        if count >= MAX_LABELS || !self.is_new(node, what, strength, path, count) {
            return;
        }
        let number = u32::try_from(self.labels.len()).expect("fewer than 2³² labels");
        self.labels.push(Label { node, what, strength, path, origin, next: last });
        let at = node.0 as usize;
        if at >= self.heads.len() {
            self.heads.resize(at + 1, (u32::MAX, 0));
        }
        self.heads[at] = (number, count + 1);
    }

    /// Whether the node, which has `count` labels, does not have this one.
    fn is_new(&mut self, node: Node, what: What, strength: Strength, path: Path, count: u32) -> bool {
        if count < FEW_LABELS {
            return !self.at(node).any(|(_, l)| (l.what, l.strength, l.path) == (what, strength, path));
        }
        if count == FEW_LABELS {
            let few: Vec<_> = self.at(node).map(|(_, l)| (node, l.what, l.strength, l.path)).collect();
            self.known.extend(few);
        }
        self.known.insert((node, what, strength, path))
    }

    fn head(&self, node: Node) -> (u32, u32) {
        self.heads.get(node.0 as usize).copied().unwrap_or((u32::MAX, 0))
    }

    fn at(&self, node: Node) -> impl Iterator<Item = (Entry, &Label)> {
        let (mut at, _) = self.head(node);
        std::iter::from_fn(move || {
            let label = self.labels.get(at as usize)?;
            let entry = Entry(at);
            at = label.next;
            Some((entry, label))
        })
    }
}

/// The graph with everything that flows in it.
pub(in crate::discover) struct Solver<'p, 'a> {
    pub(in crate::discover) program: &'p mut Program<'a>,
    pub(in crate::discover) graph: Graph,
    pub(in crate::discover) calls: Vec<Call>,
    sql: &'p SqlFacts,
    tables: &'p Tables,
    forward: Layer,
    backward: Layer,
    /// Calls by what they are made on, ordered.
    receivers: Vec<(Node, u32)>,
    /// Calls and positions by the values that are passed, ordered.
    arguments: Vec<(Node, u32, u32)>,
    /// Nodes that something is called on, that are passed to a call, or that a text is made with.
    called: Vec<bool>,
    /// How texts are put together.
    pub(in crate::discover) texts: Texts,
    /// For each node that properties of are named, the properties and their expressions.
    properties: FxHashMap<Node, Vec<(Name, Node)>>,
    /// Where values are kept or fetched.
    pub(in crate::discover) uses: Vec<Use>,
    known_uses: FxHashSet<(u32, Keeps, Option<Kind>)>,
    /// For each call the functions that it calls, for each function the calls of it; in the order in which they were found.
    targets: FxHashMap<u32, Vec<Fun>>,
    callers: FxHashMap<Fun, Vec<u32>>,
    /// The panel's classes that occur.
    classes: FxHashSet<Name>,
}

impl<'p, 'a> Solver<'p, 'a> {
    pub(in crate::discover) fn new(program: &'p mut Program<'a>, built: Built, sql: &'p SqlFacts, tables: &'p Tables) -> Solver<'p, 'a> {
        let Built { graph, calls, seeds, panel_columns, texts, properties } = built;
        let mut receivers = Vec::new();
        let mut arguments = Vec::new();
        let mut called = vec![false; graph.len()];
        for node in texts.inside.keys().chain(texts.hashed.keys()).chain(properties.keys()) {
            called[node.0 as usize] = true;
        }
        for (number, call) in (0u32..).zip(&calls) {
            if let Callee::Method(node, _) | Callee::Value(node) = call.callee {
                receivers.push((node, number));
                called[node.0 as usize] = true;
            }
            for (position, arg) in (0u32..).zip(&call.args) {
                arguments.push((arg.node, number, position));
                called[arg.node.0 as usize] = true;
            }
        }
        receivers.sort_unstable();
        arguments.sort_unstable();
        let mut solver = Solver {
            program,
            graph,
            calls,
            sql,
            tables,
            texts,
            properties,
            uses: Vec::new(),
            known_uses: FxHashSet::default(),
            targets: FxHashMap::default(),
            callers: FxHashMap::default(),
            forward: Layer::default(),
            backward: Layer::default(),
            receivers,
            arguments,
            called,
            classes: FxHashSet::default(),
        };
        for seed in seeds {
            solver.seed(seed.node, seed.what, seed.strength, seed.origin);
        }
        for (node, kind) in panel_columns {
            solver.panel_column(node, kind);
        }
        solver
    }

    /// A label that is known from the start.
    pub(in crate::discover) fn seed(&mut self, node: Node, what: What, strength: Strength, origin: Origin) {
        if let What::Panel(class) = what {
            self.classes.insert(class);
        }
        self.forward.add(node, what, strength, Path::HERE, origin);
    }

    /// A column of one of the panel's own tables: what it gives is an id, and what meets it was one.
    fn panel_column(&mut self, node: Node, kind: Kind) {
        self.forward.add(node, What::Id(kind), Strength::Shown, Path::HERE, Origin::PanelTable);
        self.backward.add(node, What::Id(kind), Strength::Shown, Path::HERE, Origin::PanelTable);
    }

    /// Carries everything everywhere.
    pub(in crate::discover) fn solve(&mut self) {
        for call in 0..self.calls.len() {
            self.start(u32::try_from(call).expect("fewer than 2³² calls"));
        }
        self.run_forward();
        self.hint_receivers();
        self.run_forward();
        stores::connect(self);
        self.run_forward();
        self.run_backward();
        self.run_forward();
    }

    /// The labels of `node`.
    pub(in crate::discover) fn labels(&self, node: Node) -> impl Iterator<Item = (Entry, &Label)> {
        self.forward.at(node)
    }

    /// The label `entry`.
    pub(in crate::discover) fn label(&self, entry: Entry) -> &Label {
        &self.forward.labels[entry.0 as usize]
    }

    /// The demand `entry`.
    pub(in crate::discover) fn demand(&self, entry: Entry) -> &Label {
        &self.backward.labels[entry.0 as usize]
    }

    /// Whether the extension works with objects of `kind`: something in it is an object of one of the panel's classes for them.
    pub(in crate::discover) fn handles(&self, kind: Kind) -> bool {
        self.classes.iter().any(|class| names::is_class_of(self.program.text(*class), kind))
    }

    fn run_forward(&mut self) {
        while let Some(&label) = self.forward.labels.get(self.forward.done) {
            let entry = Entry(u32::try_from(self.forward.done).expect("fewer than 2³² labels"));
            self.forward.done += 1;
            let crosses = !matches!(label.what, What::Sql(_));
            for edge in self.graph.out_edges(label.node) {
                // A statement is bound where it is handed over, so that a helper's callers do not mix.
                if !crosses && self.is_parameter(edge.to) {
                    continue;
                }
                if let Some(path) = edge.transfer.forward(label.path)
                    && !self.is_lost(edge.to, label.what, path)
                {
                    self.forward.add(edge.to, label.what, label.strength, path, Origin::From(entry));
                }
            }
            self.transform(label, entry);
            if label.path.is_here() {
                self.arrive(label);
            }
        }
    }

    /// What becomes of an id in texts that it is put into.
    fn transform(&mut self, label: Label, entry: Entry) {
        let (What::Id(kind) | What::Part(kind)) = label.what else { return };
        let mut made: Vec<(Node, What)> = Vec::new();
        if label.path.is_here() {
            made.extend(self.texts.inside.get(&label.node).into_iter().flatten().map(|n| (*n, What::Part(kind))));
        }
        made.extend(self.texts.hashed.get(&label.node).into_iter().flatten().map(|n| (*n, What::Hashed(kind))));
        made.extend(self.texts.encrypted.get(&label.node).into_iter().flatten().map(|n| (*n, What::Encrypted(kind))));
        for (node, what) in made {
            self.forward.add(node, what, label.strength, Path::HERE, Origin::From(entry));
        }
    }

    fn run_backward(&mut self) {
        while let Some(&demand) = self.backward.labels.get(self.backward.done) {
            let entry = Entry(u32::try_from(self.backward.done).expect("fewer than 2³² demands"));
            self.backward.done += 1;
            self.forward.add(demand.node, demand.what, demand.strength, demand.path, Origin::Demand(entry));
            for edge in self.graph.in_edges(demand.node) {
                if let Some(path) = edge.transfer.backward(demand.path) {
                    self.backward.add(edge.from, demand.what, demand.strength, path, Origin::From(entry));
                }
            }
        }
    }

    /// Whether nobody will ever ask for the label: an id or object in an expression whose value goes nowhere, such as the result of
    /// `$this->setName($name);`. A setter that many classes inherit gives each of its calls a label for each class. An edge that is added later to the end of such an
    /// expression takes something out of a row, which passes nothing of the value itself.
    fn is_lost(&self, node: Node, what: What, path: Path) -> bool {
        path.is_here()
            && matches!(what, What::Id(_) | What::Stable(_) | What::Panel(_) | What::Own(_))
            && self.graph.is_unused_expr(node)
            && !self.called[node.0 as usize]
    }

    pub(in crate::discover) fn is_parameter(&self, node: Node) -> bool {
        let Some(Slot::Variable(fun, name)) = self.graph.as_slot(node) else { return false };
        let (script, function) = self.program.function(fun);
        function.params.iter().any(|p| self.program.name(script, p.name) == name)
    }

    /// Adds an edge while solving: what is at its start already goes along it.
    pub(in crate::discover) fn connect(&mut self, from: Node, to: Node, transfer: Transfer) {
        if !self.graph.connect(from, to, transfer) {
            return;
        }
        let parameter = self.is_parameter(to);
        let carried: Vec<(Entry, Label)> = self.forward.at(from).map(|(e, l)| (e, *l)).collect();
        for (entry, label) in carried {
            if let (false, Some(path)) = (parameter && matches!(label.what, What::Sql(_)), transfer.forward(label.path))
                && !self.is_lost(to, label.what, path)
            {
                self.forward.add(to, label.what, label.strength, path, Origin::From(entry));
            }
        }
    }

    /// Calls whose target is written in the code.
    fn start(&mut self, number: u32) {
        let call = &self.calls[number as usize];
        let result = call.result;
        match call.callee {
            Callee::Function(name) => match self.program.function_named(self.program.text(name)) {
                Some(fun) => self.join(number, fun),
                None => self.file(number, name),
            },
            Callee::OwnStatic(cls, name) => self.call_own(number, cls, name),
            Callee::OutsideStatic(class, name) => self.call_panel(number, class, name, Strength::Shown),
            Callee::OwnNew(cls) => {
                self.seed(result, What::Own(cls), Strength::Shown, Origin::Call(number));
                let constructor = self.program.intern("__construct");
                self.call_own(number, cls, constructor);
            }
            Callee::OutsideNew(class) => {
                self.seed(result, What::Panel(class), Strength::Shown, Origin::Call(number));
                let constructor = self.program.intern("__construct");
                self.call_panel(number, class, constructor, Strength::Shown);
            }
            Callee::Method(_, name) => {
                self.request(number, name);
                match self.program.text(name) {
                    "quote" | "escapestring" => self.pass_argument(number),
                    "insert" | "update" | "replace" | "upsert" | "insertorupdate" | "save" => self.write_array(number),
                    _ => {}
                }
            }
            Callee::Value(_) => {}
        }
    }

    fn pass_argument(&mut self, number: u32) {
        let call = &self.calls[number as usize];
        if let Some(arg) = call.positional(0) {
            let (from, to) = (arg.node, call.result);
            self.connect(from, to, Transfer::Copy);
        }
    }

    /// `insert('table', ['column' => $value])`.
    fn write_array(&mut self, number: u32) {
        if let (Some(table), Some(values)) = (self.table_argument(number), self.calls[number as usize].positional(1)) {
            let values = values.node;
            self.rows(values, table);
        }
    }

    /// `getParam('domain_id')`: the request's word for it.
    fn request(&mut self, number: u32, method: Name) {
        if !library::reads_request(self.program.text(method)) {
            return;
        }
        let Some(word) = self.constant_argument(number, 0) else { return };
        let kinds: Vec<Kind> = catalogue::parameters(self.program.text(word)).to_vec();
        let result = self.calls[number as usize].result;
        for kind in kinds {
            self.forward.add(result, What::Id(kind), Strength::Hinted, Path::HERE, Origin::Named);
        }
    }

    /// The text that an argument is, if it is written in the call.
    fn constant_argument(&self, number: u32, position: usize) -> Option<Name> {
        let call = &self.calls[number as usize];
        let arg = call.positional(position)?;
        match self.program.scripts()[call.script as usize].expr(arg.expr).kind {
            ExprKind::Text(sym) => Some(self.program.name(call.script, sym)),
            _ => None,
        }
    }

    /// An object, a statement or a closure came to `label.node`.
    fn arrive(&mut self, label: Label) {
        if matches!(label.what, What::Id(_) | What::Stable(_) | What::Part(_) | What::Hashed(_) | What::Encrypted(_) | What::VarDir) {
            return;
        }
        if let What::Own(cls) = label.what {
            for (name, node) in self.properties.get(&label.node).cloned().unwrap_or_default() {
                let slot = self.property(cls, name);
                self.connect(slot, node, Transfer::Copy);
                self.connect(node, slot, Transfer::Copy);
            }
        }
        let first = self.receivers.partition_point(|(node, _)| *node < label.node);
        for at in first.. {
            let Some(&(node, number)) = self.receivers.get(at) else { break };
            if node != label.node {
                break;
            }
            match (label.what, self.calls[number as usize].callee) {
                (What::Own(cls), Callee::Method(_, name)) => self.call_own(number, cls, name),
                (What::Panel(class), Callee::Method(_, name)) => self.call_panel(number, class, name, label.strength),
                (What::Sql(statement), Callee::Method(_, name)) => self.call_statement(number, statement, name),
                (What::Table(table), Callee::Method(_, name)) => self.call_table(number, table, name),
                (What::Closure(fun), Callee::Value(_)) => self.join(number, fun),
                (What::Own(cls), Callee::Value(_)) => {
                    let invoke = self.program.intern("__invoke");
                    self.call_own(number, cls, invoke);
                }
                _ => {}
            }
        }
        match label.what {
            What::Sql(statement) => {
                let first = self.arguments.partition_point(|(node, ..)| *node < label.node);
                for at in first.. {
                    let Some(&(node, number, position)) = self.arguments.get(at) else { break };
                    if node != label.node {
                        break;
                    }
                    self.hand_over(number, position, statement);
                }
            }
            What::Table(table) => self.rows(label.node, table),
            _ => {}
        }
    }

    /// The node of a property: that of the class highest up that declares it.
    pub(in crate::discover) fn property(&mut self, cls: Cls, name: Name) -> Node {
        let owner = self.program.declarer(cls, name, false);
        self.graph.slot(Slot::Property(owner, name))
    }

    /// A method of one of the extension's classes is called.
    fn call_own(&mut self, number: u32, cls: Cls, method: Name) {
        if let Some(fun) = self.program.method(cls, method) {
            let this = self.program.intern("this");
            let (_, function) = self.program.function(fun);
            if function.kind == crate::extension::php::ir::FunctionKind::Method {
                let node = self.graph.slot(Slot::Variable(fun, this));
                self.seed(node, What::Own(cls), Strength::Shown, Origin::Declared);
            }
            self.join(number, fun);
            return;
        }
        if let Some(table) = self.tables.of_gateway(self.program, cls) {
            self.call_table(number, table, method);
        }
        if let Some(parent) = self.program.outside_parent(cls) {
            let parent = self.program.intern(&parent.to_ascii_lowercase());
            self.call_panel(number, parent, method, Strength::Shown);
        }
    }

    /// Arguments go into parameters, the result comes out.
    fn join(&mut self, number: u32, fun: Fun) {
        let targets = self.targets.entry(number).or_default();
        if targets.contains(&fun) {
            return;
        }
        targets.push(fun);
        self.callers.entry(fun).or_default().push(number);
        let (script, function) = self.program.function(fun);
        let call = &self.calls[number as usize];
        let constructor = matches!(call.callee, Callee::OwnNew(_));
        let mut edges = Vec::with_capacity(call.args.len() + 1);
        for (position, arg) in call.args.iter().enumerate() {
            let param = match arg.name {
                Some(name) => function.params.iter().find(|p| self.program.name(script, p.name) == name),
                None => function.params.get(position).or_else(|| function.params.last().filter(|p| p.variadic)),
            };
            let Some(param) = param else { continue };
            let transfer = match (param.variadic, arg.spread) {
                (true, false) => Transfer::Wrap(Key::ANY),
                (false, true) => Transfer::Unwrap(Key::ANY),
                _ => Transfer::Copy,
            };
            edges.push((arg.node, Slot::Variable(fun, self.program.name(script, param.name)), transfer));
        }
        let result = call.result;
        for (from, slot, transfer) in edges {
            let to = self.graph.slot(slot);
            self.connect(from, to, transfer);
        }
        if !constructor {
            let from = self.graph.slot(Slot::Result(fun));
            self.connect(from, result, Transfer::Copy);
        }
    }

    /// A method of a class that is not the extension's is called.
    fn call_panel(&mut self, number: u32, class: Name, method: Name, strength: Strength) {
        self.classes.insert(class);
        self.keep(number, class, method);
        let first = self.constant_argument(number, 0).map(|w| self.program.text(w));
        let known: Vec<KindCall> = catalogue::calls(self.program.text(class), self.program.text(method), first).collect();
        for KindCall { kind, call: facts } in known {
            let result = self.calls[number as usize].result;
            let (what, path) = match facts.given() {
                Some(Gives::Id) => (Some(What::Id(kind)), Path::HERE),
                Some(Gives::Guid | Gives::Key) => (Some(What::Stable(kind)), Path::HERE),
                Some(Gives::Object(class)) => (Some(What::Panel(self.program.intern(&class.to_ascii_lowercase()))), Path::HERE),
                Some(Gives::List(class)) => (Some(What::Panel(self.program.intern(&class.to_ascii_lowercase()))), Path::of(Key::ANY)),
                None => (None, Path::HERE),
            };
            if let Some(what) = what {
                self.forward.add(result, what, strength, path, Origin::Call(number));
            }
            if let Some(arg) = facts.takes_id.and_then(|i| self.calls[number as usize].positional(i)) {
                self.backward.add(arg.node, What::Id(kind), strength, Path::HERE, Origin::Call(number));
            }
        }
    }

    /// A call that keeps a value or fetches it, or helps with that.
    fn keep(&mut self, number: u32, class: Name, method: Name) {
        let shared = &catalogue::get().shared;
        let (class, method) = (self.program.text(class).to_owned(), self.program.text(method).to_owned());
        let (class, method) = (class.as_str(), method.as_str());
        for facts in shared.store.iter().filter(|s| s.method.eq_ignore_ascii_case(method) && s.class.eq_ignore_ascii_case(class)) {
            let call = &self.calls[number as usize];
            let argument = |position: Option<usize>| position.and_then(|p| call.positional(p)).map(|a| a.node);
            let (name, value) = (argument(facts.key), argument(facts.value));
            if (facts.key.is_some() && name.is_none()) || (facts.value.is_some() && value.is_none()) {
                continue;
            }
            let of = facts.of.as_ref().and_then(|of| of.parse().ok());
            let fetched = (facts.value.is_none()).then_some(call.result);
            self.add_use(Use { call: number, keeps: facts.keeps, of, name, value, fetched, encrypted: facts.encrypted });
        }
        for helper in shared.helper.iter().filter(|h| h.method.eq_ignore_ascii_case(method) && h.class.eq_ignore_ascii_case(class)) {
            let result = self.calls[number as usize].result;
            let first = self.calls[number as usize].positional(0).map(|a| a.node);
            match (helper.gives.as_str(), first) {
                ("var-dir", _) => self.seed(result, What::VarDir, Strength::Shown, Origin::Call(number)),
                ("encrypted", Some(text)) => self.encrypt(text, result),
                ("encrypted", None) => {}
                (class, _) => {
                    let class = self.program.intern(&class.to_ascii_lowercase());
                    self.seed(result, What::Panel(class), Strength::Shown, Origin::Call(number));
                }
            }
        }
    }

    fn encrypt(&mut self, text: Node, result: Node) {
        let made = self.texts.encrypted.entry(text).or_default();
        if made.contains(&result) {
            return;
        }
        made.push(result);
        let carried: Vec<(Entry, Label)> = self.forward.at(text).map(|(e, l)| (e, *l)).collect();
        carried.into_iter().for_each(|(entry, label)| self.transform(label, entry));
    }

    fn add_use(&mut self, new: Use) {
        if self.known_uses.insert((new.call, new.keeps, new.of)) {
            self.uses.push(new);
        }
    }

    /// The properties that are known of an object of `cls`: its own and the inherited ones.
    pub(in crate::discover) fn properties_of(&self, cls: Cls) -> impl Iterator<Item = (Name, Node)> {
        self.program.lineage(cls).iter().flat_map(|owner| self.graph.properties(*owner)).copied()
    }

    /// A function of PHP's that writes or reads a file.
    fn file(&mut self, number: u32, function: Name) {
        let name = self.program.text(function).trim_start_matches('\\').to_owned();
        let call = &self.calls[number as usize];
        let argument = |position: usize| call.positional(position).map(|a| a.node);
        let (path, value, fetched) = match (library::writes_file(&name), library::reads_file(&name)) {
            (Some((path, value)), _) => (path, value.and_then(argument), None),
            (None, Some(path)) => (path, None, Some(call.result)),
            (None, None) => return,
        };
        if let Some(path) = argument(path) {
            self.add_use(Use { call: number, keeps: Keeps::File, of: None, name: Some(path), value, fetched, encrypted: false });
        }
    }

    /// The functions that a call was found to call.
    pub(in crate::discover) fn called(&self, number: u32) -> Vec<Fun> {
        let mut called = self.targets.get(&number).cloned().unwrap_or_default();
        called.sort_unstable();
        called
    }

    /// The calls that were found to call `fun`, in the order in which they stand.
    pub(in crate::discover) fn callers(&self, fun: Fun) -> Vec<u32> {
        let mut callers = self.callers.get(&fun).cloned().unwrap_or_default();
        callers.sort_unstable();
        callers
    }

    /// A variable called `$domain` whose class nothing tells: its name does, weakly.
    fn hint_receivers(&mut self) {
        for number in 0..self.calls.len() {
            let call = &self.calls[number];
            let Callee::Method(receiver, method) = call.callee else { continue };
            let typed = |l: &Label| l.path.is_here() && matches!(l.what, What::Own(_) | What::Panel(_) | What::Sql(_) | What::Table(_));
            if self.forward.at(receiver).any(|(_, l)| typed(l)) {
                continue;
            }
            let name = match self.graph.as_slot(receiver) {
                Some(Slot::Variable(_, name) | Slot::Property(_, name)) => name,
                _ => continue,
            };
            let number = u32::try_from(number).expect("fewer than 2³² calls");
            let classes: Vec<&'static str> = names::variable_classes(self.program.text(name)).collect();
            for class in classes {
                let class = self.program.intern(&class.to_ascii_lowercase());
                self.call_panel(number, class, method, Strength::Hinted);
            }
        }
    }

    /// A statement is an argument of a call: what comes after it is bound, what the call gives is its result.
    fn hand_over(&mut self, number: u32, position: u32, statement: u32) {
        let call = &self.calls[number as usize];
        let result = call.result;
        let next = call.args.get(position as usize + 1).filter(|a| !a.spread).map(|a| a.node);
        let method = match call.callee {
            Callee::Method(_, name) | Callee::OwnStatic(_, name) | Callee::OutsideStatic(_, name) | Callee::Function(name) => Some(name),
            _ => None,
        };
        if let Some(values) = next {
            self.bind_all(values, statement);
        }
        self.read(result, statement, method);
        self.forward.add(result, What::Sql(statement), Strength::Shown, Path::HERE, Origin::Call(number));
    }

    /// A method of a prepared statement or of a result is called.
    fn call_statement(&mut self, number: u32, statement: u32, method: Name) {
        let call = &self.calls[number as usize];
        let result = call.result;
        let value = call.positional(1).map(|a| a.node);
        let site = call.result;
        let first = call.positional(0).map(|a| (a.node, a.expr));
        match (self.program.text(method), first, value) {
            ("bindvalue" | "bindparam", Some((_, key)), Some(value)) => {
                let script = &self.program.scripts()[call.script as usize];
                let bind = match script.expr(key).kind {
                    ExprKind::Text(sym) => Some(Bind::Named(script.text(sym).trim_start_matches([':', '@', '$']).to_owned())),
                    ExprKind::Integer(n) => usize::try_from(n - 1).ok().map(Bind::Positional),
                    _ => None,
                };
                if let Some(bind) = bind {
                    self.bind(value, Transfer::Copy, statement, &bind, Some(site));
                }
            }
            (_, Some((values, _)), _) => self.bind_all(values, statement),
            _ => {}
        }
        self.read(result, statement, Some(method));
        self.forward.add(result, What::Sql(statement), Strength::Shown, Path::HERE, Origin::Call(number));
    }

    /// An array of values is bound to a statement.
    fn bind_all(&mut self, values: Node, statement: u32) {
        let sql = self.sql;
        for operand in &sql.statements[statement as usize].operands {
            match &operand.bind {
                Bind::Positional(n) => {
                    let key = Key::item(*n);
                    self.bind(values, Transfer::Unwrap(key), statement, &operand.bind, None);
                }
                Bind::Named(name) => {
                    for spelling in [name.clone(), format!(":{name}")] {
                        let key = Key::named(self.program.intern(&spelling));
                        self.bind(values, Transfer::Unwrap(key), statement, &operand.bind, None);
                    }
                }
            }
        }
    }

    fn bind(&mut self, from: Node, transfer: Transfer, statement: u32, bind: &Bind, site: Option<Node>) {
        let sql = self.sql;
        self.graph.set_site(site);
        for operand in sql.statements[statement as usize].operands.iter().filter(|o| o.bind == *bind) {
            let to = self.column(&operand.table, &operand.column);
            self.graph.set_compares(operand.compares);
            self.connect(from, to, transfer);
            self.graph.set_compares(false);
        }
        self.graph.set_site(None);
    }

    /// The tables that an argument names: written in the call, or held by a constant or variable of one text.
    fn table_argument(&mut self, number: u32) -> Option<Name> {
        let call = &self.calls[number as usize];
        let node = call.positional(0)?.node;
        let mut texts = Vec::new();
        self.texts(node, 0, &mut texts);
        let [only] = &texts[..] else { return None };
        self.tables.get(&only.to_lowercase()).is_some().then(|| self.program.intern(&only.to_lowercase()))
    }

    /// The texts that come to `node` as they are.
    fn texts(&self, node: Node, depth: usize, texts: &mut Vec<String>) {
        if let Some((script, expr)) = self.graph.as_expr(node) {
            let script = &self.program.scripts()[script as usize];
            if let ExprKind::Text(sym) = script.expr(expr).kind {
                let text = script.text(sym).to_owned();
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        if depth < MAX_TEXT_STEPS {
            for edge in self.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy) {
                self.texts(edge.from, depth + 1, texts);
            }
        }
    }

    /// The node of a column.
    pub(in crate::discover) fn column(&mut self, table: &str, column: &str) -> Node {
        let (table, column) = (self.program.intern(table), self.program.intern(column));
        self.graph.slot(Slot::Column(table, column))
    }

    /// What a statement gives: a row, rows, or a single value.
    fn read(&mut self, result: Node, statement: u32, method: Option<Name>) {
        let sql = self.sql;
        let method = method.map(|m| self.program.text(m).to_owned()).unwrap_or_default();
        for (position, column) in sql.statements[statement as usize].results.iter().enumerate() {
            let from = self.column(&column.table, &column.column);
            let key = Key::named(self.program.intern(&column.alias));
            match method.as_str() {
                "fetchcolumn" | "fetchone" | "querysingle" | "fetchcol" if position > 0 => {}
                "fetchcolumn" | "fetchone" | "querysingle" => self.connect(from, result, Transfer::Copy),
                "fetchcol" => self.connect(from, result, Transfer::Wrap(Key::ANY)),
                _ => {
                    let row = self.graph.slot(Slot::Row(result.0));
                    self.connect(from, row, Transfer::Wrap(key));
                    self.connect(row, result, Transfer::Copy);
                    self.connect(row, result, Transfer::Wrap(Key::ANY));
                }
            }
        }
    }

    /// A method of a table gateway or of a row is called.
    fn call_table(&mut self, number: u32, table: Name, method: Name) {
        let call = &self.calls[number as usize];
        let result = call.result;
        let first = call.positional(0).map(|a| a.node);
        match self.program.text(method) {
            "insert" | "update" | "setfromarray" | "createrow" => {
                if let Some(values) = first {
                    self.rows(values, table);
                }
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            "fetchnew" | "fetchrow" | "current" | "getrow" => {
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
            }
            "fetchall" | "find" | "toarray" => {
                self.forward.add(result, What::Table(table), Strength::Shown, Path::HERE, Origin::Call(number));
                self.forward.add(result, What::Table(table), Strength::Shown, Path::of(Key::ANY), Origin::Call(number));
            }
            _ => {}
        }
    }

    /// `node` holds a row of `table`, to be read or written.
    fn rows(&mut self, node: Node, table: Name) {
        let tables = self.tables;
        let Some(table) = tables.get(self.program.text(table)) else { return };
        let folded = table.name.to_lowercase();
        for column in &table.columns {
            let slot = self.column(&folded, &column.folded);
            let key = Key::named(self.program.intern(&column.name));
            self.connect(node, slot, Transfer::Unwrap(key));
            self.connect(slot, node, Transfer::Wrap(key));
        }
    }
}
