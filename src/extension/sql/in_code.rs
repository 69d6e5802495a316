//! Statements in the strings of PHP code that read and write tables.

use rustc_hash::FxHashSet;

use super::statement::{self, Statement};
use super::template::{Folding, Hole};
use crate::extension::php::ir::{ExprId, ExprKind, FunctionId, Script};
use crate::extension::source::FileId;

/// A text in the code that is one or several statements.
#[derive(Debug)]
pub struct SqlText {
    /// The number of the script among those of its extension.
    pub script: u32,
    /// The expression that makes the text.
    pub expr: ExprId,
    /// The function it stands in.
    pub function: FunctionId,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// The values that come into it at run time; [`statement::Operand::Hole`] names them.
    pub holes: Vec<Hole>,
}

impl SqlText {
    /// Says that it stands in `file`.
    pub(crate) fn set_file(&mut self, file: FileId) {
        self.statements.iter_mut().for_each(|s| s.set_file(file));
    }
}

/// Words that a statement of interest begins with.
const VERBS: &[&str] = &["select", "insert", "update", "delete", "replace", "with"];

/// The statements in the strings of a script, in the order of their expressions. The number of the script is still 0.
#[must_use]
pub fn statements(folding: &Folding<'_>) -> Vec<SqlText> {
    let script = folding.script;
    if !script.texts().any(is_statement) {
        return Vec::new();
    }
    let text = |expr: ExprId| {
        let function = folding.function_at(script.expr(expr).at.start);
        let template = folding.fold(function, expr)?;
        Some(SqlText { script: 0, expr, function, statements: statement::read(&template), holes: template.holes })
    };
    candidates(script, folding).into_iter().filter_map(text).collect()
}

fn is_statement(text: &str) -> bool {
    let text = text.trim_start();
    VERBS.iter().any(|verb| {
        text.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb))
            && text[verb.len()..].chars().next().is_none_or(char::is_whitespace)
    })
}

/// The expressions whose text begins like a statement: the widest ones, and variables that such a text was appended to, where they are used.
fn candidates(script: &Script, folding: &Folding<'_>) -> Vec<ExprId> {
    let mut inner: FxHashSet<ExprId> = FxHashSet::default();
    let mut grown: FxHashSet<(FunctionId, &str)> = FxHashSet::default();
    let mut found = Vec::new();
    let starts = |expr: ExprId| matches!(script.expr(expr).kind, ExprKind::Text(sym) if is_statement(script.text(sym)));
    for expr in &script.exprs {
        match expr.kind {
            ExprKind::Concat(list) => inner.extend(script.list(list)),
            ExprKind::Call { name, args } if script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("sprintf") => {
                inner.extend(script.args(args).first().map(|a| a.value));
            }
            ExprKind::Append { target, value } => {
                if let ExprKind::Variable(name) = script.expr(target).kind {
                    grown.insert((folding.function_at(expr.at.start), script.text(name)));
                    inner.insert(value);
                }
            }
            _ => {}
        }
    }
    for (number, expr) in (0u32..).zip(&script.exprs) {
        let id = ExprId(number);
        let fits = match expr.kind {
            ExprKind::Text(_) => starts(id),
            ExprKind::Concat(list) => script.list(list).first().is_some_and(|first| starts(*first)),
            ExprKind::Call { name, args } if script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("sprintf") => {
                script.args(args).first().is_some_and(|a| starts(a.value))
            }
            _ => false,
        };
        if fits && !inner.contains(&id) {
            found.push(id);
        }
    }
    if !grown.is_empty() {
        for arg in &script.args {
            if let ExprKind::Variable(name) = script.expr(arg.value).kind
                && grown.contains(&(folding.function_at(script.expr(arg.value).at.start), script.text(name)))
            {
                found.push(arg.value);
            }
        }
    }
    found
}
