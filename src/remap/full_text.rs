//! Full-text indexes over other tables' rows: FTS5 with external content is made anew after a run, and must agree with its content before and afterwards.

use super::error::{Context, RemapError};
use super::session::{Database, Session};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::{Schema, Table, TableType};
use crate::sqlite::{Connection, Error, ErrorCode};

/// A full-text index that a run makes anew: index of the database, its name.
pub(super) type Index = (usize, String);

/// The indexes over `table` that depend on these columns, or (`moves`) on its rowids.
pub(super) fn over<'s>(schema: &'s Schema, table: &str, columns: &[&str], moves: bool) -> Vec<&'s Table> {
    let virtual_tables = schema.tables.iter().filter(|t| t.table_type == TableType::Virtual);
    virtual_tables.filter(|t| of(&t.sql).is_some_and(|f| f.depends(table, columns, moves) && f.follows(t))).collect()
}

/// The indexes over what a run changes: the tables, by index of the database, with the columns that change and whether rows go.
pub(super) fn concerned(databases: &[Database], touched: impl Iterator<Item = (usize, String, Vec<String>, bool)>) -> Vec<Index> {
    let mut all: Vec<Index> = Vec::new();
    for (database, table, columns, removes) in touched {
        let schema = &databases[database].declared;
        let Some(declared) = schema.table(&table) else { continue };
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let key = declared.integer_key.map(|k| declared.columns[k].name.as_str());
        let moves = removes || columns.iter().any(|c| key.is_some_and(|k| k.eq_ignore_ascii_case(c)));
        all.extend(over(schema, &table, &columns, moves).into_iter().map(|t| (database, t.name.clone())));
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Refuses where one of them does not agree with its content: what it would be made anew of is not what it holds.
pub(super) fn agree(session: &Session, indexes: &[Index]) -> Result<(), RemapError> {
    for (database, name) in indexes {
        let database = &session.databases[*database];
        if let Err(error) = check(&session.connection, &database.schema, name) {
            let list = format!(
                "  {}: the full-text index {name} does not agree with the table that it is kept over ({error}); rebuild it first: INSERT INTO {name}({name}) VALUES('rebuild')",
                database.name
            );
            return Err(RemapError::NotHandled { list });
        }
    }
    Ok(())
}

/// Makes them anew, and checks them.
pub(super) fn rebuild(session: &Session, indexes: &[Index]) -> Result<(), RemapError> {
    for (database, name) in indexes {
        let database = &session.databases[*database];
        let what = || format!("{}: making the full-text index {name} anew", database.name);
        let sql = format!("INSERT INTO {}({}) VALUES('rebuild')", qualified(&database.schema, name), quote(name));
        session.connection.execute_batch(&sql).doing(what)?;
        match check(&session.connection, &database.schema, name) {
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
                let detail = format!("{}: the full-text index {name} does not agree with its content", database.name);
                return Err(RemapError::Check { detail });
            }
            other => other.doing(what)?,
        }
    }
    Ok(())
}

/// FTS5's own check, which compares with the content only where it is asked to by a rank of 1.
fn check(connection: &Connection, schema: &str, name: &str) -> Result<(), Error> {
    connection.execute_batch(&format!("INSERT INTO {}({}, rank) VALUES('integrity-check', 1)", qualified(schema, name), quote(name)))
}

/// A full-text index over another table's rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FullText {
    /// Its module.
    pub module: String,
    /// The table.
    pub content: String,
    /// The columns that it indexes, by name.
    pub columns: Vec<String>,
}

impl FullText {
    /// Whether what it says of `table` changes where these columns do, or (`moves`) where rows go or get other rowids.
    pub(super) fn depends(&self, table: &str, columns: &[&str], moves: bool) -> bool {
        let indexed = |name: &&str| self.columns.iter().any(|c| c.eq_ignore_ascii_case(name));
        self.content.eq_ignore_ascii_case(table) && (moves || columns.iter().any(indexed))
    }

    /// Whether it can be made anew: FTS5, with a tokenizer that is there.
    pub(super) fn follows(&self, declared: &Table) -> bool {
        self.module.eq_ignore_ascii_case("fts5") && !declared.columns.is_empty()
    }
}

/// The module of a virtual table.
pub(super) fn module(sql: &str) -> Option<String> {
    let rest = after_name(sql)?;
    let rest = rest.get(rest.to_ascii_lowercase().find("using")? + "using".len()..)?.trim_start();
    let name = rest.split(|c: char| c == '(' || c.is_whitespace()).next()?;
    Some(name.trim_matches(['"', '\'', '`', '[', ']']).to_owned())
}

/// What a full-text table with external content indexes, read from the text that declares it.
pub(super) fn of(sql: &str) -> Option<FullText> {
    let module = module(sql)?;
    let sql = after_name(sql)?;
    let lower = sql.to_ascii_lowercase();
    let using = lower.find("using")?;
    let open = using + lower[using..].find('(')?;
    if !module.to_ascii_lowercase().starts_with("fts") {
        return None;
    }
    let arguments = &sql[open + 1..sql.rfind(')')?];
    let mut found = FullText { module, content: String::new(), columns: Vec::new() };
    for argument in split(arguments) {
        let plain = |s: &str| {
            let inner = s.trim().trim_matches(['"', '\'', '`', '[', ']']);
            ['"', '\'', '`'].iter().fold(inner.to_owned(), |t, q| t.replace(&format!("{q}{q}"), &q.to_string()))
        };
        match argument.split_once('=') {
            Some((key, value)) if key.trim().eq_ignore_ascii_case("content") => found.content = plain(value),
            Some(_) => {}
            None => found.columns.push(plain(argument.split_whitespace().next().unwrap_or_default())),
        }
    }
    (!found.content.is_empty()).then_some(found)
}

/// What follows the table's name, which may be any text. SQLite keeps `CREATE VIRTUAL TABLE `, the name as it was given, and the rest.
fn after_name(sql: &str) -> Option<&str> {
    const START: &str = "create virtual table ";
    let name = sql.get(..START.len()).filter(|s| s.eq_ignore_ascii_case(START)).map(|_| sql[START.len()..].trim_start())?;
    let quote = name.chars().next()?;
    let close = if quote == '[' { ']' } else { quote };
    if !matches!(quote, '"' | '\'' | '`' | '[') {
        return name.find(char::is_whitespace).map(|end| &name[end..]);
    }
    // A doubled quote ends the name and begins it again.
    let mut rest = &name[1..];
    loop {
        rest = &rest[rest.find(close)? + 1..];
        match rest.strip_prefix(close).filter(|_| quote != '[') {
            Some(more) => rest = more,
            None => return Some(rest),
        }
    }
}

/// Splits at commas outside quotes.
fn split(arguments: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quote) = (Vec::new(), 0, None);
    for (i, c) in arguments.char_indices() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'' | '`') => quote = Some(c),
            None if c == ',' => {
                parts.push(&arguments[start..i]);
                start = i + 1;
            }
            None => {}
        }
    }
    parts.push(&arguments[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_text_indexes_over_other_tables_are_seen() {
        let f = of("CREATE VIRTUAL TABLE f USING fts5(title, \"body\" UNINDEXED, content='a,b', content_rowid='id')").unwrap();
        assert_eq!((f.content.as_str(), f.columns), ("a,b", vec!["title".to_owned(), "body".to_owned()]));
        let f = of("CREATE VIRTUAL TABLE \"using (\"\" f\" USING fts4(t, content=\"a\"\"b\")").unwrap();
        assert_eq!((f.content.as_str(), f.columns), ("a\"b", vec!["t".to_owned()]));
        assert_eq!(f.module, "fts4");
        assert!(of("CREATE VIRTUAL TABLE f USING fts5(title)").is_none());
        assert_eq!(module("CREATE VIRTUAL TABLE r USING rtree_i32(id, a, b)").as_deref(), Some("rtree_i32"));
        assert_eq!(module("CREATE VIRTUAL TABLE d USING dbstat").as_deref(), Some("dbstat"));
        assert!(of("CREATE VIRTUAL TABLE f USING fts5(title, content='')").is_none());
        assert!(of("CREATE VIRTUAL TABLE f USING rtree(content=a)").is_none());
    }
}
