//! SQL: statements in files and in PHP strings. [`token`] alone names the SQL parser's crate.
//!
//! [`split`] cuts text into statements, [`ddl`] reads the ones that declare tables and [`oracle`] asks SQLite itself where `ddl` gives up;
//! [`schema`] puts them together. [`template`] assembles the SQL that PHP code puts together, [`embedded`] finds declarations in it
//! and [`in_code`] the other statements; [`statement`] reads those: inserts, updates, deletes and selects.

mod cursor;
mod ddl;
mod dml;
pub mod embedded;
mod fold;
pub mod in_code;
mod operand;
mod oracle;
pub mod schema;
mod split;
pub mod statement;
pub mod template;
pub(crate) mod token;
mod writes;
