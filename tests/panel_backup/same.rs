//! The same panel state, read from its database and from its backup.

use std::path::Path;

use reguid::panel::{Inventory, Kind};

use crate::mariadb::MariaDb;
use crate::model::Panel;
use crate::{Folder, kind, lines, read};

/// What a backup carries of a panel is what the panel's database says; of parents, where it can.
#[track_caller]
fn same(backup: &Inventory, dump: &Inventory, parents: bool) {
    assert_eq!(backup.partial(), None);
    let carried: Vec<&str> = backup.carried().iter().map(|k| k.name()).collect();
    assert_eq!(carried, ["client", "database", "database-user", "domain", "mailbox"]);
    assert_eq!(backup.duplicates(), dump.duplicates());
    for &kind in backup.carried() {
        let (ours, theirs) = (backup.of_kind(kind), dump.of_kind(kind));
        assert_eq!(ours.len(), theirs.len(), "{kind}");
        for (a, b) in ours.iter().zip(theirs) {
            assert_eq!((a.id, a.guid, &a.name), (b.id, b.guid, &b.name), "{kind}");
            assert!(a.parent == b.parent || !parents && a.parent.is_none(), "{kind}: {a:?} is not {b:?}");
            for (a, b) in a.witness.iter().zip(&b.witness) {
                assert!(a == b || a.is_empty(), "{kind}: {a} is not {b}");
            }
        }
    }
    assert_eq!(reguid::panel::generation::changed(backup, dump, None, false), None);
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// The same state, read from the server itself, from dumps in every form, from a dump as XML, and from the rows that the client prints.
fn elsewhere(server: &MariaDb, folder: &Folder, dump: &Inventory) {
    let live = reguid::panel::source::read(&format!("mysql://root@/psa?socket={}", server.socket().display())).unwrap();
    let xml = read(&folder.file("dump.xml", server.dump(["--xml", "psa"])));
    let tables = Kind::all().filter_map(|k| Some(format!("SELECT * FROM `{}`", k.facts().table.as_ref()?.name)));
    let rows = read(&folder.file("rows.xml", server.print(["-X", "-e", &tables.collect::<Vec<_>>().join("; "), "psa"])));
    let forms: [&[&str]; 6] = [
        &["--complete-insert", "--hex-blob", "psa"],
        &["--skip-extended-insert", "--compact", "psa"],
        &["--skip-opt", "--skip-quote-names", "psa"],
        &["--databases", "psa", "--insert-ignore"],
        &["--all-databases", "--routines", "--events", "--flush-privileges"],
        &["--compatible=ansi", "--tz-utc", "--replace", "psa"],
    ];
    for form in forms {
        let text = server.dump(form);
        let packed = [("a.sql", text.clone()), ("a.sql.gz", crate::forms::gzip(&text)), ("a.sql.zst", zstd(&text))];
        for (name, bytes) in packed {
            let other = read(&folder.file(name, bytes));
            assert_eq!(other.objects(), dump.objects(), "{form:?} {name}");
            assert_eq!((other.fingerprint(), other.carried()), (dump.fingerprint(), dump.carried()), "{form:?} {name}");
        }
    }
    for (other, what) in [(&live, "live"), (&xml, "a dump as XML"), (&rows, "rows as XML")] {
        assert_eq!(other.objects(), dump.objects(), "{what}");
        assert_eq!((other.fingerprint(), other.duplicates()), (dump.fingerprint(), dump.duplicates()), "{what}");
    }
    assert_eq!((live.carried(), xml.carried()), (dump.carried(), dump.carried()));
    // Of a table without rows, the client prints nothing.
    let with_rows: Vec<Kind> = dump.carried().iter().copied().filter(|k| !dump.of_kind(*k).is_empty()).collect();
    assert_eq!(rows.carried(), with_rows);
    // Between tabs, whole rows of kinds with GUIDs are told by their columns; `panel_dump` has the others.
    let told = server.print(["-B", "-e", "SELECT * FROM clients; SELECT * FROM domains", "psa"]);
    let tabbed = read(&folder.file("rows.txt", told));
    for word in ["client", "domain"] {
        assert_eq!(tabbed.of_kind(kind(word)), dump.of_kind(kind(word)), "{word}");
    }
}

#[test]
fn a_backup_says_what_a_dump_of_a_real_server_says() {
    let server = MariaDb::start();
    let folder = Folder::new();
    let schema = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/panel/schema.sql")).unwrap();
    let (mut without_guid, mut shared) = (0, 0);
    for seed in 0..6 {
        let panel = Panel::new(seed);
        server.run("", "DROP DATABASE IF EXISTS psa; CREATE DATABASE psa");
        server.run("psa", &schema);
        server.run("psa", &panel.sql());
        let dump = read(&folder.file("psa.sql", server.dump(["psa"])));
        elsewhere(&server, &folder, &dump);
        let xml = read(&folder.file("whole.xml", panel.xml()));
        same(&xml, &dump, true);
        let tree = folder.path(&format!("tree{seed}"));
        panel.tree(&tree, "2611230410");
        let tree = read(&tree);
        // The XML file of a subscription names the owner by the GUID alone.
        same(&tree, &dump, dump.of_kind(kind("client")).iter().all(|c| c.guid.is_some()));
        without_guid += dump.of_kind(kind("domain")).iter().filter(|d| d.guid.is_none()).count();
        shared += dump.duplicates().len();
        // What the backup tells of witnesses is enough for a match without GUIDs.
        let witness = &xml.of_kind(kind("domain"))[0].witness;
        assert!(witness.iter().all(|w| !w.is_empty()), "{:?}", lines(&xml));
    }
    assert!(without_guid > 0 && shared > 0, "the panels have the odd cases");
}
