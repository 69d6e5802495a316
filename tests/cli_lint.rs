//! `reguid lint` over the real command line.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use support::cli::Cli;

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

fn sample() -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/schema.sql", DDL).file("ext/plib/library/Jobs.php", PHP);
    cli
}

#[test]
fn nothing_found_exits_with_0() {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/schema.sql", "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);\n");
    for format in ["human", "json"] {
        assert_eq!(cli.run(&["lint", "ext", "--format", format]).code, 0);
    }
}

#[test]
fn what_was_not_judged_is_not_clean() {
    let cli = Cli::new();
    cli.file("empty/notes.txt", "")
        .file("closed/meta.xml", "<module><id>x</id></module>")
        .file("page/meta.xml", "<module><id>y</id></module>");
    std::fs::write(cli.root().join("closed").join(std::ffi::OsStr::from_bytes(b"caf\xe9.php")), "<?php\n").unwrap();
    cli.file("left/reguid.toml", "[lint]\nexclude = [\"**\"]\n").file("left/plib/schema.sql", DDL);
    for (path, code, words) in [
        ("empty", 2, "there is nothing in `empty` to be judged"),
        ("closed", 2, "nothing in `closed` could be read"),
        ("page", 0, ""),
        ("left", 0, ""),
    ] {
        for format in ["human", "json", "github"] {
            let ran = cli.run(&["lint", path, "--format", format]);
            assert!(ran.code == code && ran.stderr.contains(words), "{path}: {ran}");
        }
    }
    let ran = cli.run(&["lint", "-"]);
    assert!(ran.code == 2 && ran.stderr.contains("--stdin --stdin-filename"), "{ran}");
    let ran = cli.run(&["lint", "page", "--format", "json", "--output-file", "-"]);
    assert!(ran.code == 2 && ran.stderr.contains("leave --output-file out") && !cli.root().join("-").exists(), "{ran}");
}

#[test]
fn what_is_named_twice_counts_once() {
    let cli = sample();
    let ran = cli.run(&["lint", "ext", "./ext", ".", "--format", "concise"]);
    assert!(ran.stdout.contains("\n1 error,") && ran.stdout.contains("./ext was named more than once and is counted once"), "{ran}");
    let files = cli.run(&["lint", "ext/plib/schema.sql", "ext/plib/library/Jobs.php", "--format", "json"]);
    assert!(files.stdout.contains("\"files\": 2"), "{files}");
}

#[test]
fn the_settings_that_hold_are_shown_as_a_manifest() {
    let cli = sample();
    let rules =
        "[lint.rules]\nRG009 = \"allow\"\n[[lint.ignore]]\nrule = \"raw-id-column\"\npath = \"plib/\\\"x\\\".sql\"\nreason = \"a cache\"\n";
    cli.file("ext/reguid.toml", format!("[lint]\nfail-on = \"error\"\nexclude = [\"a/**\"]\npreview = true\n{rules}"));
    let shown = cli.run(&["lint", "ext", "--show-settings", "-W", "raw-id-column", "--persona", "auditor"]);
    assert_eq!(shown.code, 0, "{shown}");
    for line in [
        "# ext: ext/reguid.toml and the command line",
        "fail-on = \"error\"",
        "exclude = [\"a/**\"]",
        "preview = true",
        "raw-id-column = { severity = \"warning\", min-confidence = \"possible\" }",
        "raw-id-in-task = \"allow\"",
    ] {
        assert!(shown.stdout.lines().any(|l| l == line), "{line}: {shown}");
    }
    // It is a manifest that says the same.
    cli.file("ext/reguid.toml", &shown.stdout);
    assert_eq!(cli.run(&["lint", "ext", "--show-settings"]).stdout, shown.stdout);
}

#[test]
fn a_missing_path_exits_with_2_in_every_format() {
    let cli = Cli::new();
    for format in ["human", "json"] {
        let ran = cli.run(&["lint", "nowhere", "--format", format]);
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("nowhere"), "{ran}");
    }
}

#[test]
fn all_paths_that_failed_are_told() {
    let ran = Cli::new().run(&["lint", "one", "two"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("one") && ran.stderr.contains("two"), "{ran}");
}

#[test]
fn json_follows_its_schema() {
    let cli = sample();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/lint.schema.json");
    let schema = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for args in [&["lint", "ext", "--format", "json"][..], &["lint", "ext", "nowhere", "--format", "json"]] {
        let value = serde_json::from_str(&cli.run(args).stdout).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{value:#}");
    }
}

#[test]
fn findings_exit_with_1_whatever_the_format() {
    let cli = sample();
    for format in ["human", "json"] {
        assert_eq!(cli.run(&["lint", "ext", "--format", format]).code, 1);
    }
    let ran = cli.run(&["lint", "ext"]);
    assert!(ran.stdout.contains("error[raw-id-column]") && ran.stdout.contains("[plib/schema.sql:3:5]"), "{ran}");
}

#[test]
fn a_path_that_failed_does_not_hide_the_findings_of_the_others() {
    let ran = sample().run(&["lint", "ext", "nowhere"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stdout.contains("error[raw-id-column]") && ran.stderr.contains("nowhere"), "{ran}");
}

#[test]
fn the_manifest_sets_what_fails() {
    for (manifest, code) in [
        ("[lint]\nfail-on = \"never\"\n", 0),
        ("[lint]\nfail-on = \"error\"\n", 1),
        ("[lint]\nexclude = [\"plib/*.sql\"]\n", 0),
        ("[[lint.ignore]]\nrule = \"raw-id-column\"\npath = \"plib/**\"\nreason = \"a cache\"\n", 0),
        ("[[lint.ignore]]\nrule = \"raw-id-column\"\npath = \"other/**\"\nreason = \"a cache\"\n", 1),
        ("[[reference]]\ndatabase = \"*\"\ntable = \"jobs\"\ncolumn = \"domain_id\"\nkind = \"domain\"\n", 0),
    ] {
        let cli = sample();
        cli.file("ext/reguid.toml", manifest);
        let ran = cli.run(&["lint", "ext"]);
        assert_eq!(ran.code, code, "{manifest}{ran}");
    }
}

#[test]
fn one_thread_and_many_write_the_same_bytes() {
    let cli = sample();
    // So many scripts are looked at in several parts.
    for number in 0..150 {
        let php = PHP.replace("Jobs", &format!("Jobs{number}")).replace("jobs", &format!("jobs{number}"));
        cli.file(&format!("ext/plib/s{number}.sql"), DDL.replace("jobs", &format!("jobs{number}")));
        cli.file(&format!("ext/plib/library/F{number}.php"), php);
    }
    for format in ["human", "json"] {
        let run = |jobs| cli.run(&["lint", "ext", "--format", format, "-j", jobs]).to_string();
        let one = run("1");
        assert!(one.matches("raw-id-column").count() >= 150);
        assert_eq!(one, run("4"));
    }
}

#[test]
fn vendored_files_are_counted_and_linted_when_asked_for_beside_stubs_of_the_panel() {
    let cli = Cli::new();
    let keeps = "<?php pm_Settings::set('last-' . pm_Session::getClient()->getId(), 1);\n";
    let stubs = "<?php class pm_Client { function getId() { return 5; } } class pm_Settings { static function set($name, $value) {} }\n";
    cli.file("ext/meta.xml", META).file("ext/vendor/acme/lib/Keeper.php", keeps).file("ext/tests/stubs/pm.php", stubs);
    let without = cli.run(&["lint", "ext"]);
    assert_eq!(without.code, 0, "{without}");
    assert!(without.stdout.contains("1 file left out as vendored") && without.stdout.contains("1 file left out as tests"), "{without}");
    let with = cli.run(&["lint", "ext", "--include-vendored"]);
    assert_eq!(with.code, 1, "{with}");
    assert!(with.stdout.contains("setting-key:last-{client}"), "{with}");
}
