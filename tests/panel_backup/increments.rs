//! Backups that build on others.

use crate::elements::{guid, rooted};
use crate::{Folder, lines, read};

const BASE: &str = "dumps/backup_info_2611200410.xml";
const INCREMENT: &str = "dumps/backup_info_2611200410_2611210410.xml";

fn server(inner: &str) -> String {
    rooted(&format!("<admin id='1' guid='{}'><domains>{inner}</domains></admin><server/>", guid(1)))
}

fn domain(id: u32, number: u32, name: &str) -> String {
    format!("<domain id='{id}' guid='{}' name='{name}'><mailsystem><mailuser id='{id}0' name='info'/></mailsystem></domain>", guid(number))
}

#[test]
fn an_increment_is_read_with_what_it_builds_on() {
    let folder = Folder::new();
    folder.file(BASE, server(&(domain(5, 50, "a.example") + &domain(6, 60, "b.example"))));
    folder.file(INCREMENT, server(&(domain(6, 60, "renamed.example") + &domain(7, 70, "c.example"))));
    for path in ["dumps", INCREMENT] {
        let joined = read(&folder.path(path));
        assert_eq!(
            lines(&joined),
            [
                "client 1 admin [|]",
                "domain 5 a.example in client 1 [|0|0]",
                "domain 6 renamed.example in client 1 [|0|0]",
                "domain 7 c.example in client 1 [|0|0]",
                "mailbox 50 info@a.example in domain 5 [], no GUID",
                "mailbox 60 info@renamed.example in domain 6 [], no GUID",
                "mailbox 70 info@c.example in domain 7 [], no GUID",
            ]
        );
        assert!(
            joined.origin.source.ends_with("_2611210410.xml (format 18.0.60), an increment of backup_info_2611200410.xml"),
            "{}",
            joined.origin.source
        );
        assert_eq!((joined.origin.taken.as_deref(), joined.partial()), (Some("2026-11-21 04:10"), None));
        assert_eq!(joined.notes(), ["2 objects stand in the backup that the increment builds on, and not in the increment"]);
    }
    // The whole backup is still there for who names it.
    assert_eq!(lines(&read(&folder.path(BASE))).len(), 5);
}

#[test]
fn increments_of_increments_are_followed_in_the_folders_too() {
    let folder = Folder::new();
    let info = |name: &str, number| format!("<domain-info name='{name}' guid='{}'/>", guid(number));
    folder.file("dumps/backup_info_2611200410.xml", server(&(info("a.example", 50) + &info("b.example", 60))));
    folder.file("dumps/domains/a/backup_info_2611200410.xml", rooted(&domain(5, 50, "a.example")));
    folder.file("dumps/domains/b/backup_info_2611200410.xml", rooted(&domain(6, 60, "b.example")));
    folder.file("dumps/backup_info_2611200410_2611210410.xml", server(&info("a.example", 50)));
    folder.file("dumps/domains/a/backup_info_2611200410_2611210410.xml", rooted(&domain(5, 50, "a2.example")));
    folder.file("dumps/backup_info_2611210410_2611220410.xml", server(&info("c.example", 70)));
    // What came after the whole backup has nothing to build on.
    folder.file("dumps/domains/c/backup_info_2611220410.xml", rooted(&domain(7, 70, "c.example")));
    let joined = read(&folder.path("dumps"));
    let names: Vec<&str> = joined.objects().iter().filter(|o| o.kind.name() == "domain").map(|o| &*o.name).collect();
    assert_eq!((names, joined.partial()), (vec!["a2.example", "b.example", "c.example"], None));
    assert!(
        joined
            .origin
            .source
            .contains(" and 1 files below it, an increment of backup_info_2611200410_2611210410.xml, backup_info_2611200410.xml"),
        "{}",
        joined.origin.source
    );
}

#[test]
fn what_an_increment_contradicts_is_not_taken_from_its_base() {
    let folder = Folder::new();
    folder.file(BASE, server(&(domain(5, 50, "moved.example") + &domain(6, 60, "reused.example") + &domain(8, 80, "again.example"))));
    folder.file(INCREMENT, server(&(domain(15, 50, "moved.example") + &domain(6, 61, "other.example") + &domain(18, 81, "again.example"))));
    let joined = read(&folder.path("dumps"));
    let domains: Vec<(i64, &str)> = joined.objects().iter().filter(|o| o.kind.name() == "domain").map(|o| (o.id, &*o.name)).collect();
    assert_eq!(domains, [(6, "other.example"), (15, "moved.example"), (18, "again.example")]);
    assert!(joined.duplicates().is_empty());
    let notes = joined.notes().join("\n");
    for part in [
        format!(
            "an object has another id in the increment than in the backup that it builds on: the increment's counts: domain 5 (moved.example, {}), now domain 15",
            guid(50)
        ),
        format!(
            "an id is another object in the increment than in the backup that it builds on: the increment's counts: domain 6 (reused.example, {}), now domain 6 (other.example",
            guid(60)
        ),
        "a name has another id in the increment than in the backup that it builds on: the increment's counts; the first: ".to_owned(),
    ] {
        assert!(notes.contains(&part), "{notes}\nlacks\n{part}");
    }
}

#[test]
fn an_increment_whose_base_is_not_there_says_so() {
    let folder = Folder::new();
    let path = folder.file(INCREMENT, server(&domain(5, 50, "a.example")));
    let why = Some("it is an increment, and backup_info_2611200410.xml that it builds on is not there");
    for path in [path.as_path(), &folder.path("dumps")] {
        assert_eq!(read(path).partial(), why);
    }
    // An older backup that is whole is better than a newer one that is not.
    folder.file("dumps/backup_info_2611150410.xml", server(&domain(5, 50, "a.example")));
    let whole = read(&folder.path("dumps"));
    assert_eq!((whole.partial(), whole.origin.taken.as_deref()), (None, Some("2026-11-15 04:10")));
    assert!(whole.notes()[0].ends_with("newer backups were left out, since one that they build on is not there; the newest of them is backup_info_2611200410_2611210410.xml"));
    // A renamed file may say it itself.
    let text = server(&domain(5, 50, "a.example")).replace("dump-format", "increment-base=\"2611200410\" dump-format");
    let renamed = read(&folder.file("renamed.xml", text));
    assert_eq!(renamed.partial(), Some("it is an increment, and the backup of 2611200410 that it builds on is not there"));
}

#[test]
fn files_that_build_on_each_other_come_to_an_end() {
    let folder = Folder::new();
    folder.file("dumps/backup_info_2611200410_2611210410.xml", server(&domain(5, 50, "a.example")));
    folder.file("dumps/backup_info_2611210410_2611200410.xml", server(&domain(5, 50, "a.example")));
    assert_eq!(read(&folder.path("dumps")).partial(), None);
}
