//! Which format a report is written in: as asked for, else as a file's name tells, else as the service asks for that it is written on.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, ValueEnum)]
pub enum Format {
    /// For a person.
    #[default]
    Human,
    /// One line a finding: for a person in a hurry, an editor, an agent.
    Concise,
    /// For programs: `docs/schema/lint.schema.json`.
    Json,
    /// The same, one finding a line and the counts last: `docs/schema/lint-line.schema.json`.
    JsonLines,
    /// SARIF 2.1.0: code scanning, editors.
    Sarif,
    /// Annotations of GitHub Actions, with a job summary.
    Github,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML, which most CI systems show.
    Junit,
    /// Checkstyle's XML, which many editors and plug-ins of CI systems read.
    Checkstyle,
    /// A page for a browser, without need of a network.
    Html,
}

/// Where a report is written: what the environment tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The service that runs the program.
    pub service: Option<Service>,
    /// Whether this is a CI job, on whatever service.
    pub ci: bool,
    /// The folder of the checked-out repository, which paths are to be relative to.
    pub workspace: Option<Utf8PathBuf>,
    /// The file that a job's summary is appended to.
    pub step_summary: Option<Utf8PathBuf>,
}

/// A CI service with a format of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
}

impl Surroundings {
    /// What the environment of this process tells.
    #[must_use]
    pub fn of_environment() -> Surroundings {
        Surroundings::of(&|name| std::env::var(name).ok())
    }

    fn of(variable: &dyn Fn(&str) -> Option<String>) -> Surroundings {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let yes = |name: &str| set(name).is_some_and(|value| !matches!(value.as_str(), "false" | "0"));
        let service = match (yes("GITHUB_ACTIONS"), yes("GITLAB_CI")) {
            (true, _) => Some(Service::Github),
            (false, true) => Some(Service::Gitlab),
            (false, false) => None,
        };
        let workspace = match service {
            Some(Service::Github) => set("GITHUB_WORKSPACE"),
            Some(Service::Gitlab) => set("CI_PROJECT_DIR"),
            None => None,
        };
        Surroundings {
            service,
            ci: service.is_some() || yes("CI"),
            workspace: workspace.map(Utf8PathBuf::from),
            step_summary: set("GITHUB_STEP_SUMMARY").map(Utf8PathBuf::from),
        }
    }

    /// The format for standard output where none was asked for. GitLab takes its report from a file, and shows what is printed to people.
    #[must_use]
    pub fn format(&self) -> Format {
        if self.service == Some(Service::Github) { Format::Github } else { Format::Human }
    }

    /// The format for a file where none was asked for; `None`: its name does not tell.
    #[must_use]
    pub fn format_of_file(&self, path: &Utf8Path) -> Option<Format> {
        let name = path.file_name()?.to_ascii_lowercase();
        let ends = |end: &str| name.ends_with(end);
        Some(match () {
            () if ends(".sarif") || ends(".sarif.json") => Format::Sarif,
            () if ends(".html") || ends(".htm") => Format::Html,
            () if ends(".jsonl") || ends(".ndjson") => Format::JsonLines,
            () if ends("checkstyle.xml") => Format::Checkstyle,
            () if ends(".xml") => Format::Junit,
            () if ends(".json") && self.service == Some(Service::Gitlab) => Format::Gitlab,
            () if ends(".json") => Format::Json,
            () if ends(".txt") || ends(".log") => Format::Human,
            () => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(variables: &[(&str, &str)]) -> Surroundings {
        Surroundings::of(&|name| variables.iter().find(|v| v.0 == name).map(|v| v.1.to_owned()))
    }

    #[test]
    fn the_service_decides_where_nobody_does() {
        for (variables, format, ci) in [
            (&[][..], Format::Human, false),
            (&[("CI", "true")], Format::Human, true),
            (&[("CI", "false")], Format::Human, false),
            (&[("GITHUB_ACTIONS", "true")], Format::Github, true),
            (&[("GITHUB_ACTIONS", "")], Format::Human, false),
            (&[("GITLAB_CI", "true")], Format::Human, true),
        ] {
            let around = around(variables);
            assert_eq!((around.format(), around.ci), (format, ci), "{variables:?}");
        }
    }

    #[test]
    fn a_files_name_tells_its_format() {
        let (plain, gitlab) = (around(&[]), around(&[("GITLAB_CI", "true"), ("CI_PROJECT_DIR", "/builds/x")]));
        for (name, in_gitlab, elsewhere) in [
            ("a.sarif", Some(Format::Sarif), Some(Format::Sarif)),
            ("a.sarif.json", Some(Format::Sarif), Some(Format::Sarif)),
            ("gl-code-quality-report.json", Some(Format::Gitlab), Some(Format::Json)),
            ("x/a.XML", Some(Format::Junit), Some(Format::Junit)),
            ("findings.jsonl", Some(Format::JsonLines), Some(Format::JsonLines)),
            ("reports/checkstyle.xml", Some(Format::Checkstyle), Some(Format::Checkstyle)),
            ("a.html", Some(Format::Html), Some(Format::Html)),
            ("report", None, None),
        ] {
            assert_eq!((gitlab.format_of_file(name.into()), plain.format_of_file(name.into())), (in_gitlab, elsewhere), "{name}");
        }
        assert_eq!(gitlab.workspace.as_deref(), Some(Utf8Path::new("/builds/x")));
    }
}
