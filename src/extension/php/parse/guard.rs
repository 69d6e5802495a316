//! Conditions that compare a variable with texts, and the code that runs under them.

use php_ast::{BinaryExpr, BinaryOp, Expr, ExprKind as Node, FunctionCallExpr, Span, Stmt as StmtNode, StmtKind, UnaryPrefixOp};

use super::Lowering;
use crate::extension::php::ir::Guard;

/// Conditions nested deeper than this are given up.
const MAX_DEPTH: usize = 32;

/// A variable, and the texts it has when the condition holds.
struct Test<'a> {
    variable: &'a str,
    texts: Vec<&'a str>,
}

impl<'a> Lowering<'a> {
    /// Notes what the branch of an `if` can count on, and what comes after it, where the branch leaves.
    pub(super) fn guard(&mut self, condition: &'a Expr<'a, 'a>, then: &StmtNode<'a, 'a>) {
        if let Some(test) = test(condition, true, 0) {
            self.note(&test, then.span.start, then.span.end);
        }
        if leaves(then)
            && let Some(test) = test(condition, false, 0)
        {
            self.note(&test, then.span.end, self.block.end);
        }
    }

    /// Notes that code runs only when `subject` has one of `texts`.
    pub(super) fn guarded(&mut self, subject: &'a Expr<'a, 'a>, texts: &[&'a Expr<'a, 'a>], start: u32, end: u32) {
        let texts: Option<Vec<&str>> = texts.iter().map(|t| text(t)).collect();
        if let (Some(variable), Some(texts)) = (variable(subject), texts) {
            self.note(&Test { variable, texts }, start, end);
        }
    }

    fn note(&mut self, test: &Test<'a>, start: u32, end: u32) {
        if test.texts.is_empty() || start >= end {
            return;
        }
        let variable = self.sym(test.variable);
        let texts = test.texts.iter().map(|t| self.sym(t)).collect();
        let at = self.at(Span { start, end });
        self.script.guards.push(Guard { variable, texts, at });
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
            (BinaryOp::Equal | BinaryOp::Identical, true) | (BinaryOp::NotEqual | BinaryOp::NotIdentical, false) => {
                let (variable, text) = variable(left).zip(text(right)).or_else(|| variable(right).zip(text(left)))?;
                Some(Test { variable, texts: vec![text] })
            }
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
        Node::FunctionCall(FunctionCallExpr { name, args }) if holds => {
            let Node::Name(function) = &name.kind else { return None };
            let [needle, list, ..] = args.as_ref() else { return None };
            let in_array = function.parts_slice().last().is_some_and(|n| n.eq_ignore_ascii_case("in_array"));
            let Node::Array(list) = &list.value()?.kind else { return None };
            let texts: Option<Vec<&str>> = list.iter().map(|e| text(e.value())).collect();
            in_array.then_some(Test { variable: variable(needle.value()?)?, texts: texts? })
        }
        _ => None,
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
