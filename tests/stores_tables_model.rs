//! Tables in the panel's database against a model that shares no code with the writer: every permutation and partial injection of a few ids, in every class of
//! column, under each policy. Many cases share a run: each is a table of its own with ids of its own.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/model.rs"]
mod model;
#[path = "support/shapes.rs"]
mod shapes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use data::{VarDir, by_guid, entry, long, manifest, states};
use mariadb::MariaDb;
use model::{Cell, Expected, Policy, Rows, sorted};
use reguid::panel::settings::Panel;
use reguid::reference::manifest::{OnMissing, Store};
use reguid::remap::{self, Fixed, Outputs, Request, Stores, Undo, Undone};
use shapes::injections;

type Mapping = BTreeMap<i64, i64>;

const POLICIES: [(Policy, OnMissing); 4] = [
    (Policy::Fail, OnMissing::Fail),
    (Policy::Keep, OnMissing::Keep),
    (Policy::Null, OnMissing::Null),
    (Policy::Remove, OnMissing::DeleteRow),
];
/// Cases in one run.
const TOGETHER: usize = 80;

/// A table with ids.
struct Shape {
    name: &'static str,
    /// DDL; `{t}` is the table's name.
    schema: &'static str,
    /// The rows of one id, `{id}`; `{next}` is another one of the same case.
    rows: &'static str,
    /// The columns with ids, by name and number.
    columns: &'static [(&'static str, usize)],
    takes_null: bool,
    /// A row goes by one of its ids: no other row refers to it.
    takes_out: bool,
}

const fn shape(name: &'static str, schema: &'static str, rows: &'static str) -> Shape {
    Shape { name, schema, rows, columns: &[("id", 1)], takes_null: true, takes_out: true }
}

const SHAPES: &[Shape] = &[
    shape(
        "plain",
        "CREATE TABLE {t}(k INT AUTO_INCREMENT PRIMARY KEY, id INT, n TEXT)",
        "(NULL, {id}, 'x'), (NULL, {id}, 'n{id}'), (NULL, NULL, 'none'), (NULL, 0, 'all')",
    ),
    shape("unique", "CREATE TABLE {t}(k INT AUTO_INCREMENT PRIMARY KEY, id INT UNIQUE, n TEXT)", "(NULL, {id}, 'n{id}')"),
    Shape {
        takes_null: false,
        ..shape(
            "unsigned",
            "CREATE TABLE {t}(k INT AUTO_INCREMENT PRIMARY KEY, id SMALLINT UNSIGNED NOT NULL, n TEXT, UNIQUE (n(5), id))",
            "(NULL, {id}, 'same'), (NULL, {id}, 'n{id}')",
        )
    },
    Shape {
        takes_null: false,
        ..shape("key", "CREATE TABLE {t}(n TEXT, id BIGINT PRIMARY KEY, v INT AS (id + 1) PERSISTENT)", "('n{id}', {id}, DEFAULT)")
    },
    Shape {
        takes_null: false,
        ..shape(
            "composite key",
            "CREATE TABLE {t}(w VARCHAR(5), id MEDIUMINT UNSIGNED, PRIMARY KEY (id, w))",
            "('a', {id}), ('b', {id}), ('ü', {id})",
        )
    },
    Shape {
        columns: &[("id", 1), ("other", 2)],
        ..shape(
            "two ids",
            "CREATE TABLE {t}(k INT AUTO_INCREMENT PRIMARY KEY, id INT, other INT, UNIQUE (id, other))",
            "(NULL, {id}, {next}), (NULL, {id}, NULL), (NULL, {next}, {id})",
        )
    },
    Shape { takes_null: false, ..shape("text key", "CREATE TABLE {t}(n TEXT, id VARCHAR(40) PRIMARY KEY)", "('n{id}', '{id}')") },
    shape(
        "unique text",
        "CREATE TABLE {t}(k INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(32) CHARACTER SET latin1 UNIQUE)",
        "(NULL, '{id}')",
    ),
    Shape {
        columns: &[("id", 1), ("up", 2)],
        takes_null: false,
        takes_out: false,
        ..shape(
            "own parent",
            "CREATE TABLE {t}(n TEXT, id INT PRIMARY KEY, up INT, FOREIGN KEY (up) REFERENCES {t}(id) ON DELETE SET NULL ON UPDATE CASCADE)",
            "('n{id}', {id}, NULL)",
        )
    },
];

struct Batch<'a> {
    shape: &'a Shape,
    ids: &'a [i64],
    mappings: &'a [Mapping],
    policy: (Policy, OnMissing),
}

fn shift(n: usize) -> i64 {
    (i64::try_from(n).unwrap() + 1) * 400
}

fn table(n: usize) -> String {
    format!("t{n}x")
}

impl Batch<'_> {
    fn told(&self) -> String {
        format!("{} {:?} {:?}", self.shape.name, self.ids, self.policy.1)
    }

    fn mapping(&self, n: usize) -> Mapping {
        self.mappings[n].iter().map(|(old, new)| (old + shift(n), new + shift(n))).collect()
    }

    fn fill(&self, server: &MariaDb) {
        let mut sql = "SET foreign_key_checks = 0; SET sql_mode = '';".to_owned();
        for n in 0..self.mappings.len() {
            sql += &format!("DROP TABLE IF EXISTS {0};{1} ENGINE=InnoDB;", table(n), self.shape.schema.replace("{t}", &table(n)));
            for (at, id) in self.ids.iter().enumerate() {
                let next = self.ids[(at + 1) % self.ids.len()] + shift(n);
                let rows = self.shape.rows.replace("{id}", &(id + shift(n)).to_string()).replace("{next}", &next.to_string());
                // Two ids refer to each other: one of the rows is there already.
                sql += &format!("INSERT IGNORE INTO {} VALUES {rows};", table(n));
            }
            if self.shape.name == "own parent" {
                sql += &format!("UPDATE {0} SET up = {1};", table(n), self.ids[0] + shift(n));
            }
        }
        server.run("psa", &sql);
    }

    /// The rows of all cases, as text: columns that are computed with them.
    fn rows(&self, server: &MariaDb) -> Vec<Rows> {
        let one = |n: usize| format!("SELECT '{0}' AS tbl, t.* FROM {0} t", table(n));
        let sql = (0..self.mappings.len()).map(one).collect::<Vec<_>>().join(";");
        let text = String::from_utf8(server.print(["-N", "-B", "-r", "-D", "psa", "-e", &sql])).unwrap();
        let mut all = vec![Rows::new(); self.mappings.len()];
        for line in text.lines() {
            let (name, rest) = line.split_once('\t').unwrap();
            let n: usize = name.trim_start_matches('t').trim_end_matches('x').parse().unwrap();
            let cell = |text: &str| if text == "NULL" { Cell::Null } else { Cell::Text(text.as_bytes().to_vec()) };
            all[n].push(rest.split('\t').map(cell).collect());
        }
        all.into_iter().map(sorted).collect()
    }

    fn expected(&self, n: usize, was: &Rows) -> Expected {
        if self.policy.0 == Policy::Null && !self.shape.takes_null && self.mappings[n].len() < self.ids.len() {
            return Expected::Stop;
        }
        let targets: Vec<(usize, Policy)> = self.shape.columns.iter().map(|(_, at)| (*at, self.policy.0)).collect();
        let mut after = model::fix(was, &targets, &self.mapping(n));
        if let (Expected::Rows(rows), "key") = (&mut after, self.shape.name) {
            for row in rows.iter_mut() {
                let Cell::Text(id) = &row[1] else { panic!("a key is no NULL") };
                let id: i64 = std::str::from_utf8(id).unwrap().parse().unwrap();
                row[2] = Cell::Text((id + 1).to_string().into_bytes());
            }
        }
        after
    }

    fn prove(&self, server: &MariaDb, panel: &Panel) {
        self.fill(server);
        let before = self.rows(server);
        let all: Vec<usize> = (0..self.mappings.len()).collect();
        let expected: Vec<Expected> = all.iter().map(|n| self.expected(*n, &before[*n])).collect();
        let mapping: Mapping = all.iter().flat_map(|n| self.mapping(*n)).collect();
        let gone: Vec<i64> =
            all.iter().flat_map(|n| self.ids.iter().map(|id| id + shift(*n))).filter(|id| !mapping.contains_key(id)).collect();
        let (old, new) = states(&mapping, &gone);
        let of = |cases: &[usize]| {
            let one = |n: &usize| {
                let of_table = |(column, _): &(&str, usize)| {
                    let mut entry = entry("", &table(*n), column, self.policy.1);
                    entry.store = Store::PanelColumn { table: table(*n), column: (*column).to_owned(), path: None };
                    entry
                };
                self.shape.columns.iter().map(of_table).collect::<Vec<_>>()
            };
            manifest(cases.iter().flat_map(one).collect())
        };
        let dir = VarDir::new();
        let stores = Stores { panel: Some(panel), module: Some("sample"), ..Stores::default() };
        let request = |manifest| Request {
            var_dir: dir.path(),
            manifest,
            old: Some(&old),
            new: &new,
            trust_old: false,
            matching: &by_guid,
            map: None,
            twins: false,
            patience: Duration::from_secs(2),
        };
        let stopping: BTreeSet<usize> = all.iter().copied().filter(|n| expected[*n] == Expected::Stop).collect();
        let whole = of(&all);
        let plan = remap::plan_with(&request(&whole), stores, Outputs::default()).unwrap();
        let name = |place: &str| place.trim_start_matches("panel:").split('.').next().unwrap().to_owned();
        let stopped: BTreeSet<String> = plan.problems.iter().map(|p| name(&p.place)).collect();
        assert_eq!(stopped, stopping.iter().map(|n| table(*n)).collect(), "{}: {:?}", self.told(), plan.problems);
        assert_eq!(plan.not_handled, Vec::new(), "{}", self.told());

        let going: Vec<usize> = all.into_iter().filter(|n| !stopping.contains(n)).collect();
        if going.is_empty() {
            return;
        }
        let check = |when: &str| {
            let now = self.rows(server);
            for n in &going {
                let Expected::Rows(then) = &expected[*n] else { unreachable!() };
                assert_eq!(now[*n], sorted(then.clone()), "{when}: {} {:?} (shifted by {})", self.told(), self.mappings[*n], shift(*n));
            }
        };
        let manifest = of(&going);
        let fixed = remap::fix_with(&request(&manifest), stores, None).unwrap_or_else(|e| panic!("{}: {e:?}", self.told()));
        match fixed {
            Fixed::Applied { plan, warnings, .. } => {
                assert_eq!(warnings, Vec::<String>::new());
                let changed: usize = going.iter().map(|n| changed(&before[*n], &expected[*n])).sum();
                if self.policy.0 != Policy::Remove {
                    assert_eq!(plan.summary.panel_rows, changed as u64, "{}", self.told());
                }
            }
            Fixed::Nothing { .. } => {
                assert!(going.iter().all(|n| self.mappings[*n].iter().all(|(a, b)| a == b)), "{}", self.told());
                return check("nothing to do");
            }
            Fixed::Stopped { plan } => panic!("{}: {:?}", self.told(), plan.problems),
        }
        check("after the fix");
        assert!(matches!(remap::fix_with(&request(&manifest), stores, None).unwrap(), Fixed::Nothing { .. }), "{}", self.told());
        check("after a second fix");
        let how = Undo { run: None, accept_changes: false, patience: Duration::from_secs(2) };
        let undone =
            remap::take_back_with(dir.path(), &how, stores).unwrap_or_else(|e| panic!("{} {:?}: {e:?}", self.told(), self.mappings));
        assert!(matches!(undone, Undone::Done { .. }), "{}: {undone:?}", self.told());
        assert_eq!(self.rows(server), before, "after the undo: {}", self.told());
    }
}

/// Rows that change. Where none goes, the model keeps their order.
fn changed(before: &Rows, after: &Expected) -> usize {
    let Expected::Rows(after) = after else { return 0 };
    if before.len() == after.len() {
        return before.iter().zip(after).filter(|(a, b)| a != b).count();
    }
    before.len() - after.len()
}

#[test]
fn every_partial_injection() {
    let server = MariaDb::start();
    let text = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/panel").join(name)).unwrap();
    server.run("", "CREATE DATABASE psa");
    server.run("psa", &text("schema.sql"));
    server.run("psa", &text("after.sql"));
    let panel = Panel::named_by(&format!("mysql://root@/psa?socket={}", server.socket().display())).unwrap().unwrap();
    let (ids, to, share): (&[i64], &[i64], usize) =
        if long() { (&[2, 5, 7, 11], &[2, 5, 7, 11, 300], 1) } else { (&[2, 5, 7], &[2, 5, 7, 300], 3) };
    let all = injections(ids, to);
    let mut cases = 0;
    for (number, shape) in SHAPES.iter().enumerate() {
        for policy in POLICIES {
            if policy.0 == Policy::Remove && !shape.takes_out {
                continue;
            }
            // A policy matters only where something is gone. Each shape has others of the cases.
            let of_policy = |m: &&Mapping| policy.0 == Policy::Fail || m.len() < ids.len();
            let mine: Vec<Mapping> = all.iter().filter(of_policy).skip(number % share).step_by(share).cloned().collect();
            for mappings in mine.chunks(TOGETHER) {
                Batch { shape, ids, mappings, policy }.prove(&server, &panel);
                cases += mappings.len();
            }
        }
    }
    // Alone, so that nothing else in the run tells before from afterwards.
    for shape in SHAPES.iter().filter(|s| s.name.ends_with("key")) {
        for mapping in all.iter().filter(|m| m.len() == ids.len() && m.values().all(|to| ids.contains(to))) {
            Batch { shape, ids, mappings: std::slice::from_ref(mapping), policy: POLICIES[0] }.prove(&server, &panel);
            cases += 1;
        }
    }
    println!("{cases} cases");
    assert!(cases > 500, "{cases}");
}
