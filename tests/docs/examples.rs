//! Files that the pages show are read by the programs that they are for.

use std::collections::BTreeSet;
use std::process::Command;

use reguid::reference::manifest::Manifest;
use serde_json::Value;

use super::page::{Block, Page};
use super::{pages, root};
use crate::support::tools::tool;

/// The languages of blocks. There is none for commands that are not run, but on the first page, where the reader has the project's source and no more.
const LANGUAGES: &[&str] = &["console", "toml", "yaml", "json", "php", "sql", "lua", "text", "comment", "diff"];

fn language(block: &Block) -> &str {
    block.info.split_whitespace().next().unwrap_or_default()
}

fn each(wanted: &str, mut check: impl FnMut(&Page, &str)) {
    let mut met = 0;
    for page in pages() {
        for block in page.blocks.iter().filter(|block| language(block) == wanted) {
            check(&page, &(block.lines.join("\n") + "\n"));
            met += 1;
        }
    }
    assert!(met > 0, "no page has a block of {wanted}");
}

#[test]
fn every_block_has_a_language_that_is_checked() {
    for page in pages() {
        for block in &page.blocks {
            let known = LANGUAGES.contains(&language(block)) || page.name() == "README.md" && language(block) == "sh";
            assert!(known, "{}: line {}: `{}`", page.name(), block.start, block.info);
        }
    }
}

#[test]
fn manifests_are_manifests() {
    each("toml", |page, text| {
        if page.name() == "map.md" {
            assert!(toml::from_str::<Value>(text).is_ok(), "{text}");
        } else if let Err(e) = Manifest::parse("reguid.toml".into(), text) {
            panic!("{}: {e}\n{text}", page.name());
        }
    });
}

#[test]
fn php_is_php() {
    each("php", |page, text| {
        let code = if text.starts_with("<?php") { text.to_owned() } else { format!("<?php\n{text}") };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("example.php");
        std::fs::write(&file, code).unwrap();
        let output = Command::new("php").arg("-l").arg(&file).output().unwrap();
        assert!(output.status.success(), "{}: {}", page.name(), String::from_utf8_lossy(&output.stdout));
    });
}

#[test]
fn files_for_services_are_what_the_services_read() {
    let action: Value = serde_saphyr::from_str(&std::fs::read_to_string(root().join("action.yml")).unwrap()).unwrap();
    let component: Vec<Value> =
        serde_saphyr::from_multiple(&std::fs::read_to_string(root().join("templates/reguid.yml")).unwrap()).unwrap();
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    let mut met = BTreeSet::new();
    each("yaml", |page, text| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("example.yml");
        std::fs::write(&file, text).unwrap();
        let mut check = if text.starts_with("repos:") {
            met.insert("pre-commit");
            let mut check = tool("pre-commit");
            check.arg("validate-config");
            check
        } else {
            let gitlab = text.contains("include:");
            met.insert(if gitlab { "gitlab" } else { "github" });
            let mut check = tool("check-jsonschema");
            check.args(["--builtin-schema", if gitlab { "vendor.gitlab-ci" } else { "vendor.github-workflows" }]);
            check
        };
        let output = check.arg(&file).output().unwrap();
        assert!(output.status.success(), "{}: {}\n{text}", page.name(), String::from_utf8_lossy(&output.stdout));
        // What is given to ours is what ours takes.
        let read: Value = serde_saphyr::from_str(text).unwrap();
        let given = |value: &Value| value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let steps = read["jobs"].as_object().into_iter().flatten().flat_map(|(_, job)| job["steps"].as_array().into_iter().flatten());
        for step in steps.filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("OWNER/reguid@"))) {
            assert!(step["uses"].as_str().unwrap().ends_with(&version), "{text}");
            let odd: Vec<String> = given(&step["with"]).into_iter().filter(|name| !action["inputs"][name].is_object()).collect();
            assert!(odd.is_empty(), "action.yml takes no {odd:?}");
        }
        for include in read["include"].as_array().into_iter().flatten() {
            let odd: Vec<String> =
                given(&include["inputs"]).into_iter().filter(|name| !component[0]["spec"]["inputs"][name].is_object()).collect();
            assert!(odd.is_empty(), "templates/reguid.yml takes no {odd:?}");
        }
        for repository in read["repos"].as_array().into_iter().flatten() {
            assert_eq!(repository["rev"], version.as_str(), "{text}");
        }
    });
    assert_eq!(met, BTreeSet::from(["github", "gitlab", "pre-commit"]));
}
