//! Bytes of any kind made fit for an XML reader.
//!
//! The client programs print binary values as they are, between tags of a file that has no encoding but UTF-8; and a value may be as long as memory.
//! Here what is no UTF-8 is spelled out as `\xNN`, and of a text that is longer than any value that is kept only the beginning comes through.

use std::io::{self, BufRead, Read};

/// How much is read at once.
const BUFFER: usize = 64 << 10;
/// How much of a text or a tag comes through.
const LONGEST: usize = super::LONGEST_VALUE + (64 << 10);

pub(super) struct Tame<R> {
    reader: R,
    raw: Vec<u8>,
    /// How much of `raw` is filled: the beginning of a character that the next bytes end.
    left: usize,
    tame: Vec<u8>,
    at: usize,
    ended: bool,
    /// Whether the last bytes of `tame` are in a tag, and for how long it or the text goes on.
    in_tag: bool,
    run: usize,
    /// Bytes and lines that were read before `tame`, and lines that were left out of it.
    bytes: u64,
    lines: u64,
    read: u64,
    left_out: u64,
    /// A tag is longer than is read.
    pub(super) overlong: bool,
}

impl<R: Read> Tame<R> {
    pub(super) fn new(reader: R) -> Tame<R> {
        Tame {
            reader,
            raw: vec![0; BUFFER],
            left: 0,
            tame: Vec::new(),
            at: 0,
            ended: false,
            in_tag: false,
            run: 0,
            bytes: 0,
            lines: 0,
            read: 0,
            left_out: 0,
            overlong: false,
        }
    }

    /// The current line, from 1, and byte, from 0; the byte is exact where all is UTF-8.
    pub(super) fn position(&self) -> (u64, u64) {
        let done = &self.tame[..self.at];
        (self.lines + newlines(done) + 1, (self.bytes + done.len() as u64).min(self.read))
    }

    /// Whether everything was read.
    pub(super) fn is_at_end(&self) -> bool {
        self.ended && self.at == self.tame.len()
    }

    fn fill(&mut self) -> io::Result<()> {
        self.lines += newlines(&self.tame) + std::mem::take(&mut self.left_out);
        self.bytes = self.read - self.left as u64;
        self.tame.clear();
        self.at = 0;
        while self.tame.is_empty() && !self.ended {
            let read = match self.reader.read(&mut self.raw[self.left..]) {
                Ok(read) => read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            self.read += read as u64;
            self.ended = read == 0;
            let filled = self.left + read;
            let raw = std::mem::take(&mut self.raw);
            self.left = self.tame(&raw[..filled]);
            self.raw = raw;
            self.raw.copy_within(filled - self.left..filled, 0);
        }
        Ok(())
    }

    /// Takes over `raw`, but for the beginning of a character at its end: how long that is.
    fn tame(&mut self, raw: &[u8]) -> usize {
        let mut at = 0;
        for chunk in raw.utf8_chunks() {
            self.text(chunk.valid().as_bytes());
            at += chunk.valid().len();
            let invalid = chunk.invalid();
            let may_go_on =
                at + invalid.len() == raw.len() && !self.ended && std::str::from_utf8(invalid).is_err_and(|e| e.error_len().is_none());
            if may_go_on {
                return invalid.len();
            }
            at += invalid.len();
            for byte in invalid {
                self.text(format!("\\x{byte:02X}").as_bytes());
            }
        }
        0
    }

    /// Takes over text and tags.
    fn text(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let turn = if self.in_tag { b'>' } else { b'<' };
            let end = memchr::memchr(turn, bytes);
            let (piece, rest) = bytes.split_at(end.map_or(bytes.len(), |at| at + usize::from(self.in_tag)));
            let room = LONGEST.saturating_sub(self.run);
            if piece.len() <= room {
                self.tame.extend_from_slice(piece);
            } else if self.in_tag {
                self.overlong = true;
            } else {
                let cut = (0..=room).rev().find(|&at| piece.get(at).is_none_or(|b| b & 0xc0 != 0x80)).unwrap_or_default();
                self.tame.extend_from_slice(&piece[..cut]);
                self.left_out += newlines(&piece[cut..]);
            }
            self.run += piece.len();
            if end.is_some() {
                self.in_tag = !self.in_tag;
                self.run = 0;
            }
            bytes = rest;
        }
    }
}

impl<R: Read> Read for Tame<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let from = self.fill_buf()?;
        let count = from.len().min(to.len());
        to[..count].copy_from_slice(&from[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for Tame<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.tame.len() && !self.ended {
            self.fill()?;
        }
        if self.overlong {
            return Err(io::Error::other("a tag is too long"));
        }
        Ok(&self.tame[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = self.tame.len().min(self.at + count);
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(to.len());
            to[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn what_is_no_utf8_is_spelled_out_wherever_it_is_cut() {
        let raw = "<a b='\u{e9}'>\u{20ac}\u{1f600}".as_bytes();
        let raw = [raw, b"\xff\xe2\x82<c>\xf0\x9f\n\xe2\x82"].concat();
        for step in 1..raw.len() {
            let mut tame = Tame::new(Drip(&raw, step));
            let mut text = String::new();
            tame.read_to_string(&mut text).unwrap();
            assert_eq!(text, "<a b='\u{e9}'>\u{20ac}\u{1f600}\\xFF\\xE2\\x82<c>\\xF0\\x9F\n\\xE2\\x82");
            assert_eq!(tame.position().0, 2);
        }
    }

    #[test]
    fn of_a_long_text_the_beginning_is_kept() {
        let long = "\u{e9}\n".repeat(2 << 20);
        let text = format!("<a>{long}</a><b>{long}<c>");
        let mut tame = Tame::new(text.as_bytes());
        let mut kept = String::new();
        tame.read_to_string(&mut kept).unwrap();
        assert!(kept.len() <= 2 * LONGEST + 20 && kept.starts_with("<a>\u{e9}\n") && kept.ends_with("<c>") && kept.contains("</a><b>"));
        assert_eq!(tame.position().0, (4 << 20) + 1);
        let tag = format!("<a {long}");
        assert_eq!(Tame::new(tag.as_bytes()).read_to_end(&mut Vec::new()).unwrap_err().to_string(), "a tag is too long");
    }
}
