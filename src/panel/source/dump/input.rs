//! Bytes from a reader or from a file, a block at a time, with their position.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::thread::Scope;

use super::lines::{self, Lines};
use super::survey::{PIECE, Places, ReaderAt, Survey};

/// How much is read at once, and at first: what is no longer than that needs no second thread.
const BLOCK: usize = 512 << 10;
const FIRST: usize = 64 << 10;
/// What may be left of one block when the next one is needed, and so how far can be looked ahead.
pub(super) const ROOM: usize = 64 << 10;
/// How many blocks are under way between the reading thread and the other.
const UNDER_WAY: usize = 3;

/// How much is read behind what was passed over, and at first: what comes there is short, and what follows it is passed over too.
const NEAR: usize = 2 * PIECE;

/// A buffered input that can look ahead and knows its line and byte.
pub(super) struct Input<'s> {
    source: Source<'s>,
    block: Block,
    start: usize,
    /// Bytes before the place [`ROOM`] of the block.
    bytes: u64,
    /// The newlines before the place `counted` of the block. What was looked through for its lines is not counted once more.
    lines: u64,
    counted: usize,
    /// The place in the block, or else the line, that was marked last.
    mark: Result<usize, u64>,
    ended: bool,
}

/// Bytes of the input from the place [`ROOM`] on; before that is room for what is left of the block before.
#[derive(Default)]
struct Block {
    buffer: Vec<u8>,
    end: usize,
    /// Why there is nothing behind these bytes.
    failed: Option<io::Error>,
}

enum Source<'s> {
    /// There is no more.
    Done,
    /// Another thread reads ahead; it is given the blocks back.
    Ahead {
        filled: Receiver<Block>,
        spent: Sender<Block>,
    },
    Anywhere(Anywhere<'s>),
}

/// What can be read at any place.
struct Anywhere<'s> {
    source: &'s dyn Places,
    /// From where on the next block is read, and how much.
    at: u64,
    size: usize,
    survey: &'s Survey<'s>,
    /// For the survey.
    buffer: Vec<u8>,
}

impl Anywhere<'_> {
    fn read(&mut self, block: &mut Block) {
        let mut reader = ReaderAt { source: self.source, at: self.at };
        block.read(&mut reader, self.size);
        self.at = reader.at;
        self.size = (self.size * 2).min(BLOCK);
    }
}

impl<'s> Input<'s> {
    /// An input whose bytes a thread of `scope` reads ahead, which also unpacks where the reader does.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub(super) fn new(mut reader: impl Read + Send + 's, scope: &'s Scope<'s, '_>) -> io::Result<Input<'s>> {
        let mut first = Block::default();
        first.read(&mut reader, FIRST);
        if first.is_last() {
            return Ok(Input::of(first, Source::Done));
        }
        let (fill, filled) = std::sync::mpsc::sync_channel(UNDER_WAY);
        let (spent, empty) = std::sync::mpsc::channel();
        std::thread::Builder::new().name("reading".into()).spawn_scoped(scope, move || read_ahead(reader, &fill, &empty))?;
        Ok(Input::of(first, Source::Ahead { filled, spent }))
    }

    /// An input that is read where that is needed; `survey` knows of the lines in between.
    pub(super) fn anywhere(source: &'s dyn Places, survey: &'s Survey<'s>) -> Input<'s> {
        let mut block = Block::default();
        let mut next = Anywhere { source, at: 0, size: NEAR, survey, buffer: Vec::new() };
        next.read(&mut block);
        Input::of(block, Source::Anywhere(next))
    }

    /// An input of a short text.
    #[cfg(test)]
    pub(super) fn text(text: &str) -> Input<'static> {
        let mut block = Block::default();
        block.read(&mut text.as_bytes(), FIRST);
        assert!(block.is_last());
        Input::of(block, Source::Done)
    }

    fn of(block: Block, source: Source<'s>) -> Input<'s> {
        Input { source, block, start: ROOM, bytes: 0, lines: 0, counted: ROOM, mark: Err(1), ended: false }
    }

    /// The bytes at hand: at least one unless the input has ended.
    pub(super) fn chunk(&mut self) -> io::Result<&[u8]> {
        if self.start == self.block.end {
            self.fill(1)?;
        }
        Ok(&self.block.buffer[self.start..self.block.end])
    }

    /// At least the next `count` bytes, or all to the end of the input; no more than [`ROOM`].
    pub(super) fn ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        debug_assert!(count <= ROOM, "looks ahead only a little");
        if self.block.end - self.start < count {
            self.fill(count)?;
        }
        Ok(&self.block.buffer[self.start..self.block.end])
    }

    /// The next byte.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.chunk()?.first().copied())
    }

    /// Takes `count` bytes of those at hand.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.block.end.min(self.start + count);
    }

    /// The current line, from 1, and byte, from 0.
    pub(super) fn position(&self) -> (u64, u64) {
        (self.line_at(self.start), self.byte())
    }

    /// The current byte, from 0.
    fn byte(&self) -> u64 {
        (self.bytes + self.start as u64).saturating_sub(ROOM as u64)
    }

    /// Remembers the current line for [`Input::marked`].
    pub(super) fn mark(&mut self) {
        self.mark = Ok(self.start);
    }

    /// The line that was marked last.
    pub(super) fn marked(&self) -> u64 {
        self.mark.map_or_else(|line| line, |place| self.line_at(place))
    }

    /// Takes `count` bytes of those at hand, which have `newlines` newlines.
    pub(super) fn consume_lines(&mut self, count: usize, newlines: u64) {
        // Later, the marked line would be many lines back.
        self.settle_mark();
        self.lines = self.line_at(self.start) - 1 + newlines;
        self.consume(count);
        self.counted = self.start;
    }

    /// The next bytes up to the end of their piece, none at the end of the input, and the lines in them; `before` are the two bytes before them.
    pub(super) fn lines(&mut self, before: [u8; 2]) -> io::Result<(&[u8], Lines)> {
        let left = PIECE - (self.byte() % PIECE as u64) as usize;
        let chunk = self.chunk()?;
        let piece = &chunk[..chunk.len().min(left)];
        Ok((piece, lines::look(before, piece)))
    }

    /// Takes the pieces ahead whose lines all end behind a row that another one follows, many of them without reading them here. The two bytes before
    /// what comes then; `None` where nothing was taken.
    pub(super) fn pass_usual_lines(&mut self) -> Option<[u8; 2]> {
        let from = self.byte();
        let Source::Anywhere(next) = &mut self.source else { return None };
        if !from.is_multiple_of(PIECE as u64) {
            return None;
        }
        let (count, newlines) = next.survey.usual_from(from, &mut next.buffer);
        let at_hand = self.block.end - self.start;
        if count == 0 {
            return None;
        }
        if count > at_hand as u64 {
            self.settle_mark();
            self.lines = self.line_at(self.start) - 1 + newlines;
            // The two bytes before what comes are read with it.
            self.bytes = from + count - 2;
            if let Source::Anywhere(next) = &mut self.source {
                (next.at, next.size) = (self.bytes, NEAR);
            }
            self.source.next(&mut self.block);
            self.start = (ROOM + 2).min(self.block.end);
            self.counted = self.start;
        } else {
            self.consume_lines(count as usize, newlines);
        }
        Some(lines::last_two([0; 2], &self.block.buffer[..self.start]))
    }

    /// Counts the lines to the marked place.
    fn settle_mark(&mut self) {
        if let Ok(place) = self.mark {
            self.mark = Err(self.line_at(place));
        }
    }

    /// The line of a place in the block.
    fn line_at(&self, place: usize) -> u64 {
        let between = |from: usize, to: usize| newlines(self.block.buffer.get(from..to).unwrap_or_default());
        1 + if place < self.counted { self.lines - between(place, self.counted) } else { self.lines + between(self.counted, place) }
    }

    /// Reads until `count` bytes are at hand or the input ends.
    fn fill(&mut self, count: usize) -> io::Result<()> {
        while self.block.end - self.start < count && !self.ended {
            self.settle_mark();
            let left = self.block.buffer.get(self.start..self.block.end).unwrap_or_default().to_vec();
            self.lines = self.line_at(self.block.end) - 1;
            self.counted = ROOM;
            self.bytes += (self.block.end - ROOM) as u64;
            let failed = self.block.failed.take();
            if self.block.is_last() || failed.is_some() {
                self.block.empty();
                self.ended = failed.is_none();
            } else {
                self.source.next(&mut self.block);
            }
            self.start = ROOM - left.len();
            self.block.buffer[self.start..ROOM].copy_from_slice(&left);
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(())
    }
}

impl Source<'_> {
    /// Puts the next bytes into `block`; none at the end.
    fn next(&mut self, block: &mut Block) {
        match self {
            Source::Done => block.empty(),
            Source::Ahead { filled, spent } => {
                // The thread may have ended: then it needs no more blocks.
                let _ = spent.send(std::mem::take(block));
                *block = filled.recv().unwrap_or_else(|_| Block::failed(io::Error::other("the reading thread ended early")));
            }
            Source::Anywhere(next) => next.read(block),
        }
    }
}

impl Block {
    fn failed(error: io::Error) -> Block {
        Block { buffer: vec![0; ROOM], end: ROOM, failed: Some(error) }
    }

    fn empty(&mut self) {
        self.end = ROOM;
        self.failed = None;
    }

    /// Whether there is nothing behind it.
    fn is_last(&self) -> bool {
        self.failed.is_some() || self.end < self.buffer.len()
    }

    /// Reads until there are `size` bytes, or the input ends or fails.
    fn read(&mut self, reader: &mut dyn Read, size: usize) {
        self.empty();
        self.buffer.resize(ROOM + size, 0);
        let (read, failed) = read_full(reader, &mut self.buffer[ROOM..]);
        self.end += read;
        self.failed = failed;
    }
}

/// Reads until `buffer` is full or the input ends or fails: how many bytes, and why no more.
pub(super) fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut end = 0;
    while end < buffer.len() {
        match reader.read(&mut buffer[end..]) {
            Ok(0) => break,
            Ok(read) => end += read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return (end, Some(e)),
        }
    }
    (end, None)
}

/// Reads block after block until the input ends, fails, or nobody wants more.
fn read_ahead(mut reader: impl Read, fill: &SyncSender<Block>, empty: &Receiver<Block>) {
    loop {
        let mut block = empty.try_recv().unwrap_or_default();
        block.read(&mut reader, BLOCK);
        let last = block.is_last();
        if fill.send(block).is_err() || last {
            return;
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time, then an error.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Err(io::Error::other("broken")) };
            to[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn positions_survive_new_blocks() {
        let text: Vec<u8> = (0..BLOCK * 3 / 10).flat_map(|n| format!("line {n:5}\n").into_bytes()).collect();
        std::thread::scope(|scope| {
            let mut input = Input::new(text.as_slice(), scope).unwrap();
            let mut read = 0;
            let mut steps = [1usize, 10, 4_000, 17, ROOM, 3].into_iter().cycle();
            while !input.chunk().unwrap().is_empty() {
                let want = steps.next().unwrap();
                let at_hand = input.ahead(want).unwrap();
                let take = at_hand.len().min(want);
                assert!(take == want || read + take == text.len());
                assert_eq!(at_hand[..take], text[read..read + take]);
                input.mark();
                let marked = input.position().0;
                input.consume(take);
                read += take;
                assert_eq!(input.position(), (newlines(&text[..read]) + 1, read as u64));
                assert_eq!(input.marked(), marked);
                input.chunk().unwrap();
                assert_eq!(input.marked(), marked);
            }
            assert_eq!((read, input.peek().unwrap()), (text.len(), None));
        });
    }

    #[test]
    fn positions_survive_what_is_passed_over() {
        let text: Vec<u8> = (0..3_000).flat_map(|n| format!("{},{}),\n", n, "x".repeat(n * n % 150)).into_bytes()).collect();
        let text = [text.as_slice(), b"the end\n", &text, b"x"].concat();
        let source = text.as_slice();
        let survey = Survey::new(&source);
        let mut input = Input::anywhere(&source, &survey);
        let (mut passed, mut steps) = (0, (1usize..200).cycle());
        while !input.chunk().unwrap().is_empty() {
            let from = input.byte() as usize;
            input.mark();
            let marked = newlines(&text[..from]) + 1;
            if let Some(before) = input.pass_usual_lines() {
                let to = input.byte() as usize;
                assert_eq!(before, text[to - 2..to]);
                passed += to - from;
            }
            let to = input.byte() as usize;
            assert_eq!((input.position().0, input.marked()), (newlines(&text[..to]) + 1, marked));
            let (piece, lines) = input.lines([0; 2]).unwrap();
            assert_eq!((piece, lines.all), (&text[to..to + piece.len()], newlines(piece)));
            let (length, step) = (piece.len(), steps.next().unwrap());
            let count = if step % 3 > 0 { length } else { length.min(step) };
            let all = newlines(&text[to..to + count]);
            if step % 2 == 0 {
                input.consume(count)
            } else {
                input.consume_lines(count, all)
            }
            assert_eq!(input.position(), (newlines(&text[..to + count]) + 1, (to + count) as u64));
        }
        assert_eq!(input.byte() as usize, text.len());
        assert!(passed > text.len() / 2, "{passed} of {}", text.len());
    }

    #[test]
    fn what_stands_before_an_error_is_read() {
        std::thread::scope(|scope| {
            let mut input = Input::new(Drip(b"a\nbc"), scope).unwrap();
            assert_eq!(input.ahead(4).unwrap(), b"a\nbc");
            input.consume(3);
            assert_eq!(input.ahead(10).unwrap_err().to_string(), "broken");
            assert_eq!((input.position(), input.peek().unwrap()), ((2, 3), Some(b'c')));
            input.consume(1);
            assert_eq!(input.peek().unwrap(), None);
        });
    }
}
