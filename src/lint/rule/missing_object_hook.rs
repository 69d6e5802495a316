//! `missing-object-hook`: data that belongs to objects, and no hook that carries it into their backups.

use std::collections::{BTreeMap, BTreeSet};

use super::super::unread::{Unread, beginning};
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::extension::source::Span;
use crate::panel::Kind;
use crate::panel::catalogue::{self, Gives, Hook, Keeps};
use crate::reference::manifest::Store;
use crate::reference::{Confidence, Evidence, EvidenceClass, Place};

pub(super) static RULE: MissingObjectHook = MissingObjectHook;

/// Places that are shown beside the first one.
const SHOWN: usize = 3;

/// Kinds lie at most this deep in one another.
const MAX_DEPTH: usize = 8;

/// See `rules/missing-object-hook.md`.
pub(super) struct MissingObjectHook;

impl Rule for MissingObjectHook {
    fn id(&self) -> &'static str {
        "missing-object-hook"
    }

    fn is_of_extension(&self) -> bool {
        true
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        let extension = context.extension;
        // Hooks are code: what has none, or is a single file, is not the whole of an extension.
        if extension.is_file() || extension.scripts.is_empty() {
            return;
        }
        let there: BTreeSet<Kind> = context
            .facts
            .hooks()
            .iter()
            .flat_map(|hook| hook.facts().filter(|facts| hook.method(&facts.method).is_some()).filter_map(kind_of))
            .collect();
        let mut lacking: BTreeMap<Kind, Vec<Data>> = BTreeMap::new();
        for (kinds, data) in data(context) {
            if kinds.is_disjoint(&there)
                && let Some(kind) = kinds.last()
            {
                lacking.entry(*kind).or_default().push(data);
            }
        }
        let mut finding = self.finding(lacking);
        // What could not be read, or was left out, may have the hook.
        if !extension.unreadable.is_empty() || extension.skipped.excluded > 0 {
            finding.iter_mut().for_each(|f| f.confidence = Confidence::Possible);
        }
        findings.extend(finding);
    }
}

impl MissingObjectHook {
    /// One for the whole extension: the way out is the same for all of its data.
    fn finding(&self, lacking: BTreeMap<Kind, Vec<Data>>) -> Option<Finding> {
        let needed: Vec<(Kind, &Hook)> = lacking.keys().filter_map(|kind| Some((*kind, hook_of(*kind)?))).collect();
        let classes: Vec<String> = needed.iter().map(|(_, hook)| format!("`{}` in `{}`", hook.class, file_of(&hook.class))).collect();
        let evidence = lacking.iter().filter_map(|(kind, data)| told(*kind, data)).collect();
        let mut all: Vec<Data> = lacking.into_values().flatten().collect();
        // A place that is found and declared is told as it was found.
        let mut seen = BTreeSet::new();
        all.retain(|data| data.place.as_ref().is_none_or(|place| seen.insert(place.clone())));
        all.sort_by(|a, b| b.confidence.cmp(&a.confidence).then_with(|| a.span.cmp(&b.span)));
        let first = all.first()?;
        let mut locations = vec![Location::primary(first.span, first.label.clone())];
        locations.extend(all.iter().skip(1).take(SHOWN).map(|data| Location::related(data.span, data.label.clone())));
        Some(Finding {
            rule: self.id(),
            severity: Severity::Note,
            confidence: first.confidence,
            kinds: needed.iter().map(|(kind, _)| *kind).collect(),
            place: None,
            // The same whatever the data is: a baseline knows the finding by it.
            message: "the extension keeps data of single objects, and no hook carries it into their backups: a restore of one of them leaves it out"
                .to_owned(),
            help: format!(
                "write a class that extends {}; its {} hands over what belongs to the object, and its {} stores it under the object that it is given",
                classes.join(", and one that extends "),
                method(needed.first().map(|(_, hook)| hook.method.as_str())),
                method(needed.first().and_then(|(_, hook)| hook.back.as_deref()))
            ),
            locations,
            evidence,
            suppressed: None,
            fingerprint: String::new(),
        })
    }
}

/// Where data of objects of `kind` is kept, for a person.
fn told(kind: Kind, data: &[Data]) -> Option<Evidence> {
    let whose = hook_of(kind)?.in_backups_of.as_deref()?;
    let mut places: Vec<String> =
        data.iter().map(|d| d.place.as_ref().map_or_else(|| d.label.clone(), |place| format!("`{place}`"))).collect();
    places.sort_unstable();
    places.dedup();
    let first = places.first()?;
    let more = match places.len() - 1 {
        0 => String::new(),
        1 => " and another place".to_owned(),
        more => format!(" and {more} other places"),
    };
    Some(Evidence { class: EvidenceClass::Code, text: format!("{kind} objects, in no backup of {whose}: {first}{more}") })
}

/// A method, for a person.
fn method(name: Option<&str>) -> String {
    name.map_or_else(|| "counterpart".to_owned(), |name| format!("`{name}()`"))
}

/// The kind whose objects a hook is called for, if their data goes into a backup by it.
fn kind_of(hook: &Hook) -> Option<Kind> {
    hook.of.as_deref().filter(|_| hook.keeps)?.parse().ok()
}

/// The hook that is called for objects of `kind`.
fn hook_of(kind: Kind) -> Option<&'static Hook> {
    catalogue::get().shared.hook.iter().find(|hook| kind_of(hook) == Some(kind))
}

/// The kind whose hook is called for what objects of `kind` belong to: a mailbox is in the backup of its domain.
fn carried_with(kind: Kind) -> Option<Kind> {
    let mut kind = kind;
    for _ in 0..MAX_DEPTH {
        if hook_of(kind).is_some() {
            return Some(kind);
        }
        let table = kind.facts().table.as_ref()?;
        let above = match (&table.parent, &table.through) {
            (Some(parent), _) => parent.split_once(':')?.1,
            // Another object's identity: that of the last one of its types, which is the innermost.
            (None, Some(through)) => through.types.values().next_back()?,
            _ => return None,
        };
        kind = above.parse().ok()?;
    }
    None
}

/// Where a hook's class belongs.
fn file_of(class: &str) -> String {
    let name = class.split_once("Hook_").map_or(class, |(_, name)| name);
    format!("plib/hooks/{}.php", name.replace('_', "/"))
}

/// Data of an object.
struct Data {
    place: Option<Place>,
    span: Span,
    label: String,
    confidence: Confidence,
}

/// The data of objects that the extension keeps, each with the kinds whose hooks may carry it.
fn data(context: &Context<'_>) -> Vec<(BTreeSet<Kind>, Data)> {
    let unread = Unread::of(context);
    let mut all = raw(context, &unread);
    all.extend(declared(context));
    all.extend(stable_columns(context));
    all.extend(stable_names(context, &unread));
    // A row of a domain that names its client too is the domain's.
    let mut of_table: BTreeMap<String, BTreeSet<Kind>> = BTreeMap::new();
    for (kinds, data) in &all {
        if let Some(Place::Column { table, .. } | Place::PanelColumn { table, .. }) = &data.place {
            of_table.entry(table.to_lowercase()).or_default().extend(kinds);
        }
    }
    for (kinds, data) in &mut all {
        if let Some(Place::Column { table, .. } | Place::PanelColumn { table, .. }) = &data.place
            && let Some(all) = of_table.get(&table.to_lowercase())
        {
            let inner = all.iter().copied().find(|kind| all.iter().all(|other| is_within(*kind, *other)));
            *kinds = inner.map_or_else(|| all.clone(), |inner| [inner].into());
        }
    }
    all
}

/// Whether objects of `inner` belong to objects of `outer`, or the two are the same.
fn is_within(inner: Kind, outer: Kind) -> bool {
    let parent = |kind: Kind| kind.facts().table.as_ref()?.parent.as_deref()?.split_once(':')?.1.parse::<Kind>().ok();
    let above = std::iter::successors(Some(inner), |kind| parent(*kind)).take(MAX_DEPTH);
    above.into_iter().any(|kind| kind == outer)
}

fn carried<'k>(kinds: impl IntoIterator<Item = &'k Kind>) -> Option<BTreeSet<Kind>> {
    let kinds: BTreeSet<Kind> = kinds.into_iter().filter(|kind| kind.facts().hosted).filter_map(|kind| carried_with(*kind)).collect();
    (!kinds.is_empty()).then_some(kinds)
}

/// Whether a place holds something for each of several objects. One id alone, such as that of the last domain that was looked at, is the server's data.
fn is_of_many(place: &Place) -> bool {
    match place {
        Place::Column { .. } | Place::PanelColumn { .. } | Place::SettingKey { .. } | Place::FileName { .. } => true,
        // Of what is kept under a name of which nothing is known it is not certain what it is.
        Place::Setting { name, path } | Place::File { name, path } => {
            name != "*" && path.as_deref().is_some_and(|path| path.contains("[*]") || path.contains(".{"))
        }
        Place::ObjectSetting { .. } | Place::Session { .. } | Place::Task { .. } | Place::BackupPayload { .. } => false,
    }
}

/// What is kept under raw ids, or beside them.
fn raw(context: &Context<'_>, unread: &Unread<'_, '_>) -> Vec<(BTreeSet<Kind>, Data)> {
    let mut all = Vec::new();
    for discovery in context.discoveries.iter().filter(|d| d.reference.confidence >= Confidence::Likely) {
        let reference = &discovery.reference;
        let many = is_of_many(&reference.place);
        // What nothing asks for is not missed.
        if let Place::SettingKey { pattern } = &reference.place
            && unread.holds(pattern.split(['{', '*']).next().unwrap_or_default())
        {
            continue;
        }
        let (Some(first), Some(kinds), true) = (discovery.sightings.first(), carried(&reference.kinds), many) else { continue };
        let place = Some(reference.place.clone());
        all.push((kinds, Data { place, span: first.span, label: first.label.clone(), confidence: reference.confidence }));
    }
    all
}

/// What the manifest declares to be kept by GUID or name. Raw ids are found without it.
fn declared(context: &Context<'_>) -> Vec<(BTreeSet<Kind>, Data)> {
    let mut all = Vec::new();
    for entry in context.manifest.iter().flat_map(|m| &m.references) {
        let (Store::Column { table, .. } | Store::PanelColumn { table, .. }) = &entry.store else { continue };
        // An entry of a table that is gone declares nothing.
        if !context.extension.tables.iter().any(|t| t.name.eq_ignore_ascii_case(table)) {
            continue;
        }
        let (Some(kinds), Some(span)) = (carried(&entry.kind), context.manifest_span(&entry.span)) else { continue };
        all.push((
            kinds,
            Data { place: Some(entry.store.place()), span, label: "declared here".to_owned(), confidence: Confidence::Proven },
        ));
    }
    all
}

/// Columns that are called like the GUIDs of one kind.
fn stable_columns(context: &Context<'_>) -> Vec<(BTreeSet<Kind>, Data)> {
    let mut all = Vec::new();
    for table in context.extension.tables.iter().filter(|t| !t.mysql) {
        for column in &table.columns {
            let [kind] = catalogue::guid_columns(&column.name) else { continue };
            let Some(kinds) = carried([kind]) else { continue };
            let place = Place::Column { table: table.name.clone(), column: column.name.clone(), path: None };
            let label = format!("a column of GUIDs of {kind} objects");
            all.push((kinds, Data { place: Some(place), span: column.span, label, confidence: Confidence::Likely }));
        }
    }
    all
}

/// Settings and files that are named after an object by its GUID or its key.
fn stable_names(context: &Context<'_>, unread: &Unread<'_, '_>) -> Vec<(BTreeSet<Kind>, Data)> {
    let mut all = Vec::new();
    for code in context.facts.codes() {
        for kept in code.kept() {
            let at = code.at(kept.name);
            let named = code.parts(kept.name).into_iter().flat_map(|part| code.panel_gives(part));
            let kinds: Vec<Kind> = named.filter(|(_, gives)| matches!(gives, Gives::Guid | Gives::Key)).map(|(kind, _)| kind).collect();
            let Some(kinds) = carried(&kinds) else { continue };
            if kept.keeps == Keeps::Setting && unread.holds(&beginning(code, kept.name)) {
                continue;
            }
            let what = if kept.keeps == Keeps::File { "a file" } else { "a setting" };
            let label = format!("{what} for each of them");
            all.push((
                kinds,
                Data { place: None, span: Span::new(code.script.file, at.start, at.end), label, confidence: Confidence::Proven },
            ));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::php::parse::parse;
    use crate::extension::source::FileId;
    use crate::lint::testing::{files, lint_php, lint_with, messages};

    const RULE: &str = "missing-object-hook";

    #[test]
    fn kinds_are_carried_with_what_they_belong_to() {
        let with = |kind: &str| carried_with(kind.parse().unwrap()).map(Kind::name);
        for (kind, expected) in [
            ("domain", Some("domain")),
            ("client", Some("client")),
            ("mailbox", Some("domain")),
            ("database-user", Some("domain")),
            ("subscription", Some("domain")),
            ("user", Some("client")),
            ("service-node", None),
        ] {
            assert_eq!(with(kind), expected, "{kind}");
        }
        assert_eq!(file_of("pm_Hook_Backup_Domain"), "plib/hooks/Backup/Domain.php");
    }

    #[test]
    fn one_finding_tells_of_all_data() {
        let code = "<?php
            pm_Settings::set('color-' . (new pm_Domain($id))->getGuid(), 1);
            pm_Settings::set('size-' . pm_Session::getClient()->getLogin(), 1);
            file_put_contents(pm_Context::getVarDir() . pm_Session::getClient()->getLogin() . '.json', '{}');";
        let linted = lint_php(RULE, code);
        let [finding] = &linted.findings[..] else { panic!("{:?}", linted.findings) };
        let told: Vec<&str> = finding.evidence.iter().map(|e| e.text.as_str()).collect();
        assert_eq!(
            told,
            [
                "client objects, in no backup of an account: a file for each of them and another place",
                "domain objects, in no backup of a subscription: a setting for each of them"
            ]
        );
    }

    #[test]
    fn a_baseline_knows_it_whichever_file_shows_it_first() {
        let code = "<?php\npm_Settings::set('color-' . pm_Domain::getByGuid($g)->getGuid(), 1);\n";
        let prints = [&["b.php"][..], &["a.php", "b.php"]].map(|names| {
            let all: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, code.as_bytes())).collect();
            let mut extension = files(&all);
            extension.root = Some("ext".into());
            extension.scripts = (0u32..).zip(names).map(|(id, _)| parse(FileId(id), code.as_bytes())).collect();
            let found = lint_with(extension, &[], "").findings.into_iter().find(|f| f.rule == RULE).unwrap();
            (found.locations[0].span.file, found.fingerprint)
        });
        assert_eq!(prints[0].1, prints[1].1);
        assert_eq!(prints[1].0, FileId(0));
    }

    #[test]
    fn data_with_a_hook_and_data_of_the_server_are_not_told() {
        let hook = "class Hook extends pm_Hook_Backup_Domain { public function backup(pm_Domain $domain) { return ['', [], []]; } }";
        for code in [
            format!("pm_Settings::set('color-' . pm_Domain::getByGuid($g)->getGuid(), 1); {hook}"),
            "pm_Settings::set('color', 1); $db->exec('CREATE TABLE log (id INTEGER PRIMARY KEY, line TEXT)');".to_owned(),
            "$domain = new pm_Domain($id); $domain->setSetting('color', 1);".to_owned(),
            "$domain = new pm_Domain($id); $_SESSION['name'] = $domain->getName();".to_owned(),
        ] {
            assert_eq!(messages(RULE, &format!("<?php\n{code}\n")), Vec::<String>::new(), "{code}");
        }
        let server = "class Hook extends pm_Hook_Backup_Server { public function backup() { return ['', [], []]; } }";
        let said = messages(RULE, &format!("<?php\npm_Settings::set('color-' . pm_Domain::getByGuid($g)->getGuid(), 1); {server}"));
        assert_eq!(said.len(), 1, "{said:?}");
    }

    /// Keeps a note of a problem for each domain; `more` is what else the extension does.
    fn keeping(more: &str) -> Vec<String> {
        let key = "'problem-' . $d->getGuid()";
        let keeps = format!("pm_Settings::set({key}, 'out of space');");
        let more = more.replace("KEY", key);
        messages(RULE, &format!("<?php\nfunction f(pm_Domain $d, $gone) {{ {keeps}\n{more} }}\n"))
    }

    #[test]
    fn what_nothing_asks_for_is_not_missed() {
        for more in [
            "if (pm_Settings::get(KEY)) { pm_Settings::set(KEY, null); }",
            "if ($gone && pm_Settings::get(KEY)) pm_Settings::set(KEY, '');",
            "if ($gone) { f(); } elseif ($gone !== 1 && pm_Settings::get(KEY, false)) { pm_Settings::set(KEY, false); }",
            "pm_Settings::set(KEY, null);",
            "$key = KEY; pm_Settings::set($key, null); $other = pm_Settings::get('problems'); $o = pm_Settings::get(\"color-$other\");",
        ] {
            assert_eq!(keeping(more), Vec::<String>::new(), "{more}");
        }
    }

    #[test]
    fn what_something_depends_on_is_missed() {
        let clear = "pm_Settings::set(KEY, null);";
        for more in [
            // It is never dropped: somebody will want it.
            "if (pm_Settings::get(KEY)) { }",
            "",
            "pm_Settings::set('other-' . $d->getGuid(), null);",
            // A flag.
            &format!("if (pm_Settings::get(KEY)) {{ run(); }} if ($gone) {{ {clear} }}"),
            &format!("if (pm_Settings::get(KEY)) {{ {clear} run(); }}"),
            &format!("if (pm_Settings::get(KEY)) {{ {clear} return; }}"),
            &format!("if (pm_Settings::get(KEY)) {{ {clear} ?>There was one<?php }}"),
            &format!("if (pm_Settings::get(KEY)) {{ {clear} }} else {{ run(); }}"),
            &format!("if (pm_Settings::get(KEY)) {{ {clear} }} elseif ($gone) {{ run(); }}"),
            &format!("if (pm_Settings::get(KEY) && run()) {{ {clear} }}"),
            &format!("if ($was = pm_Settings::get(KEY)) {{ {clear} }} return $was;"),
            &format!("while (pm_Settings::get(KEY)) {{ {clear} }}"),
            &format!("$gone = pm_Settings::get(KEY) ? 1 : 2; {clear}"),
            // Another one is dropped.
            "if (pm_Settings::get(KEY)) { pm_Settings::set('other', null); }",
            // It may be read here.
            &format!("{clear} return pm_Settings::get($gone);"),
            &format!("{clear} return pm_Settings::get(implode('-', ['problem', $gone]));"),
            &format!("{clear} return pm_Settings::get(sprintf('problem-%s', $gone));"),
            &format!("{clear} return pm_Settings::get(\"prob$gone\");"),
        ] {
            assert_eq!(keeping(more).len(), 1, "{more}");
        }
    }

    #[test]
    fn what_could_not_be_read_may_ask_for_it() {
        let code = "<?php\nfunction f(pm_Domain $d) { $key = 'problem-' . $d->getGuid(); pm_Settings::set($key, 1); pm_Settings::set($key, null); }\n";
        let found = |unreadable: bool| {
            let mut extension = files(&[("a.php", code.as_bytes())]);
            extension.root = Some("ext".into());
            extension.scripts = vec![parse(FileId(0), code.as_bytes())];
            if unreadable {
                let reason = "it has more than 4 bytes".to_owned();
                extension.unreadable.push(crate::extension::Unreadable { path: "b.php".into(), span: None, reason });
            }
            lint_with(extension, &[], "").findings.iter().filter(|f| f.rule == RULE).count()
        };
        assert_eq!((found(false), found(true)), (0, 1));
    }
}
