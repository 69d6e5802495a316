//! The remap against a model that shares no code with it: every permutation and partial injection of up to five ids, in every class of column, by each
//! method, under each policy. Many cases share a database: each is a table of its own with ids of its own.
//!
//! The whole takes hours and is run by `scripts/test --long`; what always runs fits into a minute.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;
#[path = "support/shapes.rs"]
mod shapes;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use data::{Case, VarDir, dump, entry, long, manifest, rows, states, undo};
use model::{Cell, Expected, Policy, sorted};
use reguid::reference::manifest::OnMissing;
use reguid::remap::{Fixed, Method, Undone};
use shapes::{Shape, injections, shapes};

type Mapping = BTreeMap<i64, i64>;
/// A table, its rows before, and what must come of it.
type Proof = (String, Vec<Vec<Cell>>, Expected);

const FAIL: (Policy, OnMissing) = (Policy::Fail, OnMissing::Fail);
const OTHERS: [(Policy, OnMissing); 4] = [
    (Policy::Keep, OnMissing::Keep),
    (Policy::Null, OnMissing::Null),
    (Policy::Remove, OnMissing::DeleteRow),
    (Policy::Remove, OnMissing::Quarantine),
];
/// Cases in one database.
const TOGETHER: usize = 120;

/// Cases of one shape and policy: for each, what becomes of its ids. Those of case `n` are shifted by a thousand times n + 1.
struct Batch<'a> {
    shape: &'a Shape,
    ids: &'a [i64],
    mappings: Vec<Mapping>,
    policy: (Policy, OnMissing),
}

fn shift(n: usize) -> i64 {
    (i64::try_from(n).unwrap() + 1) * 1000
}

impl Batch<'_> {
    fn told(&self, n: usize) -> String {
        format!("{}: {:?} {:?} {:?} (shifted by {})", self.shape.name, self.ids, self.mappings[n], self.policy.1, shift(n))
    }

    fn table(n: usize) -> String {
        format!("T{n}x")
    }

    fn mapping(&self, n: usize) -> Mapping {
        self.mappings[n].iter().map(|(old, new)| (old + shift(n), new + shift(n))).collect()
    }

    fn fill(&self, dir: &VarDir) {
        let mut sql = "BEGIN;".to_owned();
        for n in 0..self.mappings.len() {
            sql += &self.shape.schema.replace("{t}", &Batch::table(n));
            sql.push(';');
            for id in self.ids {
                sql += &self.shape.row.replace("{t}", &Batch::table(n)).replace("{id}", &(id + shift(n)).to_string());
                sql.push(';');
            }
        }
        dir.sql("data.db", &(sql + "COMMIT"));
    }

    /// The tables of case `n` that hold its ids, each with the columns that do.
    fn tables(&self, n: usize) -> Vec<(String, Vec<usize>)> {
        let mut all = vec![(Batch::table(n), vec![self.shape.column])];
        for (suffix, column) in &self.shape.children {
            if suffix.is_empty() {
                all[0].1.push(*column);
            } else {
                all.push((format!("{}{suffix}", Batch::table(n)), vec![*column]));
            }
        }
        all
    }

    /// What the model says of case `n`.
    fn expected(&self, connection: &reguid::sqlite::Connection, n: usize) -> Vec<Proof> {
        let mapping = self.mapping(n);
        let one = |(table, columns): (String, Vec<usize>)| {
            let was = rows(connection, &format!("SELECT * FROM {table}"));
            let targets: Vec<(usize, Policy)> = columns.into_iter().map(|c| (c, self.policy.0)).collect();
            let expected = model::fix(&was, &targets, &mapping);
            (table, was, expected)
        };
        self.tables(n).into_iter().map(one).collect()
    }

    /// Whether case `n` must stop.
    fn stops(&self, n: usize, expected: &[Proof]) -> bool {
        let gone = self.mappings[n].len() < self.ids.len();
        expected.iter().any(|e| e.2 == Expected::Stop) || self.policy.0 == Policy::Null && !self.shape.takes_null && gone
    }

    /// Plans and fixes by each method, fixes again, undoes and fixes once more; each time all there is must be what the model says.
    fn prove(&self) {
        let all: Vec<usize> = (0..self.mappings.len()).collect();
        let source = VarDir::new();
        self.fill(&source);
        let connection = source.connect("data.db");
        let expected: Vec<_> = all.iter().map(|&n| self.expected(&connection, n)).collect();
        let before = dump(&connection);
        drop(connection);
        let mapping: Mapping = all.iter().flat_map(|&n| self.mapping(n)).collect();
        let ids = |n: usize| self.ids.iter().map(move |id| id + shift(n));
        let gone: Vec<i64> = all.iter().flat_map(|&n| ids(n)).filter(|id| !mapping.contains_key(id)).collect();
        let (old, new) = states(&mapping, &gone);
        let of =
            |cases: &[usize]| manifest(cases.iter().map(|&n| entry("data.db", &Batch::table(n), self.shape.id, self.policy.1)).collect());

        // A plan over all cases stops, and names each table that stops it, and no other.
        let stopping: BTreeSet<String> = all.iter().filter(|&&n| self.stops(n, &expected[n])).map(|&n| Batch::table(n)).collect();
        let (whole, files) = (of(&all), source.files());
        let plan = Case { dir: &source, manifest: &whole, old: Some(&old), new: &new }.plan().unwrap();
        assert_eq!(source.files(), files, "a plan leaves no trace");
        let table = |place: &str| {
            let name = place.trim_start_matches("sqlite:").split('.').next().unwrap();
            name[..=name.find('x').unwrap()].to_owned()
        };
        let stopped: BTreeSet<String> = plan.problems.iter().map(|p| table(&p.place)).collect();
        assert_eq!(stopped, stopping, "{}: {:?}", self.told(0), plan.problems);

        let going: Vec<usize> = all.into_iter().filter(|&n| !stopping.contains(&Batch::table(n))).collect();
        if going.is_empty() {
            return;
        }
        let (manifest, mut results) = (of(&going), Vec::new());
        // Of the columns in keys, all rows are put back by themselves: so many of them change.
        let mut methods = vec![None];
        methods.extend((!self.shape.keyed).then_some(Some(Method::Reinsert)));
        methods.extend(self.shape.walks.then_some(Some(Method::Walk)));
        methods.push(Some(Method::Copy));
        for method in methods {
            let dir = VarDir::new();
            std::fs::write(dir.file("data.db"), &files["data.db"]).unwrap();
            let case = Case { dir: &dir, manifest: &manifest, old: Some(&old), new: &new };
            results.push(self.prove_by(&case, method, &going, &expected, &before));
        }
        assert!(results.windows(2).all(|w| w[0] == w[1]), "all methods come to the same: {}", self.told(going[0]));
    }

    fn prove_by(
        &self,
        case: &Case<'_>,
        method: Option<Method>,
        going: &[usize],
        expected: &[Vec<Proof>],
        before: &[(String, Vec<Vec<Cell>>)],
    ) -> Vec<(String, Vec<Vec<Cell>>)> {
        let dir = case.dir;
        let (mut cells, mut removed) = (0, 0);
        for (_, was, then) in going.iter().flat_map(|&n| &expected[n]) {
            let Expected::Rows(then) = then else { unreachable!() };
            removed += was.len() - then.len();
            // Without removals, the model keeps the order of the rows.
            if was.len() == then.len() {
                cells += was.iter().zip(then).flat_map(|(a, b)| a.iter().zip(b)).filter(|(a, b)| a != b).count();
            }
        }
        let check = |when: &str| {
            let connection = dir.connect("data.db");
            for &n in going {
                for (table, _, then) in &expected[n] {
                    let Expected::Rows(then) = then else { unreachable!() };
                    let cut = |rows: &[Vec<Cell>]| sorted(rows.iter().map(|r| r[..r.len().min(self.shape.stored)].to_vec()).collect());
                    let now = rows(&connection, &format!("SELECT * FROM {table}"));
                    assert_eq!(cut(&now), cut(then), "{when} by {method:?}: {table} of {}", self.told(n));
                }
            }
            assert_eq!(rows(&connection, "PRAGMA integrity_check"), [[Cell::Text(b"ok".to_vec())]], "{when}: {}", self.told(going[0]));
            assert_eq!(rows(&connection, "PRAGMA foreign_key_check"), Vec::<Vec<Cell>>::new(), "{when}: {}", self.told(going[0]));
        };
        let plan = match case.fix_by(method).unwrap_or_else(|e| panic!("{method:?} {}: {e}", self.told(going[0]))) {
            Fixed::Applied { plan, warnings, .. } => {
                assert_eq!(warnings, Vec::<String>::new());
                plan
            }
            Fixed::Nothing { plan } => {
                assert!(plan.is_empty() && going.iter().all(|&n| self.mappings[n].iter().all(|(a, b)| a == b)), "{}", self.told(going[0]));
                return dump(&dir.connect("data.db"));
            }
            Fixed::Stopped { plan } => panic!("{method:?} {}: {:?}", self.told(going[0]), plan.problems),
        };
        if self.shape.stored == usize::MAX && self.policy.0 != Policy::Remove {
            assert_eq!(plan.summary.cells, cells as u64, "{}", self.told(going[0]));
        }
        assert_eq!(plan.summary.removed, removed as u64, "{}", self.told(going[0]));
        for table in plan.tables.iter().filter(|t| t.table.ends_with('x') && t.changed > 0) {
            let usual = if self.shape.keyed { Method::Reinsert } else { Method::Update };
            // Not every table can be copied.
            let wanted = method.filter(|m| *m != Method::Copy || table.method == Method::Copy).unwrap_or(usual);
            assert_eq!(table.method, wanted, "{}", self.told(going[0]));
            COPIED.fetch_add(usize::from(table.method == Method::Copy), std::sync::atomic::Ordering::Relaxed);
        }
        check("after the fix");
        let fixed = (dir.files(), dump(&dir.connect("data.db")));
        assert!(matches!(case.fix().unwrap(), Fixed::Nothing { .. }), "{}", self.told(going[0]));
        assert_eq!(dir.files(), fixed.0, "a second fix writes nothing: {}", self.told(going[0]));
        assert!(matches!(undo(dir).unwrap(), Undone::Done { .. }), "{}", self.told(going[0]));
        assert_eq!(dump(&dir.connect("data.db")), before, "after the undo: {method:?} {}", self.told(going[0]));
        assert!(matches!(case.fix_by(method).unwrap(), Fixed::Applied { .. }), "{}", self.told(going[0]));
        assert_eq!(dump(&dir.connect("data.db")), fixed.1, "after the second fix: {}", self.told(going[0]));
        fixed.1
    }
}

/// All shapes with every `share`-th mapping of `ids` that `wanted` picks, each shape with others, under each policy.
fn exhaust(ids: &[i64], to: &[i64], policies: &[(Policy, OnMissing)], share: usize, wanted: impl Fn(&Mapping) -> bool) -> usize {
    let (shapes, all) = (shapes(long()), injections(ids, to));
    let mut batches = Vec::new();
    for (number, shape) in shapes.iter().enumerate() {
        for policy in policies {
            // A policy matters only where something is gone.
            let of_policy = |m: &Mapping| (m.len() == ids.len()) == (policy.0 == Policy::Fail);
            let all = all.iter().filter(|m| of_policy(m) && wanted(m)).skip(number % share).step_by(share);
            let mine: Vec<Mapping> = all.cloned().collect();
            batches.extend(mine.chunks(TOGETHER).map(|m| Batch { shape, ids, mappings: m.to_vec(), policy: *policy }));
        }
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    batch.prove();
                }
            });
        }
    });
    batches.iter().map(|b| b.mappings.len()).sum()
}

/// Where ids go: to each other, and to one that nobody had.
const TO: &[i64] = &[2, 5, 7, 11, 13, 300];

/// Each permutation in a quarter of the shapes.
/// Tables that were copied.
static COPIED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

#[test]
fn every_permutation_of_five_ids() {
    let (ids, share) = (&TO[..5], if long() { 1 } else { 4 });
    let cases = exhaust(ids, ids, &[FAIL], share, |m| m.len() == 5);
    assert_eq!(cases, 120 / share * shapes(long()).len());
}

#[test]
fn every_partial_injection_of_three_ids() {
    let (ids, to, share) = (&TO[..3], &[2, 5, 7, 300], if long() { 1 } else { 4 });
    assert_eq!(injections(ids, to).len(), 73);
    // What quarantine shares with the other policy that takes rows out, that one shows.
    exhaust(ids, to, if long() { &OTHERS } else { &OTHERS[..3] }, share, |_| true);
    exhaust(ids, to, &[FAIL], share, |_| true);
    let copied = COPIED.load(std::sync::atomic::Ordering::Relaxed);
    assert!(copied > 400, "{copied} tables were copied");
}

/// The whole of it.
#[test]
#[ignore = "takes hours: scripts/test --long"]
fn every_partial_injection_of_five_ids() {
    for count in 1..=5 {
        let ids = &TO[..count];
        let cases = exhaust(ids, TO, &[FAIL], 1, |_| true) + exhaust(ids, TO, &OTHERS, 1, |_| true);
        println!("{count} ids: {cases} cases");
    }
}
