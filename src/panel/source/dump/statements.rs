//! The statements of a dump: which table has which columns, and the rows of those that are wanted.

use std::io::Read;

use super::lexer::{Fault, Lexer, Token, malformed};
use super::rows::{Rows, wanted};
use super::value::Value;

/// MySQL's own limit is 4096.
const MOST_COLUMNS: usize = 10_000;
const MOST_DATABASES: usize = 100;
/// The most rows that are kept of one dump, and the most text: a bound for what a small hostile file can unpack to.
const MOST_ROWS: usize = 1 << 24;
const MOST_TEXT: usize = 1 << 30;
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

/// One database of a dump.
pub(super) struct Database {
    /// Its name; empty for what stands before any `USE`.
    pub(super) name: Vec<u8>,
    /// For each wanted table, its rows if the dump has it.
    pub(super) tables: Vec<Option<Rows>>,
}

/// The statements of a dump, read one after the other.
pub(super) struct Statements<R> {
    pub(super) lexer: Lexer<R>,
    pub(super) databases: Vec<Database>,
    current: Vec<u8>,
    /// The line where the statement that is being read begins.
    pub(super) began: u64,
    /// Whether anything that a dump would say was read.
    pub(super) any: bool,
    value: Vec<u8>,
    rows_kept: usize,
    text_kept: usize,
}

impl<R: Read> Statements<R> {
    pub(super) fn new(lexer: Lexer<R>) -> Statements<R> {
        Statements {
            lexer,
            databases: Vec::new(),
            current: Vec::new(),
            began: 1,
            any: false,
            value: Vec::new(),
            rows_kept: 0,
            text_kept: 0,
        }
    }

    /// Reads all statements. The error [`Fault::Malformed`] with [`Statements::any`] unset: this is no dump at all.
    pub(super) fn read(&mut self) -> Result<(), Fault> {
        loop {
            self.lexer.space()?;
            self.began = self.lexer.position().0;
            match self.lexer.token()? {
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
        if !self.any && !OPENINGS.iter().any(opens) {
            let word = &self.lexer.text[..self.lexer.text.len().min(40)];
            return malformed(format!("it begins with `{}`", word.escape_ascii()));
        }
        self.any = true;
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
        Ok(Some((wanted().table(&name), next)))
    }

    /// The rows of the wanted table `index` in the current database.
    fn rows(&mut self, index: usize) -> Result<&mut Rows, Fault> {
        let at = match self.databases.iter().position(|d| d.name == self.current) {
            Some(at) => at,
            None if self.databases.len() >= MOST_DATABASES => return Err(Fault::TooMuch("more than 100 databases with tables of a panel")),
            None => {
                let tables = wanted().tables.iter().map(|_| None).collect();
                self.databases.push(Database { name: self.current.clone(), tables });
                self.databases.len() - 1
            }
        };
        Ok(self.databases[at].tables[index].get_or_insert_with(|| Rows::new(wanted().tables[index].columns.len())))
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
        let rows = self.rows(index)?;
        if anew {
            *rows = Rows::new(wanted().tables[index].columns.len());
        }
        rows.declare(&order);
        rows.declared = Some(order);
        self.lexer.skip_statement()
    }

    /// The place of the last word or name among the wanted columns of the table.
    fn slot(&self, index: usize) -> Option<usize> {
        wanted().tables[index].columns.iter().position(|c| self.lexer.is(c))
    }

    /// The definitions of `CREATE TABLE`, from behind the opening parenthesis to behind the closing one.
    fn columns(&mut self, index: usize) -> Result<Vec<Option<usize>>, Fault> {
        let mut order = Vec::new();
        loop {
            let mut token = self.lexer.token()?;
            let column = match token {
                Token::Name => true,
                Token::Word => !NOT_COLUMNS.iter().any(|w| self.lexer.is(w)),
                _ => return malformed(format!("a column of the table `{}` was expected", wanted().tables[index].name)),
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
            Some((None, token)) => return self.finish(token),
            None => return malformed("INSERT without a table"),
        };
        let table = wanted().tables[index].name;
        let mut order = None;
        if token == Token::Mark(b'(') {
            order = Some(self.column_list(index)?);
            token = self.lexer.token()?;
        }
        if token != Token::Word || !(self.lexer.is("VALUES") || self.lexer.is("VALUE")) {
            return malformed(format!("INSERT INTO `{table}` without VALUES"));
        }
        let mut rows = std::mem::take(self.rows(index)?);
        let read = match order.as_ref().or(rows.declared.as_ref()).cloned() {
            Some(order) => {
                rows.declare(&order);
                self.values(table, &order, &mut rows)
            }
            None => malformed(format!("rows of the table `{table}` stand before its CREATE TABLE, and name no columns")),
        };
        *self.rows(index)? = rows;
        read
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
    fn values(&mut self, table: &str, order: &[Option<usize>], rows: &mut Rows) -> Result<(), Fault> {
        loop {
            match self.lexer.token()? {
                Token::Mark(b'(') => self.row(table, order, rows)?,
                Token::End => return Err(Fault::Ended),
                _ => return malformed(format!("a row of the table `{table}` was expected")),
            }
            match self.lexer.token()? {
                Token::Mark(b',') => {}
                Token::Delimiter => return Ok(()),
                Token::End => return Err(Fault::Ended),
                // ON DUPLICATE KEY UPDATE and the like.
                _ => return self.lexer.skip_statement(),
            }
        }
    }

    fn row(&mut self, table: &str, order: &[Option<usize>], rows: &mut Rows) -> Result<(), Fault> {
        self.rows_kept += 1;
        if self.rows_kept > MOST_ROWS {
            return Err(Fault::TooMuch("more than 16 million objects"));
        }
        rows.start_row();
        for (i, slot) in order.iter().enumerate() {
            self.value.clear();
            let value = self.lexer.value(slot.is_some().then_some(&mut self.value))?;
            if let (Some(slot), Value::Text) = (slot, value) {
                self.text_kept += self.value.len();
                if self.text_kept > MOST_TEXT {
                    return Err(Fault::TooMuch("more than a gigabyte of names"));
                }
                rows.put(*slot, &self.value)?;
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
