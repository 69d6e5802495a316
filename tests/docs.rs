//! The book: everything that it tells to do is done here, and everything that it names is there.
//!
//! Blocks marked `console` are sessions. A page's sessions are run by bash from top to bottom in a folder of the page's own, which holds the sample of
//! `reguid demo` (`site-notes`, its data in `var`) in a git repository, and dumps of its panel before and after a restore (`before.sql`, `after.sql`). A
//! line that begins with `$ ` is a command, lines that end with `\` go on. What follows is its output; `…` stands for any text, and on a line of its own
//! for any lines. A command without output shown may print what it likes. It ends with 0, or where the block is marked `console exit=N`, the last of the
//! block with N. Commands in comments (`<!-- $ … -->`) are run too, and not shown. `REGUID_BLESS=1 cargo test --test docs` writes what is
//! printed into the pages where it differs; look at the difference.
//!
//! A page that names `/opt/psa` is run with the panel of this machine in its place: MariaDB with the sample's panel, found where the panel has it. Its
//! comments may use `restore-panel`, which brings the panel to its state after the restore.
#![allow(clippy::unwrap_used, reason = "a helper of a test may stop the test, as the test itself may")]

#[path = "docs/book.rs"]
mod book;
#[path = "docs/examples.rs"]
mod examples;
#[path = "docs/links.rs"]
mod links;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "docs/page.rs"]
mod page;
#[path = "docs/session.rs"]
mod session;
mod support;
#[path = "docs/words.rs"]
mod words;

use std::path::{Path, PathBuf};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files with this ending in a folder of the repository, in the order of their names.
pub fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == ending)).collect();
    files.sort();
    files
}

/// The pages of the book, without those of the rules, and the project's first page.
pub fn pages() -> Vec<page::Page> {
    let docs = files("docs", "md").into_iter().filter(|path| path.file_name().unwrap() != "SUMMARY.md");
    docs.chain([root().join("README.md")]).map(|path| page::Page::read(&path)).collect()
}
