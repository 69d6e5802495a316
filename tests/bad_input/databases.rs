//! Databases that are locked, corrupt, encrypted, truncated, or in the middle of something.

use std::fs;

use crate::world::{DRY, FIX, PLAN, READERS, UNDO, VERIFY, World};

const LINT: &[&str] = &["lint", "var/data.db", "--min-confidence", "possible"];
const REFERENCES: &[&str] = &["references", "var/data.db"];

/// Every command that reads the database.
fn commands() -> impl Iterator<Item = &'static [&'static str]> {
    READERS.into_iter().chain([LINT, REFERENCES])
}

#[test]
fn what_is_no_database_any_more() {
    let world = World::new();
    let good = world.bytes("var/data.db");
    let filled = |from: usize, to: usize, with: u8| {
        let mut bytes = good.clone();
        bytes[from..to].fill(with);
        bytes
    };
    let cases = [
        (good.iter().map(|b| b ^ 0x5a).collect(), "encrypted"),
        (b"<?php echo 1;".to_vec(), "data"),
        (good[..50].to_vec(), "truncated"),
        (good[..16].to_vec(), "truncated"),
        (good[..100].to_vec(), "truncated"),
        (good[..good.len() - 1].to_vec(), "truncated"),
        (good[..good.len() / 2].to_vec(), "truncated"),
        (filled(100, 4096, 0xff), "corrupt"),
        (filled(16, 18, 0), "encrypted"),
    ];
    for (bytes, word) in cases {
        fs::write(world.path("var/data.db"), bytes).unwrap();
        for args in commands() {
            world.refused(args, &["data.db", word]);
        }
    }
}

#[test]
fn pages_that_are_corrupt_inside() {
    let world = World::new();
    let good = world.bytes("var/data.db");
    let pages = good.len() / 4096;
    assert!(pages > 20, "{pages}");
    for page in 1..pages {
        for with in [0x00, 0xff, 0x5a] {
            let mut bytes = good.clone();
            bytes[page * 4096..(page + 1) * 4096].fill(with);
            fs::write(world.path("var/data.db"), bytes).unwrap();
            let ran = world.refused(FIX, &["data.db"]);
            assert!(ran.stderr.contains("corrupt") || ran.stderr.contains("malformed"), "{page} {with}\n{ran}");
        }
    }
    let mut bytes = good;
    bytes[4096..].fill(0xff);
    fs::write(world.path("var/data.db"), bytes).unwrap();
    for args in READERS {
        world.refused(args, &["data.db", "corrupt"]);
    }
}

#[test]
fn somebody_else_holds_a_lock() {
    for hold in ["BEGIN IMMEDIATE; UPDATE apps SET note = 'x' WHERE id = 1", "BEGIN; SELECT count(*) FROM apps"] {
        let world = World::new();
        let _holder = world.holder(hold);
        world.refused(FIX, &["var/data.db", "in use by another process"]);
        // Who reads is let in.
        for args in [PLAN, DRY, VERIFY] {
            world.stays(world.command(&[], args), args, 0, &[]);
        }
    }
    let world = World::new();
    let holder = world.holder("BEGIN EXCLUSIVE; UPDATE apps SET note = 'x' WHERE id = 1");
    for args in commands() {
        world.refused(args, &["data.db", "in use by another process"]);
    }
    drop(holder);
    assert_eq!(world.run(FIX).code, 0);
    let _holder = world.holder("BEGIN IMMEDIATE");
    world.refused(UNDO, &["var/data.db", "in use by another process"]);
}

#[test]
fn an_idle_reader_of_a_database_in_wal_mode() {
    let world = World::new();
    let reader = world.holder("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE apps SET note = 'x'");
    for args in [PLAN, DRY, VERIFY] {
        world.stays(world.command(&[], args), args, 0, &["2000"]);
    }
    world.stays(world.command(&[], LINT), LINT, 0, &["table `apps`"]);
    // `-shm` is where readers keep their marks: not data, and SQLite's own business.
    let before = [world.bytes("var/data.db"), world.bytes("var/data.db-wal")];
    let ran = world.run(FIX);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("var/data.db: the database is in use") && ran.stderr.contains("\nhelp: "), "{ran}");
    assert_eq!([world.bytes("var/data.db"), world.bytes("var/data.db-wal")], before);
    assert!(!world.path("var/reguid.db").exists());
    drop(reader);
    assert_eq!(world.run(FIX).code, 0);
    assert_eq!(world.counts(), (0, 1000));
}

/// A copy of the database in the middle of a transaction, as a crash leaves it.
fn crashed() -> World {
    let (live, world) = (World::new(), World::new());
    let writer = live.connect("var/data.db");
    writer.execute_batch("PRAGMA cache_size = 1; BEGIN; UPDATE apps SET domain_id = 12345, note = note || note").unwrap();
    for name in ["var/data.db", "var/data.db-journal"] {
        fs::copy(live.path(name), world.path(name)).unwrap();
    }
    assert!(world.bytes("var/data.db-journal").len() > 4096);
    world
}

#[test]
fn a_hot_journal() {
    let world = crashed();
    for args in [PLAN, DRY, VERIFY] {
        world.stays(world.command(&[], args), args, 0, &["2000"]);
    }
    world.stays(world.command(&[], LINT), LINT, 0, &["table `apps`"]);
    // To write means to roll it back first.
    assert_eq!(world.run(FIX).code, 0);
    assert_eq!(world.counts(), (0, 1000));
    // One that cannot be rolled back for lack of permission is refused.
    world.refused_to_nobody(UNDO, &["var/"]);
}

#[test]
fn a_damaged_log_or_journal() {
    let world = crashed();
    let journal = world.bytes("var/data.db-journal");
    // Without its journal the database is torn, and a later one is no help: whatever is found, nothing panics and reading changes nothing.
    for bytes in [journal[..600].to_vec(), vec![0xff; 5000], journal.iter().map(|b| b ^ 1).collect()] {
        fs::write(world.path("var/data.db-journal"), bytes).unwrap();
        for args in [PLAN, DRY, VERIFY] {
            let before = world.everything();
            let ran = world.run(args);
            crate::world::sound(args, &ran);
            assert!((0..=2).contains(&ran.code), "{ran}");
            assert!(world.everything() == before, "{args:?}");
        }
    }
    let world = World::new();
    world.cli.file("var/data.db-wal", vec![0x37; 9000]);
    for args in [PLAN, DRY, VERIFY] {
        world.stays(world.command(&[], args), args, 0, &["2000"]);
    }
}
