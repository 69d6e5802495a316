//! Variables that several pieces of code share: those of a file and of what includes it, and globals.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::build::Builder;
use super::graph::{Node, Slot};
use super::includes::Included;
use crate::discover::program::{Fun, Name};
use crate::extension::php::functions::Functions;
use crate::extension::php::ir::{Bytes, Expr, ExprId, ExprKind, FunctionId, Stmt, Sym};

/// The array of all globals, without the `$`.
const GLOBALS: &str = "GLOBALS";

/// As many files are followed from one that has a global.
const MAX_FILES: usize = 50;

/// The variables of a function.
#[derive(Default)]
struct Uses {
    /// Where each stands, in order.
    places: BTreeMap<Name, Vec<(Sym, u32)>>,
    /// Where each is given a value.
    targets: FxHashMap<Sym, Vec<u32>>,
}

/// Those of all functions of the scripts that were asked for.
#[derive(Default)]
struct Known(FxHashMap<u32, Vec<Uses>>);

impl Known {
    /// Those of a function of a script.
    fn of(&mut self, builder: &Builder<'_, '_>, script: u32, function: FunctionId) -> &Uses {
        &self.0.entry(script).or_insert_with(|| builder.uses(script))[function.0 as usize]
    }
}

impl Builder<'_, '_> {
    /// Connects what is the same variable in several pieces of code. The whole program's graph must be built.
    pub(super) fn scopes(&mut self) {
        let includes = self.includes();
        let mut known = Known::default();
        for included in &includes {
            self.share(included, &mut known);
        }
        self.globals(&includes, &mut known);
        (self.script, self.fun, self.class, self.split) = (0, Fun(0), None, None);
    }

    /// The variables of each function of a script.
    fn uses(&self, number: u32) -> Vec<Uses> {
        let script = &self.program.scripts()[number as usize];
        let functions = Functions::of(script);
        let mut all: Vec<Uses> = script.functions.iter().map(|_| Uses::default()).collect();
        let mut targets: Vec<(FunctionId, Bytes)> = Vec::new();
        for expr in &script.exprs {
            match expr.kind {
                ExprKind::Variable(sym) if !matches!(script.text(sym), "this" | GLOBALS) && !script.text(sym).starts_with('_') => {
                    let of = functions.at(expr.at.start);
                    all[of.0 as usize].places.entry(self.program.name(number, sym)).or_default().push((sym, expr.at.start));
                }
                ExprKind::Assign { target, .. } => targets.push((functions.at(expr.at.start), script.expr(target).at)),
                _ => {}
            }
        }
        for (function, id) in script.functions.iter().zip((0..).map(FunctionId)) {
            for statement in &function.body {
                if let Stmt::Foreach { key, value, .. } = statement {
                    targets.extend(key.iter().chain([value]).map(|target| (id, script.expr(*target).at)));
                }
            }
        }
        let mut standing: Vec<Vec<(u32, Sym)>> = Vec::with_capacity(all.len());
        for uses in &mut all {
            uses.places.values_mut().for_each(|places| places.sort_unstable_by_key(|(_, at)| *at));
            let mut places: Vec<(u32, Sym)> = uses.places.values().flatten().map(|(sym, at)| (*at, *sym)).collect();
            places.sort_unstable();
            standing.push(places);
        }
        for (of, target) in targets {
            let standing = &standing[of.0 as usize];
            let from = standing.partition_point(|(at, _)| *at < target.start);
            for (at, sym) in standing[from..].iter().take_while(|(at, _)| *at < target.end) {
                all[of.0 as usize].targets.entry(*sym).or_default().push(*at);
            }
        }
        all
    }

    /// The node of a variable of `fun` at a place.
    fn variable_in(&mut self, fun: Fun, (sym, at): (Sym, u32)) -> Node {
        (self.script, _) = self.program.function_number(fun);
        (self.fun, self.class, self.split) = (fun, None, None);
        self.variable_at(sym, at)
    }

    /// A file has the variables of the function that includes it, and that function has the file's afterwards.
    fn share(&mut self, included: &Included, known: &mut Known) {
        let top = self.program.fun(included.of, FunctionId::TOP);
        let (script, function) = self.program.function_number(included.by);
        // Both are made before one is looked at: the other might have to be added beside it.
        known.of(self, included.of, FunctionId::TOP);
        known.of(self, script, function);
        let (around, inside) = (&known.0[&script][function.0 as usize], &known.0[&included.of][FunctionId::TOP.0 as usize]);
        let at = self.program.scripts()[included.script as usize].expr(included.expr).at;
        for (name, places) in &inside.places {
            let Some(others) = around.places.get(name) else { continue };
            let (Some(first), Some(last)) = (places.first().copied(), places.last().copied()) else { continue };
            let before: Option<(Sym, u32)> = others.iter().rfind(|(_, place)| *place < at.start).copied();
            // What the file gives the variable itself is its own.
            let is_given = inside.targets.contains_key(&first.0);
            if let Some((sym, _)) = before.filter(|_| !is_given) {
                let (from, to) = (self.variable_in(included.by, (sym, at.start)), self.variable_in(top, first));
                self.copy(from, to);
            }
            // And so is what is given one afterwards.
            let given_after =
                |(sym, _): &(Sym, u32)| around.targets.get(sym).is_some_and(|given| given.iter().any(|place| *place >= at.end));
            if !is_given || others.first().is_none_or(given_after) {
                continue;
            }
            let last = self.at_end(top, last);
            let mut after: Vec<Node> = Vec::new();
            for place in others.iter().filter(|(_, place)| *place >= at.end) {
                let to = self.variable_in(included.by, *place);
                if !after.contains(&to) {
                    after.push(to);
                }
            }
            for from in last {
                after.iter().for_each(|to| self.copy(from, *to));
            }
        }
        // `$settings = include 'settings.php';`
        let given = self.graph.slot(Slot::Result(top));
        let value = self.graph.expr(included.script, included.expr);
        self.copy(given, value);
    }

    /// `global $db;` and `$GLOBALS['db']` are the variable of that name at the top level of the file, and of those that include it.
    fn globals(&mut self, includes: &[Included], known: &mut Known) {
        let has_array = self.program.find(GLOBALS).is_some();
        let mut includers: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for included in includes {
            includers.entry(included.of).or_default().push(included.script);
        }
        // The nodes of variables at the top level, by files.
        let mut nodes: FxHashMap<u32, BTreeMap<Name, Vec<Node>>> = FxHashMap::default();
        for number in 0..u32::try_from(self.program.scripts().len()).unwrap_or(u32::MAX) {
            let mut wanted = self.declared_globals(number, known);
            if has_array {
                wanted.extend(self.elements_of_globals(number));
            }
            if wanted.is_empty() {
                continue;
            }
            let mut files = vec![number];
            let mut at = 0;
            while at < files.len() && files.len() < MAX_FILES {
                for next in includers.get(&files[at]).map_or(&[][..], Vec::as_slice) {
                    if files.len() < MAX_FILES && !files.contains(next) {
                        files.push(*next);
                    }
                }
                at += 1;
            }
            for file in &files {
                if !nodes.contains_key(file) {
                    let variables = self.top_level(*file, known);
                    nodes.insert(*file, variables);
                }
            }
            for (name, node, written) in wanted {
                let tops: Vec<Node> = files.iter().filter_map(|file| nodes[file].get(&name)).flatten().copied().collect();
                // Where nobody is known to have it, it is one for all.
                let tops = if tops.is_empty() { vec![self.graph.slot(Slot::Global(name))] } else { tops };
                for top in tops {
                    if written != Some(true) {
                        self.copy(top, node);
                    }
                    if written != Some(false) {
                        self.copy(node, top);
                    }
                }
            }
        }
    }

    /// The nodes of a variable of a file that may hold its value at the end: since it was given one for sure.
    fn at_end(&mut self, top: Fun, last: (Sym, u32)) -> Vec<Node> {
        let renewals = self.program.renewals_of(top, last.0);
        let Some(sure) = renewals.iter().rposition(|r| !r.nested) else { return vec![self.variable_in(top, (last.0, u32::MAX))] };
        let (script, _) = self.program.function_number(top);
        let name = self.program.name(script, last.0);
        let mut nodes = Vec::new();
        for number in sure..renewals.len() {
            for part in [self.program.renewed(name, number), self.program.renewed_alone(name, number)] {
                nodes.extend(self.graph.find(Slot::Variable(top, part)));
            }
        }
        nodes
    }

    /// The nodes of the variables at the top level of a file.
    fn top_level(&mut self, file: u32, known: &mut Known) -> BTreeMap<Name, Vec<Node>> {
        let top = self.program.fun(file, FunctionId::TOP);
        let mut nodes: BTreeMap<Name, Vec<Node>> = BTreeMap::new();
        for (name, places) in &known.of(self, file, FunctionId::TOP).places {
            let of = nodes.entry(*name).or_default();
            for place in places {
                let node = self.variable_in(top, *place);
                if !of.contains(&node) {
                    of.push(node);
                }
            }
        }
        nodes
    }

    /// The variables that functions of a file declare global: name, node, and whether it is only read, or `None`: written too.
    fn declared_globals(&mut self, number: u32, known: &mut Known) -> Vec<(Name, Node, Option<bool>)> {
        let script = &self.program.scripts()[number as usize];
        let mut found = Vec::new();
        for (function, id) in script.functions.iter().zip((0..).map(FunctionId)).skip(1) {
            for statement in &function.body {
                let Stmt::Global(sym) = statement else { continue };
                let name = self.program.name(number, *sym);
                let fun = self.program.fun(number, id);
                let written = if known.of(self, number, id).targets.contains_key(sym) { None } else { Some(false) };
                found.push((name, self.variable_in(fun, (*sym, function.at.end.saturating_sub(1))), written));
            }
        }
        found
    }

    /// The elements of the array of globals in a file: name, node, and whether it is written there.
    fn elements_of_globals(&mut self, number: u32) -> Vec<(Name, Node, Option<bool>)> {
        let script = &self.program.scripts()[number as usize];
        let element = |expr: &Expr| match expr.kind {
            ExprKind::Index { array, index: Some(index) } => match (script.expr(array).kind, script.expr(index).kind) {
                (ExprKind::Variable(globals), ExprKind::Text(name)) if script.text(globals) == GLOBALS => Some(name),
                _ => None,
            },
            _ => None,
        };
        let functions = Functions::of(script);
        let mut found = Vec::new();
        for (expr, id) in script.exprs.iter().zip((0..).map(ExprId)) {
            if let Some(sym) = element(expr) {
                found.push((self.program.name(number, sym), self.graph.expr(number, id), Some(false)));
            } else if let ExprKind::Assign { target, value } = expr.kind
                && let Some(sym) = element(script.expr(target))
            {
                let fun = self.program.fun(number, functions.at(expr.at.start));
                found.push((self.program.name(number, sym), self.resolve(number, fun, value), Some(true)));
            }
        }
        found
    }
}
