//! Literals put together from pieces of which it is known what they mean.

use proptest::prelude::*;

use super::*;
use crate::extension::php::parse::parse;
use crate::extension::source::FileId;

/// A piece of a literal's source, and what PHP makes of it.
type Piece = (String, String);

fn piece(source: &str, text: &str) -> Piece {
    (source.to_owned(), text.to_owned())
}

fn plain() -> impl Strategy<Value = Piece> {
    "[a-z é😀(){}:,.=<>?/*#\t-]{1,8}".prop_map(|text| (text.clone(), text))
}

fn single_piece() -> impl Strategy<Value = Piece> {
    let escapes =
        [("\\'", "'"), ("\\\\", "\\"), ("\\n", "\\n"), ("\\x41", "\\x41"), ("\"", "\""), ("$v", "$v"), ("\n", "\n"), ("\r\n", "\r\n")];
    prop_oneof![3 => plain(), 2 => prop::sample::select(escapes.map(|(s, t)| piece(s, t)).to_vec())]
}

fn double_piece(quote: bool) -> impl Strategy<Value = Piece> {
    let escapes = [
        ("\\n", "\n"),
        ("\\t", "\t"),
        ("\\r", "\r"),
        ("\\v", "\x0b"),
        ("\\e", "\x1b"),
        ("\\f", "\x0c"),
        ("\\\\", "\\"),
        ("\\$", "$"),
        ("\\\"", if quote { "\"" } else { "\\\"" }),
        ("\\'", "\\'"),
        ("\\q", "\\q"),
        ("\\{", "\\{"),
        ("\\x41", "A"),
        ("\\X4a", "J"),
        ("\\xzz", "\\xzz"),
        ("\\xC3\\xA9", "é"),
        ("\\xff", "\u{fffd}"),
        ("\\101", "A"),
        ("\\501", "A"),
        ("\\7;", "\x07;"),
        ("\\8", "\\8"),
        ("\\u{1F600}", "😀"),
        ("\\u{0000e9}", "é"),
        ("\\u{d800}", "\u{fffd}\u{fffd}\u{fffd}"),
        ("\\u;", "\\u;"),
        ("-$ ", "-$ "),
        ("\n", "\n"),
        ("\r\n", "\r\n"),
    ];
    prop_oneof![3 => plain(), 4 => prop::sample::select(escapes.map(|(s, t)| piece(s, t)).to_vec())]
}

/// Decodes the one text of `<?php literal;`, and gives it with where the literal starts.
fn decode_alone(literal: &str) -> (Decoded, String, u32) {
    let source = format!("<?php $x = {literal};");
    let script = parse(FileId(0), source.as_bytes());
    assert!(script.errors.is_empty(), "{literal:?}: {:?}", script.errors);
    let is_text = |e: &ExprId| matches!(script.expr(*e).kind, ExprKind::Text(_));
    let ids: Vec<ExprId> = (0..script.exprs.len()).map(|i| ExprId(i as u32)).filter(is_text).collect();
    assert_eq!(ids.len(), 1, "{literal:?}");
    let ExprKind::Text(text) = script.expr(ids[0]).kind else { unreachable!() };
    let at = script.expr(ids[0]).at;
    assert_eq!(&source[at.start as usize..at.end as usize], literal);
    (decode(source.as_bytes(), &script, ids[0]), script.text(text).to_owned(), at.start)
}

/// Checks the text, and the place of every byte of every piece.
fn check(open: &str, pieces: &[Piece], close: &str, indentation: &str) {
    let breaks = |s: &str| if indentation.is_empty() { s.to_owned() } else { s.replace('\n', &format!("\n{indentation}")) };
    let written: String = pieces.iter().map(|(source, _)| breaks(source)).collect();
    let (decoded, in_script, start) = decode_alone(&format!("{open}{written}{close}"));
    let text: String = pieces.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(decoded.text, text, "{written:?}");
    assert_eq!(in_script, text, "{written:?}");
    let (mut from, mut to) = (start + open.len() as u32, 0);
    for (source, text) in pieces {
        if source == text {
            let mut skipped = 0;
            for (i, byte) in text.bytes().enumerate() {
                assert_eq!(decoded.source_offset(to + i as u32), from + i as u32 + skipped, "{written:?} at {source:?}");
                skipped += if byte == b'\n' { indentation.len() as u32 } else { 0 };
            }
        } else {
            assert_eq!(decoded.source_offset(to), from, "{written:?} at {source:?}");
        }
        from += breaks(source).len() as u32;
        to += text.len() as u32;
    }
    assert_eq!(decoded.source_offset(to), from, "the end of {written:?}");
}

proptest! {
    #[test]
    fn single_quoted(pieces in prop::collection::vec(single_piece(), 0..12)) {
        check("'", &pieces, "'", "");
        check("b'", &pieces, "'", "");
    }

    #[test]
    fn double_quoted(pieces in prop::collection::vec(double_piece(true), 0..12)) {
        check("\"", &pieces, "\"", "");
    }

    #[test]
    fn heredoc(pieces in prop::collection::vec(double_piece(false), 1..12), indentation in "[ ]{0,4}") {
        // A label at the start of a line would end it; the pieces have lower case only.
        check(&format!("<<<SQL\n{indentation}"), &pieces, &format!("\n{indentation}SQL"), &indentation);
        check(&format!("<<<\"SQL\"\r\n{indentation}"), &pieces, &format!("\r\n{indentation}SQL"), &indentation);
    }

    #[test]
    fn nowdoc(texts in prop::collection::vec("[a-z é$\\\\\"']{1,6}|\n", 1..12), indentation in "[ ]{0,4}") {
        let pieces: Vec<Piece> = texts.into_iter().map(|text| (text.clone(), text)).collect();
        check(&format!("<<< 'SQL'\n{indentation}"), &pieces, &format!("\n{indentation}SQL"), &indentation);
    }
}

#[test]
fn parts_of_interpolated_strings_know_their_place() {
    let source = "<?php q(\"SELECT \\\"a\\\" FROM t WHERE id = {$x['k'] /* } */ } AND\\n b=$b[i] \\{$c} ${d} end\");";
    let script = parse(FileId(0), source.as_bytes());
    assert_eq!(script.errors.len(), 0, "{:?}", script.errors);
    let found: Vec<(String, String)> = script
        .parts
        .iter()
        .map(|(id, whole)| {
            assert_eq!(&source[whole.start as usize..whole.end as usize], &source[8..source.len() - 2]);
            let at = script.expr(*id).at;
            (source[at.start as usize..at.end as usize].to_owned(), decode(source.as_bytes(), &script, *id).text)
        })
        .collect();
    let found: Vec<(&str, &str)> = found.iter().map(|(s, t)| (s.as_str(), t.as_str())).collect();
    assert_eq!(
        found,
        [
            ("SELECT \\\"a\\\" FROM t WHERE id = ", "SELECT \"a\" FROM t WHERE id = "),
            (" AND\\n b=", " AND\n b="),
            (" \\{", " \\{"),
            ("} ", "} "),
            (" end", " end"),
        ]
    );
}

#[test]
fn what_is_no_text_decodes_to_nothing() {
    let script = parse(FileId(0), b"<?php f(1);");
    assert_eq!(decode(b"<?php f(1);", &script, ExprId(0)), Decoded::default());
}

#[test]
fn unclosed_literals_do_not_panic() {
    for source in [
        "<?php '",
        "<?php \"",
        "<?php \"a$b",
        "<?php <<<A",
        "<?php <<<A\n",
        "<?php <<<A\nx",
        "<?php \"\\",
        "<?php \"{$a",
        "<?php \"${a",
        "<?php b'",
    ] {
        for len in 0..=source.len() {
            let script = parse(FileId(0), &source.as_bytes()[..len]);
            for i in 0..script.exprs.len() {
                let _ = decode(&source.as_bytes()[..len], &script, ExprId(i as u32));
            }
        }
    }
}

#[test]
fn the_name_of_a_callable_is_no_literal() {
    let source = b"<?php f(strlen(...), K::of(...), \"$a[key]\", 'strlen');";
    let script = parse(FileId(0), source);
    let texts = (0..).zip(&script.exprs).filter(|(_, expr)| matches!(expr.kind, ExprKind::Text(_))).map(|(id, _)| ExprId(id));
    let decoded: Vec<String> = texts.map(|id| decode(source, &script, id).text).collect();
    assert_eq!(decoded, ["", "", "key", "strlen"]);
}
