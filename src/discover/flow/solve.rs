//! Carries labels forward and demands backward until nothing changes.
//!
//! Calls join the graph as their receivers' classes become known. Every label remembers the one it came from, so the way of an id can be told.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::answers;
use super::build::{Built, Compared, Payload};
use super::calls::{Call, Callee};
use super::ends::Ends;
use super::forms::Forms;
use super::graph::{Edge, Graph, Node, Slot};
use super::joins::Joins;
use super::keep::Use;
use super::keyed::Keyed;
use super::label::{Answer, Key, Path, Strength, Transfer, What};
use super::layer::{Entry, Label, Layer, Origin};
use super::library::{self, TableMethod};
use super::objects::Spelling;
use super::texts::Texts;
use super::words::{FUNC_GET_ARGS, Words};
use crate::discover::afar::Afar;
use crate::discover::builders::Builders;
use crate::discover::names;
use crate::discover::program::{Cls, Fun, Name, Program};
use crate::discover::records::Records;
use crate::discover::sql::SqlFacts;
use crate::discover::stores;
use crate::discover::tables::Tables;
use crate::extension::php::ir::ExprKind;
use crate::panel::Kind;
use crate::panel::catalogue::Keeps;

/// For so many labels at a time the memory is asked for beforehand.
const AHEAD: usize = 16;

/// What is known of the extension beside its graph.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Known<'p> {
    /// The statements in its code.
    pub(in crate::discover) sql: &'p SqlFacts,
    /// Its tables.
    pub(in crate::discover) tables: &'p Tables,
    /// Its classes whose objects are rows.
    pub(in crate::discover) records: &'p Records,
    /// Its functions that are told a table.
    pub(in crate::discover) builders: &'p Builders,
}

/// The graph with everything that flows in it.
pub(in crate::discover) struct Solver<'p, 'a> {
    pub(in crate::discover) program: &'p mut Program<'a>,
    pub(in crate::discover) graph: Graph,
    pub(in crate::discover) calls: Vec<Call>,
    pub(super) sql: &'p SqlFacts,
    pub(super) tables: &'p Tables,
    pub(super) records: &'p Records,
    builders: &'p Builders,
    pub(super) forward: Layer,
    /// Labels that reach a place only by a comparison: the label, the place, and what happens on the way.
    compared: Vec<(Entry, Node, Transfer)>,
    pub(super) backward: Layer,
    pub(super) ends: Ends,
    /// How texts are put together.
    pub(in crate::discover) texts: Texts,
    /// For each node that properties of are named, the properties and their expressions.
    pub(super) properties: FxHashMap<Node, Vec<(Name, Node)>>,
    /// The same for elements taken out by name.
    pub(super) elements: FxHashMap<Node, Vec<(Name, Node)>>,
    /// For each node that arrays were copied into element by element, these arrays.
    pub(super) filled: FxHashMap<Node, Vec<Node>>,
    /// For each array of functions that is gone through, the arrays which get what each gives, under the function's key.
    mapped: FxHashMap<Node, Vec<Node>>,
    /// What functions do under keys that they are told.
    pub(super) keyed: FxHashMap<Fun, Vec<Keyed>>,
    /// What is compared with what.
    comparisons: Vec<Compared>,
    /// What backup hooks keep and get back.
    pub(in crate::discover) payloads: Vec<Payload>,
    /// Where values are kept or fetched.
    pub(in crate::discover) uses: Vec<Use>,
    pub(super) known_uses: FxHashSet<(u32, Keeps, Option<Kind>, Option<Node>)>,
    /// Which calls call which functions.
    joins: Joins,
    /// For each magic method that was asked about, the property that its answers come from, and how it spells names.
    pub(super) backings: FxHashMap<Fun, Option<Name>>,
    pub(super) spellings: FxHashMap<Fun, Spelling>,
    /// What forms ask.
    pub(super) forms: Forms,
    /// Calls that name a table, which wait until it is known whose.
    postponed: Vec<u32>,
    /// The panel's classes that occur.
    pub(super) classes: FxHashSet<Name>,
    pub(super) words: Words,
    /// What remote services gave; found when it is first asked for.
    pub(in crate::discover) afar: OnceLock<Afar>,
    /// The number of threads to look through it all with, once nothing changes.
    pub(in crate::discover) jobs: usize,
}

impl<'p, 'a> Solver<'p, 'a> {
    pub(in crate::discover) fn new(program: &'p mut Program<'a>, built: Built, known: Known<'p>, jobs: usize) -> Solver<'p, 'a> {
        let Known { sql, tables, records, builders } = known;
        let ends = Ends::of(&built);
        let Built { graph, calls, seeds, panel_columns, texts, properties, elements, filled, mapped, keyed, payloads, compared } = built;
        let mut solver = Solver {
            program,
            graph,
            calls,
            sql,
            tables,
            records,
            builders,
            texts,
            properties,
            elements,
            filled,
            mapped,
            keyed,
            payloads,
            comparisons: compared,
            uses: Vec::new(),
            known_uses: FxHashSet::default(),
            joins: Joins::default(),
            forward: Layer::default(),
            compared: Vec::new(),
            backward: Layer::default(),
            ends,
            backings: FxHashMap::default(),
            spellings: FxHashMap::default(),
            forms: Forms::default(),
            postponed: Vec::new(),
            classes: FxHashSet::default(),
            words: Words::default(),
            afar: OnceLock::new(),
            jobs,
        };
        for seed in seeds {
            solver.seed_at(seed.node, seed.what, seed.strength, seed.path, seed.origin);
        }
        for (node, kind) in panel_columns {
            solver.panel_column(node, kind);
        }
        solver
    }

    /// A label that is known from the start.
    pub(in crate::discover) fn seed(&mut self, node: Node, what: What, strength: Strength, origin: Origin) {
        self.seed_at(node, what, strength, Path::HERE, origin);
    }

    fn seed_at(&mut self, node: Node, what: What, strength: Strength, path: Path, origin: Origin) {
        if let What::Panel(class) = what {
            self.classes.insert(class);
        }
        self.forward.add(node, what, strength, path, origin);
    }

    /// A column of one of the panel's own tables: what it gives is an id, and what meets it was one.
    pub(super) fn panel_column(&mut self, node: Node, kind: Kind) {
        self.forward.add(node, What::Id(kind), Strength::Shown, Path::HERE, Origin::PanelTable);
        self.backward.add(node, What::Id(kind), Strength::Shown, Path::HERE, Origin::PanelTable);
    }

    /// Carries everything everywhere.
    pub(in crate::discover) fn solve(&mut self) {
        if !self.sql.shares_names {
            self.seed_statements();
        }
        for call in 0..self.calls.len() {
            self.start(u32::try_from(call).expect("fewer than 2³² calls"));
        }
        self.choose();
        self.tell();
        self.own_columns();
        self.run_forward();
        if self.sql.shares_names {
            // Whose tables a statement is on is told by whom it is put to, and that is known by now.
            self.seed_statements();
            for number in std::mem::take(&mut self.postponed) {
                self.name_table(number);
            }
            self.run_forward();
        }
        self.hint_receivers();
        self.run_forward();
        self.choose_all();
        self.unroll();
        self.run_forward();
        stores::connect(self);
        self.run_forward();
        // What is compared with what only a comparison told is one, too. Further on, nothing is to be relied on.
        for _ in 0..2 {
            self.compare();
            self.run_backward();
            self.run_forward();
        }
    }

    fn seed_statements(&mut self) {
        let sql = self.sql;
        for (number, node) in (0u32..).zip(sql.nodes.iter().copied()) {
            self.seed(node, What::Sql(number), Strength::Shown, Origin::Declared);
        }
    }

    /// What an id is compared with is one.
    fn compare(&mut self) {
        let comparisons = std::mem::take(&mut self.comparisons);
        for compared in &comparisons {
            let ids: Vec<What> = self
                .forward
                .at(compared.known)
                .filter(|(_, l)| l.path.is_here() && l.strength == Strength::Shown && matches!(l.what, What::Id(_)))
                .map(|(_, l)| l.what)
                .collect();
            for what in ids {
                self.backward.add(compared.with, what, Strength::Shown, compared.path, Origin::Compared(compared.site));
            }
        }
        self.comparisons = comparisons;
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

    /// Whether the extension works with objects of `kind`, and that tells something: something in it is an object of one of the panel's classes for them,
    /// and no other service has such objects.
    pub(in crate::discover) fn handles(&self, kind: Kind) -> bool {
        !kind.facts().common_word && self.classes.iter().any(|class| names::is_class_of(self.program.text(*class), kind))
    }

    pub(super) fn run_forward(&mut self) {
        loop {
            self.run_written();
            let compared = std::mem::take(&mut self.compared);
            if compared.is_empty() {
                return;
            }
            for (entry, to, transfer) in compared {
                let label = *self.label(entry);
                if let Some(path) = transfer.forward(label.path) {
                    self.forward.add(to, label.what, label.strength, path, Origin::From(entry));
                }
            }
        }
    }

    /// Carries labels along everything but comparisons.
    fn run_written(&mut self) {
        while let Some(&label) = self.forward.labels.get(self.forward.done) {
            let entry = Entry(u32::try_from(self.forward.done).expect("fewer than 2³² labels"));
            if self.forward.done.is_multiple_of(AHEAD) {
                self.look_ahead();
            }
            self.forward.done += 1;
            let crosses = !matches!(label.what, What::Sql(_));
            for edge in self.graph.out_edges(label.node) {
                // What is written to a place tells more of it than what it is compared with.
                if edge.compares {
                    self.compared.push((entry, edge.to, edge.transfer));
                    continue;
                }
                // A statement is bound where it is handed over, so that a helper's callers do not mix.
                if !crosses && self.is_parameter(edge.to) {
                    continue;
                }
                if let (What::Answer(answer), true, Transfer::Unwrap(key)) = (label.what, label.path.is_here(), edge.transfer) {
                    if let Some(what) = answers::step(self.program, answer, key) {
                        self.forward.add(edge.to, what, label.strength, Path::HERE, Origin::From(entry));
                    }
                } else if let Some(path) = edge.transfer.forward_of(label.what, label.path)
                    && !self.is_lost(edge.to, label.what)
                {
                    self.forward.add(edge.to, label.what, label.strength, path, Origin::From(entry));
                }
            }
            self.transform(label, entry);
            if label.path.is_here() {
                self.arrive(label);
            } else if label.path == Path::of(Key::item(0)) {
                self.arrive_in_callable(label);
            } else if let (What::Closure(fun), false) = (label.what, self.mapped.is_empty()) {
                self.arrive_under_key(label, fun);
            }
        }
    }

    /// A function came to a place under a key: `['site' => fn($domain) => $domain->getId()]`.
    fn arrive_under_key(&mut self, label: Label, fun: Fun) {
        let mut steps = label.path.steps();
        let (Some(key), None) = (steps.next().filter(|key| key.name().is_some()), steps.next()) else { return };
        for array in self.mapped.get(&label.node).cloned().unwrap_or_default() {
            let given = self.graph.slot(Slot::Result(fun));
            self.connect(given, array, Transfer::Wrap(key));
        }
    }

    /// Touches the memory that the next labels need. What they need lies anywhere, and to wait for it took half of the time of solving: asked for
    /// together, it comes together.
    fn look_ahead(&self) {
        let next = self.forward.labels[self.forward.done..].iter().take(AHEAD);
        let mut ends = [Node(u32::MAX); AHEAD];
        for (end, label) in ends.iter_mut().zip(next) {
            if let Some(to) = self.graph.first_end(label.node) {
                *end = to;
            }
        }
        std::hint::black_box(ends.iter().map(|to| self.forward.head(*to)).fold(0, u32::wrapping_add));
    }

    pub(super) fn run_backward(&mut self) {
        while let Some(&demand) = self.backward.labels.get(self.backward.done) {
            let entry = Entry(u32::try_from(self.backward.done).expect("fewer than 2³² demands"));
            self.backward.done += 1;
            // A constant that stands in for a missing id (`$id ?? self::NONE`) is none, and whatever else it stands for is none either.
            if matches!(self.graph.as_slot(demand.node), Some(Slot::Constant(..))) {
                continue;
            }
            self.forward.add(demand.node, demand.what, demand.strength, demand.path, Origin::Demand(entry));
            for edge in self.graph.in_edges(demand.node) {
                if let Some(path) = edge.transfer.backward(demand.path) {
                    self.backward.add(edge.from, demand.what, demand.strength, path, Origin::From(entry));
                }
            }
        }
    }

    /// Whether nobody asks for the label: `node` is an expression whose value goes nowhere, such as the result of `$this->setName($name);`. A setter
    /// that many classes inherit gives each of its calls a label for each class. That `node` is a row of a table is asked for everywhere.
    fn is_lost(&self, node: Node, what: What) -> bool {
        !matches!(what, What::Table(_)) && self.goes_nowhere(node)
    }

    fn goes_nowhere(&self, node: Node) -> bool {
        self.graph.is_unused_expr(node) && !self.ends.is_used(node)
    }

    pub(in crate::discover) fn is_parameter(&self, node: Node) -> bool {
        let Some(Slot::Variable(fun, name)) = self.graph.as_slot(node) else { return false };
        let (script, function) = self.program.function(fun);
        function.params.iter().any(|p| self.program.name(script, p.name) == name)
    }

    /// Adds an edge while solving: what is at its start already goes along it.
    pub(in crate::discover) fn connect(&mut self, from: Node, to: Node, transfer: Transfer) {
        let went_nowhere = self.goes_nowhere(from);
        if !self.graph.connect(from, to, transfer) {
            return;
        }
        if went_nowhere {
            // What was lost there is asked for now. What comes from `to` need not go back to it.
            let edges: Vec<Edge> = self.graph.in_edges(from).filter(|e| !e.compares && e.from != to).collect();
            edges.iter().for_each(|edge| self.carry(edge.from, from, edge.transfer));
        }
        if self.graph.compares() {
            let waiting: Vec<Entry> = self.forward.at(from).filter(|(e, _)| (e.0 as usize) < self.forward.done).map(|(e, _)| e).collect();
            self.compared.extend(waiting.into_iter().map(|entry| (entry, to, transfer)));
            return;
        }
        self.carry(from, to, transfer);
    }

    /// Carries what is at `from` along an edge to `to`.
    fn carry(&mut self, from: Node, to: Node, transfer: Transfer) {
        let parameter = self.is_parameter(to);
        let carried: Vec<(Entry, Label)> = self.forward.at(from).map(|(e, l)| (e, *l)).collect();
        for (entry, label) in carried {
            if let (What::Answer(answer), true, Transfer::Unwrap(key)) = (label.what, label.path.is_here(), transfer) {
                if let Some(what) = answers::step(self.program, answer, key) {
                    self.forward.add(to, what, label.strength, Path::HERE, Origin::From(entry));
                }
            } else if let (false, Some(path)) =
                (parameter && matches!(label.what, What::Sql(_)), transfer.forward_of(label.what, label.path))
                && !self.is_lost(to, label.what)
            {
                self.forward.add(to, label.what, label.strength, path, Origin::From(entry));
            }
        }
    }

    /// Calls whose target is written in the code.
    pub(super) fn start(&mut self, number: u32) {
        let Call { callee, result, .. } = self.calls[number as usize];
        match callee {
            Callee::Function(name) => match self.own_function(name) {
                Some(fun) => self.join(number, fun),
                None if self.is_loud_function(name) => {
                    self.file(number, name);
                    let plain = self.program.text(name).trim_start_matches('\\').to_owned();
                    if library::reads_xml(&plain) {
                        self.seed(result, What::Answer(Answer::Xml), Strength::Shown, Origin::Call(number));
                    }
                    self.made_by_name(number, &plain);
                }
                None => {}
            },
            Callee::OwnStatic(cls, name) => self.call_own(number, cls, name),
            Callee::OutsideStatic(class, name) => {
                self.call_panel(number, class, name, Strength::Shown);
                if library::table_method(self.program.text(name)) == Some(TableMethod::Quote) {
                    self.pass_argument(number);
                }
            }
            Callee::OwnNew(cls) => {
                self.make_own(number, cls);
            }
            Callee::OutsideNew(class) => self.make_panel(number, class),
            Callee::Method(_, name) if self.is_loud_method(name) => {
                self.request(number, name);
                let method = self.program.text(name).to_owned();
                match method.as_str() {
                    library::ADD_ELEMENT => self.add_element(number),
                    library::ALL_VALUES => self.ask_for_all(number),
                    _ => {}
                }
                self.made_by_name(number, &method);
                match library::table_method(&method) {
                    Some(TableMethod::Quote) => self.pass_argument(number),
                    Some(TableMethod::From | TableMethod::Write) if self.sql.shares_names => self.postponed.push(number),
                    Some(TableMethod::From) => self.select_from(number),
                    Some(TableMethod::QuoteInto) => self.quote_into(number),
                    Some(TableMethod::Write) => self.write_array(number),
                    None => {}
                }
            }
            Callee::Method(..) => {}
            Callee::Value(node) => self.call_text(number, node),
            Callee::Dynamic(..) => {}
            Callee::NewValue(node) => {
                for class in self.class_texts(node) {
                    let folded = self.program.intern(&class.trim_start_matches('\\').to_ascii_lowercase());
                    match self.program.class_of_name(folded) {
                        Some(cls) => self.make_own(number, cls),
                        None => self.make_panel(number, folded),
                    }
                }
            }
        }
    }

    pub(super) fn pass_argument(&mut self, number: u32) {
        let call = &self.calls[number as usize];
        if let Some(arg) = call.positional(0) {
            let (from, to) = (arg.node, call.result);
            self.connect(from, to, Transfer::Copy);
        }
    }

    /// The text that an argument is, if it is written in the call.
    pub(super) fn constant_argument(&self, number: u32, position: usize) -> Option<Name> {
        let call = &self.calls[number as usize];
        let arg = call.positional(position)?;
        match self.program.scripts()[call.script as usize].expr(arg.expr).kind {
            ExprKind::Text(sym) => Some(self.program.name(call.script, sym)),
            _ => None,
        }
    }

    /// An object, a statement or a closure came to `label.node`.
    pub(super) fn arrive(&mut self, label: Label) {
        if matches!(label.what, What::Id(_) | What::Stable(_) | What::Part(_) | What::Hashed(_) | What::Encrypted(_) | What::VarDir) {
            return;
        }
        if let What::Own(cls) = label.what {
            self.arrive_object(label.node, cls);
        }
        for at in self.ends.receivers(label.node) {
            let number = self.ends.receiver(at);
            match (label.what, self.calls[number as usize].callee) {
                (What::Own(cls), Callee::Method(_, name)) => self.call_own(number, cls, name),
                (What::Panel(class), Callee::Method(_, name)) => self.call_panel(number, class, name, label.strength),
                (What::Sql(statement), Callee::Method(_, name)) => self.call_statement(number, statement, name),
                (What::Table(table), Callee::Method(_, name)) => self.call_table(number, table, name),
                (What::Own(cls), Callee::Dynamic(_, names)) => {
                    for name in self.class_texts(names) {
                        let name = self.program.intern(&name.to_ascii_lowercase());
                        self.call_own(number, cls, name);
                    }
                }
                (What::Panel(class), Callee::Dynamic(_, names)) => {
                    for name in self.class_texts(names) {
                        let name = self.program.intern(&name.to_ascii_lowercase());
                        self.call_panel(number, class, name, label.strength);
                    }
                }
                (What::Answer(answer), Callee::Method(_, name)) => self.call_answer(number, answer, name),
                (What::Handle(opened), Callee::Method(_, name)) => self.call_handle(number, opened, name, 0),
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
                for at in self.ends.arguments(label.node) {
                    let (number, position) = self.ends.argument(at);
                    self.hand_over(number, position, statement);
                }
            }
            What::Table(table) => {
                self.rows(label.node, table);
                self.passed(label.node).into_iter().for_each(|(number, position)| self.fetch_selected(number, position, table));
            }
            What::Handle(opened) => {
                for (number, position) in self.passed(label.node) {
                    if let (0, Callee::Function(name)) = (position, self.calls[number as usize].callee) {
                        self.call_handle(number, opened, name, 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// The calls that `node` is an argument of, and its positions.
    pub(super) fn passed(&self, node: Node) -> Vec<(u32, u32)> {
        self.ends.arguments(node).map(|at| self.ends.argument(at)).collect()
    }

    /// The node of a property: that of the class highest up that declares it.
    pub(in crate::discover) fn property(&mut self, cls: Cls, name: Name) -> Node {
        let owner = self.program.declarer(cls, name, false);
        self.graph.slot(Slot::Property(owner, name))
    }

    /// Arguments go into parameters, the result comes out.
    pub(super) fn join(&mut self, number: u32, fun: Fun) {
        if !self.joins.add(number, fun) {
            return;
        }
        let (script, function) = self.program.function(fun);
        let call = &self.calls[number as usize];
        let constructor = matches!(call.callee, Callee::OwnNew(_) | Callee::NewValue(_));
        let mut edges = Vec::with_capacity(call.args.len() + 1);
        let all = self.program.find(FUNC_GET_ARGS).map(|name| Slot::Variable(fun, name)).filter(|slot| self.graph.find(*slot).is_some());
        for (position, arg) in call.args.iter().enumerate() {
            let param = match arg.name {
                Some(name) => function.params.iter().find(|p| self.program.name(script, p.name) == name),
                None => function.params.get(position).or_else(|| function.params.last().filter(|p| p.variadic)),
            };
            if let (Some(all), false) = (all, arg.spread) {
                edges.push((arg.node, all, Transfer::Wrap(Key::item(position))));
            }
            let Some(param) = param else { continue };
            let transfer = match (param.variadic, arg.spread) {
                // What stands before it is counted only where nothing is spread.
                (true, false) if arg.name.is_none() && call.args[..position].iter().all(|a| !a.spread && a.name.is_none()) => {
                    Transfer::Wrap(Key::item((position + 1).saturating_sub(function.params.len())))
                }
                (true, false) => Transfer::Wrap(Key::ANY),
                (false, true) => Transfer::Unwrap(Key::ANY),
                _ => Transfer::Copy,
            };
            edges.push((arg.node, Slot::Variable(fun, self.program.name(script, param.name)), transfer));
        }
        let result = call.result;
        let by_ref: Vec<Name> = function.params.iter().filter(|p| p.by_ref).map(|p| self.program.name(script, p.name)).collect();
        for (from, slot, transfer) in edges {
            let to = self.graph.slot(slot);
            self.connect(from, to, transfer);
            if let Slot::Variable(_, name) = slot
                && by_ref.contains(&name)
                && transfer == Transfer::Copy
            {
                self.connect(to, from, Transfer::Copy);
            }
        }
        let taken = self.by_key(number, fun);
        self.told_columns(number);
        if !constructor {
            let from = self.graph.slot(Slot::Result(fun));
            self.connect(from, result, if taken { Transfer::Object } else { Transfer::Copy });
        }
        if let Some(position) = self.builders.told(fun) {
            self.build_on(number, position);
        }
    }

    /// The properties that are known of an object of `cls`: its own and the inherited ones.
    pub(in crate::discover) fn properties_of(&self, cls: Cls) -> impl Iterator<Item = (Name, Node)> {
        self.program.lineage(cls).iter().flat_map(|owner| self.graph.properties(*owner)).copied()
    }

    /// The functions that a call was found to call.
    pub(in crate::discover) fn called(&self, number: u32) -> Vec<Fun> {
        self.joins.called(number)
    }

    /// The calls that were found to call `fun`, in the order in which they stand.
    pub(in crate::discover) fn callers(&self, fun: Fun) -> Vec<u32> {
        self.joins.callers(fun)
    }
}
