//! Manifests with mistakes, over the real command line.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use support::cli::Cli;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";

fn with(manifest: impl AsRef<[u8]>) -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/a.php", "<?php\n$a = 1;\n").file("ext/reguid.toml", manifest);
    cli
}

#[test]
fn all_mistakes_are_told_with_their_places() {
    let cli = with(
        "[lint]\nfail_on = \"error\"\nexclude = [\"../other\"]\n[[lint.ignore]]\nrule = \"raw-id-colum\"\nreason = \"\"\n\n\
         [[reference]]\ndatabase = \"data.db\"\ntable = \"apps\"\ncolumn = \"domain_id\"\nsetting-key = \"s-{domian}\"\nkind = \"domian\"\n",
    );
    for args in [&["lint", "ext"][..], &["references", "ext"], &["references", "--write", "ext"], &["lint", "--format", "json", "ext"]] {
        let ran = cli.run(args);
        assert_eq!(ran.code, 2, "{args:?}");
    }
    insta::assert_snapshot!(cli.run(&["lint", "ext"]), @"
    exit code 2
    ----- stderr
    error: ext/reguid.toml cannot be used: 6 things are wrong in it
      ext/reguid.toml:2:1: unknown key `fail_on` in `[lint]`; did you mean `fail-on`?
      ext/reguid.toml:3:12: this glob leaves its folder by `..`
      ext/reguid.toml:5:8: unknown rule `raw-id-colum`; did you mean `raw-id-column`?
      ext/reguid.toml:6:10: `reason` is empty
      ext/reguid.toml:12:1: `setting-key` contradicts `column`: an entry names one place
      ext/reguid.toml:13:8: unknown kind `domian`; did you mean `domain`?
    help: nothing was done; correct the manifest and run the command again
    ");
}

#[test]
fn json_tells_the_mistakes_too() {
    let ran = with("[lint]\nfail-on = \"eror\"\n").run(&["lint", "ext", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let reason = value["failed"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("ext/reguid.toml:2:11") && reason.contains("did you mean `error`?"), "{reason}");
}

#[test]
fn a_terminal_gets_the_lines_drawn() {
    let cli = with("[[reference]]\nsetting-key = \"s-{domian}\"\n");
    let output = cli.command(&["lint", "ext", "--color", "always"]).env("LANG", "C.UTF-8").output().unwrap();
    let stderr = cli.ran(output).stderr;
    assert!(stderr.contains("\u{1b}["), "{stderr}");
    assert!(stderr.contains("reguid.toml:2:15"), "{stderr}");
    assert!(!stderr.contains("]8;;"), "links are rubbish in many terminals: {stderr}");
}

#[test]
fn bytes_that_are_no_text() {
    insta::assert_snapshot!(with(b"[lint]\n# \xff\n").run(&["lint", "ext"]), @"
    exit code 2
    ----- stderr
    error: ext/reguid.toml is not UTF-8 text: the first wrong byte is byte 9
    help: save it as UTF-8
    ");
}

#[test]
fn no_toml() {
    insta::assert_snapshot!(with("[lint\nfail-on = \"error\"\n").run(&["lint", "ext"]), @"
    exit code 2
    ----- stderr
    error: ext/reguid.toml cannot be used
      ext/reguid.toml:1:6: unclosed table, expected `]`
    help: nothing was done; correct the manifest and run the command again
    ");
}
