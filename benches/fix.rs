//! A fix of one million rows, whole (plan, journal, apply, check, commit), against the bare SQL that moves the same cells. Prints ratios.
//!
//! `cargo bench --bench fix [rows]`. All contenders work on copies of one database, in the same journal mode, one after the other.
#![allow(clippy::print_stdout, reason = "a benchmark's result is what it prints")]

use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use reguid::panel::inventory::Origin;
use reguid::panel::mapping::{Mapping, Match, Rung};
use reguid::panel::{Inventory, Kind, Object};
use reguid::reference::manifest::{Entry, Form, Holds, Manifest, OnMissing, OnUncertain, Store};
use reguid::remap::{self, Fixed, PATIENCE, Request};
use reguid::sqlite::Connection;

/// Distinct ids.
const IDS: i64 = 10_000;
/// Times each contender runs; the best counts.
const TIMES: usize = 3;

struct Scenario {
    name: &'static str,
    schema: &'static str,
    /// The contenders: a name and SQL that goes by a table `map(old, new)`.
    contenders: &'static [(&'static str, &'static str)],
}

const UPDATE: &str = "UPDATE t SET id = map.new FROM map WHERE map.old = t.id";
const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "plain column",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad)",
        contenders: &[("UPDATE … FROM map", UPDATE)],
    },
    Scenario {
        name: "UNIQUE, permuted",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, UNIQUE(id, k))",
        contenders: &[("two-phase SQL", "UPDATE t SET id = -map.new FROM map WHERE map.old = t.id; UPDATE t SET id = -id WHERE id < 0")],
    },
    Scenario {
        name: "UNIQUE(id, pad), permuted at random",
        schema: "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, n INT, UNIQUE(id, n))",
        contenders: &[("two-phase SQL", "UPDATE t SET id = -map.new FROM map WHERE map.old = t.id; UPDATE t SET id = -id WHERE id < 0")],
    },
];

fn kind() -> Kind {
    "domain".parse().expect("domain is a kind")
}

/// A permutation without fixed points.
fn new(id: i64) -> i64 {
    (id - 1 + 7_919) % IDS + 1
}

fn inventory(source: &str) -> Inventory {
    let object = |id| Object { kind: kind(), id, guid: None, name: "".into(), parent: None, witness: Box::default() };
    Inventory::new(Origin { source: source.into(), taken: None }, (1..=IDS).map(object).collect(), vec![kind()])
}

/// The old and the new state differ, as two panels do, by one object that nothing refers to.
fn states() -> (Inventory, Inventory) {
    let mut more = inventory("new").objects().to_vec();
    more.push(Object { id: IDS + 1, ..more[0].clone() });
    (inventory("old"), Inventory::new(Origin::default(), more, vec![kind()]))
}

fn build(path: &Utf8Path, scenario: &Scenario, rows: i64) {
    let connection = Connection::open(path).expect("a new database");
    let columns = if scenario.schema.contains("n INT") {
        "i, i % 10000 + 1, 'some text', (i * 7919) % 1000003"
    } else {
        "i, i % 10000 + 1, 'some text'"
    };
    let sql = format!(
        "{}; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO t SELECT {columns} FROM n",
        scenario.schema
    );
    connection.execute_batch(&sql).expect("the schema is valid");
}

fn bare(path: &Utf8Path, sql: &str) -> Duration {
    let connection = Connection::open(path).expect("the copy");
    let map: String = (1..=IDS).map(|id| format!("({id},{})", new(id))).collect::<Vec<_>>().join(",");
    connection
        .execute_batch(&format!(
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
             CREATE TEMP TABLE map(old INTEGER PRIMARY KEY, new INT); INSERT INTO map VALUES {map}"
        ))
        .expect("the map");
    let start = Instant::now();
    connection.execute_batch(&format!("BEGIN EXCLUSIVE; {sql}; COMMIT")).expect("the contender's SQL");
    start.elapsed()
}

fn whole(dir: &Utf8Path) -> Duration {
    let (old, new_state) = states();
    let manifest = Manifest {
        references: vec![Entry {
            store: Store::Column { database: "data.db".into(), table: "t".into(), column: "id".into(), path: None },
            kind: Some(kind()),
            holds: Holds::Id,
            on_missing: OnMissing::Fail,
            on_uncertain: OnUncertain::default(),
            twin: None,
            form: Form::default(),
            span: 0..0,
        }],
        ..Manifest::default()
    };
    let matching = |_: &Inventory, _: &Inventory| {
        Mapping::from_matches((1..=IDS).map(|id| ((kind(), id), Match::Found { new: new(id), rung: Rung::Guid, evidence: "".into() })))
    };
    let request = Request {
        var_dir: dir,
        manifest: &manifest,
        old: Some(&old),
        new: &new_state,
        trust_old: false,
        matching: &matching,
        map: None,
        twins: false,
        patience: PATIENCE,
    };
    let start = Instant::now();
    let fixed = remap::fix(&request, None).expect("the fix works");
    let taken = start.elapsed();
    assert!(matches!(fixed, Fixed::Applied { .. }), "{fixed:?}");
    taken
}

/// The best of some runs, each on a fresh copy of the database.
fn best(original: &Utf8Path, mut run: impl FnMut(&Utf8Path) -> Duration) -> Duration {
    let once = |_| {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let dir = Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("a UTF-8 path");
        std::fs::copy(original, dir.join("data.db")).expect("room for a copy");
        run(&dir)
    };
    (0..TIMES).map(once).min().expect("more than none")
}

fn main() {
    let rows = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000);
    println!("fix of {rows} rows, {IDS} ids, rollback journal, synchronous=FULL; best of {TIMES}");
    for scenario in SCENARIOS {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let original = Utf8PathBuf::from_path_buf(folder.path().join("data.db")).expect("a UTF-8 path");
        build(&original, scenario, rows);
        let ours = best(&original, whole);
        println!("{:<38} {:<20} {:>8.2} s", scenario.name, "reguid fix, whole", ours.as_secs_f64());
        for (name, sql) in scenario.contenders {
            let theirs = best(&original, |dir| bare(&dir.join("data.db"), sql));
            let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
            println!("{:<38} {name:<20} {:>8.2} s   ours/theirs {ratio:.2}", "", theirs.as_secs_f64());
        }
    }
}
