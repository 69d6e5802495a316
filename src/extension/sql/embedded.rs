//! Declarations of tables in the strings of PHP code.

use rustc_hash::{FxHashMap, FxHashSet};

use super::schema::{Context, Declarations, SchemaOrigin, read_mapped};
use super::template::{Folding, Template};
use super::writes::Write;
use crate::extension::php::ir::{Cast, ExprId, ExprKind, FunctionId, Script, Stmt, Sym};
use crate::extension::source::Span;

/// The most rounds of loops that one text is put together for.
const MAX_ROUNDS: usize = 500;

/// The most variables of loops in one text.
const MAX_BINDINGS: usize = 16;

/// Finds the tables that the strings of a script, whose file has the bytes `source`, declare. Comments are no strings.
#[must_use]
pub fn declarations(folding: &Folding<'_>, source: &[u8]) -> Declarations {
    let script = folding.script;
    let mut found = Declarations::default();
    if !contains(source, b"table", 2) || !declares(source) {
        return found;
    }
    let mut search = Search { script, folding, parents: parents(script), context: Context::default() };
    let mut done = FxHashSet::default();
    for (i, expr) in script.exprs.iter().enumerate() {
        let ExprKind::Text(text) = expr.kind else { continue };
        let text = script.text(text).as_bytes();
        if declares(text) {
            search.text(ExprId(u32::try_from(i).unwrap_or(u32::MAX)), &mut done, &mut found);
        }
    }
    found.tables.sort_by_key(|t| t.span);
    found.unreadable.sort_by_key(|(span, _)| *span);
    found.unreadable.dedup();
    found
}

/// Whether a word that starts a declaration stands in `text`.
fn declares(text: &[u8]) -> bool {
    contains(text, b"create", 0) || contains(text, b"alter", 1)
}

/// Whether `needle` (in lower case) stands in `text` in any case. Its byte `rare` is the one that is looked for.
fn contains(text: &[u8], needle: &[u8], rare: usize) -> bool {
    memchr::memchr2_iter(needle[rare], needle[rare].to_ascii_uppercase(), text).any(|i| {
        let start = i.checked_sub(rare);
        start.and_then(|start| text.get(start..start + needle.len())).is_some_and(|found| found.eq_ignore_ascii_case(needle))
    })
}

/// How the text of an expression goes on into another one.
#[derive(Debug, Clone, Copy)]
enum Parent {
    /// It is a part of that text.
    Part(ExprId),
    /// It is assigned to, or appended to, this variable by that expression.
    Variable(Sym, ExprId),
}

/// What each expression is a part of.
fn parents(script: &Script) -> FxHashMap<ExprId, Parent> {
    let mut parents = FxHashMap::default();
    for (i, expr) in script.exprs.iter().enumerate() {
        let id = ExprId(u32::try_from(i).unwrap_or(u32::MAX));
        match expr.kind {
            ExprKind::Concat(slice) => parents.extend(script.list(slice).iter().map(|part| (*part, Parent::Part(id)))),
            ExprKind::Cast { to: Cast::String, value } => drop(parents.insert(value, Parent::Part(id))),
            ExprKind::Assign { target, value } | ExprKind::Append { target, value } => {
                if let ExprKind::Variable(name) = script.expr(target).kind {
                    parents.insert(value, Parent::Variable(name, id));
                }
            }
            ExprKind::Call { name, args } => {
                let name = script.text(name).trim_start_matches('\\').to_ascii_lowercase();
                if !matches!(name.as_str(), "sprintf" | "vsprintf" | "implode" | "join" | "trim" | "rtrim" | "ltrim") {
                    continue;
                }
                for arg in script.args(args) {
                    parents.insert(arg.value, Parent::Part(id));
                    // implode("\n", ['CREATE TABLE t (', 'a)'])
                    if let ExprKind::Array(elements) = script.expr(arg.value).kind {
                        parents.extend(script.elements(elements).iter().filter_map(|e| Some((e.value?, Parent::Part(id)))));
                    }
                }
            }
            _ => {}
        }
    }
    parents
}

struct Search<'f, 's> {
    script: &'s Script,
    folding: &'f Folding<'s>,
    parents: FxHashMap<ExprId, Parent>,
    context: Context,
}

impl Search<'_, '_> {
    /// Reads the largest text that `part` is a part of, unless that was done.
    fn text(&mut self, part: ExprId, done: &mut FxHashSet<ExprId>, found: &mut Declarations) {
        let mut root = part;
        let mut parent = self.parents.get(&root);
        // Parents contain their parts, so this ends.
        while let Some(Parent::Part(outer)) = parent {
            root = *outer;
            parent = self.parents.get(&root);
        }
        let function = self.folding.function_at(self.script.expr(root).at.start);
        let exprs = match parent {
            Some(Parent::Variable(name, write)) => self.appended(function, *name, *write).unwrap_or_else(|| vec![root]),
            _ => vec![root],
        };
        if !done.insert(exprs[0]) {
            return;
        }
        let mut rounds = MAX_ROUNDS;
        self.rounds(function, &exprs, &mut Vec::new(), &mut rounds, &mut |context, template| {
            let read = read_mapped(template.text.as_bytes(), SchemaOrigin::PhpString, context, &|range| template.span(range));
            found.tables.extend(read.tables);
            found.unreadable.extend(read.unreadable);
        });
        if rounds == 0 {
            let at = self.script.expr(root).at;
            found.unreadable.push((Span::new(self.script.file, at.start, at.end), "it stands for too many statements".to_owned()));
        }
    }

    /// The values that make a variable's text, from its first one on: `$sql = 'CREATE …'; $sql .= '…'`, of which `write` is one.
    fn appended(&self, function: FunctionId, name: Sym, write: ExprId) -> Option<Vec<ExprId>> {
        let writes = self.folding.writes().variable_writes(function, self.script.text(name));
        let at = writes.iter().position(|(start, _)| *start == self.script.expr(write).at.start)?;
        let first = writes[..=at].iter().rposition(|(_, w)| matches!(w, Write::Set(_)))?;
        let mut exprs = Vec::new();
        for (i, (_, write)) in writes[first..].iter().enumerate() {
            match write {
                Write::Set(value) if i == 0 => exprs.push(*value),
                Write::Append(value) => exprs.push(*value),
                _ => break,
            }
        }
        (at - first < exprs.len()).then_some(exprs)
    }

    /// Puts the text together once for each round of the loops whose variables stand in it.
    fn rounds(
        &mut self,
        function: FunctionId,
        exprs: &[ExprId],
        bindings: &mut Vec<(Sym, ExprId)>,
        left: &mut usize,
        read: &mut dyn FnMut(&mut Context, &Template),
    ) {
        let Some(template) = self.folding.fold_all(function, exprs, bindings) else { return };
        let Some((key, value, elements)) = template.holes.iter().find_map(|hole| self.round(function, hole.expr, bindings)) else {
            *left = left.saturating_sub(1);
            read(&mut self.context, &template);
            return;
        };
        let depth = bindings.len();
        for (element_key, element) in elements {
            if *left == 0 {
                return;
            }
            bindings.extend(key.zip(element_key));
            bindings.extend(value.map(|value| (value, element)));
            self.rounds(function, exprs, bindings, left, read);
            bindings.truncate(depth);
        }
    }

    /// The loop whose variable `hole` is: its key's and its value's variable, and what it runs over. `None` when that is not known.
    fn round(&self, function: FunctionId, hole: ExprId, bindings: &[(Sym, ExprId)]) -> Option<Round> {
        let script = self.script;
        let variable = |expr: ExprId| if let ExprKind::Variable(name) = script.expr(expr).kind { Some(name) } else { None };
        let name = script.text(variable(hole)?);
        let is = |target: Option<Sym>| target.is_some_and(|t| script.text(t) == name);
        if bindings.len() >= MAX_BINDINGS || bindings.iter().any(|(bound, _)| script.text(*bound) == name) {
            return None;
        }
        let before = script.expr(hole).at.start;
        script.function(function).body.iter().rev().find_map(|stmt| {
            let Stmt::Foreach { subject, key, value } = *stmt else { return None };
            let (key, target) = (key.and_then(variable), variable(value));
            if !(is(key) || is(target)) || script.expr(value).at.start > before {
                return None;
            }
            let elements = self.folding.elements(function, subject, bindings, 0)?;
            // A round in which the hole stays a hole is none.
            let filled = elements.iter().all(|(k, _)| !is(key) || k.is_some());
            (filled && !elements.is_empty()).then_some((key, target, elements))
        })
    }
}

/// A loop: its key's variable, its value's, and the keys and values it runs over.
type Round = (Option<Sym>, Option<Sym>, Vec<(Option<ExprId>, ExprId)>);
