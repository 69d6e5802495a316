//! What reguid makes of PHP string literals, against what PHP makes of them.

#![allow(clippy::unwrap_used)]

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use reguid::extension::php::ir::{ExprId, ExprKind, Script, Stmt};
use reguid::extension::php::literal::decode;
use reguid::extension::php::parse::parse;
use reguid::extension::source::FileId;

/// Literals written by hand. `$v`, `$a['k']`, `$a[0]`, `$a[-1]`, `$o->p` and `$o->m()` are all the text `<V>`.
const LITERALS: &[&str] = &[
    // Single quotes.
    r#"''"#,
    r#"'a'"#,
    r#"'it\'s'"#,
    r#"'\\'"#,
    r#"'\\\\'"#,
    r#"'\\\''"#,
    r#"'\n\t\x41'"#,
    r#"'$v {$v}'"#,
    r#"'"'"#,
    r#"b'x'"#,
    r#"B'x'"#,
    "'a\nb'",
    "'a\r\nb'",
    r#"'é'"#,
    r#"'\é'"#,
    r#"'SELECT * FROM "t" WHERE a = \'x\''"#,
    // Double quotes.
    r#""""#,
    r#""a""#,
    r#""\"""#,
    r#""\\""#,
    r#""\n\r\t\v\e\f""#,
    r#""\$v""#,
    r#""\'""#,
    r#""\q\z\-""#,
    r#""\é""#,
    r#""$""#,
    r#""$ 5 $1""#,
    r#""a$""#,
    r#""{""#,
    r#""{ $v}""#,
    r#""}""#,
    r#""\x41\x4\xg\x""#,
    r#""\X41\Xg""#,
    r#""\x4142""#,
    r#""\0\00\000\0000""#,
    r#""\1\12\123\1234""#,
    r#""\400\777""#,
    r#""\8\9""#,
    r#""\xff\xfe""#,
    r#""\xC3\xA9""#,
    r#""\xE2\x82""#,
    r#""\u{41}""#,
    r#""\u{e9}\u{20AC}\u{1F600}""#,
    r#""\u{0000000041}""#,
    r#""\u{10FFFF}""#,
    r#""\u{D800}""#,
    r#""\u""#,
    r#""\u41""#,
    r#""\U{41}""#,
    r#"b"a\n""#,
    "\"a\nb\"",
    "\"a\r\nb\"",
    "\"a\\\nb\"",
    r#""\`""#,
    r#""//# /* */ ?> <?php""#,
    r#""INSERT INTO t (\"a\") VALUES ('\\')""#,
    // Interpolation.
    r#""$v""#,
    r#""{$v}""#,
    r#""${v}""#,
    r#""a $v b""#,
    r#""a{$v}b""#,
    r#""a${v}b""#,
    r#""$v$v""#,
    r#""$v{$v}${v}""#,
    r#""\\$v""#,
    r#""\\\$v""#,
    r#""\{$v}""#,
    r#""\\{$v}""#,
    r#""{\$v}""#,
    r#""$a[k]""#,
    r#""$a[0]""#,
    r#""$a[-1]""#,
    r#""{$a['k']}""#,
    r#""{$a["k"]}""#,
    r#""${a['k']}""#,
    r#""$o->p""#,
    r#""{$o->p}""#,
    r#""$o->p->q""#,
    r#""$a[k][0]""#,
    r#""{$o->m()}""#,
    r#""{$o->list[0][0]}""#,
    r#""$o?->p""#,
    r#""{$v }""#,
    r#""{$v /* } */ }""#,
    "\"{$v\n}\"",
    r#""$v's \"x\" $""#,
    r#""{$a["{$v}"]}x""#,
    r#""x{$o->{'p'}}y""#,
    r#""é$v\u{e9}$v\xff""#,
    r#""{$v}é""#,
    r#""'$v'""#,
    r#""id = $v AND n = '{$a['k']}'\n""#,
    // Heredocs.
    "<<<A\nA",
    "<<<A\n\nA",
    "<<<A\na\nA",
    "<<<A\n  a\n b\nA",
    "<<<A\n  a\n    b\n  A",
    "<<<A\n  a\n\n  b\n  A",
    "<<<A\n\ta\n\tA",
    "<<<\"A\"\na $v\nA",
    "<<< A\na\nA",
    "<<<A\n\\\"\\$v\\n\\\\\\x41\nA",
    "<<<A\n\"q\" 'q' `q`\nA",
    "<<<A\n  {$v} x\n  $v\n  A",
    "<<<A\n  $v\n  {$a['k']}\n    $a[k]\n  A",
    "<<<A\n  a\\\n  b\n  A",
    "<<<A\n  a \\{$v}\n  A",
    "<<<A\nAB\n AB_\nA",
    "<<<A\r\n  a\r\n  b $v\r\n  A",
    "b<<<A\nx\nA",
    "<<<A\n  \\u{e9}\\101\\u\n  A",
    "<<<A\n   \n  x\n  A",
    "<<<É_1\nx\nÉ_1",
    // Nowdocs.
    "<<<'A'\nA",
    "<<<'A'\n\nA",
    "<<<'A'\na $v {$v} \\n \\\\ \\'\nA",
    "<<<'A'\n  a\n    b\n  A",
    "<<<'A'\r\n  a\r\n  b\r\n  A",
    "<<< 'A'\n\ta\n\t\tb\n\tA",
];

/// What random literals are put together from, for double quotes and heredocs.
const PIECES: &[&str] = &[
    "a",
    "é",
    "😀",
    " ",
    "\n",
    "\r\n",
    "\\n",
    "\\\\",
    "\\\"",
    "\\'",
    "\\$",
    "$ ",
    "$v ",
    "{$v}",
    "${v}",
    "$a[k]",
    "{$a['k']}",
    "$o->p,",
    "\\x41",
    "\\xff",
    "\\xC3\\xA9",
    "\\X4",
    "\\xg",
    "\\101",
    "\\777",
    "\\0",
    "\\u{1F600}",
    "\\u{d800}",
    "\\q",
    "\\{$v}",
    "{ ",
    "}",
    "\\v\\e\\f",
    "'",
    "`",
    "//",
    "#",
    "?>",
    "\t",
];

fn random_literals(count: usize) -> Vec<String> {
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    (0..count)
        .map(|_| {
            let content: String = (0..next(14)).map(|_| PIECES[next(PIECES.len())]).collect();
            match next(4) {
                0 => format!("\"{content}\""),
                1 => format!("<<<LABEL\n{content}\nLABEL"),
                2 => format!("<<<'LABEL'\n{content}\nLABEL"),
                _ => format!("<<<LABEL\n   {}\n   LABEL", content.replace('\n', "\n   ")),
            }
        })
        .collect()
}

/// What PHP makes of each of the literals of `file`.
fn php(file: &Path) -> Vec<Vec<u8>> {
    let support = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/literals.php");
    let output = Command::new("php")
        .arg(support)
        .arg(file)
        .output()
        .expect("the command `php` (php-cli 8.2 or later) is needed here; scripts/test says how to get it");
    let texts: Vec<String> =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stdout)));
    texts
        .iter()
        .map(|hex| hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect())
        .collect()
}

/// The text of a literal, with `<V>` for everything that is put into it.
fn text(source: &[u8], script: &Script, id: ExprId) -> String {
    match script.expr(id).kind {
        ExprKind::Text(sym) => {
            let decoded = decode(source, script, id);
            assert_eq!(decoded.text, script.text(sym), "the script and the decoder say the same");
            decoded.text
        }
        ExprKind::Concat(list) => script
            .list(list)
            .iter()
            .map(|part| match script.expr(*part).kind {
                ExprKind::Text(_) => text(source, script, *part),
                _ => "<V>".to_owned(),
            })
            .collect(),
        kind => panic!("{kind:?}"),
    }
}

#[test]
fn literals_mean_what_php_says() {
    assert!(LITERALS.len() >= 80);
    let literals: Vec<String> = LITERALS.iter().map(|l| (*l).to_owned()).chain(random_literals(600)).collect();
    let mut source = "<?php return function ($v, $a, $o) { return [\n".to_owned();
    for literal in &literals {
        writeln!(source, "{literal}\n,").unwrap();
    }
    source.push_str("]; };\n");
    let file = tempfile::Builder::new().suffix(".php").tempfile().unwrap();
    std::fs::write(file.path(), &source).unwrap();

    let script = parse(FileId(0), source.as_bytes());
    assert!(script.errors.is_empty(), "{:?}", script.errors);
    let Some(Stmt::Return(array)) = script.functions[1].body.last() else { panic!("the closure returns the list") };
    let ExprKind::Array(elements) = script.expr(*array).kind else { panic!("a list") };
    let by_php = php(file.path());
    assert_eq!(script.elements(elements).len(), literals.len());
    assert_eq!(by_php.len(), literals.len());
    for ((element, by_php), literal) in script.elements(elements).iter().zip(by_php).zip(&literals) {
        let value = element.value.unwrap();
        // Escapes can write bytes that are no UTF-8.
        assert_eq!(text(source.as_bytes(), &script, value), String::from_utf8_lossy(&by_php), "{literal}");
    }
}
