//! SQLite itself as the last word on a declaration that [`ddl`](super::ddl) does not read.
//!
//! Nothing of the statement's data is computed: `CREATE TABLE … AS SELECT` is declared as a view, whose columns SQLite knows without running it, and then
//! as a table of these columns.

use rustc_hash::FxHashSet;

use super::ddl::Column;
use super::split;
use crate::sqlite::name::quote;
use crate::sqlite::sandbox::Sandbox;
use crate::sqlite::{Connection, Error, ErrorCode};

/// The longest statement that SQLite is asked about.
const MAX_STATEMENT: usize = 1 << 20;

/// The most declarations that are repeated for it.
const MAX_CONTEXT: usize = 2_000;

/// How often SQLite is asked. With each answer there is more for it to look through.
const MAX_QUESTIONS: usize = 2_000;

/// An empty database in memory that knows what was declared so far. Opened at the first question.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    sandbox: Option<Sandbox>,
    /// Declarations that the database was not told yet.
    context: Vec<String>,
    told: usize,
    questions: usize,
}

impl Oracle {
    /// Notes a declaration that was read without it.
    pub(super) fn note(&mut self, statement: &[u8]) {
        if statement.len() <= MAX_STATEMENT && self.told + self.context.len() < MAX_CONTEXT {
            self.context.push(String::from_utf8_lossy(statement).into_owned());
        }
    }

    /// The columns that `table` has after `statement` and did not have before it.
    ///
    /// # Errors
    /// Why SQLite does not read it, in its words.
    pub(super) fn columns(&mut self, statement: &[u8], table: &str) -> Result<Vec<Column>, String> {
        if statement.len() > MAX_STATEMENT {
            return Err("this statement is too long".to_owned());
        }
        if self.questions >= MAX_QUESTIONS {
            return Err("SQLite was asked about too many declarations before this one".to_owned());
        }
        self.questions += 1;
        let statement = String::from_utf8_lossy(statement);
        let creates = statement.get(..6).is_some_and(|s| s.eq_ignore_ascii_case("create"));
        let answer = self.ask(&statement, table, creates);
        if answer.as_ref().is_err_and(|e| e.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)) {
            self.questions = MAX_QUESTIONS;
        }
        answer.map_err(|e| match e {
            Error::SqlInputError { msg, .. } => format!("SQLite says: {msg}"),
            e => format!("SQLite says: {e}"),
        })
    }

    /// The columns that `CREATE TABLE table AS select` gives.
    ///
    /// # Errors
    /// As [`Oracle::columns`].
    pub(super) fn columns_of_select(&mut self, select: &[u8], table: &str) -> Result<Vec<Column>, String> {
        let view = format!("CREATE VIEW {} {}", quote(table), String::from_utf8_lossy(select));
        let columns = self.columns(view.as_bytes(), table)?;
        self.make_table(table, &columns);
        Ok(columns)
    }

    /// Puts a table in the place of the view `name`: SQLite would look into all views of views at each further one.
    fn make_table(&self, name: &str, columns: &[Column]) {
        let Some(sandbox) = &self.sandbox else { return };
        let column = |c: &Column| {
            let declared_type = if c.declared_type.is_empty() { String::new() } else { quote(&c.declared_type) };
            format!("{} {declared_type}", quote(&c.name))
        };
        let columns: Vec<String> = columns.iter().map(column).collect();
        let _ = sandbox.connection().execute_batch(&format!("DROP VIEW IF EXISTS {}", quote(name)));
        let _ = sandbox.declare(&format!("CREATE TABLE {} ({})", quote(name), columns.join(", ")));
    }

    fn ask(&mut self, statement: &str, table: &str, creates: bool) -> Result<Vec<Column>, Error> {
        let sandbox = match &mut self.sandbox {
            Some(open) => open,
            none => none.insert(Sandbox::open()?),
        };
        for earlier in self.context.drain(..) {
            self.told += 1;
            // What SQLite refuses here (another dialect, a second declaration) is no context.
            let _ = sandbox.declare(&earlier);
        }
        let connection = sandbox.connection();
        let before = if creates {
            let name = quote(table);
            let _ = connection.execute_batch(&format!("DROP TABLE IF EXISTS {name}"));
            let _ = connection.execute_batch(&format!("DROP VIEW IF EXISTS {name}"));
            FxHashSet::default()
        } else {
            columns(connection, table)?.into_iter().map(|c| c.name).collect()
        };
        sandbox.declare(statement)?;
        let mut found = columns(connection, table)?;
        found.retain(|c| !before.contains(&c.name));
        Ok(found)
    }
}

/// The columns of `table`, as SQLite knows them. Ranges are empty.
pub(super) fn columns(connection: &Connection, table: &str) -> Result<Vec<Column>, Error> {
    // 1 is a virtual table's hidden column; 2 and 3 are generated ones, which hold data like any other.
    let mut query = connection.prepare("SELECT name, type, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid")?;
    let mut found = Vec::new();
    let mut keys = 0;
    let mut rows = query.query([table])?;
    while let Some(row) = rows.next()? {
        let key = row.get::<_, i64>(2)? > 0;
        keys += usize::from(key);
        found.push(Column { name: row.get(0)?, declared_type: row.get(1)?, primary_key: key, ..Column::default() });
    }
    let unique = texts(
        connection,
        "SELECT (SELECT c.name FROM pragma_index_info(i.name) c) FROM pragma_index_list(?1) i
         WHERE i.\"unique\" AND NOT i.partial AND (SELECT count(*) FROM pragma_index_info(i.name)) = 1",
        table,
    )?;
    let foreign = texts(
        connection,
        "SELECT f.\"from\" || char(0) || f.\"table\" FROM pragma_foreign_key_list(?1) f
         WHERE (SELECT count(*) FROM pragma_foreign_key_list(?1) g WHERE g.id = f.id) = 1 ORDER BY f.id",
        table,
    )?;
    // No pragma tells. A comment or a text with the word in it is no such token.
    let declared = texts(connection, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE", table)?;
    let numbered = declared.iter().any(|sql| {
        let mut tokens = split::statements(sql.as_bytes(), |_| true).flat_map(|statement| statement.tokens);
        tokens.any(|token| sql.as_bytes()[token.start as usize..token.end as usize].eq_ignore_ascii_case(b"AUTOINCREMENT"))
    });
    for column in &mut found {
        column.primary_key &= keys == 1;
        // SQLite takes the word at no other column.
        column.numbered = numbered && column.primary_key && column.declared_type.eq_ignore_ascii_case("INTEGER");
        column.unique = unique.iter().any(|u| u.eq_ignore_ascii_case(&column.name));
        column.references = foreign
            .iter()
            .filter_map(|f| f.split_once('\0'))
            .find(|(from, _)| from.eq_ignore_ascii_case(&column.name))
            .map(|(_, table)| table.to_owned());
    }
    Ok(found)
}

fn texts(connection: &Connection, query: &str, table: &str) -> Result<Vec<String>, Error> {
    let mut query = connection.prepare(query)?;
    let rows = query.query_map([table], |row| row.get::<_, Option<String>>(0))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}
