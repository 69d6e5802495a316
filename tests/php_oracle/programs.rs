//! Programs that PHP takes, put together at random, the same ones each time.

/// What the texts of literals are made of: for single quotes, and for double quotes and heredocs.
const PLAIN: &[&str] =
    &["a", "id", " ", "é", "日", "\\'", "\\\\", "\\n", "$v", "{$v}", "%s", "\"", "//", "#", "/*", "?", "SELECT 1", "\\x41", "\t"];
const PIECES: &[&str] = &[
    "a",
    "id",
    " ",
    "é",
    "日",
    "\\n",
    "\\t",
    "\\\\",
    "\\$v",
    "\\x41",
    "\\xC3\\xA9",
    "\\101",
    "\\u{e9}",
    "\\u{1F600}",
    "\\e",
    "\\q",
    "'",
    "%d",
    "//",
    "#",
    "/*",
    "?",
    " = ",
    "{ ",
    "}",
    "$ ",
    "\\{",
    "SELECT 1",
];
/// What may stand in a text of the simple kind.
const SIMPLE: &[&str] = &["$v", "$list[0]", "$list[-1]", "$row[key]", "$row[$i]", "$o->p", "${v}", "$v$w"];

const NAMES: &[&str] = &["load", "save", "find", "getId", "run", "list", "for", "class", "match", "Print", "x1", "größe"];
const FUNCTIONS: &[&str] =
    &["strlen", "sprintf", "\\count", "helper", "A\\b", "namespace\\local", "Deep\\run", "\\Full\\name", "imported", "array_map", "LOWER"];
const CLASSES: &[&str] =
    &["pm_Domain", "\\pm_Client", "Store", "A\\B", "namespace\\C", "Short", "Deep\\D", "\\Full\\Name", "self", "static", "parent", "SELF"];
const TYPES: &[&str] = &[
    "int",
    "?string",
    "array",
    "Store",
    "?A\\B",
    "int|string|null",
    "\\pm_Domain",
    "self",
    "A&B",
    "(A&B)|null",
    "mixed",
    "callable",
    "iterable",
];

/// From this many bytes on, no more blocks are opened.
const LONG: usize = 6_000;

/// A program.
pub(crate) fn program(seed: u64) -> String {
    let mut writer = Writer {
        random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        out: String::new(),
        count: 0,
        indentation: 0,
        modern: seed % 2 == 1,
        quoted: 0,
    };
    writer.program();
    writer.out
}

struct Writer {
    random: u64,
    out: String,
    /// For names that must be new.
    count: usize,
    indentation: usize,
    /// Whether it may hold what came with PHP 8.3 and 8.4.
    modern: bool,
    /// How many literals are open: a line cannot be broken in them.
    quoted: usize,
}

impl Writer {
    fn below(&mut self, n: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).expect("31 bits") % n
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn new_name(&mut self, prefix: &str) -> String {
        self.count += 1;
        format!("{prefix}{}", self.count)
    }

    fn line(&mut self) {
        if self.one_in(12) {
            let comment = self.pick(&[" // it's a \"comment\"", " # one ' more", " /* f('x') */", " /** @var int $x */"]);
            self.put(comment);
        }
        let end = if self.one_in(9) { "\r\n" } else { "\n" };
        self.put(end);
        self.put(&"    ".repeat(self.indentation));
    }

    fn program(&mut self) {
        // What a namespace stands in has nothing before it.
        let html = self.one_in(4);
        if html {
            self.put("<h1 class='x'>f('no call')</h1>\n");
        }
        self.put("<?php");
        self.line();
        if !html && self.one_in(3) {
            self.put("declare(strict_types=1);");
            self.line();
        }
        match if html { 0 } else { self.below(3) } {
            0 => {
                self.imports();
                self.top_statements(12);
            }
            1 => {
                self.put("namespace App\\Db;");
                self.line();
                self.imports();
                self.top_statements(12);
            }
            _ => {
                for _ in 0..3 {
                    let name = self.pick(&["namespace One", "namespace One\\Two", "namespace"]);
                    self.put(name);
                    self.put(" {");
                    self.indented(|w| {
                        w.imports();
                        w.top_statements(5);
                    });
                    self.put("}");
                    self.line();
                }
            }
        }
        if self.one_in(3) {
            self.put("?>\n<p><?= ");
            self.expr(2);
            self.put(" ?></p>\n<?php foreach ($list as $v): ?>\n  <b title='<?php echo ");
            self.expr(1);
            self.put("; ?>'>it's</b>\n<?php endforeach ?>\nthe end\n");
        }
    }

    fn indented(&mut self, inner: impl FnOnce(&mut Writer)) {
        self.indentation += 1;
        self.line();
        inner(self);
        self.indentation -= 1;
        self.line();
    }

    fn imports(&mut self) {
        for _ in 0..self.below(4) {
            let import = self.pick(&[
                "use pm_Domain;",
                "use Other\\Thing as Short;",
                "use Other\\Deep;",
                "use Group\\{One, Two\\Three as Store, function imported, const LIMIT};",
                "use function Lib\\imported;",
                "use function Lib\\{a, b as helper};",
                "use const Lib\\MAX;",
                "use Zend\\Db as A, X\\Y as Z;",
            ]);
            // The same alias twice is refused.
            if !self.out.rsplit("namespace").next().is_some_and(|here| here.contains("use ")) {
                self.put(import);
                self.line();
            }
        }
    }

    fn top_statements(&mut self, n: usize) {
        for _ in 0..=self.below(n) {
            match self.below(10) {
                0 | 1 => self.class(),
                2 => self.interface(),
                3 => self.enumeration(),
                4 => self.function(),
                5 => {
                    let name = self.new_name("CONST_");
                    self.put(&format!("const {name} = "));
                    self.constant(2);
                    self.put(";");
                }
                6 => {
                    let name = self.new_name("DEFINED_");
                    self.put(&format!("define('{name}', "));
                    self.constant(1);
                    self.put(");");
                }
                _ => self.statement(3),
            }
            self.line();
        }
    }

    fn statements(&mut self, depth: usize) {
        for i in 0..=self.below(3) {
            if i > 0 {
                self.line();
            }
            self.statement(depth);
        }
    }

    /// A block in braces or, where `end` says how it ends, in the alternative syntax.
    fn block(&mut self, depth: usize, end: Option<&str>) {
        self.put(if end.is_some() { ":" } else { " {" });
        self.indented(|w| {
            w.statements(depth);
            if end.is_some() {
                // An `if` at the end would take the `else` that follows.
                w.put(" $last++;");
            }
        });
        self.put(end.unwrap_or("}"));
    }

    fn statement(&mut self, depth: usize) {
        let depth = depth.saturating_sub(1);
        let n = self.below(if depth == 0 || self.out.len() > LONG { 6 } else { 18 });
        match n {
            0 => self.call_statement("echo ", depth),
            1 => self.call_statement("print ", depth),
            2..=4 => self.call_statement("", depth + 1),
            5 => {
                let name = self.pick(&["static $kept = 'k';", "global $db, $app;", "unset($row['k'], $o->p);", ";", "{ }"]);
                self.put(name);
            }
            6 | 7 => {
                let end = self.one_in(2);
                self.call_in("if (", ")", depth);
                if end {
                    self.block(depth, Some(""));
                    self.call_in("elseif (", ")", depth);
                    self.block(depth, Some(""));
                    self.put("else");
                    self.block(depth, Some("endif;"));
                } else {
                    self.block(depth, None);
                    self.call_in(" elseif (", ")", depth);
                    self.block(depth, None);
                    self.call_in(" else if (", ")", depth);
                    self.block(depth, None);
                    self.put(" else");
                    self.block(depth, None);
                }
            }
            8 => {
                self.call_in("while (", ")", depth);
                let end = self.one_in(2).then_some("endwhile;");
                self.block(depth, end);
            }
            9 => {
                self.put("do");
                self.block(depth, None);
                self.call_in(" while (", ");", depth);
            }
            10 => {
                self.call_in("for ($i = 0, $n = ", "; $i < $n; ++$i)", depth);
                let end = self.one_in(2).then_some("endfor;");
                self.block(depth, end);
            }
            11 | 12 => {
                self.call_in("foreach (", " as ", depth);
                let target =
                    self.pick(&["$v", "$k => $v", "$k => &$v", "[$a, , [$b]]", "$k => list('x' => $a, 'y' => list($b))", "$o->p[]"]);
                self.put(target);
                self.put(")");
                let end = self.one_in(2).then_some("endforeach;");
                self.block(depth, end);
            }
            13 => {
                self.call_in("switch (", ")", depth);
                let end = self.one_in(2);
                self.put(if end { ":" } else { " {" });
                self.call_in(" case ", ":", depth);
                self.indented(|w| w.statements(depth));
                self.put("break; case 'b': default:");
                self.indented(|w| w.statements(depth));
                self.put(if end { "endswitch;" } else { "}" });
            }
            14 => {
                self.put("try");
                self.block(depth, None);
                self.put(" catch (A\\E | \\Exception $e)");
                self.block(depth, None);
                self.put(" catch (Throwable)");
                self.block(depth, None);
                self.put(" finally");
                self.block(depth, None);
            }
            15 => {
                self.put("?><i data-x='y'>f()</i><?php ");
                self.call_statement("", depth);
            }
            16 => self.call_statement("return ", depth),
            _ => {
                self.call_in("if (!class_exists('Late')) { ", "; ", depth);
                self.function();
                self.put(" }");
            }
        }
    }

    fn call_statement(&mut self, before: &str, depth: usize) {
        self.call_in(before, ";", depth);
    }

    fn call_in(&mut self, before: &str, after: &str, depth: usize) {
        self.put(before);
        self.expr(depth);
        self.put(after);
    }

    fn function(&mut self) {
        let name = self.new_name("func");
        self.attribute();
        self.put("function ");
        if self.one_in(5) {
            self.put("&");
        }
        self.put(&name);
        self.signature(false);
        self.block(2, None);
    }

    fn attribute(&mut self) {
        if self.one_in(6) {
            let attribute = self.pick(&["#[Pure] ", "#[Route('/path', name: \"x\"), Other(new Z('q'))]\n", "#[\\A\\B(1)] #[C] "]);
            self.put(attribute);
        }
    }

    fn signature(&mut self, promoting: bool) {
        self.put("(");
        for i in 0..self.below(4) {
            if i > 0 {
                self.put(", ");
            }
            self.attribute();
            if promoting {
                let modifiers = self.pick(&["", "private ", "public readonly ", "protected ?int "]);
                self.put(modifiers);
                if modifiers.ends_with("int ") {
                    let name = self.new_name("$p");
                    self.put(&name);
                    continue;
                }
            }
            if self.one_in(2) {
                let hint = self.pick(TYPES);
                let hint = if promoting && hint == "callable" { "int" } else { hint };
                self.put(hint);
                self.put(" ");
            } else if promoting {
                self.put("int ");
            }
            let name = self.new_name("$p");
            self.put(&name);
            if self.one_in(2) {
                self.put(" = ");
                self.constant(1);
            }
        }
        self.put(")");
        if !promoting && self.one_in(2) {
            let hint = self.pick(&[": int", ": ?Store", ": A|B", ": void", ": static", ": never", ": (A&B)|null"]);
            self.put(hint);
        }
    }

    fn class(&mut self) {
        self.attribute();
        let kind = self.pick(&["class", "abstract class", "final class", "readonly class", "final readonly class", "trait"]);
        let name = self.new_name(if self.count.is_multiple_of(3) { "Größe" } else { "Class" });
        self.put(&format!("{kind} {name}"));
        if kind != "trait" {
            let clause = self.pick(&["", " extends Store", " extends \\A\\B implements C, D\\E", " implements \\Countable"]);
            self.put(clause);
        }
        self.members(true);
    }

    fn members(&mut self, hooks: bool) {
        self.put(" {");
        self.indentation += 1;
        for _ in 0..=self.below(5) {
            self.line();
            match self.below(8) {
                0 => {
                    let uses = self.pick(&["use T1;", "use \\T2, A\\T3;", "use T4, T5 { T4::run insteadof T5; T5::run as protected go; }"]);
                    self.put(uses);
                }
                1 => {
                    let name = self.new_name("K");
                    let kind = self.pick(&["const ", "public const ", "final protected const ", "const int ", "private const ?A "]);
                    let kind = if self.modern {
                        kind
                    } else {
                        kind.split("const").next().map_or("const ", |before| if before.is_empty() { "const " } else { "protected const " })
                    };
                    self.put(&format!("{kind}{name} = "));
                    self.constant(2);
                    self.put(";");
                }
                2 | 3 => {
                    let name = self.new_name("$q");
                    let kind = self.pick(&[
                        "public ",
                        "private static ",
                        "var ",
                        "protected ?int ",
                        "public readonly A\\B ",
                        "static ",
                        "public private(set) int ",
                    ]);
                    let kind = if self.modern { kind } else { kind.trim_start_matches("public private(set) int ") };
                    let kind = if kind.is_empty() { "public ?\\A " } else { kind };
                    self.put(&format!("{kind}{name}"));
                    if self.one_in(2) && !kind.contains("readonly") {
                        self.put(" = ");
                        self.constant(2);
                    }
                    self.put(";");
                }
                4 if hooks && self.modern => {
                    let name = self.new_name("$h");
                    self.put(&format!("public string {name} {{"));
                    self.call_in(" get => ", ";", 2);
                    self.put(" set(string $given)");
                    self.block(1, None);
                    self.put(" }");
                }
                _ => {
                    self.attribute();
                    let kind = self.pick(&["public ", "private static ", "", "final protected ", "static "]);
                    let name = self.pick(NAMES).to_owned();
                    let constructs = self.one_in(6);
                    let name = if constructs { "__construct".to_owned() } else { self.new_name(&name) };
                    self.put(&format!("{kind}function {name}"));
                    self.signature(constructs && !kind.contains("static"));
                    self.block(3, None);
                }
            }
        }
        self.indentation -= 1;
        self.line();
        self.put("}");
    }

    fn interface(&mut self) {
        let name = self.new_name("Face");
        self.put(&format!("interface {name} extends \\Countable, A\\B {{ const A1 = "));
        self.constant(1);
        self.put("; public function get");
        self.signature(false);
        self.put("; public static function list");
        self.signature(false);
        self.put("; }");
    }

    fn enumeration(&mut self) {
        let name = self.new_name("Enum");
        self.attribute();
        self.put(&format!("enum {name}: string implements Has {{ case One = 'one'; case Two = 'tw' . \"o\"; const D = self::One; use T;"));
        self.put(" public static function of");
        self.signature(false);
        self.block(2, None);
        self.put(" }");
    }

    /// An expression that needs no parentheses wherever it stands.
    fn operand(&mut self, depth: usize) {
        self.call_in("(", ")", depth);
    }

    fn args(&mut self, depth: usize) {
        self.put("(");
        let n = self.below(4);
        for i in 0..n {
            if i > 0 {
                self.put(", ");
            }
            if i + 1 == n && self.one_in(4) {
                let before = self.pick(&["...", "name: ", "class: ", "array: "]);
                self.put(before);
            }
            self.expr(depth);
        }
        if n > 0 && self.one_in(6) {
            self.put(",");
        }
        self.put(")");
    }

    /// An expression that a constant or a default may be.
    fn constant(&mut self, depth: usize) {
        match self.below(if depth == 0 { 4 } else { 9 }) {
            0 => self.put("42"),
            1 => self.single(),
            2 => self.fixed(),
            3 => {
                let word =
                    self.pick(&["null", "PHP_EOL", "self::A", "\\A\\B::C", "Short::class", "__DIR__", "true", "LIMIT", "-1.5e3", "0x1F"]);
                self.put(word);
            }
            4 => self.call_inner("[", "]", depth),
            5 => {
                self.put("['k' => ");
                self.constant(depth - 1);
                self.put(", 'l' => [");
                self.constant(depth - 1);
                self.put("]]");
            }
            6 => {
                let class = self.pick(&["Store", "\\A\\B", "Short"]);
                self.put(&format!("new {class}("));
                self.constant(depth - 1);
                self.put(")");
            }
            7 => self.heredoc(None),
            _ => {
                self.constant(depth - 1);
                self.put(" . ");
                self.constant(depth - 1);
            }
        }
    }

    fn call_inner(&mut self, before: &str, after: &str, depth: usize) {
        self.put(before);
        self.constant(depth - 1);
        self.put(after);
    }

    fn variable(&mut self) {
        let name = self.pick(&[
            "$v",
            "$this",
            "$domain",
            "$row['k']",
            "$list[]",
            "$o->p",
            "$o?->p->q",
            "self::$cache",
            "$$name",
            "$größe",
            "A\\B::$s['x']",
        ]);
        let name = if name == "$list[]" { "$list[0]" } else { name };
        self.put(name);
    }

    fn expr(&mut self, depth: usize) {
        if depth == 0 {
            match self.below(5) {
                0 => self.variable(),
                1 => self.single(),
                2 => self.double(0),
                3 => self.put("7"),
                _ => self.constant(0),
            }
            return;
        }
        let depth = depth - 1;
        match self.below(40) {
            0..=3 => {
                let function = self.pick(FUNCTIONS);
                self.put(function);
                self.args(depth);
            }
            4..=6 => {
                let object = self.pick(&["$this", "$domain", "$o->p", "$row['k']", "$v"]);
                self.put(object);
                for _ in 0..=self.below(3) {
                    let arrow = self.pick(&["->", "?->"]);
                    let name = self.pick(NAMES);
                    self.put(arrow);
                    self.put(name);
                    self.args(depth.min(1));
                }
            }
            7 | 8 => {
                let class = self.pick(CLASSES);
                let name = self.pick(NAMES);
                let name = if name == "class" { "of" } else { name };
                self.put(&format!("{class}::{name}"));
                self.args(depth);
            }
            9 | 10 => {
                let class = self.pick(CLASSES);
                self.put(&format!("new {class}"));
                self.args(depth);
            }
            11 => {
                self.put("(new ");
                let class = self.pick(&["Store", "A\\B", "\\pm_Domain"]);
                self.put(class);
                self.args(depth);
                self.put(")->go");
                self.args(depth);
            }
            12 => {
                self.put("new class");
                self.args(depth.min(1));
                self.put(" extends Store");
                self.members(false);
            }
            13 => {
                self.attribute_inline();
                let kind = self.pick(&["function ", "static function ", "function &"]);
                self.put(kind);
                self.signature_plain();
                let uses = self.pick(&["", " use ($v)", " use (&$v, $w): ?int", ": static"]);
                self.put(uses);
                self.block(depth.min(2), None);
            }
            14 | 15 => {
                let kind = self.pick(&["fn", "static fn"]);
                self.put("(");
                self.put(kind);
                self.signature_plain();
                self.call_in(" => ", ")", depth);
            }
            16 => {
                self.call_in("match (", ") { ", depth);
                self.expr(depth);
                self.put(", 'two' => ");
                self.expr(depth);
                self.call_in(", default => ", ", }", depth);
            }
            17 => {
                self.operand(depth);
                self.put(" ? ");
                self.operand(depth);
                self.put(" : ");
                self.operand(depth);
            }
            18 => {
                self.operand(depth);
                let op =
                    self.pick(&[" ?: ", " ?? ", " <=> ", " && ", " || ", " and ", " xor ", " + ", " % ", " ** ", " . ", " << ", " === "]);
                self.put(op);
                self.operand(depth);
            }
            19 | 20 => {
                self.expr(0);
                self.put(" . ");
                self.operand(depth);
                self.put(" . ");
                self.double(depth);
            }
            21 | 22 => {
                self.put("$w");
                let op = self.pick(&[" = ", " .= ", " ??= ", " += ", " = & "]);
                if op == " = & " {
                    self.put(" = &$v");
                } else {
                    self.put(op);
                    self.expr(depth);
                }
            }
            23 => {
                self.put("['k' => $a, 'l' => [$b, , $c]] = ");
                self.operand(depth);
            }
            24 => {
                self.put("list($a, , list($b)) = ");
                self.operand(depth);
            }
            25 => {
                let cast = self.pick(&["(int) ", "(string)", "(array) ", "(object) ", "(bool) ", "( float ) "]);
                self.put(cast);
                self.operand(depth);
            }
            26 => {
                let word = self.pick(&[
                    "isset($row['x'])",
                    "empty($o->p)",
                    "isset($a, $b['c'])",
                    "@$v",
                    "!$v",
                    "-$v",
                    "~$v",
                    "$i++",
                    "--$i",
                    "&$v",
                ]);
                self.put(if word == "&$v" { "+$v" } else { word });
            }
            27 => self.call_in("clone (", ")", depth),
            28 => self.call_in("(print ", ")", depth),
            29 => {
                self.operand(depth);
                let class = self.pick(&[" instanceof Store", " instanceof \\A\\B", " instanceof $class", " instanceof static"]);
                self.put(class);
            }
            30 => {
                let callable = self.pick(&["strlen(...)", "$o->run(...)", "Store::of(...)", "$f(...)", "self::go(...)"]);
                self.put(callable);
            }
            31 => {
                let dynamic = self.pick(&[
                    "$f",
                    "$o->$m",
                    "$o->{'m' . $x}",
                    "Store::$m",
                    "$o::of",
                    "($f)",
                    "$row['f']",
                    "$o->p['g']",
                    "[$o, 'm']",
                    "'strlen'",
                ]);
                self.put(dynamic);
                self.args(depth);
            }
            32 => {
                self.call_in("[", ", ", depth);
                self.call_in("'k' => ", ", ", depth);
                self.call_in("...", ", ]", 0);
            }
            33 => {
                self.call_in("array(", ", ", depth);
                self.call_in("\"$v\" => ", ")", depth);
            }
            34 if self.quoted == 0 => self.heredoc(Some(depth)),
            35 if self.quoted == 0 => self.nowdoc(),
            36 => self.call_in("include ", "", 0),
            37 => self.call_in("new ($name)(", ")", depth),
            38 => {
                self.operand(depth);
                self.put("->chain");
                self.args(depth);
                self.put("['k']->more");
                self.args(depth);
            }
            _ => self.double(depth),
        }
    }

    fn attribute_inline(&mut self) {
        if self.one_in(8) {
            self.put("#[Pure('x')] ");
        }
    }

    fn signature_plain(&mut self) {
        let params = self.pick(&["()", "($x)", "(int $x, &...$rest)", "(?A\\B $x = null, $y = 'd')", "(self $s, array $t = ['k' => 1])"]);
        self.put(params);
    }

    fn single(&mut self) {
        self.put("'");
        for _ in 0..self.below(6) {
            let piece = self.pick(PLAIN);
            self.put(piece);
        }
        // A backslash before the quote would take it.
        self.put("'");
    }

    /// A text in double quotes that holds no values.
    fn fixed(&mut self) {
        self.put("\"");
        for _ in 0..self.below(6) {
            let piece = self.pick(PIECES);
            self.put(piece);
        }
        self.put("\"");
    }

    fn double(&mut self, depth: usize) {
        self.put("\"");
        self.quoted += 1;
        self.pieces(depth);
        self.quoted -= 1;
        self.put("\"");
    }

    /// The content of a literal.
    fn pieces(&mut self, depth: usize) {
        for _ in 0..self.below(7) {
            match self.below(10) {
                0 | 1 => {
                    let piece = self.pick(SIMPLE);
                    self.put(piece);
                    self.put(" ");
                }
                2 | 3 if depth > 0 => {
                    let before = self.pick(&["{$o->m(", "{$row[", "{$o->list['a']->n(", "{$f("]);
                    self.put(before);
                    self.expr(depth - 1);
                    self.put(if before.ends_with('[') { "]}" } else { ")}" });
                }
                4 => {
                    let piece = self.pick(&[
                        "{$v}",
                        "{$row['k']}",
                        "{$row[\"k\"]}",
                        "{$o->p?->q}",
                        "{$this->m()}",
                        "${v}",
                        "{$o::$s}",
                        "{$a[0][1]}",
                    ]);
                    self.put(piece);
                }
                _ => {
                    let piece = self.pick(PIECES);
                    self.put(piece);
                }
            }
        }
    }

    /// A heredoc; without a depth one that holds no values.
    fn heredoc(&mut self, depth: Option<usize>) {
        let label = self.new_name(if self.count.is_multiple_of(4) { "ÉND" } else { "END_" });
        let quotes = self.pick(&["", "\""]);
        let indentation = self.pick(&["", "  ", "\t"]).to_owned();
        self.put(&format!("<<<{quotes}{label}{quotes}\n"));
        for _ in 0..self.below(4) {
            self.put(&indentation);
            let more = self.pick(&["", "", "  ", "it's \"quoted\" "]);
            self.put(more);
            match depth {
                Some(depth) => self.pieces(depth),
                None => {
                    let piece = self.pick(PIECES);
                    self.put(piece);
                }
            }
            self.put("\n");
        }
        self.put(&format!("{indentation}{label}"));
    }

    fn nowdoc(&mut self) {
        let label = self.new_name("RAW");
        self.put(&format!("<<<'{label}'\n"));
        for _ in 0..self.below(4) {
            self.put("    ");
            for _ in 0..self.below(5) {
                let piece = self.pick(PIECES);
                self.put(piece);
            }
            self.put("\n");
        }
        self.put(&format!("    {label}"));
    }
}
