//! Uses of stores, each as one chain of callers makes it: the name under which something is kept, put together over helpers.

use super::expand::{Expander, Pick};
use crate::discover::flow::graph::Node;
use crate::discover::flow::keep::Use;
use crate::discover::flow::solve::Solver;
use crate::discover::program::{Cls, Fun};
use crate::extension::php::ir::{ExprKind, Guard};
use crate::extension::workers;
use crate::panel::catalogue::Keeps;

/// How many helpers around a call are looked through, and how many callers of one are told apart.
const MAX_HELPERS: usize = 3;
const MAX_CALLERS: usize = 40;
/// As many uses are looked through by one thread before it asks for more.
const CHUNK: usize = 64;
/// The widest use of one call: more names than these are given up.
const MAX_NAMES: usize = 200;

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
    pub(super) picked: Option<Node>,
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
    let at = solver.calls_by_result();
    let chunks: Vec<&[Use]> = solver.uses.chunks(CHUNK).collect();
    workers::map_plain(solver.jobs, chunks.len(), |chunk| seen_of(solver, chunks[chunk], at)).into_iter().flatten().collect()
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
            let told = |(name, ..): &(Vec<Part>, Option<Pick>, Option<Cls>)| {
                let expander = Expander::new(solver, at, of, None);
                name.iter().find_map(|p| if let Part::Value(n) = p { expander.told_by_callers_of(*n, &frames) } else { None })
            };
            if frames.len() < MAX_HELPERS
                && count < MAX_NAMES
                && let Some(fun) = names.iter().find_map(told).or_else(|| if frames.is_empty() { told_by_word(solver, of) } else { None })
            {
                let callers = solver.callers(fun);
                if !callers.is_empty() && callers.len() <= MAX_CALLERS {
                    let within = |caller: u32| frames.iter().cloned().chain([(fun, caller)]).collect::<Frames>();
                    let comes = |caller: &u32| solver.calls[of.call as usize].within != fun || comes_to(solver, of, *caller);
                    open.extend(callers.into_iter().rev().filter(|c| !frames.iter().any(|f| f.1 == *c)).filter(comes).map(within));
                    continue;
                }
            }
            for (name, pick, whose) in names {
                let expander = Expander::new(solver, at, of, pick);
                let value = of.value.map(|v| expander.value(v, &frames));
                let fetched = of.fetched.map(|f| expander.outcome(f, &frames));
                let pattern = pattern_of(of, &name, |_| None);
                let moved_from = of.moved_from.map(|node| {
                    let mut name = Vec::new();
                    expander.expand(node, &frames, 0, &mut name);
                    name
                });
                all.push(Seen {
                    of: *of,
                    name,
                    picked: pick.map(|pick| pick.value),
                    whose,
                    pattern,
                    moved_from,
                    value,
                    fetched,
                    frames: frames.clone(),
                });
            }
        }
    }
    all
}

/// The conditions on words that a helper is told, under which a use in it happens: `if ($type === 'site') { … }`.
fn words<'s>(solver: &'s Solver<'_, '_>, of: &Use) -> impl Iterator<Item = (usize, &'s Guard)> {
    let call = &solver.calls[of.call as usize];
    let (script, function) = solver.program.function(call.within);
    let script = &solver.program.scripts()[script as usize];
    let at = script.expr(call.expr).at;
    let here = move |g: &&Guard| at.is_in(g.at) && g.at.is_in(function.at);
    script.guards.iter().filter(here).filter_map(move |guard| {
        let position = function.params.iter().position(|p| p.name == guard.variable && !p.variadic)?;
        solver.program.renewals_of(call.within, guard.variable).is_empty().then_some((position, guard))
    })
}

/// Whether a caller of the function of a use comes to it, by the words that it says.
fn comes_to(solver: &Solver<'_, '_>, of: &Use, caller: u32) -> bool {
    let (script, _) = solver.program.function(solver.calls[of.call as usize].within);
    let script = &solver.program.scripts()[script as usize];
    words(solver, of).all(|(position, guard)| {
        let call = &solver.calls[caller as usize];
        if call.args.iter().any(|a| a.spread || a.name.is_some()) {
            return true;
        }
        let file = &solver.program.scripts()[call.script as usize];
        match call.positional(position).map(|arg| file.expr(arg.expr).kind) {
            Some(ExprKind::Text(said)) => guard.texts.iter().any(|text| script.text(*text) == file.text(said)) != guard.except,
            _ => true,
        }
    })
}

/// The function of a use to which some callers come by the words that they say, and others do not.
fn told_by_word(solver: &Solver<'_, '_>, of: &Use) -> Option<Fun> {
    words(solver, of).next()?;
    let fun = solver.calls[of.call as usize].within;
    let come: Vec<bool> = solver.callers(fun).into_iter().map(|caller| comes_to(solver, of, caller)).collect();
    (come.contains(&true) && come.contains(&false)).then_some(fun)
}

/// The names that a use has by what is chosen on the way, `$all ? 'all' : 'site-' . $id` is two; each with what is picked, and the class that told of it.
fn names(solver: &Solver<'_, '_>, of: &Use, at: &[u32], frames: &[(Fun, u32)]) -> Vec<(Vec<Part>, Option<Pick>, Option<Cls>)> {
    let mut names: Vec<(Vec<Part>, Option<Pick>, Option<Cls>)> = Vec::new();
    let mut pick = None;
    loop {
        let expander = Expander::new(solver, at, of, pick);
        let mut name = Vec::new();
        if let Some(node) = of.name {
            expander.expand(node, frames, 0, &mut name);
        }
        pick = expander.pick.get();
        if names.iter().all(|(known, ..)| *known != name) {
            names.push((name, pick, expander.whose.get()));
        }
        pick = pick.and_then(Pick::next);
        if pick.is_none() {
            return names;
        }
    }
}
