//! `templates/reguid.yml`: its job is run as GitLab's runner runs it.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::support::cli::Cli;
use super::{BAD, GOOD, repository, root, search_path, succeed, text, tool, yaml};

/// The job, with these inputs and the defaults of the others, as YAML.
fn included(inputs: &[(&str, &str)]) -> String {
    let documents = yaml("templates/reguid.yml");
    let known = documents[0]["spec"]["inputs"].as_object().unwrap();
    assert!(inputs.iter().all(|(name, _)| known.contains_key(*name)), "{inputs:?}");
    let text = std::fs::read_to_string(root().join("templates/reguid.yml")).unwrap();
    let (_, mut job) = text.split_once("\n---\n").map(|(spec, job)| (spec, job.to_owned())).unwrap();
    for (name, input) in known {
        let value = inputs.iter().find(|(given, _)| given == name).map_or_else(|| input["default"].as_str().unwrap(), |(_, value)| value);
        let hole = format!("$[[ inputs.{name} ]]");
        assert!(job.contains(&hole), "nothing takes the input {name}");
        job = job.replace(&hole, value);
    }
    assert!(!job.contains("$[["), "{job}");
    job
}

/// Runs the job; its exit code and its log.
fn run(repository: &Cli, inputs: &[(&str, &str)], with_reguid: bool) -> (i32, String) {
    let file: Value = serde_saphyr::from_str(&included(inputs)).unwrap();
    let (_, job) = file.as_object().unwrap().iter().next().unwrap();
    let project = repository.root().to_str().unwrap();
    let lines = ["before_script", "script"].map(|part| job[part].as_array().unwrap());
    let script: Vec<&str> = lines.iter().flat_map(|lines| lines.iter().map(|line| line.as_str().unwrap())).collect();
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", &script.join("\n")]).current_dir(project);
    command.env_clear().env("PATH", search_path(with_reguid)).env("HOME", std::env::var_os("HOME").unwrap());
    for name in ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.envs([("CI", "true"), ("GITLAB_CI", "true"), ("CI_PROJECT_DIR", project)]);
    for (name, value) in job["variables"].as_object().unwrap() {
        command.env(name, value.as_str().unwrap().replace("$CI_PROJECT_DIR", project));
    }
    let output = command.output().unwrap();
    (output.status.code().unwrap(), text(&output))
}

/// The files that the job hands to GitLab.
fn artifacts() -> BTreeSet<String> {
    let file: Value = serde_saphyr::from_str(&included(&[])).unwrap();
    let artifacts = &file["reguid"]["artifacts"];
    assert_eq!(artifacts["when"], "always", "a job with findings fails, and has the report all the same");
    let reports = artifacts["reports"].as_object().unwrap().values();
    reports.chain(artifacts["paths"].as_array().unwrap()).map(|path| path.as_str().unwrap().to_owned()).collect()
}

#[test]
fn it_is_without_fault() {
    let folder = Cli::new();
    folder.file("included.yml", included(&[("job-name", "restore lint"), ("args", "--diff-base origin/main")]));
    succeed(tool("check-jsonschema").args(["--builtin-schema", "vendor.gitlab-ci"]).arg(folder.root().join("included.yml")));
    let documents = yaml("templates/reguid.yml");
    let install = documents[0]["spec"]["inputs"]["install"]["default"].as_str().unwrap();
    assert!(install.ends_with(concat!("reguid@", env!("CARGO_PKG_VERSION"))), "the template installs another version: {install}");
}

#[test]
fn findings_fail_and_are_in_the_reports() {
    let repository = repository(BAD);
    let (code, log) = run(&repository, &[], true);
    assert!(code == 1 && log.contains("raw-id-in-setting-key"), "{log}");
    assert!(artifacts().iter().all(|file| repository.root().join(file).exists()), "{log}");
    let mut issues: Vec<Value> = serde_json::from_str(&repository.read("gl-code-quality-report.json")).unwrap();
    // A note on the whole is in it too.
    issues.retain(|issue| issue["severity"] != "info");
    assert_eq!(issues.len(), 1);
    for key in ["description", "check_name", "fingerprint"] {
        assert!(issues[0][key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {issues:?}");
    }
    assert!(["info", "minor", "major", "critical", "blocker"].iter().any(|word| issues[0]["severity"] == *word));
    assert_eq!(issues[0]["location"]["path"], "extension/plib/library/Last.php");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 1);
    let junit = quick_junit::Report::deserialize_from_str(&repository.read("reguid-junit.xml")).unwrap();
    let failed = |case: &quick_junit::TestCase| matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. });
    assert_eq!(junit.test_suites.iter().flat_map(|suite| &suite.test_cases).filter(|case| failed(case)).count(), 1);
}

#[test]
fn what_is_clean_passes() {
    let repository = repository(GOOD);
    let (code, log) = run(&repository, &[("paths", "extension"), ("args", "--fail-on-stale --baseline none.json")], true);
    assert_eq!(code, 2, "a baseline that is not there: {log}");
    let (code, log) = run(&repository, &[("paths", "extension"), ("args", "-D raw-id-in-setting-key -A missing-object-hook")], true);
    assert_eq!(code, 0, "{log}");
    assert_eq!(repository.read("gl-code-quality-report.json").trim(), "[]");
}

#[test]
fn it_is_installed_where_the_image_has_none() {
    let repository = repository(BAD);
    let program = env!("CARGO_BIN_EXE_reguid");
    // Cargo itself is not asked here; what it would do is to put the program there.
    let install = format!("install -D {program} $CARGO_INSTALL_ROOT/bin/reguid");
    // What an image with another C library left in the cache does not run.
    repository.file(".reguid/bin/reguid", "not a program").file(".reguid/.crates.toml", "");
    let (code, log) = run(&repository, &[("install", &install)], false);
    assert!(code == 1 && log.contains("raw-id-in-setting-key"), "{log}");
    assert!(!repository.root().join(".reguid/.crates.toml").exists(), "cargo would take it for installed");
    let (code, log) = run(&repository, &[("install", "false")], false);
    assert_eq!(code, 1, "{log}");
    assert!(!log.contains("raw-id-in-setting-key"), "an installation that fails is the end: {log}");
}
