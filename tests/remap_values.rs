//! Ids inside the values of columns, through plan, fix, verify and undo. Names carry a trap's number where the list of traps has one.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use data::{Case, VarDir, dump, inventory, kind, rows, undo};
use model::Cell;
use reguid::panel::{Inventory, Object};
use reguid::reference::manifest::Manifest;
use reguid::remap::plan::ProblemCode;
use reguid::remap::resolve::verify;
use reguid::remap::{Fixed, Plan, RemapError, Undone};

/// Domains 5 and 7 change places, 6 becomes 200, 8 stays, 9 is gone; client 5 becomes 70.
fn states() -> (Inventory, Inventory) {
    let with_client = |inventory: Inventory, id| {
        let origin = inventory.origin.clone();
        let mut objects = inventory.objects().to_vec();
        let guid = reguid::panel::Guid::parse(b"00000005-00c1-4a1b-9c2d-000000009aab");
        objects.push(Object { kind: kind("client"), id, guid, name: "carol".into(), parent: None, witness: Box::default() });
        Inventory::new(origin, objects, vec![kind("domain"), kind("client")])
    };
    let old = inventory("old", &[(5, "a.example"), (6, "b.example"), (7, "c.example"), (8, "d.example"), (9, "e.example")]);
    let new = inventory("new", &[(7, "a.example"), (200, "b.example"), (5, "c.example"), (8, "d.example")]);
    (with_client(old, 5), with_client(new, 70))
}

fn manifest(entries: &[&str]) -> Manifest {
    let text: String = entries.iter().map(|e| format!("[[reference]]\ndatabase = 'data.db'\ntable = 't'\n{e}\n")).collect();
    Manifest::parse("reguid.toml".into(), &text).unwrap_or_else(|e| panic!("{text}\n{e:?}"))
}

struct World {
    dir: VarDir,
    manifest: Manifest,
    states: (Inventory, Inventory),
}

impl World {
    fn new(schema: &str, values: &[&str], entries: &[&str]) -> World {
        let dir = VarDir::new();
        dir.sql("data.db", schema);
        let connection = dir.connect("data.db");
        for value in values {
            connection.execute("INSERT INTO t(v) VALUES (?1)", [value]).unwrap();
        }
        World { dir, manifest: manifest(entries), states: states() }
    }

    /// A table with a key of its own.
    fn plain(values: &[&str], entries: &[&str]) -> World {
        World::new("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)", values, entries)
    }

    fn case(&self) -> Case<'_> {
        Case { dir: &self.dir, manifest: &self.manifest, old: Some(&self.states.0), new: &self.states.1 }
    }

    fn values(&self) -> Vec<String> {
        let text = |row: &Vec<Cell>| match &row[0] {
            Cell::Text(t) | Cell::Blob(t) => String::from_utf8_lossy(t).into_owned(),
            Cell::Integer(i) => i.to_string(),
            other => format!("{other:?}"),
        };
        rows(&self.dir.connect("data.db"), "SELECT v FROM t ORDER BY rowid").iter().map(text).collect()
    }

    /// Fixes, compares, fixes again, verifies, and takes it back.
    fn comes_to(&self, expected: &[&str]) -> Plan {
        let before = dump(&self.dir.connect("data.db"));
        let foretold = self.case().plan().unwrap();
        let Fixed::Applied { plan, .. } = self.case().fix().unwrap() else { panic!("{:?}", foretold.problems) };
        assert_eq!((foretold.hash, foretold.summary), (plan.hash.clone(), plan.summary));
        assert_eq!(self.values(), expected);
        let after = dump(&self.dir.connect("data.db"));
        assert!(matches!(self.case().fix().unwrap(), Fixed::Nothing { .. }), "a second fix does nothing");
        assert_eq!(dump(&self.dir.connect("data.db")), after);
        assert!(matches!(undo(&self.dir).unwrap(), Undone::Done { .. }));
        assert_eq!(dump(&self.dir.connect("data.db")), before, "undo is exact");
        assert!(matches!(self.case().fix().unwrap(), Fixed::Applied { .. }), "and fix can run again");
        assert_eq!(self.values(), expected);
        plan
    }

    /// The fix stops with this problem, and nothing is written.
    fn stops_with(&self, code: ProblemCode) -> String {
        let before = self.dir.files();
        let Fixed::Stopped { plan } = self.case().fix().unwrap() else { panic!("it did not stop") };
        assert_eq!(plan.problems.iter().map(|p| p.code).collect::<Vec<_>>(), [code], "{:?}", plan.problems);
        assert_eq!(self.values().len(), rows(&self.dir.connect("data.db"), "SELECT 1 FROM t").len());
        assert_eq!(self.dir.files().get("data.db"), before.get("data.db"));
        plan.problems[0].message.clone()
    }
}

#[test]
fn json_values_are_rewritten_and_come_back() {
    let world = World::plain(
        &[r#"{"domainId": 5, "port":5}"#, r#"{"domainId":"7"}"#, r#"{"domainId": 8}"#, r#"{"x":[5,6,7]}"#, ""],
        &["column = 'v'\npath = '$.domainId'\nkind = 'domain'"],
    );
    world.dir.sql("data.db", "INSERT INTO t(v) VALUES (NULL)");
    let plan =
        world.comes_to(&[r#"{"domainId": 7, "port":5}"#, r#"{"domainId":"5"}"#, r#"{"domainId": 8}"#, r#"{"x":[5,6,7]}"#, "", "NULL"]);
    let place = &plan.places[0];
    assert_eq!(place.place.to_string(), "sqlite:t.v$.domainId");
    assert_eq!((place.rows, place.changed, place.unchanged, place.null, place.unparsable), (6, 2, 1, 2, 0));
    assert_eq!((plan.summary.cells, plan.summary.rows), (2, 2));
    let sample = &place.samples[0];
    assert_eq!([&sample.row, &sample.before, &sample.before_name, &sample.after], ["id 1, $.domainId", "5", "a.example", "7"]);
}

#[test]
fn one_column_holds_several_kinds_and_forms() {
    let world = World::plain(
        &[
            r#"{"domain":5,"owner":"5","sites":{"5":1,"7":2},"url":"\/id\/6?client=5","list":"5, 6;8"}"#,
            "a:2:{s:6:\"domain\";i:6;s:5:\"owner\";i:5;}",
        ],
        &[
            "column = 'v'\npath = '$.domain'\nkind = 'domain'",
            "column = 'v'\npath = '$.owner'\nkind = 'client'",
            "column = 'v'\npath = '$.sites.{domain}'",
            "column = 'v'\npath = '$.url'\npattern = '/id/{domain}?client={client}'",
            "column = 'v'\npath = '$.list'\nseparator = ',;'\nkind = 'domain'",
        ],
    );
    let plan = world.comes_to(&[
        r#"{"domain":7,"owner":"70","sites":{"7":1,"5":2},"url":"\/id\/200?client=70","list":"7, 200;8"}"#,
        "a:2:{s:6:\"domain\";i:200;s:5:\"owner\";i:70;}",
    ]);
    assert_eq!(plan.places.len(), 6, "the pattern has two kinds");
    let kinds: Vec<String> = plan.places.iter().map(|p| format!("{} {}", p.place, p.kind)).collect();
    assert_eq!(
        kinds[3..5],
        ["sqlite:t.v$.url as /id/{domain}?client={client} domain", "sqlite:t.v$.url as /id/{domain}?client={client} client"]
    );
}

#[test]
fn t13_serialized_values_are_rewritten_with_their_lengths() {
    let world = World::plain(
        &[
            "a:2:{s:2:\"id\";i:6;s:1:\"f\";d:0.1;}",
            "O:3:\"App\":1:{s:7:\"\0App\0id\";s:1:\"6\";}",
            "a:1:{s:5:\"inner\";s:19:\"a:1:{s:2:\"id\";i:6;}\";}",
            "a:2:{s:1:\"c\";C:1:\"C\":4:{i:6}}s:2:\"id\";i:6;}",
            "a:1:{s:2:\"id\";i:6;} and more",
        ],
        &["column = 'v'\npath = '$..id'\nkind = 'domain'"],
    );
    let plan = world.comes_to(&[
        "a:2:{s:2:\"id\";i:200;s:1:\"f\";d:0.1;}",
        "O:3:\"App\":1:{s:7:\"\0App\0id\";s:3:\"200\";}",
        "a:1:{s:5:\"inner\";s:21:\"a:1:{s:2:\"id\";i:200;}\";}",
        "a:2:{s:1:\"c\";C:1:\"C\":4:{i:6}}s:2:\"id\";i:200;}",
        "a:1:{s:2:\"id\";i:200;} and more",
    ]);
    assert!(plan.notes.iter().any(|n| n.contains("bytes behind its end") && n.contains("id 5: 9 bytes")), "{:?}", plan.notes);
}

#[test]
fn t13_text_in_another_encoding_stays_text() {
    let world = World::plain(&[], &["column = 'v'\npath = '$.id'\nkind = 'domain'"]);
    let hex: String = b"a:2:{s:1:\"x\";s:1:\"\xe9\";s:2:\"id\";i:6;}".iter().map(|b| format!("{b:02x}")).collect();
    world.dir.sql("data.db", &format!("INSERT INTO t(v) VALUES (CAST(x'{hex}' AS TEXT)), (x'{hex}')"));
    assert!(matches!(world.case().fix().unwrap(), Fixed::Applied { .. }));
    let after = b"a:2:{s:1:\"x\";s:1:\"\xe9\";s:2:\"id\";i:200;}".to_vec();
    let found = rows(&world.dir.connect("data.db"), "SELECT v FROM t ORDER BY id");
    assert_eq!(found, [vec![Cell::Text(after.clone())], vec![Cell::Blob(after)]]);
    assert!(matches!(undo(&world.dir).unwrap(), Undone::Done { .. }));
}

#[test]
fn keys_of_a_table_that_hold_ids_change_places() {
    let world = World::new(
        "CREATE TABLE t(v TEXT PRIMARY KEY, n INT) WITHOUT ROWID",
        &["status-5", "status-7", "status-6", "status-x", "other-5"],
        &["column = 'v'\npattern = 'status-{domain}'"],
    );
    let before = dump(&world.dir.connect("data.db"));
    assert!(matches!(world.case().fix().unwrap(), Fixed::Applied { .. }));
    let found = rows(&world.dir.connect("data.db"), "SELECT v FROM t ORDER BY v");
    let texts: Vec<Cell> =
        ["other-5", "status-200", "status-5", "status-7", "status-x"].iter().map(|t| Cell::Text(t.as_bytes().to_vec())).collect();
    assert_eq!(found, texts.into_iter().map(|t| vec![t]).collect::<Vec<_>>());
    assert!(matches!(undo(&world.dir).unwrap(), Undone::Done { .. }));
    assert_eq!(dump(&world.dir.connect("data.db")), before);
}

#[test]
fn a_key_that_would_be_there_twice_stops_the_fix() {
    let world = World::new(
        "CREATE TABLE t(v TEXT UNIQUE)",
        &["status-6", "status-200"],
        &["column = 'v'\npattern = 'status-{domain}'\non-missing = 'keep'"],
    );
    // 200 stays, and is the new id of what was 6: seen before SQL is asked.
    let message = world.stops_with(ProblemCode::TakenId);
    assert!(message.contains("the stale id 200"), "{message}");
    let world = World::new("CREATE TABLE t(v TEXT UNIQUE)", &["status-6", "Status-200"], &["column = 'v'\npattern = 'status-{domain}'"]);
    assert!(matches!(world.case().fix().unwrap(), Fixed::Applied { .. }), "texts that differ are no collision");
}

#[test]
fn lists_and_base64() {
    let world = World::plain(&["5,7;6", " 8 ,5", "6"], &["column = 'v'\nseparator = ',;'\nkind = 'domain'"]);
    world.comes_to(&["7,5;200", " 8 ,7", "200"]);
    let world =
        World::plain(&["eyJpZCI6Nn0=", "YToxOntzOjI6ImlkIjtpOjY7fQ=="], &["column = 'v'\npath = '$.id'\nbase64 = true\nkind = 'domain'"]);
    world.comes_to(&["eyJpZCI6MjAwfQ==", "YToxOntzOjI6ImlkIjtpOjIwMDt9"]);
    // A column of numbers makes a number of a list of one.
    let world =
        World::new("CREATE TABLE t(id INTEGER PRIMARY KEY, v NUMERIC)", &["6", "5,6"], &["column = 'v'\nseparator = ','\nkind = 'domain'"]);
    world.comes_to(&["200", "7,200"]);
}

#[test]
fn t14_keys_of_one_object_that_would_be_the_same_stop_the_fix() {
    let world = World::plain(&[r#"{"6":1,"200":2}"#], &["column = 'v'\npath = '$.{domain}'\non-missing = 'keep'"]);
    assert!(matches!(world.case().fix().unwrap(), Fixed::Stopped { .. }));
    let plan = world.case().plan().unwrap();
    let codes: Vec<ProblemCode> = plan.problems.iter().map(|p| p.code).collect();
    assert!(codes.contains(&ProblemCode::Collision), "{:?}", plan.problems);
    assert!(plan.problems.iter().any(|p| p.message.contains("id 1: 6 and 200 would both be 200")), "{:?}", plan.problems);
}

#[test]
fn policies_decide_over_ids_inside_too() {
    let values = [r#"{"id":9}"#, r#"{"id":5}"#];
    let entry = |policy: &str| format!("column = 'v'\npath = '$.id'\nkind = 'domain'\non-missing = '{policy}'");
    let world = |policy: &str| World::plain(&values, &[&entry(policy)]);
    assert!(world("fail").stops_with(ProblemCode::Missing).contains("e.example"));
    world("keep").comes_to(&[r#"{"id":9}"#, r#"{"id":7}"#]);
    world("null").comes_to(&[r#"{"id":null}"#, r#"{"id":7}"#]);
    let plan = world("delete-row").comes_to(&[r#"{"id":7}"#]);
    assert_eq!((plan.summary.removed, plan.summary.rows), (1, 1));
    let world = World::plain(&[r#"{"9":1}"#], &["column = 'v'\npath = '$.{domain}'\non-missing = 'null'"]);
    assert!(world.stops_with(ProblemCode::NotNull).contains("a key or a part of a text"));
}

#[test]
fn t16_what_cannot_be_read_stays_is_counted_and_named_and_stops_a_strict_fix() {
    let values = [r#"{"id":5}"#, r#"{"id":5"#, "plain words", "a:1:{s:9:\"id\";i:5;}"];
    let mut world = World::plain(&values, &["column = 'v'\npath = '$.id'\nkind = 'domain'"]);
    let plan = world.comes_to(&[r#"{"id":7}"#, values[1], values[2], values[3]]);
    assert_eq!((plan.summary.unparsable, plan.places[0].unparsable, plan.is_unsure()), (3, 3, true));
    let note = plan.notes.iter().find(|n| n.contains("3 values cannot be read")).unwrap_or_else(|| panic!("{:?}", plan.notes));
    assert!(note.contains("sqlite:t.v") && note.contains("id 2: byte 7") && note.contains("id 4: byte 7"), "{note}");
    assert!(matches!(undo(&world.dir).unwrap(), Undone::Done { .. }));
    world.manifest.strict = true;
    assert!(world.stops_with(ProblemCode::Unparsable).contains("id 2: byte 7"));
}

#[test]
fn text_that_fits_two_patterns_stops_the_fix() {
    let world = World::plain(&["d-5"], &["column = 'v'\npattern = 'd-{domain}'", "column = 'v'\npattern = '*-{client}'"]);
    assert!(world.stops_with(ProblemCode::FitsTwice).contains("id 1: byte 0: d-5 fits two patterns"));
}

#[test]
fn a_value_that_is_too_large_is_refused_before_anything_is_read() {
    let world = World::plain(&[], &["column = 'v'\npath = '$.id'\nkind = 'domain'"]);
    world.dir.sql("data.db", &format!("INSERT INTO t(v) VALUES (zeroblob({}))", (64 << 20) + 1));
    let error = world.case().fix().unwrap_err();
    assert!(matches!(&error, RemapError::TooLarge { bytes, .. } if *bytes == (64 << 20) + 1), "{error}");
    assert!(error.to_string().contains("data.db: sqlite:t.v: a value has 67108865 bytes"), "{error}");
}

#[test]
fn verify_looks_inside() {
    let world =
        World::plain(&[r#"{"id":5}"#, r#"{"id":0}"#, r#"{"id":77}"#, "words", "[]"], &["column = 'v'\npath = '$.id'\nkind = 'domain'"]);
    let verified = verify(world.dir.path(), &world.manifest, &world.states.1).unwrap();
    let place = &verified.places[0];
    assert_eq!((place.rows, place.right, place.no_reference, place.dangling, place.unparsable), (5, 1, 1, 1, 1));
    assert!(!verified.is_right());
    assert!(place.samples.iter().any(|s| s == "id 3, $.id: no domain 77"), "{:?}", place.samples);
    assert!(place.samples.iter().any(|s| s.starts_with("id 4: byte 0: neither JSON")), "{:?}", place.samples);
}

#[test]
fn the_plan_file_lists_the_ids_inside_each_cell() {
    let world = World::plain(&[r#"{"a":[{"id":5},{"id":8},{"id":6}]}"#], &["column = 'v'\npath = '$.a[*].id'\nkind = 'domain'"]);
    let mut out = Vec::new();
    reguid::remap::plan_to(&world.case().request(), "out".into(), &mut out).unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let cell = &plan["cells"][0];
    assert_eq!(cell["after"], r#"{"a":[{"id":7},{"id":8},{"id":200}]}"#);
    let expected = serde_json::json!([
        {"path": "$.a[0].id", "kind": "domain", "before": 5, "after": 7},
        {"path": "$.a[2].id", "kind": "domain", "before": 6, "after": 200},
    ]);
    assert_eq!(cell["ids"], expected);
}

#[test]
fn whole_columns_and_ids_inside_others_change_together() {
    let world = World::new(
        "CREATE TABLE t(d INT, v TEXT, UNIQUE(d, v))",
        &[],
        &["column = 'd'\nkind = 'domain'", "column = 'v'\npath = '$.id'\nkind = 'domain'"],
    );
    world.dir.sql("data.db", r#"INSERT INTO t VALUES (5, '{"id":7}'), (7, '{"id":5}'), (8, '{"id":6}'), (6, '{"id":8}')"#);
    let before = dump(&world.dir.connect("data.db"));
    let Fixed::Applied { plan, .. } = world.case().fix().unwrap() else { panic!("it did not run") };
    assert_eq!((plan.summary.cells, plan.summary.rows), (6, 4));
    let found = rows(&world.dir.connect("data.db"), "SELECT d, v FROM t ORDER BY d");
    let row = |d, v: &str| vec![Cell::Integer(d), Cell::Text(v.as_bytes().to_vec())];
    assert_eq!(found, [row(5, r#"{"id":7}"#), row(7, r#"{"id":5}"#), row(8, r#"{"id":200}"#), row(200, r#"{"id":8}"#)]);
    assert!(matches!(undo(&world.dir).unwrap(), Undone::Done { .. }));
    assert_eq!(dump(&world.dir.connect("data.db")), before);
}

#[test]
fn t1_a_path_that_is_declared_after_a_run_is_of_another_date() {
    let first = "column = 'v'\npath = '$.a'\nkind = 'domain'";
    let mut world = World::plain(&[r#"{"a":5,"b":5}"#], &[first]);
    assert!(matches!(world.case().fix().unwrap(), Fixed::Applied { .. }));
    assert_eq!(world.values(), [r#"{"a":7,"b":5}"#]);
    world.manifest = manifest(&[first, "column = 'v'\npath = '$.b'\nkind = 'domain'"]);
    let error = world.case().fix().unwrap_err();
    assert!(error.to_string().contains("t.v$.b"), "{error}");
    assert!(matches!(undo(&world.dir).unwrap(), Undone::Done { .. }));
    assert!(matches!(world.case().fix().unwrap(), Fixed::Applied { .. }));
    assert_eq!(world.values(), [r#"{"a":7,"b":7}"#]);
}

#[test]
fn a_column_is_whole_or_not() {
    let world = World::plain(&["5"], &["column = 'v'\nkind = 'domain'", "column = 'v'\npath = '$.id'\nkind = 'domain'"]);
    let error = world.case().fix().unwrap_err();
    assert!(error.to_string().contains("named as a whole, and inside, too"), "{error}");
}
