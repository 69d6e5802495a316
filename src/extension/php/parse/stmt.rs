//! Statements, flattened into the body of the function that is being lowered.

use php_ast::{
    BinaryExpr, BinaryOp, Expr, ExprKind as Node, FunctionCallExpr, Ident, NamespaceBody, Program, Span, Stmt as StmtNode, StmtKind,
    SwitchStmt, TryCatchStmt,
};

use super::guard::leaves;
use super::renewal::Block;
use super::{DEPTH, Lowering};
use crate::extension::php::ir::{Stmt, Sym, Try};

impl<'a> Lowering<'a> {
    pub(super) fn program(&mut self, program: &'a Program<'a, 'a>) {
        self.body(&program.stmts);
    }

    /// The statements of a function.
    pub(super) fn body(&mut self, stmts: &'a [StmtNode<'a, 'a>]) {
        self.block(stmts, false);
    }

    fn stmts(&mut self, stmts: &'a [StmtNode<'a, 'a>]) {
        self.block(stmts, true);
    }

    fn block(&mut self, stmts: &'a [StmtNode<'a, 'a>], nested: bool) {
        let (Some(first), Some(last)) = (stmts.first(), stmts.last()) else { return };
        let repeated = self.block.repeated.filter(|_| nested);
        let around = std::mem::replace(&mut self.block, Block { start: first.span.start, end: last.span.end, nested, repeated });
        for stmt in stmts {
            self.stmt_within(stmt);
        }
        self.block = around;
    }

    /// A statement that is a whole branch or a loop's whole body.
    fn stmt(&mut self, stmt: &'a StmtNode<'a, 'a>) {
        self.stmts(std::slice::from_ref(stmt));
    }

    /// The body of the loop `stmt`.
    fn repeated(&mut self, stmt: &StmtNode<'a, 'a>, body: &'a StmtNode<'a, 'a>) {
        let outer = self.block.repeated;
        self.block.repeated = outer.or(Some(stmt.span.start));
        self.stmt(body);
        self.block.repeated = outer;
    }

    fn stmt_within(&mut self, stmt: &'a StmtNode<'a, 'a>) {
        if let Some(doc) = stmt.doc_comment {
            self.comment(doc);
        }
        if self.depth >= DEPTH {
            self.too_deep(stmt.span);
            return;
        }
        self.depth += 1;
        self.stmt_kind(stmt);
        self.depth -= 1;
    }

    fn stmt_kind(&mut self, stmt: &'a StmtNode<'a, 'a>) {
        match &stmt.kind {
            StmtKind::Expression(expr) => {
                self.renewal(expr);
                self.expression_stmt(expr);
            }
            StmtKind::Echo(exprs) => self.effects(exprs),
            StmtKind::Return(Some(value)) => {
                let value = self.expr(value);
                self.body.push(Stmt::Return(value));
            }
            StmtKind::Block(block) => self.stmts(&block.stmts),
            StmtKind::If(branch) => {
                self.effect(&branch.condition);
                let ends = [branch.else_branch.map(|e| e.span.end), branch.elseif_branches.last().map(|e| e.body.span.end)];
                let others = ends.into_iter().flatten().max();
                self.asked(&branch.condition, branch.then_branch, others.is_none());
                let mut left = self.guard(&branch.condition, branch.then_branch, others, true);
                self.lack(&branch.condition, branch.then_branch, branch.else_branch.filter(|_| branch.elseif_branches.is_empty()), left);
                self.stmt(branch.then_branch);
                for branch in branch.elseif_branches.iter() {
                    self.effect(&branch.condition);
                    self.asked(&branch.condition, &branch.body, others == Some(branch.body.span.end));
                    left = self.guard(&branch.condition, &branch.body, others.filter(|end| *end > branch.body.span.end), left);
                    self.lack(&branch.condition, &branch.body, None, left);
                    self.stmt(&branch.body);
                }
                if let Some(otherwise) = branch.else_branch {
                    self.stmt(otherwise);
                }
            }
            StmtKind::While(repeat) => {
                self.effect(&repeat.condition);
                self.repeated(stmt, repeat.body);
            }
            StmtKind::DoWhile(repeat) => {
                self.repeated(stmt, repeat.body);
                self.effect(&repeat.condition);
            }
            StmtKind::For(repeat) => {
                self.effects(&repeat.init);
                self.effects(&repeat.condition);
                self.effects(&repeat.update);
                self.repeated(stmt, repeat.body);
            }
            StmtKind::Foreach(each) => {
                let subject = self.expr(&each.expr);
                let key = each.key.as_ref().map(|key| self.expr(key));
                let value = self.expr(&each.value);
                if each.by_ref {
                    self.shared(&each.value);
                }
                self.body.push(Stmt::Foreach { subject, key, value });
                self.repeated(stmt, each.body);
            }
            StmtKind::Switch(switch) => self.switch(switch),
            StmtKind::TryCatch(attempt) => self.try_catch(attempt),
            StmtKind::Declare(declare) => {
                if let Some(body) = declare.body {
                    self.stmt(body);
                }
            }
            StmtKind::Unset(exprs) => {
                for expr in exprs.iter() {
                    let target = self.expr(expr);
                    let unset = self.other(&[target], expr);
                    self.body.push(Stmt::Expr(unset));
                }
            }
            StmtKind::Throw(value) => self.effect(value),
            StmtKind::Break(Some(level)) | StmtKind::Continue(Some(level)) => self.effect(level),
            StmtKind::Global(names) => {
                for name in names.iter() {
                    self.shared(name);
                    match &name.kind {
                        Node::Variable(name) => {
                            let name = self.sym(name.as_str());
                            self.body.push(Stmt::Global(name));
                        }
                        _ => self.effect(name),
                    }
                }
            }
            StmtKind::StaticVar(variables) => {
                for variable in variables.iter() {
                    let name = self.ident(&variable.name);
                    self.shared.insert((self.function, name));
                    let default = variable.default.as_ref().map(|value| self.expr(value));
                    self.body.push(Stmt::StaticVariable { name, default });
                }
            }
            StmtKind::Const(items) => {
                for item in items.iter() {
                    if let Some(doc) = &item.doc_comment {
                        self.comment(doc);
                    }
                    let name = self.declared_name(item.name.as_str().unwrap_or_default());
                    let value = self.expr(&item.value);
                    self.body.push(Stmt::Constant { name, value });
                }
            }
            StmtKind::Function(function) => self.function_decl(function, stmt.span),
            StmtKind::Class(class) => self.class_decl(class, stmt.span),
            StmtKind::Interface(interface) => self.interface_decl(interface, stmt.span),
            StmtKind::Trait(decl) => self.trait_decl(decl, stmt.span),
            StmtKind::Enum(decl) => self.enum_decl(decl, stmt.span),
            StmtKind::Use(uses) => self.import(uses),
            StmtKind::Namespace(namespace) => {
                self.names.enter(namespace.name.as_ref());
                if let NamespaceBody::Braced(block) = &namespace.body {
                    self.stmts(&block.stmts);
                    self.names.enter(None);
                }
            }
            // Inline HTML, labels, `goto`, `__halt_compiler`, what could not be parsed, and what later versions of the parser add.
            _ => {}
        }
    }

    /// States an expression for its effect.
    fn effect(&mut self, expr: &'a Expr<'a, 'a>) {
        let id = self.expr(expr);
        self.body.push(Stmt::Expr(id));
    }

    fn effects(&mut self, exprs: &'a [Expr<'a, 'a>]) {
        for expr in exprs {
            self.effect(expr);
        }
    }

    /// An expression statement. `define('X', 1)` is a constant, also after `defined('X') ||`.
    fn expression_stmt(&mut self, expr: &'a Expr<'a, 'a>) {
        if self.function == 0 {
            if let Node::Binary(BinaryExpr { left, op, right }) = &expr.kind {
                let branches = matches!(op, BinaryOp::BooleanOr | BinaryOp::LogicalOr | BinaryOp::BooleanAnd | BinaryOp::LogicalAnd);
                if branches && defined(right).is_some() {
                    self.effect(left);
                    return self.expression_stmt(right);
                }
            }
            if let Some((name, value)) = defined(expr) {
                let name: Sym = self.sym(name.trim_start_matches('\\'));
                let value = self.expr(value);
                self.body.push(Stmt::Constant { name, value });
                return;
            }
        }
        self.effect(expr);
    }

    fn switch(&mut self, switch: &'a SwitchStmt<'a, 'a>) {
        self.effect(&switch.expr);
        // The texts with which a case's statements are reached: those of the cases before it too, as far as these run on into it. `None`: any text.
        let mut texts = Some(Vec::new());
        let others: Vec<&Expr<'_, '_>> = switch.body.cases.iter().filter_map(|case| case.value.as_ref()).collect();
        // Whether no case before runs on into this one.
        let mut alone = true;
        for case in switch.body.cases.iter() {
            match (&case.value, &mut texts) {
                (Some(value), texts) => {
                    self.effect(value);
                    texts.iter_mut().for_each(|t| t.push(value));
                }
                (None, texts) => *texts = None,
            }
            if let (Some(first), Some(last)) = (case.body.first(), case.body.last()) {
                let span = Span { start: first.span.start, end: last.span.end };
                match &texts {
                    Some(texts) => self.guarded(&switch.expr, texts, false, span),
                    None if case.value.is_none() && alone => self.guarded(&switch.expr, &others, true, span),
                    None => {}
                }
            }
            self.stmts(&case.body);
            if case.body.last().is_some_and(leaves) {
                texts = Some(Vec::new());
            }
            alone = texts.as_ref().is_some_and(Vec::is_empty);
        }
    }

    fn try_catch(&mut self, attempt: &'a TryCatchStmt<'a, 'a>) {
        self.stmts(&attempt.body.stmts);
        let body = self.at(attempt.body.span);
        let catches = attempt.catches.iter().map(|catch| self.at(catch.body.span)).collect();
        self.script.tries.push(Try { body, catches });
        for catch in attempt.catches.iter() {
            self.stmts(&catch.body.stmts);
        }
        if let Some(last) = attempt.finally {
            self.stmts(&last.stmts);
        }
    }

    /// The symbol of a declared name, without `$`; empty where the parser found none.
    pub(super) fn ident(&mut self, ident: &Ident<'a>) -> Sym {
        self.sym(ident.as_str().unwrap_or_default())
    }
}

/// Name and value of a `define('NAME', value)`.
fn defined<'a>(expr: &'a Expr<'a, 'a>) -> Option<(&'a str, &'a Expr<'a, 'a>)> {
    let Node::FunctionCall(FunctionCallExpr { name, args }) = &expr.kind else { return None };
    let Node::Name(function) = &name.kind else { return None };
    let [function] = function.parts_slice() else { return None };
    let [name, value, ..] = args.as_ref() else { return None };
    let Node::String(name) = &name.value()?.kind else { return None };
    function.eq_ignore_ascii_case("define").then_some((name.to_str()?, value.value()?))
}
