//! The manifest's form as types, for its JSON Schema. The parser reads the same keys one by one, because it reports all that is wrong at once.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::{FailOn, Holds, Level, OnDisagree, OnMissing};
use crate::panel::Kind;
use crate::reference::Confidence;

/// The keys of the manifest itself.
pub(super) const ROOT_KEYS: &[&str] = &["lint", "reference"];
/// The keys of `[lint]`.
pub(super) const LINT_KEYS: &[&str] =
    &["required-version", "fail-on", "min-confidence", "exclude", "preview", "docs-url", "rules", "ignore"];
/// The keys of a table in `[lint.rules]`.
pub(super) const RULE_KEYS: &[&str] = &["severity", "min-confidence"];
/// The keys of `[[reference]]`, apart from `<kind>-setting`.
pub(super) const REFERENCE_KEYS: &[&str] = &[
    "database",
    "table",
    "column",
    "panel-table",
    "path",
    "setting-key",
    "setting",
    "file",
    "file-name",
    "kind",
    "holds",
    "on-missing",
    "on-conflict",
    "on-ambiguous",
    "on-disagree",
    "twin",
    "sentinels",
    "pattern",
    "separator",
    "on-repeat",
    "base64",
];

/// reguid.toml: the places where an extension keeps panel ids, reviewed by its author, and the settings of lint.
#[derive(JsonSchema)]
#[schemars(title = "reguid.toml", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct File {
    /// The settings of lint.
    #[serde(default)]
    lint: Option<Lint>,
    /// The places that hold panel ids.
    #[serde(default)]
    reference: Vec<Reference>,
}

/// The settings of lint.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct Lint {
    /// The version of reguid that lint must be of, written as Cargo writes one: `0.1` is every 0.1.x, `>=0.1` that or a later one. With another one lint does not
    /// work. Default: any.
    #[serde(default)]
    required_version: Option<String>,
    /// The lowest severity that makes lint exit with 1. Default: warning.
    #[serde(default)]
    fail_on: Option<FailOn>,
    /// The least sure findings to show; the others are counted. Default: likely, and possible for what has no PHP code.
    #[serde(default)]
    min_confidence: Option<Confidence>,
    /// Globs of files that are not looked at, relative to the extension's root.
    #[serde(default)]
    exclude: Vec<String>,
    /// Whether rules in preview run. Default: false.
    #[serde(default)]
    preview: bool,
    /// Where the book of reguid stands on the web: reports link to the rules' pages below it. It begins with `https://`. Default: where this build was told, or
    /// no links.
    #[serde(default)]
    docs_url: Option<String>,
    /// Severity and confidence of single rules, each by its id or its code.
    #[serde(default)]
    rules: BTreeMap<String, RuleEntry>,
    /// Findings that are not counted.
    #[serde(default)]
    ignore: Vec<IgnoreEntry>,
}

/// A rule's severity, or its severity and the least sure of its findings to show.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum RuleEntry {
    /// How grave its gravest findings are; `allow`: it does not run.
    Severity(Level),
    /// Both.
    Both(RuleTable),
}

/// Severity and confidence of a rule.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct RuleTable {
    /// How grave its gravest findings are; `allow`: it does not run.
    #[serde(default)]
    severity: Option<Level>,
    /// The least sure of its findings to show.
    #[serde(default)]
    min_confidence: Option<Confidence>,
}

/// Findings that are not counted.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
struct IgnoreEntry {
    /// The rule, by its id or its code.
    rule: String,
    /// A glob of paths relative to the extension's root. Without it every path.
    #[serde(default)]
    path: Option<String>,
    /// Why they do no harm.
    #[schemars(length(min = 1))]
    reason: String,
}

/// A place that holds panel ids: a column (`database`, `table`, `column`, or `panel-table`, `column`), a setting, a file, or a name of one of them.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", transform = object_settings)]
#[allow(dead_code, reason = "only its schema is used")]
struct Reference {
    /// A glob of SQLite databases, relative to the var directory.
    #[serde(default)]
    database: Option<String>,
    /// The table.
    #[serde(default)]
    table: Option<String>,
    /// The column.
    #[serde(default)]
    column: Option<String>,
    /// A table that the extension has in the panel's own database, in the place of `database` and `table`.
    #[serde(default)]
    panel_table: Option<String>,
    /// A path inside a JSON or PHP-serialized value: `$.programs[*].domain_id`, `$.{client}`, `$..id`. It goes on in texts that are documents themselves.
    #[serde(default)]
    path: Option<String>,
    /// A setting whose name holds ids: `status-{domain}`.
    #[serde(default)]
    setting_key: Option<String>,
    /// A setting whose value holds ids.
    #[serde(default)]
    setting: Option<String>,
    /// A glob of files whose content holds ids, relative to the var directory.
    #[serde(default)]
    file: Option<String>,
    /// Files whose names hold ids: `report-{domain}.json`.
    #[serde(default)]
    file_name: Option<String>,
    /// Whose ids stand there. Left out where the kind stands in the pattern.
    #[serde(default)]
    kind: Option<Kind>,
    /// What stands there. Default: id.
    #[serde(default)]
    holds: Option<Holds>,
    /// What `fix` does with an id whose object is gone. Default: fail.
    #[serde(default)]
    on_missing: Option<OnMissing>,
    /// What `fix` does with an id whose object's name another object has now. Default: fail.
    #[serde(default)]
    on_conflict: Option<OnMissing>,
    /// What `fix` does with an id whose object may be one of several. Default: fail.
    #[serde(default)]
    on_ambiguous: Option<OnMissing>,
    /// What `fix` does with a row whose id and twin name different objects. Default: fail.
    #[serde(default)]
    on_disagree: Option<OnDisagree>,
    /// A column of the same table that names the same object.
    #[serde(default)]
    twin: Option<String>,
    /// Values that mean no object, or all of them, and are never mapped. Default: 0, -1, the empty text, all, any, none, null, admin, server, global, default.
    #[serde(default)]
    sentinels: Option<Vec<Sentinel>>,
    /// The value, or what stands at `path`, is a text with ids in holes: `status-{domain}`, `*domain_id={domain}*`. `*` is any text.
    #[serde(default)]
    pattern: Option<String>,
    /// The value, or what stands at `path`, is a list of ids; each of these characters separates them: `,;`.
    #[serde(default)]
    separator: Option<String>,
    /// What `fix` does where two items of a list become the same. Default: fail.
    #[serde(default)]
    on_repeat: Option<Repeats>,
    /// The value is base64 of what the rest says. Default: false.
    #[serde(default)]
    base64: Option<bool>,
}

/// What to do where two items of a list become the same.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[allow(dead_code, reason = "only its schema is used")]
enum Repeats {
    /// Stop, write nothing, list them.
    Fail,
    /// Let both stand.
    Keep,
    /// Take the later one out.
    Drop,
}

/// A value that means no object, or all of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
enum Sentinel {
    /// A number, stored as one or as text.
    Number(i64),
    /// A text, compared without case.
    Text(String),
}

/// Adds `<kind>-setting` for every kind, and forbids other keys.
fn object_settings(schema: &mut schemars::Schema) {
    let keys = Kind::all().map(|kind| {
        let description = format!("A setting of a {kind} whose value holds ids.");
        (format!("{kind}-setting"), serde_json::json!({ "type": "string", "description": description }))
    });
    if let Some(properties) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
        properties.extend(keys);
    }
    schema.insert("additionalProperties".to_owned(), false.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(schema: &serde_json::Value, of: &str) -> Vec<String> {
        let properties = if of.is_empty() { &schema["properties"] } else { &schema["$defs"][of]["properties"] };
        let mut keys: Vec<String> = properties.as_object().unwrap().keys().filter(|k| !k.ends_with("-setting")).cloned().collect();
        keys.sort();
        keys
    }

    fn sorted(known: &[&str]) -> Vec<String> {
        let mut known: Vec<String> = known.iter().map(ToString::to_string).collect();
        known.sort();
        known
    }

    #[test]
    fn the_schema_and_the_parser_know_the_same_keys() {
        let schema = schemars::schema_for!(File).to_value();
        assert_eq!(keys(&schema, ""), sorted(ROOT_KEYS));
        assert_eq!(keys(&schema, "Lint"), sorted(LINT_KEYS));
        assert_eq!(keys(&schema, "RuleTable"), sorted(RULE_KEYS));
        assert_eq!(keys(&schema, "Reference"), sorted(REFERENCE_KEYS));
        assert!(schema["$defs"]["Reference"]["properties"]["domain-setting"].is_object());
    }
}
