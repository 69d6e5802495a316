//! The bytes of a file as the parser wants them, and the way back.
//!
//! The parser takes UTF-8 only and does not know the short open tag `<?`. Both are put right before it sees the text, and every span that comes
//! out of it is given in bytes of the file.

use std::borrow::Cow;

use memchr::memmem;

use crate::extension::php::ir::Bytes;
use crate::extension::source::replace_invalid;

/// A file's text for the parser.
pub(super) struct Source<'a> {
    original: &'a [u8],
    text: Cow<'a, str>,
    /// Where [`TAG`] was put in, as positions in the file; ordered.
    tags: Vec<u32>,
}

/// What makes `<?` a tag that the parser knows.
const TAG: &str = "php ";

impl<'a> Source<'a> {
    pub(super) fn new(original: &'a [u8]) -> Source<'a> {
        let text = replace_invalid(original);
        let tags = short_tags(text.as_bytes());
        let text = if tags.is_empty() { text } else { Cow::Owned(insert_tags(&text, &tags)) };
        Source { original, text, tags }
    }

    /// The text for the parser.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file.
    pub(super) fn original(&self) -> &'a [u8] {
        self.original
    }

    /// The span of the file that the span `start..end` of [`Source::text`] stands for.
    pub(super) fn original_span(&self, start: u32, end: u32) -> Bytes {
        let (start, end) = if self.tags.is_empty() { (start, end) } else { (self.original_offset(start), self.original_offset(end)) };
        let len = u32::try_from(self.original.len()).unwrap_or(u32::MAX);
        let start = start.min(len);
        Bytes { start, end: end.clamp(start, len) }
    }

    fn original_offset(&self, offset: u32) -> u32 {
        let mut added = 0;
        for tag in &self.tags {
            if tag + added >= offset {
                break;
            }
            // An offset within what was put in stands for the place where it was put in.
            added = (added + TAG.len() as u32).min(offset - tag);
        }
        offset - added
    }
}

fn insert_tags(text: &str, tags: &[u32]) -> String {
    let mut out = String::with_capacity(text.len() + tags.len() * TAG.len());
    let mut copied = 0;
    for &tag in tags {
        out.push_str(&text[copied..tag as usize]);
        out.push_str(TAG);
        copied = tag as usize;
    }
    out.push_str(&text[copied..]);
    out
}

/// The positions after each `<?` that opens PHP.
fn short_tags(text: &[u8]) -> Vec<u32> {
    let mut tags = Vec::new();
    // Nearly no file has one; where none of its bytes could be one, nothing needs to be told apart.
    if !memmem::find_iter(text, b"<?").any(|i| opening(&text[i..]) == Opening::Short) {
        return tags;
    }
    let mut i = 0;
    while let Some(found) = memmem::find(&text[i..], b"<?") {
        i += found;
        match opening(&text[i..]) {
            Opening::Xml => {
                i += 2;
                continue;
            }
            Opening::Short => tags.extend(u32::try_from(i + 2)),
            Opening::Full => {}
        }
        i = end_of_php(text, i + 2);
    }
    tags
}

#[derive(PartialEq)]
enum Opening {
    Full,
    Short,
    Xml,
}

/// What the `<?` at the start of `text` is.
fn opening(text: &[u8]) -> Opening {
    let rest = &text[2..];
    let word = |word: &[u8]| rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word);
    if rest.starts_with(b"=") || word(b"php") && rest.get(3).is_none_or(u8::is_ascii_whitespace) {
        Opening::Full
    } else if word(b"xml") {
        Opening::Xml
    } else {
        Opening::Short
    }
}

/// The position after the `?>` that closes the PHP at `i`, past strings, heredocs and comments.
fn end_of_php(text: &[u8], mut i: usize) -> usize {
    while i < text.len() {
        let rest = &text[i..];
        i += match rest[0] {
            b'?' if rest.starts_with(b"?>") => return i + 2,
            quote @ (b'\'' | b'"' | b'`') => quoted(rest, quote, 0),
            b'/' if rest.starts_with(b"/*") => memmem::find(&rest[2..], b"*/").map_or(rest.len(), |end| end + 4),
            b'/' if rest.starts_with(b"//") => line_comment(rest),
            b'#' if !rest.starts_with(b"#[") => line_comment(rest),
            b'<' if rest.starts_with(b"<<<") => heredoc(rest),
            _ => 1,
        };
    }
    text.len()
}

/// The length of the string that `text` starts with. Within `{$…}` there may be strings in it, `depth` says how many are open.
fn quoted(text: &[u8], quote: u8, depth: u32) -> usize {
    let mut i = 1;
    while i < text.len() {
        match text[i] {
            b'\\' => i += 2,
            byte if byte == quote => return i + 1,
            b'{' if quote != b'\'' && text.get(i + 1) == Some(&b'$') && depth < STRINGS => i += interpolation(&text[i..], depth),
            _ => i += 1,
        }
    }
    text.len()
}

/// How many strings may stand within each other. The parser takes less.
const STRINGS: u32 = 64;

/// The length of the `{$…}` that `text` starts with.
fn interpolation(text: &[u8], depth: u32) -> usize {
    let (mut i, mut open) = (0, 0);
    while i < text.len() {
        i += match text[i] {
            quote @ (b'\'' | b'"' | b'`') => quoted(&text[i..], quote, depth + 1),
            b'{' => {
                open += 1;
                1
            }
            b'}' => {
                open -= 1;
                1
            }
            _ => 1,
        };
        if open == 0 {
            break;
        }
    }
    i
}

/// A line comment ends before `?>`, too.
fn line_comment(text: &[u8]) -> usize {
    let line = memchr::memchr2(b'\n', b'\r', text).unwrap_or(text.len());
    memmem::find(&text[..line], b"?>").unwrap_or(line)
}

fn heredoc(text: &[u8]) -> usize {
    let mut i = 3;
    i += text[i..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    i += usize::from(matches!(text.get(i), Some(b'\'' | b'"')));
    let label = text[i..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_' || **b >= 0x80).count();
    if label == 0 {
        return 3;
    }
    let label = &text[i..i + label];
    while let Some(end) = memchr::memchr2(b'\n', b'\r', &text[i..]) {
        i += end + 1;
        i += text[i..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let rest = &text[i..];
        if rest.starts_with(label) && rest.get(label.len()).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_' && *b < 0x80) {
            return i + label.len();
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn invalid_bytes_move_nothing() {
        let source = Source::new(b"<?php '\xff\xc3\xa9\xe2\x82';");
        assert_eq!(source.text(), "<?php '?\u{e9}??';");
        assert_eq!(source.original_span(7, 12), Bytes { start: 7, end: 12 });
    }

    #[test]
    fn short_tags_are_completed_outside_of_php_only() {
        let file = b"<p><? a('<? x ?>'); // <? no ?> <?xml v='1' ?> <?= 1 ?><?php b(<<<'E'\n <? \n E); /* ?> */ ?><?c()";
        let source = Source::new(file);
        assert_eq!(
            source.text(),
            "<p><?php  a('<? x ?>'); // <? no ?> <?xml v='1' ?> <?= 1 ?><?php b(<<<'E'\n <? \n E); /* ?> */ ?><?php c()"
        );
        for name in ["a(", "b(", "c("] {
            let start = memmem::find(source.text().as_bytes(), name.as_bytes()).unwrap() as u32;
            let span = source.original_span(start, start + 2);
            assert_eq!(&file[span.start as usize..span.end as usize], name.as_bytes());
        }
        assert_eq!(source.original_span(3, 9), Bytes { start: 3, end: 5 });
    }

    #[test]
    fn strings_in_strings_are_skipped() {
        let source = Source::new(b"<? a(\"x {$b[\"?>\"]} <? \\\" {$c[`'`]}\") ?> <? d()");
        assert_eq!(source.text(), "<?php  a(\"x {$b[\"?>\"]} <? \\\" {$c[`'`]}\") ?> <?php  d()");
        assert!(matches!(Source::new(format!("<?php {} <? ", "\"{$a[".repeat(100_000)).as_bytes()).text, Cow::Borrowed(_)));
    }

    #[test]
    fn text_in_a_string_is_no_tag() {
        assert!(matches!(Source::new(b"<?php $x = '<? echo 1 ?>';").text, Cow::Borrowed(_)));
        assert!(matches!(Source::new(b"<?PHP\n1;").text, Cow::Borrowed(_)));
    }
}
