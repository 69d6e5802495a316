//! Classes that put statements together on a table which the code that makes an object of them names: `Query::table('tickets')->insert($row)`.

use rustc_hash::{FxHashMap, FxHashSet};

use super::program::{Cls, Fun, Name, Program};
use crate::extension::php::by_start::ByStart;
use crate::extension::php::ir::{ExprId, ExprKind, Function, FunctionId, FunctionKind, Script, Slice, Sym};
use crate::extension::sql::template::{Hole, Template};

/// The name of a table goes through at most this many functions.
const MAX_STEPS: usize = 4;

/// What stands before the name of a table in a statement.
const BEFORE: &[&str] = &["from", "into", "update", "join"];

/// The expressions of scripts by where they stand, by the scripts' numbers, as far as they were asked for.
#[derive(Default)]
pub(super) struct Sorted(FxHashMap<u32, ByStart>);

impl Sorted {
    pub(super) fn of(&mut self, number: u32, script: &Script) -> &ByStart {
        self.0.entry(number).or_insert_with(|| ByStart::of(script))
    }
}

/// The functions that are told the name of a table and give an object which works on it, each with the position of the parameter.
#[derive(Debug, Default)]
pub(super) struct Builders {
    told: FxHashMap<Fun, usize>,
}

impl Builders {
    /// Those of an extension.
    pub(super) fn of(program: &Program<'_>) -> Builders {
        let mut builders = Builders::default();
        let mut known: FxHashSet<(Cls, Name)> = FxHashSet::default();
        let mut family: Vec<Cls> = Vec::new();
        for text in &program.extension.statements {
            let Some(open) = &text.open else { continue };
            let (script, function) = program.function(program.fun(text.script, text.function));
            let Some(cls) = function.class.map(|class| program.cls(script, class)) else { continue };
            let file = &program.scripts()[script as usize];
            for name in open.holes.iter().filter(|hole| names_table(open, hole)).filter_map(|hole| own_property(file, hole.expr)) {
                if known.insert((cls, program.name(script, name))) {
                    family.extend(program.lineage(cls).iter().chain(program.below(cls)));
                }
            }
        }
        if known.is_empty() {
            return builders;
        }
        family.sort_unstable();
        family.dedup();
        let properties: FxHashSet<Name> = known.into_iter().map(|(_, name)| name).collect();
        let mut sorted = Sorted::default();
        for cls in &family {
            builders.add_setters(program, &mut sorted, *cls, &properties);
        }
        let family: FxHashSet<Cls> = family.into_iter().collect();
        let makers = makers(program, &family);
        for _ in 0..MAX_STEPS {
            let before = builders.told.len();
            makers.iter().for_each(|script| builders.add_makers(program, &mut sorted, *script, &family));
            if builders.told.len() == before {
                break;
            }
        }
        builders
    }

    /// The position of the parameter in which `fun` is told the table of what it gives.
    pub(super) fn told(&self, fun: Fun) -> Option<usize> {
        self.told.get(&fun).copied()
    }

    /// Methods that put a parameter into the property.
    fn add_setters(&mut self, program: &Program<'_>, sorted: &mut Sorted, cls: Cls, properties: &FxHashSet<Name>) {
        let (number, class) = program.class(cls);
        let script = &program.scripts()[number as usize];
        for id in &class.methods {
            let function = script.function(*id);
            let promoted = function.params.iter().position(|p| p.promoted && properties.contains(&program.name(number, p.name)));
            let put = sorted.of(number, script).within(script, function.at).find_map(|(_, kind)| {
                let ExprKind::Assign { target, value } = kind else { return None };
                let name = own_property(script, target).or_else(|| new_property(script, function, target))?;
                parameter(script, function, value).filter(|_| properties.contains(&program.name(number, name)))
            });
            if let Some(position) = promoted.or(put) {
                self.told.insert(program.fun(number, *id), position);
            }
        }
    }

    /// Functions of a script that hand a parameter on to a method which is told the table.
    fn add_makers(&mut self, program: &Program<'_>, sorted: &mut Sorted, number: u32, family: &FxHashSet<Cls>) {
        let script = &program.scripts()[number as usize];
        for (at, function) in (0u32..).zip(&script.functions) {
            let fun = program.fun(number, FunctionId(at));
            if function.params.is_empty() || self.told.contains_key(&fun) {
                continue;
            }
            let cls = function.class.map(|class| program.cls(number, class));
            let handed = sorted.of(number, script).within(script, function.at).find_map(|(_, kind)| {
                let (of, method, args) = made(program, script, cls, kind)?;
                let method = program.find(&method.to_ascii_lowercase())?;
                let called = program.method(Some(of).filter(|of| family.contains(of))?, method)?;
                let argument = script.args(args).get(self.told(called)?).filter(|a| !a.spread && a.name.is_none())?;
                parameter(script, function, argument.value)
            });
            self.told.extend(handed.map(|position| (fun, position)));
        }
    }
}

/// The scripts in which an object of one of the classes may be made.
fn makers(program: &Program<'_>, family: &FxHashSet<Cls>) -> Vec<u32> {
    let named = |script: &Script, class: Sym| match script.text(class) {
        "self" | "static" | "parent" => true,
        named => program.class_named(named).is_some_and(|cls| family.contains(&cls)),
    };
    let makes = |script: &Script| {
        script.exprs.iter().any(|e| matches!(e.kind, ExprKind::New { class, .. } | ExprKind::Static { class, .. } if named(script, class)))
    };
    (0u32..).zip(program.scripts()).filter(|(_, script)| makes(script)).map(|(number, _)| number).collect()
}

/// The class, the method and the arguments of a call that may make an object, in the code of `cls`.
fn made<'s>(program: &Program<'_>, script: &'s Script, cls: Option<Cls>, kind: ExprKind) -> Option<(Cls, &'s str, Slice)> {
    let (named, method, args) = match kind {
        ExprKind::New { class, args } => (script.text(class), "__construct", args),
        ExprKind::Static { class, name, args } => (script.text(class), script.text(name), args),
        _ => return None,
    };
    let of = if named.eq_ignore_ascii_case("self") || named.eq_ignore_ascii_case("static") {
        cls
    } else if named.eq_ignore_ascii_case("parent") {
        program.lineage(cls?).get(1).copied()
    } else {
        program.class_named(named)
    };
    Some((of?, method, args))
}

/// Whether a hole is the name of a table.
fn names_table(open: &Template, hole: &Hole) -> bool {
    let before = open.text.get(..hole.at as usize).unwrap_or_default();
    let word = before.trim_end_matches(['`', '"', '[']).trim_end();
    let word = word.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    BEFORE.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// The property of `$this` that an expression is.
fn own_property(script: &Script, expr: ExprId) -> Option<Sym> {
    let ExprKind::Property { object, name } = script.expr(expr).kind else { return None };
    matches!(script.expr(object).kind, ExprKind::Variable(this) if script.text(this) == "this").then_some(name)
}

/// The property that a static method puts into an object which it makes: `$query = new self(); $query->table = $name;`.
fn new_property(script: &Script, function: &Function, expr: ExprId) -> Option<Sym> {
    let ExprKind::Property { object, name } = script.expr(expr).kind else { return None };
    let is_local = matches!(script.expr(object).kind, ExprKind::Variable(sym) if function.params.iter().all(|p| p.name != sym));
    (function.kind == FunctionKind::StaticMethod && is_local).then_some(name)
}

/// The position of the parameter that an expression is.
fn parameter(script: &Script, function: &Function, expr: ExprId) -> Option<usize> {
    match script.expr(expr).kind {
        ExprKind::Variable(name) => function.params.iter().position(|p| p.name == name && !p.variadic),
        ExprKind::Cast { value, .. } => parameter(script, function, value),
        _ => None,
    }
}
