//! `reguid snapshot --into` every night, over a restore that nobody told it of.

use reguid::sqlite::Connection;

use crate::mariadb::MariaDb;
use crate::support::cli::{Cli, Ran};
use crate::{corpus, load};

fn ids(cli: &Cli) -> Vec<i64> {
    let data = Connection::open(cli.root().join("var/data.db")).expect("it is there");
    let mut query = data.prepare("SELECT domain_id FROM apps ORDER BY id").expect("it has the table");
    query.query_map([], |row| row.get(0)).expect("it can be read").collect::<Result<_, _>>().expect("ids are numbers")
}

/// Alice's domain, Bob's domain, Bob's blog: 5, 7, 8 before the restore; 7, 5, 9 afterwards.
fn world() -> Cli {
    let cli = Cli::new();
    cli.file("var/reguid.toml", "[[reference]]\ndatabase = \"data.db\"\ntable = \"apps\"\ncolumn = \"domain_id\"\nkind = \"domain\"\n");
    let data = Connection::open(cli.root().join("var/data.db")).expect("it can be made");
    data.execute_batch("CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT); INSERT INTO apps VALUES (1, 5), (2, 7), (3, 8)")
        .expect("it is SQL");
    cli
}

/// A run of `reguid snapshot --into`, of the live panel.
fn night(cli: &Cli, server: &MariaDb) -> Ran {
    cli.run(&["snapshot", "--panel", &word(server), "--into", "var"])
}

fn word(server: &MariaDb) -> String {
    format!("mysql://root@/psa?socket={}", server.socket().display())
}

#[test]
fn a_restore_between_two_nights_loses_no_meaning() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    let cli = world();
    let first = night(&cli, &server);
    assert!(first.code == 0 && first.stdout.contains("the first state here"), "{first}");
    let second = night(&cli, &server);
    assert!(second.code == 0 && second.stdout.contains("recorded already"), "{second}");
    // The restore. Nobody runs a fix for three nights.
    load(&server, "psa", "after.sql");
    for _ in 0..3 {
        let ran = night(&cli, &server);
        assert_eq!(ran.code, 1, "{ran}");
        for part in [
            "var: ids changed their meaning since mysql://",
            "the id 5 of a domain means domain 5 (alice.example) in the one and domain 5 (bob.example) in the other",
            "Their old meaning was kept. Rewrite the data: reguid fix var",
        ] {
            assert!(ran.stdout.contains(part), "{ran}");
        }
        assert_eq!(ids(&cli), [5, 7, 8], "a snapshot changes no data");
    }
    let fixed = cli.run(&["fix", "var", "--new", &word(&server)]);
    assert_eq!(fixed.code, 0, "{fixed}");
    assert_eq!(ids(&cli), [7, 5, 9]);
    let after = night(&cli, &server);
    assert_eq!(after.code, 0, "{after}");
    // And back again: what the fix recorded is kept over the next restore too.
    load(&server, "psa", "before.sql");
    assert_eq!(night(&cli, &server).code, 1);
    let back = cli.run(&["fix", "var", "--new", &word(&server)]);
    assert_eq!((back.code, ids(&cli)), (0, vec![5, 7, 8]), "{back}");
}

/// The sources change from night to night: what one does not tell of, it does not take away.
#[test]
fn nights_with_other_sources_lose_no_meaning() {
    let cli = world();
    let dump = |state: &str| corpus(&format!("{state}.dump.sql")).to_str().expect("paths of tests are UTF-8").to_owned();
    assert_eq!(cli.run(&["snapshot", "--panel", &dump("before"), "--into", "var"]).code, 0);
    // Clients alone, before and after the restore.
    for (state, code) in [("before", 1), ("after", 1)] {
        let text = std::fs::read_to_string(dump(state)).expect("the corpus is there");
        cli.file("clients.sql", text.replace("`domains`", "`others`"));
        let ran = cli.run(&["snapshot", "--panel", "clients.sql", "--into", "var"]);
        assert!(ran.code == code && ran.stdout.contains("  domain: the panel's database or a dump of it does"), "{ran}");
        assert!(ran.stdout.contains("It does not tell of: domain."), "{ran}");
    }
    let late = cli.run(&["snapshot", "--panel", &dump("after"), "--into", "var"]);
    assert_eq!(late.code, 1, "{late}");
    let fixed = cli.run(&["fix", "var", "--new", &dump("after")]);
    assert_eq!((fixed.code, ids(&cli)), (0, vec![7, 5, 9]), "{fixed}");
}

/// Where no companion tells, the dates do.
#[test]
fn states_that_changed_places_are_told() {
    let cli = world();
    let dump = |state: &str, day: &str| {
        let text = std::fs::read_to_string(corpus(&format!("{state}.dump.sql"))).expect("the corpus is there");
        assert!(text.contains("-- Dump completed on 2026-11-23"));
        cli.file(&format!("{state}.sql"), text.replace("completed on 2026-11-23", &format!("completed on {day}")));
    };
    let note = "the old panel state is of later than the new one: if --old and --new changed places, do not go on";
    for (before, after, told) in [
        ("2026-11-23", "2026-12-01", false),
        ("2026-12-01", "2026-12-01", false),
        // Which it may be somewhere else on earth.
        ("2026-12-01", "2026-11-30", false),
        ("2026-12-02", "2026-11-30", true),
        ("2027-01-01", "2026-12-30", true),
    ] {
        dump("before", before);
        dump("after", after);
        let plan = cli.run(&["plan", "var", "--old", "before.sql", "--new", "after.sql"]);
        assert!(plan.code == 0 && plan.stdout.contains(note) == told, "{before} {after}: {plan}");
    }
}
