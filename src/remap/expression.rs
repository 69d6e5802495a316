//! Indexes over what is computed: expressions, conditions, generated columns.
//!
//! Versions of SQLite do not all compute the same: since 3.43 and again later, numbers with a fraction became other text. An index that the extension's library
//! made holds what that one computes. Where ours computes something else, it would take rows out of the index that are not there and put in others, and the
//! extension's library would find the index damaged. So the index is asked first, and what does not agree is refused by name.

use super::beside;
use super::foreign;
use super::method::Method;
use crate::extension::sql::token::{Kind, Token, Tokens, bytes, is, is_any};
use crate::sqlite::name::{qualified, quote};
use crate::sqlite::schema::{Index, Table};
use crate::sqlite::{Connection, Error, ErrorCode};

/// After so many lines, SQLite's check ends.
pub(super) const LINES: u64 = 100;

/// Whether the index is over more than plain columns.
fn is_computed(table: &Table, index: &Index) -> bool {
    index.partial || index.parts.iter().any(|p| p.is_none_or(|c| table.columns.get(c).is_none_or(|c| c.generated)))
}

/// The table's indexes over more than plain columns.
pub(super) fn computed(table: &Table) -> impl Iterator<Item = &Index> {
    table.indexes.iter().filter(|i| is_computed(table, i))
}

/// Why the rows of `table` cannot be rewritten: an index over what is computed would be written, and does not hold what our library computes for them. `columns`
/// are those that change; with [`Method::Update`], and unless rows go, indexes that are made of others are not written.
pub(super) fn disagreement(
    connection: &Connection,
    schema: &str,
    table: &Table,
    columns: &[&str],
    (method, removes): (Method, bool),
) -> Result<Option<String>, Error> {
    // A generated column may be made of any other.
    let made_of = |index: &Index| index.sql.as_ref().is_none_or(|sql| columns.iter().any(|c| beside::mentions(sql, c)));
    let generated = table.columns.iter().any(|c| c.generated);
    let is_written = |index: &&Index| method != Method::Update || removes || generated || made_of(index);
    let written: Vec<&Index> = computed(table).filter(is_written).collect();
    if written.is_empty() {
        return Ok(None);
    }
    // What SQLite cannot compute at all, its check does not tell of by name.
    if let Some(lacking) = foreign::lacking(connection, schema, table)? {
        return Ok(Some(lacking));
    }
    let told = |index: &Index, what: &str| {
        let version: String = connection.query_row("SELECT sqlite_version()", [], |r| r.get(0))?;
        Ok(Some(format!(
            "the index {} does not hold what SQLite {version}, which this program brings, computes for its rows ({what}): another version made it, or it is damaged, \
             and writing it would damage it for the extension. Drop it, and create it again afterwards with the extension's own SQLite",
            index.name
        )))
    };
    let mut query = connection.prepare(&format!("PRAGMA {schema}.integrity_check({})", quote(&table.name)))?;
    let mut rows = query.query([])?;
    let mut lines = 0;
    while let Some(row) = rows.next()? {
        let line: String = row.get(0)?;
        if let Some(index) = written.iter().find(|i| tells_of(&line, i)) {
            return told(index, &line);
        }
        lines += 1;
    }
    if lines >= LINES {
        return Ok(Some(not_looked_at(&format!("the index {} holds", written[0].name))));
    }
    for index in written {
        if let Some(what) = surplus(connection, schema, table, index)? {
            return told(index, &what);
        }
    }
    Ok(None)
}

/// Why nothing can be said of indexes where SQLite's check ended before it came to them. `what` of them.
pub(super) fn not_looked_at(what: &str) -> String {
    format!(
        "SQLite finds {LINES} values in it that its columns' declarations do not let in, and looks no further: whether {what} its rows is not known. Have the \
         extension's own SQLite write those rows again (PRAGMA integrity_check names them)"
    )
}

/// Whether a line of SQLite's check tells of the index.
pub(super) fn tells_of(line: &str, index: &Index) -> bool {
    line.ends_with(&format!(" index {}", index.name)) || line.starts_with(&format!("index {} stores ", index.name))
}

/// SQL that counts the entries of a partial index, and that counts the rows which its condition lets in. SQLite's check asks of each of these whether it is in the
/// index, and of nothing else that is. `None`: it is no partial one.
pub(super) fn counts(schema: &str, table: &Table, index: &Index) -> Option<[String; 2]> {
    let condition = index.sql.as_deref().filter(|_| index.partial).and_then(condition)?;
    let name = qualified(schema, &table.name);
    // Its condition is not asked again of what stands in the index, but where it compares a plain column with a constant: there, versions agree.
    Some(
        [format!(" INDEXED BY {}", quote(&index.name)), table.itself()]
            .map(|how| format!("SELECT count(*) FROM {name}{how} WHERE ({condition}\n)")),
    )
}

/// What a partial index holds too much, if it does.
fn surplus(connection: &Connection, schema: &str, table: &Table, index: &Index) -> Result<Option<String>, Error> {
    let Some(counts) = counts(schema, table, index) else { return Ok(None) };
    let [entries, rows] = counts.map(|sql| connection.query_row(&sql, [], |r| r.get::<_, i64>(0)));
    match entries.and_then(|entries| Ok((entries, rows?))) {
        Ok((entries, rows)) => {
            let word = if rows == 1 { "row" } else { "rows" };
            Ok((entries != rows).then(|| format!("it has {entries} entries, and its condition lets {rows} {word} in")))
        }
        // SQLite simplifies some conditions, and finds no more that they are those of the index.
        Err(e) if e.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            let computes = index.sql.as_deref().and_then(condition).is_some_and(computes);
            Ok(computes.then(|| format!("its entries cannot be counted: {e}")))
        }
        Err(e) => Err(e),
    }
}

/// What follows WHERE in the text that declares an index.
fn condition(sql: &str) -> Option<&str> {
    let text = sql.as_bytes();
    let (mut tokens, mut depth) = (Tokens::of_sqlite(text), 0_usize);
    // The first parenthesis holds what the index is over.
    tokens.find(|t| {
        match t.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        t.kind == Kind::Close && depth == 0
    })?;
    tokens.next().filter(|t| is(text, t, "WHERE")).and_then(|t| sql.get(t.end as usize..))
}

/// Whether a condition does more than compare what stands in the columns: versions of SQLite agree on that.
fn computes(condition: &str) -> bool {
    const COMPARE: &[&str] =
        &["AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "GLOB", "IS", "CASE", "WHEN", "THEN", "ELSE", "LIKELY", "UNLIKELY", "LIKELIHOOD"];
    let text = condition.as_bytes();
    let tokens: Vec<Token> = Tokens::of_sqlite(text).collect();
    let calls = |w: &[Token]| matches!(w[0].kind, Kind::Word | Kind::Quoted) && w[1].kind == Kind::Open && !is_any(text, &w[0], COMPARE);
    tokens.windows(2).any(calls) || tokens.iter().any(|t| matches!(bytes(text, t), b"||" | b"->" | b"->>"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema::Schema;

    /// Another version of SQLite let a row in that ours does not: the condition is made another one by hand.
    #[test]
    fn a_partial_index_that_holds_more_than_it_should_is_told_of() {
        for table in ["(k INTEGER PRIMARY KEY, x)", "(k INT PRIMARY KEY, x) WITHOUT ROWID"] {
            for over in ["x", "x, k + (1) /* ) */", "k DESC, \"x\" COLLATE NOCASE"] {
                let connection = Connection::open_in_memory().unwrap();
                let found = || {
                    let table = Schema::read(&connection, "main").unwrap().table("t").unwrap().clone();
                    disagreement(&connection, "main", &table, &[], (Method::Reinsert, true)).unwrap()
                };
                let made = format!(
                    "CREATE TABLE t{table}; CREATE INDEX \"i (\" ON t({over}) WHERE t.x + 0 > 1 AND (k > 0) -- all\n; INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)"
                );
                connection.execute_batch(&made).unwrap();
                assert_eq!(found(), None, "{made}");
                let change = "UPDATE sqlite_schema SET sql = replace(sql, '> 1', '> 2')";
                connection.execute_batch(&format!("PRAGMA writable_schema = ON; {change}; PRAGMA writable_schema = RESET")).unwrap();
                let told = found().unwrap_or_default();
                let what = "the index i ( does not hold what SQLite";
                assert!(told.contains(what) && told.contains("it has 2 entries, and its condition lets 1 row in"), "{made}: {told}");
            }
        }
    }

    /// A condition that SQLite simplifies does not stand in the way, unless it hides what another version may compute otherwise.
    #[test]
    fn conditions_of_every_sort_are_asked() {
        let tables = [
            "(k INTEGER PRIMARY KEY, x, y)",
            "(k INTEGER PRIMARY KEY, x INT, y TEXT NOT NULL)",
            "(k INT PRIMARY KEY, x INT, y TEXT) WITHOUT ROWID",
        ];
        for (condition, hidden) in [
            ("x IS NOT NULL AND y > 0", false),
            ("1", false),
            ("NULL", false),
            ("x IN (1, 2) OR y = 'b'", false),
            ("NOT (x) AND (x, y) = (0, 'a')", false),
            ("x BETWEEN 1 AND 5 AND y LIKE 'a%'", false),
            ("y = 'A' COLLATE NOCASE", false),
            ("likely(x > -1)", false),
            ("\"y\" = \"abc\" AND x IS TRUE", false),
            ("CASE x WHEN 1 THEN y ELSE (1) END", false),
            ("y IS NULL", false),
            ("'a' < y AND true", false),
            ("t.k % 2 AND length(y) > 0 AND x || '!' <> y", false),
            ("k IS NOT NULL AND x = y", false),
            ("1 AND x || '!' = '1!'", true),
            ("true AND printf('%g', x) = '1'", true),
        ] {
            for (table, over) in tables.iter().zip(["x", "y DESC, x", "y"]) {
                let connection = Connection::open_in_memory().unwrap();
                let made = format!(
                    "CREATE TABLE t{table}; CREATE INDEX i ON t({over}) WHERE {condition};
                     INSERT INTO t VALUES (1, 1, 'a'), (2, NULL, 'abc'), (3, 2, 'b'), (4, 5, 'A'), (5, 7.5, '1'), (6, '1', 'done'), (7, 'q', 2)"
                );
                connection.execute_batch(&made).unwrap();
                let table = Schema::read(&connection, "main").unwrap().table("t").unwrap().clone();
                let found = disagreement(&connection, "main", &table, &[], (Method::Reinsert, true)).unwrap();
                assert_eq!(found.is_some(), hidden, "{made}: {found:?}");
                assert!(found.is_none_or(|f| f.contains("cannot be counted")));
            }
        }
    }
}
