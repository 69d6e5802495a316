//! A disk without room. Needs to be root, to mount one; anybody else fails loudly.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::world::{FIX, PLAN, SNAPSHOT, World};

/// A small disk at a folder of the world.
struct Disk(PathBuf);

impl Disk {
    fn new(world: &World, path: &str, kilobytes: usize) -> Disk {
        let at = world.path(path);
        fs::create_dir_all(&at).unwrap();
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).status().unwrap();
        assert!(mounted.success(), "this test mounts a small disk: run it as root");
        Disk(at)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The world's var directory, on a disk with that much room beside it.
fn tight(world: &World, room: usize) -> Disk {
    let files = ["data.db", "reguid.toml"].map(|name| (name, world.bytes(&format!("var/{name}"))));
    let used: usize = files.iter().map(|(_, bytes)| bytes.len().div_ceil(4096) * 4).sum();
    let disk = Disk::new(world, "var", used + room);
    for (name, bytes) in files {
        world.cli.file(&format!("var/{name}"), bytes);
    }
    disk
}

#[test]
fn a_full_disk_during_a_fix() {
    let (mut refused, mut done) = (0, 0);
    for room in [0, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 768, 4096] {
        let world = World::new();
        let disk = tight(&world, room);
        if world.run(PLAN).code != 0 {
            panic!("a plan needs no room");
        }
        let before = world.everything();
        let ran = world.run(FIX);
        if ran.code == 0 {
            assert_eq!(world.counts(), (0, 1000));
            done += 1;
        } else {
            assert!(before == world.everything(), "{room}: {ran}");
            let ran = world.refused(FIX, &[]);
            // It is seen before anything is written, or by SQLite.
            assert!(["full", "too little room"].iter().any(|word| ran.stderr.contains(word)), "{room}: {ran}");
            assert_eq!(world.counts(), (1000, 0));
            refused += 1;
        }
        drop(disk);
    }
    assert!(refused >= 5 && done >= 1, "{refused} refused, {done} done");
}

#[test]
fn files_that_may_not_grow() {
    // `ulimit -f` counts in blocks of 512 or 1024 bytes; the signal is ignored, as daemons do, or left as it is.
    for blocks in ["0", "8", "64"] {
        let world = World::new();
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let ran = world.stays(world.command(&["/bin/sh", "-c", &script], FIX), FIX, 2, &[".db"]);
        assert!(ran.stderr.contains("room") || ran.stderr.contains("space"), "{ran}");
    }
}

#[test]
fn no_room_for_a_report() {
    let world = World::new();
    let disk = Disk::new(&world, "small", 4);
    for args in [[PLAN, &["-o", "small/plan.json"]].concat(), vec!["snapshot", "--panel", "after.sql", "-o", "small/x.snapshot"]] {
        world.refused(&args, &["small/", "No space left"]);
    }
    drop(disk);
    let tight = tight(&world, 4);
    world.refused(SNAPSHOT, &["var/reguid.db", "full"]);
    drop(tight);
}

#[test]
fn no_room_for_a_private_copy() {
    let world = World::new();
    let writer = world.connect("var/data.db");
    writer.execute_batch("PRAGMA journal_mode = WAL; UPDATE apps SET note = 'x' WHERE id = 1").unwrap();
    let disk = Disk::new(&world, "small", 8);
    for args in [PLAN, &["lint", "var/data.db"]] {
        let mut command = world.command(&[], args);
        command.env("TMPDIR", world.path("small"));
        world.stays(command, args, 2, &["data.db", "temporary folder", "No space left"]);
        let mut command = world.command(&[], args);
        command.env("TMPDIR", world.path("nowhere"));
        world.stays(command, args, 2, &["data.db", "temporary folder"]);
    }
    drop(disk);
}
