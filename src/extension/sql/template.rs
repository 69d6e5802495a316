//! SQL text that PHP code puts together: its constant parts, and holes where a value comes in at run time.

use std::ops::Range;
use std::sync::Arc;

pub use super::fold::{Folding, fold};
use crate::extension::php::ir::{Bytes, ExprId};
use crate::extension::php::literal::Decoded;
use crate::extension::source::{FileId, Span};

/// What every placeholder of a hole contains. The whole placeholder is `:__hole_0`, a parameter to SQL; right behind a letter it is `__hole_0`, so
/// that a name with a hole in it stays one word.
pub(super) const HOLE: &str = "__hole_";

/// The longest text that is put together.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// A text with holes, and where each byte of it was written.
#[derive(Debug, Clone)]
pub struct Template {
    /// The text, with a placeholder for each hole.
    pub text: String,
    /// Its holes, in order.
    pub holes: Vec<Hole>,
    file: FileId,
    pieces: Vec<Piece>,
}

/// A value that comes in at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    /// The byte of the text at which its placeholder starts.
    pub at: u32,
    /// The length of its placeholder.
    pub len: u32,
    /// The expression whose value it is.
    pub expr: ExprId,
}

/// A run of the text that comes from one place.
#[derive(Debug, Clone)]
struct Piece {
    at: u32,
    from: From,
}

/// Where a piece comes from.
#[derive(Debug, Clone)]
pub(super) enum From {
    /// A literal, from byte `skip` of its decoded text on.
    Literal { decoded: Arc<Decoded>, skip: u32 },
    /// An expression that is not copied byte by byte: a hole, a number.
    Whole(Bytes),
}

impl Template {
    pub(super) fn new(file: FileId) -> Template {
        Template { text: String::new(), holes: Vec::new(), file, pieces: Vec::new() }
    }

    /// Where the bytes `range` of the text were written. A range over several literals gives the one from its first byte to its last one, or its
    /// first part alone where they do not follow each other in the file.
    #[must_use]
    pub fn span(&self, range: Range<u32>) -> Span {
        let (start, first) = self.source(range.start);
        let (last, _) = self.source(range.end.max(range.start + 1) - 1);
        let end = match self.piece(range.end.max(range.start + 1) - 1).map(|p| &p.from) {
            Some(From::Whole(at)) => at.end,
            _ => last + 1,
        };
        let end = if end > start { end } else { first.max(start + 1) };
        Span::new(self.file, start, end)
    }

    /// The same text with the holes filled for which `text_of` gives a text.
    #[must_use]
    pub fn filled(&self, text_of: impl Fn(ExprId) -> Option<String>) -> Template {
        let mut filled = Template::new(self.file);
        for (i, piece) in self.pieces.iter().enumerate() {
            let end = self.pieces.get(i + 1).map_or_else(|| self.len(), |p| p.at);
            let hole = self.holes.binary_search_by_key(&piece.at, |h| h.at).ok().map(|i| self.holes[i].expr);
            match (hole, &piece.from) {
                (Some(expr), From::Whole(at)) => match text_of(expr) {
                    Some(text) => filled.push(&text, From::Whole(*at)),
                    None => filled.push_hole(expr, *at),
                },
                (_, from) => filled.push(self.text.get(piece.at as usize..end as usize).unwrap_or_default(), from.clone()),
            }
        }
        filled
    }

    /// Says that it stands in `file`.
    pub(super) fn set_file(&mut self, file: FileId) {
        self.file = file;
    }

    /// The hole that fills bytes `range` of the text, and nothing else.
    #[must_use]
    pub fn hole_at(&self, range: Range<u32>) -> Option<usize> {
        let hole = self.holes.binary_search_by_key(&range.start, |h| h.at).ok()?;
        (self.holes[hole].at + self.holes[hole].len == range.end).then_some(hole)
    }

    /// Whether a hole lies in bytes `range` of the text.
    #[must_use]
    pub fn has_hole(&self, range: Range<u32>) -> bool {
        let before = self.holes.partition_point(|h| h.at < range.end);
        self.holes[..before].last().is_some_and(|h| range.start < h.at + h.len)
    }

    fn piece(&self, at: u32) -> Option<&Piece> {
        self.pieces[..self.pieces.partition_point(|p| p.at <= at)].last()
    }

    /// The byte of the source that wrote byte `at` of the text, and where the piece around it ends.
    fn source(&self, at: u32) -> (u32, u32) {
        let end = self.pieces.get(self.pieces.partition_point(|p| p.at <= at)).map_or_else(|| self.len(), |p| p.at);
        match self.piece(at) {
            Some(Piece { at: start, from: From::Literal { decoded, skip } }) => {
                (decoded.source_offset(skip + (at - start)), decoded.source_offset(skip + (end - 1).saturating_sub(*start)) + 1)
            }
            Some(Piece { from: From::Whole(bytes), .. }) => (bytes.start, bytes.end),
            None => (0, 0),
        }
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn push(&mut self, text: &str, from: From) {
        if !text.is_empty() && self.text.len() + text.len() <= MAX_TEXT {
            self.pieces.push(Piece { at: self.len(), from });
            self.text.push_str(text);
        }
    }

    pub(super) fn push_hole(&mut self, expr: ExprId, at: Bytes) {
        let inside_name = self.text.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$');
        let placeholder = format!("{}{HOLE}{}", if inside_name { "" } else { ":" }, self.holes.len());
        if self.text.len() + placeholder.len() > MAX_TEXT {
            return;
        }
        self.holes.push(Hole { at: self.len(), len: u32::try_from(placeholder.len()).unwrap_or(0), expr });
        self.push(&placeholder, From::Whole(at));
    }

    /// Appends bytes `range` of another template. A hole that is cut is left out.
    pub(super) fn push_range(&mut self, other: &Template, range: Range<u32>, place: impl Fn(ExprId) -> Bytes) {
        for (i, piece) in other.pieces.iter().enumerate() {
            let end = other.pieces.get(i + 1).map_or_else(|| other.len(), |p| p.at);
            let (from, to) = (piece.at.max(range.start), end.min(range.end));
            if from >= to {
                continue;
            }
            if let Some(hole) = other.holes.binary_search_by_key(&piece.at, |h| h.at).ok().map(|i| other.holes[i]) {
                self.push_hole(hole.expr, place(hole.expr));
                continue;
            }
            let source = match &piece.from {
                From::Literal { decoded, skip } => From::Literal { decoded: Arc::clone(decoded), skip: skip + (from - piece.at) },
                whole @ From::Whole(_) => whole.clone(),
            };
            self.push(other.text.get(from as usize..to as usize).unwrap_or_default(), source);
        }
    }
}
