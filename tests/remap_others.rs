//! Other processes at the same databases: the `sqlite3` program and PHP's PDO, as panels and administrators use them. They read, write, hold and crowd, before,
//! between and in the midst of runs; reguid refuses or waits, and no data is lost or torn.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/crash.rs"]
mod crash;
#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crash::{calls, content, copy, fix, plan, template, undo};
use data::{VarDir, rows};
use model::Cell;
use reguid::remap::{Fixed, RemapError, Undone};
use reguid::sqlite::open::OpenError;

/// A file's name and bytes.
type File = (String, Vec<u8>);

#[test]
fn child() {
    crash::work();
}

/// Another process with the database open.
struct Other {
    process: Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Other {
    /// The process, once it says that it is ready.
    fn start(mut command: Command, input: &str) -> Other {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it is installed");
        let out = BufReader::new(process.stdout.take().unwrap());
        process.stdin.as_mut().unwrap().write_all(input.as_bytes()).unwrap();
        let mut other = Other { process, out };
        // What its statements give comes first.
        while other.line() != "ready" {}
        other
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.out.read_line(&mut line).unwrap() > 0, "it ended");
        line.trim_end().to_owned()
    }

    fn sqlite3(dir: &VarDir, name: &str, sql: &str) -> Other {
        let mut command = Command::new("sqlite3");
        command.arg("-batch").arg(dir.file(name));
        Other::start(command, &format!("{sql}\nSELECT 'ready';\n"))
    }

    fn php(dir: &VarDir, name: &str, sql: &str) -> Other {
        let code = "$d = new PDO('sqlite:' . $argv[1]); $d->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
            foreach (explode(';', $argv[2]) as $q) { if (trim($q) !== '') { $s = $d->query($q); $s->fetch(); $s->closeCursor(); } } echo \"ready\\n\"; fgets(STDIN);";
        let mut command = Command::new("php");
        command.args(["-r", code, "--", dir.file(name).as_str(), sql]);
        Other::start(command, "")
    }

    /// Ends it as its user would.
    fn end(mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

/// What is in use is told by its name, and left alone.
#[test]
fn g11_what_another_process_holds_is_refused_and_works_afterwards() {
    type Start = fn(&VarDir, &str, &str) -> Other;
    let programs: [(&str, Start); 2] = [("sqlite3", Other::sqlite3), ("php", Other::php)];
    for wal in [false, true] {
        for (program, start) in programs {
            for (hold, refuses) in [
                ("BEGIN IMMEDIATE; UPDATE t SET pad = pad;", true),
                ("BEGIN EXCLUSIVE;", true),
                ("BEGIN; SELECT count(*) FROM t;", true),
                // A connection without a transaction is in the way only where the journal mode must be switched.
                ("SELECT count(*) FROM t;", wal),
            ] {
                let told = format!("{program}, wal {wal}: {hold}");
                let dir = template(wal);
                let before = content(&dir);
                let other = start(&dir, "two.db", hold);
                let files = dir.files();
                let done = refused_or(dir.path(), Duration::from_millis(100));
                if refuses {
                    let path = done.expect_err(&told);
                    assert!(path.ends_with("two.db"), "{told}: {path}");
                    let data = |files: std::collections::BTreeMap<String, Vec<u8>>| -> Vec<_> {
                        files.into_iter().filter(|(name, _)| !name.ends_with("-shm")).collect()
                    };
                    // Databases in WAL mode that nobody holds were switched, and put back, before it was seen that another one is in use.
                    let unlike = |(a, b): (&File, &File)| if wal { a.0 != b.0 } else { a != b };
                    let (now, then) = (data(dir.files()), data(files));
                    assert!(now.len() == then.len() && !now.iter().zip(&then).any(unlike), "{told}: a file changed");
                } else {
                    done.unwrap_or_else(|path| panic!("{told}: {path} is in use"));
                }
                other.end();
                if refuses {
                    assert!(content(&dir) == before, "{told}");
                    assert!(matches!(fix(dir.path()).unwrap(), Fixed::Applied { .. }), "{told}");
                }
                let after = content(&dir);
                // The same for taking back.
                let other = start(&dir, "two.db", hold);
                let undone = reguid::remap::undo(dir.path(), None, Duration::from_millis(100));
                match undone {
                    Err(RemapError::Open(OpenError::Busy { path })) if refuses => assert!(path.ends_with("two.db"), "{told}"),
                    Ok(Undone::Done { .. }) if !refuses => {}
                    other => panic!("{told}: {other:?}"),
                }
                other.end();
                assert!(content(&dir) == if refuses { after } else { before.clone() }, "{told}");
            }
        }
    }
}

/// A fix with that patience; the error is the path of what is in use.
fn refused_or(dir: &camino::Utf8Path, patience: Duration) -> Result<(), String> {
    let ((old, new), manifest) = (crash::states(), crash::references());
    let request = reguid::remap::Request {
        var_dir: dir,
        manifest: &manifest,
        old: Some(&old),
        new: &new,
        trust_old: false,
        matching: &data::by_guid,
        map: None,
        twins: false,
        patience,
    };
    match reguid::remap::fix(&request, None) {
        Ok(Fixed::Applied { .. }) => Ok(()),
        Err(RemapError::Open(OpenError::Busy { path })) => Err(path.into_string()),
        other => panic!("{other:?}"),
    }
}

/// A short transaction of somebody else's is waited for.
#[test]
fn g11_a_short_lock_is_waited_for() {
    for wal in [false, true] {
        let dir = template(wal);
        let other = Other::sqlite3(&dir, "one.db", "BEGIN IMMEDIATE; UPDATE t SET pad = pad; COMMIT; BEGIN IMMEDIATE;");
        let ended = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            other.end();
        });
        let since = Instant::now();
        refused_or(dir.path(), Duration::from_secs(20)).unwrap();
        assert!(since.elapsed() >= Duration::from_millis(250));
        ended.join().unwrap();
    }
}

/// Programs that write without end, each row of which must be there in the end, next to runs and undos.
#[test]
fn g11_t29_writers_that_never_rest_lose_nothing() {
    let code = "$d = new PDO('sqlite:' . $argv[1]); $d->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION); $d->setAttribute(PDO::ATTR_TIMEOUT, 20);
        echo \"ready\\n\"; $n = 0; stream_set_blocking(STDIN, false);
        while (!feof(STDIN)) { fgets(STDIN); $d->exec(\"INSERT INTO other(x) VALUES ($n)\"); $n++; usleep(2000); } echo \"$n\\n\";";
    for wal in [false, true] {
        let dir = template(wal);
        dir.sql("two.db", "CREATE TABLE other(x INTEGER UNIQUE)");
        let before = content(&dir);
        let mut command = Command::new("php");
        command.args(["-r", code, "--", dir.file("two.db").as_str()]);
        let mut writer = Other::start(command, "");
        let (mut applied, mut busy, since) = (0, 0, Instant::now());
        // On a busy machine it takes the writer longer to be in the way.
        let written = || rows(&dir.connect("two.db"), "SELECT count(*) > 20 FROM other") == [[Cell::Integer(1)]];
        while since.elapsed() < Duration::from_secs(3) || since.elapsed() < Duration::from_secs(60) && !written() {
            match fix(dir.path()) {
                Ok(Fixed::Applied { .. }) => {
                    applied += 1;
                    loop {
                        match undo(dir.path()) {
                            Ok(Undone::Done { .. }) => break,
                            Err(RemapError::Open(OpenError::Busy { .. })) => busy += 1,
                            other => panic!("{other:?}"),
                        }
                    }
                }
                // In WAL mode the writer's connection alone keeps the mode from being switched.
                Err(RemapError::Open(OpenError::Busy { .. })) => busy += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!(if wal { busy > 0 } else { applied > 0 }, "wal {wal}: {applied} applied, {busy} refused");
        drop(writer.process.stdin.take());
        let written: i64 = writer.line().parse().unwrap();
        writer.process.wait().unwrap();
        assert!(written > 10, "{written}");
        let found = rows(&dir.connect("two.db"), "SELECT count(*), max(x) FROM other");
        assert_eq!(found, [[Cell::Integer(written), Cell::Integer(written - 1)]]);
        assert!(content(&dir) == before);
    }
}

/// Runs the `sqlite3` program; its exit code and what it said.
fn sqlite3(dir: &VarDir, name: &str, sql: &str) -> (bool, String) {
    let out = Command::new("sqlite3").args(["-batch", "-bail", "-cmd", ".timeout 0"]).arg(dir.file(name)).arg(sql).output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
}

/// A run is held in its midst, and others come.
#[test]
fn g11_others_that_come_in_the_midst_of_a_run_are_kept_out_or_see_one_state() {
    for wal in [false, true] {
        let dir = template(wal);
        let (files, before) = (dir.files(), content(&dir));
        fix(dir.path()).unwrap();
        let (done, after) = (dir.files(), content(&dir));
        let mut kept_out = 0;
        for (work, files, from, to) in [("fix", &files, &before, &after), ("undo", &done, &after, &before)] {
            let total = calls(&copy(files), work, "pwrite64");
            for point in crash::points(total) {
                let told = format!("{work}, wal {wal}: held at write {point} of {total}");
                let dir = copy(files);
                let mut held = Held::start(&dir, work, point);
                let counts = |name: &str| sqlite3(&dir, name, "SELECT count(*), sum(id) FROM t; SELECT count(*) FROM plain");
                for name in ["one.db", "two.db", "three.db"] {
                    for (ok, said) in [counts(name), sqlite3(&dir, name, "UPDATE t SET pad = pad WHERE rowid = 1")] {
                        // While a database leaves WAL mode, or returns to it, the protocol of its locks is at a loss.
                        assert!(ok || said.contains("locked") || said.contains("locking protocol"), "{told}: {said}");
                        kept_out += usize::from(!ok);
                    }
                }
                // Another reguid waits for the first one, and plans meanwhile what is there.
                match plan(dir.path()) {
                    Ok(plan) => assert!(!plan.is_stopped(), "{told}"),
                    Err(RemapError::Open(OpenError::Busy { .. } | OpenError::Changing { .. })) => {}
                    Err(RemapError::Companion(e)) if e.to_string().contains("in use") => {}
                    Err(error) => panic!("{told}: {error}"),
                }
                let code = held.go_on();
                let now = content(&dir);
                assert!(now == *(if code == Some(0) { to } else { from }), "{told}: {code:?}");
                assert!(matches!(code, Some(0 | 2)), "{told}: {code:?}");
                assert!(matches!(fix(dir.path()).unwrap(), Fixed::Applied { .. } | Fixed::Nothing { .. }), "{told}");
                assert!(content(&dir) == after, "{told}");
            }
        }
        assert!(kept_out > 10, "wal {wal}: {kept_out}");
    }
}

/// A process that stands still at some write.
struct Held {
    strace: Child,
    id: String,
}

impl Held {
    #[expect(clippy::zombie_processes, reason = "who holds it lets it go on, and waits for it")]
    fn start(dir: &VarDir, work: &str, point: usize) -> Held {
        let this = std::env::current_exe().unwrap();
        let inject = format!("inject=pwrite64:signal=SIGSTOP:when={point}");
        let strace = Command::new("strace")
            .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", &inject])
            .arg(this)
            .args(["--exact", "child", "--nocapture", "--test-threads=1"])
            .env("REGUID_TEST_DIR", dir.path())
            .env("REGUID_TEST_WORK", work)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let children = format!("/proc/{0}/task/{0}/children", strace.id());
        let since = Instant::now();
        loop {
            assert!(since.elapsed() < Duration::from_secs(60), "it does not come to a halt");
            std::thread::sleep(Duration::from_millis(5));
            let id = std::fs::read_to_string(&children).unwrap_or_default().trim().to_owned();
            // All of its threads stand still for good once it was stopped, and not for the moment of a system call.
            let stopped = || !id.is_empty() && threads(&id).iter().all(|s| matches!(s, 't' | 'T'));
            if stopped()
                && (0..4).all(|_| {
                    std::thread::sleep(Duration::from_millis(3));
                    stopped()
                })
            {
                return Held { strace, id };
            }
        }
    }

    fn go_on(&mut self) -> Option<i32> {
        let since = Instant::now();
        loop {
            // Once may not do: a process that strace has not let come to its halt yet loses the signal.
            Command::new("kill").args(["-CONT", &self.id]).stderr(Stdio::null()).status().unwrap();
            std::thread::sleep(Duration::from_millis(20));
            if let Some(status) = self.strace.try_wait().unwrap() {
                return status.code();
            }
            assert!(since.elapsed() < Duration::from_secs(60), "it does not go on");
        }
    }
}

/// The states of a process's threads.
fn threads(id: &str) -> Vec<char> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{id}/task")) else { return vec!['?'] };
    let state = |task: std::fs::DirEntry| {
        let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()).unwrap_or('?')
    };
    tasks.flatten().map(state).collect()
}
