//! Files of an extension, and places in them.

use std::borrow::Cow;
use std::sync::OnceLock;

use camino::Utf8PathBuf;

/// A file's number within one [`Extension`](super::Extension).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A range of bytes in a file of an extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `file`.
    #[must_use]
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }
}

/// A text file of an extension.
#[derive(Debug)]
pub struct SourceFile {
    /// Its path relative to the extension's root, with `/`.
    pub path: Utf8PathBuf,
    /// Its bytes. Not necessarily UTF-8.
    pub bytes: Vec<u8>,
    /// Whether it is a SQLite database, and its bytes are the statements of its schema.
    pub schema: bool,
    lines: OnceLock<Vec<u32>>,
    /// For files with very long lines: bytes at which a character begins, [`STEP`] or more apart, each with how many characters stand before it.
    marks: OnceLock<Vec<(u32, u32)>>,
}

/// From this many bytes on, characters are counted from the last mark and not from the line's start.
const STEP: u32 = 1 << 12;

/// A position as editors count: line and column from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters (an invalid byte counts as one).
    pub column: u32,
}

impl SourceFile {
    /// A file of these bytes.
    #[must_use]
    pub fn new(path: Utf8PathBuf, bytes: Vec<u8>) -> SourceFile {
        SourceFile { path, bytes, schema: false, lines: OnceLock::new(), marks: OnceLock::new() }
    }

    /// A SQLite database, by the statements of its schema.
    #[must_use]
    pub fn of_schema(path: Utf8PathBuf, statements: Vec<u8>) -> SourceFile {
        SourceFile { path, bytes: statements, schema: true, lines: OnceLock::new(), marks: OnceLock::new() }
    }

    /// The byte at which each line starts. Made once, at the first question.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(memchr::memchr_iter(b'\n', &self.bytes).map(|i| u32::try_from(i + 1).unwrap_or(u32::MAX)));
            starts
        })
    }

    /// The line (from 0) that byte `offset` stands on.
    #[must_use]
    pub fn line_of(&self, offset: u32) -> usize {
        self.line_starts().partition_point(|start| *start <= offset) - 1
    }

    /// The bytes of line `line` (from 0), without its end.
    #[must_use]
    pub fn line(&self, line: usize) -> &[u8] {
        let starts = self.line_starts();
        let Some(&start) = starts.get(line) else { return &[] };
        let end = starts.get(line + 1).map_or(self.bytes.len(), |next| *next as usize - 1);
        let bytes = &self.bytes[start as usize..end.max(start as usize)];
        bytes.strip_suffix(b"\r").unwrap_or(bytes)
    }

    /// Byte `offset` as line and column.
    #[must_use]
    pub fn position(&self, offset: u32) -> LineColumn {
        let line = self.line_of(offset);
        let start = self.line_starts()[line];
        let end = offset.min(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)).max(start);
        let column = if end - start < STEP { self.count(start, end) } else { self.count_all(end) - self.count_all(start) };
        LineColumn { line: u32::try_from(line + 1).unwrap_or(u32::MAX), column: column + 1 }
    }

    /// How many characters stand in the bytes `start..end`.
    fn count(&self, start: u32, end: u32) -> u32 {
        let bytes = &self.bytes[start as usize..end as usize];
        if bytes.is_ascii() {
            return end - start;
        }
        let chunks = bytes.utf8_chunks();
        u32::try_from(chunks.map(|c| c.valid().chars().count() + c.invalid().len()).sum::<usize>()).unwrap_or(u32::MAX - 1)
    }

    /// How many characters stand before byte `end`.
    fn count_all(&self, end: u32) -> u32 {
        let marks = self.marks.get_or_init(|| self.mark());
        let (at, before) = marks[marks.partition_point(|(at, _)| *at <= end) - 1];
        before + self.count(at, end)
    }

    fn mark(&self) -> Vec<(u32, u32)> {
        let mut marks = vec![(0, 0)];
        let mut next = STEP;
        let mut pass = |at: u32, count: u32| {
            if at >= next {
                marks.push((at, count));
                next = at.saturating_add(STEP);
            }
        };
        let (mut at, mut count) = (0, 0);
        for chunk in self.bytes.utf8_chunks() {
            for character in chunk.valid().chars() {
                pass(at, count);
                at += u32::try_from(character.len_utf8()).unwrap_or(u32::MAX);
                count += 1;
            }
            pass(at, count);
            let invalid = u32::try_from(chunk.invalid().len()).unwrap_or(u32::MAX);
            at += invalid;
            count += invalid;
        }
        marks
    }
}

/// `bytes` as text with one `?` for each invalid byte, so that no offset moves.
pub(crate) fn replace_invalid(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let file = SourceFile::new("a.php".into(), b"ab\r\n\xc3\xa9\xffx\n".to_vec());
        let at = |o| (file.position(o).line, file.position(o).column);
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(4), (2, 1));
        assert_eq!(at(6), (2, 2));
        assert_eq!(at(7), (2, 3));
        assert_eq!(at(9), (3, 1));
        assert_eq!(file.line(0), b"ab");
        assert_eq!(file.line(9), b"");
    }

    #[test]
    fn columns_of_long_lines_are_counted_as_those_of_short_ones() {
        let pieces: [&[u8]; 7] = [b"a", b"\xc3\xa9", b"\xf0\x9f\x98\x80", b"\xff", b"\xe2\x82", b"bcd ", b"\x80\x80"];
        let mut state = 3_u64;
        let mut bytes = b"one\n".to_vec();
        let mut ends = vec![4];
        while bytes.len() < 50_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            bytes.extend(pieces[(state >> 33) as usize % pieces.len()]);
            ends.push(bytes.len());
        }
        let file = SourceFile::new("a.php".into(), bytes);
        for end in ends {
            let expected = file.bytes[4..end].utf8_chunks().map(|c| c.valid().chars().count() + c.invalid().len()).sum::<usize>();
            assert_eq!(file.position(end as u32).column as usize, expected + 1, "{end}");
        }
    }

    #[test]
    fn many_positions_in_one_long_line_are_right() {
        let file = SourceFile::new("a.php".into(), "é".repeat(1 << 20).into_bytes());
        let sum: u64 = (0..100_000).map(|i| u64::from(file.position(i * 20).column)).sum();
        assert_eq!(sum, (0..100_000).map(|i| i * 10 + 1).sum::<u64>());
    }
}
