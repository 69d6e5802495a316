//! The Markdown of the rules' pages as HTML: headings, paragraphs, lists, fenced blocks, code in backticks. The pages hold nothing else.

use maud::{Markup, html};

/// A piece of a page.
enum Block<'a> {
    Heading(&'a str),
    Paragraph(String),
    List(Vec<String>),
    /// Its first word line, and its lines.
    Code(&'a str, String),
}

/// A page's text.
pub(super) fn html(text: &str) -> Markup {
    html! {
        @for block in blocks(text) {
            @match block {
                Block::Heading(text) => h3 { (inline(text)) },
                Block::Paragraph(text) => p { (inline(&text)) },
                Block::List(items) => ul { @for item in &items { li { (inline(item)) } } },
                Block::Code(info, code) => {
                    @if info.split_whitespace().any(|w| w == "bad") { p.error { "Bad:" } }
                    @if info.split_whitespace().any(|w| w == "good") { p.good { "Good:" } }
                    pre tabindex="0" { (code) }
                },
            }
        }
    }
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let code: Vec<&str> = lines.by_ref().take_while(|l| !l.starts_with("```")).collect();
            blocks.push(Block::Code(info, code.join("\n")));
        } else if line.starts_with('#') {
            blocks.push(Block::Heading(line.trim_start_matches('#').trim()));
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(Block::List(items)) => items.push(item.to_owned()),
                _ => blocks.push(Block::List(vec![item.to_owned()])),
            }
        } else if line.trim().is_empty() {
            blocks.push(Block::Paragraph(String::new()));
        } else {
            match blocks.last_mut() {
                Some(Block::List(items)) if line.starts_with("  ") => {
                    items.last_mut().into_iter().for_each(|i| *i += &format!(" {}", line.trim()))
                }
                Some(Block::Paragraph(text)) => *text += &format!(" {}", line.trim()),
                _ => blocks.push(Block::Paragraph(line.trim().to_owned())),
            }
        }
    }
    blocks.retain(|b| !matches!(b, Block::Paragraph(text) if text.trim().is_empty()));
    blocks
}

/// Text with code in backticks.
pub(super) fn inline(text: &str) -> Markup {
    html! { @for (index, part) in text.trim().split('`').enumerate() { @if index % 2 == 1 { code { (part) } } @else { (part) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_becomes_html() {
        let text = "## What it finds\n\nA `column` <that>\ngoes on.\n\n- one\n  more\n- two\n\n```php bad\n<?php\n$a;\n```\n";
        assert_eq!(
            html(text).into_string(),
            "<h3>What it finds</h3><p>A <code>column</code> &lt;that&gt; goes on.</p><ul><li>one more</li><li>two</li></ul>\
             <p class=\"error\">Bad:</p><pre tabindex=\"0\">&lt;?php\n$a;</pre>"
        );
    }
}
