//! Tables as SQL text declares them.

use std::ops::Range;

use super::ddl::{self, Change, Column, Refusal, Table};
use super::oracle::Oracle;
use super::split::{Statement, statements};
use super::template::HOLE;
use super::token::is_any;
use crate::extension::source::{FileId, Span};

/// A table declared by a `CREATE TABLE` statement (with the columns that `ALTER TABLE … ADD` statements give it).
///
/// A `TEMP` table is none: it is gone with its connection, so nothing is kept in it. An `ALTER TABLE … ADD` whose table is declared elsewhere
/// makes a fact of its own with the added columns alone.
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
    /// Whether the database numbers the rows by it itself: `AUTOINCREMENT`.
    pub numbered: bool,
    /// Whether it is unique by itself.
    pub unique: bool,
    /// The table that a foreign key of this column alone points at.
    pub references: Option<String>,
    /// Where its name stands; the whole statement where only SQLite itself could read it.
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

/// What a file or a string declares.
#[derive(Debug, Default)]
pub struct Declarations {
    /// Tables, in the order of their places.
    pub tables: Vec<TableFact>,
    /// Declarations that neither the walker nor SQLite reads, and why.
    pub unreadable: Vec<(Span, String)>,
}

impl Declarations {
    /// Says that all of it stands in `file`.
    pub(crate) fn set_file(&mut self, file: FileId) {
        for table in &mut self.tables {
            table.span.file = file;
            table.columns.iter_mut().for_each(|c| c.span.file = file);
        }
        self.unreadable.iter_mut().for_each(|(span, _)| span.file = file);
    }
}

/// Reads a file of SQL statements. Only declarations of tables cost more than the lexing.
#[must_use]
pub fn read(file: FileId, text: &[u8], origin: SchemaOrigin) -> Declarations {
    read_mapped(text, origin, &mut Context::default(), &|range| Span::new(file, range.start, range.end))
}

/// What earlier texts of the same source declared, for the statements that only SQLite can read.
#[derive(Debug, Default)]
pub(super) struct Context {
    oracle: Oracle,
}

/// Reads `text`, whose bytes stand in a file where `place` says.
pub(super) fn read_mapped(text: &[u8], origin: SchemaOrigin, context: &mut Context, place: &dyn Fn(Range<u32>) -> Span) -> Declarations {
    let mut reader = Reader { text, origin, oracle: &mut context.oracle, tables: Vec::new(), unreadable: Vec::new() };
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = text {
        reader.unreadable.push((0..2, "this file is UTF-16; save it as UTF-8".to_owned()));
    } else {
        for statement in statements(text, |t| is_any(text, t, &["CREATE", "ALTER"])) {
            reader.statement(&statement);
        }
    }
    let mut found = Declarations {
        tables: reader.tables.into_iter().filter(|t| !t.temporary).map(|t| fact(t, origin, place)).collect(),
        unreadable: reader.unreadable.into_iter().map(|(range, reason)| (place(range), reason)).collect(),
    };
    found.tables.sort_by_key(|t| t.span);
    found
}

fn fact(table: Table, origin: SchemaOrigin, place: &dyn Fn(Range<u32>) -> Span) -> TableFact {
    let columns = table.columns.into_iter().map(|c| ColumnFact {
        name: c.name,
        declared_type: c.declared_type,
        primary_key: c.primary_key,
        numbered: c.numbered,
        unique: c.unique,
        references: c.references,
        span: place(c.range),
    });
    TableFact { name: table.name, columns: columns.collect(), span: place(table.range), origin, mysql: table.mysql }
}

struct Reader<'t> {
    text: &'t [u8],
    origin: SchemaOrigin,
    oracle: &'t mut Oracle,
    tables: Vec<Table>,
    unreadable: Vec<(Range<u32>, String)>,
}

impl Reader<'_> {
    fn statement(&mut self, statement: &Statement) {
        let range = statement.range.clone();
        let bytes = &self.text[range.start as usize..range.end as usize];
        if let Some(flaw) = statement.flaw {
            // An open quote in a file may hide tables; a PHP string may be any sentence with an apostrophe in it.
            let is_one = !statement.tokens.is_empty() && ddl::read(self.text, &statement.tokens) != Err(Refusal::NotOne);
            if is_one || self.origin != SchemaOrigin::PhpString {
                self.unreadable.push((range, flaw.reason().to_owned()));
            }
            return;
        }
        if statement.tokens.is_empty() {
            return;
        }
        let read = match ddl::read(self.text, &statement.tokens) {
            Ok(change) => {
                if !matches!(change, Change::Nothing) {
                    self.oracle.note(bytes);
                }
                self.apply(change, range.clone());
                Ok(())
            }
            Err(Refusal::NotOne) => Ok(()),
            Err(Refusal::Nameless) => Err("it is put together at run time".to_owned()),
            Err(Refusal::AsSelect { table, at, temporary }) => {
                let select = &self.text[at as usize..range.end as usize];
                self.oracle.columns_of_select(select, &table).map(|columns| self.asked(table, columns, temporary, range.clone()))
            }
            Err(Refusal::Unknown { table, temporary }) => {
                self.oracle.columns(bytes, &table).map(|columns| self.asked(table, columns, temporary, range.clone()))
            }
        };
        if let Err(reason) = read {
            let dynamic = memchr::memmem::find(bytes, HOLE.as_bytes()).is_some();
            self.unreadable.push((range, if dynamic { "this declaration is put together at run time".to_owned() } else { reason }));
        }
    }

    fn asked(&mut self, name: String, mut columns: Vec<Column>, temporary: bool, range: Range<u32>) {
        for column in &mut columns {
            column.range = range.clone();
        }
        if self.text[range.start as usize..].get(..5).is_some_and(|w| w.eq_ignore_ascii_case(b"ALTER")) {
            self.add(name, columns, false, range);
        } else {
            self.tables.push(Table { name, columns, range, temporary, mysql: false });
        }
    }

    fn add(&mut self, name: String, columns: Vec<Column>, mysql: bool, range: Range<u32>) {
        match self.find(&name) {
            Some(table) => {
                table.mysql |= mysql;
                table.columns.extend(columns);
            }
            None => self.tables.push(Table { name, columns, range, temporary: false, mysql }),
        }
    }

    fn apply(&mut self, change: Change, range: Range<u32>) {
        match change {
            Change::Create(table) => self.tables.push(Table { range, ..table }),
            Change::AddColumns { table, columns, mysql } => self.add(table, columns, mysql, range),
            Change::RenameTable { from, to } => {
                if let Some(table) = self.find(&from) {
                    table.name = to;
                }
            }
            Change::RenameColumn { table, from, to, at } => {
                let renamed = self.find(&table).and_then(|t| t.columns.iter_mut().find(|c| c.name.eq_ignore_ascii_case(&from)));
                match renamed {
                    Some(column) => {
                        column.name = to;
                        column.range = at;
                    }
                    // Its type is declared elsewhere; its name is here.
                    None => self.add(table, vec![Column { name: to, range: at, ..Column::default() }], false, range),
                }
            }
            Change::Unique { table, column } => {
                let found = self.find(&table).and_then(|t| t.columns.iter_mut().find(|c| c.name.eq_ignore_ascii_case(&column)));
                if let Some(column) = found {
                    column.unique = true;
                }
            }
            Change::Nothing => {}
        }
    }

    /// The table of that name that was declared last.
    fn find(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.iter_mut().rev().find(|t| t.name.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
