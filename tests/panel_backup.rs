//! Backups of the panel: every element, every form in which a backup lies around, and what is no backup.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod support;

#[path = "panel_backup/commands.rs"]
mod commands;
#[path = "panel_backup/elements.rs"]
mod elements;
#[path = "panel_backup/forms.rs"]
mod forms;
#[path = "panel_backup/increments.rs"]
mod increments;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "panel_backup/memory.rs"]
mod memory;
#[path = "panel_backup/model.rs"]
mod model;
#[path = "panel_backup/same.rs"]
mod same;
#[path = "panel_backup/wrong.rs"]
mod wrong;

use std::path::{Path, PathBuf};

use reguid::panel::source::{self, SourceError};
use reguid::panel::{Inventory, Kind};
use tempfile::TempDir;

fn kind(word: &str) -> Kind {
    word.parse().unwrap()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/panel_backup").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}

fn try_read(path: &Path) -> Result<Inventory, SourceError> {
    source::read(path.to_str().unwrap())
}

#[track_caller]
fn read(path: &Path) -> Inventory {
    try_read(path).unwrap_or_else(|e| panic!("{e}"))
}

/// The error's text and its help.
#[track_caller]
fn refused(path: &Path) -> String {
    let error = try_read(path).map(|i| panic!("it was read: {:?}", i.objects())).unwrap_err();
    let help = miette::Diagnostic::help(&error).expect("every error tells the next step").to_string();
    let text = error.to_string();
    assert!(text.starts_with(path.to_str().unwrap()), "it names the file: {text}");
    format!("{text}\n{help}")
}

/// A temporary folder.
struct Folder(TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
}

/// Objects as lines: `domain 7 bob.example in client 4 [2020-02-20 0 0]`.
fn lines(inventory: &Inventory) -> Vec<String> {
    let line = |o: &reguid::panel::Object| {
        let guid = if o.guid.is_some() { "" } else { ", no GUID" };
        let parent = o.parent.map(|(kind, id)| format!(" in {kind} {id}")).unwrap_or_default();
        let witness = o.witness.iter().map(|w| &**w).collect::<Vec<_>>().join("|");
        format!("{} {} {}{parent} [{witness}]{guid}", o.kind, o.id, o.name)
    };
    inventory.objects().iter().map(line).collect()
}
