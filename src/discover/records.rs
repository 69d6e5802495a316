//! Classes whose objects are rows of a table: a base class writes what its objects hold into the table that each of its subclasses names.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::flow::library;
use super::members::Use;
use super::program::{Cls, Fun, Program};
use super::tables::Tables;
use crate::extension::php::ir::{Bytes, Expr, ExprId, ExprKind, FunctionId, Sym};

/// The most places in which the code of one class names a table.
const MAX_USES: usize = 8;

/// The tables whose rows the objects of classes are, by the classes.
#[derive(Debug, Default)]
pub(super) struct Records {
    tables: BTreeMap<Cls, String>,
    /// Methods that make an object of what they are given, and the position of that parameter: `create(array $values) { $row = new static($values); … }`.
    makers: FxHashMap<Fun, usize>,
}

impl Records {
    /// The classes with `__get` or `__set` that name a table. Others have properties of their own, which their code puts into columns.
    pub(super) fn of(program: &Program<'_>, tables: &Tables) -> Records {
        let magic = ["__get", "__set"].map(|name| program.find(name));
        if magic == [None, None] {
            return Records::default();
        }
        let answers = |cls: Cls| magic.iter().flatten().any(|name| program.method(cls, *name).is_some());
        let mut named: FxHashMap<Cls, Vec<(u32, ExprId)>> = FxHashMap::default();
        let mut records = Records::default();
        for cls in program.classes().filter(|cls| answers(*cls)) {
            for above in program.lineage(cls) {
                named.entry(*above).or_insert_with(|| tables_named(program, *above));
            }
            let table = program.lineage(cls).iter().find_map(|above| {
                named[above].iter().find_map(|(script, expr)| {
                    let text = program.member_text(Use { script: *script, within: Some(*above), of: Some(cls) }, *expr)?;
                    Some(text.to_lowercase()).filter(|folded| tables.get(folded).is_some())
                })
            });
            records.tables.extend(table.map(|table| (cls, table)));
        }
        records.find_makers(program);
        records
    }

    fn find_makers(&mut self, program: &Program<'_>) {
        let lineages: BTreeSet<Cls> = self.classes().flat_map(|cls| program.lineage(cls)).copied().collect();
        // For each script, where it makes objects of the class at hand: the place, and the variable that they are made of.
        let mut made: FxHashMap<u32, Vec<(Bytes, Sym)>> = FxHashMap::default();
        for cls in lineages {
            let (number, class) = program.class(cls);
            let script = &program.scripts()[number as usize];
            let making = |expr: &Expr| {
                let ExprKind::New { class, args } = expr.kind else { return None };
                let is_own = ["static", "self"].iter().any(|own| script.text(class).eq_ignore_ascii_case(own));
                match script.expr(script.args(args).first().filter(|_| is_own)?.value).kind {
                    ExprKind::Variable(given) => Some((expr.at, given)),
                    _ => None,
                }
            };
            for (at, given) in made.entry(number).or_insert_with(|| script.exprs.iter().filter_map(making).collect()) {
                let around = |method: &&FunctionId| at.is_in(script.function(**method).at);
                let Some(method) = class.methods.iter().find(around) else { continue };
                let position = script.function(*method).params.iter().position(|param| param.name == *given);
                self.makers.extend(position.map(|position| (program.fun(number, *method), position)));
            }
        }
    }

    /// The position of the parameter that a method makes an object of.
    pub(super) fn makes(&self, fun: Fun) -> Option<usize> {
        self.makers.get(&fun).copied()
    }

    /// The classes.
    pub(super) fn classes(&self) -> impl Iterator<Item = Cls> {
        self.tables.keys().copied()
    }

    /// The table whose rows the objects of `cls` are, without case.
    pub(super) fn table(&self, cls: Cls) -> Option<&str> {
        self.tables.get(&cls).map(String::as_str)
    }
}

/// The constants, properties and methods that the code of `cls` itself takes for the names of tables.
fn tables_named(program: &Program<'_>, cls: Cls) -> Vec<(u32, ExprId)> {
    let (number, class) = program.class(cls);
    let script = &program.scripts()[number as usize];
    let within = |at: u32| class.at.start <= at && at < class.at.end;
    let is_member = |expr: ExprId| {
        matches!(
            script.expr(expr).kind,
            ExprKind::ClassConstant { .. }
                | ExprKind::StaticProperty { .. }
                | ExprKind::Property { .. }
                | ExprKind::Static { .. }
                | ExprKind::Method { .. }
        )
    };
    let in_calls = script.exprs.iter().filter(|e| within(e.at.start)).filter_map(|e| match e.kind {
        ExprKind::Method { name, args, .. } if library::table_method(&script.text(name).to_ascii_lowercase()).is_some() => {
            script.args(args).first().map(|arg| arg.value)
        }
        _ => None,
    });
    let in_texts = program.extension.statements.iter().filter(|text| text.script == number && within(script.expr(text.expr).at.start));
    let holes = in_texts.flat_map(|text| text.holes.iter().map(|hole| hole.expr));
    in_calls.chain(holes).filter(|expr| is_member(*expr)).take(MAX_USES).map(|expr| (number, expr)).collect()
}
