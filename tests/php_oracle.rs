//! The facts that reguid reads in PHP files, against those of a parser that shares no code with it: the grammar tree-sitter-php.
//!
//! Compared are calls with their lines, the values of string literals, the full names of classes, and functions and methods. A file on which either
//! parser reports an error is counted and not compared. Nor is what the two are not meant to agree on:
//! - `isset`, `empty`, `eval`, `exit` and `die` are calls to the grammar and operations to reguid; `define` is a call to both, but at the top level
//!   reguid makes a constant of it, whose name is no text ([`facts`], [`ours`], [`theirs`]);
//! - reguid leaves out attributes and the directives of `declare` ([`theirs`]);
//! - the grammar takes a heredoc's line that begins with a comment's mark for a comment: then the file counts as refused ([`theirs`]);
//! - text parts of interpolated literals that are empty once the indentation is taken off say nothing ([`ours`], [`theirs`]).
//!
//! Where the environment variable `REGUID_ORACLE_TREES` names a folder, all PHP files below it are compared too, and the figures are printed
//! (`--nocapture`).

// A helper of a test may stop the test, as the test itself may. The figures of a folder are printed for whoever asks for them.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

#[path = "php_oracle/facts.rs"]
mod facts;
#[path = "php_oracle/literal.rs"]
mod literal;
#[path = "php_oracle/ours.rs"]
mod ours;
#[path = "php_oracle/programs.rs"]
mod programs;
#[path = "php_oracle/theirs.rs"]
mod theirs;

use std::fs;
use std::path::{Path, PathBuf};

use reguid::extension::php::parse::STACK;

/// How many programs are generated.
const PROGRAMS: u64 = 300;

/// What became of the files that were looked at.
#[derive(Debug, Default)]
struct Figures {
    files: usize,
    compared: usize,
    facts: usize,
    /// Files that reguid, the oracle, or both do not take.
    refused: [Vec<String>; 3],
    /// Files with differences, each with the first ones.
    different: Vec<String>,
}

impl Figures {
    fn compare(&mut self, name: &str, source: &[u8]) {
        self.files += 1;
        let (ours, theirs) = match (ours::facts(source), theirs::facts(source)) {
            (Some(ours), Some(theirs)) => (ours, theirs),
            (ours, theirs) => {
                let by = if ours.is_some() { 1 } else { 2 * usize::from(theirs.is_none()) };
                self.refused[by].push(name.to_owned());
                return;
            }
        };
        self.compared += 1;
        self.facts += ours.len();
        if ours != theirs {
            let differences: Vec<String> = ours.differences(&theirs).iter().take(8).map(|d| format!("\n    {d}")).collect();
            self.different.push(format!("{name}:{}", differences.concat()));
        }
    }

    fn assert_equal(&self) {
        assert!(self.different.is_empty(), "{} of {} files differ:\n{}", self.different.len(), self.compared, self.different.join("\n"));
    }
}

/// All PHP files below a folder.
fn php_files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        // A symbolic link may lead in circles.
        if path.is_dir() && !path.is_symlink() {
            php_files(&path, found);
        } else if path.is_file() && path.extension().is_some_and(|e| e == "php" || e == "phtml") {
            found.push(path);
        }
    }
}

fn compare_folder(folder: &Path) -> Figures {
    let folder = folder.to_owned();
    let work = move || {
        let mut figures = Figures::default();
        let mut files = Vec::new();
        php_files(&folder, &mut files);
        for path in files {
            figures.compare(&path.display().to_string(), &fs::read(&path).unwrap());
        }
        figures
    };
    with_stack(work)
}

fn with_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn samples_are_read_alike() {
    let figures = compare_folder(&root().join("corpus"));
    figures.assert_equal();
    assert_eq!(figures.refused, [vec![], vec![], vec![]] as [Vec<String>; 3]);
    assert!(figures.compared > 60 && figures.facts > 3_000, "{figures:?}");
}

#[test]
fn examples_of_rules_are_read_alike() {
    let figures = with_stack(|| {
        let mut figures = Figures::default();
        for page in reguid::lint::page::all() {
            for (number, example) in page.examples().into_iter().enumerate().filter(|(_, e)| e.language == "php") {
                figures.compare(&format!("example {number} of {}", page.id), example.code.as_bytes());
            }
        }
        figures
    });
    figures.assert_equal();
    assert_eq!(figures.files, figures.compared, "{:?}", figures.refused);
}

#[test]
fn generated_programs_are_read_alike() {
    let figures = with_stack(|| {
        let mut figures = Figures::default();
        for seed in 0..PROGRAMS {
            let program = programs::program(seed);
            let before = figures.different.len();
            figures.compare(&format!("program {seed}"), program.as_bytes());
            if figures.different.len() > before {
                // For a look at it.
                fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program-{seed}.php")), &program).unwrap();
            }
        }
        figures
    });
    figures.assert_equal();
    let [ours, theirs, both] = &figures.refused;
    assert!(ours.is_empty() && both.is_empty(), "all programs are right: {ours:?} {both:?}");
    assert!(theirs.len() * 10 < figures.files && figures.facts > 20_000, "{figures:?}");
}

#[test]
fn files_of_a_folder_are_read_alike() {
    let Some(folder) = std::env::var_os("REGUID_ORACLE_TREES") else { return };
    let figures = compare_folder(Path::new(&folder));
    let Figures { files, compared, facts, refused, different } = &figures;
    let [ours, theirs, both] = refused;
    eprintln!("{files} files, {compared} compared with {facts} facts, {} differ", different.len());
    eprintln!("refused: {} by reguid alone, {} by the oracle alone, {} by both", ours.len(), theirs.len(), both.len());
    ours.iter().for_each(|name| eprintln!("  reguid alone: {name}"));
    figures.assert_equal();
}
