//! Tokens of SQL text with their byte ranges. The only module that names the SQL parser's crate.
//!
//! The lexer is SQLite's. Three habits of MySQL are understood on top, because `.sql` files mix dialects: `#` comments, `\'` inside a string
//! where SQLite's reading makes no sense, and names of the form `1abc` (one unreadable token instead of two wrong ones).

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sqlite3_parser::dialect::TokenType;
use sqlite3_parser::lexer::Splitter;
use sqlite3_parser::lexer::sql::{Error, Tokenizer};

/// A token: bytes `start..end` of the text, quotes included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// What a token is, as far as anybody here asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or an unquoted name: which of the two depends on where it stands.
    Word,
    /// A name in `"…"`, `[…]` or backticks.
    Quoted,
    /// `'…'`.
    String,
    Number,
    Blob,
    /// `?`, `?1`, `:name`, `@name`, `$name`.
    Variable,
    Open,
    Close,
    Comma,
    Semicolon,
    Dot,
    Operator,
    /// Bytes that are no token.
    Error,
    /// A quote that is never closed: the rest of the text.
    Unterminated,
}

/// The tokens of a text. Comments and whitespace are not among them.
pub(crate) struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
    lexer: Tokenizer,
    /// Whether MySQL's habits are understood.
    mixed: bool,
}

impl<'t> Tokens<'t> {
    /// Of at most the first 4 GiB of `text`. A byte order mark is skipped.
    pub(crate) fn new(text: &'t [u8]) -> Tokens<'t> {
        let text = &text[..text.len().min(u32::MAX as usize)];
        let at = if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Tokens { text, at, lexer: Tokenizer::new(), mixed: true }
    }

    /// As [`Tokens::new`], of text that SQLite itself has read: none of MySQL's habits.
    pub(crate) fn of_sqlite(text: &'t [u8]) -> Tokens<'t> {
        Tokens { mixed: false, ..Tokens::new(text) }
    }

    /// Goes on at byte `at`.
    pub(crate) fn seek(&mut self, at: u32) {
        self.at = at as usize;
    }

    /// What the lexer makes of the text from `self.at`: a token or nothing (whitespace, a comment), and how long it is.
    fn split(&mut self) -> (Option<Kind>, usize) {
        let rest = &self.text[self.at..];
        if self.mixed && rest[0] == b'#' && rest.get(1).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_') {
            return (None, memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1));
        }
        // Its authors do not promise that it never panics.
        let lexed = catch_unwind(AssertUnwindSafe(|| match self.lexer.split(rest) {
            Ok((token, length)) => (token.map(|(_, kind)| sort(kind, rest[0])), length),
            Err(error) => recover(&error, rest),
        }));
        let (kind, length) = lexed.unwrap_or((Some(Kind::Error), 1));
        match kind {
            Some(Kind::String) if self.mixed => (kind, mysql_string(rest, length).unwrap_or(length)),
            _ => (kind, length.clamp(1, rest.len())),
        }
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        while self.at < self.text.len() {
            let start = self.at;
            let (kind, length) = self.split();
            self.at += length;
            if let Some(kind) = kind {
                return Some(Token { kind, start: offset(start), end: offset(self.at) });
            }
        }
        None
    }
}

/// Texts are shorter than 4 GiB ([`Tokens::new`]).
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn sort(kind: TokenType, first: u8) -> Kind {
    match kind {
        TokenType::TK_LP => Kind::Open,
        TokenType::TK_RP => Kind::Close,
        TokenType::TK_COMMA => Kind::Comma,
        TokenType::TK_SEMI => Kind::Semicolon,
        TokenType::TK_DOT => Kind::Dot,
        TokenType::TK_STRING => Kind::String,
        TokenType::TK_BLOB => Kind::Blob,
        TokenType::TK_VARIABLE => Kind::Variable,
        TokenType::TK_INTEGER | TokenType::TK_FLOAT => Kind::Number,
        _ if matches!(first, b'"' | b'`' | b'[') => Kind::Quoted,
        _ if first.is_ascii_alphabetic() || first == b'_' || first >= 0x80 => Kind::Word,
        _ => Kind::Operator,
    }
}

/// What to do with bytes that the lexer refuses.
fn recover(error: &Error, rest: &[u8]) -> (Option<Kind>, usize) {
    match error {
        Error::UnterminatedLiteral(_) | Error::UnterminatedBracket(_) => (Some(Kind::Unterminated), rest.len()),
        // SQLite itself takes an open comment at the end of the text as one.
        Error::UnterminatedBlockComment(_) => (None, rest.len()),
        Error::BadNumber(_) | Error::MalformedHexInteger(_) | Error::MalformedBlobLiteral(_) => {
            let length = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80)).unwrap_or(rest.len());
            (Some(Kind::Error), length.max(1))
        }
        _ => (Some(Kind::Error), 1),
    }
}

/// The length of the string at the start of `rest` when its quote is escaped as MySQL does. SQLite reads it as `length` bytes that end in `\'`;
/// that is right (`'C:\'`) unless what follows cannot follow a string.
fn mysql_string(rest: &[u8], length: usize) -> Option<usize> {
    let body = rest.get(1..length - 1)?;
    let escapes = body.iter().rev().take_while(|b| **b == b'\\').count();
    let next = rest.get(length)?;
    if escapes % 2 == 0 || !(next.is_ascii_alphanumeric() || *next == b'_' || *next >= 0x80 || *next == b'\\') {
        return None;
    }
    let mut at = 1;
    // A backslash at the end escapes nothing.
    while let Some(i) = memchr::memchr2(b'\\', b'\'', rest.get(at..)?) {
        at += i + 1;
        if rest[at - 1] == b'\\' || rest.get(at) == Some(&b'\'') {
            at += 1;
        } else {
            return Some(at);
        }
    }
    None
}

/// The bytes of `token`.
pub(crate) fn bytes<'t>(text: &'t [u8], token: &Token) -> &'t [u8] {
    &text[token.start as usize..token.end as usize]
}

/// Whether `token` is the unquoted word `word`, in any case.
pub(crate) fn is(text: &[u8], token: &Token, word: &str) -> bool {
    token.kind == Kind::Word && bytes(text, token).eq_ignore_ascii_case(word.as_bytes())
}

/// Whether `token` is one of `words`, unquoted, in any case.
pub(crate) fn is_any(text: &[u8], token: &Token, words: &[&str]) -> bool {
    if token.kind != Kind::Word {
        return false;
    }
    let word = bytes(text, token);
    words.iter().any(|w| word.eq_ignore_ascii_case(w.as_bytes()))
}

/// The name that `token` spells, without quotes. `None` for a token that cannot be a name.
pub(crate) fn name(text: &[u8], token: &Token) -> Option<String> {
    match token.kind {
        Kind::Word => Some(lossy(bytes(text, token)).into_owned()),
        Kind::Quoted | Kind::String => Some(unquote(bytes(text, token))),
        _ => None,
    }
}

/// The text of a quoted token: without its quotes, doubled ones made single.
pub(crate) fn unquote(quoted: &[u8]) -> String {
    let inner = lossy(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default());
    match quoted.first() {
        Some(b'"') => inner.replace("\"\"", "\""),
        Some(b'`') => inner.replace("``", "`"),
        Some(b'\'') => inner.replace("''", "'"),
        _ => inner.into_owned(),
    }
}

/// `bytes` as text, with what is not UTF-8 replaced.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tokens(text: &[u8]) -> Vec<(Kind, String)> {
        Tokens::new(text).map(|t| (t.kind, lossy(bytes(text, &t)).into_owned())).collect()
    }

    #[test]
    fn tokens_have_their_byte_ranges() {
        let text = "\u{feff}SELECT \"é\".[b c], `d`, 'it''s' -- x\r\n/* y */ , ?, :n, 1.5, x'00' <> 2".as_bytes();
        let found = tokens(text);
        let words: Vec<_> = found.iter().map(|(_, w)| w.as_str()).collect();
        assert_eq!(
            words,
            ["SELECT", "\"é\"", ".", "[b c]", ",", "`d`", ",", "'it''s'", ",", "?", ",", ":n", ",", "1.5", ",", "x'00'", "<>", "2"]
        );
        assert_eq!(found[1].0, Kind::Quoted);
        assert_eq!(found[7].0, Kind::String);
        assert_eq!(found[9].0, Kind::Variable);
        assert_eq!(found[15].0, Kind::Blob);
        assert_eq!(unquote(b"'it''s'"), "it's");
        assert_eq!(unquote(b"\"a\"\"b\""), "a\"b");
        assert_eq!(unquote(b"'"), "");
    }

    #[test]
    fn a_refused_byte_is_one_token_and_the_rest_goes_on() {
        assert_eq!(
            tokens(b"a \\ b ! c 12ab d"),
            [
                (Kind::Word, "a".into()),
                (Kind::Error, "\\".into()),
                (Kind::Word, "b".into()),
                (Kind::Error, "!".into()),
                (Kind::Word, "c".into()),
                (Kind::Error, "12ab".into()),
                (Kind::Word, "d".into()),
            ]
        );
        assert_eq!(tokens(b"a 'b"), [(Kind::Word, "a".into()), (Kind::Unterminated, "'b".into())]);
        assert_eq!(tokens(b"a /* b"), [(Kind::Word, "a".into())]);
        assert_eq!(tokens(b""), []);
    }

    #[test]
    fn mysql_escapes_and_comments_are_understood_only_where_sqlite_makes_no_sense() {
        assert_eq!(tokens(br"'it\'s', 'b'")[0].1, r"'it\'s'");
        assert_eq!(tokens(br"'say \'hi\'', 'b'")[0].1, r"'say \'hi\''");
        assert_eq!(tokens(br"'C:\', 'b'")[0].1, r"'C:\'");
        assert_eq!(tokens(b"# a 'comment\nb"), [(Kind::Word, "b".into())]);
    }

    #[test]
    fn a_backslash_at_the_end_escapes_nothing() {
        let text = b"CREATE T(b 'x\\'y); {hidex\\";
        let last = Tokens::new(text).last().unwrap();
        assert_eq!(last.end as usize, text.len());
    }

    #[test]
    fn any_bytes_end_and_cover_the_text_in_order() {
        let mut state = 7_u64;
        let alphabet = b"ab1'\"`[]()/*-#\\;.,?:@$!x\xff\xc3\xa9\n 0e+|<>=";
        for _ in 0..2_000 {
            let text: Vec<u8> = (0..40)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    alphabet[(state >> 33) as usize % alphabet.len()]
                })
                .collect();
            let mut last = 0;
            for token in Tokens::new(&text) {
                assert!(token.start >= last && token.end > token.start && token.end as usize <= text.len());
                last = token.end;
            }
        }
    }
}
