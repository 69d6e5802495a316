//! `reguid plan`.

use std::io::Write;

use super::Outcome;
use crate::report::terminal::Terminal;

/// The options of `reguid plan`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Stand-in until the command is merged.
///
/// # Errors
/// Always.
pub fn run(_args: &Args, _terminal: &Terminal, _out: &mut dyn Write) -> miette::Result<Outcome> {
    Err(miette::miette!("`reguid plan` is not part of this build"))
}
