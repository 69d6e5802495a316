#![allow(clippy::print_stdout, reason = "how much was tried is what a test shows")]

use std::fs::File;
use std::os::unix::fs::FileExt;

use camino::Utf8PathBuf;
use tempfile::TempDir;

use super::dice::Dice;
use super::*;
use crate::sqlite::name::quote;
use crate::sqlite::schema::Schema;
use crate::sqlite::{Connection, Value, params_from_iter};

/// A new database that `sql` fills.
fn database(sql: &str) -> (TempDir, Utf8PathBuf, Connection) {
    // In memory where there is such a file system: thousands of files are written.
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
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
    let names: Vec<String> = names.map(quote).collect();
    (names.join(", "), Layout::of(table, root, true, &columns))
}

/// The rows of `t` in their tree's order: as this reader reads them; `None`: it cannot. Several walks that share the tree must come to the same.
fn read(path: &Utf8PathBuf, layout: &Layout) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let pages = Pages::open(path).unwrap();
    let whole = pages.rows(layout, &mut |row: &[ValueRef<'_>]| {
        rows.push(row.iter().map(|v| shown(*v)).collect());
        Ok(())
    });
    let whole = whole.unwrap().then_some(rows);
    let of = 2 + whole.as_ref().map_or(0, |rows| rows.len() as u32 % 2);
    assert_eq!(read_by(&pages, layout, of), whole, "{of} walks");
    whole
}

/// The same, as so many walks read it, each its share.
fn read_by(pages: &Pages, layout: &Layout, of: u32) -> Option<Vec<Vec<String>>> {
    struct Runs(Vec<(u32, Vec<String>)>, u32);
    impl Visit for Runs {
        fn run(&mut self, number: u32) -> Result<(), Error> {
            assert!(self.0.last().is_none_or(|(last, _)| *last < number));
            self.1 = number;
            Ok(())
        }

        fn row(&mut self, row: &[ValueRef<'_>]) -> Result<(), Error> {
            self.0.push((self.1, row.iter().map(|v| shown(*v)).collect()));
            Ok(())
        }
    }
    let (mut rows, mut met) = (Vec::new(), Vec::new());
    for number in 0..of {
        let mut runs = Runs(Vec::new(), u32::MAX);
        met.push(pages.share(layout, Share { of, number }, &mut runs).unwrap());
        assert!(runs.0.iter().all(|(run, _)| run % of == number));
        rows.extend(runs.0);
    }
    rows.sort_by_key(|(run, _)| *run);
    Met::apart(&met.into_iter().collect::<Option<Vec<_>>>()?).then(|| rows.into_iter().map(|(_, row)| row).collect())
}

/// Two long rows that go on in the same page: each walk meets it once.
#[test]
fn a_page_that_two_walks_met_is_found() {
    let (_folder, path, connection) = database(
        "PRAGMA page_size = 512; CREATE TABLE t(k INTEGER PRIMARY KEY, x);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO t SELECT i, printf('%0700d', i) FROM n",
    );
    let layout = layout(&connection).1.unwrap();
    assert_eq!(read(&path, &layout).unwrap().len(), 40);
    drop(connection);
    // Each of these rows ends with the number of the page that it goes on in, and each such page begins with zero: it is the last one.
    let mut bytes = std::fs::read(&path).unwrap();
    let leaves: Vec<usize> = (1..bytes.len() / 512).filter(|page| bytes[page * 512] == LEAF_KIND).collect();
    let link = |bytes: &[u8], leaf: usize| {
        let cell = leaf * 512 + usize::from(u16::from_be_bytes([bytes[leaf * 512 + 8], bytes[leaf * 512 + 9]]));
        // The size has two bytes, the rowid one; the record begins with four bytes of its own.
        cell + 3 + here(704)
    };
    let (first, third) = (link(&bytes, leaves[0]), link(&bytes, leaves[2]));
    bytes.copy_within(third..third + 4, first);
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(read(&path, &layout), None);
}

#[test]
fn leaves_are_about_as_many_as_are_told() {
    struct Leaves(usize);
    impl Visit for Leaves {
        fn by_leaf(&self) -> bool {
            true
        }

        fn leaf(&mut self, _page: u32, _hash: u64) -> bool {
            self.0 += 1;
            true
        }

        fn row(&mut self, _row: &[ValueRef<'_>]) -> Result<(), Error> {
            Ok(())
        }
    }
    for rows in [0, 5, 100, 3000, 60_000] {
        let (_folder, path, connection) = database(&format!(
            "PRAGMA page_size = 512; CREATE TABLE t(k INTEGER PRIMARY KEY, x);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO t SELECT i, 'some text ' || i FROM n WHERE {rows} > 0"
        ));
        let layout = layout(&connection).1.unwrap();
        let (pages, mut all) = (Pages::open(&path).unwrap(), Leaves(0));
        assert!(pages.rows(&layout, &mut all).unwrap());
        let leaves = tree::leaves(&pages.file, pages.shape(false).unwrap(), layout.root).unwrap();
        assert!((all.0 / 2..=all.0 * 3).contains(&leaves), "{rows} rows: {leaves} leaves, not {}", all.0);
        assert_eq!(pages.is_large(&layout), leaves >= LARGE);
    }
    assert_eq!(tree::leaves(&File::open("/dev/null").unwrap(), Shape { page: 512, usable: 512, count: 0 }, 1), None);
}

/// The kind of a table's leaf.
const LEAF_KIND: u8 = 13;

/// How many bytes of a record of that size stand in a leaf of 512 bytes.
fn here(size: usize) -> usize {
    let (least, most) = ((512 - 12) * 32 / 255 - 23, 512 - 35);
    let here = least + (size - least) % (512 - 4);
    if here <= most { here } else { least }
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

/// A value whose sort and size are thrown; long ones are about as long as what just fits into a page, and longer.
fn thrown(dice: &mut Dice, usable: usize) -> Value {
    let edge = |dice: &mut Dice| {
        let power = 1i64 << dice.one(&[0, 7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 62]);
        (dice.one(&[power, -power]) + dice.below(5) as i64) - 2
    };
    let long = |dice: &mut Dice| {
        let index = (usable - 12) * 64 / 255 - 23;
        let fits = dice.one(&[usable - 35, index, (usable - 12) * 32 / 255 - 23, usable, 2 * usable + 7]);
        (0..(fits + dice.below(24)).saturating_sub(16)).map(|_| b'a' + dice.below(26) as u8).collect::<Vec<u8>>()
    };
    match dice.below(14) {
        0 | 1 => Value::Null,
        2..5 => Value::Integer(dice.below(9) as i64),
        5 | 6 => Value::Integer(edge(dice)),
        7 => Value::Integer(dice.one(&[i64::MIN, i64::MAX])),
        8 => Value::Real(dice.one(&[0.0, -0.0, 7.0, 0.5, -1e300, f64::INFINITY, f64::NAN, 140_737_488_355_328.0, 9.3e18])),
        9 => Value::Real(edge(dice) as f64),
        10 => Value::Text(dice.one(&["", "0", "05", "5.0", "1e5", "a\0b", "ä😀", " x "]).to_owned()),
        11 => Value::Blob(dice.one(&[&b""[..], b"\0", b"\xff\xfe"]).to_vec()),
        12 => Value::Text(String::from_utf8(long(dice)).unwrap()),
        _ => Value::Blob(long(dice)),
    }
}

/// Bytes that each page keeps for others: SQLite takes what the header of a file without tables says.
fn reserve(path: &Utf8PathBuf, bytes: u8) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let mut header = [0; 108];
    file.read_exact_at(&mut header, 0).unwrap();
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        n => u32::from(n),
    };
    header[20] = bytes;
    header[105..107].copy_from_slice(&((page - u32::from(bytes)) as u16).to_be_bytes());
    file.write_all_at(&header, 0).unwrap();
}

/// A declaration of `t`, and whether records hold just its columns, once each.
fn declaration(dice: &mut Dice) -> (String, usize) {
    let names = ["a", "b c", "\"", "select", "ä", "ROWID", "oid"];
    let strict = dice.below(6) == 0;
    let types: &[&str] = match strict {
        true => &["ANY", "INT", "REAL", "TEXT", "BLOB"],
        false => &["", "INT", "REAL", "TEXT", "BLOB", "NUMERIC", "FLOATING POINT", "CHAR REAL", "double", "ANY", "real blob", "INTEGER"],
    };
    let many = 1 + dice.below(names.len());
    let collate = |dice: &mut Dice| dice.one(&["", "", "", " COLLATE NOCASE", " COLLATE RTRIM"]);
    let mut columns: Vec<String> = Vec::new();
    for name in &names[..many] {
        columns.push(format!("{} {}{}", quote(name), dice.one(types), collate(dice)));
    }
    let key = |dice: &mut Dice| {
        let parts = (0..1 + dice.below(3)).map(|_| {
            let name = names[dice.below(many)];
            format!("{}{}{}", quote(name), collate(dice), dice.one(&["", "", " DESC"]))
        });
        parts.collect::<Vec<_>>().join(", ")
    };
    let mut options = Vec::new();
    match dice.below(5) {
        0 => columns.insert(dice.below(many + 1), format!("k INTEGER PRIMARY KEY{}", dice.one(&["", " AUTOINCREMENT", " DESC"]))),
        1 | 2 => {
            columns.push(format!("PRIMARY KEY({})", key(dice)));
            options.push("WITHOUT ROWID");
        }
        3 => columns.push(format!("UNIQUE({})", key(dice))),
        _ => {}
    }
    options.extend(strict.then_some("STRICT"));
    let index = if dice.below(2) == 0 { format!("CREATE INDEX i ON t({})", key(dice)) } else { String::new() };
    (format!("CREATE TABLE t({}) {}; {index}", columns.join(", "), options.join(", ")), many)
}

fn insert(connection: &Connection, dice: &mut Dice, rows: usize, usable: usize) {
    connection.execute_batch("BEGIN").unwrap();
    let fields = connection.prepare("SELECT * FROM t").unwrap().column_count();
    let marks = vec!["?"; fields].join(", ");
    let mut insert = connection.prepare(&format!("INSERT OR IGNORE INTO t VALUES ({marks})")).unwrap();
    for _ in 0..rows {
        // What a STRICT table, or a key, does not take is left out.
        let values: Vec<Value> = (0..fields).map(|_| thrown(dice, usable)).collect();
        let _ = insert.execute(params_from_iter(values));
    }
    drop(insert);
    // A rowid that is spent for AUTOINCREMENT has taken everything back already.
    let _ = connection.execute_batch("COMMIT");
}

fn sorted(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    rows.sort();
    rows
}

/// Tables of any make in files of any make, after a life of deletions, changed columns and other tables that came and went: this reader gives just the rows
/// that SQLite gives, or none.
#[test]
fn any_table_in_any_file_is_read_as_sqlite_reads_it() {
    let long = std::env::var_os("REGUID_LONG").is_some_and(|v| v != "0");
    let (mut whole, mut rows_read, mut indexes, mut others) = (0, 0, 0, 0);
    let cases = if long { 20_000 } else { 150 };
    for seed in 0..cases {
        let mut dice = Dice(seed);
        let page = 512usize << dice.below(8);
        let kept = dice.one(&[0, 0, 0, 1, 8, 32]);
        let encoding = if dice.below(8) == 0 { dice.one(&["UTF-16le", "UTF-16be"]) } else { "UTF-8" };
        let (_folder, path, connection) =
            database(&format!("PRAGMA page_size = {page}; PRAGMA auto_vacuum = {}; PRAGMA encoding = '{encoding}'; VACUUM", dice.below(3)));
        drop(connection);
        reserve(&path, kept);
        let usable = page - usize::from(kept);
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(&format!("PRAGMA encoding = '{encoding}'")).unwrap();
        let (sql, many) = declaration(&mut dice);
        // Some keys name a column that is an address already.
        if connection.execute_batch(&sql).is_err() {
            continue;
        }
        let utf16: bool = connection.query_row("SELECT encoding <> 'UTF-8' FROM pragma_encoding", [], |r| r.get(0)).unwrap();
        let (most, mut short) = (dice.one(&[0, 3, 40, 400]), false);
        insert(&connection, &mut dice, most, usable);
        for _ in 0..dice.below(6) {
            let change = match dice.below(7) {
                0 => "DELETE FROM t WHERE abs(random()) % 2".to_owned(),
                1 => "CREATE TABLE o(x); INSERT INTO o SELECT randomblob(900) FROM t; ".to_owned(),
                2 => "DROP TABLE o".to_owned(),
                3 => "VACUUM".to_owned(),
                4 => "CREATE INDEX j ON t(a DESC)".to_owned(),
                5 => {
                    short = true;
                    format!("ALTER TABLE t ADD COLUMN new{} REAL DEFAULT 5", dice.below(99))
                }
                _ => format!("ALTER TABLE t DROP COLUMN {}", quote(["b c", "\"", "select"][dice.below(many.clamp(1, 3))])),
            };
            let _ = connection.execute_batch(&change);
            let more = dice.below(60);
            insert(&connection, &mut dice, more, usable);
        }
        let sound: String = connection.query_row("PRAGMA integrity_check", [], |r| r.get(0)).unwrap();
        assert_eq!(sound, "ok", "{seed}: SQLite itself: {sql}");
        let (names, layout) = layout(&connection);
        let schema = Schema::read(&connection, "main").unwrap();
        let table = schema.table("t").unwrap();
        let rows = layout.as_ref().and_then(|layout| read(&path, layout));
        let theirs = by_sqlite(&connection, &names, "");
        match rows {
            Some(rows) => {
                assert!(!utf16, "{seed}");
                let order = if table.without_rowid { String::new() } else { format!("ORDER BY {}", quote(table.address()[0])) };
                let (rows, theirs) = match table.without_rowid {
                    true => (sorted(rows), sorted(theirs)),
                    false => (rows, by_sqlite(&connection, &names, &order)),
                };
                assert_eq!(rows, theirs, "{seed}: {sql}");
                (whole, rows_read) = (whole + 1, rows_read + rows.len());
            }
            // Nothing that is plain is left to SQLite.
            None => {
                let twice = sql.matches("COLLATE").count() > 0;
                assert!(utf16 || short || table.address().is_empty() || twice, "{seed}: {sql}");
                others += usize::from(utf16);
            }
        }
        for index in table.indexes.iter().filter(|i| !(table.without_rowid && i.primary_key)) {
            let root = connection.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [&index.name], |r| r.get(0)).unwrap();
            let Some(layout) = Layout::of_index(table, index, root) else {
                assert!(table.without_rowid, "{seed}: {sql}");
                continue;
            };
            let Some(entries) = read(&path, &layout) else {
                assert!(utf16, "{seed}: {sql}");
                continue;
            };
            let Some(rowid) = table.rowid_name() else { continue };
            let parts = index.parts.iter().map(|p| quote(&table.columns[p.unwrap()].name)).chain([quote(rowid)]);
            let theirs = by_sqlite(&connection, &parts.collect::<Vec<_>>().join(", "), "NOT INDEXED");
            assert_eq!(sorted(entries), sorted(theirs), "{seed}: {}: {sql}", index.name);
            indexes += 1;
        }
    }
    println!("{cases} files: {whole} tables with {rows_read} rows and {indexes} indexes were read");
    assert!(whole * 2 > cases && rows_read as u64 > cases * 20 && indexes * 4 > cases, "{whole}, {rows_read}, {indexes}");
    assert!(others > 5, "{others} in UTF-16");
}

/// What SQLite gives of a file that may be damaged, in the order of the tree. `None`: it says what is wrong.
fn of_damaged(path: &Utf8PathBuf, names: &str) -> Option<Vec<Vec<String>>> {
    let connection = Connection::open(path).ok()?;
    let mut query = connection.prepare(&format!("SELECT {names} FROM t NOT INDEXED")).ok()?;
    let columns = query.column_count();
    let mut rows = query.query([]).ok()?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().ok()? {
        all.push((0..columns).map(|c| shown(row.get_ref(c).unwrap())).collect());
    }
    Some(all)
}

/// Whatever bytes are wrong: no panic, no endless walk, and no row that SQLite does not see.
#[test]
fn damage_is_survived() {
    let long = std::env::var_os("REGUID_LONG").is_some_and(|v| v != "0");
    let (rounds, compared) = if long { (400_000, 1) } else { (5_500, 4) };
    let (mut tried, mut refused, mut agreed) = (0, 0, 0);
    for (page, columns, options) in [
        (512, "k INTEGER PRIMARY KEY, a, b REAL", ""),
        (512, "k INTEGER PRIMARY KEY, a, b", "WITHOUT ROWID"),
        (1024, "k INTEGER PRIMARY KEY, a UNIQUE, b", ""),
        (512, "k INT, a, b, PRIMARY KEY(b, k)", "WITHOUT ROWID"),
    ] {
        let (_folder, path, connection) =
            database(&format!("PRAGMA page_size = {page}; PRAGMA auto_vacuum = 1; CREATE TABLE t({columns}) {options}"));
        let mut dice = Dice(columns.len() as u64);
        for k in 0..32 {
            let values = [Value::Integer(k), thrown(&mut dice, 512), thrown(&mut dice, 512)];
            let _ = connection.execute("INSERT OR IGNORE INTO t VALUES (?1, ?2, coalesce(?3, 1))", params_from_iter(values));
        }
        connection.execute_batch("DELETE FROM t WHERE k % 7 = 3").unwrap();
        let (names, layout) = layout(&connection);
        let layout = layout.unwrap();
        drop(connection);
        let good = std::fs::read(&path).unwrap();
        let pages = good.len() / page;
        assert_eq!(read(&path, &layout), of_damaged(&path, &names));
        let file = File::options().write(true).open(&path).unwrap();
        for round in 0..rounds {
            let mut bytes: Vec<(usize, Vec<u8>)> = Vec::new();
            match dice.below(8) {
                // Half of the time in a page's header or list of cells, where most harm is done.
                0..3 => (0..=dice.below(3)).for_each(|_| bytes.push((dice.below(good.len()), vec![dice.below(256) as u8]))),
                3..6 => {
                    let (at, byte) = (dice.below(pages) * page + dice.below(40), dice.below(256) as u8);
                    bytes.push((at, vec![byte]));
                }
                // A page that stands in the place of another one: one that is there twice, a child that is its own parent.
                6 => {
                    let (from, to) = (dice.below(pages), 1 + dice.below(pages - 1));
                    bytes.push((to * page, good[from * page..][..page].to_vec()));
                }
                // The number of a page where such a number may stand.
                _ => {
                    let (of, number) = (dice.below(pages) * page, dice.below(pages + 2) as u32);
                    let at = of + dice.one(&[0, 8, page - 4, dice.0 as usize % (page - 4)]);
                    bytes.push((at, number.to_be_bytes().to_vec()));
                }
            }
            for (at, bytes) in &bytes {
                file.write_all_at(bytes, *at as u64).unwrap();
            }
            match read(&path, &layout) {
                None => refused += 1,
                // The header and the declarations tell SQLite how to read the rest.
                Some(_) if round % compared != 0 || bytes.iter().any(|(at, _)| *at < page) => {}
                Some(rows) => match of_damaged(&path, &names) {
                    Some(theirs) => {
                        assert_eq!(rows, theirs, "{columns} {options}: round {round}: {bytes:?}");
                        agreed += 1;
                    }
                    None => refused += 1,
                },
            }
            for (at, bytes) in &bytes {
                file.write_all_at(&good[*at..*at + bytes.len()], *at as u64).unwrap();
            }
            tried += 1;
        }
        for length in (0..good.len()).step_by(487) {
            file.set_len(length as u64).unwrap();
            let rows = read(&path, &layout);
            assert!(rows.is_none() || rows == of_damaged(&path, &names), "cut off at {length}");
            file.set_len(good.len() as u64).unwrap();
            file.write_all_at(&good[length..], length as u64).unwrap();
        }
    }
    println!("{tried} damaged files: {refused} refused, {agreed} read as SQLite reads them");
    assert!(refused > tried / 5 && agreed * compared > tried / 5, "{refused} refused, {agreed} agreed of {tried}");
}

/// Every byte of the header, with every value: a page of no bytes is none to divide by.
#[test]
fn no_header_does_harm() {
    let (_folder, path, connection) = database("PRAGMA page_size = 512; CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    let (names, layout) = layout(&connection);
    let (layout, right) = (layout.unwrap(), by_sqlite(&connection, &names, ""));
    drop(connection);
    let good = std::fs::read(&path).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let mut other = 0;
    for at in 0..HEADER {
        for byte in 0..=u8::MAX {
            file.write_all_at(&[byte], at as u64).unwrap();
            let rows = read(&path, &layout);
            other += usize::from(rows.is_none());
            assert!(rows.is_none_or(|rows| rows == right), "byte {at} is {byte}");
        }
        file.write_all_at(&good[at..=at], at as u64).unwrap();
    }
    // No page size at all.
    file.write_all_at(&[0, 0], 16).unwrap();
    assert!(read(&path, &layout).is_none());
    assert!(other > 6_000, "{other}");
}

/// Such a record may have as many fields as the table has columns, once another column was added.
#[test]
fn keys_that_hold_a_column_twice_are_left_to_sqlite() {
    // As many fields as the table has columns, once there is another one.
    let (_folder, path, connection) = database(
        "CREATE TABLE t(a TEXT, b, PRIMARY KEY(a, b, a COLLATE NOCASE)) WITHOUT ROWID; INSERT INTO t VALUES ('x', 1);
         ALTER TABLE t ADD COLUMN c DEFAULT 5",
    );
    let (names, layout) = layout(&connection);
    assert_eq!(by_sqlite(&connection, &names, "").len(), 1);
    assert!(layout.is_none_or(|layout| read(&path, &layout).is_none()));
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
