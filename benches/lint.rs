//! Linting a large extension, against the parser alone.
//!
//! `cargo bench --bench lint`. The parser is the floor: everything of ours together may cost as much again on one thread. Two threads should be
//! at least 1.6 times as fast as one, and the command's memory at most 40 times the bytes of PHP.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

mod support;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use camino::Utf8Path;
use mimalloc::MiMalloc;
use reguid::discover::discover_on;
use reguid::extension::php::parse::{STACK, parse, parse_only};
use reguid::extension::source::FileId;
use reguid::extension::{Extension, ReadSettings, package};
use reguid::lint::{Settings, lint_as};
use reguid::reference::Confidence;
use reguid::report::terminal::{Colour, Terminal};
use reguid::report::{Format, LintReport};

/// The one that the command has.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How often each thing is measured. The median is printed.
const RUNS: usize = 9;

fn main() {
    // `cargo test --benches` runs this too, only to see that it works.
    let runs = if std::env::args().any(|a| a == "--bench") { RUNS } else { 1 };
    std::thread::Builder::new().stack_size(STACK).spawn(move || measure(runs)).unwrap().join().unwrap();
}

fn measure(runs: usize) {
    let folder = tempfile::tempdir().unwrap();
    let bytes = support::generate(folder.path()).unwrap();
    println!("{} PHP files, {:.1} MB, one thread, median of {runs}", support::FILES, bytes as f64 / 1e6);

    let files = read(folder.path());
    let before = peak_memory("self");
    let (alone, ours) = median_of_pairs(
        runs,
        || files.iter().map(|file| parse_only(file)).sum::<usize>(),
        || files.iter().map(|file| parse(FileId(0), file).exprs.len()).sum::<usize>(),
    );
    let after = peak_memory("self");
    let held: usize = files.iter().map(|file| parse(FileId(0), file).memory()).sum();
    let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    println!("A  parser alone          {:>8.1} ms  {:>6.1} MB/s", alone.as_secs_f64() * 1e3, speed(alone));
    println!(
        "B  parser and lowering   {:>8.1} ms  {:>6.1} MB/s  {:.2} x A",
        ours.as_secs_f64() * 1e3,
        speed(ours),
        ours.as_secs_f64() / alone.as_secs_f64()
    );
    println!("a script holds {:.2} bytes for each byte of its source", held as f64 / bytes as f64);
    if let (Some(before), Some(after)) = (before, after) {
        println!("peak memory {:.1} MB, of which {:.1} MB before parsing", after as f64 / 1e6, before as f64 / 1e6);
    }
    drop(files);
    let (one, two) = whole_lint(folder.path(), runs);
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    for (what, time) in [("C  whole lint, 1 thread ", one), ("D  whole lint, 2 threads", two)] {
        println!("{what} {:>8.1} ms  {:>6.1} MB/s  {:.2} x A", time.as_secs_f64() * 1e3, speed(time), ratio(time, alone));
    }
    println!("two threads are {:.2} times as fast as one", ratio(one, two));
    if let Some(peak) = peak_of_command(folder.path()) {
        println!("peak memory of the command {:.1} MB, {:.1} x PHP", peak as f64 / 1e6, peak as f64 / bytes as f64);
    }
}

/// The whole of `reguid lint --format json` on one thread and on two, without the start of the process.
fn whole_lint(extension: &Path, runs: usize) -> (Duration, Duration) {
    let path = Utf8Path::from_path(extension).unwrap();
    median_of_pairs(runs, || lint_with(path, 1), || lint_with(path, 2))
}

fn lint_with(path: &Utf8Path, jobs: usize) -> LintReport {
    let settings = ReadSettings { jobs, ..ReadSettings::default() };
    let extension = Extension::read(&package::find(path).unwrap(), &settings).unwrap();
    let discoveries = discover_on(&extension, jobs);
    let wanted = Settings { min_confidence: Some(Confidence::Likely), fixes: true, jobs, ..Settings::default() };
    let linted = lint_as(extension, &discoveries, None, &wanted);
    assert!(!linted.findings.is_empty(), "the generated extension stores ids");
    let report = LintReport { linted: vec![linted], ..LintReport::default() };
    report.write(Format::Json, false, &Terminal::stdout(Colour::Never), &mut std::io::sink()).unwrap();
    report
}

/// The most memory that a process of the command has, in bytes; where the system tells. It is asked again and again until the process ends:
/// afterwards nothing is known of it, and its last words, the report, are not where it is largest.
fn peak_of_command(extension: &Path) -> Option<u64> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reguid"));
    let mut child = command.args(["lint", "--format", "json"]).arg(extension).stdout(Stdio::null()).spawn().unwrap();
    let mut peak = None;
    while child.try_wait().unwrap().is_none() {
        peak = peak_memory(&child.id().to_string()).max(peak);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

/// The median time of each of two things, measured in turns so that the machine's moods meet both.
fn median_of_pairs<T>(runs: usize, mut first: impl FnMut() -> T, mut second: impl FnMut() -> T) -> (Duration, Duration) {
    let mut times = (Vec::new(), Vec::new());
    for _ in 0..runs {
        times.0.push(time(&mut first));
        times.1.push(time(&mut second));
    }
    times.0.sort_unstable();
    times.1.sort_unstable();
    (times.0[runs / 2], times.1[runs / 2])
}

/// The time that it takes to get the result. To free it is left to the system, as the command does.
fn time<T>(work: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    let result = black_box(work());
    let time = start.elapsed();
    drop(result);
    time
}

/// The PHP files below `folder`.
fn read(folder: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "php") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// The most memory that a process has had until now, in bytes; where the system tells.
fn peak_memory(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
