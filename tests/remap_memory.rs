//! The memory of a fix does not grow with the rows. `cargo bench --bench fix -- linear` prints it for up to ten million.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use std::process::{Command, Stdio};
use std::time::Duration;

use data::{VarDir, inventory, rows};
use model::Cell;
use reguid::panel::source::snapshot;

/// Rows: their table is larger than the most memory that is allowed.
const ROWS: i64 = 900_000;
/// Bytes that a fix or an undo may hold, in a build that nothing is optimized in.
const MOST: u64 = 160 << 20;

/// The most memory that a process has until it ends, in bytes.
fn peak(command: &mut Command) -> u64 {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
        let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().unwrap_or_default();
        most = most.max(kilobytes << 10);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    most
}

#[test]
fn a_fix_of_a_large_table_stays_within_its_bounds() {
    let aside = tempfile::tempdir().unwrap();
    let aside = camino::Utf8Path::from_path(aside.path()).unwrap();
    let (old, new): (Vec<_>, Vec<_>) = (1..=9i64).map(|id| ((id, "abcdefghi"), (id % 9 + 1, "abcdefghi"))).unzip();
    let named = |list: Vec<(i64, &'static str)>| -> Vec<(i64, &'static str)> {
        list.into_iter().enumerate().map(|(n, (id, names))| (id, &names[n..=n])).collect()
    };
    for (name, state) in [("old", named(old)), ("new", named(new))] {
        snapshot::write(&inventory(name, &state), &aside.join(format!("{name}.snapshot"))).unwrap();
    }
    const CHECKED: &str = "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, UNIQUE(id, k), CHECK (id >= 0))";
    for (what, schema, untouched) in [
        ("plain", "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad)", "0"),
        ("copied", "CREATE TABLE t(k INTEGER PRIMARY KEY, id INT, pad, UNIQUE(id, k))", "0"),
        ("put back", CHECKED, "0"),
        // So many rows are taken out in several statements.
        ("put back but for some", CHECKED, "i % 10 = 0"),
    ] {
        let dir = VarDir::new();
        dir.sql(
            "data.db",
            &format!(
                "PRAGMA synchronous = OFF; {schema};
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})
                 INSERT INTO t SELECT i, CASE WHEN {untouched} THEN 0 ELSE i % 9 + 1 END, hex(zeroblob(120)) FROM n"
            ),
        );
        assert!(std::fs::metadata(dir.file("data.db")).unwrap().len() > MOST);
        let manifest = "[[reference]]\ndatabase = \"data.db\"\ntable = \"t\"\ncolumn = \"id\"\nkind = \"domain\"\n";
        std::fs::write(aside.join("reguid.toml"), manifest).unwrap();
        let at = |name: &str| aside.join(name).to_string();
        let words = [
            "fix".to_owned(),
            dir.path().to_string(),
            "--manifest".into(),
            at("reguid.toml"),
            "--old".into(),
            at("old.snapshot"),
            "--new".into(),
            at("new.snapshot"),
        ];
        let fixed = peak(Command::new(env!("CARGO_BIN_EXE_reguid")).args(&words));
        let holds = |id: &str| {
            let sql = format!("SELECT count(*) FROM (SELECT k AS i, id FROM t) WHERE id = CASE WHEN {untouched} THEN 0 ELSE {id} END");
            rows(&dir.connect("data.db"), &sql) == [[Cell::Integer(ROWS)]]
        };
        assert!(holds("(i % 9 + 1) % 9 + 1"), "{what}");
        let undone = peak(Command::new(env!("CARGO_BIN_EXE_reguid")).args(["undo", dir.path().as_str()]));
        assert!(holds("i % 9 + 1"), "{what}");
        println!("{what}: {} MB in fix, {} MB in undo", fixed >> 20, undone >> 20);
        assert!(fixed > 0 && fixed < MOST, "{what}: {} MB in fix", fixed >> 20);
        assert!(undone > 0 && undone < MOST, "{what}: {} MB in undo", undone >> 20);
    }
}
