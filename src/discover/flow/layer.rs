//! Labels by the nodes they are at.

use rustc_hash::FxHashSet;

use super::graph::Node;
use super::label::{Path, Strength, What};

/// A node carries at most this many labels; the rest is given up. Real code stays far below.
const MAX_LABELS: u16 = 256;

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
    /// A caller asks for it: it is so in the function that the caller calls, as far as that caller goes, and tells nothing of what others get from there.
    pub(super) inner: bool,
    /// The label that its node had before, and how many it then has.
    next: u32,
    count: u16,
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
    /// A comparison with an id, by its expression.
    Compared(Node),
    /// A demand: something that takes an id takes this value.
    Demand(Entry),
}

/// As many labels of one node are compared with a new one, one by one; those of a node with more are hashed. Nearly all nodes have fewer, and to
/// hash every label took a third of the time of solving.
const FEW_LABELS: u16 = 8;

/// One direction's labels.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) labels: Vec<Label>,
    /// The labels of the nodes that have at least [`FEW_LABELS`].
    known: FxHashSet<(Node, What, Strength, Path, bool)>,
    /// For each node, the number of its last label. Shorter than the graph: nodes come while solving.
    heads: Vec<u32>,
    /// How many of them were carried on.
    pub(super) done: usize,
}

impl Layer {
    pub(super) fn add(&mut self, node: Node, what: What, strength: Strength, path: Path, origin: Origin) {
        self.put(node, (what, strength, path), origin, false);
    }

    /// As [`Layer::add`]; `inner`: see [`Label::inner`].
    pub(super) fn put(&mut self, node: Node, (what, strength, path): (What, Strength, Path), origin: Origin, inner: bool) {
        let last = self.head(node);
        let count = self.labels.get(last as usize).map_or(0, |label| label.count);
        if count >= MAX_LABELS || !self.is_new(node, (what, strength, path), inner, count) {
            return;
        }
        let number = u32::try_from(self.labels.len()).expect("fewer than 2³² labels");
        self.labels.push(Label { node, what, strength, path, origin, inner, next: last, count: count + 1 });
        let at = node.0 as usize;
        if at >= self.heads.len() {
            self.heads.resize(at + 1, u32::MAX);
        }
        self.heads[at] = number;
    }

    /// Whether the node, which has `count` labels, does not have this one.
    fn is_new(&mut self, node: Node, (what, strength, path): (What, Strength, Path), inner: bool, count: u16) -> bool {
        if count < FEW_LABELS {
            return !self.at(node).any(|(_, l)| (l.what, l.strength, l.path) == (what, strength, path) && (inner || !l.inner));
        }
        if count == FEW_LABELS {
            let few: Vec<_> = self.at(node).map(|(_, l)| (node, l.what, l.strength, l.path, l.inner)).collect();
            self.known.extend(few);
        }
        let known = inner && self.known.contains(&(node, what, strength, path, false));
        !known && self.known.insert((node, what, strength, path, inner))
    }

    /// The number of the node's last label; `u32::MAX` if it has none.
    pub(super) fn head(&self, node: Node) -> u32 {
        self.heads.get(node.0 as usize).copied().unwrap_or(u32::MAX)
    }

    /// Something of the node's last label, which has to be fetched for that.
    pub(super) fn last_at(&self, node: Node) -> u32 {
        self.labels.get(self.head(node) as usize).map_or(0, |label| label.next)
    }

    pub(super) fn at(&self, node: Node) -> impl Iterator<Item = (Entry, &Label)> {
        let mut at = self.head(node);
        std::iter::from_fn(move || {
            let label = self.labels.get(at as usize)?;
            let entry = Entry(at);
            at = label.next;
            Some((entry, label))
        })
    }
}
