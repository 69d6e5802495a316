//! `reguid server`: a language server over standard input and output.

use super::Outcome;
use crate::server;

/// The options of `reguid server`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Speak over standard input and output. There is no other way; editors name it all the same.
    #[arg(long)]
    stdio: bool,
}

/// Serves one client until it is done.
///
/// # Errors
/// When the client does not keep to the protocol.
pub fn run(_args: &Args) -> miette::Result<Outcome> {
    server::serve()?;
    Ok(Outcome::Clean)
}
