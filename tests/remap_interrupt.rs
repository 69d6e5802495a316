//! Long runs of the real program: progress on a terminal and nowhere else, and an end at any time by Ctrl-C that leaves the state before.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use data::{VarDir, inventory, rows};
use model::Cell;
use reguid::panel::source::snapshot;

/// Rows: enough for more than a second.
const ROWS: i64 = if cfg!(debug_assertions) { 700_000 } else { 5_000_000 };

/// A var directory with a manifest and both states beside it.
struct Long {
    dir: VarDir,
    aside: tempfile::TempDir,
}

impl Long {
    fn new(rows: i64) -> Long {
        let (dir, aside) = (VarDir::new(), tempfile::tempdir().unwrap());
        dir.sql(
            "data.db",
            &format!(
                "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT UNIQUE, pad);
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
                 INSERT INTO t SELECT i, CASE WHEN i < 500 THEN i ELSE -i END, 'x' FROM n"
            ),
        );
        let toml = "[[reference]]\ndatabase = \"data.db\"\ntable = \"t\"\ncolumn = \"id\"\nkind = \"domain\"\non-missing = \"keep\"\n";
        std::fs::write(aside.path().join("reguid.toml"), toml).unwrap();
        let toml = "[[reference]]\ndatabase = \"other.db\"\ntable = \"t\"\ncolumn = \"id\"\nkind = \"domain\"\n";
        std::fs::write(aside.path().join("convert.toml"), toml).unwrap();
        let names: Vec<String> = (1..500).map(|i| format!("d{i}.example")).collect();
        let old: Vec<(i64, &str)> = (1..500).zip(names.iter().map(String::as_str)).collect();
        let new: Vec<(i64, &str)> = old.iter().map(|(id, name)| (id % 499 + 1, *name)).collect();
        for (name, state) in [("old", old), ("new", new)] {
            let path = camino::Utf8PathBuf::from_path_buf(aside.path().join(format!("{name}.snapshot"))).unwrap();
            snapshot::write(&inventory(name, &state), &path).unwrap();
        }
        Long { dir, aside }
    }

    fn words(&self, work: &str) -> Vec<String> {
        let aside = |name: &str| self.aside.path().join(name).to_str().unwrap().to_owned();
        let mut words = vec![env!("CARGO_BIN_EXE_reguid").to_owned(), work.to_owned(), self.dir.path().to_string()];
        match work {
            "undo" => {}
            "convert" => words.extend(["--manifest".into(), aside("convert.toml"), "--panel".into(), aside("old.snapshot")]),
            "verify" => words.extend(["--manifest".into(), aside("reguid.toml"), "--panel".into(), aside("new.snapshot")]),
            _ => words.extend(
                ["--manifest", "reguid.toml", "--old", "old.snapshot", "--new", "new.snapshot"]
                    .map(|w| if w.starts_with('-') { w.to_owned() } else { aside(w) }),
            ),
        }
        words
    }

    fn command(&self, work: &str) -> Command {
        let words = self.words(work);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// The program at a terminal.
    fn at_terminal(&self, work: &str) -> Output {
        let command = self.words(work).join(" ");
        Command::new("script").args(["-qec", &command, "/dev/null"]).env("TERM", "xterm").stdin(Stdio::null()).output().unwrap()
    }

    /// The data: which row holds which id.
    fn state(&self) -> Vec<Vec<Cell>> {
        rows(&self.dir.connect("data.db"), "SELECT k, id FROM t WHERE k < 500 ORDER BY k")
    }
}

#[test]
fn progress_is_shown_at_a_terminal_and_nowhere_else() {
    let long = Long::new(ROWS);
    let out = long.at_terminal("fix");
    let told = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{told}");
    let seen = |word: &str| told.contains(word);
    assert!(seen("/s, ") && seen(" left") && seen("rows"), "{told}");
    assert!(["reading", "writing", "checking"].iter().any(|w| seen(w)), "{told}");
    assert!(seen("checked and committed"), "{told}");
    // In pipes nothing is drawn: what is said is the report alone.
    let out = long.command("undo").output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(!out.stdout.contains(&b'\r') && !out.stdout.contains(&0x1b));
}

/// The same files with the same bytes; of a database, the same pages in use. What stands on its free pages is nothing, and SQLite does not take it back.
fn assert_same(before: &BTreeMap<String, Vec<u8>>, now: &BTreeMap<String, Vec<u8>>, work: &str) {
    assert!(now.keys().eq(before.keys()), "{work}: {:?} became {:?}", before.keys(), now.keys());
    for (name, bytes) in before.iter().filter(|(name, bytes)| now[*name] != **bytes) {
        assert!(bytes.len() == now[name].len() && contents(bytes) == contents(&now[name]), "{work}: {name} changed");
    }
}

/// What a database declares, and all of its rows.
fn contents(bytes: &[u8]) -> Vec<Vec<Vec<Cell>>> {
    let dir = VarDir::new();
    std::fs::write(dir.file("x.db"), bytes).unwrap();
    let connection = dir.connect("x.db");
    assert_eq!(rows(&connection, "PRAGMA integrity_check"), [[Cell::Text(b"ok".to_vec())]]);
    assert!(rows(&connection, "PRAGMA freelist_count") != [[Cell::Integer(0)]], "no page is free");
    let mut all = vec![rows(&connection, "SELECT * FROM sqlite_schema")];
    let mut names = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let names: Vec<String> = names.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    all.extend(names.iter().map(|name| rows(&connection, &format!("SELECT * FROM \"{name}\""))));
    all
}

#[test]
fn a_signal_leaves_the_state_before_and_says_so() {
    let long = Long::new(ROWS);
    let before = long.state();
    // How long each work takes without one.
    let since = Instant::now();
    assert!(long.command("fix").output().unwrap().status.success());
    let (after, took) = (long.state(), since.elapsed());
    assert_ne!(before, after);
    assert!(long.command("undo").output().unwrap().status.success());
    let mut stopped = 0;
    for (i, (signal, code, name)) in
        [("INT", 130, "SIGINT (Ctrl-C)"), ("TERM", 143, "SIGTERM"), ("INT", 130, "SIGINT"), ("HUP", 129, "SIGHUP")]
            .iter()
            .cycle()
            .take(8)
            .enumerate()
    {
        let work = if i % 3 == 2 { "undo" } else { "fix" };
        if work == "undo" {
            assert!(long.command("fix").output().unwrap().status.success());
        }
        let (from, to) = if work == "undo" { (&after, &before) } else { (&before, &after) };
        let files = long.dir.files();
        let child = long.command(work).spawn().unwrap();
        // Late enough for the program to have begun, and from there on evenly.
        std::thread::sleep(Duration::from_millis(60) + took * u32::try_from(i).unwrap() / 8);
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        let out = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&out.stderr);
        match (out.status.code(), out.status.signal()) {
            (Some(0), _) => assert_eq!(long.state(), *to),
            (Some(ended), _) if ended == *code => {
                stopped += 1;
                assert!(told.contains(&format!("stopped by {name}")) && told.contains("as it was before"), "{told}");
                assert_same(&files, &long.dir.files(), work);
            }
            // Before anything was begun, and once all of it is committed, a signal ends it as any other program.
            (None, Some(_)) => {
                let left = long.dir.files();
                assert!(left == files || long.state() == *to, "{work}: a file changed");
                assert!(left.keys().eq(files.keys()), "{work}: {:?} is left", left.keys());
            }
            other => panic!("{work}: {other:?} {told}"),
        }
        if long.state() != before {
            assert!(long.command("undo").output().unwrap().status.success());
        }
        assert_eq!(*from == before, work == "fix");
        assert_eq!(long.state(), before);
    }
    assert!(stopped > 1, "{stopped} of 8 were stopped in their midst");
}

/// A database of which a conversion takes a while.
fn convertible() -> Long {
    let long = Long::new(600);
    long.dir.sql(
        "other.db",
        &format!(
            "PRAGMA journal_mode = WAL; CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad); CREATE INDEX i ON t(id);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS}) INSERT INTO t SELECT i, i % 499 + 1, 'x' FROM n"
        ),
    );
    long
}

#[test]
fn a_conversion_shows_how_far_it_is() {
    let long = convertible();
    let out = long.at_terminal("convert");
    let told = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success(), "{told}");
    let seen = |word: &str| told.contains(word);
    assert!(seen("/s, ") && seen(" left") && seen("rows") && (seen("reading") || seen("writing")), "{told}");
    let out = long.command("undo").output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn a_signal_ends_a_conversion_and_leaves_the_state_before() {
    let long = convertible();
    let state = || rows(&long.dir.connect("other.db"), "SELECT min(id), max(id), count(*), count(DISTINCT id) FROM t");
    let before = state();
    let since = Instant::now();
    assert!(long.command("convert").output().unwrap().status.success());
    let took = since.elapsed();
    let after = state();
    assert_ne!(before, after);
    assert!(long.command("undo").output().unwrap().status.success());
    let (mut stopped, points) = (0, 6u32);
    for i in 0..points {
        // It is the companion's to note that databases leave WAL mode for the run.
        let child = long.command("convert").spawn().unwrap();
        std::thread::sleep(Duration::from_millis(60) + took * i / points);
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let out = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&out.stderr);
        match (out.status.code(), out.status.signal()) {
            (Some(0), _) => {
                assert_eq!(state(), after);
                assert!(long.command("undo").output().unwrap().status.success());
            }
            (Some(130), _) => {
                stopped += 1;
                assert!(told.contains("stopped by SIGINT (Ctrl-C)") && told.contains("as it was before"), "{told}");
            }
            (None, Some(_)) => {}
            other => panic!("{other:?} {told}"),
        }
        assert_eq!(state(), before);
        assert_eq!(rows(&long.dir.connect("other.db"), "PRAGMA journal_mode"), [[Cell::Text(b"wal".to_vec())]]);
    }
    assert!(stopped > 1, "{stopped} of {points} were stopped in their midst");
}

#[test]
fn a_signal_while_a_lock_is_waited_for_ends_the_waiting() {
    let long = Long::new(600);
    let files = long.dir.files();
    // From now on this process must not open the file otherwise: closing it would end the lock.
    let holder = long.dir.connect("data.db");
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let child = long.command("fix").spawn().unwrap();
    std::thread::sleep(Duration::from_millis(400));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let out = child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(130), "{}", String::from_utf8_lossy(&out.stderr));
    drop(holder);
    assert!(long.dir.files() == files);
}
