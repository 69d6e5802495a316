//! What a person is told when reguid itself is broken.

use std::io::Write;
use std::panic;

/// Replaces the message of a panic by one that says what to report. The exit code is the business of `main`.
pub fn install_hook() {
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|l| format!("{}:{}", l.file(), l.line())).unwrap_or_default();
        let what = panic.payload_as_str().unwrap_or("a panic without a message");
        // Standard error may be closed; there is nobody left to tell.
        let _ = writeln!(
            std::io::stderr(),
            "error: reguid met a state that it was not built for; this is a bug in reguid, not in what it was given\n\
             help: please report these two lines to the authors, with the command that was run:\n\
             \x20 reguid {} ({} {})\n  {place}: {what}",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
        );
    }));
}
