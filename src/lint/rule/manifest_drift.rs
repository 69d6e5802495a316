//! `manifest-drift`: a manifest that names what the extension no longer has, or lacks what its code proves.

use super::super::suppress::Usage;
use super::super::{Context, Finding, Location, Severity};
use super::Rule;
use crate::discover::{Discovery, entries};
use crate::extension::Extension;
use crate::reference::manifest::{Entry, Manifest, Store, merge};
use crate::reference::{Confidence, Encoding, Place};

pub(super) static RULE: ManifestDrift = ManifestDrift;

/// Shorter pieces of a name stand everywhere by chance.
const SHORTEST_WORD: usize = 2;

/// See `rules/manifest-drift.md`.
pub(super) struct ManifestDrift;

impl Rule for ManifestDrift {
    fn id(&self) -> &'static str {
        "manifest-drift"
    }

    fn check(&self, context: &Context<'_>, findings: &mut Vec<Finding>) {
        // A single file is not the whole of an extension, and a manifest without entries declares nothing.
        let Some(manifest) = context.manifest.filter(|m| !m.references.is_empty() && !context.extension.is_file()) else { return };
        let words = Words::of(context);
        for entry in &manifest.references {
            findings.extend(self.gone(context, &words, entry));
        }
    }

    fn review(&self, context: &Context<'_>, _: &Usage<'_>, found: &[Finding], findings: &mut Vec<Finding>) {
        let Some(manifest) = context.manifest.filter(|m| !m.references.is_empty() && !context.extension.is_file()) else { return };
        // Whoever says why a place does no harm has said why `fix` leaves it as it is.
        let ignored: Vec<&Place> = found.iter().filter(|f| f.suppressed.is_some()).filter_map(|f| f.place.as_ref()).collect();
        for discovery in context.discoveries.iter().filter(|d| !ignored.contains(&&d.reference.place)) {
            findings.extend(self.lacking(manifest, discovery));
        }
    }
}

impl ManifestDrift {
    /// An entry of what is no longer there.
    fn gone(&self, context: &Context<'_>, words: &Words<'_>, entry: &Entry) -> Option<Finding> {
        let (missing, sure) = missing(context.extension, words, entry)?;
        let span = context.manifest_span(&entry.span)?;
        // What could not be read may have it.
        let unread = !context.extension.unreadable.is_empty() || context.extension.skipped.excluded > 0;
        let confidence = match (unread, sure) {
            (true, _) => Confidence::Possible,
            (false, true) => Confidence::Proven,
            (false, false) => Confidence::Likely,
        };
        Some(Finding {
            rule: self.id(),
            severity: if unread { Severity::Note } else { Severity::Warning },
            confidence,
            kinds: entry.kind.into_iter().collect(),
            place: Some(entry.store.place()),
            message: format!("reguid.toml declares `{}`, but {missing}", entry.store.place()),
            help: "correct the entry if the name has changed; keep it if older releases left such data on servers, and say so in a suppression; \
                   delete it otherwise"
                .to_owned(),
            locations: vec![Location::primary(span, "declared here")],
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        })
    }

    /// A proven place that no entry declares.
    fn lacking(&self, manifest: &Manifest, discovery: &Discovery) -> Option<Finding> {
        let reference = &discovery.reference;
        let fixable = !matches!(reference.encoding, Encoding::Hashed | Encoding::Encrypted);
        if reference.confidence != Confidence::Proven || !fixable || reference.kinds.iter().all(|k| !k.facts().hosted) {
            return None;
        }
        // What no manifest can name, or of which it is open what it holds, cannot be missed in one.
        let proposal = entries::entry(discovery)?;
        if manifest.declared(&proposal.store).is_some() || merge::merge(Some(manifest), &[proposal]).is_ok_and(|m| m.added == 0) {
            return None;
        }
        // One declared for its whole value, or for another path in it, is declared as its author meant it.
        if let Some((table, column, _)) = reference.place.as_column()
            && manifest.column(table, column).is_some()
        {
            return None;
        }
        let first = discovery.sightings.first()?;
        let mut locations = vec![Location::primary(first.span, &first.label)];
        locations.extend(discovery.sightings.iter().skip(1).map(|s| Location::related(s.span, &s.label)));
        let kinds: Vec<&str> = reference.kinds.iter().map(|k| k.name()).collect();
        Some(Finding {
            rule: self.id(),
            severity: Severity::Note,
            confidence: Confidence::Proven,
            kinds: reference.kinds.clone(),
            place: Some(reference.place.clone()),
            message: format!(
                "reguid.toml has no entry for `{}`, which stores raw {} ids: `reguid fix` leaves them as they are",
                reference.place,
                kinds.join(" or ")
            ),
            help: "`reguid references --write` adds the entry".to_owned(),
            locations,
            evidence: reference.evidence.clone(),
            suppressed: None,
            fingerprint: String::new(),
        })
    }
}

/// What an entry names that the extension does not have, and whether that is certain.
fn missing(extension: &Extension, words: &Words<'_>, entry: &Entry) -> Option<(String, bool)> {
    match &entry.store {
        Store::Column { table, column, .. } | Store::PanelColumn { table, column, .. } => {
            let declared: Vec<_> = extension.tables.iter().filter(|t| t.name.eq_ignore_ascii_case(table)).collect();
            if declared.is_empty() {
                return (!words.have(table)).then(|| (format!("nothing in the extension speaks of a table `{table}`"), true));
            }
            let has = |name: &str| declared.iter().flat_map(|t| &t.columns).any(|c| c.name.eq_ignore_ascii_case(name));
            for (name, what) in [(Some(column), "column"), (entry.twin.as_ref(), "twin column")] {
                if let Some(name) = name.filter(|name| !has(name) && !words.have(name)) {
                    return Some((format!("table `{table}` has no {what} `{name}`"), true));
                }
            }
            None
        }
        Store::SettingKey { pattern } | Store::FileName { pattern } => named(words, pattern),
        Store::Setting { name, .. } | Store::ObjectSetting { name, .. } => named(words, name),
        Store::File { glob, .. } => named(words, glob),
    }
}

/// The first word of a name or pattern that stands nowhere: code that puts the name together would have it too.
fn named(words: &Words<'_>, pattern: &str) -> Option<(String, bool)> {
    let word = literal_words(pattern).into_iter().find(|word| !words.have(word))?;
    Some((format!("nothing in the extension speaks of `{word}`"), false))
}

/// The words of a pattern outside of its holes: pieces of letters and digits, cut before capitals.
fn literal_words(pattern: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut hole = false;
    let mut before = ' ';
    for c in pattern.chars() {
        hole = (hole || c == '{') && c != '}';
        if hole || !c.is_alphanumeric() || (c.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if !hole && c.is_alphanumeric() {
            words.last_mut().expect("it is never empty").push(c);
        }
        before = c;
    }
    words.retain(|word| word.chars().count() >= SHORTEST_WORD);
    words
}

/// What stands in the files of an extension, its manifest not among them.
struct Words<'c> {
    context: &'c Context<'c>,
}

impl<'c> Words<'c> {
    fn of(context: &'c Context<'c>) -> Words<'c> {
        Words { context }
    }

    /// Whether `word` stands anywhere, in whatever case, alone or as a part of a longer one. Comments count: they are often about older releases.
    fn have(&self, word: &str) -> bool {
        let files = self.context.extension.files.iter().enumerate();
        let others = files.filter(|(number, _)| self.context.manifest_file.is_none_or(|m| m.0 as usize != *number));
        others.into_iter().any(|(_, file)| has_word(&file.bytes, word.as_bytes()))
    }
}

/// Whether `word` is a part of `bytes`, ASCII letters in whatever case.
fn has_word(bytes: &[u8], word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return true };
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    memchr::memchr2_iter(lower, upper, bytes)
        .any(|at| bytes.get(at + 1..at + 1 + rest.len()).is_some_and(|found| found.eq_ignore_ascii_case(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::source::FileId;
    use crate::extension::sql::schema::{self, SchemaOrigin};
    use crate::lint::testing::{column, files, lint_with};

    const TABLE: &[u8] = b"CREATE TABLE apps (id INTEGER, domain_id INTEGER, name TEXT);";

    fn drift(sources: &[(&str, &[u8])], discoveries: &[Discovery], manifest: &str) -> Vec<(Severity, Confidence, String)> {
        let mut extension = files(sources);
        extension.tables = schema::read(FileId(0), sources[0].1, SchemaOrigin::SqlFile).tables;
        let linted = lint_with(extension, discoveries, manifest);
        let ours = linted.findings.iter().filter(|f| f.rule == "manifest-drift");
        ours.map(|f| (f.severity, f.confidence, f.message.clone())).collect()
    }

    fn entry(rest: &str) -> String {
        format!("[[reference]]\n{rest}\nkind = 'domain'\n")
    }

    #[test]
    fn what_the_extension_has_no_more_is_told() {
        let of = |table: &str, column: &str| entry(&format!("database = '*'\ntable = '{table}'\ncolumn = '{column}'"));
        let php: &[u8] = b"<?php pm_Settings::set('last' . 'Scan', 1); $old = 'renamed_id';";
        for (manifest, expected) in [
            (of("apps", "domain_id"), None),
            (of("APPS", "Domain_Id"), None),
            (of("apps", "site_id"), Some("table `apps` has no column `site_id`")),
            (of("sites", "domain_id"), Some("speaks of a table `sites`")),
            // The code may add it by statements that are put together.
            (of("apps", "renamed_id"), None),
            (entry("setting = 'lastScan'"), None),
            (entry("setting = 'nextScan'"), Some("speaks of `next`")),
            (entry("setting-key = 'scan-{domain}'\n").replace("\nkind = 'domain'", ""), None),
            (entry("file-name = 'report-{domain}.json'\n").replace("\nkind = 'domain'", ""), Some("speaks of `report`")),
        ] {
            let found = drift(&[("a.sql", TABLE), ("b.php", php)], &[], &manifest);
            match expected {
                None => assert_eq!(found, [], "{manifest}"),
                Some(words) => assert!(matches!(&found[..], [(Severity::Warning, _, m)] if m.contains(words)), "{manifest}: {found:?}"),
            }
        }
    }

    #[test]
    fn what_is_proven_and_not_declared_is_told() {
        let manifest = entry("database = '*'\ntable = 'apps'\ncolumn = 'name'");
        let sources: &[(&str, &[u8])] = &[("a.sql", TABLE)];
        let found = drift(sources, &[column(Confidence::Proven)], &manifest);
        assert!(
            matches!(&found[..], [(Severity::Note, Confidence::Proven, m)] if m.contains("no entry for `sqlite:apps.domain_id`")),
            "{found:?}"
        );
        assert_eq!(drift(sources, &[column(Confidence::Likely)], &manifest), []);
        assert_eq!(drift(sources, &[column(Confidence::Proven)], "[lint]\nfail-on = 'error'\n"), [], "it declares nothing at all");
        let declared = entry("database = 'x.db'\ntable = 'apps'\ncolumn = 'domain_id'");
        assert_eq!(drift(sources, &[column(Confidence::Proven)], &declared), []);
    }

    #[test]
    fn what_is_ignored_is_not_missed() {
        let manifest = entry("database = '*'\ntable = 'apps'\ncolumn = 'name'");
        let found = |sql: &str, ignore: &str| {
            let sources: &[(&str, &[u8])] = &[("a.sql", sql.as_bytes())];
            drift(sources, &[column(Confidence::Proven)], &format!("{manifest}{ignore}")).len()
        };
        let table = std::str::from_utf8(TABLE).unwrap();
        let ignore = |rule: &str| format!("[[lint.ignore]]\nrule = '{rule}'\nreason = 'filled anew each night'\n");
        assert_eq!(found(table, ""), 1);
        assert_eq!(found(table, &ignore("raw-id-column")), 0);
        assert_eq!(found(&format!("{table} -- reguid: ignore[raw-id-column] filled anew each night\n"), ""), 0);
        assert_eq!(found(table, &ignore("raw-id-in-file")), 1);
        // The rule's own suppression is one that is needed.
        let mut extension = files(&[("a.sql", TABLE)]);
        extension.tables = schema::read(FileId(0), TABLE, SchemaOrigin::SqlFile).tables;
        let linted = lint_with(extension, &[column(Confidence::Proven)], &format!("{manifest}{}", ignore("manifest-drift")));
        let unused = linted.findings.iter().filter(|f| f.rule == "unused-suppression").count();
        assert_eq!((unused, linted.findings.iter().filter(|f| f.suppressed.is_some()).count()), (0, 1));
    }

    #[test]
    fn a_name_is_cut_at_holes_marks_and_capitals() {
        for (pattern, words) in [
            ("lastScan-{domain}_x", &["last", "Scan"][..]),
            ("*.json", &["json"]),
            ("{domain}{client}", &[]),
            ("d{domain}_status", &["status"]),
        ] {
            assert_eq!(literal_words(pattern), words, "{pattern}");
        }
    }
}
