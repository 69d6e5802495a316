use super::*;

/// The problems of a manifest, each as `line:column message`.
fn problems(text: &str) -> Vec<String> {
    let names = [("raw-id-column", "raw-id-column"), ("RG001", "raw-id-column")];
    let Err(ManifestError::Wrong { problems, .. }) = Manifest::from_bytes("reguid.toml".into(), text.into(), Some(&names)) else {
        return Vec::new();
    };
    let position = |offset: usize| {
        let before = &text[..offset];
        (before.matches('\n').count() + 1, before.len() - before.rfind('\n').map_or(0, |i| i + 1) + 1)
    };
    problems
        .iter()
        .map(|p| {
            let (line, column) = position(p.span.start);
            format!("{line}:{column} {}", p.message)
        })
        .collect()
}

const GOOD: &str = r#"
[lint]
fail-on = "error"
exclude = ["plib/vendor/**"]
min-confidence = "possible"
[lint.rules]
raw-id-column = { severity = "warning", min-confidence = "proven" }
[[lint.ignore]]
rule = "raw-id-column"
path = "plib/library/Cache.php"
reason = "rebuilt on every start"

[[reference]]
database = "data.sqlite3"
table = "apps"
column = "domain_id"
kind = "domain"
holds = "guid"
on-missing = "delete-row"
on-conflict = "keep"
on-ambiguous = "null"
on-disagree = "keep"
twin = "domain_name"
[[reference]]
database = "*"
table = "jobs"
column = "payload"
path = "$.domainId"
kind = "domain"
[[reference]]
setting-key = "status-{domain}"
[[reference]]
setting = "clientMap"
path = "$.{client}"
[[reference]]
domain-setting = "parent"
kind = "domain"
[[reference]]
file = "state/*.json"
path = "$.programs[*].domain_id"
kind = "domain"
[[reference]]
file-name = "reports/report-{domain}.json"
"#;

#[test]
fn all_forms_are_read() {
    assert_eq!(problems(GOOD), [""; 0]);
    let manifest = Manifest::parse("reguid.toml".into(), GOOD).unwrap();
    assert_eq!(manifest.lint.fail_on, Some(FailOn::Error));
    let rule = RuleSetting { severity: Some(Level::Warning), min_confidence: Some(crate::reference::Confidence::Proven) };
    assert_eq!(manifest.lint.rules["raw-id-column"], rule);
    assert_eq!(manifest.lint.min_confidence, Some(crate::reference::Confidence::Possible));
    assert_eq!(manifest.lint.ignore[0].reason, "rebuilt on every start");
    assert_eq!(manifest.references.len(), 7);
    let first = &manifest.references[0];
    assert_eq!((first.holds, first.on_missing, first.twin.as_deref()), (Holds::Guid, OnMissing::DeleteRow, Some("domain_name")));
    let uncertain = OnUncertain { conflict: OnMissing::Keep, ambiguous: OnMissing::Null, disagree: OnDisagree::Keep };
    assert_eq!((first.on_uncertain, manifest.references[1].on_uncertain), (uncertain, OnUncertain::default()));
    assert!(GOOD[first.span.clone()].starts_with("[[reference]]"), "{:?}", &GOOD[first.span.clone()]);
    assert_eq!(manifest.references[4].store, Store::ObjectSetting { of: "domain".parse().unwrap(), name: "parent".into(), path: None });
    assert!(manifest.column("APPS", "Domain_ID").is_some());
    assert!(manifest.column("jobs", "payload").is_none(), "a path inside is another place");
}

#[test]
fn a_version_may_be_required() {
    let version = env!("CARGO_PKG_VERSION");
    let (major, rest) = version.split_once('.').unwrap();
    let minor = rest.split('.').next().unwrap();
    let at_least = format!(">={major}.{minor}");
    let between = format!(">={major}.{minor}, <{}", major.parse::<u64>().unwrap() + 1);
    let right = [version, &format!("{major}.{minor}"), major, &at_least, &format!("^{version}"), &format!("={version}"), &between, " * "];
    for right in right {
        assert_eq!(problems(&format!("[lint]\nrequired-version = '{right}'")), [""; 0], "{right}");
    }
    let refused = |required: &str| {
        let text = format!("[lint]\nrequired-version = '{required}'");
        // What does not lint does not ask.
        assert!(Manifest::from_bytes("reguid.toml".into(), text.clone().into(), None).is_ok());
        problems(&text).join("\n")
    };
    for other in ["99", ">=99", &format!("{major}.99"), &format!("<{version}"), &format!(">={version}, <{version}")] {
        let expected = format!("2:20 this is reguid {version}, and version `{other}` is required: install such a one, or change this line");
        assert_eq!(refused(other), expected);
    }
    for wrong in ["", "newest", &format!("{version}.1"), ">=0.1 <0.3", "99999999999999999999", "0.1;"] {
        let said = refused(wrong);
        let (about, how) = said.split_once("): ").unwrap();
        assert!(about.starts_with(&format!("2:20 `{wrong}` asks for no version (")), "{said}");
        assert_eq!(how, "write it as Cargo does, such as `0.1`, `>=0.1` or `>=0.1, <0.3`");
    }
}

#[test]
fn each_mistake_is_told_with_its_place() {
    let column = "[[reference]]\ndatabase='*'\ntable='t'\ncolumn='c'\n";
    for (text, expected) in [
        ("linr = 1", "1:1 unknown key `linr` in `the manifest`; did you mean `lint`?"),
        ("[lint]\nfail_on = 'error'", "2:1 unknown key `fail_on` in `[lint]`; did you mean `fail-on`?"),
        ("[lint]\nfail-on = 'eror'", "2:11 `fail-on` is one of error, warning, note, never, not `eror`; did you mean `error`?"),
        ("[lint]\nfail-on = 3", "2:11 `fail-on` is a text in quotes, not a whole number"),
        ("[lint]\nexclude = 'a'", "2:11 `exclude` is a list of globs, not a text"),
        ("[lint]\nexclude = ['/a', 'b/../c', 'd[']", "2:12 this glob is absolute; paths are relative to their folder"),
        ("[lint]\nmin-confidence = 'sure'", "2:18 `min-confidence` is one of possible, likely, proven, not `sure`"),
        ("[lint]\nrules = 1", "2:9 `rules` is a table, not a whole number: write `[lint.rules]`"),
        ("[lint.rules]\nraw-id-colum = 'note'", "2:1 unknown rule `raw-id-colum`; did you mean `raw-id-column`?"),
        ("[lint.rules]\nRG002 = 'note'", "2:1 unknown rule `RG002`"),
        ("[lint.rules]\nrg001 = 'note'", "2:1 unknown rule `rg001`; did you mean `RG001`?"),
        ("[lint.rules]\nRG001 = 'note'\nraw-id-column = 'note'", "3:1 `raw-id-column` is set twice: `RG001` is the same rule"),
        ("[lint]\npreview = 'yes'", "2:11 `preview` is true or false, not a text"),
        (
            "[lint.rules]\nraw-id-column = 'warn'",
            "2:17 `raw-id-column` is one of allow, note, warning, error, not `warn`; did you mean `warning`?",
        ),
        ("[lint.rules]\nraw-id-column = 3", "2:17 `raw-id-column` is a text in quotes, not a whole number"),
        ("[lint.rules]\nraw-id-column = { severty = 'note' }", "2:19 unknown key `severty` in `[lint.rules]`; did you mean `severity`?"),
        ("lint = 1", "1:8 `lint` is a table, not a whole number: write `[lint]`"),
        ("[[lint.ignore]]\nrule = 'raw-id-column'", "1:1 `[[lint.ignore]]` lacks the key `reason`"),
        ("[[lint.ignore]]\nrule = 'raw-id-column'\nreason = ' '", "3:10 `reason` is empty"),
        ("[[lint.ignore]]\nrule = 'RG002'\nreason = 'r'", "2:8 unknown rule `RG002`"),
        ("[[lint.ignore]]\nrule = 'raw-id-colum'\nreason = 'r'", "2:8 unknown rule `raw-id-colum`; did you mean `raw-id-column`?"),
        ("[reference]\ntable = 't'", "1:1 `reference` is a list of tables, not a table: write `[[reference]]`"),
        (
            "[[reference]]\nkind = 'domain'",
            "1:1 this entry names no place: give `database`, `table` and `column`, or `panel-table` and `column`, or `setting`, `setting-key`, `<kind>-setting`, `file` or `file-name`",
        ),
        (
            "[[reference]]\ntable = 't'\ncolumn = 'c'\nkind = 'domain'",
            "1:1 this column lacks the key `database`; `database = \"*\"` is every database beside the others",
        ),
        (
            "[[reference]]\ndatabase = '/x.db'\ntable = 't'\ncolumn = 'c'\nkind = 'domain'",
            "2:12 this glob is absolute; paths are relative to their folder",
        ),
        ("[[reference]]\nsetting-key = 's-{domain}'\ncolumn = 'c'", "2:1 `setting-key` contradicts `column`: an entry names one place"),
        ("[[reference]]\nsetting-key = 'status'", "2:15 `setting-key` has no hole for the id, such as `{domain}`"),
        ("[[reference]]\nsetting-key = '{domian}'", "2:15 unknown kind `domian`; did you mean `domain`?"),
        ("[[reference]]\nsetting-key = '{domain}'\nkind = 'domain'", "3:1 the kind stands in the pattern already: `kind` says it twice"),
        ("[[reference]]\nsetting = 's'\npath = 'a.b'\nkind = 'domain'", "3:8 a path inside a value begins with `$`"),
        ("[[reference]]\nsetting = 's'", "1:1 this entry lacks the key `kind`: whose ids stand there?"),
        (
            "[[reference]]\nsetting = 's'\nkind = 'domain'\ntwin = 'n'",
            "4:1 `twin` is a column of the same table, and this entry names no column",
        ),
        (
            "[[reference]]\nsetting = 's'\nkind = 'domain'\non-missing = 'quarantine'",
            "4:1 `quarantine` is for rows of a database, and no run takes a setting out: `keep` leaves the id as it is, `fail` (or no `on-missing`) stops the fix and lists it, so that it can be taken out by hand",
        ),
        (
            "[[reference]]\nfile = 's'\nkind = 'domain'\non-ambiguous = 'delete-row'",
            "4:1 `delete-row` is for rows of a database, and no run takes a file out: `keep` leaves it as it is, `fail` (or no `on-ambiguous`) stops the fix and lists it, so that it can be taken out by hand",
        ),
        (
            "[[reference]]\nsetting-key = 's-{domain}'\non-missing = 'null'",
            "3:1 the name of a setting cannot become null: `keep` leaves the id as it is, `fail` (or no `on-missing`) stops the fix and lists it, so that it can be taken out by hand",
        ),
        (
            "[[reference]]\nfile-name = 's-{domain}'\non-missing = 'null'",
            "3:1 the name of a file cannot become null: `keep` leaves the id as it is, `fail` (or no `on-missing`) stops the fix and lists it, so that it can be taken out by hand",
        ),
        (
            "[[reference]]\ndomain-setting = 's'\nkind = 'domain'\non-missing = 'null'",
            "4:1 a part of the text in a setting cannot become null; only a value in JSON or PHP-serialized text can (`path`): `keep` leaves the id as it is, `fail` (or no `on-missing`) stops the fix and lists it, so that it can be taken out by hand",
        ),
        (
            "[[reference]]\nsetting = 's'\nkind = 'domain'\non-conflict = 'stop'",
            "4:15 `on-conflict` is one of fail, keep, null, delete-row, quarantine, not `stop`",
        ),
        (&format!("{column}kind='domain'\ntwin='n'\non-disagree='null'\n"), "7:13 `on-disagree` is one of fail, keep, not `null`"),
        (&format!("{column}kind='domain'\non-disagree='keep'\n"), "6:1 `on-disagree` is about the twin, and this entry names none"),
        ("[[reference]]\ndomian-setting = 's'\nkind = 'domain'", "2:1 unknown kind `domian`; did you mean `domain`?"),
        ("[[reference]]\nfile-name = '../r-{domain}'", "2:13 this glob leaves its folder by `..`"),
        (&format!("{column}kind='domian'\n"), "5:6 unknown kind `domian`; did you mean `domain`?"),
        (&format!("{column}kind='domain'\nhold='id'\n"), "6:1 unknown key `hold` in `[[reference]]`; did you mean `holds`?"),
        (&format!("{column}kind=7\n"), "5:6 `kind` is a text in quotes, not a whole number"),
        (&format!("{column}kind='domain'\n{column}kind='client'\n"), "6:1 this place is declared twice; the first time in line 1"),
        ("[lint\nfail-on = 'error'", "1:6 unclosed table, expected `]`"),
    ] {
        assert_eq!(problems(text).first().map(String::as_str), Some(expected), "{text}\n{:#?}", problems(text));
    }
}

#[test]
fn all_mistakes_of_a_file_are_told() {
    let text = "[lint]\nexclude = ['/a', 'b/../c', 'd[']\nx = 1\n[[reference]]\nkind = 'nope'\n[[reference]]\nsetting = 's'\n";
    assert_eq!(problems(text).len(), 7, "{:#?}", problems(text));
}

#[test]
fn bytes_that_are_no_text_are_told_by_their_offset() {
    let error = Manifest::from_bytes("reguid.toml".into(), b"# \xff".to_vec(), None).unwrap_err();
    assert_eq!(error.to_string(), "reguid.toml is not UTF-8 text: the first wrong byte is byte 2");
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let text = format!("x = {}", "[".repeat(200_000));
    assert!(!problems(&text).is_empty());
}
