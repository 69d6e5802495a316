//! The calls and comments that reguid reads in PHP files, against those that PHP itself reads in them.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use reguid::extension::php::ir::{Bytes, ExprId, ExprKind, Script};
use reguid::extension::php::parse::parse;
use reguid::extension::source::FileId;
use serde_json::Value;

/// Runs a PHP script of `tests/support`.
fn php(script: &str, args: &[PathBuf]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support").join(script);
    let output = Command::new("php")
        .args(["-d", "short_open_tag=0"])
        .arg(script)
        .args(args)
        .output()
        .expect("the command `php` (php-cli 8.2 or later) is needed here; scripts/test says how to get it");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("JSON")
}

fn slice(source: &[u8], at: Bytes) -> &[u8] {
    &source[at.start as usize..at.end as usize]
}

/// The position behind the first `needle` from `from` on, and behind the blanks and comments that follow it.
fn behind(source: &[u8], from: u32, needles: &[&str]) -> u32 {
    let from = from as usize;
    let found =
        needles.iter().filter_map(|n| source[from..].windows(n.len()).position(|w| w == n.as_bytes()).map(|i| from + i + n.len())).min();
    let mut i = found.expect("a member operator");
    loop {
        if source[i].is_ascii_whitespace() {
            i += 1;
        } else if source[i..].starts_with(b"/*") {
            i += source[i..].windows(2).position(|w| w == b"*/").expect("an end") + 2;
        } else {
            return u32::try_from(i).unwrap();
        }
    }
}

/// Calls as `(name as written, offset)`, in the order of the source.
fn calls(script: &Script, source: &[u8]) -> Vec<(String, u64)> {
    let mut calls = Vec::new();
    for i in 0..script.exprs.len() {
        let expr = script.expr(ExprId(u32::try_from(i).unwrap()));
        let (name, at) = match expr.kind {
            ExprKind::Call { name, .. } => (name, expr.at.start),
            ExprKind::Method { object, name, .. } => (name, behind(source, script.expr(object).at.end, &["->", "::"])),
            ExprKind::Static { name, .. } => (name, behind(source, expr.at.start, &["::"])),
            _ => continue,
        };
        let written = &source[at as usize..];
        let len = written.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_' || **b == b'\\' || **b >= 0x80).count();
        let written = String::from_utf8_lossy(&written[..len]).into_owned();
        let last = |name: &str| name.rsplit('\\').next().unwrap_or_default().to_owned();
        assert_eq!(last(&written), last(script.text(name)), "the name at {at}");
        calls.push((written, u64::from(at)));
    }
    calls.sort_by_key(|(_, at)| *at);
    calls
}

#[test]
fn calls_and_comments_are_those_that_php_sees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/php");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 15);
    let seen_by_php = php("calls.php", &files);
    assert_eq!(seen_by_php.lines().count(), files.len(), "PHP takes every file");
    let mut total = 0;
    for (line, path) in seen_by_php.lines().zip(&files) {
        let seen: Value = serde_json::from_str(line).unwrap();
        let source = std::fs::read(path).unwrap();
        let script = parse(FileId(0), &source);
        assert!(script.errors.is_empty(), "{}: {:?}", path.display(), script.errors);
        let expected: Vec<(String, u64)> =
            seen[1].as_array().unwrap().iter().map(|call| (call[0].as_str().unwrap().to_owned(), call[1].as_u64().unwrap())).collect();
        assert_eq!(calls(&script, &source), expected, "{}", path.display());
        total += expected.len();

        let expected: Vec<(u64, u64, bool)> =
            seen[2].as_array().unwrap().iter().map(|c| (c[0].as_u64().unwrap(), c[1].as_u64().unwrap(), c[2].as_bool().unwrap())).collect();
        let comments: Vec<(u64, u64, bool)> =
            script.comments.iter().map(|c| (u64::from(c.at.start), slice(&source, c.at).trim_ascii_end().len() as u64, c.doc)).collect();
        assert_eq!(comments, expected, "comments of {}", path.display());
    }
    assert!(total > 250, "{total} calls");
}
