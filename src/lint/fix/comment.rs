//! Fixes of suppressions: a comment or an entry of the manifest goes, or a rule of its list.

use std::ops::Range;

use super::super::Context;
use super::super::suppress::Directive;
use super::{Change, Edit, Fix, Safety, difference};
use crate::extension::source::{SourceFile, Span};
use crate::reference::manifest::remove;

/// The marks of comments that end with their line.
const LINE_MARKS: [&[u8]; 3] = [b"//", b"#", b"--"];
/// Those that end with a mark of their own, with that. Before one that it begins with, the longer one.
const BLOCK_MARKS: [(&[u8], &[u8]); 3] = [(b"/**", b"*/"), (b"/*", b"*/"), (b"<!--", b"-->")];

/// Takes the rule that stands at `at` out of its suppression; the whole comment, where it names no other.
pub(crate) fn remove_from_comment(context: &Context<'_>, at: Span) -> Option<Fix> {
    let directive = directive_at(context, at)?;
    let number = directive.rules.iter().position(|(_, span)| *span == at);
    let title = match number.filter(|_| directive.rules.len() > 1) {
        Some(_) => "take the rule out of this suppression",
        None => "remove this suppression",
    };
    let (edit, mut safety) = without(context, directive, number)?;
    let mut edits = vec![edit];
    // What ends a block names the same rules in the same order.
    if let Some(end) = directive.ended_by.and_then(|at| directive_at(context, at)) {
        let (edit, of_end) = without(context, end, number)?;
        edits.push(edit);
        safety = safety.max(of_end);
    }
    Some(Fix { title: title.to_owned(), safety, change: Change::Edits(edits) })
}

/// The edit that takes the rule of that number out of a suppression, or all of the suppression.
fn without(context: &Context<'_>, directive: &Directive, number: Option<usize>) -> Option<(Edit, Safety)> {
    let file = context.extension.file(directive.at.file);
    let edit = |range: Range<usize>, text: String| Edit { path: file.path.clone(), range, text };
    let others = directive.rules.iter().enumerate().filter(|(at, _)| Some(*at) != number).map(|(_, (rule, _))| rule.as_str());
    let others: Vec<&str> = others.collect();
    if number.is_some()
        && let ([_, ..], Some((_, first)), Some((_, last))) = (others.as_slice(), directive.rules.first(), directive.rules.last())
    {
        // The whole list, so that two rules of it are not taken out at once, each in ignorance of the other.
        let list = first.start as usize..last.end as usize;
        return Some((edit(list, others.join(", ")), Safety::Safe));
    }
    let (range, safety) = whole(file, directive)?;
    Some((edit(range, String::new()), safety))
}

/// The suppression that holds a span.
pub(crate) fn directive_at<'a>(context: &Context<'a>, at: Span) -> Option<&'a Directive> {
    // They are in the order of their places.
    let after = context.directives.partition_point(|d| (d.at.file, d.at.start) <= (at.file, at.start));
    context.directives.get(after.checked_sub(1)?).filter(|d| d.at.file == at.file && at.end <= d.at.end)
}

/// Writes `to` in the place of the rule at `at`.
pub(crate) fn rename_rule(context: &Context<'_>, at: Span, to: &str) -> Fix {
    let edit = Edit { path: context.extension.file(at.file).path.clone(), range: at.start as usize..at.end as usize, text: to.to_owned() };
    // Which rule was meant is a guess.
    Fix { title: format!("write `{to}`"), safety: Safety::Unsafe, change: Change::Edits(vec![edit]) }
}

/// Takes the `[[lint.ignore]]` that begins at `at` out of the manifest.
pub(crate) fn remove_entry(context: &Context<'_>, at: Span) -> Option<Fix> {
    let manifest = context.manifest.filter(|_| context.manifest_file == Some(at.file))?;
    let index = manifest.lint.ignore.iter().position(|entry| entry.span.start == at.start as usize)?;
    let after = remove::without_ignore(manifest, index)?;
    let edit = difference("reguid.toml", &manifest.text, &after);
    Some(Fix { title: "remove this entry".to_owned(), safety: Safety::Safe, change: Change::Edits(vec![edit]) })
}

/// The bytes of a suppression's comment, with the line, if nothing else stands on it.
fn whole(file: &SourceFile, directive: &Directive) -> Option<(Range<usize>, Safety)> {
    let number = file.line_of(directive.at.start);
    let line_start = file.line_starts()[number] as usize;
    let line_end = line_start + file.line(number).len();
    let next = file.line_starts().get(number + 1).map_or(file.bytes.len(), |next| *next as usize);
    let (start, end) = (directive.at.start as usize, (directive.at.end as usize).min(line_end));
    let before = file.bytes.get(line_start..start)?.trim_ascii_end();
    let after = file.bytes.get(end..line_end)?;
    let gap = after.len() - after.trim_ascii_start().len();
    let closes = |mark: &[u8]| after[gap..].starts_with(mark);
    let begins = |mark: &[u8]| before.ends_with(mark).then(|| line_start + before.len() - mark.len());

    let comment = if let Some((begin, close)) = BLOCK_MARKS.iter().find_map(|(open, close)| Some((begins(open)?, close))) {
        // A comment of several lines stays, and loses this text.
        if closes(close) { begin..end + gap + close.len() } else { start..end }
    } else if let Some(begin) = LINE_MARKS.iter().find_map(|mark| begins(mark)) {
        begin..end
    } else if closes(b"*/") {
        start..end // The last line of a comment of several.
    } else {
        line_start + before.len() - 1..end // The star of one.
    };
    let rest = [&file.bytes[line_start..comment.start], &file.bytes[comment.end..line_end]];
    let range = if rest.iter().all(|r| r.trim_ascii().is_empty()) {
        line_start..next
    } else {
        line_start + rest[0].trim_ascii_end().len()..comment.end
    };
    // In a string of the code, what looks like a comment may hold the string's end.
    let quoted = file.bytes[start..comment.end].iter().any(|b| matches!(b, b'\'' | b'"' | b'`'));
    Some((range, if quoted { Safety::Unsafe } else { Safety::Safe }))
}

#[cfg(test)]
mod tests {
    use super::super::{Safety, apply};
    use crate::lint::testing::files;
    use crate::lint::{Settings, lint_as};

    /// A file after the first fix of its first finding, and how safe that is.
    fn fixed(path: &str, text: &str) -> (String, Safety) {
        let settings = Settings { fixes: true, ..Settings::default() };
        let mut extension = files(&[(path, text.as_bytes())]);
        extension.root = Some("ext".into());
        let linted = lint_as(extension, &[], None, &settings);
        let fix = &linted.fixes(&linted.findings[0])[0];
        let edits: Vec<_> = fix.edits().iter().collect();
        (String::from_utf8(apply(text.as_bytes(), &edits)).unwrap(), fix.safety)
    }

    #[test]
    fn a_comment_goes_with_its_line_where_it_stands_alone() {
        let i = "reguid: ignore[raw-id-column] gone";
        for (before, after) in [
            (format!("<?php\n// {i}\n$a = 1;\n"), "<?php\n$a = 1;\n"),
            (format!("<?php\r\n# {i}\r\n$a = 1;\r\n"), "<?php\r\n$a = 1;\r\n"),
            (format!("<?php\n$a = 1;  // {i}\n$b = 2;\n"), "<?php\n$a = 1;\n$b = 2;\n"),
            (format!("<?php\n$a = 1; /* {i} */ $b = 2;\n"), "<?php\n$a = 1; $b = 2;\n"),
            (format!("<?php\n/* {i} */\n$b = 2;\n"), "<?php\n$b = 2;\n"),
            (format!("<?php\n/**\n * text\n * {i}\n */\n$b = 2;\n"), "<?php\n/**\n * text\n */\n$b = 2;\n"),
            (format!("<?php\n/** {i}\n * text\n */\n"), "<?php\n/**\n * text\n */\n"),
            (format!("<?php // {i} ?>\n<b>\n"), "<?php ?>\n<b>\n"),
            (format!("<?php\n// {i}"), "<?php\n"),
            (format!("<b>\n<!-- {i} -->\n<i>\n"), "<b>\n<i>\n"),
            (format!("<b> <!-- {i} --> <i>\n"), "<b> <i>\n"),
            ("<?php\n// reguid: ignore-file[raw-id-column] gone\n$a = 1;\n".to_owned(), "<?php\n$a = 1;\n"),
            (
                "<?php\n// reguid: ignore-start[raw-id-column] gone\n$a = 1;\n// reguid: ignore-end[raw-id-column]\n".to_owned(),
                "<?php\n$a = 1;\n",
            ),
        ] {
            assert_eq!(fixed("a.php", &before), (after.to_owned(), Safety::Safe), "{before}");
        }
    }

    #[test]
    fn a_rule_goes_from_its_list() {
        let text = "-- reguid: ignore[raw-id-column,  raw-id-in-file] gone\nSELECT 1;\n";
        assert_eq!(fixed("a.sql", text).0, "-- reguid: ignore[raw-id-in-file] gone\nSELECT 1;\n");
        let text = "-- reguid: ignore-start[raw-id-column, raw-id-in-file] gone\n;\n-- reguid: ignore-end[raw-id-column, raw-id-in-file]\n";
        let after = "-- reguid: ignore-start[raw-id-in-file] gone\n;\n-- reguid: ignore-end[raw-id-in-file]\n";
        assert_eq!(fixed("a.sql", text).0, after);
    }

    #[test]
    fn what_may_be_the_end_of_a_string_is_not_safe_to_remove() {
        let text = "<?php\n$sql = \"SELECT 1 -- reguid: ignore[raw-id-column] gone\";\n";
        assert_eq!(fixed("a.php", text).1, Safety::Unsafe);
    }

    #[test]
    fn a_misspelt_rule_is_corrected_when_a_person_looks() {
        let (text, safety) = fixed("a.sql", "-- reguid: ignore[raw-id-colum] a cache\n");
        assert_eq!((text.as_str(), safety), ("-- reguid: ignore[raw-id-column] a cache\n", Safety::Unsafe));
    }
}
