//! Paths that are missing, unreadable, unwritable, or something else than they should be.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use crate::world::{DRY, FIX, PLAN, READERS, SNAPSHOT, UNDO, VERIFY, World, as_nobody, sound};

fn mode(world: &World, path: &str, mode: u32) {
    fs::set_permissions(world.path(path), fs::Permissions::from_mode(mode)).unwrap();
}

fn pipe(world: &World, path: &str) {
    let made = std::process::Command::new("mkfifo").arg(world.path(path)).status().unwrap();
    assert!(made.success());
}

/// `args` with the word `from` replaced.
fn with<'a>(args: &[&'a str], from: &str, to: &'a str) -> Vec<&'a str> {
    args.iter().map(|word| if *word == from { to } else { word }).collect()
}

#[test]
fn a_var_directory_that_is_none() {
    let world = World::new();
    for args in [PLAN, FIX, DRY, VERIFY, UNDO, SNAPSHOT] {
        world.refused(&with(args, "var", "nowhere"), &["nowhere: not a var directory", "No such file"]);
        world.refused(&with(args, "var", "var/data.db"), &["var/data.db: not a var directory", "not a directory"]);
    }
}

#[test]
fn a_var_directory_without_its_databases() {
    let world = World::new();
    fs::remove_file(world.path("var/data.db")).unwrap();
    world.cli.file("var/cache.db", "not a database");
    for args in READERS {
        world.refused(args, &["var: there is no database data.db", "var/reguid.toml:1:1"]);
    }
    world.refused(UNDO, &["var: there is no run to take back"]);
    fs::remove_file(world.path("var/reguid.toml")).unwrap();
    for args in READERS {
        world.refused(args, &["there is no manifest: neither var/reguid.toml nor reguid.toml"]);
    }
}

#[test]
fn what_is_in_the_way_of_a_database() {
    let world = World::new();
    let good = world.bytes("var/data.db");
    fs::remove_file(world.path("var/data.db")).unwrap();
    pipe(&world, "var/data.db");
    for args in READERS {
        world.refused(args, &["var/data.db: not a regular file"]);
    }
    fs::remove_file(world.path("var/data.db")).unwrap();
    fs::create_dir(world.path("var/data.db")).unwrap();
    for args in READERS {
        world.refused(args, &["there is no database data.db"]);
    }
    fs::remove_dir(world.path("var/data.db")).unwrap();
    for (target, says) in [("nowhere", "nowhere"), ("../elsewhere.db", "elsewhere.db")] {
        world.cli.file("elsewhere.db", &good);
        symlink(target, world.path("var/data.db")).unwrap();
        for args in READERS {
            world.refused(args, &["var/data.db is a link to", says]);
        }
        fs::remove_file(world.path("var/data.db")).unwrap();
    }
    fs::write(world.path("var/data.db"), &good).unwrap();
    pipe(&world, "var/reguid.db");
    for args in [PLAN, FIX, DRY, UNDO, SNAPSHOT] {
        world.refused(args, &["var/reguid.db: not a regular file"]);
    }
}

#[test]
fn names_that_are_no_utf_8() {
    let world = World::new();
    let odd = world.path("var").join(std::ffi::OsStr::from_bytes(b"caf\xe9.db"));
    fs::copy(world.path("var/data.db"), &odd).unwrap();
    // Nobody asked for it.
    assert_eq!(world.run(PLAN).code, 0);
    let manifest = world.cli.read("var/reguid.toml").replace("data.db", "*.db");
    world.cli.file("var/reguid.toml", manifest);
    for args in READERS {
        world.refused(args, &["caf\u{fffd}.db is no UTF-8", "var/reguid.toml:1:1"]);
    }
    // As an argument it is a matter of usage.
    let mut command = world.command(&[], &["plan"]);
    command.arg(std::ffi::OsStr::from_bytes(b"v\xffr"));
    let ran = world.cli.ran(command.output().unwrap());
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("invalid UTF-8"), "{ran}");
}

#[test]
fn what_may_not_be_read() {
    let world = World::new();
    for (path, commands) in [
        ("var/data.db", &READERS[..]),
        ("var/reguid.toml", &READERS[..]),
        ("after.sql", &[PLAN, FIX, VERIFY, SNAPSHOT]),
        ("before.sql", &[PLAN, FIX]),
    ] {
        mode(&world, path, 0o000);
        for args in commands {
            world.refused_to_nobody(args, &[path, "ermission denied"]);
        }
        mode(&world, path, 0o644);
    }
    mode(&world, "var", 0o000);
    for args in [PLAN, FIX, DRY, VERIFY, UNDO, SNAPSHOT] {
        world.refused_to_nobody(args, &["var", "ermission denied"]);
    }
    mode(&world, "var", 0o755);
    fs::create_dir(world.path("var/secret")).unwrap();
    mode(&world, "var/secret", 0o000);
    for args in READERS {
        world.refused_to_nobody(args, &["var/secret", "ermission denied"]);
    }
}

#[test]
fn what_may_not_be_written() {
    let world = World::new();
    mode(&world, "var", 0o777);
    // The file, the folder, both.
    for (folder, file) in [(0o777, 0o444), (0o555, 0o666), (0o555, 0o444)] {
        mode(&world, "var", folder);
        mode(&world, "var/data.db", file);
        world.refused_to_nobody(FIX, &["var/"]);
        world.stays(world.command(as_nobody(), PLAN), PLAN, 0, &[]);
        world.stays(world.command(as_nobody(), VERIFY), VERIFY, 0, &[]);
    }
    world.refused_to_nobody(SNAPSHOT, &["var/reguid.db", "ermission denied"]);
    // A run that was made by somebody else cannot be taken back.
    mode(&world, "var", 0o755);
    assert_eq!(world.run(FIX).code, 0);
    world.refused_to_nobody(UNDO, &["var/"]);
    mode(&world, "var", 0o777);
    world.refused_to_nobody(UNDO, &["var/"]);
    assert_eq!(world.run(UNDO).code, 0);
    assert_eq!(world.counts(), (1000, 0));
}

#[test]
fn a_log_beside_a_database_that_may_only_be_read_is_read() {
    let world = World::new();
    let writer = world.holder("PRAGMA journal_mode = WAL; UPDATE apps SET domain_id = 8 WHERE id = 1");
    for suffix in ["", "-wal", "-shm"] {
        mode(&world, &format!("var/data.db{suffix}"), 0o444);
    }
    mode(&world, "var", 0o555);
    let ran = world.stays(world.command(as_nobody(), PLAN), PLAN, 0, &[]);
    assert!(ran.stdout.contains("2000"), "{ran}");
    world.stays(world.command(as_nobody(), &["lint", "var/data.db", "--min-confidence", "possible"]), &["lint"], 0, &["table `apps`"]);
    drop(writer);
}

#[test]
fn a_report_that_cannot_go_where_it_should() {
    let world = World::new();
    let plan = |to| [PLAN, &["-o", to]].concat();
    let snapshot = |to| vec!["snapshot", "--panel", "after.sql", "-o", to];
    for to in ["nowhere/x", "after.sql/x", "var"] {
        for args in [plan(to), snapshot(to)] {
            let ran = world.refused(&args, &[&format!("{to}: cannot be written")]);
            assert!(!ran.stderr.contains("at path"), "a temporary file's name tells nothing: {ran}");
        }
    }
    mode(&world, "var", 0o555);
    world.refused_to_nobody(&plan("var/plan.json"), &["var/plan.json: cannot be written"]);
    world.refused_to_nobody(&snapshot("var/x.snapshot"), &["var/x.snapshot: cannot be written"]);
    world.cli.file("extension/meta.xml", "<module><id>x</id></module>");
    world.cli.file("extension/good.php", crate::extensions::GOOD);
    mode(&world, "extension", 0o555);
    world.refused_to_nobody(&["references", "extension", "--write"], &["extension/reguid.toml"]);
    // A plan that fails does not replace the one that is there.
    world.cli.file("plan.json", "the plan of yesterday").file("var/reguid.toml", "nonsense");
    world.refused(&plan("plan.json"), &["var/reguid.toml"]);
}

#[test]
fn nobody_listens() {
    let world = World::new();
    for args in [PLAN, DRY, VERIFY] {
        for close in [">&-", "2>&-", ">&- 2>&- <&-"] {
            let script = format!("exec \"$0\" \"$@\" {close}");
            let mut command = world.command(&["/bin/sh", "-c", &script], args);
            let before = world.everything();
            let ran = world.cli.ran(command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap());
            sound(args, &ran);
            let expected = world.run(args).code;
            assert_eq!(ran.code, expected, "{args:?} {close}\n{ran}");
            assert!(world.everything() == before, "{args:?} {close}");
        }
    }
    // What was done is done, and the exit code says so.
    let mut command = world.command(&["/bin/sh", "-c", "exec \"$0\" \"$@\" >&- 2>&- <&-"], FIX);
    assert_eq!(world.cli.ran(command.output().unwrap()).code, 0);
    assert_eq!(world.counts(), (0, 1000));
    let mut command = world.command(&["/bin/sh", "-c", "exec \"$0\" \"$@\" >&- 2>&- <&-"], UNDO);
    assert_eq!(world.cli.ran(command.output().unwrap()).code, 0);
    assert_eq!(world.counts(), (1000, 0));
}
