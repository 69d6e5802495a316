//! `reguid demo`, the first of the README's two commands.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use support::cli::Cli;

#[test]
fn the_demo_tells_the_whole_story_and_leaves_nothing_behind() {
    let cli = Cli::new();
    let ran = cli.ran(cli.command(&["demo"]).env("TMPDIR", cli.root()).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.stderr, "");
    let steps = [
        "error[raw-id-in-setting-key]",
        "error[raw-id-in-setting-value]",
        "error[raw-id-column]",
        "error[raw-id-in-column-value]",
        "reguid.toml: 5 added",
        "alarm-5 alice.example alice@mail.example",
        "5 bob.example pays by invoice, never lock this site WRONG: belongs to alice.example",
        r#"{"domainId":5,"what":"renew the certificate, 7 days before"} bob.example renew the certificate, 7 days before WRONG: belongs to alice.example"#,
        "alarm-5 bob.example alice@mail.example WRONG: belongs to alice.example",
        "6 cells in 6 rows changed, 3 settings, checked and committed",
        "alarm-5 becomes alarm-7",
        r#"{"domainId":7,"what":"renew the certificate, 7 days before"} alice.example renew the certificate, 7 days before"#,
        "alarm-7 alice.example alice@mail.example alarm-5 bob.example bob@mail.example",
        r#"{"domainId":7,"why":"7 minutes without an answer"} alice.example lastAlarm"#,
        "Nothing to do: 11 references are already right",
        "Run 1 was taken back: 6 rows as before",
        "back.sql: run this script now",
    ];
    // Columns are as wide as the terminal lets them be.
    let told = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = told.as_str();
    for step in steps {
        let at = rest.find(step).unwrap_or_else(|| panic!("not told, or not in its turn: {step}\n{}", ran.stdout));
        rest = &rest[at + step.len()..];
    }
    assert!(!ran.stdout.contains("[ROOT]"), "the temporary folder's name is shown");
    assert_eq!(std::fs::read_dir(cli.root()).unwrap().count(), 0, "something was left in the temporary folder");
}
