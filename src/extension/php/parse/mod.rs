//! Parsing PHP and lowering it to [`ir`](super::ir). The only module that names the PHP parser's crates.
//!
//! [`source`] makes the bytes of a file fit for the parser, [`stmt`], [`decl`] and [`expr`] walk its tree, [`name`] resolves class names,
//! [`text`] finds where the parts of interpolated strings stand, [`intern`] fills the pool.

mod decl;
mod expr;
mod guard;
mod intern;
mod member;
mod name;
mod operand;
mod renewal;
mod source;
mod stmt;
mod text;

#[cfg(test)]
mod tests;

use std::panic::{AssertUnwindSafe, catch_unwind};

use bumpalo::Bump;
use php_rs_parser::ParseOptions;
use php_rs_parser::diagnostics::{ForbiddenRule, ParseError as Diagnostic, Phase};
use rustc_hash::FxHashSet;

use super::ir::{Bytes, Comment, FunctionKind, ParseError, Script, Stmt, Sym};
use super::pool::Pool;
use crate::extension::source::FileId;
use intern::Interner;
use name::Names;
use source::Source;

/// How much stack one [`parse`] may need, in bytes: the parser and the lowering are recursive, and both stop at a fixed depth. Measured for the
/// deepest input that the parser accepts, in a build without optimisation, and doubled.
pub const STACK: usize = 32 << 20;

/// How deep the lowering goes. The parser stops at 512 nested constructs, each of which is at most a few steps of the lowering.
const DEPTH: u32 = 2048;

/// How many errors of a file are kept.
const ERRORS: usize = 100;

/// The most memory for a tree that is kept for the next one.
const KEPT: usize = 4 << 20;

/// Reads a PHP file. Whatever the bytes are, a script comes out; what could not be read stands in [`Script::errors`].
///
/// To read several files make a [`Parser`] once.
#[must_use]
pub fn parse(file: FileId, bytes: &[u8]) -> Script {
    Parser::default().parse(file, bytes)
}

/// What reads PHP files one after the other: memory is taken from the system once.
#[derive(Debug, Default)]
pub struct Parser {
    arena: Bump,
}

impl Parser {
    /// As [`parse`].
    pub fn parse(&mut self, file: FileId, bytes: &[u8]) -> Script {
        // The parser is somebody else's code and the input is hostile. A panic in it must cost one file, not the run.
        let read = catch_unwind(AssertUnwindSafe(|| read(&self.arena, file, bytes)));
        if self.arena.allocated_bytes() > KEPT {
            self.arena = Bump::new();
        } else {
            self.arena.reset();
        }
        read.unwrap_or_else(|_| {
            let mut script = empty(file, bytes);
            script.errors.push(ParseError { message: "the PHP parser failed on this file".to_owned(), at: Bytes { start: 0, end: 0 } });
            script
        })
    }
}

/// Parses without lowering, and gives the number of statements: what the benchmarks compare [`parse`] with.
#[doc(hidden)]
#[must_use]
pub fn parse_only(bytes: &[u8]) -> usize {
    let source = Source::new(bytes);
    let arena = Bump::new();
    php_rs_parser::parse_arena_with(&arena, source.text(), &options()).program.stmts.len()
}

fn options() -> ParseOptions {
    ParseOptions::default().source_map(false)
}

fn read(arena: &Bump, file: FileId, bytes: &[u8]) -> Script {
    let source = Source::new(bytes);
    let result = php_rs_parser::parse_arena_with(arena, source.text(), &options());
    let mut lowering = Lowering::new(file, arena, &source, result.comments.len());
    lowering.program(&result.program);
    lowering.finish(&result.comments, &result.errors)
}

/// A script without content. Its first function is the top level, as in every script.
fn empty(file: FileId, bytes: &[u8]) -> Script {
    let mut pool = Pool::default();
    let name = pool.push("");
    let at = Bytes { start: 0, end: u32::try_from(bytes.len()).unwrap_or(u32::MAX) };
    Script {
        file,
        exprs: Vec::new(),
        lists: Vec::new(),
        args: Vec::new(),
        elements: Vec::new(),
        functions: vec![decl::function(name, FunctionKind::Top, at)],
        classes: Vec::new(),
        comments: Vec::new(),
        errors: Vec::new(),
        guards: Vec::new(),
        renewals: Vec::new(),
        tested: Vec::new(),
        includes: Vec::new(),
        tries: Vec::new(),
        lacks: Vec::new(),
        presences: Vec::new(),
        ifs: Vec::new(),
        parts: Vec::new(),
        pool,
    }
}

/// The state of lowering one file.
struct Lowering<'a> {
    arena: &'a Bump,
    source: &'a Source<'a>,
    script: Script,
    intern: Interner<'a>,
    names: Names<'a>,
    /// The statements of the function that is being lowered, above those of the functions that it stands in.
    body: Vec<Stmt>,
    /// Its number in [`Script::functions`].
    function: u32,
    /// How many calls of the lowering stand on the stack.
    depth: u32,
    /// The block that is being lowered.
    block: renewal::Block,
    /// Variables of functions that others share their values with.
    shared: FxHashSet<(u32, Sym)>,
    /// Stacks of operands that are not yet in the script's lists: a list must be consecutive there, and its items have lists of their own.
    operands: operand::Stacks<'a>,
}

impl<'a> Lowering<'a> {
    fn new(file: FileId, arena: &'a Bump, source: &'a Source<'a>, comments: usize) -> Lowering<'a> {
        let mut script = empty(file, source.original());
        let size = source.text().len();
        // What PHP files of extensions need, so that few lists grow.
        script.exprs.reserve(size / 16);
        script.lists.reserve(size / 96);
        script.args.reserve(size / 80);
        script.elements.reserve(size / 256);
        script.functions.reserve(size / 512);
        script.classes.reserve_exact(1);
        script.comments.reserve(comments);
        let mut intern = Interner::with_room(size / 48);
        script.pool.reserve(size / 48, size / 4);
        let top = intern.get("", &mut script.pool);
        script.functions[0].name = top;
        Lowering {
            arena,
            source,
            script,
            intern,
            names: Names::default(),
            body: Vec::with_capacity(64),
            function: 0,
            depth: 0,
            block: renewal::Block::default(),
            shared: FxHashSet::default(),
            operands: operand::Stacks::default(),
        }
    }

    /// Where a node of the tree stands in the file.
    fn at(&self, span: php_ast::Span) -> Bytes {
        self.source.original_span(span.start, span.end)
    }

    fn finish(mut self, comments: &[php_ast::Comment<'_>], errors: &[Diagnostic]) -> Script {
        self.script.functions[0].body = std::mem::take(&mut self.body);
        for comment in comments {
            self.comment(comment);
        }
        self.link_docs();
        renewal::settle(&mut self.script, &self.shared);
        for error in errors.iter().filter(|e| hides_code(e)).take(ERRORS.saturating_sub(self.script.errors.len())) {
            let at = self.at(error.span());
            self.script.errors.push(ParseError { message: error.to_string(), at });
        }
        self.script
    }

    fn comment(&mut self, comment: &php_ast::Comment<'_>) {
        let at = self.at(comment.span);
        self.script.comments.push(Comment { at, doc: comment.kind == php_ast::CommentKind::Doc });
    }

    /// Until here a doc comment was named by its place, because comments come out of the tree in no order; from here on by its index.
    fn link_docs(&mut self) {
        let comments = &mut self.script.comments;
        comments.sort_unstable_by_key(|c| c.at);
        comments.dedup_by_key(|c| c.at);
        let index = |start: u32| comments.binary_search_by_key(&start, |c| c.at.start).ok().and_then(|i| u32::try_from(i).ok());
        for function in &mut self.script.functions {
            function.doc = function.doc.and_then(index);
        }
        for class in &mut self.script.classes {
            class.doc = class.doc.and_then(index);
        }
    }

    /// Notes that what stands at `span` is nested too deeply to be read.
    fn too_deep(&mut self, span: php_ast::Span) {
        if self.script.errors.is_empty() {
            let at = self.at(span);
            self.script.errors.push(ParseError { message: "nested too deeply".to_owned(), at });
        }
    }
}

/// Whether code is missing from the tree because of `error`. PHP refuses more than that: what it would not compile (a method declared twice)
/// and what it no longer takes (`$text{0}`) is in the tree as it was meant.
fn hides_code(error: &Diagnostic) -> bool {
    match error {
        Diagnostic::VersionTooLow { .. } => false,
        Diagnostic::Forbidden { rule, .. } => {
            rule.phase() == Phase::Parse
                && !matches!(
                    rule,
                    ForbiddenRule::CurlyOffsetAccess
                        | ForbiddenRule::RealCast
                        | ForbiddenRule::CallTimePassByReference
                        | ForbiddenRule::NonAssociativeChain
                        | ForbiddenRule::ReferenceAssignNew
                        | ForbiddenRule::KeywordAsDeclarationName
                        | ForbiddenRule::ReservedClassName
                        | ForbiddenRule::WhitespaceInNamespacedName
                )
        }
        _ => true,
    }
}
