//! Standard output, for a report that may be cut off by its reader.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic;

/// Standard output, buffered. When its reader goes away (`reguid lint | head`), the rest of the report is dropped and the work goes on: its exit code
/// says what was found, not who listened.
#[derive(Debug)]
pub struct Output<W: Write = Stdout> {
    inner: BufWriter<W>,
    closed: bool,
    /// What kept the report from being written; told at the end, so that the work itself is done.
    failed: Option<io::Error>,
}

/// Writes a file, all or nothing; its permissions stay. Where it is a symbolic link, the file behind it is written. What is no file (`/dev/stdout`, a
/// pipe) is written as it is.
///
/// # Errors
/// When it cannot be written.
pub fn write_file(path: &Utf8Path, bytes: &[u8]) -> Result<(), FileNotWritten> {
    let written = if std::fs::metadata(path).is_ok_and(|m| !m.is_file()) {
        std::fs::write(path, bytes)
    } else {
        crate::reference::manifest::merge::replace(path, bytes)
    };
    // The error itself may name a file that is there only while one is written.
    let reason = |kind: ErrorKind| if kind == ErrorKind::NotFound { "there is no such folder".to_owned() } else { kind.to_string() };
    written.map_err(|error| FileNotWritten { path: path.to_owned(), reason: reason(error.kind()) })
}

/// A file could not be written.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{path} could not be written: {reason}")]
#[diagnostic(help("check that its folder is there and may be written to, and that the disk is not full"))]
pub struct FileNotWritten {
    path: Utf8PathBuf,
    reason: String,
}

/// The report could not be written.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("the report could not be written to standard output")]
#[diagnostic(help("is the disk full?"))]
struct NotWritten(#[source] io::Error);

impl Output {
    /// The process's standard output.
    #[must_use]
    pub fn stdout() -> Output {
        Output::new(io::stdout())
    }
}

impl<W: Write> Output<W> {
    fn new(inner: W) -> Output<W> {
        Output { inner: BufWriter::new(inner), closed: false, failed: None }
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// When something could not be written for another reason than that the reader has gone away.
    pub fn finish(&mut self) -> miette::Result<()> {
        let _ = self.flush();
        match self.failed.take() {
            Some(error) => Err(NotWritten(error).into()),
            None => Ok(()),
        }
    }

    fn tolerate<T>(&mut self, result: io::Result<T>, done: T) -> io::Result<T> {
        result.or_else(|e| {
            self.closed = true;
            if e.kind() != ErrorKind::BrokenPipe {
                self.failed = Some(e);
            }
            Ok(done)
        })
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.inner.write(bytes);
        self.tolerate(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.inner.flush();
        self.tolerate(result, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_went_away_is_no_error() {
        let mut out = Output::new(Failing(ErrorKind::BrokenPipe));
        out.write_all(&[b'x'; 100_000]).unwrap();
        out.finish().unwrap();
    }

    #[test]
    fn a_file_in_no_folder_is_named_with_what_to_do() {
        let error = write_file(Utf8Path::new("/no-such-folder/x.sarif"), b"x").unwrap_err();
        assert_eq!(error.to_string(), "/no-such-folder/x.sarif could not be written: there is no such folder");
        assert!(error.help().is_some());
    }

    #[test]
    fn a_full_disk_is_one() {
        let mut out = Output::new(Failing(ErrorKind::StorageFull));
        out.write_all(b"x").unwrap();
        assert!(out.finish().unwrap_err().to_string().contains("standard output"));
    }
}
