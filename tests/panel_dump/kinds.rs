//! Every kind of object and its stable key, in dumps of a real server.

use reguid::panel::Kind;

use crate::mariadb::MariaDb;
use crate::{kind, load, outcome};

/// For each kind an object of the corpus before its restore: its stable key, and whether it has a GUID.
const KEYS: &[(&str, i64, &str, bool)] = &[
    ("action", 2, "domain_delete", false),
    ("anonymous-ftp", 2, "old-name.example", false),
    ("certificate", 1, "default certificate", false),
    ("client", 4, "bob", true),
    ("custom-button", 1, "navigation|Sample|/modules/sample/index.php", false),
    ("database", 3, "Bob_wp@localhost:3306:mysql", false),
    ("database-server", 2, "db2.hoster.example:5432:postgresql", false),
    ("database-user", 1, "alice_u@alice_shop@localhost:3306:mysql", false),
    ("dns-record", 2, "alice.example/TXT/alice.example./v=spf1 +a; include:\"x\" -all/", false),
    ("dns-template-record", 3, "MX/<domain>./mail.<domain>./10", false),
    ("dns-zone", 210, "xn--bcher-kva.example", false),
    ("domain", 5, "alice.example", true),
    ("domain-alias", 1, "alice-alias.example", false),
    ("domain-service", 3, "bob.example/web", false),
    ("extension", 2, "wp-toolkit", false),
    ("ftp-user", 1, "carol_ftp", false),
    ("ip-address", 2, "2001:db8::10", false),
    ("mail-alias", 1, "contact/info@alice.example", false),
    ("mail-list", 1, "news@bob.example", false),
    ("mail-redirect", 1, "alice@elsewhere.example/info@alice.example", false),
    ("mailbox", 4, "o'neil@carol.example", false),
    ("plan", 3, "reseller-nord/domain/Gold", true),
    ("plan-item", 1, "sitebuilder", true),
    ("protected-directory", 1, "alice.example/private", false),
    ("protected-directory-user", 1, "guest@alice.example/private", false),
    ("role", 2, "alice/Webmaster", false),
    ("scheduled-task", 1, "0x0123456789abcdef0123456789abcdef", false),
    ("service-node", 1, "local", false),
    ("subscription", 12, "reseller-nord", true),
    ("system-user", 1, "alice_ftp", false),
    ("user", 5, "info@bob.example", true),
    ("web-user", 1, "bob_ftp", false),
];

#[test]
fn every_kind_has_its_stable_key() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    let panel = outcome(&server.dump(["psa"])).expect("it is read");
    for (word, id, key, has_guid) in KEYS {
        let object = panel.get(kind(word), *id).unwrap_or_else(|| panic!("{word} {id}"));
        assert_eq!((&*object.name, object.guid.is_some()), (*key, *has_guid), "{word} {id}");
    }
    for kind in Kind::all() {
        assert!(KEYS.iter().any(|(word, ..)| *word == kind.name()), "{kind} is looked at");
        let mut names: Vec<&str> = panel.of_kind(kind).iter().map(|o| &*o.name).collect();
        names.sort_unstable();
        let different = names.windows(2).all(|pair| pair[0] != pair[1]);
        // Two certificates of the corpus share their name, as they may.
        assert!(different || kind.name() == "certificate", "{kind}: {names:?}");
        assert!(names.iter().all(|name| !name.is_empty()), "{kind}: {names:?}");
    }
}

#[test]
fn guids_that_are_zero_shared_or_another_objects_are_never_used() {
    let server = MariaDb::start();
    load(&server, "psa", "before.sql");
    let kinds: Vec<(Kind, &str, &str, &str)> = Kind::all()
        .filter_map(|kind| {
            let table = kind.facts().table.as_ref()?;
            Some((kind, table.name.as_str(), table.id.as_str(), table.guid.as_deref()?))
        })
        .collect();
    assert_eq!(kinds.iter().map(|k| k.0.name()).collect::<Vec<_>>(), ["client", "domain", "plan", "plan-item", "user"]);
    let shared = "abcdefab-1234-4567-89ab-abcdefabcdef";
    for (_, table, id, guid) in &kinds {
        let unique = format!("ALTER TABLE {table} DROP INDEX IF EXISTS uuid;");
        let zero = format!("UPDATE {table} SET {guid} = '00000000-0000-0000-0000-000000000000' WHERE {id} = 1;");
        server.run("psa", &format!("{unique}{zero}"));
    }
    let zero = outcome(&server.dump(["psa"])).expect("it is read");
    for (kind, ..) in &kinds {
        let of = |id| zero.get(*kind, id).expect("an object of the corpus");
        let first = zero.of_kind(*kind)[0].id;
        if first == 1 {
            assert_eq!(of(1).guid, None, "{kind}");
        }
        assert!(zero.of_kind(*kind).iter().any(|o| o.guid.is_some()), "{kind}");
    }
    for (_, table, id, guid) in &kinds {
        server.run("psa", &format!("UPDATE {table} SET {guid} = UPPER('{shared}') WHERE {id} <= 5 OR {id} = 7"));
    }
    let twice = outcome(&server.dump(["psa"])).expect("it is read");
    for (kind, ..) in &kinds {
        let ids: Vec<i64> = twice.of_kind(*kind).iter().map(|o| o.id).filter(|id| *id <= 5 || *id == 7).collect();
        let listed = twice.duplicates().iter().find(|d| d.kind == *kind && d.guid.to_string() == shared);
        assert_eq!(listed.map(|d| &d.ids), Some(&ids), "{kind}");
        assert!(ids.iter().all(|id| twice.get(*kind, *id).is_some_and(|o| o.guid.is_none())), "{kind}");
    }
    // What lends its identity lends no shared GUID.
    let subscription = twice.get(kind("subscription"), 1).expect("a subscription");
    assert_eq!((subscription.guid, &*subscription.name), (None, "alice.example"));
    // An alias shows the GUID of the domain that it stands for.
    server.run(
        "psa",
        "ALTER TABLE domain_aliases ADD guid varchar(36); UPDATE domain_aliases a JOIN domains d ON d.id = a.dom_id SET a.guid = d.guid",
    );
    let aliases = outcome(&server.dump(["psa"])).expect("it is read");
    assert!(aliases.of_kind(kind("domain-alias")).iter().all(|o| o.guid.is_none() && !o.name.is_empty()));
    assert_eq!(aliases.duplicates(), twice.duplicates());
}
