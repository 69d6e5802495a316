//! Finding and reading the files of an extension.

use camino::{Utf8Path, Utf8PathBuf};

/// Stand-in until the reading of extensions is merged: a folder with a `reguid.toml`.
#[derive(Debug)]
pub struct Package {
    root: Utf8PathBuf,
}

/// Why an extension could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum LoadError {
    /// Nothing is there.
    #[error("{path}: {source}")]
    #[diagnostic(help("name an extension's folder or .zip package, a .sql file or a SQLite database"))]
    Missing {
        /// What was asked for.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Looks what stands at `path`.
///
/// # Errors
/// When nothing stands there.
pub fn find(path: &Utf8Path) -> Result<Package, LoadError> {
    std::fs::metadata(path).map_err(|source| LoadError::Missing { path: path.to_owned(), source })?;
    Ok(Package { root: path.to_owned() })
}

impl Package {
    /// The path and the bytes of its `reguid.toml`.
    #[must_use]
    pub fn manifest(&self) -> Option<(Utf8PathBuf, Vec<u8>)> {
        let path = self.root.join("reguid.toml");
        std::fs::read(&path).ok().map(|bytes| (path, bytes))
    }

    pub(super) fn root(&self) -> &Utf8Path {
        &self.root
    }
}
