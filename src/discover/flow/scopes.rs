//! Variables that several pieces of code share: those of a file and of what includes it, and globals. And keys that are looked for.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

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
const MAX_FILES: usize = 500;

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
    /// Where one is given a value.
    targets: FxHashSet<u32>,
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
        for expr in script.exprs.iter().filter(|e| is_own(e.at)) {
            match expr.kind {
                ExprKind::Variable(sym) if !matches!(script.text(sym), "this" | GLOBALS) && !script.text(sym).starts_with('_') => {
                    uses.places.entry(self.program.name(number, sym)).or_default().push((sym, expr.at.start));
                }
                ExprKind::Assign { target, .. } if matches!(script.expr(target).kind, ExprKind::Variable(_)) => {
                    uses.targets.insert(script.expr(target).at.start);
                }
                _ => {}
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
            if let Some((sym, _)) = before.filter(|_| !inside.targets.contains(&first.1)) {
                let (from, to) = (self.variable_in(included.by, (sym, at.start)), self.variable_in(top, first));
                self.copy(from, to);
            }
            let end = u32::MAX;
            let from = self.variable_in(top, (last.0, end));
            let mut after: Vec<Node> = Vec::new();
            for place in others.iter().filter(|(_, place)| *place >= at.end) {
                let to = self.variable_in(included.by, *place);
                if !after.contains(&to) {
                    after.push(to);
                }
            }
            after.into_iter().for_each(|to| self.copy(from, to));
        }
        // `$settings = include 'settings.php';`
        let given = self.graph.slot(Slot::Result(top));
        let value = self.graph.expr(included.script, included.expr);
        self.copy(given, value);
    }

    /// `global $db;` and `$GLOBALS['db']` are the variable of that name at the top level of the file, and of those that include it.
    fn globals(&mut self, includes: &[Included]) {
        let mut wanted: BTreeMap<u32, FxHashSet<Name>> = BTreeMap::new();
        let has_array = self.program.find(GLOBALS).is_some();
        for number in 0..u32::try_from(self.program.scripts().len()).unwrap_or(u32::MAX) {
            let script = &self.program.scripts()[number as usize];
            let declared = script.functions.iter().skip(1).flat_map(|f| &f.body);
            let mut names: FxHashSet<Name> =
                declared.filter_map(|s| if let Stmt::Global(sym) = s { Some(self.program.name(number, *sym)) } else { None }).collect();
            if has_array {
                names.extend(self.elements_of_globals(number));
            }
            if !names.is_empty() {
                wanted.insert(number, names);
            }
        }
        if wanted.is_empty() {
            return;
        }
        let mut includers: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for included in includes {
            includers.entry(included.of).or_default().push(included.script);
        }
        for (number, names) in wanted {
            let mut files = vec![number];
            let mut at = 0;
            while at < files.len() && files.len() < MAX_FILES {
                let next = includers
                    .get(&files[at])
                    .map_or(&[][..], Vec::as_slice)
                    .iter()
                    .filter(|f| !files.contains(f))
                    .copied()
                    .collect::<Vec<_>>();
                files.extend(next);
                at += 1;
            }
            files.sort_unstable();
            files.dedup();
            for file in files {
                let top = self.program.fun(file, TOP);
                for (name, places) in self.uses(top).places {
                    if !names.contains(&name) {
                        continue;
                    }
                    let global = self.graph.slot(Slot::Global(name));
                    let mut nodes: Vec<Node> = Vec::new();
                    for place in places {
                        let node = self.variable_in(top, place);
                        if !nodes.contains(&node) {
                            nodes.push(node);
                        }
                    }
                    for node in nodes {
                        self.copy(node, global);
                        self.copy(global, node);
                    }
                }
            }
        }
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

    /// Connects `$GLOBALS['db']` with the global, and tells the names.
    fn elements_of_globals(&mut self, number: u32) -> Vec<Name> {
        let script = &self.program.scripts()[number as usize];
        let element = |expr: &Expr| match expr.kind {
            ExprKind::Index { array, index: Some(index) } => match (script.expr(array).kind, script.expr(index).kind) {
                (ExprKind::Variable(globals), ExprKind::Text(name)) if script.text(globals) == GLOBALS => Some(name),
                _ => None,
            },
            _ => None,
        };
        let mut names = Vec::new();
        for (expr, id) in script.exprs.iter().zip((0..).map(ExprId)) {
            if let Some(sym) = element(expr) {
                let name = self.program.name(number, sym);
                let (global, value) = (self.graph.slot(Slot::Global(name)), self.graph.expr(number, id));
                self.copy(global, value);
                names.push(name);
            } else if let ExprKind::Assign { target, value } = expr.kind
                && let Some(sym) = element(script.expr(target))
            {
                let name = self.program.name(number, sym);
                let fun = self.program.fun(number, around(script, id));
                let from = self.resolve(number, fun, value);
                let global = self.graph.slot(Slot::Global(name));
                self.copy(from, global);
            }
        }
        names
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
