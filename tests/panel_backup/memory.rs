//! Memory does not grow with the size of a file.

use std::io::Write;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::cli::{Cli, Ran};

/// What the command may need beside the objects.
const LIMIT: u64 = 48 << 20;

fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// Runs `reguid snapshot` on what `write` gives through a pipe; also gives the most memory that it had.
fn run(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()> + Send) -> (Ran, u64) {
    let cli = Cli::new();
    let mut command = cli.command(&["snapshot", "--panel", "-", "-o", "x.snapshot"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut to = std::io::BufWriter::with_capacity(1 << 20, child.stdin.take().unwrap());
    let mut most = 0;
    std::thread::scope(|scope| {
        // The command may end before it has read everything.
        scope.spawn(move || drop(write(&mut to).and_then(|()| to.flush())));
        while child.try_wait().unwrap().is_none() {
            most = peak(&child).unwrap_or_default().max(most);
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let ran = cli.ran(child.wait_with_output().unwrap());
    assert!(most > 0, "the system tells");
    (ran, most)
}

const HEAD: &[u8] = b"<?xml version='1.0'?>\n<migration-dump><client id='1' guid='x' name='c'/>";
const TAIL: &[u8] = b"</migration-dump>";

fn repeat(to: &mut dyn Write, bytes: &[u8], megabytes: usize) -> std::io::Result<()> {
    let block = bytes.repeat((1 << 20) / bytes.len());
    (0..megabytes).try_for_each(|_| to.write_all(&block))
}

#[test]
fn a_large_file_with_few_objects_needs_little() {
    for (begin, middle, end, megabytes) in [
        (&b"<x>"[..], &b"some text\n"[..], &b"</x>"[..], 100),
        (b"<x><![CDATA[", b"]] <not> ]", b"]]></x>", 100),
        (b"<!--", b" - a - ", b"-->", 100),
        // A build that was not made to be fast takes its time for each tag.
        (b"", b"<setting><name>a</name><value x='y'>b</value></setting>\n", b"", 48),
    ] {
        let (ran, most) = run(|to| {
            to.write_all(HEAD)?;
            to.write_all(begin)?;
            repeat(to, middle, megabytes)?;
            to.write_all(end)?;
            to.write_all(TAIL)
        });
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stdout.starts_with("x.snapshot: 1 object written."), "{ran}");
        assert!(most < LIMIT, "{most} bytes for {}", middle.escape_ascii());
    }
}

#[test]
fn an_attribute_or_a_name_of_a_gigabyte_is_refused_at_once() {
    for (begin, place) in [
        (&b"<domain id='1' name='"[..], "longer than 1048576 bytes"),
        (b"<", "longer than 1048576 bytes"),
        (b"<?pi ", "longer than 1048576 bytes"),
    ] {
        let (ran, most) = run(|to| {
            to.write_all(HEAD)?;
            to.write_all(begin)?;
            repeat(to, b"x", 1024)
        });
        assert_eq!(ran.code, 2, "{ran}");
        assert!(
            ran.stderr.contains("the standard input:2: holds more than a backup can: a tag or text is ") && ran.stderr.contains(place),
            "{ran}"
        );
        assert!(most < LIMIT, "{most} bytes");
    }
}

#[test]
fn a_large_archive_needs_little() {
    let (ran, most) = run(|to| {
        let mut archive = std::process::Command::new("tar")
            .args(["--create", "--directory"])
            .arg(crate::fixture(""))
            .args(["--transform", "s/server.xml/backup_info_2611230410.xml/", "server.xml"])
            .output()?
            .stdout;
        // The end of the archive makes room for one more member, with a size in base 256.
        archive.truncate(archive.len().div_ceil(512) * 512);
        while archive.ends_with(&[0; 512]) {
            archive.truncate(archive.len() - 512);
        }
        let mut header = archive[..512].to_vec();
        header[..100].fill(0);
        header[..5].copy_from_slice(b"a.tgz");
        header[124..136].copy_from_slice(b"\x80\0\0\0\0\0\0\0\x08\0\0\0");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        to.write_all(&header)?;
        repeat(to, &[1], 128)?;
        to.write_all(&archive)?;
        to.write_all(&[0; 1024])
    });
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("1 archives inside of it (134217728 bytes) were not opened"), "{ran}");
    assert!(most < LIMIT, "{most} bytes");
}
