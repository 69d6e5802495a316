//! Findings, plans and runs as text and JSON.

pub mod crash;
pub mod error;
pub mod output;
pub mod terminal;
