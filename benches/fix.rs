//! A fix, whole (plan, journal, apply, check, commit), against the bare SQL that moves the same cells. Prints ratios, of wall time and of CPU time.
//!
//! Ids are permuted all over their range, as a restore in another order does it. As on a server, the companion knows the old panel state from a snapshot, and
//! the mapping is made: what both contenders begin with is not counted.
//!
//! The bare SQL looks at nothing before and checks nothing afterwards: the writing alone (journal, rows, commit) is told apart from the whole. What the
//! companion records of the panel is a part of neither's writing: it grows with the panel's objects, and not with rows. Only where a table's key is the id are
//! there as many objects as rows.
//!
//! `cargo bench --bench fix -- [rows] [words of names]` for the contest, `cargo bench --bench fix -- linear [most rows] [words of names]` for time and memory from ten thousand rows on. All
//! contenders work on copies of one database, in the same journal mode, by turns; the best of each counts.
#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use reguid::panel::inventory::Origin;
use reguid::panel::mapping::{Mapping, Match, Rung};
use reguid::panel::{Inventory, Kind, Object};
use reguid::reference::manifest::{Entry, Form, Holds, Manifest, OnMissing, OnUncertain, Store};
use reguid::remap::watch::{Phase, Watch};
use reguid::remap::{self, Fixed, PATIENCE, Request};
use reguid::sqlite::Connection;

/// Times each contender runs.
const TIMES: usize = 3;

struct Scenario {
    name: &'static str,
    schema: &'static str,
    /// What fills a row, from its number `i`.
    row: &'static str,
    /// Distinct ids; 0: as many as rows.
    ids: i64,
    /// Of those, the ids that change; 0: all.
    moved: i64,
    /// They are not permuted all over: all go the same way up, and the last ones to the beginning.
    shifted: bool,
    wal: bool,
    /// The bare SQL, which goes by a table `map(old, new)`.
    sql: &'static str,
}

const UPDATE: &str = "UPDATE t SET id = map.new FROM map WHERE map.old = t.id";
const TWO_PHASES: &str = "UPDATE t SET id = -map.new FROM map WHERE map.old = t.id; UPDATE t SET id = -id WHERE id < 0";
const SCATTERED: &str = "i, i % 10000 + 1, 'some text', (i * 7919) % 1000003";
const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "plain column",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad)",
        row: "i, i % 10000 + 1, 'some text'",
        ids: 10_000,
        moved: 10_000,
        shifted: false,
        wal: false,
        sql: UPDATE,
    },
    Scenario {
        name: "plain column, WAL",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad)",
        row: "i, i % 10000 + 1, 'some text'",
        ids: 10_000,
        moved: 10_000,
        shifted: false,
        wal: true,
        sql: UPDATE,
    },
    Scenario {
        name: "UNIQUE(id, k)",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, UNIQUE(id, k))",
        row: "i, i % 10000 + 1, 'some text'",
        ids: 10_000,
        moved: 10_000,
        shifted: false,
        wal: false,
        sql: TWO_PHASES,
    },
    Scenario {
        name: "UNIQUE(id, n), n at random",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, n INT, UNIQUE(id, n))",
        row: SCATTERED,
        ids: 10_000,
        moved: 10_000,
        shifted: false,
        wal: false,
        sql: TWO_PHASES,
    },
    Scenario {
        name: "INTEGER PRIMARY KEY",
        schema: "CREATE TABLE t(id INTEGER PRIMARY KEY, pad, n)",
        row: "i, 'some text', (i * 7919) % 1000003",
        ids: 0,
        moved: 0,
        shifted: false,
        wal: false,
        sql: TWO_PHASES,
    },
    Scenario {
        name: "INTEGER PRIMARY KEY, shifted",
        schema: "CREATE TABLE t(id INTEGER PRIMARY KEY, pad, n)",
        row: "i, 'some text', (i * 7919) % 1000003",
        ids: 0,
        moved: 0,
        shifted: true,
        wal: false,
        sql: TWO_PHASES,
    },
    Scenario {
        name: "WITHOUT ROWID",
        schema: "CREATE TABLE t(k INT, id INT, pad, n INT, PRIMARY KEY(id, n)) WITHOUT ROWID",
        row: SCATTERED,
        ids: 10_000,
        moved: 10_000,
        shifted: false,
        wal: false,
        sql: TWO_PHASES,
    },
    Scenario {
        name: "ten ids of 10,000, UNIQUE(id, k)",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, UNIQUE(id, k))",
        row: "i, i % 10000 + 1, 'some text'",
        ids: 10_000,
        moved: 10,
        shifted: false,
        wal: false,
        sql: "UPDATE t SET id = -(SELECT new FROM map WHERE old = t.id) WHERE id IN (SELECT old FROM map); UPDATE t SET id = -id WHERE id < 0",
    },
    Scenario {
        name: "ten ids of 10,000, plain, indexed",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad); CREATE INDEX i ON t(id)",
        row: "i, i % 10000 + 1, 'some text'",
        ids: 10_000,
        moved: 10,
        shifted: false,
        wal: false,
        sql: "UPDATE t SET id = (SELECT new FROM map WHERE old = t.id) WHERE id IN (SELECT old FROM map)",
    },
];

fn kind() -> Kind {
    "domain".parse().expect("domain is a kind")
}

impl Scenario {
    /// How many ids there are in a table of so many rows.
    fn ids(&self, rows: i64) -> i64 {
        if self.ids == 0 { rows } else { self.ids }
    }

    /// Where id `id` goes: a permutation of the ids that move, without fixed points where these are a power of ten.
    fn goes_to(&self, id: i64, rows: i64) -> i64 {
        let moved = if self.moved == 0 { self.ids(rows) } else { self.moved };
        let to = if self.shifted { id - 1 + 7_919 } else { (id - 1) * 7_919 + 1 };
        if id > moved { id } else { to % moved + 1 }
    }
}

fn inventory(source: &str, ids: i64) -> Inventory {
    let object = |id| Object { kind: kind(), id, guid: None, name: "".into(), parent: None, witness: Box::default() };
    Inventory::new(Origin { source: source.into(), taken: None }, (1..=ids).map(object).collect(), vec![kind()])
}

fn build(path: &Utf8Path, scenario: &Scenario, rows: i64) {
    let connection = Connection::open(path).expect("a new database");
    let sql = format!(
        "PRAGMA synchronous = OFF; {}; BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO t SELECT {} FROM n; COMMIT; {}",
        scenario.schema,
        scenario.row,
        if scenario.wal { "PRAGMA journal_mode = WAL" } else { "" }
    );
    connection.execute_batch(&sql).expect("the schema is valid");
}

/// What a run cost: wall time, CPU time.
type Cost = (Duration, Duration);

/// CPU time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(11).take(2).filter_map(|f| f.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

fn cost(run: impl FnOnce()) -> Cost {
    let (start, before) = (Instant::now(), cpu());
    run();
    (start.elapsed(), cpu() - before)
}

fn bare(path: &Utf8Path, scenario: &Scenario, rows: i64) -> Cost {
    let connection = Connection::open(path).expect("the copy");
    connection
        .execute_batch(
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; CREATE TEMP TABLE map(old INTEGER PRIMARY KEY, new INT)",
        )
        .expect("the map");
    {
        let mut insert = connection.prepare("INSERT INTO map VALUES (?1, ?2)").expect("the map");
        for id in (1..=scenario.ids(rows)).filter(|id| scenario.goes_to(*id, rows) != *id) {
            insert.execute([id, scenario.goes_to(id, rows)]).expect("the map");
        }
    }
    cost(|| connection.execute_batch(&format!("BEGIN EXCLUSIVE; {}; COMMIT", scenario.sql)).expect("the contender's SQL"))
}

/// What a run costs, and of that, its writing alone: the journal, the rows, the commit. As finely as it can be looked at from outside.
fn watched(run: impl FnOnce()) -> (Cost, Duration) {
    let watch = Arc::new(Watch::new(Arc::default(), false));
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looker = scope.spawn(|| {
            let (mut writing, mut last) = (Duration::ZERO, Instant::now());
            while !ended.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_micros(200));
                let now = Instant::now();
                if matches!(watch.state().0, Phase::Writing | Phase::Committing) {
                    writing += now - last;
                }
                last = now;
            }
            writing
        });
        let cost = cost(|| watch.over(run));
        ended.store(true, Ordering::Relaxed);
        (cost, looker.join().expect("it only looks"))
    })
}

fn whole(dir: &Utf8Path, scenario: &Scenario, rows: i64) -> (Cost, Duration) {
    let ids = scenario.ids(rows);
    // The old and the new state differ, as two panels do, by one object that nothing refers to.
    let old = inventory("old", ids);
    let new = inventory("new", ids + 1);
    let manifest = Manifest {
        references: vec![Entry {
            store: Store::Column { database: "data.db".into(), table: "t".into(), column: "id".into(), path: None },
            kind: Some(kind()),
            holds: Holds::Id,
            on_missing: OnMissing::Fail,
            on_uncertain: OnUncertain::default(),
            twin: None,
            sentinels: None,
            form: Form::default(),
            span: 0..0,
        }],
        ..Manifest::default()
    };
    let found = |id| ((kind(), id), Match::Found { new: scenario.goes_to(id, rows), rung: Rung::Guid, evidence: "".into() });
    let mapping = Mapping::from_matches((1..=ids).map(found));
    // One to look, one to fix.
    let mappings = RefCell::new(vec![mapping.clone(), mapping]);
    let matching = |_: &Inventory, _: &Inventory| mappings.borrow_mut().pop().expect("a fix matches twice at most");
    remap::record_snapshot(dir, &old, None).expect("a companion");
    let request = Request {
        var_dir: dir,
        manifest: &manifest,
        old: Some(&old),
        new: &new,
        trust_old: false,
        matching: &matching,
        map: None,
        twins: false,
        patience: PATIENCE,
    };
    watched(|| {
        let fixed = remap::fix(&request, None).expect("the fix works");
        assert!(matches!(fixed, Fixed::Applied { .. }), "{fixed:?}");
    })
}

/// Runs on a fresh copy of the database.
fn on_copy<T>(original: &Utf8Path, run: impl FnOnce(&Utf8Path) -> T) -> T {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let dir = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("a UTF-8 path");
    std::fs::copy(original, dir.join("data.db")).expect("room for a copy");
    run(&dir)
}

/// Most memory that this process held since this was last asked, in MB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or_default();
    let kilobytes: f64 = line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or_default();
    // Begins anew.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    kilobytes / 1024.0
}

fn linear(most: i64, wanted: impl Fn(&&Scenario) -> bool) {
    println!("{:<38} {:>9} {:>9} {:>9} {:>9} {:>9}", "whole fix", "rows", "s", "writing", "us/row", "MB");
    for scenario in SCENARIOS.iter().filter(|s| s.ids == 10_000 && s.moved == 10_000).filter(wanted) {
        let sizes = std::iter::successors(Some(10_000), |n| Some(n * 10)).take_while(|n| *n <= most);
        for rows in sizes {
            let folder = tempfile::TempDir::new().expect("a temporary folder");
            let original = Utf8PathBuf::from_path_buf(folder.path().join("data.db")).expect("a UTF-8 path");
            build(&original, scenario, rows);
            peak();
            // No copy: of ten million rows, one is enough.
            let ((wall, _), writing) = whole(original.parent().expect("it lies in a folder"), scenario, rows);
            let each = wall.as_secs_f64() * 1e6 / rows as f64;
            let (wall, writing) = (wall.as_secs_f64(), writing.as_secs_f64());
            println!("{:<38} {rows:>9} {wall:>9.2} {writing:>9.2} {each:>9.2} {:>9.0}", scenario.name, peak());
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let number = arguments.iter().find_map(|a| a.parse().ok());
    let wanted =
        |s: &&Scenario| arguments.iter().filter(|a| *a != "linear" && a.parse::<i64>().is_err()).all(|a| s.name.contains(a.as_str()));
    if arguments.iter().any(|a| a == "linear") {
        return linear(number.unwrap_or(10_000_000), wanted);
    }
    let rows = number.unwrap_or(1_000_000);
    println!("fix of {rows} rows, synchronous=FULL; best of {TIMES}; ours/theirs of wall time and of CPU time");
    for scenario in SCENARIOS.iter().filter(wanted) {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let original = Utf8PathBuf::from_path_buf(folder.path().join("data.db")).expect("a UTF-8 path");
        build(&original, scenario, rows);
        let (mut ours, mut theirs) = ((Duration::MAX, Duration::MAX), (Duration::MAX, Duration::MAX));
        let mut writing = Duration::MAX;
        let best = |a: Cost, b: Cost| (a.0.min(b.0), a.1.min(b.1));
        for _ in 0..TIMES {
            theirs = best(theirs, on_copy(&original, |dir| bare(&dir.join("data.db"), scenario, rows)));
            let (cost, wrote) = on_copy(&original, |dir| whole(dir, scenario, rows));
            (ours, writing) = (best(ours, cost), writing.min(wrote));
        }
        let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
        // CPU time is told in hundredths of a second.
        let of_cpu =
            if theirs.1 < Duration::from_millis(200) { "     –".to_owned() } else { format!("{:>6.2}", ratio(ours.1, theirs.1)) };
        println!(
            "{:<36} whole fix {:>7.3} s, bare SQL {:>7.3} s: {:>6.2} wall, {of_cpu} CPU; writing alone {:>6.2} wall",
            scenario.name,
            ours.0.as_secs_f64(),
            theirs.0.as_secs_f64(),
            ratio(ours.0, theirs.0),
            ratio(writing, theirs.0)
        );
    }
}
