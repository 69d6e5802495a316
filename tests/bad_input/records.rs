//! The companion and plan files: damaged, stale, another's.

use std::fs;

use crate::world::{DRY, FIX, PLAN, SNAPSHOT, UNDO, World};

const COMMANDS: [&[&str]; 5] = [PLAN, FIX, DRY, UNDO, SNAPSHOT];

fn companion(world: &World, bytes: impl AsRef<[u8]>, words: &[&str]) {
    fs::write(world.path("var/reguid.db"), bytes).unwrap();
    for args in COMMANDS {
        world.refused(args, &[&["var/reguid.db"], words].concat());
    }
}

#[test]
fn a_companion_that_is_none() {
    let world = World::new();
    companion(&world, "hello", &["not a SQLite database", "put back the reguid.db that was backed up with the data"]);
    companion(&world, world.bytes("var/data.db"), &["no companion of reguid's"]);
    fs::remove_file(world.path("var/reguid.db")).unwrap();
    assert_eq!(world.run(FIX).code, 0);
    let good = world.bytes("var/reguid.db");
    companion(&world, &good[..good.len() / 2], &["truncated", "put back the reguid.db that was backed up with the data"]);
    let mut bytes = good.clone();
    bytes[4096..].fill(0xff);
    companion(&world, bytes, &["corrupt"]);
    for (sql, words) in [
        ("PRAGMA user_version = 99", &["format 99"][..]),
        ("PRAGMA user_version = -1", &["damaged"]),
        ("PRAGMA application_id = 1", &["no companion"]),
        ("UPDATE object SET name = 'x' WHERE rowid_ = 1", &[]),
        ("UPDATE current SET generation = 77", &["damaged"]),
        ("UPDATE object SET id = id + 1000", &["damaged"]),
        ("UPDATE generation SET carried = '[[[['", &["damaged"]),
        ("UPDATE generation SET fingerprint = x'00'", &["damaged"]),
        ("DROP TABLE object", &[]),
        ("DROP TABLE generation", &[]),
    ] {
        fs::write(world.path("var/reguid.db"), &good).unwrap();
        if world.connect("var/reguid.db").execute_batch(sql).is_err() {
            continue;
        }
        companion(&world, world.bytes("var/reguid.db"), words);
    }
    fs::write(world.path("var/reguid.db"), &good).unwrap();
    assert_eq!(world.run(UNDO).code, 0);
    assert_eq!(world.counts(), (1000, 0));
}

#[test]
fn a_journal_that_is_damaged() {
    let world = World::new();
    assert_eq!(world.run(FIX).code, 0);
    let good = world.bytes("var/reguid.db");
    let tables: String = {
        let sql = "SELECT group_concat(name) FROM sqlite_schema WHERE name LIKE 'journal\\_%' ESCAPE '\\'";
        world.connect("var/reguid.db").query_row(sql, [], |r| r.get(0)).unwrap()
    };
    let cells = tables.split(',').next().unwrap().to_owned();
    for sql in [
        "UPDATE journal SET address = 'x'".to_owned(),
        "UPDATE journal SET columns = '[\"nothing\"]'".to_owned(),
        "UPDATE journal SET database = 'nowhere.db'".to_owned(),
        "UPDATE journal SET database = '../before.sql'".to_owned(),
        "UPDATE journal SET table_name = 'nothing'".to_owned(),
        "UPDATE journal SET columns = '[]'".to_owned(),
        "UPDATE journal SET columns = '[\"domain_id\", \"note\"]'".to_owned(),
        "UPDATE journal SET content_before = x'00'".to_owned(),
        "UPDATE journal SET changed = 1".to_owned(),
        format!("DROP TABLE \"{cells}\""),
        format!("DELETE FROM \"{cells}\""),
        format!("DELETE FROM \"{cells}\" WHERE rowid % 2"),
    ] {
        fs::write(world.path("var/reguid.db"), &good).unwrap();
        world.connect("var/reguid.db").execute_batch(&sql).unwrap();
        let before = world.everything();
        let ran = world.run(UNDO);
        crate::world::sound(UNDO, &ran);
        assert!(ran.code == 1 || ran.code == 2 && ran.stderr.contains("\nhelp: "), "{sql}\n{ran}");
        assert!(world.everything() == before, "{sql}\n{ran}");
    }
}

#[test]
fn a_plan_that_is_not_this_one() {
    let world = World::new();
    let planned = [FIX, &["--plan", "plan.json"]].concat();
    assert_eq!(world.run(&[PLAN, &["-o", "plan.json"]].concat()).code, 0);
    let good = world.cli.read("plan.json");
    let cases = [
        (good[..good.len() / 2].to_owned(), "not a plan of this release"),
        (String::new(), "not a plan of this release"),
        ("{}".to_owned(), "not a plan of this release"),
        ("[1, 2".to_owned(), "not a plan of this release"),
        ("[".repeat(100_000), "not a plan of this release"),
        ("{\"a\":".repeat(100_000), "not a plan of this release"),
        (good.replacen("\"version\": 1", "\"version\": 99", 1).replacen("\"version\":1", "\"version\":99", 1), "version 99"),
    ];
    for (text, word) in cases {
        world.cli.file("plan.json", &text);
        world.refused(&planned, &["plan.json", word]);
    }
    world.cli.file("plan.json", b"\xff\xfe{}");
    world.refused(&planned, &["plan.json", "not a plan of this release"]);
    // Of another var directory.
    let other = World::new();
    other.sql("var/data.db", "DELETE FROM apps WHERE id > 100");
    assert_eq!(other.run(&[PLAN, &["-o", "plan.json"]].concat()).code, 0);
    world.cli.file("plan.json", other.bytes("plan.json"));
    world.refused(&planned, &["plan is stale"]);
    // Of yesterday.
    world.cli.file("plan.json", &good);
    world.sql("var/data.db", "UPDATE apps SET domain_id = 5 WHERE id = 1");
    world.refused(&planned, &["plan is stale"]);
    world.refused(&[&planned[..], &["--dry-run"]].concat(), &["plan is stale"]);
    world.sql("var/data.db", "UPDATE apps SET domain_id = 7 WHERE id = 1");
    assert_eq!(world.run(&planned).code, 0);
    world.refused(&["undo", "var", "--run", "99"], &["run 99"]);
}
