//! Whether a stored expression can bear that a column's ids become text.

use crate::extension::sql::token::{Kind, Token, bytes, is, is_any, name};
use crate::remap::decide::Class;
use crate::remap::sentinel::Sentinels;
use crate::sqlite::ValueRef;

/// The column whose values change.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    /// Its name.
    pub name: &'a str,
    /// It has an affinity: `column = 0` means the same for the number and for the text that it becomes.
    pub typed: bool,
    /// The values that mean no object, or all.
    pub sentinels: &'a Sentinels,
}

/// Whether the expression asks more of the column than whether it is NULL, or one of the words and numbers that mean no object.
pub(super) fn reads_ids(text: &[u8], tokens: &[Token], column: Column<'_>) -> bool {
    (0..tokens.len()).filter(|&at| mentions(text, tokens, at, column.name)).any(|at| !harmless(text, tokens, at, column))
}

/// Whether the token at `at` names the column.
pub(super) fn mentions(text: &[u8], tokens: &[Token], at: usize, column: &str) -> bool {
    let next = tokens.get(at + 1).map(|t| t.kind);
    let after_collate = at > 0 && is(text, &tokens[at - 1], "COLLATE");
    matches!(tokens[at].kind, Kind::Word | Kind::Quoted)
        && !matches!(next, Some(Kind::Dot | Kind::Open))
        && !after_collate
        && name(text, &tokens[at]).is_some_and(|n| n.eq_ignore_ascii_case(column))
}

/// Whether what is asked of the column, named at `at`, is `IS NULL`, or a comparison with something that means no object.
fn harmless(text: &[u8], tokens: &[Token], at: usize, column: Column<'_>) -> bool {
    let mut start = at;
    while start >= 2 && tokens[start - 1].kind == Kind::Dot {
        start -= 2;
    }
    let before = start.checked_sub(1).map(|i| &tokens[i]);
    let begins =
        before.is_none_or(|t| matches!(t.kind, Kind::Open | Kind::Comma) || is_any(text, t, &["AND", "OR", "NOT", "WHEN", "WHERE"]));
    let Some(end) = asked(text, tokens, at + 1, column) else { return false };
    let ends = tokens.get(end).is_none_or(|t| {
        matches!(t.kind, Kind::Close | Kind::Comma | Kind::Semicolon) || is_any(text, t, &["AND", "OR", "THEN", "ELSE", "END"])
    });
    begins && ends
}

/// Where the harmless question that begins at `at` ends.
fn asked(text: &[u8], tokens: &[Token], at: usize, column: Column<'_>) -> Option<usize> {
    let word = |i: usize, word: &str| tokens.get(i).is_some_and(|t| is(text, t, word));
    if word(at, "ISNULL") || word(at, "NOTNULL") {
        return Some(at + 1);
    }
    if word(at, "NOT") && word(at + 1, "NULL") {
        return Some(at + 2);
    }
    let compared = if word(at, "IS") {
        let at = if word(at + 1, "NOT") { at + 2 } else { at + 1 };
        if word(at, "NULL") {
            return Some(at + 1);
        }
        at
    } else {
        let operator = tokens.get(at).filter(|t| t.kind == Kind::Operator)?;
        matches!(bytes(text, operator), b"=" | b"==" | b"<>" | b"!=").then_some(at + 1)?
    };
    column.typed.then(|| no_object(text, tokens, compared, column.sentinels)).flatten()
}

/// Where the literal at `at` ends, if it is one that means no object.
pub(super) fn no_object(text: &[u8], tokens: &[Token], at: usize, sentinels: &Sentinels) -> Option<usize> {
    let first = tokens.get(at)?;
    let sign = (first.kind == Kind::Operator && matches!(bytes(text, first), b"-" | b"+")).then(|| bytes(text, first));
    let literal = tokens.get(at + usize::from(sign.is_some()))?;
    let value = match (literal.kind, sign) {
        (Kind::Number, _) => {
            let digits = String::from_utf8_lossy(bytes(text, literal)).into_owned();
            if sign == Some(b"-") { format!("-{digits}") } else { digits }
        }
        (Kind::String, None) => name(text, literal)?,
        _ => return None,
    };
    is_no_object(&value, sentinels).then_some(at + 1 + usize::from(sign.is_some()))
}

/// Whether the text is one of the column's values that mean no object, or all of them.
pub(super) fn is_no_object(word: &str, sentinels: &Sentinels) -> bool {
    sentinels.class(ValueRef::Text(word.as_bytes())) == Class::Sentinel
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::sql::token::Tokens;

    fn reads(expression: &str, typed: bool) -> bool {
        let tokens: Vec<Token> = Tokens::of_sqlite(expression.as_bytes()).collect();
        reads_ids(expression.as_bytes(), &tokens, Column { name: "Domain_Id", typed, sentinels: &Sentinels::shared() })
    }

    #[test]
    fn questions_that_text_answers_like_numbers_are_harmless() {
        for expression in [
            "x > 5",
            "domain_id IS NULL",
            "domain_id IS NOT NULL AND x > 5",
            "\"domain_id\" notnull",
            "NOT [domain_id] ISNULL OR t.domain_id NOT NULL",
            "domain_id <> 0",
            "x = 1 AND (domain_id != -1 OR domain_id = '')",
            "domain_id IS NOT 'all'",
            "coalesce(x, domain_id IS NULL)",
            "'domain_id' = x",
            "domain_id(x) > 5",
        ] {
            assert!(!reads(expression, true), "{expression}");
        }
    }

    #[test]
    fn all_others_are_not() {
        for expression in [
            "domain_id > 0",
            "domain_id = 5",
            "x + domain_id = 0",
            "domain_id + 1",
            "domain_id = 0 + 5",
            "domain_id IS NULL + 1",
            "x = domain_id IS NULL",
            "typeof(domain_id) = 'integer'",
            "domain_id",
            "(domain_id) IS NULL",
            "domain_id IN (0, 1)",
            "0 <> domain_id",
            "domain_id COLLATE NOCASE IS NULL",
            "`domain_id` BETWEEN 1 AND 5",
            "domain_id <> x'30'",
            "-domain_id IS NULL",
        ] {
            assert!(reads(expression, true), "{expression}");
        }
        assert!(reads("domain_id <> 0", false), "without an affinity, 0 and '0' differ");
        assert!(!reads("domain_id IS NOT NULL", false));
    }
}
