//! The SQL in the code: which values of a statement belong to which columns.

use super::flow::graph::{Graph, Node};
use super::program::Program;
use super::tables::Tables;

/// The statements of an extension.
#[derive(Debug, Default)]
pub(super) struct SqlFacts {
    pub(super) statements: Vec<Statement>,
    /// For each statement, the node that holds its text.
    pub(super) nodes: Vec<Node>,
}

/// A statement, as far as values pass through it.
#[derive(Debug, Default)]
pub(super) struct Statement {
    /// Bound values, and the columns they are written to or compared with.
    pub(super) operands: Vec<Operand>,
    /// What a row of its result carries.
    pub(super) results: Vec<ResultColumn>,
}

/// A bound value.
#[derive(Debug)]
pub(super) struct Operand {
    pub(super) bind: Bind,
    /// The table, without case.
    pub(super) table: String,
    /// The column, without case.
    pub(super) column: String,
}

/// How a value is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bind {
    /// The n-th `?`, from 0.
    Positional(usize),
    /// `:name`, without the colon.
    Named(String),
}

/// A column of a result.
#[derive(Debug)]
pub(super) struct ResultColumn {
    /// The name under which a row carries it.
    pub(super) alias: String,
    /// The table, without case.
    pub(super) table: String,
    /// The column, without case.
    pub(super) column: String,
}

impl SqlFacts {
    pub(super) fn gather(_program: &mut Program<'_>, _graph: &mut Graph, _tables: &Tables) -> SqlFacts {
        SqlFacts::default()
    }
}
