//! The ends of lines in what can be read at any place, looked at by two threads and ahead of where the first one is.
//!
//! Most of a dump are rows that nobody needs, and of these only the ends of their lines are looked at. Each thread reads pieces into a buffer of its own,
//! which stays near its processor, and only counts go from one to the other. Who looks at what changes nothing in what comes out.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::input::read_full;
use super::lines::{self, Lines};

/// Lines are looked at so many bytes at once. Pieces begin at multiples of that; few bytes where that is to be tested.
pub(super) const PIECE: usize = if cfg!(any(test, fuzzing)) { 64 } else { 16 << 10 };
/// What a thread takes on at once.
const SEGMENT: usize = 32 * PIECE;
/// How many segments may be known ahead: half a megabyte of counts for half a gigabyte.
const AHEAD: usize = 1024;

/// Bytes that can be read at any place.
pub(in crate::panel::source) trait Places: Sync {
    /// Reads into `buffer` what stands from the byte `at` on: how many bytes, 0 at the end.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;
}

impl Places for File {
    #[cfg(unix)]
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(self, buffer, at)
    }

    #[cfg(windows)]
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(self, buffer, at)
    }
}

impl Places for &[u8] {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let rest = usize::try_from(at).ok().and_then(|at| self.get(at..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// Reads from the byte `at` on.
pub(super) struct ReaderAt<'a> {
    pub(super) source: &'a dyn Places,
    pub(super) at: u64,
}

impl Read for ReaderAt<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// What is known of the lines.
pub(super) struct Survey<'a> {
    source: &'a dyn Places,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The first segment that is kept.
    first: u64,
    /// The lines of the segments from there on that somebody took on; of none where they are not known yet.
    segments: VecDeque<Option<Segment>>,
    /// Whether anybody has asked.
    asked: bool,
    /// Whether a segment was not whole: there are no others.
    ended: bool,
    /// Whether nobody will ask any more.
    closed: bool,
}

/// The lines of each whole piece of a segment.
type Segment = Arc<[Lines]>;

impl<'a> Survey<'a> {
    pub(super) fn new(source: &'a dyn Places) -> Survey<'a> {
        Survey { source, state: Mutex::default(), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at segments, as soon as somebody has asked for one, until nobody will any more.
    pub(super) fn work(&self) {
        let mut buffer = Vec::new();
        let mut state = self.state();
        loop {
            if state.closed {
                return;
            }
            let claimed = if state.asked { state.claim() } else { None };
            state = match claimed {
                Some(segment) => self.look(segment, state, &mut buffer),
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Nobody will ask any more.
    pub(super) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }

    /// How many bytes from `at` on, where a piece begins, are pieces whose lines all end behind a row that another one follows, and how many lines
    /// they are. `buffer` is the caller's own.
    pub(super) fn usual_from(&self, at: u64, buffer: &mut Vec<u8>) -> (u64, u64) {
        let (mut bytes, mut newlines) = (0, 0);
        loop {
            let place = at + bytes;
            let segment = self.segment(place / SEGMENT as u64, buffer);
            let pieces = segment.get((place % SEGMENT as u64) as usize / PIECE..).unwrap_or_default();
            for lines in pieces {
                if lines.others > 0 {
                    return (bytes, newlines);
                }
                bytes += PIECE as u64;
                newlines += lines.all;
            }
            if segment.len() < SEGMENT / PIECE {
                return (bytes, newlines);
            }
        }
    }

    /// The lines of a segment. While somebody else looks at it, the caller looks at others. Those before it are forgotten: whoever goes back knows none.
    fn segment(&self, wanted: u64, buffer: &mut Vec<u8>) -> Segment {
        let mut state = self.state();
        state.asked = true;
        state.forget_before(wanted);
        self.changed.notify_all();
        loop {
            let Some(at) = wanted.checked_sub(state.first) else { return Arc::default() };
            if let Some(Some(segment)) = state.segments.get(at as usize) {
                return Arc::clone(segment);
            }
            if state.ended && at >= state.segments.len() as u64 {
                return Arc::default();
            }
            state = match state.claim() {
                Some(segment) => self.look(segment, state, buffer),
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Looks at a segment that the caller has claimed, without holding the lock meanwhile.
    fn look<'s>(&'s self, segment: u64, state: MutexGuard<'s, State>, buffer: &mut Vec<u8>) -> MutexGuard<'s, State> {
        drop(state);
        // Two bytes from before the segment tell how its first line ends.
        let start = segment * SEGMENT as u64;
        let before = start.min(2);
        buffer.resize(2 + SEGMENT, 0);
        let buffer = &mut buffer[2 - before as usize..];
        // What fails here fails once more where it is needed.
        let (read, failed) = read_full(&mut ReaderAt { source: self.source, at: start - before }, buffer);
        let (head, rest) = buffer[..read].split_at(read.min(before as usize));
        let mut preceding = lines::last_two([0; 2], head);
        let pieces = rest.as_chunks::<PIECE>().0.iter().map(|piece| {
            let lines = lines::look(preceding, piece);
            preceding = lines::last_two(preceding, piece);
            lines
        });
        let pieces: Segment = pieces.collect();
        let mut state = self.state();
        state.ended |= failed.is_some() || pieces.len() < SEGMENT / PIECE;
        if let Some(place) = segment.checked_sub(state.first).and_then(|at| state.segments.get_mut(at as usize)) {
            *place = Some(pieces);
        }
        self.changed.notify_all();
        state
    }
}

impl State {
    /// Takes on the next segment, if there is one and room to keep it.
    fn claim(&mut self) -> Option<u64> {
        if self.ended || self.segments.len() >= AHEAD {
            return None;
        }
        self.segments.push_back(None);
        Some(self.first + self.segments.len() as u64 - 1)
    }

    fn forget_before(&mut self, segment: u64) {
        let count = segment.saturating_sub(self.first);
        self.segments.drain(..self.segments.len().min(count as usize));
        self.first = self.first.max(segment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows in lines of many lengths; statements end here and there.
    fn rows() -> Vec<u8> {
        let mut text = b"(".to_vec();
        for i in 0..4_000usize {
            text.extend(std::iter::repeat_n(b'x', i * i % 97));
            text.extend_from_slice(if i % 311 == 310 { b");\n(" } else { b"),\n(" });
        }
        text
    }

    fn slowly(text: &[u8], at: u64) -> (u64, u64) {
        let usual = |end: usize| text[..end].ends_with(b"),");
        let ends = |piece: u64| {
            let from = (at + piece * PIECE as u64) as usize;
            (from..from + PIECE).filter(|i| text[*i] == b'\n')
        };
        let whole = (text.len() as u64 - at) / PIECE as u64;
        let pieces = (0..whole).take_while(|piece| ends(*piece).all(usual)).count() as u64;
        (pieces * PIECE as u64, (0..pieces).map(|piece| ends(piece).count() as u64).sum())
    }

    #[test]
    fn lines_are_known_whoever_looked_at_them() {
        let text = rows();
        assert!(text.len() > 50 * SEGMENT);
        let source = text.as_slice();
        for helpers in [0, 1, 3] {
            for step in [1, 7, 40, 1_000] {
                let survey = Survey::new(&source);
                std::thread::scope(|scope| {
                    (0..helpers).for_each(|_| drop(scope.spawn(|| survey.work())));
                    let mut buffer = Vec::new();
                    let (mut at, mut known) = (0, 0);
                    while at <= text.len() as u64 {
                        let (bytes, lines) = survey.usual_from(at, &mut buffer);
                        assert_eq!((bytes, lines), slowly(&text, at), "{helpers} {step} {at}");
                        known += bytes;
                        at += bytes + (step * PIECE) as u64;
                    }
                    assert!(step > 40 || known > text.len() as u64 / 10, "{known}");
                    assert_eq!(survey.usual_from(0, &mut buffer), (0, 0));
                    survey.close();
                });
            }
        }
    }

    /// Fails from some byte on.
    struct Broken<'a>(&'a [u8], u64);

    impl Places for Broken<'_> {
        fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
            if at >= self.1 { Err(io::Error::other("broken")) } else { self.0.read_at(buffer, at) }
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_known() {
        let text = b"1234567),\n".repeat(SEGMENT);
        let broken = Broken(&text, 3 * SEGMENT as u64 / 2);
        let survey = Survey::new(&broken);
        let (known, _) = survey.usual_from(0, &mut Vec::new());
        assert!(known >= SEGMENT as u64 && known % PIECE as u64 == 0, "{known}");
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let text = b"1234567),\n".repeat(AHEAD * SEGMENT / 5);
        let source = text.as_slice();
        let survey = Survey::new(&source);
        let mut state = survey.state();
        for segment in 0..AHEAD as u64 {
            assert_eq!(state.claim(), Some(segment));
        }
        assert_eq!(state.claim(), None);
        state.forget_before(10);
        assert_eq!((state.claim(), state.segments.len()), (Some(AHEAD as u64), AHEAD - 9));
    }
}
