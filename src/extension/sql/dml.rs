//! Walking the tokens of statements that read or write rows.

use super::operand::{Scope, is_keyword};
use super::statement::{Assignment, Column, Delete, Insert, Operand, Output, Select, Statement, TableName, Update};
use super::template::{HOLE, Template};
use super::token::{Kind, Token, Tokens, bytes, is, is_any, name};

/// The most tokens of one text.
const MAX_TOKENS: usize = 100_000;

/// How deep queries are nested that are still read.
const MAX_DEPTH: usize = 16;

/// Words that end the list of tables.
const AFTER_FROM: &[&str] = &["WHERE", "GROUP", "ORDER", "LIMIT", "HAVING", "WINDOW", "RETURNING", "SET", "VALUES", "FOR"];

/// Words that join two queries.
const COMPOUND: &[&str] = &["UNION", "EXCEPT", "INTERSECT"];

/// The conversions of a format that are one value: `%s`.
const CONVERSIONS: &[u8] = b"sduif";

/// Whether a token is a place for a value in a format, in quotes or not.
fn is_place(token: &[u8]) -> bool {
    let bare = token.strip_prefix(b"'").and_then(|t| t.strip_suffix(b"'")).unwrap_or(token);
    matches!(bare, [b'%', conversion] if CONVERSIONS.contains(conversion))
}

/// Makes one token of each `%s`, which are two to SQL: a value has no operator before it.
fn join_places(text: &[u8], tokens: &mut Vec<Token>) {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut all = std::mem::take(tokens).into_iter().peekable();
    while let Some(token) = all.next() {
        let before = joined.last().is_none_or(|last| {
            matches!(last.kind, Kind::Open | Kind::Comma | Kind::Operator) || last.kind == Kind::Word && is_keyword(bytes(text, last))
        });
        if let Some(next) = all.peek()
            && before
            && token.end == next.start
            && next.kind == Kind::Word
            && is_place(&text[token.start as usize..next.end as usize])
        {
            joined.push(Token { kind: Kind::Variable, start: token.start, end: next.end });
            all.next();
        } else {
            joined.push(token);
        }
    }
    *tokens = joined;
}

/// The tokens of a template.
pub(super) struct Reader<'t> {
    pub(super) template: &'t Template,
    pub(super) text: &'t [u8],
    pub(super) tokens: Vec<Token>,
    /// For each `(` the place of its `)`, or of the end.
    pub(super) close: Vec<usize>,
    /// For each token how many `?` stand before it; in a format, how many places for values.
    pub(super) questions: Vec<u32>,
    /// Whether values are put in as into a format, `%s` and `'%s'`: no `?` is in the text.
    pub(super) is_format: bool,
    pub(super) found: Vec<Statement>,
    pub(super) depth: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(template: &'t Template) -> Reader<'t> {
        let text = template.text.as_bytes();
        let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 4);
        tokens.extend(Tokens::new(text).take(MAX_TOKENS));
        let is_question = |token: &Token| token.kind == Kind::Variable && bytes(text, token) == b"?";
        let mut is_format = memchr::memchr(b'%', text).is_some() && !tokens.iter().any(is_question);
        if is_format {
            let mut joined = tokens.clone();
            join_places(text, &mut joined);
            // Where something else is put in too, the places are other ones than they seem.
            let doubled = text.windows(2).any(|w| w == b"%%");
            let places = joined.iter().filter(|t| matches!(t.kind, Kind::Variable | Kind::String) && is_place(bytes(text, t))).count();
            is_format = !doubled && memchr::memchr_iter(b'%', text).count() == places;
            if is_format {
                tokens = joined;
            }
        }
        let mut close = vec![tokens.len(); tokens.len()];
        let mut questions = Vec::with_capacity(tokens.len());
        let mut open = Vec::new();
        let mut count = 0;
        for (i, token) in tokens.iter().enumerate() {
            questions.push(count);
            match token.kind {
                Kind::Open => open.push(i),
                Kind::Close => {
                    if let Some(start) = open.pop() {
                        close[start] = i;
                    }
                }
                Kind::Variable if bytes(text, token) == b"?" => count += 1,
                Kind::Variable | Kind::String if is_format && is_place(bytes(text, token)) => count += 1,
                _ => {}
            }
        }
        Reader { template, text, tokens, close, questions, is_format, found: Vec::new(), depth: 0 }
    }

    /// Which of the values of a format stands at token `at`, if one does.
    pub(super) fn place(&self, at: usize) -> Option<u32> {
        let token = &self.tokens[at];
        let stands = self.is_format && matches!(token.kind, Kind::Variable | Kind::String) && is_place(bytes(self.text, token));
        stands.then(|| self.questions[at])
    }

    pub(super) fn statements(mut self) -> Vec<Statement> {
        let mut start = 0;
        for i in 0..=self.tokens.len() {
            if self.tokens.get(i).is_none_or(|t| t.kind == Kind::Semicolon) {
                self.statement(start, i);
                start = i + 1;
            }
        }
        self.found
    }

    pub(super) fn condition(mut self) -> Vec<super::statement::Filter> {
        let end = self.tokens.len();
        self.filters(0, end, &Scope::default())
    }

    pub(super) fn is(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|t| is(self.text, t, word))
    }

    pub(super) fn is_any(&self, at: usize, words: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|t| is_any(self.text, t, words))
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|t| t.kind)
    }

    /// The first token of `from..to` outside of parentheses that is one of `words`, or `to`.
    fn find(&self, from: usize, to: usize, words: &[&str]) -> usize {
        let mut at = from;
        while at < to {
            if self.kind(at) == Some(Kind::Open) {
                at = self.close[at];
            } else if self.is_any(at, words) {
                return at;
            }
            at += 1;
        }
        to
    }

    /// `from..to` cut at the commas outside of parentheses.
    pub(super) fn items(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut items = Vec::new();
        let (mut start, mut at) = (from, from);
        while at < to {
            match self.kind(at) {
                Some(Kind::Open) => at = self.close[at],
                Some(Kind::Comma) => {
                    items.push((start, at));
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        if start < to {
            items.push((start, to));
        }
        items
    }

    /// Reads the tokens `from..to` as a statement.
    pub(super) fn statement(&mut self, from: usize, to: usize) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        let mut at = from;
        if self.is(at, "WITH") {
            let verb = self.find(at, to, &["SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE"]);
            self.subqueries(at, verb);
            at = verb;
        }
        // A helper may be told whether to insert or to replace.
        let told = self.kind(at) == Some(Kind::Variable) && self.is(at + 1, "INTO");
        if told || self.is_any(at, &["INSERT", "REPLACE"]) {
            self.insert(at + 1, to);
        } else if self.is(at, "UPDATE") {
            self.update(at + 1, to);
        } else if self.is(at, "DELETE") {
            self.delete(at + 1, to);
        } else if self.is(at, "SELECT") {
            at = self.select(at + 1, to);
            while at < to {
                at += 1 + usize::from(self.is(at + 1, "ALL"));
                if !self.is(at, "SELECT") {
                    self.statement(at, to);
                    break;
                }
                at = self.select(at + 1, to);
            }
        } else if self.kind(at) == Some(Kind::Open) {
            let close = self.close[at].min(to);
            self.statement(at + 1, close);
            if self.is_any(close + 1, COMPOUND) {
                self.statement(close + 2 + usize::from(self.is(close + 2, "ALL")), to);
            }
        }
        self.depth -= 1;
    }

    /// Reads the queries in parentheses in `from..to`.
    fn subqueries(&mut self, from: usize, to: usize) {
        let mut at = from;
        while at < to {
            if self.kind(at) == Some(Kind::Open) && self.is_any(at + 1, &["SELECT", "WITH"]) {
                let close = self.close[at].min(to);
                self.statement(at + 1, close);
                at = close;
            }
            at += 1;
        }
    }

    /// A table's name at `at`, and what stands behind it. The outer `None`: there is no name.
    fn table(&self, mut at: usize) -> Option<(Option<String>, usize)> {
        let mut found = None;
        loop {
            let token = self.tokens.get(at)?;
            if token.kind == Kind::Word && is_keyword(bytes(self.text, token)) {
                return None;
            }
            let name = match token.kind {
                Kind::Variable => None,
                _ => Some(name(self.text, token)?),
            };
            found = if found == Some(None) { found } else { Some(name.filter(|n| !n.contains(HOLE))) };
            at += 1;
            if self.kind(at) == Some(Kind::Dot) {
                // The last name is the table's.
                found = None;
                at += 1;
            } else if self.tokens.get(at).is_none_or(|next| next.start != token.end || !matches!(next.kind, Kind::Word | Kind::Variable)) {
                return Some((found?, at));
            } else {
                // Parts of a name that is put together.
                found = Some(None);
            }
        }
    }

    /// An alias at `at`, and what stands behind it.
    fn alias(&self, at: usize) -> (Option<String>, usize) {
        let name_at = at + usize::from(self.is(at, "AS"));
        match self.tokens.get(name_at) {
            Some(t) if t.kind == Kind::Word && is_keyword(bytes(self.text, t)) => (None, at),
            Some(t) => name(self.text, t).map_or((None, at), |alias| (Some(alias), name_at + 1)),
            None => (None, at),
        }
    }

    /// The tables of `from..to`, which is what stands behind `FROM`.
    fn tables(&self, from: usize, to: usize) -> Vec<TableName> {
        let mut tables = Vec::new();
        let mut at = from;
        let mut expected = true;
        while at < to {
            if self.kind(at) == Some(Kind::Open) {
                let close = self.close[at].min(to);
                if expected && self.is_any(at + 1, &["SELECT", "WITH", "VALUES"]) {
                    let (alias, _) = self.alias(close + 1);
                    tables.push(TableName { name: None, alias });
                } else if expected {
                    tables.extend(self.tables(at + 1, close));
                }
                expected = false;
                at = close + 1;
            } else if self.kind(at) == Some(Kind::Comma) || self.is(at, "JOIN") {
                expected = true;
                at += 1;
            } else if expected && let Some((name, behind)) = self.table(at) {
                let (alias, behind) = self.alias(behind);
                tables.push(TableName { name, alias });
                expected = false;
                at = behind;
            } else {
                at += 1;
            }
        }
        tables
    }

    /// Reads a query up to the word that joins it with another one, and gives where that stands.
    fn select(&mut self, from: usize, to: usize) -> usize {
        let end = self.find(from, to, COMPOUND);
        let from_at = self.find(from, end, &["FROM"]);
        let tables_end = self.find((from_at + 1).min(end), end, AFTER_FROM);
        let tables = if from_at < end { self.tables(from_at + 1, tables_end) } else { Vec::new() };
        let scope = Scope::of(&tables);
        let columns: Vec<Output> =
            self.outputs(from, from_at.min(self.find(from, end, AFTER_FROM)), &scope).into_iter().flatten().collect();
        let filters = self.filters(from, end, &scope);
        let select = Select { tables, columns, filters };
        // The word alone is no query: strings say "select" for other reasons.
        if from_at < end || !select.filters.is_empty() || !select.columns.is_empty() {
            self.found.push(Statement::Select(select));
        }
        end
    }

    /// The results of a query; `None` for one that is no column.
    fn outputs(&self, from: usize, to: usize, scope: &Scope) -> Vec<Option<Output>> {
        let from = from + usize::from(self.is_any(from, &["DISTINCT", "ALL"]));
        let output = |(position, (start, end)): (u32, (usize, usize))| {
            let (column, behind) = self.result_column(start, end, scope)?;
            let (alias, _) = if behind < end { self.alias(behind) } else { (None, behind) };
            Some(Output { column, alias, position })
        };
        (0..).zip(self.items(from, to)).map(output).collect()
    }

    fn insert(&mut self, from: usize, to: usize) {
        let into = self.find(from, to, &["INTO"]);
        let Some((table, mut at)) = self.table(if into < to { into + 1 } else { from }) else { return };
        let (alias, behind) = self.alias(at);
        at = behind;
        let mut scope = Scope::of(&[TableName { name: table.clone(), alias }]);
        let mut insert = Insert { table: table.clone(), columns: Vec::new(), open: false, rows: Vec::new(), on_conflict: Vec::new() };
        if self.kind(at) == Some(Kind::Open) && !self.is_any(at + 1, &["SELECT", "WITH"]) {
            let close = self.close[at].min(to);
            // A hole that stands for columns leaves their number open.
            let columns: Option<Vec<Column>> =
                self.items(at + 1, close).into_iter().map(|(start, _)| self.name_column(start, &scope)).collect();
            insert.open = columns.is_none();
            insert.columns = columns.unwrap_or_default();
            at = close + 1;
        }
        let conflict = self.find(at, to, &["ON"]);
        if self.is_any(at, &["VALUES", "VALUE"]) {
            for (start, end) in self.items(at + 1, conflict) {
                if self.kind(start) == Some(Kind::Open) {
                    let close = self.close[start].min(end);
                    let row = self.items(start + 1, close).into_iter().map(|(a, b)| self.operand(a, b, &scope)).collect();
                    insert.rows.push(row);
                }
            }
            self.subqueries(at, conflict);
        } else if self.is(at, "SET") {
            let (columns, row) = self.assignments(at + 1, conflict, &scope).into_iter().map(|a| (a.column, a.value)).unzip();
            insert.columns = columns;
            insert.rows = vec![row];
        } else if self.is_any(at, &["SELECT", "WITH"]) {
            insert.rows.extend(self.selected_row(at, to));
            self.statement(at, to);
        }
        let do_update = self.find(conflict, to, &["UPDATE"]);
        if do_update < to {
            scope.add("excluded", table.clone());
            let sets = do_update + 1 + usize::from(self.is(do_update + 1, "SET"));
            let sets_end = self.find(sets, to, AFTER_FROM);
            insert.on_conflict = self.assignments(sets, sets_end, &scope);
        }
        // "Replace the file" is no statement.
        if into < to || !insert.rows.is_empty() {
            self.found.push(Statement::Insert(insert));
        }
    }

    /// The results of `INSERT … SELECT` as a row.
    fn selected_row(&self, at: usize, to: usize) -> Option<Vec<Operand>> {
        if !self.is(at, "SELECT") {
            return None;
        }
        let end = self.find(at + 1, to, COMPOUND);
        let from_at = self.find(at + 1, end, &["FROM"]);
        let tables_end = self.find((from_at + 1).min(end), end, AFTER_FROM);
        let tables = if from_at < end { self.tables(from_at + 1, tables_end) } else { Vec::new() };
        let scope = Scope::of(&tables);
        let results_end = from_at.min(self.find(at + 1, end, AFTER_FROM));
        let start = at + 1 + usize::from(self.is_any(at + 1, &["DISTINCT", "ALL"]));
        Some(self.items(start, results_end).into_iter().map(|(a, b)| self.operand(a, self.before_alias(a, b), &scope)).collect())
    }

    /// Where a result ends and its alias begins.
    fn before_alias(&self, from: usize, to: usize) -> usize {
        let at = self.find(from, to, &["AS"]);
        if at == to && to > from + 1 && matches!(self.kind(from), Some(Kind::Variable | Kind::String | Kind::Number)) {
            from + 1
        } else {
            at
        }
    }

    fn update(&mut self, from: usize, to: usize) {
        let from = if self.is(from, "OR") { from + 2 } else { from };
        let set = self.find(from, to, &["SET"]);
        let sets_end = self.find((set + 1).min(to), to, &["FROM", "WHERE", "ORDER", "LIMIT", "RETURNING"]);
        let mut tables = self.tables(from, set);
        let table = tables.first().and_then(|t| t.name.clone());
        let only = tables.len() == 1;
        if self.is(sets_end, "FROM") {
            let end = self.find(sets_end + 1, to, AFTER_FROM);
            tables.extend(self.tables(sets_end + 1, end));
        }
        // "Update all sites" is no statement.
        if tables.is_empty() || set == to {
            return;
        }
        let scope = Scope::of(&tables);
        // What is set without a table's name belongs to the first table.
        let targets = if only { Scope::of(&tables[..1]) } else { Scope::of(&tables) };
        let mut sets = self.assignments(set + 1, sets_end, &scope);
        for assignment in sets.iter_mut().filter(|a| a.column.table.is_none()) {
            assignment.column.table = targets.only();
        }
        let mut filters = self.filters(from, set, &scope);
        self.subqueries(set + 1, sets_end);
        filters.extend(self.filters(sets_end, to, &scope));
        self.found.push(Statement::Update(Update { table, sets, filters }));
    }

    fn delete(&mut self, from: usize, to: usize) {
        let from_at = self.find(from, to, &["FROM"]);
        let tables_end = self.find((from_at + 1).min(to), to, AFTER_FROM);
        let tables = self.tables((from_at + 1).min(to), tables_end);
        let Some(first) = tables.first() else { return };
        let table = first.name.clone();
        let filters = self.filters(from_at + 1, to, &Scope::of(&tables));
        self.found.push(Statement::Delete(Delete { table, filters }));
    }

    /// `a = 1, t.b = ?`.
    fn assignments(&self, from: usize, to: usize, scope: &Scope) -> Vec<Assignment> {
        let assignment = |(start, end): (usize, usize)| {
            let (column, behind) = self.column(start, end, scope)?;
            self.tokens.get(behind).filter(|t| bytes(self.text, t) == b"=")?;
            Some(Assignment { column, value: self.operand(behind + 1, end, scope) })
        };
        self.items(from, to).into_iter().filter_map(assignment).collect()
    }
}
