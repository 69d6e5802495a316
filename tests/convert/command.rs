//! `reguid convert` over the real command line.

use crate::data::inventory;
use crate::support::cli::Cli;
use reguid::sqlite::Connection;

const MANIFEST: &str = "# mine\n[[reference]]\ndatabase = \"data.db\"\ntable = \"apps\"\ncolumn = \"domain_id\" # the site\nkind = \"domain\"\n\n[[reference]]\nsetting-key = \"s-{domain}\"\n";

fn extension() -> Cli {
    let cli = Cli::new();
    cli.file("var/reguid.toml", MANIFEST);
    let sql = "CREATE TABLE apps(\n  id INTEGER PRIMARY KEY, -- ours\n  domain_id INTEGER NOT NULL\n); INSERT INTO apps VALUES (1, 5), (2, 7), (3, 0);
        CREATE TRIGGER tr AFTER INSERT ON apps BEGIN UPDATE apps SET id = id WHERE domain_id = NEW.domain_id; END";
    Connection::open(cli.root().join("var/data.db")).unwrap().execute_batch(sql).unwrap();
    let panel = inventory("panel.sql", &[(5, "a.example"), (7, "b.example")]);
    let path = camino::Utf8PathBuf::from_path_buf(cli.root().join("panel.snapshot")).unwrap();
    reguid::panel::source::snapshot::write(&panel, &path).unwrap();
    cli
}

#[test]
fn the_whole_story() {
    let cli = extension();
    let ran = cli.run(&["convert", "var", "--panel", "panel.snapshot", "--dry-run"]);
    insta::assert_snapshot!(ran, @r##"
    exit code 0
    ----- stdout
    database  place                  kind    becomes  rows  ids  references already  none
    data.db   sqlite:apps.domain_id  domain  guid        3    2                   0     1

    data.db: apps
      -   domain_id INTEGER NOT NULL
      +   domain_id TEXT NOT NULL

    Notes:
      setting-key:s-{domain}: keeps its ids: `convert` changes whole columns only
      there is no companion here: that the ids speak of this panel as it is now is taken on faith. After a restore, run `reguid fix` first
      data.db: the trigger tr may read apps.domain_id; its text is kept: see whether it still holds

    It was tried out on a private copy. Nothing was written.

    var/reguid.toml must say afterwards (--write-manifest does it):
      apps.domain_id: holds = "guid"
    "##);
    assert!(!cli.root().join("var/reguid.db").exists());
    let ran = cli.run(&["convert", "var", "--panel", "panel.snapshot", "--write-manifest"]);
    insta::assert_snapshot!(ran, @r##"
    exit code 0
    ----- stdout
    database  place                  kind    becomes  rows  ids  references already  none
    data.db   sqlite:apps.domain_id  domain  guid        3    2                   0     1

    data.db: apps
      -   domain_id INTEGER NOT NULL
      +   domain_id TEXT NOT NULL

    Notes:
      setting-key:s-{domain}: keeps its ids: `convert` changes whole columns only
      there is no companion here: that the ids speak of this panel as it is now is taken on faith. After a restore, run `reguid fix` first
      data.db: the trigger tr may read apps.domain_id; its text is kept: see whether it still holds

    Run 1: 2 ids in 1 table converted, checked and committed.
    To take it back: reguid undo var

    var/reguid.toml says now:
      apps.domain_id: holds = "guid"
    "##);
    insta::assert_snapshot!(cli.read("var/reguid.toml"), @r##"
    # mine
    [[reference]]
    database = "data.db"
    table = "apps"
    column = "domain_id" # the site
    kind = "domain"
    holds = "guid"

    [[reference]]
    setting-key = "s-{domain}"
    "##);
    let again = cli.run(&["convert", "var", "--panel", "panel.snapshot"]);
    insta::assert_snapshot!(again, @r##"
    exit code 0
    ----- stdout

    Notes:
      setting-key:s-{domain}: keeps its ids: `convert` changes whole columns only

    Nothing to do: no column holds ids that are to be converted.
    "##);
    let undone = cli.run(&["undo", "var"]);
    insta::assert_snapshot!(undone, @r##"
    exit code 0
    ----- stdout
    Run 1 was taken back: 3 rows as before.
    warning: apps.domain_id holds ids again: say holds = "id" in the manifest
    "##);
}

#[test]
fn what_stands_in_the_way() {
    let cli = extension();
    let sql = "INSERT INTO apps VALUES (4, 99)";
    Connection::open(cli.root().join("var/data.db")).unwrap().execute_batch(sql).unwrap();
    insta::assert_snapshot!(cli.run(&["convert", "var", "--panel", "panel.snapshot"]), @r##"
    exit code 1
    ----- stdout
    database  place                  kind    becomes  rows  ids  references already  none
    data.db   sqlite:apps.domain_id  domain  guid        4    3                   0     1

    This stands in the way:
      data.db: sqlite:apps.domain_id: no such domain on this panel: 99 (1 row)

    Stopped: nothing was written.
    "##);
    insta::assert_snapshot!(cli.run(&["convert", "var", "--panel", "panel.snapshot", "--reference", "sqlite:apps.id"]), @r##"
    exit code 2
    ----- stderr
    error: var/reguid.toml: no reference is called sqlite:apps.id
    help: there are: data.db: sqlite:apps.domain_id
    "##);
}

#[test]
fn scripts_are_written_whole() {
    let cli = extension();
    let ran = cli.run(&["convert", "var", "--panel", "panel.snapshot", "--emit", "sql", "-o", "up.sql"]);
    assert_eq!(ran.code, 0, "{ran}");
    insta::assert_snapshot!(cli.read("up.sql").replace(env!("CARGO_PKG_VERSION"), "[VERSION]"), @r##"
    -- Turns ids of the panel into references that a restore does not change.
    -- Written by reguid [VERSION]. Review it before it runs.
    --   data.db: sqlite:apps.domain_id (domain) becomes a GUID
    --   note: setting-key:s-{domain}: keeps its ids: `convert` changes whole columns only
    --   note: there is no companion here: that the ids speak of this panel as it is now is taken on faith. After a restore, run `reguid fix` first
    --   note: data.db: the trigger tr may read apps.domain_id; its text is kept: see whether it still holds
    -- The ids are those of this panel state: panel.snapshot, a snapshot of panel.sql, of 2026-01-02 (d35ba14e53d0).
    -- On another panel, or on this one after a restore, they mean other objects: do not run it there.
    -- Run it once, in the extension's var directory, while nothing else uses the data:
    --   sqlite3 data.db < this file
    -- It stops at the first thing that is not as it was when it was written, and then nothing is changed. The next line makes SQLite's own
    -- program stop at an error. Another program must do so by itself (PDO::exec does), and does not know that line: take it out there.
    .bail on
    PRAGMA foreign_keys = OFF;
    BEGIN IMMEDIATE;

    -- Each line says what must hold. Where one does not, this table refuses it.
    CREATE TEMP TABLE reguid_expected(what TEXT, holds CONSTRAINT "it is as expected" CHECK (holds IS 1));
    INSERT INTO temp.reguid_expected VALUES ('foreign keys are not enforced', (SELECT foreign_keys = 0 FROM pragma_foreign_keys));
    INSERT INTO temp.reguid_expected VALUES ('apps is declared as it was', (SELECT count(*) FROM "main"."sqlite_master" WHERE type = 'table' AND name = 'apps' AND sql = 'CREATE TABLE apps(
      id INTEGER PRIMARY KEY, -- ours
      domain_id INTEGER NOT NULL
    )'));
    INSERT INTO temp.reguid_expected VALUES ('apps has the indexes and triggers that it had', (SELECT count(*) = 1 AND total(sql IN ('CREATE TRIGGER tr AFTER INSERT ON apps BEGIN UPDATE apps SET id = id WHERE domain_id = NEW.domain_id; END')) = 1 FROM "main"."sqlite_master" WHERE type IN ('index', 'trigger') AND tbl_name = 'apps' COLLATE NOCASE AND sql IS NOT NULL));
    INSERT INTO temp.reguid_expected VALUES ('apps and its indexes are sound (see PRAGMA integrity_check; REINDEX mends indexes)', (SELECT total(NOT (integrity_check = 'ok' OR integrity_check GLOB 'NULL value in *' OR integrity_check GLOB 'NUMERIC value in *' OR integrity_check GLOB 'TEXT value in *' OR integrity_check GLOB 'CHECK constraint failed in *' OR integrity_check GLOB 'non-* value in *' AND integrity_check NOT GLOB 'non-unique *')) = 0 FROM pragma_integrity_check('apps', 'main')));

    -- Each value of a column of domain ids, and what it becomes. Values that mean no object stay.
    CREATE TEMP TABLE "reguid_domain"(value PRIMARY KEY, reference TEXT NOT NULL);
    INSERT INTO temp."reguid_domain" VALUES
      (0, '0'),
      (5, 'f8c12bcc-8988-08e1-38c3-c40641e9c341'),
      (7, '9e533385-6f28-5bb5-57be-8b0f4cd90d62');
    INSERT INTO temp.reguid_expected VALUES ('every value of apps.domain_id has a reference', (SELECT NOT EXISTS (SELECT 1 FROM "main"."apps" AS t NOT INDEXED WHERE typeof(t."domain_id") NOT IN ('null', 'integer', 'text') OR t."domain_id" IS NOT NULL AND (SELECT m.reference FROM temp."reguid_domain" AS m WHERE m.value = +t."domain_id" COLLATE BINARY) IS NULL)));

    -- the rows of apps, as they will be
    CREATE TEMP TABLE reguid_rows(c0, c1);
    INSERT INTO temp.reguid_rows SELECT t."id", (SELECT m.reference FROM temp."reguid_domain" AS m WHERE m.value = +t."domain_id" COLLATE BINARY) FROM "main"."apps" AS t NOT INDEXED;
    INSERT INTO temp.reguid_expected VALUES ('all rows of apps are there', (SELECT (SELECT count(*) FROM temp.reguid_rows) = (SELECT count(*) FROM "main"."apps" NOT INDEXED)));

    -- apps is made anew
    DROP TABLE "main"."apps";
    CREATE TABLE "main".apps(
      id INTEGER PRIMARY KEY, -- ours
      domain_id TEXT NOT NULL
    );
    INSERT OR ABORT INTO "main"."apps"("id", "domain_id") SELECT c0, c1 FROM temp.reguid_rows ORDER BY c0;
    INSERT INTO temp.reguid_expected VALUES ('all rows of apps are back', (SELECT (SELECT count(*) FROM temp.reguid_rows) = (SELECT count(*) FROM "main"."apps" NOT INDEXED)));
    DROP TABLE temp.reguid_rows;
    CREATE TRIGGER "main".tr AFTER INSERT ON apps BEGIN UPDATE apps SET id = id WHERE domain_id = NEW.domain_id; END;
    DROP TABLE temp."reguid_domain";
    DROP TABLE temp.reguid_expected;

    COMMIT;
    "##);
    let ran = cli.run(&["convert", "var", "--emit", "php", "--beside"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("<?php\n") && ran.stdout.contains("\"domain_guid\" TEXT"), "{ran}");
    assert_eq!(cli.run(&["convert", "var", "--emit", "php", "--dry-run"]).code, 2);
}

#[test]
fn programs_are_told_as_json() {
    let cli = extension();
    let schema = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schema/convert.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let json = |code: i32, more: &[&str]| -> serde_json::Value {
        let ran = cli.run(&[&["convert", "var", "--panel", "panel.snapshot", "--format", "json"], more].concat());
        assert_eq!(ran.code, code, "{ran}");
        let value = serde_json::from_str(&ran.stdout).unwrap();
        let errors: Vec<String> = schema.iter_errors(&value).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} {ran}");
        value
    };
    let planned = json(0, &["--dry-run"]);
    assert_eq!((&planned["outcome"], &planned["dry_run"], &planned["run"]), (&"nothing".into(), &true.into(), &serde_json::Value::Null));
    assert_eq!((&planned["conversion"]["form"], &planned["conversion"]["places"][0]["ids"]), (&"guid".into(), &2.into()));
    assert_eq!(
        (&planned["manifest"]["written"], &planned["manifest"]["changes"][0]),
        (&false.into(), &"apps.domain_id: holds = \"guid\"".into())
    );
    let data = || Connection::open(cli.root().join("var/data.db")).unwrap();
    data().execute_batch("INSERT INTO apps VALUES (4, 99)").unwrap();
    let stopped = json(1, &[]);
    assert!(stopped["conversion"]["problems"][0].as_str().unwrap().contains("no such domain"), "{stopped}");
    assert_eq!(stopped["outcome"], "stopped");
    data().execute_batch("DELETE FROM apps WHERE id = 4").unwrap();
    let done = json(0, &["--write-manifest"]);
    assert_eq!((&done["outcome"], &done["run"], &done["manifest"]["written"]), (&"converted".into(), &1.into(), &true.into()));
    assert!(cli.read("var/reguid.toml").contains("holds = \"guid\""));
    assert_eq!(json(0, &[])["outcome"], "nothing");
}
