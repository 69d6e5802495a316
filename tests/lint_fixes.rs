//! Fixes: what they mend is gone, nothing new comes, files still parse, and a second time there is nothing to do.

// A helper of a test may stop the test, as the test itself may.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use camino::Utf8Path;
use reguid::extension::package;
use reguid::lint::fix::{Safety, Which, converge};
use reguid::lint::load::{Reading, lint_package};
use reguid::lint::{Linted, Settings, Severity, page};
use reguid::reference::Confidence;
use support::cli::Cli;

const META: &str =
    "<?xml version=\"1.0\"?>\n<module><id>sample</id><name>Sample</name><version>1.0</version><release>1</release></module>\n";
const DDL: &str = "CREATE TABLE jobs (\n    id INTEGER PRIMARY KEY,\n    domain_id INTEGER NOT NULL\n);\n";

fn settings() -> Settings {
    Settings { min_confidence: Some(Confidence::Possible), fixes: true, ..Settings::default() }
}

/// Findings of one rule that say the same of one file: how many are graver than a note, and how many of these a program may mend.
#[derive(Default, Clone, Copy)]
struct Group {
    all: usize,
    grave: usize,
    fixable: usize,
}

fn groups(linted: &Linted, unsafe_too: bool) -> BTreeMap<String, Group> {
    let fits = |safety: Safety| safety == Safety::Safe || unsafe_too && safety == Safety::Unsafe;
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for finding in linted.findings.iter().filter(|f| f.counts()) {
        let path = finding.locations.first().map_or("", |l| linted.extension.file(l.span.file).path.as_str());
        let about = finding.place.as_ref().map_or_else(|| finding.message.clone(), ToString::to_string);
        let group = groups.entry(format!("{} {path} {about}", finding.rule)).or_default();
        group.all += 1;
        group.grave += usize::from(finding.severity > Severity::Note);
        group.fixable += usize::from(linted.fixes(finding).iter().any(|fix| fits(fix.safety)));
    }
    groups
}

/// Mends the extension at `root` in memory and checks the oracle; how many fixes that were.
fn oracle(root: &Path, unsafe_too: bool) -> usize {
    let root = Utf8Path::from_path(root).unwrap();
    let name = format!("{root} {unsafe_too}");
    let reading = Reading { jobs: 1, ..Reading::default() };
    let mut lint = |package: &package::Package| lint_package(package, reading, &settings());
    let before = lint(&package::find(root).unwrap()).unwrap();
    let mut mended = package::find(root).unwrap();
    let done = converge(&mut mended, Which { unsafe_too }, &mut lint).unwrap();
    let (was, is) = (groups(&before, unsafe_too), groups(&done.linted, unsafe_too));
    for (about, now) in &is {
        let known = was.get(about).unwrap_or_else(|| panic!("{name}: new: {about}"));
        assert!(now.all <= known.all && now.grave <= known.grave, "{name}: {about}");
        let spared = done.spared.iter().any(|path| about.contains(path.as_str()));
        assert!(now.fixable == 0 || unsafe_too && spared, "{name}: {about} is left to mend");
    }
    for (about, known) in was.iter().filter(|(_, g)| g.fixable > 0) {
        let now = is.get(about).copied().unwrap_or_default();
        // Gone, or settled: a declared place stays as a note.
        let noted = known.all - known.grave;
        let spared = if done.spared.iter().any(|path| about.contains(path.as_str())) { now.fixable } else { 0 };
        assert!(now.grave + known.fixable <= known.grave + noted + spared, "{name}: {about} was mended and is still there");
    }
    assert_eq!(done.linted.extension.unreadable, before.extension.unreadable, "{name}: files parse as before");
    let again = converge(&mut mended, Which { unsafe_too }, &mut lint).unwrap();
    assert_eq!((again.applied, again.changed.len()), (0, 0), "{name}: a second time there is nothing to do");
    for (path, file) in done.changed.iter().filter(|(path, _)| path.extension() == Some("php")) {
        parses_as_php(&file.after, &format!("{name} {path}"));
    }
    done.applied
}

fn parses_as_php(bytes: &[u8], name: &str) {
    let mut php = Command::new("php").arg("-l").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut php.stdin.take().unwrap(), bytes).unwrap();
    let output = php.wait_with_output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stdout));
}

/// Every sample of the corpus, with safe fixes and with all.
#[test]
fn the_oracle_holds_on_every_sample() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut applied = 0;
    for sample in std::fs::read_dir(corpus).unwrap() {
        let extension = sample.unwrap().path().join("extension");
        if extension.is_dir() {
            applied += oracle(&extension, false) + oracle(&extension, true);
        }
    }
    assert!(applied > 50, "{applied}");
}

/// Every example of every rule's page.
#[test]
fn the_oracle_holds_on_every_example() {
    let mut applied = 0;
    for page in page::all() {
        for example in page.examples() {
            let file = match example.language.as_str() {
                "php" => "plib/library/Example.php",
                "sql" => "plib/schema.sql",
                _ => continue,
            };
            let cli = Cli::new();
            cli.file("meta.xml", META).file(file, &example.code);
            applied += oracle(cli.root(), false) + oracle(cli.root(), true);
        }
    }
    assert!(applied > 10, "{applied}");
}

const CROWDED: &str = "<?php
// reguid: ignore[raw-id-column, raw-id-in-file, raw-id-hashed] gone
// reguid: ignore[raw-id-colum] misspelt
$a = 1; // reguid: expect[raw-id-in-task] gone
/* reguid: ignore[raw-id-in-session] gone */ $b = 2;
/**
 * reguid: ignore[raw-id-encrypted] gone
 */
function f() {}
$sql = \"SELECT 1 -- reguid: ignore[raw-id-column] in a string\";
";

#[test]
fn the_oracle_holds_on_crowded_suppressions() {
    let cli = Cli::new();
    cli.file("meta.xml", META).file("plib/a.php", CROWDED).file("plib/dos.php", CROWDED.replace('\n', "\r\n"));
    cli.file(
        "reguid.toml",
        "[[lint.ignore]]\nrule = 'raw-id-in-file'\nreason = 'gone'\n[[lint.ignore]]\nrule = 'raw-id-in-task'\nreason = 'gone'\n",
    );
    assert!(oracle(cli.root(), false) >= 10);
    assert!(oracle(cli.root(), true) >= 12);
}

/// Backup hooks that are declared wrongly, each as a method of one of the panel's classes.
const HOOKS: &[(&str, &str)] = &[
    ("Domain", "public function restore(pm_Domain $domain, $idMapping, $pleskVersion, $extVersion, $config, $contentDir) { }"),
    ("Domain", "public function restore(pm_Domain $domain, $idMapping, $config) { f($idMapping, $config); }"),
    ("Domain", "public function restore(pm_Domain $domain, $pleskVersion, $extVersion, $contentDir, $config) { f($config); }"),
    ("Domain", "public static function backup(pm_Domain $domain) { return ['', [], []]; }"),
    ("Domain", "protected function backup(int $id) { return ['', [], []]; }"),
    ("Domain", "public function backup(pm_Client $client) { return [$client->getLogin(), [], []]; }"),
    ("Domain", "public function postBackup() { }"),
    ("Client", "public function restore(\n        pm_Client $client,\n        $config\n    ) { f($client); }"),
    ("Client", "public function restore(pm_Client $client, $a, $b, $c, $d, $e) { f($e); }"),
    ("Client", "public function restore(pm_Client $client, /* what backup() gave */ $config) { f($config); }"),
    ("Server", "private static function restore($id_mapping, $config) { f($config); }"),
    ("Server", "public function postBackup($domain) { f($domain); }"),
];

/// What the panel's classes declare.
const PANEL: &str = "class pm_Domain {} class pm_Client {}
abstract class pm_Hook_Backup_Domain {
    public function backup(pm_Domain $domain) { }
    public function restore(pm_Domain $domain, $pleskVersion, $extVersion, $config, $contentDir) { }
    public function postBackup(pm_Domain $domain) { }
}
abstract class pm_Hook_Backup_Client {
    public function backup(pm_Client $client) { }
    public function restore(pm_Client $client, $pleskVersion, $extVersion, $config, $contentDir) { }
    public function postBackup(pm_Client $client) { }
}
abstract class pm_Hook_Backup_Server {
    public function backup() { }
    public function restore($pleskVersion, $extVersion, $config, $contentDir) { }
    public function postBackup() { }
}
";

/// PHP is the judge: it refuses each class as it is, and takes it with the fix.
#[test]
fn hooks_are_declared_so_that_php_takes_them() {
    let refused = |code: &str| {
        let code = format!("{PANEL}{}", code.trim_start_matches("<?php\n"));
        let output = Command::new("php").args(["-d", "display_errors=1", "-r", &code]).output().unwrap();
        (!output.status.success() || !output.stdout.is_empty()).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let mut mended = 0;
    for (panel, method) in HOOKS {
        let code = format!("<?php\nclass Modules_Sample_Backup_{panel} extends pm_Hook_Backup_{panel}\n{{\n    {method}\n}}\n");
        // Values that are in another's place are no matter to PHP.
        assert!(refused(&code).is_some() || method.contains("$contentDir, $config)"), "{code}");
        let cli = Cli::new();
        let path = format!("plib/hooks/Backup/{panel}.php");
        cli.file("meta.xml", META).file(&path, &code);
        let (safe, all) = (oracle(cli.root(), false), oracle(cli.root(), true));
        let mut package = package::find(Utf8Path::from_path(cli.root()).unwrap()).unwrap();
        let mut lint = |package: &package::Package| lint_package(package, Reading::default(), &settings());
        let done = converge(&mut package, Which { unsafe_too: true }, &mut lint).unwrap();
        let Some(file) = done.changed.get(Utf8Path::new(&path)) else {
            assert_eq!((safe, all), (0, 0), "{code}");
            continue;
        };
        mended += 1;
        let after = String::from_utf8(file.after.clone()).unwrap();
        assert_eq!(refused(&after), None, "{after}");
        assert!(done.linted.findings.iter().all(|f| f.rule != "hook-wrong-signature"), "{after}");
    }
    assert_eq!(mended, HOOKS.len() - 2, "two are left to a person");
}

fn sample() -> Cli {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/schema.sql", format!("-- reguid: ignore[raw-id-in-file] gone\n{DDL}"));
    cli.file(
        "ext/plib/a.php",
        "<?php function f(PDO $db, pm_Domain $d) { $db->prepare('INSERT INTO jobs (domain_id) VALUES (?)')->execute([$d->getId()]); }\n",
    );
    cli
}

#[test]
fn fix_writes_and_reports_what_is_left() {
    let cli = sample();
    let ran = cli.run(&["lint", "ext", "--fix"]);
    assert!(ran.code == 0 && ran.stdout.contains("2 mended in ext/plib/schema.sql, ext/reguid.toml"), "{ran}");
    assert_eq!(cli.read("ext/plib/schema.sql"), DDL);
    assert!(cli.read("ext/reguid.toml").contains("column = \"domain_id\""));
    let ran = cli.run(&["lint", "ext", "--fix"]);
    assert!(ran.code == 0 && !ran.stdout.contains("mended"), "{ran}");
}

/// git is the reader of the diff: applied, it gives what `--fix` writes.
#[test]
fn diff_is_what_fix_would_write() {
    let (shown, written) = (sample(), sample());
    let diff = shown.run(&["lint", "ext", "--diff"]);
    assert_eq!(diff.code, 1);
    assert!(!shown.root().join("ext/reguid.toml").exists());
    written.run(&["lint", "ext", "--fix"]);
    shown.file("fix.diff", &diff.stdout);
    let applied = Command::new("git").args(["apply", "fix.diff"]).current_dir(shown.root()).output().unwrap();
    assert!(applied.status.success(), "{} {diff}", String::from_utf8_lossy(&applied.stderr));
    for file in ["ext/reguid.toml", "ext/plib/schema.sql", "ext/plib/a.php"] {
        assert_eq!(shown.read(file), written.read(file), "{file}");
    }
    let ran = shown.run(&["lint", "ext", "--diff"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
}

#[test]
fn what_is_only_likely_or_a_guess_is_mended_when_asked_for() {
    let cli = Cli::new();
    cli.file("ext/meta.xml", META).file("ext/plib/a.php", "<?php\n// reguid: ignore[raw-id-colum] a cache\n$a = 1;\n");
    assert!(cli.run(&["lint", "ext", "--fix"]).stdout.contains("bad-suppression"));
    assert_eq!(cli.run(&["lint", "ext", "--fix", "--unsafe-fixes"]).code, 0);
    assert_eq!(cli.read("ext/plib/a.php"), "<?php\n$a = 1;\n", "corrected, and then it suppresses nothing");
}

#[test]
fn thousands_of_fixes_take_no_time() {
    let cli = Cli::new();
    let text = "-- reguid: ignore[raw-id-in-file] gone\nSELECT 1;\n".repeat(5_000)
        + &"-- reguid: ignore[raw-id-colum] gone\nSELECT 2;\n".repeat(5_000);
    cli.file("ext/meta.xml", META).file("ext/plib/a.sql", text);
    let started = std::time::Instant::now();
    cli.run(&["lint", "ext", "--fix", "--unsafe-fixes", "--format", "json"]);
    assert_eq!(cli.read("ext/plib/a.sql"), "SELECT 1;\n".repeat(5_000) + &"SELECT 2;\n".repeat(5_000));
    // Comparing each with each takes minutes in a debug build.
    assert!(started.elapsed().as_secs() < 90, "{:?}", started.elapsed());
}

#[test]
fn packages_cannot_be_mended_and_files_can() {
    let cli = Cli::new();
    cli.file("a.sql", "-- reguid: ignore[raw-id-in-file] gone\nSELECT 1;\n");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(cli.root().join("ext.zip")).unwrap());
    for (name, text) in [("meta.xml", META), ("plib/schema.sql", &cli.read("a.sql"))] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let ran = cli.run(&["lint", "ext.zip", "--fix"]);
    assert!(ran.code == 2 && ran.stderr.contains("is no folder"), "{ran}");
    assert!(!cli.run(&["lint", "ext.zip"]).stdout.contains("--fix"), "what cannot be done is not offered");
    // A file alone can.
    assert_eq!(cli.run(&["lint", "a.sql", "--fix"]).code, 0);
    assert_eq!(cli.read("a.sql"), "SELECT 1;\n");
}

/// The patch that is shown for a column, run as it stands by PHP over a real database.
#[test]
fn the_patch_that_is_shown_does_what_it_says() {
    let cli = sample();
    let report: serde_json::Value = serde_json::from_str(&cli.run(&["lint", "ext", "--format", "json"]).stdout).unwrap();
    let column = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "raw-id-column").unwrap();
    let shown = column["fixes"].as_array().unwrap().iter().find(|f| f["safety"] == "display-only").unwrap();
    let text = shown["text"].as_str().unwrap();
    let (sql, php) = text.split_once("\n\n").unwrap();
    let script = format!(
        "<?php
class pm_Domain {{
    private $id;
    function __construct($id) {{ if ($id == 9) {{ throw new Exception('gone'); }} $this->id = (int) $id; }}
    function getId() {{ return $this->id; }}
    function getGuid() {{ return 'guid-' . $this->id; }}
    static function getByGuid($guid) {{ return new self(substr($guid, 5)); }}
}}
$db = new PDO('sqlite::memory:');
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$db->exec({ddl});
$db->exec('INSERT INTO jobs (domain_id) VALUES (5), (7), (5), (9)');
$db->exec({sql});
$object = new pm_Domain(5);
{php}
echo json_encode([$db->query('SELECT domain_guid FROM jobs ORDER BY id')->fetchAll(PDO::FETCH_COLUMN), $object->getId()]);
",
        ddl = format_args!("'{}'", DDL.replace('\n', " ")),
        sql = format_args!("'{}'", sql.lines().filter(|l| !l.starts_with("--")).collect::<String>()),
    );
    cli.file("patch.php", script);
    let output = Command::new("php").arg("patch.php").current_dir(cli.root()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed, r#"[["guid-5","guid-7","guid-5",null],5]"#, "{text}\n{}", String::from_utf8_lossy(&output.stderr));
}
