#![allow(clippy::print_stdout, reason = "how much was tried is what a test shows")]

use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::*;
use crate::panel::inventory::Origin;
use crate::panel::mapping::{Match, Rung};
use crate::panel::{Inventory, Kind, Mapping, Object};
use crate::reference::manifest::Manifest;
use crate::remap::compute::{self, Computed, Depth, States};
use crate::remap::scan::CellHash;
use crate::remap::session::Locked;
use crate::remap::watch::Watch;
use crate::remap::{Fixed, PATIENCE, RemapError, Request, leaves, scan, target};
use crate::sqlite::pages::dice::Dice;
use crate::sqlite::{Connection, Value, params_from_iter};

/// Reads every tree on so many threads.
fn on<T>(threads: u32, work: impl FnOnce() -> T) -> T {
    struct Restore;
    impl Drop for Restore {
        fn drop(&mut self) {
            FORCED.set(None);
        }
    }
    let _restore = Restore;
    FORCED.set(Some(threads));
    work()
}

fn kind() -> Kind {
    "domain".parse().unwrap()
}

/// Objects of these ids, each with a name of its own.
fn inventory(source: &str, ids: impl Iterator<Item = (i64, i64)>) -> Inventory {
    let object = |(id, name): (i64, i64)| Object {
        kind: kind(),
        id,
        guid: None,
        name: format!("{name}.example").into(),
        parent: None,
        witness: Box::default(),
    };
    Inventory::new(Origin { source: source.into(), taken: None }, ids.map(object).collect(), vec![kind()])
}

/// The old state, the new one, and what became of each id: those up to 20 change places, those up to 30 stay, of those up to 34 nothing is left.
fn states() -> (Inventory, Inventory, Mapping) {
    let goes_to = |id: i64| if id <= 20 { id * 7 % 20 + 1 } else { id };
    let old = inventory("old", (1..=34).map(|id| (id, id)));
    let new = inventory("new", (1..=30).map(|id| (goes_to(id), id)).chain([(77, 77)]));
    let found = |id| Match::Found { new: goes_to(id), rung: Rung::Guid, evidence: "".into() };
    let all = (1..=30).map(|id| ((kind(), id), found(id))).chain((31..=34).map(|id| ((kind(), id), Match::Missing)));
    let mapping = Mapping::from_matches(all);
    (old, new, mapping)
}

/// A `var` directory with `data.db`, of whose table `t` the columns d (with the twin n), e and j hold ids.
struct World {
    folder: TempDir,
    manifest: Manifest,
    states: (Inventory, Inventory, Mapping),
}

impl World {
    fn new(sql: &str, more: [&str; 3]) -> World {
        let columns = ["d'\ntwin = 'n", "e", "j'\npath = '$.d"];
        let entries = columns.iter().zip(more).map(|(column, more)| {
            format!("[[reference]]\ndatabase = 'data.db'\ntable = 't'\ncolumn = '{column}'\nkind = 'domain'\n{more}\n")
        });
        let text: String = entries.collect();
        let manifest = Manifest::parse("reguid.toml".into(), &text).unwrap_or_else(|e| panic!("{text}\n{e:?}"));
        let world = World { folder: TempDir::new().unwrap(), manifest, states: states() };
        world.connect().execute_batch(sql).unwrap();
        world
    }

    fn dir(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    fn connect(&self) -> Connection {
        Connection::open(self.dir().join("data.db")).unwrap()
    }

    /// Fills `t` with rows of all sorts.
    fn fill(&self, dice: &mut Dice, rows: usize, malformed: bool) {
        let connection = self.connect();
        connection.execute_batch("BEGIN").unwrap();
        let mut insert = connection.prepare("INSERT OR IGNORE INTO t(d, n, e, j, x, k) VALUES (?1, ?2, ?3, ?4, ?5, ?6)").unwrap();
        for row in 0..rows {
            // Some ids come late.
            let most = if row * 3 > rows * 2 { 34 } else { 25 };
            let id = 1 + dice.below(most) as i64;
            let d = match dice.below(40) {
                0 => Value::Null,
                1 => Value::Integer(0),
                2 => Value::Text("none".into()),
                3 | 4 if malformed => Value::Text(format!("0{}", dice.one(&[7, 20, 20, 5000]) * 3 % (9 + id))),
                5 => Value::Integer(5_000_000_000 + dice.below(3) as i64),
                6..12 => Value::Text(id.to_string()),
                _ => Value::Integer(id),
            };
            let n = match dice.below(30) {
                0 => Value::Null,
                // One that stays is nobody's new id.
                1..4 if id > 20 => Value::Text(format!("{}.example", 1 + dice.below(34))),
                _ => Value::Text(format!("{id}.example")),
            };
            let e = if dice.below(5) == 0 { Value::Null } else { Value::Integer(1 + dice.below(most) as i64) };
            let j = match dice.below(30) {
                0 => "{".to_owned(),
                1 => format!("{{\"d\": \"0{id}\"}}"),
                2 => "null".to_owned(),
                _ => format!("{{\"d\": {}, \"x\": [{}]}}", 1 + dice.below(most), dice.below(1000)),
            };
            let x = match dice.below(12) {
                0 => Value::Null,
                1 => Value::Blob(vec![7; dice.below(3000)]),
                _ => Value::Text("x".repeat(dice.below(60))),
            };
            let k = Value::Integer((row * 7919 % 100_003) as i64);
            insert.execute(params_from_iter([d, n, e, Value::Text(j), x, k])).unwrap();
        }
        drop(insert);
        connection.execute_batch("COMMIT; DELETE FROM t WHERE k % 11 = 3").unwrap();
    }

    /// Computes the plan, and shows it to `then`.
    fn compute<T>(&self, then: impl FnOnce(&Computed<'_>) -> T) -> Result<T, RemapError> {
        let locked = Locked::open(self.dir(), &[Utf8PathBuf::from("data.db")], Duration::from_millis(50))?;
        let session = locked.session();
        let resolved = target::resolve(&self.manifest, &session.databases)?;
        let (old, new, mapping) = &self.states;
        let states = States { old, new, mapping };
        let computed = compute::compute(session, resolved, states, (None, false), Depth::Whole)?;
        Ok(then(&computed))
    }

    fn fix(&self) -> Result<Fixed, RemapError> {
        let (old, new, mapping) = &self.states;
        let matching = |_: &Inventory, _: &Inventory| mapping.clone();
        crate::remap::fix(
            &Request {
                var_dir: self.dir(),
                manifest: &self.manifest,
                old: Some(old),
                new,
                trust_old: false,
                matching: &matching,
                map: None,
                twins: false,
                patience: PATIENCE,
            },
            None,
        )
    }

    fn rows(&self) -> Vec<Vec<Value>> {
        let connection = self.connect();
        let mut query = connection.prepare("SELECT * FROM t ORDER BY k").unwrap();
        let columns = query.column_count();
        let rows = query.query_map([], |row| (0..columns).map(|c| row.get(c)).collect()).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

/// All that a plan goes by, as text; what is told of it; its leaves.
fn all(computed: &Computed<'_>) -> (String, String, Vec<leaves::Leaves>) {
    let mut text = String::new();
    let mut found = Vec::new();
    for work in &computed.tables {
        let s = &work.scanned;
        text +=
            &format!("{:?} {:?} {:?} {:?}\n", (s.rows, s.changed, s.cells, &s.nulls, s.removed), s.hits, (s.before, s.after), s.against);
        text += &format!("{:?} {:?} {:?}\n", s.links, s.stamps, work.method);
        for (column, decider) in &work.targets {
            let parts = decider.inside.iter().flat_map(|i| &i.parts).chain([decider]);
            for decider in parts {
                text += &format!("{column} {:?} {:?} {:?}\n", decider.seen, decider.malformed, decider.counts);
                text += &format!("{:?} {}\n", decider.was_left(31), decider.may_collide());
            }
            text += &format!("{:?}\n", decider.inside.as_ref().map(|i| (i.unparsable, i.is_changing())));
        }
        found.push(s.leaves.clone());
    }
    (text, serde_json::to_string_pretty(&computed.plan).unwrap(), found)
}

const TABLES: &[&str] = &[
    "CREATE TABLE t(k INTEGER PRIMARY KEY, d, n TEXT, e INT, j TEXT, x); CREATE INDEX i ON t(d, x); CREATE UNIQUE INDEX u ON t(e, k)",
    "CREATE TABLE t(d, n TEXT, e INT, j TEXT, x, k INT NOT NULL); CREATE INDEX i ON t(x)",
    "CREATE TABLE t(k INT, d, n TEXT, e INT, j TEXT, x, PRIMARY KEY(k)) WITHOUT ROWID; CREATE INDEX i ON t(e)",
    "CREATE TABLE t(x, k INT, e INT, d, n TEXT, j TEXT, PRIMARY KEY(e, k, x)) WITHOUT ROWID",
    "CREATE TABLE t(x, j TEXT, k REAL, d, n TEXT, e INT, UNIQUE(k))",
];

/// Whatever the table and however many threads: the same plan to the byte, the same sums, the same lists.
#[test]
fn several_threads_come_to_what_one_comes_to() {
    let long = std::env::var_os("REGUID_LONG").is_some_and(|v| v != "0");
    let (mut samples, mut problems, mut fixed, mut quarantined) = (0, 0, 0, 0);
    let cases = if long { 400 } else { 20 };
    for seed in 0..cases {
        let mut dice = Dice(seed);
        let table = TABLES[seed as usize % TABLES.len()];
        let missing = dice.one(&["keep", "null", "delete-row", "quarantine", "quarantine", "fail"]);
        let key = if table.contains("PRIMARY KEY(e") && missing == "null" { "keep" } else { missing };
        let more = [
            format!(
                "on-missing = '{}'\n{}",
                dice.one(&["keep", "delete-row"]),
                dice.one(&["", "on-disagree = 'keep'", "on-disagree = 'keep'"])
            ),
            format!("on-missing = '{key}'"),
            "on-missing = 'keep'".to_owned(),
        ];
        let more = [0, 1, 2].map(|i| more[i].as_str());
        let page = dice.one(&[512, 512, 1024, 4096]);
        let rows = dice.one(&[0, 5, 60, 600, 600, 2500]);
        let malformed = dice.below(3) == 0;
        let world = World::new(&format!("PRAGMA page_size = {page}; {table}"), more);
        world.fill(&mut dice, rows, malformed);
        let one = on(1, || world.compute(all)).unwrap();
        for threads in [2, 3, 5] {
            let several = on(threads, || world.compute(all)).unwrap();
            assert_eq!(several.0, one.0, "{seed}: {threads} threads: {table}");
            assert_eq!(several.1, one.1, "{seed}: {threads} threads: {table}");
            assert!(several.2 == one.2, "{seed}: {threads} threads: {table}");
        }
        samples += one.1.matches("before_name").count();
        problems += usize::from(one.1.contains("\"code\""));
        // Two copies of it.
        let (before, path) = (world.rows(), world.dir().join("data.db"));
        let good = std::fs::read(&path).unwrap();
        let by_one = on(1, || world.fix());
        let after = world.rows();
        for name in world.dir().read_dir_utf8().unwrap() {
            std::fs::remove_file(name.unwrap().path()).unwrap();
        }
        std::fs::write(&path, good).unwrap();
        let by_three = on(3, || world.fix());
        assert_eq!(format!("{by_three:?}"), format!("{by_one:?}"), "{seed}");
        assert_eq!(world.rows(), after, "{seed}");
        if let Ok(Fixed::Applied { plan, .. }) = by_one
            && !plan.is_empty()
        {
            assert_ne!(after, before, "{seed}");
            fixed += 1;
            quarantined += usize::from(plan.summary.removed > 0);
        }
    }
    println!("{cases} tables: {samples} samples, {problems} plans with problems, {fixed} fixed, {quarantined} with rows taken out");
    assert!(samples > 50 && problems > 2 && fixed > 3 && quarantined > 0, "{samples}, {problems}, {fixed}, {quarantined}");
}

/// More malformed values than are kept: how often the first ones occur is known to who saw all of them.
#[test]
fn malformed_values_beyond_number_are_counted_all_the_same() {
    let world = World::new(TABLES[0], [""; 3]);
    let connection = world.connect();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)";
    connection.execute_batch(&format!("{many} INSERT INTO t(k, d) SELECT i, '0' || (i * 37 % 180) FROM n")).unwrap();
    drop(connection);
    let one = on(1, || world.compute(all)).unwrap();
    for threads in [2, 4] {
        assert!(on(threads, || world.compute(all)).unwrap() == one, "{threads} threads");
    }
    assert!(one.0.contains("malformed: 9000"), "{}", one.0);
}

/// More is handed on than waits to be taken: long values of which all is hashed.
#[test]
fn much_that_is_hashed_is_handed_on_in_order() {
    let world = World::new(&format!("PRAGMA page_size = 1024; {}", TABLES[0]), [""; 3]);
    let connection = world.connect();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)";
    let long = "'{\"d\": ' || (i % 20 + 1) || ', \"x\": \"' || printf('%0*d', 30000 + i * 97 % 40000, i) || '\"}'";
    connection.execute_batch(&format!("{many} INSERT INTO t(k, d, j) SELECT i, i % 20 + 1, {long} FROM n")).unwrap();
    drop(connection);
    let one = on(1, || world.compute(all)).unwrap();
    for threads in [2, 3] {
        assert!(on(threads, || world.compute(all)).unwrap() == one, "{threads} threads");
    }
}

/// What is wrong with one leaf ends all threads, and what SQLite makes of the file counts.
#[test]
fn damage_is_met_as_by_one_thread() {
    let (mut told, mut read) = (0, 0);
    for (number, table) in TABLES.iter().enumerate() {
        let world = World::new(&format!("PRAGMA page_size = 1024; {table}"), ["on-missing = 'keep'"; 3]);
        world.fill(&mut Dice(number as u64), 1500, false);
        let sound = on(1, || world.compute(all)).unwrap();
        let path = world.dir().join("data.db");
        let good = std::fs::read(&path).unwrap();
        let leaves: Vec<usize> = (1..good.len() / 1024).filter(|page| matches!(good[page * 1024], 10 | 13)).collect();
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        for leaf in [leaves[0], leaves[leaves.len() / 2], leaves[leaves.len() * 3 / 4], leaves[leaves.len() - 1]] {
            let page = &good[leaf * 1024..][..1024];
            // No such kind of page; as many free bytes as there are not, which SQLite does not look at; another leaf's rows.
            let other = &good[leaves[leaves.len() / 3] * 1024..][..1024];
            let free = [&page[..7], &[page[7] ^ 1], &page[8..]].concat();
            for bad in [[&[0], &page[1..]].concat(), free, other.to_vec()] {
                file.write_all_at(&bad, leaf as u64 * 1024).unwrap();
                let shown = |computed: Result<(String, String, _), RemapError>| match computed {
                    Ok((_, plan, _)) => Ok(plan),
                    Err(error) => Err(error.to_string()),
                };
                let one = on(1, || shown(world.compute(all)));
                for threads in [2, 3] {
                    assert_eq!(on(threads, || shown(world.compute(all))), one, "{table}: page {leaf}: {threads} threads");
                }
                match &one {
                    Ok(plan) if *plan == sound.1 => read += 1,
                    _ => told += 1,
                }
            }
            file.write_all_at(page, leaf as u64 * 1024).unwrap();
        }
    }
    assert!(told > 10 && read > 10, "{told}, {read}");
}

#[test]
fn all_threads_end_when_they_are_to_stop() {
    let world = World::new(TABLES[0], ["on-missing = 'keep'"; 3]);
    world.fill(&mut Dice(3), 9000, false);
    let locked = Locked::open(world.dir(), &[Utf8PathBuf::from("data.db")], Duration::from_millis(50)).unwrap();
    let session = locked.session();
    let table = session.databases[0].declared.table("t").unwrap();
    let pages = session.pages(&session.databases[0]);
    let source = scan::Source { connection: &session.connection, schema: "d0", pages, table };
    let make = || (Vec::new(), |_: &scan::Seen<'_, '_>| Ok(()));
    for threads in [1, 2, 3] {
        let read = |stop: usize| {
            let watch = Arc::new(Watch::new(Arc::new(AtomicUsize::new(stop)), true));
            let scanned = on(threads, || watch.over(|| scan::scan_by(source, make, true, &mut CellHash::new())));
            scanned.map(|pass| (pass.unwrap().scanned.rows, watch.state().1))
        };
        let rows = read(0).unwrap().0;
        assert!(rows > 8000, "{rows}");
        let stopped = read(2).map(|_| ()).unwrap_err();
        assert_eq!(stopped.sqlite_error_code(), Some(crate::sqlite::ErrorCode::OperationInterrupted), "{threads} threads");
    }
}
