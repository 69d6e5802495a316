//! The sessions of the pages, run.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::mariadb::MariaDb;
use super::page::{self, Page};
use super::{pages, root};

const PASSWORD: &str = "the panel's own password";

/// The folder of a page's sessions.
fn prepared() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let corpus = root().join("corpus");
    let sample = corpus.join("site-notes");
    let script = format!(
        "cp -r {sample}/extension site-notes; cp {panel}/before.dump.sql before.sql; cp {panel}/after.dump.sql after.sql
        cp {sample}/reguid.toml .; mkdir var; sqlite3 var/notes.sqlite3 <{sample}/data/notes.sqlite3.sql
        export GIT_CONFIG_GLOBAL=/dev/null; git init --quiet --initial-branch=main
        git add site-notes; git -c user.name=me -c user.email=me@example.com commit --quiet --message=Sample; git update-ref refs/remotes/origin/main HEAD",
        sample = sample.display(),
        panel = corpus.join("panel").display(),
    );
    let output = Command::new("bash").args(["-euc", &script]).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

/// A panel as programs on its host find it, by mounts that nobody else sees.
struct Panel {
    _server: MariaDb,
    place: TempDir,
}

impl Panel {
    fn start() -> Panel {
        let server = MariaDb::start();
        let place = tempfile::tempdir().unwrap();
        let at = |path: &str| place.path().join(path);
        let corpus = root().join("corpus/panel");
        let client = format!("mariadb --no-defaults --socket={} --user=root --default-character-set=utf8mb4", server.socket().display());
        let load = |state: &str| {
            format!(
                "#!/bin/sh\nset -e\n{client} -e 'DROP DATABASE IF EXISTS psa; CREATE DATABASE psa'\ncat {0}/schema.sql {0}/{state}.sql | {client} psa\n",
                corpus.display()
            )
        };
        // Files that only root may read are no part of what a page needs.
        let _ = Command::new("cp").args(["-a", "/etc"]).arg(place.path()).stderr(Stdio::null()).status().unwrap();
        std::fs::create_dir_all(at("etc/psa")).unwrap();
        std::fs::write(at("etc/psa/.psa.shadow"), format!("{PASSWORD}\n")).unwrap();
        std::fs::create_dir_all(at("opt/psa/var/modules/site-notes")).unwrap();
        std::fs::create_dir(at("bin")).unwrap();
        std::fs::write(at("bin/restore-panel"), load("after")).unwrap();
        std::fs::write(at("bin/prepare-panel"), load("before")).unwrap();
        std::fs::write(
            at("enter"),
            format!(
                "mount -t tmpfs tmpfs /run; mkdir /run/mysqld; ln -s {} /run/mysqld/mysqld.sock\nmount --bind {2} /etc; mount --bind {1} /opt\n",
                server.socket().display(),
                at("opt").display(),
                at("etc").display()
            ),
        )
        .unwrap();
        let script = format!("chmod +x {0}/*; {0}/prepare-panel", at("bin").display());
        assert!(Command::new("sh").args(["-ec", &script]).status().unwrap().success());
        server.run("", &format!("CREATE USER admin@localhost IDENTIFIED BY \"{PASSWORD}\"; GRANT ALL ON *.* TO admin@localhost"));
        Panel { _server: server, place }
    }
}

/// Runs a page's commands; the output and exit code of each.
fn run(page: &Page, commands: &[page::Command]) -> Vec<(String, i32)> {
    let (folder, results, home) = (prepared(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let panel = page.text.contains("/opt/psa").then(Panel::start);
    let mut script = String::new();
    if let Some(panel) = &panel {
        write!(script, "set -e\n. {}/enter\nset +e\n", panel.place.path().display()).unwrap();
        writeln!(script, "cp var/notes.sqlite3 /opt/psa/var/modules/site-notes/").unwrap();
    }
    let at = |number: usize, what: &str| results.path().join(format!("{number}.{what}")).display().to_string();
    for (number, command) in commands.iter().enumerate() {
        let (output, code) = (at(number, "output"), at(number, "code"));
        write!(script, "{{\n{}\n}} >{output} 2>&1 </dev/null\necho $? >{code}\n", command.text).unwrap();
    }
    let file = results.path().join("session");
    std::fs::write(&file, script).unwrap();
    let mut shell = match &panel {
        Some(_) => Command::new("unshare"),
        None => Command::new("bash"),
    };
    if panel.is_some() {
        shell.args(["--map-root-user", "--mount", "bash"]);
    }
    let program = Path::new(env!("CARGO_BIN_EXE_reguid")).parent().unwrap();
    let extra = panel.as_ref().map(|panel| panel.place.path().join("bin"));
    let machine = std::env::var_os("PATH").unwrap();
    let path = extra.into_iter().chain([program.to_owned()]).chain(std::env::split_paths(&machine));
    shell.args(["--norc", "--noprofile"]).arg(&file).current_dir(folder.path()).env_clear();
    shell
        .env("PATH", std::env::join_paths(path).unwrap())
        .env("HOME", home.path())
        .env("LC_ALL", "C.UTF-8")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("PAGE", &page.path);
    shell.envs([
        ("GIT_AUTHOR_NAME", "me"),
        ("GIT_AUTHOR_EMAIL", "me@example.com"),
        ("GIT_COMMITTER_NAME", "me"),
        ("GIT_COMMITTER_EMAIL", "me@example.com"),
    ]);
    let ended = shell.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    let read = |path: String| std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {path}: {e}: {said}", page.name()));
    (0..commands.len()).map(|number| (read(at(number, "output")), read(at(number, "code")).trim().parse().unwrap())).collect()
}

/// Whether a line is as it is shown: `…` stands for any text.
fn line_fits(shown: &str, printed: &str) -> bool {
    let mut parts = shown.split('…');
    let first = parts.next().unwrap();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// Whether lines are as they are shown: `…` alone stands for any lines, also none.
fn fits(shown: &[&str], printed: &[&str]) -> bool {
    match shown {
        [] => printed.is_empty(),
        // An explanation may stand beside it: `… (the same for others)`.
        [first, rest @ ..] if first.trim_start().starts_with('…') => (0..=printed.len()).any(|skip| fits(rest, &printed[skip..])),
        [first, rest @ ..] => printed.first().is_some_and(|line| line_fits(first, line)) && fits(rest, &printed[1..]),
    }
}

fn trimmed(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let empty = lines.iter().take_while(|line| line.is_empty()).count();
    lines.split_off(empty)
}

fn check(page: &Page) -> Vec<String> {
    let commands = page.commands();
    if commands.is_empty() {
        return Vec::new();
    }
    let lines: Vec<&str> = page.text.lines().collect();
    let (mut wrong, mut edits) = (Vec::new(), Vec::new());
    for (command, (output, code)) in commands.iter().zip(run(page, &commands)) {
        if code != command.code {
            wrong.push(format!("{}: `{}` ended with {code}, and not with {}:\n{output}", page.name(), command.text, command.code));
            continue;
        }
        let shown = lines[command.output.clone()].join("\n");
        let printed = trimmed(&output);
        if !command.hidden && !trimmed(&shown).is_empty() && !fits(&trimmed(&shown), &printed) {
            wrong.push(format!("{}: `{}` prints\n{output}\nand is shown to print\n{shown}", page.name(), command.text));
            edits.push((command.output.clone(), printed.iter().map(ToString::to_string).collect::<Vec<_>>()));
        }
    }
    if std::env::var_os("REGUID_BLESS").is_some() && !edits.is_empty() {
        let mut lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        for (range, printed) in edits.into_iter().rev() {
            let blank = lines[range.clone()].last().is_some_and(|line| line.is_empty());
            lines.splice(range, printed.into_iter().chain(blank.then(String::new)));
        }
        std::fs::write(&page.path, lines.join("\n") + "\n").unwrap();
    }
    wrong
}

#[test]
fn every_command_does_what_is_shown() {
    let pages = pages();
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = pages.iter().map(|page| scope.spawn(move || check(page))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let count = |name: &str| pages.iter().find(|page| page.name() == name).map_or(0, |page| page.commands().len());
    for page in ["start.md", "ci.md", "server.md", "restorable.md", "lint.md", "README.md"] {
        assert!(count(page) >= 3, "{page} shows no session: is it still cut into blocks?");
    }
}

#[test]
fn what_differs_is_seen() {
    assert!(line_fits("a … c", "a b c") && line_fits("a…", "a") && line_fits("…", "x") && line_fits("abc", "abc"));
    assert!(!line_fits("a … c", "a b d") && !line_fits("abc", "abcd") && !line_fits("ab…bc", "abc"));
    assert!(fits(&["a", "…", "d"], &["a", "b", "c", "d"]) && fits(&["…"], &[]));
    assert!(!fits(&["a", "…", "d"], &["a", "b", "c"]) && !fits(&["a"], &["a", "b"]) && !fits(&["a", "b"], &["a"]));
}
