//! The lines of files around the locations of one finding, as miette draws them.
//!
//! All excerpts of a finding, from whatever files, make one virtual text with gaps between them: so one diagnostic shows several files. Only the lines
//! shown are copied, found by the files' line index: drawing a finding costs the same in a file of ten lines and in one of ten megabytes.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::text::visible;
use crate::extension::Extension;
use crate::extension::source::{FileId, LineColumn, SourceFile};
use crate::lint::Location;
use crate::lint::finding::Role;

/// Lines shown before and after a location.
const CONTEXT: usize = 1;
/// Longer lines are cut to a window around the location.
const LONGEST_LINE: usize = 160;
/// Bytes kept before a location in a cut line.
const BEFORE: usize = 60;
/// What stands for what was cut off.
const CUT: &str = "…";

/// The excerpts of one finding.
pub(crate) struct Excerpts {
    excerpts: Vec<Excerpt>,
    labels: Vec<Label>,
}

/// Consecutive lines of one file.
struct Excerpt {
    name: String,
    /// The first line, from 0.
    line: usize,
    /// Where it begins in the virtual text.
    base: usize,
    text: String,
}

struct Label {
    /// In the virtual text.
    start: usize,
    length: usize,
    text: String,
    primary: bool,
    position: LineColumn,
}

impl Excerpts {
    /// The excerpts around `locations`, the primary one's file first.
    pub(crate) fn new(extension: &Extension, locations: &[Location], unicode: bool) -> Excerpts {
        let mut files: Vec<FileId> = Vec::new();
        for location in locations {
            if !files.contains(&location.span.file) {
                files.push(location.span.file);
            }
        }
        let mut all = Excerpts { excerpts: Vec::new(), labels: Vec::new() };
        for id in files {
            let file = extension.file(id);
            let mut here: Vec<&Location> = locations.iter().filter(|l| l.span.file == id).collect();
            here.sort_by_key(|l| l.span.start);
            let name = if file.schema { format!("{} (its schema)", file.path) } else { file.path.to_string() };
            // Locations whose lines touch share an excerpt.
            let mut rest = &here[..];
            while let Some(first) = rest.first() {
                let mut last = file.line_of(first.span.start);
                let near = |last: usize, l: &Location| file.line_of(l.span.start) <= last + 2 * CONTEXT + 1;
                let mut together = 1;
                while let Some(next) = rest.get(together).filter(|l| near(last, l)) {
                    last = file.line_of(next.span.start);
                    together += 1;
                }
                all.add(file, &name, &rest[..together], unicode);
                rest = &rest[together..];
            }
        }
        all
    }

    fn add(&mut self, file: &SourceFile, name: &str, locations: &[&Location], unicode: bool) {
        let line_of = |l: &Location| file.line_of(l.span.start);
        let (Some(first), Some(last)) = (locations.first(), locations.last()) else { return };
        let from = line_of(first).saturating_sub(CONTEXT);
        let to = (line_of(last) + CONTEXT).min(file.line_starts().len() - 1);
        // One byte between two excerpts, so that no span can lie in both.
        let base = self.excerpts.last().map_or(0, |e| e.base + e.text.len() + 1);
        let mut text = String::new();
        for line in from..=to {
            let here: Vec<&&Location> = locations.iter().filter(|l| line_of(l) == line).collect();
            let window = Window::around(file, line, &here, unicode);
            for location in here {
                let (start, length) = window.place(file, line, location);
                let position = file.position(location.span.start);
                let primary = location.role == Role::Primary;
                let text_start = base + text.len() + start;
                self.labels.push(Label { start: text_start, length, text: location.label.clone(), primary, position });
            }
            // A file's last, empty line shows nothing.
            if line < to || !window.text.is_empty() {
                text.push_str(&window.text);
                text.push('\n');
            }
        }
        self.excerpts.push(Excerpt { name: visible(name), line: from, base, text });
    }

    /// The locations' labels.
    pub(crate) fn labels(&self) -> impl Iterator<Item = LabeledSpan> + '_ {
        self.labels.iter().map(|label| {
            let text = (!label.text.is_empty()).then(|| visible(&label.text));
            let span = SourceSpan::from((label.start, label.length));
            if label.primary { LabeledSpan::new_primary_with_span(text, span) } else { LabeledSpan::new_with_span(text, span) }
        })
    }
}

impl SourceCode for Excerpts {
    fn read_span<'a>(&'a self, span: &SourceSpan, before: usize, after: usize) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset() + span.len();
        let excerpt =
            self.excerpts.iter().find(|e| e.base <= span.offset() && end <= e.base + e.text.len()).ok_or(MietteError::OutOfBounds)?;
        let whole = SourceSpan::from((excerpt.base, excerpt.text.len()));
        let lines = excerpt.text.matches('\n').count();
        let (line, column) = match self.labels.iter().find(|l| l.start == span.offset()) {
            // Without context lines, the question is where the span begins.
            Some(label) if before == 0 && after == 0 => (label.position.line as usize - 1, label.position.column as usize - 1),
            _ => (excerpt.line, 0),
        };
        Ok(Box::new(MietteSpanContents::new_named(excerpt.name.clone(), excerpt.text.as_bytes(), whole, line, column, lines)))
    }
}

/// A line as shown: valid text, without control characters, cut to a window where it is very long.
struct Window {
    text: String,
    /// The byte of the line that the window begins with.
    start: usize,
    /// The byte of the line that the window ends before.
    end: usize,
    /// Bytes of `text` before the first one of the line.
    offset: usize,
}

impl Window {
    fn around(file: &SourceFile, line: usize, locations: &[&&Location], unicode: bool) -> Window {
        let bytes = file.line(line);
        let (mut start, mut end) = (0, bytes.len());
        if bytes.len() > LONGEST_LINE {
            let line_start = file.line_starts()[line];
            let first = locations.iter().map(|l| (l.span.start - line_start) as usize).min().unwrap_or(0);
            start = first.saturating_sub(BEFORE);
            end = (start + LONGEST_LINE).min(bytes.len());
        }
        // Not within a character.
        let inside = |at: usize| bytes.get(at).is_some_and(|b| b & 0xC0 == 0x80);
        while start > 0 && inside(start) {
            start -= 1;
        }
        while end < bytes.len() && inside(end) {
            end += 1;
        }
        let cut = if unicode { CUT } else { "..." };
        let mut text = String::new();
        let offset = if start > 0 { cut.len() } else { 0 };
        if start > 0 {
            text.push_str(cut);
        }
        text.push_str(&shown(&bytes[start..end]));
        if end < bytes.len() {
            text.push_str(cut);
        }
        Window { text, start, end, offset }
    }

    /// Where a location begins in the window's text, and its length; at most to the end of the line.
    fn place(&self, file: &SourceFile, line: usize, location: &Location) -> (usize, usize) {
        let bytes = file.line(line);
        let line_start = file.line_starts()[line];
        let within = |at: u32| ((at - line_start) as usize).clamp(self.start, self.end).min(bytes.len());
        let (from, to) = (within(location.span.start), within(location.span.end.max(location.span.start)));
        let text_of = |a: usize, b: usize| shown(bytes.get(a..b).unwrap_or_default()).len();
        (self.offset + text_of(self.start, from), text_of(from, to))
    }
}

/// Bytes as text to be shown.
fn shown(bytes: &[u8]) -> String {
    visible(&String::from_utf8_lossy(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::source::Span;
    use crate::lint::testing::files;

    /// The text under the labels of locations at byte ranges of a file.
    fn underlined(bytes: &[u8], ranges: &[(u32, u32)]) -> Vec<String> {
        let extension = files(&[("a.php", bytes)]);
        let locations: Vec<Location> = ranges.iter().map(|r| Location::primary(Span::new(FileId(0), r.0, r.1), "x")).collect();
        let excerpts = Excerpts::new(&extension, &locations, true);
        let text = |l: LabeledSpan| {
            let contents = excerpts.read_span(l.inner(), 1, 1).unwrap();
            let start = l.offset() - contents.span().offset();
            String::from_utf8(contents.data()[start..start + l.len()].to_vec()).unwrap()
        };
        excerpts.labels().map(text).collect()
    }

    #[test]
    fn labels_stand_under_their_text_whatever_the_bytes() {
        assert_eq!(underlined(b"one\ntwo three\nfour", &[(8, 13)]), ["three"]);
        assert_eq!(underlined(b"\xff\xfe\x1b \xc3\xa9two\n", &[(6, 9)]), ["two"]);
        assert_eq!(underlined(b"a\r\nb two\r\nc", &[(5, 8)]), ["two"]);
        assert_eq!(underlined(b"one (\n  two)\n", &[(0, 12)]), ["one ("]);
        assert_eq!(underlined(b"one\n\n\n\n\n\n\n\ntwo\n", &[(0, 3), (11, 14)]), ["one", "two"]);
        assert_eq!(underlined(b"", &[(0, 0)]), [""]);
        assert_eq!(underlined(b"one", &[(3, 3)]), [""]);
    }

    #[test]
    fn long_lines_are_cut_around_the_location() {
        let long = format!("{}domain_id{}", "é".repeat(200_000), "x".repeat(200_000));
        let extension = files(&[("a.php", long.as_bytes())]);
        let excerpts = Excerpts::new(&extension, &[Location::primary(Span::new(FileId(0), 400_000, 400_009), "x")], true);
        assert!(excerpts.excerpts[0].text.len() < 2 * LONGEST_LINE);
        assert_eq!(underlined(long.as_bytes(), &[(400_000, 400_009)]), ["domain_id"]);
        assert_eq!(excerpts.labels[0].position, LineColumn { line: 1, column: 200_001 });
    }
}
