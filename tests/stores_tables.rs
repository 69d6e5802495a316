//! Tables that an extension has in the panel's own database, on a real MariaDB: planned, fixed, verified, taken back.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/mariadb.rs"]
mod mariadb;
#[path = "support/stores.rs"]
mod stores;
#[path = "support/tables.rs"]
mod tables_of;

use std::fs;

use stores::{Scene, client, flat, said};
use tables_of::{ALL, ONE, afresh, again, only, rows, scene};

/// Tables of every sort of column that holds ids.
const TABLES: &str = r#"
CREATE TABLE links (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, domain_id INT UNSIGNED NULL, owner VARCHAR(20), name VARCHAR(100),
    touched TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, blob_of LONGBLOB, twice INT AS (domain_id * 2) PERSISTENT,
    KEY (domain_id)) ENGINE=InnoDB DEFAULT CHARSET=latin1;
INSERT INTO links (id, domain_id, owner, name, touched, blob_of) VALUES
    (1, 5, '3', 'fünf', '2001-01-01 00:00:00', x'00ff'), (2, 7, '4', 'seven', '2002-02-02 02:02:02', NULL), (3, 11, '0', 'eleven', '2003-03-03 03:03:03', ''),
    (4, NULL, NULL, 'none', '2004-04-04 04:04:04', NULL), (5, 0, 'admin', 'all', '2005-05-05 05:05:05', NULL), (6, 5, '3', 'five again', '2006-06-06 06:06:06', NULL);
CREATE TABLE quotas (domain_id INT UNSIGNED NOT NULL, client_id INT UNSIGNED NOT NULL, amount DECIMAL(20,4) NOT NULL, PRIMARY KEY (domain_id, client_id)) ENGINE=InnoDB;
INSERT INTO quotas VALUES (5, 3, 1.5000), (5, 4, 2), (7, 3, 3), (7, 4, 4), (11, 3, 5);
CREATE TABLE jobs (name VARCHAR(64) NOT NULL PRIMARY KEY, payload TEXT, state BLOB, domain_key VARCHAR(64) NULL UNIQUE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO jobs VALUES ('a', '{"domain": 5, "of": {"3": "x"}}', 'a:1:{i:0;i:7;}', 'd-5'), ('b', '{"domain": "7"}', 'a:0:{}', 'd-7'), ('c', NULL, NULL, NULL), ('ü', 'no json', '', 'x');
"#;

/// What they are after a fix.
const AFTER: &str = "\
links\t1\t7\t2\tfünf\t2001-01-01 00:00:00\t00FF\t14
links\t2\t5\t6\tseven\t2002-02-02 02:02:02\tNULL\t10
links\t3\t11\t0\televen\t2003-03-03 03:03:03\t\t22
links\t4\tNULL\tNULL\tnone\t2004-04-04 04:04:04\tNULL\tNULL
links\t5\t0\tadmin\tall\t2005-05-05 05:05:05\tNULL\t0
links\t6\t7\t2\tfive again\t2006-06-06 06:06:06\tNULL\t14
quotas\t5\t2\t3.0000
quotas\t5\t6\t4.0000
quotas\t7\t2\t1.5000
quotas\t7\t6\t2.0000
quotas\t11\t2\t5.0000
jobs\ta\t{\"domain\": 7, \"of\": {\"2\": \"x\"}}\t613A313A7B693A303B693A353B7D\td-7
jobs\tb\t{\"domain\": \"5\"}\t613A303A7B7D\td-5
jobs\tc\tNULL\tNULL\tNULL
jobs\tü\tno json\t\tx
";

const ENTRIES: &str = r#"
[[reference]]
panel-table = "links"
column = "domain_id"
kind = "domain"
[[reference]]
panel-table = "links"
column = "owner"
kind = "client"
[[reference]]
panel-table = "quotas"
column = "domain_id"
kind = "domain"
[[reference]]
panel-table = "quotas"
column = "client_id"
kind = "client"
[[reference]]
panel-table = "jobs"
column = "payload"
path = "$.domain"
kind = "domain"
[[reference]]
panel-table = "jobs"
column = "payload"
path = "$.of.{client}"
[[reference]]
panel-table = "jobs"
column = "state"
path = "$[*]"
kind = "domain"
[[reference]]
panel-table = "jobs"
column = "domain_key"
pattern = "d-{domain}"
"#;

fn tables(scene: &Scene) -> String {
    let print = |sql: &str| {
        String::from_utf8(scene.server.print([
            "-N",
            "-B",
            "-r",
            "-D",
            "psa",
            "-e",
            &format!("SET NAMES utf8mb4; SET time_zone = '+00:00'; {sql}"),
        ]))
        .unwrap()
    };
    print("SELECT 'links', id, domain_id, owner, name, touched, HEX(blob_of), twice FROM links ORDER BY 2")
        + &print("SELECT 'quotas', q.* FROM quotas q ORDER BY 2, 3")
        + &print("SELECT 'jobs', name, payload, HEX(state), domain_key FROM jobs ORDER BY 2")
}

#[test]
fn the_whole_of_it() {
    let scene = scene(TABLES, ENTRIES);
    let (before, settings) = (tables(&scene), scene.settings());
    let plan = scene.ends(1, "plan", &["-o", "plan.json"]);
    for line in [
        "panel:links.domain_id",
        "panel:jobs.payload$.of.{client}",
        "Rows in mysql://root@/psa",
        "links id 1: domain_id 5 \u{2192} 7, owner 3 \u{2192} 2",
        "quotas domain_id 5, client_id 3: domain_id 5 \u{2192} 7, client_id 3 \u{2192} 2",
        "jobs name 'b': payload",
    ] {
        assert!(plan.replace("->", "\u{2192}").contains(line), "{line}: {plan}");
    }
    assert_eq!((tables(&scene), scene.settings()), (before.clone(), settings.clone()), "a plan writes nothing");
    let fixed = scene.ends(1, "fix", &["--plan", "plan.json"]);
    assert!(fixed.contains("panel rows"), "{fixed}");
    assert_eq!(tables(&scene), AFTER);
    assert_eq!(scene.settings(), stores::SETTINGS_AFTER, "in one run with the settings");
    let again = scene.ends(1, "fix", &[]);
    assert!(again.contains("Nothing to do"), "{again}");
    let verified = scene.ends(1, "verify", &[]);
    assert!(verified.contains("cannot be looked into"), "{verified}");
    scene.ends(0, "undo", &[]);
    assert_eq!((tables(&scene), scene.settings()), (before, settings));
}

#[test]
fn what_cannot_be_rewritten_for_certain_is_refused_by_name() {
    let scene = only("", ONE);
    for (ddl, entries, code, said) in [
        ("CREATE TABLE t(d INT) ENGINE=InnoDB", ONE, 1, "has no primary key"),
        ("CREATE TABLE t(i INT PRIMARY KEY, d INT) ENGINE=MyISAM", ONE, 1, "kept by MyISAM, which knows no transactions"),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5); CREATE TRIGGER noisy BEFORE UPDATE ON t FOR EACH ROW SET NEW.i = NEW.i",
            ONE,
            1,
            "its trigger noisy (UPDATE)",
        ),
        ("CREATE TABLE t(i INT PRIMARY KEY, e INT, d INT AS (e + 1) PERSISTENT)", ONE, 1, "the server computes the column d itself"),
        ("CREATE TABLE t(d INT AUTO_INCREMENT PRIMARY KEY)", ONE, 1, "AUTO_INCREMENT"),
        ("CREATE TABLE s(i INT PRIMARY KEY, d INT); CREATE VIEW t AS SELECT * FROM s", ONE, 1, "no plain table, but: view"),
        ("CREATE TABLE t(i INT PRIMARY KEY, d VARCHAR(20) UNIQUE)", ONE, 1, "which is too short for what stands in it"),
        ("CREATE TABLE t(i INT PRIMARY KEY, d TEXT, UNIQUE (d(10)))", ONE, 1, "goes by the beginning of this column"),
        ("CREATE TABLE t(i FLOAT PRIMARY KEY, d INT)", ONE, 1, "whose values do not tell rows apart"),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d INT, f FLOAT)",
            "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\nkind = \"domain\"\non-missing = \"delete-row\"\n",
            1,
            "could not be put back as it was",
        ),
        (
            "CREATE TABLE p(d INT PRIMARY KEY); CREATE TABLE t(i INT PRIMARY KEY, d INT, CONSTRAINT tied FOREIGN KEY (d) REFERENCES p(d))",
            ONE,
            1,
            "the foreign key tied ties it to p.d, which would not change with it",
        ),
        ("SELECT 1", ONE, 2, "there is no table t"),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d INT)",
            "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\nkind = \"domain\"\n[[reference]]\npanel-table = \"T\"\ncolumn = \"D\"\nkind = \"client\"\n",
            2,
            "or twice as ids",
        ),
        ("CREATE TABLE t(i INT PRIMARY KEY, dd INT)", ONE, 2, "has no column d"),
        (
            "SELECT 1",
            "[[reference]]\npanel-table = \"hosting\"\ncolumn = \"dom_id\"\nkind = \"domain\"\n",
            2,
            "one of the panel's own tables",
        ),
        (
            "SELECT 1",
            "[[reference]]\npanel-table = \"ModuleSettings\"\ncolumn = \"value\"\nkind = \"domain\"\n",
            2,
            "one of the panel's own tables",
        ),
        (
            "SELECT 1",
            "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\nkind = \"domain\"\non-missing = \"quarantine\"\n",
            2,
            "`quarantine` keeps rows of SQLite databases",
        ),
        ("SELECT 1", "[[reference]]\npanel-table = \"t\"\nkind = \"domain\"\n", 2, "lacks the key `column`"),
        ("SELECT 1", "[[reference]]\npanel-table = \"t\"\ndatabase = \"*\"\ncolumn = \"d\"\nkind = \"domain\"\n", 2, "contradicts"),
    ] {
        again(&scene, ddl, entries);
        if code == 1 {
            // Something to do: without it, nothing would be looked for.
            let output = scene.reguid("fix", &[]);
            let told = flat(&stores::said(&output));
            assert!(output.status.code() == Some(2) && told.contains(said), "{ddl}: {told}");
            assert!(!scene.var().join("reguid.db").exists(), "{ddl}");
        }
        let told = flat(&scene.ends(code, "plan", &[]));
        assert!(told.contains(said), "{ddl}: {told}");
    }
}

#[test]
fn foreign_keys_whose_both_ends_change_hold_afterwards() {
    let scene = only(
        "CREATE TABLE t(d INT UNSIGNED PRIMARY KEY, own INT NOT NULL, CONSTRAINT site FOREIGN KEY (d) REFERENCES domains(id) ON DELETE CASCADE) ENGINE=InnoDB;
         CREATE TABLE u(i INT PRIMARY KEY, of INT UNSIGNED, CONSTRAINT of_t FOREIGN KEY (of) REFERENCES t(d) ON DELETE CASCADE ON UPDATE RESTRICT) ENGINE=InnoDB;
         INSERT INTO t VALUES (5, 55), (7, 77), (11, 111); INSERT INTO u VALUES (1, 5), (2, 5), (3, 7), (4, NULL);",
        &format!("{ONE}[[reference]]\npanel-table = \"u\"\ncolumn = \"of\"\nkind = \"domain\"\n"),
    );
    let all = || rows(&scene, "SELECT * FROM t ORDER BY own; SELECT * FROM u ORDER BY i");
    let before = all();
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), "7\t55\n5\t77\n11\t111\n1\t7\n2\t7\n3\t5\n4\tNULL\n");
    assert!(scene.ends(0, "verify", &[]).contains("Every reference resolves"));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);
    // A key that is left out is noticed.
    fs::write(scene.manifest(), ONE).unwrap();
    assert!(flat(&scene.ends(2, "fix", &[])).contains("the foreign key of_t ties it to u.of"));
}

#[test]
fn rows_that_would_be_the_same_or_do_not_fit_stop_the_plan() {
    let scene = only("", ONE);
    for (ddl, entries, said) in [
        // 5 becomes 7, and 13 is gone and stays.
        ("CREATE TABLE t(i INT PRIMARY KEY, d INT UNIQUE); INSERT INTO t VALUES (1, 5), (2, 7), (3, 13)", ONE, "13"),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d VARCHAR(40) UNIQUE); INSERT INTO t VALUES (1, 'd-5'), (2, 'D-7 ')",
            "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\npattern = \"d-{domain}\"\n",
            "rows would be the same as others in a unique index: t i 1 (unique index d)",
        ),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, c TINYINT); INSERT INTO t VALUES (1, 8)",
            "[[reference]]\npanel-table = \"t\"\ncolumn = \"c\"\nkind = \"client\"\n",
            "the old panel state knew no client 8",
        ),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d VARCHAR(3)); INSERT INTO t VALUES (1, '5'), (2, '05')",
            ONE,
            "nearly numbers, and no ids as a program writes them",
        ),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d INT NOT NULL); INSERT INTO t VALUES (1, 13)",
            "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\nkind = \"domain\"\non-missing = \"null\"\n",
            "the column takes no NULL: t i 1: d",
        ),
        (
            "CREATE TABLE t(i INT PRIMARY KEY, d INT, n VARCHAR(50)); INSERT INTO t VALUES (1, 5, 'seven.example'), (2, 7, NULL)",
            "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\nkind = \"domain\"\ntwin = \"n\"\n",
            "ids and twins disagree",
        ),
    ] {
        again(&scene, ddl, entries);
        let before = rows(&scene, "SELECT * FROM t");
        let told = flat(&scene.ends(1, "fix", &[]));
        assert!(told.contains(said), "{ddl}: {told}");
        assert_eq!(rows(&scene, "SELECT * FROM t"), before, "{ddl}");
    }
}

#[test]
fn rows_of_objects_that_are_gone_go_and_come_back_as_they_were() {
    let ddl = "CREATE TABLE t(i INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, d INT NULL, at DATETIME(3), num DECIMAL(30,10), txt MEDIUMTEXT, bin LONGBLOB, e ENUM('a','b'),
                 s SET('x','y'), big BIGINT UNSIGNED, calc INT AS (d + 1) VIRTUAL, stamp TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP, j JSON) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
               INSERT INTO t (i, d, at, num, txt, bin, e, s, big, stamp, j) VALUES
                 (1, 13, '2001-02-03 04:05:06.789', 123456789012345678.0123456789, 'ü\\n''\\0x', x'00ff27', 'b', 'x,y', 18446744073709551615, '2003-10-26 01:30:00', '{\"a\":  1}'),
                 (2, 5, NULL, NULL, NULL, NULL, NULL, '', 0, NULL, NULL), (3, 13, NULL, NULL, '', '', 'a', NULL, NULL, NULL, NULL);";
    let all = "SET time_zone = '+00:00'; SELECT i, d, at, num, HEX(txt), HEX(bin), e, s, big, calc, stamp, j FROM t ORDER BY i";
    let scene = only(ddl, &format!("{ONE}on-missing = \"delete-row\"\n"));
    let before = rows(&scene, all);
    let plan = scene.ends(0, "plan", &[]);
    assert!(plan.contains("t i 1: it is taken out") && plan.contains("3 panel rows"), "{plan}");
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, "SELECT i, d FROM t"), "2\t7\n");
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, all), before);

    fs::write(scene.manifest(), format!("{ONE}on-missing = \"null\"\n")).unwrap();
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, "SELECT i, d FROM t"), "1\tNULL\n2\t7\n3\tNULL\n");
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, all), before, "the time of the last change too");
}

#[test]
fn a_dump_and_no_panel_are_refused_by_name() {
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5);", ONE);
    let dump = stores::corpus("after.dump.sql");
    let var = scene.var();
    let words = |command: &str, source: &str| {
        vec![
            command.to_owned(),
            var.to_str().unwrap().to_owned(),
            "--manifest".to_owned(),
            scene.manifest().to_str().unwrap().to_owned(),
            source.to_owned(),
            dump.to_str().unwrap().to_owned(),
        ]
    };
    for mut words in [words("fix", "--new"), words("verify", "--panel")] {
        if words[0] == "fix" {
            words.extend(["--old".to_owned(), stores::corpus("before.dump.sql").to_str().unwrap().to_owned()]);
        }
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_reguid")).args(&words).env("HOME", "/nonexistent").output().unwrap();
        let told = flat(&said(&output));
        let code = if words[0] == "fix" { 2 } else { 1 };
        assert!(output.status.code() == Some(code) && told.contains("read live alone"), "{told}");
    }
}

#[test]
fn somebody_elses_lock_is_waited_for_and_named() {
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 7);", ONE);
    let holder = std::process::Command::new("mariadb")
        .args(["--no-defaults", "--user=root", &format!("--socket={}", scene.server.socket().display()), "psa", "-e"])
        .arg("START TRANSACTION; UPDATE t SET i = 3 WHERE i = 1; SELECT SLEEP(20)")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !rows(&scene, "SHOW PROCESSLIST").contains("SLEEP(20)") {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(told.to_lowercase().contains("lock"), "{told}");
    let mut holder = holder;
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(rows(&scene, "SELECT * FROM t ORDER BY i"), "1\t5\n2\t7\n");
}

/// From the code of an extension to its data: lint proposes the entries, and they mend the table.
#[test]
fn what_lint_proposes_mends_the_table_of_the_corpus() {
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/panel-links");
    let proposed =
        std::process::Command::new(env!("CARGO_BIN_EXE_reguid")).arg("references").arg(sample.join("extension")).output().unwrap();
    let manifest = String::from_utf8(proposed.stdout).unwrap();
    assert!(manifest.contains("panel-table = \"module_panel_links\""), "{manifest}");
    let scene = only(&fs::read_to_string(sample.join("tables/before.sql")).unwrap(), &manifest);
    let all = || rows(&scene, "SET time_zone = '+00:00'; SELECT * FROM module_panel_links ORDER BY id");
    let (before, after) = (all(), fs::read_to_string(sample.join("tables/after.tsv")).unwrap());
    assert_ne!(before, after);
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), after);
    assert!(scene.ends(0, "verify", &[]).contains("Every reference resolves"));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);
}

/// Rows that change places in their key look as before and as afterwards, save for what stands beside.
#[test]
fn a_table_that_is_keyed_by_the_id_and_only_permuted_is_rewritten() {
    let scene = only("CREATE TABLE t(d INT UNSIGNED PRIMARY KEY, own TEXT); INSERT INTO t VALUES (5, 'five'), (7, 'seven');", ONE);
    let all = || rows(&scene, "SELECT * FROM t ORDER BY d");
    let (before, after) = ("5\tfive\n7\tseven\n", "5\tseven\n7\tfive\n");
    scene.ends(0, "fix", &[]);
    assert_eq!(all(), after);
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);

    scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "one.sql"]);
    assert!(flat(&scene.ends(2, "fix", &[])).contains("script was not run"));
    assert!(client(&scene, "one.sql", &[]).status.success());
    assert_eq!(all(), after);
    assert!(said(&client(&scene, "one.sql", &["--force"])).contains("nothing was changed"));
    assert_eq!(all(), after, "a script that is run twice changes nothing the second time");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), before);

    // What stands beside may change; undo knows what the run wrote.
    scene.ends(0, "fix", &[]);
    scene.server.run("psa", "UPDATE t SET own = CONCAT(own, ' since')");
    scene.ends(0, "undo", &[]);
    assert_eq!(all(), "5\tfive since\n7\tseven since\n");
}

#[test]
fn what_could_not_be_put_back_is_not_taken_out() {
    let entries = format!("{ONE}on-missing = \"delete-row\"\n");
    let scene = only("", &entries);
    for (ddl, all) in [
        (
            "SET sql_mode = ''; CREATE TABLE t(i INT PRIMARY KEY, d INT, e ENUM('a', 'b')); INSERT INTO t VALUES (1, 13, 'x')",
            "SELECT i, d, e + 0 FROM t",
        ),
        (
            "SET sql_mode = 'ALLOW_INVALID_DATES'; CREATE TABLE t(i INT PRIMARY KEY, d INT, e DATE); INSERT INTO t VALUES (1, 13, '2001-02-31')",
            "SELECT * FROM t",
        ),
        (
            "SET check_constraint_checks = 0; CREATE TABLE t(i INT PRIMARY KEY, d INT, e INT CHECK (e > 0)); INSERT INTO t VALUES (1, 13, -4)",
            "SELECT * FROM t",
        ),
        (
            "SET sql_mode = ''; CREATE TABLE t(i INT PRIMARY KEY, d INT, e DATETIME); INSERT INTO t VALUES (0, 13, '0000-00-00')",
            "SELECT * FROM t",
        ),
    ] {
        again(&scene, ddl, &entries);
        let before = rows(&scene, all);
        scene.ends(0, "fix", &[]);
        assert_eq!(rows(&scene, all), "", "{ddl}");
        scene.ends(0, "undo", &[]);
        assert_eq!(rows(&scene, all), before, "{ddl}");
    }
    again(
        &scene,
        "SET sql_mode = ''; CREATE TABLE t(i INT PRIMARY KEY, d INT, e LONGBLOB); INSERT INTO t VALUES (1, 13, REPEAT('x', 9000000))",
        &entries,
    );
    let told = flat(&scene.ends(1, "fix", &[]));
    assert!(told.contains("larger than what the server takes in one statement"), "{told}");
    assert_eq!(rows(&scene, "SELECT i, LENGTH(e) FROM t"), "1\t9000000\n");
}

#[test]
fn what_a_user_may_not_see_is_not_touched() {
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT, secret TEXT); INSERT INTO t VALUES (1, 5, 'x');", ONE);
    scene.server.run("psa", "CREATE USER part; GRANT SELECT ON psa.* TO part; GRANT UPDATE ON psa.t TO part; REVOKE SELECT ON psa.* FROM part;
         GRANT SELECT (i, d) ON psa.t TO part; GRANT SELECT ON psa.domains TO part; GRANT SELECT ON psa.clients TO part; GRANT SELECT ON psa.Modules TO part; GRANT SELECT ON psa.ModuleSettings TO part; GRANT SELECT ON psa.dom_param TO part");
    let word = scene.word().replace("root@", "part@");
    let var = scene.var();
    let manifest = scene.manifest();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_reguid"))
        .args(["plan", var.to_str().unwrap(), "--manifest", manifest.to_str().unwrap(), "--new", &word])
        .arg("--old")
        .arg(stores::corpus("before.dump.sql"))
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    assert!(flat(&said(&output)).contains("may not see all columns of the table t"), "{}", said(&output));

    // A table of another database that goes by the column.
    scene.server.run("", "CREATE DATABASE other");
    again(
        &scene,
        "CREATE TABLE t(i INT PRIMARY KEY, d INT UNIQUE); INSERT INTO t VALUES (1, 5); CREATE TABLE other.c(d INT, FOREIGN KEY (d) REFERENCES psa.t(d) ON UPDATE SET NULL); INSERT INTO other.c VALUES (5)",
        ONE,
    );
    assert!(flat(&scene.ends(2, "fix", &[])).contains("ties it to other.c.d"));
    scene.server.run("", "DROP DATABASE other");
}

#[test]
fn text_that_would_not_come_back_and_ids_in_bytes() {
    let json = "[[reference]]\npanel-table = \"t\"\ncolumn = \"d\"\npath = \"$.d\"\nkind = \"domain\"\n";
    let scene = only("", json);
    again(
        &scene,
        "CREATE TABLE t(i INT PRIMARY KEY, d TEXT CHARACTER SET cp1250); INSERT INTO t VALUES (1, CONCAT('{\"d\":5,\"x\":\"', CONVERT(x'81' USING cp1250), '\"}')); UPDATE t SET d = CAST(x'7b2264223a352c2278223a2281227d' AS CHAR CHARACTER SET cp1250)",
        json,
    );
    let before = rows(&scene, "SELECT HEX(d) FROM t");
    if before.contains("81") {
        let told = flat(&scene.ends(1, "fix", &[]));
        assert!(told.contains("no characters in its character set"), "{told}");
        assert_eq!(rows(&scene, "SELECT HEX(d) FROM t"), before);
    }
    again(
        &scene,
        "CREATE TABLE t(i INT PRIMARY KEY, d TEXT CHARACTER SET cp1250); INSERT INTO t VALUES (1, '{\"d\":5,\"x\":\"ž\"}')",
        json,
    );
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, "SELECT d LIKE '{\"d\":7,%' FROM t"), "1\n");

    afresh(&scene);
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d VARBINARY(20)); INSERT INTO t VALUES (1, '5'), (2, '7'), (3, '11')", ONE);
    scene.ends(0, "fix", &[]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t7\n2\t5\n3\t11\n");
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, "SELECT * FROM t"), "1\t5\n2\t7\n3\t11\n");
}

#[test]
fn the_servers_own_rules_for_what_is_the_same_are_gone_by() {
    let scene = only("", ONE);
    for ddl in [
        "CREATE TABLE t(i INT PRIMARY KEY, d INT, k VARCHAR(20) COLLATE utf8mb4_bin, UNIQUE (d, k)) DEFAULT CHARSET=utf8mb4; INSERT INTO t VALUES (1, 5, 'Ab'), (2, 5, 'aB')",
        "CREATE TABLE t(i INT PRIMARY KEY, d INT, m VARCHAR(20), ml VARCHAR(20) AS (LOWER(m)) PERSISTENT UNIQUE); INSERT INTO t (i, d, m) VALUES (1, 5, 'A'), (2, 5, 'B')",
        "CREATE TABLE T(i INT PRIMARY KEY, d INT); CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 5)",
        "CREATE TRIGGER noisy BEFORE UPDATE ON T FOR EACH ROW SET NEW.i = 9; DROP TABLE IF EXISTS t; CREATE TABLE t(i INT PRIMARY KEY, d INT); INSERT INTO t VALUES (1, 5), (2, 5)",
    ] {
        again(&scene, ddl, ONE);
        afresh(&scene);
        scene.ends(0, "fix", &[]);
        assert_eq!(rows(&scene, "SELECT i, d FROM t"), "1\t7\n2\t7\n", "{ddl}");
    }
    // A trigger stops what it would meddle with, and nothing else.
    scene.server.run("psa", "CREATE TRIGGER other BEFORE UPDATE ON t FOR EACH ROW SET NEW.i = 9");
    assert!(scene.ends(0, "fix", &[]).contains("Nothing to do"));
}

#[test]
fn values_that_nobody_named_are_told_to_nobody() {
    const SECRET: &str = "PLANTED";
    let scene = only(
        &format!("CREATE TABLE t(i INT PRIMARY KEY, d INT, secret TEXT); INSERT INTO t VALUES (1, 13, '{SECRET}'), (2, 5, '{SECRET}');"),
        &format!("{ONE}on-missing = \"delete-row\"\n"),
    );
    let mut told = scene.ends(0, "plan", &["-o", "plan.json"]);
    told += &scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "s.sql"]);
    scene.server.run("psa", &format!("UPDATE t SET secret = '{SECRET}-new' WHERE i = 1"));
    told += &scene.ends(2, "fix", &[]);
    told += &scene.ends(2, "plan", &[]);
    assert!(!told.contains(SECRET) && told.contains("script was not run"), "{told}");
    assert!(!fs::read_to_string(scene.beside("plan.json")).unwrap().contains(SECRET));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(scene.beside("s.sql")).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_in_the_way_of_rows_that_change_places_is_told() {
    let scene = only("CREATE TABLE t(i INT PRIMARY KEY, d INT UNIQUE CHECK (d IN (5, 7))); INSERT INTO t VALUES (1, 5), (2, 7);", ONE);
    let told = flat(&scene.ends(2, "fix", &[]));
    assert!(told.contains("t i 1 cannot stand aside") && told.contains("CHECK"), "{told}");
    assert_eq!(rows(&scene, "SELECT * FROM t ORDER BY i"), "1\t5\n2\t7\n");
}

#[test]
fn values_that_servers_show_otherwise_than_they_keep_them() {
    let removing = format!("{ONE}on-missing = \"delete-row\"\n");
    let ddl = "CREATE TABLE t(i INT PRIMARY KEY, d INT, z DECIMAL(8, 2) ZEROFILL); INSERT INTO t VALUES (1, 5, 1.5), (2, 13, 2.49)";
    let scene = only(ddl, &removing);
    let before = rows(&scene, ALL);
    scene.ends(0, "fix", &[]);
    scene.ends(0, "undo", &[]);
    assert_eq!(rows(&scene, ALL), before);
    // 5.40 is no id.
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d DECIMAL(8, 2) ZEROFILL); INSERT INTO t VALUES (1, 5.4)", ONE);
    assert!(flat(&scene.ends(1, "fix", &[])).contains("000005.40"));
    again(&scene, "CREATE TABLE t(i INT PRIMARY KEY, d INT, e ENUM('a', '')); INSERT INTO t VALUES (1, 13, 'a')", &removing);
    assert!(flat(&scene.ends(2, "fix", &[])).contains("the column e (enum('a','')) could not be put back as it was"));
    // Keys that differ in case alone, to which the server is blind where they stand beside others.
    again(&scene, "CREATE TABLE t(n VARCHAR(20), d INT, PRIMARY KEY (n, d)); INSERT INTO t VALUES ('info', 5), ('Info', 7)", ONE);
    for emit in [false, true] {
        if emit {
            scene.ends(0, "fix", &["--emit", "sql", "--emit-to", "case.sql"]);
            let output = client(&scene, "case.sql", &[]);
            assert!(output.status.success(), "{}", said(&output));
        } else {
            scene.ends(0, "fix", &[]);
        }
        assert_eq!(rows(&scene, "SELECT n, d FROM t ORDER BY d"), "Info\t5\ninfo\t7\n");
        scene.ends(0, "undo", &[]);
    }
    // The server's own mode does not change what is read.
    scene.server.run("psa", "SET GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'");
    again(&scene, "CREATE TABLE t(i CHAR(9) PRIMARY KEY, d CHAR(9)); INSERT INTO t VALUES ('a', '5'), ('b', '7')", ONE);
    scene.ends(0, "fix", &[]);
    assert!(scene.ends(0, "verify", &[]).contains("Every reference resolves"));
}
