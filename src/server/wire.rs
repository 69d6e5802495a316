//! Messages on standard input and output, each behind a header that tells its length.
//!
//! A length is believed only as far as bytes come: nobody makes the server take memory by a number.

use std::io::{self, BufRead, Read as _};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use lsp_server::{Connection, Message};
use miette::Diagnostic;

/// Bytes of a line of a header, at most.
const LONGEST_LINE: u64 = 4 << 10;

/// Bytes of a message, at most: a file that an editor shows is far smaller.
const LONGEST_MESSAGE: u64 = 64 << 20;

/// A message that cannot be read. What comes after it cannot be told from it.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("a message of the client cannot be read: {reason}")]
#[diagnostic(help("each message is JSON behind a `Content-Length` header; the editor's log of its language client shows what it sent"))]
pub(super) struct Broken {
    reason: String,
}

/// The threads that read and write.
pub(super) struct Wire {
    broken: Arc<OnceLock<Broken>>,
    writer: JoinHandle<io::Result<()>>,
}

/// A connection over standard input and output.
pub(super) fn stdio() -> (Connection, Wire) {
    let (connection, Connection { sender, receiver }) = Connection::memory();
    let broken = Arc::new(OnceLock::new());
    let told = Arc::clone(&broken);
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            match read(&mut input) {
                Ok(Some(message)) => {
                    let last = matches!(&message, Message::Notification(n) if n.method == "exit");
                    if sender.send(message).is_err() || last {
                        break;
                    }
                }
                Ok(None) => break,
                // Told before the channel is closed, which is what the server sees first.
                Err(error) => {
                    let _ = told.set(error);
                    break;
                }
            }
        }
    });
    let writer = thread::spawn(move || {
        let mut output = io::stdout().lock();
        receiver.into_iter().try_for_each(|message| message.write(&mut output))
    });
    (connection, Wire { broken, writer })
}

impl Wire {
    /// Waits until everything is written, once the connection is dropped.
    ///
    /// # Errors
    /// When a message could not be read, or an answer not be written.
    pub(super) fn close(self) -> miette::Result<()> {
        let written = self.writer.join();
        // The reader has its share in it as long as it waits for input.
        match Arc::try_unwrap(self.broken) {
            Ok(broken) => broken.into_inner().map_or(Ok(()), Err)?,
            Err(shared) => {
                if let Some(Broken { reason }) = shared.get() {
                    Err(Broken { reason: reason.clone() })?;
                }
            }
        }
        match written {
            Ok(Err(error)) => Err(miette::miette!("the client takes no more messages: {error}")),
            _ => Ok(()),
        }
    }
}

/// Reads a message. `None`: the input ended before one.
fn read(input: &mut impl BufRead) -> Result<Option<Message>, Broken> {
    let broken = |reason: String| Broken { reason };
    let failed = |error: io::Error| broken(error.to_string());
    let (mut length, mut begun) = (None, false);
    loop {
        let mut line = Vec::new();
        input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(failed)?;
        if line.is_empty() && !begun {
            return Ok(None);
        }
        begun = true;
        if line.last() != Some(&b'\n') {
            return Err(broken("its header ends in the middle of a line, or has a line of more than 4 KiB".to_owned()));
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(broken(format!("`{}` is no line of a header", line.escape_debug())));
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            let value = value.trim();
            length = Some(value.parse::<u64>().map_err(|_| broken(format!("its length `{}` is no number", value.escape_debug())))?);
        }
    }
    let length = length.ok_or_else(|| broken("its header has no `Content-Length`".to_owned()))?;
    if length > LONGEST_MESSAGE {
        return Err(broken(format!("it is said to have {length} bytes, and no more than {LONGEST_MESSAGE} are taken")));
    }
    let mut body = Vec::new();
    input.by_ref().take(length).read_to_end(&mut body).map_err(failed)?;
    if (body.len() as u64) < length {
        return Err(broken(format!("it ends after {} of {length} bytes", body.len())));
    }
    serde_json::from_slice(&body).map(Some).map_err(|error| broken(format!("it is no JSON-RPC message: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_told() {
        for (input, reason) in [
            ("hello\r\n\r\n", "`hello` is no line of a header"),
            ("X: 1\r\n\r\n{}", "no `Content-Length`"),
            ("Content-Length: -4\r\n\r\n{}", "`-4` is no number"),
            ("Content-Length: 99999999999999\r\n\r\n{}", "said to have 99999999999999 bytes"),
            ("Content-Length: 60000000\r\n\r\n{}", "ends after 2 of 60000000 bytes"),
            ("Content-Length: 3\r\n\r\n{x}", "no JSON-RPC message: key must be a string"),
            ("Content-Length: 3\r\n\r\n[1]", "no JSON-RPC message"),
            ("Content-Length: 3", "in the middle of a line"),
        ] {
            let told = read(&mut input.as_bytes()).unwrap_err().to_string();
            assert!(told.contains(reason), "{input:?}: {told}");
        }
        assert!(read(&mut "Y".repeat(9 << 20).as_bytes()).is_err());
    }

    #[test]
    fn messages_are_read_one_after_the_other() {
        let one = r#"{"jsonrpc":"2.0","method":"exit"}"#;
        let both = format!("Content-Length: {0}\r\n\r\n{one}content-length:{0}\r\nContent-Type: x\r\n\r\n{one}", one.len());
        let mut input = both.as_bytes();
        assert!(read(&mut input).unwrap().is_some());
        assert!(read(&mut input).unwrap().is_some());
        assert!(read(&mut input).unwrap().is_none());
    }
}
