//! Inventory sources: one word on the command line each, told apart by content.

pub mod companion;
pub mod snapshot;

use super::Inventory;

/// Why an inventory could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum SourceError {
    /// The source's form is known and this release cannot read it.
    #[error("{word}: this release cannot read inventories from {form}")]
    #[diagnostic(help("give a mysqldump of the panel database (.sql or .sql.gz) or a snapshot file made by `reguid snapshot`"))]
    Unsupported {
        /// The word as given.
        word: String,
        /// The form of source it names.
        form: &'static str,
    },
    /// A companion that cannot be read.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Companion(#[from] Box<companion::CompanionError>),
}

/// Reads the inventory that `word` names.
///
/// # Errors
/// Whatever keeps the source from being read whole: see [`SourceError`].
pub fn read(word: &str) -> Result<Inventory, SourceError> {
    Err(SourceError::Unsupported { word: word.to_owned(), form: "this" })
}
