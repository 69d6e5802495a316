//! What a fix leaves, judged by programs that are not ours: SQLite's own shell, of the version that the distribution brings, and `sqldiff`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;
#[path = "support/shapes.rs"]
mod shapes;

use std::process::Command;

use data::{Case, VarDir, entry, inventory, manifest, undo};
use reguid::reference::manifest::OnMissing;
use reguid::remap::{Fixed, Method, RemapError, Undone};
use shapes::shapes;

/// What a program prints. It comes with the packages that `scripts/test` installs.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|e| panic!("{program}: {e}; scripts/test installs it"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn sqlite3(dir: &VarDir, sql: &str) -> String {
    run("sqlite3", &[dir.file("data.db").as_str(), sql])
}

/// 5 and 7 change places, 6 becomes 20, 8 stays.
const MAPPING: [(i64, i64); 4] = [(1005, 1007), (1007, 1005), (1006, 1020), (1008, 1008)];

/// A fixed database is the one that would have been made with the new ids; and taken back, the one that it was.
#[test]
fn sqldiff_and_the_shells_dump_see_the_rows_that_were_to_be_and_no_other() {
    let names: Vec<String> = MAPPING.iter().map(|(old, _)| format!("d{old}.example")).collect();
    let state = |source: &str, id: fn(&(i64, i64)) -> i64| {
        inventory(source, &MAPPING.iter().map(id).zip(names.iter().map(String::as_str)).collect::<Vec<_>>())
    };
    let (old, new) = (state("old", |m| m.0), state("new", |m| m.1));
    for shape in shapes(true) {
        // Made by the shell, with the ids of before and of after, row by row in the same order.
        let make = |id: fn(&(i64, i64)) -> i64| {
            let dir = VarDir::new();
            let mut sql = shape.schema.replace("{t}", "t") + ";";
            for ids in &MAPPING {
                let text = shape.row.replace("{t}", "t").replace("{id}", &id(ids).to_string());
                // What stands beside the ids, in quotes, is of before.
                let text = text
                    .replace(&format!("k{}'", id(ids)), &format!("k{}'", ids.0))
                    .replace(&format!("n{}'", id(ids)), &format!("n{}'", ids.0));
                sql += &text;
                sql.push(';');
            }
            sqlite3(&dir, &format!("PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = OFF; {sql}"));
            dir
        };
        // Where an id stands beside itself, as data, "after" cannot be written down so simply.
        if shape.row.replace("{id}'", "").matches("{id}").count() > shape.children.len() + 2 {
            continue;
        }
        let (dir, wanted) = (make(|m| m.0), make(|m| m.1));
        let (before, dumped) = (make(|m| m.0), sqlite3(&dir, ".dump"));
        let manifest = manifest(vec![entry("data.db", "t", shape.id, OnMissing::Fail)]);
        for method in [None, Some(Method::Walk), Some(Method::Reinsert), Some(Method::Copy)] {
            let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
            assert!(matches!(case.fix_by(method).unwrap(), Fixed::Applied { .. }), "{}", shape.name);
            assert_eq!(sqlite3(&dir, "PRAGMA integrity_check; PRAGMA foreign_key_check"), "ok\n", "{}", shape.name);
            let of = |dir: &VarDir| dir.file("data.db").to_string();
            if !shape.row.contains("k{id}")
                && !shape.row.contains(", {id})")
                && shape.stored == usize::MAX
                && !shape.schema.contains("AUTOINCREMENT")
            {
                assert_eq!(run("sqldiff", &[&of(&wanted), &of(&dir)]), "", "{} {method:?}", shape.name);
            }
            // What is no part of an id is where it was: as many statements, the same but for ids.
            assert_eq!(sqlite3(&dir, ".dump").lines().count(), dumped.lines().count(), "{}", shape.name);
            assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
            assert_eq!(run("sqldiff", &[&of(&before), &of(&dir)]), "", "{} {method:?}", shape.name);
            assert_eq!(sqlite3(&dir, ".dump"), dumped, "{} {method:?}", shape.name);
        }
    }
}

/// Numbers of every size.
fn floats() -> Vec<String> {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let mut all: Vec<String> =
        ["0.1", "1e300", "9007199254740993.0", "1e-300", "123456789012345678.0", "0.30000000000000004"].map(str::to_owned).to_vec();
    while all.len() < 400 {
        let value = f64::from_bits(next());
        if value.is_finite() {
            all.push(format!("{value:e}"));
        }
        all.push(format!("{:?}", (next() % 1_000_000) as f64 / 1000.0));
    }
    all
}

/// Versions of SQLite compute some expressions differently. Such an index is not written: refused by name, or left alone.
#[test]
fn an_index_that_another_version_of_sqlite_made_is_not_damaged() {
    let old = inventory("old", &[(5, "a.example"), (7, "b.example")]);
    let new = inventory("new", &[(7, "a.example"), (5, "b.example")]);
    let blobs = ["x'ff'", "x'00'", "x'610062'", "x'c3'", "x'eda080'", "x'35'", "x''"].map(str::to_owned).to_vec();
    let expressions = ["x || ''", "printf('%!.15g', x)", "round(x, 2)", "x * 1.1", "hex(x)", "CAST(x AS INTEGER)", "typeof(x)", "d || x"];
    let mut refused = 0;
    for (expression, values) in expressions.iter().flat_map(|e| [(e, floats()), (e, blobs.clone())]) {
        for (encoding, key) in [("UTF-8", ", UNIQUE(d, n)"), ("UTF-16le", ""), ("UTF-16be", ", UNIQUE(d, n)")] {
            let dir = VarDir::new();
            let rows: String =
                values.iter().enumerate().map(|(n, v)| format!("INSERT INTO t VALUES ({}, {n}, {v});", [5, 7][n % 2])).collect();
            let schema = format!("CREATE TABLE t(d INT, n, x{key}); CREATE INDEX i ON t({expression})");
            sqlite3(&dir, &format!("PRAGMA encoding = '{encoding}'; {schema}; BEGIN; {rows} COMMIT"));
            let told = format!("{expression} {encoding} {key}");
            let files = dir.files();
            let agree = data::rows(&dir.connect("data.db"), "PRAGMA integrity_check").len() == 1;
            let manifest = manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]);
            let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
            match case.fix() {
                Ok(Fixed::Applied { .. }) => {
                    // A column that is in no key is changed without the index being written.
                    assert!(agree || key.is_empty() && *expression != "d || x", "{told}");
                    assert_eq!(sqlite3(&dir, "PRAGMA integrity_check"), "ok\n", "{told}");
                    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }), "{told}");
                }
                Err(RemapError::NotHandled { list }) => {
                    assert!(!agree && list.contains("the index i does not hold what SQLite"), "{told}: {list}");
                    assert_eq!(dir.files(), files, "{told}");
                    assert_eq!(case.plan().unwrap().not_handled.len(), 1, "the plan names it too");
                    refused += 1;
                }
                other => panic!("{told}: {other:?}"),
            }
            assert_eq!(sqlite3(&dir, "PRAGMA integrity_check"), "ok\n", "{told}");
        }
    }
    println!("{refused} indexes refused");
    // That of Debian 12 writes numbers with a fraction otherwise than the one that we are built with.
    assert!(refused > 0 || !run("sqlite3", &["--version"]).starts_with("3.40"));
}
