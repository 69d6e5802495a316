//! Maps written, read back, changed by a person, and refused.

use miette::Diagnostic as _;

use super::*;
use crate::panel::inventory::Origin;
use crate::panel::mapping::{Rung, Settings};
use crate::panel::{Guid, Inventory, Mapping, Match, Object};

fn kind(word: &str) -> Kind {
    word.parse().unwrap()
}

fn object(word: &str, id: i64, guid: u8, name: &str) -> Object {
    let kind = kind(word);
    let guid = (guid > 0).then(|| Guid::parse(format!("{guid:08}-1111-4111-8111-111111111111").as_bytes()).unwrap());
    let witness = kind.facts().table.as_ref().unwrap().witness.iter().map(|_| Box::from("")).collect();
    Object { kind, id, guid, name: name.into(), parent: None, witness }
}

fn inventory(source: &str, objects: Vec<Object>) -> Inventory {
    Inventory::new(Origin { source: source.into(), taken: Some("2026-01-02".into()) }, objects, vec![kind("domain"), kind("client")])
}

/// a, renamed b, c of which only the name is known, d created anew, e gone, and a client with the id of a.
fn before() -> Inventory {
    let d = |id, guid, name: &str| object("domain", id, guid, name);
    let domains = vec![d(5, 1, "a.example"), d(6, 2, "b.example"), d(7, 0, "c.example"), d(8, 4, "d.example"), d(9, 5, "e.example")];
    inventory("before.sql", domains.into_iter().chain([object("client", 5, 9, "bob")]).collect())
}

fn after() -> Inventory {
    let d = |id, guid, name: &str| object("domain", id, guid, name);
    let domains =
        vec![d(6, 1, "a.example"), d(5, 2, "new \"b\"\n.example"), d(4, 3, "c.example"), d(3, 7, "d.example"), d(2, 8, "f.example")];
    inventory("after.sql", domains.into_iter().chain([object("client", 11, 9, "bob")]).collect())
}

fn written() -> String {
    let (old, new) = (before(), after());
    let mut bytes = Vec::new();
    write(&old, &new, &Mapping::between(&old, &new, Settings::default()), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn parse(text: &str) -> Result<Reviewed, MapError> {
    Reviewed::parse("map.toml".into(), text.to_owned())
}

fn applied(text: &str) -> Mapping {
    parse(text).unwrap().between(&before(), &after(), Settings::default()).unwrap()
}

/// What is refused, as `line: message` for each.
fn refused(text: &str) -> Vec<String> {
    let error = match parse(text) {
        Err(error) => error,
        Ok(map) => map.between(&before(), &after(), Settings::default()).expect_err(text),
    };
    assert!(error.to_string().starts_with("map.toml cannot be used"), "{error}");
    let labels: Vec<_> = error.labels().unwrap().collect();
    labels.iter().map(|l| format!("{}: {}", text[..l.offset()].matches('\n').count() + 1, l.label().unwrap())).collect()
}

fn line_of(text: &str, needle: &str) -> usize {
    text[..text.find(needle).unwrap_or_else(|| panic!("{needle} is not in\n{text}"))].matches('\n').count() + 1
}

#[test]
fn a_map_reads_well() {
    let (was, is) = (before().fingerprint().to_string(), after().fingerprint().to_string());
    let text = written().replace(&was, "[OLD]").replace(&is, "[NEW]");
    insta::assert_snapshot!(text, @r##"
    # Which object of the new panel state each object of the old one is. Review it, change it, and hand it back:
    #
    #   reguid fix … --map THIS_FILE
    #
    # What stands here goes before the rules; what you change is recorded as decided by you. To decide what is open, say what
    # became of the object: uncomment the candidate that it is, write another one (new = 7), or say that it is gone (new = "none"),
    # which leaves it to on-missing in the manifest. Names and GUIDs beside ids are there to be read; where they stand, they must be
    # right. A pair that you take out is matched by the rules. The format is described in docs/map.md.

    version = 1
    panel = "another panel: domain 5 (a.example) has the id 6 now, and a panel gives no id twice"

    [old]
    source = "before.sql"
    taken = "2026-01-02"
    fingerprint = "[OLD]"

    [new]
    source = "after.sql"
    taken = "2026-01-02"
    fingerprint = "[NEW]"

    # To be decided: 3.

    [[pair]]
    kind = "domain"
    old = { id = 7, name = "c.example" }
    # new = { id = 4, name = "c.example", guid = "00000003-1111-4111-8111-111111111111" }
    # new = "none"
    rule = "name-only"
    evidence = "same name, and nothing else agrees"

    [[pair]]
    kind = "domain"
    old = { id = 8, name = "d.example", guid = "00000004-1111-4111-8111-111111111111" }
    # new = { id = 3, name = "d.example", guid = "00000007-1111-4111-8111-111111111111" }
    # new = "none"
    rule = "conflict"
    evidence = "domain 3 (d.example) has its name and another GUID: it was created anew"

    [[pair]]
    kind = "domain"
    old = { id = 9, name = "e.example", guid = "00000005-1111-4111-8111-111111111111" }
    # new = "none"
    rule = "missing"
    evidence = "no object has its GUID or its name"

    [[pair]]
    kind = "client"
    old = { id = 5, name = "bob", guid = "00000009-1111-4111-8111-111111111111" }
    new = { id = 11, name = "bob", guid = "00000009-1111-4111-8111-111111111111" }
    rule = "guid"
    evidence = "same GUID, same name"

    [[pair]]
    kind = "domain"
    old = { id = 5, name = "a.example", guid = "00000001-1111-4111-8111-111111111111" }
    new = { id = 6, name = "a.example", guid = "00000001-1111-4111-8111-111111111111" }
    rule = "guid"
    evidence = "same GUID, same name"

    [[pair]]
    kind = "domain"
    old = { id = 6, name = "b.example", guid = "00000002-1111-4111-8111-111111111111" }
    new = { id = 5, name = "new \"b\"\u000A.example", guid = "00000002-1111-4111-8111-111111111111" }
    rule = "guid-renamed"
    evidence = "same GUID; b.example is now called new \"b\"\u000A.example"
    "##);
}

#[test]
fn a_map_that_nobody_changed_changes_nothing() {
    let (old, new) = (before(), after());
    let rules = Mapping::between(&old, &new, Settings::default());
    let mapping = applied(&written());
    assert_eq!(mapping.sorted(), rules.sorted());
    for object in old.objects() {
        assert_eq!(mapping.evidence(object.kind, object.id), rules.evidence(object.kind, object.id));
    }
    let map = mapping.map().unwrap();
    assert_eq!((map.file.as_str(), map.decisions.len(), map.sha256.len()), ("map.toml", 0, 64));
    // Written again it is the same.
    let mut again = Vec::new();
    write(&old, &new, &mapping, &mut again).unwrap();
    assert_eq!(String::from_utf8(again).unwrap(), written());
}

#[test]
fn what_a_person_changed_goes_before_the_rules_and_is_recorded() {
    let text = written();
    // c is accepted by its name, d is f.example, e is gone, and a and b are exchanged.
    let c = "# new = { id = 4, name = \"c.example\", guid = \"00000003-1111-4111-8111-111111111111\" }";
    let d = "# new = { id = 3, name = \"d.example\", guid = \"00000007-1111-4111-8111-111111111111\" }";
    let a = "new = { id = 6, name = \"a.example\", guid = \"00000001-1111-4111-8111-111111111111\" }";
    let b = "new = { id = 5, name = \"new \\\"b\\\"\\u000A.example\", guid = \"00000002-1111-4111-8111-111111111111\" }";
    for needle in [a, b, c, d] {
        assert!(text.contains(needle), "{needle}\n{text}");
    }
    let e = text.find("e.example").unwrap();
    let none = e + text[e..].find("# new = \"none\"").unwrap();
    let mut changed = text.clone();
    changed.replace_range(none..none + 2, "");
    let changed = changed.replace(c, &c[2..]).replace(d, "new = 2").replace(b, "new = { id = 6 }").replace(a, "new = 5");
    let mapping = applied(&changed);
    let id = |old| mapping.new_id(kind("domain"), old);
    assert_eq!([5, 6, 7, 8, 9].map(id), [Some(5), Some(6), Some(4), Some(2), None]);
    assert_eq!(mapping.new_id(kind("client"), 5), Some(11));
    let decided: Vec<_> = mapping.map().unwrap().decisions.iter().map(|d| (d.line, d.told(), d.instead_of.as_str())).collect();
    // That e is gone is what the rules say too.
    let line = |needle: &str| line_of(&changed, needle) as u64;
    assert_eq!(
        decided,
        [
            (line("new = 5"), "domain 5 (a.example) is domain 5 (new \"b\"\n.example)".to_owned(), "guid 6"),
            (line("new = { id = 6 }"), "domain 6 (b.example) is domain 6 (a.example)".to_owned(), "guid-renamed 5"),
            (line(&c[2..]), "domain 7 (c.example) is domain 4 (c.example)".to_owned(), "name-only 4"),
            (line("new = 2"), "domain 8 (d.example) is domain 2 (f.example)".to_owned(), "conflict 3"),
        ]
    );
    let expected = format!("decided by a person in map.toml line {}", line("new = 2"));
    assert_eq!(mapping.evidence(kind("domain"), 8), Some(expected.as_str()));
    assert!(matches!(mapping.get(kind("domain"), 8), Some(Match::Found { rung: Rung::Decided, .. })));
    // Whom the rules find, a person may know to be gone.
    let gone = applied(&text.replace(a, "new = \"none\""));
    assert_eq!(gone.get(kind("domain"), 5), Some(&Match::Missing));
    assert_eq!(gone.map().unwrap().decisions[0].told(), "domain 5 (a.example) is gone");
}

#[test]
fn a_map_may_name_only_what_is_decided() {
    let text = written();
    let head = &text[..text.find("\n[[pair]]").unwrap()];
    let mapping = applied(&format!("{head}\n[[pair]]\nkind = \"domain\"\nold = {{ id = 9 }}\nnew = 6\n"));
    assert_eq!(mapping.new_id(kind("domain"), 9), Some(6));
    // Whose object was given away is not matched with it by the rules.
    assert_eq!(mapping.get(kind("domain"), 5), Some(&Match::Conflict { candidate: 6 }));
    assert_eq!(mapping.reason(kind("domain"), 5), Some("domain 6 (a.example) has its GUID and is what another old object became"));
    assert_eq!(mapping.new_id(kind("domain"), 6), Some(5));
}

#[test]
fn data_that_was_moved_already_is_left_to_the_rules() {
    let map = parse(&written().replace("# new = \"none\"", "new = \"none\"")).unwrap();
    let mapping = map.between(&after(), &after(), Settings::default()).unwrap();
    assert!(mapping.map().is_none() && after().objects().iter().all(|o| mapping.new_id(o.kind, o.id) == Some(o.id)));
}

#[test]
fn a_map_that_does_not_fit_is_refused_with_its_lines() {
    let text = written();
    let head = text[..text.find("\n[[pair]]").unwrap()].to_owned();
    let first = head.matches('\n').count() + 2;
    for (pairs, expected) in [
        ("[[pair]]\nkind = 'domain'\nold = { id = 77 }\nnew = 6", vec![(2, "the old panel state has no domain 77")]),
        ("[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = 66", vec![(3, "the new panel state has no domain 66")]),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = { id = 11, name = 'bob' }",
            vec![(3, "the new panel state has no domain 11 (there is client 11 (bob), but kinds are never mixed)")],
        ),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 5, name = 'z' }\nnew = { id = 6, guid = '00000002-1111-4111-8111-111111111111' }",
            vec![(2, "domain 5 of the old panel state has the name \"a.example\", not \"z\"; correct it, or leave the name out")],
        ),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 7, guid = '00000002-1111-4111-8111-111111111111' }\nnew = 6",
            vec![(
                2,
                "domain 7 of the old panel state has the GUID \"\", not \"00000002-1111-4111-8111-111111111111\"; correct it, or leave the GUID out",
            )],
        ),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = 6\n[[pair]]\nkind = 'domain'\nold = { id = 9 }\nnew = 6",
            vec![(7, "domain 6 would be domain 5 and domain 9 at once; the other one in line {3}")],
        ),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = 6\n[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = 5",
            vec![(6, "domain 5 stands twice; the first time in line {2}")],
        ),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 5 }",
            vec![(
                2,
                "nothing is said of what became of domain 5, which is domain 6 by the rules: say it (new = …), or take the whole pair out",
            )],
        ),
        ("[[pair]]\nkind = 'domian'\nold = { id = 5 }\nnew = 6", vec![(1, "unknown kind `domian`; did you mean `domain`?")]),
        ("[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnwe = 6", vec![(3, "unknown field `nwe`")]),
        ("[[pair]]\nkind = 'domain'\nold = { id = 5, login = 'x' }\nnew = 6", vec![(2, "unknown field `login`")]),
        ("[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = { id = 6, kind = 'client' }", vec![(3, "unknown field `kind`")]),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = \"gone\"",
            vec![(3, "invalid value: string \"gone\", expected the new object")],
        ),
        (
            "[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = 1.5",
            vec![(3, "invalid type: floating point `1.5`, expected the new object")],
        ),
        ("[[pair]]\nkind = 'domain'\nnew = 6", vec![(0, "missing field `old`")]),
        ("[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = 6\nnew = 7", vec![(4, "duplicate key")]),
        ("[[pairs]]\nkind = 'domain'", vec![(0, "unknown field `pairs`")]),
        ("[[pair]]\nkind = 'domain", vec![(1, "invalid literal string")]),
        (
            "[[pair]]\nkind = 'client'\nold = { id = 6 }\nnew = 11\n[[pair]]\nkind = 'domain'\nold = { id = 5 }\nnew = 11",
            vec![(2, "the old panel state has no client 6 (there is domain 6 (b.example)"), (7, "the new panel state has no domain 11")],
        ),
    ] {
        let whole = format!("{head}\n{pairs}\n");
        let found = refused(&whole);
        assert_eq!(found.len(), expected.len(), "{pairs}: {found:?}");
        for (found, (line, message)) in found.iter().zip(expected) {
            let message = (0..10).fold(message.to_owned(), |m, n| m.replace(&format!("{{{n}}}"), &(first + n).to_string()));
            let expected = format!("{}: {message}", first + line);
            assert!(found.starts_with(&expected), "{pairs}\nfound:    {found}\nexpected: {expected}");
        }
    }
}

#[test]
fn a_map_of_other_panel_states_is_refused() {
    let text = written();
    let map = parse(&text).unwrap();
    for (old, new, which) in [(after(), before(), 2), (before(), before(), 1), (after(), inventory("x", Vec::new()), 2)] {
        let error = map.between(&old, &new, Settings::default()).unwrap_err();
        let labels: Vec<_> = error.labels().unwrap().collect();
        assert_eq!(labels.len(), which);
        let label = &labels[which - 1];
        assert!(text[label.offset()..].starts_with(&format!("\"{}\"", after().fingerprint())), "the new state's fingerprint is pointed at");
        let message = label.label().unwrap();
        assert!(message.starts_with("this map was made for another new panel state: for after.sql, of 2026-01-02 ("), "{message}");
    }
}

#[test]
fn a_map_of_another_version_is_refused_before_anything_else() {
    let found = refused("version = 2\nsomething-new = true\n[old]\n");
    assert_eq!(found, ["1: this map has version 2; this release reads version 1"]);
    for text in ["", "[old]\n", "# nothing\n\n[[pair]]\n"] {
        assert!(refused(text)[0].contains("missing field `version`"), "{text}");
    }
    assert!(refused("\u{0}")[0].starts_with("1: "));
}

#[test]
fn only_the_first_of_many_mistakes_are_told() {
    let text = written();
    let head = text[..text.find("\n[[pair]]").unwrap()].to_owned();
    let pairs: String = (100..150).map(|id| format!("\n[[pair]]\nkind = 'domain'\nold = {{ id = {id} }}\nnew = 6\n")).collect();
    let error = parse(&(head + &pairs)).unwrap().between(&before(), &after(), Settings::default()).unwrap_err();
    assert_eq!(error.to_string(), "map.toml cannot be used: 50 things are wrong in it; these are the first 20");
    assert_eq!(error.labels().unwrap().count(), 20);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = camino::Utf8Path::from_path(folder.path()).unwrap();
    assert!(Reviewed::load(&path.join("none.toml")).unwrap_err().to_string().contains("none.toml: cannot be read"));
    assert!(Reviewed::load(path).unwrap_err().to_string().contains("cannot be read"));
    std::fs::write(path.join("latin.toml"), b"version = 1\n# \xe4").unwrap();
    assert!(Reviewed::load(&path.join("latin.toml")).unwrap_err().to_string().ends_with("the first wrong byte is byte 14"));
    std::fs::File::create(path.join("large.toml")).unwrap().set_len((1 << 30) + 1).unwrap();
    assert!(Reviewed::load(&path.join("large.toml")).unwrap_err().to_string().contains("is larger than any map"));
}

#[test]
fn names_of_any_sort_come_back() {
    for name in ["\u{0}\u{1}\u{7f}\u{85}", "\"\\'''\"\"\"", "\u{202e}x\u{2028}\n[[pair]]\n# x", "\u{1f600} {id} $", "\\u0041", "\r\n\t"] {
        let old = inventory("o\n\"o", vec![object("domain", 1, 1, name), object("domain", 2, 0, &format!("{name}2"))]);
        let new = inventory("n\\", vec![object("domain", 4, 1, name), object("domain", 3, 0, &format!("{name}2"))]);
        let rules = Mapping::between(&old, &new, Settings::default());
        let mut bytes = Vec::new();
        write(&old, &new, &rules, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let mapping = parse(&text).unwrap_or_else(|e| panic!("{e}: {:?}\n{text}", e.labels().map(|l| l.collect::<Vec<_>>())));
        assert_eq!(mapping.between(&old, &new, Settings::default()).unwrap().sorted(), rules.sorted());
        // The candidates stand in comments that hold when they are uncommented.
        let decided = parse(&text.replacen("# new = {", "new = {", 1)).unwrap().between(&old, &new, Settings::default()).unwrap();
        assert_eq!(decided.new_id(kind("domain"), 2), Some(3), "{text}");
    }
}

/// The quick parser of pairs gives what the one for all of TOML gives, or nothing.
#[test]
fn pairs_are_read_in_the_usual_way_as_in_any_other() {
    let whole = written();
    let head = &whole[..usual::begin(&whole).unwrap()];
    assert!(usual::pairs(&whole, head.len()).is_some_and(|p| p.len() == 6), "what is written is read quickly");
    let lines = [
        "kind = 'domain'",
        r#"kind = "do\u006dain""#,
        "kind = ''",
        "kind",
        "old = { id = 5 }",
        r#"old = { id = 5, name = 'a', guid = "g" }"#,
        r#"old={id=-7,name="\"\\"}"#,
        "new = 7",
        "new = -7",
        "new = +7",
        "new = 07",
        "new = 0",
        "new = -0",
        "new = -",
        "new = 7-7",
        "new = 7_0",
        "new = 0x7",
        "new = 7.5",
        "new = 7e1",
        "new = 1979-05-27",
        "new = 07:32:00",
        "new = true",
        "new = 99999999999999999999",
        "new = -9223372036854775808",
        "new = \"none\"",
        "new = 'none' # x",
        "new = 'gone'",
        "new = { id = 7 }",
        "new = { id = 7, }",
        "new = { , id = 7 }",
        "new = { }",
        "new = {}",
        "new = { id = 7, id = 8 }",
        "new = { id = 7 name = 'a' }",
        "new = { id.x = 7 }",
        "new = { \"id\" = 7 }",
        "new = { id = 7, name = \"\u{feff}\" }",
        "new = { id = 7,\n name = 'x' }",
        "new = { id = 7 # x\n }",
        "new = { id = 7",
        "new.id = 7",
        "\"new\" = 7",
        "new = [7]",
        "rule = 'x'",
        "rule = 7",
        "evidence = '''x'''",
        "evidence = \"\"\"\n[[pair]]\n\"\"\"",
        "evidence = ''",
        "evidence = \"\"",
        r#"evidence = "\uD800""#,
        r#"evidence = "\U0001F600\n\t\r\b\f\e""#,
        r#"evidence = "\U0001F600\n\t\r""#,
        r#"evidence = "\u00e4\x41""#,
        r#"evidence = "\u+123""#,
        "evidence = \"a\tb\"",
        "evidence = \"a\u{1}b\"",
        "evidence = 'a\u{7f}b'",
        "evidence = 'a\tb\u{85}'",
        "evidence = 'a",
        "evidence = \"\\",
        "evidence = \"\\u12",
        "evidence = \"ä # x\" # ü",
        "# x\u{2}",
        "#",
        "",
        "  \t",
        "[[pair]]",
        "[[pair]] # x",
        "[[ pair ]]",
        "[pair]",
        "[[pair]] x",
        "kind = 'client' rule = 'x'",
        "old = { id = 5 }\r",
        "new = 8\r\r",
        "# x\ry",
        "other = 1",
        "=",
        "\u{feff}",
    ];
    let mut quickly = 0;
    let mut check = |pairs: &str| {
        let text = format!("{head}{pairs}");
        let Some(written) = usual::pairs(&text, head.len()) else { return };
        quickly += 1;
        let quick: Result<Vec<Pair>, _> = written.into_iter().map(|w| read::pair(&w.kind.0, w.kind.1, w.old, w.new)).collect();
        assert_eq!(quick.ok(), read::parse_all(&text), "{pairs}");
    };
    for a in lines {
        for b in lines {
            check(&format!("[[pair]]\nkind = 'domain'\nold = {{ id = 1 }}\n{a}\n{b}\n"));
            check(&format!("[[pair]]\n{a}\n{b}"));
        }
    }
    // Some of these lines in any order, and pieces of them.
    let mut random = 1u64;
    let mut below = |bound: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % bound
    };
    for _ in 0..10_000 {
        let mut text = "[[pair]]\n".to_owned();
        for _ in 0..below(7) {
            text.push_str(lines[below(lines.len())]);
            text.push('\n');
        }
        if below(3) == 0 {
            text.truncate(text.floor_char_boundary(below(text.len())));
        }
        check(&text);
    }
    assert!(quickly > 300, "{quickly}");
}

#[test]
fn a_map_that_is_written_otherwise_is_read_all_the_same() {
    let text = written();
    let outcomes = |mapping: &Mapping| mapping.sorted().into_iter().map(|(k, id, m)| (k, id, m.clone())).collect::<Vec<_>>();
    for (from, to) in [("[[pair]]\n", "[[ pair ]]\n"), ("rule = \"guid\"", "rule = \"\"\"\nguid\"\"\""), ("kind = ", "\"kind\" = ")] {
        let other = text.replace(from, to);
        assert_ne!(other, text);
        let usually = usual::begin(&other).is_some_and(|at| usual::pairs(&other, at).is_some());
        assert_eq!((usually, outcomes(&applied(&other))), (false, outcomes(&applied(&text))), "{from}");
    }
    // There are pairs already where they begin.
    let at = text.find("\n[old]").unwrap();
    let listed = format!("{}\npair = []{}", &text[..at], &text[at..]);
    assert!(refused(&listed)[0].contains("duplicate key"), "{:?}", refused(&listed));
}
