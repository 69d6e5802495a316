//! `reguid references` over the real command line.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use support::cli::Cli;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";
const DDL: &str = "CREATE TABLE jobs (\n    id INTEGER PRIMARY KEY,\n    domain_id INTEGER NOT NULL,\n    client_id INTEGER\n);\n";
const PHP: &str = "<?php
class Modules_Sample_Jobs
{
    public function add(PDO $db, pm_Domain $domain, pm_Client $client)
    {
        $statement = $db->prepare('INSERT INTO jobs (domain_id, client_id) VALUES (?, ?)');
        $statement->execute([$domain->getId(), $client->getId()]);
    }
}
";

fn sample() -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/schema.sql", DDL).file("ext/plib/library/Jobs.php", PHP);
    cli
}

#[test]
fn where_nothing_is_found_nothing_is_written() {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/a.php", "<?php\n");
    let ran = cli.run(&["references", "--write", "ext"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "no references found; ext/reguid.toml was not written\n"));
    assert!(!cli.root().join("ext/reguid.toml").exists());
}

#[test]
fn a_folder_in_an_extension_is_a_part_of_it() {
    let cli = sample();
    let whole = cli.run(&["references", "ext"]);
    assert_eq!(cli.run(&["references", "ext/plib/library"]).stdout, whole.stdout);
    let ran = cli.run(&["references", "--write", "ext/plib"]);
    assert!(ran.code == 0 && ran.stdout.starts_with("ext/reguid.toml: 2 added"), "{ran}");
    assert!(!cli.root().join("ext/plib/reguid.toml").exists());
}

#[test]
fn written_entries_are_merged_once_and_silence_lint() {
    let cli = sample();
    let mine = "# mine\n[lint]\nfail-on = \"warning\" # as agreed\n\n[[reference]]\ndatabase = \"data.db\"   # odd\ntable = 'jobs'\ncolumn = 'client_id'\nkind = 'client'\non-missing = 'null'\n";
    cli.file("ext/reguid.toml", mine);
    let ran = cli.run(&["references", "--write", "ext"]);
    assert!(ran.code == 0 && ran.stdout.contains("1 added, 1 there already"), "{ran}");
    let written = cli.read("ext/reguid.toml");
    assert!(written.starts_with(mine), "{written}");
    assert!(cli.run(&["references", "--write", "ext"]).stdout.contains("it was not changed"));
    assert_eq!(cli.read("ext/reguid.toml"), written);
    assert_eq!(cli.run(&["lint", "ext"]).code, 0);
}

#[test]
fn what_is_printed_is_a_manifest() {
    let cli = sample();
    let printed = cli.run(&["references", "ext"]).stdout;
    let manifest = reguid::reference::manifest::Manifest::parse("reguid.toml".into(), &printed).unwrap();
    assert_eq!(manifest.references.len(), 2);
    assert!(!cli.root().join("ext/reguid.toml").exists());
}

/// `35` is the text "5" in hexadecimal, and the id of another object to who reads it as a number.
#[test]
fn ids_with_other_digits_than_their_own_are_never_declared() {
    let code = r#"<?php
class Modules_Sample_Codes
{
    private static function code($what)
    {
        return bin2hex($what);
    }

    public static function keep(pm_Domain $domain)
    {
        $id = $domain->getId();
        pm_Settings::set('plain', $id);
        pm_Settings::set('hex', bin2hex($id));
        pm_Settings::set('helped', self::code($id));
        pm_Settings::set('cut', json_encode(['of' => substr($id, 0, 2)]));
        pm_Settings::set('text', 'site ' . str_pad($id, 6, '0'));
        pm_Settings::set('format', sprintf('site %x', $id));
        pm_Settings::set('name-' . dechex($id), 'yes');
        pm_Settings::set(sprintf('format-%o', $id), 'yes');
        touch(pm_Context::getVarDir() . 'flags/' . base_convert($id, 10, 36));
    }

    public static function read()
    {
        return [
            new pm_Domain(hexdec(pm_Settings::get('read'))),
            new pm_Domain(substr(pm_Settings::get('read-text'), 5)),
            new pm_Domain(pm_Settings::get('read-plain')),
        ];
    }
}
"#;
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/library/Codes.php", code);
    let printed = cli.run(&["references", "ext"]).stdout;
    let (entries, others): (Vec<&str>, Vec<&str>) = printed.lines().partition(|line| !line.starts_with("# no entry"));
    let declared: Vec<&str> = entries.into_iter().filter(|line| line.contains(" = \"") && !line.starts_with("kind")).collect();
    assert_eq!(declared, ["setting = \"plain\"", "setting = \"read-plain\""], "{printed}");
    assert_eq!(others.len(), 10, "{printed}");
    let found = cli.run(&["lint", "--format", "concise", "ext"]).stdout;
    assert_eq!(found.matches("error[").count(), 12, "they are found all the same: {found}");
    assert_eq!(found.matches("(--fix mends it)").count(), 2, "{found}");
}

/// Each of these was declared once, and was no id, or one of another kind.
#[test]
fn what_only_looks_alike_is_not_declared() {
    let listener = r#"<?php
class Modules_Sample_Listener implements EventListener
{
    public function handleEvent($objectType, $objectId, $action, $oldValues, $newValues)
    {
        if ($objectType === 'domain') {
            pm_Settings::set('site', $objectId);
        } elseif ($objectType === 'client') {
            pm_Settings::set('owner', $objectId);
        } else {
            pm_Settings::set('neither', $objectId);
        }
        if ($action === 'domain_delete') {
            return;
        }
        pm_Settings::set('any-other-action', $objectId);
        if ($action === 'client_create') {
            pm_Settings::set('greeted', 'yes');
        }
    }
}
"#;
    let others = r#"<?php
class Modules_Sample_Others
{
    private $cache = array();
    private $db;

    public function __construct()
    {
        $this->db = new PDO('sqlite:' . pm_Context::getVarDir() . 'sample.db');
        $this->db->exec('CREATE TABLE t1 (note TEXT, num INT)');
    }

    public function views(pm_Domain $domain)
    {
        $this->cache[$domain->getId()] = 1;
        foreach (array('all', 'new') as $view) {
            if (isset($this->cache[$view])) {
                pm_Settings::set('view', $view);
            }
        }
        $free = 1;
        while (isset($this->cache[$free])) {
            $free++;
        }
        pm_Settings::set('free', $free);
        $coded = dechex($domain->getId());
        $asked = $_POST['asked'];
        if ($asked === $coded) {
            pm_Settings::set('compared', $asked);
        }
        pm_Settings::set('kept', $coded);
        pm_Settings::set('copied', pm_Settings::get('kept'));
        pm_Settings::set('mapped', implode(',', array_map('dechex', array($domain->getId()))));
        pm_Settings::set('filled', sprintf("%'18d", $domain->getId()));
        $this->run('INSERT INTO t1 (note, num) VALUES (%5s, %s)', array($domain->getId(), 7));
        $packed = gzopen(pm_Context::getVarDir() . 'packed.gz', 'w');
        gzwrite($packed, $domain->getId());
    }

    private function run($format, array $values)
    {
        $this->db->exec(vsprintf($format, array_map(array($this->db, 'quote'), $values)));
    }

    public function answers()
    {
        $answer = pm_ApiRpc::getService()->call('<packet><site><get/></site><customer><get/></customer></packet>');
        pm_Settings::set('customer', (string) $answer->customer->get->result->id);
        foreach ($answer->xpath('//result') as $result) {
            pm_Settings::set('whose', (string) $result->id);
        }
    }
}
"#;
    let cli = Cli::new();
    cli.file("ext/meta.xml", META)
        .file("ext/plib/library/Listener.php", listener)
        .file("ext/plib/library/Others.php", others)
        .file(
            "ext/plib/scripts/site.php",
            "<?php\n$id = pm_Session::getCurrentDomain()->getId();\nfunction tell() { global $id; return 1; }\n",
        )
        .file("ext/plib/scripts/after.php", "<?php\ninclude 'site.php';\n$id = 5;\npm_Settings::set('after', $id);\n")
        .file(
            "ext/plib/scripts/done.php",
            "<?php\nforeach (pm_Domain::getAllDomains() as $d) { $value = $d->getId(); echo $value; }\n$value = 'done';\n",
        )
        .file("ext/plib/scripts/says.php", "<?php\ninclude 'done.php';\npm_Settings::set('says', $value);\n")
        .file(
            "ext/plib/scripts/own.php",
            "<?php\n$id = 'en-US';\nfunction language() { global $id; pm_Settings::set('language', $id); }\n",
        );
    let printed = cli.run(&["references", "ext"]).stdout;
    let declared: Vec<&str> = printed.lines().filter(|l| l.contains(" = \"") && !l.starts_with('#')).collect();
    assert_eq!(
        declared,
        [
            "setting = \"customer\"",
            "kind = \"client\"",
            "setting = \"owner\"",
            "kind = \"client\"",
            "setting = \"site\"",
            "kind = \"domain\""
        ],
        "{printed}"
    );
}

/// What lint proves about the shape of values goes into the manifest, so that `fix` rewrites them: base64 around JSON, texts with ids in them, lists.
#[test]
fn a_manifest_that_lint_wrote_mends_values_of_every_shape() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let text = |path: &str| std::fs::read_to_string(corpus.join(path)).unwrap();
    let cli = Cli::new();
    for file in ["meta.xml", "plib/library/Hold.php"] {
        cli.file(&format!("ext/{file}"), text(&format!("stowage/extension/{file}")));
    }
    for state in ["before", "after"] {
        cli.file(&format!("{state}.sql"), text(&format!("panel/{state}.dump.sql")));
    }
    let ran = cli.run(&["references", "--write", "ext"]);
    assert_eq!(ran.code, 0, "{ran}");
    let written = cli.read("ext/reguid.toml");
    for lines in [
        "column = \"token\"\npath = \"$.site\"\nbase64 = true\nkind = \"domain\"\n",
        "column = \"name\"\npattern = \"status-{domain}\"\n",
        "column = \"url\"\npattern = \"/smb/web/overview/id/{domain}?client_id={client}\"\n",
        "column = \"sites\"\nseparator = \",\"\nkind = \"domain\"\n",
    ] {
        assert_eq!(written.matches(lines).count(), 1, "{lines}: {written}");
    }
    cli.file("var/.keep", "");
    let path = cli.root().join("var/stowage.sqlite3");
    let database = reguid::sqlite::Connection::open(&path).unwrap();
    database
        .execute_batch(
            r#"CREATE TABLE jobs(id INTEGER PRIMARY KEY, payload TEXT NOT NULL);
               CREATE TABLE prefs(name TEXT PRIMARY KEY, value TEXT NOT NULL);
               CREATE TABLE tokens(id INTEGER PRIMARY KEY, token TEXT NOT NULL);
               CREATE TABLE crews(crew TEXT PRIMARY KEY, sites TEXT NOT NULL);
               CREATE TABLE links(title TEXT PRIMARY KEY, url TEXT NOT NULL);
               INSERT INTO jobs(payload) VALUES ('{"domainId":5,"owner":{"id":"3"},"port":5}');
               INSERT INTO prefs VALUES ('status-5', 'a:1:{s:4:"site";i:5;}'), ('status-7', 'a:1:{s:4:"site";i:7;}');
               INSERT INTO tokens(token) VALUES ('eyJzaXRlIjo1LCJhdCI6NX0=');
               INSERT INTO crews VALUES ('a', '5,7,11'), ('b', '7');
               INSERT INTO links VALUES ('t', '/smb/web/overview/id/7?client_id=3'), ('5', 'https://example.com/5')"#,
        )
        .unwrap();
    let ran = cli.run(&["fix", "var", "--manifest", "ext/reguid.toml", "--old", "before.sql", "--new", "after.sql"]);
    assert_eq!(ran.code, 0, "{ran}");
    let one = |sql: &str| {
        let mut query = database.prepare(sql).unwrap();
        query.query_map([], |r| r.get(0)).unwrap().collect::<Result<Vec<String>, _>>().unwrap()
    };
    assert_eq!(one("SELECT payload FROM jobs"), [r#"{"domainId":7,"owner":{"id":"2"},"port":5}"#]);
    assert_eq!(
        one("SELECT name || value FROM prefs ORDER BY name"),
        [r#"status-5a:1:{s:4:"site";i:5;}"#, r#"status-7a:1:{s:4:"site";i:7;}"#]
    );
    assert_eq!(one("SELECT token FROM tokens"), ["eyJzaXRlIjo3LCJhdCI6NX0="]);
    assert_eq!(one("SELECT sites FROM crews ORDER BY crew"), ["7,5,11", "5"]);
    assert_eq!(one("SELECT url FROM links ORDER BY title"), ["https://example.com/5", "/smb/web/overview/id/5?client_id=2"]);
}

#[test]
fn texts_whose_shape_is_not_known_are_named_apart() {
    let cli = Cli::new();
    let php = "<?php
class Modules_Sample_Notes
{
    public function keep(pm_Domain $domain, $old)
    {
        if ($old) {
            pm_Settings::set('last', 'd:' . $domain->getId());
        } else {
            pm_Settings::set('last', 'site ' . $domain->getId());
        }
        pm_Settings::set('odd', 'x{' . $domain->getId());
        pm_Settings::set('packed', base64_encode(serialize(['site' => $domain->getId()])));
        pm_Settings::set('route', \"{$domain->getClient()->getId()}_{$domain->getId()}\");
        file_put_contents(pm_Context::getVarDir() . 'log.txt', 'site ' . $domain->getId() . \"\\n\");
    }
}
";
    cli.file("ext/meta.xml", META).file("ext/plib/library/Notes.php", php);
    let ran = cli.run(&["references", "ext"]);
    for told in [
        "setting = \"packed\"\npath = \"$.site\"\nbase64 = true\n",
        "setting = \"route\"\npattern = \"{client}_{domain}\"\n",
        "file = \"log.txt\"\npattern = \"site {domain}\"\n",
    ] {
        assert!(ran.stdout.contains(told), "{told}: {ran}");
    }
    let all = ran.to_string();
    assert!(all.contains("setting:last: it is written in several ways, `d:{domain}` and `site {domain}`"), "{ran}");
    assert!(all.contains("setting:odd: the id is a part of a text whose shape the code does not show"), "{ran}");
    assert!(!ran.stdout.contains("\"last\"") && !ran.stdout.contains("\"odd\""), "{ran}");
}
