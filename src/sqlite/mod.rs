//! SQLite, as the rest of the crate sees it: the one module that names the `rusqlite` crate.
//!
//! [`open`] opens files without leaving anything beside them, [`pages`] reads a file without SQLite, [`schema`] reads what a database declares,
//! [`sandbox`] takes declarations of unknown origin, [`name`] quotes identifiers.

pub(crate) mod held;
pub mod name;
pub mod open;
pub mod pages;
pub mod sandbox;
pub mod schema;

pub use rusqlite::config::DbConfig;
pub use rusqlite::functions::FunctionFlags;
pub use rusqlite::hooks::Action;
pub use rusqlite::types::{ToSqlOutput, Value, ValueRef};
pub use rusqlite::{
    Connection, Error, ErrorCode, OpenFlags, OptionalExtension, Row, Rows, Statement, ToSql, Transaction, TransactionBehavior, params,
    params_from_iter,
};

/// Whether a statement failed because an index does not agree with its table.
#[must_use]
pub fn is_index_damaged(error: &Error) -> bool {
    error.sqlite_error().is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_CORRUPT_INDEX)
}

/// Whether a statement failed because another row has the key that one of its rows was to get.
#[must_use]
pub fn is_key_taken(error: &Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE};
    let taken = [SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID, SQLITE_CONSTRAINT_UNIQUE];
    error.sqlite_error().is_some_and(|e| taken.contains(&e.extended_code))
}

/// The error of a statement that was asked to stop.
#[must_use]
pub fn interrupted() -> Error {
    Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_INTERRUPT), None)
}
