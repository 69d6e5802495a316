//! Random tables, panels and histories against a model without SQL: a row of the model knows its objects by name, and not by any id.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use reguid::panel::Inventory;
use reguid::reference::manifest::OnMissing;
use reguid::remap::quarantine::{self, Request, Restored};
use reguid::remap::{Fixed, Undone};

use crate::data::{Case, VarDir, by_guid, dump, entry, inventory, long, manifest, rows, undo};
use crate::model::{Cell, sorted};

/// A panel: the ids of those of eight domains that are there.
type Panel = BTreeMap<usize, i64>;

/// A reference as it is stored: to a domain, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reference {
    Null,
    Zero,
    Number(usize),
    Text(usize),
}

#[derive(Debug, Clone)]
struct World {
    shape: &'static str,
    encoding: &'static str,
    /// `a`, `b`, `x`.
    rows: Vec<(Reference, Reference, i64)>,
    panels: [Panel; 3],
    /// Rows that the extension adds once everything speaks of the last panel.
    late: Vec<(Reference, Reference, i64)>,
    restore_twice: bool,
}

const SHAPES: &[&str] = &[
    "CREATE TABLE t(a, b, x)",
    "CREATE TABLE t(a UNIQUE, b, x)",
    "CREATE TABLE t(a, b, x, PRIMARY KEY (x, a)) WITHOUT ROWID",
    "CREATE TABLE t(x INTEGER PRIMARY KEY AUTOINCREMENT, a, b)",
    "CREATE TABLE t(a, b, x, g AS (x + 1) STORED, UNIQUE (a, b, x))",
    "CREATE TABLE t(a, b, x UNIQUE); CREATE INDEX i ON t(b, a DESC) WHERE a > 2",
    "CREATE TABLE t(a, b, x, UNIQUE (a, b) ON CONFLICT REPLACE)",
];

/// Indexes of a, b, x that are unique together, by shape. A NULL among them is equal to none.
fn keys(shape: &str) -> Vec<Vec<usize>> {
    let at = SHAPES.iter().position(|s| *s == shape).unwrap();
    [vec![], vec![vec![0]], vec![vec![2, 0]], vec![vec![2]], vec![vec![0, 1, 2]], vec![vec![2]], vec![vec![0, 1]]][at].clone()
}

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![
        1 => Just(Reference::Null),
        1 => Just(Reference::Zero),
        6 => (0..8usize).prop_map(Reference::Number),
        2 => (0..8usize).prop_map(Reference::Text),
    ]
}

/// Ids from a few numbers, so that they are used again and again for others.
fn panel() -> impl Strategy<Value = Panel> {
    (Just((1..=12i64).collect::<Vec<_>>()).prop_shuffle(), proptest::collection::vec(any::<bool>(), 8))
        .prop_map(|(ids, there)| there.iter().enumerate().filter(|(_, t)| **t).map(|(i, _)| (i, ids[i])).collect())
}

fn world() -> impl Strategy<Value = World> {
    let rows = |most| proptest::collection::vec((reference(), reference(), 0..6i64), 0..most);
    let all = Just((1..=12i64).collect::<Vec<_>>()).prop_shuffle().prop_map(|ids| (0..8).map(|i| (i, ids[i])).collect::<Panel>());
    ((0..SHAPES.len(), prop_oneof![3 => Just("UTF-8"), 1 => Just("UTF-16le")]), (rows(12), rows(4)), (all, panel(), panel()), any::<bool>())
        .prop_map(|((shape, encoding), (rows, late), (first, second, third), restore_twice)| World {
            shape: SHAPES[shape],
            encoding,
            rows,
            panels: [first, second, third],
            late,
            restore_twice,
        })
}

fn state(name: &str, panel: &Panel) -> Inventory {
    let names: Vec<(i64, String)> = panel.iter().map(|(d, id)| (*id, format!("d{d}.example"))).collect();
    inventory(name, &names.iter().map(|(id, name)| (*id, name.as_str())).collect::<Vec<_>>())
}

fn domain(reference: Reference) -> Option<usize> {
    match reference {
        Reference::Number(d) | Reference::Text(d) => Some(d),
        _ => None,
    }
}

/// How a reference is stored while the panel is in that state.
fn cell(reference: Reference, panel: &Panel) -> Cell {
    match reference {
        Reference::Null => Cell::Null,
        Reference::Zero => Cell::Integer(0),
        Reference::Number(d) => Cell::Integer(panel[&d]),
        Reference::Text(d) => Cell::Text(panel[&d].to_string().into_bytes()),
    }
}

type Row = (Reference, Reference, i64);

fn resolves(row: &Row, panel: &Panel) -> bool {
    [row.0, row.1].into_iter().filter_map(domain).all(|d| panel.contains_key(&d))
}

fn stored(row: &Row, panel: &Panel) -> Vec<Cell> {
    vec![cell(row.0, panel), cell(row.1, panel), Cell::Integer(row.2)]
}

/// Whether the two may not stand in one table.
fn meet(keys: &[Vec<usize>], one: &[Cell], other: &[Cell]) -> bool {
    let same = |key: &Vec<usize>| key.iter().all(|&c| one[c] == other[c] && one[c] != Cell::Null);
    keys.iter().any(same)
}

/// Adds the rows that fit, as the extension would; those that do.
fn add(dir: &VarDir, shape: &str, rows: &[Row], panel: &Panel, there: &mut Vec<Vec<Cell>>) -> Vec<Row> {
    let keys = keys(shape);
    let mut added = Vec::new();
    for row in rows.iter().filter(|r| resolves(r, panel)) {
        let values = stored(row, panel);
        // The key of a table WITHOUT ROWID takes no NULL.
        if there.iter().any(|t| meet(&keys, &values, t)) || shape.contains("WITHOUT") && values[0] == Cell::Null {
            continue;
        }
        let sql: Vec<String> = values.iter().map(Cell::sql).collect();
        dir.sql("data.db", &format!("INSERT INTO t(a, b, x) VALUES ({})", sql.join(", ")));
        there.push(values);
        added.push(*row);
    }
    added
}

fn check(world: &World) {
    let dir = VarDir::new();
    dir.sql("data.db", &format!("PRAGMA encoding = '{}'; {}", world.encoding, world.shape));
    let [first, second, third] = &world.panels;
    let states = [state("first", first), state("second", second), state("third", third)];
    let manifest = manifest(vec![entry("data.db", "t", "a", OnMissing::Quarantine), entry("data.db", "t", "b", OnMissing::Quarantine)]);
    let mut data = add(&dir, world.shape, &world.rows, first, &mut Vec::new());
    let everything = || dump(&dir.connect("data.db"));
    let now = || sorted(rows(&dir.connect("data.db"), "SELECT a, b, x FROM t"));
    let told = |data: &[Row], panel: &Panel| sorted(data.iter().map(|r| stored(r, panel)).collect());
    reguid::remap::record_snapshot(dir.path(), &states[0], None).unwrap();
    let mut dumps = Vec::new();
    let mut held: Vec<Row> = Vec::new();
    let mut runs = 0;
    for (i, panel) in [second, third].into_iter().enumerate() {
        dumps.push(everything());
        let fixed = Case { dir: &dir, manifest: &manifest, old: None, new: &states[i + 1] }.fix().unwrap();
        match fixed {
            Fixed::Applied { .. } => runs += 1,
            Fixed::Nothing { .. } => drop(dumps.pop()),
            Fixed::Stopped { plan } => panic!("{:?}", plan.problems),
        }
        let (stay, go): (Vec<Row>, Vec<Row>) = data.into_iter().partition(|r| resolves(r, panel));
        held.extend(go);
        data = stay;
        assert_eq!(now(), told(&data, panel));
    }
    // Rowids that were free in the meantime are used again here.
    let mut there: Vec<Vec<Cell>> = data.iter().map(|r| stored(r, third)).collect();
    data.extend(add(&dir, world.shape, &world.late, third, &mut there));
    let before = everything();
    let request = Request {
        var_dir: dir.path(),
        run: None,
        places: &[],
        panel: Some(&states[2]),
        matching: &by_guid,
        patience: Duration::from_secs(2),
    };
    let ready: Vec<Row> = held.iter().copied().filter(|r| resolves(r, third)).collect();
    let keys = keys(world.shape);
    let mut all = there.clone();
    let mut taken = false;
    for values in ready.iter().map(|r| stored(r, third)) {
        taken |= all.iter().any(|t| meet(&keys, &values, t));
        all.push(values);
    }
    let listing = quarantine::list(&request).unwrap();
    assert_eq!((listing.ready, listing.waiting), (ready.len() as u64, (held.len() - ready.len()) as u64));
    match quarantine::restore(&request).unwrap() {
        Restored::Nothing { .. } => assert!(ready.is_empty()),
        Restored::Stopped { problems, .. } => {
            assert!(taken, "{problems:?}");
            assert_eq!(everything(), before);
        }
        Restored::Done { rows: put, .. } => {
            assert!(!taken && put.iter().map(|p| p.2).sum::<u64>() == ready.len() as u64, "{put:?}");
            assert_eq!(now(), sorted(all));
            let whole = everything();
            let again = Case { dir: &dir, manifest: &manifest, old: None, new: &states[2] }.fix().unwrap();
            assert!(matches!(again, Fixed::Nothing { .. }), "{again:?}");
            assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
            assert_eq!(everything(), before);
            if world.restore_twice {
                assert!(matches!(quarantine::restore(&request).unwrap(), Restored::Done { .. }));
                assert_eq!(everything(), whole);
                assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
            }
        }
    }
    assert_eq!(everything(), before);
    // Without what came since, the runs are taken back exactly.
    if data.len() == told(&data, third).len() && world.late.is_empty() {
        for dump in dumps.iter().rev() {
            assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }));
            assert_eq!(everything(), *dump);
        }
        assert_eq!(runs, dumps.len());
    }
}

#[test]
fn rows_come_back_as_the_model_says() {
    let cases = if long() { 100_000 } else { 500 };
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let seen = std::cell::RefCell::new(BTreeSet::new());
    let done = runner.run(&world(), |world| {
        seen.borrow_mut().insert(world.shape);
        check(&world);
        Ok(())
    });
    done.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(seen.borrow().len(), SHAPES.len());
}
