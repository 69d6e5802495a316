//! Text: literals, and the parts of interpolated strings, whose places the parser does not tell.

use std::ops::Range;

use php_ast::{ArenaVec, ByteStr, Expr, Span, StringPart};

use super::{DEPTH, Lowering};
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, Sym};
use crate::extension::php::literal::Literal;

/// A place in an interpolated string, in bytes of the parser's text.
struct Cursor<'a> {
    text: &'a [u8],
    /// What is behind it is done.
    at: usize,
    /// The end of the string's content.
    end: usize,
}

impl<'a> Lowering<'a> {
    /// The symbol of the literal at `whole`, or of the part of it at `part`, of which the parser says that it means `text`.
    ///
    /// A text that is not as it is written is decoded once more: the parser differs from PHP in details (a heredoc's `\"`), and [`decode`] must
    /// say the same as the script.
    ///
    /// [`decode`]: crate::extension::php::literal::decode
    pub(super) fn text_sym(&mut self, text: &'a ByteStr<'a, 'a>, whole: Span, part: Option<Range<usize>>) -> Sym {
        let source = self.source.text();
        if let Some(text) = text.to_str().filter(|text| lies_in(text, source)) {
            return self.sym(text);
        }
        let (start, end) = (whole.start as usize, (whole.end as usize).min(source.len()));
        let Some(bytes) = source.as_bytes().get(start..end) else { return self.sym_copied(&text.to_string_lossy()) };
        let literal = Literal::of(bytes);
        let range = part.map_or(literal.content.clone(), |part| part.start - start..part.end - start);
        let decoded = literal.decode(range);
        self.sym_copied(&decoded.text)
    }

    /// Puts the parts of the interpolated string at `whole` on the stack of operands.
    pub(super) fn push_parts(&mut self, parts: &'a ArenaVec<'a, StringPart<'a, 'a>>, whole: Span) {
        if self.depth >= DEPTH {
            self.too_deep(whole);
            return;
        }
        self.depth += 1;
        let source = self.source;
        let mut cursor = Cursor::new(source.text().as_bytes(), whole);
        let literal = self.at(whole);
        for (i, part) in parts.iter().enumerate() {
            match part {
                StringPart::Literal(text) => {
                    let end = match parts.get(i + 1) {
                        Some(StringPart::Expr(next)) => cursor.opening(next.span),
                        _ => cursor.end,
                    };
                    let kind = ExprKind::Text(self.text_sym(text, whole, Some(cursor.at..end)));
                    let at = self.source.original_span(offset(cursor.at), offset(end));
                    cursor.at = end;
                    let id = self.push(kind, at);
                    self.script.parts.push((id, literal));
                    self.operands.ids.push(id);
                }
                StringPart::Expr(inner) => {
                    cursor.pass(inner);
                    let id = self.expr(inner);
                    self.operands.ids.push(id);
                }
                _ => {}
            }
        }
        self.depth -= 1;
    }

    /// A heredoc or an interpolated string: one text, or a concatenation.
    pub(super) fn interpolated(&mut self, parts: &'a ArenaVec<'a, StringPart<'a, 'a>>, whole: Span) -> ExprId {
        let at = self.at(whole);
        match parts.as_ref() {
            [] => {
                let empty = self.sym("");
                self.push(ExprKind::Text(empty), at)
            }
            [StringPart::Literal(text)] => {
                let text = self.text_sym(text, whole, None);
                self.push(ExprKind::Text(text), at)
            }
            _ => {
                let mark = self.operands.ids.len();
                self.push_parts(parts, whole);
                let list = self.take_list(mark);
                self.push(ExprKind::Concat(list), at)
            }
        }
    }

    /// Adds an expression to the script.
    pub(super) fn push(&mut self, kind: ExprKind, at: Bytes) -> ExprId {
        let id = ExprId(super::operand::index(self.script.exprs.len()));
        self.script.exprs.push(crate::extension::php::ir::Expr { kind, at });
        id
    }
}

/// Whether `text` is a part of `source` itself and not only equal to one.
fn lies_in(text: &str, source: &str) -> bool {
    source.as_bytes().as_ptr_range().contains(&text.as_ptr())
}

fn offset(i: usize) -> u32 {
    super::operand::index(i)
}

impl<'a> Cursor<'a> {
    fn new(text: &'a [u8], whole: Span) -> Cursor<'a> {
        let text = &text[..(whole.end as usize).min(text.len())];
        let start = (whole.start as usize).min(text.len());
        let content = Literal::of(&text[start..]).content;
        Cursor { text, at: start + content.start, end: start + content.end }
    }

    /// Where the interpolation whose expression stands at `inner` opens: `{$` and `${` belong to it.
    fn opening(&self, inner: Span) -> usize {
        let start = (inner.start as usize).clamp(self.at, self.end);
        if start > self.at && self.text[start - 1] == b'{' && self.text.get(start) == Some(&b'$') && !self.escaped(start - 1) {
            start - 1
        } else {
            start
        }
    }

    /// Whether the byte at `i` is taken by a backslash before it.
    fn escaped(&self, i: usize) -> bool {
        self.text[self.at..i].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
    }

    /// Goes behind an interpolation.
    fn pass(&mut self, inner: &Expr<'_, '_>) {
        let opening = self.opening(inner.span);
        let braced = self.text.get(opening) == Some(&b'{') && self.text.get(opening + 1) == Some(&b'$');
        let mut end = (inner.span.end as usize).clamp(opening, self.end);
        // The span of `${name}` has its braces, that of `{$name}` has not; blanks and comments may stand before the closing one.
        if braced && !self.text[opening..].starts_with(b"${") {
            end = self.closing(end);
        }
        self.at = end;
    }

    fn closing(&self, mut i: usize) -> usize {
        while i < self.end {
            match self.text[i] {
                b'}' => return i + 1,
                b'/' if self.text[i..].starts_with(b"/*") => {
                    i += memchr::memmem::find(&self.text[i + 2..self.end.max(i + 2)], b"*/").map_or(2, |end| end + 4);
                }
                _ => i += 1,
            }
        }
        self.end
    }
}
