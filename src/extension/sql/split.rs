//! Cutting SQL text into statements at `;`, in one pass.

use std::ops::Range;

use super::token::{Kind, Token, Tokens, is, is_any};

/// The most tokens of one statement that are kept.
const MAX_TOKENS: usize = 1_000_000;

/// How often reading goes on behind a quote that is never closed.
const MAX_RESTARTS: usize = 16;

/// A statement: its tokens without the `;`.
#[derive(Debug)]
pub(super) struct Statement {
    /// Empty for a statement that the caller does not want.
    pub(super) tokens: Vec<Token>,
    /// From its first byte to its last one.
    pub(super) range: Range<u32>,
    /// Why its end is not known.
    pub(super) flaw: Option<Flaw>,
}

/// Why the end of a statement is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A quote is never closed.
    OpenQuote,
    /// `CREATE TRIGGER … BEGIN` has no `END`.
    OpenTrigger,
    /// It has more than [`MAX_TOKENS`] tokens.
    TooLong,
}

impl Flaw {
    /// For a person.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Flaw::OpenQuote => "a quote opened here is never closed",
            Flaw::OpenTrigger => "this trigger has no END",
            Flaw::TooLong => "this statement is too long",
        }
    }
}

/// The statements of `text`. The tokens of those whose first token `wanted` refuses are not kept: they cost the lexing and nothing else.
pub(super) fn statements(text: &[u8], wanted: impl Fn(&Token) -> bool) -> Statements<'_, impl Fn(&Token) -> bool> {
    Statements { text, tokens: Tokens::new(text), wanted, restarts: 0 }
}

/// See [`statements`].
pub(super) struct Statements<'t, W> {
    text: &'t [u8],
    tokens: Tokens<'t>,
    wanted: W,
    restarts: usize,
}

/// How far a statement is into a trigger's body, in which `;` ends nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trigger {
    /// The first token was `CREATE`; how many followed.
    Created(u8),
    /// Anything else.
    No,
    /// `CREATE … TRIGGER` (or a stored routine of MySQL).
    Head,
    /// Behind `BEGIN`; whether the last token was a `;` (then `END` ends the body: the `END` of a `CASE` never follows one).
    Body { semicolon: bool },
}

impl<W: Fn(&Token) -> bool> Iterator for Statements<'_, W> {
    type Item = Statement;

    fn next(&mut self) -> Option<Statement> {
        let first = self.tokens.find(|t| t.kind != Kind::Semicolon)?;
        let keep = (self.wanted)(&first);
        let mut trigger = if is(self.text, &first, "CREATE") { Trigger::Created(0) } else { Trigger::No };
        let mut statement = Statement { tokens: Vec::new(), range: first.start..first.end, flaw: None };
        let mut token = Some(first);
        while let Some(t) = token {
            match t.kind {
                Kind::Unterminated => {
                    statement.flaw = Some(Flaw::OpenQuote);
                    statement.range.end = self.restart(t.start);
                    return Some(statement);
                }
                Kind::Semicolon => match &mut trigger {
                    Trigger::Body { semicolon } => *semicolon = true,
                    _ => return Some(statement),
                },
                _ => trigger = self.step(trigger, &t),
            }
            statement.range.end = t.end;
            if keep && statement.flaw.is_none() {
                if statement.tokens.len() < MAX_TOKENS {
                    statement.tokens.push(t);
                } else {
                    statement.flaw = Some(Flaw::TooLong);
                }
            }
            token = self.tokens.next();
        }
        if matches!(trigger, Trigger::Body { .. }) {
            statement.flaw = Some(Flaw::OpenTrigger);
        }
        Some(statement)
    }
}

impl<W> Statements<'_, W> {
    fn step(&self, trigger: Trigger, token: &Token) -> Trigger {
        match trigger {
            Trigger::Created(_) if is_any(self.text, token, &["TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"]) => Trigger::Head,
            // `CREATE TEMP TRIGGER`, `CREATE DEFINER = a@b TRIGGER`; a table's name or body is not searched.
            Trigger::Created(_) if is_any(self.text, token, &["TABLE", "INDEX", "VIEW", "VIRTUAL"]) => Trigger::No,
            Trigger::Created(n) if n < 12 => Trigger::Created(n + 1),
            Trigger::Head if is(self.text, token, "BEGIN") => Trigger::Body { semicolon: true },
            Trigger::Body { semicolon: true } if is(self.text, token, "END") => Trigger::No,
            Trigger::Body { .. } => Trigger::Body { semicolon: false },
            Trigger::Head => Trigger::Head,
            Trigger::Created(_) | Trigger::No => Trigger::No,
        }
    }

    /// Goes on at the next line that starts with `CREATE` or `ALTER` behind the open quote at `at`, and gives where that is.
    fn restart(&mut self, at: u32) -> u32 {
        let end = self.text.len();
        let mut next = end;
        if self.restarts < MAX_RESTARTS {
            self.restarts += 1;
            let rest = &self.text[at as usize..];
            for newline in memchr::memchr_iter(b'\n', rest) {
                let line = &rest[newline + 1..];
                let starts = |word: &[u8]| line.get(..word.len()).is_some_and(|l| l.eq_ignore_ascii_case(word));
                if starts(b"create ") || starts(b"alter ") {
                    next = at as usize + newline + 1;
                    break;
                }
            }
        }
        let next = u32::try_from(next).unwrap_or(u32::MAX);
        self.tokens.seek(next);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        statements(text.as_bytes(), |_| true).map(|s| &text[s.range.start as usize..s.range.end as usize]).collect()
    }

    #[test]
    fn semicolons_end_statements_but_not_inside_strings_and_triggers() {
        assert_eq!(split(";;a ';' b; c -- ;\n d ;"), ["a ';' b", "c -- ;\n d"]);
        let trigger = "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; DELETE FROM u; END";
        assert_eq!(split(&format!("{trigger}; CREATE TABLE y (z)")), [trigger, "CREATE TABLE y (z)"]);
        // BEGIN and END are transactions outside of triggers, and names inside of tables.
        assert_eq!(split("BEGIN; CREATE TABLE \"trigger\" (a); END; x"), ["BEGIN", "CREATE TABLE \"trigger\" (a)", "END", "x"]);
    }

    #[test]
    fn an_open_quote_or_trigger_is_a_flaw_and_does_not_swallow_the_tables_behind() {
        let text = "INSERT INTO a VALUES ('x);\nCREATE TABLE b (c);\n";
        let found: Vec<_> = statements(text.as_bytes(), |_| true).collect();
        assert_eq!(found[0].flaw, Some(Flaw::OpenQuote));
        assert_eq!(found[1].tokens.len(), 6);
        let open: Vec<_> = statements(b"CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; SELECT 2;", |_| true).collect();
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].flaw, Some(Flaw::OpenTrigger));
    }

    #[test]
    fn unwanted_statements_keep_no_tokens_and_time_is_linear() {
        let text = format!("INSERT INTO t VALUES {};", "(1, 'a;b'),".repeat(200_000));
        let found: Vec<_> = statements(text.as_bytes(), |t| is(text.as_bytes(), t, "CREATE")).collect();
        assert_eq!(found.len(), 1);
        assert!(found[0].tokens.is_empty());
        let quotes = "'\ncreate ".repeat(100_001);
        assert!(statements(quotes.as_bytes(), |_| true).count() <= 100_002);
    }
}
