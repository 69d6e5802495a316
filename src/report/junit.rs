//! JUnit's XML: a suite for each extension, with a case for each finding and a passed one for each rule that found nothing.

use std::io::{self, Write};

use super::path::InRepository;
use super::xml::escaped as xml;
use super::{LintReport, error};
use crate::lint::{Finding, Linted};

/// Writes the report.
pub(super) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<Suite> = report.linted.iter().map(|linted| Suite::of(report, linted)).collect();
    let failed: Vec<Case> = report
        .failed
        .iter()
        .map(|f| Case { name: "lint".to_owned(), class: f.input.to_string(), file: None, end: End::Error(error::text(&f.error)) })
        .collect();
    let failed = (!failed.is_empty()).then(|| Suite { name: "paths that could not be linted".to_owned(), cases: failed });
    let suites: Vec<Suite> = suites.into_iter().chain(failed).collect();
    let total = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"reguid\" tests=\"{}\" failures=\"{}\" errors=\"{}\">",
        total(Suite::tests),
        total(Suite::failures),
        total(Suite::errors)
    )?;
    suites.iter().try_for_each(|suite| suite.write(out))?;
    writeln!(out, "</testsuites>")
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

/// A test, in the words of the format.
struct Case {
    name: String,
    class: String,
    /// Its file and line.
    file: Option<(String, Option<u32>)>,
    end: End,
}

enum End {
    Passed(Option<String>),
    Failed { message: String, kind: String, text: String },
    Skipped(String),
    Error(String),
}

impl Suite {
    fn of(report: &LintReport, linted: &Linted) -> Suite {
        let paths = InRepository::new(report, &linted.extension);
        let mut cases = Vec::new();
        for rule in &linted.ran {
            let mut found = linted.findings.iter().filter(|f| f.rule == *rule && (f.counts() || report.show_suppressed)).peekable();
            if found.peek().is_none() {
                cases.push(Case { name: (*rule).to_owned(), class: (*rule).to_owned(), file: None, end: End::Passed(None) });
            }
            cases.extend(found.map(|finding| case(linted, finding, &paths)));
        }
        for unreadable in &linted.extension.unreadable {
            let line = unreadable.span.map(|span| linted.extension.file(span.file).position(span.start).line);
            let path = paths.path(&unreadable.path);
            cases.push(Case {
                name: format!("read {path}"),
                class: "unreadable".to_owned(),
                file: Some((path, line)),
                end: End::Skipped(format!("unreadable: {}: what stands there was not judged", unreadable.reason)),
            });
        }
        Suite { name: linted.extension.id.clone().unwrap_or_else(|| linted.extension.input.to_string()), cases }
    }

    fn tests(&self) -> usize {
        self.cases.len()
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|c| matches!(c.end, End::Failed { .. })).count()
    }

    fn errors(&self) -> usize {
        self.cases.iter().filter(|c| matches!(c.end, End::Error(_))).count()
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let skipped = self.cases.iter().filter(|c| matches!(c.end, End::Skipped(_))).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{skipped}\">",
            xml(&self.name),
            self.tests(),
            self.failures(),
            self.errors()
        )?;
        self.cases.iter().try_for_each(|case| case.write(out))?;
        writeln!(out, "  </testsuite>")
    }
}

fn case(linted: &Linted, finding: &Finding, paths: &InRepository) -> Case {
    let spot = |location: &crate::lint::Location| {
        let file = linted.extension.file(location.span.file);
        (paths.path(&file.path), (!file.schema).then(|| file.position(location.span.start).line))
    };
    let file = finding.locations.first().map(spot);
    let shown = |(path, line): &(String, Option<u32>)| line.map_or(path.clone(), |line| format!("{path}:{line}"));
    let place = finding.place.as_ref().map(ToString::to_string);
    let name = place.or_else(|| file.as_ref().map(shown)).unwrap_or_else(|| finding.rule.to_owned());
    let mut text = format!("{}\n", finding.help);
    for location in &finding.locations {
        text.push_str(&format!("{}: {}\n", shown(&spot(location)), location.label));
    }
    for evidence in &finding.evidence {
        text.push_str(&format!("why: {}\n", evidence.text));
    }
    text.push_str(&format!("reguid explain {}\n", finding.rule));
    let end = match &finding.suppressed {
        Some(suppressed) => End::Skipped(suppressed.reason.clone()),
        None if linted.fails_by(finding) => End::Failed { message: finding.message.clone(), kind: finding.severity.to_string(), text },
        None => End::Passed(Some(format!("{}: {}\n{text}", finding.severity, finding.message))),
    };
    Case { name, class: finding.rule.to_owned(), file, end }
}

impl Case {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "    <testcase name=\"{}\" classname=\"{}\"", xml(&self.name), xml(&self.class))?;
        if let Some((path, line)) = &self.file {
            write!(out, " file=\"{}\"", xml(path))?;
            if let Some(line) = line {
                write!(out, " line=\"{line}\"")?;
            }
        }
        match &self.end {
            End::Passed(None) => writeln!(out, "/>"),
            End::Passed(Some(text)) => writeln!(out, ">\n      <system-out>{}</system-out>\n    </testcase>", xml(text)),
            End::Failed { message, kind, text } => writeln!(
                out,
                ">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n    </testcase>",
                xml(message),
                xml(kind),
                xml(text)
            ),
            End::Skipped(message) => writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", xml(message)),
            End::Error(message) => {
                let first = message.lines().next().unwrap_or_default();
                writeln!(out, ">\n      <error message=\"{}\" type=\"error\">{}</error>\n    </testcase>", xml(first), xml(message))
            }
        }
    }
}
