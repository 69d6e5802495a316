//! The ladder's cases, one by one; [`ladder`] goes through every rung and every global check for every kind.

mod ladder;

use super::*;
use crate::panel::inventory::Origin;
use crate::panel::mapping::Mapping;
use crate::panel::{Guid, identity};

fn kind(word: &str) -> Kind {
    word.parse().unwrap()
}

fn object(word: &str, id: i64, guid: u8, name: &str) -> Object {
    let kind = kind(word);
    let guid = (guid > 0).then(|| Guid::parse(format!("{guid:08}-1111-4111-8111-111111111111").as_bytes()).unwrap());
    let witness = vec![Box::from(""); identity::of(kind).witness.len()].into();
    Object { kind, id, guid, name: name.into(), parent: None, witness }
}

impl Object {
    fn under(mut self, word: &str, id: i64) -> Object {
        self.parent = Some((kind(word), id));
        self
    }

    fn with(mut self, column: &str, value: &str) -> Object {
        let at = identity::of(self.kind).witness.iter().position(|w| w.column == column).unwrap();
        self.witness[at] = value.into();
        self
    }
}

fn inventory(objects: Vec<Object>) -> Inventory {
    Inventory::new(Origin::default(), objects, Vec::new())
}

fn matched(old: Vec<Object>, new: Vec<Object>) -> Mapping {
    Mapping::between(&inventory(old), &inventory(new), Settings::default())
}

/// `guid 7`, `renamed 7`, `witness 7`, `name 7`, `name-only 7`, `conflict 7`, `ambiguous 7 8`, `missing`.
fn outcome(mapping: &Mapping, word: &str, id: i64) -> String {
    match mapping.get(kind(word), id).unwrap() {
        Match::Found { new, rung, .. } => {
            let rung = match rung {
                Rung::Guid => "guid",
                Rung::GuidRenamed => "renamed",
                Rung::NameAndWitness => "witness",
                Rung::NameOnly => "name",
                Rung::Key => "key",
                Rung::Decided => "decided",
            };
            format!("{rung} {new}")
        }
        Match::NameOnly { candidate } => format!("name-only {candidate}"),
        Match::Moved { candidate, .. } => format!("moved {candidate}"),
        Match::Conflict { candidate } => format!("conflict {candidate}"),
        Match::Ambiguous { candidates } => format!("ambiguous {}", list(candidates).replace(',', "")),
        Match::Missing => "missing".to_owned(),
    }
}

#[test]
fn rung_guid_matches_through_a_permutation_of_ids() {
    let d = |id, guid, name: &str| object("domain", id, guid, name);
    let mapping = matched(vec![d(5, 1, "a"), d(7, 2, "b"), d(8, 3, "c")], vec![d(7, 1, "a"), d(8, 2, "b"), d(5, 3, "c")]);
    assert_eq!([5, 7, 8].map(|id| outcome(&mapping, "domain", id)), ["guid 7", "guid 8", "guid 5"]);
    assert_eq!(mapping.reason(kind("domain"), 5), None);
}

#[test]
fn rung_guid_renamed_is_reported() {
    let mapping = matched(vec![object("domain", 5, 1, "a.example")], vec![object("domain", 7, 1, "b.example")]);
    assert_eq!(outcome(&mapping, "domain", 5), "renamed 7");
    let Some(Match::Found { evidence, .. }) = mapping.get(kind("domain"), 5) else { panic!("found") };
    assert_eq!(&**evidence, "same GUID; a.example is now called b.example");
}

#[test]
fn rung_guid_goes_before_name() {
    let mapping = matched(
        vec![object("domain", 5, 1, "a"), object("domain", 6, 2, "b")],
        vec![object("domain", 5, 2, "a"), object("domain", 6, 1, "b")],
    );
    assert_eq!([5, 6].map(|id| outcome(&mapping, "domain", id)), ["renamed 6", "renamed 5"]);
}

#[test]
fn rung_name_and_witness_by_a_text() {
    let d = |id, date: &str| object("domain", id, 0, "a.example").with("cr_date", date);
    assert_eq!(outcome(&matched(vec![d(5, "2020-01-01")], vec![d(7, "2020-01-01")]), "domain", 5), "witness 7");
    assert_eq!(outcome(&matched(vec![d(5, "0000-00-00")], vec![d(7, "0000-00-00")]), "domain", 5), "name-only 7");
}

#[test]
fn rung_name_and_witness_by_an_owner_through_the_mapping() {
    let mapping = matched(
        vec![object("client", 2, 9, "bob"), object("domain", 5, 0, "a.example").under("client", 2)],
        vec![object("client", 4, 9, "bob"), object("domain", 7, 3, "a.example").under("client", 4)],
    );
    assert_eq!(outcome(&mapping, "domain", 5), "witness 7");
}

#[test]
fn rung_name_only_needs_a_person() {
    let (old, new) = (inventory(vec![object("domain", 5, 0, "a")]), inventory(vec![object("domain", 7, 1, "a")]));
    let mapping = Mapping::between(&old, &new, Settings::default());
    assert_eq!((outcome(&mapping, "domain", 5), mapping.new_id(kind("domain"), 5)), ("name-only 7".to_owned(), None));
    assert_eq!(mapping.reason(kind("domain"), 5), Some("same name, and nothing else agrees"));
    let accepted = Mapping::between(&old, &new, Settings { accept_name: true, ..Settings::default() });
    assert_eq!((outcome(&accepted, "domain", 5), accepted.new_id(kind("domain"), 5)), ("name 7".to_owned(), Some(7)));
}

#[test]
fn rung_conflict_is_an_object_created_anew() {
    let d = |id, guid| object("domain", id, guid, "a").with("cr_date", "2020-01-01");
    let mapping =
        Mapping::between(&inventory(vec![d(5, 1)]), &inventory(vec![d(7, 2)]), Settings { accept_name: true, ..Settings::default() });
    assert_eq!(outcome(&mapping, "domain", 5), "conflict 7");
    assert_eq!(mapping.reason(kind("domain"), 5), Some("domain 7 (a) has its name and another GUID: it was created anew"));
}

#[test]
fn rung_ambiguous_lists_all_candidates() {
    let c = |id| object("certificate", id, 0, "Default");
    assert_eq!(outcome(&matched(vec![c(1)], vec![c(8), c(4)]), "certificate", 1), "ambiguous 4 8");
}

#[test]
fn several_candidates_are_told_apart_by_a_witness() {
    let u = |id, home: &str| object("system-user", id, 0, "web").with("home", home);
    assert_eq!(outcome(&matched(vec![u(1, "/a")], vec![u(3, "/b"), u(4, "/a")]), "system-user", 1), "witness 4");
    assert_eq!(outcome(&matched(vec![u(1, "/a")], vec![u(3, "/a"), u(4, "/a")]), "system-user", 1), "ambiguous 3 4");
}

#[test]
fn among_several_candidates_one_with_another_owner_is_none() {
    let c = |id, guid| object("client", id, guid, &format!("c{guid}"));
    let d = |id, owner, date: &str| object("domain", id, 0, "a").under("client", owner).with("cr_date", date);
    let old = || vec![c(1, 1), c(2, 2), d(5, 1, "2020-01-01")];
    let mapping = matched(old(), vec![c(1, 1), c(2, 2), d(7, 2, "2020-01-01"), d(8, 1, "")]);
    assert_eq!(outcome(&mapping, "domain", 5), "witness 8");
    let mapping = matched(old(), vec![c(1, 1), c(2, 2), d(7, 2, "2020-01-01"), object("domain", 8, 0, "a")]);
    assert_eq!(outcome(&mapping, "domain", 5), "ambiguous 7 8");
}

#[test]
fn rung_missing() {
    let mapping = matched(
        vec![object("domain", 5, 1, "a"), object("domain", 6, 0, "")],
        vec![object("domain", 5, 2, "b"), object("domain", 6, 0, "")],
    );
    assert_eq!([5, 6].map(|id| outcome(&mapping, "domain", id)), ["missing", "missing"]);
    assert_eq!(mapping.get(kind("domain"), 99), None);
}

#[test]
fn a_kind_that_the_new_inventory_cannot_tell_of_is_missing_for_that_reason() {
    let mapping = matched(vec![object("domain", 5, 1, "a")], vec![object("client", 5, 1, "a")]);
    assert_eq!(mapping.reason(kind("domain"), 5), Some("the new inventory does not carry domain objects"));
}

#[test]
fn names_are_compared_without_case_trailing_dot_and_script() {
    let d = |name: &str| object("domain", 1, 0, name).with("cr_date", "2020-01-01");
    for (a, b) in [("A.example.", "a.EXAMPLE"), ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "bücher.example")] {
        assert_eq!(outcome(&matched(vec![d(a)], vec![d(b)]), "domain", 1), "witness 1", "{a} {b}");
    }
    assert_eq!(normal("Info@Bücher.example"), "info@xn--bcher-kva.example");
    assert_eq!(outcome(&matched(vec![d("a.example")], vec![d("b.example")]), "domain", 1), "missing");
}

#[test]
fn names_that_differ_in_case_alone_are_told_apart_where_one_is_exact() {
    let d = |id, name: &str| object("database", id, 0, name).under("domain", 1);
    let owner = || object("domain", 1, 1, "a");
    let mapping = matched(vec![owner(), d(1, "App@s"), d(2, "app@s")], vec![owner(), d(3, "app@s"), d(4, "App@s")]);
    assert_eq!([1, 2].map(|id| outcome(&mapping, "database", id)), ["witness 4", "witness 3"]);
}

#[test]
fn check_injective_two_old_objects_never_become_one() {
    let p = |id, name: &str| object("system-user", id, 0, name).with("home", "/a");
    let mapping = matched(vec![p(1, "web"), p(2, "WEB")], vec![p(7, "web")]);
    assert_eq!([1, 2].map(|id| outcome(&mapping, "system-user", id)), ["ambiguous 7", "ambiguous 7"]);
    assert_eq!(mapping.reason(kind("system-user"), 1), Some("system-user 7 (web) would be each of the old ids 1, 2"));
    let by_name = Mapping::between(
        &inventory(vec![object("certificate", 1, 0, "x"), object("certificate", 2, 0, "x")]),
        &inventory(vec![object("certificate", 7, 0, "x")]),
        Settings { accept_name: true, ..Settings::default() },
    );
    assert_eq!([1, 2].map(|id| outcome(&by_name, "certificate", id)), ["ambiguous 7", "ambiguous 7"]);
}

#[test]
fn check_injective_a_name_cannot_take_what_a_guid_took() {
    let mapping = Mapping::between(
        &inventory(vec![object("domain", 5, 0, "a"), object("domain", 6, 1, "b")]),
        &inventory(vec![object("domain", 7, 1, "a")]),
        Settings { accept_name: true, ..Settings::default() },
    );
    assert_eq!([5, 6].map(|id| outcome(&mapping, "domain", id)), ["conflict 7", "renamed 7"]);
}

#[test]
fn check_kinds_are_never_mixed() {
    let mapping = matched(
        vec![object("client", 5, 1, "x"), object("domain", 5, 1, "x")],
        vec![object("client", 8, 1, "x"), object("domain", 9, 1, "x")],
    );
    assert_eq!((outcome(&mapping, "client", 5), outcome(&mapping, "domain", 5)), ("guid 8".to_owned(), "guid 9".to_owned()));
}

#[test]
fn check_parents_a_contradicting_owner_outweighs_a_date() {
    let d = |id, owner| object("domain", id, 0, "a").under("client", owner).with("cr_date", "2020-01-01");
    let c = |id, guid| object("client", id, guid, &format!("c{guid}"));
    let mapping = matched(vec![c(1, 1), c(2, 2), d(5, 1)], vec![c(1, 1), c(2, 2), d(7, 2)]);
    assert_eq!(outcome(&mapping, "domain", 5), "moved 7");
    assert_eq!(
        mapping.reason(kind("domain"), 5),
        Some("same name, but it belonged to client 1 (c1), now client 1 (c1), and belongs to client 2 (c2) (cl_id)")
    );
}

#[test]
fn check_duplicate_guids_are_never_used() {
    let d = |id, name: &str| object("domain", id, 1, name).with("cr_date", name);
    let mapping = matched(vec![d(5, "a"), d(6, "b")], vec![d(6, "a"), d(5, "b")]);
    assert_eq!([5, 6].map(|id| outcome(&mapping, "domain", id)), ["witness 6", "witness 5"]);
    let half = matched(vec![d(5, "a"), d(6, "b")], vec![d(5, "b")]);
    assert_eq!([5, 6].map(|id| outcome(&half, "domain", id)), ["missing", "witness 5"]);
}

#[test]
fn mailboxes_follow_a_domain_that_changed_its_name() {
    let m = |id, name: &str, domain| object("mailbox", id, 0, name).under("domain", domain);
    let d = |id, guid, name: &str| object("domain", id, guid, name);
    // The two domains swapped their names, and each has a mailbox of the same name.
    let mapping = matched(
        vec![d(5, 1, "a.example"), d(6, 2, "b.example"), m(1, "info@a.example", 5), m(2, "info@b.example", 6)],
        vec![d(7, 1, "b.example"), d(8, 2, "a.example"), m(1, "info@a.example", 8), m(2, "info@b.example", 7)],
    );
    assert_eq!([1, 2].map(|id| outcome(&mapping, "mailbox", id)), ["witness 2", "witness 1"]);
}

#[test]
fn a_mailbox_of_a_domain_created_anew_is_not_the_old_one() {
    let m = |id, domain| object("mailbox", id, 0, "info@a").under("domain", domain);
    let mapping = matched(vec![object("domain", 5, 1, "a"), m(1, 5)], vec![object("domain", 7, 2, "a"), m(9, 7)]);
    assert_eq!(outcome(&mapping, "mailbox", 1), "moved 9");
    assert_eq!(
        mapping.reason(kind("mailbox"), 1),
        Some("same name, but it belonged to domain 5 (a), and belongs to domain 7 (a) (dom_id)")
    );
}

#[test]
fn a_key_that_is_the_identity_needs_no_second_witness() {
    let mapping = matched(vec![object("ip-address", 1, 0, "192.0.2.1")], vec![object("ip-address", 4, 0, "192.0.2.1")]);
    assert_eq!(outcome(&mapping, "ip-address", 1), "key 4");
}

#[test]
fn a_subscription_follows_its_domain() {
    let s = |id, name: &str, domain| object("subscription", id, 0, name).under("domain", domain);
    let mapping = matched(vec![object("domain", 5, 1, "a"), s(1, "a", 5)], vec![object("domain", 7, 1, "b"), s(3, "b", 7)]);
    assert_eq!(outcome(&mapping, "subscription", 1), "witness 3");
}

#[test]
fn chains_within_a_kind_are_followed() {
    // Each client's only witness is the reseller above it.
    let c = |id, guid, name: &str, above| {
        if above == 0 { object("client", id, guid, name) } else { object("client", id, guid, name).under("client", above) }
    };
    let mapping = matched(
        vec![c(1, 1, "admin", 0), c(2, 0, "d", 3), c(3, 0, "c", 4), c(4, 0, "b", 1)],
        vec![c(1, 1, "admin", 0), c(12, 0, "d", 13), c(13, 0, "c", 14), c(14, 0, "b", 1)],
    );
    assert_eq!([1, 2, 3, 4].map(|id| outcome(&mapping, "client", id)), ["guid 1", "witness 12", "witness 13", "witness 14"]);
}

#[test]
fn the_administrator_is_the_administrator_of_any_panel() {
    let mapping = matched(
        vec![object("client", 1, 1, "admin"), object("client", 2, 3, "bob"), object("domain", 5, 5, "a").under("client", 1)],
        vec![object("client", 1, 2, "admin"), object("client", 3, 3, "bob"), object("domain", 7, 5, "a").under("client", 1)],
    );
    assert_eq!([1, 2].map(|id| outcome(&mapping, "client", id)), ["key 1", "guid 3"]);
    assert_eq!(outcome(&mapping, "domain", 5), "guid 7");
    // Nobody else is.
    let mapping = matched(vec![object("client", 2, 1, "bob")], vec![object("client", 2, 2, "bob")]);
    assert_eq!(outcome(&mapping, "client", 2), "conflict 2");
}

/// The panels of two inventories, with what tells.
fn relation(old: Vec<Object>, new: Vec<Object>) -> String {
    matched(old, new).relation().to_string()
}

#[test]
fn check_the_panel_is_told_by_its_administrator() {
    let admin = |guid| object("client", 1, guid, "admin");
    let d = |id| object("domain", id, 5, "a");
    assert_eq!(
        relation(vec![admin(1), d(5)], vec![admin(2), d(5)]),
        "another panel: client 1 (admin) and client 1 (admin) have different GUIDs"
    );
    // The same one, which a restore may have brought along, tells nothing.
    assert_eq!(relation(vec![admin(1)], vec![admin(1)]), "the same panel or another one: no object has a GUID that both states know");
}

#[test]
fn check_the_panel_is_told_by_ids_that_were_kept_or_given_twice() {
    let d = |id, guid| object("domain", id, guid, "x");
    assert_eq!(
        relation(vec![d(5, 1), d(6, 2)], vec![d(5, 1), d(7, 2)]),
        "the same panel: 1 of 2 objects with known GUIDs have kept their ids"
    );
    assert_eq!(
        relation(vec![d(5, 1), d(6, 2)], vec![d(5, 1), d(4, 2)]),
        "another panel: domain 6 (x) has the id 4 now, and a panel gives no id twice"
    );
    assert_eq!(
        relation(vec![d(5, 1), d(6, 2)], vec![d(7, 1), d(8, 2)]),
        "the same panel or another one: all 2 objects with known GUIDs have new ids"
    );
}

#[test]
fn on_the_same_panel_an_equal_id_is_a_witness() {
    let d = |id, guid| object("domain", id, guid, "x");
    let c = |id| object("certificate", id, 0, "Default");
    let same = matched(vec![d(5, 1), c(3)], vec![d(5, 1), c(3)]);
    assert_eq!(outcome(&same, "certificate", 3), "witness 3");
    let Some(Match::Found { evidence, .. }) = same.get(kind("certificate"), 3) else { panic!("found") };
    assert_eq!(&**evidence, "same name; same id on the same panel");
    let another = matched(vec![d(5, 1), c(3)], vec![d(4, 1), c(3)]);
    assert_eq!(outcome(&another, "certificate", 3), "name-only 3");
    let several = matched(vec![d(5, 1), c(3)], vec![d(5, 1), c(3), c(4)]);
    assert_eq!(outcome(&several, "certificate", 3), "witness 3");
}

/// The restore to a small server gave the domain its old id and the mailboxes others. Nothing in the data tells that from renames.
#[test]
fn a_person_tells_that_it_is_another_panel() {
    let domain = || object("domain", 5, 1, "a");
    let m = |id, name: &str| object("database-server", id, 0, name);
    let (old, new) = (vec![domain(), m(1, "x"), m(2, "y")], vec![domain(), m(1, "y"), m(2, "x")]);
    let between = |another_panel, old: &[Object], new: &[Object]| {
        Mapping::between(&inventory(old.to_vec()), &inventory(new.to_vec()), Settings { another_panel, ..Settings::default() })
    };
    let d = |id, name: &str| object("domain", id, 0, name).with("cr_date", "2020-01-01");
    let (then, now) = ([domain(), d(1, "x"), d(2, "y")], [domain(), d(1, "y"), d(2, "x")]);
    let by_itself = between(false, &then, &now);
    assert_eq!([1, 2].map(|id| outcome(&by_itself, "domain", id)), ["ambiguous 1 2", "ambiguous 1 2"]);
    let told = between(true, &then, &now);
    assert_eq!([1, 2].map(|id| outcome(&told, "domain", id)), ["witness 2", "witness 1"]);
    assert_eq!(told.relation().to_string(), "another panel: a person said so, though 1 of 1 objects with known GUIDs have kept their ids");
    // An equal id tells nothing then.
    let c = [domain(), object("certificate", 3, 0, "Default")];
    assert_eq!(outcome(&between(true, &c, &c), "certificate", 3), "name-only 3");
    assert_eq!(outcome(&between(false, &old, &new), "database-server", 1), outcome(&between(true, &old, &new), "database-server", 1));
    // What the data tells anyway stays what it tells.
    let admin = |guid| [object("client", 1, guid, "admin")];
    assert_eq!(between(true, &admin(1), &admin(2)).relation().evidence, "client 1 (admin) and client 1 (admin) have different GUIDs");
}

#[test]
fn what_was_gone_already_is_not_taken_for_renamed() {
    let domain = || object("domain", 5, 1, "a");
    let u = |id, name: &str| object("system-user", id, 0, name).with("home", name);
    let gone = |objects: Vec<Object>, what: &str, id| {
        let mut old = inventory(objects);
        old.tell_gone([(kind(what), id)]);
        old
    };
    let between = |old: &Inventory, new: Vec<Object>| Mapping::between(old, &inventory(new), Settings::default());
    let old = gone(vec![domain(), u(1, "x"), u(2, "y")], "system-user", 1);
    let mapping = between(&old, vec![domain(), u(1, "z"), u(2, "y")]);
    assert_eq!([1, 2].map(|id| outcome(&mapping, "system-user", id)), ["missing", "witness 2"]);
    assert_eq!(mapping.reason(kind("system-user"), 1), Some("it was gone from the panel already, and has not come back"));
    // Nor is it in the way of who has its number now and another one's name.
    let mapping = between(&old, vec![domain(), u(1, "y")]);
    assert_eq!([1, 2].map(|id| outcome(&mapping, "system-user", id)), ["missing", "witness 1"]);
    // It may come back under a new number.
    let mapping = between(&gone(vec![domain(), u(1, "x")], "system-user", 1), vec![domain(), u(1, "z"), u(7, "x")]);
    assert_eq!(outcome(&mapping, "system-user", 1), "witness 7");
    // That it has the same number again is no witness: numbers of those that are gone are given away.
    let c = || vec![domain(), object("certificate", 3, 0, "Default")];
    assert_eq!(outcome(&between(&gone(c(), "certificate", 3), c()), "certificate", 3), "name-only 3");
}

#[test]
fn an_object_without_its_own_guid_may_be_renamed_like_one_whose_kind_has_none() {
    let known = || object("domain", 3, 3, "k");
    let d = |id, guid, name: &str| object("domain", id, guid, name);
    let of = |old: &[Object], new: &[Object]| matched([&[known()], old].concat(), [&[known()], new].concat());
    // Its id goes by another name; and its name is another one's now.
    assert_eq!(outcome(&of(&[d(5, 0, "a")], &[d(5, 0, "b")]), "domain", 5), "ambiguous 5");
    let dated = |o: Object| o.with("cr_date", "2020-01-01");
    let mapping = of(&[dated(d(5, 0, "a"))], &[d(5, 9, "b"), dated(d(7, 0, "a"))]);
    assert_eq!(outcome(&mapping, "domain", 5), "ambiguous 5 7");
    assert_eq!(
        mapping.reason(kind("domain"), 5),
        Some("on the same panel, domain 5 (b) has its id, domain 7 (a) has its name: names were given to others, or it is another panel")
    );
    // The id of the one with its name was another one's.
    assert_eq!(outcome(&of(&[d(5, 0, "a"), d(7, 0, "c")], &[d(7, 0, "a")]), "domain", 5), "ambiguous 7");
    // A GUID that several have is none of theirs.
    let twins = of(&[d(5, 4, "a"), d(6, 4, "b")], &[d(5, 0, "c"), d(6, 4, "b")]);
    assert_eq!([5, 6].map(|id| outcome(&twins, "domain", id)), ["ambiguous 5", "witness 6"]);
    // Two GUIDs tell two objects apart, and whom a GUID tells is no rename of another one's.
    assert_eq!(outcome(&of(&[d(5, 1, "a")], &[d(5, 2, "b")]), "domain", 5), "missing");
    assert_eq!(outcome(&of(&[d(5, 0, "a"), d(4, 2, "b")], &[d(4, 2, "b")]), "domain", 5), "missing");
    assert_eq!(outcome(&of(&[d(5, 0, "a")], &[d(5, 0, "a")]), "domain", 5), "witness 5");
}

#[test]
fn among_several_candidates_too_an_id_with_two_names_is_not_believed() {
    let u = |id, name: &str, home: &str| object("system-user", id, 0, name).with("home", home);
    let domain = || object("domain", 3, 3, "k");
    let mapping = matched(vec![domain(), u(1, "web", "/a")], vec![domain(), u(1, "ftp", "/a"), u(3, "web", "/b"), u(4, "web", "/a")]);
    assert_eq!(outcome(&mapping, "system-user", 1), "ambiguous 1 4");
}

#[test]
fn what_moved_is_still_what_its_guid_says_to_those_that_belong_to_it() {
    let c = |id, guid| object("client", id, guid, &format!("c{guid}"));
    let m = |id, domain| object("mailbox", id, 0, "info@a").under("domain", domain);
    let mapping = matched(
        vec![c(2, 2), c(3, 3), object("domain", 5, 5, "a").under("client", 2), m(1, 5)],
        vec![c(12, 2), c(13, 3), object("domain", 7, 5, "a").under("client", 13), m(9, 7)],
    );
    assert_eq!(outcome(&mapping, "domain", 5), "moved 7");
    assert_eq!(
        mapping.reason(kind("domain"), 5),
        Some("same GUID, but it belonged to client 2 (c2), now client 12 (c2), and belongs to client 13 (c3) (cl_id)")
    );
    assert_eq!(outcome(&mapping, "mailbox", 1), "witness 9");
}

/// Half of the objects by GUID, half by name and witness.
#[test]
fn a_million_objects_do_not_take_long() {
    let panel = |turn: i64| {
        // A million in all; fewer where the code is not optimised.
        let count = if cfg!(debug_assertions) { 25_000 } else { 500_000 };
        let guid = |i: i64| Guid::parse(format!("{i:08}-1111-4111-8111-111111111111").as_bytes());
        let mut objects = Vec::new();
        for i in 0..count {
            let id = (i + turn) % count + 1;
            let mut domain = object("domain", id, 0, &format!("d{i}.example"));
            domain.guid = guid(i + 1);
            objects.push(domain);
            objects.push(object("mailbox", id, 0, &format!("info@d{i}.example")).under("domain", id));
        }
        inventory(objects)
    };
    let (old, new) = (panel(0), panel(77));
    let start = std::time::Instant::now();
    let mapping = Mapping::between(&old, &new, Settings::default());
    let took = start.elapsed();
    assert_eq!((outcome(&mapping, "domain", 1), outcome(&mapping, "mailbox", 1)), ("guid 78".to_owned(), "witness 78".to_owned()));
    assert!(mapping.sorted().iter().all(|(_, _, m)| matches!(m, Match::Found { .. })));
    assert!(took.as_secs() < 10, "{took:?}");
}
