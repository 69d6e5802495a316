//! Trees of pages, from their first row to their last.

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::record::{self, varint};
use super::{HEADER, Layout, RUN, Shape, Share, Slot, Visit, WINDOW};
use crate::sqlite::{Error, ValueRef};

/// Levels of a tree at most: SQLite itself goes no deeper.
const DEPTH: u8 = 20;
/// Bytes of a row at most: SQLite itself, as it is built here, reads no longer ones.
const LONGEST: u64 = 1_000_000_000;

/// Kinds of pages.
const INNER_KEYED: u8 = 2;
const INNER: u8 = 5;
const LEAF_KEYED: u8 = 10;
const LEAF: u8 = 13;

/// Why a walk ended early.
pub(super) enum Fault {
    /// The tree is damaged, or of a make that is not known here.
    Unreadable,
    /// Who was shown the rows said so.
    Told(Error),
}

/// What is not there makes a tree unreadable.
trait Readable<T> {
    fn readable(self) -> Result<T, Fault>;
}

impl<T> Readable<T> for Option<T> {
    #[inline(always)]
    fn readable(self) -> Result<T, Fault> {
        match self {
            Some(found) => Ok(found),
            None => Err(Fault::Unreadable),
        }
    }
}

/// Nothing, if `holds`.
#[inline(always)]
fn ensure(holds: bool) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Unreadable) }
}

/// A walk over one tree.
pub(super) struct Walk<'p, V> {
    file: &'p File,
    shape: Shape,
    layout: &'p Layout,
    visit: &'p mut V,
    /// Which leaves are shown.
    share: Share,
    /// Leaves that were met.
    leaf: u64,
    /// Whether the leaf that was met last, and the rows behind it, are shown.
    mine: bool,
    /// Bit by bit, the pages that were met.
    met: Vec<u64>,
    /// Those of them that other walks did not meet.
    own: Vec<u64>,
    /// The rowid before.
    last: Option<i64>,
    /// How deep the leaves lie.
    leaves: Option<u8>,
    /// A buffer for the next page.
    spare: Vec<u8>,
    /// Pages that were read in advance: the first of them, their bytes.
    window: (u32, Vec<u8>),
}

impl<'p, V: Visit> Walk<'p, V> {
    pub(super) fn new(file: &'p File, (shape, share): (Shape, Share), layout: &'p Layout, visit: &'p mut V) -> Self {
        let met = vec![0; shape.count as usize / 64 + 1];
        let (own, window) = (met.clone(), (0, Vec::new()));
        Walk { file, shape, layout, visit, share, leaf: 0, mine: false, met, own, last: None, leaves: None, spare: Vec::new(), window }
    }

    /// Shows what is to be shown. The pages that other walks did not meet.
    pub(super) fn walk(mut self) -> Result<Vec<u64>, Fault> {
        self.tree(self.layout.root, 0)?;
        Ok(self.own)
    }

    /// Notes that a page was met, which it may be once.
    fn meet(&mut self, number: u32) -> Result<(), Fault> {
        ensure(number > 0 && number <= self.shape.count)?;
        let word = self.met.get_mut(number as usize / 64).readable()?;
        ensure(*word & (1 << (number % 64)) == 0)?;
        *word |= 1 << (number % 64);
        Ok(())
    }

    /// A leaf is met.
    fn next_leaf(&mut self) -> Result<(), Fault> {
        let first = self.leaf.is_multiple_of(u64::from(RUN));
        let run = u32::try_from(self.leaf / u64::from(RUN)).ok().readable()?;
        self.leaf += 1;
        if first {
            self.mine = self.share.of_run(run) == self.share.number;
            if self.mine {
                self.visit.run(run).map_err(Fault::Told)?;
            }
        }
        Ok(())
    }

    /// Reads a page, which no walk of this tree met before.
    fn page(&mut self, number: u32, into: &mut Vec<u8>) -> Result<(), Fault> {
        self.meet(number)?;
        let size = self.shape.page;
        let (first, bytes) = &mut self.window;
        let ahead = (bytes.len() / size) as u64;
        let (from, to) = (u64::from(*first), u64::from(*first) + ahead);
        if !(from..to).contains(&u64::from(number)) {
            // Leaves often lie one behind the other.
            let near = (to..to + 8).contains(&u64::from(number));
            let pages = if near { WINDOW.min(self.shape.count - number + 1) } else { 1 };
            bytes.resize(pages as usize * size, 0);
            *first = number;
            let done = self.file.read_exact_at(bytes, u64::from(number - 1) * size as u64);
            if done.is_err() {
                bytes.clear();
                return Err(Fault::Unreadable);
            }
        }
        let at = (number - *first) as usize * size;
        into.clear();
        into.extend_from_slice(bytes.get(at..at + self.shape.usable).readable()?);
        Ok(())
    }

    fn tree(&mut self, number: u32, depth: u8) -> Result<(), Fault> {
        ensure(depth < DEPTH)?;
        if self.leaves == Some(depth) {
            self.next_leaf()?;
            if !self.mine {
                // Whose share it is looks whether it is one.
                return self.meet(number);
            }
        }
        let mut bytes = std::mem::take(&mut self.spare);
        self.page(number, &mut bytes)?;
        let page = Page::of(number, &bytes)?;
        let (leaf, inner) = if self.layout.keyed { (LEAF_KEYED, INNER_KEYED) } else { (LEAF, INNER) };
        if page.kind == leaf {
            if self.leaves.is_none() {
                self.leaves = Some(depth);
                self.next_leaf()?;
            }
            ensure(self.leaves == Some(depth))?;
            if self.mine {
                self.leaf(&page)?;
            }
        } else {
            ensure(page.kind == inner && self.leaves != Some(depth))?;
            let (mut used, mut buffers) = (0, self.buffers());
            for cell in page.cells() {
                let child = page.word(cell)?;
                self.tree(child, depth + 1)?;
                used += if self.layout.keyed {
                    let mine = self.mine;
                    4 + if mine { self.keyed_row(&page, cell + 4, &mut buffers)? } else { self.keyed_size(&page, cell + 4)? }
                } else {
                    // No row before this is beyond the key, and the next ones are.
                    let (key, end) = varint(page.bytes, cell + 4).readable()?;
                    ensure(self.last.is_none_or(|last| last <= key.cast_signed()))?;
                    self.last = Some(key.cast_signed());
                    (end - cell).max(4)
                };
            }
            page.accounts_for(used)?;
            self.tree(page.word(page.head + 8)?, depth + 1)?;
        }
        self.spare = bytes;
        Ok(())
    }

    fn leaf(&mut self, page: &Page<'_>) -> Result<(), Fault> {
        // Of a row that goes on elsewhere, the leaf's bytes do not tell all.
        let mut alone = self.visit.by_leaf();
        for cell in page.cells() {
            alone = alone && varint(page.bytes, cell).readable()?.0 <= self.most() as u64;
        }
        let hash = if alone { hash(page.bytes) } else { 0 };
        if alone && self.visit.leaf(page.number, hash) {
            return self.pass(page);
        }
        let (mut used, mut buffers) = (0, self.buffers());
        if self.layout.keyed {
            for cell in page.cells() {
                used += self.keyed_row(page, cell, &mut buffers)?.max(4);
            }
        } else {
            for cell in page.cells() {
                let (size, at) = varint(page.bytes, cell).readable()?;
                let (rowid, at) = varint(page.bytes, at).readable()?;
                self.ascends(rowid)?;
                let (payload, end) = self.payload(page.bytes, at, size)?;
                used += (end - cell).max(4);
                match payload {
                    Payload::Here(record) => self.row(Some(rowid.cast_signed()), record, &mut buffers)?,
                    Payload::Joined(record) => self.long_row(Some(rowid.cast_signed()), &record)?,
                }
            }
        }
        page.accounts_for(used)?;
        if alone {
            self.visit.left(page.number, hash);
        }
        Ok(())
    }

    /// Passes over a leaf whose rows are known: they must stand where they belong all the same.
    fn pass(&mut self, page: &Page<'_>) -> Result<(), Fault> {
        let mut cells = page.cells();
        if !self.layout.keyed {
            for cell in [cells.next(), cells.next_back()].into_iter().flatten() {
                let (_, at) = varint(page.bytes, cell).readable()?;
                self.ascends(varint(page.bytes, at).readable()?.0)?;
            }
        }
        Ok(())
    }

    /// Rowids ascend.
    fn ascends(&mut self, rowid: u64) -> Result<(), Fault> {
        let rowid = rowid.cast_signed();
        ensure(self.last.is_none_or(|last| last < rowid))?;
        self.last = Some(rowid);
        Ok(())
    }

    /// Shows a row without rowid, whose record begins behind its size at `at`. How many bytes of the page it takes.
    fn keyed_row<'v>(&mut self, page: &Page<'v>, at: usize, buffers: &mut Buffers<'v>) -> Result<usize, Fault> {
        let (size, record) = varint(page.bytes, at).readable()?;
        let (payload, end) = self.payload(page.bytes, record, size)?;
        match payload {
            Payload::Here(record) => self.row(None, record, buffers)?,
            Payload::Joined(record) => self.long_row(None, &record)?,
        }
        Ok(end - at)
    }

    /// How many bytes of the page a row without rowid takes, which is shown by another walk.
    fn keyed_size(&self, page: &Page<'_>, at: usize) -> Result<usize, Fault> {
        let (size, record) = varint(page.bytes, at).readable()?;
        let (here, more) = self.here(size)?;
        let end = record + here + if more { 4 } else { 0 };
        ensure(end <= page.bytes.len())?;
        Ok(end - at)
    }

    fn buffers<'v>(&self) -> Buffers<'v> {
        Buffers { fields: Vec::with_capacity(self.layout.fields), values: Vec::with_capacity(self.layout.slots.len()) }
    }

    /// How long a record may be that stands in one page.
    fn most(&self) -> usize {
        if self.layout.keyed { (self.shape.usable - 12) * 64 / 255 - 23 } else { self.shape.usable - 35 }
    }

    /// How many bytes of a record of `size` bytes stand where it begins, and whether it goes on elsewhere.
    #[inline(always)]
    fn here(&self, size: u64) -> Result<(usize, bool), Fault> {
        ensure(size <= LONGEST)?;
        let (size, most) = (usize::try_from(size).ok().readable()?, self.most());
        if size <= most {
            return Ok((size, false));
        }
        let least = (self.shape.usable - 12) * 32 / 255 - 23;
        let rest = self.shape.usable - 4;
        Ok((Some(least + (size - least) % rest).filter(|here| *here <= most).unwrap_or(least), true))
    }

    /// The record of `size` bytes that begins at `at`, and where it ends here; of a long one, the rest stands in pages of its own.
    fn payload<'v>(&mut self, page: &'v [u8], at: usize, size: u64) -> Result<(Payload<'v>, usize), Fault> {
        let (here, more) = self.here(size)?;
        if !more {
            return Ok((Payload::Here(page.get(at..at + here).readable()?), at + here));
        }
        // No more than the file has.
        ensure(size <= u64::from(self.shape.count) * self.shape.page as u64)?;
        let size = usize::try_from(size).ok().readable()?;
        let mut record = page.get(at..at + here).readable()?.to_vec();
        let next = page.get(at + here..).and_then(|b| b.first_chunk::<4>()).readable()?;
        let (mut next, mut buffer) = (u32::from_be_bytes(*next), Vec::new());
        while record.len() < size {
            self.page(next, &mut buffer)?;
            // It was met: there is such a word.
            self.own[next as usize / 64] |= 1 << (next % 64);
            let (link, bytes) = buffer.split_first_chunk::<4>().readable()?;
            next = u32::from_be_bytes(*link);
            record.extend_from_slice(&bytes[..bytes.len().min(size - record.len())]);
        }
        ensure(next == 0)?;
        Ok((Payload::Joined(record), at + here + 4))
    }

    /// A row, with buffers of its own.
    fn long_row(&mut self, rowid: Option<i64>, record: &[u8]) -> Result<(), Fault> {
        self.row(rowid, record, &mut self.buffers())
    }

    fn row<'v>(&mut self, rowid: Option<i64>, record: &'v [u8], buffers: &mut Buffers<'v>) -> Result<(), Fault> {
        let Buffers { fields, values } = buffers;
        record::read(record, self.layout.fields, fields).readable()?;
        // Records that were written before a column was added are shorter; what stands there instead, SQLite knows.
        ensure(fields.len() >= self.layout.least)?;
        values.clear();
        for slot in &self.layout.slots {
            values.push(match (*slot, rowid) {
                (Slot::Rowid, Some(rowid)) => ValueRef::Integer(rowid),
                (Slot::Rowid, None) => return Err(Fault::Unreadable),
                (Slot::Width, _) => ValueRef::Integer(fields.len() as i64),
                (Slot::Field(at, real), _) => match fields[at] {
                    ValueRef::Integer(number) if real => ValueRef::Real(number as f64),
                    value => value,
                },
            });
        }
        self.visit.row(values).map_err(Fault::Told)
    }
}

/// Room for a record's fields, and for the values that are shown.
struct Buffers<'v> {
    fields: Vec<ValueRef<'v>>,
    values: Vec<ValueRef<'v>>,
}

/// The bytes of a record.
enum Payload<'v> {
    /// They stand in the page.
    Here(&'v [u8]),
    /// They were put together of several pages.
    Joined(Vec<u8>),
}

/// A page of a tree.
struct Page<'v> {
    number: u32,
    bytes: &'v [u8],
    /// Where its header begins.
    head: usize,
    kind: u8,
    /// Where its cells begin, two bytes each.
    cells: &'v [[u8; 2]],
}

impl<'v> Page<'v> {
    fn of(number: u32, bytes: &'v [u8]) -> Result<Page<'v>, Fault> {
        let head = if number == 1 { HEADER } else { 0 };
        let kind = *bytes.get(head).readable()?;
        let size = if matches!(kind, INNER | INNER_KEYED) { 12 } else { 8 };
        let mut page = Page { number, bytes, head, kind, cells: &[] };
        let list = bytes.get(head + size..head + size + 2 * page.half(head + 3)?).readable()?;
        page.cells = list.as_chunks::<2>().0;
        Ok(page)
    }

    fn cells(&self) -> impl DoubleEndedIterator<Item = usize> + use<'v> {
        self.cells.iter().map(|cell| usize::from(u16::from_be_bytes(*cell)))
    }

    /// The two bytes at `at`.
    fn half(&self, at: usize) -> Result<usize, Fault> {
        let bytes = self.bytes.get(at..).and_then(|b| b.first_chunk::<2>()).readable()?;
        Ok(usize::from(u16::from_be_bytes(*bytes)))
    }

    /// The four bytes at `at`.
    fn word(&self, at: usize) -> Result<u32, Fault> {
        self.bytes.get(at..).and_then(|b| b.first_chunk::<4>()).map(|b| u32::from_be_bytes(*b)).readable()
    }

    /// Every byte must be part of something once: of the header, the cells, which have `used` bytes, or what is free.
    fn accounts_for(&self, used: usize) -> Result<(), Fault> {
        let size = if matches!(self.kind, INNER | INNER_KEYED) { 12 } else { 8 };
        let list = self.head + size + 2 * self.cells.len();
        let begin = Some(self.half(self.head + 5)?).filter(|begin| *begin > 0).unwrap_or(65_536);
        let mut free = usize::from(*self.bytes.get(self.head + 7).readable()?);
        let (mut next, mut least) = (self.half(self.head + 1)?, begin);
        while next > 0 {
            ensure(next >= least)?;
            let size = self.half(next + 2)?;
            (least, free) = (next + size.max(4), free + size);
            next = self.half(next)?;
        }
        ensure(begin >= list && begin <= self.bytes.len() && begin + used + free == self.bytes.len())
    }
}

/// About how many leaves a tree has: as many as if all pages of a level had as many children as the first one.
pub(super) fn leaves(file: &File, shape: Shape, root: u32) -> Option<usize> {
    let (mut leaves, mut number, mut bytes) = (1usize, root, vec![0; shape.page]);
    for _ in 0..DEPTH {
        file.read_exact_at(&mut bytes, u64::from(number.checked_sub(1)?) * shape.page as u64).ok()?;
        let page = Page::of(number, &bytes[..shape.usable]).ok()?;
        if !matches!(page.kind, INNER | INNER_KEYED) {
            return Some(leaves);
        }
        leaves = leaves.saturating_mul(page.cells.len() + 1);
        number = page.word(page.cells().next().unwrap_or(page.head + 8)).ok()?;
    }
    None
}

/// A hash of a page: what differs by chance has another one.
fn hash(bytes: &[u8]) -> u64 {
    const BY: [u64; 4] = [0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9, 0x94d0_49bb_1331_11eb, 0xd6e8_feb8_6659_fd93];
    let fold = |state: u64, word: u64, by: u64| {
        let product = u128::from(state ^ word) * u128::from(by);
        (product as u64) ^ ((product >> 64) as u64).rotate_left(29) ^ by
    };
    // Four sums at once, which do not wait for each other.
    let (chunks, rest) = bytes.as_chunks::<32>();
    let mut lanes = BY.map(|by| by.rotate_left(17) ^ bytes.len() as u64);
    for chunk in chunks {
        let words = chunk.as_chunks::<8>().0;
        for at in 0..BY.len() {
            lanes[at] = fold(lanes[at], u64::from_le_bytes(words[at]), BY[at]);
        }
    }
    let rest = rest.iter().fold(0, |state, byte| fold(state, u64::from(*byte), BY[0]));
    lanes.into_iter().zip(BY).fold(rest, |state, (lane, by)| fold(state, lane, by))
}
