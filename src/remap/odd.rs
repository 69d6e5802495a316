//! Values that their column would not take as they are: whoever writes their row makes another value of them, or is refused.
//!
//! SQLite applies a column's affinity to all values of a row that is written, not only to those that change. A value that does not go with it got there by another
//! declaration, by another version of SQLite, or past SQLite. It stays as it is as long as nobody writes its row, and no run could put it back.

use super::compute::{label, show};
use super::decide::FromRef;
use crate::sqlite::schema::{Affinity, Table};
use crate::sqlite::{Value, ValueRef};

/// What a column takes as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// No numbers.
    Texts,
    /// No texts that are numbers, and no real numbers that are integers.
    Numbers,
    /// No texts that are numbers.
    Reals,
    /// Only integers: a STRICT table says so.
    OnlyIntegers,
    /// Only real numbers.
    OnlyReals,
    /// Only texts.
    OnlyTexts,
    /// Only blobs.
    OnlyBlobs,
}

impl Takes {
    fn of(table: &Table, column: usize) -> Option<Takes> {
        if table.integer_key == Some(column) {
            return None;
        }
        match (table.affinity(column), table.strict) {
            (Affinity::Blob, true) => (!table.columns[column].declared_type.eq_ignore_ascii_case("ANY")).then_some(Takes::OnlyBlobs),
            (Affinity::Blob, false) => None,
            (Affinity::Text, false) => Some(Takes::Texts),
            (Affinity::Numeric | Affinity::Integer, false) => Some(Takes::Numbers),
            (Affinity::Real, false) => Some(Takes::Reals),
            (Affinity::Text, true) => Some(Takes::OnlyTexts),
            (Affinity::Real, true) => Some(Takes::OnlyReals),
            (Affinity::Numeric | Affinity::Integer, true) => Some(Takes::OnlyIntegers),
        }
    }

    #[inline]
    fn takes(self, value: ValueRef<'_>) -> bool {
        match (self, value) {
            (_, ValueRef::Null) => true,
            (Takes::Texts, value) => !matches!(value, ValueRef::Integer(_) | ValueRef::Real(_)),
            (Takes::Numbers | Takes::Reals, ValueRef::Text(text)) => !is_number(text),
            (Takes::Numbers, ValueRef::Real(number)) => number.fract() != 0.0 || number.abs() >= 9_223_372_036_854_775_808.0,
            (Takes::Numbers | Takes::Reals, _) => true,
            (Takes::OnlyIntegers, value) => matches!(value, ValueRef::Integer(_)),
            (Takes::OnlyReals, value) => matches!(value, ValueRef::Real(_)),
            (Takes::OnlyTexts, value) => matches!(value, ValueRef::Text(_)),
            (Takes::OnlyBlobs, value) => matches!(value, ValueRef::Blob(_)),
        }
    }
}

/// Whether SQLite makes a number of a text: it reads up to a NUL.
pub(super) fn is_number(text: &[u8]) -> bool {
    let digits = |at: usize| text.get(at..).unwrap_or_default().iter().take_while(|b| b.is_ascii_digit()).count();
    let spaces = |at: usize| text.get(at..).unwrap_or_default().iter().take_while(|b| matches!(b, b' ' | 9..=13)).count();
    let sign = |at: usize| usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    let mut at = spaces(0);
    at += sign(at);
    let whole = digits(at);
    at += whole;
    if text.get(at) == Some(&b'.') {
        let part = digits(at + 1);
        if whole + part == 0 {
            return false;
        }
        at += 1 + part;
    } else if whole == 0 {
        return false;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let from = at + 1 + sign(at + 1);
        if digits(from) == 0 {
            return false;
        }
        at = from + digits(from);
    }
    at += spaces(at);
    matches!(text.get(at), None | Some(0))
}

/// The columns of a row that do not take everything.
#[derive(Debug, Default)]
pub(super) struct Columns(Vec<(usize, usize, Takes)>);

impl Columns {
    /// Those of a row that has the address first, and then all stored columns.
    pub(super) fn of(table: &Table) -> Columns {
        let first = table.address().len();
        Columns(table.stored().enumerate().filter_map(|(at, c)| Some((first + at, c, Takes::of(table, c)?))).collect())
    }

    /// The first place in the row, and the column, whose value would not be taken as it is.
    #[inline]
    pub(super) fn odd(&self, row: &[ValueRef<'_>]) -> Option<(usize, usize)> {
        self.0.iter().find(|(at, _, takes)| !takes.takes(row[*at])).map(|(at, column, _)| (*at, *column))
    }
}

/// Rows of one sort, of which the first is told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    rows: u64,
    first: Option<First>,
}

/// A row, in which run of leaves it stands, a column, what it holds there.
#[derive(Debug)]
struct First {
    run: u32,
    address: Vec<Value>,
    column: usize,
    value: Value,
}

impl Told {
    /// Adds a row.
    pub(super) fn add(&mut self, run: u32, address: &[ValueRef<'_>], (column, value): (usize, ValueRef<'_>)) {
        self.rows += 1;
        self.first.get_or_insert_with(|| First {
            run,
            address: address.iter().map(|v| Value::from_ref(*v)).collect(),
            column,
            value: Value::from_ref(value),
        });
    }

    /// Adds what another part of the table gave.
    pub(super) fn join(&mut self, other: Told) {
        self.rows += other.rows;
        self.first = match (self.first.take(), other.first) {
            (Some(one), Some(other)) => Some(if other.run < one.run { other } else { one }),
            (one, other) => one.or(other),
        };
    }

    /// `the row k 1 holds '5' in the column x (and 3 more rows …)`.
    fn told(&self, table: &Table) -> Option<(String, &First)> {
        let first = self.first.as_ref()?;
        let more = match self.rows {
            1 => String::new(),
            2 => " (and one row more does so)".to_owned(),
            rows => format!(" (and {} rows more do so)", rows - 1),
        };
        let (row, column) = (label(table, &first.address), &table.columns[first.column].name);
        Some((format!("the row {row} holds {} in the column {column}{more}", show(&first.value)), first))
    }
}

/// Rows that are written or taken out, and that could not be written as they are.
#[derive(Debug, Default)]
pub(crate) struct Odd {
    /// A value is one that its column does not take as it is.
    pub(super) values: Told,
    /// Rows that are written: NULL stands where none may be.
    pub(super) nulls: Told,
    /// Rows that are taken out: the same.
    pub(super) gone: Told,
    /// Some row of the table, whether or not it is written, holds such a value.
    pub(super) anywhere: bool,
}

impl Odd {
    /// Adds what another part of the table gave.
    pub(super) fn join(&mut self, other: Odd) {
        self.values.join(other.values);
        self.nulls.join(other.nulls);
        self.gone.join(other.gone);
        self.anywhere |= other.anywhere;
    }

    /// Why the rows cannot be written, or not be put back by an undo. `inserts`: rows that change are put in anew.
    pub(super) fn refusal(&self, table: &Table, inserts: bool) -> Option<String> {
        if let Some((row, first)) = self.values.told(table) {
            let declared = &table.columns[first.column].declared_type;
            let what = if table.strict {
                "a STRICT table takes no such value"
            } else {
                "SQLite makes another value of it whenever the row is written"
            };
            return Some(format!(
                "{row}, whose type is {declared}: {what}, and no undo could put it back. Have the extension's own program give it a value of that type, or take the row \
                 out, before"
            ));
        }
        let (row, _) = self.gone.told(table).or_else(|| self.nulls.told(table).filter(|_| inserts))?;
        Some(format!(
            "{row}, which is declared NOT NULL: SQLite would not take the row again. Have the extension's own program give it a value, or take the row out, before"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::Connection;
    use crate::sqlite::schema::Schema;

    /// SQLite itself is asked what becomes of each value in each sort of column.
    #[test]
    fn what_sqlite_would_change_is_odd() {
        let connection = Connection::open_in_memory().unwrap();
        let types = ["", "BLOB", "TEXT", "INT", "NUMERIC", "REAL", "ANY"];
        let columns: Vec<String> = types.iter().enumerate().map(|(n, t)| format!("c{n} {t}")).collect();
        connection.execute_batch(&format!("CREATE TABLE t({})", columns.join(", "))).unwrap();
        let table = Schema::read(&connection, "main").unwrap().table("t").unwrap().clone();
        let texts = [
            "5",
            "-5",
            "+5",
            "5.0",
            "5.5",
            ".5",
            "5.",
            ".",
            "",
            " 5 ",
            "\t5\n",
            "- 5",
            "5 x",
            "x",
            "1e3",
            "1e",
            "1e+",
            "1e+3",
            "e3",
            "5\0",
            "5\0x",
            "\u{0}5",
            "0x10",
            "1_0",
            "2026-01-02",
            "1.2.3",
            "--5",
            "9223372036854775808",
            "1e400",
            "Inf",
            "5 \0",
            "+",
            "+.5",
            "5e-3 ",
        ];
        let numbers = [0.0, 5.0, 5.5, 1e15, 9.2e18, 9.3e18, -9_223_372_036_854_775_808.0, 1e300, f64::INFINITY];
        let values = texts.iter().map(|t| Value::Text((*t).to_owned())).chain(numbers.map(Value::Real)).chain([
            Value::Integer(5),
            Value::Integer(i64::MIN),
            Value::Blob(b"5".to_vec()),
            Value::Null,
        ]);
        for value in values {
            for (c, declared) in types.iter().enumerate() {
                // A column of real numbers never gives an integer back, so none is among its values.
                if *declared == "REAL" && matches!(value, Value::Integer(_)) {
                    continue;
                }
                let sql = format!("INSERT INTO t(c{c}) VALUES (?1) RETURNING c{c}");
                let became: Value = connection.query_row(&sql, [&value], |r| r.get(0)).unwrap();
                let taken = Takes::of(&table, c).is_none_or(|takes| takes.takes(crate::remap::scan::borrow(&value)));
                let same = format!("{became:?}") == format!("{value:?}");
                // Conservative where it is: the least of integers stays a real number.
                let spared = matches!(value, Value::Real(r) if r.abs() >= 9e18);
                assert!(taken == same || spared && !taken, "{value:?} in {declared} becomes {became:?}");
            }
        }
    }
}
