//! What is done with the value of each node: what is called on it, which calls it is passed to.

use std::ops::Range;

use super::build::Built;
use super::calls::Callee;
use super::graph::Node;
use crate::extension::workers;

/// Something is called on the value.
const RECEIVER: u8 = 1;
/// It is passed to a call.
const ARGUMENT: u8 = 2;
/// Something else is done with it that is not an edge: a text is made of it, a part of it is taken, it is compared.
const OTHER: u8 = 4;

/// What is done with values. Every label asks, and most nodes have no answer, so a byte for each node comes before anything else.
pub(super) struct Ends {
    marks: Vec<u8>,
    /// Calls by what they are made on.
    receivers: ByNode<(u32, Callee)>,
    /// Calls and positions by the values that are passed.
    arguments: ByNode<(u32, u32)>,
}

impl Ends {
    pub(super) fn of(built: &Built, jobs: usize) -> Ends {
        let nodes = built.graph.len();
        let receivers = (0u32..).zip(&built.calls).filter_map(|(number, call)| match call.callee {
            Callee::Method(node, _) | Callee::Value(node) | Callee::Dynamic(node, _) => Some((node, (number, call.callee))),
            _ => None,
        });
        let arguments = (0u32..)
            .zip(&built.calls)
            .flat_map(|(number, call)| (0u32..).zip(&call.args).map(move |(position, arg)| (arg.node, (number, position))));
        let mut marks = vec![0; nodes];
        let texts = &built.texts;
        let made = texts.inside.keys().chain(texts.hashed.keys()).chain(texts.spelled.keys());
        let taken =
            built.properties.keys().chain(built.elements.keys()).chain(built.filled.keys()).chain(built.compared.iter().map(|c| &c.known));
        made.chain(taken).for_each(|node| marks[node.0 as usize] |= OTHER);
        receivers.clone().for_each(|(node, _)| marks[node.0 as usize] |= RECEIVER);
        arguments.clone().for_each(|(node, _)| marks[node.0 as usize] |= ARGUMENT);
        let (receivers, arguments) = workers::both(jobs, || ByNode::new(nodes, receivers), || ByNode::new(nodes, arguments.clone()));
        Ends { marks, receivers, arguments }
    }

    /// Whether anything is done with the value of `node`. Edges apart. Of what came in while solving that is not known: it may be.
    pub(super) fn is_used(&self, node: Node) -> bool {
        self.marks.get(node.0 as usize).is_none_or(|m| *m != 0)
    }

    /// Whether something other than a call is done with it: a text is made of it, a part of it is taken.
    pub(super) fn is_opened(&self, node: Node) -> bool {
        self.is_marked(node, OTHER)
    }

    fn is_marked(&self, node: Node, mark: u8) -> bool {
        self.marks.get(node.0 as usize).is_some_and(|m| m & mark != 0)
    }

    /// The numbers, for [`Ends::receiver`], of the calls on the value of `node`.
    pub(super) fn receivers(&self, node: Node) -> Range<usize> {
        if self.is_marked(node, RECEIVER) { self.receivers.of(node) } else { 0..0 }
    }

    /// The call of that number, and what it calls: nearly all that is asked of a call, and all calls lie far apart.
    pub(super) fn receiver(&self, at: usize) -> (u32, Callee) {
        self.receivers.items[at]
    }

    /// The numbers, for [`Ends::argument`], of the calls that the value of `node` is passed to.
    pub(super) fn arguments(&self, node: Node) -> Range<usize> {
        if self.is_marked(node, ARGUMENT) { self.arguments.of(node) } else { 0..0 }
    }

    /// The call of that number, and the position.
    pub(super) fn argument(&self, at: usize) -> (u32, u32) {
        self.arguments.items[at]
    }
}

/// Items by the nodes that they belong to; those of one node in the order in which they were given.
struct ByNode<T> {
    /// For each node, the number of its first item; then the number of all.
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy> ByNode<T> {
    /// Sorts `items`, which belong to the first `nodes` nodes.
    fn new(nodes: usize, items: impl Iterator<Item = (Node, T)> + Clone) -> ByNode<T> {
        let mut starts = vec![0; nodes + 1];
        for (node, _) in items.clone() {
            starts[node.0 as usize + 1] += 1;
        }
        let mut count = 0;
        for start in &mut starts {
            count += *start;
            *start = count;
        }
        // Whatever stands there before it is sorted in.
        let mut sorted: Vec<T> = items.clone().map(|(_, item)| item).collect();
        for (node, item) in items {
            let next = &mut starts[node.0 as usize];
            sorted[*next as usize] = item;
            *next += 1;
        }
        // Each start has become that of the node after.
        starts.rotate_right(1);
        starts[0] = 0;
        ByNode { starts, items: sorted }
    }

    fn of(&self, node: Node) -> Range<usize> {
        let at = node.0 as usize;
        self.starts[at] as usize..self.starts[at + 1] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_order() {
        let items = [(3, 'a'), (0, 'b'), (3, 'c'), (1, 'd'), (0, 'e'), (3, 'f')];
        let by_node = ByNode::new(5, items.into_iter().map(|(node, item)| (Node(node), item)));
        let of = |node| by_node.items[by_node.of(Node(node))].iter().collect::<String>();
        assert_eq!([0, 1, 2, 3, 4].map(of), ["be", "d", "", "acf", ""]);
        assert_eq!(ByNode::<u32>::new(0, std::iter::empty()).starts, [0]);
    }
}
