//! Suppressions: comments in PHP and SQL (`reguid: ignore[rule] reason`, `reguid: expect[rule] reason`, for a line, a block or a file) and `[[lint.ignore]]` in the manifest.

mod comment;

pub(super) use comment::{Directive, Flaw, Reach, scan};

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use camino::{Utf8Path, Utf8PathBuf};
use globset::{GlobBuilder, GlobMatcher};

use super::base::Base;
use super::finding::{Suppressed, SuppressedBy};
use super::load::MANIFEST;
use super::{Context, Finding, names};
use crate::extension::Extension;
use crate::extension::source::{FileId, Span};
use crate::reference::manifest::Ignore;

/// The rule that reports what was not needed. What suppresses it is never reported as not needed: the question would have no end.
pub(super) const UNUSED: &str = "unused-suppression";

/// For each file and rule: the lines (from 0) that comments speak of, each with its comment's number.
type Blocks = BTreeMap<(FileId, &'static str), Vec<(RangeInclusive<usize>, usize)>>;

/// Which suppressions were needed.
pub(crate) struct Usage<'a> {
    comments: Vec<Comment<'a>>,
    /// For each line (from 0), the comments that speak of it.
    by_line: BTreeMap<(FileId, usize), Vec<usize>>,
    /// For each file and rule, the comments that speak of more lines, with those.
    by_block: Blocks,
    entries: Vec<ManifestEntry<'a>>,
    /// The rules that run.
    ran: Vec<&'static str>,
}

/// One rule of a valid comment.
struct Comment<'a> {
    directive: &'a Directive,
    /// The rule's id.
    rule: &'static str,
    at: Span,
    used: Cell<bool>,
}

struct ManifestEntry<'a> {
    ignore: &'a Ignore,
    /// Where it stands, if that is above the extension: others may need it.
    above: Option<&'a Base>,
    /// The rule's id.
    rule: &'static str,
    path: Option<GlobMatcher>,
    used: Cell<bool>,
}

/// A suppression that nothing needed.
pub(crate) struct Unneeded {
    /// The id of the rule that it names.
    pub rule: &'static str,
    /// Where it stands; `None` for an entry of a manifest that is not among the files.
    pub span: Option<Span>,
    /// What it is.
    pub by: SuppressedBy,
    /// Whether it says that the finding must be there.
    pub expected: bool,
}

impl<'a> Usage<'a> {
    /// Before anything was suppressed, with the rules that run.
    pub(super) fn new(context: &Context<'a>, ran: Vec<&'static str>) -> Usage<'a> {
        let mut comments = Vec::new();
        let mut by_line: BTreeMap<(FileId, usize), Vec<usize>> = BTreeMap::new();
        let mut by_block: Blocks = BTreeMap::new();
        for directive in context.directives.iter().filter(|d| d.flaw.is_none() && d.reach != Reach::End) {
            for (rule, at) in directive.rules.iter().filter_map(|(name, at)| Some((names::id(name)?, at))) {
                if let Some(block) = &directive.block {
                    by_block.entry((at.file, rule)).or_default().push((block.clone(), comments.len()));
                }
                for line in &directive.lines {
                    by_line.entry((at.file, *line)).or_default().push(comments.len());
                }
                comments.push(Comment { directive, rule, at: *at, used: Cell::new(false) });
            }
        }
        let own = context.manifest.map_or(&[][..], |m| &m.lint.ignore).iter().map(|ignore| (ignore, None));
        let above = context.base.into_iter().flat_map(|base| base.ignores().iter().map(move |ignore| (ignore, Some(base))));
        let entries = own.chain(above).filter_map(|(ignore, above)| {
            let path = ignore.path.as_deref().and_then(matcher);
            Some(ManifestEntry { ignore, above, rule: names::id(&ignore.rule)?, path, used: Cell::new(false) })
        });
        Usage { comments, by_line, by_block, entries: entries.collect(), ran }
    }

    /// Marks the findings that are suppressed, and what suppresses them as needed.
    pub(super) fn apply(&self, context: &Context<'_>, findings: &mut [Finding]) {
        if self.comments.is_empty() && self.entries.is_empty() {
            return;
        }
        for finding in findings {
            finding.suppressed = self.by_comment(context.extension, finding).or_else(|| self.by_manifest(context.extension, finding));
        }
    }

    fn by_comment(&self, extension: &Extension, finding: &Finding) -> Option<Suppressed> {
        for location in &finding.locations {
            let file = extension.file(location.span.file);
            let first = file.line_of(location.span.start);
            let last = file.line_of(location.span.end.saturating_sub(1).max(location.span.start));
            let file = location.span.file;
            for index in self.by_line.range((file, first)..=(file, last)).flat_map(|(_, comments)| comments) {
                let comment = &self.comments[*index];
                if comment.rule == finding.rule {
                    comment.used.set(true);
                    return Some(Suppressed { by: SuppressedBy::Inline, reason: comment.directive.reason.clone() });
                }
            }
            let blocks = self.by_block.get(&(file, finding.rule)).into_iter().flatten();
            if let Some((_, index)) = blocks.into_iter().find(|(lines, _)| *lines.start() <= last && first <= *lines.end()) {
                self.comments[*index].used.set(true);
                return Some(Suppressed { by: SuppressedBy::Inline, reason: self.comments[*index].directive.reason.clone() });
            }
        }
        None
    }

    fn by_manifest(&self, extension: &Extension, finding: &Finding) -> Option<Suppressed> {
        let entry = self.entries.iter().find(|entry| {
            let anywhere = entry.ignore.path.is_none();
            let hit = |path: &Utf8Path| {
                let matches = |path: &Utf8Path| entry.path.as_ref().is_some_and(|p| p.is_match(path));
                entry.above.map_or_else(|| matches(path), |base| matches(&base.path(path)))
            };
            entry.rule == finding.rule && (anywhere || finding.locations.iter().any(|l| hit(&extension.file(l.span.file).path)))
        })?;
        entry.used.set(true);
        Some(Suppressed { by: SuppressedBy::Manifest, reason: entry.ignore.reason.clone() })
    }

    /// The suppressions that suppressed nothing, of rules that ran.
    pub(super) fn unneeded(&self, context: &Context<'_>) -> Vec<Unneeded> {
        let asked = |rule: &str| rule != UNUSED && self.ran.contains(&rule);
        let comments = self.comments.iter().filter(|c| !c.used.get() && asked(c.rule));
        let entries = self.entries.iter().filter(|e| e.above.is_none() && !e.used.get() && asked(e.rule));
        let comments =
            comments.map(|c| Unneeded { rule: c.rule, span: Some(c.at), by: SuppressedBy::Inline, expected: c.directive.expected });
        comments
            .chain(entries.map(|e| Unneeded {
                rule: e.rule,
                span: context.manifest_span(&e.ignore.span),
                by: SuppressedBy::Manifest,
                expected: false,
            }))
            .collect()
    }
}

/// A name that a rule had before, where a person still uses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FormerName {
    /// The file, relative to the extension's root.
    pub path: Utf8PathBuf,
    /// What to write in its place.
    pub note: String,
}

/// The former names of rules in suppressions and in the manifest, each once a file.
pub(super) fn former_names(context: &Context<'_>) -> Vec<FormerName> {
    let in_comments = context.directives.iter().flat_map(|d| &d.rules);
    let in_comments = in_comments.map(|(name, at)| (context.extension.file(at.file).path.as_path(), name));
    let lint = context.manifest.map(|m| &m.lint);
    let in_manifest = lint.into_iter().flat_map(|lint| lint.rules.keys().chain(lint.ignore.iter().map(|ignore| &ignore.rule)));
    let all = in_comments.chain(in_manifest.map(|name| (Utf8Path::new(MANIFEST), name)));
    let found = all.filter_map(|(path, name)| Some(FormerName { path: path.to_owned(), note: names::note(name)? }));
    found.collect::<BTreeSet<FormerName>>().into_iter().collect()
}

/// The matcher of a path glob. The manifest's parser has refused the invalid ones.
fn matcher(glob: &str) -> Option<GlobMatcher> {
    GlobBuilder::new(glob).literal_separator(true).build().ok().map(|g| g.compile_matcher())
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{DDL, column, extension, files, lint_with, spot};
    use crate::lint::{Finding, Linted};
    use crate::reference::Confidence;

    fn with_comment(line: &str, above: bool) -> Linted {
        let sql = if above {
            DDL.replace("    domain_id", &format!("    {line}\n    domain_id"))
        } else {
            DDL.replace("NOT NULL", &format!("NOT NULL {line}"))
        };
        let extension = extension(&sql);
        let mut discovery = column(Confidence::Proven);
        discovery.sightings[0].span = spot(&extension, 0, "domain_id INTEGER");
        lint_with(extension, &[discovery], "")
    }

    fn open(linted: &Linted) -> Vec<&str> {
        linted.findings.iter().filter(|f| f.counts()).map(|f| f.rule).collect()
    }

    #[test]
    fn a_comment_with_a_reason_suppresses_on_its_line_and_the_next() {
        for line in ["-- reguid: ignore[raw-id-column] filled anew each night", "/* reguid: ignore[raw-id-column] filled anew */"] {
            for above in [true, false] {
                let linted = with_comment(line, above);
                assert_eq!(open(&linted), [""; 0], "{line}");
                let suppressed = linted.findings[0].suppressed.as_ref().unwrap();
                assert!(suppressed.reason.starts_with("filled anew") && !suppressed.reason.contains('*'), "{suppressed:?}");
            }
        }
    }

    #[test]
    fn a_code_suppresses_as_the_id_does() {
        let with = |names: &str| {
            let there = with_comment(&format!("-- reguid: ignore[{names}] filled anew each night"), true);
            let gone = lint_with(extension(&format!("-- reguid: expect[{names}] until later\nSELECT 1;\n")), &[], "");
            let said = |linted: &Linted| {
                let each =
                    linted.findings.iter().map(|f| (f.rule, f.severity, f.message.clone(), f.suppressed.clone(), f.fingerprint.clone()));
                each.collect::<Vec<_>>()
            };
            (said(&there), said(&gone))
        };
        assert_eq!(with("RG001"), with("raw-id-column"));
        assert_eq!(with("raw-id-in-file, RG001"), with("raw-id-in-file, raw-id-column"));
        let in_manifest = |rule: &str, path: &str| {
            let manifest = format!("[[lint.ignore]]\nrule = '{rule}'\npath = '{path}'\nreason = 'a cache'\n");
            let linted = lint_with(extension(DDL), &[column(Confidence::Proven)], &manifest);
            linted.findings.iter().map(|f| (f.rule, f.message.clone(), f.suppressed.is_some())).collect::<Vec<_>>()
        };
        for path in ["db/**", "other/**"] {
            assert_eq!(in_manifest("RG001", path), in_manifest("raw-id-column", path), "{path}");
        }
    }

    #[test]
    fn a_comment_for_a_block_or_a_file_suppresses_what_is_in_it() {
        let of = |before: &str, after: &str| {
            let sql = format!("{before}\n{DDL}{after}\n");
            let extension = extension(&sql);
            let mut discovery = column(Confidence::Proven);
            discovery.sightings[0].span = spot(&extension, 0, "domain_id INTEGER");
            lint_with(extension, &[discovery], "")
        };
        let [start, end] = ["-- reguid: ignore-start[raw-id-column] filled anew each night", "-- reguid: ignore-end[raw-id-column]"];
        for (before, after, left) in [
            (start, end, &[][..]),
            ("-- reguid: expect-file[raw-id-column] later", "", &[]),
            ("", "-- reguid: ignore-file[raw-id-column] filled anew each night", &[]),
            ("-- reguid: ignore-file[raw-id-in-file] filled anew", "", &["raw-id-column", "unused-suppression"]),
            (&format!("{start}\n{end}"), "", &["raw-id-column", "unused-suppression"]),
            (start, "", &["bad-suppression", "raw-id-column"]),
            ("", end, &["bad-suppression", "raw-id-column"]),
        ] {
            let linted = of(before, after);
            let mut found = open(&linted);
            found.sort_unstable();
            assert_eq!(found, left, "{before} {after}");
        }
    }

    #[test]
    fn without_a_reason_nothing_is_suppressed() {
        assert_eq!(open(&with_comment("-- reguid: ignore[raw-id-column]", true)), ["bad-suppression", "raw-id-column"]);
        assert_eq!(open(&with_comment("-- reguid: ignore[raw-id-colum] a reason", true)), ["bad-suppression", "raw-id-column"]);
    }

    #[test]
    fn a_comment_at_a_related_spot_counts_too() {
        let php = "<?php\n// reguid: ignore[raw-id-column] a cache\n$db->insert('apps', ['domain_id' => $id]);\n";
        let extension = files(&[("db/schema.sql", DDL.as_bytes()), ("plib/a.php", php.as_bytes())]);
        let mut discovery = column(Confidence::Proven);
        discovery.sightings.push(crate::discover::Sighting { span: spot(&extension, 1, "$id"), label: "written here".into() });
        assert_eq!(open(&lint_with(extension, &[discovery], "")), [""; 0]);
    }

    #[test]
    fn what_is_not_needed_is_reported_in_comments_and_in_the_manifest() {
        let manifest = "[[lint.ignore]]\nrule = 'raw-id-column'\npath = 'other/**'\nreason = 'gone'\n";
        let linted = lint_with(extension("-- reguid: ignore[raw-id-column] gone\nSELECT 1;\n"), &[], manifest);
        let spots: Vec<String> = linted.findings.iter().map(|f| spot_of(&linted, f)).collect();
        assert_eq!(spots, ["unused-suppression db/schema.sql:1:19", "unused-suppression reguid.toml:1:1"]);
    }

    #[test]
    fn the_manifest_suppresses_by_path() {
        for (path, hits) in [("db/*.sql", true), ("db/**", true), ("*.sql", false), ("**/*.sql", true)] {
            let manifest = format!("[[lint.ignore]]\nrule = 'raw-id-column'\npath = '{path}'\nreason = 'a cache'\n");
            let linted = lint_with(extension(DDL), &[column(Confidence::Proven)], &manifest);
            let expected: &[&str] = if hits { &[] } else { &["raw-id-column", "unused-suppression"] };
            assert_eq!(open(&linted), expected, "{path}");
        }
    }

    #[test]
    fn an_unused_suppression_can_itself_be_suppressed() {
        let manifest = "[[lint.ignore]]\nrule = 'unused-suppression'\npath = 'db/**'\nreason = 'shared file'\n";
        let linted = lint_with(extension("-- reguid: ignore[raw-id-column] gone\n"), &[], manifest);
        assert_eq!(open(&linted), [""; 0]);
        assert_eq!(linted.findings.len(), 1);
    }

    #[test]
    fn an_expected_finding_is_suppressed_and_a_missing_one_is_an_error() {
        let there = with_comment("-- reguid: expect[raw-id-column] until the next release", true);
        assert_eq!(open(&there), [""; 0]);
        let gone = lint_with(extension("-- reguid: expect[raw-id-column] until the next release\nSELECT 1;\n"), &[], "");
        assert_eq!((open(&gone), gone.findings[0].severity), (vec!["unused-suppression"], crate::lint::Severity::Error));
    }

    #[test]
    fn suppressions_of_rules_that_do_not_run_are_not_judged() {
        let manifest = "[lint.rules]\nraw-id-column = 'allow'\n[[lint.ignore]]\nrule = 'raw-id-column'\nreason = 'later'\n";
        let linted = lint_with(extension("-- reguid: ignore[raw-id-column, raw-id-in-file] later\n"), &[], manifest);
        assert_eq!(
            linted.findings.iter().map(|f| f.message.as_str()).collect::<Vec<_>>(),
            ["this comment suppresses no finding of `raw-id-in-file`"]
        );
    }

    #[test]
    fn many_comments_are_no_trouble() {
        let sql =
            "-- reguid: ignore[raw-id-column] gone\nSELECT 1;\n".repeat(20_000) + &"-- reguid: ignore[raw-id-column] gone\n".repeat(20_000);
        let started = std::time::Instant::now();
        let linted = lint_with(extension(&sql), &[], "");
        assert_eq!(linted.findings.len(), 40_000);
        // Comparing each with each takes minutes in a debug build.
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }

    fn spot_of(linted: &Linted, finding: &Finding) -> String {
        let span = finding.locations[0].span;
        let file = linted.extension.file(span.file);
        let at = file.position(span.start);
        format!("{} {}:{}:{}", finding.rule, file.path, at.line, at.column)
    }
}
