//! Real PHP as the judge: what `unserialize` and `json_decode` make of a rewritten value is what they make of the value, with the ids mapped.
//!
//! `tests/support/values.php` makes random values, and maps them in PHP by rules of its own; here the texts are rewritten in between.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use reguid::value::{Fate, Found, Spot, Spots, rewrite};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/values.php");

fn php(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("php")
        .args(["-d", "memory_limit=512M", "-d", "error_reporting=0", "-d", "precision=17", "-d", "serialize_precision=-1", SCRIPT])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|e| panic!("php does not start ({e}): scripts/test installs php-cli"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    output.stdout
}

/// The values of one line each, in hexadecimal digits.
fn lines(text: &[u8]) -> Vec<Vec<u8>> {
    let line = |line: &str| (0..line.len() / 2).map(|i| u8::from_str_radix(&line[2 * i..2 * i + 2], 16).unwrap()).collect();
    std::str::from_utf8(text).unwrap().lines().map(line).collect()
}

fn hex(value: &[u8]) -> String {
    value.iter().map(|b| format!("{b:02x}")).collect::<String>() + "\n"
}

/// `domain` is an id of a domain wherever it stands; `sites` has domains' ids as keys; `owners` is a list of ids of clients.
fn spots() -> Spots {
    let mut spots = Spots::default();
    let hole = |word: &str| (word == "domain").then_some(0);
    for (path, tag) in [("$..domain", Some(0)), ("$..sites.{domain}", None), ("$..owners[*]", Some(1))] {
        spots.add(&Spot { path: Some(path), tag, ..Spot::default() }, &hole).unwrap();
    }
    spots
}

/// What the script does too: of domains, 1 to 40 trade places with their neighbours and 41 to 60 move by 1000; clients move by 7.
fn fate(found: &Found<'_>) -> Fate {
    match (found.tag, found.id) {
        (0, 1..=40) => Fate::Set(((found.id - 1) ^ 1) + 1),
        (0, 41..=60) => Fate::Set(found.id + 1000),
        (1, 1..=60) => Fate::Set(found.id + 7),
        _ => Fate::Keep,
    }
}

fn judged(form: &str, count: usize) {
    let spots = spots();
    let made = php(&["make", form, &count.to_string()], b"");
    let values = lines(&made);
    assert_eq!(values.len(), count);
    let (mut input, mut changed) = (String::new(), 0);
    for value in &values {
        let done = rewrite(value, &spots, &mut fate).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(value)));
        assert_eq!(done.collisions, [], "{}", String::from_utf8_lossy(value));
        assert_eq!(done.edits.is_empty(), *done.bytes == **value);
        changed += usize::from(!done.edits.is_empty());
        input.push_str(&hex(value));
        input.push_str(&hex(&done.bytes));
    }
    assert!(changed > count / 4, "{changed} of {count} values change");
    let verdict = String::from_utf8(php(&["judge", form], input.as_bytes())).unwrap();
    assert_eq!(verdict, format!("{count} values, {changed} changed\n"));
}

#[test]
fn t13_php_reads_serialized_values_as_the_mapped_originals() {
    judged("serialize", 4000);
}

#[test]
fn t14_php_reads_json_values_as_the_mapped_originals() {
    judged("json", 4000);
}

#[test]
fn the_script_is_there() {
    assert!(Path::new(SCRIPT).is_file());
}
