//! What a file is, by its first bytes.

use super::printed::Printed;

/// How many bytes are looked at.
pub(super) const HEAD: u64 = 1024;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Empty,
    Snapshot,
    Sqlite,
    /// Rows as a client program prints them.
    Printed(Printed),
    /// XML: a backup's, if its root element says so.
    Xml,
    Tar,
    Zip,
    /// A source that this release does not read.
    Known(&'static str),
    /// Another program's file.
    Other(&'static str),
    /// Anything else: a dump, if it is one.
    Text,
}

/// What file begins with `head`, unpacked if it was compressed: its first [`HEAD`] bytes or all of it.
pub(super) fn of(head: &[u8]) -> Form {
    const MAGIC: [(&[u8], Form); 15] = [
        (b"SQLite format 3\0", Form::Sqlite),
        (b"{\"reguid-snapshot\"", Form::Snapshot),
        (b"PK\x03\x04", Form::Zip),
        (b"PK\x05\x06", Form::Zip),
        (b"BZh", Form::Known("files compressed with bzip2")),
        (b"\xfd7zXZ\0", Form::Known("files compressed with xz")),
        (b"PGDMP", Form::Other("it is a dump of PostgreSQL")),
        (b"--\n-- PostgreSQL", Form::Other("it is a dump of PostgreSQL")),
        (b"PRAGMA foreign_keys", Form::Other("it is a dump of SQLite")),
        (b"\xff\xfe<\0", Form::Other("it is XML in UTF-16; the panel writes its backups in UTF-8: give the file as the panel wrote it")),
        (b"\xfe\xff\0<", Form::Other("it is XML in UTF-16; the panel writes its backups in UTF-8: give the file as the panel wrote it")),
        (b"\xff\xfe", Form::Other("it is text in UTF-16; write the dump with `--result-file` and not through PowerShell")),
        (b"\xfe\xff", Form::Other("it is text in UTF-16; write the dump with `--result-file` and not through PowerShell")),
        (b"\x7fELF", Form::Other("it is a program")),
        (b"%PDF", Form::Other("it is a PDF document")),
    ];
    if head.is_empty() {
        return Form::Empty;
    }
    if let Some((_, form)) = MAGIC.iter().find(|(magic, _)| head.starts_with(magic)) {
        return *form;
    }
    if head.get(257..262) == Some(b"ustar".as_slice()) || super::backup::is_tar(head) {
        return Form::Tar;
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if let Some(printed) = Printed::of(head) {
        return Form::Printed(printed);
    }
    if text.starts_with(b"+--") {
        return Form::Other("it is a table drawn for a screen; print the rows with `plesk db -Xe` or `mysql --xml`");
    }
    if text.starts_with(b"*****") {
        return Form::Other("its rows are printed one below the other; print them with `plesk db -Xe` or `mysql --xml`");
    }
    if text.split(|b| *b == b'\t').next().is_some_and(|id| !id.is_empty() && id.len() < 12 && id.iter().all(u8::is_ascii_digit)) {
        return Form::Other(
            "its rows come without the names of their columns; print them with `plesk db -Xe` or `mysql --xml`, without -N",
        );
    }
    if text.starts_with(b"<?xml") || text.strip_prefix(b"<").is_some_and(|tag| tag.starts_with(super::backup::root().as_bytes())) {
        return Form::Xml;
    }
    if text.is_empty() && head.len() < 1024 {
        return Form::Empty;
    }
    Form::Text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        let mut tar = vec![b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, form) in [
            (b"".as_slice(), Form::Empty),
            (b" \n", Form::Empty),
            (b"SQLite format 3\0\x10", Form::Sqlite),
            (b"{\"reguid-snapshot\":1}", Form::Snapshot),
            (b"-- MySQL dump", Form::Text),
            (b"<?xml version=\"1.0\"?>\n\n<resultset statement=", Form::Printed(Printed::Xml)),
            (b"<?xml version=\"1.0\"?>\n<mysqldump xmlns", Form::Printed(Printed::Xml)),
            (b"id\tname\n5\ta", Form::Printed(Printed::Tabbed)),
            (b"CREATE\tTABLE\n(", Form::Text),
            (b"\xef\xbb\xbf\n<?xml version", Form::Xml),
            (b"<migration-dump>", Form::Xml),
            (b"PK\x03\x04", Form::Zip),
            (&tar, Form::Tar),
        ] {
            assert_eq!(of(head), form, "{}", head.escape_ascii());
        }
        for head in [b"\xff\xfeC\0R\0".as_slice(), b"+----+------+\n", b"5\texample.com\n", b"****** 1. row ****"] {
            assert!(matches!(of(head), Form::Other(_)), "{}", head.escape_ascii());
        }
    }
}
