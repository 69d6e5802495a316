//! The expressions of a script by where they stand.

use super::ir::{Bytes, ExprId, ExprKind, Script};

/// The expressions of one script by where they begin, outer ones before inner ones. To ask for those of a part costs about as much as they are many.
#[derive(Debug)]
pub struct ByStart(Vec<ExprId>);

impl ByStart {
    /// Those of `script`.
    #[must_use]
    pub fn of(script: &Script) -> ByStart {
        let order = |at: Bytes| u64::from(at.start) << 32 | u64::from(!at.end);
        let mut all: Vec<(u64, u32)> = script.exprs.iter().map(|expr| order(expr.at)).zip(0..).collect();
        all.sort_unstable();
        ByStart(all.into_iter().map(|(_, number)| ExprId(number)).collect())
    }

    /// The expressions that stand in a part of the script, outer ones before inner ones.
    pub fn within<'s>(&'s self, script: &'s Script, at: Bytes) -> impl Iterator<Item = (ExprId, ExprKind)> + 's {
        let first = self.0.partition_point(|id| script.expr(*id).at.start < at.start);
        let inside = self.0[first..].iter().copied().take_while(move |id| script.expr(*id).at.start < at.end);
        inside.filter(move |id| script.expr(*id).at.end <= at.end).map(|id| (id, script.expr(id).kind))
    }
}
