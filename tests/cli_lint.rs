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
fn a_folder_in_an_extension_is_linted_as_a_part_of_it() {
    let cli = sample();
    let key = "<?php pm_Settings::set('last-' . pm_Session::getClient()->getId(), 1);\n";
    cli.file("ext/htdocs/index.php", key)
        .file("ext/plib/library/Old.php", key.replace("last", "first"))
        .file("ext/plib/views/page.css", "");
    cli.file("ext/reguid.toml", "[lint]\nexclude = [\"plib/library/Old.php\"]\n");
    let lint = |args: &[&str]| {
        let ran = cli.run(&[&["lint", "--format", "json", "-A", "missing-object-hook"], args].concat());
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran}"));
        let of = |f: &serde_json::Value| format!("{} {}", f["rule"].as_str().unwrap(), f["locations"][0]["path"].as_str().unwrap());
        let found = report["findings"].as_array().unwrap().iter().map(of).collect::<Vec<_>>();
        (found, report["summary"].clone(), ran)
    };
    let (column, setting) = ("raw-id-column plib/schema.sql", "raw-id-in-setting-key htdocs/index.php");
    for (paths, expected, elsewhere) in [
        (&["ext"][..], &[setting, column][..], 0),
        (&["ext/plib"], &[column], 1),
        // A finding shows in each file that it is proven by.
        (&["ext/plib/library"], &[column], 1),
        (&["ext/plib/../htdocs/"], &[setting], 1),
        (&["ext/plib", "ext/htdocs"], &[setting, column], 0),
        (&["ext/htdocs", "ext"], &[setting, column], 0),
        (&["ext", "ext/htdocs"], &[setting, column], 0),
    ] {
        let (found, summary, ran) = lint(paths);
        assert_eq!(found, expected, "{paths:?}: {ran}");
        assert_eq!((&summary["elsewhere"], &summary["skipped"]["excluded"]), (&elsewhere.into(), &1.into()), "{paths:?}: {ran}");
    }
    let ran = cli.run(&["lint", "ext/plib", "./ext/plib"]);
    assert!(ran.stdout.contains("./ext/plib was named more than once and is counted once"), "{ran}");

    cli.file("ext/reguid.toml", "[lint.rules]\nraw-id-column = \"allow\"\n");
    let inside = |args: &[&str]| cli.ran(cli.command(args).current_dir(cli.root().join("ext/plib/library")).output().unwrap());
    let ran = inside(&["lint", "-A", "missing-object-hook", "--format", "concise"]);
    assert!(ran.code == 1 && ran.stdout.contains("library/Old.php:1:") && !ran.stdout.contains("raw-id-column"), "{ran}");
    // Nothing to be judged in a folder is nothing, whatever lies beside it.
    let ran = cli.run(&["lint", "ext/plib/views"]);
    assert!(ran.code == 2 && ran.stderr.contains("there is nothing in `ext/plib/views` to be judged"), "{ran}");
    cli.file("ext/reguid.toml", "[lint]\nexclude = [\"htdocs\"]\n");
    let ran = cli.run(&["lint", "ext/htdocs"]);
    assert!(ran.code == 0 && ran.stdout.contains("1 file left out by `exclude`"), "{ran}");
    let ran = cli.run(&["lint", "ext/plib", "--baseline", "b.json", "--baseline-write"]);
    assert!(ran.code == 2 && ran.stderr.contains("--baseline-write ext") && !cli.root().join("b.json").exists(), "{ran}");
}

#[test]
fn reports_link_to_the_book_that_the_manifest_names() {
    let cli = sample();
    let uri = |format: &str| {
        let ran = cli.run(&["lint", "ext", "--format", format]);
        (ran.stdout.contains("https://docs.example/reguid/rules/raw-id-column.html"), ran)
    };
    for format in ["human", "sarif"] {
        cli.file("ext/reguid.toml", "");
        assert!(!uri(format).0, "nobody says where the book is");
        cli.file("ext/reguid.toml", "[lint]\ndocs-url = \"https://docs.example/reguid/\"\n");
        let (linked, ran) = uri(format);
        assert!(linked, "{ran}");
    }
    let shown = cli.run(&["lint", "ext", "--show-settings"]);
    assert!(shown.stdout.lines().any(|line| line == "docs-url = \"https://docs.example/reguid/\""), "{shown}");
    for wrong in [
        "http://docs.example",
        "https://",
        "https:///x",
        "docs.example",
        "https://docs.example/a b",
        "https://docs.example/#x",
        "javascript:x",
    ] {
        cli.file("ext/reguid.toml", format!("[lint]\ndocs-url = \"{wrong}\"\n"));
        let ran = cli.run(&["lint", "ext"]);
        let expected = format!("ext/reguid.toml:2:12: `{wrong}` is no address of a book: write one that begins with `https://`");
        assert!(ran.code == 2 && ran.stderr.contains(&expected), "{ran}");
    }
}

/// It may be what a build makes and the package ships. What is to be left out is said in `exclude`.
#[test]
fn what_gitignore_names_is_read_and_counted() {
    let cli = sample();
    cli.file("ext/.gitignore", "plib/schema.sql\n").file("ext/.git/HEAD", "ref: refs/heads/main\n");
    let ran = cli.run(&["lint", "ext", "-A", "missing-object-hook", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&report["summary"]["files"], &report["findings"][0]["locations"][0]["path"]),
        (&2.into(), &"plib/schema.sql".into()),
        "{ran}"
    );
    cli.file("ext/reguid.toml", "[lint]\nexclude = [\"plib/schema.sql\"]\n");
    let ran = cli.run(&["lint", "ext/plib/schema.sql"]);
    assert!(ran.code == 0 && ran.stdout.contains("1 file left out by `exclude`"), "{ran}");
}

#[test]
fn a_folder_is_of_its_own_where_it_is_or_holds_an_extension_or_has_a_manifest() {
    let cli = sample();
    let meta = "<module><id>inner</id></module>";
    cli.file("ext/more/inner/meta.xml", meta).file("ext/more/inner/plib/s.sql", "CREATE TABLE t (client_id INTEGER);\n");
    cli.file("ext/data/s.sql", "CREATE TABLE t (client_id INTEGER);\n").file("ext/data/reguid.toml", "");
    for (path, file) in [("ext/more", "plib/s.sql"), ("ext/more/inner/plib", "plib/s.sql"), ("ext/data", "s.sql")] {
        let ran = cli.run(&["lint", path, "--format", "json", "--persona", "auditor"]);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let found = report["findings"].as_array().unwrap().iter().map(|f| f["locations"][0]["path"].as_str().unwrap());
        assert_eq!((found.collect::<Vec<_>>(), &report["summary"]["elsewhere"]), (vec![file], &0.into()), "{path}: {ran}");
    }
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
