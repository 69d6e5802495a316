//! Text: literals, and the parts of interpolated strings, whose places the parser does not tell.

use std::ops::Range;

use php_ast::{ArenaVec, ByteStr, Expr, Span, StringPart};

use super::{DEPTH, Lowering};
use crate::extension::php::ir::{Bytes, ExprId, ExprKind, Sym};
use crate::extension::php::literal::Literal;
use crate::extension::source::replace_invalid;

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
        let at = self.at(whole);
        // In a broken file, what looked like an open tag may stand in a string after all.
        let has_tag = at.end - at.start != whole.end - whole.start;
        if let Some(text) = text.to_str().filter(|text| !has_tag && is_as_written(text, source, whole)) {
            return self.sym(text);
        }
        let bytes = &self.source.original()[at.start as usize..at.end as usize];
        let replaced = replace_invalid(bytes);
        let literal = Literal::of(replaced.as_bytes());
        let range = match part {
            Some(part) => {
                let part = self.source.original_span(offset(part.start), offset(part.end));
                (part.start - at.start) as usize..(part.end - at.start) as usize
            }
            None => literal.content.clone(),
        };
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
                    let part = text.to_str().and_then(|text| place(text, source.text())).unwrap_or_else(|| {
                        cursor.at..match parts.get(i + 1) {
                            Some(StringPart::Expr(next)) => cursor.opening(next.span),
                            _ => cursor.end,
                        }
                    });
                    cursor.at = part.end;
                    let at = source.original_span(offset(part.start), offset(part.end));
                    let kind = ExprKind::Text(self.text_sym(text, whole, Some(part)));
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

/// Whether `text` is a part of `source` itself and not only equal to one. A text that begins where its literal does has no quotes, or is the
/// parser's guess at something broken, such as `"$array['index']"`.
fn is_as_written(text: &str, source: &str, whole: Span) -> bool {
    let begins_with_literal = source.as_bytes().get(whole.start as usize).is_some_and(|first| std::ptr::eq(first, text.as_ptr()));
    place(text, source).is_some() && !(begins_with_literal && text.starts_with(['\'', '"']))
}

/// Where `text` stands, if it is a part of `source` itself.
fn place(text: &str, source: &str) -> Option<Range<usize>> {
    let start = (text.as_ptr() as usize).checked_sub(source.as_ptr() as usize)?;
    (!text.is_empty() && start + text.len() <= source.len()).then(|| start..start + text.len())
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
