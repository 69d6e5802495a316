use super::Outcome;
use crate::report::terminal::Terminal;
use std::io::Write;
#[derive(Debug, clap::Args)]
pub struct Args {}
pub fn run(_args: &Args, _terminal: &Terminal, _out: &mut dyn Write) -> miette::Result<Outcome> {
    Err(miette::miette!("x"))
}
