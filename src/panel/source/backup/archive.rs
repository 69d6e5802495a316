//! A downloaded backup: one `.tar`, or one `.zip` as panels on Windows write it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::error::BackupError;
use super::names::{Found, InfoName};
use super::record::{self, Content, MOST_OBJECTS};
use super::tar::{Bytes, MemberKind, Tar, TarFault};
use super::xml::{Fault, What};

/// The most XML files of an archive.
const MOST_FILES: usize = 200_000;
/// The longest list of members of a `.zip`.
const LONGEST_DIRECTORY: u64 = 64 << 20;
/// What the names of archives inside of a backup end in.
const PACKED: [&str; 6] = [".tzst", ".tgz", ".tar", ".zip", ".gz", ".zst"];

/// What is in an archive.
#[derive(Default)]
pub(super) struct Members {
    /// The XML files of backups, and what they say.
    pub(super) files: Vec<(Found, Result<Content, Fault>)>,
    /// Archives inside.
    pub(super) packed: u64,
    /// How many bytes they have.
    pub(super) packed_bytes: u64,
    /// Links.
    pub(super) links: u64,
    /// The first names of other files.
    pub(super) other: Vec<String>,
    records: usize,
}

impl Members {
    /// Takes a member that is no folder: counts it, or gives the place for its content, if that is wanted.
    fn place(&mut self, archive: &str, path: &str, size: u64, is_link: bool) -> Result<Option<Found>, BackupError> {
        let refuse = |what| BackupError::Member { path: archive.to_owned(), member: super::xml::short(path).into_owned(), what };
        let path = path.replace('\\', "/");
        if path.starts_with('/') || path.split('/').any(|part| part == "..") || path.as_bytes().get(1) == Some(&b':') {
            return Err(refuse("lies outside of the archive"));
        }
        let path = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/");
        let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(folder, name)| (folder, name));
        match InfoName::parse(name) {
            Some(_) if is_link => Err(refuse("is a link")),
            Some(name) => {
                if self.files.len() == MOST_FILES {
                    return Err(BackupError::Archive {
                        path: archive.to_owned(),
                        byte: 0,
                        what: format!("it has more than {MOST_FILES} XML files of backups"),
                    });
                }
                let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
                Ok(Some(Found { folder, name }))
            }
            None => {
                if is_link {
                    self.links += 1;
                } else if PACKED.iter().any(|end| name.ends_with(end)) {
                    self.packed += 1;
                    self.packed_bytes = self.packed_bytes.saturating_add(size);
                } else if self.other.len() < 5 {
                    self.other.push(super::xml::short(&path).into_owned());
                }
                Ok(None)
            }
        }
    }

    /// Reads the XML of a member.
    fn read(&mut self, found: Found, reader: impl Read) {
        let content = record::read(reader, MOST_OBJECTS - self.records);
        if let Ok(content) = &content {
            self.records += content.records.len();
        }
        self.files.push((found, content));
    }
}

/// Reads a `.tar`. `None` among the errors is for the caller to tell: the data could not be read on.
pub(super) fn tar(bytes: Bytes<'_>, path: &str) -> Result<Members, ArchiveFault> {
    let mut tar = Tar::new(bytes);
    let mut members = Members::default();
    loop {
        let member = match tar.next() {
            Ok(Some(member)) => member,
            Ok(None) => return Ok(members),
            Err(TarFault::Io(error)) => return Err(ArchiveFault::Io(tar.position, error)),
            Err(TarFault::Damaged(what)) => {
                return Err(BackupError::Archive { path: path.to_owned(), byte: tar.position, what }.into());
            }
        };
        let is_link = match member.kind {
            MemberKind::Folder => continue,
            MemberKind::File => false,
            MemberKind::Link | MemberKind::Other => true,
        };
        let Some(found) = members.place(path, &member.path, member.size, is_link)? else { continue };
        members.read(found, &mut tar);
        if tar.cut {
            let what = format!("it ends inside of its member {}", member.path.escape_debug());
            return Err(BackupError::Archive { path: path.to_owned(), byte: tar.position, what }.into());
        }
        if let Some((_, Err(Fault { what: What::Io(_), .. }))) = members.files.last()
            && let Some((_, Err(Fault { what: What::Io(error), .. }))) = members.files.pop()
        {
            return Err(ArchiveFault::Io(tar.position, error));
        }
    }
}

/// Why an archive could not be read.
pub(super) enum ArchiveFault {
    /// The bytes could not be read on, from that one on.
    Io(u64, io::Error),
    Backup(BackupError),
}

impl From<BackupError> for ArchiveFault {
    fn from(error: BackupError) -> ArchiveFault {
        ArchiveFault::Backup(error)
    }
}

/// Reads a `.zip`.
pub(super) fn zip(file: File, path: &str) -> Result<Members, BackupError> {
    let damaged = |what: String| BackupError::Archive { path: path.to_owned(), byte: 0, what };
    let mut file = BufReader::new(file);
    let directory = directory_size(&mut file).map_err(|error| BackupError::Unreadable { path: path.to_owned(), error })?;
    if directory.is_some_and(|size| size > LONGEST_DIRECTORY) {
        return Err(damaged(format!("its list of members is longer than {LONGEST_DIRECTORY} bytes")));
    }
    let mut zip = ZipArchive::new(file).map_err(|e| damaged(e.to_string()))?;
    if zip.has_duplicate_names() {
        return Err(damaged("two members have the same name".to_owned()));
    }
    let mut members = Members::default();
    for index in 0..zip.len() {
        let (name, size, is_link, is_folder, encrypted) = {
            let member = zip.by_index_data(index).map_err(|e| damaged(e.to_string()))?;
            let name = member.name().map_or_else(|_| String::from_utf8_lossy(member.name_raw()).into_owned(), |n| n.to_string());
            (name, member.size(), member.is_symlink(), member.is_dir(), member.encrypted())
        };
        if is_folder {
            continue;
        }
        let Some(found) = members.place(path, &name, size, is_link)? else { continue };
        if encrypted {
            return Err(BackupError::Member { path: path.to_owned(), member: name, what: "is encrypted" });
        }
        let member = zip.by_index(index).map_err(|e| damaged(format!("{}: {e}", name.escape_debug())))?;
        members.read(found, member);
        if let Some((_, Err(Fault { what: What::Io(error), .. }))) = members.files.last() {
            return Err(damaged(format!("{}: {error}", name.escape_debug())));
        }
    }
    Ok(members)
}

/// The size of a `.zip`'s list of members, as the record at its end says it. `None`: there is no such record.
fn directory_size(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    /// The record and the longest comment behind it; in front of it, where to find the larger record of large archives.
    const END: u64 = 22 + 65_535 + 20;
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut tail = Vec::new();
    file.take(END).read_to_end(&mut tail)?;
    let number = |bytes: &[u8], at: usize, size: usize| -> Option<u64> {
        Some(bytes.get(at..at + size)?.iter().rev().fold(0, |sum, b| sum << 8 | u64::from(*b)))
    };
    let mut size = None;
    if let Some(end) = memchr::memmem::rfind(&tail, b"PK\x05\x06") {
        size = number(&tail, end + 12, 4);
        let locator = end.checked_sub(20).filter(|at| tail[*at..].starts_with(b"PK\x06\x07"));
        if let Some(place) = locator.and_then(|at| number(&tail, at + 8, 8)) {
            file.seek(SeekFrom::Start(place))?;
            let mut record = Vec::new();
            file.take(56).read_to_end(&mut record)?;
            if record.starts_with(b"PK\x06\x06") {
                size = number(&record, 40, 8).max(size.filter(|s| *s != u64::from(u32::MAX)));
            }
        }
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(size)
}
