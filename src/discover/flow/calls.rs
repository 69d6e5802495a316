//! Calls in the code, as far as they are known before anything is solved.

use super::graph::Node;
use crate::discover::program::{Cls, Fun, Name};
use crate::extension::php::ir::ExprId;

/// A call.
#[derive(Debug)]
pub(in crate::discover) struct Call {
    /// The script it stands in.
    pub(in crate::discover) script: u32,
    /// The function that it stands in.
    pub(in crate::discover) within: Fun,
    /// The expression.
    pub(in crate::discover) expr: ExprId,
    /// What is called.
    pub(in crate::discover) callee: Callee,
    /// The arguments, in order.
    pub(in crate::discover) args: Vec<Argument>,
    /// Its result.
    pub(in crate::discover) result: Node,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::discover) enum Callee {
    /// A function by its name (folded).
    Function(Name),
    /// A method of whatever the node holds. The name is folded.
    Method(Node, Name),
    /// A method of one of the extension's classes: `self::`, `parent::`, `static::`, `Own::`.
    OwnStatic(Cls, Name),
    /// A method of a class that is not the extension's.
    OutsideStatic(Name, Name),
    /// `new` of one of the extension's classes.
    OwnNew(Cls),
    /// `new` of a class that is not the extension's.
    OutsideNew(Name),
    /// Whatever the node holds.
    Value(Node),
    /// `$object->$name()`: the object, and what holds the method's name.
    Dynamic(Node, Node),
    /// `new $class()`: what holds the class's name.
    NewValue(Node),
}

impl Callee {
    /// The same in a whole that the graph is a part of: `node` and `name` tell what its nodes and names are there.
    pub(super) fn moved(self, node: impl Fn(Node) -> Node, name: impl Fn(Name) -> Name) -> Callee {
        match self {
            Callee::Function(function) => Callee::Function(name(function)),
            Callee::Method(receiver, method) => Callee::Method(node(receiver), name(method)),
            Callee::OwnStatic(cls, method) => Callee::OwnStatic(cls, name(method)),
            Callee::OutsideStatic(class, method) => Callee::OutsideStatic(name(class), name(method)),
            Callee::OwnNew(cls) => Callee::OwnNew(cls),
            Callee::OutsideNew(class) => Callee::OutsideNew(name(class)),
            Callee::Value(value) => Callee::Value(node(value)),
            Callee::Dynamic(object, method) => Callee::Dynamic(node(object), node(method)),
            Callee::NewValue(class) => Callee::NewValue(node(class)),
        }
    }
}

/// An argument of a call.
#[derive(Debug, Clone, Copy)]
pub(in crate::discover) struct Argument {
    /// `name:`, without case.
    pub(in crate::discover) name: Option<Name>,
    /// Its value.
    pub(in crate::discover) node: Node,
    /// The expression.
    pub(in crate::discover) expr: ExprId,
    /// `...$value`.
    pub(in crate::discover) spread: bool,
}

impl Call {
    /// The argument at `position`, as far as no spread comes before it.
    pub(in crate::discover) fn positional(&self, position: usize) -> Option<&Argument> {
        let arg = self.args.get(position)?;
        (!self.args[..=position].iter().any(|a| a.spread) && arg.name.is_none()).then_some(arg)
    }
}
