//! What dumps give and what broken dumps say.

use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::panel::Kind;

const DOMAINS: &str = "CREATE TABLE `domains` (\n `id` int(10) unsigned NOT NULL AUTO_INCREMENT,\n `cr_date` date DEFAULT NULL,\n `name` varchar(255) DEFAULT 'a,(\\')b',\n \
     `type` enum('a','b)') COMMENT 'x;',\n `cl_id` int,\n `guid` varchar(36),\n PRIMARY KEY (`id`),\n KEY `n` (`name`(10))\n) ENGINE=InnoDB;\n";
const CLIENTS: &str = "CREATE TABLE `clients` (`id` int, `login` varchar(20), `passwd` text, `guid` varchar(36), `parent_id` int);\n";
const ADMIN: &str = "INSERT INTO clients VALUES (1,'admin','secret',NULL,0);\n";
const G1: &str = "11111111-1111-4111-8111-111111111111";

fn read(sql: &str) -> Result<Inventory, SourceError> {
    bytes(sql.as_bytes())
}

/// What a dump gives; the same however it is read.
fn bytes(dump: &[u8]) -> Result<Inventory, SourceError> {
    let exact = by(dump, Pace::Bytes);
    if let Some(quick) = by(dump, Pace::Lines).transpose() {
        match (&exact, &quick) {
            (Ok(Some(exact)), Ok(quick)) => assert_eq!((exact.objects(), exact.notes()), (quick.objects(), quick.notes())),
            (Err(exact), Err(quick)) => assert_eq!(exact.to_string(), quick.to_string()),
            _ => panic!("{exact:?} and {quick:?}"),
        }
    }
    exact.map(|read| read.expect("every byte was looked at"))
}

/// What a dump gives at this pace; the same through a pipe and from a file.
fn by(dump: &[u8], pace: Pace) -> Result<Option<Inventory>, SourceError> {
    let piped = super::read(dump, "x.sql", None, pace);
    let anywhere = read_anywhere(&dump, "x.sql", pace);
    let told = |read: &Result<Option<Inventory>, SourceError>| match read {
        Ok(Some(inventory)) => format!("{:?} {:?} {:?}", inventory.objects(), inventory.notes(), inventory.origin),
        Ok(None) => "not at this pace".to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(told(&piped), told(&anywhere));
    anywhere
}

fn names(inventory: &Inventory) -> Vec<String> {
    inventory.objects().iter().map(crate::panel::Object::label).collect()
}

#[test]
fn columns_are_found_by_declaration_and_by_list() {
    let declared = read(&format!(
        "{DOMAINS}INSERT INTO `domains` VALUES\n(5,'2020-01-01','it''s.example','a',7,'{G1}'),\n(6,NULL,'b.example','b',0,NULL);"
    ))
    .unwrap();
    let listed = read(&format!(
        "INSERT INTO DOMAINS (`guid`,`name`,`other`,`id`) VALUES ('{G1}','it\\'s.example',_binary '\\0)',5);\
         REPLACE  IGNORE into `domains` (id, name, guid) value (6, 0x622e6578616d706c65, null);"
    ));
    let listed = listed.unwrap();
    assert_eq!(names(&declared), ["domain 5 (it's.example)", "domain 6 (b.example)"]);
    assert_eq!(declared.fingerprint(), listed.fingerprint());
    let five = &declared.objects()[0];
    assert_eq!((five.parent, five.witness[0].as_ref()), (Some(("client".parse().unwrap(), 7)), "2020-01-01"));
    assert_eq!(declared.carried(), ["domain".parse::<Kind>().unwrap()]);
    assert_eq!(declared.objects()[1].parent, None);
}

#[test]
fn the_database_with_the_most_tables_is_the_panels() {
    let other = "USE `dns`; CREATE TABLE `domains` (`id` int, `name` text); INSERT INTO `domains` VALUES (1,'wrong');";
    let panel = format!("USE `psa`;{DOMAINS}{CLIENTS}INSERT INTO `domains` VALUES (5,NULL,'right','a',1,NULL);");
    assert_eq!(names(&read(&format!("{other}{panel}")).unwrap()), ["domain 5 (right)"]);
    assert_eq!(names(&read(&format!("{panel}{other}")).unwrap()), ["domain 5 (right)"]);
    let two = |a, b| read(&format!("USE {a};{DOMAINS}INSERT INTO domains VALUES (1,NULL,'a','a',1,NULL);USE {b};{DOMAINS}"));
    assert_eq!(names(&two("psa", "old").unwrap()), ["domain 1 (a)"]);
    assert_eq!(two("new", "old").unwrap_err().to_string(), "x.sql: holds several databases of a panel: new, old");
}

#[test]
fn a_table_that_is_created_again_starts_empty() {
    let twice = format!(
        "{DOMAINS}INSERT INTO domains VALUES (1,NULL,'a','a',1,NULL);DROP TABLE domains;{DOMAINS}INSERT INTO domains VALUES (2,NULL,'b','a',1,NULL);"
    );
    assert_eq!(names(&read(&twice).unwrap()), ["domain 2 (b)"]);
}

#[test]
fn a_subscription_is_known_through_its_domain_unless_that_guid_is_shared() {
    let subscriptions = "CREATE TABLE Subscriptions (id int, object_id int, object_type text); INSERT INTO Subscriptions VALUES (9,5,'domain'),(10,6,'DOMAIN'),(11,1,'client'),(12,5,'server');";
    let sql = |second| {
        format!(
            "{DOMAINS}INSERT INTO domains VALUES (5,NULL,'a','a',1,'{G1}'),(6,NULL,'b','a',1,'{second}');{CLIENTS}INSERT INTO clients VALUES (1,'admin','secret',NULL,0);{subscriptions}"
        )
    };
    let kind: Kind = "subscription".parse().unwrap();
    let inventory = read(&sql("22222222-2222-4222-8222-222222222222")).unwrap();
    let found: Vec<_> = inventory.of_kind(kind).iter().map(|o| (o.id, o.name.as_ref(), o.guid.is_some())).collect();
    assert_eq!(found, [(9, "a", true), (10, "b", true), (11, "admin", false), (12, "", false)]);
    let shared = read(&sql(G1)).unwrap();
    assert!(shared.of_kind(kind).iter().all(|o| o.guid.is_none()));
    assert_eq!(shared.duplicates().len(), 1);
}

#[test]
fn names_that_are_no_utf8_stay_different() {
    let sql = |byte: u8| {
        [b"CREATE TABLE clients (id int, login text, guid text); INSERT INTO clients VALUES (1,'a".as_slice(), &[byte], b"',NULL);"]
            .concat()
    };
    let name = |byte| bytes(&sql(byte)).unwrap().objects()[0].name.clone();
    assert_eq!(name(0xff).as_ref(), "a\\xFF");
    assert_ne!(name(0xff), name(0xfe));
}

#[test]
fn broken_dumps_say_where_and_why() {
    let insert = "INSERT INTO `domains` VALUES";
    let cases = [
        ("".to_owned(), "x.sql: is empty"),
        ("-- only a comment\n".to_owned(), "x.sql: is empty"),
        ("hello world\n".to_owned(), "x.sql:1: is no dump of mysqldump: it does not begin with SQL"),
        (
            format!("mysqldump: [Warning] Using a password on the command line interface can be insecure.\n{DOMAINS}{insert} VALUES (1);"),
            "x.sql:1: is no dump of mysqldump: a message of the dump program stands in the dump: take its line out, or",
        ),
        (
            format!("{DOMAINS}mariadb-dump: Got error: 1017\n{insert} VALUES (1);\n-- Dump completed\n"),
            "x.sql:11: a message of the dump program stands in the dump: take its line out, or",
        ),
        ("\n\n<html>".to_owned(), "x.sql:3: is no dump of mysqldump: it does not begin with SQL"),
        ("CREATE TABLE t (a int);".to_owned(), "x.sql: holds none of the panel's tables"),
        (format!("{DOMAINS}{insert} (1,NULL,'a"), "x.sql:11: the dump ends at byte"),
        (format!("{DOMAINS}\n{insert} (1,NULL,'a','a',1,NULL)"), "inside the statement that begins on line 12"),
        (format!("{DOMAINS}{insert} (1,2);"), "x.sql:11: a row of the table `domains` has not the 6 values that its columns ask for"),
        (format!("{DOMAINS}{insert} (1,2,3,4,5,6,7);"), "x.sql:11: a row of the table `domains` has not the 6"),
        (format!("{insert} (1,2);"), "x.sql:1: the dump has rows of the table `domains` and does not tell its columns"),
        ("CREATE TABLE domains (name text, guid text);".to_owned(), "x.sql: the table `domains` has no column `id`"),
        (format!("{DOMAINS}{insert} ('five',NULL,'a','a',1,NULL);"), "row 1 of the table `domains` has the id `five`"),
        (format!("{DOMAINS}{insert} (NULL,NULL,'a','a',1,NULL);"), "row 1 of the table `domains` has the id NULL"),
        (format!("{DOMAINS}{insert} (0xzz,NULL,'a','a',1,NULL);"), "a hexadecimal value with other digits"),
        (
            format!("{DOMAINS}{insert} (1,NULL,'{}','a',1,NULL);", "a".repeat(1 << 21)),
            "holds more than a panel can: a name longer than a megabyte",
        ),
        (format!("CREATE TABLE domains ({}id int);", "a int,".repeat(20_000)), "more than 10000 columns"),
    ];
    for (sql, expected) in cases {
        let error = read(&sql).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}\nis not\n{expected}");
        assert!(miette::Diagnostic::help(&error).is_some(), "{error}");
    }
}

#[test]
fn a_table_without_its_guid_is_noted_and_not_carried() {
    let inventory = read(&format!("CREATE TABLE domains (id int, name text);{CLIENTS}{ADMIN}")).unwrap();
    assert_eq!(inventory.carried(), ["client".parse::<Kind>().unwrap()]);
    assert_eq!(inventory.notes(), ["the table `domains` has no column `guid`: domain objects were not read"]);
}

#[test]
fn a_list_of_columns_need_not_be_whole() {
    let read = |sql: &str| read(sql).unwrap();
    let inventory = read(
        "INSERT INTO domains (id, name) VALUES (5,'a');INSERT INTO clients (id, guid, parent_id, email, cr_date) VALUES (3,NULL,0,'','');",
    );
    assert_eq!(names(&inventory), ["client 3", "domain 5 (a)"]);
    assert_eq!(
        inventory.notes(),
        [
            "the rows of `clients` come without the column `login`: client objects are known by GUID alone",
            "the rows of `domains` come without the column `guid`: domain objects are known by name alone",
            "the rows of `domains` come without `cl_id`, `cr_date`, `webspace_id`, `parentDomainId`: domain objects are matched without",
        ]
    );
    let mailboxes = read("INSERT INTO mail (id, mail_name, dom_id) VALUES (5,'a',7);");
    assert_eq!(names(&mailboxes), ["mailbox 5"]);
    assert_eq!(mailboxes.notes(), ["mailbox objects have no names, since those are made with domain objects, which the source lacks"]);
}

#[test]
fn sql_modes_decide_what_quotes_are() {
    let ansi = "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ANSI' */;CREATE TABLE \"odd\\\" (a int);INSERT INTO \"odd\\\" VALUES ('\\';');\
         CREATE TABLE \"clients\" (\"id\" int, \"login\" text, \"guid\" text);INSERT INTO \"clients\" VALUES (1,'a\\'\"b',NULL);/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\
         INSERT INTO domains (id, name) VALUES (2,\"c'd\");";
    assert_eq!(names(&read(ansi).unwrap()), ["client 1 (a'\"b)", "domain 2 (c'd)"]);
    let plain = format!(
        "{CLIENTS}/*!50003 SET @saved_sql_mode = @@sql_mode */ ;/*!50003 SET sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES' */ ;DELIMITER ;;\nSET a = '\\' ;;\n\
         DELIMITER ;\nINSERT INTO clients VALUES (1,'a\\','b''c',NULL,0);/*!50003 SET sql_mode = @saved_sql_mode */ ;INSERT INTO clients VALUES (2,'d\\'e','',NULL,0);"
    );
    assert_eq!(names(&read(&plain).unwrap()), ["client 1 (a\\)", "client 2 (d'e)"]);
}

#[test]
fn text_is_what_its_character_set_says() {
    let dump = |set: &str, login: &[u8]| {
        [format!("/*!40101 SET NAMES {set} */;\n{CLIENTS}INSERT INTO clients VALUES (1,'").as_bytes(), login, b"',NULL,NULL,0);"].concat()
    };
    assert_eq!(names(&bytes(&dump("latin1", b"b\xf6b")).unwrap()), ["client 1 (b\u{f6}b)"]);
    assert_eq!(names(&bytes(&dump("latin1", b"bob\\'")).unwrap()), ["client 1 (bob')"]);
    let error = |set, login| bytes(&dump(set, login)).unwrap_err().to_string();
    assert_eq!(names(&bytes(&dump("koi8r", b"bob")).unwrap()), ["client 1 (bob)"]);
    assert_eq!(error("koi8r", b"b\xf6b"), "x.sql:3: the dump is written in the character set `koi8r`, which is not read");
    assert_eq!(error("gbk", b"bob"), "x.sql:1: the dump is written in the character set `gbk`, which is not read");
}

/// As MySQL 8 writes: a statement on one line, no newline between rows, comments with versions of its own.
#[test]
fn mysqls_own_dumps_are_read() {
    let dump = format!(
        "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n-- Host: localhost    Database: psa\n-- ------------------------------------------------------\n\
         /*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n/*!50503 SET NAMES utf8mb4 */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n\
         SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5';\n\
         CREATE DATABASE /*!32312 IF NOT EXISTS*/ `psa` /*!40100 DEFAULT CHARACTER SET utf8mb3 */ /*!80016 DEFAULT ENCRYPTION='N' */;\nUSE `psa`;\n\
         {CLIENTS}INSERT INTO `clients` VALUES (1,'admin',_binary 'a;\\n(\\'',NULL,0),(2,'bob',NULL,'{G1}',1);\nUNLOCK TABLES;\n\
         /*!50001 CREATE VIEW `v` AS SELECT \n 1 AS `login`*/;\nCREATE TABLE `blobs` (`a` blob);\nINSERT INTO `blobs` VALUES (_binary ');\\\\'),(0x00),(NULL);\n\
         CREATE DEFINER=`root`@`localhost` FUNCTION `f`() RETURNS int RETURN 1 ;\n-- Dump completed on 2026-01-02  3:04:05\n"
    );
    assert_eq!(names(&read(&dump).unwrap()), ["client 1 (admin)", "client 2 (bob)"]);
}

#[test]
fn a_dump_that_only_looks_like_mysqldumps_is_read_byte_by_byte() {
    let head = "-- MySQL dump 10.13  Distrib 8.0\nCREATE TABLE `other` (`a` text, `b` text);\n";
    let tail = format!("{CLIENTS}{ADMIN}-- Dump completed on 2026-01-02  3:04:05\n");
    let injected = "INSERT INTO `clients` VALUES (2,'injected',NULL,NULL,0);\n";
    for values in [format!("('a\n','{injected}')"), format!("('a;\n{injected}','')"), "('a'),\n('b') ,\n('c') ".to_owned()] {
        let dump = format!("{head}INSERT INTO `other` VALUES {values};\n{tail}");
        assert!(by(dump.as_bytes(), Pace::Lines).unwrap().is_none());
        assert_eq!(names(&read(&dump).unwrap()), ["client 1 (admin)"], "{dump}");
    }
    // Without the head nothing is taken for granted.
    let dump = format!("CREATE TABLE `other` (`a` text);INSERT INTO `other` VALUES ('),\n(1);\n{injected}');\n{CLIENTS}{ADMIN}");
    assert_eq!(names(&read(&dump).unwrap()), ["client 1 (admin)"]);
}

#[test]
fn a_dump_of_empty_tables_is_no_inventory() {
    assert_eq!(read(CLIENTS).unwrap_err().to_string(), "x.sql: holds the panel's tables and no rows");
}

#[test]
fn a_condition_is_noted() {
    let inventory = read(&format!("--\n-- WHERE:  id<10\n--\n{CLIENTS}{ADMIN}")).unwrap();
    assert_eq!(inventory.notes(), ["the dump was made with a condition (`--where`): rows that do not meet it are lacking"]);
}

#[test]
fn a_dump_that_begins_as_mysqldumps_do_must_end_so() {
    let head = "-- MySQL dump 10.13  Distrib 8.0\n";
    let error = read(&format!("{head}{DOMAINS}")).unwrap_err();
    assert!(matches!(error, SourceError::Incomplete { .. }), "{error}");
    let whole = read(&format!("{head}{CLIENTS}{ADMIN}-- Dump completed on 2026-01-02  3:04:05\n")).unwrap();
    assert_eq!((whole.notes().len(), whole.origin.taken.as_deref()), (0, Some("2026-01-02  3:04:05")));
    assert!(read(&format!("{CLIENTS}{ADMIN}")).unwrap().notes().is_empty());
}

#[test]
fn a_long_name_that_is_not_needed_is_streamed() {
    let sql = format!("{CLIENTS}INSERT INTO clients VALUES (1,'admin','{}',NULL,0);", "x".repeat(5 << 20));
    assert_eq!(names(&read(&sql).unwrap()), ["client 1 (admin)"]);
}

#[test]
fn a_gzip_file_that_breaks_off_says_so() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(DOMAINS.as_bytes()).unwrap();
    let whole = encoder.finish().unwrap();
    for cut in [&whole[..whole.len() - 9], &whole[..12]] {
        let error = super::read(flate2::read::MultiGzDecoder::new(cut), "x.sql.gz", Some(Packing::Gzip), Pace::Lines).unwrap_err();
        assert!(matches!(error, SourceError::Damaged { .. }), "{error}");
    }
}

/// A dump with everything that the lexer knows, to be mutilated.
fn sample() -> Vec<u8> {
    format!(
        "/*M!999999\\- enable the sandbox mode */\n-- MariaDB dump 10.19\n/*!40101 SET NAMES utf8 */;\nCREATE DATABASE /*!32312 IF NOT EXISTS*/ `psa`;\nUSE `psa`;\n{DOMAINS}\
         INSERT INTO `domains` (`id`,`name`,`guid`,`cl_id`) VALUES (1,'a''b\\'c',_binary '{G1}',0x31),(2,NULL,x'00',f(1,'x'));\n{CLIENTS}DELIMITER ;;\n\
         CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET a = ';'; END ;;\nDELIMITER ;\n-- Dump completed on 2026-01-01 00:00:00\n"
    )
    .into_bytes()
}

#[test]
fn the_sample_itself_is_read() {
    assert_eq!(names(&bytes(&sample()).unwrap()), ["domain 1 (a'b'c)", "domain 2"]);
}

proptest! {
    /// Whatever stands in a file, it is read or refused.
    #[test]
    fn no_bytes_make_it_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 0..12), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut dump = sample();
        let tricky = b"'\"`\\;()*/-#,\n0x";
        for (at, byte, how) in edits {
            let at = at.index(dump.len());
            match how {
                0 => dump[at] = byte,
                1 => dump.insert(at, tricky[usize::from(byte) % tricky.len()]),
                2 => { dump.remove(at); }
                _ => dump[at] = tricky[usize::from(byte) % tricky.len()],
            }
        }
        if !whole {
            dump.truncate(cut.index(dump.len()));
        }
        // Where rows are skipped by lines, damage to rows that nobody needs is not seen.
        let _ = by(&dump, Pace::Bytes);
        let _ = by(&dump, Pace::Lines);
    }

    /// Rows that nobody needs, in lines and statements of all lengths, and somewhere in them a byte that does not belong there.
    #[test]
    fn rows_are_passed_over_wherever_they_end(
        statements in prop::collection::vec(prop::collection::vec(0usize..200, 1..120), 1..8),
        damage in prop::option::of((any::<prop::sample::Index>(), prop::sample::select(b"\n;),'x".to_vec()))),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut dump = format!("-- MariaDB dump 10.19\n{CLIENTS}");
        for (i, rows) in statements.iter().enumerate() {
            let rows: Vec<String> = rows.iter().map(|length| format!("('{}')", "x".repeat(*length))).collect();
            dump.push_str(&format!("INSERT INTO `other` VALUES\n{};\nINSERT INTO `clients` VALUES ({i},'c{i}','secret',NULL,0);\n", rows.join(",\n")));
        }
        dump.push_str("-- Dump completed on 2026-01-02  3:04:05\n");
        let whole = damage.is_none() && cut.is_none();
        let mut dump = dump.into_bytes();
        if let Some((at, byte)) = damage {
            let at = at.index(dump.len());
            dump[at] = byte;
        }
        if let Some(cut) = cut {
            dump.truncate(cut.index(dump.len()));
        }
        let read = by(&dump, Pace::Lines);
        if whole {
            prop_assert_eq!(read.unwrap().unwrap().objects().len(), statements.len());
        }
        let _ = by(&dump, Pace::Bytes);
    }

    /// A text that is written as the dump program writes it is read back.
    #[test]
    fn any_login_is_read_back(login in "\\PC{0,40}") {
        let escaped = login.replace('\\', "\\\\").replace('\'', "\\'");
        let sql = format!("{CLIENTS}INSERT INTO clients VALUES (1,'{escaped}',NULL,NULL,0);");
        let inventory = read(&sql).unwrap();
        prop_assert_eq!(inventory.objects()[0].name.as_ref(), login);
    }
}
