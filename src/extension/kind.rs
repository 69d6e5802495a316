//! What a file is, by its name and its first bytes.

use camino::Utf8Path;

/// The first bytes of every SQLite database that is not encrypted and not empty.
pub(super) const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";

/// A kind of file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    Php,
    Sql,
    Database,
}

/// The kind that the name tells.
pub(super) fn by_name(path: &Utf8Path) -> Option<FileKind> {
    let extension = path.extension()?;
    let is = |known: &[&str]| known.iter().any(|e| extension.eq_ignore_ascii_case(e));
    if is(&["php", "phtml", "inc", "php5", "php7"]) {
        Some(FileKind::Php)
    } else if is(&["sql"]) {
        Some(FileKind::Sql)
    } else if is(&["sqlite", "sqlite3", "db", "db3"]) && path.file_name() != Some("Thumbs.db") {
        Some(FileKind::Database)
    } else {
        None
    }
}

/// The kind of a file with that name that starts with `head` (a few dozen bytes). A database is one whatever its name; a file without an
/// extension is PHP when it says so.
pub(super) fn by_head(path: &Utf8Path, head: &[u8]) -> Option<FileKind> {
    if head.starts_with(SQLITE_MAGIC) {
        return Some(FileKind::Database);
    }
    match by_name(path) {
        None if path.extension().is_none() && starts_as_php(head) => Some(FileKind::Php),
        named => named,
    }
}

/// Whether text starts as PHP: `<?php`, or `#!` and an interpreter called php.
fn starts_as_php(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.get(..5).is_some_and(|h| h.eq_ignore_ascii_case(b"<?php")) {
        return true;
    }
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    line.starts_with(b"#!") && memchr::memmem::find(line, b"php").is_some()
}

/// Whether the bytes are those of a zip archive.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_first_bytes_tell() {
        for (name, head, kind) in [
            ("a.PHP", "", Some(FileKind::Php)),
            ("a.phtml", "", Some(FileKind::Php)),
            ("a.inc", "", Some(FileKind::Php)),
            ("a.sql", "", Some(FileKind::Sql)),
            ("cli", "#!/usr/bin/env -S php -d x=1\n", Some(FileKind::Php)),
            ("cli", "#!/opt/plesk/php/8.2/bin/php\n<?php", Some(FileKind::Php)),
            ("cli", "\u{feff}<?PHP\n", Some(FileKind::Php)),
            ("cli", "#!/bin/sh\nphp x", None),
            ("README", "text", None),
            ("a.txt", "<?php", None),
            ("a.dat", "SQLite format 3\0....", Some(FileKind::Database)),
            ("a.php", "SQLite format 3\0....", Some(FileKind::Database)),
            ("a.sqlite3", "", Some(FileKind::Database)),
            ("Thumbs.db", "", None),
        ] {
            assert_eq!(by_head(name.into(), head.as_bytes()), kind, "{name} {head}");
        }
    }
}
