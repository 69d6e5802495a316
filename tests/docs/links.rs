//! Links lead somewhere, and the book has every page.

use std::collections::BTreeSet;
use std::path::Path;

use super::page::Page;
use super::{files, root};

/// The targets of a page's links and pictures.
fn targets(sentences: &str) -> Vec<String> {
    let mut targets = Vec::new();
    let mut rest = sentences;
    while let Some((_, after)) = rest.split_once("](") {
        let end = after.find(')').unwrap();
        targets.push(after[..end].to_owned());
        rest = &after[end..];
    }
    targets
}

/// The names that headings of a page can be linked by.
fn anchors(page: &Page) -> BTreeSet<String> {
    let headings = page.sentences();
    let headings = headings.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let word = |heading: String| {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(word).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let more = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "fuzz/README.md", "corpus/README.md"].map(|name| root().join(name));
    for path in files("docs", "md").iter().chain(&files("rules", "md")).chain(&more) {
        let page = Page::read(path);
        for target in targets(&page.sentences()) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').map_or((target.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let there = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let found = there.is_file() && anchor.is_none_or(|anchor| anchors(&Page::read(&there)).contains(anchor));
            if !found {
                broken.push(format!("{}: {target}", page.name()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_summary_has_every_page_once() {
    let summary = Page::read(&root().join("docs/SUMMARY.md"));
    let mut listed = targets(&summary.sentences());
    listed.sort();
    let pages = files("docs", "md").into_iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let mut pages: Vec<String> = pages.filter(|name| name != "SUMMARY.md").chain(["../CHANGELOG.md".to_owned()]).collect();
    pages.sort();
    assert_eq!(listed, pages, "the pages of the rules are added by scripts/book");
    assert!(Path::new(&root().join("docs/start.md")).exists());
}
