//! Rows that were made before a column was added: they do not hold it, and whoever reads them reads its DEFAULT instead.
//!
//! Versions of SQLite do not all read the same there. Until 3.4x, `1.0` in a column that takes anything was the integer 1, and `TRUE` in a column of texts was an
//! integer, too. Whoever writes such a row anew writes out what his library reads: the cell becomes another value for the extension's library, and an index over
//! it, which that one made, holds another key than the row. No undo makes a row short again. So the schema is asked for such a DEFAULT, and where there is one,
//! the file is asked which rows are short.

use super::compute::label;
use super::decide::FromRef;
use super::error::{Context, RemapError};
use super::odd::is_number;
use super::rows::numbered;
use super::scan;
use super::session::{Database, Session};
use crate::extension::sql::token::{Kind, Tokens, bytes, is_any};
use crate::sqlite::pages::{Layout, field};
use crate::sqlite::schema::{Affinity, Table};
use crate::sqlite::{Error, Value, ValueRef};

/// The rows of a table that lack a column whose DEFAULT is not read alike.
pub(super) struct Short {
    column: usize,
    rows: Rows,
}

/// Which rows they are.
enum Rows {
    /// Nothing tells.
    Unknown,
    /// Some; the table has no rowids.
    Some,
    /// Those from one rowid to another one.
    From(Vec<(i64, i64)>),
}

/// The rows of the table that are short; `None`: there are none, or it is of no account.
pub(super) fn of(session: &Session, database: &Database, table: &Table) -> Result<Option<Short>, RemapError> {
    let is_read_apart = |c: &usize| table.columns[*c].default.as_deref().is_some_and(|d| is_read_apart(d, table.affinity(*c)));
    let apart = table.stored().filter(is_read_apart).filter_map(|c| Some((field(table, c)?, c))).max();
    let Some((field, column)) = apart else { return Ok(None) };
    let root = scan::root(&session.connection, &database.schema, &table.name).on(&database.path)?;
    let mut found = Found { field, some: false, ranges: Vec::new(), open: false };
    let read = session.in_file(database, |pages| match (pages, root) {
        (Some(pages), Some(root)) => {
            pages.rows(&Layout::widths(table, root), &mut |row: &[ValueRef<'_>]| found.row(row)).on(&database.path)
        }
        _ => Ok(false),
    })?;
    let rows = match (read, found) {
        (false, _) => Rows::Unknown,
        (true, Found { some: false, .. }) => return Ok(None),
        (true, Found { ranges, .. }) if ranges.is_empty() => Rows::Some,
        (true, Found { ranges, .. }) => Rows::From(ranges),
    };
    Ok(Some(Short { column, rows }))
}

/// Why the rows of a table cannot all be written anew, if they cannot.
pub(super) fn refusal(session: &Session, database: &Database, table: &Table) -> Result<Option<String>, RemapError> {
    Ok(of(session, database, table)?.map(|short| short.told(table, short.first().as_deref())))
}

/// Why rows cannot be written anew whose addresses stand in the columns k0 … of `cells`.
pub(super) fn refusal_in(session: &Session, database: &Database, table: &Table, cells: &str) -> Result<Option<String>, RemapError> {
    let Some(short) = of(session, database, table)? else { return Ok(None) };
    let find = || -> Result<Option<Vec<Value>>, Error> {
        let width = table.address().len();
        let mut query = session.connection.prepare(&format!("SELECT {} FROM {cells}", numbered("k", width)))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let address = (0..width).map(|i| row.get_ref(i).map(Value::from_ref)).collect::<Result<Vec<_>, _>>()?;
            if short.holds(&address) {
                return Ok(Some(address));
            }
        }
        Ok(None)
    };
    Ok(find().on(&database.path)?.map(|row| short.told(table, Some(&row))))
}

/// What a walk over the table found.
struct Found {
    /// The number of the column's field.
    field: usize,
    some: bool,
    ranges: Vec<(i64, i64)>,
    /// The last row was short, too.
    open: bool,
}

impl Found {
    fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
        let Some((ValueRef::Integer(width), address)) = row.split_last() else { return Ok(()) };
        let short = usize::try_from(*width).is_ok_and(|width| width <= self.field);
        if let ([ValueRef::Integer(rowid)], true) = (address, short) {
            match self.ranges.last_mut().filter(|_| self.open) {
                Some(last) => last.1 = *rowid,
                None => self.ranges.push((*rowid, *rowid)),
            }
        }
        self.some |= short;
        self.open = short;
        Ok(())
    }
}

impl Short {
    /// Whether the row of that address may be one of them.
    pub(super) fn holds(&self, address: &[Value]) -> bool {
        match (&self.rows, address) {
            (Rows::From(ranges), [Value::Integer(rowid)]) => {
                let next = ranges.partition_point(|range| range.1 < *rowid);
                ranges.get(next).is_some_and(|range| range.0 <= *rowid)
            }
            _ => true,
        }
    }

    /// The first of them, if that is known.
    pub(super) fn first(&self) -> Option<Vec<Value>> {
        match &self.rows {
            Rows::Unknown | Rows::Some => None,
            Rows::From(ranges) => ranges.first().map(|range| vec![Value::Integer(range.0)]),
        }
    }

    /// Why `row` cannot be written anew.
    pub(super) fn told(&self, table: &Table, row: Option<&[Value]>) -> String {
        let column = &table.columns[self.column];
        let (name, default) = (&column.name, column.default.as_deref().unwrap_or_default());
        let which = match (&self.rows, row) {
            (Rows::Unknown, _) => "rows that were made before the column was added may lack it, which cannot be seen here".to_owned(),
            (Rows::From(_), Some(row)) => format!("the row {} was made before the column was added, and lacks it", label(table, row)),
            _ => format!("rows of {} were made before the column was added, and lack it", table.name),
        };
        format!(
            "versions of SQLite do not read the DEFAULT {default} of the column {name} alike, and {which}: written anew, it would hold what this program's SQLite \
             reads, and an index over it could be damaged for the extension. Have the extension's own program write the column out before: UPDATE {0} SET {name} = \
             {name}",
            table.name
        )
    }
}

/// Whether versions of SQLite read a DEFAULT otherwise where a row lacks the column. What cannot be told counts.
fn is_read_apart(default: &str, affinity: Affinity) -> bool {
    let text = default.as_bytes();
    let tokens: Vec<_> = Tokens::of_sqlite(text).collect();
    let signs = tokens.iter().filter(|t| bytes(text, t) == b"-").count();
    tokens.iter().any(|token| match (token.kind, affinity) {
        (Kind::Number, _) => is_number_read_apart(&String::from_utf8_lossy(bytes(text, token)), affinity, signs),
        (Kind::String, Affinity::Numeric | Affinity::Integer | Affinity::Real) => {
            let inner = default.get(token.start as usize + 1..token.end as usize - 1).unwrap_or_default();
            is_number(inner.as_bytes()) && (is_long(inner) || affinity == Affinity::Real && is_no_double(inner))
        }
        (Kind::Word, Affinity::Text) if is_any(text, token, &["TRUE", "FALSE"]) => true,
        // It makes a value of a value that is read by these rules.
        (Kind::Word, _) => is_any(text, token, &["CAST"]),
        (Kind::Error | Kind::Unterminated, _) => true,
        _ => false,
    })
}

fn is_number_read_apart(number: &str, affinity: Affinity, signs: usize) -> bool {
    let number = number.replace('_', "").to_ascii_lowercase();
    if let Some(digits) = number.strip_prefix("0x") {
        // Only those of 31 bits were numbers everywhere.
        return !u64::from_str_radix(digits, 16).is_ok_and(|n| n <= 0x7fff_ffff);
    }
    if number.parse::<i64>().is_ok() {
        return affinity == Affinity::Real && is_no_double(&number);
    }
    match affinity {
        // What could be an integer became one.
        Affinity::Blob => number.parse::<f64>().ok().is_none_or(|n| !n.is_finite() || n.fract() == 0.0) || is_long(&number),
        // As long as it is no number for a while, it stays the text that it is.
        Affinity::Text => signs > 1,
        Affinity::Numeric | Affinity::Integer | Affinity::Real => is_long(&number),
    }
}

/// Whether it is an integer that no real number is equal to: read from a DEFAULT it is that integer, and written into a column of real numbers another one.
fn is_no_double(number: &str) -> bool {
    number.trim().parse::<i64>().is_ok_and(|n| n as f64 as i128 != i128::from(n))
}

/// Whether a number has so many digits, or is so far from 1, that it was not always rounded alike.
fn is_long(number: &str) -> bool {
    let number = number.trim().to_ascii_lowercase();
    let (mantissa, exponent) = number.split_once('e').unwrap_or((&number, "0"));
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|d| *d == b'0').count();
    let is_integer = mantissa.trim_start_matches('+').parse::<i64>().is_ok() && exponent == "0";
    !is_integer && (digits > 15 || exponent.parse::<i64>().ok().is_none_or(|e| e.abs() > 22))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each was read otherwise by SQLite 3.40 than by 3.54, or alike.
    #[test]
    fn defaults_that_are_not_read_alike_are_known() {
        use Affinity::{Blob, Integer, Numeric, Real, Text};
        for (default, affinity, apart) in [
            ("TRUE", Text, true),
            ("(+false)", Text, true),
            ("TRUE", Integer, false),
            ("TRUE", Blob, false),
            ("'TRUE'", Text, false),
            ("1.0", Blob, true),
            ("(- -1.0)", Blob, true),
            ("1e3", Blob, true),
            ("5.", Blob, true),
            ("1.5", Blob, false),
            ("-1.5 /* a half */", Blob, false),
            ("1.0", Text, false),
            ("1.0", Numeric, false),
            ("4.35", Real, false),
            ("9007199254740992", Real, false),
            ("9007199254740993", Real, true),
            ("-9223372036854775807", Real, true),
            ("'9007199254740993'", Real, true),
            ("9007199254740993", Integer, false),
            ("0.98574572586336295376", Real, true),
            ("'0.98574572586336295376'", Numeric, true),
            ("'0.98574572586336295376'", Text, false),
            ("1e300", Real, true),
            ("0x10", Integer, false),
            ("0x7fffffff", Text, false),
            ("0x80000000", Integer, true),
            ("0xffffffffffffffff", Blob, true),
            ("9223372036854775807", Blob, false),
            ("-9223372036854775808", Integer, true),
            ("(-(-9223372036854775808))", Text, true),
            ("'2026-01-02 03:04:05'", Numeric, false),
            ("'9223372036854775807'", Numeric, false),
            ("CURRENT_TIMESTAMP", Numeric, false),
            ("datetime('now')", Numeric, false),
            ("CAST(1e3 AS BLOB)", Text, true),
            ("NULL", Blob, false),
            ("x'31'", Text, false),
            ("''", Numeric, false),
            ("abc", Text, false),
        ] {
            assert_eq!(is_read_apart(default, affinity), apart, "{default} {affinity:?}");
        }
    }

    #[test]
    fn rows_are_known_by_the_ranges_they_are_in() {
        let short = Short { column: 0, rows: Rows::From(vec![(1, 3), (7, 7)]) };
        let held: Vec<i64> = (0..9).filter(|n| short.holds(&[Value::Integer(*n)])).collect();
        assert_eq!(held, [1, 2, 3, 7]);
    }
}
