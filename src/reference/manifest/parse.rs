//! From text to a manifest, noting everything that is wrong.

use std::collections::BTreeMap;
use std::ops::Range;

use camino::Utf8Path;
use miette::NamedSource;
use toml::de::{DeTable, DeValue};

use super::schema::{LINT_KEYS, REFERENCE_KEYS, ROOT_KEYS, RULE_KEYS};
use super::table::{Problems, Reader, Text};
use super::{
    Entry, FailOn, Form, Holds, Ignore, Level, LintSettings, Manifest, ManifestError, OnDisagree, OnMissing, OnUncertain, Problem,
    RuleSetting, Store, check,
};
use crate::panel::Kind;
use crate::reference::Confidence;
use crate::reference::suggest::rule_hint;
use crate::value::{Repeats, Spots};

/// The end of the keys `domain-setting`, `client-setting`, …: the word before it is a kind.
const OBJECT_SETTING: &str = "-setting";

/// The words for confidence.
const CONFIDENCES: &[(&str, Confidence)] =
    &[("possible", Confidence::Possible), ("likely", Confidence::Likely), ("proven", Confidence::Proven)];

/// The words for a rule's severity.
const LEVELS: &[(&str, Level)] = &[("allow", Level::Allow), ("note", Level::Note), ("warning", Level::Warning), ("error", Level::Error)];

/// Reads a manifest; where the names of `rules` are given, each with its rule's id, other rules are errors.
pub(super) fn parse(path: &Utf8Path, text: &str, rules: Option<&[(&str, &str)]>) -> Result<Manifest, ManifestError> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut problems = Problems::default();
    for error in errors {
        problems.add(error.span().unwrap_or(0..0), error.message());
    }
    let mut manifest = Manifest { path: path.to_owned(), text: text.to_owned(), ..Manifest::default() };
    // Where the text is no TOML, what stands in it was not all read, and would be called missing.
    if problems.0.is_empty() {
        let mut root = Reader::new(table.get_ref(), table.span(), "the manifest");
        manifest.lint = lint(&mut root, rules, &mut problems);
        for mut reader in root.tables("reference", "[[reference]]", &mut problems) {
            if let Some(entry) = entry(&mut reader, &mut problems) {
                manifest.references.push(entry);
            }
        }
        duplicates(&manifest.references, text, &mut problems);
        root.refuse_others(ROOT_KEYS, &mut problems);
    }
    if problems.0.is_empty() {
        return Ok(manifest);
    }
    let mut problems = problems.0;
    for problem in &mut problems {
        problem.span = first_line(text, problem.span.clone());
    }
    problems.sort_by_key(|p: &Problem| (p.span.start, p.span.end));
    Err(ManifestError::Wrong { source_code: NamedSource::new(path.as_str(), text.to_owned()), problems })
}

/// The part of `span` on its first line: a whole table is pointed at by its header.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let line = text.get(span.clone()).and_then(|t| t.lines().next()).map_or(span.len(), str::len);
    span.start..span.start + line
}

/// The version of this program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn lint(root: &mut Reader<'_, '_>, rules: Option<&[(&str, &str)]>, problems: &mut Problems) -> LintSettings {
    let Some(value) = root.value("lint") else { return LintSettings::default() };
    let Some(table) = value.get_ref().as_table() else {
        problems.add(value.span(), format!("`lint` is a table, not {}: write `[lint]`", super::table::article(value.get_ref())));
        return LintSettings::default();
    };
    let mut reader = Reader::new(table, value.span(), "[lint]");
    let words = [("error", FailOn::Error), ("warning", FailOn::Warning), ("note", FailOn::Note), ("never", FailOn::Never)];
    let required = reader.text("required-version", problems);
    // Only lint gives the rules, and only lint's answers depend on the version: on a server `fix` goes by what is declared.
    if let Some(required) = required.filter(|_| rules.is_some())
        && let Err(wrong) = is_version(required.get_ref())
    {
        problems.add(required.span(), wrong);
    }
    let fail_on = reader.word("fail-on", &words, problems);
    let min_confidence = reader.word("min-confidence", CONFIDENCES, problems);
    let exclude = globs(&mut reader, "exclude", problems);
    let preview = reader.flag("preview", problems).unwrap_or_default();
    let docs_url = reader.text("docs-url", problems).and_then(|url| checked(url, web_address, problems)).map(Text::into_inner);
    let rules_set = rule_settings(&mut reader, rules, problems);
    let ignore = reader.tables("ignore", "[[lint.ignore]]", problems);
    let ignore = ignore.into_iter().filter_map(|mut entry| read_ignore(&mut entry, rules, problems)).collect();
    reader.refuse_others(LINT_KEYS, problems);
    LintSettings { fail_on, exclude, min_confidence, preview, docs_url, rules: rules_set, ignore }
}

/// Whether a text is an address that a browser may be sent to.
fn web_address(url: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '`' | '{' | '}' | '\\' | '#' | '?');
    let host = url.strip_prefix("https://").filter(|rest| !rest.is_empty() && !rest.starts_with('/'));
    if host.is_some_and(|rest| rest.chars().all(plain)) {
        Ok(())
    } else {
        Err(format!("`{url}` is no address of a book: write one that begins with `https://`, such as `https://docs.example/reguid`"))
    }
}

/// Whether this program is of a version that is asked for as Cargo asks for one: `1.2`, `>=1.2, <3`.
fn is_version(required: &str) -> Result<(), String> {
    let wanted = semver::VersionReq::parse(required.trim()).map_err(|error| {
        format!("`{required}` asks for no version ({error}): write it as Cargo does, such as `0.1`, `>=0.1` or `>=0.1, <0.3`")
    })?;
    // What Cargo took for the version of this package is one.
    let is_asked_for = semver::Version::parse(VERSION).is_ok_and(|ours| wanted.matches(&ours));
    let message = || format!("this is reguid {VERSION}, and version `{required}` is required: install such a one, or change this line");
    if is_asked_for { Ok(()) } else { Err(message()) }
}

/// `[lint.rules]`: a level for each rule, or a table.
fn rule_settings(reader: &mut Reader<'_, '_>, known: Option<&[(&str, &str)]>, problems: &mut Problems) -> BTreeMap<String, RuleSetting> {
    let mut settings = BTreeMap::new();
    // Each rule that is set, with the name that it was set by.
    let mut set: BTreeMap<&str, String> = BTreeMap::new();
    let Some(value) = reader.value("rules") else { return settings };
    let Some(table) = value.get_ref().as_table() else {
        problems.add(value.span(), format!("`rules` is a table, not {}: write `[lint.rules]`", super::table::article(value.get_ref())));
        return settings;
    };
    for (key, item) in table.iter() {
        let (rule, span) = (key.get_ref().to_string(), key.span());
        if let Some(known) = known {
            let Some(id) = id_of(&rule, known) else {
                problems.add(span, format!("unknown rule `{rule}`{}", rule_hint(&rule, known)));
                continue;
            };
            if let Some(other) = set.insert(id, rule.clone()) {
                problems.add(span, format!("`{rule}` is set twice: `{other}` is the same rule"));
                continue;
            }
        }
        let setting = match item.get_ref().as_table() {
            Some(table) => {
                let mut reader = Reader::new(table, item.span(), "[lint.rules]");
                let severity = reader.word("severity", LEVELS, problems);
                let min_confidence = reader.word("min-confidence", CONFIDENCES, problems);
                reader.refuse_others(RULE_KEYS, problems);
                RuleSetting { severity, min_confidence }
            }
            None => {
                let Some(text) = super::table::as_text(item, &rule, problems) else { continue };
                let level = super::table::one_of(&rule, &text, LEVELS, problems);
                RuleSetting { severity: level, min_confidence: None }
            }
        };
        settings.insert(rule, setting);
    }
    settings
}

/// The id of the rule of that name.
fn id_of<'k>(name: &str, known: &[(&str, &'k str)]) -> Option<&'k str> {
    known.iter().find(|(own, _)| *own == name).map(|(_, id)| *id)
}

fn read_ignore(reader: &mut Reader<'_, '_>, rules: Option<&[(&str, &str)]>, problems: &mut Problems) -> Option<Ignore> {
    let rule = reader.required("rule", problems);
    if let (Some(rule), Some(known)) = (&rule, rules)
        && id_of(rule.get_ref(), known).is_none()
    {
        problems.add(rule.span(), format!("unknown rule `{}`{}", rule.get_ref(), rule_hint(rule.get_ref(), known)));
    }
    let path = reader.text("path", problems).and_then(|path| checked(path, check::glob, problems));
    let reason = reader.required("reason", problems);
    reader.refuse_others(&[], problems);
    Some(Ignore { rule: rule?.into_inner(), path: path.map(Text::into_inner), reason: reason?.into_inner(), span: reader.span.clone() })
}

fn globs(reader: &mut Reader<'_, '_>, name: &'static str, problems: &mut Problems) -> Vec<String> {
    let Some(value) = reader.value(name) else { return Vec::new() };
    let Some(array) = value.get_ref().as_array() else {
        problems.add(value.span(), format!("`{name}` is a list of globs, not {}", super::table::article(value.get_ref())));
        return Vec::new();
    };
    let texts = array.iter().filter_map(|item| super::table::as_text(item, name, problems)).collect::<Vec<_>>();
    texts.into_iter().filter_map(|text| checked(text, check::glob, problems)).map(Text::into_inner).collect()
}

/// `text`, if `check` finds nothing wrong in it.
fn checked<T>(text: Text, check: impl Fn(&str) -> Result<T, String>, problems: &mut Problems) -> Option<Text> {
    match check(text.get_ref()) {
        Ok(_) => Some(text),
        Err(wrong) => {
            problems.add(text.span(), wrong);
            None
        }
    }
}

/// A place, and the kinds that its pattern or path names.
struct Spot {
    store: Store,
    /// Whether the kinds stand in the place itself, so that the key `kind` is not needed.
    holes: bool,
}

fn entry(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<Entry> {
    let before = problems.0.len();
    let spot = spot(reader, problems);
    let kind = kind(reader, spot.as_ref(), problems);
    let holds_words = [("id", Holds::Id), ("guid", Holds::Guid), ("name", Holds::Name)];
    let holds = reader.word("holds", &holds_words, problems).unwrap_or_default();
    let on_missing = policy(reader, "on-missing", spot.as_ref(), problems);
    let conflict = policy(reader, "on-conflict", spot.as_ref(), problems);
    let ambiguous = policy(reader, "on-ambiguous", spot.as_ref(), problems);
    let disagree = reader.word("on-disagree", &[("fail", OnDisagree::Fail), ("keep", OnDisagree::Keep)], problems).unwrap_or_default();
    if let Some(span) = reader.key_span("on-disagree").filter(|_| reader.key_span("twin").is_none()) {
        problems.add(span, "`on-disagree` is about the twin, and this entry names none");
    }
    let twin = reader.text("twin", problems);
    let form = form(reader, spot.as_ref(), problems);
    let column = matches!(spot, Some(Spot { store: Store::Column { .. } | Store::PanelColumn { .. }, .. }));
    if let Some(span) = reader.key_span("twin").filter(|_| spot.is_some() && !column) {
        problems.add(span, "`twin` is a column of the same table, and this entry names no column");
    }
    let sentinels = sentinels(reader, problems);
    let settings: Vec<&str> = reader.keys().map(|(key, _)| key).filter(|key| object_of(key).is_some_and(|kind| kind.is_ok())).collect();
    let known: Vec<&str> = REFERENCE_KEYS.iter().copied().chain(settings).collect();
    reader.refuse_others(&known, problems);
    (problems.0.len() == before).then_some(())?;
    let on_uncertain = OnUncertain { conflict, ambiguous, disagree };
    let (store, twin, span) = (spot?.store, twin.map(Text::into_inner), reader.span.clone());
    let entry = Entry { store, kind, holds, on_missing, on_uncertain, twin, sentinels, form, span };
    if entry.is_inside() {
        inside(&entry, reader, problems)?;
    }
    Some(entry)
}

/// How ids are written in the value.
fn form(reader: &mut Reader<'_, '_>, spot: Option<&Spot>, problems: &mut Problems) -> Form {
    let name = matches!(spot, Some(Spot { store: Store::SettingKey { .. } | Store::FileName { .. }, .. }));
    for key in ["pattern", "separator", "on-repeat", "base64"] {
        if let Some(span) = reader.key_span(key).filter(|_| name) {
            problems.add(span, format!("`{key}` is about a value, and the ids of this entry stand in a name"));
        }
    }
    if let Some(span) = reader.key_span("on-repeat").filter(|_| reader.key_span("separator").is_none()) {
        problems.add(span, "`on-repeat` is about the items of a list, and this entry has no `separator`");
    }
    let pattern = reader.text("pattern", problems).and_then(|pattern| checked(pattern, check::pattern, problems));
    let separator = reader.text("separator", problems);
    let words = [("fail", Repeats::Report), ("keep", Repeats::Keep), ("drop", Repeats::Drop)];
    Form {
        pattern: pattern.map(Text::into_inner),
        separator: separator.map(Text::into_inner),
        repeats: reader.word("on-repeat", &words, problems).unwrap_or_default(),
        base64: reader.flag("base64", problems).unwrap_or_default(),
    }
}

/// Checks an entry whose ids stand inside a value.
fn inside(entry: &Entry, reader: &Reader<'_, '_>, problems: &mut Problems) -> Option<()> {
    if let Err(error) = entry.add_to(&mut Spots::default(), &mut |_| 0) {
        let span = ["pattern", "separator", "path", "base64"].iter().find_map(|key| reader.key_span(key));
        problems.add(span.unwrap_or_else(|| reader.span.clone()), error.0);
        return None;
    }
    if let Some(span) = reader.key_span("twin") {
        problems.add(span, "`twin` names the object of a whole column, and the ids of this entry stand inside its values");
        return None;
    }
    if let Some(span) = reader.key_span("holds").filter(|_| entry.holds != Holds::Id) {
        problems.add(span, "inside a value, only ids are looked for");
        return None;
    }
    Some(())
}

/// The values that mean no object, or all of them: texts and whole numbers.
fn sentinels(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<Vec<String>> {
    let value = reader.value("sentinels")?;
    let Some(array) = value.get_ref().as_array() else {
        problems.add(value.span(), format!("`sentinels` is a list of numbers and texts, not {}", super::table::article(value.get_ref())));
        return None;
    };
    let mut words = Vec::new();
    for item in array.iter() {
        let number = |i: &toml::de::DeInteger<'_>| i64::from_str_radix(i.as_str(), i.radix()).ok().map(|n| n.to_string());
        match item.get_ref() {
            DeValue::String(text) => words.push(text.to_string()),
            DeValue::Integer(integer) if number(integer).is_some() => words.extend(number(integer)),
            other => {
                problems.add(item.span(), format!("`sentinels` is a list of numbers and texts; this is {}", super::table::article(other)))
            }
        }
    }
    Some(words)
}

/// The kind in a key such as `domain-setting`, if it is such a key.
fn object_of(key: &str) -> Option<Result<Kind, String>> {
    let word = key.strip_suffix(OBJECT_SETTING)?;
    Some(word.parse::<Kind>().map_err(|e| e.to_string()))
}

/// The place of an entry: exactly one of the keys that begin one.
fn spot(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<Spot> {
    let mut first: Option<(&str, Range<usize>)> = None;
    for (key, span) in reader.keys() {
        let object = object_of(key);
        if let Some(Err(unknown)) = &object {
            problems.add(span, unknown.clone());
            return None;
        }
        // The keys of a column begin one place together.
        let begins = match key {
            "column" if reader.key_span("panel-table").is_some() => "panel-table",
            "database" | "table" | "column" => "column",
            "panel-table" => key,
            "setting-key" | "setting" | "file" | "file-name" => key,
            _ if object.is_some() => key,
            _ => continue,
        };
        match &first {
            Some((other, _)) if *other != begins => {
                problems.add(span, format!("`{key}` contradicts `{other}`: an entry names one place"));
                return None;
            }
            Some(_) => {}
            None => first = Some((begins, span)),
        }
    }
    let Some((begins, _)) = first else {
        problems.add(
            reader.span.clone(),
            "this entry names no place: give `database`, `table` and `column`, or `panel-table` and `column`, or `setting`, `setting-key`, `<kind>-setting`, `file` or `file-name`",
        );
        return None;
    };
    match begins {
        "column" => column(reader, problems),
        "panel-table" => {
            let (table, column) = (reader.required("panel-table", problems), reader.required("column", problems));
            let path = value_path(reader, problems);
            Some(Store::PanelColumn { table: table?.into_inner(), column: column?.into_inner(), path })
        }
        "setting-key" => pattern(reader, "setting-key", problems).map(|pattern| Store::SettingKey { pattern }),
        "file-name" => pattern(reader, "file-name", problems).map(|pattern| Store::FileName { pattern }),
        "setting" => {
            let name = reader.required("setting", problems);
            let path = value_path(reader, problems);
            name.map(|name| Store::Setting { name: name.into_inner(), path })
        }
        "file" => {
            let glob = reader.required("file", problems).and_then(|glob| checked(glob, check::glob, problems));
            let path = value_path(reader, problems);
            glob.map(|glob| Store::File { glob: glob.into_inner(), path })
        }
        key => object_setting(reader, key, problems),
    }
    .map(|store| Spot { holes: has_holes(&store) || reader.is_text_with("pattern", '{'), store })
}

fn column(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<Store> {
    if reader.key_span("database").is_none() {
        problems.add(reader.span.clone(), "this column lacks the key `database`; `database = \"*\"` is every database beside the others");
    }
    let database = reader.text("database", problems).and_then(|glob| checked(glob, check::glob, problems));
    let table = reader.required("table", problems);
    let column = reader.required("column", problems);
    let path = value_path(reader, problems);
    Some(Store::Column { database: database?.into_inner(), table: table?.into_inner(), column: column?.into_inner(), path })
}

fn object_setting(reader: &mut Reader<'_, '_>, key: &str, problems: &mut Problems) -> Option<Store> {
    let of = object_of(key)?.ok()?;
    let value = reader.other(key)?;
    let name = super::table::as_text(value, key, problems)?;
    let path = value_path(reader, problems);
    Some(Store::ObjectSetting { of, name: name.into_inner(), path })
}

/// A pattern with at least one hole. For file names it is a glob too.
fn pattern(reader: &mut Reader<'_, '_>, key: &'static str, problems: &mut Problems) -> Option<String> {
    let text = reader.required(key, problems)?;
    if let Some(span) = reader.key_span("path") {
        problems.add(span, format!("`path` contradicts `{key}`: the ids stand in the name, not in a value"));
    }
    let wrong = match check::holes(text.get_ref()) {
        Ok(kinds) if kinds.is_empty() => Some(format!("`{key}` has no hole for the id, such as `{{domain}}`")),
        Ok(_) if key == "file-name" => check::glob(&check::without_holes(text.get_ref())).err(),
        Ok(_) => None,
        Err(wrong) => Some(wrong),
    };
    if let Some(wrong) = wrong {
        problems.add(text.span(), wrong);
        return None;
    }
    Some(text.into_inner())
}

fn value_path(reader: &mut Reader<'_, '_>, problems: &mut Problems) -> Option<String> {
    reader.text("path", problems).and_then(|path| checked(path, check::path, problems)).map(Text::into_inner)
}

fn has_holes(store: &Store) -> bool {
    let path = match store {
        Store::SettingKey { .. } | Store::FileName { .. } => return true,
        Store::Column { path, .. }
        | Store::PanelColumn { path, .. }
        | Store::Setting { path, .. }
        | Store::ObjectSetting { path, .. }
        | Store::File { path, .. } => path,
    };
    path.as_ref().is_some_and(|p| p.contains('{'))
}

fn kind(reader: &mut Reader<'_, '_>, spot: Option<&Spot>, problems: &mut Problems) -> Option<Kind> {
    let text = reader.text("kind", problems);
    match (&text, spot) {
        (Some(_), Some(spot)) if spot.holes => {
            let span = reader.key_span("kind").unwrap_or_default();
            problems.add(span, "the kind stands in the pattern already: `kind` says it twice");
        }
        (None, Some(spot)) if !spot.holes && reader.key_span("kind").is_none() => {
            problems.add(reader.span.clone(), "this entry lacks the key `kind`: whose ids stand there?");
        }
        _ => {}
    }
    let text = text?;
    text.get_ref().parse::<Kind>().map_err(|e| problems.add(text.span(), e.to_string())).ok()
}

/// What to do with ids of one sort: the word of the key `name`.
fn policy(reader: &mut Reader<'_, '_>, name: &'static str, spot: Option<&Spot>, problems: &mut Problems) -> OnMissing {
    let words = [
        ("fail", OnMissing::Fail),
        ("keep", OnMissing::Keep),
        ("null", OnMissing::Null),
        ("delete-row", OnMissing::DeleteRow),
        ("quarantine", OnMissing::Quarantine),
    ];
    let chosen = reader.word(name, &words, problems).unwrap_or_default();
    if let (Some(spot), Some(span)) = (spot, reader.key_span(name))
        && let Some(why) = impossible(&spot.store, chosen)
    {
        let other = if name == "on-missing" { "`keep` leaves the id as it is" } else { "`keep` leaves it as it is" };
        problems
            .add(span, format!("{why}: {other}, `fail` (or no `{name}`) stops the fix and lists it, so that it can be taken out by hand"));
    }
    chosen
}

/// Why a run cannot do that with what stands in such a place.
fn impossible(store: &Store, policy: OnMissing) -> Option<String> {
    let what = match store {
        Store::Column { .. } => return None,
        Store::PanelColumn { .. } if policy == OnMissing::Quarantine => {
            let why = "`quarantine` keeps rows of SQLite databases; `delete-row` takes the row out, and `reguid undo` puts it back";
            return Some(why.to_owned());
        }
        Store::PanelColumn { .. } => return None,
        Store::SettingKey { .. } | Store::Setting { .. } | Store::ObjectSetting { .. } => "a setting",
        Store::File { .. } | Store::FileName { .. } => "a file",
    };
    match (policy, store) {
        // A name stands for one object, and what is kept under it is about that object alone.
        (OnMissing::DeleteRow, Store::SettingKey { .. }) => None,
        (OnMissing::DeleteRow, Store::Setting { .. } | Store::ObjectSetting { .. }) => {
            Some("`delete-row` takes out settings whose names hold the id (`setting-key`), and none for an id in its value".to_owned())
        }
        (OnMissing::DeleteRow, _) => Some(format!("`delete-row` is for rows of a database, and no run takes {what} out")),
        (OnMissing::Quarantine, Store::SettingKey { .. }) => {
            Some("`quarantine` is for rows of a database; `delete-row` takes the setting out, and `reguid undo` puts it back".to_owned())
        }
        (OnMissing::Quarantine, _) => Some(format!("`quarantine` is for rows of a database, and no run takes {what} out")),
        (OnMissing::Null, Store::SettingKey { .. } | Store::FileName { .. }) => Some(format!("the name of {what} cannot become null")),
        (OnMissing::Null, Store::Setting { path: None, .. } | Store::ObjectSetting { path: None, .. } | Store::File { path: None, .. }) => {
            Some(format!("a part of the text in {what} cannot become null; only a value in JSON or PHP-serialized text can (`path`)"))
        }
        _ => None,
    }
}

/// Notes the entries that declare the same place as an earlier one.
fn duplicates(entries: &[Entry], text: &str, problems: &mut Problems) {
    for (index, entry) in entries.iter().enumerate() {
        if let Some(earlier) = entries[..index].iter().find(|e| e.store == entry.store && e.form == entry.form) {
            let line = text[..earlier.span.start.min(text.len())].matches('\n').count() + 1;
            problems.add(entry.span.clone(), format!("this place is declared twice; the first time in line {line}"));
        }
    }
}
