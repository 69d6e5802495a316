//! Statements in the strings of PHP code that read and write tables.

use rustc_hash::FxHashSet;

use super::statement::{self, Statement};
use super::template::{Folding, Hole, Template};
use crate::extension::php::ir::{ExprId, ExprKind, FunctionId, Script, Sym};
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
    /// The text itself, where a constant, a property or a parameter comes into it of which only the whole extension may tell the value: the name of a
    /// table, mostly.
    pub open: Option<Box<Template>>,
}

impl SqlText {
    /// Says that it stands in `file`.
    pub(crate) fn set_file(&mut self, file: FileId) {
        self.statements.iter_mut().for_each(|s| s.set_file(file));
        if let Some(template) = &mut self.open {
            template.set_file(file);
        }
    }
}

/// Words that a statement of interest begins with.
const VERBS: &[&str] = &["select", "insert", "update", "delete", "replace", "with"];

/// Words that the name of a table or a column may come after.
const BEFORE_NAMES: &[&str] = &["into", "update", "from", "join", "select", "distinct", "set", "where", "and", "or", "by"];

/// The length of the longest of [`VERBS`].
const LONGEST_VERB: usize = 7;

/// The statements in the strings of a script, in the order of their expressions. The number of the script is still 0.
#[must_use]
pub fn statements(folding: &Folding<'_>) -> Vec<SqlText> {
    let script = folding.script;
    let texts: Vec<bool> = script.texts().map(is_statement).collect();
    if !texts.contains(&true) && !script.texts().any(goes_into) {
        return Vec::new();
    }
    let text = |expr: ExprId| {
        let function = folding.function_at(script.expr(expr).at.start);
        let template = folding.fold(function, expr)?;
        let statements = statement::read(&template);
        let holes = template.holes.clone();
        let open = holes.iter().any(|hole| is_member(script, hole.expr) || is_named_by_caller(script, function, &template, hole));
        let open = open.then(|| Box::new(template));
        Some(SqlText { script: 0, expr, function, statements, holes, open })
    };
    candidates(script, folding, &texts).into_iter().filter_map(text).collect()
}

/// Whether the expression is a constant of a class or a property.
fn is_member(script: &Script, expr: ExprId) -> bool {
    matches!(script.expr(expr).kind, ExprKind::ClassConstant { .. } | ExprKind::StaticProperty { .. } | ExprKind::Property { .. })
}

/// Whether a hole is a parameter, and stands where a name does and no value.
fn is_named_by_caller(script: &Script, function: FunctionId, template: &Template, hole: &Hole) -> bool {
    let ExprKind::Variable(name) = script.expr(hole.expr).kind else { return false };
    let before = template.text[..hole.at as usize].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '`' | '"' | '['));
    let word = before.rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let names = word.is_empty() && before.ends_with([',', '.', '(']) || BEFORE_NAMES.iter().any(|w| word.eq_ignore_ascii_case(w));
    names && script.function(function).params.iter().any(|p| p.name == name)
}

fn is_statement(text: &str) -> bool {
    // Most texts are names, and most of those begin with another letter.
    let first = text.bytes().next().unwrap_or(b' ').to_ascii_lowercase();
    if first.is_ascii_lowercase() && !VERBS.iter().any(|verb| verb.as_bytes()[0] == first) {
        return false;
    }
    let text = text.trim_start();
    if text.strip_prefix("%s").is_some_and(goes_into) {
        return true;
    }
    let letters = text.bytes().take(LONGEST_VERB + 1).take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at(letters);
    rest.chars().next().is_none_or(char::is_whitespace) && VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb))
}

/// Whether a text goes on like a statement whose verb stands before it: ` INTO table`.
fn goes_into(text: &str) -> bool {
    let word = text.trim_start();
    word.len() < text.len() && word.get(..5).is_some_and(|into| into.eq_ignore_ascii_case("into "))
}

/// The expressions whose text begins like a statement: the widest ones, and variables that such a text was appended to, where they are used.
/// `texts` tells of each text of the script whether it does.
fn candidates(script: &Script, folding: &Folding<'_>, texts: &[bool]) -> Vec<ExprId> {
    let mut inner = vec![false; script.exprs.len()];
    let mut grown: FxHashSet<(FunctionId, Sym)> = FxHashSet::default();
    let mut found = Vec::new();
    let starts = |expr: ExprId| matches!(script.expr(expr).kind, ExprKind::Text(sym) if texts[sym.0 as usize]);
    for (expr, id) in script.exprs.iter().zip((0..).map(ExprId)) {
        let fits = match expr.kind {
            ExprKind::Text(_) => starts(id),
            ExprKind::Concat(list) => {
                let parts = script.list(list);
                parts.iter().for_each(|part| inner[part.0 as usize] = true);
                let told = |second: ExprId| matches!(script.expr(second).kind, ExprKind::Text(sym) if goes_into(script.text(sym)));
                match parts {
                    [first, ..] if starts(*first) => true,
                    [first, second, ..] => matches!(script.expr(*first).kind, ExprKind::Variable(_)) && told(*second),
                    _ => false,
                }
            }
            ExprKind::Call { name, args } if script.text(name).trim_start_matches('\\').eq_ignore_ascii_case("sprintf") => {
                let format = script.args(args).first().map(|a| a.value);
                format.iter().for_each(|format| inner[format.0 as usize] = true);
                format.is_some_and(starts)
            }
            ExprKind::Append { target, value } => {
                if let ExprKind::Variable(name) = script.expr(target).kind {
                    grown.insert((folding.function_at(expr.at.start), name));
                    inner[value.0 as usize] = true;
                }
                false
            }
            _ => false,
        };
        if fits {
            found.push(id);
        }
    }
    found.retain(|id| !inner[id.0 as usize]);
    if !grown.is_empty() {
        for arg in &script.args {
            if let ExprKind::Variable(name) = script.expr(arg.value).kind
                && grown.contains(&(folding.function_at(script.expr(arg.value).at.start), name))
            {
                found.push(arg.value);
            }
        }
    }
    found
}
