//! Functions that hand on what they are given: `clean($text)`, `first($rows)`. What one caller gives comes back to that caller, and to no other.

use super::build::Builder;
use super::graph::{Node, Slot};
use super::label::Transfer;
use super::solve::Solver;
use super::texts::Made;
use crate::discover::program::{Fun, Name};
use crate::extension::php::ir::{ExprKind, Function, FunctionKind};

/// A result is followed over this many places of a function. Longer ways are those of functions that do more than hand on.
const MAX_PLACES: usize = 64;

/// A value that is put under more keys than this on its way, or taken out of more, is not followed.
const MAX_STEPS: usize = 3;

/// A parameter that comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::discover) struct Handed {
    /// Its name.
    pub(super) parameter: Name,
    /// What becomes of it on the way, as far as it is not the same.
    steps: Vec<Step>,
}

/// What becomes of a value on its way through a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// It is put under a key, or taken out.
    Carry(Transfer),
    /// A text is made of it.
    Make(Made),
    /// It is written otherwise.
    Code,
}

impl Step {
    fn renamed(self, name: impl Fn(Name) -> Name) -> Step {
        if let Step::Carry(transfer) = self { Step::Carry(transfer.renamed(name)) } else { self }
    }
}

/// An argument that is written in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Constant {
    Text(Name),
    Integer(i64),
    Null,
}

impl Handed {
    /// The same with another name for each name in it.
    pub(super) fn renamed(self, name: impl Fn(Name) -> Name) -> Handed {
        Handed { parameter: name(self.parameter), steps: self.steps.into_iter().map(|step| step.renamed(&name)).collect() }
    }
}

impl Builder<'_, '_> {
    /// Notes which parameters the current function hands on. What else it gives is put together: [`Slot::Remainder`].
    pub(super) fn handed(&mut self, fun: Fun, function: &Function, result: Node) {
        // A closure has few callers, and what is known of these goes by its result.
        if function.params.is_empty() || matches!(function.kind, FunctionKind::Closure | FunctionKind::Arrow) {
            return;
        }
        let parameters: Vec<(Node, Name)> = function
            .params
            .iter()
            .map(|param| self.name(param.name))
            .filter_map(|name| Some((self.graph.find(Slot::Variable(fun, name))?, name)))
            .collect();
        // Every place that the result comes from, with what happens on the way from there.
        let mut places: Vec<(Node, Vec<Step>)> = vec![(result, Vec::new())];
        let mut comes: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        while let Some((node, steps)) = places.get(at).cloned() {
            at += 1;
            // What other functions put into a place is no part of this one.
            let is_own = match self.graph.as_slot(node) {
                None | Some(Slot::Temporary(_)) => true,
                Some(Slot::Variable(of, _) | Slot::Result(of)) => of == fun,
                Some(_) => false,
            };
            if !is_own {
                continue;
            }
            let carried = self.graph.in_edges(node).filter(|edge| !edge.compares).map(|edge| (edge.from, Some(edge.transfer), None));
            let made = self.texts.made_of(node).map(|(value, made)| (value, None, Some(made)));
            for (from, transfer, made) in carried.chain(made) {
                // A hash that also has something random in it says nothing of what else is in it.
                if made == Some(Made::Hash) && self.texts.is_random(&self.graph, from) {
                    continue;
                }
                // A text in a text is in it.
                let made = made.filter(|made| *made != Made::INSIDE || steps.first() != Some(&Step::Make(Made::INSIDE)));
                let step = transfer.filter(|t| *t != Transfer::Copy).map(Step::Carry).or(made.map(Step::Make));
                let code = self.texts.coded.contains(&node).then_some(Step::Code);
                let before: Vec<Step> = step.into_iter().chain(code).chain(steps.iter().copied()).collect();
                if places.len() > MAX_PLACES || before.len() > MAX_STEPS {
                    return;
                }
                let place = (from, before);
                let number = places.iter().position(|known| *known == place).unwrap_or_else(|| {
                    places.push(place);
                    places.len() - 1
                });
                comes.push((number, at - 1));
            }
        }
        let mut given: Vec<bool> = places.iter().map(|(node, _)| parameters.iter().any(|(of, _)| of == node)).collect();
        for _ in 0..places.len() {
            let before = given.iter().filter(|given| **given).count();
            comes.iter().for_each(|(from, to)| given[*to] |= given[*from]);
            if given.iter().filter(|given| **given).count() == before {
                break;
            }
        }
        if !given[0] {
            return;
        }
        let is_parameter = |node: Node| parameters.iter().find(|(of, _)| *of == node).map(|(_, name)| *name);
        let mut handed: Vec<Handed> = Vec::new();
        for (node, steps) in &places {
            if let Some(parameter) = is_parameter(*node) {
                let one = Handed { parameter, steps: steps.clone() };
                if !handed.contains(&one) {
                    handed.push(one);
                }
            }
        }
        // A property of what is given is known by the object's class, whoever gives it.
        let is_access = |node: Node| match self.graph.as_expr(node) {
            Some((_, expr)) => matches!(self.kind(expr), ExprKind::Property { .. } | ExprKind::Other(_)),
            None => false,
        };
        let own = comes.iter().filter(|(from, to)| !given[*from] && given[*to]).map(|(from, _)| *from);
        let mut others: Vec<usize> = own.chain((0..places.len()).filter(|at| given[*at] && is_access(places[*at].0))).collect();
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            let remainder = self.graph.slot(Slot::Remainder(fun));
            for other in others {
                let (node, steps) = places[other].clone();
                self.lead(node, &steps, remainder);
            }
        }
        self.handed.insert(fun, handed);
    }

    /// What `from` is comes to `to` after `steps`.
    fn lead(&mut self, from: Node, steps: &[Step], to: Node) {
        let mut at = from;
        for (number, step) in steps.iter().enumerate() {
            let next = if number + 1 == steps.len() { to } else { self.graph.temporary() };
            match *step {
                Step::Carry(transfer) => drop(self.graph.connect(at, next, transfer)),
                Step::Make(made) => self.texts.make(at, next, made),
                Step::Code => {
                    self.texts.coded.insert(next);
                    self.copy(at, next);
                }
            }
            at = next;
        }
        if steps.is_empty() {
            self.copy(from, to);
        }
    }
}

impl Solver<'_, '_> {
    /// What a call of `fun` gives and gets back. Whether its result is that, and what the function gives of its own; nothing else.
    pub(super) fn hand_back(&mut self, fun: Fun, result: Node, given: &[(Node, Name, Transfer)]) -> bool {
        let Some(handed) = self.handed.get(&fun).cloned() else { return false };
        for Handed { parameter, steps } in &handed {
            for (from, _, transfer) in given.iter().filter(|(_, name, _)| *name == *parameter) {
                let first = (*transfer != Transfer::Copy).then_some(Step::Carry(*transfer));
                let way: Vec<Step> = first.into_iter().chain(steps.iter().copied()).collect();
                self.lead(*from, &way, result);
            }
        }
        if let Some(own) = self.graph.find(Slot::Remainder(fun)) {
            self.connect(own, result, Transfer::Copy);
        }
        true
    }

    /// What a function gives for the same texts and numbers is the same each time that its caller asks for it.
    pub(super) fn ask_again(&mut self, number: u32, fun: Fun) {
        // What takes nothing gives the same to all anyway.
        if self.program.function(fun).1.params.is_empty() {
            return;
        }
        let call = &self.calls[number as usize];
        let file = &self.program.scripts()[call.script as usize];
        let constants = call.args.iter().map(|arg| match file.expr(arg.expr).kind {
            ExprKind::Text(sym) if !arg.spread => Some(Constant::Text(self.program.name(call.script, sym))),
            ExprKind::Integer(n) if !arg.spread => Some(Constant::Integer(n)),
            ExprKind::Null => Some(Constant::Null),
            _ => None,
        });
        let Some(constants) = constants.collect::<Option<Vec<Constant>>>() else { return };
        // One word of a request may mean different things to different functions; where nothing is told, it is one thing to all.
        let within = if constants.is_empty() { fun } else { call.within };
        let result = call.result;
        let first = *self.asked.entry((within, fun, constants)).or_insert(result);
        if first != result {
            self.connect(first, result, Transfer::Copy);
            self.connect(result, first, Transfer::Copy);
        }
    }

    /// What `from` is comes to `to` after `steps`.
    fn lead(&mut self, from: Node, steps: &[Step], to: Node) {
        let mut at = from;
        for (number, step) in steps.iter().enumerate() {
            let next = if number + 1 == steps.len() { to } else { self.graph.temporary() };
            match *step {
                Step::Carry(transfer) => self.connect(at, next, transfer),
                Step::Make(made) => self.make(at, next, made),
                Step::Code => {
                    self.texts.coded.insert(next);
                    self.connect(at, next, Transfer::Copy);
                }
            }
            at = next;
        }
        if steps.is_empty() {
            self.connect(from, to, Transfer::Copy);
        }
    }
}
