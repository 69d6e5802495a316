//! Errors, as standard error gets them.

use std::fmt::Write as _;
use std::io::Write as _;

use miette::{Diagnostic, Report};

use super::terminal::Terminal;

/// Writes `report` to standard error: drawn for a person at a terminal, else as lines that begin with `error:` and name file, line and column as
/// compilers do.
pub fn print(report: &Report, terminal: &Terminal) {
    let text = if terminal.progress || terminal.colour { drawn(report.as_ref(), terminal) } else { plain(report.as_ref()) };
    // Standard error may be closed; there is nobody left to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// All that `print` would say of an error, as text without its first word.
pub(crate) fn text(report: &Report) -> String {
    let text = plain(report.as_ref());
    text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned()
}

fn drawn(error: &dyn Diagnostic, terminal: &Terminal) -> String {
    let mut text = String::new();
    match terminal.diagnostics().render_report(&mut text, error) {
        Ok(()) => text,
        Err(_) => plain(error),
    }
}

fn plain(error: &dyn Diagnostic) -> String {
    let mut text = String::new();
    write_plain(&mut text, error);
    text
}

fn write_plain(text: &mut String, error: &dyn Diagnostic) {
    let _ = write!(text, "error: {error}");
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(e) = cause {
        let words = e.to_string();
        // Some errors repeat their cause in their own message.
        if !said.contains(&words) {
            let _ = write!(text, ": {words}");
        }
        said = words;
        cause = e.source();
    }
    text.push('\n');
    for label in error.labels().into_iter().flatten() {
        let spot = error.source_code().and_then(|source| source.read_span(label.inner(), 0, 0).ok());
        if let Some(spot) = spot {
            let name = spot.name().unwrap_or("input");
            let _ = writeln!(text, "  {name}:{}:{}: {}", spot.line() + 1, spot.column() + 1, label.label().unwrap_or("here"));
        }
    }
    if let Some(help) = error.help() {
        let _ = writeln!(text, "help: {help}");
    }
    for related in error.related().into_iter().flatten() {
        write_plain(text, related);
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use miette::{NamedSource, SourceSpan};

    use super::*;

    #[derive(Debug, thiserror::Error, Diagnostic)]
    #[error("the file is wrong")]
    #[diagnostic(help("mend it"))]
    struct Wrong {
        #[source_code]
        source_code: NamedSource<&'static str>,
        #[label("not this")]
        span: SourceSpan,
        #[source]
        cause: io::Error,
    }

    #[test]
    fn a_pipe_gets_lines_as_of_a_compiler() {
        let wrong = Wrong {
            source_code: NamedSource::new("a.toml", "one\ntwo three\n"),
            span: (8, 5).into(),
            cause: io::Error::other("it was left so"),
        };
        insta::assert_snapshot!(plain(&wrong), @r"
        error: the file is wrong: it was left so
          a.toml:2:5: not this
        help: mend it
        ");
    }

    #[test]
    fn a_terminal_gets_a_drawing_without_links() {
        let wrong = Wrong {
            source_code: NamedSource::new("a.toml", "one\ntwo three\n"),
            span: (8, 5).into(),
            cause: io::Error::other("it was left so"),
        };
        let text = drawn(&wrong, &Terminal { unicode: true, ..Terminal::plain() });
        assert!(text.contains("[a.toml:2:5]") && !text.contains('\u{1b}'), "{text}");
    }
}
