//! Reading an extension: its package, its PHP, its SQL, the databases it ships. Makes facts, judges nothing.

mod archive;
mod database;
mod error;
pub mod git;
mod kind;
mod load;
mod meta;
pub mod package;
pub mod php;
pub mod source;
pub mod sql;
mod vendored;
mod walk;
pub(crate) mod workers;

use camino::{Utf8Path, Utf8PathBuf};

pub use error::LoadError;
pub use load::{Progress, ReadSettings};
use package::Package;
use php::ir::Script;
use source::{FileId, SourceFile, Span};
use sql::in_code::SqlText;
use sql::schema::TableFact;

/// The id in the `meta.xml` of `folder`; `None`: there is no such file, or no id in it.
#[must_use]
pub fn id_in(folder: &Utf8Path) -> Option<String> {
    meta::read(&std::fs::read(folder.join("meta.xml")).ok()?).id
}

/// An extension as read: an extension folder or package, or a single `.sql` file or database.
#[derive(Debug, Default)]
pub struct Extension {
    /// The path it was read from, as given on the command line.
    pub input: Utf8PathBuf,
    /// The folder of `meta.xml` on disk, where it was read from a folder.
    pub root: Option<Utf8PathBuf>,
    /// `<id>` of its `meta.xml`.
    pub id: Option<String>,
    /// The files that were read, ordered by path. A shipped database stands here with the text of its schema.
    pub files: Vec<SourceFile>,
    /// Its PHP files, ordered by file.
    pub scripts: Vec<Script>,
    /// Tables declared anywhere in it, in the order of their places.
    pub tables: Vec<TableFact>,
    /// Statements in the strings of its PHP files that read and write tables, ordered by script.
    pub statements: Vec<SqlText>,
    /// What could not be read, and why.
    pub unreadable: Vec<Unreadable>,
    /// Files that were left out on purpose.
    pub skipped: Skipped,
}

/// Something that could not be read. The rest of the extension was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The file, relative to the extension's root.
    pub path: Utf8PathBuf,
    /// Where in it, if it is a part of a readable file.
    pub span: Option<Span>,
    /// Why, in one line.
    pub reason: String,
}

/// As many expressions are looked through in less time than it takes to start threads.
const FEW_EXPRESSIONS: usize = 5_000;

/// How many files were left out on purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skipped {
    /// In `vendor/`, `node_modules/` and the like.
    pub vendored: usize,
    /// Tests, and stubs of the panel's own classes.
    pub tests: usize,
    /// By `exclude` in the manifest.
    pub excluded: usize,
}

impl Extension {
    /// Reads all of `package`. What cannot be read is listed in [`Extension::unreadable`], and the rest is read.
    ///
    /// # Errors
    /// When nothing can be read at all: a single file that is unreadable, a wrong pattern in [`ReadSettings::exclude`], no threads.
    pub fn read(package: &Package, settings: &ReadSettings<'_>) -> Result<Extension, LoadError> {
        load::read(package, settings)
    }

    /// Whether it is looked through sooner than threads are started.
    pub(crate) fn is_small(&self) -> bool {
        self.scripts.iter().map(|script| script.exprs.len()).sum::<usize>() < FEW_EXPRESSIONS
    }

    /// Whether it is a single file, and not an extension.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.root.is_none() && self.files.first().is_some_and(|f| self.input.file_name() == Some(f.path.as_str()))
    }

    /// The file with that number.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }
}
