use super::*;
use crate::panel::inventory::Origin;

fn kind(word: &str) -> Kind {
    word.parse().unwrap()
}

fn object(of: &str, id: i64, guid: u8, name: &str) -> Object {
    let guid = (guid > 0).then(|| format!("{guid:08x}-0000-4000-8000-000000000000"));
    Object { kind: kind(of), id, guid: guid.and_then(|g| Guid::parse(g.as_bytes())), name: name.into(), parent: None, witness: [].into() }
}

fn state(objects: &[Object]) -> Inventory {
    let carried = ["domain", "client", "mailbox", "dns-record"].map(kind).to_vec();
    Inventory::new(Origin { source: "test".to_owned(), taken: None }, objects.to_vec(), carried)
}

fn ids(merged: &Merged, of: &str) -> Vec<i64> {
    merged.inventory.of_kind(kind(of)).iter().map(|o| o.id).collect()
}

#[test]
fn what_is_gone_keeps_its_meaning_and_is_known_when_it_comes_back() {
    let first = state(&[object("domain", 5, 1, "a.example"), object("domain", 7, 2, "b.example")]);
    let second = merge(&first, &state(&[object("domain", 7, 2, "b.example"), object("domain", 9, 3, "c.example")]), None, false);
    assert_eq!((ids(&second, "domain"), second.gone, second.kept.len()), (vec![5, 7, 9], 1, 0));
    // Night after night.
    let third = merge(&second.inventory, &state(&[object("domain", 7, 2, "b.example"), object("domain", 9, 3, "c.example")]), None, false);
    assert_eq!((ids(&third, "domain"), third.gone), (vec![5, 7, 9], 1));
    assert_eq!(third.inventory.fingerprint(), second.inventory.fingerprint());
    // The restore that brings it back gives it a new id: the old one still tells who it was.
    let restored = state(&[object("domain", 7, 2, "b.example"), object("domain", 9, 3, "c.example"), object("domain", 12, 1, "a.example")]);
    let fourth = merge(&third.inventory, &restored, None, false);
    assert_eq!(ids(&fourth, "domain"), [5, 7, 9]);
    assert!(fourth.kept[0].1.contains("has the id 5 in the one and 12 in the other"), "{:?}", fourth.kept);
}

#[test]
fn an_id_that_became_another_object_keeps_its_old_meaning() {
    let before = state(&[object("domain", 5, 1, "a.example"), object("client", 3, 9, "anna")]);
    let merged = merge(
        &before,
        &state(&[object("domain", 5, 2, "b.example"), object("client", 3, 9, "anna"), object("client", 4, 8, "bert")]),
        None,
        false,
    );
    assert_eq!(merged.kept.iter().map(|(k, _)| k.name()).collect::<Vec<_>>(), ["domain"]);
    assert_eq!(&*merged.inventory.get(kind("domain"), 5).unwrap().name, "a.example");
    // Nothing of a client refers to domains: its state goes on.
    assert_eq!(ids(&merged, "client"), [3, 4]);
}

#[test]
fn what_refers_to_kept_objects_is_kept_with_them() {
    let mailbox = |id, name: &str, domain| Object { parent: Some((kind("domain"), domain)), ..object("mailbox", id, 0, name) };
    let before = state(&[object("domain", 5, 1, "a.example"), mailbox(1, "info@a.example", 5)]);
    let after = state(&[object("domain", 8, 1, "a.example"), mailbox(1, "info@a.example", 8), mailbox(2, "new@a.example", 8)]);
    let merged = merge(&before, &after, None, false);
    assert_eq!((ids(&merged, "domain"), ids(&merged, "mailbox")), (vec![5], vec![1]));
    assert_eq!(merged.inventory.get(kind("mailbox"), 1).unwrap().parent, Some((kind("domain"), 5)));
}

#[test]
fn a_name_without_a_guid_may_change_on_a_panel_that_was_not_restored() {
    let domain = object("domain", 5, 1, "a.example");
    let before = state(&[domain.clone(), object("mailbox", 1, 0, "old@a.example")]);
    let renamed = merge(&before, &state(&[domain.clone(), object("mailbox", 1, 0, "new@a.example")]), None, false);
    assert_eq!((renamed.kept.len(), &*renamed.inventory.get(kind("mailbox"), 1).unwrap().name), (0, "new@a.example"));
    // Nothing tells that it is the same panel: the name counts.
    let before = state(&[object("mailbox", 1, 0, "old@a.example")]);
    assert_eq!(merge(&before, &state(&[object("mailbox", 1, 0, "new@a.example")]), None, false).kept.len(), 1);
    // Made anew: the same name under a new id.
    let before = state(&[domain.clone(), object("mailbox", 1, 0, "info@a.example")]);
    let anew = merge(&before, &state(&[domain, object("mailbox", 2, 0, "info@a.example")]), None, false);
    assert_eq!((ids(&anew, "mailbox"), anew.kept.len()), (vec![1], 1));
}

/// A small panel that was restored to a new server may have the same ids for its few domains, and others for their mailboxes.
#[test]
fn names_that_changed_places_are_no_renames() {
    let domain = object("domain", 5, 1, "a.example");
    let before = state(&[domain.clone(), object("mailbox", 1, 0, "info@a.example"), object("mailbox", 2, 0, "abc@a.example")]);
    let swapped = state(&[domain.clone(), object("mailbox", 1, 0, "abc@a.example"), object("mailbox", 2, 0, "info@a.example")]);
    let merged = merge(&before, &swapped, None, false);
    assert_eq!(merged.kept.iter().map(|(k, _)| k.name()).collect::<Vec<_>>(), ["mailbox"]);
    assert_eq!(&*merged.inventory.get(kind("mailbox"), 1).unwrap().name, "info@a.example");
    let taken = state(&[domain, object("mailbox", 1, 0, "sales@a.example"), object("mailbox", 2, 0, "info@a.example")]);
    assert_eq!(merge(&before, &taken, None, false).kept.len(), 1);
}

/// The administrator's GUID comes back with a backup of the whole server, and his id is 1 on every panel.
#[test]
fn an_id_with_two_guids_tells_of_another_panel() {
    let admin = object("client", 1, 9, "admin");
    let before = state(&[admin.clone(), object("domain", 5, 1, "a.example"), object("mailbox", 1, 0, "info@a.example")]);
    let other = state(&[admin, object("domain", 5, 2, "b.example"), object("mailbox", 1, 0, "info@b.example")]);
    assert_eq!(
        merge(&before, &other, Some(&[kind("mailbox")]), false).kept.iter().map(|(k, _)| k.name()).collect::<Vec<_>>(),
        ["domain", "mailbox"]
    );
}

/// The database's counter starts anew behind the largest id that is left: a number that was given away may come back.
#[test]
fn what_is_gone_is_never_taken_for_renamed() {
    let domain = object("domain", 5, 1, "a.example");
    let before = state(&[domain.clone(), object("mailbox", 1, 0, "info@a.example")]);
    let without = merge(&before, &state(std::slice::from_ref(&domain)), None, false);
    assert_eq!((without.inventory.gone(), without.gone), (&[(kind("mailbox"), 1)][..], 1));
    // The next look at the same panel, and one after another that finds the number given to somebody else.
    let again = merge(&without.inventory, &state(std::slice::from_ref(&domain)), None, false);
    assert!(again.inventory.knows_the_same(&without.inventory));
    let other = state(&[domain.clone(), object("mailbox", 1, 0, "abc@a.example")]);
    let merged = merge(&again.inventory, &other, None, false);
    assert_eq!(
        merged.kept,
        [(
            kind("mailbox"),
            "the id 1 of a mailbox means mailbox 1 (info@a.example), which is gone, in the one and mailbox 1 (abc@a.example) in the other"
                .to_owned()
        )]
    );
    assert_eq!(
        (&*merged.inventory.get(kind("mailbox"), 1).unwrap().name, merged.inventory.gone()),
        ("info@a.example", without.inventory.gone())
    );
    // It is no rename for the matching either: nobody is asked whether it is one.
    let mapping = Mapping::between(&merged.inventory, &other, crate::panel::mapping::Settings::default());
    assert_eq!(mapping.get(kind("mailbox"), 1), Some(&Match::Missing));
    // Who comes back is not gone.
    let back = merge(&again.inventory, &before, None, false);
    assert_eq!((back.inventory.gone(), back.kept.len(), ids(&back, "mailbox")), (&[][..], 0, vec![1]));
    // A run that has nothing to say of it leaves it gone.
    let run = after_run(&again.inventory, &state(&[domain]), &mapping, &[kind("mailbox")]);
    assert_eq!(run.gone(), [(kind("mailbox"), 1)]);
}

#[test]
fn a_person_knows_that_it_is_another_panel() {
    let domain = object("domain", 5, 1, "a.example");
    let before = state(&[domain.clone(), object("mailbox", 1, 0, "info@a.example")]);
    let after = state(&[domain, object("mailbox", 1, 0, "abc@a.example")]);
    assert_eq!(merge(&before, &after, None, false).kept.len(), 0);
    let merged = merge(&before, &after, None, true);
    assert_eq!((merged.kept.len(), &*merged.inventory.get(kind("mailbox"), 1).unwrap().name), (1, "info@a.example"));
    assert_eq!((changed(&before, &after, None, false), changed(&before, &after, None, true).is_some()), (None, true));
}

/// A domain whose GUID is zero or another one's too goes by its name, as a mailbox does.
#[test]
fn an_object_without_its_own_guid_is_renamed_and_moved_like_one_whose_kind_has_none() {
    let with = |others: &[Object]| state(&[&[object("domain", 3, 3, "c.example")], others].concat());
    let plain = |id, name: &str| object("domain", id, 0, name);
    let before = with(&[plain(5, "a.example")]);
    let renamed = merge(&before, &with(&[plain(5, "b.example")]), None, false);
    assert_eq!((renamed.kept.len(), &*renamed.inventory.get(kind("domain"), 5).unwrap().name), (0, "b.example"));
    for after in [
        // Another id has the name, whether the old one is gone or somebody else's; with a GUID that was given since.
        with(&[plain(7, "a.example")]),
        with(&[plain(5, "b.example"), plain(7, "a.example")]),
        with(&[plain(5, "b.example"), object("domain", 7, 9, "a.example")]),
    ] {
        let merged = merge(&before, &after, None, false);
        assert!(merged.kept[0].1.contains("has the id 5 in the one and 7 in the other"), "{:?}", merged.kept);
        assert_eq!(&*merged.inventory.get(kind("domain"), 5).unwrap().name, "a.example");
    }
    // The one with the name now is known by its GUID: it took the name of the one that is gone.
    let before = state(&[object("domain", 7, 7, "z.example"), plain(5, "a.example")]);
    let taken = merge(&before, &state(&[object("domain", 7, 7, "a.example")]), None, false);
    assert_eq!((taken.kept.len(), taken.inventory.gone()), (0, &[(kind("domain"), 5)][..]));
}

#[test]
fn after_a_run_what_is_gone_is_known_by_its_old_id_and_its_owners_new_one() {
    let mailbox = |id, name: &str, domain| Object { parent: Some((kind("domain"), domain)), ..object("mailbox", id, 0, name) };
    let before = state(&[
        object("domain", 5, 1, "a.example"),
        object("domain", 6, 2, "b.example"),
        object("domain", 8, 3, "c.example"),
        mailbox(1, "info@b.example", 6),
        mailbox(2, "abc@b.example", 6),
        mailbox(3, "abc@a.example", 5),
        object("dns-record", 1, 0, "x"),
    ]);
    // b.example has another id now. a.example is gone, and so is c.example, whose id was given to d.example.
    let after = state(&[object("domain", 7, 2, "b.example"), object("domain", 8, 4, "d.example"), mailbox(9, "abc@b.example", 7)]);
    let mapping = Mapping::between(&before, &after, crate::panel::mapping::Settings::default());
    let state = after_run(&before, &after, &mapping, &[kind("mailbox")]);
    let told = |k: &str| state.of_kind(kind(k)).iter().map(|o| (o.id, &*o.name, o.parent.map(|p| p.1))).collect::<Vec<_>>();
    assert_eq!(told("domain"), [(5, "a.example", None), (7, "b.example", None), (8, "d.example", None)]);
    let mailboxes = [(1, "info@b.example", Some(7)), (3, "abc@a.example", Some(5)), (9, "abc@b.example", Some(7))];
    assert_eq!((told("mailbox"), told("dns-record")), (mailboxes.to_vec(), vec![]));
}

#[test]
fn only_the_kinds_that_the_data_holds_count() {
    let domain = object("domain", 5, 1, "a.example");
    let before = state(&[domain.clone(), object("mailbox", 1, 0, "info@a.example"), object("dns-record", 1, 0, "x")]);
    let after = state(&[domain, object("mailbox", 2, 0, "info@a.example"), object("dns-record", 2, 0, "x")]);
    // The mailbox is told of, and its old meaning is there when a manifest will name it; DNS records are made anew all the time.
    let domains = merge(&before, &after, Some(&[kind("domain")]), false);
    assert_eq!((ids(&domains, "mailbox"), ids(&domains, "dns-record"), domains.kept.len(), domains.gone), (vec![1], vec![2], 0, 0));
    assert_eq!(domains.aside.iter().map(|(k, _)| k.name()).collect::<Vec<_>>(), ["mailbox"]);
    let records = merge(&before, &after, Some(&[kind("dns-record")]), false);
    assert_eq!((ids(&records, "dns-record"), records.kept.len()), (vec![1], 1));
    // Without knowing: everything but what the panel makes anew all the time.
    let all = merge(&before, &after, None, false);
    assert_eq!((ids(&all, "mailbox"), ids(&all, "dns-record")), (vec![1], vec![2]));
}

#[test]
fn a_source_that_tells_less_takes_nothing_away() {
    let before = state(&[object("domain", 5, 1, "a.example"), object("mailbox", 1, 0, "info@a.example")]);
    let narrow = Inventory::new(Origin::default(), vec![object("domain", 5, 1, "a.example")], vec![kind("domain")]);
    let merged = merge(&before, &narrow, None, false);
    assert_eq!(merged.inventory.objects(), before.objects());
    assert!(merged.inventory.carries(kind("mailbox")));
}

/// A sequence of panel states, with and without restores, and a nightly look at each: whatever id the data may hold, the companion's state knows the object
/// that it meant when it was first seen, until ids changed their meaning, and then it says so.
#[test]
fn no_sequence_of_states_loses_a_meaning_without_saying_so() {
    // Each state gives up to two ids to up to three objects.
    let mut states = Vec::new();
    for five in 0..4u8 {
        for seven in 0..4u8 {
            if five == 0 || five != seven {
                let named = |id, guid: u8| {
                    (guid > 0).then(|| object("domain", id, guid, ["", "a.example", "b.example", "c.example"][usize::from(guid)]))
                };
                states.push(state(&[named(5, five), named(7, seven)].into_iter().flatten().collect::<Vec<_>>()));
            }
        }
    }
    for first in &states {
        for second in &states {
            for third in &states {
                let mut meaning: FxHashMap<i64, Guid> = FxHashMap::default();
                let mut current = Inventory::new(Origin::default(), Vec::new(), vec![kind("domain")]);
                for panel in [first, second, third] {
                    let merged = merge(&current, panel, None, false);
                    let clash = panel.objects().iter().any(|o| {
                        let guid = o.guid.unwrap();
                        meaning.get(&o.id).is_some_and(|g| *g != guid) || meaning.iter().any(|(id, g)| *g == guid && *id != o.id)
                    });
                    assert_eq!(clash, !merged.kept.is_empty());
                    if !clash {
                        meaning.extend(panel.objects().iter().map(|o| (o.id, o.guid.unwrap())));
                    }
                    for (id, guid) in &meaning {
                        assert_eq!(merged.inventory.get(kind("domain"), *id).and_then(|o| o.guid), Some(*guid));
                    }
                    current = merged.inventory;
                }
            }
        }
    }
}
