//! Cells that are no ids, or odd ones; names that are no plain words.

use std::fs;

use crate::world::{DRY, FIX, MANIFEST, PLAN, UNDO, VERIFY, World, sound};

/// The odd cell: its storage class and bytes.
fn odd(world: &World) -> String {
    world
        .connect("var/data.db")
        .query_row("SELECT typeof(domain_id) || hex(domain_id) FROM apps WHERE id = 9999", [], |r| r.get(0))
        .unwrap()
}

#[test]
fn numbers_at_the_edges_stop_and_are_listed() {
    for value in [
        "9223372036854775807",
        "-9223372036854775808",
        "-5",
        "4294967301",
        "5.5",
        "5e300",
        "-0.25",
        "9e999",
        "x'35'",
        "x'ff00'",
        "'5 '",
        "'05'",
        "'99999999999999999999999'",
        "CAST(x'ff35' AS TEXT)",
        "'5' || char(0)",
        "'\u{665}'",
        "zeroblob(1000000)",
    ] {
        let world = World::new();
        world.sql("var/data.db", &format!("INSERT INTO apps VALUES (9999, {value}, 'odd')"));
        let was = odd(&world);
        let mut codes = Vec::new();
        for args in [PLAN, DRY, VERIFY] {
            let before = world.everything();
            let ran = world.run(args);
            sound(args, &ran);
            assert!(ran.code <= 1, "{value} {args:?}\n{ran}");
            assert!(world.everything() == before, "{value} {args:?}");
            codes.push(ran.code);
        }
        let before = world.everything();
        let ran = world.run(FIX);
        sound(FIX, &ran);
        assert_eq!(ran.code, codes[0], "{value}: fix does as plan says\n{ran}");
        if ran.code == 1 {
            assert!(ran.stdout.contains("data.db: sqlite:apps.domain_id: ") && ran.stdout.contains("(1 row)"), "{value}: named\n{ran}");
            assert!(world.everything() == before, "{value}");
            continue;
        }
        // `'5 '` became a number when it was stored; everything else is as it was.
        let expected = if was == "integer35" { "integer37" } else { &was };
        assert_eq!(odd(&world), expected, "{value}\n{ran}");
        assert_eq!(world.run(UNDO).code, 0);
        assert_eq!(odd(&world), was, "{value}");
    }
}

#[test]
fn names_of_any_bytes() {
    let world = World::new();
    let odd = "sel\"ect ' \\ ] ; -- \u{1F600}\u{202E}";
    let quoted = format!("\"{}\"", odd.replace('"', "\"\""));
    world.sql("var/data.db", &format!("CREATE TABLE {quoted}({quoted} INT); INSERT INTO {quoted} VALUES (5), (7), (5)"));
    let toml = format!("'''{odd}'''");
    world.cli.file("var/reguid.toml", MANIFEST.replace("\"apps\"", &toml).replace("\"domain_id\"", &toml));
    assert_eq!(world.run(FIX).code, 0);
    assert_eq!(world.run(VERIFY).code, 0);
    assert_eq!(world.run(UNDO).code, 0);
    for format in ["human", "json"] {
        let ran = world.run(&["lint", "var/data.db", "--format", format]);
        sound(&["lint"], &ran);
        assert!(ran.code <= 1, "{ran}");
    }
}

#[test]
fn names_that_are_no_utf_8() {
    let world = World::new();
    world.sql("var/data.db", "CREATE TABLE zzzz_table(domain_zz INT, payload); INSERT INTO zzzz_table VALUES (5, 1)");
    let mut bytes = world.bytes("var/data.db");
    while let Some(at) = bytes.windows(4).position(|w| w == b"zzzz") {
        bytes[at..at + 4].copy_from_slice(b"\xff\xfe\xc0\x80");
    }
    while let Some(at) = bytes.windows(3).position(|w| w == b"_zz") {
        bytes[at..at + 3].copy_from_slice(b"_\xff\xfe");
    }
    fs::write(world.path("var/data.db"), bytes).unwrap();
    // Neither a table nor a row that nobody asked for stands in the way.
    for args in [PLAN, DRY, VERIFY] {
        world.stays(world.command(&[], args), args, 0, &["2000"]);
    }
    assert_eq!(world.run(FIX).code, 0);
    assert_eq!(world.counts(), (0, 1000));
    assert_eq!(world.run(UNDO).code, 0);
    for args in [&["lint", "var/data.db"][..], &["lint", "var/data.db", "--format", "json"], &["references", "var/data.db"]] {
        let ran = world.run(args);
        sound(args, &ran);
        assert!(ran.code <= 1, "{ran}");
    }
}

#[test]
fn text_that_is_no_utf_8_survives_beside_an_id() {
    let world = World::new();
    world.sql("var/data.db", "UPDATE apps SET note = CAST(x'fffe00c080' || id AS TEXT)");
    let notes =
        || world.connect("var/data.db").query_row("SELECT group_concat(hex(note)) FROM apps", [], |r| r.get::<_, String>(0)).unwrap();
    let before = notes();
    assert_eq!(world.run(FIX).code, 0);
    assert_eq!(notes(), before);
    assert_eq!(world.run(UNDO).code, 0);
    assert_eq!(notes(), before);
    assert_eq!(world.counts(), (1000, 0));
}
