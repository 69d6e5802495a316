//! Schemas of shipped SQLite databases: read without leaving a trace, also where a journal or a log lies beside them.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use reguid::extension::package::find;
use reguid::extension::sql::schema::SchemaOrigin;
use reguid::extension::{Extension, LoadError, ReadSettings};
use reguid::sqlite::Connection;
use tempfile::TempDir;

fn folder() -> (TempDir, Utf8PathBuf) {
    let temp = TempDir::new().unwrap();
    let root = Utf8PathBuf::from_path_buf(temp.path().to_owned()).unwrap();
    (temp, root)
}

fn database(path: &Utf8Path, sql: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

fn read(input: &Utf8Path) -> Result<Extension, LoadError> {
    Extension::read(&find(input)?, &ReadSettings::default())
}

fn reason(input: &Utf8Path) -> String {
    match read(input) {
        Err(LoadError::Database { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

/// Names and bytes of all files of a folder.
fn contents(folder: &Utf8Path) -> BTreeMap<String, Vec<u8>> {
    folder.read_dir_utf8().unwrap().map(|e| e.unwrap()).map(|e| (e.file_name().to_owned(), fs::read(e.path()).unwrap())).collect()
}

const SCHEMA: &str = "CREATE TABLE apps (id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL, name TEXT);
    CREATE UNIQUE INDEX by_name ON apps (name);
    CREATE VIEW v AS SELECT domain_id FROM apps;
    CREATE TRIGGER t AFTER INSERT ON apps BEGIN UPDATE apps SET name = id; SELECT 1; END;
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, \"client id\" INT REFERENCES apps (id));
    INSERT INTO apps VALUES (1, 5, 'a'), (2, 6, 'b');";

#[test]
fn the_schema_is_a_file_with_places() {
    let (_temp, root) = folder();
    // The name says nothing, and needs escaping in an address.
    let path = root.join("odd %41?#.dat");
    drop(database(&path, SCHEMA));
    let before = contents(&root);
    let extension = read(&path).unwrap();
    assert_eq!(contents(&root), before);
    assert!(extension.files[0].schema);
    let names: Vec<_> = extension.tables.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["apps", "counted"]);
    assert!(extension.tables.iter().all(|t| t.origin == SchemaOrigin::Database));
    assert!(extension.tables[0].columns[2].unique);
    let column = extension.tables[1].columns[1].span;
    let text = &extension.files[0].bytes[column.start as usize..column.end as usize];
    assert_eq!(text, b"\"client id\"");
    assert_eq!(extension.unreadable, []);
}

#[test]
fn a_database_inside_a_package_is_read_too() {
    let (_temp, root) = folder();
    drop(database(&root.join("data.db"), SCHEMA));
    let mut zip = zip::ZipWriter::new(fs::File::create(root.join("p.zip")).unwrap());
    zip.start_file("var/data.db", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut zip, &fs::read(root.join("data.db")).unwrap()).unwrap();
    zip.finish().unwrap();
    let extension = read(&root.join("p.zip")).unwrap();
    assert_eq!((extension.files[0].path.as_str(), extension.tables.len()), ("var/data.db", 2));
}

#[test]
fn a_log_beside_it_is_honoured_and_nothing_is_written() {
    let (_temp, live) = folder();
    let (_temp2, root) = folder();
    let path = live.join("a.db");
    let writer = database(&path, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE early (a);");
    writer.execute_batch("PRAGMA wal_checkpoint; CREATE TABLE only_in_the_log (domain_id INT);").unwrap();
    // As a crash leaves them: the database and its log, and no shared memory.
    for name in ["a.db", "a.db-wal"] {
        fs::copy(live.join(name), root.join(name)).unwrap();
    }
    let before = contents(&root);
    let extension = read(&root.join("a.db")).unwrap();
    assert_eq!(extension.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["early", "only_in_the_log"]);
    assert_eq!(contents(&root), before);
    // In a folder it is the same, and the log is no file of its own.
    assert_eq!(read(&root).unwrap().tables, extension.tables);
    // A database in WAL mode that was closed has no log; reading it makes none.
    drop(writer);
    let before = contents(&live);
    assert_eq!(before.len(), 1);
    assert_eq!(read(&path).unwrap().tables.len(), 2);
    assert_eq!(contents(&live), before);
}

#[test]
fn a_hot_journal_is_rolled_back_in_a_copy() {
    let (_temp, live) = folder();
    let (_temp2, root) = folder();
    let path = live.join("a.db");
    // A schema of many pages: the first page, which is never written early, then holds no statement.
    let wide = (0..100).map(|i| format!("CREATE TABLE committed{i} (a TEXT DEFAULT '{}');", "x".repeat(100))).collect::<String>();
    let writer = database(&path, &format!("PRAGMA cache_size = 1; {wide} CREATE TABLE filler (x);"));
    // A transaction that outgrows its cache writes to the file before it commits.
    writer.execute_batch("BEGIN; CREATE TABLE never_committed (domain_id INT);").unwrap();
    for i in 0..500 {
        writer.execute("INSERT INTO filler VALUES (?1 || hex(zeroblob(500)))", [i]).unwrap();
    }
    for name in ["a.db", "a.db-journal"] {
        fs::copy(live.join(name), root.join(name)).unwrap();
    }
    let before = contents(&root);
    let torn = memchr::memmem::find(&before["a.db"], b"never_committed").is_some();
    assert!(torn, "the transaction has reached the file");
    let extension = read(&root.join("a.db")).unwrap();
    assert_eq!(extension.tables.len(), 101);
    assert!(extension.tables.iter().all(|t| t.name != "never_committed"));
    assert_eq!(contents(&root), before);
}

#[test]
fn what_is_wrong_with_a_database_is_said() {
    let (_temp, root) = folder();
    let path = root.join("good.db");
    let wide =
        (0..200).map(|i| format!("CREATE TABLE t{i} (domain_id INT, filler TEXT DEFAULT '{}');", "x".repeat(100))).collect::<String>();
    drop(database(&path, &wide));
    let good = fs::read(&path).unwrap();

    fs::write(root.join("truncated.db"), &good[..good.len() / 2]).unwrap();
    assert!(reason(&root.join("truncated.db")).contains("corrupt or truncated"));
    let mut corrupt = good.clone();
    corrupt[100..2000].fill(0xaa);
    fs::write(root.join("corrupt.db"), corrupt).unwrap();
    assert!(reason(&root.join("corrupt.db")).contains("corrupt or truncated"));
    fs::write(root.join("encrypted.db"), good.iter().map(|b| b ^ 0x5a).collect::<Vec<_>>()).unwrap();
    assert!(reason(&root.join("encrypted.db")).contains("encrypted"));
    fs::write(root.join("header.db"), &good[..60]).unwrap();
    assert!(!reason(&root.join("header.db")).is_empty());

    // In an extension they are named, and the good one is read.
    let extension = read(&root).unwrap();
    assert_eq!(extension.unreadable.len(), 4);
    assert_eq!(extension.tables.len(), 200);

    let writer = database(&path, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE x (y);");
    assert!(reason(&path).contains("in use by another process"));
    drop(writer);
    assert_eq!(read(&path).unwrap().tables.len(), 200);
}

#[test]
fn a_schema_with_a_missing_module_is_read_as_far_as_possible() {
    let (_temp, root) = folder();
    let path = root.join("a.db");
    let connection = database(&path, "CREATE TABLE a (domain_id INT); CREATE TABLE b (x INT);");
    connection
        .execute_batch("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE b (x INT,,)' WHERE name = 'b';")
        .unwrap();
    drop(connection);
    let extension = read(&path).unwrap();
    assert_eq!(extension.tables.len(), 1);
    assert_eq!(extension.unreadable.len(), 1);
}
