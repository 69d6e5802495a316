//! Reading an extension: its package, its PHP, its SQL, the databases it ships. Makes facts, judges nothing.

pub mod database;
pub mod package;
pub mod php;
pub mod source;
pub mod sql;

use camino::Utf8PathBuf;

use php::ir::Script;
use source::{FileId, SourceFile, Span};
use sql::schema::TableFact;

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
    /// What could not be read, and why.
    pub unreadable: Vec<Unreadable>,
    /// Files that were left out on purpose.
    pub skipped: Skipped,
}

/// How an extension is read.
#[derive(Clone)]
pub struct ReadSettings<'a> {
    /// Globs of files that are not looked at, relative to the root.
    pub exclude: Vec<String>,
    /// Look at vendored files too.
    pub include_vendored: bool,
    /// Worker threads; 0 for one a core.
    pub jobs: usize,
    /// Larger files are unreadable.
    pub max_file_bytes: u64,
    /// Told the files done and the files in all.
    pub progress: Option<&'a (dyn Fn(usize, usize) + Sync)>,
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
    /// Stand-in until the reading of extensions is merged: reads nothing.
    ///
    /// # Errors
    /// Never.
    pub fn read(package: &package::Package, _settings: &ReadSettings<'_>) -> Result<Extension, package::LoadError> {
        Ok(Extension { input: package.input().to_owned(), root: package.root().map(ToOwned::to_owned), ..Extension::default() })
    }

    /// The file with that number.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }
}
