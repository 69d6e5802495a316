//! The exact spot in an extension's data that holds an id.

use std::fmt;

/// A spot in one of the stores of an extension. Its text form ([`fmt::Display`]) stands in findings and plans: `sqlite:apps.domain_id`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A column of a SQLite database: `sqlite:table.column`.
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Column { table, column } => write!(f, "sqlite:{table}.{column}"),
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
