//! A table's declaration with id columns turned into text, or with text columns beside them: the original text, edited token by token, and never written anew.

use std::ops::Range;

use super::expression::{self, Column, no_object, reads_ids};
use crate::extension::sql::token::{Kind, Token, Tokens, bytes, is, is_any, name};
use crate::remap::sentinel::Sentinels;
use crate::sqlite::name::quote;
use crate::sqlite::schema::Table;

/// Words that end a column's type.
const CONSTRAINTS: &[&str] =
    &["CONSTRAINT", "DEFAULT", "NULL", "NOT", "PRIMARY", "UNIQUE", "CHECK", "REFERENCES", "COLLATE", "GENERATED", "AS", "DEFERRABLE"];

/// What becomes of one column.
#[derive(Debug, Clone)]
pub(super) struct Edit<'a> {
    /// Index of the id column in its table.
    pub column: usize,
    /// The column to be added for it; `None`: the id column itself becomes text.
    pub beside: Option<&'a str>,
    /// The values of the id column that mean no object, or all.
    pub sentinels: &'a Sentinels,
}

/// A table's declaration, taken apart.
struct Declaration<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// What the commas between the outer parentheses part: columns first, then constraints. Ranges of tokens.
    items: Vec<Range<usize>>,
}

/// The text that declares the table once `edits` are made. `Err`: why that cannot be, one line each.
pub(super) fn edit(table: &Table, edits: &[Edit<'_>]) -> Result<String, Vec<String>> {
    let unread = || vec![format!("the declaration of {} cannot be read with certainty: it is not changed", table.name)];
    let declaration = Declaration::read(table).ok_or_else(unread)?;
    let mut refusals = Vec::new();
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for edit in edits {
        match edit.beside {
            Some(new) => {
                let last = declaration.items[table.columns.len() - 1].end - 1;
                let at = declaration.tokens[last].end as usize;
                changes.push((at..at, format!(", {} TEXT", quote(new))));
            }
            None => {
                refusals.extend(declaration.refusals(table, edit));
                changes.push(declaration.retype(table, edit.column));
            }
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    // From the end on, so that what is before keeps its place. Columns beside are added at one place, in their order.
    changes.sort_by_key(|c| c.0.start);
    let mut text = declaration.text.to_owned();
    changes.into_iter().rev().for_each(|(range, new)| text.replace_range(range, &new));
    Ok(text)
}

/// Why an index cannot bear that `column` becomes text, if it cannot.
pub(super) fn index_refusal(table: &Table, sql: &str, column: usize, sentinels: &Sentinels) -> Option<String> {
    let (text, tokens) = (sql.as_bytes(), Tokens::of_sqlite(sql.as_bytes()).collect::<Vec<_>>());
    let column = column_of(table, column, sentinels);
    let open = tokens.iter().position(|t| t.kind == Kind::Open)?;
    let close = matching(&tokens, open)?;
    let plain = |part: &Range<usize>| {
        let rest = &tokens[part.start + 1..part.end];
        let words = rest
            .iter()
            .enumerate()
            .all(|(i, t)| is_any(text, t, &["COLLATE", "ASC", "DESC"]) || (i > 0 && is(text, &rest[i - 1], "COLLATE")));
        matches!(tokens[part.start].kind, Kind::Word | Kind::Quoted | Kind::String) && words
    };
    let parts = cut(&tokens, open + 1, close);
    let reads = |range: Range<usize>| reads_ids(text, &tokens[range], column);
    if parts.into_iter().filter(|p| !p.is_empty() && !plain(p)).any(reads) || reads(close + 1..tokens.len()) {
        let shown = one_line(sql);
        return Some(format!("an index of {} computes with {}: {shown}", table.name, column.name));
    }
    None
}

/// Whether the text of a trigger or view names both the table and the column.
pub(super) fn names_both(sql: &str, table: &str, column: &str) -> bool {
    let text = sql.as_bytes();
    let tokens: Vec<Token> = Tokens::of_sqlite(text).collect();
    let named = |wanted: &str| {
        let is_it = |t: &Token| t.kind != Kind::String && name(text, t).is_some_and(|n| n.eq_ignore_ascii_case(wanted));
        tokens.iter().any(is_it)
    };
    named(table) && (named(column) || tokens.iter().any(|t| bytes(text, t) == b"*"))
}

/// The text of a `CREATE TABLE`, `INDEX` or `TRIGGER` as SQLite keeps it, for the database that is called `schema`.
pub(super) fn placed(sql: &str, schema: &str) -> Option<String> {
    let text = sql.as_bytes();
    let mut tokens = Tokens::of_sqlite(text).skip_while(|t| !is_any(text, t, &["TABLE", "INDEX", "TRIGGER"]));
    let at = tokens.nth(1)?.start as usize;
    Some(format!("{}{}.{}", &sql[..at], quote(schema), &sql[at..]))
}

/// The name of a trigger whose text names the database of its table, and that database.
pub(super) fn elsewhere(sql: &str) -> Option<(String, String)> {
    let text = sql.as_bytes();
    let tokens: Vec<Token> = Tokens::of_sqlite(text).collect();
    let trigger =
        tokens.iter().position(|t| is_any(text, t, &["TABLE", "INDEX", "TRIGGER"])).filter(|&at| is(text, &tokens[at], "TRIGGER"))?;
    // A trigger may be called ON if that is quoted, and so may a column of UPDATE OF.
    let on = (trigger + 2..tokens.len()).find(|&at| tokens[at].kind == Kind::Word && is(text, &tokens[at], "ON"))?;
    let named = |at: usize| tokens.get(at).and_then(|t| name(text, t)).map(|n| n.to_string());
    tokens.get(on + 2).filter(|t| t.kind == Kind::Dot).and_then(|_| Some((named(trigger + 1)?, named(on + 1)?)))
}

/// Text in one line.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The column of `table`, as expressions see it.
fn column_of<'a>(table: &'a Table, column: usize, sentinels: &'a Sentinels) -> Column<'a> {
    let declared = &table.columns[column];
    let upper = declared.declared_type.to_ascii_uppercase();
    let any = table.strict && upper == "ANY";
    Column { name: &declared.name, typed: !upper.is_empty() && !any && !upper.contains("BLOB"), sentinels }
}

/// The index of the token that closes the parenthesis at `open`.
fn matching(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().skip(open) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(i);
                }
            }
            _ => {}
        }
    }
    None
}

/// The tokens from `start` to `end`, cut at the commas that stand in no parentheses.
fn cut(tokens: &[Token], start: usize, end: usize) -> Vec<Range<usize>> {
    let (mut items, mut from, mut depth) = (Vec::new(), start, 0_usize);
    for (i, token) in tokens.iter().enumerate().take(end).skip(start) {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            Kind::Comma if depth == 0 => {
                items.push(from..i);
                from = i + 1;
            }
            _ => {}
        }
    }
    items.push(from..end);
    items
}

impl<'t> Declaration<'t> {
    fn read(table: &'t Table) -> Option<Declaration<'t>> {
        let text = table.sql.as_str();
        // Names may be bytes that are no text.
        if text.contains('\u{fffd}') {
            return None;
        }
        let tokens: Vec<Token> = Tokens::of_sqlite(text.as_bytes()).collect();
        let bad = |t: &Token| matches!(t.kind, Kind::Error | Kind::Unterminated | Kind::Variable | Kind::Semicolon);
        let begins = is(text.as_bytes(), tokens.first()?, "CREATE") && is(text.as_bytes(), tokens.get(1)?, "TABLE");
        if !begins || tokens.iter().any(bad) || tokens.get(3)?.kind != Kind::Open {
            return None;
        }
        let items = cut(&tokens, 4, matching(&tokens, 3)?);
        let declaration = Declaration { text, tokens, items };
        let columns = declaration.items.get(..table.columns.len())?;
        let same = |(item, column): (&Range<usize>, &crate::sqlite::schema::Column)| {
            let first = declaration.tokens.get(item.start).filter(|_| !item.is_empty());
            first.and_then(|t| name(declaration.bytes(), t)).is_some_and(|n| n.eq_ignore_ascii_case(&column.name))
        };
        columns.iter().zip(&table.columns).all(same).then_some(declaration)
    }

    fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The text of some tokens.
    fn shown(&self, range: Range<usize>) -> String {
        let tokens = &self.tokens[range];
        match (tokens.first(), tokens.last()) {
            (Some(first), Some(last)) => one_line(&self.text[first.start as usize..last.end as usize]),
            _ => String::new(),
        }
    }

    /// Positions of `word` in an item, outside of parentheses.
    fn find(&self, item: &Range<usize>, word: &str) -> Vec<usize> {
        let mut depth = 0_usize;
        let mut found = Vec::new();
        for i in item.clone() {
            match self.tokens[i].kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                // The first token of an item is a name, or begins a constraint.
                _ if depth == 0 && is(self.bytes(), &self.tokens[i], word) => found.push(i),
                _ => {}
            }
        }
        found
    }

    /// The change that makes the column's type TEXT.
    fn retype(&self, table: &Table, column: usize) -> (Range<usize>, String) {
        let item = &self.items[column];
        let mut depth = 0_usize;
        let ends = (item.start + 1..item.end).find(|&i| match self.tokens[i].kind {
            Kind::Open => {
                depth += 1;
                false
            }
            Kind::Close => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0 && is_any(self.bytes(), &self.tokens[i], CONSTRAINTS),
        });
        let of_type = item.start + 1..ends.unwrap_or(item.end);
        // An INTEGER PRIMARY KEY is never NULL; a text one may be, if it is not told.
        let not_null = table.integer_key == Some(column) && !table.columns[column].not_null;
        let not_null = if not_null { " NOT NULL" } else { "" };
        if of_type.is_empty() {
            let at = self.tokens[item.start].end as usize;
            return (at..at, self.apart(&(at..at), &format!(" TEXT{not_null}")));
        }
        let range = self.tokens[of_type.start].start as usize..self.tokens[of_type.end - 1].end as usize;
        let old = &self.text[range.clone()];
        let new = if old.eq_ignore_ascii_case("TEXT") { old } else { "TEXT" };
        let text = self.apart(&range, &format!("{new}{not_null}"));
        (range, text)
    }

    /// `new` with a space on each side on which it would grow together with what stands there.
    fn apart(&self, range: &Range<usize>, new: &str) -> String {
        let of_word =
            |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'"' | b'\'' | b'`' | b'[') || *b >= 0x80);
        let text = self.bytes();
        let left = range.start.checked_sub(1).is_some_and(|i| of_word(text.get(i))) && !new.starts_with(' ') && !range.is_empty();
        let right = of_word(text.get(range.end));
        format!("{}{new}{}", if left { " " } else { "" }, if right { " " } else { "" })
    }

    /// Why the column cannot become text, if it cannot.
    fn refusals(&self, table: &Table, edit: &Edit<'_>) -> Vec<String> {
        let column = edit.column;
        let (text, as_seen) = (self.bytes(), column_of(table, column, edit.sentinels));
        let name = format!("{}.{}", table.name, as_seen.name);
        let mut refusals = Vec::new();
        if table.integer_key == Some(column) && self.tokens.iter().any(|t| is(text, t, "AUTOINCREMENT")) {
            refusals.push(format!("{name} is counted by SQLite (AUTOINCREMENT): such numbers are no ids of the panel"));
        }
        for at in self.find(&self.items[column], "DEFAULT") {
            if let Some(shown) = self.unsafe_default(&self.items[column], at, edit.sentinels) {
                refusals.push(format!("{name} has the DEFAULT {shown}, which would be no reference; declare it without one first"));
            }
        }
        for (number, item) in self.items.iter().enumerate() {
            for word in ["CHECK", "AS"] {
                for at in self.find(item, word) {
                    let is_column = number < table.columns.len();
                    let Some(close) = self.tokens.get(at + 1).filter(|t| t.kind == Kind::Open).and_then(|_| matching(&self.tokens, at + 1))
                    else {
                        continue;
                    };
                    if (word == "AS" && !is_column) || !reads_ids(text, &self.tokens[at + 2..close], as_seen) {
                        continue;
                    }
                    let what = match word {
                        "CHECK" => format!("a CHECK of {}", table.name),
                        _ => format!("the generated column {}.{}", table.name, table.columns[number].name),
                    };
                    let shown = self.shown(at..close + 1);
                    refusals.push(format!("{what} computes with {name}: {shown}; declare the table without it first"));
                }
            }
        }
        refusals
    }

    /// The default at `at`, unless it means no object.
    fn unsafe_default(&self, item: &Range<usize>, at: usize, sentinels: &Sentinels) -> Option<String> {
        let (text, tokens) = (self.bytes(), &self.tokens[..item.end]);
        let (start, end) = match tokens.get(at + 1)?.kind {
            Kind::Open => (at + 2, matching(&self.tokens, at + 1)? + 1),
            Kind::Operator => (at + 1, at + 3),
            _ => (at + 1, at + 2),
        };
        let inner = if start == at + 2 { end - 1 } else { end };
        let is_null = is(text, tokens.get(start)?, "NULL") && inner == start + 1;
        let quoted = || tokens[start].kind == Kind::Quoted && expression_word(text, &tokens[start], sentinels) && inner == start + 1;
        let harmless = is_null || no_object(text, tokens, start, sentinels) == Some(inner) || quoted();
        (!harmless).then(|| self.shown(at + 1..end.min(item.end)))
    }
}

/// Whether a quoted word, which SQLite takes as a text where no column can stand, means no object.
fn expression_word(text: &[u8], token: &Token, sentinels: &Sentinels) -> bool {
    expression::is_no_object(&name(text, token).unwrap_or_default(), sentinels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Connection;
    use crate::sqlite::schema::Schema;

    fn table(sql: &str) -> Table {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(sql).unwrap_or_else(|e| panic!("{sql}: {e}"));
        Schema::read(&connection, "main").unwrap().tables.into_iter().find(|t| !t.name.starts_with("other")).unwrap()
    }

    fn edited(sql: &str) -> Result<String, Vec<String>> {
        let table = table(sql);
        let column = table.column("d").unwrap();
        edit(&table, &[Edit { column, beside: None, sentinels: &Sentinels::shared() }])
    }

    #[test]
    fn only_the_type_changes() {
        for (before, after) in [
            ("CREATE TABLE t(d)", "CREATE TABLE t(d TEXT)"),
            ("CREATE TABLE t(d INTEGER)", "CREATE TABLE t(d TEXT)"),
            ("CREATE TABLE t(d text)", "CREATE TABLE t(d text)"),
            ("CREATE TABLE t(a, d UNSIGNED BIG INT(10, 2) NOT NULL, b)", "CREATE TABLE t(a, d TEXT NOT NULL, b)"),
            ("CREATE TABLE t(d INTEGER PRIMARY KEY, b)", "CREATE TABLE t(d TEXT NOT NULL PRIMARY KEY, b)"),
            ("CREATE TABLE t(d INTEGER NOT NULL PRIMARY KEY)", "CREATE TABLE t(d TEXT NOT NULL PRIMARY KEY)"),
            ("CREATE TABLE t(d INTEGER, PRIMARY KEY (d DESC))", "CREATE TABLE t(d TEXT NOT NULL, PRIMARY KEY (d DESC))"),
            ("CREATE TABLE t(d INT PRIMARY KEY) WITHOUT ROWID", "CREATE TABLE t(d TEXT PRIMARY KEY) WITHOUT ROWID"),
            ("CREATE TABLE t(\"D\" INT DEFAULT 0, b) STRICT", "CREATE TABLE t(\"D\" TEXT DEFAULT 0, b) STRICT"),
            ("CREATE TABLE t([d]INT)", "CREATE TABLE t([d]TEXT)"),
            ("CREATE TABLE t(`d`PRIMARY KEY)", "CREATE TABLE t(`d` TEXT PRIMARY KEY)"),
            ("CREATE TABLE t(d\"INT\"NOT NULL)", "CREATE TABLE t(d TEXT NOT NULL)"),
            (
                "CREATE TABLE t(--d INTEGER\n d /* d INT */ INTEGER /* id, */ DEFAULT (-1) -- the domain\n CHECK (d IS NOT NULL))",
                "CREATE TABLE t(--d INTEGER\n d /* d INT */ TEXT /* id, */ DEFAULT (-1) -- the domain\n CHECK (d IS NOT NULL))",
            ),
            (
                "CREATE TABLE \"t,(d INT\"(a DEFAULT 'C:\\'NOT NULL, d INT DEFAULT NULL REFERENCES other(x) ON DELETE CASCADE, UNIQUE (d))",
                "CREATE TABLE \"t,(d INT\"(a DEFAULT 'C:\\'NOT NULL, d TEXT DEFAULT NULL REFERENCES other(x) ON DELETE CASCADE, UNIQUE (d))",
            ),
            ("CREATE TABLE t(d 'INT' COLLATE NOCASE, CHECK (d <> 0))", "CREATE TABLE t(d TEXT COLLATE NOCASE, CHECK (d <> 0))"),
        ] {
            let sql = before.replace("(\"D\" INT DEFAULT 0, b)", "(\"D\" INT DEFAULT 0, b TEXT)");
            let after = after.replace("(\"D\" TEXT DEFAULT 0, b)", "(\"D\" TEXT DEFAULT 0, b TEXT)");
            assert_eq!(edited(&sql).as_deref(), Ok(after.as_str()), "{before}");
            table(&after);
        }
    }

    #[test]
    fn what_computes_with_ids_is_refused_by_name() {
        for (sql, told) in [
            ("CREATE TABLE t(d INTEGER PRIMARY KEY AUTOINCREMENT)", "AUTOINCREMENT"),
            ("CREATE TABLE t(d INT DEFAULT 5)", "DEFAULT 5"),
            ("CREATE TABLE t(d INT DEFAULT (1 + 2))", "DEFAULT (1 + 2)"),
            ("CREATE TABLE t(d INT DEFAULT x'30')", "DEFAULT x'30'"),
            ("CREATE TABLE t(d INT DEFAULT -7)", "DEFAULT -7"),
            ("CREATE TABLE t(d INT DEFAULT CURRENT_TIMESTAMP)", "CURRENT_TIMESTAMP"),
            ("CREATE TABLE t(d INT CHECK (d > 0))", "CHECK (d > 0)"),
            ("CREATE TABLE t(a CONSTRAINT positive CHECK (a > 0 AND\n\"D\" > 0), d INT)", "CHECK (a > 0 AND \"D\" > 0)"),
            ("CREATE TABLE t(d INT, CONSTRAINT x CHECK (typeof(t.d) = 'integer'))", "typeof"),
            ("CREATE TABLE t(d INT, g AS (d * 2))", "the generated column t.g"),
            ("CREATE TABLE t(d INT, g TEXT GENERATED ALWAYS AS (d || 'x') STORED)", "the generated column t.g"),
        ] {
            let refusals = edited(sql).unwrap_err();
            assert!(refusals.len() == 1 && refusals[0].contains(told), "{sql}: {refusals:?}");
        }
        for sql in
            ["CREATE TABLE t(d INT DEFAULT \"all\")", "CREATE TABLE t(d INT DEFAULT (NULL))", "CREATE TABLE t(d INT DEFAULT ('admin'))"]
        {
            assert!(edited(sql).is_ok(), "{sql}");
        }
    }

    #[test]
    fn indexes_that_compute_with_ids_are_refused() {
        let table = table("CREATE TABLE t(a, d INT)");
        for (sql, refused) in [
            ("CREATE INDEX i ON t(d COLLATE NOCASE DESC, a)", false),
            ("CREATE UNIQUE INDEX \"i(\" ON t(a) WHERE d IS NOT NULL", false),
            ("CREATE INDEX i ON t(a + 1, 'd')", false),
            ("CREATE INDEX i ON t(a) WHERE d > 5", true),
            ("CREATE INDEX i ON t(d + 1)", true),
            ("CREATE INDEX i ON t(abs(d), a)", true),
            ("CREATE INDEX i ON t((d))", true),
        ] {
            assert_eq!(index_refusal(&table, sql, 1, &Sentinels::shared()).is_some(), refused, "{sql}");
        }
    }

    #[test]
    fn a_column_beside_comes_after_the_last_one() {
        let table = table("CREATE TABLE t(d INT, b DEFAULT (1) /* last */, UNIQUE (d)) -- end");
        let sentinels = Sentinels::shared();
        let one = |column, beside| Edit { column, beside: Some(beside), sentinels: &sentinels };
        let edits = [one(0, "d\"guid"), one(1, "b_name")];
        assert_eq!(
            edit(&table, &edits).unwrap(),
            "CREATE TABLE t(d INT, b DEFAULT (1), \"d\"\"guid\" TEXT, \"b_name\" TEXT /* last */, UNIQUE (d))"
        );
    }

    #[test]
    fn declarations_are_placed_in_their_database() {
        for (sql, placed_sql) in [
            ("CREATE TABLE t(a)", "CREATE TABLE \"d0\".t(a)"),
            ("CREATE UNIQUE INDEX /* x */ \"index\" ON t(a)", "CREATE UNIQUE INDEX /* x */ \"d0\".\"index\" ON t(a)"),
            ("CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END", "CREATE TRIGGER \"d0\".tr AFTER INSERT ON t BEGIN SELECT 1; END"),
        ] {
            assert_eq!(placed(sql, "d0").as_deref(), Some(placed_sql));
        }
    }
}
