//! SQL text as mysqldump writes it, token by token, on bytes.
//!
//! Versioned comments (`/*!40101 … */`) are read as the SQL that they hold; all other comments are space. Nothing is decoded.

use std::io;

use super::input::Input;
use super::lines;
use super::survey::PIECE;
use crate::panel::source::tables::TooMuch;

/// The longest text that is kept: names, logins and addresses are far shorter.
const LONGEST: usize = 1 << 20;
/// Versions above this are no server's: such comments speak to the client program.
const NO_SERVER: u64 = 900_000;

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Fault {
    Io(io::Error),
    /// The input ends where it must not.
    Ended,
    Malformed(String),
    TooMuch(&'static str),
    /// Rows of this table, whose columns are not known.
    NoColumns(&'static str),
    /// A character set that is not read.
    Charset(String),
    /// The dump says that it is the dump program's, and a line of values does not end as that program ends them.
    Lines,
}

impl From<TooMuch> for Fault {
    fn from(TooMuch(what): TooMuch) -> Fault {
        Fault::TooMuch(what)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

pub(super) fn malformed<T>(what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Malformed(what.into()))
}

/// A piece of SQL. The text of words, names and texts is in [`Lexer::text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, an unquoted name or a number.
    Word,
    /// A name in backticks or double quotes.
    Name,
    /// A string. Its text is kept only where [`Lexer::keep_strings`] says so.
    String,
    Mark(u8),
    /// The statement's end.
    Delimiter,
    End,
}

pub(super) struct Lexer<'s> {
    pub(super) input: Input<'s>,
    /// The text of the last word or name.
    pub(super) text: Vec<u8>,
    pub(super) keep_strings: bool,
    pub(super) quoting: Quoting,
    delimiter: Vec<u8>,
    in_versioned: bool,
    /// What the dump program said of itself in comments.
    pub(super) remarks: Remarks,
}

/// What `SET sql_mode` says of quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quoting {
    /// A backslash in a string escapes what follows.
    pub(super) backslash: bool,
    /// Double quotes are around names and not around strings.
    pub(super) ansi: bool,
}

/// What the dump program said of itself in comments.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    /// It named itself at the head.
    pub(super) headed: bool,
    /// Its lines end as Windows' do.
    pub(super) carriage_returns: bool,
    /// It left out the rows that do not meet this condition.
    pub(super) condition: bool,
    /// It said that the dump is complete, and when.
    pub(super) completed: Option<String>,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(input: Input<'s>) -> Lexer<'s> {
        Lexer {
            input,
            text: Vec::new(),
            keep_strings: false,
            quoting: Quoting { backslash: true, ansi: false },
            delimiter: b";".to_vec(),
            in_versioned: false,
            remarks: Remarks::default(),
        }
    }

    pub(super) fn position(&self) -> (u64, u64) {
        self.input.position()
    }

    /// Skips space and comments; opens and closes versioned comments.
    pub(super) fn space(&mut self) -> Result<(), Fault> {
        loop {
            let chunk = self.input.chunk()?;
            let blank = chunk.iter().take_while(|b| b.is_ascii_whitespace() || **b == 0x0b).count();
            if blank > 0 {
                self.input.consume(blank);
                continue;
            }
            match self.input.peek()? {
                Some(b'-') if self.at_line_comment()? => self.line_comment()?,
                Some(b'#') => self.line_comment()?,
                Some(b'/') if self.input.ahead(2)?.starts_with(b"/*") => self.comment()?,
                Some(b'*') if self.in_versioned && self.input.ahead(2)?.starts_with(b"*/") => {
                    self.input.consume(2);
                    self.in_versioned = false;
                }
                _ => return Ok(()),
            }
        }
    }

    fn at_line_comment(&mut self) -> Result<bool, Fault> {
        let ahead = self.input.ahead(3)?;
        Ok(ahead.starts_with(b"--") && ahead.get(2).is_none_or(u8::is_ascii_whitespace))
    }

    fn line_comment(&mut self) -> Result<(), Fault> {
        let line = self.input.ahead(96)?;
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len().min(96))];
        self.remarks.carriage_returns |= line.ends_with(b"\r");
        if let Ok(line) = std::str::from_utf8(line) {
            let said = line.trim_start_matches(['-', '#']).trim();
            if let Some(when) = said.strip_prefix("Dump completed") {
                self.remarks.completed = Some(when.trim_start_matches(" on").trim().to_owned());
            }
            self.remarks.headed |= said.starts_with("MySQL dump") || said.starts_with("MariaDB dump");
            self.remarks.condition |= said.starts_with("WHERE:");
        }
        self.skip_line()
    }

    fn skip_line(&mut self) -> Result<(), Fault> {
        loop {
            let chunk = self.input.chunk()?;
            if chunk.is_empty() {
                return Ok(());
            }
            let (count, ends) = memchr::memchr(b'\n', chunk).map_or((chunk.len(), false), |at| (at + 1, true));
            self.input.consume(count);
            if ends {
                return Ok(());
            }
        }
    }

    /// `/* … */` is skipped; of `/*!40101 … */` only the opening is.
    fn comment(&mut self) -> Result<(), Fault> {
        let ahead = self.input.ahead(12)?;
        let ahead = &ahead[..ahead.len().min(12)];
        let opening = if ahead.starts_with(b"/*M!") {
            4
        } else if ahead.starts_with(b"/*!") {
            3
        } else {
            2
        };
        if opening > 2 {
            let digits = ahead[opening..].iter().take_while(|b| b.is_ascii_digit()).count();
            let version = ahead[opening..opening + digits].iter().fold(0u64, |n, d| n * 10 + u64::from(d - b'0'));
            let command = ahead.get(opening + digits) == Some(&b'\\');
            if version < NO_SERVER && !command {
                self.input.consume(opening + digits);
                self.in_versioned = true;
                return Ok(());
            }
        }
        self.input.consume(opening);
        loop {
            let chunk = self.input.chunk()?;
            if chunk.is_empty() {
                return Err(Fault::Ended);
            }
            let Some(star) = memchr::memchr(b'*', chunk) else {
                let all = chunk.len();
                self.input.consume(all);
                continue;
            };
            self.input.consume(star);
            if self.input.ahead(2)?.starts_with(b"*/") {
                self.input.consume(2);
                return Ok(());
            }
            self.input.consume(1);
        }
    }

    /// The next token.
    pub(super) fn token(&mut self) -> Result<Token, Fault> {
        self.space()?;
        let Some(byte) = self.input.peek()? else { return Ok(Token::End) };
        if self.at_delimiter()? {
            self.input.consume(self.delimiter.len());
            self.in_versioned = false;
            return Ok(Token::Delimiter);
        }
        Ok(match byte {
            b'`' | b'"' => {
                self.kept(byte)?;
                Token::Name
            }
            b'\'' if self.keep_strings => {
                self.kept(byte)?;
                Token::String
            }
            b'\'' => {
                self.quoted(byte, None)?;
                Token::String
            }
            _ if is_word(byte) => {
                self.text.clear();
                loop {
                    let chunk = self.input.chunk()?;
                    let count = chunk.iter().take_while(|b| is_word(**b)).count();
                    if self.text.len() + count > LONGEST {
                        return Err(Fault::TooMuch("a word longer than a megabyte"));
                    }
                    self.text.extend_from_slice(&chunk[..count]);
                    let ends = count < chunk.len() || count == 0;
                    self.input.consume(count);
                    if ends {
                        break;
                    }
                }
                Token::Word
            }
            _ => {
                self.input.consume(1);
                Token::Mark(byte)
            }
        })
    }

    /// Reads a quoted text into [`Lexer::text`].
    fn kept(&mut self, quote: u8) -> Result<(), Fault> {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        let read = self.quoted(quote, Some(&mut text));
        self.text = text;
        read
    }

    /// Whether the last word is `word`, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word.as_bytes())
    }

    fn at_delimiter(&mut self) -> Result<bool, Fault> {
        Ok(self.input.ahead(self.delimiter.len())?.starts_with(&self.delimiter))
    }

    /// The rest of the line becomes the delimiter.
    pub(super) fn set_delimiter(&mut self) -> Result<(), Fault> {
        let line = self.input.ahead(64)?;
        let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len().min(64))];
        let word = line.trim_ascii();
        if word.is_empty() || word.len() > 16 || word.contains(&b' ') {
            return malformed("DELIMITER without a usable delimiter");
        }
        self.delimiter = word.to_vec();
        self.skip_line()
    }

    /// Skips to the end of the statement.
    pub(super) fn skip_statement(&mut self) -> Result<(), Fault> {
        let mut special = [false; 256];
        for byte in [b'\'', b'"', b'`', b'-', b'#', b'/', self.delimiter[0]] {
            special[usize::from(byte)] = true;
        }
        loop {
            let chunk = self.input.chunk()?;
            if chunk.is_empty() {
                return Err(Fault::Ended);
            }
            let plain = chunk.iter().position(|b| special[usize::from(*b)]).unwrap_or(chunk.len());
            self.input.consume(plain);
            let Some(byte) = self.input.peek()?.filter(|b| special[usize::from(*b)]) else { continue };
            if self.at_delimiter()? {
                self.input.consume(self.delimiter.len());
                self.in_versioned = false;
                return Ok(());
            }
            match byte {
                b'\'' | b'"' | b'`' => self.quoted(byte, None)?,
                b'-' if self.at_line_comment()? => self.line_comment()?,
                b'#' => self.line_comment()?,
                b'/' if self.input.ahead(2)?.starts_with(b"/*") => self.comment()?,
                _ => self.input.consume(1),
            }
        }
    }

    /// Skips rows of values to the end of their statement, as the dump programs write them: no value holds a newline, for they write it as `\n`,
    /// every line ends behind a row, and a statement with its line. Nothing but the ends of lines is looked at, which is as fast as counting them.
    /// A line that ends otherwise is [`Fault::Lines`]: the file is not as those programs write it.
    ///
    /// Only for the dump programs' own files.
    pub(super) fn skip_lines_of_rows(&mut self) -> Result<(), Fault> {
        // Where every row has a statement of its own, nothing but its line is looked at.
        let chunk = self.input.chunk()?;
        if let Some(end) = memchr::memchr(b'\n', &chunk[..chunk.len().min(PIECE)])
            && chunk[..end].ends_with(b");")
        {
            self.input.consume_lines(end + 1, 1);
            return Ok(());
        }
        // What stands before the rows makes no line of what is none.
        let mut before = [0; 2];
        loop {
            before = self.input.pass_usual_lines().unwrap_or(before);
            let (piece, lines) = self.input.lines(before)?;
            if piece.is_empty() {
                return Err(Fault::Ended);
            }
            if lines.others == 0 {
                before = lines::last_two(before, piece);
                let length = piece.len();
                self.input.consume_lines(length, lines.all);
                continue;
            }
            // Somewhere in this piece a line ends otherwise than behind a row that another one follows.
            for (newlines, end) in (1..).zip(memchr::memchr_iter(b'\n', piece)) {
                match lines::last_two(before, &piece[..end]) {
                    [b')', b','] => {}
                    [b')', b';'] => {
                        self.input.consume_lines(end + 1, newlines);
                        return Ok(());
                    }
                    _ => return Err(Fault::Lines),
                }
            }
            debug_assert!(false, "there is such a line");
            return Err(Fault::Lines);
        }
    }

    /// Whether a versioned comment is open.
    pub(super) fn in_versioned(&self) -> bool {
        self.in_versioned
    }

    /// Whether the statement ends at a semicolon.
    pub(super) fn plain_delimiter(&self) -> bool {
        self.delimiter == b";" && !self.in_versioned
    }

    /// Reads a quoted text from its opening quote to its closing one; its content is appended to `text`.
    pub(super) fn quoted(&mut self, quote: u8, mut text: Option<&mut Vec<u8>>) -> Result<(), Fault> {
        // In a name, a backslash is a character like any other.
        let plain = quote == b'`' || !self.quoting.backslash || quote == b'"' && self.quoting.ansi;
        let escape = if plain { quote } else { b'\\' };
        self.input.consume(1);
        loop {
            let chunk = self.input.chunk()?;
            if chunk.is_empty() {
                return Err(Fault::Ended);
            }
            let plain = memchr::memchr2(quote, escape, chunk).unwrap_or(chunk.len());
            keep(text.as_deref_mut(), &chunk[..plain])?;
            self.input.consume(plain);
            match *self.input.ahead(2)? {
                [a, b, ..] if a == quote && b == quote => {
                    keep(text.as_deref_mut(), &[quote])?;
                    self.input.consume(2);
                }
                [a, ..] if a == quote => {
                    self.input.consume(1);
                    return Ok(());
                }
                [a, b, ..] if a == escape => {
                    match unescaped(b) {
                        Some(byte) => keep(text.as_deref_mut(), &[byte])?,
                        None => keep(text.as_deref_mut(), &[b'\\', b])?,
                    }
                    self.input.consume(2);
                }
                [a] if a == escape => return Err(Fault::Ended),
                _ => {}
            }
        }
    }
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@') || byte >= 0x80
}

/// The byte that a backslash and `byte` stand for; `None` where the backslash stays.
pub(super) fn unescaped(byte: u8) -> Option<u8> {
    Some(match byte {
        b'0' => 0,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'Z' => 26,
        b'%' | b'_' => return None,
        other => other,
    })
}

pub(super) fn keep(text: Option<&mut Vec<u8>>, bytes: &[u8]) -> Result<(), Fault> {
    if let Some(text) = text {
        if text.len() + bytes.len() > LONGEST {
            return Err(Fault::TooMuch("a name longer than a megabyte"));
        }
        text.extend_from_slice(bytes);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexer(sql: &str) -> Lexer<'static> {
        Lexer::new(Input::text(sql))
    }

    fn tokens(sql: &str) -> Vec<String> {
        let mut lexer = lexer(sql);
        let mut all = Vec::new();
        loop {
            all.push(match lexer.token().unwrap() {
                Token::End => return all,
                Token::Word => String::from_utf8(lexer.text.clone()).unwrap(),
                Token::Name => format!("`{}`", String::from_utf8(lexer.text.clone()).unwrap()),
                Token::String => "''".to_owned(),
                Token::Mark(mark) => char::from(mark).to_string(),
                Token::Delimiter => "end".to_owned(),
            });
        }
    }

    #[test]
    fn versioned_comments_are_read_and_others_are_not() {
        assert_eq!(tokens("/*M!999999\\- enable the sandbox mode */ \n-- x 'y\nUSE a;"), ["USE", "a", "end"]);
        assert_eq!(tokens("CREATE /*!32312 IF NOT EXISTS*/ `a``b` /* `c` */;"), ["CREATE", "IF", "NOT", "EXISTS", "`a`b`", "end"]);
        assert_eq!(tokens("# x\na--\n(1)"), ["a", "(", "1", ")"]);
    }

    #[test]
    fn statements_are_skipped_past_everything_that_hides_a_delimiter() {
        for sql in [
            "a ';' \"b;\" `c;` 'd\\';' 'e'';' -- don't;\n # don't;\n /* don't; */ 1 - 2;next",
            "/*!50003 CREATE*/ /*!50017 DEFINER=`x;`*/ /*!50003 y*/;next",
        ] {
            let mut lexer = lexer(sql);
            lexer.skip_statement().unwrap();
            assert_eq!((lexer.token().unwrap(), lexer.is("next")), (Token::Word, true), "{sql}");
        }
        let mut lexer = lexer("DELIMITER ;;\nBEGIN a; b; END ;;\nDELIMITER ;\nnext");
        lexer.token().unwrap();
        lexer.set_delimiter().unwrap();
        lexer.skip_statement().unwrap();
        lexer.token().unwrap();
        lexer.set_delimiter().unwrap();
        assert_eq!((lexer.token().unwrap(), lexer.is("NEXT")), (Token::Word, true));
    }

    #[test]
    fn remarks_of_the_dump_program_are_heard() {
        let mut lexer = lexer("-- MariaDB dump 10.19\n-- Dump completed on 2026-11-23 22:57:15");
        assert_eq!(lexer.token().unwrap(), Token::End);
        assert!(lexer.remarks.headed);
        assert_eq!(lexer.remarks.completed.as_deref(), Some("2026-11-23 22:57:15"));
    }
}
