//! Which files of an extension are not its own: libraries that it bundles, and tests.

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};

/// Folders that package managers fill.
const VENDOR_FOLDERS: &[&str] = &["vendor", "node_modules", "bower_components"];

/// Folders of tests.
const TEST_FOLDERS: &[&str] = &["tests", "Tests", "__tests__", "phpunit"];

/// Libraries that are copied into extensions, by the folder of their namespace, and how many PHP files make it the library and not an
/// extension's own folder of that name.
const LIBRARIES: &[(&str, usize)] = &[
    ("Zend", 20),
    ("Symfony", 10),
    ("GuzzleHttp", 10),
    ("Monolog", 10),
    ("Twig", 10),
    ("phpseclib", 10),
    ("Smarty", 10),
    ("Doctrine", 10),
];

/// The parts of an extension: a folder that holds one of them is no library.
const OWN_FOLDERS: &[&str] = &["controllers", "hooks", "scripts", "library", "htdocs", "plib"];

/// Files of a library's licence.
const LICENCES: &[&str] = &["LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING"];

/// Why a file is not the extension's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Foreign {
    Vendored,
    Test,
}

/// The folders of bundled libraries, as the structure of the extension shows them.
#[derive(Debug, Default)]
pub(super) struct Layout {
    vendored: FxHashSet<Utf8PathBuf>,
}

impl Layout {
    /// Of an extension with these files, relative to its root and ordered.
    pub(super) fn of<'f>(files: impl Iterator<Item = &'f Utf8Path> + Clone) -> Layout {
        let mut layout = Layout::default();
        let mut counts: FxHashMap<&Utf8Path, usize> = FxHashMap::default();
        let mut own: FxHashSet<&Utf8Path> = FxHashSet::default();
        let mut packages = Vec::new();
        // The libraries that the files of the folder before stand in.
        let mut before: Option<&Utf8Path> = None;
        let mut libraries: Vec<&Utf8Path> = Vec::new();
        for file in files.clone() {
            let folder = file.parent().unwrap_or(Utf8Path::new(""));
            if before != Some(folder) {
                before = Some(folder);
                let parts = folder.ancestors().filter(|f| f.file_name().is_some_and(|n| OWN_FOLDERS.contains(&n)));
                own.extend(parts.filter_map(Utf8Path::parent));
                libraries.clear();
                libraries.extend(folder.ancestors().filter(|f| library(f).is_some()));
            }
            match file.file_name() {
                // Composer's own record: whatever `vendor-dir` is called.
                Some("installed.json") if folder.file_name() == Some("composer") => {
                    layout.vendored.extend(folder.parent().filter(|v| !v.as_str().is_empty()).map(Utf8Path::to_owned));
                }
                Some("PHPMailer.php" | "class.phpmailer.php") => {
                    layout.vendored.extend(folder.ancestors().find(|a| named(a, "phpmailer")).map(Utf8Path::to_owned));
                }
                Some("composer.json") if !folder.as_str().is_empty() && !is_part(folder) => packages.push(folder),
                _ => {}
            }
            if file.extension() == Some("php") {
                libraries.iter().for_each(|library| *counts.entry(library).or_default() += 1);
            }
        }
        // A library that was copied whole, with its own package file and licence.
        packages.retain(|folder| !own.contains(folder));
        if !packages.is_empty() {
            let licences: FxHashSet<&Utf8Path> = files.filter(|f| f.file_name().is_some_and(|n| LICENCES.contains(&n))).collect();
            let licensed = |folder: &&Utf8Path| LICENCES.iter().any(|l| licences.contains(folder.join(l).as_path()));
            layout.vendored.extend(packages.into_iter().filter(licensed).map(Utf8Path::to_owned));
        }
        let whole = |(folder, count): &(&Utf8Path, usize)| library(folder).is_some_and(|enough| *count >= enough);
        layout.vendored.extend(counts.into_iter().filter(whole).map(|(folder, _)| folder.to_owned()));
        layout
    }

    /// Why the files of `folder` are not the extension's own, if they are not.
    pub(super) fn foreign(&self, folder: &Utf8Path) -> Option<Foreign> {
        let is_in = |names: &[&str]| folder.ancestors().any(|f| f.file_name().is_some_and(|n| names.contains(&n)));
        if is_in(VENDOR_FOLDERS) || !self.vendored.is_empty() && folder.ancestors().any(|f| self.vendored.contains(f)) {
            Some(Foreign::Vendored)
        } else if is_in(TEST_FOLDERS) {
            Some(Foreign::Test)
        } else {
            None
        }
    }
}

/// How many PHP files a folder with the name of a library has at least when it is one.
fn library(folder: &Utf8Path) -> Option<usize> {
    let name = folder.file_name()?;
    LIBRARIES.iter().find(|(library, _)| *library == name).map(|(_, enough)| *enough)
}

fn named(folder: &Utf8Path, name: &str) -> bool {
    folder.file_name().is_some_and(|n| n.eq_ignore_ascii_case(name))
}

/// Whether a folder is itself a part of an extension, such as `plib`.
fn is_part(folder: &Utf8Path) -> bool {
    folder.file_name().is_some_and(|n| OWN_FOLDERS.contains(&n) || n == "src")
}

/// Whether a PHP file is a unit test: it is called one and uses a test framework. A name alone may be a class's (`SpeedTest`).
pub(super) fn is_test(file: &Utf8Path, bytes: &[u8]) -> bool {
    let named = file.file_stem().is_some_and(|n| n.ends_with("Test") || n.ends_with("TestCase") || n.starts_with("phpunit"));
    named && [&b"PHPUnit"[..], b"TestCase"].iter().any(|word| memchr::memmem::find(bytes, word).is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn libraries_and_tests_are_told_by_structure() {
        let mut files: Vec<Utf8PathBuf> = (0..25).map(|i| format!("plib/library/Zend/Db/F{i}.php").into()).collect();
        files.extend((0..3).map(|i| Utf8PathBuf::from(format!("plib/library/Twig/F{i}.php"))));
        files.extend(
            [
                "plib/libs/composer/installed.json",
                "plib/mail/PHPMailer/src/PHPMailer.php",
                "plib/composer.json",
                "plib/LICENSE",
                "plib/extra/acme/composer.json",
                "plib/extra/acme/LICENSE",
            ]
            .map(Utf8PathBuf::from),
        );
        files.sort();
        let layout = Layout::of(files.iter().map(Utf8PathBuf::as_path));
        for (file, foreign) in [
            ("plib/vendor/a/b.php", Some(Foreign::Vendored)),
            ("htdocs/node_modules/a/b.sql", Some(Foreign::Vendored)),
            ("plib/library/Zend/Db.php", Some(Foreign::Vendored)),
            ("plib/library/Twig/Own.php", None),
            ("plib/libs/acme/a.php", Some(Foreign::Vendored)),
            ("plib/mail/PHPMailer/src/SMTP.php", Some(Foreign::Vendored)),
            ("plib/mail/Own.php", None),
            ("plib/extra/acme/src/a.php", Some(Foreign::Vendored)),
            ("plib/library/Vendor/Own.php", None),
            ("plib/library/Own.php", None),
            ("tests/a.php", Some(Foreign::Test)),
            ("plib/scripts/test.php", None),
            ("vendor.php", None),
        ] {
            assert_eq!(layout.foreign(Utf8Path::new(file).parent().unwrap()), foreign, "{file}");
        }
        assert!(is_test("plib/FooTest.php".into(), b"<?php class FooTest extends PHPUnit_Framework_TestCase {}"));
        assert!(!is_test("plib/SpeedTest.php".into(), b"<?php class SpeedTest {}"));
    }
}
