//! The remap against the model on random tables, rows, mappings, policies and methods; and what must make no difference.
//!
//! 2,000 tables; with `REGUID_LONG=1`, 100,000. A failing one is shrunk, and printed as SQL.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;
use std::fmt;

use data::{Case, VarDir, dump, entry, long, manifest, rows, states, undo};
use model::{Cell, Expected, Policy, sorted};
use proptest::prelude::*;
use reguid::panel::Inventory;
use reguid::reference::manifest::{Manifest, OnMissing};
use reguid::remap::plan::ProblemCode;
use reguid::remap::{Fixed, Method, Undone};

/// How the bytes of a database lie, which must make no difference.
#[derive(Debug, Clone, Copy)]
struct Bytes {
    page_size: u32,
    encoding: &'static str,
    auto_vacuum: u8,
    wal: bool,
    /// Rows are put in from the last to the first.
    backwards: bool,
}

/// A random table with two columns that hold ids, `a` and `b`, and one that does not, `x`.
#[derive(Clone)]
struct World {
    types: [&'static str; 2],
    constraint: &'static str,
    check: bool,
    strict: bool,
    without_rowid: bool,
    index: &'static str,
    /// A computed column.
    computed: &'static str,
    /// The actions of a foreign key of a second table, where `a` is a key.
    child: Option<&'static str>,
    /// The actions of a foreign key of the table to itself, where `a` is a key; and what stands in its column, row by row.
    itself: Option<(&'static str, Vec<Cell>)>,
    /// A trigger that would destroy what it is for, if it fired.
    trigger: &'static str,
    bytes: Bytes,
    rows: Vec<(Cell, Cell, Cell)>,
    mapping: BTreeMap<i64, i64>,
    gone: Vec<i64>,
    policies: [(Policy, OnMissing); 2],
    sentinels: Option<Vec<i64>>,
    both: bool,
    method: Option<Method>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.sql(&self.rows))?;
        let columns = if self.both { "a, b" } else { "a" };
        writeln!(f, "-- {columns}: {:?}, gone {:?}, policies {:?}", self.mapping, self.gone, self.policies.map(|p| p.1))?;
        write!(f, "-- sentinels {:?}, by {:?}, {:?}", self.sentinels, self.method, self.bytes)
    }
}

impl World {
    /// Whether `a` alone is a key, so that a foreign key can refer to it. Rows that `b` would take out from under the second table are refused, which
    /// other tests show.
    fn refers(&self) -> Option<&'static str> {
        self.child.filter(|_| self.is_referable())
    }

    fn is_referable(&self) -> bool {
        let removes = self.both && self.policies[1].0 == Policy::Remove;
        !removes && ["UNIQUE(a)", "PRIMARY KEY(a)"].contains(&self.constraint)
    }

    /// As [`World::refers`], of the table itself.
    fn refers_to_itself(&self) -> Option<(&'static str, &[Cell])> {
        let (actions, ups) = self.itself.as_ref().filter(|_| self.is_referable())?;
        Some((actions, ups))
    }

    /// What the row refers to. A row that goes for what it refers to would go from under others: where rows go, each refers to itself.
    fn up(&self, row: usize, a: &Cell) -> Option<Cell> {
        let (_, ups) = self.refers_to_itself()?;
        Some(if self.policies[0].0 == Policy::Remove { a.clone() } else { ups[row % ups.len()].clone() })
    }

    /// All columns that are no computed ones.
    fn table(&self) -> &'static str {
        if self.refers_to_itself().is_some() { "SELECT a, b, x, up FROM t" } else { T }
    }

    fn sql(&self, rows: &[(Cell, Cell, Cell)]) -> String {
        let Bytes { page_size, encoding, auto_vacuum, wal, backwards } = self.bytes;
        let mode = if wal { "WAL" } else { "DELETE" };
        let mut options = Vec::new();
        options.extend((self.without_rowid && self.constraint.contains("PRIMARY")).then_some("WITHOUT ROWID"));
        options.extend(self.strict.then_some("STRICT"));
        let typed = |t: &'static str| if self.strict && t.is_empty() { "ANY" } else { t };
        let [a, b] = self.types.map(typed);
        let constraint = if self.constraint.is_empty() { String::new() } else { format!(", {}", self.constraint) };
        let check = if self.check { ", CHECK (a <> 3 OR x > 0)" } else { "" };
        let computed = if self.computed.is_empty() { String::new() } else { format!(", y {} {}", typed(""), self.computed) };
        let up = self.refers_to_itself().map(|(actions, _)| format!(", up {a} REFERENCES t(a) {actions}")).unwrap_or_default();
        let mut sql = format!(
            "PRAGMA page_size = {page_size}; PRAGMA encoding = '{encoding}'; PRAGMA auto_vacuum = {auto_vacuum}; PRAGMA journal_mode = {mode};\n\
             CREATE TABLE t(a {a}, b {b}, x {}{up}{computed}{constraint}{check}) {};\n{};\n",
            typed(""),
            options.join(", "),
            self.index
        );
        if let Some(actions) = self.refers() {
            // Outside of STRICT tables ANY makes integers of reals: they would refer to reals that no mapping moves.
            let of_child = if a == "ANY" { "" } else { a };
            sql += &format!("CREATE TABLE c(n INTEGER PRIMARY KEY, d {of_child} REFERENCES t(a) {actions});\n");
        }
        // It comes last: the rows are put in before.
        let trigger = if self.trigger.is_empty() {
            String::new()
        } else {
            format!("CREATE TRIGGER g {} ON t BEGIN DELETE FROM t;END;\n", self.trigger)
        };
        let one = |(n, (a, b, x)): (usize, &(Cell, Cell, Cell))| {
            let (up, value) = self.up(n, a).map(|up| (", up", format!(", {}", up.sql()))).unwrap_or_default();
            let mut line = format!("INSERT OR IGNORE INTO t(a, b, x{up}) VALUES ({}, {}, {}{value});\n", a.sql(), b.sql(), x.sql());
            if self.refers().is_some() && *b != Cell::Null {
                line += &format!("INSERT INTO c(d) SELECT a FROM t WHERE a IS {};\n", a.sql());
            }
            line
        };
        if backwards {
            sql.extend(rows.iter().enumerate().rev().map(one))
        } else {
            sql.extend(rows.iter().enumerate().map(one))
        }
        sql + &trigger
    }

    fn build(&self, rows: &[(Cell, Cell, Cell)]) -> VarDir {
        let dir = VarDir::new();
        let connection = dir.connect("data.db");
        connection.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for statement in self.sql(rows).split(";\n").flat_map(|lines| lines.split("; ")) {
            // STRICT tables and CHECKs take some rows not.
            let _ = connection.execute_batch(statement);
        }
        dir
    }

    fn columns(&self) -> Vec<(usize, &'static str)> {
        if self.both { vec![(0, "a"), (1, "b")] } else { vec![(0, "a")] }
    }

    fn manifest(&self) -> Manifest {
        let one = |(i, name): (usize, &str)| {
            let mut entry = entry("data.db", "t", name, self.policies[i].1);
            entry.sentinels = self.sentinels.as_ref().map(|s| s.iter().map(ToString::to_string).collect());
            entry
        };
        manifest(self.columns().into_iter().map(one).collect())
    }

    fn states(&self) -> (Inventory, Inventory) {
        states(&self.mapping, &self.gone)
    }

    fn expect(&self, rows: &Vec<Vec<Cell>>, targets: &[(usize, Policy)]) -> Expected {
        let sentinels = self.sentinels.as_deref().unwrap_or(model::SENTINELS);
        model::fix_with(rows, targets, &self.mapping, sentinels)
    }
}

fn cell(types: &'static str) -> BoxedStrategy<Cell> {
    let id = 1..=9i64;
    let text = prop_oneof![
        8 => id.clone().prop_map(|i| i.to_string()),
        1 => prop::sample::select(vec!["05", " 5", "5.0", "all", "", "word", "0", "-1", "5x", "1e1", "5 "]).prop_map(str::to_owned),
    ]
    .prop_map(|t| Cell::Text(t.into_bytes()));
    let integer = prop_oneof![9 => id, 1 => prop::sample::select(vec![0, -1, i64::MAX])].prop_map(Cell::Integer);
    match types {
        "INT" | "INTEGER" => prop_oneof![12 => integer, 1 => Just(Cell::Null), 1 => text].boxed(),
        "" => prop_oneof![6 => integer, 6 => text, 1 => Just(Cell::Null), 1 => Just(Cell::Real(5.0)), 1 => Just(Cell::Blob(b"5".to_vec()))]
            .boxed(),
        _ => prop_oneof![12 => text, 1 => Just(Cell::Null)].boxed(),
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

fn bytes() -> impl Strategy<Value = Bytes> {
    (
        prop::sample::select(vec![512u32, 4096, 65536]),
        prop::sample::select(vec!["UTF-8", "UTF-8", "UTF-16le", "UTF-16be"]),
        0..3u8,
        prop::bool::weighted(0.2),
        any::<bool>(),
    )
        .prop_map(|(page_size, encoding, auto_vacuum, wal, backwards)| Bytes { page_size, encoding, auto_vacuum, wal, backwards })
}

/// Of a foreign key, if there is one.
fn actions(often: f64) -> impl Strategy<Value = Option<&'static str>> {
    prop::option::weighted(
        often,
        prop::sample::select(vec![
            "ON UPDATE CASCADE ON DELETE CASCADE",
            "ON UPDATE SET NULL ON DELETE SET DEFAULT",
            "ON UPDATE RESTRICT ON DELETE RESTRICT",
            "DEFERRABLE INITIALLY DEFERRED",
        ]),
    )
}

fn world() -> impl Strategy<Value = World> {
    let types = prop::sample::select(vec![
        ["INT", "INT"],
        ["INT", "TEXT"],
        ["TEXT", ""],
        ["", "INT"],
        ["TEXT", "TEXT"],
        ["TEXT COLLATE NOCASE", "INT"],
        ["TEXT COLLATE RTRIM", ""],
        // With PRIMARY KEY(a), the rowid by another name.
        ["INTEGER", "INT"],
    ]);
    let table = (
        types,
        prop::sample::select(vec![
            "",
            "UNIQUE(a)",
            "UNIQUE(a, b)",
            "UNIQUE(b, x)",
            "PRIMARY KEY(a)",
            "PRIMARY KEY(a, b)",
            "UNIQUE(a) ON CONFLICT REPLACE",
            "UNIQUE(a, x) ON CONFLICT IGNORE",
            "UNIQUE(x)",
        ]),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        any::<bool>(),
        prop::sample::select(vec![
            "",
            "",
            "CREATE INDEX i ON t(b)",
            "CREATE UNIQUE INDEX i ON t(a) WHERE x > 3",
            "CREATE UNIQUE INDEX i ON t(x) WHERE a > 4",
            "CREATE UNIQUE INDEX i ON t(a DESC, x COLLATE NOCASE)",
            "CREATE UNIQUE INDEX i ON t(a || x)",
        ]),
        prop::sample::select(vec!["", "", "AS (a || '-') VIRTUAL", "AS (coalesce(a, 0)) STORED", "AS (a || b || x) STORED UNIQUE"]),
        actions(0.5),
        (prop::sample::select(vec!["", "", "AFTER UPDATE", "AFTER DELETE", "BEFORE UPDATE OF a", "AFTER INSERT"]), bytes(), actions(0.4)),
    );
    table.prop_flat_map(|(types, constraint, check, strict, without_rowid, index, computed, child, (trigger, bytes, itself))| {
        let row = (
            cell(types[0]),
            cell(types[1]),
            prop_oneof![(0..6i64).prop_map(Cell::Integer), Just(Cell::Text(b"x".to_vec())), Just(Cell::Null)],
        );
        let old: Vec<i64> = (1..=9).chain([i64::MAX]).collect();
        let new: Vec<i64> = (1..=9).chain([i64::MAX, 40, 41, -7]).collect();
        (
            (prop::collection::vec(row, 0..12), prop::collection::vec(cell(types[0]), 1..6)),
            (prop::sample::subsequence(old, 0..=10), Just(new).prop_shuffle()),
            (policy(), policy()),
            prop::bool::ANY,
            prop::bool::weighted(0.4),
            prop::option::weighted(0.2, prop::sample::select(vec![vec![], vec![0, -1, 5], vec![7]])),
            prop::sample::select(vec![None, None, Some(Method::Reinsert), Some(Method::Walk), Some(Method::Walk), Some(Method::Copy)]),
        )
            .prop_map(move |((rows, ups), (known, new), policies, both, complete, sentinels, method)| {
                let known: Vec<i64> = if complete { (1..=9).chain([i64::MAX]).collect() } else { known };
                let mapping: BTreeMap<i64, i64> = known.iter().copied().zip(new).collect();
                let gone = (1..=9).filter(|i| !mapping.contains_key(i) && i % 2 == 0).collect();
                World {
                    types,
                    constraint,
                    check,
                    strict,
                    without_rowid,
                    index,
                    computed,
                    child,
                    itself: itself.map(|actions| (actions, ups)),
                    trigger,
                    bytes,
                    rows,
                    mapping,
                    gone,
                    policies: [policies.0, policies.1],
                    sentinels,
                    both,
                    method,
                }
            })
    })
}

fn cases(short: u32, whole: u32) -> ProptestConfig {
    ProptestConfig {
        cases: if long() { whole } else { short },
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

const T: &str = "SELECT a, b, x FROM t";
const C: &str = "SELECT n, d FROM c";

proptest! {
    #![proptest_config(cases(2_000, 100_000))]

    #[test]
    fn a_fix_is_what_the_model_says_or_nothing_at_all(world in world()) {
        let dir = world.build(&world.rows);
        let ((old, new), manifest) = (world.states(), world.manifest());
        let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
        let read = |sql| rows(&dir.connect("data.db"), sql);
        let up = world.refers_to_itself().map(|_| (3, world.policies[0].0));
        let targets: Vec<(usize, Policy)> = world.columns().iter().map(|(i, _)| (*i, world.policies[*i].0)).chain(up).collect();
        let before = read(world.table());
        let expected = world.expect(&before, &targets);
        let child = world.refers().map(|_| world.expect(&read(C), &[(1, world.policies[0].0)]));
        let was = dump(&dir.connect("data.db"));
        let files = dir.files();

        let plan = case.plan().unwrap();
        prop_assert_eq!(&dir.files(), &files, "a plan leaves no trace");
        match case.fix_by(world.method).unwrap() {
            Fixed::Stopped { plan: stopped } => {
                prop_assert_eq!(&dir.files(), &files);
                prop_assert_eq!(&stopped.hash, &plan.hash);
                prop_assert_eq!(&stopped.problems, &plan.problems);
                // The model knows nothing of constraints: where it would go on, only they may stop.
                let constraints = [ProblemCode::Collision, ProblemCode::Constraint, ProblemCode::NotNull];
                prop_assert!(expected == Expected::Stop || stopped.problems.iter().all(|p| constraints.contains(&p.code)), "{:?}", stopped.problems);
                if expected != Expected::Stop {
                    prop_assert!(would_break(&dir, &expected), "SQLite would have taken it: {:?}", stopped.problems);
                }
            }
            done @ (Fixed::Applied { .. } | Fixed::Nothing { .. }) => {
                let Expected::Rows(expected) = expected else { return Err(TestCaseError::fail("it should have stopped")) };
                if let Some(child) = child {
                    let Expected::Rows(child) = child else { return Err(TestCaseError::fail("it should have stopped")) };
                    prop_assert_eq!(sorted(read(C)), sorted(child));
                }
                // Without removals the model keeps the order of the rows.
                let changed = before.iter().zip(&expected).flat_map(|(a, b)| a.iter().zip(b)).filter(|(a, b)| a != b).count();
                let removed = before.len() - expected.len();
                prop_assert_eq!(sorted(read(world.table())), sorted(expected));
                let ok = read("PRAGMA integrity_check");
                prop_assert_eq!(ok, vec![vec![Cell::Text(b"ok".to_vec())]]);
                let fixed = dir.files();
                let again = case.fix().unwrap();
                prop_assert!(matches!(&again, Fixed::Nothing { .. }), "{:?}", again);
                prop_assert_eq!(dir.files(), fixed, "a second fix writes nothing");
                if let Fixed::Applied { plan: applied, .. } = done {
                    prop_assert_eq!(&applied.hash, &plan.hash);
                    if removed == 0 && world.refers().is_none() {
                        prop_assert_eq!(applied.summary.cells, changed as u64, "what was planned is what changed");
                    }
                    let undone = undo(&dir).unwrap();
                    prop_assert!(matches!(undone, Undone::Done { .. }), "{:?}", undone);
                    prop_assert_eq!(dump(&dir.connect("data.db")), was);
                }
            }
        }
    }
}

/// What came of it: the problems that stopped it, or the rows.
fn outcome(world: &World, rows_in: &[(Cell, Cell, Cell)], method: Option<Method>) -> (Vec<ProblemCode>, Vec<Vec<Cell>>, (u64, u64)) {
    let dir = world.build(rows_in);
    let ((old, new), manifest) = (world.states(), world.manifest());
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
    let (plan, mut problems) = match case.fix_by(method).unwrap() {
        Fixed::Stopped { plan } => (plan.clone(), plan.problems.iter().map(|p| p.code).collect::<Vec<_>>()),
        Fixed::Applied { plan, .. } | Fixed::Nothing { plan } => (plan, Vec::new()),
    };
    // Which of two rows that collide is named depends on their order.
    problems.sort_by_key(|p| format!("{p:?}"));
    problems.dedup();
    (problems, sorted(rows(&dir.connect("data.db"), T)), (plan.summary.cells, plan.summary.removed))
}

proptest! {
    #![proptest_config(cases(250, 10_000))]

    /// Order of the rows, page size, encoding, auto-vacuum, journal mode; and the method.
    #[test]
    fn how_the_bytes_lie_makes_no_difference(world in world(), other in bytes()) {
        // The rows that the table takes, whatever their order.
        let there: Vec<(Cell, Cell, Cell)> = rows(&world.build(&world.rows).connect("data.db"), T)
            .into_iter()
            .map(|r| (r[0].clone(), r[1].clone(), r[2].clone()))
            .collect();
        let mine = World { child: None, itself: None, ..world };
        let first = outcome(&mine, &there, None);
        let other = World { bytes: other, ..mine.clone() };
        // What an index makes of a BLOB depends on the encoding, and so may which rows there can be, before a run and after it.
        let taken = rows(&other.build(&there).connect("data.db"), T).len() == there.len();
        let has_blob = there.iter().any(|(a, b, x)| [a, b, x].iter().any(|cell| matches!(cell, Cell::Blob(_))));
        if taken && (!has_blob || mine.bytes.encoding == other.bytes.encoding) {
            prop_assert_eq!(&outcome(&other, &there, None), &first);
        }
        for method in [Method::Update, Method::Walk, Method::Reinsert, Method::Copy] {
            prop_assert_eq!(&outcome(&mine, &there, Some(method)), &first, "by {:?}", method);
        }
    }
}

/// Whether the expected rows break a rule of the table: asked of SQLite with a copy of it, one row after the other.
fn would_break(dir: &VarDir, expected: &Expected) -> bool {
    let Expected::Rows(expected) = expected else { return true };
    let source = dir.connect("data.db");
    let copy = reguid::sqlite::Connection::open_in_memory().unwrap();
    let Cell::Text(encoding) = &rows(&source, "PRAGMA encoding")[0][0] else { panic!("an encoding is text") };
    copy.execute_batch(&format!("PRAGMA encoding = '{}'", String::from_utf8_lossy(encoding))).unwrap();
    for line in rows(&source, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND type <> 'trigger' ORDER BY type DESC") {
        let Cell::Text(sql) = &line[0] else { panic!("DDL is text") };
        copy.execute_batch(std::str::from_utf8(sql).unwrap()).unwrap();
    }
    // A rowid cannot be NULL: SQLite gives another number.
    let key = rows(&copy, "SELECT name, type FROM pragma_table_info('t') WHERE pk > 0");
    let is_rowid = key == [[Cell::Text(b"a".to_vec()), Cell::Text(b"INTEGER".to_vec())]] && copy.prepare("SELECT rowid FROM t").is_ok();
    expected.iter().any(|row| {
        if is_rowid && row[0] == Cell::Null {
            return true;
        }
        let values: Vec<String> = row.iter().map(Cell::sql).collect();
        copy.execute(&format!("INSERT OR ABORT INTO t(a, b, x) VALUES ({})", values.join(", ")), []).is_err()
    })
}
