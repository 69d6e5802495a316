//! What is generated from the command line is kept in the repository, current, and of use: shells load the files of `completions/` and complete with
//! them, and the programs that show manual pages find nothing wrong with those of `man/`. `REGUID_BLESS=1 cargo test --test generated` writes both anew.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use clap::CommandFactory;
use clap_complete::Shell;
use reguid::cli::Cli;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder, by their names.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).map(|entries| entries.map(|e| e.unwrap().path()).collect()).unwrap_or_else(|_| Vec::new());
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    entries.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// The folder `name` of the repository holds these files and no others.
fn check(name: &str, current: &BTreeMap<String, String>) {
    let folder = root().join(name);
    if std::env::var_os("REGUID_BLESS").is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        // Written in place, as other tests read them meanwhile.
        current.iter().for_each(|(file, text)| std::fs::write(folder.join(file), text).unwrap());
        files(&folder).keys().filter(|file| !current.contains_key(*file)).for_each(|file| std::fs::remove_file(folder.join(file)).unwrap());
    }
    let kept = files(&folder);
    let names: Vec<&String> = kept.keys().chain(current.keys()).filter(|&file| kept.get(file) != current.get(file)).collect();
    assert!(names.is_empty(), "{name}: not current: {names:?}: run REGUID_BLESS=1 cargo test --test generated");
}

#[test]
fn completions_are_current() {
    let folder = tempfile::tempdir().unwrap();
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell] {
        clap_complete::generate_to(shell, &mut Cli::command(), "reguid", folder.path()).unwrap();
    }
    let completions = files(folder.path());
    assert_eq!(completions.keys().collect::<Vec<_>>(), ["_reguid", "_reguid.ps1", "reguid.bash", "reguid.fish"]);
    check("completions", &completions);
}

/// A page as readers of manual pages expect it: with the program's version in each footer, one paragraph between two, and the exit codes, which the
/// help has in its end, under their usual heading.
fn page(file: &str, text: &str) -> String {
    let name = file.strip_suffix(".1").unwrap();
    let title = format!(".TH {name} 1 \"\" \"reguid {}\" \"\"", env!("CARGO_PKG_VERSION"));
    let lines: Vec<&str> = text.lines().map(|line| if line.starts_with(".TH ") { title.as_str() } else { line }).collect();
    (lines.join("\n") + "\n").replace("\n.br\n\n.br\n", "\n.sp\n").replace("\n.SH EXTRA\n", "\n.SH EXIT STATUS\n")
}

#[test]
fn manual_pages_are_current() {
    let folder = tempfile::tempdir().unwrap();
    let exit_codes = Cli::command().get_after_help().unwrap().to_string();
    let command = Cli::command().disable_help_subcommand(true).mut_subcommands(|c| c.after_help(&exit_codes));
    clap_mangen::generate_to(command, folder.path()).unwrap();
    let mut pages = files(folder.path());
    pages.iter_mut().for_each(|(file, text)| *text = page(file, text));
    let commands = Cli::command().get_subcommands().map(|c| format!("reguid-{}.1", c.get_name())).collect::<Vec<_>>();
    assert_eq!(pages.len(), commands.len() + 1, "{:?}", pages.keys());
    assert!(commands.iter().all(|page| pages.contains_key(page)), "{commands:?}");
    check("man", &pages);
}

/// Runs a program; what it prints, both streams together.
fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").output();
    let output = output.unwrap_or_else(|e| panic!("{command:?}: {e}: install it, or run scripts/test, which does"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

#[test]
fn manual_pages_are_without_fault() {
    for page in files(&root().join("man")).keys() {
        let path = root().join("man").join(page);
        let shown = run(Command::new("man").args(["--warnings", "-l"]).arg(&path).env("MANPAGER", "cat").env("MANWIDTH", "80"));
        // With warnings, man prints them and still succeeds.
        assert!(!shown.contains("warning:") && !shown.contains("error:"), "{page}: {shown}");
        for part in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS"] {
            assert!(shown.lines().any(|line| line == part), "{page} has no {part}:\n{shown}");
        }
        let said = Command::new("mandoc").args(["-T", "lint", "-W", "warning"]).arg(&path).output();
        let said = said.unwrap_or_else(|e| panic!("mandoc: {e}: install it, or run scripts/test, which does"));
        let said = String::from_utf8(said.stdout).unwrap();
        // A date would be another one in each build of the same pages.
        let faults: Vec<&str> = said.lines().filter(|line| !line.contains("WARNING: missing date")).collect();
        assert!(faults.is_empty(), "{page}: {faults:#?}");
    }
}

/// What the shell offers after these words, the last of which is not finished.
fn bash(words: &[&str]) -> Vec<String> {
    let script = r#"set -eu; source "$1"; shift; complete -p reguid >/dev/null
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
        _reguid reguid "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"; printf '%s\n' "${COMPREPLY[@]}""#;
    let file = root().join("completions/reguid.bash");
    run(Command::new("bash").args(["--norc", "-c", script, "bash"]).arg(file).args(words)).lines().map(str::to_owned).collect()
}

fn fish(words: &[&str]) -> Vec<String> {
    let script = "source $argv[1]; complete --do-complete (string join ' ' -- $argv[2..])";
    let file = root().join("completions/reguid.fish");
    let home = tempfile::tempdir().unwrap();
    let said = run(Command::new("fish").args(["--no-config", "-c", script]).arg(file).args(words).env("HOME", home.path()));
    said.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

/// What zsh's line editor makes of these words and a tab, in a terminal.
fn zsh(words: &str) -> String {
    let script = r#"zmodload zsh/zpty
        zpty -b shell zsh -f -i
        zpty -w shell "PS1=; fpath=($1 \$fpath); autoload -Uz compinit; compinit -u -D; [[ \$_comps[reguid] == _reguid ]] && print -r -- loaded\$((1 + 1))"
        integer until=$((SECONDS + 60)); said=; line=
        until [[ $said == *loaded2* ]]; do
            ((SECONDS < until)) || { print -r -- "not loaded: $said"; exit 1 }
            if zpty -r -t shell line; then said+=$line; else sleep 0.05; fi
        done
        zpty -w -n shell "$2"$'\t'
        said=
        until [[ $said == *"$3"* ]]; do
            ((SECONDS < until)) || { print -r -- "not completed: $said"; exit 1 }
            if zpty -r -t shell line; then said+=$line; else sleep 0.05; fi
        done
        print -r -- "$said""#;
    let (typed, wanted) = words.split_once('|').unwrap();
    run(Command::new("zsh")
        .args(["-f", "-c", script, "zsh"])
        .arg(root().join("completions"))
        .args([typed, &format!("{typed}{wanted}")])
        .env("TERM", "dumb"))
}

#[test]
fn bash_completes() {
    assert_eq!(bash(&["reguid", "li"]), ["lint"]);
    assert_eq!(bash(&["reguid", "lint", "--unsafe"]), ["--unsafe-fixes"]);
    let formats = bash(&["reguid", "lint", "--format", ""]);
    assert!(formats.contains(&"sarif".to_owned()) && formats.contains(&"gitlab".to_owned()), "{formats:?}");
}

#[test]
fn fish_completes() {
    assert_eq!(fish(&["reguid", "li"]), ["lint"]);
    assert_eq!(fish(&["reguid", "lint", "--unsafe"]), ["--unsafe-fixes"]);
    let formats = fish(&["reguid", "lint", "--format", ""]);
    assert!(formats.contains(&"sarif".to_owned()) && formats.contains(&"gitlab".to_owned()), "{formats:?}");
}

#[test]
fn zsh_completes() {
    zsh("reguid li|nt ");
    zsh("reguid lint --unsafe|-fixes ");
    zsh("reguid lint --format sa|rif ");
}
