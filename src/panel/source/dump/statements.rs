//! The statements of a dump: which table has which columns, and the rows of those that are wanted.

use std::rc::Rc;

use super::charset::Charset;
use super::lexer::{Fault, Lexer, Quoting, Token, malformed};
use super::row::{self, Cells};
use super::value::Value;
use crate::panel::source::tables::{Databases, TableAt, Wanted};

/// MySQL's own limit is 4096.
const MOST_COLUMNS: usize = 10_000;
/// The modes of MySQL and MariaDB in which double quotes are around names.
const ANSI: [&str; 7] = ["ANSI_QUOTES", "ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"];
/// What begins a definition in `CREATE TABLE` that is no column's, where names are not quoted.
const NOT_COLUMNS: [&str; 10] = ["PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FULLTEXT", "SPATIAL", "FOREIGN", "CHECK", "PERIOD"];
/// What a dump's first statement begins with.
const OPENINGS: [&str; 20] = [
    "CREATE",
    "DROP",
    "INSERT",
    "REPLACE",
    "SET",
    "USE",
    "LOCK",
    "UNLOCK",
    "ALTER",
    "START",
    "BEGIN",
    "COMMIT",
    "DELIMITER",
    "TRUNCATE",
    "CHANGE",
    "FLUSH",
    "GRANT",
    "SELECT",
    "DELETE",
    "ANALYZE",
];

/// What a message of a dump or client program begins with. No statement does.
const MESSAGES: [&str; 6] = ["MYSQLDUMP", "MARIADB", "MYSQLPUMP", "MYSQL", "WARNING", "ERROR"];

/// For each column of a table, its place among the wanted ones, where wanted.
type Order = Rc<[Option<usize>]>;

/// The statements of a dump, read one after the other.
pub(super) struct Statements<'s> {
    pub(super) lexer: Lexer<'s>,
    wanted: &'static Wanted,
    pub(super) databases: Databases,
    /// The columns of tables as their `CREATE TABLE` lists them.
    declared: Vec<(TableAt, Order)>,
    current: Vec<u8>,
    /// Whether anything that a dump would say was read.
    pub(super) any: bool,
    /// Whether rows that nobody needs are skipped line by line.
    by_lines: bool,
    charset: Charset,
    /// The quoting that a variable of the dump keeps.
    saved: Quoting,
    cells: Cells,
    value: Vec<u8>,
}

impl<'s> Statements<'s> {
    /// `by_lines`: a dump that begins as mysqldump's do is taken to be written as mysqldump writes. See [`Lexer::skip_lines_of_rows`].
    /// `wanted`: the tables that are read.
    pub(super) fn new(lexer: Lexer<'s>, by_lines: bool, wanted: &'static Wanted) -> Statements<'s> {
        Statements {
            saved: lexer.quoting,
            lexer,
            wanted,
            databases: Databases::of(wanted),
            declared: Vec::new(),
            current: Vec::new(),
            any: false,
            by_lines,
            charset: Charset::Utf8,
            cells: Cells::default(),
            value: Vec::new(),
        }
    }

    /// Reads all statements. The error [`Fault::Malformed`] with [`Statements::any`] unset: this is no dump at all.
    pub(super) fn read(&mut self) -> Result<(), Fault> {
        if self.lexer.input.ahead(3)?.starts_with(b"\xef\xbb\xbf") {
            self.lexer.input.consume(3);
        }
        loop {
            self.lexer.space()?;
            self.lexer.input.mark();
            match self.lexer.token()? {
                Token::End if self.lexer.in_versioned() => return Err(Fault::Ended),
                Token::End => return Ok(()),
                Token::Delimiter => {}
                Token::Word => self.statement()?,
                _ if self.any => self.lexer.skip_statement()?,
                _ => return malformed("it does not begin with SQL"),
            }
        }
    }

    fn statement(&mut self) -> Result<(), Fault> {
        let opens = |word: &&str| self.lexer.is(word);
        // Up to the next semicolon it would hide a statement, and rows with it.
        if MESSAGES.iter().any(opens) {
            return malformed("a message of the dump program stands in the dump: take its line out, or make the dump again without `2>&1`");
        }
        if !self.any && !OPENINGS.iter().any(opens) {
            // What it begins with is not told: it may be a secret.
            return malformed("it does not begin with SQL");
        }
        if !self.any {
            self.any = true;
            self.by_lines &= self.lexer.remarks.headed && !self.lexer.remarks.carriage_returns;
        }
        if self.lexer.is("CREATE") || self.lexer.is("INSERT") || self.lexer.is("REPLACE") {
            // A name may name another database; that holds for this statement only.
            let current = self.current.clone();
            let read = if self.lexer.is("CREATE") { self.create() } else { self.insert() };
            self.current = current;
            read
        } else if self.lexer.is("USE") {
            let token = self.lexer.token()?;
            if let Token::Name | Token::Word = token {
                self.current.clone_from(&self.lexer.text);
            }
            self.finish(token)
        } else if self.lexer.is("SET") {
            self.lexer.keep_strings = true;
            let read = self.set();
            self.lexer.keep_strings = false;
            read
        } else if self.lexer.is("DELIMITER") {
            self.lexer.set_delimiter()
        } else {
            self.lexer.skip_statement()
        }
    }

    /// Reads `name` or `database.name`; the last token read is the one after it. `None`: not a name.
    fn table(&mut self, first: Token) -> Result<Option<(Option<usize>, Token)>, Fault> {
        if !matches!(first, Token::Name | Token::Word) {
            return Ok(None);
        }
        let mut name = self.lexer.text.clone();
        let mut next = self.lexer.token()?;
        if next == Token::Mark(b'.') {
            if !matches!(self.lexer.token()?, Token::Name | Token::Word) {
                return Ok(None);
            }
            self.current = std::mem::replace(&mut name, self.lexer.text.clone());
            next = self.lexer.token()?;
        }
        Ok(Some((self.wanted.table(&name), next)))
    }

    /// The assignments of `SET`: the character set and how texts are quoted.
    fn set(&mut self) -> Result<(), Fault> {
        let (mut name, mut assigned, mut names) = (String::new(), false, false);
        loop {
            match self.lexer.token()? {
                Token::Delimiter => return Ok(()),
                Token::End => return Err(Fault::Ended),
                Token::Mark(b'=') => assigned = true,
                Token::Mark(b',') => (name, assigned) = (String::new(), false),
                Token::Mark(_) => {}
                Token::Word | Token::Name | Token::String if names => {
                    self.charset = Charset::named(&self.lexer.text).map_err(Fault::Charset)?;
                    names = false;
                }
                Token::Word | Token::Name | Token::String => {
                    let text = String::from_utf8_lossy(&self.lexer.text[..self.lexer.text.len().min(1024)]).to_ascii_uppercase();
                    if std::mem::take(&mut assigned) {
                        self.assign(&name, &text);
                    }
                    names = text == "NAMES";
                    name = text;
                }
            }
        }
    }

    fn assign(&mut self, name: &str, value: &str) {
        let is_mode = |text: &str| text.trim_start_matches('@') == "SQL_MODE";
        if is_mode(value) {
            self.saved = self.lexer.quoting;
        } else if is_mode(name) && value.starts_with('@') {
            self.lexer.quoting = self.saved;
        } else if is_mode(name) {
            let modes = || value.split(',').map(str::trim);
            let (ansi, plain) = (modes().any(|m| ANSI.contains(&m)), modes().any(|m| m == "NO_BACKSLASH_ESCAPES"));
            self.lexer.quoting = Quoting { backslash: !plain, ansi };
        }
    }

    /// Opens the wanted table `index` in the current database.
    fn open(&mut self, index: usize) -> Result<TableAt, Fault> {
        Ok(self.databases.open(&self.current, index)?)
    }

    /// Past the end of the statement whose last token was `last`.
    fn finish(&mut self, last: Token) -> Result<(), Fault> {
        match last {
            Token::Delimiter => Ok(()),
            Token::End => Err(Fault::Ended),
            _ => self.lexer.skip_statement(),
        }
    }

    fn create(&mut self) -> Result<(), Fault> {
        let mut token = self.lexer.token()?;
        if token == Token::Word && self.lexer.is("TEMPORARY") {
            token = self.lexer.token()?;
        }
        if token != Token::Word || !self.lexer.is("TABLE") {
            return self.finish(token);
        }
        token = self.lexer.token()?;
        let mut anew = true;
        while token == Token::Word && ["IF", "NOT", "EXISTS"].iter().any(|w| self.lexer.is(w)) {
            anew = false;
            token = self.lexer.token()?;
        }
        let index = match self.table(token)? {
            Some((Some(index), Token::Mark(b'('))) => index,
            Some((_, last)) => return self.finish(last),
            None => return malformed("CREATE TABLE without a table"),
        };
        let order = self.columns(index)?;
        let table = self.open(index)?;
        if anew {
            self.databases.clear(table);
        }
        let rows = self.databases.rows(table);
        rows.declare(&order);
        rows.whole = true;
        self.declared.retain(|(of, _)| *of != table);
        self.declared.push((table, order.into()));
        self.lexer.skip_statement()
    }

    /// The place of the last word or name among the wanted columns of the table.
    fn slot(&self, index: usize) -> Option<usize> {
        self.wanted.tables[index].slot(&self.lexer.text)
    }

    /// The definitions of `CREATE TABLE`, from behind the opening parenthesis to behind the closing one.
    fn columns(&mut self, index: usize) -> Result<Vec<Option<usize>>, Fault> {
        let mut order = Vec::new();
        loop {
            let mut token = self.lexer.token()?;
            let column = match token {
                Token::Name => true,
                Token::Word => !NOT_COLUMNS.iter().any(|w| self.lexer.is(w)),
                _ => return malformed(format!("a column of the table `{}` was expected", self.wanted.tables[index].name)),
            };
            if column {
                order.push(self.slot(index));
            }
            if order.len() > MOST_COLUMNS {
                return Err(Fault::TooMuch("more than 10000 columns in one table"));
            }
            let mut depth = 0u32;
            loop {
                match token {
                    Token::Mark(b'(') => depth += 1,
                    Token::Mark(b')') if depth == 0 => return Ok(order),
                    Token::Mark(b')') => depth -= 1,
                    Token::Mark(b',') if depth == 0 => break,
                    Token::End => return Err(Fault::Ended),
                    Token::Delimiter => return malformed("the statement ends inside the definition of a table"),
                    _ => {}
                }
                token = self.lexer.token()?;
            }
        }
    }

    fn insert(&mut self) -> Result<(), Fault> {
        let mut token = self.lexer.token()?;
        while token == Token::Word && ["IGNORE", "DELAYED", "LOW_PRIORITY", "HIGH_PRIORITY", "INTO"].iter().any(|w| self.lexer.is(w)) {
            token = self.lexer.token()?;
        }
        let (index, mut token) = match self.table(token)? {
            Some((Some(index), token)) => (index, token),
            Some((None, token)) => return self.skip_rows(token),
            None => return malformed("INSERT without a table"),
        };
        let table = self.wanted.tables[index].name;
        let mut order = None;
        if token == Token::Mark(b'(') {
            order = Some(self.column_list(index)?);
            token = self.lexer.token()?;
        }
        if token != Token::Word || !(self.lexer.is("VALUES") || self.lexer.is("VALUE")) {
            return malformed(format!("INSERT INTO `{table}` without VALUES"));
        }
        let at = self.open(index)?;
        let declared = || self.declared.iter().find(|(of, _)| *of == at).map(|(_, order)| Rc::clone(order));
        let Some(order) = order.map(Into::into).or_else(declared) else { return Err(Fault::NoColumns(table)) };
        self.databases.rows(at).declare(&order);
        self.values(table, at, &order)
    }

    /// Skips the rest of an INSERT for a table that nobody needs, whose last token is the one behind the table's name.
    fn skip_rows(&mut self, mut token: Token) -> Result<(), Fault> {
        if !self.by_lines || !self.lexer.plain_delimiter() {
            return self.finish(token);
        }
        if token == Token::Mark(b'(') {
            while !matches!(token, Token::Mark(b')') | Token::Delimiter | Token::End) {
                token = self.lexer.token()?;
            }
            if token == Token::Mark(b')') {
                token = self.lexer.token()?;
            }
        }
        if token != Token::Word || !self.lexer.is("VALUES") {
            return self.finish(token);
        }
        self.lexer.space()?;
        self.lexer.skip_lines_of_rows()
    }

    /// The list of columns in front of VALUES, from behind the opening parenthesis to behind the closing one.
    fn column_list(&mut self, index: usize) -> Result<Vec<Option<usize>>, Fault> {
        let mut order = Vec::new();
        loop {
            match self.lexer.token()? {
                Token::Name | Token::Word => order.push(self.slot(index)),
                Token::Mark(b',') => {}
                Token::Mark(b')') => return Ok(order),
                Token::End => return Err(Fault::Ended),
                _ => return malformed("a list of columns was expected"),
            }
            if order.len() > MOST_COLUMNS {
                return Err(Fault::TooMuch("more than 10000 columns in one table"));
            }
        }
    }

    /// `(…),(…)` to the end of the statement.
    fn values(&mut self, table: &'static str, at: TableAt, order: &Order) -> Result<(), Fault> {
        let width = self.wanted.tables[at.index].columns.len();
        loop {
            if self.rows_at_hand(width, at, order)? {
                return Ok(());
            }
            match self.lexer.token()? {
                Token::Mark(b'(') => self.row(table, width, order)?,
                Token::End => return Err(Fault::Ended),
                _ => return malformed(format!("a row of the table `{table}` was expected")),
            }
            self.cells.with(|row| self.databases.push(at, row))?;
            match self.lexer.token()? {
                Token::Mark(b',') => {}
                Token::Delimiter => return Ok(()),
                Token::End => return Err(Fault::Ended),
                // ON DUPLICATE KEY UPDATE and the like.
                _ => return self.lexer.skip_statement(),
            }
        }
    }

    /// Reads rows as long as they are written in the usual way and lie whole in the buffer, with what separates them. Whether the statement has
    /// ended then; if not, the next thing to come is a row.
    fn rows_at_hand(&mut self, width: usize, at: TableAt, order: &Order) -> Result<bool, Fault> {
        if !self.lexer.plain_delimiter() {
            return Ok(false);
        }
        loop {
            self.lexer.space()?;
            let quoting = self.lexer.quoting;
            let bytes = self.lexer.input.chunk()?;
            if bytes.first() != Some(&b'(') {
                return Ok(false);
            }
            self.cells.start(width);
            let Some(length) = row::read(bytes, order, &mut self.cells, quoting, &self.charset)? else { return Ok(false) };
            let behind = bytes.get(length).copied();
            if !matches!(behind, Some(b',' | b';')) {
                return Ok(false);
            }
            self.lexer.input.consume(length + 1);
            self.cells.with(|row| self.databases.push(at, row))?;
            if behind == Some(b';') {
                return Ok(true);
            }
        }
    }

    /// Reads a row into [`Statements::cells`], from behind its opening parenthesis.
    fn row(&mut self, table: &str, width: usize, order: &[Option<usize>]) -> Result<(), Fault> {
        self.cells.start(width);
        for (i, slot) in order.iter().enumerate() {
            self.value.clear();
            let value = self.lexer.value(slot.is_some().then_some(&mut self.value))?;
            if let Some(slot) = slot
                && matches!(value, Value::Text | Value::Bytes)
            {
                self.cells.fill(*slot, |text, from| {
                    text.extend_from_slice(&self.value);
                    if value == Value::Text { self.charset.decode(text, from).map_err(Fault::Charset) } else { Ok(()) }
                })?;
            }
            let last = i + 1 == order.len();
            match self.lexer.token()? {
                Token::Mark(b',') if !last => {}
                Token::Mark(b')') if last => return Ok(()),
                Token::End => return Err(Fault::Ended),
                _ => return malformed(format!("a row of the table `{table}` has not the {} values that its columns ask for", order.len())),
            }
        }
        malformed(format!("the table `{table}` has no columns"))
    }
}
