//! The samples of `corpus/` through the real program: lint scores on them, `fix` mends their data, `undo` takes it back.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

#[path = "support/corpus.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use reguid::lint::Severity;
use support::expected::{Spot, Wanted, column};
use support::score::{Calibration, Report, Score, Tally};
use support::{Sample, corpus, entries, file_name, files, reguid, rows, said, samples};
use tempfile::TempDir;

/// Every sample, linted and scored. `target/tmp/corpus-score.txt` holds what `scripts/test` prints of it.
#[test]
fn lint_finds_what_is_true_and_nothing_else() {
    let samples = samples();
    assert!(samples.len() >= 60, "{} samples", samples.len());
    let mut total = Score::default();
    let mut calibration = Calibration::default();
    let mut table = vec![Score::header()];
    let (mut wrong, mut told) = (Vec::new(), Vec::new());
    for sample in &samples {
        let score = lint(sample, &mut calibration).unwrap_or_else(|error| Score {
            required: sample.expected.finding.iter().filter(|f| f.needs.is_none()).count(),
            later: sample.expected.finding.iter().filter(|f| f.needs.is_some()).count(),
            wrong: vec![error],
            ..Score::default()
        });
        wrong.extend(score.wrong.iter().map(|line| format!("{}: {line}", sample.name)));
        told.extend(score.told.iter().map(|line| format!("{}: {line}", sample.name)));
        table.push(score.row(&sample.name));
        total.add(&score);
    }
    table.push(total.row("total"));
    let summary = format!(
        "corpus: {} samples, {}/{} required findings, {}/{} not required yet, {} extra, precision {}, recall {}\n",
        samples.len(),
        total.found,
        total.required,
        total.early,
        total.later,
        total.extra,
        total.precision(),
        total.recall()
    );
    let short = format!("{}\n\n{}\n\n{summary}", by_rule(&total.rules), calibration.table());
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus-score.txt"), &short).unwrap();
    let all = format!("{}\n\n{}\n\n{short}", table.join("\n"), told.join("\n"));
    let _ = writeln!(std::io::stdout(), "{all}");
    assert!(wrong.is_empty(), "{all}\n{}", wrong.join("\n"));
    not_fallen(&total.rules);
}

/// The score of all rules together.
fn all_rules(rules: &BTreeMap<String, Tally>) -> Tally {
    let mut all = Tally::default();
    rules.values().for_each(|tally| all.add(*tally));
    all
}

/// The score of each rule and of all of them.
fn by_rule(rules: &BTreeMap<String, Tally>) -> String {
    let header = format!("{:<26} {:>6} {:>7} {:>6} {:>10} {:>7}", "rule", "found", "missed", "wrong", "precision", "recall");
    let rows = rules.iter().map(|(rule, tally)| tally.row(rule));
    std::iter::once(header).chain(rows).chain([all_rules(rules).row("all rules")]).collect::<Vec<_>>().join("\n")
}

/// The score against the one that is kept in `corpus/score.toml`: it may not fall, and a better one is to be kept.
fn not_fallen(rules: &BTreeMap<String, Tally>) {
    let mut rules = rules.clone();
    rules.insert("all-rules".to_owned(), all_rules(&rules));
    let rules = &rules;
    let path = corpus().join("score.toml");
    let head = "# What lint makes of the samples, by rule. It may not fall; a better score is kept with REGUID_BLESS=1 cargo test --test corpus.\n";
    let text = format!("{head}{}", toml::to_string(rules).unwrap());
    if std::env::var_os("REGUID_BLESS").is_some() {
        return fs::write(&path, text).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let kept: BTreeMap<String, Tally> = toml::from_str(&kept).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let (mut fallen, mut risen) = (Vec::new(), Vec::new());
    for rule in kept.keys().chain(rules.keys().filter(|rule| !kept.contains_key(*rule))) {
        let [old, new] = [&kept, rules].map(|all| all.get(rule).copied().unwrap_or_default());
        if new.found < old.found || new.missed > old.missed || new.wrong > old.wrong {
            fallen.push(format!("{rule}: {new:?}, and was {old:?}"));
        } else if new != old {
            risen.push(format!("{rule}: {new:?}, and was {old:?}"));
        }
    }
    assert!(fallen.is_empty(), "the score has fallen:\n{}", fallen.join("\n"));
    assert!(risen.is_empty(), "the score has risen: keep it with REGUID_BLESS=1 cargo test --test corpus\n{}", risen.join("\n"));
}

fn lint(sample: &Sample, calibration: &mut Calibration) -> Result<Score, String> {
    let package = sample.package();
    let against = sample.against();
    let run = |options: &[&str]| {
        let options = options.iter().map(|option| option as &dyn AsRef<std::ffi::OsStr>);
        let against = against.iter().map(|option| option as &dyn AsRef<std::ffi::OsStr>);
        let path = package.path();
        let all: Vec<_> = options.chain(against).chain([&path as &dyn AsRef<std::ffi::OsStr>]).collect();
        reguid(path, &all)
    };
    let output = run(&["lint", "--format", "json"]);
    let read = |output: &std::process::Output| -> Result<Report, String> {
        serde_json::from_slice(&output.stdout).map_err(|e| format!("no report ({e}): {}", said(output)))
    };
    let report = read(&output)?;
    let mut score = Score::of(&sample.expected, &report);
    let failing = |f: &&Wanted| f.needs.is_none() && f.severity != Some(Severity::Note);
    let required = sample.expected.finding.iter().find(failing).is_some();
    match output.status.code() {
        Some(0) if !required => {}
        Some(1) if required || report.fails() => {}
        _ => score.wrong.push(format!("ended with {}", output.status)),
    }
    let all = run(&["lint", "--format", "json", "--min-confidence", "possible"]);
    calibration.add(&sample.expected, &read(&all)?);
    Ok(score)
}

/// What `expected.toml` says of lines and columns is so.
#[test]
fn the_truth_names_what_is_there() {
    for sample in samples() {
        let root = sample.root();
        let text: String = files(&sample.folder)
            .iter()
            .filter(|f| !f.ends_with("expected.toml"))
            .map(|f| String::from_utf8_lossy(&fs::read(f).unwrap()).into_owned())
            .collect();
        for wanted in &sample.expected.finding {
            // Settings and files are declared nowhere but where they are written.
            let column = column(&wanted.place).unwrap_or_default();
            for spot in &wanted.declared {
                let shown = lines(&sample, &root, spot);
                assert!(shown.contains(column), "{}: {spot} does not declare {column}: {shown}", sample.name);
            }
            for spot in wanted.written.iter().chain(&wanted.from).chain(&wanted.strays) {
                lines(&sample, &root, spot);
            }
        }
        for silent in &sample.expected.silent {
            if let Some(column) = silent.place.as_deref().and_then(column) {
                assert!(text.contains(column), "{}: nothing is called {column}", sample.name);
            }
            if let Some(spot) = &silent.at {
                lines(&sample, &root, spot);
            }
        }
    }
}

/// The table of idioms in `corpus/README.md` names lines that exist.
#[test]
fn the_table_of_idioms_points_at_lines() {
    let text = fs::read_to_string(corpus().join("README.md")).unwrap();
    let samples = samples();
    let mut named = 0;
    for spot in text.split('`').skip(1).step_by(2).filter(|s| s.contains('/')) {
        let Some((path, line)) = spot.rsplit_once(':') else { continue };
        let Some((sample, file)) = path.split_once('/') else { continue };
        let sample = samples.iter().find(|s| s.name == sample).unwrap_or_else(|| panic!("{spot}: no such sample"));
        let line: usize = line.parse().unwrap_or_else(|e| panic!("{spot}: {e}"));
        let long_enough = |f: &PathBuf| file_name(f) == file && fs::read_to_string(f).unwrap().lines().count() >= line;
        assert!(files(&sample.folder).iter().any(long_enough), "{spot}: no such line");
        named += 1;
    }
    assert!(named > 200, "{named} spots");
}

/// The text at a spot.
fn lines(sample: &Sample, root: &Path, spot: &Spot) -> String {
    let shipped = sample.folder.join("shipped").join(format!("{}.sql", spot.path));
    let path = if shipped.is_file() { shipped } else { root.join(&spot.path) };
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {spot}: {e}", sample.name));
    let Some((first, last)) = spot.lines else { return text };
    let (first, last) = (usize::try_from(first).unwrap(), usize::try_from(last).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    assert!(0 < first && first <= last && last <= lines.len(), "{}: {spot}: the file has {} lines", sample.name, lines.len());
    lines[first - 1..last].join("\n")
}

/// All PHP of the samples is PHP.
#[test]
fn php_reads_every_sample() {
    let scripts: Vec<PathBuf> = samples()
        .iter()
        .flat_map(|s| files(&s.folder.join("extension")))
        .filter(|f| f.extension().is_some_and(|e| e == "php" || e == "phtml"))
        .collect();
    assert!(scripts.len() > 60, "{} scripts", scripts.len());
    for script in scripts {
        let output = Command::new("php").arg("-l").arg(&script).output();
        let output = output.unwrap_or_else(|e| panic!("php does not start ({e}): scripts/test installs php-cli"));
        assert!(output.status.success(), "{}: {}", script.display(), said(&output));
    }
}

/// A var directory with a sample's databases and manifest.
struct Data {
    directory: TempDir,
    databases: Vec<Database>,
}

struct Database {
    /// The built file.
    path: PathBuf,
    /// The rows that `fix` must leave.
    after: Vec<String>,
    /// What was in it at first.
    before: Vec<String>,
}

impl Data {
    fn of(sample: &Sample) -> Data {
        let directory = tempfile::tempdir().unwrap();
        fs::copy(sample.folder.join("reguid.toml"), directory.path().join("reguid.toml")).unwrap();
        let mut databases = Vec::new();
        for script in entries(&sample.folder.join("data")) {
            let name = file_name(&script);
            let Some(stem) = name.strip_suffix(".sql").filter(|stem| !stem.ends_with(".after")) else { continue };
            let path = directory.path().join(stem);
            rows::build(&script, &path);
            let after = match sample.expected.fix.exit {
                0 => rows::expected(&script.with_file_name(format!("{stem}.after.sql"))),
                _ => rows::rows(&path),
            };
            databases.push(Database { before: rows::everything(&path), after, path });
        }
        assert!(!databases.is_empty(), "{}: data/ holds no database", sample.name);
        Data { directory, databases }
    }

    fn bytes(&self) -> Vec<Vec<u8>> {
        self.databases.iter().map(|d| fs::read(&d.path).unwrap()).collect()
    }

    fn run(&self, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> std::process::Output {
        reguid(self.directory.path(), arguments)
    }

    fn fix(&self) -> std::process::Output {
        let (old, new) = (dump("before"), dump("after"));
        self.run(&[&"fix", &self.directory.path(), &"--old", &old, &"--new", &new])
    }

    /// What differs from the rows that are expected, a line each.
    fn differences(&self) -> Vec<String> {
        self.databases.iter().flat_map(|d| difference(&file_name(&d.path), &d.after, &rows::rows(&d.path))).collect()
    }

    /// What differs from the state at the beginning, rowids and schema included.
    fn not_as_before(&self) -> Vec<String> {
        self.databases.iter().flat_map(|d| difference(&file_name(&d.path), &d.before, &rows::everything(&d.path))).collect()
    }
}

fn dump(state: &str) -> PathBuf {
    corpus().join("panel").join(format!("{state}.dump.sql"))
}

/// Lines of `expected` that `actual` lacks (`-`), and the other way round (`+`).
fn difference(file: &str, expected: &[String], actual: &[String]) -> Vec<String> {
    let mut left: Vec<&String> = actual.iter().collect();
    let mut lines = Vec::new();
    for line in expected {
        match left.iter().position(|l| *l == line) {
            Some(at) => drop(left.remove(at)),
            None => lines.push(format!("{file}: - {line}")),
        }
    }
    lines.extend(left.into_iter().map(|line| format!("{file}: + {line}")));
    lines
}

fn with_data() -> Vec<Sample> {
    let samples: Vec<Sample> = samples().into_iter().filter(Sample::has_data).collect();
    assert!(samples.len() >= 6, "{} samples have data", samples.len());
    samples
}

/// The expected rows differ from the first ones, and only in values: otherwise the other tests would prove nothing.
#[test]
fn the_data_gives_fix_something_to_do() {
    for sample in with_data().iter().filter(|s| s.expected.fix.exit == 0) {
        assert!(!Data::of(sample).differences().is_empty(), "{}: nothing would change", sample.name);
    }
}

#[test]
fn fix_leaves_the_expected_rows_and_a_second_fix_changes_no_byte() {
    let mut wrong = Vec::new();
    for sample in with_data() {
        let data = Data::of(&sample);
        let schema: Vec<_> = data.databases.iter().map(|d| rows::schema(&d.path)).collect();
        let untouched = data.bytes();
        let fixed = data.fix();
        let mut say = |what: String| wrong.push(format!("{}: {what}", sample.name));
        if fixed.status.code() != Some(sample.expected.fix.exit) {
            say(format!("fix: {}", said(&fixed)));
            continue;
        }
        for word in sample.expected.fix.says.iter().filter(|word| !said(&fixed).contains(word.as_str())) {
            say(format!("fix does not say `{word}`: {}", said(&fixed)));
        }
        data.differences().into_iter().for_each(&mut say);
        if schema != data.databases.iter().map(|d| rows::schema(&d.path)).collect::<Vec<_>>() {
            say("the schema changed".to_owned());
        }
        if sample.expected.fix.exit != 0 {
            if data.bytes() != untouched {
                say("fix gave up, and yet bytes changed".to_owned());
            }
            continue;
        }
        let (bytes, names) = (data.bytes(), entries(data.directory.path()));
        let again = data.fix();
        if again.status.code() != Some(0) {
            say(format!("second fix: {}", said(&again)));
        }
        if data.bytes() != bytes || entries(data.directory.path()) != names {
            say(format!("the second fix changed something: {}", said(&again)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn verify_agrees_before_and_after() {
    for sample in with_data().iter().filter(|s| s.expected.fix.exit == 0) {
        let data = Data::of(sample);
        let fixed = data.fix();
        assert_eq!(fixed.status.code(), Some(0), "{}: fix: {}", sample.name, said(&fixed));
        let after = dump("after");
        let verified = data.run(&[&"verify", &data.directory.path(), &"--panel", &after]);
        assert_eq!(verified.status.code(), Some(0), "{}: verify: {}", sample.name, said(&verified));
    }
}

#[test]
fn undo_brings_everything_back_and_fix_can_run_again() {
    for sample in with_data().iter().filter(|s| s.expected.fix.exit == 0) {
        let data = Data::of(sample);
        let fixed = data.fix();
        assert_eq!(fixed.status.code(), Some(0), "{}: fix: {}", sample.name, said(&fixed));
        let undone = data.run(&[&"undo", &data.directory.path()]);
        assert_eq!(undone.status.code(), Some(0), "{}: undo: {}", sample.name, said(&undone));
        let wrong = data.not_as_before();
        assert!(wrong.is_empty(), "{}: after undo\n{}", sample.name, wrong.join("\n"));
        let again = data.fix();
        assert_eq!(again.status.code(), Some(0), "{}: fix after undo: {}", sample.name, said(&again));
        let wrong = data.differences();
        assert!(wrong.is_empty(), "{}: fix after undo\n{}", sample.name, wrong.join("\n"));
    }
}

#[test]
fn a_dry_run_changes_no_byte_and_adds_no_file() {
    for sample in with_data() {
        let data = Data::of(&sample);
        let (bytes, names) = (data.bytes(), entries(data.directory.path()));
        let (old, new) = (dump("before"), dump("after"));
        let output = data.run(&[&"fix", &data.directory.path(), &"--dry-run", &"--old", &old, &"--new", &new]);
        assert_ne!(output.status.code(), Some(2), "{}: {}", sample.name, said(&output));
        assert!(output.status.code().is_some(), "{}: {}", sample.name, said(&output));
        assert_eq!(data.bytes(), bytes, "{}: bytes changed", sample.name);
        assert_eq!(entries(data.directory.path()), names, "{}: files appeared", sample.name);
    }
}
