//! Why a backup could not be read.

use std::io;

/// Why a backup could not be read. Lines count from 1, bytes from 0, both after decompression.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum BackupError {
    /// The XML is none.
    #[error("{path}:{line}: is no proper XML: {what} (byte {byte})")]
    #[diagnostic(help("the file was changed or damaged after the panel wrote it; copy it again or make the backup again"))]
    Malformed {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// What is wrong.
        what: String,
    },
    /// The XML ends too early.
    #[error("{path}:{line}: {what} (byte {byte})")]
    #[diagnostic(help("the file was cut off; copy it again or make the backup again"))]
    CutOff {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// Where it ends.
        what: String,
    },
    /// The XML has what no panel writes and what could be used for harm.
    #[error("{path}:{line}: has {what} (byte {byte}): that is refused")]
    #[diagnostic(help(
        "the panel writes no such thing: the file is another program's, or somebody changed it; give the backup as the panel wrote it"
    ))]
    Forbidden {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// What it has.
        what: &'static str,
    },
    /// The XML is in another encoding.
    #[error("{path}:{line}: is not in UTF-8: {what} (byte {byte})")]
    #[diagnostic(help("the panel writes its backups in UTF-8: give the file as the panel wrote it"))]
    Encoding {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// How that shows.
        what: String,
    },
    /// More than any backup has: a damaged or hostile file.
    #[error("{path}:{line}: holds more than a backup can: {what} (byte {byte})")]
    #[diagnostic(help("if this is truly a panel's backup, please report it"))]
    TooMuch {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// The limit.
        what: String,
    },
    /// XML of another kind.
    #[error("{path}:{line}: is no backup: its root element is <{root}> (byte {byte})")]
    #[diagnostic(help("give a backup's XML file ({}), its folder or its archive", super::names::example()))]
    Foreign {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// Its root element.
        root: String,
    },
    /// An id that is none.
    #[error("{path}:{line}: <{element}> has the id `{value}`, which is no whole number above 0 (byte {byte})")]
    #[diagnostic(help("the file was changed or damaged after the panel wrote it; copy it again or make the backup again"))]
    BadId {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The byte.
        byte: u64,
        /// The element.
        element: &'static str,
        /// What stands there.
        value: String,
    },
    /// One id, two objects.
    #[error("{path}:{line}: {object} has the id of {other} ({other_path}:{other_line})")]
    #[diagnostic(help(
        "one panel gives an id once: the file was changed, or the files are of different panels; give one backup as the panel wrote it"
    ))]
    Contradiction {
        /// The file.
        path: String,
        /// The line.
        line: u64,
        /// The object.
        object: String,
        /// The other object.
        other: String,
        /// The file with that one.
        other_path: String,
        /// Its line.
        other_line: u64,
    },
    /// No XML file of a backup.
    #[error("{path}: holds no backup: no file in it is named like `{example}`{}", list(.seen))]
    #[diagnostic(help("give the folder or the archive of a whole backup, or one of its XML files"))]
    NoInfo {
        /// The folder or archive.
        path: String,
        /// How such a file is named.
        example: String,
        /// What is there, for a person.
        seen: Vec<String>,
    },
    /// XML files without objects.
    #[error("{path}: holds no object with an id")]
    #[diagnostic(help(
        "it is a backup of settings alone, or of another version of the panel; give a backup of the whole server, or a dump of its database"
    ))]
    Nothing {
        /// The source.
        path: String,
    },
    /// Several backups, and nothing tells which one is meant.
    #[error("{path}: holds several backups: {}", found.join(", "))]
    #[diagnostic(help("name the XML file of the one that is meant"))]
    Several {
        /// The folder or archive.
        path: String,
        /// Their XML files.
        found: Vec<String>,
    },
    /// The archive is damaged.
    #[error("{path}: the archive is damaged or cut off at byte {byte}: {what}")]
    #[diagnostic(help("copy it again; a backup that was split into several files must be put together first"))]
    Archive {
        /// The archive.
        path: String,
        /// Where that shows.
        byte: u64,
        /// What is wrong.
        what: String,
    },
    /// A member of an archive that no panel puts there.
    #[error("{path}: its member `{member}` {what}: that is refused")]
    #[diagnostic(help(
        "the panel writes no such archive: it is another program's, or somebody changed it; give the backup as the panel wrote it"
    ))]
    Member {
        /// The archive.
        path: String,
        /// The member.
        member: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The operating system refused.
    #[error("{path}: cannot be read: {error}")]
    #[diagnostic(help("check the path and its permissions"))]
    Unreadable {
        /// The file or folder.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
}

fn list(seen: &[String]) -> String {
    if seen.is_empty() { String::new() } else { format!(" (there are {})", seen.join(", ")) }
}
