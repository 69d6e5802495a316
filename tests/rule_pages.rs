//! The examples of the rules' pages: on a bad one the rule fires, on a good one it does not.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

use camino::Utf8Path;
use reguid::discover::discover;
use reguid::extension::{Extension, ReadSettings, package};
use reguid::lint::{Linted, lint, page};
use reguid::reference::Confidence;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";

/// An example as the one file of an extension.
fn linted(example: &page::Example) -> Linted {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let path = match example.language.as_str() {
        "php" => "plib/library/Example.php",
        "sql" => "plib/schema.sql",
        other => panic!("an example in {other} cannot run"),
    };
    std::fs::create_dir_all(root.join("plib/library")).unwrap();
    std::fs::write(root.join("meta.xml"), META).unwrap();
    std::fs::write(root.join(path), &example.code).unwrap();
    let settings = ReadSettings { exclude: Vec::new(), include_vendored: false, jobs: 1, max_file_bytes: 1 << 20, progress: None };
    let extension = Extension::read(&package::find(root).unwrap(), &settings).unwrap();
    assert_eq!(extension.unreadable, [], "{}", example.code);
    let discoveries = discover(&extension);
    lint(extension, &discoveries, None, Confidence::Likely)
}

#[test]
fn bad_examples_fire_and_good_ones_do_not() {
    for page in page::all() {
        for example in page.examples() {
            let linted = linted(&example);
            let fired = linted.findings.iter().any(|f| f.rule == page.id && f.counts());
            let word = if example.bad { "bad" } else { "good" };
            assert_eq!(fired, example.bad, "the {word} example of {}:\n{}\n{:#?}", page.id, example.code, linted.findings);
        }
    }
}
