//! What statements read and write: inserts, updates, deletes and selects, each column with its table and with the operand that meets it.
//!
//! SQL in PHP is often a fragment, and full of holes, so nothing here needs a whole statement: what is understood is given, the rest is left out.

use super::dml::Reader;
use super::template::Template;
use crate::extension::source::{FileId, Span};

/// A statement that reads or writes rows. A query inside of another statement is one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Statement {
    /// `INSERT`, `REPLACE`.
    Insert(Insert),
    /// `UPDATE`.
    Update(Update),
    /// `DELETE`.
    Delete(Delete),
    /// `SELECT`; one for each part of a `UNION`.
    Select(Select),
}

/// `INSERT INTO table (columns) VALUES rows`, also `REPLACE` and MySQL's `INSERT … SET`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insert {
    /// The table. `None` when its name is put together at run time.
    pub table: Option<String>,
    /// The columns, in order. Empty when they are left out: then the rows follow the table's own order; or when they are open.
    pub columns: Vec<Column>,
    /// Whether the columns are put together at run time.
    pub open: bool,
    /// The rows. One row of its results for `INSERT … SELECT`.
    pub rows: Vec<Vec<Operand>>,
    /// `ON CONFLICT … DO UPDATE SET`, `ON DUPLICATE KEY UPDATE`.
    pub on_conflict: Vec<Assignment>,
}

/// `UPDATE table SET sets WHERE filters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The table. `None` when its name is put together at run time.
    pub table: Option<String>,
    /// What is set.
    pub sets: Vec<Assignment>,
    /// What rows are compared with.
    pub filters: Vec<Filter>,
}

/// `DELETE FROM table WHERE filters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delete {
    /// The table. `None` when its name is put together at run time.
    pub table: Option<String>,
    /// What rows are compared with.
    pub filters: Vec<Filter>,
}

/// `SELECT columns FROM tables WHERE filters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// The tables, in order.
    pub tables: Vec<TableName>,
    /// The results that are columns, in order; `*` is one of that name.
    pub columns: Vec<Output>,
    /// What rows are compared with, in `WHERE`, `ON` and elsewhere.
    pub filters: Vec<Filter>,
}

/// A table as a statement names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableName {
    /// Its name. `None` for a query in parentheses, or a name that is put together at run time.
    pub name: Option<String>,
    /// Its alias.
    pub alias: Option<String>,
}

/// A result of a query that is a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The column.
    pub column: Column,
    /// The name it is given.
    pub alias: Option<String>,
    /// How many results stand before it, those that are no columns among them.
    pub position: u32,
}

/// A column as a statement names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its table, aliases resolved. `None` when the statement does not say.
    pub table: Option<String>,
    /// Its name, unquoted.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
}

/// `column = value`, as an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The column.
    pub column: Column,
    /// Its new value.
    pub value: Operand,
}

/// `column = value`, as a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The column.
    pub column: Column,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what: one operand, those of an `IN` list, or the two of `BETWEEN`.
    pub values: Vec<Operand>,
}

/// How a column is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`, `==`, `IS`.
    Equal,
    /// `<>`, `!=`, `IS NOT`.
    NotEqual,
    /// `IN`.
    In,
    /// `NOT IN`.
    NotIn,
    /// `<`, `>=`, `BETWEEN` and the like.
    Order,
    /// `LIKE`, `GLOB`, `REGEXP`.
    Like,
}

/// A value in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// The n-th `?`, from 0; `?3` is the one of number 2.
    Positional(u32),
    /// `:name`, without the colon; also `@name` and `$name`.
    Named(String),
    /// A hole, by its number in [`Template::holes`]; alone, or alone in quotes.
    Hole(usize),
    /// A number or a text, unquoted.
    Literal(String),
    /// Another column.
    Column(Column),
    /// Anything else.
    Other,
}

impl Statement {
    /// The names of its tables, as far as they are written.
    pub fn tables(&self) -> impl Iterator<Item = &str> {
        let (one, several) = match self {
            Statement::Insert(insert) => (&insert.table, &[][..]),
            Statement::Update(update) => (&update.table, &[][..]),
            Statement::Delete(delete) => (&delete.table, &[][..]),
            Statement::Select(select) => (&None, &select.tables[..]),
        };
        one.iter().chain(several.iter().filter_map(|t| t.name.as_ref())).map(String::as_str)
    }

    /// Says that it stands in `file`.
    pub(super) fn set_file(&mut self, file: FileId) {
        let column = |column: &mut Column| column.span.file = file;
        let operand = |operand: &mut Operand| {
            if let Operand::Column(inner) = operand {
                column(inner);
            }
        };
        let assignments = |assignments: &mut [Assignment]| {
            for assignment in assignments {
                column(&mut assignment.column);
                operand(&mut assignment.value);
            }
        };
        let filters = |filters: &mut [Filter]| {
            for filter in filters {
                column(&mut filter.column);
                filter.values.iter_mut().for_each(operand);
            }
        };
        match self {
            Statement::Insert(insert) => {
                insert.columns.iter_mut().for_each(column);
                insert.rows.iter_mut().flatten().for_each(operand);
                assignments(&mut insert.on_conflict);
            }
            Statement::Update(update) => {
                assignments(&mut update.sets);
                filters(&mut update.filters);
            }
            Statement::Delete(delete) => filters(&mut delete.filters),
            Statement::Select(select) => {
                select.columns.iter_mut().for_each(|output| column(&mut output.column));
                filters(&mut select.filters);
            }
        }
    }
}

/// The statements of `template`, in the order in which they end.
#[must_use]
pub fn read(template: &Template) -> Vec<Statement> {
    Reader::new(template).statements()
}

/// The comparisons of a condition that stands alone, as in `$table->where('domain_id = ?', $id)`. Columns have the table that they name.
#[must_use]
pub fn read_condition(template: &Template) -> Vec<Filter> {
    Reader::new(template).condition()
}
