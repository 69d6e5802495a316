//! What the fuzz targets demand of every input, apart from an end without a panic.

pub mod value;

use reguid::extension::Extension;
use reguid::extension::php::ir::{Bytes, Expr, ExprId, ExprKind, FunctionId, Script, Slice, Stmt, Sym};
use reguid::extension::php::literal::{Decoded, decode};
use reguid::extension::source::{FileId, SourceFile, Span};
use reguid::extension::sql::in_code::SqlText;
use reguid::extension::sql::schema::TableFact;
use reguid::extension::sql::statement::{Assignment, Column, Filter, Operand, Statement};

/// A span lies in its file; where the file is UTF-8, it cuts no character.
pub fn span(files: &[SourceFile], span: Span, what: &str) {
    let file = files.get(span.file.0 as usize).unwrap_or_else(|| panic!("{what}: {span:?} of {} files", files.len()));
    bytes(&file.bytes, std::str::from_utf8(&file.bytes).ok(), Bytes { start: span.start, end: span.end }, what);
}

fn bytes(source: &[u8], text: Option<&str>, at: Bytes, what: &str) {
    let (start, end) = (at.start as usize, at.end as usize);
    assert!(start <= end && end <= source.len(), "{what}: {at:?} of {} bytes", source.len());
    if let Some(text) = text {
        assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{what}: {at:?} cuts a character");
    }
}

/// A script's parts name each other rightly, and its places lie in its source.
pub fn script(source: &[u8], script: &Script) {
    let text = std::str::from_utf8(source).ok();
    let within = |at: Bytes, what: &str| bytes(source, text, at, what);
    for (number, expr) in (0..).zip(&script.exprs) {
        within(expr.at, "an expression");
        operands(script, number, expr);
        if let ExprKind::Text(sym) = expr.kind {
            let decoded = decode(source, script, ExprId(number));
            // The name in `name(...)` is a text that no literal says.
            if decoded != Decoded::default() {
                assert_eq!(decoded.text, script.text(sym), "the text of expression {number}");
            }
            for offset in 0..=decoded.text.len() {
                assert!(decoded.source_offset(offset as u32) as usize <= source.len());
            }
        }
    }
    let known = |id: ExprId| assert!((id.0 as usize) < script.exprs.len());
    for function in &script.functions {
        within(function.at, "a function");
        function.params.iter().for_each(|p| within(p.at, "a parameter"));
        function.params.iter().filter_map(|p| p.default).for_each(known);
        if let Some(class) = function.class {
            let _ = script.class(class);
        }
        if let Some(outer) = function.outer {
            let _ = script.function(outer);
        }
        if let Some(doc) = function.doc {
            assert!(script.comments[doc as usize].doc);
        }
        for stmt in &function.body {
            match *stmt {
                Stmt::Expr(e) | Stmt::Return(e) | Stmt::Constant { value: e, .. } => known(e),
                Stmt::Yield { key, value } => [key, Some(value)].into_iter().flatten().for_each(known),
                Stmt::Foreach { subject, key, value } => [Some(subject), key, Some(value)].into_iter().flatten().for_each(known),
                Stmt::StaticVariable { default, .. } => default.into_iter().for_each(known),
                Stmt::Global(_) => {}
            }
        }
    }
    for class in &script.classes {
        within(class.at, "a class");
        for member in class.constants.iter().chain(&class.properties) {
            within(member.at, "a member");
            member.value.into_iter().for_each(known);
        }
        class.methods.iter().for_each(|m| assert!(script.function(*m).class.is_some()));
    }
    script.comments.iter().for_each(|c| within(c.at, "a comment"));
    script.errors.iter().for_each(|e| within(e.at, "an error"));
    for guard in &script.guards {
        within(guard.at, "a guard");
        assert!(guard.texts.iter().all(|t| script.text(*t).len() < usize::MAX));
    }
    script.parts.iter().for_each(|(_, whole)| within(*whole, "a literal"));
    assert!(script.parts.is_sorted_by(|a, b| a.0 < b.0));
    assert!(script.comments.is_sorted_by(|a, b| a.at < b.at));
}

/// Operands come before what they are operands of: that is why following them ends.
fn operands(script: &Script, number: u32, expr: &Expr) {
    let before = |id: ExprId| assert!(id.0 < number, "expression {number} has the operand {}", id.0);
    let list = |slice: Slice| script.list(slice).iter().copied().for_each(before);
    let args = |slice: Slice| script.args(slice).iter().for_each(|a| before(a.value));
    let sym = |sym: Sym| assert!(script.text(sym).len() < usize::MAX);
    match expr.kind {
        ExprKind::Text(s) | ExprKind::Constant(s) | ExprKind::Variable(s) => sym(s),
        ExprKind::Integer(_) | ExprKind::Null => {}
        ExprKind::Property { object, name } => {
            before(object);
            sym(name);
        }
        ExprKind::StaticProperty { class, name } | ExprKind::ClassConstant { class, name } => [class, name].into_iter().for_each(sym),
        ExprKind::Index { array, index } => [Some(array), index].into_iter().flatten().for_each(before),
        ExprKind::Call { name, args: slice } | ExprKind::New { class: name, args: slice } => {
            sym(name);
            args(slice);
        }
        ExprKind::CallValue { callee, args: slice } => {
            before(callee);
            args(slice);
        }
        ExprKind::Method { object, name, args: slice } => {
            before(object);
            sym(name);
            args(slice);
        }
        ExprKind::Static { class, name, args: slice } => {
            [class, name].into_iter().for_each(sym);
            args(slice);
        }
        ExprKind::Concat(slice) | ExprKind::Choice(slice) | ExprKind::Other(slice) => list(slice),
        ExprKind::Array(slice) => {
            for element in script.elements(slice) {
                [element.key, element.value].into_iter().flatten().for_each(before);
            }
        }
        ExprKind::Assign { target, value } | ExprKind::Append { target, value } => [target, value].into_iter().for_each(before),
        ExprKind::Equal { left, right } => [left, right].into_iter().for_each(before),
        ExprKind::InstanceOf { value, class } => {
            before(value);
            sym(class);
        }
        ExprKind::Cast { value, .. } => before(value),
        ExprKind::Closure(FunctionId(id)) => assert!((id as usize) < script.functions.len()),
    }
}

/// The facts of an extension name each other rightly, and their places lie in its files.
pub fn extension(extension: &Extension) {
    for each in &extension.scripts {
        script(&extension.file(each.file).bytes, each);
    }
    tables(&extension.files, &extension.tables);
    for text in &extension.statements {
        let script = &extension.scripts[text.script as usize];
        let _ = (script.expr(text.expr), script.function(text.function));
        statements(&extension.files, text);
    }
    for unreadable in &extension.unreadable {
        if let Some(at) = unreadable.span {
            span(&extension.files, at, &unreadable.reason);
        }
    }
}

/// The places of tables and columns lie in their files.
pub fn tables(files: &[SourceFile], tables: &[TableFact]) {
    for table in tables {
        assert!(!table.name.is_empty());
        span(files, table.span, "a table");
        for column in &table.columns {
            span(files, column.span, &column.name);
            if column.span != table.span {
                spelled(files, column.span, &column.name);
            }
        }
    }
}

/// Where a bare word stands in a plain text, it is the name that was read there; or the name's first part, up to the end of its literal, where the name was put
/// together (`Template::span`).
fn spelled(files: &[SourceFile], at: Span, name: &str) {
    let file = &files[at.file.0 as usize];
    let written = &file.bytes[at.start as usize..at.end as usize];
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if !written.is_empty() && written.iter().all(plain) && name.bytes().all(|b| plain(&b)) {
        let ends_its_literal = matches!(file.bytes.get(at.end as usize), Some(b'\'' | b'"'));
        if !(ends_its_literal && name.as_bytes().starts_with(written)) {
            assert_eq!(written, name.as_bytes(), "{at:?}");
        }
    }
}

/// The places of a text's statements lie in its file, and its holes exist.
pub fn statements(files: &[SourceFile], text: &SqlText) {
    for statement in &text.statements {
        match statement {
            Statement::Insert(insert) => {
                insert.columns.iter().for_each(|c| column(files, c));
                insert.rows.iter().flatten().for_each(|o| operand(files, text, o));
                insert.on_conflict.iter().for_each(|a| assignment(files, text, a));
            }
            Statement::Update(update) => {
                update.sets.iter().for_each(|a| assignment(files, text, a));
                update.filters.iter().for_each(|f| filter(files, text, f));
            }
            Statement::Delete(delete) => delete.filters.iter().for_each(|f| filter(files, text, f)),
            Statement::Select(select) => {
                select.columns.iter().for_each(|o| column(files, &o.column));
                select.filters.iter().for_each(|f| filter(files, text, f));
            }
        }
    }
}

fn column(files: &[SourceFile], column: &Column) {
    span(files, column.span, &column.name);
    spelled(files, column.span, &column.name);
}

fn assignment(files: &[SourceFile], text: &SqlText, assignment: &Assignment) {
    column(files, &assignment.column);
    operand(files, text, &assignment.value);
}

/// The places of a comparison lie in its file, and its holes exist.
pub fn filter(files: &[SourceFile], text: &SqlText, filter: &Filter) {
    column(files, &filter.column);
    filter.values.iter().for_each(|o| operand(files, text, o));
}

fn operand(files: &[SourceFile], text: &SqlText, operand: &Operand) {
    match operand {
        Operand::Hole(hole) => assert!(*hole < text.holes.len()),
        Operand::Column(c) => column(files, c),
        _ => {}
    }
}

/// The one file of a target that needs no more.
pub const FILE: FileId = FileId(0);
