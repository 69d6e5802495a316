//! The JSON Schemas under `docs/schema/` are those of the types. `REGUID_BLESS=1 cargo test --test schemas` rewrites them.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use reguid::reference::manifest::schema::File as Manifest;
use reguid::report::{json, page};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

/// The schema of what is written: what a writer leaves out is not required of it.
fn written<T: JsonSchema>() -> Schema {
    SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<T>()
}

/// The schema of what is read: what has a default is not required.
fn read<T: JsonSchema>() -> Schema {
    SchemaSettings::default().into_generator().into_root_schema_for::<T>()
}

fn check(name: &str, schema: &Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(name);
    let current = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if std::env::var_os("REGUID_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &current).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "{} is not current: run REGUID_BLESS=1 cargo test --test schemas", path.display());
    assert!(jsonschema::meta::is_valid(&serde_json::from_str(&written).unwrap()), "{name} is no JSON Schema");
}

#[test]
fn lint() {
    check("lint.schema.json", &written::<json::Document<'static>>());
}

#[test]
fn explain() {
    check("explain.schema.json", &written::<page::Document<'static>>());
}

#[test]
fn manifest() {
    check("reguid.schema.json", &read::<Manifest>());
}

fn validator(name: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(name);
    jsonschema::validator_for(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).unwrap()
}

/// The schema refuses and accepts what the parser refuses and accepts, where a schema can tell.
#[test]
fn the_manifests_schema_agrees_with_the_parser() {
    let validator = validator("reguid.schema.json");
    for (text, good) in [
        ("[lint]\nfail-on = 'error'\nexclude = ['a/**']\n[[lint.ignore]]\nrule = 'raw-id-column'\nreason = 'a cache'\n", true),
        ("[[reference]]\ndatabase = '*'\ntable = 't'\ncolumn = 'c'\nkind = 'domain'\non-missing = 'delete-row'\n", true),
        ("[[reference]]\ndomain-setting = 'parent'\nkind = 'client'\n", true),
        ("[lint]\nfail_on = 'error'\n", false),
        ("[lint]\nfail-on = 'sometimes'\n", false),
        ("[[lint.ignore]]\nrule = 'raw-id-column'\n", false),
        ("[[reference]]\nsetting = 's'\nkind = 'domian'\n", false),
        ("[[reference]]\ndomian-setting = 's'\nkind = 'domain'\n", false),
        ("x = 1\n", false),
    ] {
        let value: serde_json::Value = toml::from_str(text).unwrap();
        assert_eq!(validator.is_valid(&value), good, "schema: {text}");
        let parsed = reguid::reference::manifest::Manifest::parse("reguid.toml".into(), text);
        assert_eq!(parsed.is_ok(), good, "parser: {text}");
    }
}
