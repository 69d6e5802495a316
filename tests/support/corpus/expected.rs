//! `expected.toml`: what is true of a sample.

use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use reguid::lint::Severity;
use reguid::panel::Kind;
use reguid::reference::Confidence;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// The truth about one sample.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    /// The panel that the data is held against: a file of `corpus/panel/`.
    pub(crate) panel: Option<String>,
    /// What must be found.
    #[serde(default)]
    pub(crate) finding: Vec<Wanted>,
    /// What looks like a finding and is none.
    #[serde(default)]
    pub(crate) silent: Vec<Silent>,
    /// What `fix` must do, for samples with data.
    #[serde(default)]
    pub(crate) fix: Fix,
    /// How many files must be left out, where the sample is about that.
    pub(crate) skipped: Option<Skipped>,
}

/// Files that are not the extension's own.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) struct Skipped {
    /// Of bundled libraries.
    pub(crate) vendored: usize,
    /// Tests, and stubs of the panel's classes.
    pub(crate) tests: usize,
}

/// A true finding.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The rule.
    pub(crate) rule: String,
    /// As in a finding: `sqlite:table.column`, `setting-key:state-{domain}`…; `*:table.column` where the word for the store is left open.
    pub(crate) place: String,
    /// The kinds of object: all of them must be named. More may be, where the code leaves it open.
    pub(crate) kinds: Vec<Kind>,
    /// The code leaves nothing open: no other kind may be named.
    #[serde(default)]
    pub(crate) exact: bool,
    /// At least this sure.
    pub(crate) confidence: Confidence,
    /// How grave; absent where the samples do not say.
    pub(crate) severity: Option<Severity>,
    /// The column beside it that names the same object: the finding must tell it.
    pub(crate) twin: Option<String>,
    /// Where the column is declared: the primary location is one of these. Settings, files and the rest are declared by being written: there
    /// the default is `written`, or else `from`.
    #[serde(default)]
    pub(crate) declared: Vec<Spot>,
    /// Where ids are written into it. At least one must be shown if the finding is to be proven.
    #[serde(default)]
    pub(crate) written: Vec<Spot>,
    /// Where those ids come from: may be shown.
    #[serde(default)]
    pub(crate) from: Vec<Spot>,
    /// What is shown with it and has nothing to do with it: that is told, and does not fail.
    #[serde(default)]
    pub(crate) strays: Vec<Spot>,
    /// What the program cannot do yet and would need to find this: it is counted, and not required.
    pub(crate) needs: Option<Need>,
    /// What is worth knowing about it.
    #[serde(default)]
    #[allow(dead_code)]
    pub(crate) why: String,
}

/// What is not built yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Need {
    /// Values that go through parameters, properties and functions; statements that are put together.
    Flow,
    /// A look at the values: all that code and names give is one hint.
    Data,
    /// Tables in the panel's own database, in MySQL's dialect.
    PanelTable,
    /// The hooks that hand an extension's data to a backup.
    Backup,
    /// What the panel's own tables and its XML interface answer.
    Panel,
    /// What a branch tells of a kind: an event's action, an object's class.
    Branch,
    /// A declaration in the manifest as evidence.
    Declaration,
}

/// A look-alike.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Silent {
    /// The place that must not be found…
    pub(crate) place: Option<String>,
    /// …or the spot.
    pub(crate) at: Option<Spot>,
    /// Only findings of this rule are meant: the place is another's truly.
    pub(crate) rule: Option<String>,
    /// It is found all the same, wrongly: that is counted and shown, and does not fail.
    #[serde(default)]
    pub(crate) known: bool,
    /// Why it is none. Required.
    pub(crate) why: String,
}

/// What `fix` does with the sample's data.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fix {
    /// Its exit code. With 1 nothing may be written.
    #[serde(default)]
    pub(crate) exit: i32,
    /// Words that it must say.
    #[serde(default)]
    pub(crate) says: Vec<String>,
}

/// What a place begins with.
const STORES: &[&str] = &[
    "sqlite:",
    "*:",
    "setting-key:",
    "setting:",
    "domain-setting:",
    "client-setting:",
    "domain-alias-setting:",
    "file:",
    "file-name:",
    "panel:",
    "session:",
    "task:",
    "backup-payload:",
    // No place in the data but a spot in the code, told by `declared`; what follows is for the reader.
    "code:",
];

/// The column of `sqlite:table.column$.path`.
pub(crate) fn column(place: &str) -> Option<&str> {
    let (_, column) = ["sqlite:", "panel:", "*:"].iter().find_map(|store| place.strip_prefix(store))?.split_once('.')?;
    Some(column.split_once('$').map_or(column, |(column, _)| column))
}

/// `path`, `path:line` or `path:first-last`, relative to the folder of `meta.xml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The file.
    pub(crate) path: String,
    /// The lines; `None`: any.
    pub(crate) lines: Option<(u64, u64)>,
}

impl Expected {
    /// Reads one and checks what the types cannot say.
    pub(crate) fn read(path: &Path) -> Expected {
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let mut expected: Expected = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for silent in &expected.silent {
            assert!(silent.place.is_some() != silent.at.is_some(), "{}: `place` or `at`: {silent:?}", path.display());
            assert!(!silent.why.is_empty(), "{}: why? {silent:?}", path.display());
        }
        for wanted in &mut expected.finding {
            assert!(STORES.iter().any(|s| wanted.place.starts_with(s)), "{}: what store? {}", path.display(), wanted.place);
            if wanted.declared.is_empty() && column(&wanted.place).is_none() {
                let spots = if wanted.written.is_empty() { &wanted.from } else { &wanted.written };
                wanted.declared.clone_from(spots);
            }
            assert!(!wanted.declared.is_empty(), "{}: declared where? {}", path.display(), wanted.place);
            let proven = wanted.confidence == Confidence::Proven;
            assert!(
                !proven || wanted.place.starts_with("code:") || !wanted.written.is_empty() || !wanted.from.is_empty(),
                "{}: proven by which write? {}",
                path.display(),
                wanted.place
            );
        }
        expected
    }
}

impl Wanted {
    /// Whether a finding at `place` is this one.
    pub(crate) fn is_at(&self, place: &str) -> bool {
        same_place(&self.place, place)
    }
}

/// Whether `place` is what `pattern` names; a pattern may leave the store open.
pub(crate) fn same_place(pattern: &str, place: &str) -> bool {
    match pattern.strip_prefix("*:") {
        Some(rest) => place.split_once(':').is_some_and(|(_, of)| of == rest),
        None => pattern == place,
    }
}

impl Spot {
    /// Whether a location lies there.
    pub(crate) fn holds(&self, path: &str, line: Option<u64>) -> bool {
        self.path == path && self.lines.is_none_or(|(first, last)| line.is_some_and(|line| (first..=last).contains(&line)))
    }
}

impl FromStr for Spot {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Spot, Self::Err> {
        let Some((path, lines)) = text.rsplit_once(':') else {
            return Ok(Spot { path: text.to_owned(), lines: None });
        };
        let (first, last) = lines.split_once('-').unwrap_or((lines, lines));
        Ok(Spot { path: path.to_owned(), lines: Some((first.parse()?, last.parse()?)) })
    }
}

impl<'de> Deserialize<'de> for Spot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Spot, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|e| D::Error::custom(format!("`{text}`: {e}")))
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines {
            None => write!(f, "{}", self.path),
            Some((first, last)) if first == last => write!(f, "{}:{first}", self.path),
            Some((first, last)) => write!(f, "{}:{first}-{last}", self.path),
        }
    }
}
