//! Declarations of tables in the strings of PHP code.

use rustc_hash::FxHashSet;

use super::schema::{Context, Declarations, SchemaOrigin, read_mapped};
use super::template::{Folding, Template};
use super::writes::Write;
use crate::extension::php::ir::{Cast, ExprId, ExprKind, FunctionId, Script, Stmt, Sym};
use crate::extension::source::Span;

/// The most rounds of loops that one text is put together for.
const MAX_ROUNDS: usize = 500;

/// Functions whose result is put together from their arguments.
const JOINING: &[&str] = &["sprintf", "vsprintf", "implode", "join", "trim", "rtrim", "ltrim"];

/// The most variables of loops in one text.
const MAX_BINDINGS: usize = 16;

/// Finds the tables that the strings of a script, whose file has the bytes `source`, declare. Comments are no strings.
#[must_use]
pub fn declarations(folding: &Folding<'_>, source: &[u8]) -> Declarations {
    let script = folding.script;
    let mut found = Declarations::default();
    // Most scripts have nothing like that in any text, which one look at all of them shows.
    let within = starts(script.all_texts().as_bytes()).any(|rest| verb(rest).is_some());
    let declares = |text: &str| declares(text.as_bytes(), within);
    let texts: Vec<bool> = script.texts().map(declares).collect();
    if !texts.contains(&true) || !contains(source, b"table", 2) {
        return found;
    }
    let mut search = Search { script, folding, parents: parents(script), context: Context::default() };
    let mut done = FxHashSet::default();
    for (expr, id) in script.exprs.iter().zip((0..).map(ExprId)) {
        if let ExprKind::Text(text) = expr.kind
            && texts[text.0 as usize]
        {
            search.text(id, &mut done, &mut found);
        }
    }
    found.tables.sort_by_key(|t| t.span);
    found.unreadable.sort_by_key(|(span, _)| *span);
    found.unreadable.dedup();
    found
}

/// Whether a declaration may start in `text`; also within it, if `within` is set.
fn declares(text: &[u8], within: bool) -> bool {
    let declares = |rest: &[u8]| verb(rest).is_some_and(|behind| !matches!(behind, [b'_' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z', ..]));
    declares(text) || within && starts(text).any(declares)
}

/// What stands behind each place within `text` where a statement can begin: a `;`, the end of a line (what stood before may be a comment), a comment's end.
fn starts(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    memchr::memchr3_iter(b';', b'\n', b'/', text).map(|i| &text[i + 1..])
}

/// What stands behind the first word of a declaration, if `text` starts with one.
fn verb(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
    let behind =
        |verb: &[u8]| text.split_at_checked(verb.len()).filter(|(start, _)| start.eq_ignore_ascii_case(verb)).map(|(_, rest)| rest);
    behind(b"create").or_else(|| behind(b"alter"))
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
    /// Into none.
    None,
    /// It is a part of that text.
    Part(ExprId),
    /// It is assigned to, or appended to, this variable by that expression.
    Variable(Sym, ExprId),
}

/// What each expression is a part of.
fn parents(script: &Script) -> Vec<Parent> {
    let mut parents = vec![Parent::None; script.exprs.len()];
    let mut set = |part: ExprId, parent: Parent| parents[part.0 as usize] = parent;
    for (expr, id) in script.exprs.iter().zip((0..).map(ExprId)) {
        match expr.kind {
            ExprKind::Concat(slice) => script.list(slice).iter().for_each(|part| set(*part, Parent::Part(id))),
            ExprKind::Cast { to: Cast::String, value } => set(value, Parent::Part(id)),
            ExprKind::Assign { target, value } | ExprKind::Append { target, value } => {
                if let ExprKind::Variable(name) = script.expr(target).kind {
                    set(value, Parent::Variable(name, id));
                }
            }
            ExprKind::Call { name, args } => {
                let name = script.text(name).trim_start_matches('\\');
                if !JOINING.iter().any(|function| name.eq_ignore_ascii_case(function)) {
                    continue;
                }
                for arg in script.args(args) {
                    set(arg.value, Parent::Part(id));
                    // implode("\n", ['CREATE TABLE t (', 'a)'])
                    if let ExprKind::Array(elements) = script.expr(arg.value).kind {
                        script.elements(elements).iter().filter_map(|e| e.value).for_each(|value| set(value, Parent::Part(id)));
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
    /// By the number of the expression.
    parents: Vec<Parent>,
    context: Context,
}

impl Search<'_, '_> {
    /// Reads the largest text that `part` is a part of, unless that was done.
    fn text(&mut self, part: ExprId, done: &mut FxHashSet<ExprId>, found: &mut Declarations) {
        let mut root = part;
        let mut parent = self.parents[root.0 as usize];
        // Parents contain their parts, so this ends.
        while let Parent::Part(outer) = parent {
            root = outer;
            parent = self.parents[root.0 as usize];
        }
        let function = self.folding.function_at(self.script.expr(root).at.start);
        let exprs = match parent {
            Parent::Variable(name, write) => self.appended(function, name, write).unwrap_or_else(|| vec![root]),
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
        let writes = self.folding.writes().variable_writes(function, name);
        let at = writes.iter().position(|w| w.at == self.script.expr(write).at.start)?;
        let first = writes[..=at].iter().rposition(|w| matches!(w.write, Write::Set(_)))?;
        let mut exprs = Vec::new();
        for (i, write) in writes[first..].iter().enumerate() {
            match write.write {
                Write::Set(value) if i == 0 => exprs.push(value),
                Write::Append(value) => exprs.push(value),
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
