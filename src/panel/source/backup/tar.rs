//! A `.tar` as a stream of members. Nothing is ever unpacked; what is not asked for is passed over.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

const BLOCK: usize = 512;
/// The longest header that goes before a member: a long name, or attributes.
const LONGEST_HEADER: u64 = 1 << 20;

/// What the bytes come from.
pub(super) enum Bytes<'a> {
    /// A file, and its length: what is not needed is jumped over.
    File(File, u64),
    Stream(Box<dyn Read + 'a>),
}

/// Why an archive cannot be read on.
#[derive(Debug)]
pub(super) enum TarFault {
    Io(io::Error),
    Damaged(String),
}

/// A member of the archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) kind: MemberKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MemberKind {
    File,
    Folder,
    Link,
    Other,
}

/// A `.tar` that is read from its beginning to its end.
pub(super) struct Tar<'a> {
    bytes: Bytes<'a>,
    /// How many bytes were read or passed over.
    pub(super) position: u64,
    /// How much of the current member's content is still to come, and of the zeros behind it.
    left: u64,
    padding: u64,
    /// Whether the file ended inside of a member's content.
    pub(super) cut: bool,
}

impl<'a> Tar<'a> {
    pub(super) fn new(bytes: Bytes<'a>) -> Tar<'a> {
        Tar { bytes, position: 0, left: 0, padding: 0, cut: false }
    }

    /// The next member. `None`: the archive has ended as it should.
    pub(super) fn next(&mut self) -> Result<Option<Member>, TarFault> {
        let mut long: Option<String> = None;
        let mut attributes = Attributes::default();
        loop {
            self.pass_over()?;
            let mut block = [0; BLOCK];
            match self.fill(&mut block)? {
                BLOCK => {}
                0 => return Err(TarFault::Damaged("it ends without the zeros that end an archive".to_owned())),
                _ => return Err(TarFault::Damaged("it ends inside of a header".to_owned())),
            }
            if block.iter().all(|b| *b == 0) {
                return Ok(None);
            }
            let header = Header(&block);
            if !header.adds_up() {
                return Err(TarFault::Damaged("a header does not check".to_owned()));
            }
            let size = header.size().ok_or_else(|| TarFault::Damaged("a header has a size that is no number".to_owned()))?;
            self.left = size;
            self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
            let kind = match block[156] {
                b'L' => {
                    let name = self.header_content(size)?;
                    long = Some(text(name.split(|b| *b == 0).next().unwrap_or_default()));
                    continue;
                }
                b'K' | b'g' => continue,
                b'x' => {
                    attributes = Attributes::read(&self.header_content(size)?)?;
                    continue;
                }
                b'0' | 0 | b'7' => MemberKind::File,
                b'5' => MemberKind::Folder,
                b'1' | b'2' => MemberKind::Link,
                b'S' => {
                    self.sparse(block[482] != 0)?;
                    MemberKind::Other
                }
                _ => MemberKind::Other,
            };
            let path = attributes.path.take().or(long.take()).unwrap_or_else(|| header.path());
            if let Some(size) = attributes.size {
                self.left = size;
                self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
            }
            // A folder has no content, whatever its size says.
            if matches!(kind, MemberKind::Folder | MemberKind::Link) {
                (self.left, self.padding) = (0, 0);
            }
            return Ok(Some(Member { path, size: self.left, kind }));
        }
    }

    /// The content of a header that goes before a member.
    fn header_content(&mut self, size: u64) -> Result<Vec<u8>, TarFault> {
        if size > LONGEST_HEADER {
            return Err(TarFault::Damaged(format!("a name or its attributes are longer than {LONGEST_HEADER} bytes")));
        }
        let mut content = Vec::new();
        self.read_to_end(&mut content).map_err(TarFault::Io)?;
        if self.cut {
            return Err(TarFault::Damaged("it ends inside of a header".to_owned()));
        }
        Ok(content)
    }

    /// The map of a sparse file goes on in blocks of its own.
    fn sparse(&mut self, mut more: bool) -> Result<(), TarFault> {
        while more {
            let mut block = [0; BLOCK];
            if self.fill(&mut block)? < BLOCK {
                return Err(TarFault::Damaged("it ends inside of a header".to_owned()));
            }
            more = block[504] != 0;
        }
        Ok(())
    }

    /// Passes over what was not read of the current member.
    fn pass_over(&mut self) -> Result<(), TarFault> {
        let mut rest = self.left.saturating_add(self.padding);
        (self.left, self.padding) = (0, 0);
        let ended = |position| TarFault::Damaged(format!("it ends inside of a member, at byte {position}"));
        if let Bytes::File(file, length) = &mut self.bytes {
            if self.position.saturating_add(rest) > *length {
                self.position = *length;
                return Err(ended(*length));
            }
            // What was checked fits, and so does the sum.
            file.seek(SeekFrom::Start(self.position + rest)).map_err(TarFault::Io)?;
            self.position += rest;
            return Ok(());
        }
        let mut buffer = vec![0; 64 * 1024];
        while rest > 0 {
            let wanted = buffer.len().min(usize::try_from(rest).unwrap_or(usize::MAX));
            let read = self.fill(&mut buffer[..wanted])?;
            if read < wanted {
                return Err(ended(self.position));
            }
            rest -= read as u64;
        }
        Ok(())
    }

    /// Reads until `to` is full or the archive ends.
    fn fill(&mut self, to: &mut [u8]) -> Result<usize, TarFault> {
        let mut filled = 0;
        while filled < to.len() {
            let read = match self.bytes.read(&mut to[filled..]) {
                Ok(0) => break,
                Ok(read) => read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(TarFault::Io(e)),
            };
            filled += read;
            self.position += read as u64;
        }
        Ok(filled)
    }
}

/// Reads the content of the current member.
impl Read for Tar<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let wanted = to.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if wanted == 0 {
            return Ok(0);
        }
        let read = self.bytes.read(&mut to[..wanted])?;
        self.cut |= read == 0;
        self.position += read as u64;
        self.left -= read as u64;
        Ok(read)
    }
}

impl Read for Bytes<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self {
            Bytes::File(file, _) => file.read(to),
            Bytes::Stream(stream) => stream.read(to),
        }
    }
}

/// Whether a file that begins with `head` is a `.tar`: the sum in its first header is right. Old writers put no other mark there.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.first_chunk::<BLOCK>().is_some_and(|block| Header(block).adds_up())
}

struct Header<'b>(&'b [u8; BLOCK]);

impl Header<'_> {
    /// Whether the sum in the header is that of its bytes, as signed or unsigned numbers: writers do either.
    fn adds_up(&self) -> bool {
        let Some(sum) = octal(&self.0[148..156]) else { return false };
        let bytes = || self.0.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { b' ' } else { *b });
        let unsigned: u64 = bytes().map(u64::from).sum();
        let signed: i64 = bytes().map(|b| i64::from(b.cast_signed())).sum();
        sum == unsigned || i64::try_from(sum) == Ok(signed)
    }

    /// The size: octal digits, or a number in base 256 where the first bit is set.
    fn size(&self) -> Option<u64> {
        let field = &self.0[124..136];
        if field[0] & 0x80 == 0 {
            return octal(field);
        }
        if field[0] != 0x80 || field[1..4].iter().any(|b| *b != 0) {
            return None;
        }
        Some(field[4..].iter().fold(0, |sum, b| sum << 8 | u64::from(*b)))
    }

    fn path(&self) -> String {
        let field = |from: usize, to: usize| text(self.0[from..to].split(|b| *b == 0).next().unwrap_or_default());
        let name = field(0, 100);
        // GNU's own headers have other things there.
        let prefix = if &self.0[257..263] == b"ustar\0" { field(345, 500) } else { String::new() };
        if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
    }
}

/// What a header of attributes says of the next member.
#[derive(Default)]
struct Attributes {
    path: Option<String>,
    size: Option<u64>,
}

impl Attributes {
    /// Lines `length key=value`, each as long as it says.
    fn read(mut rest: &[u8]) -> Result<Attributes, TarFault> {
        let damaged = || TarFault::Damaged("the attributes of a member make no sense".to_owned());
        let mut attributes = Attributes::default();
        while !rest.is_empty() {
            let digits = rest.iter().position(|b| *b == b' ').ok_or_else(damaged)?;
            let length: usize = std::str::from_utf8(&rest[..digits]).ok().and_then(|d| d.parse().ok()).ok_or_else(damaged)?;
            let line = rest.get(digits + 1..length).and_then(|l| l.strip_suffix(b"\n")).ok_or_else(damaged)?;
            let at = line.iter().position(|b| *b == b'=').ok_or_else(damaged)?;
            match &line[..at] {
                b"path" => attributes.path = Some(text(&line[at + 1..])),
                b"size" => {
                    let size = std::str::from_utf8(&line[at + 1..]).ok().and_then(|d| d.parse().ok());
                    attributes.size = Some(size.ok_or_else(damaged)?);
                }
                _ => {}
            }
            rest = &rest[length..];
        }
        Ok(attributes)
    }
}

/// A number in octal digits, with spaces in front and a space or a zero byte behind it.
fn octal(field: &[u8]) -> Option<u64> {
    let field = field.trim_ascii_start();
    let digits = field.iter().take_while(|b| (b'0'..=b'7').contains(*b)).count();
    if digits == 0 || field[digits..].iter().any(|b| !matches!(b, 0 | b' ')) {
        return None;
    }
    field[..digits].iter().try_fold(0_u64, |sum, b| Some(sum.checked_mul(8)? + u64::from(b - b'0')))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &[u8], size: u64, kind: u8) -> Vec<u8> {
        let mut block = [0_u8; BLOCK];
        block[..name.len()].copy_from_slice(name);
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        block[156] = kind;
        sum(&mut block);
        block.to_vec()
    }

    fn sum(block: &mut [u8]) {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
        block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    }

    fn padded(content: &[u8]) -> Vec<u8> {
        let mut content = content.to_vec();
        content.resize(content.len().div_ceil(BLOCK) * BLOCK, 0);
        content
    }

    /// The members with their contents, of which only every other one is read.
    fn members(bytes: &[u8]) -> Vec<(String, u64, MemberKind, String)> {
        let mut tar = Tar::new(Bytes::Stream(Box::new(bytes)));
        let mut members = Vec::new();
        while let Some(member) = tar.next().unwrap() {
            let mut content = String::new();
            if members.len() % 2 == 0 {
                tar.read_to_string(&mut content).unwrap();
            }
            members.push((member.path, member.size, member.kind, content));
        }
        assert!(!tar.cut);
        members
    }

    #[test]
    fn members_of_every_kind_are_told_apart_and_passed_over() {
        let long = "x".repeat(300);
        let attributes = format!("{} path={}\n12 size=600\n", 10 + 250, "y".repeat(250));
        let mut sparse = header(b"sparse", 512, b'S');
        sparse[482] = 1;
        sum(&mut sparse);
        let mut more = vec![0; BLOCK];
        more[504] = 1;
        let bytes = [
            header(b"plain", 5, b'0'),
            padded(b"hello"),
            header(b"folder/", 0, b'5'),
            header(b"link", 77, b'2'),
            header(b"g", 10, b'g'),
            padded(b"9 a=bcd\n\0"),
            header(b"././@LongLink", 301, b'L'),
            padded(format!("{long}\0").as_bytes()),
            header(b"short", 3, 0),
            padded(b"abc"),
            header(b"x", attributes.len() as u64, b'x'),
            padded(attributes.as_bytes()),
            header(b"short too", 0, b'0'),
            padded(&[b'z'; 600]),
            sparse,
            more,
            vec![0; BLOCK],
            vec![b's'; BLOCK],
            header(b"last", 0, b'7'),
            vec![0; BLOCK],
        ]
        .concat();
        assert!(is_tar(&bytes) && !is_tar(&bytes[..511]) && !is_tar(&[0; 1024]) && !is_tar(&[b'1'; 1024]));
        let all = members(&bytes);
        let paths: Vec<(&str, u64, MemberKind)> = all.iter().map(|(path, size, kind, _)| (path.as_str(), *size, *kind)).collect();
        let y = "y".repeat(250);
        use MemberKind::{File, Folder, Link, Other};
        assert_eq!(
            paths,
            [
                ("plain", 5, File),
                ("folder/", 0, Folder),
                ("link", 0, Link),
                (&long, 3, File),
                (&y, 600, File),
                ("sparse", 512, Other),
                ("last", 0, File)
            ]
        );
        assert_eq!((all[0].3.as_str(), all[2].3.as_str(), all[4].3.len()), ("hello", "", 600));
    }
}
