//! One word, many forms.

use std::io::Write as _;

use camino::Utf8PathBuf;

use super::*;

const DUMP: &str = "CREATE TABLE clients (id int, login text, guid text); INSERT INTO clients VALUES (1,'admin',NULL);";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = Utf8PathBuf::from_path_buf(self.0.path().join(name)).unwrap();
        std::fs::write(&path, content).unwrap();
        path.into_string()
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 0).unwrap()
}

#[test]
fn a_source_is_told_by_its_content_and_not_by_its_name() {
    let folder = Folder::new();
    let plain = read(&folder.file("plain.gz", DUMP.as_bytes())).unwrap();
    let packed = read(&folder.file("packed.sql", &gzip(DUMP.as_bytes()))).unwrap();
    let (first, second) = DUMP.split_at(60);
    let members = read(&folder.file("members", &[gzip(first.as_bytes()), gzip(second.as_bytes())].concat())).unwrap();
    let zstd_frames = read(
        &folder.file("frames", &[b"\x5f\x2a\x4d\x18\x01\0\0\0x", zstd(first.as_bytes()).as_slice(), &zstd(second.as_bytes())].concat()),
    )
    .unwrap();
    let path = folder.file("x.sql", b"");
    snapshot::write(&plain, Utf8Path::new(&path)).unwrap();
    let snapshot = read(&path).unwrap();
    let packed_snapshot = read(&folder.file("y", &gzip(&std::fs::read(&path).unwrap()))).unwrap();
    for inventory in [packed, members, zstd_frames, snapshot, packed_snapshot] {
        assert_eq!(inventory.objects(), plain.objects());
    }
    assert_eq!(plain.objects().len(), 1);
}

#[test]
fn a_source_that_ends_anywhere_is_refused() {
    let head = "-- MariaDB dump 10.19\n-- \n/*!40101 SET NAMES utf8mb4 */;\n";
    let other = "CREATE TABLE `t` (`a` text);\nINSERT INTO `t` VALUES\n('it\\'s; -- /*'),\n(NULL);\n";
    let clients = "CREATE TABLE `clients` (`id` int, `login` text, `guid` text);\nINSERT INTO `clients` VALUES\n(1,'a\\nb',NULL);\n";
    let trigger = "DELIMITER ;;\nCREATE TRIGGER x BEGIN SET a = 1; END ;;\nDELIMITER ;\n";
    let dump = format!("{head}{other}{clients}{trigger}-- Dump completed on 2026-01-01  1:02:03\n").into_bytes();
    let xml = "<?xml version=\"1.0\"?>\n<resultset statement=\"SELECT id, login, guid FROM clients\">\n<row><field name=\"id\">1</field>\
               <field name=\"login\">a</field><field name=\"guid\">b</field></row></resultset>"
        .as_bytes();
    // What may be lacking at the end: `ed on …` of the remark, for its date is not always there.
    for (source, enough) in [(&dump, dump.len() - 24), (&xml.to_vec(), xml.len())] {
        let refuses = |bytes: &[u8]| {
            let error = read_bytes(bytes, "x").unwrap_err();
            assert!(error.to_string().starts_with("x"), "{error}");
            assert!(miette::Diagnostic::help(&error).is_some(), "{error}");
        };
        assert_eq!(read_bytes(source, "x").unwrap().objects().len(), 1);
        (0..enough).for_each(|end| refuses(&source[..end]));
        for packed in [gzip(source), zstd(source)] {
            (0..packed.len()).for_each(|end| refuses(&packed[..end]));
        }
        for end in 0..enough {
            refuses(&gzip(&source[..end]));
        }
    }
}

/// Two dumps whose lines came into one file by turns.
#[test]
fn interleaved_dumps_are_refused() {
    let dump = |n: u8| {
        format!(
            "CREATE TABLE `clients` (\n`id` int,\n`login` text,\n`guid` text\n);\nINSERT INTO `clients` VALUES\n({n},'a{n}',NULL),\n(1{n},'b{n}',NULL);\n"
        )
    };
    let (one, two) = (dump(1), dump(2));
    let lines: String = one.lines().zip(two.lines()).flat_map(|(a, b)| [a, "\n", b, "\n"]).collect();
    let error = read_bytes(lines.as_bytes(), "x").unwrap_err().to_string();
    assert!(error.starts_with("x:2: a column of the table `clients` was expected") || error.starts_with("x:"), "{error}");
}

#[test]
fn what_this_release_cannot_read_is_refused_by_name() {
    let folder = Folder::new();
    let cases = [
        (folder.file("x.sql.zst", b"\x28\xb5\x2f\xfd"), "the zstd data is damaged or cut off"),
        (folder.file("y.zst", b"\x00\x01"), "is named like a zstd file and is none"),
        (folder.file("gz.zst", &zstd(&gzip(b"x"))), "is no dump of mysqldump: it is gzip data inside zstd data"),
        (folder.file("short.zst", &zstd(DUMP.as_bytes())[..20]), "the zstd data is damaged or cut off"),
        (folder.file("backup_info_1.xml", b"<?xml version='1.0'?>"), "the file ends before its root element"),
        (folder.file("x.zip", b"PK\x03\x04"), "the archive is damaged or cut off"),
        (folder.file("x.xml.gz", &gzip(b"<?xml version='1.0'?><html/>")), "is no backup: its root element is <html>"),
        (folder.file("zip.gz", &gzip(b"PK\x03\x04")), "cannot read inventories from a .zip archive that is compressed once more"),
        (folder.file("utf16.xml", b"\xff\xfe<\0?\0"), "it is XML in UTF-16"),
        (folder.file("x.db", b"SQLite format 3\0"), "the database is corrupt or truncated"),
        (folder.file("x.gz", b"\x00\x01\x02"), "is named like a gzip file and is none"),
        (folder.file("y.gz", b"\x7fELF"), "is named like a gzip file and is none"),
        (folder.file("pg.sql", b"--\n-- PostgreSQL database dump\n"), "is no dump of mysqldump: it is a dump of PostgreSQL"),
        (folder.file("gz.gz", &gzip(&gzip(b"x"))), "is no dump of mysqldump: it is gzip data inside gzip data"),
        (folder.file("short.gz", &gzip(DUMP.as_bytes())[..6]), "the gzip data is damaged or cut off"),
        (folder.file("empty", b""), "is empty"),
        (folder.file("empty.gz", &gzip(b"")), "is empty"),
        (folder.0.path().to_str().unwrap().to_owned(), "holds no backup: no file in it is named like `backup_info_<date>.xml`"),
        ("/no/such/file.sql".to_owned(), "/no/such/file.sql: cannot be read: No such file or directory"),
    ];
    for (word, expected) in cases {
        let error = read(&word).unwrap_err().to_string();
        assert!(error.starts_with(&word) && error.contains(expected), "{error}\nis not\n{expected}");
    }
}

#[test]
fn servers_are_refused_without_their_passwords() {
    for word in ["mysql://admin:secret@localhost/psa", "mariadb://admin@localhost/psa?password=secret"] {
        let error = read(word).unwrap_err().to_string();
        assert!(error.starts_with("mysql:…: the address holds a password") && !error.contains("secret"), "{error}");
    }
    for (word, says) in [
        ("mysq://admin:secret@localhost/psa", "mysq://…: no inventory source has such an address"),
        ("postgres://admin:secret@localhost/psa", "postgres://…: no inventory source has such an address"),
        ("admin:secret@mysql://localhost", "://…: no inventory source has such an address"),
    ] {
        let error = read(word).unwrap_err();
        assert_eq!(error.to_string(), says);
        assert!(miette::Diagnostic::help(&error).is_some_and(|help| help.to_string().contains("mysql://USER@HOST/DATABASE")));
    }
}
