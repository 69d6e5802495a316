//! A rule's verdict.

use std::fmt;

use serde::Serialize;

use crate::extension::source::Span;
use crate::panel::Kind;
use crate::reference::{Confidence, Evidence, Place};

/// A rule's verdict on a reference or on the extension.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's id: `raw-id-column`.
    pub rule: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The kinds of object that it is about; empty when it is about none.
    pub kinds: Vec<Kind>,
    /// The place in the extension's data that it is about.
    pub place: Option<Place>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do, in one or two sentences.
    pub help: String,
    /// Where it shows; exactly one is [`Role::Primary`], and it is the first.
    pub locations: Vec<Location>,
    /// Why we believe it.
    pub evidence: Vec<Evidence>,
    /// Why it is not counted, if a person suppressed it.
    pub suppressed: Option<Suppressed>,
    /// What tells it from any other finding of the extension, whatever lines it stands on. Empty until [`lint`](super::lint) has given it.
    pub fingerprint: String,
}

/// A spot in the extension's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// What it is to the finding.
    pub role: Role,
    /// The spot.
    pub span: Span,
    /// What is seen there, in a few words.
    pub label: String,
}

/// What a location is to its finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The one to look at.
    Primary,
    /// Another one that shows it.
    Related,
}

/// How grave a finding is. Ordered: `Note < Warning < Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Data may go wrong.
    Warning,
    /// Data goes wrong.
    Error,
}

/// Why a finding is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Suppressed {
    /// `inline`, `manifest` or `baseline`.
    pub by: SuppressedBy,
    /// The reason that was given.
    pub reason: String,
}

/// What suppressed a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressedBy {
    /// A comment in the file.
    Inline,
    /// `[[lint.ignore]]` in the manifest.
    Manifest,
    /// A baseline.
    Baseline,
}

/// For a person: `a comment`.
impl fmt::Display for SuppressedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SuppressedBy::Inline => "a comment",
            SuppressedBy::Manifest => "reguid.toml",
            SuppressedBy::Baseline => "the baseline",
        })
    }
}

impl Finding {
    /// A finding that is about no object and no place of the data, for a reason that its message tells.
    pub(super) fn of(
        (rule, severity, confidence): (&'static str, Severity, Confidence),
        message: impl Into<String>,
        help: impl Into<String>,
        locations: Vec<Location>,
    ) -> Finding {
        Finding {
            rule,
            severity,
            confidence,
            kinds: Vec::new(),
            place: None,
            message: message.into(),
            help: help.into(),
            locations,
            evidence: Vec::new(),
            suppressed: None,
            fingerprint: String::new(),
        }
    }

    /// Whether it counts: nobody suppressed it, and no baseline knows it.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.suppressed.is_none()
    }

    /// Whether a baseline knows it.
    #[must_use]
    pub fn is_baselined(&self) -> bool {
        self.suppressed.as_ref().is_some_and(|s| s.by == SuppressedBy::Baseline)
    }
}

impl Location {
    /// The spot to look at.
    #[must_use]
    pub fn primary(span: Span, label: impl Into<String>) -> Location {
        Location { role: Role::Primary, span, label: label.into() }
    }

    /// Another spot.
    #[must_use]
    pub fn related(span: Span, label: impl Into<String>) -> Location {
        Location { role: Role::Related, span, label: label.into() }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}
