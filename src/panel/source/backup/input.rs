//! The bytes of an XML file, a buffer at a time, with their position and a limit for what is taken in one piece.

use std::io::{self, BufRead, Read};

const SIZE: usize = 64 * 1024;

/// A buffered reader that knows its line and byte, can look ahead a little, and gives no more than a budget.
pub(super) struct Input<R> {
    reader: R,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    bytes: u64,
    lines: u64,
    budget: usize,
    /// Whether the budget was used up.
    pub(super) exhausted: bool,
    ended: bool,
}

impl<R: Read> Input<R> {
    pub(super) fn new(reader: R) -> Input<R> {
        Input {
            reader,
            buffer: vec![0; SIZE].into_boxed_slice(),
            start: 0,
            end: 0,
            bytes: 0,
            lines: 0,
            budget: usize::MAX,
            exhausted: false,
            ended: false,
        }
    }

    /// From now on, `budget` bytes may be taken.
    pub(super) fn allow(&mut self, budget: usize) {
        self.budget = budget;
    }

    /// The current line, from 1, and byte, from 0.
    pub(super) fn position(&self) -> (u64, u64) {
        (self.lines + 1, self.bytes)
    }

    /// Whether everything was taken.
    pub(super) fn is_spent(&self) -> bool {
        self.ended && self.start == self.end
    }

    /// The next `count` bytes, fewer at the end of the input. `count` is far below the buffer's size.
    pub(super) fn ahead(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.end - self.start < count && !self.ended {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(&self.buffer[self.start..self.end.min(self.start + count)])
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let from = self.fill_buf()?;
        let count = from.len().min(to.len());
        to[..count].copy_from_slice(&from[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.ahead(1)?;
        }
        if self.budget == 0 && self.start < self.end {
            self.exhausted = true;
            return Err(io::Error::other("too much in one piece"));
        }
        let end = self.end.min(self.start.saturating_add(self.budget));
        Ok(&self.buffer[self.start..end])
    }

    fn consume(&mut self, count: usize) {
        let taken = &self.buffer[self.start..self.end.min(self.start + count)];
        self.lines += memchr::memchr_iter(b'\n', taken).count() as u64;
        self.bytes += taken.len() as u64;
        self.budget = self.budget.saturating_sub(taken.len());
        self.start += taken.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_budget_is_given() {
        let mut input = Input::new(b"a\nbcdef".as_slice());
        input.allow(3);
        assert_eq!(input.ahead(5).unwrap(), b"a\nbcd");
        assert_eq!(input.fill_buf().unwrap(), b"a\nb");
        input.consume(3);
        assert_eq!(input.position(), (2, 3));
        assert!(input.fill_buf().is_err() && input.exhausted);
        input.allow(10);
        assert_eq!(input.fill_buf().unwrap(), b"cdef");
        input.consume(4);
        input.allow(0);
        assert_eq!(input.fill_buf().unwrap(), b"", "the end is no excess");
    }
}
