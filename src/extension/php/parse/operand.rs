//! Stacks on which operands wait until their list is complete.

use php_ast::Expr;

use super::Lowering;
use crate::extension::php::ir::{Arg, Element, ExprId, Slice};

/// See [`Lowering`]'s field. Every user takes off what it has put on.
#[derive(Default)]
pub(super) struct Stacks<'a> {
    pub(super) ids: Vec<ExprId>,
    pub(super) args: Vec<Arg>,
    pub(super) elements: Vec<Element>,
    /// Nodes whose leftmost operand is being lowered.
    pub(super) spine: Vec<&'a Expr<'a, 'a>>,
    /// Operands of concatenations that are not yet lowered.
    pub(super) pending: Vec<&'a Expr<'a, 'a>>,
}

impl Lowering<'_> {
    /// Moves the operands above `mark` into [`Script::lists`](crate::extension::php::ir::Script::lists).
    pub(super) fn take_list(&mut self, mark: usize) -> Slice {
        move_tail(&mut self.operands.ids, mark, &mut self.script.lists)
    }

    /// Moves the arguments above `mark` into [`Script::args`](crate::extension::php::ir::Script::args).
    pub(super) fn take_args(&mut self, mark: usize) -> Slice {
        move_tail(&mut self.operands.args, mark, &mut self.script.args)
    }

    /// Moves the elements above `mark` into [`Script::elements`](crate::extension::php::ir::Script::elements).
    pub(super) fn take_elements(&mut self, mark: usize) -> Slice {
        move_tail(&mut self.operands.elements, mark, &mut self.script.elements)
    }

    /// A list of these operands.
    pub(super) fn list_of(&mut self, ids: &[ExprId]) -> Slice {
        let mark = self.operands.ids.len();
        self.operands.ids.extend_from_slice(ids);
        self.take_list(mark)
    }
}

fn move_tail<T: Copy>(stack: &mut Vec<T>, mark: usize, list: &mut Vec<T>) -> Slice {
    let start = index(list.len());
    list.extend_from_slice(&stack[mark..]);
    stack.truncate(mark);
    Slice { start, end: index(list.len()) }
}

/// A position in one of the script's lists.
pub(super) fn index(len: usize) -> u32 {
    u32::try_from(len).expect("the parser takes no file over 4 GiB, and a list has less items than its file has bytes")
}
