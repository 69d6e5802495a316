//! Rules over references and facts → findings; suppressions; settings.

pub mod finding;
mod fingerprint;
pub mod page;
pub mod rule;
mod stored;
mod suppress;
#[cfg(test)]
pub(crate) mod testing;

pub use finding::{Finding, Location, Role, Severity};

use std::ops::Range;

use crate::discover::Discovery;
use crate::extension::Extension;
use crate::extension::source::{FileId, SourceFile, Span};
use crate::reference::Confidence;
use crate::reference::manifest::{FailOn, Manifest};
use suppress::Directive;

/// What a rule sees.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The extension. Its manifest, where it has one, stands last among its files.
    pub extension: &'a Extension,
    /// The references that were found in it.
    pub discoveries: &'a [Discovery],
    /// Its manifest.
    pub manifest: Option<&'a Manifest>,
    /// The manifest's number among the extension's files.
    pub manifest_file: Option<FileId>,
    /// The suppressions in its comments, whether valid or not.
    directives: &'a [Directive],
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
    /// How many findings were left out because they are less sure than was asked for.
    pub hidden: usize,
    /// The lowest severity that fails.
    pub fail_on: FailOn,
}

impl Linted {
    /// Whether a finding that counts is grave enough to fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        let lowest = match self.fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Warning => Severity::Warning,
            FailOn::Note => Severity::Note,
            FailOn::Never => return false,
        };
        self.findings.iter().any(|f| f.counts() && f.severity >= lowest)
    }
}

/// Judges an extension by all rules. Findings less sure than `min_confidence` are counted and left out.
#[must_use]
pub fn lint(mut extension: Extension, discoveries: &[Discovery], manifest: Option<&Manifest>, min_confidence: Confidence) -> Linted {
    let files = extension.files.len();
    let manifest_file = manifest.map(|m| {
        extension.files.push(SourceFile::new("reguid.toml".into(), m.text.clone().into_bytes()));
        FileId(u32::try_from(extension.files.len() - 1).expect("an extension has fewer than 2^32 files"))
    });
    let directives = suppress::scan(&extension);
    let context = Context { extension: &extension, discoveries, manifest, manifest_file, directives: &directives };
    let mut findings = judge(&context);

    fingerprint::sort(&mut findings, &extension);
    fingerprint::give(&mut findings, &extension);
    let all = findings.len();
    // A suppressed finding is shown as such even where it is unsure: the comment stands in the source.
    findings.retain(|f| f.confidence >= min_confidence || !f.counts());
    let hidden = all - findings.len();
    Linted { findings, files, hidden, fail_on: manifest.and_then(|m| m.lint.fail_on).unwrap_or(FailOn::Warning), extension }
}

/// All findings, with the suppressions applied.
fn judge(context: &Context<'_>) -> Vec<Finding> {
    let usage = suppress::Usage::new(context);
    let mut findings = Vec::new();
    for rule in rule::all() {
        rule.check(context, &mut findings);
    }
    usage.apply(context, &mut findings);
    let mut reviews = Vec::new();
    for rule in rule::all() {
        rule.review(context, &usage, &mut reviews);
    }
    usage.apply(context, &mut reviews);
    findings.append(&mut reviews);
    findings
}
