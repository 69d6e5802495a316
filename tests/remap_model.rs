//! The remap against a model that shares no code with it: every permutation and partial injection of a few ids, and random tables.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::collections::BTreeMap;

use data::{Case, VarDir, dump, entry, manifest, rows, states, undo};
use model::{Cell, Expected, Policy, sorted};
use reguid::reference::manifest::OnMissing;
use reguid::remap::{Fixed, Undone};

const POLICIES: [(Policy, OnMissing); 5] = [
    (Policy::Fail, OnMissing::Fail),
    (Policy::Keep, OnMissing::Keep),
    (Policy::Null, OnMissing::Null),
    (Policy::Remove, OnMissing::DeleteRow),
    (Policy::Remove, OnMissing::Quarantine),
];

/// A table `t` whose column `id` holds ids; `fill` makes one row for each of the ids.
struct Shape {
    name: &'static str,
    schema: &'static str,
    /// `{id}` is the id.
    row: &'static str,
    /// The column of `SELECT *` that holds the id.
    column: usize,
    /// Columns of other tables that hold the same ids and that declared foreign keys make targets.
    children: &'static [(&'static str, usize)],
    takes_null: bool,
}

const SHAPES: &[Shape] = &[
    Shape {
        name: "plain",
        schema: "CREATE TABLE t(k, id INT)",
        row: "INSERT INTO t VALUES ('k{id}', {id})",
        column: 1,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "integer primary key",
        schema: "CREATE TABLE t(id INTEGER PRIMARY KEY, k UNIQUE)",
        row: "INSERT INTO t VALUES ({id}, 'k{id}')",
        column: 0,
        children: &[],
        takes_null: false,
    },
    Shape {
        name: "autoincrement",
        schema: "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, k); INSERT INTO t VALUES (90, 'x'); DELETE FROM t",
        row: "INSERT INTO t VALUES ({id}, 'k{id}')",
        column: 0,
        children: &[],
        takes_null: false,
    },
    Shape {
        name: "unique",
        schema: "CREATE TABLE t(k, id INTEGER UNIQUE)",
        row: "INSERT INTO t VALUES ('k{id}', {id})",
        column: 1,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "composite unique",
        schema: "CREATE TABLE t(id INT, k, UNIQUE(id, k))",
        row: "INSERT INTO t VALUES ({id}, 'a'); INSERT INTO t VALUES ({id}, 'b')",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "without rowid",
        schema: "CREATE TABLE t(id INT PRIMARY KEY, k) WITHOUT ROWID",
        row: "INSERT INTO t VALUES ({id}, 'k{id}')",
        column: 0,
        children: &[],
        takes_null: false,
    },
    Shape {
        name: "without rowid, composite",
        schema: "CREATE TABLE t(k, id INT, v, PRIMARY KEY(k, id)) WITHOUT ROWID",
        row: "INSERT INTO t VALUES ('a', {id}, x'00ff'); INSERT INTO t VALUES ('b', {id}, 1.5)",
        column: 1,
        children: &[],
        takes_null: false,
    },
    Shape {
        name: "text",
        schema: "CREATE TABLE t(id TEXT UNIQUE, k)",
        row: "INSERT INTO t VALUES ('{id}', {id})",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "text without case",
        schema: "CREATE TABLE t(id TEXT COLLATE NOCASE PRIMARY KEY, k)",
        row: "INSERT INTO t VALUES ('{id}', 'K')",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "both storage classes",
        schema: "CREATE TABLE t(id, k)",
        row: "INSERT INTO t VALUES ({id}, 1); INSERT INTO t VALUES ('{id}', 2)",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "cascade",
        schema: "CREATE TABLE t(id INTEGER PRIMARY KEY, k); CREATE TABLE c(n INTEGER PRIMARY KEY, d INT REFERENCES t(id) ON UPDATE CASCADE ON DELETE CASCADE)",
        row: "INSERT INTO t VALUES ({id}, 'k{id}'); INSERT INTO c(d) VALUES ({id}); INSERT INTO c(d) VALUES ({id})",
        column: 0,
        children: &[("c", 1)],
        takes_null: false,
    },
    Shape {
        name: "restrict, chained",
        schema: "CREATE TABLE t(id INT UNIQUE, k); CREATE TABLE c(d INT UNIQUE REFERENCES t(id) ON UPDATE RESTRICT); CREATE TABLE g(e INT REFERENCES c(d) ON UPDATE SET NULL)",
        row: "INSERT INTO t VALUES ({id}, 'k{id}'); INSERT INTO c VALUES ({id}); INSERT INTO g VALUES ({id})",
        column: 0,
        children: &[("c", 0), ("g", 0)],
        takes_null: true,
    },
    Shape {
        name: "triggers",
        schema: "CREATE TABLE log(x); CREATE TABLE t(id INTEGER UNIQUE, k, changed DEFAULT 0); CREATE TRIGGER u AFTER UPDATE ON t BEGIN UPDATE t SET changed = changed + 1; INSERT INTO log VALUES (new.id); END; CREATE TRIGGER i AFTER DELETE ON t BEGIN INSERT INTO log VALUES (old.id); END",
        row: "INSERT INTO t VALUES ({id}, 'k{id}', 0)",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "on conflict replace",
        schema: "CREATE TABLE t(k, id INT UNIQUE ON CONFLICT REPLACE)",
        row: "INSERT INTO t VALUES ('k{id}', {id})",
        column: 1,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "on conflict ignore",
        schema: "CREATE TABLE t(id INT PRIMARY KEY ON CONFLICT IGNORE, k)",
        row: "INSERT INTO t VALUES ({id}, 'k{id}')",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "partial unique index",
        schema: "CREATE TABLE t(id INT, k); CREATE UNIQUE INDEX i ON t(id) WHERE k = 'live'",
        row: "INSERT INTO t VALUES ({id}, 'live'); INSERT INTO t VALUES ({id}, 'old')",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "unique expression",
        schema: "CREATE TABLE t(id INT, k); CREATE UNIQUE INDEX i ON t(id * 10 + 1)",
        row: "INSERT INTO t VALUES ({id}, 'k')",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "generated column",
        schema: "CREATE TABLE t(id INT, k, g INT AS (id * 2) STORED UNIQUE, v AS (k || id))",
        row: "INSERT INTO t VALUES ({id}, 'k')",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "check",
        schema: "CREATE TABLE t(id INT UNIQUE CHECK (id > 0 AND id < 1000), k NOT NULL)",
        row: "INSERT INTO t VALUES ({id}, 'k')",
        column: 0,
        children: &[],
        takes_null: true,
    },
    Shape {
        name: "strict",
        schema: "CREATE TABLE t(id INT NOT NULL UNIQUE, k ANY) STRICT",
        row: "INSERT INTO t VALUES ({id}, '007')",
        column: 0,
        children: &[],
        takes_null: false,
    },
    Shape {
        name: "odd names",
        schema: "CREATE TABLE t(\"se\"\"lect\" INT UNIQUE, [from x], `üñí`, rowid, _rowid_)",
        row: "INSERT INTO t VALUES ({id}, 1, 2, 3, {id})",
        column: 0,
        children: &[],
        takes_null: true,
    },
];

impl Shape {
    /// The name of the column with ids.
    fn id(&self) -> &'static str {
        if self.name == "odd names" { "SE\"LECT" } else { "id" }
    }

    fn fill(&self, dir: &VarDir, ids: &[i64]) {
        let mut sql = format!("BEGIN; {};", self.schema);
        for id in ids {
            sql += &self.row.replace("{id}", &id.to_string());
            sql.push(';');
        }
        dir.sql("data.db", &(sql + "COMMIT"));
    }
}

/// Plans, fixes, fixes again, undoes and fixes once more; each time all there is must be what the model says.
fn prove(shape: &Shape, ids: &[i64], mapping: &BTreeMap<i64, i64>, (policy, on_missing): (Policy, OnMissing)) {
    let told = || format!("{}: {ids:?} {mapping:?} {on_missing:?}", shape.name);
    let dir = VarDir::new();
    shape.fill(&dir, ids);
    let gone: Vec<i64> = ids.iter().copied().filter(|i| !mapping.contains_key(i)).collect();
    let (old, new) = states(mapping, &gone);
    let manifest = manifest(vec![entry("data.db", "T", shape.id(), on_missing)]);
    let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };

    let before = dump(&dir.connect("data.db"));
    let tables: Vec<(&str, usize)> = std::iter::once(("t", shape.column)).chain(shape.children.iter().copied()).collect();
    let read = |(table, _): &(&str, usize)| rows(&dir.connect("data.db"), &format!("SELECT * FROM {table}"));
    let expected: Vec<Expected> = tables.iter().map(|t| model::fix(&read(t), &[(t.1, policy)], mapping)).collect();
    let files = dir.files();
    let plan = case.plan().unwrap();
    assert_eq!(dir.files(), files, "a plan leaves no trace: {}", told());

    let null_refused = policy == Policy::Null && !shape.takes_null && !gone.is_empty();
    if expected.contains(&Expected::Stop) || null_refused {
        assert!(plan.is_stopped(), "{}", told());
        assert!(matches!(case.fix().unwrap(), Fixed::Stopped { .. }), "{}", told());
        assert_eq!(dir.files(), files, "{}", told());
        return;
    }
    assert!(!plan.is_stopped(), "{}: {:?} {:?}", told(), plan.problems, plan.not_handled);
    let check = |when: &str| {
        for (table, expected) in tables.iter().zip(&expected) {
            let Expected::Rows(expected) = expected else { unreachable!() };
            // Generated columns follow; the model knows nothing of them.
            let stored = if shape.name == "generated column" { 2 } else { usize::MAX };
            let cut = |rows: &[Vec<Cell>]| sorted(rows.iter().map(|r| r[..r.len().min(stored)].to_vec()).collect());
            assert_eq!(cut(&read(table)), cut(expected), "{when}: {} of {}", table.0, told());
        }
    };
    let identity = mapping.iter().all(|(a, b)| a == b);
    match case.fix().unwrap_or_else(|e| panic!("{}: {e}", told())) {
        Fixed::Applied { plan: applied, warnings, .. } => {
            assert_eq!(applied.hash, plan.hash, "{}", told());
            assert_eq!(warnings, Vec::<String>::new());
        }
        Fixed::Nothing { .. } => assert!(identity && plan.is_empty(), "{}", told()),
        Fixed::Stopped { .. } => panic!("{}", told()),
    }
    check("after the fix");
    let fixed = dir.files();
    assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }), "{}", told());
    assert_eq!(dir.files(), fixed, "a second fix writes nothing: {}", told());
    if fixed.contains_key("reguid.db") {
        assert!(matches!(undo(&dir).unwrap(), Undone::Done { .. }), "{}", told());
        assert_eq!(dump(&dir.connect("data.db")), before, "after the undo: {}", told());
        assert!(matches!(case.fix().unwrap(), Fixed::Applied { .. }), "{}", told());
        check("after the second fix");
    } else {
        assert_eq!(dump(&dir.connect("data.db")), before);
    }
}

/// Every way to give `from` distinct values of `to`, or none.
fn injections(from: &[i64], to: &[i64]) -> Vec<BTreeMap<i64, i64>> {
    let Some((first, rest)) = from.split_first() else { return vec![BTreeMap::new()] };
    let mut all = injections(rest, to);
    for value in to {
        let left: Vec<i64> = to.iter().copied().filter(|v| v != value).collect();
        for mut mapping in injections(rest, &left) {
            mapping.insert(*first, *value);
            all.push(mapping);
        }
    }
    all
}

/// All shapes with all mappings; each thread takes its share.
fn exhaust(ids: &'static [i64], mappings: &[BTreeMap<i64, i64>], policies: &[(Policy, OnMissing)]) {
    let all: Vec<_> = SHAPES
        .iter()
        .flat_map(|s| mappings.iter().flat_map(move |m| policies.iter().map(move |p| (s, m, *p))))
        // A policy matters only where something is gone.
        .filter(|(_, m, p)| m.len() < ids.len() || p.1 == OnMissing::Fail)
        // To the engine, quarantine is delete-row by another name; the ids of some mappings are enough to show it.
        .filter(|(_, m, p)| p.1 != OnMissing::Quarantine || m.values().sum::<i64>() % 3 == 0)
        .collect();
    assert!(all.len() > SHAPES.len());
    std::thread::scope(|scope| {
        for share in 0..4 {
            let all = &all;
            scope.spawn(move || all.iter().skip(share).step_by(4).for_each(|(s, m, p)| prove(s, ids, m, *p)));
        }
    });
}

#[test]
fn every_permutation_of_four_ids() {
    const IDS: &[i64] = &[2, 5, 7, 11];
    let permutations: Vec<_> = injections(IDS, IDS).into_iter().filter(|m| m.len() == IDS.len()).collect();
    assert_eq!(permutations.len(), 24);
    exhaust(IDS, &permutations, &POLICIES[..1]);
}

#[test]
fn every_partial_injection_of_three_ids_into_themselves_and_one_more() {
    const IDS: &[i64] = &[2, 5, 7];
    let all = injections(IDS, &[2, 5, 7, 300]);
    assert_eq!(all.len(), 73);
    let some: Vec<_> = all.into_iter().enumerate().filter(|(i, m)| m.len() < 3 || i % 5 == 0).map(|(_, m)| m).collect();
    exhaust(IDS, &some, &POLICIES);
}
