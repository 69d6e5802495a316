//! The exact spot in an extension's data that holds an id.

use std::fmt;

use crate::panel::Kind;

/// A spot in one of the stores of an extension. Its text form ([`fmt::Display`]) stands in findings and plans: `sqlite:apps.domain_id`.
///
/// A *path* leads into a structured value, JSON or PHP-serialized: `$.pending[*].id`; `{kind}` as a step stands for keys that are ids. A *pattern* is
/// text with typed holes, `status-{domain}`, and `*` for what is not known.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A column of a SQLite database: `sqlite:table.column`, `sqlite:table.column$.path`.
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// A path inside its value.
        path: Option<String>,
    },
    /// A column of a table that the extension has in the panel's own database: `panel:table.column`, `panel:table.column$.path`.
    PanelColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// A path inside its value.
        path: Option<String>,
    },
    /// The name of a setting in the key-value storage: `setting-key:status-{domain}`.
    SettingKey {
        /// The pattern of the name.
        pattern: String,
    },
    /// The value of a setting: `setting:last_scan$.domain.id`.
    Setting {
        /// The pattern of the name.
        name: String,
        /// A path inside the value.
        path: Option<String>,
    },
    /// The value of a setting that belongs to an object: `domain-setting:parent`.
    ObjectSetting {
        /// The kind of object it belongs to.
        of: Kind,
        /// The pattern of the name.
        name: String,
        /// A path inside the value.
        path: Option<String>,
    },
    /// The content of a file in the var directory: `file:state.json$.pending.{domain}`.
    File {
        /// The pattern of the name, relative to the var directory.
        name: String,
        /// A path inside the content.
        path: Option<String>,
    },
    /// The name of a file in the var directory: `file-name:report-{domain}.json`.
    FileName {
        /// The pattern, relative to the var directory.
        pattern: String,
    },
    /// The user's session: `session:name`.
    Session {
        /// The name in the session, with a path.
        name: String,
    },
    /// A parameter of a background task: `task:name`.
    Task {
        /// The parameter, with a path.
        name: String,
    },
    /// What a backup hook hands to the backup: `backup-payload:Modules_Sample_Backup_Domain$.path`.
    BackupPayload {
        /// The hook's class.
        hook: String,
        /// A path inside the payload.
        path: Option<String>,
    },
}

impl Place {
    /// The table, the column and the path inside its value, for a place in a database: one of the extension's own, or the panel's.
    #[must_use]
    pub fn as_column(&self) -> Option<(&str, &str, Option<&str>)> {
        match self {
            Place::Column { table, column, path } | Place::PanelColumn { table, column, path } => Some((table, column, path.as_deref())),
            _ => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = |p: &Option<String>| p.clone().unwrap_or_default();
        match self {
            Place::Column { table, column, path: inside } => write!(f, "sqlite:{table}.{column}{}", path(inside)),
            Place::PanelColumn { table, column, path: inside } => write!(f, "panel:{table}.{column}{}", path(inside)),
            Place::SettingKey { pattern } => write!(f, "setting-key:{pattern}"),
            Place::Setting { name, path: inside } => write!(f, "setting:{name}{}", path(inside)),
            Place::ObjectSetting { of, name, path: inside } => write!(f, "{of}-setting:{name}{}", path(inside)),
            Place::File { name, path: inside } => write!(f, "file:{name}{}", path(inside)),
            Place::FileName { pattern } => write!(f, "file-name:{pattern}"),
            Place::Session { name } => write!(f, "session:{name}"),
            Place::Task { name } => write!(f, "task:{name}"),
            Place::BackupPayload { hook, path: inside } => write!(f, "backup-payload:{hook}{}", path(inside)),
        }
    }
}

impl serde::Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Place {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Place".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A spot in an extension's data.", "examples": ["sqlite:apps.domain_id"] })
    }
}
