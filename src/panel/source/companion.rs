//! The companion's inventory: what the ids in an extension's data mean.

use camino::Utf8Path;

use super::SourceError;
use crate::panel::Inventory;

/// Reads the inventory of the companion at `path`.
///
/// # Errors
/// The file is no companion, or cannot be read.
pub fn read(path: &Utf8Path) -> Result<Inventory, SourceError> {
    Err(SourceError::Unsupported { word: path.to_string(), form: "SQLite databases" })
}
