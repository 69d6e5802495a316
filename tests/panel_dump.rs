//! Dumps of a real server, in every form that its dump program writes: all of them are the same inventory.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used, unreachable_pub)]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/mod.rs"]
mod support;

#[path = "panel_dump/kinds.rs"]
mod kinds;
#[path = "panel_dump/nightly.rs"]
mod nightly;
#[path = "panel_dump/pipes.rs"]
mod pipes;
#[path = "panel_dump/printed.rs"]
mod printed;
#[path = "panel_dump/secrets.rs"]
mod secrets;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use mariadb::MariaDb;
use reguid::panel::mapping::{Mapping, Match, Settings};
use reguid::panel::{Inventory, Kind, source};

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/panel").join(name)
}

fn read(path: &Path) -> Inventory {
    source::read(path.to_str().expect("paths of tests are UTF-8")).unwrap_or_else(|e| panic!("{e}"))
}

fn kind(word: &str) -> Kind {
    word.parse().expect("a kind")
}

/// The panel of the corpus, before or after its restore, on a real server.
fn load(server: &MariaDb, database: &str, state: &str) {
    let text = |name: &str| std::fs::read_to_string(corpus(name)).expect("the corpus is there");
    server.run("", &format!("DROP DATABASE IF EXISTS `{database}`; CREATE DATABASE `{database}`"));
    server.run(database, &text("schema.sql"));
    server.run(database, &text(state));
}

#[test]
fn every_form_of_a_dump_is_the_same_inventory() {
    let server = MariaDb::start();
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Another program's database with tables of the panel's names, before and after the panel's in the alphabet.
    for other in ["aaa_dns", "zzz_dns"] {
        server.run("", &format!("CREATE DATABASE {other}"));
        server.run(other, "CREATE TABLE domains (id int PRIMARY KEY, name varchar(255), notes text); INSERT INTO domains VALUES (5, 'wrong.example', 'it''s \\\\; --');");
        server.run(other, "CREATE TABLE big (a longblob); INSERT INTO big VALUES (REPEAT('\\'\\\\;\\n\\0-- ', 100000));");
    }
    for state in ["before", "after"] {
        load(&server, "psa", &format!("{state}.sql"));
        let committed = read(&corpus(&format!("{state}.dump.sql")));
        assert!(committed.notes().is_empty(), "{:?}", committed.notes());
        assert_eq!(committed.carried().len(), Kind::all().count(), "the corpus has every kind");
        let forms: [&[&str]; 34] = [
            &["psa"],
            &["--skip-extended-insert", "psa"],
            &["--complete-insert", "psa"],
            &["--hex-blob", "psa"],
            &["--compact", "psa"],
            &["--skip-opt", "psa"],
            &["--skip-quote-names", "psa"],
            &["--insert-ignore", "--skip-comments", "psa"],
            &["--replace", "--skip-add-drop-table", "psa"],
            &["--routines", "--events", "--triggers", "--single-transaction", "psa"],
            &["--databases", "psa"],
            &["--databases", "aaa_dns", "psa", "zzz_dns"],
            &["--all-databases"],
            &["--default-character-set=latin1", "--order-by-primary", "psa"],
            &["--compatible=ansi", "psa"],
            &["--compatible=ansi", "--hex-blob", "--skip-extended-insert", "--complete-insert", "psa"],
            &["--compatible=postgresql", "psa"],
            &["--no-create-info", "--complete-insert", "psa"],
            &["--skip-set-charset", "--skip-dump-date", "psa"],
            &["--skip-add-locks", "--skip-disable-keys", "--skip-comments", "--no-autocommit", "psa"],
            &["--delayed-insert", "--skip-triggers", "--skip-create-options", "psa"],
            &["--add-drop-database", "--add-drop-trigger", "--flush-privileges", "--databases", "psa"],
            &["--system=stats,timezones,servers", "--flush-privileges", "--all-databases"],
            &["--compact", "--hex-blob", "--skip-quote-names", "--complete-insert", "--no-create-db", "--databases", "psa", "zzz_dns"],
            &["--skip-quick", "--skip-tz-utc", "--lock-all-tables", "--order-by-size", "psa"],
            &["--insert-ignore", "--skip-extended-insert", "--skip-quote-names", "psa"],
            &["--net-buffer-length=4096", "--max-allowed-packet=16M", "--hex-blob", "psa"],
            &["--replace", "--complete-insert", "--compact", "psa"],
            &["--xml", "psa"],
            &["--xml", "--hex-blob", "--skip-comments", "psa"],
            &["--xml", "--routines", "--events", "--triggers", "--all-databases"],
            &["--xml", "--databases", "aaa_dns", "psa", "zzz_dns"],
            &["--xml", "--no-create-info", "psa"],
            &["--no-tablespaces", "--log-error=/dev/null", "--force", "--ignore-table=psa.domains_of_clients", "psa"],
        ];
        for form in forms {
            let dump = server.dump(form);
            // Dumps that the client writes on Windows, and MySQL's, which have no newlines between rows.
            let text = String::from_utf8(dump.clone());
            let windows = text.as_ref().map(|text| text.replace('\n', "\r\n").into_bytes());
            let mysqls = text.as_ref().map(|text| text.replace("VALUES\n(", "VALUES (").replace("),\n(", "),(").into_bytes());
            for (what, dump) in [("as it is", Ok(dump)), ("of Windows", windows), ("of MySQL", mysqls)] {
                let Ok(dump) = dump else { continue };
                let mut files = vec![("dump.sql", dump.clone())];
                if what == "as it is" {
                    files.extend([("dump.sql.gz", gzip(&dump)), ("dump.sql.zst", zstd(&dump))]);
                }
                for (name, packed) in files {
                    let path = folder.path().join(name);
                    std::fs::write(&path, packed).expect("the temporary folder can be written");
                    let inventory = read(&path);
                    assert_eq!(inventory.objects(), committed.objects(), "{state}: {form:?} {what}, {name}");
                    assert_eq!(inventory.fingerprint(), committed.fingerprint(), "{state}: {form:?} {what}, {name}");
                    assert_eq!(inventory.carried(), committed.carried(), "{state}: {form:?} {what}, {name}");
                    assert!(inventory.notes().is_empty(), "{state}: {form:?} {what}, {name}: {:?}", inventory.notes());
                }
            }
        }
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(content).expect("memory can be written");
    gzip.finish().expect("memory can be written")
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).expect("memory can be written")
}

/// What the inventory of this dump is, or what is said of it.
fn outcome(dump: &[u8]) -> Result<Inventory, String> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(dump).expect("the temporary folder can be written");
    let path = file.path().to_str().expect("paths of tests are UTF-8");
    source::read(path).map_err(|error| error.to_string().replace(path, "FILE"))
}

#[test]
fn a_dump_that_cannot_be_an_inventory_says_why() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    load(&server, "copy_a", "before.sql");
    load(&server, "copy_b", "before.sql");
    let refused = |form: &[&str]| outcome(&server.dump(form)).expect_err("it is refused");
    let error = refused(&["--no-create-info", "psa"]);
    assert!(
        error.starts_with("FILE:") && error.ends_with("the dump has rows of the table `DatabaseServers` and does not tell its columns"),
        "{error}"
    );
    assert_eq!(refused(&["--no-data", "psa"]), "FILE: holds the panel's tables and no rows");
    assert_eq!(refused(&["--databases", "copy_a", "copy_b"]), "FILE: holds several databases of a panel: copy_a, copy_b");
    assert!(refused(&["--databases", "mysql"]).starts_with("FILE: holds none of the panel's tables"));
    let gbk = refused(&["--default-character-set=gbk", "psa"]);
    assert!(gbk.starts_with("FILE:") && gbk.ends_with("is written in the character set `gbk`, which is not read"), "{gbk}");

    let several = outcome(&server.dump(["--databases", "copy_a", "psa", "copy_b"])).expect("the panel's usual name decides");
    assert_eq!(several.notes(), ["the database `psa` was read, and not copy_a, copy_b, which look like a panel's too"]);
    assert_eq!(several.objects(), read(&corpus("before.dump.sql")).objects());
    let some = outcome(&server.dump(["--where=id<7", "psa", "clients", "domains"])).expect("it is read");
    assert_eq!(some.notes(), ["the dump was made with a condition (`--where`): rows that do not meet it are lacking"]);
    assert_eq!(some.objects().len(), 6 + 2);
}

#[test]
fn a_name_beyond_ascii_is_the_same_in_every_character_set() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    server.run("psa", "UPDATE Templates SET name = 'Größe € \\\\ x' WHERE id = 1; UPDATE smb_roles SET name = 'Rôle' WHERE id = 2;");
    let utf8 = outcome(&server.dump(["psa"])).expect("it is read");
    assert_eq!(&*utf8.get(kind("plan"), 1).expect("a plan").name, "admin/domain/Größe € \\ x");
    let forms: [&[&str]; 4] = [
        &["--default-character-set=latin1", "psa"],
        &["--default-character-set=latin1", "--skip-extended-insert", "--skip-comments", "psa"],
        &["--default-character-set=utf8mb3", "psa"],
        &["--default-character-set=binary", "--hex-blob", "psa"],
    ];
    for form in forms {
        assert_eq!(outcome(&server.dump(form)).expect("it is read").fingerprint(), utf8.fingerprint(), "{form:?}");
    }
    let unsaid = outcome(&server.dump(["--default-character-set=latin1", "--compact", "psa"])).expect("it is read");
    assert_eq!(&*unsaid.get(kind("role"), 2).expect("a role").name, "alice/R\\xF4le");
    assert_eq!(unsaid.notes(), ["the names of some plan and role objects are no UTF-8: what is not is written as \\x and its number"]);
    let error = outcome(&server.dump(["--default-character-set=cp850", "psa"])).expect_err("it is refused");
    assert!(error.ends_with("the dump is written in the character set `cp850`, which is not read"), "{error}");
}

#[test]
fn the_corpus_has_what_its_comments_say() {
    let before = read(&corpus("before.dump.sql"));
    let domain = |id| before.get(kind("domain"), id).expect("a domain of the corpus");
    assert_eq!((&*domain(5).name, domain(5).parent), ("alice.example", Some((kind("client"), 3))));
    assert_eq!(before.duplicates().iter().map(|d| &d.ids[..]).collect::<Vec<_>>(), [[15, 16]]);
    assert_eq!([15, 16, 17].map(|id| domain(id).guid), [None; 3]);
    let name = |word: &str, id| &*before.get(kind(word), id).expect("an object of the corpus").name;
    assert_eq!(name("mailbox", 4), "o'neil@carol.example");
    assert_eq!(name("plan", 3), "reseller-nord/domain/Gold");
    assert_eq!(name("plan-item", 1), "sitebuilder");
    assert_eq!(name("database", 3), "Bob_wp@localhost:3306:mysql");
    assert_eq!(name("database-user", 3), "carol_all@");
    assert_eq!(name("dns-record", 2), "alice.example/TXT/alice.example./v=spf1 +a; include:\"x\" -all/");
    assert_eq!(name("subscription", 1), "alice.example");
    assert_eq!(before.origin.taken.as_deref(), Some("2026-11-23 04:10:00"));
}

#[test]
fn a_restore_is_seen_through() {
    let (before, after) = (read(&corpus("before.dump.sql")), read(&corpus("after.dump.sql")));
    let mapping = Mapping::between(&before, &after, Settings::default());
    let outcome = |word: &str, id| match mapping.get(kind(word), id).expect("every old object has an outcome") {
        Match::Found { new, rung, .. } => format!("{rung:?} {new}"),
        other => format!("{other:?}"),
    };
    for (word, old, expected) in [
        ("client", 1, "Guid 1"),
        ("client", 2, "Guid 4"),
        ("client", 3, "Guid 2"),
        ("domain", 5, "Guid 7"),
        ("domain", 7, "Guid 5"),
        ("domain", 6, "Guid 8"),
        ("domain", 8, "Guid 9"),
        ("domain", 9, "Guid 10"),
        ("domain", 10, "Guid 6"),
        ("domain", 12, "GuidRenamed 12"),
        ("domain", 13, "Missing"),
        ("domain", 14, "Conflict { candidate: 14 }"),
        ("domain", 15, "NameAndWitness 16"),
        ("domain", 16, "NameAndWitness 15"),
        ("domain", 17, "NameAndWitness 17"),
        ("domain", 18, "Guid 13"),
        ("subscription", 1, "Guid 2"),
        ("domain-alias", 1, "NameAndWitness 3"),
        ("mailbox", 1, "NameAndWitness 4"),
        ("mailbox", 5, "Moved { candidate: 6, rung: NameOnly }"),
        ("mailbox", 6, "NameAndWitness 5"),
        ("plan", 1, "Guid 2"),
        ("plan", 3, "Guid 1"),
        ("plan-item", 1, "Guid 2"),
        ("user", 2, "Guid 3"),
        ("role", 2, "NameAndWitness 3"),
        ("database", 2, "NameAndWitness 1"),
        ("database", 3, "NameAndWitness 2"),
        ("database-user", 3, "NameAndWitness 1"),
        ("database-server", 2, "Key 3"),
        ("ip-address", 1, "Key 2"),
        ("certificate", 1, "NameOnly { candidate: 1 }"),
        ("certificate", 2, "Ambiguous { candidates: [2, 3] }"),
        ("system-user", 1, "NameAndWitness 3"),
        ("extension", 2, "Key 3"),
        ("mail-alias", 1, "NameAndWitness 11"),
        ("mail-redirect", 1, "NameAndWitness 11"),
        ("ftp-user", 1, "NameAndWitness 11"),
        ("web-user", 1, "NameAndWitness 11"),
        ("domain-service", 3, "NameAndWitness 13"),
        ("protected-directory-user", 1, "NameAndWitness 11"),
        ("action", 2, "Key 12"),
        ("anonymous-ftp", 1, "NameAndWitness 11"),
        ("anonymous-ftp", 2, "NameAndWitness 12"),
        ("dns-template-record", 2, "NameOnly { candidate: 11 }"),
    ] {
        assert_eq!(outcome(word, old), expected, "{word} {old}");
    }
    assert_eq!(mapping.reason(kind("domain"), 14), Some("domain 14 (again.example) has its name and another GUID: it was created anew"));
}

#[test]
fn a_panel_that_stayed_as_it_is_maps_to_itself() {
    let panel = read(&corpus("before.dump.sql"));
    let mapping = Mapping::between(&panel, &panel, Settings { accept_name: true, ..Settings::default() });
    for (kind, id, outcome) in mapping.sorted() {
        let new = match outcome {
            Match::Found { new, .. } => *new,
            // Two certificates have the same name: nothing tells which is which.
            Match::Ambiguous { .. } if kind.name() == "certificate" => id,
            other => panic!("{kind} {id}: {other:?}"),
        };
        assert_eq!(new, id, "{kind}");
    }
}
