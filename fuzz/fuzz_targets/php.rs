//! Whole extensions: parse, discover, judge, report.
//!
//! An input is a PHP file, or several files. A line `#=== path` begins another file; a path that no extension would have makes it one more PHP file.

#![no_main]

use std::io::{Cursor, Write};

use camino::Utf8Path;
use libfuzzer_sys::fuzz_target;
use reguid::discover::discover;
use reguid::extension::source::SourceFile;
use reguid::extension::{Extension, ReadSettings, package};
use reguid::lint::{lint, names};
use reguid::reference::Confidence;
use reguid::reference::manifest::{Manifest, merge};
use reguid::discover::entries::propose;
use reguid::report::terminal::Terminal;
use reguid::report::{Format, LintReport};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What stands before the path of a file that is not the first one.
const MARKER: &[u8] = b"\n#=== ";

/// The most files of an input.
const FILES: usize = 16;

const META: &[u8] = b"<?xml version=\"1.0\"?><module><id>sample</id></module>";

fuzz_target!(|data: &[u8]| {
    let package = package(data);
    let one = run(&package, 1);
    let two = run(&package, 2);
    assert_eq!(one, two, "the same with every number of threads, and at every run");
});

/// The files of an input as a package.
fn package(data: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut add = |path: &str, bytes: &[u8]| {
        // A path that is there already is refused, and its file is left out.
        if zip.start_file(path, options).is_ok() {
            zip.write_all(bytes).expect("memory takes all");
        }
    };
    add("meta.xml", META);
    for (number, (path, bytes)) in files(data).into_iter().enumerate() {
        add(path.unwrap_or(&format!("plib/library/File{number}.php")), bytes);
    }
    zip.finish().expect("memory takes all").into_inner()
}

fn files(data: &[u8]) -> Vec<(Option<&str>, &[u8])> {
    let mut files = Vec::new();
    let (mut path, mut rest) = (None, data);
    while files.len() + 1 < FILES {
        let Some(end) = rest.windows(MARKER.len()).position(|w| w == MARKER) else { break };
        files.push((path, &rest[..end]));
        let line = &rest[end + MARKER.len()..];
        let length = line.iter().position(|b| *b == b'\n').unwrap_or(line.len());
        path = std::str::from_utf8(&line[..length]).ok().filter(|p| is_path(p));
        rest = line.get(length + 1..).unwrap_or_default();
    }
    files.push((path, rest));
    files
}

fn is_path(path: &str) -> bool {
    let known = path == "reguid.toml" || [".php", ".phtml", ".inc", ".sql"].iter().any(|end| path.ends_with(end));
    known && path.len() < 80 && path.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b)) && !path.contains("..")
}

/// All that the command `lint` does, and the manifest that the command `references` proposes, as text.
fn run(zip: &[u8], jobs: usize) -> String {
    let package = package::of_zip(Utf8Path::new("sample.zip"), zip.to_vec()).expect("the target makes no bad package");
    let manifest = package.file("reguid.toml").expect("the target makes no bad package").and_then(|bytes| {
        let manifest = Manifest::from_bytes(Utf8Path::new("reguid.toml"), bytes, Some(&names::all()));
        manifest.inspect_err(|error| drop(format!("{error:?}"))).ok()
    });
    let exclude = manifest.as_ref().map(|m| m.lint.exclude.clone()).unwrap_or_default();
    let Ok(extension) = Extension::read(&package, &ReadSettings { exclude, jobs, ..ReadSettings::default() }) else {
        return String::new();
    };
    reguid_fuzz::extension(&extension);

    let discoveries = discover(&extension);
    for discovery in &discoveries {
        discovery.sightings.iter().for_each(|s| reguid_fuzz::span(&extension.files, s.span, &s.label));
    }
    let proposed = proposed(manifest.as_ref(), &propose(&discoveries).entries);

    let linted = lint(extension, &discoveries, manifest.as_ref(), Confidence::Possible);
    let files: &[SourceFile] = &linted.extension.files;
    for finding in &linted.findings {
        assert!(!finding.locations.is_empty());
        finding.locations.iter().for_each(|l| reguid_fuzz::span(files, l.span, &l.label));
    }
    let report = LintReport { linted: vec![linted], ..LintReport::default() };
    let mut out = Vec::new();
    let terminal = Terminal { width: 60, unicode: true, ..Terminal::plain() };
    report.write(Format::Json, true, &terminal, &mut out).expect("memory takes all");
    report.write(Format::Human, true, &terminal, &mut out).expect("memory takes all");
    out.extend_from_slice(proposed.as_bytes());
    String::from_utf8(out).expect("reports are text")
}

/// The manifest with the proposals in it. They make a valid one, in which they are found again.
fn proposed(manifest: Option<&Manifest>, proposals: &[merge::Proposal]) -> String {
    if proposals.is_empty() {
        return String::new();
    }
    let merged = merge::merge(manifest, proposals).expect("what is proposed makes a valid manifest");
    let again = Manifest::parse(Utf8Path::new("reguid.toml"), &merged.text).expect("merge said so");
    let twice = merge::merge(Some(&again), proposals).expect("what is proposed makes a valid manifest");
    assert_eq!(twice.added, 0, "what was merged is there");
    merged.text
}
