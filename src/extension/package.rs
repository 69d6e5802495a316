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
    /// The path that it was found at, as given.
    #[must_use]
    pub fn input(&self) -> &Utf8Path {
        &self.root
    }

    /// The root on disk, of a folder.
    #[must_use]
    pub fn root(&self) -> Option<&Utf8Path> {
        Some(&self.root)
    }

    /// The bytes of a small file at the root. `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>, LoadError> {
        let path = self.root.join(name);
        match std::fs::read(&path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|source| LoadError::Missing { path, source }),
        }
    }
}
