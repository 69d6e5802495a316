//! Statements that give a variable a value which has nothing to do with the one before.

use php_ast::{AssignExpr, AssignOp, Expr, ExprKind as Node, Span};
use rustc_hash::FxHashSet;

use super::Lowering;
use crate::extension::php::ir::{FunctionId, Renewal, Script, Sym};

/// Superglobals and `$this` belong to no function.
const NO_OWN: &[&str] =
    &["this", "GLOBALS", "_GET", "_POST", "_REQUEST", "_COOKIE", "_FILES", "_SERVER", "_ENV", "_SESSION", "argc", "argv"];

/// The block that is being lowered: a function's body, a branch, a loop's body.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Block {
    pub(super) start: u32,
    pub(super) end: u32,
    /// Whether it stands in another one of the same function.
    pub(super) nested: bool,
    /// Where the outermost loop of the function that it stands in begins, if it stands in one.
    pub(super) repeated: Option<u32>,
}

/// Whether a method of PHP's database adapters keeps its arguments by reference, to look at them when the statement is run.
pub(super) fn takes_reference(method: &str) -> bool {
    ["bindParam", "bind_param", "bindColumn", "bind_result"].iter().any(|known| known.eq_ignore_ascii_case(method))
}

impl<'a> Lowering<'a> {
    /// Notes an assignment to a variable that is a whole statement.
    pub(super) fn renewal(&mut self, expr: &'a Expr<'a, 'a>) {
        let Node::Assign(AssignExpr { target, op: AssignOp::Assign, by_ref: false, .. }) = &expr.kind else { return };
        let Node::Variable(name) = &target.kind else { return };
        if NO_OWN.contains(&name.as_str()) {
            return;
        }
        let (variable, block) = (self.sym(name.as_str()), self.block);
        let renewal = Renewal {
            function: FunctionId(self.function),
            variable,
            target: self.at(target.span).start,
            end: self.at(expr.span).end,
            block: self.at(Span { start: block.start, end: block.end }),
            nested: block.nested,
            since: self.at(Span { start: block.repeated.unwrap_or(block.start), end: block.end }).start,
            around: None,
            alone: u32::MAX,
        };
        self.script.renewals.push(renewal);
    }

    /// Notes that a variable has its value together with another one, which may change it any time.
    pub(super) fn shared(&mut self, variable: &'a Expr<'a, 'a>) {
        if let Node::Variable(name) = &variable.kind {
            let name = self.sym(name.as_str());
            self.shared.insert((self.function, name));
        }
    }
}

/// Orders the renewals, and keeps those of variables that have more than one value: two renewals, or one and what a caller gives.
pub(super) fn settle(script: &mut Script, shared: &FxHashSet<(u32, Sym)>) {
    let mut renewals = std::mem::take(&mut script.renewals);
    renewals.sort_by_key(|r| (r.function, r.variable, r.end));
    for group in renewals.chunk_by(|a, b| (a.function, a.variable) == (b.function, b.variable)) {
        let (function, variable) = (group[0].function, group[0].variable);
        let given = script.functions[function.0 as usize].params.iter().find(|p| p.name == variable);
        let kept = (group.len() > 1 || given.is_some()) && given.is_none_or(|p| !p.by_ref);
        if kept && !shared.contains(&(function.0, variable)) {
            let from = script.renewals.len();
            script.renewals.extend_from_slice(group);
            join(&mut script.renewals[from..]);
        }
    }
}

/// Finds out which renewal of a variable holds around each nested one, and until where it is alone.
fn join(renewals: &mut [Renewal]) {
    for number in 0..renewals.len() {
        let Renewal { nested: true, block, since, .. } = renewals[number] else { continue };
        let around = Script::renewed_around(renewals, block);
        renewals[number].around = around.and_then(|at| u32::try_from(at).ok());
        if let Some(around) = around {
            let alone = &mut renewals[around].alone;
            *alone = since.min(*alone);
        }
    }
    // In a loop that begins before it, the value may come round.
    renewals.iter_mut().filter(|r| r.alone <= r.end).for_each(|r| r.alone = u32::MAX);
}
