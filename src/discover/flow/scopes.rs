//! Variables that several pieces of code share: those of a file and of what includes it, and globals. And keys that are looked for.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::build::Builder;
use super::graph::{Node, Slot};
use super::label::Key;
use crate::discover::program::{Fun, Name};
use crate::extension::php::ir::{Bytes, Expr, ExprId, ExprKind, FunctionId, Script, Stmt, Sym};

/// A script's top level among its functions.
const TOP: FunctionId = FunctionId(0);

/// The array of all globals, without the `$`.
const GLOBALS: &str = "GLOBALS";

/// A file that is included by more places than this is a part of everything, and one that includes more is nothing but a list.
const MAX_INCLUDES: usize = 200;

/// As many files are followed from one that has a global.
const MAX_FILES: usize = 50;

/// A place at which a file is included.
struct Included {
    /// The function in which it stands.
    by: Fun,
    /// The script and the expression.
    script: u32,
    expr: ExprId,
    /// The included script.
    of: u32,
}

/// The variables of a function.
#[derive(Default)]
struct Uses {
    /// Where each stands, in order.
    places: BTreeMap<Name, Vec<(Sym, u32)>>,
    /// Where each is given a value.
    targets: FxHashMap<Sym, Vec<u32>>,
}

impl Builder<'_, '_> {
    /// Connects what is the same variable in several pieces of code. The whole program's graph must be built.
    pub(super) fn scopes(&mut self) {
        let includes = self.includes();
        let mut known: FxHashMap<Fun, Uses> = FxHashMap::default();
        for included in &includes {
            let top = self.program.fun(included.of, TOP);
            for fun in [included.by, top] {
                known.entry(fun).or_insert_with(|| self.uses(fun));
            }
            self.share(included, &known[&included.by], (top, &known[&top]));
        }
        self.globals(&includes);
        self.tested();
        (self.script, self.fun, self.class, self.split) = (0, Fun(0), None, None);
    }

    /// The places at which one file of the extension includes another.
    fn includes(&self) -> Vec<Included> {
        let scripts = self.program.scripts();
        if scripts.iter().all(|s| s.includes.is_empty()) {
            return Vec::new();
        }
        let extension = self.program.extension;
        let path = |script: &Script| extension.file(script.file).path.as_str();
        let by_path: FxHashMap<&str, u32> = scripts.iter().map(path).zip(0..).collect();
        let mut by_name: FxHashMap<&str, Vec<u32>> = FxHashMap::default();
        for (script, number) in scripts.iter().zip(0..) {
            by_name.entry(path(script).rsplit('/').next().unwrap_or_default()).or_default().push(number);
        }
        let mut found = Vec::new();
        for (script, number) in scripts.iter().zip(0..) {
            let folder = path(script).rsplit_once('/').map_or("", |(folder, _)| folder);
            for include in script.includes.iter().take(MAX_INCLUDES) {
                let Some((up, text)) = spelled(script, include.path) else { continue };
                let beside = up.and_then(|up| joined(folder, up, &text)).and_then(|path| by_path.get(path.as_str()).copied());
                // Where the folder is told at run time, the end of the path may tell the file.
                let end = text.trim_start_matches(['.', '/']);
                let ends =
                    |of: &&u32| path(&scripts[**of as usize]).strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
                let named = by_name.get(end.rsplit('/').next().unwrap_or_default()).map_or(&[][..], Vec::as_slice);
                let mut fitting = named.iter().filter(ends);
                let only = fitting.next().filter(|_| fitting.next().is_none()).copied();
                if let Some(of) = beside.or(only).filter(|of| *of != number) {
                    found.push(Included {
                        by: self.program.fun(number, around(script, include.expr)),
                        script: number,
                        expr: include.expr,
                        of,
                    });
                }
            }
        }
        let mut times: FxHashMap<u32, usize> = FxHashMap::default();
        found.iter().for_each(|included| *times.entry(included.of).or_default() += 1);
        found.retain(|included| times[&included.of] <= MAX_INCLUDES);
        found
    }

    /// The variables of a function, each with the places where it stands.
    fn uses(&self, fun: Fun) -> Uses {
        let (number, function) = self.program.function(fun);
        let script = &self.program.scripts()[number as usize];
        let mut inner: Vec<Bytes> =
            script.functions.iter().map(|f| f.at).filter(|at| within(*at, function.at) && *at != function.at).collect();
        inner.sort_unstable();
        let mut apart: Vec<Bytes> = Vec::new();
        for one in inner {
            if apart.last().is_none_or(|last| last.end <= one.start) {
                apart.push(one);
            }
        }
        let is_own = |at: Bytes| {
            let before = apart.partition_point(|one| one.start <= at.start);
            within(at, function.at) && apart[..before].last().is_none_or(|one| at.start >= one.end)
        };
        let mut uses = Uses::default();
        let mut targets: Vec<Bytes> = Vec::new();
        for expr in script.exprs.iter().filter(|e| is_own(e.at)) {
            match expr.kind {
                ExprKind::Variable(sym) if !matches!(script.text(sym), "this" | GLOBALS) && !script.text(sym).starts_with('_') => {
                    uses.places.entry(self.program.name(number, sym)).or_default().push((sym, expr.at.start));
                }
                ExprKind::Assign { target, .. } => targets.push(script.expr(target).at),
                _ => {}
            }
        }
        for statement in &function.body {
            if let Stmt::Foreach { key, value, .. } = statement {
                targets.extend(key.iter().chain([value]).map(|target| script.expr(*target).at));
            }
        }
        let mut standing: Vec<(u32, Sym)> = uses.places.values().flatten().map(|(sym, at)| (*at, *sym)).collect();
        standing.sort_unstable();
        for target in targets {
            let from = standing.partition_point(|(at, _)| *at < target.start);
            for (at, sym) in standing[from..].iter().take_while(|(at, _)| *at < target.end) {
                uses.targets.entry(*sym).or_default().push(*at);
            }
        }
        uses.places.values_mut().for_each(|places| places.sort_unstable_by_key(|(_, at)| *at));
        uses
    }

    /// The node of a variable of `fun` at a place.
    fn variable_in(&mut self, fun: Fun, (sym, at): (Sym, u32)) -> Node {
        (self.script, _) = self.program.function_number(fun);
        (self.fun, self.class, self.split) = (fun, None, None);
        self.variable_at(sym, at)
    }

    /// A file has the variables of the function that includes it, and that function has the file's afterwards.
    fn share(&mut self, included: &Included, around: &Uses, (top, inside): (Fun, &Uses)) {
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
    fn globals(&mut self, includes: &[Included]) {
        let has_array = self.program.find(GLOBALS).is_some();
        let mut includers: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for included in includes {
            includers.entry(included.of).or_default().push(included.script);
        }
        // The nodes of variables at the top level, by files.
        let mut known: FxHashMap<u32, BTreeMap<Name, Vec<Node>>> = FxHashMap::default();
        for number in 0..u32::try_from(self.program.scripts().len()).unwrap_or(u32::MAX) {
            let mut wanted = self.declared_globals(number);
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
                if !known.contains_key(file) {
                    let variables = self.top_level(*file);
                    known.insert(*file, variables);
                }
            }
            for (name, node, written) in wanted {
                let tops: Vec<Node> = files.iter().filter_map(|file| known[file].get(&name)).flatten().copied().collect();
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
    fn top_level(&mut self, file: u32) -> BTreeMap<Name, Vec<Node>> {
        let top = self.program.fun(file, TOP);
        let mut nodes: BTreeMap<Name, Vec<Node>> = BTreeMap::new();
        for (name, places) in self.uses(top).places {
            let of = nodes.entry(name).or_default();
            for place in places {
                let node = self.variable_in(top, place);
                if !of.contains(&node) {
                    of.push(node);
                }
            }
        }
        nodes
    }

    /// The variables that functions of a file declare global: name, node, and whether it is only read, or `None`: written too.
    fn declared_globals(&mut self, number: u32) -> Vec<(Name, Node, Option<bool>)> {
        let script = &self.program.scripts()[number as usize];
        let mut found = Vec::new();
        for (function, id) in script.functions.iter().zip(0..).skip(1) {
            for statement in &function.body {
                let Stmt::Global(sym) = statement else { continue };
                let name = self.program.name(number, *sym);
                let fun = self.program.fun(number, FunctionId(id));
                let written = if self.uses(fun).targets.contains_key(sym) { None } else { Some(false) };
                found.push((name, self.variable_in(fun, (*sym, function.at.end.saturating_sub(1))), written));
            }
        }
        found
    }

    /// `isset($owners[$id])`: a key that is looked for is one of the kind.
    fn tested(&mut self) {
        for number in 0..u32::try_from(self.program.scripts().len()).unwrap_or(u32::MAX) {
            let script = &self.program.scripts()[number as usize];
            for element in &script.tested {
                let ExprKind::Index { array, index: Some(index) } = script.expr(*element).kind else { continue };
                if !matches!(
                    script.expr(index).kind,
                    ExprKind::Variable(_) | ExprKind::Property { .. } | ExprKind::Cast { .. } | ExprKind::Index { .. }
                ) {
                    continue;
                }
                let fun = self.program.fun(number, around(script, *element));
                let (array, key) = (self.resolve(number, fun, array), self.resolve(number, fun, index));
                let site = self.graph.expr(number, *element);
                self.among(key, (array, Key::KEYS), site);
            }
        }
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
        let mut found = Vec::new();
        for (expr, id) in script.exprs.iter().zip((0..).map(ExprId)) {
            if let Some(sym) = element(expr) {
                found.push((self.program.name(number, sym), self.graph.expr(number, id), Some(false)));
            } else if let ExprKind::Assign { target, value } = expr.kind
                && let Some(sym) = element(script.expr(target))
            {
                let fun = self.program.fun(number, around(script, id));
                found.push((self.program.name(number, sym), self.resolve(number, fun, value), Some(true)));
            }
        }
        found
    }
}

fn within(inner: Bytes, outer: Bytes) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// The innermost function around an expression.
fn around(script: &Script, expr: ExprId) -> FunctionId {
    let at = script.expr(expr).at;
    let around = script.functions.iter().zip(0..).skip(1).filter(|(f, _)| within(at, f.at));
    around.min_by_key(|(f, _)| f.at.end - f.at.start).map_or(TOP, |(_, number)| FunctionId(number))
}

/// How many folders above that of the file the path begins, and the text behind it; `None` for the first: that is told at run time.
fn spelled(script: &Script, path: ExprId) -> Option<(Option<usize>, String)> {
    match script.expr(path).kind {
        ExprKind::Text(text) => Some((Some(0), script.text(text).to_owned())),
        ExprKind::Concat(parts) => {
            let (first, rest) = script.list(parts).split_first()?;
            let mut text = String::new();
            for part in rest {
                let ExprKind::Text(sym) = script.expr(*part).kind else { return None };
                text.push_str(script.text(sym));
            }
            Some((folders_up(script, *first, 0), text))
        }
        _ => None,
    }
}

/// How many folders above the file's own an expression means: `__DIR__`, `dirname(__FILE__)`, `dirname(__DIR__)`.
fn folders_up(script: &Script, expr: ExprId, depth: usize) -> Option<usize> {
    match script.expr(expr).kind {
        ExprKind::Constant(name) if script.text(name).eq_ignore_ascii_case("__DIR__") => Some(0),
        ExprKind::Call { name, args } if depth < 8 && script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("dirname") => {
            let [only] = script.args(args) else { return None };
            match script.expr(only.value).kind {
                ExprKind::Constant(name) if script.text(name).eq_ignore_ascii_case("__FILE__") => Some(0),
                _ => folders_up(script, only.value, depth + 1).map(|up| up + 1),
            }
        }
        _ => None,
    }
}

/// The path that `text` means from `up` folders above `folder`.
fn joined(folder: &str, up: usize, text: &str) -> Option<String> {
    let mut steps: Vec<&str> = folder.split('/').filter(|s| !s.is_empty()).collect();
    steps.truncate(steps.len().checked_sub(up)?);
    for step in text.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()?),
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn paths_are_joined() {
        assert_eq!(joined("htdocs/inc", 0, "/head.php").as_deref(), Some("htdocs/inc/head.php"));
        assert_eq!(joined("htdocs/inc", 1, "../plib/./a.php").as_deref(), Some("plib/a.php"));
        assert_eq!(joined("htdocs", 0, "inc/a.php").as_deref(), Some("htdocs/inc/a.php"));
        assert_eq!(joined("", 1, "a.php"), None);
        assert_eq!(joined("htdocs", 0, "../../a.php"), None);
    }
}
