//! Checkstyle's XML: the findings of each file, one line each.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::path::InRepository;
use super::xml::escaped;
use super::{LintReport, error};
use crate::lint::{Finding, Severity};

/// The version of Checkstyle whose form this is.
const VERSION: &str = "4.3";

/// Writes the report. The format has no place for what was suppressed.
pub(super) fn write(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for linted in &report.linted {
        let paths = InRepository::new(report, &linted.extension);
        for finding in linted.findings.iter().filter(|f| f.counts()) {
            let location = finding.locations.first();
            let file = location.map(|l| linted.extension.file(l.span.file));
            let path = file.map_or_else(|| linted.extension.input.to_string(), |file| paths.path(&file.path));
            // A database's schema has no lines.
            let at = location.zip(file.filter(|f| !f.schema)).map(|(l, file)| file.position(l.span.start));
            files.entry(path).or_default().push(of_finding(finding, at.map(|at| (at.line, at.column))));
        }
        for unreadable in &linted.extension.unreadable {
            let at = unreadable.span.map(|span| linted.extension.file(span.file).position(span.start));
            let text = format!("unreadable: {}: what stands there was not judged", unreadable.reason);
            let entry = line(at.map(|at| (at.line, at.column)), "info", &text, "unreadable");
            files.entry(paths.path(&unreadable.path)).or_default().push(entry);
        }
    }
    for failed in &report.failed {
        let entry = line(None, "error", &format!("could not be linted: {}", error::text(&failed.error)), "lint");
        files.entry(failed.input.to_string()).or_default().push(entry);
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"{VERSION}\">")?;
    for (path, entries) in files {
        writeln!(out, "  <file name=\"{}\">", escaped(&path))?;
        entries.iter().try_for_each(|entry| writeln!(out, "    {entry}"))?;
        writeln!(out, "  </file>")?;
    }
    writeln!(out, "</checkstyle>")
}

fn of_finding(finding: &Finding, at: Option<(u32, u32)>) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    };
    line(at, severity, &format!("{}; {}", finding.message, finding.help), finding.rule)
}

fn line(at: Option<(u32, u32)>, severity: &str, message: &str, source: &str) -> String {
    let at = at.map(|(line, column)| format!(" line=\"{line}\" column=\"{column}\"")).unwrap_or_default();
    let message = escaped(&message.replace(['\n', '\t'], " "));
    format!("<error{at} severity=\"{severity}\" message=\"{message}\" source=\"reguid.{}\"/>", escaped(source))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::lint;
    use crate::lint::testing::{DDL, column, files};
    use crate::reference::Confidence;
    use crate::report::{Failed, Format, terminal::Terminal};

    #[test]
    fn each_file_has_its_findings() {
        let extension = files(&[("db/<a&b>.sql", DDL.as_bytes()), ("z.sql", b"-- reguid: ignore[raw-id-column] gone\n")]);
        let linted = lint(extension, &[column(Confidence::Proven)], None, Confidence::Likely);
        let failed = Failed { input: "nowhere".into(), error: miette::miette!("it is not there") };
        let report = LintReport { linted: vec![linted], failed: vec![failed], ..LintReport::default() };
        let mut out = Vec::new();
        report.write(Format::Checkstyle, false, &Terminal::plain(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <checkstyle version="4.3">
          <file name="ext!/db/&lt;a&amp;b&gt;.sql">
            <error line="3" column="5" severity="error" message="column `domain_id` of table `apps` stores raw domain ids, which mean other objects after a restore; store the object's GUID instead, or declare the column in reguid.toml (`reguid references --write`), so that `reguid fix` mends it after a restore" source="reguid.raw-id-column"/>
          </file>
          <file name="ext!/z.sql">
            <error line="1" column="19" severity="warning" message="this comment suppresses no finding of `raw-id-column`; delete the comment, or this rule from its list" source="reguid.unused-suppression"/>
          </file>
          <file name="nowhere">
            <error severity="error" message="could not be linted: it is not there" source="reguid.lint"/>
          </file>
        </checkstyle>
        "#);
    }
}
