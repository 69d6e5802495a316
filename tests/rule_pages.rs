//! The examples of the rules' pages: on a bad one the rule fires, on a good one it does not. And the table of the rules in `docs/rules.md`, which
//! `REGUID_BLESS=1 cargo test --test rule_pages` writes anew.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use reguid::discover::discover;
use reguid::extension::{Extension, ReadSettings, package};
use reguid::lint::fix::Safety;
use reguid::lint::load::{Reading, lint_package};
use reguid::lint::{Linted, Settings, lint, page};
use reguid::reference::Confidence;
use reguid::reference::manifest::Manifest;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";

/// The block of a page that stands beside its examples: ```` ```sql beside ````.
fn beside(page: &page::Page) -> Option<String> {
    let (_, rest) = page.text.split_once("```sql beside\n")?;
    Some(rest.split("```").next()?.to_owned())
}

/// The block of a page that stands for a panel: ```` ```sql panel ````.
fn panel(page: &page::Page) -> Option<&str> {
    let (_, rest) = page.text.split_once("```sql panel\n")?;
    rest.split("```").next()
}

/// Whether the rule of a page fires on an example that is the database of an extension, held against the page's panel.
fn fires_on_data(page: &page::Page, panel: &str, example: &page::Example) -> bool {
    assert_eq!(example.language, "sql", "{}: a database is made by SQL", page.id);
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("var")).unwrap();
    std::fs::write(folder.path().join("meta.xml"), META).unwrap();
    std::fs::write(folder.path().join("panel.dump"), panel).unwrap();
    reguid::sqlite::Connection::open(folder.path().join("var/data.db")).unwrap().execute_batch(&example.code).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_reguid"))
        .current_dir(folder.path())
        .args(["lint", "--panel", "panel.dump", "--format", "json", "."])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| {
        panic!("{}: {e}: {}{}", page.id, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    });
    report["findings"].as_array().unwrap().iter().any(|f| f["rule"] == page.id)
}

/// An example as the one file of an extension, or as the manifest of an extension that has what stands beside it.
fn linted(page: &page::Page, example: &page::Example) -> Linted {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    std::fs::create_dir_all(root.join("plib/library")).unwrap();
    std::fs::write(root.join("meta.xml"), META).unwrap();
    let mut manifest = None;
    match example.language.as_str() {
        "php" => std::fs::write(root.join("plib/library/Example.php"), &example.code).unwrap(),
        "sql" => std::fs::write(root.join("plib/schema.sql"), &example.code).unwrap(),
        "toml" => {
            std::fs::write(root.join("plib/schema.sql"), beside(page).expect("a manifest is about something")).unwrap();
            manifest = Some(Manifest::parse("reguid.toml".into(), &example.code).unwrap());
        }
        other => panic!("an example in {other} cannot run"),
    }
    let settings = ReadSettings { jobs: 1, max_file_bytes: 1 << 20, ..ReadSettings::default() };
    let extension = Extension::read(&package::find(root).unwrap(), &settings).unwrap();
    assert_eq!(extension.unreadable, [], "{}", example.code);
    let discoveries = discover(&extension);
    lint(extension, &discoveries, manifest.as_ref(), Confidence::Likely)
}

#[test]
fn bad_examples_fire_and_good_ones_do_not() {
    for page in page::all() {
        for example in page.examples() {
            if let Some(panel) = panel(page) {
                assert_eq!(fires_on_data(page, panel, &example), example.bad, "{}:\n{}", page.id, example.code);
                continue;
            }
            let linted = linted(page, &example);
            let fired = linted.findings.iter().any(|f| f.rule == page.id && f.counts());
            let word = if example.bad { "bad" } else { "good" };
            assert_eq!(fired, example.bad, "the {word} example of {}:\n{}\n{:#?}", page.id, example.code, linted.findings);
        }
    }
}

/// The classes of the fixes that each rule has on the examples of all pages and on the samples, by its id.
fn fixes_of_rules() -> BTreeMap<&'static str, BTreeSet<Safety>> {
    let settings = Settings { fixes: true, min_confidence: Some(Confidence::Possible), ..Settings::default() };
    let mut classes: BTreeMap<&'static str, BTreeSet<Safety>> = BTreeMap::new();
    let mut look = |root: &Utf8Path| {
        let linted = lint_package(&package::find(root).unwrap(), Reading { jobs: 1, ..Reading::default() }, &settings).unwrap();
        for finding in &linted.findings {
            for fix in linted.fixes(finding) {
                classes.entry(finding.rule).or_default().insert(fix.safety);
            }
        }
    };
    for page in page::all() {
        for example in page.examples() {
            let folder = tempfile::tempdir().unwrap();
            let root = Utf8Path::from_path(folder.path()).unwrap();
            let file = match example.language.as_str() {
                "php" => "Example.php",
                "sql" => "schema.sql",
                _ => "reguid.toml",
            };
            std::fs::write(root.join("meta.xml"), META).unwrap();
            std::fs::write(root.join(file), &example.code).unwrap();
            look(root);
        }
    }
    let corpus = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for sample in corpus.read_dir_utf8().unwrap() {
        let extension = sample.unwrap().path().join("extension");
        if extension.is_dir() {
            look(&extension);
        }
    }
    classes
}

#[test]
fn a_page_tells_how_safe_the_fixes_of_its_rule_are() {
    let classes = fixes_of_rules();
    assert!(classes.len() >= 10, "{classes:?}");
    for page in page::all() {
        let section = page.text.split_once("## Fix safety\n").map(|(_, rest)| rest.split("\n## ").next().unwrap_or(rest).to_lowercase());
        match (classes.get(page.id), section) {
            (None, None) => {}
            (None, Some(_)) => panic!("{} tells of fixes, and none was seen: give its page an example that has one", page.id),
            (Some(seen), None) => panic!("{} has fixes ({seen:?}), and its page has no section `## Fix safety`", page.id),
            (Some(seen), Some(section)) => {
                let words: BTreeSet<&str> = section.split(|c: char| !c.is_alphanumeric()).collect();
                for (class, word) in [(Safety::Safe, "safe"), (Safety::Unsafe, "unsafe"), (Safety::DisplayOnly, "shown")] {
                    assert!(!seen.contains(&class) || words.contains(word), "{} has fixes that are {class:?}: {section}", page.id);
                }
            }
        }
    }
}

/// What is wrong with the codes of rules, each with its names besides the code, by the list of all codes that there ever were.
fn wrong_codes(list: &str, rules: &[(&str, Vec<&str>)]) -> Vec<String> {
    let list: BTreeMap<String, String> = toml::from_str(list).unwrap();
    let mut wrong = Vec::new();
    let mut given: BTreeMap<&str, &str> = BTreeMap::new();
    for (code, id) in &list {
        if let Some(other) = given.insert(id, code) {
            wrong.push(format!("`{id}` has two codes: {other} and {code}"));
        }
    }
    for (code, names) in rules {
        let id = names.first().unwrap();
        match list.get(*code) {
            None => wrong.push(format!("{code} of `{id}` is not in rules/codes.toml: add it")),
            Some(first) if names.contains(&first.as_str()) => {}
            Some(first) => wrong.push(format!("{code} was given to `{first}` and cannot be given to `{id}`: take the next free one")),
        }
        for name in names {
            if let Some(other) = given.get(name).filter(|other| *other != code) {
                wrong.push(format!("`{name}` had the code {other}, and `{id}` has {code}: a rule keeps its code"));
            }
        }
    }
    wrong
}

/// The list of all codes that there ever were.
const CODES: &str = include_str!("../rules/codes.toml");

#[test]
fn a_code_is_never_given_twice() {
    let rules = page::all().iter().map(|page| (page.code, std::iter::once(page.id).chain(page.aliases.iter().copied()).collect()));
    assert_eq!(wrong_codes(CODES, &rules.collect::<Vec<_>>()), [""; 0]);
    assert!(CODES.lines().filter(|line| line.starts_with("RG")).is_sorted(), "a line has its place by its code");
}

#[test]
fn a_code_that_is_given_twice_is_told() {
    let list = "RG001 = 'old'\nRG002 = 'gone'\nRG003 = 'kept'\n";
    for (rules, expected) in [
        // One that has another id now, and one that went.
        (&[("RG001", vec!["new", "old"]), ("RG003", vec!["kept"])][..], &[][..]),
        (&[("RG001", vec!["new"])], &["RG001 was given to `old` and cannot be given to `new`: take the next free one"]),
        (&[("RG002", vec!["new"])], &["RG002 was given to `gone` and cannot be given to `new`: take the next free one"]),
        (&[("RG004", vec!["new"])], &["RG004 of `new` is not in rules/codes.toml: add it"]),
        (
            &[("RG004", vec!["kept"])],
            &[
                "RG004 of `kept` is not in rules/codes.toml: add it",
                "`kept` had the code RG003, and `kept` has RG004: a rule keeps its code",
            ],
        ),
    ] {
        assert_eq!(wrong_codes(list, rules), expected, "{rules:?}");
    }
    assert_eq!(wrong_codes("RG001 = 'a'\nRG002 = 'a'\n", &[]), ["`a` has two codes: RG001 and RG002"]);
}

/// The table's first lines.
const HEAD: &str = "| code | rule | what it finds | at most |\n|---|---|---|---|\n";

#[test]
fn the_table_of_the_rules_is_current() {
    let path = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(HEAD).expect("the page has the table");
    let (_, after) = rest.split_once("\n\n").expect("something follows the table");
    let mut pages: Vec<&page::Page> = page::all().iter().collect();
    pages.sort_by_key(|page| page.code);
    let row = |page: &&page::Page| {
        let preview = if page.preview { " (in preview)" } else { "" };
        format!("| {} | [`{}`](../rules/{}.md) | {}{preview} | {} |", page.code, page.id, page.id, page.title, page.severity)
    };
    let table: Vec<String> = pages.iter().map(row).collect();
    let current = format!("{before}{HEAD}{}\n\n{after}", table.join("\n"));
    if std::env::var_os("REGUID_BLESS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), current, "run REGUID_BLESS=1 cargo test --test rule_pages");
}
