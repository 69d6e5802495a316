//! How a command shows what it did.

use clap::ValueEnum;

/// For whom it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// For programs.
    Json,
}
