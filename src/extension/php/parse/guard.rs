//! Conditions that compare a variable with texts or ask whether a value is there, and the code that runs under them.

use php_ast::{BinaryExpr, BinaryOp, Expr, ExprKind as Node, FunctionCallExpr, Span, Stmt as StmtNode, StmtKind, UnaryPrefixOp};

use super::Lowering;
use crate::extension::php::ir::{Guard, If, Lack};

/// Conditions nested deeper than this are given up.
const MAX_DEPTH: usize = 32;

/// A variable, and the texts of which it has one, or none.
struct Test<'a> {
    variable: &'a str,
    texts: Vec<&'a str>,
}

impl<'a> Lowering<'a> {
    /// Notes what the branch of an `if` can count on, what the later branches can, up to where `others` end, and what comes after them where all branches
    /// until here leave. Whether they do.
    pub(super) fn guard(&mut self, condition: &'a Expr<'a, 'a>, then: &StmtNode<'a, 'a>, others: Option<u32>, left: bool) -> bool {
        self.counts_on(condition, true, then.span);
        if let Some(end) = others {
            self.counts_on(condition, false, Span { start: then.span.end, end });
        }
        let left = left && leaves(then);
        if left {
            self.counts_on(condition, false, Span { start: others.unwrap_or(then.span.end), end: self.block.end });
        }
        left
    }

    /// Notes an `if`. `alone`: no other branch comes behind it.
    pub(super) fn asked(&mut self, condition: &'a Expr<'a, 'a>, then: &StmtNode<'a, 'a>, alone: bool) {
        let asked = If { condition: self.at(condition.span), then: self.at(then.span), alone };
        self.script.ifs.push(asked);
    }

    /// The same of a condition with two values.
    pub(super) fn guard_of_value(&mut self, condition: &'a Expr<'a, 'a>, then: Option<Span>, otherwise: Span) {
        then.into_iter().for_each(|span| self.counts_on(condition, true, span));
        self.counts_on(condition, false, otherwise);
    }

    /// Notes what code can count on that runs only when a condition is `holds`.
    fn counts_on(&mut self, condition: &'a Expr<'a, 'a>, holds: bool, span: Span) {
        if let Some(test) = test(condition, holds, 0) {
            self.note(&test, false, span);
        }
        if let Some(test) = excluded(condition, holds, 0) {
            self.note(&test, true, span);
        }
    }

    /// Notes that code runs only when `subject` has one of `texts`; with `except`, none.
    pub(super) fn guarded(&mut self, subject: &'a Expr<'a, 'a>, texts: &[&'a Expr<'a, 'a>], except: bool, span: Span) {
        let texts: Option<Vec<&str>> = texts.iter().map(|t| text(t)).collect();
        if let (Some(variable), Some(texts)) = (variable(subject), texts) {
            self.note(&Test { variable, texts }, except, span);
        }
    }

    /// Notes what of an `if` runs only when the value that it asks for is missing. `left`: this branch leaves, and all before it.
    pub(super) fn lack(&mut self, condition: &'a Expr<'a, 'a>, then: &StmtNode<'a, 'a>, otherwise: Option<&StmtNode<'a, 'a>>, left: bool) {
        let after = left.then_some(Span { start: then.span.end, end: self.block.end });
        let others = [otherwise.map(|otherwise| otherwise.span), after];
        for (holds, here, there) in [(true, [Some(then.span), None], others), (false, others, [Some(then.span), None])] {
            let Some(value) = missing(condition, holds, 0) else { continue };
            here.into_iter().flatten().for_each(|span| self.note_lack(value, condition, span));
            there.into_iter().flatten().for_each(|span| self.note_presence(value, condition, span));
        }
    }

    /// The same of a condition with two values.
    pub(super) fn lack_of_value(&mut self, condition: &'a Expr<'a, 'a>, then: Option<Span>, otherwise: Span) {
        for (holds, here, there) in [(true, then, Some(otherwise)), (false, Some(otherwise), then)] {
            let Some(value) = missing(condition, holds, 0) else { continue };
            here.into_iter().for_each(|span| self.note_lack(value, condition, span));
            there.into_iter().for_each(|span| self.note_presence(value, condition, span));
        }
    }

    fn note_lack(&mut self, value: &Expr<'_, '_>, condition: &Expr<'_, '_>, span: Span) {
        if span.start < span.end {
            let lack = Lack { value: self.at(value.span), at: self.at(span), loose: is_loose(condition) };
            self.script.lacks.push(lack);
        }
    }

    /// Notes code that runs only when there is a value: where the condition asks for nothing else.
    fn note_presence(&mut self, value: &Expr<'_, '_>, condition: &Expr<'_, '_>, span: Span) {
        if span.start < span.end && !is_joined(condition) {
            let presence = Lack { value: self.at(value.span), at: self.at(span), loose: is_loose(condition) };
            self.script.presences.push(presence);
        }
    }

    fn note(&mut self, test: &Test<'a>, except: bool, span: Span) {
        if test.texts.is_empty() || span.start >= span.end {
            return;
        }
        let variable = self.sym(test.variable);
        let texts = test.texts.iter().map(|t| self.sym(t)).collect();
        let at = self.at(span);
        self.script.guards.push(Guard { variable, texts, except, at });
    }
}

/// What a condition says of a variable when it is `holds`.
fn test<'a>(condition: &'a Expr<'a, 'a>, holds: bool, depth: usize) -> Option<Test<'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    match &condition.kind {
        Node::Parenthesized(inner) => test(inner, holds, depth + 1),
        Node::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::BooleanNot => test(unary.operand, !holds, depth + 1),
        Node::Binary(BinaryExpr { left, op, right }) => match (op, holds) {
            _ if equality(*op) == Some(holds) => compared(left, right),
            // Each of the two alone says enough…
            (BinaryOp::BooleanAnd | BinaryOp::LogicalAnd, true) | (BinaryOp::BooleanOr | BinaryOp::LogicalOr, false) => {
                test(left, holds, depth + 1).or_else(|| test(right, holds, depth + 1))
            }
            // …or both are about one variable.
            (BinaryOp::BooleanOr | BinaryOp::LogicalOr, true) | (BinaryOp::BooleanAnd | BinaryOp::LogicalAnd, false) => {
                let (mut one, other) = (test(left, holds, depth + 1)?, test(right, holds, depth + 1)?);
                one.texts.extend(other.texts);
                (one.variable == other.variable).then_some(one)
            }
            _ => None,
        },
        Node::FunctionCall(call) if holds => among(call),
        _ => None,
    }
}

/// What a condition says that a variable has not when it is `holds`.
fn excluded<'a>(condition: &'a Expr<'a, 'a>, holds: bool, depth: usize) -> Option<Test<'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    match &condition.kind {
        Node::Parenthesized(inner) => excluded(inner, holds, depth + 1),
        Node::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::BooleanNot => excluded(unary.operand, !holds, depth + 1),
        Node::Binary(BinaryExpr { left, op, right }) => match (op, holds) {
            _ if equality(*op) == Some(!holds) => compared(left, right),
            // Both hold: those about one variable add up.
            (BinaryOp::BooleanAnd | BinaryOp::LogicalAnd, true) | (BinaryOp::BooleanOr | BinaryOp::LogicalOr, false) => {
                match (excluded(left, holds, depth + 1), excluded(right, holds, depth + 1)) {
                    (Some(mut one), Some(other)) if one.variable == other.variable => {
                        one.texts.extend(other.texts);
                        Some(one)
                    }
                    (one, other) => one.or(other),
                }
            }
            _ => None,
        },
        Node::FunctionCall(call) if !holds => among(call),
        _ => None,
    }
}

/// Whether both sides are equal where a comparison holds; `None`: it does not ask for that.
fn equality(op: BinaryOp) -> Option<bool> {
    match op {
        BinaryOp::Equal | BinaryOp::Identical => Some(true),
        BinaryOp::NotEqual | BinaryOp::NotIdentical => Some(false),
        _ => None,
    }
}

/// A variable that is compared with a text.
fn compared<'a>(left: &'a Expr<'a, 'a>, right: &'a Expr<'a, 'a>) -> Option<Test<'a>> {
    let (variable, text) = variable(left).zip(text(right)).or_else(|| variable(right).zip(text(left)))?;
    Some(Test { variable, texts: vec![text] })
}

/// `in_array($variable, ['x', 'y'])`
fn among<'a>(FunctionCallExpr { name, args }: &'a FunctionCallExpr<'a, 'a>) -> Option<Test<'a>> {
    let Node::Name(function) = &name.kind else { return None };
    let [needle, list, ..] = args.as_ref() else { return None };
    let in_array = function.parts_slice().last().is_some_and(|n| n.eq_ignore_ascii_case("in_array"));
    let Node::Array(list) = &list.value()?.kind else { return None };
    let texts: Option<Vec<&str>> = list.iter().map(|e| text(e.value())).collect();
    in_array.then_some(Test { variable: variable(needle.value()?)?, texts: texts? })
}

/// The variable or the call whose value is false, null or empty when a condition `holds`.
fn missing<'e, 'a>(condition: &'e Expr<'a, 'a>, holds: bool, depth: usize) -> Option<&'e Expr<'a, 'a>> {
    if depth > MAX_DEPTH {
        return None;
    }
    match &condition.kind {
        Node::Parenthesized(inner) => missing(inner, holds, depth + 1),
        Node::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::BooleanNot => missing(unary.operand, !holds, depth + 1),
        Node::Empty(inner) if holds => asked_for(inner),
        Node::FunctionCall(FunctionCallExpr { name, args }) if is_null(name) => match args.as_ref() {
            [only] if holds => asked_for(only.value()?),
            _ => None,
        },
        Node::Binary(BinaryExpr { left, op, right }) => match (op, holds) {
            _ if equality(*op) == Some(holds) => {
                if is_nothing(right) {
                    asked_for(left)
                } else {
                    asked_for(right).filter(|_| is_nothing(left))
                }
            }
            (BinaryOp::BooleanAnd | BinaryOp::LogicalAnd, true) | (BinaryOp::BooleanOr | BinaryOp::LogicalOr, false) => {
                missing(left, holds, depth + 1).or_else(|| missing(right, holds, depth + 1))
            }
            _ => None,
        },
        _ => asked_for(condition).filter(|_| !holds),
    }
}

/// The condition without parentheses and negations around it.
fn plain<'e, 'a>(mut condition: &'e Expr<'a, 'a>) -> &'e Expr<'a, 'a> {
    loop {
        condition = match &condition.kind {
            Node::Parenthesized(inner) => inner,
            Node::UnaryPrefix(unary) if unary.op == UnaryPrefixOp::BooleanNot => unary.operand,
            _ => return condition,
        };
    }
}

/// Whether a condition asks for several things.
fn is_joined(condition: &Expr<'_, '_>) -> bool {
    let joins = |op: &BinaryOp| {
        matches!(op, BinaryOp::BooleanAnd | BinaryOp::LogicalAnd | BinaryOp::BooleanOr | BinaryOp::LogicalOr | BinaryOp::LogicalXor)
    };
    matches!(&plain(condition).kind, Node::Binary(BinaryExpr { op, .. }) if joins(op))
}

/// Whether false, 0 and an empty text count as no value too.
fn is_loose(condition: &Expr<'_, '_>) -> bool {
    let condition = plain(condition);
    match &condition.kind {
        Node::Empty(_) => true,
        Node::FunctionCall(call) => !is_null(call.name),
        Node::Binary(_) => false,
        _ => asked_for(condition).is_some(),
    }
}

/// An expression that may have no value.
fn asked_for<'e, 'a>(expr: &'e Expr<'a, 'a>) -> Option<&'e Expr<'a, 'a>> {
    match &expr.kind {
        Node::Parenthesized(inner) => asked_for(inner),
        Node::Variable(_)
        | Node::FunctionCall(_)
        | Node::MethodCall(_)
        | Node::NullsafeMethodCall(_)
        | Node::StaticMethodCall(_)
        | Node::Assign(_) => Some(expr),
        _ => None,
    }
}

fn is_nothing(expr: &Expr<'_, '_>) -> bool {
    match &expr.kind {
        Node::Null | Node::Bool(false) => true,
        Node::Parenthesized(inner) => is_nothing(inner),
        _ => false,
    }
}

fn is_null(function: &Expr<'_, '_>) -> bool {
    match &function.kind {
        Node::Name(name) => name.parts_slice().last().is_some_and(|n| n.eq_ignore_ascii_case("is_null")),
        _ => false,
    }
}

fn variable<'a>(expr: &'a Expr<'a, 'a>) -> Option<&'a str> {
    match &expr.kind {
        Node::Variable(name) => Some(name.as_str()),
        Node::Parenthesized(inner) => match &inner.kind {
            Node::Variable(name) => Some(name.as_str()),
            _ => None,
        },
        _ => None,
    }
}

fn text<'a>(expr: &'a Expr<'a, 'a>) -> Option<&'a str> {
    match &expr.kind {
        Node::String(text) => text.to_str(),
        _ => None,
    }
}

/// Whether nothing after `branch` runs when it did.
pub(super) fn leaves(branch: &StmtNode<'_, '_>) -> bool {
    match &branch.kind {
        StmtKind::Return(_) | StmtKind::Throw(_) | StmtKind::Continue(_) | StmtKind::Break(_) => true,
        StmtKind::Block(block) => block.stmts.last().is_some_and(leaves),
        _ => false,
    }
}
