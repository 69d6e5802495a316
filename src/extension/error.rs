//! Why an extension could not be read at all.

use camino::Utf8PathBuf;
use miette::Diagnostic;
use thiserror::Error;

/// An input that cannot be read. Anything smaller than the whole input is an [`Unreadable`](super::Unreadable) instead.
#[derive(Debug, Error, Diagnostic)]
pub enum LoadError {
    /// There is nothing at the path.
    #[error("`{path}` does not exist")]
    #[diagnostic(help("give an extension's folder, its .zip, a .sql or .php file, or a SQLite database"))]
    Missing {
        /// The path.
        path: Utf8PathBuf,
    },
    /// It cannot be opened or read.
    #[error("`{path}` cannot be read: {source}")]
    #[diagnostic(help("check that the path and its folders may be read by this user"))]
    Io {
        /// The path.
        path: Utf8PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A single file of a kind that is not read.
    #[error("`{path}` is not of a kind that can be read")]
    #[diagnostic(help("give an extension's folder, its .zip, a .sql or .php file, or a SQLite database"))]
    UnknownKind {
        /// The file.
        path: Utf8PathBuf,
    },
    /// A single file over the limit.
    #[error("`{path}` has {size} bytes, more than the limit of {limit}")]
    #[diagnostic(help("split the file, or leave it out by `exclude` in reguid.toml"))]
    TooLarge {
        /// The file.
        path: Utf8PathBuf,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// A package that is not a proper zip archive, or not a harmless one.
    #[error("the package `{path}` cannot be read: {reason}")]
    #[diagnostic(help("unpack it and give the folder, if you trust it"))]
    Archive {
        /// The package.
        path: Utf8PathBuf,
        /// Why.
        reason: String,
    },
    /// A database given alone that cannot be read.
    #[error("the database `{path}` cannot be read: {reason}")]
    #[diagnostic(help("give a complete, unencrypted SQLite database, with its -wal or -journal file beside it if there is one"))]
    Database {
        /// The database.
        path: Utf8PathBuf,
        /// Why.
        reason: String,
    },
    /// `exclude` holds something that is no pattern.
    #[error("`{pattern}` is not a pattern of paths: {reason}")]
    #[diagnostic(help("patterns are relative to the extension's root, such as `plib/vendor/**`"))]
    Exclude {
        /// The pattern.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// The system gives no threads.
    #[error("no worker threads can be started: {reason}")]
    #[diagnostic(help("give a smaller number of jobs, or raise the limits on memory and processes"))]
    Threads {
        /// Why.
        reason: String,
    },
}
