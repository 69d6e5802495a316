//! The values of rows, as mysqldump spells them.

use super::lexer::{Fault, Lexer, Token, is_word, keep, malformed};

/// A value in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    /// Its bytes are in the given buffer, which was empty.
    Text,
    /// So too, and they are bytes whatever the dump's character set is.
    Bytes,
    /// An expression, which dumps do not have.
    Expression,
}

impl Lexer<'_> {
    /// Reads a value of a row, up to the mark that follows it, into the empty buffer `text`.
    pub(super) fn value(&mut self, mut text: Option<&mut Vec<u8>>) -> Result<Value, Fault> {
        self.space()?;
        match self.input.peek()? {
            None => Err(Fault::Ended),
            Some(quote @ (b'\'' | b'"')) => {
                self.quoted(quote, text)?;
                Ok(Value::Text)
            }
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => {
                loop {
                    let chunk = self.input.chunk()?;
                    let count = chunk.iter().take_while(|b| is_word(**b) || matches!(b, b'-' | b'+' | b'.')).count();
                    keep(text.as_deref_mut(), &chunk[..count])?;
                    self.input.consume(count);
                    if count == 0 || !self.input.chunk()?.first().is_some_and(|b| is_word(*b) || matches!(b, b'-' | b'+' | b'.')) {
                        break;
                    }
                }
                if let Some(text) = text {
                    unhex(text)?;
                }
                Ok(Value::Bytes)
            }
            Some(byte) if is_word(byte) => self.word_value(text),
            Some(b'(') => self.expression(),
            Some(_) => malformed("a value was expected"),
        }
    }

    /// `NULL`, `_binary '…'`, `x'…'`, `TRUE`, or an expression.
    fn word_value(&mut self, text: Option<&mut Vec<u8>>) -> Result<Value, Fault> {
        if self.token()? != Token::Word {
            return malformed("a value was expected");
        }
        if self.is("NULL") {
            return Ok(Value::Null);
        }
        let (introducer, hex) = (self.text.starts_with(b"_"), self.is("x"));
        if introducer || hex || self.is("n") {
            if introducer {
                self.space()?;
            }
            match self.input.peek()? {
                Some(b'\'') if hex => {
                    let mut digits = b"0x".to_vec();
                    self.quoted(b'\'', Some(&mut digits))?;
                    unhex(&mut digits)?;
                    keep(text, &digits)?;
                    return Ok(Value::Bytes);
                }
                Some(b'\'' | b'0'..=b'9') => return self.value(text),
                None => return Err(Fault::Ended),
                Some(_) => {}
            }
        }
        self.expression()
    }

    /// Skips an expression up to the comma or parenthesis that ends the value.
    fn expression(&mut self) -> Result<Value, Fault> {
        let mut depth = 0u32;
        loop {
            self.space()?;
            match self.input.peek()? {
                None => return Err(Fault::Ended),
                Some(b',' | b')') if depth == 0 => return Ok(Value::Expression),
                Some(_) => {}
            }
            match self.token()? {
                Token::Mark(b'(') => depth += 1,
                Token::Mark(b')') => depth -= 1,
                Token::Delimiter => return malformed("the statement ends inside a row"),
                Token::End => return Err(Fault::Ended),
                _ => {}
            }
        }
    }
}

/// `0x6162` becomes `ab`.
fn unhex(text: &mut Vec<u8>) -> Result<(), Fault> {
    let Some(digits) = text.strip_prefix(b"0x") else { return Ok(()) };
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let padded = digits.len() % 2;
    let mut bytes = Vec::with_capacity(digits.len() / 2 + padded);
    for pair in std::iter::once(&digits[..padded]).filter(|p| !p.is_empty()).chain(digits[padded..].chunks(2)) {
        let mut byte = 0;
        for &d in pair {
            let Some(value) = digit(d) else { return malformed("a hexadecimal value with other digits") };
            byte = byte << 4 | value;
        }
        bytes.push(byte);
    }
    *text = bytes;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::input::Input;
    use super::*;

    fn lexer(sql: &str) -> Lexer<'static> {
        Lexer::new(Input::text(sql))
    }

    #[test]
    fn values_of_every_spelling() {
        let cases: [(&str, Option<&[u8]>); 14] = [
            ("NULL", None),
            ("-12", Some(b"-12")),
            ("1.5e-3", Some(b"1.5e-3")),
            ("'it''s'", Some(b"it's")),
            (r"'a\'b\\c\n\0\Z\%\x'", Some(b"a'b\\c\n\0\x1a\\%x")),
            ("\"it's\"", Some(b"it's")),
            ("0x6162", Some(b"ab")),
            ("x'6162'", Some(b"ab")),
            ("X''", Some(b"")),
            ("0xabc", Some(b"\x0a\xbc")),
            (r"_binary '\0;'", Some(b"\0;")),
            ("_utf8mb4'x'", Some(b"x")),
            ("_binary 0x41", Some(b"A")),
            ("''", Some(b"")),
        ];
        for (sql, expected) in cases {
            let sql = format!("{sql},");
            let (mut lexer, mut text) = (lexer(&sql), Vec::new());
            let value = lexer.value(Some(&mut text)).unwrap();
            assert_eq!((value == Value::Null, text.as_slice()), (expected.is_none(), expected.unwrap_or_default()), "{sql}");
            assert_eq!(value == Value::Text, sql.contains('\'') && !sql.to_lowercase().starts_with('x') || sql.contains('"'), "{sql}");
            assert_eq!(lexer.token().unwrap(), Token::Mark(b','), "{sql}");
        }
        let mut call = lexer("f('a)', (1, 2)) , 3");
        assert_eq!((call.value(None).unwrap(), call.token().unwrap()), (Value::Expression, Token::Mark(b',')));
    }
}
