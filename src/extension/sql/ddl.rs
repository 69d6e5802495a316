//! Walking the tokens of a statement that declares or changes a table.
//!
//! SQLite's dialect, and what MySQL adds to it: an extension may make tables in the panel's own database. What is not understood is refused, so
//! that SQLite can be asked ([`oracle`](super::oracle)).

use std::ops::Range;

use super::cursor::Cursor;
use super::token::{Kind, Token, bytes, is, is_any, lossy, name};

/// What a statement does to tables.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Create(Table),
    AddColumns {
        table: String,
        columns: Vec<Column>,
        mysql: bool,
    },
    RenameTable {
        from: String,
        to: String,
    },
    RenameColumn {
        table: String,
        from: String,
        to: String,
        at: Range<u32>,
    },
    /// `CREATE UNIQUE INDEX … ON table (column)`, of one column and all rows.
    Unique {
        table: String,
        column: String,
    },
    /// Nothing that matters here.
    Nothing,
}

/// A declared table, in byte ranges of its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The whole statement.
    pub(super) range: Range<u32>,
    pub(super) temporary: bool,
    pub(super) mysql: bool,
}

/// A declared column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) declared_type: String,
    pub(super) primary_key: bool,
    /// The database numbers the rows itself.
    pub(super) numbered: bool,
    pub(super) unique: bool,
    pub(super) references: Option<String>,
    /// Its name.
    pub(super) range: Range<u32>,
}

/// Why a statement was not read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its table has no name in the source.
    Nameless,
    /// `CREATE TABLE name AS …`, with the byte at which `AS` stands.
    AsSelect { table: String, at: u32, temporary: bool },
    /// Anything else about this table.
    Unknown { table: String, temporary: bool },
    /// It only starts like a declaration.
    NotOne,
}

/// Words that end a column's type: they start a constraint.
const CONSTRAINTS: &[&str] = &[
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "AS",
    "AUTO_INCREMENT",
    "AUTOINCREMENT",
    "DEFERRABLE",
    "CHARSET",
];

/// Reads a statement whose first word is `CREATE` or `ALTER`.
pub(super) fn read(text: &[u8], tokens: &[Token]) -> Result<Change, Refusal> {
    let mut cursor = Cursor { text, tokens, at: 0 };
    if cursor.eat("CREATE") {
        let temporary = cursor.eat("TEMP") || cursor.eat("TEMPORARY");
        if cursor.eat("TABLE") {
            return create_table(&mut cursor, temporary).map(Change::Create);
        }
        if cursor.eat("VIRTUAL") && cursor.eat("TABLE") {
            if_not_exists(&mut cursor);
            let table = table_name(&mut cursor)?;
            return Err(if cursor.is("USING") { Refusal::Unknown { table, temporary: false } } else { Refusal::NotOne });
        }
        if cursor.eat("UNIQUE") && cursor.eat("INDEX") {
            return Ok(unique_index(&mut cursor).unwrap_or(Change::Nothing));
        }
        return Ok(Change::Nothing);
    }
    if cursor.eat("ALTER") && cursor.eat("TABLE") {
        return alter_table(&mut cursor);
    }
    Ok(Change::Nothing)
}

fn if_not_exists(cursor: &mut Cursor<'_>) {
    if cursor.is("IF") && cursor.second_is("NOT") {
        cursor.at += 3;
    }
}

/// `name` or `database.name`. A name that is put together at run time holds a placeholder
/// ([`template::HOLE`](super::template::HOLE)).
fn table_name(cursor: &mut Cursor<'_>) -> Result<String, Refusal> {
    let constant = |name: &str| !name.contains(super::template::HOLE);
    loop {
        let token = cursor.next().ok_or(Refusal::NotOne)?;
        let found = name(cursor.text, token);
        let dynamic = match (&found, token.kind) {
            (Some(name), _) => !constant(name),
            (None, Kind::Variable) => true,
            (None, _) => return Err(Refusal::NotOne),
        };
        // A placeholder that touches the next token is a part of the same name.
        let touches = cursor.peek().is_some_and(|t| t.start == token.end && matches!(t.kind, Kind::Word | Kind::Variable | Kind::Quoted));
        if cursor.eat_kind(Kind::Dot) || (touches && (dynamic || cursor.is_kind(Kind::Variable))) {
            continue;
        }
        return if dynamic { Err(Refusal::Nameless) } else { found.filter(|n| !n.is_empty()).ok_or(Refusal::NotOne) };
    }
}

fn create_table(cursor: &mut Cursor<'_>, temporary: bool) -> Result<Table, Refusal> {
    if_not_exists(cursor);
    let table = match table_name(cursor) {
        // A text such as "Create table $name failed" is no declaration.
        Err(Refusal::Nameless) if !cursor.is_kind(Kind::Open) => return Err(Refusal::NotOne),
        found => found?,
    };
    let unknown = || Refusal::Unknown { table: table.clone(), temporary };
    if let Some(token) = cursor.peek().filter(|t| is(cursor.text, t, "AS")) {
        return Err(Refusal::AsSelect { table, at: token.start, temporary });
    }
    if !cursor.is_kind(Kind::Open) {
        return Err(Refusal::NotOne);
    }
    let mut found = Table { name: table.clone(), temporary, ..Table::default() };
    for item in cursor.list().ok_or_else(unknown)? {
        if !table_constraints(cursor.text, item, &mut found).ok_or_else(unknown)? {
            let Some((column, mysql)) = column(cursor.text, item, false).ok_or_else(unknown)? else { continue };
            found.mysql |= mysql;
            found.columns.push(column);
        }
    }
    if found.columns.is_empty() {
        return Err(unknown());
    }
    // Behind the `)`: WITHOUT ROWID, STRICT, or MySQL's options.
    let options = &cursor.tokens[cursor.at..];
    if options
        .iter()
        .any(|t| bytes(cursor.text, t) == b"=" || is_any(cursor.text, t, &["ENGINE", "CHARSET", "CHARACTER", "AUTO_INCREMENT"]))
    {
        found.mysql = true;
    } else if !options.iter().all(|t| t.kind == Kind::Comma || is_any(cursor.text, t, &["WITHOUT", "ROWID", "STRICT"])) {
        return Err(unknown());
    }
    Ok(found)
}

/// Reads `item` as table constraints into `table`. `Some(false)` when it is a column instead, `None` when it is neither.
fn table_constraints(text: &[u8], item: &[Token], table: &mut Table) -> Option<bool> {
    let mut cursor = Cursor { text, tokens: item, at: 0 };
    if mysql_index(&cursor) {
        table.mysql = true;
        return Some(true);
    }
    if !cursor.is_any(&["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]) {
        return Some(false);
    }
    while cursor.peek().is_some() {
        if cursor.eat("CONSTRAINT") {
            if !cursor.is_any(&["PRIMARY", "UNIQUE", "CHECK", "FOREIGN"]) {
                cursor.name()?;
            }
        } else if cursor.eat("PRIMARY") {
            cursor.eat("KEY").then_some(())?;
            if let [column] = key_columns(&mut cursor)?.as_slice() {
                mark(table, column, |c| c.primary_key = true);
            }
        } else if cursor.eat("UNIQUE") {
            table.mysql |= cursor.eat("KEY") || cursor.eat("INDEX");
            if !cursor.is_kind(Kind::Open) {
                cursor.name()?;
            }
            if let [column] = key_columns(&mut cursor)?.as_slice() {
                mark(table, column, |c| c.unique = true);
            }
        } else if cursor.eat("CHECK") {
            cursor.list()?;
        } else if cursor.eat("FOREIGN") {
            cursor.eat("KEY").then_some(())?;
            if !cursor.is_kind(Kind::Open) {
                cursor.name()?;
            }
            let columns = key_columns(&mut cursor)?;
            cursor.eat("REFERENCES").then_some(())?;
            let target = referenced(&mut cursor)?;
            if let [column] = columns.as_slice() {
                mark(table, column, |c| c.references = Some(target.clone()));
            }
        } else {
            // ON CONFLICT IGNORE, ON DELETE SET NULL, MATCH FULL, DEFERRABLE …, USING BTREE, COMMENT 'x': they name no column.
            matches!(cursor.next()?.kind, Kind::Word | Kind::String | Kind::Operator | Kind::Number).then_some(())?;
        }
    }
    Some(true)
}

/// Whether an item is an index as MySQL declares it: `KEY i (a)`, `FULLTEXT INDEX (a)`. In SQLite `key` may name a column; a type's arguments
/// are numbers, an index's are columns.
fn mysql_index(cursor: &Cursor<'_>) -> bool {
    if !cursor.is_any(&["KEY", "INDEX", "FULLTEXT", "SPATIAL"]) {
        return false;
    }
    let open = cursor.tokens.iter().take(4).position(|t| t.kind == Kind::Open);
    open.and_then(|i| cursor.tokens.get(i + 1)).is_some_and(|t| matches!(t.kind, Kind::Word | Kind::Quoted))
}

/// The columns of `(a, b DESC, c(10))`.
fn key_columns(cursor: &mut Cursor<'_>) -> Option<Vec<String>> {
    let text = cursor.text;
    cursor.list()?.iter().map(|item| name(text, item.first()?)).collect()
}

/// The table behind `REFERENCES`, and its columns skipped.
fn referenced(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut table = cursor.name()?;
    if cursor.eat_kind(Kind::Dot) {
        table = cursor.name()?;
    }
    if cursor.is_kind(Kind::Open) {
        cursor.list()?;
    }
    Some(table)
}

fn mark(table: &mut Table, column: &str, set: impl Fn(&mut Column)) {
    table.columns.iter_mut().filter(|c| c.name.eq_ignore_ascii_case(column)).for_each(set);
}

/// Reads `item` as a column, and whether MySQL's dialect shows in it. `Some(None)` for one whose name is put together at run time.
fn column(text: &[u8], item: &[Token], alter: bool) -> Option<Option<(Column, bool)>> {
    let mut cursor = Cursor { text, tokens: item, at: 0 };
    let first = cursor.next()?;
    let dynamic = |t: &Token| memchr::memmem::find(bytes(text, t), super::template::HOLE.as_bytes()).is_some();
    if dynamic(first) || cursor.peek().is_some_and(|t| t.start == first.end && dynamic(t)) {
        return Some(None);
    }
    let mut column = Column { name: name(text, first)?, range: first.start..first.end, ..Column::default() };
    let (declared_type, mut mysql) = declared_type(&mut cursor, alter)?;
    column.declared_type = declared_type;
    let mut depth = 0_usize;
    while let Some(token) = cursor.next() {
        let word = |w: &str| depth == 0 && is(text, token, w);
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.checked_sub(1)?,
            _ if word("PRIMARY") => column.primary_key = true,
            _ if word("AUTOINCREMENT") => column.numbered = true,
            _ if word("UNIQUE") => column.unique = true,
            _ if word("REFERENCES") => column.references = Some(referenced(&mut cursor)?),
            // Its name, unless that is left out.
            _ if (word("CONSTRAINT") || word("COLLATE")) && !cursor.is_any(CONSTRAINTS) => drop(cursor.next()),
            _ if word("DEFAULT") => {
                while cursor.peek().is_some_and(|t| matches!(bytes(text, t), b"+" | b"-")) {
                    cursor.next();
                }
                if !cursor.is_kind(Kind::Open) {
                    cursor.next();
                }
            }
            // SET NULL, SET DEFAULT: no constraints of the column.
            _ if word("SET") => drop(cursor.next()),
            _ if word("AUTO_INCREMENT") => (column.numbered, mysql) = (true, true),
            _ if word("CHARSET") || word("COMMENT") || word("CHARACTER") => mysql = true,
            _ if word("ON")
                && cursor.is("UPDATE")
                && cursor.peek_second().is_some_and(|t| is_any(text, t, &["CURRENT_TIMESTAMP", "NOW"])) =>
            {
                mysql = true;
            }
            Kind::Error | Kind::Unterminated => return None,
            _ => {}
        }
    }
    Some(Some((column, mysql)))
}

/// The type at the cursor as written, and whether MySQL's dialect shows in it.
fn declared_type(cursor: &mut Cursor<'_>, alter: bool) -> Option<(String, bool)> {
    let first = cursor.at;
    while let Some(token) = cursor.peek() {
        let ends = is_any(cursor.text, token, CONSTRAINTS)
            || cursor.is("GENERATED") && cursor.second_is("ALWAYS")
            || cursor.is("CHARACTER") && cursor.second_is("SET")
            || cursor.is("COMMENT") && cursor.peek_second().is_some_and(|t| t.kind == Kind::String)
            || cursor.is("ON") && cursor.second_is("UPDATE")
            || alter && (cursor.is("AFTER") && cursor.peek_second().is_some_and(|t| name(cursor.text, t).is_some()) || cursor.is("FIRST"));
        if ends || !matches!(token.kind, Kind::Word | Kind::Quoted | Kind::String) {
            break;
        }
        cursor.at += 1;
    }
    let mut mysql = false;
    if cursor.at > first && cursor.is_kind(Kind::Open) {
        mysql = cursor.list()?.iter().any(|item| item.first().is_some_and(|t| t.kind == Kind::String));
        while cursor.is_any(&["UNSIGNED", "ZEROFILL", "BINARY"]) {
            cursor.at += 1;
            mysql = true;
        }
    }
    // What follows is a constraint, and constraints are words.
    if cursor.peek().is_some_and(|t| t.kind != Kind::Word) {
        return None;
    }
    let text = match &cursor.tokens[first..cursor.at] {
        [] => String::new(),
        [only] => lossy(bytes(cursor.text, only)).into_owned(),
        [from, .., to] => lossy(&cursor.text[from.start as usize..to.end as usize]).into_owned(),
    };
    Some((text, mysql))
}

fn unique_index(cursor: &mut Cursor<'_>) -> Option<Change> {
    if_not_exists(cursor);
    table_name(cursor).ok()?;
    cursor.eat("ON").then_some(())?;
    let table = table_name(cursor).ok()?;
    let columns = cursor.list()?;
    let ([[column, rest @ ..]], None) = (columns.as_slice(), cursor.peek()) else { return None };
    // An expression or a prefix is not the column.
    rest.iter().all(|t| t.kind == Kind::Word).then_some(())?;
    Some(Change::Unique { table, column: name(cursor.text, column)? })
}

fn alter_table(cursor: &mut Cursor<'_>) -> Result<Change, Refusal> {
    cursor.eat("ONLY");
    let table = match table_name(cursor) {
        // Only an ADD could declare something.
        Err(Refusal::Nameless) if !cursor.is("ADD") => return Ok(Change::Nothing),
        found => found?,
    };
    if cursor.eat("RENAME") {
        return Ok(rename(cursor, table).unwrap_or(Change::Nothing));
    }
    let unknown = || Refusal::Unknown { table: table.clone(), temporary: false };
    let mut columns = Vec::new();
    let mut mysql = false;
    // MySQL takes several changes in one statement.
    let mut changes = 0;
    let mut dynamic = false;
    for action in split_commas(&cursor.tokens[cursor.at..]) {
        let mut action = Cursor { text: cursor.text, tokens: action, at: 0 };
        changes += 1;
        if !action.eat("ADD") {
            continue;
        }
        if action.eat("COLUMN") {
            if_not_exists(&mut action);
        } else if action.is_any(&["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "INDEX", "FULLTEXT", "SPATIAL", "PARTITION"])
            || mysql_index(&Cursor { text: action.text, tokens: &action.tokens[action.at..], at: 0 })
        {
            continue;
        }
        let items = if action.is_kind(Kind::Open) { action.list().ok_or_else(unknown)? } else { vec![&action.tokens[action.at..]] };
        for item in items {
            match column(cursor.text, item, true).ok_or_else(unknown)? {
                Some((column, dialect)) => {
                    mysql |= dialect;
                    columns.push(column);
                }
                None => dynamic = true,
            }
        }
    }
    if columns.is_empty() && dynamic {
        return Err(unknown());
    }
    if columns.is_empty() {
        return Ok(Change::Nothing);
    }
    Ok(Change::AddColumns { table, columns, mysql: mysql || changes > 1 })
}

/// `RENAME TO t`, `RENAME [COLUMN] a TO b`.
fn rename(cursor: &mut Cursor<'_>, table: String) -> Option<Change> {
    if cursor.eat("TO") {
        return Some(Change::RenameTable { from: table, to: table_name(cursor).ok()? });
    }
    cursor.eat("COLUMN");
    let from = cursor.name()?;
    cursor.eat("TO").then_some(())?;
    let token = cursor.peek()?;
    Some(Change::RenameColumn { table, from, to: cursor.name()?, at: token.start..token.end })
}

/// `tokens` cut at the commas outside of parentheses.
fn split_commas(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0_usize;
    tokens.split(move |t| {
        match t.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        t.kind == Kind::Comma && depth == 0
    })
}
