//! Who writes and reads a script's variables and properties, for putting texts together.

use crate::extension::php::functions::Functions;
use crate::extension::php::ir::{ClassId, ExprId, ExprKind, FunctionId, Script, Stmt, Sym};

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

/// A write to a variable.
#[derive(Debug, Clone, Copy)]
pub(super) struct VariableWrite {
    /// The function it stands in.
    function: FunctionId,
    name: Sym,
    /// The byte at which it starts.
    pub(super) at: u32,
    pub(super) write: Write,
}

/// The writes of a script. Names are compared by their symbols: no text is in a script's pool twice.
#[derive(Debug, Default)]
pub(super) struct Writes {
    /// Ordered by function, name and place.
    variables: Vec<VariableWrite>,
    /// Values given to `$this->name`, ordered by class and name.
    properties: Vec<((ClassId, Sym), (FunctionId, ExprId))>,
    /// The variables that are written to, ordered.
    targets: Vec<ExprId>,
}

impl Writes {
    pub(super) fn of(script: &Script, functions: &Functions) -> Writes {
        let mut collector = Collector { script, functions, open: Vec::new(), writes: Writes::default() };
        for expr in &script.exprs {
            let at = expr.at.start;
            match expr.kind {
                ExprKind::Assign { target, value } => collector.target(target, at, Write::Set(value)),
                ExprKind::Append { target, value } => collector.target(target, at, Write::Append(value)),
                _ => {}
            }
        }
        for (function, id) in script.functions.iter().zip((0..).map(FunctionId)) {
            for stmt in &function.body {
                match *stmt {
                    Stmt::Foreach { key, value, .. } => {
                        for target in key.into_iter().chain([value]) {
                            collector.target(target, script.expr(target).at.start, Write::Unseen);
                        }
                    }
                    Stmt::StaticVariable { name, .. } | Stmt::Global(name) => {
                        collector.variable(id, name, function.at.start, Write::Unseen);
                    }
                    _ => {}
                }
            }
        }
        let mut writes = collector.writes;
        writes.variables.sort_by_key(|w| (w.function, w.name, w.at));
        writes.properties.sort_by_key(|(property, _)| *property);
        writes.targets.sort_unstable();
        writes
    }

    /// The writes to a variable of `function`, ordered.
    pub(super) fn variable_writes(&self, function: FunctionId, name: Sym) -> &[VariableWrite] {
        equal(&self.variables, |w| (w.function, w.name), (function, name))
    }

    /// The values given to `$this->name` in the methods of `class`, and the functions in which that is done.
    pub(super) fn property_writes(&self, class: ClassId, name: Sym) -> impl ExactSizeIterator<Item = (FunctionId, ExprId)> {
        equal(&self.properties, |(property, _)| *property, (class, name)).iter().map(|(_, value)| *value)
    }
}

/// The items of an ordered list that have `key`.
fn equal<T, K: Ord>(items: &[T], key_of: impl Fn(&T) -> K, key: K) -> &[T] {
    let start = items.partition_point(|item| key_of(item) < key);
    let len = items[start..].partition_point(|item| key_of(item) == key);
    &items[start..start + len]
}

/// The places where a script's variables are read.
#[derive(Debug)]
pub(super) struct Reads {
    /// Ordered.
    variables: Vec<(FunctionId, Sym, u32)>,
}

impl Reads {
    pub(super) fn of(script: &Script, functions: &Functions, writes: &Writes) -> Reads {
        let mut targets = writes.targets.iter().peekable();
        let mut variables = Vec::new();
        for (expr, id) in script.exprs.iter().zip((0..).map(ExprId)) {
            let ExprKind::Variable(name) = expr.kind else { continue };
            while targets.next_if(|target| **target < id).is_some() {}
            if targets.peek() != Some(&&id) {
                variables.push((functions.at(expr.at.start), name, expr.at.start));
            }
        }
        variables.sort_unstable();
        Reads { variables }
    }

    /// Whether a variable is read between two bytes of the source.
    pub(super) fn is_between(&self, function: FunctionId, name: Sym, from: u32, to: u32) -> bool {
        let first = self.variables.partition_point(|read| *read < (function, name, from));
        self.variables.get(first).is_some_and(|read| *read < (function, name, to))
    }
}

/// What collects the [`Writes`] of a script.
struct Collector<'s> {
    script: &'s Script,
    functions: &'s Functions,
    /// Targets that are still to be noted.
    open: Vec<(ExprId, Write)>,
    writes: Writes,
}

impl Collector<'_> {
    fn variable(&mut self, function: FunctionId, name: Sym, at: u32, write: Write) {
        self.writes.variables.push(VariableWrite { function, name, at, write });
    }

    /// Notes that `target` is written. Goes into destructurings, as deep as they are nested in one list.
    fn target(&mut self, target: ExprId, at: u32, write: Write) {
        let script = self.script;
        let function = self.functions.at(at);
        self.open.push((target, write));
        while let Some((target, write)) = self.open.pop() {
            match script.expr(target).kind {
                ExprKind::Variable(name) => {
                    self.writes.targets.push(target);
                    self.variable(function, name, at, write);
                }
                ExprKind::Index { array, index } => {
                    let element = match write {
                        Write::Set(value) => Write::Element { key: index, value },
                        _ => Write::Unseen,
                    };
                    // `$a[1][2] = x` changes `$a`, but is no element of it.
                    let nested = matches!(script.expr(array).kind, ExprKind::Index { .. });
                    self.open.push((array, if nested { Write::Unseen } else { element }));
                }
                ExprKind::Array(slice) => {
                    let values = script.elements(slice).iter().filter_map(|e| e.value);
                    self.open.extend(values.map(|value| (value, Write::Unseen)));
                }
                ExprKind::Property { object, name } => {
                    if let ExprKind::Variable(this) = script.expr(object).kind
                        && script.text(this) == "this"
                        && let Some(class) = class_of(script, function)
                    {
                        // A write that is no plain value is one too many: two make it ambiguous.
                        let times = if matches!(write, Write::Set(_)) { 1 } else { 2 };
                        let value = if let Write::Set(value) = write { value } else { target };
                        self.writes.properties.extend(std::iter::repeat_n(((class, name), (function, value)), times));
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
