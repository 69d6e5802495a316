//! Databases of which a part works only in the extension's own program, or no more.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::fs::File;
use std::process::Command;

use data::{Case, VarDir, dump, entry, inventory, manifest, undo};
use reguid::panel::Inventory;
use reguid::reference::manifest::OnMissing;
use reguid::remap::{Fixed, Method, RemapError, Undone, resolve};
use reguid::sqlite::FunctionFlags;

/// Two domains change their ids.
fn states() -> (Inventory, Inventory) {
    (inventory("old", &[(5, "a.example"), (7, "b.example")]), inventory("new", &[(7, "a.example"), (5, "b.example"), (9, "c.example")]))
}

/// Runs statements of a program that has a collation and a function `own`, which this one lacks. A `COLLATE own` is one of SQLite's own until it is written.
fn with_own(dir: &VarDir, sql: &str) {
    let connection = dir.connect("data.db");
    connection.create_scalar_function("own", 1, FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_UTF8, |_| Ok(1)).unwrap();
    connection.execute_batch(&sql.replace("COLLATE own", "COLLATE nocase")).unwrap();
    if sql.contains("COLLATE own") {
        connection
            .execute_batch(
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'COLLATE nocase', 'COLLATE own'); PRAGMA writable_schema = RESET",
            )
            .unwrap();
    }
}

#[test]
fn t23_views_that_do_not_work_any_more_hinder_nothing() {
    let broken = [
        "CREATE TABLE o(x); CREATE VIEW v AS SELECT x FROM o; DROP TABLE o",
        "CREATE TABLE o(x); CREATE VIEW v AS SELECT x FROM o; DROP TABLE o; CREATE TABLE o(y)",
        "CREATE VIEW v AS SELECT * FROM w; CREATE VIEW w AS SELECT * FROM v",
        "CREATE VIEW v AS SELECT own(d) FROM t",
    ];
    for view in broken {
        // Before the run, and between it and its undo.
        for late in [false, true] {
            let dir = VarDir::new();
            with_own(&dir, "CREATE TABLE t(d INT); INSERT INTO t VALUES (5), (7)");
            if !late {
                with_own(&dir, view);
            }
            let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
            let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
            assert!(case.plan().unwrap().not_handled.is_empty(), "{view}");
            assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }), "{view}");
            if late {
                with_own(&dir, view);
            }
            resolve::verify(dir.path(), &manifest, &new).unwrap();
            assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }), "{view}");
            let found: i64 = dir
                .connect("data.db")
                .query_row("SELECT group_concat(d, '') FROM t", [], |r| r.get::<_, String>(0))
                .unwrap()
                .parse()
                .unwrap();
            assert_eq!(found, 57, "{view}");
        }
    }
}

/// SQLite's check ends after a hundred lines: what it would have said of an index is not known then.
#[test]
fn t09_an_index_that_the_check_does_not_come_to_is_refused_by_name() {
    for (nulls, handled) in [(20, true), (120, false)] {
        let dir = VarDir::new();
        let rows =
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {nulls}) INSERT INTO t(x) SELECT i FROM n");
        dir.sql(
            "data.db",
            &format!(
                "CREATE TABLE t(d INT UNIQUE, x TEXT, o INT); CREATE INDEX i ON t(x || '!'); {rows}; INSERT INTO t VALUES (5, 'a', 1), (7, 'b', 1);
                 PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'o INT', 'o INT NOT NULL') WHERE name = 't'; PRAGMA writable_schema = RESET"
            ),
        );
        let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::DeleteRow)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        match case.fix() {
            Ok(Fixed::Applied { .. }) if handled => {}
            Err(RemapError::NotHandled { list }) if !handled => {
                assert!(list.contains("whether the index i holds its rows is not known"), "{list}")
            }
            other => panic!("{nulls}: {other:?}"),
        }
    }
}

#[test]
fn t12_what_only_the_extensions_program_has_is_refused_by_name() {
    for (table, lacks) in [
        ("CREATE TABLE t(d INT, x TEXT); CREATE INDEX i ON t(x COLLATE own)", "no such collation sequence: own"),
        ("CREATE TABLE t(d INT COLLATE own UNIQUE, x TEXT)", "no such collation sequence: own"),
        ("CREATE TABLE t(d INT, x TEXT, UNIQUE (d, x COLLATE own))", "no such collation sequence: own"),
        ("CREATE TABLE t(d INT, x TEXT); CREATE INDEX i ON t(own(x))", "own()"),
        ("CREATE TABLE t(d INT, x TEXT); CREATE INDEX i ON t(d) WHERE own(x) > 0", "own()"),
        ("CREATE TABLE t(d INT, x TEXT, CHECK (own(d) > 0))", "function: own"),
        ("CREATE TABLE t(d INT, x TEXT, g AS (own(d)))", "own()"),
    ] {
        let dir = VarDir::new();
        with_own(&dir, &format!("{table}; INSERT INTO t(d, x) VALUES (5, 'a'), (7, 'b')"));
        let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let files = dir.files();
        let plan = case.plan().unwrap();
        assert!(plan.not_handled.iter().any(|r| r.reason.contains(lacks)), "{table}: {:?}", plan.not_handled);
        let refused = case.fix();
        assert!(matches!(&refused, Err(RemapError::NotHandled { list }) if list.contains(lacks)), "{table}: {refused:?}");
        assert_eq!(dir.files(), files, "{table}");
        // Where nothing of it changes, nothing is asked.
        let same = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &old };
        assert!(matches!(same.fix().unwrap(), Fixed::Nothing { .. }), "{table}");
    }
}

#[test]
fn t09_odd_rows_in_the_table_of_sequences() {
    for more in ["('a', 3), ('A', 99)", "('a', 3)", "('A', 99)", "(NULL, 1)", "('b', 1); UPDATE sqlite_sequence SET seq = NULL"] {
        let dir = VarDir::new();
        dir.sql(
            "data.db",
            &format!("CREATE TABLE a(d INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO a VALUES (5), (7); INSERT INTO sqlite_sequence VALUES {more}"),
        );
        let sequence = "SELECT name || seq FROM sqlite_sequence ORDER BY rowid";
        let before = (dump(&dir.connect("data.db")), data::rows(&dir.connect("data.db"), sequence));
        let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "a", "d", OnMissing::Fail)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
        undo(&dir).unwrap();
        assert_eq!((dump(&dir.connect("data.db")), data::rows(&dir.connect("data.db"), sequence)), before, "{more}");
    }
}

/// The lock is the system's, and goes with the process that holds it.
#[test]
fn t18_a_killed_process_leaves_no_lock() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT); INSERT INTO t VALUES (5), (7)");
    let mut holder = Command::new("flock").args(["--no-fork", dir.path().as_str(), "sleep", "60"]).spawn().unwrap();
    let is_held = || File::open(dir.path()).unwrap().try_lock().is_err();
    while !is_held() {
        assert!(holder.try_wait().unwrap().is_none(), "it could not lock");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert!(matches!(case.fix(), Err(RemapError::Open(_))), "it is held");
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
}

/// Fixes `t.d` of a database made by `sql` by each method: it must be refused with these words, and change nothing.
fn refused(sql: &str, on_missing: OnMissing, words: &[&str]) {
    for method in [None, Some(Method::Update), Some(Method::Walk), Some(Method::Reinsert), Some(Method::Copy)] {
        let dir = VarDir::new();
        dir.sql("data.db", sql);
        let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", on_missing)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let files = dir.files();
        let planned: Vec<String> = case.plan().unwrap().not_handled.into_iter().map(|r| r.reason).collect();
        assert!(planned.len() == 1 && words.iter().all(|w| planned[0].contains(w)), "{sql}: {planned:?}");
        let error = case.fix_by(method).unwrap_err().to_string();
        assert!(words.iter().all(|w| error.contains(w)), "{sql}: {error}");
        assert!(dir.files() == files, "{sql}");
    }
}

/// Fixes `t.d` of a database made by `sql` by each method and takes it back.
fn there_and_back(sql: &str, on_missing: OnMissing) {
    there_and_back_by(&[None, Some(Method::Update), Some(Method::Walk), Some(Method::Reinsert), Some(Method::Copy)], sql, on_missing);
}

fn there_and_back_by(methods: &[Option<Method>], sql: &str, on_missing: OnMissing) {
    for &method in methods {
        let dir = VarDir::new();
        dir.sql("data.db", sql);
        let before = dump(&dir.connect("data.db"));
        let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", on_missing)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let fixed = case.fix_by(method).unwrap_or_else(|e| panic!("{sql}, {method:?}: {e}"));
        assert!(matches!(fixed, Fixed::Applied { .. }), "{sql}, {method:?}: {fixed:?}");
        let undone = undo(&dir).unwrap_or_else(|e| panic!("{sql}, {method:?}: {e}"));
        assert!(matches!(undone, Undone::Done { .. }), "{sql}, {method:?}: {undone:?}");
        assert!(dump(&dir.connect("data.db")) == before, "{sql}, {method:?}");
    }
}

/// Rows that were made before a column was added hold what each version of SQLite reads as its DEFAULT, and whoever writes them writes that out.
#[test]
fn t08_rows_that_lack_a_column_whose_default_is_not_read_alike_are_refused_by_name() {
    let rows = "INSERT INTO t(k, d) VALUES (1, 9), (2, 5), (3, 7)";
    for (tables, row) in [
        ("CREATE TABLE t(k INTEGER PRIMARY KEY, g AS (d + 1), d INT, s AS (d + 2) STORED)", "the row k 2"),
        ("CREATE TABLE t(k INTEGER PRIMARY KEY, d INT)", "the row k 2"),
        ("CREATE TABLE t(k INT PRIMARY KEY, d INT) WITHOUT ROWID", "rows of t"),
    ] {
        for column in [
            "c VARCHAR(5) DEFAULT TRUE",
            "c DEFAULT 1.0",
            "c BLOB DEFAULT (-1.0)",
            "c DEFAULT 1e3",
            "c REAL DEFAULT 0.98574572586336295376",
        ] {
            for encoding in ["UTF-8", "UTF-16le"] {
                let sql = format!(
                    "PRAGMA encoding = '{encoding}'; {tables}; {rows}; ALTER TABLE t ADD COLUMN {column}; ALTER TABLE t ADD COLUMN z DEFAULT 5"
                );
                refused(&sql, OnMissing::Keep, &["of the column c alike", row, "UPDATE t SET c = c"]);
                // The program writes them.
                there_and_back(&format!("{sql}; UPDATE t SET c = c"), OnMissing::Keep);
            }
        }
    }
    // What is read alike, and rows that stay.
    let table = format!("CREATE TABLE t(k INTEGER PRIMARY KEY, d INT); {rows}");
    there_and_back(
        &format!("{table}; ALTER TABLE t ADD COLUMN c NUMERIC DEFAULT 1.0; ALTER TABLE t ADD COLUMN e TEXT DEFAULT 'TRUE'"),
        OnMissing::Keep,
    );
    there_and_back(&format!("{table}; ALTER TABLE t ADD COLUMN c DEFAULT 1.0; UPDATE t SET c = c WHERE k > 1"), OnMissing::Keep);
    // All rows of a copy are written.
    let unique = "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT UNIQUE); INSERT INTO t VALUES (1, 9), (2, 5), (3, 7); ALTER TABLE t ADD COLUMN c DEFAULT 1.0";
    there_and_back(&format!("{unique}; UPDATE t SET c = c"), OnMissing::Keep);
    let dir = VarDir::new();
    dir.sql("data.db", &format!("{unique}; UPDATE t SET c = c WHERE k > 1"));
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Keep)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let error = case.fix_by(Some(Method::Copy)).unwrap_err().to_string();
    assert!(error.contains("the row k 1 was made before the column was added"), "{error}");
    assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
}

/// What SQLite makes another value of whenever it writes the row, or does not take again, could not be put back: neither by the run, nor by its undo.
#[test]
fn t08_values_that_their_column_does_not_take_as_they_are_are_refused_by_name() {
    let declare = |from: &str, to: &str| {
        format!(
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}'); PRAGMA writable_schema = RESET"
        )
    };
    let table = |x: &str, key: &str| {
        format!("CREATE TABLE t(k INTEGER PRIMARY KEY, d INT {key}, x {x}); INSERT INTO t VALUES (1, 3, ''), (2, 5, ''), (3, 9, '')")
    };
    for key in ["", "UNIQUE"] {
        for (was, is, value, shown) in [
            ("BLOB", "INT", "'5'", "holds '5' in the column x"),
            ("BLOB", "INT", "CAST(x'3500' AS TEXT)", "holds '5\\0' in the column x"),
            ("BLOB", "REAL", "' 1e3 '", "holds ' 1e3 ' in the column x"),
            ("BLOB", "NUMERIC", "5.0", "holds 5.0 in the column x"),
            ("BLOB", "TEXT", "5", "holds 5 in the column x"),
        ] {
            let made = |k: u8| format!("{}; UPDATE t SET x = {value} WHERE k = {k}; {}", table(was, key), declare(was, is));
            refused(&made(2), OnMissing::Keep, &["the row k 2", shown, "whose type is"]);
            refused(&made(3), OnMissing::DeleteRow, &["the row k 3", shown, "whose type is"]);
            // In a row that stays it is nobody's concern.
            there_and_back(&made(3), OnMissing::Keep);
        }
        let blobs =
            format!("CREATE TABLE t(k INTEGER PRIMARY KEY, d INT {key}, x BLOB) STRICT; INSERT INTO t VALUES (1, 3, NULL), (2, 5, x'61')");
        let strict = format!("{blobs}; {}", declare("BLOB", "TEXT"));
        refused(&strict, OnMissing::Keep, &["the row k 2 holds x'61' in the column x", "STRICT"]);
        let null = |k: u8| {
            format!("{}; UPDATE t SET x = NULL WHERE k = {k}; {}", table("VARCHAR", key), declare("x VARCHAR", "x VARCHAR NOT NULL"))
        };
        refused(&null(3), OnMissing::DeleteRow, &["the row k 3 holds NULL in the column x", "NOT NULL"]);
        there_and_back(&null(3), OnMissing::Keep);
        match key {
            // What is in no key is updated, and not put in anew.
            "" => there_and_back_by(&[None], &null(2), OnMissing::Keep),
            _ => refused(&null(2), OnMissing::Keep, &["the row k 2 holds NULL in the column x", "NOT NULL"]),
        }
    }
    // Times and other texts that only begin as numbers do stay what they are, and so does what is a number already.
    let values = "(1, 5, '2026-01-02 03:04:05'), (2, 7, 1e300), (3, 6, '1.2.3'), (4, 8, x'35')";
    there_and_back(
        &format!("CREATE TABLE t(k INTEGER PRIMARY KEY, d INT UNIQUE, x DATETIME); INSERT INTO t VALUES {values}"),
        OnMissing::Keep,
    );
}

/// An index that does not agree with its table knows other rows than the plan does: the table itself is journalled.
#[test]
fn t21_rows_are_journalled_from_the_table_itself() {
    let table = "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT, x TEXT); INSERT INTO t(k, d) VALUES (1, 5), (2, 5), (3, 7), (4, 7), (5, 5)";
    let hidden = "PRAGMA writable_schema = ON; CREATE TEMP TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 'i';
         DELETE FROM sqlite_schema WHERE name = 'i'; PRAGMA writable_schema = RESET";
    let shown = "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM hidden; PRAGMA writable_schema = RESET";
    for index in ["CREATE UNIQUE INDEX i ON t(d, k)", "CREATE UNIQUE INDEX i ON t(d DESC, k)"] {
        for behind in [
            "DELETE FROM t WHERE k = 2",
            "INSERT INTO t(k, d) VALUES (40, 5)",
            "DELETE FROM t WHERE k = 2; INSERT INTO t(k, d) VALUES (40, 5)",
        ] {
            let sql = format!("{table}; {index}; {hidden}; {behind}; {shown}");
            there_and_back_by(&[None, Some(Method::Reinsert)], &sql, OnMissing::Fail);
        }
    }
}

/// Rows are addressed as their key tells them apart.
#[test]
fn t12_a_key_that_is_finer_than_its_column_addresses_one_row() {
    for key in ["k COLLATE BINARY", "n, k COLLATE BINARY", "k COLLATE NOCASE, k COLLATE BINARY", "k COLLATE BINARY DESC, d"] {
        let others: Vec<String> = ('b'..='u').map(|c| format!("('{c}', 1, 3)")).collect();
        let sql = format!(
            "CREATE TABLE t(k TEXT COLLATE NOCASE, n INT, d INT, PRIMARY KEY({key})) WITHOUT ROWID; INSERT INTO t VALUES ('a', 1, 5), ('A', 1, 3), ('ab', 1, 9), ('AB', 1, 3), {}",
            others.join(", ")
        );
        for on_missing in [OnMissing::Keep, OnMissing::DeleteRow] {
            // What is listed as gone, and what is unknown, and stays.
            there_and_back(&sql.replace(", 3)", ", 0)"), on_missing);
        }
    }
}

/// A run declares nothing: what rows that come later get is told.
#[test]
fn t05_a_default_that_is_an_id_is_told() {
    for (default, told) in [
        ("5", "was domain 5 (a.example), which has the id 7 now"),
        ("'7'", "and would be domain 7 (a.example)"),
        ("9", ""),
        ("0", ""),
        ("NULL", ""),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", &format!("CREATE TABLE t(k INTEGER PRIMARY KEY, d INT DEFAULT {default}); INSERT INTO t VALUES (1, 5), (2, 7)"));
        let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Fail)]));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let Fixed::Applied { plan, .. } = case.fix().unwrap() else { panic!("a note stops nothing") };
        let notes: Vec<&String> = plan.notes.iter().filter(|n| n.contains("DEFAULT")).collect();
        assert_eq!(notes.len(), usize::from(!told.is_empty()), "{notes:?}");
        assert!(notes.iter().all(|n| n.starts_with("data.db: sqlite:t.d: ") && n.contains(told)), "{notes:?}");
        let verified = resolve::verify(dir.path(), &manifest, &new).unwrap();
        assert!(verified.is_right() && verified.notes.is_empty(), "{verified:?}");
        let later = inventory("later", &[(7, "a.example"), (5, "b.example")]);
        let notes = resolve::verify(dir.path(), &manifest, &later).unwrap().notes;
        assert_eq!(notes.iter().filter(|n| n.contains("there is no domain 9")).count(), usize::from(default == "9"), "{notes:?}");
    }
}

/// What an index lacks, it can be given anew: no backup is needed.
#[test]
fn an_index_that_does_not_agree_is_told_as_one_to_be_made_anew() {
    let dir = VarDir::new();
    dir.sql(
        "data.db",
        "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT); CREATE INDEX i ON t(d); INSERT INTO t VALUES (1, 9), (2, 7);
         PRAGMA writable_schema = ON; CREATE TEMP TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 'i';
         DELETE FROM sqlite_schema WHERE name = 'i'; PRAGMA writable_schema = RESET; INSERT INTO t VALUES (3, 5);
         PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM hidden; PRAGMA writable_schema = RESET",
    );
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Keep)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let files = dir.files();
    let error = case.fix().unwrap_err();
    let help = miette::Diagnostic::help(&error).unwrap().to_string();
    assert!(help.contains("REINDEX"), "{error}: {help}");
    assert!(dir.files() == files);
    dir.sql("data.db", "REINDEX");
    assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }));
}

/// Rows that agree where none may are told by their own table's name.
#[test]
fn t12_a_copy_tells_of_the_table_and_not_of_its_copy() {
    let dir = VarDir::new();
    dir.sql(
        "data.db",
        "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT UNIQUE, x INT); CREATE UNIQUE INDEX i ON t(x); INSERT INTO t VALUES (1, 5, 1);
         PRAGMA writable_schema = ON; CREATE TEMP TABLE hidden AS SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 'i';
         DELETE FROM sqlite_schema WHERE name = 'i'; PRAGMA writable_schema = RESET; INSERT INTO t VALUES (2, 7, 1);
         PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM hidden; PRAGMA writable_schema = RESET",
    );
    let ((old, new), manifest) = (states(), manifest(vec![entry("data.db", "t", "d", OnMissing::Keep)]));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    for method in [Method::Copy, Method::Reinsert] {
        let error = case.fix_by(Some(method)).unwrap_err().to_string();
        assert!(error.contains("UNIQUE constraint failed: t.x"), "{error}");
    }
}
