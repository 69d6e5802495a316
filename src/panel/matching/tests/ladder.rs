//! Every rung and every global check, for every kind. What fails names the kind.

use super::*;
use crate::panel::mapping::Panel;

/// Kinds that the panel keeps in a table: all that can stand in an inventory.
fn kinds() -> impl Iterator<Item = Kind> {
    Kind::all().filter(|k| k.facts().table.is_some())
}

fn with_rung(rung: Rung) -> Vec<Kind> {
    let kinds: Vec<Kind> = kinds().filter(|k| has(*k, rung)).collect();
    assert!(!kinds.is_empty(), "{rung}");
    kinds
}

fn any(kind: Kind, id: i64, guid: u8, name: &str) -> Object {
    object(kind.name(), id, guid, name)
}

/// A pair that a person settled, for the parents of what is tested.
fn settled(kind: Kind, old: i64, new: Option<i64>) -> Settled {
    Settled { kind, old, new, rung: Rung::Decided, evidence: "decided".into() }
}

fn told(mapping: &Mapping, kind: Kind, id: i64) -> String {
    outcome(mapping, kind.name(), id)
}

fn accepting(old: Vec<Object>, new: Vec<Object>) -> Mapping {
    Mapping::between(&inventory(old), &inventory(new), Settings { accept_name: true, accept_moved: true, another_panel: false })
}

/// The columns whose agreement corroborates a match, the parent's first.
fn witnesses(kind: Kind) -> Vec<(&'static str, Option<Kind>)> {
    let identity = identity::of(kind);
    identity.parent.iter().chain(&identity.witness).map(|c| (c.column, c.kind)).collect()
}

/// `object` with `value` in `column`, which may be the parent's.
fn set(object: Object, column: &str, of: Option<Kind>, value: i64) -> Object {
    match (&identity::of(object.kind).parent, of) {
        (Some(parent), Some(of)) if parent.column == column => object.under(of.name(), value),
        _ => object.with(column, &value.to_string()),
    }
}

/// The mapping of two objects of `kind` that agree in a name, with 40 in a column of the old one and `now` in that of the new one. Of the kind that the
/// column refers to there are the objects 40 and 41 before, and 50 and 51 after, which are the same in this order.
fn by_witness(kind: Kind, (column, of): (&str, Option<Kind>), now: i64, settings: Settings) -> Mapping {
    let (mut old, mut new) = (vec![set(any(kind, 1, 0, "x"), column, of, 40)], vec![set(any(kind, 2, 0, "x"), column, of, now)]);
    let mut parents = Vec::new();
    if let Some(of) = of {
        old.extend([any(of, 40, 0, "p"), any(of, 41, 0, "q")]);
        new.extend([any(of, 50, 0, "p"), any(of, 51, 0, "q")]);
        parents.extend([settled(of, 40, Some(50)), settled(of, 41, Some(51))]);
    }
    Mapping::with(&inventory(old), &inventory(new), settings, &parents)
}

#[test]
fn rung_guid_for_every_kind_that_has_it() {
    for kind in with_rung(Rung::Guid) {
        let mapping = matched(vec![any(kind, 1, 1, "a"), any(kind, 2, 2, "b")], vec![any(kind, 1, 2, "b"), any(kind, 2, 1, "a")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["guid 2", "guid 1"], "{kind}");
    }
}

#[test]
fn rung_guid_for_no_kind_without_one() {
    for kind in kinds().filter(|k| !has(*k, Rung::Guid)) {
        let mapping = accepting(vec![any(kind, 1, 1, "a")], vec![any(kind, 2, 1, "b")]);
        assert_eq!(told(&mapping, kind, 1), "missing", "{kind}");
    }
}

#[test]
fn rung_guid_renamed_for_every_kind_that_has_it() {
    for kind in with_rung(Rung::GuidRenamed) {
        // The names are exchanged: going by them would be wrong.
        let mapping = accepting(vec![any(kind, 1, 1, "a"), any(kind, 2, 2, "b")], vec![any(kind, 1, 1, "b"), any(kind, 2, 2, "a")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["renamed 1", "renamed 2"], "{kind}");
        assert_eq!(mapping.evidence(kind, 1), Some("same GUID; a is now called b"), "{kind}");
    }
}

#[test]
fn rung_key_for_every_kind_whose_key_is_its_identity() {
    for kind in with_rung(Rung::Key) {
        let mapping = matched(vec![any(kind, 1, 0, "a"), any(kind, 2, 0, "b")], vec![any(kind, 1, 0, "b"), any(kind, 2, 0, "a")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["key 2", "key 1"], "{kind}");
    }
    for kind in kinds().filter(|k| !has(*k, Rung::Key)) {
        let mapping = matched(vec![any(kind, 1, 0, "a")], vec![any(kind, 2, 0, "a")]);
        assert_eq!(told(&mapping, kind, 1), "name-only 2", "{kind}");
    }
}

#[test]
fn rung_name_and_witness_by_every_witness_of_every_kind() {
    let mut tried = 0;
    for kind in with_rung(Rung::NameAndWitness) {
        for (column, of) in witnesses(kind) {
            let now = if of.is_some() { 50 } else { 40 };
            let mapping = by_witness(kind, (column, of), now, Settings::default());
            assert_eq!(told(&mapping, kind, 1), "witness 2", "{kind} by {column}");
            assert_eq!(mapping.evidence(kind, 1), Some(&*format!("same name; same {column}")), "{kind} by {column}");
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn rung_name_and_witness_by_no_witness_that_is_unset_or_unknown() {
    for kind in with_rung(Rung::NameAndWitness) {
        for (column, of) in witnesses(kind) {
            let unset = |id| {
                if of.is_some() { set(any(kind, id, 0, "x"), column, of, 0) } else { any(kind, id, 0, "x").with(column, "0000-00-00") }
            };
            let mapping = matched(vec![unset(1)], vec![unset(2)]);
            assert_eq!(told(&mapping, kind, 1), "name-only 2", "{kind} by {column}");
            if of.is_some() {
                // Nothing is known of the objects that they refer to.
                let refers = |id| set(any(kind, id, 0, "x"), column, of, 40);
                let mapping = matched(vec![refers(1)], vec![refers(2)]);
                assert_eq!(told(&mapping, kind, 1), "name-only 2", "{kind} by {column}");
            }
        }
    }
}

#[test]
fn rung_name_and_witness_by_the_id_on_the_same_panel_for_every_kind() {
    for kind in with_rung(Rung::NameAndWitness) {
        // Something that shows whether the panel is the same: 90 kept its id, or has one that was given already.
        let beacon = if kind.name() == "client" { "domain" } else { "client" };
        let b = |id| object(beacon, id, 9, "beacon");
        let same = matched(vec![any(kind, 1, 0, "x"), b(90)], vec![any(kind, 1, 0, "x"), b(90)]);
        assert_eq!((told(&same, kind, 1), same.relation().panel), ("witness 1".to_owned(), Panel::Same), "{kind}");
        let another = matched(vec![any(kind, 1, 0, "x"), b(90)], vec![any(kind, 1, 0, "x"), b(80)]);
        assert_eq!((told(&another, kind, 1), another.relation().panel), ("name-only 1".to_owned(), Panel::Another), "{kind}");
    }
}

/// On the same panel an object that is still there under its id may have been renamed. Where no GUID tells, neither name nor id is believed.
#[test]
fn rung_ambiguous_is_a_name_beside_another_id_on_the_same_panel_for_every_kind_without_guids() {
    for kind in with_rung(Rung::NameAndWitness).into_iter().filter(|k| !has(*k, Rung::Guid)) {
        let b = |id| object("client", id, 9, "beacon");
        let told = |olds: &[(i64, &str)], news: &[(i64, &str)], beacon: i64, id: i64| {
            let side = |side: &[(i64, &str)], beacon| {
                let all =
                    side.iter().map(|(id, name)| witnesses(kind).into_iter().fold(any(kind, *id, 0, name), |o, (c, of)| set(o, c, of, 90)));
                all.chain([b(beacon)]).collect()
            };
            let settings = Settings { accept_moved: true, ..Settings::default() };
            told(&Mapping::between(&inventory(side(olds, 90)), &inventory(side(news, beacon)), settings), kind, id)
        };
        // Renamed, and another has its old name.
        assert_eq!(told(&[(1, "x")], &[(1, "y"), (2, "x")], 90, 1), "ambiguous 1 2", "{kind}");
        // Names that changed places.
        assert_eq!(told(&[(1, "x"), (2, "y")], &[(1, "y"), (2, "x")], 90, 1), "ambiguous 1 2", "{kind}");
        // Renamed to the name of another one that is gone.
        assert_eq!(told(&[(1, "x"), (3, "y")], &[(1, "y")], 90, 3), "ambiguous 1", "{kind}");
        assert_eq!(told(&[(1, "x"), (3, "y")], &[(1, "y")], 90, 1), "ambiguous 1", "{kind}");
        // Renamed.
        assert_eq!(told(&[(1, "x")], &[(1, "y")], 90, 1), "ambiguous 1", "{kind}");
        // Made anew, under an id that was never given before; and gone.
        let anew = told(&[(1, "x")], &[(2, "x")], 90, 1);
        assert!(["witness 2", "name-only 2"].contains(&&*anew), "{kind}: {anew}");
        assert_eq!(told(&[(1, "x")], &[(2, "y")], 90, 1), "missing", "{kind}");
    }
}

#[test]
fn rung_name_only_needs_a_person_for_every_kind() {
    for kind in with_rung(Rung::NameOnly) {
        let (old, new) = (vec![any(kind, 1, 0, "x")], vec![any(kind, 2, 0, "x")]);
        let mapping = matched(old.clone(), new.clone());
        assert_eq!((told(&mapping, kind, 1), mapping.new_id(kind, 1)), ("name-only 2".to_owned(), None), "{kind}");
        assert_eq!(mapping.reason(kind, 1), Some("same name, and nothing else agrees"), "{kind}");
        let accepted = accepting(old, new);
        assert_eq!((told(&accepted, kind, 1), accepted.new_id(kind, 1)), ("name 2".to_owned(), Some(2)), "{kind}");
    }
}

#[test]
fn rung_conflict_is_two_guids_of_one_name_for_every_kind() {
    for kind in kinds() {
        // The witnesses agree, and a person accepts names.
        let of = |id, guid| {
            let texts = witnesses(kind).into_iter().filter(|(_, of)| of.is_none());
            texts.fold(any(kind, id, guid, "x"), |object, (column, _)| object.with(column, "2020-01-01"))
        };
        let mapping = accepting(vec![of(1, 1)], vec![of(2, 2)]);
        assert_eq!(told(&mapping, kind, 1), "conflict 2", "{kind}");
        let reason = mapping.reason(kind, 1).unwrap();
        assert!(reason.ends_with("has its name and another GUID: it was created anew"), "{kind}: {reason}");
    }
}

#[test]
fn rung_conflict_is_a_name_that_another_object_took_for_every_kind() {
    for kind in with_rung(Rung::Guid) {
        let mapping = accepting(vec![any(kind, 1, 0, "x"), any(kind, 2, 1, "y")], vec![any(kind, 3, 1, "x")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["conflict 3", "renamed 3"], "{kind}");
    }
    for kind in kinds() {
        let (old, new) = (inventory(vec![any(kind, 1, 0, "x"), any(kind, 2, 0, "y")]), inventory(vec![any(kind, 3, 0, "x")]));
        let settings = Settings { accept_name: true, accept_moved: true, another_panel: false };
        let mapping = Mapping::with(&old, &new, settings, &[settled(kind, 2, Some(3))]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["conflict 3", "decided 3"], "{kind}");
    }
}

#[test]
fn rung_ambiguous_is_several_of_one_name_for_every_kind() {
    for kind in kinds() {
        let mapping = accepting(vec![any(kind, 1, 0, "x")], vec![any(kind, 4, 0, "x"), any(kind, 3, 0, "x")]);
        assert_eq!(told(&mapping, kind, 1), "ambiguous 3 4", "{kind}");
        assert_eq!(mapping.reason(kind, 1), Some("2 objects have its name: 3, 4"), "{kind}");
    }
}

#[test]
fn several_of_one_name_are_told_apart_by_every_witness_of_every_kind() {
    for kind in with_rung(Rung::NameAndWitness) {
        for (column, of) in witnesses(kind).into_iter().filter(|(_, of)| of.is_none()) {
            let o = |id, value| set(any(kind, id, 0, "x"), column, of, value);
            let mapping = matched(vec![o(1, 40)], vec![o(2, 41), o(3, 40), o(4, 42)]);
            assert_eq!(told(&mapping, kind, 1), "witness 3", "{kind} by {column}");
            let mapping = matched(vec![o(1, 40)], vec![o(2, 40), o(3, 40), o(4, 42)]);
            assert_eq!(told(&mapping, kind, 1), "ambiguous 2 3", "{kind} by {column}");
        }
    }
}

#[test]
fn rung_missing_for_every_kind() {
    for kind in kinds() {
        let mapping = accepting(vec![any(kind, 1, 1, "x"), any(kind, 2, 0, "")], vec![any(kind, 1, 2, "y"), any(kind, 2, 0, "")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["missing", "missing"], "{kind}");
        assert_eq!(mapping.reason(kind, 1), Some("no object has its GUID or its name"), "{kind}");
        assert_eq!(mapping.reason(kind, 2), Some("it has no name, and no object has its GUID"), "{kind}");
        assert_eq!(mapping.get(kind, 3), None, "{kind}");
    }
}

#[test]
fn names_are_compared_without_case_dot_and_script_for_every_kind() {
    for kind in kinds() {
        for (then, now) in [("X.example", "x.EXAMPLE"), ("x.example.", "x.example"), ("b\u{fc}cher.example", "xn--bcher-kva.example")] {
            let mapping = accepting(vec![any(kind, 1, 0, then)], vec![any(kind, 2, 0, now)]);
            assert!(matches!(mapping.get(kind, 1), Some(Match::Found { new: 2, .. })), "{kind}: {then} {now}");
            if has(kind, Rung::Guid) {
                let mapping = matched(vec![any(kind, 1, 1, then)], vec![any(kind, 2, 1, now)]);
                assert_eq!(told(&mapping, kind, 1), "guid 2", "{kind}: {then} {now}");
            }
        }
    }
}

#[test]
fn check_injective_for_every_kind() {
    for kind in kinds() {
        let mapping = accepting(vec![any(kind, 1, 0, "x"), any(kind, 2, 0, "X")], vec![any(kind, 7, 0, "x")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["ambiguous 7", "ambiguous 7"], "{kind}");
        let reason = mapping.reason(kind, 1).unwrap();
        assert!(reason.ends_with("would be each of the old ids 1, 2"), "{kind}: {reason}");
    }
    for kind in with_rung(Rung::Guid) {
        let settings = Settings { accept_name: true, accept_moved: true, another_panel: false };
        let (old, new) = (inventory(vec![any(kind, 1, 1, "x"), any(kind, 2, 2, "y")]), inventory(vec![any(kind, 3, 1, "x")]));
        let mapping = Mapping::with(&old, &new, settings, &[settled(kind, 2, Some(3))]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["conflict 3", "decided 3"], "{kind}");
    }
}

#[test]
fn check_duplicate_guids_identify_nothing_for_every_kind() {
    for kind in with_rung(Rung::Guid) {
        let mapping = accepting(vec![any(kind, 1, 1, "x")], vec![any(kind, 2, 1, "y"), any(kind, 3, 1, "z")]);
        assert_eq!(told(&mapping, kind, 1), "ambiguous 2 3", "{kind}");
        assert_eq!(mapping.reason(kind, 1), Some("its GUID is one that several objects have, 2, 3 among them"), "{kind}");
        let mapping = accepting(vec![any(kind, 1, 1, "x"), any(kind, 2, 1, "y")], vec![any(kind, 3, 1, "z")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["ambiguous 3", "ambiguous 3"], "{kind}");
        let mapping = accepting(vec![any(kind, 1, 1, "x"), any(kind, 2, 1, "y")], vec![any(kind, 3, 1, "x"), any(kind, 4, 1, "y")]);
        assert_eq!([1, 2].map(|id| told(&mapping, kind, id)), ["name 3", "name 4"], "{kind}");
    }
}

#[test]
fn check_kinds_are_never_mixed_for_every_pair_of_kinds() {
    for a in kinds() {
        for b in kinds().filter(|b| *b != a) {
            // Both are carried, so that it is not for that reason.
            let (old, new) = (inventory(vec![any(a, 1, 1, "x")]), inventory(vec![any(b, 1, 1, "x"), any(a, 2, 2, "y")]));
            let mapping = Mapping::between(&old, &new, Settings { accept_name: true, accept_moved: true, another_panel: false });
            assert_eq!(told(&mapping, a, 1), "missing", "{a} and {b}");
        }
    }
}

#[test]
fn check_the_new_inventory_carries_the_kind_for_every_kind() {
    for kind in kinds() {
        let other = if kind.name() == "client" { "domain" } else { "client" };
        let mapping = accepting(vec![any(kind, 1, 1, "x")], vec![object(other, 1, 1, "x")]);
        assert_eq!(mapping.reason(kind, 1), Some(&*format!("the new inventory does not carry {kind} objects")), "{kind}");
    }
}

#[test]
fn check_owners_contradict_a_name_for_every_reference_of_every_kind() {
    let mut tried = 0;
    for kind in with_rung(Rung::NameAndWitness) {
        for (column, of) in witnesses(kind) {
            let Some(of) = of else { continue };
            tried += 1;
            let mapping = by_witness(kind, (column, Some(of)), 51, Settings::default());
            assert_eq!(told(&mapping, kind, 1), "moved 2", "{kind} by {column}");
            let reason = mapping.reason(kind, 1).unwrap();
            let expected = format!("same name, but it belonged to {of} 40 (p), now {of} 50 (p), and belongs to {of} 51 (q) ({column})");
            assert_eq!(reason, expected, "{kind} by {column}");
            // To accept a name is not to accept another owner, nor the other way round.
            let name = by_witness(kind, (column, Some(of)), 51, Settings { accept_name: true, accept_moved: false, another_panel: false });
            assert_eq!(told(&name, kind, 1), "moved 2", "{kind} by {column}");
            let moved = by_witness(kind, (column, Some(of)), 51, Settings { accept_name: false, accept_moved: true, another_panel: false });
            assert_eq!(told(&moved, kind, 1), "name-only 2", "{kind} by {column}");
            let both = by_witness(kind, (column, Some(of)), 51, Settings { accept_name: true, accept_moved: true, another_panel: false });
            assert_eq!(told(&both, kind, 1), "name 2", "{kind} by {column}");
            let evidence = both.evidence(kind, 1).unwrap();
            assert!(evidence.ends_with("which was accepted"), "{kind} by {column}: {evidence}");
        }
    }
    assert!(tried > 10, "{tried}");
}

#[test]
fn check_owners_contradict_a_guid_for_every_kind_with_owners() {
    let mut tried = 0;
    for kind in with_rung(Rung::Guid) {
        let Some(parent) = &identity::of(kind).parent else { continue };
        let of = parent.kind.unwrap();
        tried += 1;
        for (name, rung) in [("x", "guid"), ("y", "renamed")] {
            let old = inventory(vec![any(kind, 1, 1, "x").under(of.name(), 40), any(of, 40, 0, "p"), any(of, 41, 0, "q")]);
            let new = inventory(vec![any(kind, 2, 1, name).under(of.name(), 51), any(of, 50, 0, "p"), any(of, 51, 0, "q")]);
            let parents = [settled(of, 40, Some(50)), settled(of, 41, Some(51))];
            let mapping = Mapping::with(&old, &new, Settings::default(), &parents);
            assert_eq!((told(&mapping, kind, 1), mapping.new_id(kind, 1)), ("moved 2".to_owned(), None), "{kind}");
            let accepted = Mapping::with(&old, &new, Settings { accept_name: false, accept_moved: true, another_panel: false }, &parents);
            assert_eq!(told(&accepted, kind, 1), format!("{rung} 2"), "{kind}");
            // What a person decided stands.
            let decided = [parents[0].clone(), parents[1].clone(), settled(kind, 1, Some(2))];
            assert_eq!(told(&Mapping::with(&old, &new, Settings::default(), &decided), kind, 1), "decided 2", "{kind}");
        }
    }
    assert!(tried > 3, "{tried}");
}

#[test]
fn what_is_settled_stands_before_every_rung_of_every_kind() {
    for kind in kinds() {
        let (old, new) = (inventory(vec![any(kind, 1, 1, "x")]), inventory(vec![any(kind, 2, 1, "x"), any(kind, 3, 0, "z")]));
        let with = |new_id| {
            Mapping::with(&old, &new, Settings { accept_name: true, accept_moved: true, another_panel: false }, &[settled(kind, 1, new_id)])
        };
        assert_eq!(told(&with(Some(3)), kind, 1), "decided 3", "{kind}");
        let gone = with(None);
        assert_eq!((told(&gone, kind, 1), gone.reason(kind, 1)), ("missing".to_owned(), Some("decided")), "{kind}");
    }
}
