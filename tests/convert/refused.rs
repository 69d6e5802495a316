//! What cannot be converted with certainty is refused by name, and nothing is written.

use reguid::remap::RemapError;
use reguid::remap::convert::{self, Converted, Form};

use crate::model::Cell;
use crate::model::sorted;
use crate::{VarDir, done, dump, entry, inventory, manifest, named, panel, reference, request, rows, text, undo};
use reguid::reference::manifest::OnMissing;
use reguid::remap::{self, Undo, Undone};
use std::time::Duration;

/// What stands in the way of converting `t.d`.
pub(crate) fn refused(sql: &str, form: Form, beside: bool) -> String {
    let dir = VarDir::new();
    dir.sql("data.db", sql);
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    let files = dir.files();
    let told = match convert::convert(&request(&dir, &manifest, &panel, form, beside)) {
        Ok(Converted::Stopped { conversion }) => conversion.problems.join("\n"),
        other => panic!("{sql}: {other:?}"),
    };
    assert!(dir.files() == files, "{sql}: nothing is written");
    told
}

#[test]
fn rows_that_do_not_resolve() {
    for (values, told) in [
        ("(5), (99)", "no such domain on this panel: 99 (1 row)"),
        ("(5), ('05')", "neither an id nor a reference: '05'"),
        ("(5), (7.5)", "neither an id nor a reference: 7.5"),
        ("(5), (x'35')", "neither"),
        ("(5), ('c.example')", "neither"),
        ("(5), (CAST(x'ff' AS TEXT))", "neither"),
    ] {
        let said = refused(&format!("CREATE TABLE t(d); INSERT INTO t VALUES {values}"), Form::Guid, false);
        assert!(said.contains("data.db: sqlite:t.d") && said.contains(told), "{said}");
    }
}

/// All rows of a table are written anew, with what this program's SQLite reads as the DEFAULT of a column that they lack.
#[test]
fn rows_that_lack_a_column_whose_default_is_not_read_alike() {
    let sql = "CREATE TABLE t(k INTEGER PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 5); ALTER TABLE t ADD COLUMN c DEFAULT 1.0";
    for beside in [false, true] {
        let said = refused(sql, Form::Guid, beside);
        assert!(
            said.contains("data.db: t: ") && said.contains("the row k 1 was made before") && said.contains("UPDATE t SET c = c"),
            "{said}"
        );
    }
    crate::there_and_back(&format!("{sql}; UPDATE t SET c = c"), &[("t", "d")], &[("t", "d INT", "d TEXT")], Form::Guid);
}

#[test]
fn declarations_that_compute_with_ids() {
    for (sql, told) in [
        ("CREATE TABLE t(d INT CHECK (d > 0))", "a CHECK of t computes with t.d: CHECK (d > 0)"),
        ("CREATE TABLE t(d INT, x CHECK (x <> d))", "a CHECK of t"),
        ("CREATE TABLE t(d INT DEFAULT 5)", "DEFAULT 5"),
        ("CREATE TABLE t(d INT, g AS (d + 1))", "the generated column t.g"),
        ("CREATE TABLE t(d INT); CREATE INDEX i ON t(d) WHERE d > 100", "an index of t computes with d"),
        ("CREATE TABLE t(d INT); CREATE UNIQUE INDEX i ON t(d % 10)", "an index of t"),
        ("CREATE TABLE t(d INTEGER PRIMARY KEY AUTOINCREMENT)", "AUTOINCREMENT"),
        ("CREATE TABLE t(rowid, oid, _rowid_, d INTEGER PRIMARY KEY)", "hide the row's address"),
        ("CREATE TABLE t(d INT REFERENCES p(id)); CREATE TABLE p(id INTEGER PRIMARY KEY)", "the manifest does not name"),
        ("CREATE TABLE s(d); CREATE VIEW t AS SELECT d FROM s", "a view"),
        (
            "CREATE TABLE t(d INT); CREATE TRIGGER \"on\" AFTER UPDATE OF d ON main.t BEGIN SELECT 1; END",
            "the trigger on of t names the database too (ON main.…)",
        ),
        ("CREATE TABLE t(d INT); CREATE VIRTUAL TABLE f USING fts5(d, content='t')", "the full-text index f"),
    ] {
        let said = refused(sql, Form::Guid, false);
        assert!(said.contains(told), "{sql}: {said}");
    }
}

/// What the manifest says is no id must not become the GUID of the object that has that number, and what it does not except is one.
#[test]
fn t24_sentinels_of_the_manifest_are_not_taken_for_ids() {
    let panel = panel();
    let guid = |id| reference(&Cell::Integer(id), &panel, Form::Guid);
    let sql = "CREATE TABLE t(d INT DEFAULT 9 CHECK (d <> 9 OR d IS NOT NULL), e INT); INSERT INTO t VALUES (5, 9), (9, 5), (NULL, NULL)";
    let words = |words: &[&str]| Some(words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
    for beside in [false, true] {
        let dir = VarDir::new();
        dir.sql("data.db", sql);
        let first = dump(&dir.connect("data.db"));
        let mut manifest = named(&[("t", "d"), ("t", "e")]);
        manifest.references[0].sentinels = words(&["9", "nobody"]);
        done(&request(&dir, &manifest, &panel, Form::Guid, beside));
        let columns = if beside { "d_guid, e_guid" } else { "d, e" };
        let found = sorted(rows(&dir.connect("data.db"), &format!("SELECT {columns} FROM t")));
        // The same number is an object's id in the other column.
        let expected = [vec![Cell::Null, Cell::Null], vec![guid(5), guid(9)], vec![text("9"), guid(5)]];
        assert_eq!(found, sorted(expected.to_vec()), "beside {beside}");
        // A row that came since, with no object in it, does not stand in the way of going back.
        dir.sql("data.db", "INSERT INTO t(d) VALUES ('nobody')");
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
        dir.sql("data.db", "DELETE FROM t WHERE d = 'nobody'");
        assert_eq!(dump(&dir.connect("data.db")), first);
    }
    // Nothing is excepted: 0 and words are no objects, and stand in the way.
    for (value, sentinels, told) in [
        ("0", words(&[]), "no such domain on this panel: 0"),
        ("'all'", words(&[]), "neither an id nor a reference: 'all'"),
        ("'all'", words(&["0"]), "neither an id nor a reference: 'all'"),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", &format!("CREATE TABLE t(d); INSERT INTO t VALUES (5), ({value})"));
        let mut manifest = named(&[("t", "d")]);
        manifest.references[0].sentinels = sentinels;
        let files = dir.files();
        match convert::convert(&request(&dir, &manifest, &panel, Form::Guid, false)) {
            Ok(Converted::Stopped { conversion }) => assert!(conversion.problems.join("\n").contains(told), "{:?}", conversion.problems),
            other => panic!("{other:?}"),
        }
        assert!(dir.files() == files, "nothing is written");
    }
    // A default that means no object for the catalogue alone is an id here.
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT DEFAULT 0); INSERT INTO t VALUES (5)");
    let mut manifest = named(&[("t", "d")]);
    manifest.references[0].sentinels = words(&["9"]);
    let Converted::Stopped { conversion } = convert::convert(&request(&dir, &manifest, &panel, Form::Guid, false)).unwrap() else {
        panic!()
    };
    assert!(conversion.problems[0].contains("DEFAULT 0"), "{:?}", conversion.problems);
}

/// What a conversion noted is believed only as long as it is what the run noted; and what was written since cannot be accepted.
#[test]
fn a_conversions_journal_is_sealed() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT, x); INSERT INTO t VALUES (5, 1), (7, 2)");
    let (panel, manifest) = (panel(), named(&[("t", "d")]));
    done(&request(&dir, &manifest, &panel, Form::Guid, false));
    let how = Undo { run: None, accept_changes: true, patience: Duration::from_secs(2) };
    dir.sql("data.db", "INSERT INTO t VALUES ((SELECT d FROM t LIMIT 1), 3)");
    let files = dir.files();
    match remap::take_back(dir.path(), &how).unwrap() {
        Undone::Drifted { never, .. } => assert!(never.is_some_and(|n| n.contains("converted")), "{never:?}"),
        other => panic!("{other:?}"),
    }
    assert!(dir.files() == files);
    dir.sql("data.db", "DELETE FROM t WHERE x = 3");
    for change in ["UPDATE journal_1_0 SET o0 = 9 WHERE o0 = 5", "DELETE FROM journal_1_0", "DROP TABLE journal_1_0"] {
        let companion = std::fs::read(dir.file("reguid.db")).unwrap();
        dir.sql("reguid.db", change);
        let error = undo(&dir).unwrap_err().to_string();
        assert!(error.contains("the journal of run 1, ") && error.contains("journal_1_0"), "{change}: {error}");
        std::fs::write(dir.file("reguid.db"), companion).unwrap();
    }
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
}

/// The new key must be unique where the old one was.
#[test]
fn t22_keys_that_would_agree() {
    for (sql, form) in [
        ("CREATE TABLE t(d UNIQUE); INSERT INTO t VALUES (5), ('5')", Form::Guid),
        ("CREATE TABLE t(d UNIQUE COLLATE NOCASE); INSERT INTO t VALUES (9), ('d.EXAMPLE')", Form::Name),
        (
            "CREATE TABLE t(x, d COLLATE NOCASE); CREATE UNIQUE INDEX i ON t(x, d) WHERE x > 0; INSERT INTO t VALUES (1, 9), (1, 'd.EXAMPLE')",
            Form::Name,
        ),
        ("CREATE TABLE t(d PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES (0), ('0')", Form::Guid),
        ("CREATE TABLE t(d, UNIQUE (d) ON CONFLICT REPLACE); INSERT INTO t VALUES (5), ('5')", Form::Guid),
    ] {
        let said = refused(sql, form, false);
        assert!(said.contains("would agree") && said.contains("UNIQUE constraint failed"), "{sql}: {said}");
    }
}

#[test]
fn t22_names_that_name_several_objects_or_none() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT); INSERT INTO t VALUES (5), (6), (7)");
    let manifest = named(&[("t", "d")]);
    let panel = inventory("panel", &[(5, "same.example"), (6, "SAME.example."), (7, "global")]);
    let Converted::Stopped { conversion } = convert::convert(&request(&dir, &manifest, &panel, Form::Name, false)).unwrap() else {
        panic!()
    };
    let said = conversion.problems.join("\n");
    assert!(said.contains("no name of its own") && said.contains("(2 rows)") && said.contains("reads as a word for no object"), "{said}");
}

#[test]
fn t22_a_twin_that_names_another_object() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT, name); INSERT INTO t VALUES (5, 'a.example'), (7, 'c.example')");
    let mut manifest = named(&[("t", "d")]);
    manifest.references[0].twin = Some("name".into());
    let panel = panel();
    let Converted::Stopped { conversion } = convert::convert(&request(&dir, &manifest, &panel, Form::Guid, false)).unwrap() else {
        panic!()
    };
    assert!(conversion.problems[0].contains("the twin in the same row names another object: 7 (1 row)"), "{:?}", conversion.problems);
}

/// Ids of before a restore mean other objects now.
#[test]
fn ids_that_speak_of_another_state_are_refused() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT); INSERT INTO t VALUES (5)");
    let manifest = named(&[("t", "d")]);
    let old = inventory("old", &[(5, "a.example"), (7, "b.example")]);
    let new = inventory("new", &[(7, "a.example"), (5, "b.example")]);
    reguid::remap::record_snapshot(dir.path(), &old, None).unwrap();
    let files = dir.files();
    let error = convert::convert(&request(&dir, &manifest, &new, Form::Guid, false)).unwrap_err();
    assert!(matches!(error, RemapError::OtherState { .. }), "{error}");
    assert!(dir.files() == files);
    done(&request(&dir, &manifest, &old, Form::Guid, false));
}

/// What changed since stays: taking back must be exact or not at all.
#[test]
fn an_undo_refuses_what_came_since() {
    let guid = |id| crate::reference(&Cell::Integer(id), &panel(), Form::Guid);
    let Cell::Text(guid) = guid(9) else { panic!() };
    let guid = String::from_utf8(guid).unwrap();
    for (since, told) in [
        (format!("INSERT INTO t VALUES (4, '{guid}', 1)"), Some("the row came since")),
        (format!("UPDATE t SET d = '{guid}' WHERE id = 1"), Some("the run left")),
        (format!("UPDATE t SET d = '{guid}' WHERE id = 3"), Some("held no reference")),
        ("DELETE FROM t WHERE id = 1".into(), Some("1 of the 2 rows")),
        ("ALTER TABLE t ADD COLUMN more".into(), Some("declaration")),
        ("DROP TABLE t".into(), Some("the table is gone")),
        (
            "INSERT INTO t VALUES (4, NULL, 1), (5, '0', 2); UPDATE t SET x = 9; CREATE INDEX later ON t(x); CREATE TABLE unrelated(y)"
                .into(),
            None,
        ),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", "CREATE TABLE t(id INTEGER PRIMARY KEY, d INT, x); INSERT INTO t VALUES (1, 5, 1), (2, 7, 2), (3, NULL, 3)");
        let (panel, manifest) = (panel(), named(&[("t", "d")]));
        done(&request(&dir, &manifest, &panel, Form::Guid, false));
        dir.sql("data.db", &since);
        let files = dir.files();
        match (undo(&dir).unwrap(), told) {
            (Undone::Drifted { drift, .. }, Some(told)) => {
                assert!(drift.iter().any(|d| d.detail.contains(told)), "{since}: {drift:?}");
                assert!(dir.files() == files, "{since}");
            }
            (Undone::Done { .. }, None) => {
                let found = rows(&dir.connect("data.db"), "SELECT id, d, x FROM t ORDER BY id");
                let cell = Cell::Integer;
                let null = || Cell::Null;
                let expected = [
                    [cell(1), cell(5), cell(9)],
                    [cell(2), cell(7), cell(9)],
                    [cell(3), null(), cell(9)],
                    [cell(4), null(), cell(9)],
                    [cell(5), cell(0), cell(9)],
                ];
                assert_eq!(found, expected);
                let names = rows(&dir.connect("data.db"), "SELECT name FROM sqlite_schema WHERE name IN ('later', 'unrelated') ORDER BY 1");
                assert_eq!(names, [[text("later")], [text("unrelated")]]);
            }
            (other, _) => panic!("{since}: {other:?}"),
        }
    }
}

/// A fix after a conversion, and both taken back in turn.
#[test]
fn runs_of_both_sorts_are_taken_back_in_turn() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(d INT, e INT); INSERT INTO t VALUES (5, 7), (7, 5)");
    let before = crate::dump(&dir.connect("data.db"));
    let old = inventory("old", &[(5, "a.example"), (7, "b.example")]);
    let new = inventory("new", &[(7, "a.example"), (5, "b.example")]);
    let (both, left) = (named(&[("t", "d"), ("t", "e")]), named(&[("t", "e")]));
    let fix = |manifest, old, new| crate::data::Case { dir: &dir, manifest, old: Some(old), new }.fix().unwrap();
    assert!(matches!(fix(&both, &old, &new), reguid::remap::Fixed::Applied { run: 1, .. }));
    let places = ["sqlite:t.d".to_owned()];
    let one = convert::Request { places: &places, ..request(&dir, &both, &new, Form::Guid, false) };
    let conversion = done(&one);
    assert_eq!(conversion.places.len(), 1);
    assert!(matches!(fix(&left, &old, &new), reguid::remap::Fixed::Nothing { .. }), "the data knows its date");
    assert!(matches!(fix(&left, &new, &old), reguid::remap::Fixed::Applied { run: 3, .. }), "another restore");
    for run in [3, 2, 1] {
        let undone = undo(&dir).unwrap();
        assert!(matches!(undone, Undone::Done { run: r, .. } if r == run), "{undone:?}");
    }
    assert_eq!(crate::dump(&dir.connect("data.db")), before);
}

#[test]
fn t23_names_that_are_hard_to_find() {
    let dir = VarDir::new();
    // In another database, a table of the same name, and one that is called as ours.
    for name in ["data.db", "two.db"] {
        dir.sql(name, "CREATE TABLE \"main\"(\"temp\" INT, \"main\" INT); INSERT INTO \"main\" VALUES (5, 7), (7, 5); CREATE INDEX \"temp\" ON \"main\"(\"temp\"); CREATE TABLE run(d INT); CREATE TABLE journal(x)");
    }
    let before: Vec<_> = ["data.db", "two.db"].iter().map(|n| crate::dump(&dir.connect(n))).collect();
    let manifest = manifest(vec![entry("*.db", "Main", "TEMP", OnMissing::Fail)]);
    let panel = panel();
    let conversion = done(&request(&dir, &manifest, &panel, Form::Guid, false));
    assert_eq!(conversion.tables.len(), 2);
    for name in ["data.db", "two.db"] {
        let found = rows(&dir.connect(name), "SELECT sql FROM sqlite_schema WHERE name = 'main'");
        assert_eq!(found, [[text("CREATE TABLE \"main\"(\"temp\" TEXT, \"main\" INT)")]]);
        assert_eq!(rows(&dir.connect(name), "SELECT typeof(\"temp\"), typeof(\"main\") FROM \"main\"")[1], [text("text"), text("integer")]);
    }
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    let after: Vec<_> = ["data.db", "two.db"].iter().map(|n| crate::dump(&dir.connect(n))).collect();
    assert_eq!(after, before);
}

#[test]
fn a_column_beside() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE t(domain_id INT UNIQUE, x CHECK (x > 0) /* last */); INSERT INTO t VALUES (5, 1), (7, 2), (NULL, 3), (0, 4); CREATE TRIGGER tr AFTER UPDATE ON t BEGIN DELETE FROM t; END");
    let before = crate::dump(&dir.connect("data.db"));
    let (panel, manifest) = (panel(), named(&[("t", "domain_id")]));
    let beside = request(&dir, &manifest, &panel, Form::Guid, true);
    let conversion = done(&beside);
    assert_eq!(conversion.tables[0].after, "CREATE TABLE t(domain_id INT UNIQUE, x CHECK (x > 0), \"domain_guid\" TEXT /* last */)");
    let ids = [Cell::Integer(5), Cell::Integer(7), Cell::Null, Cell::Integer(0)];
    let expected: Vec<Vec<Cell>> = ids.iter().map(|id| vec![id.clone(), crate::reference(id, &panel, Form::Guid)]).collect();
    assert_eq!(rows(&dir.connect("data.db"), "SELECT domain_id, domain_guid FROM t ORDER BY x"), expected);
    let edited = convert::manifest(&manifest, &conversion).unwrap();
    let after = reguid::reference::manifest::Manifest::parse("reguid.toml".into(), &edited.text).unwrap();
    assert_eq!(after.references[0].twin.as_deref(), Some("domain_guid"));
    assert!(reguid::remap::resolve::verify(dir.path(), &after, &panel).unwrap().is_right());
    assert!(matches!(convert::convert(&beside).unwrap(), Converted::Nothing { .. }));
    // The old release goes on writing rows with ids alone: they are filled by and by.
    dir.sql("data.db", "DROP TRIGGER tr; INSERT INTO t(domain_id, x) VALUES (9, 5)");
    let with_row = crate::dump(&dir.connect("data.db"));
    assert_eq!(done(&beside).tables[0].after, conversion.tables[0].after);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert_eq!(crate::dump(&dir.connect("data.db")), with_row);
    dir.sql("data.db", "DELETE FROM t WHERE x = 5; CREATE TRIGGER tr AFTER UPDATE ON t BEGIN DELETE FROM t; END");
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert_eq!(crate::dump(&dir.connect("data.db")), before);
    // What stands there already and says something else is told.
    dir.sql(
        "data.db",
        "DROP TRIGGER tr; ALTER TABLE t ADD COLUMN domain_guid TEXT; UPDATE t SET domain_guid = 'c.example' WHERE domain_id = 5",
    );
    let told = convert::plan(&beside).unwrap().problems;
    assert!(told.len() == 1 && told[0].contains("the twin in the same row names another object: 5"), "{told:?}");
}
