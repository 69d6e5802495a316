//! Manifests that are no manifests, and such that name what is not there.

use std::fs;

use crate::world::{FIX, MANIFEST, READERS, World};

fn refused_everywhere(world: &World, manifest: impl AsRef<[u8]>, words: &[&str]) {
    world.cli.file("var/reguid.toml", manifest);
    for args in READERS {
        world.refused(args, words);
    }
}

#[test]
fn what_is_no_manifest() {
    let world = World::new();
    refused_everywhere(&world, "", &["var/reguid.toml", "declares no references"]);
    refused_everywhere(&world, "# nothing yet\n[lint]\nfail-on = \"error\"\n", &["var/reguid.toml", "declares no references"]);
    refused_everywhere(&world, b"[[reference]]\ndatabase = \"d\xe4ta.db\"\n", &["var/reguid.toml is not UTF-8", "byte 27"]);
    refused_everywhere(&world, "\0\0\0", &["var/reguid.toml:1:1"]);
    refused_everywhere(&world, "[[reference]\n", &["var/reguid.toml:1:"]);
    refused_everywhere(&world, format!("{MANIFEST}kind = \"client\"\n"), &["var/reguid.toml:6:1"]);
    refused_everywhere(&world, world.bytes("var/data.db"), &["var/reguid.toml"]);
    refused_everywhere(&world, MANIFEST.replace("domain\"", "domian\""), &["var/reguid.toml:5:", "domian", "`domain`"]);
    refused_everywhere(&world, MANIFEST.replace("kind", "kidn"), &["var/reguid.toml", "kidn"]);
    refused_everywhere(&world, MANIFEST.replace("\"apps\"", "5"), &["var/reguid.toml:3:"]);
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let deep = format!("a = {}1{}\n", open.repeat(100_000), close.repeat(100_000));
        refused_everywhere(&world, deep, &["var/reguid.toml"]);
    }
    refused_everywhere(&world, format!("{} = 1\n", vec!["a"; 100_000].join(".")), &["var/reguid.toml"]);
    refused_everywhere(&world, format!("[{}]\n", vec!["a"; 100_000].join(".")), &["var/reguid.toml"]);
}

#[test]
fn names_that_are_not_there() {
    let world = World::new();
    world.sql("var/data.db", "CREATE VIEW seen AS SELECT domain_id FROM apps; CREATE TABLE jobs(payload TEXT)");
    let edit = |from: &str, to: &str| MANIFEST.replace(from, to);
    refused_everywhere(&world, edit("data.db", "date.db"), &["no database date.db", "var/reguid.toml:1:1", "did you mean `data.db`"]);
    refused_everywhere(&world, edit("\"apps", "\"aps"), &["no table aps", "var/reguid.toml:1:1", "did you mean `apps`"]);
    refused_everywhere(&world, edit("domain_id", "domian_id"), &["no column domian_id", "var/reguid.toml:1:1", "did you mean `domain_id`"]);
    refused_everywhere(&world, edit("data.db", "../data.db"), &["var/reguid.toml:2:12", "leaves its folder"]);
    refused_everywhere(&world, edit("data.db", "/etc/passwd"), &["var/reguid.toml:2:12"]);
    refused_everywhere(&world, edit("data.db", "[a"), &["var/reguid.toml:2:"]);
    refused_everywhere(&world, edit("data.db", "nothing-*.db"), &["no database nothing-*.db"]);
    refused_everywhere(&world, edit("data.db", "reguid.db"), &["companion"]);
    refused_everywhere(&world, edit("data.db", "reguid.toml"), &["var/reguid.toml: not a SQLite database"]);
    refused_everywhere(&world, edit("apps", "a\\u0000pps"), &["var/reguid.toml"]);
    refused_everywhere(&world, format!("{MANIFEST}{MANIFEST}"), &["var/reguid.toml:6:", "declared twice"]);
    world.cli.file("var/reguid.toml", edit("apps", "seen"));
    world.refused(FIX, &["sqlite:seen.domain_id", "a view"]);
    world.cli.file("var/reguid.toml", format!("{MANIFEST}[[reference]]\nsetting = \"x\"\nkind = \"domain\"\n"));
    world.refused(FIX, &["setting:x"]);
}

#[test]
fn a_manifest_that_cannot_be_opened() {
    let world = World::new();
    fs::create_dir(world.path("folder")).unwrap();
    for path in ["nowhere", "folder", "var/data.db/x"] {
        for args in READERS {
            world.refused(&[args, &["--manifest", path]].concat(), &[path]);
        }
    }
}

#[test]
fn the_manifest_of_an_extension() {
    let world = World::new();
    world.cli.file("extension/meta.xml", "<module><id>x</id></module>");
    world.cli.file("extension/a.sql", "CREATE TABLE apps(domain_id INTEGER NOT NULL);");
    for (manifest, word) in
        [(&b"[[reference]\n"[..], "reguid.toml:1:"), (b"\xff", "is not UTF-8"), (b"[lint]\nfail-on = 3\n", "reguid.toml:2:")]
    {
        world.cli.file("extension/reguid.toml", manifest);
        for args in [&["lint", "extension"][..], &["references", "extension"], &["references", "extension", "--write"]] {
            world.refused(args, &["extension/reguid.toml", word]);
        }
    }
}
