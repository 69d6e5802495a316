//! A place in a statement's tokens.

use super::token::{Kind, Token, is, is_any, name};

/// Tokens and how many of them are read.
pub(super) struct Cursor<'t> {
    pub(super) text: &'t [u8],
    pub(super) tokens: &'t [Token],
    pub(super) at: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn peek_second(&self) -> Option<&'t Token> {
        self.tokens.get(self.at + 1)
    }

    pub(super) fn next(&mut self) -> Option<&'t Token> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.peek().is_some_and(|t| is(self.text, t, word))
    }

    pub(super) fn second_is(&self, word: &str) -> bool {
        self.peek_second().is_some_and(|t| is(self.text, t, word))
    }

    pub(super) fn is_any(&self, words: &[&str]) -> bool {
        self.peek().is_some_and(|t| is_any(self.text, t, words))
    }

    pub(super) fn is_kind(&self, kind: Kind) -> bool {
        self.peek().is_some_and(|t| t.kind == kind)
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn eat_kind(&mut self, kind: Kind) -> bool {
        let found = self.is_kind(kind);
        self.at += usize::from(found);
        found
    }

    pub(super) fn name(&mut self) -> Option<String> {
        let found = name(self.text, self.peek()?)?;
        self.at += 1;
        Some(found)
    }

    /// What stands between the `(` here and its `)`, cut at the commas. `None` when there is no `(`, or no `)`.
    pub(super) fn list(&mut self) -> Option<Vec<&'t [Token]>> {
        if !self.is_kind(Kind::Open) {
            return None;
        }
        let mut items = Vec::new();
        let mut depth = 0_usize;
        let mut start = self.at + 1;
        for (i, token) in self.tokens.iter().enumerate().skip(self.at) {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Comma if depth == 1 => {
                    items.push(&self.tokens[start..i]);
                    start = i + 1;
                }
                Kind::Close => {
                    depth -= 1;
                    if depth == 0 {
                        items.push(&self.tokens[start..i]);
                        self.at = i + 1;
                        return Some(items);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
