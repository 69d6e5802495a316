//! `reguid explain` over the real command line.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use support::cli::Cli;

#[test]
fn without_a_rule_all_are_listed() {
    insta::assert_snapshot!(Cli::new().run(&["explain"]), @"
    exit code 0
    ----- stdout
    RG901  bad-suppression            warning  a comment that is meant to suppress a finding and does not
    RG302  dangling-reference         warning  stored ids are of objects that the panel does not have
    RG202  data-outside-backup        warning  data is kept where no backup holds it
    RG201  destructive-cleanup        error    data is deleted because its raw id is not among the panel's current ones
    RG104  hook-path-escapes          error    a backup hook names a path outside of the var directory
    RG103  hook-restores-old-id       error    `restore()` uses an id out of the backup
    RG102  hook-without-restore       warning  a backup hook hands data to the backup and never takes it back
    RG105  hook-wrong-signature       error    a backup hook is declared otherwise than the panel calls it
    RG301  manifest-drift             warning  reguid.toml and the extension no longer fit together
    RG101  missing-object-hook        note     data of domains or clients is in no backup of a subscription or an account
    RG001  raw-id-column              error    a column of the extension's own tables stores raw panel ids
    RG011  raw-id-encrypted           error    an encrypted value holds a raw panel id
    RG010  raw-id-hashed              error    a hash is made of a raw panel id
    RG007  raw-id-in-backup-payload   error    a backup hook hands a raw panel id to the backup
    RG002  raw-id-in-column-value     error    a structured value in a column holds a raw panel id
    RG005  raw-id-in-file             error    a file in the var directory holds a raw panel id
    RG006  raw-id-in-file-name        error    a file in the var directory is named after a raw panel id
    RG008  raw-id-in-session          note     the user's session keeps a raw panel id
    RG003  raw-id-in-setting-key      error    a setting is named after a raw panel id
    RG004  raw-id-in-setting-value    error    a setting holds a raw panel id
    RG009  raw-id-in-task             note     a background task keeps a raw panel id
    RG203  setting-too-long           warning  one setting holds an entry for each object, and grows past its limit
    RG106  transport-hook-incomplete  warning  a storage for backups lacks what a backup needs
    RG107  transport-hook-raw-id      error    a storage for backups keeps what belongs to an object under its raw id
    RG303  twin-mismatch              error    the id of one object is stored beside the name of another
    RG204  unstable-reference         warning  data is kept under something that does not identify its object
    RG902  unused-suppression         error    a suppression that suppresses nothing

    `reguid explain RULE` shows a rule's page, `reguid explain --all` shows them all.
    ");
}

#[test]
fn a_page_is_shown_as_text() {
    insta::assert_snapshot!(Cli::new().run(&["explain", "bad-suppression"]), @"
    exit code 0
    ----- stdout
    bad-suppression: a comment that is meant to suppress a finding and does not
    RG901: warning at most, proven at least, since 0.1.0

    What it finds

      A comment that begins like a suppression and is none: without a reason, without a rule, with a
      rule that does not exist, or not spelt `reguid: ignore[rule] reason` or `reguid: expect[rule]
      reason`. Or one that begins a block (`ignore-start`) and has no end (`ignore-end` with the same
      rules), or an end without a beginning.

    Why it is bad

      It suppresses nothing, although somebody thought so. And without a reason nobody can judge later
      whether it still holds.

    Examples

      bad:
        -- reguid: ignore[raw-id-column]
        CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);

      bad:
        <?php
        // reguid: ignore raw-id-column because it is a cache
        $cache = [];

      bad:
        <?php
        // reguid: ignore[raw-id-colum] a cache that is emptied on every start
        $cache = [];

      bad:
        <?php
        // reguid: ignore-start[raw-id-column] a cache that is emptied on every start
        $cache = [];

      good:
        <?php
        // reguid: ignore-start[raw-id-in-setting-value] rebuilt each night
        pm_Settings::set('last', $domain->getId());
        // reguid: ignore-end[raw-id-in-setting-value]

      good:
        CREATE TABLE cache (
            -- reguid: ignore[raw-id-column] emptied on every start
            domain_id INTEGER PRIMARY KEY
        );

    How to fix it

      Write `reguid: ignore[rule] reason`, or `reguid: expect[rule] reason` where it is to be an error
      when the finding is gone, behind `//`, `#`, `--` or `/*`, on the line of the finding or on the
      line above. `ignore-file` is for the whole file, `ignore-start` for all lines to the next
      `ignore-end` of the same rules. Several rules are separated by commas. `reguid explain` lists the
      rules.

    Fix safety

      Unsafe: the name of the rule that was probably meant is a guess, and a comment with a name like no
      rule's goes as a whole, although it may have been a rule of an older release. What is wrong
      otherwise is left to a person: a program knows no reason.

    When to suppress it

      There is hardly a case: correct the comment, or delete it.
    ");
}

#[test]
fn a_page_is_found_by_its_code() {
    let by_id = Cli::new().run(&["explain", "bad-suppression"]);
    let by_code = Cli::new().run(&["explain", "RG901"]);
    assert_eq!((by_code.code, by_code.stdout), (0, by_id.stdout));
    let ran = Cli::new().run(&["explain", "RG999"]);
    assert!(ran.code == 2 && ran.stderr.contains("there is no rule `RG999`") && !ran.stderr.contains("did you mean"), "{ran}");
    let ran = Cli::new().run(&["explain", "rg901"]);
    assert!(ran.code == 2 && ran.stderr.contains("did you mean `RG901`?"), "{ran}");
}

#[test]
fn an_unknown_rule_is_an_error_with_a_suggestion() {
    insta::assert_snapshot!(Cli::new().run(&["explain", "raw-id-colum"]), @"
    exit code 2
    ----- stderr
    error: there is no rule `raw-id-colum`; did you mean `raw-id-column`?
    help: `reguid explain` lists the rules
    ");
    assert_eq!(Cli::new().run(&["explain", "xyzzy"]).code, 2);
}

#[test]
fn json_holds_all_pages() {
    let ran = Cli::new().run(&["explain", "--all", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let ids: Vec<&str> = value["rules"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids, reguid::lint::rule::ids());
    assert!(ids.is_sorted());
    let codes: std::collections::BTreeSet<&str> = value["rules"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(codes.len(), ids.len());
    let column = ids.iter().position(|id| *id == "raw-id-column").unwrap();
    assert!(value["rules"][column]["text"].as_str().unwrap().contains("```sql bad"));
}

#[test]
fn markdown_is_the_page_as_it_is_written() {
    let written = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rules/raw-id-column.md")).unwrap();
    let (_, text) = written.split_once("\n# ").unwrap();
    let (title, text) = text.split_once('\n').unwrap();
    let shown = Cli::new().run(&["explain", "RG001", "--format", "md", "--color", "always"]);
    let head = format!("# `raw-id-column`: {title}\n\nRG001: error at most, likely at least, since 0.1.0\n\n");
    assert_eq!((shown.code, shown.stdout), (0, format!("{head}{}\n", text.trim())));

    let all = Cli::new().run(&["explain", "--all", "--format", "md"]).stdout;
    let titles = all.lines().filter(|line| line.starts_with("# `")).count();
    assert_eq!(titles, reguid::lint::rule::ids().len());
    let list = Cli::new().run(&["explain", "--format", "md"]).stdout;
    let row = format!("| RG001 | `raw-id-column` | {title} | error |");
    assert!(list.starts_with("| code | rule |") && list.lines().any(|line| line == row), "{list}");
    assert_eq!(list.lines().count(), 2 + titles);
}

#[test]
fn colours_are_written_when_asked_for_only() {
    assert!(!Cli::new().run(&["explain"]).stdout.contains('\u{1b}'));
    assert!(Cli::new().run(&["explain", "--color", "always"]).stdout.contains('\u{1b}'));
}
