//! PHP, as the rest of the crate sees it: a compact tree ([`ir`]) that outlives the parser's arena.
//!
//! [`parse`] alone names the PHP parser's crates, so that the parser can be replaced there.

pub mod by_start;
pub mod functions;
pub mod ir;
pub mod literal;
pub mod parse;
mod pool;

#[cfg(test)]
mod dump;
