//! Bytes from a reader, a buffer at a time, with their position.

use std::io::{self, Read};

const SIZE: usize = 256 * 1024;

/// A buffered reader that can look ahead and knows its line and byte.
pub(super) struct Input<R> {
    reader: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// Bytes that left the buffer.
    bytes: u64,
    /// Lines that left the buffer.
    lines: u64,
    ended: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn new(reader: R) -> Input<R> {
        Input { reader, buffer: vec![0; SIZE].into_boxed_slice(), start: 0, end: 0, bytes: 0, lines: 0, ended: false }
    }

    /// The bytes at hand: at least one unless the input has ended.
    pub(super) fn chunk(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.fill(1)?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// The next `count` bytes, fewer at the end of the input. `count` is far below the buffer's size.
    pub(super) fn ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        debug_assert!(count <= SIZE, "looks ahead only a little");
        if self.end - self.start < count {
            self.fill(count)?;
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + count)])
    }

    /// The next byte.
    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        if self.start == self.end {
            self.fill(1)?;
        }
        Ok(self.buffer[self.start..self.end].first().copied())
    }

    /// Takes `count` bytes of those at hand.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }

    /// The current line, from 1, and byte, from 0.
    pub(super) fn position(&self) -> (u64, u64) {
        let done = &self.buffer[..self.start];
        (self.lines + newlines(done) + 1, self.bytes + done.len() as u64)
    }

    /// Reads until `count` bytes are at hand or the input ends.
    fn fill(&mut self, count: usize) -> io::Result<()> {
        self.lines += newlines(&self.buffer[..self.start]);
        self.bytes += self.start as u64;
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        while self.end < count && !self.ended {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives its bytes one at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else { return Ok(0) };
            to[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn positions_survive_refills() {
        let mut input = Input::new(Drip(b"a\nbc\nd"));
        assert_eq!(input.ahead(4).unwrap(), b"a\nbc");
        input.consume(3);
        assert_eq!(input.position(), (2, 3));
        assert_eq!(input.ahead(10).unwrap(), b"c\nd");
        input.consume(2);
        assert_eq!((input.position(), input.peek().unwrap()), ((3, 5), Some(b'd')));
        input.consume(1);
        assert_eq!((input.chunk().unwrap().len(), input.peek().unwrap()), (0, None));
    }
}
