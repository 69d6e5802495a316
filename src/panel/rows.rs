//! Tables that an extension has in the panel's database, and their rows.

use std::sync::Arc;

use super::change::{Item, shown};

/// How a column's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// Whole numbers, in decimal digits.
    Number = 0,
    /// Text in UTF-8, or what the server writes as such: dates, decimals.
    Text = 1,
    /// Bytes.
    Bytes = 2,
}

impl Form {
    /// The form with that number.
    #[must_use]
    pub fn of(number: i64) -> Form {
        match number {
            0 => Form::Number,
            1 => Form::Text,
            _ => Form::Bytes,
        }
    }
}

/// A value in a row. Two are the same if they are the same value of the same column.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The column, as the server spells it.
    pub column: Arc<str>,
    /// How its values are written.
    pub form: Form,
    /// It is part of a unique index: while rows change places, it may hold something else.
    pub unique: bool,
    /// The value; `None`: NULL.
    pub value: Option<Vec<u8>>,
}

impl Cell {
    /// The value as a literal of SQL. Text goes by its bytes, so that nothing in it ends the literal.
    #[must_use]
    pub fn literal(&self) -> String {
        let Some(value) = &self.value else { return "NULL".to_owned() };
        let is_number = || std::str::from_utf8(value).is_ok_and(|text| text.parse::<i128>().is_ok_and(|number| number.to_string() == text));
        let hex = || value.iter().map(|b| format!("{b:02x}")).collect::<String>();
        match self.form {
            Form::Number if is_number() => String::from_utf8_lossy(value).into_owned(),
            _ if value.is_empty() => "''".to_owned(),
            Form::Bytes => format!("x'{}'", hex()),
            Form::Number | Form::Text => format!("_utf8mb4 x'{}'", hex()),
        }
    }

    fn parts(&self) -> (&str, Form, Option<&[u8]>) {
        (&self.column, self.form, self.value.as_deref())
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Cell {}

impl std::hash::Hash for Cell {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Cell {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.parts().cmp(&other.parts())
    }
}

/// What a row is known again by, whatever its key and its ids are: a digest of its other columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// The columns.
    pub columns: Arc<[Arc<str>]>,
    /// The digest, as the server computes it; empty where there are no columns.
    pub digest: Box<[u8]>,
}

/// A row, or what is to be known of it. Two are the same if their values are.
#[derive(Debug, Clone)]
pub struct Row {
    /// The table, as the server spells it.
    pub table: Arc<str>,
    /// The columns of its primary key, in their order.
    pub key: Vec<Cell>,
    /// Other columns, in the table's order.
    pub cells: Vec<Cell>,
    /// It has all its columns, also those that nobody named: their values are not for people's eyes.
    pub whole: bool,
    /// What is in its other columns.
    pub rest: Option<Rest>,
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        (&self.table, &self.key, &self.cells, self.whole) == (&other.table, &other.key, &other.cells, other.whole)
    }
}

impl Eq for Row {}

impl Row {
    /// The row with other values in the columns of `changed`.
    #[must_use]
    pub fn with(&self, changed: &[Cell]) -> Row {
        let mut row = self.clone();
        for cell in row.key.iter_mut().chain(&mut row.cells) {
            if let Some(other) = changed.iter().find(|c| c.column == cell.column) {
                cell.value.clone_from(&other.value);
            }
        }
        row
    }

    /// The row as a person finds it: `orders id 5`.
    #[must_use]
    pub fn label(&self) -> String {
        label(&self.table, &self.key)
    }

    /// The values that differ between this row and the other, which has the same columns: the column, this one's value, the other's.
    #[must_use]
    pub fn differences<'a>(&'a self, other: &'a Row) -> Vec<(&'a Cell, &'a Cell)> {
        let all = self.key.iter().chain(&self.cells).zip(other.key.iter().chain(&other.cells));
        all.filter(|(a, b)| a.value != b.value).collect()
    }
}

fn label(table: &str, key: &[Cell]) -> String {
    let value = |cell: &Cell| match (&cell.value, cell.form) {
        (Some(value), Form::Number) => String::from_utf8_lossy(value).into_owned(),
        (value, _) => shown(value.as_deref()),
    };
    let key: Vec<String> = key.iter().map(|cell| format!("{} {}", cell.column, value(cell))).collect();
    format!("{table} {}", key.join(", "))
}

impl Item for Row {
    type Key<'a> = (&'a str, &'a [Cell]);

    fn key(&self) -> Self::Key<'_> {
        (&self.table, &self.key)
    }

    fn has_key_of(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    fn is(&self, found: &Self) -> bool {
        let value = |column: &str| found.cells.iter().find(|cell| *cell.column == *column).map(|cell| &cell.value);
        self.key == found.key && self.cells.iter().all(|cell| value(&cell.column) == Some(&cell.value))
    }

    fn told(this: &Self, found: Option<&Self>, wanted: Option<&Self>) -> String {
        let label = this.label();
        match (found, wanted) {
            (None, Some(wanted)) if !wanted.whole && !wanted.cells.is_empty() => {
                let was: Vec<String> = wanted.cells.iter().map(|c| format!("{} was {}", c.column, shown(c.value.as_deref()))).collect();
                format!("{label} is not there; {}", was.join(", "))
            }
            (None, _) => format!("{label} is not there"),
            (Some(_), None) => format!("{label} is there, and was not"),
            (Some(found), Some(wanted)) if found.key != wanted.key => format!("{label} is there as {}", found.label()),
            (Some(found), Some(wanted)) => {
                let now = |cell: &Cell| found.cells.iter().find(|c| c.column == cell.column).and_then(|c| c.value.as_deref());
                let differing = wanted.cells.iter().filter(|cell| now(cell) != cell.value.as_deref());
                let one = |cell: &Cell| match wanted.whole {
                    true => format!("{} is another than it was", cell.column),
                    false => format!("{} is {}, and was {}", cell.column, shown(now(cell)), shown(cell.value.as_deref())),
                };
                let list: Vec<String> = differing.map(one).collect();
                format!("{label}: {}", list.join("; "))
            }
        }
    }
}

/// Whether a row is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum There {
    /// It is.
    Here,
    /// It is not.
    Gone,
    /// Nor is its table.
    WithoutTable,
    /// Its table has another key than it had, or lacks a column.
    Otherwise,
}

/// What is read of the rows of a table.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// The columns, beside the key.
    pub columns: Vec<usize>,
    /// Whether to look at the bytes of text, if they are characters that come back as they were.
    pub sound: bool,
    /// The columns of which a digest is read.
    pub rest: Option<Arc<[Arc<str>]>>,
}

/// A table of the panel's database, as the server declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, as the server spells it.
    pub name: Arc<str>,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key; empty: it has none.
    pub key: Vec<usize>,
    /// Its unique indexes, the primary key among them.
    pub unique: Vec<Unique>,
    /// Foreign keys that start from it or end in it.
    pub ties: Vec<Tie>,
    /// Its triggers: the name, and what fires it, `UPDATE`.
    pub triggers: Vec<(String, String)>,
    /// What keeps the table, if it knows no transactions.
    pub without_transactions: Option<String>,
    /// What it is, if it is no plain table.
    pub odd: Option<String>,
    /// The user may not see all its columns.
    pub hidden: bool,
    /// The most bytes of a statement that the server takes.
    pub statement_limit: u64,
}

impl Table {
    /// The column of that name, without case.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// The unique indexes that a column is part of.
    pub fn unique_with(&self, column: usize) -> impl Iterator<Item = &Unique> {
        self.unique.iter().filter(move |u| u.columns.iter().any(|(c, _)| *c == Some(column)))
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as the server spells it.
    pub name: Arc<str>,
    /// Its type, as the server declares it: `int(10) unsigned`.
    pub declared: String,
    /// How its values are written.
    pub form: Form,
    /// The least and the greatest number that it takes; `None`: it takes others than numbers.
    pub range: Option<(i128, i128)>,
    /// The most characters or bytes that it takes.
    pub length: Option<u64>,
    /// It takes NULL.
    pub nullable: bool,
    /// The server computes it.
    pub generated: bool,
    /// From what, where that is known.
    pub computed: Option<String>,
    /// The character set of its text.
    pub charset: Option<String>,
    /// Two texts are the same to the server that differ in case alone.
    pub folds_case: bool,
    /// … or in blanks at the end.
    pub pads: bool,
    /// The server numbers rows by it.
    pub numbered: bool,
    /// The server sets it to the time of each change.
    pub timed: bool,
    /// Its values come back as they were when they are written as they are read.
    pub restorable: bool,
}

/// The longest text that stands in a column while its row stands aside.
const ASIDE: u64 = 32;

/// Whether `column` is long enough for what stands in it while its row stands aside.
pub(crate) fn has_room_aside(column: &Column) -> bool {
    column.form == Form::Number || column.length.is_some_and(|length| length >= ASIDE)
}

/// A unique index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    /// Its name.
    pub name: String,
    /// Its columns (`None`: an expression), each with the number of its characters that count, if not all do.
    pub columns: Vec<(Option<usize>, Option<u64>)>,
}

/// A foreign key. Tables of other databases are written `database.table`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tie {
    /// Its name.
    pub name: String,
    /// The table that refers.
    pub child: String,
    /// The table that is referred to.
    pub parent: String,
    /// The columns of both, in order.
    pub columns: Vec<(String, String)>,
}
