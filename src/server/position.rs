//! Positions as the client counts them.

use lsp_types::{Position, Range};

use crate::extension::source::{SourceFile, Span};

/// What a client counts within a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16.
    Utf16,
}

impl Encoding {
    /// Units of a text. A byte that is no UTF-8 is shown as one character, and counts as such.
    fn units(self, bytes: &[u8]) -> usize {
        let invalid = if self == Encoding::Utf8 { char::REPLACEMENT_CHARACTER.len_utf8() } else { 1 };
        let chunks = bytes.utf8_chunks();
        chunks
            .map(|chunk| {
                let valid = match self {
                    Encoding::Utf8 => chunk.valid().len(),
                    Encoding::Utf16 => chunk.valid().encode_utf16().count(),
                };
                valid + if chunk.invalid().is_empty() { 0 } else { invalid }
            })
            .sum()
    }

    /// A byte of a file as the client counts.
    pub(super) fn position(self, file: &SourceFile, offset: usize) -> Position {
        let offset = u32::try_from(offset.min(file.bytes.len())).unwrap_or(u32::MAX);
        let line = file.line_of(offset);
        let start = file.line_starts()[line] as usize;
        let units = self.units(&file.bytes[start..offset as usize]);
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), character: u32::try_from(units).unwrap_or(u32::MAX) }
    }

    /// Bytes of a file as the client counts.
    pub(super) fn range(self, file: &SourceFile, start: usize, end: usize) -> Range {
        Range { start: self.position(file, start), end: self.position(file, end.max(start)) }
    }

    /// A span of a file as the client counts.
    pub(super) fn span(self, file: &SourceFile, span: Span) -> Range {
        self.range(file, span.start as usize, span.end as usize)
    }

    /// The byte of a file that the client means. Beyond the end of a line it is the line's end.
    pub(super) fn offset(self, file: &SourceFile, position: Position) -> usize {
        let line = position.line as usize;
        let Some(&start) = file.line_starts().get(line) else { return file.bytes.len() };
        let text = file.line(line);
        let wanted = position.character as usize;
        // Lines are short, and the one is enough.
        let fits = |at: &usize| self.units(&text[..*at]) <= wanted && (*at == text.len() || text[*at] & 0xC0 != 0x80);
        let at = if self.units(text) <= wanted { text.len() } else { (0..=text.len().min(wanted * 4)).rev().find(fits).unwrap_or(0) };
        start as usize + at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_go_there_and_back_in_both_encodings() {
        let file = SourceFile::new("a.php".into(), "ab\né😀x\nend".into());
        for (encoding, offset, line, character) in [
            (Encoding::Utf16, 0, 0, 0),
            (Encoding::Utf16, 5, 1, 1),
            (Encoding::Utf16, 9, 1, 3),
            (Encoding::Utf16, 14, 2, 3),
            (Encoding::Utf8, 9, 1, 6),
        ] {
            assert_eq!(encoding.position(&file, offset), Position { line, character }, "{offset}");
            assert_eq!(encoding.offset(&file, Position { line, character }), offset, "{line}:{character}");
        }
        assert_eq!(Encoding::Utf16.offset(&file, Position { line: 1, character: 99 }), 10);
        assert_eq!(Encoding::Utf16.offset(&file, Position { line: 99, character: 0 }), 14);
    }
}
