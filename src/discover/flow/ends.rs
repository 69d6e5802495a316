//! What is done with the value of each node: what is called on it, which calls it is passed to.

use std::ops::Range;

use super::build::Built;
use super::calls::Callee;
use super::graph::Node;

/// Something is called on the value.
const RECEIVER: u8 = 1;
/// It is passed to a call.
const ARGUMENT: u8 = 2;
/// Something else is done with it that is not an edge.
const OTHER: u8 = 4;

/// What is done with values. Every label asks, and most nodes have no answer, so a byte for each node comes before the search.
pub(super) struct Ends {
    marks: Vec<u8>,
    /// Calls by what they are made on, ordered.
    receivers: Vec<(Node, u32)>,
    /// Calls and positions by the values that are passed, ordered.
    arguments: Vec<(Node, u32, u32)>,
}

impl Ends {
    pub(super) fn of(built: &Built) -> Ends {
        let mut ends = Ends { marks: vec![0; built.graph.len()], receivers: Vec::new(), arguments: Vec::new() };
        let texts = &built.texts;
        let made = texts.inside.keys().chain(texts.hashed.keys()).chain(texts.spelled.keys());
        let taken = built.properties.keys().chain(built.elements.keys()).chain(built.compared.iter().map(|c| &c.known));
        for node in made.chain(taken) {
            ends.marks[node.0 as usize] |= OTHER;
        }
        for (number, call) in (0u32..).zip(&built.calls) {
            if let Callee::Method(node, _) | Callee::Value(node) | Callee::Dynamic(node, _) = call.callee {
                ends.receivers.push((node, number));
                ends.marks[node.0 as usize] |= RECEIVER;
            }
            for (position, arg) in (0u32..).zip(&call.args) {
                ends.arguments.push((arg.node, number, position));
                ends.marks[arg.node.0 as usize] |= ARGUMENT;
            }
        }
        ends.receivers.sort_unstable();
        ends.arguments.sort_unstable();
        ends
    }

    /// Whether anything is done with the value of `node`. Edges apart.
    pub(super) fn is_used(&self, node: Node) -> bool {
        self.marks.get(node.0 as usize).is_some_and(|m| *m != 0)
    }

    fn is_marked(&self, node: Node, mark: u8) -> bool {
        self.marks.get(node.0 as usize).is_some_and(|m| m & mark != 0)
    }

    /// The numbers, for [`Ends::receiver`], of the calls on the value of `node`.
    pub(super) fn receivers(&self, node: Node) -> Range<usize> {
        if !self.is_marked(node, RECEIVER) {
            return 0..0;
        }
        let first = self.receivers.partition_point(|(n, _)| *n < node);
        first..first + self.receivers[first..].iter().take_while(|(n, _)| *n == node).count()
    }

    /// The call of that number.
    pub(super) fn receiver(&self, at: usize) -> u32 {
        self.receivers[at].1
    }

    /// The numbers, for [`Ends::argument`], of the calls that the value of `node` is passed to.
    pub(super) fn arguments(&self, node: Node) -> Range<usize> {
        if !self.is_marked(node, ARGUMENT) {
            return 0..0;
        }
        let first = self.arguments.partition_point(|(n, ..)| *n < node);
        first..first + self.arguments[first..].iter().take_while(|(n, ..)| *n == node).count()
    }

    /// The call of that number, and the position.
    pub(super) fn argument(&self, at: usize) -> (u32, u32) {
        let (_, call, position) = self.arguments[at];
        (call, position)
    }
}
