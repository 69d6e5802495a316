//! Where the panel keeps the settings of extensions: rows of its database, and calls of its programming interface.

use serde::Deserialize;

/// Where the settings of extensions are kept.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// What the names of an object's settings begin with; `{module}` is the extension's id.
    pub prefix: String,
    /// What a value begins with that the panel alone can read.
    pub encrypted: String,
    /// The most characters of a name, where the database does not tell.
    pub name_length: u64,
    /// … of a value.
    pub value_length: u64,
    /// The table of the extensions.
    pub modules: Modules,
    /// The table of the settings that belong to the extension itself. Their owner is the extension.
    pub own: SettingTable,
    /// The calls for those.
    pub api: SettingCalls,
    /// Settings of objects.
    pub of: Vec<ObjectSettings>,
    /// The expression that gives an object's setting: `{object}` and `{name}` are expressions.
    pub of_get: String,
    /// The statement that sets it: `{value}` is an expression too.
    pub of_set: String,
}

/// The table of the extensions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Modules {
    /// Its name.
    pub table: String,
    /// The column with this server's number for the extension.
    pub id: String,
    /// The column with its id, a word.
    pub name: String,
}

/// A table of settings. Its primary key is `owner` and `name`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SettingTable {
    /// Its name.
    pub table: String,
    /// The column with the id of what a setting belongs to.
    pub owner: String,
    /// The column with the setting's name.
    pub name: String,
    /// The column with its value.
    pub value: String,
}

/// Calls for an extension's own settings, as PHP; `{module}`, `{name}` and `{value}` are expressions.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SettingCalls {
    /// The statement that makes the panel's classes known.
    pub loader: String,
    /// The statement that says whose settings are meant.
    pub context: String,
    /// The expression that gives a setting; null where there is none.
    pub get: String,
    /// The statement that sets one; null takes it out.
    pub set: String,
}

/// Where the settings of objects of one kind are kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ObjectSettings {
    /// The kind.
    pub kind: String,
    /// The table's name.
    pub table: String,
    /// The column with the object's id.
    pub owner: String,
    /// The column with the setting's name.
    pub name: String,
    /// The column with its value.
    pub value: String,
    /// The PHP expression that gives the object: `{id}` is an expression.
    pub object: String,
}
