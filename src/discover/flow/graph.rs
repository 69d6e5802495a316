//! Nodes and edges.

use rustc_hash::{FxHashMap, FxHashSet};

use super::label::Transfer;
use crate::discover::program::{Cls, Fun, Name};
use crate::extension::php::ir::ExprId;
use crate::panel::Kind;
use crate::panel::catalogue::Keeps;

/// A place that a value can be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::discover) struct Node(pub(in crate::discover) u32);

/// What a node that is no expression stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::discover) enum Slot {
    /// A variable of a function; a parameter too.
    Variable(Fun, Name),
    /// What a function gives back.
    Result(Fun),
    /// What a function gives back of its own, where it also hands on what it is given.
    Remainder(Fun),
    /// A property of a class, static or not.
    Property(Cls, Name),
    /// A global or class constant, a global variable.
    Global(Name),
    /// A constant of a class.
    Constant(Cls, Name),
    /// A column of a table: both names as the code or the schema writes them, folded.
    Column(Name, Name),
    /// What a store keeps under names of this pattern.
    Kept(Keeps, Option<Kind>, Name),
    /// A row that a call gives; the call's result node.
    Row(u32),
    /// Any row of a list that a call gives, where it may as well be one row; the call's result node.
    Rows(u32),
    /// A value without a place of its own in the code.
    Temporary(u32),
}

impl Slot {
    /// Whether code of several scripts can mean it.
    pub(in crate::discover) fn is_shared(self) -> bool {
        match self {
            Slot::Variable(..) | Slot::Result(_) | Slot::Remainder(_) | Slot::Row(_) | Slot::Rows(_) | Slot::Temporary(_) => false,
            Slot::Property(..) | Slot::Global(_) | Slot::Constant(..) | Slot::Column(..) | Slot::Kept(..) => true,
        }
    }

    fn renamed(self, name: impl Fn(Name) -> Name) -> Slot {
        match self {
            Slot::Variable(fun, own) => Slot::Variable(fun, name(own)),
            Slot::Property(cls, own) => Slot::Property(cls, name(own)),
            Slot::Global(own) => Slot::Global(name(own)),
            Slot::Constant(cls, own) => Slot::Constant(cls, name(own)),
            Slot::Column(table, column) => Slot::Column(name(table), name(column)),
            Slot::Kept(keeps, of, own) => Slot::Kept(keeps, of, name(own)),
            Slot::Result(_) | Slot::Remainder(_) | Slot::Row(_) | Slot::Rows(_) | Slot::Temporary(_) => self,
        }
    }
}

/// Where the nodes of a part of a graph are in the whole.
pub(in crate::discover) struct Moved {
    /// How many of the part's nodes are expressions.
    exprs: u32,
    /// The first of them.
    first: Node,
    /// The others.
    slots: Vec<Node>,
}

impl Moved {
    /// The node of the whole that `node` of the part is.
    pub(in crate::discover) fn node(&self, node: Node) -> Node {
        match node.0.checked_sub(self.exprs) {
            Some(slot) => self.slots[slot as usize],
            None => Node(self.first.0 + node.0),
        }
    }
}

const NONE: u32 = u32::MAX;

/// As many edges into one node are compared with a new one, one by one; those into a node with more are hashed. Nearly all nodes have fewer.
const FEW_EDGES: usize = 8;

/// As many variables of one function are compared with a name, one by one; further ones are hashed.
const FEW_VARIABLES: usize = 16;

#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Edge {
    pub(in crate::discover) from: Node,
    pub(in crate::discover) to: Node,
    pub(in crate::discover) transfer: Transfer,
    /// The expression that makes the value pass, where it is neither end.
    pub(in crate::discover) site: Option<Node>,
    /// Whether the two are only compared.
    pub(in crate::discover) compares: bool,
    next_out: u32,
    next_in: u32,
}

/// The graph of a program, or of some scripts of it. Expressions of all scripts come first, then the other nodes as they are met.
pub(in crate::discover) struct Graph {
    /// The first script and the first function that there are nodes for.
    first_script: u32,
    first_fun: u32,
    /// For each script, the node of its first expression.
    first_expr: Vec<u32>,
    expr_count: u32,
    slots: Vec<Slot>,
    by_slot: FxHashMap<Slot, Node>,
    /// For each function from the first one on, its first variables: nearly all functions have few, which are found sooner than a hash.
    variables: Vec<Vec<(Name, Node)>>,
    /// For each function from the first one on, its result, if it was met. Every call asks.
    results: Vec<Option<Node>>,
    out_heads: Vec<u32>,
    in_heads: Vec<u32>,
    edges: Vec<Edge>,
    /// The edges into the nodes that have at least [`FEW_EDGES`].
    known: FxHashSet<(Node, Node, Transfer, bool)>,
    site: Option<Node>,
    compares: bool,
    /// For each class, the properties of it that were met.
    properties: FxHashMap<Cls, Vec<(Name, Node)>>,
}

impl Graph {
    /// A graph over scripts with these numbers of expressions, the first of which has that number, and its first function that.
    pub(in crate::discover) fn new(first_script: u32, first_fun: Fun, expr_counts: impl Iterator<Item = usize>) -> Graph {
        let mut first_expr = Vec::new();
        let mut total = 0u32;
        for n in expr_counts {
            first_expr.push(total);
            total += u32::try_from(n).expect("fewer than 2³² expressions");
        }
        Graph {
            first_script,
            first_fun: first_fun.0,
            first_expr,
            expr_count: total,
            slots: Vec::new(),
            by_slot: FxHashMap::default(),
            variables: Vec::new(),
            results: Vec::new(),
            out_heads: vec![NONE; total as usize],
            in_heads: vec![NONE; total as usize],
            edges: Vec::new(),
            known: FxHashSet::default(),
            site: None,
            compares: false,
            properties: FxHashMap::default(),
        }
    }

    /// The properties that `cls` itself declares or is the first to be seen with.
    pub(in crate::discover) fn properties(&self, cls: Cls) -> &[(Name, Node)] {
        self.properties.get(&cls).map_or(&[], Vec::as_slice)
    }

    pub(in crate::discover) fn expr(&self, script: u32, expr: ExprId) -> Node {
        Node(self.first_expr[(script - self.first_script) as usize] + expr.0)
    }

    /// The script and expression of `node`, if it is one.
    pub(in crate::discover) fn as_expr(&self, node: Node) -> Option<(u32, ExprId)> {
        if node.0 >= self.expr_count {
            return None;
        }
        let script = self.first_expr.partition_point(|first| *first <= node.0) - 1;
        // Scripts without expressions share their first number with the next one; the last of them is the one meant.
        Some((self.first_script + u32::try_from(script).ok()?, ExprId(node.0 - self.first_expr[script])))
    }

    pub(in crate::discover) fn slot(&mut self, slot: Slot) -> Node {
        if let Some(node) = self.find(slot) {
            return node;
        }
        let node = self.add(slot);
        match slot {
            Slot::Property(cls, name) => self.properties.entry(cls).or_default().push((name, node)),
            Slot::Variable(Fun(fun), name) => {
                let fun = (fun - self.first_fun) as usize;
                if self.variables.len() <= fun {
                    self.variables.resize(fun + 1, Vec::new());
                }
                let few = &mut self.variables[fun];
                if few.len() < FEW_VARIABLES {
                    few.push((name, node));
                    return node;
                }
            }
            Slot::Result(Fun(fun)) => {
                let fun = (fun - self.first_fun) as usize;
                if self.results.len() <= fun {
                    self.results.resize(fun + 1, None);
                }
                self.results[fun] = Some(node);
                return node;
            }
            _ => {}
        }
        self.by_slot.insert(slot, node);
        node
    }

    fn add(&mut self, slot: Slot) -> Node {
        let node = Node(u32::try_from(self.out_heads.len()).expect("fewer than 2³² nodes"));
        self.slots.push(slot);
        self.out_heads.push(NONE);
        self.in_heads.push(NONE);
        node
    }

    /// The node of `slot`, if it was met.
    pub(in crate::discover) fn find(&self, slot: Slot) -> Option<Node> {
        if let Slot::Variable(Fun(fun), name) = slot {
            let few = self.variables.get((fun - self.first_fun) as usize)?;
            match few.iter().find(|(n, _)| *n == name) {
                Some((_, node)) => return Some(*node),
                None if few.len() < FEW_VARIABLES => return None,
                None => {}
            }
        }
        if let Slot::Result(Fun(fun)) = slot {
            return self.results.get((fun - self.first_fun) as usize).copied().flatten();
        }
        self.by_slot.get(&slot).copied()
    }

    /// A new node for a value that has no place of its own in the code.
    pub(in crate::discover) fn temporary(&mut self) -> Node {
        let number = u32::try_from(self.slots.len()).expect("fewer than 2³² nodes");
        self.add(Slot::Temporary(number))
    }

    /// What `node` stands for, if it is no expression.
    pub(in crate::discover) fn as_slot(&self, node: Node) -> Option<Slot> {
        self.slots.get((node.0.checked_sub(self.expr_count)?) as usize).copied()
    }

    /// All nodes that are no expressions.
    pub(in crate::discover) fn slots(&self) -> impl Iterator<Item = (Node, Slot)> + '_ {
        self.slots.iter().zip(self.expr_count..).map(|(slot, n)| (Node(n), *slot))
    }

    /// The expression that the edges added from now on belong to.
    pub(in crate::discover) fn set_site(&mut self, site: Option<Node>) {
        self.site = site;
    }

    /// Whether the edges added from now on only say that two values are compared.
    pub(in crate::discover) fn set_compares(&mut self, compares: bool) {
        self.compares = compares;
    }

    pub(in crate::discover) fn compares(&self) -> bool {
        self.compares
    }

    /// Adds an edge; false if it was there.
    pub(in crate::discover) fn connect(&mut self, from: Node, to: Node, transfer: Transfer) -> bool {
        if (from == to && transfer == Transfer::Copy) || !self.is_new(from, to, transfer) {
            return false;
        }
        self.add_edge(from, to, transfer);
        true
    }

    fn add_edge(&mut self, from: Node, to: Node, transfer: Transfer) {
        let number = u32::try_from(self.edges.len()).expect("fewer than 2³² edges");
        let (f, t) = (from.0 as usize, to.0 as usize);
        self.edges.push(Edge {
            from,
            to,
            transfer,
            site: self.site,
            compares: self.compares,
            next_out: self.out_heads[f],
            next_in: self.in_heads[t],
        });
        self.out_heads[f] = number;
        self.in_heads[t] = number;
    }

    /// Takes in the graph of some of the scripts, as if it had been made here. `name` tells what each of its names is here.
    pub(in crate::discover) fn append(&mut self, part: &Graph, name: impl Fn(Name) -> Name) -> Moved {
        let slots = part.slots.iter().map(|slot| match slot.renamed(&name) {
            Slot::Temporary(_) => self.temporary(),
            slot => self.slot(slot),
        });
        let slots = slots.collect();
        let moved = Moved { exprs: part.expr_count, first: self.expr(part.first_script, ExprId(0)), slots };
        for edge in &part.edges {
            let (from, to, transfer) = (moved.node(edge.from), moved.node(edge.to), edge.transfer.renamed(&name));
            self.site = edge.site.map(|site| moved.node(site));
            self.compares = edge.compares;
            // Nothing outside of the part leads to what is its own.
            if part.as_slot(edge.to).is_some_and(Slot::is_shared) {
                self.connect(from, to, transfer);
            } else {
                self.add_edge(from, to, transfer);
            }
        }
        (self.site, self.compares) = (None, false);
        for (from, to, transfer, compares) in &part.known {
            if !part.as_slot(*to).is_some_and(Slot::is_shared) {
                self.known.insert((moved.node(*from), moved.node(*to), transfer.renamed(&name), *compares));
            }
        }
        moved
    }

    fn is_new(&mut self, from: Node, to: Node, transfer: Transfer) -> bool {
        let key = |e: Edge| (e.from, e.to, e.transfer, e.compares);
        let new = (from, to, transfer, self.compares);
        let mut count = 0;
        for edge in self.in_edges(to).take(FEW_EDGES + 1) {
            if key(edge) == new {
                return false;
            }
            count += 1;
        }
        if count < FEW_EDGES {
            return true;
        }
        if count == FEW_EDGES {
            let few: Vec<_> = self.in_edges(to).map(key).collect();
            self.known.extend(few);
        }
        self.known.insert(new)
    }

    /// How many nodes there are.
    pub(in crate::discover) fn len(&self) -> usize {
        self.out_heads.len()
    }

    /// Whether `node` is an expression from which no edge leads on.
    pub(in crate::discover) fn is_unused_expr(&self, node: Node) -> bool {
        node.0 < self.expr_count && self.out_heads[node.0 as usize] == NONE
    }

    /// Where the first edge from `node` leads.
    pub(in crate::discover) fn first_end(&self, node: Node) -> Option<Node> {
        Some(self.edges.get(self.out_heads[node.0 as usize] as usize)?.to)
    }

    pub(in crate::discover) fn out_edges(&self, node: Node) -> impl Iterator<Item = Edge> + '_ {
        chain(&self.edges, self.out_heads[node.0 as usize], |e| e.next_out)
    }

    pub(in crate::discover) fn in_edges(&self, node: Node) -> impl Iterator<Item = Edge> + '_ {
        chain(&self.edges, self.in_heads[node.0 as usize], |e| e.next_in)
    }
}

fn chain<'a>(edges: &'a [Edge], first: u32, next: impl Fn(&Edge) -> u32 + 'a) -> impl Iterator<Item = Edge> + 'a {
    std::iter::successors(edges.get(first as usize), move |e| edges.get(next(e) as usize)).copied()
}
