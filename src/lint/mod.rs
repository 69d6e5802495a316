//! Rules over references and facts → findings; suppressions; settings.

pub mod base;
pub mod baseline;
mod code;
mod entry;
mod facts;
pub mod finding;
mod fingerprint;
pub mod fix;
#[allow(dead_code, reason = "`build.rs` uses the rest of it")]
mod front;
pub mod held;
mod hooks;
pub mod load;
pub mod names;
mod only;
pub mod page;
pub mod rule;
mod settings;
mod stored;
mod suppress;
#[cfg(test)]
pub(crate) mod testing;
mod transport;
mod unread;
mod unresolved;

pub use finding::{Finding, Location, Role, Severity};
pub use only::Only;
pub use settings::{ALL, InForce, Settings};
pub use suppress::FormerName;

use std::ops::Range;

use crate::discover::Discovery;
use crate::extension::Extension;
use crate::extension::source::{FileId, SourceFile, Span};
use crate::extension::workers;
use crate::reference::Confidence;
use crate::reference::manifest::{FailOn, Manifest};
use base::Base;
use facts::Facts;
use finding::{Suppressed, SuppressedBy};
use fix::Fix;
use load::Loaded;
use rustc_hash::FxHashMap;
use settings::Chosen;
use suppress::Directive;

/// The fixes of as many findings are worked out at a time.
const FINDINGS: usize = 64;

/// What a rule sees.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The extension. Its manifest, where it has one, stands last among its files.
    pub extension: &'a Extension,
    /// The references that were found in it.
    pub discoveries: &'a [Discovery],
    /// Its manifest.
    pub manifest: Option<&'a Manifest>,
    /// What stands above it.
    base: Option<&'a Base>,
    /// The manifest's number among the extension's files.
    pub manifest_file: Option<FileId>,
    /// What its databases say, where a panel is at hand.
    pub held: Option<&'a held::Held>,
    /// The suppressions in its comments, whether valid or not.
    directives: &'a [Directive],
    /// What several rules look up in its code.
    facts: &'a Facts<'a>,
}

impl Context<'_> {
    /// Bytes of the manifest as a span of it.
    pub(crate) fn manifest_span(&self, bytes: &Range<usize>) -> Option<Span> {
        let end = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.manifest_file.map(|file| Span::new(file, end(bytes.start), end(bytes.end)))
    }
}

/// An extension and the findings in it.
#[derive(Debug)]
pub struct Linted {
    /// The extension. Its manifest, where it has one, stands last among its files.
    pub extension: Extension,
    /// The findings, suppressed ones among them, in the order of path, line, column, rule and place.
    pub findings: Vec<Finding>,
    /// How many files were read, the manifest not among them.
    pub files: usize,
    /// Findings that were left out because they are less sure than was asked for, in the same order.
    pub hidden: Vec<Finding>,
    /// How many findings were left out because they do not show in the files that were asked for.
    pub elsewhere: usize,
    /// The rules that ran, ordered.
    pub ran: Vec<&'static str>,
    /// The rules that were set not to run, ordered.
    pub off: Vec<&'static str>,
    /// The rules that did not run as they are in preview, ordered.
    pub preview: Vec<&'static str>,
    /// The rules that had nothing to judge, as no panel was at hand, ordered.
    pub idle: Vec<&'static str>,
    /// Entries of the baseline that no finding needs.
    pub stale: Vec<baseline::Entry>,
    /// Names that rules had before, where comments and the manifest still use them, in the order of path and name.
    pub renamed: Vec<FormerName>,
    /// The lowest severity that fails.
    pub fail_on: FailOn,
    /// Where the book stands on the web, as the manifest says.
    pub docs_url: Option<String>,
    /// How findings may be mended, by fingerprint.
    fixes: FxHashMap<String, Vec<Fix>>,
}

impl Linted {
    /// Whether a finding that counts is grave enough to fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.findings.iter().any(|f| self.fails_by(f))
    }

    /// Whether a finding counts and is grave enough to fail.
    #[must_use]
    pub fn fails_by(&self, finding: &Finding) -> bool {
        let lowest = match self.fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
            FailOn::Never => return false,
        };
        finding.counts() && finding.severity >= lowest
    }

    /// The rules that did not run, for whatever reason.
    pub fn not_run(&self) -> impl Iterator<Item = &'static str> {
        self.off.iter().chain(&self.preview).chain(&self.idle).copied()
    }

    /// How a finding may be mended, the best way first.
    #[must_use]
    pub fn fixes(&self, finding: &Finding) -> &[Fix] {
        self.fixes.get(&finding.fingerprint).map_or(&[], Vec::as_slice)
    }
}

/// Judges an extension by all rules. Findings less sure than `min_confidence` are counted and left out.
#[must_use]
pub fn lint(extension: Extension, discoveries: &[Discovery], manifest: Option<&Manifest>, min_confidence: Confidence) -> Linted {
    lint_as(extension, discoveries, manifest, &Settings { min_confidence: Some(min_confidence), ..Settings::default() })
}

/// Judges an extension as the command line and its manifest say. What is left out is counted.
#[must_use]
pub fn lint_as(extension: Extension, discoveries: &[Discovery], manifest: Option<&Manifest>, settings: &Settings) -> Linted {
    lint_below((extension, discoveries, manifest, None), settings, None)
}

/// As [`lint_as`], with what stands above the extension, and with its data `held` against a panel. Rules that need one do not run without it.
#[must_use]
pub fn lint_loaded(loaded: Loaded, settings: &Settings, held: Option<&held::Held>) -> Linted {
    let Loaded { extension, manifest, base, discoveries } = loaded;
    lint_below((extension, &discoveries, manifest.as_ref(), base.as_ref()), settings, held)
}

fn lint_below(
    (mut extension, discoveries, manifest, base): (Extension, &[Discovery], Option<&Manifest>, Option<&Base>),
    settings: &Settings,
    held: Option<&held::Held>,
) -> Linted {
    let files = extension.files.len();
    let manifest_file = manifest.map(|m| {
        extension.files.push(SourceFile::new("reguid.toml".into(), m.text.clone().into_bytes()));
        FileId(u32::try_from(extension.files.len() - 1).expect("an extension has fewer than 2^32 files"))
    });
    let chosen = Chosen::new(settings, manifest, base, &extension);
    let runs = |rule: &&dyn rule::Rule| page::find(rule.id()).is_ok_and(|page| chosen.runs(page));
    let awaits = |rule: &&dyn rule::Rule| page::find(rule.id()).is_ok_and(|page| chosen.awaits(page));
    let (on, off): (Vec<&'static dyn rule::Rule>, Vec<_>) = rule::all().iter().copied().partition(runs);
    let (preview, off): (Vec<_>, Vec<_>) = off.into_iter().partition(awaits);
    let (idle, ran): (Vec<_>, Vec<_>) = on.into_iter().partition(|rule| rule.needs_panel() && held.is_none());
    let directives = suppress::scan(&extension);
    let jobs = if extension.is_small() { 1 } else { settings.jobs };
    let facts = Facts::of(&extension, jobs);
    let context =
        Context { extension: &extension, discoveries, manifest, base, manifest_file, held, directives: &directives, facts: &facts };
    let mut findings = judge(&context, &ran, jobs);
    findings.iter_mut().for_each(|f| chosen.weigh(f));

    fingerprint::sort(&mut findings, &extension);
    fingerprint::give(&mut findings, &extension);
    let stale = settings.baseline.as_ref().map(|b| know(b, &extension, &mut findings, &ran)).unwrap_or_default();
    let all = findings.len();
    if !settings.only.is_all() {
        findings.retain(|f| f.locations.iter().any(|l| settings.only.shows(&extension.file(l.span.file).path)));
    }
    let elsewhere = all - findings.len();
    // A suppressed finding is shown as such even where it is unsure: the comment stands in the source.
    let is_shown = |f: &Finding| f.confidence >= chosen.min_confidence(f.rule) || !f.counts();
    let (findings, hidden): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(is_shown);
    let fixes = if settings.fixes { fixes(&context, &findings, &ran, jobs) } else { FxHashMap::default() };
    let ids = |rules: Vec<&dyn rule::Rule>| rules.into_iter().map(rule::Rule::id).collect();
    let (fail_on, docs_url) = (chosen.fail_on(), chosen.docs_url());
    let renamed = suppress::former_names(&context);
    let (ran, off, preview, idle) = (ids(ran), ids(off), ids(preview), ids(idle));
    Linted { findings, files, hidden, elsewhere, ran, off, preview, idle, stale, renamed, fail_on, docs_url, fixes, extension }
}

/// All findings of the rules that run, with the suppressions applied.
fn judge(context: &Context<'_>, rules: &[&'static dyn rule::Rule], jobs: usize) -> Vec<Finding> {
    let usage = suppress::Usage::new(context, rules.iter().map(|rule| rule.id()).collect());
    let found = workers::map_plain(jobs, rules.len(), |number| {
        let mut findings = Vec::new();
        rules[number].check(context, &mut findings);
        findings
    });
    let mut findings: Vec<Finding> = found.into_iter().flatten().collect();
    usage.apply(context, &mut findings);
    let mut reviews = Vec::new();
    // In the order of their names the rule about unused suppressions is the last: what the others need is needed.
    for rule in rules {
        let mut found = Vec::new();
        rule.review(context, &usage, &findings, &mut found);
        usage.apply(context, &mut found);
        reviews.append(&mut found);
    }
    findings.append(&mut reviews);
    findings
}

/// Marks what the baseline knows; gives its entries that nothing needs.
fn know(
    baseline: &baseline::Baseline,
    extension: &Extension,
    findings: &mut [Finding],
    ran: &[&'static dyn rule::Rule],
) -> Vec<baseline::Entry> {
    let key = baseline::extension_key(extension);
    for finding in findings.iter_mut().filter(|f| f.counts()) {
        if baseline.knows(&key, finding) {
            finding.suppressed = Some(Suppressed { by: SuppressedBy::Baseline, reason: baseline.reason() });
        }
    }
    let needed: Vec<&str> = findings.iter().filter(|f| f.is_baselined()).map(|f| f.fingerprint.as_str()).collect();
    baseline.stale(&key, &needed, |rule| names::id(rule).is_some_and(|id| ran.iter().any(|r| r.id() == id)))
}

/// How the findings may be mended.
fn fixes(context: &Context<'_>, findings: &[Finding], rules: &[&'static dyn rule::Rule], jobs: usize) -> FxHashMap<String, Vec<Fix>> {
    let of = |finding: &Finding| {
        let rule = rules.iter().find(|rule| rule.id() == finding.rule).filter(|_| finding.counts())?;
        let mut fixes = rule.fixes(context, finding);
        // The files of a package cannot be written.
        fixes.retain(|fix| fix.edits().is_empty() || context.extension.root.is_some() || context.extension.is_file());
        Some((finding.fingerprint.clone(), fixes)).filter(|(_, fixes)| !fixes.is_empty())
    };
    let parts = findings.len().div_ceil(FINDINGS);
    let part = |number: usize| findings.iter().skip(number * FINDINGS).take(FINDINGS).filter_map(of).collect::<Vec<_>>();
    workers::map_plain(jobs, parts, part).into_iter().flatten().collect()
}
