//! The remap against the model on random tables, rows, mappings and policies.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;

use data::{Case, VarDir, dump, entry, manifest, rows, states, undo};
use model::{Cell, Expected, Policy, sorted};
use proptest::prelude::*;
use reguid::reference::manifest::OnMissing;
use reguid::remap::plan::ProblemCode;
use reguid::remap::{Fixed, Undone};

/// A random table with two columns that hold ids, `a` and `b`, and one that does not, `x`.
#[derive(Debug, Clone)]
struct World {
    types: [&'static str; 2],
    constraint: &'static str,
    without_rowid: bool,
    index: &'static str,
    wal: bool,
    page_size: u32,
    rows: Vec<(Cell, Cell, Cell)>,
    mapping: BTreeMap<i64, i64>,
    gone: Vec<i64>,
    policies: [(Policy, OnMissing); 2],
    both: bool,
}

fn cell(types: &'static str) -> BoxedStrategy<Cell> {
    let id = 1..=9i64;
    let text = prop_oneof![
        8 => id.clone().prop_map(|i| i.to_string()),
        1 => prop::sample::select(vec!["05", " 5", "5.0", "all", "", "word", "0", "-1", "5x", "1e1"]).prop_map(str::to_owned),
    ]
    .prop_map(|t| Cell::Text(t.into_bytes()));
    let integer = prop_oneof![9 => id, 1 => prop::sample::select(vec![0, -1, i64::MAX])].prop_map(Cell::Integer);
    match types {
        "INT" => prop_oneof![12 => integer, 1 => Just(Cell::Null), 1 => text].boxed(),
        "TEXT" => prop_oneof![12 => text, 1 => Just(Cell::Null)].boxed(),
        _ => prop_oneof![6 => integer, 6 => text, 1 => Just(Cell::Null), 1 => Just(Cell::Real(5.0)), 1 => Just(Cell::Blob(b"5".to_vec()))]
            .boxed(),
    }
}

fn policy() -> impl Strategy<Value = (Policy, OnMissing)> {
    prop::sample::select(vec![
        (Policy::Fail, OnMissing::Fail),
        (Policy::Keep, OnMissing::Keep),
        (Policy::Null, OnMissing::Null),
        (Policy::Remove, OnMissing::DeleteRow),
        (Policy::Remove, OnMissing::Quarantine),
    ])
}

fn world() -> impl Strategy<Value = World> {
    let types = prop::sample::select(vec![["INT", "INT"], ["INT", "TEXT"], ["TEXT", ""], ["", "INT"], ["TEXT", "TEXT"]]);
    let shape = (
        types,
        prop::sample::select(vec![
            "",
            "",
            "UNIQUE(a)",
            "UNIQUE(a, b)",
            "UNIQUE(b, x)",
            "PRIMARY KEY(a)",
            "PRIMARY KEY(a, b)",
            "UNIQUE(a) ON CONFLICT REPLACE",
            "UNIQUE(x)",
        ]),
        any::<bool>(),
        prop::sample::select(vec![
            "",
            "CREATE INDEX i ON t(b)",
            "CREATE UNIQUE INDEX i ON t(a) WHERE x > 3",
            "CREATE UNIQUE INDEX i ON t(a, x COLLATE NOCASE)",
            "CREATE UNIQUE INDEX i ON t(a || x)",
        ]),
        prop::bool::weighted(0.2),
        prop::sample::select(vec![512u32, 4096]),
    );
    shape.prop_flat_map(|(types, constraint, without_rowid, index, wal, page_size)| {
        let row = (
            cell(types[0]),
            cell(types[1]),
            prop_oneof![(0..6i64).prop_map(Cell::Integer), Just(Cell::Text(b"x".to_vec())), Just(Cell::Null)],
        );
        let old: Vec<i64> = (1..=9).chain([i64::MAX]).collect();
        let new: Vec<i64> = (1..=9).chain([i64::MAX, 40, 41, -7]).collect();
        (
            prop::collection::vec(row, 0..12),
            (prop::sample::subsequence(old, 0..=10), Just(new).prop_shuffle()),
            (policy(), policy()),
            prop::bool::ANY,
            prop::bool::weighted(0.4),
        )
            .prop_map(move |(rows, (known, new), policies, both, complete)| {
                let known: Vec<i64> = if complete { (1..=9).chain([i64::MAX]).collect() } else { known };
                let mapping: BTreeMap<i64, i64> = known.iter().copied().zip(new).collect();
                let gone = (1..=9).filter(|i| !mapping.contains_key(i) && i % 2 == 0).collect();
                let policies = [policies.0, policies.1];
                World { types, constraint, without_rowid, index, wal, page_size, rows, mapping, gone, policies, both }
            })
    })
}

/// Makes the database; rows that break a rule of the table are left out by SQLite.
fn build(world: &World) -> VarDir {
    let dir = VarDir::new();
    let key = world.constraint.starts_with("PRIMARY");
    let without = if world.without_rowid && key { "WITHOUT ROWID" } else { "" };
    let constraint = if world.constraint.is_empty() { String::new() } else { format!(", {}", world.constraint) };
    let connection = dir.connect("data.db");
    let mode = if world.wal { "WAL" } else { "DELETE" };
    connection
        .execute_batch(&format!(
            "PRAGMA page_size = {}; PRAGMA journal_mode = {mode}; CREATE TABLE t(a {}, b {}, x{constraint}) {without}; {}",
            world.page_size, world.types[0], world.types[1], world.index
        ))
        .unwrap();
    for (a, b, x) in &world.rows {
        let value = |c: &Cell| match c {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer(i) => i.to_string(),
            Cell::Real(r) => format!("{r:?}"),
            Cell::Text(t) => format!("'{}'", String::from_utf8_lossy(t)),
            Cell::Blob(b) => format!("x'{}'", b.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        };
        let _ = connection.execute(&format!("INSERT OR IGNORE INTO t VALUES ({}, {}, {})", value(a), value(b), value(x)), []);
    }
    dir
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_fix_is_what_the_model_says_or_nothing_at_all(world in world()) {
        let dir = build(&world);
        let columns: Vec<(usize, &str)> = if world.both { vec![(0, "a"), (1, "b")] } else { vec![(0, "a")] };
        let (old, new) = states(&world.mapping, &world.gone);
        let manifest = manifest(columns.iter().map(|(i, name)| entry("data.db", "t", name, world.policies[*i].1)).collect());
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let table = || rows(&dir.connect("data.db"), "SELECT * FROM t");
        let targets: Vec<(usize, Policy)> = columns.iter().map(|(i, _)| (*i, world.policies[*i].0)).collect();
        let expected = model::fix(&table(), &targets, &world.mapping);
        let was = dump(&dir.connect("data.db"));
        let files = dir.files();

        let plan = case.plan().unwrap();
        prop_assert_eq!(&dir.files(), &files, "a plan leaves no trace");
        match case.fix().unwrap() {
            Fixed::Stopped { plan: stopped } => {
                prop_assert_eq!(&dir.files(), &files);
                prop_assert_eq!(&stopped, &plan);
                // The model knows nothing of constraints: where it would go on, only they may stop.
                let constraints = [ProblemCode::Collision, ProblemCode::Constraint, ProblemCode::NotNull];
                prop_assert!(expected == Expected::Stop || stopped.problems.iter().all(|p| constraints.contains(&p.code)), "{:?}", stopped.problems);
                if expected != Expected::Stop {
                    prop_assert!(would_break(&dir, &expected), "SQLite would have taken it: {:?}", stopped.problems);
                }
            }
            done @ (Fixed::Applied { .. } | Fixed::Nothing { .. }) => {
                let Expected::Rows(expected) = expected else { return Err(TestCaseError::fail("it should have stopped")) };
                prop_assert_eq!(sorted(table()), sorted(expected));
                let ok = rows(&dir.connect("data.db"), "PRAGMA integrity_check");
                prop_assert_eq!(ok, vec![vec![Cell::Text(b"ok".to_vec())]]);
                let fixed = dir.files();
                let again = case.fix().unwrap();
                prop_assert!(matches!(&again, Fixed::Nothing { .. }), "{:?}", again);
                prop_assert_eq!(dir.files(), fixed, "a second fix writes nothing");
                if let Fixed::Applied { plan: applied, .. } = done {
                    prop_assert_eq!(&applied.hash, &plan.hash);
                    let undone = undo(&dir).unwrap();
                    prop_assert!(matches!(undone, Undone::Done { .. }), "{:?}", undone);
                    prop_assert_eq!(dump(&dir.connect("data.db")), was);
                }
            }
        }
    }
}

/// Whether the expected rows break a rule of the table: asked of SQLite with a copy of it, one row after the other.
fn would_break(dir: &VarDir, expected: &Expected) -> bool {
    let Expected::Rows(expected) = expected else { return true };
    let source = dir.connect("data.db");
    let copy = reguid::sqlite::Connection::open_in_memory().unwrap();
    for line in rows(&source, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC") {
        let Cell::Text(sql) = &line[0] else { panic!("DDL is text") };
        copy.execute_batch(std::str::from_utf8(sql).unwrap()).unwrap();
    }
    expected.iter().any(|row| {
        let literal = |c: &Cell| match c {
            Cell::Null => "NULL".to_owned(),
            Cell::Integer(i) => i.to_string(),
            Cell::Real(r) => format!("{r:?}"),
            Cell::Text(t) => format!("CAST(x'{}' AS TEXT)", t.iter().map(|b| format!("{b:02x}")).collect::<String>()),
            Cell::Blob(b) => format!("x'{}'", b.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        };
        let values: Vec<String> = row.iter().map(literal).collect();
        copy.execute(&format!("INSERT OR ABORT INTO t VALUES ({})", values.join(", ")), []).is_err()
    })
}
