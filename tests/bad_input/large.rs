//! Inventory sources that are larger than memory: each ends in one clear error, and takes little memory.

use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::cli::Cli;

/// What a process may take, with all of its code and the threads' stacks: far less than any of the inputs.
const MOST_MEMORY: u64 = 64 << 20;
const DOMAINS: &str = "CREATE TABLE `domains` (`id` int, `guid` varchar(36), `name` text);\n";
const HEAD: &str = "-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB\n";

/// Feeds `pieces` to `reguid snapshot --panel -`; it must refuse them with these words and within the memory.
fn refused(pieces: impl Iterator<Item = Vec<u8>>, words: &[&str]) {
    let cli = Cli::new();
    let mut child = cli
        .command(&["snapshot", "--panel", "-", "-o", "x"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let (mut peak, mut bytes) = (None, 0);
    for piece in pieces {
        // It need not read on when it has seen enough.
        if input.write_all(&piece).is_err() {
            break;
        }
        bytes += piece.len() as u64;
        peak = memory(&child).max(peak);
    }
    drop(input);
    while child.try_wait().unwrap().is_none() {
        peak = memory(&child).max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    let ran = cli.ran(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 2, "{ran}");
    assert!(words.iter().all(|word| ran.stderr.contains(word)) && ran.stderr.contains("help: "), "{words:?}\n{ran}");
    assert!(ran.stderr.len() < 1000, "{ran}");
    assert!(!cli.root().join("x").exists());
    // Where it ended at once, there was nothing to be seen.
    assert!(peak.unwrap_or_default() < MOST_MEMORY, "{} MB after {} MB of {words:?}", peak.unwrap_or_default() >> 20, bytes >> 20);
}

/// The most memory that a running process has had until now, in bytes.
fn memory(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// `head`, then `piece` again and again up to so many megabytes.
fn long(head: &str, piece: &str, megabytes: usize) -> impl Iterator<Item = Vec<u8>> {
    let piece = piece.repeat((1 << 20) / piece.len()).into_bytes();
    std::iter::once(head.as_bytes().to_vec()).chain(std::iter::repeat_n(piece, megabytes))
}

#[test]
fn ten_gigabytes_of_zeros_in_gzip() {
    let zeros = vec![0; 100 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&zeros).unwrap();
    let member = gzip.finish().unwrap();
    refused(std::iter::repeat_n(member.clone(), 103), &["the standard input:1", "is no dump of mysqldump"]);
    // In front of them what makes them a value, of a table that is needed and of one that is not.
    let packed = |text: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap()
    };
    let needed = packed(&format!("{HEAD}{DOMAINS}INSERT INTO `domains` VALUES (1,NULL,'"));
    refused(
        std::iter::once(needed).chain(std::iter::repeat_n(member.clone(), 103)),
        &["the standard input:3", "a name longer than a megabyte"],
    );
    let other = packed(&format!("{HEAD}{DOMAINS}INSERT INTO `other` VALUES (1,NULL,'"));
    refused(
        std::iter::once(other).chain(std::iter::repeat_n(member, 20)),
        &["the standard input:3", "inside the statement that begins on line 3"],
    );
}

#[test]
fn lines_of_a_gigabyte() {
    refused(long("-- ", "x", 1024), &["the standard input: is empty"]);
    refused(long("/* ", "/* ", 96), &["the standard input:1: the dump ends at byte"]);
    refused(long("SELECT 1;/*!50003 ", "/*!50003 ", 32), &["the standard input:1: the dump ends at byte"]);
    refused(long("INSERT INTO `", "x", 1024), &["the standard input:1", "a name longer than a megabyte"]);
    refused(long("INSERT INTO ", "x", 1024), &["the standard input:1", "a word longer than a megabyte"]);
    refused(long("x", "x", 1024), &["the standard input:1"]);
    refused(long("INSERT INTO other VALUES (", "1,", 128), &["the standard input:1: the dump ends at byte"]);
    refused(
        long("<?xml version=\"1.0\"?><resultset statement=\"SELECT * FROM domains\"><row><field name=\"x\">", "x", 128),
        &["the standard input:1", "ends at byte"],
    );
    refused(
        long("<?xml version=\"1.0\"?><resultset statement=\"SELECT * FROM domains\"><row><field name=\"name\">", "x", 1024),
        &["a name longer than a megabyte"],
    );
    refused(long("<?xml version=\"1.0\"?><resultset ", "x", 1024), &["a tag longer than a megabyte"]);
    refused(long("<?xml version=\"1.0\"?><resultset>", "<a>", 1024), &["nested deeper"]);
    refused(long("id\tguid\tname\n1\tNULL\t", "x", 1024), &["the standard input:2", "a line longer than 16 megabytes"]);
}

#[test]
fn rows_of_millions_of_values() {
    let insert = |table: &str| format!("{HEAD}{DOMAINS}INSERT INTO `{table}` VALUES\n(");
    refused(long(&insert("domains"), "1,", 1024), &["the standard input:4", "has not the 3 values"]);
    refused(long(&insert("domains"), "(", 128), &["the standard input:4", "ends at byte"]);
    refused(long(&insert("other"), "NULL,'x',", 128), &["inside the statement that begins on line 3"]);
    let columns: String = (0..100_000).map(|n| format!("`c{n}` int,")).collect();
    refused(std::iter::once(format!("CREATE TABLE `domains` ({columns}`id` int);").into_bytes()), &["more than 10000 columns"]);
    let names: String = (0..100_000).map(|n| format!("`c{n}`,")).collect();
    refused(std::iter::once(format!("INSERT INTO `domains` ({names}`id`) VALUES (1);").into_bytes()), &["more than 10000 columns"]);
    let named: String = (0..100_000).map(|n| format!("c{n}\t")).collect();
    refused(
        std::iter::once(format!("id\tguid\tname\n1\tNULL\ta\nid\t{named}x\n").into_bytes()),
        &["the standard input:3", "more than 10000 columns"],
    );
}

/// Files with holes, which are read at any place: as large as what comes through a pipe elsewhere.
#[test]
fn files_of_gigabytes() {
    let cases: [(String, u64, &[u8], &[&str]); 4] = [
        // Rows that nobody needs are passed over where lines end, and here none does.
        (format!("{HEAD}{DOMAINS}INSERT INTO `other` VALUES\n(1,'"), 1 << 30, b"');\n", &["x.sql", "it was cut off"]),
        (
            format!("{HEAD}{DOMAINS}INSERT INTO `other` VALUES\n(1,'"),
            1 << 30,
            b"'",
            &["x.sql", "inside the statement that begins on line 3"],
        ),
        (
            format!("{HEAD}{DOMAINS}INSERT INTO `domains` VALUES\n(1,NULL,'"),
            1 << 30,
            b"');\n",
            &["x.sql:4", "a name longer than a megabyte"],
        ),
        (String::new(), 1 << 30, b"", &["x.sql:1", "is no dump of mysqldump"]),
    ];
    for (head, size, tail, words) in cases {
        let cli = Cli::new();
        let path = cli.root().join("x.sql");
        let mut file = std::fs::File::create(&path).unwrap();
        file.write_all(head.as_bytes()).unwrap();
        file.set_len(size).unwrap();
        std::io::Seek::seek(&mut file, std::io::SeekFrom::End(0)).unwrap();
        file.write_all(tail).unwrap();
        let mut child =
            cli.command(&["snapshot", "--panel", "x.sql", "-o", "x"]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut peak = None;
        while child.try_wait().unwrap().is_none() {
            peak = memory(&child).max(peak);
            std::thread::sleep(Duration::from_millis(2));
        }
        let ran = cli.ran(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 2, "{ran}");
        assert!(words.iter().all(|word| ran.stderr.contains(word)) && ran.stderr.contains("help: "), "{words:?}\n{ran}");
        assert!(peak.unwrap_or_default() < MOST_MEMORY, "{} MB of {words:?}", peak.unwrap_or_default() >> 20);
    }
}
