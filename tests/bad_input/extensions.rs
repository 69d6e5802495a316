//! Extensions whose files are broken, hostile or not there: lint and references say so, and read the rest.

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::world::{World, as_nobody};

pub const GOOD: &str = "<?php
class Good
{
    public function add(PDO $db, pm_Domain $domain)
    {
        $db->exec('CREATE TABLE apps (domain_id INTEGER NOT NULL)');
        $db->prepare('INSERT INTO apps (domain_id) VALUES (?)')->execute([$domain->getId()]);
    }
}
";

fn extension() -> World {
    let world = World::new();
    world.cli.file("extension/meta.xml", "<module><id>x</id></module>");
    world.cli.file("extension/plib/good.php", GOOD);
    world
}

/// Lint finds what is wrong in the good file, and says `words` of the rest.
fn read_all_the_same(world: &World, words: &[&str]) {
    for args in [&["lint", "extension"][..], &["lint", "extension", "--format", "json"]] {
        let words = [&["domain_id"], words].concat();
        world.stays(world.command(as_nobody(), args), args, 1, &words);
    }
    let args = &["references", "extension"];
    world.stays(world.command(as_nobody(), args), args, 0, &["domain_id"]);
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn paths_that_cannot_be_linted() {
    let world = extension();
    world.cli.file("notes.txt", "hello").file("empty.zip", "").file("not.zip", "PK but no").file("extension.php", GOOD);
    fs::set_permissions(world.path("extension.php"), fs::Permissions::from_mode(0o0)).unwrap();
    fs::set_permissions(world.path("extension/plib"), fs::Permissions::from_mode(0o0)).unwrap();
    symlink("nowhere", world.path("dangling")).unwrap();
    symlink("round", world.path("round")).unwrap();
    for path in ["nowhere", "notes.txt", "empty.zip", "not.zip", "extension.php", "dangling", "round", "notes.txt/x", "/dev/null"] {
        for args in [&["lint", path][..], &["references", path], &["references", path, "--write"]] {
            world.refused_to_nobody(args, &[path]);
        }
        world.stays(world.command(as_nobody(), &["lint", path, "--format", "json"]), &["lint", path], 2, &[path, "\"version\": 1"]);
    }
    fs::set_permissions(world.path("extension/plib"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let world = extension();
    let database = world.bytes("var/data.db");
    world.cli.file("extension/secret.php", "<?php").file("extension/cut.db", &database[..8000]);
    world.cli.file("extension/crypted.sqlite", database.iter().map(|b| b ^ 0x5a).collect::<Vec<_>>());
    world
        .cli
        .file("extension/broken.php", "<?php function ( { class")
        .file("extension/broken.sql", "CREATE TABLE broken (domain_id INT,,);\n");
    fs::set_permissions(world.path("extension/secret.php"), fs::Permissions::from_mode(0o0)).unwrap();
    fs::create_dir(world.path("extension/closed")).unwrap();
    fs::set_permissions(world.path("extension/closed"), fs::Permissions::from_mode(0o0)).unwrap();
    symlink("nowhere.php", world.path("extension/dangling.php")).unwrap();
    symlink("..", world.path("extension/loop")).unwrap();
    read_all_the_same(&world, &[]);
    let args = &["lint", "extension", "--format", "json"];
    let ran = world.stays(world.command(as_nobody(), args), args, 1, &[]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(json["summary"]["unreadable"].as_u64().unwrap() >= 6, "{ran}");
    let told = world.stays(world.command(as_nobody(), &["lint", "extension"]), &["lint"], 1, &[]);
    for name in ["secret.php", "cut.db", "crypted.sqlite", "broken.php", "broken.sql", "closed"] {
        assert!(ran.stdout.contains(name), "{name}\n{ran}");
        assert!(told.stdout.contains(name), "{name}\n{told}");
    }
    fs::set_permissions(world.path("extension/closed"), fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn bytes_that_are_no_utf_8() {
    let world = extension();
    world.cli.file(
        "extension/latin.php",
        b"<?php\n// \xe9\xff\n$db->exec('CREATE TABLE caf\xe9 (domain_id INT, n\xe4me TEXT)');\n$x = \"\xff{$y}\";\n",
    );
    world.cli.file("extension/latin.sql", b"-- \xe9\nCREATE TABLE \"t\xff\" (\"domain_id\" INT, \"\xe4\" TEXT DEFAULT '\xfe');\n");
    world.cli.file("extension/utf16.php", b"\xff\xfe<\0?\0p\0h\0p\0 \0e\0c\0h\0o\0 \x001\0;\0");
    world.cli.file("extension/nul.sql", b"CREATE TABLE a\0b (domain_id INT);\0\0\0");
    let odd = world.path("extension").join(std::ffi::OsStr::from_bytes(b"caf\xe9.php"));
    fs::write(odd, "<?php echo 1;").unwrap();
    read_all_the_same(&world, &["caf"]);
}

#[test]
fn what_is_nested_deeply() {
    // The longest of them stay below the limit of 4 MB for one file.
    const DEPTH: usize = 100_000;
    const FEWER: usize = 25_000;
    let nest = |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(DEPTH), close.repeat(DEPTH));
    let php = [
        nest("(", "1", ")"),
        nest("[", "1", "]"),
        nest("{", "", "}"),
        nest("if (1) {", "", "}"),
        format!("{}1{}", "function () { return ".repeat(FEWER), ";}".repeat(FEWER)),
        nest("!", "1", ""),
        nest("$a->b(", "1", ")"),
        nest("-", "1", ""),
        nest("$a = ", "1", ""),
        nest("$a ? ", "1", " : 2"),
        nest("1 . ", "1", ""),
        format!("$a{}", "->b()".repeat(DEPTH)),
        format!("$a{}", "[0]".repeat(DEPTH)),
        format!("{}1{}", "new class { function f() { return ".repeat(FEWER), ";}}".repeat(FEWER)),
        nest("fn() => ", "1", ""),
        nest("match(1) { 1 => ", "1", "}"),
        nest("\"{$a[", "1", "]}\""),
        nest("if (1) ; else ", ";", ""),
        nest("(int) ", "1", ""),
        nest("?? $a ", "", ""),
    ];
    let sql = [
        format!("CREATE TABLE deep (domain_id INT DEFAULT {});", nest("(", "1", ")")),
        format!("CREATE TABLE deep (domain_id INT CHECK {});", nest("(", "1", ")")),
        format!("CREATE TABLE deep AS {};", nest("SELECT * FROM (", "SELECT 1 AS domain_id", ")")),
        format!("INSERT INTO deep (domain_id) VALUES ({});", nest("(", "1", ")")),
        format!("SELECT {};", nest("CASE WHEN 1 THEN ", "1", " END")),
        format!("SELECT {}1;", "NOT ".repeat(DEPTH)),
        format!("SELECT 1{};", " + 1".repeat(DEPTH)),
        format!("SELECT 1{};", " UNION SELECT 1".repeat(DEPTH)),
        nest("/*", "", "*/"),
        nest("(", "", ""),
    ];
    let world = extension();
    for (i, code) in php.iter().enumerate() {
        world.cli.file(&format!("extension/deep{i}.php"), format!("<?php\n$x = {code};\n{code};\n"));
    }
    let text = format!("<?php\n$db->exec(\"CREATE TABLE t (domain_id INT DEFAULT {})\");", "(".repeat(DEPTH));
    world.cli.file("extension/text.php", text);
    for (i, code) in sql.iter().enumerate() {
        world.cli.file(&format!("extension/deep{i}.sql"), format!("{code}\n"));
    }
    world.cli.file("extension/deep.xml", nest("<a>", "", "</a>"));
    read_all_the_same(&world, &[]);
    world.cli.file("extension/meta.xml", format!("<module><id>x</id>{}</module>", nest("<a>", "", "</a>")));
    let ran = world.run(&["lint", "extension"]);
    crate::world::sound(&["lint"], &ran);
}

#[test]
fn declarations_that_are_all_broken() {
    let world = extension();
    world.cli.file("extension/broken.sql", "CREATE TABLE t (domain_id INT,,);".repeat(20_000));
    read_all_the_same(&world, &["broken.sql", "SQLite says", "and 19000 more errors"]);
}

#[test]
fn texts_that_are_made_of_each_other() {
    let world = extension();
    // Each text holds all that come before it.
    let grown = "$s .= ' AND a = ' . $id; $db->query($s);\n".repeat(1_500);
    world.cli.file("extension/grown.php", format!("<?php\nfunction f($db, $id) {{ $s = 'SELECT a FROM t WHERE 1';\n{grown}}}\n"));
    let quoted = "'SELECT a FROM t WHERE ' . $s".to_owned() + &" . $s".repeat(2_000);
    let repeated = format!("$db->query({quoted});\n").repeat(40);
    let long = format!("$s = '{}';", "a = 1 AND ".repeat(1_000));
    world.cli.file("extension/repeated.php", format!("<?php\nfunction f($db) {{ {long}\n{repeated}}}\n"));
    read_all_the_same(&world, &["grown.php", "repeated.php", "too many parts"]);
}

#[test]
fn names_that_are_made_of_each_other() {
    let world = extension();
    // Each variable holds sixty times the one before it: written out, the last name would have 60¹³ parts.
    let lines: String = (1..14).map(|i| format!("$v{i} = {};\n", vec![format!("$v{}", i - 1); 60].join(" . "))).collect();
    world.cli.file("extension/plib/names.php", format!("<?php\n$v0 = pm_Settings::get('q');\n{lines}pm_Settings::set($v13, 1);\n"));
    // Each has as many origins as there are lines.
    let lines: String =
        (0..600).map(|i| format!("$w0 = 't{i}'; $w1 = $w0; $w2 = [$w1]; $w3 = $w2[0]; pm_Settings::set($w3, 1);\n")).collect();
    world.cli.file("extension/plib/origins.php", format!("<?php\n{lines}"));
    read_all_the_same(&world, &[]);
}

#[test]
fn methods_that_are_not_there_and_are_named_in_other_letters() {
    let world = extension();
    world.cli.file(
        "extension/plib/magic.php",
        "<?php\nclass Magic { private $data = []; function __call($n, $a) { $n = lcfirst($n); $this->data[$n] = $a[0]; } }\n\
         $x = new Magic(); $x->setÄpfel(pm_Session::getClient()->getId()); $x->getÖl(); $x->set(1); $x->sé();\n",
    );
    read_all_the_same(&world, &[]);
}

#[test]
fn packages_that_are_broken() {
    let world = extension();
    let database = world.bytes("var/data.db");
    let good = zip(&[("meta.xml", b"<module><id>x</id></module>"), ("a.php", GOOD.as_bytes()), ("var/data.db", &database)]);
    for end in (0..good.len()).step_by(good.len() / 20) {
        world.cli.file("p.zip", &good[..end]);
        world.refused(&["lint", "p.zip"], &["p.zip"]);
        world.refused(&["references", "p.zip"], &["p.zip"]);
    }
    world.cli.file(
        "p.zip",
        zip(&[
            ("meta.xml", b"<module><id>x</id></module>"),
            ("a.php", GOOD.as_bytes()),
            ("cut.db", &database[..8000]),
            ("../../evil.php", GOOD.as_bytes()),
        ]),
    );
    world.stays(world.command(&[], &["lint", "p.zip"]), &["lint"], 1, &["domain_id", "cut.db", "evil.php"]);
    world.refused(&["references", "p.zip", "--write"], &["p.zip", "no folder"]);
    for (i, _) in good.iter().enumerate().step_by(97) {
        let mut bytes = good.clone();
        bytes[i] ^= 0xff;
        world.cli.file("p.zip", &bytes);
        let ran = world.run(&["lint", "p.zip"]);
        crate::world::sound(&["lint"], &ran);
        assert!((0..=2).contains(&ran.code), "{ran}");
    }
}

#[test]
fn a_loop_without_a_body_ends_with_its_file() {
    let world = extension();
    world.cli.file("extension/plib/a.php", "<?php foreach ($rows as $row) {}").file("extension/plib/b.php", "<?php $x;");
    read_all_the_same(&world, &[]);
}
