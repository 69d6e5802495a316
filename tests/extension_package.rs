//! Finding and reading extensions: folders, packages, single files, and what is wrong with them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use camino::{Utf8Path, Utf8PathBuf};
use reguid::extension::package::find;
use reguid::extension::{Extension, LoadError, ReadSettings};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const META: &str = "<?xml version=\"1.0\"?><module><id>sample</id></module>";
const TABLE: &str = "CREATE TABLE apps (id INTEGER PRIMARY KEY, domain_id INTEGER);";

fn folder(files: &[(&str, &str)]) -> (TempDir, Utf8PathBuf) {
    let temp = TempDir::new().unwrap();
    let root = Utf8PathBuf::from_path_buf(temp.path().to_owned()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    (temp, root)
}

fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(*path, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read_with(input: &Utf8Path, settings: &ReadSettings<'_>) -> Result<Extension, LoadError> {
    Extension::read(&find(input)?, settings)
}

fn read(input: &Utf8Path) -> Extension {
    read_with(input, &ReadSettings::default()).unwrap()
}

fn read_zip(bytes: &[u8]) -> Result<Extension, LoadError> {
    let (_temp, root) = folder(&[]);
    // Told by its bytes: the name says nothing.
    fs::write(root.join("package.bin"), bytes).unwrap();
    read_with(&root.join("package.bin"), &ReadSettings::default())
}

fn paths(extension: &Extension) -> Vec<&str> {
    extension.files.iter().map(|f| f.path.as_str()).collect()
}

fn reasons(extension: &Extension) -> Vec<String> {
    extension.unreadable.iter().map(|u| format!("{}: {}", u.path, u.reason)).collect()
}

#[test]
fn the_folder_of_meta_xml_is_the_root() {
    for (at, others) in [("", &[][..]), ("src/", &["aaa/meta.xml"]), ("my-ext/", &["zzz/bbb/meta.xml", "aaa/vendor/meta.xml"])] {
        let mut files = vec![(format!("{at}meta.xml"), META), (format!("{at}plib/a.sql"), TABLE)];
        files.extend(others.iter().map(|o| ((*o).to_owned(), META)));
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let (_temp, root) = folder(&files);
        let extension = read(&root);
        assert_eq!(extension.id.as_deref(), Some("sample"), "{at}");
        assert_eq!(extension.root.as_ref().unwrap(), &root.join(at.trim_end_matches('/')));
        assert_eq!(paths(&extension), ["plib/a.sql"], "{at}");
        assert_eq!(extension.tables[0].name, "apps");

        let bytes: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
        let packed = read_zip(&zip_of(&bytes)).unwrap();
        assert_eq!(packed.id.as_deref(), Some("sample"), "{at}");
        assert_eq!(packed.root, None);
        assert_eq!(paths(&packed), paths(&extension));
        assert_eq!(packed.tables, extension.tables);
    }
    let (_temp, root) = folder(&[("a.sql", TABLE)]);
    let without = read(&root);
    assert_eq!((without.id.as_deref(), without.tables.len(), without.unreadable.len()), (None, 1, 0));
}

#[test]
fn single_files_are_read_and_others_refused() {
    let (_temp, root) =
        folder(&[("a.sql", TABLE), ("b.php", "<?php echo 1;"), ("c.txt", "x"), ("d.sqlite", "not a database, but some text")]);
    let sql = read(&root.join("a.sql"));
    assert_eq!((paths(&sql), sql.tables.len(), sql.root.clone()), (vec!["a.sql"], 1, None));
    assert_eq!(read(&root.join("b.php")).scripts.len(), 1);
    assert!(matches!(find(&root.join("c.txt")), Err(LoadError::UnknownKind { .. })));
    assert!(matches!(find("/dev/zero".into()), Err(LoadError::UnknownKind { .. })));
    assert!(matches!(find(&root.join("nothing")), Err(LoadError::Missing { .. })));
    let settings = ReadSettings::default();
    assert!(matches!(read_with(&root.join("d.sqlite"), &settings), Err(LoadError::Database { .. })));
    let small = ReadSettings { max_file_bytes: 10, ..ReadSettings::default() };
    assert!(matches!(read_with(&root.join("a.sql"), &small), Err(LoadError::TooLarge { size: 62, limit: 10, .. })));
}

#[test]
fn small_files_of_the_root_are_there_before_the_rest_is_read() {
    let (_temp, root) = folder(&[("src/meta.xml", META), ("src/reguid.toml", "[lint]\n")]);
    assert_eq!(find(&root).unwrap().file("reguid.toml").unwrap().as_deref(), Some(&b"[lint]\n"[..]));
    assert_eq!(find(&root).unwrap().file("other.toml").unwrap(), None);
    let packed = zip_of(&[("ext/meta.xml", META.as_bytes()), ("ext/reguid.toml", b"[lint]\n")]);
    fs::write(root.join("p.zip"), packed).unwrap();
    assert_eq!(find(&root.join("p.zip")).unwrap().file("reguid.toml").unwrap().as_deref(), Some(&b"[lint]\n"[..]));
}

#[test]
fn foreign_and_excluded_files_are_counted_and_left_out() {
    let (_temp, root) = folder(&[
        ("meta.xml", META),
        ("plib/own.sql", TABLE),
        ("plib/vendor/acme/a.php", "<?php"),
        ("plib/vendor/acme/README.md", "text"),
        ("htdocs/node_modules/x/b.sql", TABLE),
        ("tests/c.php", "<?php"),
        ("plib/OwnTest.php", "<?php class OwnTest extends PHPUnit_Framework_TestCase {}"),
        ("plib/old/d.sql", TABLE),
        ("plib/old/deep/e.sql", TABLE),
    ]);
    let settings = ReadSettings { exclude: vec!["plib/old".to_owned()], ..ReadSettings::default() };
    let extension = read_with(&root, &settings).unwrap();
    assert_eq!(paths(&extension), ["plib/own.sql"]);
    assert_eq!((extension.skipped.vendored, extension.skipped.tests, extension.skipped.excluded), (2, 2, 2));
    let all = read_with(&root, &ReadSettings { include_vendored: true, ..ReadSettings::default() }).unwrap();
    assert_eq!((all.files.len(), all.skipped.vendored, all.skipped.tests), (7, 0, 0));
    let stars = ReadSettings { exclude: vec!["plib/*.sql".to_owned()], ..ReadSettings::default() };
    assert_eq!(paths(&read_with(&root, &stars).unwrap()), ["plib/old/d.sql", "plib/old/deep/e.sql"]);
    let wrong = ReadSettings { exclude: vec!["plib/{".to_owned()], ..ReadSettings::default() };
    assert!(matches!(read_with(&root, &wrong), Err(LoadError::Exclude { .. })));
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_read() {
    let (_temp, root) = folder(&[
        ("meta.xml", "<module><id>sample</id><name></module>"),
        ("a.sql", "CREATE TABLE broken (a,, b);\nCREATE TABLE fine (a);"),
        ("big.sql", &"-- x\n".repeat(100)),
        ("locked.sql", TABLE),
        ("z.sqlite3", "this is text and no database at all"),
        ("empty.sqlite3", ""),
    ]);
    fs::set_permissions(root.join("locked.sql"), fs::Permissions::from_mode(0o000)).unwrap();
    symlink(&root, root.join("loop")).unwrap();
    symlink(root.join("self"), root.join("self")).unwrap();
    symlink("/etc", root.join("out")).unwrap();
    symlink(root.join("a.sql"), root.join("again.sql")).unwrap();
    fs::write(root.as_std_path().join(std::ffi::OsStr::from_bytes(b"odd\xff.sql")), TABLE).unwrap();
    let extension = read_with(&root, &ReadSettings { max_file_bytes: 200, ..ReadSettings::default() }).unwrap();
    assert_eq!(extension.id.as_deref(), Some("sample"));
    assert!(extension.tables.iter().any(|t| t.name == "fine"));
    let reasons = reasons(&extension);
    let has = |part: &str| assert!(reasons.iter().any(|r| r.contains(part)), "{part}: {reasons:#?}");
    has("meta.xml: line 1");
    has("a.sql: SQLite says: near");
    has("big.sql: it has more than 200 bytes");
    has("out: it is a symbolic link that leads out");
    has("odd\u{fffd}.sql: its name is not UTF-8");
    has("z.sqlite3: not a SQLite database, or an encrypted one");
    // Root reads what nobody may.
    let unprivileged = fs::read(root.join("locked.sql")).is_err();
    assert_eq!(reasons.len(), 6 + usize::from(unprivileged), "{reasons:#?}");
    let broken = extension.unreadable.iter().find(|u| u.path == "a.sql").unwrap().span.unwrap();
    assert_eq!(extension.file(broken.file).position(broken.start).line, 1);
}

#[test]
fn any_number_of_threads_reads_the_same() {
    let names: Vec<String> = (0..60).map(|i| format!("plib/f{i}.{}", if i % 2 == 0 { "sql" } else { "php" })).collect();
    let texts: Vec<String> =
        (0..60)
            .map(|i| {
                if i % 2 == 0 {
                    format!("CREATE TABLE t{i} (a, b,, c); CREATE TABLE u{i} (domain_id INT);")
                } else {
                    format!("<?php f({i}")
                }
            })
            .collect();
    let files: Vec<_> = names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let (_temp, root) = folder(&files);
    let show = |jobs| {
        let extension = read_with(&root, &ReadSettings { jobs, ..ReadSettings::default() }).unwrap();
        let scripts: Vec<_> = extension.scripts.iter().map(|s| s.file).collect();
        format!("{:?} {:?} {:?} {scripts:?}", paths(&extension), extension.tables, extension.unreadable)
    };
    assert_eq!(show(1), show(5));
    let seen = std::sync::Mutex::new(Vec::new());
    let note = |done: usize, of: usize| seen.lock().unwrap().push((done, of));
    read_with(&root, &ReadSettings { progress: Some(&note), jobs: 3, ..ReadSettings::default() }).unwrap();
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    assert_eq!(seen, (1..=60).map(|i| (i, 60)).collect::<Vec<_>>());
}

#[test]
fn harmful_packages_are_refused_or_their_entries_are() {
    let error = |bytes: &[u8]| match read_zip(bytes) {
        Err(LoadError::Archive { reason, .. }) => reason,
        other => panic!("{other:?}"),
    };
    // Names that lead out are left out, and said so.
    let tricky = zip_of(&[
        ("meta.xml", META.as_bytes()),
        ("../evil.php", b"<?php"),
        ("/abs.php", b"<?php"),
        ("a/../../b.php", b"<?php"),
        ("ok.sql", TABLE.as_bytes()),
    ]);
    let extension = read_zip(&tricky).unwrap();
    assert_eq!((paths(&extension), extension.unreadable.len()), (vec!["ok.sql"], 3), "{:?}", reasons(&extension));
    assert!(reasons(&extension).iter().all(|r| r.contains("leads out of the package")));

    // A link.
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.add_symlink("link.php", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let linked = read_zip(&zip.finish().unwrap().into_inner()).unwrap();
    assert!(reasons(&linked)[0].contains("symbolic link"), "{:?}", reasons(&linked));

    // 600 MiB of zeros in less than a megabyte.
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    let zeros = vec![0_u8; 1 << 20];
    for i in 0..6 {
        bomb.start_file(format!("{i}.sql"), SimpleFileOptions::default()).unwrap();
        (0..100).for_each(|_| bomb.write_all(&zeros).unwrap());
    }
    assert!(error(&bomb.finish().unwrap().into_inner()).contains("zip bomb"));

    // Two names for one path, the same name twice, half an archive, no archive.
    assert!(error(&zip_of(&[("a/b.sql", b"x"), ("a//b.sql", b"y")])).contains("two entries"));
    let mut same = zip_of(&[("aa.sql", b"x"), ("ab.sql", b"y")]);
    for at in memchr::memmem::find_iter(&same.clone(), b"ab.sql") {
        same[at + 1] = b'a';
    }
    assert!(error(&same).contains("same name"));
    assert!(!error(&tricky[..tricky.len() / 2]).is_empty());
    assert!(!error(b"PK\x03\x04 and nothing more").is_empty());

    // A damaged entry is named, and the rest is read.
    let mut damaged = zip_of(&[("a.sql", TABLE.repeat(50).as_bytes()), ("b.sql", TABLE.as_bytes())]);
    let at = memchr::memmem::find(&damaged, b"a.sql").unwrap() + 12;
    damaged[at..at + 4].fill(0xff);
    let damaged = read_zip(&damaged).unwrap();
    assert_eq!((paths(&damaged), damaged.unreadable.len()), (vec!["b.sql"], 1), "{:?}", reasons(&damaged));
}

#[test]
fn stubs_of_the_panel_are_no_part_of_the_extension() {
    let stub = "<?php\nif (!class_exists('pm_Settings')) { class pm_Settings { static function set($k, $v) {} } }\n$x = 'CREATE TABLE stub (a INT)';";
    let (_temp, root) = folder(&[("a.php", "<?php class Modules_Sample_A extends pm_Hook {}"), ("stubs/pm.php", stub), ("z.sql", TABLE)]);
    let extension = read(&root);
    assert_eq!((paths(&extension), extension.skipped.tests), (vec!["a.php", "z.sql"], 1));
    assert_eq!(extension.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["apps"]);
    let all = read_with(&root, &ReadSettings { include_vendored: true, ..ReadSettings::default() }).unwrap();
    assert_eq!(all.tables.iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["stub", "apps"]);
    // A script knows its file.
    assert!(all.scripts.iter().all(|s| all.file(s.file).path.extension() == Some("php")));
    assert_eq!(all.file(all.tables[0].span.file).path, "stubs/pm.php");
}

#[test]
fn files_that_are_left_out_change_no_place() {
    let code = "<?php class Store {
        const T = \"CREATE TABLE t (a INTEGER, b TEXT)\"; const BROKEN = 'CREATE TABLE u (\\'';
        function all($db, $x) {
            $db->query('INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b, a = ?');
            $db->query('UPDATE t SET a = ?, b = a WHERE b IN (?, a) AND a = b');
            $db->query('DELETE FROM t WHERE a = ?');
            $db->query(\"SELECT t.a, u.b FROM t JOIN u ON u.b = t.a WHERE t.b = $x\");
            $db->query('INSERT INTO t SELECT a, b FROM u');
        } } ( ";
    let own =
        [("meta.xml", META), ("plib/b.php", code), ("plib/c.sql", "CREATE TABLE c (d INTEGER); CREATE TABLE x ('"), ("plib/cli", code)];
    let foreign =
        [("plib/a.php", "<?php class pm_Domain {}"), ("plib/ATest.php", "<?php class ATest extends TestCase {}"), ("plib/b.sql", "")];
    let (_own, own_root) = folder(&own);
    let (_all, all_root) = folder(&[&own[..], &foreign].concat());
    fs::write(all_root.join("plib/b.sql"), vec![b' '; 1_001]).unwrap();
    let settings = ReadSettings { max_file_bytes: 1_000, ..ReadSettings::default() };
    let (own, all) = (read_with(&own_root, &settings).unwrap(), read_with(&all_root, &settings).unwrap());
    assert_eq!((all.skipped.tests, all.unreadable.len()), (2, own.unreadable.len() + 1));
    assert_eq!(paths(&all), ["plib/b.php", "plib/c.sql", "plib/cli"]);
    let facts = |e: &Extension| format!("{:?} {:?} {:?}", e.tables, e.statements, e.scripts.iter().map(|s| s.file).collect::<Vec<_>>());
    assert_eq!(facts(&own), facts(&all));
    assert_eq!((all.tables.len(), all.statements.len()), (3, 10));
    for table in &all.tables {
        let text = all.file(table.span.file).bytes[table.span.start as usize..table.span.end as usize].to_ascii_lowercase();
        assert!(text.starts_with(b"create table"), "{table:?}");
    }
    assert!(own.unreadable.iter().all(|u| u.span.is_none_or(|s| own.file(s.file).path == u.path)));
    assert!(all.unreadable.iter().all(|u| u.span.is_none_or(|s| all.file(s.file).path == u.path)));
}

#[test]
fn broken_php_is_named_and_the_rest_of_it_is_read() {
    let code = "<?php\n$a = ;\n$db->exec('CREATE TABLE apps (domain_id INT)');\n";
    let (_temp, root) = folder(&[("plib/a.php", code)]);
    let extension = read(&root);
    assert_eq!(extension.tables.len(), 1);
    let span = extension.unreadable[0].span.unwrap();
    assert_eq!(extension.file(span.file).position(span.start).line, 2);
    // Bytes that are no text, and a file as deep as it is long.
    let deep = format!("<?php $a = {}1{}; $s = 'CREATE TABLE deep (a INT)';", "(".repeat(100_000), ")".repeat(100_000));
    fs::write(root.join("plib/b.php"), b"<?php $x = '\xff\xfe'; $s = \"CREATE TABLE t (n TEXT DEFAULT '\xff', domain_id INT)\";\0")
        .unwrap();
    fs::write(root.join("plib/c.php"), deep).unwrap();
    let extension = read(&root);
    assert_eq!(extension.files.len(), 3);
    assert!(extension.tables.iter().any(|t| t.columns.len() == 2 && t.columns[1].name == "domain_id" && t.span.file.0 == 1));
}
