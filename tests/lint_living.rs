//! Living with `reguid lint`: levels, personas, suppressions, baselines, parts of a repository.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};

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
    }
}
";
/// What carries the data of domains and clients into their backups.
const HOOKS: &str = "<?php
class Modules_Sample_Backup_Domain extends pm_Hook_Backup_Domain
{
    public function backup(pm_Domain $domain)
    {
        return ['', [], []];
    }

    public function restore(pm_Domain $domain, $pleskVersion, $extVersion, $config, $contentDir)
    {
        Modules_Sample_Jobs::restored($domain, $config);
    }
}
class Modules_Sample_Backup_Client extends pm_Hook_Backup_Client
{
    public function backup(pm_Client $client)
    {
        return ['', [], []];
    }

    public function restore(pm_Client $client, $pleskVersion, $extVersion, $config, $contentDir)
    {
        Modules_Sample_Jobs::restored($client, $config);
    }
}
";
const KEY: &str = "<?php pm_Settings::set('last-' . pm_Session::getClient()->getId(), 1);\n";

fn sample() -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/schema.sql", DDL).file("ext/plib/library/Jobs.php", PHP);
    cli.file("ext/plib/hooks/Backup/Both.php", HOOKS);
    cli
}

fn json(cli: &Cli, args: &[&str]) -> Value {
    let ran = cli.run(&[&["lint", "--format", "json"], args].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran}"))
}

fn rules(report: &Value) -> Vec<String> {
    let open = report["findings"].as_array().unwrap().iter().filter(|f| f["suppressed"].is_null());
    open.map(|f| f["rule"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn levels_are_set_on_the_command_line_and_in_the_manifest() {
    let cli = sample();
    for (manifest, args, code) in [
        ("", &["-W", "raw-id-column"][..], 1),
        ("", &["-A", "raw-id-column"], 0),
        ("", &["-A", "all"], 0),
        ("", &["-A", "all", "-D", "raw-id-column"], 1),
        ("[lint]\nfail-on = \"error\"\n[lint.rules]\nraw-id-column = \"warning\"\n", &[], 0),
        ("[lint]\nfail-on = \"error\"\n[lint.rules]\nraw-id-column = \"warning\"\n", &["-D", "raw-id-column"], 1),
        ("[lint.rules]\nraw-id-column = \"allow\"\n", &[], 0),
        ("[lint.rules]\nraw-id-column = \"note\"\n", &[], 0),
        ("", &["-A", "RG001"], 0),
        ("", &["-A", "all", "-D", "RG001"], 1),
        ("[lint.rules]\nRG001 = \"allow\"\n", &[], 0),
        ("[lint.rules]\nRG001 = \"allow\"\n", &["-D", "raw-id-column"], 1),
        ("[[lint.ignore]]\nrule = \"RG001\"\nreason = \"a cache\"\n", &[], 0),
    ] {
        cli.file("ext/reguid.toml", manifest);
        let ran = cli.run(&[&["lint", "ext"], args].concat());
        assert_eq!(ran.code, code, "{manifest}{args:?}{ran}");
    }
    let ran = cli.run(&["lint", "ext", "-A", "raw-id-colum"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `raw-id-column`?"), "{ran}");
    for (unknown, meant) in [("RG000", None), ("RG1", None), ("rg001", Some("RG001"))] {
        let ran = cli.run(&["lint", "ext", "-A", unknown]);
        let said = ran.stderr.contains(&format!("there is no rule `{unknown}`"));
        let hint = meant.map(|meant| format!("did you mean `{meant}`?"));
        assert!(ran.code == 2 && said && hint.is_none_or(|hint| ran.stderr.contains(&hint)), "{ran}");
        assert_eq!(ran.stderr.contains("did you mean"), meant.is_some(), "{ran}");
    }
    assert_eq!(cli.run(&["lint", "ext", "-A", "raw-id-column", "-D", "raw-id-column"]).code, 2);
    assert_eq!(cli.run(&["lint", "ext", "-A", "RG001", "-D", "raw-id-column"]).code, 2, "both are one rule");
    let ran = cli.run(&["lint", "ext", "-A", "raw-id-column"]);
    assert!(ran.stdout.contains("1 rule set not to run"), "nothing vanishes: {ran}");
}

#[test]
fn a_persona_is_a_confidence() {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/a.php", "<?php\n").file("ext/plib/schema.sql", DDL);
    let shown = |args: &[&str]| rules(&json(&cli, &[&["ext"], args].concat())).len();
    assert_eq!(shown(&["--persona", "auditor"]), shown(&["--min-confidence", "possible"]));
    assert_eq!(shown(&["--persona", "release"]), 0, "a name alone proves nothing");
    assert!(shown(&["--persona", "auditor"]) > 0);
}

#[test]
fn every_summary_counts_what_does_not_count() {
    let cli = sample();
    cli.file("ext/plib/library/Key.php", KEY.replace("1);", "1); // reguid: ignore[raw-id-in-setting-key] a cache"));
    cli.file("ext/plib/library/Next.php", KEY.replace("last", "next")).file("ext/plib/library/Third.php", KEY.replace("last", "third"));
    cli.file(
        "ext/reguid.toml",
        "[[lint.ignore]]\nrule = \"raw-id-in-setting-key\"\npath = \"plib/library/Next.php\"\nreason = \"a cache\"\n",
    );
    assert_eq!(cli.run(&["lint", "ext", "--baseline", "b.json", "--baseline-write"]).code, 0);
    let args = ["ext", "--baseline", "b.json"];
    let summary = &json(&cli, &args)["summary"];
    assert_eq!((&summary["suppressed"], &summary["ignored"], &summary["baselined"]), (&1.into(), &1.into(), &2.into()), "{summary:#}");
    for format in ["human", "concise", "github"] {
        let ran = cli.run(&[&["lint", "--format", format], &args[..]].concat());
        for words in ["1 suppressed by comments", "1 ignored by reguid.toml", "2 known to the baseline"] {
            assert!(ran.stdout.contains(words), "{format}: {ran}");
        }
    }
    let log: Value = serde_json::from_str(&cli.run(&[&["lint", "--format", "sarif"], &args[..]].concat()).stdout).unwrap();
    assert_eq!(&log["runs"][0]["properties"]["summary"], summary);
}

#[test]
fn a_baseline_is_made_pruned_and_fails_when_stale_in_ci() {
    let cli = sample();
    let with = |more: &[&str]| cli.run(&[&["lint", "ext", "--baseline", "b.json"], more].concat());
    let in_ci = |more: &[&str]| {
        let mut command = cli.command(&[&["lint", "ext", "--baseline", "b.json"], more].concat());
        cli.ran(command.env("CI", "true").output().unwrap())
    };
    let ran = with(&[]);
    assert!(ran.code == 2 && ran.stderr.contains("--baseline-write"), "{ran}");
    assert_eq!(with(&["--baseline-write"]).code, 0);
    assert_eq!((with(&[]).code, in_ci(&[]).code), (0, 0));
    let first = cli.read("b.json");

    // Lines move, a second finding comes, and only that one counts.
    cli.file("ext/plib/schema.sql", format!("\n\n{DDL}")).file("ext/plib/library/Key.php", KEY);
    assert_eq!(rules(&json(&cli, &["ext", "--baseline", "b.json"])), ["raw-id-in-setting-key"]);
    assert_eq!(with(&["--baseline-prune"]).code, 1);
    assert_eq!(cli.read("b.json"), first, "pruning adds nothing");
    assert_eq!(with(&["--baseline-write"]).code, 0);

    cli.file("ext/plib/library/Key.php", "<?php\n");
    let ran = with(&[]);
    assert!(ran.code == 0 && ran.stdout.contains("1 stale entry in the baseline"), "{ran}");
    assert_eq!(with(&["--fail-on-stale"]).code, 1);
    for format in ["github", "concise"] {
        let ran = with(&["--fail-on-stale", "--format", format]);
        assert!(ran.code == 1 && ran.stdout.contains("1 of the baseline stale, which fails"), "{format}: {ran}");
    }
    assert_eq!(in_ci(&[]).code, 1);
    // A rule that does not run, or is not shown, says nothing of its entries.
    assert_eq!(in_ci(&["-A", "raw-id-in-setting-key"]).code, 0);
    let ran = in_ci(&["--baseline-prune"]);
    assert!(ran.code == 0 && ran.stdout.contains("1 stale taken out, 1 left"), "{ran}");
    assert_eq!(in_ci(&[]).code, 0);
    assert_eq!(cli.read("b.json"), first.replace("\n\n", "\n"));
    cli.file("b.json", "[]");
    assert_eq!(with(&[]).code, 2);
}

#[test]
fn a_baseline_follows_its_schema_and_keeps_other_extensions() {
    let cli = sample();
    cli.file("other/meta.xml", META.replace("sample", "other")).file("other/plib/schema.sql", DDL);
    let write = |path: &str| cli.run(&["lint", path, "--baseline", "b.json", "--baseline-write"]).code;
    assert_eq!((write("ext"), write("other"), write("ext")), (0, 0, 0));
    let baseline: Value = serde_json::from_str(&cli.read("b.json")).unwrap();
    let extensions: Vec<&str> = baseline["findings"].as_array().unwrap().iter().map(|e| e["extension"].as_str().unwrap()).collect();
    assert_eq!(extensions, ["other", "sample"]);
    let schema = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/baseline.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    assert!(jsonschema::is_valid(&schema, &baseline));
    assert_eq!(cli.run(&["lint", ".", "--baseline", "b.json", "--fail-on-stale"]).code, 0);
    assert_eq!(cli.run(&["lint", "ext", "--baseline", "b.json", "--fail-on-stale"]).code, 0, "the other one was not looked at");
}

#[test]
fn an_expected_finding_that_is_gone_fails() {
    let cli = sample();
    cli.file("ext/plib/schema.sql", DDL.replace("NOT NULL", "NOT NULL -- reguid: expect[raw-id-column] until 2.0"));
    assert_eq!(cli.run(&["lint", "ext"]).code, 0);
    cli.file("ext/plib/schema.sql", "-- reguid: expect[raw-id-column] until 2.0\nSELECT 1;\n").file("ext/plib/library/Jobs.php", "<?php\n");
    let ran = cli.run(&["lint", "ext"]);
    assert!(ran.code == 1 && ran.stdout.contains("expects a finding of `raw-id-column`, and there is none"), "{ran}");
}

fn with_input(cli: &Cli, args: &[&str], input: &str) -> Ran {
    let mut child = cli.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    cli.ran(child.wait_with_output().unwrap())
}

#[test]
fn standard_input_is_one_file_of_its_extension() {
    let cli = sample();
    cli.file("ext/plib/library/Key.php", KEY).file("ext/reguid.toml", "[lint]\nexclude = [\"plib/library/Old*\"]\n");
    let lint = |name: &str, input: &str| with_input(&cli, &["lint", "--stdin", "--stdin-filename", name, "--format", "json"], input);
    // The column is declared in another file, which is read from disk.
    let ran = lint("ext/plib/library/Jobs.php", PHP);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(rules(&report), ["raw-id-column"]);
    assert_eq!(report["summary"]["elsewhere"], 1);
    assert_eq!(lint("ext/plib/library/Jobs.php", "<?php\n").code, 0);
    assert_eq!(lint("ext/plib/library/New.php", KEY).code, 1, "a file that is not there yet");
    let ran = lint("ext/plib/library/Old.php", KEY);
    assert!(ran.code == 0 && ran.stdout.contains("\"excluded\": 1"), "excludes win: {ran}");
    assert_eq!(lint("elsewhere.sql", DDL).code, 0, "a name alone is a note");
    assert_eq!(lint("elsewhere.xyz", DDL).code, 2);
    let ran = with_input(&cli, &["lint", "--stdin"], PHP);
    assert!(ran.code == 2 && ran.stderr.contains("--stdin-filename"), "{ran}");
}

#[test]
fn excludes_win_over_paths_that_are_given() {
    let cli = sample();
    cli.file("ext/plib/library/Key.php", KEY);
    assert_eq!(cli.run(&["lint", "ext/plib/library/Key.php"]).code, 1);
    cli.file("ext/reguid.toml", "[lint]\nexclude = [\"plib/library/Key.php\"]\n");
    let ran = cli.run(&["lint", "ext/plib/library/Key.php"]);
    assert!(ran.code == 0 && ran.stdout.contains("1 file left out by `exclude`"), "{ran}");
}

#[test]
fn several_extensions_of_a_repository_are_linted_each() {
    let cli = Cli::new();
    for name in ["one", "two"] {
        cli.file(&format!("repo/ext/{name}/meta.xml"), META.replace("sample", name)).file(&format!("repo/ext/{name}/plib/s.sql"), DDL);
    }
    // A copy, as a build leaves it.
    cli.file("repo/build/out/one/meta.xml", META.replace("sample", "one")).file("repo/build/out/one/plib/s.sql", DDL);
    cli.file("repo/ext/two/reguid.toml", "[lint.rules]\nraw-id-column = \"allow\"\n");
    let report = json(&cli, &["repo"]);
    let inputs: Vec<&str> = report["findings"].as_array().unwrap().iter().map(|f| f["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["repo/ext/one"], "each has settings of its own, and a copy is none");
    assert_eq!(report["summary"]["files"], 2);
    let ran = cli.run(&["lint", "repo"]);
    assert!(ran.stdout.contains("repo/build/out/one was left out: it has the `<id>` of repo/ext/one"), "nothing vanishes: {ran}");
    assert!(!ran.stdout.contains("were not read"), "{ran}");
}

#[test]
fn what_stands_above_extensions_is_the_base_of_each() {
    let cli = Cli::new();
    for name in ["one", "two", "three"] {
        cli.file(&format!("repo/ext/{name}/meta.xml"), META.replace("sample", name)).file(&format!("repo/ext/{name}/plib/s.sql"), DDL);
    }
    let files = |report: &Value, what: &str| {
        let found = report["findings"].as_array().unwrap().iter().filter(|f| f["suppressed"].is_null() == (what == "open"));
        found.map(|f| f["input"].as_str().unwrap_or("it").replace("repo/ext/", "")).collect::<Vec<_>>()
    };
    let lint = |paths: &[&str]| json(&cli, &[&["--persona", "auditor", "-A", "missing-object-hook"], paths].concat());
    assert_eq!(files(&lint(&["repo"]), "open"), ["one", "three", "two"]);
    // A name alone is a note: nothing fails.
    assert_eq!(cli.run(&["lint", "repo"]).code, 0);
    cli.file(
        "repo/reguid.toml",
        "[lint]\nfail-on = \"note\"\nexclude = [\"ext/three/plib\"]\n[[lint.ignore]]\nrule = \"raw-id-column\"\npath = \"ext/two/**\"\nreason = \"a cache\"\n",
    );
    let report = lint(&["repo"]);
    assert_eq!((files(&report, "open"), files(&report, "suppressed")), (vec!["one".to_owned()], vec!["two".to_owned()]));
    assert_eq!((&report["summary"]["skipped"]["excluded"], &report["summary"]["ignored"]), (&1.into(), &1.into()));
    // As much as in a run on one of them.
    assert_eq!(files(&lint(&["repo/ext/two"]), "suppressed"), ["it"]);
    assert_eq!(cli.run(&["lint", "repo/ext/one", "--persona", "auditor"]).code, 1);
    assert!(cli.run(&["lint", "repo/ext/three/plib/s.sql"]).stdout.contains("1 file left out by `exclude`"));

    // What is nearer goes before it.
    cli.file("repo/ext/one/reguid.toml", "[lint]\nfail-on = \"never\"\n");
    assert_eq!(cli.run(&["lint", "repo/ext/one", "--persona", "auditor"]).code, 0);
    cli.file("repo/reguid.toml", "[lint.rules]\nraw-id-column = { severity = \"warning\", min-confidence = \"possible\" }\n");
    cli.file("repo/ext/one/reguid.toml", "[lint.rules]\nRG001 = \"allow\"\n");
    assert_eq!(files(&json(&cli, &["-A", "missing-object-hook", "repo"]), "open"), ["three", "two"]);
    let shown = cli.run(&["lint", "repo/ext/one", "--show-settings"]);
    assert!(shown.stdout.contains("# repo/ext/one: repo/ext/one/reguid.toml, repo/reguid.toml above it and the command line"), "{shown}");
    assert!(shown.stdout.contains("\nraw-id-column = \"allow\"\n"), "{shown}");

    // It declares nothing, and it must be right.
    cli.file("repo/reguid.toml", "[[reference]]\ndatabase = \"*\"\ntable = \"jobs\"\ncolumn = \"domain_id\"\nkind = \"domain\"\n");
    let ran = cli.run(&["lint", "repo"]);
    assert_eq!(
        ran.stdout.matches("repo/reguid.toml: its [[reference]] entries were not read: each extension has its own").count(),
        1,
        "{ran}"
    );
    cli.file("repo/reguid.toml", "[lint]\nrequired-version = \">=99\"\n");
    let ran = cli.run(&["lint", "repo/ext/two"]);
    assert!(ran.code == 2 && ran.stderr.contains("repo/reguid.toml:2:20: this is reguid"), "{ran}");
}

#[test]
fn nothing_comes_from_outside_of_the_repository_or_from_another_extension() {
    let cli = Cli::new();
    cli.file("reguid.toml", "[lint.rules]\nraw-id-column = \"allow\"\n");
    cli.file("repo/ext/meta.xml", META).file("repo/ext/plib/s.sql", DDL);
    let found = |path: &str| json(&cli, &["--persona", "auditor", "-A", "missing-object-hook", path])["findings"].as_array().unwrap().len();
    assert_eq!(found("repo/ext"), 0, "in no repository all folders are above it");
    cli.file("repo/.git/HEAD", "ref: refs/heads/main\n");
    assert_eq!(found("repo/ext"), 1);
    cli.file("repo/reguid.toml", "[lint.rules]\nraw-id-column = \"allow\"\n");
    assert_eq!(found("repo/ext"), 0);
    cli.file("repo/meta.xml", META);
    assert_eq!(found("repo/ext"), 1, "it is the outer extension's own");
}

/// git in a folder, with a name of its own.
fn git(cli: &Cli, args: &[&str]) {
    let identity = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").args(identity).args(args).current_dir(cli.root()).env("HOME", cli.root()).output().unwrap();
    assert!(output.status.success(), "{args:?} {}", String::from_utf8_lossy(&output.stderr));
}

/// The binary where it finds git.
fn beside_git(cli: &Cli, args: &[&str]) -> Value {
    let mut command = cli.command(&[&["lint", "--format", "json"], args].concat());
    let output = command.env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
    let ran = cli.ran(output);
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran}"))
}

#[test]
fn what_changed_since_a_branch_began_is_shown_and_the_rest_counted() {
    let cli = sample();
    git(&cli, &["init", "-q"]);
    git(&cli, &["add", "."]);
    git(&cli, &["commit", "-qm", "one"]);
    git(&cli, &["checkout", "-qb", "topic"]);
    cli.file("ext/plib/library/Key.php", KEY);
    git(&cli, &["add", "."]);
    git(&cli, &["commit", "-qm", "two"]);
    cli.file("ext/plib/library/Untracked.php", KEY.replace("last", "next"));
    let report = beside_git(&cli, &["ext", "--diff-base", "main"]);
    assert_eq!(rules(&report), ["raw-id-in-setting-key", "raw-id-in-setting-key"]);
    assert_eq!(report["summary"]["elsewhere"], 1);
    // The declaration is in an unchanged file: what is found in a changed one still knows it.
    cli.file("ext/plib/library/Jobs.php", PHP.replace("add(", "insert("));
    let report = beside_git(&cli, &["ext", "--diff-base", "main"]);
    assert_eq!(rules(&report), ["raw-id-in-setting-key", "raw-id-in-setting-key", "raw-id-column"]);
    let ran = sample().command(&["lint", "ext", "--staged"]).env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
    assert!(ran.status.code() == Some(2) && String::from_utf8_lossy(&ran.stderr).contains("not a git repository"), "{ran:?}");
    for base in ["nowhere", "--output=x", ""] {
        let mut command = cli.command(&["lint", "ext", &format!("--diff-base={base}")]);
        let ran = cli.ran(command.env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap());
        assert!(ran.code == 2 && ran.stderr.contains("revision"), "{ran}");
    }
}

#[test]
fn what_is_staged_is_judged_as_the_commit_will_have_it() {
    let cli = sample();
    git(&cli, &["init", "-q"]);
    git(&cli, &["add", "."]);
    git(&cli, &["commit", "-qm", "one"]);
    assert_eq!(rules(&beside_git(&cli, &["ext", "--staged"])), [""; 0]);
    cli.file("ext/plib/library/Key.php", KEY);
    assert_eq!(rules(&beside_git(&cli, &["ext", "--staged"])), [""; 0], "not staged yet");
    git(&cli, &["add", "."]);
    // The work goes on: what is on disk is no longer what is staged.
    cli.file("ext/plib/library/Key.php", "<?php\n");
    assert_eq!(rules(&beside_git(&cli, &["ext", "--staged"])), ["raw-id-in-setting-key"]);
    // As a hook is called: with paths relative to the repository.
    let mut command = cli.command(&["lint", "ext", "--staged", "--format", "concise"]);
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("GIT_INDEX_FILE", ".git/index").env("GIT_DIR", ".git");
    let ran = cli.ran(command.output().unwrap());
    assert!(ran.code == 1 && ran.stdout.contains("raw-id-in-setting-key"), "{ran}");
}

/// A file that is given alone is judged by the settings of its extension.
#[test]
fn the_settings_of_an_extension_hold_for_one_of_its_files() {
    let cli = Cli::new();
    let file = "plib/library/Store.php";
    cli.file("ext/meta.xml", META).file(&format!("ext/{file}"), KEY);
    let shown = |manifest: &str, path: &str| {
        cli.file("ext/reguid.toml", manifest);
        let ran = cli.run(&["lint", &format!("ext/{path}"), "--format", "concise"]);
        (ran.code, ran.stdout.lines().filter(|l| l.contains("[raw-id-in-setting-key]")).count())
    };
    assert_eq!(shown("", file), (1, 1));
    assert_eq!(shown("[lint.rules]\nraw-id-in-setting-key = \"allow\"\n", file), (0, 0));
    assert_eq!(shown("[lint.rules]\nraw-id-in-setting-key = \"note\"\n", file), (0, 1));
    let ignore = |path: &str| format!("[[lint.ignore]]\nrule = \"raw-id-in-setting-key\"\npath = \"{path}\"\nreason = \"rebuilt\"\n");
    assert_eq!(shown(&ignore(file), file), (0, 0));
    assert_eq!(shown(&ignore("plib/**"), file), (0, 0));
    assert_eq!(shown(&ignore("Store.php"), file), (1, 1), "paths are those in the extension");
}
