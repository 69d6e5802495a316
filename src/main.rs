//! Parses the command line, runs the command, turns its outcome into an exit code.

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use reguid::cli::Cli;
use reguid::command::Outcome;
use reguid::remap::RemapError;
use reguid::report::output::Output;
use reguid::report::terminal::Terminal;
use reguid::report::{crash, error};

/// Lint makes millions of small things on several threads. The C library's allocator asks the system for nearly every page that a thread other than the
/// first one needs, and the threads wait for each other there.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The exit code of everything that could not work.
const COULD_NOT_WORK: u8 = 2;

fn main() -> ExitCode {
    crash::install_hook();
    std::panic::catch_unwind(AssertUnwindSafe(start)).unwrap_or(ExitCode::from(COULD_NOT_WORK))
}

fn start() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Help and version are asked for, and a closed pipe takes nothing from that.
            let _ = usage.print();
            return if usage.use_stderr() { ExitCode::from(COULD_NOT_WORK) } else { ExitCode::SUCCESS };
        }
    };
    let mut out = Output::stdout();
    let ended = cli.run(&Terminal::stdout(cli.color), &mut out);
    let written = out.finish();
    match ended.and_then(|outcome| written.map(|()| outcome)) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(report) => {
            error::print(&report, &Terminal::stderr(cli.color));
            // As a shell tells of a process that a signal ended.
            match report.downcast_ref() {
                Some(RemapError::Interrupted { signal }) => ExitCode::from(128 + signal),
                _ => ExitCode::from(COULD_NOT_WORK),
            }
        }
    }
}
