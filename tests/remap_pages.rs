//! Tables are read from their files past SQLite where that can be: what comes of it must be what SQLite alone would have come to, for tables of any make and for
//! damaged files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where something unexpected happens"
)]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;
use std::os::unix::fs::FileExt;

use camino::Utf8Path;
use data::{Case, VarDir, entry, long, manifest, rows, states};
use model::{Cell, Expected, Policy, sorted};
use reguid::reference::manifest::OnMissing;
use reguid::remap::Fixed;
use reguid::sqlite::Connection;

/// Five ids, permuted.
fn mapping() -> BTreeMap<i64, i64> {
    BTreeMap::from([(1, 2), (2, 3), (3, 1), (4, 5), (5, 4)])
}

/// A plan reads a file that others may have open through SQLite, a fix reads the file that it has locked itself. Both must come to the same plan: an administrator
/// reviews the one and gives its hash to the other.
#[test]
fn a_plan_is_that_of_the_fix_whatever_the_table() {
    let filled = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) INSERT INTO t(a, b, x)
        SELECT i % 5 + 1, i * 7919 % 1009, CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN hex(zeroblob(i)) ELSE 'text ' || i END FROM n";
    for (table, after) in [
        ("CREATE TABLE t(a INT, b INT, x, PRIMARY KEY(b DESC)) WITHOUT ROWID", ""),
        ("CREATE TABLE t(a INT, b INT, x, PRIMARY KEY(a, b DESC)) WITHOUT ROWID", ""),
        ("CREATE TABLE t(a INT, b INT, x, PRIMARY KEY(b DESC, a DESC)) WITHOUT ROWID", ""),
        ("CREATE TABLE t(a INT, b INT, x, PRIMARY KEY(b DESC), UNIQUE(b, a, x)) WITHOUT ROWID", ""),
        ("CREATE TABLE t(a INT, b TEXT, x, PRIMARY KEY(b)) WITHOUT ROWID", ""),
        ("CREATE TABLE t(a INT, b TEXT COLLATE NOCASE, x, PRIMARY KEY(b COLLATE BINARY)) WITHOUT ROWID", ""),
        ("CREATE TABLE t(a INT, b TEXT, x, PRIMARY KEY(b, a, b COLLATE NOCASE)) WITHOUT ROWID", "ALTER TABLE t ADD COLUMN y DEFAULT 7"),
        ("CREATE TABLE t(x, b REAL PRIMARY KEY, a INT) WITHOUT ROWID", ""),
        ("CREATE TABLE t(a INT, b INT, x)", "ALTER TABLE t ADD COLUMN y REAL DEFAULT 7"),
        ("CREATE TABLE t(a INT, b INT, x)", "ALTER TABLE t ADD COLUMN y REAL DEFAULT 7; UPDATE t SET x = 1 WHERE b < 500"),
        ("CREATE TABLE t(b INTEGER PRIMARY KEY DESC, a INT, x)", ""),
        ("CREATE TABLE t(b INTEGER, a INT, x, PRIMARY KEY(b DESC))", ""),
        ("CREATE TABLE t(rowid INT, a INT, b REAL, oid, x)", "CREATE INDEX i ON t(b, rowid)"),
        ("CREATE TABLE t(a INT, b INT, x, y AS (a + b))", "CREATE INDEX i ON t(y)"),
        (
            "CREATE TABLE t(a INT, b INT, x)",
            "CREATE INDEX i ON t(a, x); CREATE INDEX j ON t(x) WHERE a > 2; DELETE FROM t WHERE b % 3 = 0; VACUUM",
        ),
        (
            "PRAGMA page_size = 512; PRAGMA auto_vacuum = 2; CREATE TABLE t(a INT, b INT, x)",
            "CREATE INDEX i ON t(x, a); DELETE FROM t WHERE b % 3 = 0",
        ),
        ("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(a INT, b INT, x)", ""),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", &format!("{table}; {filled}; {after}"));
        let ((old, new), manifest) = (states(&mapping(), &[]), manifest(vec![entry("data.db", "t", "a", OnMissing::Fail)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let read = || rows(&dir.connect("data.db"), "SELECT a, b, x FROM t");
        let Expected::Rows(expected) = model::fix(&read(), &[(0, Policy::Fail)], &mapping()) else { panic!("all ids are known") };
        let plan = case.plan().unwrap();
        let Fixed::Applied { plan: applied, .. } = reguid::remap::fix(&case.request(), Some(&plan.hash)).expect(table) else {
            panic!("{table}: there is much to do")
        };
        assert_eq!(applied.hash, plan.hash, "{table}");
        assert_eq!(sorted(read()), sorted(expected), "{table}");
        assert_eq!(rows(&dir.connect("data.db"), "PRAGMA integrity_check"), [[Cell::Text(b"ok".to_vec())]], "{table}");
    }
}

/// What SQLite reads of `t`, and whether it finds the file sound. `None`: it cannot read the rows.
fn told(path: &Utf8Path) -> Option<(Vec<Vec<Cell>>, bool)> {
    let connection = Connection::open(path).ok()?;
    let mut query = connection.prepare("SELECT a, k, x FROM t NOT INDEXED").ok()?;
    let mut all = Vec::new();
    let mut found = query.query([]).ok()?;
    while let Some(row) = found.next().ok()? {
        let cell = |i| match row.get_ref(i).unwrap() {
            reguid::sqlite::ValueRef::Null => Cell::Null,
            reguid::sqlite::ValueRef::Integer(i) => Cell::Integer(i),
            reguid::sqlite::ValueRef::Real(r) => Cell::Real(r),
            reguid::sqlite::ValueRef::Text(t) => Cell::Text(t.to_vec()),
            reguid::sqlite::ValueRef::Blob(b) => Cell::Blob(b.to_vec()),
        };
        all.push((0..3).map(cell).collect());
    }
    let sound = connection.query_row("PRAGMA integrity_check", [], |r| r.get::<_, String>(0)).is_ok_and(|said| said == "ok");
    Some((all, sound))
}

/// A damaged database is fixed rightly, or left as it is: never half, never wrongly, and without a panic.
#[test]
fn a_damaged_file_is_fixed_rightly_or_not_at_all() {
    let rounds = if long() { 5_000 } else { 150 };
    let (mut applied, mut refused) = (0, 0);
    for table in [
        "CREATE TABLE t(k INTEGER PRIMARY KEY, a INT, x); CREATE INDEX i ON t(a, x)",
        "CREATE TABLE t(k INT, a INT, x, PRIMARY KEY(a, k)) WITHOUT ROWID",
        "PRAGMA auto_vacuum = 1; CREATE TABLE t(k INT, a INT UNIQUE, x)",
    ] {
        let unique = table.contains("UNIQUE");
        let ids: i64 = if unique { 60 } else { 5 };
        let mapping: BTreeMap<i64, i64> = (1..=ids).map(|id| (id, id % ids + 1)).collect();
        let original = VarDir::new();
        original.sql(
            "data.db",
            &format!(
                "PRAGMA page_size = 512; {table}; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 60)
                 INSERT INTO t(k, a, x) SELECT i, i % {ids} + 1, CASE WHEN i % 9 = 0 THEN zeroblob(700) ELSE 'text ' || i END FROM n WHERE i <= 60"
            ),
        );
        let good = std::fs::read(original.file("data.db")).unwrap();
        let manifest = manifest(vec![entry("data.db", "t", "a", OnMissing::Fail)]);
        let (old, new) = states(&mapping, &[]);
        let mut state = table.len() as u64;
        let mut any = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        for round in 0..rounds {
            let dir = VarDir::new();
            let mut bytes = good.clone();
            for _ in 0..=any(2) {
                let within = if any(2) == 0 { any(40) } else { any(512) };
                bytes[(512 + any(good.len() - 512)) / 512 * 512 + within] = any(256) as u8;
            }
            std::fs::write(dir.file("data.db"), &bytes).unwrap();
            let before = told(&dir.file("data.db"));
            let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
            match case.fix() {
                Ok(Fixed::Applied { .. }) => {
                    let (before, _) = before.expect("what SQLite cannot read is not written");
                    let Expected::Rows(expected) = model::fix(&before, &[(0, Policy::Fail)], &mapping) else {
                        panic!("{table}: round {round}: it should have stopped")
                    };
                    let (after, _) = told(&dir.file("data.db")).expect("what was fixed can be read");
                    assert_eq!(sorted(after), sorted(expected), "{table}: round {round}");
                    applied += 1;
                }
                // What SQLite itself rolls back is as it was: but for the counters in its header, perhaps.
                Ok(_) | Err(_) => {
                    let mut file = vec![0; bytes.len()];
                    std::fs::File::open(dir.file("data.db")).unwrap().read_exact_at(&mut file, 0).unwrap();
                    assert!(file[100..] == bytes[100..], "{table}: round {round}: a refused file changed");
                    refused += 1;
                }
            }
        }
    }
    println!("{} damaged databases: {applied} fixed rightly, {refused} refused", applied + refused);
    assert!(applied > rounds / 4 && refused > rounds / 4, "{applied} fixed, {refused} refused");
}
