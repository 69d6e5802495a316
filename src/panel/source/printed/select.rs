//! The statement that rows come from: which table it selects from.

/// What a statement selects from.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Select {
    pub(super) database: String,
    pub(super) table: String,
    /// It has a condition or takes only some rows.
    pub(super) restricted: bool,
}

/// What ends the table's part of a statement.
const BEHIND: [&str; 6] = ["WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "PROCEDURE"];
/// What in that part takes away rows.
const RESTRICTS: [&str; 4] = ["WHERE", "GROUP", "HAVING", "LIMIT"];
/// What makes rows of several tables, or none of a table.
const COMBINES: [&str; 8] = ["JOIN", "UNION", "INTERSECT", "EXCEPT", "STRAIGHT_JOIN", "PARTITION", "SELECT", "DISTINCT"];

impl Select {
    /// `SELECT … FROM database.table …`; `None` where it is anything but rows of one table.
    pub(super) fn of(statement: &str) -> Option<Select> {
        let pieces = pieces(statement);
        let mut pieces = pieces.iter();
        let word = |piece: &Piece, words: &[&str]| matches!(piece, Piece::Word(w) if words.iter().any(|x| w.eq_ignore_ascii_case(x)));
        if !word(pieces.next()?, &["SELECT"]) {
            return None;
        }
        loop {
            let piece = pieces.next()?;
            if word(piece, &["FROM"]) {
                break;
            }
            if word(piece, &COMBINES) {
                return None;
            }
        }
        let mut select = Select { database: String::new(), table: pieces.next()?.name()?, restricted: false };
        let mut next = pieces.next();
        if next == Some(&Piece::Mark('.')) {
            select.database = std::mem::replace(&mut select.table, pieces.next()?.name()?);
            next = pieces.next();
        }
        while let Some(piece) = next {
            if *piece == Piece::Mark(',') || word(piece, &COMBINES) {
                return None;
            }
            if word(piece, &BEHIND) {
                select.restricted = word(piece, &RESTRICTS) || pieces.clone().any(|p| word(p, &RESTRICTS));
                // What is united with it.
                return (!pieces.any(|p| word(p, &["UNION", "INTERSECT", "EXCEPT"]))).then_some(select);
            }
            next = pieces.next();
        }
        Some(select)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Word(String),
    /// In backticks.
    Name(String),
    Text,
    Mark(char),
}

impl Piece {
    fn name(&self) -> Option<String> {
        match self {
            Piece::Word(name) | Piece::Name(name) => Some(name.clone()),
            _ => None,
        }
    }
}

/// The pieces of a statement; what stands in parentheses is left out.
fn pieces(statement: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut depth = 0_usize;
    let mut rest = statement.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    while let Some(first) = rest.chars().next() {
        let (piece, length) = match first {
            '\'' | '"' => (Piece::Text, quoted(rest, first)),
            '`' => {
                let length = quoted(rest, first);
                (Piece::Name(rest[1..length].trim_end_matches('`').replace("``", "`")), length)
            }
            _ if is_word(first) => {
                let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                (Piece::Word(rest[..length].to_owned()), length)
            }
            _ => (Piece::Mark(first), first.len_utf8()),
        };
        rest = &rest[length..];
        match piece {
            Piece::Mark('(') => depth += 1,
            Piece::Mark(')') => depth = depth.saturating_sub(1),
            Piece::Mark(c) if c.is_whitespace() => {}
            piece if depth == 0 => pieces.push(piece),
            _ => {}
        }
    }
    pieces
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '@')
}

/// How long the quoted text is that `text` begins with; both quotes count.
fn quoted(text: &str, quote: char) -> usize {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if c == '\\' && quote != '`' {
            chars.next();
        } else if c == quote {
            if !text[at + 1..].starts_with(quote) {
                return at + 1;
            }
            chars.next();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_table_is_found() {
        let of = |statement: &str| {
            Select::of(statement).map(|s| format!("{}.{}{}", s.database, s.table, if s.restricted { " restricted" } else { "" }))
        };
        for (statement, expected) in [
            ("SELECT id,name FROM domains", Some(".domains")),
            ("select `id`, 'a FROM b', concat(id, (select 1 from x)) as y from `psa`.`do``m` as d order by id;\n", Some("psa.do`m")),
            ("SELECT * FROM psa.clients WHERE login <> ' UNION '", Some("psa.clients restricted")),
            ("SELECT id FROM domains ORDER BY id LIMIT 5", Some(".domains restricted")),
            ("SELECT d.id FROM domains d JOIN clients c ON c.id = d.cl_id", None),
            ("SELECT id FROM domains, clients", None),
            ("SELECT id FROM domains UNION SELECT id FROM clients", None),
            ("SELECT id FROM domains WHERE 1 UNION SELECT id FROM clients", None),
            ("SELECT id FROM (SELECT id FROM domains) x JOIN y", None),
            ("SELECT id FROM (SELECT id FROM domains) x", Some(".x")),
            ("SHOW TABLES", None),
            ("SELECT 1", None),
            ("", None),
            ("SELECT id FROM", None),
            ("SELECT id FROM `", Some(".")),
            ("SELECT 'x", None),
        ] {
            assert_eq!(of(statement).as_deref(), expected, "{statement}");
        }
    }
}
