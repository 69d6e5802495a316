//! The reviewed map over the real binary: written, changed by a person, taken back, recorded, refused.
// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

#[path = "support/panel.rs"]
mod panel;
mod support;

use panel::{Line, panel};
use rusqlite::Connection;
use support::cli::{Cli, Ran};

/// c has no GUID and moves without a witness; d was created anew; e is gone; f belongs to another client now.
fn world() -> Cli {
    let cli = Cli::new();
    let d = |id, guid, name, owner| Line::of("domain", id, name).guid(guid).parent("client", owner);
    let c = |id, guid, name| Line::of("client", id, name).guid(guid);
    let clients = |bob, eve| [c(1, 100, "admin"), c(bob, 101, "bob"), c(eve, 102, "eve")];
    let before =
        [d(5, 1, "a.example", 2), d(6, 2, "b.example", 2), d(7, 0, "c.example", 0), d(8, 4, "d.example", 2), d(9, 5, "e.example", 2)];
    let after =
        [d(6, 1, "a.example", 3), d(5, 2, "b.example", 3), d(4, 3, "c.example", 0), d(3, 7, "d.example", 3), d(10, 6, "f.example", 3)];
    cli.file("before.snapshot", panel("before", clients(2, 3).into_iter().chain(before)));
    cli.file("after.snapshot", panel("after", clients(3, 2).into_iter().chain(after)));
    cli.file("var/reguid.toml", "[[reference]]\ndatabase = 'data.db'\ntable = 'apps'\ncolumn = 'domain_id'\nkind = 'domain'\n");
    let rows = "CREATE TABLE apps(domain_id INT, note); INSERT INTO apps VALUES (5, 'a'), (6, 'b'), (7, 'c'), (8, 'd'), (9, 'e')";
    sql(&cli, rows);
    cli
}

fn sql(cli: &Cli, text: &str) {
    Connection::open(cli.root().join("var/data.db")).unwrap().execute_batch(text).unwrap();
}

fn with(cli: &Cli, command: &str, more: &[&str]) -> Ran {
    let states = [command, "var", "--old", "before.snapshot", "--new", "after.snapshot"];
    cli.run(&states.into_iter().chain(more.iter().copied()).collect::<Vec<_>>())
}

fn ids(cli: &Cli) -> Vec<(i64, String)> {
    let database = Connection::open(cli.root().join("var/data.db")).unwrap();
    let mut query = database.prepare("SELECT domain_id, note FROM apps ORDER BY note").unwrap();
    query.query_map([], |r| Ok((r.get(0)?, r.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The map with every open pair decided: c is what its name says, d is the new d, e is f.
fn decide(map: &str) -> String {
    let candidate = |line: &str| line.starts_with("# new = {") && (line.contains("c.example") || line.contains("d.example"));
    let mut lines: Vec<String> = map.lines().map(|l| if candidate(l) { l[2..].to_owned() } else { l.to_owned() }).collect();
    let e = lines.iter().position(|l| l.starts_with("old = ") && l.contains("e.example")).unwrap();
    lines.insert(e + 1, "new = 10".to_owned());
    lines.join("\n") + "\n"
}

fn line_of(text: &str, start: &str, after: &str) -> usize {
    let from = text.lines().position(|l| l.contains(after)).unwrap();
    text.lines().skip(from).position(|l| l.starts_with(start)).unwrap() + from + 1
}

#[test]
fn a_plan_without_a_map_lists_what_is_open_with_its_evidence() {
    let cli = world();
    let plan = with(&cli, "plan", &["--map-out", "map.toml"]);
    assert_eq!(plan.code, 1);
    for text in [
        "  on another panel: client 2 (bob) has the id 3 now, and a panel gives no id twice",
        "domain 7 (c.example) is probably domain 4 (c.example): same name, and nothing else agrees. Accept that with --accept-name, or in a reviewed map (1 row)",
        "domain 8 (d.example) is gone: domain 3 (d.example) has its name and another GUID: it was created anew (1 row)",
        "domain 9 (e.example) is not on the panel any more: no object has its GUID or its name (1 row)",
        "reguid plan … --map-out map.toml, review it, then --map map.toml",
    ] {
        assert!(plan.stdout.contains(text), "{text}\n{plan}");
    }
    assert_eq!(with(&cli, "fix", &[]).code, 1);
    assert_eq!(ids(&cli)[0].0, 5, "nothing was written");
    let json: serde_json::Value = serde_json::from_str(&with(&cli, "plan", &["--format", "json"]).stdout).unwrap();
    let value = |id: i64| json["places"][0]["values"].as_array().unwrap().iter().find(|v| v["id"] == id).unwrap().clone();
    assert_eq!((value(5)["rule"].as_str(), value(5)["evidence"].as_str()), (Some("guid"), Some("same GUID, same name")));
    assert_eq!(value(8)["rule"], "conflict");
    assert_eq!(value(8)["evidence"], "domain 3 (d.example) has its name and another GUID: it was created anew");
    assert_eq!(json["panel"]["panel"], "another");
    assert_eq!(json["map"], serde_json::Value::Null);
    // The map is the same whenever it is written.
    let map = cli.read("map.toml");
    with(&cli, "plan", &["--map-out", "again.toml"]);
    assert_eq!(map, cli.read("again.toml"));
}

#[test]
fn a_reviewed_map_decides_and_is_recorded_everywhere() {
    let cli = world();
    with(&cli, "plan", &["--map-out", "map.toml"]);
    let map = decide(&cli.read("map.toml"));
    cli.file("map.toml", &map);
    let lines = [
        ("c", line_of(&map, "new = ", "old = { id = 7")),
        ("d", line_of(&map, "new = ", "old = { id = 8")),
        ("e", line_of(&map, "new = 10", "")),
    ];
    let plan = with(&cli, "plan", &["--map", "map.toml", "-o", "plan.json"]);
    assert_eq!(plan.code, 0, "{plan}");
    let told = [
        format!("domain 7 (c.example) is domain 4 (c.example): map.toml line {}; the rules say name-only 4", lines[0].1),
        format!("domain 8 (d.example) is domain 3 (d.example): map.toml line {}; the rules say conflict 3", lines[1].1),
        format!("domain 9 (e.example) is domain 10 (f.example): map.toml line {}; the rules say missing", lines[2].1),
    ];
    for text in &told {
        assert!(plan.stdout.contains(&format!("Decided by a person:\n  {}", told[0])) && plan.stdout.contains(text), "{text}\n{plan}");
    }
    let json: serde_json::Value = serde_json::from_str(&cli.read("plan.json")).unwrap();
    assert_eq!(json["map"]["decisions"][2]["line"], lines[2].1);
    assert_eq!(json["places"][0]["values"][4]["evidence"], format!("decided by a person in map.toml line {}", lines[2].1));
    // The plan is that of the map: without it, or with another decision, it is stale.
    let stale = with(&cli, "fix", &["--plan", "plan.json"]);
    assert_eq!((stale.code, stale.stderr.contains("the plan is stale")), (2, true), "{stale}");
    cli.file("other.toml", map.replace("new = 10", "new = \"none\""));
    assert!(with(&cli, "fix", &["--plan", "plan.json", "--map", "other.toml"]).stderr.contains("the plan is stale"));
    // A comment above changes lines, and decides nothing.
    cli.file("map.toml", format!("# reviewed\n{map}"));
    let fixed = with(&cli, "fix", &["--plan", "plan.json", "--map", "map.toml"]);
    assert_eq!(fixed.code, 0, "{fixed}");
    let report = format!("Decided by a person:\n  domain 7 (c.example) is domain 4 (c.example): map.toml line {}", lines[0].1 + 1);
    assert!(fixed.stdout.contains(&report), "{report}\n{fixed}");
    assert_eq!(ids(&cli).iter().map(|i| i.0).collect::<Vec<_>>(), [6, 5, 4, 3, 10]);
    let companion = Connection::open(cli.root().join("var/reguid.db")).unwrap();
    let kept: (String, i64) =
        companion.query_row("SELECT file, length(sha256) FROM reviewed WHERE run = 1", [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    assert_eq!(kept, ("map.toml".to_owned(), 64));
    let mut query = companion
        .prepare(
            "SELECT kind || ' ' || old_id || ' ' || new_id || ' ' || instead_of || ' ' || line FROM decision WHERE run = 1 ORDER BY old_id",
        )
        .unwrap();
    let decisions: Vec<String> = query.query_map([], |r| r.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let expected = [("7 4 name-only 4", lines[0].1), ("8 3 conflict 3", lines[1].1), ("9 10 missing", lines[2].1)];
    assert_eq!(decisions, expected.map(|(text, line)| format!("domain {text} {}", line + 1)));
    drop(query);
    drop(companion);
    // The same command again finds the data moved already; and there is a way back.
    let again = with(&cli, "fix", &["--map", "map.toml"]);
    assert!(again.code == 0 && again.stdout.starts_with("Nothing to do"), "{again}");
    assert_eq!(cli.run(&["undo", "var"]).code, 0);
    assert_eq!(ids(&cli).iter().map(|i| i.0).collect::<Vec<_>>(), [5, 6, 7, 8, 9]);
}

#[test]
fn who_is_said_to_be_gone_is_left_to_the_manifest() {
    let cli = world();
    with(&cli, "plan", &["--map-out", "map.toml"]);
    let map = decide(&cli.read("map.toml"));
    let d = map.lines().nth(line_of(&map, "new = ", "old = { id = 8") - 1).unwrap().to_owned();
    cli.file("map.toml", map.replace("new = 10", "new = \"none\"").replace(&d, "new = \"none\""));
    let stopped = with(&cli, "fix", &["--map", "map.toml"]);
    assert_eq!(stopped.code, 1);
    assert!(
        stopped.stdout.contains("domain 8 (d.example) is not on the panel any more: decided by a person in map.toml line"),
        "{stopped}"
    );
    cli.file("var/reguid.toml", cli.read("var/reguid.toml") + "on-missing = 'null'\n");
    let fixed = with(&cli, "fix", &["--map", "map.toml", "--format", "json"]);
    assert_eq!(fixed.code, 0, "{fixed}");
    let json: serde_json::Value = serde_json::from_str(&fixed.stdout).unwrap();
    assert_eq!(json["plan"]["map"]["decisions"].as_array().unwrap().len(), 2);
    let database = Connection::open(cli.root().join("var/data.db")).unwrap();
    let nulls: i64 =
        database.query_row("SELECT count(*) FROM apps WHERE domain_id IS NULL AND note IN ('d', 'e')", [], |r| r.get(0)).unwrap();
    assert_eq!(nulls, 2);
}

#[test]
fn what_moved_stops_until_somebody_accepts_it() {
    let cli = world();
    let d = |id, owner| Line::of("domain", id, "a.example").guid(1).parent("client", owner);
    let c = |id, guid, name| Line::of("client", id, name).guid(guid);
    cli.file("before.snapshot", panel("before", [c(2, 101, "bob"), c(3, 102, "eve"), d(5, 2)]));
    cli.file("after.snapshot", panel("after", [c(3, 101, "bob"), c(2, 102, "eve"), d(6, 2)]));
    sql(&cli, "DELETE FROM apps WHERE domain_id <> 5");
    let stopped = with(&cli, "fix", &["--map-out", "by-fix.toml"]);
    assert_eq!(stopped.code, 1, "{stopped}");
    let stopped = with(&cli, "plan", &["--map-out", "map.toml"]);
    assert_eq!(stopped.code, 1);
    assert_eq!(cli.read("by-fix.toml"), cli.read("map.toml"), "what stops a fix can be decided with what it wrote");
    let why = "domain 5 (a.example) is probably domain 6 (a.example): same GUID, but it belonged to client 2 (bob), now client 3 (bob), and belongs to client 2 (eve) (cl_id). Accept that with --accept-moved, or in a reviewed map";
    assert!(stopped.stdout.contains(why), "{stopped}");
    assert_eq!(with(&cli, "plan", &["--accept-name"]).code, 1, "that is another thing to accept");
    assert_eq!(with(&cli, "plan", &["--accept-moved"]).code, 0);
    let map = cli.read("map.toml").replacen("# new = {", "new = {", 1);
    cli.file("map.toml", map);
    assert_eq!(with(&cli, "fix", &["--map", "map.toml"]).code, 0);
    assert_eq!(ids(&cli), [(6, "a".to_owned())]);
}

#[test]
fn a_map_that_does_not_fit_is_refused_with_file_and_line() {
    let cli = world();
    with(&cli, "plan", &["--map-out", "map.toml"]);
    let map = cli.read("map.toml");
    let before = std::fs::read(cli.root().join("var/data.db")).unwrap();
    let e = line_of(&map, "old = ", "e.example");
    let fingerprint = |which| line_of(&map, "fingerprint", which);
    let swapped = map.replace("[old]", "[OLD]").replace("[new]", "[old]").replace("[OLD]", "[new]");
    for (text, line, message) in [
        (decide(&map).replace("new = 10", "new = 99"), e + 1, "the new panel state has no domain 99"),
        (
            decide(&map).replace("new = 10", "new = 1"),
            e + 1,
            "the new panel state has no domain 1 (there is client 1 (admin), but kinds are never mixed)",
        ),
        (
            decide(&map).replace("new = 10", "new = 6"),
            line_of(&decide(&map), "new = { id = 6", "old = { id = 5"),
            "domain 6 would be domain 9 and domain 5 at once",
        ),
        (map.replace("old = { id = 9,", "old = { id = 99,"), e, "the old panel state has no domain 99"),
        (map.replace("rule = \"missing\"", "rul = \"missing\""), line_of(&map, "rule = \"missing\"", ""), "unknown field `rul`"),
        (swapped.clone(), fingerprint("[old]"), "this map was made for another new panel state: for before"),
        (map.replace("version = 1", "version = 7"), line_of(&map, "version", ""), "this map has version 7; this release reads version 1"),
    ] {
        cli.file("wrong.toml", &text);
        for command in ["plan", "fix"] {
            let refused = with(&cli, command, &["--map", "wrong.toml"]);
            assert_eq!(refused.code, 2, "{message}\n{refused}");
            assert!(refused.stderr.starts_with("error: wrong.toml cannot be used"), "{refused}");
            assert!(
                refused.stderr.contains(&format!("  wrong.toml:{line}:")) && refused.stderr.contains(message),
                "{line}: {message}\n{refused}"
            );
            assert!(refused.stderr.contains("help: nothing was done"), "{refused}");
        }
    }
    assert!(with(&cli, "plan", &["--map", "none.toml"]).stderr.starts_with("error: none.toml: cannot be read"));
    let unwritable = with(&cli, "plan", &["--map-out", "none/map.toml"]);
    assert!(unwritable.code == 2 && unwritable.stderr.contains("none/map.toml: cannot be written"), "{unwritable}");
    assert_eq!(std::fs::read(cli.root().join("var/data.db")).unwrap(), before);
    assert!(!cli.root().join("var/reguid.db").exists());
}
