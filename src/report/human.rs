//! Findings for a person: each drawn with its lines, then what was left out, then what to do next.

use std::fmt;
use std::io::{self, Write};

use miette::{Diagnostic, LabeledSpan, SourceCode};

use super::LintReport;
use super::excerpt::Excerpts;
use super::summary::Summary;
use super::terminal::Terminal;
use super::text::{count, visible, wrap};
use crate::extension::Extension;
use crate::lint::fix::{Change, Fix};
use crate::lint::{Finding, Linted, Severity, page};
use crate::reference::EvidenceClass;

/// Locations of a finding that are drawn: the first of them tell what the others repeat.
const DRAWN: usize = 6;

/// Stale entries of the baseline that are named.
const STALE: usize = 10;

/// Writes the report.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &LintReport, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    for linted in &report.linted {
        if report.several() {
            writeln!(out, "{}\n", terminal.bold(&format!("== {}", visible(linted.extension.input.as_str()))))?;
        }
        for finding in &linted.findings {
            if finding.counts() {
                write_finding(&linted.extension, finding, terminal, out)?;
            } else if verbose {
                write_suppressed(&linted.extension, finding, terminal, out)?;
            }
        }
        for finding in linted.hidden.iter().filter(|_| verbose) {
            write_hidden(&linted.extension, finding, terminal, out)?;
        }
        write_unreadable(&linted.extension, out)?;
    }
    write_end(report, verbose, terminal, out)
}

/// Writes the counts and what to do next.
pub(super) fn write_end(report: &LintReport, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let summary = Summary::of(report);
    write_summary(report, &summary, verbose, terminal, out)?;
    write_stale(report, out)?;
    report.told().try_for_each(|note| writeln!(out, "  {}", visible(&note)))?;
    write_next(report, &summary, terminal, out)
}

/// A finding as miette draws it.
struct Drawing<'a> {
    finding: &'a Finding,
    excerpts: Excerpts,
    message: String,
}

fn write_finding(extension: &Extension, finding: &Finding, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let (drawn, rest) = finding.locations.split_at(finding.locations.len().min(DRAWN));
    let excerpts = Excerpts::new(extension, drawn, terminal.unicode);
    let drawing = Drawing { finding, excerpts, message: visible(&finding.message) };
    let mut text = String::new();
    terminal.diagnostics().render_report(&mut text, &drawing).map_err(io::Error::other)?;
    // miette pads lines with spaces.
    for line in text.trim_start_matches('\n').lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    if !rest.is_empty() {
        writeln!(out, "   and {} (--format json lists them)", count(rest.len(), "more place"))?;
    }
    for evidence in &finding.evidence {
        let first = terminal.faint("   why:");
        let words = format!("{} ({})", visible(&evidence.text), class(evidence.class));
        out.write_all(wrap(&words, terminal.width, &format!("{first} "), "        ").as_bytes())?;
    }
    let first = terminal.faint("  help:");
    out.write_all(wrap(&visible(&finding.help), terminal.width, &format!("{first} "), "        ").as_bytes())?;
    writeln!(out)
}

fn class(class: EvidenceClass) -> &'static str {
    match class {
        EvidenceClass::Declaration => "declared",
        EvidenceClass::Code => "code",
        EvidenceClass::Data => "data",
        EvidenceClass::Twin => "twin column",
        EvidenceClass::Name => "name",
    }
}

fn write_suppressed(extension: &Extension, finding: &Finding, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let Some(suppressed) = &finding.suppressed else { return Ok(()) };
    let line = format!(
        "suppressed: {}{}: {} [{}]; {} says: {}",
        place(extension, finding),
        finding.severity,
        visible(&finding.message),
        finding.rule,
        suppressed.by,
        visible(&suppressed.reason)
    );
    writeln!(out, "{}\n", wrap(&line, terminal.width, "", "  ").trim_end())
}

/// What is too unsure to be shown to everybody, with all that speaks for it.
fn write_hidden(extension: &Extension, finding: &Finding, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let why: Vec<String> = finding.evidence.iter().map(|e| format!("{} ({})", visible(&e.text), class(e.class))).collect();
    let why = if why.is_empty() { String::new() } else { format!("; why: {}", why.join(", ")) };
    let (place, message) = (place(extension, finding), visible(&finding.message));
    let line = format!("hidden, as it is merely {}: {place}{}: {message} [{}]{why}", finding.confidence, finding.severity, finding.rule);
    writeln!(out, "{}\n", wrap(&line, terminal.width, "", "  ").trim_end())
}

/// `path:line:column: `, or nothing.
fn place(extension: &Extension, finding: &Finding) -> String {
    let Some(location) = finding.locations.first() else { return String::new() };
    let file = extension.file(location.span.file);
    if file.schema {
        return format!("{} (its schema): ", visible(file.path.as_str()));
    }
    let at = file.position(location.span.start);
    format!("{}:{}:{}: ", visible(file.path.as_str()), at.line, at.column)
}

fn write_unreadable(extension: &Extension, out: &mut dyn Write) -> io::Result<()> {
    for unreadable in &extension.unreadable {
        let at = unreadable.span.map(|span| extension.file(span.file).position(span.start));
        let at = at.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
        writeln!(out, "unreadable: {}{at}: {}", visible(unreadable.path.as_str()), visible(&unreadable.reason))?;
    }
    if extension.unreadable.is_empty() { Ok(()) } else { writeln!(out) }
}

fn write_summary(report: &LintReport, summary: &Summary, verbose: bool, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{} in {}", terminal.bold(&summary.counts()), count(summary.files, "file"))?;
    let how = |option: &str| match option {
        "-v" if verbose => " (shown above)".to_owned(),
        option if verbose => format!(" (shown above; {option} counts them)"),
        "-v" => " (-v shows them)".to_owned(),
        option => format!(" (-v shows them, {option} counts them)"),
    };
    summary.left_out(how).into_iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    match report.failed.len() {
        0 => Ok(()),
        failed => writeln!(out, "  {} could not be linted at all", count(failed, "path")),
    }
}

/// Entries of the baseline that are no longer needed.
fn write_stale(report: &LintReport, out: &mut dyn Write) -> io::Result<()> {
    let stale: Vec<_> = report.linted.iter().flat_map(|l| &l.stale).collect();
    if stale.is_empty() {
        return Ok(());
    }
    let fails = if report.stale_fails { ", which fails" } else { "" };
    let word = if stale.len() == 1 { "entry" } else { "entries" };
    writeln!(out, "  {} stale {word} in the baseline{fails}: --baseline-prune takes them out", stale.len())?;
    for entry in stale.iter().take(STALE) {
        writeln!(out, "    {}: {} [{}]", visible(&entry.path), visible(&entry.message), visible(&entry.rule))?;
    }
    if stale.len() > STALE { writeln!(out, "    and {} more", stale.len() - STALE) } else { Ok(()) }
}

/// What to do next, the most useful first: what is to be looked at first, what mends the findings, what explains them.
fn write_next(report: &LintReport, summary: &Summary, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let declares = |fixes: &[Fix]| fixes.iter().any(|fix| matches!(fix.change, Change::Declare { .. }));
    let open = |linted: &Linted| linted.findings.iter().any(|f| f.counts() && f.severity > Severity::Note && declares(linted.fixes(f)));
    let mut steps: Vec<(String, String)> = Vec::new();
    let findings = report.linted.iter().flat_map(|l| l.findings.iter().filter(|f| f.counts()).map(move |f| (l, f)));
    let gravest = findings.clone().min_by_key(|(_, f)| std::cmp::Reverse((f.severity, f.confidence)));
    let inputs: Vec<String> = report.linted.iter().map(|l| shell_word(l.extension.input.as_str())).collect();
    let path = inputs.join(" ");
    if let Some(linted) = report.linted.iter().find(|l| open(l) && l.extension.root.is_some()) {
        let path = shell_word(linted.extension.input.as_str());
        let others = report.linted.iter().filter(|l| open(l) && l.extension.root.is_some()).count() - 1;
        let others = if others > 0 { format!("; the same for {}", count(others, "other extension")) } else { String::new() };
        steps.push((
            format!("reguid references --write {path}"),
            format!("declare them, so that `reguid fix` mends them after a restore{others}"),
        ));
    }
    if let Some((linted, finding)) = gravest {
        let url = page::find(finding.rule)
            .ok()
            .and_then(|page| page.url(linted.docs_url.as_deref()))
            .map(|url| format!(": {url}"))
            .unwrap_or_default();
        steps.push((format!("reguid explain {}", finding.rule), format!("why it matters, and the other ways out{url}")));
    }
    if summary.fixable.safe > 0 {
        steps.push((
            format!("reguid lint --fix {path}"),
            format!("mend {} now; --diff only shows how", count(summary.fixable.safe, "finding")),
        ));
    }
    if summary.error + summary.warning == 0 && report.failed.is_empty() && !report.linted.is_empty() {
        let declared = report.linted.iter().any(|l| l.extension.files.last().is_some_and(|f| f.path == "reguid.toml"));
        if declared {
            steps.push(("reguid plan VAR_DIR".to_owned(), "on a server, after a restore: what `reguid fix` would change".to_owned()));
        }
    } else if summary.error + summary.warning > 20 && summary.baselined == 0 {
        steps.push((
            format!("reguid lint --baseline reguid-baseline.json --baseline-write {path}"),
            "take them as known, so that only new ones fail".to_owned(),
        ));
    }
    for (index, (command, why)) in steps.iter().enumerate() {
        let head = if index == 0 { "next:" } else { "     " };
        writeln!(out, "{head} {command}  {}", terminal.faint(why))?;
    }
    Ok(())
}

/// A path as a shell takes it.
fn shell_word(path: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | '+' | '@' | '=' | ':' | ',');
    let path = visible(path);
    if path.chars().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Drawing<'_> {}

impl Diagnostic for Drawing<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!("{}[{}]", self.finding.severity, self.finding.rule)))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.excerpts)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.excerpts.labels()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::{Discovery, Sighting};
    use crate::extension::{Skipped, Unreadable};
    use crate::lint::testing::{DDL, column, files, spot};
    use crate::lint::{Settings, lint_as};
    use crate::reference::{Confidence, Evidence, Twin, TwinHolds};

    fn shown(extension: Extension, discoveries: &[Discovery], verbose: bool, terminal: &Terminal) -> String {
        let settings = Settings { fixes: true, min_confidence: Some(Confidence::Likely), ..Settings::default() };
        let linted = lint_as(extension, discoveries, None, &settings);
        let mut out = Vec::new();
        LintReport { linted: vec![linted], ..LintReport::default() }
            .write(super::super::Format::Human, verbose, terminal, &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    fn example() -> (Extension, Discovery) {
        let php = "<?php\nfunction save($db, $domain)\n{\n\t$db->insert('apps', ['domain_id' => $domain->getId()]);\n}\n";
        let mut extension = files(&[("db/schema.sql", DDL.as_bytes()), ("plib/library/Store.php", php.as_bytes())]);
        extension.root = Some("ext".into());
        let mut discovery = column(Confidence::Proven);
        let span = spot(&extension, 1, "$domain->getId()");
        discovery.sightings.push(Sighting { span, label: "written from pm_Domain::getId()".into() });
        discovery
            .reference
            .evidence
            .insert(0, Evidence { class: EvidenceClass::Code, text: "written from pm_Domain::getId() in plib/library/Store.php".into() });
        (extension, discovery)
    }

    #[test]
    fn one_diagnostic_shows_the_declaration_and_the_write() {
        let (extension, discovery) = example();
        insta::assert_snapshot!(shown(extension, &[discovery], false, &Terminal { unicode: true, ..Terminal::plain() }), @"
        error[raw-id-column]

          × column `domain_id` of table `apps` stores raw domain ids, which mean other objects after a
          │ restore
           ╭─[db/schema.sql:3:5]
         2 │     id INTEGER PRIMARY KEY,
         3 │     domain_id INTEGER NOT NULL
           ·     ────┬────
           ·         ╰── declared here
         4 │ );
           ╰────
           ╭─[plib/library/Store.php:4:38]
         3 │ {
         4 │     $db->insert('apps', ['domain_id' => $domain->getId()]);
           ·                                         ────────┬───────
           ·                                                 ╰── written from pm_Domain::getId()
         5 │ }
           ╰────
           why: written from pm_Domain::getId() in plib/library/Store.php (code)
           why: the name `domain_id` (name)
          help: store the object's GUID instead, or declare the column in reguid.toml (`reguid references
                --write`), so that `reguid fix` mends it after a restore

        1 error, 0 warnings, 0 notes in 2 files
        next: reguid references --write ext  declare them, so that `reguid fix` mends them after a restore
              reguid explain raw-id-column  why it matters, and the other ways out
              reguid lint --fix ext  mend 1 finding now; --diff only shows how
        ");
    }

    #[test]
    fn all_that_was_left_out_is_counted() {
        let (mut extension, mut discovery) = example();
        discovery.reference.twin = Some(Twin { column: "domain_name".into(), holds: TwinHolds::Name });
        let mut possible = column(Confidence::Possible);
        possible.reference.place = crate::reference::Place::Column { table: "apps".into(), column: "owner".into(), path: None };
        extension.skipped = Skipped { vendored: 12, tests: 1, excluded: 0 };
        let span = Some(spot(&extension, 1, "$db->"));
        extension.unreadable.push(Unreadable { path: "plib/library/Store.php".into(), span, reason: "not \u{1b}[31mPHP".into() });
        let text = shown(extension, &[discovery, possible], false, &Terminal::plain());
        let tail = text.split("unreadable:").nth(1).unwrap();
        insta::assert_snapshot!(tail, @"
         plib/library/Store.php:4:2: not �[31mPHP

        0 errors, 1 warning, 0 notes in 2 files
          1 merely possible, hidden (-v shows them, --min-confidence possible counts them)
          1 unreadable; what stands there was not judged
          12 files left out as vendored (--include-vendored reads them)
          1 file left out as tests or stubs of the panel
        next: reguid references --write ext  declare them, so that `reguid fix` mends them after a restore
              reguid explain raw-id-column  why it matters, and the other ways out
              reguid lint --fix ext  mend 1 finding now; --diff only shows how
        ");
    }

    #[test]
    fn suppressed_findings_show_only_when_asked_for() {
        let sql = DDL.replace("NOT NULL", "NOT NULL -- reguid: ignore[raw-id-column] emptied on every start");
        let extension = || files(&[("db/schema.sql", sql.as_bytes())]);
        let discovery = [column(Confidence::Proven)];
        assert!(!shown(extension(), &discovery, false, &Terminal::plain()).contains("emptied"));
        insta::assert_snapshot!(shown(extension(), &discovery, true, &Terminal::plain()), @"
        suppressed: db/schema.sql:3:5: error: column `domain_id` of table `apps` stores raw domain ids,
          which mean other objects after a restore [raw-id-column]; a comment says: emptied on every start

        0 errors, 0 warnings, 0 notes in 1 file
          1 suppressed by comments (shown above)
        ");
    }

    #[test]
    fn a_column_that_is_written_everywhere_does_not_fill_the_screen() {
        let php = format!("<?php\n{}", "$db->insert($id);\n\n\n\n\n".repeat(40));
        let extension = files(&[("db/schema.sql", DDL.as_bytes()), ("plib/a.php", php.as_bytes())]);
        let mut discovery = column(Confidence::Proven);
        let first = spot(&extension, 1, "$id");
        for number in 0..40 {
            let span = crate::extension::source::Span::new(first.file, first.start + number * 22, first.end + number * 22);
            discovery.sightings.push(Sighting { span, label: "written here".into() });
        }
        let text = shown(extension, &[discovery], false, &Terminal::plain());
        assert_eq!(text.matches("written here").count(), DRAWN - 1);
        assert!(text.contains("and 35 more places"), "{text}");
    }

    #[test]
    fn paths_are_quoted_for_the_shell() {
        assert_eq!(shell_word("a/b-c.zip"), "a/b-c.zip");
        assert_eq!(shell_word("my ext's"), r"'my ext'\''s'");
    }

    #[test]
    fn without_colours_there_is_no_escape_and_with_them_there_is() {
        let (extension, discovery) = example();
        let plain = shown(extension, std::slice::from_ref(&discovery), false, &Terminal::plain());
        assert!(plain.is_ascii(), "{plain}");
        assert!(!plain.contains('\u{1b}'));
        let (extension, discovery) = example();
        assert!(shown(extension, &[discovery], false, &Terminal { colour: true, ..Terminal::plain() }).contains('\u{1b}'));
    }

    #[test]
    fn drawing_costs_the_same_in_a_large_file() {
        let mut sql = DDL.to_owned();
        sql.push_str(&"INSERT INTO other VALUES (1);\n".repeat(100_000));
        let discoveries: Vec<Discovery> = (0..300).map(|_| column(Confidence::Proven)).collect();
        let extension = files(&[("db/schema.sql", sql.as_bytes())]);
        let started = std::time::Instant::now();
        let text = shown(extension, &discoveries, false, &Terminal::plain());
        assert_eq!(text.matches("error[raw-id-column]").count(), 300);
        // Scanning three megabytes for each finding would take a minute in a debug build.
        assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    }
}
