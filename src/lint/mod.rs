//! Rules over references and facts; findings; suppressions; settings.

pub mod finding;
pub mod page;
pub mod rule;

pub use finding::{Finding, Location, Role, Severity};
