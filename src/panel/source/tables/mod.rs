//! Rows of a panel's tables, from whatever source, and the objects that they make.
//!
//! A source opens the tables that it meets ([`Databases::open`]), tells which of the wanted columns it has ([`Rows::declare`]) and hands over its
//! rows ([`Databases::push`]): bytes in the order of the wanted columns. [`Tables::inventory`] makes objects of them, after the facts of the
//! catalogue. Nothing but the wanted columns is ever kept, and memory grows with the panel's objects alone.

mod databases;
mod resolve;
mod rows;
mod wanted;

pub(super) use databases::{Databases, TableAt, Tables, TooMuch};
pub(super) use rows::Row;
pub(super) use wanted::{Wanted, names_itself, wanted, wanted_settings};

/// No table has more wanted columns than this.
pub(super) const MOST_COLUMNS_WANTED: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_has_too_many_columns() {
        let all = wanted().tables.iter().chain(&wanted_settings().tables);
        assert!(all.into_iter().all(|t| t.columns.len() <= MOST_COLUMNS_WANTED));
    }
}
