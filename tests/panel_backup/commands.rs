//! Backups on the command line: a fix with one, and what a backup cannot tell.

use crate::elements::{guid, rooted};
use crate::support::cli::Cli;

/// A var directory with one table, and a manifest with these lines for it.
fn world(rows: &str, manifest: &str) -> Cli {
    let cli = Cli::new();
    std::fs::create_dir(cli.root().join("var")).unwrap();
    let data = reguid::sqlite::Connection::open(cli.root().join("var/data.db")).unwrap();
    data.execute_batch(&format!("CREATE TABLE apps(id INTEGER PRIMARY KEY, it INT, name TEXT); INSERT INTO apps(it, name) VALUES {rows}"))
        .unwrap();
    cli.file("var/reguid.toml", format!("[[reference]]\ndatabase = \"data.db\"\ntable = \"apps\"\ncolumn = \"it\"\n{manifest}\n"));
    cli
}

fn values(cli: &Cli) -> Vec<(Option<i64>, String)> {
    let data = reguid::sqlite::Connection::open(cli.root().join("var/data.db")).unwrap();
    let mut query = data.prepare("SELECT it, name FROM apps ORDER BY id").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A server's backup with these domains: id, number of the GUID, name.
fn server(domains: &[(u32, u32, &str)]) -> String {
    let domains: String =
        domains.iter().map(|(id, number, name)| format!("<domain id='{id}' guid='{}' name='{name}'/>", guid(*number))).collect();
    rooted(&format!("<admin id='1' guid='{}'><domains>{domains}</domains></admin><server/>", guid(1)))
}

#[test]
fn a_fix_maps_from_one_backup_to_another() {
    let cli = world("(5, 'a'), (7, 'b'), (NULL, 'c')", "kind = \"domain\"");
    cli.file("old/backup_info_2611200410.xml", server(&[(5, 50, "a.example"), (7, 70, "b.example")]));
    cli.file("new.xml", server(&[(7, 50, "a.example"), (5, 70, "b.example")]));
    let plan = cli.run(&["plan", "var", "--old", "old", "--new", "new.xml"]);
    assert_eq!(plan.code, 0, "{plan}");
    assert!(plan.stdout.contains("From old/backup_info_2611200410.xml (format 18.0.60), of 2026-11-20 04:10 ("), "{plan}");
    let fix = cli.run(&["fix", "var", "--old", "old", "--new", "new.xml"]);
    assert_eq!(fix.code, 0, "{fix}");
    assert_eq!(values(&cli), [(Some(7), "a".into()), (Some(5), "b".into()), (None, "c".into())]);
}

#[test]
fn a_kind_that_a_backup_does_not_carry_is_said_with_the_source_that_does() {
    for (kind, more) in [
        ("plan", "the panel's database or a dump of it does; a backup never has an id of these"),
        ("domain-alias", "the panel's database or a dump of it does; a backup never has an id of these"),
        ("dns-record", "a backup never has an id of these"),
        ("certificate", "a backup never has an id of these"),
        ("system-user", "a backup never has an id of these"),
        ("user", "a backup never has an id of these"),
        (
            "subscription",
            "an id that the panel's programming interface gives for a subscription is that of its main domain: the kind of that is domain",
        ),
        ("mailbox", "the panel's database or a dump of it does, and so does a backup of the whole panel"),
    ] {
        let cli = world("(5, 'a')", &format!("kind = \"{kind}\"\non-missing = \"null\""));
        cli.file("old.xml", server(&[(5, 50, "a.example")]));
        let expected = |which: &str| format!("the {which} panel state, old.xml (format 18.0.60)");
        let plan = cli.run(&["plan", "var", "--old", "old.xml", "--new", "old.xml", "--format", "json"]);
        assert!(plan.code == 1 && plan.stdout.contains(&expected("old")) && plan.stdout.contains("\"kind-not-carried\""), "{plan}");
        assert!(plan.stdout.contains(&format!("does not tell of any {kind}: ")) && plan.stdout.contains(more), "{plan}");
        let fix = cli.run(&["fix", "var", "--old", "old.xml", "--new", "old.xml"]);
        assert!(fix.code == 1 && fix.stdout.contains(more), "{fix}");
        assert_eq!(values(&cli), [(Some(5), "a".into())], "nothing was written");
        let verify = cli.run(&["verify", "var", "--panel", "old.xml"]);
        let flat = verify.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(verify.code == 2 && flat.contains(&format!("does not tell of any {kind}")) && flat.contains(more), "{verify}");
    }
}

/// No policy decides over what a part of the panel does not know: it may be in the rest.
#[test]
fn what_a_part_of_the_panel_does_not_know_stops_a_fix_whatever_the_policy() {
    let part = |id: u32| rooted(&format!("<domain id='{id}' guid='{}' name='a.example'/>", guid(50)));
    for policy in ["fail", "null", "delete-row", "quarantine", "keep"] {
        let cli = world("(5, 'a'), (6, 'b'), (8, 'c')", &format!("kind = \"domain\"\non-missing = \"{policy}\""));
        cli.file("part.xml", part(5)).file("newpart.xml", part(7));
        cli.file("whole.xml", server(&[(5, 50, "a.example"), (6, 60, "b.example"), (8, 80, "c.example")]));
        cli.file("new.xml", server(&[(7, 50, "a.example"), (5, 60, "b.example"), (8, 80, "c.example")]));
        let ran = cli.run(&["fix", "var", "--old", "part.xml", "--new", "new.xml"]);
        assert_eq!(ran.code, 1, "{policy}: {ran}");
        let message = "tells of a part of the panel alone (it is a backup of a part of the panel); domain 6 and 1 more may be in the rest of it: give a source that tells of all";
        assert!(ran.stdout.contains(message), "{policy}: {ran}");
        let ran = cli.run(&["fix", "var", "--old", "whole.xml", "--new", "newpart.xml"]);
        assert!(ran.code == 1 && ran.stdout.contains("; domain 6 (b.example) and 1 more may be in the rest of it"), "{policy}: {ran}");
        assert_eq!(values(&cli)[1], (Some(6), "b".into()), "nothing was written");
        let ran = cli.run(&["verify", "var", "--panel", "newpart.xml"]);
        if policy == "keep" {
            assert_eq!(ran.code, 0, "{ran}");
        } else {
            let flat = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(ran.code == 2 && flat.contains("3 rows name a domain that is not in newpart.xml"), "{policy}: {ran}");
        }
        // A snapshot of a part is one of a part.
        assert_eq!(cli.run(&["snapshot", "--panel", "part.xml", "-o", "part.snapshot"]).code, 0);
        let ran = cli.run(&["fix", "var", "--old", "part.snapshot", "--new", "new.xml"]);
        assert!(ran.code == 1 && ran.stdout.contains(message), "{policy}: {ran}");
    }
}

#[test]
fn what_a_part_knows_is_mapped() {
    let cli = world("(5, 'a')", "kind = \"domain\"");
    cli.file("part.xml", rooted(&format!("<domain id='5' guid='{}' name='a.example'/>", guid(50))));
    cli.file("new.xml", server(&[(7, 50, "a.example")]));
    let ran = cli.run(&["fix", "var", "--old", "part.xml", "--new", "new.xml"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("part.xml (format 18.0.60): it is a backup of a part of the panel"), "{ran}");
    assert_eq!(values(&cli), [(Some(7), "a".into())]);
}

#[test]
fn a_part_of_the_panel_is_not_recorded_as_what_all_ids_speak_of() {
    let cli = world("(5, 'a')", "kind = \"domain\"");
    cli.file("part.xml", rooted(&format!("<domain id='5' guid='{}' name='a.example'/>", guid(50))));
    let ran = cli.run(&["snapshot", "--panel", "part.xml", "--into", "var"]);
    assert!(ran.code == 2 && ran.stderr.contains("was not recorded: it tells of a part of the panel alone"), "{ran}");
    assert!(!cli.root().join("var/reguid.db").exists());
    cli.file("whole.xml", server(&[(5, 50, "a.example")]));
    assert_eq!(cli.run(&["snapshot", "--panel", "whole.xml", "--into", "var"]).code, 0);
}

/// Whoever records a backup every night learns that it tells nothing of what the data holds.
#[test]
fn what_a_source_lacks_of_the_manifest_is_said_when_it_is_recorded() {
    let cli = world("(5, 'a')", "kind = \"plan\"");
    cli.file("whole.xml", server(&[(5, 50, "a.example")]));
    let args = ["snapshot", "--panel", "whole.xml", "--into", "var"];
    let ran = cli.run(&args);
    assert_eq!(ran.code, 1, "{ran}");
    for part in [
        "var: 2 objects recorded, the first state here: from now on the ids in the data are taken to speak of it.\nIt tells of: client, domain.\n",
        "The manifest names kinds that this source does not tell of. What their ids mean was not recorded from it:\n  plan: the panel's database or",
    ] {
        assert!(ran.stdout.contains(part), "{ran}");
    }
    // Again, now that it was recorded.
    let again = cli.run(&args);
    assert!(again.code == 1 && again.stdout.contains("recorded already") && again.stdout.contains("  plan: "), "{again}");
    // GUIDs mean the same whoever records the panel.
    let manifest = cli.read("var/reguid.toml");
    cli.file("var/reguid.toml", format!("{manifest}holds = \"guid\"\n"));
    let converted = cli.run(&args);
    assert!(converted.code == 0 && !converted.stdout.contains("The manifest"), "{converted}");
    cli.file("var/reguid.toml", manifest);
    // A manifest of what it tells of.
    std::fs::remove_file(cli.root().join("var/reguid.db")).unwrap();
    let manifest = cli.read("var/reguid.toml").replace("plan", "domain");
    cli.file("var/reguid.toml", manifest);
    let ran = cli.run(&args);
    assert!(ran.code == 0 && !ran.stdout.contains("The manifest"), "{ran}");
}
