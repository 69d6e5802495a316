//! SQL: statements in files and in PHP strings. [`token`] alone names the SQL parser's crate.

pub mod schema;
