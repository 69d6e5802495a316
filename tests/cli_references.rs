//! `reguid references` over the real command line.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use support::cli::Cli;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";
const DDL: &str = "CREATE TABLE jobs (\n    id INTEGER PRIMARY KEY,\n    domain_id INTEGER NOT NULL,\n    client_id INTEGER\n);\n";
const PHP: &str = "<?php
class Modules_Sample_Jobs
{
    public function add(PDO $db, pm_Domain $domain, pm_Client $client)
    {
        $statement = $db->prepare('INSERT INTO jobs (domain_id, client_id) VALUES (?, ?)');
        $statement->execute([$domain->getId(), $client->getId()]);
    }
}
";

fn sample() -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/schema.sql", DDL).file("ext/plib/library/Jobs.php", PHP);
    cli
}

#[test]
fn where_nothing_is_found_nothing_is_written() {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/a.php", "<?php\n");
    let ran = cli.run(&["references", "--write", "ext"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "no references found; ext/reguid.toml was not written\n"));
    assert!(!cli.root().join("ext/reguid.toml").exists());
}

#[test]
fn written_entries_are_merged_once_and_silence_lint() {
    let cli = sample();
    let mine = "# mine\n[lint]\nfail-on = \"warning\" # as agreed\n\n[[reference]]\ndatabase = \"data.db\"   # odd\ntable = 'jobs'\ncolumn = 'client_id'\nkind = 'client'\non-missing = 'null'\n";
    cli.file("ext/reguid.toml", mine);
    let ran = cli.run(&["references", "--write", "ext"]);
    assert!(ran.code == 0 && ran.stdout.contains("1 added, 1 there already"), "{ran}");
    let written = cli.read("ext/reguid.toml");
    assert!(written.starts_with(mine), "{written}");
    assert!(cli.run(&["references", "--write", "ext"]).stdout.contains("it was not changed"));
    assert_eq!(cli.read("ext/reguid.toml"), written);
    assert_eq!(cli.run(&["lint", "ext"]).code, 0);
}

#[test]
fn what_is_printed_is_a_manifest() {
    let cli = sample();
    let printed = cli.run(&["references", "ext"]).stdout;
    let manifest = reguid::reference::manifest::Manifest::parse("reguid.toml".into(), &printed).unwrap();
    assert_eq!(manifest.references.len(), 2);
    assert!(!cli.root().join("ext/reguid.toml").exists());
}
