//! Questions about the code around a call that one function answers: what a variable is given, which of the panel's classes an object is of, which values a
//! text is put together from.
//!
//! Discovery follows ids through the whole program. The rules that use this ask about other values, and are content with what stands close by.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::extension::php::by_start::ByStart;
use crate::extension::php::functions::Functions;
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, Function, FunctionId, Script, Stmt, Sym};
use crate::panel::Kind;
use crate::panel::catalogue::{self, Gives, Keeps};

/// How many steps an answer is looked for.
const MAX_DEPTH: usize = 8;

/// As many values of a variable are looked at.
const MOST_VALUES: usize = 16;

/// As many parts of a text are looked at.
const MOST_PARTS: usize = 64;

/// As many arrays before a place are looked at.
const MOST_AROUND: usize = 256;

/// As many expressions are looked at for one answer: variables that are given one another's values are a maze.
const MOST_STEPS: usize = 256;

/// PHP's functions that keep a value in a file, each with the number of the argument that names the file.
const FILE_WRITERS: &[(&str, usize)] = &[("file_put_contents", 0), ("mkdir", 0), ("touch", 0), ("copy", 1), ("rename", 1), ("symlink", 1)];

/// PHP's functions whose result has their first argument in it, as text.
const WRAPPERS: &[&str] = &["strtolower", "strtoupper", "ucfirst", "trim", "strval", "intval", "rawurlencode", "urlencode", "addslashes"];

/// PHP's functions that give what is in their first argument.
const UNPACKS: &[&str] = &["json_decode", "unserialize", "base64_decode"];

/// A script, and what is looked up in it over and over: each look-up costs about as much as what it gives, however large the script is.
pub(super) struct Code<'a> {
    /// The script.
    pub(super) script: &'a Script,
    /// Its expressions by where they begin.
    by_start: OnceLock<ByStart>,
    /// Where the innermost function changes, and to which.
    functions: OnceLock<Functions>,
    /// The functions of PHP, or of the extension, that each function calls by their names, in lower case.
    called: OnceLock<FxHashSet<(FunctionId, String)>>,
    /// What the variables of each function are given.
    given: OnceLock<FxHashMap<(FunctionId, Sym), Given>>,
    /// What it keeps.
    kept: OnceLock<Vec<Kept>>,
    /// Its arrays, and what it puts into arrays (`$array[$index] = …`), both by where they begin.
    arrays: OnceLock<(Vec<ExprId>, Vec<ExprId>)>,
}

/// What a variable is given in a function.
#[derive(Debug, Default)]
pub(super) struct Given {
    /// The values it is assigned.
    pub(super) values: Vec<ExprId>,
    /// The lists of which a loop gives it one element, or one key, after the other.
    pub(super) elements: Vec<ExprId>,
    /// What is put into it as an array: indexes, `None` for the next one, and values.
    pub(super) items: Vec<(Option<ExprId>, ExprId)>,
    /// The variables that a loop gives a value together with it: its key, or its value.
    pub(super) beside: Vec<Sym>,
}

/// What an expression is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A variable of the function.
    Variable(Sym),
    /// A property of `$this`.
    Own(Sym),
}

/// A variable that nothing is known of.
static NOTHING: Given = Given { values: Vec::new(), elements: Vec::new(), items: Vec::new(), beside: Vec::new() };

impl<'a> Code<'a> {
    pub(super) fn new(script: &'a Script) -> Code<'a> {
        Code {
            script,
            by_start: OnceLock::new(),
            functions: OnceLock::new(),
            called: OnceLock::new(),
            given: OnceLock::new(),
            kept: OnceLock::new(),
            arrays: OnceLock::new(),
        }
    }

    /// The expression.
    pub(super) fn kind(&self, id: ExprId) -> ExprKind {
        self.script.expr(id).kind
    }

    /// Where it stands.
    pub(super) fn at(&self, id: ExprId) -> Bytes {
        self.script.expr(id).at
    }

    /// The expressions that stand in a part of the script, outer ones before inner ones.
    pub(super) fn within(&self, at: Bytes) -> impl Iterator<Item = (ExprId, ExprKind)> + '_ {
        self.by_start.get_or_init(|| ByStart::of(self.script)).within(self.script, at)
    }

    /// The expression that stands exactly there, the outermost of several.
    pub(super) fn exactly(&self, at: Bytes) -> Option<ExprId> {
        self.within(at).map(|(id, _)| id).find(|id| self.at(*id) == at)
    }

    /// The arrays that are spelled out around a part of the script, and then the assignments into arrays, each from the inside out: as many of them as stand
    /// close by.
    pub(super) fn arrays_around(&self, at: Bytes) -> [Vec<ExprId>; 2] {
        let (arrays, puts) = self.arrays.get_or_init(|| {
            let all = (0u32..).map(ExprId).zip(&self.script.exprs);
            let (mut arrays, mut puts) = (Vec::new(), Vec::new());
            for (id, expr) in all {
                match expr.kind {
                    ExprKind::Array(_) => arrays.push(id),
                    ExprKind::Assign { target, .. } if matches!(self.kind(target), ExprKind::Index { .. }) => puts.push(id),
                    _ => {}
                }
            }
            // Of those that begin together the outer one is first.
            let key = |id: &ExprId| (self.at(*id).start, std::cmp::Reverse(self.at(*id).end));
            arrays.sort_by_key(key);
            puts.sort_by_key(key);
            (arrays, puts)
        });
        [arrays, puts].map(|all| {
            let before = all.partition_point(|id| self.at(*id).start <= at.start);
            all[..before].iter().rev().take(MOST_AROUND).copied().filter(|id| at.is_in(self.at(*id))).collect()
        })
    }

    /// The innermost function around a byte of the script.
    pub(super) fn function_at(&self, at: u32) -> FunctionId {
        self.functions.get_or_init(|| Functions::of(self.script)).at(at)
    }

    /// The innermost function around an expression.
    pub(super) fn function_of(&self, id: ExprId) -> FunctionId {
        self.function_at(self.at(id).start)
    }

    /// That function.
    pub(super) fn function(&self, id: FunctionId) -> &'a Function {
        self.script.function(id)
    }

    /// Whether `function` calls the function `name`, which is given in lower case.
    pub(super) fn calls(&self, function: FunctionId, name: &str) -> bool {
        let called = self.called.get_or_init(|| {
            let calls = self.script.exprs.iter().filter_map(|expr| match expr.kind {
                ExprKind::Call { name, .. } => {
                    let name = self.script.text(name).trim_start_matches('\\').to_ascii_lowercase();
                    Some((self.function_at(expr.at.start), name))
                }
                _ => None,
            });
            calls.collect()
        });
        called.contains(&(function, name.to_owned()))
    }

    /// What the variable `name` is given in `function`.
    pub(super) fn given(&self, function: FunctionId, name: Sym) -> &Given {
        let all = self.given.get_or_init(|| {
            let mut all: FxHashMap<(FunctionId, Sym), Given> = FxHashMap::default();
            let mut given = |function: FunctionId, name: Sym, add: &mut dyn FnMut(&mut Given)| {
                add(all.entry((function, name)).or_default());
            };
            let variable = |id: ExprId| if let ExprKind::Variable(name) = self.kind(id) { Some(name) } else { None };
            for expr in &self.script.exprs {
                let ExprKind::Assign { target, value } = expr.kind else { continue };
                if let Some(name) = variable(target) {
                    given(self.function_at(expr.at.start), name, &mut |given| given.values.push(value));
                } else if let ExprKind::Index { array, index } = self.kind(target)
                    && let Some(name) = variable(array)
                {
                    given(self.function_at(expr.at.start), name, &mut |given| given.items.push((index, value)));
                }
            }
            for (id, function) in (0u32..).map(FunctionId).zip(&self.script.functions) {
                for stmt in &function.body {
                    let Stmt::Foreach { subject, key, value } = *stmt else { continue };
                    let names: Vec<Sym> = key.into_iter().chain([value]).filter_map(variable).collect();
                    for name in &names {
                        given(id, *name, &mut |given| {
                            given.elements.push(subject);
                            given.beside.extend(names.iter().filter(|other| *other != name));
                        });
                    }
                }
            }
            all
        });
        all.get(&(function, name)).unwrap_or(&NOTHING)
    }

    /// The class of the panel's that an expression gives an object of, as far as the function around it tells.
    pub(super) fn class_of(&self, id: ExprId) -> Option<&'a str> {
        Search::of(self).class(id, MAX_DEPTH)
    }

    /// The kind and the class of the panel's of which an expression gives a list of objects.
    pub(super) fn list_of(&self, id: ExprId) -> Option<(Kind, &'a str)> {
        Search::of(self).list(id, MAX_DEPTH)
    }

    /// What a call of the panel's programming interface gives, with the kind that it is about.
    pub(super) fn panel_gives(&self, id: ExprId) -> Vec<(Kind, Gives<'static>)> {
        Search::of(self).gives(id, MAX_DEPTH)
    }
}

/// The search for one answer.
struct Search<'c, 'a> {
    code: &'c Code<'a>,
    /// The steps that are left.
    steps: usize,
}

impl<'c, 'a> Search<'c, 'a> {
    fn of(code: &'c Code<'a>) -> Search<'c, 'a> {
        Search { code, steps: MOST_STEPS }
    }

    /// One step deeper. `None`: far enough.
    fn step(&mut self, depth: usize) -> Option<usize> {
        self.steps = self.steps.checked_sub(1)?;
        depth.checked_sub(1)
    }

    fn class(&mut self, id: ExprId, depth: usize) -> Option<&'a str> {
        let depth = self.step(depth)?;
        let (code, script) = (self.code, self.code.script);
        match code.kind(id) {
            ExprKind::New { class, .. } => Some(script.text(class)).filter(|class| catalogue::is_class(class)),
            ExprKind::Variable(name) => {
                let function = code.function_of(id);
                let declared = code.function(function).params.iter().filter(|p| p.name == name).flat_map(|p| &p.types);
                if let Some(class) = declared.map(|t| script.text(*t)).find(|t| catalogue::is_class(t)) {
                    return Some(class);
                }
                let given = code.given(function, name);
                let object = given.values.iter().take(MOST_VALUES).find_map(|value| self.class(*value, depth));
                object.or_else(|| given.elements.iter().take(MOST_VALUES).find_map(|list| self.list_class(*list, depth)))
            }
            ExprKind::Index { array, .. } => self.list_class(array, depth),
            ExprKind::Assign { value, .. } => self.class(value, depth),
            ExprKind::Choice(list) => script.list(list).iter().take(MOST_VALUES).find_map(|one| self.class(*one, depth)),
            _ => self.gives(id, depth).into_iter().find_map(|(_, gives)| match gives {
                Gives::Object(class) => Some(class),
                _ => None,
            }),
        }
    }

    fn list_class(&mut self, id: ExprId, depth: usize) -> Option<&'a str> {
        self.list(id, depth).map(|(_, class)| class)
    }

    fn list(&mut self, id: ExprId, depth: usize) -> Option<(Kind, &'a str)> {
        let depth = self.step(depth)?;
        match self.code.kind(id) {
            ExprKind::Variable(name) => {
                let given = self.code.given(self.code.function_of(id), name);
                given.values.iter().take(MOST_VALUES).find_map(|value| self.list(*value, depth))
            }
            _ => self.gives(id, depth).into_iter().find_map(|(kind, gives)| match gives {
                Gives::List(class) => Some((kind, class)),
                _ => None,
            }),
        }
    }

    fn gives(&mut self, id: ExprId, depth: usize) -> Vec<(Kind, Gives<'static>)> {
        let script = self.code.script;
        let (of, name, args) = match self.code.kind(id) {
            ExprKind::Static { class, name, args } => (Some(script.text(class)), name, args),
            ExprKind::Method { object, name, args } => (self.class(object, depth), name, args),
            _ => return Vec::new(),
        };
        let Some(of) = of else { return Vec::new() };
        let first = script.args(args).first().map(|arg| self.code.kind(arg.value));
        let first = if let Some(ExprKind::Text(text)) = first { Some(script.text(text)) } else { None };
        catalogue::calls(of, script.text(name), first).filter_map(|known| Some((known.kind, known.call.given()?))).collect()
    }
}

/// A call of the panel's that keeps a value, or a function of PHP's that makes a file of the var directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    /// The call.
    pub(super) call: ExprId,
    /// What keeps it: a setting or a file.
    pub(super) keeps: Keeps,
    /// The argument that names the place.
    pub(super) name: ExprId,
    /// The argument with the value.
    pub(super) value: Option<ExprId>,
}

impl Code<'_> {
    /// The calls that keep values in settings of the extension's own and in files of the var directory.
    pub(super) fn kept(&self) -> &[Kept] {
        self.kept.get_or_init(|| self.find_kept())
    }

    fn find_kept(&self) -> Vec<Kept> {
        let script = self.script;
        let mut kept = Vec::new();
        for (call, expr) in (0u32..).map(ExprId).zip(&script.exprs) {
            match expr.kind {
                ExprKind::Static { class, name, args } => {
                    let args = script.args(args);
                    let argument = |number: usize| args.get(number).filter(|a| !a.spread && a.name.is_none()).map(|a| a.value);
                    for store in catalogue::stores_on(script.text(class), script.text(name)).iter().filter(|s| s.keeps == Keeps::Setting) {
                        let (Some(name), Some(value)) = (store.key.and_then(argument), store.value.and_then(argument)) else { continue };
                        kept.push(Kept { call, keeps: Keeps::Setting, name, value: Some(value) });
                    }
                }
                ExprKind::Call { name, args } => {
                    let function = script.text(name).trim_start_matches('\\');
                    let Some((_, number)) = FILE_WRITERS.iter().find(|(writer, _)| writer.eq_ignore_ascii_case(function)) else { continue };
                    let Some(name) = script.args(args).get(*number).map(|a| a.value) else { continue };
                    if self.in_var_dir(name) {
                        kept.push(Kept { call, keeps: Keeps::File, name, value: None });
                    }
                }
                _ => {}
            }
        }
        kept
    }

    /// Whether a path begins in the var directory, as far as the function around it tells.
    fn in_var_dir(&self, path: ExprId) -> bool {
        self.parts(path).iter().any(|part| {
            let ExprKind::Static { class, name, .. } = self.kind(*part) else { return false };
            let (class, name) = (self.script.text(class), self.script.text(name));
            catalogue::helpers_on(class.trim_start_matches('\\'), name).iter().any(|h| h.gives == "var-dir")
        })
    }

    /// The expressions that a text is put together from: concatenations, formats and variables are taken apart.
    pub(super) fn parts(&self, id: ExprId) -> Vec<ExprId> {
        let mut all = Vec::new();
        self.take_apart(id, MAX_DEPTH, &mut all);
        all
    }

    fn take_apart(&self, id: ExprId, depth: usize, all: &mut Vec<ExprId>) {
        if all.len() >= MOST_PARTS {
            return;
        }
        let Some(depth) = depth.checked_sub(1) else { return all.push(id) };
        let script = self.script;
        match self.kind(id) {
            ExprKind::Concat(list) => script.list(list).iter().for_each(|one| self.take_apart(*one, depth, all)),
            ExprKind::Cast { value, .. } => self.take_apart(value, depth, all),
            ExprKind::Call { name, args } => {
                let name = script.text(name).trim_start_matches('\\').to_ascii_lowercase();
                let args = script.args(args);
                match name.as_str() {
                    "sprintf" | "implode" | "join" => args.iter().for_each(|arg| self.take_apart(arg.value, depth, all)),
                    name if WRAPPERS.contains(&name) => args.iter().take(1).for_each(|a| self.take_apart(a.value, depth, all)),
                    _ => all.push(id),
                }
            }
            ExprKind::Variable(name) => {
                let given = self.given(self.function_of(id), name);
                match (&given.values[..], &given.elements[..]) {
                    // One that gets several values may hold any of them.
                    ([only], []) => self.take_apart(*only, depth, all),
                    _ => all.push(id),
                }
            }
            _ => all.push(id),
        }
    }

    /// What an expression is about: the variable or the property of `$this` that it begins with. `$row['id']` is about `$row`, `intval($id)` about `$id`.
    pub(super) fn subject(&self, id: ExprId) -> Option<Subject> {
        let script = self.script;
        let mut id = id;
        for _ in 0..MAX_DEPTH {
            id = match self.kind(id) {
                ExprKind::Variable(name) => return (script.text(name) != "this").then_some(Subject::Variable(name)),
                ExprKind::Property { object, name } if self.is_this(object) => return Some(Subject::Own(name)),
                ExprKind::Property { object, .. } | ExprKind::Method { object, .. } => object,
                ExprKind::Index { array, .. } => array,
                ExprKind::Cast { value, .. } => value,
                ExprKind::Call { name, args } if WRAPPERS.contains(&script.text(name).trim_start_matches('\\')) => {
                    script.args(args).first()?.value
                }
                _ => return None,
            };
        }
        None
    }

    /// The variable whose value, or a part of it, an expression gives: `$row` for `$row['id']`, and for `json_decode($row['all'])->id`.
    fn taken_from(&self, id: ExprId) -> Option<Sym> {
        let script = self.script;
        let mut id = id;
        for _ in 0..MAX_DEPTH {
            id = match self.kind(id) {
                ExprKind::Variable(name) => return (script.text(name) != "this").then_some(name),
                ExprKind::Property { object, .. } => object,
                ExprKind::Index { array, .. } => array,
                ExprKind::Cast { value, .. } | ExprKind::Assign { value, .. } => value,
                ExprKind::Choice(list) => *script.list(list).first()?,
                ExprKind::Call { name, args } => {
                    let name = script.text(name).trim_start_matches('\\').to_ascii_lowercase();
                    let whole = WRAPPERS.contains(&name.as_str()) || UNPACKS.contains(&name.as_str());
                    script.args(args).first().filter(|_| whole)?.value
                }
                _ => return None,
            };
        }
        None
    }

    /// `subject`, and the variables of `function` that hold one thing with it: those that it is taken from, and the key or the value that a loop gives
    /// with it.
    pub(super) fn together(&self, function: FunctionId, subject: Subject) -> Vec<Subject> {
        let mut all = vec![subject];
        let mut next = 0;
        while let Some(Subject::Variable(name)) = all.get(next).copied().filter(|_| all.len() < MOST_VALUES) {
            next += 1;
            let values = self.given(function, name).values.iter().take(MOST_VALUES).filter_map(|value| self.taken_from(*value));
            let beside = self.given(function, name).beside.iter().copied();
            for other in values.chain(beside).map(Subject::Variable) {
                if !all.contains(&other) {
                    all.push(other);
                }
            }
        }
        all
    }

    /// Where a part of the script speaks of one of `subjects`: the beginnings of the expressions, in order.
    pub(super) fn mentions(&self, at: Bytes, subjects: &[Subject]) -> Vec<u32> {
        let is = |kind: ExprKind| match kind {
            ExprKind::Variable(name) => subjects.contains(&Subject::Variable(name)),
            ExprKind::Property { object, name } => self.is_this(object) && subjects.contains(&Subject::Own(name)),
            _ => false,
        };
        self.within(at).filter(|(_, kind)| is(*kind)).map(|(id, _)| self.at(id).start).collect()
    }

    fn is_this(&self, id: ExprId) -> bool {
        matches!(self.kind(id), ExprKind::Variable(name) if self.script.text(name) == "this")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::php::parse::parse;
    use crate::extension::source::FileId;

    #[test]
    fn the_innermost_function_is_found() {
        let source = "<?php a(); function f() { b(); $x = function () { c(); }; d(); } e(); function g() { h(); }";
        let script = parse(FileId(0), source.as_bytes());
        let code = Code::new(&script);
        let name = |call: &str| {
            let at = u32::try_from(source.find(call).unwrap()).unwrap();
            let function = code.function_at(at);
            (function.0 != 0).then(|| script.text(script.function(function).name).to_owned())
        };
        let expected = [("a()", None), ("b()", Some("f")), ("c()", Some("")), ("d()", Some("f")), ("e()", None), ("h()", Some("g"))];
        for (call, function) in expected {
            assert_eq!(name(call).as_deref(), function, "{call}");
        }
    }

    #[test]
    fn what_stands_within_is_given_from_the_outside_in() {
        let source = "<?php f(g($a), $b); h($c);";
        let script = parse(FileId(0), source.as_bytes());
        let code = Code::new(&script);
        let whole = code.script.functions[0].at;
        let texts: Vec<&str> = code.within(whole).map(|(id, _)| &source[code.at(id).start as usize..code.at(id).end as usize]).collect();
        assert_eq!(texts, ["f(g($a), $b)", "g($a)", "$a", "$b", "h($c)", "$c"]);
        let inner = code.at(code.within(whole).nth(1).unwrap().0);
        assert_eq!(code.within(inner).count(), 2);
    }
}
