//! Ids inside one value: find and rewrite, byte-exact. Knows only bytes.

pub mod number;
