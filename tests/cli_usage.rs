//! The command line itself: help, usage errors, exit codes, a reader that goes away.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use std::process::Stdio;

use support::cli::Cli;

#[test]
fn help_names_the_commands() {
    let ran = Cli::new().run(&["--help"]);
    assert_eq!(ran.code, 0);
    insta::assert_snapshot!(ran, @"
    exit code 0
    ----- stdout
    Keeps a Plesk extension's data true through backup and restore.

    Plesk gives restored objects new numeric ids. `reguid lint` finds every place where an extension
    stores the old ones; `reguid fix` rewrites exactly those places after a restore.

    Usage: reguid [OPTIONS] <COMMAND>

    Commands:
      lint        Find the places where an extension stores raw panel ids
      explain     Show a rule's page
      references  Write what lint proved as entries of the manifest reguid.toml
      snapshot    Read a panel's objects and write them to a snapshot file or into an extension's
                  companion database
      plan        Show what a fix would do, cell by cell
      fix         Rewrite an extension's stored ids after a restore: plan, apply, verify
      verify      Check that all stored ids resolve on this panel
      undo        Take the last run back
      quarantine  List rows that were taken out because their object was gone, and put them back
      convert     Turn id columns into GUID or name columns, schema and data
      server      Serve an editor: findings, rule pages and quick fixes over the language server
                  protocol
      demo        Show the whole story on a sample extension, in a temporary folder
      help        Print this message or the help of the given subcommand(s)

    Options:
          --color <WHEN>
              When to write colours. Before `NO_COLOR`, which goes before `FORCE_COLOR` and
              `CLICOLOR_FORCE`; without any of them a terminal gets colours

              Possible values:
              - auto:   As the environment and the terminal tell
              - always: Always
              - never:  Never
              
              [default: auto]

      -v, --verbose
              Tell more: what was suppressed, and by what

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Exit codes: 0 clean or done, 1 something was found, 2 could not work, 128 and more by a signal.
    ");
}

#[test]
fn version() {
    insta::assert_snapshot!(Cli::new().run(&["--version"]), @"
    exit code 0
    ----- stdout
    reguid [VERSION]
    ");
}

#[test]
fn usage_errors_exit_with_2() {
    for args in
        [&["lnt"][..], &[], &["lint", "--formt"], &["lint", "--format", "xml"], &["--color", "blue", "lint"], &["explain", "--all", "x"]]
    {
        let ran = Cli::new().run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?} {ran}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let cli = Cli::new();
    let mut child = cli.command(&["explain", "--all"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = cli.ran(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one() {
    let cli = Cli::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = cli.ran(cli.command(&["explain", "--all"]).stdout(full).output().unwrap());
    insta::assert_snapshot!(ran, @"
    exit code 2
    ----- stderr
    error: the report could not be written to standard output: No space left on device (os error 28)
    help: is the disk full?
    ");
}
