//! The language from PHP 5.3 to 8.4.

use super::*;
use crate::extension::php::dump::expr;
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, FunctionKind};

#[test]
fn names_are_resolved() {
    let code = r#"
namespace App\Db;
use pm_Domain, Zend\Db as ZDb; use Other\{A, Deep\B as C, function helper, const LIMIT};
use function Foo\bar; use const Foo\BAZ;
const HERE = 1; function local() {}
class K extends zdb\Table implements \Countable, I { use T; const X = SELF::Y; }
new pm_domain(PM_DOMAIN::X); A::f(); C::g(); new c\D; new \pm_Domain; new Local; namespace\Q::x();
helper(); BAR(); strlen(1); \strlen(2); ZDb\f(); sub\g(); f(LIMIT, BAZ, PHP_EOL, \PHP_EOL, A\X, Unknown::class, parent::CLASS);
"#;
    let dump = lowered(code);
    assert_eq!(
        body(&dump, "#0 "),
        "const App\\Db\\HERE = 1
new pm_Domain(pm_Domain::X)
Other\\A::f()
Other\\Deep\\B::g()
new Other\\Deep\\B\\D()
new pm_Domain()
new App\\Db\\Local()
App\\Db\\Q::x()
Other\\helper()
Foo\\bar()
strlen(1)
strlen(2)
Zend\\Db\\f()
App\\Db\\sub\\g()
f(Other\\LIMIT, Foo\\BAZ, PHP_EOL, PHP_EOL, Other\\A\\X, App\\Db\\Unknown::class, parent::class)"
    );
    assert!(dump.contains("#1 function App\\Db\\local()"), "{dump}");
    assert!(
        dump.contains("class App\\Db\\K extends Zend\\Db\\Table implements Countable|App\\Db\\I use App\\Db\\T\n  const X = self::Y\n"),
        "{dump}"
    );
}

#[test]
fn imports_end_with_their_namespace() {
    let code = "namespace A { use X\\Y; new Y; } namespace B { new Y; } namespace { new Y; }";
    assert_eq!(top(code), "new X\\Y()\nnew B\\Y()\nnew Y()");
}

#[test]
fn choices_keep_their_conditions() {
    let code = "$v = f() ? $a : ($b ?: $c); $w = match($x) { 1, g() => 'a', default => throw new E }; $y ??= $z ?? h();";
    assert_eq!(
        top(code),
        r#"other(f())
$v = choice($a | choice($b | $c))
other($x, 1, g())
$w = choice("a" | other(new E()))
$y = choice($z | h())"#
    );
}

#[test]
fn operators_and_casts() {
    let code = "$a = -5 + -$x * 1.5; $b = !$a && $b xor c(); $c = (array)$d . (object)$e . (bool)$f . (float)$g . (int)$h; $i += @j(); $k--; $l instanceof M; print $n; true; NULL;";
    assert_eq!(
        top(code),
        "$a = other(-5, other(other($x), other()))
other($b = other(other($a), $b), c())
$c = ((array)$d . (object)$e . (lossy)$f . (lossy)$g . (int)$h)
other(j())
$i = other()
$k = other()
$l instanceof M
other($n)
true
null"
            .replace("other($b = other(other($a), $b), c())", "$b = other(other(other($a), $b), c())")
            .replace("$b = other(other(other($a), $b), c())", "other($b = other(other($a), $b), c())")
    );
}

#[test]
fn dynamic_members_keep_what_stands_inside() {
    let code = "$o->$n(1); $o->{f()}; $o?->p?->q(2); $c::make(3); $c::X; $c::$s; C::$s; C::$f(4); C::{g()}(5); $f(6)(7); [$o, 'm'](8); new $c(9); new (h())(10); $$v; ${'a' . $b}; C::{'X'};";
    assert_eq!(
        top(code),
        r#"<other($o, $n)>(1)
$o[f()]
$o->p->q(2)
$c->make(3)
other($c)
other($c)
C::$s
<$f>(4)
<g()>(5)
<<$f>(6)>(7)
<[$o, "m"]>(8)
<other($c)>(9)
<other(h())>(10)
other($v)
other(("a" . $b))
other("X")"#
    );
}

#[test]
fn statements() {
    let code = r#"
if (a()): b(); elseif (c()): d(); else: e(); endif;
for ($i = 0, f(); $i < g(); $i++) { h(); }
while (i()) { continue; } do { break; } while (j());
switch (k()) { case l(): m(); default: n(); }
try { o(); } catch (A | B $e) { p(); } finally { q(); }
static $s = 1, $t; global $u, $$v; unset($w[r()]); echo s(), t(); isset($x[u()]); empty(v()); include w(); exit(x()); eval(y()); `z $a`;
declare(ticks=1) { aa(); } goto end; end: return; __halt_compiler(); no();"#;
    assert_eq!(
        top(code),
        r#"a()
b()
c()
d()
e()
$i = 0
f()
other($i, g())
$i = other()
h()
i()
j()
k()
l()
m()
n()
o()
p()
q()
static $s = 1
static $t
global $u
other($v)
other($w[r()])
s()
t()
other($x[u()])
other(v())
other(w())
other(x())
other(y())
other("z ", $a)
aa()"#
    );
}

#[test]
fn functions_and_closures() {
    let code = r#"
function &f(array &$a, ?int $b = 5, A|null|string $c = null, self ...$rest): ?B { return fn($x) => fn() => yield $x => $a; }
class K { static function s(): static { function inner() {} return new class(g()) extends P { function m() { return $this; } }; } abstract function t(int $x); }
$f = strlen(...); $g = $o->m(...); $h = K::s(...); $i = $o->n()->m(...); f(...$x, named: 1);"#;
    let dump = lowered(code);
    let heads: Vec<&str> = dump.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(
        heads,
        [
            "#0 top ()",
            "#1 function f(array $a, int $b = 5, A|string $c = null, self ...$rest): B",
            "#2 arrow ($x) in #1",
            "#3 arrow () in #2",
            "#4 static method K::s(): static",
            "#5 function inner()",
            "#6 method ::m()",
            "#7 method K::t(int $x)",
        ]
    );
    assert_eq!(body(&dump, "#3 "), "yield $x => $a\nreturn other()");
    assert_eq!(body(&dump, "#0 "), "$f = \"strlen\"\n$g = [$o, \"m\"]\n$h = \"K::s\"\n$i = [$o->n(), \"m\"]\nf(...$x, named: 1)");
    assert_eq!(body(&dump, "#4 "), "return new (g())");
}

#[test]
fn classes() {
    let code = r#"
abstract class A extends B implements C { use T, U { T::x insteadof U; U::x as protected y; }
  const int X = 1, Y = self::X; var $old; public static ?A $one = null; private readonly int|D $two;
  public function __construct(private int $p = 1, protected ?E $q = null, $plain = []) {} }
interface I extends J, L { const Z = 'z'; function f(); }
trait T { public $t = [1]; }
enum Key: string implements I { case A = 'a-'; case B = 'b-'; const D = self::A; public static function make(): self { return self::A; } }
enum Unit { case One; }"#;
    let dump = lowered(code);
    let classes = &dump[dump.find("class A").unwrap()..];
    assert_eq!(
        classes,
        r#"class A extends B implements C use T|U
  const X = 1
  const Y = self::X
  $old
  static A $one = null
  D $two
  methods #1
class I implements J|L
  const Z = "z"
  methods #2
class T
  $t = [1]
  methods 
class Key implements I
  const A = "a-"
  const B = "b-"
  const D = self::A
  methods #3
class Unit
  const One
  methods 
"#
    );
    assert!(dump.contains("#1 method A::__construct(promoted int $p = 1, promoted E $q = null, $plain = [])"), "{dump}");
}

#[test]
fn property_hooks_are_methods() {
    let code = r#"class A { public string $full { get => $this->a . 'x'; set(string $v) { $this->b = $v; } } public int $n = 1 { set => $value + 1; }
        function __construct(public $p { get { return f(); } }) {} }"#;
    let dump = lowered(code);
    assert!(dump.contains("method A::$full::get()\n  return ($this->a . \"x\")\n"), "{dump}");
    assert!(dump.contains("method A::$full::set(string $v)\n  $this->b = $v\n"), "{dump}");
    assert!(dump.contains("method A::$n::set($value)\n  $this->n = other($value, 1)\n"), "{dump}");
    assert!(dump.contains("method A::$p::get()\n  return f()\n"), "{dump}");
}

#[test]
fn doc_comments_are_linked() {
    let source = "<?php\n/** file */\n\n/** f */\nfunction f() {}\n/** A */\n#[X]\nfinal class A {\n  /** p */ public $p;\n  /** m */\n  public static function m() {}\n  function n() {}\n}\n/** var */ $x = 1; // end";
    let script = script(source);
    let doc = |doc: Option<u32>| doc.map(|i| slice(source, script.comments[i as usize].at));
    let docs: Vec<_> = script.functions.iter().map(|f| (script.text(f.name), doc(f.doc))).collect();
    assert_eq!(docs, [("", None), ("f", Some("/** f */")), ("m", Some("/** m */")), ("n", None)]);
    assert_eq!(doc(script.classes[0].doc), Some("/** A */"));
    let all: Vec<_> = script.comments.iter().map(|c| (slice(source, c.at), c.doc)).collect();
    assert_eq!(
        all,
        [
            ("/** file */", true),
            ("/** f */", true),
            ("/** A */", true),
            ("/** p */", true),
            ("/** m */", true),
            ("/** var */", true),
            ("// end", false)
        ]
    );
}

#[test]
fn spans_are_the_source() {
    let source =
        "<?php function f(pm_Domain $d) { $this->db->insert('t', [\"id\" => (int) $d->getId()]); return $x ? A::B : 'c' . \"d $e\"; }";
    let script = script(source);
    let mut seen: Vec<(String, &str)> = (0..script.exprs.len())
        .map(|i| (expr(&script, ExprId(i as u32)), slice(source, script.exprs[i].at)))
        .filter(|(dump, _)| dump.contains('('))
        .collect();
    seen.sort();
    let expected = [
        ("$d->getId()", "$d->getId()"),
        ("$this->db->insert(\"t\", [\"id\" => (int)$d->getId()])", "$this->db->insert('t', [\"id\" => (int) $d->getId()])"),
        ("(\"c\" . \"d \" . $e)", "'c' . \"d $e\""),
        ("(int)$d->getId()", "(int) $d->getId()"),
        ("[\"id\" => (int)$d->getId()]", "[\"id\" => (int) $d->getId()]"),
        ("choice(A::B | (\"c\" . \"d \" . $e))", "$x ? A::B : 'c' . \"d $e\""),
        ("other($x)", "$x"),
    ];
    let mut expected: Vec<(String, &str)> = expected.iter().map(|(dump, at)| ((*dump).to_owned(), *at)).collect();
    expected.sort();
    assert_eq!(seen, expected);
    assert_eq!(script.functions[1].kind, FunctionKind::Function);
    assert_eq!(slice(source, script.functions[1].at), &source[6..]);
    assert_eq!(slice(source, script.functions[1].params[0].at), "pm_Domain $d");
}

#[test]
fn old_syntax_is_read() {
    let script = parse(FileId(0), b"<?php $a = $b{0}; f(&$x); $c = &new D(1); (real)$d; function foo() { return $this{'k'}; }");
    assert_eq!(script.errors.len(), 0, "{:?}", script.errors);
    assert!(script.exprs.iter().any(|e| matches!(e.kind, ExprKind::New { .. })));
    assert_eq!(body(&dump(&script), "#0 ").lines().next(), Some("$a = $b[0]"));
}

/// Each guard as its variable, its texts, and the code that it is about.
fn guards(code: &str) -> Vec<String> {
    let code = format!("<?php {code}");
    let script = parse(FileId(0), code.as_bytes());
    let shown = |g: &crate::extension::php::ir::Guard| {
        let texts: Vec<&str> = g.texts.iter().map(|t| script.text(*t)).collect();
        let is = if g.except { "!=" } else { "=" };
        format!("{}{is}{}: {}", script.text(g.variable), texts.join("|"), code[g.at.start as usize..g.at.end as usize].trim())
    };
    script.guards.iter().map(shown).collect()
}

#[test]
fn branches_know_the_texts_that_lead_to_them() {
    assert_eq!(
        guards("if ($a === 'x') { f(); } elseif ('y' == $a || $a == 'z') g(); else h();"),
        ["a=x: { f(); }", "a!=x: elseif ('y' == $a || $a == 'z') g(); else h();", "a=y|z: g();", "a!=y|z: else h();"]
    );
    assert_eq!(guards("if ($b && $a == 'x') f();"), ["a=x: f();"]);
    assert_eq!(guards("if ($a == 'x' || $b == 'y') f();"), Vec::<String>::new());
    assert_eq!(guards("if (in_array($a, ['x', 'y'])) f();"), ["a=x|y: f();"]);
    assert_eq!(guards("$r = match ($a) { 'x', 'y' => f(), default => g() };"), ["a=x|y: f()", "a!=x|y: g()"]);
}

#[test]
fn what_comes_after_a_branch_that_leaves_knows_it_too_up_to_the_end_of_its_block() {
    assert_eq!(guards("function q($a) { if ($a != 'x') return; f(); g(); } h();"), ["a!=x: return;", "a=x: f(); g();"]);
    assert_eq!(guards("if ($b) { if (!in_array($a, ['x'])) { return; } f(); } g();"), ["a!=x: { return; }", "a=x: f();"]);
    assert_eq!(guards("if ($b) if ($a != 'x') return; g();"), ["a!=x: return;"]);
    assert_eq!(guards("if ($a != 'x') { f(); } g();"), ["a!=x: { f(); }"]);
    assert_eq!(
        guards("if ($a == 'x') return; f(); if ($a == 'y') { return; } g();"),
        ["a=x: return;", "a!=x: f(); if ($a == 'y') { return; } g();", "a=y: { return; }", "a!=y: g();"]
    );
    // Who comes by the first branch knows nothing of the second.
    assert_eq!(guards("if ($b) { f(); } elseif ($a != 'x') { return; } g();"), ["a!=x: { return; }"]);
    assert_eq!(guards("if ($b) { return; } elseif ($a != 'x') { return; } g();"), ["a!=x: { return; }", "a=x: g();"]);
}

#[test]
fn what_a_variable_is_not_is_known_from_conditions_that_fail() {
    assert_eq!(guards("if ($a == 'x' || $b) return; f();"), ["a!=x: f();"]);
    assert_eq!(guards("if ($a == 'x' && $b) return; f();"), ["a=x: return;"]);
    assert_eq!(guards("if ($a != 'x' && 'y' !== $a) f();"), ["a!=x|y: f();"]);
    assert_eq!(guards("if (in_array($a, ['x', 'y'])) return; f();"), ["a=x|y: return;", "a!=x|y: f();"]);
    assert_eq!(guards("$r = $a == 'x' ? f() : g();"), ["a=x: f()", "a!=x: g()"]);
}

#[test]
fn a_case_is_reached_from_the_ones_before_it_that_run_on() {
    let cases = "switch ($a) { case 'x': case 'y': f(); break; case 'z': g(); case 'w': h(); return; default: i(); case 'v': j(); }";
    assert_eq!(guards(cases), ["a=x|y: f(); break;", "a=z: g();", "a=z|w: h(); return;", "a!=x|y|z|w|v: i();"]);
}

/// Each renewal as its variable, and the code that it holds for.
fn renewals(code: &str) -> Vec<String> {
    let code = format!("<?php {code}");
    let script = parse(FileId(0), code.as_bytes());
    let shown = |r: &crate::extension::php::ir::Renewal| {
        let nested = if r.nested { "in " } else { "" };
        format!("{nested}{}: {}", script.text(r.variable), code[r.end as usize..r.block.end as usize].trim_start_matches(';').trim())
    };
    script.renewals.iter().map(shown).collect()
}

#[test]
fn a_statement_gives_a_variable_a_value_of_its_own() {
    assert_eq!(renewals("function f() { $a = 1; g($a); $a = 2; h($a); }"), ["a: g($a); $a = 2; h($a);", "a: h($a);"]);
    assert_eq!(renewals("function f($a) { $a = 1; g($a); }"), ["a: g($a);"]);
    assert_eq!(renewals("function f($b) { if ($b) { $a = 1; g($a); } else $a = 2; h($a); }"), ["in a: g($a);", "in a: "]);
}

#[test]
fn what_has_one_value_or_shares_it_is_left_alone() {
    let none = Vec::<String>::new();
    assert_eq!(renewals("function f() { $a = 1; if ($a) { $b = 2; } }"), none);
    for shared in
        ["global $a;", "static $a;", "$b = &$a;", "$s->bindParam(1, $a);", "$g = function () use (&$a) {};", "foreach ($b as &$a) {}"]
    {
        assert_eq!(renewals(&format!("function f() {{ {shared} $a = 1; $a = 2; }}")), none, "{shared}");
    }
    assert_eq!(renewals("function f(&$a) { $a = 1; $a = 2; }"), none);
    assert_eq!(renewals("function f() { $a .= 1; $a ??= 2; [$a] = 3; while ($a = 4) {} }"), none);
}

/// What is missing, and the code that runs then.
fn lacks(code: &str) -> Vec<String> {
    let source = format!("<?php {code}");
    let script = parse(FileId(0), source.as_bytes());
    let text = |at: Bytes| source[at.start as usize..at.end as usize].trim().to_owned();
    script.lacks.iter().map(|lack| format!("{}: {}", text(lack.value), text(lack.at))).collect()
}

#[test]
fn code_that_runs_when_something_is_missing_is_known() {
    for (code, expected) in [
        ("if (!$a) f();", &["$a: f();"][..]),
        ("if ($a) { f(); } else { g(); }", &["$a: { g(); }"]),
        ("function q($a) { if ($a) { return; } f(); }", &["$a: f();"]),
        ("if ($a === null) f(); if (false == g($b)) h();", &["$a: f();", "g($b): h();"]),
        ("if (is_null($a)) f(); if (empty($a)) g();", &["$a: f();", "$a: g();"]),
        ("if ($a !== null) f(); else g();", &["$a: g();"]),
        ("if ($b && !$a->is($c)) f();", &["$a->is($c): f();"]),
        ("if (!($a = C::find($b))) f();", &["$a = C::find($b): f();"]),
        ("if ($a) f(); elseif (!$b) g(); else h();", &["$b: g();"]),
        ("if ($a) f(); if ($a > 1) g(); if (!$a[0]) h();", &[]),
    ] {
        assert_eq!(lacks(code), expected, "{code}");
    }
}

#[test]
fn tries_are_known_with_their_catches() {
    let source = "<?php try { f(); try { g(); } finally { h(); } } catch (A | B $e) { i(); } catch (C) { j(); }";
    let script = parse(FileId(0), source.as_bytes());
    let text = |at: &Bytes| &source[at.start as usize..at.end as usize];
    let shown: Vec<(&str, Vec<&str>)> = script.tries.iter().map(|t| (text(&t.body), t.catches.iter().map(text).collect())).collect();
    assert_eq!(shown, [("{ g(); }", vec![]), ("{ f(); try { g(); } finally { h(); } }", vec!["{ i(); }", "{ j(); }"])],);
}

#[test]
fn each_if_is_known_with_what_it_asks_and_what_runs() {
    let source = "<?php if ($a) f(); elseif (g() && $b) { if ($c) h(); else i(); } if ($d): j(); endif; if ($e) k(); else l();";
    let script = parse(FileId(0), source.as_bytes());
    let text = |at: Bytes| source[at.start as usize..at.end as usize].trim().to_owned();
    let shown: Vec<(String, bool)> = script.ifs.iter().map(|one| (text(one.condition), one.alone)).collect();
    let expected = [("$a", false), ("g() && $b", true), ("$c", false), ("$d", true), ("$e", false)];
    assert_eq!(shown, expected.map(|(condition, alone)| (condition.to_owned(), alone)));
    assert_eq!(text(script.ifs[2].then), "h();");
    assert!(text(script.ifs[3].then).contains("j();"));
}
