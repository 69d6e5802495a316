//! Very large tables, of which all rows are copied: that they are, and what becomes of them where temporary files have no room.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::process::{Command, Output};

use data::{Case, VarDir, dump, entry, inventory, manifest, rows, states, undo};
use model::Cell;
use reguid::panel::source::snapshot;
use reguid::reference::manifest::OnMissing;
use reguid::remap::plan::Method;
use reguid::remap::{Fixed, Undone};

/// Of so many rows the whole table is copied, with indexes that are built by sorting.
#[test]
fn very_many_rows_are_copied() {
    let dir = VarDir::new();
    dir.sql(
        "data.db",
        "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT NOT NULL, x TEXT DEFAULT 'x', UNIQUE(id, k)); CREATE INDEX i ON t(id DESC);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) INSERT INTO t SELECT i * 3, i % 8 + 1, 'row ' || i FROM n",
    );
    let before = dump(&dir.connect("data.db"));
    // One of the ids stays.
    let mapping = (1..=8i64).map(|id| (id, if id == 8 { 8 } else { id % 7 + 1 })).collect();
    let ((old, new), manifest) = (states(&mapping, &[]), manifest(vec![entry("data.db", "t", "id", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let Fixed::Applied { plan, .. } = case.fix().unwrap() else { panic!("it is applied") };
    assert_eq!((plan.tables[0].method, plan.summary.cells), (Method::Copy, 175_000));
    let found = rows(
        &dir.connect("data.db"),
        "SELECT count(*) FROM t WHERE id = CASE k / 3 % 8 + 1 WHEN 8 THEN 8 ELSE (k / 3 % 8 + 1) % 7 + 1 END AND x = 'row ' || (k / 3)",
    );
    assert_eq!(found, [[Cell::Integer(200_000)]]);
    assert_eq!(rows(&dir.connect("data.db"), "PRAGMA integrity_check"), [[Cell::Text(b"ok".to_vec())]]);
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }));
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert!(dump(&dir.connect("data.db")) == before);
}

/// A table of 26 MB, which is fixed with so many megabytes for temporary files; what was said.
fn with_room(dir: &VarDir, megabytes: u32) -> Output {
    let aside = tempfile::tempdir().unwrap();
    let at = |name: &str| aside.path().join(name).to_str().unwrap().to_owned();
    for (name, state) in [("old", [(5, "a.example"), (7, "b.example")]), ("new", [(7, "a.example"), (5, "b.example")])] {
        snapshot::write(&inventory(name, &state), camino::Utf8Path::new(&at(&format!("{name}.snapshot")))).unwrap();
    }
    std::fs::write(at("reguid.toml"), "[[reference]]\ndatabase = \"data.db\"\ntable = \"t\"\ncolumn = \"id\"\nkind = \"domain\"\n")
        .unwrap();
    std::fs::create_dir(at("tmp")).unwrap();
    let script = format!("mount -t tmpfs -o size={megabytes}m tmpfs \"$SQLITE_TMPDIR\" && exec \"$0\" \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", &script, env!("CARGO_BIN_EXE_reguid"), "fix", dir.path().as_str()]);
    command.args(["--manifest", &at("reguid.toml"), "--old", &at("old.snapshot"), "--new", &at("new.snapshot")]);
    command.env("SQLITE_TMPDIR", at("tmp")).output().unwrap()
}

/// Copying needs more room than putting rows back. Where there is not even room for that, nothing changes, and it is told where to make some.
#[test]
fn without_room_for_temporary_files_rows_are_put_back_or_nothing_changes() {
    for (megabytes, done) in [(100, true), (40, true), (6, false)] {
        let dir = VarDir::new();
        dir.sql(
            "data.db",
            "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, UNIQUE(id, k));
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250000)
             INSERT INTO t SELECT i, 5 + 2 * (i % 2), hex(zeroblob(40)) FROM n",
        );
        let files = dir.files();
        let out = with_room(&dir, megabytes);
        let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
        if done {
            assert!(out.status.success(), "{megabytes} MB: {said}");
            let right = rows(&dir.connect("data.db"), "SELECT count(*) FROM t WHERE id = 7 - 2 * (k % 2)");
            assert_eq!(right, [[Cell::Integer(250_000)]], "{megabytes} MB");
            assert_eq!(rows(&dir.connect("data.db"), "PRAGMA integrity_check"), [[Cell::Text(b"ok".to_vec())]]);
        } else {
            assert_eq!(out.status.code(), Some(2), "{said}");
            assert!(said.contains("SQLITE_TMPDIR"), "{said}");
            assert!(dir.files() == files, "a file changed");
        }
    }
}
