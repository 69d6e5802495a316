//! Calls, members and array literals.

use php_ast::{
    Arg as ArgNode, ArgKind, ArrayElement, ArrayElementKind, CallableCreateExpr, CallableCreateKind, Expr, ExprKind as Node, MatchExpr,
    NewExpr,
};

use super::Lowering;
use super::renewal::takes_reference;
use crate::extension::php::ir::{Arg, Element, ExprId, ExprKind, Slice, Sym};

impl<'a> Lowering<'a> {
    /// Arguments. Placeholders of partial applications are left out.
    pub(super) fn args(&mut self, args: &'a [ArgNode<'a, 'a>]) -> Slice {
        let mark = self.operands.args.len();
        for arg in args {
            let Some(value) = arg.value() else { continue };
            let value = self.expr(value);
            let name = arg.name.as_ref().and_then(|name| name.parts_slice().last().copied()).map(|name| self.sym(name));
            self.operands.args.push(Arg { name, value, spread: matches!(arg.kind, ArgKind::Spread(_)) });
        }
        self.take_args(mark)
    }

    /// The elements of an array literal or a destructuring.
    pub(super) fn elements(&mut self, elements: &'a [ArrayElement<'a, 'a>]) -> Slice {
        let mark = self.operands.elements.len();
        for element in elements {
            let key = element.key.as_ref().map(|key| self.expr(key));
            let value = match &element.value().kind {
                Node::Omit => None,
                _ => Some(self.expr(element.value())),
            };
            self.operands.elements.push(Element { key, value, spread: matches!(element.kind, ArrayElementKind::Spread(_)) });
        }
        self.take_elements(mark)
    }

    /// `left->method(args)`
    pub(super) fn method_call(
        &mut self,
        object: ExprId,
        method: &'a Expr<'a, 'a>,
        args: &'a [ArgNode<'a, 'a>],
        expr: &'a Expr<'a, 'a>,
    ) -> ExprId {
        let kind = match &method.kind {
            Node::Identifier(name) => {
                if takes_reference(name.as_str()) {
                    args.iter().filter_map(|arg| arg.value()).for_each(|value| self.shared(value));
                }
                let name = self.sym(name.as_str());
                ExprKind::Method { object, name, args: self.args(args) }
            }
            _ => {
                let name = self.expr(method);
                let callee = self.other(&[object, name], method);
                ExprKind::CallValue { callee, args: self.args(args) }
            }
        };
        let at = self.at(expr.span);
        self.push(kind, at)
    }

    /// `class::method(args)`; `left` is the class where it is a value.
    pub(super) fn static_call(
        &mut self,
        class: &'a Expr<'a, 'a>,
        method: &'a Expr<'a, 'a>,
        args: &'a [ArgNode<'a, 'a>],
        left: Option<ExprId>,
        expr: &'a Expr<'a, 'a>,
    ) -> ExprId {
        if let Some(object) = left {
            return self.method_call(object, method, args, expr);
        }
        let class = self.class_of(class);
        let kind = match &method.kind {
            Node::Identifier(name) => {
                let name = self.sym(name.as_str());
                ExprKind::Static { class, name, args: self.args(args) }
            }
            _ => {
                let callee = self.expr(method);
                ExprKind::CallValue { callee, args: self.args(args) }
            }
        };
        let at = self.at(expr.span);
        self.push(kind, at)
    }

    /// `class::$member`
    pub(super) fn static_property(
        &mut self,
        class: &'a Expr<'a, 'a>,
        member: &'a Expr<'a, 'a>,
        left: Option<ExprId>,
        expr: &'a Expr<'a, 'a>,
    ) -> ExprId {
        match (&member.kind, left) {
            (Node::Identifier(name) | Node::Variable(name), None) => {
                let class = self.class_of(class);
                let name = self.sym(name.as_str());
                let at = self.at(expr.span);
                self.push(ExprKind::StaticProperty { class, name }, at)
            }
            (Node::Identifier(_) | Node::Variable(_), Some(left)) => self.other(&[left], expr),
            _ => {
                let member = self.expr(member);
                match left {
                    Some(left) => self.other(&[left, member], expr),
                    None => self.other(&[member], expr),
                }
            }
        }
    }

    /// `class::MEMBER`
    pub(super) fn class_constant(
        &mut self,
        class: &'a Expr<'a, 'a>,
        member: &'a Expr<'a, 'a>,
        left: Option<ExprId>,
        expr: &'a Expr<'a, 'a>,
    ) -> ExprId {
        match (&member.kind, left) {
            (Node::Identifier(name), None) => {
                let class = self.class_of(class);
                let name = name.as_str();
                let name = self.sym(if name.eq_ignore_ascii_case("class") { "class" } else { name });
                let at = self.at(expr.span);
                self.push(ExprKind::ClassConstant { class, name }, at)
            }
            (_, left) => self.other(left.as_slice(), expr),
        }
    }

    /// `new class(args)`
    pub(super) fn new_object(&mut self, new: &'a NewExpr<'a, 'a>, expr: &'a Expr<'a, 'a>) -> ExprId {
        let class = match &new.class.kind {
            Node::Name(_) | Node::Identifier(_) => self.class_of(new.class),
            Node::AnonymousClass(class) => {
                // Its arguments stand before its body.
                let args = self.args(&new.args);
                self.class_decl(class, new.class.span);
                let name = self.sym("");
                let at = self.at(expr.span);
                return self.push(ExprKind::New { class: name, args }, at);
            }
            _ => {
                let class = self.expr(new.class);
                let callee = self.other(&[class], new.class);
                let args = self.args(&new.args);
                let at = self.at(expr.span);
                return self.push(ExprKind::CallValue { callee, args }, at);
            }
        };
        let kind = ExprKind::New { class, args: self.args(&new.args) };
        let at = self.at(expr.span);
        self.push(kind, at)
    }

    /// `match (subject) { condition => value }`
    pub(super) fn match_expr(&mut self, m: &'a MatchExpr<'a, 'a>, expr: &'a Expr<'a, 'a>) -> ExprId {
        let mark = self.operands.ids.len();
        let subject = self.expr(m.subject);
        self.operands.ids.push(subject);
        for condition in m.arms.iter().filter_map(|arm| arm.conditions.as_ref()).flat_map(|conditions| conditions.iter()) {
            let condition = self.expr(condition);
            self.operands.ids.push(condition);
        }
        let conditions = self.operands.ids.split_off(mark);
        self.condition(&conditions, m.subject);
        let all: Vec<&'a Expr<'a, 'a>> = m.arms.iter().filter_map(|arm| arm.conditions.as_ref()).flat_map(|c| c.iter()).collect();
        for arm in m.arms.iter() {
            let texts: Option<Vec<&'a Expr<'a, 'a>>> = arm.conditions.as_ref().map(|c| c.iter().collect());
            self.guarded(m.subject, texts.as_ref().unwrap_or(&all), texts.is_none(), arm.body.span);
        }
        let values = self.lowered(m.arms.iter().map(|arm| &arm.body));
        let at = self.at(expr.span);
        self.push(ExprKind::Choice(values), at)
    }

    /// `name(...)`: the function itself as a value, spelled as PHP's older callables are: `'name'`, `'Class::name'`, `[$object, 'name']`.
    pub(super) fn callable(&mut self, callable: &'a CallableCreateExpr<'a, 'a>, left: Option<ExprId>, expr: &'a Expr<'a, 'a>) -> ExprId {
        let at = self.at(expr.span);
        match (&callable.kind, left) {
            (CallableCreateKind::Function(callee), None) if let Node::Name(name) = &callee.kind => {
                let name = self.function_name(name);
                return self.push(ExprKind::Text(name), at);
            }
            (CallableCreateKind::Method { method, .. } | CallableCreateKind::NullsafeMethod { method, .. }, Some(object))
                if let Node::Identifier(name) = &method.kind =>
            {
                let name = self.sym(name.as_str());
                let name = self.push(ExprKind::Text(name), at);
                let mark = self.operands.elements.len();
                for value in [object, name] {
                    self.operands.elements.push(Element { key: None, value: Some(value), spread: false });
                }
                let elements = self.take_elements(mark);
                return self.push(ExprKind::Array(elements), at);
            }
            (CallableCreateKind::StaticMethod { class, method, .. }, None) if let Node::Identifier(name) = &method.kind => {
                let class = self.class_of(class);
                let name = format!("{}::{}", self.script.text(class), name.as_str());
                let name = self.sym_copied(&name);
                return self.push(ExprKind::Text(name), at);
            }
            _ => {}
        }
        let method = match &callable.kind {
            CallableCreateKind::Method { method, .. }
            | CallableCreateKind::NullsafeMethod { method, .. }
            | CallableCreateKind::StaticMethod { method, .. } => Some(*method).filter(|m| !matches!(m.kind, Node::Identifier(_))),
            _ => None,
        };
        let mark = self.operands.ids.len();
        self.operands.ids.extend(left);
        if let Some(method) = method {
            let method = self.expr(method);
            self.operands.ids.push(method);
        }
        let list = self.take_list(mark);
        self.push(ExprKind::Other(list), at)
    }

    /// The class that a node names.
    pub(super) fn class_of(&mut self, class: &'a Expr<'a, 'a>) -> Sym {
        match &class.kind {
            Node::Name(name) => self.class_name(name),
            Node::Identifier(name) => self.simple_class_name(name.as_str()),
            _ => self.sym(""),
        }
    }
}

/// The value that a first-class callable begins with.
pub(super) fn callable_object<'a>(callable: &'a CallableCreateExpr<'a, 'a>) -> Option<&'a Expr<'a, 'a>> {
    let object = match &callable.kind {
        CallableCreateKind::Function(callee) => callee,
        CallableCreateKind::Method { object, .. } | CallableCreateKind::NullsafeMethod { object, .. } => object,
        CallableCreateKind::StaticMethod { class, .. } => class,
        _ => return None,
    };
    (!matches!(object.kind, Node::Name(_))).then_some(*object)
}
