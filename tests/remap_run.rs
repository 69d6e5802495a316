//! Runs over real databases: several at once, in every mode, in use, changed in between, and what is refused.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;

use data::{Case, VarDir, by_guid, dump, entry, inventory, kind, manifest, rows, undo};
use model::Cell;
use reguid::panel::Inventory;
use reguid::panel::mapping::{Mapping, Match};
use reguid::reference::manifest::{Holds, Manifest, OnMissing, Store};
use reguid::remap::plan::ProblemCode;
use reguid::remap::{self, Fixed, Plan, Recorded, RemapError, Undone};
use reguid::sqlite::Connection;
use reguid::sqlite::open::OpenError;

/// a.example and b.example change ids, c.example keeps its own.
fn before() -> Inventory {
    inventory("before.sql", &[(5, "a.example"), (7, "b.example"), (8, "c.example")])
}

fn after() -> Inventory {
    inventory("after.sql", &[(7, "a.example"), (5, "b.example"), (8, "c.example")])
}

fn apps(on_missing: OnMissing) -> Manifest {
    manifest(vec![entry("data.db", "apps", "domain_id", on_missing)])
}

const APPS: &str = "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT, note);
    INSERT INTO apps(domain_id, note) VALUES (5, 'a'), (7, 'b'), (8, 'c'), (5, 'a2'), (NULL, ''), (0, ''), (-1, '');";

fn ids(dir: &VarDir, name: &str, table: &str) -> Vec<i64> {
    rows(&dir.connect(name), &format!("SELECT domain_id FROM {table} WHERE domain_id IS NOT NULL ORDER BY rowid"))
        .into_iter()
        .map(|r| match &r[0] {
            Cell::Integer(i) => *i,
            Cell::Text(t) => String::from_utf8_lossy(t).parse().unwrap(),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn applied(fixed: Result<Fixed, RemapError>) -> (i64, Plan) {
    match fixed.unwrap() {
        Fixed::Applied { run, plan, warnings } => {
            assert!(warnings.is_empty(), "{warnings:?}");
            (run, plan)
        }
        other => panic!("{other:?}"),
    }
}

fn stopped(fixed: Result<Fixed, RemapError>) -> Vec<ProblemCode> {
    match fixed.unwrap() {
        Fixed::Stopped { plan } => plan.problems.into_iter().map(|p| p.code).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_plan_foretells_the_run_and_names_what_it_touches() {
    let dir = VarDir::new();
    dir.sql("data.db", &format!("{APPS} CREATE TRIGGER touch AFTER UPDATE ON apps BEGIN SELECT 1; END"));
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let plan = case.plan().unwrap();
    let place = &plan.places[0];
    assert_eq!((place.rows, place.changed, place.unchanged, place.null, place.sentinel), (7, 3, 1, 1, 2));
    assert_eq!((plan.summary.cells, plan.summary.rows, plan.summary.removed), (3, 3, 0));
    assert_eq!(plan.triggers[0].trigger, "touch");
    let sample = &place.samples[0];
    assert_eq!((sample.row.as_str(), sample.before.as_str(), sample.before_name.as_str()), ("id 1", "5", "a.example"));
    assert_eq!((sample.after.as_str(), sample.after_name.as_str()), ("7", "a.example"));
    let (_, done) = applied(case.fix());
    assert_eq!(done.hash, plan.hash);
    assert_eq!(ids(&dir, "data.db", "apps"), [7, 5, 8, 7, 0, -1]);
}

#[test]
fn several_databases_change_together_and_come_back_together() {
    let dir = VarDir::new();
    std::fs::create_dir(dir.file("tenants")).unwrap();
    for name in ["tenants/1.db", "tenants/2.db", "tenants/3.db"] {
        dir.sql(name, "CREATE TABLE apps(domain_id INTEGER PRIMARY KEY, x); INSERT INTO apps VALUES (5, 1), (7, 2)");
    }
    dir.sql("tenants/3.db", "DROP TABLE apps; CREATE TABLE other(x)");
    let (old, new) = (before(), after());
    let manifest = manifest(vec![entry("tenants/*.db", "apps", "domain_id", OnMissing::Fail)]);
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let content = || ["tenants/1.db", "tenants/2.db"].map(|n| rows(&dir.connect(n), "SELECT x FROM apps ORDER BY domain_id"));
    let (first, second) = (vec![Cell::Integer(1)], vec![Cell::Integer(2)]);
    let (was, is) = (vec![first.clone(), second.clone()], vec![second, first]);
    let (_, plan) = applied(case.fix());
    assert_eq!(plan.notes.first().map(String::as_str), Some("tenants/3.db: there is no table apps"));
    assert_eq!(content(), [is.clone(), is]);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { changed: 4, .. }));
    assert_eq!(content(), [was.clone(), was]);
}

#[test]
fn a_database_in_wal_mode_is_switched_for_the_run_only() {
    let dir = VarDir::new();
    let writer = dir.connect("data.db");
    writer.execute_batch(&format!("PRAGMA journal_mode = WAL; {APPS}")).unwrap();
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let files = dir.files();
    assert!(files.contains_key("data.db-wal"), "the rows lie in the WAL");
    assert_eq!(case.plan().unwrap().summary.cells, 3);
    // An idle connection is enough to keep the mode from being switched.
    let error = case.fix().unwrap_err();
    assert!(matches!(error, RemapError::Open(OpenError::Busy { .. })), "{error}");
    assert_eq!(dir.files().keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
    assert_eq!(dir.files()["data.db-wal"], files["data.db-wal"]);
    drop(writer);
    applied(case.fix());
    let mode = || rows(&dir.connect("data.db"), "PRAGMA journal_mode")[0][0].clone();
    assert_eq!(mode(), Cell::Text(b"wal".to_vec()));
    assert_eq!(ids(&dir, "data.db", "apps"), [7, 5, 8, 7, 0, -1]);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert_eq!(mode(), Cell::Text(b"wal".to_vec()));
    assert_eq!(ids(&dir, "data.db", "apps"), [5, 7, 8, 5, 0, -1]);
}

#[test]
fn a_switch_that_was_interrupted_is_put_right_at_the_next_start() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    applied(case.fix());
    dir.sql("reguid.db", "INSERT INTO wal_switch VALUES ('data.db')");
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }));
    assert_eq!(rows(&dir.connect("data.db"), "PRAGMA journal_mode")[0][0], Cell::Text(b"wal".to_vec()));
    assert_eq!(rows(&dir.connect("reguid.db"), "SELECT * FROM wal_switch"), Vec::<Vec<Cell>>::new());
}

#[test]
fn a_lock_held_by_somebody_else_is_respected() {
    for hold in ["BEGIN IMMEDIATE; UPDATE apps SET note = 'x'", "BEGIN; SELECT count(*) FROM apps"] {
        let dir = VarDir::new();
        dir.sql("data.db", APPS);
        let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let holder = dir.connect("data.db");
        holder.execute_batch(hold).unwrap();
        let files = dir.files();
        let error = case.fix().unwrap_err();
        assert!(matches!(&error, RemapError::Open(OpenError::Busy { path }) if path.ends_with("data.db")), "{error}");
        assert_eq!(dir.files(), files, "{hold}");
        holder.execute_batch("ROLLBACK").unwrap();
        applied(case.fix());
    }
}

#[test]
fn a_stale_plan_is_refused_and_a_current_one_applied() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let path = dir.file("plan.json");
    let mut bytes = Vec::new();
    let plan = remap::plan_to(&case.request(), &path, &mut bytes).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(json["cells"].as_array().unwrap().len() as u64, plan.summary.cells);
    assert_eq!(json["cells"][1]["after"], 5);
    let settings = schemars::generate::SchemaSettings::default().for_serialize();
    let schema = serde_json::to_value(settings.into_generator().into_root_schema_for::<remap::PlanFile<'static>>()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&json), "{:?}", jsonschema::validate(&schema, &json).err());
    let hash = remap::planned_hash(&path).unwrap();
    for change in ["UPDATE apps SET domain_id = 8 WHERE id = 1", "CREATE INDEX i ON apps(note)", "INSERT INTO apps(domain_id) VALUES (8)"] {
        dir.sql("data.db", &format!("BEGIN; {change}; COMMIT"));
        let files = dir.files();
        assert!(matches!(remap::fix(&case.request(), Some(&hash)), Err(RemapError::Stale { .. })), "{change}");
        assert_eq!(dir.files(), files);
    }
    dir.sql("data.db", "UPDATE apps SET domain_id = 5 WHERE id = 1; DROP INDEX i; DELETE FROM apps WHERE id = 8");
    applied(remap::fix(&case.request(), Some(&hash)));
    std::fs::write(&path, "{}").unwrap();
    assert!(matches!(remap::planned_hash(&path), Err(RemapError::NoPlan { .. })));
}

#[test]
fn data_has_a_date() {
    let dir = VarDir::new();
    dir.sql("data.db", &format!("{APPS} CREATE TABLE jobs(domain_id INT); INSERT INTO jobs VALUES (5)"));
    let (first, second, manifest) = (before(), after(), apps(OnMissing::Fail));
    let third = inventory("third.sql", &[(8, "a.example"), (7, "b.example"), (5, "c.example")]);
    let case = |old, new| Case { dir: &dir, manifest: &manifest, old, new };
    assert!(matches!(case(None, &second).fix(), Err(RemapError::NoOld { .. })));
    applied(case(Some(&first), &second).fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [7, 5, 8, 7, 0, -1]);
    // The same command again: the data was moved already.
    assert!(matches!(case(Some(&first), &second).fix().unwrap(), Fixed::Nothing { .. }));
    // The companion knows the date now.
    applied(case(None, &third).fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [8, 7, 5, 8, 0, -1]);
    // What contradicts it is refused, with both states named.
    let error = case(Some(&first), &second).fix().unwrap_err();
    assert!(matches!(error, RemapError::Contradiction { .. }), "{error}");
    assert!(error.to_string().contains("before.sql") && error.to_string().contains("third.sql"), "{error}");
    // A place that no run moved has no date.
    let more = data::manifest(vec![
        entry("data.db", "apps", "domain_id", OnMissing::Fail),
        entry("data.db", "jobs", "domain_id", OnMissing::Fail),
    ]);
    let wider = Case { dir: &dir, manifest: &more, old: None, new: &first };
    let error = wider.fix().unwrap_err();
    assert!(matches!(&error, RemapError::NewPlace { place, run: 2, .. } if place == "data.db: sqlite:jobs.domain_id"), "{error}");
    // Undo moves the date back, one run at a time.
    assert!(matches!(remap::undo(dir.path(), Some(1), remap::PATIENCE), Err(RemapError::NoRun { .. })));
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { run: 2, .. }));
    assert_eq!(ids(&dir, "data.db", "apps"), [7, 5, 8, 7, 0, -1]);
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { run: 1, .. }));
    assert!(matches!(undo(&dir), Err(RemapError::NoRun { .. })));
    assert!(matches!(case(None, &second).fix(), Err(RemapError::NoOld { .. })));
    let wider = Case { old: Some(&first), new: &second, ..wider };
    applied(wider.fix());
    assert_eq!(ids(&dir, "data.db", "jobs"), [7]);
}

#[test]
fn states_without_an_id_in_common_contradict_each_other() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let manifest = apps(OnMissing::Fail);
    assert_eq!(remap::record_snapshot(dir.path(), &before(), None).unwrap(), Recorded::First);
    let elsewhere = inventory("elsewhere.sql", &[(105, "x.example"), (107, "y.example")]);
    let new = after();
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&elsewhere), new: &new };
    assert!(matches!(case.fix(), Err(RemapError::Contradiction { .. })));
    let mut trusting = case.request();
    trusting.trust_old = true;
    assert!(matches!(remap::fix(&trusting, None).unwrap(), Fixed::Stopped { .. }), "no id of the data is known there");
}

#[test]
fn a_snapshot_never_overwrites_the_meaning_of_the_stored_ids() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    assert_eq!(remap::record_snapshot(dir.path(), &before(), None).unwrap(), Recorded::First);
    assert_eq!(remap::record_snapshot(dir.path(), &before(), None).unwrap(), Recorded::Same { gone: 0, aside: vec![] });
    let grown = inventory("grown.sql", &[(5, "a.example"), (7, "b.example"), (8, "c.example"), (9, "d.example")]);
    assert_eq!(remap::record_snapshot(dir.path(), &grown, None).unwrap(), Recorded::New { gone: 0, aside: vec![] });
    assert!(matches!(remap::record_snapshot(dir.path(), &after(), None).unwrap(), Recorded::Kept { .. }));
    // Restored to another server, where no id is the same.
    let moved = inventory("moved.sql", &[(105, "a.example"), (107, "b.example"), (108, "c.example")]);
    assert!(matches!(remap::record_snapshot(dir.path(), &moved, None).unwrap(), Recorded::Kept { .. }));
    let manifest = apps(OnMissing::Fail);
    applied(Case { dir: &dir, manifest: &manifest, old: None, new: &moved }.fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [105, 107, 108, 105, 0, -1]);
}

#[test]
fn what_was_gone_for_a_night_is_known_when_a_restore_brings_it_back() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let record = |state: &Inventory| remap::record_snapshot(dir.path(), state, None).unwrap();
    assert_eq!(record(&before()), Recorded::First);
    // b.example is deleted by mistake, and a night goes by before somebody restores it.
    let without = inventory("night.sql", &[(5, "a.example"), (8, "c.example")]);
    assert_eq!(record(&without), Recorded::New { gone: 1, aside: vec![] });
    assert_eq!(record(&without), Recorded::Same { gone: 1, aside: vec![] });
    let back = inventory("back.sql", &[(5, "a.example"), (8, "c.example"), (20, "b.example")]);
    let Recorded::Kept { why, .. } = record(&back) else { panic!("the id of b.example changed") };
    assert!(why[0].contains("b.example") && why[0].contains("20"), "{why:?}");
    let manifest = apps(OnMissing::Fail);
    applied(Case { dir: &dir, manifest: &manifest, old: None, new: &back }.fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [5, 20, 8, 5, 0, -1]);
    assert_eq!(record(&back), Recorded::Same { gone: 0, aside: vec![] });
}

#[test]
fn what_a_policy_left_is_known_when_a_restore_brings_it_back_after_the_run() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let manifest = apps(OnMissing::Keep);
    let (old, new) = (before(), inventory("new.sql", &[(5, "a.example"), (18, "c.example")]));
    applied(Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new }.fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [5, 7, 18, 5, 0, -1]);
    let back = inventory("back.sql", &[(5, "a.example"), (18, "c.example"), (20, "b.example")]);
    assert!(matches!(remap::record_snapshot(dir.path(), &back, None).unwrap(), Recorded::Kept { .. }));
    applied(Case { dir: &dir, manifest: &manifest, old: None, new: &back }.fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [5, 20, 18, 5, 0, -1]);
    // Both come back, one after the other.
    undo(&dir).unwrap();
    undo(&dir).unwrap();
    assert_eq!(ids(&dir, "data.db", "apps"), [5, 7, 8, 5, 0, -1]);
}

#[test]
fn a_part_of_a_panel_is_not_recorded() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let mut part = before();
    part.tells_in_part("it is a backup of one customer".into());
    assert!(matches!(remap::record_snapshot(dir.path(), &part, None), Err(RemapError::RecordsPart { .. })));
    assert!(!dir.path().join("reguid.db").exists());
    remap::record_snapshot(dir.path(), &before(), None).unwrap();
    let mut part = inventory("part.xml", &[(5, "a.example"), (7, "b.example"), (8, "c.example"), (9, "d.example")]);
    part.tells_in_part("it is a backup of one customer".into());
    let manifest = apps(OnMissing::Fail);
    let fixed = Case { dir: &dir, manifest: &manifest, old: None, new: &part }.fix().unwrap();
    assert!(matches!(fixed, Fixed::Nothing { .. }));
    assert_eq!(remap::record_snapshot(dir.path(), &before(), None).unwrap(), Recorded::Same { gone: 0, aside: vec![] });
}

#[test]
fn a_kind_that_a_later_manifest_names_has_kept_its_meaning() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let record = |state: &Inventory| remap::record_snapshot(dir.path(), state, Some(&[kind("client")])).unwrap();
    record(&before());
    let Recorded::Same { aside, .. } = record(&after()) else { panic!("nothing changed that counts") };
    assert!(aside[0].contains("domain"), "{aside:?}");
    let manifest = apps(OnMissing::Fail);
    applied(Case { dir: &dir, manifest: &manifest, old: None, new: &after() }.fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [7, 5, 8, 7, 0, -1]);
}

#[test]
fn what_is_gone_follows_the_policy_and_comes_back() {
    let new = inventory("after.sql", &[(7, "a.example"), (8, "c.example")]);
    for (policy, left) in [
        (OnMissing::Keep, None),
        (OnMissing::Null, Some(vec![7, 8, 7, 0, -1])),
        (OnMissing::DeleteRow, Some(vec![7, 8, 7, 0, -1])),
        (OnMissing::Quarantine, Some(vec![7, 8, 7, 0, -1])),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", APPS);
        let was = dump(&dir.connect("data.db"));
        let (old, manifest) = (before(), apps(policy));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let Some(left) = left else {
            // b.example's 7 would stay, and is a.example's new id.
            assert_eq!(stopped(case.fix()), [ProblemCode::TakenId]);
            continue;
        };
        let (_, plan) = applied(case.fix());
        assert_eq!(ids(&dir, "data.db", "apps"), left, "{policy:?}");
        let removes = matches!(policy, OnMissing::DeleteRow | OnMissing::Quarantine);
        assert_eq!((plan.summary.removed, plan.summary.cells), if removes { (1, 2) } else { (0, 3) });
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
        assert_eq!(dump(&dir.connect("data.db")), was, "{policy:?}");
    }
}

#[test]
fn rows_that_others_refer_to_are_not_taken_out() {
    let dir = VarDir::new();
    dir.sql("data.db", &format!("{APPS} CREATE TABLE logs(app REFERENCES apps(id)); INSERT INTO logs VALUES (1), (2)"));
    let (old, manifest) = (before(), apps(OnMissing::DeleteRow));
    let new = inventory("after.sql", &[(7, "a.example"), (8, "c.example")]);
    let files = dir.files();
    let error = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new }.fix().unwrap_err();
    assert!(matches!(&error, RemapError::Orphans { detail } if detail.contains("logs")), "{error}");
    assert_eq!(dir.files(), files);
}

#[test]
fn without_ids_there_is_nothing_to_do() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let mut names = apps(OnMissing::Fail);
    names.references[0].holds = Holds::Name;
    let new = after();
    let files = dir.files();
    let case = Case { dir: &dir, manifest: &names, old: None, new: &new };
    assert!(case.plan().unwrap().places.is_empty());
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }));
    // A manifest that declares nothing is more likely a forgotten one than one of an extension that keeps no ids.
    let empty = manifest(Vec::new());
    let case = Case { manifest: &empty, ..case };
    assert!(matches!(case.plan(), Err(RemapError::NoReferences { .. })));
    assert!(matches!(case.fix(), Err(RemapError::NoReferences { .. })));
    assert_eq!(dir.files(), files);
}

#[test]
fn an_empty_table_gets_its_date_too() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE apps(domain_id INT)");
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let (_, plan) = applied(case.fix());
    assert!(plan.is_empty());
    // What comes now speaks of the new state; the same command must leave it alone.
    dir.sql("data.db", "INSERT INTO apps VALUES (5), (7)");
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }));
    assert_eq!(ids(&dir, "data.db", "apps"), [5, 7]);
}

#[test]
fn nothing_uncertain_is_ever_written() {
    for (what, code) in [
        (Match::Ambiguous { candidates: vec![5, 6] }, ProblemCode::Ambiguous),
        (Match::Conflict { candidate: 6 }, ProblemCode::Conflict),
        (Match::NameOnly { candidate: 6 }, ProblemCode::NameOnly),
        (Match::Missing, ProblemCode::Missing),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", APPS);
        let files = dir.files();
        let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
        let matching = |old: &Inventory, new: &Inventory| {
            let certain = by_guid(old, new);
            let pairs: Vec<_> = certain.sorted().into_iter().map(|(k, id, m)| ((k, id), m.clone())).collect();
            Mapping::from_matches(pairs.into_iter().map(|(key, m)| (key, if key.1 == 7 { what.clone() } else { m })))
        };
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let mut request = case.request();
        request.matching = &matching;
        assert_eq!(stopped(remap::fix(&request, None)), [code]);
        assert_eq!(dir.files(), files);
    }
}

#[test]
fn near_numbers_stop_and_words_do_not() {
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE apps(domain_id); INSERT INTO apps VALUES ('05'), (5.0), ('word'), (x'35'), ('all'), ('5')");
    let (old, new) = (before(), after());
    let fails = apps(OnMissing::Fail);
    let case = Case { dir: &dir, manifest: &fails, old: Some(&old), new: &new };
    assert_eq!(stopped(case.fix()), [ProblemCode::Malformed]);
    let keeps = apps(OnMissing::Keep);
    let case = Case { manifest: &keeps, ..case };
    let (_, plan) = applied(case.fix());
    assert_eq!((plan.places[0].malformed, plan.places[0].not_an_id, plan.places[0].sentinel), (2, 2, 1));
    let last = rows(&dir.connect("data.db"), "SELECT domain_id FROM apps WHERE rowid IN (1, 6)");
    assert_eq!(last, [[Cell::Text(b"05".to_vec())], [Cell::Text(b"7".to_vec())]]);
}

#[test]
fn collisions_are_listed_before_anything_is_written() {
    let (old, new) = (before(), after());
    let merging = |old: &Inventory, new: &Inventory| {
        // b.example was merged into a.example.
        let _ = new;
        let found = |new| Match::Found { new, rung: reguid::panel::mapping::Rung::Guid, evidence: "".into() };
        Mapping::from_matches(old.objects().iter().map(|o| ((o.kind, o.id), found(if o.id == 8 { 8 } else { 7 }))))
    };
    for (schema, collides) in [
        ("CREATE TABLE apps(domain_id INT UNIQUE, k)", true),
        ("CREATE TABLE apps(domain_id INTEGER PRIMARY KEY, k)", true),
        ("CREATE TABLE apps(domain_id INT, k, UNIQUE(domain_id, k))", false),
        ("CREATE TABLE apps(domain_id INT, k COLLATE NOCASE, UNIQUE(domain_id, k))", true),
        ("CREATE TABLE apps(domain_id INT UNIQUE ON CONFLICT REPLACE, k)", true),
        ("CREATE TABLE apps(domain_id INT, k); CREATE UNIQUE INDEX i ON apps(domain_id) WHERE k = 'a'", false),
        ("CREATE TABLE apps(domain_id INT, k); CREATE UNIQUE INDEX i ON apps(domain_id) WHERE lower(k) = 'a'", true),
        ("CREATE TABLE apps(domain_id INT, k, g AS (domain_id || 'x') UNIQUE)", true),
        ("CREATE TABLE apps(domain_id INT, k)", false),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", &format!("{schema}; INSERT INTO apps VALUES (5, 'a'), (7, 'A'), (8, 'c')"));
        let manifest = apps(OnMissing::Fail);
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let mut request = case.request();
        request.matching = &merging;
        let was = dump(&dir.connect("data.db"));
        if collides {
            assert_eq!(stopped(remap::fix(&request, None)), [ProblemCode::Collision], "{schema}");
        } else {
            applied(remap::fix(&request, None));
            assert_eq!(ids(&dir, "data.db", "apps"), [7, 7, 8], "{schema}");
            assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
        }
        assert_eq!(dump(&dir.connect("data.db")), was, "{schema}");
    }
    // A row that moves into a partial index, without any two ids becoming one.
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE apps(domain_id INT, k); CREATE UNIQUE INDEX i ON apps(k) WHERE domain_id > 6; INSERT INTO apps VALUES (5, 'x'), (8, 'x')");
    let manifest = apps(OnMissing::Fail);
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert_eq!(stopped(case.fix()), [ProblemCode::Collision]);
    // A CHECK that the new id breaks.
    let dir = VarDir::new();
    dir.sql("data.db", "CREATE TABLE apps(domain_id INT CHECK (domain_id < 7)); INSERT INTO apps VALUES (5)");
    let case = Case { dir: &dir, ..case };
    assert_eq!(stopped(case.fix()), [ProblemCode::Constraint]);
}

#[test]
fn what_this_release_cannot_rewrite_is_refused_whole() {
    let setting = |store| {
        let mut entry = entry("data.db", "apps", "domain_id", OnMissing::Fail);
        entry.store = store;
        entry
    };
    let column = |table: &str, column: &str| entry("data.db", table, column, OnMissing::Fail);
    let (old, new) = (before(), after());
    for (more, schema) in [
        (setting(Store::Setting { name: "map".into(), path: Some("$.{domain}".into()) }), ""),
        (column("v", "domain_id"), "CREATE VIEW v AS SELECT * FROM apps"),
        (column("f", "domain_id"), "CREATE VIRTUAL TABLE f USING fts5(domain_id)"),
        (column("g", "b"), "CREATE TABLE g(a, b AS (a))"),
        (column("h", "oid"), "CREATE TABLE h(rowid, _rowid_, oid)"),
        (column("t", "d"), "CREATE TABLE t(d, x); CREATE VIRTUAL TABLE f USING fts4(d, content=t)"),
        (column("c", "d"), "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(d REFERENCES p)"),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", &format!("{APPS} {schema}"));
        let place = remap_place(&more.store);
        let manifest = manifest(vec![column("apps", "domain_id"), more]);
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let files = dir.files();
        let plan = case.plan().unwrap();
        assert_eq!(plan.not_handled.len(), 1, "{schema} {:?}", plan.not_handled);
        let error = case.fix().unwrap_err();
        assert!(matches!(error, RemapError::NotHandled { .. }) && error.to_string().contains(&place), "{error}");
        assert_eq!(dir.files(), files);
    }
}

fn remap_place(store: &Store) -> String {
    match store {
        Store::Column { table, column, .. } => format!("{table}.{column}"),
        Store::Setting { name, .. } => format!("setting:{name}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn names_that_are_not_there_are_shown_in_the_manifest() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let (old, new) = (before(), after());
    for (database, table, column, message, help) in [
        ("dtaa.db", "apps", "domain_id", "no database dtaa.db", "did you mean `data.db`?"),
        ("data.db", "app", "domain_id", "no table app", "did you mean `apps`?"),
        ("data.db", "apps", "domainid", "no column domainid", "did you mean `domain_id`?"),
        ("data.db", "apps", "zzz", "no column zzz", "there are: id, domain_id, note"),
        (
            "../data.db",
            "apps",
            "domain_id",
            "does not lie in the var directory",
            "correct the entry, or take it out if its data is no longer there",
        ),
    ] {
        let mut manifest = manifest(vec![entry(database, table, column, OnMissing::Fail)]);
        manifest.text = "[[reference]]\n".into();
        manifest.references[0].span = 2..11;
        let error = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new }.fix().unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        let report = miette::Report::new(error);
        assert_eq!(report.help().map(|h| h.to_string()).unwrap_or_default(), help);
        assert_eq!(report.labels().unwrap().next().unwrap().len(), 9);
    }
    std::os::unix::fs::symlink("/etc/hostname", dir.file("link.db")).unwrap();
    let manifest = manifest(vec![entry("link.db", "apps", "domain_id", OnMissing::Fail)]);
    let error = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new }.fix().unwrap_err();
    assert!(error.to_string().contains("is a link"), "{error}");
}

#[test]
fn an_undo_stops_where_the_data_went_on() {
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    for (schema, change, word) in [
        (APPS, "UPDATE apps SET domain_id = 8 WHERE id = 2", "domain_id is 8, the run left 5"),
        (APPS, "DELETE FROM apps WHERE id = 1", "id 1: the row is gone"),
        (APPS, "UPDATE apps SET domain_id = '7' WHERE id = 1; ALTER TABLE apps ADD COLUMN x", "columns"),
        (APPS, "DROP TABLE apps", "the table is gone"),
        (
            "CREATE TABLE apps(domain_id); INSERT INTO apps VALUES (5), (0), (7); DELETE FROM apps WHERE domain_id = 0;",
            "VACUUM",
            "vacuumed",
        ),
        ("CREATE TABLE apps(domain_id INT UNIQUE); INSERT INTO apps VALUES (5);", "INSERT INTO apps VALUES (5)", "written since the run"),
        (
            "CREATE TABLE apps(domain_id); INSERT INTO apps VALUES (5);",
            "UPDATE apps SET domain_id = '7'",
            "domain_id is '7', the run left 7",
        ),
    ] {
        let dir = VarDir::new();
        dir.sql("data.db", schema);
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        applied(case.fix());
        dir.sql("data.db", change);
        let files = dir.files();
        let Undone::Drifted { drift, .. } = undo(&dir).unwrap() else { panic!("{change}") };
        assert!(drift[0].detail.contains(word), "{change}: {drift:?}");
        assert_eq!(dir.files(), files, "{change}");
    }
    // What the run did not touch may go on.
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    applied(Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new }.fix());
    dir.sql("data.db", "UPDATE apps SET note = 'later'; INSERT INTO apps(domain_id) VALUES (8); VACUUM");
    assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
    assert_eq!(ids(&dir, "data.db", "apps"), [5, 7, 8, 5, 0, -1, 8]);
}

#[test]
fn a_hot_journal_is_left_alone_by_a_plan_and_rolled_back_by_a_fix() {
    let source = VarDir::new();
    let writer = source.connect("data.db");
    writer.execute_batch(&format!("{APPS} PRAGMA cache_size = 1; BEGIN; UPDATE apps SET domain_id = 99")).unwrap();
    for _ in 0..500 {
        writer.execute("INSERT INTO apps(domain_id, note) VALUES (98, hex(randomblob(400)))", []).unwrap();
    }
    let dir = VarDir::new();
    for name in ["data.db", "data.db-journal"] {
        std::fs::copy(source.file(name), dir.file(name)).unwrap();
    }
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let files = dir.files();
    assert_eq!(case.plan().unwrap().summary.cells, 3);
    assert_eq!(dir.files(), files);
    applied(case.fix());
    assert_eq!(ids(&dir, "data.db", "apps"), [7, 5, 8, 7, 0, -1]);
}

#[test]
fn odd_bytes_and_encodings_survive() {
    for encoding in ["UTF-8", "UTF-16le", "UTF-16be"] {
        let dir = VarDir::new();
        dir.sql(
            "data.db",
            &format!(
                "PRAGMA encoding = '{encoding}'; CREATE TABLE apps(domain_id TEXT UNIQUE, note, r REAL);
                 INSERT INTO apps VALUES ('5', 'a' || char(0) || 'b', 3), ('7', 'grüß', 0.1), ('x' || char(0), x'00ff', 1e300)"
            ),
        );
        if encoding == "UTF-8" {
            dir.sql("data.db", "UPDATE apps SET note = CAST(x'fffe41' AS TEXT) WHERE domain_id = '7'");
        }
        let was = dump(&dir.connect("data.db"));
        let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        applied(case.fix());
        let now = rows(&dir.connect("data.db"), "SELECT domain_id, typeof(note), hex(note) FROM apps ORDER BY rowid");
        assert_eq!(now[0][0], Cell::Text(b"7".to_vec()));
        assert_eq!(now[1][0], Cell::Text(b"5".to_vec()));
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
        assert_eq!(dump(&dir.connect("data.db")), was, "{encoding}");
    }
}

#[test]
fn more_databases_than_one_transaction_spans_are_refused() {
    let dir = VarDir::new();
    for i in 0..=remap::LIMIT {
        dir.sql(&format!("{i}.db"), APPS);
    }
    let (old, new) = (before(), after());
    let manifest = manifest(vec![entry("*.db", "apps", "domain_id", OnMissing::Fail)]);
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let files = dir.files();
    assert!(matches!(case.fix(), Err(RemapError::TooMany { found: 11, limit: 10 })));
    assert_eq!(dir.files(), files);
    std::fs::remove_file(dir.file("10.db")).unwrap();
    applied(case.fix());
}

#[test]
fn what_is_broken_says_so_and_is_left_alone() {
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let good = std::fs::read(dir.file("data.db")).unwrap();
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let mut damaged = good.clone();
    damaged[4096..].fill(0x5a);
    for (bytes, word) in
        [(vec![9u8; 8192], "encrypted"), (good[..4096].to_vec(), "truncated"), (damaged, "corrupt"), (Vec::new(), "no table apps")]
    {
        std::fs::write(dir.file("data.db"), &bytes).unwrap();
        let files = dir.files();
        for error in [case.plan().unwrap_err(), case.fix().unwrap_err()] {
            assert!(error.to_string().contains(word), "{word}: {error}");
        }
        assert_eq!(dir.files(), files, "{word}");
    }
}

#[test]
fn a_kind_that_an_inventory_does_not_carry_stops() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    let (old, manifest) = (before(), apps(OnMissing::DeleteRow));
    let new = Inventory::new(reguid::panel::inventory::Origin::default(), Vec::new(), vec![kind("client")]);
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    assert_eq!(stopped(case.fix()), [ProblemCode::KindNotCarried]);
}

#[test]
fn verification_compares_with_the_twin_and_resolves_guids_and_names() {
    let dir = VarDir::new();
    let panel = after();
    let guid = panel.objects()[0].guid.unwrap();
    dir.sql(
        "data.db",
        &format!(
            "CREATE TABLE apps(domain_id INT, name TEXT, g TEXT);
             INSERT INTO apps VALUES (7, 'A.example.', '{guid}'), (5, 'a.example', NULL), (99, 'x', 'word'), (0, 'gone.example', '')"
        ),
    );
    let column = |name: &str, holds, twin: Option<&str>| {
        let mut entry = entry("data.db", "apps", name, OnMissing::Fail);
        entry.holds = holds;
        entry.twin = twin.map(Into::into);
        entry
    };
    let manifest =
        manifest(vec![column("domain_id", Holds::Id, Some("name")), column("g", Holds::Guid, None), column("name", Holds::Name, None)]);
    let files = dir.files();
    let verified = remap::resolve::verify(dir.path(), &manifest, &panel).unwrap();
    let counts: Vec<_> = verified.places.iter().map(|p| (p.right, p.no_reference, p.dangling, p.disagreeing)).collect();
    assert_eq!(counts, [(1, 1, 1, 1), (1, 2, 1, 0), (2, 0, 2, 0)]);
    assert!(!verified.is_right());
    assert_eq!(dir.files(), files);
    // Guid and name columns are not rewritten.
    let old = before();
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &panel };
    assert_eq!(case.plan().unwrap().places.len(), 1);
}

#[test]
fn verification_reads_twins_as_a_fix_does() {
    let dir = VarDir::new();
    dir.sql(
        "data.db",
        "CREATE TABLE apps(domain_id INT, twin);
         INSERT INTO apps VALUES (7, '00000000-0000-0000-0000-000000000000'), (5, 4711), (8, 4712), (7, x'00'), (8, 1.5)",
    );
    let mut column = entry("data.db", "apps", "domain_id", OnMissing::Fail);
    column.twin = Some("twin".into());
    let panel = inventory("numbers.sql", &[(7, "a.example"), (5, "4711"), (8, "c.example")]);
    let verified = remap::resolve::verify(dir.path(), &manifest(vec![column]), &panel).unwrap();
    // A GUID of zeros names nobody, a number may be a name; what is neither GUID nor name agrees with nobody.
    assert_eq!((verified.places[0].right, verified.places[0].disagreeing), (2, 3));
}

#[test]
fn the_companion_takes_over_mode_and_is_found_by_no_pattern() {
    use std::os::unix::fs::PermissionsExt;
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    std::fs::set_permissions(dir.file("data.db"), std::fs::Permissions::from_mode(0o660)).unwrap();
    let (old, new) = (before(), after());
    let manifest = manifest(vec![entry("*", "apps", "domain_id", OnMissing::Fail)]);
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    applied(case.fix());
    assert_eq!(std::fs::metadata(dir.file("reguid.db")).unwrap().permissions().mode() & 0o777, 0o660);
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }));
    let read: BTreeMap<_, _> = dir.files();
    assert_eq!(read.keys().collect::<Vec<_>>(), ["data.db", "reguid.db"], "no journals are left");
}

#[test]
fn a_foreign_database_under_the_companions_name_is_refused() {
    let dir = VarDir::new();
    dir.sql("data.db", APPS);
    Connection::open(dir.file("reguid.db")).unwrap().execute_batch("CREATE TABLE mine(a)").unwrap();
    let (old, new, manifest) = (before(), after(), apps(OnMissing::Fail));
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let files = dir.files();
    assert!(matches!(case.fix(), Err(RemapError::Companion(_))));
    assert!(matches!(case.plan(), Err(RemapError::Companion(_))));
    assert_eq!(dir.files(), files);
}
