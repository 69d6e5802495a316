//! The statements that turn a table's columns into others: one list for `convert` itself, for the SQL and for the PHP that it writes.
//!
//! This is SQLite's way to change what `ALTER TABLE` cannot, with one difference: the rows wait in a temporary table, and the table is made anew under its
//! own name, instead of being made under another one and renamed. Renaming rewrites the declaration's text.

use super::declare::placed;
use crate::panel::Kind;
use crate::sqlite::name::{qualified, quote};

/// Where rows wait while their table is made anew.
const ROWS: &str = "temp.reguid_rows";

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A statement, and what it does.
    Run {
        /// What it does.
        why: String,
        /// The statement, without its semicolon.
        sql: String,
    },
    /// Something that must hold, or nothing may remain of what was done.
    Expect {
        /// What must hold.
        what: String,
        /// A SELECT that gives 1 if it does.
        sql: String,
    },
}

impl Step {
    pub(super) fn run(why: impl Into<String>, sql: impl Into<String>) -> Step {
        Step::Run { why: why.into(), sql: sql.into() }
    }

    pub(super) fn expect(what: impl Into<String>, sql: impl Into<String>) -> Step {
        Step::Expect { what: what.into(), sql: sql.into() }
    }
}

/// A text as a literal of SQL.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// The temporary table that maps values, called `map`: `value`, `reference`.
pub(super) fn map_table(map: &str) -> String {
    format!("temp.{}", quote(map))
}

/// The name of the map of ids of one kind. Columns with values of their own that mean no object have maps of their own, counted from 2.
pub(super) fn map_name(kind: Kind, number: usize) -> String {
    let kind = kind.name().replace('-', "_");
    if number > 1 { format!("reguid_{kind}_{number}") } else { format!("reguid_{kind}") }
}

/// The statement that makes it.
pub(super) fn make_map(map: &str) -> String {
    format!("CREATE TEMP TABLE {}(value PRIMARY KEY, reference TEXT NOT NULL)", quote(map))
}

/// What the value of `column`, which is called that in SQL, becomes. Compared by storage class and bytes: no affinity, no collation.
pub(super) fn mapped(map: &str, column: &str) -> String {
    format!("(SELECT m.reference FROM {} AS m WHERE m.value = +{column} COLLATE BINARY)", map_table(map))
}

/// A table that is made anew.
pub(super) struct Rebuild<'a> {
    /// What its database is called.
    pub schema: &'a str,
    /// Its name.
    pub table: &'a str,
    /// The columns that its rows are put into.
    pub names: Vec<String>,
    /// What is put there: expressions over `t`, the table as it is.
    pub values: Vec<String>,
    /// What follows `FROM table AS t`: how its rows are read, and what is read beside them.
    pub beside: String,
    /// Positions in `names` of what addresses a row.
    pub order: Vec<usize>,
    /// The columns that are computed and stored: they hold afterwards what they held before.
    pub computed: Vec<&'a str>,
    /// The text that declares it.
    pub sql: &'a str,
    /// The texts that declare its indexes and triggers, in the order in which they were made.
    pub objects: &'a [String],
    /// It has a line in `sqlite_sequence`.
    pub sequence: bool,
    /// The tables with statistics, such as `sqlite_stat1`, that speak of it.
    pub statistics: &'a [String],
}

impl Rebuild<'_> {
    /// The steps. `None`: one of the declarations cannot be placed.
    pub(super) fn steps(&self) -> Option<Vec<Step>> {
        let (name, table) = (qualified(self.schema, self.table), self.table);
        let numbers: Vec<String> = (0..self.names.len()).map(|i| format!("c{i}")).collect();
        let numbers = numbers.join(", ");
        let computed: Vec<(String, String)> =
            (0..).zip(&self.computed).map(|(i, c)| (format!("g{i}"), format!("t.{}", quote(c)))).collect();
        let beside = |part: fn(&(String, String)) -> &String| computed.iter().map(|c| format!(", {}", part(c))).collect::<String>();
        let kept = self.kept();
        let mut steps: Vec<Step> = kept.iter().map(|k| Step::run(format!("what SQLite counts for {table} is kept"), k.save())).collect();
        steps.extend([
            Step::run(
                format!("the rows of {table}, as they will be"),
                format!("CREATE TEMP TABLE reguid_rows({numbers}{})", beside(|c| &c.0)),
            ),
            Step::run(
                "",
                format!("INSERT INTO {ROWS} SELECT {}{} FROM {name} AS t{}", self.values.join(", "), beside(|c| &c.1), self.beside),
            ),
            Step::expect(
                format!("all rows of {table} are there"),
                format!("SELECT (SELECT count(*) FROM {ROWS}) = (SELECT count(*) FROM {name} NOT INDEXED)"),
            ),
            Step::run(format!("{table} is made anew"), format!("DROP TABLE {name}")),
            Step::run("", placed(self.sql, self.schema)?),
            Step::run("", self.load(&name, &numbers)),
            Step::expect(
                format!("all rows of {table} are back"),
                format!("SELECT (SELECT count(*) FROM {ROWS}) = (SELECT count(*) FROM {name} NOT INDEXED)"),
            ),
        ]);
        if !computed.is_empty() {
            let same: Vec<String> = self.order.iter().map(|&i| format!("t.{} = r.c{i} COLLATE BINARY", quote(&self.names[i]))).collect();
            let differs: Vec<String> = computed.iter().map(|(kept, now)| format!("{now} IS NOT r.{kept} COLLATE BINARY")).collect();
            steps.push(Step::expect(
                format!("the computed columns of {table} hold what they held"),
                format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM {ROWS} AS r JOIN {name} AS t ON {} WHERE {})",
                    same.join(" AND "),
                    differs.join(" OR ")
                ),
            ));
        }
        steps.push(Step::run("", format!("DROP TABLE {ROWS}")));
        for object in self.objects {
            steps.push(Step::run("", placed(object, self.schema)?));
        }
        steps.extend(kept.iter().flat_map(Kept::restore));
        Some(steps)
    }

    /// The statements that make the table in `schema` from the rows of `original`, which stays. `None`: one of the declarations cannot be placed.
    pub(super) fn trial(&self, original: &str) -> Option<Vec<String>> {
        let list: Vec<String> = self.names.iter().map(|n| quote(n)).collect();
        let fill = format!(
            "INSERT OR ABORT INTO {}({}) SELECT {} FROM {original} AS t{}",
            qualified(self.schema, self.table),
            list.join(", "),
            self.values.join(", "),
            self.beside
        );
        let mut statements = vec![placed(self.sql, self.schema)?, fill];
        for object in self.objects {
            statements.push(placed(object, self.schema)?);
        }
        Some(statements)
    }

    /// The statement that puts the rows, which wait under the names `c0` …, into the table called `name`.
    fn load(&self, name: &str, numbers: &str) -> String {
        let list: Vec<String> = self.names.iter().map(|n| quote(n)).collect();
        let order: Vec<String> = self.order.iter().map(|i| format!("c{i}")).collect();
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        // The schema may say `ON CONFLICT REPLACE`.
        format!("INSERT OR ABORT INTO {name}({}) SELECT {numbers} FROM {ROWS}{order}", list.join(", "))
    }

    /// Rows of SQLite's own tables that are lost with the table.
    fn kept(&self) -> Vec<Kept> {
        let of = |source: &str, number: usize, key: &str, columns: &str| Kept {
            source: qualified(self.schema, source),
            copy: format!("temp.reguid_kept_{number}"),
            key: format!("{key} = {} COLLATE NOCASE", literal(self.table)),
            columns: columns.to_owned(),
        };
        let sequence = self.sequence.then(|| of("sqlite_sequence", 0, "name", "name, seq"));
        let statistics = self.statistics.iter().enumerate().map(|(i, table)| {
            let columns = if table.ends_with('1') { "tbl, idx, stat" } else { "tbl, idx, neq, nlt, ndlt, sample" };
            of(table, i + 1, "tbl", columns)
        });
        sequence.into_iter().chain(statistics).collect()
    }
}

/// Rows of one of SQLite's own tables.
struct Kept {
    source: String,
    copy: String,
    key: String,
    columns: String,
}

impl Kept {
    fn save(&self) -> String {
        let Kept { source, copy, key, columns } = self;
        format!("CREATE TEMP TABLE {} AS SELECT rowid AS r, {columns} FROM {source} WHERE {key}", copy.trim_start_matches("temp."))
    }

    fn restore(&self) -> [Step; 3] {
        let Kept { source, copy, key, columns } = self;
        [
            Step::run("what SQLite counts for it is put back", format!("DELETE FROM {source} WHERE {key}")),
            Step::run("", format!("INSERT INTO {source}(rowid, {columns}) SELECT r, {columns} FROM {copy}")),
            Step::run("", format!("DROP TABLE {copy}")),
        ]
    }
}
