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
    /// Of an extension with these files, relative to its root.
    pub(super) fn of(files: &[Utf8PathBuf]) -> Layout {
        let mut layout = Layout::default();
        let mut counts: FxHashMap<&Utf8Path, usize> = FxHashMap::default();
        let all: FxHashSet<&Utf8Path> = files.iter().map(Utf8PathBuf::as_path).collect();
        let own: FxHashSet<&Utf8Path> = files
            .iter()
            .flat_map(|f| f.ancestors().skip(1))
            .filter(|f| f.file_name().is_some_and(|n| OWN_FOLDERS.contains(&n)))
            .filter_map(Utf8Path::parent)
            .collect();
        for file in files {
            let folder = file.parent().unwrap_or(Utf8Path::new(""));
            // Composer's own record: whatever `vendor-dir` is called.
            if file.ends_with("composer/installed.json")
                && let Some(vendor) = folder.parent().filter(|v| !v.as_str().is_empty())
            {
                layout.vendored.insert(vendor.to_owned());
            }
            if file.extension() == Some("php") {
                for ancestor in file.ancestors().skip(1) {
                    if ancestor.file_name().is_some_and(|n| LIBRARIES.iter().any(|(library, _)| *library == n)) {
                        *counts.entry(ancestor).or_default() += 1;
                    }
                }
            }
            let is_mailer = matches!(file.file_name(), Some("PHPMailer.php" | "class.phpmailer.php"));
            if is_mailer && let Some(mailer) = file.ancestors().skip(1).find(|a| named(a, "phpmailer")) {
                layout.vendored.insert(mailer.to_owned());
            }
            // A library that was copied whole, with its own package file and licence.
            let licensed = || ["LICENSE", "LICENSE.txt", "LICENSE.md", "COPYING"].iter().any(|l| all.contains(folder.join(l).as_path()));
            if file.file_name() == Some("composer.json")
                && !folder.as_str().is_empty()
                && !own.contains(folder)
                && licensed()
                && !is_part(folder)
            {
                layout.vendored.insert(folder.to_owned());
            }
        }
        for (folder, count) in counts {
            if LIBRARIES.iter().any(|(library, enough)| folder.file_name() == Some(library) && count >= *enough) {
                layout.vendored.insert(folder.to_owned());
            }
        }
        layout
    }

    /// Why `file` is not the extension's own, if it is not.
    pub(super) fn foreign(&self, file: &Utf8Path) -> Option<Foreign> {
        let folders = || file.ancestors().skip(1);
        let is_in = |names: &[&str]| folders().any(|f| f.file_name().is_some_and(|n| names.contains(&n)));
        if is_in(VENDOR_FOLDERS) || folders().any(|f| self.vendored.contains(f)) {
            Some(Foreign::Vendored)
        } else if is_in(TEST_FOLDERS) {
            Some(Foreign::Test)
        } else {
            None
        }
    }
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
        let layout = Layout::of(&files);
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
            assert_eq!(layout.foreign(file.into()), foreign, "{file}");
        }
        assert!(is_test("plib/FooTest.php".into(), b"<?php class FooTest extends PHPUnit_Framework_TestCase {}"));
        assert!(!is_test("plib/SpeedTest.php".into(), b"<?php class SpeedTest {}"));
    }
}
