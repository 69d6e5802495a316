//! The manifest `reguid.toml`: an extension's references, reviewed by its author, and the settings of lint.

mod check;
mod error;
pub mod holds;
pub mod merge;
pub mod names;
mod parse;
pub mod remove;
pub mod schema;
mod table;

use std::collections::BTreeMap;
use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};

pub use error::{ManifestError, Problem};

use crate::panel::Kind;
use crate::reference::{Confidence, Place};
use crate::value::{Repeats, Spot, SpotError, Spots};

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
    /// Values that cannot be read stop a fix: the command line says so, no manifest does.
    pub strict: bool,
}

impl Manifest {
    /// The kinds of objects that the references are to, or whose settings they are in, each once.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        Manifest::kinds_in(self.references.iter())
    }

    /// The kinds whose ids the references hold, each once: without those that hold GUIDs or names.
    #[must_use]
    pub fn kinds_of_ids(&self) -> Vec<Kind> {
        Manifest::kinds_in(self.references.iter().filter(|entry| entry.holds == Holds::Id))
    }

    fn kinds_in<'e>(entries: impl Iterator<Item = &'e Entry>) -> Vec<Kind> {
        let mut kinds: Vec<Kind> = Vec::new();
        for entry in entries {
            kinds.extend(entry.kind);
            // A setting goes with its object, whatever stands in it.
            if let Store::ObjectSetting { of, .. } = &entry.store {
                kinds.push(*of);
            }
            // Kinds also stand in patterns, as `{domain}`: in names, in paths, and in what stands there.
            let text = format!("{} {}", entry.store.place(), entry.form.pattern.as_deref().unwrap_or_default());
            kinds.extend(text.split('{').skip(1).filter_map(|rest| rest.split('}').next()?.parse::<Kind>().ok()));
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Reads the manifest at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or with all that is wrong in it.
    pub fn load(path: &Utf8Path) -> Result<Manifest, ManifestError> {
        let bytes = fs_err::read(path).map_err(ManifestError::Io)?;
        Manifest::from_bytes(path, bytes, None)
    }

    /// Reads the manifest `text`; `path` is its path, for messages.
    ///
    /// # Errors
    /// With all that is wrong in it.
    pub fn parse(path: &Utf8Path, text: &str) -> Result<Manifest, ManifestError> {
        parse::parse(path, text, None)
    }

    /// Reads a manifest from its bytes; where `rules` are given, other rules in `[lint]` are errors: every name of a rule, with the rule's id.
    ///
    /// # Errors
    /// With all that is wrong in it.
    pub fn from_bytes(path: &Utf8Path, bytes: Vec<u8>, rules: Option<&[(&str, &str)]>) -> Result<Manifest, ManifestError> {
        let text = String::from_utf8(bytes)
            .map_err(|e| ManifestError::Encoding { path: path.to_owned(), offset: e.utf8_error().valid_up_to() })?;
        parse::parse(path, &text, rules)
    }

    /// The entry that declares a place, in whatever database.
    #[must_use]
    pub fn declared(&self, place: &Store) -> Option<&Entry> {
        self.references.iter().find(|entry| merge::same_place(&entry.store, place))
    }

    /// The entry that declares the whole of column `column` of table `table` (compared as SQLite does, without case), in whatever database: an id, or a list of them.
    #[must_use]
    pub fn column(&self, table: &str, column: &str) -> Option<&Entry> {
        let whole = |entry: &&Entry| entry.path().is_none() && entry.form.pattern.is_none() && !entry.form.base64;
        self.references.iter().filter(whole).find(|entry| match &entry.store {
            Store::Column { table: t, column: c, .. } | Store::PanelColumn { table: t, column: c, .. } => {
                t.eq_ignore_ascii_case(table) && c.eq_ignore_ascii_case(column)
            }
            _ => false,
        })
    }
}

/// `[lint]`.
#[derive(Debug, Clone, Default)]
pub struct LintSettings {
    /// The lowest severity that makes `lint` exit with 1: `fail-on`. `None`: the default (`warning`).
    pub fail_on: Option<FailOn>,
    /// Globs of files that are not looked at, relative to the extension's root.
    pub exclude: Vec<String>,
    /// The least sure findings to show: `min-confidence`. `None`: the default.
    pub min_confidence: Option<Confidence>,
    /// Whether rules in preview run: `preview`.
    pub preview: bool,
    /// Where the rules' pages stand on the web: `docs-url`.
    pub docs_url: Option<String>,
    /// `[lint.rules]`, by the name that the manifest has for the rule.
    pub rules: BTreeMap<String, RuleSetting>,
    /// `[[lint.ignore]]`.
    pub ignore: Vec<Ignore>,
}

/// What `[lint.rules]` says of one rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RuleSetting {
    /// How grave its gravest findings are. `None`: as its page says.
    pub severity: Option<Level>,
    /// The least sure of its findings to show. `None`: as for all rules.
    pub min_confidence: Option<Confidence>,
}

/// How grave a rule's gravest findings are, or that it does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The rule does not run.
    Allow,
    /// Worth knowing.
    Note,
    /// Data may go wrong.
    Warning,
    /// Data goes wrong.
    Error,
}

/// The lowest severity that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
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
    /// What to do with an id where it is not certain what it means, or what became of its object.
    pub on_uncertain: OnUncertain,
    /// A column of the same table that names the same object.
    pub twin: Option<String>,
    /// Values that mean no object, or all of them, and are never mapped, as they are spelled; `None`: the catalogue's.
    pub sentinels: Option<Vec<String>>,
    /// How ids are written in the value, beside what the store's path says.
    pub form: Form,
    /// Bytes of the manifest, of the whole entry.
    pub span: Range<usize>,
}

impl Store {
    /// The place that is declared.
    #[must_use]
    pub fn place(&self) -> Place {
        match self.clone() {
            Store::Column { table, column, path, .. } => Place::Column { table, column, path },
            Store::PanelColumn { table, column, path } => Place::PanelColumn { table, column, path },
            Store::SettingKey { pattern } => Place::SettingKey { pattern },
            Store::Setting { name, path } => Place::Setting { name, path },
            Store::ObjectSetting { of, name, path } => Place::ObjectSetting { of, name, path },
            Store::File { glob, path } => Place::File { name: glob, path },
            Store::FileName { pattern } => Place::FileName { pattern },
        }
    }
}

impl Entry {
    /// The path inside the value, for a place whose ids stand in a value.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match &self.store {
            Store::Column { path, .. }
            | Store::PanelColumn { path, .. }
            | Store::Setting { path, .. }
            | Store::ObjectSetting { path, .. }
            | Store::File { path, .. } => path.as_deref(),
            Store::SettingKey { .. } | Store::FileName { .. } => None,
        }
    }

    /// Whether the ids stand inside a value, and are not the whole of it.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.path().is_some() || self.form != Form::default()
    }

    /// Adds where the ids stand in the value to `spots`. `tag` gives the tag for a kind, which stands in a hole or in the key `kind`.
    ///
    /// # Errors
    /// The entry is wrong in itself, or contradicts one that was added before.
    pub fn add_to(&self, spots: &mut Spots, tag: &mut dyn FnMut(Kind) -> u32) -> Result<(), SpotError> {
        let of_kind = self.kind.map(&mut *tag);
        let tag = std::cell::RefCell::new(tag);
        let spot = Spot {
            path: self.path(),
            pattern: self.form.pattern.as_deref(),
            separator: self.form.separator.as_deref(),
            repeats: self.form.repeats,
            base64: self.form.base64,
            tag: of_kind,
        };
        spots.add(&spot, &|word| word.parse().ok().map(|kind| (tag.borrow_mut())(kind)))
    }
}

/// How ids are written in a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Form {
    /// The value, or what stands at the path, is a text with `{kind}` holes.
    pub pattern: Option<String>,
    /// The value, or what stands at the path, is a list of ids; each of these characters separates them.
    pub separator: Option<String>,
    /// What to do where two items of the list become the same: `on-repeat`.
    pub repeats: Repeats,
    /// The value is base64 of what the rest says.
    pub base64: bool,
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
    /// A column of a table that the extension has in the panel's own database.
    PanelColumn {
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
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
    /// Move the row into the companion, from where `reguid quarantine --restore` puts it back when the object is there again.
    Quarantine,
}

/// What to do with an id where it is not certain what it means, or what became of its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OnUncertain {
    /// Another object has its object's name: it was created anew, or is what another old object became. `on-conflict`.
    pub conflict: OnMissing,
    /// Several objects would do. `on-ambiguous`.
    pub ambiguous: OnMissing,
    /// The twin in the same row names another object. `on-disagree`.
    pub disagree: OnDisagree,
}

/// What to do with a row whose id and twin disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnDisagree {
    /// Stop, write nothing, list them.
    #[default]
    Fail,
    /// Leave the row as it is, list it, and rewrite the others.
    Keep,
}

#[cfg(test)]
mod tests;
