//! The rules' pages: `rules/<id>.md`. A page is the rule's documentation, the text of `explain`, and a test: its examples run.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Serialize;

use super::Severity;
use super::front::Front;
use super::names;
use crate::reference::Confidence;

static FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The address of the documentation that a release is built for.
const DOCS: Option<&str> = option_env!("REGUID_DOCS_URL");

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let read = |(stem, text): &(&'static str, &'static str)| Page::parse(text).unwrap_or_else(|e| panic!("rules/{stem}.md: {e}"));
    FILES.iter().map(read).collect()
});

/// A rule's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Page {
    /// The rule's id.
    pub id: &'static str,
    /// Its code, which stays even when the id changes.
    pub code: &'static str,
    /// The ids that it had before.
    pub aliases: Vec<&'static str>,
    /// The version that brought the rule.
    pub since: &'static str,
    /// The gravest severity of its findings.
    pub severity: Severity,
    /// The lowest confidence of its findings that are shown by default.
    pub confidence: Confidence,
    /// Whether it is on trial, and runs only where rules in preview are asked for.
    pub preview: bool,
    /// Its heading: what it finds, in one line.
    pub title: &'static str,
    /// The page below its heading, as Markdown.
    pub text: &'static str,
}

/// An example of a page: a fenced block that begins with ```` ```php bad ````, ```` ```sql good ```` and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it is written in: `php`, `sql`, `toml`.
    pub language: String,
    /// Whether the rule must fire on it.
    pub bad: bool,
    /// The example.
    pub code: String,
}

/// A name that is no rule's.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("there is no rule `{name}`{}", .meant.map(|m| format!("; did you mean `{m}`?")).unwrap_or_default())]
#[diagnostic(help("`reguid explain` lists the rules"))]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// The rule that was probably meant.
    pub meant: Option<&'static str>,
}

/// All pages, in the order of their ids.
#[must_use]
pub fn all() -> &'static [Page] {
    &PAGES
}

/// The page of a rule, by its id, its code or an id that it had before.
///
/// # Errors
/// When there is no such rule; it suggests the one that was probably meant.
pub fn find(name: &str) -> Result<&'static Page, UnknownRule> {
    names::among(&PAGES, name).ok_or_else(|| UnknownRule { name: name.to_owned(), meant: names::meant(name) })
}

impl Page {
    fn parse(text: &'static str) -> Result<Page, String> {
        let Front { id, code, aliases, since, severity, confidence, preview, title, text } = Front::read(text)?;
        Ok(Page { id, code, aliases, since, severity: word(severity)?, confidence: word(confidence)?, preview, title, text })
    }

    /// Where it stands on the web, if somebody said where the book is: `docs`, or who built this program.
    #[must_use]
    pub fn url(&self, docs: Option<&str>) -> Option<String> {
        let docs = docs.or(DOCS).filter(|docs| docs.starts_with("https://"));
        docs.map(|docs| format!("{}/rules/{}.html", docs.trim_end_matches('/'), self.id))
    }

    /// Its first paragraph: what it finds.
    #[must_use]
    pub fn first_paragraph(&self) -> String {
        let lines = self.text.lines().skip_while(|line| line.starts_with('#') || line.trim().is_empty());
        lines.take_while(|line| !line.trim().is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// Its examples, in the order of the page.
    #[must_use]
    pub fn examples(&self) -> Vec<Example> {
        let mut examples = Vec::new();
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            let Some(info) = line.strip_prefix("```") else { continue };
            let code: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
            let mut words = info.split_whitespace();
            let (Some(language), Some(verdict @ ("bad" | "good"))) = (words.next(), words.next()) else { continue };
            examples.push(Example { language: language.to_owned(), bad: verdict == "bad", code: code.join("\n") + "\n" });
        }
        examples
    }
}

/// A severity or confidence by its word.
fn word<T: serde::de::DeserializeOwned>(word: &str) -> Result<T, String> {
    serde_json::from_value(word.into()).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rule;

    #[test]
    fn every_rule_has_its_page_and_every_page_its_rule() {
        let mut rules = rule::ids();
        rules.sort_unstable();
        let pages: Vec<&str> = all().iter().map(|p| p.id).collect();
        assert_eq!(pages, rules);
        let files: Vec<&str> = FILES.iter().map(|f| f.0).collect();
        assert_eq!(pages, files, "a page's file is named after its rule");
    }

    #[test]
    fn every_page_has_its_parts() {
        for page in all() {
            for heading in ["## What it finds", "## Why it is bad", "## How to fix it", "## When to suppress it"] {
                assert!(page.text.contains(heading), "{}: {heading}", page.id);
            }
            let examples = page.examples();
            assert!(examples.iter().any(|e| e.bad) && examples.iter().any(|e| !e.bad), "{}", page.id);
        }
    }

    #[test]
    fn a_severity_that_is_none_is_refused() {
        let error = Page::parse("---\nid: a\ncode: RG001\nsince: 1\nseverity: grave\nconfidence: proven\n---\n# x\n").unwrap_err();
        assert!(error.contains("unknown variant `grave`"), "{error}");
    }
}
