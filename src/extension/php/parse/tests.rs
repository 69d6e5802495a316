//! What PHP is lowered to, shown as [`dump`](crate::extension::php::dump) prints it.

#![allow(clippy::unwrap_used)]

mod hostile;
mod idioms;
mod language;

use super::{STACK, parse};
use crate::extension::php::dump::dump;
use crate::extension::php::ir::{Bytes, Script};
use crate::extension::source::FileId;

/// Parses what must be free of errors.
fn script(source: &str) -> Script {
    let script = parse(FileId(0), source.as_bytes());
    assert!(script.errors.is_empty(), "{:?}", script.errors);
    script
}

/// The dump of `code`, which needs no `<?php`.
fn lowered(code: &str) -> String {
    dump(&script(&format!("<?php {code}")))
}

/// The statements of `code` at the top level, one a line.
fn top(code: &str) -> String {
    body(&lowered(code), "#0 ")
}

/// The statements of the function whose line starts with `head`.
fn body(dump: &str, head: &str) -> String {
    let lines = dump.lines().skip_while(|line| !line.starts_with(head)).skip(1).take_while(|line| line.starts_with("  "));
    lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
}

fn slice(source: &str, at: Bytes) -> &str {
    &source[at.start as usize..at.end as usize]
}

/// Runs `work` with the stack that one parse is promised.
fn with_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
}
