//! What `reguid lint` writes for programs, each format read by its schema or by a reader of its own.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use quick_junit::{NonSuccessKind, TestCaseStatus};
use serde_json::Value;
use support::cli::{Cli, Ran};

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";
const DDL: &str = "CREATE TABLE jobs (\n    id INTEGER PRIMARY KEY,\n    domain_id INTEGER NOT NULL\n);\n";
const PHP: &str = "<?php
class Modules_Sample_Jobs
{
    public function add(PDO $db, pm_Domain $domain)
    {
        $db->prepare('INSERT INTO jobs (domain_id) VALUES (?)')->execute([$domain->getId()]);
        pm_Settings::set('last-' . $domain->getId(), 1); // reguid: ignore[raw-id-in-setting-key] 100% & <rebuilt>, \"daily\"

        pm_Settings::set('next-' . $domain->getId(), 1);
    }
}
";
/// All formats that programs read.
const FORMATS: [&str; 8] = ["human", "concise", "json", "sarif", "github", "gitlab", "junit", "html"];

/// An extension with findings of several sorts, in files with names that formats have to escape, in a git repository's folder.
fn sample() -> Cli {
    let cli = Cli::new();
    cli.file("repo/.git/HEAD", "").file("repo/src/ext/meta.xml", META).file("repo/src/ext/plib/my schema, 100%.sql", DDL);
    cli.file("repo/src/ext/plib/library/Jöbs.php", PHP).file("repo/src/ext/plib/broken.php", "<?php\nfunction (\n");
    cli.file("repo/src/ext/plib/gone.sql", "-- reguid: ignore[raw-id-column] gone\nSELECT 1;\n");
    cli
}

fn lint(cli: &Cli, args: &[&str]) -> Ran {
    cli.run(&[&["lint", "repo/src/ext"], args].concat())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn valid_sarif(text: &str) -> Value {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema/sarif-2.1.0.json");
    let validator = jsonschema::validator_for(&json(&std::fs::read_to_string(schema).unwrap())).unwrap();
    let value = json(text);
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(errors, [""; 0], "{value:#}");
    value
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    let cli = sample();
    for format in FORMATS {
        assert_eq!(lint(&cli, &["--format", format]).code, 1, "{format}");
        assert_eq!(lint(&cli, &["--format", format, "--exit-zero"]).code, 0, "{format}");
        assert_eq!(cli.run(&["lint", "nowhere", "--format", format]).code, 2, "{format}");
    }
}

#[test]
fn sarif_follows_the_official_schema() {
    let cli = sample();
    cli.file("alone.sql", DDL);
    let database = rusqlite::Connection::open(cli.root().join("data.db")).unwrap();
    database.execute_batch(DDL).unwrap();
    drop(database);
    for args in [
        &["lint", "repo/src/ext", "--format", "sarif"][..],
        &["lint", "repo/src/ext", "--format", "sarif", "--show-suppressed", "--min-confidence", "possible"],
        &["lint", "repo/src/ext", "alone.sql", "data.db", "nowhere", "--format", "sarif"],
        &["lint", "nowhere", "--format", "sarif"],
    ] {
        valid_sarif(&cli.run(args).stdout);
    }
}

#[test]
fn sarif_holds_all_that_services_ask_for() {
    let log = valid_sarif(&lint(&sample(), &["--format", "sarif"]).stdout);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    // All that run: two judge data that is held against a panel, and there is none.
    assert_eq!(rules.len(), reguid::lint::rule::ids().len() - 2);
    assert!(rules.iter().all(|r| r["help"]["markdown"].as_str().unwrap().contains("## How to fix it")));
    assert!(rules.iter().any(|r| r["id"] == "raw-id-column" && r["properties"]["code"] == "RG001"));
    let results = run["results"].as_array().unwrap();
    assert!(results.iter().all(|r| r.get("suppressions").is_none()));
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(fingerprints.insert(result["partialFingerprints"]["reguidFingerprint/v1"].as_str().unwrap().to_owned()));
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        // Relative to the repository, not to the extension nor to the current directory.
        assert!(uri.starts_with("src/ext/plib/"), "{uri}");
    }
    let column = results.iter().find(|r| r["ruleId"] == "raw-id-column").unwrap();
    let physical = &column["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "src/ext/plib/my%20schema%2C%20100%25.sql");
    assert_eq!(physical["region"], serde_json::json!({ "startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 14 }));
    let steps = column["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap();
    let last = &steps.last().unwrap()["location"]["physicalLocation"]["artifactLocation"]["uri"];
    assert!(steps.len() >= 2 && last == &physical["artifactLocation"]["uri"], "{column:#}");
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert!(notes.iter().any(|n| n["message"]["text"].as_str().unwrap().starts_with("unreadable")), "{notes:#?}");
}

#[test]
fn sarif_tells_suppressions_when_asked_for() {
    let log = valid_sarif(&lint(&sample(), &["--format", "sarif", "--show-suppressed"]).stdout);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<&Value> = results.iter().filter_map(|r| r.get("suppressions")).collect();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(suppressed[0][0]["kind"], "inSource");
    assert_eq!(suppressed[0][0]["justification"], "100% & <rebuilt>, \"daily\"");
}

/// The edits that SARIF tells, applied by hand, are what `--fix` does.
#[test]
fn the_fixes_of_sarif_are_those_of_fix() {
    let cli = sample();
    let log = valid_sarif(&lint(&cli, &["--format", "sarif"]).stdout);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let unused = results.iter().find(|r| r["ruleId"] == "unused-suppression").unwrap();
    let change = &unused["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "src/ext/plib/gone.sql");
    let replacement = &change["replacements"][0];
    let before = cli.read("repo/src/ext/plib/gone.sql");
    let offset = |line: &str, column: &str| {
        let at = |name: &str| usize::try_from(replacement["deletedRegion"][name].as_u64().unwrap()).unwrap();
        before.split_inclusive('\n').take(at(line) - 1).map(str::len).sum::<usize>() + at(column) - 1
    };
    let mut after = before.clone();
    let range = offset("startLine", "startColumn")..offset("endLine", "endColumn");
    after.replace_range(range, replacement["insertedContent"]["text"].as_str().unwrap());
    lint(&cli, &["--fix"]);
    assert_eq!(cli.read("repo/src/ext/plib/gone.sql"), after);
    assert_eq!(after, "SELECT 1;\n");
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let cli = sample();
    let fingerprints = || {
        let log = valid_sarif(&lint(&cli, &["--format", "sarif"]).stdout);
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|r| r["partialFingerprints"]["reguidFingerprint/v1"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let before = fingerprints();
    cli.file("repo/src/ext/plib/my schema, 100%.sql", format!("\n\n-- more\n\n{DDL}"));
    cli.file("repo/src/ext/plib/library/Jöbs.php", PHP.replace("<?php\n", "<?php\n\n\n// more\n"));
    assert_eq!(fingerprints(), before);
}

/// A command of a workflow, read as the service's runner reads it.
#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    message: String,
}

/// The commands of a log, and its plain lines.
fn github(log: &str) -> (Vec<Command>, Vec<String>) {
    let (mut commands, mut plain) = (Vec::new(), Vec::new());
    let mut stopped: Option<String> = None;
    for line in log.lines() {
        if stopped.as_deref().is_some_and(|token| line.trim_start() == format!("::{token}::")) {
            stopped = None;
            continue;
        }
        let Some(rest) = line.trim_start().strip_prefix("::").filter(|_| stopped.is_none()) else {
            plain.push(line.to_owned());
            continue;
        };
        let (head, message) = rest.split_once("::").unwrap_or_else(|| panic!("no command: {line}"));
        let (name, properties) = head.split_once(' ').unwrap_or((head, ""));
        if name == "stop-commands" {
            stopped = Some(message.to_owned());
            continue;
        }
        let unescape =
            |text: &str| text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
        let pairs = properties.split(',').filter(|p| !p.is_empty()).map(|p| p.split_once('=').unwrap());
        commands.push(Command {
            name: name.to_owned(),
            properties: pairs.map(|(key, value)| (key.to_owned(), unescape(value))).collect(),
            message: unescape(message),
        });
    }
    assert_eq!(stopped, None, "commands are taken again in the end");
    (commands, plain)
}

#[test]
fn github_annotations_come_out_as_they_went_in() {
    let (commands, plain) = github(&lint(&sample(), &["--format", "github"]).stdout);
    let column = commands.iter().find(|c| c.properties["title"] == "raw-id-column (proven)").unwrap();
    assert_eq!(column.name, "error");
    assert_eq!(column.properties["file"], "src/ext/plib/my schema, 100%.sql");
    assert_eq!((column.properties["line"].as_str(), column.properties["endColumn"].as_str()), ("3", "14"));
    assert!(column.message.starts_with("column `domain_id`") && column.message.lines().count() == 3, "{column:?}");
    assert!(plain.iter().any(|l| l.contains("errors") && l.contains("in 4 files")), "{plain:#?}");
    assert!(plain.iter().any(|l| l.contains("1 suppressed")), "{plain:#?}");
}

#[test]
fn github_gets_ten_annotations_of_a_level_and_a_summary_of_all() {
    let cli = sample();
    for number in 0..25 {
        // Names that a log would take for commands, and a summary for tables and tags.
        let name = format!("'##[error]x::warning::y|<b>{number}-'");
        let php = PHP.replace("Modules_Sample_Jobs", &format!("Modules_Sample_Jobs{number}"));
        let php = php.replace("'next-'", &name);
        cli.file(&format!("repo/src/ext/plib/library/F{number}.php"), php);
    }
    let mut command = cli.command(&["lint", "repo/src/ext", "--format", "github"]);
    command.env("GITHUB_STEP_SUMMARY", cli.root().join("summary.md"));
    cli.file("summary.md", "before\n");
    let ran = cli.ran(command.output().unwrap());
    let (commands, plain) = github(&ran.stdout);
    let errors = commands.iter().filter(|c| c.name == "error").count();
    assert_eq!(errors, 10);
    let lines = plain.iter().filter(|l| l.contains(": error[")).count();
    let all = cli.run(&["lint", "repo/src/ext", "--format", "json"]).stdout;
    let all = usize::try_from(json(&all)["summary"]["error"].as_u64().unwrap()).unwrap();
    assert!(all > 20 && errors + lines == all, "{errors} {lines} {all}");
    let summary = cli.read("summary.md");
    assert!(summary.starts_with("before\n## reguid: "), "{summary}");
    assert_eq!(summary.matches("| error |").count(), all, "{summary}");
    assert!(!summary.contains("<b>"), "{summary}");
}

#[test]
fn gitlab_gets_what_its_format_asks_for() {
    let issues = json(&lint(&sample(), &["--format", "gitlab"]).stdout);
    let issues = issues.as_array().unwrap();
    assert!(!issues.is_empty());
    let mut fingerprints = BTreeSet::new();
    for issue in issues {
        let keys: Vec<&str> = issue.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["description", "check_name", "fingerprint", "severity", "location"]);
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        assert!(fingerprints.insert(issue["fingerprint"].as_str().unwrap()), "fingerprints are unique");
        let location = &issue["location"];
        assert!(location["lines"]["begin"].as_u64().unwrap() >= 1);
        let path = location["path"].as_str().unwrap();
        assert!(path.starts_with("src/ext/") && !path.starts_with("./"), "{path}");
    }
}

#[test]
fn equal_findings_of_two_extensions_have_two_fingerprints_in_gitlab() {
    let cli = Cli::new();
    for name in ["one", "two"] {
        cli.file(&format!("{name}/meta.xml"), META.replace("sample", name)).file(&format!("{name}/plib/schema.sql"), DDL);
    }
    let issues = json(&cli.run(&["lint", ".", "--format", "gitlab"]).stdout);
    let fingerprints: BTreeSet<&str> = issues.as_array().unwrap().iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints.len(), 2, "{issues:#}");
}

#[test]
fn junit_is_read_by_a_reader_of_its_own() {
    let cli = sample();
    for more in [&[][..], &["--show-suppressed"]] {
        let ran = cli.run(&[&["lint", "repo/src/ext", "nowhere", "--format", "junit"], more].concat());
        let read = quick_junit::Report::deserialize_from_str(&ran.stdout).unwrap();
        let cases: Vec<_> = read.test_suites.iter().flat_map(|s| &s.test_cases).collect();
        let ended = |fits: fn(&TestCaseStatus) -> bool| cases.iter().filter(|c| fits(&c.status)).count();
        let failures = ended(|s| matches!(s, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Failure, .. }));
        let errors = ended(|s| matches!(s, TestCaseStatus::NonSuccess { kind: NonSuccessKind::Error, .. }));
        let skipped = ended(|s| matches!(s, TestCaseStatus::Skipped { .. }));
        let counted = json(&cli.run(&["lint", "repo/src/ext", "nowhere", "--format", "json"]).stdout);
        let counted = |name: &str| usize::try_from(counted["summary"][name].as_u64().unwrap()).unwrap();
        assert_eq!((failures, read.failures), (counted("error") + counted("warning"), failures));
        assert_eq!(read.tests, cases.len());
        assert_eq!((errors, read.errors), (1, 1), "the path that is not there");
        assert_eq!(skipped, counted("unreadable") + if more.is_empty() { 0 } else { counted("suppressed") });
        assert_eq!(read.test_suites[0].name.as_str(), "sample");
        assert!(cases.iter().any(|c| c.name.as_str() == "sqlite:jobs.domain_id"), "{ran}");
    }
}

#[test]
fn concise_is_one_line_a_finding() {
    let ran = lint(&sample(), &["--format", "concise"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines.contains(&"repo/src/ext/plib/gone.sql:1:19: warning[unused-suppression] this comment suppresses no finding of `raw-id-column` (--fix mends it)"), "{ran}");
    assert!(lines.iter().any(|l| l.starts_with("repo/src/ext/plib/broken.php:3:") && l.contains("unreadable")), "{ran}");
    assert!(lines.last().unwrap().contains("1 suppressed"), "{ran}");
}

#[test]
fn services_choose_the_format() {
    let cli = sample();
    let under = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = cli.command(&[&["lint", "repo/src/ext"], args].concat());
        command.envs(variables.iter().copied());
        cli.ran(command.output().unwrap())
    };
    let actions = [("GITHUB_ACTIONS", "true")];
    assert!(under(&actions, &[]).stdout.contains("::error file="));
    assert!(!under(&actions, &["--format", "human"]).stdout.contains("::error"));
    let workspace = cli.root().join("repo/src").to_str().unwrap().to_owned();
    let (commands, _) = github(&under(&[actions[0], ("GITHUB_WORKSPACE", &workspace)], &[]).stdout);
    assert!(commands.iter().all(|c| c.properties["file"].starts_with("ext/plib/")));
    let ran = under(&[("GITLAB_CI", "true")], &["--output-file", "gl-code-quality-report.json"]);
    assert!(ran.stdout.contains("error[raw-id-column]") && ran.code == 1, "people read the log: {ran}");
    assert!(json(&cli.read("gl-code-quality-report.json")).is_array());
}

#[test]
fn files_are_written_in_the_format_of_their_names() {
    let cli = sample();
    let ran = lint(&cli, &["--output-file", "a.sarif", "--output-file", "b.xml", "--output-file", "c.json", "--output-file", "d.txt"]);
    assert!(ran.stdout.contains("error[raw-id-column]"), "{ran}");
    valid_sarif(&cli.read("a.sarif"));
    assert!(quick_junit::Report::deserialize_from_str(&cli.read("b.xml")).is_ok());
    assert_eq!(json(&cli.read("c.json"))["version"], 1);
    assert!(cli.read("d.txt").contains("error[raw-id-column]"));

    let ran = lint(&cli, &["--format", "sarif", "--output-file", "report.json"]);
    valid_sarif(&cli.read("report.json"));
    assert!(ran.stdout.contains("errors") && !ran.stdout.contains("error[raw-id-column]"), "only the counts: {ran}");
    assert_eq!(lint(&cli, &["--output-file", "report"]).code, 2);
    assert_eq!(lint(&cli, &["--format", "json", "--output-file", "a", "--output-file", "b"]).code, 2);
    let ran = lint(&cli, &["--format", "json", "--output-file", "no/such/folder/a.json"]);
    assert!(ran.code == 2 && ran.stderr.contains("no/such/folder/a.json"), "{ran}");
}

#[test]
fn files_in_packages_and_databases_have_places_too() {
    let cli = Cli::new();
    let database = rusqlite::Connection::open(cli.root().join("data.db")).unwrap();
    database.execute_batch(DDL).unwrap();
    drop(database);
    let ran = cli.run(&["lint", "data.db", "--format", "concise"]);
    assert!(ran.stdout.starts_with("data.db: note[raw-id-column]") || ran.stdout.starts_with("data.db: error[raw-id-column]"), "{ran}");
    let log = valid_sarif(&cli.run(&["lint", "data.db", "--format", "sarif"]).stdout);
    let physical = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(physical, &serde_json::json!({ "artifactLocation": { "uri": "data.db" } }));
    let mut zip = zip::ZipWriter::new(std::fs::File::create(cli.root().join("ext.zip")).unwrap());
    for (name, text) in [("meta.xml", META), ("plib/schema.sql", DDL)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let ran = cli.run(&["lint", "ext.zip", "--format", "concise"]);
    assert!(ran.stdout.starts_with("ext.zip!/plib/schema.sql:3:5: "), "{ran}");
    let log = valid_sarif(&cli.run(&["lint", "ext.zip", "--format", "sarif"]).stdout);
    assert_eq!(log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "ext.zip!/plib/schema.sql");
}
