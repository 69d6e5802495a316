//! A run over three databases, a JSON file and the companion that is killed at any system call, or runs into a full or failing disk: the databases are all as
//! before or all as after, and whichever of `fix` and `undo` comes next brings everything to its end.
//!
//! A sample of the points is tried; `scripts/crash-sweep` tries all. Needs `strace`. `remap_crash.rs` does the same without a file, `remap_stores_crash.rs` with
//! a live panel.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/place.rs"]
mod place;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/trace.rs"]
mod trace;

use std::collections::BTreeMap;
use std::process::Output;

use place::{Data, Files, Place};
use reguid::sqlite::Value;
use stores::said;
use trace::{all, points};

/// What changes something durable.
const CALLS: [&str; 11] =
    ["pwrite64", "write", "fsync", "fdatasync", "unlink", "unlinkat", "renameat", "renameat2", "mkdirat", "fchmod", "ftruncate"];

/// What a disk can answer at each of them.
const ERRORS: [(&str, &str); 16] = [
    ("pwrite64", "error=ENOSPC"),
    ("pwrite64", "error=EIO"),
    // A write of no bytes, as a full disk answers where it does not say so.
    ("pwrite64", "retval=0"),
    ("write", "error=ENOSPC"),
    ("write", "error=EIO"),
    ("write", "retval=0"),
    ("fsync", "error=EIO"),
    ("fdatasync", "error=EIO"),
    ("ftruncate", "error=EIO"),
    ("mkdirat", "error=ENOSPC"),
    ("fchmod", "error=EIO"),
    ("renameat", "error=EIO"),
    ("renameat", "error=ENOSPC"),
    ("renameat2", "error=EIO"),
    ("unlink", "error=EIO"),
    ("unlinkat", "error=EIO"),
];

/// Points that are tried of each sort, unless all are.
const SAMPLE: usize = 3;

const MANIFEST: &str = r#"
[[reference]]
database = "one.db"
table = "t"
column = "id"
kind = "domain"

[[reference]]
database = "one.db"
table = "plain"
column = "id"
kind = "domain"
on-missing = "delete-row"

[[reference]]
database = "two.db"
table = "t"
column = "id"
kind = "domain"

[[reference]]
database = "three.db"
table = "kept"
column = "id"
kind = "domain"
on-missing = "keep"

[[reference]]
file = "state.json"
path = "$.pending.{domain}"

[[reference]]
file = "state.json"
path = "$.last"
kind = "domain"
"#;

const STATE: &[u8] = b"{ \"pending\": {\"5\": [1.0, \"5\"], \"7\" : {}},\n  \"last\": \"7\", \"total\": 5 }\n";
const STATE_AFTER: &[u8] = b"{ \"pending\": {\"7\": [1.0, \"5\"], \"5\" : {}},\n  \"last\": \"5\", \"total\": 5 }\n";

/// Domains 5 and 7 change places, 11 stays, 13 is gone. Enough rows for many pages.
fn schema(wal: bool) -> String {
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)";
    let mode = if wal { "PRAGMA journal_mode = WAL;" } else { "" };
    format!(
        "PRAGMA page_size = 1024; {mode} CREATE TABLE t(id INT, k INT, pad, UNIQUE(id, k)); CREATE TABLE plain(id INT, pad);
         CREATE TABLE kept(id INTEGER PRIMARY KEY AUTOINCREMENT, pad); INSERT INTO kept VALUES (5, 'a'), (7, 'b'), (13, 'gone');
         {numbers} INSERT INTO t SELECT 5 + 2 * (i % 2), i, hex(zeroblob(20)) FROM n;
         {numbers} INSERT INTO plain SELECT 5 + 2 * (i % 5), i FROM n WHERE i % 5 <> 2"
    )
}

type Left = (Files, Vec<String>);

/// The data before and after the run.
struct Scenario {
    place: Place,
    wal: bool,
    left: (Left, Left),
    data: (Data, Data),
}

impl Scenario {
    fn new(wal: bool) -> Scenario {
        let schema = schema(wal);
        let place = Place::new(MANIFEST, &[("state.json", STATE)], &["one.db", "two.db", "three.db"].map(|name| (name, schema.as_str())));
        let (left, before) = (place.everything(), place.data());
        let out = place.command("fix", &[]);
        assert!(out.status.success(), "{}", said(&out));
        let (done, after) = (place.everything(), place.data());
        assert_eq!(after.files["state.json"], STATE_AFTER);
        for (table, changed) in
            [("one.db t", true), ("one.db plain", true), ("two.db t", true), ("two.db plain", false), ("three.db kept", true)]
        {
            assert_eq!(before.rows[table] != after.rows[table], changed, "{table}");
        }
        Scenario { place, wal, left: (left, done), data: (before, after) }
    }

    /// The folder as `work` finds it.
    fn before(&self, work: &str) -> &Left {
        if work == "undo" { &self.left.1 } else { &self.left.0 }
    }

    fn fill(&self, left: &Left) {
        self.place.fill(&left.0, &left.1);
    }

    /// How often the work makes each of [`CALLS`], in the thread that makes the most of them. Does it, where there is a run to take back.
    fn calls(&self, work: &str) -> BTreeMap<&'static str, usize> {
        let log = tempfile::NamedTempFile::new().unwrap();
        let trace = format!("trace={}", CALLS.join(","));
        let out = self.place.command(work, &["strace", "-f", "-qq", "-o", log.path().to_str().unwrap(), "-e", &trace]);
        assert!(out.status.success() || said(&out).contains("no run to take back"), "{}", said(&out));
        trace::counts(&std::fs::read_to_string(log.path()).unwrap(), &CALLS)
    }

    fn injected(&self, work: &str, call: &str, what: &str, point: usize) -> Output {
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{what}:when={point}"));
        self.place.command(work, &["strace", "-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject])
    }

    /// The databases are all as before or all as after. Whoever looks recovers them.
    fn is_all_or_nothing(&self, told: &str) {
        let now = self.place.data().rows;
        assert!(now == self.data.0.rows || now == self.data.1.rows, "{told}: the databases are neither as before nor as after");
    }

    /// `next` brings all to its end, and so does the other one after it.
    fn converges(&self, next: &str, told: &str) {
        for work in if next == "undo" { ["undo", "fix", "undo"] } else { ["fix", "undo", "fix"] } {
            let out = self.place.command(work, &[]);
            // Before its commit there is no run to take back.
            assert!(out.status.success() || work == "undo" && said(&out).contains("no run to take back"), "{told}, {work}: {}", said(&out));
            let wanted = if work == "undo" { &self.data.0 } else { &self.data.1 };
            assert!(self.place.data() == *wanted, "{told}: {work} does not converge: {}", said(&out));
            let mode = Value::Text(if self.wal { "wal" } else { "delete" }.to_owned());
            for name in ["one.db", "two.db", "three.db"] {
                let now: Value = self.place.connect(name).query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
                assert_eq!(now, mode, "{told}: {work} leaves another journal mode in {name}");
            }
        }
        // A journal that was not yet begun stays where it is until something is written.
        let aside = |name: &&String| name.contains("-journal") || name.contains("-mj") || name.starts_with("reguid.stage");
        let files = self.place.files();
        let aside: Vec<&String> = files.keys().filter(aside).collect();
        assert!(aside.is_empty(), "{told}: {aside:?} are left");
    }

    /// Kills `work` on what lies in `left` at each point; how many points there were, and what some of them left.
    fn kill(&self, left: &Left, work: &str, what: &str, sample: usize) -> (usize, Vec<Left>) {
        self.fill(left);
        let (mut tried, mut killed, mut kept) = (0, 0, Vec::new());
        for (call, total) in self.calls(work) {
            for point in points(total, sample) {
                self.fill(left);
                let out = self.injected(work, call, "signal=SIGKILL", point);
                killed += usize::from(!out.status.success());
                let told = format!("{what}, wal {}: killed at {call} {point} of {total}", self.wal);
                if matches!(call, "renameat" | "unlink" | "unlinkat") && point == total.div_ceil(2) || call == "pwrite64" && point == total
                {
                    kept.push(self.place.everything());
                }
                if tried % 2 == 0 {
                    self.is_all_or_nothing(&told);
                }
                self.converges(if tried % 4 < 2 { "fix" } else { "undo" }, &told);
                tried += 1;
            }
        }
        assert!(killed * 10 >= tried * 9, "{what}: {killed} of {tried} runs were killed");
        (tried, kept)
    }
}

fn sweep(wal: bool) {
    let scenario = Scenario::new(wal);
    let mut tried = 0;
    for work in ["fix", "undo"] {
        let (points, left) = scenario.kill(scenario.before(work), work, work, SAMPLE);
        println!("{points} points in {work} over three databases and a file, wal {wal}");
        tried += points;
        assert!(!left.is_empty());
        let mut again = 0;
        for (n, left) in left.iter().enumerate() {
            let next = if n % 2 == 0 { "undo" } else { "fix" };
            again += scenario.kill(left, next, &format!("{next} after a killed {work}"), 1).0;
        }
        println!("{again} points in what comes after a killed {work} ({} of them), wal {wal}", left.len());
        tried += again;
    }
    println!("{tried} points in all over three databases and a file, wal {wal}");
}

#[test]
fn g1_a_killed_run_over_databases_and_a_file_converges() {
    sweep(false);
}

#[test]
fn g1_a_killed_run_over_wal_databases_and_a_file_converges() {
    sweep(true);
}

fn errors(wal: bool) {
    let scenario = Scenario::new(wal);
    let (mut tried, mut refused) = (0, 0);
    let mut met = |scenario: &Scenario, out: &Output, work: &str, told: &str| {
        let said = said(out);
        let (from, to) = if work == "undo" { (&scenario.data.1, &scenario.data.0) } else { (&scenario.data.0, &scenario.data.1) };
        match out.status.code() {
            Some(0) => assert!(scenario.place.data() == *to, "{told}: it said that it was done: {said}"),
            Some(2) if said.contains("nothing was") && !said.contains("is committed and not finished") => {
                assert!(scenario.place.data() == *from, "{told}: it said that nothing was changed: {said}");
            }
            Some(2) => scenario.is_all_or_nothing(told),
            other => panic!("{told}: {other:?} {said}"),
        }
        tried += 1;
        refused += usize::from(!out.status.success());
        scenario.converges(if tried % 2 == 0 { "fix" } else { "undo" }, told);
    };
    for work in ["fix", "undo"] {
        scenario.fill(scenario.before(work));
        let counts = scenario.calls(work);
        for (call, what) in ERRORS {
            let Some(total) = counts.get(call).copied() else { continue };
            for point in points(total, 2) {
                scenario.fill(scenario.before(work));
                let out = scenario.injected(work, call, what, point);
                met(&scenario, &out, work, &format!("{work}, wal {wal}: {what} at {call} {point} of {total}"));
            }
        }
        // Short writes, for real: files cannot grow beyond a limit, and a write that would cross it is cut off there.
        for limit in if all() { (0..400).collect::<Vec<usize>>() } else { vec![0, 3, 40, 150] } {
            scenario.fill(scenario.before(work));
            let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"");
            let out = scenario.place.command(work, &["sh", "-c", &script]);
            met(&scenario, &out, work, &format!("{work}, wal {wal}: files of at most {limit} half kilobytes"));
        }
    }
    println!("{tried} points with errors over three databases and a file, wal {wal}");
    assert!(refused * 2 > tried, "{refused} of {tried} runs met an error");
}

#[test]
fn g11_an_error_of_the_disk_over_databases_and_a_file_does_no_harm() {
    errors(false);
}

#[test]
fn g11_an_error_of_the_disk_over_wal_databases_and_a_file_does_no_harm() {
    errors(true);
}

/// Ctrl-C at any point: all is as before, and nothing stands aside; or the run was past its commit, and all is as after.
#[test]
fn ctrl_c_leaves_the_state_before_or_after_with_files_too() {
    let (mut tried, mut stopped) = (0, 0);
    for wal in [false, true] {
        let scenario = Scenario::new(wal);
        for work in ["fix", "undo"] {
            scenario.fill(scenario.before(work));
            let counts = scenario.calls(work);
            for (call, total) in counts {
                for point in points(total, SAMPLE) {
                    scenario.fill(scenario.before(work));
                    let out = scenario.injected(work, call, "signal=SIGINT", point);
                    let told = format!("{work}, wal {wal}: SIGINT at {call} {point} of {total}: {}", said(&out));
                    let (from, to) =
                        if work == "undo" { (&scenario.data.1, &scenario.data.0) } else { (&scenario.data.0, &scenario.data.1) };
                    tried += 1;
                    match out.status.code() {
                        Some(0) => assert!(scenario.place.data() == *to, "{told}"),
                        Some(130) => {
                            stopped += 1;
                            assert!(scenario.place.data() == *from, "{told}");
                            assert!(!scenario.place.at("var/reguid.stage").exists(), "{told}");
                        }
                        // While it reads its options, or prints its report, the system ends it.
                        None => assert!(scenario.place.data() == if call == "write" { to } else { from }.clone(), "{told}"),
                        other => panic!("{other:?}: {told}"),
                    }
                    scenario.converges(work, &told);
                }
            }
        }
    }
    println!("{tried} points with Ctrl-C over three databases and a file, {stopped} of them stopped it");
    assert!(stopped * 4 > tried, "{stopped} of {tried}");
}
