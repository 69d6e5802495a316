//! Broken, endless and deep input.

use proptest::prelude::*;

use super::*;
use crate::extension::php::ir::{ExprId, ExprKind};
use crate::extension::php::literal::decode;

/// Parses `source` and looks at everything in the script.
fn read_all(source: &[u8]) -> Script {
    let script = parse(FileId(7), source);
    let len = source.len() as u32;
    let within = |at: Bytes| assert!(at.start <= at.end && at.end <= len, "{at:?} of {len}");
    for (i, expr) in script.exprs.iter().enumerate() {
        within(expr.at);
        let id = ExprId(i as u32);
        if let ExprKind::Text(text) = expr.kind {
            let decoded = decode(source, &script, id);
            assert_eq!(
                decoded.text,
                script.text(text),
                "{:?}",
                String::from_utf8_lossy(&source[expr.at.start as usize..expr.at.end as usize])
            );
            for offset in 0..=decoded.text.len() {
                assert!(decoded.source_offset(offset as u32) <= len);
            }
        }
    }
    script.functions.iter().for_each(|f| within(f.at));
    script.classes.iter().for_each(|c| within(c.at));
    script.comments.iter().for_each(|c| within(c.at));
    script.errors.iter().for_each(|e| within(e.at));
    assert!(script.parts.is_sorted_by_key(|(id, _)| *id));
    assert!(script.comments.is_sorted_by_key(|c| c.at));
    assert!(script.errors.len() <= crate::extension::php::parse::ERRORS);
    script
}

const SAMPLE: &str = r#"<?php namespace A; use B\C; /** d */ class D extends C { use T; const X = 'a' . self::Y; public ?E $p = null;
  function m(int $x = 1, ...$y): ?F { $s = "a {$x['k']} $y[0] ${z} \x41"; $t = <<<S
    b {$this->n("c $d")}
    S . 'e'; return fn($q) => match($q) { 1 => $q?->r(), default => [...$y, 'k' => new class { function f() {} }] }; } }
foreach (f() as $k => [$v, , 'w' => $w]): yield $k; endforeach; ?> <b> <? g() ?> <?= h() // x ?> "#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files_are_read(cuts in prop::collection::vec((0usize..SAMPLE.len(), 0usize..12, ".{0,3}|[{}()\\[\\]$'\"?<>;\\\\-]{1,4}"), 1..6)) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, len, text) in cuts {
            let at = at.min(bytes.len());
            let end = (at + len).min(bytes.len());
            bytes.splice(at..end, text.into_bytes());
        }
        with_stack(move || { read_all(&bytes); });
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut php = b"<?php ".to_vec();
        php.extend(&bytes);
        with_stack(move || { read_all(&bytes); read_all(&php); });
    }
}

#[test]
fn every_beginning_of_a_file_is_read() {
    with_stack(|| {
        for len in 0..=SAMPLE.len() {
            read_all(&SAMPLE.as_bytes()[..len]);
        }
    });
}

#[test]
fn what_is_broken_does_not_hide_what_is_not() {
    let script =
        read_all(b"<?php function a() { $db->query('SELECT 1' ; } class { function b() { f(1); } } $x = = 2; g(2); if (h(3) { i(4); }");
    assert!(!script.errors.is_empty());
    let dump = dump(&script);
    for call in ["$db->query(\"SELECT 1\")", "f(1)", "g(2)", "h(3)", "i(4)"] {
        assert!(dump.contains(call), "{call} in {dump}");
    }
}

#[test]
fn errors_are_few() {
    let script = read_all(format!("<?php {}", "$x = ; ) ".repeat(5000)).as_bytes());
    assert!((2..=100).contains(&script.errors.len()), "{}", script.errors.len());
}

#[test]
fn invalid_utf8_moves_nothing() {
    let source = b"<?php f('\xff\xfe', \"\xe4 $x \xf6\", <<<A\n\xc0 {$y}\nA, g()); # \xff";
    let script = read_all(source);
    assert_eq!(script.errors.len(), 0, "{:?}", script.errors);
    let call = script.exprs.iter().find(|e| matches!(e.kind, ExprKind::Call { name, .. } if script.text(name) == "g")).unwrap();
    assert_eq!(&source[call.at.start as usize..call.at.end as usize], b"g()");
}

#[test]
fn long_chains_are_flat() {
    with_stack(|| {
        let n = 100_000;
        let script = read_all(format!("<?php $x = {}'';", "'a' . ".repeat(n)).as_bytes());
        let lists: Vec<usize> =
            script.exprs.iter().filter_map(|e| if let ExprKind::Concat(l) = e.kind { Some(script.list(l).len()) } else { None }).collect();
        assert_eq!(lists, [n + 1]);
        for (link, expected) in [("->m()", n), ("?->p", n), ("[0]", n), ("(1)", n), ("::m()", n), (" + 1", n), (" ?: 1", n)] {
            let script = read_all(format!("<?php $x{};", link.repeat(n)).as_bytes());
            assert!(script.exprs.len() > expected, "{link}: {} {:?}", script.exprs.len(), script.errors.first());
        }
        assert!(read_all(format!("<?php {}", "if (f()) {} else".repeat(n)).as_bytes()).exprs.len() > 100);
    });
}

#[test]
fn deep_nesting_ends_with_an_error() {
    let shapes: [(&str, &str, &str); 22] = [
        ("(", "1", ")"),
        ("f(", "1", ")"),
        ("[", "1", "]"),
        ("['k' => ", "1", "]"),
        ("!", "1", ""),
        ("-", "$x", ""),
        ("(int)", "1", ""),
        ("@", "f()", ""),
        ("$a = ", "1", ""),
        ("$a ?? ", "1", ""),
        ("$a ? 1 : (", "1", ")"),
        ("'a' . (", "1", ")"),
        ("function() { return ", "1", "; }"),
        ("fn() => ", "1", ""),
        ("new class { public $x = ", "1", "; }"),
        ("new class { function f() { return ", "1", "; } }"),
        ("match(1) { default => ", "1", "}"),
        ("\"{$a[", "1", "]}\""),
        ("\"{$a->b(", "1", ")}\""),
        ("$a[", "1", "]"),
        ("$a->b(", "1", ")"),
        ("yield ", "1", ""),
    ];
    let blocks: [(&str, &str); 6] = [
        ("{ ", "}"),
        ("if (1) { ", "}"),
        ("while (f()) ", ""),
        ("function f() { ", "}"),
        ("foreach ($a as $b): ", "endforeach;"),
        ("try { ", "} finally {}"),
    ];
    with_stack(move || {
        for n in [100, 600, 10_000] {
            for (open, middle, close) in shapes {
                let script = read_all(format!("<?php x({}{middle}{});", open.repeat(n), close.repeat(n)).as_bytes());
                assert!(n <= 600 || !script.errors.is_empty(), "{open}");
                read_all(format!("<?php x({}", open.repeat(n)).as_bytes());
            }
            for (open, close) in blocks {
                read_all(format!("<?php {}g();{}", open.repeat(n), close.repeat(n)).as_bytes());
            }
        }
    });
}
