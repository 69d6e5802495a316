use super::*;

const DOMAIN: u32 = 0;
const CLIENT: u32 = 1;

fn hole(word: &str) -> Option<u32> {
    ["domain", "client"].iter().position(|w| *w == word).map(|i| u32::try_from(i).unwrap())
}

fn spots_of(all: &[Spot<'_>]) -> Spots {
    let mut spots = Spots::default();
    for spot in all {
        spots.add(spot, &hole).unwrap_or_else(|e| panic!("{spot:?}: {e}"));
    }
    spots
}

fn at(path: &str) -> Spots {
    let tag = (!path.contains('{')).then_some(DOMAIN);
    spots_of(&[Spot { path: Some(path), tag, ..Spot::default() }])
}

/// Domains move up by 100, clients by 1000; 99 becomes null; 50 stays.
fn moved(found: &Found<'_>) -> Fate {
    match found.id {
        50 => Fate::Keep,
        99 => Fate::Null,
        id => Fate::Set(id + [100, 1000][found.tag as usize]),
    }
}

fn rewritten(spots: &Spots, value: &[u8]) -> String {
    let rewritten = rewrite(value, spots, &mut moved).unwrap_or_else(|e| panic!("{}: {e}", String::from_utf8_lossy(value)));
    String::from_utf8_lossy(&rewritten.bytes).into_owned()
}

fn odd(spots: &Spots, value: &str) -> Vec<(OddKind, String)> {
    let rewritten = rewrite(value.as_bytes(), spots, &mut moved).unwrap_or_else(|e| panic!("{value}: {e}"));
    rewritten.odd.samples.into_iter().map(|o| (o.what, o.text)).collect()
}

fn flaw(spots: &Spots, value: &[u8]) -> String {
    match rewrite(value, spots, &mut moved) {
        Ok(r) => panic!("{:?}", String::from_utf8_lossy(&r.bytes)),
        Err(flaw) => flaw.to_string(),
    }
}

#[test]
fn json_changes_at_its_spots_and_nowhere_else() {
    for (path, value, expected) in [
        ("$.domainId", r#"{"domainId":12,"port":12}"#, r#"{"domainId":112,"port":12}"#),
        ("$.domainId", "{ \"domainId\" :\t\"12\" , \"x\":1.0e2 }\r\n", "{ \"domainId\" :\t\"112\" , \"x\":1.0e2 }\r\n"),
        ("$.a[*].b", r#"{"a":[{"b":1},{"b":2,"c":1},{"c":3}],"b":4}"#, r#"{"a":[{"b":101},{"b":102,"c":1},{"c":3}],"b":4}"#),
        ("$.a[1]", r#"{"a":[1,2,3]}"#, r#"{"a":[1,102,3]}"#),
        ("$[*]", "[1, 2 ,[3],\"4\"]", "[101, 102 ,[3],\"104\"]"),
        ("$.*", r#"{"a":1,"b":{"a":2}}"#, r#"{"a":101,"b":{"a":2}}"#),
        ("$..id", r#"{"id":1,"x":[{"id":2,"y":{"id":"3"}}],"i":4}"#, r#"{"id":101,"x":[{"id":102,"y":{"id":"103"}}],"i":4}"#),
        ("$..a.b", r#"{"a":{"b":1,"a":{"b":2}},"b":3}"#, r#"{"a":{"b":101,"a":{"b":102}},"b":3}"#),
        ("$", "12", "112"),
        ("$", "\"12\"", "\"112\""),
        ("$[\"a.b\"]", r#"{"a.b":1,"a":{"b":2}}"#, r#"{"a.b":101,"a":{"b":2}}"#),
        ("$.{domain}", r#"{"12":"a","13":{"12":1},"x":1,"50":2}"#, r#"{"112":"a","113":{"12":1},"x":1,"50":2}"#),
        ("$.m.{client}.{domain}", r#"{"m":{"3":{"12":1}}}"#, r#"{"m":{"1003":{"112":1}}}"#),
        ("$.site-{domain}", r#"{"site-7":1,"site-x":2,"site-07":3}"#, r#"{"site-107":1,"site-x":2,"site-07":3}"#),
        // Text that is a document itself.
        ("$.p.id", r#"{"p":"{\"id\":12,\"n\":\"\u00e9\\n\"}"}"#, r#"{"p":"{\"id\":112,\"n\":\"\u00e9\\n\"}"}"#),
        ("$.p.q.id", r#"{"p":"{\"q\":\"{\\\"id\\\":\\\"1\\\"}\"}"}"#, r#"{"p":"{\"q\":\"{\\\"id\\\":\\\"101\\\"}\"}"}"#),
        ("$.p.id", r#"{"p":"a:1:{s:2:\"id\";i:12;}"}"#, r#"{"p":"a:1:{s:2:\"id\";i:112;}"}"#),
        ("$.p.id", r#"{"p":"a:1:{s:2:\"id\";s:2:\"12\";}"}"#, r#"{"p":"a:1:{s:2:\"id\";s:3:\"112\";}"}"#),
        // Escapes stay, and ids in them are found.
        ("$.id", r#"{"\u0069d":"\u00312","id":5}"#, r#"{"\u0069d":"112","id":105}"#),
        ("$.id", "{\"id\":\"\u{e9}\",\"é\":\"\\ud83d\\ude00\"}", "{\"id\":\"\u{e9}\",\"é\":\"\\ud83d\\ude00\"}"),
        // Null.
        ("$.a[*]", r#"{"a":[99,"99",1]}"#, r#"{"a":[null,null,101]}"#),
        ("$.{domain}", r#"{"99":1}"#, r#"{"99":1}"#),
        // Nothing to do.
        ("$.x", r#"{"a":{},"b":[],"c":[[],{}],"d":"","e":[1]}"#, r#"{"a":{},"b":[],"c":[[],{}],"d":"","e":[1]}"#),
        ("$.x", "  ", "  "),
    ] {
        assert_eq!(rewritten(&at(path), value.as_bytes()), expected, "{path} {value}");
    }
}

#[test]
fn t14_json_keeps_its_form_duplicate_keys_big_integers_and_number_spelling() {
    let spots = at("$.domains[*]");
    for (value, expected) in [
        // Duplicate keys: both are spots, both stay.
        (r#"{"domains":[5],"domains":[6],"a":1,"a":2}"#, r#"{"domains":[105],"domains":[106],"a":1,"a":2}"#),
        // Integers beyond 64 bits and beyond a double's 53 bits, and spellings.
        (
            "{\"big\":123456789012345678901234567890,\"i\":9007199254740993,\"f\":1.0,\"e\":1E+2,\"m\":-0,\n\t\"domains\" : [ 5 ]}",
            "{\"big\":123456789012345678901234567890,\"i\":9007199254740993,\"f\":1.0,\"e\":1E+2,\"m\":-0,\n\t\"domains\" : [ 105 ]}",
        ),
        (r#"{"u":"\/\u00e4\ud83d\ude00","domains":[5]}"#, r#"{"u":"\/\u00e4\ud83d\ude00","domains":[105]}"#),
        (r#"{"domains":["\u0035","1\u0035"]}"#, r#"{"domains":["105","115"]}"#),
    ] {
        assert_eq!(rewritten(&spots, value.as_bytes()), expected);
        let moves = |old, new: Option<i64>| new == Some(old + 100);
        assert_eq!(
            proof::differs(value.as_bytes(), expected.as_bytes(), &proof::Allowed { moves: &moves, base64: false, drops: false }),
            None
        );
    }
    let value = r#"{"domains":[5.0,1e2,05e0,"05","",null,true,123456789012345678901,-0,{"a":1},[1],"x"]}"#.replace("05e0", "0.5e1");
    let odd = rewrite(value.as_bytes(), &spots, &mut moved).unwrap();
    assert_eq!((&*odd.bytes, odd.found), (value.as_bytes(), 0));
    assert_eq!((odd.odd.null, odd.odd.almost, odd.odd.other), (2, 6, 4));
    // Numeric keys that move onto each other's places are fine; onto one that stays, they are not.
    let keys = at("$.{domain}");
    let fate = |found: &Found<'_>| match found.id {
        12 => Fate::Set(13),
        13 => Fate::Set(12),
        14 => Fate::Set(15),
        _ => Fate::Keep,
    };
    let done = rewrite(br#"{"12":1,"13":2,"12":3}"#, &keys, &mut { fate }).unwrap();
    assert_eq!((&*done.bytes, done.collisions.len()), (&br#"{"13":1,"12":2,"13":3}"#[..], 0));
    let done = rewrite(br#"{"14":1,"\u00315":2}"#, &keys, &mut { fate }).unwrap();
    assert_eq!((done.collisions[0].key.as_str(), &done.collisions[0].before), ("15", &("14".to_owned(), "15".to_owned())));
}

#[test]
fn serialized_changes_at_its_spots_and_nowhere_else() {
    for (path, value, expected) in [
        ("$.id", "a:1:{s:2:\"id\";i:5;}", "a:1:{s:2:\"id\";i:105;}"),
        ("$.id", "a:2:{s:2:\"id\";s:1:\"5\";s:1:\"x\";i:5;}", "a:2:{s:2:\"id\";s:3:\"105\";s:1:\"x\";i:5;}"),
        ("$[*]", "a:2:{i:0;i:5;i:1;s:2:\"50\";}", "a:2:{i:0;i:105;i:1;s:2:\"50\";}"),
        ("$[1]", "a:2:{i:0;i:5;i:1;i:5;}", "a:2:{i:0;i:5;i:1;i:105;}"),
        ("$.1", "a:2:{i:0;i:5;i:1;i:5;}", "a:2:{i:0;i:5;i:1;i:105;}"),
        ("$.{domain}", "a:3:{i:5;b:1;i:50;b:0;s:1:\"x\";N;}", "a:3:{i:105;b:1;i:50;b:0;s:1:\"x\";N;}"),
        ("$.s-{domain}", "a:1:{s:3:\"s-9\";N;}", "a:1:{s:5:\"s-109\";N;}"),
        ("$..id", "a:2:{s:2:\"id\";i:1;s:1:\"x\";a:1:{s:2:\"id\";i:2;}}", "a:2:{s:2:\"id\";i:101;s:1:\"x\";a:1:{s:2:\"id\";i:102;}}"),
        // Properties: public, protected, private.
        (
            "$.id",
            "O:3:\"App\":3:{s:2:\"id\";i:1;s:5:\"\0*\0id\";i:2;s:7:\"\0App\0id\";s:1:\"3\";}",
            "O:3:\"App\":3:{s:2:\"id\";i:101;s:5:\"\0*\0id\";i:102;s:7:\"\0App\0id\";s:3:\"103\";}",
        ),
        // Serialized text within a text: both lengths are mended.
        ("$.p.id", "a:1:{s:1:\"p\";s:20:\"a:1:{s:2:\"id\";i:99;}\";}", "a:1:{s:1:\"p\";s:17:\"a:1:{s:2:\"id\";N;}\";}"),
        ("$.p.id", "a:1:{s:1:\"p\";s:10:\"{\"id\":\"7\"}\";}", "a:1:{s:1:\"p\";s:12:\"{\"id\":\"107\"}\";}"),
        ("$", "i:5;", "i:105;"),
        ("$", "s:1:\"5\";", "s:3:\"105\";"),
        ("$[*]", "a:2:{i:0;i:99;i:1;s:2:\"99\";}", "a:2:{i:0;N;i:1;N;}"),
        // PHP reads lengths with zeros before them.
        ("$.id", "a:1:{s:02:\"id\";s:001:\"5\";}", "a:1:{s:02:\"id\";s:003:\"105\";}"),
        ("$[*]", "a:2:{i:0;s:02:\"99\";i:1;s:00:\"\";}", "a:2:{i:0;N;i:1;s:00:\"\";}"),
    ] {
        assert_eq!(rewritten(&at(path), value.as_bytes()), expected, "{path} {value}");
    }
}

#[test]
fn t13_serialized_passes_through_what_is_no_id() {
    let spots = at("$.id");
    for value in [
        "a:2:{s:1:\"f\";d:0.10000000000000001;s:2:\"id\";i:5;}",
        "a:2:{s:1:\"f\";d:-INF;s:2:\"id\";i:5;}",
        "a:3:{s:1:\"a\";a:1:{i:0;i:5;}s:1:\"b\";R:2;s:2:\"id\";i:5;}",
        "a:2:{s:1:\"o\";O:1:\"A\":1:{s:1:\"s\";r:2;}s:2:\"id\";i:5;}",
        "a:2:{s:1:\"c\";C:3:\"Col\":11:{i:5;id\";}{x}s:2:\"id\";i:5;}",
        "a:2:{s:1:\"e\";E:9:\"Kind:Site\";s:2:\"id\";i:5;}",
        "a:2:{s:1:\"t\";s:6:\"i:5;\u{e9}\";s:2:\"id\";i:5;}",
        "a:2:{s:1:\"t\";S:3:\"\\41;\\22\";s:2:\"id\";i:5;}",
        "a:2:{s:4:\"\0x\0y\";b:0;s:2:\"id\";i:5;}",
        "a:2:{s:5:\"other\";a:1:{s:3:\"idx\";i:5;}s:2:\"id\";i:5;}",
        "a:2:{s:1:\"o\";O:1:\"A\":0:{}s:2:\"id\";i:5;}",
        // Bytes that are no UTF-8, and a length in bytes.
        "a:2:{s:1:\"x\";s:2:\"éé\";s:2:\"id\";i:5;}",
    ] {
        let value = value.replace("s:2:\"éé\"", "s:4:\"éé\"");
        assert_eq!(rewritten(&spots, value.as_bytes()), value.replace("\"id\";i:5;}", "\"id\";i:105;}"), "{value}");
    }
    let latin = b"a:2:{s:1:\"x\";s:2:\"\xe9\xff\";s:2:\"id\";i:5;}";
    let done = rewrite(latin, &spots, &mut moved).unwrap();
    assert_eq!(&*done.bytes, &b"a:2:{s:1:\"x\";s:2:\"\xe9\xff\";s:2:\"id\";i:105;}"[..]);
    // Trailing bytes are kept and told.
    let done = rewrite(b"a:1:{s:2:\"id\";i:5;}\n \0x", &spots, &mut moved).unwrap();
    assert_eq!((&*done.bytes, done.trailing), (&b"a:1:{s:2:\"id\";i:105;}\n \0x"[..], 4));
    // At a spot, they are told.
    for (value, kind) in [
        ("a:1:{s:2:\"id\";d:5;}", OddKind::Almost),
        ("a:1:{s:2:\"id\";i:05;}", OddKind::Almost),
        ("a:1:{s:2:\"id\";s:2:\" 5\";}", OddKind::Almost),
        ("a:1:{s:2:\"id\";R:1;}", OddKind::Other),
        ("a:1:{s:2:\"id\";b:1;}", OddKind::Other),
        ("a:1:{s:2:\"id\";a:0:{}}", OddKind::Other),
        ("a:1:{s:2:\"id\";s:3:\"5.c\";}", OddKind::Other),
    ] {
        assert_eq!(odd(&spots, value).iter().map(|o| o.0).collect::<Vec<_>>(), [kind], "{value}");
        assert_eq!(rewritten(&spots, value.as_bytes()), value);
    }
}

#[test]
fn t13_key_collisions_in_arrays_go_by_the_rules_of_php() {
    let keys = at("$.{domain}");
    let fate = |found: &Found<'_>| match found.id {
        12 => Fate::Set(13),
        13 => Fate::Set(12),
        14 => Fate::Set(15),
        _ => Fate::Keep,
    };
    let collisions = |value: &str| rewrite(value.as_bytes(), &keys, &mut { fate }).unwrap().collisions.len();
    assert_eq!(collisions("a:2:{i:12;N;i:13;N;}"), 0, "a permutation");
    assert_eq!(collisions("a:2:{i:14;N;i:15;N;}"), 1);
    assert_eq!(collisions("a:2:{i:15;N;i:14;N;}"), 1, "in any order");
    assert_eq!(collisions("a:2:{i:14;N;s:2:\"15\";N;}"), 1, "decimal text is a number as a key");
    assert_eq!(collisions("a:2:{i:14;N;s:3:\"015\";N;}"), 0);
    assert_eq!(collisions("a:2:{i:14;N;s:1:\"x\";a:1:{i:15;N;}}"), 0, "of one array alone");
}

#[test]
fn what_does_not_parse_is_told_by_its_byte() {
    let spots = at("$.id");
    for (value, expected) in [
        ("{\"id\":5", "byte 7: the text ends here, and is not complete"),
        ("{\"id\":5,}", "byte 8: this is not what should stand here"),
        ("{\"id\":05}", "byte 7: this is not what should stand here"),
        ("{\"id\":5} x", "byte 9: this is not what should stand here"),
        ("{'id':5}", "byte 1: this is not what should stand here"),
        ("[1,]", "byte 3: this is not what should stand here"),
        ("[,1]", "byte 1: this is not what should stand here"),
        ("{\"a\" 5}", "byte 5: this is not what should stand here"),
        ("[1 2]", "byte 3: this is not what should stand here"),
        ("[\"\\x\"]", "byte 2: this is not what should stand here"),
        ("[\"\\ud800\"]", "byte 2: this is not what should stand here"),
        ("[\"\t\"]", "byte 2: this is not what should stand here"),
        ("[tru]", "byte 4: this is not what should stand here"),
        ("[1.]", "byte 3: this is not what should stand here"),
        ("a:1:{s:3:\"id\";i:5;}", "byte 7: the length written here is not that of the text behind it"),
        ("a:2:{s:2:\"id\";i:5;}", "byte 18: this is not what should stand here"),
        ("a:1:{s:2:\"id\";i:5;", "byte 18: the text ends here, and is not complete"),
        ("a:1:{b:1;i:5;}", "byte 5: this is not what should stand here"),
        ("s:99999999999999999999999:\"x\";", "byte 2: the length written here is not that of the text behind it"),
        ("hello", "byte 0: neither JSON nor PHP-serialized text begins here"),
    ] {
        assert_eq!(flaw(&spots, value.as_bytes()), expected, "{value}");
    }
    assert_eq!(flaw(&spots, b"{\"id\":\"\xff\"}"), "byte 7: this is not UTF-8, and JSON must be");
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert_eq!(rewritten(&spots, deep(DEEPEST).as_bytes()), deep(DEEPEST));
    assert!(flaw(&spots, deep(DEEPEST + 1).as_bytes()).contains("deep in one another"));
    assert!(flaw(&spots, "a:1:{i:0;".repeat(DEEPEST + 1).as_bytes()).contains("deep in one another"));
    assert!(flaw(&spots, &vec![b' '; LARGEST + 1]).contains("larger than 64 MiB"));
}

#[test]
fn text_inside_that_is_no_document_is_told_and_stays() {
    let spots = at("$.p.id");
    for value in [r#"{"p":"{\"id\":5"}"#, r#"{"p":"a:1:{s:2:\"id\";i:5;"}"#, r#"{"p":"a:1:{s:2:\"id\";i:5;}x"}"#] {
        assert_eq!(rewritten(&spots, value.as_bytes()), value);
        assert_eq!(odd(&spots, value)[0].0, OddKind::Unparsable, "{value}");
    }
    assert_eq!(odd(&spots, r#"{"p":"plain text"}"#), []);
}

#[test]
fn base64_is_looked_into_and_written_the_same_way() {
    let mut spots = at("$.id");
    spots.add(&Spot { path: Some("$.id"), base64: true, tag: Some(DOMAIN), ..Spot::default() }, &hole).unwrap();
    assert_eq!(rewritten(&spots, b"eyJpZCI6NX0="), "eyJpZCI6MTA1fQ==");
    assert_eq!(rewritten(&spots, b"eyJpZCI6NX0"), "eyJpZCI6MTA1fQ");
    assert_eq!(rewritten(&spots, b"{\"id\":5}"), "{\"id\":105}");
    spots.add(&Spot { pattern: Some("status-{domain}"), ..Spot::default() }, &hole).unwrap();
    assert_eq!(rewritten(&spots, b"status-5"), "status-105", "eight letters of base64, and no document");
    let coded = spots_of(&[Spot { path: Some("$.id"), base64: true, tag: Some(DOMAIN), ..Spot::default() }]);
    assert_eq!(flaw(&coded, b"{\"id\":5}"), "byte 0: this is not base64");
    assert_eq!(rewritten(&coded, b"YToxOntzOjI6ImlkIjtpOjU7fQ=="), "YToxOntzOjI6ImlkIjtpOjEwNTt9");
}

#[test]
fn lists_keep_their_separators_and_spaces() {
    let list = |repeats| spots_of(&[Spot { separator: Some(",;"), repeats, tag: Some(DOMAIN), ..Spot::default() }]);
    let report = list(Repeats::Report);
    for (value, expected) in [
        ("12,13;14", "112,113;114"),
        (" 12 , ,13;; 14,", " 112 , ,113;; 114,"),
        ("12", "112"),
        ("12,x,13", "112,x,113"),
        ("12,013,1.5,12a", "112,013,1.5,12a"),
        ("1,99,2", "101,,102"),
    ] {
        assert_eq!(rewritten(&report, value.as_bytes()), expected);
    }
    assert_eq!(odd(&report, "12,013,x").len(), 2);
    let merged = |found: &Found<'_>| if found.id == 13 { Fate::Set(12) } else { Fate::Keep };
    for (repeats, expected, collisions) in
        [(Repeats::Report, "12, 12;5, 12", 1), (Repeats::Keep, "12, 12;5, 12", 0), (Repeats::Drop, "12;5, 12", 0)]
    {
        let done = rewrite(b"12, 13;5, 12", &list(repeats), &mut { merged }).unwrap();
        assert_eq!((String::from_utf8_lossy(&done.bytes).as_ref(), done.collisions.len()), (expected, collisions), "{repeats:?}");
    }
    let inside = spots_of(&[Spot { path: Some("$.ids"), separator: Some(","), tag: Some(DOMAIN), ..Spot::default() }]);
    assert_eq!(rewritten(&inside, br#"{"ids":"1,2"}"#), r#"{"ids":"101,102"}"#);
    assert_eq!(rewritten(&inside, b"a:1:{s:3:\"ids\";s:3:\"1,2\";}"), "a:1:{s:3:\"ids\";s:7:\"101,102\";}");
    assert_eq!(rewritten(&inside, br#"{"ids":7}"#), r#"{"ids":107}"#, "a list of one may be a number");
}

#[test]
fn one_value_holds_several_kinds() {
    let spots = spots_of(&[
        Spot { path: Some("$.domain"), tag: Some(DOMAIN), ..Spot::default() },
        Spot { path: Some("$.owner.id"), tag: Some(CLIENT), ..Spot::default() },
        Spot { path: Some("$.url"), pattern: Some("*/id/{domain}*"), ..Spot::default() },
        Spot { path: Some("$.url"), pattern: Some("*client_id={client}*"), ..Spot::default() },
        Spot { path: Some("$.map.{client}"), ..Spot::default() },
        Spot { path: Some("$.map[*][*]"), tag: Some(DOMAIN), ..Spot::default() },
    ]);
    let value = r#"{"domain":5,"owner":{"id":"5"},"url":"\/web\/id\/5?client_id=5","map":{"5":[5,6],"6":["7"]}}"#;
    let expected = r#"{"domain":105,"owner":{"id":"1005"},"url":"\/web\/id\/105?client_id=1005","map":{"1005":[105,106],"1006":["107"]}}"#;
    assert_eq!(rewritten(&spots, value.as_bytes()), expected);
    let mut paths = Vec::new();
    find(value.as_bytes(), &spots, &mut |f| paths.push(format!("{} {:?}", f.path, f.role))).unwrap();
    assert_eq!(paths[..3], ["$.domain Value", "$.owner.id Value", "$.url Part"]);
    assert_eq!(paths[4..7], ["$.map.5 Key", "$.map.5[0] Value", "$.map.5[1] Value"]);
}

#[test]
fn text_that_fits_two_patterns_is_refused() {
    let two = |a, b| spots_of(&[Spot { pattern: Some(a), ..Spot::default() }, Spot { pattern: Some(b), ..Spot::default() }]);
    let spots = two("d-{domain}", "*-{client}");
    assert_eq!((rewritten(&spots, b"d-5"), odd(&spots, "d-5")[0].0), ("d-5".into(), OddKind::Ambiguous));
    assert_eq!(rewritten(&spots, b"c-5"), "c-1005");
    let spots = two("*d={domain}*", "*c={client}*");
    assert_eq!(rewritten(&spots, b"d=5&c=6"), "d=105&c=1006");
    let ids = spots_of(&[
        Spot { path: Some("$.a"), tag: Some(DOMAIN), ..Spot::default() },
        Spot { path: Some("$.*"), tag: Some(CLIENT), ..Spot::default() },
    ]);
    assert_eq!(rewritten(&ids, br#"{"a":5,"b":5}"#), r#"{"a":5,"b":1005}"#, "two kinds at one spot");
}

#[test]
fn declarations_that_contradict_are_refused() {
    let add = |all: &[Spot<'_>]| {
        let mut spots = Spots::default();
        all.iter().try_for_each(|s| spots.add(s, &hole)).map_err(|e| e.0)
    };
    let id = Spot { path: Some("$.a"), tag: Some(0), ..Spot::default() };
    assert!(add(&[id]).is_ok());
    for wrong in [
        &[id, Spot { tag: Some(1), ..id }][..],
        &[id, Spot { separator: Some(","), ..id }],
        &[Spot { pattern: Some("x{domain}"), separator: Some(","), ..id }],
        &[Spot { path: Some("$.a"), ..Spot::default() }],
        &[Spot { path: Some("a"), ..id }],
        &[Spot { path: Some("$.{nope}"), ..id }],
        &[Spot { separator: Some("1"), ..id }],
        &[Spot { separator: Some(""), ..id }],
    ] {
        assert!(add(wrong).is_err(), "{wrong:?}");
    }
    let many: Vec<String> = (0..200).map(|i| format!("$.k{i}")).collect();
    let all: Vec<Spot<'_>> = many.iter().map(|p| Spot { path: Some(p), ..id }).collect();
    assert!(add(&all).unwrap_err().contains("127"), "too many steps");
}

mod random {
    //! Rewriting with the identity is the identity, and rewriting there and back too.

    use proptest::prelude::*;

    use super::*;

    fn json() -> impl Strategy<Value = String> {
        let text = prop_oneof![
            "[a-z]{0,6}".prop_map(|t| format!("\"{t}\"")),
            "(0|[1-9][0-9]{0,9})".prop_map(|t| format!("\"{t}\"")),
            Just(r#""\u00e9\/\"\\""#.to_owned()),
            Just(r#""{\"id\":5}""#.to_owned()),
        ];
        let scalar = prop_oneof![
            text,
            "-?(0|[1-9][0-9]{0,18})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?",
            Just("null".to_owned()),
            Just("true".to_owned()),
        ];
        scalar.prop_recursive(5, 60, 6, |inner| {
            let key = prop_oneof![
                Just("\"id\"".to_owned()),
                "[a-c]".prop_map(|k| format!("\"{k}\"")),
                "[1-9][0-9]{0,2}".prop_map(|k| format!("\"{k}\""))
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|v| format!("[ {}]", v.join(" ,"))),
                prop::collection::vec((key, inner), 0..5)
                    .prop_map(|v| format!("{{{}}}", v.into_iter().map(|(k, v)| format!("{k}:\t{v}")).collect::<Vec<_>>().join(",\n"))),
            ]
        })
    }

    fn serialized() -> impl Strategy<Value = Vec<u8>> {
        let string = |bytes: Vec<u8>| [format!("s:{}:\"", bytes.len()).as_bytes(), &bytes, b"\";"].concat();
        let scalar = prop_oneof![
            any::<i32>().prop_map(|i| format!("i:{i};").into_bytes()),
            prop::collection::vec(any::<u8>(), 0..9).prop_map(string),
            "(0|[1-9][0-9]{0,9})".prop_map(move |t: String| string(t.into_bytes())),
            Just(b"N;".to_vec()),
            Just(b"d:0.5;".to_vec()),
            Just(b"R:1;".to_vec()),
            Just(b"C:1:\"C\":4:{i:5}}".to_vec()),
        ];
        scalar.prop_recursive(5, 60, 6, move |inner| {
            let key = prop_oneof![
                (0..20i32).prop_map(|i| format!("i:{i};").into_bytes()),
                Just(b"s:2:\"id\";".to_vec()),
                Just(b"s:5:\"\0*\0id\";".to_vec()),
            ];
            let array = prop::collection::vec((key, inner.clone()), 0..5).prop_map(|v| {
                let members: Vec<u8> = v.iter().flat_map(|(k, v)| [k.as_slice(), v].concat()).collect();
                [format!("a:{}:{{", v.len()).as_bytes(), &members, b"}"].concat()
            });
            prop_oneof![array, inner.prop_map(string)]
        })
    }

    fn everywhere() -> Spots {
        spots_of(&[
            Spot { path: Some("$..id"), tag: Some(DOMAIN), ..Spot::default() },
            Spot { path: Some("$..{client}"), ..Spot::default() },
            Spot { path: Some("$.a[*]"), separator: Some(","), tag: Some(DOMAIN), ..Spot::default() },
        ])
    }

    fn there_and_back(value: &[u8]) -> Result<(), TestCaseError> {
        let spots = everywhere();
        let same = rewrite(value, &spots, &mut |f| Fate::Set(f.id)).unwrap_or_else(|e| panic!("{}: {e}", String::from_utf8_lossy(value)));
        prop_assert!(matches!(same.bytes, Cow::Borrowed(_)));
        prop_assert_eq!(&*same.bytes, value);
        // A shift that no id escapes.
        let up = rewrite(value, &spots, &mut |f| Fate::Set(f.id.wrapping_add(1 << 40))).unwrap();
        prop_assert_eq!(up.edits.len() as u64, up.found);
        let back = rewrite(&up.bytes, &spots, &mut |f| Fate::Set(f.id.wrapping_sub(1 << 40))).unwrap();
        prop_assert_eq!(back.found, up.found);
        prop_assert_eq!(String::from_utf8_lossy(&back.bytes), String::from_utf8_lossy(value));
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        #[test]
        fn json_comes_back(value in json()) {
            there_and_back(value.as_bytes())?;
        }

        #[test]
        fn serialized_comes_back(value in serialized()) {
            there_and_back(&value)?;
        }

        #[test]
        fn no_bytes_make_it_stop_or_change_what_it_does_not_know(value in prop::collection::vec(any::<u8>(), 0..60)) {
            for spots in [everywhere(), spots_of(&[Spot { pattern: Some("*{domain}*"), ..Spot::default() }])] {
                if let Ok(done) = rewrite(&value, &spots, &mut |f| Fate::Set(f.id)) {
                    prop_assert_eq!(&*done.bytes, &value[..]);
                }
            }
        }
    }
}
