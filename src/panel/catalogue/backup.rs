//! What is known of the panel's backups: which elements of their XML stand for objects, and how their files are named.

use std::collections::BTreeMap;

use serde::Deserialize;

/// An element of a backup's XML that stands for an object of a kind, or only names one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupElement {
    /// The element's name.
    pub element: String,
    /// The attribute with the object's id. Without one the element only names the object.
    #[serde(default)]
    pub id: Option<String>,
    /// The attribute with its GUID.
    #[serde(default)]
    pub guid: Option<String>,
    /// Where the values of the table's columns stand: those of the key, the parent and the witnesses, as far as a backup has them.
    #[serde(default)]
    pub columns: BTreeMap<String, BackupValue>,
}

/// Where the value of a column stands in a backup's XML.
///
/// For a column that holds an id of another object, the ways to that object are gone in the order of the fields; the first that leads to one counts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupValue {
    /// The attribute with the value.
    #[serde(default)]
    pub attribute: Option<String>,
    /// Whether the value is a domain's name as people read it, where the table has its ASCII form.
    #[serde(default)]
    pub idn: bool,
    /// The value, the same for all objects.
    #[serde(default)]
    pub constant: Option<String>,
    /// Attributes with the other object's GUID.
    #[serde(default)]
    pub guid: Vec<String>,
    /// Whether the other object is the innermost one of its kind that the element lies in.
    #[serde(default)]
    pub within: bool,
    /// The attribute with the other object's key.
    #[serde(default)]
    pub name: Option<String>,
    /// An attribute that is composed of the other object's GUID, this infix, and the object's own id.
    #[serde(default)]
    pub composite: Option<Composite>,
    /// The other object's key, which elements inside of this one spell out: text with the holes `{path/of/element}` (its text) and
    /// `{path/of/element@attribute}`.
    #[serde(default)]
    pub key: Option<String>,
    /// The value where no attribute gives one.
    #[serde(default)]
    pub absent: Option<String>,
}

/// An attribute that is composed of a GUID, an infix and an id.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Composite {
    /// The attribute.
    pub attribute: String,
    /// What stands between the GUID and the id.
    pub infix: String,
}

/// An element whose attribute repeats the GUID and the id of the object that it lies in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupCheck {
    /// The element's name.
    pub element: String,
    /// The attribute.
    pub attribute: String,
    /// What stands between the GUID and the id.
    pub infix: String,
}

/// The form of backups, whatever is in them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct BackupFormat {
    /// The root element of the XML.
    pub root: String,
    /// The root's attribute with the version of the format.
    pub version: String,
    /// The root's attribute with the date of the backup that an increment builds on.
    pub base: String,
    /// What stands in the name of an XML file between a word of the backup's and its dates.
    pub infix: String,
    /// Folders of a backup whose subfolders are objects with XML files of their own.
    pub folders: Vec<String>,
    /// The elements below the root that a backup of the whole panel has. One that lacks some is of a part of the panel.
    pub whole: Vec<String>,
    /// What encrypted values begin with.
    pub encrypted: String,
    /// Elements with ids that are of no kind any more, and why they are not read.
    #[serde(default)]
    pub left_out: BTreeMap<String, String>,
}
