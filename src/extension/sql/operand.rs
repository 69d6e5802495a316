//! Columns, values and comparisons in statements.

use super::dml::Reader;
use super::statement::{Column, Comparison, Filter, Operand, TableName};
use super::template::HOLE;
use super::token::{Kind, bytes, is, lossy, name, unquote};

/// Words that are no names of columns, tables or aliases where one is looked for here. Ordered.
const KEYWORDS: &[&str] = &[
    "ALL",
    "AND",
    "AS",
    "ASC",
    "BETWEEN",
    "BY",
    "CASE",
    "CROSS",
    "DEFAULT",
    "DELETE",
    "DESC",
    "DISTINCT",
    "ELSE",
    "END",
    "EXCEPT",
    "EXISTS",
    "FROM",
    "FULL",
    "GLOB",
    "GROUP",
    "HAVING",
    "IN",
    "INDEXED",
    "INNER",
    "INSERT",
    "INTERSECT",
    "INTO",
    "IS",
    "JOIN",
    "LEFT",
    "LIKE",
    "LIMIT",
    "NATURAL",
    "NOT",
    "NULL",
    "ON",
    "OR",
    "ORDER",
    "OUTER",
    "REGEXP",
    "RETURNING",
    "RIGHT",
    "SELECT",
    "SET",
    "THEN",
    "UNION",
    "UPDATE",
    "USING",
    "VALUES",
    "WHEN",
    "WHERE",
    "WITH",
];

/// The length of the longest of [`KEYWORDS`].
const LONGEST_KEYWORD: usize = 9;

/// Functions that give one of the values they are given.
const TRANSPARENT: &[&str] = &["CAST", "MAX", "MIN", "DISTINCT"];

pub(super) fn is_keyword(word: &[u8]) -> bool {
    let mut upper = [0; LONGEST_KEYWORD];
    let Some(upper) = upper.get_mut(..word.len()) else { return false };
    upper.copy_from_slice(word);
    upper.make_ascii_uppercase();
    KEYWORDS.binary_search_by(|keyword| keyword.as_bytes().cmp(upper)).is_ok()
}

/// The tables that a column's name may belong to.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Name or alias, and the table.
    tables: Vec<(String, Option<String>)>,
    only: Option<String>,
}

impl Scope {
    pub(super) fn of(tables: &[TableName]) -> Scope {
        let mut scope = Scope::default();
        for table in tables {
            // An alias hides the name.
            if let Some(name) = table.alias.as_ref().or(table.name.as_ref()) {
                scope.add(name, table.name.clone());
            }
        }
        scope.only = if let [only] = tables { only.name.clone() } else { None };
        scope
    }

    pub(super) fn add(&mut self, name: &str, table: Option<String>) {
        self.tables.push((name.to_owned(), table));
    }

    /// The one table.
    pub(super) fn only(&self) -> Option<String> {
        self.only.clone()
    }

    fn resolve(&self, qualifier: Option<&str>) -> Option<String> {
        let Some(qualifier) = qualifier else { return self.only() };
        match self.tables.iter().find(|(name, _)| name.eq_ignore_ascii_case(qualifier)) {
            Some((_, table)) => table.clone(),
            // A table of the query around.
            None => Some(qualifier.to_owned()).filter(|q| !q.contains(HOLE)),
        }
    }
}

impl Reader<'_> {
    /// The column that the token `at` names.
    pub(super) fn name_column(&self, at: usize, scope: &Scope) -> Option<Column> {
        self.column_named(at, None, scope)
    }

    fn column_named(&self, at: usize, qualifier: Option<&str>, scope: &Scope) -> Option<Column> {
        let token = self.tokens.get(at)?;
        let usable = match token.kind {
            Kind::Word => !is_keyword(bytes(self.text, token)),
            // 'name' is a name only where the grammar wants one; `"$value"` is a value.
            Kind::Quoted => true,
            _ => false,
        };
        let found = name(self.text, token).filter(|n| usable && !n.is_empty() && !n.contains(HOLE))?;
        // A name that goes on in a hole is not this name.
        if self.tokens.get(at + 1).is_some_and(|next| next.start == token.end && next.kind == Kind::Variable) {
            return None;
        }
        Some(Column { table: scope.resolve(qualifier), name: found, span: self.template.span(token.start..token.end) })
    }

    /// The column that starts at `at`: `c`, `t.c`, `d.t.c`, and what stands behind it.
    pub(super) fn column(&self, at: usize, to: usize, scope: &Scope) -> Option<(Column, usize)> {
        let mut last = at;
        while last + 2 < to && self.kind(last + 1) == Some(Kind::Dot) {
            last += 2;
        }
        let qualifier = if last > at { name(self.text, &self.tokens[last - 2]).or(Some(HOLE.to_owned())) } else { None };
        // A function's name is no column.
        if last >= to || self.kind(last + 1) == Some(Kind::Open) && last + 1 < to {
            return None;
        }
        Some((self.column_named(last, qualifier.as_deref(), scope)?, last + 1))
    }

    /// The column that ends before `end` and does not start before `from`, and where it starts.
    fn column_before(&self, end: usize, from: usize, scope: &Scope) -> Option<(Column, usize)> {
        let last = end.checked_sub(1).filter(|l| *l >= from)?;
        let mut start = last;
        while start >= from + 2 && self.kind(start - 1) == Some(Kind::Dot) {
            start -= 2;
        }
        self.column(start, end, scope).map(|(column, _)| (column, start))
    }

    /// A result of a query that is a column, in a function that does not change it or not; and what stands behind it.
    pub(super) fn result_column(&self, from: usize, to: usize, scope: &Scope) -> Option<(Column, usize)> {
        let star = |at: usize| self.tokens.get(at).filter(|t| at < to && bytes(self.text, t) == b"*");
        let all = |at: usize, qualifier: Option<&str>| {
            let token = star(at)?;
            let table = scope.resolve(qualifier);
            Some((Column { table, name: "*".to_owned(), span: self.template.span(token.start..token.end) }, at + 1))
        };
        if star(from).is_some() {
            return all(from, None);
        }
        if self.kind(from + 1) == Some(Kind::Dot) && star(from + 2).is_some() {
            return all(from + 2, name(self.text, self.tokens.get(from)?).as_deref());
        }
        if self.is_any(from, TRANSPARENT) && self.kind(from + 1) == Some(Kind::Open) {
            let close = self.close[from + 1].min(to);
            let inner = from + 2 + usize::from(self.is(from + 2, "DISTINCT"));
            let (column, behind) = self.column(inner, close, scope)?;
            return (behind == close || self.is(behind, "AS")).then_some((column, close + 1));
        }
        let (column, behind) = self.column(from, to, scope)?;
        // `a + 1` is no column; `a b` and `a AS b` are.
        (behind >= to || matches!(self.kind(behind), Some(Kind::Word | Kind::Quoted | Kind::String))).then_some((column, behind))
    }

    /// The value that the tokens `from..to` are.
    pub(super) fn operand(&self, from: usize, to: usize, scope: &Scope) -> Operand {
        if self.kind(from) == Some(Kind::Open) && to > from && self.close[from] == to - 1 {
            return if self.is(from + 1, "SELECT") { Operand::Other } else { self.operand(from + 1, to - 1, scope) };
        }
        if self.is(from, "CAST") && self.kind(from + 1) == Some(Kind::Open) && self.close[from + 1] + 1 == to {
            let end = (from + 2..to - 1).find(|at| self.is(*at, "AS")).unwrap_or(to - 1);
            return self.operand(from + 2, end, scope);
        }
        if to == from + 1 {
            return self.single(from, scope);
        }
        match self.column(from, to, scope) {
            Some((column, behind)) if behind == to => Operand::Column(column),
            _ => Operand::Other,
        }
    }

    /// The value that one token is.
    fn single(&self, at: usize, scope: &Scope) -> Operand {
        let token = &self.tokens[at];
        let range = token.start..token.end;
        let text = bytes(self.text, token);
        let inner = token.start + 1..token.end.saturating_sub(1).max(token.start + 1);
        let quoted = matches!(token.kind, Kind::String | Kind::Quoted);
        if let Some(hole) = self.template.hole_at(range.clone()).or_else(|| if quoted { self.template.hole_at(inner) } else { None }) {
            return Operand::Hole(hole);
        }
        if self.template.has_hole(range) {
            return Operand::Other;
        }
        if let Some(place) = self.place(at) {
            return Operand::Positional(place);
        }
        match token.kind {
            Kind::Variable if text == b"?" => Operand::Positional(self.questions[at]),
            Kind::Variable if text[0] == b'?' => match lossy(&text[1..]).parse::<u32>() {
                Ok(number) if number > 0 => Operand::Positional(number - 1),
                _ => Operand::Other,
            },
            Kind::Variable => Operand::Named(lossy(&text[1..]).into_owned()),
            Kind::String => Operand::Literal(unquote(text)),
            Kind::Number => Operand::Literal(lossy(text).into_owned()),
            _ => self.name_column(at, scope).map_or(Operand::Other, Operand::Column),
        }
    }

    /// The comparisons in `from..to`. Queries in it are read as statements of their own.
    pub(super) fn filters(&mut self, from: usize, to: usize, scope: &Scope) -> Vec<Filter> {
        let mut filters = Vec::new();
        let mut at = from;
        while at < to {
            if self.kind(at) == Some(Kind::Open) && self.is_any(at + 1, &["SELECT", "WITH"]) {
                let close = self.close[at].min(to);
                self.statement(at + 1, close);
                at = close + 1;
                continue;
            }
            if let Some((comparison, value)) = self.comparison(at) {
                filters.extend(self.filter(from, at, comparison, value, to, scope));
            }
            at += 1;
        }
        filters
    }

    /// The comparison that the token `at` starts, and where its right side is.
    fn comparison(&self, at: usize) -> Option<(Comparison, usize)> {
        let token = self.tokens.get(at)?;
        let word = |w: &str| is(self.text, token, w);
        let negated = at > 0 && self.is(at - 1, "NOT");
        match (token.kind, bytes(self.text, token)) {
            (Kind::Operator, b"=" | b"==") => Some((Comparison::Equal, at + 1)),
            (Kind::Operator, b"<>" | b"!=") => Some((Comparison::NotEqual, at + 1)),
            (Kind::Operator, b"<" | b">" | b"<=" | b">=") => Some((Comparison::Order, at + 1)),
            (Kind::Word, _) if word("IN") => Some((if negated { Comparison::NotIn } else { Comparison::In }, at + 1)),
            (Kind::Word, _) if word("BETWEEN") => Some((Comparison::Order, at + 1)),
            (Kind::Word, _) if word("LIKE") || word("GLOB") || word("REGEXP") => Some((Comparison::Like, at + 1)),
            (Kind::Word, _) if word("IS") && self.is(at + 1, "NOT") => Some((Comparison::NotEqual, at + 2)),
            (Kind::Word, _) if word("IS") => Some((Comparison::Equal, at + 1)),
            _ => None,
        }
    }

    /// The comparison whose operator stands at `at`. `None` when neither side is a column.
    fn filter(&self, from: usize, at: usize, comparison: Comparison, value: usize, to: usize, scope: &Scope) -> Option<Filter> {
        let left_end = at - usize::from(at > from && self.is(at - 1, "NOT"));
        let values = if matches!(comparison, Comparison::In | Comparison::NotIn) {
            self.list(value, to, scope)?
        } else {
            let (first, behind) = self.value(value, to, scope);
            let mut values = vec![first];
            if self.is(at, "BETWEEN") && self.is(behind, "AND") {
                values.push(self.value(behind + 1, to, scope).0);
            }
            values
        };
        if let Some((column, start)) = self.column_before(left_end, from, scope) {
            let whole = start == from || !matches!(self.kind(start - 1), Some(Kind::Operator));
            return whole.then_some(Filter { column, comparison, values });
        }
        // `? = column`
        let [Operand::Column(column)] = values.as_slice() else { return None };
        let left = left_end.checked_sub(1).filter(|l| *l >= from)?;
        match self.single(left, scope) {
            Operand::Other | Operand::Column(_) => None,
            value => Some(Filter { column: column.clone(), comparison, values: vec![value] }),
        }
    }

    /// The operands of `(a, b)`, or the one of `IN $hole`. `None` for a query.
    fn list(&self, at: usize, to: usize, scope: &Scope) -> Option<Vec<Operand>> {
        if self.kind(at) != Some(Kind::Open) {
            return (at < to).then(|| vec![self.single(at, scope)]);
        }
        if self.is_any(at + 1, &["SELECT", "WITH"]) {
            return None;
        }
        let close = self.close[at].min(to);
        Some(self.items(at + 1, close).into_iter().map(|(a, b)| self.operand(a, b, scope)).collect())
    }

    /// The operand that starts at `at`, and what stands behind it.
    fn value(&self, at: usize, to: usize, scope: &Scope) -> (Operand, usize) {
        if at >= to {
            return (Operand::Other, to);
        }
        let mut end = at + 1;
        if self.kind(at) == Some(Kind::Open) {
            end = self.close[at] + 1;
        } else if self.kind(at + 1) == Some(Kind::Open) && self.kind(at) == Some(Kind::Word) {
            end = self.close[at + 1] + 1;
        }
        while end + 1 < to && self.kind(end) == Some(Kind::Dot) {
            end += 2;
        }
        let end = end.min(to);
        // `? + 1` is not `?`.
        let goes_on = self.tokens.get(end).is_some_and(|t| end < to && t.kind == Kind::Operator);
        (if goes_on { Operand::Other } else { self.operand(at, end, scope) }, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_in_any_case() {
        assert!(KEYWORDS.is_sorted());
        assert_eq!(KEYWORDS.iter().map(|k| k.len()).max(), Some(LONGEST_KEYWORD));
        assert!(KEYWORDS.iter().all(|k| is_keyword(k.as_bytes()) && is_keyword(k.to_ascii_lowercase().as_bytes())));
        for word in ["", "id", "FROMM", "FRO", "INTERSECTS", "\u{e9}"] {
            assert!(!is_keyword(word.as_bytes()), "{word}");
        }
    }
}
