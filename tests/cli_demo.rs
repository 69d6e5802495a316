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
        "error[raw-id-column]",
        "reguid.toml: 2 added",
        "5          bob.example            pays by invoice, never lock this site  WRONG: belongs to alice.example",
        "5 cells in 5 rows changed, checked and committed",
        "Nothing to do: 6 references are already right",
        "Run 1 was taken back: 5 rows as before",
    ];
    let mut rest = ran.stdout.as_str();
    for step in steps {
        let at = rest.find(step).unwrap_or_else(|| panic!("not told, or not in its turn: {step}\n{}", ran.stdout));
        rest = &rest[at + step.len()..];
    }
    assert!(!ran.stdout.contains("[ROOT]"), "the temporary folder's name is shown");
    assert_eq!(std::fs::read_dir(cli.root()).unwrap().count(), 0, "something was left in the temporary folder");
}
