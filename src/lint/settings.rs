//! What a person set for a run of lint: on the command line, in the manifest, and in one that stands above. The command line goes before the manifest, what
//! names a rule before what speaks of all, and what is nearer before what is above.

use std::collections::BTreeMap;

use super::base::Base;
use super::baseline::Baseline;
use super::page::Page;
use super::{Finding, Only, Severity, names, page};
use crate::extension::Extension;
use crate::reference::Confidence;
use crate::reference::manifest::{FailOn, Level, LintSettings, Manifest, RuleSetting};

/// The word for all rules, in the place of one.
pub const ALL: &str = "all";

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The least sure findings to show. `None`: as the manifest says, and without it `likely`, or `possible` for what has no PHP code, where nothing but
    /// names can hint at an id.
    pub min_confidence: Option<Confidence>,
    /// Levels of rules, by id, or of [`ALL`] of them.
    pub levels: Vec<(String, Level)>,
    /// Whether rules in preview run; the manifest may ask for them too.
    pub preview: bool,
    /// Only findings that show in one of these files are kept.
    pub only: Only,
    /// Findings that are known and not counted.
    pub baseline: Option<Baseline>,
    /// Whether to work out how findings may be mended.
    pub fixes: bool,
    /// The number of threads; 0 for one a core. What is found does not depend on it.
    pub jobs: usize,
}

/// What holds for an extension, whoever said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The lowest severity that fails.
    pub fail_on: FailOn,
    /// Whether rules in preview run.
    pub preview: bool,
    /// Where the book stands on the web, if a manifest says so.
    pub docs_url: Option<String>,
    /// For each rule, ordered: how grave its gravest findings are, and the least sure of its findings to show.
    pub rules: Vec<(&'static str, Level, Confidence)>,
}

impl InForce {
    /// What holds for an extension with this manifest, and with what stands above it.
    #[must_use]
    pub fn of(settings: &Settings, manifest: Option<&Manifest>, base: Option<&Base>, extension: &Extension) -> InForce {
        let chosen = Chosen::new(settings, manifest, base, extension);
        let own = |page: &Page| match page.severity {
            Severity::Note => Level::Note,
            Severity::Warning => Level::Warning,
            Severity::Error => Level::Error,
        };
        let level = |page: &Page| if chosen.runs(page) { chosen.level(page.id).unwrap_or_else(|| own(page)) } else { Level::Allow };
        let rules = page::all().iter().map(|page| (page.id, level(page), chosen.min_confidence(page.id)));
        InForce { fail_on: chosen.fail_on(), preview: chosen.preview(), docs_url: chosen.docs_url(), rules: rules.collect() }
    }
}

/// [`Settings`] and manifest together, for one extension.
pub(super) struct Chosen<'a> {
    settings: &'a Settings,
    /// What the manifests say, the extension's own first.
    said: Vec<&'a LintSettings>,
    /// What they say of single rules, by id.
    of_rules: BTreeMap<&'static str, RuleSetting>,
    default: Confidence,
}

impl<'a> Chosen<'a> {
    pub(super) fn new(settings: &'a Settings, manifest: Option<&'a Manifest>, base: Option<&'a Base>, extension: &Extension) -> Chosen<'a> {
        let default = if extension.scripts.is_empty() { Confidence::Possible } else { Confidence::Likely };
        let said: Vec<&LintSettings> = manifest.map(|m| &m.lint).into_iter().chain(base.map(|b| &b.lint)).collect();
        let mut of_rules: BTreeMap<&'static str, RuleSetting> = BTreeMap::new();
        for (name, setting) in said.iter().flat_map(|lint| &lint.rules) {
            let Some(id) = names::id(name) else { continue };
            let of_rule = of_rules.entry(id).or_default();
            of_rule.severity = of_rule.severity.or(setting.severity);
            of_rule.min_confidence = of_rule.min_confidence.or(setting.min_confidence);
        }
        Chosen { settings, said, of_rules, default }
    }

    /// The lowest severity that fails.
    pub(super) fn fail_on(&self) -> FailOn {
        self.said.iter().find_map(|lint| lint.fail_on).unwrap_or(FailOn::Warning)
    }

    /// Where the book stands on the web.
    pub(super) fn docs_url(&self) -> Option<String> {
        self.said.iter().find_map(|lint| lint.docs_url.clone())
    }

    /// Whether rules in preview run.
    fn preview(&self) -> bool {
        self.settings.preview || self.said.iter().any(|lint| lint.preview)
    }

    /// Whether a rule runs.
    pub(super) fn runs(&self, rule: &Page) -> bool {
        self.level(rule.id) != Some(Level::Allow) && !self.awaits(rule)
    }

    /// Whether a rule is in preview, and nobody asked for those. Who sets a level says how grave its findings are, not that they are wanted: `-D all` would
    /// run everything that is on trial.
    pub(super) fn awaits(&self, rule: &Page) -> bool {
        rule.preview && !self.preview()
    }

    /// The least sure findings of a rule to show.
    pub(super) fn min_confidence(&self, rule: &str) -> Confidence {
        let of_rule = || self.of_rules.get(rule).and_then(|r| r.min_confidence);
        let of_all = || self.said.iter().find_map(|lint| lint.min_confidence);
        self.settings.min_confidence.or_else(of_rule).or_else(of_all).unwrap_or(self.default)
    }

    /// Gives a finding the severity that was set for its rule. That is the one of the rule's gravest findings: the lesser ones become no graver than it,
    /// and never graver than they were.
    pub(super) fn weigh(&self, finding: &mut Finding) {
        let set = match self.level(finding.rule) {
            Some(Level::Note) => Severity::Note,
            Some(Level::Warning) => Severity::Warning,
            Some(Level::Error) => Severity::Error,
            Some(Level::Allow) | None => return,
        };
        let gravest = page::find(finding.rule).map_or(Severity::Error, |page| page.severity);
        finding.severity = if finding.severity >= gravest { set } else { finding.severity.min(set) };
    }

    fn level(&self, rule: &str) -> Option<Level> {
        let said = |name: &str| self.settings.levels.iter().rev().find(|(said, _)| said == name).map(|(_, level)| *level);
        let in_manifest = || self.of_rules.get(rule).and_then(|r| r.severity);
        said(rule).or_else(|| said(ALL)).or_else(in_manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::lint_as;
    use crate::lint::testing::{DDL, column, extension};

    fn severity(confidence: Confidence, settings: &Settings, manifest: &str) -> Option<Severity> {
        let manifest = Manifest::parse("reguid.toml".into(), manifest).unwrap();
        let linted = lint_as(extension(DDL), &[column(confidence)], Some(&manifest), settings);
        linted.findings.first().map(|f| f.severity)
    }

    fn command_line(levels: &[(&str, Level)], min_confidence: Option<Confidence>) -> Settings {
        let levels = levels.iter().map(|(rule, level)| ((*rule).to_owned(), *level)).collect();
        Settings { levels, min_confidence, ..Settings::default() }
    }

    #[test]
    fn the_command_line_goes_before_the_manifest_and_a_rule_before_all() {
        let (rule, other) = ("raw-id-column", "raw-id-in-file");
        for (levels, manifest, expected) in [
            (&[][..], "", Some(Severity::Error)),
            (&[], "[lint.rules]\nraw-id-column = 'warning'", Some(Severity::Warning)),
            (&[], "[lint.rules]\nraw-id-column = 'allow'", None),
            (&[(rule, Level::Warning)], "[lint.rules]\nraw-id-column = 'allow'", Some(Severity::Warning)),
            (&[], "[lint.rules]\nRG001 = 'warning'", Some(Severity::Warning)),
            (&[], "[lint.rules]\nRG001 = 'allow'", None),
            (&[("all", Level::Note)], "[lint.rules]\nraw-id-column = 'allow'", Some(Severity::Note)),
            (&[("all", Level::Allow), (rule, Level::Error)], "", Some(Severity::Error)),
            (&[("all", Level::Allow)], "", None),
            (&[(other, Level::Allow)], "", Some(Severity::Error)),
        ] {
            assert_eq!(severity(Confidence::Proven, &command_line(levels, None), manifest), expected, "{levels:?} {manifest}");
        }
    }

    #[test]
    fn a_rule_in_preview_runs_where_that_is_asked_for() {
        let stable = page::find("raw-id-column").unwrap();
        let on_trial = Page { preview: true, ..stable.clone() };
        let named = command_line(&[("raw-id-column", Level::Error)], None);
        let asked = Settings { preview: true, ..Settings::default() };
        let refused = Settings { preview: true, ..command_line(&[("raw-id-column", Level::Allow)], None) };
        for (settings, manifest, expected) in [
            (&Settings::default(), "", false),
            (&Settings::default(), "[lint]\npreview = false", false),
            (&Settings::default(), "[lint]\npreview = true", true),
            (&named, "", false),
            (&asked, "", true),
            (&asked, "[lint]\npreview = false", true),
            (&refused, "", false),
        ] {
            let manifest = Manifest::parse("reguid.toml".into(), manifest).unwrap();
            let extension = extension(DDL);
            let chosen = Chosen::new(settings, Some(&manifest), None, &extension);
            assert_eq!(chosen.runs(&on_trial), expected, "{settings:?} {:?}", manifest.lint);
            assert_eq!(chosen.runs(stable), settings.levels != refused.levels, "{settings:?}");
        }
    }

    #[test]
    fn lesser_findings_of_a_rule_become_no_graver() {
        let denied = command_line(&[("raw-id-column", Level::Error)], None);
        assert_eq!(severity(Confidence::Possible, &denied, ""), Some(Severity::Note));
        let declared = "[[reference]]\ndatabase='*'\ntable='apps'\ncolumn='domain_id'\nkind='domain'\n";
        assert_eq!(severity(Confidence::Proven, &denied, declared), Some(Severity::Note));
    }

    #[test]
    fn confidence_is_set_for_all_rules_and_for_one() {
        for (said, manifest, shown) in [
            (None, "", true),
            (None, "[lint]\nmin-confidence = 'proven'", false),
            (None, "[lint]\nmin-confidence = 'proven'\n[lint.rules]\nraw-id-column = { min-confidence = 'likely' }", true),
            (Some(Confidence::Proven), "[lint.rules]\nraw-id-column = { min-confidence = 'likely' }", false),
        ] {
            assert_eq!(severity(Confidence::Likely, &command_line(&[], said), manifest).is_some(), shown, "{said:?} {manifest}");
        }
    }
}
