//! The needed columns of one table, row after row, in little memory.

/// The first block's size and the largest one's. A block is given back as soon as its rows have become objects.
const SMALLEST: usize = 4 << 10;
const LARGEST: usize = 1 << 20;

/// A row: the bytes of each wanted column in their order; `None` for NULL and for what the source does not carry.
pub(in crate::panel::source) type Row<'a> = [Option<&'a [u8]>];

/// The rows of one table.
pub(in crate::panel::source) struct Rows {
    /// Each row's cells, one behind the other: the length plus one in groups of seven bits, 0 for none, and the bytes.
    blocks: Vec<Vec<u8>>,
    count: usize,
    /// The wanted columns that the source has.
    present: Vec<bool>,
    /// Whether the source told all columns of the table, so that one that is not present does not exist.
    pub(in crate::panel::source) whole: bool,
}

impl Rows {
    /// No rows of a table with `width` wanted columns.
    pub(super) fn new(width: usize) -> Rows {
        Rows { blocks: Vec::new(), count: 0, present: vec![false; width], whole: false }
    }

    /// Takes note that the source has the columns of `order`: for each of its own, the place among the wanted ones, where wanted.
    pub(in crate::panel::source) fn declare(&mut self, order: &[Option<usize>]) {
        for slot in order.iter().flatten() {
            self.present[*slot] = true;
        }
    }

    pub(in crate::panel::source) fn has(&self, column: usize) -> bool {
        self.present[column]
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Keeps a row.
    pub(super) fn push(&mut self, row: &Row<'_>) {
        debug_assert_eq!(row.len(), self.present.len(), "a row has a cell for every wanted column");
        let size = row.iter().map(|cell| cell.map_or(0, <[u8]>::len) + 5).sum();
        let full = self.blocks.last().is_none_or(|b| b.capacity() - b.len() < size);
        if full {
            let next = self.blocks.last().map_or(SMALLEST, |b| (b.capacity() * 2).min(LARGEST));
            self.blocks.push(Vec::with_capacity(next.max(size)));
        }
        let Some(block) = self.blocks.last_mut() else { return };
        for cell in row {
            let mut length = cell.map_or(0, |bytes| bytes.len() + 1);
            while length >= 0x80 {
                block.push(length as u8 | 0x80);
                length >>= 7;
            }
            block.push(length as u8);
            block.extend_from_slice(cell.unwrap_or_default());
        }
        self.count += 1;
    }

    /// Hands out each row in order and forgets it.
    pub(in crate::panel::source) fn drain<E>(self, mut each: impl FnMut(&Row<'_>) -> Result<(), E>) -> Result<(), E> {
        let width = self.present.len();
        for block in self.blocks {
            let mut rest = block.as_slice();
            let mut row: Vec<Option<&[u8]>> = Vec::with_capacity(width);
            while !rest.is_empty() {
                row.clear();
                for _ in 0..width {
                    row.push(cell(&mut rest));
                }
                each(&row)?;
            }
        }
        Ok(())
    }
}

/// Takes the next cell off `rest`.
fn cell<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (mut length, mut shift) = (0usize, 0);
    while let Some((&byte, tail)) = rest.split_first() {
        *rest = tail;
        length |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    let (bytes, tail) = rest.split_at_checked(length.checked_sub(1)?)?;
    *rest = tail;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_as_they_went_in() {
        let long = vec![b'x'; 300_000];
        let rows: [[Option<&[u8]>; 3]; 4] = [
            [Some(b"1"), None, Some(b"")],
            [Some(&long), Some(&long[..127]), Some(&long[..126])],
            [None; 3],
            [Some(b"2"), Some(b"\0"), None],
        ];
        let mut kept = Rows::new(3);
        for _ in 0..5 {
            rows.iter().for_each(|r| kept.push(r));
        }
        assert_eq!(kept.len(), 20);
        let mut at = 0;
        let done: Result<(), ()> = kept.drain(|row| {
            assert_eq!(row, rows[at % 4]);
            at += 1;
            Ok(())
        });
        assert_eq!((done, at), (Ok(()), 20));
    }
}
