//! Tables as SQL text declares them.

use crate::extension::source::Span;

/// A table declared by a `CREATE TABLE` statement (with the columns that `ALTER TABLE … ADD` statements give it).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFact {
    /// Its name, unquoted.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<ColumnFact>,
    /// Where its declaration stands.
    pub span: Span,
    /// Where it was found.
    pub origin: SchemaOrigin,
    /// Whether the statement makes a table of the panel's own database (a MySQL dialect statement).
    pub mysql: bool,
}

/// A declared column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnFact {
    /// Its name, unquoted.
    pub name: String,
    /// Its declared type as written, `""` without one.
    pub declared_type: String,
    /// Whether it is the table's whole primary key.
    pub primary_key: bool,
    /// Whether it is unique by itself.
    pub unique: bool,
    /// The table that a foreign key of this column alone points at.
    pub references: Option<String>,
    /// Where its name stands.
    pub span: Span,
}

/// Where a declaration was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SchemaOrigin {
    /// A `.sql` file.
    SqlFile,
    /// A string in PHP.
    PhpString,
    /// A SQLite database that the extension ships, or that was named on the command line.
    Database,
}
