//! Twins over the real binary: as the source of what ids mean, and as a check of it; and the policies over what is uncertain.
// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

#[path = "support/panel.rs"]
mod panel;
mod support;

use panel::{Line, guid, panel};
use rusqlite::Connection;
use support::cli::{Cli, Ran};

fn domain(id: i64, number: u32, name: &str) -> Line {
    Line::of("domain", id, name).guid(number)
}

/// a and b exchange their ids, c keeps its own, d gets a new one.
fn before() -> Vec<u8> {
    panel("before", [domain(5, 1, "a.example"), domain(7, 2, "b.example"), domain(8, 3, "c.example"), domain(9, 4, "d.example")])
}

fn after() -> Vec<u8> {
    panel("after", [domain(7, 1, "a.example"), domain(5, 2, "b.example"), domain(8, 3, "c.example"), domain(11, 4, "d.example")])
}

/// A panel with a database of one table, and what the manifest says of its column besides `twin`.
fn world(sql: &str, manifest: &str) -> Cli {
    let cli = Cli::new();
    cli.file("before.snapshot", before()).file("after.snapshot", after());
    entry(&cli, manifest);
    run(&cli, sql);
    cli
}

fn entry(cli: &Cli, more: &str) {
    cli.file(
        "var/reguid.toml",
        format!("[[reference]]\ndatabase = 'data.db'\ntable = 'apps'\ncolumn = 'domain_id'\nkind = 'domain'\n{more}\n"),
    );
}

fn run(cli: &Cli, sql: &str) {
    Connection::open(cli.root().join("var/data.db")).unwrap().execute_batch(sql).unwrap();
}

/// Every row of `apps` as text.
fn rows(cli: &Cli) -> Vec<String> {
    let database = Connection::open(cli.root().join("var/data.db")).unwrap();
    let mut query = database.prepare("SELECT * FROM apps ORDER BY rowid").unwrap();
    let columns = query.column_count();
    let cell = |r: &rusqlite::Row<'_>, i| {
        Ok(r.get::<_, Option<String>>(i).or_else(|_| r.get::<_, i64>(i).map(|n| Some(n.to_string())))?.unwrap_or_default())
    };
    let row = |r: &rusqlite::Row<'_>| Ok((0..columns).map(|i| cell(r, i)).collect::<rusqlite::Result<Vec<_>>>()?.join(" "));
    query.query_map([], row).unwrap().collect::<Result<_, _>>().unwrap()
}

fn with(cli: &Cli, command: &str, more: &[&str]) -> Ran {
    cli.run(&[command, "var", "--new", "after.snapshot"].into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

fn json(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {ran}"))
}

#[test]
fn guids_beside_ids_tell_what_they_mean_where_nothing_else_does() {
    let (a, b) = (guid(1), guid(2).to_uppercase());
    let cli = world(
        &format!("CREATE TABLE apps(domain_id INT UNIQUE, g TEXT); INSERT INTO apps VALUES (5, '{a}'), (7, '{b}'), (NULL, ''), (0, '{a}')"),
        "twin = 'g'",
    );
    let data = std::fs::read(cli.root().join("var/data.db")).unwrap();
    let plan = with(&cli, "plan", &[]);
    assert_eq!(plan.code, 0, "{plan}");
    assert!(plan.stdout.starts_with("From the twins in the data ("), "{plan}");
    let note = "there is no record of the old panel state: what ids mean was taken from the twins beside them, which tell of 2 objects";
    assert!(plan.stdout.contains(note) && !plan.stdout.contains("taken on faith"), "{plan}");
    assert_eq!(std::fs::read(cli.root().join("var/data.db")).unwrap(), data);
    assert_eq!(with(&cli, "fix", &[]).code, 0);
    let fixed = [format!("7 {a}"), format!("5 {b}"), " ".to_owned(), format!("0 {a}")];
    assert_eq!(rows(&cli), fixed);
    // The data says of itself what its ids mean now: nothing is mapped twice, with the companion or without.
    for more in [&[] as &[&str], &["--old", "twins"]] {
        let again = with(&cli, "fix", more);
        assert!(again.code == 0 && again.stdout.starts_with("Nothing to do: 2 references"), "{again}");
    }
    assert_eq!(cli.run(&["undo", "var"]).code, 0);
    assert_eq!(rows(&cli)[0], format!("5 {a}"));
    std::fs::remove_file(cli.root().join("var/reguid.db")).unwrap();
    assert_eq!(with(&cli, "fix", &["--old", "twins"]).code, 0);
    assert_eq!(rows(&cli), fixed);
    std::fs::remove_file(cli.root().join("var/reguid.db")).unwrap();
    let again = with(&cli, "fix", &[]);
    assert!(again.stdout.starts_with("Nothing to do"), "{again}");
    assert_eq!(rows(&cli), fixed);
}

#[test]
fn names_beside_ids_are_names_alone() {
    let cli = world(
        "CREATE TABLE apps(domain_id TEXT, n TEXT); INSERT INTO apps VALUES ('5', 'A.example.'), ('7', 'b.example'), ('7', NULL)",
        "twin = 'n'",
    );
    let stopped = with(&cli, "fix", &[]);
    assert_eq!(stopped.code, 1);
    let why = "domain 5 (A.example.) is probably domain 7 (a.example): same name, and nothing else agrees. Accept that with --accept-name";
    assert!(stopped.stdout.contains(why), "{stopped}");
    assert_eq!(with(&cli, "fix", &["--accept-name"]).code, 0);
    // The third row's id is that of the second.
    assert_eq!(rows(&cli), ["7 A.example.", "5 b.example", "5 "]);
}

#[test]
fn a_reviewed_map_may_be_made_from_twins() {
    let cli = world(
        "CREATE TABLE apps(domain_id INT, n TEXT); INSERT INTO apps VALUES (5, 'a.example'), (7, 'a.example'), (9, 'x'), (9, 'y')",
        "twin = 'n'",
    );
    assert_eq!(with(&cli, "plan", &["--map-out", "map.toml", "--accept-name"]).code, 1);
    let map = cli.read("map.toml");
    assert!(map.contains("source = \"the twins in the data\"") && map.contains("old = { id = 9 }"), "{map}");
    let decide = |text: &str, old: &str, new: &str| text.replacen(&format!("{old}\n"), &format!("{old}\nnew = {new}\n"), 1);
    let decided = decide(
        &decide(&decide(&map, "old = { id = 5, name = \"a.example\" }", "7"), "old = { id = 7, name = \"a.example\" }", "5"),
        "old = { id = 9 }",
        "\"none\"",
    );
    cli.file("map.toml", decided);
    entry(&cli, "twin = 'n'\non-missing = 'keep'");
    let fixed = with(&cli, "fix", &["--map", "map.toml"]);
    assert_eq!(fixed.code, 0, "{fixed}");
    assert!(fixed.stdout.contains("domain 9 is gone: map.toml line"), "{fixed}");
    assert_eq!(rows(&cli), ["7 a.example", "5 a.example", "9 x", "9 y"]);
    for more in [&["--map", "map.toml"] as &[&str], &["--map", "map.toml", "--old", "twins"]] {
        let again = with(&cli, "plan", more);
        assert!(!again.stderr.contains("cannot be used"), "the map was applied already: {again}");
    }
}

#[test]
fn rows_that_say_different_things_of_one_id_are_a_conflict() {
    let sql = "CREATE TABLE apps(domain_id INT, n TEXT); INSERT INTO apps VALUES (5, 'a.example'), (5, 'a.example'), (5, 'B.example'), (8, 'c.example')";
    let cli = world(sql, "twin = 'n'\non-missing = 'delete-row'\non-conflict = 'delete-row'");
    let stopped = with(&cli, "fix", &["--accept-name"]);
    assert_eq!(stopped.code, 1, "{stopped}");
    let why = "domain 5 may be domain 5 (b.example) or domain 7 (a.example): rows say different things of domain 5: 'a.example' (2 rows), 'B.example' (1 row) (3 rows)";
    assert!(stopped.stdout.contains(why), "{stopped}");
    let plan = json(&with(&cli, "plan", &["--accept-name", "--format", "json"]));
    assert_eq!(plan["places"][0]["values"][0]["fate"], serde_json::json!({ "ambiguous": { "candidates": [5, 7] } }));
    assert_eq!(rows(&cli).len(), 4);
    // A policy over what is ambiguous decides it.
    entry(&cli, "twin = 'n'\non-ambiguous = 'null'");
    assert_eq!(with(&cli, "fix", &["--accept-name"]).code, 0);
    assert_eq!(rows(&cli), [" a.example", " a.example", " B.example", "8 c.example"]);
}

#[test]
fn a_guid_beside_two_ids_tells_of_neither() {
    let a = guid(1);
    let cli = world(
        &format!("CREATE TABLE apps(domain_id INT, g TEXT); INSERT INTO apps VALUES (5, '{a}'), (6, '{a}')"),
        "twin = 'g'\non-missing = 'delete-row'",
    );
    let stopped = with(&cli, "fix", &["--accept-name"]);
    assert_eq!(stopped.code, 1, "{stopped}");
    assert!(
        stopped
            .stdout
            .contains(&format!("domain 5 may be domain 7 (a.example): rows with the domain ids 5, 6 have the same twin {a} (1 row)")),
        "{stopped}"
    );
    assert_eq!(rows(&cli).len(), 2);
}

#[test]
fn twins_that_contradict_the_companion_are_refused() {
    let cli = world("CREATE TABLE apps(domain_id INT, n TEXT); INSERT INTO apps VALUES (5, 'A.EXAMPLE'), (7, 'b.example')", "twin = 'n'");
    assert_eq!(cli.run(&["snapshot", "--panel", "before.snapshot", "--into", "var"]).code, 0);
    let plan = with(&cli, "plan", &["--old", "twins", "--accept-name"]);
    assert_eq!(plan.code, 0, "they say the same: {plan}");
    run(&cli, "UPDATE apps SET n = 'c.example' WHERE domain_id = 5");
    let refused = with(&cli, "fix", &["--old", "twins", "--accept-name"]);
    assert_eq!(refused.code, 2, "{refused}");
    assert!(refused.stderr.contains("domain 5 is \"c.example\" by its twin, and domain 5 (a.example) by the companion"), "{refused}");
    assert_eq!(with(&cli, "plan", &["--old", "twins", "--accept-name", "--trust-old"]).code, 0);
}

#[test]
fn without_twins_nothing_is_known() {
    let cli = world("CREATE TABLE apps(domain_id INT, n TEXT); INSERT INTO apps VALUES (5, NULL), (7, '')", "twin = 'n'");
    let refused = with(&cli, "fix", &[]);
    assert!(refused.code == 2 && refused.stderr.contains("there is no companion reguid.db and no --old"), "{refused}");
    assert!(refused.stderr.contains("name that column in the manifest: twin = "), "{refused}");
    let refused = with(&cli, "fix", &["--old", "twins"]);
    assert!(
        refused.code == 2 && refused.stderr.contains("var/reguid.toml: no entry with a twin, or no row in which one stands beside an id"),
        "{refused}"
    );
    entry(&cli, "twin = 'nn'");
    let refused = with(&cli, "plan", &["--old", "before.snapshot"]);
    assert!(refused.code == 2 && refused.stderr.contains("data.db: the table apps has no column nn"), "{refused}");
    assert!(refused.stderr.contains("var/reguid.toml:1:1: names this twin") && refused.stderr.contains("did you mean `n`?"), "{refused}");
    // A kind that no twin tells of stops.
    entry(&cli, "twin = 'n'\n[[reference]]\ndatabase = 'data.db'\ntable = 'owners'\ncolumn = 'client_id'\nkind = 'client'");
    run(&cli, "UPDATE apps SET n = 'c.example' WHERE domain_id = 5; CREATE TABLE owners(client_id INT); INSERT INTO owners VALUES (1)");
    let stopped = with(&cli, "fix", &["--accept-name"]);
    assert!(stopped.code == 1 && stopped.stdout.contains("the twins in the data"), "{stopped}");
    assert!(stopped.stdout.contains("does not tell of any client: the panel's database or a dump of it does"), "{stopped}");
}

const CHECKED: &str = "CREATE TABLE apps(k INTEGER PRIMARY KEY, domain_id INT, n TEXT);
    INSERT INTO apps VALUES (1, 5, 'a.example'), (2, 7, 'B.example.'), (3, 8, 'wrong.example'), (4, 5, NULL), (5, 99, 'a.example'), (6, 5, 'c.example')";

#[test]
fn a_row_whose_id_and_twin_disagree_stops_the_fix() {
    let cli = world(CHECKED, "twin = 'n'\non-missing = 'delete-row'");
    let stopped = with(&cli, "fix", &["--old", "before.snapshot"]);
    assert_eq!(stopped.code, 1);
    let why = "ids and twins disagree: k 5: domain 99 (unknown), while n says 'a.example'; k 6: domain 5 (a.example), while n says 'c.example' (2 rows)";
    assert!(stopped.stdout.contains(why), "{stopped}");
    // Row 3 would not have been changed anyway.
    let plan = with(&cli, "plan", &["--old", "before.snapshot"]);
    assert!(plan.stdout.contains("1 row is left as it is: k 3: domain 8 (c.example), while n says 'wrong.example'"), "{plan}");
    assert_eq!(rows(&cli).len(), 6, "a row that disagrees is not one whose object is gone");
    let plan = json(&with(&cli, "plan", &["--old", "before.snapshot", "--format", "json"]));
    assert_eq!((&plan["problems"][0]["code"], &plan["problems"][0]["rows"]), (&"twin-disagrees".into(), &2.into()));
    let place = &plan["places"][0];
    assert_eq!((place["disagreeing"].as_i64(), place["changed"].as_i64(), place["missing"].as_i64()), (Some(3), Some(3), Some(0)));
}

#[test]
fn a_row_whose_id_and_twin_disagree_is_left_as_it_is_where_the_manifest_says_so() {
    for (schema, rest) in
        [("", ""), ("CREATE UNIQUE INDEX i ON apps(domain_id, k)", "keyed"), ("ALTER TABLE apps ADD COLUMN m AS (lower(n))", "generated")]
    {
        let cli = world(
            &format!("{CHECKED}; {schema}"),
            &format!("twin = '{}'\non-disagree = 'keep'", if rest == "generated" { "m" } else { "n" }),
        );
        // Two targets of one table are written by one statement.
        run(&cli, "ALTER TABLE apps ADD COLUMN also INT; UPDATE apps SET also = 9");
        let manifest =
            cli.read("var/reguid.toml") + "[[reference]]\ndatabase = 'data.db'\ntable = 'apps'\ncolumn = 'also'\nkind = 'domain'\n";
        cli.file("var/reguid.toml", manifest);
        let stopped = with(&cli, "fix", &["--old", "before.snapshot"]);
        assert_eq!(stopped.code, 1, "row 6 keeps 5, which is b's new id: {stopped}");
        assert!(stopped.stdout.contains("the stale id 5 stays, but it will also be the new id of another domain here"), "{stopped}");
        run(&cli, "UPDATE apps SET domain_id = 9 WHERE k = 6");
        let was = rows(&cli);
        let fixed = with(&cli, "fix", &["--old", "before.snapshot"]);
        assert_eq!(fixed.code, 0, "{rest}: {fixed}");
        assert!(fixed.stdout.contains("ids and twins disagree; 3 rows are left as they are: k 3: domain 8 (c.example), while"), "{fixed}");
        let ids: Vec<String> = rows(&cli).iter().map(|r| r.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(ids, ["1 7", "2 5", "3 8", "4 7", "5 99", "6 9"], "{rest}");
        assert!(rows(&cli).iter().all(|r| r.ends_with(" 11")), "{rest}: the other column was rewritten in every row");
        assert_eq!(cli.run(&["undo", "var"]).code, 0);
        assert_eq!(rows(&cli), was, "{rest}");
    }
}

#[test]
fn rows_written_since_the_restore_are_told_by_their_twins() {
    // a's row is old, b's and c's were written since.
    let sql = "CREATE TABLE apps(domain_id INT, n TEXT); INSERT INTO apps VALUES (5, 'a.example'), (7, 'a.example'), (5, 'b.example'), (8, 'c.example'), (7, 'b.example')";
    let cli = world(sql, "twin = 'n'");
    let stopped = with(&cli, "fix", &["--old", "before.snapshot"]);
    assert_eq!(stopped.code, 1);
    assert!(
        stopped.stdout.contains("rowid 3: domain 5 (a.example), while n says 'b.example', as in the new state: written since the restore?"),
        "{stopped}"
    );
    entry(&cli, "twin = 'n'\non-disagree = 'keep'");
    let fixed = with(&cli, "fix", &["--old", "before.snapshot"]);
    assert_eq!(fixed.code, 0, "{fixed}");
    assert_eq!(rows(&cli), ["7 a.example", "7 a.example", "5 b.example", "8 c.example", "5 b.example"]);
    let again = with(&cli, "fix", &["--old", "before.snapshot"]);
    assert!(again.stdout.starts_with("Nothing to do: 5 references"), "{again}");
    // Where an old and a newer row of one domain must not both be there, that is seen before.
    let cli = world(
        "CREATE TABLE apps(domain_id INT UNIQUE, n TEXT); INSERT INTO apps VALUES (5, 'a.example'), (7, 'a.example')",
        "twin = 'n'\non-disagree = 'keep'",
    );
    let stopped = with(&cli, "fix", &["--old", "before.snapshot"]);
    assert!(stopped.code == 1 && stopped.stdout.contains("would break: UNIQUE constraint failed"), "{stopped}");
    assert_eq!(rows(&cli), ["5 a.example", "7 a.example"]);
}

#[test]
fn a_name_that_was_not_kept_up_stops_only_what_would_change() {
    let cli = world("CREATE TABLE apps(domain_id INT, n TEXT); INSERT INTO apps VALUES (5, 'a.example'), (7, 'b.example')", "twin = 'n'");
    cli.file("after.snapshot", panel("after", [domain(7, 1, "renamed.example"), domain(5, 2, "b.example")]));
    assert_eq!(with(&cli, "fix", &["--old", "before.snapshot"]).code, 0);
    assert_eq!(rows(&cli), ["7 a.example", "5 b.example"]);
    let again = with(&cli, "fix", &["--old", "before.snapshot"]);
    assert!(again.code == 0 && again.stdout.starts_with("Nothing to do"), "{again}");
    // After the next restore it is in doubt which of the two is right.
    cli.file("after.snapshot", panel("later", [domain(17, 1, "renamed.example"), domain(15, 2, "b.example")]));
    let stopped = with(&cli, "fix", &[]);
    assert!(stopped.code == 1 && stopped.stdout.contains("domain 7 (renamed.example), while n says 'a.example'"), "{stopped}");
}

#[test]
fn policies_decide_over_conflicts_and_ambiguity_each_for_itself() {
    let sql = "CREATE TABLE apps(domain_id INT, note TEXT); INSERT INTO apps VALUES (5, 'conflict'), (6, 'ambiguous'), (7, 'missing'), (8, 'fine')";
    let plain = |id, name: &str| Line::of("domain", id, name);
    // Names that differ in spelling alone are told apart by it: neither is spelled as the old one.
    let old = panel("old", [domain(5, 1, "x"), plain(6, "y."), domain(7, 3, "z"), domain(8, 4, "c.example")]);
    let new = panel("new", [domain(15, 9, "x"), plain(16, "y"), plain(17, "Y."), domain(18, 4, "c.example")]);
    for (policies, code, expected) in [
        ("", 1, ["5 conflict", "6 ambiguous", "7 missing", "8 fine"]),
        ("on-missing = 'null'", 1, ["5 conflict", "6 ambiguous", "7 missing", "8 fine"]),
        ("on-missing = 'null'\non-conflict = 'keep'", 1, ["5 conflict", "6 ambiguous", "7 missing", "8 fine"]),
        ("on-missing = 'null'\non-ambiguous = 'keep'", 1, ["5 conflict", "6 ambiguous", "7 missing", "8 fine"]),
        ("on-missing = 'keep'\non-conflict = 'null'\non-ambiguous = 'keep'", 0, [" conflict", "6 ambiguous", "7 missing", "18 fine"]),
    ] {
        let cli = world(sql, policies);
        cli.file("old.snapshot", &old).file("after.snapshot", &new);
        let fixed = with(&cli, "fix", &["--old", "old.snapshot"]);
        assert_eq!(fixed.code, code, "{policies}: {fixed}");
        assert_eq!(rows(&cli), expected, "{policies}");
    }
}
