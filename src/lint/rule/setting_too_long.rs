//! `setting-too-long`: one setting whose value grows with the number of objects, or with each call.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::super::code::Code;
use super::super::entry::{Entry, entry};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::discover::Discovery;
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, FunctionId, Script, Slice, Stmt};
use crate::extension::source::Span;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Keeps};
use crate::reference::{Confidence, Place};

pub(super) static RULE: SettingTooLong = SettingTooLong;

/// PHP's functions that make one text of many values, each with the number of the argument that holds them.
const PACKS: &[(&str, usize)] = &[("json_encode", 0), ("serialize", 0), ("var_export", 0), ("implode", 1), ("join", 1)];

/// PHP's functions that make many values of one text.
const UNPACKS: &[(&str, usize)] = &[("json_decode", 0), ("unserialize", 0), ("explode", 1), ("preg_split", 1)];

/// PHP's functions that leave a text as long as it is.
const AROUND: &[&str] = &["base64_encode", "trim", "strval"];

/// PHP's functions that keep a list short.
const SHORTENS: &[&str] = &["array_slice", "array_splice", "array_shift", "array_pop"];

/// PHP's functions that tell how long a text is.
const MEASURES: &[&str] = &["strlen", "mb_strlen", "iconv_strlen"];

/// PHP's functions that give as many values as they are given.
const MAPS: &[(&str, usize)] = &[
    ("array_map", 1),
    ("array_keys", 0),
    ("array_values", 0),
    ("array_column", 0),
    ("array_flip", 0),
    ("array_filter", 0),
    ("array_unique", 0),
];

/// PHP's functions that make an array with the keys that they are given.
const FILLS: &[(&str, usize)] = &[("array_fill_keys", 0), ("array_combine", 0)];

/// How deep a value is looked into.
const MAX_DEPTH: usize = 4;

/// See `rules/setting-too-long.md`.
pub(super) struct SettingTooLong;

impl Rule for SettingTooLong {
    fn id(&self) -> &'static str {
        "setting-too-long"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        let scripts = context.facts.codes();
        // A call that keeps several settings is a helper of which it is not certain which value goes where.
        let mut kept_by: FxHashMap<Span, BTreeSet<&str>> = FxHashMap::default();
        for discovery in context.discoveries {
            if let (Some(name), Some(first)) = (setting(&discovery.reference.place), discovery.sightings.first()) {
                kept_by.entry(first.span).or_default().insert(name);
            }
        }
        let mut of_settings: FxHashMap<&str, Vec<&Discovery>> = FxHashMap::default();
        for discovery in context.discoveries {
            if let Some(name) = setting(&discovery.reference.place) {
                of_settings.entry(name).or_default().push(discovery);
            }
        }
        let mut told = BTreeSet::new();
        for discovery in context.discoveries {
            let (Some(name), Some(first)) = (setting(&discovery.reference.place), discovery.sightings.first()) else { continue };
            let at = scripts.binary_search_by_key(&first.span.file, |code| code.script.file).ok();
            let at = at.map(|number| (&scripts[number], scripts[number].function_at(first.span.start)));
            if told.contains(name) || at.is_some_and(|(code, function)| measures(code, function) || keeps_few(code, discovery)) {
                continue;
            }
            let Some(entry) = entry_of(context, discovery, &of_settings[name]) else { continue };
            if let Some(finding) = self.of_ids(discovery, entry, kept_by.get(&first.span).map_or(0, BTreeSet::len) > 1) {
                told.insert(name.to_owned());
                findings.push(finding);
            }
        }
        // A setting that is kept in several places is told once; the code that names it stands for the name.
        let mut named = BTreeSet::new();
        for code in scripts {
            let script = code.script;
            let bytes = &context.extension.file(script.file).bytes;
            let (mut known, mut loops) = (FxHashMap::default(), FxHashMap::default());
            for kept in code.kept() {
                let Some(value) = kept.value.filter(|_| kept.keeps == Keeps::Setting) else { continue };
                let name = match code.kind(kept.name) {
                    ExprKind::Text(text) => Some(script.text(text)),
                    _ => None,
                };
                if name.is_some_and(|name| told.contains(name)) {
                    continue;
                }
                let Some(packed) = packed(code, value, MAX_DEPTH) else { continue };
                // Many calls may keep one variable.
                let variable = match code.kind(packed) {
                    ExprKind::Variable(name) => Ok((code.function_of(packed), script.text(name))),
                    _ => Err(packed),
                };
                if let Some(growth) = known.entry(variable).or_insert_with(|| growth(code, packed, &mut loops)) {
                    let spelled = code.at(kept.name);
                    if !named.insert(bytes.get(spelled.start as usize..spelled.end as usize)) {
                        continue;
                    }
                    let at = code.at(kept.call);
                    findings.push(self.of_code(name, growth, Span::new(script.file, at.start, at.end)));
                }
            }
        }
    }
}

/// The name of the setting that a place is in the value of. One with a part that is not known is one for each of something already.
fn setting(place: &Place) -> Option<&str> {
    match place {
        Place::Setting { name, .. } | Place::ObjectSetting { name, .. } if !name.contains('*') => Some(name),
        _ => None,
    }
}

/// The path to the ids in such a value.
fn setting_path(place: &Place) -> Option<&str> {
    match place {
        Place::Setting { path, .. } | Place::ObjectSetting { path, .. } => path.as_deref(),
        _ => None,
    }
}

impl SettingTooLong {
    /// The value has an id for each object.
    fn of_ids(&self, discovery: &Discovery, entry: Entry, one_of_several: bool) -> Option<Finding> {
        let reference = &discovery.reference;
        let (name, path) = (setting(&reference.place)?, setting_path(&reference.place)?);
        let of_object = matches!(reference.place, Place::ObjectSetting { .. });
        let [kind] = reference.kinds[..] else { return None };
        let confidence = if one_of_several { Confidence::Possible } else { reference.confidence };
        let grows = match path.find("[*]") {
            Some(at) if path.find(".{").is_none_or(|keys| at < keys) => format!("is a list of entries with {kind} ids"),
            _ => format!("has an entry for each {kind}"),
        };
        let mut sightings = discovery.sightings.iter();
        let first = sightings.next()?;
        let mut locations = vec![Location::primary(first.span, &first.label)];
        locations.extend(sightings.map(|s| Location::related(s.span, &s.label)));
        let limit = limit();
        let most = if kind.facts().table.as_ref().is_some_and(|table| table.guid.is_some()) {
            let of = if entry.spelled_out { ", with the fields that the code gives each" } else { "" };
            format!(": with GUIDs in place of ids it holds {} entries at most{of}", entry.fit(limit))
        } else {
            String::new()
        };
        // What hangs on one object grows with what belongs to it, which is seldom much.
        let mild = confidence == Confidence::Possible || of_object;
        Some(Finding {
            rule: self.id(),
            severity: if mild { Severity::Note } else { Severity::Warning },
            confidence,
            kinds: reference.kinds.clone(),
            place: Some(reference.place.clone()),
            message: format!("setting `{name}` {grows} in one value, which may have {limit} characters{most}"),
            help: help(Some(kind)),
            locations,
            evidence: reference.evidence.clone(),
            suppressed: None,
            fingerprint: String::new(),
        })
    }

    /// The value is put together by code that lets it grow.
    fn of_code(&self, name: Option<&str>, growth: &Growth, span: Span) -> Finding {
        let setting = name.map_or_else(|| "a setting".to_owned(), |name| format!("setting `{name}`"));
        let limit = limit();
        let (severity, grows, kind) = match growth {
            Growth::Objects(kind) => (Severity::Warning, format!("holds an entry for each {kind}"), Some(*kind)),
            Growth::Calls => (Severity::Note, "gets longer with each call".to_owned(), None),
        };
        Finding {
            rule: self.id(),
            severity,
            confidence: Confidence::Likely,
            kinds: kind.into_iter().collect(),
            place: name.map(|name| Place::Setting { name: name.to_owned(), path: None }),
            message: format!("{setting} {grows} in one value, which may have {limit} characters"),
            help: help(kind),
            locations: vec![Location::primary(span, "kept here as one value")],
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }
}

/// The shortest entry of a value that has one for each object.
fn entry_of(context: &Context<'_>, discovery: &Discovery, of_setting: &[&Discovery]) -> Option<Entry> {
    let place = &discovery.reference.place;
    let beside = of_setting.iter().filter(|other| {
        !std::ptr::eq(**other, discovery) && std::mem::discriminant(place) == std::mem::discriminant(&other.reference.place)
    });
    let others: Vec<(&str, &Discovery)> = beside.filter_map(|d| Some((setting_path(&d.reference.place)?, *d))).collect();
    let code = |discovery: &Discovery, number: usize| {
        let file = discovery.sightings.get(number)?.span.file;
        let codes = context.facts.codes();
        codes.binary_search_by_key(&file, |code| code.script.file).ok().and_then(|at| codes.get(at))
    };
    entry(setting_path(place)?, discovery, &others, &code)
}

/// The most characters of a value.
fn limit() -> u64 {
    catalogue::get().shared.settings.value_length
}

fn help(kind: Option<Kind>) -> String {
    match kind {
        Some(kind) => {
            format!("keep a setting for each {kind}, that of the object itself where the panel has such, or a table in the var directory")
        }
        None => "keep it in a file or a table in the var directory, or drop the oldest entries before it is kept".to_owned(),
    }
}

/// How a value grows.
enum Growth {
    /// With the number of the panel's objects.
    Objects(Kind),
    /// Whenever it is kept.
    Calls,
}

/// How what is kept grows, as far as the function around tells. `loops` gives the variables of its loops.
fn growth<'a>(code: &Code<'a>, packed: ExprId, loops: &mut FxHashMap<FunctionId, FxHashMap<&'a str, Kind>>) -> Option<Growth> {
    if let Some(kind) = listed(code, packed, MAX_DEPTH) {
        return Some(Growth::Objects(kind));
    }
    let packed = of_as_many(code, packed, MAX_DEPTH)?;
    let ExprKind::Variable(name) = code.kind(packed) else { return None };
    let function = code.function_of(packed);
    let given = code.given(function, name);
    if measures(code, function) {
        return None;
    }
    if let Some(kind) = given.values.iter().find_map(|value| listed(code, *value, MAX_DEPTH)) {
        return Some(Growth::Objects(kind));
    }
    let each = loops.entry(function).or_insert_with(|| self::loops(code, function));
    for (index, value) in &given.items {
        let mut within = index.iter().chain([value]).flat_map(|id| code.within(code.at(*id)));
        let of = within.find_map(|(_, kind)| match kind {
            ExprKind::Variable(name) => each.get(code.script.text(name)).copied(),
            _ => None,
        });
        if let Some(kind) = of {
            return Some(Growth::Objects(kind));
        }
    }
    let appended = given.items.iter().any(|(index, _)| index.is_none());
    let read = || given.values.iter().any(|value| is_read(code, *value, MAX_DEPTH));
    (appended && read() && !SHORTENS.iter().any(|name| code.calls(function, name))).then_some(Growth::Calls)
}

/// Whether the value that a call keeps has as many entries as the code spells out, whatever they are.
fn keeps_few(code: &Code<'_>, discovery: &Discovery) -> bool {
    let spelled_out = || {
        let span = discovery.sightings.first()?.span;
        let call = code.exactly(Bytes { start: span.start, end: span.end })?;
        let kept = code.kept().binary_search_by_key(&call, |kept| kept.call).ok()?;
        packed(code, code.kept()[kept].value?, MAX_DEPTH).map(|packed| is_spelled_out(code, packed, MAX_DEPTH))
    };
    let top = setting_path(&discovery.reference.place).is_some_and(|path| path.starts_with("$.{") || path.starts_with("$[*]"));
    top && spelled_out() == Some(true)
}

/// Whether an array has as many items as the code spells out.
fn is_spelled_out(code: &Code<'_>, id: ExprId, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match code.kind(id) {
        ExprKind::Array(elements) => code.script.elements(elements).iter().all(|element| !element.spread),
        ExprKind::Call { name, args } => {
            let keys = argument(code.script, FILLS, code.script.text(name).trim_start_matches('\\'), args);
            keys.is_some_and(|keys| is_spelled_out(code, keys, depth))
        }
        ExprKind::Variable(name) => {
            let given = code.given(code.function_of(id), name);
            matches!(given.values[..], [only] if given.items.is_empty() && is_spelled_out(code, only, depth))
        }
        _ => false,
    }
}

/// What is packed into one text.
fn packed(code: &Code<'_>, value: ExprId, depth: usize) -> Option<ExprId> {
    let depth = depth.checked_sub(1)?;
    match code.kind(value) {
        ExprKind::Call { name, args } => {
            let name = code.script.text(name).trim_start_matches('\\');
            if let Some(argument) = argument(code.script, PACKS, name, args) {
                return Some(argument);
            }
            let around = AROUND.iter().any(|known| known.eq_ignore_ascii_case(name));
            packed(code, code.script.args(args).first().filter(|_| around)?.value, depth)
        }
        ExprKind::Cast { value, .. } => packed(code, value, depth),
        ExprKind::Variable(name) => match code.given(code.function_of(value), name).values[..] {
            [only] => packed(code, only, depth),
            _ => None,
        },
        _ => None,
    }
}

/// The argument of one of these functions.
fn argument(script: &Script, functions: &[(&str, usize)], name: &str, args: Slice) -> Option<ExprId> {
    let (_, number) = functions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    script.args(args).get(*number).filter(|arg| !arg.spread).map(|arg| arg.value)
}

/// What has as many values as an expression.
fn of_as_many(code: &Code<'_>, id: ExprId, depth: usize) -> Option<ExprId> {
    let depth = depth.checked_sub(1)?;
    let ExprKind::Call { name, args } = code.kind(id) else { return Some(id) };
    of_as_many(code, argument(code.script, MAPS, code.script.text(name).trim_start_matches('\\'), args)?, depth)
}

/// The kind of which an expression has a value for each object.
fn listed(code: &Code<'_>, id: ExprId, depth: usize) -> Option<Kind> {
    code.list_of(of_as_many(code, id, depth)?).map(|(kind, _)| kind)
}

/// The variables that a function's loops give one object of the panel after the other.
fn loops<'a>(code: &Code<'a>, function: FunctionId) -> FxHashMap<&'a str, Kind> {
    let mut all = FxHashMap::default();
    for stmt in &code.function(function).body {
        let Stmt::Foreach { subject, value, key } = *stmt else { continue };
        let Some(kind) = listed(code, subject, MAX_DEPTH) else { continue };
        for target in key.into_iter().chain([value]) {
            if let ExprKind::Variable(name) = code.kind(target) {
                all.entry(code.script.text(name)).or_insert(kind);
            }
        }
    }
    all
}

/// Whether a value is read from a setting.
fn is_read(code: &Code<'_>, id: ExprId, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let script = code.script;
    match code.kind(id) {
        ExprKind::Static { class, name, .. } => {
            catalogue::stores_on(script.text(class), script.text(name)).iter().any(|s| s.keeps == Keeps::Setting && s.value.is_none())
        }
        ExprKind::Call { name, args } => {
            argument(script, UNPACKS, script.text(name).trim_start_matches('\\'), args).is_some_and(|inner| is_read(code, inner, depth))
        }
        ExprKind::Choice(list) => script.list(list).iter().any(|one| is_read(code, *one, depth)),
        ExprKind::Cast { value, .. } | ExprKind::Assign { value, .. } => is_read(code, value, depth),
        _ => false,
    }
}

/// Whether a function looks how long a text is: it knows of the limit.
fn measures(code: &Code<'_>, function: FunctionId) -> bool {
    MEASURES.iter().any(|name| code.calls(function, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{lint_php, messages};

    const RULE: &str = "setting-too-long";

    #[test]
    fn what_has_an_entry_for_each_object_is_told() {
        let each = "foreach (pm_Domain::getAllDomains() as $domain)";
        for code in [
            format!("$a = []; {each} {{ $a[$domain->getId()] = 1; }} pm_Settings::set('all', json_encode($a));"),
            format!("$a = []; {each} {{ $a[] = $domain->getId(); }} pm_Settings::set('all', json_encode($a));"),
            format!("$a = []; {each} {{ $a[] = ['domainId' => $domain->getId()]; }} pm_Settings::set('all', serialize($a));"),
            format!("$a = []; {each} {{ $a[$domain->getName()] = 1; }} pm_Settings::set('all', json_encode($a));"),
            format!("$a = []; {each} {{ $a[] = $domain->getName(); }} pm_Settings::set('all', json_encode(array_values(array_unique($a))));"),
            format!("$a = []; {each} {{ $a[] = $domain->getGuid(); }} $text = implode(',', $a); pm_Settings::set('all', $text);"),
            "$d = pm_Domain::getAllDomains(); pm_Settings::set('all', json_encode(array_map(function ($d) { return $d->getName(); }, $d)));".to_owned(),
        ] {
            let said = messages(RULE, &format!("<?php\n{code}\n"));
            assert!(matches!(&said[..], [one] if one.contains("for each domain") || one.contains("with domain ids")), "{code}: {said:?}");
        }
        let said =
            messages(RULE, &format!("<?php\n$a = []; {each} {{ $a[$domain->getId()] = 1; }} pm_Settings::set('all', json_encode($a));"));
        assert_eq!(
            said,
            [
                "setting `all` has an entry for each domain in one value, which may have 5000 characters: with GUIDs in place of ids it holds 121 entries at most"
            ]
        );
    }

    #[test]
    fn an_entry_that_is_a_record_is_as_long_as_its_fields() {
        let each = "foreach (pm_Domain::getAllDomains() as $domain)";
        let guid = "\"01234567-89ab-cdef-0123-456789abcdef\"";
        for (put, entry) in [
            // The shortest that JSON makes of what is spelled out.
            ("$a[] = $domain->getId();", format!("{guid},")),
            ("$a[$domain->getId()] = 'checked';", format!("{guid}:1,")),
            ("$a[] = ['domainId' => $domain->getId()];", format!("{{\"domainId\":{guid}}},")),
            (
                "$a[] = ['domainId' => $domain->getId(), 'state' => 'new', 'tries' => 0, 'at' => time(), 'sum' => md5($x), 'more' => [], 'y' => $x];",
                format!(
                    "{{\"domainId\":{guid},\"state\":\"new\",\"tries\":0,\"at\":1700000000,\"sum\":\"{}\",\"more\":[],\"y\":1}},",
                    "0".repeat(32)
                ),
            ),
            (
                "$a[] = ['domain' => ['id' => (int) $domain->getId(), 'name' => $domain->getName()], 'ok' => true];",
                format!("{{\"domain\":{{\"id\":{guid},\"name\":\"a\"}},\"ok\":true}},"),
            ),
            ("$a[$domain->getId()] = ['state' => $x, 'at' => $x];", format!("{guid}:{{\"state\":1,\"at\":1}},")),
            ("$row = ['state' => $x, 'at' => null]; $a[$domain->getId()] = $row;", format!("{guid}:{{\"state\":1,\"at\":null}},")),
            (
                "$a[$domain->getId()] = ['id' => $domain->getId(), 'at' => $x];",
                // What stands there is looked at as it is written.
                format!("{guid}:{{\"id\":1,\"at\":1}},"),
            ),
        ] {
            let code = format!("<?php\n$a = []; {each} {{ {put} }} pm_Settings::set('all', json_encode($a));\n");
            let said = messages(RULE, &code);
            let expected = 4_999 / entry.len();
            let [one] = &said[..] else { panic!("{put}: {said:?}") };
            let words =
                if entry.matches(':').count() > 1 || entry.contains(":{") { ", with the fields that the code gives each" } else { "" };
            assert!(one.ends_with(&format!(" it holds {expected} entries at most{words}")), "{put}: {expected}: {one}");
        }
    }

    #[test]
    fn what_grows_with_each_call_is_a_note() {
        let code =
            "<?php $log = json_decode(pm_Settings::get('log', '[]'), true); $log[] = time(); pm_Settings::set('log', json_encode($log));";
        let linted = lint_php(RULE, code);
        assert!(
            matches!(&linted.findings[..], [f] if f.severity == Severity::Note && f.message.contains("with each call")),
            "{:?}",
            linted.findings
        );
    }

    #[test]
    fn what_stays_short_is_not_told() {
        for code in [
            "$log = json_decode(pm_Settings::get('log'), true); $log[] = 1; pm_Settings::set('log', json_encode(array_slice($log, -20)));",
            "$a = ['id' => $domain->getId()]; pm_Settings::set('last', json_encode($a));",
            "$domain = new pm_Domain($x); pm_Settings::set('last', json_encode([$domain->getId() => 1]));",
            "$domain = new pm_Domain($x); $a = [$domain->getId(), 7]; pm_Settings::set('last', json_encode($a));",
            "$domain = new pm_Domain($x); pm_Settings::set('last', json_encode(array_fill_keys([$domain->getId()], 1)));",
            "foreach (pm_Domain::getAllDomains() as $domain) { pm_Settings::set('d-' . $domain->getGuid(), json_encode(['a' => 1])); }",
            "$a = []; foreach (['x', 'y'] as $key) { $a[$key] = 1; } pm_Settings::set('form', json_encode($a));",
            "pm_Settings::set('form', json_encode($form->getValues()));",
            "function f($all) { $all[pm_Session::getCurrentDomain()->getId()] = 1; $t = json_encode($all); if (strlen($t) > 4000) throw new E(); pm_Settings::set('a', $t); }",
            "$a = []; foreach (pm_Domain::getAllDomains() as $domain) { $a[] = $domain->getName(); } file_put_contents('x', json_encode($a));",
            "$n = 0; foreach (pm_Domain::getAllDomains() as $domain) { $n++; } pm_Settings::set('count', json_encode(['n' => $n]));",
        ] {
            assert_eq!(messages(RULE, &format!("<?php\n{code}\n")), Vec::<String>::new(), "{code}");
        }
    }
}
