//! Paths compiled to one machine: which spots a walk through a document is on the way to.
//!
//! A state is a point on the way of some path; a walk is in several at once, one bit each. Most members of a document lead nowhere: their set is empty, and
//! what lies below is passed over.

use super::leaf::Leaf;
use super::number;
use super::path::Step;
use super::pattern::Pattern;
use super::spots::SpotError;

/// A set of states.
pub(super) type States = u128;
/// Most states of a machine.
const MOST: usize = 128;

#[derive(Debug, Clone)]
pub(super) struct Machine {
    nodes: Vec<Node>,
    /// Where a walk begins: the top and all that it stands for.
    pub start: States,
    /// States at which something stands.
    pub leafs: States,
    /// States with a way on.
    pub inner: States,
    /// States at which keys hold ids.
    pub keyed: States,
}

#[derive(Debug, Clone, Default)]
struct Node {
    moves: Vec<(On, usize)>,
    /// A walk stays in this state below any member.
    deep: bool,
    /// The state for any depth below this one, in which a walk is as soon as it is in this one.
    also: Option<usize>,
    leaf: Leaf,
}

/// What a member must be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum On {
    Any,
    Key(Vec<u8>),
    Index(u64),
    Keys(Pattern),
}

/// A member of an array or object.
#[derive(Debug, Clone, Copy)]
pub(super) enum Member<'k> {
    /// By its key, unescaped.
    Key(&'k [u8]),
    /// By its position, in a list that has no keys.
    Position(u64),
    /// By a key that is a number, in a PHP array.
    Number(i64),
}

impl Default for Machine {
    fn default() -> Machine {
        Machine { nodes: vec![Node::default()], start: 1, leafs: 0, inner: 0, keyed: 0 }
    }
}

/// The numbers of the states in a set.
fn each(mut states: States) -> impl Iterator<Item = usize> + Clone {
    std::iter::from_fn(move || {
        let first = states.trailing_zeros() as usize;
        states &= states.wrapping_sub(1);
        (first < MOST).then_some(first)
    })
}

impl Machine {
    /// Whether no path is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.leafs == 0 && self.keyed == 0
    }

    /// Adds a path that ends in `leaf`.
    pub(super) fn add(&mut self, steps: &[Step], leaf: Leaf, holes: &dyn Fn(&str) -> Option<u32>) -> Result<(), SpotError> {
        let mut at = 0;
        for step in steps {
            let on = match step {
                Step::Deep => {
                    at = match self.nodes[at].also {
                        Some(below) => below,
                        None => {
                            let below = self.node()?;
                            self.nodes[below].deep = true;
                            self.nodes[at].also = Some(below);
                            below
                        }
                    };
                    continue;
                }
                Step::Any => On::Any,
                Step::Key(key) => On::Key(key.as_bytes().to_vec()),
                Step::Index(index) => On::Index(u64::from(*index)),
                Step::Keys(pattern) => On::Keys(Pattern::parse(pattern, holes).map_err(SpotError)?),
            };
            at = match self.nodes[at].moves.iter().find(|(other, _)| *other == on) {
                Some((_, to)) => *to,
                None => {
                    let to = self.node()?;
                    self.nodes[at].moves.push((on, to));
                    to
                }
            };
        }
        self.nodes[at].leaf.merge(leaf)?;
        self.start = self.with_also(0);
        let states =
            |wanted: &dyn Fn(&Node) -> bool| self.nodes.iter().enumerate().filter(|(_, n)| wanted(n)).fold(0, |set, (i, _)| set | 1 << i);
        let leafs = states(&|n| !n.leaf.is_empty());
        let inner = states(&|n| n.deep || !n.moves.is_empty());
        let keyed = states(&|n| n.moves.iter().any(|(on, _)| matches!(on, On::Keys(_))));
        (self.leafs, self.inner, self.keyed) = (leafs, inner, keyed);
        Ok(())
    }

    fn node(&mut self) -> Result<usize, SpotError> {
        if self.nodes.len() == MOST {
            return Err(SpotError(format!("the paths into this value have more than {} different steps", MOST - 1)));
        }
        self.nodes.push(Node::default());
        Ok(self.nodes.len() - 1)
    }

    /// A state, and those that a walk in it is in too.
    fn with_also(&self, state: usize) -> States {
        let mut states = 1 << state;
        let mut at = state;
        while let Some(below) = self.nodes[at].also {
            states |= 1 << below;
            at = below;
        }
        states
    }

    /// Where a walk in `states` comes to by going to a member; `ids` takes the patterns in its key, where the key holds ids.
    pub(super) fn go<'m>(&'m self, states: States, member: Member<'_>, mut ids: impl FnMut(&'m Pattern)) -> States {
        let mut to = 0;
        for state in each(states) {
            let node = &self.nodes[state];
            if node.deep {
                to |= 1 << state;
            }
            for (on, next) in &node.moves {
                let fits = match (on, member) {
                    (On::Any, _) => true,
                    (On::Key(key), Member::Key(its)) => key == its,
                    (On::Key(key), Member::Number(its)) => number::canonical(key) == Some(its),
                    (On::Index(index), Member::Position(its)) => *index == its,
                    (On::Index(index), Member::Number(its)) => i64::try_from(*index) == Ok(its),
                    (On::Index(index), Member::Key(its)) => number::canonical(its).is_some_and(|its| i64::try_from(*index) == Ok(its)),
                    (On::Keys(pattern), Member::Key(its)) => pattern.fits(its),
                    (On::Keys(pattern), Member::Number(its)) => pattern.fits(super::splice::Decimal::new(its.into()).as_bytes()),
                    (On::Key(_) | On::Keys(_), Member::Position(_)) => false,
                };
                if fits {
                    if let On::Keys(pattern) = on {
                        ids(pattern);
                    }
                    to |= self.with_also(*next);
                }
            }
        }
        to
    }

    /// What stands where a walk in `states` is.
    pub(super) fn at(&self, states: States) -> impl Iterator<Item = &Leaf> + Clone {
        each(states & self.leafs).map(|state| &self.nodes[state].leaf)
    }
}
