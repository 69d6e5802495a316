//! Tables whose indexes do not hold their rows, or hold what another version of SQLite computed: refused by name, and read as they are.

use reguid::remap::convert::{self, Converted, Form, Language, Request};
use reguid::remap::{RemapError, Undone};

use crate::emit::{emitted, php, sqlite3};
use crate::model::Cell;
use crate::refused::refused;
use crate::{VarDir, done, dump, health, named, panel, reference, request, rows, text, undo};

/// Statements that are run while there is no index `i`, so that it does not notice them.
fn unnoticed(statements: &str) -> String {
    format!(
        "CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'i'; PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'i';
         PRAGMA writable_schema = RESET; {statements}; PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM temp.kept; PRAGMA writable_schema = RESET"
    )
}

/// Lets what is declared compute something else, as another version of SQLite does.
fn computed_with(from: char, to: char) -> String {
    let change = format!("replace(sql, '|| ''{from}''', '|| ''{to}''')");
    format!("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = {change}; PRAGMA writable_schema = RESET")
}

/// Tables with something that is computed, and what is told of it.
const COMPUTED: &[(&str, &str)] = &[
    ("(k INTEGER PRIMARY KEY, d INT, x); CREATE INDEX i ON t(x || '!')", "the index i does not hold what SQLite"),
    ("(k INTEGER PRIMARY KEY, d INT, x); CREATE INDEX i ON t(x) WHERE x || '!' = 'old!'", "the index i does not hold what SQLite"),
    ("(k INTEGER PRIMARY KEY, d INT, x); CREATE INDEX i ON t(k) WHERE x || '!' = 'old?'", "the index i does not hold what SQLite"),
    ("(k INTEGER PRIMARY KEY, d INT, x, v AS (x || '!')); CREATE INDEX i ON t(v)", "the index i does not hold what SQLite"),
    ("(k INTEGER PRIMARY KEY, d INT, x, s AS (x || '!') STORED)", "column s of the row k 1 holds 'old"),
    ("(k INT PRIMARY KEY, d INT, x, s AS (x || '!') STORED) WITHOUT ROWID", "column s of the row k 1 holds 'old"),
];

/// All rows are written anew with all their indexes, and what stands there is not what ours computes.
#[test]
fn t09_what_another_version_computed_is_refused_by_name() {
    for (table, told) in COMPUTED {
        for beside in [false, true] {
            let sql = format!("CREATE TABLE t{table}; INSERT INTO t(k, d, x) VALUES (1, 5, 'old'); {}", computed_with('!', '?'));
            let said = refused(&sql, Form::Guid, beside);
            assert!(
                said.contains("data.db: t: the ") && said.contains(told) && said.contains("which this program brings"),
                "{sql}: {said}"
            );
        }
    }
}

/// The same, where the extension wrote a row between a conversion and its undo.
#[test]
fn t09_an_undo_refuses_what_another_version_computed_since() {
    for (table, told) in COMPUTED {
        for beside in [false, true] {
            let dir = VarDir::new();
            dir.sql("data.db", &format!("CREATE TABLE t{table}; INSERT INTO t(k, d, x) VALUES (2, 5, 'z')"));
            let before = dump(&dir.connect("data.db"));
            let (panel, manifest) = (panel(), named(&[("t", "d")]));
            done(&request(&dir, &manifest, &panel, Form::Guid, beside));
            let (theirs, ours) = (computed_with('!', '?'), computed_with('?', '!'));
            dir.sql("data.db", &format!("{theirs}; INSERT INTO t(k, x) VALUES (1, 'old'); {ours}"));
            let files = dir.files();
            match undo(&dir) {
                Err(RemapError::NotBack { list }) => {
                    assert!(list.contains("data.db: sqlite:t: the ") && list.contains(told), "{table}: {list}")
                }
                other => panic!("{table}: {other:?}"),
            }
            assert!(dir.files() == files, "{table}: nothing is written");
            dir.sql("data.db", &format!("{theirs}; DELETE FROM t WHERE k = 1; {ours}"));
            assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }), "{table}");
            assert_eq!(dump(&dir.connect("data.db")), before, "{table}");
        }
    }
}

/// A row that the index lacks, and one that it still holds: SQLite would read the index where it holds all that is asked for.
const DAMAGED: &[&str] = &[
    "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT, v AS ('x' || k)); CREATE INDEX i ON t(d)",
    "CREATE TABLE t(k INT PRIMARY KEY, d INT) WITHOUT ROWID; CREATE INDEX i ON t(d)",
    "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT, x); CREATE INDEX i ON t(x, d)",
];

#[test]
fn t20_an_index_that_does_not_hold_its_rows_is_refused_by_name() {
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    for schema in DAMAGED {
        let damage = unnoticed("INSERT INTO t(k, d) VALUES (40, 5); DELETE FROM t WHERE k = 2");
        let sql = format!("{schema}; INSERT INTO t(k, d) VALUES (1, 5), (2, 5), (3, 7); {damage}");
        let ordered = "SELECT k, d FROM t ORDER BY k";
        for beside in [false, true] {
            let said = refused(&sql, Form::Guid, beside);
            assert!(said.contains("data.db: t: the index i does not hold the table's rows (") && said.contains("REINDEX"), "{sql}: {said}");
            let dir = VarDir::new();
            dir.sql("data.db", &sql);
            let ask = request(&dir, &manifest, &panel, Form::Guid, beside);
            let mut script = Vec::new();
            let emitted = convert::emit(&ask, Language::Sql, &mut script).unwrap();
            assert!(script.is_empty() && emitted.problems == convert::plan(&ask).unwrap().problems, "{:?}", emitted.problems);
            dir.sql("data.db", "REINDEX i");
            let held = rows(&dir.connect("data.db"), ordered);
            done(&ask);
            assert_eq!(health(&dir.connect("data.db")), [[text("ok")]]);
            // Damaged afterwards, it is not taken back before it is sound again.
            dir.sql("data.db", &unnoticed("INSERT INTO t(k) VALUES (41); DELETE FROM t WHERE k = 41; INSERT INTO t(k) VALUES (42)"));
            let files = dir.files();
            match undo(&dir) {
                Err(RemapError::NotBack { list }) => {
                    assert!(list.contains("the index i does not hold the table's rows"), "{list}")
                }
                other => panic!("{sql}: {other:?}"),
            }
            assert!(dir.files() == files);
            dir.sql("data.db", "REINDEX i; DELETE FROM t WHERE k = 42");
            assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
            assert_eq!(rows(&dir.connect("data.db"), ordered), held, "{sql}");
        }
    }
}

/// Scripts are for other servers too: what they find there they look at themselves.
#[test]
fn t20_a_script_refuses_an_index_that_does_not_hold_its_rows() {
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    for schema in DAMAGED {
        let sound = VarDir::new();
        sound.sql("data.db", &format!("{schema}; INSERT INTO t(k, d) VALUES (1, 5), (2, 5), (3, 7)"));
        let by_sql = emitted(&request(&sound, &manifest, &panel, Form::Guid, false), Language::Sql);
        let by_php = emitted(&Request { panel: None, ..request(&sound, &manifest, &panel, Form::Guid, false) }, Language::Php);
        let damaged = VarDir::new();
        damaged.sql("data.db", &format!("{schema}; INSERT INTO t(k, d) VALUES (1, 5), (2, 5), (3, 7)"));
        damaged.sql("data.db", &unnoticed("INSERT INTO t(k, d) VALUES (40, 5); DELETE FROM t WHERE k = 2"));
        let files = damaged.files();
        let out = sqlite3(&damaged, "data.db", &by_sql);
        assert!(!out.status.success() && String::from_utf8_lossy(&out.stderr).contains("it is as expected"), "{out:?}");
        assert!(damaged.files() == files, "{schema}");
        let out = php(&damaged, &panel, &by_php);
        let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(!out.status.success() && said.contains("it does not hold that t and its indexes are sound"), "{said}");
        assert!(damaged.files() == files, "{schema}");
        damaged.sql("data.db", "REINDEX i");
        let out = sqlite3(&damaged, "data.db", &by_sql);
        assert!(out.status.success(), "{out:?}");
    }
}

/// What the SQLite that runs the script computes must be what stands there already.
#[test]
fn t09_a_script_refuses_what_another_version_computed() {
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    for (table, told) in COMPUTED {
        let dir = VarDir::new();
        dir.sql("data.db", &format!("CREATE TABLE t{table}; INSERT INTO t(k, d, x) VALUES (1, 5, 'old'); {}", computed_with('!', '?')));
        // It is not ours that will write the rows.
        let by_sql = emitted(&request(&dir, &manifest, &panel, Form::Guid, false), Language::Sql);
        let by_php = emitted(&request(&dir, &manifest, &panel, Form::Guid, false), Language::Php);
        let files = dir.files();
        let out = sqlite3(&dir, "data.db", &by_sql);
        assert!(!out.status.success() && String::from_utf8_lossy(&out.stderr).contains("it is as expected"), "{table}: {out:?}");
        assert!(dir.files() == files, "{table}");
        let out = php(&dir, &panel, &by_php);
        let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        let stored = told.starts_with("column");
        let expected = if stored {
            ["the computed columns of t hold what they held"; 2]
        } else {
            ["t and its indexes are sound", "the index i of t holds"]
        };
        assert!(!out.status.success() && expected.iter().any(|e| said.contains(e)), "{table}: {said}");
        assert!(dir.files() == files, "{table}");
        dir.sql("data.db", &computed_with('?', '!'));
        let script = emitted(&request(&dir, &manifest, &panel, Form::Guid, false), Language::Sql);
        assert!(sqlite3(&dir, "data.db", &script).status.success(), "{table}");
        assert_eq!(health(&dir.connect("data.db")), [[text("ok")]], "{table}");
    }
}

/// Not every version of SQLite finds that an index holds the same text in other letters; what is copied is what stands in the table.
#[test]
fn t20_scripts_read_rows_from_the_table_itself() {
    let panel = panel();
    let guid = |id| reference(&Cell::Integer(id), &panel, Form::Guid);
    for (table, columns) in [
        ("(k INT PRIMARY KEY, d INT, x TEXT COLLATE NOCASE) WITHOUT ROWID", "d, x"),
        ("(k INTEGER PRIMARY KEY, d INT, x TEXT COLLATE NOCASE, v AS ('a text that is in no index' || k))", "x, d"),
    ] {
        let sql =
            format!("CREATE TABLE t{table}; CREATE INDEX i ON t({columns}); INSERT INTO t(k, d, x) VALUES (1, 5, 'text'), (2, 7, 'other')");
        let manifest = named(&[("t", "d")]);
        let sound = VarDir::new();
        sound.sql("data.db", &sql);
        let script = emitted(&request(&sound, &manifest, &panel, Form::Guid, false), Language::Sql);
        let dir = VarDir::new();
        dir.sql("data.db", &format!("{sql}; {}", unnoticed("UPDATE t SET x = upper(x)")));
        let out = sqlite3(&dir, "data.db", &script);
        let expected = [[guid(5), text("TEXT")], [guid(7), text("OTHER")]];
        let found = rows(&dir.connect("data.db"), "SELECT d, upper(x) FROM t ORDER BY k");
        match out.status.success() {
            true => assert_eq!(rows(&dir.connect("data.db"), "SELECT d, x FROM t ORDER BY k"), expected, "{table}"),
            false => assert_eq!(found[0][0], Cell::Integer(5), "{table}: {out:?}"),
        }
        // Ours does.
        match convert::convert(&request(&dir, &manifest, &panel, Form::Guid, false)).unwrap() {
            Converted::Nothing { .. } => assert!(out.status.success()),
            Converted::Stopped { conversion } => assert!(conversion.problems[0].contains("values differ from index i"), "{conversion:?}"),
            other => panic!("{other:?}"),
        }
    }
}

/// So many faults of values that SQLite ends its check there hide whether its indexes are sound.
#[test]
fn t20_what_the_check_of_sqlite_does_not_reach_is_said() {
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    for (index, count, told) in [("", 200, false), ("CREATE INDEX i ON t(d)", 99, false), ("CREATE INDEX i ON t(d)", 100, true)] {
        let dir = VarDir::new();
        let all =
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) INSERT INTO t SELECT 5, i FROM n");
        let change =
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'e INT', 'e TEXT'); PRAGMA writable_schema = RESET";
        dir.sql("data.db", &format!("CREATE TABLE t(d INT, e INT); {index}; {all}; {change}"));
        let problems = convert::plan(&request(&dir, &manifest, &panel, Form::Guid, false)).unwrap().problems;
        let other = "its rows would not be what was foretold";
        assert!(problems.len() == 1 && problems[0].contains(if told { "and looks no further" } else { other }), "{problems:?}");
    }
}
