//! Columns between tabs with their names in the first line, as `mysql -B` and `plesk db -B` print them.
//!
//! Nothing tells the table: see [`super::columns`]. Several results may follow each other, each with its names.

use std::io::{self, BufRead, BufReader, Read};

use super::{LONGEST_LINE, LONGEST_VALUE, MOST_COLUMNS, Rows, columns, unreadable};
use crate::panel::source::SourceError;
use crate::panel::source::packing::Packing;
use crate::panel::source::tables::{MOST_COLUMNS_WANTED, TableAt, wanted};

/// Whether `text` begins with a line of names between tabs, an id's among them.
pub(super) fn is_header(text: &[u8]) -> bool {
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let names = cells(line.strip_suffix(b"\r").unwrap_or(line));
    names.len() > 1 && names.iter().all(|name| is_name(name)) && names.iter().any(|name| is_id(name))
}

fn cells(line: &[u8]) -> Vec<&[u8]> {
    line.split(|b| *b == b'\t').take(MOST_COLUMNS + 1).collect()
}

fn is_name(cell: &[u8]) -> bool {
    !cell.is_empty()
        && cell.len() <= 64
        && !cell[0].is_ascii_digit()
        && cell.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$'))
}

fn is_id(name: &[u8]) -> bool {
    wanted().tables.iter().any(|t| name.eq_ignore_ascii_case(t.columns[0].as_bytes()))
}

/// Appends to `line` what there is up to its end, or one byte more than the longest line has. Room for a long line
/// is asked for at once, which takes memory only as it is filled: growing by doubling, as `read_until` does, leaves as much behind again.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    while line.len() <= LONGEST_LINE {
        let there = match reader.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            there => there?,
        };
        let end = memchr::memchr(b'\n', there).map(|at| at + 1);
        let taken = end.unwrap_or(there.len()).min(LONGEST_LINE + 1 - line.len());
        if line.len() + taken > line.capacity().max(LONGEST_VALUE) {
            line.reserve_exact(LONGEST_LINE + 1 - line.len());
        }
        line.extend_from_slice(&there[..taken]);
        reader.consume(taken);
        if taken == 0 || line.ends_with(b"\n") {
            break;
        }
    }
    Ok(line.len())
}

/// The columns of the result that is being read.
struct Selection {
    table: TableAt,
    /// For each column, its place among the wanted ones.
    order: Vec<Option<usize>>,
    /// Where the id stands.
    id: usize,
}

/// Reads the results that `reader` gives.
pub(super) fn read(reader: impl Read, path: &str, packing: Option<Packing>) -> Result<Rows, SourceError> {
    let mut reader = BufReader::with_capacity(256 << 10, reader);
    let mut rows = Rows::default();
    let mut result: Option<Selection> = None;
    let (mut line, mut number, mut byte, mut windows) = (Vec::new(), 0u64, 0u64, false);
    let mut text = Vec::new();
    loop {
        number += 1;
        line.clear();
        let read = read_line(&mut reader, &mut line).map_err(|e| unreadable(e, path, packing, number, byte))?;
        if read == 0 {
            return Ok(rows);
        }
        if line.len() > LONGEST_LINE {
            return Err(SourceError::TooLarge { path: path.to_owned(), line: number, what: "a line longer than 16 megabytes" });
        }
        // Every line is ended, the last one too.
        if line.pop() != Some(b'\n') {
            return Err(SourceError::Truncated { path: path.to_owned(), line: number, byte: byte + read as u64, began: number });
        }
        byte += read as u64;
        let mut content = line.as_slice();
        if number == 1 {
            content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
            windows = content.ends_with(b"\r");
        }
        if windows {
            content = content.strip_suffix(b"\r").unwrap_or(content);
        }
        if content.is_empty() {
            continue;
        }
        let malformed = |what: String| SourceError::Malformed { path: path.to_owned(), line: number, byte: byte - read as u64, what };
        let cells = cells(content);
        if cells.len() > MOST_COLUMNS {
            return Err(SourceError::TooLarge { path: path.to_owned(), line: number, what: "more than 10000 columns in one table" });
        }
        let is_row = result.as_ref().is_some_and(|r| cells.get(r.id).is_some_and(|id| !id.is_empty() && id.iter().all(u8::is_ascii_digit)));
        if !is_row {
            if !is_header(content) {
                return Err(malformed("a row has no id, or the names of the columns are lacking in front of it".to_owned()));
            }
            result = Some(header(&cells, &mut rows, path, number)?);
            continue;
        }
        let Some(result) = &result else { continue };
        if cells.len() != result.order.len() {
            return Err(malformed(format!("a row has {} columns and not the {} that were named", cells.len(), result.order.len())));
        }
        let mut places = [const { None }; MOST_COLUMNS_WANTED];
        text.clear();
        for (cell, slot) in cells.iter().zip(&result.order) {
            let Some(slot) = slot else { continue };
            if *cell == b"NULL" {
                continue;
            }
            if cell.len() > LONGEST_VALUE {
                return Err(SourceError::TooLarge { path: path.to_owned(), line: number, what: "a name longer than a megabyte" });
            }
            let from = text.len();
            unescape(cell, &mut text);
            places[*slot] = Some(from..text.len());
        }
        let width = wanted().tables[result.table.index].columns.len();
        let mut row = [None; MOST_COLUMNS_WANTED];
        for (cell, place) in row.iter_mut().zip(&places) {
            *cell = place.clone().map(|place| &text[place]);
        }
        rows.databases.push(result.table, &row[..width]).map_err(|much| SourceError::TooLarge {
            path: path.to_owned(),
            line: number,
            what: much.0,
        })?;
    }
}

/// The result whose columns have these names.
fn header(names: &[&[u8]], rows: &mut Rows, path: &str, line: u64) -> Result<Selection, SourceError> {
    let index = columns::table(names).map_err(|tables| {
        let columns: Vec<String> = names.iter().take(12).map(|n| n.escape_ascii().to_string()).collect();
        SourceError::TableUnknown { path: path.to_owned(), line, columns, tables }
    })?;
    let table = rows.databases.open(b"", index).map_err(|much| SourceError::TooLarge { path: path.to_owned(), line, what: much.0 })?;
    let order: Vec<Option<usize>> = names.iter().map(|name| wanted().tables[index].slot(name)).collect();
    rows.databases.rows(table).declare(&order);
    let id = order.iter().position(|slot| *slot == Some(0)).unwrap_or_default();
    Ok(Selection { table, order, id })
}

/// `\t`, `\n`, `\0` and `\\` are what they stand for.
fn unescape(cell: &[u8], text: &mut Vec<u8>) {
    let mut bytes = cell.iter();
    while let Some(&byte) = bytes.next() {
        if byte != b'\\' {
            text.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b't') => text.push(b'\t'),
            Some(b'n') => text.push(b'\n'),
            Some(b'0') => text.push(0),
            Some(b'\\') | None => text.push(b'\\'),
            Some(&other) => text.extend_from_slice(&[b'\\', other]),
        }
    }
}
