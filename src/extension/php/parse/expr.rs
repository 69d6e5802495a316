//! Expressions.
//!
//! Chains such as `$a->b()->c()` and `$a . $b . $c` lean to the left and may be as long as a file allows, so the way down to the leftmost operand
//! is a loop. Everything else that nests is bounded by the parser.

use php_ast::{AssignExpr, AssignOp, BinaryExpr, BinaryOp, CastKind, Expr, ExprKind as Node, MagicConstKind, UnaryPrefixOp};

use super::{DEPTH, Lowering};
use crate::extension::php::ir::{Cast, ExprId, ExprKind, Include, Slice, Stmt};

impl<'a> Lowering<'a> {
    /// Lowers an expression with all that stands in it.
    pub(super) fn expr(&mut self, expr: &'a Expr<'a, 'a>) -> ExprId {
        if self.depth >= DEPTH {
            self.too_deep(expr.span);
            return self.other(&[], expr);
        }
        self.depth += 1;
        let mark = self.operands.spine.len();
        let mut node = expr;
        while let Some(left) = leftmost(node) {
            self.operands.spine.push(node);
            node = left;
        }
        let mut id = self.leaf(node);
        while self.operands.spine.len() > mark {
            if let Some(node) = self.operands.spine.pop() {
                id = self.chained(node, id);
            }
        }
        self.depth -= 1;
        id
    }

    /// An [`ExprKind::Other`] of these operands.
    pub(super) fn other(&mut self, operands: &[ExprId], expr: &Expr<'_, '_>) -> ExprId {
        let list = self.list_of(operands);
        let at = self.at(expr.span);
        self.push(ExprKind::Other(list), at)
    }

    /// An [`ExprKind::Other`] of expressions that are still to be lowered.
    fn other_of(&mut self, operands: impl IntoIterator<Item = &'a Expr<'a, 'a>>, expr: &Expr<'_, '_>) -> ExprId {
        let list = self.lowered(operands);
        let at = self.at(expr.span);
        self.push(ExprKind::Other(list), at)
    }

    /// Lowers expressions into a list.
    pub(super) fn lowered(&mut self, exprs: impl IntoIterator<Item = &'a Expr<'a, 'a>>) -> Slice {
        let mark = self.operands.ids.len();
        for expr in exprs {
            let id = self.expr(expr);
            self.operands.ids.push(id);
        }
        self.take_list(mark)
    }

    /// A node whose leftmost operand, if it has one, is not lowered yet and not of the kinds in [`leftmost`].
    fn leaf(&mut self, expr: &'a Expr<'a, 'a>) -> ExprId {
        let at = self.at(expr.span);
        let kind = match &expr.kind {
            Node::Variable(name) => ExprKind::Variable(self.sym(name.as_str())),
            Node::String(text) => ExprKind::Text(self.text_sym(text, expr.span, None)),
            Node::Int(value) => ExprKind::Integer(*value),
            Node::Null => ExprKind::Null,
            Node::Bool(true) => ExprKind::Constant(self.sym("true")),
            Node::Bool(false) => ExprKind::Constant(self.sym("false")),
            Node::Name(name) => ExprKind::Constant(self.constant_name(name)),
            Node::Identifier(name) => ExprKind::Constant(self.sym(name.as_str())),
            Node::MagicConst(constant) => ExprKind::Constant(self.sym(magic(*constant))),
            Node::Nowdoc { value, .. } => ExprKind::Text(self.sym(value)),
            Node::InterpolatedString(parts) | Node::Heredoc { parts, .. } => return self.interpolated(parts, expr.span),
            Node::ShellExec(parts) => {
                let mark = self.operands.ids.len();
                self.push_parts(parts, expr.span);
                ExprKind::Other(self.take_list(mark))
            }
            Node::Binary(b) if b.op == BinaryOp::Concat => ExprKind::Concat(self.concat(expr)),
            Node::FunctionCall(call) => match &call.name.kind {
                Node::Name(name) => {
                    let name = self.function_name(name);
                    ExprKind::Call { name, args: self.args(&call.args) }
                }
                _ => {
                    let callee = self.expr(call.name);
                    ExprKind::CallValue { callee, args: self.args(&call.args) }
                }
            },
            Node::New(new) => return self.new_object(new, expr),
            Node::StaticMethodCall(call) => return self.static_call(call.class, call.method, &call.args, None, expr),
            Node::StaticMethodCallDynamic(call) => return self.static_call(call.class, call.method, &call.args, None, expr),
            Node::StaticPropertyAccess(access) => return self.static_property(access.class, access.member, None, expr),
            Node::ClassConstAccess(access) => return self.class_constant(access.class, access.member, None, expr),
            Node::StaticPropertyAccessDynamic { class, member } | Node::ClassConstAccessDynamic { class, member } => {
                let class = (!matches!(class.kind, Node::Name(_))).then_some(*class);
                return self.other_of(class.into_iter().chain([*member]), expr);
            }
            Node::Array(elements) => ExprKind::Array(self.elements(elements)),
            Node::Assign(assign) => return self.assign(assign, expr),
            Node::UnaryPrefix(unary) => match (unary.op, &unary.operand.kind) {
                (UnaryPrefixOp::Negate, Node::Int(value)) if *value != i64::MIN => ExprKind::Integer(-value),
                (UnaryPrefixOp::PreIncrement | UnaryPrefixOp::PreDecrement, _) => {
                    let target = self.expr(unary.operand);
                    return self.counted(target, expr);
                }
                _ => return self.other_of([unary.operand], expr),
            },
            Node::Cast(to, value) => {
                let value = self.expr(value);
                ExprKind::Cast { to: cast(*to), value }
            }
            Node::Match(m) => return self.match_expr(m, expr),
            Node::Closure(closure) => ExprKind::Closure(self.closure(closure, expr.span)),
            Node::ArrowFunction(arrow) => ExprKind::Closure(self.arrow(arrow, expr.span)),
            Node::AnonymousClass(class) => {
                self.class_decl(class, expr.span);
                ExprKind::New { class: self.sym(""), args: Slice::default() }
            }
            Node::Isset(values) => {
                let whole = self.other_of(values.iter(), expr);
                if let ExprKind::Other(list) = self.script.expr(whole).kind {
                    let elements = self.script.list(list).iter().copied();
                    let elements: Vec<ExprId> =
                        elements.filter(|e| matches!(self.script.expr(*e).kind, ExprKind::Index { index: Some(_), .. })).collect();
                    self.script.tested.extend(elements);
                }
                return whole;
            }
            Node::Include(_, x) => {
                let path = self.expr(x);
                let list = self.list_of(&[path]);
                let at = self.at(expr.span);
                let whole = self.push(ExprKind::Other(list), at);
                self.script.includes.push(Include { expr: whole, path });
                return whole;
            }
            Node::VariableVariable(x) | Node::Print(x) | Node::Empty(x) | Node::Eval(x) | Node::Throw(x) => {
                return self.other_of([*x], expr);
            }
            // A copy holds what the original does, and is not the same.
            Node::Clone(x) => {
                let original = self.expr(x);
                ExprKind::Choice(self.list_of(&[original]))
            }
            Node::Exit(value) => return self.other_of(*value, expr),
            Node::CloneWith(object, with) => return self.other_of([*object, *with], expr),
            Node::Yield(y) => {
                let key = y.key.map(|key| self.expr(key));
                let value = y.value.map(|value| self.expr(value));
                // What is yielded leaves the function as an element of what it gives; what `yield` gives back is somebody else's.
                match value {
                    Some(value) if y.is_from => self.body.push(Stmt::Return(value)),
                    Some(value) => self.body.push(Stmt::Yield { key, value }),
                    None => {}
                }
                return self.other(&[], expr);
            }
            Node::CallableCreate(callable) => return self.callable(callable, None, expr),
            // Floats, left-out elements, what could not be parsed, and what later versions of the parser add.
            _ => ExprKind::Other(Slice::default()),
        };
        self.push(kind, at)
    }

    /// A node whose leftmost operand is already lowered to `left`.
    fn chained(&mut self, expr: &'a Expr<'a, 'a>, left: ExprId) -> ExprId {
        let at = self.at(expr.span);
        let kind = match &expr.kind {
            Node::Parenthesized(_) | Node::ErrorSuppress(_) => return left,
            Node::MethodCall(call) | Node::NullsafeMethodCall(call) => return self.method_call(left, call.method, &call.args, expr),
            Node::PropertyAccess(access) | Node::NullsafePropertyAccess(access) => match &access.property.kind {
                Node::Identifier(name) => ExprKind::Property { object: left, name: self.sym(name.as_str()) },
                // `->{'service-plan'}`: a name that PHP has no other spelling for.
                Node::String(name) if name.to_str().is_some() => {
                    ExprKind::Property { object: left, name: self.sym(name.to_str().unwrap_or_default()) }
                }
                // `$data->{$id} = …` puts an element into an object that is no more than an array; what a class makes of such names, nothing tells.
                _ => {
                    let name = self.expr(access.property);
                    if matches!(self.script.expr(left).kind, ExprKind::Variable(name) if self.script.text(name) == "this") {
                        return self.other(&[left, name], expr);
                    }
                    ExprKind::Index { array: left, index: Some(name) }
                }
            },
            Node::ArrayAccess(access) => ExprKind::Index { array: left, index: access.index.map(|index| self.expr(index)) },
            Node::FunctionCall(call) => ExprKind::CallValue { callee: left, args: self.args(&call.args) },
            Node::StaticMethodCall(call) => return self.static_call(call.class, call.method, &call.args, Some(left), expr),
            Node::StaticMethodCallDynamic(call) => return self.static_call(call.class, call.method, &call.args, Some(left), expr),
            Node::StaticPropertyAccess(access) => return self.static_property(access.class, access.member, Some(left), expr),
            Node::ClassConstAccess(access) => return self.class_constant(access.class, access.member, Some(left), expr),
            Node::CallableCreate(callable) => return self.callable(callable, Some(left), expr),
            // The right side of `instanceof` is a class, no constant.
            Node::Binary(BinaryExpr { op: BinaryOp::Instanceof, right, .. }) if matches!(right.kind, Node::Name(_)) => {
                let Node::Binary(BinaryExpr { right, .. }) = &expr.kind else { return self.other(&[left], expr) };
                let class = self.class_of(right);
                ExprKind::InstanceOf { value: left, class }
            }
            Node::Binary(binary) => {
                let right = self.expr(binary.right);
                // The union of two arrays.
                let is_array = |id: ExprId| matches!(self.script.expr(id).kind, ExprKind::Array(_));
                if binary.op == BinaryOp::Add && (is_array(left) || is_array(right)) {
                    let list = self.list_of(&[left, right]);
                    let at = self.at(expr.span);
                    return self.push(ExprKind::Choice(list), at);
                }
                if matches!(binary.op, BinaryOp::Equal | BinaryOp::Identical | BinaryOp::NotEqual | BinaryOp::NotIdentical) {
                    let at = self.at(expr.span);
                    return self.push(ExprKind::Equal { left, right }, at);
                }
                return self.other(&[left, right], expr);
            }
            Node::NullCoalesce(coalesce) => {
                let right = self.expr(coalesce.right);
                ExprKind::Choice(self.list_of(&[left, right]))
            }
            Node::Ternary(ternary) => {
                self.guard_of_value(ternary.condition, ternary.then_expr.map(|then| then.span), ternary.else_expr.span);
                self.lack_of_value(ternary.condition, ternary.then_expr.map(|then| then.span), ternary.else_expr.span);
                let then = match ternary.then_expr {
                    Some(then) => {
                        self.condition(&[left], ternary.condition);
                        self.expr(then)
                    }
                    None => left,
                };
                let otherwise = self.expr(ternary.else_expr);
                ExprKind::Choice(self.list_of(&[then, otherwise]))
            }
            Node::UnaryPostfix(_) => return self.counted(left, expr),
            _ => return self.other(&[left], expr),
        };
        self.push(kind, at)
    }

    /// `$n++`, `$n += 2`: the variable has some number afterwards, and no more what was put there before.
    fn counted(&mut self, target: ExprId, expr: &Expr<'_, '_>) -> ExprId {
        if !matches!(self.script.expr(target).kind, ExprKind::Variable(_)) {
            return self.other(&[target], expr);
        }
        let value = self.other(&[], expr);
        let at = self.at(expr.span);
        self.push(ExprKind::Assign { target, value }, at)
    }

    /// States a condition whose value is not the value of the expression that it stands in.
    pub(super) fn condition(&mut self, operands: &[ExprId], expr: &Expr<'_, '_>) {
        let condition = self.other(operands, expr);
        self.body.push(Stmt::Expr(condition));
    }

    fn assign(&mut self, assign: &'a AssignExpr<'a, 'a>, expr: &Expr<'_, '_>) -> ExprId {
        let target = self.expr(assign.target);
        let value = self.expr(assign.value);
        if assign.by_ref {
            self.shared(assign.target);
            self.shared(assign.value);
        }
        let kind = match assign.op {
            AssignOp::Assign | AssignOp::Coalesce => ExprKind::Assign { target, value },
            AssignOp::Concat => ExprKind::Append { target, value },
            // The union of two arrays.
            AssignOp::Plus if matches!(self.script.expr(value).kind, ExprKind::Array(_)) => ExprKind::Assign { target, value },
            _ => {
                self.condition(&[value], expr);
                return self.counted(target, expr);
            }
        };
        let at = self.at(expr.span);
        self.push(kind, at)
    }

    /// The operands of a concatenation, through parentheses and interpolated strings.
    fn concat(&mut self, expr: &'a Expr<'a, 'a>) -> Slice {
        let mark = self.operands.ids.len();
        let floor = self.operands.pending.len();
        self.operands.pending.push(expr);
        while self.operands.pending.len() > floor {
            let Some(operand) = self.operands.pending.pop() else { break };
            match &operand.kind {
                Node::Binary(BinaryExpr { left, op: BinaryOp::Concat, right }) => self.operands.pending.extend([*right, *left]),
                Node::Parenthesized(inner) if joins(inner) => self.operands.pending.push(inner),
                Node::InterpolatedString(parts) | Node::Heredoc { parts, .. } if parts.len() > 1 || joins(operand) => {
                    self.push_parts(parts, operand.span)
                }
                _ => {
                    let id = self.expr(operand);
                    self.operands.ids.push(id);
                }
            }
        }
        self.take_list(mark)
    }
}

/// The operand that a node begins with, where chains of such nodes have no bound.
fn leftmost<'a>(expr: &'a Expr<'a, 'a>) -> Option<&'a Expr<'a, 'a>> {
    let unless_name = |class: &'a Expr<'a, 'a>| (!matches!(class.kind, Node::Name(_))).then_some(class);
    match &expr.kind {
        Node::Parenthesized(inner) | Node::ErrorSuppress(inner) => Some(inner),
        Node::MethodCall(call) | Node::NullsafeMethodCall(call) => Some(call.object),
        Node::PropertyAccess(access) | Node::NullsafePropertyAccess(access) => Some(access.object),
        Node::ArrayAccess(access) => Some(access.array),
        Node::FunctionCall(call) => unless_name(call.name),
        Node::StaticMethodCall(call) => unless_name(call.class),
        Node::StaticMethodCallDynamic(call) => unless_name(call.class),
        Node::StaticPropertyAccess(access) | Node::ClassConstAccess(access) => unless_name(access.class),
        Node::CallableCreate(callable) => super::member::callable_object(callable),
        Node::Binary(binary) if binary.op != BinaryOp::Concat => Some(binary.left),
        Node::NullCoalesce(coalesce) => Some(coalesce.left),
        Node::Ternary(ternary) => Some(ternary.condition),
        Node::UnaryPostfix(unary) => Some(unary.operand),
        _ => None,
    }
}

/// Whether an expression within a concatenation brings operands of its own.
fn joins(expr: &Expr<'_, '_>) -> bool {
    match &expr.kind {
        Node::Binary(binary) => binary.op == BinaryOp::Concat,
        Node::Parenthesized(inner) => joins(inner),
        Node::InterpolatedString(parts) | Node::Heredoc { parts, .. } => !matches!(parts.as_ref(), [] | [php_ast::StringPart::Literal(_)]),
        _ => false,
    }
}

fn cast(kind: CastKind) -> Cast {
    match kind {
        CastKind::Int => Cast::Int,
        CastKind::String => Cast::String,
        CastKind::Array => Cast::Array,
        CastKind::Object => Cast::Object,
        _ => Cast::Lossy,
    }
}

fn magic(constant: MagicConstKind) -> &'static str {
    match constant {
        MagicConstKind::Class => "__CLASS__",
        MagicConstKind::Dir => "__DIR__",
        MagicConstKind::File => "__FILE__",
        MagicConstKind::Function => "__FUNCTION__",
        MagicConstKind::Line => "__LINE__",
        MagicConstKind::Method => "__METHOD__",
        MagicConstKind::Namespace => "__NAMESPACE__",
        MagicConstKind::Trait => "__TRAIT__",
        MagicConstKind::Property => "__PROPERTY__",
        _ => "",
    }
}
