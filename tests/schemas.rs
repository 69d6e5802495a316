//! The JSON Schemas under `docs/schema/` are those of the types. `REGUID_BLESS=1 cargo test --test schemas` rewrites them.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

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
    check("lint-line.schema.json", &written::<json::Line<'static>>());
}

#[test]
fn baseline() {
    check("baseline.schema.json", &read::<reguid::lint::baseline::File>());
}

#[test]
fn explain() {
    check("explain.schema.json", &written::<page::Document<'static>>());
}

#[test]
fn plan() {
    check("plan.schema.json", &written::<reguid::remap::PlanFile<'static>>());
}

#[test]
fn run() {
    check("run.schema.json", &written::<reguid::report::run::RunReport<'static>>());
}

#[test]
fn convert() {
    check("convert.schema.json", &written::<reguid::report::convert::ConvertReport<'static>>());
}

#[test]
fn quarantine() {
    check("quarantine.schema.json", &written::<reguid::report::quarantine::QuarantineReport<'static>>());
}

#[test]
fn snapshot() {
    check("snapshot-line.schema.json", &written::<reguid::panel::source::snapshot::Line>());
}

#[test]
fn map() {
    check("map.schema.json", &read::<reguid::panel::map::MapFile>());
}

/// What the program writes is what the schemas say.
#[test]
fn what_is_written_follows_the_schemas() {
    let cli = support::cli::Cli::new();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let panel = |name: &str| corpus.join("panel").join(name).to_str().unwrap().to_owned();
    let (before, after) = (panel("before.dump.sql"), panel("after.dump.sql"));
    let sample = corpus.join("site-notes");
    std::fs::create_dir(cli.root().join("var")).unwrap();
    let database = rusqlite::Connection::open(cli.root().join("var/notes.sqlite3")).unwrap();
    database.execute_batch(&std::fs::read_to_string(sample.join("data/notes.sqlite3.sql")).unwrap()).unwrap();
    drop(database);
    let manifest = sample.join("reguid.toml");
    let inputs = ["var", "--manifest", manifest.to_str().unwrap(), "--old", before.as_str(), "--new", after.as_str()];
    let with = |command: &str, more: &[&str]| {
        let args: Vec<&str> = std::iter::once(command).chain(inputs).chain(more.iter().copied()).collect();
        let ran = cli.run(&args);
        assert_eq!(ran.code, 0, "{ran}");
        ran.stdout
    };
    let valid = |schema: &str, text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let errors: Vec<String> = validator(schema).iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{schema}: {errors:?}\n{text}");
    };
    with("plan", &["-o", "plan.json", "--map-out", "map.toml"]);
    let map: serde_json::Value = toml::from_str(&cli.read("map.toml")).unwrap();
    valid("map.schema.json", &map.to_string());
    valid("plan.schema.json", &cli.read("plan.json"));
    for _ in ["applied", "nothing to do"] {
        valid("run.schema.json", &with("fix", &["--format", "json"]));
    }
    assert_eq!(cli.run(&["snapshot", "--panel", &after, "-o", "panel.snapshot"]).code, 0);
    cli.read("panel.snapshot").lines().for_each(|line| valid("snapshot-line.schema.json", line));
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
        ("[lint]\nmin-confidence = 'proven'\n[lint.rules]\nraw-id-column = { severity = 'note' }\nraw-id-in-file = 'allow'\n", true),
        ("[lint]\npreview = true\n[lint.rules]\nRG001 = 'note'\n", true),
        ("[lint]\npreview = 'yes'\n", false),
        ("[lint.rules]\nraw-id-column = { severty = 'note' }\n", false),
        ("[lint.rules]\nraw-id-column = 'warn'\n", false),
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
