//! The book as mdBook makes it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{files, root};
use crate::support::tools::tool;

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The values of an attribute in a page.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    html.split(&format!(" {attribute}=\"")).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn it_is_made_of_the_pages_and_the_rules_and_its_links_hold() {
    let folder = tempfile::tempdir().unwrap();
    let mdbook = tool("mdbook");
    let output = Command::new(root().join("scripts/book")).arg(folder.path()).env("MDBOOK", mdbook.get_program()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("WARN") && !said.contains("ERROR"), "{said}");
    let book = folder.path();
    assert!(book.join("index.html").exists());
    for page in files("docs", "md").into_iter().filter(|page| page.file_name().unwrap() != "SUMMARY.md") {
        assert!(book.join(page.with_extension("html").file_name().unwrap()).exists(), "{}", page.display());
    }
    for rule in files("rules", "md") {
        let html = std::fs::read_to_string(book.join("rules").join(rule.with_extension("html").file_name().unwrap())).unwrap();
        let id = rule.file_stem().unwrap().to_str().unwrap();
        assert!(
            html.contains(&format!("<code>{id}</code>")) && !html.contains("severity: "),
            "{id}: the head of the file is not shown as it should be"
        );
    }
    let column = std::fs::read_to_string(book.join("rules/raw-id-column.html")).unwrap();
    assert!(column.contains("<em>bad:</em>") && column.contains("<em>good:</em>"));
    let mut pages = Vec::new();
    below(book, &mut pages);
    let mut broken = BTreeSet::new();
    for page in pages.iter().filter(|path| path.extension().is_some_and(|e| e == "html")) {
        let html = std::fs::read_to_string(page).unwrap();
        for link in values(&html, "href").into_iter().chain(values(&html, "src")) {
            // The page for what is not found stands at no place of its own.
            if link.contains("://") || link.starts_with("data:") || page.ends_with("404.html") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let there = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let held = there.is_file() && (anchor.is_empty() || values(&std::fs::read_to_string(&there).unwrap(), "id").contains(&anchor));
            if !held {
                broken.insert(format!("{}: {link}", page.strip_prefix(book).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
