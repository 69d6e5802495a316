//! What callers tell of a name: the arguments that they give, the case of an enum, what they leave out.

use super::{Expander, MAX_ORIGINS, MAX_STEPS};
use crate::discover::flow::calls::Callee;
use crate::discover::flow::graph::{Node, Slot};
use crate::discover::flow::label::What;
use crate::discover::program::{Fun, Name};
use crate::discover::stores::seen::Part;
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, Lack, Stmt};

impl Expander<'_, '_, '_> {
    /// The function that `node` is a parameter of.
    pub(super) fn parameter_of(&self, node: Node) -> Option<Fun> {
        match self.solver.graph.as_slot(node)? {
            Slot::Variable(fun, _) if self.solver.is_parameter(node) => Some(fun),
            _ => None,
        }
    }

    /// The function whose callers tell what `node` is: a parameter of it, or the value of a case that it is given.
    pub(in crate::discover::stores) fn told_by_callers_of(&self, node: Node, frames: &[(Fun, u32)]) -> Option<Fun> {
        if let Some(fun) = self.parameter_of(node) {
            return Some(fun);
        }
        if self.by_class(node, frames).len() > 1 {
            return Some(frames.last().map_or(self.root, |(_, call)| self.solver.calls[*call as usize].within));
        }
        let (script, expr) = self.solver.graph.as_expr(node)?;
        let script = &self.solver.program.scripts()[script as usize];
        let ExprKind::Property { object, name } = script.expr(expr).kind else { return None };
        if script.text(name) != "value" || !matches!(script.expr(object).kind, ExprKind::Variable(_)) {
            return None;
        }
        self.parameter_of(self.handed_in(self.solver.property_accesses_of(node)?, frames).0)
    }

    /// Follows a parameter to what the outermost of the calls around it is given for it, and the calls around that.
    pub(super) fn handed_in<'f>(&self, parameter: Node, frames: &'f [(Fun, u32)]) -> (Node, &'f [(Fun, u32)]) {
        let (mut at, mut around) = (parameter, frames);
        for _ in 0..MAX_STEPS {
            let Some((argument, rest)) = self.argument(at, around) else { break };
            (at, around) = (argument, rest);
        }
        (at, around)
    }

    /// What a call gives to the parameter `node`, and the frames around that call.
    pub(super) fn argument<'f>(&self, node: Node, frames: &'f [(Fun, u32)]) -> Option<(Node, &'f [(Fun, u32)])> {
        let fun = self.parameter_of(node)?;
        let position = frames.iter().position(|f| f.0 == fun)?;
        let Some(Slot::Variable(_, name)) = self.solver.graph.as_slot(node) else { return None };
        let (script, function) = self.solver.program.function(fun);
        let index = function.params.iter().position(|p| self.solver.program.name(script, p.name) == name)?;
        let call = &self.solver.calls[frames[position].1 as usize];
        let named = call.args.iter().find(|a| a.name == Some(name));
        let given = named.or_else(|| call.positional(index)).map(|arg| arg.node);
        let spread = call.args.iter().any(|a| a.spread);
        let left_out = || function.params[index].default.filter(|_| !spread).map(|default| self.solver.graph.expr(script, default));
        Some((given.or_else(left_out)?, &frames[position + 1..]))
    }

    /// The constant that a caller gives, as it is, to a parameter.
    pub(super) fn case(&self, object: Node, frames: &[(Fun, u32)]) -> Option<Node> {
        let (mut at, _) = self.handed_in(object, frames);
        if !matches!(self.solver.graph.as_slot(at), Some(Slot::Constant(..)))
            && let [only] = self.sources(at)[..]
        {
            at = only;
        }
        matches!(self.solver.graph.as_slot(at), Some(Slot::Constant(..))).then_some(at)
    }

    /// The case that `$this->value` is that of: the one whose method a caller calls.
    pub(super) fn own_case(&self, node: Node, frames: &[(Fun, u32)]) -> Option<Node> {
        let Slot::Property(cls, name) = self.solver.graph.as_slot(node)? else { return None };
        if self.solver.program.text(name) != "value" || !self.solver.program.class(cls).1.is_enum {
            return None;
        }
        frames.iter().find_map(|(_, call)| match self.solver.calls[*call as usize].callee {
            Callee::Method(receiver, _) => matches!(self.solver.graph.as_slot(receiver), Some(Slot::Constant(..))).then_some(receiver),
            _ => None,
        })
    }

    /// What a caller gives to a parameter.
    pub(super) fn given(&self, parameter: Node, frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        match self.argument(parameter, frames) {
            Some((argument, around)) => self.expand(argument, around, depth + 1, out),
            None => out.push(Part::Value(parameter)),
        }
    }

    /// Leaves out what a call does not come to: of `if ($site === null) { return $name; } return "$name:$site";` it comes to the first where it gives nothing for
    /// `$site`, else to the other.
    pub(super) fn leave_out(&self, node: Node, sources: &mut Vec<Node>, frames: &[(Fun, u32)]) {
        if sources.len() < 2 {
            return;
        }
        for (fun, _) in frames {
            let (number, function) = self.solver.program.function(*fun);
            let script = &self.solver.program.scripts()[number as usize];
            // A variable that is given as it is has no place of its own.
            let choice = match self.solver.graph.as_expr(node).filter(|(of, _)| *of == number).map(|(_, expr)| script.expr(expr).kind) {
                Some(ExprKind::Choice(list)) => script.list(list),
                _ => &[],
            };
            let spelled = |name: Name| {
                let is = move |expr: &ExprId| matches!(script.expr(*expr).kind, ExprKind::Variable(sym) if self.solver.program.name(number, sym) == name);
                let returned = function.body.iter().filter_map(|s| if let Stmt::Return(value) = s { Some(*value) } else { None });
                choice.iter().copied().chain(returned).find(is)
            };
            let place = |source: &Node| match self.solver.graph.as_slot(*source) {
                Some(Slot::Variable(of, name)) if of == *fun => spelled(name),
                _ => self.solver.graph.as_expr(*source).filter(|(of, _)| *of == number).map(|(_, expr)| expr),
            };
            let within = |source: &Node, code: Bytes| place(source).is_some_and(|expr| script.expr(expr).at.is_in(code));
            let mut leave = |parts: &[Lack], lacks: bool| {
                for part in parts.iter().filter(|l| l.at.is_in(function.at)) {
                    let Some(parameter) = self.parameter_at(*fun, part.value) else { continue };
                    let known =
                        self.argument(parameter, frames).and_then(|_| self.is_lacking(self.handed_in(parameter, frames).0, part.loose));
                    if known == Some(lacks) && !sources.iter().all(|s| within(s, part.at)) {
                        sources.retain(|s| !within(s, part.at));
                    }
                }
            };
            // What runs only without the value does not where it is given, and the other way round. Of what is not known, either may be.
            leave(&script.lacks, false);
            leave(&script.presences, true);
        }
    }

    /// Whether what is given is nothing. `None`: it may be. `loose`: false, 0 and an empty text are nothing too.
    fn is_lacking(&self, given: Node, loose: bool) -> Option<bool> {
        if self.is_nothing(given, 0) {
            return Some(true);
        }
        if self.has(given, |what| matches!(what, What::Id(_) | What::Stable(_) | What::Panel(_) | What::Own(_))) {
            return Some(false);
        }
        let (script, expr) = self.solver.graph.as_expr(given)?;
        let script = &self.solver.program.scripts()[script as usize];
        let empty = match script.expr(expr).kind {
            ExprKind::Text(sym) => matches!(script.text(sym), "" | "0"),
            ExprKind::Integer(number) => number == 0,
            ExprKind::Constant(name) if script.text(name).eq_ignore_ascii_case("false") => true,
            ExprKind::Constant(name) if script.text(name).eq_ignore_ascii_case("true") => false,
            ExprKind::Array(elements) => script.elements(elements).is_empty(),
            _ => return None,
        };
        Some(empty && loose)
    }

    /// The parameter of a function that stands at a place of it, and has the value there that a caller gives.
    fn parameter_at(&self, fun: Fun, at: Bytes) -> Option<Node> {
        let (number, function) = self.solver.program.function(fun);
        let script = &self.solver.program.scripts()[number as usize];
        let written = self.solver.program.extension.file(script.file).bytes.get(at.start as usize..at.end as usize)?.strip_prefix(b"$")?;
        let param = function.params.iter().find(|p| script.text(p.name).as_bytes() == written)?;
        if !self.solver.program.renewals_of(fun, param.name).is_empty() {
            return None;
        }
        let node = self.solver.graph.find(Slot::Variable(fun, self.solver.program.name(number, param.name)))?;
        // Nothing in the function itself gives it another one: `$site ??= 'eu'`.
        let default = param.default.map(|default| self.solver.graph.expr(number, default));
        let own = |source: &Node| {
            let at = self.solver.graph.as_expr(*source).filter(|(of, _)| *of == number).map(|(_, expr)| script.expr(expr).at);
            Some(*source) != default && at.is_some_and(|at| at.is_in(function.at))
        };
        (!self.sources(node).iter().any(own)).then_some(node)
    }

    /// The value that a caller gives, where a helper hands its parameter on; else the value itself.
    pub(in crate::discover::stores) fn value(&self, node: Node, frames: &[(Fun, u32)]) -> Node {
        let (mut at, mut around) = (node, frames);
        for _ in 0..MAX_STEPS {
            if let Some((argument, rest)) = self.argument(at, around) {
                (at, around) = (argument, rest);
            } else if let Some(parameter) = self.only_parameter(at, around) {
                at = parameter;
            } else {
                break;
            }
        }
        if around.len() < frames.len() { at } else { node }
    }

    /// The one parameter that a value comes from within its helper, encoded or not: `is_array($value) ? json_encode($value) : $value`.
    fn only_parameter(&self, node: Node, frames: &[(Fun, u32)]) -> Option<Node> {
        if frames.is_empty() {
            return None;
        }
        let mut met = vec![node];
        let mut found = None;
        let mut at = 0;
        while at < met.len() && at < MAX_ORIGINS {
            let node = met[at];
            at += 1;
            if self.parameter_of(node).is_some() {
                if found.is_some_and(|f| f != node) || self.argument(node, frames).is_none() {
                    return None;
                }
                found = Some(node);
                continue;
            }
            for source in self.sources(node) {
                if !met.contains(&source) {
                    met.push(source);
                }
            }
        }
        found
    }

    /// The result of the outermost of the calls that give what is fetched on; else what is fetched.
    pub(in crate::discover::stores) fn outcome(&self, fetched: Node, frames: &[(Fun, u32)]) -> Node {
        let mut outcome = fetched;
        for (fun, call) in frames {
            if !self.gives(*fun, outcome) {
                break;
            }
            outcome = self.solver.calls[*call as usize].result;
        }
        outcome
    }

    /// Whether a function gives what `node` is.
    fn gives(&self, fun: Fun, node: Node) -> bool {
        let mut met: Vec<Node> = self.solver.graph.find(Slot::Result(fun)).into_iter().collect();
        let mut at = 0;
        while at < met.len() && at < MAX_ORIGINS {
            if met[at] == node {
                return true;
            }
            let sources = self.sources(met[at]);
            at += 1;
            met.extend(sources.into_iter().filter(|s| !met.contains(s)).collect::<Vec<_>>());
        }
        false
    }
}
