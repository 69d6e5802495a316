//! Who writes and reads a script's variables and properties, for putting texts together.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::extension::php::ir::{ClassId, ExprId, ExprKind, FunctionId, FunctionKind, Script, Stmt, Sym};

/// What happens to a variable at one spot of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    /// `$v = value`.
    Set(ExprId),
    /// `$v .= value`.
    Append(ExprId),
    /// `$v[] = value`, `$v[key] = value`.
    Element { key: Option<ExprId>, value: ExprId },
    /// A value that is not seen: a loop's variable, a destructuring.
    Unseen,
}

/// The writes and reads of a script.
#[derive(Debug, Default)]
pub(super) struct Writes<'s> {
    /// By function and name; each with the byte at which it starts, ordered.
    variables: FxHashMap<(FunctionId, &'s str), Vec<(u32, Write)>>,
    reads: FxHashMap<(FunctionId, &'s str), Vec<u32>>,
    /// Values given to `$this->name`.
    properties: FxHashMap<(ClassId, &'s str), Vec<(FunctionId, ExprId)>>,
    /// Functions by the byte at which they start.
    functions: Vec<(u32, u32, FunctionId)>,
}

impl<'s> Writes<'s> {
    pub(super) fn of(script: &'s Script) -> Writes<'s> {
        let mut writes = Writes::default();
        for (i, function) in script.functions.iter().enumerate() {
            let id = FunctionId(u32::try_from(i).unwrap_or(u32::MAX));
            if function.kind != FunctionKind::Top {
                writes.functions.push((function.at.start, function.at.end, id));
            }
        }
        writes.functions.sort_unstable_by_key(|(start, end, _)| (*start, u32::MAX - end));
        let mut targets = FxHashSet::default();
        for expr in &script.exprs {
            let at = expr.at.start;
            match expr.kind {
                ExprKind::Assign { target, value } => writes.target(script, target, at, Write::Set(value), &mut targets),
                ExprKind::Append { target, value } => writes.target(script, target, at, Write::Append(value), &mut targets),
                _ => {}
            }
        }
        for (i, function) in script.functions.iter().enumerate() {
            let id = FunctionId(u32::try_from(i).unwrap_or(u32::MAX));
            for stmt in &function.body {
                match *stmt {
                    Stmt::Foreach { key, value, .. } => {
                        for target in key.into_iter().chain([value]) {
                            writes.target(script, target, script.expr(target).at.start, Write::Unseen, &mut targets);
                        }
                    }
                    Stmt::StaticVariable { name, .. } | Stmt::Global(name) => {
                        writes.variable(script, id, name, function.at.start, Write::Unseen)
                    }
                    _ => {}
                }
            }
        }
        for (i, expr) in script.exprs.iter().enumerate() {
            if let ExprKind::Variable(name) = expr.kind
                && !targets.contains(&ExprId(u32::try_from(i).unwrap_or(u32::MAX)))
            {
                let function = writes.function_at(expr.at.start);
                writes.reads.entry((function, script.text(name))).or_default().push(expr.at.start);
            }
        }
        writes.variables.values_mut().for_each(|w| w.sort_by_key(|(at, _)| *at));
        writes.reads.values_mut().for_each(|r| r.sort_unstable());
        writes
    }

    /// The innermost function around byte `at`; the script's top level outside of all.
    pub(super) fn function_at(&self, at: u32) -> FunctionId {
        let before = self.functions.partition_point(|(start, ..)| *start <= at);
        self.functions[..before].iter().rev().find(|(_, end, _)| at < *end).map_or(FunctionId(0), |(.., id)| *id)
    }

    /// The writes to a variable of `function`, ordered.
    pub(super) fn variable_writes(&self, function: FunctionId, name: &'s str) -> &[(u32, Write)] {
        self.variables.get(&(function, name)).map_or(&[], Vec::as_slice)
    }

    /// Whether a variable is read between two bytes of the source.
    pub(super) fn is_read_between(&self, function: FunctionId, name: &'s str, from: u32, to: u32) -> bool {
        self.reads
            .get(&(function, name))
            .is_some_and(|reads| reads[reads.partition_point(|r| *r < from)..].first().is_some_and(|r| *r < to))
    }

    /// The values given to `$this->name` in the methods of `class`.
    pub(super) fn property_writes(&self, class: ClassId, name: &'s str) -> &[(FunctionId, ExprId)] {
        self.properties.get(&(class, name)).map_or(&[], Vec::as_slice)
    }

    fn variable(&mut self, script: &'s Script, function: FunctionId, name: Sym, at: u32, write: Write) {
        self.variables.entry((function, script.text(name))).or_default().push((at, write));
    }

    /// Notes that `target` is written. Goes into destructurings, as deep as they are nested in one list.
    fn target(&mut self, script: &'s Script, target: ExprId, at: u32, write: Write, targets: &mut FxHashSet<ExprId>) {
        let mut open = vec![(target, write)];
        while let Some((target, write)) = open.pop() {
            let function = self.function_at(at);
            match script.expr(target).kind {
                ExprKind::Variable(name) => {
                    targets.insert(target);
                    self.variable(script, function, name, at, write);
                }
                ExprKind::Index { array, index } => {
                    let element = match write {
                        Write::Set(value) => Write::Element { key: index, value },
                        _ => Write::Unseen,
                    };
                    // `$a[1][2] = x` changes `$a`, but is no element of it.
                    let nested = matches!(script.expr(array).kind, ExprKind::Index { .. });
                    open.push((array, if nested { Write::Unseen } else { element }));
                }
                ExprKind::Array(slice) => {
                    let values = script.elements(slice).iter().filter_map(|e| e.value);
                    open.extend(values.map(|value| (value, Write::Unseen)));
                }
                ExprKind::Property { object, name } => {
                    if let ExprKind::Variable(this) = script.expr(object).kind
                        && script.text(this) == "this"
                        && let Some(class) = class_of(script, function)
                    {
                        // A write that is no plain value is one too many: two make it ambiguous.
                        let times = if matches!(write, Write::Set(_)) { 1 } else { 2 };
                        let value = if let Write::Set(value) = write { value } else { target };
                        let known = self.properties.entry((class, script.text(name))).or_default();
                        known.extend(std::iter::repeat_n((function, value), times));
                    }
                }
                _ => {}
            }
        }
    }
}

/// The class whose method `function` is, or stands in.
pub(super) fn class_of(script: &Script, function: FunctionId) -> Option<ClassId> {
    let mut function = script.function(function);
    for _ in 0..32 {
        match (function.class, function.outer) {
            (Some(class), _) => return Some(class),
            (None, Some(outer)) => function = script.function(outer),
            (None, None) => return None,
        }
    }
    None
}
