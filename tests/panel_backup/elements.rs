//! What each element gives.

use crate::{Folder, kind, lines, read, text};

/// A file with `inner` in its root element.
pub(crate) fn rooted(inner: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<migration-dump agent-name=\"x\" dump-version=\"18.0.60\" dump-format=\"panel\">\n{inner}\n</migration-dump>\n"
    )
}

pub(crate) fn guid(number: u32) -> String {
    format!("{number:08x}-1111-4111-8111-111111111111")
}

fn of(inner: &str) -> reguid::panel::Inventory {
    let folder = Folder::new();
    read(&folder.file("some.xml", rooted(inner)))
}

#[test]
fn every_element_of_a_server_backup() {
    let folder = Folder::new();
    let server = read(&folder.file("backup_info_2611230410.xml", text("server.xml")));
    assert_eq!(
        lines(&server),
        [
            "client 1 admin [|]",
            "client 2 reseller-nord in client 1 [|2019-04-02]",
            "client 4 bob in client 2 [|2020-02-20]",
            "database 2 bob_wp@localhost:3306:mysql in domain 7 [], no GUID",
            "database 9 bob_pg@db2.hoster.example:5432:postgresql in domain 7 [], no GUID",
            "database-user 2 bob_u@bob_wp@localhost:3306:mysql in database 2 [7], no GUID",
            "database-user 3 bob_all@ [7], no GUID",
            "domain 7 bob.example in client 4 [2020-02-20|0|0]",
            "domain 8 bob-blog.example in client 4 [2020-02-21|7|0]",
            "domain 10 xn--bcher-kva.example in client 4 [|7|0]",
            "domain 11 shop.bob-blog.example in client 4 [|7|8]",
            "domain 18 no-guid.example in client 1 [2023-03-03|0|0], no GUID",
            "mailbox 2 info@bob.example in domain 7 [], no GUID",
            "mailbox 4 o'neil@bob.example in domain 7 [], no GUID",
        ]
    );
    assert_eq!(server.get(kind("domain"), 7).unwrap().guid.unwrap().to_string(), "00000007-00d0-4a1b-9c2d-00000000d889");
    assert_eq!(
        server.notes(),
        [
            "it names 1 x domain-alias without an id: only a database of the panel has that",
            "it names 2 x plan without an id: only a database of the panel has that",
            "it names 1 x plan-item without an id: only a database of the panel has that",
            "it names 1 x role without an id: only a database of the panel has that",
            "it names 1 x user without an id: only a database of the panel has that",
            "1 x <subdomain> was not read: subdomains of the table that the panel had before version 10; later ones are domains",
        ]
    );
    assert_eq!((server.partial(), server.origin.taken.as_deref()), (None, Some("2026-11-23 04:10")));
    assert!(server.origin.source.ends_with("backup_info_2611230410.xml (format 18.0.60)"), "{}", server.origin.source);
    let carried: Vec<&str> = server.carried().iter().map(|k| k.name()).collect();
    assert_eq!(carried, ["client", "database", "database-user", "domain", "mailbox"]);
}

/// What `rules/panel` knows of backups is what the fixtures and the made-up panels have.
#[test]
fn every_element_that_is_known_stands_in_a_fixture() {
    let mut texts = ["server.xml", "small-server.xml", "small-domain.xml"].map(text).concat();
    for seed in 0..6 {
        let folder = Folder::new();
        crate::model::Panel::new(seed).tree(&folder.path("tree"), "2611230410");
        let mut folders = vec![folder.path("tree")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { texts += &std::fs::read_to_string(path).unwrap() }
            }
        }
    }
    let known = reguid::panel::catalogue::get().kinds.iter();
    let elements: Vec<&str> =
        known.flat_map(|k| k.backup.iter().map(|e| &*e.element).chain(k.backup_check.iter().map(|c| &*c.element))).collect();
    assert!(elements.contains(&"reseller-info") && elements.contains(&"phosting"), "{elements:?}");
    for element in elements {
        assert!([' ', '>', '/'].iter().any(|end| texts.contains(&format!("<{element}{end}"))), "<{element}> stands nowhere");
    }
}

#[test]
fn no_secret_is_kept() {
    assert!(text("server.xml").contains("secret"), "there are some to leave out");
    let folder = Folder::new();
    let kept = format!("{:?}", read(&folder.file("x.xml", text("server.xml"))));
    assert!(!kept.contains("secret") && !kept.contains("c2VjcmV0"), "{kept}");
}

#[test]
fn backups_of_one_reseller_customer_or_subscription_are_of_a_part() {
    let why = Some("it is a backup of a part of the panel");
    let (one, two) = (guid(1), guid(2));
    let reseller =
        of(&format!("<reseller id='2' guid='{one}' name='r'><clients><client id='3' guid='{two}' name='c'/></clients></reseller>"));
    assert_eq!(lines(&reseller), ["client 2 r [|]", "client 3 c in client 2 [|]"]);
    assert_eq!(reseller.partial(), why);
    let client = of(&format!("<client id='3' guid='{two}' name='c' owner-guid='{one}'/>"));
    assert_eq!((lines(&client), client.partial()), (vec!["client 3 c [|]".to_owned()], why));
    let admins = of(&format!("<admin id='1' guid='{one}'><domains><domain id='5' guid='{two}' name='d.example'/></domains></admin>"));
    assert_eq!((admins.objects().len(), admins.partial()), (2, why), "a domain that the administrator owns");
    let domain = of(&format!("<domain id='5' guid='{two}' name='d.example' owner-guid='{one}'/>"));
    assert_eq!((lines(&domain), domain.partial()), (vec!["domain 5 d.example [|0|0]".to_owned()], why));
}

#[test]
fn a_single_mailbox_or_database_knows_its_domain_by_its_identifier_alone() {
    let one = guid(1);
    let inner = format!(
        "<mailuser id='4' guid='{one}_mn_4' name='info'/><domain-info name='d.example' guid='{one}'/><database id='3' guid='{one}_db_3' name='x'/>"
    );
    let alone = of(&inner);
    // The domain's id is not there, its name is; where the database's server is, nothing tells.
    assert_eq!(lines(&alone), ["database 3  [], no GUID", "mailbox 4 info@d.example [], no GUID"]);
    assert!(
        alone
            .partial()
            .unwrap()
            .starts_with(&format!("it names 1 object whose XML files or ids are not there, first domain (d.example, {one})"))
    );
    assert_eq!(alone.notes(), ["1 x database without a name: the backup does not have all that it is made of"]);
    let beside = of(&format!("<domain id='5' guid='{one}' name='d.example'/><mailuser id='4' guid='{one}_mn_4' name='info'/>"));
    assert_eq!(lines(&beside)[1], "mailbox 4 info@d.example in domain 5 [], no GUID");
}

#[test]
fn elements_without_ids_are_no_objects() {
    let folder = Folder::new();
    let path = folder.file(
        "x.xml",
        rooted(
            "<role name='r'/><user name='u' guid='00000001-1111-4111-8111-111111111111'/><phosting guid='x'/><subdomain id='3' name='s'/>",
        ),
    );
    assert!(crate::refused(&path).contains("holds no object with an id"));
    let one = guid(1);
    let old = of(&format!("<client id='1' guid='{}' name='c'/><domain guid='{one}' name='d.example'/><mailuser name='m'/>", guid(2)));
    assert_eq!(lines(&old), ["client 1 c [|]"]);
    assert!(old.partial().unwrap().contains(&format!("domain (d.example, {one})")));
    assert!(
        old.notes()[0]
            .starts_with("2 times an element that stands for an object has no id: it was not read; the first: <domain> on line 3 of ")
    );
}

#[test]
fn identifiers_that_do_not_fit_are_noted() {
    let (one, two, three) = (guid(1), guid(2), guid(3));
    let odd = of(&format!(
        "<admin id='1' guid='{three}' name='host'><domains>
        <domain id='5' guid='{one}' name='a.example'><databases><database id='3' guid='{one}_db_4' name='x'/></databases>
          <mailsystem><mailusers><mailuser id='6' guid='{two}_mn_6' name='m'/></mailusers></mailsystem><phosting guid='{one}_ph_6'/></domain>
        <domain id='6' guid='{two}' name='b.example'><phosting guid='{two}_ph_6'/></domain></domains></admin>"
    ));
    // What an element lies in counts.
    assert_eq!(odd.get(kind("mailbox"), 6).unwrap().parent, Some((kind("domain"), 5)));
    assert!(odd.notes()[0].starts_with(
        "2 times an identifier that is composed of an id and another object's GUID does not fit its object; the first: database 3 (x) ("
    ));
    assert!(
        odd.notes()[2].starts_with(&format!(
            "an id or GUID that an element repeats is not that of the object around it: <phosting> on line 5 says domain 6, {one} of "
        )),
        "{:?}",
        odd.notes()
    );
}

#[test]
fn the_owner_that_is_named_counts_more_than_the_one_around() {
    let (one, two, three) = (guid(1), guid(2), guid(3));
    let client = |id: u32, inner: &str| format!("<client id='{id}' guid='{}' name='c{id}'>{inner}</client>", guid(id));
    let domain = format!("<domain id='5' guid='{three}0' name='x'/><domain id='6' guid='{}' name='y' owner-guid='{two}'/>", guid(9));
    let odd = of(&(client(1, &domain) + &client(2, "")));
    assert_eq!(odd.get(kind("domain"), 6).unwrap().parent, Some((kind("client"), 2)));
    assert_eq!(odd.get(kind("domain"), 5).unwrap().parent, Some((kind("client"), 1)));
    assert_eq!(odd.get(kind("domain"), 5).unwrap().guid, None, "37 characters are no GUID");
    assert!(
        odd.notes()[0].starts_with("the owner that an object names is not the one that it lies in: the named one counts: domain 6"),
        "{one}"
    );
    // Everything lies in the element of the whole panel.
    let admin = format!(
        "<admin id='1' guid='{one}'><clients>{}</clients><domains><domain id='6' guid='{three}' name='y' owner-guid='{two}'/></domains></admin>",
        client(2, "")
    );
    let plain = of(&admin);
    assert_eq!((plain.get(kind("domain"), 6).unwrap().parent, plain.notes().len()), (Some((kind("client"), 2)), 0));
}

#[test]
fn a_guid_of_zeros_is_none_and_a_shared_one_identifies_nobody() {
    let (one, zero) = (guid(1), "00000000-0000-0000-0000-000000000000");
    let clones = of(&format!(
        "<client id='1' guid='{zero}' name='c'><domain id='5' guid='{one}' name='a.example'/><domain id='6' guid='{one}' name='b.example'/>
         <domain id='7' guid='{zero}' name='c.example' owner-guid='{zero}'/></client>"
    ));
    assert_eq!(clones.duplicates().iter().map(|d| &d.ids[..]).collect::<Vec<_>>(), [[5, 6]]);
    assert!(clones.objects().iter().all(|o| o.guid.is_none()));
    assert_eq!(clones.get(kind("domain"), 7).unwrap().parent, Some((kind("client"), 1)));
}

#[test]
fn encrypted_values_are_not_taken_for_names() {
    let encrypted =
        of(&format!("<client id='1' guid='{}' name='$AES-128-CBC$abc$def'/><client id='2' guid='{}' name='c'/>", guid(1), guid(2)));
    assert_eq!(lines(&encrypted), ["client 1  [|]", "client 2 c [|]"]);
    assert!(
        encrypted.notes().iter().any(|n| n.starts_with("a value is encrypted: it was not read: name of <client> on line 3 of ")),
        "{:?}",
        encrypted.notes()
    );
}

#[test]
fn names_are_what_the_xml_says() {
    let one = guid(1);
    let odd = of(&format!(
        "<client id='1' guid='{}' name='a&amp;b&#x20ac;&quot;&lt;'/><domain id='2' guid='{one}' name='B&#xfc;cher.example'/>",
        one.to_uppercase()
    ));
    assert_eq!(lines(&odd), ["client 1 a&b€\"< [|]", "domain 2 xn--bcher-kva.example [|0|0]"]);
}
