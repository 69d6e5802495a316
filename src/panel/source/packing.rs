//! Compressed files.

use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;

/// A program that compresses files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
}

/// How much is read of the file at once.
const BUFFER: usize = 128 << 10;

impl Packing {
    /// Which one packed a file that begins with `head`.
    pub(super) fn of(head: &[u8]) -> Option<Packing> {
        match head {
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            // Frames with content, and those to be skipped that parallel packers put in front.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// The program's name, which is also the word for its data.
    pub(super) fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        }
    }

    /// The program whose usual ending `name` has.
    pub(super) fn by_name(name: &str) -> Option<Packing> {
        match camino::Utf8Path::new(name).extension()?.to_ascii_lowercase().as_str() {
            "gz" => Some(Packing::Gzip),
            "zst" => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// Unpacks `packed`, of however many pieces it consists. Windows beyond 128 MB, which nobody uses for dumps, are refused.
    ///
    /// # Errors
    /// There is no memory for it.
    pub(super) fn reader<'a>(self, packed: impl Read + Send + 'a) -> io::Result<Box<dyn Read + Send + 'a>> {
        let packed = BufReader::with_capacity(BUFFER, packed);
        Ok(match self {
            Packing::Gzip => Box::new(MultiGzDecoder::new(packed)),
            Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(packed)?),
        })
    }
}
