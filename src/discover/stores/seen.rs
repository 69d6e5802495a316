//! Uses of stores, each as one chain of callers makes it: the name under which something is kept, put together over helpers.

use std::cell::{Cell, RefCell};

use crate::discover::flow::calls::Callee;
use crate::discover::flow::graph::{Node, Slot};
use crate::discover::flow::keep::Use;
use crate::discover::flow::label::{Transfer, What};
use crate::discover::flow::solve::Solver;
use crate::discover::flow::texts::Piece;
use crate::discover::program::{Cls, Fun, Name};
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, Stmt};
use crate::extension::php::literal::constant;
use crate::extension::workers;
use crate::panel::catalogue::Keeps;

/// How far a name is followed.
const MAX_STEPS: usize = 12;
/// A value's parameter is looked for among this many nodes of its helper.
const MAX_ORIGINS: usize = 32;
/// An array in an array is looked into this deep.
const MAX_NESTING: usize = 2;
/// A variable that was made longer more often than this is not followed.
const MAX_APPENDS: usize = 8;
/// How many helpers around a call are looked through, and how many callers of one are told apart.
const MAX_HELPERS: usize = 3;
const MAX_CALLERS: usize = 40;
/// As many values are looked into for one name.
const MAX_VALUES: u32 = 2_000;
/// As many uses are looked through by one thread before it asks for more.
const CHUNK: usize = 64;
/// The widest use of one call: more names than these are given up.
const MAX_NAMES: usize = 200;
/// A name that is chosen among more than these is not known.
const MAX_CHOICES: usize = 8;

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Part {
    Text(String),
    Value(Node),
    VarDir,
}

/// Calls that a name is seen through: the function, and the call of it whose arguments count, innermost first.
pub(super) type Frames = Vec<(Fun, u32)>;

/// A use as one chain of callers makes it.
pub(super) struct Seen {
    pub(super) of: Use,
    pub(super) name: Vec<Part>,
    /// What was picked for the name, where the code has a choice.
    pub(super) picked: Vec<Node>,
    /// The class whose objects alone have that name for what they keep.
    pub(super) whose: Option<Cls>,
    /// The name with `*` for what is not written in the code; `None` when nothing of it is known, or it is no place in the var directory.
    pub(super) pattern: Option<String>,
    /// The name of the file that becomes this one.
    pub(super) moved_from: Option<Vec<Part>>,
    pub(super) value: Option<Node>,
    pub(super) fetched: Option<Node>,
    pub(super) frames: Frames,
}

impl Seen {
    /// The name with a text of its own for each value in it that `hole` knows, and `*` for the others.
    pub(super) fn pattern_with(&self, hole: impl Fn(Node) -> Option<String>) -> Option<String> {
        pattern_of(&self.of, &self.name, hole)
    }
}

fn pattern_of(of: &Use, name: &[Part], hole: impl Fn(Node) -> Option<String>) -> Option<String> {
    let parts = match of.keeps {
        Keeps::File => &name[name.iter().rposition(|p| *p == Part::VarDir)? + 1..],
        _ => name,
    };
    let mut pattern = String::new();
    for part in parts {
        match part {
            Part::Text(text) => pattern.push_str(text),
            Part::Value(node) => {
                let hole = hole(*node).unwrap_or_else(|| "*".to_owned());
                if hole != "*" || !pattern.ends_with('*') {
                    pattern.push_str(&hole);
                }
            }
            Part::VarDir => {}
        }
    }
    if of.keeps == Keeps::File {
        pattern = pattern.trim_start_matches('/').to_owned();
    }
    (!pattern.is_empty() || of.name.is_none()).then_some(pattern)
}

/// All uses, those in helpers once for each of their callers.
pub(super) fn seen(solver: &Solver<'_, '_>) -> Vec<Seen> {
    let mut at = vec![u32::MAX; solver.graph.len()];
    for (number, call) in (0u32..).zip(&solver.calls) {
        at[call.result.0 as usize] = number;
    }
    let chunks: Vec<&[Use]> = solver.uses.chunks(CHUNK).collect();
    workers::map_plain(solver.jobs, chunks.len(), |chunk| seen_of(solver, chunks[chunk], &at)).into_iter().flatten().collect()
}

/// Some of the uses. `at` tells the call that gives each node's value; `u32::MAX` for none.
fn seen_of(solver: &Solver<'_, '_>, uses: &[Use], at: &[u32]) -> Vec<Seen> {
    let mut all = Vec::new();
    for of in uses {
        let mut open: Vec<Frames> = vec![Vec::new()];
        let mut count = 0;
        while let Some(frames) = open.pop() {
            let names = names(solver, of, at, &frames);
            count += names.len();
            let told = |(name, ..): &(Vec<Part>, Picks, Option<Cls>)| {
                let expander = Expander::new(solver, at, of, None);
                name.iter().find_map(|p| if let Part::Value(n) = p { expander.told_by_callers_of(*n, &frames) } else { None })
            };
            if frames.len() < MAX_HELPERS
                && count < MAX_NAMES
                && let Some(fun) = names.iter().find_map(told)
            {
                let callers = solver.callers(fun);
                if !callers.is_empty() && callers.len() <= MAX_CALLERS {
                    let within = |caller: u32| frames.iter().cloned().chain([(fun, caller)]).collect::<Frames>();
                    open.extend(callers.into_iter().rev().filter(|c| !frames.iter().any(|f| f.1 == *c)).map(within));
                    continue;
                }
            }
            for (name, picks, whose) in names {
                let picked = picks.iter().flatten().map(|pick| pick.value).collect();
                let expander = Expander::new(solver, at, of, picks);
                let value = of.value.map(|v| expander.value(v, &frames));
                let fetched = of.fetched.map(|f| expander.outcome(f, &frames));
                let pattern = pattern_of(of, &name, |_| None);
                let moved_from = of.moved_from.map(|node| {
                    let mut name = Vec::new();
                    expander.expand(node, &frames, 0, &mut name);
                    name
                });
                all.push(Seen { of: *of, name, picked, whose, pattern, moved_from, value, fetched, frames: frames.clone() });
            }
        }
    }
    all
}

/// The names that a use has by what is chosen on the way: `$all ? 'all' : 'site-' . $id` is two. Where there are too many it is one, of which less is known.
fn names(solver: &Solver<'_, '_>, of: &Use, at: &[u32], frames: &[(Fun, u32)]) -> Vec<(Vec<Part>, Picks, Option<Cls>)> {
    let expanded = |picks: Picks| {
        let expander = Expander::new(solver, at, of, picks);
        let mut name = Vec::new();
        if let Some(node) = of.name {
            expander.expand(node, frames, 0, &mut name);
        }
        (name, expander.picks.into_inner(), expander.whose.get())
    };
    let mut names: Vec<(Vec<Part>, Picks, Option<Cls>)> = Vec::new();
    let mut next = Some(Vec::new());
    while let Some(picks) = next {
        let (name, picks, whose) = expanded(Some(picks));
        next = picks.as_ref().and_then(|picks| after(picks));
        if names.iter().all(|(known, ..)| *known != name) {
            names.push((name, picks, whose));
        }
        if names.len() > MAX_CHOICES {
            return vec![expanded(None)];
        }
    }
    names
}

/// What the class of an object tells of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// What it is declared with.
    Value(Node),
    /// What this function gives, by this call.
    Result(Fun, u32),
}

/// What is picked at a choice.
#[derive(Debug, Clone, Copy)]
struct Pick {
    /// The choice.
    choice: Node,
    /// The number of what is picked, and of how many.
    number: usize,
    of: usize,
    /// What is picked.
    value: Node,
}

/// What is picked at each choice, in the order in which they are met. `None`: nothing is to be picked.
type Picks = Option<Vec<Pick>>;

/// What is to be picked after that.
fn after(picks: &[Pick]) -> Option<Vec<Pick>> {
    let last = picks.iter().rposition(|pick| pick.number + 1 < pick.of)?;
    let mut next = picks[..=last].to_vec();
    next[last].number += 1;
    Some(next)
}

struct Expander<'s, 'p, 'a> {
    solver: &'s Solver<'p, 'a>,
    /// The call that gives each node's value; `u32::MAX` for none.
    at: &'s [u32],
    /// How many more values are looked into: names may be made of each other many times over.
    left: Cell<u32>,
    picks: RefCell<Picks>,
    /// The function in which the use stands.
    root: Fun,
    /// The one class that told something of the name.
    whose: Cell<Option<Cls>>,
}

impl<'s, 'p, 'a> Expander<'s, 'p, 'a> {
    fn new(solver: &'s Solver<'p, 'a>, at: &'s [u32], of: &Use, picks: Picks) -> Expander<'s, 'p, 'a> {
        let root = solver.calls[of.call as usize].within;
        Expander { solver, at, left: Cell::new(MAX_VALUES), picks: RefCell::new(picks), root, whose: Cell::new(None) }
    }

    /// Which of the values is picked at a choice.
    fn pick(&self, choice: Node, values: &[Node]) -> Option<Node> {
        let mut picks = self.picks.borrow_mut();
        let picks = picks.as_mut()?;
        if let Some(pick) = picks.iter_mut().find(|pick| pick.choice == choice) {
            pick.value = *values.get(pick.number)?;
            return Some(pick.value);
        }
        let value = *values.first()?;
        picks.push(Pick { choice, number: 0, of: values.len(), value });
        Some(value)
    }

    /// Whether the code spells the value, or a part of it.
    fn is_spelled(&self, node: Node) -> bool {
        if let Some(pieces) = self.solver.texts.pieces.get(&node) {
            return pieces.iter().any(|piece| matches!(piece, Piece::Text(_)));
        }
        let kind = self.solver.graph.as_expr(node).map(|(script, expr)| self.solver.program.scripts()[script as usize].expr(expr).kind);
        matches!(kind, Some(ExprKind::Text(_)))
    }

    /// The function that `node` is a parameter of.
    fn parameter_of(&self, node: Node) -> Option<Fun> {
        match self.solver.graph.as_slot(node)? {
            Slot::Variable(fun, _) if self.solver.is_parameter(node) => Some(fun),
            _ => None,
        }
    }

    /// The function whose callers tell what `node` is: a parameter of it, or the value of a case that it is given.
    fn told_by_callers_of(&self, node: Node, frames: &[(Fun, u32)]) -> Option<Fun> {
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
    fn handed_in<'f>(&self, parameter: Node, frames: &'f [(Fun, u32)]) -> (Node, &'f [(Fun, u32)]) {
        let (mut at, mut around) = (parameter, frames);
        for _ in 0..MAX_STEPS {
            let Some((argument, rest)) = self.argument(at, around) else { break };
            (at, around) = (argument, rest);
        }
        (at, around)
    }

    /// What a call gives to the parameter `node`, and the frames around that call.
    fn argument<'f>(&self, node: Node, frames: &'f [(Fun, u32)]) -> Option<(Node, &'f [(Fun, u32)])> {
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
    fn case(&self, object: Node, frames: &[(Fun, u32)]) -> Option<Node> {
        let (mut at, _) = self.handed_in(object, frames);
        if !matches!(self.solver.graph.as_slot(at), Some(Slot::Constant(..)))
            && let [only] = self.sources(at)[..]
        {
            at = only;
        }
        matches!(self.solver.graph.as_slot(at), Some(Slot::Constant(..))).then_some(at)
    }

    /// The case that `$this->value` is that of: the one whose method a caller calls.
    fn own_case(&self, node: Node, frames: &[(Fun, u32)]) -> Option<Node> {
        let Slot::Property(cls, name) = self.solver.graph.as_slot(node)? else { return None };
        if self.solver.program.text(name) != "value" || !self.solver.program.class(cls).1.is_enum {
            return None;
        }
        frames.iter().find_map(|(_, call)| match self.solver.calls[*call as usize].callee {
            Callee::Method(receiver, _) => matches!(self.solver.graph.as_slot(receiver), Some(Slot::Constant(..))).then_some(receiver),
            _ => None,
        })
    }

    fn has(&self, node: Node, fits: impl Fn(What) -> bool) -> bool {
        self.solver.labels(node).any(|(_, l)| l.path.is_here() && fits(l.what))
    }

    fn expand(&self, node: Node, frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        let left = self.left.get();
        if depth > MAX_STEPS || left == 0 {
            out.push(Part::Value(node));
            return;
        }
        self.left.set(left - 1);
        if self.has(node, |w| w == What::VarDir) {
            out.push(Part::VarDir);
            return;
        }
        if self.solver.texts.altered.contains(&node) {
            return out.push(Part::Value(node));
        }
        if let Some(pieces) = self.solver.texts.pieces.get(&node) {
            for piece in pieces {
                match piece {
                    Piece::Text(text) => out.push(Part::Text(text.clone())),
                    Piece::Value(value) => self.expand(*value, frames, depth + 1, out),
                }
            }
            return;
        }
        if let Some((script, expr)) = self.solver.graph.as_expr(node) {
            let script = &self.solver.program.scripts()[script as usize];
            match script.expr(expr).kind {
                ExprKind::Text(sym) => return out.push(Part::Text(script.text(sym).to_owned())),
                ExprKind::Integer(n) => return out.push(Part::Text(n.to_string())),
                ExprKind::Constant(name) if let Some(text) = constant(script.text(name)) => return out.push(Part::Text(text.to_owned())),
                // `$case->value`, where a caller tells which case it is; `Name::Case->value`.
                ExprKind::Property { object, name } if script.text(name) == "value" => {
                    if let (ExprKind::ClassConstant { .. }, Some(case)) = (script.expr(object).kind, self.solver.property_accesses_of(node))
                    {
                        return self.expand(case, frames, depth + 1, out);
                    }
                    let object = match script.expr(object).kind {
                        ExprKind::Variable(_) => self.solver.property_accesses_of(node),
                        _ => None,
                    };
                    if let Some(case) = object.and_then(|o| self.case(o, frames)) {
                        return self.expand(case, frames, depth + 1, out);
                    }
                    // Which case it is, only callers tell.
                    if object.is_some_and(|o| self.parameter_of(self.handed_in(o, frames).0).is_some()) {
                        return out.push(Part::Value(node));
                    }
                }
                _ => {}
            }
        }
        // `$key = $key . '_' . $id`, `$key .= $id`: the variable was made longer before it is used.
        if let Some(longer) = self.longer(node) {
            return self.grow(node, &longer, frames, depth, out);
        }
        if self.argument(node, frames).is_some() {
            return self.given(node, frames, depth, out);
        }
        if let Some(case) = self.own_case(node, frames) {
            return self.expand(case, frames, depth + 1, out);
        }
        match self.by_class(node, frames)[..] {
            [] => {}
            [Told::Value(value)] => return self.expand(value, frames, depth + 1, out),
            [Told::Result(fun, call)] => return self.expand_result(node, (fun, call), frames, depth, out),
            // Whose object it is, only callers tell.
            _ => return out.push(Part::Value(node)),
        }
        if self.parameter_of(node).is_some() || self.has(node, |w| matches!(w, What::Id(_) | What::Stable(_) | What::Hashed(_))) {
            out.push(Part::Value(node));
            return;
        }
        if let Some(number) = self.at.get(node.0 as usize).filter(|number| **number != u32::MAX)
            && let [fun] = self.solver.called(*number)[..]
        {
            return self.expand_result(node, (fun, *number), frames, depth, out);
        }
        let mut sources = self.sources(node);
        if sources.len() > 1 {
            sources = self.values(node);
            sources.retain(|source| !self.is_nothing(*source, 0));
            self.leave_out(node, &mut sources, frames);
        }
        match sources[..] {
            [only] => self.expand(only, frames, depth + 1, out),
            [] => match self.element(node) {
                Some(element) => self.expand(element, frames, depth + 1, out),
                None => out.push(Part::Value(node)),
            },
            ref several => {
                let spelled = several.len() <= MAX_CHOICES && several.iter().any(|n| self.is_spelled(*n));
                if let Some(picked) = Some(several).filter(|_| spelled).and_then(|several| self.pick(node, several)) {
                    return self.expand(picked, frames, depth + 1, out);
                }
                let expand = |n: &Node| {
                    let mut parts = Vec::new();
                    self.expand(*n, frames, depth + 4, &mut parts);
                    parts
                };
                let first = expand(&several[0]);
                let others: Vec<Vec<Part>> = several[1..].iter().map(expand).collect();
                if first.iter().all(|p| !matches!(p, Part::Value(_))) && others.iter().all(|other| *other == first) {
                    return out.extend(first);
                }
                // One of several folders of the var directory is in the var directory.
                if others.iter().chain([&first]).all(|parts| parts.first() == Some(&Part::VarDir)) {
                    out.push(Part::VarDir);
                }
                out.push(Part::Value(node));
            }
        }
    }

    /// What a call of a function gives.
    fn expand_result(&self, node: Node, called: (Fun, u32), frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        let inner: Frames = std::iter::once(called).chain(frames.iter().copied()).collect();
        let mut given = self.solver.graph.find(Slot::Result(called.0)).map(|r| self.sources(r)).unwrap_or_default();
        self.leave_out(node, &mut given, &inner);
        match given[..] {
            [only] => self.expand(only, &inner, depth + 1, out),
            _ => out.push(Part::Value(node)),
        }
    }

    /// What is told by the class of the object at hand: its constant, its property's default, what a method of it gives. One for each class that it may be of.
    fn by_class(&self, node: Node, frames: &[(Fun, u32)]) -> Vec<Told> {
        let told: Box<dyn Fn(Cls) -> Option<Told>> = match self.solver.graph.as_slot(node) {
            Some(Slot::Constant(owner, name)) => Box::new(move |cls| self.member((cls, owner), name, true).map(Told::Value)),
            Some(Slot::Property(owner, name)) if self.has_defaults_alone(node, owner, name) => {
                Box::new(move |cls| self.member((cls, owner), name, false).map(Told::Value))
            }
            Some(_) => return Vec::new(),
            None => {
                let Some(number) = self.at.get(node.0 as usize).copied().filter(|number| *number != u32::MAX) else { return Vec::new() };
                let Callee::Method(receiver, name) = self.solver.calls[number as usize].callee else { return Vec::new() };
                if !self.is_this(receiver) || self.solver.called(number).len() < 2 {
                    return Vec::new();
                }
                Box::new(move |cls| {
                    let fun = self.solver.program.method(cls, name)?;
                    (!self.solver.program.function(fun).1.body.is_empty()).then_some(Told::Result(fun, number))
                })
            }
        };
        let mut all: Vec<Told> = Vec::new();
        let mut of = Vec::new();
        for cls in self.classes(frames) {
            let Some(one) = told(cls) else { continue };
            of.push(cls);
            if !all.contains(&one) {
                all.push(one);
            }
        }
        if let [only] = of[..] {
            self.whose.set(Some(only));
        }
        all
    }

    /// The classes of which `$this` is an object, as the calls around tell.
    fn classes(&self, frames: &[(Fun, u32)]) -> Vec<Cls> {
        let own = |node: Node| {
            let labels = self.solver.labels(node).filter(|(_, l)| l.path.is_here());
            let mut classes: Vec<Cls> = labels.filter_map(|(_, l)| if let What::Own(cls) = l.what { Some(cls) } else { None }).collect();
            classes.sort_unstable();
            classes.dedup();
            classes
        };
        let mut around = frames;
        while let Some(((fun, call), rest)) = around.split_first() {
            match self.solver.calls[*call as usize].callee {
                Callee::Method(receiver, _) if !self.is_this(receiver) => return own(receiver),
                Callee::Method(..) => around = rest,
                // `static::key()` is asked of the class that is asked, `Store::key()` of that one.
                Callee::OwnStatic(cls, _) if !self.is_within(self.solver.calls[*call as usize].within, cls) => return vec![cls],
                Callee::OwnStatic(..) => around = rest,
                _ => return self.class_of(*fun).into_iter().collect(),
            }
        }
        let fun = frames.last().map_or(self.root, |(_, call)| self.solver.calls[*call as usize].within);
        let this = self.solver.program.find("this").and_then(|this| self.solver.graph.find(Slot::Variable(fun, this)));
        this.map(own).filter(|classes| !classes.is_empty()).unwrap_or_else(|| self.class_of(fun).into_iter().collect())
    }

    fn class_of(&self, fun: Fun) -> Option<Cls> {
        let (script, function) = self.solver.program.function(fun);
        Some(self.solver.program.cls(script, function.class?))
    }

    /// Whether a function is one of `cls`, or of a class that extends it.
    fn is_within(&self, fun: Fun, cls: Cls) -> bool {
        self.class_of(fun)
            .is_some_and(|own| self.solver.program.lineage(own).contains(&cls) || self.solver.program.lineage(cls).contains(&own))
    }

    fn is_this(&self, node: Node) -> bool {
        matches!(self.solver.graph.as_slot(node), Some(Slot::Variable(_, name)) if self.solver.program.text(name) == "this")
    }

    /// The value that a class of the family of `owner` declares a constant or a property with, or one that it inherits from.
    fn member(&self, (cls, owner): (Cls, Cls), name: Name, constant: bool) -> Option<Node> {
        let lineage = self.solver.program.lineage(cls);
        lineage.iter().filter(|_| lineage.contains(&owner)).find_map(|above| {
            let (script, class) = self.solver.program.class(*above);
            let members = if constant { &class.constants } else { &class.properties };
            let value = members.iter().find(|m| self.solver.program.name(script, m.name) == name)?.value?;
            Some(self.solver.graph.expr(script, value))
        })
    }

    /// Whether a property never has anything but what classes declare it with, and several do.
    fn has_defaults_alone(&self, node: Node, owner: Cls, name: Name) -> bool {
        let sources = self.sources(node);
        if sources.len() < 2 {
            return false;
        }
        let classes = std::iter::once(owner).chain(self.solver.program.below(owner).iter().copied());
        let defaults: Vec<Node> = classes.filter_map(|cls| self.member((cls, owner), name, false)).collect();
        sources.iter().all(|source| defaults.contains(source))
    }

    /// The texts that a variable was made longer with: pieces that it stands in itself, in the order in which they stand in the code.
    fn longer(&self, node: Node) -> Option<Vec<Node>> {
        self.solver.graph.as_slot(node)?;
        let mut longer: Vec<Node> = self.values(node);
        longer.retain(|s| self.solver.texts.pieces.get(s).is_some_and(|p| p.contains(&Piece::Value(node))));
        (!longer.is_empty() && longer.len() <= MAX_APPENDS).then_some(longer)
    }

    /// The text of a variable after the last of the expressions that made it longer.
    fn grow(&self, node: Node, longer: &[Node], frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        match longer.split_last() {
            Some((last, before)) => {
                for piece in self.solver.texts.pieces.get(last).into_iter().flatten() {
                    match piece {
                        Piece::Text(text) => out.push(Part::Text(text.clone())),
                        Piece::Value(value) if *value == node => self.grow(node, before, frames, depth + 1, out),
                        Piece::Value(value) => self.expand(*value, frames, depth + 1, out),
                    }
                }
            }
            None if self.argument(node, frames).is_some() => self.given(node, frames, depth + 1, out),
            None => {
                let mut first = self.values(node);
                first.retain(|s| !self.solver.texts.pieces.get(s).is_some_and(|p| p.contains(&Piece::Value(node))));
                match first[..] {
                    [only] if self.parameter_of(node).is_none() => self.expand(only, frames, depth + 1, out),
                    _ => out.push(Part::Value(node)),
                }
            }
        }
    }

    /// The one value that an array literal has where `node` is taken out of it.
    fn element(&self, node: Node) -> Option<Node> {
        let mut found = self.elements(node, 0);
        found.sort_unstable();
        found.dedup();
        match found[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    fn elements(&self, node: Node, depth: usize) -> Vec<Node> {
        let mut found = Vec::new();
        if depth > MAX_NESTING {
            return found;
        }
        for edge in self.solver.graph.in_edges(node).filter(|e| !e.compares).take(MAX_ORIGINS) {
            let Transfer::Unwrap(key) = edge.transfer else { continue };
            if key.name().is_none() && key.number().is_none() {
                continue;
            }
            let mut arrays = self.solver.origins(edge.from);
            for array in self.elements(edge.from, depth + 1).into_iter().take(MAX_ORIGINS) {
                arrays.extend(self.solver.origins(array));
            }
            for array in arrays {
                let put = self.solver.graph.in_edges(array).filter(|e| e.transfer == Transfer::Wrap(key));
                found.extend(put.map(|e| e.from).take(MAX_ORIGINS));
            }
        }
        found
    }

    /// What a caller gives to a parameter.
    fn given(&self, parameter: Node, frames: &[(Fun, u32)], depth: usize, out: &mut Vec<Part>) {
        match self.argument(parameter, frames) {
            Some((argument, around)) => self.expand(argument, around, depth + 1, out),
            None => out.push(Part::Value(parameter)),
        }
    }

    /// Leaves out what a call does not come to: of `if ($site === null) { return $name; } return "$name:$site";` it comes to the first where it gives nothing for
    /// `$site`, else to the other.
    fn leave_out(&self, node: Node, sources: &mut Vec<Node>, frames: &[(Fun, u32)]) {
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
            let within = |source: &Node, code: Bytes| {
                place(source).is_some_and(|expr| code.start <= script.expr(expr).at.start && script.expr(expr).at.end <= code.end)
            };
            for lack in script.lacks.iter().filter(|l| function.at.start <= l.at.start && l.at.end <= function.at.end) {
                let Some(parameter) = self.parameter_at(*fun, lack.value) else { continue };
                if self.argument(parameter, frames).is_none() {
                    continue;
                }
                let given = self.handed_in(parameter, frames).0;
                let lacks = self.is_nothing(given, 0) || self.is_empty_text(given);
                if sources.iter().any(|s| within(s, lack.at) == lacks) {
                    sources.retain(|s| within(s, lack.at) == lacks);
                }
            }
        }
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
        self.solver.graph.find(Slot::Variable(fun, self.solver.program.name(number, param.name)))
    }

    /// Where the values of a variable come from, those that it is given in a branch among them.
    fn values(&self, node: Node) -> Vec<Node> {
        let Some(Slot::Variable(fun, _)) = self.solver.graph.as_slot(node) else { return self.sources(node) };
        let inside = |n: Node| {
            matches!(self.solver.graph.as_slot(n), Some(Slot::Variable(other, _)) if other == fun) && self.parameter_of(n).is_none()
        };
        let mut values: Vec<Node> =
            self.sources(node).into_iter().flat_map(|source| if inside(source) { self.sources(source) } else { vec![source] }).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    /// Whether the value is null, or a parameter that is left out by whoever calls: what stands behind `??` is meant.
    fn is_nothing(&self, node: Node, depth: usize) -> bool {
        if let Some((script, expr)) = self.solver.graph.as_expr(node) {
            return matches!(self.solver.program.scripts()[script as usize].expr(expr).kind, ExprKind::Null);
        }
        let is_left_out = self.parameter_of(node).is_some();
        let sources = self.sources(node);
        let is_nothing = |source: Node| self.is_nothing(source, depth + 1) || (is_left_out && self.is_empty_text(source));
        depth < MAX_NESTING && !sources.is_empty() && sources.into_iter().all(is_nothing)
    }

    fn is_empty_text(&self, node: Node) -> bool {
        let Some((script, expr)) = self.solver.graph.as_expr(node) else { return false };
        let script = &self.solver.program.scripts()[script as usize];
        matches!(script.expr(expr).kind, ExprKind::Text(sym) if script.text(sym).is_empty())
    }

    /// Where a value comes from as it is.
    fn sources(&self, node: Node) -> Vec<Node> {
        let kept = |n: Node| matches!(self.solver.graph.as_slot(n), Some(Slot::Kept(..) | Slot::Column(..) | Slot::Row(_) | Slot::Rows(_)));
        let edges = self.solver.graph.in_edges(node).filter(|e| e.transfer == Transfer::Copy && !e.compares && !kept(e.from));
        let mut sources: Vec<Node> = edges.map(|e| e.from).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }

    /// The value that a caller gives, where a helper hands its parameter on; else the value itself.
    fn value(&self, node: Node, frames: &[(Fun, u32)]) -> Node {
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

    /// The result of the outermost call, where a helper gives what it fetches; else what is fetched.
    fn outcome(&self, fetched: Node, frames: &[(Fun, u32)]) -> Node {
        let Some((fun, call)) = frames.last() else { return fetched };
        let mut met: Vec<Node> = self.solver.graph.find(Slot::Result(*fun)).into_iter().collect();
        let mut at = 0;
        while at < met.len() && at < MAX_ORIGINS {
            if met[at] == fetched {
                return self.solver.calls[*call as usize].result;
            }
            let sources = self.sources(met[at]);
            at += 1;
            met.extend(sources.into_iter().filter(|s| !met.contains(s)).collect::<Vec<_>>());
        }
        fetched
    }
}
