//! What comes through a pipe is the inventory that a file would be.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use crate::mariadb::MariaDb;
use crate::support::cli::Cli;
use crate::{gzip, load, read, zstd};

/// The inventory that `reguid snapshot` makes of these bytes on its standard input.
fn piped(bytes: &[u8]) -> reguid::panel::Inventory {
    let cli = Cli::new();
    let mut command = cli.command(&["snapshot", "--panel", "-", "-o", "x.snapshot"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("reguid runs");
    let mut input = child.stdin.take().expect("it is a pipe");
    // In pieces that end anywhere, as a slow program writes them.
    bytes.chunks(1777).for_each(|piece| input.write_all(piece).expect("all of it is read"));
    drop(input);
    let ran = cli.ran(child.wait_with_output().expect("it ends"));
    assert_eq!(ran.code, 0, "{ran}");
    read(&cli.root().join("x.snapshot"))
}

#[test]
fn the_standard_input_is_the_same_inventory() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    let whole = read(&crate::corpus("before.dump.sql"));
    let rows = crate::printed::selects().iter().map(|(_, table)| format!("SELECT * FROM `{table}`")).collect::<Vec<_>>().join("; ");
    for (form, dump) in [
        ("a dump", server.dump(["psa"])),
        ("all databases", server.dump(["--all-databases", "--skip-extended-insert", "--hex-blob"])),
        ("a dump as XML", server.dump(["--xml", "psa"])),
        ("rows as XML", server.print(["--xml", "-e", &rows, "psa"])),
    ] {
        for (packing, bytes) in [("plain", dump.clone()), ("gzip", gzip(&dump)), ("zstd", zstd(&dump))] {
            let inventory = piped(&bytes);
            assert_eq!(inventory.objects(), whole.objects(), "{form}, {packing}");
            assert_eq!(inventory.duplicates(), whole.duplicates(), "{form}, {packing}");
        }
    }
}

/// A pipe with a name, as a shell makes of `<(mysqldump …)`.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_the_same_inventory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pipe: PathBuf = folder.path().join("dump.sql");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
    assert!(made.success());
    let file = crate::corpus("before.dump.sql");
    let (from, to) = (file.clone(), pipe.clone());
    let writing = std::thread::spawn(move || {
        let bytes = std::fs::read(from).expect("the corpus is there");
        std::fs::write(to, bytes).expect("it is read to its end");
    });
    let inventory = read(&pipe);
    writing.join().expect("it is read once");
    assert_eq!(inventory.objects(), read(&file).objects());
}
