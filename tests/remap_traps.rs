//! Traps that a run over somebody else's tables walked into once. Names carry the trap's number where the list of traps has one.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use data::{Case, VarDir, dump, entry, inventory, manifest, undo};
use reguid::panel::Inventory;
use reguid::reference::manifest::OnMissing;
use reguid::remap::{Fixed, Undone};

/// Three domains change their ids, d.example is gone.
fn states() -> (Inventory, Inventory) {
    (
        inventory("old", &[(5, "a.example"), (7, "b.example"), (6, "c.example"), (9, "d.example")]),
        inventory("new", &[(7, "a.example"), (5, "b.example"), (20, "c.example")]),
    )
}

/// Fixes `table.column` of a database made by `sql` and takes it back: the run must be applied, and leave nothing behind.
fn there_and_back(sql: &str, table: &str, column: &str, on_missing: OnMissing) {
    let dir = VarDir::new();
    dir.sql("data.db", sql);
    let before = dump(&dir.connect("data.db"));
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", table, column, on_missing)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let fixed = case.fix().unwrap();
    assert!(matches!(fixed, Fixed::Applied { .. }), "{fixed:?}");
    assert_ne!(dump(&dir.connect("data.db")), before);
    let undone = undo(&dir).unwrap();
    assert!(matches!(undone, Undone::Done { .. }), "{undone:?}");
    assert_eq!(dump(&dir.connect("data.db")), before);
}

#[test]
fn t9_the_word_autoincrement_in_a_comment() {
    let sql = "CREATE TABLE t(id INTEGER PRIMARY KEY, d INT -- no AUTOINCREMENT here
    ); INSERT INTO t(d) VALUES (5), (7)";
    there_and_back(sql, "t", "d", OnMissing::Fail);
}

#[test]
fn t9_a_text_default_behind_a_virtual_column() {
    let sql = "CREATE TABLE t(g AS (d), id INTEGER PRIMARY KEY, d INTEGER DEFAULT 'x'); INSERT INTO t(d) VALUES (5), (7), (9)";
    there_and_back(sql, "t", "d", OnMissing::DeleteRow);
}

#[test]
fn t26_text_that_is_not_utf8_beside_a_key() {
    let sql = "CREATE TABLE t(d INT UNIQUE, x TEXT, CHECK (d > 0)) STRICT;
        INSERT INTO t VALUES (5, CAST(x'ff31' AS TEXT)), (7, '')";
    there_and_back(sql, "t", "d", OnMissing::Fail);
}

/// x = 20 points at nothing before; afterwards it points at the row that was 6.
#[test]
fn g4_rows_that_pointed_at_nothing_do_so_again() {
    let sql = "CREATE TABLE t(d INT UNIQUE, x INT REFERENCES t(d)); INSERT INTO t VALUES (5, 5), (6, 20)";
    there_and_back(sql, "t", "d", OnMissing::Keep);
}
