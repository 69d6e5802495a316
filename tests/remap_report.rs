//! What plans, runs, undos and verifications look like, and that the options of their commands are sound.
#![allow(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "support/data.rs"]
mod data;
#[path = "support/model.rs"]
mod model;

use clap::Args;
use data::{Case, VarDir, entry, inventory, manifest, undo};
use reguid::command;
use reguid::reference::manifest::OnMissing;
use reguid::remap::{self, Fixed};
use reguid::report;
use reguid::report::terminal::Terminal;

const PLAIN: Terminal = Terminal { colour: false, width: 120, unicode: true, progress: false };

fn text(write: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_plan_a_run_and_its_undo_read_well() {
    let dir = VarDir::new();
    dir.sql(
        "data.db",
        "CREATE TABLE apps(id INTEGER PRIMARY KEY, domain_id INT UNIQUE); CREATE TABLE jobs(d TEXT, n);
         INSERT INTO apps(domain_id) VALUES (5), (7), (8), (NULL); INSERT INTO jobs VALUES ('5', 1), ('5', 2), ('5', 3), ('5', 4), ('99', 5);
         CREATE TRIGGER touch AFTER UPDATE ON apps BEGIN SELECT 1; END; CREATE VIRTUAL TABLE found USING fts5(words)",
    );
    let old = inventory("before.sql", &[(5, "a.example"), (7, "b.example"), (8, "c.example")]);
    let new = inventory("after.sql", &[(7, "a.example"), (5, "b.example"), (8, "c.example")]);
    let references = |jobs| manifest(vec![entry("data.db", "apps", "domain_id", OnMissing::Fail), entry("data.db", "jobs", "d", jobs)]);
    let stops = references(OnMissing::Fail);
    let case = Case { dir: &dir, manifest: &stops, old: Some(&old), new: &new };
    let plan = case.plan().unwrap();
    insta::assert_snapshot!(text(|out| report::plan::human(&plan, &PLAIN, out)), @r##"
    From before.sql, of 2026-01-02 (5d9b90eb151a)
      to after.sql, of 2026-01-02 (6551b281a562)

    database  place                  kind    rows  changed  unchanged  missing  ambiguous  no id
    data.db   sqlite:apps.domain_id  domain     4        2          1        0          0      1
    data.db   sqlite:jobs.d          domain     5        4          0        1          0      0

    data.db: sqlite:apps.domain_id
      id 1: 5 (a.example) → 7 (a.example)
      id 2: 7 (b.example) → 5 (b.example)

    data.db: sqlite:jobs.d
      rowid 1: '5' (a.example) → '7' (a.example)
      rowid 2: '5' (a.example) → '7' (a.example)
      rowid 3: '5' (a.example) → '7' (a.example)
      and 1 more row

    Triggers that will not fire (what they keep up to date is not kept up):
      data.db: touch on apps: does something else

    Virtual tables:
      data.db: found (fts5): stays as it is; if its rows go by ids that change, the extension must fill it anew

    Notes:
      there is no companion here: that the ids speak of the old state is taken on faith. If they were mapped already (and reguid.db was lost since), do not go on

    Unresolved:
      data.db: sqlite:jobs.d: the old panel state knew no domain 99 (1 row)
      For ids whose object is gone, set on-missing in the manifest: keep, null, delete-row or quarantine.

    6 cells in 6 rows would change; as it is, nothing will: see above.
    "##);
    let keeps = references(OnMissing::Keep);
    let case = Case { manifest: &keeps, ..case };
    let fixed = case.fix().unwrap();
    insta::assert_snapshot!(text(|out| report::run::human(&fixed, "/var/ext".into(), &PLAIN, out)), @r##"
    From before.sql, of 2026-01-02 (5d9b90eb151a)
      to after.sql, of 2026-01-02 (6551b281a562)

    database  place                  kind    changed  unchanged  missing
    data.db   sqlite:apps.domain_id  domain        2          1        0
    data.db   sqlite:jobs.d          domain        4          0        1

    Triggers that did not fire (what they keep up to date was not kept up):
      data.db: touch on apps: does something else

    Virtual tables:
      data.db: found (fts5): stays as it is; if its rows go by ids that change, the extension must fill it anew

    Notes:
      there is no companion here: that the ids speak of the old state is taken on faith. If they were mapped already (and reguid.db was lost since), do not go on

    Run 1: 6 cells in 6 rows changed, checked and committed.
    To take it back: reguid undo /var/ext
    "##);
    assert!(text(|out| report::run::json(&fixed, false, out)).contains("\"outcome\": \"applied\""));
    let again = case.fix().unwrap();
    assert!(matches!(again, Fixed::Nothing { .. }));
    insta::assert_snapshot!(text(|out| report::run::human(&again, "/var/ext".into(), &PLAIN, out)), @r##"
    Nothing to do: 7 references are already right.
    "##);
    let verified = remap::resolve::verify(dir.path(), &stops, &new).unwrap();
    insta::assert_snapshot!(text(|out| report::run::verified(&verified, &PLAIN, out)), @r##"
    database  place                  kind    holds  rows  right  none  dangling  kept  twin differs
    data.db   sqlite:apps.domain_id  domain  id        4      3     1         0     0             0
    data.db   sqlite:jobs.d          domain  id        5      4     0         1     0             0

    data.db: sqlite:jobs.d
      rowid 5: no domain '99'

    1 reference is wrong.
    "##);
    insta::assert_snapshot!(text(|out| report::run::undone(&undo(&dir).unwrap(), out)), @r##"
    Run 1 was taken back: 6 rows as before.
    "##);
}

#[test]
fn the_options_are_sound() {
    for command in [
        command::plan::Args::augment_args(clap::Command::new("plan")),
        command::fix::Args::augment_args(clap::Command::new("fix")),
        command::verify::Args::augment_args(clap::Command::new("verify")),
        command::undo::Args::augment_args(clap::Command::new("undo")),
        command::snapshot::Args::augment_args(clap::Command::new("snapshot")),
    ] {
        command.debug_assert();
    }
}
