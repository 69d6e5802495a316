//! Putting together the text that a PHP expression makes.
//!
//! Followed are literals, concatenation and interpolation, `sprintf` with a constant format, `implode` of a known array, variables of the same
//! function, constants and properties of the same file. All else becomes a hole. Nothing is guessed: a variable with two possible values is a hole.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use super::template::{From, Template};
use super::writes::{Reads, VariableWrite, Write, Writes, class_of};
use crate::extension::php::functions::Functions;
use crate::extension::php::ir::{Arg, Cast, ClassId, ExprId, ExprKind, FunctionId, FunctionKind, Member, Script, Slice, Stmt, Sym};
use crate::extension::php::literal::{Decoded, constant, decode};

/// How deep values are followed.
const MAX_DEPTH: usize = 32;

/// The longest interpolated literal whose parts are addressed byte by byte.
const MAX_LITERAL: u32 = 1 << 18;

/// How many expressions are looked at for one text.
const MAX_STEPS: usize = 20_000;

/// Puts together the text of `expr`, which stands in `function`. `None` when no byte of it is known.
///
/// To fold several expressions of one script make a [`Folding`] once.
#[must_use]
pub fn fold(script: &Script, source: &[u8], function: FunctionId, expr: ExprId) -> Option<Template> {
    Folding::new(script, source).fold(function, expr)
}

/// How much may be put together for one script, in bytes of text; an expression that is looked at counts as [`STEP`] of them. Texts that are made of each
/// other would take any amount of time and memory.
const WORK: usize = 8 << 20;

/// See [`WORK`].
const STEP: usize = 16;

/// A script, ready for its texts to be put together.
#[derive(Debug)]
pub struct Folding<'s> {
    pub(super) script: &'s Script,
    source: &'s [u8],
    // The next three are made at the first question: a script without SQL asks none.
    functions: OnceCell<Functions>,
    writes: OnceCell<Writes>,
    reads: OnceCell<Reads>,
    /// What is left of [`WORK`].
    left: Cell<usize>,
}

/// Variables that stand for an expression, as in one round of a loop. They come before what is assigned to them.
pub(super) type Bindings<'b> = &'b [(Sym, ExprId)];

impl<'s> Folding<'s> {
    /// Of `script`, whose file has the bytes `source`.
    #[must_use]
    pub fn new(script: &'s Script, source: &'s [u8]) -> Folding<'s> {
        Folding { script, source, functions: OnceCell::new(), writes: OnceCell::new(), reads: OnceCell::new(), left: Cell::new(WORK) }
    }

    fn functions(&self) -> &Functions {
        self.functions.get_or_init(|| Functions::of(self.script))
    }

    pub(super) fn writes(&self) -> &Writes {
        self.writes.get_or_init(|| Writes::of(self.script, self.functions()))
    }

    fn reads(&self) -> &Reads {
        self.reads.get_or_init(|| Reads::of(self.script, self.functions(), self.writes()))
    }

    /// Whether the script asked for more than is put together for one, so that some of its texts are not known.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.left.get() == 0
    }

    /// The innermost function around byte `at` of the source.
    #[must_use]
    pub fn function_at(&self, at: u32) -> FunctionId {
        self.functions().at(at)
    }

    /// Puts together the text of `expr`, which stands in `function`. `None` when no byte of it is known.
    #[must_use]
    pub fn fold(&self, function: FunctionId, expr: ExprId) -> Option<Template> {
        self.fold_all(function, &[expr], &[])
    }

    /// The texts of `exprs` one after the other.
    pub(super) fn fold_all(&self, function: FunctionId, exprs: &[ExprId], bindings: Bindings<'_>) -> Option<Template> {
        if self.is_exhausted() {
            return None;
        }
        let mut run = Run { on: self, bindings, out: Template::new(self.script.file), steps: 0 };
        for expr in exprs {
            run.expr(function, *expr, 0);
        }
        self.left.set(self.left.get().saturating_sub(run.out.text.len() + run.steps * STEP));
        let holes: u32 = run.out.holes.iter().map(|h| h.len).sum();
        (holes < run.out.len()).then_some(run.out)
    }

    /// The keys and values of the array that `expr` is. `None` when not all of them are known.
    pub(super) fn elements(
        &self,
        function: FunctionId,
        expr: ExprId,
        bindings: Bindings<'_>,
        depth: usize,
    ) -> Option<Vec<(Option<ExprId>, ExprId)>> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.script.expr(expr).kind {
            ExprKind::Array(slice) => {
                let elements = self.script.elements(slice);
                elements.iter().map(|e| if e.spread { None } else { Some((e.key, e.value?)) }).collect()
            }
            ExprKind::Variable(name) => {
                if let Some((_, bound)) = bindings.iter().rev().find(|(bound, _)| *bound == name) {
                    return self.elements(function, *bound, &[], depth + 1);
                }
                let (function, values) = self.values(function, name, self.script.expr(expr).at.start, depth)?;
                let mut elements = Vec::new();
                for write in values {
                    match write {
                        Write::Set(value) => elements = self.elements(function, value, &[], depth + 1)?,
                        Write::Element { key, value } => elements.push((key, value)),
                        Write::Append(_) | Write::Unseen => return None,
                    }
                }
                Some(elements)
            }
            _ => {
                let (function, value) = self.constant(function, expr)?;
                self.elements(function, value, &[], depth + 1)
            }
        }
    }

    /// The writes that make the value of a variable at byte `at`: one [`Write::Set`] and what adds to it, and the function they stand in.
    fn values(&self, function: FunctionId, name: Sym, at: u32, depth: usize) -> Option<(FunctionId, Vec<Write>)> {
        // The right side of `$x = $x . 'y'` comes before the write.
        let before = |write: &&VariableWrite| {
            let end = match write.write {
                Write::Set(value) | Write::Append(value) | Write::Element { value, .. } => self.script.expr(value).at.end,
                Write::Unseen => write.at,
            };
            end <= at
        };
        let writes = self.writes().variable_writes(function, name);
        // From the last one back, and no further than is needed: there may be as many of them as there are reads.
        let mut back = writes[..writes.partition_point(|w| w.at <= at)].iter().filter(before).rev();
        let mut values = Vec::new();
        let last = loop {
            let Some(write) = back.next() else { break None };
            values.push(write.write);
            if matches!(write.write, Write::Set(_)) {
                break Some(write);
            }
        };
        let Some(last) = last else {
            // A closure sees the variables around it.
            let f = self.script.function(function);
            let sees_outer = f.kind == FunctionKind::Arrow || f.uses.contains(&name);
            return match f.outer {
                Some(outer) if values.is_empty() && sees_outer && depth < MAX_DEPTH => self.values(outer, name, f.at.start, depth + 1),
                _ => None,
            };
        };
        // Two values of which none is read before the other comes: branches.
        if let Some(first) = back.find(|w| matches!(w.write, Write::Set(_)))
            && !self.reads().is_between(function, name, first.at, last.at + 1)
            && !self.reads_itself(last.write, name)
        {
            return None;
        }
        values.reverse();
        (!values.contains(&Write::Unseen)).then_some((function, values))
    }

    fn reads_itself(&self, write: Write, name: Sym) -> bool {
        let Write::Set(value) = write else { return false };
        let at = self.script.expr(value).at;
        self.reads().is_between(self.function_at(at.start), name, at.start, at.end)
    }

    /// The expression that a constant or a property of this file stands for, and the function it stands in.
    fn constant(&self, function: FunctionId, expr: ExprId) -> Option<(FunctionId, ExprId)> {
        let script = self.script;
        let top = FunctionId::TOP;
        match script.expr(expr).kind {
            ExprKind::ClassConstant { class, name } => {
                let (_, member) = self.member(function, class, name, |script, class| &script.class(class).constants)?;
                Some((function, member.value?))
            }
            ExprKind::StaticProperty { class, name } => {
                let (_, member) = self.member(function, class, name, |script, class| &script.class(class).properties)?;
                let written = script.exprs.iter().any(|e| match e.kind {
                    ExprKind::Assign { target, .. } | ExprKind::Append { target, .. } => {
                        matches!(script.expr(target).kind, ExprKind::StaticProperty { name: n, .. } if n == name)
                    }
                    _ => false,
                });
                if written { None } else { Some((function, member.value?)) }
            }
            ExprKind::Property { object, name } => {
                let ExprKind::Variable(this) = script.expr(object).kind else { return None };
                let class = (script.text(this) == "this").then(|| class_of(script, function))??;
                let default = script.class(class).properties.iter().find(|p| p.name == name).and_then(|p| p.value);
                let default = default.filter(|d| script.expr(*d).kind != ExprKind::Null);
                let mut writes = self.writes().property_writes(class, name);
                match (default, writes.len()) {
                    (Some(value), 0) => Some((function, value)),
                    (None, 1) => writes.next(),
                    _ => None,
                }
            }
            ExprKind::Constant(name) => {
                let statements = script.functions.first()?.body.iter();
                let mut values = statements.filter_map(|s| match s {
                    Stmt::Constant { name: n, value } if *n == name => Some(*value),
                    _ => None,
                });
                let value = values.next()?;
                values.next().is_none().then_some((top, value))
            }
            _ => None,
        }
    }

    /// A member of `class`, or of its parents in the same file.
    fn member(
        &self,
        function: FunctionId,
        class: Sym,
        name: Sym,
        of: fn(&Script, ClassId) -> &Vec<Member>,
    ) -> Option<(ClassId, &'s Member)> {
        let script: &'s Script = self.script;
        let by_name = |name: &str| {
            let found = script.classes.iter().position(|c| script.text(c.name).eq_ignore_ascii_case(name));
            found.and_then(|i| u32::try_from(i).ok()).map(ClassId)
        };
        let mut class = match script.text(class) {
            "self" | "static" => class_of(script, function)?,
            "parent" => by_name(script.text(script.class(class_of(script, function)?).parent?))?,
            other => by_name(other)?,
        };
        for _ in 0..MAX_DEPTH {
            if let Some(member) = of(script, class).iter().find(|m| m.name == name) {
                return Some((class, member));
            }
            class = by_name(script.text(script.class(class).parent?))?;
        }
        None
    }
}

/// One text being put together.
struct Run<'f, 's, 'b> {
    on: &'f Folding<'s>,
    bindings: Bindings<'b>,
    out: Template,
    steps: usize,
}

impl Run<'_, '_, '_> {
    fn hole(&mut self, expr: ExprId) {
        self.out.push_hole(expr, self.on.script.expr(expr).at);
    }

    fn expr(&mut self, function: FunctionId, id: ExprId, depth: usize) {
        let script = self.on.script;
        let expr = script.expr(id);
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            self.hole(id);
            return;
        }
        match expr.kind {
            ExprKind::Text(sym) => {
                let decoded = self.decode(id);
                if decoded == Decoded::default() {
                    self.out.push(script.text(sym), From::Whole(expr.at));
                } else {
                    let decoded = Arc::new(decoded);
                    self.out.push(&decoded.text, From::Literal { decoded: Arc::clone(&decoded), skip: 0 });
                }
            }
            ExprKind::Integer(number) => self.out.push(&number.to_string(), From::Whole(expr.at)),
            ExprKind::Concat(slice) => script.list(slice).iter().for_each(|part| self.expr(function, *part, depth + 1)),
            ExprKind::Cast { to: Cast::String, value } | ExprKind::Assign { value, .. } => self.expr(function, value, depth + 1),
            ExprKind::Constant(name) if let Some(text) = constant(script.text(name)) => self.out.push(text, From::Whole(expr.at)),
            ExprKind::Variable(name) => self.variable(function, id, name, depth),
            ExprKind::Call { name, args } if self.call(function, script.text(name), args, depth).is_some() => {}
            _ => match self.on.constant(function, id) {
                // A property or constant that is no text is better named by its use, and so is one of which the classes below say what it is.
                Some((function, value)) if self.is_text(value) && !self.is_empty(value) => self.expr(function, value, depth + 1),
                _ => self.hole(id),
            },
        }
    }

    /// Decodes a literal. A part of a very long one is not: each part costs a look at the whole.
    fn decode(&self, id: ExprId) -> Decoded {
        let parts = &self.on.script.parts;
        let long = |i: usize| parts[i].1.end.saturating_sub(parts[i].1.start) > MAX_LITERAL;
        match parts.binary_search_by_key(&id, |(part, _)| *part) {
            Ok(i) if long(i) => Decoded::default(),
            _ => decode(self.on.source, self.on.script, id),
        }
    }

    fn is_empty(&self, value: ExprId) -> bool {
        matches!(self.on.script.expr(value).kind, ExprKind::Text(text) if self.on.script.text(text).is_empty())
    }

    /// Whether `value` can be put together at all; else the expression that stands for it makes the better hole.
    fn is_text(&self, value: ExprId) -> bool {
        matches!(
            self.on.script.expr(value).kind,
            ExprKind::Text(_)
                | ExprKind::Integer(_)
                | ExprKind::Concat(_)
                | ExprKind::Constant(_)
                | ExprKind::ClassConstant { .. }
                | ExprKind::Call { .. }
        )
    }

    fn variable(&mut self, function: FunctionId, id: ExprId, name: Sym, depth: usize) {
        let script = self.on.script;
        if let Some((_, bound)) = self.bindings.iter().rev().find(|(bound, _)| *bound == name) {
            let bound = *bound;
            self.expr(function, bound, depth + 1);
            return;
        }
        let Some((function, writes)) = self.on.values(function, name, script.expr(id).at.start, depth) else {
            self.hole(id);
            return;
        };
        // A variable that only names another value (`$id = $domain->getId()`) is the hole itself: its use is what a reader looks for.
        if let [Write::Set(value)] = writes.as_slice()
            && !self.is_text(*value)
            && !matches!(script.expr(*value).kind, ExprKind::Variable(_) | ExprKind::Property { .. } | ExprKind::StaticProperty { .. })
        {
            self.hole(id);
            return;
        }
        for write in writes {
            match write {
                Write::Set(value) | Write::Append(value) => self.expr(function, value, depth + 1),
                Write::Element { .. } | Write::Unseen => self.hole(id),
            }
        }
    }

    /// Follows a call whose result is known. `None` (and nothing written) when it is not.
    fn call(&mut self, function: FunctionId, name: &str, args: Slice, depth: usize) -> Option<()> {
        let script = self.on.script;
        let args = script.args(args);
        if args.iter().any(|a| a.spread || a.name.is_some()) {
            return None;
        }
        match name.trim_start_matches('\\').to_ascii_lowercase().as_str() {
            "sprintf" => {
                let (format, values) = args.split_first()?;
                self.sprintf(function, format.value, &values.iter().map(|a| a.value).collect::<Vec<_>>(), depth)
            }
            "vsprintf" => {
                let [format, values] = args else { return None };
                let values = self.on.elements(function, values.value, self.bindings, depth + 1)?;
                self.sprintf(function, format.value, &values.iter().map(|(_, v)| *v).collect::<Vec<_>>(), depth)
            }
            "implode" | "join" => self.implode(function, args, depth),
            "trim" | "rtrim" | "ltrim" | "strval" if args.len() == 1 => {
                self.expr(function, args[0].value, depth + 1);
                Some(())
            }
            _ => None,
        }
    }

    fn implode(&mut self, function: FunctionId, args: &[Arg], depth: usize) -> Option<()> {
        let script = self.on.script;
        let (glue, array) = match args {
            [array] => (None, array.value),
            [glue, array] => (Some(glue.value), array.value),
            _ => return None,
        };
        // implode(', ', array_keys($row))
        let keys = match script.expr(array).kind {
            ExprKind::Call { name, args } if script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("array_keys") => {
                script.args(args).first()
            }
            _ => None,
        };
        let elements = self.on.elements(function, keys.map_or(array, |k| k.value), self.bindings, depth + 1)?;
        if keys.is_some() && elements.iter().any(|(key, _)| key.is_none()) {
            return None;
        }
        for (i, (key, value)) in elements.into_iter().enumerate() {
            if let Some(glue) = glue.filter(|_| i > 0) {
                self.expr(function, glue, depth + 1);
            }
            self.expr(function, if keys.is_some() { key? } else { value }, depth + 1);
        }
        Some(())
    }

    fn sprintf(&mut self, function: FunctionId, format: ExprId, values: &[ExprId], depth: usize) -> Option<()> {
        let mut inner = Run { on: self.on, bindings: self.bindings, out: Template::new(self.on.script.file), steps: self.steps };
        inner.expr(function, format, depth + 1);
        self.steps = inner.steps;
        let format = inner.out;
        let place = |expr| self.on.script.expr(expr).at;
        let specifiers = specifiers(&format.text);
        // A format that is not known, or asks for more than is given, is no text that can be followed.
        if format.holes.first().is_some_and(|h| h.len == format.len())
            || specifiers.iter().any(|s| s.value.is_some_and(|v| v >= values.len()))
        {
            return None;
        }
        let mut at = 0;
        for specifier in specifiers {
            self.out.push_range(&format, at..specifier.at, place);
            match specifier.value {
                Some(value) => self.expr(function, values[value], depth + 1),
                None => self.out.push_range(&format, specifier.at..specifier.at + 1, place),
            }
            at = specifier.end;
        }
        self.out.push_range(&format, at..format.len(), place);
        Some(())
    }
}

/// `%s` in a format: bytes `at..end`, and which argument it takes; `%%` takes none.
struct Specifier {
    at: u32,
    end: u32,
    value: Option<usize>,
}

/// The specifiers of a `sprintf` format: `%s`, `%1$s`, `%05d`, `%'*10s`, `%%`.
fn specifiers(format: &str) -> Vec<Specifier> {
    let bytes = format.as_bytes();
    let mut found = Vec::new();
    let mut next = 0;
    let mut at = 0;
    while let Some(percent) = memchr::memchr(b'%', &bytes[at..]) {
        let start = at + percent;
        let mut end = start + 1;
        let digits = bytes[end..].iter().take_while(|b| b.is_ascii_digit()).count();
        let position = if bytes.get(end + digits) == Some(&b'$') { format[end..end + digits].parse::<usize>().ok() } else { None };
        if position.is_some() {
            end += digits + 1;
        }
        while let Some(b) = bytes.get(end) {
            match b {
                b'\'' => end += 2,
                b'-' | b'+' | b' ' | b'.' | b'0'..=b'9' => end += 1,
                _ => break,
            }
        }
        let Some(letter) = bytes.get(end) else { break };
        end += 1;
        let value = match (letter, position) {
            (b'%', _) => None,
            (_, Some(position)) => Some(position.saturating_sub(1)),
            (_, None) => {
                next += 1;
                Some(next - 1)
            }
        };
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        found.push(Specifier { at: offset(start), end: offset(end), value });
        at = end;
    }
    found
}
