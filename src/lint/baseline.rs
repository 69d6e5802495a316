//! Baselines: a file of findings that are known and not counted, so that only new ones fail. An entry is its finding's fingerprint, which no line number
//! has a part in.

use std::collections::BTreeMap;
use std::io;

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::finding::{Suppressed, SuppressedBy};
use super::{Finding, Linted, names};
use crate::extension::Extension;
use crate::reference::manifest::merge;

/// The version of the format.
pub const VERSION: u32 = 1;

/// A baseline as read.
#[derive(Debug, Clone)]
pub struct Baseline {
    path: Utf8PathBuf,
    entries: BTreeMap<Key, Entry>,
}

/// Extension and fingerprint.
type Key = (String, String);

/// A baseline's file.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A baseline of reguid lint")]
pub struct File {
    /// The version of this format.
    #[schemars(extend("const" = VERSION))]
    version: u32,
    /// The findings that are known, ordered by extension, path, rule and fingerprint.
    findings: Vec<Entry>,
}

/// A finding that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The extension: the id of its `meta.xml`, or the path that was linted.
    pub extension: String,
    /// Its file, for a person.
    pub path: String,
    /// Its rule. The entry of a rule that does not run is not judged.
    pub rule: String,
    /// What it says, for a person.
    pub message: String,
    /// Its fingerprint. This alone is compared.
    pub fingerprint: String,
}

/// A baseline cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum BaselineError {
    /// There is none.
    #[error("there is no baseline `{path}`")]
    #[diagnostic(help("`reguid lint --baseline {path} --baseline-write` makes one of what is found now"))]
    Missing {
        /// Its path.
        path: Utf8PathBuf,
    },
    /// It cannot be read.
    #[error("the baseline `{path}` cannot be read")]
    #[diagnostic(help("check that it is a file that this user may read"))]
    Read {
        /// Its path.
        path: Utf8PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It is none.
    #[error("`{path}` is no baseline: {reason}")]
    #[diagnostic(help("delete it, and make it anew with `reguid lint --baseline {path} --baseline-write`"))]
    Wrong {
        /// Its path.
        path: Utf8PathBuf,
        /// What is wrong, with line and column.
        reason: String,
    },
    /// It cannot be written.
    #[error("the baseline cannot be written")]
    Write(#[source] merge::MergeError),
}

impl Baseline {
    /// Reads the baseline at `path`.
    ///
    /// # Errors
    /// There is none, it cannot be read, or it is none.
    pub fn load(path: &Utf8Path) -> Result<Baseline, BaselineError> {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(BaselineError::Missing { path: path.to_owned() }),
            Err(source) => return Err(BaselineError::Read { path: path.to_owned(), source }),
        };
        let wrong = |reason: String| BaselineError::Wrong { path: path.to_owned(), reason };
        let file: File = serde_json::from_slice(&bytes).map_err(|e| wrong(e.to_string()))?;
        if file.version != VERSION {
            return Err(wrong(format!("it has version {}, and this release reads version {VERSION}", file.version)));
        }
        let entries = file.findings.into_iter().map(|e| ((e.extension.clone(), e.fingerprint.clone()), e)).collect();
        Ok(Baseline { path: path.to_owned(), entries })
    }

    /// A baseline without entries, to be written to `path`.
    #[must_use]
    pub fn empty(path: &Utf8Path) -> Baseline {
        Baseline { path: path.to_owned(), entries: BTreeMap::new() }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Utf8Path {
        &self.path
    }

    /// How many findings it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it knows a finding of an extension.
    pub(super) fn knows(&self, extension: &str, finding: &Finding) -> bool {
        self.entries.contains_key(&(extension.to_owned(), finding.fingerprint.clone()))
    }

    /// Its entries of an extension that `needed` does not name, of rules that `ran`.
    pub(super) fn stale(&self, extension: &str, needed: &[&str], ran: impl Fn(&str) -> bool) -> Vec<Entry> {
        let of_it = self.entries.values().filter(|e| e.extension == extension && ran(&e.rule));
        let needed: std::collections::HashSet<&str> = needed.iter().copied().collect();
        of_it.filter(|e| !needed.contains(e.fingerprint.as_str())).cloned().collect()
    }

    /// Takes all findings that count into it, in the place of what it knew of their extension. What stands in it of rules that did not run stays.
    pub fn take(&mut self, linted: &mut Linted) {
        let key = extension_key(&linted.extension);
        self.entries.retain(|(extension, _), entry| *extension != key || linted.not_run().any(|rule| names::id(&entry.rule) == Some(rule)));
        for finding in linted.findings.iter().filter(|f| f.counts() || f.is_baselined()) {
            let path = finding.locations.first().map_or("", |l| linted.extension.file(l.span.file).path.as_str());
            let entry = Entry {
                extension: key.clone(),
                path: path.to_owned(),
                rule: finding.rule.to_owned(),
                message: finding.message.clone(),
                fingerprint: finding.fingerprint.clone(),
            };
            self.entries.insert((key.clone(), finding.fingerprint.clone()), entry);
        }
        let reason = self.reason();
        for finding in linted.findings.iter_mut().filter(|f| f.counts()) {
            finding.suppressed = Some(Suppressed { by: SuppressedBy::Baseline, reason: reason.clone() });
        }
    }

    /// What is said of a finding that it knows.
    pub(super) fn reason(&self) -> String {
        format!("known to {}", self.path)
    }

    /// Takes out the stale entries that linting an extension showed. Adds none.
    pub fn prune(&mut self, linted: &Linted) {
        for entry in &linted.stale {
            self.entries.remove(&(entry.extension.clone(), entry.fingerprint.clone()));
        }
    }

    /// Writes it to its path, all or nothing.
    ///
    /// # Errors
    /// It cannot be written; what was there stays.
    pub fn write(&self) -> Result<(), BaselineError> {
        let mut findings: Vec<Entry> = self.entries.values().cloned().collect();
        findings.sort_by(|a, b| {
            let key = |e: &Entry| (e.extension.clone(), e.path.clone(), e.rule.clone(), e.fingerprint.clone());
            key(a).cmp(&key(b))
        });
        let text = serde_json::to_string_pretty(&File { version: VERSION, findings }).unwrap_or_default() + "\n";
        merge::write(&self.path, &text).map_err(BaselineError::Write)
    }
}

/// What an extension is called in a baseline: the id of its `meta.xml`, which stays when the folder moves; else the path that was linted.
pub(super) fn extension_key(extension: &Extension) -> String {
    extension.id.clone().unwrap_or_else(|| extension.input.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::{DDL, column, extension};
    use crate::lint::{Settings, lint_as};
    use crate::reference::Confidence;
    use crate::reference::manifest::Level;

    fn linted(sql: &str, baseline: Option<Baseline>) -> Linted {
        lint_as(extension(sql), &[column(Confidence::Proven)], None, &Settings { baseline, ..Settings::default() })
    }

    #[test]
    fn a_finding_stays_known_when_lines_move_and_an_entry_goes_stale_when_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("baseline.json");
        assert!(matches!(Baseline::load(&path), Err(BaselineError::Missing { .. })));
        let mut baseline = Baseline::empty(&path);
        baseline.take(&mut linted(DDL, None));
        baseline.write().unwrap();

        let again = linted(&format!("\n\n\n{DDL}"), Some(Baseline::load(&path).unwrap()));
        assert!(again.findings.iter().all(Finding::is_baselined) && again.findings.len() == 1 && again.stale.is_empty());
        assert!(!again.fails());

        let settings = Settings { baseline: Some(Baseline::load(&path).unwrap()), ..Settings::default() };
        let gone = lint_as(extension(DDL), &[], None, &settings);
        assert_eq!(gone.stale.len(), 1);
        baseline.prune(&gone);
        assert!(baseline.is_empty());

        let off = Settings { levels: vec![("raw-id-column".into(), Level::Allow)], ..settings };
        assert_eq!(lint_as(extension(DDL), &[], None, &off).stale, [], "a rule that did not run says nothing");
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = Utf8Path::from_path(folder.path()).unwrap().join("b.json");
        for (text, expected) in [
            ("{", "line 1"),
            ("{\"version\": 2, \"findings\": []}", "version 2"),
            ("{\"version\": 1, \"findings\": [{\"rule\": \"x\"}]}", "missing field"),
            ("{\"version\": 1, \"findings\": [], \"more\": 1}", "unknown field `more`"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = Baseline::load(&path).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
