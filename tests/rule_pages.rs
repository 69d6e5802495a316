//! The examples of the rules' pages: on a bad one the rule fires, on a good one it does not.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

use camino::Utf8Path;
use reguid::discover::discover;
use reguid::extension::{Extension, ReadSettings, package};
use reguid::lint::{Linted, lint, page};
use reguid::reference::Confidence;
use reguid::reference::manifest::Manifest;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";

/// The block of a page that stands beside its examples: ```` ```sql beside ````.
fn beside(page: &page::Page) -> Option<String> {
    let (_, rest) = page.text.split_once("```sql beside\n")?;
    Some(rest.split("```").next()?.to_owned())
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
    let settings = ReadSettings { exclude: Vec::new(), include_vendored: false, jobs: 1, max_file_bytes: 1 << 20, progress: None };
    let extension = Extension::read(&package::find(root).unwrap(), &settings).unwrap();
    assert_eq!(extension.unreadable, [], "{}", example.code);
    let discoveries = discover(&extension);
    lint(extension, &discoveries, manifest.as_ref(), Confidence::Likely)
}

#[test]
fn bad_examples_fire_and_good_ones_do_not() {
    for page in page::all() {
        for example in page.examples() {
            let linted = linted(page, &example);
            let fired = linted.findings.iter().any(|f| f.rule == page.id && f.counts());
            let word = if example.bad { "bad" } else { "good" };
            assert_eq!(fired, example.bad, "the {word} example of {}:\n{}\n{:#?}", page.id, example.code, linted.findings);
        }
    }
}
