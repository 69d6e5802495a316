//! The facts as reguid's tree of a file tells them.

use rustc_hash::FxHashSet;

use reguid::extension::php::ir::{Bytes, ExprId, ExprKind, FunctionKind, Script};
use reguid::extension::php::parse::parse;
use reguid::extension::source::{FileId, SourceFile};

use crate::facts::Facts;

/// The facts of a file. `None` when code is missing from the tree.
pub(crate) fn facts(source: &[u8]) -> Option<Facts> {
    let script = parse(FileId(0), source);
    if !script.errors.is_empty() {
        return None;
    }
    let file = SourceFile::new("file.php".into(), source.to_vec());
    let line = |at: Bytes| file.line_of(at.start) + 1;
    let mut facts = Facts::default();
    let named = names_of_constants(&script);
    for (id, expr) in (0..).map(ExprId).zip(&script.exprs) {
        match expr.kind {
            ExprKind::Call { name, .. } => facts.call(script.text(name).to_owned(), line(expr.at)),
            ExprKind::CallValue { .. } => facts.call("<value>".to_owned(), line(expr.at)),
            ExprKind::Method { name, .. } => facts.call(format!("->{}", script.text(name)), line(expr.at)),
            ExprKind::Static { class, name, .. } => facts.call(format!("{}::{}", script.text(class), script.text(name)), line(expr.at)),
            ExprKind::New { class, .. } => facts.call(format!("new {}", script.text(class)), line(expr.at)),
            ExprKind::Text(text) if !named.contains(&id) => {
                let text = script.text(text);
                let part = script.parts.binary_search_by_key(&id, |(part, _)| *part).is_ok();
                if if part { !text.is_empty() } else { is_written(source, expr.at, text) } {
                    facts.texts.push(text.to_owned());
                }
            }
            _ => {}
        }
    }
    facts.classes = script.classes.iter().map(|class| script.text(class.name).to_owned()).collect();
    for function in &script.functions {
        let name = script.text(function.name);
        match (function.kind, function.class) {
            (FunctionKind::Top, _) => {}
            (FunctionKind::Closure | FunctionKind::Arrow, _) => facts.functions.push("fn".to_owned()),
            (_, Some(class)) => facts.functions.push(format!("{}::{name}", script.text(script.class(class).name))),
            (_, None) => facts.functions.push(name.to_owned()),
        }
    }
    Some(facts.sorted())
}

/// Whether a text stands as one in the source: reguid makes a text of the name in `name(...)`, too. The key of `"$array[key]"` has no quotes.
fn is_written(source: &[u8], at: Bytes, text: &str) -> bool {
    let written = &source[at.start as usize..at.end as usize];
    let quoted = matches!(written, [b'\'' | b'"' | b'<' | b'`', ..] | [b'b' | b'B', b'\'' | b'"' | b'<', ..]);
    quoted || written == text.as_bytes()
}

/// The first arguments of `define`: at the top level they are the names of constants and no expressions.
fn names_of_constants(script: &Script) -> FxHashSet<ExprId> {
    let calls = script.exprs.iter().filter_map(|expr| match expr.kind {
        ExprKind::Call { name, args } if script.text(name).eq_ignore_ascii_case("define") => script.args(args).first(),
        _ => None,
    });
    calls.map(|arg| arg.value).collect()
}
