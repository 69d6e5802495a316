//! Helpers that are told the name of a table or of a column: `save('tickets', $row)`. What each of their callers hands over belongs to the table that
//! it names, and to no other's.

use rustc_hash::{FxHashMap, FxHashSet};

use super::flow::build::Builder;
use super::flow::calls::Callee;
use super::flow::library;
use super::program::{Fun, Name};
use crate::extension::php::ir::{ExprId, ExprKind};
use crate::extension::sql::template::Template;

/// The most different texts that are made of one statement. Calls that say the same share one.
const MAX_TEXTS: usize = 64;

/// A statement whose text parameters of its function come into.
pub(super) struct Wrapper<'a> {
    /// The number of the script it stands in.
    pub(super) script: u32,
    /// Its function.
    pub(super) fun: Fun,
    /// The expression that makes the text.
    pub(super) expr: ExprId,
    /// Its text.
    open: &'a Template,
    /// The holes that are parameters: the expression, and the position of the parameter.
    holes: Vec<(ExprId, usize)>,
    /// The method by which its function gets at the results.
    pub(super) method: Option<Name>,
}

/// A call of such a helper.
pub(super) struct Told {
    /// The call.
    pub(super) call: u32,
    /// The positions of the arguments that say what is in the text.
    pub(super) names: Vec<usize>,
    /// The text as this call makes it.
    pub(super) text: Template,
}

impl<'a> Wrapper<'a> {
    /// The statement `open` of `fun`, if parameters come into it.
    pub(super) fn new(builder: &mut Builder<'_, 'a>, script: u32, fun: Fun, expr: ExprId, open: &'a Template) -> Option<Wrapper<'a>> {
        let (_, function) = builder.program.function(fun);
        let file = &builder.program.scripts()[script as usize];
        let position = |expr: ExprId| match file.expr(expr).kind {
            ExprKind::Variable(name) => function.params.iter().position(|p| p.name == name && !p.variadic),
            _ => None,
        };
        let holes: Vec<_> = open.holes.iter().filter_map(|hole| Some((hole.expr, position(hole.expr)?))).collect();
        if holes.is_empty() {
            return None;
        }
        let mut fetches = file.exprs.iter().filter(|e| e.at.is_in(function.at)).filter_map(|e| match e.kind {
            ExprKind::Method { name, .. } => Some(file.text(name).to_ascii_lowercase()).filter(|name| library::fetches(name)),
            _ => None,
        });
        let method = fetches.next_back().map(|method| builder.program.intern(&method));
        Some(Wrapper { script, fun, expr, open, holes, method })
    }

    /// The calls that say a name for at least one of the holes, and the text that each makes.
    pub(super) fn told(&self, builder: &Builder<'_, '_>, callers: &Callers) -> Vec<Told> {
        let (mut told, mut texts) = (Vec::new(), FxHashSet::default());
        for number in callers.of(builder, self.fun) {
            let call = &builder.calls[number as usize];
            let file = &builder.program.scripts()[call.script as usize];
            let said = |position: usize| match file.expr(call.positional(position)?.expr).kind {
                ExprKind::Text(sym) => Some(file.text(sym)).filter(|text| is_name(text)),
                _ => None,
            };
            let text_of = |expr: ExprId| {
                let (_, position) = self.holes.iter().find(|(hole, _)| *hole == expr)?;
                said(*position).map(str::to_owned)
            };
            let mut names: Vec<usize> = self.holes.iter().map(|(_, at)| *at).filter(|at| said(*at).is_some()).collect();
            names.sort_unstable();
            names.dedup();
            if names.is_empty() {
                continue;
            }
            let text = self.open.filled(text_of);
            if texts.len() < MAX_TEXTS || texts.contains(&text.text) {
                texts.insert(text.text.clone());
                told.push(Told { call: number, names, text });
            }
        }
        told
    }
}

/// The calls by the names of what they call.
pub(super) struct Callers {
    by_name: FxHashMap<Name, Vec<u32>>,
    /// How many methods go by a name.
    methods: FxHashMap<Name, usize>,
}

impl Callers {
    pub(super) fn new(builder: &mut Builder<'_, '_>) -> Callers {
        let mut callers = Callers { by_name: FxHashMap::default(), methods: FxHashMap::default() };
        for (number, call) in (0..).zip(&builder.calls) {
            let (Callee::Function(name) | Callee::OwnStatic(_, name) | Callee::Method(_, name)) = call.callee else { continue };
            callers.by_name.entry(name).or_default().push(number);
        }
        for fun in builder.program.functions_of(0..builder.program.scripts().len()) {
            let (script, function) = builder.program.function(fun);
            if function.class.is_some() {
                let name = builder.program.name(script, function.name);
                *callers.methods.entry(builder.program.fold(name)).or_default() += 1;
            }
        }
        callers
    }

    /// The calls that the code says to be of `fun`: by the name of a function or a class, or by a method's name that no other has.
    fn of(&self, builder: &Builder<'_, '_>, fun: Fun) -> Vec<u32> {
        let (script, function) = builder.program.function(fun);
        let text = builder.program.scripts()[script as usize].text(function.name).to_ascii_lowercase();
        let last = text.rsplit('\\').next().unwrap_or_default();
        let mut found = Vec::new();
        for name in [Some(text.as_str()), Some(last).filter(|l| *l != text)].into_iter().flatten() {
            let Some(name) = builder.program.find(name) else { continue };
            let only = self.methods.get(&name) == Some(&1);
            found.extend(self.by_name.get(&name).into_iter().flatten().copied().filter(
                |number| match builder.calls[*number as usize].callee {
                    Callee::Function(called) => builder.program.function_named(builder.program.text(called)) == Some(fun),
                    Callee::OwnStatic(cls, method) => builder.program.method(cls, method) == Some(fun),
                    Callee::Method(..) => function.class.is_some() && only,
                    _ => false,
                },
            ));
        }
        found
    }
}

/// Whether a text can be the name of a table or a column.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
