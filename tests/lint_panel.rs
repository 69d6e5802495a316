//! `reguid lint --panel`: the data of an extension's databases, settings and files, held against a panel.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use reguid::sqlite::Connection;
use serde_json::Value;
use support::cli::Cli;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";

/// The panel: domains 5 and 7, the client 1.
const PANEL: &str = "\
CREATE TABLE domains (id INT, cl_id INT, name VARCHAR(255), displayName VARCHAR(255), guid VARCHAR(36), cr_date DATE, webspace_id INT, parentDomainId INT);
INSERT INTO domains VALUES (5, 1, 'five.example', 'five.example', '55555555-0000-4000-8000-000000000005', '2024-01-01', 0, 0);
INSERT INTO domains VALUES (7, 1, 'seven.example', 'seven.example', '77777777-0000-4000-8000-000000000007', '2024-01-01', 0, 0);
CREATE TABLE clients (id INT, parent_id INT, login VARCHAR(255), guid VARCHAR(36), type VARCHAR(10), email VARCHAR(255), cr_date DATE);
INSERT INTO clients VALUES (1, 0, 'admin', '11111111-0000-4000-8000-000000000001', 'admin', 'a@example.com', '2024-01-01');
";

const PHP: &str = "<?php
class Modules_Sample_Notes
{
    public function add(PDO $db, pm_Domain $domain)
    {
        $db->prepare('INSERT INTO notes (domain_id, domain_name) VALUES (?, ?)')->execute([$domain->getId(), $domain->getName()]);
    }
}
";

/// An extension with a database `var/notes.db` of these rows.
fn sample(rows: &str) -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/library/Notes.php", PHP).file("panel.sql", PANEL).file("ext/var/.keep", "");
    database(&cli, "ext/var/notes.db", "CREATE TABLE notes (id INTEGER PRIMARY KEY, domain_id INTEGER, domain_name TEXT)", rows);
    cli
}

fn database(cli: &Cli, path: &str, table: &str, rows: &str) {
    let connection = Connection::open(cli.root().join(path)).unwrap();
    let insert = if rows.is_empty() { String::new() } else { format!("INSERT INTO notes VALUES {rows};") };
    connection.execute_batch(&format!("{table};{insert}")).unwrap();
}

fn json(cli: &Cli, args: &[&str]) -> Value {
    let ran = cli.run(&[&["lint", "--format", "json"], args].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran}"))
}

/// The findings of the two rules: rule, severity, message, evidence.
fn held(report: &Value) -> Vec<(String, String, String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .filter(|f| ["dangling-reference", "twin-mismatch"].contains(&f["rule"].as_str().unwrap()))
        .map(|f| {
            let evidence = f["evidence"].as_array().unwrap().iter().map(|e| text(&e["text"])).collect();
            (text(&f["rule"]), text(&f["severity"]), text(&f["message"]), evidence)
        })
        .collect()
}

#[test]
fn ids_that_dangle_and_ids_beside_other_names_are_told_apart() {
    let cli = sample("(1, 5, 'five.example'), (2, 6, 'six.example'), (3, 5, 'SEVEN.example'), (4, 0, ''), (5, NULL, NULL), (6, 7, '')");
    let found = held(&json(&cli, &["--panel", "panel.sql", "ext"]));
    assert_eq!(
        found,
        [
            (
                "dangling-reference".to_owned(),
                "warning".to_owned(),
                "1 of 4 domain ids in `sqlite:notes.domain_id` of var/notes.db are of no domain that panel.sql knows".to_owned(),
                vec!["id 2: no domain 6".to_owned()],
            ),
            (
                "twin-mismatch".to_owned(),
                "error".to_owned(),
                "1 of 4 domain ids in `sqlite:notes.domain_id` of var/notes.db are those of another domain on panel.sql than `domain_name` beside them names"
                    .to_owned(),
                vec!["id 3: domain 5 (five.example), while domain_name says 'SEVEN.example'".to_owned()],
            ),
        ]
    );
    let right = sample("(1, 5, 'five.example'), (2, 7, 'seven.example')");
    assert_eq!(held(&json(&right, &["--panel", "panel.sql", "ext"])), []);
    // Without a panel nothing is looked up.
    assert_eq!(held(&json(&cli, &["ext"])), []);
}

#[test]
fn a_database_alone_is_held_against_the_panel_too() {
    let cli = sample("(1, 6, 'six.example')");
    let found = held(&json(&cli, &["--panel", "panel.sql", "ext/var/notes.db"]));
    assert!(matches!(&found[..], [(rule, ..)] if rule == "dangling-reference"), "{found:?}");
}

#[test]
fn what_the_manifest_declares_is_looked_up_as_it_says() {
    let cli = sample("(1, 6, 'six.example'), (2, 99, '')");
    let entry = |rest: &str| {
        format!("[[reference]]\ndatabase = \"notes.db\"\ntable = \"notes\"\ncolumn = \"domain_id\"\nkind = \"domain\"\n{rest}")
    };
    for (rest, count) in [("", 1), ("on-missing = \"keep\"\n", 0), ("sentinels = [\"99\", \"6\"]\n", 0)] {
        cli.file("ext/reguid.toml", entry(rest));
        assert_eq!(held(&json(&cli, &["--panel", "panel.sql", "ext"])).len(), count, "{rest}");
    }
    cli.file("ext/reguid.toml", entry("on-missing = \"keep\"\n").replace("notes.db", "other.db"));
    assert_eq!(
        held(&json(&cli, &["--panel", "panel.sql", "ext"])).len(),
        1,
        "what is declared of another database says nothing of this one"
    );
}

#[test]
fn what_is_not_looked_up_is_named() {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/a.php", "<?php\n").file("panel.sql", PANEL).file("ext/var/.keep", "");
    let ran = cli.run(&["lint", "--panel", "panel.sql", "ext"]);
    assert!(ran.code == 0 && ran.stdout.contains("no data to be held against panel.sql"), "{ran}");
    database(
        &cli,
        "ext/var/notes.db",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, mailbox_id INTEGER, subscription_id INTEGER)",
        "(1, 2, 3)",
    );
    let ran = cli.run(&["lint", "--panel", "panel.sql", "ext"]);
    assert!(ran.stdout.contains("`sqlite:notes.mailbox_id` was not looked up: panel.sql does not tell of mailbox objects"), "{ran}");
    assert!(ran.stdout.contains("it holds ids of domain or subscription; declare it in reguid.toml"), "{ran}");
    assert!(ran.stdout.contains("ext: 0 ids in 0 places looked up on panel.sql"), "{ran}");
    let ran = cli.run(&["lint", "--panel", "nowhere.sql", "ext"]);
    assert!(ran.code == 2 && ran.stderr.contains("nowhere.sql"), "{ran}");
}

/// Settings of the extension `sample`, which is number 3 on the panel, and of others.
const SETTINGS: &str = "\
CREATE TABLE Modules (id INT, name VARCHAR(255));
INSERT INTO Modules VALUES (2, 'other'), (3, 'sample');
CREATE TABLE ModuleSettings (module_id INT, name VARCHAR(255), value VARCHAR(5000));
INSERT INTO ModuleSettings VALUES (2, 'status-9', 'x'), (3, 'status-5', 'ok'), (3, 'status-6', 'gone'), (3, 'last', '7'), (3, 'map', '{\"5\":1,\"8\":2}');
";

/// Code that keeps ids in settings and files.
const KEEPS: &str = "<?php
class Modules_Sample_Keeps
{
    public function keep(pm_Domain $domain)
    {
        pm_Settings::set('status-' . $domain->getId(), 'ok');
        pm_Settings::set('last', $domain->getId());
        file_put_contents(pm_Context::getVarDir() . '/report-' . $domain->getId() . '.json', json_encode(['domain' => $domain->getId()]));
    }
}
";

fn keeper(panel: &str) -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/library/Keeps.php", KEEPS).file("panel.sql", panel);
    cli
}

/// What a finding says and where it is shown.
fn told(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "dangling-reference");
    let at = |f: &Value| format!("{}:{}", f["locations"][0]["path"].as_str().unwrap(), f["locations"][0]["line"]);
    findings.map(|f| (f["message"].as_str().unwrap().to_owned(), at(f))).collect()
}

#[test]
fn settings_of_a_whole_dump_are_looked_up() {
    let cli = keeper(&format!("{PANEL}{SETTINGS}"));
    let report = json(&cli, &["--panel", "panel.sql", "ext"]);
    let message = "1 of 2 domain ids in `setting-key:status-{domain}` are of no domain that panel.sql knows".to_owned();
    assert_eq!(told(&report), [(message, "plib/library/Keeps.php:6".to_owned())]);
    assert_eq!(held(&report)[0].3, ["status-6: no domain 6"]);
    // What no code shows is shown in the manifest.
    cli.file("ext/reguid.toml", "[[reference]]\nsetting = \"map\"\npath = \"$.{domain}\"\n");
    let report = json(&cli, &["--panel", "panel.sql", "ext"]);
    assert_eq!(told(&report).iter().map(|(_, at)| at.as_str()).collect::<Vec<_>>(), ["plib/library/Keeps.php:6", "reguid.toml:1"]);
    cli.file("ext/reguid.toml", "[[reference]]\nsetting-key = \"status-{domain}\"\non-missing = \"keep\"\n");
    assert_eq!(told(&json(&cli, &["--panel", "panel.sql", "ext"])), [], "the manifest says to keep them");
}

#[test]
fn settings_that_cannot_be_looked_up_are_named() {
    let said = |panel: &str, source: &str, words: &str| {
        let cli = keeper(panel);
        let made = cli.run(&["snapshot", "--panel", "panel.sql", "-o", "panel.snapshot"]);
        assert_eq!(made.code, 0, "{made}");
        let ran = cli.run(&["lint", "--panel", source, "ext"]);
        let text = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(words), "{words}: {ran}");
    };
    said(
        PANEL,
        "panel.sql",
        "`setting-key:status-{domain}` and `setting:last` were not looked up: settings are in the panel's database: give the live panel",
    );
    said(&format!("{PANEL}{SETTINGS}"), "panel.snapshot", "`setting:last` were not looked up: settings are in the panel's database");
    said(
        &format!("{PANEL}{SETTINGS}").replace("'sample'", "'simple'"),
        "panel.sql",
        "the panel knows no extension `sample`; did you mean `simple`?",
    );
    said(PANEL, "panel.sql", "ext: no files were held against panel.sql: there is no folder `var` here");
}

#[test]
fn files_in_the_var_directory_are_looked_up() {
    let cli = keeper(PANEL);
    cli.file("ext/var/report-5.json", "{\"domain\":5}").file("ext/var/report-6.json", "{\"domain\":8}").file("ext/var/other-9.json", "9");
    let messages: Vec<String> = told(&json(&cli, &["--panel", "panel.sql", "ext"])).into_iter().map(|(message, _)| message).collect();
    assert_eq!(
        messages,
        [
            "1 of 2 domain ids in `file-name:report-{domain}.json` below var are of no domain that panel.sql knows",
            "1 of 2 domain ids in `file:report-*.json$.domain` below var are of no domain that panel.sql knows",
        ]
    );
    // A var directory as it lies on a server, with the manifest in it.
    cli.file("data/reguid.toml", "[[reference]]\nfile-name = \"report-{domain}.json\"\n").file("data/report-6.json", "{}");
    let report = json(&cli, &["--panel", "panel.sql", "data"]);
    let message = "1 of 1 domain ids in `file-name:report-{domain}.json` are of no domain that panel.sql knows".to_owned();
    assert_eq!(told(&report), [(message, "reguid.toml:1".to_owned())]);
}

#[test]
fn ids_beside_other_names_in_documents_are_told() {
    let right = r#"{"domainId":5,"domainName":"FIVE.example"}"#;
    let wrong = r#"{"domainId":5,"domainName":"seven.example","note":"six.example"}"#;
    let rows = format!("(3, 'job-a', '{right}'), (3, 'job-b', '{wrong}'), (3, 'job-c', '{{\"domainId\":7}}')");
    let cli = keeper(&format!("{PANEL}{SETTINGS}INSERT INTO ModuleSettings VALUES {rows};\n"));
    let entry = |store: &str| format!("[[reference]]\n{store}\npath = \"$.domainId\"\nkind = \"domain\"\n");
    cli.file("ext/reguid.toml", entry("setting = \"job-*\"") + &entry("file = \"jobs/*.json\""));
    cli.file("ext/var/jobs/one.json", wrong).file("ext/var/jobs/two.json", right).file("ext/var/jobs/three.json", "no json");
    let found: Vec<_> = held(&json(&cli, &["--panel", "panel.sql", "ext"])).into_iter().filter(|f| f.0 == "twin-mismatch").collect();
    let found: Vec<(&str, &str)> = found.iter().map(|f| (f.2.as_str(), f.3[0].as_str())).collect();
    let said = "are those of another domain on panel.sql than `domainName` beside them names";
    let beside = "$.domainId: domain 5 (five.example), while domainName says 'seven.example'";
    let (of_setting, of_file) = (format!("`setting:job-*$.domainId` {said}"), format!("`file:jobs/*.json$.domainId` below var {said}"));
    let expected = [
        (format!("1 of 3 domain ids in {of_setting}"), format!("job-b {beside}")),
        (format!("1 of 2 domain ids in {of_file}"), format!("jobs/one.json {beside}")),
    ];
    assert_eq!(found, expected.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect::<Vec<_>>());
}

#[test]
fn suppressions_of_these_rules_are_judged_with_a_panel_alone() {
    let cli = sample("(1, 5, 'five.example')");
    let ignore = |rule: &str| format!("[[lint.ignore]]\nrule = \"{rule}\"\nreason = \"kept on purpose\"\n");
    cli.file("ext/reguid.toml", ignore("dangling-reference"));
    let unused = |report: &Value| report["findings"].as_array().unwrap().iter().filter(|f| f["rule"] == "unused-suppression").count();
    assert_eq!(unused(&json(&cli, &["ext"])), 0, "the rule did not run");
    assert_eq!(unused(&json(&cli, &["--panel", "panel.sql", "ext"])), 1);
    let wrong = sample("(1, 6, '')");
    wrong.file("ext/reguid.toml", ignore("dangling-reference"));
    let report = json(&wrong, &["--panel", "panel.sql", "ext"]);
    assert_eq!(report["summary"]["ignored"], 1, "{report}");
}

#[test]
fn the_database_is_left_as_it_is() {
    let cli = sample("(1, 6, '')");
    let path = cli.root().join("ext/var/notes.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; INSERT INTO notes VALUES (2, 8, '')").unwrap();
    let files = || {
        let mut all: Vec<_> = std::fs::read_dir(cli.root().join("ext/var")).unwrap().map(|e| e.unwrap().path()).collect();
        all.sort();
        all.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect::<Vec<_>>()
    };
    let before = files();
    let found = held(&json(&cli, &["--panel", "panel.sql", "ext"]));
    assert!(
        matches!(&found[..], [(_, _, message, _)] if message.starts_with("2 of 2 ")),
        "what stands in the write-ahead log counts: {found:?}"
    );
    assert_eq!(files(), before);
}
