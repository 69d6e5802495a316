//! Text laid out for a terminal.

use std::fmt::Write as _;

/// Wraps `text` at `width` columns: the first line begins with `first`, the others with `rest`. Words longer than a line are not broken.
pub(crate) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut lines = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && columns(&line) + 1 + columns(word) > width {
            let _ = writeln!(lines, "{line}");
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    lines + line.trim_end() + "\n"
}

/// Columns that `text` takes, without escape sequences. Wide characters count as one: lines with many of them come out too long, never wrong.
fn columns(text: &str) -> usize {
    let mut count = 0;
    let mut escape = false;
    for c in text.chars() {
        match c {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            _ => count += 1,
        }
    }
    count
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

/// `text` with control characters made visible, so that nothing in a linted file can steer the terminal.
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_between_words() {
        assert_eq!(wrap("one two three", 9, "a: ", "   "), "a: one\n   two\n   three\n");
        assert_eq!(wrap("\u{1b}[1mone\u{1b}[0m two", 7, "", ""), "\u{1b}[1mone\u{1b}[0m two\n");
        assert_eq!(wrap("", 9, "a: ", ""), "a:\n");
    }
}
