//! Carries labels forward and demands backward until nothing changes.
//!
//! Calls join the graph as their receivers' classes become known. Every label remembers the one it came from, so the way of an id can be told.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::answers;
use super::build::{Built, Compared, Payload};
use super::calls::Call;
use super::ends::Ends;
use super::forms::Forms;
use super::graph::{Edge, Graph, Node, Slot};
use super::handed::{Constant, Handed};
use super::joins::Joins;
use super::keep::Use;
use super::keyed::Keyed;
use super::label::{Key, Path, Strength, Transfer, What};
use super::layer::{Entry, Label, Layer, Origin};
use super::objects::Spelling;
use super::texts::Texts;
use super::words::Words;
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
    pub(super) builders: &'p Builders,
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
    /// What functions hand on of what they are given.
    pub(super) handed: FxHashMap<Fun, Vec<Handed>>,
    /// The first call of a function with these arguments, in each function.
    pub(super) asked: FxHashMap<(Fun, Fun, Vec<Constant>), Node>,
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
    pub(super) joins: Joins,
    /// For each magic method that was asked about, the property that its answers come from, and how it spells names.
    pub(super) backings: FxHashMap<Fun, Option<Name>>,
    pub(super) spellings: FxHashMap<Fun, Spelling>,
    /// What forms ask.
    pub(super) forms: Forms,
    /// Calls that name a table, which wait until it is known whose.
    pub(super) postponed: Vec<u32>,
    /// Statements whose values in their texts met their columns, of those that wait.
    pub(super) met: FxHashSet<u32>,
    /// The panel's classes that occur.
    pub(super) classes: FxHashSet<Name>,
    pub(super) words: Words,
    /// What remote services gave; found when it is first asked for.
    pub(in crate::discover) afar: OnceLock<Afar>,
    /// The last call that gives each node's value; `u32::MAX` for none. Found when it is first asked for, shorter than the graph.
    given_by: OnceLock<Vec<u32>>,
    /// The object that each property expression is of; found when it is first asked for.
    pub(super) holders: OnceLock<FxHashMap<Node, Node>>,
    /// The number of threads to look through it all with, once nothing changes.
    pub(in crate::discover) jobs: usize,
}

impl<'p, 'a> Solver<'p, 'a> {
    pub(in crate::discover) fn new(program: &'p mut Program<'a>, built: Built, known: Known<'p>, jobs: usize) -> Solver<'p, 'a> {
        let Known { sql, tables, records, builders } = known;
        let ends = Ends::of(&built, jobs);
        let Built { graph, calls, seeds, panel_columns, texts, properties, elements, filled, mapped, handed, keyed, payloads, compared } =
            built;
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
            handed,
            asked: FxHashMap::default(),
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
            met: FxHashSet::default(),
            classes: FxHashSet::default(),
            words: Words::default(),
            afar: OnceLock::new(),
            given_by: OnceLock::new(),
            holders: OnceLock::new(),
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
            self.meet_own();
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
                .filter(|(_, l)| l.path.is_here() && l.strength == Strength::Shown && matches!(l.what, What::Id(_)) && !self.is_coded(l))
                .map(|(_, l)| l.what)
                .collect();
            for what in ids {
                self.backward.add(compared.with, what, Strength::Shown, compared.path, Origin::Compared(compared.site));
            }
        }
        self.comparisons = comparisons;
    }

    /// Whether an id was written with other digits on the way of a label.
    pub(in crate::discover) fn is_coded(&self, label: &Label) -> bool {
        if self.texts.coded.is_empty() {
            return false;
        }
        let before = |label: &&Label| if let Origin::From(entry) = label.origin { Some(self.label(entry)) } else { None };
        std::iter::successors(Some(label), before).any(|label| self.texts.coded.contains(&label.node))
    }

    /// The last call that gives each node's value; `u32::MAX` for none. It does not change while solving, and may be shorter than the graph.
    pub(in crate::discover) fn calls_by_result(&self) -> &[u32] {
        self.given_by.get_or_init(|| {
            let nodes = self.calls.iter().map(|call| call.result.0 as usize + 1).max().unwrap_or_default();
            let mut given_by = vec![u32::MAX; nodes];
            for (number, call) in (0u32..).zip(&self.calls) {
                given_by[call.result.0 as usize] = number;
            }
            given_by
        })
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
            // What one caller asks for is not what others get.
            let stays = label.inner && self.is_given_back(label.node);
            for edge in self.graph.out_edges(label.node) {
                // What is written to a place tells more of it than what it is compared with.
                if edge.compares {
                    self.compared.push((entry, edge.to, edge.transfer));
                    continue;
                }
                if stays {
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
                    let inner = label.inner && !self.is_shared(edge.to);
                    self.forward.put(edge.to, (label.what, label.strength, path), Origin::From(entry), inner);
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
        let needs = |to: &Node| self.forward.last_at(*to) ^ u32::from(self.goes_nowhere(*to));
        std::hint::black_box(ends.iter().filter(|to| to.0 != u32::MAX).map(needs).fold(0, u32::wrapping_add));
    }

    pub(super) fn run_backward(&mut self) {
        while let Some(&demand) = self.backward.labels.get(self.backward.done) {
            let entry = Entry(u32::try_from(self.backward.done).expect("fewer than 2³² demands"));
            self.backward.done += 1;
            // A constant that stands in for a missing id (`$id ?? self::NONE`) is none, and whatever else it stands for is none either.
            if matches!(self.graph.as_slot(demand.node), Some(Slot::Constant(..))) {
                continue;
            }
            if !self.is_written(demand.node) {
                self.forward.put(demand.node, (demand.what, demand.strength, demand.path), Origin::Demand(entry), demand.inner);
            }
            for edge in self.graph.in_edges(demand.node) {
                if let Some(path) = edge.transfer.backward(demand.path) {
                    let inner = self.is_given_back(edge.from) || (demand.inner && !self.is_shared(edge.from));
                    self.backward.put(edge.from, (demand.what, demand.strength, path), Origin::From(entry), inner);
                }
            }
        }
    }

    /// Whether the value is written in the code. It tells nothing of what else it is given to: `$sites = $servers = [];`.
    fn is_written(&self, node: Node) -> bool {
        let kind = self.graph.as_expr(node).map(|(script, expr)| self.program.scripts()[script as usize].expr(expr).kind);
        matches!(kind, Some(ExprKind::Array(_) | ExprKind::Text(_) | ExprKind::Integer(_) | ExprKind::Null))
    }

    /// Whether the node is what a function gives back, to each caller what that one asks for.
    fn is_given_back(&self, node: Node) -> bool {
        match self.graph.as_slot(node) {
            Some(Slot::Result(fun) | Slot::Remainder(fun)) => !self.program.function(fun).1.params.is_empty(),
            _ => false,
        }
    }

    /// Whether code all over can mean the node.
    fn is_shared(&self, node: Node) -> bool {
        self.graph.as_slot(node).is_some_and(Slot::is_shared)
    }

    /// Whether nobody asks for the label: `node` is an expression whose value goes nowhere, such as the result of `$this->setName($name);`. A setter
    /// that many classes inherit gives each of its calls a label for each class. That `node` is a row of a table is asked for everywhere.
    fn is_lost(&self, node: Node, what: What) -> bool {
        !matches!(what, What::Table(_)) && self.goes_nowhere(node)
    }

    fn goes_nowhere(&self, node: Node) -> bool {
        !self.ends.is_used(node) && self.graph.is_unused_expr(node)
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
        let stays = self.is_given_back(from);
        for (entry, label) in carried {
            if label.inner && stays {
                continue;
            }
            if let (What::Answer(answer), true, Transfer::Unwrap(key)) = (label.what, label.path.is_here(), transfer) {
                if let Some(what) = answers::step(self.program, answer, key) {
                    self.forward.add(to, what, label.strength, Path::HERE, Origin::From(entry));
                }
            } else if let (false, Some(path)) =
                (parameter && matches!(label.what, What::Sql(_)), transfer.forward_of(label.what, label.path))
                && !self.is_lost(to, label.what)
            {
                let inner = label.inner && !self.is_shared(to);
                self.forward.put(to, (label.what, label.strength, path), Origin::From(entry), inner);
            }
        }
    }

    /// The node of a property: that of the class highest up that declares it.
    pub(in crate::discover) fn property(&mut self, cls: Cls, name: Name) -> Node {
        let owner = self.program.declarer(cls, name, false);
        self.graph.slot(Slot::Property(owner, name))
    }

    /// The properties that are known of an object of `cls`: its own and the inherited ones.
    pub(in crate::discover) fn properties_of(&self, cls: Cls) -> impl Iterator<Item = (Name, Node)> {
        self.program.lineage(cls).iter().flat_map(|owner| self.graph.properties(*owner)).copied()
    }
}
