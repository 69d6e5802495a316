//! Findings, plans and runs as text and JSON.

pub mod plan;
pub mod run;
pub mod terminal;
