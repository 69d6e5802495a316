//! What a fix must come to, without SQL: tables are vectors of rows, a mapping is applied to each cell once. Shares no code with the writer.
#![allow(dead_code, unreachable_pub, reason = "each test binary includes this file as a module of its own, and uses what it needs")]

use std::collections::BTreeMap;

/// A stored value, to the storage class.
#[derive(Clone, PartialEq, PartialOrd)]
pub enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Cell {
    /// As SQL spells it. Text is spelled by its bytes where they are no plain text.
    pub fn sql(&self) -> String {
        let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        match self {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer(i) => i.to_string(),
            Cell::Real(r) => format!("{r:?}"),
            Cell::Text(t) if t.iter().all(|b| matches!(b, 0x20..0x7f) && *b != b'\'') => format!("'{}'", String::from_utf8_lossy(t)),
            Cell::Text(t) => format!("CAST(x'{}' AS TEXT)", hex(t)),
            Cell::Blob(b) => format!("x'{}'", hex(b)),
        }
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sql())
    }
}

/// A table: its rows in no order that matters.
pub type Rows = Vec<Vec<Cell>>;

/// What a policy does with an id whose object is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    Fail,
    Keep,
    Null,
    Remove,
}

/// What a fix must do with a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// These rows.
    Rows(Rows),
    /// Nothing at all: something is unresolved.
    Stop,
}

enum Verdict {
    Stays,
    Becomes(Cell),
    Goes,
    Stops,
}

/// Decimal digits as a program writes them.
fn digits(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?;
    let number: i64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

fn nearly(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|t| t.chars().any(|c| c.is_ascii_digit()) && t.trim().parse::<f64>().is_ok())
}

/// Numbers that mean no object where nobody declares others.
pub const SENTINELS: &[i64] = &[0, -1];

/// The verdict over one cell. `mapping`: old id → new id; an id that is not there has no object any more.
fn verdict(cell: &Cell, mapping: &BTreeMap<i64, i64>, policy: Policy, sentinels: &[i64]) -> Verdict {
    let id = match cell {
        Cell::Null | Cell::Blob(_) => return Verdict::Stays,
        Cell::Integer(id) if sentinels.contains(id) => return Verdict::Stays,
        Cell::Integer(id) => *id,
        Cell::Real(_) => return if policy == Policy::Keep { Verdict::Stays } else { Verdict::Stops },
        Cell::Text(text) => match digits(text) {
            Some(id) if sentinels.contains(&id) => return Verdict::Stays,
            Some(id) => id,
            None if nearly(text) => return if policy == Policy::Keep { Verdict::Stays } else { Verdict::Stops },
            None => return Verdict::Stays,
        },
    };
    match (mapping.get(&id), policy) {
        (Some(new), _) if *new == id => Verdict::Stays,
        (Some(new), _) if matches!(cell, Cell::Text(_)) => Verdict::Becomes(Cell::Text(new.to_string().into_bytes())),
        (Some(new), _) => Verdict::Becomes(Cell::Integer(*new)),
        (None, Policy::Fail) => Verdict::Stops,
        (None, Policy::Keep) => Verdict::Stays,
        (None, Policy::Null) => Verdict::Becomes(Cell::Null),
        (None, Policy::Remove) => Verdict::Goes,
    }
}

/// The id in a cell, if it is one.
fn id(cell: &Cell, sentinels: &[i64]) -> Option<i64> {
    let id = match cell {
        Cell::Integer(id) => Some(*id),
        Cell::Text(text) => digits(text),
        _ => None,
    };
    id.filter(|id| !sentinels.contains(id))
}

/// What a fix of the columns `targets` must come to.
pub fn fix(rows: &Rows, targets: &[(usize, Policy)], mapping: &BTreeMap<i64, i64>) -> Expected {
    fix_with(rows, targets, mapping, SENTINELS)
}

/// As [`fix`], with these numbers as sentinels.
pub fn fix_with(rows: &Rows, targets: &[(usize, Policy)], mapping: &BTreeMap<i64, i64>, sentinels: &[i64]) -> Expected {
    for (column, policy) in targets {
        // A stale id that stays must not be somebody else's new id in the column.
        let ids: Vec<i64> = rows.iter().filter_map(|r| id(&r[*column], sentinels)).collect();
        let taken = |stale: &i64| ids.iter().any(|old| old != stale && mapping.get(old) == Some(stale));
        if *policy == Policy::Keep && ids.iter().any(|i| !mapping.contains_key(i) && taken(i)) {
            return Expected::Stop;
        }
        // What becomes a sentinel means nobody any more.
        if ids.iter().any(|i| mapping.get(i).is_some_and(|new| sentinels.contains(new))) {
            return Expected::Stop;
        }
    }
    let mut after = Rows::new();
    'rows: for row in rows {
        let mut new = row.clone();
        let mut goes = false;
        for (column, policy) in targets {
            match verdict(&row[*column], mapping, *policy, sentinels) {
                Verdict::Stays => {}
                Verdict::Becomes(cell) => new[*column] = cell,
                Verdict::Goes => goes = true,
                Verdict::Stops => return Expected::Stop,
            }
        }
        if goes {
            continue 'rows;
        }
        after.push(new);
    }
    Expected::Rows(after)
}

/// Rows in an order of their own, for comparison.
pub fn sorted(mut rows: Rows) -> Rows {
    rows.sort_by(|a, b| a.partial_cmp(b).expect("no NaN is stored"));
    rows
}
