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
}

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
        SourceFile { path, bytes, schema: false, lines: OnceLock::new() }
    }

    /// A SQLite database, by the statements of its schema.
    #[must_use]
    pub fn of_schema(path: Utf8PathBuf, statements: Vec<u8>) -> SourceFile {
        SourceFile { path, bytes: statements, schema: true, lines: OnceLock::new() }
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
        let start = self.line_starts()[line] as usize;
        let end = (offset as usize).min(self.bytes.len()).max(start);
        let column = self.bytes[start..end].utf8_chunks().map(|c| c.valid().chars().count() + c.invalid().len()).sum::<usize>();
        LineColumn { line: u32::try_from(line + 1).unwrap_or(u32::MAX), column: u32::try_from(column + 1).unwrap_or(u32::MAX) }
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
}
