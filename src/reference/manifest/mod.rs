//! The manifest `reguid.toml`: an extension's references, reviewed by its author, and the settings of lint.

mod load_stub;

use std::ops::Range;

use camino::Utf8PathBuf;

use crate::panel::Kind;

pub use load_stub::ManifestError;

/// A manifest as read.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// Its path, for messages.
    pub path: Utf8PathBuf,
    /// Its text, for messages that show a line of it.
    pub text: String,
    /// `[lint]`.
    pub lint: LintSettings,
    /// `[[reference]]`, in the order of the file.
    pub references: Vec<Entry>,
}

/// `[lint]`.
#[derive(Debug, Clone, Default)]
pub struct LintSettings {
    /// The lowest severity that makes `lint` exit with 1: `fail-on`. `None`: the default (`warning`).
    pub fail_on: Option<FailOn>,
    /// Globs of files that are not looked at, relative to the extension's root.
    pub exclude: Vec<String>,
    /// `[[lint.ignore]]`.
    pub ignore: Vec<Ignore>,
}

/// The lowest severity that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailOn {
    /// Only errors.
    Error,
    /// Errors and warnings.
    Warning,
    /// Everything.
    Note,
    /// Nothing: findings never change the exit code.
    Never,
}

/// One `[[lint.ignore]]`.
#[derive(Debug, Clone)]
pub struct Ignore {
    /// The rule.
    pub rule: String,
    /// A glob of paths relative to the extension's root; `None`: every path.
    pub path: Option<String>,
    /// Why. Never empty.
    pub reason: String,
    /// Bytes of the manifest.
    pub span: Range<usize>,
}

/// One `[[reference]]`.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The place.
    pub store: Store,
    /// The kind whose ids stand there. `None` only where the kinds stand in the place's pattern.
    pub kind: Option<Kind>,
    /// What stands at the place.
    pub holds: Holds,
    /// What to do with an id whose object is gone.
    pub on_missing: OnMissing,
    /// A column of the same table that names the same object.
    pub twin: Option<String>,
    /// Bytes of the manifest, of the whole entry.
    pub span: Range<usize>,
}

/// The place of an [`Entry`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Store {
    /// A column of SQLite databases.
    Column {
        /// Glob of database files, relative to the var directory.
        database: String,
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// A path inside a structured value; `None`: the whole value.
        path: Option<String>,
    },
    /// A setting whose name holds ids: a pattern with `{kind}` holes.
    SettingKey {
        /// The pattern.
        pattern: String,
    },
    /// A setting whose value holds ids.
    Setting {
        /// The setting's name, `*` allowed.
        name: String,
        /// A path inside the value; `None`: the whole value.
        path: Option<String>,
    },
    /// A setting of a domain or client whose value holds ids.
    ObjectSetting {
        /// The kind of object that the setting belongs to.
        of: Kind,
        /// The setting's name.
        name: String,
        /// A path inside the value.
        path: Option<String>,
    },
    /// Files whose content holds ids.
    File {
        /// Glob of files, relative to the var directory.
        glob: String,
        /// A path inside the content.
        path: Option<String>,
    },
    /// Files whose names hold ids: a pattern with `{kind}` holes, relative to the var directory.
    FileName {
        /// The pattern.
        pattern: String,
    },
}

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Holds {
    /// A raw id: rewritten by `fix`.
    #[default]
    Id,
    /// A GUID: verified only.
    Guid,
    /// A name: verified only.
    Name,
}

/// What to do with an id whose object is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnMissing {
    /// Stop, write nothing, list them.
    #[default]
    Fail,
    /// Leave the id as it is.
    Keep,
    /// Write NULL.
    Null,
    /// Delete the row.
    DeleteRow,
    /// Move the row into the companion, from where `undo` brings it back.
    Quarantine,
}
