//! Inventory sources: dumps that are cut off, of another program, of another database; snapshots that are damaged.

use std::io::Write;

use crate::world::{DRY, FIX, PLAN, SNAPSHOT, VERIFY, World};

/// Every command that reads `after.sql`.
const COMMANDS: [&[&str]; 5] = [PLAN, FIX, DRY, VERIFY, SNAPSHOT];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    to.write_all(bytes).unwrap();
    to.finish().unwrap()
}

fn text(world: &World) -> String {
    world.cli.read("after.sql")
}

#[test]
fn what_is_no_dump_of_the_panel() {
    let world = World::new();
    let good = world.bytes("after.sql");
    let packed = gzip(&good);
    let sqlite = world.bytes("var/data.db");
    let in_a_table = text(&world).find("INSERT INTO `domains` VALUES").unwrap() + 40;
    let cases: [(&str, Vec<u8>, &str); 13] = [
        ("empty", Vec::new(), "is empty"),
        ("empty, packed", gzip(b""), "is empty"),
        ("cut off in a table", good[..in_a_table].to_vec(), "ends at byte"),
        ("packed, cut off", packed[..packed.len() / 2].to_vec(), "damaged or cut off"),
        ("packed, changed", packed.iter().enumerate().map(|(i, b)| if i == packed.len() / 2 { !b } else { *b }).collect(), "after.sql"),
        ("packed twice", gzip(&packed), "gzip data inside gzip"),
        ("a program", b"\x7fELF\x02\x01\x01\0\0\0".to_vec(), "no dump of mysqldump"),
        ("bytes", (0..=255).cycle().take(5000).collect(), "after.sql"),
        ("a page", b"<!DOCTYPE html><html><body>404 Not Found</body></html>".to_vec(), "after.sql"),
        (
            "SQLite's dump",
            b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE domains(id INTEGER);\nCOMMIT;\n".to_vec(),
            "after.sql",
        ),
        ("a SQLite database", sqlite, "no companion"),
        ("PostgreSQL's dump", b"PGDMP\x01\x0e\0".to_vec(), "after.sql"),
        ("a letter", b"Dear customer,\nyour dump isn't here.\n".to_vec(), "after.sql"),
    ];
    for (what, bytes, word) in cases {
        world.cli.file("after.sql", &bytes);
        for args in COMMANDS {
            let ran = world.refused(args, &["after.sql", word]);
            assert!(ran.stderr.lines().count() < 8, "{what}: {ran}");
        }
    }
    world.cli.file("after.sql.gz", &good[..1000]);
    world.refused(&["snapshot", "--panel", "after.sql.gz", "-o", "x"], &["after.sql.gz"]);
    world.cli.file("after.sql.gz", "no gzip at all");
    world.refused(&["snapshot", "--panel", "after.sql.gz", "-o", "x"], &["after.sql.gz", "named like a gzip file and is none"]);
}

#[test]
fn a_dump_that_ends_anywhere() {
    let world = World::new();
    let good = world.bytes("after.sql");
    let args = ["snapshot", "--panel", "cut.sql", "-o", "x.snapshot"];
    // Within its last line, the remark that it is complete, nothing is lacking but the time.
    let last_line = text(&world).rfind("-- Dump completed").unwrap();
    for end in (0..=last_line).step_by(last_line / 60).chain([last_line]) {
        world.cli.file("cut.sql", &good[..end]);
        let before = world.everything();
        let ran = world.run(&args);
        crate::world::sound(&args, &ran);
        // Cut between two statements of tables that matter it lacks some, which must be told too.
        assert_eq!(ran.code, 2, "{end} of {}: {ran}", good.len());
        assert!(world.everything() == before);
    }
}

#[test]
fn a_dump_that_lacks_tables() {
    let world = World::new();
    let good = text(&world);
    world.cli.file("after.sql", good.replace("`domains`", "`others`").replace("`clients`", "`strangers`"));
    world.refused(VERIFY, &["after.sql"]);
    // Another database altogether.
    world.cli.file("after.sql", "-- MariaDB dump 10.19  Distrib 10.11\nCREATE TABLE `wp_posts` (`id` int);\nINSERT INTO `wp_posts` VALUES (1);\n-- Dump completed\n");
    for args in COMMANDS {
        world.refused(args, &["after.sql", "holds none of the panel's tables"]);
    }
    let lacking =
        good.replacen("  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,", "  `number` int(10) unsigned NOT NULL AUTO_INCREMENT,", 50);
    assert_ne!(lacking, good);
    world.cli.file("after.sql", lacking);
    for args in COMMANDS {
        world.refused(args, &["after.sql", "has no column `id`"]);
    }
}

#[test]
fn values_that_no_panel_has() {
    let world = World::new();
    let good = text(&world);
    let at = good.find("INSERT INTO `domains` VALUES").unwrap();
    let row = at + good[at..].find('(').unwrap() + 1;
    let end = row + good[row..].find(',').unwrap();
    for id in ["'x'", "1.5", "99999999999999999999", "NULL", "-9223372036854775809", "0x41", "CONCAT('a','b')", "'7'", "_binary '\\0\\xff'"]
    {
        world.cli.file("after.sql", format!("{}{id}{}", &good[..row], &good[end..]));
        let before = world.everything();
        let ran = world.run(VERIFY);
        crate::world::sound(VERIFY, &ran);
        assert!(ran.code == 2 && ran.stderr.contains("after.sql") && ran.stderr.contains("help: ") || ran.code < 2, "{id}: {ran}");
        assert!(world.everything() == before);
    }
    // Names in another encoding than the dump says are taken as they are.
    let mut bytes = good.clone().into_bytes();
    let name = good.find("alice.example").unwrap();
    bytes[name..name + 5].copy_from_slice(b"\xff\xfe\xe9\x80\xc0");
    world.cli.file("after.sql", &bytes);
    let ran = world.run(PLAN);
    crate::world::sound(PLAN, &ran);
    assert!(ran.code <= 1, "{ran}");
    // Parentheses without end.
    let deep = format!("{}{}{}", &good[..row], "(".repeat(100_000), &good[end..]);
    world.cli.file("after.sql", deep);
    world.refused(VERIFY, &["after.sql"]);
}

#[test]
fn snapshots_that_are_damaged() {
    let world = World::new();
    assert_eq!(world.run(&["snapshot", "--panel", "after.sql", "-o", "after.snapshot"]).code, 0);
    let good = world.cli.read("after.snapshot");
    let lines: Vec<&str> = good.lines().collect();
    let without_last = lines[..lines.len() - 1].join("\n");
    let cases = [
        (good[..good.len() / 2].to_owned().into_bytes(), "ends"),
        (without_last.into_bytes(), "ends"),
        (good.replacen("alice.example", "other.example", 1).into_bytes(), "damaged"),
        (good.replacen("\"reguid-snapshot\":1", "\"reguid-snapshot\":99", 1).into_bytes(), "version 99"),
        (good.replacen("alice", "\u{0}", 1).into_bytes(), "damaged"),
        (good.replace('\n', "").into_bytes(), "damaged"),
        (format!("{}\n{}\n", lines[0], "[".repeat(100_000)).into_bytes(), "damaged"),
        (format!("{}\n{}\n", lines[0], "{\"a\":".repeat(100_000)).into_bytes(), "damaged"),
        (good.bytes().map(|b| if b == b'a' { 0xff } else { b }).collect(), "bad.snapshot"),
    ];
    for (bytes, word) in cases {
        world.cli.file("bad.snapshot", &bytes);
        world.refused(&["verify", "var", "--panel", "bad.snapshot"], &["bad.snapshot", word]);
        world.refused(&["fix", "var", "--old", "bad.snapshot", "--new", "after.snapshot"], &["bad.snapshot", word]);
    }
}

#[test]
fn sources_of_a_form_that_is_not_read() {
    let world = World::new();
    let ran = world.refused(&["verify", "var", "--panel", "mysql://root:secret@localhost/psa"], &["the address holds a password"]);
    assert!(!ran.stderr.contains("secret"), "{ran}");
    world.refused(&["verify", "var", "--panel", "plesk:/nowhere"], &["there is no panel here", "run this on the panel's server"]);
    world.refused(
        &["verify", "var", "--panel", "mysql:///psa?socket=/nowhere"],
        &["mysql:///psa?socket=/nowhere", "check that the server runs"],
    );
    world.cli.file("backup_info.xml", "<?xml version=\"1.0\"?><migration-dump/>");
    world.refused(&["verify", "var", "--panel", "backup_info.xml"], &["backup_info.xml"]);
    world.refused(&["verify", "var", "--panel", "var"], &["var"]);
    world.refused(&["verify", "var", "--panel", "nowhere"], &["nowhere", "No such file"]);
    world.refused(&["verify", "var", "--panel", "-"], &["the standard input"]);
    world.refused(&["verify", "var", "--panel", ""], &["the word is empty", "whether the variable that stands there is set"]);
}

/// Both states from one pipe: the second would be empty, and all objects gone.
#[test]
fn the_standard_input_for_both_states() {
    let world = World::new();
    for command in ["plan", "fix"] {
        let args = [command, "var", "--old", "-", "--new", "-"];
        world.refused(&args, &["--old and --new are both the standard input", "write one of the two states to a file"]);
    }
}
