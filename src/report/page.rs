//! A rule's page for a terminal, or for programs.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::terminal::Terminal;
use super::text::wrap;
use crate::lint::page::Page;

/// What `reguid explain --format json` writes.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "reguid explain --format json")]
pub struct Document<'a> {
    /// The version of this format.
    #[schemars(extend("const" = super::json::VERSION))]
    version: u32,
    /// The rules, ordered by id.
    rules: &'a [Page],
}

/// Writes pages for programs.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_json(pages: &[Page], out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &Document { version: super::json::VERSION, rules: pages })?;
    writeln!(out)
}

/// Writes the list of all rules.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_list(pages: &[Page], terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    let width = pages.iter().map(|p| p.id.len()).max().unwrap_or(0);
    for page in pages {
        let id = terminal.bold(&format!("{:width$}", page.id));
        let preview = if page.preview { " (in preview)" } else { "" };
        writeln!(out, "{}  {id}  {:7}  {}{preview}", page.code, page.severity, page.title)?;
    }
    writeln!(out, "\n`reguid explain RULE` shows a rule's page, `reguid explain --all` shows them all.")
}

/// Writes the list of all rules as a table in Markdown.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_table(pages: &[Page], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| code | rule | what it finds | at most |\n|---|---|---|---|")?;
    for page in pages {
        let preview = if page.preview { " (in preview)" } else { "" };
        writeln!(out, "| {} | `{}` | {}{preview} | {} |", page.code, page.id, page.title, page.severity)?;
    }
    Ok(())
}

/// Writes pages as they are written, in Markdown.
///
/// # Errors
/// When `out` cannot be written.
pub fn write_markdown(pages: &[Page], out: &mut dyn Write) -> io::Result<()> {
    for (index, page) in pages.iter().enumerate() {
        let between = if index > 0 { "\n" } else { "" };
        writeln!(out, "{between}# `{}`: {}\n\n{}\n\n{}", page.id, page.title, facts(page), page.text)?;
    }
    Ok(())
}

/// What the front matter of a page says, in one line.
fn facts(page: &Page) -> String {
    let confidence = serde_json::to_value(page.confidence).unwrap_or_default();
    let confidence = confidence.as_str().unwrap_or_default().to_owned();
    let mut facts = format!("{}: {} at most, {confidence} at least, since {}", page.code, page.severity, page.since);
    if page.preview {
        facts.push_str("; in preview: it runs with --preview");
    }
    if !page.aliases.is_empty() {
        facts.push_str(&format!("; formerly {}", page.aliases.join(", ")));
    }
    facts
}

/// Writes a page as text.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(page: &Page, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", terminal.bold(&format!("{}: {}", page.id, page.title)))?;
    writeln!(out, "{}", terminal.faint(&facts(page)))?;
    let mut block = Block::None;
    for line in page.text.lines() {
        block = block.next(line, terminal, out)?;
    }
    block.end(terminal, out)
}

/// What the lines read so far are a part of.
enum Block {
    None,
    /// Text to be wrapped, with what its first line begins with.
    Paragraph(String, &'static str),
    /// A fenced block.
    Code,
}

impl Block {
    fn next(self, line: &str, terminal: &Terminal, out: &mut dyn Write) -> io::Result<Block> {
        match self {
            Block::Code if line.starts_with("```") => Ok(Block::None),
            Block::Code => {
                writeln!(out, "{}", format!("    {line}").trim_end())?;
                Ok(Block::Code)
            }
            block if line.trim().is_empty() => {
                block.end(terminal, out)?;
                Ok(Block::None)
            }
            block if line.starts_with("```") => {
                block.end(terminal, out)?;
                // `php bad`: what kind of example it is.
                let verdict = line.split_whitespace().nth(1).map(|v| format!("{v}:")).unwrap_or_default();
                writeln!(out, "{}", format!("\n  {}", terminal.faint(&verdict)).trim_end_matches(' '))?;
                Ok(Block::Code)
            }
            block if line.starts_with('#') => {
                block.end(terminal, out)?;
                writeln!(out, "\n{}", terminal.bold(line.trim_start_matches('#').trim()))?;
                Ok(Block::None)
            }
            block if line.starts_with("- ") => {
                block.end(terminal, out)?;
                Ok(Block::Paragraph(line[2..].to_owned(), "  - "))
            }
            Block::None => Ok(Block::Paragraph(line.to_owned(), "  ")),
            Block::Paragraph(text, first) => Ok(Block::Paragraph(text + " " + line, first)),
        }
    }

    fn end(self, terminal: &Terminal, out: &mut dyn Write) -> io::Result<()> {
        let Block::Paragraph(text, first) = self else { return Ok(()) };
        let rest = " ".repeat(first.len());
        if first == "  " {
            writeln!(out)?;
        }
        out.write_all(wrap(&text, terminal.width, first, &rest).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Severity;
    use crate::reference::Confidence;

    #[test]
    fn markdown_becomes_text_of_the_terminals_width() {
        let text = "## What it finds\n\nA long line of words\nthat goes on.\n\n- first\n- second thing that is longer than the line\n\n```php bad\n<?php\n\n    $a;\n```\n\nThe end.";
        let page = Page {
            id: "a-rule",
            code: "RG999",
            aliases: vec!["old-rule"],
            since: "0.1.0",
            severity: Severity::Error,
            confidence: Confidence::Likely,
            preview: true,
            title: "a title",
            text,
        };
        let mut out = Vec::new();
        write_list(std::slice::from_ref(&page), &Terminal::plain(), &mut out).unwrap();
        assert!(out.starts_with(b"RG999  a-rule  error    a title (in preview)\n"), "{}", String::from_utf8_lossy(&out));
        out.clear();
        write(&page, &Terminal { width: 30, ..Terminal::plain() }, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @"
        a-rule: a title
        RG999: error at most, likely at least, since 0.1.0; in preview: it runs with --preview; formerly old-rule

        What it finds

          A long line of words that
          goes on.
          - first
          - second thing that is
            longer than the line

          bad:
            <?php

                $a;

          The end.
        ");
    }
}
