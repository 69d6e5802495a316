use std::os::unix::fs::FileExt;

use camino::Utf8PathBuf;
use tempfile::TempDir;

use super::*;
use crate::sqlite::schema::Schema;
use crate::sqlite::{Connection, Value};

/// A new database that `sql` fills.
fn database(sql: &str) -> (TempDir, Utf8PathBuf, Connection) {
    let folder = TempDir::new().unwrap();
    let path = Utf8PathBuf::from_path_buf(folder.path().join("a.db")).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    (folder, path, connection)
}

/// A value, to be compared: text may be any bytes.
fn shown(value: ValueRef<'_>) -> String {
    format!("{value:?}")
}

fn layout(connection: &Connection) -> (String, Option<Layout>) {
    let schema = Schema::read(connection, "main").unwrap();
    let table = schema.table("t").unwrap();
    let root = connection.query_row("SELECT rootpage FROM sqlite_schema WHERE name = 't'", [], |r| r.get(0)).unwrap();
    let columns: Vec<usize> = table.stored().collect();
    let names = table.address().into_iter().chain(columns.iter().map(|&c| table.columns[c].name.as_str()));
    let names: Vec<String> = names.map(|n| format!("\"{n}\"")).collect();
    (names.join(", "), Layout::of(table, root, true, &columns))
}

/// The rows of `t` in their tree's order: as this reader reads them; `None`: it cannot.
fn read(path: &Utf8PathBuf, layout: &Layout) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let whole = Pages::open(path).unwrap().rows(layout, &mut |row: &[ValueRef<'_>]| {
        rows.push(row.iter().map(|v| shown(*v)).collect());
        Ok(())
    });
    whole.unwrap().then_some(rows)
}

fn by_sqlite(connection: &Connection, names: &str, order: &str) -> Vec<Vec<String>> {
    let mut query = connection.prepare(&format!("SELECT {names} FROM t {order}")).unwrap();
    let columns = query.column_count();
    let mut rows = query.query([]).unwrap();
    let mut all = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        all.push((0..columns).map(|c| shown(row.get_ref(c).unwrap())).collect());
    }
    all
}

/// Values of all sorts and sizes, by a number.
const ANY: &str = "CASE abs(random()) % 16
    WHEN 0 THEN NULL WHEN 1 THEN 0 WHEN 2 THEN 1 WHEN 3 THEN abs(random()) % 256 - 128 WHEN 4 THEN abs(random()) % 65536 - 32768
    WHEN 5 THEN abs(random()) % 16777216 - 8388608 WHEN 6 THEN random() / 4294967296 WHEN 7 THEN random() / 65536 WHEN 8 THEN random()
    WHEN 9 THEN random() / 3.0 WHEN 10 THEN 7.0 WHEN 11 THEN 'text ä' || i WHEN 12 THEN randomblob(i % 20) WHEN 13 THEN CAST(x'ff00fe' AS TEXT)
    WHEN 14 THEN CASE WHEN i % 40 = 0 THEN randomblob(abs(random()) % 9000) END ELSE '' END";

#[test]
fn rows_are_those_that_sqlite_gives() {
    for page in [512, 4096, 65_536] {
        for (columns, insert, order) in [
            ("(a, b INTEGER, c TEXT, d REAL, e DOUBLE PRECISION, f NUMERIC, g BLOB)", "", "ORDER BY rowid"),
            ("(a, k INTEGER PRIMARY KEY, b FLOAT, c VARCHAR(9), d FLOATING POINT)", "", "ORDER BY k"),
            ("(a INT, b ANY, c REAL) STRICT", "strict", "ORDER BY rowid"),
            ("(a, b REAL, c TEXT, k, PRIMARY KEY(c, k)) WITHOUT ROWID", "key", "ORDER BY c, k"),
            ("(a REAL PRIMARY KEY, b, c) WITHOUT ROWID", "real", "ORDER BY a"),
            ("(rowid, a, _rowid_)", "", "ORDER BY oid"),
        ] {
            let many = |n: i64| format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})");
            let (_folder, path, connection) = database(&format!("PRAGMA page_size = {page}; CREATE TABLE t{columns}"));
            let (names, layout) = layout(&connection);
            let layout = layout.unwrap();
            assert_eq!(read(&path, &layout).unwrap().len(), 0, "an empty table");
            let fields = connection.prepare("SELECT * FROM t").unwrap().column_count();
            let values = match insert {
                "strict" => "abs(random()) % 99999, i, random() / 7".replace(", i,", &format!(", {ANY},")),
                "key" => format!("{ANY}, {ANY}, 'c' || (i % 7) || CASE WHEN i % 90 = 0 THEN hex(randomblob(3000)) ELSE '' END, i"),
                "real" => format!("i * 0.5, {ANY}, {ANY}"),
                _ if columns.contains("INTEGER PRIMARY KEY") => format!("{ANY}, (i * 7919) % 1000003 - 500000, {ANY}, {ANY}, {ANY}"),
                _ => vec![ANY; fields].join(", "),
            };
            connection.execute_batch(&format!("{} INSERT INTO t SELECT {values} FROM n", many(3000))).unwrap();
            connection.execute_batch("DELETE FROM t WHERE abs(random()) % 10 = 0").unwrap();
            assert_eq!(read(&path, &layout).expect(columns), by_sqlite(&connection, &names, order), "{columns}, pages of {page}");
        }
    }
}

#[test]
fn what_it_does_not_know_is_left_to_sqlite() {
    for (sql, known) in [
        ("CREATE TABLE t(a, b AS (a + 1)); INSERT INTO t VALUES (1)", false),
        ("CREATE TABLE t(a, b AS (a + 1) STORED); INSERT INTO t VALUES (1)", false),
        ("CREATE TABLE t(rowid, oid, _rowid_); INSERT INTO t VALUES (1, 2, 3)", false),
        ("CREATE TABLE t(a); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN b DEFAULT 5", false),
        ("CREATE TABLE t(a); INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN b DEFAULT 5; UPDATE t SET a = 2", true),
        ("CREATE TABLE t(a, c, d); INSERT INTO t VALUES (1, 2, 3); ALTER TABLE t DROP COLUMN c", true),
        ("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t(a); INSERT INTO t VALUES ('x')", false),
        ("PRAGMA journal_mode = WAL; CREATE TABLE t(a); INSERT INTO t VALUES ('x')", false),
        ("CREATE TABLE t(a TEXT, b, PRIMARY KEY(a, b, a COLLATE NOCASE)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1)", false),
        ("PRAGMA auto_vacuum = FULL; CREATE TABLE t(a); INSERT INTO t VALUES ('x')", true),
    ] {
        let (_folder, path, connection) = database(sql);
        let (names, layout) = layout(&connection);
        let rows = layout.and_then(|layout| read(&path, &layout));
        assert_eq!(rows.is_some(), known, "{sql}");
        if let Some(rows) = rows {
            assert_eq!(rows, by_sqlite(&connection, &names, ""), "{sql}");
        }
    }
}

/// Whatever bytes are wrong: an answer, no panic and no endless walk.
#[test]
fn damage_is_survived() {
    for without in ["", "WITHOUT ROWID"] {
        let (_folder, path, connection) = database(&format!(
            "PRAGMA page_size = 512; CREATE TABLE t(k INTEGER PRIMARY KEY, a, b) {without};
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO t SELECT i, {ANY}, {ANY} FROM n"
        ));
        let layout = layout(&connection).1.unwrap();
        drop(connection);
        let good = std::fs::read(&path).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        // A linear congruential generator: the same places in every run.
        let mut state = 1u64;
        let mut any = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut refused = 0;
        for _ in 0..600 {
            let (at, byte) = (any(good.len()), any(256) as u8);
            // Half of the time in a page's header or list of cells, where most harm is done.
            let at = if any(2) == 0 { at } else { at / 512 * 512 + any(40) };
            file.write_all_at(&[byte], at as u64).unwrap();
            refused += usize::from(read(&path, &layout).is_none());
            file.write_all_at(&good[at..=at], at as u64).unwrap();
        }
        assert!(refused > 60, "{refused}");
        for length in (0..good.len()).step_by(487) {
            file.set_len(length as u64).unwrap();
            assert!(read(&path, &layout).is_none() || length + 512 > good.len(), "cut off at {length}");
            file.set_len(good.len() as u64).unwrap();
            file.write_all_at(&good[length..], length as u64).unwrap();
        }
    }
}

#[test]
fn who_is_shown_rows_may_stop() {
    let (_folder, path, connection) = database("CREATE TABLE t(a); INSERT INTO t VALUES (1), (2)");
    let layout = layout(&connection).1.unwrap();
    let mut shown = Vec::new();
    let stopped = Pages::open(&path).unwrap().rows(&layout, &mut |row: &[ValueRef<'_>]| {
        shown.push(Value::from(row[1].as_i64().unwrap()));
        Err(Error::InvalidQuery)
    });
    assert!(matches!(stopped, Err(Error::InvalidQuery)));
    assert_eq!(shown, [Value::Integer(1)]);
}
